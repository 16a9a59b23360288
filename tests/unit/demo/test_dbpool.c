/* SPDX-License-Identifier: MIT */
/* The pool of connections: who gets one and who waits, with time as a parameter and no
 * database. */
#include <check.h>

#include "src/base/now.h"
#include "src/base/rng.h"
#include "src/demo/dbpool.h"
#include "tests/unit/unit.h"

#define IDLE_NS (30 * NS_PER_S)
#define PATIENCE_NS (10 * NS_PER_S)
#define T0 (100 * NS_PER_S)

static int people[64]; /* whose addresses are those who wait */

static struct dbpool pool_of(size_t size, size_t queue)
{
    struct dbpool p;
    dbpool_init(&p, size, queue, IDLE_NS, PATIENCE_NS);
    return p;
}

static enum dbpool_reply ask(struct dbpool *p, int who, uint64_t t_ns, size_t *slot)
{
    return dbpool_ask(p, &people[who], t_ns, slot);
}

/* The pool opens one, which succeeds: who has it then. */
static int open_one(struct dbpool *p, uint64_t t_ns, size_t *slot)
{
    ck_assert(dbpool_grow(p, t_ns, slot));
    int *who = dbpool_ready(p, *slot, t_ns);
    return who != NULL ? (int)(who - people) : -1;
}

static void fail_one(struct dbpool *p, uint64_t t_ns)
{
    size_t slot;
    ck_assert(dbpool_grow(p, t_ns, &slot));
    dbpool_gone(p, slot, t_ns);
}

START_TEST(connections_are_opened_as_they_are_needed)
{
    struct dbpool p = pool_of(3, 5);
    size_t slot, other;
    ck_assert(!dbpool_grow(&p, T0, &slot)); /* nobody has asked */
    ck_assert_int_eq(ask(&p, 0, T0, &slot), DBPOOL_WAITS);
    ck_assert_int_eq(open_one(&p, T0 + 1, &slot), 0);
    ck_assert(!dbpool_grow(&p, T0 + 1, &other)); /* one was enough */
    ck_assert_ptr_null(dbpool_ready(&p, slot, T0 + 2));
    ck_assert_uint_eq(p.idle, 1);
    ck_assert_int_eq(ask(&p, 1, T0 + 3, &other), DBPOOL_TAKEN);
    ck_assert_uint_eq(other, slot);
    ck_assert_uint_eq(p.busy, 1);
    ck_assert_uint_eq(p.opened, 1);
    dbpool_finish(&p);
}
END_TEST

START_TEST(no_more_are_opened_than_wait_nor_than_the_pool_may_have)
{
    struct dbpool p = pool_of(3, 5);
    size_t slot;
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(ask(&p, i, T0, &slot), DBPOOL_WAITS);
    ck_assert(dbpool_grow(&p, T0, &slot));
    ck_assert(dbpool_grow(&p, T0, &slot));
    ck_assert(!dbpool_grow(&p, T0, &slot));
    for (int i = 2; i < 6; i++)
        ck_assert_int_eq(ask(&p, i, T0, &slot), DBPOOL_WAITS);
    ck_assert(dbpool_grow(&p, T0, &slot));
    ck_assert(!dbpool_grow(&p, T0, &slot));
    ck_assert_uint_eq(p.opening, 3);
    dbpool_finish(&p);
}
END_TEST

START_TEST(nobody_overtakes)
{
    struct dbpool p = pool_of(1, 5);
    size_t slot, none;
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(ask(&p, i, T0, &slot), DBPOOL_WAITS);
    ck_assert_int_eq(open_one(&p, T0, &slot), 0);
    for (int i = 1; i < 4; i++) {
        ck_assert_int_eq(ask(&p, 10 + i, T0 + 1, &none), DBPOOL_WAITS);
        ck_assert_ptr_eq(dbpool_ready(&p, slot, T0 + 1), &people[i]);
    }
    ck_assert_ptr_eq(dbpool_ready(&p, slot, T0 + 1), &people[11]);
    dbpool_finish(&p);
}
END_TEST

START_TEST(a_full_queue_refuses)
{
    struct dbpool p = pool_of(2, 3);
    size_t slot;
    /* Two for whom a connection is opened, three in the queue. */
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(ask(&p, i, T0, &slot), DBPOOL_WAITS);
        dbpool_grow(&p, T0, &slot);
    }
    ck_assert_int_eq(ask(&p, 5, T0, &slot), DBPOOL_FULL);
    ck_assert_ptr_eq(dbpool_ready(&p, 0, T0), &people[0]);
    ck_assert_ptr_eq(dbpool_ready(&p, 1, T0), &people[1]);
    ck_assert_int_eq(ask(&p, 5, T0, &slot), DBPOOL_FULL);
    ck_assert_ptr_eq(dbpool_ready(&p, 0, T0), &people[2]);
    ck_assert_int_eq(ask(&p, 5, T0, &slot), DBPOOL_WAITS);
    ck_assert_uint_eq(p.refused, 2);
    ck_assert_uint_eq(p.waiting, 3);
    dbpool_finish(&p);
}
END_TEST

