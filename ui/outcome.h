/* SPDX-License-Identifier: MIT */
/* outcome.h - how requests ended, as lines: with which statuses, and after what time those
 * that failed.  Main thread. */
#ifndef RAMPTOP_UI_OUTCOME_H
#define RAMPTOP_UI_OUTCOME_H

#include "src/stats/snapshot.h"
#include "ui/frame.h"

/* After what time requests failed, in the first row of r: "failed after   last 10 s  p50 112 us
 * p99 2.0 s  max 2.1 s   whole run  p50 ...".  Nothing where none did. */
void outcome_draw_failed(struct frame *f, struct rect r, const struct snapshot *s,
                         const struct snap_latency *window, const struct snap_latency *total);

/* "status  200 1,234   201 56   429 7" in the first row of r; what has no room goes, the
 * rarest first.  Nothing without a status. */
void outcome_statuses(struct frame *f, struct rect r, const struct statuses *s);

#endif
