/* SPDX-License-Identifier: MIT */
#include "src/import/lang.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/script/encode.h"

#define SETTING_MAX 64
#define VARIABLE_MAX 40

char *lang_literal(const char *bytes, size_t len)
{
    struct buf out = {0};
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '$' && i + 1 < len && bytes[i + 1] == '{')
            buf_char(&out, '$');
        buf_char(&out, bytes[i]);
    }
    return buf_take(&out);
}

size_t lang_special(const char *text, bool *variable)
{
    *variable = false;
    if (strncmp(text, "$${", 3) == 0)
        return 3;
    if (strncmp(text, "${", 2) != 0)
        return 0;
    const char *end = strchr(text, '}');
    *variable = end != NULL;
    return end != NULL ? (size_t)(end - text) + 1 : 0;
}

char *lang_plain(const char *text, size_t len)
{
    struct buf out = {0};
    for (size_t i = 0; i < len;) {
        bool variable;
        size_t special = lang_special(text + i, &variable);
        if (variable || i + special > len) {
            buf_finish(&out);
            return NULL;
        }
        if (special > 0)
            buf_text(&out, "${");
        else
            buf_char(&out, text[i]);
        i += special > 0 ? special : 1;
    }
    return buf_take(&out);
}

void lang_put(char **text, size_t at, size_t len, const char *variable, bool *dollar)
{
    struct buf out = {0};
    bool glued = at > 0 && (*text)[at - 1] == '$';
    buf_add(&out, *text, glued ? at - 1 : at);
    if (glued) {
        buf_text(&out, "${dollar}");
        *dollar = true;
    }
    buf_printf(&out, "${%s}", variable);
    buf_text(&out, *text + at + len);
    free(*text);
    *text = buf_take(&out);
}

void lang_replace(char **text, const char *part, const char *variable, bool *dollar)
{
    size_t len = strlen(part);
    if (strstr(*text, part) == NULL) /* as nearly always */
        return;
    for (size_t at = 0; (*text)[at] != '\0';) {
        bool is_variable;
        size_t special = lang_special(*text + at, &is_variable);
        if (!is_variable && strncmp(*text + at, part, len) == 0) {
            size_t behind = strlen(*text) - at - len;
            lang_put(text, at, len, variable, dollar);
            at = strlen(*text) - behind;
        } else {
            at += special > 0 ? special : 1;
        }
    }
}

bool lang_setting_ok(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    if (n == 0 || name[n] != '\0' || n > SETTING_MAX || !isalpha((unsigned char)*name))
        return false;
    return strcasecmp(name, "true") != 0 && strcasecmp(name, "false") != 0;
}

char *lang_variable(const char *text)
{
    static const char *const taken[] = {"uuid",      "int",    "float", "choice", "weighted",
                                        "name",      "email",  "date",  "seq",    "sentence",
                                        "hex",       "user",   "env",   "status", "base64",
                                        "iteration", "dollar", "not",   "true",   "false"};
    char out[VARIABLE_MAX + 16];
    size_t n = 0;
    bool after_lower = false;
    for (; *text != '\0' && n < VARIABLE_MAX; text++) {
        unsigned char c = (unsigned char)*text;
        bool upper = c < 0x80 && isupper(c);
        if (upper && after_lower)
            out[n++] = '_'; /* accessToken -> access_token */
        after_lower = c < 0x80 && islower(c);
        if (c < 0x80 && isalnum(c))
            out[n++] = (char)tolower(c);
        else if (n > 0 && out[n - 1] != '_')
            out[n++] = '_';
    }
    while (n > 0 && out[n - 1] == '_')
        n--;
    out[n] = '\0';
    if (n == 0)
        return mem_strdup("value");
    if (isdigit((unsigned char)*out))
        return mem_printf("v%s", out);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        if (strcmp(out, taken[i]) == 0)
            return mem_printf("%s_value", out);
    }
    return mem_strdup(out);
}

/* Characters that a terminal would obey or show in another order: they are written as \x.. */
static bool is_unsafe(uint32_t c)
{
    return (c >= 0x80 && c < 0xa0) || c == 0x061c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/* The length of the character at text, and whether it has to be written as \x.. */
static size_t character(const char *text, bool *unsafe)
{
    uint32_t c;
    size_t n = clean_decode(text, strnlen(text, 4), &c);
    *unsafe = n == 0 || c < 0x20 || c == 0x7f || is_unsafe(c);
    return n > 0 ? n : 1;
}

void lang_quote(struct buf *out, const char *text)
{
    buf_char(out, '"');
    for (size_t n; *text != '\0'; text += n) {
        bool unsafe;
        char c = *text;
        n = character(text, &unsafe);
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c == '\n')
            buf_text(out, "\\n");
        else if (c == '\r')
            buf_text(out, "\\r");
        else if (c == '\t')
            buf_text(out, "\\t");
        else if (c == '\f')
            buf_text(out, "\\f");
        else if (!unsafe)
            buf_add(out, text, n);
        else
            for (size_t i = 0; i < n; i++)
                buf_printf(out, "\\x%02x", (unsigned char)text[i]);
    }
    buf_char(out, '"');
}

char *lang_percent_decode(const char *text, size_t len, bool plus, size_t *out_len)
{
    struct buf out = {0};
    encode_undo_percent(&out, text, len, plus);
    if (out_len != NULL)
        *out_len = out.len;
    return buf_take(&out);
}

void lang_percent_encode(struct buf *out, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c < 0x80 && (isalnum(c) || strchr("-._~", c) != NULL) && c != '\0')
            buf_char(out, (char)c);
        else
            buf_printf(out, "%%%02X", c);
    }
}

char *lang_base64_decode(const char *text, size_t len, size_t *out_len)
{
    struct buf out = {0};
    bool ok = encode_undo_base64(&out, text, len);
    if (ok)
        *out_len = out.len;
    char *bytes = ok ? buf_take(&out) : NULL;
    buf_finish(&out);
    return bytes;
}

bool lang_utf8(const char *bytes, size_t len)
{
    uint32_t cp;
    for (size_t i = 0; i < len;) {
        size_t n = clean_decode(bytes + i, len - i, &cp);
        if (n == 0 || cp == 0)
            return false;
        i += n;
    }
    return true;
}
