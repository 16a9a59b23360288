/* SPDX-License-Identifier: MIT */
/* curl's command line -> a recording.  One command may ask for several URLs, and several
 * commands may be pasted at once; each URL is a request. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/import/curl_options.h"
#include "src/import/glob.h"
#include "src/import/import.h"
#include "src/import/intake.h"
#include "src/import/lang.h"
#include "src/import/secrets.h"
#include "src/import/shape.h"
#include "src/import/shell.h"
#include "src/import/write.h"

#define MAX_COMMAND (1024u * 1024)
#define MAX_URLS 200
#define MAX_SECONDS 3600

/* An option as it was given. */
struct given {
    const struct curl_option *option;
    const char *value; /* a text of the language; borrowed from the words */
};

/* One command, or what stands between two --next. */
struct command {
    struct given *items;
    size_t n;
};

struct reader {
    struct recording r;
    struct command c;
    struct err *e;
};

static const char *shown(char out[80], const char *text)
{
    clean_text(out, 80, text, strlen(text));
    return out;
}

/* ------------------------------------------------------------------- options */

static const char *last(const struct command *c, enum curl_act act)
{
    const char *value = NULL;
    for (size_t i = 0; i < c->n; i++) {
        if (c->items[i].option->act == act)
            value = c->items[i].value;
    }
    return value;
}

static bool has(const struct command *c, enum curl_act act)
{
    for (size_t i = 0; i < c->n; i++) {
        if (c->items[i].option->act == act)
            return true;
    }
    return false;
}

static bool give(struct reader *rd, const struct curl_option *o, const char *value)
{
    if (o->act == CURL_NO)
        return err_set(rd->e,
                       "curl's option --%s makes a request that a profile cannot describe; "
                       "leave it out.",
                       o->name);
    if (o->act == CURL_NOTED)
        rec_note(&rd->r, "Left out: curl's option --%s.", o->name);
    rd->c.items = mem_room(rd->c.items, rd->c.n, sizeof *rd->c.items);
    rd->c.items[rd->c.n++] = (struct given){o, value};
    return true;
}

static bool unknown(struct reader *rd, const char *word)
{
    char name[80], given[80];
    snprintf(name, sizeof name, "%.70s", word + 2);
    name[strcspn(name, "=")] = '\0';
    const char *near = curl_option_nearest(name);
    shown(given, name);
    if (near != NULL)
        return err_set(rd->e, "\"--%s\" is not an option of curl (did you mean \"--%s\"?).", given,
                       near);
    return err_set(rd->e, "\"--%s\" is not an option of curl.", given);
}

static bool missing(struct reader *rd, const struct curl_option *o)
{
    return err_set(rd->e,
                   "curl's option --%s needs a value behind it; was all of the command "
                   "pasted?",
                   o->name);
}

/* --name VALUE, --name=VALUE, --no-name; *used is set when the next word is the value. */
static bool long_option(struct reader *rd, const char *word, const char *next, bool *used)
{
    const char *name = word + 2, *equals = strchr(name, '=');
    size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct curl_option *o = curl_option_long(name, len);
    *used = false;
    if (o == NULL && len > 3 && strncmp(name, "no-", 3) == 0) {
        o = curl_option_long(name + 3, len - 3);
        if (o != NULL && !o->value)
            return true; /* what is off is off */
        o = NULL;
    }
    if (o == NULL)
        return unknown(rd, word);
    if (!o->value)
        return equals == NULL ? give(rd, o, NULL)
                              : err_set(rd->e, "curl's option --%s takes no value.", o->name);
    if (equals != NULL)
        return give(rd, o, equals + 1);
    *used = true;
    return next != NULL ? give(rd, o, next) : missing(rd, o);
}

