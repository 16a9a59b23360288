/* SPDX-License-Identifier: MIT */
/* cause.h - which resource of the target reached its limit first, and how that lies to the
 * moment in which the latency broke: one sentence.
 *
 * It says what was seen and when, not why; a resource that was full from the start is named as
 * that, one that filled long after the latency broke is not named as the first.  Without a
 * resource it still says when, and under which load, the latency broke.
 * Pure; any thread. */
#ifndef RAMPTOP_PROBE_CAUSE_H
#define RAMPTOP_PROBE_CAUSE_H

#include "src/probe/probe_snapshot.h"
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
    double at_s;     /* when it reached its limit; NaN: it did not */
    double break_s;  /* when the latency broke, if it goes on: the last time; NaN: it did not */
    bool breaking;   /* it still is */
    char load[CAUSE_LOAD];     /* breaking: under which load, "430 users, 410 req/s" */
    char text[2 * SNAP_TEXT];  /* of the whole run: for reports; "" for nothing */
    char live[2 * SNAP_TEXT];  /* of now, without when and under which load it broke */
    char brief[2 * SNAP_TEXT]; /* the same for narrow screens */
};

/* b may be NULL: no resource is known. */
void cause_find(const struct snapshot *s, const struct probe_snapshot *b, struct cause *out);

#endif
