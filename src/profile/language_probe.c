/* SPDX-License-Identifier: MIT */
/* language_probe.c - the probes that watch the target. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/language_parts.h"
#include "src/profile/probe_series.h"

#define PERIOD_LEAST_NS UINT64_C(100000000)
#define PERIOD_MOST_S 3600
#define POOL_MOST 1000000
#define PID_MOST 4194304

/* ------------------------------------------------------------------ thresholds */

/* The units behind a number: "70 %", "512 MiB", "200 ms". */
static const struct {
    const char *word;
    double factor;
} units[] = {{"", 1},       {"%", 1},         {"B", 1},
             {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824},
             {"s", 1},      {"ms", 0.001},    {"/s", 1}};

static bool parse_bound(const char *text, struct probe_warn *w)
{
    char *end;
    double v = strtod(text, &end);
    if (end == text || v != v || v - v != 0)
        return false;
    while (*end == ' ')
        end++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(end, units[i].word) == 0) {
            w->bound = v * units[i].factor;
            w->of_limit = *end == '%';
            return true;
        }
    return false;
}

/* Without the blanks around it; NULL when nothing is left. */
static char *trimmed(const char *text, size_t len)
{
    while (len > 0 && text[0] == ' ') {
        text++;
        len--;
    }
    while (len > 0 && text[len - 1] == ' ')
        len--;
    return len > 0 ? mem_strndup(text, len) : NULL;
}

/* "connections >= 15", "api/cpu > 70 %".  A group may hold slashes (shop/api), a series not. */
static bool parse_warn(const char *text, struct probe_warn *w)
{
    size_t len = strcspn(text, "<>");
    const char *op = text + len, *slash = memrchr(text, '/', len);
    if (*op == '\0' || memchr(text, '=', len) != NULL) /* "cpu => 70" */
        return false;
    w->below = *op == '<';
    w->or_equal = op[1] == '=';
    op += w->or_equal ? 2 : 1;
    if (!parse_bound(op + strspn(op, " "), w))
        return false;
    const char *name = slash != NULL ? slash + 1 : text;
    w->series = trimmed(name, (size_t)(text + len - name));
    w->group = slash != NULL ? trimmed(text, (size_t)(slash - text)) : NULL;
    if (w->series != NULL && (slash == NULL || w->group != NULL))
        return true;
    free(w->series);
    free(w->group);
    return false;
}

static void read_warns(struct context *c, const struct node *n, struct probe_spec *s)
{
    const struct node *items;
    int count = n != NULL ? node_texts(c->d, n, &items) : 0;
    if (count > (int)PROBE_LIST_MAX) {
        node_problem(c->d, n, "warn has %d entries; %u is the most.", count, PROBE_LIST_MAX);
        return;
    }
    for (int i = 0; i < count; i++) {
        struct probe_warn w = {0};
        if (!parse_warn(items[i].string, &w)) {
            node_problem(c->d, &items[i],
                         "\"%.60s\" is no threshold; write \"connections >= 15\" or "
                         "\"api/cpu > 70\".",
                         items[i].string);
            continue;
        }
        s->warns = mem_room(s->warns, s->n_warns, sizeof *s->warns);
        s->warns[s->n_warns++] = w;
    }
}

/* A threshold that can never be reached would be silence where an alarm is expected. */
static void check_warns(struct context *c, const struct node *n, const struct probe_spec *s)
{
    for (size_t i = 0; i < s->n_warns; i++) {
        const char *name = s->warns[i].series;
        if (probe_series_fits(s, name))
            continue;
        const char *meant = probe_series_meant(s, name);
        node_problem(c->d, n, "\"%.60s\" is no series of this %s probe%s%s%s.", name,
                     probe_type_words[s->type], meant != NULL ? " (did you mean \"" : "",
                     meant != NULL ? meant : "", meant != NULL ? "\"?)" : "");
    }
}

/* --------------------------------------------------------------------- values */

static void read_text(struct context *c, const struct node *group, const char *name, char **out)
{
    const struct node *n = node_get(group, name);
    if (n == NULL)
        return;
    free(*out);
    *out = language_fixed(c, n);
}

static void read_number(struct context *c, const struct node *group, const char *name, int64_t max,
                        int64_t *out)
{
    const struct node *n = node_get(group, name);
    if (n != NULL)
        node_whole(c->d, n, 1, max, out);
}

