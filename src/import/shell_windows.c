/* SPDX-License-Identifier: MIT */
/* The words of Windows' cmd and of PowerShell, as curl.exe takes them apart. */
#include <ctype.h>
#include <string.h>

#include "src/import/shell_parts.h"

/* --------------------------------------------------------------------- cmd */

/* The line as cmd reads it before the program sees it: plain characters, and marks for those that
 * cmd itself acts on. */
enum cmd_mark { CMD_PLAIN, CMD_END, CMD_PIPE, CMD_TO };

static void cmd_char(struct buf *chars, struct buf *marks, char c, enum cmd_mark mark)
{
    buf_char(chars, c);
    buf_char(marks, (char)mark);
}

/* Behind a caret. */
static const char *caret(const char *at, struct buf *chars, struct buf *marks)
{
    size_t n = shell_line_break(at);
    if (n == 0) {
        if (*at != '\0')
            cmd_char(chars, marks, *at++, CMD_PLAIN);
        return at;
    }
    /* The break is swallowed, and the character behind it is taken as it is: a second
     * break is how a browser writes a line feed. */
    at += n;
    n = shell_line_break(at);
    if (n > 0)
        cmd_char(chars, marks, '\n', CMD_PLAIN);
    return at + n;
}

/* The length of what stands between quotes, up to the one that closes them; \" does not. */
static size_t quoted_len(const char *text)
{
    size_t n = 0;
    while (text[n] != '\0' && text[n] != '"')
        n += text[n] == '\\' && text[n + 1] == '"' ? 2 : 1;
    return n;
}

/* Within plain quotes a ^ is one, unless a browser wrote it, which nobody else does so: ^%^ */
static const char *cmd_quoted(const char *at, struct buf *chars, struct buf *marks)
{
    size_t n = quoted_len(at);
    bool browser = memmem(at, n, "^%^", 3) != NULL;
    for (const char *end = at + n; at < end; at++)
        if (!browser || *at != '^')
            cmd_char(chars, marks, *at, CMD_PLAIN);
    if (*at == '"')
        cmd_char(chars, marks, *at++, CMD_PLAIN);
    return at;
}

static enum cmd_mark mark_of(char c)
{
    return c == '&' ? CMD_END : c == '|' ? CMD_PIPE : c == '>' ? CMD_TO : CMD_PLAIN;
}

