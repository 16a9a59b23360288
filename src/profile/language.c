/* SPDX-License-Identifier: MIT */
#include "src/profile/language.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/language_parts.h"
#include "src/profile/url.h"

/* ---------------------------------------------------------------- the targets */

static bool check_base(const char *text, struct url *u, struct err *e)
{
    if (!url_parse(u, text, e))
        return false;
    return u->query == NULL || err_set(e, "a target has no query; put it into the requests");
}

static const char *own(struct context *c, char *text)
{
    c->bases = mem_room(c->bases, c->n_bases, sizeof *c->bases);
    return c->bases[c->n_bases++] = text;
}

/* n: where it stands; NULL: it was typed. */
static void take_base(struct context *c, const struct node *n, const struct url *u,
                      struct common *out)
{
    size_t len = strlen(u->path);
    while (len > 0 && u->path[len - 1] == '/')
        len--;
    if (out->auth.of_url && strcmp(out->origin, u->origin) != 0)
        out->auth = (struct auth_source){0};
    out->base = own(c, mem_printf("%s%.*s", u->origin, (int)len, u->path));
    out->origin = own(c, mem_strdup(u->origin));
    out->named = n != NULL && n->set == NULL ? own(c, language_server(n, u->origin)) : NULL;
    if (u->userinfo != NULL) {
        const struct secret *s =
            secrets_add(&c->p->secrets, secret_from(u->userinfo, strlen(u->userinfo)));
        out->auth = (struct auth_source){.kind = AUTH_BASIC, .secret = s, .of_url = true};
    }
}

/* Reads a base URL as the file has it, with ${env:...} filled in. */
static bool base_of_node(struct context *c, const struct node *n, struct url *u)
{
    struct err e;
    char *text = language_fixed(c, n);
    bool ok = text != NULL && check_base(text, u, &e);
    if (text != NULL && !ok && language_first_time(c, n))
        node_problem(c->d, n, "%s: %s.", n->name, e.text);
    free(text);
    return ok;
}

void language_base(struct context *c, const struct node *n, struct common *out)
{
    struct url u = {0};
    if (base_of_node(c, n, &u) && c->o->host == NULL)
        take_base(c, n, &u, out);
    url_finish(&u);
}

/* From the file, unless the command line names another. */
static void read_target(struct context *c, const struct node *root)
{
    const struct node *n = node_get(root, "target");
    const char *named = c->o->host != NULL || n != NULL ? c->o->host : c->o->under.host;
    struct url file = {0}, host = {0};
    struct err e;
    if (n != NULL)
        base_of_node(c, n, &file);
    if (named != NULL && !check_base(named, &host, &e)) {
        char *shown = url_shown(named);
        problems_add(c->d->problems, "--host %.300s: %s.", shown, e.text);
        free(shown);
    }
    if (n == NULL && named == NULL && !node_meant(root, "target"))
        node_problem(c->d, root,
                     "the profile has no target; add target = \"http://HOST:PORT\"; or "
                     "give --host.");
    struct url *u = named != NULL ? &host : &file;
    if (u->path != NULL) {
        take_base(c, named == NULL ? n : NULL, u, &c->common);
        c->p->target = mem_strdup(c->common.base);
    }
    url_finish(&file);
    url_finish(&host);
}

/* ------------------------------------------------------------------- switches */

static void read_switch(const struct doc *d, const struct node *root, const char *name, bool over,
                        bool under, bool *out)
{
    const struct node *n = node_get(root, name);
    if (n != NULL)
        node_bool(d, n, out);
    *out = n == NULL && under ? true : *out || over;
}

static void read_redirects(struct context *c, const struct node *root)
{
    const struct node *n = node_get(root, "max_redirects");
    int64_t max = PROFILE_DEFAULT_MAX_REDIRECTS;
    read_switch(c->d, root, "follow", c->o->follow, c->o->under.follow, &c->common.follow);
    if (n != NULL && node_whole(c->d, n, 1, 50, &max) && node_get(root, "follow") == NULL)
        node_problem(c->d, n, "max_redirects needs follow = true;.");
    c->common.max_redirects = (unsigned)max;
}

