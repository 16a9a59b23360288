/* SPDX-License-Identifier: MIT */
/* A machine behind ssh, under a real watch: what its probe makes of an ssh that misbehaves, and of
 * a machine that sends other things than ours does.  The real ssh is tests/e2e/probe-local.sh's. */
#include <check.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/watch.h"
#include "tests/unit/unit.h"

#define DEADLINE_NS (30 * NS_PER_S)

static struct watch *watch;
static struct probe_snapshot *probe_snap;
static char folder[64];

static void write_file(const char *name, const char *text, mode_t mode)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void set_up(void)
{
    snprintf(folder, sizeof folder, "/tmp/ramptop-host-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    char *path = mem_printf("%s:%s", folder, getenv("PATH"));
    setenv("PATH", path, 1);
    free(path);
    probe_snap = mem_zalloc(sizeof *probe_snap);
}

static void tear_down(void)
{
    static const char *const names[] = {"ssh", "first", "second", "once"};
    char path[128];
    watch_destroy(watch);
    free(probe_snap);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    ck_assert_int_eq(rmdir(folder), 0);
}

/* What stands for ssh; its arguments are those that ssh gets. */
static void begin(const char *script)
{
    struct err e = {0};
    char text[2048];
    snprintf(text, sizeof text, "#!/bin/sh\ncd %s || exit\n%s\n", folder, script);
    write_file("ssh", text, 0700);
    struct probe_spec *s = probe_spec_parse("host:box,period=100ms", &e);
    ck_assert_msg(s != NULL, "%s", e.text);
    watch = watch_create(&(struct watch_config){0});
    watch_start_axis(watch, now_ns());
    ck_assert(watch_add_probe(watch, s, &e));
    probe_spec_unref(s);
}

static bool until(bool (*is)(void))
{
    uint64_t deadline = now_ns() + DEADLINE_NS;
    do {
        watch_snapshot(watch, probe_snap);
        if (is())
            return true;
        poll(NULL, 0, 5);
    } while (now_ns() < deadline);
    return false;
}

static const struct snap_series *find_series(const char *name)
{
    for (uint32_t i = 0; i < probe_snap->n_series; i++)
        if (strcmp(probe_snap->series[i].name, name) == 0)
            return &probe_snap->series[i];
    return NULL;
}

static const struct snap_series *series(const char *name)
{
    const struct snap_series *s = find_series(name);
    ck_assert_msg(s != NULL, "no series %s", name);
    return s;
}

static bool is_denied(void)
{
    return probe_snap->probes[0].state == PROBE_DENIED;
}

static bool is_down(void)
{
    return probe_snap->probes[0].state == PROBE_DOWN;
}

static bool has_polled(void)
{
    return probe_snap->probes[0].polls > 0;
}

static bool has_cpu(void)
{
    return probe_snap->probes[0].state == PROBE_LIVE && series("cpu")->count > 0;
}

/* The last of a poll: all its other values are there, too. */
static bool has_network(void)
{
    const struct snap_series *s = find_series("network out");
    return s != NULL && s->count > 0;
}

static bool has_restarted(void)
{
    for (uint32_t i = 0; i < probe_snap->n_events; i++)
        if (probe_snap->event[i].kind == EVENT_RESTART)
            return true;
    return false;
}

static bool is_costly(void)
{
    return probe_snap->probes[0].cpu_percent > 5;
}

static const char *says(void)
{
    return probe_snap->probes[0].text;
}

#define FIRST                                                                                      \
    "== uptime\n5000.00 1\n== stat\ncpu 100 0 100 900 50 0 0 0 0 0\ncpu0 1 1 1 1\n"                \
    "== meminfo\nMemTotal: 1000 kB\nMemFree: 10 kB\n== diskstats\n"                                \
    "== net/dev\n  eth0: 1000 1 0 0 0 0 0 0 2000 1 0 0 0 0 0 0\n== end\n"
/* Idle time that goes back: proc(5) says that it may. */
#define SECOND                                                                                     \
    "== uptime\n5001.00 1\n== stat\ncpu 190 0 110 900 49 0 0 0 0 0\ncpu0 1 1 1 1\n"                \
    "== meminfo\nMemTotal: 1000 kB\nMemFree: 10 kB\n== diskstats\n"                                \
    "== net/dev\n  eth0: 2000 1 0 0 0 0 0 0 4000 1 0 0 0 0 0 0\n== end\n"

START_TEST(what_it_does_not_say_is_not_0)
{
    write_file("first", FIRST, 0600);
    write_file("second", SECOND, 0600);
    begin("cat first; sleep .3; cat second; exec sleep 60");
    ck_assert(until(has_network));
    ck_assert(series("cpu")->now > 99); /* and not 0 */
    ck_assert(series("network in")->now > 999 && series("network in")->now < 1001);
    ck_assert(isnan(series("memory")->now) && series("memory")->limit > 1023999);
    ck_assert(isnan(series("disk read")->now) && isnan(series("disk written")->now));
    ck_assert(isnan(series("disk busy")->now) && isnan(series("load")->now));
    ck_assert(isnan(series("cpu pressure")->now) && isnan(series("swap")->now));
    ck_assert_int_eq(series("memory")->alarm, ALARM_NONE);
}
END_TEST

START_TEST(a_long_warning_before_the_reason)
{
    begin("i=0; while [ $i -lt 60 ]; do echo '@@@@@@@@@@@@@@ WARNING @@@@@@@@@@@@@@'; i=$((i+1)); "
          "done >&2; echo 'Host key verification failed.' >&2; exit 255");
    ck_assert_msg(until(is_denied), "%s", says());
    ck_assert_str_eq(says(), "ssh to box ended: Host key verification failed; it must work without "
                             "a question: try ssh -o BatchMode=yes box true.");
}
END_TEST

START_TEST(it_ends_without_a_word)
{
    begin("exit 1");
    ck_assert(until(is_down));
    ck_assert_str_eq(says(), "ssh to box ended: it said nothing.");
}
END_TEST

START_TEST(a_machine_without_proc)
{
    begin("while :; do echo '== end'; done");
    ck_assert_msg(until(is_denied), "%s", says());
    ck_assert_str_eq(says(), "box has no /proc/stat to read: only Linux machines can be watched.");
}
END_TEST

START_TEST(one_that_sends_something_else)
{
    begin("while :; do echo 'Welcome to the machine'; done");
    ck_assert(until(is_down));
    ck_assert_msg(strstr(says(), "does a start-up file there print?") != NULL, "%s", says());
}
END_TEST

/* Nothing is known of it yet: it is not live because somebody has asked. */
START_TEST(a_question_makes_nothing_live)
{
    begin("exec sleep 60");
    watch_retry_probe(watch, 0, false, NULL);
    uint64_t deadline = now_ns() + DEADLINE_NS;
    do { /* it is woken while it waits, unless it had not begun to */
        watch_snapshot(watch, probe_snap);
        watch_retry_probe(watch, 0, false, NULL);
        poll(NULL, 0, 20);
    } while (!has_polled() && now_ns() < deadline);
    ck_assert(has_polled());
    ck_assert_int_eq(probe_snap->probes[0].state, PROBE_CONNECTING);
}
END_TEST

/* Its ssh ends with it, so it is seen by the next one. */
START_TEST(a_machine_that_was_started_again)
{
    write_file("first", FIRST, 0600);
    begin(
        "if [ -e once ]; then sed s/5000/10/ first; exec sleep 60; fi; >once; cat first; sleep .3");
    ck_assert(until(has_restarted));
}
END_TEST

/* The log-in's shell is given no loop, and what sh gets of it works. */
START_TEST(the_loop_is_for_sh)
{
    begin("for last; do :; done\n"
          "case $last in \"exec sh -c '\"*) exec sh -c \"$last\" ;; esac\nexit 9");
    ck_assert_msg(until(has_cpu), "%s", says());
    ck_assert(series("memory")->limit > 0 && series("memory")->now > 0);
}
END_TEST

START_TEST(ssh_is_part_of_the_cost)
{
    write_file("first", FIRST, 0600);
    begin("while :; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; cat first; done");
    ck_assert_msg(until(is_costly), "%g %%", probe_snap->probes[0].cpu_percent);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("host");
    TCase *t = tcase_create("host");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, what_it_does_not_say_is_not_0);
    tcase_add_test(t, a_long_warning_before_the_reason);
    tcase_add_test(t, it_ends_without_a_word);
    tcase_add_test(t, a_machine_without_proc);
    tcase_add_test(t, one_that_sends_something_else);
    tcase_add_test(t, a_question_makes_nothing_live);
    tcase_add_test(t, a_machine_that_was_started_again);
    tcase_add_test(t, the_loop_is_for_sh);
    tcase_add_test(t, ssh_is_part_of_the_cost);
    tcase_set_timeout(t, 60);
    suite_add_tcase(s, t);
    return unit_run(s);
}
