/* SPDX-License-Identifier: MIT */
#include "src/import/multipart.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/import/lang.h"

/* The value of `name=...` behind a semicolon, with or without quotes; NULL for none. */
static char *parameter(const char *line, size_t len, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i + n + 1 < len; i++) {
        if (line[i] != ';')
            continue;
        size_t at = i + 1;
        while (at < len && (line[at] == ' ' || line[at] == '\t'))
            at++;
        if (at + n >= len || strncasecmp(line + at, name, n) != 0 || line[at + n] != '=')
            continue;
        at += n + 1;
        bool quoted = at < len && line[at] == '"';
        at += quoted;
        size_t end = at;
        while (end < len && (quoted ? line[end] != '"' : line[end] != ';' && line[end] != ' '))
            end++;
        return mem_strndup(line + at, end - at);
    }
    return NULL;
}

/* A file that is data the page made itself: a recording holds all of it. */
static bool is_json_file(const char *type, const char *text, size_t len)
{
    size_t n = type != NULL ? strcspn(type, "; ") : 0;
    return ((n == 16 && strncasecmp(type, "application/json", n) == 0) ||
            (n > 5 && strncasecmp(type + n - 5, "+json", 5) == 0)) &&
           len > 0 && memmem(text, len, "\xef\xbf\xbd", 3) == NULL;
}

/* The end of the line that begins at text; *next is behind its break. */
static const char *line_end(const char *text, const char *stop, const char **next)
{
    const char *end = memchr(text, '\n', (size_t)(stop - text));
    *next = end != NULL ? end + 1 : stop;
    end = end != NULL ? end : stop;
    return end > text && end[-1] == '\r' ? end - 1 : end;
}

/* Reads the text between two boundaries: header lines, an empty line, the content. */
static bool multipart_read_part(struct tr_request *q, const char *text, const char *stop)
{
    char *name = NULL, *filename = NULL, *type = NULL;
    const char *next;
    while (text < stop) {
        const char *end = line_end(text, stop, &next);
        size_t len = (size_t)(end - text);
        if (len == 0)
            break;
        if (len > 20 && strncasecmp(text, "Content-Disposition:", 20) == 0 && name == NULL) {
            name = parameter(text, len, "name");
            filename = parameter(text, len, "filename");
        } else if (len > 13 && strncasecmp(text, "Content-Type:", 13) == 0 && type == NULL) {
            const char *value = text + 13;
            while (value < end && *value == ' ')
                value++;
            type = mem_strndup(value, (size_t)(end - value));
        }
        text = next;
    }
    bool ok = name != NULL && text < stop;
    if (ok) {
        struct tr_part *p = tr_part_add(q, name);
        line_end(text, stop, &text);
        size_t len = (size_t)(stop - text);
        p->filename = filename;
        p->type = type;
        filename = type = NULL;
        if (p->filename == NULL || is_json_file(p->type, text, len))
            p->text = mem_strndup(text, len);
        else
            p->payload_bytes = len > 0 ? len : MULTIPART_EMPTY_FILE;
    }
    free(name);
    free(filename);
    free(type);
    return ok;
}

bool multipart_read(struct tr_request *q, const char *type, const char *text)
{
    char *boundary = parameter(type, strlen(type), "boundary");
    struct tr_request parts = {0};
    bool ok = boundary != NULL && *boundary != '\0', closed = false;
    char *mark = mem_printf("--%s", ok ? boundary : "");
    const char *at = ok ? strstr(text, mark) : NULL;
    ok = at == text && at != NULL;
    while (ok && !closed) {
        const char *next, *begin = at + strlen(mark), *stop;
        closed = strncmp(begin, "--", 2) == 0;
        if (closed)
            break;
        line_end(begin, begin + strlen(begin), &next);
        at = stop = strstr(next, mark);
        if (at == NULL || parts.n_parts == TR_MAX_PARTS) {
            ok = false;
            break;
        }
        stop -= stop > next && stop[-1] == '\n';
        stop -= stop > next && stop[-1] == '\r';
        ok = multipart_read_part(&parts, next, stop);
    }
    ok = ok && parts.n_parts > 0;
    if (ok) {
        tr_body_clear(q);
        q->body = TR_MULTIPART;
        q->parts = parts.parts;
        q->n_parts = parts.n_parts;
    } else {
        tr_body_clear(&parts);
    }
    free(mark);
    free(boundary);
    return ok;
}

void multipart_note_empty(struct transcript *r, const char *text)
{
    const char *at = text;
    while ((at = strstr(at, "filename=\"")) != NULL) {
        at += 10;
        const char *head = strstr(at, "\r\n\r\n");
        if (head != NULL && strncmp(head + 4, "\r\n--", 4) == 0)
            tr_note(r, "The file \"%.*s\" is empty, as browsers leave out what is in one.",
                    (int)strcspn(at, "\"\r\n"), at);
    }
}
