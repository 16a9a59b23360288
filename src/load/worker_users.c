/* SPDX-License-Identifier: MIT */
#include "src/load/worker_users.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/load/transport_rules.h"
#include "src/stats/gauge.h"

/* A part at a time: replies that came in meanwhile are read, and timed, in between. */
#define USERS_PER_TURN 64

/* ---------------------------------------------------------------------- number */

static void places_grow(struct worker_users *w, uint32_t n)
{
    if (n > w->room) {
        uint32_t room = w->room != 0 ? w->room : 64;
        while (room < n)
            room *= 2;
        w->places = mem_grow(w->places, room, sizeof *w->places);
        memset(w->places + w->room, 0, (room - w->room) * sizeof *w->places);
        w->room = room;
    }
    if (n > w->n_places)
        w->n_places = n;
}

/* The place may be filled again. */
static void place_reopen(struct worker_users *w, struct user_place *place)
{
    if (place->left)
        gauge_add32(&w->group.engine->gauge->left, -1);
    place->left = false;
}

static void place_fill(struct worker_users *w, uint32_t i, uint64_t now)
{
    uint32_t number = i * w->count + w->index;
    int cls = mix_class(w->group.program->mix, number);
    if (cls < 0)
        return;
    struct user *u = user_create(&w->group, number, cls, w->places[i].nth, now);
    w->places[i].user = u;
    if (u != NULL)
        user_start(u, now);
    else
        w->places[i].nth++;
}

static void place_fill_if_wanted(struct worker_users *w, uint32_t i, uint64_t now)
{
    if (i < w->wanted && !w->places[i].left && !w->group.engine->drain)
        place_fill(w, i, now);
}

static void place_on_end(struct user_group *g, uint32_t number, uint32_t nth, bool left,
                         uint64_t now)
{
    struct worker_users *w = (struct worker_users *)g;
    uint32_t i = number / w->count;
    w->places[i].user = NULL;
    w->places[i].nth = nth;
    if (left && i < w->wanted) {
        w->places[i].left = true;
        gauge_add32(&g->engine->gauge->left, 1);
    }
    place_fill_if_wanted(w, i, now);
}

bool worker_users_set(struct worker_users *w, uint32_t n, uint64_t now)
{
    unsigned changes = USERS_PER_TURN;
    if (w->group.program == NULL || w->group.engine->drain)
        n = 0;
    for (; w->wanted > n && changes > 0; changes--) {
        struct user_place *place = &w->places[--w->wanted];
        if (place->user != NULL)
            user_leave(place->user, now);
        place_reopen(w, place);
    }
    places_grow(w, n);
    for (; w->wanted < n && changes > 0; changes--) {
        uint32_t i = w->wanted++;
        if (w->places[i].user != NULL)
            user_stay(w->places[i].user);
        else
            place_fill(w, i, now);
    }
    return w->wanted != n;
}

/* --------------------------------------------------------------------- steering */

void worker_users_resume(struct worker_users *w, uint64_t now)
{
    for (uint32_t i = 0; i < w->n_places; i++)
        if (w->places[i].user != NULL && w->places[i].user->state == USER_PARKED)
            user_wait_afresh(w->places[i].user, now);
}

static void user_follow_now(struct user *u, uint64_t now)
{
    if (u->state == USER_ACTIVE || u->part == PART_STOP)
        return;
    if (user_follow(u, now) && u->state == USER_WAITING && u->cursor.steps == NULL)
        user_wait_afresh(u, now);
}

void worker_users_set_program(struct worker_users *w, struct program *p, uint64_t now)
{
    struct engine *en = w->group.engine;
    if (w->group.program == p) {
        program_unref(p);
        return;
    }
    program_unref(w->group.program);
    w->group.program = p;
    const struct transport_rules rules = transport_rules_of(p->profile);
    en->ops->configure(en->transport, &rules);
    for (uint32_t i = 0; i < w->wanted; i++) {
        place_reopen(w, &w->places[i]);
        if (w->places[i].user != NULL)
            user_follow_now(w->places[i].user, now);
        else
            place_fill_if_wanted(w, i, now);
    }
}

void worker_users_set_barrier(struct worker_users *w, bool on, uint64_t now)
{
    if (on == w->group.barrier)
        return;
    w->group.barrier = on;
    for (uint32_t i = 0; i < w->n_places; i++) {
        struct user *u = w->places[i].user;
        if (u == NULL)
            continue;
        if (on && u->state == USER_WAITING && u->part == PART_TASK && u->cursor.steps == NULL)
            user_rest(u);
        else if (!on && u->state == USER_READY)
            user_wait_afresh(u, now);
    }
}

void worker_users_release(struct worker_users *w, uint16_t burst)
{
    struct gauge *g = w->group.engine->gauge;
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->wanted; i++) {
        struct user *u = w->places[i].user;
        if (u != NULL && u->state == USER_READY) {
            u->burst = burst;
            n++;
        }
    }
    gauge_add64(&g->released, n);
    /* Release: who sees the number sees how many they are. */
    atomic_store_explicit(&g->burst, burst, memory_order_release);
    for (uint32_t i = 0; i < w->wanted; i++) {
        struct user *u = w->places[i].user;
        if (u != NULL && u->state == USER_READY && u->burst == burst)
            user_release(u, w->release_ns);
    }
}

void worker_users_give_up(struct worker_users *w, uint64_t until_ns, uint64_t now)
{
    for (uint32_t i = 0; i < w->n_places; i++) {
        struct user *u = w->places[i].user;
        if (u != NULL && (until_ns == 0 || user_waits_beyond(u, until_ns)))
            user_cut_short(u, now);
    }
}

void worker_users_rebase(struct worker_users *w, uint64_t now)
{
    if (w->release_ns < now) /* a burst that is still to come is due now */
        w->release_ns = now;
    for (uint32_t i = 0; i < w->n_places; i++)
        if (w->places[i].user != NULL)
            user_rebase(w->places[i].user, now);
}

/* ------------------------------------------------------------------- begin and end */

void worker_users_init(struct worker_users *w, struct engine *engine, struct recorder *recorder,
                       unsigned index, unsigned count, uint64_t seed)
{
    *w = (struct worker_users){.index = index, .count = count};
    w->group.engine = engine;
    w->group.recorder = recorder;
    w->group.seed = seed;
    w->group.on_end = place_on_end;
    rng_seed(&w->group.rng, seed + index);
}

void worker_users_finish(struct worker_users *w)
{
    uint64_t now = w->group.engine->clock();
    w->wanted = 0;
    for (uint32_t i = 0; i < w->n_places; i++)
        if (w->places[i].user != NULL)
            user_cut_short(w->places[i].user, now);
    free(w->places);
    w->places = NULL;
    w->n_places = 0;
    program_unref(w->group.program);
    w->group.program = NULL;
}
