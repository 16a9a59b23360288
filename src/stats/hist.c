/* SPDX-License-Identifier: MIT */
#include "src/stats/hist.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/wire.h"

#define LINEAR HIST_LINEAR
#define HALF HIST_HALF
#define LAST (HIST_BUCKETS - 1u)
#define PACKED_CELL_MAX 15 /* a bucket distance (up to 5 bytes) and a count (up to 10) */

static void set_empty(struct hist *h)
{
    h->count = h->sum_us = h->max_us = 0;
    h->min_us = UINT64_MAX;
    h->low = HIST_BUCKETS;
    h->high = 0;
}

void hist_init(struct hist *h)
{
    h->buckets = mem_array(HIST_BUCKETS, sizeof *h->buckets);
    set_empty(h);
}

void hist_finish(struct hist *h)
{
    free(h->buckets);
    memset(h, 0, sizeof *h);
}

void hist_clear(struct hist *h)
{
    if (h->low <= h->high)
        memset(h->buckets + h->low, 0, (h->high - h->low + 1) * sizeof *h->buckets);
    set_empty(h);
}

uint64_t hist_bucket_low(uint32_t bucket)
{
    if (bucket < LINEAR)
        return bucket;
    unsigned shift = (bucket - LINEAR) / HALF + 1;
    return (uint64_t)((bucket - LINEAR) % HALF + HALF) << shift;
}

uint64_t hist_bucket_high(uint32_t bucket)
{
    if (bucket < LINEAR)
        return bucket;
    unsigned shift = (bucket - LINEAR) / HALF + 1;
    return hist_bucket_low(bucket) + (UINT64_C(1) << shift) - 1;
}

/* Most buckets between the lowest and the highest are empty: they are looked at eight at a time. */
#define STRIDE 8u

static inline uint64_t sum_of_stride(const uint64_t *b)
{
    return b[0] + b[1] + b[2] + b[3] + b[4] + b[5] + b[6] + b[7];
}

/* The first bucket from b to end (exclusive) that holds something; end: none does. */
static inline uint32_t skip_empty_buckets(const struct hist *h, uint32_t b, uint32_t end)
{
    while (b + STRIDE <= end && sum_of_stride(h->buckets + b) == 0)
        b += STRIDE;
    while (b < end && h->buckets[b] == 0)
        b++;
    return b;
}

static inline void widen_range(struct hist *h, uint32_t low, uint32_t high)
{
    if (low < h->low)
        h->low = low;
    if (high > h->high)
        h->high = high;
}

static inline void add_figures(struct hist *h, uint64_t count, uint64_t sum, uint64_t min,
                               uint64_t max)
{
    h->count += count;
    h->sum_us += sum;
    if (min < h->min_us)
        h->min_us = min;
    if (max > h->max_us)
        h->max_us = max;
}

void hist_merge(struct hist *into, const struct hist *from)
{
    if (from->count == 0)
        return;
    for (uint32_t b = from->low; b <= from->high; b++)
        into->buckets[b] += from->buckets[b];
    widen_range(into, from->low, from->high);
    add_figures(into, from->count, from->sum_us, from->min_us, from->max_us);
}

static inline const uint8_t *take_number(const uint8_t *p, uint64_t *n)
{
    uint64_t value = *p & 0x7f;
    for (unsigned shift = 7; (*p++ & 0x80) != 0; shift += 7)
        value |= (uint64_t)(*p & 0x7f) << shift;
    *n = value;
    return p;
}

/* Takes the next cell out of the packed form; *bucket is the one before, 0 at first. */
static inline const uint8_t *take_cell(const uint8_t *p, uint32_t *bucket, uint64_t *count)
{
    uint64_t distance;
    p = take_number(p, &distance);
    *bucket += (uint32_t)distance;
    return take_number(p, count);
}

