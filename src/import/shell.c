/* SPDX-License-Identifier: MIT */
#include "src/import/shell.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/import/shell_parts.h"

#define PROMPT_MAX 100 /* bytes of a prompt, with machine and folder */
#define MAX_VARIABLES 200u

/* -------------------------------------------------------------------- words */

void shell_put(struct splitter *s, char c)
{
    if (c == '{' && s->word.len > 0 && s->word.data[s->word.len - 1] == '$')
        buf_text(&s->word, "${");
    else
        buf_char(&s->word, c);
    s->begun = true;
}

void shell_end_word(struct splitter *s)
{
    enum shell_use use = s->use;
    struct shell_command *c = &s->now;
    if (!s->begun)
        return;
    s->begun = false;
    s->use = USE_WORD;
    char *text = buf_take(&s->word);
    if (use == USE_DROPPED) {
        free(text);
    } else if (use == USE_INPUT_FILE) {
        free(c->input_file);
        c->input_file = text;
    } else if (use == USE_INPUT_TEXT) {
        free(c->input);
        c->input = mem_printf("%s\n", text);
        free(text);
    } else {
        c->words = mem_room(c->words, c->n, sizeof *c->words);
        c->words[c->n++] = text;
    }
}

static void command_finish(struct shell_command *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->words[i]);
    free(c->words);
    free(c->input);
    free(c->input_file);
}

/* ---------------------------------------------------------------- variables */

static size_t assigned_name(const char *word)
{
    size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    return n > 0 && word[n] == '=' && !isdigit((unsigned char)*word) ? n : 0;
}

const char *shell_variable(const struct splitter *s, const char *name, size_t len)
{
    for (size_t i = s->n_variables; i-- > 0;) {
        const struct shell_variable *v = &s->variables[i];
        if (strlen(v->name) == len && memcmp(v->name, name, len) == 0)
            return v->text;
    }
    return NULL;
}

/* `NAME=value` by itself, or behind export: what comes later may use it.  One that a shell
 * works out is known to nobody here. */
static void learn_variables(struct splitter *s)
{
    const struct shell_command *c = &s->now;
    bool export =
        c->n > 0 && (strcmp(c->words[0], "export") == 0 || strcmp(c->words[0], "declare") == 0 ||
                     strcmp(c->words[0], "local") == 0);
    for (size_t i = export; i < c->n; i++)
        if (assigned_name(c->words[i]) == 0)
            return;
    for (size_t i = export; i < c->n && s->n_variables < MAX_VARIABLES; i++) {
        size_t n = assigned_name(c->words[i]);
        s->variables = mem_room(s->variables, s->n_variables, sizeof *s->variables);
        s->variables[s->n_variables++] =
            (struct shell_variable){mem_strndup(c->words[i], n),
                                    c->computed == NULL ? mem_strdup(c->words[i] + n + 1) : NULL};
    }
}

void shell_end_command(struct splitter *s, bool piped)
{
    shell_end_word(s);
    s->use = USE_WORD;
    if (s->now.n == 0 && s->now.computed == NULL) {
        command_finish(&s->now);
        s->now = (struct shell_command){.piped = s->now.piped && !piped};
        return;
    }
    learn_variables(s);
    s->w->commands = mem_room(s->w->commands, s->w->n, sizeof *s->w->commands);
    s->w->commands[s->w->n++] = s->now;
    s->now = (struct shell_command){.piped = piped};
}

/* ------------------------------------------------------------------- prompts */

size_t shell_line_break(const char *text)
{
    return *text == '\n' ? 1 : text[0] == '\r' && text[1] == '\n' ? 2 : 0;
}

bool shell_never_closed(struct splitter *s, const char *quote)
{
    return err_set(s->e,
                   "a quote %s that is opened in the command is never closed; was all of it "
                   "pasted?",
                   quote);
}

/* "curl" or "curl.exe", or what often stands before it. */
static bool command_begins(const char *text)
{
    static const char *const words[] = {"curl", "curl.exe", "sudo", "time", "$", NULL};
    size_t n = strcspn(text, " \t\r\n");
    for (size_t i = 0; words[i] != NULL; i++)
        if (strlen(words[i]) == n && strncasecmp(text, words[i], n) == 0)
            return true;
    return false;
}

