/* SPDX-License-Identifier: MIT */
#include "src/settings/node.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/human.h"
#include "src/base/words.h"

#define DURATION_MAX_S (366.0 * 86400)

void node_finish(struct node *n)
{
    for (size_t i = 0; i < n->n; i++)
        node_finish(&n->items[i]);
    free(n->items);
    free(n->string);
    free(n->name);
}

void node_problem(const struct doc *d, const struct node *n, const char *fmt, ...)
{
    char text[900];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n->set != NULL)
        problems_add(d->problems, "--set %.*s: %s", n->set_len < 200 ? (int)n->set_len : 200,
                     n->set, text);
    else
        source_problem(d->source, d->problems, n->line, "%s", text);
}

/* Names a setting for a message; an element has no name of its own. */
static const char *node_label(const struct node *n)
{
    return n->name != NULL ? n->name : "each element";
}

static const char *kind_words(enum node_kind kind)
{
    switch (kind) {
    case NODE_GROUP:
        return "a group { }";
    case NODE_LIST:
        return "a list ( )";
    case NODE_ARRAY:
        return "an array [ ]";
    case NODE_STRING:
        return "a string";
    case NODE_INT:
        return "a whole number";
    case NODE_FLOAT:
        return "a number with a decimal point";
    case NODE_BOOL:
        break;
    }
    return "true or false";
}

static bool wrong_kind(const struct doc *d, const struct node *n, const char *wanted)
{
    node_problem(d, n, "%.60s must be %s, not %s.", node_label(n), wanted, kind_words(n->kind));
    return false;
}

const struct node *node_get(const struct node *group, const char *name)
{
    for (size_t i = 0; group->kind == NODE_GROUP && i < group->n; i++) {
        if (strcmp(group->items[i].name, name) == 0)
            return &group->items[i];
    }
    return NULL;
}

static bool is_known(const char *const *known, const char *name)
{
    while (*known != NULL && strcmp(*known, name) != 0)
        known++;
    return *known != NULL;
}

static const char *meant_by(const char *said, const char *const *known,
                            const struct node_meaning *meanings)
{
    for (; meanings != NULL && meanings->said != NULL; meanings++)
        if (strcmp(meanings->said, said) == 0 && is_known(known, meanings->meant))
            return meanings->meant;
    return words_nearest(said, known);
}

void node_only_or(const struct doc *d, const struct node *group, const char *where,
                  const char *const *known, const struct node_meaning *meanings)
{
    for (size_t i = 0; i < group->n; i++) {
        const struct node *n = &group->items[i];
        if (is_known(known, n->name))
            continue;
        /* Nobody reads a hint that is not kept, and looking for it takes long. */
        bool kept = d->problems->n < PROBLEMS_MAX;
        const char *near = kept ? meant_by(n->name, known, meanings) : NULL;
        if (near != NULL)
            node_problem(d, n, "unknown setting \"%.60s\" in %s (did you mean \"%s\"?).", n->name,
                         where, near);
        else
            node_problem(d, n, "unknown setting \"%.60s\" in %s.", n->name, where);
    }
}

void node_only(const struct doc *d, const struct node *group, const char *where,
               const char *const *known)
{
    node_only_or(d, group, where, known, NULL);
}

bool node_meant(const struct node *group, const char *name)
{
    const char *const one[] = {name, NULL};
    for (size_t i = 0; i < group->n; i++) {
        if (words_nearest(group->items[i].name, one) != NULL)
            return true;
    }
    return false;
}

bool node_is(const struct doc *d, const struct node *n, enum node_kind kind)
{
    return n->kind == kind || wrong_kind(d, n, kind_words(kind));
}

bool node_is_sequence(const struct doc *d, const struct node *n)
{
    return n->kind == NODE_LIST || n->kind == NODE_ARRAY || wrong_kind(d, n, "an array [ ]");
}

