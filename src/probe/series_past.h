/* SPDX-License-Identifier: MIT */
/* series_past.h - the values of a series over the whole run, coarser the longer it is.
 *
 * At most SNAP_PAST means, SERIES_PAST_S seconds wide at first; when the run outgrows them,
 * neighbours are put together and each is twice as wide.  Pure; one thread at a time. */
#ifndef RAMPTOP_PROBE_SERIES_PAST_H
#define RAMPTOP_PROBE_SERIES_PAST_H

#include <stdbool.h>
#include <stdint.h>

#include "src/stats/snapshot.h"

#define SERIES_PAST_S 10

struct series_past {
    uint32_t width_s;
    float mean[SNAP_PAST];
    uint32_t count[SNAP_PAST]; /* seconds with a value; 0: there is no mean */
};

void series_past_begin(struct series_past *p);
/* A second that is over; NaN: it had no value, and counts in no mean. */
void series_past_add(struct series_past *p, uint32_t second, float v);
/* The means, from the start of the run on, NaN for none.  Returns the width of each. */
uint32_t series_past_copy(const struct series_past *p, float *out);

#endif
