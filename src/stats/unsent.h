/* SPDX-License-Identifier: MIT */
/* unsent.h - what this side could not send, in words.
 *
 * A request without a value for its template, without a local port, a file or memory never
 * reached the target, or was broken off here: it is no request in any rate or share, and the
 * run does not end as it should.  Pure; numbers and clean texts in, one clean sentence out. */
#ifndef RAMPTOP_STATS_UNSENT_H
#define RAMPTOP_STATS_UNSENT_H

#include <stdbool.h>
#include <stddef.h>

#include "src/stats/snapshot.h"

/* How many, why the most of them, and what to do; with `now` only if there were some in the
 * window.  False: there is nothing to say. */
bool unsent_sentence(const struct snapshot *s, bool now, char *out, size_t size);

/* The same for a narrow line: without the example's own words. */
bool unsent_brief(const struct snapshot *s, bool now, char *out, size_t size);

#endif
