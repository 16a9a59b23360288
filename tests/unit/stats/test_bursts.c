/* SPDX-License-Identifier: MIT */
/* The figures of a burst are those of its own samples, whenever they come. */
#include <check.h>

#include "src/base/now.h"
#include "src/stats/bursts.h"
#include "src/stats/fail.h"
#include "tests/unit/unit.h"

static struct bursts *b;
static struct burst_figures f;

static void set_up(void)
{
    b = bursts_create();
}

static void tear_down(void)
{
    bursts_destroy(b);
}

static void count(uint16_t burst, uint64_t us, enum fail fail)
{
    const struct sample s = {
        .sent_ns = NS_PER_S, .done_ns = NS_PER_S + us * NS_PER_US, .burst = burst, .fail = fail};
    bursts_count(b, &s);
}

START_TEST(what_counts_is_what_the_target_did)
{
    count(1, 1000, FAIL_NONE);
    count(1, 3000, FAIL_STATUS);
    count(1, 9000000, FAIL_CLIENT_FDS);
    bursts_figures(b, 1, &f);
    ck_assert_uint_eq(f.requests, 2); /* the third was not sent */
    ck_assert_uint_eq(f.failures, 1);
    ck_assert_uint_eq(f.client_failures, 1);
    ck_assert_uint_eq(f.latency.count, 1);
    ck_assert_uint_eq(f.latency.p50_us, 1000);
    ck_assert_uint_eq(f.latency.max_us, 1000);
    ck_assert_uint_eq(f.failed.count, 1);
    ck_assert_uint_eq(f.failed.p50_us, 3000);
    bursts_figures(b, 2, &f);
    ck_assert_uint_eq(f.requests, 0);
}
END_TEST

START_TEST(a_straggler_counts_in_its_own_burst)
{
    count(1, 1000, FAIL_NONE);
    count(2, 2000, FAIL_NONE);
    count(1, 5000, FAIL_NONE);
    bursts_figures(b, 1, &f);
    ck_assert_uint_eq(f.requests, 2);
    bursts_figures(b, 2, &f);
    ck_assert_uint_eq(f.requests, 1);
    count(3, 1000, FAIL_NONE);
    count(1, 5000, FAIL_NONE); /* too late */
    bursts_figures(b, 3, &f);
    ck_assert_uint_eq(f.requests, 1);
    bursts_figures(b, 1, &f);
    ck_assert_uint_eq(f.requests, 0);
}
END_TEST

/* Bursts every second come there in a day. */
START_TEST(after_the_largest_number_they_count_from_1)
{
    count(UINT16_MAX - 1, 1000, FAIL_NONE);
    count(UINT16_MAX, 1000, FAIL_NONE);
    count(1, 1000, FAIL_NONE);
    count(2, 1000, FAIL_NONE);
    count(UINT16_MAX, 1000, FAIL_NONE); /* too late */
    for (uint16_t i = 1; i <= 2; i++) {
        bursts_figures(b, i, &f);
        ck_assert_uint_eq(f.requests, 1);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("bursts");
    TCase *tc = tcase_create("bursts");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, what_counts_is_what_the_target_did);
    tcase_add_test(tc, a_straggler_counts_in_its_own_burst);
    tcase_add_test(tc, after_the_largest_number_they_count_from_1);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