/* -sSLk, -XPOST, -X POST */
static bool short_options(struct reader *rd, const char *word, const char *next, bool *used)
{
    *used = false;
    for (const char *c = word + 1; *c != '\0'; c++) {
        const struct curl_option *o = curl_option_short(*c);
        char letter[80];
        if (o == NULL) {
            char one[2] = {*c, '\0'};
            return err_set(rd->e, "\"-%s\" is not an option of curl.", shown(letter, one));
        }
        if (!o->value) {
            if (!give(rd, o, NULL))
                return false;
            continue;
        }
        if (c[1] != '\0')
            return give(rd, o, c + 1);
        *used = true;
        return next != NULL ? give(rd, o, next) : missing(rd, o);
    }
    return true;
}

/* --------------------------------------------------------------------- bodies */

/* "@file" as the body. */
static bool body_of_file(struct reader *rd, struct rec_request *q, const char *file)
{
    if (strcmp(file, "-") == 0 || *file == '\0')
        return err_set(rd->e, "the body comes from standard input (@-), which is not there to be "
                              "loaded; write it to a file and name that.");
    rec_body_clear(q);
    q->body = REC_FILE;
    q->body_text = mem_strdup(file);
    rec_note(&rd->r, "The body is the file \"%s\", seen from the folder of this profile.", file);
    return true;
}

/* All but its variables. */
static void add_encoded(struct buf *out, const char *text)
{
    while (*text != '\0') {
        bool variable;
        size_t special = lang_special(text, &variable);
        if (variable)
            buf_add(out, text, special);
        else
            lang_percent_encode(out, special > 0 ? "${" : text, special > 0 ? 2 : 1);
        text += special > 0 ? special : 1;
    }
}

/* name=content, =content, content; the content is encoded. */
static bool encode_data(struct reader *rd, struct buf *out, const struct given *g)
{
    const char *text = g->value, *equals = strchr(text, '=');
    if (equals == NULL && strchr(text, '@') != NULL)
        return err_set(rd->e,
                       "--%s with a file (@) cannot be imported; put the encoded text in its "
                       "place.",
                       g->option->name);
    if (equals != NULL && equals > text)
        buf_add(out, text, (size_t)(equals - text) + 1);
    add_encoded(out, equals != NULL ? equals + 1 : text);
    return true;
}

static bool is_data(enum curl_act act)
{
    return act == CURL_DATA || act == CURL_BINARY || act == CURL_RAW || act == CURL_ENCODE ||
           act == CURL_JSON;
}

/* All data options together; *file when they are one file. */
static bool join_data(struct reader *rd, struct buf *out, const char **file, size_t *pieces)
{
    *file = NULL;
    *pieces = 0;
    for (size_t i = 0; i < rd->c.n; i++) {
        enum curl_act act = rd->c.items[i].option->act;
        const char *text = rd->c.items[i].value;
        if (!is_data(act))
            continue;
        if ((*pieces)++ > 0 && act != CURL_JSON)
            buf_char(out, '&');
        if (act == CURL_ENCODE) {
            if (!encode_data(rd, out, &rd->c.items[i]))
                return false;
        } else if (*text == '@' && act != CURL_RAW) {
            *file = text + 1;
        } else {
            buf_text(out, text);
        }
    }
    if (*file != NULL && *pieces > 1)
        return err_set(rd->e, "the body is put together from a file and other data; write all of "
                              "it into one file.");
    return true;
}

static void add_to_query(struct rec_request *q, const char *text)
{
    struct rec_request encoded = {0};
    char *url = mem_printf("http://h/?%s", text);
    if (*text != '\0' && intake_url(&encoded, url, NULL)) {
        char *path = mem_printf("%s%c%s", q->path, strchr(q->path, '?') != NULL ? '&' : '?',
                                encoded.path + 2);
        free(q->path);
        q->path = path;
    }
    free(url);
    rec_request_finish(&encoded);
}

/* --url-query: as --data-urlencode has it, or behind a + as it stands. */
static bool url_query(struct reader *rd, struct rec_request *q, const struct given *g)
{
    struct buf out = {0};
    bool ok = true;
    if (*g->value == '+')
        buf_text(&out, g->value + 1);
    else
        ok = encode_data(rd, &out, g);
    if (ok && out.data != NULL)
        add_to_query(q, out.data);
    buf_finish(&out);
    return ok;
}

