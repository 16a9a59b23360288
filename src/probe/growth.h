/* SPDX-License-Identifier: MIT */
/* growth.h - does a memory figure grow, or does it only go up and down?
 *
 * A least squares line is put through the figure over a time of constant load, without its first
 * GROWTH_WARM_S.  The standard error is taken over blocks of the time, not over single values,
 * since neighbours are alike (the "sandwich" estimator of clustered data, Liang & Zeger 1986).
 * A garbage collector draws a sawtooth: where deep falls are seen, the line goes through the low
 * points between them, and at least GROWTH_FALLS falls must have been seen.
 *
 * Growth per minute is 60 times the slope.  A leak is growth of more than GROWTH_LEAK_BYTES a
 * minute, and of more than two standard errors, that goes on: a single step is no leak, nor is
 * growth that slows down.  The verdict is open ("more time") for as long as the error leaves
 * both answers possible, and for GROWTH_LEAST_S in any case.
 *
 * Pure; memory is bounded (neighbours are joined when it is full). */
#ifndef RAMPTOP_PROBE_GROWTH_H
#define RAMPTOP_PROBE_GROWTH_H

#include <stdbool.h>
#include <stddef.h>

#include "src/stats/probe_snapshot.h"

#define GROWTH_WARM_S 20.0
#define GROWTH_LEAST_S 180.0
#define GROWTH_LEAK_BYTES (10.0 * 1048576)
#define GROWTH_SLOW_BYTES (5.0 * 1048576)
#define GROWTH_FALLS 4
#define GROWTH_SPOTS 720 /* values kept; neighbours are joined when there are more */

struct growth {
    double begun_s; /* start of the constant load */
    unsigned join;  /* values joined to one spot */
    unsigned held;  /* values of the unfinished spot */
    double sum_t, sum_v;
    size_t n;
    struct growth_spot {
        double t_s, v;
    } spots[GROWTH_SPOTS];
};

struct growth_verdict {
    enum snap_leak leak;
    double per_min; /* in the figure's unit; NaN: not known yet */
    double error;   /* standard error of per_min */
    double need_s;  /* LEAK_MORE_TIME: the least time still needed */
};

void growth_begin(struct growth *g, double t_s); /* starts over: the load is constant from now on */
void growth_add(struct growth *g, double t_s, double v); /* t_s ascending; NaN is left out */
struct growth_verdict growth_judge(const struct growth *g, double t_s);

#endif
