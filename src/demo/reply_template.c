/* SPDX-License-Identifier: MIT */
#include "src/demo/reply_template.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/script/encode.h"
#include "src/script/jsonpath.h"
#include "src/script/names.h"

/* Words of the request, beside those with a dot. */
enum word {
    WORD_ID,
    WORD_ITEM,
    WORD_ITEMS,
    WORD_TOTAL,
    WORD_ACCOUNT,
    WORD_ROLE,
    WORD_TOKEN,
    WORD_CSRF,
    WORD_BYTES,
    WORDS
};
static const char *const words[] = {"id",   "item",  "items", "total", "account",
                                    "role", "token", "csrf",  "bytes", NULL};

enum place_kind { PLACE_WORD, PLACE_PATH, PLACE_QUERY, PLACE_BODY, PLACE_ITEM };
static const char *const prefixes[] = {"", "path.", "query.", "body.", "item."};

/* The meaning of a slot of the scope. */
struct place {
    enum place_kind kind;
    enum word word;
    char *name;
    bool raw; /* as JSON, not as text */
    struct jsonpath *json;
    uint32_t slot;
};

struct vocabulary {
    struct names *names;
    struct place *places; /* the place of slot i is i */
    uint32_t n;
};

struct reply_template {
    struct template *template;
    uint32_t *slots;
    size_t n;
};

/* ----------------------------------------------------------------- compiling */

struct vocabulary *vocabulary_create(void)
{
    struct vocabulary *v = mem_zalloc(sizeof *v);
    v->names = names_create();
    return v;
}

void vocabulary_free(struct vocabulary *v)
{
    if (v == NULL)
        return;
    for (uint32_t i = 0; i < v->n; i++) {
        free(v->places[i].name);
        jsonpath_free(v->places[i].json);
    }
    free(v->places);
    names_free(v->names);
    free(v);
}

/* A name that no description can mean by itself. */
static void slot_name(char out[32], uint32_t slot)
{
    snprintf(out, 32, "demo-slot-%" PRIu32, slot);
}

static struct place *find_place(struct vocabulary *v, const struct place *wanted)
{
    for (uint32_t i = 0; i < v->n; i++) {
        struct place *p = &v->places[i];
        if (p->kind == wanted->kind && p->raw == wanted->raw && strcmp(p->name, wanted->name) == 0)
            return p;
    }
    return NULL;
}

/* The place, there from now on; wanted->name is taken over.  NULL with a half sentence. */
static struct place *add_place(struct vocabulary *v, struct place *wanted, struct err *e)
{
    struct place *p = find_place(v, wanted);
    char name[32];
    if (p != NULL) {
        free(wanted->name);
        return p;
    }
    if (wanted->kind == PLACE_BODY || wanted->kind == PLACE_ITEM) {
        char *path = mem_printf("$.%s", wanted->name);
        wanted->json = jsonpath_compile(path, e);
        free(path);
    }
    slot_name(name, v->n);
    bool ok = (wanted->json != NULL || wanted->kind < PLACE_BODY) &&
              names_slot(v->names, name, &wanted->slot, e);
    if (!ok) {
        free(wanted->name);
        jsonpath_free(wanted->json);
        return NULL;
    }
    v->places = mem_room(v->places, v->n, sizeof *v->places);
    v->places[v->n] = *wanted;
    return &v->places[v->n++];
}

static bool unknown_param(const struct path_params *route, const char *name, struct err *e)
{
    if (route == NULL)
        return err_set(e, "${path.%.40s}: there is no path here", name);
    return err_set(e, "${path.%.40s}: the path %.100s has no {%.40s}", name, route->text, name);
}

/* Reads the text between the braces as a word of the request.  False: it is none, or an error
 * (then e has a text). */
static bool read_request_word(const char *text, size_t len, const struct path_params *route,
                              struct place *out, struct err *e)
{
    for (enum place_kind k = PLACE_PATH; k <= PLACE_ITEM; k++) {
        size_t skip = strlen(prefixes[k]);
        if (len <= skip || strncmp(text, prefixes[k], skip) != 0)
            continue;
        *out = (struct place){.kind = k, .name = mem_strndup(text + skip, len - skip)};
        if (k != PLACE_PATH ||
            (route != NULL && path_params_find(route, out->name, len - skip) >= 0))
            return true;
        unknown_param(route, out->name, e);
        free(out->name);
        return false;
    }
    for (enum word w = 0; w < WORDS; w++) {
        if (strlen(words[w]) == len && memcmp(words[w], text, len) == 0) {
            *out = (struct place){.kind = PLACE_WORD, .word = w, .name = mem_strdup(words[w])};
            return true;
        }
    }
    return false;
}

