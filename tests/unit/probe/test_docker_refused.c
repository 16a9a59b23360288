/* SPDX-License-Identifier: MIT */
/* What the docker probe says of an engine that it cannot reach; each for a reason that the
 * user can do something about. */
#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/watch.h"
#include "tests/unit/unit.h"

#define SETTLE_NS (20 * NS_PER_S)

static char folder[] = "/tmp/ramptop-refused-XXXXXX";
static char path[64];

static void begin(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert(mkdtemp(folder) != NULL);
    ck_assert_int_eq(chmod(folder, 0755), 0);
    snprintf(path, sizeof path, "%s/d.sock", folder);
}

static void end(void)
{
    unlink(path);
    rmdir(folder);
}

static int bound(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static void check_type(const char *type, const char *engine, enum probe_state state,
                       const char *wanted)
{
    struct err e = {""};
    char text[160];
    struct watch *w = watch_create(&(struct watch_config){0});
    struct probe_snapshot *b = mem_zalloc(sizeof *b);
    snprintf(text, sizeof text, "%s:engine=%s", type, engine);
    struct probe_spec *s = probe_spec_parse(text, &e);
    ck_assert_msg(s != NULL, "%s", e.text);
    ck_assert_msg(watch_add_probe(w, s, &e), "%s", e.text);
    watch_wait_polled(w, SETTLE_NS);
    watch_snapshot(w, b);
    ck_assert_msg(strstr(b->probes[0].text, wanted) != NULL, "%s", b->probes[0].text);
    ck_assert_int_eq(b->probes[0].state, state);
    ck_assert_str_eq(b->probes[0].type, type);
    probe_spec_unref(s);
    watch_destroy(w);
    free(b);
}

static void check_state(const char *engine, enum probe_state state, const char *wanted)
{
    check_type("docker", engine, state, wanted);
}

START_TEST(there_is_no_socket)
{
    check_state(path, PROBE_DOWN, "there is no docker socket at /tmp/ramptop-refused");
    check_type("podman", path, PROBE_DOWN, "`systemctl --user start podman.socket` makes it");
}
END_TEST

START_TEST(nobody_listens)
{
    close(bound());
    check_state(path, PROBE_DOWN, "the docker daemon is down");
    check_type("podman", path, PROBE_DOWN, "podman's service is down");
}
END_TEST

START_TEST(no_permission)
{
    int fd = bound();
    ck_assert_int_eq(listen(fd, 4), 0);
    ck_assert_int_eq(chmod(path, 0), 0);
    if (geteuid() == 0) /* root may do all; this is a process of its own */
        ck_assert_int_eq(setresuid(65534, 65534, 0), 0);
    check_state(path, PROBE_DENIED, "add yourself to the group docker");
    check_type("podman", path, PROBE_DENIED, "watch as the user whose podman it is");
    if (geteuid() == 65534)
        ck_assert_int_eq(setresuid(0, 0, 0), 0);
    close(fd);
}
END_TEST

START_TEST(it_is_mute)
{
    int fd = bound();
    ck_assert_int_eq(listen(fd, 4), 0);
    uint64_t begun = now_ns();
    check_state(path, PROBE_DOWN, "takes connections but does not answer");
    ck_assert(now_ns() - begun >= 3 * NS_PER_S);
    close(fd);
}
END_TEST

START_TEST(an_address_that_is_none)
{
    check_state("unix://relative", PROBE_DENIED, "begins with a slash");
    check_state("ssh://-oProxyCommand=x", PROBE_DENIED, "ssh://USER@HOST");
    check_state("no-such-context", PROBE_DENIED, "there is no docker context");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("docker_refused");
    TCase *t = tcase_create("docker_refused");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, there_is_no_socket);
    tcase_add_test(t, nobody_listens);
    tcase_add_test(t, no_permission);
    tcase_add_test(t, it_is_mute);
    tcase_add_test(t, an_address_that_is_none);
    suite_add_tcase(s, t);
    return unit_run(s);
}
