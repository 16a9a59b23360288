/* SPDX-License-Identifier: MIT */
/* language_request.c - a request: its line, headers, authentication, and what it shares with its
 * class. */
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/language_parts.h"
#include "src/profile/url.h"

#define MAX_HEADERS 64u /* headers of a request, all layers together */
#define MAX_HEADER_BYTES 16384u
#define MAX_TIMEOUT_NS (UINT64_C(3600) * 1000000000)
/* Upper bound on memory for texts rendered per request; each byte of a text with ${...} counts
 * with its worst-case expansion. */
#define MAX_COST (24u << 20)
#define COST_OF_PARTS 30

const char *const language_request_keys[] = {
    "request",       "method", "name",  "headers", "auth",  "cookies", "timeout",   "follow",
    "max_redirects", "gzip",   "query", "body",    "json",  "form",    "multipart", "payload",
    "file",          "expect", "check", "capture", "retry", NULL};

/* ------------------------------------------------------------------- headers */

/* "Name: value", "Name;" for an empty one, "Name:" for one that is not sent. */
static void read_header_line(const struct context *c, const struct node *n, struct header_list *out)
{
    const char *line, *value;
    struct err e;
    if (!node_text(c->d, n, &line))
        return;
    size_t len = strcspn(line, ":;");
    bool empty = line[len] == ';' && line[len + 1] == '\0';
    if (line[len] != ':' && !empty) {
        node_problem(c->d, n,
                     "a header in a list is \"Name: value\", \"Name;\" for an empty one or "
                     "\"Name:\" for one that is not sent.");
        return;
    }
    value = line + len + 1 + strspn(line + len + 1, " \t");
    char *name = mem_strndup(line, len);
    if (!build_is_framing(name) && !build_header_ok(name, value, &e))
        node_problem(c->d, n, "%s.", e.text);
    else
        build_header_add(out, name, *value != '\0' || empty ? value : NULL);
    free(name);
}

void language_headers(const struct context *c, const struct node *group, struct header_list *out)
{
    bool lines = group != NULL && (group->kind == NODE_LIST || group->kind == NODE_ARRAY);
    if (group == NULL || (!lines && !node_is(c->d, group, NODE_GROUP)))
        return;
    if (group->n > MAX_HEADERS) {
        node_problem(c->d, group, "there are more than %u headers.", MAX_HEADERS);
        return;
    }
    for (size_t i = 0; lines && i < group->n; i++)
        read_header_line(c, &group->items[i], out);
    if (lines)
        return;
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

static const struct node *find_header(const struct node *group, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; group != NULL && i < group->n; i++) {
        const struct node *n = &group->items[i];
        bool line = n->name == NULL && n->kind == NODE_STRING;
        if (line ? strncasecmp(n->string, name, len) == 0 && strcspn(n->string, ":;") == len
                 : n->name != NULL && strcasecmp(n->name, name) == 0)
            return n;
    }
    return NULL;
}

bool language_own_header(const struct node *request, const char *name)
{
    return find_header(node_get(request, "headers"), name) != NULL;
}

/* At the place where the header is written, even if many requests inherit it. */
static void wrong_header(struct context *c, const struct node *request, const char *name,
                         const char *half)
{
    const struct node *n = find_header(node_get(request, "headers"), name);
    if (n == NULL && !build_header_has(&c->over, name))
        n = find_header(c->class_headers_node, name);
    bool of_profile = n == NULL;
    if (n == NULL && !build_header_has(&c->over, name))
        n = find_header(c->headers_node, name);
    if (n == NULL)
        n = request;
    if (!language_first_time(c, n))
        return;
    if (of_profile && c->class_name != NULL)
        node_problem(c->d, n, "the header \"%s\", in the user class \"%s\": %s.", name,
                     c->class_name, half);
    else
        node_problem(c->d, n, "the header \"%s\": %s.", name, half);
}

static size_t cost_of(const char *text)
{
    size_t len = strlen(text);
    return 64 + (strstr(text, "${") != NULL ? len * COST_OF_PARTS : len);
}

static bool spend(struct context *c, const struct node *n, size_t cost)
{
    bool before = c->cost <= MAX_COST;
    c->cost += cost;
    if (before && c->cost > MAX_COST)
        node_problem(c->d, n,
                     "from here on the requests of this profile are too large in all; give them "
                     "fewer or shorter headers and a shorter target.");
    return c->cost <= MAX_COST;
}

