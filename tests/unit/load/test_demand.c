/* SPDX-License-Identifier: MIT */
/* The ramp: how many users at which moment, and whose they are. */
#include <check.h>

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
    struct demand p = demand_to(NULL, T0, 5, 2);
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
    struct demand up = demand_to(NULL, T0, 4, 1000);
    struct demand p = demand_to(&up, T0 + NS_PER_S, 1, 10);
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
    struct demand p = demand_to(NULL, T0, 100, 10);
    for (uint64_t ms = 0; ms < 5000; ms += 7) {
        uint32_t before = users_at_ms(&p, ms);
        p = demand_to(&p, T0 + ms * NS_PER_MS, 100 + (uint32_t)(ms % 50), 10);
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
                ck_assert_uint_eq(users, p.to);
                break;
            }
            ck_assert_uint_gt(next, now);
            uint32_t later = demand_users_at(&p, next);
            ck_assert_msg(later == users + 1 || later + 1 == users,
                          "from %f to %u at %f/s: %u then %u", p.from, p.to, p.slope, users, later);
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
    suite_add_tcase(s, tc);
    return unit_run(s);
}
