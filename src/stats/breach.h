/* SPDX-License-Identifier: MIT */
/* breach.h - when the latency left what was usual or wanted, second by second.
 *
 * Held against a bound of the profile where there is one: its p99, else its p95.  Else
 * against three times the p99 of the minute before, 5 ms at least; ten times the lowest p99 of
 * a minute where that is less, for what creeps.  One slow second is no breach; three of five
 * are, and it began with the first of them.  It ends with five quiet seconds, or with five in
 * which there is no load: nothing breaks then.  A second in which
 * nothing succeeded has no latency and says nothing.
 *
 * Pure: fed with the points of a snapshot.  One thread at a time. */
#ifndef RAMPTOP_STATS_BREACH_H
#define RAMPTOP_STATS_BREACH_H

#include <stdbool.h>
#include <stdint.h>

#include "src/stats/snapshot.h"

#define BREACH_USUAL_S 60 /* seconds from which the usual p99 is taken */
#define BREACH_RECENT 5   /* seconds that are looked at together */

struct breach_finder {
    uint32_t next; /* the second that is to be fed next */
    /* The newest seconds: they may be the break itself, so what is usual ends before them. */
    struct {
        uint32_t second, p99_us, p95_us, users;
        float rps;
    } recent[BREACH_RECENT];
    uint32_t n_recent;
    float rps_before[2]; /* in the two seconds before these, the newer first; 0: not known */
    uint32_t resting; /* newest seconds without any load */
    uint32_t usual[BREACH_USUAL_S]; /* p99 of quiet seconds, a ring; microseconds */
    uint32_t n_usual, usual_at;
    uint32_t lowest; /* least median of a full ring; 0: none yet */
    uint32_t n;
    struct snap_breach found[SNAP_BREACHES]; /* oldest first */
};

/* Takes the points that are new since the last call.  Bounds of the profile in microseconds,
 * 0 for none. */
void breach_feed(struct breach_finder *b, const struct snapshot *s, uint64_t p99_us,
                 uint64_t p95_us);

#endif
