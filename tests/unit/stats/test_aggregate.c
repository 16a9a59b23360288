/* SPDX-License-Identifier: MIT */
/* Samples gathered into seconds and those booked, with time as a parameter: windows, points,
 * late samples, gaps, the last second; distributions and warnings. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/now.h"
#include "src/base/rng.h"
#include "src/stats/health.h"
#include "src/stats/hist.h"
#include "src/stats/distribution.h"
#include "tests/unit/stats/books.h"
#include "tests/unit/stats/hist_record.h"
#include "tests/unit/unit.h"

#define START (1000 * NS_PER_S)
#define GRACE (GATHER_GRACE_MS * NS_PER_MS)

static struct snapshot snap;
static const struct gather_end idle;

static uint64_t at(double second)
{
    return (uint64_t)((int64_t)START + (int64_t)(second * 1e9));
}

static struct sample sample_at(double done_s, uint64_t latency_us)
{
    return (struct sample){.sent_ns = at(done_s) - latency_us * 1000, .done_ns = at(done_s)};
}

static void add(const struct books *l, double done_s, uint64_t latency_us)
{
    struct sample s = sample_at(done_s, latency_us);
    gather_add(l->gather, &s);
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static uint64_t expected(const uint64_t *sorted, uint64_t n, unsigned per_mille)
{
    uint64_t top = hist_bucket_high(hist_bucket_of(sorted[(n * per_mille + 999) / 1000 - 1]));
    return top < sorted[n - 1] ? top : sorted[n - 1];
}

static void assert_latency(const struct snap_latency *got, uint64_t *values, uint64_t n)
{
    ck_assert_uint_eq(got->count, n);
    if (n == 0) {
        ck_assert_uint_eq(got->max_us, 0);
        return;
    }
    qsort(values, n, sizeof *values, ascending);
    ck_assert_uint_eq(got->min_us, values[0]);
    ck_assert_uint_eq(got->p50_us, expected(values, n, 500));
    ck_assert_uint_eq(got->p95_us, expected(values, n, 950));
    ck_assert_uint_eq(got->p99_us, expected(values, n, 990));
    ck_assert_uint_eq(got->max_us, values[n - 1]);
}

enum { SECONDS = 90, PER_SECOND = 40, NAMES = 2 };
static uint64_t value_us[SECONDS][PER_SECOND];
static unsigned per_second[SECONDS];

/* Some fail in most seconds, all in a few, none in others. */
static bool is_failure(uint32_t second, unsigned i)
{
    return second % 13 == 7 || (second % 4 != 2 && i % 10 == 9);
}

/* Everything the window shows, computed again from the raw values. */
static void assert_window(const struct books *l, uint32_t closed, uint32_t width)
{
    static uint64_t all[2][SECONDS * PER_SECOND], own[2][SECONDS * PER_SECOND];
    uint32_t first = closed > width ? closed - width : 0;
    uint64_t split[2] = {0}, mine[2] = {0};

    books_fill(l, &snap);
    for (uint32_t s = first; s < closed; s++)
        for (unsigned i = 0; i < per_second[s]; i++) {
            bool bad = is_failure(s, i);
            all[bad][split[bad]++] = value_us[s][i];
            if (i % NAMES == 1)
                own[bad][mine[bad]++] = value_us[s][i];
        }
    uint64_t fails = split[1], n = split[0] + fails;
    double window_s = closed - first;
    ck_assert_double_eq_tol(snap.window_s, window_s, 1e-9);
    ck_assert_double_eq_tol(snap.rps, window_s > 0 ? (double)n / window_s : 0, 1e-9);
    ck_assert_double_eq_tol(snap.fails_per_s, window_s > 0 ? (double)fails / window_s : 0, 1e-9);
    ck_assert_double_eq_tol(snap.fail_percent, n > 0 ? 100.0 * (double)fails / (double)n : 0, 1e-9);
    assert_latency(&snap.window, all[0], split[0]);
    assert_latency(&snap.window_failed, all[1], split[1]);
    assert_latency(&snap.endpoints[1].window, own[0], mine[0]);
    assert_latency(&snap.endpoints[1].window_failed, own[1], mine[1]);
    ck_assert_double_eq_tol(snap.endpoints[1].rps,
                            window_s > 0 ? (double)(mine[0] + mine[1]) / window_s : 0, 1e-9);
    double rows = 0;
    for (uint32_t i = 0; i < snap.n_fails; i++)
        rows += snap.fails[i].per_s;
    ck_assert_double_eq_tol(rows, snap.fails_per_s, 1e-6);
}

