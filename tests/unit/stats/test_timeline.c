/* SPDX-License-Identifier: MIT */
/* The timeline: whatever is merged adds up, for every tier, and memory has a bound. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/rng.h"
#include "src/stats/timeline.h"
#include "tests/unit/stats/hist_record.h"
#include "tests/unit/unit.h"

#define ENDPOINTS 3
#define PER_PART 12 /* values of one endpoint in one second, at most */

/* The raw values of a run, to compute everything again. */
struct raw {
    uint32_t seconds;
    struct {
        uint32_t n[ENDPOINTS];
        uint32_t us[ENDPOINTS][PER_PART];
    } * at;
};

static struct latencies work;

/* Every third value is that of a failure. */
static void record_raw(struct latencies *l, uint32_t i, uint32_t us)
{
    struct hist *h = i % 3 == 2 ? &l->failed : &l->ok;
    if (h->buckets == NULL)
        hist_init(h);
    hist_record(h, us);
}

/* Makes second s out of its raw values and hands it over. */
static void add_second(struct timeline *t, const struct raw *raw, uint32_t s)
{
    struct timeline_slot slot = {.point = {.second = s, .seconds = 1, .covered_ns = 1000000000}};
    slot.shares = calloc(ENDPOINTS, sizeof *slot.shares);
    for (uint16_t e = 0; e < ENDPOINTS; e++) {
        uint32_t n = raw->at[s].n[e];
        if (n == 0)
            continue;
        latencies_clear(&work);
        for (uint32_t i = 0; i < n; i++)
            record_raw(&work, i, raw->at[s].us[e][i]);
        struct timeline_share *p = &slot.shares[slot.n_shares++];
        *p = (struct timeline_share){
            .endpoint = e, .requests = n, .failures = n / 3, .bytes_in = n * 100u};
        latencies_pack(&work, &p->latencies);
        ck_assert((p->latencies.failed != NULL) == (n >= 3));
        slot.point.requests += n;
        slot.point.failures += n / 3;
        slot.point.bytes_in += n * 100u;
        slot.point.succeeded += n - n / 3;
    }
    slot.point.users = s;
    timeline_add(t, &slot);
}

static struct raw raw_create(uint32_t seconds, uint64_t seed)
{
    struct raw raw = {.seconds = seconds, .at = calloc(seconds, sizeof *raw.at)};
    struct rng g;
    rng_seed(&g, seed);
    for (uint32_t s = 0; s < seconds; s++)
        for (unsigned e = 0; e < ENDPOINTS; e++) {
            raw.at[s].n[e] = s % 7 == 3 ? 0 : (uint32_t)rng_below(&g, PER_PART + 1);
            for (uint32_t i = 0; i < raw.at[s].n[e]; i++)
                raw.at[s].us[e][i] = (uint32_t)rng_below(&g, 1 + (1u << (6 + s % 20)));
        }
    return raw;
}

static void assert_same(const struct hist *got, const struct hist *want)
{
    ck_assert_uint_eq(got->count, want->count);
    if (want->count == 0)
        return;
    ck_assert_uint_eq(got->sum_us, want->sum_us);
    ck_assert_uint_eq(got->min_us, want->min_us);
    ck_assert_uint_eq(got->max_us, want->max_us);
    ck_assert_mem_eq(got->buckets, want->buckets, HIST_BUCKETS * sizeof *got->buckets);
}

/* A range merged by the timeline is what its raw values give. */
static void assert_range(const struct timeline *t, const struct raw *raw, uint32_t from,
                         uint32_t to, uint16_t endpoint)
{
    struct latencies got = {0}, want = {0};
    struct timeline_point sum;
    uint64_t requests = 0, failures = 0;

    ck_assert(timeline_merge(t, from, to, endpoint, &got, &sum));
    ck_assert_uint_le(sum.second, from);
    uint32_t end = sum.second + sum.seconds;
    ck_assert_uint_ge(end, to < timeline_end(t) ? to : timeline_end(t));
    for (uint32_t s = sum.second; s < end; s++)
        for (uint16_t e = 0; e < ENDPOINTS; e++) {
            if (endpoint != TIMELINE_ALL && e != endpoint)
                continue;
            for (uint32_t i = 0; i < raw->at[s].n[e]; i++)
                record_raw(&want, i, raw->at[s].us[e][i]);
            requests += raw->at[s].n[e];
            failures += raw->at[s].n[e] / 3;
        }
    ck_assert_uint_eq(sum.requests, requests);
    ck_assert_uint_eq(sum.succeeded, requests - failures);
    ck_assert_uint_eq(sum.failures, failures);
    ck_assert_uint_eq(sum.bytes_in, requests * 100);
    ck_assert_uint_eq(sum.covered_ns, UINT64_C(1000000000) * sum.seconds);
    ck_assert_uint_eq(sum.users, end - 1);
    assert_same(&got.ok, &want.ok);
    assert_same(&got.failed, &want.failed);
    ck_assert_uint_eq(sum.p99_us, want.ok.count > 0 ? hist_quantile(&want.ok, 0.99) : 0);
    latencies_finish(&got);
    latencies_finish(&want);
}

