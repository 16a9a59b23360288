/* SPDX-License-Identifier: MIT */
/* The collector with real threads: producers push known samples into their rings
 * while it runs; what it publishes is compared with the same figures computed from
 * the raw values. */
#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/now.h"
#include "src/base/rng.h"
#include "src/stats/collect.h"
#include "src/stats/gauge.h"
#include "src/stats/hist.h"
#include "src/stats/note.h"
#include "src/stats/ring.h"
#include "src/stats/sample.h"
#include "src/stats/second.h"
#include "tests/unit/unit.h"

#define DEADLINE_NS (60 * NS_PER_S) /* only to end a hang */
#define PRODUCERS 4
#define EACH 30000
#define ENDPOINTS 3

static struct snapshot snap; /* 280 KB: not on the stack */

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

struct producer {
    struct collect_lane lane;
    uint64_t seed;
    uint64_t latency_us[EACH];
    bool failed[EACH];
    uint64_t requests[ENDPOINTS], failures[ENDPOINTS], client, bytes_in;
};

static void *produce(void *arg)
{
    struct producer *p = arg;
    struct rng g;
    uint64_t deadline = now_ns() + DEADLINE_NS;

    rng_seed(&g, p->seed);
    atomic_store_explicit(&p->lane.gauge->users, 10, memory_order_relaxed);
    for (unsigned i = 0; i < EACH; i++) {
        uint64_t now = now_ns();
        uint16_t endpoint = (uint16_t)(i % ENDPOINTS);
        p->latency_us[i] = 100 + rng_below(&g, 200000);
        struct sample s = {
            .sent_ns = now - p->latency_us[i] * 1000,
            .done_ns = now,
            .endpoint = endpoint,
            .status = i % 50 == 0 ? 500 : 200,
            .fail = i % 50 == 0   ? FAIL_STATUS
                    : i % 75 == 1 ? FAIL_RESET
                                  : FAIL_NONE,
            .bytes_in = i,
        };
        p->failed[i] = s.fail != FAIL_NONE;
        p->requests[endpoint]++;
        p->failures[endpoint] += s.fail != FAIL_NONE;
        p->bytes_in += i;
        while (!ring_push(p->lane.samples, &s) && now_ns() < deadline)
            sched_yield();
        atomic_store_explicit(&p->lane.gauge->started, i + 1, memory_order_relaxed);
    }
    atomic_store_explicit(&p->lane.gauge->users, 0, memory_order_relaxed);
    return NULL;
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* What a sorted array says, raised to the top of the value's bucket. */
static uint64_t expected(const uint64_t *sorted, uint64_t n, unsigned per_mille)
{
    uint64_t top = hist_bucket_high(hist_bucket_of(sorted[(n * per_mille + 999) / 1000 - 1]));
    return top < sorted[n - 1] ? top : sorted[n - 1];
}

static void assert_latency(const struct snap_latency *got, const uint64_t *sorted, uint64_t n)
{
    ck_assert_uint_eq(got->count, n);
    ck_assert_uint_eq(got->min_us, sorted[0]);
    ck_assert_uint_eq(got->p50_us, expected(sorted, n, 500));
    ck_assert_uint_eq(got->p75_us, expected(sorted, n, 750));
    ck_assert_uint_eq(got->p90_us, expected(sorted, n, 900));
    ck_assert_uint_eq(got->p95_us, expected(sorted, n, 950));
    ck_assert_uint_eq(got->p99_us, expected(sorted, n, 990));
    ck_assert_uint_eq(got->p99_9_us, expected(sorted, n, 999));
    ck_assert_uint_eq(got->max_us, sorted[n - 1]);
}

/* The latencies of one endpoint, or with ENDPOINTS of all, that failed or did not; sorted. */
static uint64_t gather(const struct producer *p, unsigned endpoint, bool failed, uint64_t *out)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < PRODUCERS; i++)
        for (unsigned s = 0; s < EACH; s++)
            if ((endpoint == ENDPOINTS || s % ENDPOINTS == endpoint) && p[i].failed[s] == failed)
                out[n++] = p[i].latency_us[s];
    qsort(out, n, sizeof *out, ascending);
    return n;
}

