/* SPDX-License-Identifier: MIT */
/* watch_inner.h - shared by watch.c (the interface), watch_slots.c (the probes' slots) and
 * probe.c (one probe's thread).  Private to these three.
 *
 * Ownership: the watch belongs to its creator and to each of its threads; the last to leave
 * frees it, so that a thread that hangs in a poll finds everything in its place.  A thread that
 * has ended is joined, at the latest by watch_destroy: libraries that clean up at exit (OpenSSL)
 * must not do so while a thread of theirs is still ending.  Only a thread that outlives
 * watch_destroy detaches itself.
 *
 * Locks: `lock` guards all that is shared and is held for copies only. `event_lock` is held
 * while an event is handed on, so that watch_destroy returns only when no thread does so any
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
    /* Set before its thread starts, and then only read. */
    struct watch *watch;
    const struct probe_ops *ops;
    struct probe_spec *spec; /* a reference */
    uint32_t slot;
    int wake_fd; /* an eventfd */
    uint64_t period_ns;

    /* The thread's own. */
    void *self;
    struct track *series[SNAP_SERIES]; /* owned by the watch; by this probe's number of the series;
                                          valid as long as the probe has its slot; NULL: dropped */
    int n_series;
    bool told_full; /* the lack of room for more series has been reported */
    uint64_t extra_cpu_ns;
    struct {
        uint64_t at_ns, cpu_ns;
    } cost[COST_POLLS];
    unsigned n_cost;
    unsigned failed; /* failed polls in a row */

    /* Guarded by the watch's lock. */
    bool stop, ask, retry;
};

/* A thread that has ended and is to be joined. */
struct ended_thread {
    pthread_t thread;
    struct ended_thread *next;
};

/* The place of one probe in the snapshot; stays when its thread has ended, until it is needed. */
struct watch_slot {
    struct snap_probe shown;  /* times in it are filled in by watch_snapshot */
    struct probe *probe;      /* NULL: its thread has ended */
    struct probe_spec *spec;  /* a reference */
    bool of_profile;
    bool polled; /* polled at least once, successfully or not */
    bool was_live;
    bool lost;                     /* the loss of its target was reported, its return was not */
    uint32_t losses;               /* losses reported */
    uint64_t lost_ns[LOSSES_TOLD]; /* when the newest losses were reported, a ring; 0: none yet */
    uint64_t since_ns, seen_ns;
};

struct watch {
    pthread_mutex_t event_lock;
    struct watch_config cfg; /* event: NULL from watch_destroy on */

    pthread_mutex_t lock;
    pthread_cond_t changed; /* a probe was polled, or its thread has ended */
    unsigned refs;
    bool stopping;
    bool destroyed;             /* by its creator: threads are not joined any more */
    unsigned threads;           /* running threads: of probes and of the search */
    struct ended_thread *ended; /* owned; threads that have ended */
    uint64_t start_ns; /* 0: the axis has not begun */
    bool constant;
    uint64_t seq;
    uint32_t n_slots;
    struct watch_slot slots[SNAP_PROBES];
    uint32_t n_tracks;
    struct track *tracks[SNAP_SERIES]; /* owned; made when needed */
    uint64_t events;
    struct snap_event event[SNAP_EVENTS]; /* by number % SNAP_EVENTS */
    bool discovering;
    uint32_t n_offers;
    struct snap_offer offers[SNAP_OFFERS];
    struct snap_detail detail;  /* `asked` in it is filled in by watch_snapshot */
    uint32_t asked;             /* the slot that was asked last and has not answered; NOBODY */
};

/* Starts the thread of a probe in that slot.  With the lock held. */
bool probe_start(struct watch *w, uint32_t slot, const struct probe_ops *ops);
/* Makes a probe leave its poll early: to stop, or to take a request. */
void probe_wake(struct probe *p);

/* Slots; all with the lock held. */
uint32_t watch_slot_number(const struct watch *w, const struct watch_slot *s);
struct watch_slot *watch_slot_named(struct watch *w, const char *name); /* NULL: there is none */
/* Returns a new slot, or that of a probe that is off and has the least to lose.  NULL: all are
 * in use. */
struct watch_slot *watch_empty_slot(struct watch *w);
/* Detaches the slot from its probe, which has ended or is left to itself. */
void watch_slot_off(struct watch *w, struct watch_slot *s);
/* Drops the series of the probe that has been off longest.  Returns false when none is off. */
bool watch_drop_oldest_series(struct watch *w);
/* Drops one series. */
void watch_drop_track(struct watch *w, const struct track *t);
/* Both set the details: the answer of a slot's probe, or none. */
void watch_set_detail(struct watch *w, uint32_t slot, const struct snap_detail *answer);
void watch_clear_detail(struct watch *w);

/* Both count: a thread that holds the watch begins; a thread could not be started.  With the
 * lock held. */
void watch_thread_begins(struct watch *w);
void watch_thread_failed(struct watch *w);
/* Gives the watch back: a thread's last call.  Without the lock. */
void watch_thread_ends(struct watch *w);

/* Converts a time to seconds on the axis; NaN when the axis has not begun or t is 0. */
double watch_axis_s(const struct watch *w, uint64_t t_ns);

/* Adds an event about the probe of that name and hands it on.  Without a lock. */
void watch_event(struct watch *w, const char *probe, enum snap_event_kind kind, const char *group,
                 const char *text);

#endif