static void probe_read_secret(struct context *c, const struct node *group, const char *name,
                              struct secret **out)
{
    const struct node *n = node_get(group, name);
    if (n == NULL)
        return;
    if (n->kind != NODE_GROUP) {
        node_problem(c->d, n,
                     "%s must be { secret = \"env:NAME\"; } or { secret = \"file:PATH\"; }, so "
                     "that it stands in no file that others read.",
                     name);
        return;
    }
    const struct secret *s = language_secret(c, n);
    if (s != NULL)
        *out = secret_copy(s);
}

static void probe_read_list(struct context *c, const struct node *group, const char *name,
                            char ***out, size_t *n_out)
{
    const struct node *n = node_get(group, name), *items;
    int count = n != NULL ? node_texts(c->d, n, &items) : 0;
    if (count <= 0)
        return;
    if ((unsigned)count > PROBE_LIST_MAX) {
        node_problem(c->d, n, "%s has %d entries; %u is the most.", name, count, PROBE_LIST_MAX);
        return;
    }
    *out = mem_array((size_t)count + 1, sizeof **out); /* an argv ends with NULL */
    for (int i = 0; i < count; i++) {
        char *text = language_fixed(c, &items[i]);
        (*out)[(*n_out)++] = text != NULL ? text : mem_strdup("");
    }
}

/* Entries of a list of groups, each with these settings: how many. */
static size_t entries(struct context *c, const struct node *list, const char *where,
                      const char *const *keys)
{
    if (list == NULL || !node_is(c->d, list, NODE_LIST))
        return 0;
    if (list->n > PROBE_LIST_MAX) {
        node_problem(c->d, list, "%s has %zu entries; %u is the most.", list->name, list->n,
                     PROBE_LIST_MAX);
        return 0;
    }
    for (size_t i = 0; i < list->n; i++) {
        if (!node_is(c->d, &list->items[i], NODE_GROUP))
            return 0;
        node_only(c->d, &list->items[i], where, keys);
    }
    return list->n;
}

/* ------------------------------------------------------------------- the types */

/* In the order of enum pool_match. */
static const char *const pool_words[] = {"user", "application", "address", "database", NULL};

static void read_pool(struct context *c, const struct node *group, struct probe_pool *p)
{
    const struct node *first = NULL, *second = NULL;
    int64_t max = 0;
    int n = language_one_of(group, pool_words, &first, &second);
    if (n != 1) {
        node_problem(c->d, n == 0 ? group : second,
                     "a pool needs one of user, application, address and database, by which its "
                     "sessions are known.");
        return;
    }
    for (int i = 0; pool_words[i] != NULL; i++)
        if (strcmp(first->name, pool_words[i]) == 0)
            p->match = (enum pool_match)i;
    p->text = language_fixed(c, first);
    read_number(c, group, "max", POOL_MOST, &max);
    p->max = (unsigned)max;
    p->name = language_name(c->d, node_get(group, "name"));
    if (p->name == NULL)
        p->name = mem_strdup(p->text != NULL ? p->text : "");
}

static void probe_read_pools(struct context *c, const struct node *group, struct probe_spec *s)
{
    static const char *const keys[] = {"name",     "user", "application", "address",
                                       "database", "max",  NULL};
    const struct node *list = node_get(group, "pools");
    size_t n = entries(c, list, "a pool", keys);
    s->pools = mem_array(n + 1, sizeof *s->pools);
    for (size_t i = 0; i < n; i++)
        read_pool(c, &list->items[i], &s->pools[s->n_pools++]);
}

static void read_postgres(struct context *c, const struct node *group, struct probe_spec *s)
{
    const struct node *slow = node_get(group, "slow");
    uint64_t ns = 0;
    read_text(c, group, "dsn", &s->where);
    probe_read_secret(c, group, "password", &s->password);
    if (s->type == PROBE_POSTGRES)
        probe_read_pools(c, group, s);
    if (slow != NULL && language_time(c->d, slow, PERIOD_MOST_S, &ns))
        s->slow_s = (double)ns / 1e9;
}

static void read_docker(struct context *c, const struct node *group, struct probe_spec *s)
{
    read_text(c, group, "engine", &s->where);
    read_text(c, group, "logs", &s->logs);
    probe_read_list(c, group, "match", &s->match, &s->n_match);
}

