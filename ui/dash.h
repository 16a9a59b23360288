/* SPDX-License-Identifier: MIT */
/* dash.h - the console's loop: wait for a key or the next frame, command out,
 * snapshot in, draw, show.  Draws 4 times a second and at once after a key.  What a
 * key means is decided in ui/actions.h.  Main thread. */
#ifndef RAMPTOP_UI_DASH_H
#define RAMPTOP_UI_DASH_H

#include <stdbool.h>

#include "src/base/err.h"
#include "src/run/run_source.h"
#include "ui/frame.h"

struct tty;

enum dash_end {
    DASH_QUIT,     /* q, F10: the user is done */
    DASH_FINISHED, /* the run ended by itself (run time, -n) and the user closed the console */
    DASH_HANGUP,   /* the terminal is gone */
    DASH_SIGNAL,   /* SIGINT, SIGTERM */
};

struct dash_options {
    int chars;               /* enum charset, or -1: what the terminal can draw */
    const char *profile_dir; /* where the picker looks; NULL: the working folder */
    bool quit_when_done;
    bool no_probes; /* do not even look for what could be watched, unless asked by key */
};

/* Runs until the user quits, the run and the terminal end, or a signal says so
 * (src/run/signals.h, installed before). */
enum dash_end dash_run(const struct run_source *source, struct tty *t, const struct dash_options *o);

#endif
