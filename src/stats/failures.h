/* SPDX-License-Identifier: MIT */
/* failures.h - the table of failures: one row per endpoint, kind, (for
 * FAIL_STATUS) status and (for FAIL_CHECK and FAIL_CAPTURE) name.
 *
 * A full table counts the rest in its last row, "(others)": kind FAIL_OTHER,
 * endpoint SNAP_ENDPOINTS - 1.  Rates need the counts of the newest seconds; a
 * ring per row keeps them.  One thread at a time. */
#ifndef RAMPTOP_STATS_FAILURES_H
#define RAMPTOP_STATS_FAILURES_H

#include <stdbool.h>
#include <stdint.h>

#include "src/stats/second.h"
#include "src/stats/snapshot.h"

#define FAILURES_SECONDS 128 /* a power of two; covers the longest window */

struct failures;

struct failures *failures_create(void);
void failures_destroy(struct failures *f); /* NULL is fine */

/* Seconds from .. to (inclusive) are counted from now on; call with every second, in order. */
void failures_open_seconds(struct failures *f, uint32_t from, uint32_t to);

/* Counts the failures of a finished second.  A text without a count makes a row too. */
void failures_add(struct failures *f, const struct second_fail *fail, uint32_t second);

/* Fills snap->fails, newest last_s first, rows without a count left out, with what the open
 * seconds hold.  per_s is over the finished seconds from `first` (negative: from the start;
 * otherwise at most 64 before next) up to next, which cover snap->window_s: what the open ones
 * hold so far must not swell it. */
void failures_fill(struct failures *f, const struct second *open, struct snapshot *snap,
                   int64_t first, uint32_t next);

#endif
