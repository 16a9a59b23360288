/* SPDX-License-Identifier: MIT */
/* All that is known when the profile is read (literal text, constants, the environment)
 * lies ready-encoded in one block of memory; the parts between its pieces are fetched for
 * each rendering. */
#include "src/script/template.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/script/encode.h"
#include "src/script/feeder.h"
#include "src/script/generate.h"
#include "src/script/secret.h"

#define COLUMNS_SHOWN 160
#define PLACE_MAX 64 /* bytes of a ${...} that a message shows */
#define GROWTH_MAX 6 /* bytes that an escaped byte takes at most: \u00XX */

enum part_kind { PART_LITERAL, PART_SECRET, PART_SLOT, PART_CELL, PART_GENERATOR };
enum escape { ESCAPE_NONE, ESCAPE_PERCENT, ESCAPE_FORM, ESCAPE_JSON, ESCAPE_HEADER };

struct part {
    enum part_kind kind;
    enum escape escape;          /* how the value is escaped */
    uint32_t index;              /* slot or feeder */
    uint32_t column;             /* the feeder's column */
    size_t at, len;              /* literal: a piece of the text */
    const struct secret *secret; /* borrowed */
    struct generator *generator; /* owned */
    char *place;                 /* ${...} as a message shows it; owned; NULL for a literal */
};

struct template
{
    struct part *parts;
    size_t n;
    struct buf text; /* the literals' text */
    bool fixed, secret;
};

/* False: that value cannot stand there. */
static bool put_escaped(struct buf *out, enum escape escape, const char *text, size_t len)
{
    switch (escape) {
    case ESCAPE_NONE:
        break;
    case ESCAPE_PERCENT:
        encode_percent(out, text, len);
        return true;
    case ESCAPE_FORM:
        encode_form(out, text, len);
        return true;
    case ESCAPE_JSON:
        encode_json(out, text, len);
        return true;
    case ESCAPE_HEADER:
        if (encode_run(text, len, ENCODE_NOT_HEADER) < len)
            return false;
        break;
    }
    buf_add(out, text, len);
    return true;
}

/* ------------------------------------------------------------------------- compiling */

struct compiler {
    struct template *t;
    struct names *names;
    struct err *e;
    enum encoding how;
    bool in_string, behind_backslash; /* JSON: where the literal text has come to */
    char place[PLACE_MAX];            /* the ${...} in hand, cleaned and cut */
};

static void set_place(struct compiler *c, const char *text, size_t len)
{
    static const char cut[] = "...}";
    size_t n = clean_text(c->place, sizeof c->place, text, len);
    if (len >= sizeof c->place) {
        n = clean_text(c->place, sizeof c->place - sizeof cut + 1, text, len);
        memcpy(c->place + n, cut, sizeof cut);
    }
}

/* The place, the text, and the word somebody may have meant (or NULL). */
__attribute__((format(printf, 3, 4))) static bool
complain(const struct compiler *c, const char *nearest, const char *fmt, ...)
{
    char half[ERR_TEXT_MAX / 2], meant[PLACE_MAX] = "";
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(half, sizeof half, fmt, ap);
    va_end(ap);
    if (nearest == NULL)
        return err_set(c->e, "%s%s", c->place, half);
    clean_text(meant, sizeof meant, nearest, strlen(nearest));
    return err_set(c->e, "%s%s (did you mean \"%s\"?)", c->place, half, meant);
}

static enum escape escape_here(const struct compiler *c)
{
    switch (c->how) {
    case ENCODE_URL:
    case ENCODE_QUERY:
        return ESCAPE_PERCENT;
    case ENCODE_FORM:
        return ESCAPE_FORM;
    case ENCODE_JSON:
        return c->in_string ? ESCAPE_JSON : ESCAPE_NONE;
    case ENCODE_HEADER:
        return ESCAPE_HEADER;
    case ENCODE_PLAIN:
        break;
    }
    return ESCAPE_NONE;
}

static struct part *template_part(struct compiler *c, enum part_kind kind)
{
    struct template *t = c->t;
    t->parts = mem_room(t->parts, t->n, sizeof *t->parts);
    struct part *p = &t->parts[t->n++];
    *p = (struct part){.kind = kind, .escape = escape_here(c), .at = t->text.len};
    if (kind != PART_LITERAL)
        p->place = mem_strdup(c->place);
    if (kind != PART_LITERAL && kind != PART_SECRET)
        t->fixed = false;
    return p;
}

