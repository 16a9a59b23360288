/* SPDX-License-Identifier: MIT */
#include "src/demo/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/mem.h"
#include "src/demo/http.h"
#include "src/demo/service_parts.h"
#include "src/script/encode.h"

/* -------------------------------------------------------------------------- finding */

/* Of a reply to which nothing else is to be said; an action may have a better one. */
static unsigned route_status(const struct route_spec *r)
{
    return r->status != 0 ? r->status : 200;
}

static bool takes(const struct route_spec *r, const char *method)
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
static void find_route(struct service *s, struct exchange *x)
{
    x->route = x->counted = &s->routes[s->d->n_routes];
    x->verdict = VERDICT_NO_ROUTE;
    if (!path_split(&x->split, x->target.data))
        return;
    for (size_t i = 0; i < s->d->n_routes; i++) {
        struct live_route *r = &s->routes[i];
        if (!holes_match(&r->spec->path, &x->split))
            continue;
        /* The plain target counts by path, whatever the method. */
        if (s->d->plain && x->verdict == VERDICT_NO_ROUTE)
            x->counted = r;
        x->verdict = VERDICT_WRONG_METHOD;
        if (!takes(r->spec, x->method))
            continue;
        x->route = r;
        if (!s->d->plain)
            x->counted = r;
        x->verdict = VERDICT_FINE;
        return;
    }
    if (x->verdict == VERDICT_NO_ROUTE)
        x->built_in = built_in(x->path);
}

/* ------------------------------------------------------------------------- who asks */

static void know_token(struct exchange *x, const struct token *t)
{
    buf_clear(&x->token);
    buf_add(&x->token, t->entry.key, t->entry.len);
    buf_clear(&x->csrf);
    buf_text(&x->csrf, t->csrf);
}

static void know(struct exchange *x, const char *name, const char *role)
{
    x->known = true;
    x->role = role;
    buf_clear(&x->account);
    buf_text(&x->account, name);
}

static void try_basic(struct service *s, struct exchange *x, const char *coded)
{
    struct buf pair = {0};
    encode_undo_base64(&pair, coded, strlen(coded));
    char *colon = pair.data != NULL ? strchr(pair.data, ':') : NULL;
    if (colon != NULL) {
        *colon = '\0';
        const char *role = accounts_role(&s->accounts, pair.data, colon + 1);
        if (role != NULL)
            know(x, pair.data, role);
    }
    buf_finish(&pair);
}

