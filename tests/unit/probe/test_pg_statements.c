/* SPDX-License-Identifier: MIT */
#include <check.h>

#include "src/probe/postgres/pg_statements.h"
#include "tests/unit/unit.h"

static void add(struct pg_statements *all, int64_t id, double calls, double ms)
{
    pg_statements_add(all,
                      &(struct pg_statement){.id = id, .calls = calls, .ms = ms, .rows = calls});
}

START_TEST(the_most_expensive_since_the_beginning)
{
    struct pg_statements before = {0}, now = {0};
    struct pg_statement top[3];
    add(&before, -7, 1000, 90000); /* yesterday's report */
    add(&before, 5, 10, 10);
    add(&before, 9, 500, 50);
    pg_statements_sort(&before);
    add(&now, 5, 110, 510);
    add(&now, -7, 1001, 90090);
    add(&now, 3, 20, 2000); /* new */
    add(&now, 9, 4, 4);     /* evicted, and there again */
    add(&now, 8, 1, 1);
    ck_assert_uint_eq(pg_statements_top(&before, &now, top, 3), 3);
    ck_assert_int_eq(top[0].id, 3);
    ck_assert_int_eq(top[1].id, 5);
    ck_assert_double_eq_tol(top[1].calls, 100, 1e-9);
    ck_assert_double_eq_tol(top[1].ms, 500, 1e-9);
    ck_assert_int_eq(top[2].id, -7);
    ck_assert_double_eq_tol(top[2].ms, 90, 1e-9);
    pg_statements_finish(&before);
    pg_statements_finish(&now);
}
END_TEST

START_TEST(what_was_not_called_is_not_there)
{
    struct pg_statements none = {0}, now = {0};
    struct pg_statement top[4];
    add(&now, 1, 5, 5);
    pg_statements_sort(&now);
    ck_assert_uint_eq(pg_statements_top(&now, &now, top, 4), 0);
    ck_assert_uint_eq(pg_statements_top(&none, &now, top, 4), 1);
    ck_assert_uint_eq(pg_statements_top(&none, &none, top, 4), 0);
    pg_statements_finish(&now);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pg_statements");
    TCase *tc = tcase_create("statements");
    tcase_add_test(tc, the_most_expensive_since_the_beginning);
    tcase_add_test(tc, what_was_not_called_is_not_there);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
