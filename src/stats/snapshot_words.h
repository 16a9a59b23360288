/* SPDX-License-Identifier: MIT */
/* snapshot_words.h - what stands in a snapshot, in words: screen, summary, JSON and recording
 * say it alike.
 * Functions return out, or a text that lasts.  Pure; any thread. */
#ifndef RAMPTOP_STATS_SNAPSHOT_WORDS_H
#define RAMPTOP_STATS_SNAPSHOT_WORDS_H

#include <stddef.h>

#include "src/stats/snapshot.h"

/* "idle", "ramping" ... */
extern const char *const snap_state_words[SNAP_STATES];
/* "user", "load" ... */
extern const char *const snap_mark_words[SNAP_MARK_KINDS];

/* "POST /api/run", or the name alone where it has no method. */
#define SNAP_TITLE (SNAP_NAME + 16)
const char *snap_title(const struct snap_endpoint *e, char *out, size_t size);

/* "503", "timeout": the status of a row of failures, or the word of its kind. */
const char *snap_fail_word(const struct snap_fail *f, char *out, size_t size);
/* The title of its endpoint; "(others)" when that is not known. */
const char *snap_fail_endpoint(const struct snapshot *s, const struct snap_fail *f, char *out,
                               size_t size);

/* "230 users, 410 req/s": the load under which the latency broke. */
const char *snap_breach_load(const struct snap_breach *f, char *out, size_t size);
/* "243 ms": the figure that it passed; a bound of the profile's as it was written, "1.5 s". */
const char *snap_breach_bound(const struct snap_breach *f, char *out, size_t size);

#endif
