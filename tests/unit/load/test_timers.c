/* SPDX-License-Identifier: MIT */
/* The heap of timers against the plainest reference: a scan of them all. */
#include <check.h>

#include "src/base/rng.h"
#include "src/load/timers.h"
#include "tests/unit/unit.h"

#define N 500

static void check_invariants(const struct timers *t)
{
    for (uint32_t i = 0; i < t->n; i++) {
        ck_assert_uint_eq(t->heap[i]->place, i + 1);
        if (i > 0)
            ck_assert_uint_le(t->heap[(i - 1) / 4]->due_ns, t->heap[i]->due_ns);
    }
}

static uint64_t earliest(const struct timer *timers)
{
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < N; i++)
        if (timer_is_set(&timers[i]) && timers[i].due_ns < least)
            least = timers[i].due_ns;
    return least;
}

START_TEST(heap_agrees_with_a_scan)
{
    static struct timer timers[N];
    struct timers t = {0};
    struct rng r;
    uint64_t now = 0;
    rng_seed(&r, 11);
    for (int step = 0; step < 50000; step++) {
        struct timer *one = &timers[rng_below(&r, N)];
        switch (rng_below(&r, 4)) {
        case 0:
            timers_remove(&t, one);
            break;
        case 1:
            now += rng_below(&r, 50);
            for (struct timer *due; (due = timers_pop(&t, now)) != NULL;)
                ck_assert_uint_le(due->due_ns, now);
            ck_assert(earliest(timers) > now);
            break;
        default:
            timers_set(&t, one, now + rng_below(&r, 1000));
        }
        ck_assert_uint_eq(timers_next(&t), earliest(timers));
        if (step % 100 == 0)
            check_invariants(&t);
    }
    timers_finish(&t);
}
END_TEST

START_TEST(an_empty_heap_has_nothing_due)
{
    struct timers t = {0};
    struct timer one = {0};
    ck_assert_uint_eq(timers_next(&t), UINT64_MAX);
    ck_assert_ptr_null(timers_pop(&t, UINT64_MAX));
    timers_remove(&t, &one);
    timers_set(&t, &one, 5);
    ck_assert_ptr_null(timers_pop(&t, 4));
    ck_assert_ptr_eq(timers_pop(&t, 5), &one);
    ck_assert(!timer_is_set(&one));
    timers_finish(&t);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("timers");
    TCase *tc = tcase_create("timers");
    tcase_add_test(tc, heap_agrees_with_a_scan);
    tcase_add_test(tc, an_empty_heap_has_nothing_due);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
