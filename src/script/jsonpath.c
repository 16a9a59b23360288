/* SPDX-License-Identifier: MIT */
/* Two ways through a text.  A path of names and indices has at most one match: walk_single
 * goes straight to it and stops.  Anything else is a set of states that sinks into the
 * text (walk_all): state i at a value means that the first i segments lead to it. */
#include "src/script/jsonpath.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/script/jsonscan.h"

#define SEGMENTS_MAX 63            /* a bit each, and one for the match */
#define INDEX_MAX 9007199254740991 /* 2^53 - 1, as in RFC 9535 */
#define COUNT_BUDGET 16            /* so many times its length a text is read to count elements */

enum select { SELECT_NAME, SELECT_INDEX, SELECT_ANY };

struct segment {
    enum select select;
    bool descend;   /* `..`: at any depth below */
    uint32_t start; /* where the name begins in names */
    uint32_t len;
    int64_t index;
};

struct jsonpath {
    struct segment segments[SEGMENTS_MAX];
    unsigned n;
    bool single;        /* names and indices only: at most one match */
    uint64_t descends;  /* the segments that look deeper */
    uint64_t in_object; /* the segments that may find something in an object, an array */
    uint64_t in_array;
    struct buf names;
};

/* ------------------------------------------------------------------ reading a path */

static bool is_name_start(unsigned c)
{
    return (c | 0x20) - 'a' < 26u || c == '_' || c >= 0x80;
}

/* RFC 9535 has no - in a bare name; there is nothing else that it could mean here. */
static bool is_name_char(unsigned c)
{
    return is_name_start(c) || c - '0' < 10u || c == '-';
}

static bool wrong_start(const char *text, struct err *e)
{
    if (is_name_start((unsigned char)*text) && strlen(text) < 100)
        return err_set(e, "a JSON path begins with $ (did you mean \"$.%s\"?)", text);
    return err_set(e, "a JSON path begins with $, as in $.items[0].id");
}

static const char *read_bare_name(struct jsonpath *p, struct segment *s, const char *at,
                                  struct err *e)
{
    const char *start = at;
    if (*at >= '0' && *at <= '9') {
        err_set(e,
                "an element of an array is [%.*s], and a name that begins with a digit goes in "
                "brackets and quotes: ['%.*s']",
                (int)strspn(at, "0123456789"), at, (int)strcspn(at, ".[ "), at);
        return NULL;
    }
    if (!is_name_start((unsigned char)*at)) {
        err_set(e, "a name, * or [ is missing behind the .");
        return NULL;
    }
    while (is_name_char((unsigned char)*at))
        at++;
    s->select = SELECT_NAME;
    s->len = (uint32_t)(at - start);
    buf_add(&p->names, start, s->len);
    return at;
}

static const char *read_quoted_name(struct jsonpath *p, struct segment *s, const char *at,
                                    struct err *e)
{
    char quote = *at++, utf8[4];
    size_t before = p->names.len, n;
    while (*at != '\0' && *at != quote) {
        size_t used = 1;
        if (*at == '\\' && at[1] == quote) {
            buf_char(&p->names, quote);
            used = 2;
        } else if (*at == '\\') {
            used = json_unescape(at, strlen(at), utf8, &n);
            if (used == 0) {
                err_set(e, "\\%c is no escape of JSON; a backslash is \\\\", at[1]);
                return NULL;
            }
            buf_add(&p->names, utf8, n);
        } else {
            buf_char(&p->names, *at);
        }
        at += used;
    }
    if (*at == '\0') {
        err_set(e, "the quote of a name in brackets is not closed");
        return NULL;
    }
    s->select = SELECT_NAME;
    s->len = (uint32_t)(p->names.len - before);
    return at + 1;
}

static const char *read_index(struct segment *s, const char *at, struct err *e)
{
    char *end;
    const char *digits = *at == '-' ? at + 1 : at;
    s->select = SELECT_INDEX;
    s->index = strtoll(at, &end, 10);
    if (*digits < '0' || *digits > '9' || (*digits == '0' && (end != digits + 1 || digits != at)) ||
        s->index > INDEX_MAX || s->index < -INDEX_MAX) {
        err_set(e, "in brackets stands an index, a quoted name or *: [0], [-1], ['name'], [*]");
        return NULL;
    }
    return end;
}

