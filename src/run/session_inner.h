/* SPDX-License-Identifier: MIT */
/* session_inner.h - what session.c, commands.c and drive.c share: the session's setting and
 * how it is put in force.
 *
 * Private to src/run.  All functions with the session's lock held. */
#ifndef RAMPTOP_RUN_SESSION_INNER_H
#define RAMPTOP_RUN_SESSION_INNER_H

#include <pthread.h>

#include "src/probe/watch.h"
#include "src/run/session.h"
#include "src/run/steering.h"
#include "src/stats/breach.h"
#include "src/stats/collect.h"

#define UNDO_DEPTH 32

/* The load as it is set: undo brings one back. */
struct setting {
    struct profile *profile; /* a reference */
    const struct level *level;
    enum snap_driver driver;
    uint32_t users;
    double spawn_rate;             /* 0: automatic */
    uint64_t run_time_ns, ends_ns; /* as they were: in undo[] only */
};

struct session {
    struct collector *collector;
    struct resolver *resolver;
    const struct transport_ops *transport; /* serves all of the run */
    struct watch *watch;
    bool no_probes;
    bool (*permitted)(const struct profile *p, bool probes, struct problems *asks, struct err *e);
    bool (*permit)(const struct profile *p, struct err *e);
    struct profile *asking; /* a reference: what was read, and asks; the frontend's thread only */
    struct profile_overrides overrides;
    uint64_t request_budget;
    unsigned workers;

    /* Held for short copies and for calls into generator and collector, which never call
     * back but for what session_publish() hands in; the collector ticks and lets fill without
     * a lock of its own.  Guards all that follows. */
    pthread_mutex_t lock;
    struct setting now;
    struct profile *watched; /* a reference: whose probes run; NULL: nobody's */
    struct setting undo[UNDO_DEPTH];
    size_t n_undo;
    struct steering steering;
    bool hold;
    bool budget_done;     /* all requests of -n are done */
    bool ended;           /* no load any more, until somebody wants some again */
    uint64_t ends_ns;     /* when the run time is over, UINT64_MAX for never */
    uint64_t run_time_ns; /* 0 for none */
    bool suspended;       /* between session_suspend and session_gap */
    uint64_t looked_ns;   /* when the collector last ticked */
    char end_reason[SNAP_TEXT];
    uint64_t ended_ns;     /* when that came */
    bool loads;            /* load is made */
    enum {
        GAVE_UP_NONE,
        GAVE_UP_SILENT,
        GAVE_UP_ALL
    } gave_up;             /* requests that were under way then */
    double done_at_s;      /* how long it lasted, once all users have gone; 0 while there is load */
    double done_stopped_s; /* and how long of that nothing ran */
    enum snap_window window;
    uint64_t changes;         /* by commands, so far */
    struct snap_burst burst;  /* the one under way */
    uint32_t n_bursts;        /* done, ever */
    uint32_t bursts_poor;     /* missed their goal */
    struct snap_burst bursts[SNAP_BURSTS];
    struct breach_finder breaches;
    uint64_t knob_turned_ns;   /* last change of users by hand */
    uint32_t knob_turned_from; /* users before that turn of the knob began */
};

void session_set_run_time(struct session *s, uint64_t run_time_ns);
/* Takes the load from a level; session_replan puts it in force. */
void session_take_level(struct session *s, const struct level *l);
/* Publishes profile and mix as the setting has them. */
void session_use_mix(struct session *s);
/* Aims at the setting from wherever the load is. */
void session_replan(struct session *s);
void session_end_run(struct session *s, const char *reason);
/* Tells the statistics when load begins and ends to be made. */
void session_mind_load(struct session *s);
/* Does what the driver wants by now.  newest: the figures that are about to be published, and the
 * seconds behind them, when the collector asks, else NULL; figures of bursts are known only
 * then. */
void session_drive(struct session *s, const struct snapshot *newest,
                   const struct timeline *seconds);

/* Whether this machine has room for that load; false with a sentence.  l: NULL for none. */
bool session_has_room(const struct session *s, const struct profile *p, const struct level *l,
                      uint32_t users, struct err *e);
/* How many of that many users the mix in force has. */
uint32_t session_possible(const struct session *s, uint32_t users);
/* A command has changed something: the next key starts from it, so that it is in the snapshot
 * from now on. */
void session_publish(struct session *s);
void session_describe_undo(const struct session *s, struct snap_run *run);
/* The probes of the profile in force, whatever has brought it.  Without the lock. */
void session_watch(struct session *s);
/* Whether commands of that profile may run as probes by now.  Without the lock. */
bool session_may_exec(struct session *s);
/* Whether the run can go on with p by the transport that it began with; false with a sentence. */
bool session_transport_fits(const struct session *s, const struct profile *p, struct err *e);

#endif
