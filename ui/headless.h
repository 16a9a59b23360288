/* SPDX-License-Identifier: MIT */
/* headless.h - the frontend without a terminal: a table every 2 s on stderr until
 * the run is over or a signal asks to stop.
 *
 * It is a frontend as the console is, so it may print, on stderr only.  A table
 * that stderr does not take is left out.  Main thread. */
#ifndef RAMPTOP_UI_HEADLESS_H
#define RAMPTOP_UI_HEADLESS_H

#include <stdbool.h>
#include <stdint.h>

#include "src/run/run_source.h"

/* Returns 0 when the run ended by itself, or the number of the signal that ended it.
 * Needs the signals of run/signals.h installed. */
int headless_run(const struct run_source *r, bool quiet);

/* Stops the load and waits until running requests have finished or, at the end of the grace,
 * are given up, or until one more signal to stop comes; returns its number, else 0.  Says on
 * stderr what it waits for when that takes a while. */
int headless_drain(const struct run_source *r);

#endif
