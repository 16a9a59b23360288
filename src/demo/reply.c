/* SPDX-License-Identifier: MIT */
/* The replies of a described service. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/demo/handler_parts.h"
#include "src/script/encode.h"
#include "src/script/jsonpath.h"

#define LIST_LIMIT 20
#define LIST_LIMIT_MAX 1000
#define PAD_LINE 80

static const char json_type[] = "application/json";

/* ------------------------------------------------------------------------- errors */

static void answer_error(struct answer *a, unsigned status, const char *words)
{
    a->status = status;
    a->type = json_type;
    buf_clear(&a->body);
    buf_printf(&a->body, "{\"error\":\"%s\"}\n", words);
}

static void answer_header(struct answer *a, const char *name, const char *value)
{
    buf_add(&a->head, name, strlen(name) + 1);
    buf_add(&a->head, value, strlen(value) + 1);
}

static void header_number(struct answer *a, const char *name, uint64_t n)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, n);
    answer_header(a, name, text);
}

static void header_retry_after(struct answer *a, uint64_t t_ns, uint64_t until_ns)
{
    header_number(a, "Retry-After", limit_seconds(t_ns, until_ns));
}

static void header_limits(const struct request *q, uint64_t t_ns, struct answer *a)
{
    if (q->limit == NULL)
        return;
    header_number(a, "X-RateLimit-Limit", q->limit->requests);
    header_number(a, "X-RateLimit-Remaining", q->left.remaining);
    header_number(a, "X-RateLimit-Reset", limit_seconds(t_ns, q->left.ends_ns));
}

static void answer_wrong_method(const struct handler *h, const struct request *q, struct answer *a)
{
    struct buf allow = {0};
    for (size_t i = 0; i < h->d->n_routes; i++) {
        const struct route_spec *r = &h->d->routes[i];
        if (path_params_match(&r->path, &q->split))
            buf_printf(&allow, "%s%s%s", allow.len > 0 ? ", " : "", r->method,
                       strcmp(r->method, "GET") == 0 ? ", HEAD" : "");
    }
    answer_error(a, 405, "wrong method");
    answer_header(a, "Allow", allow.data);
    buf_finish(&allow);
}

struct refusal {
    unsigned status; /* 0: the pool's, or the route's */
    const char *words, *header, *value;
};

static const struct refusal refusals[VERDICTS] = {
    [VERDICT_NO_ROUTE] = {404, "not found", NULL, NULL},
    [VERDICT_UNAUTHORIZED] = {401, "log in first", "WWW-Authenticate", "Bearer"},
    [VERDICT_FORBIDDEN] = {403, "not for this role", NULL, NULL},
    [VERDICT_CSRF] = {403, "the CSRF token is missing or wrong", NULL, NULL},
    [VERDICT_TOO_LARGE] = {413, "too large", NULL, NULL},
    [VERDICT_TOO_SMALL] = {400, "too small", NULL, NULL},
    [VERDICT_FULL] = {0, "queue full", "Retry-After", "1"},
    [VERDICT_NO_DATABASE] = {503, "no database", "Retry-After", "1"},
    [VERDICT_STATEMENT] = {500, "statement failed", NULL, NULL},
    [VERDICT_FAILS] = {0, "bad luck", NULL, NULL},
};

static void write_refusal(const struct refusal *r, unsigned status, struct answer *a)
{
    answer_error(a, status, r->words);
    if (r->header != NULL)
        answer_header(a, r->header, r->value);
}

/* A target that is overloaded must not be slower at saying so: these replies are prepared. */
static void answer_prepared_refusal(struct handler *h, struct request *q, struct answer *a)
{
    const struct refusal *r = &refusals[q->verdict];
    struct page *p = &h->refusals[q->verdict];
    unsigned status = r->status != 0               ? r->status
                      : q->verdict == VERDICT_FULL ? q->full->status
                                                   : q->route->spec->fail_status;
    if (p->status == 0) {
        struct answer made = {0};
        write_refusal(r, status, &made);
        *p = (struct page){
            .status = status, .type = made.type, .head = made.head, .body = made.body};
    }
    if (p->status == status && a->head.len == 0)
        a->page = p;
    else
        write_refusal(r, status, a);
}

