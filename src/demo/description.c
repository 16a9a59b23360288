/* SPDX-License-Identifier: MIT */
#include "src/demo/description.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/human.h"
#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/demo/description_parts.h"
#include "src/script/jsonscan.h"
#include "src/settings/read.h"

#define MAX_TIME_NS (3600 * UINT64_C(1000000000))
#define MAX_SIZE 100000
#define MAX_QUEUE 1000000
#define MAX_LIMIT 1000000000
#define MAX_ITEMS 1000000

/* ------------------------------------------------------------------ single values */

void part_text(const struct reading *r, const struct node *group, const char *name, char **out)
{
    const struct node *n = node_get(group, name);
    const char *text;
    if (n != NULL && node_text(r->doc, n, &text)) {
        free(*out);
        *out = mem_strdup(text);
    }
}

void part_whole(const struct reading *r, const struct node *group, const char *name, int64_t min,
                int64_t max, unsigned *out)
{
    const struct node *n = node_get(group, name);
    int64_t v;
    if (n != NULL && node_whole(r->doc, n, min, max, &v))
        *out = (unsigned)v;
}

void part_bool(const struct reading *r, const struct node *group, const char *name, bool *out)
{
    const struct node *n = node_get(group, name);
    if (n != NULL)
        node_bool(r->doc, n, out);
}

static bool part_short_time(const struct reading *r, const struct node *n, uint64_t *ns)
{
    uint64_t v;
    if (!node_duration(r->doc, n, &v))
        return false;
    if (v > MAX_TIME_NS)
        node_problem(r->doc, n, "%.60s must be at most an hour.",
                     n->name != NULL ? n->name : "each time");
    else
        *ns = v;
    return v <= MAX_TIME_NS;
}

static void part_duration(const struct reading *r, const struct node *group, const char *name,
                          uint64_t *ns)
{
    const struct node *n = node_get(group, name);
    uint64_t v;
    if (n == NULL || !node_duration(r->doc, n, &v))
        return;
    if (v == 0)
        node_problem(r->doc, n, "%.60s must be more than 0.", name);
    else
        *ns = v;
}

static bool parse_size(const char *text, double *out)
{
    static const struct {
        const char *unit;
        double factor;
    } units[] = {{"", 1},    {"B", 1},    {"k", 1e3},         {"kB", 1e3},   {"KB", 1e3},
                 {"K", 1e3}, {"M", 1e6},  {"MB", 1e6},        {"KiB", 1024}, {"MiB", 1048576},
                 {"G", 1e9}, {"GB", 1e9}, {"GiB", 1073741824}};
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    double v = strtod(text, &end);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(end, units[i].unit) == 0) {
            *out = v * units[i].factor;
            return true;
        }
    }
    return false;
}

bool part_size(const struct reading *r, const struct node *n, uint64_t max, uint64_t *out)
{
    const char *name = n->name != NULL ? n->name : "each size";
    double v = n->number;
    bool ok = n->kind == NODE_INT || (n->kind == NODE_STRING && parse_size(n->string, &v));
    if (!ok)
        node_problem(r->doc, n, "%.60s must be a size such as 4096, \"20k\" or \"2MiB\".", name);
    else if (!(v >= 0 && v <= (double)max))
        node_problem(r->doc, n, "%.60s must be from 0 to %llu bytes.", name,
                     (unsigned long long)max);
    if (!ok || !(v >= 0 && v <= (double)max))
        return false;
    *out = (uint64_t)v;
    return true;
}

void part_texts(const struct reading *r, const struct node *n, char ***out, size_t *n_out)
{
    const struct node *items;
    int count = node_texts(r->doc, n, &items);
    *out = mem_array(count > 0 ? (size_t)count : 1, sizeof **out);
    for (int i = 0; i < count; i++)
        (*out)[(*n_out)++] = mem_strdup(items[i].string);
}

static void ignore_member(const struct member *m, void *arg)
{
    (void)m;
    (void)arg;
}

