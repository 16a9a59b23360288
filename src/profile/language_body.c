/* SPDX-License-Identifier: MIT */
/* language_body.c - bodies of requests: texts, forms, parts, generated payloads, files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/profile/language_parts.h"
#include "src/script/jsontext.h"

#define MAX_PAYLOAD (UINT64_C(16) << 30)
#define MAX_PARTS 64u
#define MAX_UPLOADS 64u /* each is an open file */

/* ------------------------------------------------------------ payloads, files */

static void read_payload(const struct doc *d, const struct node *n, struct content *out)
{
    out->kind = CONTENT_PAYLOAD;
    if (n->kind != NODE_ARRAY && n->kind != NODE_LIST) {
        language_bytes(d, n, MAX_PAYLOAD, &out->max_bytes);
        out->min_bytes = out->max_bytes;
    } else if (n->n != 2) {
        node_problem(d, n, "payload must be a size or two of them, as in [\"100k\", \"50M\"].");
    } else if (language_bytes(d, &n->items[0], MAX_PAYLOAD, &out->min_bytes) &&
               language_bytes(d, &n->items[1], MAX_PAYLOAD, &out->max_bytes) &&
               out->min_bytes > out->max_bytes) {
        node_problem(d, n, "the first size of payload is larger than the second; swap them.");
    }
}

static bool open_upload(struct permissions *all, const char *path, struct upload *u, struct err *e)
{
    struct stat st;
    *u = (struct upload){.fd = permissions_open(all, path)};
    if (u->fd < 0)
        return err_set(e, "cannot read %.300s: %s", path, strerror(errno));
    if (fstat(u->fd, &st) == 0 && S_ISREG(st.st_mode)) {
        u->size = (uint64_t)st.st_size;
        u->path = mem_strdup(path);
        return true;
    }
    close(u->fd);
    return err_set(e, "%.300s is no regular file", path);
}

/* The number of the file among the uploads, opened if it is new. */
static bool find_upload(struct profile *p, const char *path, size_t *number, struct err *e)
{
    for (*number = 0; *number < p->n_uploads; ++*number)
        if (strcmp(p->uploads[*number].path, path) == 0)
            return true;
    if (p->n_uploads == MAX_UPLOADS)
        return err_set(e, "there are more than %u files to send", MAX_UPLOADS);
    if (p->uploads == NULL) /* never moved: contents point into it */
        p->uploads = mem_array(MAX_UPLOADS, sizeof *p->uploads);
    if (!open_upload(&p->permissions, path, &p->uploads[p->n_uploads], e))
        return false;
    p->n_uploads++;
    return true;
}

static void body_read_file(struct context *c, const struct node *n, struct content *out)
{
    size_t number;
    struct err e;
    char *path = language_path(c, n);
    if (path != NULL && *path != '\0') {
        language_here(c, n);
        bool found = find_upload(c->p, path, &number, &e);
        language_here(c, NULL);
        if (found) {
            out->kind = CONTENT_FILE;
            out->file = &c->p->uploads[number];
        } else {
            node_problem(c->d, n, "%s.", e.text);
        }
    }
    free(path);
}

/* --------------------------------------------------------------------- parts */

static char *read_part_text(struct context *c, const struct node *n, const char *what)
{
    char *text = n != NULL ? language_fixed(c, n) : NULL;
    for (const char *at = text; at != NULL && *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            node_problem(c->d, n, "%s holds a line break or control character.", what);
            break;
        }
    return text;
}

static void read_part_content(struct context *c, const struct node *group, struct part *p)
{
    static const char *const kinds[] = {"value", "file", "payload", NULL};
    const struct node *n, *second;
    int found = language_one_of(group, kinds, &n, &second);
    if (found == 0 && !node_meant(group, "value") && !node_meant(group, "file") &&
        !node_meant(group, "payload"))
        node_problem(c->d, group, "this part is empty; give it a value, a file or a payload.");
    if (found > 1)
        node_problem(c->d, second,
                     "a part has either a value, a file or a payload; this one has "
                     "%s already.",
                     n->name);
    if (found == 0)
        return;
    if (strcmp(n->name, "file") == 0) {
        body_read_file(c, n, &p->content);
    } else if (strcmp(n->name, "payload") == 0) {
        read_payload(c->d, n, &p->content);
    } else {
        struct err e;
        char *text = language_plain(c, n);
        p->content.kind = CONTENT_TEXT;
        p->content.text = text != NULL ? template_compile(text, ENCODE_PLAIN, c->names, &e) : NULL;
        if (text != NULL && p->content.text == NULL)
            node_problem(c->d, n, "%s.", e.text);
        free(text);
    }
}