/* "1.", "2)", "-", "*" or a bullet, with the blanks behind it. */
static size_t list_mark(const char *line)
{
    size_t n = strspn(line, "0123456789");
    if (n > 0 && n <= 3 && (line[n] == '.' || line[n] == ')'))
        n++;
    else if (n == 0 && *line != '\0' && strchr("-*+", *line) != NULL)
        n = 1;
    else if (strncmp(line, "\xe2\x80\xa2", 3) == 0) /* a bullet */
        n = 3;
    else
        return 0;
    size_t blanks = strspn(line + n, " \t");
    return blanks > 0 && command_begins(line + n + blanks) ? n + blanks : 0;
}

/* "$ ", "user@host:~$ ", "PS C:\> ", "C:\>": up to the sign right before the command. */
static size_t sign_mark(const char *line)
{
    static const char *const signs[] = {"$",        "%", ">", "#", "\xe2\x9d\xaf", "\xe2\x9e\x9c",
                                        "\xce\xbb", NULL};
    size_t end = strcspn(line, "\r\n'\"");
    for (size_t at = 0; at < end && at < PROMPT_MAX; at++) {
        for (size_t i = 0; signs[i] != NULL; i++) {
            size_t n = strlen(signs[i]);
            size_t blanks = strncmp(line + at, signs[i], n) == 0 ? strspn(line + at + n, " \t") : 0;
            bool folder = at > 0 && line[at] == '>'; /* C:\>curl */
            bool sign = strncmp(line + at, signs[i], n) == 0 && (blanks > 0 || folder);
            if (sign && (command_begins(line + at + n + blanks) || (at == 0 && *line != '#')))
                return at + n + blanks;
        }
        if (strncasecmp(line + at, "curl ", 5) == 0)
            return 0; /* the command has begun: a > is a redirection */
    }
    return 0;
}

size_t shell_prompt(const char *line)
{
    size_t all = strspn(line, " \t");
    for (int i = 0; i < 3; i++) { /* "1. $ curl" */
        size_t n = list_mark(line + all);
        n = n > 0 ? n : sign_mark(line + all);
        if (n == 0)
            break;
        all += n;
    }
    return all;
}

/* ------------------------------------------------------------------ the whole */

/* A line of three backticks around it, one backtick on either side, > in front of all lines. */
static char *without_frame(const char *text)
{
    struct buf out = {0};
    bool quoted = *text == '>', fenced = strncmp(text, "```", 3) == 0;
    for (const char *line = text; quoted && *line != '\0';) {
        size_t n = strcspn(line, "\n");
        quoted = *line == '>' || n == strspn(line, " \t\r");
        line += n + (line[n] == '\n');
    }
    while (*text != '\0') {
        size_t n = strcspn(text, "\n"), skip = 0;
        n += text[n] == '\n';
        if (quoted && *text == '>')
            skip = 1 + (text[1] == ' ');
        if (!fenced || strncmp(text, "```", 3) != 0)
            buf_add(&out, text + skip, n - skip);
        text += n;
    }
    size_t len = out.len;
    while (len > 0 && strchr(" \t\r\n", out.data[len - 1]) != NULL)
        len--;
    if (len > 2 && out.data[0] == '`' && out.data[len - 1] == '`' &&
        memchr(out.data + 1, '`', len - 2) == NULL) {
        out.data[0] = ' ';
        out.data[len - 1] = ' ';
    }
    return buf_take(&out);
}

bool shell_split(struct shell_script *w, const char *text, struct err *e)
{
    struct splitter s = {.w = w, .e = e};
    *w = (struct shell_script){0};
    text += clean_mark_len(text, strlen(text));
    text += strspn(text, " \t\r\n");
    char *plain = without_frame(text);
    s.at = plain;
    bool ok = shell_is_power(plain) ? shell_read_power(&s)
              : shell_is_cmd(plain) ? shell_read_cmd(&s)
                                    : shell_read_posix(&s);
    if (ok)
        shell_end_command(&s, false);
    command_finish(&s.now);
    for (size_t i = 0; i < s.n_variables; i++) {
        free(s.variables[i].name);
        free(s.variables[i].text);
    }
    for (unsigned i = 0; i < s.n_heredocs; i++)
        free(s.heredocs[i].end);
    free(s.variables);
    free(plain);
    buf_finish(&s.word);
    return ok;
}

void shell_finish(struct shell_script *w)
{
    for (size_t i = 0; i < w->n; i++)
        command_finish(&w->commands[i]);
    free(w->commands);
    *w = (struct shell_script){0};
}
