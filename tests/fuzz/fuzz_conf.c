/* SPDX-License-Identifier: MIT */
/* Any bytes as the configuration file: options within their limits, or sentences with
 * their place. */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/cli/conf.h"
#include "tests/fuzz/fuzz.h"

static void check_under(const struct options *u)
{
    must(u->users <= CLI_MAX_USERS && u->spawn_rate >= 0 && u->spawn_rate <= 1e6);
    must(u->host == NULL || fuzz_is_clean(u->host));
    for (size_t i = 0; i < u->n_headers; i++)
        must(strchr(u->headers[i], ':') != NULL && strpbrk(u->headers[i], "\r\n") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = memfd_create("ramptop.cfg", MFD_CLOEXEC);
    must(fd >= 0 && fchmod(fd, 0600) == 0 && write(fd, data, size) == (ssize_t)size);
    int len = snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct options o = {.subject = size % 2 == 0 ? "http://h/" : "p.cfg",
                        .demo_service_ms = -1,
                        .demo_service = -1,
                        .demo_queue = -1};
    struct conf c = {0};
    struct problems problems = {0};
    must(conf_read(&c, path, &o, &problems) == (problems.n == 0));
    if (problems.n == 0)
        check_under(o.under);
    must(o.workers <= CLI_MAX_WORKERS && o.demo_port <= 65535 && o.chars <= CLI_CHARS_ASCII);
    for (size_t i = 0; i < problems.n; i++)
        must(strncmp(problems.lines[i], path, (size_t)len) == 0 &&
             fuzz_is_clean(problems.lines[i]));
    cli_finish(&o);
    conf_finish(&c);
    problems_finish(&problems);
    close(fd);
    return 0;
}
