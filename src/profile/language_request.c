/* SPDX-License-Identifier: MIT */
#include "src/profile/language_request.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/url.h"

#define MAX_HEADERS 64u    /* of one request, all layers together */
#define MAX_HEADER_BYTES 16384u
#define MAX_TIMEOUT_NS (UINT64_C(3600) * 1000000000)

/* ------------------------------------------------------------------- headers */

void language_headers(const struct context *c, const struct node *group, struct header_list *out)
{
    if (group == NULL || !node_is(c->d, group, NODE_GROUP))
        return;
    if (group->n > MAX_HEADERS) {
        node_problem(c->d, group, "there are more than %u headers.", MAX_HEADERS);
        return;
    }
    struct err e;
    for (size_t i = 0; i < group->n; i++) {
        const struct node *n = &group->items[i];
        const char *value;
        if (!node_text(c->d, n, &value))
            continue;
        if (!build_header_ok(n->name, value, &e))
            node_problem(c->d, n, "%s.", e.text);
        else if (build_header_has(out, n->name))
            node_problem(c->d, n, "the header \"%s\" is given twice; case does not count.",
                         n->name);
        else
            build_header_set(out, n->name, value);
    }
}

static void too_many_headers(const struct context *c, const struct node *n)
{
    node_problem(c->d, n,
                 "the headers of this request are more than %u or longer than %u bytes together.",
                 MAX_HEADERS, MAX_HEADER_BYTES);
}

/* The layers from the outside in; what the command line says lies over all. */
static void merge_headers(const struct context *c, const struct node *n, struct request *r,
                          const struct header_list *own, const char *content_type, bool to_target)
{
    struct header_list h = {0};
    struct err e;
    build_header_merge(&h, &c->class_headers);
    build_header_merge(&h, own);
    build_header_merge(&h, &c->over);
    if (content_type != NULL && !build_header_has(&h, "Content-Type"))
        build_header_set(&h, "Content-Type", content_type);
    build_header_fill(&h, &c->under);
    if (c->userinfo != NULL && to_target && !build_header_has(&h, "Authorization")) {
        r->auth.kind = AUTH_BASIC;
        r->auth.text = template_of_secret(c->userinfo);
    }
    size_t bytes = 0;
    for (size_t i = 0; i < h.n; i++)
        bytes += strlen(h.items[i].name) + strlen(h.items[i].value) + 4;
    if (h.n > MAX_HEADERS || bytes > MAX_HEADER_BYTES)
        too_many_headers(c, n);
    for (size_t i = 0; i < h.n && bytes <= MAX_HEADER_BYTES; i++)
        if (!build_field(&r->headers, h.items[i].name, h.items[i].value, ENCODE_HEADER, c->names,
                         &e))
            node_problem(c->d, n, "the header \"%s\": %s.", h.items[i].name, e.text);
    build_header_finish(&h);
}

/* ------------------------------------------------------------------ requests */

const char *const language_request_keys[] = {"request", "name",   "headers", "body",
                                             "json",    "expect", "timeout", NULL};

/* What a request line says. */
struct address {
    char *url; /* absolute */
    char *name;
    bool to_target;
};

static void set_path(const struct context *c, const char *text, struct address *a)
{
    char *path = mem_strndup(text, strcspn(text, "#"));
    a->url = mem_printf("%s%s", c->p->target != NULL ? c->p->target : "", path);
    a->to_target = true;
    path[strcspn(path, "?")] = '\0';
    a->name = build_name(path);
    free(path);
}

static bool set_absolute(const struct context *c, const struct node *n, const char *text,
                         struct address *a)
{
    struct err e;
    struct url u;
    bool ok = url_parse(&u, text, &e);
    if (ok && u.userinfo != NULL)
        ok = err_set(&e, "a user name in a request's URL is not used; give the request an "
                         "Authorization header");
    if (!ok) {
        node_problem(c->d, n, "%s.", e.text);
    } else {
        bool query = u.query != NULL;
        a->url = mem_printf("%s%s%s%s", u.origin, u.path, query ? "?" : "", query ? u.query : "");
        a->to_target = c->origin != NULL && strcmp(u.origin, c->origin) == 0;
        char *name = mem_printf("%s%s", strstr(u.origin, "://") + 3, u.path);
        a->name = build_name(name);
        free(name);
    }
    url_finish(&u);
    return ok;
}

/* The URL to send to and the name to count under, from a path or an absolute URL. */
static bool set_address(const struct context *c, const struct node *n, struct request *r,
                        const char *text, bool *to_target)
{
    struct err e;
    struct address a = {0};
    if (!url_has_scheme(text)) {
        if (!url_path_ok(text, &e)) {
            node_problem(c->d, n, "%s.", e.text);
            return false;
        }
        set_path(c, text, &a);
    } else if (!set_absolute(c, n, text, &a)) {
        return false;
    }
    r->name = a.name;
    *to_target = a.to_target;
    r->url = template_compile(a.url, ENCODE_URL, c->names, &e);
    if (r->url == NULL)
        node_problem(c->d, n, "%s.", e.text);
    free(a.url);
    return r->url != NULL;
}

