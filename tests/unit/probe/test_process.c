/* SPDX-License-Identifier: MIT */
/* A process probe under a real watch, with real trees of processes. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/procfs.h"
#include "src/probe/tree_cpu.h"
#include "src/probe/watch.h"
#include "tests/unit/unit.h"

#define DEADLINE_NS (20 * NS_PER_S)
#define LIFE_S 60
#define TWO_SCANS 12 /* looks */

/* ----------------------------------------------------- what a tree has used: pure */

static struct proc_stat one(uint32_t pid, uint64_t ticks, uint64_t waited)
{
    return (struct proc_stat){.pid = pid,
                              .state = 'S',
                              .ticks = ticks,
                              .waited = waited,
                              .started = 1000 + pid,
                              .threads = 1};
}

static bool is(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

#define USED(...)                                                                                  \
    tree_cpu_used(&c, (struct proc_stat[]){__VA_ARGS__},                                           \
                  sizeof((struct proc_stat[]){__VA_ARGS__}) / sizeof(struct proc_stat), 9000, 100)

START_TEST(what_ended_counts_with_its_parent)
{
    struct tree_cpu c = {0};
    ck_assert(isnan(USED(one(1, 50, 10), one(2, 30, 0))));
    ck_assert(is(USED(one(1, 55, 10), one(2, 40, 0)), 15));
    /* The second used 7 more and ended; one that nobody saw used 20. */
    ck_assert(is(USED(one(1, 55, 10 + 47 + 20)), 27));
    ck_assert(is(USED(one(1, 56, 77)), 1));
    tree_cpu_finish(&c);
}
END_TEST

START_TEST(what_ended_counts_once)
{
    struct tree_cpu c = {0};
    /* Read before its child ended, the child after. */
    USED(one(1, 0, 0), one(2, 500, 0));
    ck_assert(is(USED(one(1, 1, 0)), 1));
    ck_assert(is(USED(one(1, 2, 505)), 6));
    /* It waits for its child late. */
    USED(one(1, 2, 505), one(3, 900, 0));
    struct proc_stat zombie = one(3, 910, 0);
    zombie.state = 'Z';
    for (int i = 0; i < 5; i++)
        ck_assert(is(USED(one(1, 2, 505), zombie), i == 0 ? 10 : 0));
    ck_assert(is(USED(one(1, 2, 505 + 910)), 0));
    /* A child that nobody waits for takes nothing of what comes long after it. */
    USED(one(1, 2, 1415), one(4, 700, 0));
    ck_assert(is(USED(one(1, 2, 1415)), 0));
    ck_assert(is(USED(one(1, 2, 1415)), 0));
    ck_assert(is(USED(one(1, 2, 1515)), 100));
    tree_cpu_finish(&c);
}
END_TEST

START_TEST(what_is_new_counts_by_its_age)
{
    struct tree_cpu c = {0};
    USED(one(1, 0, 0));
    struct proc_stat old = one(2, 400, 0), young = one(3, 30, 0), again = one(1, 5, 0);
    old.started = 9000 - 400;
    young.started = 9000 - 50;
    ck_assert(is(USED(one(1, 0, 0), old, young), 100 + 30));
    again.started = 9000 - 10; /* another process of the same pid */
    ck_assert(is(USED(again, old, young), 5));
    tree_cpu_forget(&c);
    ck_assert(isnan(USED(one(1, 0, 0))));
    tree_cpu_finish(&c);
}
END_TEST

/* -------------------------------------------------------------------- the probe */

static struct watch *watch;
static struct probe_snapshot *probe_snap;
static int to_child[2];   /* closed: it goes on */
static int from_child[2]; /* a byte of each that is ready */
static pid_t children[8];
static size_t n_children;

static void set_up(void)
{
    n_children = 0;
    ck_assert_int_eq(pipe(to_child), 0);
    ck_assert_int_eq(pipe(from_child), 0);
    probe_snap = mem_zalloc(sizeof *probe_snap);
}

static void tear_down(void)
{
    watch_destroy(watch);
    watch = NULL;
    free(probe_snap);
    for (size_t i = 0; i < n_children; i++) {
        kill(-children[i], SIGKILL);
        waitpid(children[i], NULL, 0);
    }
}

/* 0 in the child, which leads a group: all of it ends with the test. */
static pid_t begin_child(void)
{
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        setpgid(0, 0);
        close(to_child[1]);
        alarm(LIFE_S);
        return 0;
    }
    setpgid(pid, pid);
    children[n_children++] = pid;
    return pid;
}

