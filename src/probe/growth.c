/* SPDX-License-Identifier: MIT */
#include "src/probe/growth.h"

#include <math.h>

#define BLOCKS 12
#define DEEP 0.3   /* a fall of this share of the whole range is a collection's */
#define STEADY 0.5 /* share of the whole slope that growth without its largest step must have */
#define NOISE_BYTES 1048576.0 /* least depth: noise falls by much of its own range */

void growth_begin(struct growth *g, double t_s)
{
    g->begun_s = t_s;
    g->join = 1;
    g->held = 0;
    g->n = 0;
    g->sum_t = g->sum_v = 0;
}

static void join_spots(struct growth *g)
{
    for (size_t i = 0; i < g->n / 2; i++) {
        const struct growth_spot *a = &g->spots[2 * i], *b = a + 1;
        g->spots[i] = (struct growth_spot){(a->t_s + b->t_s) / 2, (a->v + b->v) / 2};
    }
    g->n /= 2;
    g->join *= 2;
}

void growth_add(struct growth *g, double t_s, double v)
{
    if (isnan(v) || t_s < g->begun_s + GROWTH_WARM_S)
        return;
    g->sum_t += t_s;
    g->sum_v += v;
    if (++g->held < g->join)
        return;
    g->spots[g->n++] = (struct growth_spot){g->sum_t / g->held, g->sum_v / g->held};
    g->held = 0;
    g->sum_t = g->sum_v = 0;
    if (g->n == GROWTH_SPOTS)
        join_spots(g);
}

/* ---------------------------------------------------------------------- line */

struct line {
    double slope, error;
};

struct means {
    double t, v, sxx;
};

static struct means spot_means(const struct growth_spot *s, size_t n)
{
    struct means m = {0};
    for (size_t i = 0; i < n; i++) {
        m.t += s[i].t_s / (double)n;
        m.v += s[i].v / (double)n;
    }
    for (size_t i = 0; i < n; i++)
        m.sxx += (s[i].t_s - m.t) * (s[i].t_s - m.t);
    return m;
}

/* Fits a line and its standard error, which counts each of `blocks` runs of neighbours as one
 * value. */
static struct line fit_line(const struct growth_spot *s, size_t n, size_t blocks)
{
    struct means m = spot_means(s, n);
    struct line l = {0};
    if (n < 3 || m.sxx <= 0)
        return (struct line){NAN, INFINITY};
    for (size_t i = 0; i < n; i++)
        l.slope += (s[i].t_s - m.t) * (s[i].v - m.v) / m.sxx;
    double meat = 0;
    for (size_t b = 0; b < blocks; b++) {
        double score = 0;
        for (size_t i = b * n / blocks; i < (b + 1) * n / blocks; i++)
            score += (s[i].t_s - m.t) * (s[i].v - m.v - l.slope * (s[i].t_s - m.t));
        meat += score * score;
    }
    double small = (double)blocks / (double)(blocks - 2); /* two parameters were fitted */
    l.error = sqrt(meat * small) / m.sxx;
    return l;
}

/* ------------------------------------------------------------------ sawtooth */

static double value_range(const struct growth *g)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < g->n; i++) {
        low = fmin(low, g->spots[i].v);
        high = fmax(high, g->spots[i].v);
    }
    return high - low;
}

/* Writes the low points to which the figure fell, each before it rose as deep again.  Returns
 * how many; at most max, oldest first. */
static size_t find_low_points(const struct growth *g, double deep, struct growth_spot *out,
                              size_t max)
{
    size_t n = 0;
    bool falling = false;
    struct growth_spot top = g->spots[0], low = g->spots[0];
    for (size_t i = 1; i < g->n; i++) {
        const struct growth_spot *s = &g->spots[i];
        if (!falling && s->v > top.v)
            top = *s;
        if (!falling && s->v < top.v - deep) {
            falling = true;
            low = *s;
        }
        if (falling && s->v < low.v)
            low = *s;
        if (falling && s->v > low.v + deep / 2) {
            if (n < max)
                out[n++] = low;
            falling = false;
            top = *s;
        }
    }
    return n;
}

