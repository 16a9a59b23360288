/* SPDX-License-Identifier: MIT */
/* The figures of a burst are those of its own samples, whenever they come. */
#include <check.h>

#include "src/base/now.h"
#include "src/stats/bursts.h"
#include "tests/unit/stats/books.h"
#include "tests/unit/unit.h"

static const struct gather_end idle;
static struct books b;
static struct burst_figures f;
static uint64_t now;

static void set_up(void)
{
    b = books_open(0, SNAP_10S);
    now = NS_PER_S;
}

static void tear_down(void)
{
    books_close(&b);
}

static void count(uint16_t burst, uint64_t us, enum fail fail)
{
    const struct sample s = {
        .sent_ns = now, .done_ns = now + us * NS_PER_US, .burst = burst, .fail = fail};
    gather_add(b.gather, &s);
}

/* What was counted so far is in finished seconds from here on. */
static void close_seconds(void)
{
    now += 20 * NS_PER_S;
    gather_close(b.gather, now, &idle);
}

static void figures(uint16_t burst)
{
    struct second open;
    gather_look(b.gather, &open);
    aggregate_burst(b.aggregate, &open, burst, &f);
    second_finish(&open);
}

START_TEST(what_counts_is_what_the_target_did)
{
    count(1, 1000, FAIL_NONE);
    count(1, 3000, FAIL_STATUS);
    count(1, 2000000, FAIL_CLIENT_FDS);
    if (_i == 1)
        close_seconds();
    figures(1);
    ck_assert_uint_eq(f.requests, 2); /* the third was not sent */
    ck_assert_uint_eq(f.failures, 1);
    ck_assert_uint_eq(f.client_failures, 1);
    ck_assert_uint_eq(f.latency.count, 1);
    ck_assert_uint_eq(f.latency.p50_us, 1000);
    ck_assert_uint_eq(f.latency.max_us, 1000);
    ck_assert_uint_eq(f.failed.count, 1);
    ck_assert_uint_eq(f.failed.p50_us, 3000);
    figures(2);
    ck_assert_uint_eq(f.requests, 0);
}
END_TEST

START_TEST(a_straggler_counts_in_its_own_burst)
{
    count(1, 1000, FAIL_NONE);
    count(2, 2000, FAIL_NONE);
    close_seconds();
    count(1, 5000, FAIL_NONE);
    figures(1); /* one in a finished second, one in an open one */
    ck_assert_uint_eq(f.requests, 2);
    ck_assert_uint_eq(f.latency.count, 2);
    ck_assert_uint_eq(f.latency.max_us, 5000);
    figures(2);
    ck_assert_uint_eq(f.requests, 1);
    close_seconds();
    count(3, 1000, FAIL_NONE);
    close_seconds();
    count(1, 5000, FAIL_NONE); /* too late */
    close_seconds();
    figures(3);
    ck_assert_uint_eq(f.requests, 1);
    figures(1);
    ck_assert_uint_eq(f.requests, 0);
}
END_TEST

/* Bursts every second come there in a day. */
START_TEST(after_the_largest_number_they_count_from_1)
{
    static const uint16_t numbers[] = {UINT16_MAX - 1, UINT16_MAX, 1, 2, UINT16_MAX};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        count(numbers[i], 1000, FAIL_NONE); /* the last is too late */
        close_seconds();
    }
    for (uint16_t i = 1; i <= 2; i++) {
        figures(i);
        ck_assert_uint_eq(f.requests, 1);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("bursts");
    TCase *tc = tcase_create("bursts");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, what_counts_is_what_the_target_did, 0, 2);
    tcase_add_test(tc, a_straggler_counts_in_its_own_burst);
    tcase_add_test(tc, after_the_largest_number_they_count_from_1);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