static bool template_add_text(struct compiler *c, enum escape escape, const char *text, size_t len)
{
    struct template *t = c->t;
    if (len == 0)
        return true;
    if (t->n == 0 || t->parts[t->n - 1].kind != PART_LITERAL)
        template_part(c, PART_LITERAL);
    struct part *p = &t->parts[t->n - 1];
    bool fits = put_escaped(&t->text, escape, text, len);
    p->len = t->text.len - p->at;
    return fits;
}

static void follow_json(struct compiler *c, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (c->behind_backslash)
            c->behind_backslash = false;
        else if (text[i] == '"')
            c->in_string = !c->in_string;
        else
            c->behind_backslash = c->in_string && text[i] == '\\';
    }
}

static bool add_literal(struct compiler *c, const char *text, size_t len)
{
    if (c->how == ENCODE_HEADER && encode_run(text, len, ENCODE_NOT_HEADER) < len)
        return err_set(c->e, "a header cannot hold a line break");
    if (c->how == ENCODE_JSON)
        follow_json(c, text, len);
    bool encoded = c->how == ENCODE_QUERY || c->how == ENCODE_FORM;
    return template_add_text(c, encoded ? escape_here(c) : ESCAPE_NONE, text, len);
}

/* A value that is known by now. */
static bool add_constant(struct compiler *c, const char *text)
{
    if (!names_spend(c->names, strlen(text) + 1))
        return complain(c, NULL,
                        " makes the texts of this profile too long: constants add more "
                        "than 4 MiB to them");
    return template_add_text(c, escape_here(c), text, strlen(text)) ||
           complain(c, NULL, " holds a line break, which cannot stand in a header");
}

static bool is_variable_name(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool letter = (name[i] >= 'a' && name[i] <= 'z') || (name[i] >= 'A' && name[i] <= 'Z');
        if (name[i] != '_' && !letter && !(i > 0 && name[i] >= '0' && name[i] <= '9'))
            return false;
    }
    return len > 0;
}

/* As the shell has it: the default holds for an empty variable too. */
static bool add_environment(struct compiler *c, const char *name)
{
    const char *otherwise = strstr(name, ":-");
    size_t len = otherwise != NULL ? (size_t)(otherwise - name) : strlen(name);
    if (!is_variable_name(name, len))
        return complain(c, NULL,
                        " names no environment variable, as ${env:NAME} or "
                        "${env:NAME:-default} do");
    char *key = mem_strndup(name, len);
    const char *value = names_environment(c->names, key);
    free(key);
    if (otherwise != NULL && (value == NULL || value[0] == '\0'))
        value = otherwise + 2;
    if (value == NULL)
        return complain(c, NULL,
                        " is not set: export %.*s, or write a default, as in ${env:NAME:-default}",
                        len < PLACE_MAX ? (int)len : PLACE_MAX, name);
    return add_constant(c, value);
}

static bool template_add_secret(struct compiler *c, const struct secret *s)
{
    size_t len;
    const char *text = secret_reveal(s, &len);
    if (escape_here(c) == ESCAPE_HEADER && encode_run(text, len, ENCODE_NOT_HEADER) < len)
        return complain(c, NULL, " holds a line break, which cannot stand in a header");
    template_part(c, PART_SECRET)->secret = s;
    c->t->secret = true;
    return true;
}

static const char *nearest_column(const struct feeder *f, const char *name)
{
    size_t n = 0;
    const char **words = mem_array(FEEDER_MAX_COLUMNS + 1, sizeof *words);
    while (n < FEEDER_MAX_COLUMNS && (words[n] = feeder_column_name(f, (unsigned)n)) != NULL)
        n++;
    words[n] = NULL;
    const char *nearest = words_nearest(name, words);
    free(words);
    return nearest;
}

/* The columns that were found, so that a wrong delimiter is seen: all of a line is one name then.
 */
static void list_columns(const struct feeder *f, char *out, size_t size)
{
    const char *name, *first = feeder_column_name(f, 0);
    size_t len = 0, split;
    for (unsigned i = 0; (name = feeder_column_name(f, i)) != NULL && len < size; i++)
        len += (size_t)snprintf(out + len, size - len, "%s\"%.40s\"", i > 0 ? ", " : "", name);
    if (len >= size)
        snprintf(out + size - 4, 4, "...");
    if (feeder_column_name(f, 1) == NULL && first != NULL &&
        first[split = strcspn(first, ";\t|,")] != '\0')
        snprintf(out, size, "\"%.60s\" alone: say delimiter = \"%s\"", first,
                 first[split] == '\t' ? "\\t" : (char[]){first[split], '\0'});
}