static void answer_refusal(struct handler *h, struct request *q, uint64_t t_ns, struct answer *a)
{
    if (q->verdict == VERDICT_WRONG_METHOD) {
        answer_wrong_method(h, q, a);
    } else if (q->verdict == VERDICT_LIMITED) {
        answer_error(a, q->limit->status, "too many requests");
        header_retry_after(a, t_ns, q->left.ends_ns);
    } else {
        answer_prepared_refusal(h, q, a);
    }
}

/* ------------------------------------------------------------------------- bodies */

/* Blanks behind a JSON text, lines of dots behind any other. */
static void pad_body(struct buf *body, const char *type, uint64_t bytes)
{
    char line[PAD_LINE];
    memset(line, type == json_type ? ' ' : '.', sizeof line);
    line[PAD_LINE - 1] = '\n';
    if (body->len < bytes)
        buf_reserve(body, bytes - body->len);
    while (body->len < bytes) {
        size_t left = bytes - body->len;
        buf_add(body, line, left < PAD_LINE ? left : PAD_LINE);
    }
}

static uint64_t padded_bytes(struct handler *h, const struct route_spec *r)
{
    uint64_t more = r->high_bytes - r->low_bytes;
    return r->low_bytes + (more > 0 ? rng_below(&h->rng, more + 1) : 0);
}

static void pack_body(struct handler *h, struct answer *a)
{
    z_stream *z = &h->packer;
    struct buf out = h->packed;
    deflateReset(z);
    buf_clear(&out);
    buf_reserve(&out, deflateBound(z, a->body.len));
    z->next_in = (Bytef *)a->body.data;
    z->avail_in = (uInt)a->body.len;
    z->next_out = (Bytef *)out.data;
    z->avail_out = (uInt)out.room;
    deflate(z, Z_FINISH);
    out.len = z->total_out;
    h->packed = a->body;
    a->body = out;
    answer_header(a, "Content-Encoding", "gzip");
}

static const char *route_type(const struct route_spec *r)
{
    return r->own_type != NULL ? r->own_type : r->type != NULL ? r->type : json_type;
}

/* ------------------------------------------------------------------------- actions */

struct action {
    struct handler *h;
    struct request *q;
    const struct route_spec *r;
    struct answer *a;
    struct request_context context;
    uint64_t t_ns;
    struct collection *c;
};

static struct collection *live_collection(struct handler *h, const struct collection_spec *spec)
{
    return spec != NULL ? &h->collections[spec - h->d->collections] : NULL;
}

/* Finds the id of the item that a request means. */
static bool item_id(struct action *d)
{
    struct buf *id = &d->h->id;
    buf_clear(id);
    if (d->r->id != NULL) {
        if (!reply_template_render(d->r->id, d->h->d->words, &d->context, &d->h->scope, id))
            return false;
    } else {
        int param = path_params_find(&d->r->path, NULL, 0);
        const struct span *s = &d->q->split.segments[param];
        encode_undo_percent(id, s->at, s->len, false);
    }
    return id->len > 0 && id->len <= STORE_ID_BYTES;
}

static void answer_item(struct action *d, const struct item *i, unsigned status)
{
    struct handler *h = d->h;
    buf_clear(&h->item);
    store_write(d->c, i, d->t_ns, &h->item);
    buf_clear(&h->id);
    buf_add(&h->id, i->entry.key, i->entry.len);
    d->context.item = (struct span){h->item.data, h->item.len};
    d->context.id = (struct span){h->id.data, h->id.len};
    d->a->status = status;
    buf_add(&d->a->body, h->item.data, h->item.len);
}

/* Merges the posted members into an item, then those that the description sets. */
static bool merge_body(struct action *d, struct item *i)
{
    struct buf *set = &d->h->packed;
    buf_clear(set);
    if (d->r->set != NULL)
        reply_template_render(d->r->set, d->h->d->words, &d->context, &d->h->scope, set);
    bool ok = d->q->body.len == 0 || store_merge(d->c, i, d->q->body.data, d->q->body.len);
    if (ok && (set->len == 0 || store_merge(d->c, i, set->data, set->len)))
        return true;
    answer_error(d->a, 400,
                 "the body must be a JSON object of at most 16384 bytes and 256 members");
    return false;
}

