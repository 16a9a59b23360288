/* SPDX-License-Identifier: MIT */
/* language_reply.c - expectations of a reply: statuses, checks, captures, retries. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/language_parts.h"

#define MAX_CHECKS 64u
#define MAX_CAPTURES 64u
#define MAX_PATTERNS 1000u /* in a profile: a prepared one takes some KiB */
#define MAX_RETRIES 100
#define MAX_BACKOFF_S 600u

/* ------------------------------------------------------------------- statuses */

/* True: one status, or one class such as "2xx", or one written as a text. */
static bool mark_status(const struct node *n, bool *marked)
{
    const char *text = n->kind == NODE_STRING ? n->string : "";
    if (n->kind == NODE_INT && n->integer >= 100 && n->integer <= 599)
        return marked[n->integer] = true;
    if (strlen(text) != 3 || text[0] < '1' || text[0] > '5')
        return false;
    if (strcasecmp(text + 1, "xx") == 0)
        memset(marked + 100 * (text[0] - '0'), true, 100);
    else if (strspn(text, "0123456789") == 3)
        marked[(text[0] - '0') * 100 + (text[1] - '0') * 10 + text[2] - '0'] = true;
    else
        return false;
    return true;
}

static void take_marked(const bool *marked, struct status_set *set)
{
    size_t n = 0;
    for (unsigned i = 0; i < 600; i++)
        n += marked[i];
    set->codes = mem_array(n + 1, sizeof *set->codes);
    for (unsigned i = 0; i < 600; i++)
        if (marked[i])
            set->codes[set->n++] = (uint16_t)i;
}

void language_statuses(const struct context *c, const struct node *n, const char *example,
                       struct status_set *set)
{
    bool marked[600] = {false}, list = n->kind == NODE_ARRAY || n->kind == NODE_LIST;
    if (n->kind != NODE_INT && n->kind != NODE_STRING && !list) {
        node_problem(c->d, n, "%s must be a status or an array of them, as in [%s].", n->name,
                     example);
        return;
    }
    if (list && n->n == 0)
        node_problem(c->d, n, "%s names no status; leave it out.", n->name);
    for (size_t i = 0; i < (list ? n->n : 1); i++) {
        const struct node *item = list ? &n->items[i] : n;
        if (!mark_status(item, marked))
            node_problem(c->d, item,
                         "a status of %s must be a number from 100 to 599, or a class such as "
                         "\"%cxx\".",
                         n->name, *example);
    }
    take_marked(marked, set);
}

/* -------------------------------------------------------------------- checks */

bool language_pattern(struct context *c, const struct node *n)
{
    if (c->patterns++ < MAX_PATTERNS)
        return true;
    if (c->patterns == MAX_PATTERNS + 1)
        node_problem(c->d, n, "there are more than %u regular expressions in the profile.",
                     MAX_PATTERNS);
    return false;
}

static void add_check(struct context *c, const struct node *n, const struct check_spec *spec,
                      struct request *r)
{
    struct err e;
    if (r->n_checks == MAX_CHECKS) {
        node_problem(c->d, n, "a request has at most %u checks.", MAX_CHECKS);
        return;
    }
    bool pattern = spec->kind == CHECK_MATCHES ||
                   (spec->text != NULL && strstr(spec->text, "matches") != NULL);
    if (pattern && !language_pattern(c, n))
        return;
    struct check *check = check_compile(spec, c->names, &e);
    if (check == NULL) {
        node_problem(c->d, n, "%s: %s.", n->name, e.text);
        return;
    }
    r->checks = mem_room(r->checks, r->n_checks, sizeof *r->checks);
    r->checks[r->n_checks++] = check;
    r->keep |= check_needs(check);
}

static void read_text_checks(struct context *c, const struct node *n, enum check_kind kind,
                             const char *name, struct request *r)
{
    const struct node *items;
    int count = node_texts(c->d, n, &items);
    for (int i = 0; i < count; i++) {
        struct check_spec spec = {.kind = kind, .name = name, .text = items[i].string};
        struct node at = items[i];
        at.name = n->name; /* for the sentence */
        add_check(c, &at, &spec, r);
    }
}

