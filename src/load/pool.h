/* SPDX-License-Identifier: MIT */
/* pool.h - the workers: starts, steers and stops them.
 *
 * Owns the workers; borrows the collector's lanes.  Steering is a copy of a small
 * order into each worker's mailbox and a wake-up; nothing here waits for a worker
 * but pool_destroy.
 *
 * Threads: all functions from one thread at a time (the session's lock). */
#ifndef RAMPTOP_LOAD_POOL_H
#define RAMPTOP_LOAD_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/load/plan.h"

struct pool;
struct profile;
struct collector;

struct pool_config {
    unsigned workers; /* >= 1 */
    struct collector *collector;
    uint64_t request_budget; /* begin exactly this many requests, 0: no end */
    uint64_t seed;           /* of waits and task choice */
};

struct pool *pool_create(const struct pool_config *cfg, struct err *e);
/* Ends what still runs at once, joins the threads.  NULL is fine. */
void pool_destroy(struct pool *p);

/* Publishes a profile: a user that has a request running finishes it and then
 * goes on with this one; its connection is kept where the target is the same. */
void pool_set_profile(struct pool *p, struct profile *profile);
void pool_set_plan(struct pool *p, const struct plan *plan);
/* Held: no new request begins; running ones finish. */
void pool_set_hold(struct pool *p, bool hold);
/* Drained: users end as they finish their request; taken back, the plan holds again. */
void pool_set_drain(struct pool *p, bool drain);
/* The program is about to be stopped, or was: what is in flight counts as aborted,
 * schedules start afresh. */
void pool_rebase(struct pool *p);

bool pool_idle(const struct pool *p);            /* no request is running */
bool pool_budget_spent(const struct pool *p);    /* -n: all have been begun */

#endif
