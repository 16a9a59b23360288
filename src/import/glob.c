/* SPDX-License-Identifier: MIT */
#include "src/import/glob.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/import/lang.h"

#define DIGITS_MAX 9u

/* Texts that grow together: each is multiplied by the values of a range or list. */
struct texts {
    char **items;
    size_t n;
};

static void texts_add(struct texts *t, char *text)
{
    t->items = mem_room(t->items, t->n, sizeof *t->items);
    t->items[t->n++] = text;
}

static void texts_finish(struct texts *t)
{
    for (size_t i = 0; i < t->n; i++)
        free(t->items[i]);
    free(t->items);
    *t = (struct texts){0};
}

static void append_all(struct texts *t, const char *text, size_t len)
{
    for (size_t i = 0; i < t->n; i++) {
        size_t n = strlen(t->items[i]);
        /* A $ and a { that come together begin no variable. */
        bool dollar = len > 0 && *text == '{' && n > 0 && t->items[i][n - 1] == '$';
        char *longer = mem_printf("%s%s%.*s", t->items[i], dollar ? "$" : "", (int)len, text);
        free(t->items[i]);
        t->items[i] = longer;
    }
}

/* ------------------------------------------------------------------- ranges */

struct range {
    long from, to, step;
    int width; /* 2 for 01, with zeros in front; 0 for letters */
    size_t len;
};

static bool read_end(const char **at, long *value, bool *letter, size_t *digits)
{
    const char *t = *at;
    *digits = strspn(t, "0123456789");
    *letter = *digits == 0 && isalpha((unsigned char)*t);
    if (*digits > DIGITS_MAX || (*digits == 0 && !*letter))
        return false;
    *value = *letter ? (unsigned char)*t : strtol(t, NULL, 10);
    *at = t + (*letter ? 1 : *digits);
    return true;
}

/* "[1-100]", "[a-z]", "[01-20:5]"; an address such as "[::1]" is none. */
static bool read_range(const char *text, struct range *r)
{
    const char *at = text + 1;
    bool letter, other;
    size_t digits, more;
    *r = (struct range){.step = 1};
    if (*text != '[' || !read_end(&at, &r->from, &letter, &digits) || *at++ != '-' ||
        !read_end(&at, &r->to, &other, &more) || letter != other)
        return false;
    if (*at == ':') {
        char *end;
        r->step = strtol(at + 1, &end, 10);
        if (end == at + 1 || end > at + 1 + DIGITS_MAX)
            return false;
        at = end;
    }
    r->width = letter ? 0 : text[1] == '0' && digits > 1 ? (int)digits : 1;
    r->len = (size_t)(at - text) + 1;
    return *at == ']' && r->from <= r->to && r->step > 0;
}

static void values_of_range(struct texts *values, const struct range *r)
{
    for (long v = r->from; v <= r->to && values->n <= GLOB_MAX; v += r->step)
        texts_add(values,
                  r->width > 0 ? mem_printf("%0*ld", r->width, v) : mem_printf("%c", (char)v));
}

/* -------------------------------------------------------------------- lists */

/* "{a,b}", "{a}"; "{}" and what is never closed are none. */
static size_t values_of_list(struct texts *values, const char *text)
{
    struct buf value = {0};
    const char *at = text + 1;
    buf_text(&value, "");
    for (; *at != '\0' && *at != '}'; at++) {
        if (*at == '\\' && at[1] != '\0' && strchr("{}[],", at[1]) != NULL)
            buf_char(&value, *++at);
        else if (*at == ',')
            texts_add(values, buf_take(&value)), buf_text(&value, "");
        else
            buf_char(&value, *at);
    }
    if (*at == '}' && at > text + 1) {
        texts_add(values, buf_take(&value));
        return (size_t)(at - text) + 1;
    }
    buf_finish(&value);
    texts_finish(values);
    return 0;
}

/* ------------------------------------------------------------------ the whole */

static bool multiply_texts(struct texts *all, const struct texts *values, const char *text,
                           size_t len, struct err *e)
{
    struct texts more = {0};
    char shown[80];
    if (all->n * values->n > GLOB_MAX) {
        clean_text(shown, sizeof shown, text, len);
        return err_set(e,
                       "curl makes more than %u URLs of \"%s\"; write one of them, to be varied in "
                       "the profile with ${int:1:100} or ${choice:a|b}, or give -g if it is meant "
                       "as it stands.",
                       GLOB_MAX, shown);
    }
    for (size_t i = 0; i < all->n; i++)
        for (size_t k = 0; k < values->n; k++)
            texts_add(&more, mem_printf("%s%s", all->items[i], values->items[k]));
    texts_finish(all);
    *all = more;
    return true;
}

/* The length of the piece that stands at url, taken into all; 0 for a failure. */
static size_t take_glob_piece(struct texts *all, const char *url, struct err *e)
{
    struct texts values = {0};
    struct range r;
    bool variable, ok = true;
    size_t len = lang_special(url, &variable);
    if (variable) {
        append_all(all, url, len);
        return len;
    }
    if (len > 0) { /* $${ is a $ and a {, which is looked at next */
        append_all(all, "$", 1);
        return 2;
    }
    len = *url == '{' ? values_of_list(&values, url) : 0;
    if (read_range(url, &r)) {
        values_of_range(&values, &r);
        len = r.len;
    }
    if (len > 0) {
        ok = multiply_texts(all, &values, url, len, e);
        texts_finish(&values);
        return ok ? len : 0;
    }
    bool escaped = *url == '\\' && url[1] != '\0' && strchr("{}[]", url[1]) != NULL;
    append_all(all, url + escaped, 1);
    return 1 + escaped;
}

bool glob_expand(const char *url, char ***urls, size_t *n, struct err *e)
{
    struct texts all = {0};
    texts_add(&all, mem_strdup(""));
    while (*url != '\0') {
        size_t plain = strcspn(url, "\\[]{}$");
        size_t len = plain;
        if (plain > 0)
            append_all(&all, url, plain);
        else
            len = take_glob_piece(&all, url, e);
        if (len == 0) {
            texts_finish(&all);
            return false;
        }
        url += len;
    }
    *urls = all.items;
    *n = all.n;
    return true;
}
