/* SPDX-License-Identifier: MIT */
#include "src/import/glob.h"

#include <ctype.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/import/lang.h"

/* The length of "[1-100]", "[a-z]" or "[0-20:5]"; an address such as "[::1]" is none. */
static size_t range_len(const char *text)
{
    size_t n = 1, from = 0, to = 0;
    for (; isalnum((unsigned char)text[n]); n++)
        from++;
    if (text[n++] != '-')
        return 0;
    for (; isalnum((unsigned char)text[n]); n++)
        to++;
    if (text[n] == ':')
        n += 1 + strspn(text + n + 1, "0123456789");
    return from > 0 && to > 0 && text[n] == ']' ? n + 1 : 0;
}

/* The length of "{a,b}"; "{}" is none. */
static size_t list_len(const char *text)
{
    size_t n = strcspn(text, "}");
    return text[n] == '}' && n > 1 ? n + 1 : 0;
}

static bool several(const char *text, size_t len, struct err *e)
{
    char shown[80];
    clean_text(shown, sizeof shown, text, len);
    return err_set(e,
                   "curl makes several URLs of \"%s\"; write one of them, to be varied in the "
                   "profile with ${int:1:100} or ${choice:a|b}, or give -g if it is meant as it "
                   "stands.",
                   shown);
}

bool glob_plain(const char *url, char **plain, struct err *e)
{
    struct buf out = {0};
    *plain = NULL;
    while (*url != '\0') {
        bool variable;
        size_t special = lang_special(url, &variable);
        if (variable) {
            buf_add(&out, url, special);
            url += special;
            continue;
        }
        if (special > 0) { /* $${ is a $ and a { */
            buf_text(&out, "$$");
            url += 2;
        }
        size_t many = *url == '[' ? range_len(url) : *url == '{' ? list_len(url) : 0;
        if (many > 0) {
            buf_finish(&out);
            return several(url, many, e);
        }
        bool escaped = *url == '\\' && url[1] != '\0' && strchr("{}[]", url[1]) != NULL;
        url += escaped;
        if (escaped && *url == '{' && out.len > 0 && out.data[out.len - 1] == '$')
            buf_char(&out, '$'); /* no variable begins here */
        buf_char(&out, *url++);
    }
    *plain = buf_take(&out);
    return true;
}
