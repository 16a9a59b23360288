/* SPDX-License-Identifier: MIT */
/* The bodies that curl sends: -d and its kin, -T; and what -G and --url-query put into the URL. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/import/curl_command.h"
#include "src/import/intake.h"
#include "src/import/lang.h"

#define NAME_SHOWN 200

/* ------------------------------------------------------------------- content */

static char *text_of_bytes(const char *bytes, size_t len, enum curl_reading how)
{
    struct buf out = {0};
    buf_text(&out, "");
    for (size_t i = 0; i < len; i++)
        if (how == CURL_AS_IT_IS || strchr("\r\n", bytes[i]) == NULL) /* nor a NUL */
            buf_char(&out, bytes[i]);
    char *text = how == CURL_AS_IT_IS && memchr(bytes, '\0', len) != NULL
                     ? NULL
                     : lang_literal(out.data, out.len);
    buf_finish(&out);
    return text;
}

static char *text_without_breaks(const char *text)
{
    struct buf out = {0};
    buf_text(&out, "");
    for (; *text != '\0'; text++)
        if (*text != '\r' && *text != '\n')
            buf_char(&out, *text);
    return buf_take(&out);
}

char *curl_content(const struct curl_reader *rd, const char *file, enum curl_reading how,
                   size_t *bytes, struct err *why)
{
    struct err unused;
    const struct paste_command *p = rd->paste;
    why = why != NULL ? why : &unused;
    if (strcmp(file, "-") == 0) {
        if (p->input != NULL)
            return how == CURL_AS_IT_IS ? mem_strdup(p->input) : text_without_breaks(p->input);
        if (p->input_file == NULL) {
            err_set(why, "what it reads from standard input%s%.40s is not there",
                    p->input_from != NULL ? ", from " : "",
                    p->input_from != NULL ? p->input_from : "");
            return NULL;
        }
        file = p->input_file;
    }
    char *plain = lang_plain(file, strlen(file)), *read = NULL, *text = NULL;
    size_t len = 0;
    bool ok = plain != NULL && strcmp(plain, "-") != 0 && rd->o != NULL && rd->o->read_file != NULL;
    if (!ok)
        err_set(why, "the file \"%.100s\" is not read here", file);
    else if (rd->o->read_file(plain, &read, &len, why))
        text = text_of_bytes(read, len, how);
    if (text == NULL && read != NULL)
        err_set(why, "the file \"%.100s\" holds a NUL", file);
    if (text != NULL && strlen(text) > INTAKE_MAX_BODY) {
        free(text);
        text = NULL;
        err_set(why, "the file \"%.100s\" is too large for a profile", file);
    }
    if (bytes != NULL)
        *bytes = len;
    free(read);
    free(plain);
    return text;
}

static bool no_content(struct curl_reader *rd, const char *what, const struct err *why)
{
    size_t n = strlen(why->text);
    bool stop = n > 0 && why->text[n - 1] == '.';
    return err_set(rd->e, "%s: %.*s; put the text in its place.", what, (int)(n - stop), why->text);
}

static void note_content(struct curl_reader *rd, const char *file)
{
    if (strcmp(file, "-") != 0)
        tr_note(&rd->r, "What the file \"%.100s\" held when this was made is written out here.",
                file);
}

/* ------------------------------------------------------------------ encoding */

/* As curl encodes: a blank is a +; variables stay. */
static void add_curl_encoded(struct buf *out, const char *text, bool plus)
{
    while (*text != '\0') {
        bool variable;
        size_t special = lang_special(text, &variable);
        if (variable)
            buf_add(out, text, special);
        else if (plus && *text == ' ')
            buf_char(out, '+');
        else
            lang_percent_encode(out, special > 0 ? "${" : text, special > 0 ? 2 : 1);
        text += special > 0 ? special : 1;
    }
}

/* content, =content, name=content, @file, name@file; the content is encoded. */
static bool encode_data(struct curl_reader *rd, struct buf *out, const struct curl_given *g,
                        const char *text)
{
    const char *mark = strchr(text, '=');
    mark = mark != NULL ? mark : strchr(text, '@');
    const char *content = mark != NULL ? mark + 1 : text;
    char *read = NULL, what[60];
    struct err why;
    if (mark != NULL && *mark == '@') {
        read = curl_content(rd, content, CURL_AS_IT_IS, NULL, &why);
        clean_text(what, sizeof what, g->option->name, strlen(g->option->name));
        if (read == NULL)
            return no_content(rd, what, &why);
        note_content(rd, content);
        content = read;
    }
    if (mark != NULL && mark > text) {
        buf_add(out, text, (size_t)(mark - text));
        buf_char(out, '=');
    }
    add_curl_encoded(out, content, true);
    free(read);
    return true;
}

/* ------------------------------------------------------------- -d and its kin */

static bool is_data(enum curl_act act)
{
    return act == CURL_DATA || act == CURL_BINARY || act == CURL_RAW || act == CURL_ENCODE ||
           act == CURL_JSON;
}

