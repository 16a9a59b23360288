/* SPDX-License-Identifier: MIT */
/* out.h - writing to what may not take it: a pipe that nobody reads, a stopped terminal.
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
/* Writes what is taken at once; false when that was not all. */
bool out_offer(int fd, const char *text);

#endif
