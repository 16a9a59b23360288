/* SPDX-License-Identifier: MIT */
/* Probes of pages under a real watch, against servers that take their time or come and go. */
#include <check.h>
#include <math.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/watch.h"
#include "tests/unit/probe/http_fixture.h"
#include "tests/unit/unit.h"

#define TOKEN "a-token-that-nobody-may-see"
#define DEADLINE_NS (20 * NS_PER_S)

static _Atomic int replies, delay_ms;
static _Atomic bool held;

/* Piece by piece, for as long as somebody listens. */
static void drip(int fd, const char *head, const char *piece)
{
    http_fixture_put(fd, head);
    while (send(fd, piece, strlen(piece), MSG_NOSIGNAL) > 0)
        poll(NULL, 0, 20);
}

static bool serve(int fd, const char *path)
{
    if (strcmp(path, "/slow-head") == 0)
        drip(fd, "HTTP/1.1 200 OK\r\nX-Long: ", "x");
    else if (strcmp(path, "/endless-100") == 0)
        drip(fd, "", "HTTP/1.1 100 Continue\r\n\r\n");
    else if (strcmp(path, "/slow-body") == 0)
        drip(fd, "HTTP/1.1 200 OK\r\n\r\n", "depth 1\n");
    else if (strcmp(path, "/closing-status") == 0) {
        int n = ++replies; /* each of us, on a connection of its own */
        char *text = mem_printf("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
                                "Active connections: 1 \nserver accepts handled requests\n"
                                " %d %d %d \nReading: 0 Writing: 1 Waiting: 0 \n",
                                n, n, n);
        http_fixture_put(fd, text);
        free(text);
    } else if (strncmp(path, "/api/v1/query?", 14) == 0) {
        http_fixture_reply(fd, "401 Unauthorized",
                           "{\"status\":\"error\",\"errorType\":\"proxy\",\"error\":"
                           "\"unknown token " TOKEN "\"}");
        return true;
    } else if (strcmp(path, "/comes-back") == 0) {
        bool both = replies < 4 || replies >= 8;
        http_fixture_reply(fd, "200 OK",
                           both ? "depth{at=\"a\"} 5\ndepth{at=\"b\"} 1e9\n"
                                : "depth{at=\"a\"} 5\n");
        replies++;
        return true;
    } else {
        held = delay_ms > 0;
        poll(NULL, 0, delay_ms);
        held = false;
        http_fixture_reply(fd, "200 OK", "depth 7\n");
        replies++;
        return true;
    }
    return false;
}

static struct watch *watch;
static struct probe_snapshot *probe_snap;
static int port;

static void set_up(void)
{
    port = http_fixture_begin(serve);
    watch = watch_create(&(struct watch_config){0});
    probe_snap = mem_zalloc(sizeof *probe_snap);
}

static void tear_down(void)
{
    watch_destroy(watch);
    free(probe_snap);
    http_fixture_end();
}

/* TYPE:http://127.0.0.1:PORT and the rest. */
static struct probe_spec *spec_of(const char *type, const char *rest)
{
    struct err e = {""};
    char *text = mem_printf("%s:http://127.0.0.1:%d%s", type, port, rest);
    struct probe_spec *s = probe_spec_parse(text, &e);
    ck_assert_msg(s != NULL, "%s", e.text);
    free(text);
    return s;
}

/* Takes it. */
static void add(struct probe_spec *s)
{
    struct err e = {""};
    ck_assert_msg(watch_add_probe(watch, s, &e), "%s", e.text);
    probe_spec_unref(s);
}

static void begin(const char *path)
{
    char *rest = mem_printf("%s#depth", path);
    struct probe_spec *s = spec_of("prometheus", rest);
    s->period_ns = 50 * NS_PER_MS;
    add(s);
    watch_start_axis(watch, now_ns());
    free(rest);
}

static void until_reply(int n)
{
    uint64_t deadline = now_ns() + DEADLINE_NS;
    while (replies < n && now_ns() < deadline)
        poll(NULL, 0, 2);
    ck_assert_int_ge(replies, n);
}

