/* SPDX-License-Identifier: MIT */
/* What each driver wants, and when; and what bursts are worth. */
#include <check.h>
#include <string.h>

#include "src/base/now.h"
#include "src/run/burst.h"
#include "src/run/driver.h"
#include "tests/unit/unit.h"

#define T0 (1000 * NS_PER_S)

static struct stage stages[] = {{.users = 100, .over_ns = 10 * NS_PER_S, .hold_ns = 5 * NS_PER_S},
                                {.users = 20, .over_ns = 4 * NS_PER_S},
                                {.users = 50, .hold_ns = NS_PER_S}};
static const struct level staged = {
    .kind = LEVEL_STAGES, .stages = stages, .n_stages = 3, .users = 100};
static const struct level bursts = {
    .kind = LEVEL_BURST, .users = 10, .repeat = 2, .every_ns = 5 * NS_PER_S};

static struct driver d;
static struct driver_view view;
static struct driver_order order;

static void begin(const struct level *l, uint32_t users, double slope, uint32_t from,
                  uint16_t last_burst)
{
    const struct driver_start start = {.now_ns = T0,
                                       .level = l,
                                       .users = users,
                                       .slope = slope,
                                       .before = {.from = from, .to = from, .slope = 1},
                                       .last_burst = last_burst};
    driver_begin(&d, driver_of_level(l), &start);
}

static void tear_down(void)
{
    driver_end(&d);
}

static bool look(double at_s)
{
    view.now_ns = T0 + (uint64_t)(at_s * 1e9);
    return driver_next(&d, &view, &order);
}

static double part_left_s(void)
{
    struct driver_left left;
    driver_left(&d, view.now_ns, &left);
    return left.part_s;
}

static void check_demand(double t0_s, double from, uint32_t to, double slope)
{
    ck_assert_int_eq(order.wish, DRIVER_DEMAND);
    ck_assert_int_eq(order.demand.kind, DEMAND_USERS);
    ck_assert_uint_eq(order.demand.t0_ns, T0 + (uint64_t)(t0_s * 1e9));
    ck_assert_double_eq(order.demand.from, from);
    ck_assert_double_eq(order.demand.to, to);
    ck_assert_double_eq_tol(order.demand.slope, slope, 1e-9);
}

START_TEST(each_kind_of_level_has_its_driver)
{
    const struct level steady = {.kind = LEVEL_STEADY};
    ck_assert_ptr_eq(driver_of_level(NULL), &driver_manual);
    ck_assert_ptr_eq(driver_of_level(&steady), &driver_steady);
    ck_assert_ptr_eq(driver_of_level(&staged), &driver_stages);
    ck_assert_ptr_eq(driver_of_level(&bursts), &driver_bursts);
}
END_TEST

/* By hand as of a steady level. */
START_TEST(a_number_of_users_is_one_demand_and_nothing_more)
{
    const struct level steady = {.kind = LEVEL_STEADY, .users = 30};
    const struct level *levels[] = {NULL, &steady};
    for (int i = 0; i < 2; i++) {
        struct driver_left left;
        begin(levels[i], 30, 5, 40, 0);
        ck_assert(look(0.1));
        check_demand(0, 40, 30, 5); /* from where the load was, when it began */
        ck_assert_str_eq(order.text, "");
        ck_assert(!look(0.1));
        driver_shift(&d, NS_PER_S);
        ck_assert(!look(1e6));
        driver_left(&d, view.now_ns, &left);
        ck_assert(left.part_s < 0 && left.whole_s < 0 && !left.more && left.n_parts == 0);
    }
}
END_TEST

START_TEST(stages_begin_at_their_true_times_however_late_they_are_seen)
{
    begin(&staged, 100, 1, 40, 0);
    ck_assert(look(0));
    check_demand(0, 40, 100, 6); /* from where the load is */
    ck_assert_str_eq(order.text, "stage 1 of 3: 100 users");
    ck_assert(!look(14.9));
    ck_assert_double_eq_tol(part_left_s(), 0.1, 1e-6);
    ck_assert(look(15.07));
    check_demand(15, 100, 20, 20);
    ck_assert(!look(18.9));
    ck_assert(look(19.1));
    check_demand(19, 50, 50, 1); /* at once */
    ck_assert(!look(19.9));
    ck_assert(look(20));
    ck_assert_int_eq(order.wish, DRIVER_END);
    ck_assert_str_eq(order.text, "the last stage is over");
    ck_assert(!look(30));
}
END_TEST

START_TEST(stages_that_were_slept_over_come_one_after_the_other)
{
    begin(&staged, 100, 1, 0, 0);
    ck_assert(look(19.5));
    check_demand(0, 0, 100, 10);
    ck_assert(look(19.5));
    check_demand(15, 100, 20, 20);
    ck_assert(look(19.5));
    check_demand(19, 50, 50, 1);
    ck_assert(!look(19.5));
    driver_shift(&d, 10 * NS_PER_S); /* the program was stopped */
    ck_assert(!look(29.9));
    ck_assert(look(30));
}
END_TEST