/* The piece up to a semicolon, without quotes around it. */
static char *form_piece(const char **text)
{
    const char *t = *text;
    char *out;
    struct buf plain = {0};
    bool closed = false;
    if (*t == '"') {
        for (t++; *t != '\0' && *t != '"'; t++) {
            t += *t == '\\' && (t[1] == '"' || t[1] == '\\');
            buf_char(&plain, *t);
        }
        closed = *t == '"';
        t += strcspn(t, ";");
    }
    if (closed) {
        out = buf_take(&plain);
    } else { /* a quote that is never closed is a character */
        t = *text;
        size_t len = strcspn(t, ";");
        out = mem_strndup(t, len);
        t += len;
    }
    buf_finish(&plain);
    *text = t;
    return out;
}

/* What curl says of a file without a type=; NULL: nothing else than a profile does. */
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

/* ";type=image/png;filename=a.png" */
static void form_extras(struct rec_part *p, const char *text)
{
    while (*text == ';') {
        text += 1 + strspn(text + 1, " ");
        bool type = strncasecmp(text, "type=", 5) == 0;
        bool filename = strncasecmp(text, "filename=", 9) == 0;
        text += type ? 5 : filename ? 9 : 0;
        char *value = form_piece(&text);
        if (type) {
            free(p->type);
            p->type = value;
        } else if (filename) {
            free(p->filename);
            p->filename = value;
        } else {
            free(value);
        }
    }
}

static bool form_part(struct reader *rd, struct rec_request *q, const struct given *g)
{
    const char *equals = strchr(g->value, '=');
    if (equals == NULL || equals == g->value)
        return err_set(rd->e,
                       "a part of a form is NAME=CONTENT or NAME=@FILE; there is no name in "
                       "one of the --%s.",
                       g->option->name);
    if (q->n_parts == REC_MAX_PARTS)
        return err_set(rd->e, "a form of a profile has %u parts at most, and there are more --%s.",
                       REC_MAX_PARTS, g->option->name);
    char *name = mem_strndup(g->value, (size_t)(equals - g->value));
    struct rec_part *p = rec_part_add(q, name);
    const char *text = equals + 1;
    free(name);
    if (g->option->act == CURL_FORM_STRING) {
        p->text = mem_strdup(text);
        return true;
    }
    if (*text == '<' || strcmp(text, "@-") == 0)
        return err_set(rd->e, "a part of the form is read from a file as text (<) or from standard "
                              "input; put the text in its place.");
    if (*text != '@') {
        p->text = form_piece(&text);
        form_extras(p, text);
        return true;
    }
    text++;
    p->file = form_piece(&text);
    form_extras(p, text);
    if (p->type == NULL && p->filename != NULL)
        p->type = mem_strdup(type_of_file(p->filename));
    if (p->type == NULL)
        p->type = mem_strdup(type_of_file(p->file));
    rec_note(&rd->r, "The file \"%s\" is uploaded, seen from the folder of this profile.", p->file);
    return true;
}

static bool set_form(struct reader *rd, struct rec_request *q)
{
    rec_body_clear(q);
    q->body = REC_MULTIPART;
    for (size_t i = 0; i < rd->c.n; i++) {
        enum curl_act act = rd->c.items[i].option->act;
        if ((act == CURL_FORM || act == CURL_FORM_STRING) && !form_part(rd, q, &rd->c.items[i]))
            return false;
    }
    struct rec_field *type = rec_field_find(&q->headers, "Content-Type");
    if (type != NULL) /* it names a boundary that is another one each time */
        rec_field_remove(&q->headers, (size_t)(type - q->headers.items));
    return true;
}

/* curl puts the file's name behind a path that ends in a slash. */
static bool set_upload(struct reader *rd, struct rec_request *q, const char *file)
{
    const char *slash = strrchr(file, '/'), *name = slash != NULL ? slash + 1 : file;
    if (!body_of_file(rd, q, file))
        return false;
    size_t end = strcspn(q->path, "?");
    if (q->path[end - 1] != '/')
        return true;
    struct buf path = {0};
    buf_add(&path, q->path, end);
    add_encoded(&path, name);
    buf_text(&path, q->path + end);
    free(q->path);
    q->path = buf_take(&path);
    return true;
}

