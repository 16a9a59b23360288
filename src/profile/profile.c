/* SPDX-License-Identifier: MIT */
#include "src/profile/profile.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/profile/build.h"
#include "src/profile/url.h"

/* -------------------------------------------------------------- references */

struct profile *profile_ref(struct profile *p)
{
    /* A caller holds a reference already, so there is nothing to order. */
    __atomic_fetch_add(&p->refs, 1, __ATOMIC_RELAXED);
    return p;
}

static void content_finish(struct content *c)
{
    template_free(c->text);
    build_fields_finish(&c->form);
    for (size_t i = 0; i < c->n_parts; i++) {
        free(c->parts[i].name);
        free(c->parts[i].filename);
        free(c->parts[i].type);
        content_finish(&c->parts[i].content); /* a part has no parts */
    }
    free(c->parts);
}

static void texts_free(char **texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(texts[i]);
    free(texts);
}

void build_request_free(struct request *r)
{
    free(r->method);
    origin_finish(&r->origin);
    template_free(r->url);
    free(r->name);
    free(r->left_out);
    build_fields_finish(&r->query);
    build_fields_finish(&r->headers);
    texts_free(r->unsent, r->n_unsent);
    build_fields_finish(&r->cookies);
    template_free(r->auth.text);
    content_finish(&r->body);
    free(r->expect.codes);
    for (size_t i = 0; i < r->n_checks; i++)
        check_free(r->checks[i]);
    for (size_t i = 0; i < r->n_captures; i++)
        capture_free(r->captures[i]);
    free(r->checks);
    free(r->captures);
    free(r->retry.statuses.codes);
    free(r);
}

void build_steps_finish(struct steps *s)
{
    for (size_t i = 0; i < s->n; i++)
        condition_free(s->items[i].condition);
    free(s->items);
    free(s->feeders);
}

void build_task_finish(struct task *t)
{
    build_steps_finish(&t->steps);
    texts_free(t->tags, t->n_tags);
    free(t->name);
}

void build_class_finish(struct user_class *c)
{
    for (size_t t = 0; t < c->n_tasks; t++)
        build_task_finish(&c->tasks[t]);
    build_steps_finish(&c->on_start);
    build_steps_finish(&c->on_stop);
    free(c->tasks);
    free(c->restart_on.codes);
    free(c->hidden);
    free(c->hidden_cells);
    free(c->feeders);
    free(c->draws);
    free(c->name);
}

static void goal_finish(struct goal *g)
{
    free(g->name);
    texts_free(g->patterns, g->n_patterns);
    free(g->rates);
}

static void level_finish(struct level *l)
{
    free(l->name);
    free(l->stages);
    goal_finish(&l->goal);
    if (l->mix != NULL)
        build_mix_finish(l->mix);
    free(l->mix);
}

/* Frees the sources of the texts, once these are gone. */
static void sources_free(struct profile *p)
{
    for (size_t i = 0; i < p->n_feeders; i++)
        feeder_free(p->feeders[i]);
    for (size_t i = 0; i < p->n_uploads; i++) {
        free(p->uploads[i].path);
        close(p->uploads[i].fd);
    }
    for (size_t i = 0; i < p->n_draws; i++)
        template_free(p->draws[i].text);
    free(p->feeders);
    free(p->uploads);
    free(p->draws);
    free(p->sequence_starts);
    secrets_finish(&p->secrets);
}

/* Frees the parts that are never borrowed from another profile. */
static void own_free(struct profile *p)
{
    for (size_t i = 0; i < p->n_classes; i++)
        build_class_finish(&p->classes[i]);
    free(p->classes);
    build_mix_finish(&p->mix);
    free(p->name);
    free(p);
}

static void profile_free(struct profile *p)
{
    if (p->base != NULL) {
        profile_unref(p->base);
        own_free(p);
        return;
    }
    for (size_t i = 0; i < p->n_levels; i++)
        level_finish(&p->levels[i]);
    for (size_t i = 0; i < p->n_endpoints; i++) {
        free(p->endpoints[i].method);
        free(p->endpoints[i].name);
    }
    for (size_t i = 0; i < p->n_requests; i++)
        build_request_free(p->requests[i]);
    for (size_t i = 0; i < p->n_goals; i++)
        goal_finish(&p->goals[i]);
    for (size_t i = 0; i < p->n_rate_limits; i++) {
        free(p->rate_limits[i].name);
        build_steps_finish(&p->rate_limits[i].steps);
    }
    probe_specs_finish(&p->probes);
    free(p->levels);
    free(p->endpoints);
    free(p->requests);
    free(p->goals);
    free(p->rate_limits);
    sources_free(p);
    permissions_finish(&p->permissions);
    free(p->file);
    free(p->target);
    own_free(p);
}

void profile_unref(struct profile *p)
{
    /* Release pairs with the acquire of the last holder: all others are done reading. */
    if (p != NULL && __atomic_fetch_sub(&p->refs, 1, __ATOMIC_ACQ_REL) == 1)
        profile_free(p);
}

/* ----------------------------------------------------------------- look-ups */

const struct request *steps_first_request(const struct steps *steps)
{
    for (size_t i = 0; i < steps->n; i++)
        if (steps->items[i].kind == STEP_REQUEST)
            return steps->items[i].request;
    return NULL;
}

const struct level *profile_level(const struct profile *p, const char *name)
{
    for (size_t i = 0; i < p->n_levels; i++) {
        if (strcmp(p->levels[i].name, name) == 0)
            return &p->levels[i];
    }
    return NULL;
}

