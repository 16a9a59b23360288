/* SPDX-License-Identifier: MIT */
/* verdict.h - how the target does now, by a fixed rank, with the words for it; what screen,
 * summary and JSON say alike.
 *
 * It goes by the newest seconds, whatever window is chosen for the figures: what is said must be
 * true now.  The latency that breaks stands between NO_REPLY and FAILING; its words are in
 * cause.h, as a resource may belong to it.  Pure; any thread. */
#ifndef RAMPTOP_STATS_VERDICT_H
#define RAMPTOP_STATS_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "src/stats/snapshot.h"

#define VERDICT_RECENT_S 10 /* newest seconds that count as now */
#define VERDICT_WORD 32

/* In the order of their rank. */
enum verdict_kind {
    VERDICT_GONE,      /* every request fails */
    VERDICT_NO_REPLY,  /* nothing comes back at all */
    VERDICT_FAILING,   /* 1 % or more fail */
    VERDICT_RECOVERED, /* trouble as above, or a latency that had broken, is over; said for a while
                        */
    VERDICT_CALM,
};

struct verdict {
    enum verdict_kind kind;
    double since_s;      /* since the start of the run; NaN for CALM */
    double fail_percent; /* in the newest seconds */
    char text[2 * SNAP_TEXT];
    char brief[SNAP_TEXT + SNAP_NAME]; /* for narrow screens */
};

void verdict_find(const struct snapshot *s, struct verdict *out);

/* For how long nothing has come back though requests wait, so long that it is not chance; in
 * seconds, 0: something does, or nothing is due. */
double verdict_silence_s(const struct snapshot *s);

/* Held, without a load, or hung: figures of a window, which lies in the past, would say that
 * something still comes back. */
bool verdict_is_still(const struct snapshot *s);

/* Sets the figures of the window to 0 and unknown, and still. */
void verdict_clear_window(struct snapshot *s);

#endif
