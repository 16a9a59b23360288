/* SPDX-License-Identifier: MIT */
#include "src/demo/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/mem.h"
#include "src/demo/service_parts.h"
#include "src/script/encode.h"

/* -------------------------------------------------------------------------- finding */

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
static void find_route(struct service *s, struct exchange *x, const char *path)
{
    struct service_state *st = service_state_of(x);
    st->route = &s->routes[s->d->n_routes];
    st->verdict = VERDICT_NO_ROUTE;
    if (!path_split(&st->path, x->target.data))
        return;
    for (size_t i = 0; i < s->d->n_routes; i++) {
        if (!holes_match(&s->d->routes[i].path, &st->path))
            continue;
        st->verdict = VERDICT_WRONG_METHOD;
        if (!takes(&s->d->routes[i], x->method))
            continue;
        st->route = &s->routes[i];
        st->verdict = VERDICT_FINE;
        return;
    }
    if (st->verdict == VERDICT_NO_ROUTE)
        st->built_in = built_in(path);
}

/* ------------------------------------------------------------------------- who asks */

static int base64_value(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

static void decode_base64(const char *text, struct buf *out)
{
    uint32_t held = 0;
    unsigned n = 0;
    for (int v; (v = base64_value(*text)) >= 0; text++) {
        held = held << 6 | (uint32_t)v;
        n += 6;
        if (n >= 8) {
            n -= 8;
            buf_char(out, (char)(held >> n & 0xff));
        }
    }
}

static void know_token(struct service_state *st, const struct token *t)
{
    buf_clear(&st->token);
    buf_add(&st->token, t->entry.key, t->entry.len);
    buf_clear(&st->csrf);
    buf_text(&st->csrf, t->csrf);
}

static void know(struct service_state *st, const char *name, const char *role)
{
    st->known = true;
    st->role = role;
    buf_clear(&st->account);
    buf_text(&st->account, name);
}

static void try_basic(struct service *s, struct service_state *st, const char *coded)
{
    struct buf pair = {0};
    decode_base64(coded, &pair);
    char *colon = pair.data != NULL ? strchr(pair.data, ':') : NULL;
    if (colon != NULL) {
        *colon = '\0';
        const char *role = accounts_role(&s->accounts, pair.data, colon + 1);
        if (role != NULL)
            know(st, pair.data, role);
    }
    buf_finish(&pair);
}

static void try_token(struct service *s, struct service_state *st, const char *text, size_t len,
                      uint64_t t_ns)
{
    const struct token *t = accounts_find(&s->accounts, text, len, t_ns);
    if (t == NULL)
        return;
    know_token(st, t);
    know(st, t->name, t->role);
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

static void find_out_who(struct service *s, struct service_state *st, const struct head *head,
                         uint64_t t_ns)
{
    const char *cookie = s->d->accounts.cookie, *value;
    size_t len;
    if (!s->d->has_accounts)
        return;
    if (head->authorization != NULL && strncasecmp(head->authorization, "Bearer ", 7) == 0)
        try_token(s, st, head->authorization + 7, strlen(head->authorization + 7), t_ns);
    else if (head->authorization != NULL && strncasecmp(head->authorization, "Basic ", 6) == 0)
        try_basic(s, st, head->authorization + 6);
    else if (cookie != NULL && (value = find_cookie(head->cookie, cookie, &len)) != NULL)
        try_token(s, st, value, len, t_ns);
    st->csrf_sent =
        head->extra != NULL && st->csrf.len > 0 && strcmp(head->extra, st->csrf.data) == 0;
}

/* ----------------------------------------------------------------------------- head */

static bool is_form(const char *type)
{
    return type != NULL && (strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0 ||
                            strncasecmp(type, "multipart/form-data", 19) == 0);
}

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

static void service_begin(struct site *site, struct exchange *x, const struct head *head)
{
    struct service *s = service_of(site);
    struct service_state *st = service_state_of(x);
    const struct service_state fresh = {
        .account = st->account, .token = st->token, .csrf = st->csrf, .body = st->body};
    *st = fresh;
    buf_clear(&st->account);
    buf_clear(&st->token);
    buf_clear(&st->csrf);
    buf_clear(&st->body);
    st->address = head->address;
    st->gzip = accepts_gzip(head->accept_encoding);
    find_route(s, x, head->path);
    st->route->asked++;
    if (st->verdict != VERDICT_FINE)
        return;
    find_out_who(s, st, head, x->received_ns);
    if (is_form(head->content_type))
        x->form = BODY_FIELDS;
}

/* ----------------------------------------------------------------------------- body */

static void keep(struct service_state *st, const char *data, size_t len)
{
    if (st->body.len + len > SERVICE_BODY_BYTES)
        st->too_long = true;
    else if (len > 0)
        buf_add(&st->body, data, len);
}

static void service_piece(struct site *site, struct exchange *x, const char *data, size_t len)
{
    (void)site;
    struct service_state *st = service_state_of(x);
    st->raw_bytes += len;
    if (x->form == BODY_RAW && st->route->spec != NULL && !st->route->spec->upload)
        keep(st, data, len);
}

/* A form becomes a JSON object of texts, so that all that looks into bodies knows one kind. */
static void service_field(struct site *site, struct exchange *x, const struct field *f)
{
    (void)site;
    struct service_state *st = service_state_of(x);
    if (f->file != NULL) {
        st->has_file = true;
        st->file_bytes += f->len;
        return;
    }
    if (st->body.len + 6 * f->len + 64 > SERVICE_BODY_BYTES) {
        st->too_long = true;
        return;
    }
    if (f->at == 0) {
        buf_text(&st->body, st->in_field ? "\", \"" : "{\"");
        encode_json(&st->body, f->name, strnlen(f->name, 100));
        buf_text(&st->body, "\": \"");
        st->in_field = true;
    }
    if (st->in_field)
        encode_json(&st->body, f->data, f->len);
}

static void end_body(struct service_state *st)
{
    if (st->in_field)
        buf_text(&st->body, "\"}");
    st->in_field = false;
}

uint64_t service_uploaded(const struct service_state *st)
{
    return st->has_file ? st->file_bytes : st->raw_bytes;
}

/* ------------------------------------------------------------------------- deciding */

static bool admitted(struct service *s, struct service_state *st, const struct limit_spec *spec,
                     uint64_t t_ns)
{
    struct limit *l = &s->limits[spec - s->d->limits];
    struct limit_state left;
    char from[16] = "";
    const char *key = from;
    size_t len = 0;
    if (spec->per == PER_ADDRESS || (spec->per == PER_USER && !st->known))
        len = (size_t)snprintf(from, sizeof from, "@%08x", st->address);
    else if (spec->per == PER_USER) {
        key = st->account.data;
        len = st->account.len;
    }
    bool ok = limit_take(l, key, len, t_ns, &left);
    if (!ok || st->limit == NULL || left.remaining < st->left.remaining) {
        st->limit = spec;
        st->left = left;
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

static enum verdict check_upload(struct service_state *st)
{
    const struct route_spec *r = st->route->spec;
    if (!r->upload)
        return st->too_long ? VERDICT_TOO_LARGE : VERDICT_FINE;
    uint64_t bytes = service_uploaded(st);
    if (bytes > r->max_bytes || bytes < r->min_bytes) {
        bool large = bytes > r->max_bytes;
        (*(large ? &st->route->too_large : &st->route->too_small))++;
        return large ? VERDICT_TOO_LARGE : VERDICT_TOO_SMALL;
    }
    return VERDICT_FINE;
}

/* What can be said before any service. */
static enum verdict judge(struct service *s, struct service_state *st, uint64_t t_ns)
{
    const struct route_spec *r = st->route->spec;
    for (size_t i = 0; i < r->n_limits; i++) {
        if (!admitted(s, st, r->limits[i], t_ns))
            return VERDICT_LIMITED;
    }
    if (r->auth && !st->known)
        return VERDICT_WHO;
    if (r->auth && !has_role(r, st->role))
        return VERDICT_FORBIDDEN;
    if (r->csrf && !st->csrf_sent)
        return VERDICT_CSRF;
    enum verdict v = check_upload(st);
    if (v == VERDICT_FINE && r->fail_every > 0 && st->route->asked % r->fail_every == 0)
        return VERDICT_FAILS;
    return v;
}

/* The next stage: when it is over, or 0 when there is none or its pool is full. */
static uint64_t enter_stage(struct service *s, struct exchange *x, uint64_t t_ns)
{
    struct service_state *st = service_state_of(x);
    const struct route_spec *r = st->route->spec;
    while (st->stage < r->n_stages) {
        const struct stage_spec *stage = &r->stages[st->stage++];
        double ns = draw_ns(&stage->time, &s->rng) + stage->per_byte_ns * (double)st->raw_bytes;
        uint64_t service_ns = (uint64_t)(ns + 0.5);
        struct model_slot slot = {.service_ns = service_ns, .done_ns = t_ns + service_ns};
        if (stage->pool != NULL &&
            !model_arrive_for(&s->pools[stage->pool - s->d->pools], t_ns, service_ns, &slot)) {
            st->verdict = VERDICT_FULL;
            st->full = stage->pool;
            return 0;
        }
        x->service_ns += slot.service_ns;
        x->wait_ns += slot.wait_ns;
        if (slot.done_ns > t_ns)
            return slot.done_ns;
    }
    return 0;
}

static uint64_t service_step(struct site *site, struct exchange *x, uint64_t t_ns)
{
    struct service *s = service_of(site);
    struct service_state *st = service_state_of(x);
    if (!st->stepped) {
        st->stepped = true;
        end_body(st);
        if (st->verdict == VERDICT_FINE)
            st->verdict = judge(s, st, t_ns);
        if (st->verdict == VERDICT_FINE)
            x->status = st->route->spec->status != 0 ? st->route->spec->status : 200;
    }
    if (st->verdict != VERDICT_FINE && st->verdict != VERDICT_FAILS)
        return 0;
    return enter_stage(s, x, t_ns);
}

static void service_answer(struct site *site, struct exchange *x, uint64_t t_ns)
{
    reply_make(service_of(site), x, t_ns);
}

static void service_done(struct site *site, struct exchange *x, bool cut)
{
    struct service *s = service_of(site);
    const struct service_state *st = service_state_of(x);
    if (cut || x->status == 0) /* 0: the head was no HTTP, begin has not been called */
        s->cut++;
    else if (st->built_in == BUILT_NONE)
        stats_count(&st->route->replies, x->status);
}

static void service_release(void *state)
{
    struct service_state *st = state;
    buf_finish(&st->account);
    buf_finish(&st->token);
    buf_finish(&st->csrf);
    buf_finish(&st->body);
}

/* --------------------------------------------------------------------------- site */

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

static void service_destroy(struct site *site)
{
    struct service *s = service_of(site);
    const struct description *d = s->d;
    for (size_t i = 0; i < d->n_routes; i++) {
        page_finish(&s->routes[i].pages[0]);
        page_finish(&s->routes[i].pages[1]);
    }
    for (size_t i = 0; i < d->n_pools; i++)
        model_finish(&s->pools[i]);
    for (size_t i = 0; i < d->n_limits; i++)
        limit_finish(&s->limits[i]);
    for (size_t i = 0; i < d->n_collections; i++)
        store_finish(&s->collections[i]);
    accounts_finish(&s->accounts);
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

struct site *service_create(const struct description *d, uint64_t seed)
{
    static const struct site_ops ops = {
        .state_size = sizeof(struct service_state),
        .wants_head = true,
        .begin = service_begin,
        .piece = service_piece,
        .field = service_field,
        .step = service_step,
        .answer = service_answer,
        .done = service_done,
        .release = service_release,
        .destroy = service_destroy,
    };
    struct service *s = mem_zalloc(sizeof *s);
    s->site.ops = &ops;
    s->d = d;
    s->site.header = d->accounts.csrf_header;
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
        model_open(&s->pools[i], d->pools[i].size, d->pools[i].queue);
    for (size_t i = 0; i < d->n_limits; i++)
        limit_init(&s->limits[i], d->limits[i].requests, d->limits[i].window_ns);
    for (size_t i = 0; i < d->n_collections; i++)
        seed_collection(s, &d->collections[i], &s->collections[i]);
    for (size_t i = 0; i < d->n_routes; i++) {
        s->routes[i].spec = &d->routes[i];
        reply_prepare(s, &s->routes[i]);
    }
    return &s->site;
}
