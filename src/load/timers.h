/* SPDX-License-Identifier: MIT */
/* timers.h - what is due next, among many: a 4-ary heap of times.
 *
 * The timer lives inside its owner's struct; the heap holds pointers to it.  Ties
 * keep no order.  One thread. */
#ifndef RAMPTOP_LOAD_TIMERS_H
#define RAMPTOP_LOAD_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer {
    uint64_t due_ns;
    uint32_t place; /* index in the heap + 1, 0 while not in it */
    /* For whoever pops it: what is then to be done. */
    void (*on_due)(struct timer *timer, uint64_t now);
};

struct timers {
    struct timer **heap; /* owned; the timers are not */
    uint32_t n, room;
};

void timers_finish(struct timers *t); /* zeroed is fine */

/* Puts the timer in, or moves it to its new time. */
void timers_set(struct timers *t, struct timer *timer, uint64_t due_ns);
void timers_remove(struct timers *t, struct timer *timer); /* not in it is fine */

static inline bool timer_is_set(const struct timer *timer)
{
    return timer->place != 0;
}

/* When the first is due, UINT64_MAX when there is none. */
static inline uint64_t timers_next(const struct timers *t)
{
    return t->n != 0 ? t->heap[0]->due_ns : UINT64_MAX;
}

/* Takes the first out if it is due at that time, else NULL. */
struct timer *timers_pop(struct timers *t, uint64_t now_ns);

#endif
