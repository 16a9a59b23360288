/* SPDX-License-Identifier: MIT */
/* The ramp: how many users at which moment, and whose they are; when which arrival is due. */
#include <check.h>
#include <math.h>

#include "src/base/now.h"
#include "src/base/rng.h"
#include "src/load/demand.h"
#include "tests/unit/unit.h"

#define T0 (UINT64_C(1000) * NS_PER_S)

static uint32_t users_at_ms(const struct demand *p, uint64_t ms)
{
    return demand_users_at(p, T0 + ms * NS_PER_MS);
}

START_TEST(ramp_up_starts_at_once_and_keeps_the_rate)
{
    struct demand p = demand_to(DEMAND_USERS, NULL, T0, 5, 2);
    static const uint32_t want[] = {1, 2, 3, 4, 5, 5};
    for (uint64_t i = 0; i < 6; i++) {
        ck_assert_uint_eq(users_at_ms(&p, i * 500), want[i]);
        ck_assert_uint_eq(users_at_ms(&p, i * 500 + 499), want[i]);
    }
    ck_assert(!demand_reached(&p, T0));
    ck_assert(demand_reached(&p, T0 + 2 * NS_PER_S));
}
END_TEST

START_TEST(ramp_down_ends_users_one_by_one)
{
    struct demand up = demand_to(DEMAND_USERS, NULL, T0, 4, 1000);
    struct demand p = demand_to(DEMAND_USERS, &up, T0 + NS_PER_S, 1, 10);
    ck_assert_uint_eq(users_at_ms(&p, 1000), 3);
    ck_assert_uint_eq(users_at_ms(&p, 1099), 3);
    ck_assert_uint_eq(users_at_ms(&p, 1100), 2);
    ck_assert_uint_eq(users_at_ms(&p, 1200), 1);
    ck_assert_uint_eq(users_at_ms(&p, 9000), 1);
}
END_TEST

/* Turning the knob many times a second must not start more users than the rate allows. */
START_TEST(a_changed_demand_does_not_jump)
{
    struct demand p = demand_to(DEMAND_USERS, NULL, T0, 100, 10);
    for (uint64_t ms = 0; ms < 5000; ms += 7) {
        uint32_t before = users_at_ms(&p, ms);
        p = demand_to(DEMAND_USERS, &p, T0 + ms * NS_PER_MS, 100 + (uint32_t)(ms % 50), 10);
        ck_assert_uint_eq(users_at_ms(&p, ms), before);
    }
    ck_assert_uint_le(users_at_ms(&p, 5000), 51);
    ck_assert_uint_ge(users_at_ms(&p, 5000), 50);
}
END_TEST

START_TEST(next_change_is_exactly_when_the_number_changes)
{
    struct rng r;
    rng_seed(&r, 42);
    for (int round = 0; round < 2000; round++) {
        struct demand p = {.t0_ns = T0,
                           .from = rng_unit(&r) * 300,
                           .to = (uint32_t)rng_below(&r, 300),
                           .slope = 0.1 + rng_unit(&r) * 500};
        uint64_t now = T0;
        for (int i = 0; i < 400; i++) {
            uint32_t users = demand_users_at(&p, now);
            uint64_t next = demand_next_change(&p, now);
            if (next == UINT64_MAX) {
                ck_assert_uint_eq(users, (uint32_t)p.to);
                break;
            }
            ck_assert_uint_gt(next, now);
            uint32_t later = demand_users_at(&p, next);
            ck_assert_msg(later == users + 1 || later + 1 == users,
                          "from %f to %.0f at %f/s: %u then %u", p.from, p.to, p.slope, users,
                          later);
            if (next > now + 2000)
                ck_assert_uint_eq(demand_users_at(&p, next - 1000), users);
            now = next;
        }
    }
}
END_TEST

