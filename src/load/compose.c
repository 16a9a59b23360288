/* SPDX-License-Identifier: MIT */
#include "src/load/compose.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/profile.h"
#include "src/script/encode.h"

/* While a draft is written its text may move: places in it are kept as offsets until the
 * end. */
static const char *at(size_t offset)
{
    return (const char *)offset; /* NOLINT: an offset in disguise, resolved by settle() */
}

static const char *settle(const struct draft *d, const char *offset)
{
    return d->text.data + (size_t)offset;
}

/* ------------------------------------------------------------------- is it fixed */

static bool fields_fixed(const struct fields *f)
{
    for (size_t i = 0; i < f->n; i++)
        if (!template_is_fixed(f->items[i].value))
            return false;
    return true;
}

bool compose_is_fixed(const struct request *r)
{
    if (r->body.kind != CONTENT_NONE && r->body.kind != CONTENT_TEXT && r->body.kind != CONTENT_FORM)
        return false;
    return template_is_fixed(r->url) && fields_fixed(&r->query) && fields_fixed(&r->headers) &&
           fields_fixed(&r->cookies) && fields_fixed(&r->body.form) &&
           (r->auth.text == NULL || template_is_fixed(r->auth.text)) &&
           (r->body.text == NULL || template_is_fixed(r->body.text));
}

/* ------------------------------------------------------------------------ parts */

static bool add_pairs(struct draft *d, const struct fields *f, const char *between,
                      struct scope *scope, struct err *why)
{
    for (size_t i = 0; i < f->n; i++) {
        if (i > 0)
            buf_text(&d->text, between);
        buf_text(&d->text, f->items[i].name);
        buf_char(&d->text, '=');
        if (!template_render(f->items[i].value, scope, &d->text, why))
            return false;
    }
    return true;
}

static bool add_url(struct draft *d, const struct request *r, struct scope *scope, struct err *why)
{
    d->message.url = at(d->text.len);
    size_t start = d->text.len;
    if (!template_render(r->url, scope, &d->text, why))
        return false;
    if (r->query.n > 0) {
        bool has_query = memchr(d->text.data + start, '?', d->text.len - start) != NULL;
        buf_char(&d->text, has_query ? '&' : '?');
        if (!add_pairs(d, &r->query, "&", scope, why))
            return false;
    }
    buf_char(&d->text, '\0');
    return true;
}

static void header_begins(struct draft *d)
{
    if (d->message.n_headers == d->headers_room) {
        d->headers_room = d->headers_room > 0 ? d->headers_room * 2 : 8;
        d->headers = mem_grow(d->headers, d->headers_room, sizeof *d->headers);
    }
    d->headers[d->message.n_headers++] = at(d->text.len);
}

static bool add_auth(struct draft *d, const struct auth *a, struct scope *scope, struct err *why)
{
    if (a->kind == AUTH_NONE)
        return true;
    header_begins(d);
    if (a->kind == AUTH_BEARER) {
        buf_text(&d->text, "Authorization: Bearer ");
        if (!template_render(a->text, scope, &d->text, why))
            return false;
    } else {
        struct buf plain = {0};
        if (!template_render(a->text, scope, &plain, why)) {
            buf_finish(&plain);
            return false;
        }
        /* A name alone means an empty password; the colon is part of what is encoded. */
        if (memchr(plain.data, ':', plain.len) == NULL)
            buf_char(&plain, ':');
        buf_text(&d->text, "Authorization: Basic ");
        encode_base64(&d->text, plain.data, plain.len);
        explicit_bzero(plain.data, plain.room);
        buf_finish(&plain);
    }
    buf_char(&d->text, '\0');
    return true;
}

static bool add_headers(struct draft *d, const struct request *r, struct scope *scope,
                        struct err *why)
{
    for (size_t i = 0; i < r->headers.n; i++) {
        header_begins(d);
        size_t start = d->text.len;
        buf_text(&d->text, r->headers.items[i].name);
        buf_text(&d->text, ": ");
        size_t value = d->text.len;
        if (!template_render(r->headers.items[i].value, scope, &d->text, why))
            return false;
        /* `Name;` is how libcurl is told to send a header without a value. */
        if (d->text.len == value) {
            d->text.len = start + strlen(r->headers.items[i].name);
            buf_char(&d->text, ';');
        }
        buf_char(&d->text, '\0');
    }
    return add_auth(d, &r->auth, scope, why);
}

static bool add_cookies(struct draft *d, const struct request *r, struct scope *scope,
                        struct err *why)
{
    if (r->cookies.n == 0)
        return true;
    d->message.cookies = at(d->text.len);
    if (!add_pairs(d, &r->cookies, "; ", scope, why))
        return false;
    buf_char(&d->text, '\0');
    return true;
}

static bool add_body(struct draft *d, const struct request *r, struct scope *scope,
                     struct err *why)
{
    if (r->body.kind == CONTENT_NONE)
        return true;
    size_t start = d->text.len;
    bool ok = r->body.kind == CONTENT_FORM ? add_pairs(d, &r->body.form, "&", scope, why)
                                           : template_render(r->body.text, scope, &d->text, why);
    if (!ok)
        return false;
    if (d->pieces_room == 0) {
        d->pieces_room = 1;
        d->pieces = mem_array(1, sizeof *d->pieces);
    }
    d->message.has_body = true;
    d->message.body_len = d->text.len - start;
    d->pieces[0] = (struct piece){
        .kind = PIECE_BYTES, .len = d->message.body_len, .data = at(start)};
    d->message.n_pieces = 1;
    buf_char(&d->text, '\0');
    return true;
}

/* ------------------------------------------------------------------------ whole */

static void settle_all(struct draft *d)
{
    struct message *m = &d->message;
    m->url = settle(d, m->url);
    if (m->cookies != NULL)
        m->cookies = settle(d, m->cookies);
    for (size_t i = 0; i < m->n_headers; i++)
        d->headers[i] = settle(d, d->headers[i]);
    for (size_t i = 0; i < m->n_pieces; i++)
        if (d->pieces[i].kind == PIECE_BYTES)
            d->pieces[i].data = settle(d, d->pieces[i].data);
    m->headers = d->headers;
    m->body = d->pieces;
}

bool compose(struct draft *d, const struct request *r, struct scope *scope, struct err *why)
{
    d->message = (struct message){.method = r->method,
                                  .gzip = r->gzip,
                                  .max_redirects = r->max_redirects,
                                  .keep = r->keep,
                                  .body_cap = r->body_cap};
    buf_clear(&d->text);
    buf_char(&d->text, '\0'); /* so that no offset is 0, which would read as NULL */
    if (!add_url(d, r, scope, why) || !add_headers(d, r, scope, why) ||
        !add_cookies(d, r, scope, why) || !add_body(d, r, scope, why))
        return false;
    settle_all(d);
    return true;
}

void draft_finish(struct draft *d)
{
    if (d->text.data != NULL)
        explicit_bzero(d->text.data, d->text.room); /* it may hold a secret */
    buf_finish(&d->text);
    free(d->headers);
    free(d->pieces);
    *d = (struct draft){0};
}
