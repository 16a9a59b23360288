/* SPDX-License-Identifier: MIT */
#include "src/script/unescape.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/num.h"
#include "src/script/entity.h"

/* Shorter runs stand for fewer than four bytes. */
#define BASE64_RUN_MIN 6
#define HEX_RUN_MIN 8
#define NUMBERS_MIN 4

void decoded_finish(struct decoded *d)
{
    free(d->bytes);
    free(d->from);
    free(d->to);
    *d = (struct decoded){0};
}

/* No decoding makes a text longer than one and a half times: a byte of ISO 8859-1 becomes
 * two, and what is decoded needs more bytes than it stands for. */
static void decoded_begin(struct decoded *out, size_t room)
{
    *out = (struct decoded){.bytes = mem_array(room + 1, 1),
                            .from = mem_array(room + 1, sizeof *out->from),
                            .to = mem_array(room + 1, sizeof *out->to)};
}

static void decoded_add(struct decoded *out, char byte, uint32_t from, uint32_t to)
{
    out->bytes[out->n] = byte;
    out->from[out->n] = from;
    out->to[out->n++] = to;
}

/* The bytes that the `used` ones of `in` from `at` on stand for. */
static void add_unit(struct decoded *out, const struct decoded *in, size_t at, size_t used,
                     const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        decoded_add(out, bytes[i], in->from[at], in->to[at + used - 1]);
}

void decode_text(struct decoded *out, const char *text, size_t len)
{
    decoded_begin(out, len);
    for (size_t i = 0; i < len; i++)
        decoded_add(out, text[i], (uint32_t)i, (uint32_t)i + 1);
}

bool decode_squeezed(struct decoded *out, const struct decoded *in, bool latin)
{
    bool odd = false;
    decoded_begin(out, in->n * 2);
    for (size_t i = 0; i < in->n;) {
        uint32_t c;
        char utf8[4];
        size_t n = clean_decode(in->bytes + i, in->n - i, &c);
        odd = odd || n == 0;
        if (n == 0 && latin) {
            n = 1;
            c = (unsigned char)in->bytes[i];
        }
        if (n > 0 && clean_shows(c) && c != ' ' && c != 0xa0)
            add_unit(out, in, i, n, utf8, clean_encode(c, utf8));
        i += n > 0 ? n : 1;
    }
    return odd;
}

/* -------------------------------------------------------------------- escapes */

struct unit {
    size_t used; /* bytes of the text; 0: there is none */
    size_t len;
    char bytes[4]; /* the decoded bytes */
};

/* The number made of the digits from text on; *used counts them, at most max. */
static uint32_t read_digits(const char *text, size_t len, size_t max, unsigned base, size_t *used)
{
    uint32_t n = 0;
    for (*used = 0; *used < len && *used < max; ++*used) {
        int digit = num_hex_digit(text[*used]);
        if (digit < 0 || digit >= (int)base)
            break;
        n = n * base + (unsigned)digit;
    }
    return n;
}

static struct unit unit_of_byte(size_t used, uint32_t byte)
{
    return (struct unit){.used = used, .len = 1, .bytes = {(char)byte}};
}

static struct unit unit_of_character(size_t used, uint32_t cp)
{
    struct unit u = {.used = used};
    if (cp >= 0x110000 || (cp >= 0xd800 && cp < 0xe000))
        return (struct unit){0};
    u.len = clean_encode(cp, u.bytes);
    return u;
}

/* XX behind the escape character and `before` more; with `u` in front, XXXX. */
static struct unit read_percent(const char *text, size_t len)
{
    size_t digits;
    bool wide = len > 1 && (text[1] == 'u' || text[1] == 'U');
    size_t want = wide ? 4 : 2, before = wide ? 2 : 1;
    uint32_t n = read_digits(text + before, len - before, want, 16, &digits);
    if (digits < want)
        return (struct unit){0};
    return wide ? unit_of_character(before + want, n) : unit_of_byte(before + want, n);
}

