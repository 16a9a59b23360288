/* SPDX-License-Identifier: MIT */
#include "src/import/transcript.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/mem.h"

#define NOTE_MAX 500
#define NOTES_MAX 50
#define DROPPED_MAX 40

static void fields_finish(struct tr_fields *f)
{
    for (size_t i = 0; i < f->n; i++) {
        free(f->items[i].name);
        free(f->items[i].text);
    }
    free(f->items);
    *f = (struct tr_fields){0};
}

void tr_body_clear(struct tr_request *q)
{
    free(q->body_text);
    fields_finish(&q->form);
    for (size_t i = 0; i < q->n_parts; i++) {
        struct tr_part *p = &q->parts[i];
        free(p->name);
        free(p->text);
        free(p->file);
        free(p->filename);
        free(p->type);
    }
    free(q->parts);
    q->body = TR_NONE;
    q->body_text = NULL;
    q->parts = NULL;
    q->n_parts = 0;
}

void tr_request_finish(struct tr_request *q)
{
    tr_body_clear(q);
    fields_finish(&q->headers);
    fields_finish(&q->cookies);
    for (size_t i = 0; i < q->n_values; i++) {
        free(q->values[i].value);
        free(q->values[i].from);
        free(q->values[i].key);
        free(q->values[i].above);
    }
    free(q->values);
    for (size_t i = 0; i < q->n_captures; i++) {
        free(q->captures[i].name);
        free(q->captures[i].from);
    }
    free(q->captures);
    free(q->method);
    free(q->sent_method);
    free(q->leads_to);
    free(q->origin);
    free(q->path);
    free(q->name);
    free(q->user);
    free(q->password);
    free(q->bearer);
}

void tr_finish(struct transcript *r)
{
    for (size_t i = 0; i < r->n; i++)
        tr_request_finish(&r->requests[i]);
    for (size_t i = 0; i < r->n_pages; i++)
        free(r->pages[i]);
    for (size_t i = 0; i < r->n_notes; i++)
        free(r->notes[i]);
    for (size_t i = 0; i < r->n_variables; i++) {
        free(r->variables[i].name);
        free(r->variables[i].env);
        free(r->variables[i].text);
        free(r->variables[i].about);
    }
    for (size_t i = 0; i < r->n_tasks; i++)
        free(r->tasks[i].name);
    fields_finish(&r->dropped);
    free(r->tasks);
    free(r->requests);
    free(r->pages);
    free(r->notes);
    free(r->variables);
    free(r->title);
    free(r->target);
    *r = (struct transcript){0};
}

static bool variable_taken(const struct transcript *r, const char *name)
{
    for (size_t i = 0; i < r->n_variables; i++) {
        if (strcmp(r->variables[i].name, name) == 0)
            return true;
    }
    for (size_t i = 0; i < r->n; i++) {
        for (size_t k = 0; k < r->requests[i].n_captures; k++) {
            if (strcmp(r->requests[i].captures[k].name, name) == 0)
                return true;
        }
    }
    return false;
}

char *tr_free_name(const struct transcript *r, const char *name)
{
    char *out = mem_strdup(name);
    for (unsigned i = 2; variable_taken(r, out); i++) {
        free(out);
        out = mem_printf("%s_%u", name, i);
    }
    return out;
}

struct tr_variable *tr_variable(struct transcript *r, const char *name)
{
    char *own = tr_free_name(r, name);
    r->variables = mem_room(r->variables, r->n_variables, sizeof *r->variables);
    r->variables[r->n_variables] = (struct tr_variable){.name = own};
    return &r->variables[r->n_variables++];
}

struct tr_request *tr_add(struct transcript *r)
{
    r->requests = mem_room(r->requests, r->n, sizeof *r->requests);
    r->requests[r->n] = (struct tr_request){.max_redirects = -1};
    return &r->requests[r->n++];
}

void tr_note(struct transcript *r, const char *fmt, ...)
{
    char text[NOTE_MAX * 4], clean[NOTE_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    clean_text(clean, sizeof clean, text, strlen(text));
    for (size_t i = 0; i < r->n_notes; i++) {
        if (strcmp(r->notes[i], clean) == 0)
            return;
    }
    if (r->n_notes == NOTES_MAX - 1)
        snprintf(clean, sizeof clean, "There is more of this kind that is not listed here.");
    if (r->n_notes == NOTES_MAX)
        return;
    r->notes = mem_room(r->notes, r->n_notes, sizeof *r->notes);
    r->notes[r->n_notes++] = mem_strdup(clean);
}

void tr_drop(struct transcript *r, const char *name)
{
    if (tr_field_find(&r->dropped, name) == NULL && r->dropped.n < DROPPED_MAX)
        tr_field_add(&r->dropped, name, NULL);
}

void tr_note_dropped(struct transcript *r)
{
    struct buf names = {0};
    if (r->dropped.n == 0)
        return;
    for (size_t i = 0; i < r->dropped.n; i++)
        buf_printf(&names, "%s%.40s", i > 0 ? ", " : "", r->dropped.items[i].name);
    tr_note(r, "Left out: headers of the browser or of one connection (%s).", names.data);
    buf_finish(&names);
}

void tr_field_add(struct tr_fields *f, const char *name, char *text)
{
    f->items = mem_room(f->items, f->n, sizeof *f->items);
    f->items[f->n++] = (struct tr_field){.name = mem_strdup(name), .text = text};
}

void tr_field_remove(struct tr_fields *f, size_t i)
{
    free(f->items[i].name);
    free(f->items[i].text);
    memmove(&f->items[i], &f->items[i + 1], (f->n - i - 1) * sizeof *f->items);
    f->n--;
}

struct tr_field *tr_field_find(const struct tr_fields *f, const char *name)
{
    for (size_t i = 0; i < f->n; i++) {
        if (strcasecmp(f->items[i].name, name) == 0)
            return &f->items[i];
    }
    return NULL;
}

struct tr_part *tr_part_add(struct tr_request *q, const char *name)
{
    q->parts = mem_room(q->parts, q->n_parts, sizeof *q->parts);
    q->parts[q->n_parts] = (struct tr_part){.name = mem_strdup(name)};
    return &q->parts[q->n_parts++];
}
