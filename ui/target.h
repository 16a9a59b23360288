/* SPDX-License-Identifier: MIT */
/* target.h - the list of the target view: probes, each with what it says and its series.  What
 * the view draws and what a key on a row is about come from here.  Pure; main thread. */
#ifndef RAMPTOP_UI_TARGET_H
#define RAMPTOP_UI_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/stats/probe_snapshot.h"

enum target_kind { TARGET_PROBE, TARGET_TEXT, TARGET_SERIES };

struct target_row {
    enum target_kind kind;
    uint16_t probe;
    uint16_t series; /* TARGET_SERIES */
};

#define TARGET_ROWS (2 * SNAP_PROBES + SNAP_SERIES)

/* The rows from the top, without the series of a probe that never got through; returns how many.
 * b may be NULL.  filter: a text in any case, "" for all; the series that have it among the words
 * of their probe, group and name, and the probes of these or whose own words have it. */
size_t target_rows(const struct probe_snapshot *b, const char *filter,
                   struct target_row out[TARGET_ROWS]);

/* How many of them are series. */
size_t target_count(const struct probe_snapshot *b, const char *filter);

/* The series that a cursor on row `at` is about: that of the row, else the next one below,
 * else above; SNAP_SERIES when there is none. */
uint32_t target_series(const struct probe_snapshot *b, const char *filter, size_t at);

/* The row under the cursor, by its words: rows come and go above it.  Zeroed: none yet. */
struct target_hold {
    bool held;
    int cursor; /* where it was then; elsewhere: the user has moved it */
    enum target_kind kind;
    char probe[SNAP_NAME];
    char group[SNAP_GROUP];
    char name[SNAP_SERIES_NAME];
};

/* Where the cursor belongs so that it stays on its row; takes the row of one that was moved. */
int target_follow(struct target_hold *h, const struct probe_snapshot *b, const char *filter,
                  int cursor);

/* A panel covers a part of a view's list. */
enum target_panel { PANEL_NONE, PANEL_SERIES, PANEL_DETAIL };

#endif