START_TEST(a_last_stage_that_holds_for_ever_does_not_end)
{
    struct stage one = {.users = 5, .hold_ns = UINT64_MAX};
    const struct level l = {.kind = LEVEL_STAGES, .stages = &one, .n_stages = 1};
    begin(&l, 5, 1, 0, 0);
    ck_assert(look(0));
    ck_assert(!look(1e6));
    ck_assert(part_left_s() < 0);
}
END_TEST

static void begin_bursts(void)
{
    view = (struct driver_view){.possible = 10, .follows = true};
    begin(&bursts, 10, 10, 0, 7);
    ck_assert(look(0));
    check_demand(0, 0, 10, 10);
}

START_TEST(a_burst_begins_when_all_are_ready)
{
    begin_bursts();
    view.generator.ready = 9;
    ck_assert(!look(1));
    view.generator.ready = 10;
    view.held = true;
    ck_assert(!look(2));
    view.held = false;
    ck_assert(look(2));
    ck_assert_int_eq(order.wish, DRIVER_RELEASE);
    ck_assert_uint_eq(order.number, 8);
    ck_assert_uint_eq(order.burst, 1);
    ck_assert_uint_eq(order.of, 2);
    ck_assert_str_eq(order.text, "burst 1 of 2: 10 users");
    ck_assert_uint_eq(order.users, 10);
    ck_assert_uint_eq(order.missing, 0);
    ck_assert_uint_eq(order.at_ns, T0 + 2 * NS_PER_S + DRIVER_LEAD_NS);
    ck_assert(!look(2)); /* the workers have not seen it */
    view.generator.burst = 8;
    view.generator.released = 10;
    view.generator.burst_done = 9;
    ck_assert(!look(3));
    view.generator.burst_done = 10;
    ck_assert(!look(3.1)); /* its last samples may still be on their way */
    ck_assert(look(3.2));
    ck_assert_int_eq(order.wish, DRIVER_JUDGE);
    ck_assert_uint_eq(order.number, 8);
    ck_assert(!look(6.8));
    ck_assert(look(6.9)); /* a little ahead, but for the time that was meant */
    ck_assert_int_eq(order.wish, DRIVER_RELEASE);
    ck_assert_uint_eq(order.at_ns, T0 + 7 * NS_PER_S + DRIVER_LEAD_NS);
    view.generator.burst = 9;
    view.generator.released = view.generator.burst_done = 20;
    ck_assert(!look(8));
    ck_assert(look(8.1));
    ck_assert_int_eq(order.wish, DRIVER_JUDGE);
    ck_assert(look(8.1));
    ck_assert_int_eq(order.wish, DRIVER_END);
    ck_assert_str_eq(order.text, "the last burst is done");
}
END_TEST

START_TEST(who_was_ready_before_the_workers_were_told_does_not_count)
{
    begin_bursts();
    view.generator.ready = 10;
    view.follows = false;
    ck_assert(!look(2));
    view.generator.left = 10;
    view.generator.ready = 0;
    ck_assert(!look(2.1));
    view.follows = true;
    view.generator = (struct generator_state){.ready = 10};
    ck_assert(look(2.2));
    ck_assert_int_eq(order.wish, DRIVER_RELEASE);
}
END_TEST

/* The last of an earlier, larger burst may be about to end. */
START_TEST(more_than_all_may_be_ready)
{
    begin_bursts();
    view.generator.ready = 12;
    ck_assert(look(1));
    ck_assert_int_eq(order.wish, DRIVER_RELEASE);
    ck_assert_uint_eq(order.missing, 0);
}
END_TEST

START_TEST(a_burst_has_a_number_also_after_the_largest_one)
{
    view = (struct driver_view){.possible = 10, .follows = true};
    begin(&bursts, 10, 10, 0, UINT16_MAX);
    ck_assert(look(0));
    view.generator.ready = 10;
    ck_assert(look(1));
    ck_assert_int_eq(order.wish, DRIVER_RELEASE);
    ck_assert_uint_eq(order.number, 1); /* 0 is no burst */
}
END_TEST

START_TEST(users_that_take_for_ever_to_come_are_waited_for)
{
    view = (struct driver_view){.possible = 10, .follows = true, .generator = {.ready = 3}};
    begin(&bursts, 10, 1e-300, 0, 0);
    ck_assert(look(0));
    ck_assert_int_eq(order.wish, DRIVER_DEMAND);
    ck_assert(!look(1e9));
}
END_TEST

START_TEST(after_half_a_minute_a_burst_begins_with_those_that_are_ready)
{
    begin_bursts();
    view.generator.ready = 7;
    ck_assert(!look(30.9));
    ck_assert(look(31)); /* 1 s to start them all */
    ck_assert_int_eq(order.wish, DRIVER_RELEASE);
    ck_assert_uint_eq(order.users, 7);
    ck_assert_uint_eq(order.missing, 3);
}
END_TEST

