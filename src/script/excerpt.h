/* SPDX-License-Identifier: MIT */
/* excerpt.h - the beginning of a text from outside, for a sentence about it. */
#ifndef RAMPTOP_SCRIPT_EXCERPT_H
#define RAMPTOP_SCRIPT_EXCERPT_H

#include <stddef.h>

#define EXCERPT_MAX 96

/* Writes at most EXCERPT_MAX bytes with the final NUL and returns out: the text, or its
 * beginning and "...".  NULs become blanks and no character is cut; otherwise it is not
 * cleaned: whoever shows it cleans it. */
const char *excerpt(char out[EXCERPT_MAX], const char *text, size_t len);

#endif
