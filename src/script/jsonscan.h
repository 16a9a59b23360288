/* SPDX-License-Identifier: MIT */
/* jsonscan.h - over a JSON text without a tree: where the value that begins here ends.
 *
 * Made for hostile text: never reads at or behind `end`, no recursion, no memory, a time
 * that grows with its length.  Strings and brackets are found many bytes at a time.  What is
 * skipped is not checked beyond closed strings and balanced brackets. */
#ifndef RAMPTOP_SCRIPT_JSONSCAN_H
#define RAMPTOP_SCRIPT_JSONSCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define JSON_DEPTH_MAX 256

/* Behind the blanks; end when nothing else comes. */
static inline const char *json_blank(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

#define JSON_EACH_BYTE UINT64_C(0x0101010101010101)
#define JSON_HIGH_BITS (JSON_EACH_BYTE * 0x80)

static inline uint64_t json_word(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* The high bit of each byte of word that is c.  Bytes above the lowest hit may be marked
 * wrongly: only the lowest counts. */
static inline uint64_t json_bytes_equal(uint64_t word, unsigned char c)
{
    uint64_t x = word ^ (JSON_EACH_BYTE * c);
    return (x - JSON_EACH_BYTE) & ~x & JSON_HIGH_BITS;
}

static inline size_t json_lowest(uint64_t hits)
{
    return (size_t)__builtin_ctzll(hits) / 8;
}

const char *json_string_end_far(const char *at, const char *end, bool *escaped);

/* at is behind the opening quote: the closing one, or NULL.  Most strings are short and
 * plain: those end here. */
static inline const char *json_string_end(const char *at, const char *end, bool *escaped)
{
    *escaped = false;
    if (end - at >= 8) {
        uint64_t word = json_word(at);
        uint64_t hits = json_bytes_equal(word, '"') | json_bytes_equal(word, '\\');
        if (hits != 0 && at[json_lowest(hits)] == '"')
            return at + json_lowest(hits);
    }
    return json_string_end_far(at, end, escaped);
}

/* Behind the array or object around `at`; depth: how many brackets are open around it (1:
 * the nearest closes it).  NULL when it does not end or is nested too deep. */
const char *json_close(const char *at, const char *end, unsigned depth);

/* Behind the value that begins at `at`; NULL when there is none or it does not end.  A
 * number at the very end may have been cut: the caller knows whether it lies in something. */
const char *json_value_end(const char *at, const char *end);

/* at stands on a [: how many elements; -1 when it does not end. */
int64_t json_count(const char *at, const char *end);

/* s stands on a backslash: what the escape means as UTF-8 (half a surrogate pair is
 * U+FFFD).  Returns the bytes it takes in the text, 0 when it is no escape. */
size_t json_unescape(const char *s, size_t len, char out[4], size_t *out_len);

#endif
