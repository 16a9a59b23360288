/* SPDX-License-Identifier: MIT */
/* unescape.h - a text with an encoding taken off, and where in the text each byte was.
 *
 * For looking into what a target wrote back: nothing is refused, what is not encoded stays
 * as it is, and every reading is tried, as nobody says which one is meant.  Pure; any
 * thread. */
#ifndef RAMPTOP_SCRIPT_UNESCAPE_H
#define RAMPTOP_SCRIPT_UNESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Byte i came from the bytes [from[i], to[i]) of the text. */
struct decoded {
    char *bytes;
    uint32_t *from, *to;
    size_t n;
};

/* All functions that fill `out` take it as it comes; the caller finishes it. */
void decoded_finish(struct decoded *d);

/* The text as it is. */
void decode_text(struct decoded *out, const char *text, size_t len);

/* Without what does not show: blanks and line breaks, control characters, what has no width,
 * combining marks.  Bytes that are not UTF-8 go too, or with `latin` are characters of
 * ISO 8859-1.  True when there were such bytes. */
bool decode_squeezed(struct decoded *out, const struct decoded *in, bool latin);

enum escape {
    ESCAPE_PERCENT = 1,   /* %41 %u0041; alone: + is a blank */
    ESCAPE_BACKSLASH = 2, /* JSON, JavaScript, C, Go, Python: \n \/ \u0041 \u{41} \x41 \101 */
    ESCAPE_ENTITY = 4,    /* HTML: &amp; &#38; &#x26; */
    ESCAPE_QUOTED = 8,    /* quoted-printable: =41, and = at the end of a line */
    ESCAPE_PLUS = 16,     /* only seen, never asked for: there is a + */
};

/* Undoes a level of escapes of these kinds; one that the end of the text cut is dropped.
 * Returns the kinds that there were. */
unsigned decode_escapes(struct decoded *out, const struct decoded *in, unsigned kinds);

/* Each of these reads runs of digits from the run's digit number `offset` on, as what stands
 * before may be digits too; between two runs stands a |.  False: there is no run. */
bool decode_base64(struct decoded *out, const struct decoded *in, size_t offset); /* 0..3 */
bool decode_hex(struct decoded *out, const struct decoded *in, size_t offset);    /* 0..1 */
/* Numbers up to 255 with commas between: how bytes are printed. */
bool decode_numbers(struct decoded *out, const struct decoded *in);
/* UTF-8 that was taken for ISO 8859-1 and encoded once more. */
bool decode_twice(struct decoded *out, const struct decoded *in);

#endif
