/* SPDX-License-Identifier: MIT */
#include "ui/chart.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "src/base/mem.h"

struct canvas {
    int cell_rows, cell_cols;
    int dot_rows, dot_cols; /* per cell */
    uint16_t *dots;         /* a bit per dot of each cell: row * dot_cols + column */
    uint8_t *styles;
};

int chart_dots(enum charset chars)
{
    return chars == CHARS_BRAILLE ? 2 : 1;
}

static int dot_rows(enum charset chars)
{
    return chars == CHARS_BRAILLE ? 4 : 2;
}

/* Dot coordinates from the left and from the bottom. */
static void set_dot(struct canvas *k, int x, int y, enum style style)
{
    int row = k->cell_rows - 1 - y / k->dot_rows;
    size_t cell = (size_t)row * (size_t)k->cell_cols + (size_t)(x / k->dot_cols);
    int from_top = k->dot_rows - 1 - y % k->dot_rows;
    k->dots[cell] |= (uint16_t)(1u << (from_top * k->dot_cols + x % k->dot_cols));
    k->styles[cell] = (uint8_t)style;
}

static int dot_of(double v, double max, int height)
{
    if (!(v > 0))
        return 0;
    return v >= max ? height - 1 : (int)lround(v / max * (height - 1));
}

static void chart_draw_series(struct canvas *k, const struct chart_series *s, double max)
{
    int width = k->cell_cols * k->dot_cols, height = k->cell_rows * k->dot_rows;
    bool joined = false;
    int last = 0;

    if (s->max > 0)
        max = s->max;
    for (int x = 0; x < width; x++) {
        int back = width - x; /* the newest value is at the right edge */
        if ((size_t)back > s->n || isnan(s->y[s->n - (size_t)back])) {
            joined = false;
            continue;
        }
        int y = dot_of(s->y[s->n - (size_t)back], max, height);
        int from = joined && last < y ? last + 1 : joined && last > y ? last - 1 : y;
        for (int i = from < y ? from : y; i <= (from < y ? y : from); i++)
            set_dot(k, x, i, s->style);
        last = y;
        joined = true;
    }
}

static void draw_limit(struct frame *f, const struct chart *c, const struct canvas *k)
{
    if (!(c->limit > 0) || c->limit > c->max)
        return;
    int y = dot_of(c->limit, c->max, k->cell_rows * k->dot_rows);
    int row = k->cell_rows - 1 - y / k->dot_rows;
    static const uint32_t dashes[] = {0x28c0, 0x2824, 0x2812, 0x2809};
    uint32_t ch = c->chars == CHARS_BRAILLE ? dashes[y % 4]
                  : c->chars == CHARS_BLOCK ? 0x2500
                                            : '-';

    for (int col = 0; col < k->cell_cols; col += 2) {
        if (k->dots[row * k->cell_cols + col] == 0)
            frame_put(f, c->area.row + row, c->area.col + col, ch, STYLE_WARN);
    }
}

static uint32_t glyph(unsigned dots, enum charset chars)
{
    static const uint8_t braille[8] = {0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80};
    static const uint32_t blocks[4] = {' ', 0x2580, 0x2584, 0x2588};
    static const char ascii[4] = {' ', '\'', '.', ':'};
    if (chars == CHARS_BLOCK)
        return blocks[dots & 3];
    if (chars == CHARS_ASCII)
        return (unsigned char)ascii[dots & 3];
    uint32_t ch = 0x2800;
    for (int i = 0; i < 8; i++) {
        if (dots & (1u << i))
            ch |= braille[i];
    }
    return ch;
}

void chart_draw(struct frame *f, const struct chart *c)
{
    if (c->area.rows <= 0 || c->area.cols <= 0 || !(c->max > 0))
        return;
    struct canvas k = {.cell_rows = c->area.rows,
                       .cell_cols = c->area.cols,
                       .dot_rows = dot_rows(c->chars),
                       .dot_cols = chart_dots(c->chars)};
    size_t cells = (size_t)k.cell_rows * (size_t)k.cell_cols;
    k.dots = mem_array(cells, sizeof *k.dots);
    k.styles = mem_array(cells, sizeof *k.styles);

    for (size_t i = 0; i < c->n_series; i++)
        chart_draw_series(&k, &c->series[i], c->max);
    draw_limit(f, c, &k);
    for (size_t i = 0; i < cells; i++) {
        if (k.dots[i] != 0)
            frame_put(f, c->area.row + (int)i / k.cell_cols, c->area.col + (int)i % k.cell_cols,
                      glyph(k.dots[i], c->chars), k.styles[i]);
    }
    free(k.dots);
    free(k.styles);
}

double chart_nice(double v)
{
    static const double steps[] = {1, 1.5, 2, 3, 4, 5, 6, 8, 10};
    if (!(v > 1))
        return 1;
    if (!(v < 1e18))
        return 1e18;
    double unit = 1;
    while (unit * 10 < v)
        unit *= 10;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (steps[i] * unit >= v && (unit > 1 || steps[i] != 1.5))
            return steps[i] * unit;
    }
    return 10 * unit;
}

double chart_nice_us(double us)
{
    static const double seconds[] = {1,  1.5, 2,  3,   4,   5,   6,   8,   10,   15,   20,   30,
                                     45, 60,  90, 120, 180, 300, 600, 900, 1200, 1800, 2700, 3600};
    if (!(us > 1000))
        return 1000;
    if (us <= 1e6) {
        double ms = us / 1000 <= 1.5 && us > 1000 ? 1.5 : chart_nice(us / 1000);
        return ms * 1000;
    }
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        if (seconds[i] * 1e6 >= us)
            return seconds[i] * 1e6;
    }
    return chart_nice(us / 3.6e9) * 3.6e9;
}

void chart_spark(struct frame *f, int row, int col, int width, const double *y, size_t n,
                 double max, enum style style, enum charset chars)
{
    static const char ascii[8] = {'_', '.', ':', '-', '=', '+', '*', '#'};
    for (int i = 0; i < width; i++) {
        size_t back = (size_t)(width - i);
        if (back > n || isnan(y[n - back]))
            continue;
        int step = dot_of(y[n - back], max > 0 ? max : 1, 8);
        frame_put(f, row, col + i,
                  chars == CHARS_ASCII ? (uint32_t)ascii[step] : 0x2581 + (uint32_t)step, style);
    }
}