START_TEST(without_a_queue_only_connections_serve)
{
    struct dbpool p = pool_of(1, 0);
    size_t slot;
    ck_assert_int_eq(ask(&p, 0, T0, &slot), DBPOOL_WAITS); /* until it is open */
    ck_assert_int_eq(open_one(&p, T0, &slot), 0);
    ck_assert_int_eq(ask(&p, 1, T0, &slot), DBPOOL_FULL);
    ck_assert_ptr_null(dbpool_ready(&p, 0, T0));
    ck_assert_int_eq(ask(&p, 1, T0, &slot), DBPOOL_TAKEN);
    dbpool_finish(&p);
}
END_TEST

START_TEST(what_the_load_does_not_need_grows_old_and_is_closed)
{
    struct dbpool p = pool_of(3, 5);
    size_t slot, slots[3];
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(ask(&p, i, T0, &slot), DBPOOL_WAITS);
        ck_assert_int_eq(open_one(&p, T0, &slots[i]), i);
    }
    for (int i = 0; i < 3; i++)
        ck_assert_ptr_null(dbpool_ready(&p, slots[i], T0));
    ck_assert_uint_eq(dbpool_due_ns(&p), T0 + IDLE_NS);
    /* One request at a time: always on the one used last. */
    for (int i = 1; i <= 4; i++) {
        ck_assert_int_eq(ask(&p, 0, T0 + (uint64_t)i * 10 * NS_PER_S, &slot), DBPOOL_TAKEN);
        ck_assert_uint_eq(slot, slots[2]);
        dbpool_ready(&p, slot, T0 + (uint64_t)i * 10 * NS_PER_S);
    }
    ck_assert(!dbpool_shrink(&p, T0 + IDLE_NS - 1, &slot));
    ck_assert(dbpool_shrink(&p, T0 + IDLE_NS, &slot));
    ck_assert_uint_eq(slot, slots[0]);
    ck_assert(dbpool_shrink(&p, T0 + IDLE_NS, &slot));
    ck_assert_uint_eq(slot, slots[1]);
    ck_assert(!dbpool_shrink(&p, T0 + 40 * NS_PER_S, &slot));
    ck_assert_uint_eq(dbpool_due_ns(&p), T0 + 40 * NS_PER_S + IDLE_NS);
    ck_assert(dbpool_shrink(&p, T0 + 40 * NS_PER_S + IDLE_NS, &slot));
    ck_assert_uint_eq(dbpool_due_ns(&p), UINT64_MAX);
    ck_assert_uint_eq(p.closed, 3);
    dbpool_finish(&p);
}
END_TEST

START_TEST(an_attempt_that_fails_costs_the_first_in_the_queue)
{
    struct dbpool p = pool_of(2, 5);
    size_t slot;
    ck_assert_int_eq(ask(&p, 0, T0, &slot), DBPOOL_WAITS);
    ck_assert_int_eq(open_one(&p, T0, &slot), 0);
    for (int i = 1; i < 4; i++)
        ck_assert_int_eq(ask(&p, i, T0, &slot), DBPOOL_WAITS);
    fail_one(&p, T0);
    ck_assert_uint_eq(dbpool_due_ns(&p), 0);
    ck_assert_ptr_eq(dbpool_refuse(&p, T0), &people[1]);
    ck_assert_ptr_null(dbpool_refuse(&p, T0)); /* one connection is still there */
    ck_assert(!dbpool_grow(&p, T0, &slot));
    ck_assert_uint_eq(dbpool_due_ns(&p), T0 + DBPOOL_RETRY_FIRST_NS);
    ck_assert_ptr_eq(dbpool_ready(&p, 0, T0), &people[2]);
    ck_assert_uint_eq(p.failed, 1);
    dbpool_finish(&p);
}
END_TEST

