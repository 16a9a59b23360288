/* SPDX-License-Identifier: MIT */
/* source.h - the text of a profile with its includes, and where each line is from.
 *
 * libconfig could follow @include itself, but it opens whatever the name says (a
 * folder ends the process inside its scanner) and it opens it again after we have
 * looked.  So the files are read once, here, into one text; libconfig sees that
 * text and never a file name.
 *
 * Refused, with the line: what is no regular file, more than SOURCE_MAX_BYTES in
 * all, NUL bytes, text that is not UTF-8, a comment or string without an end,
 * includes that leave the folder, too many or too deep ones. */
#ifndef RAMPTOP_SETTINGS_SOURCE_H
#define RAMPTOP_SETTINGS_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/problems.h"

#define SOURCE_MAX_BYTES (256u * 1024)
#define SOURCE_MAX_INCLUDES 16
#define SOURCE_MAX_DEPTH 4

/* From line `first` of the whole on, lines are those of files[file] from `line` on. */
struct source_span {
    unsigned first;
    unsigned file;
    unsigned line;
};

struct source {
    char *text; /* ends with a line feed and a NUL */
    size_t len;
    unsigned lines;
    char *files[SOURCE_MAX_INCLUDES + 1]; /* as shown in messages; the profile itself first */
    unsigned n_files;
    struct source_span *spans;
    size_t n_spans;
};

/* Each fills a zeroed struct; false when problems were added.  The caller calls
 * source_finish in either case. */
bool source_from_file(struct source *s, const char *file, struct problems *problems);
/* A file that counts without being named on the command line: it must belong to the user
 * or root and must not be writable by everybody; @include is refused.  *missing is set,
 * and nothing is added, when there is none (or its folder may not be looked into). */
bool source_from_own_file(struct source *s, const char *file, bool *missing,
                          struct problems *problems);
/* @include is refused, as there is no folder to look in. */
bool source_from_text(struct source *s, const char *name, const char *text, size_t len,
                      struct problems *problems);
void source_finish(struct source *s);

/* Adds "file:line: the sentence" for a line of the whole text. */
void source_problem(const struct source *s, struct problems *problems, unsigned line,
                    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The file that a line of the whole text is from, as shown in messages; borrowed. */
const char *source_file(const struct source *s, unsigned line);
/* The line number within its own file, for messages that name a second line. */
unsigned source_line(const struct source *s, unsigned line);

#endif