static bool start_item_job(struct action *d, struct item *i)
{
    const struct collection_spec *spec = d->r->collection;
    uint64_t service_ns = (uint64_t)(draw_ns(&spec->job.time, &d->h->rng) + 0.5);
    struct model_slot slot = {.service_ns = service_ns, .done_ns = d->t_ns + service_ns};
    if (spec->job.pool != NULL &&
        !model_arrive(&d->h->pools[spec->job.pool - d->h->d->pools], d->t_ns, service_ns, &slot)) {
        answer_error(d->a, spec->job.pool->status, "too many jobs");
        answer_header(d->a, "Retry-After", "1");
        return false;
    }
    i->runs_ns = d->t_ns + slot.wait_ns;
    i->done_ns = slot.done_ns;
    return true;
}

static void set_default_members(struct action *d, struct item *i)
{
    struct buf *text = &d->h->item;
    const struct collection_spec *spec = d->r->collection;
    buf_clear(text);
    if (spec->item != NULL &&
        reply_template_render(spec->item, d->h->d->words, &d->context, &d->h->scope, text))
        store_merge(d->c, i, text->data, text->len);
}

static bool create_item(struct action *d)
{
    bool named = d->c->ids == ID_TEXT;
    if (named && !item_id(d)) {
        answer_error(d->a, 400, "no usable id");
        return false;
    }
    struct item *i = store_create(d->c, named ? d->h->id.data : NULL, d->h->id.len);
    set_default_members(d, i);
    if (!merge_body(d, i) || (d->r->collection->jobs && !start_item_job(d, i))) {
        store_delete(d->c, i);
        return false;
    }
    answer_item(d, i, 201);
    return true;
}

static size_t query_number(const struct action *d, const char *name, size_t otherwise, size_t max)
{
    struct span v;
    if (!routes_query(d->q->target.data, name, strlen(name), &v) || v.len == 0)
        return otherwise;
    unsigned long long n = strtoull(v.at, NULL, 10);
    return n > max ? max : (size_t)n;
}

static bool list_items(struct action *d)
{
    size_t limit = query_number(d, "limit", LIST_LIMIT, LIST_LIMIT_MAX);
    size_t page = query_number(d, "page", 1, 1000000);
    size_t skip = query_number(d, "offset", page > 1 ? (page - 1) * limit : 0, 1000000);
    struct buf *items = &d->h->item;
    buf_clear(items);
    store_list(d->c, skip, limit, d->t_ns, items);
    d->context.items = (struct span){items->data, items->len};
    d->context.total = d->c->items.n;
    buf_printf(&d->a->body, "{\"items\": %s, \"total\": %zu}", items->data, d->c->items.n);
    return true;
}

static bool save_item(struct action *d)
{
    struct table_entry *e = table_find(&d->c->items, d->h->id.data, d->h->id.len);
    bool is_new = e == NULL;
    struct item *i = is_new ? store_create(d->c, d->h->id.data, d->h->id.len) : (struct item *)e;
    if (is_new)
        set_default_members(d, i);
    if (!merge_body(d, i)) {
        if (is_new)
            store_delete(d->c, i);
        return false;
    }
    answer_item(d, i, 200);
    return true;
}

static bool answer_missing_item(struct action *d)
{
    if (d->r->fallback != NULL) {
        buf_clear(&d->a->body);
        return reply_template_render(d->r->fallback, d->h->d->words, &d->context, &d->h->scope,
                                     &d->a->body);
    }
    answer_error(d->a, 404, "no such item");
    return false;
}

/* GET, PATCH, REPLACE, SAVE and DELETE: those that mean one item. */
static bool run_item_action(struct action *d)
{
    if (!item_id(d)) {
        answer_error(d->a, 404, "no such item");
        return false;
    }
    if (d->r->action == ACT_SAVE)
        return save_item(d);
    struct item *i = store_find(d->c, d->h->id.data, d->h->id.len,
                                d->r->action == ACT_GET ? STORE_READ : STORE_WRITE);
    if (i == NULL)
        return answer_missing_item(d);
    if (d->r->action == ACT_DELETE) {
        store_delete(d->c, i);
        d->a->status = 204;
        return true;
    }
    if (d->r->action == ACT_REPLACE) {
        /* A body that is refused must not have emptied the item. */
        struct item fresh = {.members = mem_strdup("")};
        bool ok = merge_body(d, &fresh);
        if (ok) {
            char *old = i->members;
            i->members = fresh.members;
            fresh.members = old;
        }
        free(fresh.members);
        if (!ok)
            return false;
    }
    if (d->r->action == ACT_PATCH && !merge_body(d, i))
        return false;
    answer_item(d, i, 200);
    return true;
}

