/* SPDX-License-Identifier: MIT */
/* chart.h - lines over time in a rectangle of cells: braille, blocks or ASCII.
 *
 * A series is an array of y values on one common x grid: value i belongs to dot
 * column i (braille has 2 dot columns and 4 dot rows per cell, blocks and ASCII one
 * column; blocks have 8 steps per row).  NaN is a hole: nothing is drawn and
 * nothing is joined across it.  Later series are drawn over earlier ones.  Pure;
 * main thread. */
#ifndef RAMPTOP_UI_CHART_H
#define RAMPTOP_UI_CHART_H

#include <stddef.h>

#include "ui/frame.h"

struct chart_series {
    const double *y; /* n values, the last is the newest, at the right edge */
    size_t n;
    enum style style;
    double max; /* own scale when > 0 (two units on one chart), else the chart's */
};

struct chart {
    struct rect area; /* the plot alone, without axis and labels */
    double max;       /* top of the scale, > 0; bottom is 0 */
    enum charset chars;
    const struct chart_series *series;
    size_t n_series;
    double limit; /* a dashed horizontal line (a threshold), NaN for none */
};

void chart_draw(struct frame *f, const struct chart *c);

/* Dot columns per cell: 2 for braille, 1 for the others. */
int chart_dots(enum charset chars);

/* The smallest 1, 2, 5 x 10^n (for times also 15, 30, 60 s ...) that is >= v;
 * a scale that does not jump with every value. */
double chart_nice(double v);

/* One row of eighth blocks (or ASCII steps) from values 0..max. */
void chart_spark(struct frame *f, int row, int col, int width, const double *y, size_t n,
                 double max, enum style style, enum charset chars);

#endif
