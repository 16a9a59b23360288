/* SPDX-License-Identifier: MIT */
/* A command probe under a real watch, with real programs. */
#include <check.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/command_line.h"
#include "src/probe/watch.h"
#include "tests/unit/unit.h"

#define DEADLINE_NS (20 * NS_PER_S)

/* ----------------------------------------------------------------------- a line */

static struct command_value v;

static bool line(const char *text)
{
    return command_line(text, strlen(text), &v);
}

START_TEST(lines_that_are_figures)
{
    ck_assert(line("depth=12"));
    ck_assert_str_eq(v.name, "depth");
    ck_assert_str_eq(v.group, "");
    ck_assert_double_eq(v.value, 12);
    ck_assert(isnan(v.limit) && !v.percent);
    ck_assert(line("  queue.depth \t -1.5e3 \r"));
    ck_assert_double_eq(v.value, -1500);
    ck_assert(line("pool = 18/20"));
    ck_assert_double_eq(v.limit, 20);
    ck_assert(line("disk=71.5 %"));
    ck_assert(v.percent);
    ck_assert(line("jobs/mail=3"));
    ck_assert_str_eq(v.group, "jobs");
    ck_assert_str_eq(v.name, "mail");
}
END_TEST

START_TEST(lines_that_are_none)
{
    static const char *const wrong[] = {"",
                                        "depth",
                                        "depth=",
                                        "=5",
                                        "a b c",
                                        "x=nan",
                                        "x=1 s",
                                        "x=inf",
                                        "x=1/",
                                        "x=%",
                                        "a$=1",
                                        "a/b/c=1",
                                        "/a=1",
                                        "a/=1",
                                        "x=1%%",
                                        "x=1/2/3",
                                        "a name that is far too long for any series=1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!line(wrong[i]), "%s", wrong[i]);
    ck_assert(!command_line("a\0b=1", 5, &v));
}
END_TEST

/* -------------------------------------------------------------------- the probe */

static struct watch *watch;
static struct probe_snapshot *probe_snap;

static void set_up(void)
{
    watch = watch_create(&(struct watch_config){0});
    probe_snap = mem_zalloc(sizeof *probe_snap);
}

static void tear_down(void)
{
    watch_destroy(watch);
    free(probe_snap);
}

static void begin_named(const char *name, const char *script, bool runs_on, uint64_t timeout_ns)
{
    struct probe_spec *s = probe_spec_new(PROBE_COMMAND);
    s->name = mem_strdup(name);
    s->argv = mem_array(4, sizeof *s->argv);
    s->argv[0] = mem_strdup("/bin/sh");
    s->argv[1] = mem_strdup("-c");
    s->argv[2] = mem_strdup(script);
    s->n_argv = 3;
    s->runs_on = runs_on;
    s->timeout_ns = timeout_ns;
    s->period_ns = 100 * NS_PER_MS;
    s->typed = true;
    ck_assert(probe_spec_complete(s, NULL));
    ck_assert(watch_add_probe(watch, s, NULL));
    probe_spec_unref(s);
    watch_start_axis(watch, now_ns());
}

static void begin(const char *script, bool runs_on, uint64_t timeout_ns)
{
    begin_named(NULL, script, runs_on, timeout_ns);
}

static const struct snap_series *series(const char *group, const char *name)
{
    for (uint32_t i = 0; i < probe_snap->n_series; i++)
        if (strcmp(probe_snap->series[i].name, name) == 0 &&
            strcmp(probe_snap->series[i].group, group) == 0)
            return &probe_snap->series[i];
    return NULL;
}

/* Until the probe is in that state, and a series has that value. */
static void until(enum probe_state state, const char *name, double value)
{
    uint64_t deadline = now_ns() + DEADLINE_NS;
    const struct snap_series *s = NULL;
    do {
        watch_snapshot(watch, probe_snap);
        s = name != NULL ? series("", name) : NULL;
        if (probe_snap->probes[0].state == state &&
            (name == NULL || (s != NULL && s->now <= value && s->now >= value)))
            return;
        poll(NULL, 0, 5);
    } while (now_ns() < deadline);
    ck_abort_msg("%s: %s", probe_state_words[probe_snap->probes[0].state],
                 probe_snap->probes[0].text);
}

/* Until the probe is down and says that: on a busy machine it may see the end of a command a
 * look later than the end of its output. */
static void until_down_says(const char *text)
{
    uint64_t deadline = now_ns() + DEADLINE_NS;
    do {
        watch_snapshot(watch, probe_snap);
        if (probe_snap->probes[0].state == PROBE_DOWN &&
            strstr(probe_snap->probes[0].text, text) != NULL)
            return;
        poll(NULL, 0, 5);
    } while (now_ns() < deadline);
    ck_abort_msg("%s: %s", probe_state_words[probe_snap->probes[0].state],
                 probe_snap->probes[0].text);
}

static void says(const char *text)
{
    ck_assert_msg(strstr(probe_snap->probes[0].text, text) != NULL, "%s",
                  probe_snap->probes[0].text);
}

START_TEST(figures_of_each_run)
{
    begin("echo depth=12; echo pool=18/20; echo disk=71.5%; printf 'jobs/mail 3'", false, 0);
    until(PROBE_LIVE, "depth", 12);
    ck_assert_double_eq(series("", "pool")->limit, 20);
    ck_assert(series("", "pool")->resource && !series("", "depth")->resource);
    ck_assert_int_eq(series("", "disk")->unit, UNIT_PERCENT);
    ck_assert_double_eq(series("jobs", "mail")->now, 3);
    ck_assert_str_eq(probe_snap->probes[0].text, "");
}
END_TEST

START_TEST(other_lines_are_counted)
{
    begin("echo depth=12; echo hello; echo world", false, 0);
    until(PROBE_LIVE, "depth", 12);
    says("2 lines");
}
END_TEST

/* Names that are too many, or new in each run, do not stop those that are followed. */
START_TEST(too_many_names)
{
    char path[] = "/tmp/ramptop-command-XXXXXX", script[256];
    close(mkstemp(path));
    snprintf(script, sizeof script,
             "echo x >>%s; echo run=$(wc -l <%s); i=0; "
             "while [ $i -lt 70 ]; do i=$((i + 1)); echo n$i=$i; done",
             path, path);
    begin(script, false, 10 * NS_PER_S);
    until(PROBE_LIVE, "run", 3);
    says("more than 64 names");
    ck_assert_uint_eq(probe_snap->n_series, 64);
    ck_assert_ptr_nonnull(series("", "n63"));
    ck_assert_ptr_null(series("", "n64"));
    unlink(path);
}
END_TEST

static bool has_event(const char *probe, const char *text)
{
    watch_snapshot(watch, probe_snap);
    for (uint32_t i = 0; i < probe_snap->n_events; i++)
        if (strcmp(probe_snap->event[i].probe, probe) == 0 &&
            strstr(probe_snap->event[i].text, text) != NULL)
            return true;
    return false;
}

/* Series without room in the snapshot are not left out in silence. */
START_TEST(too_many_figures_of_all)
{
    char name[8];
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "p%d", i);
        begin_named(name, "i=0; while [ $i -lt 60 ]; do i=$((i + 1)); echo n$i=$i; done", false, 0);
    }
    uint64_t deadline = now_ns() + DEADLINE_NS;
    uint32_t told = 0;
    while (told == 0 && now_ns() < deadline) {
        poll(NULL, 0, 5);
        for (int i = 0; i < 5; i++) {
            snprintf(name, sizeof name, "p%d", i);
            told += has_event(name, "all probes together have 256");
        }
    }
    ck_assert_uint_gt(told, 0);
    ck_assert_uint_eq(probe_snap->n_series, SNAP_SERIES);
    ck_assert_uint_le(probe_snap->events, 5); /* once for each probe at most */
}
END_TEST

