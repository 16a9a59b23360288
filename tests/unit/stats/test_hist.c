/* SPDX-License-Identifier: MIT */
/* The histogram against a sorted array of the same values; the failure words. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/rng.h"
#include "src/stats/fail.h"
#include "src/stats/hist.h"
#include "src/stats/hist_recorder.h"
#include "tests/unit/stats/hist_record.h"
#include "tests/unit/unit.h"

#define VALUES 20000

static const double quantiles[] = {0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1};
#define N_QUANTILES (sizeof quantiles / sizeof *quantiles)

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The definition, word for word: the smallest value such that at least q of all are <= it. */
static uint64_t reference_quantile(const uint64_t *sorted, uint64_t n, unsigned per_myriad)
{
    uint64_t rank = (n * per_myriad + 9999) / 10000; /* integers: no rounding to argue about */
    return sorted[rank == 0 ? 0 : rank - 1];
}

static void fill_values(uint64_t *values, size_t n, int shape, struct rng *g)
{
    for (size_t i = 0; i < n; i++) {
        double u = rng_unit(g);
        values[i] = shape == 0   ? (uint64_t)(u * 1000)              /* the linear part */
                    : shape == 1 ? (uint64_t)(-log(1 - u) * 20000)   /* like real latencies */
                    : shape == 2 ? (uint64_t)exp(u * log(3.6e9))     /* the whole range */
                                 : (i % 100 < 97 ? 4000 : 30000000); /* two spikes */
    }
}

START_TEST(every_bucket_has_its_bounds)
{
    ck_assert_uint_eq(hist_bucket_low(0), 0);
    for (uint32_t b = 0; b < HIST_BUCKETS; b++) {
        uint64_t low = hist_bucket_low(b), high = hist_bucket_high(b);
        ck_assert_uint_le(low, high);
        if (high <= HIST_MAX_US) {
            ck_assert_uint_eq(hist_bucket_of(low), b);
            ck_assert_uint_eq(hist_bucket_of(high), b);
        }
        if (b > 0)
            ck_assert_uint_eq(low, hist_bucket_high(b - 1) + 1);
        if (b >= 2048)
            ck_assert_double_le((double)(high - low + 1) / (double)low, 1.0 / 1024);
        else
            ck_assert_uint_eq(low, high);
    }
    ck_assert_uint_eq(hist_bucket_of(HIST_MAX_US + 1), HIST_BUCKETS - 1);
    ck_assert_uint_eq(hist_bucket_of(UINT64_MAX), HIST_BUCKETS - 1);
    ck_assert_uint_gt(hist_bucket_high(HIST_BUCKETS - 1), HIST_MAX_US);
}
END_TEST

START_TEST(quantiles_match_a_sorted_array)
{
    struct rng g;
    struct hist h;
    uint64_t *values = calloc(VALUES, sizeof *values), got[N_QUANTILES], sum = 0;
    rng_seed(&g, 7 + (uint64_t)_i);
    size_t n = _i % 2 == 0 ? VALUES : 37; /* odd counts too */
    fill_values(values, n, _i / 2, &g);
    hist_init(&h);
    for (size_t i = 0; i < n; i++) {
        hist_record(&h, values[i]);
        sum += values[i];
    }
    qsort(values, n, sizeof *values, ascending);
    ck_assert_uint_eq(h.count, n);
    ck_assert_uint_eq(h.min_us, values[0]);
    ck_assert_uint_eq(h.max_us, values[n - 1]);
    ck_assert_double_eq_tol(hist_mean(&h), (double)sum / (double)n, 1e-6);
    hist_quantiles(&h, quantiles, N_QUANTILES, got);
    for (size_t i = 0; i < N_QUANTILES; i++) {
        uint64_t want = reference_quantile(values, n, (unsigned)llround(quantiles[i] * 10000));
        uint64_t top = hist_bucket_high(hist_bucket_of(want));
        ck_assert_uint_eq(got[i], top < values[n - 1] ? top : values[n - 1]);
        ck_assert_uint_eq(hist_quantile(&h, quantiles[i]), got[i]);
    }
    for (size_t i = 0; i < n; i += 1 + n / 50) {
        uint64_t limit = hist_bucket_high(hist_bucket_of(values[i])), above = 0;
        for (size_t k = 0; k < n; k++)
            above += values[k] > limit;
        ck_assert_uint_eq(hist_count_above(&h, limit), above);
    }
    hist_finish(&h);
    free(values);
}
END_TEST

