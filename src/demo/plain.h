/* SPDX-License-Identifier: MIT */
/* plain.h - the demo target that has no description: one queue, a few endpoints whose
 * service times are multiples of one, a capacity known by arithmetic (demo.h). */
#ifndef RAMPTOP_DEMO_PLAIN_H
#define RAMPTOP_DEMO_PLAIN_H

#include "src/demo/demo.h"
#include "src/demo/site.h"

/* The configuration has been checked (demo_check).  ops->destroy ends it. */
struct site *plain_create(const struct demo_config *cfg);

#endif
