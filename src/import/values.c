/* SPDX-License-Identifier: MIT */
#include "src/import/values.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

#define MAX_TAG 2000

void values_add(struct tr_request *q, const char *value, const char *from, const char *key,
                const char *above)
{
    if (*value == '\0' || q->n_values >= VALUES_MAX)
        return;
    q->values = mem_room(q->values, q->n_values, sizeof *q->values);
    q->values[q->n_values++] = (struct tr_value){
        mem_strdup(value), mem_strdup(from), mem_strdup(key != NULL ? key : ""), mem_strdup(above)};
}

void values_of_cookies(struct tr_request *q, const char *text)
{
    while (*text != '\0') {
        size_t line = strcspn(text, "\n"), len = strcspn(text, ";\n");
        const char *equals = memchr(text, '=', len);
        if (equals != NULL && equals > text) {
            char *name = mem_strndup(text, (size_t)(equals - text));
            char *value = mem_strndup(equals + 1, len - (size_t)(equals - text) - 1);
            char *from = mem_printf("cookie:%s", name);
            /* An emptied cookie was set as well: the engine minds it. */
            values_add(q, *value != '\0' ? value : " ", from, name, NULL);
            free(name);
            free(value);
            free(from);
        }
        text += line + (text[line] == '\n');
    }
}

/* The value of an attribute within a tag; NULL for none, or one that would have to be
 * unescaped. */
static char *attribute(const char *tag, size_t len, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 1; i + n + 2 < len; i++) {
        if (!isspace((unsigned char)tag[i - 1]) || strncasecmp(tag + i, name, n) != 0 ||
            tag[i + n] != '=' || tag[i + n + 1] != '"')
            continue;
        const char *value = tag + i + n + 2;
        const char *end = memchr(value, '"', len - i - n - 2);
        if (end == NULL || memchr(value, '&', (size_t)(end - value)) != NULL)
            return NULL;
        return mem_strndup(value, (size_t)(end - value));
    }
    return NULL;
}

static bool plain_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    return n > 0 && name[n] == '\0';
}

/* Adds a tag's value, which must stand behind the name: a pattern reads from left to right. */
static void add_tag(struct tr_request *q, const char *tag, size_t len, const char *bearer)
{
    char *name = attribute(tag, len, "name"), *value = attribute(tag, len, bearer);
    if (name != NULL && value != NULL && plain_name(name)) {
        char *part = mem_printf("name=\"%s\"", name);
        const char *at = memmem(tag, len, part, strlen(part));
        char *mark = mem_printf("%s=\"%s\"", bearer, value);
        if (at != NULL && memmem(at, len - (size_t)(at - tag), mark, strlen(mark)) != NULL) {
            char *from = mem_printf("regex:name=\"%s\"[^>]*%s=\"([^\"]+)\"", name, bearer);
            values_add(q, value, from, name, NULL);
            free(from);
        }
        free(mark);
        free(part);
    }
    free(name);
    free(value);
}

void values_of_html(struct tr_request *q, const char *text, size_t len)
{
    const char *stop = text + len;
    for (const char *at = text; (at = memchr(at, '<', (size_t)(stop - at))) != NULL; at++) {
        size_t rest = (size_t)(stop - at);
        bool input = rest > 7 && strncasecmp(at, "<input", 6) == 0;
        bool meta = rest > 6 && strncasecmp(at, "<meta", 5) == 0;
        const char *end = input || meta ? memchr(at, '>', rest < MAX_TAG ? rest : MAX_TAG) : NULL;
        if (end == NULL)
            continue;
        size_t tag = (size_t)(end - at);
        if (meta) {
            add_tag(q, at, tag, "content");
        } else {
            char *type = attribute(at, tag, "type");
            if (type != NULL && strcasecmp(type, "hidden") == 0)
                add_tag(q, at, tag, "value");
            free(type);
        }
    }
}
