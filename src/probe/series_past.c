/* SPDX-License-Identifier: MIT */
#include "src/probe/series_past.h"

#include <math.h>
#include <string.h>

void series_past_begin(struct series_past *p)
{
    memset(p, 0, sizeof *p);
    p->width_s = SERIES_PAST_S;
}

static void join_neighbours(struct series_past *p)
{
    for (uint32_t i = 0; i < SNAP_PAST; i++) {
        uint32_t a = 2 * i, b = a + 1;
        bool inside = b < SNAP_PAST;
        uint32_t n = inside ? p->count[a] + p->count[b] : 0;
        double sum =
            inside ? (double)p->mean[a] * p->count[a] + (double)p->mean[b] * p->count[b] : 0;
        p->mean[i] = n > 0 ? (float)(sum / n) : 0;
        p->count[i] = n;
    }
    p->width_s *= 2;
}

void series_past_add(struct series_past *p, uint32_t second, float v)
{
    if (isnan(v))
        return;
    while (second / p->width_s >= SNAP_PAST)
        join_neighbours(p);
    uint32_t i = second / p->width_s;
    p->count[i]++;
    p->mean[i] += (v - p->mean[i]) / (float)p->count[i];
}

uint32_t series_past_copy(const struct series_past *p, float *out)
{
    for (uint32_t i = 0; i < SNAP_PAST; i++)
        out[i] = p->count[i] > 0 ? p->mean[i] : NAN;
    return p->width_s;
}
