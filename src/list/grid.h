/* SPDX-License-Identifier: MIT */
/* grid.h - a table of texts for a terminal or a file: each column as wide as its widest
 * cell, two blanks between, nothing behind the last. */
#ifndef RAMPTOP_LIST_GRID_H
#define RAMPTOP_LIST_GRID_H

#include <stddef.h>

#include "src/base/buf.h"

struct grid {
    const char *align; /* a letter per column: 'l' or 'r' */
    char **cells;      /* owned */
    size_t n;
};

void grid_cell(struct grid *g, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Appends the table to out and empties it.  Rows that are not full are filled up. */
void grid_print(struct grid *g, struct buf *out);

#endif
