/* SPDX-License-Identifier: MIT */
/* out.h - writing to people and to what may not take it: a terminal, a pipe that nobody reads.
 *
 * All text for standard output and standard error goes through here (a lint reads the
 * sources), and is cleaned on its way (base/clean.h, line by line): whatever a profile, a
 * file name or a target brings, it cannot steer the terminal.
 *
 * Signals are blocked and only seen where somebody looks, so a plain write() there could only
 * be ended by SIGKILL.
 *
 * Safety: from the main thread. */
#ifndef RAMPTOP_BASE_OUT_H
#define RAMPTOP_BASE_OUT_H

#include <stdbool.h>
#include <stdint.h>

/* Asked now and then while something waits: whether to give up.  NULL: never. */
void out_give_up_when(bool (*hook)(void));
bool out_given_up(void);

/* Waits until all is written.  0, or why not: EINTR when it was given up. */
int out_write(int fd, const char *text);
/* The same, but waits at most patience_ns in all for a reader; EINTR when that was not enough. */
int out_write_within(int fd, const char *text, uint64_t patience_ns);
/* Writes a line and ends it; line feeds within become blanks. */
void out_line(int fd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Writes what is taken at once; false when that was not all. */
bool out_offer(int fd, const char *text);

/* Shows what is under way, in place of what stood there: a line without an end on standard error.
 * Does nothing unless that is a terminal.  NULL: takes it away. */
void out_progress(const char *text);

/* Waits until all is written, as it is: for files. */
int out_write_file(int fd, const char *text);

#endif
