/* SPDX-License-Identifier: MIT */
/* steps.h - goes through the steps of a task, of on_start or on_stop: what is to be done next?
 *
 * Pure but for the scope's dice; serves the users of a run and the clients that ask one thing
 * after the other.  One thread per cursor. */
#ifndef RAMPTOP_LOAD_STEPS_H
#define RAMPTOP_LOAD_STEPS_H

#include <stdint.h>

#include "src/profile/profile.h"

struct scope;

struct cursor {
    const struct steps *steps;         /* borrowed; NULL: none are gone through */
    uint32_t at;                       /* the next step */
    uint32_t loops[PROFILE_MAX_LOOPS]; /* rounds left, by depth */
};

enum next_kind { NEXT_REQUESTS, NEXT_WAIT, NEXT_RESTART, NEXT_STOP, NEXT_END };

struct next {
    enum next_kind kind;
    const struct step *first; /* REQUESTS: the first of those to be sent side by side */
    uint32_t n;               /* REQUESTS: so many */
    uint64_t wait_ns;         /* WAIT: 0 after many steps that took no time, so that loops of
                                 nothing do not hold up the thread */
};

/* Goes on from the cursor until a step takes time.  Stays before REQUESTS (they come again if
 * they are not sent now) and goes behind all others. */
struct next steps_next(struct cursor *c, struct scope *scope);
/* The requests were sent: goes behind them. */
void steps_sent(struct cursor *c, const struct next *requests);

/* How long a wait or a pause is this time. */
uint64_t wait_draw(const struct wait *w, struct rng *rng);

#endif
