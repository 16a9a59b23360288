/* SPDX-License-Identifier: MIT */
/* probes.h - what the probes told, as text.  Pure. */
#ifndef RAMPTOP_REPORT_PROBES_H
#define RAMPTOP_REPORT_PROBES_H

#include "src/base/buf.h"
#include "src/stats/probe_snapshot.h"

/* The summary's section "target": the finding, the probes, their series, what happened. */
void probes_section(struct buf *out, const struct probe_snapshot *b);

/* Adds a line to the running table: the two series that are worst off, or what is wrong with
 * the probes. */
void probes_line(struct buf *out, const struct probe_snapshot *b);

#endif
