/* SPDX-License-Identifier: MIT */
/* language_goal.c - goals for endpoints and bursts, and limits to be found. */
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/goal.h"
#include "src/profile/language_parts.h"

#define MAX_RATES 64u
#define MAX_AT 100000
#define MAX_RPS 1e9
#define MAX_GOALS 1000u
#define MAX_COMPARED 200000u /* names with globs; beyond, a glob is not looked after */
#define MAX_LIMITS 200u
#define MAX_AFTER 1000000
#define DEFAULT_LIMIT_REQUESTS 200u

/* ---------------------------------------------------------------------- bounds */

/* In the order of enum goal_metric. */
const char *const language_bound_keys[] = {"average", "p50", "p95", "p99", "success", NULL};

static bool read_us(const struct doc *d, const struct node *n, double *out)
{
    uint64_t ns;
    if (!node_duration(d, n, &ns))
        return false;
    if (ns == 0) {
        node_problem(d, n, "%s must be more than 0.", n->name != NULL ? n->name : "a time");
        return false;
    }
    *out = (double)ns / 1000;
    return true;
}

static bool read_share(const struct doc *d, const struct node *n, double *out)
{
    double v;
    if (!node_rate(d, n, 100, &v))
        return false;
    if (v > 1) {
        node_problem(d, n, "success is a share of 1: write %.4g for %.4g percent.", v / 100, v);
        return false;
    }
    *out = v;
    return true;
}

static bool read_rps(const struct doc *d, const struct node *n, double *out)
{
    return node_rate(d, n, MAX_RPS, out);
}

/* Reads a value, or [target, acceptable]. */
static void read_bound(const struct doc *d, const struct node *n, bool at_most,
                       bool (*read)(const struct doc *, const struct node *, double *),
                       struct bound *b)
{
    bool two = n->kind == NODE_ARRAY || n->kind == NODE_LIST;
    b->set = true;
    if (!two) {
        read(d, n, &b->target);
        b->acceptable = b->target;
    } else if (n->n != 2) {
        node_problem(d, n, "%s must be one value or two, [target, acceptable].", n->name);
    } else if (read(d, &n->items[0], &b->target) && read(d, &n->items[1], &b->acceptable) &&
               (at_most ? b->acceptable < b->target : b->acceptable > b->target)) {
        node_problem(d, n,
                     "what is acceptable as %s is more than the target asks for; "
                     "swap the two.",
                     n->name);
    }
}

bool language_bounds(const struct doc *d, const struct node *group, struct goal *g)
{
    bool any = false;
    for (int i = 0; language_bound_keys[i] != NULL; i++) {
        const struct node *n = node_get(group, language_bound_keys[i]);
        if (n == NULL)
            continue;
        any = true;
        read_bound(d, n, i != GOAL_SUCCESS, i == GOAL_SUCCESS ? read_share : read_us,
                   &g->bounds[i]);
    }
    return any;
}

/* ----------------------------------------------------------------------- goals */

static void read_goal_rate(const struct doc *d, const struct node *group, struct goal_rate *r)
{
    static const char *const keys[] = {"at", "rps", NULL};
    const struct node *at = node_get(group, "at"), *rps = node_get(group, "rps");
    int64_t v = 1;
    if (!node_is(d, group, NODE_GROUP))
        return;
    node_only(d, group, "throughput", keys);
    if (at != NULL)
        node_whole(d, at, 1, MAX_AT, &v);
    r->at = (uint32_t)v;
    if (rps != NULL)
        read_bound(d, rps, false, read_rps, &r->rps);
    if ((at == NULL && !node_meant(group, "at")) || (rps == NULL && !node_meant(group, "rps")))
        node_problem(d, group, "throughput needs both, as in { at = 10; rps = 50.0; }.");
}

static void read_rates(const struct doc *d, const struct node *list, struct goal *g)
{
    if (!node_is(d, list, NODE_LIST))
        return;
    if (list->n == 0 || list->n > MAX_RATES) {
        node_problem(d, list,
                     list->n == 0 ? "throughput is empty." : "throughput has too many entries.");
        return;
    }
    g->rates = mem_array(list->n, sizeof *g->rates);
    for (size_t i = 0; i < list->n; i++)
        read_goal_rate(d, &list->items[i], &g->rates[g->n_rates++]);
}

static bool matches_any(const struct profile *p, const char *glob)
{
    bool found = false;
    for (size_t i = 0; i < p->n_endpoints && !found; i++) {
        char *whole = mem_printf("%s %s", p->endpoints[i].method, p->endpoints[i].name);
        found = goal_matches(glob, whole);
        free(whole);
    }
    return found;
}