/* With nothing known of a request a JSON text must still be JSON: a quote or bracket that
 * is missing shows. */
static bool renders_json(const struct reading *r, const struct reply_template *p)
{
    const struct request_context nothing = {0};
    struct scope scope;
    struct buf text = {0};
    vocabulary_scope(r->d->words, &scope, 1);
    bool ok = reply_template_render(p, r->d->words, &nothing, &scope, &text) && text.len > 0;
    if (ok) {
        const char *end = text.data + text.len, *at = json_blank(text.data, end);
        bool object = at < end && *at == '{';
        at = at < end ? json_value_end(at, end) : NULL;
        ok = at != NULL && json_blank(at, end) == end &&
             (!object || members_each(text.data, text.len, ignore_member, NULL));
    }
    vocabulary_scope_finish(&scope);
    buf_finish(&text);
    return ok;
}

struct reply_template *part_template(const struct reading *r, const struct node *n,
                                     enum encoding how, const struct path_params *route)
{
    const char *text;
    struct err e = {{0}};
    if (!node_text(r->doc, n, &text))
        return NULL;
    struct reply_template *p = reply_template_compile(r->d->words, text, how, route, &e);
    if (p == NULL)
        node_problem(r->doc, n, "%.60s: %.700s.", n->name != NULL ? n->name : "text", e.text);
    else if (how == ENCODE_JSON && !renders_json(r, p))
        node_problem(r->doc, n, "%.60s is not JSON.", n->name != NULL ? n->name : "text");
    return p;
}

/* ------------------------------------------------------------------------- times */

static bool draw_group(const struct reading *r, const struct node *n, struct demo_time *out)
{
    static const char *const keys[] = {"mean", "kind", NULL};
    static const char *const kinds[] = {"constant", "exponential", "lognormal", NULL};
    const struct node *mean = node_get(n, "mean"), *kind = node_get(n, "kind");
    uint64_t ns = 0;
    node_only(r->doc, n, "a time", keys);
    if (mean == NULL) {
        if (!node_meant(n, "mean"))
            node_problem(r->doc, n,
                         "a time in braces needs a mean, as in { mean = 0.05; kind = "
                         "\"exponential\"; }.");
        return false;
    }
    int k = kind != NULL ? node_word(r->doc, kind, kinds) : DEMO_CONST;
    if (!part_short_time(r, mean, &ns) || k < 0)
        return false;
    *out = (struct demo_time){.kind = (enum demo_service)k, .mean_ns = (double)ns};
    return true;
}

/* A time: constant, [least, most], or { mean, kind }. */
static bool part_draw(const struct reading *r, const struct node *n, struct demo_time *out)
{
    uint64_t low, high;
    if (n->kind == NODE_GROUP)
        return draw_group(r, n, out);
    if (n->kind == NODE_ARRAY || n->kind == NODE_LIST) {
        if (n->n != 2) {
            node_problem(r->doc, n, "%.60s must be one time or two, [least, most].", n->name);
            return false;
        }
        if (!part_short_time(r, &n->items[0], &low) || !part_short_time(r, &n->items[1], &high))
            return false;
        if (low > high) {
            node_problem(r->doc, n, "%.60s begins with the longer time; write [least, most].",
                         n->name);
            return false;
        }
        *out = (struct demo_time){.kind = DEMO_UNIFORM,
                                  .mean_ns = ((double)low + (double)high) / 2,
                                  .half_ns = ((double)high - (double)low) / 2};
        return true;
    }
    if (!part_short_time(r, n, &low))
        return false;
    *out = (struct demo_time){.kind = DEMO_CONST, .mean_ns = (double)low};
    return true;
}

/* ----------------------------------------------------------------- things with names */

/* The one of that name among structs that begin with their name, or NULL and a problem that
 * names the nearest. */
