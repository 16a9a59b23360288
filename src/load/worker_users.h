/* SPDX-License-Identifier: MIT */
/* worker_users.h - the users of one worker: who is there, what is due, what they share.
 *
 * Private to src/load.  The worker's thread only. */
#ifndef RAMPTOP_LOAD_WORKER_USERS_H
#define RAMPTOP_LOAD_WORKER_USERS_H

#include "src/base/rng.h"
#include "src/load/program.h"
#include "src/load/timers.h"
#include "src/load/transport.h"
#include "src/stats/collect.h"

struct user;
struct flight;

/* What a timer in crew->timers belongs to. */
enum timer_owner { TIMER_USER, TIMER_FLIGHT };

/* The place of one user of the run. */
struct slot {
    struct user *user; /* NULL: nobody there */
    uint32_t lives;    /* users it has had: each has dice of its own */
    bool left;         /* the last one ended by itself: the place stays empty */
};

#define NOTE_SLOTS 64

struct crew {
    const struct transport_ops *ops;
    struct transport *transport;
    uint64_t (*clock)(void); /* now_ns; tests have a time of their own */
    struct collect_lane lane;
    struct budget *budget;
    struct program *program; /* the current one; a reference; NULL before the first */
    struct timers timers;
    struct rng rng; /* for what the run does; a user has its own */
    uint64_t seed;
    struct flight *oldest, *newest; /* on their way */
    struct slot *slots;             /* by local number */
    uint32_t n_slots, room;
    uint32_t wanted;     /* slots below this are to have a user that is not ending */
    uint64_t wake_ns;    /* when the loop woke for this turn */
    uint64_t event_ns;   /* when the event under way was picked up: before its reply was read */
    uint64_t release_ns; /* of the newest burst */
    uint16_t worker;
    uint32_t index, count;
    bool hold, drain;
    uint64_t off_ns; /* since when nothing new is to be sent, 0: something is */
    bool barrier; /* a task is begun by crew_release only */
    struct {
        uint32_t key;
        uint64_t second;
    } noted[NOTE_SLOTS]; /* which failures had a note this second */
};

/* Makes it so that users 0..n-1 of this worker run and no others.  True: of many only a part
 * was begun or ended; call again. */
bool crew_set_users(struct crew *c, uint32_t n, uint64_t now);
/* Starts what was parked, spread over each user's wait. */
void crew_resume(struct crew *c, uint64_t now);
/* A new program: whoever is between requests goes over now, the others as they finish.
 * A user whose class stays what it was in the same profile keeps all it knows; places
 * that users left by themselves are filled again.  Takes over the reference. */
void crew_set_program(struct crew *c, struct program *p, uint64_t now);
/* With a barrier users rest after each task until they are released. */
void crew_set_barrier(struct crew *c, bool on, uint64_t now);
/* Everybody who is ready begins one task, now, which was due at c->release_ns. */
void crew_release(struct crew *c, uint16_t burst);
/* The load has ended and was waited for: who has a request under way whose time-out is not due
 * by until_ns is given up, and with UINT64_C(0) everybody who is still there. */
void crew_give_up(struct crew *c, uint64_t until_ns, uint64_t now);
/* The program was stopped: waits start afresh, requests in flight do not count. */
void crew_rebase(struct crew *c, uint64_t now);
/* Handles what is due, or a part of it when it is much: call again. */
void crew_on_time(struct crew *c, uint64_t now);
/* Ends everybody, gives running requests up. */
void crew_finish(struct crew *c);

/* For the files beside: */

/* A ticket of -n for one more request. */
bool crew_ticket(struct crew *c);
/* Since when no request is begun any more, by order or as the tickets are spent; 0: some are. */
uint64_t crew_off_ns(const struct crew *c);
/* Its user is gone: a new one takes the place if one is wanted there. */
void crew_vacated(struct crew *c, uint32_t slot, uint64_t now);
/* Some moment within a wait, so that not all go on at once. */
uint64_t crew_spread(struct crew *c, uint64_t wait);

static inline void gauge_add32(_Atomic uint32_t *gauge, int32_t n)
{
    uint32_t was = atomic_load_explicit(gauge, memory_order_relaxed);
    atomic_store_explicit(gauge, was + (uint32_t)n, memory_order_relaxed);
}

static inline void gauge_add64(_Atomic uint64_t *gauge, uint64_t n)
{
    uint64_t was = atomic_load_explicit(gauge, memory_order_relaxed);
    /* Release: who sees the sum sees the samples that were pushed before it (gauge.h). */
    atomic_store_explicit(gauge, was + n, memory_order_release);
}

#endif
