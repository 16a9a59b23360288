/* SPDX-License-Identifier: MIT */
/* collect.h - the collector: empties the workers' rings, keeps the statistics,
 * publishes the snapshot.
 *
 * It owns the rings, the notes' rings and the gauges, since it is what they all
 * lead to; a worker borrows its three (collect_lane) for its life.
 *
 * Time: a sample counts in the second in which it was done.  A second is closed
 * a little after it ended (GATHER_GRACE_MS), so that a worker that is busy
 * still gets its samples into the right one; what comes later still counts in
 * the totals and in the second then open.  Windows and the whole run are merges
 * of per-second histograms, never averages of percentiles.  Windows and latencies
 * are over closed seconds; counts, users and requests in flight are of the moment.
 *
 * The last second of a run is usually a part of one.  Its rate is over the time
 * that it really had; when that is under half a second it is no point of the
 * chart (its rate would be noise), but its requests are in the totals.  Seconds in
 * which the program was stopped for more than half are drawn as a hole, and all
 * rates are over the time that it was running.
 *
 * What failed by the generator's own fault (fail_is_client) is no request: it was not
 * sent, and is in client_failures and the failures table alone.
 * Latencies of failures and of successes are never mixed.
 *
 * Memory is bounded for any length of run: seconds are kept as sparse histograms
 * for 15 minutes, then merged into coarser ones (stats/timeline.h).
 *
 * Threads: collect_start makes one thread.  collect_create, _start, _stop and
 * _destroy belong to one thread, usually main; all other functions may be called
 * from any thread and take a mutex for a short copy.  The collector never waits
 * for a frontend.  A collector runs once: it cannot be started again. */
#ifndef RAMPTOP_STATS_COLLECT_H
#define RAMPTOP_STATS_COLLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/stats/snapshot.h"

#define COLLECT_PUBLISH_MS 100

struct burst_figures;
struct collector;
struct second;
struct timeline;
struct ring;
struct gauge;

struct collect_config {
    unsigned workers;
    size_t ring_samples; /* capacity of each worker's ring, 0 for the default (32,768) */
    /* Called on the collector's thread at every publication, may be NULL: when the figures are
     * in place, the driver's tick and the end of the run; after it, what fills the session's part
     * of the snapshot (users_wanted is read from there, too). */
    void (*tick)(const struct snapshot *newest, const struct timeline *seconds, void *arg);
    void (*fill)(struct snapshot *snap, void *arg);
    void *arg;
    /* Is lent each finished second, on the same thread (stats/gather.h); may be NULL. */
    void (*finished)(const struct second *s, void *arg);
    void *finished_arg;
};

/* The ends that one worker writes to; borrowed from the collector. */
struct collect_lane {
    struct ring *samples; /* struct sample */
    struct ring *notes;   /* struct note */
    struct gauge *gauge;
};

struct collector *collect_create(const struct collect_config *cfg);
void collect_destroy(struct collector *c); /* stops it first; NULL is fine */

struct collect_lane collect_lane(struct collector *c, unsigned worker);

/* Sets the start of the time axis to now and starts the thread. */
bool collect_start(struct collector *c, struct err *e);
/* The workers have ended: drains the rings to the last sample, closes the last
 * second, publishes once more, joins the thread. */
void collect_stop(struct collector *c);

/* The session-wide id of an endpoint; the same (method, name) always gives the
 * same id, so that the timeline goes on across profiles.  Beyond SNAP_ENDPOINTS
 * the id of "(others)", the last one.  Texts are cleaned by the callee and cut to
 * what snap_endpoint holds. */
uint16_t collect_endpoint(struct collector *c, const char *method, const char *name);

/* The same for a user class, by its name; workers count its users in gauge->class_users[id]. */
uint16_t collect_class(struct collector *c, const char *name);
/* Copies the names of the classes so far, at most SECOND_CLASSES; returns how many there are. */
uint32_t collect_class_names(struct collector *c, char (*out)[SNAP_NAME]);

/* Puts a mark on the time axis, now.  letter 0: the kind's own sign, and for
 * SNAP_MARK_USER the next letter, from a again after z. */
void collect_mark(struct collector *c, enum snap_mark_kind kind, char letter, const char *text);

/* Gives the newest mark a new text if it is a SNAP_MARK_LOAD one, else adds one: a knob
 * that is turned step by step leaves one mark, where the turning began. */
void collect_mark_again(struct collector *c, const char *text);

/* The program was stopped from now_ns() - gap_ns to now: those seconds are drawn
 * as a hole, and rates leave them out.  Requests that were under way then count as aborted:
 * nobody knows how long they took.  Sets a mark, unless gap_ns is 0: not stopped. */
void collect_gap(struct collector *c, uint64_t gap_ns);

/* Load is made from at_ns on, or its end was then, made by that many users: what rates over
 * the run divide by (stats/loadtime.h).  It is made from the start; the same twice is fine. */
void collect_load(struct collector *c, bool on, uint64_t at_ns, uint32_t users);

/* Nothing runs any more: no further seconds are drawn after the one under way, so that the
 * end of a run stays in sight, and that one is as long as it was used.  Taken back, the time in
 * between is a hole. */
void collect_pause(struct collector *c, bool pause);

/* The figures of a burst, from within the tick only: the samples of all users that
 * were seen at rest one publication before are in them. */
void collect_burst(const struct collector *c, uint16_t number, struct burst_figures *out);

void collect_set_window(struct collector *c, enum snap_window w);

/* Lets the session's part of the newest snapshot be filled again, now: who reads it after this
 * sees what was changed.  fill counts each such change in run.changes; it is called at once, with
 * the collector locked. */
void collect_republish(struct collector *c, void (*fill)(struct snapshot *snap, void *arg),
                       void *arg);

/* Copies the newest snapshot.  seq 0: nothing published yet. */
void collect_snapshot(struct collector *c, struct snapshot *out);

/* now_ns() at the start of the time axis. */
uint64_t collect_start_ns(const struct collector *c);

#endif
