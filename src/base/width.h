/* SPDX-License-Identifier: MIT */
/* width.h - the columns that text takes on a terminal, and text made to fit into some.
 *
 * East Asian characters and emoji take two columns, combining marks none.  The locale's word
 * counts where it knows such characters, as the terminal library goes by it; elsewhere a table
 * made of Unicode 14 does.  The one place that knows: bytes, characters and columns are three
 * things.  Thread-safe. */
#ifndef RAMPTOP_BASE_WIDTH_H
#define RAMPTOP_BASE_WIDTH_H

#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"

/* 0, 1 or 2 columns; -1 for what must not reach a terminal: controls, what is no character. */
int width_char(uint32_t cp);

/* Returns the columns of a UTF-8 text; a byte that is not UTF-8, and a character that must not
 * reach a terminal, is one column. */
size_t width_text(const char *text);

/* How many bytes of the text fit into that many columns: whole characters, with the marks on
 * them. */
size_t width_fit(const char *text, size_t columns);

/* Appends the text in exactly that many columns: padded, or cut with "...". */
void width_cell(struct buf *out, const char *text, size_t columns);

#endif
