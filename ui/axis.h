/* SPDX-License-Identifier: MIT */
/* axis.h - the time axis that all charts of a screen share.
 *
 * The newest second stands at the right edge.  A young run is stretched, 8, 4, or 2 dots
 * for a second, so that its first minute fills the chart; from then on a second is a dot.
 * What lies before the newest seconds of a snapshot is drawn as steps, as wide as its points.
 * With two dots per cell the chart
 * moves by a whole cell every two seconds, not by half a cell each second: dots keep
 * their place within the cell, so that lines do not shimmer and half as much goes to
 * the terminal.  Pure; main thread. */
#ifndef RAMPTOP_UI_AXIS_H
#define RAMPTOP_UI_AXIS_H

#include <stdbool.h>

#include "src/stats/snapshot.h"
#include "ui/frame.h"

#define AXIS_MAX 2048 /* dots; more columns than that stay empty */

/* A cursor on the axis: what the charts say stands for that second, not for now.  Keys only
 * ask it to move; axis_move says where it then is. */
struct moment {
    bool set;
    uint32_t second;
    int move; /* cells, since it was last drawn; negative: to the left */
};

struct axis {
    const struct snapshot *snap;
    int cols;       /* cells */
    int dots;       /* dots per cell */
    int per;        /* dots per second */
    int n;          /* values of a series: dots of the plot, at most AXIS_MAX */
    uint32_t now;   /* the newest second */
    uint32_t right; /* second of the last dot column: now, or one more to fill the cell */
    uint32_t read;  /* the second whose values are told: now, or the cursor's */
};

void axis_init(struct axis *a, const struct snapshot *snap, int cols, enum charset chars);

/* Moves the cursor as it was asked to and keeps it in sight.  Moved to now or beyond it is gone. */
void axis_move(const struct axis *a, struct moment *m);
/* The axis tells the values of the cursor's second, where it is set. */
void axis_read(struct axis *a, const struct moment *m);
/* The point of the second that is read, NULL for none. */
const struct snap_point *axis_point(const struct axis *a);
/* The cursor as a line behind a chart, where there is one. */
void axis_draw_cursor(struct frame *f, const struct rect *plot, const struct axis *a);

/* Fills y[0 .. a->n - 1] for chart_draw: NaN where there is no point, in a gap, and
 * where value() says so.  Returns the largest, 0 without any; *last (may be NULL)
 * becomes the value of the second that is read, or NaN. */
double axis_values(const struct axis *a, double (*value)(const struct snap_point *), double *y,
                   double *last);

/* The same for what has a value for a second, NaN for none: seconds from 0 to now. */
double axis_fill(const struct axis *a, double (*value)(const void *of, uint32_t second),
                 const void *of, double *y, double *last);

/* The cell of a moment, -1 when it is not on the axis. */
int axis_col(const struct axis *a, double at_s);

/* The row of times (-1:00 ... now), and the row of marks: col is the plot's first column. */
void axis_draw_times(struct frame *f, int row, int col, const struct axis *a, const char *now);
void axis_draw_marks(struct frame *f, int row, int col, const struct axis *a);

#endif