/* request = "GET /path" */
static bool read_line(const struct context *c, const struct node *n, struct request *r,
                      bool *to_target)
{
    const char *text;
    struct err e;
    if (!node_text(c->d, n, &text))
        return false;
    const char *blank = strchr(text, ' ');
    if (blank == NULL || blank == text || blank[1] == '\0') {
        node_problem(c->d, n,
                     "request must be a method and a path, as in \"GET /index.html\", "
                     "not \"%.100s\".",
                     text);
        return false;
    }
    r->method = mem_strndup(text, (size_t)(blank - text));
    bool ok = build_method_ok(r->method, &e);
    if (!ok)
        node_problem(c->d, n, "%s.", e.text);
    return set_address(c, n, r, blank + 1, to_target) && ok;
}

/* The Content-Type that goes with the body, NULL when there is none. */
static const char *read_body(const struct context *c, const struct node *group, struct request *r)
{
    const struct node *body = node_get(group, "body"), *json = node_get(group, "json");
    const char *text = NULL;
    if (body != NULL && json != NULL)
        node_problem(c->d, json, "a request has either a body or json, not both.");
    const struct node *n = json != NULL ? json : body;
    if (n == NULL || !node_text(c->d, n, &text))
        return NULL;
    if (r->method != NULL && strcmp(r->method, "HEAD") == 0)
        node_problem(c->d, n, "a HEAD request has no body.");
    struct err e;
    r->body.text = template_compile(text, json != NULL ? ENCODE_JSON : ENCODE_PLAIN, c->names, &e);
    r->body.kind = CONTENT_TEXT;
    if (r->body.text == NULL)
        node_problem(c->d, n, "%s.", e.text);
    return json != NULL ? "application/json" : "application/x-www-form-urlencoded";
}

static int by_code(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

static void read_expect(const struct context *c, const struct node *n, struct status_set *set)
{
    if (n == NULL)
        return;
    const struct node *items = n;
    size_t count = 1;
    if (n->kind != NODE_INT) {
        if (n->kind != NODE_ARRAY && n->kind != NODE_LIST) {
            node_problem(c->d, n, "expect must be a status or an array of them, as in [200, 201].");
            return;
        }
        items = n->items;
        count = n->n;
    }
    if (count == 0)
        node_problem(c->d, n, "expect names no status; leave it out to accept 100 to 399.");
    set->codes = mem_array(count + 1, sizeof *set->codes);
    for (size_t i = 0; i < count; i++) {
        int64_t code = 0;
        if (items[i].kind != NODE_INT || items[i].integer < 100 || items[i].integer > 599)
            node_problem(c->d, &items[i], "a status to expect must be a number from 100 to 599.");
        else if (node_whole(c->d, &items[i], 100, 599, &code))
            set->codes[set->n++] = (uint16_t)code;
    }
    qsort(set->codes, set->n, sizeof *set->codes, by_code);
}

void language_timeout(const struct doc *d, const struct node *n, uint64_t *ns)
{
    uint64_t v;
    if (n == NULL || !node_duration(d, n, &v))
        return;
    if (v == 0 || v > MAX_TIMEOUT_NS)
        node_problem(d, n, "timeout must be more than 0 and at most one hour.");
    else
        *ns = v;
}

struct request *language_request(struct context *c, const struct node *group)
{
    const struct node *name = node_get(group, "name");
    struct header_list own = {0};
    struct err e;
    const char *text;
    bool to_target = false;
    struct request *r = build_request(c->p, &e);
    if (r == NULL) {
        node_problem(c->d, group, "%s.", e.text);
        return NULL;
    }
    bool ok = read_line(c, node_get(group, "request"), r, &to_target);
    const char *content_type = read_body(c, group, r);
    read_expect(c, node_get(group, "expect"), &r->expect);
    r->timeout_ns = c->timeout_ns;
    language_timeout(c->d, node_get(group, "timeout"), &r->timeout_ns);
    if (c->o->timeout_ns != 0)
        r->timeout_ns = c->o->timeout_ns;
    r->body_cap = PROFILE_DEFAULT_BODY_CAP;
    r->max_redirects = c->max_redirects;
    if (name != NULL && node_text(c->d, name, &text)) {
        free(r->name);
        r->name = build_name(text);
        if (*r->name == '\0')
            node_problem(c->d, name, "name is empty.");
    }
    language_headers(c, node_get(group, "headers"), &own);
    if (ok) {
        merge_headers(c, group, r, &own, content_type, to_target);
        if (!build_endpoint(c->p, c->endpoints, r->method, r->name, &r->endpoint, &e))
            node_problem(c->d, group, "%s.", e.text);
    }
    build_header_finish(&own);
    return r;
}
