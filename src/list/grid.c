/* SPDX-License-Identifier: MIT */
#include "src/list/grid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/width.h"

#define CELL_MAX 1024

void grid_cell(struct grid *g, const char *fmt, ...)
{
    char raw[CELL_MAX], text[CELL_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(raw, sizeof raw, fmt, ap);
    va_end(ap);
    clean_text(text, sizeof text, raw, strlen(raw)); /* a cell is one line, and has a width */
    g->cells = mem_room(g->cells, g->n, sizeof *g->cells);
    g->cells[g->n++] = mem_strdup(text);
}

static void blanks(struct buf *out, size_t n)
{
    while (n-- > 0)
        buf_char(out, ' ');
}

static void print_row(const struct grid *g, char *const *row, const size_t *widths, struct buf *out)
{
    size_t columns = strlen(g->align), pending = 0;
    for (size_t i = 0; i < columns; i++) {
        size_t pad = widths[i] - width_text(row[i]);
        if (*row[i] == '\0') {
            pending += widths[i] + 2;
            continue;
        }
        blanks(out, pending + (g->align[i] == 'r' ? pad : 0));
        buf_text(out, row[i]);
        pending = 2 + (g->align[i] == 'r' ? 0 : pad);
    }
    buf_char(out, '\n');
}

void grid_print(struct grid *g, struct buf *out)
{
    size_t columns = strlen(g->align);
    size_t *widths = mem_array(columns, sizeof *widths);
    while (g->n % columns != 0)
        grid_cell(g, "%s", "");
    for (size_t i = 0; i < g->n; i++) {
        size_t width = width_text(g->cells[i]);
        if (width > widths[i % columns])
            widths[i % columns] = width;
    }
    for (size_t i = 0; i < g->n; i += columns)
        print_row(g, g->cells + i, widths, out);
    for (size_t i = 0; i < g->n; i++)
        free(g->cells[i]);
    free(g->cells);
    free(widths);
    g->cells = NULL;
    g->n = 0;
}