static const char *read_brackets(struct jsonpath *p, struct segment *s, const char *at,
                                 struct err *e)
{
    at += strspn(at, " \t");
    if (*at == '"' || *at == '\'') {
        at = read_quoted_name(p, s, at, e);
    } else if (*at == '*') {
        s->select = SELECT_ANY;
        at++;
    } else if (*at == '?') {
        err_set(e, "filters, [?...], are not known here; [*] takes all elements");
        return NULL;
    } else if (*at != ':') {
        at = read_index(s, at, e);
    }
    if (at == NULL)
        return NULL;
    at += strspn(at, " \t");
    if (*at == ':' || *at == ',')
        err_set(e, "slices and lists, [0:2] and [0,1], are not known here; [*] takes all elements");
    else if (*at != ']')
        err_set(e, "a ] is missing");
    return *at == ']' ? at + 1 : NULL;
}

/* at stands on a . or [; behind the segment, or NULL. */
static const char *read_segment(struct jsonpath *p, struct segment *s, const char *at,
                                struct err *e)
{
    s->start = (uint32_t)p->names.len;
    if (at[0] == '.' && at[1] == '.') {
        s->descend = true;
        at++;
        if (at[1] == '[')
            at++;
    }
    if (*at == '[')
        return read_brackets(p, s, at + 1, e);
    if (at[1] == '*') {
        s->select = SELECT_ANY;
        return at + 2;
    }
    return read_bare_name(p, s, at + 1, e);
}

static void jsonpath_prepare(struct jsonpath *p)
{
    p->single = true;
    for (unsigned i = 0; i < p->n; i++) {
        struct segment *s = &p->segments[i];
        uint64_t bit = UINT64_C(1) << i;
        p->single = p->single && !s->descend && s->select != SELECT_ANY;
        p->descends |= s->descend ? bit : 0;
        p->in_object |= s->descend || s->select != SELECT_INDEX ? bit : 0;
        p->in_array |= s->descend || s->select != SELECT_NAME ? bit : 0;
    }
}

struct jsonpath *jsonpath_compile_front(const char *text, const char **rest, struct err *e)
{
    if (*text != '$') {
        wrong_start(text, e);
        return NULL;
    }
    struct jsonpath *p = mem_zalloc(sizeof *p);
    buf_text(&p->names, ""); /* names.data is never NULL */
    for (text++; *text == '.' || *text == '['; p->n++) {
        if (p->n == SEGMENTS_MAX)
            err_set(e, "the path has more than %d parts", SEGMENTS_MAX);
        text = p->n < SEGMENTS_MAX ? read_segment(p, &p->segments[p->n], text, e) : NULL;
        if (text == NULL) {
            jsonpath_free(p);
            return NULL;
        }
    }
    jsonpath_prepare(p);
    *rest = text;
    return p;
}

struct jsonpath *jsonpath_compile(const char *text, struct err *e)
{
    const char *rest;
    struct jsonpath *p = jsonpath_compile_front(text, &rest, e);
    if (p == NULL)
        return NULL;
    rest += strspn(rest, " \t");
    if (*rest == '\0')
        return p;
    err_set(e, "\"%.40s\" does not belong to a JSON path: a name follows a . or stands in brackets",
            rest);
    jsonpath_free(p);
    return NULL;
}

void jsonpath_free(struct jsonpath *p)
{
    if (p == NULL)
        return;
    buf_finish(&p->names);
    free(p);
}

/* ---------------------------------------------------------------- names in a text */

/* Does the key mean that name?  Only keys with escapes get here. */
static bool escaped_key_is(const char *name, size_t name_len, const char *key, size_t len)
{
    char utf8[4];
    size_t n, at = 0;
    while (len > 0) {
        size_t used = *key == '\\' ? json_unescape(key, len, utf8, &n) : 0;
        if (used == 0) {
            utf8[0] = *key;
            n = used = 1;
        }
        if (n > name_len - at || memcmp(name + at, utf8, n) != 0)
            return false;
        at += n;
        key += used;
        len -= used;
    }
    return at == name_len;
}

static bool key_is(const struct jsonpath *p, const struct segment *s, const char *key, size_t len,
                   bool escaped)
{
    const char *name = p->names.data + s->start;
    if (escaped)
        return escaped_key_is(name, s->len, key, len);
    return len == s->len && memcmp(name, key, len) == 0;
}

