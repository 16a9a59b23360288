/* SPDX-License-Identifier: MIT */
/* gather.h - makes finished seconds out of samples and hands each to its listeners.
 *
 * Time is a parameter, so that hours can be tested in a moment; the collector gives it the
 * clock and the rings.
 *
 * A sample counts in the second of its done_ns.  GATHER_OPEN seconds are open at a time, each
 * with the histograms and statuses of the endpoints that had a sample: adding one is one
 * hist_recorder_add() for each time that it tells, and some additions.  All else happens when a
 * second closes, GATHER_GRACE_MS after its end.  A sample for a second that is closed counts in the
 * oldest open one; one that lies beyond the open seconds closes the oldest before its time.
 *
 * What counts: `requests` are all that finished but those that failed by the generator's own
 * fault (fail_is_client): these were not sent, and are in `client_failures` and the rows of
 * failures alone.  The latencies of failures are kept apart from those of successes
 * (stats/latencies.h).  A reply counts in the statuses whatever became of it.
 *
 * One thread at a time. */
#ifndef RAMPTOP_STATS_GATHER_H
#define RAMPTOP_STATS_GATHER_H

#include <stdbool.h>
#include <stdint.h>

#include "src/stats/note.h"
#include "src/stats/sample.h"
#include "src/stats/second.h"

#define GATHER_OPEN 4 /* a power of two */
#define GATHER_LISTENERS 4
#define GATHER_GRACE_MS 40

/* Figures that a second takes from elsewhere when it closes; the lag in health is the gatherer's.
 */
struct gather_end {
    struct gauges_now now;
    uint32_t n_classes;          /* 0: not known */
    const uint32_t *class_users; /* borrowed */
    struct second_health health;
};

struct gather;

/* start_ns: now_ns() at the start of the axis; wall_ns: the time of day then, 0 for unknown. */
struct gather *gather_create(uint64_t start_ns, uint64_t wall_ns);
void gather_destroy(struct gather *g); /* NULL is fine */

/* Each finished second is lent to every listener, in the order in which they came; they may
 * call nothing of the gatherer's meanwhile: gather_add() may be what closed it. */
void gather_listen(struct gather *g, void (*finished)(const struct second *s, void *arg),
                   void *arg);

void gather_add(struct gather *g, const struct sample *s);
/* An example of a failure; in the newest open second that has one of that kind, else in the one
 * of its time. */
void gather_note(struct gather *g, const struct note *n);
/* The program was stopped from .. to, on the clock of now_ns(). */
void gather_gap(struct gather *g, uint64_t from_ns, uint64_t to_ns);
/* Is in the next second that closes. */
void gather_mark(struct gather *g, const struct snap_mark *m);

/* Whether a second is due to be closed at now_ns. */
bool gather_is_due(const struct gather *g, uint64_t now_ns);
/* Closes those that are due, all with the same end. */
void gather_close(struct gather *g, uint64_t now_ns, const struct gather_end *end);
/* The run ended at now_ns: closes what is open, the last second with the length it really had.
 * Nothing may be added afterwards. */
void gather_finish(struct gather *g, uint64_t now_ns, const struct gather_end *end);

/* Sums up what the open seconds hold so far: counts, statuses, failures and bursts, without
 * latencies of endpoints.  The caller finishes it. */
void gather_look(const struct gather *g, struct second *out);

/* When the newest request was done, 0 for none. */
uint64_t gather_last_done_ns(const struct gather *g);
/* How long the program was stopped since the start, as far as it is known. */
uint64_t gather_stopped_ns(const struct gather *g);

#endif