static void assert_latencies(const struct producer *p, uint64_t *scratch)
{
    for (int failed = 0; failed < 2; failed++) {
        uint64_t n = gather(p, ENDPOINTS, failed, scratch);
        assert_latency(failed ? &snap.total_failed : &snap.total, scratch, n);
        assert_latency(failed ? &snap.window_failed : &snap.window, scratch, n);
        for (unsigned k = 0; k < ENDPOINTS; k++) {
            const struct snap_endpoint *e = &snap.endpoints[k];
            n = gather(p, k, failed, scratch);
            assert_latency(failed ? &e->total_failed : &e->total, scratch, n);
            assert_latency(failed ? &e->window_failed : &e->window, scratch, n);
        }
    }
}

static void set_wanted(struct snapshot *s, void *arg)
{
    (void)arg;
    s->run.users_wanted = 77;
}

START_TEST(totals_are_exact_to_the_last_sample)
{
    struct collect_config cfg = {
        .workers = PRODUCERS, .ring_samples = 4096, .fill = set_wanted};
    struct collector *c = collect_create(&cfg);
    struct producer *p = calloc(PRODUCERS, sizeof *p);
    uint64_t *all = calloc(PRODUCERS * EACH, sizeof *all), failures = 0, bytes = 0, in_points = 0;
    uint64_t per_endpoint[ENDPOINTS] = {0};
    pthread_t threads[PRODUCERS];
    struct err e;

    for (unsigned i = 0; i < ENDPOINTS; i++) {
        char name[16];
        snprintf(name, sizeof name, "/%u", i);
        ck_assert_uint_eq(collect_endpoint(c, "GET", name), i);
    }
    collect_set_window(c, SNAP_ALL);
    ck_assert(collect_start(c, &e));
    ck_assert(!collect_start(c, &e));
    for (unsigned i = 0; i < PRODUCERS; i++) {
        p[i].lane = collect_lane(c, i);
        p[i].seed = i + 1;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, produce, &p[i]), 0);
    }
    for (unsigned i = 0; i < PRODUCERS; i++) {
        pthread_join(threads[i], NULL);
        for (unsigned k = 0; k < ENDPOINTS; k++) {
            per_endpoint[k] += p[i].requests[k];
            failures += p[i].failures[k];
        }
        bytes += p[i].bytes_in;
    }
    collect_stop(c);
    collect_stop(c);
    collect_snapshot(c, &snap);
    ck_assert_uint_eq(snap.finished, PRODUCERS * EACH);
    ck_assert_uint_eq(snap.started, PRODUCERS * EACH);
    ck_assert_uint_eq(snap.failures, failures);
    ck_assert_uint_eq(snap.bytes_in, bytes);
    ck_assert_uint_eq(snap.users, 0);
    ck_assert_uint_le(snap.users_peak, 10 * PRODUCERS);
    ck_assert_uint_eq(snap.n_endpoints, ENDPOINTS);
    assert_latencies(p, all);
    for (unsigned k = 0; k < ENDPOINTS; k++)
        ck_assert_uint_eq(snap.endpoints[k].requests, per_endpoint[k]);
    /* The rate of the whole run is over the time that it really took. */
    ck_assert_double_eq_tol(snap.window_s, snap.elapsed_s, 1e-6);
    ck_assert_double_eq_tol(snap.rps * snap.elapsed_s, PRODUCERS * EACH, 0.01);
    for (uint32_t i = 0; i + 1 < snap.n_points; i++)
        in_points += (uint64_t)(snap.points[i].rps + 0.5f);
    ck_assert_uint_le(in_points, PRODUCERS * EACH);
    /* A ring that was full made the producer try again, and said so. */
    uint64_t lost = 0;
    for (unsigned i = 0; i < PRODUCERS; i++)
        lost += ring_lost(p[i].lane.samples);
    ck_assert_uint_eq(snap.health.ring_lost, lost);
    collect_destroy(c);
    free(p);
    free(all);
}
END_TEST

