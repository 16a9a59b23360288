/* SPDX-License-Identifier: MIT */
#include "src/load/worker_users.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/load/transport_rules.h"
#include "src/load/user.h"
#include "src/load/user_steps.h"
#include "src/stats/gauge.h"

/* A part at a time: replies that came in meanwhile are read, and timed, in between. */
#define DUE_PER_TURN 64

bool crew_ticket(struct crew *c)
{
    struct budget *b = c->budget;
    if (!b->limited)
        return true;
    int64_t left = atomic_fetch_sub_explicit(&b->left, 1, memory_order_relaxed);
    if (left == 1)
        atomic_store_explicit(&b->spent_ns, c->clock(), memory_order_relaxed);
    return left > 0;
}

uint64_t crew_off_ns(const struct crew *c)
{
    if (c->off_ns != 0 || !c->budget->limited)
        return c->off_ns;
    return atomic_load_explicit(&c->budget->spent_ns, memory_order_relaxed);
}

uint64_t crew_spread(struct crew *c, uint64_t wait)
{
    return wait > 0 ? rng_below(&c->rng, wait) : 0;
}

/* All at once would be a burst that nobody asked for. */
static void wait_afresh(struct user *u, uint64_t now)
{
    struct crew *c = u->crew;
    user_wait(u, now + crew_spread(c, user_draw_wait(&c->rng, &u->cls->wait)));
}

/* ---------------------------------------------------------------------- number */

static void make_room(struct crew *c, uint32_t n)
{
    if (n > c->room) {
        uint32_t room = c->room != 0 ? c->room : 64;
        while (room < n)
            room *= 2;
        c->slots = mem_grow(c->slots, room, sizeof *c->slots);
        memset(c->slots + c->room, 0, (room - c->room) * sizeof *c->slots);
        c->room = room;
    }
    if (n > c->n_slots)
        c->n_slots = n;
}

/* The place may be filled again. */
static void forget_left(struct crew *c, struct slot *slot)
{
    if (slot->left)
        gauge_add32(&c->lane.gauge->left, -1);
    slot->left = false;
}

void crew_vacated(struct crew *c, uint32_t slot, uint64_t now)
{
    if (slot < c->wanted && !c->slots[slot].left && !c->drain)
        user_start(c, slot, now);
}

bool crew_set_users(struct crew *c, uint32_t n, uint64_t now)
{
    unsigned left = DUE_PER_TURN;
    if (c->program == NULL || c->drain)
        n = 0;
    for (; c->wanted > n && left > 0; left--) {
        struct slot *slot = &c->slots[--c->wanted];
        if (slot->user != NULL)
            user_leave(slot->user, now);
        forget_left(c, slot);
    }
    make_room(c, n);
    for (; c->wanted < n && left > 0; left--) {
        uint32_t i = c->wanted++;
        if (c->slots[i].user != NULL)
            user_stay(c->slots[i].user);
        else
            user_start(c, i, now);
    }
    return c->wanted != n;
}

/* --------------------------------------------------------------------- steering */

void crew_resume(struct crew *c, uint64_t now)
{
    for (uint32_t i = 0; i < c->n_slots; i++)
        if (c->slots[i].user != NULL && c->slots[i].user->state == USER_PARKED)
            wait_afresh(c->slots[i].user, now);
}

static void follow(struct user *u, uint64_t now)
{
    if (u->state == USER_ACTIVE || u->part == PART_STOP)
        return;
    if (user_follow(u, now) && u->state == USER_WAITING && u->steps == NULL)
        wait_afresh(u, now);
}

void crew_set_program(struct crew *c, struct program *p, uint64_t now)
{
    if (c->program == p) {
        program_unref(p);
        return;
    }
    program_unref(c->program);
    c->program = p;
    const struct transport_rules rules = transport_rules_of(p->profile);
    c->ops->configure(c->transport, &rules);
    for (uint32_t i = 0; i < c->wanted; i++) {
        forget_left(c, &c->slots[i]);
        if (c->slots[i].user != NULL)
            follow(c->slots[i].user, now);
        else
            crew_vacated(c, i, now);
    }
}

