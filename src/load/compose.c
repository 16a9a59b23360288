/* SPDX-License-Identifier: MIT */
#include "src/load/compose.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/profile.h"
#include "src/script/encode.h"

/* While a message is made its text may move: places in it are kept as offsets until the
 * end. */
static const char *text_at(size_t offset)
{
    return (const char *)offset; /* NOLINT: an offset in disguise, resolved by text_settle() */
}

static const char *text_settle(const struct message_buf *b, const char *offset)
{
    return b->text.data + (size_t)offset;
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

static bool add_pairs(struct message_buf *b, const struct fields *f, const char *between,
                      struct scope *scope, struct err *why)
{
    for (size_t i = 0; i < f->n; i++) {
        if (i > 0)
            buf_text(&b->text, between);
        buf_text(&b->text, f->items[i].name);
        buf_char(&b->text, '=');
        if (!template_render(f->items[i].value, scope, &b->text, why))
            return false;
    }
    return true;
}

static bool add_url(struct message_buf *b, const struct request *r, struct scope *scope,
                    struct err *why)
{
    size_t start = b->text.len;
    b->message.path = text_at(start + r->origin.len);
    if (!template_render(r->url, scope, &b->text, why))
        return false;
    if (r->query.n > 0) {
        bool has_query = memchr(b->text.data + start, '?', b->text.len - start) != NULL;
        buf_char(&b->text, has_query ? '&' : '?');
        if (!add_pairs(b, &r->query, "&", scope, why))
            return false;
    }
    buf_char(&b->text, '\0');
    return true;
}

/* Adds a header whose value is what is rendered next. */
static void header_begins(struct message_buf *b, const char *name)
{
    if (b->message.n_headers == b->headers_room) {
        b->headers_room = b->headers_room > 0 ? b->headers_room * 2 : 8;
        b->headers = mem_grow(b->headers, b->headers_room, sizeof *b->headers);
    }
    b->headers[b->message.n_headers++] = (struct message_header){name, text_at(b->text.len)};
}

static bool add_auth(struct message_buf *b, const struct auth *a, struct scope *scope,
                     struct err *why)
{
    if (a->kind == AUTH_NONE)
        return true;
    header_begins(b, "Authorization");
    if (a->kind == AUTH_BEARER) {
        buf_text(&b->text, "Bearer ");
        if (!template_render(a->text, scope, &b->text, why))
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
        buf_text(&b->text, "Basic ");
        encode_base64(&b->text, plain.data, plain.len);
        explicit_bzero(plain.data, plain.room);
        buf_finish(&plain);
    }
    buf_char(&b->text, '\0');
    return true;
}

static bool add_headers(struct message_buf *b, const struct request *r, struct scope *scope,
                        struct err *why)
{
    for (size_t i = 0; i < r->headers.n; i++) {
        header_begins(b, r->headers.items[i].name);
        if (!template_render(r->headers.items[i].value, scope, &b->text, why))
            return false;
        buf_char(&b->text, '\0');
    }
    for (size_t i = 0; i < r->n_unsent; i++) {
        header_begins(b, r->unsent[i]);
        b->headers[b->message.n_headers - 1].value = NULL;
    }
    return add_auth(b, &r->auth, scope, why);
}

static bool add_cookies(struct message_buf *b, const struct request *r, struct scope *scope,
                        struct err *why)
{
    if (r->cookies.n == 0)
        return true;
    b->message.cookies = text_at(b->text.len);
    if (!add_pairs(b, &r->cookies, "; ", scope, why))
        return false;
    buf_char(&b->text, '\0');
    return true;
}

/* ------------------------------------------------------------------------- body */

static struct piece *piece_begins(struct message_buf *b, enum piece_kind kind)
{
    if (b->message.n_pieces == b->pieces_room) {
        b->pieces_room = b->pieces_room > 0 ? b->pieces_room * 2 : 1;
        b->pieces = mem_grow(b->pieces, b->pieces_room, sizeof *b->pieces);
    }
    struct piece *p = &b->pieces[b->message.n_pieces++];
    *p = (struct piece){.kind = kind};
    return p;
}

/* Makes a piece of the text rendered since start, if there is any. */
static void piece_end_bytes(struct message_buf *b, size_t start)
{
    if (b->text.len == start)
        return;
    struct piece *p = piece_begins(b, PIECE_BYTES);
    p->data = text_at(start);
    p->len = b->text.len - start;
    b->message.body_len += p->len;
    buf_char(&b->text, '\0');
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

static void add_stream(struct message_buf *b, const struct content *c, struct rng *rng)
{
    bool file = c->kind == CONTENT_FILE;
    struct piece *p = piece_begins(b, file ? PIECE_FILE : PIECE_PAYLOAD);
    p->fd = file ? c->file->fd : -1;
    p->len = file ? c->file->size : draw_size(c, rng);
    p->seed = file ? 0 : rng_next(rng);
    b->message.body_len += p->len;
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

static void part_begins(struct message_buf *b, const struct part *p, const char *boundary)
{
    buf_text(&b->text, "--");
    buf_text(&b->text, boundary);
    buf_text(&b->text, "\r\nContent-Disposition: form-data; name=\"");
    add_quoted(&b->text, p->name);
    if (p->filename != NULL) {
        buf_text(&b->text, "\"; filename=\"");
        add_quoted(&b->text, p->filename);
    }
    buf_char(&b->text, '"');
    if (p->type != NULL) {
        buf_text(&b->text, "\r\nContent-Type: ");
        buf_text(&b->text, p->type);
    }
    buf_text(&b->text, "\r\n\r\n");
}

static bool add_parts(struct message_buf *b, const struct content *c, struct scope *scope,
                      struct err *why)
{
    char boundary[40];
    snprintf(boundary, sizeof boundary, "ramptop-%016llx",
             (unsigned long long)rng_next(&scope->rng));
    header_begins(b, "Content-Type");
    buf_text(&b->text, "multipart/form-data; boundary=");
    buf_add(&b->text, boundary, strlen(boundary) + 1);
    size_t start = b->text.len;
    for (size_t i = 0; i < c->n_parts; i++) {
        const struct part *p = &c->parts[i];
        part_begins(b, p, boundary);
        if (p->content.kind == CONTENT_TEXT) {
            if (!template_render(p->content.text, scope, &b->text, why))
                return false;
        } else {
            piece_end_bytes(b, start);
            add_stream(b, &p->content, &scope->rng);
            start = b->text.len;
        }
        buf_text(&b->text, "\r\n");
    }
    buf_text(&b->text, "--");
    buf_text(&b->text, boundary);
    buf_text(&b->text, "--\r\n");
    piece_end_bytes(b, start);
    return true;
}

static bool add_body(struct message_buf *b, const struct request *r, struct scope *scope,
                     struct err *why)
{
    size_t start = b->text.len;
    b->message.has_body = r->body.kind != CONTENT_NONE;
    switch (r->body.kind) {
    case CONTENT_NONE:
        break;
    case CONTENT_TEXT:
        if (!template_render(r->body.text, scope, &b->text, why))
            return false;
        piece_end_bytes(b, start);
        break;
    case CONTENT_FORM:
        if (!add_pairs(b, &r->body.form, "&", scope, why))
            return false;
        piece_end_bytes(b, start);
        break;
    case CONTENT_PARTS:
        return add_parts(b, &r->body, scope, why);
    case CONTENT_PAYLOAD:
    case CONTENT_FILE:
        add_stream(b, &r->body, &scope->rng);
        break;
    }
    return true;
}

/* ------------------------------------------------------------------------ whole */

static void request_buf_settle(struct message_buf *b)
{
    struct message *m = &b->message;
    m->path = text_settle(b, m->path);
    if (m->cookies != NULL)
        m->cookies = text_settle(b, m->cookies);
    for (size_t i = 0; i < m->n_headers; i++)
        if (b->headers[i].value != NULL)
            b->headers[i].value = text_settle(b, b->headers[i].value);
    for (size_t i = 0; i < m->n_pieces; i++)
        if (b->pieces[i].kind == PIECE_BYTES)
            b->pieces[i].data = text_settle(b, b->pieces[i].data);
    m->headers = b->headers;
    m->body = b->pieces;
}

bool compose(struct message_buf *b, const struct request *r, struct scope *scope, struct err *why)
{
    b->message = (struct message){.method = r->method,
                                  .origin = &r->origin,
                                  .gzip = r->gzip,
                                  .max_redirects = r->max_redirects,
                                  .keep = r->keep,
                                  .body_cap = r->body_cap};
    buf_clear(&b->text);
    buf_char(&b->text, '\0'); /* so that no offset is 0, which would read as NULL */
    if (!add_url(b, r, scope, why) || !add_headers(b, r, scope, why) ||
        !add_cookies(b, r, scope, why) || !add_body(b, r, scope, why))
        return false;
    request_buf_settle(b);
    return true;
}

void message_buf_finish(struct message_buf *b)
{
    if (b->text.data != NULL)
        explicit_bzero(b->text.data, b->text.room); /* a secret may be in it */
    buf_finish(&b->text);
    free(b->headers);
    free(b->pieces);
    *b = (struct message_buf){0};
}
