/* SPDX-License-Identifier: MIT */
/* health_look.h - looks at the generator itself: the process (CPU time, memory, open files) and
 * the workers' gauges, once in about a second.  stats/health.h makes figures of it.  One thread
 * at a time. */
#ifndef RAMPTOP_STATS_HEALTH_LOOK_H
#define RAMPTOP_STATS_HEALTH_LOOK_H

#include <stddef.h>
#include <stdint.h>

#include "src/stats/gauge.h"
#include "src/stats/second.h"

struct health_look;

struct health_look *health_look_create(uint32_t workers);
void health_look_destroy(struct health_look *l); /* NULL is fine */

/* How full a worker's ring was. */
void health_look_ring(struct health_look *l, size_t fill, size_t capacity);

/* Reads what there was since the look before: all of *out but the lag.  The first has no CPU times.
 * Resets the gauges' loop_max_us.  ring_lost: samples since the start. */
void health_look_take(struct health_look *l, uint64_t now_ns, struct gauge *gauges,
                      uint64_t ring_lost, struct second_health *out);

#endif
