/* SPDX-License-Identifier: MIT */
/* wire.h - numbers and texts as bytes for files and connections, and back.
 *
 * A number is LEB128: seven bits a byte, the lowest first, the top bit set on all bytes but the
 * last.  A part is its length as a number and that many bytes; a reader that does not know a
 * part steps over it.
 *
 * Reading trusts nothing: a `struct wire` stays within its bytes, and what does not fit makes it
 * `broken` for good; from then on every number is 0 and every part empty, so a reader may look
 * at `broken` once at the end.  Plain data; one thread at a time. */
#ifndef RAMPTOP_BASE_WIRE_H
#define RAMPTOP_BASE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"

#define WIRE_NUMBER_MAX 10 /* bytes of a number */

/* Writes n to p, which has room for WIRE_NUMBER_MAX; returns the byte behind it. */
static inline uint8_t *wire_write(uint8_t *p, uint64_t n)
{
    while (n >= 0x80) {
        *p++ = (uint8_t)(n | 0x80);
        n >>= 7;
    }
    *p++ = (uint8_t)n;
    return p;
}

void wire_put(struct buf *b, uint64_t n);
void wire_put_part(struct buf *b, const void *data, size_t len);

struct wire {
    const uint8_t *at, *end;
    bool broken;
};

struct wire wire_of(const void *data, size_t len); /* borrows the bytes */
void wire_break(struct wire *w);                   /* the bytes make no sense */
bool wire_more(const struct wire *w);              /* bytes are left, and all was well so far */
uint64_t wire_take(struct wire *w);
/* The same for numbers that must not be larger: broken, and 0, otherwise. */
uint64_t wire_take_upto(struct wire *w, uint64_t max);
struct wire wire_take_part(struct wire *w); /* borrows from w's bytes */
/* The bytes of a part; NULL when broken. */
const uint8_t *wire_take_bytes(struct wire *w, size_t len);

#endif
