/* SPDX-License-Identifier: MIT */
/* The members of a JSON object, one after the other. */
#include <string.h>

#include "src/demo/store.h"
#include "src/script/jsonscan.h"
#include "src/script/number.h"

static bool value_is_whole(const char *value, size_t len)
{
    static const char *const words[] = {"true", "false", "null"};
    if (*value == '"' || *value == '{' || *value == '[')
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (len == strlen(words[i]) && memcmp(value, words[i], len) == 0)
            return true;
    }
    return number_is(value, len);
}

/* at stands behind { or a comma; NULL when no member begins here. */
static const char *read_member(const char *at, const char *end, struct member *m)
{
    bool escaped;
    at = json_blank(at, end);
    if (at == end || *at != '"')
        return NULL;
    m->name = at + 1;
    const char *quote = json_string_end(at + 1, end, &escaped);
    if (quote == NULL)
        return NULL;
    m->name_len = (size_t)(quote - m->name);
    at = json_blank(quote + 1, end);
    if (at == end || *at != ':')
        return NULL;
    m->value = json_blank(at + 1, end);
    const char *value_end = m->value < end ? json_value_end(m->value, end) : NULL;
    if (value_end == NULL)
        return NULL;
    m->value_len = (size_t)(value_end - m->value);
    return value_is_whole(m->value, m->value_len) ? value_end : NULL;
}

bool members_each(const char *json, size_t len, void (*each)(const struct member *m, void *arg),
                  void *arg)
{
    const char *end = json + len, *at = json_blank(json, end);
    struct member m;
    if (at == end || *at != '{')
        return false;
    at = json_blank(at + 1, end);
    if (at < end && *at == '}')
        return json_blank(at + 1, end) == end;
    for (;;) {
        at = read_member(at, end, &m);
        if (at == NULL)
            return false;
        each(&m, arg);
        at = json_blank(at, end);
        if (at < end && *at == '}')
            return json_blank(at + 1, end) == end;
        if (at == end || *at != ',')
            return false;
        at++;
    }
}
