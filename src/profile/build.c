/* SPDX-License-Identifier: MIT */
#include "src/profile/build.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/hash.h"
#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/script/secret_name.h"
#include "src/script/secret_text.h"

#define HEADER_VALUE_MAX 8192

/* ------------------------------------------------------------------ headers */

static bool is_token(const char *text)
{
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (!isalnum(c) && strchr("!#$%&'*+-.^_`|~", c) == NULL)
            return false;
    }
    return true;
}

bool build_header_ok(const char *name, const char *value, struct err *e)
{
    if (!is_token(name) || strlen(name) > BUILD_NAME_MAX)
        return err_set(e, "\"%.100s\" is not a header name", name);
    if (build_is_framing(name))
        return err_set(e, "the header \"%s\" is set by the program itself, from the body", name);
    if (strlen(value) > HEADER_VALUE_MAX)
        return err_set(e, "the header \"%s\" is longer than %d bytes", name, HEADER_VALUE_MAX);
    for (const char *c = value; *c != '\0'; c++) {
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
            return err_set(e, "the header \"%s\" holds a line break or control character", name);
    }
    return true;
}

bool build_is_framing(const char *name)
{
    return strcasecmp(name, "Content-Length") == 0 || strcasecmp(name, "Transfer-Encoding") == 0;
}

bool build_framing_ok(const char *name, const char *value, bool has_body, struct err *e)
{
    if (strcasecmp(name, "Transfer-Encoding") == 0) {
        if (value != NULL && strcasecmp(value, "chunked") == 0 && has_body)
            return true;
        return err_set(e, "it can only be \"chunked\", with a body");
    }
    if (!has_body && (value == NULL || strcmp(value, "0") == 0))
        return true;
    return err_set(e, has_body ? "it is set by the program itself, from the body"
                               : "without a body it can only be 0");
}

static struct header *header_find(const struct header_list *h, const char *name)
{
    for (size_t i = 0; i < h->n; i++) {
        if (strcasecmp(h->items[i].name, name) == 0)
            return &h->items[i];
    }
    return NULL;
}

bool build_header_has(const struct header_list *h, const char *name)
{
    return header_find(h, name) != NULL;
}

void build_header_add(struct header_list *h, const char *name, const char *value)
{
    h->items = mem_room(h->items, h->n, sizeof *h->items);
    h->items[h->n++] = (struct header){mem_strdup(name), mem_strdup(value)};
}

static void header_remove(struct header_list *h, struct header *at)
{
    free(at->name);
    free(at->value);
    memmove(at, at + 1, (h->n - (size_t)(at - h->items) - 1) * sizeof *at);
    h->n--;
}

/* Removes the headers of that name from place `from` on. */
static void headers_remove(struct header_list *h, size_t from, const char *name)
{
    for (size_t i = h->n; i-- > from;)
        if (strcasecmp(h->items[i].name, name) == 0)
            header_remove(h, &h->items[i]);
}

void build_header_set(struct header_list *h, const char *name, const char *value)
{
    struct header *old = header_find(h, name);
    if (old == NULL) {
        build_header_add(h, name, value);
        return;
    }
    headers_remove(h, (size_t)(old - h->items) + 1, name);
    free(old->name);
    free(old->value);
    *old = (struct header){mem_strdup(name), mem_strdup(value)};
}

bool build_header_line(struct header_list *h, const char *line, struct err *e)
{
    const char *colon = strchr(line, ':');
    size_t word = strcspn(line, " \t="); /* behind it may be a secret */
    if (colon == NULL)
        return err_set(e, "the header \"%.*s%s\" has no colon; write it as \"Name: value\"",
                       word < 100 ? (int)word : 100, line, line[word] != '\0' ? "..." : "");
    const char *value = colon + 1 + strspn(colon + 1, " \t");
    char *name = mem_strndup(line, (size_t)(colon - line));
    bool ok = build_header_ok(name, value, e);
    if (ok)
        build_header_set(h, name, value);
    free(name);
    return ok;
}