void hist_merge_sparse(struct hist *into, const struct hist_sparse *from)
{
    const uint8_t *p = from->packed;
    uint32_t bucket = 0;
    for (uint32_t i = 0; i < from->cells; i++) {
        uint64_t count;
        p = take_cell(p, &bucket, &count);
        into->buckets[bucket] += count;
        if (i == 0 && bucket < into->low)
            into->low = bucket;
    }
    if (from->count == 0)
        return;
    if (bucket > into->high)
        into->high = bucket;
    add_figures(into, from->count, from->sum_us, from->min_us, from->max_us);
}

void hist_subtract_sparse(struct hist *from, const struct hist_sparse *what)
{
    const uint8_t *p = what->packed;
    uint32_t bucket = 0;
    for (uint32_t i = 0; i < what->cells; i++) {
        uint64_t count;
        p = take_cell(p, &bucket, &count);
        assert(from->buckets[bucket] >= count);
        from->buckets[bucket] -= count;
    }
    from->count -= what->count;
    from->sum_us -= what->sum_us;
}

void hist_tighten(struct hist *h)
{
    if (h->count == 0) {
        set_empty(h);
        return;
    }
    while (h->buckets[h->low] == 0)
        h->low++;
    while (h->buckets[h->high] == 0)
        h->high--;
    /* The old bounds still hold: only a part is left. */
    if (h->min_us < hist_bucket_low(h->low))
        h->min_us = hist_bucket_low(h->low);
    if (h->high < LAST && h->max_us > hist_bucket_high(h->high))
        h->max_us = hist_bucket_high(h->high);
}

/* The lowest rank (1 is the smallest value) at which at least q of count are reached. */
static uint64_t quantile_rank(double q, uint64_t count)
{
    if (!(q > 0))
        return 1;
    if (q >= 1)
        return count;
    /* 0.95 is stored a trifle too large or too small; without the slack, 0.95 of 100 could
     * ask for the 96th value. */
    double exact = q * (double)count;
    uint64_t rank = (uint64_t)ceil(exact - exact * 1e-12);
    return rank < 1 ? 1 : rank > count ? count : rank;
}

static uint64_t bucket_top_us(const struct hist *h, uint32_t bucket)
{
    uint64_t top = bucket == LAST ? h->max_us : hist_bucket_high(bucket);
    return top < h->max_us ? top : h->max_us;
}

void hist_quantiles(const struct hist *h, const double *q, size_t n, uint64_t *out)
{
    uint64_t seen = 0;
    uint32_t b = h->low;

    for (size_t i = 0; i < n; i++) {
        uint64_t rank = quantile_rank(q[i], h->count), more;
        while (b + STRIDE <= h->high && seen + (more = sum_of_stride(h->buckets + b)) < rank) {
            seen += more;
            b += STRIDE;
        }
        while (seen < rank && b <= h->high)
            seen += h->buckets[b++];
        out[i] = h->count == 0 ? 0 : bucket_top_us(h, b - 1);
    }
}

uint64_t hist_quantile(const struct hist *h, double q)
{
    uint64_t out;
    hist_quantiles(h, &q, 1, &out);
    return out;
}

double hist_mean(const struct hist *h)
{
    return h->count != 0 ? (double)h->sum_us / (double)h->count : 0;
}

uint64_t hist_count_between(const struct hist *h, uint32_t from, uint32_t end)
{
    uint64_t count = 0;
    for (; from + STRIDE <= end; from += STRIDE)
        count += sum_of_stride(h->buckets + from);
    for (; from < end; from++)
        count += h->buckets[from];
    return count;
}

uint64_t hist_count_above(const struct hist *h, uint64_t us)
{
    uint64_t above = 0;
    if (h->count == 0)
        return 0;
    for (uint32_t b = h->high + 1; b > h->low && hist_bucket_low(b - 1) > us; b--)
        above += h->buckets[b - 1];
    return above;
}

