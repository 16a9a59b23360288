/* SPDX-License-Identifier: MIT */
#include "src/load/timers.h"

#include <stdlib.h>

#include "src/base/mem.h"

#define ARITY 4u

static void put(struct timers *t, uint32_t i, struct timer *timer)
{
    t->heap[i] = timer;
    timer->place = i + 1;
}

static void sift_up(struct timers *t, uint32_t i, struct timer *timer)
{
    while (i > 0) {
        uint32_t parent = (i - 1) / ARITY;
        if (t->heap[parent]->due_ns <= timer->due_ns)
            break;
        put(t, i, t->heap[parent]);
        i = parent;
    }
    put(t, i, timer);
}

static void sift_down(struct timers *t, uint32_t i, struct timer *timer)
{
    for (;;) {
        uint32_t first = i * ARITY + 1, least = first;
        if (first >= t->n)
            break;
        for (uint32_t c = first + 1; c < first + ARITY && c < t->n; c++)
            if (t->heap[c]->due_ns < t->heap[least]->due_ns)
                least = c;
        if (t->heap[least]->due_ns >= timer->due_ns)
            break;
        put(t, i, t->heap[least]);
        i = least;
    }
    put(t, i, timer);
}

void timers_finish(struct timers *t)
{
    free(t->heap);
    *t = (struct timers){0};
}

void timers_set(struct timers *t, struct timer *timer, uint64_t due_ns)
{
    if (timer->place != 0) {
        uint64_t was = timer->due_ns;
        timer->due_ns = due_ns;
        if (due_ns < was)
            sift_up(t, timer->place - 1, timer);
        else
            sift_down(t, timer->place - 1, timer);
        return;
    }
    if (t->n == t->room) {
        t->room = t->room != 0 ? t->room * 2 : 64;
        t->heap = mem_grow(t->heap, t->room, sizeof *t->heap);
    }
    timer->due_ns = due_ns;
    sift_up(t, t->n++, timer);
}

void timers_remove(struct timers *t, struct timer *timer)
{
    if (timer->place == 0)
        return;
    uint32_t i = timer->place - 1;
    struct timer *last = t->heap[--t->n];
    timer->place = 0;
    if (last == timer)
        return;
    if (last->due_ns < timer->due_ns)
        sift_up(t, i, last);
    else
        sift_down(t, i, last);
}

struct timer *timers_pop(struct timers *t, uint64_t now_ns)
{
    if (t->n == 0 || t->heap[0]->due_ns > now_ns)
        return NULL;
    struct timer *first = t->heap[0];
    timers_remove(t, first);
    return first;
}