/* at stands on a key: the value it belongs to, or NULL. */
static const char *read_key(const char *at, const char *end, const char **key, size_t *len,
                            bool *escaped)
{
    if (at >= end || *at != '"')
        return NULL;
    *key = at + 1;
    const char *quote = json_string_end(at + 1, end, escaped);
    if (quote == NULL)
        return NULL;
    *len = (size_t)(quote - *key);
    at = json_blank(quote + 1, end);
    return at < end && *at == ':' ? json_blank(at + 1, end) : NULL;
}

static const char *text_start(const char *json, const char *end)
{
    return json_blank(json + clean_mark_len(json, (size_t)(end - json)), end);
}

/* ------------------------------------------------------------- names and indices only */

enum walk { WALK_FOUND, WALK_NOTHING, WALK_BROKEN };

/* *at stands on a {: moves it to the member's value. */
static enum walk find_member(const struct jsonpath *p, const struct segment *s, const char **at,
                             const char *end)
{
    const char *key, *here = json_blank(*at + 1, end);
    size_t len;
    bool escaped;
    if (here < end && *here == '}')
        return WALK_NOTHING;
    for (;; here = json_blank(here + 1, end)) {
        here = read_key(here, end, &key, &len, &escaped);
        if (here == NULL)
            return WALK_BROKEN;
        if (key_is(p, s, key, len, escaped)) {
            *at = here;
            return WALK_FOUND;
        }
        here = json_value_end(here, end);
        if (here == NULL)
            return WALK_BROKEN;
        here = json_blank(here, end);
        if (here >= end || *here != ',')
            return here < end && *here == '}' ? WALK_NOTHING : WALK_BROKEN;
    }
}

/* *at stands on a [: moves it to the element. */
static enum walk find_element(int64_t index, const char **at, const char *end)
{
    const char *here = json_blank(*at + 1, end);
    if (here < end && *here == ']')
        return WALK_NOTHING;
    if (index < 0) {
        int64_t count = json_count(*at, end);
        index += count;
        if (count < 0 || index < 0)
            return count < 0 ? WALK_BROKEN : WALK_NOTHING;
    }
    for (; index > 0; index--) {
        here = json_value_end(here, end);
        if (here == NULL)
            return WALK_BROKEN;
        here = json_blank(here, end);
        if (here >= end || *here != ',')
            return here < end && *here == ']' ? WALK_NOTHING : WALK_BROKEN;
        here = json_blank(here + 1, end);
    }
    *at = here;
    return WALK_FOUND;
}

/* A number or word that lies in something and reaches the end of the text was cut. */
static bool is_whole(const char *value, const char *value_end, const char *end, bool inside)
{
    if (*value == '"' || *value == '{' || *value == '[')
        return true;
    const char *next = json_blank(value_end, end);
    return next >= end ? !inside : inside && (*next == ',' || *next == '}' || *next == ']');
}

/* Something to go into, or a whole value where the path ends early: an error page is not
 * JSON in which the name is missing. */
static bool is_value(const char *at, const char *end)
{
    return at < end && (*at == '{' || *at == '[' || json_value_end(at, end) != NULL);
}

static enum walk walk_single(const struct jsonpath *p, const char *json, const char *end,
                             const char **value, size_t *value_len)
{
    const char *at = text_start(json, end);
    for (unsigned i = 0; i < p->n; i++) {
        const struct segment *s = &p->segments[i];
        enum walk w = is_value(at, end) ? WALK_NOTHING : WALK_BROKEN;
        if (w == WALK_BROKEN)
            return w;
        if (s->select == SELECT_NAME && *at == '{')
            w = find_member(p, s, &at, end);
        else if (s->select == SELECT_INDEX && *at == '[')
            w = find_element(s->index, &at, end);
        if (w != WALK_FOUND)
            return w;
    }
    const char *value_end = json_value_end(at, end);
    if (value_end == NULL || !is_whole(at, value_end, end, p->n > 0))
        return WALK_BROKEN;
    *value = at;
    *value_len = (size_t)(value_end - at);
    return WALK_FOUND;
}

/* ------------------------------------------------------------------------ any path */

/* An array or object that is open. */
struct level {
    uint64_t states; /* states that may still find something within */
    uint64_t found;  /* names that were found in it: only the first counts */
    const char *start;
    int64_t index, count; /* the next element, -1 before it is known */
    bool array, matched;  /* the value itself is a match */
};

