/* SPDX-License-Identifier: MIT */
/* hist_record.h - a value straight into a dense histogram, which the program only merges into:
 * the plain counterpart of hist_recorder_add(). */
#ifndef RAMPTOP_TESTS_HIST_RECORD_H
#define RAMPTOP_TESTS_HIST_RECORD_H

#include "src/stats/hist.h"

/* The outermost buckets go with min and max. */
static inline void hist_record(struct hist *h, uint64_t us)
{
    uint32_t b = hist_bucket_of(us);
    h->buckets[b]++;
    h->count++;
    h->sum_us += us;
    if (us < h->min_us) {
        h->min_us = us;
        h->low = b < h->low ? b : h->low;
    }
    if (us > h->max_us) {
        h->max_us = us;
        h->high = b > h->high ? b : h->high;
    }
}

#endif
