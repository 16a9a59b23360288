/* SPDX-License-Identifier: MIT */
/* snap_fixture.h - snapshots for the tests of the views: the same run, to the last digit,
 * each time. */
#ifndef RAMPTOP_TESTS_SNAP_FIXTURE_H
#define RAMPTOP_TESTS_SNAP_FIXTURE_H

#include "src/base/log.h"
#include "src/stats/probe_snapshot.h"
#include "src/stats/snapshot.h"

/* Five minutes: a ramp to 320 users, a stop of the program, a second without replies, and
 * a target that breaks half a minute ago; failures, marks, long and wide names. */
void snap_fixture_breaking(struct snapshot *s);
/* What the probes told of it. */
void snap_fixture_probes(struct probe_snapshot *b);
/* A probe in each of the states it can have, with sentences as long as they get; an answer that
 * is sentences and a table. */
void snap_fixture_states(struct probe_snapshot *b);
/* The same with names in ASCII only. */
void snap_fixture_ascii(struct snapshot *s);
/* One endpoint, all well, many more requests per second than users. */
void snap_fixture_calm(struct snapshot *s);
/* A generator at its limits, certificates that are not verified, a level that ramps. */
void snap_fixture_sick(struct snapshot *s);
/* The same, driven by the second of four stages; by a burst for which users make ready. */
void snap_fixture_stages(struct snapshot *s);
void snap_fixture_bursts(struct snapshot *s);
/* For twenty seconds whatever finished has failed: no latency is known, but theirs. */
void snap_fixture_failing(struct snapshot *s);
/* The first moment: nothing has run yet. */
void snap_fixture_empty(struct snapshot *s);

#define SNAP_FIXTURE_LOG 4
extern const struct log_line snap_fixture_log[SNAP_FIXTURE_LOG];

#endif
