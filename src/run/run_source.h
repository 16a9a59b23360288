/* SPDX-License-Identifier: MIT */
/* run_source.h - a run as the frontends see it: figures out, commands in.
 *
 * The console and the frontend without a terminal know nothing else of where a run comes from: a
 * session (run/session.h) is one source.  Plain data; what it is of belongs to whoever made it,
 * and outlives it.  All functions may be called from the frontend's thread; none waits. */
#ifndef RAMPTOP_RUN_RUN_SOURCE_H
#define RAMPTOP_RUN_RUN_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/base/problems.h"
#include "src/profile/profile.h"
#include "src/run/command.h"
#include "src/stats/probe_snapshot.h"
#include "src/stats/snapshot.h"

struct run_source {
    void *run; /* handed to each function */
    /* The newest figures.  A command that has been sent is in them: the next one can start from
     * it. */
    void (*snapshot)(void *run, struct snapshot *out);
    /* All that the probes have told. */
    void (*probe_snapshot)(void *run, struct probe_snapshot *out);
    /* Carries a command out.  False with a sentence why not; nothing has changed then.
     * COMMAND_PROFILE lists a bad profile's problems in *problems (may be NULL). */
    bool (*send)(void *run, const struct command *c, struct problems *problems, struct err *e);
    /* Whether the profile that was refused may be sent again as `agreed`: session_send(). */
    bool (*asks)(void *run);
    /* The levels that can be picked: copies at most max of them, without stages, mix and goal;
     * returns how many there are. */
    size_t (*levels)(void *run, struct level *out, size_t max, char (*names)[SNAP_NAME]);
    /* The names of user classes, by the numbers that seconds have them under: at most
     * SECOND_CLASSES; returns how many there are. */
    uint32_t (*classes)(void *run, char (*out)[SNAP_NAME]);
    /* The program is about to be stopped (Ctrl-Z); it was stopped for that long, and goes on. */
    void (*suspend)(void *run);
    void (*gap)(void *run, uint64_t gap_ns);
};

/* Ctrl-Z, and a stop from elsewhere: the time that passed is a hole, not slow replies.
 * last_turn_ns: when the caller's loop last came by here.  Returns how long it was, or 0. */
uint64_t run_source_mind_stops(const struct run_source *r, uint64_t last_turn_ns);

struct session;
/* The session as one; valid until it is closed. */
struct run_source session_source(struct session *s);

#endif
