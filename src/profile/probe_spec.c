/* SPDX-License-Identifier: MIT */
#include "src/profile/probe_spec.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/human.h"
#include "src/base/mem.h"
#include "src/base/words.h"

const char *const probe_type_words[PROBE_TYPES + 1] = {
    "docker", "postgres",   "pgbouncer", "process", "host", "redis",
    "nginx",  "prometheus", "promql",    "command", NULL};

const char *probe_spec_word(const struct probe_spec *s)
{
    return s->podman ? "podman" : probe_type_words[s->type];
}

struct probe_spec *probe_spec_new(enum probe_type type)
{
    struct probe_spec *s = mem_zalloc(sizeof *s);
    s->type = type;
    s->refs = 1;
    return s;
}

struct probe_spec *probe_spec_ref(struct probe_spec *s)
{
    __atomic_fetch_add(&s->refs, 1, __ATOMIC_RELAXED);
    return s;
}

static void spec_free_texts(char **texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(texts[i]);
    free(texts);
}

static void free_lists(struct probe_spec *s)
{
    for (size_t i = 0; i < s->n_warns; i++) {
        free(s->warns[i].group);
        free(s->warns[i].series);
    }
    for (size_t i = 0; i < s->n_pools; i++) {
        free(s->pools[i].name);
        free(s->pools[i].text);
    }
    for (size_t i = 0; i < s->n_metrics; i++) {
        free(s->metrics[i].name);
        free(s->metrics[i].metric);
        free(s->metrics[i].unit);
    }
    free(s->warns);
    free(s->pools);
    free(s->metrics);
    spec_free_texts(s->match, s->n_match);
    spec_free_texts(s->argv, s->n_argv);
    spec_free_texts(s->environment, s->n_environment);
}

