/* SPDX-License-Identifier: MIT */
#include "src/demo/handler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/mem.h"
#include "src/demo/handler_parts.h"
#include "src/demo/http.h"
#include "src/script/encode.h"

/* ------------------------------------------------------------------------- requests */

void request_reset(struct request *q)
{
    const size_t kept = offsetof(struct request, begun);
    memset((char *)q + kept, 0, sizeof *q - kept);
    q->answer.page = NULL;
    q->answer.type = NULL;
    q->answer.status = 200;
    buf_clear(&q->target);
    buf_clear(&q->answer.head);
    buf_clear(&q->answer.body);
    buf_clear(&q->account);
    buf_clear(&q->token);
    buf_clear(&q->csrf);
    buf_clear(&q->body);
}

void request_finish(struct request *q)
{
    struct buf *all[] = {&q->target, &q->answer.head, &q->answer.body, &q->account,
                         &q->token,  &q->csrf,        &q->body};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buf_finish(all[i]);
}

/* -------------------------------------------------------------------------- finding */

/* The status when nothing went wrong; an action may have a better one. */
static unsigned route_status(const struct route_spec *r)
{
    return r->status != 0 ? r->status : 200;
}

static bool route_takes(const struct route_spec *r, const char *method)
{
    return strcmp(r->method, method) == 0 ||
           (strcmp(method, "HEAD") == 0 && strcmp(r->method, "GET") == 0);
}

static enum built_in built_in(const char *path)
{
    if (strcmp(path, "/stats") == 0)
        return BUILT_STATS;
    if (strcmp(path, "/metrics") == 0)
        return BUILT_METRICS;
    return strcmp(path, "/about") == 0 ? BUILT_ABOUT : BUILT_NONE;
}

/* The first route that matches counts; a path that only other methods have is known. */
static void find_route(struct handler *h, struct request *q)
{
    q->route = q->counted = &h->routes[h->d->n_routes];
    q->verdict = VERDICT_NO_ROUTE;
    if (!path_split(&q->split, q->target.data))
        return;
    for (size_t i = 0; i < h->d->n_routes; i++) {
        struct live_route *r = &h->routes[i];
        if (!path_params_match(&r->spec->path, &q->split))
            continue;
        /* The plain target counts by path, whatever the method. */
        if (h->d->plain && q->verdict == VERDICT_NO_ROUTE)
            q->counted = r;
        q->verdict = VERDICT_WRONG_METHOD;
        if (!route_takes(r->spec, q->method))
            continue;
        q->route = r;
        if (!h->d->plain)
            q->counted = r;
        q->verdict = VERDICT_FINE;
        return;
    }
    if (q->verdict == VERDICT_NO_ROUTE)
        q->built_in = built_in(q->path);
}

/* ------------------------------------------------------------------------- who asks */

static void set_token(struct request *q, const struct token *t)
{
    buf_clear(&q->token);
    buf_add(&q->token, t->entry.key, t->entry.len);
    buf_clear(&q->csrf);
    buf_text(&q->csrf, t->csrf);
}

static void set_identity(struct request *q, const char *name, const char *role)
{
    q->known = true;
    q->role = role;
    buf_clear(&q->account);
    buf_text(&q->account, name);
}

static void try_basic_login(struct handler *h, struct request *q, const char *coded)
{
    struct buf pair = {0};
    encode_undo_base64(&pair, coded, strlen(coded));
    char *colon = pair.data != NULL ? strchr(pair.data, ':') : NULL;
    if (colon != NULL) {
        *colon = '\0';
        const char *role = accounts_role(&h->accounts, pair.data, colon + 1);
        if (role != NULL)
            set_identity(q, pair.data, role);
    }
    buf_finish(&pair);
}

static void try_token(struct handler *h, struct request *q, const char *text, size_t len,
                      uint64_t t_ns)
{
    const struct token *t = accounts_find(&h->accounts, text, len, t_ns);
    if (t == NULL)
        return;
    set_token(q, t);
    set_identity(q, t->name, t->role);
}

/* The value of a cookie; NULL if it is not there. */
static const char *find_cookie(const char *all, const char *name, size_t *len)
{
    size_t n = strlen(name);
    while (all != NULL && *all != '\0') {
        all += strspn(all, "; ");
        size_t end = strcspn(all, ";");
        if (end > n && strncmp(all, name, n) == 0 && all[n] == '=') {
            *len = end - n - 1;
            return all + n + 1;
        }
        all += end;
    }
    return NULL;
}

