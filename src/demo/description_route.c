/* SPDX-License-Identifier: MIT */
/* The part of a description that reads its routes. */
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/demo/description_parts.h"

#define MAX_UPLOAD (UINT64_C(1) << 40)
#define MAX_HEADERS 32

/* The actions that are settings, in the order of enum action_kind. */
static const char *const action_keys[ACTIONS + 1] = {
    "", "login", "logout", "create", "list", "get", "patch", "replace", "save", "delete", NULL};

static const char *const methods[] = {"GET",    "POST", "PUT",     "PATCH",
                                      "DELETE", "HEAD", "OPTIONS", NULL};

static const char *const route_keys[] = {
    "route",  "pool",    "time",    "per_kb", "stages", "auth",    "csrf", "login",
    "logout", "create",  "list",    "get",    "patch",  "replace", "save", "delete",
    "id",     "default", "set",     "exists", "upload", "status",  "json", "text",
    "html",   "type",    "headers", "bytes",  "gzip",   "fail",    NULL};

static bool part_route_name(const struct reading *r, const struct node *n, struct route_spec *out)
{
    const char *text;
    struct err e = {{0}};
    if (!node_text(r->doc, n, &text))
        return false;
    size_t len = strcspn(text, " ");
    out->name = mem_strdup(text);
    out->method = mem_strndup(text, len);
    size_t known = 0;
    while (methods[known] != NULL && strcmp(methods[known], out->method) != 0)
        known++;
    if (text[len] == '\0' || methods[known] == NULL) {
        const char *near = words_nearest(out->method, methods);
        if (text[len] != '\0' && near != NULL)
            node_problem(r->doc, n, "route: \"%.20s\" is no method (did you mean \"%s\"?).",
                         out->method, near);
        else
            node_problem(r->doc, n, "route is a method and a path, as in \"GET /api/items/{id}\".");
        return false;
    }
    if (!path_params_compile(&out->path, text + len + 1, &e)) {
        node_problem(r->doc, n, "route \"%.100s\": %s.", text, e.text);
        return false;
    }
    for (size_t i = 0; i < r->d->n_routes; i++) {
        const struct route_spec *o = &r->d->routes[i];
        if (o != out && o->method != NULL && strcmp(o->method, out->method) == 0 &&
            path_params_same(&o->path, &out->path))
            node_problem(r->doc, n, "route \"%.100s\" is there already, as \"%.100s\".", text,
                         o->name);
    }
    return true;
}

static void part_stages(const struct reading *r, const struct node *n, struct route_spec *out)
{
    static const char *const keys[] = {"pool", "time", "per_kb", NULL};
    const struct node *list = node_get(n, "stages");
    const struct node *single =
        node_get(n, "time") != NULL ? node_get(n, "time") : node_get(n, "pool");
    if (list != NULL && single != NULL)
        node_problem(r->doc, single, "a route has either stages or a pool and a time, not both.");
    if (list == NULL) {
        out->n_stages = single != NULL;
        part_stage(r, n, &out->stages[0]);
        return;
    }
    if (!node_is(r->doc, list, NODE_LIST))
        return;
    if (list->n == 0 || list->n > DESCRIPTION_STAGES)
        node_problem(r->doc, list, "stages must be 1 to %u groups { pool; time; }.",
                     DESCRIPTION_STAGES);
    for (size_t i = 0; i < list->n && i < DESCRIPTION_STAGES; i++) {
        if (!node_is(r->doc, &list->items[i], NODE_GROUP))
            continue;
        node_only(r->doc, &list->items[i], "a stage", keys);
        part_stage(r, &list->items[i], &out->stages[out->n_stages++]);
    }
}

