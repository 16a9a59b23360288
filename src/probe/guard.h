/* SPDX-License-Identifier: MIT */
/* guard.h - ends the programs that probes run when this one is gone, also after SIGKILL.
 *
 * A small process that knows their process groups and waits for the end of a pipe that only
 * we hold.  PR_SET_PDEATHSIG would not do: it tells of the end of the thread that forked, and
 * what a child has started is not told at all.  Any thread. */
#ifndef RAMPTOP_PROBE_GUARD_H
#define RAMPTOP_PROBE_GUARD_H

#include <sys/types.h>

/* That group is ended with us; the guard is started with the first one.  Without a guard (no
 * process, no memory) children only end in order. */
void guard_add(pid_t group);
/* It has ended, or somebody else ends it. */
void guard_remove(pid_t group);

#endif