START_TEST(kinds_of_failure_have_rows_notes_and_a_mark)
{
    struct collect_config cfg = {.workers = 1};
    struct collector *c = collect_create(&cfg);
    struct collect_lane lane = collect_lane(c, 0);
    struct err e;
    uint16_t a = collect_endpoint(c, "GET", "/a"), b = collect_endpoint(c, "PUT", "/b\x1b[2J");
    const struct {
        uint16_t endpoint, status;
        enum fail fail;
        unsigned times;
    } made[] = {{a, 500, FAIL_STATUS, 5},
                {a, 503, FAIL_STATUS, 3},
                {b, 500, FAIL_STATUS, 2},
                {b, 200, FAIL_CUT_BODY, 4},
                {a, 0, FAIL_CLIENT_PORTS, 7}};

    ck_assert_uint_eq(collect_endpoint(c, "GET", "/a"), a);
    ck_assert(collect_start(c, &e));
    for (unsigned i = 0; i < sizeof made / sizeof *made; i++) {
        uint64_t now = now_ns();
        struct sample s = {.sent_ns = now - 5000000,
                           .done_ns = now,
                           .endpoint = made[i].endpoint,
                           .status = made[i].status,
                           .fail = (uint8_t)made[i].fail};
        struct note n = {
            .endpoint = made[i].endpoint, .status = made[i].status, .fail = (uint8_t)made[i].fail};
        snprintf(n.text, sizeof n.text, "words of %u", i);
        for (unsigned k = 0; k < made[i].times; k++)
            ck_assert(ring_push(lane.samples, &s));
        ck_assert(ring_push(lane.notes, &n));
    }
    collect_stop(c);
    collect_snapshot(c, &snap);
    ck_assert_uint_eq(snap.finished, 14);
    ck_assert_uint_eq(snap.failures, 14);
    ck_assert_uint_eq(snap.client_failures, 7);
    ck_assert_uint_eq(snap.total.count, 0);
    ck_assert_uint_eq(snap.total_failed.count, 14); /* the generator's own have no latency */
    ck_assert_double_eq_tol(snap.fail_percent, 100, 1e-9);
    ck_assert_uint_eq(snap.n_fails, 5);
    for (unsigned i = 0; i < 5; i++) {
        const struct snap_fail *found = NULL;
        for (uint32_t k = 0; k < snap.n_fails; k++)
            if (snap.fails[k].endpoint == made[i].endpoint && snap.fails[k].fail == made[i].fail &&
                (made[i].fail != FAIL_STATUS || snap.fails[k].status == made[i].status))
                found = &snap.fails[k];
        char text[32];
        snprintf(text, sizeof text, "words of %u", i);
        ck_assert_ptr_nonnull(found);
        ck_assert_uint_eq(found->count, made[i].times);
        ck_assert_str_eq(found->text, text);
        ck_assert_double_le(found->first_s, found->last_s);
    }
    /* 500, 503, cut body, no ports: each new kind once */
    ck_assert_uint_eq(snap.n_marks, 4);
    for (uint32_t i = 0; i < snap.n_marks; i++) {
        ck_assert_int_eq(snap.marks[i].kind, SNAP_MARK_ALERT);
        ck_assert_int_eq(snap.marks[i].letter, '!');
    }
    ck_assert_str_eq(snap.marks[0].text, "first status 500: GET /a");
    ck_assert_ptr_null(strchr(snap.endpoints[b].name, '\x1b'));
    bool warned = false;
    for (uint32_t i = 0; i < snap.health.n_warnings; i++)
        warned =
            warned || strstr(snap.health.warnings[i], "7 requests failed on this side") != NULL;
    ck_assert(warned);
    collect_destroy(c);
}
END_TEST

