/* SPDX-License-Identifier: MIT */
#include "src/cli/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/cli/cli_table.h"
#include "src/profile/build.h"
#include "src/profile/subject.h"
#include "src/profile/url.h"
#include "src/settings/read.h"
#include "src/settings/source.h"

static const char *variable(char **env, const char *name)
{
    size_t len = strlen(name);
    for (; env != NULL && *env != NULL; env++) {
        if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
            return *env + len + 1;
    }
    return NULL;
}

char *conf_path(char **env)
{
    const char *folder = variable(env, "XDG_CONFIG_HOME"), *home = variable(env, "HOME");
    if (folder != NULL && *folder == '/') /* a relative one is to be ignored */
        return mem_printf("%s/ramptop/ramptop.cfg", folder);
    if (home != NULL && *home == '/')
        return mem_printf("%s/.config/ramptop/ramptop.cfg", home);
    return NULL;
}

/* ------------------------------------------------------------- what wins over it */

static bool of_bare_url(enum option_id id)
{
    return id == OPT_METHOD || id == OPT_DATA;
}

/* Options that a profile or one of its levels can set, too. */
static bool of_profile(enum option_id id)
{
    switch (id) {
    case OPT_USERS:
    case OPT_SPAWN_RATE:
    case OPT_RUN_TIME:
    case OPT_DURATION:
    case OPT_LEVEL:
    case OPT_HOST:
    case OPT_HEADER:
    case OPT_INSECURE:
    case OPT_HTTP2:
    case OPT_LOCATION:
    case OPT_TIMEOUT:
    case OPT_GRACE:
        return true;
    default:
        return false;
    }
}

/* Where a setting goes; what does not count goes to unused, to be checked all the same. */
static struct options *place(enum option_id id, uint64_t given, bool bare_url, struct conf *c,
                             struct options *o, struct options *unused)
{
    const struct options before = {.given = given};
    bool won = id != OPT_HEADER && cli_given(&before, id); /* headers add up */
    if (won || (of_bare_url(id) && !bare_url))
        return unused;
    return of_profile(id) ? &c->under : o;
}

/* ---------------------------------------------------------------------- values */

static bool is_number_option(enum option_id id)
{
    switch (id) {
    case OPT_USERS:
    case OPT_SPAWN_RATE:
    case OPT_RUN_TIME:
    case OPT_DURATION:
    case OPT_REQUESTS:
    case OPT_WORKERS:
    case OPT_SEED:
    case OPT_TIMEOUT:
    case OPT_GRACE:
    case OPT_CONCURRENCY:
    case OPT_MAX_WAIT:
    case OPT_PORT:
    case OPT_SERVERS:
    case OPT_POOL:
    case OPT_SERVICE_MS:
    case OPT_QUEUE:
        return true;
    default:
        return false;
    }
}

/* Checks texts that would be found wrong only when their place in the file is no longer known. */
static bool text_ok(enum option_id id, const char *text, struct err *e)
{
    struct header_list headers = {0};
    struct url u = {0};
    bool ok = true;
    if (id == OPT_HEADER)
        ok = build_header_line(&headers, text, e);
    else if (id == OPT_METHOD)
        ok = build_method_ok(text, e);
    else if (id == OPT_HOST)
        ok = url_parse(&u, text, e) && (u.query == NULL || err_set(e, "a target has no query"));
    url_finish(&u);
    build_header_finish(&headers);
    return ok;
}

static void conf_take_text(const struct doc *d, const struct node *n, enum option_id id,
                           const char *name, const char *text, struct options *to)
{
    struct err e;
    if (!cli_take_value(id, name, text, to, &e))
        node_problem(d, n, "%s.", e.text);
    else if (!text_ok(id, text, &e))
        node_problem(d, n, "%s: %s.", name, e.text);
}

/* Options that may be given several times: an array of them is fine. */
static bool repeats(enum option_id id)
{
    return id == OPT_HEADER || id == OPT_SET || id == OPT_TAGS || id == OPT_EXCLUDE_TAGS ||
           id == OPT_KEEP_HOST || id == OPT_PROBE;
}

static void take_node(const struct doc *d, const struct node *n, enum option_id id,
                      const char *name, struct options *to)
{
    char number[64];
    const char *text = number;
    bool on = false;
    if (cli_table[id].arg == NULL) {
        if (node_bool(d, n, &on))
            cli_take_switch(id, on, to);
        return;
    }
    if (repeats(id) && n->kind == NODE_ARRAY) {
        for (size_t i = 0; i < n->n; i++) {
            if (node_text(d, &n->items[i], &text))
                conf_take_text(d, &n->items[i], id, name, text, to);
        }
        return;
    }
    if (is_number_option(id) && n->kind == NODE_INT)
        snprintf(number, sizeof number, "%lld", (long long)n->integer);
    else if (is_number_option(id) && n->kind == NODE_FLOAT)
        snprintf(number, sizeof number, "%.15g", n->number);
    else if (is_number_option(id) && n->kind != NODE_STRING)
        text = NULL;
    else if (!node_text(d, n, &text))
        return;
    if (text == NULL) {
        node_problem(d, n, "%s must be a number, or a string such as %s.", name,
                     id == OPT_CONCURRENCY ? "\"1,10,25\"" : "\"10k\" or \"1m30s\"");
        return;
    }
    conf_take_text(d, n, id, name, text, to);
}

/* ------------------------------------------------------------------- the file */

static void take_all(struct conf *c, const struct doc *d, struct options *o)
{
    char names[OPT_COUNT][CLI_NAME_MAX];
    const char *known[OPT_COUNT + 1] = {NULL};
    uint64_t given = o->given | c->under.given;
    struct options unused = {0}; /* settings that others win over */
    bool bare_url = o->subject != NULL && !subject_is_file(o->subject);
    size_t n = 0;
    for (int id = 0; id < OPT_COUNT; id++) {
        if (cli_setting_name((enum option_id)id, names[id]))
            known[n++] = names[id];
        else
            names[id][0] = '\0';
    }
    node_only(d, &c->root, "the configuration file", known);
    for (size_t i = 0; i < c->root.n; i++) {
        const struct node *node = &c->root.items[i];
        int id = 0;
        while (id < OPT_COUNT && strcmp(names[id], node->name) != 0)
            id++;
        if (id < OPT_COUNT)
            take_node(d, node, (enum option_id)id, names[id],
                      place((enum option_id)id, given, bare_url, c, o, &unused));
    }
    cli_finish(&unused);
}

bool conf_read(struct conf *c, const char *file, struct options *o, struct problems *problems)
{
    struct source s;
    struct doc d = {&s, problems};
    size_t before = problems->n + problems->dropped;
    bool missing;
    if (source_from_own_file(&s, file, &missing, problems) &&
        settings_read(&c->root, &s, problems)) {
        take_all(c, &d, o);
        o->under = &c->under;
    }
    source_finish(&s);
    return problems->n + problems->dropped == before;
}

void conf_finish(struct conf *c)
{
    cli_finish(&c->under);
    problems_finish(&c->notes);
    node_finish(&c->root);
    *c = (struct conf){0};
}
