/* SPDX-License-Identifier: MIT */
/* metric.h - from a metric of the user's to a series: shared by the probes prometheus and
 * promql. */
#ifndef RAMPTOP_PROBE_METRIC_H
#define RAMPTOP_PROBE_METRIC_H

#include <stddef.h>

#include "src/probe/probe.h"

/* The unit of a metric, and the factor that converts its values to it. */
struct metric_scale {
    enum snap_unit unit;
    double factor;
};

/* Returns the scale by the metric's unit setting, in the words of reports and of metric names
 * ("seconds"), else by the end of its name.  A counter gets the scale of its rate; seconds per
 * second are percent of one core. */
struct metric_scale metric_scale(const struct probe_metric *m);

/* Makes the series of metric number i, with its limit; the first ones are charted. */
int metric_series(struct probe *p, const struct probe_metric *m, size_t i);

#endif
