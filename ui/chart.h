/* SPDX-License-Identifier: MIT */
/* chart.h - lines over time in a rectangle of cells: braille, blocks or ASCII.
 *
 * A series is an array of y values on one common x grid: value i belongs to dot
 * column i, the last one to the right edge.  Braille has 2 x 4 dots per cell, blocks
 * (half blocks, which every font has) and ASCII 1 x 2.  Neighbours are joined, so
 * that a jump is a line; NaN is a hole: nothing is drawn and nothing is joined
 * across it.  Values over the scale are drawn at its top.  Later series take the
 * colour of cells they share.  Cells without a dot are left as they are.  Pure; main
 * thread. */
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
    double limit; /* a dashed horizontal line (a threshold) behind the series, NaN for none */
};

void chart_draw(struct frame *f, const struct chart *c);

/* Dot columns per cell: 2 for braille, 1 for the others. */
int chart_dots(enum charset chars);

/* The smallest round figure >= v (1, 1.5, 2, 3, 4, 5, 6, 8 x 10^n, whole below 10):
 * a scale that fills the chart and does not jump with every value.  1 for v <= 0. */
double chart_nice(double v);
/* The same for microseconds: 1.5 ms, 800 ms, then 1, 2, 5, 10, 15, 30 s, 1 min ...
 * At least 1 ms. */
double chart_nice_us(double us);

/* Draws a row of eighth blocks (or ASCII steps) from values 0..max, the newest at the right
 * edge; NaN is a blank, 0 the lowest step. */
void chart_spark(struct frame *f, int row, int col, int width, const double *y, size_t n,
                 double max, enum style style, enum charset chars);

#endif
