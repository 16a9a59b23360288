/* SPDX-License-Identifier: MIT */
/* faillist.h - failures by kind and endpoint as lines, and what the probes saw happen: the newest
 * ones on the overview.  Pure; main thread. */
#ifndef RAMPTOP_UI_FAILLIST_H
#define RAMPTOP_UI_FAILLIST_H

#include "src/stats/probe_snapshot.h"
#include "src/stats/snapshot.h"
#include "ui/frame.h"

/* Draws a line per failure: when last, what, where, the newest sample message, how often.  Kinds
 * that failed within the same ten seconds are ordered by count, so that lines do not
 * change places every second.  Events of the probes stand below them, for a while also when
 * there are more failures than rows.  b may be NULL. */
void faillist_newest(struct frame *f, struct rect r, const struct snapshot *s,
                     const struct probe_snapshot *b);

#endif