static void read_part(struct context *c, const struct node *group, struct part *p)
{
    static const char *const keys[] = {"name",     "value", "file", "payload",
                                       "filename", "type",  NULL};
    if (!node_is(c->d, group, NODE_GROUP))
        return;
    node_only(c->d, group, "a part", keys);
    p->name = read_part_text(c, node_get(group, "name"), "the part's name");
    if (node_get(group, "name") == NULL && !node_meant(group, "name"))
        node_problem(c->d, group, "this part has no name.");
    p->filename = read_part_text(c, node_get(group, "filename"), "filename");
    p->type = read_part_text(c, node_get(group, "type"), "type");
    read_part_content(c, group, p);
    if (p->content.kind == CONTENT_FILE && p->filename == NULL) {
        const char *slash = strrchr(p->content.file->path, '/');
        p->filename = mem_strdup(slash != NULL ? slash + 1 : p->content.file->path);
    }
    bool bytes = p->content.kind == CONTENT_FILE || p->content.kind == CONTENT_PAYLOAD;
    if (bytes && p->type == NULL)
        p->type = mem_strdup("application/octet-stream");
}

static void read_parts(struct context *c, const struct node *list, struct content *out)
{
    if (!node_is(c->d, list, NODE_LIST))
        return;
    if (list->n == 0)
        node_problem(c->d, list, "multipart is empty.");
    if (list->n > MAX_PARTS) {
        node_problem(c->d, list, "multipart has more than %u parts.", MAX_PARTS);
        return;
    }
    out->kind = CONTENT_PARTS;
    out->parts = mem_array(list->n + 1, sizeof *out->parts);
    for (size_t i = 0; i < list->n; i++)
        read_part(c, &list->items[i], &out->parts[out->n_parts++]);
}

/* ------------------------------------------------------------------- the body */

static void body_set_text(struct context *c, const struct node *n, struct content *out,
                          enum encoding how)
{
    out->text = language_text(c, n, how);
    if (out->text != NULL)
        out->kind = CONTENT_TEXT;
}

const char *language_body(struct context *c, const struct node *group, struct request *r)
{
    static const char *const kinds[] = {"body",    "json", "form", "multipart",
                                        "payload", "file", NULL};
    static const char form[] = "application/x-www-form-urlencoded";
    const struct node *n, *second;
    struct err why;
    int found = language_one_of(group, kinds, &n, &second);
    if (found == 0)
        return NULL;
    if (found > 1)
        node_problem(c->d, second, "a request has one body, and %s is one already.", n->name);
    if (r->method != NULL && strcmp(r->method, "HEAD") == 0)
        node_problem(c->d, n, "a HEAD request has no body.");
    switch (n->name[0]) {
    case 'j':
        body_set_text(c, n, &r->body, ENCODE_JSON);
        if (r->body.text != NULL && n->kind == NODE_STRING && !json_text_ok(n->string, &why))
            node_problem(c->d, n, "this is no JSON: %s; what is none goes into body.", why.text);
        return "application/json";
    case 'm':
        read_parts(c, n, &r->body);
        return NULL;
    case 'p':
        read_payload(c->d, n, &r->body);
        return "application/octet-stream";
    case 'b':
        body_set_text(c, n, &r->body, ENCODE_PLAIN);
        return form;
    default:
        break;
    }
    if (strcmp(n->name, "file") == 0) {
        body_read_file(c, n, &r->body);
        return "application/octet-stream";
    }
    r->body.kind = CONTENT_FORM;
    language_fields(c, n, ENCODE_FORM, "form field", &r->body.form);
    return form;
}
