/* SPDX-License-Identifier: MIT */
/* distribution.h - what a snapshot tells of a histogram: percentiles, log-spaced bars and
 * the percentile spectrum.  Pure. */
#ifndef RAMPTOP_STATS_DISTRIBUTION_H
#define RAMPTOP_STATS_DISTRIBUTION_H

#include "src/stats/hist.h"
#include "src/stats/snapshot.h"

void distribution_percentiles(const struct hist *h, struct snap_latency *out);

/* Bars of equal width on a log scale from the smallest to the largest value, at
 * most SNAP_BARS; they touch each other and together count everything. */
void distribution_fill(const struct hist *h, struct snap_distribution *out);

#endif
