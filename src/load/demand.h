/* SPDX-License-Identifier: MIT */
/* demand.h - how much load there should be at time t: users, or arrivals per second.
 * Pure arithmetic.
 *
 * A demand is one straight ramp from a value to an aim, then level for ever.  A change of
 * load is a new demand that starts where the old one is at that moment; a driver (keys, a
 * level, later a search) does nothing but make new demands.  Every worker holds a copy and
 * works out by itself when its own next user starts or ends, or its next arrival is due:
 * user and arrival number k belong to worker k mod n.
 *
 * The value at a time follows from the demand alone, however late or often it is asked for:
 * no user and no arrival is lost to rounding. */
#ifndef RAMPTOP_LOAD_DEMAND_H
#define RAMPTOP_LOAD_DEMAND_H

#include <stdbool.h>
#include <stdint.h>

enum demand_kind { DEMAND_USERS, DEMAND_ARRIVALS_PER_S };

struct demand {
    enum demand_kind kind;
    uint64_t t0_ns; /* when the ramp starts */
    double from;    /* the value at t0; a fraction of a user keeps a changed ramp smooth */
    double to;      /* the aim; USERS: a whole number */
    double slope;   /* change of the value per second, up or down, > 0 */
    double arrived; /* ARRIVALS: due before t0, with the begun fraction of the next one */
};

/* Returns a demand that goes on from where `old` is at now_ns; NULL, or one of the other kind:
 * from 0. */
struct demand demand_to(enum demand_kind kind, const struct demand *old, uint64_t now_ns, double to,
                        double slope);

/* Returns the value at that time, with its fraction. */
double demand_at(const struct demand *d, uint64_t now_ns);

/* Returns whether the aim is reached; USERS: the last user is due, or has ended. */
bool demand_reached(const struct demand *d, uint64_t now_ns);

/* ----------------------------------------------------------------------- users */

/* Returns how many users should run at that time; 0 for the other kind.  A ramp acts at once:
 * its first user starts (or ends) at t0, the next one 1 / slope later, and so on. */
uint32_t demand_users_at(const struct demand *d, uint64_t now_ns);

/* Returns when demand_users_at next differs from what it is now, or UINT64_MAX for never. */
uint64_t demand_next_change(const struct demand *d, uint64_t now_ns);

/* Returns how many of `users` belong to worker `i` of `n`. */
uint32_t demand_share(uint32_t users, unsigned i, unsigned n);

/* -------------------------------------------------------------------- arrivals */

/* Returns how many arrivals are due by that time since the first demand of a chain of them:
 * the area under the rate, with the begun fraction of the next one. */
double demand_arrivals_at(const struct demand *d, uint64_t now_ns);

/* Returns when that many arrivals are due, which is the time of the n-th one, from 1 on, with
 * constant spacing; with n the sum of n draws from an exponential distribution of mean 1 it is
 * the n-th of a Poisson process at that rate.  t0 if they were due before; UINT64_MAX for
 * never.  The caller counts, so that a new demand neither loses nor repeats one. */
uint64_t demand_arrival_ns(const struct demand *d, double n);

#endif
