/* SPDX-License-Identifier: MIT */
#include "src/import/shell.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/mem.h"

struct splitter {
    struct shell_words *w;
    const char *at;
    struct buf word;
    bool begun;    /* there is a word, be it empty */
    bool skipping; /* what a pipe leads to */
    bool dropping; /* the next word is where output goes */
    struct err *e;
};

/* ------------------------------------------------------------------- output */

static void put(struct splitter *s, char c)
{
    /* A literal $ before a { that follows it must not begin a ${variable}. */
    if (c == '{' && s->word.len > 0 && s->word.data[s->word.len - 1] == '$')
        buf_text(&s->word, "${");
    else
        buf_char(&s->word, c);
    s->begun = true;
}

static void end_word(struct splitter *s)
{
    bool keep = s->begun && !s->skipping && !s->dropping;
    if (s->begun)
        s->dropping = false;
    s->begun = false;
    char *text = buf_take(&s->word);
    if (!keep) {
        free(text);
        return;
    }
    s->w->items = mem_room(s->w->items, s->w->n, sizeof *s->w->items);
    s->w->items[s->w->n++] = text;
}

static void end_command(struct splitter *s)
{
    end_word(s);
    s->skipping = s->dropping = false;
    if (s->w->n == 0 || s->w->items[s->w->n - 1] == NULL)
        return;
    s->w->items = mem_room(s->w->items, s->w->n, sizeof *s->w->items);
    s->w->items[s->w->n++] = NULL;
}

/* -------------------------------------------------------------- a POSIX shell */

static size_t line_break(const char *text)
{
    return *text == '\n' ? 1 : text[0] == '\r' && text[1] == '\n' ? 2 : 0;
}

/* The backslash that ends a line, also when blanks crept in behind it. */
static size_t continuation(const char *text)
{
    size_t n = 1 + strspn(text + 1, " \t");
    size_t end = line_break(text + n);
    return end > 0 ? n + end : 0;
}

