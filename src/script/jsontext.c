/* SPDX-License-Identifier: MIT */
#include "src/script/jsontext.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "src/base/clean.h"

#define SHOWN 24 /* bytes of the text in a message */

enum expect {
    EXPECT_VALUE,
    EXPECT_FIRST, /* a value or ] */
    EXPECT_KEY,
    EXPECT_FIRST_KEY, /* a name or } */
    EXPECT_COLON,
    EXPECT_MORE, /* a comma or the end of what is open */
};

struct checker {
    const char *at;
    char open[JSON_TEXT_DEPTH];
    unsigned depth;
    enum expect expect;
    bool loose;     /* brackets and quotes only */
    bool free_text; /* a place outside quotes was met */
    bool too_deep;
    struct err *e;
};

__attribute__((format(printf, 2, 3))) static bool flaw(const struct checker *c, const char *fmt,
                                                       ...)
{
    char what[ERR_TEXT_MAX / 2], near[SHOWN + 1];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    clean_text(near, sizeof near, c->at, strlen(c->at));
    if (near[0] == '\0')
        return err_set(c->e, "%s at its end", what);
    return err_set(c->e, "%s before %s%s", what, near, strlen(c->at) >= sizeof near ? "..." : "");
}

/* Behind the place that begins here; templates have seen to its }. */
static const char *behind_place(const char *at)
{
    const char *end = strchr(at, '}');
    return end != NULL ? end + 1 : at + strlen(at);
}

static bool is_place(const char *at)
{
    return at[0] == '$' && at[1] == '{';
}

static bool control(const struct checker *c, unsigned char code)
{
    if (code == '\n')
        return err_set(c->e, "a line break within quotes is written \\\\n");
    return err_set(c->e, "a control character within quotes is written \\\\u%04x", code);
}

static bool string(struct checker *c)
{
    const char *at = c->at + 1;
    while (*at != '"' && *at != '\0') {
        if ((unsigned char)*at < ' ')
            return control(c, (unsigned char)*at);
        if (strncmp(at, "$${", 3) == 0)
            at += 3;
        else if (is_place(at))
            at = behind_place(at);
        else
            at += at[0] == '\\' && at[1] != '\0' ? 2 : 1;
    }
    if (*at == '\0') {
        char shown[SHOWN + 1];
        clean_text(shown, sizeof shown, c->at, strlen(c->at));
        return err_set(c->e, "the quote before %s%s is never closed", shown + 1,
                       strlen(c->at) >= sizeof shown ? "..." : "");
    }
    c->at = at + 1;
    return true;
}

static bool number_ok(const char *at, size_t len)
{
    const char *end = at + len;
    at += *at == '-';
    size_t digits = strspn(at, "0123456789");
    bool ok = digits > 0 && (at[0] != '0' || digits == 1);
    at += digits;
    if (*at == '.') {
        digits = strspn(++at, "0123456789");
        ok = ok && digits > 0;
        at += digits;
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '+' || *at == '-';
        digits = strspn(at, "0123456789");
        ok = ok && digits > 0;
        at += digits;
    }
    return ok && at == end;
}

static bool word_ok(const struct checker *c, const char *at, size_t len)
{
    static const char *const words[] = {"true", "false", "null"};
    char shown[SHOWN + 1];
    if (number_ok(at, len))
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (len == strlen(words[i]) && strncmp(at, words[i], len) == 0)
            return true;
    }
    clean_text(shown, sizeof shown, at, len);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(shown, words[i]) == 0)
            return err_set(c->e, "%s must be written %s", shown, words[i]);
    }
    return err_set(c->e, "%s must be in quotes", shown);
}

/* A number, true, false, null; or one that is put together from places. */
static bool word(struct checker *c)
{
    const char *begin = c->at, *at = begin;
    bool places = false;
    while (is_place(at) || isalnum((unsigned char)*at) || (*at != '\0' && strchr("+-._", *at))) {
        places = places || is_place(at);
        at = is_place(at) ? behind_place(at) : at + 1;
    }
    if (at == begin)
        return flaw(c, "a value is missing");
    c->free_text = c->free_text || places;
    if (!places && !word_ok(c, begin, (size_t)(at - begin)))
        return false;
    c->at = at;
    return true;
}

