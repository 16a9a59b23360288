/* SPDX-License-Identifier: MIT */
/* lexicon.h - the words that names, addresses and sentences are made of.  Plain ASCII
 * letters only: they stand in URLs, headers and mail addresses as they are. */
#ifndef RAMPTOP_SCRIPT_LEXICON_H
#define RAMPTOP_SCRIPT_LEXICON_H

#include <stddef.h>

extern const char *const lexicon_first_names[], *const lexicon_last_names[], *const lexicon_words[];
extern const size_t lexicon_first_names_n, lexicon_last_names_n, lexicon_words_n;

#endif