static bool set_body(struct reader *rd, struct rec_request *q)
{
    struct buf data = {0};
    const char *file;
    size_t pieces;
    bool ok = join_data(rd, &data, &file, &pieces);
    bool json = has(&rd->c, CURL_JSON);
    if (ok && json && rec_field_find(&q->headers, "Content-Type") == NULL)
        rec_field_add(&q->headers, "Content-Type", mem_strdup("application/json"));
    if (ok && json && rec_field_find(&q->headers, "Accept") == NULL)
        rec_field_add(&q->headers, "Accept", mem_strdup("application/json"));
    if (!ok) {
        ;
    } else if (has(&rd->c, CURL_FORM) || has(&rd->c, CURL_FORM_STRING)) {
        ok = set_form(rd, q);
    } else if (has(&rd->c, CURL_UPLOAD)) {
        ok = set_upload(rd, q, last(&rd->c, CURL_UPLOAD));
    } else if (has(&rd->c, CURL_GET) && file != NULL) {
        ok = err_set(rd->e, "the query comes from a file (-G with @FILE); put the text in its "
                            "place.");
    } else if (has(&rd->c, CURL_GET)) {
        add_to_query(q, data.data != NULL ? data.data : "");
    } else if (file != NULL) {
        ok = body_of_file(rd, q, file);
        if (ok && rec_field_find(&q->headers, "Content-Type") == NULL)
            rec_field_add(&q->headers, "Content-Type",
                          mem_strdup("application/x-www-form-urlencoded"));
    } else if (pieces > 0) {
        intake_body(&rd->r, q, data.data != NULL ? data.data : "");
    }
    buf_finish(&data);
    return ok;
}

/* -------------------------------------------------------------------- requests */

/* "Name: value", "Name;" (empty), "Name:" (curl's own header is not sent) */
static bool header(struct reader *rd, struct rec_request *q, const char *line)
{
    size_t name_len = strcspn(line, ":;");
    const char *value = line + name_len;
    if (*line == '@')
        return err_set(rd->e, "the headers are in a file (-H @FILE); put them in its place.");
    if (*value == '\0' || name_len == 0)
        return true;
    bool empty = *value == ';' && value[1] == '\0';
    value += 1 + strspn(value + 1, " \t");
    if (*value == '\0' && !empty)
        return true;
    size_t len = strlen(value);
    while (len > 0 && strchr(" \t\r", value[len - 1]) != NULL)
        len--;
    char *name = mem_strndup(line, name_len), *text = mem_strndup(value, len);
    const char *host = q->origin != NULL ? strstr(q->origin, "://") + 3 : "";
    if (strcasecmp(name, "Host") != 0 || strcasecmp(text, host) != 0)
        intake_header(&rd->r, q, name, text);
    free(name);
    free(text);
    return true;
}

static void simple_header(struct reader *rd, struct rec_request *q, const char *name,
                          const char *text)
{
    if (text != NULL && *text != '\0' && rec_field_find(&q->headers, name) == NULL)
        intake_header(&rd->r, q, name, text);
}

static bool headers(struct reader *rd, struct rec_request *q)
{
    const char *range = last(&rd->c, CURL_RANGE);
    for (size_t i = 0; i < rd->c.n; i++) {
        if (rd->c.items[i].option->act == CURL_HEADER && !header(rd, q, rd->c.items[i].value))
            return false;
    }
    simple_header(rd, q, "User-Agent", last(&rd->c, CURL_AGENT));
    char *referer = mem_strdup(last(&rd->c, CURL_REFERER));
    if (referer != NULL)
        referer[strcspn(referer, ";")] = '\0';
    simple_header(rd, q, "Referer", referer);
    free(referer);
    if (range != NULL) {
        char *text = mem_printf("bytes=%s", range);
        simple_header(rd, q, "Range", text);
        free(text);
    }
    for (size_t i = 0; i < rd->c.n; i++) {
        if (rd->c.items[i].option->act != CURL_COOKIE)
            continue;
        if (strchr(rd->c.items[i].value, '=') != NULL)
            intake_header(&rd->r, q, "Cookie", rd->c.items[i].value);
        else
            rec_note(&rd->r, "Left out: the file of cookies (-b).");
    }
    return true;
}

