/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "ui/header.h"
#include "ui/table.h"
#include "ui/view.h"

#define NOTE_FROM 8 /* rows */

static void draw(struct frame *f, struct rect r, struct view_input *in)
{
    char window[32], since[64];
    int rows = r.rows >= NOTE_FROM ? r.rows - 1 : r.rows;
    table_draw(f, (struct rect){r.row, r.col, rows, r.cols}, in,
               &(struct table_options){.wide = true, .totals = true, .cursor = STYLE_SELECTED});
    table_since_start(in, r.cols, since, sizeof since);
    if (r.rows >= NOTE_FROM)
        frame_printf(f, r.row + r.rows - 1, r.col + 1, r.cols - 1, STYLE_DIM,
                     "%s%sthe rest: %s (w)", since, since[0] != '\0' ? ": since the start; " : "",
                     header_window(in->snap, window, sizeof window));
}

const struct view_ops view_endpoints = {VIEW_ENDPOINTS, "endpoints", draw};
