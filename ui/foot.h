/* SPDX-License-Identifier: MIT */
/* foot.h - the two lines at the bottom: tabs or message, and the key bar; an open
 * prompt takes their place.  Pure; main thread. */
#ifndef RAMPTOP_UI_FOOT_H
#define RAMPTOP_UI_FOOT_H

#include "ui/prompt.h"
#include "ui/view.h"

#define FOOT_ROWS 2

/* *cursor_row/col: where the terminal's cursor belongs, untouched without a prompt. */
void foot_draw(struct frame *f, const struct view_input *in, const struct prompt *p,
               int *cursor_row, int *cursor_col);

/* A PROMPT_PICK lies over the body. */
void foot_draw_picker(struct frame *f, struct rect body, const struct prompt *p, int *cursor_row,
                      int *cursor_col);

#endif
