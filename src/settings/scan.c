/* SPDX-License-Identifier: MIT */
#include "src/settings/scan.h"

#include <ctype.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

#define NUMBER_MAX 40 /* characters: no sane number is longer, and none shorter overflows */
#define EXPONENT_MAX 200

enum token {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_STRING,
    TOKEN_BOOL,
    TOKEN_INT,
    TOKEN_INT64,
    TOKEN_FLOAT,
    TOKEN_EQUALS,
    TOKEN_COMMA,
    TOKEN_SEMICOLON,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_ODD
};

/* The tokens that may come next within a group, list or array. */
enum expect { EXPECT_FIRST, EXPECT_NAME, EXPECT_EQUALS, EXPECT_VALUE, EXPECT_MORE };

struct level_of_nesting {
    char open; /* '{', '(', '[', or 0 for the file itself */
    enum expect expect;
    unsigned line;     /* where it was opened */
    unsigned settings; /* counted in a group */
    unsigned serial;
    enum token first; /* an array's elements must all be of its first one's kind */
};

struct name {
    const char *text;
    size_t len;
    unsigned group; /* serial of the group it is in */
    unsigned line;
};

struct scan {
    const struct source *s;
    struct problems *problems;
    const char *at;
    unsigned line;
    /* the present token */
    enum token token;
    const char *text;
    size_t len;
    unsigned token_line;
    bool broken; /* complained about already: not even its kind is known */
    /* the token before */
    enum token last;
    const char *last_text;
    size_t last_len;
    unsigned last_line;  /* where it ended */
    unsigned last_begin; /* where it began */
    struct level_of_nesting stack[SCAN_MAX_DEPTH + 1];
    unsigned depth;
    unsigned serials;
    struct name *names;
    size_t n_names;
};

#define complain(sc, line, ...) source_problem((sc)->s, (sc)->problems, line, __VA_ARGS__)

/* ------------------------------------------------------------------ numbers */

static bool text_is_digits(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
    }
    return len > 0;
}

/* The value of len digits, or UINT64_MAX if it is that large or larger. */
static uint64_t digits_value(const char *digits, size_t len, unsigned base)
{
    uint64_t v = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)tolower((unsigned char)digits[i]);
        unsigned d = isdigit(c) ? c - (unsigned)'0' : c - (unsigned)'a' + 10;
        if (v > (UINT64_MAX - d) / base)
            return UINT64_MAX;
        v = v * base + d;
    }
    return v;
}

static bool float_ok(const char *text, size_t len, bool *fits)
{
    size_t i = 0, digits = 0;
    for (; i < len && isdigit((unsigned char)text[i]); i++)
        digits++;
    bool point = i < len && text[i] == '.';
    i += point;
    for (; i < len && isdigit((unsigned char)text[i]); i++)
        digits++;
    bool exponent = i < len && (text[i] == 'e' || text[i] == 'E');
    if (exponent) {
        i++;
        i += i < len && (text[i] == '+' || text[i] == '-');
        if (!text_is_digits(text + i, len - i))
            return false;
        *fits = digits_value(text + i, len - i, 10) <= EXPONENT_MAX;
        i = len;
    }
    return digits > 0 && i == len && (point || exponent);
}

