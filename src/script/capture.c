/* SPDX-License-Identifier: MIT */
#include "src/script/capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/base/words.h"
#include "src/script/excerpt.h"
#include "src/script/jsonpath.h"
#include "src/script/pattern.h"
#include "src/script/secret_name.h"

/* With last and random all matches of a pattern are looked at; a hostile body has many. */
#define MATCHES_MAX 10000
#define MATCHING_NS_MAX 200000000u

enum source { FROM_JSON, FROM_REGEX, FROM_HEADER, FROM_COOKIE, FROM_BODY, FROM_STATUS };

static const char *const source_names[] = {"json", "regex",  "header", "cookie",
                                           "body", "status", NULL};

struct capture {
    enum source source;
    enum pick pick;
    uint32_t slot;
    struct jsonpath *path;
    struct pattern *pattern;
    char *name;     /* the variable's name */
    char *what;     /* the text behind the colon */
    char *fallback; /* NULL for none */
};

/* ------------------------------------------------------------------------- reading */

static bool unknown_source(const char *from, size_t len, struct err *e)
{
    char word[32];
    snprintf(word, sizeof word, "%.*s", (int)(len < 31 ? len : 31), from);
    const char *near = words_nearest(word, source_names);
    if (near == NULL && *from == '$')
        return err_set(e, "\"%.80s\" is not a source (did you mean \"json:%.80s\"?)", from, from);
    if (near != NULL)
        return err_set(e, "\"%s\" is not a source (did you mean \"%s\"?)", word, near);
    return err_set(e,
                   "\"%.80s\" is not a source; a value comes from json:PATH, regex:PATTERN, "
                   "header:NAME, cookie:NAME, body or status",
                   from);
}

static bool capture_read_source(struct capture *c, const char *from, struct err *e)
{
    size_t len = strcspn(from, ":");
    unsigned i = 0;
    while (source_names[i] != NULL &&
           (strlen(source_names[i]) != len || strncmp(from, source_names[i], len) != 0))
        i++;
    if (source_names[i] == NULL)
        return unknown_source(from, len, e);
    c->source = (enum source)i;
    const char *what = from[len] == ':' ? from + len + 1 : "";
    if (c->source != FROM_REGEX)
        what += strspn(what, " \t");
    c->what = mem_strdup(what);
    bool whole = c->source == FROM_BODY || c->source == FROM_STATUS;
    if (whole && *what != '\0')
        return err_set(e, "\"%s\" stands alone: it is the whole of it", source_names[i]);
    if (!whole && *what == '\0')
        return err_set(e, "behind \"%s:\" stands %s", source_names[i],
                       c->source == FROM_JSON    ? "a path, as in json:$.token"
                       : c->source == FROM_REGEX ? "a regular expression, as in regex:id=([0-9]+)"
                                                 : "a name");
    return true;
}

static bool variable_name_ok(const char *name, struct err *e)
{
    size_t len = strcspn(name, " \t\r\n:;=,");
    return name[len] == '\0' || err_set(e, "\"%.80s\" is not the name of a header or cookie", name);
}

static bool capture_prepare(struct capture *c, struct err *e)
{
    switch (c->source) {
    case FROM_JSON:
        c->path = jsonpath_compile(c->what, e);
        return c->path != NULL;
    case FROM_REGEX:
        c->pattern = pattern_compile(c->what, e);
        return c->pattern != NULL;
    case FROM_HEADER:
    case FROM_COOKIE:
        return variable_name_ok(c->what, e);
    default:
        return true;
    }
}

struct capture *capture_compile(const struct capture_spec *spec, struct err *e)
{
    struct capture *c = mem_zalloc(sizeof *c);
    c->name = mem_strdup(spec->name);
    c->slot = spec->slot;
    c->pick = spec->pick;
    c->fallback = mem_strdup(spec->fallback);
    if (capture_read_source(c, spec->from, e) && capture_prepare(c, e))
        return c;
    capture_free(c);
    return NULL;
}

void capture_free(struct capture *c)
{
    if (c == NULL)
        return;
    jsonpath_free(c->path);
    pattern_free(c->pattern);
    free(c->name);
    free(c->what);
    free(c->fallback);
    free(c);
}

const char *capture_name(const struct capture *c)
{
    return c->name;
}

uint32_t capture_slot(const struct capture *c)
{
    return c->slot;
}

bool capture_is_secret(const struct capture *c)
{
    if (secret_named(c->name) || c->source == FROM_COOKIE)
        return true;
    return c->source == FROM_HEADER ? secret_named_header(c->what) : secret_named_within(c->what);
}

