/* SPDX-License-Identifier: MIT */
/* watch_inner.h - what watch.c (the board, from outside), slot.c (the places on it) and probe.c
 * (one probe's thread) share.  Private to these three.
 *
 * Ownership: the watch belongs to whoever made it and to each of its threads; the last to
 * leave frees it, so that a thread that hangs in a look finds everything in its place.
 * A thread that has ended is joined, at the latest by watch_destroy: libraries that clean up
 * at exit (OpenSSL) must not do so while a thread of theirs is on its way out.  Only one that
 * outlives watch_destroy detaches itself.
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

#define COST_POLLS 10
#define LOSSES_TOLD 4 /* in a minute */
#define NOBODY UINT32_MAX
/* A number's name as a part of a text. */
#define DIGITS(n) #n
#define NAME_OF(n) DIGITS(n)

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
    struct track *series[SNAP_SERIES]; /* the watch's, by the probe's own number; there as long
                                        * as the probe has its slot; NULL: forgotten */
    int n_series;
    bool told_full; /* that there is no room for more series */
    uint64_t extra_cpu_ns;
    struct {
        uint64_t at_ns, cpu_ns;
    } cost[COST_POLLS];
    unsigned n_cost;
    unsigned failed; /* looks in a row */

    /* Under the watch's lock. */
    bool stop, ask, retry;
};

/* A thread that has done its last, to be joined. */
struct ended_thread {
    pthread_t thread;
    struct ended_thread *next;
};

/* What the board says of a probe; stays when its thread has ended, until its place is needed. */
struct watch_slot {
    struct snap_probe shown;  /* its times are filled in when it is shown */
    struct probe *probe;      /* NULL: its thread has ended */
    struct probe_spec *spec;  /* a reference */
    bool of_profile;
    bool polled; /* once at least, well or not */
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
    bool destroyed;    /* by its maker: nobody joins any more */
    unsigned threads;  /* that have not ended: of probes and of the search */
    struct ended_thread *ended; /* owned; those that have */
    uint64_t start_ns; /* 0: the axis has not begun */
    bool constant;
    uint64_t seq;
    uint32_t n_slots;
    struct watch_slot slots[SNAP_PROBES];
    uint32_t n_tracks, tracks_lost;
    struct track *tracks[SNAP_SERIES]; /* owned; made when they are needed */
    uint64_t events;
    struct snap_event event[SNAP_EVENTS]; /* by number % SNAP_EVENTS */
    bool discovering;
    uint32_t n_offers;
    struct snap_offer offers[SNAP_OFFERS];
    struct snap_detail detail;  /* its `asked` is made when it is shown */
    uint32_t asked;             /* the slot that was asked last and has not answered; NOBODY */
};

/* Begins the thread of a probe in that slot.  With the lock held. */
bool probe_start(struct watch *w, uint32_t slot, const struct probe_ops *ops);
/* Makes a probe leave its look early: it has been told to stop, or something is wanted. */
void probe_wake(struct probe *p);

/* Slots; all with the lock held. */
uint32_t watch_slot_number(const struct watch *w, const struct watch_slot *s);
struct watch_slot *watch_slot_named(struct watch *w, const char *name); /* NULL: there is none */
/* A new one, or that of a probe that is off, with the least to lose.  NULL: all are in use. */
struct watch_slot *watch_empty_slot(struct watch *w);
/* Its probe has ended, or is left to itself. */
void watch_slot_off(struct watch *w, struct watch_slot *s);
/* Gives up the series of what has been off longest.  False: nothing is. */
bool watch_drop_oldest_series(struct watch *w);
/* Gives up one. */
void watch_drop_track(struct watch *w, const struct track *t);
/* What a slot's probe answers; and that nobody has answered anything yet. */
void watch_set_detail(struct watch *w, uint32_t slot, const struct snap_detail *answer);
void watch_clear_detail(struct watch *w);

/* One more thread holds the watch; or could not be made.  With the lock held. */
void watch_thread_begins(struct watch *w);
void watch_thread_failed(struct watch *w);
/* The last thing that a thread does with the watch.  Without the lock. */
void watch_thread_ends(struct watch *w);

/* Seconds on the axis; NaN when it has not begun or t is 0. */
double watch_axis_s(const struct watch *w, uint64_t t_ns);

/* Adds an event about the probe of that name, and tells it.  Without a lock. */
void watch_event(struct watch *w, const char *probe, enum snap_event_kind kind, const char *group,
                 const char *text);

#endif