static void *find_named(const struct reading *r, const struct node *n, const char *what, void *list,
                        size_t count, size_t size)
{
    const char *text;
    if (!node_text(r->doc, n, &text))
        return NULL;
    const char **names = mem_array(count + 1, sizeof *names);
    void *found = NULL;
    for (size_t i = 0; i < count; i++) {
        void *one = (char *)list + i * size;
        names[i] = *(char **)one;
        if (strcmp(names[i], text) == 0)
            found = one;
    }
    const char *near = found == NULL ? words_nearest(text, names) : NULL;
    if (near != NULL)
        node_problem(r->doc, n, "there is no %s \"%.60s\" (did you mean \"%.60s\"?).", what, text,
                     near);
    else if (found == NULL)
        node_problem(r->doc, n, "there is no %s \"%.60s\"%s.", what, text,
                     count == 0 ? "; the description has none" : "");
    free(names);
    return found;
}

struct collection_spec *part_collection(const struct reading *r, const struct node *n)
{
    struct description *d = r->d;
    return find_named(r, n, "collection", d->collections, d->n_collections, sizeof *d->collections);
}

void part_stage(const struct reading *r, const struct node *group, struct stage_spec *out)
{
    const struct node *pool = node_get(group, "pool"), *time = node_get(group, "time");
    if (pool != NULL)
        out->pool = find_named(r, pool, "pool", r->d->pools, r->d->n_pools, sizeof *r->d->pools);
    const struct node *per_kb = node_get(group, "per_kb");
    uint64_t ns;
    if (per_kb != NULL && part_short_time(r, per_kb, &ns))
        out->per_byte_ns = (double)ns / 1000;
    if (time != NULL)
        part_draw(r, time, &out->time);
    else if ((pool != NULL || per_kb != NULL) && !node_meant(group, "time"))
        node_problem(r->doc, group, "how long it takes is missing; add a time.");
}

/* The group's members, each of which must be a group; NULL when it is none itself. */
static const struct node *named_groups(const struct reading *r, const struct node *root,
                                       const char *name)
{
    const struct node *all = node_get(root, name);
    if (all == NULL || !node_is(r->doc, all, NODE_GROUP))
        return NULL;
    return all;
}

static void part_pools(const struct reading *r, const struct node *root)
{
    static const char *const keys[] = {"size", "overflow", "queue", "status", NULL};
    const struct node *all = named_groups(r, root, "pools");
    struct description *d = r->d;
    d->pools = mem_array(all != NULL ? all->n + 1 : 1, sizeof *d->pools);
    for (size_t i = 0; all != NULL && i < all->n; i++) {
        const struct node *n = &all->items[i];
        struct pool_spec *p = &d->pools[d->n_pools];
        unsigned overflow = 0;
        if (!node_is(r->doc, n, NODE_GROUP))
            continue;
        *p = (struct pool_spec){
            .name = mem_strdup(n->name), .size = 1, .queue = 1000, .status = 503};
        d->n_pools++;
        node_only(r->doc, n, "a pool", keys);
        if (node_get(n, "size") == NULL && !node_meant(n, "size"))
            node_problem(r->doc, n, "the pool \"%.60s\" needs a size.", n->name);
        part_whole(r, n, "size", 1, MAX_SIZE, &p->size);
        part_whole(r, n, "overflow", 0, MAX_SIZE, &overflow);
        part_whole(r, n, "queue", 0, MAX_QUEUE, &p->queue);
        part_whole(r, n, "status", 400, 599, &p->status);
        p->size += overflow;
    }
}