bool node_text(const struct doc *d, const struct node *n, const char **out)
{
    if (!node_is(d, n, NODE_STRING))
        return false;
    *out = n->string;
    return true;
}

bool node_bool(const struct doc *d, const struct node *n, bool *out)
{
    if (!node_is(d, n, NODE_BOOL))
        return false;
    *out = n->integer != 0;
    return true;
}

bool node_whole(const struct doc *d, const struct node *n, int64_t min, int64_t max, int64_t *out)
{
    /* libconfig tells 10.0 from 10; people do not. */
    bool whole = n->kind == NODE_FLOAT && n->number == floor(n->number) && fabs(n->number) < 1e15;
    if (n->kind != NODE_INT && !whole)
        return wrong_kind(d, n, "a whole number");
    int64_t v = n->kind == NODE_INT ? n->integer : (int64_t)n->number;
    if (v < min || v > max) {
        node_problem(d, n, "%.60s must be from %lld to %lld, not %lld.", node_label(n),
                     (long long)min, (long long)max, (long long)v);
        return false;
    }
    *out = v;
    return true;
}

static bool is_number(const struct node *n)
{
    return n->kind == NODE_INT || n->kind == NODE_FLOAT;
}

bool node_rate(const struct doc *d, const struct node *n, double max, double *out)
{
    if (!is_number(n))
        return wrong_kind(d, n, "a number");
    if (!(n->number > 0 && n->number <= max)) {
        node_problem(d, n, "%.60s must be more than 0 and at most %.0f, not %g.", node_label(n),
                     max, n->number);
        return false;
    }
    *out = n->number;
    return true;
}

bool node_duration(const struct doc *d, const struct node *n, uint64_t *ns)
{
    uint64_t v = 0;
    if (!is_number(n) && n->kind != NODE_STRING)
        return wrong_kind(d, n, "a time in seconds");
    if (n->kind == NODE_STRING && !human_parse_duration(n->string, &v)) {
        node_problem(d, n,
                     "%.60s must be a time such as 5, 2.5, \"500ms\" or \"1m30s\", not "
                     "\"%.60s\".",
                     node_label(n), n->string);
        return false;
    }
    double s = n->kind == NODE_STRING ? (double)v / 1e9 : n->number;
    if (!(s >= 0 && s <= DURATION_MAX_S)) {
        node_problem(d, n, "%.60s must be from 0 seconds to one year.", node_label(n));
        return false;
    }
    *ns = n->kind == NODE_STRING ? v : (uint64_t)llround(s * 1e9);
    return true;
}

int node_word(const struct doc *d, const struct node *n, const char *const *words)
{
    const char *text;
    struct buf all = {0};
    int found = -1;
    if (!node_text(d, n, &text))
        return -1;
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0)
            found = i;
        buf_printf(&all, "%s\"%s\"", i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ", words[i]);
    }
    const char *near = found < 0 ? words_nearest(text, words) : NULL;
    if (near != NULL)
        node_problem(d, n, "%.60s must be %s, not \"%.60s\" (did you mean \"%s\"?).", node_label(n),
                     all.data, text, near);
    else if (found < 0)
        node_problem(d, n, "%.60s must be %s, not \"%.60s\".", node_label(n), all.data, text);
    buf_finish(&all);
    return found;
}

int node_texts(const struct doc *d, const struct node *n, const struct node **items)
{
    const char *text;
    *items = n;
    if (n->kind == NODE_STRING)
        return 1;
    if (n->kind != NODE_ARRAY && n->kind != NODE_LIST) {
        node_problem(d, n, "%.60s must be a string or an array of strings.", node_label(n));
        return -1;
    }
    for (size_t i = 0; i < n->n; i++)
        if (!node_text(d, &n->items[i], &text))
            return -1;
    if (n->n == 0)
        node_problem(d, n, "%.60s is empty.", node_label(n));
    *items = n->items;
    return (int)n->n;
}
