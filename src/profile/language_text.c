/* SPDX-License-Identifier: MIT */
/* The values that settings of all kinds have: texts, sizes, times, words. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/human.h"
#include "src/base/mem.h"
#include "src/profile/language_parts.h"

#define TOLD_MAX 200

/* --------------------------------------------------------------------- texts */

struct template *language_text(struct context *c, const struct node *n, enum encoding how)
{
    const char *text;
    struct err e;
    if (!node_text(c->d, n, &text))
        return NULL;
    struct template *t = template_compile(text, how, c->names, &e);
    if (t == NULL)
        node_problem(c->d, n, "%s.", e.text);
    return t;
}

char *language_fixed(struct context *c, const struct node *n)
{
    struct err why;
    struct template *t = language_text(c, n, ENCODE_PLAIN);
    if (t == NULL)
        return NULL;
    struct buf out = {0};
    buf_text(&out, "");
    bool fixed = template_is_fixed(t) && !template_is_secret(t);
    if (!fixed)
        node_problem(c->d, n,
                     "%s must be the same for every user: a generator, a feeder or a "
                     "secret cannot stand in it.",
                     n->name != NULL ? n->name : "this text");
    bool ok = fixed && template_render(t, NULL, &out, &why);
    template_free(t);
    if (ok)
        return buf_take(&out);
    buf_finish(&out);
    return NULL;
}

char *language_plain(struct context *c, const struct node *n)
{
    switch (n->kind) {
    case NODE_STRING:
        return mem_strdup(n->string);
    case NODE_INT:
        return mem_printf("%lld", (long long)n->integer);
    case NODE_FLOAT:
        return mem_printf("%.15g", n->number);
    case NODE_BOOL:
        return mem_strdup(n->integer != 0 ? "true" : "false");
    default:
        node_is(c->d, n, NODE_STRING);
        return NULL;
    }
}

void language_fields(struct context *c, const struct node *group, enum encoding how,
                     const char *what, struct fields *out)
{
    struct err e;
    if (group == NULL || !node_is(c->d, group, NODE_GROUP))
        return;
    for (size_t i = 0; i < group->n; i++) {
        char *text = language_plain(c, &group->items[i]);
        if (text != NULL && !build_field(out, group->items[i].name, text, how, c->names, &e))
            node_problem(c->d, &group->items[i], "the %s \"%.60s\": %s.", what,
                         group->items[i].name, e.text);
        free(text);
    }
}

char *language_name(const struct doc *d, const struct node *n)
{
    const char *text;
    if (n == NULL || !node_text(d, n, &text))
        return NULL;
    char *name = build_name(text);
    if (*name == '\0')
        node_problem(d, n, "name is empty.");
    return name;
}

char *language_path(struct context *c, const struct node *n)
{
    char *path = language_fixed(c, n);
    if (path == NULL)
        return NULL;
    if (*path == '\0')
        node_problem(c->d, n, "%s names no file.", n->name);
    const char *file = source_file(c->d->source, n->line);
    const char *slash = strrchr(file, '/');
    if (*path == '/' || *path == '\0' || slash == NULL || n->set != NULL)
        return path;
    char *whole = mem_printf("%.*s%s", (int)(slash - file + 1), file, path);
    free(path);
    return whole;
}

/* ------------------------------------------------------------ sizes and times */

static bool parse_bytes(const char *text, uint64_t *out)
{
    static const struct {
        const char *name;
        unsigned shift;
    } units[] = {{"", 0},    {"b", 0},    {"k", 10}, {"kb", 10}, {"kib", 10}, {"m", 20},
                 {"mb", 20}, {"mib", 20}, {"g", 30}, {"gb", 30}, {"gib", 30}};
    char *end;
    size_t digits = strspn(text, "0123456789.");
    if (digits == 0 || *text == '.' || digits > 15)
        return false;
    double v = strtod(text, &end);
    if (end != text + digits)
        return false;
    end += strspn(end, " ");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcasecmp(units[i].name, end) != 0)
            continue;
        v = ldexp(v, (int)units[i].shift);
        *out = v < 1e18 ? (uint64_t)v : UINT64_MAX;
        return true;
    }
    return false;
}

bool language_bytes(const struct doc *d, const struct node *n, uint64_t max, uint64_t *out)
{
    char text[HUMAN_MAX];
    uint64_t v = 0;
    const char *label = n->name != NULL ? n->name : "a size";
    bool number = n->kind == NODE_INT || n->kind == NODE_FLOAT;
    if (number && n->number >= 0)
        v = (uint64_t)fmin(n->number, 1e18);
    else if (number || n->kind != NODE_STRING || !parse_bytes(n->string, &v)) {
        node_problem(d, n, "%.60s must be a number of bytes, or a text such as \"100k\" or \"2M\".",
                     label);
        return false;
    }
    if (v > max) {
        node_problem(d, n, "%.60s is larger than %s.", label,
                     human_bytes(text, sizeof text, (double)max));
        return false;
    }
    *out = v;
    return true;
}

bool language_time(const struct doc *d, const struct node *n, unsigned max_s, uint64_t *ns)
{
    uint64_t v;
    if (n == NULL || !node_duration(d, n, &v))
        return false;
    if (v == 0 || v > max_s * UINT64_C(1000000000)) {
        node_problem(d, n, "%.60s must be more than 0 and at most %u seconds.",
                     n->name != NULL ? n->name : "the time", max_s);
        return false;
    }
    *ns = v;
    return true;
}

/* ------------------------------------------------------------------- choices */

bool language_switch(const struct doc *d, const struct node *group, const char *name, bool *out)
{
    const struct node *n = node_get(group, name);
    return n != NULL && node_bool(d, n, out);
}

bool language_first_time(struct context *c, const struct node *n)
{
    for (size_t i = 0; i < c->n_told; i++)
        if (c->told[i] == n)
            return false;
    if (c->n_told == TOLD_MAX)
        return false;
    c->told = mem_room(c->told, c->n_told, sizeof *c->told);
    c->told[c->n_told++] = n;
    return true;
}

int language_one_of(const struct node *group, const char *const *names, const struct node **first,
                    const struct node **second)
{
    int found = 0;
    *first = *second = NULL;
    for (size_t i = 0; i < group->n && group->kind == NODE_GROUP; i++) {
        for (size_t k = 0; names[k] != NULL; k++) {
            if (strcmp(names[k], group->items[i].name) != 0)
                continue;
            if (found == 0)
                *first = &group->items[i];
            else if (found == 1)
                *second = &group->items[i];
            found++;
        }
    }
    return found;
}