struct walk_all {
    const struct jsonpath *path;
    const char *end;
    jsonpath_match *match;
    void *arg;
    bool first;    /* the match that begins first is wanted, and no other */
    size_t budget; /* bytes that may be read to count */
    unsigned depth;
    struct level levels[JSON_DEPTH_MAX];
};

/* Returns the states for an object's member with that key. */
static uint64_t states_of_member(const struct jsonpath *p, struct level *l, const char *key,
                                 size_t len, bool escaped)
{
    uint64_t states = l->states & p->descends;
    for (uint64_t left = l->states; left != 0; left &= left - 1) {
        uint64_t bit = left & -left;
        const struct segment *s = &p->segments[__builtin_ctzll(bit)];
        if (s->select == SELECT_ANY) {
            states |= bit << 1;
        } else if (s->select == SELECT_NAME && (l->found & bit) == 0 &&
                   key_is(p, s, key, len, escaped)) {
            states |= bit << 1;
            l->found |= bit;
            l->states &= ~bit | p->descends;
        }
    }
    return states;
}

static uint64_t states_of_element(const struct jsonpath *p, struct level *l)
{
    uint64_t states = l->states & p->descends;
    for (uint64_t left = l->states; left != 0; left &= left - 1) {
        uint64_t bit = left & -left;
        const struct segment *s = &p->segments[__builtin_ctzll(bit)];
        int64_t index = s->index < 0 ? s->index + l->count : s->index;
        if (s->select == SELECT_ANY || (s->select == SELECT_INDEX && index == l->index))
            states |= bit << 1;
        if (s->select == SELECT_INDEX && index <= l->index)
            l->states &= ~bit | p->descends;
    }
    l->index++;
    return states;
}

/* Counts the elements where a state asks for one from the end. */
static bool count_if_needed(struct walk_all *w, struct level *l)
{
    bool needed = false;
    for (uint64_t left = l->states; left != 0; left &= left - 1) {
        const struct segment *s = &w->path->segments[__builtin_ctzll(left)];
        needed = needed || (s->select == SELECT_INDEX && s->index < 0);
    }
    if (!needed)
        return true;
    l->count = json_count(l->start, w->end);
    const char *behind = l->count >= 0 ? json_value_end(l->start, w->end) : NULL;
    size_t cost = behind != NULL ? (size_t)(behind - l->start) : w->budget;
    if (cost >= w->budget)
        return false;
    w->budget -= cost;
    return true;
}

/* at stands on a value with these states.  Goes into it (true, *at behind its bracket) or
 * over it (true, *at behind it, *over set); false: broken, or nobody wants more. */
static bool value_take(struct walk_all *w, const char **at, uint64_t states, bool *over)
{
    const struct jsonpath *p = w->path;
    const char *start = *at;
    bool matched = (states >> p->n & 1) != 0, array = start < w->end && *start == '[';
    bool object = start < w->end && *start == '{';
    states &= array ? p->in_array : object ? p->in_object : 0;
    *over = states == 0 || (matched && w->first);
    if (!*over) {
        if (w->depth == JSON_DEPTH_MAX)
            return false;
        struct level *l = &w->levels[w->depth++];
        *l = (struct level){.states = states, .start = start, .array = array, .matched = matched};
        *at = start + 1;
        return !array || count_if_needed(w, l);
    }
    *at = json_value_end(start, w->end);
    if (*at == NULL || !is_whole(start, *at, w->end, w->depth > 0))
        return false;
    return !matched || w->match(start, (size_t)(*at - start), w->arg);
}

/* at is behind a value: over the comma, or behind all brackets that close here. */
static bool close_levels(struct walk_all *w, const char **at)
{
    while (w->depth > 0) {
        struct level *l = &w->levels[w->depth - 1];
        const char *here = json_blank(*at, w->end);
        if (here < w->end && *here == ',' && l->states != 0) {
            *at = json_blank(here + 1, w->end);
            return true;
        }
        if (here < w->end && *here == ',')
            here = json_close(here, w->end, 1);
        else
            here = here < w->end && *here == (l->array ? ']' : '}') ? here + 1 : NULL;
        if (here == NULL)
            return false;
        *at = here;
        w->depth--;
        if (l->matched && !w->match(l->start, (size_t)(here - l->start), w->arg))
            return false;
    }
    return true;
}

