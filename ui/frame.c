/* SPDX-License-Identifier: MIT */
#include "ui/frame.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/width.h"

#define REPLACEMENT 0xfffd
#define ELLIPSIS 0x2026
#define FRAME_SIDE_MAX 4096 /* no terminal is larger; keeps rows * cols within an int */

static int clamp_side(int n)
{
    return n < 0 ? 0 : n > FRAME_SIDE_MAX ? FRAME_SIDE_MAX : n;
}

void frame_init(struct frame *f, int rows, int cols)
{
    *f = (struct frame){0};
    frame_resize(f, rows, cols);
}

void frame_finish(struct frame *f)
{
    free(f->cells);
    *f = (struct frame){0};
}

void frame_resize(struct frame *f, int rows, int cols)
{
    f->rows = clamp_side(rows);
    f->cols = clamp_side(cols);
    free(f->cells);
    f->cells = mem_array((size_t)f->rows * (size_t)f->cols + 1, sizeof *f->cells);
    frame_clear(f);
}

void frame_clear(struct frame *f)
{
    size_t n = (size_t)f->rows * (size_t)f->cols;
    for (size_t i = 0; i < n; i++)
        f->cells[i] = (struct cell){' ', STYLE_NORMAL};
}

/* Returns the ASCII sign for a glyph that the views draw with.  Letters are left
 * alone: whether those can be shown is the locale's matter, not the font's. */
static uint32_t ascii_glyph(uint32_t c)
{
    static const struct {
        uint16_t from;
        char to;
    } glyphs[] = {
        {0x00b7, '.'}, {0x00b1, '~'}, {0x00d7, 'x'}, {0x2013, '-'}, {0x2014, '-'}, {0x2022, '*'},
        {0x2026, '~'}, {0x2190, '<'}, {0x2191, '^'}, {0x2192, '>'}, {0x2193, 'v'}, {0x2264, '<'},
        {0x2265, '>'}, {0x25b2, '^'}, {0x25b6, '>'}, {0x25b8, '>'}, {0x25bc, 'v'}, {0x25c0, '<'},
        {0x25cb, 'o'}, {0x25cf, '*'}, {0x2713, '+'}, {0x2717, 'x'}, {0xfffd, '?'},
    };

    if (c < 0x80)
        return c;
    if (c == 0x2502 || c == 0x2503 || c == 0x2506 || c == 0x250a || c == 0x2524 || c == 0x251c)
        return '|';
    if (c >= 0x2500 && c <= 0x250b)
        return '-';
    if (c >= 0x250c && c <= 0x257f)
        return '+';
    if (c >= 0x2591 && c <= 0x2593)
        return '.';
    if ((c >= 0x2580 && c <= 0x259f) || (c > 0x2800 && c <= 0x28ff))
        return '#';
    for (size_t i = 0; i < sizeof glyphs / sizeof *glyphs; i++) {
        if (glyphs[i].from == c)
            return (unsigned char)glyphs[i].to;
    }
    return c;
}

/* Half of a wide character alone cannot be shown: its other half becomes a blank. */
static void break_wide(struct frame *f, int row, int col)
{
    struct cell *line = f->cells + (size_t)row * (size_t)f->cols;
    if (line[col].ch == 0 && col > 0)
        line[col - 1].ch = ' ';
    if (col + 1 < f->cols && line[col + 1].ch == 0)
        line[col + 1].ch = ' ';
}

/* Puts ch, whose width is known, and returns its columns. */
static int frame_set_cell(struct frame *f, int row, int col, uint32_t ch, int width,
                          enum style style)
{
    if (row < 0 || row >= f->rows || col + width <= 0 || col >= f->cols)
        return width;
    if (col < 0 || col + width > f->cols) { /* cut through a wide character */
        int seen = col < 0 ? 0 : col;
        break_wide(f, row, seen);
        f->cells[row * f->cols + seen] = (struct cell){' ', (uint8_t)style};
        return width;
    }
    for (int i = 0; i < width; i++) {
        break_wide(f, row, col + i);
        f->cells[row * f->cols + col + i] = (struct cell){i == 0 ? ch : 0, (uint8_t)style};
    }
    return width;
}

/* The character to show for c, and its width: 0 for nothing. */
static uint32_t presentable(const struct frame *f, uint32_t c, int *width)
{
    *width = width_char(c);
    if (*width < 0) {
        c = REPLACEMENT;
        *width = 1;
    }
    return f->chars == CHARS_ASCII ? ascii_glyph(c) : c;
}