/* A goal may name more than the profile has, but not nothing of it. */
static void read_patterns(struct context *c, const struct node *n, struct goal *g)
{
    const struct node *items;
    int count = node_texts(c->d, n, &items);
    bool found = count <= 0 || c->p->n_endpoints == 0;
    g->patterns = mem_array((size_t)(count > 0 ? count : 0) + 1, sizeof *g->patterns);
    for (int i = 0; i < count; i++) {
        g->patterns[g->n_patterns++] = build_name(items[i].string);
        if (++c->globs == MAX_GOALS + 1)
            node_problem(c->d, n, "the goals name more than %u endpoints.", MAX_GOALS);
        c->compared += c->p->n_endpoints;
        found = found || c->compared > MAX_COMPARED || matches_any(c->p, g->patterns[i]);
    }
    if (!found)
        node_problem(c->d, n,
                     "no endpoint is named \"%.80s\"; they are a method and a name, as in "
                     "\"%s %.80s\".",
                     g->patterns[0], c->p->endpoints[0].method, c->p->endpoints[0].name);
}

static void read_goal(struct context *c, const struct node *group, struct goal *g)
{
    static const char *const keys[] = {"name", "endpoints", "average",    "p50", "p95",
                                       "p99",  "success",   "throughput", NULL};
    const struct node *endpoints = node_get(group, "endpoints"),
                      *rates = node_get(group, "throughput");
    if (!node_is(c->d, group, NODE_GROUP))
        return;
    node_only(c->d, group, "a goal", keys);
    g->name = language_name(c->d, node_get(group, "name"));
    if (endpoints != NULL)
        read_patterns(c, endpoints, g);
    else if (!node_meant(group, "endpoints"))
        node_problem(c->d, group, "this goal has no endpoints, as in [\"GET /api/*\"].");
    if (g->name == NULL)
        g->name = mem_strdup(g->n_patterns > 0 ? g->patterns[0] : "");
    bool any = language_bounds(c->d, group, g);
    if (rates != NULL)
        read_rates(c->d, rates, g);
    size_t named = (node_get(group, "name") != NULL) + (endpoints != NULL);
    if (!any && rates == NULL && group->n == named)
        node_problem(c->d, group, "this goal asks for nothing; give it p95, success ...");
}

void language_goals(struct context *c, const struct node *list)
{
    if (list == NULL || !node_is(c->d, list, NODE_LIST))
        return;
    if (list->n > MAX_GOALS) {
        node_problem(c->d, list, "there are more than %u goals.", MAX_GOALS);
        return;
    }
    c->p->goals = mem_array(list->n + 1, sizeof *c->p->goals);
    for (size_t i = 0; i < list->n; i++)
        read_goal(c, &list->items[i], &c->p->goals[c->p->n_goals++]);
}

/* ----------------------------------------------------------------- rate limits */

static void read_after(const struct doc *d, const struct node *n, struct rate_limit *l)
{
    int64_t from = 1, to = 1;
    if (n->kind != NODE_ARRAY && n->kind != NODE_LIST) {
        node_whole(d, n, 1, MAX_AFTER, &from);
        to = from;
    } else if (n->n != 2) {
        node_problem(d, n, "after must be a number or two of them, as in [4, 6].");
    } else if (node_whole(d, &n->items[0], 1, MAX_AFTER, &from) &&
               node_whole(d, &n->items[1], 1, MAX_AFTER, &to) && from > to) {
        node_problem(d, n, "the first number of after is larger than the second; swap them.");
    }
    l->after_min = (uint32_t)from;
    l->after_max = (uint32_t)to;
}

/* How much is sent and how long is waited at most. */
static void read_bounds_of_limit(const struct doc *d, const struct node *group,
                                 struct rate_limit *l)
{
    const struct node *most = node_get(group, "max_requests"),
                      *recovers = node_get(group, "recovers"), *status = node_get(group, "status");
    uint32_t needed = l->after_max + 1;
    int64_t v =
        needed > DEFAULT_LIMIT_REQUESTS ? 2 * (int64_t)l->after_max : DEFAULT_LIMIT_REQUESTS;
    if (most != NULL && node_whole(d, most, 1, 2 * MAX_AFTER, &v) && v < needed)
        node_problem(d, most, "max_requests must be more than after, or the limit is never seen.");
    l->max_requests = (uint32_t)v;
    v = 429;
    if (status != NULL)
        node_whole(d, status, 400, 599, &v);
    l->status = (unsigned)v;
    l->recovers_ns = UINT64_C(60) * 1000000000;
    if (recovers != NULL)
        node_duration(d, recovers, &l->recovers_ns);
    language_time(d, node_get(group, "window"), 366 * 86400u, &l->window_ns);
}