static void wait_for_word(void)
{
    char c;
    while (read(to_child[0], &c, 1) < 0 && errno == EINTR)
        continue;
}

static void stay(void)
{
    alarm(LIFE_S); /* whatever becomes of the test */
    for (;;)
        pause();
}

/* After all forks: a watch has threads. */
static void begin_watch(const char *key, unsigned which)
{
    char text[80];
    struct err e = {0};
    snprintf(text, sizeof text, "process:%s=%u,period=100ms", key, which);
    struct probe_spec *s = probe_spec_parse(text, &e);
    ck_assert_msg(s != NULL, "%s", e.text);
    watch = watch_create(&(struct watch_config){0});
    watch_start_axis(watch, now_ns());
    ck_assert(watch_add_probe(watch, s, &e));
    probe_spec_unref(s);
}

static const struct snap_series *series(const char *name)
{
    static const struct snap_series none = {.now = NAN};
    for (uint32_t i = 0; i < probe_snap->n_series; i++)
        if (strcmp(probe_snap->series[i].name, name) == 0)
            return &probe_snap->series[i];
    return &none;
}

static void until_processes(double n)
{
    uint64_t deadline = now_ns() + DEADLINE_NS;
    do {
        watch_snapshot(watch, probe_snap);
        if (is(series("processes")->now, n))
            return;
        poll(NULL, 0, 5);
    } while (now_ns() < deadline);
    ck_abort_msg("%g processes: %s", series("processes")->now, probe_snap->probes[0].text);
}

static void until_polls(uint64_t more)
{
    uint64_t deadline = now_ns() + DEADLINE_NS;
    watch_snapshot(watch, probe_snap);
    uint64_t wanted = probe_snap->probes[0].polls + more;
    while (probe_snap->probes[0].polls < wanted && now_ns() < deadline) {
        poll(NULL, 0, 5);
        watch_snapshot(watch, probe_snap);
    }
    ck_assert_uint_ge(probe_snap->probes[0].polls, wanted);
}

START_TEST(a_child_whose_parent_ended_stays_in_the_tree)
{
    pid_t root = begin_child();
    if (root == 0) {
        pid_t middle = fork();
        if (middle == 0) {
            if (fork() == 0)
                stay();
            wait_for_word();
            _exit(0);
        }
        waitpid(middle, NULL, 0);
        stay();
    }
    begin_watch("pid", (unsigned)root);
    until_processes(3);
    close(to_child[1]);
    until_processes(2);
    until_polls(TWO_SCANS);
    ck_assert(is(series("processes")->now, 2));
    ck_assert_uint_eq(probe_snap->n_events, 0);
}
END_TEST

/* The process of a database whose five workers give way to five others, which are there before
 * the old ones are gone: however busy the machine, there are never fewer. */
static void replace_workers(void)
{
    int leave[2];
    char c;
    if (pipe(leave) != 0)
        _exit(1);
    for (int i = 0; i < 5; i++)
        if (fork() == 0) {
            close(leave[1]);
            while (read(leave[0], &c, 1) < 0 && errno == EINTR)
                continue;
            _exit(0);
        }
    wait_for_word();
    for (int i = 0; i < 5; i++)
        if (fork() == 0) {
            close(leave[1]);
            stay();
        }
    close(leave[1]);
    for (int i = 0; i < 5; i++)
        wait(NULL);
    stay();
}

/* A look that finds some gone looks who came. */
START_TEST(workers_that_are_replaced_are_seen_soon)
{
    pid_t root = begin_child();
    if (root == 0)
        replace_workers();
    begin_watch("pid", (unsigned)root);
    until_processes(6);
    until_polls(1); /* that which saw them all went through all processes: the next are cheap */
    uint64_t few = series("processes")->count;
    double sum = series("processes")->mean * (double)few;
    close(to_child[1]);
    until_polls(TWO_SCANS);
    const struct snap_series *s = series("processes");
    ck_assert(is(s->now, 6));
    double missing = 6 * (double)(s->count - few) - (s->mean * (double)s->count - sum);
    ck_assert_msg(missing < 5.5, "%g were not seen, in more than one look", missing);
}
END_TEST

static void *work_on(void *arg)
{
    stay();
    return arg;
}

