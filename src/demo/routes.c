/* SPDX-License-Identifier: MIT */
#include "src/demo/routes.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

bool path_split(struct path *p, const char *target)
{
    p->n = 0;
    if (*target != '/')
        return false;
    size_t end = strcspn(target, "?#");
    for (const char *at = target; at < target + end && *at == '/';) {
        at++;
        size_t len = strcspn(at, "/?#");
        if (p->n == ROUTE_SEGMENTS)
            return false;
        p->segments[p->n++] = (struct span){at, len};
        at += len;
    }
    return true;
}

static bool span_is(const struct span *s, const char *text, size_t len)
{
    return s->len == len && memcmp(s->at, text, len) == 0;
}

static bool check_param(const struct path_params *p, size_t i, struct err *e)
{
    const struct span *s = &p->path.segments[i];
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    if (s->len == 0 || strspn(s->at, letters) < s->len)
        return err_set(e, "a parameter is {name}, of letters, digits, _ and -");
    for (size_t k = 0; k < i; k++) {
        if (p->is_param[k] && span_is(&p->path.segments[k], s->at, s->len))
            return err_set(e, "{%.*s} stands twice in the path", (int)s->len, s->at);
    }
    return true;
}

bool path_params_compile(struct path_params *p, const char *text, struct err *e)
{
    *p = (struct path_params){.text = mem_strdup(text)};
    if (text[strcspn(text, "?# \t")] != '\0')
        return err_set(e, "a path has no blanks, ? or #");
    if (!path_split(&p->path, p->text))
        return err_set(e, "a path begins with / and has at most %d parts", ROUTE_SEGMENTS);
    for (size_t i = 0; i < p->path.n; i++) {
        struct span *s = &p->path.segments[i];
        p->is_param[i] = s->len >= 2 && s->at[0] == '{' && s->at[s->len - 1] == '}';
        if (p->is_param[i]) {
            s->at++;
            s->len -= 2;
        }
        if (p->is_param[i] ? !check_param(p, i, e) : memchr(s->at, '{', s->len) != NULL)
            return p->is_param[i] ? false
                                  : err_set(e, "a parameter {name} is a whole part of the path");
    }
    return true;
}

void path_params_finish(struct path_params *p)
{
    free(p->text);
    *p = (struct path_params){0};
}

bool path_params_match(const struct path_params *p, const struct path *path)
{
    if (p->path.n != path->n)
        return false;
    for (size_t i = 0; i < path->n; i++) {
        const struct span *s = &path->segments[i];
        if (p->is_param[i] ? s->len == 0 : !span_is(&p->path.segments[i], s->at, s->len))
            return false;
    }
    return true;
}

bool path_params_same(const struct path_params *a, const struct path_params *b)
{
    if (a->path.n != b->path.n)
        return false;
    for (size_t i = 0; i < a->path.n; i++) {
        const struct span *s = &b->path.segments[i];
        if (a->is_param[i] != b->is_param[i] ||
            (!a->is_param[i] && !span_is(&a->path.segments[i], s->at, s->len)))
            return false;
    }
    return true;
}

int path_params_find(const struct path_params *p, const char *name, size_t len)
{
    for (size_t i = p->path.n; i-- > 0;) {
        if (p->is_param[i] && (name == NULL || span_is(&p->path.segments[i], name, len)))
            return (int)i;
    }
    return -1;
}

bool routes_query(const char *target, const char *name, size_t name_len, struct span *value)
{
    const char *at = strchr(target, '?');
    while (at != NULL && *at != '\0' && *at != '#') {
        at++;
        size_t len = strcspn(at, "&#"), key = strcspn(at, "=&#");
        if (key == name_len && memcmp(at, name, name_len) == 0) {
            size_t skip = key < len ? key + 1 : key;
            *value = (struct span){at + skip, len - skip};
            return true;
        }
        at += len;
    }
    return false;
}