static const struct timeline_sizes small = {
    .fine_slots = 20, .middle_s = 5, .middle_slots = 8, .coarse_s = 20, .coarse_slots = 6};

START_TEST(merges_equal_the_sum_of_their_parts)
{
    enum { SECONDS = 1300 };
    struct raw raw = raw_create(SECONDS, 1);
    struct timeline *t = timeline_create(&small);
    struct rng g;

    rng_seed(&g, 9);
    for (uint32_t s = 0; s < SECONDS; s++) {
        add_second(t, &raw, s);
        ck_assert_uint_eq(timeline_first(t), 0);
        ck_assert_uint_eq(timeline_end(t), s + 1);
        ck_assert_uint_le(timeline_slots(t), 20 + 8 + 6);
        if (s % 17 != 0)
            continue;
        uint32_t from = (uint32_t)rng_below(&g, s + 1);
        uint32_t to = from + 1 + (uint32_t)rng_below(&g, s + 1 - from);
        assert_range(t, &raw, from, to, (uint16_t)(s % ENDPOINTS));
        assert_range(t, &raw, from, to, TIMELINE_ALL);
        assert_range(t, &raw, 0, s + 1, TIMELINE_ALL);
    }
    timeline_destroy(t);
    latencies_finish(&work);
    free(raw.at);
}
END_TEST

START_TEST(points_touch_each_other_and_carry_their_percentiles)
{
    enum { SECONDS = 700 };
    struct raw raw = raw_create(SECONDS, 2);
    struct timeline *t = timeline_create(&small);
    struct timeline_point points[64], newest[3];
    struct latencies h = {0};

    for (uint32_t s = 0; s < SECONDS; s++)
        add_second(t, &raw, s);
    size_t n = timeline_points(t, 0, SECONDS, points, 64);
    ck_assert_uint_eq(n, timeline_slots(t));
    uint32_t next = 0, widest = 0;
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_eq(points[i].second, next);
        next += points[i].seconds;
        widest = points[i].seconds > widest ? points[i].seconds : widest;
        if (points[i].seconds == 1)
            continue; /* its percentiles come from whoever closed the second */
        struct timeline_point sum;
        latencies_clear(&h);
        ck_assert(timeline_merge(t, points[i].second, next, TIMELINE_ALL, &h, &sum));
        ck_assert_uint_eq(points[i].p50_us, hist_quantile(&h.ok, 0.5));
        ck_assert_uint_eq(points[i].p95_us, hist_quantile(&h.ok, 0.95));
        ck_assert_uint_eq(points[i].max_us, h.ok.max_us);
        ck_assert_uint_eq(points[i].succeeded, h.ok.count);
        ck_assert_uint_eq(sum.requests, points[i].requests);
    }
    ck_assert_uint_eq(next, SECONDS);
    ck_assert_uint_gt(widest, 40); /* the last tier has doubled */
    ck_assert_uint_eq(timeline_points(t, 0, SECONDS, newest, 3), 3);
    ck_assert_uint_eq(newest[2].second, SECONDS - 1);
    ck_assert_uint_eq(timeline_points(t, SECONDS, SECONDS + 9, newest, 3), 0);
    timeline_destroy(t);
    latencies_finish(&work);
    latencies_finish(&h);
    free(raw.at);
}
END_TEST

START_TEST(recent_seconds_are_found_and_old_ones_are_not)
{
    struct raw raw = raw_create(100, 3);
    struct timeline *t = timeline_create(&small);
    struct timeline_point sum;

    ck_assert_ptr_null(timeline_second(t, 0));
    ck_assert(!timeline_merge(t, 0, 10, TIMELINE_ALL, NULL, &sum));
    ck_assert_uint_eq(timeline_end(t), 0);
    for (uint32_t s = 0; s < 100; s++)
        add_second(t, &raw, s);
    ck_assert_uint_eq(timeline_second(t, 99)->point.second, 99);
    ck_assert_uint_eq(timeline_second(t, 86)->point.second, 86);
    ck_assert_ptr_null(timeline_second(t, 50));
    ck_assert_ptr_null(timeline_second(t, 100));
    /* time in which the program was stopped, in a fine and in a merged slot */
    ck_assert_uint_eq(timeline_take_off(t, 99, 400000000), 400000000);
    ck_assert_uint_eq(timeline_take_off(t, 99, 900000000), 600000000);
    ck_assert_uint_eq(timeline_take_off(t, 3, 1000000000), 1000000000);
    ck_assert_uint_eq(timeline_take_off(t, 100, 1), 0);
    ck_assert(timeline_merge(t, 0, 100, TIMELINE_ALL, NULL, &sum));
    ck_assert_uint_eq(sum.covered_ns, UINT64_C(98000000000));
    timeline_destroy(t);
    timeline_destroy(NULL);
    latencies_finish(&work);
    free(raw.at);
}
END_TEST

