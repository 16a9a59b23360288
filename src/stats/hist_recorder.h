/* SPDX-License-Identifier: MIT */
/* hist_recorder.h - a histogram under way: cheap to record into, to pack and to empty.
 *
 * Its buckets are those of hist.h.  A bit for each bucket says whether it holds something: packing
 * and clearing look at these alone, however far apart the values lie.  A recorder takes 97 KB.
 *
 * A count has 32 bits: at most 2^32 - 1 values may come between two clears.  One thread at a
 * time. */
#ifndef RAMPTOP_STATS_HIST_RECORDER_H
#define RAMPTOP_STATS_HIST_RECORDER_H

#include <stdint.h>

#include "src/stats/hist.h"

#define HIST_RECORDER_WORDS (HIST_BUCKETS / 64)

struct hist_recorder {
    uint64_t count, sum_us;
    uint64_t min_us; /* UINT64_MAX while empty */
    uint64_t max_us; /* 0 while empty */
    uint64_t used[HIST_RECORDER_WORDS];
    uint32_t counts[HIST_BUCKETS];
};

struct hist_recorder *hist_recorder_create(void);
void hist_recorder_destroy(struct hist_recorder *r); /* NULL is fine */

/* Inline, as it is what each sample costs. */
static inline void hist_recorder_add(struct hist_recorder *r, uint64_t us)
{
    uint32_t b = hist_bucket_of(us);
    r->counts[b]++;
    r->used[b / 64] |= UINT64_C(1) << b % 64;
    r->count++;
    r->sum_us += us;
    if (us < r->min_us)
        r->min_us = us;
    if (us > r->max_us)
        r->max_us = us;
}

void hist_recorder_merge(struct hist_recorder *into, const struct hist_recorder *from);

/* Copies what r holds; out->packed is allocated, what out held before is not released. */
void hist_recorder_pack(const struct hist_recorder *r, struct hist_sparse *out);
void hist_recorder_clear(struct hist_recorder *r);

#endif