static void read_auth(const struct reading *r, const struct node *n, struct route_spec *out)
{
    const struct node *auth = node_get(n, "auth");
    part_bool(r, n, "csrf", &out->csrf);
    if (out->csrf && (auth == NULL || r->d->accounts.csrf_header == NULL))
        node_problem(r->doc, node_get(n, "csrf"),
                     "csrf needs auth, and the csrf_header of accounts.");
    if (auth == NULL)
        return;
    if (auth->kind == NODE_BOOL)
        out->auth = auth->integer != 0;
    else
        part_texts(r, auth, &out->roles, &out->n_roles);
    out->auth |= out->n_roles > 0;
    if (out->auth && !r->d->has_accounts)
        node_problem(r->doc, auth, "auth needs accounts: who may log in?");
    for (size_t i = 0; i < out->n_roles; i++) {
        const struct accounts_spec *a = &r->d->accounts;
        const char **roles = mem_array(a->n_users + 1, sizeof *roles);
        bool known = false;
        for (size_t u = 0; u < a->n_users; u++) {
            roles[u] = a->users[u].role;
            known |= strcmp(roles[u], out->roles[i]) == 0;
        }
        const char *near = known ? NULL : words_nearest(out->roles[i], roles);
        free(roles);
        if (!known && near != NULL)
            node_problem(r->doc, auth, "no user has the role \"%.60s\" (did you mean \"%.60s\"?).",
                         out->roles[i], near);
        else if (!known)
            node_problem(r->doc, auth, "no user has the role \"%.60s\".", out->roles[i]);
    }
}

/* Reads how an item is named: by the setting, or by the last parameter of the path. */
static void read_id(const struct reading *r, const struct node *n, const struct node *action,
                    struct route_spec *out)
{
    const struct node *id = node_get(n, "id"), *fallback = node_get(n, "default");
    bool named = out->action >= ACT_GET || (out->action == ACT_CREATE && out->collection != NULL &&
                                            out->collection->ids == ID_TEXT);
    if (id != NULL)
        out->id = part_template(r, id, ENCODE_PLAIN, &out->path);
    if (id != NULL && !named)
        node_problem(r->doc, id, "id has no meaning here: nothing is looked for.");
    else if (id == NULL && named && out->path.text != NULL &&
             path_params_find(&out->path, NULL, 0) < 0)
        node_problem(r->doc, action,
                     "which item? Give the path a parameter such as {id}, or an id.");
    if (fallback != NULL && out->action != ACT_GET)
        node_problem(r->doc, fallback, "default is for a route with get.");
    else if (fallback != NULL)
        out->fallback = part_template(r, fallback, ENCODE_JSON, &out->path);
}

static void read_action(const struct reading *r, const struct node *n, struct route_spec *out)
{
    const struct node *taken = NULL;
    for (enum action_kind a = ACT_LOGIN; a < ACTIONS; a++) {
        const struct node *s = node_get(n, action_keys[a]);
        bool on = true;
        if (s == NULL)
            continue;
        if (taken != NULL)
            node_problem(r->doc, s, "a route does one thing: %s or %s.", taken->name, s->name);
        taken = s;
        if (a == ACT_LOGIN || a == ACT_LOGOUT)
            node_bool(r->doc, s, &on);
        else
            out->collection = part_collection(r, s);
        out->action = on ? a : ACT_REPLY;
    }
    if ((out->action == ACT_LOGIN || out->action == ACT_LOGOUT) && !r->d->has_accounts)
        node_problem(r->doc, taken, "%s needs accounts: who may log in?", taken->name);
    if (out->action == ACT_SAVE && out->collection != NULL && out->collection->ids != ID_TEXT)
        node_problem(r->doc, taken,
                     "save is for collections with id = \"text\": the client names "
                     "what it saves.");
    read_id(r, n, taken != NULL ? taken : n, out);
    const struct node *set = node_get(n, "set");
    bool writes = out->action == ACT_CREATE || out->action == ACT_PATCH ||
                  out->action == ACT_REPLACE || out->action == ACT_SAVE;
    if (set != NULL && !writes)
        node_problem(r->doc, set, "set is for a route with create, patch, replace or save.");
    else if (set != NULL)
        out->set = part_template(r, set, ENCODE_JSON, &out->path);
    const struct node *exists = node_get(n, "exists");
    if (exists != NULL)
        out->exists = part_collection(r, exists);
    if (exists != NULL && out->path.text != NULL && path_params_find(&out->path, NULL, 0) < 0)
        node_problem(r->doc, exists,
                     "which item must exist? Give the path a parameter such as {id}.");
}

