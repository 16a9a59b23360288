/* SPDX-License-Identifier: MIT */
#include "src/import/correlate.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/table.h"
#include "src/import/lang.h"
#include "src/import/secrets.h"
#include "src/import/slots.h"
#include "src/script/secret_name.h"

#define TOKEN_MIN 6      /* bytes of a value that is looked for in all places */
#define WORD_MIN 20      /* least length of a value without a digit */
#define EVERYWHERE_MIN 8 /* least length of a value that is looked for within longer texts */
#define MAX_CAPTURES 50  /* from a single reply */
#define MAX_ALL_CAPTURES 500

/* A value that is known: from a reply, or because the client sent it. */
struct known {
    struct table_entry entry; /* the key is the value */
    bool replied;             /* came in a reply: */
    size_t request, index;
    char *capture; /* the variable once there is one */
};

struct correlation {
    struct table known;
    size_t captures;
};

static void release_known(struct table_entry *e)
{
    struct known *k = (struct known *)e;
    free(k->capture);
    free(k);
}

/* A value that was not known yet; NULL if it was. */
static struct known *learn_value(struct correlation *c, const char *value)
{
    if (table_find(&c->known, value, strlen(value)) != NULL)
        return NULL;
    struct known *k = mem_zalloc(sizeof *k);
    table_add(&c->known, &k->entry, value, strlen(value));
    return k;
}

/* --------------------------------------------------------- which values count */

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), k = strlen(end);
    return n >= k && strcmp(text + n - k, end) == 0;
}

/* Does a name say that the value names one thing of many? */
static bool id_named(const char *key)
{
    return strcasecmp(key, "id") == 0 || strcasecmp(key, "uuid") == 0 ||
           strcasecmp(key, "guid") == 0 || strcasecmp(key, "ids") == 0 || ends_with(key, "Id") ||
           ends_with(key, "ID") || ends_with(key, "_id") || ends_with(key, "-id") ||
           ends_with(key, "Ids") || ends_with(key, "_ids") || ends_with(key, "Uuid");
}

static bool all_digits(const char *text)
{
    return text[strspn(text, "0123456789")] == '\0';
}

/* "2026-11-21..." */
static bool is_date(const char *text)
{
    return strlen(text) >= 10 && strspn(text, "0123456789") == 4 && text[4] == '-' &&
           strspn(text + 5, "0123456789") == 2 && text[7] == '-';
}

/* Would a server make this up, and nobody else? */
static bool looks_made(const char *text)
{
    size_t len = strlen(text);
    if (len < TOKEN_MIN || is_date(text) || all_digits(text) || strpbrk(text, " @\t\n") != NULL ||
        strstr(text, "://") != NULL)
        return false;
    return strpbrk(text, "0123456789") != NULL || len >= WORD_MIN;
}

static bool counts(const struct slot *s, const char *value, const struct tr_value *from)
{
    bool id = id_named(from->key), token = secret_named(from->key) || secrets_look(value);
    switch (s->place) {
    case PLACE_COOKIE: /* the cookie engine's */
    case PLACE_USER:
    case PLACE_PASSWORD:
        return false;
    case PLACE_BEARER:
        return strlen(value) >= TOKEN_MIN;
    case PLACE_SEGMENT:
        return id || looks_made(value);
    case PLACE_NUMBER:
        return id && id_named(s->key);
    case PLACE_HEADER:
        return strlen(value) >= TOKEN_MIN && (token || looks_made(value));
    case PLACE_QUERY:
    case PLACE_FIELD:
    case PLACE_STRING:
    case PLACE_RAW_FIELD:
        break;
    }
    return (id && id_named(s->key)) || looks_made(value) ||
           (token && strlen(value) >= TOKEN_MIN && secret_named(s->key));
}

/* ------------------------------------------------------------------ captures */

/* "items" -> "item" */
static void singular(char *text)
{
    size_t n = strlen(text);
    if (n > 4 && ends_with(text, "ies")) {
        text[n - 3] = 'y';
        text[n - 2] = '\0';
    } else if (n > 2 && text[n - 1] == 's' && text[n - 2] != 's') {
        text[n - 1] = '\0';
    }
}