void build_header_secrets(struct secrets *all, const struct header_list *h)
{
    for (size_t i = 0; i < h->n; i++)
        if (h->items[i].value != NULL && strstr(h->items[i].value, "${") == NULL)
            secret_text_header(all, h->items[i].name, h->items[i].value);
}

static bool fixed_text(const struct template *t, struct buf *out)
{
    struct err e;
    buf_clear(out);
    return t != NULL && template_is_fixed(t) && !template_is_secret(t) &&
           template_render(t, NULL, out, &e) && out->len > 0;
}

static void fixed_fields(struct secrets *all, const struct fields *f)
{
    struct buf text = {0};
    for (size_t i = 0; i < f->n; i++)
        if (secret_named(f->items[i].name) && fixed_text(f->items[i].value, &text))
            secrets_add_text(all, text.data, text.len);
    buf_finish(&text);
}

static void fixed_body(struct secrets *all, const struct content *body)
{
    struct buf text = {0};
    if (fixed_text(body->text, &text))
        secret_text_body(all, text.data, text.len);
    fixed_fields(all, &body->form);
    for (size_t i = 0; i < body->n_parts; i++)
        if (body->parts[i].name != NULL && secret_named(body->parts[i].name) &&
            fixed_text(body->parts[i].content.text, &text))
            secrets_add_text(all, text.data, text.len);
    buf_finish(&text);
}

void build_request_secrets(struct secrets *all, const struct request *r)
{
    struct buf text = {0};
    if (fixed_text(r->url, &text))
        secret_text_url(all, text.data);
    for (size_t i = 0; i < r->headers.n; i++)
        if (fixed_text(r->headers.items[i].value, &text))
            secret_text_header(all, r->headers.items[i].name, text.data);
    for (size_t i = 0; i < r->cookies.n; i++)
        if (fixed_text(r->cookies.items[i].value, &text))
            secret_text_cookie(all, text.data, text.len);
    fixed_fields(all, &r->query);
    fixed_body(all, &r->body);
    if (fixed_text(r->auth.text, &text)) {
        const char *colon = r->auth.kind == AUTH_BASIC ? strchr(text.data, ':') : NULL;
        const char *secret = colon != NULL ? colon + 1 : text.data;
        secrets_add_text(all, secret, strlen(secret));
    }
    buf_finish(&text);
}

void build_header_merge(struct header_list *h, const struct header_list *over)
{
    bool all = h->n == 0; /* there is nothing to replace */
    for (size_t i = 0; i < over->n; i++) {
        const struct header *from = &over->items[i];
        if (all || header_find(over, from->name) != from)
            build_header_add(h, from->name, from->value);
        else
            build_header_set(h, from->name, from->value);
    }
}

void build_header_fill(struct header_list *h, const struct header_list *under)
{
    for (size_t i = 0; i < under->n; i++) {
        if (!build_header_has(h, under->items[i].name))
            build_header_set(h, under->items[i].name, under->items[i].value);
    }
}

void build_header_drop(struct header_list *h, const char *name)
{
    headers_remove(h, 0, name);
}

void build_header_finish(struct header_list *h)
{
    for (size_t i = 0; i < h->n; i++) {
        free(h->items[i].name);
        free(h->items[i].value);
    }
    free(h->items);
    *h = (struct header_list){0};
}

/* ------------------------------------------------------------ small things */

/* The method that a slip of the finger has made another of, or NULL.  Methods are free; those of
 * stores and queues that come near are meant as they are. */
static const char *meant_method(const char *method)
{
    static const char *const common[] = {"GET",    "HEAD",    "POST",  "PUT", "PATCH",
                                         "DELETE", "OPTIONS", "TRACE", NULL};
    static const char *const others[] = {"BATCH", "LIST", "PUSH", "SEND", "SET", "TRACK", NULL};
    const char *near = words_nearest(method, common);
    bool meant = near != NULL && strcmp(method, near) != 0 && !words_have(others, method);
    return meant ? near : NULL;
}