static bool open_one(struct checker *c)
{
    c->too_deep = c->depth == JSON_TEXT_DEPTH;
    if (c->too_deep)
        return false;
    c->open[c->depth++] = *c->at;
    c->expect = *c->at++ == '{' ? EXPECT_FIRST_KEY : EXPECT_FIRST;
    return true;
}

static bool close_one(struct checker *c)
{
    if (c->depth == 0)
        return flaw(c, "nothing is open");
    char closer = c->open[c->depth - 1] == '{' ? '}' : ']';
    if (*c->at != closer)
        return flaw(c, "a \"%c\" is missing", closer);
    c->depth--;
    c->at++;
    c->expect = EXPECT_MORE;
    return true;
}

static bool key(struct checker *c)
{
    if (c->expect == EXPECT_FIRST_KEY && *c->at == '}')
        return close_one(c);
    if (*c->at == '}')
        return flaw(c, "there is a comma too many");
    c->expect = EXPECT_COLON;
    if (is_place(c->at))
        return word(c);
    return *c->at == '"' ? string(c) : flaw(c, "a name in quotes is missing");
}

static bool value(struct checker *c)
{
    if (c->expect == EXPECT_FIRST && *c->at == ']')
        return close_one(c);
    if (c->depth > 0 && c->open[c->depth - 1] == '[' && *c->at == ']')
        return flaw(c, "there is a comma too many");
    if (*c->at == '{' || *c->at == '[')
        return open_one(c);
    c->expect = EXPECT_MORE;
    return *c->at == '"' ? string(c) : word(c);
}

static bool member_next(struct checker *c)
{
    if (*c->at == ']' || *c->at == '}')
        return close_one(c);
    if (c->depth == 0)
        return flaw(c, "it has come to its end");
    c->free_text = c->free_text || is_place(c->at);
    if (*c->at != ',')
        return flaw(c, "a comma is missing");
    c->at++;
    c->expect = c->open[c->depth - 1] == '{' ? EXPECT_KEY : EXPECT_VALUE;
    return true;
}

static bool strict_step(struct checker *c)
{
    switch (c->expect) {
    case EXPECT_KEY:
    case EXPECT_FIRST_KEY:
        return key(c);
    case EXPECT_COLON:
        if (*c->at != ':')
            return flaw(c, "a colon is missing");
        c->at++;
        c->expect = EXPECT_VALUE;
        return true;
    case EXPECT_MORE:
        return member_next(c);
    case EXPECT_VALUE:
    case EXPECT_FIRST:
        break;
    }
    return value(c);
}

static bool loose_step(struct checker *c)
{
    if (is_place(c->at))
        c->at = behind_place(c->at);
    else if (*c->at == '"')
        return string(c);
    else if (*c->at == '{' || *c->at == '[')
        return open_one(c);
    else if (*c->at == '}' || *c->at == ']')
        return close_one(c);
    else
        c->at++;
    return true;
}

static bool check(struct checker *c, const char *text)
{
    c->at = text + strspn(text, " \t\r\n");
    if (*c->at == '\0')
        return true;
    for (; *c->at != '\0'; c->at += strspn(c->at, " \t\r\n")) {
        if (!(c->loose ? loose_step(c) : strict_step(c)))
            return false;
    }
    if (c->depth > 0)
        return flaw(c, "a \"%c\" is missing", c->open[c->depth - 1] == '{' ? '}' : ']');
    return c->loose || c->expect == EXPECT_MORE || flaw(c, "a value is missing");
}

bool json_text_ok(const char *text, struct err *e)
{
    struct checker strict = {.e = e}, loose = {.e = e, .loose = true};
    if (check(&strict, text) || strict.too_deep)
        return true;
    return strict.free_text && (check(&loose, text) || loose.too_deep);
}
