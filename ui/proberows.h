/* SPDX-License-Identifier: MIT */
/* proberows.h - the chosen series of the probes under the charts of the overview: a row of
 * blocks each, or a small chart where there is room; on the charts' own axis.  Pure; main
 * thread. */
#ifndef RAMPTOP_UI_PROBEROWS_H
#define RAMPTOP_UI_PROBEROWS_H

#include "ui/axis.h"
#include "ui/view.h"

#define PROBE_ROWS 3 /* height of a small chart */

/* How many series there are to show; 0 without probes. */
int proberows_wanted(const struct view_input *in);

/* The columns left of the plot that their labels want, between least and most. */
int proberows_labels(const struct view_input *in, int n, int least, int most);

struct proberows {
    const struct axis *axis;
    struct rect area; /* for the plots alone: n * height rows */
    int gutter;       /* columns right of it */
    int n, height;    /* height of each: one, PROBE_ROWS, or more with blank ones below */
};

void proberows_draw(struct frame *f, const struct proberows *p, const struct view_input *in);

#endif