bool build_method_ok(const char *method, struct err *e)
{
    const char *meant;
    size_t n = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    if (strcmp(method, "CONNECT") == 0)
        return err_set(e, "the method CONNECT opens a tunnel and cannot be measured");
    if (n > 0 && n <= 20 && method[n] == '\0' && isupper((unsigned char)*method)) {
        if ((meant = meant_method(method)) == NULL)
            return true;
        return err_set(e, "\"%s\" is not a method (did you mean \"%s\"?)", method, meant);
    }
    char upper[21] = "";
    for (size_t i = 0; i < sizeof upper - 1 && isalpha((unsigned char)method[i]); i++)
        upper[i] = (char)toupper((unsigned char)method[i]);
    if (strlen(upper) == strlen(method) && *upper != '\0')
        return err_set(e, "\"%s\" is not a method (did you mean \"%s\"?)", method, upper);
    return err_set(e, "\"%.60s\" is not a method", method);
}

bool build_method_exact_ok(const char *method, struct err *e)
{
    if (strcasecmp(method, "CONNECT") == 0)
        return err_set(e, "the method CONNECT opens a tunnel and cannot be measured");
    return (is_token(method) && strlen(method) <= 20) ||
           err_set(e, "\"%.60s\" is not a method", method);
}

char *build_name(const char *text)
{
    char out[BUILD_NAME_MAX];
    clean_text(out, sizeof out, text, strlen(text));
    return mem_strdup(out);
}

bool build_field(struct fields *f, const char *name, const char *text, enum encoding how,
                 struct names *names, struct err *e)
{
    struct template *value =
        names != NULL ? template_compile(text, how, names, e) : template_literal(text);
    if (value == NULL)
        return false;
    f->items = mem_room(f->items, f->n, sizeof *f->items);
    f->items[f->n++] = (struct field){mem_strdup(name), value};
    return true;
}

void build_fields_finish(struct fields *f)
{
    for (size_t i = 0; i < f->n; i++) {
        free(f->items[i].name);
        template_free(f->items[i].value);
    }
    free(f->items);
    *f = (struct fields){0};
}

/* --------------------------------------------------------------- the whole */

struct profile *build_profile(void)
{
    struct profile *p = mem_zalloc(sizeof *p);
    p->refs = 1;
    p->grace_ns = PROFILE_DEFAULT_GRACE_NS;
    return p;
}

bool build_endpoint(struct profile *p, struct endpoint_index *table, const char *method,
                    const char *name, uint32_t *index, struct err *e)
{
    uint64_t hash = hash_bytes(HASH_BEGIN, method, strlen(method) + 1); /* NUL between them */
    uint32_t slot = (uint32_t)(hash_bytes(hash, name, strlen(name)) % BUILD_SLOTS);
    for (; table->slots[slot] != 0; slot = (slot + 1) % BUILD_SLOTS) {
        const struct endpoint *ep = &p->endpoints[table->slots[slot] - 1];
        if (strcmp(ep->method, method) == 0 && strcmp(ep->name, name) == 0) {
            *index = table->slots[slot] - 1u;
            return true;
        }
    }
    if (p->n_endpoints == PROFILE_MAX_ENDPOINTS)
        return err_set(e, "there are more than %u endpoints; give requests of a kind the same name",
                       PROFILE_MAX_ENDPOINTS);
    p->endpoints = mem_room(p->endpoints, p->n_endpoints, sizeof *p->endpoints);
    p->endpoints[p->n_endpoints] = (struct endpoint){mem_strdup(method), mem_strdup(name)};
    *index = (uint32_t)p->n_endpoints++;
    table->slots[slot] = (uint16_t)p->n_endpoints;
    return true;
}

