/* SPDX-License-Identifier: MIT */
/* probe.h - the contract of a kind of probe, and the functions by which it hands on its figures.
 *
 * A kind is a const struct probe_ops in a file of its own.  It knows its target and nothing
 * else: when to poll, states, back-off, ages, history, limits, thresholds and leaks are the
 * watch's (watch.h).
 *
 * Threads: each probe has one, on which all of its functions run, so they need no lock.  No
 * probe waits for a frontend or for the load, and neither of them waits for a probe. */
#ifndef RAMPTOP_PROBE_PROBE_H
#define RAMPTOP_PROBE_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/profile/probe_spec.h"
#include "src/stats/probe_snapshot.h"

struct probe; /* a running probe, as the watch sees it */

struct probe_ops {
    enum probe_type type;
    uint64_t period_ns; /* between polls, unless the spec says otherwise */
    uint64_t limit_ns;  /* the longest time a poll may take, connecting included */
    /* True when poll() itself waits for news until its deadline (streams): it is called again at
     * once. */
    bool streams;

    /* Makes the kind's own state.  No I/O. */
    void *(*open)(struct probe *p, const struct probe_spec *spec);

    /* Polls the target once: connects when it is not connected, reads the values, hands them to
     * probe_value().  Must return by deadline_ns (now_ns() clock), and soon after
     * probe_wake_fd() becomes readable.  Returns PROBE_LIVE when all went well; PROBE_CONNECTING
     * when it was woken before it had a result (the poll counts for nothing and is called again
     * at once); else PROBE_DOWN or PROBE_DENIED with a sentence in *e: what, why, and what to do
     * about it. */
    enum probe_state (*poll)(void *self, struct probe *p, uint64_t deadline_ns, struct err *e);

    /* Writes details on demand (blockers, top statements) as rows of text.  NULL: the kind has
     * none.  Called between polls. */
    bool (*answer)(void *self, struct probe *p, uint64_t deadline_ns, struct snap_detail *out,
                   struct err *e);

    /* Frees what open and poll made.  May be called at any time between polls; must not wait. */
    void (*close)(void *self);
};

extern const struct probe_ops probe_docker, probe_process, probe_host, probe_redis, probe_nginx,
    probe_prometheus, probe_promql, probe_command;
#ifdef HAVE_LIBPQ
extern const struct probe_ops probe_postgres, probe_pgbouncer;
#endif

/* Returns the kind for a type, or NULL with a sentence when this program was built without it. */
const struct probe_ops *probe_ops_of(enum probe_type type, struct err *e);

/* --------------------------------------------------------- figures of a poll */

enum { SERIES_MAIN = 1, SERIES_RESOURCE = 2, SERIES_LEAK = 4 }; /* LEAK: its growth is judged */

/* Finds the series of that group ("" for none) and name, or makes it.  Texts are cleaned and
 * cut, a group in its middle.  Returns its number within this probe, or -1 when the probe
 * snapshot is full: the other functions take -1 and do nothing.  Finding costs a search: keep
 * the number. */
int probe_series(struct probe *p, const char *group, const char *name, enum snap_unit unit,
                 unsigned flags);

/* Sets the current value; NaN: the source cannot tell.  A series without a value in a poll has a
 * gap there. */
void probe_value(struct probe *p, int series, double value);
void probe_limit(struct probe *p, int series, double limit); /* NaN or <= 0: none */
/* Says whether reaching that limit means that something has run out (SERIES_RESOURCE), where it
 * takes a poll to know: a cache that evicts may be full all its life. */
void probe_resource(struct probe *p, int series, bool resource);
void probe_note(struct probe *p, int series, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Marks the group (a container, a pool ...) as removed, or as present again. */
void probe_set_removed(struct probe *p, const char *group, bool removed);
/* Drops the series of a group to make room for another: their numbers are given anew. */
void probe_drop_group(struct probe *p, const char *group);

/* Adds an event, which is worth a mark on the time axis. */
void probe_event(struct probe *p, enum snap_event_kind kind, const char *group, const char *fmt,
                 ...) __attribute__((format(printf, 4, 5)));

/* Both describe the target: the place the probe is connected to, the kind that answered there. */
void probe_where(struct probe *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void probe_type(struct probe *p, const char *type);
/* Sets the text beside a live probe: "8 sessions hidden: GRANT pg_monitor TO mon"; "" for none. */
void probe_status_text(struct probe *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Adds processor time that children of this probe used, which its thread's clock does not see. */
void probe_cost(struct probe *p, uint64_t cpu_ns);

/* ----------------------------------------------------------- waiting, stopping */

/* Returns a descriptor that is readable when the probe shall stop or is asked for details: for
 * poll(2) beside the probe's own descriptors.  Never read from it. */
int probe_wake_fd(const struct probe *p);
bool probe_stopping(const struct probe *p);

/* ------------------------------------------------------------------- counters */

/* A counter that only grows, seen at two moments of its own clock. */
struct probe_counter {
    double value;
    double at_s; /* by the source's clock */
    bool seen;
};

/* Returns the counter's rate per second since the last call; NaN the first time, when the clock
 * stood still, or when the counter went backwards (the target began afresh: *reset becomes true;
 * may be NULL). */
double probe_rate(struct probe_counter *c, double value, double at_s, bool *reset);

#endif