/* False: too many, and the sentence is there. */
static bool headers_fit(struct context *c, const struct node *n, const struct header_list *h)
{
    size_t bytes = 0, cost = 0;
    for (size_t i = 0; i < h->n; i++) {
        const char *value = h->items[i].value != NULL ? h->items[i].value : "";
        bytes += strlen(h->items[i].name) + strlen(value) + 4;
        cost += 64 + cost_of(value);
    }
    if (h->n <= MAX_HEADERS && bytes <= MAX_HEADER_BYTES)
        return spend(c, n, cost);
    node_problem(c->d, n,
                 "the headers of this request are more than %u or longer than %u bytes together.",
                 MAX_HEADERS, MAX_HEADER_BYTES);
    return false;
}

static void add_header_field(struct context *c, const struct node *n, struct request *r,
                             const struct header *h)
{
    struct err e;
    bool ok = !build_is_framing(h->name) ||
              build_framing_ok(h->name, h->value, r->body.kind != CONTENT_NONE, &e);
    if (ok && h->value == NULL) {
        r->unsent = mem_room(r->unsent, r->n_unsent, sizeof *r->unsent);
        r->unsent[r->n_unsent++] = mem_strdup(h->name);
        return;
    }
    if (!ok || !build_field(&r->headers, h->name, h->value, ENCODE_HEADER, c->names, &e))
        wrong_header(c, n, h->name, e.text);
}

/* Headers for all go to the target, a class's to that class's host, a request's wherever it is
 * sent. */
static bool is_listed(const struct context *c, const char *origin)
{
    for (size_t i = 0; i < c->n_headers_to; i++)
        if (url_same_origin(origin, c->headers_to[i]))
            return true;
    return false;
}

static bool gets_headers_of_all(const struct context *c, const char *origin)
{
    return c->common.origin == NULL || url_same_origin(origin, c->common.origin) ||
           is_listed(c, origin);
}

static bool gets_headers_of_class(const struct context *c, const char *origin)
{
    return c->here.origin == NULL || url_same_origin(origin, c->here.origin) ||
           gets_headers_of_all(c, origin);
}

/* The target or the class's host; a user name in their URL is for them alone. */
static bool gets_auth(const struct context *c, const char *origin)
{
    return origin != NULL && ((c->here.origin != NULL && url_same_origin(origin, c->here.origin)) ||
                              (!c->here.auth.of_url && is_listed(c, origin)));
}

/* Adds to `out` those of `from` that are not sent, each once. */
static void leave_out(struct header_list *out, const struct header_list *from,
                      const struct header_list *sent)
{
    for (size_t i = 0; i < from->n; i++)
        if (from->items[i].value != NULL && !build_header_has(sent, from->items[i].name) &&
            !build_header_has(out, from->items[i].name))
            build_header_set(out, from->items[i].name, "");
}

static char *left_out_words(const char *origin, const struct header_list *left_out)
{
    struct buf words = {0};
    buf_text(&words, origin);
    for (size_t i = 0; i < left_out->n; i++)
        buf_printf(&words, "%s%s", i == 0 ? ": " : ", ", left_out->items[i].name);
    if (left_out->n > 0)
        return buf_take(&words);
    buf_finish(&words);
    return NULL;
}

static void merge_layers(struct context *c, struct request *r, const char *origin,
                         const struct header_list *own, struct header_list *h)
{
    const struct header_list none = {0};
    bool all = origin == NULL || gets_headers_of_all(c, origin);
    bool class = origin == NULL || gets_headers_of_class(c, origin);
    build_header_merge(h, all ? &c->headers : &none);
    build_header_merge(h, class ? &c->class_headers : &none);
    build_header_merge(h, own);
    build_header_merge(h, all ? &c->over : &none);
    if (all && class)
        return;
    struct header_list left_out = {0};
    leave_out(&left_out, &c->over, h);
    leave_out(&left_out, class ? &none : &c->class_headers, h);
    leave_out(&left_out, &c->headers, h);
    r->left_out = left_out_words(origin, &left_out);
    build_header_finish(&left_out);
}

