/* SPDX-License-Identifier: MIT */
#include "src/import/slots.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/import/lang.h"
#include "src/script/secret_name.h"

static void slot_add(struct slots *s, enum place place, char **text, size_t at, size_t len,
                     char *key)
{
    s->items = mem_room(s->items, s->n, sizeof *s->items);
    s->items[s->n++] = (struct slot){place, text, at, len, key};
}

static void text_is_slot(struct slots *s, enum place place, char **text, const char *key)
{
    if (*text != NULL)
        slot_add(s, place, text, 0, strlen(*text), mem_strdup(key));
}

/* -------------------------------------------------------------- path and query */

static void segments(struct slots *s, char **path, size_t end)
{
    const char *text = *path;
    size_t before = 0, before_len = 0;
    for (size_t at = 0; at < end;) {
        size_t len = 0;
        at++;
        while (at + len < end && text[at + len] != '/')
            len++;
        if (len > 0)
            slot_add(s, PLACE_SEGMENT, path, at, len, mem_strndup(text + before, before_len));
        before = at;
        before_len = len;
        at += len;
    }
}

/* "a=1&b=2" from `at` on */
static void pairs(struct slots *s, enum place place, char **whole_text, size_t at)
{
    const char *text = *whole_text;
    while (text[at] != '\0') {
        size_t len = strcspn(text + at, "&");
        const char *equals = memchr(text + at, '=', len);
        if (equals != NULL) {
            size_t name = (size_t)(equals - text) - at;
            slot_add(s, place, whole_text, at + name + 1, len - name - 1,
                     lang_percent_decode(text + at, name, true, NULL));
        }
        at += len + (text[at + len] == '&');
    }
}

/* ------------------------------------------------------------------------ JSON */

static size_t string_end(const char *text, size_t at)
{
    while (text[at] != '\0' && text[at] != '"')
        at += text[at] == '\\' && text[at + 1] != '\0' ? 2 : 1;
    return at;
}

/* Values and the member they belong to, without asking whether all of it is right: a text
 * that is nearly JSON hides no secret. */
static void json(struct slots *s, char **body_slots)
{
    const char *text = *body_slots;
    size_t key = 0, key_len = 0;
    for (size_t at = 0; text[at] != '\0';) {
        unsigned char c = (unsigned char)text[at];
        if (c == '"') {
            size_t end = string_end(text, at + 1);
            size_t behind = end + (text[end] == '"');
            behind += strspn(text + behind, " \t\r\n");
            if (text[behind] == ':') {
                key = at + 1;
                key_len = end - at - 1;
            } else {
                slot_add(s, PLACE_STRING, body_slots, at + 1, end - at - 1,
                         mem_strndup(text + key, key_len));
            }
            at = end + (text[end] == '"');
        } else if (isdigit(c) || c == '-') {
            size_t len = strspn(text + at, "0123456789+-.eE");
            slot_add(s, PLACE_NUMBER, body_slots, at, len, mem_strndup(text + key, key_len));
            at += len;
        } else {
            at++;
        }
    }
}

/* ------------------------------------------------------------------------- XML */

/* <a:name ...>value</a:name> */
static void xml(struct slots *s, char **body_slots)
{
    const char *text = *body_slots, *tag = text;
    while ((tag = strchr(tag, '<')) != NULL) {
        size_t name = strcspn(++tag, " \t\r\n/>"), whole_tag = strcspn(tag, "<>");
        const char *colon = memchr(tag, ':', name), *value = tag + whole_tag;
        if (*value != '>' || name == 0)
            continue;
        size_t len = strcspn(++value, "<"), prefix = colon != NULL ? (size_t)(colon + 1 - tag) : 0;
        if (len > 0 && strncmp(value + len, "</", 2) == 0)
            slot_add(s, PLACE_STRING, body_slots, (size_t)(value - text), len,
                     mem_strndup(tag + prefix, name - prefix));
    }
}

/* ------------------------------------------------------------------- the whole */

static bool looks_like_json(const char *text)
{
    text += strspn(text, " \t\r\n");
    return *text == '{' || *text == '[';
}

static bool looks_like_xml(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '<';
}

static bool looks_like_form(const char *text)
{
    return strchr(text, '=') != NULL && strpbrk(text, " \t\r\n<") == NULL;
}

/* A field may hold a whole document. */
static void field(struct slots *s, char **text, const char *name)
{
    if (*text != NULL && looks_like_json(*text) && !secret_named(name))
        json(s, text);
    else if (*text != NULL && looks_like_xml(*text) && !secret_named(name))
        xml(s, text);
    else
        text_is_slot(s, PLACE_FIELD, text, name);
}

/* "a=1;b=2" */
static void cookie_pairs(struct slots *s, char **whole_text)
{
    const char *text = *whole_text;
    for (size_t at = 0; text[at] != '\0';) {
        at += strspn(text + at, "; \t");
        size_t len = strcspn(text + at, ";");
        const char *equals = memchr(text + at, '=', len);
        size_t name = equals != NULL ? (size_t)(equals - text) - at : 0;
        if (equals != NULL)
            slot_add(s, PLACE_COOKIE, whole_text, at + name + 1, len - name - 1,
                     mem_strndup(text + at, name));
        at += len;
    }
}

