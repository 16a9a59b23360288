/* SPDX-License-Identifier: MIT */
#include "src/load/judge.h"

#include <stdio.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/human.h"
#include "src/base/now.h"
#include "src/load/transport.h"
#include "src/profile/profile.h"

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
    if (v->fail != FAIL_STATUS)
        return (size_t)snprintf(raw, size, "%s", o->reason);
    if (o->body_len == 0)
        return (size_t)snprintf(raw, size, "status %u with an empty body", o->status);
    size_t len = o->body_len < size ? o->body_len : size;
    memcpy(raw, o->body, len);
    return len;
}

void judge_note(struct note *n, const struct verdict *v, const struct request *r,
                const struct outcome *o, bool timed_out, const struct secrets *secrets)
{
    char raw[RAW_MAX];
    size_t len = raw_note(raw, sizeof raw, v, r, o, timed_out);
    len = len < sizeof raw ? len : sizeof raw - 1;
    secrets_scrub(secrets, raw, len);
    while (len > 0 && strchr(" \t\r\n", raw[len - 1]) != NULL)
        len--;
    clean_text(n->text, sizeof n->text, raw, len);
}