/* Classifies the characters of sc->text; complains when they are no number or too large. */
static enum token token_number(struct scan *sc)
{
    const char *t = sc->text;
    size_t len = sc->len;
    bool sign = *t == '-' || *t == '+', negative = *t == '-', wide = false, fits = true;
    enum token token = TOKEN_ODD;
    t += sign;
    len -= sign;
    size_t suffix = 0;
    while (suffix < 2 && suffix < len && t[len - 1 - suffix] == 'L')
        suffix++;
    wide = suffix > 0;
    uint64_t max = (wide ? (uint64_t)INT64_MAX : (uint64_t)INT_MAX) + negative;
    bool hex = !sign && len > 2 && t[0] == '0' && (t[1] == 'x' || t[1] == 'X');
    if (text_is_digits(t, len - suffix)) {
        token = wide ? TOKEN_INT64 : TOKEN_INT;
        fits = digits_value(t, len - suffix, 10) <= max;
    } else if (hex && len - suffix > 2 &&
               strspn(t + 2, "0123456789abcdefABCDEF") == len - suffix - 2) {
        token = wide ? TOKEN_INT64 : TOKEN_INT;
        fits = digits_value(t + 2, len - suffix - 2, 16) <= max;
    } else if (float_ok(t, len, &fits)) {
        token = TOKEN_FLOAT;
    }
    int shown = sc->len > NUMBER_MAX ? NUMBER_MAX : (int)sc->len;
    if (token == TOKEN_ODD) {
        complain(sc, sc->line, "\"%.*s\" is not a number; write a time or text in quotes.", shown,
                 sc->text);
        sc->broken = true;
        return TOKEN_ODD;
    }
    if (!fits || sc->len > NUMBER_MAX)
        complain(sc, sc->line, "the number %.*s%s is too large.", shown, sc->text,
                 sc->len > NUMBER_MAX ? "..." : "");
    return token;
}

/* ------------------------------------------------------------------- tokens */

/* Comments and strings have an end: source.c has seen to that. */
static void scan_skip_blanks(struct scan *sc)
{
    for (;;) {
        if (strncmp(sc->at, "/*", 2) == 0) {
            const char *end = strstr(sc->at + 2, "*/");
            for (; sc->at < end; sc->at++)
                sc->line += *sc->at == '\n';
            sc->at += 2;
        } else if (*sc->at == '#' || strncmp(sc->at, "//", 2) == 0) {
            sc->at += strcspn(sc->at, "\n");
        } else if (*sc->at != '\0' && strchr(" \t\r\n\f", *sc->at) != NULL) {
            sc->line += *sc->at++ == '\n';
        } else {
            return;
        }
    }
}

static void token_string(struct scan *sc)
{
    for (sc->at++; *sc->at != '"'; sc->at++) {
        if (*sc->at == '\\' && (sc->at[1] == '"' || sc->at[1] == '\\'))
            sc->at++;
        else if (strncasecmp(sc->at, "\\x00", 4) == 0)
            complain(sc, sc->line, "\\x00 in a string would cut it short; it cannot be written.");
        sc->line += *sc->at == '\n';
    }
    sc->at++;
    sc->token = TOKEN_STRING;
}

static void token_word(struct scan *sc)
{
    do {
        sc->at++;
    } while (isalnum((unsigned char)*sc->at) || *sc->at == '-' || *sc->at == '_' || *sc->at == '*');
    sc->len = (size_t)(sc->at - sc->text);
    bool is_bool = (sc->len == 4 && strncasecmp(sc->text, "true", 4) == 0) ||
                   (sc->len == 5 && strncasecmp(sc->text, "false", 5) == 0);
    sc->token = is_bool ? TOKEN_BOOL : TOKEN_NAME;
}

static void number_run(struct scan *sc)
{
    do {
        sc->at++;
    } while (isalnum((unsigned char)*sc->at) || *sc->at == '.' || *sc->at == '_' ||
             ((*sc->at == '-' || *sc->at == '+') && (sc->at[-1] == 'e' || sc->at[-1] == 'E')));
    sc->len = (size_t)(sc->at - sc->text);
    sc->token = token_number(sc);
}