/* A text of the request's body; "" when it is not there. */
static char *body_text(const struct action *d, const char *name)
{
    struct buf out = {0};
    char *path = mem_printf("$[\"%s\"]", name);
    const char *value;
    size_t len;
    struct err e;
    struct jsonpath *p = jsonpath_compile(path, &e);
    if (p != NULL && d->q->body.len > 0 &&
        jsonpath_first(p, d->q->body.data, d->q->body.len, &value, &len))
        jsonpath_text(value, len, &out);
    jsonpath_free(p);
    free(path);
    return buf_take(&out);
}

static void answer_token(struct action *d, const struct token *t)
{
    struct request *q = d->q;
    const char *cookie = d->h->d->accounts.cookie;
    struct answer *a = d->a;
    buf_clear(&q->token);
    buf_add(&q->token, t->entry.key, t->entry.len);
    buf_clear(&q->csrf);
    buf_text(&q->csrf, t->csrf);
    buf_clear(&q->account);
    buf_text(&q->account, t->name);
    q->role = t->role;
    if (cookie != NULL) {
        char value[256];
        snprintf(value, sizeof value, "%s=%s; Path=/; HttpOnly", cookie, q->token.data);
        answer_header(a, "Set-Cookie", value);
    }
    buf_printf(&a->body, "{\"token\": \"%s\", \"user\": \"", q->token.data);
    encode_json(&a->body, q->account.data, q->account.len);
    buf_text(&a->body, "\", \"role\": \"");
    encode_json(&a->body, q->role, strlen(q->role));
    buf_text(&a->body, "\"}");
}

static bool login_user(struct action *d)
{
    const struct accounts_spec *spec = &d->h->d->accounts;
    char *name = body_text(d, spec->name_field), *password = body_text(d, spec->password_field);
    const struct token *t = NULL;
    uint64_t until_ns = 0;
    enum login how =
        accounts_login(&d->h->accounts, name, password, d->q->address, d->t_ns, &t, &until_ns);
    free(name);
    free(password);
    if (how == LOGIN_PASSED) {
        answer_token(d, t);
        return true;
    }
    if (how == LOGIN_LOCKED) {
        answer_error(d->a, 429, "too many failed logins");
        header_retry_after(d->a, d->t_ns, until_ns);
    } else {
        answer_error(d->a, 401, "wrong name or password");
    }
    return false;
}

static bool run_action(struct action *d)
{
    switch (d->r->action) {
    case ACT_LOGIN:
        return login_user(d);
    case ACT_LOGOUT:
        accounts_logout(&d->h->accounts, d->q->token.data != NULL ? d->q->token.data : "",
                        d->q->token.len);
        break;
    case ACT_CREATE:
        return create_item(d);
    case ACT_LIST:
        return list_items(d);
    case ACT_GET:
    case ACT_PATCH:
    case ACT_REPLACE:
    case ACT_SAVE:
    case ACT_DELETE:
        return run_item_action(d);
    case ACT_REPLY:
    case ACTIONS:
        break;
    }
    buf_text(&d->a->body, "{\"status\": \"ok\"}");
    return true;
}

static bool named_item_exists(struct action *d)
{
    const struct path *p = &d->q->split;
    if (d->r->exists == NULL)
        return true;
    size_t i = 0;
    while (!d->r->path.is_param[i])
        i++;
    struct buf *id = &d->h->id;
    buf_clear(id);
    encode_undo_percent(id, p->segments[i].at, p->segments[i].len, false);
    if (store_find(live_collection(d->h, d->r->exists), id->data, id->len, STORE_READ) != NULL)
        return true;
    answer_error(d->a, 404, "no such item");
    return false;
}

