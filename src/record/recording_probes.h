/* SPDX-License-Identifier: MIT */
/* recording_probes.h - which series of the probes a recording has, and under which number.
 *
 * In snapshots they are found by their place, which changes when probes come and go; in a
 * recording by a number, for good.  Private to src/record.  One thread at a time. */
#ifndef RAMPTOP_RECORD_RECORDING_PROBES_H
#define RAMPTOP_RECORD_RECORDING_PROBES_H

#include "src/record/recording_db.h"

struct recorded_probes;

struct recorded_probes *recorded_probes_create(void);
void recorded_probes_free(struct recorded_probes *p); /* NULL is fine */

/* Writes the values of that second, series that are new or whose limit is, and new events. */
void recorded_probes_write(struct recorded_probes *p, struct record_db *db,
                           const struct probe_snapshot *snap, uint32_t second);

#endif