START_TEST(input_is_empty_and_nothing_is_inherited)
{
    begin("read x && echo wrong=1; echo fds=$(ls /proc/self/fd | wc -l)", false, 0);
    until(PROBE_LIVE, NULL, 0);
    ck_assert_ptr_null(series("", "wrong"));
    ck_assert_double_le(series("", "fds")->now, 4); /* and the one to list them with */
}
END_TEST

START_TEST(failures_are_explained)
{
    begin("echo depth=1; echo >&2; printf '\\033[31mno queue\\n' >&2; exit 3", false, 0);
    until_down_says("exit status 3: ");
    says("no queue");
    ck_assert_ptr_null(strchr(probe_snap->probes[0].text, '\033'));
    ck_assert_ptr_null(series("", "depth"));
}
END_TEST

START_TEST(a_command_that_is_not_there)
{
    begin("/nonexistent/queue-depth", false, 0);
    until_down_says("127 (not found)");
}
END_TEST

START_TEST(too_much_is_ended)
{
    begin("yes a line of no use", false, 10 * NS_PER_S);
    until_down_says("more than 64 KiB");
}
END_TEST

static pid_t read_pid(const char *path)
{
    int pid = 0;
    uint64_t deadline = now_ns() + DEADLINE_NS;
    while (now_ns() < deadline) {
        FILE *f = fopen(path, "r");
        bool got = f != NULL && fscanf(f, "%d\n", &pid) == 1;
        if (f != NULL)
            fclose(f);
        if (got)
            return pid;
        poll(NULL, 0, 5);
    }
    ck_abort_msg("no process id in %s", path);
    return 0;
}