static void feed_second(const struct books *l, struct rng *g, uint32_t s)
{
    per_second[s] = s % 11 == 5 ? 0 : (unsigned)rng_below(g, PER_SECOND + 1);
    for (unsigned i = 0; i < per_second[s]; i++) {
        value_us[s][i] = 1 + rng_below(g, s % 5 == 0 ? 1000000 : 5000);
        struct sample x = sample_at(s + rng_unit(g) * 0.999, value_us[s][i]);
        x.endpoint = (uint16_t)(i % NAMES);
        x.fail = is_failure(s, i) ? FAIL_TIMEOUT : FAIL_NONE;
        gather_add(l->gather, &x);
    }
}

START_TEST(windows_are_what_their_seconds_hold)
{
    static const uint32_t width[SNAP_WINDOWS] = {1, 10, 60, SECONDS};
    struct books l = books_open(START, (enum snap_window)_i);
    struct rng g;

    rng_seed(&g, 21);
    assert_window(&l, 0, width[_i]);
    for (uint32_t s = 0; s < SECONDS; s++) {
        feed_second(&l, &g, s);
        assert_window(&l, s, width[_i]); /* the open second is in no window */
        ck_assert(!gather_is_due(l.gather, at(s + 1) + GRACE - 1));
        ck_assert(gather_is_due(l.gather, at(s + 1) + GRACE));
        gather_close(l.gather, at(s + 1) + GRACE, &idle);
        assert_window(&l, s + 1, width[_i]);
    }
    books_close(&l);
}
END_TEST

START_TEST(a_switched_window_is_right_at_once)
{
    static const uint32_t width[SNAP_WINDOWS] = {1, 10, 60, SECONDS};
    struct books l = books_open(START, SNAP_10S);
    struct rng g;

    rng_seed(&g, 22);
    for (uint32_t s = 0; s < SECONDS; s++) {
        feed_second(&l, &g, s);
        gather_close(l.gather, at(s + 1) + GRACE, &idle);
        enum snap_window w = (enum snap_window)rng_below(&g, SNAP_WINDOWS);
        aggregate_set_window(l.aggregate, w);
        assert_window(&l, s + 1, width[w]);
    }
    books_close(&l);
}
END_TEST

START_TEST(points_tell_each_second)
{
    struct books l = books_open(START, SNAP_10S);
    books_fill(&l, &snap);
    ck_assert_uint_eq(snap.n_points, 0);
    for (uint32_t s = 0; s < SNAP_POINTS + 20; s++) {
        for (uint32_t i = 0; i < s % 4; i++)
            add(&l, s + 0.5, 1000 * (i + 1));
        const struct gather_end m = {.now = {.users = s, .users_wanted = s + 1, .in_flight = 3}};
        gather_close(l.gather, at(s + 1) + GRACE, &m);
    }
    books_fill(&l, &snap);
    ck_assert_uint_eq(snap.n_points, SNAP_POINTS);
    for (uint32_t i = 0; i < snap.n_points; i++) {
        const struct snap_point *p = &snap.points[i];
        ck_assert_uint_eq(p->second, 20 + i);
        ck_assert_float_eq(p->rps, (float)(p->second % 4));
        ck_assert(p->idle == (p->second % 4 == 0));
        ck_assert(!p->gap);
        ck_assert_uint_eq(p->users, p->second);
        ck_assert_uint_eq(p->users_wanted, p->second + 1);
        ck_assert_uint_eq(p->in_flight, 3);
        ck_assert_uint_eq(p->max_us, 1000 * (p->second % 4));
    }
    books_close(&l);
}
END_TEST

/* Each second has its own latency, so that the points can be computed again. */
static uint64_t latency_in(uint32_t second)
{
    return 1000 + second % 977;
}