START_TEST(a_rate_next_to_nothing_never_changes)
{
    struct demand p = {.t0_ns = 5 * NS_PER_S, .from = 0, .to = 10, .slope = 1e-12};
    ck_assert_uint_eq(demand_users_at(&p, p.t0_ns), 1);
    ck_assert_uint_eq(demand_next_change(&p, p.t0_ns), UINT64_MAX);
    p.slope = 0.001;
    ck_assert_uint_eq(demand_next_change(&p, p.t0_ns), p.t0_ns + 1000 * NS_PER_S);
}
END_TEST

START_TEST(shares_add_up)
{
    for (unsigned n = 1; n < 9; n++)
        for (uint32_t users = 0; users < 100; users++) {
            uint32_t sum = 0;
            for (unsigned i = 0; i < n; i++)
                sum += demand_share(users, i, n);
            ck_assert_uint_eq(sum, users);
        }
}
END_TEST

/* ----------------------------------------------------------------------------- arrivals */

#define NS_TOLERANCE 1000

static void check_arrival(const struct demand *d, double n, double at_s)
{
    uint64_t at = demand_arrival_ns(d, n), want = T0 + (uint64_t)(at_s * 1e9);
    ck_assert_msg(at + NS_TOLERANCE >= want && at <= want + NS_TOLERANCE,
                  "arrival %f is due after %.9f s, not %.9f", n, (double)(at - T0) / 1e9, at_s);
}

START_TEST(arrivals_at_a_constant_rate_are_evenly_spaced)
{
    const struct demand d = {
        .kind = DEMAND_ARRIVALS_PER_S, .t0_ns = T0, .from = 8, .to = 8, .slope = 1};
    for (uint32_t n = 1; n <= 100000; n++) /* a power of two: no rounding at all */
        ck_assert_uint_eq(demand_arrival_ns(&d, n), T0 + n * NS_PER_S / 8);
    ck_assert(demand_reached(&d, T0));
    ck_assert_uint_eq(demand_users_at(&d, T0 + NS_PER_S), 0); /* it is for no users */
    ck_assert_uint_eq(demand_next_change(&d, T0), UINT64_MAX);
}
END_TEST

START_TEST(arrivals_of_a_ramp_come_when_the_area_under_it_has_grown_by_one)
{
    struct demand up = demand_to(DEMAND_ARRIVALS_PER_S, NULL, T0, 100, 10); /* 10 s, 500 of them */
    for (uint32_t n = 1; n <= 500; n++)
        check_arrival(&up, n, sqrt(n / 5.0));
    check_arrival(&up, 501, 10.01);
    check_arrival(&up, 1500, 20);
    ck_assert(!demand_reached(&up, T0 + 9 * NS_PER_S));
    ck_assert(demand_reached(&up, T0 + 10 * NS_PER_S));

    struct demand down = demand_to(DEMAND_ARRIVALS_PER_S, &up, T0 + 20 * NS_PER_S, 0, 10);
    ck_assert_double_eq_tol(down.arrived, 1500, 1e-6);
    for (uint32_t n = 1; n <= 500; n++)
        check_arrival(&down, 1500 + n, 30 - sqrt((500 - n) / 5.0));
    ck_assert_uint_eq(demand_arrival_ns(&down, 2001), UINT64_MAX);
}
END_TEST

START_TEST(an_arrival_is_due_exactly_when_it_is_counted)
{
    struct rng r;
    rng_seed(&r, 43);
    for (int round = 0; round < 500; round++) {
        const struct demand d = {.kind = DEMAND_ARRIVALS_PER_S,
                                 .t0_ns = T0,
                                 .from = rng_unit(&r) * 300,
                                 .to = rng_unit(&r) * 300,
                                 .slope = 0.1 + rng_unit(&r) * 500,
                                 .arrived = rng_unit(&r) * 1000};
        uint64_t before = T0;
        for (double n = floor(d.arrived) + 1; n < d.arrived + 500; n++) {
            uint64_t at = demand_arrival_ns(&d, n);
            ck_assert_uint_ge(at, before);
            ck_assert_double_ge(demand_arrivals_at(&d, at), n - 1e-6);
            if (at > T0 + NS_TOLERANCE)
                ck_assert_double_lt(demand_arrivals_at(&d, at - NS_TOLERANCE), n);
            before = at;
        }
    }
}
END_TEST

