/* SPDX-License-Identifier: MIT */
/* words.h - the word somebody may have meant. */
#ifndef RAMPTOP_PROFILE_WORDS_H
#define RAMPTOP_PROFILE_WORDS_H

/* The word of the list (ended by NULL) that is nearest to text.  About a third of
 * its letters may be wrong, missing, too many or swapped with their neighbour; case
 * does not count.  NULL if none is near. */
const char *words_nearest(const char *text, const char *const *words);

#endif