/* -------------------------------------------------------------------- the whole reply */

static struct span buf_span(const struct buf *b)
{
    return (struct span){b->len > 0 ? b->data : NULL, b->len};
}

static void fill_context(struct action *d)
{
    d->context.account = buf_span(&d->q->account);
    d->context.token = buf_span(&d->q->token);
    d->context.csrf = buf_span(&d->q->csrf);
    if (d->q->role != NULL)
        d->context.role = (struct span){d->q->role, strlen(d->q->role)};
}

/* The description's own words over what the action said. */
static void apply_overrides(struct action *d)
{
    const struct route_spec *r = d->r;
    struct handler *h = d->h;
    struct answer *a = d->a;
    fill_context(d);
    if (r->status != 0)
        a->status = r->status;
    a->type = route_type(r);
    if (r->body != NULL) {
        buf_clear(&a->body);
        reply_template_render(r->body, h->d->words, &d->context, &h->scope, &a->body);
    }
    for (size_t i = 0; i < r->n_headers; i++) {
        struct buf *value = &h->packed;
        buf_clear(value);
        if (reply_template_render(r->headers[i].value, h->d->words, &d->context, &h->scope, value))
            answer_header(a, r->headers[i].name, value->len > 0 ? value->data : "");
    }
    if (a->status == 204 || a->status == 304) {
        buf_clear(&a->body);
        a->type = NULL;
        return;
    }
    pad_body(&a->body, a->type, padded_bytes(h, r));
    if (r->gzip)
        answer_header(a, "Vary", "Accept-Encoding");
    if (r->gzip && d->q->gzip && a->body.len > 0)
        pack_body(h, a);
}

static void answer_built_in(struct handler *h, enum built_in what, uint64_t t_ns, struct answer *a)
{
    a->type = what == BUILT_STATS ? json_type : "text/plain; charset=utf-8";
    if (what == BUILT_STATS)
        stats_json(h, t_ns, &a->body);
    else if (what == BUILT_ABOUT)
        stats_about(h, &a->body);
    else {
        a->type = "text/plain; version=0.0.4; charset=utf-8";
        stats_metrics(h, t_ns, &a->body);
    }
}

void handler_answer(struct handler *h, struct request *q, uint64_t t_ns)
{
    struct answer *a = &q->answer;
    if (q->built_in != BUILT_NONE) {
        answer_built_in(h, q->built_in, t_ns, a);
        return;
    }
    header_limits(q, t_ns, a);
    if (q->verdict != VERDICT_FINE) {
        answer_refusal(h, q, t_ns, a);
        return;
    }
    if (q->route->fixed) {
        a->page = &q->route->pages[q->gzip && q->route->spec->gzip];
        return;
    }
    struct action d = {.h = h,
                       .q = q,
                       .r = q->route->spec,
                       .a = a,
                       .t_ns = t_ns,
                       .c = live_collection(h, q->route->spec->collection),
                       .context = {.route = &q->route->spec->path,
                                   .path = &q->split,
                                   .target = q->target.data,
                                   .body = buf_span(&q->body),
                                   .bytes = handler_uploaded(q)}};
    fill_context(&d);
    if (!named_item_exists(&d) || !run_action(&d))
        return;
    if (d.r->upload) {
        q->route->uploads++;
        q->route->upload_bytes += d.context.bytes;
    }
    apply_overrides(&d);
}

void reply_prepare(struct handler *h, struct live_route *live_route)
{
    const struct route_spec *r = live_route->spec;
    live_route->fixed = r->action == ACT_REPLY && r->exists == NULL && r->n_limits == 0 &&
                        !r->upload && r->n_headers == 0 && r->low_bytes == r->high_bytes &&
                        (r->body == NULL || reply_template_is_fixed(r->body));
    for (int packed = 0; live_route->fixed && packed < 2; packed++) {
        struct request q = {.gzip = packed != 0};
        struct answer a = {.status = 200};
        struct action d = {.h = h, .q = &q, .r = r, .a = &a};
        run_action(&d);
        apply_overrides(&d);
        live_route->pages[packed] =
            (struct page){.status = a.status, .type = a.type, .head = a.head, .body = a.body};
    }
}
