/* SPDX-License-Identifier: MIT */
/* -F and --form-string: the parts of a form, as curl(1) has them. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/import/curl_command.h"

static const char *behind_blanks(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

/* The piece up to a semicolon (or the comma between files), without quotes around it. */
static char *form_piece(const char **text, char end)
{
    const char *t = *text;
    struct buf plain = {0};
    buf_text(&plain, "");
    if (*t == '"') {
        for (t++; *t != '\0' && *t != '"'; t++) {
            t += *t == '\\' && (t[1] == '"' || t[1] == '\\');
            buf_char(&plain, *t);
        }
        if (*t == '"') {
            while (*t != '\0' && *t != ';' && *t != end)
                t++;
            *text = t;
            return buf_take(&plain);
        }
    }
    buf_finish(&plain); /* a quote that is never closed is a character */
    size_t len = 0;
    t = *text;
    while (t[len] != '\0' && t[len] != ';' && t[len] != end)
        len++;
    *text = t + len;
    while (len > 0 && isspace((unsigned char)t[len - 1]))
        len--;
    return mem_strndup(t, len);
}

/* The type that curl names of a file without a type=; NULL: nothing else than a profile does. */
static const char *type_of_file(const char *file)
{
    static const struct {
        const char *ending, *type;
    } known[] = {{".gif", "image/gif"},      {".jpg", "image/jpeg"},    {".jpeg", "image/jpeg"},
                 {".png", "image/png"},      {".svg", "image/svg+xml"}, {".txt", "text/plain"},
                 {".htm", "text/html"},      {".html", "text/html"},    {".pdf", "application/pdf"},
                 {".xml", "application/xml"}};
    size_t len = strlen(file);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t n = strlen(known[i].ending);
        if (len >= n && strcasecmp(file + len - n, known[i].ending) == 0)
            return known[i].type;
    }
    return NULL;
}

/* The type in "text/plain; charset=utf-8;filename=x" goes up to what curl knows. */
static char *type_piece(const char **text, char end)
{
    static const char *const others[] = {"filename=", "headers=", "encoder=", NULL};
    const char *begin = behind_blanks(*text), *t = begin, *last = begin;
    for (;;) {
        for (; *t != '\0' && *t != ';' && *t != end; t++)
            if (!isspace((unsigned char)*t))
                last = t + 1;
        const char *behind = *t == ';' ? behind_blanks(t + 1) : NULL;
        for (size_t i = 0; behind != NULL && others[i] != NULL; i++)
            if (strncasecmp(behind, others[i], strlen(others[i])) == 0)
                behind = NULL;
        if (behind == NULL)
            break;
        t = behind;
    }
    *text = t;
    return mem_strndup(begin, (size_t)(last - begin));
}

/* ";type=image/png;filename=a.png" */
static bool form_extras(struct curl_reader *rd, struct tr_part *p, const char **text, char end)
{
    while (**text == ';') {
        *text = behind_blanks(*text + 1);
        if (strncasecmp(*text, "type=", 5) == 0) {
            *text += 5;
            free(p->type);
            p->type = type_piece(text, end);
        } else if (strncasecmp(*text, "filename=", 9) == 0) {
            *text = behind_blanks(*text + 9);
            free(p->filename);
            p->filename = form_piece(text, end);
        } else if (strncasecmp(*text, "headers=", 8) == 0 ||
                   strncasecmp(*text, "encoder=", 8) == 0) {
            return err_set(rd->e,
                           "a part of the form has %.7s=, which a part of a profile has not; leave "
                           "it out.",
                           *text);
        } else {
            free(form_piece(text, end)); /* curl passes over it, too */
        }
    }
    return true;
}

