/* SPDX-License-Identifier: MIT */
/* health.h - is the generator itself the limit?  Its figures, and in words.
 *
 * Made of what each finished second says of it (struct second_health).  One thread at a time. */
#ifndef RAMPTOP_STATS_HEALTH_H
#define RAMPTOP_STATS_HEALTH_H

#include <stdint.h>

#include "src/stats/second.h"
#include "src/stats/snapshot.h"

#define HEALTH_CPU_SECONDS 3  /* CPU shares are over the last so many */
#define HEALTH_LAG_SECONDS 10 /* lag and longest turn of a loop too */

struct health;

struct health *health_create(void);
void health_destroy(struct health *h); /* NULL is fine */

void health_add(struct health *h, const struct second_health *s);

/* The figures as of the newest second, with warnings; reads snap's latencies and client
 * failures, which must be in place. */
void health_fill(const struct health *h, struct snapshot *snap);

/* Writes snap->health.warnings from the other figures in snap.  Pure. */
void health_warn(struct snapshot *snap);

#endif