static size_t data_pieces(const struct curl_reader *rd)
{
    size_t n = 0;
    for (size_t i = 0; i < rd->n; i++)
        n += is_data(rd->items[i].option->act);
    return n;
}

static bool names_file(const struct curl_given *g)
{
    enum curl_act act = g->option->act;
    return *g->value == '@' && (act == CURL_DATA || act == CURL_BINARY || act == CURL_JSON);
}

static bool body_add_file(struct curl_reader *rd, struct buf *out, const struct curl_given *g)
{
    struct err why;
    const char *file = g->value + 1;
    enum curl_reading how = g->option->act == CURL_DATA ? CURL_WITHOUT_BREAKS : CURL_AS_IT_IS;
    char *text = curl_content(rd, file, how, NULL, &why);
    if (text == NULL)
        return no_content(rd, g->option->name, &why);
    note_content(rd, file);
    buf_text(out, text);
    free(text);
    return true;
}

/* All data options together. */
static bool join_data(struct curl_reader *rd, struct buf *out)
{
    bool begun = false, ok = true;
    buf_text(out, "");
    for (size_t i = 0; ok && i < rd->n; i++) {
        const struct curl_given *g = &rd->items[i];
        enum curl_act act = g->option->act;
        if (!is_data(act))
            continue;
        if (begun && act != CURL_JSON)
            buf_char(out, '&');
        begun = true;
        if (act == CURL_ENCODE)
            ok = encode_data(rd, out, g, g->value);
        else if (names_file(g))
            ok = body_add_file(rd, out, g);
        else
            buf_text(out, g->value);
    }
    return ok;
}

/* "@file" as the body. */
static bool curl_body_of_file(struct curl_reader *rd, struct tr_request *q, const char *file)
{
    if (*file == '\0' || (strcmp(file, "-") == 0 && rd->paste->input_file == NULL))
        return err_set(rd->e, "the body comes from standard input (@-), which is not there to be "
                              "loaded; write it to a file and name that.");
    file = strcmp(file, "-") == 0 ? rd->paste->input_file : file;
    tr_body_clear(q);
    q->body = TR_FILE;
    q->body_text = mem_strdup(file);
    tr_note(&rd->r, "The body is the file \"%.200s\", seen from the folder of this profile.", file);
    return true;
}

/* A file that is all of the body is named, unless curl leaves bytes of it out and it can be written
 * out. */
static bool single_file(struct curl_reader *rd, struct tr_request *q, const struct curl_given *g,
                        bool *done)
{
    const char *file = g->value + 1;
    bool input = strcmp(file, "-") == 0 && rd->paste->input != NULL;
    size_t bytes = 0;
    *done = !input;
    if (input)
        return true;
    if (g->option->act == CURL_DATA) {
        char *text = curl_content(rd, file, CURL_WITHOUT_BREAKS, &bytes, NULL);
        char *plain = text != NULL ? lang_plain(text, strlen(text)) : NULL;
        bool changed = plain != NULL && strlen(plain) != bytes;
        bool unknown = text == NULL;
        free(plain);
        free(text);
        *done = !changed;
        if (changed)
            return true;
        if (unknown)
            tr_note(&rd->r, "Changed: curl leaves the line breaks out of a file given with -d; "
                            "here they are sent.");
    }
    bool typed = tr_field_find(&q->headers, "Content-Type") != NULL;
    if (!curl_body_of_file(rd, q, file))
        return false;
    if (!typed)
        tr_field_add(&q->headers, "Content-Type", mem_strdup("application/x-www-form-urlencoded"));
    return true;
}

static bool set_data(struct curl_reader *rd, struct tr_request *q)
{
    struct buf data = {0};
    bool done = false, ok = true;
    if (data_pieces(rd) == 1)
        for (size_t i = 0; ok && i < rd->n; i++)
            if (is_data(rd->items[i].option->act) && names_file(&rd->items[i]))
                ok = single_file(rd, q, &rd->items[i], &done);
    if (!ok || done)
        return ok;
    ok = join_data(rd, &data);
    if (ok)
        intake_body(&rd->r, q, data.data);
    buf_finish(&data);
    return ok;
}

/* ------------------------------------------------------------------ the query */

/* libcurl writes the digits of what is added to a URL small. */
static void small_digits(char *text)
{
    for (; *text != '\0'; text++) {
        if (text[0] != '%' || !isxdigit((unsigned char)text[1]) ||
            !isxdigit((unsigned char)text[2]))
            continue;
        text[1] = (char)tolower((unsigned char)text[1]);
        text[2] = (char)tolower((unsigned char)text[2]);
    }
}