START_TEST(without_anybody_ready_there_is_no_burst)
{
    begin_bursts();
    ck_assert(!look(30.9));
    ck_assert(look(31));
    ck_assert_int_eq(order.wish, DRIVER_END);
    begin_bursts();
    view.generator.left = 10;
    ck_assert(look(1.5));
    ck_assert_str_eq(order.text, "all users have ended");
}
END_TEST

START_TEST(a_burst_that_does_not_end_gives_way_to_the_next)
{
    begin_bursts();
    view.generator.ready = 10;
    ck_assert(look(1));
    view.generator =
        (struct generator_state){.burst = 8, .released = 10, .burst_done = 4, .ready = 4};
    ck_assert(!look(36));
    ck_assert(look(36.1));
    ck_assert_int_eq(order.wish, DRIVER_JUDGE);
    ck_assert(look(36.1));
    ck_assert_int_eq(order.wish, DRIVER_RELEASE);
    ck_assert_uint_eq(order.users, 4);
    ck_assert_uint_eq(order.missing, 6);
}
END_TEST

static const struct burst_figures figures = {.requests = 100,
                                             .failures = 1,
                                             .client_failures = 4,
                                             .latency = {.count = 99,
                                                         .mean_us = 300000,
                                                         .p50_us = 250000,
                                                         .p95_us = 812000,
                                                         .p99_us = 1200000},
                                             .failed = {.count = 1, .p95_us = 90}};

START_TEST(a_burst_is_held_against_its_goal)
{
    struct goal g = {0};
    struct snap_burst b = {.number = 2, .of = 5, .users = 100};
    burst_judge(NULL, &figures, &b);
    ck_assert_str_eq(b.text, "burst 2 of 5, 100 users: 99.0 % ok, p95 812 ms");
    ck_assert_str_eq(b.verdict, "-");
    g.bounds[GOAL_P95] = (struct bound){true, 1e6, 2e6};
    g.bounds[GOAL_SUCCESS] = (struct bound){true, 0.995, 0.95};
    b.missing = 3;
    burst_judge(&g, &figures, &b);
    ck_assert_str_eq(b.text,
                     "burst 2 of 5, 100 users (3 not ready): 99.0 % ok of 99.5 %, p95 812 ms "
                     "of 1.0 s: acceptable");
    ck_assert_double_eq(b.success, 0.99);
    g.bounds[GOAL_P99] = (struct bound){true, 1e6, 1e6};
    burst_judge(&g, &figures, &b);
    ck_assert_str_eq(b.verdict, "poor");
    burst_judge(&g, &(struct burst_figures){0}, &b);
    ck_assert_str_eq(b.text, "burst 2 of 5, 100 users (3 not ready): no request was made: poor");
    ck_assert_str_eq(b.verdict, "poor");
    burst_judge(NULL, &(struct burst_figures){0}, &b);
    ck_assert_str_eq(b.verdict, "-");
    /* All fail, and at once: no time that a goal could be pleased with. */
    const struct burst_figures failing = {
        .requests = 100, .failures = 100, .failed = {.count = 100, .p95_us = 90, .max_us = 90}};
    g.bounds[GOAL_SUCCESS].set = g.bounds[GOAL_P99].set = false;
    b.missing = 0;
    burst_judge(&g, &failing, &b);
    ck_assert_str_eq(b.text, "burst 2 of 5, 100 users: 0 % ok, p95 - of 1.0 s: poor");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("driver");
    TCase *tc = tcase_create("driver");
    tcase_add_checked_fixture(tc, NULL, tear_down);
    tcase_add_test(tc, each_kind_of_level_has_its_driver);
    tcase_add_test(tc, a_number_of_users_is_one_demand_and_nothing_more);
    tcase_add_test(tc, stages_begin_at_their_true_times_however_late_they_are_seen);
    tcase_add_test(tc, stages_that_were_slept_over_come_one_after_the_other);
    tcase_add_test(tc, a_last_stage_that_holds_for_ever_does_not_end);
    tcase_add_test(tc, a_burst_begins_when_all_are_ready);
    tcase_add_test(tc, who_was_ready_before_the_workers_were_told_does_not_count);
    tcase_add_test(tc, more_than_all_may_be_ready);
    tcase_add_test(tc, a_burst_has_a_number_also_after_the_largest_one);
    tcase_add_test(tc, users_that_take_for_ever_to_come_are_waited_for);
    tcase_add_test(tc, after_half_a_minute_a_burst_begins_with_those_that_are_ready);
    tcase_add_test(tc, without_anybody_ready_there_is_no_burst);
    tcase_add_test(tc, a_burst_that_does_not_end_gives_way_to_the_next);
    tcase_add_test(tc, a_burst_is_held_against_its_goal);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