static bool is_gone(pid_t pid)
{
    char path[64], text[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return true;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    return n == 0 || strstr(text, ") Z ") != NULL; /* nobody may reap here */
}

static void until_gone(pid_t pid)
{
    uint64_t deadline = now_ns() + DEADLINE_NS;
    while (!is_gone(pid) && now_ns() < deadline)
        poll(NULL, 0, 5);
    ck_assert(is_gone(pid));
}

/* The shell and what it started, deaf to TERM. */
START_TEST(a_hanging_command_is_ended_with_all_it_started)
{
    char path[] = "/tmp/ramptop-command-XXXXXX", script[256];
    close(mkstemp(path));
    snprintf(script, sizeof script,
             "trap '' TERM; sleep 1000 & echo $! >%s; trap '' TERM; wait; wait; sleep 1000", path);
    begin(script, false, 300 * NS_PER_MS);
    pid_t pid = read_pid(path);
    until_down_says("longer than 0.3 s");
    until_gone(pid);
    unlink(path);
}
END_TEST

/* A daemon that keeps the pipe does not keep the look. */
START_TEST(a_grandchild_that_keeps_the_pipe_is_not_waited_for)
{
    char path[] = "/tmp/ramptop-command-XXXXXX", script[256];
    close(mkstemp(path));
    snprintf(script, sizeof script,
             "echo depth=5; [ -s %s ] || setsid sleep 1000 & "
             "[ -s %s ] || echo $! >%s",
             path, path, path);
    begin(script, false, 15 * NS_PER_S);
    until(PROBE_LIVE, "depth", 5);
    kill(read_pid(path), SIGKILL);
    unlink(path);
}
END_TEST

START_TEST(one_that_goes_on)
{
    begin("i=0; while :; do i=$((i + 1)); echo depth=$i; sleep 0.05; done", true, 0);
    until(PROBE_LIVE, NULL, 0);
    uint64_t deadline = now_ns() + DEADLINE_NS;
    do {
        watch_snapshot(watch, probe_snap);
        poll(NULL, 0, 5);
    } while (series("", "depth")->count < 5 && now_ns() < deadline);
    ck_assert_uint_ge(series("", "depth")->count, 5);
    ck_assert_double_gt(series("", "depth")->max, series("", "depth")->min);
}
END_TEST

START_TEST(one_that_goes_on_and_ends)
{
    begin("echo depth=7; sleep 0.3; echo broken >&2; exit 4", true, 0);
    until(PROBE_LIVE, "depth", 7);
    until_down_says("exit status 4: broken");
}
END_TEST

/* It is not live for the moment between its last word and its end. */
START_TEST(one_that_ends_at_once)
{
    begin("exec >&- 2>&-; sleep 0.03; exit 4", true, 0);
    until_down_says("exit status 4.");
    uint64_t deadline = now_ns() + DEADLINE_NS;
    while (probe_snap->probes[0].failed < 3 && now_ns() < deadline) {
        watch_snapshot(watch, probe_snap);
        poll(NULL, 0, 5);
    }
    ck_assert_uint_ge(probe_snap->probes[0].failed, 3);
    ck_assert_uint_eq(probe_snap->probes[0].failed, probe_snap->probes[0].polls);
    ck_assert_uint_eq(probe_snap->events, 1);
}
END_TEST

START_TEST(one_that_closes_its_output)
{
    char path[] = "/tmp/ramptop-command-XXXXXX", script[256];
    close(mkstemp(path));
    snprintf(script, sizeof script, "echo depth=7; echo $$ >%s; exec sleep 1000 >&-", path);
    begin(script, true, 0);
    pid_t pid = read_pid(path);
    until_down_says("has closed its output");
    until_gone(pid);
    unlink(path);
}
END_TEST

START_TEST(one_that_falls_silent)
{
    char path[] = "/tmp/ramptop-command-XXXXXX", script[256];
    close(mkstemp(path));
    snprintf(script, sizeof script, "echo depth=7; echo $$ >%s; exec sleep 1000", path);
    begin(script, true, 400 * NS_PER_MS);
    pid_t pid = read_pid(path);
    until_down_says("printed nothing");
    until_gone(pid);
    unlink(path);
}
END_TEST

START_TEST(quitting_ends_what_runs)
{
    char path[] = "/tmp/ramptop-command-XXXXXX", script[256];
    close(mkstemp(path));
    snprintf(script, sizeof script, "echo $$ >%s; exec sleep 1000", path);
    begin(script, false, 60 * NS_PER_S);
    pid_t pid = read_pid(path);
    watch_destroy(watch);
    watch = NULL;
    until_gone(pid);
    unlink(path);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("probe/command");
    TCase *c = tcase_create("line");
    tcase_add_test(c, lines_that_are_figures);
    tcase_add_test(c, lines_that_are_none);
    suite_add_tcase(s, c);
    c = tcase_create("command");
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, figures_of_each_run);
    tcase_add_test(c, other_lines_are_counted);
    tcase_add_test(c, too_many_names);
    tcase_add_test(c, too_many_figures_of_all);
    tcase_add_test(c, input_is_empty_and_nothing_is_inherited);
    tcase_add_test(c, failures_are_explained);
    tcase_add_test(c, a_command_that_is_not_there);
    tcase_add_test(c, too_much_is_ended);
    tcase_add_test(c, a_hanging_command_is_ended_with_all_it_started);
    tcase_add_test(c, a_grandchild_that_keeps_the_pipe_is_not_waited_for);
    tcase_add_test(c, one_that_goes_on);
    tcase_add_test(c, one_that_goes_on_and_ends);
    tcase_add_test(c, one_that_ends_at_once);
    tcase_add_test(c, one_that_closes_its_output);
    tcase_add_test(c, one_that_falls_silent);
    tcase_add_test(c, quitting_ends_what_runs);
    suite_add_tcase(s, c);
    return unit_run(s);
}
