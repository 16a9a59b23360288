/* SPDX-License-Identifier: MIT */
#include "ui/screen.h"

#include <stdio.h>

#include "ui/foot.h"
#include "ui/header.h"
#include "ui/line.h"

/* Still says the two things that cannot wait: how to get a screen, and that the load
 * goes on meanwhile. */
static void draw_too_small(struct frame *f, const struct snapshot *s)
{
    char text[160];
    snprintf(text, sizeof text, "ramptop needs %dx%d, this is %dx%d. %u users run; q quits.",
             SCREEN_MIN_COLS, SCREEN_MIN_ROWS, f->cols, f->rows, s->users);
    line_wrap(f, frame_rect(f), STYLE_NORMAL, text);
}

void screen_draw(struct frame *f, struct view_input *in, const struct prompt *prompt,
                 int *cursor_row, int *cursor_col)
{
    *cursor_row = *cursor_col = -1;
    f->chars = in->state->chars;
    frame_clear(f);
    if (f->cols < SCREEN_MIN_COLS || f->rows < SCREEN_MIN_ROWS) {
        draw_too_small(f, in->snap);
        return;
    }
    struct rect body = {HEADER_ROWS, 0, f->rows - HEADER_ROWS - FOOT_ROWS, f->cols};
    header_draw(f, in);
    views[in->state->view < VIEWS ? in->state->view : VIEW_OVERVIEW]->draw(f, body, in);
    in->state->moment.move = 0; /* no chart has taken it: it must not jump later */
    foot_draw(f, in, prompt, cursor_row, cursor_col);
    if (prompt != NULL && prompt->kind == PROMPT_PICK)
        foot_draw_picker(f, body, prompt, cursor_row, cursor_col);
}
