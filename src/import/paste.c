/* SPDX-License-Identifier: MIT */
#include "src/import/paste.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/mem.h"

#define SHOWN 60

/* Where the search is. */
struct finder {
    struct paste *p;
    const struct shell_script *w;
    struct transcript *r;
    struct err *e;
    const char *unsure;   /* the first word of a command that has curl in it, but not for sure */
    bool within;          /* there curl is a part of a word: sh -c 'curl ...' */
    const char *other;    /* the first word of the first other command */
    unsigned loops;       /* around the command in hand */
    char *loop_variables; /* " i j " */
};

static const char *shown_start(char out[SHOWN], const char *text)
{
    clean_text(out, SHOWN, text, strlen(text));
    return out;
}

static bool is_listed_word(const char *word, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(word, *list) == 0)
            return true;
    return false;
}

/* ------------------------------------------------------------- what a word is */

/* "curl", "/usr/bin/curl", "curl.exe", "curlimages/curl:8.1" */
bool paste_is_curl(const char *word)
{
    const char *slash = strrchr(word, '/'), *back = strrchr(word, '\\');
    const char *name = slash != NULL ? slash + 1 : back != NULL ? back + 1 : word;
    size_t n = strcspn(name, ":@");
    if (*word == '-' || strstr(word, "://") != NULL || (name[n] != '\0' && slash == NULL))
        return false;
    return (n == 4 && strncasecmp(name, "curl", 4) == 0) ||
           (n == 8 && strncasecmp(name, "curl.exe", 8) == 0);
}

bool paste_is_address(const char *word)
{
    size_t host = strcspn(word, "/?#");
    if (strstr(word, "://") != NULL)
        return true;
    return memchr(word, '.', host) != NULL || memchr(word, ':', host) != NULL ||
           (host == 9 && strncasecmp(word, "localhost", 9) == 0);
}

static bool is_assignment(const char *word)
{
    size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    return n > 0 && word[n] == '=' && !isdigit((unsigned char)*word);
}

/* ------------------------------------------------------ what stands in front */

/* Programs that run the command behind them, here; `values` are their options with a value,
 * `words` how many words of their own they take. */
struct prefix {
    const char *name, *values;
    unsigned words;
};

