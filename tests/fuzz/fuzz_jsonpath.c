/* SPDX-License-Identifier: MIT */
/* Any path into any text: the first line is the path, the rest the text.  Where the text
 * is JSON and the path has no quoted names, the matches are those that a walk over
 * jansson's tree finds, one for one. */
#include <jansson.h>

#include "src/script/jsonpath.h"
#include "tests/fuzz/fuzz.h"

#define DEPTH_MAX 200 /* below what a path goes down; deeper texts are only read */
#define PARTS_MAX 16

struct part {
    bool descend, any, is_index;
    long long index;
    const char *name;
    size_t len;
};

struct path {
    struct part parts[PARTS_MAX];
    unsigned n;
};

/* The paths that are easy to read: $.name..name.*[*][-1].  Written apart from jsonpath.c. */
static bool read_path(const char *at, struct path *p)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    p->n = 0;
    if (*at++ != '$')
        return false;
    for (; *at != '\0'; p->n++) {
        struct part *part = &p->parts[p->n];
        if (p->n == PARTS_MAX || (*at != '.' && *at != '['))
            return false;
        *part = (struct part){.descend = at[0] == '.' && at[1] == '.'};
        at += part->descend ? 2 : *at == '.' ? 1 : 0;
        if (*at == '[' && (part->descend || at[-1] != '.')) {
            char *end;
            part->any = at[1] == '*';
            part->is_index = !part->any;
            part->index = part->any ? 0 : strtoll(at + 1, &end, 10);
            if (part->is_index && (end == at + 1 || end - at > 12 || strchr(" \t\n\v\f\r+", at[1])))
                return false;
            at = part->any ? at + 2 : end;
            if (*at++ != ']')
                return false;
        } else if (*at == '*') {
            part->any = true;
            at++;
        } else {
            part->name = at;
            part->len = strspn(at, letters);
            at += part->len;
            if (part->len == 0)
                return false;
        }
    }
    return true;
}

struct matches {
    struct {
        const char *json;
        size_t len;
    } * items;
    size_t n, room;
    const char *text;
    size_t text_len;
};

static bool keep(const char *json, size_t len, void *arg)
{
    struct matches *m = arg;
    must(json >= m->text && len > 0 && len <= m->text_len);
    must((size_t)(json - m->text) <= m->text_len - len);
    if (m->n == m->room) {
        m->room = m->room > 0 ? 2 * m->room : 16;
        m->items = realloc(m->items, m->room * sizeof *m->items);
        must(m->items != NULL);
    }
    m->items[m->n].json = json;
    m->items[m->n++].len = len;
    return true;
}

static void same_value(const char *json, size_t len, const json_t *value)
{
    json_t *found = json_loadb(json, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    must(found != NULL && json_equal(found, value));
    if (json_is_string(value)) {
        struct buf text = {0};
        jsonpath_text(json, len, &text);
        must(text.len == json_string_length(value));
        must(memcmp(text.data, json_string_value(value), text.len) == 0);
        buf_finish(&text);
    }
    json_decref(found);
}

struct check {
    const struct path *path;
    const struct matches *matches;
    size_t next;
};

static bool part_takes(const struct part *p, const char *key, size_t index, size_t count)
{
    if (p->any)
        return true;
    if (key != NULL)
        return !p->is_index && strlen(key) == p->len && memcmp(key, p->name, p->len) == 0;
    return p->is_index &&
           (p->index < 0 ? p->index + (long long)count : p->index) == (long long)index;
}

static unsigned child_states(const struct path *path, unsigned states, const char *key,
                             size_t index, size_t count)
{
    unsigned next = 0;
    for (unsigned i = 0; i < path->n; i++) {
        if ((states >> i & 1) != 0 && path->parts[i].descend)
            next |= 1u << i;
        if ((states >> i & 1) != 0 && part_takes(&path->parts[i], key, index, count))
            next |= 1u << (i + 1);
    }
    return next;
}

/* The same order: what is inside comes first. */
static void walk(struct check *c, json_t *value, unsigned states)
{
    const char *key;
    json_t *child;
    size_t index;
    if (json_is_object(value)) {
        json_object_foreach(value, key, child)
            walk(c, child, child_states(c->path, states, key, 0, 0));
    }
    if (json_is_array(value)) {
        json_array_foreach(value, index, child)
            walk(c, child, child_states(c->path, states, NULL, index, json_array_size(value)));
    }
    if ((states >> c->path->n & 1) != 0) {
        must(c->next < c->matches->n);
        same_value(c->matches->items[c->next].json, c->matches->items[c->next].len, value);
        c->next++;
    }
}

static unsigned depth_of(const char *text, size_t len)
{
    unsigned depth = 0, most = 0;
    for (size_t i = 0; i < len; i++) {
        depth += text[i] == '[' || text[i] == '{';
        most = depth > most ? depth : most;
        depth -= (text[i] == ']' || text[i] == '}') && depth > 0;
    }
    return most;
}

static void compare(const char *path_text, const struct matches *m, bool ok)
{
    struct path path;
    if (memchr(m->text, '\0', m->text_len) != NULL) /* jansson loses one behind a number */
        return;
    if (depth_of(m->text, m->text_len) > DEPTH_MAX)
        return;
    json_t *root = json_loadb(m->text, m->text_len,
                              JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
    if (root != NULL && strstr(path_text, "..[-") == NULL)
        must(ok);
    if (root != NULL && ok && read_path(path_text, &path)) {
        struct check c = {&path, m, 0};
        walk(&c, root, 1);
        must(c.next == m->n);
    }
    json_decref(root);
}

static void check_first(const struct jsonpath *p, const struct matches *m, bool ok)
{
    const char *value, *first = NULL;
    size_t len;
    bool found = jsonpath_first(p, m->text, m->text_len, &value, &len);
    for (size_t i = 0; i < m->n; i++)
        first = first == NULL || m->items[i].json < first ? m->items[i].json : first;
    if (ok)
        must(found == (m->n > 0) && (!found || value == first));
}

static void check_text(const char *value, size_t len)
{
    struct buf text = {0}, scratch = {0};
    size_t view_len;
    jsonpath_text(value, len, &text);
    const char *view = jsonpath_view(value, len, &scratch, &view_len);
    must(text.len <= len && view_len == text.len && memcmp(view, text.data, view_len) == 0);
    buf_finish(&text);
    buf_finish(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *path_text, *block;
    struct err e = {""};
    fuzz_lines(data, size, &path_text, 1, &block);
    const uint8_t *feed = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t len = feed != NULL ? size - (size_t)(feed + 1 - data) : 0;
    char *text = malloc(len > 0 ? len : 1); /* of this length, so that a byte too far is seen */
    must(text != NULL);
    if (len > 0)
        memcpy(text, feed + 1, len);
    struct jsonpath *p = jsonpath_compile(path_text, &e);
    must((p == NULL) == (e.text[0] != '\0'));
    if (p != NULL) {
        struct matches m = {.text = text, .text_len = len};
        bool ok = jsonpath_each(p, text, len, keep, &m);
        check_first(p, &m, ok);
        for (size_t i = 0; i < m.n; i++)
            check_text(m.items[i].json, m.items[i].len);
        compare(path_text, &m, ok);
        free(m.items);
    }
    if (len > 0)
        check_text(text, len);
    jsonpath_free(p);
    free(text);
    free(block);
    return 0;
}