static void read_process(struct context *c, const struct node *group, struct probe_spec *s)
{
    int64_t pid = 0, port = 0;
    read_number(c, group, "pid", PID_MOST, &pid);
    read_number(c, group, "port", 65535, &port);
    read_text(c, group, "process", &s->process);
    s->pid = (uint32_t)pid;
    s->port = (uint16_t)port;
}

static void read_http(struct context *c, const struct node *group, struct probe_spec *s)
{
    read_text(c, group, s->type == PROBE_REDIS ? "address" : "url", &s->where);
    read_text(c, group, "user", &s->user);
    probe_read_secret(c, group, "password", &s->password);
    probe_read_secret(c, group, "bearer", &s->bearer);
    language_switch(c->d, group, "insecure", &s->insecure);
}

static void read_metric(struct context *c, const struct node *group, bool promql,
                        struct probe_metric *m)
{
    static const char *const kind_words[] = {"gauge", "counter", NULL};
    static const char *const join_words[] = {"sum", "max", NULL};
    const char *key = promql ? "query" : "metric";
    const struct node *kind = node_get(group, "kind"), *join = node_get(group, "join"),
                      *limit = node_get(group, "limit");
    int i;
    read_text(c, group, key, &m->metric);
    if (m->metric == NULL && !node_meant(group, key))
        node_problem(c->d, group, "a series needs a %s.", key);
    m->name = language_name(c->d, node_get(group, "name"));
    if (m->name == NULL)
        m->name = m->metric != NULL ? mem_strndup(m->metric, strcspn(m->metric, "{")) : NULL;
    read_text(c, group, "unit", &m->unit);
    if (kind != NULL && (i = node_word(c->d, kind, kind_words)) >= 0)
        m->kind = (enum metric_kind)i;
    if (join != NULL && (i = node_word(c->d, join, join_words)) >= 0)
        m->join = (enum metric_join)i;
    if (limit != NULL)
        node_rate(c->d, limit, 1e18, &m->limit);
}

static void read_metrics(struct context *c, const struct node *group, struct probe_spec *s)
{
    static const char *const exposed[] = {"name", "metric", "kind", "join", "unit", "limit", NULL};
    static const char *const asked[] = {"name", "query", "join", "unit", "limit", NULL};
    bool promql = s->type == PROBE_PROMQL;
    const struct node *list = node_get(group, "series");
    read_http(c, group, s);
    size_t n = entries(c, list, "a series", promql ? asked : exposed);
    s->metrics = mem_array(n + 1, sizeof *s->metrics);
    for (size_t i = 0; i < n; i++)
        read_metric(c, &list->items[i], promql, &s->metrics[s->n_metrics++]);
}

static void read_command(struct context *c, const struct node *group, struct probe_spec *s)
{
    probe_read_list(c, group, "command", &s->argv, &s->n_argv);
    probe_read_list(c, group, "environment", &s->environment, &s->n_environment);
    language_switch(c->d, group, "runs_on", &s->runs_on);
    language_time(c->d, node_get(group, "timeout"), PERIOD_MOST_S, &s->timeout_ns);
}

static void read_host(struct context *c, const struct node *group, struct probe_spec *s)
{
    read_text(c, group, "ssh", &s->where);
}

#define COMMON "type", "name", "period", "warn"

/* By enum probe_type. */
static const struct {
    const char *keys[12];
    void (*read)(struct context *c, const struct node *group, struct probe_spec *s);
} types[PROBE_TYPES] = {
    [PROBE_DOCKER] = {{COMMON, "engine", "match", "logs", NULL}, read_docker},
    [PROBE_POSTGRES] = {{COMMON, "dsn", "password", "pools", "slow", NULL}, read_postgres},
    [PROBE_PGBOUNCER] = {{COMMON, "dsn", "password", NULL}, read_postgres},
    [PROBE_PROCESS] = {{COMMON, "pid", "process", "port", NULL}, read_process},
    [PROBE_HOST] = {{COMMON, "ssh", NULL}, read_host},
    [PROBE_REDIS] = {{COMMON, "address", "user", "password", NULL}, read_http},
    [PROBE_NGINX] = {{COMMON, "url", "user", "password", "bearer", "insecure", NULL}, read_http},
    [PROBE_PROMETHEUS] = {{COMMON, "url", "user", "password", "bearer", "insecure", "series", NULL},
                          read_metrics},
    [PROBE_PROMQL] = {{COMMON, "url", "user", "password", "bearer", "insecure", "series", NULL},
                      read_metrics},
    [PROBE_COMMAND] = {{COMMON, "command", "environment", "runs_on", "timeout", NULL},
                       read_command},
};

