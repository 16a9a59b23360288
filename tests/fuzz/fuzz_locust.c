/* SPDX-License-Identifier: MIT */
/* Any bytes as a locust.conf: options within their limits, or sentences with their place. */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/cli/conf_locust.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = memfd_create("locust.conf", MFD_CLOEXEC);
    must(fd >= 0 && fchmod(fd, 0600) == 0 && write(fd, data, size) == (ssize_t)size);
    int len = snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct options o = {.subject = size % 2 == 0 ? "http://h/" : "p.cfg",
                        .demo_service_ms = -1,
                        .demo_service = -1,
                        .demo_queue = -1};
    struct conf c = {0};
    struct problems problems = {0};
    must(conf_locust_read(&c, path, &o, &problems) == (problems.n == 0));
    const struct options *u = &c.under;
    must(u->users <= CLI_MAX_USERS && u->spawn_rate >= 0 && u->spawn_rate <= 1e6);
    must(u->host == NULL || (fuzz_is_clean(u->host) && size % 2 == 1));
    for (size_t i = 0; i < o.tags.n; i++)
        must(o.tags.items[i][0] != '\0');
    for (size_t i = 0; i < problems.n; i++)
        must(strncmp(problems.lines[i], path, (size_t)len) == 0 &&
             fuzz_is_clean(problems.lines[i]));
    for (size_t i = 0; i < c.notes.n; i++)
        must(fuzz_is_clean(c.notes.lines[i]));
    cli_finish(&o);
    conf_finish(&c);
    problems_finish(&problems);
    close(fd);
    return 0;
}