/* The layers from the outside in; what the command line says lies over all. */
static void merge_headers(struct context *c, const struct node *n, struct request *r,
                          const char *origin, struct header_list *h, const char *content_type)
{
    struct header_list own = {0};
    language_headers(c, node_get(n, "headers"), &own);
    merge_layers(c, r, origin, &own, h);
    if (content_type != NULL && !build_header_has(h, "Content-Type"))
        build_header_set(h, "Content-Type", content_type);
    if (origin == NULL || gets_headers_of_all(c, origin))
        build_header_fill(h, &c->under);
    if (r->body.kind == CONTENT_PARTS) { /* the boundary is in it */
        if (build_header_has(&own, "Content-Type"))
            node_problem(c->d, find_header(node_get(n, "headers"), "Content-Type"),
                         "the Content-Type of multipart is set by the program itself.");
        build_header_drop(h, "Content-Type");
    }
    build_header_finish(&own);
    bool fit = headers_fit(c, n, h);
    for (size_t i = 0; fit && i < h->n; i++)
        add_header_field(c, n, r, &h->items[i]);
}

/* ------------------------------------------------------------ authentication */

void language_auth(struct context *c, const struct node *n, struct auth_source *out)
{
    static const char *const keys[] = {"basic", "bearer", NULL};
    const struct node *first, *second;
    bool on = true;
    if (n == NULL)
        return;
    if (n->kind != NODE_GROUP) {
        *out = (struct auth_source){0};
        if (n->kind != NODE_BOOL || (node_bool(c->d, n, &on) && on))
            node_problem(c->d, n,
                         "auth must be { basic = \"user:password\"; }, "
                         "{ bearer = \"token\"; } or false.");
        return;
    }
    node_only(c->d, n, "auth", keys);
    int found = language_one_of(n, keys, &first, &second);
    if (found == 0 && n->n == 0)
        node_problem(c->d, n,
                     "auth is empty; write { basic = \"user:password\"; } or "
                     "{ bearer = \"token\"; }, or false for none.");
    if (found > 1)
        node_problem(c->d, second, "auth is either basic or bearer, not both.");
    if (found != 1)
        return;
    struct auth_source a = {.kind = strcmp(first->name, "basic") == 0 ? AUTH_BASIC : AUTH_BEARER};
    const char *text;
    if (first->kind == NODE_GROUP) {
        a.secret = language_secret(c, first);
    } else if (node_text(c->d, first, &text)) {
        a.text = first;
        if (*text == '\0')
            node_problem(c->d, first, "%s is empty; write auth = false for none.", first->name);
        else if (a.kind == AUTH_BASIC && strpbrk(text, ":$") == NULL)
            node_problem(c->d, first,
                         "basic must be a name and a password, as in "
                         "\"user:${password}\".");
    }
    *out = a.text != NULL || a.secret != NULL ? a : (struct auth_source){0};
}

static void request_add_auth(struct context *c, const struct auth_source *a,
                             const struct node *request, struct request *r)
{
    struct err e;
    if (a->kind == AUTH_NONE)
        return;
    if (a->secret != NULL) {
        r->auth = (struct auth){a->kind, template_of_secret(a->secret)};
        return;
    }
    if (!spend(c, request, cost_of(a->text->string)))
        return;
    r->auth.kind = a->kind;
    r->auth.text = template_compile(
        a->text->string, a->kind == AUTH_BEARER ? ENCODE_HEADER : ENCODE_PLAIN, c->names, &e);
    if (r->auth.text == NULL && language_first_time(c, a->text))
        node_problem(c->d, a->text, "%s.", e.text);
}

/* -------------------------------------------------------------- request line */

/* The parts of a request line. */
struct address {
    char *url; /* absolute */
    char *name;
    char *origin; /* origin of url; NULL: there is no target */
};

/* A copy in which nothing between ${ and } is taken for a part of the URL. */
static char *without_places(const char *text)
{
    char *out = mem_strdup(text);
    for (char *at = strstr(out, "${"); at != NULL; at = strstr(at, "${"))
        for (at += 2; *at != '\0' && *at != '}'; at++)
            if (strchr(" ?#/:@\\", *at) != NULL)
                *at = '_';
    return out;
}

static void set_path(const struct context *c, const char *text, const char *plain,
                     struct address *a)
{
    a->url = mem_printf("%s%.*s", c->here.base != NULL ? c->here.base : "",
                        (int)strcspn(plain, "#"), text);
    a->origin = c->here.origin != NULL ? mem_strdup(c->here.origin) : NULL;
    char *path = mem_strndup(text, strcspn(plain, "?#"));
    a->name = build_name(path);
    free(path);
}

