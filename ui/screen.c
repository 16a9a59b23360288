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

static bool is_too_small(const struct frame *f)
{
    return f->cols < SCREEN_MIN_COLS || f->rows < SCREEN_MIN_ROWS;
}

static struct rect screen_body(const struct frame *f)
{
    return (struct rect){HEADER_ROWS, 0, f->rows - HEADER_ROWS - FOOT_ROWS, f->cols};
}

void screen_layout(const struct frame *f, struct view_state *v, const struct view_input *in)
{
    const struct view_ops *view = view_shown(v);
    if (is_too_small(f))
        return;
    if (view->layout != NULL)
        view->layout(v, in, screen_body(f));
    v->moment.move = 0; /* no chart has taken it: it must not jump later */
}

void screen_draw(struct frame *f, const struct view_input *in, const struct prompt *prompt,
                 int *cursor_row, int *cursor_col)
{
    *cursor_row = *cursor_col = -1;
    f->chars = in->state->chars;
    frame_clear(f);
    if (is_too_small(f)) {
        draw_too_small(f, in->snap);
        return;
    }
    struct rect body = screen_body(f);
    header_draw(f, in);
    view_shown(in->state)->draw(f, body, in);
    foot_draw(f, in, prompt, cursor_row, cursor_col);
    if (prompt != NULL && prompt->kind == PROMPT_PICK)
        foot_draw_picker(f, body, prompt, cursor_row, cursor_col);
}