static void cmd_carets(const char *at, struct buf *chars, struct buf *marks)
{
    while (*at != '\0') {
        size_t n = shell_line_break(at);
        char c = *at++;
        if (c == '^') {
            at = caret(at, chars, marks);
        } else if (n > 0) {
            cmd_char(chars, marks, '\n', CMD_END);
            at += n - 1;
        } else {
            cmd_char(chars, marks, c, mark_of(c));
            bool escaped = chars->len > 1 && chars->data[chars->len - 2] == '\\';
            if (c == '"' && !escaped)
                at = cmd_quoted(at, chars, marks);
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
        shell_put(s, '\\');
    *escaped = text[n] == '"' && n % 2 == 1;
    if (doubled && text[n] != '"' && n % 2 == 1)
        shell_put(s, '\\');
    return n;
}

/* Outside of quotes. */
static void cmd_plain(struct splitter *s, char c, char mark)
{
    if (mark == CMD_END || mark == CMD_PIPE) {
        shell_end_command(s, mark == CMD_PIPE);
    } else if (mark == CMD_TO) {
        shell_end_word(s);
        s->use = USE_DROPPED;
        s->w->output = true;
    } else if (c == ' ' || c == '\t') {
        shell_end_word(s);
    } else {
        shell_put(s, c);
    }
}

bool shell_read_cmd(struct splitter *s)
{
    struct buf chars = {0}, marks = {0};
    const char *text = s->at + shell_prompt(s->at);
    bool doubled = strstr(text, "^\"") != NULL, quoted = false;
    cmd_carets(text, &chars, &marks);
    for (size_t i = 0; i < chars.len; i++) {
        char c = chars.data[i];
        bool escaped = false;
        if (c == '\\') {
            i += backslashes(s, chars.data + i, doubled, &escaped);
            if (escaped)
                shell_put(s, '"');
            else
                i--;
        } else if (c == '"') {
            s->begun = true;
            if (quoted && chars.data[i + 1] == '"')
                shell_put(s, chars.data[i++]); /* "" within quotes is one */
            else
                quoted = !quoted;
        } else if (!quoted) {
            cmd_plain(s, c, marks.data[i]);
        } else {
            shell_put(s, c);
        }
    }
    buf_finish(&chars);
    buf_finish(&marks);
    return !quoted || shell_never_closed(s, "\"");
}

/* A caret before a quote or at the end of a line: nobody else writes that, but within quotes
 * of a POSIX shell ("^") it may stand for anything. */
static bool has_carets(const char *text)
{
    char quote = '\0';
    for (; *text != '\0'; text++) {
        if (*text == '\\' && quote != '\'' && text[1] != '\0')
            text++;
        else if (quote != '\0' ? *text == quote : *text == '"' || *text == '\'')
            quote = quote != '\0' ? '\0' : *text;
        else if (quote == '\0' && *text == '^' &&
                 (text[1] == '"' || shell_line_break(text + 1) > 0))
            return true;
    }
    return false;
}

/* {""name"":1}: within quotes that stand for one character in cmd alone. */
static bool has_doubled_quotes(const char *text)
{
    static const char *const marks[] = {"{\"\"", "[\"\"", ":\"\"", ",\"\"", "\"\":", NULL};
    for (size_t i = 0; marks[i] != NULL; i++) {
        const char *at = strstr(text, marks[i]);
        size_t n = at != NULL ? (size_t)(at - text) : 0;
        if (at != NULL && memchr(text, '\'', n) == NULL && memchr(text, '"', n) != NULL &&
            isalnum((unsigned char)at[i == 4 ? -1 : 3]))
            return true;
    }
    return false;
}

bool shell_is_cmd(const char *text)
{
    return has_carets(text) || has_doubled_quotes(text);
}

/* -------------------------------------------------------------- PowerShell */

/* A ` at the end of a line, or curl.exe with \" within '...': both of it alone. */
bool shell_is_power(const char *text)
{
    bool quoted = false, escaped = false;
    for (const char *at = text; *at != '\0'; at++) {
        quoted ^= *at == '\'';
        if (!quoted && *at == '`' && at > text && strchr(" \t", at[-1]) != NULL &&
            shell_line_break(at + 1) > 0)
            return true;
        escaped |= quoted && at[0] == '\\' && at[1] == '"';
    }
    const char *exe = strstr(text, "curl.exe ");
    return exe != NULL && (strstr(text, "$env:") != NULL || (escaped && exe < strchr(text, '\'')));
}

/* $env:NAME, or a name of which nothing is known. */
static void power_variable(struct splitter *s)
{
    size_t n = strspn(s->at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    s->begun = true;
    if (strncasecmp(s->at, "env:", 4) == 0) {
        s->at += 4;
        n = strspn(s->at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
        buf_printf(&s->word, "${env:%.*s}", (int)n, s->at);
        s->w->environment = true;
    } else if (n == 0 && *s->at != '(') {
        shell_put(s, '$');
    } else {
        s->now.computed = "a variable of PowerShell";
    }
    s->at += n;
}

static bool power_quoted(struct splitter *s, char quote)
{
    static const char from[] = "ntr0abfv", to[] = "\n\t\r\0\a\b\f\v";
    s->begun = true;
    for (; *s->at != '\0'; s->at++) {
        bool twice = *s->at == quote && s->at[1] == quote;
        if (*s->at == quote && !twice)
            break;
        if (twice) {
            shell_put(s, *++s->at);
        } else if (quote == '"' && *s->at == '`' && s->at[1] != '\0') {
            const char *known = strchr(from, *++s->at);
            if (*s->at != '0')
                shell_put(s, known != NULL ? to[known - from] : *s->at);
        } else if (quote == '"' && *s->at == '$') {
            s->at++;
            power_variable(s);
            s->at--;
        } else {
            shell_put(s, *s->at);
        }
    }
    if (*s->at == '\0')
        return shell_never_closed(s, quote == '"' ? "\"" : "'");
    s->at++;
    return true;
}

static bool power_step(struct splitter *s)
{
    char c = *s->at;
    size_t n = shell_line_break(s->at);
    if (c == '`' && s->at[1] != '\0') {
        n = shell_line_break(s->at + 1);
        if (n == 0)
            shell_put(s, s->at[1]);
        s->at += n > 0 ? 1 + n : 2;
        return true;
    }
    s->at += n > 0 ? n : 1;
    if (n > 0 || c == ';' || c == '|') {
        shell_end_command(s, c == '|');
        s->at += n > 0 ? shell_prompt(s->at) : 0;
    } else if (c == '>') {
        shell_end_word(s);
        s->use = USE_DROPPED;
        s->w->output = true;
    } else if (c == ' ' || c == '\t' || c == '\r') {
        shell_end_word(s);
    } else if (c == '\'' || c == '"') {
        return power_quoted(s, c);
    } else if (c == '$') {
        power_variable(s);
    } else {
        shell_put(s, c);
    }
    return true;
}

/* The words that PowerShell hands on are taken apart once more, by curl.exe: \" is a quote. */
static void power_arguments(struct splitter *s)
{
    for (size_t i = 0; i < s->w->n; i++) {
        for (size_t k = 0; k < s->w->commands[i].n; k++) {
            char *to = s->w->commands[i].words[k];
            for (const char *from = to; *from != '\0';) {
                size_t n = strspn(from, "\\"), half = from[n] == '"' ? n / 2 : n;
                memmove(to, from, half);
                to += half;
                from += n;
                if (*from != '\0')
                    *to++ = *from++;
            }
            *to = '\0';
        }
    }
}

bool shell_read_power(struct splitter *s)
{
    bool ok = true;
    s->at += shell_prompt(s->at);
    while (ok && *s->at != '\0')
        ok = power_step(s);
    if (ok)
        shell_end_command(s, false);
    power_arguments(s);
    return ok;
}
