/* SPDX-License-Identifier: MIT */
#include "src/script/secret_text.h"

#include <string.h>
#include <strings.h>

#include "src/base/buf.h"
#include "src/script/jsonscan.h"
#include "src/script/secret_name.h"

#define COOKIE_MIN 8 /* bytes: shorter ones are settings, as "dark" or "de" */
#define BODY_LOOKED_AT 65536
#define MEMBERS_MAX 4096 /* members of a JSON text that are looked at */

void secret_text_cookie(struct secrets *all, const char *value, size_t len)
{
    if (len >= COOKIE_MIN)
        secrets_add_text(all, value, len);
}

void secret_text_cookies(struct secrets *all, const char *value)
{
    while (*value != '\0') {
        size_t len = strcspn(value, ";");
        size_t name = strcspn(value, "=;");
        if (name < len)
            secret_text_cookie(all, value + name + 1, len - name - 1);
        value += len + (value[len] == ';');
    }
}

void secret_text_header(struct secrets *all, const char *name, const char *value)
{
    if (!secret_named_header(name))
        return;
    if (strcasecmp(name, "Cookie") == 0) {
        secret_text_cookies(all, value);
        return;
    }
    size_t scheme = strcspn(value, " "); /* "Bearer" may be seen */
    if (value[scheme] == ' ')
        value += scheme + 1;
    secrets_add_text(all, value, strlen(value));
}

static size_t copy_name(char out[SECRET_NAME_MAX], const char *name, size_t len)
{
    len = len < SECRET_NAME_MAX ? len : SECRET_NAME_MAX - 1;
    memcpy(out, name, len);
    out[len] = '\0';
    return len;
}

/* "a=1&token=abc" */
static void add_named_pairs(struct secrets *all, const char *text, size_t len)
{
    char name[SECRET_NAME_MAX];
    const char *end = text + len;
    while (text < end) {
        const char *next = memchr(text, '&', (size_t)(end - text));
        next = next != NULL ? next : end;
        const char *equals = memchr(text, '=', (size_t)(next - text));
        if (equals != NULL && equals + 1 < next) {
            copy_name(name, text, (size_t)(equals - text));
            if (secret_named(name))
                secrets_add_text(all, equals + 1, (size_t)(next - equals) - 1);
        }
        text = next + 1;
    }
}

void secret_text_url(struct secrets *all, const char *url)
{
    const char *query = strchr(url, '?');
    if (query != NULL)
        add_named_pairs(all, query + 1, strcspn(query + 1, "#"));
}

/* ------------------------------------------------------------------------ JSON */

static void add_json_string(struct secrets *all, const char *text, size_t len)
{
    struct buf plain = {0};
    char utf8[4];
    for (size_t i = 0, used; i < len; i += used) {
        size_t n = 1;
        used = text[i] == '\\' ? json_unescape(text + i, len - i, utf8, &n) : 0;
        buf_add(&plain, used > 0 ? utf8 : text + i, used > 0 ? n : 1);
        used = used > 0 ? used : 1;
    }
    if (plain.len > 0)
        secrets_add_text(all, plain.data, plain.len);
    if (plain.data != NULL)
        explicit_bzero(plain.data, plain.len);
    buf_finish(&plain);
}

/* The value at `at`, of a member that is a secret by its name. */
static void add_json_value(struct secrets *all, const char *at, const char *end)
{
    bool escaped;
    const char *from = at + (*at == '"'), *to;
    if (*at == '"')
        to = json_string_end(from, end, &escaped);
    else
        to = from + strspn(from, "0123456789.-+eE"); /* the text ends with a NUL */
    if (to != NULL && to > from)
        add_json_string(all, from, (size_t)(to - from));
}

/* Each "name": value, at any depth, without looking at what surrounds it. */
static void add_named_members(struct secrets *all, const char *text, const char *end)
{
    char name[SECRET_NAME_MAX];
    bool escaped;
    for (unsigned i = 0; i < MEMBERS_MAX; i++) {
        const char *quote = memchr(text, '"', (size_t)(end - text));
        const char *close = quote != NULL ? json_string_end(quote + 1, end, &escaped) : NULL;
        if (close == NULL)
            return;
        const char *at = json_blank(close + 1, end);
        text = close + 1;
        if (at >= end || *at != ':')
            continue;
        copy_name(name, quote + 1, (size_t)(close - quote) - 1);
        at = json_blank(at + 1, end);
        if (at < end && secret_named(name))
            add_json_value(all, at, end);
        text = at;
    }
}

void secret_text_body(struct secrets *all, const char *body, size_t len)
{
    struct buf text = {0};
    buf_add(&text, body, len < BODY_LOOKED_AT ? len : BODY_LOOKED_AT);
    const char *end = text.data + text.len;
    const char *first = json_blank(text.data, end);
    if (first < end && (*first == '{' || *first == '['))
        add_named_members(all, first, end);
    else
        add_named_pairs(all, text.data, text.len);
    explicit_bzero(text.data, text.len);
    buf_finish(&text);
}
