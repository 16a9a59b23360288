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

#define RAW_MAX 512 /* bytes of a note: more than fits once it is clean */

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

static void validate_body(const struct request *r, const struct reply *reply, struct scope *scope,
                          struct result *result)
{
    for (size_t i = 0; i < r->n_checks; i++) {
        if (check_passes(r->checks[i], reply, scope, &result->why))
            continue;
        result->fail = FAIL_CHECK;
        result->name = check_name(r->checks[i]);
        return;
    }
    /* All of them, so that none keeps the value of an earlier reply. */
    struct err why;
    for (size_t i = 0; i < r->n_captures; i++) {
        if (capture_take(r->captures[i], reply, scope, &why) || result->fail != FAIL_NONE)
            continue;
        result->fail = FAIL_CAPTURE;
        result->name = capture_name(r->captures[i]);
        result->why = why;
    }
}

void validate_reply(const struct request *r, const struct outcome *o, uint64_t took_ns,
                    struct scope *scope, struct result *result)
{
    result->fail = o->fail;
    result->name = NULL;
    if (result->fail != FAIL_NONE)
        return;
    if (!status_expected(&r->expect, o->status)) {
        result->fail = FAIL_STATUS;
    } else if (r->n_checks > 0 || r->n_captures > 0) {
        struct reply reply = reply_of(o, took_ns);
        validate_body(r, &reply, scope, result);
    }
}

/* ---------------------------------------------------------------------- notes */

static size_t note_raw(char *raw, size_t size, const struct result *result, const struct request *r,
                       const struct outcome *o, bool timed_out)
{
    char limit[HUMAN_MAX];
    if (result->name != NULL)
        return (size_t)snprintf(raw, size, "%s: %s", result->name, result->why.text);
    if (result->fail == FAIL_NO_VALUE)
        return (size_t)snprintf(raw, size, "%s", result->why.text);
    if (timed_out) {
        human_us(limit, sizeof limit, (double)r->timeout_ns / 1e3, false);
        return (size_t)snprintf(raw, size, "no reply within %s, %s", limit, o->reason);
    }
    if (result->fail != FAIL_STATUS || o->reason[0] != '\0')
        return (size_t)snprintf(raw, size, "%s", o->reason);
    if (o->body_len == 0)
        return (size_t)snprintf(raw, size, "status %u with an empty body", o->status);
    size_t len = o->body_len < size ? o->body_len : size;
    memcpy(raw, o->body, len);
    return len;
}

static bool slot_is_hidden(const struct user_class *c, uint32_t slot)
{
    for (size_t i = 0; i < c->n_hidden; i++)
        if (c->hidden[i] == slot)
            return true;
    return false;
}

static void redact_cells(struct secrets *all, const struct redaction *redaction)
{
    const struct scope *scope = redaction->scope;
    for (size_t i = 0; i < redaction->cls->n_hidden_cells; i++) {
        const struct column_ref *c = &redaction->cls->hidden_cells[i];
        size_t len;
        if (scope->rows[c->feeder] == SCOPE_NO_ROW)
            continue;
        const char *text =
            feeder_cell(scope->feeders[c->feeder], scope->rows[c->feeder], c->column, &len);
        if (len > 0)
            secrets_add(all, secret_from(text, len));
    }
}

static void redact_value(struct secrets *all, const struct value *v)
{
    if (v->text != NULL && v->len > 0)
        secrets_add(all, secret_from(v->text, v->len));
}

/* Adds the values that would have been captured, had the reply been right. */
static void redact_captures(struct secrets *all, const struct redaction *redaction,
                            const struct request *r, const struct outcome *o)
{
    struct reply reply = reply_of(o, 0);
    struct scope scope = {.rng = redaction->scope->rng};
    struct err why;
    scope_init(&scope, redaction->scope->n_values, NULL, 0);
    for (size_t i = 0; i < r->n_captures; i++)
        if (slot_is_hidden(redaction->cls, capture_slot(r->captures[i])) &&
            capture_take(r->captures[i], &reply, &scope, &why))
            redact_value(all, &scope.values[capture_slot(r->captures[i])]);
    scope_finish(&scope);
}

/* By the names that stand beside it in what was sent. */
static void redact_sent(struct secrets *all, const struct message *m)
{
    secret_text_url(all, m->path);
    for (size_t i = 0; i < m->n_headers; i++)
        if (m->headers[i].value != NULL)
            secret_text_header(all, m->headers[i].name, m->headers[i].value);
    if (m->cookies != NULL)
        secret_text_cookies(all, m->cookies);
    for (size_t i = 0; i < m->n_pieces; i++)
        if (m->body[i].kind == PIECE_BYTES)
            secret_text_body(all, m->body[i].data, m->body[i].len);
}

static void redact_cookie(const char *value, size_t len, void *all)
{
    secret_text_cookie(all, value, len);
}

/* In one go, so that those which overlap are found. */
static void note_scrub(char *raw, size_t len, const struct redaction *redaction,
                       const struct request *r, const struct outcome *o)
{
    struct secrets all = {0};
    for (size_t i = 0; i < redaction->secrets->n; i++)
        secrets_add(&all, redaction->secrets->items[i]);
    size_t borrowed = all.n;
    /* A cleared value is still a secret: its text is there. */
    for (size_t i = 0; i < redaction->cls->n_hidden; i++)
        redact_value(&all, &redaction->scope->values[redaction->cls->hidden[i]]);
    redact_cells(&all, redaction);
    if (r->n_captures > 0 && redaction->cls->n_hidden > 0)
        redact_captures(&all, redaction, r, o);
    if (redaction->sent != NULL)
        redact_sent(&all, redaction->sent);
    if (redaction->channel != NULL && redaction->ops->channel_cookies != NULL)
        redaction->ops->channel_cookies(redaction->channel, redact_cookie, &all);
    secrets_scrub(&all, raw, len);
    while (all.n > borrowed)
        secret_free(all.items[--all.n]);
    free(all.items);
}

void failure_words(struct note *n, const struct result *result, const struct request *r,
                   const struct outcome *o, bool timed_out, const struct redaction *redaction)
{
    char raw[RAW_MAX];
    size_t len = note_raw(raw, sizeof raw, result, r, o, timed_out);
    len = len < sizeof raw ? len : sizeof raw - 1;
    note_scrub(raw, len, redaction, r, o);
    while (len > 0 && strchr(" \t\r\n", raw[len - 1]) != NULL)
        len--;
    clean_text(n->text, sizeof n->text, raw, len);
}
