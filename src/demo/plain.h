/* SPDX-License-Identifier: MIT */
/* plain.h - the demo target that has no description: one queue, a few endpoints whose
 * service times are multiples of one, a capacity known by arithmetic (demo.h).  Its
 * servers are computed (model.h), or connections to a database (postgres.h). */
#ifndef RAMPTOP_DEMO_PLAIN_H
#define RAMPTOP_DEMO_PLAIN_H

#include "src/demo/demo.h"
#include "src/demo/site.h"

/* The configuration has been checked (demo_check).  NULL with a sentence when its database
 * cannot be had.  ops->destroy ends it. */
struct site *plain_create(const struct demo_config *cfg, struct err *e);

#endif
