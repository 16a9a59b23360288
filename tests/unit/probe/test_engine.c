/* SPDX-License-Identifier: MIT */
/* The docker probe under a real watch, against an engine of the test's own that does what a
 * real one does seldom: connections break, containers come and go between two questions. */
#include <check.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/watch.h"
#include "tests/unit/probe/http_fixture.h"
#include "tests/unit/unit.h"

#define DEADLINE_NS (20 * NS_PER_S)
#define BOXES 64
#define EVENTS 64
#define START_NS INT64_C(1763741234567890000)
#define LATER_NS INT64_C(1795300000000000000) /* than all figures are read */

/* ------------------------------------------------------------------ the engine */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct box {
    char id[16], name[96], service[32];
    unsigned number;
    bool there, ended; /* not listed, but still there */
} boxes[BOXES];
static int n_boxes;
static struct happened {
    int64_t at_ns;
    char text[512];
} events[EVENTS];
static int n_events;
static _Atomic int listings, followed, logs_since, logs_tail, log_line_ms, ping_ms, pings;
static _Atomic bool late_box, logs_end, refuses;

static void add_box(const char *name, const char *service, unsigned number)
{
    pthread_mutex_lock(&lock);
    struct box *b = &boxes[n_boxes];
    snprintf(b->id, sizeof b->id, "%012x", 0xabc000 + n_boxes);
    snprintf(b->name, sizeof b->name, "%s", name);
    snprintf(b->service, sizeof b->service, "%s", service);
    b->number = number;
    b->there = true;
    n_boxes++;
    pthread_mutex_unlock(&lock);
}

static void add_event(const char *action, const char *id, int64_t at_ns)
{
    pthread_mutex_lock(&lock);
    struct happened *h = &events[n_events];
    h->at_ns = at_ns;
    snprintf(h->text, sizeof h->text,
             "{\"Type\":\"container\",\"Action\":\"%s\",\"Actor\":{\"ID\":\"%s\",\"Attributes\":"
             "{\"name\":\"x\",\"exitCode\":\"1\"}},\"time\":%lld,\"timeNano\":%lld}\n",
             action, id, (long long)(at_ns / 1000000000), (long long)at_ns);
    n_events++;
    pthread_mutex_unlock(&lock);
}

static void list(int fd)
{
    struct buf b = {0};
    buf_text(&b, "[");
    pthread_mutex_lock(&lock);
    for (int i = 0; i < n_boxes; i++) {
        const struct box *one = &boxes[i];
        if (!one->there || one->ended)
            continue;
        buf_printf(&b, "%s{\"Id\":\"%s\",\"Names\":[\"/%s\"],\"Labels\":{", b.len > 1 ? "," : "",
                   one->id, one->name);
        if (one->service[0] != '\0')
            buf_printf(&b,
                       "\"com.docker.compose.project\":\"shop\",\"com.docker.compose.service\":"
                       "\"%s\",\"com.docker.compose.container-number\":\"%u\"",
                       one->service, one->number);
        buf_text(&b, "}}");
    }
    pthread_mutex_unlock(&lock);
    buf_text(&b, "]");
    listings++;
    http_fixture_reply(fd, "200 OK", b.data);
    buf_finish(&b);
}

static struct box *box_of(const char *path)
{
    for (int i = 0; i < n_boxes; i++)
        if (boxes[i].there && strstr(path, boxes[i].id) != NULL)
            return &boxes[i];
    return NULL;
}

static bool is_there(const char *path)
{
    pthread_mutex_lock(&lock);
    bool there = box_of(path) != NULL;
    pthread_mutex_unlock(&lock);
    return there;
}

static bool has_ended(const char *path)
{
    pthread_mutex_lock(&lock);
    const struct box *b = box_of(path);
    bool ended = b != NULL && b->ended;
    pthread_mutex_unlock(&lock);
    return ended;
}

