/* SPDX-License-Identifier: MIT */
/* recorded.h - where the recording of a run goes, and what is told in it of the run as a whole.
 * Main thread, before the load. */
#ifndef RAMPTOP_CLI_RECORDED_H
#define RAMPTOP_CLI_RECORDED_H

#include "src/base/err.h"

struct options;
struct profile;
struct recording;

/* The recording of that run, at its beginning.  NULL: none is wanted, or it cannot be made, which
 * *e tells then and is empty otherwise. */
struct recording *recorded_create(const struct options *o, const struct profile *p, struct err *e);

#endif
