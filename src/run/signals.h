/* SPDX-License-Identifier: MIT */
/* signals.h - what the outside tells the process: stop, hang-up, stopped and
 * continued.  Only the main thread takes signals; every thread made after
 * signals_install has them blocked.
 *
 * A handler only notes the signal and wakes signals_fd(); the frontends' loops
 * act on it.  SIGPIPE is ignored. */
#ifndef RAMPTOP_RUN_SIGNALS_H
#define RAMPTOP_RUN_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

void signals_install(void);

/* Readable when something was noted; the reader calls signals_drain(). */
int signals_fd(void);
void signals_drain(void);

/* The first of SIGINT, SIGTERM, SIGHUP, SIGQUIT that came, 0 for none; and how many came. */
int signals_stop(void);
int signals_stop_count(void);
/* SIGTSTP (Ctrl-Z) was asked for and not yet carried out; signals_suspend() does it: stops
 * the process as the shell expects and returns how long it was stopped. */
bool signals_suspend_wanted(void);
uint64_t signals_suspend(void);
/* Nanoseconds the process was stopped from outside (SIGSTOP, a suspended machine) since the last
 * call, 0 for none; noticed by SIGCONT. */
bool signals_continued(void);
/* SIGWINCH came since the last call. */
bool signals_resized(void);

#endif
