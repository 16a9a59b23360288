/* SPDX-License-Identifier: MIT */
/* probe.h - what a kind of probe is made of, and what it tells of its target.
 *
 * A kind is a const struct probe_ops in a file of its own.  It knows its target and
 * nothing else: when to look, states, back-off, ages, history, limits, thresholds and leaks
 * are the watch's (watch.h).
 *
 * Threads: each probe has one, on which all of its functions run, so they need no lock.
 * Nothing here waits for a frontend or for the load, and nothing there waits for a probe. */
#ifndef RAMPTOP_PROBE_PROBE_H
#define RAMPTOP_PROBE_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/probe/probe_snapshot.h"
#include "src/profile/probe_spec.h"

struct probe; /* one probe under way: the watch's side of it */

struct probe_ops {
    enum probe_type type;
    uint64_t period_ns; /* between looks, unless the spec says otherwise */
    uint64_t limit_ns;  /* the longest a look may take, connecting included */
    /* look() itself waits for news until its deadline (streams): it is called again at once. */
    bool streams;

    /* The kind's own state.  No I/O. */
    void *(*open)(struct probe *p, const struct probe_spec *spec);

    /* One look at the target: connects when it is not connected, takes the values, hands
     * them to probe_value().  Must return by deadline_ns (now_ns() clock), and soon after
     * probe_wake_fd() becomes readable.  PROBE_LIVE: it went well; PROBE_CONNECTING: it was
     * woken before it knew, which counts for nothing: it is called again at once; else PROBE_DOWN
     * or PROBE_DENIED with a sentence in *e: what, why, and what to do about it. */
    enum probe_state (*poll)(void *self, struct probe *p, uint64_t deadline_ns, struct err *e);

    /* Details on demand (blockers, top statements): rows of text.  NULL: has none.  Called
     * between looks. */
    bool (*answer)(void *self, struct probe *p, uint64_t deadline_ns, struct snap_detail *out,
                   struct err *e);

    /* Frees what open and look made.  May be called at any time between looks; must not wait. */
    void (*close)(void *self);
};

extern const struct probe_ops probe_docker, probe_process, probe_host, probe_redis, probe_nginx,
    probe_prometheus, probe_promql, probe_command;
#ifdef HAVE_LIBPQ
extern const struct probe_ops probe_postgres, probe_pgbouncer;
#endif

/* The kind for a type, or NULL with a sentence when this program was built without it. */
const struct probe_ops *probe_ops_of(enum probe_type type, struct err *e);

/* --------------------------------------------------------- what a look tells */

enum { SERIES_MAIN = 1, SERIES_RESOURCE = 2, SERIES_LEAK = 4 }; /* LEAK: judge its growth */

/* The series of that group ("" for none) and name, made when it is new.  Texts are cleaned
 * and cut, a group in its middle.  Returns its number within this probe, or -1 when the board is
 * full: the other functions take -1 and do nothing.  Finding costs a search: keep the number. */
int probe_series(struct probe *p, const char *group, const char *name, enum snap_unit unit,
                 unsigned flags);

/* What it is now; NaN: the source cannot tell.  A series that is told nothing in a look
 * has a gap there. */
void probe_value(struct probe *p, int series, double value);
void probe_limit(struct probe *p, int series, double limit); /* NaN or <= 0: none */
/* Whether reaching that limit means that something has run out (SERIES_RESOURCE), where it takes a
 * look to know: a cache that evicts may be full all its life. */
void probe_resource(struct probe *p, int series, bool resource);
void probe_note(struct probe *p, int series, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The group's container, pool ... has gone, or is there again. */
void probe_set_removed(struct probe *p, const char *group, bool removed);
/* It makes room for another: its series leave the board, and their numbers are given anew. */
void probe_drop_group(struct probe *p, const char *group);

/* A moment worth a mark on the time axis. */
void probe_event(struct probe *p, enum snap_event_kind kind, const char *group, const char *fmt,
                 ...) __attribute__((format(printf, 4, 5)));

/* Where it is connected, and what the target turned out to be. */
void probe_where(struct probe *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void probe_type(struct probe *p, const char *type);
/* A remark beside a probe that is live: "8 sessions hidden: GRANT pg_monitor TO mon"; "" none. */
void probe_status_text(struct probe *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Processor time that children of this probe used, which its thread's clock does not see. */
void probe_cost(struct probe *p, uint64_t cpu_ns);

/* ----------------------------------------------------------- waiting, stopping */

/* Readable when the probe shall stop or is asked something: for poll beside its own
 * descriptors.  Never read from it. */
int probe_wake_fd(const struct probe *p);
bool probe_stopping(const struct probe *p);

/* ------------------------------------------------------------------- counters */

/* A counter that only grows, seen at two moments of its own clock. */
struct probe_counter {
    double value;
    double at_s; /* of the source's clock */
    bool seen;
};

/* Its rate per second since the last call; NaN the first time, when the clock stood still
 * or when it went backwards (the target began afresh: *reset becomes true; may be NULL). */
double probe_rate(struct probe_counter *c, double value, double at_s, bool *reset);

#endif