static void read_limit_check(struct context *c, const struct node *n, enum check_kind kind,
                             const char *name, struct request *r)
{
    struct check_spec spec = {.kind = kind, .name = name};
    int64_t ms;
    if (kind == CHECK_MAX_TIME) {
        if (!node_whole(c->d, n, 1, 3600000, &ms))
            return;
        spec.limit = (uint64_t)ms * 1000;
    } else if (!language_bytes(c->d, n, UINT64_C(1) << 40, &spec.limit)) {
        return;
    }
    add_check(c, n, &spec, r);
}

static void read_check(struct context *c, const struct node *group, struct request *r)
{
    static const char *const keys[] = {"body_contains", "body_lacks", "body_matches", "json",
                                       "header",        "min_bytes",  "max_bytes",    "max_ms",
                                       "name",          NULL};
    if (!node_is(c->d, group, NODE_GROUP))
        return;
    node_only(c->d, group, "a check", keys);
    char *name = language_name(c->d, node_get(group, "name"));
    size_t asked = 0;
    for (size_t i = 0; i < group->n; i++) {
        const struct node *n = &group->items[i];
        for (int k = 0; k < CHECK_MAX_TIME + 1; k++) {
            if (strcmp(keys[k], n->name) != 0)
                continue;
            asked++;
            if (k >= CHECK_MIN_BYTES)
                read_limit_check(c, n, (enum check_kind)k, name, r);
            else
                read_text_checks(c, n, (enum check_kind)k, name, r);
        }
    }
    if (asked == 0 && group->n == (node_get(group, "name") != NULL))
        node_problem(c->d, group,
                     "this check asks for nothing; give it body_contains, json, "
                     "header, max_ms ...");
    free(name);
}

static void read_checks(struct context *c, const struct node *n, struct request *r)
{
    if (n->kind == NODE_LIST)
        for (size_t i = 0; i < n->n; i++)
            read_check(c, &n->items[i], r);
    else
        read_check(c, n, r);
}

/* ------------------------------------------------------------------ captures */

/* The long form: { from = "json:$.id"; pick = "random"; default = ""; } */
static bool read_long_capture(struct context *c, const struct node *group,
                              struct capture_spec *spec, char **fallback)
{
    static const char *const keys[] = {"from", "pick", "default", NULL};
    static const char *const picks[] = {"first", "last", "random", NULL};
    const struct node *from = node_get(group, "from"), *pick = node_get(group, "pick"),
                      *otherwise = node_get(group, "default");
    node_only(c->d, group, "a capture", keys);
    int which = pick != NULL ? node_word(c->d, pick, picks) : 0;
    spec->pick = which == 1 ? PICK_LAST : which == 2 ? PICK_RANDOM : PICK_FIRST;
    if (otherwise != NULL)
        spec->fallback = *fallback = language_plain(c, otherwise);
    if (from == NULL && !node_meant(group, "from"))
        node_problem(c->d, group, "the capture \"%.60s\" has no from, as in \"json:$.id\".",
                     group->name);
    return from != NULL && node_text(c->d, from, &spec->from) && which >= 0;
}

/* A variable that is drawn, if it is one. */
static void mark_draw(struct profile *p, uint32_t slot)
{
    for (size_t i = 0; i < p->n_draws; i++)
        p->draws[i].captured |= p->draws[i].slot == slot;
}

static void read_capture(struct context *c, const struct node *n, struct request *r)
{
    struct capture_spec spec = {.name = n->name};
    char *fallback = NULL;
    struct err e;
    struct named what = names_find(c->names, n->name);
    bool ok = n->kind == NODE_GROUP ? read_long_capture(c, n, &spec, &fallback)
                                    : node_text(c->d, n, &spec.from);
    spec.slot = what.index;
    mark_draw(c->p, spec.slot);
    if (ok && what.kind == NAME_SLOT && /* otherwise it was complained about */
        (strncmp(spec.from, "regex:", 6) != 0 || language_pattern(c, n))) {
        struct capture *capture = capture_compile(&spec, &e);
        if (capture != NULL) {
            r->captures = mem_room(r->captures, r->n_captures, sizeof *r->captures);
            r->captures[r->n_captures++] = capture;
            r->keep |= capture_needs(capture);
        } else {
            node_problem(c->d, n, "the capture \"%s\": %s.", n->name, e.text);
        }
    }
    free(fallback);
}

