/* SPDX-License-Identifier: MIT */
/* signals.h - what the outside tells the process: stop, hang-up, stopped and
 * continued.
 *
 * The signals are blocked in every thread and read from a descriptor, so no handler
 * interrupts anything and they are only acted on where a loop asks for them.
 * Blocked signals are inherited: a child process calls signals_reset() before exec.
 * SIGPIPE is ignored; SIGHUP stays ignored when it was (nohup).
 *
 * Every signal that would end the process from outside stops the run in order: the load
 * ends, the terminal is put back, the reports are written, and the exit code is 128 + its
 * number.  Only SIGKILL cannot be read, and the faults of the process itself (SIGSEGV,
 * SIGTRAP, SIGSYS ...) are main's, which puts the terminal back first.
 *
 * Safety: signals_install before the first thread starts; the rest from the main
 * thread. */
#ifndef RAMPTOP_RUN_SIGNALS_H
#define RAMPTOP_RUN_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

void signals_install(void);

/* A file that meets the limit of its size (ulimit -f) is then an error of write(), EFBIG,
 * instead of the end of the process in the middle of a report. */
void signals_ignore_file_size(void);

/* In a child, between fork and exec: all as it was before signals_install. */
void signals_reset(void);

/* Readable when something came and signals_drain() has to be called; -1 before
 * signals_install. */
int signals_fd(void);
void signals_drain(void);

/* The first signal that came and means the end (SIGINT, SIGTERM, SIGHUP, SIGUSR1 ...), 0 for
 * none; and how many came
 * (both look for new ones by themselves, so a long wait may simply ask again and again). */
int signals_stop(void);
int signals_stop_count(void);
/* SIGTSTP (Ctrl-Z) was asked for and not yet carried out. */
bool signals_suspend_wanted(void);
/* Carries it out: stops the process as the shell expects and returns, when it goes on, how
 * many nanoseconds it was stopped.  Returns 0 at once where no shell could continue it (an
 * orphaned process group). */
uint64_t signals_suspend(void);
/* SIGCONT came since the last call and signals_suspend() had not stopped us: somebody else
 * did.  For how long, the caller knows from its own last turn. */
bool signals_continued(void);
/* SIGWINCH came since the last call. */
bool signals_resized(void);

#endif
