/* SPDX-License-Identifier: MIT */
#include "src/load/compose.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/profile.h"
#include "src/script/encode.h"

/* While a draft is written its text may move: places in it are kept as offsets until the
 * end. */
static const char *text_at(size_t offset)
{
    return (const char *)offset; /* NOLINT: an offset in disguise, resolved by text_settle() */
}

static const char *text_settle(const struct draft *d, const char *offset)
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
    if (r->body.kind != CONTENT_NONE && r->body.kind != CONTENT_TEXT &&
        r->body.kind != CONTENT_FORM)
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
    size_t start = d->text.len;
    d->message.path = text_at(start + r->origin.len);
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

/* Adds a header whose value is what is rendered next. */
static void header_begins(struct draft *d, const char *name)
{
    if (d->message.n_headers == d->headers_room) {
        d->headers_room = d->headers_room > 0 ? d->headers_room * 2 : 8;
        d->headers = mem_grow(d->headers, d->headers_room, sizeof *d->headers);
    }
    d->headers[d->message.n_headers++] = (struct message_header){name, text_at(d->text.len)};
}

static bool add_auth(struct draft *d, const struct auth *a, struct scope *scope, struct err *why)
{
    if (a->kind == AUTH_NONE)
        return true;
    header_begins(d, "Authorization");
    if (a->kind == AUTH_BEARER) {
        buf_text(&d->text, "Bearer ");
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
        buf_text(&d->text, "Basic ");
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
        header_begins(d, r->headers.items[i].name);
        if (!template_render(r->headers.items[i].value, scope, &d->text, why))
            return false;
        buf_char(&d->text, '\0');
    }
    for (size_t i = 0; i < r->n_unsent; i++) {
        header_begins(d, r->unsent[i]);
        d->headers[d->message.n_headers - 1].value = NULL;
    }
    return add_auth(d, &r->auth, scope, why);
}

static bool add_cookies(struct draft *d, const struct request *r, struct scope *scope,
                        struct err *why)
{
    if (r->cookies.n == 0)
        return true;
    d->message.cookies = text_at(d->text.len);
    if (!add_pairs(d, &r->cookies, "; ", scope, why))
        return false;
    buf_char(&d->text, '\0');
    return true;
}

/* ------------------------------------------------------------------------- body */

static struct piece *piece_begins(struct draft *d, enum piece_kind kind)
{
    if (d->message.n_pieces == d->pieces_room) {
        d->pieces_room = d->pieces_room > 0 ? d->pieces_room * 2 : 1;
        d->pieces = mem_grow(d->pieces, d->pieces_room, sizeof *d->pieces);
    }
    struct piece *p = &d->pieces[d->message.n_pieces++];
    *p = (struct piece){.kind = kind};
    return p;
}

/* Makes a piece of the text rendered since start, if there is any. */
static void piece_end_bytes(struct draft *d, size_t start)
{
    if (d->text.len == start)
        return;
    struct piece *p = piece_begins(d, PIECE_BYTES);
    p->data = text_at(start);
    p->len = d->text.len - start;
    d->message.body_len += p->len;
    buf_char(&d->text, '\0');
}

/* Small and large sizes are equally likely: so says the logarithm. */
static uint64_t draw_size(const struct content *c, struct rng *rng)
{
    if (c->min_bytes == c->max_bytes)
        return c->min_bytes;
    double low = log((double)c->min_bytes + 1), high = log((double)c->max_bytes + 1);
    uint64_t size = (uint64_t)(exp(low + (high - low) * rng_unit(rng)) - 0.5);
    size = size > c->min_bytes ? size : c->min_bytes;
    return size < c->max_bytes ? size : c->max_bytes;
}

static void add_stream(struct draft *d, const struct content *c, struct rng *rng)
{
    bool file = c->kind == CONTENT_FILE;
    struct piece *p = piece_begins(d, file ? PIECE_FILE : PIECE_PAYLOAD);
    p->fd = file ? c->file->fd : -1;
    p->len = file ? c->file->size : draw_size(c, rng);
    p->seed = file ? 0 : rng_next(rng);
    d->message.body_len += p->len;
}

/* In a quoted string of a part's header, as HTML has it. */
static void add_quoted(struct buf *b, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '"')
            buf_text(b, "%22");
        else if (*text == '\r' || *text == '\n')
            buf_text(b, *text == '\r' ? "%0D" : "%0A");
        else
            buf_char(b, *text);
    }
}