/* --------------------------------------------------------------- does it go on? */

/* Returns growth without its largest step, as a share of the fitted slope: filling a cache at
 * once, or making a pool, is one step.  A step in the middle of a block shows at both ends of
 * the block. */
static double growth_without_step(const struct growth_spot *s, size_t n, size_t blocks,
                                  double slope)
{
    struct means first = {0}, before = {0};
    double largest = 0, up = 0;
    bool split = n > blocks;
    for (size_t b = 0; b < blocks; b++) {
        size_t from = b * n / blocks, to = (b + 1) * n / blocks;
        struct means m = spot_means(s + from, to - from);
        double rise = b == 0 ? 0 : m.v - before.v;
        largest = fmax(largest, split ? up + rise : rise);
        up = rise;
        before = m;
        first = b == 0 ? m : first;
    }
    double rest = (double)(blocks - 1) / (double)(blocks - 2 - split);
    return rest * (before.v - first.v - largest) / (before.t - first.t) / slope;
}

/* Returns the slope of the newest third as a share of the whole slope: a target that warms up
 * grows ever more slowly. */
static double newest_slope_share(const struct growth_spot *s, size_t n, double slope)
{
    size_t k = n / 3 > 3 ? n / 3 : 3;
    return fit_line(s + n - k, k, k).slope / slope;
}

static bool growth_continues(const struct growth_spot *s, size_t n, size_t blocks, double slope)
{
    return growth_without_step(s, n, blocks, slope) > STEADY &&
           newest_slope_share(s, n, slope) > STEADY;
}

/* ------------------------------------------------------------------- verdict */

static struct growth_verdict line_verdict(const struct growth_spot *s, size_t n, size_t blocks,
                                          double more_s)
{
    struct line l = fit_line(s, n, blocks);
    struct growth_verdict v = {.per_min = 60 * l.slope, .error = 60 * l.error};
    double least = v.per_min - 2 * v.error, most = v.per_min + 2 * v.error;
    if (least > 0 && v.per_min > GROWTH_LEAK_BYTES)
        v.leak = LEAK_FOUND;
    else if (most < GROWTH_SLOW_BYTES)
        v.leak = LEAK_NONE;
    else if (least > 0 && most < 2 * GROWTH_LEAK_BYTES)
        v.leak = LEAK_SLOW;
    else
        v.leak = LEAK_MORE_TIME;
    if ((v.leak == LEAK_FOUND || v.leak == LEAK_SLOW) && !growth_continues(s, n, blocks, l.slope))
        v.leak = LEAK_MORE_TIME;
    v.need_s = v.leak == LEAK_MORE_TIME ? more_s : 0;
    return v;
}

struct growth_verdict growth_judge(const struct growth *g, double t_s)
{
    struct growth_spot lows[GROWTH_SPOTS / 2]; /* a fall and a rise take two spots */
    double begun_s = g->begun_s + GROWTH_WARM_S;
    if (g->n > 0) /* the figure may have been unknown for long */
        begun_s = fmax(begun_s, g->spots[0].t_s);
    double seen = g->n > 0 || t_s < begun_s ? t_s - begun_s : 0;
    if (seen < GROWTH_LEAST_S || g->n < BLOCKS)
        return (struct growth_verdict){
            .leak = LEAK_MORE_TIME, .per_min = NAN, .need_s = fmax(1, GROWTH_LEAST_S - seen)};
    double deep = DEEP * value_range(g);
    size_t falls = find_low_points(g, deep, lows, sizeof lows / sizeof *lows);
    struct line whole = fit_line(g->spots, g->n, BLOCKS);
    if (falls == 0 || deep < NOISE_BYTES)
        return line_verdict(g->spots, g->n, BLOCKS, seen / 2);
    if (falls < GROWTH_FALLS)
        return (struct growth_verdict){.leak = LEAK_MORE_TIME,
                                       .per_min = 60 * whole.slope,
                                       .error = 60 * whole.error,
                                       .need_s = seen * GROWTH_FALLS / (double)falls - seen + 1};
    return line_verdict(lows, falls, falls, seen / 2);
}