START_TEST(hundred_values_have_the_95th_at_rank_95)
{
    struct hist h;
    hist_init(&h);
    for (uint64_t v = 1; v <= 100; v++)
        hist_record(&h, v);
    ck_assert_uint_eq(hist_quantile(&h, 0.95), 95);
    ck_assert_uint_eq(hist_quantile(&h, 0.951), 96);
    ck_assert_uint_eq(hist_quantile(&h, 0.07), 7);
    ck_assert_uint_eq(hist_quantile(&h, 0.0001), 1);
    ck_assert_uint_eq(hist_quantile(&h, 1), 100);
    hist_finish(&h);
}
END_TEST

START_TEST(empty_and_extreme_values_are_fine)
{
    struct hist h;
    struct hist_sparse sp;
    hist_init(&h);
    ck_assert_uint_eq(hist_quantile(&h, 0.5), 0);
    ck_assert_double_eq(hist_mean(&h), 0);
    ck_assert_uint_eq(hist_count_above(&h, 0), 0);
    hist_to_sparse(&h, &sp);
    ck_assert_uint_eq(sp.cells, 0);
    ck_assert_ptr_null(sp.packed);
    hist_merge_sparse(&h, &sp);
    hist_tighten(&h);
    ck_assert_uint_eq(h.count, 0);
    hist_record(&h, 0);
    ck_assert_uint_eq(hist_quantile(&h, 1), 0);
    ck_assert_uint_eq(hist_count_above(&h, 0), 0);
    hist_record(&h, UINT64_C(90000000000)); /* 25 h */
    ck_assert_uint_eq(hist_quantile(&h, 1), UINT64_C(90000000000));
    ck_assert_uint_eq(h.max_us, UINT64_C(90000000000));
    ck_assert_uint_eq(hist_count_above(&h, 5), 1);
    hist_clear(&h);
    ck_assert_uint_eq(h.count, 0);
    for (uint32_t b = 0; b < HIST_BUCKETS; b++)
        ck_assert_uint_eq(h.buckets[b], 0);
    hist_finish(&h);
    struct hist zeroed = {0};
    hist_finish(&zeroed);
}
END_TEST

static void assert_same(const struct hist *a, const struct hist *b)
{
    ck_assert_uint_eq(a->count, b->count);
    ck_assert_uint_eq(a->sum_us, b->sum_us);
    ck_assert_mem_eq(a->buckets, b->buckets, HIST_BUCKETS * sizeof *a->buckets);
}

START_TEST(sparse_round_trip_loses_nothing)
{
    struct rng g;
    struct hist h, back;
    struct hist_sparse sp;
    uint64_t values[5000];
    rng_seed(&g, 3);
    fill_values(values, 5000, _i, &g);
    hist_init(&h);
    hist_init(&back);
    for (size_t i = 0; i < 5000; i++)
        hist_record(&h, values[i]);
    h.buckets[77] += UINT64_C(1) << 40; /* a count that needs a long number */
    h.count += UINT64_C(1) << 40;
    h.low = h.low < 77 ? h.low : 77;
    h.high = h.high > 77 ? h.high : 77;
    hist_to_sparse(&h, &sp);
    hist_merge_sparse(&back, &sp);
    assert_same(&h, &back);
    ck_assert_uint_eq(h.min_us, back.min_us);
    ck_assert_uint_eq(h.max_us, back.max_us);
    ck_assert_uint_eq(h.low, back.low);
    ck_assert_uint_eq(h.high, back.high);
    ck_assert_uint_le(hist_sparse_bytes(&sp), sizeof sp + 5u * sp.cells);
    hist_sparse_finish(&sp);
    hist_finish(&h);
    hist_finish(&back);
}
END_TEST

static void assert_same_packed(const struct hist_recorder *r, const struct hist *h)
{
    struct hist_sparse got, want;
    hist_recorder_pack(r, &got);
    hist_to_sparse(h, &want);
    ck_assert_uint_eq(got.count, want.count);
    ck_assert_uint_eq(got.sum_us, want.sum_us);
    ck_assert_uint_eq(got.min_us, want.min_us);
    ck_assert_uint_eq(got.max_us, want.max_us);
    ck_assert_uint_eq(got.cells, want.cells);
    ck_assert_uint_eq(got.bytes, want.bytes);
    if (want.bytes > 0)
        ck_assert_mem_eq(got.packed, want.packed, want.bytes);
    hist_sparse_finish(&got);
    hist_sparse_finish(&want);
}

