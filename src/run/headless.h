/* SPDX-License-Identifier: MIT */
/* headless.h - the frontend without a terminal: a table every 2 s on stderr until
 * the run is over or a signal asks to stop. */
#ifndef RAMPTOP_RUN_HEADLESS_H
#define RAMPTOP_RUN_HEADLESS_H

#include <stdbool.h>

struct session;

/* Returns 0 when the run ended by itself, or the number of the signal that ended it.
 * Needs the signals of run/signals.h installed. */
int headless_run(struct session *s, bool quiet);

#endif
