/* SPDX-License-Identifier: MIT */
/* clean.h - makes text from outside safe to show and to store.
 *
 * Text from a target, a profile or a file name is cleaned once, where it enters,
 * and every output (screen, stderr, CSV, JSON) reads the stored, clean form.
 * Clean means: valid UTF-8; no C0, DEL or C1 control; no bidirectional controls
 * (U+200E, U+200F, U+202A..U+202E, U+2066..U+2069); nothing of zero width
 * (U+200B..U+200D, U+2060, U+FEFF); at most one combining mark per base
 * character; line breaks and tabs become one blank.  Bytes that are not UTF-8
 * become U+FFFD. */
#ifndef RAMPTOP_BASE_CLEAN_H
#define RAMPTOP_BASE_CLEAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Cleans len bytes of src into dst, at most size bytes with the final NUL, never
 * cutting a character in half.  src may hold NULs and must not overlap dst.
 * Returns the length written. */
size_t clean_text(char *dst, size_t size, const char *src, size_t len);

/* Cleans a text of several lines: its line feeds stay, all else is as clean_text makes it.
 * The caller frees the result. */
char *clean_lines(const char *text);

/* How long the byte order mark is with which some editors and servers begin a text, and which
 * nobody sees: 3 bytes, or 0 where there is none. */
size_t clean_mark_len(const char *text, size_t len);

/* Whether a reader sees that character as one of its own: no control, nothing of zero width,
 * no mark that joins the character before it. */
bool clean_shows(uint32_t c);

/* Decodes one UTF-8 character.  Returns its length (1..4), or 0 for a malformed
 * or unfinished sequence, an overlong form or a surrogate.  *cp is set on success. */
size_t clean_decode(const char *src, size_t len, uint32_t *cp);

/* Writes cp as UTF-8 to out (room for 4 bytes), returns its length. */
size_t clean_encode(uint32_t cp, char *out);

#endif
