/* SPDX-License-Identifier: MIT */
/* plain.h - the description of the demo target that has no name: one queue, a few endpoints
 * whose service times are multiples of one, a capacity known by arithmetic (demo.h). */
#ifndef RAMPTOP_DEMO_PLAIN_H
#define RAMPTOP_DEMO_PLAIN_H

#include "src/demo/demo.h"

/* The configuration has been checked (demo_check).  The caller calls description_free; NULL
 * with a sentence when what is built in is wrong. */
struct description *plain_describe(const struct demo_config *cfg, struct err *e);

#endif