static bool template_add_cell(struct compiler *c, const char *feeder, const char *column)
{
    struct named what = names_find(c->names, feeder);
    if (what.kind == NAME_NONE)
        return complain(c, names_nearest(c->names, feeder), ": there is no such feeder");
    if (what.kind != NAME_FEEDER)
        return complain(c, NULL, ": only a feeder has columns, and that is a variable");
    if (what.feeder == NULL)
        return true;
    int at = feeder_column(what.feeder, column);
    if (at < 0) {
        char columns[COLUMNS_SHOWN];
        const char *nearest = nearest_column(what.feeder, column);
        list_columns(what.feeder, columns, sizeof columns);
        return nearest != NULL
                   ? complain(c, nearest, ": the feeder has no such column")
                   : complain(c, NULL, ": the feeder has no such column; it has %s", columns);
    }
    struct part *p = template_part(c, PART_CELL);
    p->index = what.index;
    p->column = (uint32_t)at;
    return true;
}

static bool add_generator(struct compiler *c, const char *text)
{
    struct err half;
    struct generator *g = generator_compile(text, c->names, &half);
    if (g == NULL)
        return complain(c, NULL, ": %s", half.text);
    template_part(c, PART_GENERATOR)->generator = g;
    return true;
}

static bool add_unknown(struct compiler *c, char *text)
{
    char *colon = strchr(text, ':');
    if (colon == NULL)
        return complain(c, names_nearest(c->names, text), " is not declared or captured");
    *colon = '\0';
    if (names_find(c->names, text).kind != NAME_NONE)
        return complain(c, NULL, ": a variable takes nothing behind its name");
    return complain(c, names_nearest(c->names, text), ": there is no such generator");
}

/* text: what stands between the braces; written to. */
static bool template_add_value(struct compiler *c, char *text)
{
    if (text[0] == '\0')
        return complain(c, NULL, " names nothing");
    if (strncmp(text, "env:", 4) == 0)
        return add_environment(c, text + 4);
    if (generator_is(text))
        return add_generator(c, text);
    struct named what = names_find(c->names, text);
    switch (what.kind) {
    case NAME_CONSTANT:
        return add_constant(c, what.text);
    case NAME_SECRET:
        return template_add_secret(c, what.secret);
    case NAME_SLOT:
        template_part(c, PART_SLOT)->index = what.index;
        return true;
    case NAME_FEEDER:
        return complain(c, NULL, " is a feeder: name one of its columns, as in ${%s.%.40s}", text,
                        what.feeder != NULL ? feeder_column_name(what.feeder, 0) : "NAME");
    case NAME_NONE:
        break;
    }
    char *dot = strchr(text, '.');
    if (dot == NULL || dot > text + strcspn(text, ":"))
        return add_unknown(c, text);
    *dot = '\0';
    return template_add_cell(c, text, dot + 1);
}

/* at: behind the "${".  Moves it behind the "}". */
static bool add_braces(struct compiler *c, const char **at)
{
    const char *begin = *at - 2;
    size_t len = strcspn(*at, "}");
    const char *another = memmem(*at, len, "${", 2);
    if (another != NULL)
        len = (size_t)(another - *at);
    set_place(c, begin, len + 2 + ((*at)[len] == '}'));
    if ((*at)[len] != '}')
        return complain(c, NULL, another != NULL ? " has no } before the next ${" : " has no }");
    if (c->behind_backslash)
        return complain(c, NULL, " stands right behind a backslash, which would change it");
    char *inner = mem_strndup(*at, len);
    *at += len + 1;
    bool ok = template_add_value(c, inner);
    free(inner);
    return ok;
}

static bool compile(struct compiler *c, const char *at)
{
    while (*at != '\0') {
        const char *dollar = strchr(at, '$');
        size_t literal = dollar != NULL ? (size_t)(dollar - at) : strlen(at);
        bool ok = add_literal(c, at, literal);
        at += literal;
        if (dollar == NULL)
            return ok;
        if (strncmp(at, "$${", 3) == 0) {
            ok = ok && add_literal(c, "${", 2);
            at += 3;
        } else if (at[1] == '{') {
            at += 2;
            ok = ok && add_braces(c, &at);
        } else {
            ok = ok && add_literal(c, at++, 1);
        }
        if (!ok)
            return false;
    }
    return true;
}

struct template *template_compile(const char *text, enum encoding how, struct names *names,
                                  struct err *e)
{
    struct template *t = mem_zalloc(sizeof *t);
    struct compiler c = {.t = t, .names = names, .e = e, .how = how};
    t->fixed = true;
    if (!compile(&c, text)) {
        template_free(t);
        return NULL;
    }
    return t;
}

struct template *template_literal(const char *text)
{
    struct template *t = mem_zalloc(sizeof *t);
    struct compiler c = {.t = t, .how = ENCODE_PLAIN};
    t->fixed = true;
    template_add_text(&c, ESCAPE_NONE, text, strlen(text));
    return t;
}

