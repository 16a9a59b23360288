/* SPDX-License-Identifier: MIT */
/* parsed.h - what is printed must be readable again. */
#ifndef RAMPTOP_TESTS_IMPORT_PARSED_H
#define RAMPTOP_TESTS_IMPORT_PARSED_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "src/settings/read.h"

static inline void must_parse(const char *text)
{
    struct problems problems = {0};
    struct source s = {0};
    struct node root = {0};
    bool ok = source_from_text(&s, "printed.cfg", text, strlen(text), &problems) &&
              settings_read(&root, &s, &problems);
    ck_assert_msg(ok, "%s\n%.3000s", problems.n > 0 ? problems.lines[0] : "unreadable", text);
    ck_assert_ptr_nonnull(node_get(&root, "target"));
    node_finish(&root);
    source_finish(&s);
    problems_finish(&problems);
}

/* The text with strings that go over several lines put together: "ab" "cd" -> "abcd". */
static inline char *joined(const char *text)
{
    char *out = strdup(text), *to = out;
    for (const char *c = out; *c != '\0';) {
        size_t n =
            *c == '"' && c > out && c[-1] != '\\' && c[1] == '\n' ? 2 + strspn(c + 2, " ") : 0;
        if (n > 0 && c[n] == '"')
            c += n + 1;
        else
            *to++ = *c++;
    }
    *to = '\0';
    return out;
}

static inline void has(const char *text, const char *part)
{
    char *whole = joined(text);
    ck_assert_msg(strstr(whole, part) != NULL, "\"%s\" is not in:\n%.3000s", part, text);
    free(whole);
}

static inline void lacks(const char *text, const char *part)
{
    char *whole = joined(text);
    ck_assert_msg(strstr(whole, part) == NULL, "\"%s\" is in:\n%.3000s", part, text);
    free(whole);
}

#endif
