/* SPDX-License-Identifier: MIT */
#include "src/demo/gzip.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

#define HASH_BITS 13
#define WINDOW 32768u
#define MATCH_MIN 3u
#define MATCH_MAX 258u

struct bits {
    struct buf *out;
    uint32_t held;
    unsigned n;
};

static void put(struct bits *b, uint32_t value, unsigned n)
{
    b->held |= value << b->n;
    b->n += n;
    while (b->n >= 8) {
        buf_char(b->out, (char)(b->held & 0xff));
        b->held >>= 8;
        b->n -= 8;
    }
}

/* Huffman codes go out from their highest bit on. */
static void put_code(struct bits *b, uint32_t code, unsigned n)
{
    uint32_t turned = 0;
    for (unsigned i = 0; i < n; i++)
        turned |= ((code >> i) & 1) << (n - 1 - i);
    put(b, turned, n);
}

/* A literal, the end, or a length, by the fixed code of RFC 1951, 3.2.6. */
static void put_symbol(struct bits *b, unsigned symbol)
{
    if (symbol < 144)
        put_code(b, 0x30 + symbol, 8);
    else if (symbol < 256)
        put_code(b, 0x190 + symbol - 144, 9);
    else if (symbol < 280)
        put_code(b, symbol - 256, 7);
    else
        put_code(b, 0xc0 + symbol - 280, 8);
}

static void put_length(struct bits *b, unsigned len)
{
    static const unsigned short base[] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                          15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                          67, 83, 99, 115, 131, 163, 195, 227, 258};
    static const unsigned char extra[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                          2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    unsigned i = sizeof extra - 1;
    while (base[i] > len)
        i--;
    put_symbol(b, 257 + i);
    put(b, len - base[i], extra[i]);
}

static void put_distance(struct bits *b, unsigned distance)
{
    /* Codes 2i and 2i+1 have i-1 more bits. */
    unsigned code = distance - 1, extra = 0;
    if (code >= 4) {
        unsigned top = 31 - (unsigned)__builtin_clz(code);
        extra = top - 1;
        unsigned low = code & ((1u << extra) - 1);
        put_code(b, 2 * top + ((code >> extra) & 1), 5);
        put(b, low, extra);
        return;
    }
    put_code(b, code, 5);
}

static unsigned hash3(const unsigned char *p)
{
    uint32_t v = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
    return (v * 2654435761u) >> (32 - HASH_BITS);
}

static size_t match_length(const unsigned char *a, const unsigned char *b, size_t max)
{
    size_t n = 0;
    while (n < max && a[n] == b[n])
        n++;
    return n;
}

static void deflate(struct bits *b, const unsigned char *data, size_t len)
{
    uint32_t *last = mem_array((size_t)1 << HASH_BITS, sizeof *last); /* place + 1 */
    put(b, 1, 1);                                                     /* the last block */
    put(b, 1, 2);                                                     /* of fixed codes */
    for (size_t at = 0; at < len;) {
        size_t found = 0, from = 0;
        if (at + MATCH_MIN <= len) {
            uint32_t *place = &last[hash3(data + at)];
            from = *place;
            *place = (uint32_t)at + 1;
            size_t left = len - at;
            if (from > 0 && at - (from - 1) <= WINDOW)
                found =
                    match_length(data + from - 1, data + at, left < MATCH_MAX ? left : MATCH_MAX);
        }
        if (found >= MATCH_MIN) {
            put_length(b, (unsigned)found);
            put_distance(b, (unsigned)(at - (from - 1)));
            at += found;
        } else {
            put_symbol(b, data[at++]);
        }
    }
    put_symbol(b, 256);
    put(b, 0, (8 - b->n) % 8);
    free(last);
}

static uint32_t crc32_of(const unsigned char *data, size_t len)
{
    static uint32_t table[256]; /* one thread, the demo's */
    if (table[1] == 0) {
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int k = 0; k < 8; k++)
                c = (c & 1) != 0 ? 0xedb88320u ^ (c >> 1) : c >> 1;
            table[i] = c;
        }
    }
    uint32_t c = 0xffffffffu;
    for (size_t i = 0; i < len; i++)
        c = table[(c ^ data[i]) & 0xff] ^ (c >> 8);
    return ~c;
}

static void put_word(struct buf *out, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        buf_char(out, (char)(v >> (8 * i)));
}

void gzip_pack(const char *data, size_t len, struct buf *out)
{
    static const char head[] = {0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 0, (char)0xff};
    struct bits b = {.out = out};
    buf_add(out, head, sizeof head);
    deflate(&b, (const unsigned char *)data, len);
    put_word(out, crc32_of((const unsigned char *)data, len));
    put_word(out, (uint32_t)len);
}
