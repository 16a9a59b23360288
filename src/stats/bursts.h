/* SPDX-License-Identifier: MIT */
/* bursts.h - the figures of each burst, by the number that its samples carry.
 *
 * Exact: every request of a burst counts in it, whenever it is done, until two bursts
 * later.  What counts is as in stats/gather.h: the generator's own failures are apart, and have
 * no latency; latencies of successes and of failures are not mixed.  One thread at a time. */
#ifndef RAMPTOP_STATS_BURSTS_H
#define RAMPTOP_STATS_BURSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "src/stats/second.h"
#include "src/stats/snapshot.h"

struct bursts;

struct burst_figures {
    uint64_t requests, failures, client_failures;
    struct snap_latency latency, failed; /* successes, failures */
};

struct bursts *bursts_create(void);
void bursts_destroy(struct bursts *b); /* NULL is fine */

void bursts_add(struct bursts *b, const struct second_burst *burst); /* from a finished second */

/* With what the open seconds hold (may be NULL).  Zeros for a burst without a sample, or one that
 * is too old. */
void bursts_figures(const struct bursts *b, const struct second *open, uint16_t number,
                    struct burst_figures *out);

#endif
