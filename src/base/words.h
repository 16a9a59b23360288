/* SPDX-License-Identifier: MIT */
/* words.h - a text among the words of a list, which is ended by NULL. */
#ifndef RAMPTOP_BASE_WORDS_H
#define RAMPTOP_BASE_WORDS_H

#include <stdbool.h>

/* Whether the text is one of the words; whether it begins with one. */
bool words_have(const char *const *words, const char *text);
bool words_begin(const char *const *words, const char *text);

/* The word that is nearest to text.  About a third of
 * its letters may be wrong, missing, too many or swapped with their neighbour; case
 * does not count.  NULL if none is near. */
const char *words_nearest(const char *text, const char *const *words);

#endif