static void part_begins(struct draft *d, const struct part *p, const char *boundary)
{
    buf_text(&d->text, "--");
    buf_text(&d->text, boundary);
    buf_text(&d->text, "\r\nContent-Disposition: form-data; name=\"");
    add_quoted(&d->text, p->name);
    if (p->filename != NULL) {
        buf_text(&d->text, "\"; filename=\"");
        add_quoted(&d->text, p->filename);
    }
    buf_char(&d->text, '"');
    if (p->type != NULL) {
        buf_text(&d->text, "\r\nContent-Type: ");
        buf_text(&d->text, p->type);
    }
    buf_text(&d->text, "\r\n\r\n");
}

static bool add_parts(struct draft *d, const struct content *c, struct scope *scope,
                      struct err *why)
{
    char boundary[40];
    snprintf(boundary, sizeof boundary, "ramptop-%016llx",
             (unsigned long long)rng_next(&scope->rng));
    header_begins(d, "Content-Type");
    buf_text(&d->text, "multipart/form-data; boundary=");
    buf_add(&d->text, boundary, strlen(boundary) + 1);
    size_t start = d->text.len;
    for (size_t i = 0; i < c->n_parts; i++) {
        const struct part *p = &c->parts[i];
        part_begins(d, p, boundary);
        if (p->content.kind == CONTENT_TEXT) {
            if (!template_render(p->content.text, scope, &d->text, why))
                return false;
        } else {
            piece_end_bytes(d, start);
            add_stream(d, &p->content, &scope->rng);
            start = d->text.len;
        }
        buf_text(&d->text, "\r\n");
    }
    buf_text(&d->text, "--");
    buf_text(&d->text, boundary);
    buf_text(&d->text, "--\r\n");
    piece_end_bytes(d, start);
    return true;
}

static bool add_body(struct draft *d, const struct request *r, struct scope *scope, struct err *why)
{
    size_t start = d->text.len;
    d->message.has_body = r->body.kind != CONTENT_NONE;
    switch (r->body.kind) {
    case CONTENT_NONE:
        break;
    case CONTENT_TEXT:
        if (!template_render(r->body.text, scope, &d->text, why))
            return false;
        piece_end_bytes(d, start);
        break;
    case CONTENT_FORM:
        if (!add_pairs(d, &r->body.form, "&", scope, why))
            return false;
        piece_end_bytes(d, start);
        break;
    case CONTENT_PARTS:
        return add_parts(d, &r->body, scope, why);
    case CONTENT_PAYLOAD:
    case CONTENT_FILE:
        add_stream(d, &r->body, &scope->rng);
        break;
    }
    return true;
}

/* ------------------------------------------------------------------------ whole */

static void request_buf_settle(struct draft *d)
{
    struct message *m = &d->message;
    m->path = text_settle(d, m->path);
    if (m->cookies != NULL)
        m->cookies = text_settle(d, m->cookies);
    for (size_t i = 0; i < m->n_headers; i++)
        if (d->headers[i].value != NULL)
            d->headers[i].value = text_settle(d, d->headers[i].value);
    for (size_t i = 0; i < m->n_pieces; i++)
        if (d->pieces[i].kind == PIECE_BYTES)
            d->pieces[i].data = text_settle(d, d->pieces[i].data);
    m->headers = d->headers;
    m->body = d->pieces;
}

bool compose(struct draft *d, const struct request *r, struct scope *scope, struct err *why)
{
    d->message = (struct message){.method = r->method,
                                  .origin = &r->origin,
                                  .gzip = r->gzip,
                                  .max_redirects = r->max_redirects,
                                  .keep = r->keep,
                                  .body_cap = r->body_cap};
    buf_clear(&d->text);
    buf_char(&d->text, '\0'); /* so that no offset is 0, which would read as NULL */
    if (!add_url(d, r, scope, why) || !add_headers(d, r, scope, why) ||
        !add_cookies(d, r, scope, why) || !add_body(d, r, scope, why))
        return false;
    request_buf_settle(d);
    return true;
}

void draft_finish(struct draft *d)
{
    if (d->text.data != NULL)
        explicit_bzero(d->text.data, d->text.room); /* a secret may be in it */
    buf_finish(&d->text);
    free(d->headers);
    free(d->pieces);
    *d = (struct draft){0};
}