static void authentication(struct reader *rd, struct rec_request *q)
{
    const char *user = last(&rd->c, CURL_USER), *bearer = last(&rd->c, CURL_BEARER);
    if (bearer != NULL) {
        free(q->bearer);
        q->bearer = mem_strdup(bearer);
    }
    if (user == NULL)
        return;
    size_t len = 0; /* up to the colon that is not within ${env:NAME} */
    while (user[len] != '\0' && user[len] != ':') {
        bool variable;
        size_t special = lang_special(user + len, &variable);
        len += special > 0 ? special : 1;
    }
    free(q->user);
    free(q->password);
    q->user = mem_strndup(user, len);
    q->password = user[len] == ':' ? mem_strdup(user + len + 1) : mem_strdup("${env:PASSWORD}");
}

static bool method(struct reader *rd, struct rec_request *q)
{
    const char *text = last(&rd->c, CURL_METHOD);
    char word[80];
    bool body = q->body != REC_NONE;
    free(q->method);
    if (text == NULL) {
        q->method = mem_strdup(has(&rd->c, CURL_HEAD)     ? "HEAD"
                               : has(&rd->c, CURL_UPLOAD) ? "PUT"
                               : body                     ? "POST"
                                                          : "GET");
    } else {
        size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-");
        if (n == 0 || n > 20 || text[n] != '\0' || !isalpha((unsigned char)*text) ||
            strcasecmp(text, "CONNECT") == 0) {
            q->method = mem_strdup("GET");
            return err_set(rd->e, "\"%s\" is not a method that can be loaded.", shown(word, text));
        }
        q->method = mem_strdup(text);
        for (char *c = q->method; *c != '\0'; c++)
            *c = (char)toupper((unsigned char)*c);
    }
    if (strcmp(q->method, "HEAD") == 0 && body)
        return err_set(rd->e, "the command asks for the head only and has a body as well; leave "
                              "one of the two out.");
    return true;
}

static bool numbers(struct reader *rd, struct rec_request *q)
{
    const char *time = last(&rd->c, CURL_TIMEOUT), *redirects = last(&rd->c, CURL_REDIRECTS);
    char word[80], *end;
    if (time != NULL) {
        q->timeout_s = strtod(time, &end);
        if (end == time || *end != '\0' || !isfinite(q->timeout_s) || q->timeout_s < 0)
            return err_set(rd->e, "\"%s\" is not a number of seconds for --max-time.",
                           shown(word, time));
        if (q->timeout_s > MAX_SECONDS)
            q->timeout_s = MAX_SECONDS;
        if (q->timeout_s > 0 && q->timeout_s < 0.001)
            q->timeout_s = 0.001;
    }
    if (redirects != NULL) {
        long v = strtol(redirects, &end, 10);
        if (end == redirects || *end != '\0')
            return err_set(rd->e, "\"%s\" is not a number for --max-redirs.",
                           shown(word, redirects));
        q->max_redirects = v == 0 ? -1 : v < 0 || v > 50 ? 50 : (int)v;
        q->follow = q->follow && v != 0;
    }
    return true;
}

