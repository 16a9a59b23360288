/* SPDX-License-Identifier: MIT */
#include "src/settings/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/err.h"
#include "src/base/mem.h"

/* A line feed is put behind each file, whether it ends with one or not. */
#define WHOLE_MAX (SOURCE_MAX_BYTES + SOURCE_MAX_INCLUDES + 1)

/* A file on its way into the whole. */
struct reader {
    struct source *s;
    struct problems *problems;
    unsigned file;  /* index into s->files */
    unsigned depth; /* 0 for the profile itself */
    bool may_include;
    const char *text; /* NUL-terminated; holds no other NUL */
    const char *at;
    unsigned line;
};

/* ---------------------------------------------------------------- places */

static const struct source_span *source_span_at(const struct source *s, unsigned line)
{
    size_t lo = 0, hi = s->n_spans;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (s->spans[mid].first <= line)
            lo = mid;
        else
            hi = mid;
    }
    return &s->spans[lo];
}

unsigned source_line(const struct source *s, unsigned line)
{
    const struct source_span *span = source_span_at(s, line);
    return span->line + (line - span->first);
}

const char *source_file(const struct source *s, unsigned line)
{
    return s->files[source_span_at(s, line)->file];
}

void source_problem(const struct source *s, struct problems *problems, unsigned line,
                    const char *fmt, ...)
{
    char text[900];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    problems_add(problems, "%.600s:%u: %s", s->files[source_span_at(s, line)->file],
                 source_line(s, line), text);
}

static void reader_problem(const struct reader *r, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void reader_problem(const struct reader *r, unsigned line, const char *fmt, ...)
{
    char text[900];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    problems_add(r->problems, "%.600s:%u: %s", r->s->files[r->file], line, text);
}

/* ---------------------------------------------------------------- one file */

/* Whether a file of that kind and owner may be read. */
static bool file_ok(int fd, bool own, struct err *e)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_set(e, "%s", strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(e, "%s",
                       S_ISDIR(st.st_mode) ? "it is a folder" : "it is not a regular file");
    if (own && st.st_uid != geteuid() && st.st_uid != 0)
        return err_set(e, "it belongs to somebody else (user %lu)", (unsigned long)st.st_uid);
    if (own && (st.st_mode & S_IWOTH) != 0)
        return err_set(e, "everybody may write to it; chmod o-w it");
    return true;
}

/* The whole file, NUL-terminated; NULL with the reason in *e. */
static char *file_slurp(const char *file, bool own, size_t *len, struct err *e)
{
    /* A FIFO or terminal must not hold the program up, hence O_NONBLOCK and O_NOCTTY. */
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        err_set(e, "%s", strerror(errno));
        return NULL;
    }
    char *text = NULL;
    if (file_ok(fd, own, e)) {
        struct buf bytes = {0};
        if (!buf_read(&bytes, fd, SOURCE_MAX_BYTES))
            err_set(e, "%s", strerror(errno));
        else if ((*len = bytes.len) > SOURCE_MAX_BYTES)
            err_set(e, "it is larger than 256 KiB");
        else
            text = buf_take(&bytes);
        buf_finish(&bytes);
    }
    close(fd);
    return text;
}

static bool bytes_ok(const struct reader *r, size_t len)
{
    unsigned line = 1;
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        if (r->text[i] == '\0') {
            reader_problem(r, line, "a NUL byte; a profile is a text file.");
            return false;
        }
        size_t n = clean_decode(r->text + i, len - i, &cp);
        if (n == 0) {
            reader_problem(r, line, "the byte 0x%02x is not UTF-8 text; save the file as UTF-8.",
                           (unsigned char)r->text[i]);
            return false;
        }
        if (cp == '\n')
            line++;
        i += n;
    }
    return true;
}

static void span_begin(struct reader *r)
{
    struct source *s = r->s;
    s->spans = mem_room(s->spans, s->n_spans, sizeof *s->spans);
    s->spans[s->n_spans++] = (struct source_span){s->lines, r->file, r->line};
}