/* Days are shorter under TSan, and still long enough to fill every tier. */
START_TEST(two_days_have_bounded_memory_and_lose_nothing)
{
    enum { DAY_S = (UNIT_TSAN ? 8 : 24) * 3600, DISTINCT = 997 };
    struct raw raw = raw_create(DISTINCT, 4);
    struct timeline *t = timeline_create(NULL);
    struct timeline_point sum;
    uint64_t requests = 0;
    size_t most = 0, after_day = 0;

    for (uint32_t s = 0; s < 2 * DAY_S; s++) {
        struct timeline_slot slot = {
            .point = {.second = s, .seconds = 1, .covered_ns = 1000000000}};
        slot.shares = calloc(1, sizeof *slot.shares);
        slot.n_shares = 1;
        slot.shares[0].endpoint = (uint16_t)(s % ENDPOINTS);
        latencies_clear(&work);
        uint32_t n = raw.at[s % DISTINCT].n[0];
        for (uint32_t i = 0; i < n; i++)
            record_raw(&work, i, raw.at[s % DISTINCT].us[0][i]);
        latencies_pack(&work, &slot.shares[0].latencies);
        slot.point.requests = slot.shares[0].requests = n;
        slot.point.succeeded = work.ok.count;
        requests += n;
        timeline_add(t, &slot);
        ck_assert_uint_le(timeline_slots(t),
                          TIMELINE_FINE_SLOTS + TIMELINE_MIDDLE_SLOTS + TIMELINE_COARSE_SLOTS);
        if (timeline_bytes(t) > most)
            most = timeline_bytes(t);
        if (s == DAY_S)
            after_day = most;
    }
    ck_assert_uint_le(most, 16u << 20);
    ck_assert_uint_le(most, after_day + after_day / 2); /* the second day costs little */
    latencies_clear(&work);
    ck_assert(timeline_merge(t, 0, 2 * DAY_S, TIMELINE_ALL, &work, &sum));
    ck_assert_uint_eq(sum.requests, requests);
    ck_assert_uint_eq(work.ok.count + work.failed.count, requests);
    ck_assert_uint_eq(sum.succeeded, work.ok.count);
    ck_assert_uint_eq(sum.seconds, 2 * DAY_S);
    ck_assert_uint_eq(sum.covered_ns, 2 * DAY_S * UINT64_C(1000000000));
    timeline_destroy(t);
    latencies_finish(&work);
    free(raw.at);
}
END_TEST

START_TEST(a_budget_merges_early_and_loses_nothing)
{
    enum { SECONDS = 1500, BUDGET = 80000 };
    static const struct timeline_sizes tight = {.fine_slots = 900,
                                                .middle_s = 5,
                                                .middle_slots = 200,
                                                .coarse_s = 20,
                                                .coarse_slots = 200,
                                                .budget_bytes = BUDGET};
    struct raw raw = raw_create(SECONDS, 5);
    struct timeline *t = timeline_create(&tight);
    struct timeline *empty = timeline_create(&tight);
    size_t fixed = timeline_bytes(empty);

    for (uint32_t s = 0; s < SECONDS; s++) {
        add_second(t, &raw, s);
        ck_assert_uint_le(timeline_bytes(t), fixed + BUDGET);
        ck_assert_ptr_nonnull(
            timeline_second(t, s >= TIMELINE_WINDOW_SLOTS ? s - TIMELINE_WINDOW_SLOTS + 1 : 0));
        if (s % 100 == 99)
            assert_range(t, &raw, 0, s + 1, TIMELINE_ALL);
    }
    ck_assert_uint_lt(timeline_slots(t), 300);
    timeline_destroy(t);
    timeline_destroy(empty);
    latencies_finish(&work);
    free(raw.at);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("timeline");
    TCase *tc = tcase_create("timeline");
    tcase_set_timeout(tc, 180);
    tcase_add_test(tc, merges_equal_the_sum_of_their_parts);
    tcase_add_test(tc, points_touch_each_other_and_carry_their_percentiles);
    tcase_add_test(tc, recent_seconds_are_found_and_old_ones_are_not);
    tcase_add_test(tc, two_days_have_bounded_memory_and_lose_nothing);
    tcase_add_test(tc, a_budget_merges_early_and_loses_nothing);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
