/* SPDX-License-Identifier: MIT */
/* watch_inner.h - what watch.c (the board, from outside) and probe.c (one probe's thread)
 * share.  Private to these two.
 *
 * Ownership: the watch belongs to whoever made it and to each thread of a probe; the last
 * to leave frees it, so that a thread that hangs in a look finds everything in its place.
 *
 * Locks: `lock` guards all that is shared and is held for copies only.  `event_lock` is held
 * while an event is told, so that watch_destroy returns only when nobody tells one any
 * more.  Never both at once. */
#ifndef RAMPTOP_PROBE_WATCH_INNER_H
#define RAMPTOP_PROBE_WATCH_INNER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "src/probe/probe.h"
#include "src/probe/track.h"
#include "src/probe/watch.h"

#define COST_LOOKS 10
#define LOSSES_TOLD 4 /* in a minute */

struct probe {
    /* Set before its thread begins, and then only read. */
    struct watch *watch;
    const struct probe_ops *ops;
    struct probe_spec *spec; /* a reference */
    uint32_t slot;
    int wake_fd; /* an eventfd */
    uint64_t period_ns;

    /* The thread's own. */
    void *self;
    int series[BOARD_SERIES]; /* of the watch, by the probe's own number */
    int n_series;
    uint64_t extra_cpu_ns;
    struct {
        uint64_t at_ns, cpu_ns;
    } cost[COST_LOOKS];
    unsigned n_cost;
    unsigned failed; /* looks in a row */

    /* Under the watch's lock. */
    bool stop, ask, retry;
};

/* What the board says of a probe; stays when its thread has ended. */
struct slot {
    struct board_probe shown; /* its times are filled in when it is shown */
    struct probe *probe;      /* NULL: its thread has ended */
    struct probe_spec *spec;  /* a reference */
    bool of_profile;
    bool looked; /* once at least, well or not */
    bool was_live;
    bool lost;                     /* that its target is away was told, that it is back not yet */
    uint32_t losses;               /* that were told */
    uint64_t lost_ns[LOSSES_TOLD]; /* when, the newest of them, round; 0: none yet */
    uint64_t since_ns, seen_ns;
};

struct watch {
    pthread_mutex_t event_lock;
    struct watch_config cfg; /* event: NULL from watch_destroy on */

    pthread_mutex_t lock;
    pthread_cond_t changed; /* a probe has looked, or its thread has ended */
    unsigned refs;
    bool stopping;
    unsigned running;  /* threads of probes */
    uint64_t start_ns; /* 0: the axis has not begun */
    bool constant;
    uint64_t seq;
    uint32_t n_slots;
    struct slot slots[BOARD_PROBES];
    uint32_t n_tracks, tracks_lost;
    struct track *tracks[BOARD_SERIES]; /* owned; made when they are needed */
    uint64_t events;
    struct board_event event[BOARD_EVENTS]; /* by number % BOARD_EVENTS */
    bool discovering;
    uint32_t n_offers;
    struct board_offer offers[BOARD_OFFERS];
    struct board_detail detail;
};

/* Begins the thread of a probe in that slot.  With the lock held. */
bool probe_start(struct watch *w, uint32_t slot, const struct probe_ops *ops);
/* Makes a probe leave its look early: it has been told to stop, or something is wanted. */
void probe_wake(struct probe *p);

/* Takes and gives back a reference; with the lock held. */
void watch_ref(struct watch *w);
/* Gives one back, without the lock; frees the watch with the last. */
void watch_unref(struct watch *w);

/* Seconds on the axis; NaN when it has not begun or t is 0. */
double watch_axis_s(const struct watch *w, uint64_t t_ns);

/* Adds an event, and tells it.  Without a lock. */
void watch_event(struct watch *w, uint32_t slot, enum board_event_kind kind, const char *group,
                 const char *text);

#endif