START_TEST(more_endpoints_than_the_table_are_others)
{
    struct collect_config cfg = {.workers = 1};
    struct collector *c = collect_create(&cfg);
    struct collect_lane lane = collect_lane(c, 0);
    struct err e;

    ck_assert(collect_start(c, &e));
    for (unsigned i = 0; i < SNAP_ENDPOINTS + 50; i++) {
        char name[32];
        snprintf(name, sizeof name, "/page/%u", i);
        uint16_t id = collect_endpoint(c, "GET", name);
        ck_assert_uint_eq(id, i < SNAP_ENDPOINTS - 1 ? i : SNAP_ENDPOINTS - 1);
        uint64_t now = now_ns();
        struct sample s = {
            .sent_ns = now - 1000000, .done_ns = now, .endpoint = id, .fail = FAIL_TIMEOUT};
        ck_assert(ring_push(lane.samples, &s));
    }
    collect_stop(c);
    collect_snapshot(c, &snap);
    ck_assert_uint_eq(snap.n_endpoints, SNAP_ENDPOINTS);
    ck_assert_str_eq(snap.endpoints[SNAP_ENDPOINTS - 1].name, "(others)");
    ck_assert_uint_eq(snap.endpoints[SNAP_ENDPOINTS - 1].requests, 51);
    ck_assert_uint_eq(snap.n_fails, SNAP_FAILS);
    uint64_t sum = 0, rest = 0;
    for (uint32_t i = 0; i < snap.n_fails; i++) {
        sum += snap.fails[i].count;
        if (strncmp(snap.fails[i].text, "(others)", 8) == 0)
            rest = snap.fails[i].count;
    }
    ck_assert_uint_eq(sum, SNAP_ENDPOINTS + 50);
    ck_assert_uint_eq(rest, SNAP_ENDPOINTS + 50 - (SNAP_FAILS - 1));
    collect_destroy(c);
}
END_TEST

START_TEST(more_classes_than_the_table_are_others)
{
    struct collect_config cfg = {.workers = 1};
    struct collector *c = collect_create(&cfg);
    static char names[SECOND_CLASSES][SNAP_NAME];
    for (unsigned i = 0; i < SECOND_CLASSES + 50; i++) {
        char name[32];
        snprintf(name, sizeof name, "class\t%u", i);
        uint16_t id = collect_class(c, name);
        ck_assert_uint_eq(id, i < SECOND_CLASSES - 1 ? i : SECOND_CLASSES - 1);
    }
    ck_assert_uint_eq(collect_class(c, "class\t7"), 7);
    ck_assert_uint_eq(collect_class_names(c, names), SECOND_CLASSES);
    ck_assert_str_eq(names[7], "class 7");
    ck_assert_str_eq(names[SECOND_CLASSES - 1], "(others)");
    collect_destroy(c);
}
END_TEST

START_TEST(marks_are_kept_newest_and_lettered)
{
    struct collect_config cfg = {.workers = 1};
    struct collector *c = collect_create(&cfg);
    struct err e;
    char text[32];

    ck_assert(collect_start(c, &e));
    for (unsigned i = 0; i < SNAP_MARKS + 10; i++) {
        snprintf(text, sizeof text, "mark\n%u", i);
        collect_mark(c, SNAP_MARK_USER, 0, text);
    }
    collect_mark(c, SNAP_MARK_LOAD, 0, "users 10");
    collect_mark(c, SNAP_MARK_LOAD, '*', NULL);
    collect_stop(c);
    collect_snapshot(c, &snap);
    ck_assert_uint_eq(snap.n_marks, SNAP_MARKS);
    ck_assert_uint_eq(snap.marks_dropped, 12);
    ck_assert_str_eq(snap.marks[0].text, "mark 12");
    ck_assert_int_eq(snap.marks[0].letter, 'm');
    ck_assert_int_eq(snap.marks[SNAP_MARKS - 2].letter, '+');
    ck_assert_int_eq(snap.marks[SNAP_MARKS - 1].letter, '*');
    for (uint32_t i = 1; i < snap.n_marks; i++)
        ck_assert_double_ge(snap.marks[i].at_s, snap.marks[i - 1].at_s);
    collect_destroy(c);
}
END_TEST

