/* SPDX-License-Identifier: MIT */
/* session.h - the engine's front door: open, send commands, read snapshots, close.
 *
 * Owns the collector, the generator and the current profile.  A frontend (console,
 * headless, later a swarm worker) knows nothing else of the engine.
 *
 * Threads: session_send and session_snapshot may be called from any thread;
 * neither waits for a worker.  open and close from one thread. */
#ifndef RAMPTOP_RUN_SESSION_H
#define RAMPTOP_RUN_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/profile/profile.h"
#include "src/run/command.h"
#include "src/stats/probe_snapshot.h"
#include "src/stats/snapshot.h"

struct session;
struct generator_ops;
struct second;

struct session_config {
    struct profile *profile; /* borrowed; the session takes its own reference */
    struct profile_overrides
        overrides;     /* laid over profiles picked later; texts must outlive the session */
    const char *level; /* start with this level; NULL: the flags below */
    /* From the command line; each overrides the level's value when set. */
    bool users_set;
    uint32_t users;
    double spawn_rate;                /* 0: the level's, or all users within one second */
    uint64_t run_time_ns;             /* 0: the level's, or no end */
    uint64_t request_budget;          /* -n, 0: none */
    unsigned workers;                 /* 0: one per core */
    const struct generator_ops *generator; /* makes the load; NULL: workers here */
    uint64_t seed;                    /* 0: from the clock */
    const struct probe_specs *probes; /* besides the profile's, which they win over; NULL: none */
    bool no_probes;                   /* none at all, until one is added by command */
    /* Whether that profile (its probes too) may do all that it asks for; if not, a half sentence,
     * and a line for each thing in asks, which may be NULL.  Any thread.  NULL: it may, but run
     * no command. */
    bool (*permitted)(const struct profile *p, bool probes, struct problems *asks, struct err *e);
    /* The user says that it may. */
    bool (*permit)(const struct profile *p, struct err *e);
    /* Is lent each finished second of the run, on the collector's thread; may be NULL. */
    void (*finished)(const struct second *s, void *arg);
    void *finished_arg;
};

struct session *session_open(const struct session_config *cfg, struct err *e);

/* Carries a command out.  False with a sentence why not; nothing has changed then.
 * COMMAND_PROFILE lists a bad profile's problems in *problems (may be NULL).  Of one that asks for
 * what it is not permitted, the sentence is half, problems lists what it asks for, and
 * session_asks is true: sent again as `agreed`, it is permitted and comes into force. */
bool session_send(struct session *s, const struct command *c, struct problems *problems,
                  struct err *e);

bool session_asks(struct session *s);

/* The newest figures, up to 0.1 s old, with the setting as it is now: a command that has
 * been sent is in it, so the next one can start from it. */
void session_snapshot(struct session *s, struct snapshot *out);

/* Copies what the probes have told, up to now.  About 1 MB when there are very many series. */
void session_probe_snapshot(struct session *s, struct probe_snapshot *out);

/* The level names of the current profile, for the picker: copies at most max of
 * them, without stages, mix and goal; returns how many there are. */
size_t session_levels(struct session *s, struct level *out, size_t max, char (*names)[SNAP_NAME]);

/* The program is about to be stopped (Ctrl-Z): what is in flight cannot be timed any
 * more and will count as aborted. */
void session_suspend(struct session *s);
/* The program was stopped for that long and goes on: the time is a hole in all figures,
 * schedules start afresh, nothing is caught up. */
void session_gap(struct session *s, uint64_t gap_ns);

/* Ends the run: waits up to grace_ns for running requests, gives the rest up, and
 * fills *final (may be NULL) with the last snapshot.  NULL session is fine. */
void session_close(struct session *s, uint64_t grace_ns, struct snapshot *final);

#endif