/* Writes the text with its words of the request as names that the template knows. */
static bool translate_words(struct vocabulary *v, const char *text, enum encoding how,
                            const struct path_params *route, struct buf *out, struct err *e)
{
    bool in_string = false, escaped = false;
    for (const char *at = text; *at != '\0'; at++) {
        if (strncmp(at, "$${", 3) == 0) {
            buf_text(out, "$${");
            at += 2;
            continue;
        }
        size_t len = strncmp(at, "${", 2) == 0 ? strcspn(at, "}") : 0;
        struct place wanted;
        if (len > 2 && at[len] == '}' && read_request_word(at + 2, len - 2, route, &wanted, e)) {
            wanted.raw = how == ENCODE_JSON && !in_string;
            const struct place *p = add_place(v, &wanted, e);
            if (p == NULL)
                return false;
            char name[32];
            slot_name(name, p->slot);
            buf_printf(out, "${%s}", name);
            at += len;
            continue;
        }
        if (e->text[0] != '\0')
            return false;
        if (*at == '"' && !escaped)
            in_string = !in_string;
        escaped = *at == '\\' && !escaped;
        buf_char(out, *at);
    }
    return true;
}

static void note_slot(uint32_t slot, void *arg)
{
    struct reply_template *p = arg;
    p->slots = mem_room(p->slots, p->n, sizeof *p->slots);
    p->slots[p->n++] = slot;
}

static void note_feeder(uint32_t index, void *arg)
{
    (void)index;
    (void)arg;
}

struct reply_template *reply_template_compile(struct vocabulary *v, const char *text,
                                              enum encoding how, const struct path_params *route,
                                              struct err *e)
{
    struct buf known = {0};
    struct template *t = NULL;
    e->text[0] = '\0';
    if (translate_words(v, text, how, route, &known, e))
        t = template_compile(known.len > 0 ? known.data : "", how, v->names, e);
    buf_finish(&known);
    if (t == NULL)
        return NULL;
    struct reply_template *p = mem_zalloc(sizeof *p);
    p->template = t;
    template_uses(t, note_slot, note_feeder, p);
    return p;
}

void reply_template_free(struct reply_template *p)
{
    if (p == NULL)
        return;
    template_free(p->template);
    free(p->slots);
    free(p);
}

bool reply_template_is_fixed(const struct reply_template *p)
{
    return template_is_fixed(p->template);
}

/* ----------------------------------------------------------------- rendering */

void vocabulary_scope(const struct vocabulary *v, struct scope *scope, uint64_t seed)
{
    *scope = (struct scope){0};
    scope_init(scope, v->n, NULL, 0);
    rng_seed(&scope->rng, seed);
    uint32_t n = names_sequences(v->names);
    scope->sequences = mem_array(n + (size_t)1, sizeof *scope->sequences);
    for (uint32_t i = 0; i < n; i++)
        atomic_init(&scope->sequences[i], names_sequence_start(v->names, i));
}

void vocabulary_scope_finish(struct scope *scope)
{
    free((void *)scope->sequences);
    scope_finish(scope);
}

static bool word_text(enum word w, const struct request_context *f, struct buf *out)
{
    const struct span *s = NULL;
    switch (w) {
    case WORD_BYTES:
    case WORD_TOTAL:
        encode_unsigned(out, w == WORD_BYTES ? f->bytes : f->total);
        return true;
    case WORD_ID:
        s = &f->id;
        break;
    case WORD_ITEM:
        s = &f->item;
        break;
    case WORD_ITEMS:
        s = &f->items;
        break;
    case WORD_CSRF:
        s = &f->csrf;
        break;
    case WORD_ACCOUNT:
        s = &f->account;
        break;
    case WORD_ROLE:
        s = &f->role;
        break;
    case WORD_TOKEN:
        s = &f->token;
        break;
    case WORDS:
        return false;
    }
    if (s->at != NULL)
        buf_add(out, s->at, s->len);
    return s->at != NULL;
}

static bool json_text(const struct place *p, const struct span *json, struct buf *out)
{
    const char *value;
    size_t len;
    if (json->at == NULL || !jsonpath_first(p->json, json->at, json->len, &value, &len))
        return false;
    if (p->raw)
        buf_add(out, value, len);
    else
        jsonpath_text(value, len, out);
    return true;
}

static bool place_text(const struct place *p, const struct request_context *f, struct buf *out)
{
    struct span s;
    int param;
    switch (p->kind) {
    case PLACE_WORD:
        return word_text(p->word, f, out);
    case PLACE_PATH:
        param = f->route != NULL ? path_params_find(f->route, p->name, strlen(p->name)) : -1;
        if (param < 0)
            return false;
        s = f->path->segments[param];
        encode_undo_percent(out, s.at, s.len, false);
        return true;
    case PLACE_QUERY:
        if (f->target == NULL || !routes_query(f->target, p->name, strlen(p->name), &s))
            return false;
        encode_undo_percent(out, s.at, s.len, true);
        return true;
    case PLACE_BODY:
        return json_text(p, &f->body, out);
    case PLACE_ITEM:
        return json_text(p, &f->item, out);
    }
    return false;
}

bool reply_template_render(const struct reply_template *p, const struct vocabulary *v,
                           const struct request_context *context, struct scope *scope,
                           struct buf *out)
{
    struct buf *text = &scope->scratch[0];
    for (size_t i = 0; i < p->n; i++) {
        const struct place *place = &v->places[p->slots[i]];
        buf_clear(text);
        if (place_text(place, context, text))
            value_set(&scope->values[p->slots[i]], text->data != NULL ? text->data : "", text->len);
        else
            value_set(&scope->values[p->slots[i]], place->raw ? "null" : "", place->raw ? 4 : 0);
    }
    struct err why;
    return template_render(p->template, scope, out, &why);
}
