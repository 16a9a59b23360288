/* SPDX-License-Identifier: MIT */
#include "src/script/encode.h"

#include <stdint.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/num.h"

#define U ENCODE_NOT_URL
#define J ENCODE_NOT_JSON
#define H ENCODE_NOT_HEADER

/* By byte; what is above 0x7f is looked at as UTF-8 in JSON. */
static const uint8_t classes[256] = {
    [0x00] = U | J | H, [0x01 ... 0x09] = U | J,
    [0x0a] = U | J | H, [0x0b ... 0x0c] = U | J,
    [0x0d] = U | J | H, [0x0e ... 0x1f] = U | J,
    [' ' ... '!'] = U,  ['"'] = U | J,
    ['#' ... ','] = U,  ['/'] = U,
    [':' ... '@'] = U,  ['['] = U,
    ['\\'] = U | J,     [']' ... '^'] = U,
    ['`'] = U,          ['{' ... '}'] = U,
    [0x7f] = U,         [0x80 ... 0xff] = U | J,
};

static const char upper_hex[] = "0123456789ABCDEF", lower_hex[] = "0123456789abcdef";

/* Eight at a time, because nearly all bytes of nearly all values are fit. */
size_t encode_run(const char *text, size_t len, enum encode_class what)
{
    const unsigned char *c = (const unsigned char *)text;
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        unsigned all = classes[c[i]] | classes[c[i + 1]] | classes[c[i + 2]] | classes[c[i + 3]] |
                       classes[c[i + 4]] | classes[c[i + 5]] | classes[c[i + 6]] |
                       classes[c[i + 7]];
        if (all & what)
            break;
    }
    while (i < len && !(classes[c[i]] & what))
        i++;
    return i;
}

void encode_percent(struct buf *out, const char *text, size_t len)
{
    size_t fit = encode_run(text, len, ENCODE_NOT_URL);
    buf_add(out, text, fit);
    if (fit == len)
        return;
    buf_reserve(out, 3 * (len - fit));
    char *to = out->data + out->len;
    for (size_t i = fit; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        *to++ = classes[c] & ENCODE_NOT_URL ? '%' : text[i];
        if (classes[c] & ENCODE_NOT_URL) {
            *to++ = upper_hex[c >> 4];
            *to++ = upper_hex[c & 15];
        }
    }
    *to = '\0';
    out->len = (size_t)(to - out->data);
}

void encode_form(struct buf *out, const char *text, size_t len)
{
    while (len > 0) {
        const char *blank = memchr(text, ' ', len);
        size_t n = blank != NULL ? (size_t)(blank - text) : len;
        encode_percent(out, text, n);
        if (blank == NULL)
            return;
        buf_char(out, '+');
        text = blank + 1;
        len -= n + 1;
    }
}

static void escape_json(struct buf *out, unsigned char c)
{
    static const char from[] = "\"\\\n\r\t\b\f", to[] = "\"\\nrtbf";
    const char *short_form = c != '\0' ? strchr(from, c) : NULL;
    if (short_form != NULL)
        buf_add(out, (char[]){'\\', to[short_form - from]}, 2);
    else
        buf_add(out, (char[]){'\\', 'u', '0', '0', upper_hex[c >> 4], upper_hex[c & 15]}, 6);
}

void encode_json(struct buf *out, const char *text, size_t len)
{
    size_t from = 0, i = 0; /* from: the first byte that is not yet written */
    while ((i += encode_run(text + i, len - i, ENCODE_NOT_JSON)) < len) {
        uint32_t cp;
        size_t n = clean_decode(text + i, len - i, &cp);
        if (n > 1) {
            i += n;
            continue;
        }
        buf_add(out, text + from, i - from);
        if (n == 1)
            escape_json(out, (unsigned char)text[i]);
        else
            buf_add(out, "\xef\xbf\xbd", 3);
        from = ++i;
    }
    buf_add(out, text + from, len - from);
}

void encode_hex(struct buf *out, const void *data, size_t len)
{
    const unsigned char *bytes = data;
    buf_reserve(out, 2 * len);
    char *to = out->data + out->len;
    for (size_t i = 0; i < len; i++) {
        *to++ = lower_hex[bytes[i] >> 4];
        *to++ = lower_hex[bytes[i] & 15];
    }
    *to = '\0';
    out->len += 2 * len;
}

void encode_base64(struct buf *out, const void *data, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *bytes = data;
    buf_reserve(out, (len + 2) / 3 * 4);
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t group = (uint32_t)bytes[i] << 16;
        group |= left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
        group |= left > 2 ? bytes[i + 2] : 0;
        char four[4] = {digits[group >> 18], digits[group >> 12 & 63],
                        left > 1 ? digits[group >> 6 & 63] : '=',
                        left > 2 ? digits[group & 63] : '='};
        buf_add(out, four, 4);
    }
}

void encode_unsigned(struct buf *out, unsigned long long n)
{
    char digits[24];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    buf_add(out, digits + at, sizeof digits - at);
}

void encode_undo_percent(struct buf *out, const char *text, size_t len, bool plus)
{
    for (size_t i = 0; i < len; i++) {
        int high = text[i] == '%' && i + 2 < len ? num_hex_digit(text[i + 1]) : -1;
        int low = high >= 0 ? num_hex_digit(text[i + 2]) : -1;
        if (low >= 0) {
            buf_char(out, (char)(high * 16 + low));
            i += 2;
        } else {
            buf_char(out, (char)(plus && text[i] == '+' ? ' ' : text[i]));
        }
    }
}

static int digit_of_base64(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

bool encode_undo_base64(struct buf *out, const char *text, size_t len)
{
    size_t before = out->len;
    uint32_t bits = 0;
    unsigned held = 0;
    while (len > 0 && text[len - 1] == '=')
        len--;
    for (size_t i = 0; i < len; i++) {
        int digit = digit_of_base64(text[i]);
        if (digit < 0) {
            if (before < out->len)
                out->data[out->len = before] = '\0';
            return false;
        }
        bits = (bits << 6 | (uint32_t)digit) & 0xffffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            buf_char(out, (char)(bits >> held & 0xff));
        }
    }
    return true;
}
