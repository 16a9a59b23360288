/* SPDX-License-Identifier: MIT */
/* probe_snapshot_fixture.h - snapshots as the watch would make them: an api container, its
 * database, and probes in trouble. */
#ifndef RAMPTOP_TESTS_PROBE_SNAPSHOT_FIXTURE_H
#define RAMPTOP_TESTS_PROBE_SNAPSHOT_FIXTURE_H

#include "src/stats/probe_snapshot.h"

/* Empty; all values unknown. */
void fixture_probe_snapshot(struct probe_snapshot *b, uint32_t newest_s);

/* Adds a probe that is live; returns its index. */
uint32_t fixture_probe(struct probe_snapshot *b, const char *name, const char *type,
                       const char *where);

/* Adds a series of that probe; limit 0: none.  Call all of one probe's together. */
struct snap_series *fixture_series(struct probe_snapshot *b, uint32_t probe, const char *group,
                                   const char *name, enum snap_unit unit, double limit);

/* A value of the series added last; counts, and its moments at the limit are kept. */
void fixture_value(struct probe_snapshot *b, uint32_t second, double v);

void fixture_event(struct probe_snapshot *b, double at_s, enum snap_event_kind kind,
                   const char *probe, const char *group, const char *text);

/* The story of the design: a pool of 20 that fills 2 s before p99 breaks, a container under a
 * CPU limit, memory that grows.  newest_s: how far it has come; the break is at break_s. */
void fixture_story(struct probe_snapshot *b, uint32_t newest_s, uint32_t break_s);

#endif