static int hex(const char *text, unsigned max, unsigned *digits)
{
    int v = 0;
    for (*digits = 0; *digits < max && isxdigit((unsigned char)text[*digits]); (*digits)++) {
        char c = (char)tolower((unsigned char)text[*digits]);
        v = v * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return v;
}

/* \uXXXX, and the second half of a pair if it is one: browsers write UTF-16. */
static void put_unicode(struct splitter *s, unsigned max)
{
    unsigned digits, more;
    uint32_t cp = (uint32_t)hex(s->at, max, &digits);
    char utf8[4];
    s->at += digits;
    if (cp >= 0xd800 && cp < 0xdc00 && strncmp(s->at, "\\u", 2) == 0) {
        uint32_t low = (uint32_t)hex(s->at + 2, 4, &more);
        if (low >= 0xdc00 && low < 0xe000) {
            cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
            s->at += 2 + more;
        }
    }
    if (digits == 0 || cp == 0 || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
        cp = 0xfffd;
    size_t n = clean_encode(cp, utf8);
    for (size_t i = 0; i < n; i++)
        put(s, utf8[i]);
}

static void put_octal(struct splitter *s)
{
    int v = 0;
    for (int i = 0; i < 3 && *s->at >= '0' && *s->at <= '7'; i++)
        v = v * 8 + (*s->at++ - '0');
    if ((v & 0xff) != 0)
        put(s, (char)(v & 0xff));
}

/* Behind the backslash within $'...'. */
static void ansi_escape(struct splitter *s)
{
    static const char from[] = "abefnrtvE", to[] = "\a\b\033\f\n\r\t\v\033";
    char c = *s->at;
    const char *plain = c != '\0' ? strchr(from, c) : NULL;
    unsigned digits;
    if (c >= '0' && c <= '7') {
        put_octal(s);
        return;
    }
    s->at++;
    if (plain != NULL) {
        put(s, to[plain - from]);
    } else if (c == 'x') {
        int v = hex(s->at, 2, &digits);
        s->at += digits;
        if (v != 0)
            put(s, (char)v);
    } else if (c == 'u' || c == 'U') {
        put_unicode(s, c == 'u' ? 4 : 8);
    } else {
        if (strchr("\\'\"?", c) == NULL)
            put(s, '\\');
        put(s, c);
    }
}

static bool never_closed(struct splitter *s, const char *quote)
{
    return err_set(s->e,
                   "a quote %s that is opened in the command is never closed; was all of it "
                   "pasted?",
                   quote);
}

static bool ansi_quoted(struct splitter *s)
{
    s->begun = true;
    while (*s->at != '\0' && *s->at != '\'') {
        if (*s->at == '\\' && s->at[1] != '\0') {
            s->at++;
            ansi_escape(s);
        } else {
            put(s, *s->at++);
        }
    }
    if (*s->at == '\0')
        return never_closed(s, "$'");
    s->at++;
    return true;
}

static bool single_quoted(struct splitter *s)
{
    s->begun = true;
    while (*s->at != '\0' && *s->at != '\'')
        put(s, *s->at++);
    if (*s->at == '\0')
        return never_closed(s, "'");
    s->at++;
    return true;
}

static bool not_run(struct splitter *s, const char *what)
{
    return err_set(s->e,
                   "the command holds %s, which a shell would have to work out; nothing is "
                   "executed here, so put the value in its place, or '...' around it if it is "
                   "meant as it stands.",
                   what);
}

static size_t name_len(const char *text)
{
    size_t n = 0;
    if (!isalpha((unsigned char)*text) && *text != '_')
        return 0;
    while (isalnum((unsigned char)text[n]) || text[n] == '_')
        n++;
    return n;
}

/* Behind a $ that is not within '...'. */
static bool dollar(struct splitter *s)
{
    bool braces = *s->at == '{';
    const char *name = s->at + braces;
    size_t n = name_len(name), fallback = 0;
    if (n == 0) {
        if (*s->at == '(')
            return not_run(s, "$(...)");
        if (*s->at != '\0' && strchr("{?@*#!$-0123456789", *s->at) != NULL)
            return not_run(s, "a $ with a meaning of its own");
        put(s, '$');
        return true;
    }
    if (braces && strncmp(name + n, ":-", 2) == 0)
        fallback = 2 + strcspn(name + n + 2, "${}\"'\\`\n");
    if (braces && name[n + fallback] != '}')
        return not_run(s, "a ${...} that does more than name a variable");
    if (s->word.len > 0 && s->word.data[s->word.len - 1] == '$')
        return not_run(s, "a $ right before a variable");
    buf_printf(&s->word, "${env:%.*s}", (int)(n + fallback), name);
    s->begun = s->w->environment = true;
    s->at = name + n + fallback + braces;
    return true;
}

static bool double_quoted(struct splitter *s)
{
    s->begun = true;
    while (*s->at != '\0' && *s->at != '"') {
        char c = *s->at++;
        if (c == '\\' && continuation(s->at - 1) > 0 && line_break(s->at) > 0) {
            s->at += line_break(s->at);
        } else if (c == '\\' && *s->at != '\0' && strchr("$`\"\\", *s->at) != NULL) {
            put(s, *s->at++);
        } else if (c == '`') {
            return not_run(s, "`...`");
        } else if (c == '$') {
            if (!dollar(s))
                return false;
        } else {
            put(s, c);
        }
    }
    if (*s->at == '\0')
        return never_closed(s, "\"");
    s->at++;
    return true;
}

static bool redirection(struct splitter *s)
{
    if (*s->at == '<')
        return err_set(s->e, "the command reads a file with \"<\"; name the file as in "
                             "--data-binary @FILE.");
    /* The number in front of it ("2>") is no word. */
    if (s->word.len == 1 && isdigit((unsigned char)s->word.data[0])) {
        buf_clear(&s->word);
        s->begun = false;
    }
    end_word(s);
    s->at += strspn(s->at, ">&|");
    s->dropping = s->w->left_out = true;
    return true;
}

static bool operator_at(struct splitter *s)
{
    if (*s->at == '&' && s->at[1] == '>')
        s->at++;
    if (*s->at == '>' || *s->at == '<')
        return redirection(s);
    if (s->at[0] == '|' && s->at[1] != '|') {
        end_word(s);
        s->skipping = s->w->left_out = true;
        s->at += 1 + (s->at[1] == '&');
        return true;
    }
    end_command(s);
    s->at += strspn(s->at, ";&|");
    return true;
}

static bool posix_step(struct splitter *s)
{
    char c = *s->at;
    size_t n = c == '\\' ? continuation(s->at) : line_break(s->at);
    if (n > 0) {
        s->at += n;
        if (c != '\\')
            end_command(s);
        return true;
    }
    if (c != '\0' && strchr(";&|<>", c) != NULL)
        return operator_at(s);
    if (c == '#' && !s->begun) {
        s->at += strcspn(s->at, "\n");
        return true;
    }
    s->at++;
    switch (c) {
    case ' ':
    case '\t':
    case '\r':
        end_word(s);
        return true;
    case '\'':
        return single_quoted(s);
    case '"':
        return double_quoted(s);
    case '`':
        return not_run(s, "`...`");
    case '\\':
        if (*s->at != '\0')
            put(s, *s->at++);
        return true;
    case '$':
        if (*s->at == '\'' || *s->at == '"')
            return *s->at++ == '\'' ? ansi_quoted(s) : double_quoted(s);
        return dollar(s);
    default:
        put(s, c);
        return true;
    }
}

/* ------------------------------------------------------------- Windows' cmd */

/* What cmd makes of its line before the program sees it: plain characters, and marks for
 * those that cmd itself acts on. */
enum cmd_mark { CMD_PLAIN, CMD_END, CMD_PIPE };

static void cmd_char(struct buf *chars, struct buf *marks, char c, enum cmd_mark mark)
{
    buf_char(chars, c);
    buf_char(marks, (char)mark);
}

/* Behind a caret. */
static const char *caret(const char *at, struct buf *chars, struct buf *marks)
{
    size_t n = line_break(at);
    if (n == 0) {
        if (*at != '\0')
            cmd_char(chars, marks, *at++, CMD_PLAIN);
        return at;
    }
    /* The break is swallowed, and the character behind it is taken as it is: a second
     * break is how a browser writes a line feed. */
    at += n;
    n = line_break(at);
    if (n > 0)
        cmd_char(chars, marks, '\n', CMD_PLAIN);
    return at + n;
}

static void cmd_carets(const char *at, struct buf *chars, struct buf *marks)
{
    bool quoted = false;
    while (*at != '\0') {
        size_t n = line_break(at);
        char c = *at++;
        if (c == '^' && !quoted) {
            at = caret(at, chars, marks);
        } else if (n > 0) {
            cmd_char(chars, marks, '\n', CMD_END);
            at += n - 1;
            quoted = false;
        } else if (!quoted && (c == '&' || c == '|' || c == '>')) {
            cmd_char(chars, marks, c, c == '&' ? CMD_END : CMD_PIPE);
        } else {
            quoted ^= c == '"';
            cmd_char(chars, marks, c, CMD_PLAIN);
        }
    }
}

/* Backslashes: those in front of a quote are halved, and so are all that a browser doubled
 * (it doubles every one). */
static size_t backslashes(struct splitter *s, const char *text, bool doubled, bool *escaped)
{
    size_t n = strspn(text, "\\");
    bool halve = text[n] == '"' || doubled;
    for (size_t i = 0; i < (halve ? n / 2 : n); i++)
        put(s, '\\');
    *escaped = text[n] == '"' && n % 2 == 1;
    if (doubled && text[n] != '"' && n % 2 == 1)
        put(s, '\\');
    return n;
}

static bool split_cmd(struct splitter *s, const char *text)
{
    struct buf chars = {0}, marks = {0};
    bool doubled = strstr(text, "^\"") != NULL, quoted = false;
    cmd_carets(text, &chars, &marks);
    for (size_t i = 0; i < chars.len; i++) {
        char c = chars.data[i];
        bool escaped = false;
        if (c == '\\') {
            i += backslashes(s, chars.data + i, doubled, &escaped);
            if (escaped)
                put(s, '"');
            else
                i--;
        } else if (c == '"') {
            s->begun = true;
            if (quoted && chars.data[i + 1] == '"')
                put(s, chars.data[i++]); /* "" within quotes is one */
            else
                quoted = !quoted;
        } else if (!quoted && marks.data[i] == CMD_END) {
            end_command(s);
        } else if (!quoted && marks.data[i] == CMD_PIPE) {
            end_word(s);
            s->skipping = s->w->left_out = true;
        } else if (!quoted && (c == ' ' || c == '\t')) {
            end_word(s);
        } else {
            put(s, c);
        }
    }
    buf_finish(&chars);
    buf_finish(&marks);
    return !quoted || never_closed(s, "\"");
}

/* A caret before a quote or at the end of a line: nobody else writes that, but within quotes
 * of a POSIX shell ("^") it may stand for anything. */
static bool is_cmd(const char *text)
{
    char quote = '\0';
    for (; *text != '\0'; text++) {
        if (*text == '\\' && quote != '\'' && text[1] != '\0')
            text++;
        else if (quote != '\0' ? *text == quote : *text == '"' || *text == '\'')
            quote = quote != '\0' ? '\0' : *text;
        else if (quote == '\0' && *text == '^' && (text[1] == '"' || line_break(text + 1) > 0))
            return true;
    }
    return false;
}

/* ------------------------------------------------------------------ the whole */

bool shell_split(struct shell_words *w, const char *text, struct err *e)
{
    struct splitter s = {.w = w, .e = e};
    bool ok = true;
    *w = (struct shell_words){0};
    text += strspn(text, " \t\r\n");
    if (strchr("$>%#", *text) != NULL && *text != '\0' && (text[1] == ' ' || text[1] == '\t'))
        text += 2; /* a prompt that was pasted too */
    if (is_cmd(text)) {
        ok = split_cmd(&s, text);
    } else {
        for (s.at = text; ok && *s.at != '\0';)
            ok = posix_step(&s);
    }
    if (ok)
        end_command(&s);
    buf_finish(&s.word);
    return ok;
}

void shell_finish(struct shell_words *w)
{
    for (size_t i = 0; i < w->n; i++)
        free(w->items[i]);
    free(w->items);
    *w = (struct shell_words){0};
}