void probe_spec_unref(struct probe_spec *s)
{
    if (s == NULL || __atomic_sub_fetch(&s->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    free_lists(s);
    secret_free(s->password);
    secret_free(s->bearer);
    free(s->name);
    free(s->where);
    free(s->user);
    free(s->logs);
    free(s->process);
    free(s);
}

/* ------------------------------------------------------------------- equality */

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_texts(char **a, size_t na, char **b, size_t nb)
{
    if (na != nb)
        return false;
    for (size_t i = 0; i < na; i++)
        if (!same(a[i], b[i]))
            return false;
    return true;
}

static bool same_pools(const struct probe_spec *a, const struct probe_spec *b)
{
    if (a->n_pools != b->n_pools)
        return false;
    for (size_t i = 0; i < a->n_pools; i++) {
        const struct probe_pool *x = &a->pools[i], *y = &b->pools[i];
        if (!same(x->name, y->name) || !same(x->text, y->text) || x->match != y->match ||
            x->max != y->max)
            return false;
    }
    return true;
}

static bool same_metrics(const struct probe_spec *a, const struct probe_spec *b)
{
    if (a->n_metrics != b->n_metrics)
        return false;
    for (size_t i = 0; i < a->n_metrics; i++) {
        const struct probe_metric *x = &a->metrics[i], *y = &b->metrics[i];
        if (!same(x->name, y->name) || !same(x->metric, y->metric) || !same(x->unit, y->unit) ||
            x->kind != y->kind || x->join != y->join || x->limit < y->limit || x->limit > y->limit)
            return false;
    }
    return true;
}

static bool same_warns(const struct probe_spec *a, const struct probe_spec *b)
{
    if (a->n_warns != b->n_warns)
        return false;
    for (size_t i = 0; i < a->n_warns; i++) {
        const struct probe_warn *x = &a->warns[i], *y = &b->warns[i];
        if (!same(x->group, y->group) || !same(x->series, y->series) || x->below != y->below ||
            x->or_equal != y->or_equal || x->of_limit != y->of_limit || x->bound < y->bound ||
            x->bound > y->bound)
            return false;
    }
    return true;
}

/* Secrets are not compared: who changes one means another. */
bool probe_spec_alike(const struct probe_spec *a, const struct probe_spec *b)
{
    if (a == b)
        return true;
    return a->type == b->type && a->period_ns == b->period_ns && a->podman == b->podman &&
           same(a->where, b->where) && same(a->user, b->user) && a->password == NULL &&
           b->password == NULL && a->bearer == NULL && b->bearer == NULL &&
           a->insecure == b->insecure && same_texts(a->match, a->n_match, b->match, b->n_match) &&
           same(a->logs, b->logs) && a->slow_s >= b->slow_s && a->slow_s <= b->slow_s &&
           a->pid == b->pid && same(a->process, b->process) && a->port == b->port &&
           same_texts(a->argv, a->n_argv, b->argv, b->n_argv) &&
           same_texts(a->environment, a->n_environment, b->environment, b->n_environment) &&
           a->runs_on == b->runs_on && a->timeout_ns == b->timeout_ns && same_pools(a, b) &&
           same_metrics(a, b) && same_warns(a, b);
}

bool probe_spec_equal(const struct probe_spec *a, const struct probe_spec *b)
{
    return same(a->name, b->name) && probe_spec_alike(a, b);
}

/* ---------------------------------------------------------------- completion */

/* Makes a name out of the place, where that alone tells a probe from others. */
static char *name_for(const struct probe_spec *s)
{
    switch (s->type) {
    case PROBE_PROCESS:
        if (s->process != NULL)
            return mem_strndup(s->process, PROBE_NAME_MAX - 1);
        return s->port != 0 ? mem_printf("port %u", s->port) : mem_printf("pid %u", s->pid);
    case PROBE_DOCKER:
        return mem_strdup(s->podman ? "podman" : "docker");
    case PROBE_POSTGRES:
        return mem_strdup("db");
    case PROBE_COMMAND: {
        const char *slash = strrchr(s->argv[0], '/');
        return mem_strndup(slash != NULL ? slash + 1 : s->argv[0], PROBE_NAME_MAX - 1);
    }
    case PROBE_HOST:
        return s->where[0] == '\0' ? mem_strdup("host") : mem_strndup(s->where, PROBE_NAME_MAX - 1);
    default:
        return mem_strdup(probe_type_words[s->type]);
    }
}

/* libpq's own way to say a password in a conninfo. */
static bool holds_password(const char *conninfo)
{
    for (const char *p = conninfo; (p = strcasestr(p, "password")) != NULL; p++) {
        const char *q = p + strlen("password");
        if (p - conninfo >= 3 &&
            strncasecmp(p - 3, "ssl", 3) == 0) /* sslpassword: that of a client's key */
            p -= 3;
        bool begins =
            p == conninfo || isspace((unsigned char)p[-1]) || strchr("&?,", p[-1]) != NULL;
        p = q - 1;
        while (isspace((unsigned char)*q))
            q++;
        if (begins && *q == '=')
            return true;
    }
    const char *at, *colon, *start = strstr(conninfo, "://");
    if (start == NULL)
        return false;
    start += 3;
    at = memchr(start, '@', strcspn(start, "/?"));
    colon = at != NULL ? memchr(start, ':', (size_t)(at - start)) : NULL;
    return colon != NULL;
}

static bool check_conninfo(struct probe_spec *s, struct err *e)
{
    if (s->where == NULL)
        s->where = mem_strdup(""); /* libpq's own defaults and PG* variables */
    if (holds_password(s->where))
        return err_set(e,
                       "a password does not belong into a conninfo, where others can see it: use "
                       "password = { secret = \"env:NAME\"; }, PGPASSWORD, ~/.pgpass or service=");
    return true;
}

static bool check_url(struct probe_spec *s, const char *example, struct err *e)
{
    const char *w = s->where;
    if (w == NULL || w[0] == '\0')
        return err_set(e, "a %s probe needs a URL, such as %s", probe_type_words[s->type], example);
    if (strncmp(w, "http://", 7) != 0 && strncmp(w, "https://", 8) != 0)
        return err_set(e, "a %s probe's URL begins with http:// or https://, as %s does",
                       probe_type_words[s->type], example);
    if (memchr(strstr(w, "://") + 3, '@', strcspn(strstr(w, "://") + 3, "/?#")) != NULL)
        return err_set(e, "a user and password do not belong into a probe's URL, where others can "
                          "see them: use user and password = { secret = \"env:NAME\"; }");
    return true;
}

static bool check_metrics(struct probe_spec *s, struct err *e)
{
    if (!check_url(
            s, s->type == PROBE_PROMQL ? "http://127.0.0.1:9090" : "http://127.0.0.1:9100/metrics",
            e))
        return false;
    if (s->n_metrics == 0)
        return err_set(e, "a %s probe needs %s", probe_type_words[s->type],
                       s->type == PROBE_PROMQL ? "a query" : "a metric");
    return true;
}

/* Checks a destination for ssh's command line: it must not be an option. */
static bool check_destination(struct probe_spec *s, struct err *e)
{
    if (s->where == NULL)
        s->where = mem_strdup("");
    return s->where[0] != '-' || err_set(e, "a host cannot begin with '-'");
}

/* ssh's configuration may hand it to a shell (ProxyCommand, Match exec). */
static bool check_host(struct probe_spec *s, struct err *e)
{
    if (!check_destination(s, e))
        return false;
    for (const char *c = s->where; *c != '\0'; c++)
        if (!isgraph((unsigned char)*c) || strchr("'`\"$;&<>|(){}*?!#", *c) != NULL)
            return err_set(e, "a host is a destination of ssh, such as user@box, and has no "
                              "blanks, quotes or other signs of a shell");
    return true;
}

static bool check_process(const struct probe_spec *s, struct err *e)
{
    bool named = s->process != NULL && s->process[0] != '\0';
    int ways = (s->pid != 0) + named + (s->port != 0);
    return ways == 1 || err_set(e, "a process probe needs one of pid, process (its name) and port "
                                   "(where it listens)");
}

/* host:port, the path of a socket, or either as a URL without a log-in. */
static bool check_redis(struct probe_spec *s, struct err *e)
{
    char *given = s->where;
    const char *rest = given != NULL ? given : "";
    if (strncmp(rest, "rediss://", 9) == 0)
        return err_set(e, "a redis probe speaks no TLS: let a command probe ask with redis-cli");
    if (strchr(rest, '@') != NULL)
        return err_set(e,
                       "a user and password do not belong into a redis probe's address, where "
                       "others can see them: use user and password = { secret = \"env:NAME\"; }");
    if (strncmp(rest, "unix://", 7) == 0)
        s->where = mem_strdup(rest + 7);
    else if (strncmp(rest, "redis://", 8) == 0)
        s->where = mem_strndup(rest + 8, strcspn(rest + 8, "/"));
    else
        s->where = mem_strdup(rest[0] != '\0' ? rest : "127.0.0.1:6379");
    free(given);
    return true;
}

static bool check_command(const struct probe_spec *s, struct err *e)
{
    for (size_t i = 0; i < s->n_environment; i++)
        if (s->environment[i][0] == '\0' || strchr(s->environment[i], '=') != NULL)
            return err_set(e, "environment takes names of variables, as in [ \"PGPASSFILE\" ]; "
                              "their values are this program's own");
    return (s->n_argv > 0 && s->argv[0][0] != '\0') ||
           err_set(e, "a command probe needs a command");
}

static bool check_type(struct probe_spec *s, struct err *e)
{
    switch (s->type) {
    case PROBE_POSTGRES:
    case PROBE_PGBOUNCER:
        return check_conninfo(s, e);
    case PROBE_PROCESS:
        return check_process(s, e);
    case PROBE_DOCKER:
        return check_destination(s, e);
    case PROBE_HOST:
        return check_host(s, e);
    case PROBE_REDIS:
        return check_redis(s, e);
    case PROBE_NGINX:
        return check_url(s, "http://127.0.0.1/nginx_status", e);
    case PROBE_PROMETHEUS:
    case PROBE_PROMQL:
        return check_metrics(s, e);
    case PROBE_COMMAND:
        return check_command(s, e);
    case PROBE_TYPES:
        break;
    }
    return false;
}

bool probe_spec_complete(struct probe_spec *s, struct err *e)
{
    if (!check_type(s, e))
        return false;
    if (s->name == NULL)
        s->name = name_for(s);
    return true;
}

/* ----------------------------------------------------------------- short texts */

static void add_text(char ***list, size_t *n, char *text)
{
    *list = mem_grow(*list, *n + 2, sizeof **list); /* with the NULL that ends an argv */
    (*list)[(*n)++] = text;
    (*list)[*n] = NULL;
}

static bool whole(const char *text, unsigned long max, unsigned long *out)
{
    char *end;
    unsigned long v = strtoul(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end != '\0' || v == 0 || v > max)
        return false;
    *out = v;
    return true;
}

/* pool=USER:MAX */
static bool take_pool(struct probe_spec *s, const char *text, struct err *e)
{
    unsigned long max;
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text || !whole(colon + 1, 1000000, &max))
        return err_set(e, "pool is USER:MAX, as in pool=shop:20");
    if (s->n_pools == PROBE_LIST_MAX)
        return err_set(e, "there are more than %u pools", PROBE_LIST_MAX);
    s->pools = mem_room(s->pools, s->n_pools, sizeof *s->pools);
    s->pools[s->n_pools++] = (struct probe_pool){
        .name = mem_strndup(text, (size_t)(colon - text)),
        .text = mem_strndup(text, (size_t)(colon - text)),
        .match = POOL_USER,
        .max = (unsigned)max,
    };
    return true;
}

static bool spec_take_number(struct probe_spec *s, const char *key, const char *value,
                             struct err *e)
{
    unsigned long v;
    bool port = strcmp(key, "port") == 0;
    if (!whole(value, port ? 65535 : 4194304, &v))
        return err_set(e, "%s is a number from 1 to %s, as in process:%s=%s", key,
                       port ? "65535" : "4194304", key, port ? "8080" : "4711");
    if (port)
        s->port = (uint16_t)v;
    else
        s->pid = (uint32_t)v;
    return true;
}

static void spec_take_value(char **at, const char *value)
{
    free(*at);
    *at = mem_strdup(value);
}

static bool take_name(struct probe_spec *s, const char *value, struct err *e)
{
    if (value[0] == '\0')
        return err_set(e, "as needs a name, as in as=api");
    free(s->name);
    s->name = mem_strndup(value, PROBE_NAME_MAX - 1);
    return true;
}

/* A part "key=value" that the type knows.  *known is false for any other text. */
static bool take_key(struct probe_spec *s, const char *part, bool *known, struct err *e)
{
    const char *equals = strchr(part, '=');
    char key[16] = "";
    *known = true;
    if (equals != NULL && (size_t)(equals - part) < sizeof key)
        memcpy(key, part, (size_t)(equals - part));
    const char *value = equals != NULL ? equals + 1 : "";
    bool process = s->type == PROBE_PROCESS;
    if (strcmp(key, "as") == 0)
        return take_name(s, value, e);
    if (process && (strcmp(key, "port") == 0 || strcmp(key, "pid") == 0))
        return spec_take_number(s, key, value, e);
    else if (process && strcmp(key, "name") == 0)
        spec_take_value(&s->process, value);
    else if (s->type == PROBE_POSTGRES && strcmp(key, "pool") == 0)
        return take_pool(s, value, e);
    else if (s->type == PROBE_DOCKER && strcmp(key, "logs") == 0)
        spec_take_value(&s->logs, value);
    else if (s->type == PROBE_DOCKER && strcmp(key, "engine") == 0)
        spec_take_value(&s->where, value);
    else if (strcmp(key, "period") == 0)
        return (human_parse_duration(value, &s->period_ns) && s->period_ns >= 100000000) ||
               err_set(e, "period is a time of at least 100 ms, as in period=5s");
    else
        *known = false;
    return true;
}

/* The settings that a part may have, by type; host:..., redis:... and so on are no settings. */
static const char *const settings[PROBE_TYPES][6] = {
    [PROBE_DOCKER] = {"as", "period", "engine", "logs", NULL},
    [PROBE_POSTGRES] = {"as", "period", "pool", NULL},
    [PROBE_PGBOUNCER] = {"as", "period", NULL},
    [PROBE_PROCESS] = {"as", "period", "port", "name", "pid", NULL},
    [PROBE_HOST] = {"as", "period", NULL},
    [PROBE_REDIS] = {"as", "period", NULL},
    [PROBE_NGINX] = {"as", "period", NULL},
};

/* A misspelt setting must not pass for the name of a container, a host or a database's
 * setting.  What else stands in a conninfo libpq knows better. */
static bool is_no_setting(const struct probe_spec *s, const char *part, struct err *e)
{
    bool conninfo = s->type == PROBE_POSTGRES || s->type == PROBE_PGBOUNCER;
    size_t len = 0;
    while (isalpha((unsigned char)part[len]) || part[len] == '_')
        len++;
    if (len == 0 || part[len] != '=' || (conninfo && s->where == NULL))
        return true;
    char *key = mem_strndup(part, len < 40 ? len : 40);
    const char *meant = words_nearest(key, settings[s->type]);
    bool ok = conninfo && meant == NULL;
    if (!ok)
        err_set(e, "\"%s\" is no setting of a %s probe%s%s%s", key, probe_type_words[s->type],
                meant != NULL ? " (did you mean \"" : "", meant != NULL ? meant : "",
                meant != NULL ? "\"?)" : "");
    free(key);
    return ok;
}

/* Returns whether Prometheus' conventions call it a counter; queries are none. */
static bool is_counter(const char *metric, size_t len)
{
    static const char *const ends[] = {"_total", "_count", "_sum"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = strlen(ends[i]);
        if (len > n && memcmp(metric + len - n, ends[i], n) == 0)
            return true;
    }
    return false;
}

static void add_metric(struct probe_spec *s, const char *text)
{
    size_t len = strcspn(text, "{");
    bool counter = s->type == PROBE_PROMETHEUS && is_counter(text, len);
    s->metrics = mem_room(s->metrics, s->n_metrics, sizeof *s->metrics);
    s->metrics[s->n_metrics++] =
        (struct probe_metric){.name = mem_strndup(text, len),
                              .metric = mem_strdup(text),
                              .kind = counter ? METRIC_COUNTER : METRIC_GAUGE};
}

/* A conninfo may hold commas itself. */
static void spec_append(char **text, const char *part)
{
    char *before = *text;
    *text = before == NULL ? mem_strdup(part) : mem_printf("%s,%s", before, part);
    free(before);
}

/* Takes the part that stands first, before any key. */
static bool take_first(struct probe_spec *s, const char *part, struct err *e)
{
    const char *hash = strchr(part, '#');
    switch (s->type) {
    case PROBE_DOCKER:
        add_text(&s->match, &s->n_match, mem_strdup(part));
        return true;
    case PROBE_PROCESS:
        return err_set(e, "a process probe is process:port=8080, process:name=NAME or "
                          "process:pid=4711");
    case PROBE_PROMETHEUS:
    case PROBE_PROMQL:
        if (hash == NULL)
            return err_set(e, "a %s probe is %s:URL#%s", probe_type_words[s->type],
                           probe_type_words[s->type], s->type == PROBE_PROMQL ? "QUERY" : "METRIC");
        s->where = mem_strndup(part, (size_t)(hash - part));
        add_metric(s, hash + 1);
        return true;
    case PROBE_POSTGRES:
    case PROBE_PGBOUNCER:
        spec_append(&s->where, part);
        return true;
    default:
        if (s->where != NULL)
            return err_set(e, "\"%.*s\" is no setting of a %s probe", (int)strcspn(part, "="), part,
                           probe_type_words[s->type]); /* the rest may be a secret */
        s->where = mem_strdup(part);
        return true;
    }
}

static bool spec_take_parts(struct probe_spec *s, char *text, struct err *e)
{
    char *rest = text, *part;
    bool known, ok = true;
    while (ok && (part = strsep(&rest, ",")) != NULL) {
        if (part[0] == '\0')
            continue;
        ok = take_key(s, part, &known, e) &&
             (known || (is_no_setting(s, part, e) && take_first(s, part, e)));
    }
    return ok;
}

static bool take_command(struct probe_spec *s, char *text)
{
    char *rest = text, *word;
    while ((word = strsep(&rest, " \t")) != NULL)
        if (word[0] != '\0')
            add_text(&s->argv, &s->n_argv, mem_strdup(word));
    return true;
}

/* A query may hold commas: it goes to the end of the text. */
static bool take_query(struct probe_spec *s, const char *text, struct err *e)
{
    return text[0] == '\0' || take_first(s, text, e);
}

static int spec_type(const char *text, size_t len, bool *podman)
{
    *podman = len == 6 && strncasecmp(text, "podman", 6) == 0;
    for (int i = 0; i < PROBE_TYPES; i++)
        if (strlen(probe_type_words[i]) == len && strncasecmp(text, probe_type_words[i], len) == 0)
            return i;
    return *podman ? PROBE_DOCKER : -1;
}

static bool spec_take_text(struct probe_spec *s, char *text, struct err *e)
{
    if (s->type == PROBE_COMMAND)
        return take_command(s, text);
    if (s->type == PROBE_PROMETHEUS || s->type == PROBE_PROMQL)
        return take_query(s, text, e);
    return spec_take_parts(s, text, e);
}

struct probe_spec *probe_spec_parse(const char *text, struct err *e)
{
    size_t len = strcspn(text, ":,");
    bool podman;
    int type = spec_type(text, len, &podman);
    if (type < 0) {
        char *word = mem_strndup(text, len < 40 ? len : 40);
        const char *meant = words_nearest(word, probe_type_words);
        err_set(e,
                "there is no probe of the type \"%s\"%s%s%s; there are docker, postgres, "
                "pgbouncer, process, host, redis, nginx, prometheus, promql and command",
                word, meant != NULL ? " (did you mean " : "", meant != NULL ? meant : "",
                meant != NULL ? "?)" : "");
        free(word);
        return NULL;
    }
    struct probe_spec *s = probe_spec_new((enum probe_type)type);
    s->podman = podman;
    s->typed = true;
    char *rest = mem_strdup(text[len] != '\0' ? text + len + 1 : "");
    bool ok = spec_take_text(s, rest, e) && probe_spec_complete(s, e);
    free(rest);
    if (ok)
        return s;
    probe_spec_unref(s);
    return NULL;
}

/* ------------------------------------------------------------------------ list */

static bool is_taken(const void *of, const char *name)
{
    const struct probe_specs *all = of;
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->items[i]->name, name) == 0)
            return true;
    return false;
}

void probe_spec_distinguish(struct probe_spec *s, bool (*taken)(const void *of, const char *name),
                            const void *of)
{
    char *base = mem_strndup(s->name, PROBE_NAME_MAX - 6);
    for (unsigned i = 2; taken(of, s->name); i++) {
        free(s->name);
        s->name = mem_printf("%s %u", base, i);
    }
    free(base);
}

void probe_specs_add(struct probe_specs *all, struct probe_spec *s)
{
    probe_spec_distinguish(s, is_taken, all);
    all->items = mem_room(all->items, all->n, sizeof *all->items);
    all->items[all->n++] = s;
}

void probe_specs_finish(struct probe_specs *all)
{
    for (size_t i = 0; i < all->n; i++)
        probe_spec_unref(all->items[i]);
    free(all->items);
    *all = (struct probe_specs){0};
}

bool probe_spec_runs(const struct probe_spec *s)
{
    bool ssh = (s->type == PROBE_HOST && s->where != NULL && *s->where != '\0') ||
               (s->type == PROBE_DOCKER && s->where != NULL && strncmp(s->where, "ssh:", 4) == 0);
    return (s->type == PROBE_COMMAND || ssh) && !s->typed;
}