static void assert_past(uint32_t seconds)
{
    uint32_t end = 0;
    ck_assert_uint_gt(snap.n_past, 0);
    for (uint32_t i = 0; i < snap.n_past; i++) {
        const struct snap_point *p = &snap.past[i];
        uint64_t most = 0;
        ck_assert_uint_eq(p->second, end);
        end += p->seconds;
        for (uint32_t s = p->second; s < end; s++)
            most = latency_in(s) > most ? latency_in(s) : most;
        ck_assert_uint_eq(p->max_us, most);
        ck_assert_float_eq_tol(p->rps, 2, 1e-6f);
        ck_assert_uint_eq(p->users, end - 1);
        ck_assert(!p->gap && !p->idle && !p->no_latency);
    }
    ck_assert_uint_ge(end, snap.points[0].second); /* nothing is between the two */
    ck_assert_uint_le(end, seconds);
}

static const uint32_t lengths[] = {605, 4190, 4200, 4300, 30000, 60000};

START_TEST(the_whole_run_is_in_the_snapshot)
{
    uint32_t seconds = lengths[_i], widths[] = {10, 10, 60, 60, 120, 240};
    struct books l = books_open(START, SNAP_10S);
    for (uint32_t s = 0; s < seconds; s++) {
        const struct gather_end m = {.now = {.users = s}};
        add(&l, s + 0.5, latency_in(s));
        add(&l, s + 0.6, latency_in(s));
        gather_close(l.gather, at(s + 1) + GRACE, &m);
        if (s % 5000 == 4321) {
            books_fill(&l, &snap);
            assert_past(s + 1);
        }
    }
    books_fill(&l, &snap);
    assert_past(seconds);
    ck_assert_uint_eq(snap.past[0].seconds, widths[_i]);
    books_close(&l);
}
END_TEST

START_TEST(late_and_early_samples_still_count)
{
    struct books l = books_open(START, SNAP_ALL);
    add(&l, -5, 10); /* done before the start */
    gather_close(l.gather, at(3) + GRACE, &idle);
    add(&l, 0.5, 20);  /* its second is closed: counts in second 3 */
    add(&l, 4.2, 30);  /* open */
    add(&l, 12.5, 40); /* beyond the open seconds: closes up to 8 */
    books_fill(&l, &snap);
    ck_assert_uint_eq(snap.finished, 4);
    ck_assert_uint_eq(snap.n_points, 9);
    ck_assert_float_eq(snap.points[0].rps, 1);
    ck_assert_float_eq(snap.points[3].rps, 1);
    ck_assert_float_eq(snap.points[4].rps, 1);
    gather_finish(l.gather, at(13), &idle);
    books_fill(&l, &snap);
    ck_assert_uint_eq(snap.n_points, 13);
    ck_assert_float_eq(snap.points[12].rps, 1);
    ck_assert_uint_eq(snap.total.count, 4);
    books_close(&l);
}
END_TEST

static const struct {
    double ends_at, rps_of_last;
    uint32_t points;
} ends[] = {
    {2.0, 10, 2},  /* no rest */
    {2.75, 16, 3}, /* 12 requests in 0.75 s */
    {2.25, 10, 2}, /* too short for a point; its requests still count */
    {0.3, 0, 0},
};

START_TEST(the_last_second_is_drawn_honestly)
{
    double end = ends[_i].ends_at;
    struct books l = books_open(START, SNAP_ALL);
    for (unsigned i = 0; i < 20 && end > 2; i++)
        add(&l, i / 10.0, 100);
    for (unsigned i = 0; i < 12; i++)
        add(&l, end - 0.01, 100);
    uint64_t all = end > 2 ? 32 : 12;
    gather_finish(l.gather, at(end), &idle);
    books_fill(&l, &snap);
    ck_assert_uint_eq(snap.n_points, ends[_i].points);
    if (end > 2.0)
        ck_assert_float_eq_tol(snap.points[snap.n_points - 1].rps, (float)ends[_i].rps_of_last,
                               1e-3f);
    ck_assert_uint_eq(snap.total.count, all);
    ck_assert_uint_eq(snap.finished, all);
    ck_assert_double_eq_tol(snap.window_s, end, 1e-9);
    ck_assert_double_eq_tol(snap.rps, (double)all / end, 1e-6);
    books_close(&l);
}
END_TEST

