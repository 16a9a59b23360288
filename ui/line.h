/* SPDX-License-Identifier: MIT */
/* line.h - a row of labelled figures that folds by itself when it gets narrow.
 *
 * A line is made of items, at the left and at the right.  An item has a full form
 * and may have a tight one; each has styled pieces.  When the items do not fit, the
 * steps with the highest rank are taken first: an item becomes tight, or is left
 * out.  So the order of the ranks is the order in which things are given up, in one
 * place, and no view counts columns.  Main thread. */
#ifndef RAMPTOP_UI_LINE_H
#define RAMPTOP_UI_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/frame.h"

#define LINE_ITEMS 48
#define LINE_SPANS 128
#define LINE_TEXT 3072

enum line_side { LINE_LEFT, LINE_RIGHT };

struct line {
    struct {
        enum line_side side;
        int tighten, drop; /* ranks; 0: never */
        bool is_tight, gone;
        struct {
            int first, count; /* spans */
        } form[2];            /* full, tight */
        bool has_tight;
        int width; /* the columns it may take, set while drawing */
    } items[LINE_ITEMS];
    int n_items;
    struct {
        enum style style;
        int text; /* offset in buf */
        int bar;  /* width of a bar instead of the text, 0 for none */
        double part;
    } spans[LINE_SPANS];
    int n_spans;
    int form; /* being written: 0 full, 1 tight */
    int gap;
    char buf[LINE_TEXT];
    int used;
};

void line_init(struct line *l, int gap); /* gap: blanks between items while there is room */
/* Begins an item.  tighten, drop: ranks of the two steps, the highest goes first, 0 never. */
void line_item(struct line *l, enum line_side side, int tighten, int drop);
void line_tight(struct line *l); /* the next additions are the item's tight form */
void line_add(struct line *l, enum style style, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void line_bar(struct line *l, int width, double part);
/* Draws into the row, from col on; what cannot fold further is cut with an ellipsis, the
 * first item on the left first. */
void line_draw(struct frame *f, int row, int col, int cols, struct line *l);

/* The part of text that stands in a line of that many columns, as bytes; blanks behind it belong
 * to no line.  0: there is no more. */
size_t line_break(const char *text, int cols);

/* How many rows of that many columns the text takes, at most `most`. */
int line_rows(const char *text, int cols, int most);

/* Draws text word by word into at most r.rows rows; returns how many it took. */
int line_wrap(struct frame *f, struct rect r, enum style style, const char *text);

#endif