void hist_to_sparse(const struct hist *h, struct hist_sparse *sp)
{
    *sp = (struct hist_sparse){0};
    if (h->count == 0)
        return;
    *sp = (struct hist_sparse){
        .count = h->count, .sum_us = h->sum_us, .min_us = h->min_us, .max_us = h->max_us};
    uint32_t end = h->high + 1, before = 0;
    uint64_t cells_max = end - h->low < h->count ? end - h->low : h->count;
    uint8_t *packed = mem_grow(NULL, cells_max, PACKED_CELL_MAX), *p = packed;
    for (uint32_t b = h->low; (b = skip_empty_buckets(h, b, end)) < end; b++) {
        p = wire_write(p, b - before);
        p = wire_write(p, h->buckets[b]);
        before = b;
        sp->cells++;
    }
    sp->bytes = (uint32_t)(p - packed);
    sp->packed = mem_grow(packed, sp->bytes, 1);
}

/* A cursor over the cells of a packed histogram. */
struct cells {
    const uint8_t *at;
    uint32_t left, bucket;
    uint64_t count;
};

static bool next_cell(struct cells *c)
{
    if (c->left == 0)
        return false;
    c->left--;
    c->at = take_cell(c->at, &c->bucket, &c->count);
    return true;
}

static void merge_cells(struct hist_sparse *out, const struct hist_sparse *x,
                        const struct hist_sparse *y)
{
    struct cells a = {.at = x->packed, .left = x->cells}, b = {.at = y->packed, .left = y->cells};
    uint8_t *p = out->packed;
    uint32_t before = 0;
    for (bool in_a = next_cell(&a), in_b = next_cell(&b); in_a || in_b; out->cells++) {
        uint32_t bucket = !in_b || (in_a && a.bucket < b.bucket) ? a.bucket : b.bucket;
        uint64_t count = 0;
        if (in_a && a.bucket == bucket) {
            count += a.count;
            in_a = next_cell(&a);
        }
        if (in_b && b.bucket == bucket) {
            count += b.count;
            in_b = next_cell(&b);
        }
        p = wire_write(p, bucket - before);
        p = wire_write(p, count);
        before = bucket;
    }
    out->bytes = (uint32_t)(p - out->packed);
}

void hist_sparse_merge(struct hist_sparse *into, const struct hist_sparse *from)
{
    struct hist_sparse sum = {.count = into->count + from->count,
                              .sum_us = into->sum_us + from->sum_us,
                              .min_us = into->min_us < from->min_us ? into->min_us : from->min_us,
                              .max_us = into->max_us > from->max_us ? into->max_us : from->max_us};
    if (from->count == 0)
        return;
    if (into->count == 0) {
        *into = *from;
        into->packed = mem_array(from->bytes, 1);
        memcpy(into->packed, from->packed, from->bytes);
        return;
    }
    /* A count may need a byte more than both had; a distance never does. */
    sum.packed = mem_array((size_t)into->bytes + from->bytes + into->cells + from->cells, 1);
    merge_cells(&sum, into, from);
    sum.packed = mem_grow(sum.packed, sum.bytes, 1);
    hist_sparse_finish(into);
    *into = sum;
}

/* Adds n values of us each to *sum, which stays the most there is when that is too much. */
static void add_bounded(uint64_t *sum, uint64_t n, uint64_t us)
{
    uint64_t product;
    if (__builtin_mul_overflow(n, us, &product) || __builtin_add_overflow(*sum, product, sum))
        *sum = UINT64_MAX;
}

/* Adds the least and the most that n values of a bucket can sum up to. */
static void add_bounds(const struct hist_sparse *sp, uint32_t bucket, uint64_t n, uint64_t *low,
                       uint64_t *high)
{
    bool last = bucket == LAST; /* takes all that is above, which its bounds do not say */
    add_bounded(low, n, last ? HIST_MAX_US + 1 : hist_bucket_low(bucket));
    add_bounded(high, n, last ? sp->max_us : hist_bucket_high(bucket));
}

/* Gives buckets of one group the same number; below HIST_HALF a bucket is more than 1/1024 of its
 * value already. */
