/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>

#include "src/probe/postgres/pg_figures.h"
#include "tests/unit/unit.h"

static struct pg_row at(double ts, double commits)
{
    return (struct pg_row){.ts = 1e9 + ts, .started = 1e9 - 50, .xact_commit = commits};
}

static struct pg_figures take(struct pg_track *t, struct pg_row row, double own)
{
    struct pg_figures f;
    pg_track_add_row(t, &row, own, &f);
    return f;
}

static void is_near(double a, double b)
{
    ck_assert_double_eq_tol(a, b, 1e-6);
}

START_TEST(the_first_look_knows_no_rates)
{
    struct pg_track t = {0};
    struct pg_figures f = take(&t, at(0, 5000), 3);
    ck_assert(isnan(f.tps) && isnan(f.rollback_percent) && isnan(f.hit_percent));
    ck_assert(isnan(f.temp_bytes_per_s));
    ck_assert_int_eq(f.cut, PG_SAME);
    is_near(f.deadlocks, 0);
}
END_TEST

START_TEST(rates_are_over_three_seconds_and_without_our_own)
{
    struct pg_track t = {0};
    double commits = 5000;
    take(&t, at(0, commits), 1);
    for (int s = 1; s <= 9; s++) {
        /* Sessions flush when they like: 400 in one second, none in the next. */
        commits += 1 + (s % 2 ? 400 : 0);
        struct pg_figures f = take(&t, at(s, commits), 1);
        if (s == 9)
            is_near(f.tps, 800.0 / 3);
    }
}
END_TEST

START_TEST(what_we_did_before_it_is_counted_is_never_somebody_elses)
{
    struct pg_track t = {0};
    take(&t, at(0, 100), 4);
    is_near(take(&t, at(1, 100), 1).tps, 0);
    is_near(take(&t, at(2, 105), 1).tps, 0); /* five of the six came in at once */
    is_near(take(&t, at(3, 107), 1).tps, 0);
    is_near(take(&t, at(4, 107), 1).tps, 0);
}
END_TEST

START_TEST(shares_are_of_the_interval_and_of_something)
{
    struct pg_track t = {0};
    struct pg_row a = at(0, 1000), b = at(1, 1031);
    a.blks_hit = 99e6;
    b.blks_hit = a.blks_hit + 30;
    b.blks_read = 70;
    b.xact_rollback = 10;
    b.temp_bytes = 4096;
    take(&t, a, 0);
    struct pg_figures f = take(&t, b, 1);
    is_near(f.hit_percent, 30); /* though it is 99.99 % since the server began */
    is_near(f.rollback_percent, 25);
    is_near(f.temp_bytes_per_s, 4096);
    is_near(f.tps, 40);
    struct pg_track idle = {0};
    take(&idle, at(0, 10), 1);
    f = take(&idle, at(1, 11), 1);
    ck_assert(isnan(f.hit_percent) && isnan(f.rollback_percent));
}
END_TEST

START_TEST(deadlocks_are_told_once_and_added_up)
{
    struct pg_track t = {0};
    struct pg_row r = at(0, 0);
    r.deadlocks = 7; /* of yesterday */
    is_near(take(&t, r, 0).deadlocks, 0);
    r.ts += 1;
    r.deadlocks = 9;
    struct pg_figures f = take(&t, r, 0);
    is_near(f.new_deadlocks, 2);
    r.ts += 1;
    f = take(&t, r, 0);
    is_near(f.new_deadlocks, 0);
    is_near(f.deadlocks, 2);
}
END_TEST

START_TEST(a_restart_a_crash_and_a_reset_are_told_apart)
{
    struct pg_track t = {0};
    struct pg_row r = at(0, 5000);
    r.deadlocks = 3;
    take(&t, r, 0);
    r = at(1, 5);
    struct pg_figures f = take(&t, r, 0);
    ck_assert_int_eq(f.cut, PG_RECOVERED); /* the postmaster's start stays as it was */
    ck_assert(isnan(f.tps));
    is_near(f.new_deadlocks, 0);
    r = at(2, 6);
    r.started += 2000;
    ck_assert_int_eq(take(&t, r, 0).cut, PG_RESTARTED);
    r.ts += 1;
    r.stats_reset = 1e9;
    r.xact_commit = 0;
    ck_assert_int_eq(take(&t, r, 0).cut, PG_STATS_RESET);
    r.ts += 1;
    r.xact_commit = 50;
    f = take(&t, r, 0);
    ck_assert_int_eq(f.cut, PG_SAME);
    is_near(f.tps, 50);
}
END_TEST

START_TEST(a_long_gap_is_no_interval)
{
    struct pg_track t = {0};
    take(&t, at(0, 0), 0);
    ck_assert(isnan(take(&t, at(100, 1e6), 0).tps));
    ck_assert(isnan(take(&t, at(100, 1e6), 0).tps)); /* the clock stood still */
    is_near(take(&t, at(101, 1e6 + 10), 0).tps, 10);
}
END_TEST

/* As pgbouncer 1.18 tells it of eight that come at once to five connections, for two seconds
 * each: all transactions count in the first second, the waits of three when they are over. */
START_TEST(a_wait_is_of_a_transaction_that_was_counted_before)
{
    struct pg_wait w = {0};
    ck_assert(isnan(pg_wait_mean(&w, 2444, 12e6)));
    is_near(pg_wait_mean(&w, 2452, 12e6), 0);
    is_near(pg_wait_mean(&w, 2452, 12e6), 0);
    is_near(pg_wait_mean(&w, 2452, 18e6), 6.0 / 8);
    for (int i = 0; i < PG_WAIT_POLLS - 3; i++)
        is_near(pg_wait_mean(&w, 2452, 18e6), 6.0 / 8);
    ck_assert(isnan(pg_wait_mean(&w, 2452, 18e6))); /* nobody came since */
    is_near(pg_wait_mean(&w, 2552, 19e6), 7.0 / 100);
    ck_assert(isnan(pg_wait_mean(&w, 10, 0))); /* started anew */
    is_near(pg_wait_mean(&w, 20, 1e6), 0.1);
    ck_assert(isnan(pg_wait_mean(&w, NAN, 0)));
    ck_assert(isnan(pg_wait_mean(&w, 30, 1e6)));
    is_near(pg_wait_mean(&w, 40, 2e6), 0.1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pg_figures");
    TCase *tc = tcase_create("figures");
    tcase_add_test(tc, the_first_look_knows_no_rates);
    tcase_add_test(tc, rates_are_over_three_seconds_and_without_our_own);
    tcase_add_test(tc, what_we_did_before_it_is_counted_is_never_somebody_elses);
    tcase_add_test(tc, shares_are_of_the_interval_and_of_something);
    tcase_add_test(tc, deadlocks_are_told_once_and_added_up);
    tcase_add_test(tc, a_restart_a_crash_and_a_reset_are_told_apart);
    tcase_add_test(tc, a_long_gap_is_no_interval);
    tcase_add_test(tc, a_wait_is_of_a_transaction_that_was_counted_before);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
