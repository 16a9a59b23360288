/* SPDX-License-Identifier: MIT */
/* marks.h - the marks on the time axis, the newest SNAP_MARKS of them.  One thread at a time. */
#ifndef RAMPTOP_STATS_MARKS_H
#define RAMPTOP_STATS_MARKS_H

#include <stdint.h>

#include "src/stats/snapshot.h"

/* Zeroed is empty. */
struct marks {
    uint32_t n, dropped;
    struct snap_mark kept[SNAP_MARKS]; /* by time */
};

/* Puts a mark in its place on the axis, or gives the one of the same time, kind and letter its
 * text. */
void marks_put(struct marks *m, const struct snap_mark *mark);
void marks_fill(const struct marks *m, struct snapshot *snap);

#endif