void frame_put(struct frame *f, int row, int col, uint32_t ch, enum style style)
{
    int width;
    ch = presentable(f, ch, &width);
    if (width > 0)
        frame_set_cell(f, row, col, ch, width, style);
}

void frame_fill(struct frame *f, struct rect r, uint32_t ch, enum style style)
{
    for (int row = r.row < 0 ? 0 : r.row; row < r.row + r.rows && row < f->rows; row++) {
        for (int col = r.col < 0 ? 0 : r.col; col < r.col + r.cols && col < f->cols; col++)
            frame_put(f, row, col, ch, style);
    }
}

/* Next character of NUL-terminated text; a byte that is not UTF-8 is one U+FFFD. */
static uint32_t next_char(const char **text)
{
    uint32_t c;
    size_t n = clean_decode(*text, strnlen(*text, 4), &c);
    if (n == 0) {
        c = REPLACEMENT;
        n = 1;
    }
    *text += n;
    return c;
}

int frame_text(struct frame *f, int row, int col, int width, enum style style, const char *text)
{
    int end = col + (width < 0 ? 0 : width);
    while (*text != '\0' && col < end) {
        int w;
        uint32_t c = presentable(f, next_char(&text), &w);
        if (col + w > end)
            break;
        if (w > 0)
            col += frame_set_cell(f, row, col, c, w, style);
    }
    return col;
}

int frame_printf(struct frame *f, int row, int col, int width, enum style style, const char *fmt,
                 ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return frame_text(f, row, col, width, style, text);
}

void frame_right(struct frame *f, int row, int col, int width, enum style style, const char *text)
{
    int need = frame_width(text);
    if (need <= width) {
        frame_text(f, row, col + width - need, need, style, text);
        return;
    }
    if (width <= 0)
        return;
    while (need > width - 1 && *text != '\0') {
        int w;
        presentable(f, next_char(&text), &w);
        need -= w;
    }
    frame_put(f, row, col + width - 1 - need, ELLIPSIS, style);
    frame_text(f, row, col + width - need, need, style, text);
}

int frame_ellipsis(struct frame *f, int row, int col, int width, enum style style, const char *text)
{
    if (frame_width(text) <= width)
        return frame_text(f, row, col, width, style, text);
    if (width <= 0)
        return col;
    int end = frame_text(f, row, col, width - 1, style, text);
    frame_put(f, row, end, ELLIPSIS, style);
    return end + 1;
}

int frame_middle(struct frame *f, int row, int col, int width, enum style style, const char *text)
{
    if (width <= 0 || frame_width(text) <= width)
        return frame_text(f, row, col, width, style, text);
    int end = frame_text(f, row, col, width / 2, style, text);
    frame_right(f, row, end, col + width - end, style, text); /* with the ellipsis */
    return col + width;
}

void frame_bar(struct frame *f, int row, int col, int width, double part, enum charset chars)
{
    static const uint32_t eighths[] = {0, 0x258f, 0x258e, 0x258d, 0x258c, 0x258b, 0x258a, 0x2589};
    part = part > 0 ? (part < 1 ? part : 1) : 0; /* NaN is 0 */
    int steps = (int)(part * width * 8 + 0.5);
    if (part > 0 && steps == 0)
        steps = 1;
    for (int i = 0; i < width; i++) {
        int full = steps - i * 8;
        if (chars == CHARS_ASCII)
            frame_put(f, row, col + i, full >= 4 ? '#' : '.',
                      full >= 4 ? STYLE_BAR : STYLE_BAR_REST);
        else if (full >= 8)
            frame_put(f, row, col + i, 0x2588, STYLE_BAR);
        else if (full > 0)
            frame_put(f, row, col + i, eighths[full], STYLE_BAR);
        else
            frame_put(f, row, col + i, 0x2591, STYLE_BAR_REST);
    }
}

int frame_width(const char *text)
{
    return (int)width_text(text);
}

char *frame_dump(const struct frame *f)
{
    char *out = mem_zalloc((size_t)f->rows * ((size_t)f->cols * 4 + 1) + 1);
    size_t len = 0;
    for (int row = 0; row < f->rows; row++) {
        size_t end = len; /* behind the last character that is not blank */
        for (int col = 0; col < f->cols; col++) {
            uint32_t c = f->cells[row * f->cols + col].ch;
            if (c == 0)
                continue;
            len += clean_encode(c, out + len);
            if (c != ' ')
                end = len;
        }
        len = end;
        out[len++] = '\n';
    }
    out[len] = '\0';
    return out;
}