/* 10 requests per second for 5 s, stopped from 5.25 to 60.5, then again 10 per second. */
START_TEST(a_stop_is_a_hole_and_no_dip)
{
    bool told_late = _i == 1; /* the seconds were closed before the gap was known */
    struct books l = books_open(START, SNAP_ALL);
    for (unsigned i = 0; i < 53; i++)
        add(&l, i / 10.0, 100);
    gather_close(l.gather, at(5) + GRACE, &idle);
    if (told_late)
        gather_close(l.gather, at(60.5), &idle);
    gather_gap(l.gather, at(5.25), at(60.5));
    books_fill(&l, &snap);
    for (unsigned i = 605; i < 630; i++)
        add(&l, i / 10.0, 100);
    gather_close(l.gather, at(63) + GRACE, &idle);
    books_fill(&l, &snap);
    ck_assert_uint_eq(snap.n_points, 63);
    for (uint32_t i = 0; i < snap.n_points; i++) {
        ck_assert(snap.points[i].gap == (i >= 5 && i < 60));
        if (i < 5 || i >= 60)
            ck_assert_float_eq_tol(snap.points[i].rps, 10, 1e-3f);
    }
    ck_assert_double_eq_tol(snap.window_s, 63 - 55.25, 1e-6);
    ck_assert_double_eq_tol(snap.rps, 78 / 7.75, 1e-6);
    aggregate_set_window(l.aggregate, SNAP_10S);
    books_fill(&l, &snap);
    ck_assert_double_eq_tol(snap.window_s, 2.5, 1e-6);
    ck_assert_double_eq_tol(snap.rps, 10, 1e-6);
    gather_finish(l.gather, at(63.5), &idle);
    books_fill(&l, &snap);
    books_close(&l);
}
END_TEST

START_TEST(each_new_kind_is_told_once_and_a_flood_of_statuses_is_bounded)
{
    struct books l = books_open(START, SNAP_10S);
    struct aggregate_alert a;
    struct sample s = sample_at(0.5, 100);
    unsigned told = 0;

    for (unsigned i = 0; i < 3; i++) {
        s.fail = FAIL_REFUSED;
        s.endpoint = 7;
        gather_add(l.gather, &s);
    }
    ck_assert(books_take_alert(&l, &a));
    ck_assert_uint_eq(a.fail, FAIL_REFUSED);
    ck_assert_uint_eq(a.endpoint, 7);
    ck_assert_double_eq_tol(a.at_s, 0.5, 1e-9);
    ck_assert(!books_take_alert(&l, &a));
    for (uint16_t status = 400; status < 600; status++) {
        s.fail = FAIL_STATUS;
        s.status = status;
        gather_add(l.gather, &s);
        told += books_take_alert(&l, &a);
    }
    ck_assert_uint_eq(told, 8);
    s.fail = 250; /* no such kind, no such endpoint: counted, never out of bounds */
    s.endpoint = 60000;
    gather_add(l.gather, &s);
    ck_assert(books_take_alert(&l, &a));
    ck_assert_uint_eq(a.fail, FAIL_OTHER);
    ck_assert_uint_eq(a.endpoint, SNAP_ENDPOINTS - 1);
    books_close(&l);
}
END_TEST

START_TEST(checks_and_captures_fail_under_their_names)
{
    static const struct {
        uint8_t fail;
        const char *name;
        unsigned times;
    } fails[] = {{FAIL_CHECK, "has ok", 3},
                 {FAIL_CHECK, "is fast", 2},
                 {FAIL_CAPTURE, "has ok", 1},
                 {FAIL_NO_VALUE, "", 4}};
    struct books l = books_open(START, SNAP_10S);
    struct sample s = sample_at(0.5, 100);
    for (size_t i = 0; i < sizeof fails / sizeof *fails; i++) {
        struct note n = {.fail = fails[i].fail, .detail = fail_detail(fails[i].name)};
        snprintf(n.text, sizeof n.text, "%s: text", fails[i].name);
        s.fail = fails[i].fail;
        s.detail = n.detail;
        for (unsigned k = 0; k < fails[i].times; k++)
            gather_add(l.gather, &s);
        gather_note(l.gather, &n);
    }
    gather_close(l.gather, at(2) + GRACE, &idle);
    books_fill(&l, &snap);
    ck_assert_uint_eq(snap.n_fails, 4);
    for (uint32_t i = 0; i < snap.n_fails; i++) {
        const struct snap_fail *f = &snap.fails[i];
        unsigned k = 0;
        char want[32];
        while (fails[k].fail != f->fail || fails[k].times != f->count)
            ck_assert_uint_lt(++k, 4);
        snprintf(want, sizeof want, "%s: text", fails[k].name);
        ck_assert_str_eq(f->text, want);
    }
    ck_assert_uint_eq(snap.failures, 6); /* no value: our own, as those of the machine */
    ck_assert_uint_eq(snap.client_failures, 4);
    uint64_t ours = 0;
    for (unsigned e = 0; e < SNAP_ENDPOINTS; e++)
        ours += snap.endpoints[e].client_failures;
    ck_assert_uint_eq(ours, 4);
    books_close(&l);
}
END_TEST

