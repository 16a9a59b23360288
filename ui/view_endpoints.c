/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "ui/header.h"
#include "ui/table.h"
#include "ui/view.h"

#define NOTE_FROM 8 /* rows */

static void draw(struct frame *f, struct rect r, struct view_input *in)
{
    char window[32];
    int rows = r.rows >= NOTE_FROM ? r.rows - 1 : r.rows;
    table_draw(f, (struct rect){r.row, r.col, rows, r.cols}, in,
               &(struct table_options){.wide = true, .totals = true, .cursor = STYLE_SELECTED});
    if (r.rows >= NOTE_FROM)
        frame_printf(f, r.row + r.rows - 1, r.col + 1, r.cols - 1, STYLE_DIM,
                     "reqs, fails, received: since the start; the rest: %s (w)",
                     header_window(in->snap, window, sizeof window));
}

const struct view_ops view_endpoints = {VIEW_ENDPOINTS, "endpoints", draw};