static void try_token(struct service *s, struct exchange *x, const char *text, size_t len,
                      uint64_t t_ns)
{
    const struct token *t = accounts_find(&s->accounts, text, len, t_ns);
    if (t == NULL)
        return;
    know_token(x, t);
    know(x, t->name, t->role);
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

static void find_out_who(struct service *s, struct exchange *x, const struct head *head,
                         uint64_t t_ns)
{
    const char *cookie = s->d->accounts.cookie, *value;
    size_t len;
    if (!s->d->has_accounts)
        return;
    if (head->authorization != NULL && strncasecmp(head->authorization, "Bearer ", 7) == 0)
        try_token(s, x, head->authorization + 7, strlen(head->authorization + 7), t_ns);
    else if (head->authorization != NULL && strncasecmp(head->authorization, "Basic ", 6) == 0)
        try_basic(s, x, head->authorization + 6);
    else if (cookie != NULL && (value = find_cookie(head->cookie, cookie, &len)) != NULL)
        try_token(s, x, value, len, t_ns);
    x->csrf_sent = head->extra != NULL && x->csrf.len > 0 && strcmp(head->extra, x->csrf.data) == 0;
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

void service_begin(struct service *s, struct exchange *x, const struct head *head)
{
    buf_clear(&x->account);
    buf_clear(&x->token);
    buf_clear(&x->csrf);
    buf_clear(&x->body);
    x->address = head->address;
    x->gzip = accepts_gzip(head->accept_encoding);
    find_route(s, x);
    x->route->asked++;
    if (x->verdict != VERDICT_FINE)
        return;
    find_out_who(s, x, head, x->received_ns);
    x->form = !x->route->spec->raw;
}

/* ----------------------------------------------------------------------------- body */

static void keep(struct exchange *x, const char *data, size_t len)
{
    if (x->body.len + len > SERVICE_BODY_BYTES)
        x->too_long = true;
    else if (len > 0)
        buf_add(&x->body, data, len);
}

void service_piece(struct service *s, struct exchange *x, const char *data, size_t len)
{
    (void)s;
    x->raw_bytes += len;
    if (!x->form && x->route->spec != NULL && !x->route->spec->upload)
        keep(x, data, len);
}

/* A form becomes a JSON object of texts, so that all that looks into bodies knows one kind. */
void service_field(struct service *s, struct exchange *x, const struct field *f)
{
    (void)s;
    if (f->file != NULL) {
        x->has_file = true;
        x->file_bytes += f->len;
        return;
    }
    if (x->body.len + 6 * f->len + 64 > SERVICE_BODY_BYTES) {
        x->too_long = true;
        return;
    }
    if (f->at == 0) {
        buf_text(&x->body, x->in_field ? "\", \"" : "{\"");
        encode_json(&x->body, f->name, strnlen(f->name, 100));
        buf_text(&x->body, "\": \"");
        x->in_field = true;
    }
    if (x->in_field)
        encode_json(&x->body, f->data, f->len);
}

static void end_body(struct exchange *x)
{
    if (x->in_field)
        buf_text(&x->body, "\"}");
    x->in_field = false;
}

uint64_t service_uploaded(const struct exchange *x)
{
    return x->has_file ? x->file_bytes : x->raw_bytes;
}

/* ------------------------------------------------------------------------- deciding */

static bool admitted(struct service *s, struct exchange *x, const struct limit_spec *spec,
                     uint64_t t_ns)
{
    struct limit *l = &s->limits[spec - s->d->limits];
    struct limit_state left;
    char from[16] = "";
    const char *key = from;
    size_t len = 0;
    if (spec->per == PER_ADDRESS || (spec->per == PER_USER && !x->known))
        len = (size_t)snprintf(from, sizeof from, "@%08x", x->address);
    else if (spec->per == PER_USER) {
        key = x->account.data;
        len = x->account.len;
    }
    bool ok = limit_take(l, key, len, t_ns, &left);
    if (!ok || x->limit == NULL || left.remaining < x->left.remaining) {
        x->limit = spec;
        x->left = left;
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

static enum verdict check_upload(struct exchange *x)
{
    const struct route_spec *r = x->route->spec;
    if (!r->upload)
        return x->too_long ? VERDICT_TOO_LARGE : VERDICT_FINE;
    uint64_t bytes = service_uploaded(x);
    if (bytes > r->max_bytes || bytes < r->min_bytes) {
        bool large = bytes > r->max_bytes;
        (*(large ? &x->route->too_large : &x->route->too_small))++;
        return large ? VERDICT_TOO_LARGE : VERDICT_TOO_SMALL;
    }
    return VERDICT_FINE;
}

static bool has_bad_luck(struct service *s, const struct exchange *x)
{
    const struct route_spec *r = x->route->spec;
    if (r->fail_random)
        return rng_below(&s->rng, r->fail_every) == 0;
    return r->fail_every > 0 && x->route->asked % r->fail_every == 0;
}

/* What can be said before any service. */
static enum verdict judge(struct service *s, struct exchange *x, uint64_t t_ns)
{
    const struct route_spec *r = x->route->spec;
    for (size_t i = 0; i < r->n_limits; i++) {
        if (!admitted(s, x, r->limits[i], t_ns))
            return VERDICT_LIMITED;
    }
    if (r->auth && !x->known)
        return VERDICT_WHO;
    if (r->auth && !has_role(r, x->role))
        return VERDICT_FORBIDDEN;
    if (r->csrf && !x->csrf_sent)
        return VERDICT_CSRF;
    enum verdict v = check_upload(x);
    return v == VERDICT_FINE && has_bad_luck(s, x) ? VERDICT_FAILS : v;
}

/* A place of the pool is a connection to the database. */
static uint64_t ask_database(struct service *s, struct exchange *x, const struct pool_spec *pool,
                             uint64_t busy_ns, uint64_t t_ns)
{
    bool reads = strcmp(x->route->spec->method, "GET") == 0;
    x->job = (struct db_job){.write = !reads, .busy_ns = busy_ns, .who = x};
    switch (postgres_ask(s->database, &x->job, t_ns)) {
    case DBPOOL_FULL:
        x->verdict = VERDICT_FULL;
        x->full = pool;
        return 0;
    case DBPOOL_NONE:
        x->verdict = VERDICT_NO_DATABASE;
        return 0;
    default:
        return EXCHANGE_SLEEPS;
    }
}

/* The next stage: when it is over, or 0 when there is none or its pool is full. */
static uint64_t enter_stage(struct service *s, struct exchange *x, uint64_t t_ns)
{
    const struct route_spec *r = x->route->spec;
    while (x->stage < r->n_stages) {
        const struct stage_spec *stage = &r->stages[x->stage++];
        double ns = draw_ns(&stage->time, &s->rng) + stage->per_byte_ns * (double)x->raw_bytes;
        uint64_t service_ns = (uint64_t)(ns + 0.5);
        struct model_slot slot = {.service_ns = service_ns, .done_ns = t_ns + service_ns};
        if (stage->pool != NULL && s->database != NULL)
            return ask_database(s, x, stage->pool, service_ns, t_ns);
        if (stage->pool != NULL &&
            !model_arrive(&s->pools[stage->pool - s->d->pools], t_ns, service_ns, &slot)) {
            x->verdict = VERDICT_FULL;
            x->full = stage->pool;
            return 0;
        }
        x->service_ns += slot.service_ns;
        x->wait_ns += slot.wait_ns;
        if (slot.done_ns > t_ns)
            return slot.done_ns;
    }
    return 0;
}

static void job_ended(struct service *s, const struct db_job *job)
{
    struct exchange *x = job->who;
    struct model *pool = &s->pools[0];
    uint64_t got_ns = job->started_ns > 0 ? job->started_ns : job->ended_ns;
    x->wait_ns += got_ns - job->asked_ns;
    x->service_ns += job->ended_ns - got_ns;
    pool->wait_ns += got_ns - job->asked_ns;
    pool->service_ns += job->ended_ns - got_ns;
    pool->accepted += job->started_ns > 0;
    if (job->end == DB_NONE || job->end == DB_LOST)
        x->verdict = VERDICT_NO_DATABASE;
    else if (job->end == DB_ERROR)
        x->verdict = VERDICT_STATEMENT;
}

void service_database_ready(struct service *s)
{
    struct db_job *job;
    postgres_run(s->database);
    while ((job = postgres_next(s->database)) != NULL) {
        job_ended(s, job);
        http_wake(s->http, job->who);
    }
}

uint64_t service_step(struct service *s, struct exchange *x, uint64_t t_ns)
{
    if (!x->stepped) {
        x->stepped = true;
        end_body(x);
        if (x->verdict == VERDICT_FINE)
            x->verdict = judge(s, x, t_ns);
        if (x->verdict == VERDICT_FINE)
            x->status = route_status(x->route->spec);
        else if (x->verdict == VERDICT_FAILS)
            x->status = x->route->spec->fail_status;
    }
    if (x->verdict != VERDICT_FINE && x->verdict != VERDICT_FAILS)
        return 0;
    return enter_stage(s, x, t_ns);
}

void service_answer(struct service *s, struct exchange *x, uint64_t t_ns)
{
    reply_make(s, x, t_ns);
}

void service_done(struct service *s, struct exchange *x, bool cut)
{
    if (cut || x->status == 0) /* 0: the head was no HTTP, begin has not been called */
        s->cut++;
    else if (x->built_in == BUILT_NONE)
        stats_count(x);
}

void exchange_finish(struct exchange *x)
{
    struct buf *all[] = {&x->target, &x->answer.head, &x->answer.body, &x->account,
                         &x->token,  &x->csrf,        &x->body};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buf_finish(all[i]);
}

/* ------------------------------------------------------------------------ lifetime */

static void seed_collection(struct service *s, const struct collection_spec *spec,
                            struct collection *c)
{
    const struct facts nothing = {0};
    store_init(c, spec->ids, spec->id_name, spec->max,
               spec->jobs ? (const char *const *)spec->states : NULL);
    for (size_t i = 0; i < spec->items; i++) {
        struct item *item = store_create(c, NULL, 0);
        buf_clear(&s->item);
        if (spec->item != NULL &&
            phrase_render(spec->item, s->d->words, &nothing, &s->scope, &s->item))
            store_merge(c, item, s->item.data, s->item.len);
    }
    c->created = c->dropped = 0;
}

static void page_finish(struct page *p)
{
    buf_finish(&p->head);
    buf_finish(&p->body);
}

void service_free(struct service *s)
{
    if (s == NULL)
        return;
    const struct description *d = s->d;
    for (size_t i = 0; i < d->n_routes; i++) {
        page_finish(&s->routes[i].pages[0]);
        page_finish(&s->routes[i].pages[1]);
    }
    for (size_t i = 0; i < VERDICTS; i++)
        page_finish(&s->refusals[i]);
    for (size_t i = 0; i < d->n_pools; i++)
        model_finish(&s->pools[i]);
    for (size_t i = 0; i < d->n_limits; i++)
        limit_finish(&s->limits[i]);
    for (size_t i = 0; i < d->n_collections; i++)
        store_finish(&s->collections[i]);
    accounts_finish(&s->accounts);
    postgres_close(s->database);
    deflateEnd(&s->packer);
    vocabulary_scope_finish(&s->scope);
    buf_finish(&s->item);
    buf_finish(&s->id);
    buf_finish(&s->packed);
    free(s->routes);
    free(s->pools);
    free(s->limits);
    free(s->collections);
    free(s);
}

struct service *service_create(const struct description *d, uint64_t seed,
                               struct postgres *database)
{
    struct service *s = mem_zalloc(sizeof *s);
    s->d = d;
    s->database = database;
    s->wants = (struct head_wants){.account = d->has_accounts,
                                   .address = d->has_accounts || d->n_limits > 0,
                                   .extra = d->accounts.csrf_header};
    rng_seed(&s->rng, seed);
    vocabulary_scope(d->words, &s->scope, seed + 1);
    accounts_init(&s->accounts, &d->accounts);
    /* The fastest level, and as gzip. */
    if (deflateInit2(&s->packer, 1, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        mem_made(NULL);
    s->pools = mem_array(d->n_pools + 1, sizeof *s->pools);
    s->limits = mem_array(d->n_limits + 1, sizeof *s->limits);
    s->collections = mem_array(d->n_collections + 1, sizeof *s->collections);
    s->routes = mem_array(d->n_routes + 1, sizeof *s->routes);
    for (size_t i = 0; i < d->n_pools; i++)
        model_init(&s->pools[i], d->pools[i].size, d->pools[i].queue);
    for (size_t i = 0; i < d->n_limits; i++)
        limit_init(&s->limits[i], d->limits[i].requests, d->limits[i].window_ns);
    for (size_t i = 0; i < d->n_collections; i++)
        seed_collection(s, &d->collections[i], &s->collections[i]);
    for (size_t i = 0; i < d->n_routes; i++) {
        s->routes[i].spec = &d->routes[i];
        /* A counter that is there from the start has a rate from the first request on. */
        if (d->plain && strcmp(d->routes[i].method, "PUT") != 0)
            s->routes[i].replies.status[0] = route_status(&d->routes[i]);
        s->wants.encoding |= d->routes[i].gzip;
        reply_prepare(s, &s->routes[i]);
    }
    return s;
}

void service_runs(struct service *s, struct http *http)
{
    s->http = http;
}

const struct head_wants *service_wants(const struct service *s)
{
    return &s->wants;
}
