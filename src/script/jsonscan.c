/* SPDX-License-Identifier: MIT */
#include "src/script/jsonscan.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "src/base/clean.h"
#include "src/base/num.h"

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

#define BLOCK 16

/* Marks of BLOCK bytes: bit i stands for byte i. */
struct marks {
    uint32_t quotes, escapes, brackets;
};

/* [ ] { } differ in the bits 0x26 only; Y y _ and DEL look like them. */
#define BRACKETS_DIFFER 0x26
#define BRACKETS_LOOK 0x7f

#ifdef __SSE2__

static uint32_t all_equal(__m128i bytes, char c)
{
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));
}

static struct marks marks_of(const char *block)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)block);
    __m128i alike = _mm_or_si128(bytes, _mm_set1_epi8(BRACKETS_DIFFER));
    return (struct marks){all_equal(bytes, '"'), all_equal(bytes, '\\'),
                          all_equal(alike, BRACKETS_LOOK)};
}

#else

/* Bit i: byte i of the word is c. */
static uint32_t all_equal(uint64_t word, unsigned char c)
{
    uint64_t x = word ^ (JSON_EACH_BYTE * c);
    uint64_t high = ~(((x & ~JSON_HIGH_BITS) + ~JSON_HIGH_BITS) | x) & JSON_HIGH_BITS;
    return (uint32_t)((high >> 7) * UINT64_C(0x0102040810204080) >> 56);
}

static struct marks marks_of(const char *block)
{
    struct marks m = {0};
    for (int i = 0; i < BLOCK; i += 8) {
        uint64_t word = json_word(block + i);
        uint64_t alike = word | JSON_EACH_BYTE * BRACKETS_DIFFER;
        m.quotes |= all_equal(word, '"') << i;
        m.escapes |= all_equal(word, '\\') << i;
        m.brackets |= all_equal(alike, BRACKETS_LOOK) << i;
    }
    return m;
}

#endif

/* Bit i: an odd number of the bits up to i is set, i itself included. */
static uint32_t odd_so_far(uint32_t bits)
{
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    return bits ^ bits << 8;
}

/* Up to the first backslash of a text; quotes and brackets behind it come with the next
 * block, which begins behind what it escapes.  Returns where that is. */
static size_t until_escape(struct marks *m, bool inside)
{
    for (uint32_t left = m->escapes; left != 0; left &= left - 1) {
        uint32_t before = (left & -left) - 1;
        bool in_text = (odd_so_far(m->quotes & before) >> (BLOCK - 1) & 1) != inside;
        if (!in_text)
            continue;
        m->quotes &= before;
        m->brackets &= before;
        return (size_t)__builtin_ctz(left) + 2;
    }
    return BLOCK;
}

/* A block at a time, in texts as outside of them: strings are mostly too short for a search
 * of their own. */
const char *json_close(const char *at, const char *end, unsigned depth)
{
    bool inside = false; /* a text */
    char padded[BLOCK];
    for (size_t left = at < end ? (size_t)(end - at) : 0, step; left > 0;
         left -= step, at += step) {
        const char *block = at;
        if (left < BLOCK) {
            memset(padded, 0, sizeof padded);
            block = memcpy(padded, at, left);
        }
        struct marks m = marks_of(block);
        step = m.escapes == 0 ? BLOCK : until_escape(&m, inside);
        uint32_t texts = odd_so_far(m.quotes) ^ (inside ? UINT32_MAX : 0);
        for (m.brackets &= ~texts; m.brackets != 0; m.brackets &= m.brackets - 1) {
            size_t here = (size_t)__builtin_ctz(m.brackets);
            char c = block[here];
            if (c == '{' || c == '[') {
                if (++depth > JSON_DEPTH_MAX)
                    return NULL;
            } else if ((c == '}' || c == ']') && --depth == 0) {
                return at + here + 1;
            }
        }
        inside = (texts >> (BLOCK - 1) & 1) != 0;
        if (step >= left)
            return NULL;
    }
    return NULL;
}

static const char *skip_digits(const char *at, const char *end)
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
    at = skip_digits(at, end);
    if (at == whole || (*whole == '0' && at - whole > 1))
        return NULL;
    if (at < end && *at == '.') {
        const char *fraction = ++at;
        at = skip_digits(at, end);
        if (at == fraction)
            return NULL;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        const char *power = at;
        at = skip_digits(at, end);
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
        int digit = num_hex_digit(s[i]);
        if (digit < 0)
            return false;
        *value = *value << 4 | (uint32_t)digit;
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
