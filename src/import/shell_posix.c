/* SPDX-License-Identifier: MIT */
/* A POSIX shell's words, and bash's $'...'. */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/num.h"
#include "src/import/shell_parts.h"

/* The backslash that ends a line, also when blanks crept in behind it. */
static size_t continuation(const char *text)
{
    size_t n = 1 + strspn(text + 1, " \t");
    size_t end = shell_line_break(text + n);
    return end > 0 ? n + end : 0;
}

/* ------------------------------------------------------------------- $'...' */

static int hex_value(const char *text, unsigned max, unsigned *digits)
{
    int v = 0;
    for (*digits = 0; *digits < max && num_hex_digit(text[*digits]) >= 0; (*digits)++)
        v = v * 16 + num_hex_digit(text[*digits]);
    return v;
}

/* \uXXXX, and the second half of a pair if it is one: browsers write UTF-16. */
static void put_unicode(struct splitter *s, unsigned max)
{
    unsigned digits, more;
    uint32_t cp = (uint32_t)hex_value(s->at, max, &digits);
    char utf8[4];
    s->at += digits;
    if (cp >= 0xd800 && cp < 0xdc00 && strncmp(s->at, "\\u", 2) == 0) {
        uint32_t low = (uint32_t)hex_value(s->at + 2, 4, &more);
        if (low >= 0xdc00 && low < 0xe000) {
            cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
            s->at += 2 + more;
        }
    }
    if (digits == 0 || cp == 0 || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
        cp = 0xfffd;
    size_t n = clean_encode(cp, utf8);
    for (size_t i = 0; i < n; i++)
        shell_put(s, utf8[i]);
}

/* False for a NUL, which ends the text for bash. */
static bool put_byte(struct splitter *s, int v)
{
    if ((v & 0xff) != 0)
        shell_put(s, (char)(v & 0xff));
    return (v & 0xff) != 0;
}

static bool put_octal(struct splitter *s)
{
    int v = 0;
    for (int i = 0; i < 3 && *s->at >= '0' && *s->at <= '7'; i++)
        v = v * 8 + (*s->at++ - '0');
    return put_byte(s, v);
}

/* Behind the backslash within $'...'; false where the text ends for bash. */
static bool ansi_escape(struct splitter *s)
{
    static const char from[] = "abefnrtvE", to[] = "\a\b\033\f\n\r\t\v\033";
    char c = *s->at;
    const char *plain = c != '\0' ? strchr(from, c) : NULL;
    unsigned digits;
    if (c >= '0' && c <= '7')
        return put_octal(s);
    s->at++;
    if (plain != NULL) {
        shell_put(s, to[plain - from]);
    } else if (c == 'x') {
        int v = hex_value(s->at, 2, &digits);
        s->at += digits;
        if (digits > 0)
            return put_byte(s, v);
        buf_text(&s->word, "\\x");
    } else if (c == 'u' || c == 'U') {
        put_unicode(s, c == 'u' ? 4 : 8);
    } else {
        if (strchr("\\'\"?", c) == NULL)
            shell_put(s, '\\');
        shell_put(s, c);
    }
    return true;
}

static bool ansi_quoted(struct splitter *s)
{
    s->begun = true;
    while (*s->at != '\0' && *s->at != '\'') {
        if (*s->at == '\\' && s->at[1] != '\0') {
            s->at++;
            if (!ansi_escape(s))
                break;
        } else {
            shell_put(s, *s->at++);
        }
    }
    while (*s->at != '\0' && *s->at != '\'') /* behind a NUL nothing is left */
        s->at += *s->at == '\\' && s->at[1] != '\0' ? 2 : 1;
    if (*s->at == '\0')
        return shell_never_closed(s, "'");
    s->at++;
    return true;
}

static bool single_quoted(struct splitter *s)
{
    s->begun = true;
    while (*s->at != '\0' && *s->at != '\'')
        shell_put(s, *s->at++);
    if (*s->at == '\0')
        return shell_never_closed(s, "'");
    s->at++;
    return true;
}

/* ---------------------------------------------- what a shell would work out */

/* Behind a `: up to the next one. */
static bool skip_backticks(struct splitter *s)
{
    while (*s->at != '\0' && *s->at != '`')
        s->at += *s->at == '\\' && s->at[1] != '\0' ? 2 : 1;
    if (*s->at == '\0')
        return shell_never_closed(s, "`");
    s->at++;
    s->now.computed = "`...`";
    s->begun = true;
    return true;
}

/* Behind "$(" or "<(": up to the bracket that closes it; quotes in it hide brackets. */
static bool skip_brackets(struct splitter *s, const char *what)
{
    unsigned open = 1;
    char quote = '\0';
    for (; *s->at != '\0' && open > 0; s->at++) {
        char c = *s->at;
        if (c == '\\' && quote != '\'' && s->at[1] != '\0')
            s->at++;
        else if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else
            open = c == '(' ? open + 1 : c == ')' ? open - 1 : open;
    }
    s->now.computed = what;
    s->begun = true;
    return open == 0 || shell_never_closed(s, "(");
}

static size_t variable_name_len(const char *text)
{
    size_t n = 0;
    if (!isalpha((unsigned char)*text) && *text != '_')
        return 0;
    while (isalnum((unsigned char)text[n]) || text[n] == '_')
        n++;
    return n;
}

/* The text of a variable; outside of quotes its blanks divide words. */
static void put_variable(struct splitter *s, const char *text, bool quoted)
{
    s->begun = s->begun || quoted;
    for (; *text != '\0'; text++) {
        if (!quoted && strchr(" \t\n", *text) != NULL) {
            shell_end_word(s);
        } else {
            buf_char(&s->word, *text);
            s->begun = true;
        }
    }
}

static bool odd_dollar(struct splitter *s)
{
    if (*s->at == '(') {
        s->at++;
        return skip_brackets(s, "$(...)");
    }
    if (*s->at == '\0' || strchr("{?@*#!$-0123456789", *s->at) == NULL) {
        shell_put(s, '$');
        return true;
    }
    s->at += *s->at == '{' ? strcspn(s->at, "}\n") : 0;
    s->at += *s->at != '\0';
    s->now.computed = "a $ with a meaning of its own";
    s->begun = true;
    return true;
}

/* Behind a $ that is not within '...'. */
static bool dollar(struct splitter *s, bool quoted)
{
    bool braces = *s->at == '{';
    const char *name = s->at + braces;
    size_t n = variable_name_len(name), fallback = 0;
    if (n == 0)
        return odd_dollar(s);
    if (braces && strncmp(name + n, ":-", 2) == 0)
        fallback = 2 + strcspn(name + n + 2, "${}\"'\\`\n");
    bool odd = braces && name[n + fallback] != '}';
    if (odd || (s->word.len > 0 && s->word.data[s->word.len - 1] == '$')) {
        s->at += odd ? strcspn(s->at, "}\n") : (size_t)(name - s->at) + n;
        s->at += odd && *s->at != '\0';
        s->now.computed =
            odd ? "a ${...} that does more than name a variable" : "a $ right before a variable";
        s->begun = true;
        return true;
    }
    s->at = name + n + fallback + braces;
    const char *text = shell_variable(s, name, n);
    if (text != NULL) {
        put_variable(s, text, quoted);
        return true;
    }
    buf_printf(&s->word, "${env:%.*s}", (int)(n + fallback), name);
    s->begun = s->w->environment = true;
    return true;
}

/* ------------------------------------------------------- "..." and documents */

/* Up to the quote, or the end where stop is NUL; *closed tells whether it came. */
static bool expanded_text(struct splitter *s, char stop, bool *closed)
{
    while (*s->at != '\0' && *s->at != stop) {
        char c = *s->at++;
        bool ok = true;
        if (c == '\\' && shell_line_break(s->at) > 0)
            s->at += shell_line_break(s->at);
        else if (c == '\\' && *s->at != '\0' && strchr(stop == '"' ? "$`\"\\" : "$`\\", *s->at))
            shell_put(s, *s->at++);
        else if (c == '`')
            ok = skip_backticks(s);
        else if (c == '$')
            ok = dollar(s, true);
        else
            shell_put(s, c);
        if (!ok)
            return false;
    }
    *closed = *s->at == stop;
    s->at += *s->at != '\0';
    return true;
}

static bool double_quoted(struct splitter *s)
{
    bool closed;
    s->begun = true;
    return expanded_text(s, '"', &closed) && (closed || shell_never_closed(s, "\""));
}

/* The lines up to the one that closes it; *behind is where the next command begins. */
static char *heredoc_lines(const struct shell_heredoc *h, const char *text, const char **behind)
{
    struct buf out = {0};
    buf_text(&out, "");
    while (*text != '\0') {
        const char *line = text + (h->tabs ? strspn(text, "\t") : 0);
        size_t len = strcspn(line, "\n");
        size_t plain = len > 0 && line[len - 1] == '\r' ? len - 1 : len;
        text = line + len + (line[len] == '\n');
        if (plain == strlen(h->end) && strncmp(line, h->end, plain) == 0)
            break;
        buf_add(&out, line, plain);
        buf_char(&out, '\n');
    }
    *behind = text;
    return buf_take(&out);
}

static bool read_heredoc(struct splitter *s, const struct shell_heredoc *h)
{
    const char *behind;
    char *lines = heredoc_lines(h, s->at, &behind);
    bool begun = s->begun, ok = true, closed;
    struct buf word = s->word;
    s->word = (struct buf){0};
    buf_text(&s->word, "");
    s->at = lines;
    if (h->plain) {
        while (*s->at != '\0')
            shell_put(s, *s->at++);
    } else {
        ok = expanded_text(s, '\0', &closed);
    }
    struct shell_command *c = h->command < s->w->n ? &s->w->commands[h->command] : &s->now;
    free(c->input);
    c->input = buf_take(&s->word);
    s->word = word;
    s->begun = begun;
    s->at = behind;
    free(lines);
    return ok;
}

/* Behind a line break. */
static bool read_heredocs(struct splitter *s)
{
    bool ok = true;
    for (unsigned i = 0; ok && i < s->n_heredocs; i++)
        ok = read_heredoc(s, &s->heredocs[i]);
    for (unsigned i = 0; i < s->n_heredocs; i++)
        free(s->heredocs[i].end);
    s->n_heredocs = 0;
    return ok;
}

/* Behind "<<" */
static bool heredoc_begins(struct splitter *s)
{
    struct shell_heredoc h = {.tabs = *s->at == '-', .command = s->w->n};
    struct buf end = {0};
    s->at += h.tabs;
    s->at += strspn(s->at, " \t");
    buf_text(&end, "");
    for (; *s->at != '\0' && strchr(" \t\r\n;&|<>()", *s->at) == NULL; s->at++) {
        bool quote = *s->at == '"' || *s->at == '\'' || *s->at == '\\';
        h.plain |= quote;
        if (!quote)
            buf_char(&end, *s->at);
    }
    h.end = buf_take(&end);
    if (s->n_heredocs == SHELL_MAX_HEREDOCS) {
        free(h.end);
        return err_set(s->e, "the command has more than %u here-documents.", SHELL_MAX_HEREDOCS);
    }
    s->heredocs[s->n_heredocs++] = h;
    return true;
}

/* ---------------------------------------------------------------- operators */

/* The number in front of it ("2>") is no word. */
static void drop_number(struct splitter *s)
{
    if (s->word.len == 1 && isdigit((unsigned char)s->word.data[0])) {
        buf_clear(&s->word);
        s->begun = false;
    }
    shell_end_word(s);
}

static bool redirection_at(struct splitter *s)
{
    drop_number(s);
    if (s->at[1] == '(') {
        s->at += 2;
        return skip_brackets(s, "<(...)");
    }
    if (strncmp(s->at, "<<<", 3) == 0) {
        s->at += 3;
        s->use = USE_INPUT_TEXT;
    } else if (strncmp(s->at, "<<", 2) == 0) {
        s->at += 2;
        return heredoc_begins(s);
    } else if (*s->at == '<') {
        s->at++;
        s->use = USE_INPUT_FILE;
    } else {
        s->at += strspn(s->at, ">&|");
        s->use = USE_DROPPED;
        s->w->output = true;
    }
    return true;
}

static bool operator_at(struct splitter *s)
{
    if (*s->at == '&' && s->at[1] == '>')
        s->at++;
    if (*s->at == '>' || *s->at == '<')
        return redirection_at(s);
    bool pipe = s->at[0] == '|' && s->at[1] != '|';
    shell_end_command(s, pipe);
    s->at += pipe ? 1u + (s->at[1] == '&') : strspn(s->at, ";&|");
    return true;
}

/* ( and ) around commands; within a word they are characters. */
static bool bracket_at(struct splitter *s)
{
    bool group = *s->at == '(' ? !s->begun : s->depth > 0;
    if (!group) {
        shell_put(s, *s->at++);
        return true;
    }
    shell_end_command(s, false);
    s->depth = *s->at == '(' ? s->depth + 1 : s->depth - 1;
    s->at++;
    return true;
}

/* ------------------------------------------------------------------ the whole */

static void line_begins(struct splitter *s)
{
    size_t n = shell_prompt(s->at);
    s->prompted |= n > strspn(s->at, " \t");
    s->at += n;
}

/* A root's prompt looks like a comment: it is one where another line has the command. */
static bool is_comment(const struct splitter *s)
{
    const char *line = s->at;
    while ((line = strchr(line, '\n')) != NULL) {
        line += 1 + strspn(line + 1, " \t");
        if (strncasecmp(line, "curl ", 5) == 0)
            return true;
    }
    return strncmp(s->at, "# curl ", 7) != 0;
}

static bool line_ends(struct splitter *s, size_t n)
{
    s->at += n;
    if (!read_heredocs(s))
        return false;
    shell_end_command(s, false);
    if (s->at[strspn(s->at, " \t")] != '#' || !is_comment(s))
        line_begins(s);
    return true;
}

/* Behind a line that goes on: the "> " that a shell shows there. */
static void skip_second_prompt(struct splitter *s)
{
    size_t n = strspn(s->at, " \t");
    if (s->at[n] == '>' && s->at[n + 1] == ' ' && (s->prompted || s->at[n + 2] == '-'))
        s->at += n + 2;
}

/* Text processors make others of quotes, dashes and blanks. */
static bool typographic_at(struct splitter *s)
{
    const char *t = s->at;
    if (strncmp(t, "\xc2\xa0", 2) == 0) {
        shell_end_word(s);
        s->w->hard_blanks = true;
        s->at += 2;
        return true;
    }
    bool mark = strncmp(t, "\xe2\x80", 2) == 0 && strchr("\x98\x99\x9c\x9d\x93\x94", t[2]) != NULL;
    s->now.typographic |= mark && !s->begun && t[2] != '\0';
    return false;
}

static bool plain_character(struct splitter *s, char c)
{
    switch (c) {
    case ' ':
    case '\t':
    case '\r':
        shell_end_word(s);
        return true;
    case '\'':
        return single_quoted(s);
    case '"':
        return double_quoted(s);
    case '`':
        return skip_backticks(s);
    case '\\':
        if (*s->at != '\0')
            shell_put(s, *s->at++);
        return true;
    case '$':
        if (*s->at == '\'' || *s->at == '"')
            return *s->at++ == '\'' ? ansi_quoted(s) : double_quoted(s);
        return dollar(s, false);
    default:
        shell_put(s, c);
        return true;
    }
}

static bool posix_step(struct splitter *s)
{
    char c = *s->at;
    size_t n = c == '\\' ? continuation(s->at) : shell_line_break(s->at);
    if (n > 0 && c == '\\') {
        s->at += n;
        skip_second_prompt(s);
        return true;
    }
    if (n > 0)
        return line_ends(s, n);
    if (strchr(";&|<>", c) != NULL)
        return operator_at(s);
    if (c == '(' || c == ')')
        return bracket_at(s);
    if (c == '#' && !s->begun) {
        s->at += strcspn(s->at, "\n");
        return true;
    }
    if (typographic_at(s))
        return true;
    s->at++;
    return plain_character(s, c);
}

bool shell_read_posix(struct splitter *s)
{
    bool ok = true;
    if (*s->at != '#' || !is_comment(s))
        line_begins(s);
    while (ok && *s->at != '\0')
        ok = posix_step(s);
    return ok;
}
