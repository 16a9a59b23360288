/* SPDX-License-Identifier: MIT */
/* The finished second is the currency: whoever books a run's seconds has its figures, be they
 * handed on, stored as bytes, or merged from several generators. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/base/rng.h"
#include "src/stats/bursts.h"
#include "src/stats/snapshot_make.h"
#include "tests/unit/stats/books.h"
#include "tests/unit/stats/second_fixture.h"
#include "tests/unit/stats/snap_same.h"
#include "tests/unit/unit.h"

#define START (1000 * NS_PER_S)
#define GRACE (GATHER_GRACE_MS * NS_PER_MS)

enum { SECONDS = UNIT_TSAN ? 40 : 150, MACHINES = 3, ENDPOINTS = 5, CLASSES = 3 };

static struct snap_name names[SNAP_ENDPOINTS];
static struct snapshot seen, booked;
static unsigned bursts_seen;

static uint64_t at(double second)
{
    return START + (uint64_t)(second * 1e9);
}

/* ------------------------------------------------------------------ a made-up run */

static enum fail any_fail(struct rng *g)
{
    static const enum fail fails[] = {FAIL_STATUS, FAIL_TIMEOUT,    FAIL_REFUSED,
                                      FAIL_CHECK,  FAIL_CLIENT_FDS, FAIL_NO_VALUE};
    return rng_below(g, 8) > 0 ? FAIL_NONE : fails[rng_below(g, sizeof fails / sizeof *fails)];
}

static struct sample any_sample(struct rng *g, uint32_t second, uint16_t burst)
{
    static const uint16_t good[] = {200, 200, 200, 201, 304}, bad[] = {404, 500, 503};
    struct sample s = {.done_ns = at(second + 0.999 * rng_unit(g)),
                       .endpoint = (uint16_t)rng_below(g, ENDPOINTS),
                       .fail = (uint8_t)any_fail(g),
                       .bytes_in = (uint32_t)rng_below(g, 5000),
                       .bytes_out = (uint32_t)rng_below(g, 500),
                       .lag_us = (uint32_t)rng_below(g, 3000),
                       .burst = burst};
    s.sent_ns = s.done_ns - rng_below(g, rng_below(g, 9) == 0 ? 900000000 : 5000000);
    s.due_ns = s.sent_ns - rng_below(g, 1000000);
    if (s.fail == FAIL_NONE || s.fail == FAIL_CHECK)
        s.status = good[rng_below(g, 5)];
    if (s.fail == FAIL_STATUS)
        s.status = bad[rng_below(g, 3)];
    if (s.fail == FAIL_CHECK)
        s.detail = (uint16_t)(1 + rng_below(g, 2));
    if (s.status != 0)
        s.first_byte_us = (uint32_t)rng_below(g, 4000);
    if (rng_below(g, 5) == 0) {
        s.flags = SAMPLE_NEW_CONNECTION;
        s.dns_us = (uint32_t)rng_below(g, 100);
        s.connect_us = (uint32_t)rng_below(g, 800);
        s.tls_us = (uint32_t)rng_below(g, 2000);
    }
    if (second % 20 > 15 && rng_below(g, 3) > 0) /* as a generator of arrivals would */
        s.flags |= SAMPLE_INTENDED_START;
    return s;
}

static struct note note_of(const struct sample *s)
{
    struct note n = {.at_ns = s->done_ns,
                     .endpoint = s->endpoint,
                     .status = s->status,
                     .detail = s->detail,
                     .fail = s->fail};
    /* The same for all of its row: which example stays depends on who merges. */
    snprintf(n.text, sizeof n.text, "kind %u, status %u, name %u", s->fail,
             s->fail == FAIL_STATUS ? s->status : 0, s->detail);
    return n;
}

