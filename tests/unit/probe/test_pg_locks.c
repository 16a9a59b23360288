/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/probe/postgres/pg_locks.h"
#include "tests/unit/unit.h"

/* "1+3 .2 ..4": pids in order, a dot for each level, +n for those behind. */
static void shows(struct pg_locks *l, const char *wanted)
{
    char text[4096] = "";
    size_t len = 0;
    pg_locks_order(l);
    for (uint32_t i = 0; i < l->n_order && len < sizeof text - 64; i++) {
        const struct pg_session *s = &l->sessions[l->order[i]];
        len += (size_t)sprintf(text + len, "%s%.*s%d", i > 0 ? " " : "", (int)s->depth,
                               "..........", (int)s->pid);
        if (s->behind > 0)
            len += (size_t)sprintf(text + len, "+%u", s->behind);
    }
    ck_assert_str_eq(text, wanted);
    free(l);
}

static struct pg_locks *locks(void)
{
    return mem_zalloc(sizeof(struct pg_locks));
}

START_TEST(a_chain_leads_to_its_root)
{
    struct pg_locks *l = locks();
    pg_locks_add(l, 30, "{20}", 0);
    pg_locks_add(l, 20, "{10}", 1);
    pg_locks_add(l, 10, NULL, 2);
    shows(l, "10+2 .20+1 ..30");
}
END_TEST

START_TEST(the_root_with_most_behind_it_comes_first)
{
    struct pg_locks *l = locks();
    pg_locks_add(l, 1, NULL, 0);
    pg_locks_add(l, 2, "{1}", 1);
    pg_locks_add(l, 5, NULL, 2);
    pg_locks_add(l, 6, "{5}", 3);
    pg_locks_add(l, 7, "{5,6}", 4);
    shows(l, "5+2 .6 .7 1+1 .2");
}
END_TEST

START_TEST(a_blocker_that_is_not_among_the_sessions_is_shown)
{
    struct pg_locks *l = locks();
    pg_locks_add(l, 8, "{0}", 0); /* of a prepared transaction */
    pg_locks_add(l, 9, "{77,77}", 1);
    pg_locks_order(l);
    ck_assert_int_eq(l->sessions[1].n_blockers, 1);
    ck_assert(!l->sessions[3].known);
    shows(l, "0+1 .8 77+1 .9");
}
END_TEST

START_TEST(a_ring_ends)
{
    struct pg_locks *l = locks();
    pg_locks_add(l, 3, "{1}", 0);
    pg_locks_add(l, 1, "{2}", 1);
    pg_locks_add(l, 2, "{3}", 2);
    pg_locks_add(l, 4, "{2}", 3);
    pg_locks_add(l, 6, "{6}", 4);
    shows(l, "1+3 .3+2 ..2+1 ...4 6");
}
END_TEST

START_TEST(more_sessions_than_there_is_room_for)
{
    struct pg_locks *l = locks();
    char blockers[400] = "{";
    for (int i = 1; i <= 40; i++)
        sprintf(blockers + strlen(blockers), "%d,", i);
    for (int i = 0; i < 1000; i++)
        pg_locks_add(l, 1000 + i, blockers, i);
    pg_locks_order(l);
    ck_assert_uint_eq(l->n, 2 * PG_LOCKS_MAX);
    ck_assert_uint_eq(l->n_order, l->n);
    ck_assert_uint_eq(l->sessions[0].n_blockers, PG_BLOCKERS_MAX);
    free(l);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pg_locks");
    TCase *tc = tcase_create("locks");
    tcase_add_test(tc, a_chain_leads_to_its_root);
    tcase_add_test(tc, the_root_with_most_behind_it_comes_first);
    tcase_add_test(tc, a_blocker_that_is_not_among_the_sessions_is_shown);
    tcase_add_test(tc, a_ring_ends);
    tcase_add_test(tc, more_sessions_than_there_is_room_for);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
