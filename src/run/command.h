/* SPDX-License-Identifier: MIT */
/* command.h - everything a user can ask of a running session; a plain value. */
#ifndef RAMPTOP_RUN_COMMAND_H
#define RAMPTOP_RUN_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "src/stats/snapshot.h"

enum command_kind {
    COMMAND_USERS_SET,   /* n users wanted; the keys drive from now on */
    COMMAND_USERS_ADD,   /* n more (or, negative, fewer) than wanted now */
    COMMAND_SPAWN_RATE,  /* rate users per second */
    COMMAND_HOLD,        /* n: 1 hold, 0 go on, -1 toggle */
    COMMAND_UNDO,        /* back to before the last change of load, level or profile */
    COMMAND_LEVEL,       /* text: a level of the profile; it drives from now on */
    COMMAND_PROFILE,     /* text: file or URL [n != 0: keep users as they are; agreed] */
    COMMAND_RESUME_PLAN, /* give the load back to the level (P) */
    COMMAND_WINDOW,      /* n: enum snap_window */
    COMMAND_MARK,        /* text */
    COMMAND_PROBE_ADD,   /* text: what to watch, for probe_spec_parse */
    COMMAND_PROBE_ASK,   /* n: index in the probe snapshot; asks for details */
    COMMAND_PROBE_RETRY, /* n: index in the probe snapshot; poll at once, or watch again */
    COMMAND_PROBE_END,   /* n: index in the probe snapshot; stop watching */
    COMMAND_DISCOVER,    /* find what could be watched of the target */
    COMMAND_STOP,        /* no new requests, running ones finish, then the run is over */
};

#define COMMAND_TEXT_MAX 512

struct command {
    enum command_kind kind;
    int64_t n;
    double rate;
    bool agreed; /* PROFILE: the user lets the one that was just refused do what it asks for */
    char text[COMMAND_TEXT_MAX];
};

#endif
