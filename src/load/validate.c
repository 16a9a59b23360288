/* SPDX-License-Identifier: MIT */
#include "src/load/validate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/human.h"
#include "src/base/now.h"
#include "src/load/message.h"
#include "src/load/transport.h"
#include "src/profile/profile.h"
#include "src/script/feeder.h"
#include "src/script/scrub.h"
#include "src/script/secret_text.h"

#define RAW_MAX 512 /* of a note: more than fits once it is clean */

static struct reply reply_of(const struct outcome *o, uint64_t took_ns)
{
    return (struct reply){.status = o->status,
                          .body = o->body,
                          .body_len = o->body_len,
                          .body_bytes = o->body_bytes,
                          .headers = o->headers,
                          .headers_len = o->headers_len,
                          .took_us = took_ns / NS_PER_US};
}

static void look_into(const struct request *r, const struct reply *reply, struct scope *scope,
                      struct verdict *v)
{
    for (size_t i = 0; i < r->n_checks; i++) {
        if (check_passes(r->checks[i], reply, scope, &v->why))
            continue;
        v->fail = FAIL_CHECK;
        v->name = check_name(r->checks[i]);
        return;
    }
    /* All of them, so that none keeps the value of an earlier reply. */
    struct err why;
    for (size_t i = 0; i < r->n_captures; i++) {
        if (capture_take(r->captures[i], reply, scope, &why) || v->fail != FAIL_NONE)
            continue;
        v->fail = FAIL_CAPTURE;
        v->name = capture_name(r->captures[i]);
        v->why = why;
    }
}

void judge(const struct request *r, const struct outcome *o, uint64_t took_ns, struct scope *scope,
           struct verdict *v)
{
    v->fail = o->fail;
    v->name = NULL;
    if (v->fail != FAIL_NONE)
        return;
    if (!status_expected(&r->expect, o->status)) {
        v->fail = FAIL_STATUS;
    } else if (r->n_checks > 0 || r->n_captures > 0) {
        struct reply reply = reply_of(o, took_ns);
        look_into(r, &reply, scope, v);
    }
}

/* ---------------------------------------------------------------------- notes */

static size_t raw_note(char *raw, size_t size, const struct verdict *v, const struct request *r,
                       const struct outcome *o, bool timed_out)
{
    char limit[HUMAN_MAX];
    if (v->name != NULL)
        return (size_t)snprintf(raw, size, "%s: %s", v->name, v->why.text);
    if (v->fail == FAIL_NO_VALUE)
        return (size_t)snprintf(raw, size, "%s", v->why.text);
    if (timed_out) {
        human_us(limit, sizeof limit, (double)r->timeout_ns / 1e3, false);
        return (size_t)snprintf(raw, size, "no reply within %s, %s", limit, o->reason);
    }
    if (v->fail != FAIL_STATUS || o->reason[0] != '\0')
        return (size_t)snprintf(raw, size, "%s", o->reason);
    if (o->body_len == 0)
        return (size_t)snprintf(raw, size, "status %u with an empty body", o->status);
    size_t len = o->body_len < size ? o->body_len : size;
    memcpy(raw, o->body, len);
    return len;
}

static bool is_hidden(const struct user_class *c, uint32_t slot)
{
    for (size_t i = 0; i < c->n_hidden; i++)
        if (c->hidden[i] == slot)
            return true;
    return false;
}

static void add_cells(struct secrets *all, const struct unseen *unseen)
{
    const struct scope *scope = unseen->scope;
    for (size_t i = 0; i < unseen->cls->n_hidden_cells; i++) {
        const struct column_ref *c = &unseen->cls->hidden_cells[i];
        size_t len;
        if (scope->rows[c->feeder] == SCOPE_NO_ROW)
            continue;
        const char *text =
            feeder_cell(scope->feeders[c->feeder], scope->rows[c->feeder], c->column, &len);
        if (len > 0)
            secrets_add(all, secret_from(text, len));
    }
}

static void add_value(struct secrets *all, const struct value *v)
{
    if (v->text != NULL && v->len > 0)
        secrets_add(all, secret_from(v->text, v->len));
}

/* What would have been captured, had the reply been right. */
static void add_fresh(struct secrets *all, const struct unseen *unseen, const struct request *r,
                      const struct outcome *o)
{
    struct reply reply = reply_of(o, 0);
    struct scope scope = {.rng = unseen->scope->rng};
    struct err why;
    scope_init(&scope, unseen->scope->n_values, NULL, 0);
    for (size_t i = 0; i < r->n_captures; i++)
        if (is_hidden(unseen->cls, capture_slot(r->captures[i])) &&
            capture_take(r->captures[i], &reply, &scope, &why))
            add_value(all, &scope.values[capture_slot(r->captures[i])]);
    scope_finish(&scope);
}

/* By the names that stand beside it in what was sent. */
static void add_sent(struct secrets *all, const struct message *m)
{
    secret_text_url(all, m->url);
    for (size_t i = 0; i < m->n_headers; i++)
        secret_text_header_line(all, m->headers[i]);
    if (m->cookies != NULL)
        secret_text_cookies(all, m->cookies);
    for (size_t i = 0; i < m->n_pieces; i++)
        if (m->body[i].kind == PIECE_BYTES)
            secret_text_body(all, m->body[i].data, m->body[i].len);
}

static void add_cookie(const char *value, size_t len, void *all)
{
    secret_text_cookie(all, value, len);
}

/* In one go, so that those which overlap are found. */
static void scrub(char *raw, size_t len, const struct unseen *unseen, const struct request *r,
                  const struct outcome *o)
{
    struct secrets all = {0};
    for (size_t i = 0; i < unseen->secrets->n; i++)
        secrets_add(&all, unseen->secrets->items[i]);
    size_t borrowed = all.n;
    /* One that was cleared is still one: its text is there. */
    for (size_t i = 0; i < unseen->cls->n_hidden; i++)
        add_value(&all, &unseen->scope->values[unseen->cls->hidden[i]]);
    add_cells(&all, unseen);
    if (r->n_captures > 0 && unseen->cls->n_hidden > 0)
        add_fresh(&all, unseen, r, o);
    if (unseen->sent != NULL)
        add_sent(&all, unseen->sent);
    if (unseen->channel != NULL && unseen->ops->channel_cookies != NULL)
        unseen->ops->channel_cookies(unseen->channel, add_cookie, &all);
    secrets_scrub(&all, raw, len);
    while (all.n > borrowed)
        secret_free(all.items[--all.n]);
    free(all.items);
}

void judge_note(struct note *n, const struct verdict *v, const struct request *r,
                const struct outcome *o, bool timed_out, const struct unseen *unseen)
{
    char raw[RAW_MAX];
    size_t len = raw_note(raw, sizeof raw, v, r, o, timed_out);
    len = len < sizeof raw ? len : sizeof raw - 1;
    scrub(raw, len, unseen, r, o);
    while (len > 0 && strchr(" \t\r\n", raw[len - 1]) != NULL)
        len--;
    clean_text(n->text, sizeof n->text, raw, len);
}
