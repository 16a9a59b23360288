/* SPDX-License-Identifier: MIT */
#include "src/settings/scan.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

#define FLOAT_LARGEST 1e200

enum token_kind {
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
    TOKEN_ODD,
    TOKEN_NO_NUMBER /* begins like one */
};

struct token {
    enum token_kind kind;
    const char *text;
    size_t len;
    unsigned line, last_line; /* where it begins and ends */
    bool fits;                /* a number: what libconfig makes of it has the same value */
};

struct name {
    const char *text;
    size_t len;
    unsigned line;
};

struct bracket {
    char open;             /* '{', '(', '[', or 0 for the file itself */
    unsigned line;         /* where it was opened */
    size_t settings;       /* counted in a group */
    size_t first_name;     /* a group's names are the last of all names */
    enum token_kind first; /* an array's elements must all be of its first one's kind */
};

struct scan {
    const struct source *s;
    struct problems *problems;
    const char *at;
    unsigned line;
    struct token last, now;
    struct bracket stack[SCAN_MAX_DEPTH + 1];
    unsigned depth;
    struct name *names;
    size_t n_names;
};

#define complain(sc, line, ...) source_problem((sc)->s, (sc)->problems, line, __VA_ARGS__)

/* How much of a token a message shows. */
static int shown_len(size_t len)
{
    return len > 60 ? 60 : (int)len;
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

static enum token_kind scan_string(struct scan *sc)
{
    for (sc->at++; *sc->at != '"'; sc->at++) {
        if (*sc->at == '\\' && (sc->at[1] == '"' || sc->at[1] == '\\'))
            sc->at++;
        sc->line += *sc->at == '\n';
    }
    sc->at++;
    return TOKEN_STRING;
}

static enum token_kind scan_word(struct scan *sc)
{
    do {
        sc->at++;
    } while (isalnum((unsigned char)*sc->at) || *sc->at == '-' || *sc->at == '_' || *sc->at == '*');
    size_t len = (size_t)(sc->at - sc->now.text);
    return (len == 4 && strncasecmp(sc->now.text, "true", 4) == 0) ||
                   (len == 5 && strncasecmp(sc->now.text, "false", 5) == 0)
               ? TOKEN_BOOL
               : TOKEN_NAME;
}

/* Says which kind of number it is; TOKEN_NO_NUMBER for none. */
static enum token_kind number_kind(const char *text, size_t len, bool *fits)
{
    bool sign = *text == '-' || *text == '+', hex = !sign && strncasecmp(text, "0x", 2) == 0;
    const char *digits = text + (hex ? 2 : sign), *end = text + len;
    const char *suffix = digits + strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");
    if (suffix > digits && end - suffix <= 2 && strspn(suffix, "L") >= (size_t)(end - suffix)) {
        errno = 0;
        long long v = strtoll(text, NULL, hex ? 16 : 10);
        *fits = errno == 0 && (suffix < end || (v >= INT_MIN && v <= INT_MAX));
        return suffix < end ? TOKEN_INT64 : TOKEN_INT;
    }
    char *stop;
    *fits = fabs(strtod(text, &stop)) <= FLOAT_LARGEST;
    bool decimal = text + sign + strspn(text + sign, "0123456789.eE+-") >= end;
    return decimal && stop == end ? TOKEN_FLOAT : TOKEN_NO_NUMBER;
}

static enum token_kind scan_number(struct scan *sc)
{
    do {
        sc->at++;
    } while (isalnum((unsigned char)*sc->at) || *sc->at == '.' || *sc->at == '_' ||
             ((*sc->at == '-' || *sc->at == '+') && (sc->at[-1] == 'e' || sc->at[-1] == 'E')));
    return number_kind(sc->now.text, (size_t)(sc->at - sc->now.text), &sc->now.fits);
}

static enum token_kind scan_mark(struct scan *sc)
{
    static const char marks[] = "=:,;{([})]";
    static const enum token_kind kinds[] = {
        TOKEN_EQUALS, TOKEN_EQUALS, TOKEN_COMMA, TOKEN_SEMICOLON, TOKEN_OPEN,
        TOKEN_OPEN,   TOKEN_OPEN,   TOKEN_CLOSE, TOKEN_CLOSE,     TOKEN_CLOSE};
    const char *mark = strchr(marks, *sc->at);
    sc->at++;
    while (((unsigned char)*sc->at & 0xc0) == 0x80) /* the rest of one UTF-8 character */
        sc->at++;
    return mark != NULL ? kinds[mark - marks] : TOKEN_ODD;
}

/* Goes on to the next token; false at the end. */
static bool scan_next(struct scan *sc)
{
    sc->last = sc->now;
    scan_skip_blanks(sc);
    sc->now = (struct token){.text = sc->at, .line = sc->line};
    unsigned char c = (unsigned char)*sc->at;
    if (c == '"')
        sc->now.kind = scan_string(sc);
    else if (isalpha(c) || c == '*')
        sc->now.kind = scan_word(sc);
    else if (isdigit(c) || c == '.' || c == '-' || c == '+')
        sc->now.kind = scan_number(sc);
    else if (c != '\0')
        sc->now.kind = scan_mark(sc);
    sc->now.len = (size_t)(sc->at - sc->now.text);
    sc->now.last_line = sc->line;
    return sc->now.kind != TOKEN_END;
}

static struct bracket *innermost(struct scan *sc)
{
    return &sc->stack[sc->depth];
}

static bool is_group(const struct bracket *in)
{
    return in->open == '{' || in->open == 0;
}

/* --------------------------------------------------- what libconfig gets wrong */

/* libconfig 1.5 wraps integers that are too large and makes infinity of 1e999. */
static bool number_wraps(const struct token *t)
{
    return t->kind >= TOKEN_INT && t->kind <= TOKEN_FLOAT && !t->fits;
}

/* libconfig 1.5 cuts a string at \x00. */
static bool string_is_cut(const struct token *t)
{
    for (const char *at = t->text; t->kind == TOKEN_STRING && at < t->text + t->len; at++) {
        if (*at == '\\' && at[1] == '\\')
            at++;
        else if (strncasecmp(at, "\\x00", 4) == 0)
            return true;
    }
    return false;
}

/* libconfig 1.5 needs nothing between a string and what follows: a quote in the wrong place can
 * make other settings of what was to be a text. */
static bool text_behind_string(const struct scan *sc)
{
    return sc->last.kind == TOKEN_STRING && sc->now.kind != TOKEN_END &&
           sc->now.text == sc->last.text + sc->last.len;
}

/* libconfig 1.5 compares the name of a setting with all before it in its group, which is quadratic.
 * It has a limit of nesting, thousands, which it calls a syntax error. */
static bool scan_exceeds(struct scan *sc)
{
    if (sc->now.kind == TOKEN_EQUALS)
        return ++innermost(sc)->settings > SCAN_MAX_SETTINGS;
    if (sc->now.kind == TOKEN_CLOSE && sc->depth > 0)
        sc->depth--;
    if (sc->now.kind != TOKEN_OPEN)
        return false;
    if (sc->depth == SCAN_MAX_DEPTH)
        return true;
    sc->stack[++sc->depth] = (struct bracket){0};
    return false;
}

bool scan_source(const struct source *s)
{
    struct scan sc = {.s = s, .at = s->text, .line = 1};
    while (scan_next(&sc)) {
        /* A number ends for libconfig where a name can begin, and a lone point is one: `a = 5s = 1`
         * are two settings. */
        if (sc.now.kind == TOKEN_NO_NUMBER || number_wraps(&sc.now) || string_is_cut(&sc.now) ||
            (sc.now.kind == TOKEN_NAME && text_behind_string(&sc)) || scan_exceeds(&sc))
            return false;
    }
    return true;
}

/* ------------------------------------------------------ what libconfig does not tell */

/* False: not even its kind is known. */
static bool explain_literal(struct scan *sc)
{
    const struct token *t = &sc->now;
    int shown = t->len > 40 ? 40 : (int)t->len;
    if (t->kind == TOKEN_NO_NUMBER)
        complain(sc, t->line, "\"%.*s\" is not a number; write a time or text in quotes.", shown,
                 t->text);
    else if (number_wraps(t))
        complain(sc, t->line, "the number %.*s%s is too large.", shown, t->text,
                 (size_t)shown < t->len ? "..." : "");
    else if (string_is_cut(t))
        complain(sc, t->line, "\\x00 in a string would cut it short; it cannot be written.");
    return t->kind != TOKEN_NO_NUMBER;
}

/* Says which quote is missing where text stands right behind a string.  A string that holds the
 * end of a setting ends too late, others too early. */
static bool explain_quotes(struct scan *sc)
{
    const struct token *t = &sc->last;
    const char *end = memchr(t->text, ';', t->len);
    if (t->line != t->last_line)
        complain(sc, t->line,
                 "the string that begins here runs over the end of the line; is its closing quote "
                 "missing?");
    else if (end != NULL && memchr(end, '=', (size_t)(sc->now.text - end)) != NULL)
        complain(sc, t->last_line, "the closing quote of %.*s is missing.",
                 shown_len((size_t)(end - t->text)), t->text);
    else
        complain(sc, t->last_line,
                 "the string %.*s is followed by more text; a quote within a string is written "
                 "\\\".",
                 shown_len(t->len), t->text);
    return false;
}

static char closing(char open)
{
    return open == '{' ? '}' : open == '(' ? ')' : ']';
}

static bool explain_end(struct scan *sc)
{
    const struct bracket *in = innermost(sc);
    if (in->open != 0)
        complain(sc, in->line, "the \"%c\" that opens here is never closed.", in->open);
    return in->open == 0;
}

static bool explain_close(struct scan *sc)
{
    const struct bracket *in = innermost(sc);
    char c = *sc->now.text;
    if (in->open == 0) {
        complain(sc, sc->now.line, "\"%c\" closes nothing.", c);
        return false;
    }
    if (c != closing(in->open)) {
        complain(sc, sc->now.line, "\"%c\" does not close the \"%c\" of line %u; \"%c\" would.", c,
                 in->open, source_line(sc->s, in->line), closing(in->open));
        return false;
    }
    if (is_group(in))
        sc->n_names = in->first_name;
    sc->depth--;
    return true;
}

/* All twins are told, and what comes behind one. */
static bool explain_name(struct scan *sc)
{
    const struct token *t = &sc->now;
    if (++innermost(sc)->settings > SCAN_MAX_SETTINGS) {
        complain(sc, t->line, "there are more than %d settings in one group.", SCAN_MAX_SETTINGS);
        return false;
    }
    for (size_t i = innermost(sc)->first_name; i < sc->n_names; i++) {
        const struct name *n = &sc->names[i];
        if (n->len == t->len && memcmp(n->text, t->text, t->len) == 0) {
            complain(sc, t->line, "\"%.*s\" is given twice; the first is on line %u.",
                     shown_len(t->len), t->text, source_line(sc->s, n->line));
            return true;
        }
    }
    sc->names = mem_room(sc->names, sc->n_names, sizeof *sc->names);
    sc->names[sc->n_names++] = (struct name){t->text, t->len, t->line};
    return true;
}

static bool explain_no_name(struct scan *sc)
{
    const struct token *t = &sc->now;
    if (t->kind == TOKEN_SEMICOLON || t->kind == TOKEN_COMMA)
        complain(sc, t->line, "this \"%c\" ends nothing; leave it out.", *t->text);
    else if (t->kind == TOKEN_STRING)
        complain(sc, t->line, "the name of a setting has no quotes, unlike %.*s.",
                 shown_len(t->len), t->text);
    else if (t->kind == TOKEN_ODD && *t->text == '@')
        complain(sc, t->line, "@include \"FILE\" must stand at the beginning of a line.");
    else
        complain(sc, t->line, "\"%.*s\" is not the name of a setting.", shown_len(t->len), t->text);
    return false;
}

static bool explain_value(struct scan *sc)
{
    struct bracket *in = innermost(sc);
    enum token_kind kind = sc->now.kind;
    if (in->open == '[' && kind == TOKEN_OPEN) {
        complain(sc, sc->now.line, "an array [ ] holds plain values only; use a list ( ) here.");
        return false;
    }
    if (in->open == '[' && in->first == TOKEN_END)
        in->first = kind;
    if (in->open == '[' && in->first != kind) {
        complain(sc, sc->now.line,
                 in->first >= TOKEN_INT && kind >= TOKEN_INT
                     ? "the numbers of an array must be of one kind; write all of them with a "
                       "decimal point, as in [1.0, 2.5]."
                     : "the values of an array [ ] must be of one kind; use a list ( ) here.");
        return false;
    }
    if (kind == TOKEN_OPEN && sc->depth == SCAN_MAX_DEPTH) {
        complain(sc, sc->now.line, "the nesting is deeper than %d.", SCAN_MAX_DEPTH);
        return false;
    }
    if (kind == TOKEN_OPEN)
        sc->stack[++sc->depth] = (struct bracket){
            .open = *sc->now.text, .line = sc->now.line, .first_name = sc->n_names};
    return true;
}

static bool explain_no_value(struct scan *sc)
{
    const struct token *t = &sc->now, *last = &sc->last;
    bool group = is_group(innermost(sc));
    if (t->kind == TOKEN_NAME)
        complain(sc, t->line, "\"%.*s\" must be in quotes%s", shown_len(t->len), t->text,
                 group ? " to be a value." : ", or in a group { }.");
    else if (group)
        complain(sc, last->last_line, "a value is missing after \"%.*s\".", shown_len(last->len),
                 last->text);
    else if (t->kind == TOKEN_CLOSE)
        complain(sc, last->last_line, "the last element must have no comma behind it.");
    else if (t->kind == TOKEN_END)
        explain_end(sc);
    else
        complain(sc, t->line, "a value is expected, not \"%.*s\".", shown_len(t->len), t->text);
    return false;
}

static bool explain_no_separator(struct scan *sc)
{
    const struct token *last = &sc->last;
    const struct bracket *in = innermost(sc);
    bool group = is_group(in);
    if (!group && sc->now.kind == TOKEN_SEMICOLON)
        complain(sc, sc->now.line, "commas part the elements of a list, not semicolons.");
    else if (text_behind_string(sc) ||
             (last->kind == TOKEN_STRING && last->line != last->last_line))
        return explain_quotes(sc);
    else if (!group && sc->now.kind == TOKEN_NAME)
        complain(sc, last->last_line,
                 "after \"%.*s\" the \"%c\" is missing that closes the \"%c\" of line %u.",
                 shown_len(last->len), last->text, closing(in->open), in->open,
                 source_line(sc->s, in->line));
    else
        complain(sc, last->last_line, "%s is missing after \"%.*s\".",
                 group ? "a semicolon" : "a comma", shown_len(last->len), last->text);
    return false;
}

/* Goes by the token before: it and the brackets say what may come.  False: the mistake is found. */
static bool explain_token(struct scan *sc)
{
    enum token_kind last = sc->last.kind, kind = sc->now.kind;
    bool group = is_group(innermost(sc)), opened = last == TOKEN_OPEN || last == TOKEN_END;
    if (group && last == TOKEN_NAME) {
        if (kind != TOKEN_EQUALS)
            complain(sc, sc->last.last_line, "\"=\" is missing after \"%.*s\".",
                     shown_len(sc->last.len), sc->last.text);
        return kind == TOKEN_EQUALS;
    }
    if (kind == TOKEN_CLOSE && (group ? last != TOKEN_EQUALS : last != TOKEN_COMMA))
        return explain_close(sc);
    if (kind == TOKEN_END && last != TOKEN_EQUALS)
        return explain_end(sc);
    if (last == TOKEN_EQUALS || (!group && (opened || last == TOKEN_COMMA))) {
        bool value = (kind >= TOKEN_STRING && kind <= TOKEN_FLOAT) || kind == TOKEN_OPEN;
        return value ? explain_value(sc) : explain_no_value(sc);
    }
    bool name = opened || last == TOKEN_SEMICOLON || last == TOKEN_COMMA;
    if (group && kind == TOKEN_NAME && !text_behind_string(sc))
        return explain_name(sc);
    if (name)
        return explain_no_name(sc);
    return kind == TOKEN_COMMA || (group && kind == TOKEN_SEMICOLON) ||
           (kind == TOKEN_STRING && last == TOKEN_STRING) || explain_no_separator(sc);
}

bool scan_explain(const struct source *s, struct problems *problems)
{
    size_t before = problems->n + problems->dropped;
    struct scan sc = {.s = s, .problems = problems, .at = s->text, .line = 1};
    bool more = true;
    while (more) {
        more = scan_next(&sc);
        more = explain_literal(&sc) && explain_token(&sc) && more;
    }
    free(sc.names);
    return problems->n + problems->dropped > before;
}