static uint32_t coarse_group(uint32_t bucket, unsigned bits)
{
    unsigned wide = 0;
    while (wide < bits && bucket << wide < HIST_HALF)
        wide++;
    return (uint32_t)wide * HIST_BUCKETS + (bucket >> (bits - wide));
}

/* Returns the bucket in the middle of a group. */
static uint32_t coarse_middle(uint32_t group, unsigned bits)
{
    unsigned shift = bits - group / HIST_BUCKETS;
    return (group % HIST_BUCKETS << shift) + ((1u << shift) >> 1);
}

void hist_sparse_coarsen(struct hist_sparse *sp, unsigned bits)
{
    struct cells c = {.at = sp->packed, .left = sp->cells};
    uint8_t *packed = mem_grow(NULL, sp->cells + 1, PACKED_CELL_MAX), *p = packed;
    uint32_t before = 0, cells = 0, end = hist_bucket_of(sp->max_us);
    uint64_t low = 0, high = 0;
    bool more = next_cell(&c);
    while (more) {
        /* The first and the last one stay as they are: min and max are in them. */
        bool alone = cells == 0 || c.left == 0;
        uint32_t group = coarse_group(c.bucket, bits);
        uint32_t least = c.bucket, most = c.bucket;
        uint64_t count = 0;
        do {
            count += c.count;
            most = c.bucket;
            more = next_cell(&c);
        } while (!alone && more && c.left > 0 && coarse_group(c.bucket, bits) == group);
        uint32_t bucket = alone ? least : coarse_middle(group, bits);
        if (bucket <= before && cells > 0)
            bucket = least;
        else if (bucket >= end)
            bucket = most;
        p = wire_write(p, bucket - before);
        p = wire_write(p, count);
        add_bounds(sp, bucket, count, &low, &high);
        before = bucket;
        cells++;
    }
    sp->cells = cells;
    sp->bytes = (uint32_t)(p - packed);
    sp->sum_us = sp->sum_us < low ? low : sp->sum_us > high ? high : sp->sum_us;
    free(sp->packed);
    sp->packed = sp->bytes > 0 ? mem_grow(packed, sp->bytes, 1) : NULL;
    if (sp->bytes == 0)
        free(packed);
}

/* Whether first and last bucket, and the bounds of all values, go with the figures. */
static bool are_figures_sound(const struct hist_sparse *sp, uint32_t first, uint32_t last,
                              uint64_t low, uint64_t high)
{
    if (sp->count == 0)
        return sp->sum_us == 0 && sp->min_us == 0 && sp->max_us == 0;
    return sp->min_us <= sp->max_us && hist_bucket_of(sp->min_us) == first &&
           hist_bucket_of(sp->max_us) == last && sp->sum_us >= low && sp->sum_us <= high;
}

bool hist_sparse_sound(const struct hist_sparse *sp)
{
    struct wire w = wire_of(sp->packed, sp->bytes);
    uint64_t bucket = 0, count = 0, low = 0, high = 0;
    uint32_t first = 0;
    for (uint32_t i = 0; i < sp->cells; i++) {
        uint64_t distance = wire_take_upto(&w, LAST), n = wire_take(&w);
        bucket += distance;
        if (w.broken || bucket > LAST || (i > 0 && distance == 0) || n == 0 ||
            n > sp->count - count)
            return false;
        if (i == 0)
            first = (uint32_t)bucket;
        count += n;
        add_bounds(sp, (uint32_t)bucket, n, &low, &high);
    }
    return w.at == w.end && count == sp->count &&
           are_figures_sound(sp, first, (uint32_t)bucket, low, high);
}

void hist_sparse_finish(struct hist_sparse *sp)
{
    free(sp->packed);
    memset(sp, 0, sizeof *sp);
}

size_t hist_sparse_bytes(const struct hist_sparse *sp)
{
    return sizeof *sp + sp->bytes;
}