START_TEST(only_a_stop_is_marked_as_one)
{
    struct collect_config cfg = {.workers = 1};
    struct collector *c = collect_create(&cfg);
    struct err e;

    ck_assert(collect_start(c, &e));
    collect_gap(c, 0);
    collect_gap(c, 2500 * NS_PER_MS);
    collect_stop(c);
    collect_snapshot(c, &snap);
    ck_assert_uint_eq(snap.n_marks, 1);
    ck_assert_str_eq(snap.marks[0].text, "stopped for 2.5 s");
    collect_destroy(c);
}
END_TEST

START_TEST(the_last_second_is_as_long_as_it_was_used)
{
    struct collect_config cfg = {.workers = 1};
    struct collector *c = collect_create(&cfg);
    uint64_t deadline = now_ns() + DEADLINE_NS;
    struct err e;

    collect_set_window(c, SNAP_ALL);
    ck_assert(collect_start(c, &e));
    nap();
    struct sample s = {.sent_ns = collect_start_ns(c), .done_ns = now_ns()};
    ck_assert(ring_push(collect_lane(c, 0).samples, &s));
    double before_s = (double)(now_ns() - collect_start_ns(c)) / 1e9;
    collect_pause(c, true);
    double after_s = (double)(now_ns() - collect_start_ns(c)) / 1e9;
    do {
        nap();
        collect_snapshot(c, &snap);
    } while (snap.n_points == 0 && now_ns() < deadline);
    ck_assert_uint_gt(snap.n_points, 0);
    ck_assert_double_ge(snap.window_s, before_s - 1e-6);
    ck_assert_double_le(snap.window_s, after_s + 1e-6);
    ck_assert_double_eq_tol(snap.rps, 1 / snap.window_s, 1e-6);
    collect_destroy(c);
}
END_TEST

/* One that was under way tells how long we were stopped, not how long the target took. */
START_TEST(what_a_stop_has_spoiled_has_no_latency)
{
    struct collect_config cfg = {.workers = 1};
    struct collector *c = collect_create(&cfg);
    struct ring *ring = collect_lane(c, 0).samples;
    uint64_t deadline = now_ns() + DEADLINE_NS;
    struct err e;

    ck_assert(collect_start(c, &e));
    collect_gap(c, 6 * NS_PER_S);
    do { /* it has been told */
        nap();
        collect_snapshot(c, &snap);
    } while (snap.n_marks == 0 && now_ns() < deadline);
    uint64_t now = now_ns();
    struct sample over = {.sent_ns = now - 7 * NS_PER_S, .done_ns = now, .fail = FAIL_TIMEOUT};
    struct sample after = {.sent_ns = now - NS_PER_S, .done_ns = now};
    ck_assert(ring_push(ring, &over));
    ck_assert(ring_push(ring, &after));
    collect_stop(c);
    collect_snapshot(c, &snap);
    ck_assert_uint_eq(snap.finished, 1);
    ck_assert_uint_eq(snap.failures, 0);
    ck_assert_uint_eq(snap.aborted, 1);
    ck_assert_uint_eq(snap.total.max_us, 1000000);
    collect_destroy(c);
}
END_TEST