static void identify_user(struct handler *h, struct request *q, const struct head *head,
                          uint64_t t_ns)
{
    const char *cookie = h->d->accounts.cookie, *value;
    size_t len;
    if (!h->d->has_accounts)
        return;
    if (head->authorization != NULL && strncasecmp(head->authorization, "Bearer ", 7) == 0)
        try_token(h, q, head->authorization + 7, strlen(head->authorization + 7), t_ns);
    else if (head->authorization != NULL && strncasecmp(head->authorization, "Basic ", 6) == 0)
        try_basic_login(h, q, head->authorization + 6);
    else if (cookie != NULL && (value = find_cookie(head->cookie, cookie, &len)) != NULL)
        try_token(h, q, value, len, t_ns);
    q->csrf_sent = head->extra != NULL && q->csrf.len > 0 && strcmp(head->extra, q->csrf.data) == 0;
}

/* ----------------------------------------------------------------------------- head */

/* True unless it is refused by q=0. */
static bool accepts_gzip(const char *accept)
{
    const char *at = accept != NULL ? strcasestr(accept, "gzip") : NULL;
    if (at == NULL)
        return false;
    at += 4;
    at += strspn(at, " ");
    return strncmp(at, ";q=0", 4) != 0 || at[4 + strspn(at + 4, ".0")] > '0';
}

void handler_begin(struct handler *h, struct request *q, const struct head *head)
{
    q->address = head->address;
    q->gzip = accepts_gzip(head->accept_encoding);
    find_route(h, q);
    q->route->asked++;
    if (q->verdict != VERDICT_FINE)
        return;
    identify_user(h, q, head, q->received_ns);
    q->form = !q->route->spec->raw;
}

/* ----------------------------------------------------------------------------- body */

static void keep_body(struct request *q, const char *data, size_t len)
{
    if (q->body.len + len > HANDLER_BODY_BYTES)
        q->too_long = true;
    else if (len > 0)
        buf_add(&q->body, data, len);
}

void handler_piece(struct request *q, const char *data, size_t len)
{
    q->raw_bytes += len;
    if (!q->form && q->route->spec != NULL && !q->route->spec->upload)
        keep_body(q, data, len);
}

/* A form becomes a JSON object of texts, so that all that looks into bodies knows one kind. */
void handler_field(struct request *q, const struct field *f)
{
    if (f->file != NULL) {
        q->has_file = true;
        q->file_bytes += f->len;
        return;
    }
    if (q->body.len + 6 * f->len + 64 > HANDLER_BODY_BYTES) {
        q->too_long = true;
        return;
    }
    if (f->at == 0) {
        buf_text(&q->body, q->in_field ? "\", \"" : "{\"");
        encode_json(&q->body, f->name, strnlen(f->name, 100));
        buf_text(&q->body, "\": \"");
        q->in_field = true;
    }
    if (q->in_field)
        encode_json(&q->body, f->data, f->len);
}

static void close_form_body(struct request *q)
{
    if (q->in_field)
        buf_text(&q->body, "\"}");
    q->in_field = false;
}

uint64_t handler_uploaded(const struct request *q)
{
    return q->has_file ? q->file_bytes : q->raw_bytes;
}

/* ------------------------------------------------------------------------- deciding */

static bool limit_admits(struct handler *h, struct request *q, const struct limit_spec *spec,
                         uint64_t t_ns)
{
    struct limit *l = &h->limits[spec - h->d->limits];
    struct limit_state left;
    char from[16] = "";
    const char *key = from;
    size_t len = 0;
    if (spec->per == PER_ADDRESS || (spec->per == PER_USER && !q->known))
        len = (size_t)snprintf(from, sizeof from, "@%08x", q->address);
    else if (spec->per == PER_USER) {
        key = q->account.data;
        len = q->account.len;
    }
    bool ok = limit_take(l, key, len, t_ns, &left);
    if (!ok || q->limit == NULL || left.remaining < q->left.remaining) {
        q->limit = spec;
        q->left = left;
    }
    return ok;
}

static bool has_role(const struct route_spec *r, const char *role)
{
    for (size_t i = 0; i < r->n_roles; i++) {
        if (strcmp(r->roles[i], role) == 0)
            return true;
    }
    return r->n_roles == 0;
}