/* A target that refuses at once is not fast, and one that hangs is not slow in its replies. */
START_TEST(failures_are_in_no_latency_but_their_own)
{
    struct books l = books_open(START, SNAP_10S);
    static const uint64_t fails_us[] = {90, 90, 5000000};
    for (unsigned i = 0; i < 10; i++)
        add(&l, 0.5, 200000);
    for (unsigned i = 0; i < 3; i++) {
        struct sample s = sample_at(i < 2 ? 0.6 : 1.6, fails_us[i]);
        s.fail = i < 2 ? FAIL_REFUSED : FAIL_TIMEOUT;
        gather_add(l.gather, &s);
    }
    struct sample ours = sample_at(1.7, 77);
    ours.fail = FAIL_CLIENT_FDS;
    gather_add(l.gather, &ours);
    gather_close(l.gather, at(2) + GRACE, &idle);
    books_fill(&l, &snap);
    const struct snap_latency *ok[] = {&snap.window, &snap.total, &snap.endpoints[0].window,
                                       &snap.endpoints[0].total};
    const struct snap_latency *bad[] = {&snap.window_failed, &snap.total_failed,
                                        &snap.endpoints[0].window_failed,
                                        &snap.endpoints[0].total_failed};
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_uint_eq(ok[i]->count, 10);
        ck_assert_uint_eq(ok[i]->min_us, 200000);
        ck_assert_uint_eq(ok[i]->max_us, 200000);
        ck_assert_uint_eq(bad[i]->count, 3);
        ck_assert_uint_eq(bad[i]->p50_us, 90);
        ck_assert_uint_eq(bad[i]->max_us, 5000000);
    }
    ck_assert_uint_eq(snap.points[0].p50_us, 200000);
    ck_assert(!snap.points[0].no_latency);
    ck_assert(snap.points[1].no_latency && !snap.points[1].idle); /* nothing but failures */
    ck_assert_uint_eq(snap.points[1].max_us, 0);
    uint64_t bars = 0;
    for (uint32_t i = 0; i < snap.distribution_total.n_bars; i++)
        bars += snap.distribution_total.bars[i].count;
    ck_assert_uint_eq(bars, 10);
    books_close(&l);
}
END_TEST

static void add_reply(const struct books *l, uint16_t endpoint, uint16_t status, enum fail fail,
                      unsigned times)
{
    struct sample s = sample_at(0.5, 100);
    s.endpoint = endpoint;
    s.status = status;
    s.fail = fail;
    for (unsigned i = 0; i < times; i++)
        gather_add(l->gather, &s);
}

static void assert_statuses(const struct statuses *got, const unsigned (*want)[2], uint32_t n)
{
    ck_assert_uint_eq(got->n, n);
    for (uint32_t i = 0; i < n; i++) {
        ck_assert_uint_eq(got->code[i], want[i][0]);
        ck_assert_uint_eq(got->count[i], want[i][1]);
    }
    ck_assert_uint_eq(got->others, 0);
}

