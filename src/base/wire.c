/* SPDX-License-Identifier: MIT */
#include "src/base/wire.h"

void wire_put(struct buf *b, uint64_t n)
{
    uint8_t bytes[WIRE_NUMBER_MAX];
    buf_add(b, bytes, (size_t)(wire_write(bytes, n) - bytes));
}

void wire_put_part(struct buf *b, const void *data, size_t len)
{
    wire_put(b, len);
    buf_add(b, data, len);
}

struct wire wire_of(const void *data, size_t len)
{
    const uint8_t *at = data;
    return (struct wire){.at = at, .end = len > 0 ? at + len : at};
}

bool wire_more(const struct wire *w)
{
    return !w->broken && w->at < w->end;
}

void wire_break(struct wire *w)
{
    w->broken = true;
    w->at = w->end;
}

uint64_t wire_take(struct wire *w)
{
    uint64_t n = 0;
    for (unsigned shift = 0; w->at < w->end && shift < 64; shift += 7) {
        uint8_t byte = *w->at++;
        if (shift == 63 && byte > 1)
            break;
        n |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            return n;
    }
    wire_break(w);
    return 0;
}

uint64_t wire_take_upto(struct wire *w, uint64_t max)
{
    uint64_t n = wire_take(w);
    if (n <= max)
        return n;
    wire_break(w);
    return 0;
}

const uint8_t *wire_take_bytes(struct wire *w, size_t len)
{
    const uint8_t *at = w->at;
    if (w->broken || len > (size_t)(w->end - at)) {
        wire_break(w);
        return NULL;
    }
    w->at = len > 0 ? at + len : at; /* without bytes at may be NULL */
    return at;
}

struct wire wire_take_part(struct wire *w)
{
    uint64_t len = wire_take(w);
    const uint8_t *at = wire_take_bytes(w, len <= SIZE_MAX ? (size_t)len : SIZE_MAX);
    struct wire part = {.at = at, .end = at, .broken = at == NULL};
    if (at != NULL)
        part.end += len;
    return part;
}