static const struct prefix *prefix_named(const char *word)
{
    static const struct prefix list[] = {{"sudo", "ugpChUrt", 0},
                                         {"doas", "uC", 0},
                                         {"time", "fo", 0},
                                         {"command", "", 0},
                                         {"exec", "a", 0},
                                         {"nohup", "", 0},
                                         {"env", "uCS", 0},
                                         {"nice", "n", 0},
                                         {"ionice", "cnp", 0},
                                         {"timeout", "ks", 1},
                                         {"stdbuf", "ioe", 0},
                                         {"setsid", "", 0},
                                         {"builtin", "", 0},
                                         {"winpty", "", 0},
                                         {"unbuffer", "", 0},
                                         {"caffeinate", "t", 0},
                                         {"do", "", 0},
                                         {"then", "", 0},
                                         {"else", "", 0},
                                         {"if", "", 0},
                                         {"elif", "", 0},
                                         {"while", "", 0},
                                         {"until", "", 0},
                                         {"!", "", 0},
                                         {"{", "", 0},
                                         {"watch", "n", 0},
                                         {"chronic", "", 0},
                                         {"&", "", 0}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (strcmp(list[i].name, word) == 0)
            return &list[i];
    return NULL;
}

/* Behind the options and words of a prefix. */
static size_t behind_prefix(const struct prefix *p, char *const *words, size_t n, size_t at)
{
    while (at < n && words[at][0] == '-' && words[at][1] != '\0') {
        const char *option = words[at++];
        bool value = option[1] != '-' && option[2] == '\0' && strchr(p->values, option[1]) != NULL;
        at += value;
        if (strcmp(option, "--") == 0)
            break;
    }
    for (unsigned i = 0; i < p->words && at < n; i++)
        at++;
    return at < n ? at : n;
}

/* Programs that run it elsewhere: curl is found if it is a word by itself behind run or exec. */
static bool runs_elsewhere(char *const *words, size_t n, size_t at, size_t *curl)
{
    static const char *const runners[] = {
        "docker", "podman",   "nerdctl", "kubectl",  "oc",  "docker-compose", "crictl",  "lxc",
        "ip",     "minikube", "k3s",     "microk8s", "wsl", "chroot",         "nsenter", NULL};
    static const char *const verbs[] = {"run", "exec", "netns", NULL};
    bool verb = strcmp(words[at], "wsl") == 0 || strcmp(words[at], "chroot") == 0 ||
                strcmp(words[at], "nsenter") == 0;
    if (!is_listed_word(words[at], runners))
        return false;
    for (size_t i = at + 1; i < n; i++) {
        verb = verb || is_listed_word(words[i], verbs);
        if (verb && paste_is_curl(words[i]) && i + 1 < n) {
            *curl = i;
            return true;
        }
    }
    return false;
}

static void note_runner(struct finder *f, char *const *words, size_t n)
{
    struct buf text = {0};
    for (size_t i = 0; i < n; i++)
        buf_printf(&text, "%s%s", i > 0 ? " " : "", words[i]);
    char clean[SHOWN + 20];
    clean_text(clean, sizeof clean, text.data, text.len);
    tr_note(f->r,
            "Left out: what runs curl elsewhere (%s); here the request is sent from this machine.",
            clean);
    buf_finish(&text);
}

/* The word behind "curl", or 0: it is not a command of curl's. */
static size_t behind_curl(struct finder *f, char *const *words, size_t n)
{
    size_t at = 0, curl;
    while (at < n) {
        const struct prefix *p = prefix_named(words[at]);
        if (is_assignment(words[at])) {
            at++;
        } else if (paste_is_curl(words[at])) {
            return at + 1;
        } else if (p != NULL) {
            at = behind_prefix(p, words, n, at + 1);
        } else if (runs_elsewhere(words, n, at, &curl)) {
            note_runner(f, words + at, curl - at);
            return curl + 1;
        } else {
            return 0;
        }
    }
    return 0;
}

/* ------------------------------------------------------------------- loops */

static bool holds_curl(const char *word)
{
    const char *at = strcasestr(word, "curl ");
    return at != NULL && (at == word || !isalnum((unsigned char)at[-1]));
}

static void add_loop_variable(struct finder *f, const char *name)
{
    char *all = mem_printf("%s%s ", f->loop_variables != NULL ? f->loop_variables : " ", name);
    free(f->loop_variables);
    f->loop_variables = all;
}

/* for NAME in ..., while read NAME ... */
static void see_loop(struct finder *f, const struct shell_command *c)
{
    static const char *const begins[] = {"for", "while", "until", "select", NULL};
    if (c->n == 0)
        return;
    if (strcmp(c->words[0], "done") == 0 && f->loops > 0)
        f->loops--;
    if (!is_listed_word(c->words[0], begins))
        return;
    f->loops++;
    if (c->n > 1 && strcmp(c->words[0], "for") == 0)
        add_loop_variable(f, c->words[1]);
    for (size_t i = 1; i < c->n; i++)
        for (size_t k = i + 1; strcmp(c->words[i], "read") == 0 && k < c->n; k++)
            add_loop_variable(f, c->words[k]);
}

/* The loop variable that the words use, or NULL; it is cut out of " i j ". */
static char *used_variable(const struct finder *f, char *const *words, size_t n)
{
    for (const char *at = f->loop_variables; f->loops > 0 && at != NULL && at[1] != '\0';) {
        size_t len = strcspn(at + 1, " ");
        char *mark = mem_printf("${env:%.*s}", (int)len, at + 1);
        bool used = false;
        for (size_t i = 0; i < n; i++)
            used |= strstr(words[i], mark) != NULL;
        free(mark);
        if (used)
            return mem_strndup(at + 1, len);
        at += len + 1;
    }
    return NULL;
}

/* ------------------------------------------------------------ standard input */

static char *joined_words(char *const *words, size_t n, const char *end)
{
    struct buf out = {0};
    for (size_t i = 0; i < n; i++)
        buf_printf(&out, "%s%s", i > 0 ? " " : "", words[i]);
    buf_text(&out, end);
    return buf_take(&out);
}

/* The text that a command writes, if that can be seen: echo, cat, printf without a %. */
static bool written_input(const struct shell_command *c, struct paste_command *to)
{
    if (c->computed != NULL || c->piped || c->n == 0)
        return false;
    if (strcmp(c->words[0], "echo") == 0) {
        bool bare = c->n > 1 && strcmp(c->words[1], "-n") == 0;
        if (c->n > 1 && *c->words[1] == '-' && !bare)
            return false;
        to->input = joined_words(c->words + 1 + bare, c->n - 1 - bare, bare ? "" : "\n");
        return true;
    }
    if (strcmp(c->words[0], "printf") == 0 && c->n == 3 && strcmp(c->words[1], "%s") == 0) {
        to->input = mem_strdup(c->words[2]);
        return true;
    }
    if (strcmp(c->words[0], "printf") == 0 && c->n == 2 && strpbrk(c->words[1], "%\\") == NULL) {
        to->input = mem_strdup(c->words[1]);
        return true;
    }
    if (strcmp(c->words[0], "cat") != 0 || c->n > 2 || (c->n == 2 && *c->words[1] == '-'))
        return false;
    to->input = mem_strdup(c->input);
    to->input_file = c->n == 2 ? c->words[1] : c->input_file;
    return to->input != NULL || to->input_file != NULL;
}

static void find_input(const struct finder *f, size_t i, struct paste_command *to)
{
    const struct shell_command *c = &f->w->commands[i];
    if (c->input != NULL || c->input_file != NULL) {
        to->input = mem_strdup(c->input);
        to->input_file = c->input_file;
    } else if (c->piped && i > 0 && !written_input(c - 1, to)) {
        to->input_from = c[-1].n > 0 ? c[-1].words[0] : "$(...)";
    }
}

/* ------------------------------------------------------------------ the whole */

static bool is_usable_command(struct finder *f, const struct shell_command *c, char *const *words,
                              size_t n)
{
    char *variable = used_variable(f, words, n), name[SHOWN];
    if (c->typographic)
        err_set(f->e, "the command holds quotes or dashes of a text processor, which a shell does "
                      "not know; write \" ' and - in their place.");
    else if (c->computed != NULL)
        err_set(f->e,
                "the command holds %s, which a shell would have to work out; nothing is executed "
                "here, so put the value in its place, or '...' around it if it is meant as it "
                "stands.",
                c->computed);
    else if (variable != NULL)
        err_set(f->e,
                "curl stands in a loop over $%s; paste its command alone, with one of the values "
                "in place of it.",
                shown_start(name, variable));
    bool ok = !c->typographic && c->computed == NULL && variable == NULL;
    free(variable);
    return ok;
}

static bool paste_take_command(struct finder *f, size_t i, size_t at)
{
    const struct shell_command *c = &f->w->commands[i];
    struct paste_command found = {.words = c->words + at, .n = c->n - at};
    if (!is_usable_command(f, c, found.words, found.n))
        return false;
    if (f->loops > 0)
        tr_note(f->r, "Left out: the loop around curl; a level says how many users ask, and how "
                      "long.");
    find_input(f, i, &found);
    f->p->items = mem_room(f->p->items, f->p->n, sizeof *f->p->items);
    f->p->items[f->p->n++] = found;
    return true;
}

/* A command that writes for curl or takes what it writes is told apart from others. */
static void pass_over(struct finder *f, size_t i)
{
    static const char *const shell[] = {
        "for",   "done", "fi", "}", "while", "until", "select", "esac", "export", "declare",
        "local", "do",   "if", "!", "then",  "else",  "elif",   "{",    "time",   NULL};
    const struct shell_command *c = &f->w->commands[i];
    bool feeds = i + 1 < f->w->n && c[1].piped, curl = false, within = false;
    for (size_t k = 0; k < c->n; k++) {
        curl |= paste_is_curl(c->words[k]);
        within |= holds_curl(c->words[k]) && !paste_is_curl(c->words[k]);
    }
    if (f->unsure == NULL && (curl || within)) {
        f->unsure = c->words[0];
        f->within = !curl;
    }
    if (c->computed != NULL)
        tr_note(f->r, "Left out: what the shell works out beside the command (%s).", c->computed);
    if (c->n == 0 || is_assignment(c->words[0]))
        return;
    f->other = f->other != NULL ? f->other : c->words[0];
    if (c->piped)
        tr_note(f->r, "Left out: what the shell does with curl's output.");
    else if (!feeds && !is_listed_word(c->words[0], shell))
        tr_note(f->r, "Left out: a command that is not curl's (%.40s).", c->words[0]);
}

static bool other_tool(const struct finder *f)
{
    static const char *const powershell[] = {"Invoke-WebRequest", "Invoke-RestMethod", "iwr", "irm",
                                             NULL};
    const char *word = f->other;
    char name[SHOWN];
    for (size_t i = 0; powershell[i] != NULL; i++)
        if (strcasecmp(word, powershell[i]) == 0 || strstr(word, powershell[i]) != NULL)
            return err_set(f->e, "this is a command for PowerShell; copy it as cURL (bash) from "
                                 "the browser.");
    if (strncmp(word, "fetch", 5) == 0 || strcmp(word, "await") == 0)
        return err_set(f->e, "this is JavaScript; copy it as cURL (bash) from the browser.");
    if (strcmp(word, "wget") == 0 || strcmp(word, "http") == 0 || strcmp(word, "https") == 0)
        return err_set(f->e, "only curl's commands can be read, not \"%s\".",
                       shown_start(name, word));
    return err_set(f->e,
                   "there is no curl command in what was pasted, which begins with \"%s\"; paste "
                   "one as in ramptop import curl 'curl http://127.0.0.1:8080/'.",
                   shown_start(name, word));
}

static bool none_found(const struct finder *f)
{
    char name[SHOWN];
    if (f->unsure != NULL && f->within)
        return err_set(f->e,
                       "the curl command is a text within another one (\"%s\"); paste that text "
                       "alone.",
                       shown_start(name, f->unsure));
    if (f->unsure != NULL)
        return err_set(f->e,
                       "curl stands behind \"%s\", which may give it other words or run something "
                       "else; paste the command from the word curl on, its URL written out.",
                       shown_start(name, f->unsure));
    if (f->other != NULL)
        return other_tool(f);
    return err_set(f->e, "there is no request in the command; paste one as in ramptop import curl "
                         "'curl http://127.0.0.1:8080/'.");
}

/* Options and addresses, without curl in front: http://h/?a=1 -H 'X: 1' */
static bool is_bare_command(const struct shell_script *w)
{
    const struct shell_command *c = &w->commands[0];
    if (w->n == 0 || c->n == 0)
        return false;
    size_t scheme = strspn(c->words[0], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (c->words[0][0] != '-' && strncmp(c->words[0] + scheme, "://", 3) != 0)
        return false;
    for (size_t i = 0; i < c->n; i++)
        if (paste_is_curl(c->words[i]) || (i == 1 && c->words[0][1] == '\0'))
            return false;
    return true;
}

bool paste_find(struct paste *p, const struct shell_script *w, struct transcript *r, struct err *e)
{
    struct finder f = {.p = p, .w = w, .r = r, .e = e};
    bool ok = true;
    *p = (struct paste){0};
    for (size_t i = 0; ok && i < w->n; i++) {
        const struct shell_command *c = &w->commands[i];
        size_t at = behind_curl(&f, c->words, c->n);
        see_loop(&f, c);
        if (at > 0)
            ok = paste_take_command(&f, i, at);
        else if (i == 0 && is_bare_command(w))
            ok = paste_take_command(&f, 0, 0);
        else
            pass_over(&f, i);
    }
    if (ok && p->n == 0)
        ok = none_found(&f);
    free(f.loop_variables);
    return ok;
}

void paste_finish(struct paste *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->items[i].input);
    free(p->items);
    *p = (struct paste){0};
}