START_TEST(statuses_are_counted_whatever_became_of_the_reply)
{
    static const unsigned all[][2] = {{200, 10}, {201, 2}, {304, 1}, {429, 7}, {503, 4}},
                          first[][2] = {{200, 7}, {304, 1}, {429, 7}},
                          second[][2] = {{200, 3}, {201, 2}, {503, 4}};
    struct books l = books_open(START, SNAP_10S);
    for (int closed = 0; closed < 2; closed++) {
        if (closed == 0) {
            add_reply(&l, 0, 429, FAIL_NONE, 7); /* expected */
            add_reply(&l, 0, 200, FAIL_NONE, 6);
            add_reply(&l, 0, 200, FAIL_CUT_BODY, 1);
            add_reply(&l, 0, 304, FAIL_NONE, 1);
            add_reply(&l, 0, 0, FAIL_REFUSED, 5); /* no reply, no status */
            add_reply(&l, 1, 503, FAIL_STATUS, 4);
            add_reply(&l, 1, 201, FAIL_NONE, 2);
            add_reply(&l, 1, 200, FAIL_NONE, 3);
        } else {
            gather_close(l.gather, at(1) + GRACE, &idle);
        }
        books_fill(&l, &snap); /* in the open second, and in a closed one */
        assert_statuses(&snap.statuses, all, 5);
        assert_statuses(&snap.endpoints[0].statuses, first, 3);
        assert_statuses(&snap.endpoints[1].statuses, second, 3);
        assert_statuses(&snap.endpoints[2].statuses, NULL, 0);
    }
    books_close(&l);
}
END_TEST

START_TEST(a_target_that_makes_up_statuses_loses_no_count)
{
    struct books l = books_open(START, SNAP_10S);
    for (uint16_t status = 100; status < 1000; status++) {
        add_reply(&l, 0, status, FAIL_NONE, 2);
        if (status == 500)
            gather_close(l.gather, at(1) + GRACE, &idle);
    }
    books_fill(&l, &snap);
    const struct statuses *t = &snap.statuses;
    uint64_t sum = t->others;
    ck_assert_uint_eq(t->n, STATUSES_ROWS);
    for (uint32_t i = 0; i < t->n; i++) {
        ck_assert_uint_eq(t->code[i], 100 + i);
        sum += t->count[i];
    }
    ck_assert_uint_eq(sum, 1800);
    books_close(&l);
}
END_TEST

START_TEST(phases_and_intended_starts_are_kept)
{
    struct books l = books_open(START, SNAP_1S);
    struct sample s = sample_at(0.5, 1000);
    s.flags = SAMPLE_NEW_CONNECTION;
    s.connect_us = 300;
    s.tls_us = 500;
    s.first_byte_us = 900;
    gather_add(l.gather, &s);
    struct sample bad = s; /* its phases are no part of a latency */
    bad.fail = FAIL_STATUS;
    bad.connect_us = bad.tls_us = bad.first_byte_us = 7;
    gather_add(l.gather, &bad);
    s.flags = SAMPLE_INTENDED_START;
    s.due_ns = s.done_ns - 4000000;
    s.first_byte_us = 700;
    gather_add(l.gather, &s);
    gather_close(l.gather, at(1) + GRACE, &idle);
    books_fill(&l, &snap);
    ck_assert_double_eq_tol(snap.connect_us, 300, 1e-9);
    ck_assert_double_eq_tol(snap.tls_us, 500, 1e-9);
    ck_assert_double_eq_tol(snap.first_byte_us, 800, 1e-9);
    ck_assert_uint_eq(snap.connections, 2);
    ck_assert_uint_eq(snap.window.min_us, 1000);
    ck_assert_uint_eq(snap.window.max_us, 4000);
    books_close(&l);
}
END_TEST

START_TEST(distributions_count_everything)
{
    struct hist h;
    struct rng g;
    struct snap_distribution d;
    static const uint64_t ranges[] = {1, 3, 100, 20000, 3000000, 7200000000};

    rng_seed(&g, 4);
    hist_init(&h);
    distribution_fill(&h, &d);
    ck_assert_uint_eq(d.n_bars + d.n_spectrum, 0);
    for (unsigned i = 0; i < 1000; i++)
        hist_record(&h, rng_below(&g, ranges[_i]) + (_i % 2 == 0 ? 0 : 777));
    distribution_fill(&h, &d);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < d.n_bars; i++) {
        sum += d.bars[i].count;
        ck_assert_uint_le(d.bars[i].low_us, d.bars[i].high_us);
        if (i > 0)
            ck_assert_uint_eq(d.bars[i].low_us, d.bars[i - 1].high_us + 1);
    }
    ck_assert_uint_eq(sum, 1000);
    ck_assert_uint_le(d.n_bars, SNAP_BARS);
    ck_assert_uint_eq(d.bars[0].low_us, h.min_us);
    ck_assert_uint_eq(d.bars[d.n_bars - 1].high_us, h.max_us);
    for (uint32_t i = 0; i < d.n_spectrum; i++) {
        ck_assert_uint_eq(d.spectrum[i].above, hist_count_above(&h, d.spectrum[i].us));
        if (i > 0)
            ck_assert_double_gt(d.spectrum[i].percentile, d.spectrum[i - 1].percentile);
    }
    ck_assert_uint_eq(d.spectrum[d.n_spectrum - 1].us, h.max_us);
    ck_assert_uint_eq(d.spectrum[d.n_spectrum - 1].above, 0);
    hist_finish(&h);
}
END_TEST

