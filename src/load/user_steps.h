/* SPDX-License-Identifier: MIT */
/* user_steps.h - goes through a user's steps until one takes time.
 *
 * Private to src/load.  The worker's thread only. */
#ifndef RAMPTOP_LOAD_USER_STEPS_H
#define RAMPTOP_LOAD_USER_STEPS_H

#include <stdbool.h>
#include <stdint.h>

struct steps;
struct user;

/* From the top, a task with fresh rows of the feeders that it uses, on_start and on_stop with
 * those of the first on_start.  False: there is no row left for the user. */
bool walk_begin(struct user *u, const struct steps *steps);

/* Goes on; what comes next was due at that time.  The user may be gone afterwards. */
void walk(struct user *u, uint64_t due, uint64_t now);

#endif