/* Turning the knob many times a second must lose no arrival, however few are due between two
 * turns: a new demand takes the begun fraction over. */
START_TEST(a_changed_rate_neither_loses_nor_repeats_an_arrival)
{
    struct demand d = demand_to(DEMAND_ARRIVALS_PER_S, NULL, T0, 10, 1e9);
    uint32_t made = 0;
    uint64_t last = 0;
    for (uint64_t ms = 0; ms <= 20000; ms += 7) {
        uint64_t now = T0 + ms * NS_PER_MS;
        for (; demand_arrival_ns(&d, made + 1) <= now; made++) {
            ck_assert_uint_gt(demand_arrival_ns(&d, made + 1), last);
            last = demand_arrival_ns(&d, made + 1);
        }
        d = demand_to(DEMAND_ARRIVALS_PER_S, &d, now, ms / 7 % 2 == 0 ? 10 : 30, 1e9);
    }
    ck_assert_uint_ge(made, 399); /* 20 per second in the mean */
    ck_assert_uint_le(made, 401);
}
END_TEST

START_TEST(a_demand_of_the_other_kind_begins_from_nothing)
{
    struct demand users = demand_to(DEMAND_USERS, NULL, T0, 50, 1000);
    struct demand rate = demand_to(DEMAND_ARRIVALS_PER_S, &users, T0 + NS_PER_S, 0.5, 0.25);
    ck_assert_double_eq(rate.from, 0);
    ck_assert_double_eq(rate.arrived, 0);
    check_arrival(&rate, 0.5, 3); /* of a ramp of 2 s */
    check_arrival(&rate, 1, 4);
    users = demand_to(DEMAND_USERS, &rate, T0 + 9 * NS_PER_S, 50, 1);
    ck_assert_uint_eq(demand_users_at(&users, T0 + 9 * NS_PER_S), 1);
}
END_TEST

START_TEST(no_rate_has_no_arrival)
{
    const struct demand none = {.kind = DEMAND_ARRIVALS_PER_S, .t0_ns = T0, .slope = 1};
    ck_assert_uint_eq(demand_arrival_ns(&none, 1), UINT64_MAX);
    ck_assert_uint_eq(demand_arrival_ns(&none, 1e-10), UINT64_MAX);
    const struct demand users = demand_to(DEMAND_USERS, NULL, T0, 5, 1);
    ck_assert_uint_eq(demand_arrival_ns(&users, 1), UINT64_MAX);
    const struct demand slow = demand_to(DEMAND_ARRIVALS_PER_S, NULL, T0, 1e-10, 1);
    ck_assert_uint_eq(demand_arrival_ns(&slow, 1), UINT64_MAX);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("demand");
    TCase *tc = tcase_create("demand");
    tcase_add_test(tc, ramp_up_starts_at_once_and_keeps_the_rate);
    tcase_add_test(tc, ramp_down_ends_users_one_by_one);
    tcase_add_test(tc, a_changed_demand_does_not_jump);
    tcase_add_test(tc, next_change_is_exactly_when_the_number_changes);
    tcase_add_test(tc, a_rate_next_to_nothing_never_changes);
    tcase_add_test(tc, shares_add_up);
    tcase_add_test(tc, arrivals_at_a_constant_rate_are_evenly_spaced);
    tcase_add_test(tc, arrivals_of_a_ramp_come_when_the_area_under_it_has_grown_by_one);
    tcase_add_test(tc, an_arrival_is_due_exactly_when_it_is_counted);
    tcase_add_test(tc, a_changed_rate_neither_loses_nor_repeats_an_arrival);
    tcase_add_test(tc, a_demand_of_the_other_kind_begins_from_nothing);
    tcase_add_test(tc, no_rate_has_no_arrival);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
