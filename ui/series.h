/* SPDX-License-Identifier: MIT */
/* series.h - the series of the probes on the screen: which of them, in which order, how they
 * are called where there is little room, and one of them as a row under the charts.
 *
 * A choice names series by their words: their indices change when probes come and
 * go.  Pure; main thread. */
#ifndef RAMPTOP_UI_SERIES_H
#define RAMPTOP_UI_SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "src/stats/probe_snapshot.h"
#include "ui/axis.h"
#include "ui/frame.h"

#define SERIES_CHOSEN 16

/* Zeroed: nothing was chosen, the probe snapshot's own order holds. */
struct series_choice {
    bool own;
    uint32_t n;
    struct series_key {
        char probe[SNAP_NAME];
        char group[SNAP_GROUP];
        char name[SNAP_SERIES_NAME];
    } keys[SERIES_CHOSEN];
};

/* The series for the overview, the most important first, as indices in the probe snapshot; returns
 * how many.  b may be NULL. */
uint32_t series_chosen(const struct series_choice *c, const struct probe_snapshot *b,
                       uint16_t out[SNAP_SERIES]);
/* Returns the place of a series among the chosen, from 1 on; 0: not chosen. */
uint32_t series_place(const struct series_choice *c, const struct probe_snapshot *b,
                      uint32_t series);
/* Adds a series at the end, or takes it out.  False: there is no room. */
bool series_toggle(struct series_choice *c, const struct probe_snapshot *b, uint32_t series);
/* Up (-1) or down (1) by one.  False: it is not chosen, or at the end. */
bool series_move(struct series_choice *c, const struct probe_snapshot *b, uint32_t series, int by);

/* Values for the axis; the newest one stands for the time since, while it is fresh.  Returns
 * the largest in sight. */
double series_values(const struct axis *a, const struct probe_snapshot *b, uint32_t series,
                     double *y);
/* The top of its scale: its limit, 100 %, or a round figure over top. */
double series_scale(const struct snap_series *s, double top);

/* "busy conn": its name, shorter when it has more columns than that. */
void series_short_name(const struct snap_series *s, int cols, char *out, size_t size);
/* "db conn": label in at most that many columns. */
void series_short_label(const struct probe_snapshot *b, uint32_t series, int cols, char *out,
                        size_t size);
/* The value as is fit for that many columns: with limit, note, growth, or fewer of them. */
void series_text(const struct probe_snapshot *b, uint32_t series, int cols, char *out, size_t size);
/* '!' at its limit, '^' beyond a threshold or a leak, else ' '; and its colour, dim with age. */
char series_sign(const struct probe_snapshot *b, uint32_t series, enum style *style);
/* The colour of its line in a chart. */
enum style series_line(const struct probe_snapshot *b, uint32_t series);

/* Draws values as one row of blocks; cells at the limit in the colour of an alarm. */
void series_spark(struct frame *f, int row, int col, const struct axis *a, const double *y,
                  double max, const struct snap_series *s);

#endif