/* The host is taken apart by url_parse; what stands behind it may hold ${...}. */
static bool set_absolute(const struct context *c, const struct node *n, const char *text,
                         const char *plain, struct address *a)
{
    struct err e;
    struct url u;
    size_t host = (size_t)(strstr(plain, "://") + 3 - plain);
    host += strcspn(plain + host, "/?#");
    char *front = mem_strndup(text, host);
    bool ok = url_parse(&u, front, &e);
    const char *rest = text + host, *plain_rest = plain + host;
    const char *slash = *rest == '/' ? "" : "/";
    char *path = mem_printf("%s%s", slash, plain_rest);
    ok = ok && url_path_ok(path, &e);
    if (ok && u.userinfo != NULL)
        ok = err_set(&e, "a user name in a request's URL is not used; give the request auth");
    if (!ok) {
        node_problem(c->d, n, "%s.", e.text);
    } else {
        a->url = mem_printf("%s%s%.*s", u.origin, slash, (int)strcspn(plain_rest, "#"), rest);
        a->origin = mem_strdup(u.origin);
        char *name = mem_printf("%s%s%.*s", strstr(u.origin, "://") + 3, slash,
                                (int)strcspn(plain_rest, "?#"), rest);
        a->name = build_name(name);
        free(name);
    }
    free(path);
    free(front);
    url_finish(&u);
    return ok;
}

/* How long a variable is that begins here and is written as other programs do: {id}, {{id}},
 * $id, :id.  0: none does.  *name, of *name_len bytes: its name in there. */
static size_t foreign_place(const char *url, const char *at, const char **name, size_t *name_len)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    size_t braces = strspn(at, "{"), opening = braces > 0 ? braces : 1;
    bool segment = *at == ':' && at > url && at[-1] == '/';
    if (braces == 0 && *at != '$' && !segment)
        return 0;
    *name = at + opening;
    *name_len = strspn(*name, letters) > 0 ? strcspn(*name, "}/?&=.:;,#$") : 0;
    if (*name_len == 0 || strspn(*name + *name_len, "}") < braces)
        return 0;
    return opening + *name_len + braces;
}

/* A variable of another tool's form would be sent as it stands, and every reply would be a 404.
 * Braces in a path are wrong in any URL; all else may be meant, unless there is a variable of that
 * name. */
static bool foreign_places_ok(const struct context *c, const struct node *n, const char *url)
{
    const char *query = url + strcspn(url, "?#"), *name;
    size_t name_len, len = 0;
    bool known = false;
    for (const char *at = url; *at != '\0'; at += len > 0 ? len : 1) {
        len = at[0] == '$' && at[1] == '{' ? strcspn(at, "}") : 0;
        if (len > 0 || (len = foreign_place(url, at, &name, &name_len)) == 0)
            continue;
        char *word = mem_strndup(name, name_len);
        known = names_find(c->names, word).kind != NAME_NONE;
        bool wrong = known || (*at == '{' && at < query);
        if (wrong)
            node_problem(
                c->d, n, "\"%.*s\" is sent as it stands; a variable is written ${%.64s}%s.",
                (int)len, at, word, known ? "" : ", and braces that are meant %7B and %7D");
        free(word);
        if (wrong)
            return false;
    }
    return true;
}

/* The URL to send to and the name to count under, from a path or an absolute URL. */
static bool set_address(struct context *c, const struct node *n, struct request *r,
                        const char *text, char **origin)
{
    struct err e;
    struct address a = {0};
    char *plain = without_places(text);
    bool ok;
    if (url_has_scheme(plain)) {
        ok = set_absolute(c, n, text, plain, &a);
    } else {
        ok = url_path_ok(plain, &e);
        if (ok)
            set_path(c, text, plain, &a);
        else
            node_problem(c->d, n, "%s.", e.text);
    }
    free(plain);
    r->name = a.name;
    *origin = a.origin;
    if (a.origin != NULL)
        origin_init(&r->origin, a.origin);
    if (ok && spend(c, n, cost_of(a.url))) {
        c->p->tls = c->p->tls || r->origin.tls;
        r->url = template_compile(a.url, ENCODE_URL, c->names, &e);
        if (r->url == NULL)
            node_problem(c->d, n, "%s.", e.text);
    }
    free(a.url);
    return ok;
}