static enum verdict check_upload(struct request *q)
{
    const struct route_spec *r = q->route->spec;
    if (!r->upload)
        return q->too_long ? VERDICT_TOO_LARGE : VERDICT_FINE;
    uint64_t bytes = handler_uploaded(q);
    if (bytes > r->max_bytes || bytes < r->min_bytes) {
        bool large = bytes > r->max_bytes;
        (*(large ? &q->route->too_large : &q->route->too_small))++;
        return large ? VERDICT_TOO_LARGE : VERDICT_TOO_SMALL;
    }
    return VERDICT_FINE;
}

static bool route_fails_now(struct handler *h, const struct request *q)
{
    const struct route_spec *r = q->route->spec;
    if (r->fail_random)
        return rng_below(&h->rng, r->fail_every) == 0;
    return r->fail_every > 0 && q->route->asked % r->fail_every == 0;
}

/* Checks all that can be known before the service time begins. */
static enum verdict check_request(struct handler *h, struct request *q, uint64_t t_ns)
{
    const struct route_spec *r = q->route->spec;
    for (size_t i = 0; i < r->n_limits; i++) {
        if (!limit_admits(h, q, r->limits[i], t_ns))
            return VERDICT_LIMITED;
    }
    if (r->auth && !q->known)
        return VERDICT_UNAUTHORIZED;
    if (r->auth && !has_role(r, q->role))
        return VERDICT_FORBIDDEN;
    if (r->csrf && !q->csrf_sent)
        return VERDICT_CSRF;
    enum verdict v = check_upload(q);
    return v == VERDICT_FINE && route_fails_now(h, q) ? VERDICT_FAILS : v;
}

/* A place of the pool is a connection to the database. */
static uint64_t ask_database(struct handler *h, struct request *q, const struct pool_spec *pool,
                             uint64_t busy_ns, uint64_t t_ns)
{
    bool reads = strcmp(q->route->spec->method, "GET") == 0;
    q->job = (struct db_job){.write = !reads, .busy_ns = busy_ns, .who = q};
    switch (postgres_ask(h->database, &q->job, t_ns)) {
    case DBPOOL_FULL:
        q->verdict = VERDICT_FULL;
        q->full = pool;
        return 0;
    case DBPOOL_NONE:
        q->verdict = VERDICT_NO_DATABASE;
        return 0;
    default:
        return REQUEST_SLEEPS;
    }
}

/* The next stage: when it is over, or 0 when there is none or its pool is full. */
static uint64_t enter_stage(struct handler *h, struct request *q, uint64_t t_ns)
{
    const struct route_spec *r = q->route->spec;
    while (q->stage < r->n_stages) {
        const struct stage_spec *stage = &r->stages[q->stage++];
        double ns = draw_ns(&stage->time, &h->rng) + stage->per_byte_ns * (double)q->raw_bytes;
        uint64_t service_ns = (uint64_t)(ns + 0.5);
        struct model_slot slot = {.service_ns = service_ns, .done_ns = t_ns + service_ns};
        if (stage->pool != NULL && h->database != NULL)
            return ask_database(h, q, stage->pool, service_ns, t_ns);
        if (stage->pool != NULL &&
            !model_arrive(&h->pools[stage->pool - h->d->pools], t_ns, service_ns, &slot)) {
            q->verdict = VERDICT_FULL;
            q->full = stage->pool;
            return 0;
        }
        q->service_ns += slot.service_ns;
        q->wait_ns += slot.wait_ns;
        if (slot.done_ns > t_ns)
            return slot.done_ns;
    }
    return 0;
}

static void job_ended(struct handler *h, const struct db_job *job)
{
    struct request *q = job->who;
    struct model *pool = &h->pools[0];
    uint64_t got_ns = job->started_ns > 0 ? job->started_ns : job->ended_ns;
    q->wait_ns += got_ns - job->asked_ns;
    q->service_ns += job->ended_ns - got_ns;
    pool->wait_ns += got_ns - job->asked_ns;
    pool->service_ns += job->ended_ns - got_ns;
    pool->accepted += job->started_ns > 0;
    if (job->end == DB_NONE || job->end == DB_LOST)
        q->verdict = VERDICT_NO_DATABASE;
    else if (job->end == DB_ERROR)
        q->verdict = VERDICT_STATEMENT;
}

void handler_database_ready(struct handler *h)
{
    struct db_job *job;
    postgres_run(h->database);
    while ((job = postgres_next(h->database)) != NULL) {
        job_ended(h, job);
        http_wake(h->http, job->who);
    }
}