static bool add_request(struct reader *rd, const char *url)
{
    if (rd->r.n == MAX_URLS)
        return err_set(rd->e, "there are more than %d URLs in the command.", MAX_URLS);
    struct rec_request *q = rec_add(&rd->r);
    const struct command *c = &rd->c;
    char *plain = mem_strdup(url);
    if (!has(c, CURL_GLOBOFF)) {
        free(plain);
        if (!glob_plain(url, &plain, rd->e))
            return false;
    }
    bool is_url = intake_url(q, plain, rd->e);
    free(plain);
    if (!is_url)
        return false;
    q->insecure = has(c, CURL_INSECURE);
    q->follow = has(c, CURL_FOLLOW);
    q->gzip = has(c, CURL_GZIP);
    q->http2 = has(c, CURL_HTTP2);
    bool gzip = q->gzip;
    bool ok = headers(rd, q) && set_body(rd, q) && method(rd, q) && numbers(rd, q);
    q->gzip |= gzip;
    authentication(rd, q);
    for (size_t i = 0; ok && i < c->n; i++) {
        if (c->items[i].option->act == CURL_QUERY)
            ok = url_query(rd, q, &c->items[i]);
    }
    if (ok && strlen(q->path) > WRITE_MAX_PATH)
        return err_set(rd->e, "path and query of a URL have more than %u bytes.", WRITE_MAX_PATH);
    return ok;
}

static bool add_requests(struct reader *rd)
{
    bool any = false, ok = true;
    for (size_t i = 0; ok && i < rd->c.n; i++) {
        if (rd->c.items[i].option->act != CURL_URL)
            continue;
        any = true;
        ok = add_request(rd, rd->c.items[i].value);
    }
    bool options = rd->c.n > 0;
    rd->c.n = 0;
    if (ok && !any && options)
        return err_set(rd->e, "there is no URL in the command.");
    return ok;
}

/* ------------------------------------------------------------------- commands */

static bool is_curl(const char *word)
{
    const char *slash = strrchr(word, '/'), *back = strrchr(word, '\\');
    word = slash != NULL ? slash + 1 : back != NULL ? back + 1 : word;
    return strcasecmp(word, "curl") == 0 || strcasecmp(word, "curl.exe") == 0;
}

/* Words that stand in front of a command: VAR=value, sudo, time. */
static bool is_prefix(const char *word)
{
    static const char *const words[] = {"sudo", "time", "command", "exec", "nohup", NULL};
    size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcmp(word, words[i]) == 0)
            return true;
    }
    return n > 0 && word[n] == '=' && !isdigit((unsigned char)*word);
}

static bool other_tool(struct reader *rd, const char *word)
{
    static const char *const powershell[] = {"Invoke-WebRequest", "Invoke-RestMethod", "iwr", "irm",
                                             NULL};
    char name[80];
    for (size_t i = 0; powershell[i] != NULL; i++) {
        if (strcasecmp(word, powershell[i]) == 0)
            return err_set(rd->e, "this is a command for PowerShell; copy it as cURL (bash) from "
                                  "the browser.");
    }
    if (strncmp(word, "fetch(", 6) == 0 || strcmp(word, "await") == 0)
        return err_set(rd->e, "this is JavaScript; copy it as cURL (bash) from the browser.");
    if (strcmp(word, "wget") == 0 || strcmp(word, "http") == 0 || strcmp(word, "https") == 0)
        return err_set(rd->e, "only curl's commands can be read, not \"%s\".", shown(name, word));
    return true;
}

static bool read_options(struct reader *rd, char *const *words, size_t n)
{
    const struct curl_option *url = curl_option_long("url", 3);
    bool only_urls = false;
    for (size_t i = 0; i < n; i++) {
        const char *word = words[i], *next = i + 1 < n ? words[i + 1] : NULL;
        bool used = false, ok;
        if (!only_urls && strcmp(word, "--") == 0) {
            only_urls = true;
            continue;
        }
        if (only_urls || *word != '-' || word[1] == '\0')
            ok = give(rd, url, word);
        else if (word[1] == '-')
            ok = long_option(rd, word, next, &used);
        else
            ok = short_options(rd, word, next, &used);
        if (ok && rd->c.n > 0 && rd->c.items[rd->c.n - 1].option->act == CURL_NEXT) {
            rd->c.n--;
            ok = add_requests(rd);
        }
        if (!ok)
            return false;
        i += used;
    }
    return add_requests(rd);
}

