/* SPDX-License-Identifier: MIT */
/* aggregate.h - the books of a run: finished seconds in, windows, totals, points, failures,
 * alerts and health out.
 *
 * It does not matter who made the seconds: this process (stats/gather.h), a recording, or several
 * generators whose seconds were merged; the same seconds give the same figures.  Nothing is
 * measured here, and time is only what the seconds say.
 *
 * When a second is booked its histograms go into the timeline, into the window and into the run,
 * and the second that falls out of the window is taken out.  Memory is bounded for any length of
 * run (stats/timeline.h).
 *
 * One thread at a time. */
#ifndef RAMPTOP_STATS_AGGREGATE_H
#define RAMPTOP_STATS_AGGREGATE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/stats/second.h"
#include "src/stats/snapshot.h"
#include "src/stats/timeline.h"

/* The first failure of a kind (for FAIL_STATUS: of a status). */
struct aggregate_alert {
    double at_s;
    uint16_t endpoint, status;
    uint8_t fail;
};

struct aggregate;
struct burst_figures;

struct aggregate *aggregate_create(enum snap_window w);
void aggregate_destroy(struct aggregate *a); /* NULL is fine */

/* Books the next second, and copies what it keeps.  False, and nothing happens, when its number
 * is not above all before. */
bool aggregate_add(struct aggregate *a, const struct second *s);
/* The same as a listener of a gatherer; arg: the aggregate. */
void aggregate_book(const struct second *s, void *arg);

/* The window is rebuilt from the timeline at once. */
void aggregate_set_window(struct aggregate *a, enum snap_window w);

/* A mark before its second is there: it comes with that again, which changes nothing. */
void aggregate_mark(struct aggregate *a, const struct snap_mark *m);
/* A look at the generator while there are no seconds, because nothing runs. */
void aggregate_health(struct aggregate *a, const struct second_health *h);
/* Failures of a second that is still open: what is new is an alert now, and not again later. */
void aggregate_alert(struct aggregate *a, const struct second *open);
/* The oldest alert not yet taken; false when there is none. */
bool aggregate_take_alert(struct aggregate *a, struct aggregate_alert *out);

/* Fills the figures of totals, windows, endpoints (but not their names), points, failures,
 * distributions, marks and health.  open (may be NULL): what is in no finished second yet, and
 * counts in the totals alone.  Cheap unless a second was booked since the last call, if snap is the
 * same. */
void aggregate_fill(struct aggregate *a, const struct second *open, struct snapshot *snap);

/* The figures of a burst; open as above, and with its latencies. */
void aggregate_burst(const struct aggregate *a, const struct second *open, uint16_t number,
                     struct burst_figures *out);

/* Returns the gauges of the newest second that had any; zeros before. */
const struct gauges_now *aggregate_now(const struct aggregate *a);

/* The seconds so far; borrowed. */
const struct timeline *aggregate_timeline(const struct aggregate *a);

#endif