uint64_t handler_step(struct handler *h, struct request *q, uint64_t t_ns)
{
    if (!q->stepped) {
        q->stepped = true;
        close_form_body(q);
        if (q->verdict == VERDICT_FINE)
            q->verdict = check_request(h, q, t_ns);
        if (q->verdict == VERDICT_FINE)
            q->status = route_status(q->route->spec);
        else if (q->verdict == VERDICT_FAILS)
            q->status = q->route->spec->fail_status;
    }
    if (q->verdict != VERDICT_FINE && q->verdict != VERDICT_FAILS)
        return 0;
    return enter_stage(h, q, t_ns);
}

void handler_done(struct handler *h, struct request *q, bool cut)
{
    if (cut || q->status == 0) /* 0: the head was no HTTP, begin has not been called */
        h->cut++;
    else if (q->built_in == BUILT_NONE)
        stats_count(q);
}

/* ------------------------------------------------------------------------ lifetime */

static void seed_collection(struct handler *h, const struct collection_spec *spec,
                            struct collection *c)
{
    const struct request_context nothing = {0};
    store_init(c, spec->ids, spec->id_name, spec->max,
               spec->jobs ? (const char *const *)spec->states : NULL);
    for (size_t i = 0; i < spec->items; i++) {
        struct item *item = store_create(c, NULL, 0);
        buf_clear(&h->item);
        if (spec->item != NULL &&
            reply_template_render(spec->item, h->d->words, &nothing, &h->scope, &h->item))
            store_merge(c, item, h->item.data, h->item.len);
    }
    c->created = c->dropped = 0;
}

static void page_finish(struct page *p)
{
    buf_finish(&p->head);
    buf_finish(&p->body);
}

void handler_free(struct handler *h)
{
    if (h == NULL)
        return;
    const struct description *d = h->d;
    for (size_t i = 0; i < d->n_routes; i++) {
        page_finish(&h->routes[i].pages[0]);
        page_finish(&h->routes[i].pages[1]);
    }
    for (size_t i = 0; i < VERDICTS; i++)
        page_finish(&h->refusals[i]);
    for (size_t i = 0; i < d->n_pools; i++)
        model_finish(&h->pools[i]);
    for (size_t i = 0; i < d->n_limits; i++)
        limit_finish(&h->limits[i]);
    for (size_t i = 0; i < d->n_collections; i++)
        store_finish(&h->collections[i]);
    accounts_finish(&h->accounts);
    postgres_close(h->database);
    deflateEnd(&h->packer);
    vocabulary_scope_finish(&h->scope);
    buf_finish(&h->item);
    buf_finish(&h->id);
    buf_finish(&h->packed);
    free(h->routes);
    free(h->pools);
    free(h->limits);
    free(h->collections);
    free(h);
}

struct handler *handler_create(const struct description *d, uint64_t seed,
                               struct postgres *database)
{
    struct handler *h = mem_zalloc(sizeof *h);
    h->d = d;
    h->database = database;
    h->wants = (struct head_wants){.account = d->has_accounts,
                                   .address = d->has_accounts || d->n_limits > 0,
                                   .extra = d->accounts.csrf_header};
    rng_seed(&h->rng, seed);
    vocabulary_scope(d->words, &h->scope, seed + 1);
    accounts_init(&h->accounts, &d->accounts);
    /* The fastest level, and as gzip. */
    if (deflateInit2(&h->packer, 1, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        mem_made(NULL);
    h->pools = mem_array(d->n_pools + 1, sizeof *h->pools);
    h->limits = mem_array(d->n_limits + 1, sizeof *h->limits);
    h->collections = mem_array(d->n_collections + 1, sizeof *h->collections);
    h->routes = mem_array(d->n_routes + 1, sizeof *h->routes);
    for (size_t i = 0; i < d->n_pools; i++)
        model_init(&h->pools[i], d->pools[i].size, d->pools[i].queue);
    for (size_t i = 0; i < d->n_limits; i++)
        limit_init(&h->limits[i], d->limits[i].requests, d->limits[i].window_ns);
    for (size_t i = 0; i < d->n_collections; i++)
        seed_collection(h, &d->collections[i], &h->collections[i]);
    for (size_t i = 0; i < d->n_routes; i++) {
        h->routes[i].spec = &d->routes[i];
        /* A counter that is there from the start has a rate from the first request on. */
        if (d->plain && strcmp(d->routes[i].method, "PUT") != 0)
            h->routes[i].replies.status[0] = route_status(&d->routes[i]);
        h->wants.encoding |= d->routes[i].gzip;
        reply_prepare(h, &h->routes[i]);
    }
    return h;
}

const struct head_wants *handler_start(struct handler *h, struct http *http)
{
    h->http = http;
    return &h->wants;
}