/* Something is wanted of the probe meanwhile: that is no failure of its target's. */
START_TEST(woken_while_it_waits)
{
    begin("/metrics");
    until_reply(2);
    delay_ms = 300;
    for (int i = 0; i < 5; i++) {
        uint64_t deadline = now_ns() + DEADLINE_NS;
        while (!held && now_ns() < deadline)
            poll(NULL, 0, 1);
        ck_assert(held);
        ck_assert(i % 2 == 0 ? watch_ask_detail(watch, 0, NULL)
                             : watch_retry_probe(watch, 0, false, NULL));
        until_reply(replies + 2); /* the one that nobody waited for, and another */
    }
    watch_snapshot(watch, probe_snap);
    ck_assert_int_eq(probe_snap->probes[0].state, PROBE_LIVE);
    ck_assert_uint_eq(probe_snap->probes[0].failed, 0);
    ck_assert_uint_eq(probe_snap->events, 0);
    ck_assert_double_eq(probe_snap->series[0].now, 7);
}
END_TEST

/* Nothing was counted while one of the two was not there, or when it came back. */
START_TEST(a_counter_that_comes_back_has_not_counted_all_of_it_now)
{
    struct probe_spec *s = spec_of("prometheus", "/comes-back#depth");
    s->period_ns = 50 * NS_PER_MS;
    s->metrics[0].kind = METRIC_COUNTER;
    watch_start_axis(watch, now_ns());
    add(s);
    until_reply(12);
    watch_snapshot(watch, probe_snap);
    ck_assert_uint_gt(probe_snap->series[0].count, 5);
    ck_assert_double_eq(probe_snap->series[0].max, 0);
}
END_TEST

/* Nginx that keeps no connection alive counts one more for each of our looks. */
START_TEST(our_own_connections_are_not_accepted_ones)
{
    struct probe_spec *s = spec_of("nginx", "/closing-status");
    s->period_ns = 50 * NS_PER_MS;
    watch_start_axis(watch, now_ns());
    add(s);
    until_reply(6);
    watch_snapshot(watch, probe_snap);
    int seen = 0;
    for (uint32_t i = 0; i < probe_snap->n_series; i++) {
        const struct snap_series *one = &probe_snap->series[i];
        if (strcmp(one->name, "accepted") != 0 && strcmp(one->name, "requests") != 0)
            continue;
        seen++;
        ck_assert_uint_gt(one->count, 2);
        ck_assert_double_eq(one->max, 0);
    }
    ck_assert_int_eq(seen, 2);
}
END_TEST

/* A proxy before Prometheus may say what it was sent. */
START_TEST(what_an_error_gives_back_is_not_shown)
{
    struct probe_spec *s = spec_of("promql", "#up");
    s->bearer = secret_from(TOKEN, strlen(TOKEN));
    add(s);
    watch_wait_polled(watch, DEADLINE_NS);
    watch_snapshot(watch, probe_snap);
    ck_assert_int_eq(probe_snap->probes[0].state, PROBE_DENIED);
    ck_assert_msg(strstr(probe_snap->probes[0].text, "unknown token *") != NULL, "%s",
                  probe_snap->probes[0].text);
    ck_assert_ptr_null(strstr(probe_snap->probes[0].text, "nobody"));
    ck_assert_ptr_null(strstr(probe_snap->event[0].text, "nobody"));
}
END_TEST

START_TEST(what_never_ends_is_given_up)
{
    static const char *const paths[] = {"/slow-head", "/endless-100", "/slow-body"};
    begin(paths[_i]);
    watch_wait_polled(watch, DEADLINE_NS);
    watch_snapshot(watch, probe_snap);
    ck_assert_int_eq(probe_snap->probes[0].state, PROBE_DOWN);
    ck_assert_msg(strstr(probe_snap->probes[0].text, "does not answer in time") != NULL, "%s",
                  probe_snap->probes[0].text);
    ck_assert(isnan(probe_snap->series[0].now));
}
END_TEST

int main(void)
{
    struct unit_waiting w = {.suite = suite_create("probe/exposed")};
    TCase *c = unit_add_case(&w, "answers", set_up, tear_down);
    tcase_add_test(c, woken_while_it_waits);
    tcase_add_test(c, a_counter_that_comes_back_has_not_counted_all_of_it_now);
    tcase_add_test(c, our_own_connections_are_not_accepted_ones);
    tcase_add_test(c, what_an_error_gives_back_is_not_shown);
    static const char *const endless[] = {"head", "continue", "body"};
    for (int i = 0; i < 3; i++)
        tcase_add_loop_test(unit_add_case(&w, endless[i], set_up, tear_down),
                            what_never_ends_is_given_up, i, i + 1);
    return unit_run_waiting(&w);
}