static void add_to_query(struct tr_request *q, const char *text)
{
    struct tr_request encoded = {.exact = true};
    char *url = mem_printf("http://h/?%s", text), *fragment = strchr(url, '#');
    if (fragment != NULL) /* a fragment would end the URL here; curl sends it */
        *fragment = '\0';
    if (*text != '\0' && intake_url(&encoded, url, NULL)) {
        small_digits(encoded.path);
        size_t len = strlen(q->path);
        const char *between = strchr(q->path, '?') == NULL ? "?"
                              : q->path[len - 1] == '?'    ? ""
                                                           : "&";
        char *path = mem_printf("%s%s%s", q->path, between, encoded.path + 2);
        free(q->path);
        q->path = path;
    }
    free(url);
    tr_request_finish(&encoded);
}

/* --url-query: as --data-urlencode has it, or behind a + as it stands. */
static bool add_url_queries(struct curl_reader *rd, struct tr_request *q)
{
    bool ok = true;
    for (size_t i = 0; ok && i < rd->n; i++) {
        const struct curl_given *g = &rd->items[i];
        struct buf out = {0};
        if (g->option->act != CURL_QUERY)
            continue;
        if (*g->value == '+')
            buf_text(&out, g->value + 1);
        else
            ok = encode_data(rd, &out, g, g->value);
        if (ok && out.data != NULL)
            add_to_query(q, out.data);
        buf_finish(&out);
    }
    return ok;
}

static bool query_of_data(struct curl_reader *rd, struct tr_request *q)
{
    struct buf data = {0};
    bool ok = join_data(rd, &data);
    if (ok)
        add_to_query(q, data.data);
    buf_finish(&data);
    return ok;
}

/* ----------------------------------------------------------------------- -T */

/* The file that belongs to the request in hand: the first to the first URL. */
static const char *upload_of(const struct curl_reader *rd)
{
    size_t at = 0;
    for (size_t i = 0; i < rd->n; i++)
        if (rd->items[i].option->act == CURL_UPLOAD && at++ == rd->urls)
            return rd->items[i].value;
    return NULL;
}

static void set_unless(struct tr_request *q, const char *name, const char *text, bool off)
{
    if (tr_field_find(&q->headers, name) != NULL)
        return;
    tr_field_add(&q->headers, name, mem_strdup(text));
    q->headers.items[q->headers.n - 1].off = off;
}

/* curl puts the file's name behind a path that ends in a slash, waits for leave to send, and
 * says nothing of a type. */
static bool set_upload(struct curl_reader *rd, struct tr_request *q, const char *file)
{
    const char *slash = strrchr(file, '/'), *name = slash != NULL ? slash + 1 : file;
    if (strpbrk(file, "{[") != NULL && strstr(file, "${") == NULL)
        return err_set(rd->e, "curl makes several files of \"%.60s\"; name one of them.", file);
    bool input = strcmp(file, "-") == 0 || strcmp(file, ".") == 0;
    if (input && rd->paste->input != NULL) {
        tr_body_clear(q);
        q->body = TR_TEXT;
        q->body_text = mem_strdup(rd->paste->input);
        set_unless(q, "Transfer-Encoding", "chunked", false);
    } else if (!curl_body_of_file(rd, q, input ? "-" : file)) {
        return false;
    } else if (input) {
        set_unless(q, "Transfer-Encoding", "chunked", false);
    }
    set_unless(q, "Content-Type", "", true);
    set_unless(q, "Expect", "100-continue", false);
    size_t end = strcspn(q->path, "?");
    if (input || q->path[end - 1] != '/')
        return true;
    struct buf path = {0}, tail = {0};
    add_curl_encoded(&tail, name, false);
    if (tail.data != NULL)
        small_digits(tail.data);
    buf_add(&path, q->path, end);
    buf_text(&path, tail.data != NULL ? tail.data : "");
    buf_text(&path, q->path + end);
    buf_finish(&tail);
    free(q->path);
    q->path = buf_take(&path);
    return true;
}

/* ------------------------------------------------------------------ the whole */

bool curl_set_body(struct curl_reader *rd, struct tr_request *q)
{
    const char *upload = upload_of(rd);
    bool form = curl_has(rd, CURL_FORM) || curl_has(rd, CURL_FORM_STRING);
    bool data = data_pieces(rd) > 0, get = curl_has(rd, CURL_GET), ok = true;
    if (curl_has(rd, CURL_JSON)) {
        set_unless(q, "Content-Type", "application/json", false);
        set_unless(q, "Accept", "application/json", false);
    }
    if (form + (upload != NULL) + data > 1)
        return err_set(rd->e, "the command has two of -d, -F and -T, which curl refuses; leave one "
                              "of them out.");
    if (curl_has(rd, CURL_HEAD) && (form || upload != NULL || (data && !get)))
        return err_set(rd->e, "the command asks for the head only and has a body as well; leave "
                              "one of the two out.");
    if (form)
        ok = curl_set_form(rd, q);
    else if (upload != NULL)
        ok = set_upload(rd, q, upload);
    else if (data && get)
        ok = query_of_data(rd, q);
    else if (data)
        ok = set_data(rd, q);
    return ok && add_url_queries(rd, q);
}
