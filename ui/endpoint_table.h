/* SPDX-License-Identifier: MIT */
/* endpoint_table.h - the table of endpoints: which rows, in which order, and its columns, which
 * fold by rank.  Pure; main thread. */
#ifndef RAMPTOP_UI_ENDPOINT_TABLE_H
#define RAMPTOP_UI_ENDPOINT_TABLE_H

#include "ui/view.h"

struct table_options {
    bool wide;         /* all columns, when there is room; else those of the overview */
    bool totals;       /* a last row for all endpoints together */
    enum style cursor; /* style of the row under the cursor */
};

/* Clamps the cursor and keeps it in sight of a table with so many rows, its head included. */
void table_layout(struct view_state *v, const struct view_input *in, int rows,
                  const struct table_options *o);

/* Draws head and rows into r, which has as many rows as were laid out. */
void table_draw(struct frame *f, struct rect r, const struct view_input *in,
                const struct table_options *o);

/* The heads of those of all columns that count since the start and have room in `cols`, as in
 * "fails, fail %"; "" for none. */
const char *table_since_start(const struct view_input *in, int cols, char *out, size_t size);

/* Keeps cursor within n rows and scroll such that the cursor is among `shown` rows. */
void table_clamp(struct view_state *v, int n, int shown);

#endif
