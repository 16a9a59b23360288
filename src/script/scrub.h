/* SPDX-License-Identifier: MIT */
/* scrub.h - a target may write back what it was sent: this overwrites it.
 *
 * The text is read as it is and with encodings taken off, in up to three layers: percent,
 * backslash (JSON, C, Python) and HTML escapes in any spelling, base64 of both alphabets
 * wherever its groups begin; and where only escapes are around them quoted-printable,
 * hexadecimal digits, bytes printed as numbers and UTF-8 encoded twice.  What does not show (blanks, line breaks, controls, characters of no
 * width, combining marks) and the case of ASCII letters do not count.
 *
 * A piece of a secret counts too: 8 bytes of it anywhere, its first 4 at the end of the text
 * or before "...", its last 6 at the beginning of the text or behind "...".  So the text may
 * be cut before, but not cleaned. */
#ifndef RAMPTOP_SCRIPT_SCRUB_H
#define RAMPTOP_SCRIPT_SCRUB_H

#include <stddef.h>

#include "src/script/secret.h"

/* Overwrites with `*` every byte of text (of less than 4 GiB) that tells one of a secret.
 * Secrets of fewer than 4 bytes are left: they would eat every text.  A text with so many
 * readings that the work would be more than a fixed multiple of its length is overwritten as
 * a whole.  Cost: O(text + secrets) for each reading, of which a text has 10 or so: for
 * failed requests only.  Any thread. */
void secrets_scrub(const struct secrets *all, char *text, size_t len);

#endif
