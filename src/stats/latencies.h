/* SPDX-License-Identifier: MIT */
/* latencies.h - latencies of the requests that succeeded and of those that failed, never
 * mixed: a target that refuses at once must not look fast, and its time-outs must not make
 * the replies look slow.
 *
 * A histogram takes memory from its first value on, so the failed half costs nothing while
 * nothing fails.  Microseconds, as in hist.h.  One thread at a time. */
#ifndef RAMPTOP_STATS_LATENCIES_H
#define RAMPTOP_STATS_LATENCIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/stats/hist.h"

/* Zeroed is empty.  A half without a value may have no buckets: look at its count first. */
struct latencies {
    struct hist ok, failed;
};

/* The same, packed: for the thousands of seconds that a run keeps. */
struct latencies_packed {
    struct hist_sparse ok;
    struct hist_sparse *failed; /* owned; NULL while nothing failed */
};

void latencies_finish(struct latencies *l); /* zeroed is fine */
void latencies_clear(struct latencies *l);  /* keeps the memory */
void latencies_merge(struct latencies *into, const struct latencies *from);

/* Copies what l holds; what out held before is not released. */
void latencies_pack(const struct latencies *l, struct latencies_packed *out);
/* A zeroed `into` becomes a copy. */
void latencies_packed_merge(struct latencies_packed *into, const struct latencies_packed *from);
void latencies_packed_finish(struct latencies_packed *p); /* zeroed is fine */
size_t latencies_packed_bytes(const struct latencies_packed *p);

void latencies_merge_packed(struct latencies *into, const struct latencies_packed *from);
/* Takes out what was merged in before; see hist_subtract_sparse() about min and max. */
void latencies_subtract_packed(struct latencies *from, const struct latencies_packed *what);
void latencies_tighten(struct latencies *l);

/* After a subtraction min and max are known to the bucket only.  Forget them, then give back
 * the exact ones of all that is still in. */
void latencies_forget_bounds(struct latencies *l);
void latencies_widen_bounds(struct latencies *l, const struct latencies_packed *p);

#endif
