/* SPDX-License-Identifier: MIT */
/* gauge.h - a worker's own figures, read while it runs.
 *
 * Properties   One block per worker on cache lines of its own; reading never
 *              disturbs the worker.  Each value is right by itself; together
 *              they are a moment's picture, not a consistent cut.
 * Operation    The worker stores, everybody else loads.
 * Safety       Fields are written by the owning worker only (plain load, add,
 *              store: no lock prefix), read by any thread; relaxed, because no
 *              other memory is published through them.  But for bursts: who loads
 *              `burst` with acquire sees the `released` that belongs to it, who
 *              loads `burst_done` so finds the samples of those users in the ring; and
 *              who loads `orders` so sees gauges from after that order. */
#ifndef RAMPTOP_STATS_GAUGE_H
#define RAMPTOP_STATS_GAUGE_H

#include <stdatomic.h>
#include <stdint.h>

#define GAUGE_CLASSES 256 /* user classes of a run; the last one is all others */

struct gauge {
    _Alignas(64) _Atomic uint32_t users;  /* running now */
    _Atomic uint32_t in_flight;           /* requests begun and not done */
    _Atomic uint64_t oldest_ns;           /* sent_ns of the oldest request in flight, 0 for none */
    _Atomic uint64_t started;             /* requests begun */
    _Atomic uint64_t finished;            /* requests done, samples pushed or lost */
    _Atomic uint64_t aborted;     /* no result: given up, or the program was stopped meanwhile */
    _Atomic uint64_t given_up;    /* aborted, as there was no reply when the run ended; */
    _Atomic uint64_t given_up_ns; /* the longest that one of them had waited */
    _Atomic uint64_t sent_again;  /* requests that the transport sent once more unasked */
    _Atomic uint32_t cut_short;   /* users whose on_stop did not run to its end */
    _Atomic uint32_t askers;      /* users running now that have begun a request */
    _Atomic uint64_t busy_ns;     /* beyond ends of the load until users' last replies, in sum */
    _Atomic uint64_t cpu_ns;              /* CPU time of the worker's thread */
    _Atomic uint64_t loops;               /* turns of its event loop */
    _Atomic uint32_t loop_max_us;         /* longest turn since the reader last reset it (exchange 0) */
    _Atomic uint32_t open_fds;            /* sockets the worker has open */
    _Atomic uint32_t left;                /* places empty because their user ended by itself */
    _Atomic uint32_t ready;               /* users that wait for the next burst */
    _Atomic uint32_t burst;               /* number of the newest burst that was released */
    _Atomic uint64_t released;            /* users released so far, over all bursts */
    _Atomic uint64_t burst_done;          /* released users that have done their task */
    _Atomic uint32_t orders;              /* number of the newest order that is in force */
    _Atomic uint32_t users_most;          /* at once so far; a look may come too late for it */
    _Atomic uint32_t class_users[GAUGE_CLASSES]; /* running now, by collect_class() */
};

static inline void gauge_add32(_Atomic uint32_t *gauge, int32_t n)
{
    uint32_t was = atomic_load_explicit(gauge, memory_order_relaxed);
    atomic_store_explicit(gauge, was + (uint32_t)n, memory_order_relaxed);
}

static inline void gauge_add64(_Atomic uint64_t *gauge, uint64_t n)
{
    uint64_t was = atomic_load_explicit(gauge, memory_order_relaxed);
    /* Release: who sees the sum sees the samples that were pushed before it. */
    atomic_store_explicit(gauge, was + n, memory_order_release);
}

static inline void gauge_max32(_Atomic uint32_t *gauge, uint32_t value)
{
    if (value > atomic_load_explicit(gauge, memory_order_relaxed))
        atomic_store_explicit(gauge, value, memory_order_relaxed);
}

#endif