static void next(struct scan *sc)
{
    sc->last = sc->token;
    sc->last_text = sc->text;
    sc->last_len = sc->len;
    sc->last_line = sc->line;
    sc->last_begin = sc->token_line;
    scan_skip_blanks(sc);
    sc->text = sc->at;
    sc->token_line = sc->line;
    unsigned char c = (unsigned char)*sc->at;
    if (c == '\0') {
        sc->token = TOKEN_END;
    } else if (c == '"') {
        token_string(sc);
    } else if (isalpha(c) || c == '*') {
        token_word(sc);
    } else if (isdigit(c) || c == '.' || c == '-' || c == '+') {
        number_run(sc);
    } else {
        static const char marks[] = "=:,;{([})]";
        static const enum token tokens[] = {
            TOKEN_EQUALS, TOKEN_EQUALS, TOKEN_COMMA, TOKEN_SEMICOLON, TOKEN_OPEN,
            TOKEN_OPEN,   TOKEN_OPEN,   TOKEN_CLOSE, TOKEN_CLOSE,     TOKEN_CLOSE};
        const char *mark = strchr(marks, c);
        sc->token = mark != NULL ? tokens[mark - marks] : TOKEN_ODD;
        sc->at++;
        while (((unsigned char)*sc->at & 0xc0) == 0x80) /* the rest of one UTF-8 character */
            sc->at++;
    }
    sc->len = (size_t)(sc->at - sc->text);
}

static bool is_scalar(enum token t)
{
    return t >= TOKEN_STRING && t <= TOKEN_FLOAT;
}

/* How much of a token a message shows. */
static int shown_len(size_t len)
{
    return len > 60 ? 60 : (int)len;
}

/* ------------------------------------------------------------------ grammar */

static char closer(char open)
{
    return open == '{' ? '}' : open == '(' ? ')' : ']';
}

static bool push(struct scan *sc)
{
    if (sc->depth == SCAN_MAX_DEPTH) {
        complain(sc, sc->token_line, "the nesting is deeper than %d.", SCAN_MAX_DEPTH);
        return false;
    }
    sc->stack[++sc->depth] = (struct level_of_nesting){
        .open = *sc->text, .expect = EXPECT_FIRST, .line = sc->token_line, .serial = ++sc->serials};
    return true;
}

static bool pop(struct scan *sc)
{
    const struct level_of_nesting *in = &sc->stack[sc->depth];
    if (sc->depth == 0) {
        complain(sc, sc->token_line, "\"%c\" closes nothing.", *sc->text);
        return false;
    }
    if (*sc->text != closer(in->open)) {
        complain(sc, sc->token_line, "\"%c\" does not close the \"%c\" of line %u; \"%c\" would.",
                 *sc->text, in->open, source_line(sc->s, in->line), closer(in->open));
        return false;
    }
    sc->depth--;
    return true;
}

static bool never_closed(const struct scan *sc)
{
    const struct level_of_nesting *in = &sc->stack[sc->depth];
    complain(sc, in->line, "the \"%c\" that opens here is never closed.", in->open);
    return false;
}

/* Text right behind the closing quote of a string. */
static bool glued(const struct scan *sc)
{
    return sc->last == TOKEN_STRING && sc->text == sc->last_text + sc->last_len &&
           sc->token != TOKEN_END;
}

/* A string that is glued to the next text ends too late if it holds the end of a setting,
 * otherwise too early. */
static void glued_text(const struct scan *sc)
{
    const char *end = memchr(sc->last_text, ';', sc->last_len);
    if (end != NULL && memchr(end, '=', (size_t)(sc->text - end)) != NULL)
        complain(sc, sc->last_line, "the closing quote of %.*s is missing.",
                 shown_len((size_t)(end - sc->last_text)), sc->last_text);
    else
        complain(sc, sc->last_line,
                 "the string %.*s is followed by more text; a quote within a string is written "
                 "\\\".",
                 shown_len(sc->last_len), sc->last_text);
}

/* Says what is wrong where a separator is missing, with the classic reason if it is one. */
static bool separator_missing(const struct scan *sc, const struct level_of_nesting *in)
{
    bool group = in->open == '{' || in->open == 0;
    const char *separator = group ? "a semicolon" : "a comma";
    if (sc->last == TOKEN_STRING && sc->last_begin != sc->last_line)
        complain(sc, sc->last_begin,
                 "the string that begins here runs over the end of the line; is its closing quote "
                 "missing?");
    else if (glued(sc))
        glued_text(sc);
    else if (!group && sc->token == TOKEN_NAME)
        complain(sc, sc->last_line,
                 "after \"%.*s\" the \"%c\" is missing that closes the \"%c\" of line %u.",
                 shown_len(sc->last_len), sc->last_text, closer(in->open), in->open,
                 source_line(sc->s, in->line));
    else
        complain(sc, sc->last_line, "%s is missing after \"%.*s\".", separator,
                 shown_len(sc->last_len), sc->last_text);
    return false;
}

