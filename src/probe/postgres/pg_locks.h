/* SPDX-License-Identifier: MIT */
/* pg_locks.h - who waits for whom: turns sessions and their blockers into a forest, the session
 * that holds up most others first.  Pure.
 *
 * A session may wait for several, and for a session that waits itself; a user wants to know the
 * root: the session that waits for none. */
#ifndef RAMPTOP_PROBE_POSTGRES_PG_LOCKS_H
#define RAMPTOP_PROBE_POSTGRES_PG_LOCKS_H

#include <stdbool.h>
#include <stdint.h>

#define PG_LOCKS_MAX 100u
#define PG_BLOCKERS_MAX 8u

struct pg_session {
    int32_t pid; /* 0: a prepared transaction */
    int32_t blockers[PG_BLOCKERS_MAX];
    uint32_t n_blockers; /* 0: the session waits for none */
    bool known;          /* false: seen as a blocker only */
    int row;             /* the caller's row of this session */

    /* Filled by pg_locks_order. */
    uint32_t depth;  /* 0: a root */
    uint32_t behind; /* sessions that wait for this one, directly or not */
};

struct pg_locks {
    uint32_t n;
    struct pg_session sessions[2 * PG_LOCKS_MAX];
    uint32_t n_order;
    uint32_t order[2 * PG_LOCKS_MAX]; /* the order of display: each session below its blocker */
};

/* Adds a session; blockers as the server writes an array, "{4711,4712}", NULL for none. */
void pg_locks_add(struct pg_locks *l, int32_t pid, const char *blockers, int row);

/* Finds roots and order; roots with most sessions behind them come first.  Sessions that wait
 * for each other (a deadlock not yet ended) are shown below the lowest pid. */
void pg_locks_order(struct pg_locks *l);

#endif
