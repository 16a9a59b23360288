/* SPDX-License-Identifier: MIT */
/* number.h - numbers as they stand in texts: 7, -0.5, 1e9.  Nothing else is one (no hex,
 * no +, no blanks, no words). */
#ifndef RAMPTOP_SCRIPT_NUMBER_H
#define RAMPTOP_SCRIPT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

bool number_is(const char *text, size_t len);
bool number_is_zero(const char *text, size_t len);

/* False unless both are numbers; *order < 0, 0, > 0 as a is less, equal, greater.  Whole
 * numbers compare exactly whatever their length, so that two long ids never look equal. */
bool number_compare(const char *a, size_t a_len, const char *b, size_t b_len, int *order);

#endif
