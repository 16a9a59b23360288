/* SPDX-License-Identifier: MIT */
/* metric.h - from a metric of the user's to a series: what the probes prometheus and promql
 * share. */
#ifndef RAMPTOP_PROBE_METRIC_H
#define RAMPTOP_PROBE_METRIC_H

#include <stddef.h>

#include "src/probe/probe.h"

/* What its figures are, and what they are multiplied with. */
struct metric_scale {
    enum snap_unit unit;
    double factor;
};

/* By its unit, in the words of reports and those of names ("seconds"), else by the end of its
 * name there.  Of a counter: of its rate, where seconds per second are percent of one core. */
struct metric_scale metric_scale(const struct probe_metric *m);

/* Its series with its limit; it is number i of its probe, whose first are charted. */
int metric_series(struct probe *p, const struct probe_metric *m, size_t i);

#endif