/* A healthy generator says nothing; each trouble is one sentence. */
static void set_trouble(int which)
{
    memset(&snap, 0, sizeof snap);
    snap.health = (struct snap_health){.workers = 2, .cores = 4, .fd_limit = 100};
    snap.health.cpu_percent = which == 6 ? 361 : 359;
    snap.window = (struct snap_latency){.count = 100, .p99_us = 40000};
    snap.health.worker_cpu[1] = which == 1 ? 97 : 84;
    snap.health.lag_p99_ms = which == 2 || which == 7 ? 2.1 : 2.0;
    snap.health.lag_count = which == 7 ? 367 : 368; /* a p99 of fewer says nothing */
    snap.health.ring_lost = which == 3 ? 12 : 0;
    snap.health.open_fds = which == 4 ? 91 : 90;
    if (which == 5) {
        snap.n_fails = 1;
        snap.fails[0] = (struct snap_fail){.fail = FAIL_CLIENT_PORTS, .count = 3};
    }
    if (which == 8) { /* the profile's matter, not the machine's */
        snap.n_fails = 2;
        snap.fails[0] = (struct snap_fail){.fail = FAIL_NO_VALUE, .count = 3};
        snap.fails[1] = (struct snap_fail){.fail = FAIL_CLIENT_FILE, .count = 3};
    }
}

START_TEST(warnings_come_in_words)
{
    static const char *const words[] = {NULL,
                                        "worker 1 uses 97 % of a core",
                                        "1 in 100 requests by",
                                        "12 samples were lost",
                                        "near their limit: 91 of 100",
                                        "3 requests failed on this side",
                                        "uses 361 % of the 4 cores",
                                        NULL,
                                        NULL};
    set_trouble(_i);
    health_warn(&snap);
    ck_assert_uint_eq(snap.health.n_warnings, words[_i] == NULL ? 0 : 1);
    if (words[_i] == NULL)
        return;
    const char *w = snap.health.warnings[0];
    ck_assert_msg(strstr(w, words[_i]) != NULL, "%s", w);
    ck_assert_int_eq(w[strlen(w) - 1], '.');
}
END_TEST

int main(void)
{
    Suite *s = suite_create("aggregate");
    TCase *tc = tcase_create("aggregate");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, windows_are_what_their_seconds_hold, 0, SNAP_WINDOWS);
    tcase_add_test(tc, a_switched_window_is_right_at_once);
    tcase_add_test(tc, points_tell_each_second);
    tcase_add_loop_test(tc, the_whole_run_is_in_the_snapshot, 0,
                        UNIT_TSAN ? 3 : sizeof lengths / sizeof *lengths);
    tcase_add_test(tc, late_and_early_samples_still_count);
    tcase_add_loop_test(tc, the_last_second_is_drawn_honestly, 0, sizeof ends / sizeof *ends);
    tcase_add_loop_test(tc, a_stop_is_a_hole_and_no_dip, 0, 2);
    tcase_add_test(tc, each_new_kind_is_told_once_and_a_flood_of_statuses_is_bounded);
    tcase_add_test(tc, checks_and_captures_fail_under_their_names);
    tcase_add_test(tc, failures_are_in_no_latency_but_their_own);
    tcase_add_test(tc, statuses_are_counted_whatever_became_of_the_reply);
    tcase_add_test(tc, a_target_that_makes_up_statuses_loses_no_count);
    tcase_add_test(tc, phases_and_intended_starts_are_kept);
    tcase_add_loop_test(tc, distributions_count_everything, 0, 6);
    tcase_add_loop_test(tc, warnings_come_in_words, 0, 9);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
