/* SPDX-License-Identifier: MIT */
#include "src/stats/hist_recorder.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/wire.h"

#define CELL_MAX 10 /* bytes: the distance to the bucket before, and a count */

_Static_assert(HIST_BUCKETS % 64 == 0, "each bucket has its bit");

/* Each used bucket of one that is not empty, ascending. */
#define FOR_EACH_BUCKET(r, bucket)                                                                 \
    for (uint32_t word_ = hist_bucket_of((r)->min_us) / 64,                                        \
                  end_ = hist_bucket_of((r)->max_us) / 64 + 1;                                     \
         word_ < end_; word_++)                                                                    \
        for (uint64_t bits_ = (r)->used[word_];                                                    \
             bits_ != 0 && ((bucket) = word_ * 64 + (uint32_t)__builtin_ctzll(bits_), true);       \
             bits_ &= bits_ - 1)

struct hist_recorder *hist_recorder_create(void)
{
    struct hist_recorder *r = mem_zalloc(sizeof *r);
    r->min_us = UINT64_MAX;
    return r;
}

void hist_recorder_destroy(struct hist_recorder *r)
{
    free(r);
}

void hist_recorder_merge(struct hist_recorder *into, const struct hist_recorder *from)
{
    uint32_t b;
    if (from->count == 0)
        return;
    FOR_EACH_BUCKET(from, b)
    into->counts[b] += from->counts[b];
    for (uint32_t i = 0; i < HIST_RECORDER_WORDS; i++)
        into->used[i] |= from->used[i];
    into->count += from->count;
    into->sum_us += from->sum_us;
    if (from->min_us < into->min_us)
        into->min_us = from->min_us;
    if (from->max_us > into->max_us)
        into->max_us = from->max_us;
}

static uint64_t most_cells(const struct hist_recorder *r)
{
    uint32_t range = hist_bucket_of(r->max_us) - hist_bucket_of(r->min_us) + 1;
    return r->count < range ? r->count : range;
}

void hist_recorder_pack(const struct hist_recorder *r, struct hist_sparse *out)
{
    uint32_t before = 0, b;
    *out = (struct hist_sparse){0};
    if (r->count == 0)
        return;
    *out = (struct hist_sparse){
        .count = r->count, .sum_us = r->sum_us, .min_us = r->min_us, .max_us = r->max_us};
    uint8_t *packed = mem_grow(NULL, most_cells(r), CELL_MAX), *p = packed;
    FOR_EACH_BUCKET(r, b)
    {
        p = wire_write(p, b - before);
        p = wire_write(p, r->counts[b]);
        before = b;
        out->cells++;
    }
    out->bytes = (uint32_t)(p - packed);
    out->packed = mem_grow(packed, out->bytes, 1);
}

void hist_recorder_clear(struct hist_recorder *r)
{
    uint32_t b;
    if (r->count == 0)
        return;
    FOR_EACH_BUCKET(r, b)
    r->counts[b] = 0;
    memset(r->used, 0, sizeof r->used);
    r->count = r->sum_us = r->max_us = 0;
    r->min_us = UINT64_MAX;
}
