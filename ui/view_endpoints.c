/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "src/stats/snapshot_words.h"
#include "ui/header.h"
#include "ui/line.h"
#include "ui/outcome.h"
#include "ui/endpoint_table.h"
#include "ui/view.h"

#define NOTE_FROM 8 /* rows */
#define OUTCOME_FROM 12

/* Draws the statuses of the endpoint under the cursor, and after what time it failed. */
static void draw_outcome(struct frame *f, struct rect r, const struct view_input *in)
{
    uint16_t rows[SNAP_ENDPOINTS];
    size_t n = view_select(in->snap, in->state, rows);
    if (n == 0 || in->state->cursor < 0 || (size_t)in->state->cursor >= n)
        return;
    const struct snap_endpoint *e = &in->snap->endpoints[rows[in->state->cursor]];
    char title[SNAP_TITLE];
    int col = frame_middle(f, r.row, r.col + 1, r.cols / 3, STYLE_BOLD,
                           snap_title(e, title, sizeof title)) +
              2;
    outcome_statuses(f, (struct rect){r.row, col, 1, r.col + r.cols - col}, &e->statuses);
    outcome_draw_failed(f, (struct rect){r.row + 1, r.col, 1, r.cols}, in->snap, &e->window_failed,
                        &e->total_failed);
}

static const struct table_options options = {
    .wide = true, .totals = true, .cursor = STYLE_SELECTED};

static int rows_below(int rows)
{
    return rows >= OUTCOME_FROM ? 3 : rows >= NOTE_FROM ? 1 : 0;
}

static void endpoints_layout(struct view_state *v, const struct view_input *in, struct rect r)
{
    table_layout(v, in, r.rows - rows_below(r.rows), &options);
}

static void endpoints_draw(struct frame *f, struct rect r, const struct view_input *in)
{
    char window[32], since[64];
    int below = rows_below(r.rows), rows = r.rows - below;
    table_draw(f, (struct rect){r.row, r.col, rows, r.cols}, in, &options);
    if (below > 1)
        draw_outcome(f, (struct rect){r.row + rows, r.col, 2, r.cols}, in);
    table_since_start(in, r.cols, since, sizeof since);
    if (r.rows >= NOTE_FROM)
        frame_printf(f, r.row + r.rows - 1, r.col + 1, r.cols - 1, STYLE_DIM,
                     "%s%sthe rest: %s (w)", since, since[0] != '\0' ? ": since the start; " : "",
                     header_window(in->snap, window, sizeof window));
}

const struct view_ops view_endpoints = {
    .name = "endpoints", .layout = endpoints_layout, .draw = endpoints_draw};
