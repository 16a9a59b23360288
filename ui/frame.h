/* SPDX-License-Identifier: MIT */
/* frame.h - the screen as a grid of styled cells, without a terminal.
 *
 * Views draw into a frame; tty shows it; tests dump it as text.  Drawing outside
 * the frame or the given clip is cut, never an error, so that a view need not
 * count columns twice.  Coordinates are row, column from 0.
 *
 * A cell holds one code point: combining marks are dropped, wide characters (East
 * Asian, emoji) take two cells, controls and bytes that are not UTF-8 become
 * U+FFFD, so nothing drawn can reach a terminal as a command.  Main thread. */
#ifndef RAMPTOP_UI_FRAME_H
#define RAMPTOP_UI_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The meaning of a cell, not its colour: tty maps it, and without colours
 * bold, dim and reverse are what is left. */
enum style {
    STYLE_NORMAL,
    STYLE_DIM,   /* axis, labels, what is old */
    STYLE_BOLD,  /* the figure that matters */
    STYLE_TITLE, /* reverse: program name, table head, keys */
    STYLE_OK,
    STYLE_WARN,
    STYLE_BAD,
    STYLE_BAD_BOLD,
    STYLE_RPS, /* series colours */
    STYLE_USERS,
    STYLE_P50,
    STYLE_P95,
    STYLE_P99,
    STYLE_MARK,
    STYLE_SELECTED, /* the row of the cursor */
    STYLE_BAR,      /* filled part of a bar */
    STYLE_BAR_REST, /* the rest of it */
    STYLES
};

/* How charts and bars are drawn: by locale, terminal and key. */
enum charset { CHARS_BRAILLE, CHARS_BLOCK, CHARS_ASCII, CHARSETS };

struct cell {
    uint32_t ch; /* code point; 0 in the right half of a wide character */
    uint8_t style;
};

struct rect {
    int row, col, rows, cols;
};

struct frame {
    int rows, cols;
    struct cell *cells; /* rows * cols, owned */
    /* CHARS_ASCII: arrows, dots, lines and the ellipsis are drawn in ASCII.  Survives
     * frame_resize and frame_clear; set it before drawing. */
    enum charset chars;
};

void frame_init(struct frame *f, int rows, int cols);   /* blank */
void frame_finish(struct frame *f);                     /* zeroed is fine */
void frame_resize(struct frame *f, int rows, int cols); /* blank again */
void frame_clear(struct frame *f);

static inline struct rect frame_rect(const struct frame *f)
{
    return (struct rect){0, 0, f->rows, f->cols};
}

void frame_put(struct frame *f, int row, int col, uint32_t ch, enum style style);
void frame_fill(struct frame *f, struct rect r, uint32_t ch, enum style style);

/* Writes UTF-8 text, at most `width` columns; returns the column behind it. */
int frame_text(struct frame *f, int row, int col, int width, enum style style, const char *text);
int frame_printf(struct frame *f, int row, int col, int width, enum style style, const char *fmt,
                 ...) __attribute__((format(printf, 6, 7)));
/* Right-aligned so that the text ends before column col + width; cut at the left
 * with an ellipsis when it is too long. */
void frame_right(struct frame *f, int row, int col, int width, enum style style, const char *text);
/* For paths, which differ in their ends: text that does not fit loses its middle, which an
 * ellipsis stands for.  Returns the column behind the text. */
int frame_middle(struct frame *f, int row, int col, int width, enum style style, const char *text);
/* Like frame_text; text that does not fit ends in an ellipsis (`~` in ASCII). */
int frame_ellipsis(struct frame *f, int row, int col, int width, enum style style,
                   const char *text);
/* A horizontal bar, part 0..1 of width columns. */
void frame_bar(struct frame *f, int row, int col, int width, double part, enum charset chars);

int frame_width(const char *text); /* columns that UTF-8 text takes */

/* The frame as UTF-8 text, a line per row, trailing blanks cut; the caller frees. */
char *frame_dump(const struct frame *f);

#endif