const struct mix *profile_mix(const struct profile *p, const struct level *level)
{
    return level != NULL && level->mix != NULL ? level->mix : &p->mix;
}

int mix_class(const struct mix *m, uint32_t k)
{
    if (k < m->n_fixed)
        return m->fixed[k];
    return m->n_class_of > 0 ? m->class_of[(k - m->n_fixed) % m->n_class_of] : -1;
}

static unsigned widest(const struct steps *s, unsigned most)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i].kind == STEP_PARALLEL && s->items[i].count > most)
            most = s->items[i].count;
    return most;
}

unsigned class_connections(const struct user_class *c)
{
    unsigned most = widest(&c->on_stop, widest(&c->on_start, 1));
    for (size_t i = 0; i < c->n_tasks; i++)
        most = widest(&c->tasks[i].steps, most);
    return most;
}

uint64_t profile_connections(const struct profile *p, const struct mix *m, uint32_t users)
{
    uint64_t sum = 0;
    unsigned *each = mem_array(p->n_classes + 1, sizeof *each);
    for (size_t i = 0; i < p->n_classes; i++)
        each[i] = class_connections(&p->classes[i]);
    for (uint32_t k = 0; k < users; k++) {
        int class = mix_class(m, k);
        sum += class >= 0 ? each[class] : 0;
    }
    free(each);
    return sum;
}

bool status_is_in(const struct status_set *s, unsigned status)
{
    for (size_t i = 0; i < s->n && s->codes[i] <= status; i++) {
        if (s->codes[i] == status)
            return true;
    }
    return false;
}

bool status_expected(const struct status_set *s, unsigned status)
{
    return s->n == 0 ? status >= 100 && status <= 399 : status_is_in(s, status);
}

/* ----------------------------------------------------------------- bare URL */

static void url_headers(struct header_list *h, const struct profile_overrides *o,
                        struct problems *problems)
{
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

/* The texts of a command line stand for themselves: no ${...} in them. */
static void fill_request(struct profile *p, struct request *r, const struct url *u,
                         const struct profile_overrides *o)
{
    char *url = mem_printf("%s%s%s%s", u->origin, u->path, u->query != NULL ? "?" : "",
                           u->query != NULL ? u->query : "");
    origin_init(&r->origin, u->origin);
    r->url = template_literal(url);
    free(url);
    r->name = build_name(u->path);
    r->method = mem_strdup(o->method != NULL ? o->method : o->body != NULL ? "POST" : "GET");
    if (o->body != NULL) {
        r->body.kind = CONTENT_TEXT;
        r->body.text = template_literal(o->body);
    }
    if (u->userinfo != NULL) {
        struct secret *s = secret_from(u->userinfo, strlen(u->userinfo));
        r->auth.kind = AUTH_BASIC;
        r->auth.text = template_of_secret(secrets_add(&p->secrets, s));
    }
    r->timeout_ns = o->timeout_ns != 0         ? o->timeout_ns
                    : o->under.timeout_ns != 0 ? o->under.timeout_ns
                                               : PROFILE_DEFAULT_TIMEOUT_NS;
    r->body_cap = PROFILE_DEFAULT_BODY_CAP;
    r->max_redirects = o->follow || o->under.follow ? PROFILE_DEFAULT_MAX_REDIRECTS : 0;
}

static void one_class(struct profile *p, const struct request *r)
{
    struct user_class *c = p->classes = mem_zalloc(sizeof *c);
    p->n_classes = 1;
    c->name = mem_strdup("user");
    c->weight = 1;
    c->cookies = true;
    struct task *t = c->tasks = mem_zalloc(sizeof *t);
    c->n_tasks = c->total_weight = 1;
    t->weight = 1;
    t->name = mem_strdup(r->name);
    t->steps.items = mem_zalloc(sizeof *t->steps.items);
    t->steps.items[0] = (struct step){.kind = STEP_REQUEST, .request = r};
    t->steps.n = 1;
}

static struct profile *profile_of_one(struct url *u, const struct profile_overrides *o,
                                      const struct header_list *headers)
{
    struct profile *p = build_profile();
    struct err e;
    p->name = build_name(u->host);
    p->target = mem_strdup(u->origin);
    p->insecure = o->insecure || o->under.insecure;
    p->tls = strncmp(u->origin, "https:", 6) == 0;
    p->http2 = o->http2 || o->under.http2;
    if (o->grace_set || o->under.grace_set)
        p->grace_ns = o->grace_set ? o->grace_ns : o->under.grace_ns;
    struct request *r = build_request(p, &e);
    fill_request(p, r, u, o);
    for (size_t i = 0; i < headers->n; i++)
        build_field(&r->headers, headers->items[i].name, headers->items[i].value, ENCODE_HEADER,
                    NULL, &e);
    build_request_secrets(&p->secrets, r);
    build_header_secrets(&p->secrets, headers);
    if (build_header_has(headers, "Authorization")) { /* a header that is written out wins */
        template_free(r->auth.text);
        r->auth = (struct auth){0};
    }
    one_class(p, r);
    p->endpoints = mem_zalloc(sizeof *p->endpoints);
    p->endpoints[p->n_endpoints++] = (struct endpoint){mem_strdup(r->method), mem_strdup(r->name)};
    build_mix(p, &(unsigned){1}, &p->mix, &e);
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
    url_headers(&headers, o, problems);
    if (problems->n + problems->dropped == before)
        p = profile_of_one(&u, o, &headers);
    build_header_finish(&headers);
    url_finish(&u);
    return p;
}
