/* SPDX-License-Identifier: MIT */
#include "src/settings/set.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/settings/read.h"

#define NAMES_SHOWN 12
#define STEP_MAX 256

struct set {
    const char *text; /* "key=value" */
    size_t key_len;
    const char *value;
    const char *at; /* the next step */
    struct problems *problems;
};

/* A step of the path: ".name" or "[3]". */
struct step {
    char name[STEP_MAX];
    bool is_number; /* [3] */
    const char *begin;
    bool last;
};

static bool set_wrong(const struct set *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The value is not shown: it may be a password. */
static bool set_wrong(const struct set *s, const char *fmt, ...)
{
    char text[900];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    problems_add(s->problems, "--set %.*s: %s.", s->key_len < 200 ? (int)s->key_len : 200, s->text,
                 text);
    return false;
}

/* ------------------------------------------------------------------------- key */

static bool set_begin(struct set *s)
{
    const char *at = s->text;
    bool quoted = false;
    for (; *at != '\0' && (quoted || *at != '='); at++)
        quoted ^= *at == '"';
    s->key_len = (size_t)(at - s->text);
    s->value = *at == '=' ? at + 1 : at;
    while (s->key_len > 0 && isblank((unsigned char)s->text[s->key_len - 1]))
        s->key_len--;
    s->at = s->text;
    if (*at == '=' && s->key_len > 0)
        return true;
    return set_wrong(s, quoted ? "a quote has no end"
                               : "a key and a value are needed, such as levels.smoke.users=20");
}

/* Copies the step without quotes, brackets and the dot behind it. */
static bool next_step(struct set *s, struct step *step)
{
    const char *end = s->text + s->key_len, *from = s->at, *to;
    char quote = *from == '"' ? '"' : '\0';
    step->begin = from;
    step->is_number = *from == '[';
    from += step->is_number || quote;
    for (to = from; to < end; to++) {
        if (step->is_number ? *to == ']' : quote ? *to == quote : *to == '.' || *to == '[')
            break;
    }
    size_t len = (size_t)(to - from);
    s->at = to + (step->is_number || quote);
    if (len == 0 || len >= STEP_MAX || s->at > end)
        return set_wrong(s, "the key ends where a name is expected");
    memcpy(step->name, from, len);
    step->name[len] = '\0';
    if (step->is_number && step->name[strspn(step->name, "0123456789")] != '\0')
        return set_wrong(s, "\"[%.60s]\" is not the number of an element", step->name);
    step->last = s->at == end;
    if (!step->last && *s->at == '.')
        s->at++;
    else if (!step->last && *s->at != '[')
        return set_wrong(s, "a dot is missing in front of \"%.*s\"", (int)(end - s->at), s->at);
    return s->at < end || step->last || set_wrong(s, "the key ends where a name is expected");
}

/* ------------------------------------------------------------------- the way down */

/* Returns an element's `name`, without one its `request`. */
static const char *element_name(const struct node *n)
{
    const struct node *name = node_get(n, "name");
    if (name == NULL || name->kind != NODE_STRING)
        name = node_get(n, "request");
    return name != NULL && name->kind == NODE_STRING ? name->string : NULL;
}

static const char *name_of(const struct node *parent, const struct node *n)
{
    return parent->kind == NODE_GROUP ? n->name : element_name(n);
}

static bool holds_others(const struct node *n)
{
    return n->kind == NODE_GROUP || n->kind == NODE_LIST || n->kind == NODE_ARRAY;
}

static struct node *set_find_child(struct node *parent, const struct step *step)
{
    for (size_t i = 0; holds_others(parent) && !step->is_number && i < parent->n; i++) {
        const char *name = name_of(parent, &parent->items[i]);
        if (name != NULL && strcmp(name, step->name) == 0)
            return &parent->items[i];
    }
    if ((parent->kind != NODE_LIST && parent->kind != NODE_ARRAY) || strlen(step->name) > 6 ||
        step->name[strspn(step->name, "0123456789")] != '\0')
        return NULL;
    size_t i = strtoul(step->name, NULL, 10);
    return i < parent->n ? &parent->items[i] : NULL;
}

/* "user_classes", or what to call the whole. */
static const char *called(const struct set *s, const struct step *step, char out[STEP_MAX])
{
    size_t len = (size_t)(step->begin - s->text);
    while (len > 0 && s->text[len - 1] == '.')
        len--;
    snprintf(out, STEP_MAX, "%.*s", len < 100 ? (int)len : 100, s->text);
    return len > 0 ? out : "the profile";
}

/* Says which setting may have been meant, or which there are. */
static bool setting_missing(const struct set *s, const struct node *parent, const struct step *step)
{
    const char *names[NAMES_SHOWN + 1] = {NULL};
    char where[STEP_MAX], list[600] = "";
    size_t n = 0, len = 0;

    const char *place = called(s, step, where);
    if (!holds_others(parent))
        return set_wrong(s, "%s is a value and has no \"%.60s\"", place, step->name);
    if (step->is_number && parent->kind == NODE_GROUP)
        return set_wrong(s, "%s is a group; its settings have names, not numbers", place);
    if (step->is_number)
        return set_wrong(s, "there is no [%.20s] in %s; it has %zu element%s, counted from 0",
                         step->name, place, parent->n, parent->n == 1 ? "" : "s");
    for (size_t i = 0; i < parent->n && n < NAMES_SHOWN; i++) {
        names[n] = name_of(parent, &parent->items[i]);
        n += names[n] != NULL;
    }
    const char *near = words_nearest(step->name, names);
    if (near != NULL)
        return set_wrong(s, "there is no \"%.60s\" in %s (did you mean \"%.60s\"?)", step->name,
                         place, near);
    for (size_t i = 0; i < n; i++)
        len +=
            (size_t)snprintf(list + len, sizeof list - len, "%s%.40s", i > 0 ? ", " : "", names[i]);
    return set_wrong(s, "there is no \"%.60s\" in %s%s%s", step->name, place,
                     n > 0 ? "; it has " : "", list);
}

/* ----------------------------------------------------------------------- value */

static void node_mark_set(struct node *n, unsigned line, const struct set *s)
{
    n->line = line;
    n->set = s->text;
    n->set_len = (unsigned)s->key_len;
    for (size_t i = 0; i < n->n; i++)
        node_mark_set(&n->items[i], line, s);
}

/* As libconfig has it; false with its reason when it is no value. */
static bool parse_value(const char *value, struct node *out, char **why)
{
    struct source source;
    struct problems problems = {0};
    struct node root = {0};
    char *text = mem_printf("v = %s\n", value);
    bool ok = source_from_text(&source, "v", text, strlen(text), &problems) &&
              settings_read(&root, &source, &problems);
    *why = NULL;
    if (ok && root.n == 1) {
        *out = root.items[0];
        root.n = 0;
    } else {
        const char *reason = problems.n > 0 ? strchr(problems.lines[0], ' ') : NULL;
        *why = mem_strdup(reason != NULL ? reason + 1 : "it is more than one value.");
        (*why)[strlen(*why) - 1] = '\0'; /* without the full stop */
    }
    node_finish(&root);
    source_finish(&source);
    problems_finish(&problems);
    free(text);
    return *why == NULL;
}

static bool is_utf8(const char *text)
{
    size_t len = strlen(text), n = 1;
    for (size_t i = 0; n > 0 && i < len; i += n) {
        uint32_t cp;
        n = clean_decode(text + i, len - i, &cp);
    }
    return n > 0;
}

/* In the place of a string 007 is a text, as 007s would be, and 1#2 has no comment. */
static bool stays_string(const struct node *old, const struct node *new)
{
    return old != NULL && old->kind == NODE_STRING &&
           (new->kind == NODE_INT || new->kind == NODE_FLOAT || new->kind == NODE_BOOL);
}

/* old: what stood there; NULL for nothing. */
static bool read_value(const struct set *s, const struct node *old, struct node *out)
{
    char *why;
    const char *value = s->value + strspn(s->value, " \t");
    if (!is_utf8(s->value))
        return set_wrong(s, "the value is not UTF-8 text");
    if (parse_value(value, out, &why)) {
        if (stays_string(old, out)) {
            node_finish(out);
            *out = (struct node){.kind = NODE_STRING, .string = mem_strdup(value)};
        }
        return true;
    }
    /* Brackets and quotes are meant as libconfig's, unless a string is to be replaced. */
    bool is_string = (*value != '\0' && strchr("([{\"", *value) == NULL) || *value == '\0' ||
                     (old != NULL && old->kind == NODE_STRING && *value != '"');
    if (is_string)
        *out = (struct node){.kind = NODE_STRING, .string = mem_strdup(value)};
    else
        set_wrong(s, "%s", why);
    free(why);
    return is_string;
}

static bool may_be_name(const char *name)
{
    return (isalpha((unsigned char)*name) || *name == '*') &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "0123456789_-*")] == '\0';
}