START_TEST(without_any_connection_all_are_refused_until_the_next_attempt)
{
    struct dbpool p = pool_of(2, 5);
    size_t slot;
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(ask(&p, i, T0, &slot), DBPOOL_WAITS);
    fail_one(&p, T0);
    for (int i = 0; i < 3; i++)
        ck_assert_ptr_eq(dbpool_refuse(&p, T0), &people[i]);
    ck_assert_ptr_null(dbpool_refuse(&p, T0));
    ck_assert_int_eq(ask(&p, 3, T0 + 1, &slot), DBPOOL_NONE);
    ck_assert_uint_eq(dbpool_due_ns(&p), UINT64_MAX);
    ck_assert_int_eq(ask(&p, 3, T0 + DBPOOL_RETRY_FIRST_NS, &slot), DBPOOL_WAITS);
    ck_assert_int_eq(open_one(&p, T0 + DBPOOL_RETRY_FIRST_NS, &slot), 3);
    dbpool_finish(&p);
}
END_TEST

START_TEST(attempts_get_rarer_until_one_succeeds)
{
    struct dbpool p = pool_of(1, 5);
    uint64_t t_ns = T0, wait_ns = DBPOOL_RETRY_FIRST_NS;
    size_t slot;
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(ask(&p, 0, t_ns, &slot), DBPOOL_WAITS);
        fail_one(&p, t_ns);
        ck_assert_ptr_nonnull(dbpool_refuse(&p, t_ns));
        ck_assert_int_eq(ask(&p, 0, t_ns + wait_ns - 1, &slot), DBPOOL_NONE);
        t_ns += wait_ns;
        wait_ns = wait_ns * 2 < DBPOOL_RETRY_MOST_NS ? wait_ns * 2 : DBPOOL_RETRY_MOST_NS;
    }
    ck_assert_uint_eq(wait_ns, DBPOOL_RETRY_MOST_NS);
    ck_assert_int_eq(ask(&p, 0, t_ns, &slot), DBPOOL_WAITS);
    ck_assert_int_eq(open_one(&p, t_ns, &slot), 0);
    dbpool_gone(&p, slot, t_ns); /* it breaks: that is no attempt that failed */
    ck_assert_int_eq(ask(&p, 0, t_ns, &slot), DBPOOL_WAITS);
    fail_one(&p, t_ns);
    dbpool_refuse(&p, t_ns);
    ck_assert_int_eq(ask(&p, 0, t_ns + DBPOOL_RETRY_FIRST_NS, &slot), DBPOOL_WAITS);
    dbpool_finish(&p);
}
END_TEST

START_TEST(a_connection_that_breaks_makes_room_for_another)
{
    struct dbpool p = pool_of(2, 5);
    size_t slot, first, second;
    ck_assert_int_eq(ask(&p, 0, T0, &slot), DBPOOL_WAITS);
    ck_assert_int_eq(open_one(&p, T0, &first), 0);
    ck_assert_int_eq(ask(&p, 1, T0, &slot), DBPOOL_WAITS);
    ck_assert_int_eq(open_one(&p, T0, &second), 1);
    dbpool_ready(&p, first, T0);
    dbpool_ready(&p, second, T0);
    dbpool_gone(&p, first, T0 + 1); /* idle, and not the last */
    ck_assert_uint_eq(p.idle, 1);
    ck_assert_int_eq(ask(&p, 2, T0 + 2, &slot), DBPOOL_TAKEN);
    ck_assert_uint_eq(slot, second);
    ck_assert_int_eq(ask(&p, 3, T0 + 2, &slot), DBPOOL_WAITS);
    dbpool_gone(&p, second, T0 + 3); /* at work */
    ck_assert_uint_eq(p.lost, 2);
    ck_assert_ptr_null(dbpool_refuse(&p, T0 + 3));
    ck_assert_int_eq(open_one(&p, T0 + 3, &slot), 3);
    dbpool_finish(&p);
}
END_TEST

START_TEST(nobody_waits_for_ever)
{
    struct dbpool p = pool_of(1, 5);
    size_t slot;
    ck_assert_int_eq(ask(&p, 0, T0, &slot), DBPOOL_WAITS);
    ck_assert_int_eq(open_one(&p, T0, &slot), 0);
    ck_assert_int_eq(ask(&p, 1, T0 + 1, &slot), DBPOOL_WAITS);
    ck_assert_int_eq(ask(&p, 2, T0 + 2, &slot), DBPOOL_WAITS);
    ck_assert_uint_eq(dbpool_due_ns(&p), T0 + 1 + PATIENCE_NS);
    ck_assert_ptr_null(dbpool_refuse(&p, T0 + PATIENCE_NS));
    ck_assert_ptr_eq(dbpool_refuse(&p, T0 + 1 + PATIENCE_NS), &people[1]);
    ck_assert_ptr_null(dbpool_refuse(&p, T0 + 1 + PATIENCE_NS));
    ck_assert_uint_eq(p.waiting, 1);
    dbpool_finish(&p);
}
END_TEST

