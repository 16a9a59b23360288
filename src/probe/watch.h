/* SPDX-License-Identifier: MIT */
/* watch.h - runs the probes, each on a thread of its own, and makes the probe snapshot.
 *
 * Figures of a probe are kept per second of the run beside the load's own.  The watch adds
 * everything that all kinds share: when to poll (on absolute time; a late poll is skipped, never
 * caught up), states and ages, pauses of 0.5 to 8 s between attempts (30 s where permission is
 * denied), limits reached, thresholds, growth, cost.
 *
 * Threads: all functions from any thread; none waits for a probe but watch_wait_polled and
 * watch_destroy, each for a bounded time. `event` is called on a probe's thread without a lock
 * of the watch's. */
#ifndef RAMPTOP_PROBE_WATCH_H
#define RAMPTOP_PROBE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/profile/probe_spec.h"
#include "src/stats/probe_snapshot.h"

struct watch;

struct watch_config {
    /* Receives each event, for the time axis; may be NULL. */
    void (*event)(const struct snap_event *ev, void *arg);
    void *arg;
    /* Finds what could be watched of a target (discover.h) and returns how many offers there
     * are.  Takes some seconds, on a thread of its own.  May be NULL: nothing is found. */
    uint32_t (*discover)(const char *target, struct snap_offer *out, uint32_t max);
};

struct watch *watch_create(const struct watch_config *cfg);

/* Stops all probes and waits at most 300 ms for their threads and for a search to end; a thread
 * that hangs is left to itself with everything it needs, since it must not be killed.  NULL is
 * fine. */
void watch_destroy(struct watch *w);

/* Starts the probes of a profile and stops those of the previous profile that it does not have;
 * equal ones go on.  Commands run only if may_exec or typed.
 *
 * A stopped probe is shown as off, with its series, until its slot is needed for another.  A
 * probe without a slot is left out, which an event says. */
void watch_set_profile(struct watch *w, const struct probe_specs *specs, bool may_exec);

/* Starts one more probe, which stays until the end.  Nobody else may hold the spec yet: its name
 * gets a number when it is taken, unless the probe of that name never had a value and fails, in
 * which case it is replaced.  Returns false with a sentence when there is no room, or when the
 * same is watched already. */
bool watch_add_probe(struct watch *w, struct probe_spec *spec, struct err *e);

/* Waits until every probe has been polled once, successfully or not; at most ns. */
void watch_wait_polled(struct watch *w, uint64_t ns);

/* Starts the time axis at now_ns() of its second 0.  Figures from before are dropped but for the
 * newest values. */
void watch_start_axis(struct watch *w, uint64_t start_ns);

/* Says that the load changes or ramps (constant false), or is constant from now on: growth is
 * only judged over constant load. */
void watch_set_load(struct watch *w, bool constant);

/* Starts a search for what could be watched of that target (a URL), on a thread of its own;
 * results appear as offers of the probe snapshot. */
void watch_discover(struct watch *w, const char *target);

/* Asks a probe for details, or starts a new attempt at once (when it is down or denied; a probe
 * that was refused, or ended by watch_stop_probe, is started anew, with may_exec as it is now).
 * Both return false with a sentence when there is no such probe. */
bool watch_ask_detail(struct watch *w, uint32_t probe, struct err *e);
bool watch_retry_probe(struct watch *w, uint32_t probe, bool may_exec, struct err *e);
/* Stops a probe without waiting for it; its figures stay. */
void watch_stop_probe(struct watch *w, uint32_t probe);

void watch_snapshot(struct watch *w, struct probe_snapshot *out);

#endif
