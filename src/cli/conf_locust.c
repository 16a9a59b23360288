/* SPDX-License-Identifier: MIT */
#include "src/cli/conf_locust.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/cli/cli_table.h"
#include "src/cli/subcommand.h"
#include "src/profile/subject.h"
#include "src/profile/url.h"

static const struct {
    const char *key, *variable; /* NULL: Locust has none */
    enum option_id id;
} known[] = {
    {"host", "LOCUST_HOST", OPT_HOST},
    {"users", "LOCUST_USERS", OPT_USERS},
    {"spawn-rate", "LOCUST_SPAWN_RATE", OPT_SPAWN_RATE},
    {"run-time", "LOCUST_RUN_TIME", OPT_RUN_TIME},
    {"stop-timeout", "LOCUST_STOP_TIMEOUT", OPT_GRACE},
    {"tags", "LOCUST_TAGS", OPT_TAGS},
    {"exclude-tags", "LOCUST_EXCLUDE_TAGS", OPT_EXCLUDE_TAGS},
    {"headless", "LOCUST_HEADLESS", OPT_HEADLESS},
    {"only-summary", "LOCUST_ONLY_SUMMARY", OPT_QUIET},
    {"equal-weights", NULL, OPT_EQUAL_WEIGHTS},
};
#define N_KNOWN (sizeof known / sizeof *known)

/* Reports that Locust writes and a run of ours does not. */
static const char *const reports[] = {"csv", "html", NULL};

/* The settings taken from a file, for a single note. */
struct taken {
    char names[200];
    char reports[40];
};

static void add_name(char *list, size_t size, const char *name)
{
    size_t len = strlen(list);
    snprintf(list + len, size - len, "%s%s", len > 0 ? ", " : "", name);
}

static void conf_note(struct conf *c, const struct taken *t, const char *from)
{
    if (*t->names != '\0')
        problems_add(&c->notes, "Locust's settings from %s, where ramptop's own say nothing: %s",
                     from, t->names);
    if (*t->reports != '\0')
        problems_add(&c->notes, "%s asks for %s, not written yet; --json FILE writes the summary",
                     from, t->reports);
}

/* ---------------------------------------------------------------------- values */

/* A bare URL has no classes, no tags and its own host. */
static bool of_profile_only(enum option_id id)
{
    return id == OPT_HOST || id == OPT_TAGS || id == OPT_EXCLUDE_TAGS || id == OPT_EQUAL_WEIGHTS;
}

static bool take_host(const char *given, const char *value, struct options *to, struct err *e)
{
    struct url u = {0};
    struct err why;
    bool ok = url_parse(&u, value, &why) && (u.query == NULL || err_set(&why, "it has a query"));
    url_finish(&u);
    if (!ok)
        return err_set(e, "%s: %.600s", given, why.text);
    return cli_take_value(OPT_HOST, given, cli_keep(to, value, strlen(value)), to, e);
}

/* "[a, "b"]" as well as "a b". */
static bool take_tags(enum option_id id, const char *given, char *value, struct options *to,
                      struct err *e)
{
    struct cli_texts *list = id == OPT_TAGS ? &to->tags : &to->exclude_tags;
    for (char *at = value; *at != '\0'; at++)
        *at = strchr("[]\"'", *at) != NULL ? ' ' : *at;
    list->n = 0;
    return cli_take_value(id, given, value, to, e);
}

static bool take_value(enum option_id id, const char *given, const char *value, struct options *to,
                       struct err *e)
{
    bool ok;
    char *copy = mem_strdup(value);
    for (char *at = copy; cli_table[id].arg == NULL && *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at); /* Python's True */
    if (cli_table[id].arg == NULL)
        ok = cli_take_flag_word(id, given, copy, to, e);
    else if (id == OPT_TAGS || id == OPT_EXCLUDE_TAGS)
        ok = take_tags(id, given, copy, to, e);
    else if (id == OPT_HOST)
        ok = take_host(given, value, to, e);
    else
        ok = cli_take_value(id, given, value, to, e);
    free(copy);
    return ok;
}

/* ------------------------------------------------------------------- variables */

static const char *locust_variable(char **env, const char *name)
{
    size_t len = strlen(name);
    for (; env != NULL && *env != NULL; env++) {
        if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
            return (*env)[len + 1] != '\0' ? *env + len + 1 : NULL;
    }
    return NULL;
}

char *conf_locust_home(char **env)
{
    const char *home = locust_variable(env, "HOME");
    return home != NULL && *home == '/' ? mem_printf("%s/.locust.conf", home) : NULL;
}

static bool is_bare_url(const struct options *o)
{
    return o->subject != NULL && !subject_is_file(o->subject);
}

bool conf_locust_variables(struct conf *c, char **env, struct options *o, struct err *e)
{
    const char *classes = locust_variable(env, "LOCUST_USER_CLASSES");
    bool bare_url = is_bare_url(o);
    struct taken taken = {"", ""};
    for (size_t i = 0; i < N_KNOWN; i++) {
        enum option_id id = known[i].id;
        const char *value =
            known[i].variable != NULL ? locust_variable(env, known[i].variable) : NULL;
        if (value == NULL || cli_given(o, id) || (bare_url && of_profile_only(id)))
            continue;
        if (!take_value(id, known[i].variable, value, o, e))
            return false;
        add_name(taken.names, sizeof taken.names, known[i].variable);
    }
    if (classes != NULL && o->classes.n == 0 && !bare_url && o->command->names_classes) {
        cli_add_words(o, &o->classes, classes);
        add_name(taken.names, sizeof taken.names, "LOCUST_USER_CLASSES");
    }
    conf_note(c, &taken, "the environment");
    return true;
}

