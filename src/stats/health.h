/* SPDX-License-Identifier: MIT */
/* health.h - is the generator itself the limit?  Its figures, and in words.
 *
 * Once a second health_tick() reads the process (CPU time, memory, open files) and
 * the workers' gauges; how long the generator held up each request comes with the
 * samples.  One thread at a time. */
#ifndef RAMPTOP_STATS_HEALTH_H
#define RAMPTOP_STATS_HEALTH_H

#include <stdint.h>

#include "src/stats/gauge.h"
#include "src/stats/snapshot.h"

#define HEALTH_CPU_SECONDS 3  /* CPU shares are over the last so many */
#define HEALTH_LAG_SECONDS 10 /* lag and longest turn of a loop too */

struct health;

struct health *health_create(uint32_t workers);
void health_destroy(struct health *h); /* NULL is fine */

void health_lag(struct health *h, uint32_t lag_us); /* of one sample */
void health_ring(struct health *h, double fill_percent);

/* Call about once a second.  Resets the gauges' loop_max_us. */
void health_tick(struct health *h, uint64_t now_ns, struct gauge *gauges, uint64_t ring_lost);

/* The figures as of the last tick, with warnings; reads snap's latencies and client
 * failures, which must be in place. */
void health_fill(const struct health *h, struct snapshot *snap);

/* Writes snap->health.warnings from the other figures in snap.  Pure. */
void health_warn(struct snapshot *snap);

#endif
