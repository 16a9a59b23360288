/* SPDX-License-Identifier: MIT */
/* burst.h - a burst's figures held against its level's goal, in figures and words.  Pure. */
#ifndef RAMPTOP_RUN_BURST_H
#define RAMPTOP_RUN_BURST_H

#include "src/profile/profile.h"
#include "src/stats/bursts.h"
#include "src/stats/snapshot.h"

/* out->number, of, users and missing are set; fills in the rest but at_s:
 * "burst 2 of 5, 100 users: 99 % ok of 100 %, p95 812 ms of 1 s: poor". */
void burst_judge(const struct goal *g, const struct burst_figures *f, struct snap_burst *out);

#endif