/* False: stopped, or not JSON. */
static bool walk_all(struct walk_all *w, const char *json)
{
    const char *at = text_start(json, w->end), *key = NULL;
    size_t len = 0;
    bool over, escaped = false;
    uint64_t states = 1;
    for (;;) {
        if (!value_take(w, &at, states, &over))
            return false;
        if (!over) {
            const char *here = json_blank(at, w->end);
            bool array = w->levels[w->depth - 1].array;
            over = here < w->end && *here == (array ? ']' : '}');
            at = over ? at : here;
        }
        if (over && !close_levels(w, &at))
            return false;
        if (w->depth == 0)
            return json_blank(at, w->end) >= w->end;
        struct level *l = &w->levels[w->depth - 1];
        if (l->array) {
            states = states_of_element(w->path, l);
        } else {
            at = read_key(at, w->end, &key, &len, &escaped);
            if (at == NULL)
                return false;
            states = states_of_member(w->path, l, key, len, escaped);
        }
    }
}

static bool start_walk(const struct jsonpath *p, const char *json, size_t len, bool first,
                       jsonpath_match *match, void *arg)
{
    struct walk_all w; /* the levels are not zeroed: they are written before they are read */
    w.path = p;
    w.end = json + len;
    w.match = match;
    w.arg = arg;
    w.first = first;
    w.budget = len * COUNT_BUDGET;
    w.depth = 0;
    return walk_all(&w, json);
}

struct watched {
    jsonpath_match *match;
    void *arg;
    bool stopped;
};

static bool level_watch(const char *json, size_t len, void *arg)
{
    struct watched *t = arg;
    t->stopped = !t->match(json, len, t->arg);
    return !t->stopped;
}

bool jsonpath_each(const struct jsonpath *p, const char *json, size_t len, jsonpath_match *match,
                   void *arg)
{
    const char *value;
    size_t value_len;
    if (p->single) {
        enum walk w = walk_single(p, json, json + len, &value, &value_len);
        if (w == WALK_FOUND)
            match(value, value_len, arg);
        return w != WALK_BROKEN;
    }
    struct watched t = {match, arg, false};
    return start_walk(p, json, len, false, level_watch, &t) || t.stopped;
}

struct found {
    const char *value;
    size_t len;
};

static bool keep_first(const char *json, size_t len, void *arg)
{
    *(struct found *)arg = (struct found){json, len};
    return false;
}

bool jsonpath_first(const struct jsonpath *p, const char *json, size_t len, const char **value,
                    size_t *value_len)
{
    struct found found = {NULL, 0};
    if (p->single)
        return walk_single(p, json, json + len, value, value_len) == WALK_FOUND;
    start_walk(p, json, len, true, keep_first, &found);
    *value = found.value;
    *value_len = found.len;
    return found.value != NULL;
}

/* ----------------------------------------------------------------- values as text */

/* Without its quotes. */
static const char *name_unquote(const char *value, size_t *len)
{
    if (*len == 0 || *value != '"')
        return NULL;
    *len -= *len > 1 && value[*len - 1] == '"' ? 2 : 1;
    return value + 1;
}

void jsonpath_text(const char *value, size_t len, struct buf *out)
{
    char utf8[4];
    size_t n;
    const char *text = name_unquote(value, &len);
    buf_text(out, ""); /* out->data is a text even if nothing follows */
    if (text == NULL) {
        buf_add(out, value, len);
        return;
    }
    while (len > 0) {
        const char *slash = memchr(text, '\\', len);
        size_t before = slash != NULL ? (size_t)(slash - text) : len;
        buf_add(out, text, before);
        text += before;
        len -= before;
        if (slash == NULL)
            return;
        size_t used = json_unescape(text, len, utf8, &n);
        if (used > 0)
            buf_add(out, utf8, n);
        else
            buf_char(out, '\\'); /* no escape of JSON stays as it stands */
        text += used > 0 ? used : 1;
        len -= used > 0 ? used : 1;
    }
}

const char *jsonpath_view(const char *value, size_t len, struct buf *scratch, size_t *text_len)
{
    size_t inner = len;
    const char *text = name_unquote(value, &inner);
    if (text == NULL || memchr(text, '\\', inner) == NULL) {
        *text_len = inner;
        return text != NULL ? text : value;
    }
    buf_clear(scratch);
    jsonpath_text(value, len, scratch);
    *text_len = scratch->len;
    return scratch->data;
}