void crew_set_barrier(struct crew *c, bool on, uint64_t now)
{
    if (on == c->barrier)
        return;
    c->barrier = on;
    for (uint32_t i = 0; i < c->n_slots; i++) {
        struct user *u = c->slots[i].user;
        if (u == NULL)
            continue;
        if (on && u->state == USER_WAITING && u->part == PART_TASK && u->steps == NULL) {
            timers_remove(&c->timers, &u->timer);
            user_set_state(u, USER_READY);
        } else if (!on && u->state == USER_READY) {
            wait_afresh(u, now);
        }
    }
}

void crew_release(struct crew *c, uint16_t burst)
{
    struct gauge *g = c->lane.gauge;
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->wanted; i++) {
        struct user *u = c->slots[i].user;
        if (u != NULL && u->state == USER_READY) {
            u->burst = burst;
            n++;
        }
    }
    gauge_add64(&g->released, n);
    /* Release: who sees the number sees how many they are. */
    atomic_store_explicit(&g->burst, burst, memory_order_release);
    for (uint32_t i = 0; i < c->wanted; i++) {
        struct user *u = c->slots[i].user;
        if (u == NULL || u->state != USER_READY || u->burst != burst)
            continue;
        user_set_state(u, USER_WAITING);
        walk(u, c->release_ns, c->clock()); /* each is timed from when it is really sent */
    }
}

/* ----------------------------------------------------------------------- the end */

/* Does it still wait for a reply that need not come by then? */
static bool waits_beyond(const struct user *u, uint64_t until_ns)
{
    if (u->flight.state == FLIGHT_FLYING && u->flight.deadline_ns > until_ns)
        return true;
    for (unsigned i = 0; i < u->n_more; i++)
        if (u->more[i]->state == FLIGHT_FLYING && u->more[i]->deadline_ns > until_ns)
            return true;
    return false;
}

static void give_user_up(struct user *u, uint64_t now)
{
    if (u->started && u->cls->on_stop.n > 0)
        gauge_add32(&u->crew->lane.gauge->cut_short, 1);
    user_end(u, now);
}

void crew_give_up(struct crew *c, uint64_t until_ns, uint64_t now)
{
    for (uint32_t i = 0; i < c->n_slots; i++) {
        struct user *u = c->slots[i].user;
        if (u != NULL && (until_ns == 0 || waits_beyond(u, until_ns)))
            give_user_up(u, now);
    }
}

/* -------------------------------------------------------------------- the clock */

void crew_on_time(struct crew *c, uint64_t now)
{
    for (int i = 0; i < DUE_PER_TURN; i++) {
        struct timer *t = timers_pop(&c->timers, now);
        if (t == NULL)
            break;
        if (t->owner == TIMER_FLIGHT) {
            flight_on_time((struct flight *)t, now);
        } else {
            struct user *u = (struct user *)t;
            if (u->state == USER_WAITING)
                walk(u, u->due_ns, c->clock()); /* which is not when the others were sent */
        }
    }
}

void crew_rebase(struct crew *c, uint64_t now)
{
    if (c->release_ns < now) /* one that is still to come is due now */
        c->release_ns = now;
    for (uint32_t i = 0; i < c->n_slots; i++) {
        struct user *u = c->slots[i].user;
        if (u == NULL)
            continue;
        flight_spoil(&u->flight, now);
        for (unsigned k = 0; k < u->n_more; k++)
            flight_spoil(u->more[k], now);
        u->task_due_ns = now;
        if (u->state == USER_WAITING)
            wait_afresh(u, now);
    }
}

void crew_finish(struct crew *c)
{
    uint64_t now = c->clock();
    c->wanted = 0;
    for (uint32_t i = 0; i < c->n_slots; i++)
        if (c->slots[i].user != NULL)
            give_user_up(c->slots[i].user, now);
    free(c->slots);
    c->slots = NULL;
    c->n_slots = 0;
    timers_finish(&c->timers);
    program_unref(c->program);
    c->program = NULL;
}