/* The owner's side of a pool in a random life, which must end with everybody served or
 * refused, each once. */
struct life {
    struct dbpool p;
    struct rng rng;
    int has[64]; /* by slot: who, -1 nobody */
    bool out[64];
    int served, refused, asked;
};

static void settle(struct life *l, uint64_t t_ns)
{
    size_t slot;
    int *who;
    while (dbpool_shrink(&l->p, t_ns, &slot))
        ck_assert_int_eq(l->has[slot], -1);
    while (dbpool_grow(&l->p, t_ns, &slot))
        l->has[slot] = -1;
    while ((who = dbpool_refuse(&l->p, t_ns)) != NULL) {
        ck_assert(l->out[who - people]);
        l->out[who - people] = false;
        l->refused++;
    }
}

static void take(struct life *l, size_t slot, const int *who)
{
    l->has[slot] = who != NULL ? (int)(who - people) : -1;
}

static void end_of(struct life *l, size_t slot)
{
    if (l->has[slot] < 0)
        return;
    ck_assert(l->out[l->has[slot]]);
    l->out[l->has[slot]] = false;
    l->served++;
    l->has[slot] = -1;
}

static void step(struct life *l, uint64_t t_ns)
{
    size_t slot = (size_t)rng_below(&l->rng, l->p.size);
    int who = (int)rng_below(&l->rng, 64);
    bool breaks = rng_below(&l->rng, 10) == 0;
    if (rng_below(&l->rng, 2) == 0 && !l->out[who]) {
        enum dbpool_reply r = ask(&l->p, who, t_ns, &slot);
        l->asked += r == DBPOOL_TAKEN || r == DBPOOL_WAITS;
        l->out[who] = r == DBPOOL_TAKEN || r == DBPOOL_WAITS;
        if (r == DBPOOL_TAKEN)
            l->has[slot] = who;
    } else if (l->p.states[slot] != SLOT_CLOSED && breaks) {
        dbpool_gone(&l->p, slot, t_ns);
        end_of(l, slot);
    } else if (l->p.states[slot] == SLOT_BUSY || l->p.states[slot] == SLOT_OPENING) {
        end_of(l, slot);
        take(l, slot, dbpool_ready(&l->p, slot, t_ns));
    }
}

START_TEST(whatever_happens_each_is_served_or_refused_once)
{
    struct life l = {.p = pool_of((size_t)_i + 1, (size_t)(_i % 5) * 4)};
    uint64_t t_ns = T0;
    rng_seed(&l.rng, (uint64_t)_i + 1);
    for (int i = 0; i < 64; i++)
        l.has[i] = -1;
    for (int i = 0; i < 20000; i++) {
        t_ns += rng_below(&l.rng, 20 * NS_PER_MS);
        step(&l, t_ns);
        settle(&l, t_ns);
        ck_assert_uint_le(l.p.opening + l.p.idle + l.p.busy, l.p.size);
        ck_assert_uint_le(l.p.waiting, l.p.queue + l.p.size);
        ck_assert(l.p.waiting == 0 || l.p.idle == 0);
        ck_assert(l.p.waiting == 0 || l.p.opening + l.p.busy > 0);
    }
    int left = 0;
    for (int i = 0; i < 64; i++)
        left += l.out[i];
    ck_assert_int_eq(left, (int)(l.p.waiting + l.p.busy));
    ck_assert_int_eq(l.asked, l.served + l.refused + left);
    ck_assert_int_gt(l.served, 1000);
    dbpool_finish(&l.p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("dbpool");
    TCase *tc = tcase_create("dbpool");
    tcase_add_test(tc, connections_are_opened_as_they_are_needed);
    tcase_add_test(tc, no_more_are_opened_than_wait_nor_than_the_pool_may_have);
    tcase_add_test(tc, nobody_overtakes);
    tcase_add_test(tc, a_full_queue_refuses);
    tcase_add_test(tc, without_a_queue_only_connections_serve);
    tcase_add_test(tc, what_the_load_does_not_need_grows_old_and_is_closed);
    tcase_add_test(tc, an_attempt_that_fails_costs_the_first_in_the_queue);
    tcase_add_test(tc, without_any_connection_all_are_refused_until_the_next_attempt);
    tcase_add_test(tc, attempts_get_rarer_until_one_succeeds);
    tcase_add_test(tc, a_connection_that_breaks_makes_room_for_another);
    tcase_add_test(tc, nobody_waits_for_ever);
    tcase_add_loop_test(tc, whatever_happens_each_is_served_or_refused_once, 0, 8);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
