/* SPDX-License-Identifier: MIT */
/* generator.h - the workers: starts, steers and stops them.
 *
 * Owns the workers; borrows the collector's lanes.  Steering is a copy of a small
 * order into each worker's mailbox and a wake-up; nothing here waits for a worker
 * but pool_stop and pool_destroy.
 *
 * Threads: all functions from one thread at a time (the session's lock). */
#ifndef RAMPTOP_LOAD_GENERATOR_H
#define RAMPTOP_LOAD_GENERATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/load/demand.h"

struct pool;
struct profile;
struct mix;
struct collector;
struct resolver;

struct pool_config {
    unsigned workers; /* >= 1 */
    struct collector *collector;
    struct resolver *resolver; /* outlives the pool, as the collector does */
    uint64_t request_budget; /* begin exactly this many requests, 0: no end */
    uint64_t seed;           /* of waits and task choice */
};

struct pool *pool_create(const struct pool_config *cfg, struct err *e);
/* Ends what still runs at once, joins the threads: no sample comes from then on.  The pool can
 * still be asked and told anything; nothing comes of it. */
void pool_stop(struct pool *p);
/* Stops it, if nobody has.  NULL is fine. */
void pool_destroy(struct pool *p);

/* Publishes a profile with a mix of its classes (NULL: its own, of all of them): a user that
 * has a request running finishes it and then goes on with this one.  In the same profile a
 * user whose class stays what it was goes on as before; all others begin anew, as another
 * visitor.  A profile that comes back after another one begins anew, too.  Places that users
 * left by themselves are filled again. */
void pool_set_profile(struct pool *p, struct profile *profile, const struct mix *mix);
void pool_set_demand(struct pool *p, const struct demand *demand);
/* Held: no new request begins; running ones finish. */
void pool_set_hold(struct pool *p, bool hold);
/* Drained: users end as they finish their request; taken back, the demand holds again. */
void pool_set_drain(struct pool *p, bool drain);
/* While drained: gives up users with a request under way that may take until after beyond_ns
 * (now_ns), or with 0 all that are still there. */
void pool_give_up(struct pool *p, uint64_t beyond_ns);
/* The program is about to be stopped, or was: what is in flight counts as aborted,
 * schedules start afresh. */
void pool_rebase(struct pool *p);

/* With a barrier users rest after on_start and after each task, until they are released:
 * then all that are ready begin one task at that time (now_ns).  Bursts are numbered from 1
 * on, and again from 1 on after UINT16_MAX. */
void pool_set_barrier(struct pool *p, bool on);
void pool_release(struct pool *p, uint16_t burst, uint64_t at_ns);

/* What the workers are at, in sum. */
struct pool_state {
    bool follows; /* all of them do what they were last told: the rest is what came of it */
    uint32_t users, in_flight;
    uint32_t askers;   /* users that have begun a request */
    uint32_t left;     /* users that ended by themselves: their places are empty */
    uint32_t ready;    /* users that wait for a burst */
    uint16_t burst;    /* the newest that all workers have released */
    uint64_t released; /* users released, over all bursts; */
    uint64_t rested;   /* of these, how many have done their task */
};
struct pool_state pool_look(const struct pool *p);

bool pool_idle(const struct pool *p);         /* no request is running */
bool pool_budget_spent(const struct pool *p); /* -n: all have been begun */
uint64_t pool_spent_ns(const struct pool *p); /* -n: when the last one was; 0: not yet */

#endif
