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

#include "src/stats/note.h"
#include "src/stats/sample.h"
#include "src/stats/snapshot.h"

#define FAILURES_SECONDS 128 /* a power of two; covers the longest window and the open seconds */

struct failures;

struct failures *failures_create(void);
void failures_destroy(struct failures *f); /* NULL is fine */

/* Seconds up to this one may be counted from now on; call with every second, in order. */
void failures_open_second(struct failures *f, uint32_t second);

/* Counts a failed sample in this second; at_s is when it was done. */
void failures_count(struct failures *f, const struct sample *s, uint32_t second, double at_s);

/* A newer example text for its row; a note whose row does not exist yet makes it,
 * with a count of 0. */
void failures_note(struct failures *f, const struct note *n);

/* Fills snap->fails, newest last_s first, rows without a count left out.  per_s is
 * over the closed seconds from `first` (negative: from the start; otherwise at most
 * 64 before first_open) up to first_open, which cover window_s. */
void failures_fill(const struct failures *f, struct snapshot *snap, int64_t first,
                   uint32_t first_open, double window_s);

#endif