START_TEST(a_recorder_packs_what_a_histogram_does)
{
    struct rng g;
    static uint64_t values[VALUES];
    struct hist_recorder *r = hist_recorder_create(), *sum = hist_recorder_create();
    struct hist h, all;

    rng_seed(&g, 11);
    hist_init(&h);
    hist_init(&all);
    assert_same_packed(r, &h);
    for (size_t n = 1; n <= VALUES; n = n * 3 + 1) {
        fill_values(values, n, _i, &g);
        for (size_t i = 0; i < n; i++) {
            hist_record(&h, values[i]);
            hist_recorder_add(r, values[i]);
        }
        assert_same_packed(r, &h);
        hist_recorder_merge(sum, r);
        hist_merge(&all, &h);
        assert_same_packed(sum, &all);
        hist_recorder_clear(r);
        hist_clear(&h);
        assert_same_packed(r, &h);
        hist_recorder_merge(sum, r); /* which is empty */
    }
    hist_recorder_add(r, UINT64_MAX / 2);
    hist_record(&h, UINT64_MAX / 2);
    assert_same_packed(r, &h);
    hist_recorder_destroy(r);
    hist_recorder_destroy(sum);
    hist_finish(&all);
    hist_finish(&h);
}
END_TEST

START_TEST(counts_between_buckets_match_one_by_one)
{
    struct rng g;
    static uint64_t values[VALUES];
    struct hist h;

    rng_seed(&g, 12);
    hist_init(&h);
    fill_values(values, VALUES, 2, &g);
    for (size_t i = 0; i < VALUES; i++)
        hist_record(&h, values[i]);
    ck_assert_uint_eq(hist_count_between(&h, 0, HIST_BUCKETS), VALUES);
    for (unsigned k = 0; k < 500; k++) {
        uint32_t from = (uint32_t)rng_below(&g, HIST_BUCKETS);
        uint32_t end = from + (uint32_t)rng_below(&g, k % 2 == 0 ? 20 : HIST_BUCKETS - from + 1);
        uint64_t count = 0;
        end = end < HIST_BUCKETS ? end : HIST_BUCKETS;
        for (uint32_t b = from; b < end; b++)
            count += h.buckets[b];
        ck_assert_uint_eq(hist_count_between(&h, from, end), count);
    }
    hist_finish(&h);
}
END_TEST

START_TEST(a_sliding_window_equals_its_parts)
{
    enum { SECONDS = 40, WINDOW = 10, EACH = 300 };
    struct rng g;
    struct hist window, second, fresh;
    struct hist_sparse kept[SECONDS];
    rng_seed(&g, 11);
    hist_init(&window);
    hist_init(&second);
    hist_init(&fresh);
    for (int s = 0; s < SECONDS; s++) {
        uint64_t values[EACH];
        fill_values(values, EACH, s % 4, &g);
        hist_clear(&second);
        for (int i = 0; i < EACH; i++)
            hist_record(&second, values[i]);
        hist_to_sparse(&second, &kept[s]);
        hist_merge_sparse(&window, &kept[s]);
        if (s >= WINDOW) {
            hist_subtract_sparse(&window, &kept[s - WINDOW]);
            hist_tighten(&window);
        }
        hist_clear(&fresh);
        for (int k = s >= WINDOW ? s - WINDOW + 1 : 0; k <= s; k++)
            hist_merge_sparse(&fresh, &kept[k]);
        assert_same(&window, &fresh);
        ck_assert_uint_eq(window.low, fresh.low);
        ck_assert_uint_eq(window.high, fresh.high);
        /* min and max are known to the bucket after a subtraction */
        ck_assert_uint_eq(hist_bucket_of(window.min_us), hist_bucket_of(fresh.min_us));
        ck_assert_uint_eq(hist_bucket_of(window.max_us), hist_bucket_of(fresh.max_us));
        ck_assert_uint_le(window.min_us, fresh.min_us);
        ck_assert_uint_ge(window.max_us, fresh.max_us);
    }
    for (int s = 0; s < SECONDS; s++)
        hist_sparse_finish(&kept[s]);
    hist_finish(&window);
    hist_finish(&second);
    hist_finish(&fresh);
}
END_TEST

