/* SPDX-License-Identifier: MIT */
#include "src/profile/profile.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/build.h"
#include "src/profile/url.h"

/* -------------------------------------------------------------- references */

struct profile *profile_ref(struct profile *p)
{
    /* Whoever takes one already holds one, so there is nothing to order. */
    __atomic_fetch_add(&p->refs, 1, __ATOMIC_RELAXED);
    return p;
}

static void request_free(struct request *r)
{
    free(r->method);
    free(r->url);
    free(r->name);
    for (size_t i = 0; i < r->n_headers; i++) {
        free(r->headers[i].name);
        free(r->headers[i].value);
    }
    free(r->headers);
    free(r->body);
    free(r->expect.codes);
}

static void class_free(struct user_class *c)
{
    for (size_t t = 0; t < c->n_tasks; t++) {
        for (size_t s = 0; s < c->tasks[t].n_steps; s++)
            request_free(&c->tasks[t].steps[s].request);
        free(c->tasks[t].steps);
        free(c->tasks[t].name);
    }
    free(c->tasks);
    free(c->name);
}

static void profile_free(struct profile *p)
{
    for (size_t i = 0; i < p->n_classes; i++)
        class_free(&p->classes[i]);
    for (size_t i = 0; i < p->n_levels; i++)
        free(p->levels[i].name);
    for (size_t i = 0; i < p->n_endpoints; i++) {
        free(p->endpoints[i].method);
        free(p->endpoints[i].name);
    }
    free(p->classes);
    free(p->levels);
    free(p->endpoints);
    free(p->class_of);
    free(p->name);
    free(p->file);
    free(p->target);
    free(p->userinfo);
    free(p);
}

void profile_unref(struct profile *p)
{
    /* Release pairs with the acquire of the last holder: all others are done reading. */
    if (p != NULL && __atomic_fetch_sub(&p->refs, 1, __ATOMIC_ACQ_REL) == 1)
        profile_free(p);
}

/* ----------------------------------------------------------------- look-ups */

const struct level *profile_level(const struct profile *p, const char *name)
{
    for (size_t i = 0; i < p->n_levels; i++) {
        if (strcmp(p->levels[i].name, name) == 0)
            return &p->levels[i];
    }
    return NULL;
}

bool status_expected(const struct status_set *s, unsigned status)
{
    if (s->n == 0)
        return status >= 100 && status <= 399;
    for (size_t i = 0; i < s->n && s->codes[i] <= status; i++) {
        if (s->codes[i] == status)
            return true;
    }
    return false;
}

/* ----------------------------------------------------------------- bare URL */

static void url_headers(struct header_list *h, const struct profile_overrides *o,
                        const char *userinfo, struct problems *problems)
{
    if (userinfo != NULL) {
        char *value = build_basic_auth(userinfo);
        build_header_set(h, "Authorization", value);
        free(value);
    }
    struct err e;
    for (size_t i = 0; i < o->n_headers; i++) {
        if (!build_header_line(h, o->headers[i], &e))
            problems_add(problems, "-H: %s.", e.text);
    }
    struct header_list under = {0};
    for (size_t i = 0; i < o->under.n_headers; i++) {
        if (!build_header_line(&under, o->under.headers[i], &e))
            problems_add(problems, "the configuration file's header: %s.", e.text);
    }
    build_header_fill(h, &under);
    build_header_finish(&under);
    if (o->body != NULL && !build_header_has(h, "Content-Type"))
        build_header_set(h, "Content-Type", "application/x-www-form-urlencoded");
}

static void fill_request(struct request *r, const struct url *u, const struct profile_overrides *o)
{
    r->url = mem_printf("%s%s%s%s", u->origin, u->path, u->query != NULL ? "?" : "",
                        u->query != NULL ? u->query : "");
    r->name = build_name(u->path);
    r->method = mem_strdup(o->method != NULL ? o->method : o->body != NULL ? "POST" : "GET");
    r->body = mem_strdup(o->body);
    r->body_len = o->body != NULL ? strlen(o->body) : 0;
    r->timeout_ns = o->timeout_ns != 0         ? o->timeout_ns
                    : o->under.timeout_ns != 0 ? o->under.timeout_ns
                                               : PROFILE_DEFAULT_TIMEOUT_NS;
    r->body_cap = PROFILE_DEFAULT_BODY_CAP;
    r->max_redirects = o->follow || o->under.follow ? PROFILE_DEFAULT_MAX_REDIRECTS : 0;
}

static struct profile *profile_of_one(struct url *u, const struct profile_overrides *o,
                                      struct header_list *headers)
{
    struct profile *p = build_profile();
    p->name = build_name(u->host);
    p->target = mem_strdup(u->origin);
    p->userinfo = mem_strdup(u->userinfo);
    p->insecure = o->insecure || o->under.insecure;
    p->http2 = o->http2 || o->under.http2;
    struct user_class *c = p->classes = mem_zalloc(sizeof *c);
    p->n_classes = 1;
    c->name = mem_strdup("user");
    c->weight = 1;
    struct task *t = c->tasks = mem_zalloc(sizeof *t);
    c->n_tasks = c->total_weight = 1;
    t->weight = 1;
    t->steps = mem_zalloc(sizeof *t->steps);
    t->n_steps = 1;
    struct request *r = &t->steps[0].request;
    fill_request(r, u, o);
    r->headers = headers->items;
    r->n_headers = headers->n;
    *headers = (struct header_list){0};
    t->name = mem_strdup(r->name);
    p->endpoints = mem_zalloc(sizeof *p->endpoints);
    p->endpoints[p->n_endpoints++] = (struct endpoint){mem_strdup(r->method), mem_strdup(r->name)};
    p->class_of = mem_zalloc(sizeof *p->class_of);
    p->n_class_of = 1;
    return p;
}

static bool url_of(struct url *u, const char *url, const struct profile_overrides *o,
                   struct problems *problems)
{
    struct err e;
    struct url host = {0};
    char *shown = url_shown(url);
    bool ok = url_parse(u, url, &e);
    if (!ok)
        problems_add(problems, "%.300s: %s.", shown, e.text);
    free(shown);
    if (ok && o->host != NULL) {
        shown = url_shown(o->host);
        ok = url_parse(&host, o->host, &e);
        if (!ok)
            problems_add(problems, "--host %.300s: %s.", shown, e.text);
        free(shown);
    }
    if (ok && o->host != NULL) { /* another server, the same path and query */
        free(host.path);
        free(host.query);
        host.path = u->path;
        host.query = u->query;
        u->path = u->query = NULL;
        url_finish(u);
        *u = host;
    } else {
        url_finish(&host);
    }
    return ok;
}

struct profile *profile_from_url(const char *url, const struct profile_overrides *o,
                                 struct problems *problems)
{
    static const struct profile_overrides none;
    struct url u = {0};
    struct header_list headers = {0};
    struct profile *p = NULL;
    struct err e;
    size_t before = problems->n + problems->dropped;
    if (o == NULL)
        o = &none;
    url_of(&u, url, o, problems);
    if (o->method != NULL && !build_method_ok(o->method, &e))
        problems_add(problems, "--method: %s.", e.text);
    else if (o->method != NULL && strcmp(o->method, "HEAD") == 0 && o->body != NULL)
        problems_add(problems, "--data: a HEAD request has no body.");
    url_headers(&headers, o, u.userinfo, problems);
    if (problems->n + problems->dropped == before)
        p = profile_of_one(&u, o, &headers);
    build_header_finish(&headers);
    url_finish(&u);
    return p;
}