/* What one machine says of itself at the end of a second. */
static struct gather_end any_end(struct rng *g, uint32_t second)
{
    static uint32_t users[CLASSES];
    for (unsigned i = 0; i < CLASSES; i++)
        users[i] = (uint32_t)rng_below(g, 30);
    struct gather_end e = {.n_classes = CLASSES,
                           .class_users = users,
                           .now = {.users = (uint32_t)rng_below(g, 100),
                                   .users_wanted = 100,
                                   .users_peak = 100 + second,
                                   .in_flight = (uint32_t)rng_below(g, 50),
                                   .oldest_ns = rng_below(g, NS_PER_S),
                                   .started = second * UINT64_C(1000),
                                   .aborted = second / 10,
                                   .given_up = second / 20,
                                   .given_up_ns = second * NS_PER_MS,
                                   .sent_again = second / 15,
                                   .cut_short = second / 30,
                                   .elapsed_ns = (second + 1) * NS_PER_S + GRACE,
                                   .load_ns = (second + 1) * NS_PER_S,
                                   .drain_ns = second * NS_PER_MS,
                                   .rate_ns = (second + 1) * NS_PER_S,
                                   .left_out_ns = second * NS_PER_MS},
                           .health = {.known = true,
                                      .span_ns = NS_PER_S,
                                      .cpu_ns = rng_below(g, NS_PER_S),
                                      .n_workers = 1,
                                      .worker_cpu_ns = {rng_below(g, NS_PER_S)},
                                      .millicores = 2000,
                                      .loop_max_us = (uint32_t)rng_below(g, 10000),
                                      .ring_ppm = (uint32_t)rng_below(g, 1000000),
                                      .ring_lost = second % 50 == 0,
                                      .open_fds = 10 + rng_below(g, 10),
                                      .fd_limit = 1024,
                                      .rss_bytes = rng_below(g, 1 << 20)}};
    return e;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* What a machine with the workers of both would say. */
static void join_ends(struct gather_end *sum, const struct gather_end *e)
{
    sum->now.users += e->now.users;
    sum->now.users_wanted += e->now.users_wanted;
    sum->now.users_peak += e->now.users_peak;
    sum->now.in_flight += e->now.in_flight;
    sum->now.oldest_ns = most(sum->now.oldest_ns, e->now.oldest_ns);
    sum->now.started += e->now.started;
    sum->now.aborted += e->now.aborted;
    sum->now.given_up += e->now.given_up;
    sum->now.sent_again += e->now.sent_again;
    sum->now.cut_short += e->now.cut_short;
    sum->health.cpu_ns += e->health.cpu_ns;
    sum->health.worker_cpu_ns[sum->health.n_workers++] = e->health.worker_cpu_ns[0];
    sum->health.millicores += e->health.millicores;
    sum->health.loop_max_us = (uint32_t)most(sum->health.loop_max_us, e->health.loop_max_us);
    sum->health.ring_ppm = (uint32_t)most(sum->health.ring_ppm, e->health.ring_ppm);
    sum->health.ring_lost += e->health.ring_lost;
    sum->health.open_fds = most(sum->health.open_fds, e->health.open_fds);
    sum->health.rss_bytes += e->health.rss_bytes;
}

/* ------------------------------------------------------ who listens, and books too */

/* Books each second that it is lent: as it is, or as its bytes say. */
struct follower {
    struct aggregate *aggregate;
    bool by_bytes;
    uint32_t seconds;
};

static void follow(const struct second *s, void *arg)
{
    struct follower *f = arg;
    struct second own;
    struct buf bytes = {0};
    struct err e;
    if (f->by_bytes) {
        second_write(s, &bytes);
        ck_assert_msg(second_read(bytes.data, bytes.len, &own, &e), "%s", e.text);
        ck_assert_ptr_null(second_difference(s, &own));
    } else {
        second_copy(&own, s);
    }
    ck_assert(aggregate_add(f->aggregate, &own));
    second_finish(&own);
    buf_finish(&bytes);
    f->seconds++;
}

/* One machine's seconds, until they are merged. */
struct machine {
    struct gather *gather;
    struct second kept[GATHER_OPEN + SECONDS];
    uint32_t n;
};

static void keep(const struct second *s, void *arg)
{
    struct machine *m = arg;
    second_copy(&m->kept[m->n++], s);
}

static void assert_same(struct aggregate *a, struct aggregate *b, uint32_t second)
{
    struct snapshot_parts parts = {.aggregate = a, .names = names, .n_names = ENDPOINTS};
    snapshot_make(&seen, &parts);
    parts.aggregate = b;
    snapshot_make(&booked, &parts);
    const char *differs = snap_difference(&seen, &booked);
    ck_assert_msg(differs == NULL, "second %u: %s", second, differs);
}

static void assert_same_bursts(const struct aggregate *a, const struct aggregate *b, uint16_t n)
{
    struct burst_figures x, y;
    aggregate_burst(a, NULL, n, &x);
    aggregate_burst(b, NULL, n, &y);
    bursts_seen += x.requests > 0;
    ck_assert_mem_eq(&x, &y, sizeof x);
}

static void name_endpoints(void)
{
    memset(&seen, 0, sizeof seen);
    memset(&booked, 0, sizeof booked);
    bursts_seen = 0;
    for (unsigned i = 0; i < ENDPOINTS; i++) {
        snprintf(names[i].method, sizeof names[i].method, "GET");
        snprintf(names[i].name, sizeof names[i].name, "/%u", i);
    }
}

static struct snap_mark mark_at(uint32_t second, char letter)
{
    struct snap_mark m = {.at_s = second + 0.25, .kind = SNAP_MARK_LOAD, .letter = letter};
    snprintf(m.text, sizeof m.text, "users %u", second);
    return m;
}

static uint16_t burst_of(uint32_t second)
{
    return second % 10 < 2 ? (uint16_t)(1 + second / 10) : 0;
}

/* ------------------------------------------------------------------------- tests */

/* Stops of the program, told in time and too late, and a change of the knob. */
static void disturb(struct books *b, uint32_t second)
{
    struct snap_mark m = mark_at(second, '+');
    if (second % 40 == 20)
        gather_gap(b->gather, at(second + 0.3), at(second + 1.1));
    if (second % 40 == 30)
        gather_gap(b->gather, at(second - 2.5), at(second - 1.2));
    if (second % 7 == 0) {
        gather_mark(b->gather, &m);
        aggregate_mark(b->aggregate, &m);
        snprintf(m.text, sizeof m.text, "users %u, turned on", second);
        gather_mark(b->gather, &m);
        aggregate_mark(b->aggregate, &m);
    }
}

static void feed_second(struct gather *gather, struct rng *g, uint32_t second)
{
    unsigned n = second % 11 == 5 ? 0 : (unsigned)rng_below(g, 60);
    for (unsigned i = 0; i < n; i++) {
        struct sample s = any_sample(g, second, burst_of(second));
        struct note note = note_of(&s);
        gather_add(gather, &s);
        if (s.fail != FAIL_NONE && i % 2 == 0)
            gather_note(gather, &note);
    }
    if (second % 50 == 49) { /* a stamp far ahead closes seconds before their time */
        struct sample s = any_sample(g, second + GATHER_OPEN, 0);
        gather_add(gather, &s);
    }
}

START_TEST(who_books_the_seconds_has_the_figures)
{
    struct books live = books_open(START, SNAP_10S);
    struct follower f = {.aggregate = aggregate_create(SNAP_10S), .by_bytes = _i == 1};
    uint32_t tls_seconds = 0;
    struct rng g;

    name_endpoints();
    gather_listen(live.gather, follow, &f);
    rng_seed(&g, 51);
    for (uint32_t s = 0; s < SECONDS; s++) {
        struct gather_end end = any_end(&g, s);
        disturb(&live, s);
        feed_second(live.gather, &g, s);
        gather_close(live.gather, at(s + 1) + GRACE, &end);
        enum snap_window w = (enum snap_window)rng_below(&g, SNAP_WINDOWS);
        aggregate_set_window(live.aggregate, w);
        aggregate_set_window(f.aggregate, w);
        assert_same(live.aggregate, f.aggregate, s);
        tls_seconds += seen.tls_us > 0;
        if (burst_of(s) != 0)
            assert_same_bursts(live.aggregate, f.aggregate, burst_of(s));
    }
    struct gather_end end = any_end(&g, SECONDS);
    feed_second(live.gather, &g, SECONDS);
    gather_finish(live.gather, at(SECONDS + 0.7), &end);
    assert_same(live.aggregate, f.aggregate, SECONDS);
    ck_assert_uint_gt(f.seconds, SECONDS);
    ck_assert_uint_gt(seen.n_fails, 6); /* it was a run with all that can be */
    ck_assert_uint_gt(seen.n_marks, 6);
    ck_assert_uint_eq(seen.statuses.n, 6);
    ck_assert_uint_gt(seen.client_failures, 0);
    ck_assert_uint_gt(tls_seconds, SECONDS / 4);
    ck_assert_uint_gt(bursts_seen, SECONDS / 10);
    aggregate_destroy(f.aggregate);
    books_close(&live);
}
END_TEST

/* The published snapshot, with what open seconds hold, ends as the booked seconds say. */
START_TEST(nothing_of_the_open_seconds_is_lost_or_doubled)
{
    struct books live = books_open(START, SNAP_ALL);
    struct follower f = {.aggregate = aggregate_create(SNAP_ALL)};
    struct snapshot_parts parts = {.names = names, .n_names = ENDPOINTS};
    struct gather_end end = {.now = {.users = 3}};
    struct second open;
    struct rng g;

    name_endpoints();
    gather_listen(live.gather, follow, &f);
    rng_seed(&g, 52);
    for (uint32_t s = 0; s < 20; s++) {
        feed_second(live.gather, &g, s);
        if (s == 19)
            gather_finish(live.gather, at(20), &end);
        else if (s % 3 == 0)
            gather_close(live.gather, at(s) + GRACE, &end);
        parts.aggregate = live.aggregate;
        gather_look(live.gather, &open);
        parts.open = &open;
        parts.now = &end.now;
        snapshot_make(&seen, &parts);
        second_finish(&open);
    }
    parts = (struct snapshot_parts){.aggregate = f.aggregate, .names = names, .n_names = ENDPOINTS};
    snapshot_make(&booked, &parts);
    ck_assert_uint_gt(seen.finished, 100);
    const char *differs = snap_difference(&seen, &booked);
    ck_assert_msg(differs == NULL, "%s", differs);
    aggregate_destroy(f.aggregate);
    books_close(&live);
}
END_TEST

static void feed_machines(struct books *all, struct machine *m, struct rng *g, uint32_t second)
{
    unsigned n = (unsigned)rng_below(g, 90);
    for (unsigned i = 0; i < n; i++) {
        struct sample s = any_sample(g, second, burst_of(second));
        struct gather *own = m[rng_below(g, MACHINES)].gather;
        struct note note = note_of(&s);
        gather_add(all->gather, &s);
        gather_add(own, &s);
        if (s.fail != FAIL_NONE) {
            gather_note(all->gather, &note);
            gather_note(own, &note);
        }
    }
}

static void close_machines(struct books *all, struct machine *m, struct rng *g, uint32_t second)
{
    uint32_t users[CLASSES] = {0};
    struct gather_end sum = {0};
    uint64_t now = at(second + 1) + GRACE;
    for (unsigned i = 0; i < MACHINES; i++) {
        struct gather_end end = any_end(g, second);
        gather_close(m[i].gather, now, &end);
        for (unsigned k = 0; k < CLASSES; k++)
            users[k] += end.class_users[k];
        if (i == 0)
            sum = end;
        else
            join_ends(&sum, &end);
    }
    sum.class_users = users;
    gather_close(all->gather, now, &sum);
}

static int by_kind(const void *x, const void *y)
{
    const struct second_fail *a = x, *b = y;
    int order = a->endpoint - b->endpoint;
    order = order != 0 ? order : a->fail - b->fail;
    order = order != 0 ? order : a->status - b->status;
    return order != 0 ? order : a->detail - b->detail;
}

/* Rows of failures and statuses are in the order in which they came, which nobody can tell
 * of several machines. */
static void sort_rows(struct second *s)
{
    if (s->n_fails > 1)
        qsort(s->fails, s->n_fails, sizeof *s->fails, by_kind);
    for (uint32_t i = 0; i < s->n_endpoints; i++)
        statuses_sort(&s->endpoints[i].statuses);
}

START_TEST(three_generators_merged_are_the_one_that_saw_all)
{
    struct books all = books_open(START, SNAP_60S);
    struct aggregate *merged = aggregate_create(SNAP_60S);
    struct machine *m = mem_array(MACHINES + 1, sizeof *m), *one = &m[MACHINES];
    struct rng g;

    name_endpoints();
    rng_seed(&g, 53);
    gather_listen(all.gather, keep, one);
    for (unsigned i = 0; i < MACHINES; i++) {
        m[i].gather = gather_create(START, 0);
        gather_listen(m[i].gather, keep, &m[i]);
    }
    for (uint32_t s = 0; s < SECONDS; s++) {
        if (s % 40 == 20) { /* all of them stood still */
            gather_gap(all.gather, at(s + 0.3), at(s + 1.1));
            for (unsigned i = 0; i < MACHINES; i++)
                gather_gap(m[i].gather, at(s + 0.3), at(s + 1.1));
        }
        struct snap_mark mark = mark_at(s, '#');
        if (s % 9 == 0) {
            gather_mark(all.gather, &mark);
            gather_mark(m[s % MACHINES].gather, &mark);
        }
        feed_machines(&all, m, &g, s);
        close_machines(&all, m, &g, s);
        struct second sum;
        second_copy(&sum, &m[0].kept[s]);
        second_merge(&sum, &m[1].kept[s]);
        second_merge(&sum, &m[2].kept[s]);
        sort_rows(&sum);
        sort_rows(&one->kept[s]);
        const char *differs = second_difference(&sum, &one->kept[s]);
        ck_assert_msg(differs == NULL, "second %u: %s", s, differs);
        ck_assert(aggregate_add(merged, &sum));
        second_finish(&sum);
        assert_same(all.aggregate, merged, s);
        if (burst_of(s) != 0)
            assert_same_bursts(all.aggregate, merged, burst_of(s));
    }
    for (unsigned i = 0; i <= MACHINES; i++) {
        gather_destroy(m[i].gather);
        for (uint32_t k = 0; k < m[i].n; k++)
            second_finish(&m[i].kept[k]);
    }
    free(m);
    aggregate_destroy(merged);
    books_close(&all);
}
END_TEST

static const struct second_endpoint *closed_endpoint(const struct machine *m, uint16_t id)
{
    for (uint32_t i = 0; i < m->kept[0].n_endpoints; i++)
        if (m->kept[0].endpoints[i].endpoint == id)
            return &m->kept[0].endpoints[i];
    ck_abort_msg("endpoint %u is not there", id);
}

static void assert_one(const struct hist_sparse *h, uint64_t us)
{
    ck_assert_uint_eq(h->count, us > 0);
    ck_assert_uint_eq(h->sum_us, us);
}

/* A request on a kept connection whose intended start is the real one, one on a new connection
 * that was sent late, and one that had no reply. */
START_TEST(an_endpoint_has_the_times_that_happened)
{
    struct machine *m = mem_array(1, sizeof *m);
    const struct gather_end end = {.now = {.users = 1}};
    const struct sample kept = {.due_ns = at(0.1),
                                .sent_ns = at(0.1),
                                .done_ns = at(0.1) + 900000,
                                .status = 200,
                                .first_byte_us = 800,
                                .flags = SAMPLE_INTENDED_START};
    struct sample fresh = kept, silent = kept;
    fresh.endpoint = 1;
    fresh.due_ns -= 3 * NS_PER_MS;
    fresh.flags |= SAMPLE_NEW_CONNECTION;
    fresh.dns_us = 10;
    fresh.connect_us = 20;
    fresh.tls_us = 30;
    silent.endpoint = 2;
    silent.flags = SAMPLE_NEW_CONNECTION;
    silent.fail = FAIL_TIMEOUT;
    silent.status = 0;
    m->gather = gather_create(START, 0);
    gather_listen(m->gather, keep, m);
    gather_add(m->gather, &kept);
    gather_add(m->gather, &fresh);
    gather_add(m->gather, &silent);
    gather_close(m->gather, at(1) + GRACE, &end);
    const struct second_endpoint *e = closed_endpoint(m, 0);
    assert_one(&e->service.ok, 900);
    assert_one(&e->response.ok, 0);
    assert_one(&e->phases[PHASE_FIRST_BYTE], 800);
    assert_one(&e->phases[PHASE_CONNECT], 0);
    ck_assert_uint_eq(e->connections, 0);
    e = closed_endpoint(m, 1);
    assert_one(&e->service.ok, 900);
    assert_one(&e->response.ok, 3900);
    assert_one(&e->phases[PHASE_DNS], 10);
    assert_one(&e->phases[PHASE_CONNECT], 20);
    assert_one(&e->phases[PHASE_TLS], 30);
    assert_one(&e->phases[PHASE_FIRST_BYTE], 800);
    ck_assert_uint_eq(e->connections, 1);
    e = closed_endpoint(m, 2);
    assert_one(e->service.failed, 900);
    assert_one(&e->phases[PHASE_CONNECT], 0);
    assert_one(&e->phases[PHASE_FIRST_BYTE], 0);
    ck_assert_uint_eq(e->connections, 1);
    ck_assert_uint_eq(e->timeouts, 1);
    ck_assert_uint_eq(e->failures, 1);
    gather_destroy(m->gather);
    second_finish(&m->kept[0]);
    free(m);
}
END_TEST

/* Seconds of somebody else may come twice, out of order, or with holes between. */
START_TEST(numbers_of_seconds_may_be_anything)
{
    struct aggregate *a = aggregate_create(SNAP_10S);
    struct second_gap far = {.from_ns = 0, .to_ns = UINT64_MAX};
    struct second s = {.number = 5, .length_ns = NS_PER_S, .n_gaps = 1, .gaps = {far}};
    ck_assert(aggregate_add(a, &s));
    ck_assert(!aggregate_add(a, &s));
    s.number = 4;
    ck_assert(!aggregate_add(a, &s));
    s.number = 4000000000;
    ck_assert(aggregate_add(a, &s));
    s.number = UINT32_MAX;
    ck_assert(!aggregate_add(a, &s));
    aggregate_fill(a, NULL, &seen);
    ck_assert_uint_eq(seen.n_points, 1);
    aggregate_set_window(a, SNAP_60S);
    aggregate_fill(a, NULL, &seen);
    aggregate_destroy(a);
}
END_TEST

START_TEST(more_kinds_of_failure_than_rows_lose_no_count)
{
    struct books b = books_open(START, SNAP_10S);
    struct second open;
    uint64_t sum = 0;
    for (unsigned i = 0; i < 1000; i++) {
        struct sample s = {.sent_ns = START,
                           .done_ns = at(0.5),
                           .fail = FAIL_CHECK,
                           .detail = (uint16_t)(i + 1),
                           .endpoint = (uint16_t)(i % 300)};
        gather_add(b.gather, &s);
    }
    gather_look(b.gather, &open);
    ck_assert_uint_eq(open.n_fails, SECOND_FAILS);
    for (uint32_t i = 0; i < open.n_fails; i++)
        sum += open.fails[i].count;
    ck_assert_uint_eq(sum, 1000);
    ck_assert_uint_eq(open.fails[SECOND_FAILS - 1].fail, FAIL_OTHER);
    second_finish(&open);
    books_close(&b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("gather");
    TCase *tc = tcase_create("gather");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, who_books_the_seconds_has_the_figures, 0, 2);
    tcase_add_test(tc, nothing_of_the_open_seconds_is_lost_or_doubled);
    tcase_add_test(tc, three_generators_merged_are_the_one_that_saw_all);
    tcase_add_test(tc, an_endpoint_has_the_times_that_happened);
    tcase_add_test(tc, numbers_of_seconds_may_be_anything);
    tcase_add_test(tc, more_kinds_of_failure_than_rows_lose_no_count);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