START_TEST(coarser_is_smaller_and_near)
{
    static uint64_t values[VALUES];
    struct rng g;
    rng_seed(&g, 11);
    for (int shape = 0; shape < 4; shape++) {
        for (unsigned bits = 0; bits <= 10; bits += 2) {
            struct hist h, coarse;
            struct hist_sparse sp, was;
            hist_init(&h);
            hist_init(&coarse);
            fill_values(values, VALUES, shape, &g);
            for (size_t i = 0; i < VALUES; i++)
                hist_record(&h, values[i]);
            hist_to_sparse(&h, &sp);
            hist_to_sparse(&h, &was);
            hist_sparse_coarsen(&sp, bits);
            ck_assert(hist_sparse_sound(&sp));
            ck_assert(sp.count == was.count && sp.min_us == was.min_us && sp.max_us == was.max_us);
            ck_assert_uint_le(sp.cells, was.cells);
            if (bits == 0)
                ck_assert_mem_eq(sp.packed, was.packed, was.bytes);
            hist_merge_sparse(&coarse, &sp);
            for (size_t i = 0; i < N_QUANTILES; i++) {
                double exact = (double)hist_quantile(&h, quantiles[i]);
                double near = (double)hist_quantile(&coarse, quantiles[i]);
                double bound = exact * ((double)(1u << bits) / 1024 + 0.001) + 1;
                ck_assert_double_le(fabs(near - exact), bound);
            }
            hist_sparse_finish(&sp);
            hist_sparse_finish(&was);
            hist_finish(&h);
            hist_finish(&coarse);
        }
    }
    struct hist_sparse nothing = {0};
    hist_sparse_coarsen(&nothing, 5);
    ck_assert(nothing.packed == NULL && hist_sparse_sound(&nothing));
}
END_TEST

START_TEST(dense_merge_adds_up)
{
    struct hist a, b, both;
    struct rng g;
    uint64_t values[1000];
    rng_seed(&g, 5);
    hist_init(&a);
    hist_init(&b);
    hist_init(&both);
    fill_values(values, 1000, 2, &g);
    for (size_t i = 0; i < 1000; i++) {
        hist_record(i % 3 == 0 ? &a : &b, values[i]);
        hist_record(&both, values[i]);
    }
    hist_merge(&a, &b);
    assert_same(&a, &both);
    ck_assert_uint_eq(a.min_us, both.min_us);
    ck_assert_uint_eq(a.max_us, both.max_us);
    hist_finish(&a);
    hist_finish(&b);
    hist_finish(&both);
}
END_TEST

START_TEST(every_failure_has_a_word_and_a_sentence)
{
    for (int f = 0; f < FAIL_KINDS; f++) {
        const char *word = fail_word((enum fail)f), *text = fail_explain((enum fail)f);
        ck_assert_uint_gt(strlen(word), 1);
        ck_assert_uint_le(strlen(word), 18);
        ck_assert(text[strlen(text) - 1] == '.');
        for (int other = 0; other < f; other++)
            ck_assert_str_ne(word, fail_word((enum fail)other));
        ck_assert(fail_is_client((enum fail)f) == (strstr(word, "(client)") != NULL));
    }
    ck_assert_str_eq(fail_word((enum fail)200), "other");
    ck_assert_ptr_nonnull(fail_explain((enum fail)200));
    for (unsigned status = 100; status < 600; status++) {
        const char *text = fail_explain_status(FAIL_STATUS, status);
        ck_assert(text[strlen(text) - 1] == '.');
        ck_assert_str_eq(fail_explain_status(FAIL_CHECK, status), fail_explain(FAIL_CHECK));
    }
    ck_assert_ptr_nonnull(strstr(fail_explain_status(FAIL_STATUS, 401), "login"));
    ck_assert_str_eq(fail_explain_status(FAIL_STATUS, 500), fail_explain(FAIL_STATUS));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("hist");
    TCase *tc = tcase_create("hist");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, every_bucket_has_its_bounds);
    tcase_add_loop_test(tc, quantiles_match_a_sorted_array, 0, 8);
    tcase_add_test(tc, hundred_values_have_the_95th_at_rank_95);
    tcase_add_test(tc, empty_and_extreme_values_are_fine);
    tcase_add_loop_test(tc, sparse_round_trip_loses_nothing, 0, 4);
    tcase_add_loop_test(tc, a_recorder_packs_what_a_histogram_does, 0, 4);
    tcase_add_test(tc, counts_between_buckets_match_one_by_one);
    tcase_add_test(tc, a_sliding_window_equals_its_parts);
    tcase_add_test(tc, coarser_is_smaller_and_near);
    tcase_add_test(tc, dense_merge_adds_up);
    tcase_add_test(tc, every_failure_has_a_word_and_a_sentence);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