/* Where the command itself begins. */
static size_t behind_prefixes(char *const *words, size_t n)
{
    size_t i = 0;
    while (i + 1 < n && is_prefix(words[i]))
        i++;
    return i;
}

/* One command's words; bare: they may do without "curl" in front. */
static bool read_command(struct reader *rd, char *const *words, size_t n, bool bare)
{
    size_t prefixes = behind_prefixes(words, n);
    words += prefixes;
    n -= prefixes;
    if (is_curl(*words))
        return read_options(rd, words + 1, n - 1);
    if (bare)
        return other_tool(rd, *words) && read_options(rd, words, n);
    rec_note(&rd->r, "Left out: a command that is not curl's.");
    return true;
}

static size_t command_len(char *const *words, size_t n)
{
    size_t len = 0;
    while (len < n && words[len] != NULL)
        len++;
    return len;
}

static bool names_curl(char *const *words, size_t n)
{
    for (size_t from = 0, len; from < n; from += len + 1) {
        len = command_len(words + from, n - from);
        if (len > 0 && is_curl(words[from + behind_prefixes(words + from, len)]))
            return true;
    }
    return false;
}

static bool read_words(struct reader *rd, char *const *words, size_t n)
{
    bool bare = !names_curl(words, n); /* else `cd x && curl ...` */
    for (size_t i = 0; i < n; i++) {
        if (words[i] != NULL && !lang_utf8(words[i], strlen(words[i])))
            return err_set(rd->e, "the command holds bytes that are not UTF-8 text; put a binary "
                                  "body into a file and name it with --data-binary @FILE.");
    }
    for (size_t from = 0, len; from < n; from += len + 1) {
        len = command_len(words + from, n - from);
        if (len > 0 && !read_command(rd, words + from, len, bare))
            return false;
        bare = bare && len == 0;
    }
    if (rd->r.n == 0)
        return err_set(rd->e, "there is no request in the command; paste one as in "
                              "ramptop import curl 'curl http://127.0.0.1:8080/'.");
    return true;
}

/* ------------------------------------------------------------------- the whole */

static void finish_recording(struct recording *r, const struct import_options *o)
{
    r->title = mem_strdup("Made by `ramptop import curl`.");
    r->target = mem_strdup(r->requests[0].origin);
    if (o == NULL || !o->keep_secrets)
        secrets_hide(r);
    shape_tasks(r, false);
    shape_names(r);
}

static bool import_words(char *const *words, size_t n, bool environment, bool left_out,
                         const struct import_options *o, char **profile_text, struct err *e)
{
    struct reader rd = {.e = e};
    if (left_out)
        rec_note(&rd.r, "Left out: what the shell does with curl's output.");
    if (environment)
        rec_note(&rd.r, "Shell variables of the command are read from the environment; export "
                        "them.");
    bool ok = read_words(&rd, words, n);
    if (ok) {
        finish_recording(&rd.r, o);
        ok = write_profile(&rd.r, profile_text, e);
    }
    free(rd.c.items);
    rec_finish(&rd.r);
    return ok;
}

bool import_curl(char *const *words, size_t n, const struct import_options *o, char **profile_text,
                 struct err *e)
{
    struct shell_words w = {0};
    bool ok = true;
    *profile_text = NULL;
    for (size_t i = 0; i < n; i++) {
        if (strlen(words[i]) > MAX_COMMAND)
            return err_set(e, "the command is longer than %u KiB.", MAX_COMMAND / 1024);
    }
    if (n == 1 && strpbrk(words[0], " \t\n'\"") != NULL) {
        ok = shell_split(&w, words[0], e);
    } else {
        w.items = mem_array(n, sizeof *w.items);
        for (; w.n < n; w.n++)
            w.items[w.n] = lang_literal(words[w.n], strlen(words[w.n]));
    }
    ok = ok && import_words(w.items, w.n, w.environment, w.left_out, o, profile_text, e);
    shell_finish(&w);
    return ok;
}