/* \uXXXX, perhaps the first half of a pair; \u{X...} */
static struct unit read_unicode(const char *text, size_t len)
{
    size_t digits, low_digits;
    if (len > 2 && text[2] == '{') {
        uint32_t braced = read_digits(text + 3, len - 3, 6, 16, &digits);
        bool closed = digits > 0 && 3 + digits < len && text[3 + digits] == '}';
        return closed ? unit_of_character(4 + digits, braced) : (struct unit){0};
    }
    uint32_t cp = read_digits(text + 2, len - 2, 4, 16, &digits);
    if (digits < 4)
        return (struct unit){0};
    if (cp >= 0xd800 && cp < 0xdc00 && len >= 12 && text[6] == '\\' && text[7] == 'u') {
        uint32_t low = read_digits(text + 8, len - 8, 4, 16, &low_digits);
        if (low_digits == 4 && low >= 0xdc00 && low < 0xe000)
            return unit_of_character(12, 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00));
    }
    return unit_of_character(6, cp);
}

static struct unit read_backslash(const char *text, size_t len)
{
    static const char from[] = "abefnrtv", to[] = "\a\b\x1b\f\n\r\t\v";
    size_t digits;
    if (len < 2)
        return (struct unit){0};
    if (text[1] == 'u')
        return read_unicode(text, len);
    uint32_t n = read_digits(text + 2, len - 2, text[1] == 'U' ? 8 : 2, 16, &digits);
    if (text[1] == 'U')
        return digits == 8 ? unit_of_character(10, n) : (struct unit){0};
    if (text[1] == 'x')
        return digits == 2 ? unit_of_byte(4, n) : (struct unit){0};
    n = read_digits(text + 1, len - 1, 3, 8, &digits);
    if (digits > 0)
        return n < 256 ? unit_of_byte(1 + digits, n) : (struct unit){0};
    const char *at = text[1] != '\0' ? strchr(from, text[1]) : NULL;
    if (at != NULL)
        return unit_of_byte(2, (unsigned char)to[at - from]);
    return ispunct((unsigned char)text[1]) ? unit_of_byte(2, (unsigned char)text[1])
                                           : (struct unit){0};
}

static struct unit read_entity(const char *text, size_t len)
{
    size_t used = 0;
    uint32_t cp = entity_read(text, len, &used);
    return cp != 0 ? unit_of_character(used, cp) : (struct unit){0};
}

/* Reads a quoted-printable escape.  A = that stands alone ended a line; it does not tell that
 * there are others. */
static struct unit read_quoted_printable(const char *text, size_t len, unsigned *kind)
{
    size_t digits;
    uint32_t byte = read_digits(text + 1, len - 1, 2, 16, &digits);
    *kind = digits == 2 ? ESCAPE_QUOTED : 0;
    return digits == 2 ? unit_of_byte(3, byte) : (struct unit){.used = 1};
}

static struct unit read_escape(const char *text, size_t len, unsigned kinds, unsigned *kind)
{
    *kind = 0;
    switch (text[0]) {
    case '%':
        *kind = kinds & ESCAPE_PERCENT;
        return *kind != 0 ? read_percent(text, len) : (struct unit){0};
    case '+':
        *kind = ESCAPE_PLUS;
        return kinds == ESCAPE_PERCENT ? (struct unit){.used = 1} : unit_of_byte(1, '+');
    case '\\':
        *kind = kinds & ESCAPE_BACKSLASH;
        return *kind != 0 ? read_backslash(text, len) : (struct unit){0};
    case '&':
        *kind = kinds & ESCAPE_ENTITY;
        return *kind != 0 ? read_entity(text, len) : (struct unit){0};
    case '=':
        if ((kinds & ESCAPE_QUOTED) == 0)
            return (struct unit){0};
        return read_quoted_printable(text, len, kind);
    default:
        return (struct unit){0};
    }
}

/* Whether what is left may be an escape that the end of the text cut. */
static bool is_cut_escape(const char *text, size_t len)
{
    enum { ESCAPE_MAX = 12 };
    for (size_t i = 1; i < len; i++)
        if (!isalnum((unsigned char)text[i]) && strchr("#{\\", text[i]) == NULL)
            return false;
    return len < ESCAPE_MAX;
}