static void read_upload(const struct reading *r, const struct node *n, struct route_spec *out)
{
    static const char *const keys[] = {"min", "max", "raw", NULL};
    const struct node *u = node_get(n, "upload");
    out->max_bytes = MAX_UPLOAD;
    if (u == NULL || !node_is(r->doc, u, NODE_GROUP))
        return;
    out->upload = true;
    node_only(r->doc, u, "an upload", keys);
    part_bool(r, u, "raw", &out->raw);
    const struct node *min = node_get(u, "min"), *max = node_get(u, "max");
    if (min != NULL)
        part_size(r, min, MAX_UPLOAD, &out->min_bytes);
    if (max != NULL)
        part_size(r, max, MAX_UPLOAD, &out->max_bytes);
    if (out->min_bytes > out->max_bytes)
        node_problem(r->doc, u, "an upload's min is more than its max.");
}

static bool is_header_name(const char *s)
{
    return *s != '\0' && s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789!#$%&'*+-.^_`|~")] == '\0';
}

static void part_headers(const struct reading *r, const struct node *n, struct route_spec *out)
{
    const struct node *all = node_get(n, "headers");
    if (all == NULL || !node_is(r->doc, all, NODE_GROUP))
        return;
    if (all->n > MAX_HEADERS)
        node_problem(r->doc, all, "at most %d headers.", MAX_HEADERS);
    out->headers = mem_array(all->n + 1, sizeof *out->headers);
    for (size_t i = 0; i < all->n && i < MAX_HEADERS; i++) {
        struct header_spec *h = &out->headers[out->n_headers];
        const char *name = all->items[i].name;
        if (!is_header_name(name) || strcasecmp(name, "Content-Length") == 0 ||
            strcasecmp(name, "Content-Type") == 0 || strcasecmp(name, "Connection") == 0 ||
            strcasecmp(name, "Transfer-Encoding") == 0) {
            node_problem(r->doc, &all->items[i], "the header %.60s cannot be set here%s.", name,
                         strcasecmp(name, "Content-Type") == 0 ? "; write type = ..." : "");
            continue;
        }
        h->value = part_template(r, &all->items[i], ENCODE_HEADER, &out->path);
        h->name = mem_strdup(name);
        out->n_headers++;
    }
}

static void read_bytes(const struct reading *r, const struct node *n, struct route_spec *out)
{
    const struct node *b = node_get(n, "bytes");
    if (b == NULL)
        return;
    if (b->kind != NODE_ARRAY && b->kind != NODE_LIST) {
        if (part_size(r, b, DESCRIPTION_REPLY_MAX, &out->low_bytes))
            out->high_bytes = out->low_bytes;
        return;
    }
    if (b->n != 2)
        node_problem(r->doc, b, "bytes must be one size or two, [least, most].");
    else if (part_size(r, &b->items[0], DESCRIPTION_REPLY_MAX, &out->low_bytes) &&
             part_size(r, &b->items[1], DESCRIPTION_REPLY_MAX, &out->high_bytes) &&
             out->low_bytes > out->high_bytes)
        node_problem(r->doc, b, "bytes begins with the larger size; write [least, most].");
}

static void read_fail(const struct reading *r, const struct node *n, struct route_spec *out)
{
    static const char *const keys[] = {"every", "status", "random", NULL};
    const struct node *f = node_get(n, "fail");
    if (f == NULL || !node_is(r->doc, f, NODE_GROUP))
        return;
    out->fail_every = 1;
    out->fail_status = 500;
    node_only(r->doc, f, "fail", keys);
    if (node_get(f, "every") == NULL && !node_meant(f, "every"))
        node_problem(r->doc, f, "fail needs every: one in how many requests.");
    part_whole(r, f, "every", 1, 1000000000, &out->fail_every);
    part_whole(r, f, "status", 400, 599, &out->fail_status);
    part_bool(r, f, "random", &out->fail_random);
}

