/* SPDX-License-Identifier: MIT */
/* demand.h - how many users there should be at time t.  Pure arithmetic.
 *
 * A demand is one straight ramp from a number of users to an aim at the spawn rate,
 * then level for ever.  A change of load is a new demand that starts where the old
 * one is at that moment; a driver (keys, a level, later a search) does nothing
 * but make new demands.  Every worker holds a copy and works out by itself when
 * its own next user starts or ends: user number k belongs to worker k mod n. */
#ifndef RAMPTOP_LOAD_DEMAND_H
#define RAMPTOP_LOAD_DEMAND_H

#include <stdbool.h>
#include <stdint.h>

struct demand {
    uint64_t t0_ns; /* when the ramp starts */
    double from;    /* users at t0; a fraction keeps a changed ramp smooth */
    uint32_t to;    /* the aim */
    double slope;   /* users per second, up or down, > 0 */
};

/* A demand that goes on from where `old` is at `now` (NULL: from 0) to `users`. */
struct demand demand_to(const struct demand *old, uint64_t now_ns, uint32_t users, double slope);

/* Users that should run at that time.  A ramp acts at once: its first user starts
 * (or ends) at t0, the next one 1 / slope later, and so on. */
uint32_t demand_users_at(const struct demand *p, uint64_t now_ns);

/* When demand_users_at next differs from what it is now, or UINT64_MAX for never. */
uint64_t demand_next_change(const struct demand *p, uint64_t now_ns);

bool demand_reached(const struct demand *p, uint64_t now_ns); /* the aim is reached */

/* How many of `users` belong to worker `i` of `n`. */
uint32_t demand_share(uint32_t users, unsigned i, unsigned n);

#endif
