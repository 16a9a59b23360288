/* SPDX-License-Identifier: MIT */
/* alone.h - one endpoint of a profile by itself, to be measured without the others. */
#ifndef RAMPTOP_PROFILE_ALONE_H
#define RAMPTOP_PROFILE_ALONE_H

#include <stdint.h>

#include "src/base/err.h"
#include "src/profile/profile.h"

/* A profile of one class with one task, which is the endpoint's first request in p, and no
 * waits.  What has to come before it does: the class's on_start and the steps of its task
 * that stand in front of it (they may capture what it needs) are the on_start.  Loops and
 * conditions it stands in are left out.  A request of an on_start is preceded by the
 * steps in front of it there.
 *
 * What only an on_stop sends cannot be
 * measured: the user would be gone after it.
 *
 * It borrows all else from p and holds a reference to it.  NULL with a half sentence when no
 * user sends such a request while it runs. */
struct profile *profile_alone(struct profile *p, uint32_t endpoint, struct err *e);

#endif
