/* SPDX-License-Identifier: MIT */
/* cause.h - one sentence about cause and effect: which resource of the target reached its limit
 * first, and how long before or after that the latency broke.
 *
 * The sentence says what was seen and when, not why; a resource that was full from the start is
 * named as that, one that filled long after the latency broke is not named as the first.
 * Without a resource the sentence still says when, and under which load, the latency broke.
 * Pure; any thread. */
#ifndef RAMPTOP_STATS_CAUSE_H
#define RAMPTOP_STATS_CAUSE_H

#include "src/stats/probe_snapshot.h"
#include "src/stats/snapshot.h"

#define CAUSE_LOAD 80

enum cause_kind {
    CAUSE_NONE,   /* nothing to say */
    CAUSE_FIRST,  /* a resource reached its limit, and the latency broke with it */
    CAUSE_WARNED, /* the same with a threshold of the user's */
    CAUSE_OTHER,  /* the latency broke, and no resource that is watched was at its limit */
    CAUSE_BROKE,  /* the latency broke; nothing is known of a resource */
    CAUSE_FULL,   /* a resource reached its limit (or a threshold); the latency stands */
};

struct cause {
    enum cause_kind kind;
    uint32_t series; /* SNAP_SERIES: none */
    double at_s;     /* when that series reached its limit; NaN: never */
    double break_s;  /* when the latency broke (the last time, if it is still broken); NaN: never */
    bool breaking;   /* the latency is still broken */
    char load[CAUSE_LOAD];     /* breaking: the load at that moment, "430 users, 410 req/s" */
    char text[2 * SNAP_TEXT];  /* about the whole run: for reports; "" for nothing */
    char live[2 * SNAP_TEXT];  /* about now, without the moment and the load of the break */
    char brief[2 * SNAP_TEXT]; /* the same for narrow screens */
};

/* Finds the cause. b may be NULL: no resource is known. */
void cause_find(const struct snapshot *s, const struct probe_snapshot *b, struct cause *out);

#endif
