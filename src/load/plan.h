/* SPDX-License-Identifier: MIT */
/* plan.h - how many users there should be at time t.  Pure arithmetic.
 *
 * A plan is one straight ramp from a number of users to an aim at the spawn rate,
 * then level for ever.  A change of load is a new plan that starts where the old
 * one is at that moment; a driver (keys, a level, later a search) does nothing
 * but make new plans.  Every worker holds a copy and works out by itself when
 * its own next user starts or ends: user number k belongs to worker k mod n. */
#ifndef RAMPTOP_LOAD_PLAN_H
#define RAMPTOP_LOAD_PLAN_H

#include <stdbool.h>
#include <stdint.h>

struct plan {
    uint64_t t0_ns;    /* when the ramp starts */
    double from;       /* users at t0; a fraction keeps a re-planned ramp smooth */
    uint32_t to;       /* the aim */
    double rate_per_s; /* users per second, up or down, > 0 */
};

/* A plan that goes on from where `old` is at `now` (NULL: from 0) to `users`. */
struct plan plan_to(const struct plan *old, uint64_t now_ns, uint32_t users, double rate_per_s);

/* Users that should run at that time.  A ramp acts at once: its first user starts
 * (or ends) at t0, the next one 1 / rate_per_s later, and so on. */
uint32_t plan_users_at(const struct plan *p, uint64_t now_ns);

/* When plan_users_at next differs from what it is now, or UINT64_MAX for never. */
uint64_t plan_next_change(const struct plan *p, uint64_t now_ns);

bool plan_done(const struct plan *p, uint64_t now_ns); /* the aim is reached */

/* How many of `users` belong to worker `i` of `n`. */
uint32_t plan_share(uint32_t users, unsigned i, unsigned n);

#endif