static void read_limits(const struct reading *r, const struct node *root)
{
    static const char *const keys[] = {"requests", "window", "per", "status", "endpoints", NULL};
    static const char *const pers[] = {"user", "address", "all", NULL};
    const struct node *all = named_groups(r, root, "rate_limits");
    struct description *d = r->d;
    d->limits = mem_array(all != NULL ? all->n + 1 : 1, sizeof *d->limits);
    for (size_t i = 0; all != NULL && i < all->n; i++) {
        const struct node *n = &all->items[i];
        struct limit_spec *l = &d->limits[d->n_limits];
        if (!node_is(r->doc, n, NODE_GROUP))
            continue;
        *l = (struct limit_spec){.name = mem_strdup(n->name),
                                 .requests = 1,
                                 .window_ns = 60 * UINT64_C(1000000000),
                                 .status = 429};
        d->n_limits++;
        node_only(r->doc, n, "a rate limit", keys);
        const struct node *per = node_get(n, "per"), *endpoints = node_get(n, "endpoints");
        unsigned requests = 1;
        if (node_get(n, "requests") == NULL && !node_meant(n, "requests"))
            node_problem(r->doc, n, "the rate limit \"%.60s\" needs how many requests it admits.",
                         n->name);
        part_whole(r, n, "requests", 1, MAX_LIMIT, &requests);
        l->requests = requests;
        part_duration(r, n, "window", &l->window_ns);
        part_whole(r, n, "status", 400, 599, &l->status);
        int which = per != NULL ? node_word(r->doc, per, pers) : PER_USER;
        l->per = which >= 0 ? (enum limit_per)which : PER_USER;
        if (endpoints != NULL)
            part_texts(r, endpoints, &l->endpoints, &l->n_endpoints);
    }
}

/* ---------------------------------------------------------------------- accounts */

static void part_users(const struct reading *r, const struct node *list)
{
    static const char *const keys[] = {"name", "password", "role", NULL};
    struct accounts_spec *a = &r->d->accounts;
    if (!node_is(r->doc, list, NODE_LIST))
        return;
    a->users = mem_array(list->n + 1, sizeof *a->users);
    for (size_t i = 0; i < list->n; i++) {
        const struct node *n = &list->items[i];
        struct account_spec *u = &a->users[a->n_users];
        if (!node_is(r->doc, n, NODE_GROUP))
            continue;
        node_only(r->doc, n, "a user", keys);
        if (node_get(n, "password") == NULL && !node_meant(n, "password"))
            node_problem(r->doc, n, "a user needs a password.");
        *u = (struct account_spec){
            .pattern = mem_strdup("*"), .password = mem_strdup(""), .role = mem_strdup("user")};
        a->n_users++;
        part_text(r, n, "name", &u->pattern);
        part_text(r, n, "password", &u->password);
        part_text(r, n, "role", &u->role);
    }
}

static void read_lockout(const struct reading *r, const struct node *n)
{
    static const char *const keys[] = {"failures", "time", "per", NULL};
    static const char *const pers[] = {"user", "address", NULL};
    struct accounts_spec *a = &r->d->accounts;
    if (!node_is(r->doc, n, NODE_GROUP))
        return;
    node_only(r->doc, n, "a lockout", keys);
    a->failures = 5;
    part_whole(r, n, "failures", 1, 1000, &a->failures);
    part_duration(r, n, "time", &a->lock_ns);
    const struct node *per = node_get(n, "per");
    a->lock_address = per != NULL && node_word(r->doc, per, pers) == 1;
}