/* request = "GET /path" */
static bool read_line(struct context *c, const struct node *n, struct request *r, char **origin)
{
    const char *text;
    struct err e;
    if (!node_text(c->d, n, &text))
        return false;
    const char *blank = strchr(text, ' ');
    if (blank == NULL || blank == text || blank[1] == '\0') {
        char *shown = url_shown(text);
        node_problem(c->d, n,
                     "request must be a method and a path, as in \"GET /index.html\", "
                     "not \"%.100s\".",
                     shown);
        free(shown);
        return false;
    }
    r->method = mem_strndup(text, (size_t)(blank - text));
    bool ok = build_method_ok(r->method, &e);
    if (!ok)
        node_problem(c->d, n, "%s.", e.text);
    ok = foreign_places_ok(c, n, blank + 1) && ok;
    return set_address(c, n, r, blank + 1, origin) && ok;
}

/* ------------------------------------------------------------------ settings */

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

void language_common(struct context *c, const struct node *group, struct common *common)
{
    const struct node *max = node_get(group, "max_redirects");
    int64_t redirects;
    language_auth(c, node_get(group, "auth"), &common->auth);
    language_switch(c->d, group, "gzip", &common->gzip);
    language_switch(c->d, group, "follow", &common->follow);
    language_timeout(c->d, node_get(group, "timeout"), &common->timeout_ns);
    if (max == NULL || !node_whole(c->d, max, 1, 50, &redirects))
        return;
    common->max_redirects = (unsigned)redirects;
    if (!common->follow)
        node_problem(c->d, max, "max_redirects needs follow = true;.");
}

static void read_settings(struct context *c, const struct node *group, struct request *r,
                          struct common *common)
{
    language_common(c, group, common);
    r->timeout_ns = c->o->timeout_ns != 0 ? c->o->timeout_ns : common->timeout_ns;
    r->body_cap = PROFILE_DEFAULT_BODY_CAP;
    r->max_redirects = common->follow ? common->max_redirects : 0;
    r->gzip = common->gzip;
    language_fields(c, node_get(group, "query"), ENCODE_QUERY, "query value", &r->query);
    language_fields(c, node_get(group, "cookies"), ENCODE_HEADER, "cookie", &r->cookies);
    language_reply(c, group, r);
}

static void read_request_name(struct context *c, const struct node *group, struct request *r)
{
    char *name = language_name(c->d, node_get(group, "name"));
    if (name == NULL)
        return;
    free(r->name);
    r->name = name;
}

/* The method as it is sent, where the request's line says it as people do. */
static void read_method(const struct context *c, const struct node *n, struct request *r)
{
    const char *text;
    struct err e;
    if (n == NULL || !node_text(c->d, n, &text))
        return;
    if (!build_method_exact_ok(text, &e)) {
        node_problem(c->d, n, "%s.", e.text);
        return;
    }
    free(r->method);
    r->method = mem_strdup(text);
}

struct request *language_request(struct context *c, const struct node *group, bool named)
{
    struct header_list h = {0};
    struct common common = c->here;
    struct err e;
    char *origin = NULL;
    struct request *r = build_request(c->p, &e);
    if (r == NULL) {
        if (language_first_time(c, NULL)) /* a single sentence, not one for each further request */
            node_problem(c->d, group, "%s.", e.text);
        return NULL;
    }
    bool ok = read_line(c, node_get(group, "request"), r, &origin);
    language_permit_request(c, group, origin);
    const char *content_type = language_body(c, group, r);
    read_settings(c, group, r, &common);
    if (named)
        read_request_name(c, group, r);
    merge_headers(c, group, r, origin, &h, content_type);
    if (!build_header_has(&h, "Authorization") &&
        (gets_auth(c, origin) || node_get(group, "auth") != NULL))
        request_add_auth(c, &common.auth, group, r);
    free(origin);
    build_header_finish(&h);
    build_request_secrets(&c->p->secrets, r);
    if (ok && !build_endpoint(c->p, c->endpoints, r->method, r->name, &r->endpoint, &e))
        node_problem(c->d, group, "%s.", e.text);
    read_method(c, node_get(group, "method"), r);
    return r;
}
