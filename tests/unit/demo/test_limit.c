/* SPDX-License-Identifier: MIT */
/* Rate limits and locks at their boundaries, to the nanosecond. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "src/base/now.h"
#include "src/demo/limit.h"
#include "tests/unit/unit.h"

#define START (5 * NS_PER_S)

static bool take(struct limit *l, const char *key, uint64_t t_ns, struct limit_state *s)
{
    return limit_take(l, key, strlen(key), t_ns, s);
}

START_TEST(exactly_so_many_are_admitted)
{
    for (uint64_t n = 1; n <= 100; n += 33) {
        struct limit l;
        struct limit_state s;
        limit_init(&l, n, 60 * NS_PER_S);
        for (uint64_t i = 0; i < n; i++) {
            ck_assert(take(&l, "a", START + i, &s));
            ck_assert_uint_eq(s.remaining, n - 1 - i);
            ck_assert_uint_eq(s.ends_ns, START + 60 * NS_PER_S);
        }
        ck_assert(!take(&l, "a", START + n, &s));
        ck_assert_uint_eq(s.remaining, 0);
        ck_assert_uint_eq(l.refused, 1);
        limit_finish(&l);
    }
}
END_TEST

START_TEST(the_window_ends_to_the_nanosecond)
{
    struct limit l;
    struct limit_state s;
    limit_init(&l, 2, NS_PER_S);
    ck_assert(take(&l, "a", START, &s));
    ck_assert(take(&l, "a", START + NS_PER_S - 2, &s));
    ck_assert(!take(&l, "a", START + NS_PER_S - 1, &s));
    /* The next window begins with the first request behind the last one's end. */
    ck_assert(take(&l, "a", START + NS_PER_S, &s));
    ck_assert_uint_eq(s.ends_ns, START + 2 * NS_PER_S);
    ck_assert(take(&l, "a", START + NS_PER_S, &s));
    ck_assert(!take(&l, "a", START + 2 * NS_PER_S - 1, &s));
    ck_assert(take(&l, "a", START + 10 * NS_PER_S, &s));
    ck_assert_uint_eq(s.ends_ns, START + 11 * NS_PER_S);
    limit_finish(&l);
}
END_TEST

START_TEST(refused_requests_count_for_nothing)
{
    struct limit l;
    struct limit_state s;
    limit_init(&l, 1, NS_PER_S);
    ck_assert(take(&l, "a", START, &s));
    for (uint64_t i = 1; i < 50; i++)
        ck_assert(!take(&l, "a", START + i * NS_PER_S / 50, &s));
    ck_assert(take(&l, "a", START + NS_PER_S, &s));
    limit_finish(&l);
}
END_TEST

START_TEST(each_key_has_its_own_window)
{
    struct limit l;
    struct limit_state s;
    limit_init(&l, 1, NS_PER_S);
    for (int i = 0; i < 5000; i++) {
        char key[16];
        snprintf(key, sizeof key, "user %d", i);
        ck_assert(take(&l, key, START + (uint64_t)i, &s));
        ck_assert(!take(&l, key, START + (uint64_t)i, &s));
    }
    limit_finish(&l);
}
END_TEST

START_TEST(seconds_are_enough_to_wait)
{
    ck_assert_uint_eq(limit_seconds(START, START), 1);
    ck_assert_uint_eq(limit_seconds(START, START - 7), 1);
    ck_assert_uint_eq(limit_seconds(START, START + 1), 1);
    ck_assert_uint_eq(limit_seconds(START, START + NS_PER_S), 1);
    ck_assert_uint_eq(limit_seconds(START, START + NS_PER_S + 1), 2);
    ck_assert_uint_eq(limit_seconds(START, START + 3600 * NS_PER_S), 3600);
}
END_TEST

START_TEST(a_lock_closes_after_so_many_failures)
{
    struct lock l;
    uint64_t until_ns;
    lock_init(&l, 5, 10 * NS_PER_S);
    for (uint64_t i = 0; i < 5; i++) {
        ck_assert(!lock_closed(&l, "kim", 3, START + i, &until_ns));
        lock_failed(&l, "kim", 3, START + i);
    }
    ck_assert(lock_closed(&l, "kim", 3, START + 4, &until_ns));
    ck_assert_uint_eq(until_ns, START + 4 + 10 * NS_PER_S);
    ck_assert(!lock_closed(&l, "ada", 3, START + 4, &until_ns));
    ck_assert(lock_closed(&l, "kim", 3, until_ns - 1, &until_ns));
    ck_assert(!lock_closed(&l, "kim", 3, until_ns, &until_ns));
    /* Afterwards it counts from the beginning. */
    lock_failed(&l, "kim", 3, until_ns);
    ck_assert(!lock_closed(&l, "kim", 3, until_ns, &until_ns));
    lock_finish(&l);
}
END_TEST

START_TEST(a_login_that_passes_forgives)
{
    struct lock l;
    uint64_t until_ns;
    lock_init(&l, 2, 10 * NS_PER_S);
    lock_failed(&l, "kim", 3, START);
    lock_passed(&l, "kim", 3);
    lock_passed(&l, "nobody", 6);
    lock_failed(&l, "kim", 3, START);
    ck_assert(!lock_closed(&l, "kim", 3, START, &until_ns));
    lock_failed(&l, "kim", 3, START);
    ck_assert(lock_closed(&l, "kim", 3, START, &until_ns));
    lock_finish(&l);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("demo limit");
    TCase *tc = tcase_create("limit");
    tcase_add_test(tc, exactly_so_many_are_admitted);
    tcase_add_test(tc, the_window_ends_to_the_nanosecond);
    tcase_add_test(tc, refused_requests_count_for_nothing);
    tcase_add_test(tc, each_key_has_its_own_window);
    tcase_add_test(tc, seconds_are_enough_to_wait);
    tcase_add_test(tc, a_lock_closes_after_so_many_failures);
    tcase_add_test(tc, a_login_that_passes_forgives);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
