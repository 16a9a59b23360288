/* SPDX-License-Identifier: MIT */
#include "src/stats/distribution.h"

#include <math.h>
#include <string.h>

static const double spectrum[] = {0,  10, 20,   30, 40,   50,   60,    70,    75,     80, 85,
                                  90, 95, 97.5, 99, 99.5, 99.9, 99.95, 99.99, 99.999, 100};
#define SPECTRUM (sizeof spectrum / sizeof *spectrum)
_Static_assert(SPECTRUM <= SNAP_SPECTRUM, "the spectrum fits the snapshot");

void distribution_percentiles(const struct hist *h, struct snap_latency *out)
{
    static const double q[] = {0.5, 0.75, 0.9, 0.95, 0.99, 0.999};
    uint64_t us[6];

    memset(out, 0, sizeof *out);
    if (h->count == 0)
        return;
    hist_quantiles(h, q, 6, us);
    *out = (struct snap_latency){
        .count = h->count,
        .mean_us = hist_mean(h),
        .min_us = h->min_us,
        .p50_us = us[0],
        .p75_us = us[1],
        .p90_us = us[2],
        .p95_us = us[3],
        .p99_us = us[4],
        .p99_9_us = us[5],
        .max_us = h->max_us,
    };
}

/* The bars' upper bounds are moved to the tops of buckets, so that no bucket is cut and each
 * count is exact; on a narrow range bars that would be empty by that are left out. */
static void fill_bars(const struct hist *h, struct snap_distribution *out)
{
    double low = log((double)(h->min_us > 0 ? h->min_us : 1));
    double step = (log((double)(h->max_us > 0 ? h->max_us : 1)) - low) / SNAP_BARS;
    uint64_t from_us = h->min_us;
    uint32_t b = h->low;

    for (unsigned i = 0; i < SNAP_BARS && b <= h->high; i++) {
        uint32_t end = hist_bucket_of((uint64_t)exp(low + step * (i + 1)));
        if (i == SNAP_BARS - 1 || end > h->high)
            end = h->high;
        if (end < b)
            continue;
        uint64_t count = hist_count_between(h, b, end + 1);
        b = end + 1;
        uint64_t to_us = end == h->high ? h->max_us : hist_bucket_high(end);
        out->bars[out->n_bars].low_us = from_us;
        out->bars[out->n_bars].high_us = to_us;
        out->bars[out->n_bars++].count = count;
        from_us = to_us + 1;
    }
}

/* How many are in buckets above each of the ascending values, in one pass from the top. */
static void fill_above(const struct hist *h, struct snap_distribution *out)
{
    uint64_t above = 0;
    uint32_t b = h->high + 1;
    for (size_t i = SPECTRUM; i-- > 0;) {
        uint32_t own = hist_bucket_of(out->spectrum[i].us);
        uint32_t from = own + 1 > h->low ? own + 1 : h->low;
        if (from < b) {
            above += hist_count_between(h, from, b);
            b = from;
        }
        out->spectrum[i].above = above;
    }
}

void distribution_fill(const struct hist *h, struct snap_distribution *out)
{
    double q[SPECTRUM];
    uint64_t us[SPECTRUM];

    memset(out, 0, sizeof *out);
    if (h->count == 0)
        return;
    fill_bars(h, out);
    for (size_t i = 0; i < SPECTRUM; i++)
        q[i] = spectrum[i] / 100;
    hist_quantiles(h, q, SPECTRUM, us);
    for (size_t i = 0; i < SPECTRUM; i++) {
        out->spectrum[i].percentile = spectrum[i];
        out->spectrum[i].us = i == 0 ? h->min_us : us[i];
    }
    out->n_spectrum = SPECTRUM;
    fill_above(h, out);
}
