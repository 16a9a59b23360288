/* SPDX-License-Identifier: MIT */
/* screen.h - the whole screen from a snapshot: header lines, the chosen view, message,
 * key bar or prompt.  Folds by priority to 80x24; below SCREEN_MIN_COLS x
 * SCREEN_MIN_ROWS one line says the size needed.  Pure; main thread. */
#ifndef RAMPTOP_UI_SCREEN_H
#define RAMPTOP_UI_SCREEN_H

#include "ui/prompt.h"
#include "ui/view.h"

#define SCREEN_MIN_COLS 40
#define SCREEN_MIN_ROWS 10

/* Brings the state of the view that is shown in line with what there is to show on f.  v is what
 * in->state points to. */
void screen_layout(const struct frame *f, struct view_state *v, const struct view_input *in);

/* Draws what was laid out.  prompt NULL: no prompt open.  *cursor_row/col: where the terminal's
 * cursor belongs while a prompt is open, -1 otherwise. */
void screen_draw(struct frame *f, const struct view_input *in, const struct prompt *prompt,
                 int *cursor_row, int *cursor_col);

#endif