static const struct class_ref *class_of_limit(struct context *c, const struct node *group)
{
    const struct node *n = node_get(group, "class");
    const char *name;
    if (n != NULL)
        return node_text(c->d, n, &name) ? language_class(c, n, name) : NULL;
    if (c->n_classes == 1)
        return &c->classes[0];
    if (c->n_classes > 1 && !node_meant(group, "class"))
        node_problem(c->d, group, "this limit has no class: which user is it that asks?");
    return NULL;
}

static void check_limit_keys(const struct doc *d, const struct node *group)
{
    static const char *const own[] = {"name",     "class",       "login",  "after",
                                      "status",   "per",         "window", "max_requests",
                                      "recovers", "retry_after", NULL};
    const char *keys[64];
    size_t n = 0;
    for (size_t i = 0; own[i] != NULL; i++)
        keys[n++] = own[i];
    for (size_t i = 0; language_request_keys[i] != NULL; i++)
        keys[n++] = language_request_keys[i];
    keys[n] = NULL;
    node_only(d, group, "a rate limit", keys);
}

/* Enters a class again, silently: its mistakes were told when it was read. */
static void enter_again(struct context *c, const struct class_ref *ref)
{
    struct problems said = {0};
    const struct doc *d = c->d, mute = {d->source, &said};
    c->d = &mute;
    language_enter(c, ref);
    c->d = d;
    problems_finish(&said);
}

static void read_request_of_limit(struct context *c, const struct node *group,
                                  const struct class_ref *ref, struct rate_limit *l)
{
    struct user_class *u = NULL, nobody = {0};
    if (ref->place >= 0)
        u = &c->p->classes[ref->place];
    enter_again(c, ref);
    language_captured(c, group);
    l->request = language_request(c, group, false);
    language_leave(c);
    if (l->request == NULL)
        return;
    language_single(l->request, &l->steps);
    language_uses(c->p, &l->steps, u != NULL ? u : &nobody);
    build_class_finish(&nobody);
}

/* False: it belongs to a class that the command line leaves out. */
static bool read_limit(struct context *c, const struct node *group, struct rate_limit *l)
{
    static const char *const scopes[] = {"user", "address", NULL};
    const struct node *after = node_get(group, "after"), *per = node_get(group, "per");
    if (!node_is(c->d, group, NODE_GROUP))
        return true;
    check_limit_keys(c->d, group);
    l->name = language_name(c->d, node_get(group, "name"));
    const struct class_ref *ref = class_of_limit(c, group);
    if (node_get(group, "request") == NULL && !node_meant(group, "request"))
        node_problem(c->d, group, "this limit has no request, as in \"POST /login\".");
    if (after != NULL)
        read_after(c->d, after, l);
    else if (!node_meant(group, "after"))
        node_problem(c->d, group,
                     "this limit does not say after how many requests; give it "
                     "after.");
    read_bounds_of_limit(c->d, group, l);
    if (per != NULL) {
        int which = node_word(c->d, per, scopes);
        l->per = which == 0 ? LIMIT_PER_USER : which == 1 ? LIMIT_PER_ADDRESS : LIMIT_ANY;
    }
    l->on_start = true;
    language_switch(c->d, group, "login", &l->on_start);
    language_switch(c->d, group, "retry_after", &l->retry_after);
    if (ref != NULL && node_get(group, "request") != NULL)
        read_request_of_limit(c, group, ref, l);
    if (l->name == NULL && l->request != NULL && l->request->name != NULL)
        l->name = mem_strdup(l->request->name);
    l->class = ref != NULL && ref->place >= 0 ? (uint16_t)ref->place : 0;
    return ref == NULL || ref->place >= 0;
}

void language_limits(struct context *c, const struct node *list)
{
    struct profile *p = c->p;
    if (list == NULL || !node_is(c->d, list, NODE_LIST))
        return;
    if (list->n > MAX_LIMITS) {
        node_problem(c->d, list, "there are more than %u rate limits.", MAX_LIMITS);
        return;
    }
    p->rate_limits = mem_array(list->n + 1, sizeof *p->rate_limits);
    for (size_t i = 0; i < list->n; i++) {
        struct rate_limit *l = &p->rate_limits[p->n_rate_limits];
        if (read_limit(c, &list->items[i], l)) {
            p->n_rate_limits++;
            continue;
        }
        free(l->name);
        build_steps_finish(&l->steps);
        *l = (struct rate_limit){.name = NULL};
    }
}
