/* SPDX-License-Identifier: MIT */
#include "src/probe/resp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"

void resp_command(struct buf *out, const char *const *words, const size_t *lens, size_t n)
{
    buf_printf(out, "*%zu\r\n", n);
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "$%zu\r\n", lens[i]);
        buf_add(out, words[i], lens[i]);
        buf_text(out, "\r\n");
    }
}

/* Returns the length that a bulk reply announces: -1 none, -2 not a number, or too big. */
static long bulk_length(const char *text, size_t len)
{
    long v = 0;
    if (len == 2 && memcmp(text, "-1", 2) == 0)
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || v > (long)RESP_MOST)
            return -2;
        v = v * 10 + (text[i] - '0');
    }
    return len == 0 || v > (long)RESP_MOST ? -2 : v;
}

static long parse_bulk(const char *data, size_t len, size_t head, struct resp *out)
{
    long n = bulk_length(out->text, out->len);
    out->kind = n == -1 ? RESP_NIL : RESP_BULK;
    if (n < 0) {
        out->len = 0;
        return n == -1 ? (long)head : -1;
    }
    if (len - head < (size_t)n + 2)
        return 0;
    out->text = data + head;
    out->len = (size_t)n;
    return memcmp(data + head + n, "\r\n", 2) == 0 ? (long)head + n + 2 : -1;
}

long resp_parse(const char *data, size_t len, struct resp *out)
{
    static const char kinds[] = "+-:$"; /* in the order of enum resp_kind */
    if (len == 0)
        return 0;
    const char *kind = memchr(kinds, data[0], 4);
    if (kind == NULL)
        return -1;
    const char *end = memchr(data, '\n', len < RESP_MOST ? len : RESP_MOST);
    if (end == NULL)
        return len < RESP_MOST ? 0 : -1;
    if (end[-1] != '\r')
        return -1;
    *out = (struct resp){
        .kind = (enum resp_kind)(kind - kinds), .text = data + 1, .len = (size_t)(end - data) - 2};
    size_t head = (size_t)(end - data) + 1;
    return out->kind == RESP_BULK ? parse_bulk(data, len, head, out) : (long)head;
}

bool resp_field(const struct resp *info, const char *name, char *out, size_t size)
{
    size_t n = strlen(name);
    const char *at = info->text, *end = at + info->len;
    while (at < end) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        const char *stop = feed != NULL ? feed : end;
        if ((size_t)(stop - at) > n && at[n] == ':' && memcmp(at, name, n) == 0) {
            at += n + 1;
            while (stop > at && stop[-1] == '\r')
                stop--;
            clean_text(out, size, at, (size_t)(stop - at));
            return true;
        }
        at = feed != NULL ? feed + 1 : end;
    }
    return false;
}

double resp_number(const struct resp *info, const char *name)
{
    char text[64], *end;
    if (!resp_field(info, name, text, sizeof text))
        return NAN;
    double v = strtod(text, &end);
    return end == text || *end != '\0' || !isfinite(v) ? NAN : v;
}