static void read_switches(struct context *c, const struct node *root)
{
    const struct profile_under *under = &c->o->under;
    read_switch(c->d, root, "insecure", c->o->insecure, under->insecure, &c->p->insecure);
    read_switch(c->d, root, "http2", c->o->http2, under->http2, &c->p->http2);
    read_redirects(c, root);
    c->cookies = true;
    language_switch(c->d, root, "cookies", &c->cookies);
}

static void read_max_users(struct context *c, const struct node *group)
{
    static const char *const keys[] = {"max_users", NULL};
    int64_t v = 0;
    if (group == NULL || !node_is(c->d, group, NODE_GROUP))
        return;
    node_only(c->d, group, "limits", keys);
    const struct node *n = node_get(group, "max_users");
    if (n != NULL)
        node_whole(c->d, n, 1, PROFILE_MAX_USERS, &v);
    c->p->max_users = (uint32_t)v;
}

static void read_grace(struct context *c, const struct node *n)
{
    const struct profile_under *under = &c->o->under;
    uint64_t ns = under->grace_set ? under->grace_ns : PROFILE_DEFAULT_GRACE_NS;
    if (n != NULL && node_duration(c->d, n, &ns) && ns > PROFILE_MAX_GRACE_NS)
        node_problem(c->d, n, "grace must be at most one hour.");
    c->p->grace_ns = c->o->grace_set ? c->o->grace_ns : ns;
}

/* Servers that get the headers of all, as the target does. */
static void read_headers_to(struct context *c, const struct node *n)
{
    const struct node *items;
    struct err e;
    int count = n != NULL ? node_texts(c->d, n, &items) : 0;
    for (int i = 0; i < count; i++) {
        struct url u = {0};
        char *text = language_fixed(c, &items[i]);
        bool ok = text != NULL && url_parse(&u, text, &e);
        if (ok && (strcmp(u.path, "/") != 0 || u.query != NULL || u.userinfo != NULL))
            ok = err_set(&e, "a server is a scheme, a host and perhaps a port, as in "
                             "\"https://api.example:8443\"");
        if (text != NULL && !ok)
            node_problem(c->d, &items[i], "headers_to: %s.", e.text);
        if (ok) {
            c->headers_to = mem_room(c->headers_to, c->n_headers_to, sizeof *c->headers_to);
            c->headers_to[c->n_headers_to++] = own(c, mem_strdup(u.origin));
        }
        free(text);
        url_finish(&u);
    }
}

static void read_dns_ttl(struct context *c, const struct node *n)
{
    uint64_t ns = 0;
    if (n == NULL || !node_duration(c->d, n, &ns))
        return;
    if (ns < PROFILE_MIN_DNS_TTL_NS || ns > PROFILE_MAX_DNS_TTL_NS)
        node_problem(c->d, n, "dns_ttl must be from one second to one day.");
    c->p->dns_ttl_ns = ns;
}

static void read_override_headers(struct context *c)
{
    struct err e;
    for (size_t i = 0; i < c->o->n_headers; i++) {
        if (!build_header_line(&c->over, c->o->headers[i], &e))
            problems_add(c->d->problems, "-H: %s.", e.text);
    }
    for (size_t i = 0; i < c->o->under.n_headers; i++) {
        if (!build_header_line(&c->under, c->o->under.headers[i], &e))
            problems_add(c->d->problems, "the configuration file's header: %s.", e.text);
    }
    build_header_secrets(&c->p->secrets, &c->over);
    build_header_secrets(&c->p->secrets, &c->under);
}

/* ---------------------------------------------------------------- the profile */

