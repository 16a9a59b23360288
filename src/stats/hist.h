/* SPDX-License-Identifier: MIT */
/* hist.h - log-linear latency histogram (HdrHistogram's layout).
 *
 * Unit: microseconds, 1 us to 1 h, 3 significant digits: a value is known to
 * 0.1 % (half a bucket: 0.05 %).  Values above 1 h count in the last bucket and
 * values below 1 us in the first; min and max stay exact.  Layout after Gil
 * Tene's HdrHistogram (http://hdrhistogram.org): 2048 linear buckets of 1 us, then
 * 1024 buckets per doubling.
 *
 * Two forms.  `struct hist` is dense: one array of HIST_BUCKETS, for what many seconds are merged
 * into; a second under way has a `struct hist_recorder` (stats/hist_recorder.h).
 * `struct hist_sparse` keeps only the buckets that hold something, packed (two
 * to three bytes each): for the thousands of seconds that a run keeps.  One
 * thread at a time. */
#ifndef RAMPTOP_STATS_HIST_H
#define RAMPTOP_STATS_HIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HIST_MAX_US UINT64_C(3600000000)
#define HIST_BUCKETS 23552 /* 2048 + 21 doublings of 1024 */

struct hist {
    uint64_t count;
    uint64_t sum_us;
    uint64_t min_us;    /* UINT64_MAX while empty */
    uint64_t max_us;    /* 0 while empty */
    uint32_t low, high; /* buckets in use: low..high, low > high while empty */
    uint64_t *buckets;  /* HIST_BUCKETS, owned */
};

struct hist_sparse {
    uint64_t count;
    uint64_t sum_us;
    uint64_t min_us, max_us;
    uint32_t cells;  /* buckets that hold something */
    uint32_t bytes;  /* length of packed */
    uint8_t *packed; /* owned; NULL when empty.  Per cell, ascending: the distance to the
                        cell before and the count, each as a LEB128 number. */
};

void hist_init(struct hist *h);
void hist_finish(struct hist *h); /* releases the buckets; zeroed is fine */
void hist_clear(struct hist *h);  /* O(buckets between the lowest and the highest) */

/* The bucket that a value falls in, and the bounds of a bucket (low inclusive, high
 * inclusive), in microseconds.  The last bucket takes all that is above HIST_MAX_US;
 * its high bound is nominal. */
#define HIST_LINEAR 2048u /* buckets of 1 us */
#define HIST_HALF 1024u   /* buckets per doubling above */
static inline uint32_t hist_bucket_of(uint64_t us)
{
    if (us < HIST_LINEAR)
        return (uint32_t)us;
    if (us > HIST_MAX_US)
        return HIST_BUCKETS - 1;
    unsigned shift = 63u - (unsigned)__builtin_clzll(us) - 10u;
    return HIST_LINEAR + (shift - 1) * HIST_HALF + (uint32_t)(us >> shift) - HIST_HALF;
}
uint64_t hist_bucket_low(uint32_t bucket);
uint64_t hist_bucket_high(uint32_t bucket);

void hist_merge(struct hist *into, const struct hist *from);
void hist_merge_sparse(struct hist *into, const struct hist_sparse *from);
/* Takes out what was merged in before.  min and max cannot be taken back: call
 * hist_tighten() after the last subtraction to bring them as near as the buckets
 * in use tell. */
void hist_subtract_sparse(struct hist *from, const struct hist_sparse *what);
void hist_tighten(struct hist *h);

/* The smallest value v such that at least q (0..1) of the recorded values are
 * <= v: the top of its bucket, and never above the maximum.  0 when empty. */
uint64_t hist_quantile(const struct hist *h, double q);
/* The same for several ascending q in one pass. */
void hist_quantiles(const struct hist *h, const double *q, size_t n, uint64_t *out);
double hist_mean(const struct hist *h); /* 0 when empty */

/* How many values are in the buckets from `from` on, up to but not including `end`. */
uint64_t hist_count_between(const struct hist *h, uint32_t from, uint32_t end);

/* How many values are above us (whole buckets: counted above when the bucket's
 * low bound is above). */
uint64_t hist_count_above(const struct hist *h, uint64_t us);

/* Copies what h holds; sp->packed is allocated, what sp held before is not released. */
void hist_to_sparse(const struct hist *h, struct hist_sparse *sp);
void hist_sparse_finish(struct hist_sparse *sp); /* zeroed is fine */
/* The same as merging both dense, without one. */
void hist_sparse_merge(struct hist_sparse *into, const struct hist_sparse *from);
/* Puts cells together that lie less than 2^bits / 1024 apart, in proportion, each group at its
 * middle: count, min and max stay, the sum as near as the cells allow.  bits <= 10. */
void hist_sparse_coarsen(struct hist_sparse *sp, unsigned bits);
/* Whether one from outside is as hist_to_sparse() makes them: its cells within their bytes and
 * ascending, count, sum, min and max what they allow. */
bool hist_sparse_sound(const struct hist_sparse *sp);
size_t hist_sparse_bytes(const struct hist_sparse *sp);

#endif