/* ---------------------------------------------------------------- lines of a file */

struct line {
    char key[64]; /* without leading dashes */
    char *value;  /* "" for none after a sign, "true" for a bare key; within the text */
};

static char *trim(char *text)
{
    text += strspn(text, " \t\r\f\v");
    size_t len = strlen(text);
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        text[--len] = '\0';
    return text;
}

/* A comment begins with a blank and a sign. */
static void cut_comment(char *text)
{
    for (char *at = text; *at != '\0'; at++) {
        if (isblank((unsigned char)*at) && (at[1] == '#' || at[1] == ';')) {
            *at = '\0';
            return;
        }
    }
}

static char *unquote(char *text)
{
    size_t len = strlen(text);
    if (len < 2 || (*text != '"' && *text != '\'') || text[len - 1] != *text)
        return text;
    text[len - 1] = '\0';
    return text + 1;
}

/* False for what holds no key: blank lines, comments, [sections]. */
static bool split_line(char *text, struct line *line)
{
    static char bare[] = "true";
    text = trim(text);
    if (*text == '\0' || strchr("#;[", *text) != NULL || strncmp(text, "---", 3) == 0)
        return false;
    text += strncmp(text, "--", 2) == 0 ? 2 : 0;
    size_t len = strcspn(text, ":=;# \t");
    if (len == 0 || len >= sizeof line->key)
        return false;
    memcpy(line->key, text, len);
    line->key[len] = '\0';
    text += len;
    cut_comment(text);
    text = trim(text);
    bool sign = *text == '=' || *text == ':';
    text = unquote(trim(text + sign));
    line->value = *text != '\0' || sign ? text : bare;
    return true;
}

/* ------------------------------------------------------------------------ a file */

struct reading {
    struct conf *c;
    struct options *o;
    uint64_t given; /* before this file: what wins over it */
    bool bare_url;
    struct taken taken;
};

static bool counts_under_profile(enum option_id id)
{
    return id == OPT_HOST || id == OPT_USERS || id == OPT_SPAWN_RATE || id == OPT_RUN_TIME;
}

static bool take_line(struct reading *r, const struct line *line, struct err *e)
{
    const struct options before = {.given = r->given};
    struct options unused = {0}; /* checked all the same */
    size_t i = 0;
    for (size_t k = 0; reports[k] != NULL; k++) {
        if (strcmp(line->key, reports[k]) == 0)
            add_name(r->taken.reports, sizeof r->taken.reports, line->key);
    }
    while (i < N_KNOWN && strcmp(known[i].key, line->key) != 0)
        i++;
    if (i == N_KNOWN || *line->value == '\0')
        return true;
    enum option_id id = known[i].id;
    struct options *to = counts_under_profile(id) ? &r->c->under : r->o;
    if (cli_given(&before, id) || (r->bare_url && of_profile_only(id)))
        to = &unused;
    bool ok = take_value(id, line->key, line->value, to, e);
    if (ok && to != &unused)
        add_name(r->taken.names, sizeof r->taken.names, line->key);
    cli_finish(&unused);
    return ok;
}

static void take_lines(struct reading *r, const char *file, char *text, struct problems *problems)
{
    unsigned number = 1;
    for (char *at = text + clean_mark_len(text, strlen(text)); at != NULL; number++) {
        struct line line;
        struct err e;
        char *end = strchr(at, '\n');
        if (end != NULL)
            *end++ = '\0';
        if (split_line(at, &line) && !take_line(r, &line, &e))
            problems_add(problems, "%.600s:%u: %s.", file, number, e.text);
        at = end;
    }
}

/* NULL for what is not to be read; *why is empty when there is nothing to be said about it. */
static char *slurp(const char *file, struct err *why)
{
    struct stat st;
    char *text = NULL;
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    why->text[0] = '\0';
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        err_set(why, "it is not a regular file");
    } else if (st.st_uid != geteuid() && st.st_uid != 0) {
        err_set(why, "it belongs to somebody else (user %lu)", (unsigned long)st.st_uid);
    } else if ((st.st_mode & S_IWOTH) != 0) {
        err_set(why, "everybody may write to it");
    } else {
        struct buf bytes = {0};
        if (buf_read(&bytes, fd, CONF_LOCUST_MAX_BYTES) && bytes.len <= CONF_LOCUST_MAX_BYTES &&
            strlen(bytes.data) == bytes.len)
            text = buf_take(&bytes);
        else
            err_set(why, "it is no text of up to 64 KiB");
        buf_finish(&bytes);
    }
    close(fd);
    return text;
}

bool conf_locust_read(struct conf *c, const char *file, struct options *o,
                      struct problems *problems)
{
    struct reading r = {.c = c,
                        .o = o,
                        .given = o->given | c->under.given,
                        .bare_url = is_bare_url(o),
                        .taken = {"", ""}};
    size_t before = problems->n + problems->dropped;
    struct err why;
    char *text = slurp(file, &why);
    if (why.text[0] != '\0')
        problems_add(&c->notes, "%.300s is not read: %s", file, why.text);
    if (text == NULL)
        return true;
    take_lines(&r, file, text, problems);
    conf_note(c, &r.taken, file);
    if (c->under.given != 0)
        o->under = &c->under;
    free(text);
    return problems->n + problems->dropped == before;
}