/* "id" below "items" -> item_id */
static char *capture_name(const struct transcript *r, const struct tr_value *v)
{
    static const char *const vague[] = {"id", "ids", "uuid", "guid", "key", "value", "code", NULL};
    char *wish = NULL;
    for (size_t i = 0; vague[i] != NULL; i++) {
        if (strcasecmp(v->key, vague[i]) == 0 && v->above != NULL && *v->above != '\0') {
            char *above = mem_strdup(v->above);
            singular(above);
            wish = mem_printf("%s_%s", above, v->key);
            free(above);
            break;
        }
    }
    char *name = lang_variable(wish != NULL ? wish : v->key);
    char *own = tr_free_name(r, name);
    free(name);
    free(wish);
    return own;
}

static bool capture(struct transcript *r, struct correlation *c, struct known *k)
{
    struct tr_request *q = &r->requests[k->request];
    const struct tr_value *v = &q->values[k->index];
    if (k->capture != NULL)
        return true;
    if (q->n_captures == MAX_CAPTURES || c->captures == MAX_ALL_CAPTURES)
        return false;
    c->captures++;
    k->capture = capture_name(r, v);
    q->captures = mem_room(q->captures, q->n_captures, sizeof *q->captures);
    q->captures[q->n_captures++] = (struct tr_capture){mem_strdup(k->capture), mem_strdup(v->from)};
    return true;
}

static bool came_before(const struct transcript *r, size_t reply, size_t request)
{
    return reply < request &&
           r->requests[reply].end_ms <= r->requests[request].start_ms + CORRELATE_SLACK_MS;
}

/* A header such as "Token abc" hides its value behind the name of a scheme. */
static void skip_scheme(struct slot *s)
{
    const char *blank = strchr(*s->text + s->at, ' ');
    if (s->place != PLACE_HEADER || strcasecmp(s->key, "Authorization") != 0 || blank == NULL)
        return;
    s->len -= (size_t)(blank + 1 - *s->text) - s->at;
    s->at = (size_t)(blank + 1 - *s->text);
}

static void use(struct transcript *r, struct correlation *c, size_t request, struct slot s)
{
    skip_scheme(&s);
    char *value = slot_value(&s);
    if (value == NULL)
        return;
    struct known *k = (struct known *)table_find(&c->known, value, strlen(value));
    if (k == NULL)
        learn_value(c, value);
    else if (*value != '\0' && k->replied && came_before(r, k->request, request) &&
             counts(&s, value, &r->requests[k->request].values[k->index]) && capture(r, c, k))
        lang_put(s.text, s.at, s.len, k->capture, &r->dollar);
    free(value);
}

/* ------------------------------------------------- the value in longer texts */

struct search {
    const char *value, *variable;
    bool *dollar;
};

static void replace_in(char **text, void *arg)
{
    const struct search *s = arg;
    lang_replace(text, s->value, s->variable, s->dollar);
}

static void replace_copies(struct transcript *r, const struct known *k)
{
    char *literal = lang_literal(k->entry.key, k->entry.len);
    struct search s = {literal, k->capture, &r->dollar};
    for (size_t i = k->request + 1; i < r->n; i++) {
        if (came_before(r, k->request, i))
            slots_texts(&r->requests[i], replace_in, &s);
    }
    free(literal);
}

void correlate(struct transcript *r)
{
    struct correlation c = {0};
    table_init(&c.known, SIZE_MAX, release_known);
    for (size_t i = 0; i < r->n; i++) {
        struct tr_request *q = &r->requests[i];
        struct slots s;
        slots_find(&s, q);
        for (size_t k = s.n; k-- > 0;)
            use(r, &c, i, s.items[k]);
        slots_finish(&s);
        for (size_t v = 0; v < q->n_values; v++) {
            struct known *k = learn_value(&c, q->values[v].value);
            if (k == NULL)
                continue;
            k->replied = true;
            k->request = i;
            k->index = v;
        }
    }
    for (const struct table_entry *e = c.known.oldest; e != NULL; e = e->newer) {
        const struct known *k = (const struct known *)e;
        if (k->capture != NULL && e->len >= EVERYWHERE_MIN && !all_digits(e->key))
            replace_copies(r, k);
    }
    table_finish(&c.known);
}
