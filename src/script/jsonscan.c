/* SPDX-License-Identifier: MIT */
#include "src/script/jsonscan.h"

#include <string.h>

#include "src/base/clean.h"

#define SURROGATE 0xd800u
#define SURROGATE_LOW 0xdc00u
#define SURROGATE_END 0xe000u
#define REPLACEMENT 0xfffdu

const char *json_string_end_far(const char *at, const char *end, bool *escaped)
{
    for (;;) {
        uint64_t hits = 0;
        while (end - at >= 8) {
            uint64_t word = json_word(at);
            hits = json_bytes_equal(word, '"') | json_bytes_equal(word, '\\');
            if (hits != 0)
                break;
            at += 8;
        }
        if (hits != 0)
            at += json_lowest(hits);
        while (at < end && *at != '"' && *at != '\\')
            at++;
        if (at >= end || *at == '"')
            return at < end ? at : NULL;
        *escaped = true;
        if (end - at < 2)
            return NULL;
        at += 2;
    }
}

/* The high bit of each byte of word that is c, and of no other. */
static uint64_t all_equal(uint64_t word, unsigned char c)
{
    uint64_t x = word ^ (JSON_EACH_BYTE * c);
    return ~(((x & ~JSON_HIGH_BITS) + ~JSON_HIGH_BITS) | x) & JSON_HIGH_BITS;
}

/* Quotes, backslashes and brackets. */
static uint64_t marks_of(uint64_t word)
{
    /* [ ] { } differ in the bits 0x26 only; Y y _ and DEL look like them. */
    return all_equal(word, '"') | all_equal(word, '\\') |
           all_equal(word | JSON_EACH_BYTE * 0x26, 0x7f);
}

static uint64_t word_before(const char *at, size_t left)
{
    char padded[8] = {0};
    if (left >= 8)
        return json_word(at);
    memcpy(padded, at, left);
    return json_word(padded);
}

/* From mark to mark, eight bytes at a time, in texts as outside of them: strings are mostly
 * too short for a search of their own. */
const char *json_close(const char *at, const char *end, unsigned depth)
{
    bool inside = false; /* a string */
    size_t len = at < end ? (size_t)(end - at) : 0, from = 0;
    while (from < len) {
        size_t next = from + 8;
        uint64_t marks = marks_of(word_before(at + from, len - from));
        for (; marks != 0; marks &= marks - 1) {
            size_t here = from + json_lowest(marks);
            char c = at[here];
            if (c == '"') {
                inside = !inside;
            } else if (inside) {
                if (c != '\\')
                    continue;
                next = here + 2; /* whatever is escaped counts for nothing */
                break;
            } else if (c == '{' || c == '[') {
                if (++depth > JSON_DEPTH_MAX)
                    return NULL;
            } else if ((c == '}' || c == ']') && --depth == 0) {
                return at + here + 1;
            }
        }
        from = next;
    }
    return NULL;
}

static const char *digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

static const char *number_end(const char *at, const char *end)
{
    if (at < end && *at == '-')
        at++;
    const char *whole = at;
    at = digits(at, end);
    if (at == whole || (*whole == '0' && at - whole > 1))
        return NULL;
    if (at < end && *at == '.') {
        const char *fraction = ++at;
        at = digits(at, end);
        if (at == fraction)
            return NULL;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        const char *power = at;
        at = digits(at, end);
        if (at == power)
            return NULL;
    }
    return at;
}

static const char *word_end(const char *at, const char *end, const char *word, size_t len)
{
    return (size_t)(end - at) >= len && memcmp(at, word, len) == 0 ? at + len : NULL;
}

const char *json_value_end(const char *at, const char *end)
{
    bool escaped;
    if (at >= end)
        return NULL;
    switch (*at) {
    case '"':
        at = json_string_end(at + 1, end, &escaped);
        return at != NULL ? at + 1 : NULL;
    case '{':
    case '[':
        return json_close(at + 1, end, 1);
    case 't':
        return word_end(at, end, "true", 4);
    case 'f':
        return word_end(at, end, "false", 5);
    case 'n':
        return word_end(at, end, "null", 4);
    default:
        return number_end(at, end);
    }
}

int64_t json_count(const char *at, const char *end)
{
    int64_t n = 0;
    at = json_blank(at + 1, end);
    if (at < end && *at == ']')
        return 0;
    for (;; at = json_blank(at + 1, end)) {
        at = json_value_end(at, end);
        if (at == NULL)
            return -1;
        n++;
        at = json_blank(at, end);
        if (at >= end || (*at != ',' && *at != ']'))
            return -1;
        if (*at == ']')
            return n;
    }
}

static bool hex4(const char *s, uint32_t *value)
{
    *value = 0;
    for (int i = 0; i < 4; i++) {
        unsigned c = (unsigned char)s[i];
        unsigned digit = c - '0' < 10u           ? c - '0'
                         : (c | 0x20) - 'a' < 6u ? (c | 0x20) - 'a' + 10
                                                 : 16;
        if (digit > 15)
            return false;
        *value = *value << 4 | digit;
    }
    return true;
}

/* \uXXXX, and the second half of a pair if one follows. */
static size_t unescape_unicode(const char *s, size_t len, char out[4], size_t *out_len)
{
    uint32_t cp, low;
    size_t used = 6;
    if (len < 6 || !hex4(s + 2, &cp))
        return 0;
    if (cp >= SURROGATE && cp < SURROGATE_END) {
        bool pair = cp < SURROGATE_LOW && len >= 12 && s[6] == '\\' && s[7] == 'u' &&
                    hex4(s + 8, &low) && low >= SURROGATE_LOW && low < SURROGATE_END;
        cp = pair ? 0x10000 + ((cp - SURROGATE) << 10) + (low - SURROGATE_LOW) : REPLACEMENT;
        used = pair ? 12 : 6;
    }
    *out_len = clean_encode(cp, out);
    return used;
}

size_t json_unescape(const char *s, size_t len, char out[4], size_t *out_len)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (len < 2)
        return 0;
    if (s[1] == 'u')
        return unescape_unicode(s, len, out, out_len);
    const char *known = s[1] != '\0' ? strchr(from, s[1]) : NULL;
    if (known == NULL)
        return 0;
    out[0] = to[known - from];
    *out_len = 1;
    return 2;
}