/* -------------------------------------------------------------------- a probe */

static void probe_read_name(struct context *c, const struct node *n, struct probe_spec *s)
{
    s->name = language_name(c->d, n);
    if (s->name != NULL && strlen(s->name) >= PROBE_NAME_MAX)
        node_problem(c->d, n, "name is longer than %d bytes.", PROBE_NAME_MAX - 1);
}

static void read_period(struct context *c, const struct node *n, struct probe_spec *s)
{
    if (n != NULL && language_time(c->d, n, PERIOD_MOST_S, &s->period_ns) &&
        s->period_ns < PERIOD_LEAST_NS)
        node_problem(c->d, n, "period must be at least 100 ms.");
}

static int probe_type(struct context *c, const struct node *group, bool *podman)
{
    const struct node *n = node_get(group, "type");
    *podman = n != NULL && n->kind == NODE_STRING && strcmp(n->string, "podman") == 0;
    if (n == NULL) {
        if (!node_meant(group, "type"))
            node_problem(c->d, group, "a probe needs a type, as in type = \"docker\";.");
        return -1;
    }
    return *podman ? PROBE_DOCKER : node_word(c->d, n, probe_type_words);
}

/* The names of the same settings elsewhere, which no nearness of letters finds. */
static const struct node_meaning meanings[] = {{"argv", "command"},
                                               {"env", "environment"},
                                               {"variables", "environment"},
                                               {"cmd", "command"},
                                               {"exec", "command"},
                                               {"run", "command"},
                                               {"host", "ssh"},
                                               {"host", "address"},
                                               {"url", "address"},
                                               {"uri", "address"},
                                               {"socket", "address"},
                                               {"address", "url"},
                                               {"uri", "url"},
                                               {"conninfo", "dsn"},
                                               {"uri", "dsn"},
                                               {"url", "dsn"},
                                               {"host", "dsn"},
                                               {"socket", "engine"},
                                               {"containers", "match"},
                                               {"container", "match"},
                                               {"service", "match"},
                                               {"logs_match", "logs"},
                                               {"metrics", "series"},
                                               {"token", "bearer"},
                                               {"interval", "period"},
                                               {"threshold", "warn"},
                                               {"password_env", "password"},
                                               {"password_file", "password"},
                                               {NULL, NULL}};

static void read_probe(struct context *c, const struct node *group)
{
    struct err e;
    size_t before = c->d->problems->n + c->d->problems->dropped;
    bool podman;
    int type = probe_type(c, group, &podman);
    if (type < 0)
        return;
    struct probe_spec *s = probe_spec_new((enum probe_type)type);
    s->podman = podman;
    node_only_or(c->d, group, "this probe", types[type].keys, meanings);
    probe_read_name(c, node_get(group, "name"), s);
    read_period(c, node_get(group, "period"), s);
    read_warns(c, node_get(group, "warn"), s);
    c->p->permissions.of_probe = true;
    types[type].read(c, group, s);
    check_warns(c, node_get(group, "warn"), s);
    bool ok = c->d->problems->n + c->d->problems->dropped == before;
    if (ok && !probe_spec_complete(s, &e)) {
        node_problem(c->d, group, "%s.", e.text);
        ok = false;
    }
    if (ok) {
        language_permit_probe(c, group, s);
        probe_specs_add(&c->p->probes, s);
    } else {
        probe_spec_unref(s);
    }
    c->p->permissions.of_probe = false;
}

void language_probes(struct context *c, const struct node *list)
{
    if (list == NULL || !node_is(c->d, list, NODE_LIST))
        return;
    if (list->n > PROBE_MAX) {
        node_problem(c->d, list, "there are %zu probes; %u is the most.", list->n, PROBE_MAX);
        return;
    }
    for (size_t i = 0; i < list->n; i++)
        if (node_is(c->d, &list->items[i], NODE_GROUP))
            read_probe(c, &list->items[i]);
}