static bool note_name(struct scan *sc, struct level_of_nesting *in)
{
    if (++in->settings > SCAN_MAX_SETTINGS) {
        complain(sc, sc->token_line, "there are more than %d settings in one group.",
                 SCAN_MAX_SETTINGS);
        return false;
    }
    sc->names = mem_room(sc->names, sc->n_names, sizeof *sc->names);
    sc->names[sc->n_names++] = (struct name){sc->text, sc->len, in->serial, sc->token_line};
    return true;
}

static bool want_name(struct scan *sc, struct level_of_nesting *in)
{
    if (sc->token == TOKEN_NAME) {
        in->expect = EXPECT_EQUALS;
        return note_name(sc, in);
    }
    if (sc->token == TOKEN_CLOSE)
        return pop(sc);
    if (sc->token == TOKEN_END && sc->depth == 0)
        return true;
    if (sc->token == TOKEN_END)
        return never_closed(sc);
    if (sc->token == TOKEN_SEMICOLON || sc->token == TOKEN_COMMA)
        complain(sc, sc->token_line, "this \"%c\" ends nothing; leave it out.", *sc->text);
    else if (sc->token == TOKEN_STRING)
        complain(sc, sc->token_line, "the name of a setting has no quotes, unlike %.*s.",
                 shown_len(sc->len), sc->text);
    else if (sc->token == TOKEN_ODD && *sc->text == '@')
        complain(sc, sc->token_line, "@include \"FILE\" must stand at the beginning of a line.");
    else
        complain(sc, sc->token_line, "\"%.*s\" is not the name of a setting.", shown_len(sc->len),
                 sc->text);
    return false;
}

static bool want_equals(struct scan *sc, struct level_of_nesting *in)
{
    if (sc->token != TOKEN_EQUALS) {
        complain(sc, sc->last_line, "\"=\" is missing after \"%.*s\".", shown_len(sc->last_len),
                 sc->last_text);
        return false;
    }
    in->expect = EXPECT_VALUE;
    return true;
}

static bool element_ok(struct scan *sc, struct level_of_nesting *in)
{
    if (in->open != '[')
        return true;
    if (sc->token == TOKEN_OPEN) {
        complain(sc, sc->token_line, "an array [ ] holds plain values only; use a list ( ) here.");
        return false;
    }
    if (in->first == TOKEN_END)
        in->first = sc->token;
    if (in->first == sc->token)
        return true;
    bool numbers = in->first >= TOKEN_INT && sc->token >= TOKEN_INT;
    complain(sc, sc->token_line,
             numbers ? "the numbers of an array must be of one kind; write all of them with a "
                       "decimal point, as in [1.0, 2.5]."
                     : "the values of an array [ ] must be of one kind; use a list ( ) here.");
    return false;
}

static bool no_value(const struct scan *sc, const struct level_of_nesting *in)
{
    bool group = in->open == '{' || in->open == 0;
    if (sc->token == TOKEN_NAME && group)
        complain(sc, sc->token_line, "\"%.*s\" must be in quotes to be a value.",
                 shown_len(sc->len), sc->text);
    else if (sc->token == TOKEN_NAME)
        complain(sc, sc->token_line, "\"%.*s\" must be in quotes, or in a group { }.",
                 shown_len(sc->len), sc->text);
    else if (group)
        complain(sc, sc->last_line, "a value is missing after \"%.*s\".", shown_len(sc->last_len),
                 sc->last_text);
    else if (sc->token == TOKEN_CLOSE && sc->last == TOKEN_COMMA)
        complain(sc, sc->last_line, "the last element must have no comma behind it.");
    else if (sc->token == TOKEN_END)
        return never_closed(sc);
    else
        complain(sc, sc->token_line, "a value is expected, not \"%.*s\".", shown_len(sc->len),
                 sc->text);
    return false;
}

