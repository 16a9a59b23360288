/* SPDX-License-Identifier: MIT */
#include "src/script/reply.h"

#include <string.h>

/* The line at *at, which moves behind its end; NULL after the last. */
static const char *next_line(const struct reply *r, size_t *at, size_t *len)
{
    if (*at >= r->headers_len)
        return NULL;
    const char *line = r->headers + *at;
    const char *feed = memchr(line, '\n', r->headers_len - *at);
    *len = feed != NULL ? (size_t)(feed - line) : r->headers_len - *at;
    *at += *len + (feed != NULL);
    if (*len > 0 && line[*len - 1] == '\r')
        --*len;
    return line;
}

/* strncasecmp would ask the locale. */
static bool header_name_is(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char x = (unsigned char)a[i], y = (unsigned char)b[i];
        unsigned char fold = (x ^ y) == 0x20 && (unsigned char)((x | 0x20) - 'a') < 26 ? 0x20 : 0;
        if ((x ^ y) != fold)
            return false;
    }
    return true;
}

static const char *value_trim(const char *text, size_t *len)
{
    while (*len > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        --*len;
    }
    while (*len > 0 && (text[*len - 1] == ' ' || text[*len - 1] == '\t'))
        --*len;
    return text;
}

/* The value if the line is a header of that name. */
static const char *header_value(const char *line, size_t *len, const char *name, size_t name_len)
{
    if (*len <= name_len || line[name_len] != ':' || !header_name_is(line, name, name_len))
        return NULL;
    *len -= name_len + 1;
    return value_trim(line + name_len + 1, len);
}

/* A header's name never holds a slash: such a line begins the next reply. */
static size_t last_block(const struct reply *r)
{
    static const char next[] = "\nHTTP/";
    size_t start = 0;
    const char *found;
    while (start < r->headers_len &&
           (found = memmem(r->headers + start, r->headers_len - start, next, sizeof next - 1)))
        start = (size_t)(found - r->headers) + 1;
    return start;
}

const char *reply_next_header(const struct reply *r, const char *name, size_t *at, size_t *len)
{
    size_t name_len = strlen(name);
    const char *line;
    if (*at == 0)
        *at = last_block(r);
    while ((line = next_line(r, at, len)) != NULL) {
        const char *value = header_value(line, len, name, name_len);
        if (value != NULL)
            return value;
    }
    return NULL;
}

const char *reply_header(const struct reply *r, const char *name, unsigned n, size_t *len)
{
    size_t at = 0;
    const char *value;
    do {
        value = reply_next_header(r, name, &at, len);
    } while (value != NULL && n-- > 0);
    return value;
}

/* "name=value; Path=/": the value, if it is that cookie's. */
static const char *cookie_value(const char *text, size_t *len, const char *name, size_t name_len)
{
    const char *semicolon = memchr(text, ';', *len);
    if (semicolon != NULL)
        *len = (size_t)(semicolon - text);
    const char *equals = memchr(text, '=', *len);
    if (equals == NULL)
        return NULL;
    size_t found_len = (size_t)(equals - text);
    const char *found = value_trim(text, &found_len);
    if (found_len != name_len || memcmp(found, name, name_len) != 0)
        return NULL;
    *len -= (size_t)(equals + 1 - text);
    return value_trim(equals + 1, len);
}

const char *reply_cookie(const struct reply *r, const char *name, size_t *len)
{
    static const char header[] = "Set-Cookie";
    size_t at = 0, line_len, name_len = strlen(name);
    const char *line, *last = NULL;
    while ((line = next_line(r, &at, &line_len)) != NULL) {
        const char *value = header_value(line, &line_len, header, sizeof header - 1);
        if (value != NULL)
            value = cookie_value(value, &line_len, name, name_len);
        if (value != NULL) {
            last = value;
            *len = line_len;
        }
    }
    return last;
}
