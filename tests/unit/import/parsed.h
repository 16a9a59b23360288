/* SPDX-License-Identifier: MIT */
/* parsed.h - what is printed must be readable again. */
#ifndef RAMPTOP_TESTS_IMPORT_PARSED_H
#define RAMPTOP_TESTS_IMPORT_PARSED_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "src/profile/read.h"

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

/* Sets what the profile says must be set: "export NAME='...'", "${env:NAME}". */
static inline void set_environment(const char *text)
{
    static const char *const marks[] = {"export ", "${env:"};
    for (size_t m = 0; m < 2; m++) {
        for (const char *c = strstr(text, marks[m]); c != NULL; c = strstr(c + 1, marks[m])) {
            const char *name = c + strlen(marks[m]);
            char *own = strndup(name, strcspn(name, "=:} "));
            setenv(own, "any-thing-1", 0);
            free(own);
        }
    }
}

/* A body's file that is not there is a mistake of the profile, but none of ours. */
static inline bool only_files_missing(const struct problems *problems)
{
    for (size_t i = 0; i < problems->n; i++) {
        if (strstr(problems->lines[i], ": cannot read ") == NULL)
            return false;
    }
    return problems->n > 0;
}

static inline void must_parse(const char *text)
{
    struct problems problems = {0};
    char *whole = joined(text);
    set_environment(whole);
    struct profile *p = profile_parse("printed.cfg", text, strlen(text), NULL, &problems);
    ck_assert_msg(p != NULL || only_files_missing(&problems), "%s\n%.3000s",
                  problems.n > 0 ? problems.lines[0] : "unreadable", text);
    profile_unref(p);
    problems_finish(&problems);
    free(whole);
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
