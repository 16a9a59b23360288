/* SPDX-License-Identifier: MIT */
#include "src/base/clean.h"

#include <string.h>

#include "src/base/mem.h"

size_t clean_mark_len(const char *text, size_t len)
{
    return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

size_t clean_decode(const char *src, size_t len, uint32_t *cp)
{
    const unsigned char *s = (const unsigned char *)src;
    if (len == 0)
        return 0;
    if (s[0] < 0x80) {
        *cp = s[0];
        return 1;
    }
    size_t n;
    uint32_t c, least;
    if ((s[0] & 0xe0) == 0xc0) {
        n = 2, c = s[0] & 0x1f, least = 0x80;
    } else if ((s[0] & 0xf0) == 0xe0) {
        n = 3, c = s[0] & 0x0f, least = 0x800;
    } else if ((s[0] & 0xf8) == 0xf0) {
        n = 4, c = s[0] & 0x07, least = 0x10000;
    } else {
        return 0;
    }
    if (len < n)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = (c << 6) | (s[i] & 0x3f);
    }
    if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *cp = c;
    return n;
}

size_t clean_encode(uint32_t cp, char *out)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xc0 | (cp >> 6));
        out[1] = (char)(0x80 | (cp & 0x3f));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xe0 | (cp >> 12));
        out[1] = (char)(0x80 | ((cp >> 6) & 0x3f));
        out[2] = (char)(0x80 | (cp & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (cp >> 18));
    out[1] = (char)(0x80 | ((cp >> 12) & 0x3f));
    out[2] = (char)(0x80 | ((cp >> 6) & 0x3f));
    out[3] = (char)(0x80 | (cp & 0x3f));
    return 4;
}

static bool is_invisible(uint32_t c)
{
    return (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || c == 0x00ad || c == 0x061c ||
           c == 0x180e || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff) ||
           (c >= 0xfe00 && c <= 0xfe0f) || c == 0x2028 || c == 0x2029;
}

static bool is_combining(uint32_t c)
{
    return (c >= 0x0300 && c <= 0x036f) || (c >= 0x0483 && c <= 0x0489) ||
           (c >= 0x0591 && c <= 0x05bd) || (c >= 0x0610 && c <= 0x061a) ||
           (c >= 0x064b && c <= 0x065f) || (c >= 0x0e31 && c <= 0x0e3a && c != 0x0e32) ||
           (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) ||
           (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe20 && c <= 0xfe2f);
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

bool clean_shows(uint32_t c)
{
    return !is_control(c) && !is_invisible(c) && !is_combining(c);
}

size_t clean_text(char *dst, size_t size, const char *src, size_t len)
{
    size_t out = 0;
    bool after_mark = true; /* a mark with no base before it is dropped too */
    bool after_blank = false;

    if (size == 0)
        return 0;
    for (size_t i = 0; i < len;) {
        uint32_t c;
        size_t n = clean_decode(src + i, len - i, &c);
        if (n == 0) {
            c = 0xfffd;
            n = 1;
        }
        i += n;
        if (c == '\n' || c == '\r' || c == '\t') {
            if (after_blank)
                continue;
            c = ' ';
        } else if (is_control(c)) {
            c = 0xfffd;
        } else if (is_invisible(c)) {
            continue;
        }
        bool mark = is_combining(c);
        if (mark && after_mark)
            continue;
        after_mark = mark;
        after_blank = c == ' ';
        char utf8[4];
        size_t k = clean_encode(c, utf8);
        if (out + k >= size)
            break;
        memcpy(dst + out, utf8, k);
        out += k;
    }
    dst[out] = '\0';
    return out;
}

char *clean_lines(const char *text)
{
    size_t left = strlen(text), len = 0, size = 3 * left + 1; /* U+FFFD takes three bytes */
    char *out = mem_array(size, 1);
    for (;;) {
        const char *end = memchr(text, '\n', left);
        size_t n = end != NULL ? (size_t)(end - text) : left;
        len += clean_text(out + len, size - len, text, n);
        if (end == NULL)
            return out;
        out[len++] = '\n';
        text = end + 1;
        left -= n + 1;
    }
}