START_TEST(a_process_whose_first_thread_ended_is_there)
{
    pid_t child = begin_child();
    if (child == 0) {
        pthread_t t;
        if (pthread_create(&t, NULL, work_on, NULL) != 0)
            _exit(1);
        wait_for_word();
        pthread_exit(NULL);
    }
    begin_watch("pid", (unsigned)child);
    until_processes(1);
    close(to_child[1]);
    until_polls(TWO_SCANS);
    ck_assert_int_eq(probe_snap->probes[0].state, PROBE_LIVE);
    ck_assert(is(series("processes")->now, 1));
    kill(child, SIGKILL); /* nobody waits for it yet: a zombie is not there */
    uint64_t deadline = now_ns() + DEADLINE_NS;
    while (probe_snap->probes[0].state != PROBE_DOWN && now_ns() < deadline) {
        poll(NULL, 0, 5);
        watch_snapshot(watch, probe_snap);
    }
    ck_assert_str_ne(probe_snap->probes[0].text, "");
}
END_TEST

static void burn(unsigned ms)
{
    struct timespec t;
    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    while ((uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000 < ms);
}

static void start_programs(void)
{
    for (;;) {
        pid_t worker = fork();
        if (worker == 0) {
            burn(20);
            _exit(0);
        }
        waitpid(worker, NULL, 0);
    }
}

static double ticks_of(pid_t pid)
{
    char path[64], text[1024] = "";
    struct proc_stat s = {0};
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_gt(read(fd, text, sizeof text - 1), 0);
    close(fd);
    ck_assert(procfs_stat(text, &s));
    return (double)(s.ticks + s.waited);
}

/* Workers that live for a moment: what the probe says on average is what the kernel says. */
START_TEST(programs_that_end_between_looks_count)
{
    pid_t server = begin_child();
    if (server == 0)
        start_programs();
    begin_watch("pid", (unsigned)server);
    until_polls(2);
    double before = ticks_of(server), began_s = (double)now_ns() / 1e9;
    until_polls(25);
    double cores = (ticks_of(server) - before) / (double)sysconf(_SC_CLK_TCK) /
                   ((double)now_ns() / 1e9 - began_s);
    double said = series("cpu")->mean / 100 * (double)sysconf(_SC_NPROCESSORS_ONLN);
    ck_assert_msg(said > 0.5 * cores && said < 1.5 * cores, "%.3f, not %.3f cores", said, cores);
}
END_TEST

static int listen_somewhere(uint16_t *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(listen(fd, 4), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

static void is_ready(const char *name)
{
    prctl(PR_SET_NAME, name);
    if (write(from_child[1], "", 1) != 1)
        _exit(1);
}

START_TEST(systemd_holds_a_socket_for_a_service)
{
    uint16_t port;
    char ready[3];
    int fd = listen_somewhere(&port);
    if (begin_child() == 0) {
        if (fork() == 0) {
            is_ready("service");
            stay();
        }
        if (fork() == 0) {
            close(fd);
            is_ready("other");
            stay();
        }
        is_ready("systemd");
        stay();
    }
    close(fd);
    for (size_t i = 0; i < sizeof ready; i++)
        ck_assert_int_eq(read(from_child[0], &ready[i], 1), 1);
    begin_watch("port", port);
    until_polls(TWO_SCANS);
    ck_assert(is(series("processes")->now, 1));
    ck_assert_msg(strstr(probe_snap->probes[0].where, "(service)") != NULL, "%s",
                  probe_snap->probes[0].where);
}
END_TEST

int main(void)
{
    struct unit_waiting w = {.suite = suite_create("process")};
    TCase *t = unit_add_case(&w, "used", NULL, NULL);
    tcase_add_test(t, what_ended_counts_with_its_parent);
    tcase_add_test(t, what_ended_counts_once);
    tcase_add_test(t, what_is_new_counts_by_its_age);
    t = unit_add_case(&w, "children", set_up, tear_down);
    tcase_add_test(t, a_child_whose_parent_ended_stays_in_the_tree);
    tcase_add_test(t, workers_that_are_replaced_are_seen_soon);
    t = unit_add_case(&w, "programs", set_up, tear_down);
    tcase_add_test(t, a_process_whose_first_thread_ended_is_there);
    tcase_add_test(t, programs_that_end_between_looks_count);
    t = unit_add_case(&w, "socket", set_up, tear_down);
    tcase_add_test(t, systemd_holds_a_socket_for_a_service);
    return unit_run_waiting(&w);
}