static void part_reply(const struct reading *r, const struct node *n, struct route_spec *out)
{
    static const struct {
        const char *key, *type;
        enum encoding how;
    } kinds[] = {{"json", "application/json", ENCODE_JSON},
                 {"text", "text/plain; charset=utf-8", ENCODE_PLAIN},
                 {"html", "text/html; charset=utf-8", ENCODE_PLAIN}};
    const struct node *taken = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct node *s = node_get(n, kinds[i].key);
        if (s == NULL)
            continue;
        if (taken != NULL) {
            node_problem(r->doc, s, "a reply has one body: %s or %s.", taken->name, s->name);
            continue;
        }
        taken = s;
        out->body = part_template(r, s, kinds[i].how, &out->path);
        out->type = kinds[i].type;
    }
    part_text(r, n, "type", &out->own_type);
    if (out->own_type != NULL && strpbrk(out->own_type, "\r\n") != NULL)
        node_problem(r->doc, node_get(n, "type"), "type has a line break.");
    part_whole(r, n, "status", 200, 599, &out->status);
    part_bool(r, n, "gzip", &out->gzip);
    part_headers(r, n, out);
    read_bytes(r, n, out);
    read_fail(r, n, out);
}

static void find_limits(struct description *d, struct route_spec *out)
{
    out->limits = mem_array(d->n_limits + 1, sizeof *out->limits);
    for (size_t i = 0; out->name != NULL && i < d->n_limits; i++) {
        const struct limit_spec *l = &d->limits[i];
        bool meant = l->n_endpoints == 0;
        for (size_t k = 0; k < l->n_endpoints; k++)
            meant |= description_matches(l->endpoints[k], out->name);
        if (meant)
            out->limits[out->n_limits++] = l;
    }
}

/* A pattern that means no route is a slip of the finger. */
static void check_limits(const struct reading *r, const struct node *list)
{
    for (size_t i = 0; i < r->d->n_limits; i++) {
        const struct limit_spec *l = &r->d->limits[i];
        for (size_t k = 0; k < l->n_endpoints; k++) {
            bool meant = false;
            for (size_t n = 0; n < r->d->n_routes && !meant; n++)
                meant = r->d->routes[n].name != NULL &&
                        description_matches(l->endpoints[k], r->d->routes[n].name);
            if (!meant)
                node_problem(r->doc, list,
                             "the rate limit \"%.60s\" is for \"%.100s\", which is "
                             "no route.",
                             l->name, l->endpoints[k]);
        }
    }
}

static void read_route(const struct reading *r, const struct node *n)
{
    if (!node_is(r->doc, n, NODE_GROUP))
        return;
    struct route_spec *out = &r->d->routes[r->d->n_routes++];
    const struct node *route = node_get(n, "route");
    node_only(r->doc, n, "a route", route_keys);
    if (route == NULL && !node_meant(n, "route"))
        node_problem(r->doc, n, "a route needs its method and path, as in route = \"GET /\".");
    bool named = route != NULL && part_route_name(r, route, out);
    if (!named) /* complaints about the path's parameters would only repeat that */
        return;
    part_stages(r, n, out);
    read_auth(r, n, out);
    read_upload(r, n, out);
    read_action(r, n, out);
    part_reply(r, n, out);
    find_limits(r->d, out);
}

void part_routes(const struct reading *r, const struct node *list)
{
    if (!node_is(r->doc, list, NODE_LIST))
        return;
    if (list->n == 0)
        node_problem(r->doc, list, "routes is empty.");
    size_t n = list->n < DESCRIPTION_ROUTES ? list->n : DESCRIPTION_ROUTES;
    if (n < list->n)
        node_problem(r->doc, list, "there can be at most %u routes.", DESCRIPTION_ROUTES);
    r->d->routes = mem_array(n + 1, sizeof *r->d->routes);
    for (size_t i = 0; i < n; i++)
        read_route(r, &list->items[i]);
    check_limits(r, list);
}

void part_route_free(struct route_spec *r)
{
    for (size_t i = 0; i < r->n_roles; i++)
        free(r->roles[i]);
    for (size_t i = 0; i < r->n_headers; i++) {
        free(r->headers[i].name);
        reply_template_free(r->headers[i].value);
    }
    free(r->roles);
    free(r->headers);
    free(r->limits);
    free(r->name);
    free(r->method);
    free(r->own_type);
    path_params_finish(&r->path);
    reply_template_free(r->id);
    reply_template_free(r->fallback);
    reply_template_free(r->set);
    reply_template_free(r->body);
}