static bool file_part(struct curl_reader *rd, struct tr_part *p, const char *text)
{
    text = behind_blanks(text);
    p->file = form_piece(&text, ',');
    if (!form_extras(rd, p, &text, ','))
        return false;
    if (*text == ',')
        return err_set(rd->e, "a part of the form names several files; give each a part (-F) of "
                              "its own.");
    if (strcmp(p->file, "-") == 0) { /* curl calls it so */
        p->text = curl_content(rd, "-", CURL_AS_IT_IS, NULL, NULL);
        free(p->file);
        p->file = NULL;
        if (p->text == NULL)
            return err_set(rd->e, "a part of the form is read from standard input, which is not "
                                  "there; put the text in its place.");
        p->filename = p->filename != NULL ? p->filename : mem_strdup("-");
        p->type = p->type != NULL ? p->type : mem_strdup("application/octet-stream");
        return true;
    }
    if (p->type == NULL && p->filename != NULL)
        p->type = mem_strdup(type_of_file(p->filename));
    if (p->type == NULL)
        p->type = mem_strdup(type_of_file(p->file));
    tr_note(&rd->r, "The file \"%.200s\" is uploaded, seen from the folder of this profile.",
            p->file);
    return true;
}

/* "<file": its content, without a word that it is a file. */
static bool content_part(struct curl_reader *rd, struct tr_part *p, const char *text)
{
    struct err why;
    text = behind_blanks(text);
    char *file = form_piece(&text, '\0');
    p->text = curl_content(rd, file, CURL_AS_IT_IS, NULL, &why);
    size_t n = p->text == NULL ? strlen(why.text) : 0;
    bool stop = n > 0 && why.text[n - 1] == '.';
    bool ok = p->text != NULL ||
              err_set(rd->e, "a part of the form is the text of a file: %.*s; put it in its place.",
                      (int)(n - stop), why.text);
    if (ok && strcmp(file, "-") != 0)
        tr_note(&rd->r, "What the file \"%.100s\" held when this was made is written out here.",
                file);
    free(file);
    return ok && form_extras(rd, p, &text, '\0');
}

static bool form_part(struct curl_reader *rd, struct tr_request *q, const struct curl_given *g)
{
    const char *equals = strchr(g->value, '=');
    if (equals == NULL || equals == g->value)
        return err_set(rd->e,
                       "a part of a form is NAME=CONTENT or NAME=@FILE; there is no name in "
                       "one of the --%s.",
                       g->option->name);
    if (q->n_parts == TR_MAX_PARTS)
        return err_set(rd->e, "a form of a profile has %u parts at most, and there are more --%s.",
                       TR_MAX_PARTS, g->option->name);
    char *name = mem_strndup(g->value, (size_t)(equals - g->value));
    struct tr_part *p = tr_part_add(q, name);
    const char *text = equals + 1;
    free(name);
    if (g->option->act == CURL_FORM_STRING) {
        p->text = mem_strdup(text);
        return true;
    }
    if (*text == '@')
        return file_part(rd, p, text + 1);
    if (*text == '<')
        return content_part(rd, p, text + 1);
    if (*text == '(')
        return err_set(rd->e, "a part of the form holds parts of its own, which a part of a "
                              "profile does not.");
    text = behind_blanks(text);
    p->text = form_piece(&text, '\0');
    return form_extras(rd, p, &text, '\0');
}

bool curl_set_form(struct curl_reader *rd, struct tr_request *q)
{
    tr_body_clear(q);
    q->body = TR_MULTIPART;
    for (size_t i = 0; i < rd->n; i++) {
        enum curl_act act = rd->items[i].option->act;
        if ((act == CURL_FORM || act == CURL_FORM_STRING) && !form_part(rd, q, &rd->items[i]))
            return false;
    }
    for (size_t i = q->headers.n; i-- > 0;) {
        if (strcasecmp(q->headers.items[i].name, "Content-Type") != 0)
            continue;
        if (strcasecmp(q->headers.items[i].text, "multipart/form-data") != 0)
            tr_note(&rd->r, "Changed: the Content-Type of a form is multipart/form-data with a "
                            "boundary of its own.");
        tr_field_remove(&q->headers, i);
    }
    return true;
}