/* A multipart body that is kept as text: what stands behind the head of each part. */
static void multipart_parts(struct slots *s, char **body_slots)
{
    const char *text = *body_slots;
    size_t mark_len = strcspn(text, "\r\n");
    char *mark = mem_printf("\n%.*s", (int)mark_len, text);
    for (const char *at = text, *next; at != NULL; at = next) {
        next = strstr(at + 1, mark);
        const char *stop = next != NULL ? next - (next > at && next[-1] == '\r') : NULL;
        const char *head = strstr(at, "\n\r\n"), *short_head = strstr(at, "\n\n");
        const char *content = head != NULL ? head + 3 : short_head != NULL ? short_head + 2 : NULL;
        const char *name = strstr(at, " name=\"");
        if (content == NULL || stop == NULL || content > stop || name == NULL || name > content)
            continue;
        name += 7;
        slot_add(s, PLACE_FIELD, body_slots, (size_t)(content - text), (size_t)(stop - content),
                 mem_strndup(name, strcspn(name, "\"\r\n")));
    }
    free(mark);
}

/* An address in a header (Referer) is taken apart where it has a query. */
static void header_slots(struct slots *s, struct tr_field *f)
{
    const char *query = strstr(f->text, "://") != NULL ? strchr(f->text, '?') : NULL;
    if (strcasecmp(f->name, "Cookie") == 0)
        cookie_pairs(s, &f->text);
    else if (query != NULL && !secret_named_header(f->name))
        pairs(s, PLACE_QUERY, &f->text, (size_t)(query - f->text) + 1);
    else
        text_is_slot(s, PLACE_HEADER, &f->text, f->name);
}

static bool is_form_body(const struct tr_request *q)
{
    const struct tr_field *type = tr_field_find(&q->headers, "Content-Type");
    return (type == NULL || strncasecmp(type->text, "application/x-www-form", 22) == 0) &&
           strchr(q->body_text, '=') != NULL;
}

static void body_slots(struct slots *s, struct tr_request *q)
{
    for (size_t i = 0; i < q->form.n; i++)
        field(s, &q->form.items[i].text, q->form.items[i].name);
    for (size_t i = 0; i < q->n_parts; i++)
        field(s, &q->parts[i].text, q->parts[i].name);
    if (q->body_text == NULL || (q->body != TR_JSON && q->body != TR_TEXT))
        return;
    if (q->body == TR_JSON || looks_like_json(q->body_text))
        json(s, &q->body_text);
    else if (looks_like_xml(q->body_text))
        xml(s, &q->body_text);
    else if (strncmp(q->body_text, "--", 2) == 0)
        multipart_parts(s, &q->body_text);
    else if (is_form_body(q) || looks_like_form(q->body_text))
        pairs(s, PLACE_RAW_FIELD, &q->body_text, 0);
}

void slots_of_document(struct slots *s, char **text)
{
    *s = (struct slots){0};
    if (looks_like_json(*text))
        json(s, text);
    else if (looks_like_xml(*text))
        xml(s, text);
}

void slots_find(struct slots *s, struct tr_request *q)
{
    *s = (struct slots){0};
    size_t path = strcspn(q->path, "?");
    segments(s, &q->path, path);
    if (q->path[path] == '?')
        pairs(s, PLACE_QUERY, &q->path, path + 1);
    for (size_t i = 0; i < q->headers.n; i++)
        header_slots(s, &q->headers.items[i]);
    for (size_t i = 0; i < q->cookies.n; i++)
        text_is_slot(s, PLACE_COOKIE, &q->cookies.items[i].text, q->cookies.items[i].name);
    text_is_slot(s, PLACE_BEARER, &q->bearer, "token");
    text_is_slot(s, PLACE_USER, &q->user, "user");
    text_is_slot(s, PLACE_PASSWORD, &q->password, "password");
    body_slots(s, q);
}

void slots_finish(struct slots *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->items[i].key);
    free(s->items);
    *s = (struct slots){0};
}

char *slot_value(const struct slot *s)
{
    char *plain = lang_plain(*s->text + s->at, s->len);
    bool encoded =
        s->place == PLACE_SEGMENT || s->place == PLACE_QUERY || s->place == PLACE_RAW_FIELD;
    if (plain == NULL || !encoded)
        return plain;
    char *value = lang_percent_decode(plain, strlen(plain), s->place != PLACE_SEGMENT, NULL);
    free(plain);
    return value;
}

void slots_texts(struct tr_request *q, void (*text)(char **text, void *arg), void *arg)
{
    char **const own[] = {&q->path, &q->body_text, &q->bearer, &q->user, &q->password};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (*own[i] != NULL)
            text(own[i], arg);
    }
    const struct tr_fields *const fields[] = {&q->headers, &q->cookies, &q->form};
    for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
        for (size_t i = 0; i < fields[f]->n; i++)
            text(&fields[f]->items[i].text, arg);
    }
    for (size_t i = 0; i < q->n_parts; i++) {
        struct tr_part *p = &q->parts[i];
        char **const part[] = {&p->text, &p->file, &p->filename};
        for (size_t k = 0; k < sizeof part / sizeof *part; k++) {
            if (*part[k] != NULL)
                text(part[k], arg);
        }
    }
}