static bool is_closed(int fd)
{
    char c;
    return recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static bool stats(int fd, const char *path)
{
    char text[512];
    http_fixture_flow(fd);
    for (int i = 1; !is_closed(fd) && is_there(path); i++) {
        snprintf(text, sizeof text,
                 "{\"read\":\"2026-11-20T22:%02d:%02d.%02d0Z\",\"cpu_stats\":{\"cpu_usage\":{"
                 "\"total_usage\":%d000000},\"online_cpus\":2},\"memory_stats\":{\"usage\":"
                 "1000000,\"stats\":{\"inactive_file\":0}}}\n",
                 i / 6000, i / 100 % 60, i % 100, 5 * i);
        http_fixture_chunk(fd, text);
        poll(NULL, 0, 10);
    }
    http_fixture_put(fd, "0\r\n\r\n");
    return true;
}

/* From the moment `since` on, without one from now. */
static bool tell_events(int fd, const char *path)
{
    const char *since = strstr(path, "since=");
    long long s = 0, ns = 0;
    int at = 0;
    bool from = since != NULL && sscanf(since, "since=%lld.%lld", &s, &ns) == 2;
    if (late_box) {
        late_box = false;
        add_box("late", "", 0);
    }
    pthread_mutex_lock(&lock);
    while (at < n_events && (!from || events[at].at_ns < s * 1000000000 + ns))
        at++;
    pthread_mutex_unlock(&lock);
    http_fixture_flow(fd);
    followed++;
    while (!is_closed(fd)) {
        pthread_mutex_lock(&lock);
        for (; at < n_events; at++)
            http_fixture_chunk(fd, events[at].text);
        pthread_mutex_unlock(&lock);
        poll(NULL, 0, 5);
    }
    return false;
}

static bool tell_log(int fd, const char *path)
{
    bool all = strstr(path, "since=") != NULL;
    *(all ? &logs_since : &logs_tail) += 1;
    http_fixture_flow(fd);
    for (int i = 0; all && i < 50; i++)
        http_fixture_chunk(fd, "an error\n");
    if (logs_end) {
        http_fixture_put(fd, "0\r\n\r\n");
        return true;
    }
    while (log_line_ms > 0 && !is_closed(fd)) {
        poll(NULL, 0, log_line_ms);
        http_fixture_chunk(fd, "an error\n");
    }
    http_fixture_until_closed(fd);
    return false;
}

static bool engine(int fd, const char *path)
{
    if (strstr(path, "/_ping") != NULL) {
        pings++;
        poll(NULL, 0, ping_ms);
        http_fixture_reply(fd, "200 OK", "OK");
    } else if (strstr(path, "/version") != NULL)
        http_fixture_reply(fd, "200 OK", "{}");
    else if (strstr(path, "/containers/json") != NULL)
        list(fd);
    else if (strstr(path, "/events") != NULL)
        return tell_events(fd, path);
    else if (!is_there(path))
        http_fixture_reply(fd, "404 Not Found", "{\"message\":\"No such container\"}");
    else if (strstr(path, "/stats") != NULL && refuses)
        http_fixture_reply(fd, "500 Error", "{\"message\":\"stats are not supported.\"}");
    else if (strstr(path, "/stats") != NULL)
        return stats(fd, path);
    else if (strstr(path, "/logs") != NULL)
        return tell_log(fd, path);
    else if (has_ended(path))
        http_fixture_reply(fd, "200 OK", "{\"State\":{\"Running\":false},\"HostConfig\":{}}");
    else
        http_fixture_reply(fd, "200 OK",
                           "{\"State\":{\"Running\":true,\"Pid\":7},\"HostConfig\":{},"
                           "\"Config\":{\"Tty\":true}}");
    return true;
}

/* -------------------------------------------------------------------- the probe */

static struct watch *watch;
static struct probe_snapshot *probe_snap;
static int port;

static void set_up(void)
{
    port = http_fixture_begin(engine);
    watch = watch_create(&(struct watch_config){0});
    probe_snap = mem_zalloc(sizeof *probe_snap);
}

static void tear_down(void)
{
    watch_destroy(watch);
    free(probe_snap);
    http_fixture_end();
}

static void begin_each(uint64_t period_ns, const char *more)
{
    struct err e = {""};
    char *text = mem_printf("docker:engine=tcp://127.0.0.1:%d%s", port, more);
    struct probe_spec *s = probe_spec_parse(text, &e);
    ck_assert_msg(s != NULL, "%s", e.text);
    s->period_ns = period_ns;
    ck_assert_msg(watch_add_probe(watch, s, &e), "%s", e.text);
    probe_spec_unref(s);
    watch_start_axis(watch, now_ns());
    free(text);
}

static void begin(const char *more)
{
    begin_each(50 * NS_PER_MS, more);
}

static bool has_group(const char *group)
{
    for (uint32_t i = 0; i < probe_snap->n_series; i++)
        if (strcmp(probe_snap->series[i].group, group) == 0 && !isnan(probe_snap->series[i].now))
            return true;
    return false;
}

static void until_group(const char *group)
{
    uint64_t deadline = now_ns() + DEADLINE_NS;
    do {
        watch_snapshot(watch, probe_snap);
        if (has_group(group))
            return;
        poll(NULL, 0, 5);
    } while (now_ns() < deadline);
    ck_abort_msg("no %s: %s: %s", group, probe_state_words[probe_snap->probes[0].state],
                 probe_snap->probes[0].text);
}

/* "": nothing. */
static void until_says(const char *text)
{
    uint64_t deadline = now_ns() + DEADLINE_NS;
    do {
        watch_snapshot(watch, probe_snap);
        const char *said = probe_snap->probes[0].text;
        if (probe_snap->probes[0].state == PROBE_LIVE &&
            (text[0] == '\0' ? said[0] == '\0' : strstr(said, text) != NULL))
            return;
        poll(NULL, 0, 5);
    } while (now_ns() < deadline);
    ck_abort_msg("%s: %s", probe_state_words[probe_snap->probes[0].state],
                 probe_snap->probes[0].text);
}

static int told(const char *text)
{
    int n = 0;
    watch_snapshot(watch, probe_snap);
    for (uint32_t i = 0; i < probe_snap->n_events; i++)
        n += strstr(probe_snap->event[i].text, text) != NULL;
    return n;
}

static void until_told(const char *text)
{
    uint64_t deadline = now_ns() + DEADLINE_NS;
    while (told(text) == 0 && now_ns() < deadline)
        poll(NULL, 0, 5);
    ck_assert_int_gt(told(text), 0);
}

static void until_more(const _Atomic int *count, int than)
{
    uint64_t deadline = now_ns() + DEADLINE_NS;
    while (*count <= than && now_ns() < deadline)
        poll(NULL, 0, 2);
    ck_assert_int_gt(*count, than);
}

/* The number of nanoseconds since 1970 is more than a double can tell apart. */
START_TEST(an_event_is_told_once)
{
    add_box("api", "", 0);
    begin("");
    until_group("api");
    until_more(&followed, 0);
    for (int i = 0; i < 4; i++)
        add_event("die", boxes[0].id, START_NS / 256 * 256 + 256 * i + 100);
    until_told("exit code 1");
    int before = followed;
    http_fixture_cut();
    until_more(&followed, before);
    add_event("pause", boxes[0].id, START_NS + NS_PER_S);
    until_told("was paused");
    ck_assert_int_eq(told("exit code 1"), 4);
}
END_TEST

/* Though none has been heard so far. */
START_TEST(an_event_of_a_gap_is_told)
{
    add_box("api", "", 0);
    begin("");
    until_group("api");
    until_more(&followed, 0);
    int before = followed;
    ping_ms = 300;
    http_fixture_cut();
    add_event("die", boxes[0].id, LATER_NS);
    until_more(&followed, before);
    until_told("exit code 1");
}
END_TEST

START_TEST(a_container_that_starts_before_events_are_heard)
{
    add_box("api", "", 0);
    late_box = true;
    begin("");
    until_group("late");
}
END_TEST

START_TEST(a_log_is_not_counted_twice)
{
    add_box("api", "", 0);
    begin(",logs=error");
    until_group("api");
    until_more(&followed, 0);
    until_more(&logs_tail, 0);
    add_event("start", boxes[0].id, START_NS); /* its log was read until then */
    until_told("was started");
    for (int i = 0; i < 3; i++) {
        int before = followed;
        int tails = logs_tail + logs_since;
        http_fixture_cut();
        until_more(&followed, before);
        uint64_t deadline = now_ns() + DEADLINE_NS;
        while (logs_tail + logs_since <= tails && now_ns() < deadline)
            poll(NULL, 0, 2);
    }
    ck_assert_int_le(logs_since, 1);
}
END_TEST

START_TEST(a_log_that_ends_is_followed_again)
{
    logs_end = true;
    add_box("api", "", 0);
    begin(",logs=error");
    until_group("api");
    until_more(&logs_tail, 1);
}
END_TEST

/* As a rootless podman with cgroups of version 1 does. */
START_TEST(an_engine_without_figures)
{
    refuses = true;
    add_box("api", "", 0);
    begin("");
    until_says("no figures of api: stats are not supported");
    refuses = false;
    until_group("api");
    until_says("");
}
END_TEST

/* Looks that are cut short, since something is asked, make no rate of a moment. */
START_TEST(lines_of_a_log_are_counted_over_time)
{
    log_line_ms = 100;
    add_box("api", "", 0);
    begin_each(400 * NS_PER_MS, ",logs=error");
    until_group("api");
    until_more(&logs_tail, 0);
    for (int i = 0; i < 150; i++) {
        ck_assert(watch_ask_detail(watch, 0, NULL));
        poll(NULL, 0, 20);
    }
    watch_snapshot(watch, probe_snap);
    for (uint32_t i = 0; i < probe_snap->n_series; i++)
        if (strcmp(probe_snap->series[i].name, "log matches") == 0) {
            ck_assert_uint_gt(probe_snap->series[i].count, 2);
            ck_assert_double_gt(probe_snap->series[i].max, 0);
            ck_assert_double_lt(probe_snap->series[i].max, 30);
        }
}
END_TEST

START_TEST(names_that_are_the_same)
{
    add_box("shop-db-1", "db", 1);
    add_box("db", "", 0);
    add_box("a-name-of-a-container-that-is-longer-than-a-group-may-be-1", "", 0);
    add_box("a-name-of-a-container-that-is-longer-than-a-group-may-be-2", "", 0);
    begin("");
    until_group("db");
    uint64_t deadline = now_ns() + DEADLINE_NS;
    uint32_t groups = 0;
    while (groups < 4 && now_ns() < deadline) {
        watch_snapshot(watch, probe_snap);
        groups = 0;
        for (uint32_t i = 0; i < probe_snap->n_series; i++)
            groups += strcmp(probe_snap->series[i].name, "memory") == 0;
        poll(NULL, 0, 5);
    }
    ck_assert_uint_eq(groups, 4);
}
END_TEST

static void leave(int i, bool removed)
{
    pthread_mutex_lock(&lock);
    boxes[i].there = !removed;
    boxes[i].ended = true;
    pthread_mutex_unlock(&lock);
    add_event(removed ? "destroy" : "die", boxes[i].id, START_NS + (2 * i + 1) * NS_PER_S);
}

/* Removed when they have ended, or not. */
START_TEST(many_come_and_go)
{
    char name[32];
    add_box("api", "", 0);
    begin("");
    until_group("api");
    until_more(&followed, 0);
    for (int i = 1; i <= 30; i++) {
        snprintf(name, sizeof name, "job-%d", i);
        add_box(name, "", 0);
        add_event("start", boxes[i].id, START_NS + 2 * i * NS_PER_S);
        until_group(name);
        leave(i, _i == 0);
    }
    until_group("api");
    ck_assert_str_eq(probe_snap->probes[0].text, "");
}
END_TEST

START_TEST(one_that_was_left_out_follows)
{
    char name[32];
    for (int i = 0; i < 25; i++) {
        snprintf(name, sizeof name, "box-%d", i);
        add_box(name, "", 0);
    }
    begin("");
    until_says("1 more containers are left out");
    until_more(&followed, 0);
    leave(3, true);
    until_group("box-24");
    until_says("");
}
END_TEST

/* Something is wanted while the connection is made anew: it is made all the same. */
START_TEST(woken_while_it_connects)
{
    add_box("api", "", 0);
    begin("");
    until_group("api");
    until_more(&followed, 0);
    int before = followed, greetings = pings;
    ping_ms = 300;
    http_fixture_cut();
    until_more(&pings, greetings);
    ck_assert(watch_retry_probe(watch, 0, false, NULL));
    until_more(&followed, before);
    add_event("pause", boxes[0].id, START_NS);
    until_told("was paused");
}
END_TEST

START_TEST(woken_before_it_has_seen_anything)
{
    add_box("api", "", 0);
    ping_ms = 300;
    begin("");
    until_more(&pings, 0);
    ck_assert(watch_ask_detail(watch, 0, NULL));
    until_group("api");
    ck_assert_uint_eq(probe_snap->probes[0].failed, 0);
    ck_assert_uint_eq(probe_snap->events, 0);
}
END_TEST

int main(void)
{
    struct unit_waiting w = {.suite = suite_create("probe/engine")};
    TCase *c = unit_add_case(&w, "events", set_up, tear_down);
    tcase_add_test(c, an_event_is_told_once);
    tcase_add_test(c, an_event_of_a_gap_is_told);
    tcase_add_test(c, a_container_that_starts_before_events_are_heard);
    c = unit_add_case(&w, "log", set_up, tear_down);
    tcase_add_test(c, a_log_is_not_counted_twice);
    tcase_add_test(c, a_log_that_ends_is_followed_again);
    tcase_add_test(c, an_engine_without_figures);
    c = unit_add_case(&w, "lines", set_up, tear_down);
    tcase_add_test(c, lines_of_a_log_are_counted_over_time);
    tcase_add_test(c, names_that_are_the_same);
    c = unit_add_case(&w, "many", set_up, tear_down);
    tcase_add_loop_test(c, many_come_and_go, 0, 2);
    tcase_add_test(c, one_that_was_left_out_follows);
    tcase_add_test(c, woken_while_it_connects);
    tcase_add_test(c, woken_before_it_has_seen_anything);
    return unit_run_waiting(&w);
}