START_TEST(snapshots_come_while_it_runs)
{
    struct collect_config cfg = {.workers = 2, .fill = set_wanted};
    struct collector *c = collect_create(&cfg);
    struct collect_lane lane = collect_lane(c, 1);
    struct err e;
    uint64_t deadline = now_ns() + DEADLINE_NS, seq = 0;

    collect_snapshot(c, &snap);
    ck_assert_uint_eq(snap.seq, 0);
    collect_set_window(c, SNAP_1S);
    ck_assert(collect_start(c, &e));
    atomic_store_explicit(&lane.gauge->users_most, 7, memory_order_relaxed); /* between looks */
    atomic_store_explicit(&lane.gauge->users, 5, memory_order_relaxed);
    atomic_store_explicit(&lane.gauge->oldest_ns, collect_start_ns(c), memory_order_relaxed);
    uint64_t now = now_ns();
    struct sample s = {.sent_ns = now - 3000000, .done_ns = now, .lag_us = 9000};
    for (unsigned i = 0; i < 100; i++)
        ck_assert(ring_push(lane.samples, &s));
    /* counts are fresh long before the second closes */
    do {
        nap();
        collect_snapshot(c, &snap);
        ck_assert_uint_ge(snap.seq, seq);
        seq = snap.seq;
    } while (snap.finished < 100 && now_ns() < deadline);
    ck_assert_uint_eq(snap.finished, 100);
    /* then the second closes, and its figures are there */
    while (snap.n_points == 0 && now_ns() < deadline) {
        nap();
        collect_snapshot(c, &snap);
    }
    ck_assert_uint_ge(snap.n_points, 1);
    ck_assert_uint_eq(snap.points[0].second, 0);
    ck_assert_float_eq(snap.points[0].rps, 100);
    ck_assert_uint_eq(snap.points[0].users, 5);
    ck_assert_uint_eq(snap.users_peak, 7);
    ck_assert_uint_eq(snap.points[0].users_wanted, 77);
    ck_assert_uint_eq(snap.points[0].p50_us, 3000);
    ck_assert_uint_eq(snap.users, 5);
    ck_assert_double_gt(snap.oldest_s, 0);
    ck_assert_uint_gt(snap.health.rss_bytes, 1 << 20);
    ck_assert_uint_gt(snap.health.open_fds, 2);
    ck_assert_double_ge(snap.health.cores, 0.1);
    collect_stop(c);
    collect_snapshot(c, &snap);
    ck_assert_double_ge(snap.health.lag_p99_run_ms, 9);
    collect_destroy(c);
}
END_TEST

START_TEST(other_threads_may_ask_at_any_time)
{
    struct collect_config cfg = {.workers = 1, .ring_samples = 64};
    struct collector *c = collect_create(&cfg);
    struct producer *p = calloc(1, sizeof *p);
    pthread_t thread;
    struct err e;

    p->lane = collect_lane(c, 0);
    ck_assert(collect_start(c, &e));
    ck_assert_int_eq(pthread_create(&thread, NULL, produce, p), 0);
    for (unsigned i = 0; i < 200; i++) {
        collect_snapshot(c, &snap);
        collect_set_window(c, (enum snap_window)(i % SNAP_WINDOWS));
        collect_mark(c, SNAP_MARK_USER, 0, "x");
        collect_endpoint(c, "GET", i % 2 == 0 ? "/a" : "/b");
        if (i % 50 == 0)
            collect_gap(c, NS_PER_MS);
        sched_yield();
    }
    pthread_join(thread, NULL);
    collect_destroy(c); /* stops it */
    collect_destroy(NULL);
    free(p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("collect");
    TCase *tc = tcase_create("collect");
    tcase_set_timeout(tc, 180);
    tcase_add_test(tc, totals_are_exact_to_the_last_sample);
    tcase_add_test(tc, kinds_of_failure_have_rows_notes_and_a_mark);
    tcase_add_test(tc, more_endpoints_than_the_table_are_others);
    tcase_add_test(tc, more_classes_than_the_table_are_others);
    tcase_add_test(tc, marks_are_kept_newest_and_lettered);
    tcase_add_test(tc, only_a_stop_is_marked_as_one);
    tcase_add_test(tc, the_last_second_is_as_long_as_it_was_used);
    tcase_add_test(tc, what_a_stop_has_spoiled_has_no_latency);
    tcase_add_test(tc, snapshots_come_while_it_runs);
    tcase_add_test(tc, other_threads_may_ask_at_any_time);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