static bool want_value(struct scan *sc, struct level_of_nesting *in)
{
    if (!is_scalar(sc->token) && sc->token != TOKEN_OPEN)
        return no_value(sc, in);
    if (!element_ok(sc, in))
        return false;
    in->expect = EXPECT_MORE;
    return sc->token != TOKEN_OPEN || push(sc);
}

/* After a value: its separator, the end, or the next part of a string. */
static bool want_more(struct scan *sc, struct level_of_nesting *in)
{
    bool group = in->open == '{' || in->open == 0;
    if (sc->token == TOKEN_STRING && sc->last == TOKEN_STRING)
        return true;
    if (sc->token == TOKEN_CLOSE)
        return pop(sc);
    if (group && (sc->token == TOKEN_SEMICOLON || sc->token == TOKEN_COMMA)) {
        in->expect = EXPECT_NAME;
        return true;
    }
    if (!group && sc->token == TOKEN_COMMA) {
        in->expect = EXPECT_VALUE;
        return true;
    }
    /* The separator may be left out, but who writes a name right behind a quote has
     * forgotten an earlier one. */
    if (group && ((sc->token == TOKEN_NAME && !glued(sc)) || sc->token == TOKEN_END))
        return want_name(sc, in);
    if (sc->token == TOKEN_END)
        return never_closed(sc);
    if (!group && sc->token == TOKEN_SEMICOLON) {
        complain(sc, sc->token_line, "commas part the elements of a list, not semicolons.");
        return false;
    }
    return separator_missing(sc, in);
}

static bool scan_step(struct scan *sc)
{
    struct level_of_nesting *in = &sc->stack[sc->depth];
    bool group = in->open == '{' || in->open == 0;
    if (in->expect == EXPECT_FIRST) {
        if (!group && sc->token == TOKEN_CLOSE)
            return pop(sc);
        in->expect = group ? EXPECT_NAME : EXPECT_VALUE;
    }
    switch (in->expect) {
    case EXPECT_EQUALS:
        return want_equals(sc, in);
    case EXPECT_VALUE:
        return want_value(sc, in);
    case EXPECT_MORE:
        return want_more(sc, in);
    case EXPECT_FIRST:
    case EXPECT_NAME:
        break;
    }
    return want_name(sc, in);
}

/* --------------------------------------------------------------- duplicates */

static int by_group_and_name(const void *a, const void *b)
{
    const struct name *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    size_t shorter = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->text, y->text, shorter);
    if (order == 0 && x->len != y->len)
        order = x->len < y->len ? -1 : 1;
    return order != 0 ? order : x->text < y->text ? -1 : x->text > y->text;
}

static void find_duplicates(struct scan *sc)
{
    if (sc->n_names > 1)
        qsort(sc->names, sc->n_names, sizeof *sc->names, by_group_and_name);
    size_t first = 0;
    for (size_t i = 1; i < sc->n_names; i++) {
        const struct name *a = &sc->names[first], *b = &sc->names[i];
        if (a->group != b->group || a->len != b->len || memcmp(a->text, b->text, a->len) != 0)
            first = i;
        else
            complain(sc, b->line, "\"%.*s\" is given twice; the first is on line %u.",
                     shown_len(b->len), b->text, source_line(sc->s, a->line));
    }
}

bool scan_source(const struct source *s, struct problems *problems)
{
    size_t before = problems->n + problems->dropped;
    struct scan sc = {.s = s, .problems = problems, .at = s->text, .text = s->text, .line = 1};
    sc.stack[0].expect = EXPECT_NAME;
    bool ok = true;
    do {
        next(&sc);
        ok = !sc.broken && scan_step(&sc);
    } while (ok && sc.token != TOKEN_END);
    find_duplicates(&sc);
    free(sc.names);
    return problems->n + problems->dropped == before;
}