static char *name_of_file(const char *file)
{
    const char *base = strrchr(file, '/');
    base = base != NULL ? base + 1 : file;
    size_t len = strlen(base);
    if (len > 4 && strcmp(base + len - 4, ".cfg") == 0)
        len -= 4;
    char *stem = mem_strndup(base, len);
    char *name = build_name(stem);
    free(stem);
    return name;
}

static void read_common(struct context *c, const struct node *root)
{
    language_timeout(c->d, node_get(root, "timeout"), &c->common.timeout_ns);
    language_switch(c->d, root, "gzip", &c->common.gzip);
    language_auth(c, node_get(root, "auth"), &c->common.auth);
    c->here = c->common;
}

static void language_read_all(struct context *c, const struct node *root)
{
    static const char *const keys[] = {
        "target", "insecure",     "http2",         "headers", "headers_to", "limits",    "timeout",
        "follow", "gzip",         "max_redirects", "cookies", "auth",       "variables", "feeders",
        "levels", "user_classes", "rate_limits",   "goals",   "probes",     "grace",     "dns_ttl",
        NULL};
    node_only(c->d, root, "a profile", keys);
    language_feeders(c, node_get(root, "feeders"));
    language_variables(c, node_get(root, "variables"));
    c->names_of_all = names_mark(c->names);
    read_target(c, root);
    read_switches(c, root);
    read_common(c, root);
    read_max_users(c, node_get(root, "limits"));
    read_grace(c, node_get(root, "grace"));
    read_dns_ttl(c, node_get(root, "dns_ttl"));
    read_override_headers(c);
    c->headers_node = node_get(root, "headers");
    language_headers(c, c->headers_node, &c->headers);
    read_headers_to(c, node_get(root, "headers_to"));
    language_classes(c, root);
    language_levels(c, node_get(root, "levels"));
    language_goals(c, node_get(root, "goals"));
    language_limits(c, node_get(root, "rate_limits"));
    language_probes(c, node_get(root, "probes"));
    language_names_done(c);
    language_permissions(c, root);
    language_draws(c->p);
}

static void context_finish(struct context *c)
{
    build_header_finish(&c->headers);
    build_header_finish(&c->over);
    build_header_finish(&c->under);
    for (size_t i = 0; i < c->n_classes; i++)
        build_class_finish(&c->classes[i].read);
    for (size_t i = 0; i < c->n_bases; i++)
        free(c->bases[i]);
    free(c->classes);
    free(c->bases);
    free(c->headers_to);
    free(c->told);
    free(c->place);
    names_free(c->names);
    free(c->endpoints);
}

struct profile *language_profile(const struct doc *d, const struct node *root, const char *file,
                                 const struct profile_overrides *o)
{
    static const struct profile_overrides none;
    size_t before = d->problems->n + d->problems->dropped;
    struct context c = {.d = d,
                        .o = o != NULL ? o : &none,
                        .p = build_profile(),
                        .endpoints = mem_zalloc(sizeof *c.endpoints),
                        .names = names_create(),
                        .common.timeout_ns = PROFILE_DEFAULT_TIMEOUT_NS};
    if (c.o->under.timeout_ns != 0)
        c.common.timeout_ns = c.o->under.timeout_ns;
    c.p->name = name_of_file(file);
    c.p->file = mem_strdup(file);
    permissions_of_file(&c.p->permissions, file);
    names_permissions(c.names, &c.p->permissions);
    language_read_all(&c, root);
    bool ok = d->problems->n + d->problems->dropped == before;
    if (ok && c.o->n_classes + c.o->n_tags + c.o->n_exclude_tags > 0)
        language_drop(c.p);
    if (ok && c.p->n_endpoints == 0) {
        node_problem(d, root, "there is no request in the profile, or in what is chosen of it.");
        ok = false;
    }
    struct profile *p = c.p;
    context_finish(&c);
    if (ok)
        return p;
    profile_unref(p);
    return NULL;
}
