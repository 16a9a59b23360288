/* SPDX-License-Identifier: MIT */
/* guard.h - ends the programs run by probes when ramptop is gone, also after SIGKILL.
 *
 * A small process knows their process groups and waits for the end of a pipe that only we hold.
 * PR_SET_PDEATHSIG would not do: it reports the end of the thread that forked, and does not
 * reach what a child has started.  Any thread. */
#ifndef RAMPTOP_PROBE_GUARD_H
#define RAMPTOP_PROBE_GUARD_H

#include <sys/types.h>

/* Adds a group that is to end with us; starts the guard with the first.  Without a guard (no
 * process, no memory) children end in order only. */
void guard_add(pid_t group);
/* Removes a group that has ended, or that the caller ends. */
void guard_remove(pid_t group);

#endif
