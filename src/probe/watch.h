/* SPDX-License-Identifier: MIT */
/* watch.h - runs the probes, each on a thread of its own, and keeps the board.
 *
 * What a probe tells is kept per second of the run beside the load's own figures.  The
 * watch adds what all kinds share: when to look (on absolute time; a look that is late is
 * left out, never caught up), states and ages, pauses of 0.5 to 8 s between attempts
 * (30 s where permission is denied), limits reached, thresholds, growth, cost.
 *
 * Threads: all functions from any thread; none waits for a probe but watch_wait_polled and
 * watch_destroy, each for a bounded time.  `event` is called on a probe's thread without a
 * lock of the watch's. */
#ifndef RAMPTOP_PROBE_WATCH_H
#define RAMPTOP_PROBE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/probe/probe_snapshot.h"
#include "src/profile/probe_spec.h"

struct watch;

struct watch_config {
    /* A moment for the time axis; may be NULL. */
    void (*event)(const struct snap_event *ev, void *arg);
    void *arg;
    /* Finds what could be watched of a target (discover.h); how many.  Within some seconds, on
     * a thread of its own.  May be NULL: nothing is found. */
    uint32_t (*discover)(const char *target, struct snap_offer *out, uint32_t max);
};

struct watch *watch_create(const struct watch_config *cfg);

/* Signals all probes and waits at most 300 ms for them and for a search, until their threads are
 * gone; one that hangs is left to itself, with what it needs, since it must not be killed.
 * NULL is fine. */
void watch_destroy(struct watch *w);

/* Starts these, which came with the profile, and stops those of the profile before that
 * are not among them; equal ones go on.  Commands run only if may_exec or typed.
 *
 * What has been stopped is shown as off, with its series, until its place on the board is needed
 * for another; one for which there is no place is left out, which an event says. */
void watch_set_profile(struct watch *w, const struct probe_specs *specs, bool may_exec);

/* Starts one more, which stays until the end.  Nobody else may hold the spec yet: it gets a
 * number behind a name that is taken, unless the one of that name never told anything and
 * fails, which makes room for it.  False with a sentence when there is no room, or when
 * that is watched already. */
bool watch_add_probe(struct watch *w, struct probe_spec *spec, struct err *e);

/* Until every probe has looked once, well or not; at most ns. */
void watch_wait_polled(struct watch *w, uint64_t ns);

/* The time axis begins: now_ns() of its second 0.  What was seen before is forgotten but for
 * the values themselves. */
void watch_start_axis(struct watch *w, uint64_t start_ns);

/* The load changes or ramps (constant false), or stands still from now on: growth is only
 * judged over constant load. */
void watch_set_load(struct watch *w, bool constant);

/* Looks for what could be watched of that target (a URL), on a thread of its own; the
 * board's offers tell. */
void watch_discover(struct watch *w, const char *target);

/* Details of a probe, or a new attempt at once (when it is down or denied; one that was refused
 * or ended by watch_stop_probe begins anew, with may_exec as it is now).  False with a sentence
 * when there is nobody to do it.
 */
bool watch_ask_detail(struct watch *w, uint32_t probe, struct err *e);
bool watch_retry_probe(struct watch *w, uint32_t probe, bool may_exec, struct err *e);
/* Ends one; what it told stays.  Does not wait for it. */
void watch_stop_probe(struct watch *w, uint32_t probe);

void watch_snapshot(struct watch *w, struct probe_snapshot *out);

#endif