static bool source_append(struct reader *r, const char *text, size_t len)
{
    struct source *s = r->s;
    if (s->len + len > WHOLE_MAX) {
        reader_problem(r, r->line, "with its includes the profile is larger than 256 KiB.");
        return false;
    }
    memcpy(s->text + s->len, text, len);
    s->len += len;
    for (size_t i = 0; i < len; i++)
        s->lines += text[i] == '\n';
    return true;
}

static bool take_file(struct source *s, const char *file, const char *shown, unsigned depth,
                      struct problems *problems, struct err *e);

/* ---------------------------------------------------------------- includes */

static bool include_name_ok(const struct reader *r, const char *name, struct err *e)
{
    if (!r->may_include)
        return err_set(e, "@include is not possible here");
    if (r->depth == SOURCE_MAX_DEPTH)
        return err_set(e, "includes are nested deeper than %d", SOURCE_MAX_DEPTH);
    if (r->s->n_files > SOURCE_MAX_INCLUDES)
        return err_set(e, "there are more than %d includes", SOURCE_MAX_INCLUDES);
    if (*name == '\0' || *name == '/')
        return err_set(e, "@include takes a path relative to this file, not \"%.200s\"", name);
    for (const char *part = name; part != NULL; part = strchr(part, '/')) {
        part += *part == '/';
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
            return err_set(e, "@include \"%.200s\" leaves the profile's folder", name);
    }
    return true;
}

/* r->at stands on "@include"; the name ends on the same line. */
static bool include(struct reader *r)
{
    const char *name = r->at + strlen("@include");
    name += strspn(name, " \t");
    const char *end = *name == '"' ? name + 1 + strcspn(name + 1, "\"\\\n") : NULL;
    if (end == NULL || *end != '"') {
        reader_problem(r, r->line, "@include takes a file name in quotes.");
        return false;
    }
    struct err e;
    char *rest = mem_strndup(name + 1, (size_t)(end - name) - 1);
    const char *slash = strrchr(r->s->files[r->file], '/');
    char *file = mem_printf("%.*s%s", slash == NULL ? 0 : (int)(slash - r->s->files[r->file] + 1),
                            r->s->files[r->file], rest);
    bool ok = include_name_ok(r, rest, &e);
    if (!ok) {
        reader_problem(r, r->line, "%s.", e.text);
    } else {
        size_t before = r->problems->n + r->problems->dropped;
        ok = take_file(r->s, file, file, r->depth + 1, r->problems, &e);
        if (!ok && r->problems->n + r->problems->dropped == before)
            reader_problem(r, r->line, "the included file \"%.300s\" cannot be read: %s.", rest,
                           e.text);
    }
    free(file);
    free(rest);
    r->at = end + 1;
    span_begin(r);
    return ok;
}

/* ------------------------------------------------------- comments and strings */

/* r->at stands behind the opening quote or "/" "*". */
static bool skip_comment(struct reader *r)
{
    const char *end = strstr(r->at, "*/");
    if (end == NULL) {
        reader_problem(r, r->line, "the comment that begins here has no end; close it with */.");
        return false;
    }
    for (; r->at < end; r->at++)
        r->line += *r->at == '\n';
    r->at += 2;
    return true;
}

static bool skip_string(struct reader *r, unsigned *first_long)
{
    unsigned begin = r->line;
    for (; *r->at != '"' && *r->at != '\0'; r->at++) {
        if (*r->at == '\\' && (r->at[1] == '"' || r->at[1] == '\\'))
            r->at++;
        r->line += *r->at == '\n';
    }
    if (*r->at == '\0') {
        /* After one forgotten quote all later ones change sides: the place to look at is
         * the first string that ran over a line end. */
        reader_problem(r, *first_long != 0 ? *first_long : begin,
                       "the string that begins here has no closing quote.");
        return false;
    }
    if (r->line != begin && *first_long == 0)
        *first_long = begin;
    r->at++;
    return true;
}

static bool at_include(const struct reader *r, const char *line_start)
{
    if (strncmp(r->at, "@include", 8) != 0 || strchr(" \t\"", r->at[8]) == NULL)
        return false;
    return line_start + strspn(line_start, " \t") == r->at;
}