/* A text that can stand in a header or as a JSON name. */
static void part_token(const struct reading *r, const struct node *group, const char *name,
                       char **out)
{
    part_text(r, group, name, out);
    size_t len = *out != NULL ? strlen(*out) : 1;
    if (*out != NULL &&
        (len == 0 || len > 64 ||
         strspn(*out, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") < len))
        node_problem(r->doc, node_get(group, name),
                     "%s must be a name of letters, digits, _ and -.", name);
}

static void read_accounts(const struct reading *r, const struct node *root)
{
    static const char *const keys[] = {"users",       "lockout",    "token_life",     "cookie",
                                       "csrf_header", "name_field", "password_field", NULL};
    struct accounts_spec *a = &r->d->accounts;
    const struct node *n = node_get(root, "accounts");
    a->token_ns = a->lock_ns = 3600 * UINT64_C(1000000000);
    a->name_field = mem_strdup("username");
    a->password_field = mem_strdup("password");
    if (n == NULL || !node_is(r->doc, n, NODE_GROUP))
        return;
    r->d->has_accounts = true;
    node_only(r->doc, n, "accounts", keys);
    const struct node *users = node_get(n, "users"), *lockout = node_get(n, "lockout");
    if (users != NULL)
        part_users(r, users);
    else if (!node_meant(n, "users"))
        node_problem(r->doc, n,
                     "accounts needs users, as in ( { name = \"*\"; password = \"x\"; } ).");
    if (lockout != NULL)
        read_lockout(r, lockout);
    part_duration(r, n, "token_life", &a->token_ns);
    part_token(r, n, "cookie", &a->cookie);
    part_token(r, n, "csrf_header", &a->csrf_header);
    part_text(r, n, "name_field", &a->name_field);
    part_text(r, n, "password_field", &a->password_field);
}

/* ------------------------------------------------------------------- collections */

static void read_job(const struct reading *r, const struct node *n, struct collection_spec *c)
{
    static const char *const keys[] = {"pool", "time", "per_kb", "states", NULL};
    static const char *const usual[] = {"queued", "running", "done"};
    char **states = NULL;
    size_t n_states = 0;
    if (!node_is(r->doc, n, NODE_GROUP))
        return;
    c->jobs = true;
    node_only(r->doc, n, "a job", keys);
    if (node_get(n, "time") == NULL && !node_meant(n, "time"))
        node_problem(r->doc, n, "a job needs a time.");
    part_stage(r, n, &c->job);
    const struct node *words = node_get(n, "states");
    if (words != NULL)
        part_texts(r, words, &states, &n_states);
    if (words != NULL && n_states != JOB_STATES)
        node_problem(r->doc, words, "states must be three words: queued, running, done.");
    for (size_t i = 0; i < JOB_STATES; i++)
        c->states[i] = n_states == JOB_STATES ? mem_strdup(states[i]) : mem_strdup(usual[i]);
    for (size_t i = 0; i < JOB_STATES; i++) {
        if (strpbrk(c->states[i], "\"\\\n") != NULL)
            node_problem(r->doc, words, "a state is a word without quotes.");
    }
    for (size_t i = 0; i < n_states; i++)
        free(states[i]);
    free(states);
}

static void read_collections(const struct reading *r, const struct node *root)
{
    static const char *const keys[] = {"id", "id_name", "items", "max", "item", "job", NULL};
    static const char *const ids[] = {"integer", "uuid", "hex", "text", NULL};
    const struct node *all = named_groups(r, root, "collections");
    struct description *d = r->d;
    d->collections = mem_array(all != NULL ? all->n + 1 : 1, sizeof *d->collections);
    for (size_t i = 0; all != NULL && i < all->n; i++) {
        const struct node *n = &all->items[i];
        struct collection_spec *c = &d->collections[d->n_collections];
        unsigned items = 0, max = 10000;
        if (!node_is(r->doc, n, NODE_GROUP))
            continue;
        c->name = mem_strdup(n->name);
        c->id_name = mem_strdup("id");
        d->n_collections++;
        node_only(r->doc, n, "a collection", keys);
        const struct node *id = node_get(n, "id"), *item = node_get(n, "item");
        const struct node *job = node_get(n, "job");
        int kind = id != NULL ? node_word(r->doc, id, ids) : ID_INTEGER;
        c->ids = kind >= 0 ? (enum id_kind)kind : ID_INTEGER;
        part_token(r, n, "id_name", &c->id_name);
        part_whole(r, n, "items", 0, MAX_ITEMS, &items);
        part_whole(r, n, "max", 1, MAX_ITEMS, &max);
        c->items = items;
        c->max = max;
        if (items > 0 && c->ids == ID_TEXT)
            node_problem(r->doc, n,
                         "items of \"%.60s\" are named by the client, so there can be "
                         "none at the start.",
                         n->name);
        if (items > max)
            node_problem(r->doc, n,
                         "\"%.60s\" has %u items at the start, more than its max of "
                         "%u.",
                         n->name, items, max);
        if (item != NULL)
            c->item = part_template(r, item, ENCODE_JSON, NULL);
        if (job != NULL)
            read_job(r, job, c);
    }
}

/* ------------------------------------------------------------------ the whole file */

static void read_root(const struct reading *r, const struct node *root)
{
    static const char *const keys[] = {"title",       "pools",  "accounts", "rate_limits",
                                       "collections", "routes", NULL};
    const struct node *routes = node_get(root, "routes");
    node_only(r->doc, root, "the description", keys);
    r->d->title = mem_strdup("a described service");
    part_text(r, root, "title", &r->d->title);
    part_pools(r, root);
    read_accounts(r, root);
    read_limits(r, root);
    read_collections(r, root);
    if (routes != NULL)
        part_routes(r, routes);
    else if (!node_meant(root, "routes"))
        node_problem(r->doc, root, "routes are missing: what does the service answer?");
}

static struct description *read_description(const struct source *s, struct problems *problems)
{
    struct node root = {0};
    size_t before = problems->n + problems->dropped;
    if (!settings_read(&root, s, problems))
        return NULL;
    struct description *d = mem_zalloc(sizeof *d);
    const struct doc doc = {.source = s, .problems = problems};
    d->words = vocabulary_create();
    read_root(&(struct reading){.doc = &doc, .d = d}, &root);
    node_finish(&root);
    if (problems->n + problems->dropped == before)
        return d;
    description_free(d);
    return NULL;
}

struct description *description_read(const char *file, struct problems *problems)
{
    struct source s = {0};
    struct description *d = NULL;
    if (source_from_file(&s, file, problems))
        d = read_description(&s, problems);
    source_finish(&s);
    return d;
}

struct description *description_parse(const char *name, const char *text, size_t len,
                                      struct problems *problems)
{
    struct source s = {0};
    struct description *d = NULL;
    if (source_from_text(&s, name, text, len, problems))
        d = read_description(&s, problems);
    source_finish(&s);
    return d;
}

static void free_text_array(char **texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(texts[i]);
    free(texts);
}

static void free_accounts(struct accounts_spec *a)
{
    for (size_t i = 0; i < a->n_users; i++) {
        free(a->users[i].pattern);
        free(a->users[i].password);
        free(a->users[i].role);
    }
    free(a->users);
    free(a->cookie);
    free(a->csrf_header);
    free(a->name_field);
    free(a->password_field);
}

void description_free(struct description *d)
{
    if (d == NULL)
        return;
    for (size_t i = 0; i < d->n_routes; i++)
        part_route_free(&d->routes[i]);
    for (size_t i = 0; i < d->n_collections; i++) {
        free(d->collections[i].name);
        free(d->collections[i].id_name);
        reply_template_free(d->collections[i].item);
        for (size_t k = 0; k < JOB_STATES; k++)
            free(d->collections[i].states[k]);
    }
    for (size_t i = 0; i < d->n_limits; i++) {
        free(d->limits[i].name);
        free_text_array(d->limits[i].endpoints, d->limits[i].n_endpoints);
    }
    for (size_t i = 0; i < d->n_pools; i++)
        free(d->pools[i].name);
    free_accounts(&d->accounts);
    free(d->routes);
    free(d->collections);
    free(d->limits);
    free(d->pools);
    vocabulary_free(d->words);
    free(d->title);
    free(d);
}

double description_busy_s(const struct route_spec *r, const struct pool_spec *p)
{
    double ns = 0;
    for (size_t i = 0; i < r->n_stages; i++) {
        if (r->stages[i].pool == p)
            ns += r->stages[i].time.mean_ns;
    }
    return ns / 1e9;
}

bool description_matches(const char *pattern, const char *text)
{
    const char *star = NULL, *back = NULL;
    while (*text != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            back = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star;
            text = ++back;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}