static void read_captures(struct context *c, const struct node *group, struct request *r)
{
    if (!node_is(c->d, group, NODE_GROUP))
        return;
    if (group->n > MAX_CAPTURES) {
        node_problem(c->d, group, "a request captures at most %u values.", MAX_CAPTURES);
        return;
    }
    for (size_t i = 0; i < group->n; i++)
        read_capture(c, &group->items[i], r);
}

/* --------------------------------------------------------------------- retry */

static void read_retry_on(struct context *c, const struct node *n, struct retry *retry)
{
    bool marked[600] = {false}, list = n->kind == NODE_ARRAY || n->kind == NODE_LIST;
    for (size_t i = 0; i < (list ? n->n : 1); i++) {
        const struct node *item = list ? &n->items[i] : n;
        if (item->kind == NODE_STRING && strcmp(item->string, "connect") == 0)
            retry->on_connect = true;
        else if (item->kind == NODE_STRING && strcmp(item->string, "timeout") == 0)
            retry->on_timeout = true;
        else if (!mark_status(item, marked))
            node_problem(c->d, item,
                         "what is tried again is a status, a class such as \"5xx\", "
                         "\"connect\" or \"timeout\".");
    }
    if (list && n->n == 0)
        node_problem(c->d, n, "on is empty; leave it out for 429, 502, 503, 504 and \"connect\".");
    take_marked(marked, &retry->statuses);
}

static void read_backoff(const struct doc *d, const struct node *n, struct retry *retry)
{
    if (!node_is_sequence(d, n))
        return;
    if (n->n != 2) {
        node_problem(d, n, "backoff must be the first and the longest pause, as in [0.1, 5.0].");
    } else if (language_time(d, &n->items[0], MAX_BACKOFF_S, &retry->first_ns) &&
               language_time(d, &n->items[1], MAX_BACKOFF_S, &retry->longest_ns) &&
               retry->first_ns > retry->longest_ns) {
        node_problem(d, n, "the first pause of backoff is longer than the longest; swap them.");
    }
}

static void read_retry(struct context *c, const struct node *group, struct retry *retry)
{
    static const char *const keys[] = {"times", "backoff", "on", "retry_after", NULL};
    static const unsigned usual[] = {429, 502, 503, 504};
    const struct node *times = node_get(group, "times"), *backoff = node_get(group, "backoff"),
                      *on = node_get(group, "on");
    int64_t n = 0;
    if (!node_is(c->d, group, NODE_GROUP))
        return;
    node_only(c->d, group, "retry", keys);
    if (times != NULL)
        node_whole(c->d, times, 1, MAX_RETRIES, &n);
    else if (!node_meant(group, "times"))
        node_problem(c->d, group, "retry does not say how often; give it times.");
    *retry = (struct retry){
        .times = (unsigned)n, .first_ns = 100000000u, .longest_ns = UINT64_C(5000000000)};
    if (backoff != NULL)
        read_backoff(c->d, backoff, retry);
    language_switch(c->d, group, "retry_after", &retry->retry_after);
    if (on != NULL) {
        read_retry_on(c, on, retry);
        return;
    }
    bool marked[600] = {false};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        marked[usual[i]] = true;
    retry->on_connect = true;
    take_marked(marked, &retry->statuses);
}

void language_reply(struct context *c, const struct node *group, struct request *r)
{
    const struct node *expect = node_get(group, "expect"), *check = node_get(group, "check"),
                      *capture = node_get(group, "capture"), *retry = node_get(group, "retry");
    if (expect != NULL)
        language_statuses(c, expect, "200, 201", &r->expect);
    if (check != NULL)
        read_checks(c, check, r);
    if (capture != NULL)
        read_captures(c, capture, r);
    if (retry != NULL)
        read_retry(c, retry, &r->retry);
}