unsigned decode_escapes(struct decoded *out, const struct decoded *in, unsigned kinds)
{
    unsigned seen = 0, kind;
    decoded_begin(out, in->n);
    for (size_t i = 0; i < in->n;) {
        struct unit u = read_escape(in->bytes + i, in->n - i, kinds, &kind);
        if (u.used > 0)
            seen |= kind;
        if (u.used == 0 && kind != 0 && is_cut_escape(in->bytes + i, in->n - i))
            return seen | kind;
        if (u.used == 0)
            u = unit_of_byte(1, (unsigned char)in->bytes[i]);
        add_unit(out, in, i, u.used, u.bytes, u.len);
        i += u.used;
    }
    return seen;
}

/* ----------------------------------------------------------------------- runs */

/* Both alphabets of RFC 4648. */
static int base64_digit_value(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+' || c == '-' ? 62
           : c == '/' || c == '_' ? 63
                                  : -1;
}

/* Decodes the digits [at, end), of so many bits each; a rest of less than a byte is dropped. */
static void decode_run(struct decoded *out, const struct decoded *in, size_t at, size_t end,
                       unsigned bits, int (*digit)(char c))
{
    uint32_t value = 0;
    unsigned held = 0;
    size_t first = at;
    for (; at < end; at++) {
        value = value << bits | (unsigned)digit(in->bytes[at]);
        held += bits;
        if (held < 8)
            continue;
        held -= 8;
        decoded_add(out, (char)(value >> held & 0xff), in->from[first], in->to[at]);
        first = held > 0 ? at : at + 1;
    }
}

static bool decode_runs(struct decoded *out, const struct decoded *in, size_t offset, size_t min,
                        unsigned bits, int (*digit)(char c))
{
    bool any = false;
    decoded_begin(out, in->n);
    for (size_t at = 0, end; at < in->n; at = end + 1) {
        for (end = at; end < in->n && digit(in->bytes[end]) >= 0;)
            end++;
        if (end - at < min + offset)
            continue;
        if (any)
            decoded_add(out, '|', in->from[at], in->from[at]);
        decode_run(out, in, at + offset, end, bits, digit);
        any = true;
    }
    return any;
}

bool decode_base64(struct decoded *out, const struct decoded *in, size_t offset)
{
    return decode_runs(out, in, offset, BASE64_RUN_MIN, 6, base64_digit_value);
}

bool decode_hex(struct decoded *out, const struct decoded *in, size_t offset)
{
    return decode_runs(out, in, offset, HEX_RUN_MIN, 4, num_hex_digit);
}

bool decode_numbers(struct decoded *out, const struct decoded *in)
{
    size_t most = 0, run = 0;
    decoded_begin(out, in->n);
    for (size_t i = 0, digits; i < in->n; i += digits + 1) {
        uint32_t n = read_digits(in->bytes + i, in->n - i, 4, 10, &digits);
        if (digits > 0 && n < 256)
            add_unit(out, in, i, digits, &(char){(char)n}, 1);
        bool more = digits > 0 && i + digits < in->n && in->bytes[i + digits] == ',';
        run = digits > 0 ? run + 1 : 0;
        most = run > most ? run : most;
        if (!more)
            run = 0;
    }
    return most >= NUMBERS_MIN;
}

bool decode_twice(struct decoded *out, const struct decoded *in)
{
    bool any = false;
    decoded_begin(out, in->n);
    for (size_t i = 0; i < in->n;) {
        uint32_t c;
        size_t n = clean_decode(in->bytes + i, in->n - i, &c);
        bool narrow = n == 2 && c < 0x100;
        n = n > 0 ? n : 1;
        if (narrow)
            add_unit(out, in, i, n, &(char){(char)c}, 1);
        for (size_t k = i; !narrow && k < i + n; k++)
            decoded_add(out, in->bytes[k], in->from[i], in->to[i + n - 1]);
        any = any || narrow;
        i += n;
    }
    return any;
}