struct template *template_of_secret(const struct secret *s)
{
    struct template *t = mem_zalloc(sizeof *t);
    struct compiler c = {.t = t, .how = ENCODE_PLAIN};
    t->fixed = t->secret = true;
    template_part(&c, PART_SECRET)->secret = s;
    return t;
}

void template_free(struct template *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->n; i++) {
        generator_free(t->parts[i].generator);
        free(t->parts[i].place);
    }
    free(t->parts);
    buf_finish(&t->text);
    free(t);
}

bool template_is_fixed(const struct template *t)
{
    return t->fixed;
}

bool template_is_secret(const struct template *t)
{
    return t->secret;
}

void template_uses(const struct template *t, void (*slot)(uint32_t index, void *arg),
                   void (*feeder)(uint32_t index, void *arg), void *arg)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct part *p = &t->parts[i];
        if (p->kind == PART_SLOT && slot != NULL)
            slot(p->index, arg);
        if (p->kind == PART_CELL && feeder != NULL)
            feeder(p->index, arg);
    }
}

void template_cells(const struct template *t,
                    void (*cell)(uint32_t feeder, uint32_t column, void *arg), void *arg)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->parts[i].kind == PART_CELL)
            cell(t->parts[i].index, t->parts[i].column, arg);
}

/* ------------------------------------------------------------------------- rendering */

static bool line_break(const struct part *p, struct err *why)
{
    return err_set(why, "%s holds a line break, which cannot stand in a header", p->place);
}

static bool render_slot(const struct part *p, const struct scope *scope, struct buf *out,
                        struct err *why)
{
    const struct value *v = &scope->values[p->index];
    if (!v->set)
        return err_set(why, "%s has no value yet", p->place);
    return put_escaped(out, p->escape, v->text, v->len) || line_break(p, why);
}

static bool render_cell(const struct part *p, const struct scope *scope, struct buf *out,
                        struct err *why)
{
    uint32_t row = scope->rows[p->index];
    if (row == SCOPE_NO_ROW)
        return err_set(why, "%s has no row yet", p->place);
    size_t len;
    const char *text = feeder_cell(scope->feeders[p->index], row, p->column, &len);
    return put_escaped(out, p->escape, text, len) || line_break(p, why);
}

/* Renders a generated value, which is rarely in need of an escape: it is drawn in place, and only
 * then escaped behind itself and moved back. */
static bool render_generator(const struct part *p, struct scope *scope, struct buf *out,
                             struct err *why)
{
    static const enum encode_class unfit[] = {[ESCAPE_PERCENT] = ENCODE_NOT_URL,
                                              [ESCAPE_FORM] = ENCODE_NOT_URL,
                                              [ESCAPE_JSON] = ENCODE_NOT_JSON,
                                              [ESCAPE_HEADER] = ENCODE_NOT_HEADER};
    size_t begin = out->len;
    generator_draw(p->generator, scope, out);
    size_t len = out->len - begin;
    if (p->escape == ESCAPE_NONE || len == 0 ||
        encode_run(out->data + begin, len, unfit[p->escape]) == len)
        return true;
    if (p->escape == ESCAPE_HEADER)
        return line_break(p, why);
    buf_reserve(out, len * GROWTH_MAX);
    put_escaped(out, p->escape, out->data + begin, len);
    out->len -= len;
    memmove(out->data + begin, out->data + begin + len, out->len - begin + 1);
    return true;
}

static bool render_part(const struct template *t, const struct part *p, struct scope *scope,
                        struct buf *out, struct err *why)
{
    switch (p->kind) {
    case PART_LITERAL:
        buf_add(out, t->text.data + p->at, p->len);
        break;
    case PART_SECRET: {
        size_t len;
        const char *text = secret_reveal(p->secret, &len);
        put_escaped(out, p->escape, text, len);
        break;
    }
    case PART_SLOT:
        return render_slot(p, scope, out, why);
    case PART_CELL:
        return render_cell(p, scope, out, why);
    case PART_GENERATOR:
        return render_generator(p, scope, out, why);
    }
    return true;
}

bool template_render(const struct template *t, struct scope *scope, struct buf *out,
                     struct err *why)
{
    size_t begin = out->len;
    buf_reserve(out, t->text.len);
    out->data[begin] = '\0';
    for (size_t i = 0; i < t->n; i++) {
        if (!render_part(t, &t->parts[i], scope, out, why)) {
            out->len = begin;
            out->data[begin] = '\0';
            return false;
        }
    }
    return true;
}