struct request *build_request(struct profile *p, struct err *e)
{
    if (p->n_requests == BUILD_MAX_REQUESTS) {
        err_set(e, "there are more than %u requests in the profile", BUILD_MAX_REQUESTS);
        return NULL;
    }
    struct request *r = mem_zalloc(sizeof *r);
    r->number = (uint32_t)p->n_requests;
    p->requests = mem_room(p->requests, p->n_requests, sizeof *p->requests);
    p->requests[p->n_requests++] = r;
    return r;
}

static unsigned gcd(unsigned a, unsigned b)
{
    while (b != 0) {
        unsigned rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static unsigned in_mix(const struct profile *p, const unsigned *weights, size_t i)
{
    return p->classes[i].fixed_count > 0 ? 0 : weights[i];
}

/* Fixed counts take turns, so that the first users are already a mixture. */
static bool build_fixed(const struct profile *p, const unsigned *weights, struct mix *m,
                        struct err *e)
{
    uint64_t sum = 0;
    uint32_t most = 0;
    for (size_t i = 0; i < p->n_classes; i++) {
        uint32_t count = weights[i] > 0 ? p->classes[i].fixed_count : 0;
        sum += count;
        most = count > most ? count : most;
    }
    if (sum > PROFILE_MAX_USERS)
        return err_set(e, "the fixed counts of the user classes add up to more than %u",
                       PROFILE_MAX_USERS);
    m->fixed = mem_array((size_t)sum + 1, sizeof *m->fixed);
    for (uint32_t round = 0; round < most; round++)
        for (size_t i = 0; i < p->n_classes; i++)
            if (weights[i] > 0 && p->classes[i].fixed_count > round)
                m->fixed[m->n_fixed++] = (uint16_t)i;
    return true;
}

struct share {
    int64_t gain, credit;
    uint16_t class;
};

/* Smooth weighted round robin: every class gains its weight each turn, the richest
 * one is taken and pays the sum.  Any stretch of the sequence has nearly the mix of
 * the whole, so that ten users already look like the profile. */
static void fill_sequence(const struct profile *p, const unsigned *weights, unsigned divisor,
                          struct mix *m)
{
    struct share *shares = mem_array(p->n_classes + 1, sizeof *shares);
    size_t n = 0;
    for (size_t i = 0; i < p->n_classes && divisor > 0; i++)
        if (in_mix(p, weights, i) > 0)
            shares[n++] =
                (struct share){.gain = in_mix(p, weights, i) / divisor, .class = (uint16_t)i};
    for (size_t k = 0; k < m->n_class_of; k++) {
        size_t best = 0;
        for (size_t i = 0; i < n; i++) {
            shares[i].credit += shares[i].gain;
            if (shares[i].credit > shares[best].credit)
                best = i;
        }
        shares[best].credit -= (int64_t)m->n_class_of;
        m->class_of[k] = shares[best].class;
    }
    free(shares);
}

bool build_mix(const struct profile *p, const unsigned *weights, struct mix *m, struct err *e)
{
    unsigned divisor = 0;
    uint64_t sum = 0;
    for (size_t i = 0; i < p->n_classes; i++)
        divisor = gcd(in_mix(p, weights, i), divisor);
    for (size_t i = 0; i < p->n_classes && divisor > 0; i++)
        sum += in_mix(p, weights, i) / divisor;
    if (sum > BUILD_MAX_SEQUENCE)
        return err_set(e,
                       "the weights of the user classes add up to %llu, more than %u; use "
                       "smaller ones",
                       (unsigned long long)sum, BUILD_MAX_SEQUENCE);
    if (!build_fixed(p, weights, m, e))
        return false;
    if (sum == 0 && m->n_fixed == 0)
        return err_set(e, "no user class is left: all have weight 0");
    m->class_of = mem_array((size_t)sum + 1, sizeof *m->class_of);
    m->n_class_of = (size_t)sum;
    fill_sequence(p, weights, divisor, m);
    return true;
}

void build_mix_finish(struct mix *m)
{
    free(m->fixed);
    free(m->class_of);
    *m = (struct mix){0};
}