static bool set_put(const struct set *s, struct node *parent, const struct step *step)
{
    struct node *old = set_find_child(parent, step), new = {0};
    if (old == NULL && (parent->kind != NODE_GROUP || step->is_number))
        return setting_missing(s, parent, step);
    if (old == NULL && !may_be_name(step->name))
        return set_wrong(s, "\"%.60s\" is not the name of a setting", step->name);
    if (!read_value(s, old, &new))
        return false;
    unsigned line = old != NULL ? old->line : parent->line;
    free(new.name);
    new.name = old != NULL ? mem_strdup(old->name) : mem_strdup(step->name);
    if (old == NULL) {
        parent->items = mem_grow(parent->items, parent->n + 1, sizeof *parent->items);
        old = &parent->items[parent->n++];
    } else {
        node_finish(old);
    }
    *old = new;
    node_mark_set(old, line, s);
    return true;
}

static bool set_one(struct node *root, struct set *s)
{
    struct node *n = root;
    struct step step;
    if (!set_begin(s))
        return false;
    while (next_step(s, &step)) {
        if (step.last)
            return set_put(s, n, &step);
        struct node *child = set_find_child(n, &step);
        if (child == NULL)
            return setting_missing(s, n, &step);
        n = child;
    }
    return false;
}

bool settings_set(struct node *root, const char *const *texts, size_t n, struct problems *problems)
{
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        struct set s = {.text = texts[i], .problems = problems};
        ok = set_one(root, &s) && ok;
    }
    return ok;
}