/* Copies the file to the whole and its includes in their places. */
static bool source_copy(struct reader *r)
{
    unsigned first_long = 0;
    const char *line_start = r->at, *copied = r->at;
    unsigned copied_line = r->line;
    bool ok = true;
    span_begin(r);
    while (ok && *r->at != '\0') {
        if (strncmp(r->at, "/*", 2) == 0) {
            r->at += 2;
            ok = skip_comment(r);
        } else if (*r->at == '#' || strncmp(r->at, "//", 2) == 0) {
            r->at += strcspn(r->at, "\n");
        } else if (*r->at == '"') {
            r->at++;
            ok = skip_string(r, &first_long);
        } else if (*r->at == '\n') {
            line_start = ++r->at;
            r->line++;
        } else if (at_include(r, line_start)) {
            unsigned here = r->line;
            r->line = copied_line;
            ok = source_append(r, copied, (size_t)(r->at - copied));
            r->line = here;
            ok = ok && include(r);
            copied = r->at;
            copied_line = r->line;
        } else {
            r->at++;
        }
    }
    return ok && source_append(r, copied, (size_t)(r->at - copied)) && source_append(r, "\n", 1);
}

static bool source_take(struct source *s, const char *shown, const char *text, size_t len,
                        unsigned depth, bool may_include, struct problems *problems)
{
    struct reader r = {.s = s,
                       .problems = problems,
                       .file = s->n_files,
                       .depth = depth,
                       .may_include = may_include,
                       .text = text,
                       .at = text,
                       .line = 1};
    s->files[s->n_files++] = mem_strdup(shown);
    if (!bytes_ok(&r, len))
        return false;
    r.at += clean_mark_len(text, len);
    return source_copy(&r);
}

static bool take_file(struct source *s, const char *file, const char *shown, unsigned depth,
                      struct problems *problems, struct err *e)
{
    size_t len;
    char *text = file_slurp(file, false, &len, e);
    if (text == NULL)
        return false;
    bool ok = source_take(s, shown, text, len, depth, true, problems);
    free(text);
    return ok;
}

/* ---------------------------------------------------------------- the whole */

static void source_begin(struct source *s)
{
    *s = (struct source){.lines = 1};
    s->text = mem_zalloc(WHOLE_MAX + 1);
}

bool source_from_file(struct source *s, const char *file, struct problems *problems)
{
    struct err e;
    size_t before = problems->n + problems->dropped;
    source_begin(s);
    bool ok = take_file(s, file, file, 0, problems, &e);
    if (!ok && problems->n + problems->dropped == before)
        problems_add(problems, "%.600s: the profile cannot be read: %s.", file, e.text);
    return ok;
}

/* There is no telling what is in a folder that may not be looked into: the home folder of
 * somebody else is no reason not to start. */
static bool is_missing(const char *file)
{
    struct stat st;
    return stat(file, &st) != 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES);
}

bool source_from_own_file(struct source *s, const char *file, bool *missing,
                          struct problems *problems)
{
    struct err e;
    size_t len;
    source_begin(s);
    *missing = is_missing(file);
    if (*missing)
        return false;
    char *text = file_slurp(file, true, &len, &e);
    if (text == NULL)
        problems_add(problems, "%.600s: the configuration file is not read: %s.", file, e.text);
    bool ok = text != NULL && source_take(s, file, text, len, 0, false, problems);
    free(text);
    return ok;
}

bool source_from_text(struct source *s, const char *name, const char *text, size_t len,
                      struct problems *problems)
{
    source_begin(s);
    if (len > SOURCE_MAX_BYTES) {
        problems_add(problems, "%.600s: the profile is larger than 256 KiB.", name);
        return false;
    }
    char *copy = mem_zalloc(len + 1);
    if (len > 0)
        memcpy(copy, text, len);
    bool ok = source_take(s, name, copy, len, 0, false, problems);
    free(copy);
    return ok;
}

void source_finish(struct source *s)
{
    for (unsigned i = 0; i < s->n_files; i++)
        free(s->files[i]);
    free(s->spans);
    free(s->text);
    *s = (struct source){0};
}