unsigned capture_needs(const struct capture *c)
{
    switch (c->source) {
    case FROM_JSON:
    case FROM_REGEX:
    case FROM_BODY:
        return REPLY_BODY;
    case FROM_HEADER:
    case FROM_COOKIE:
        return REPLY_HEADERS;
    default:
        return 0;
    }
}

/* ------------------------------------------------------------------------- picking */

struct picking {
    enum pick pick;
    struct rng *rng;
    uint64_t seen;
    const char *value; /* the choice so far */
    size_t len;
};

/* Offers the k-th match, which replaces the choice with probability 1/k: of n matches each is
 * kept with 1/n. */
static void offer(struct picking *p, const char *value, size_t len)
{
    p->seen++;
    if (p->seen > 1 && p->pick == PICK_RANDOM && rng_below(p->rng, p->seen) != 0)
        return;
    p->value = value;
    p->len = len;
}

/* An outer match comes after those inside it: the last is what begins last. */
static bool offer_json(const char *json, size_t len, void *arg)
{
    struct picking *p = arg;
    if (p->pick == PICK_RANDOM || p->value == NULL || json > p->value)
        offer(p, json, len);
    return true;
}

static void pick_json(const struct capture *c, const struct reply *r, struct picking *p)
{
    if (c->pick == PICK_FIRST)
        jsonpath_first(c->path, r->body, r->body_len, &p->value, &p->len);
    else
        jsonpath_each(c->path, r->body, r->body_len, offer_json, p);
}

static void pick_regex(const struct capture *c, const struct reply *r, struct picking *p)
{
    const char *value;
    size_t from = 0, len;
    uint64_t begun = c->pick != PICK_FIRST ? now_ns() : 0;
    while (p->seen < MATCHES_MAX &&
           pattern_next(c->pattern, r->body, r->body_len, &from, &value, &len)) {
        offer(p, value, len);
        if (c->pick == PICK_FIRST || now_ns() - begun > MATCHING_NS_MAX)
            return;
    }
}

static void pick_header(const struct capture *c, const struct reply *r, struct picking *p)
{
    const char *value;
    size_t at = 0, len;
    while ((value = reply_next_header(r, c->what, &at, &len)) != NULL) {
        offer(p, value, len);
        if (c->pick == PICK_FIRST)
            return;
    }
}

/* ------------------------------------------------------------------------ capturing */

/* The text, borrowed from the reply or from scratch, or NULL. */
static const char *capture_take_text(const struct capture *c, const struct reply *r,
                                     struct scope *scope, size_t *len)
{
    struct picking p = {.pick = c->pick, .rng = &scope->rng};
    struct buf *scratch = &scope->scratch[0];
    switch (c->source) {
    case FROM_JSON:
        if (r->body_len > 0)
            pick_json(c, r, &p);
        return p.value != NULL ? jsonpath_view(p.value, p.len, scratch, len) : NULL;
    case FROM_REGEX:
        pick_regex(c, r, &p);
        break;
    case FROM_HEADER:
        pick_header(c, r, &p);
        break;
    case FROM_COOKIE:
        return reply_cookie(r, c->what, len);
    case FROM_BODY:
        *len = r->body_len;
        return r->body_len > 0 ? r->body : "";
    case FROM_STATUS:
        buf_clear(scratch);
        buf_printf(scratch, "%u", r->status);
        *len = scratch->len;
        return scratch->data;
    }
    *len = p.len;
    return p.value;
}

static bool nothing(const struct capture *c, const struct reply *r, struct err *why)
{
    char what[EXCERPT_MAX], body[EXCERPT_MAX];
    excerpt(what, c->what, strlen(c->what));
    if (c->source == FROM_HEADER || c->source == FROM_COOKIE)
        return err_set(why, "no value for \"%s\": the reply has no %s %s", c->name,
                       source_names[c->source], what);
    return err_set(why, "no value for \"%s\": nothing matches %s in %s\"%s\"", c->name, what,
                   r->body_len < r->body_bytes ? "the kept part of " : "",
                   excerpt(body, r->body_len > 0 ? r->body : "", r->body_len));
}

bool capture_take(const struct capture *c, const struct reply *r, struct scope *scope,
                  struct err *why)
{
    size_t len = 0;
    const char *text = capture_take_text(c, r, scope, &len);
    bool cut = c->source == FROM_BODY && r->body_bytes > r->body_len;
    struct value *v = &scope->values[c->slot];
    if (text != NULL && len <= VALUE_MAX && !cut) {
        value_set(v, text, len);
        return true;
    }
    if (c->fallback != NULL) {
        value_set(v, c->fallback, strlen(c->fallback));
        return true;
    }
    value_clear(v);
    if (text == NULL)
        return nothing(c, r, why);
    return err_set(why, "no value for \"%s\": it is longer than %u bytes", c->name, VALUE_MAX);
}
