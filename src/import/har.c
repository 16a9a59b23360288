/* SPDX-License-Identifier: MIT */
/* HAR 1.2 -> a transcript.  http://www.softwareishard.com/blog/har-12-spec/ */
#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/import/correlate.h"
#include "src/import/import.h"
#include "src/import/intake.h"
#include "src/import/keep.h"
#include "src/import/lang.h"
#include "src/import/multipart.h"
#include "src/import/secrets.h"
#include "src/import/arrange.h"
#include "src/import/values.h"
#include "src/import/write.h"

#define MAX_ENTRIES 20000u
/* Stands for half a character: no text has this one. */
#define HALF_ESCAPE "\\ufdd0"
#define HALF_TEXT "\xef\xb7\x90"
#define MAX_PAGES 1000u
#define NAME_SHOWN 200
#define MAX_DEPTH 32      /* levels of a reply that are looked into */
#define MAX_ELEMENTS 1000 /* elements of an array that are looked into */
#define MAX_VALUE 4096    /* bytes of a value in it */
#define MAX_KEY 100
#define MAX_JSON_PATH 400
#define DAY_MS INT64_C(86400000)
#define MAX_BODY_SIZE 1073741824.0 /* bytes that are believed of a body that is not there */

struct page {
    const char *id; /* borrowed from the JSON text's tree */
    int64_t start_ms;
};

struct reader {
    struct transcript r;
    struct keep keep;
    struct page *pages;
    bool http2;
    bool uploads;
    size_t no_reply;   /* kept though nothing is known of their reply */
    struct err broken; /* a request that is no text */
};

/* ---------------------------------------------------------------- JSON values */

static const char *har_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

/* A text with everything that is behind a NUL left out, as in any C string. */
static char *literal_of(const char *text)
{
    return lang_literal(text, strlen(text));
}

static double number_of(const json_t *object, const char *name)
{
    const json_t *v = json_object_get(object, name);
    double d = json_is_number(v) ? json_number_value(v) : 0;
    return isfinite(d) ? d : 0;
}

static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = y / 400, year = y - era * 400;
    int64_t day = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + year * 365 + year / 4 - year / 100 + day - 719468;
}

/* "2026-11-21T10:20:30.123+01:00" in milliseconds since 1970; 0 if it is no time. */
static int64_t har_time_ms(const char *text)
{
    int y, mo, d, h, mi, s, used = 0, off_h = 0, off_m = 0;
    int64_t ms = 0, unit = 100;
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &y, &mo, &d, &h, &mi, &s, &used) != 6 ||
        y < 1970 || mo < 1 || mo > 12 || d < 1 || d > 31)
        return 0;
    text += used;
    if (*text == '.') {
        for (text++; isdigit((unsigned char)*text); text++, unit /= 10)
            ms += (*text - '0') * unit;
    }
    char sign = *text;
    if ((sign == '+' || sign == '-') && sscanf(text + 1, "%2d:%2d", &off_h, &off_m) < 1)
        off_h = off_m = 0;
    int64_t offset = (off_h * 60 + off_m) * (sign == '-' ? -1 : 1);
    return days_from_civil(y, mo, d) * DAY_MS + ((int64_t)h * 3600 + mi * 60 + s) * 1000 + ms -
           offset * 60000;
}

/* ----------------------------------------------------------------------- pages */

/* A title that says something; an address is no title, and may hold what nobody should see. */
static char *page_title(const json_t *page)
{
    const char *text = har_text(page, "title");
    char clean[80];
    clean_text(clean, sizeof clean, text, strlen(text));
    bool address = strstr(clean, "://") != NULL || *clean == '/' || strchr(clean, '?') != NULL;
    return mem_strdup(address ? "" : clean);
}

static void read_pages(struct reader *rd, const json_t *log)
{
    const json_t *list = json_object_get(log, "pages");
    size_t n = json_array_size(list);
    n = n > MAX_PAGES ? MAX_PAGES : n;
    rd->pages = mem_array(n, sizeof *rd->pages);
    rd->r.pages = mem_array(n, sizeof *rd->r.pages);
    for (size_t i = 0; i < n; i++) {
        const json_t *page = json_array_get(list, i);
        rd->pages[i] =
            (struct page){har_text(page, "id"), har_time_ms(har_text(page, "startedDateTime"))};
        rd->r.pages[i] = page_title(page);
    }
    rd->r.n_pages = n;
}

/* The page an entry names, or else the last that had begun; n_pages for none. */
static size_t page_of(const struct reader *rd, const json_t *entry, int64_t start_ms)
{
    const char *ref = har_text(entry, "pageref");
    size_t best = rd->r.n_pages;
    for (size_t i = 0; i < rd->r.n_pages; i++) {
        if (*ref != '\0' && strcmp(rd->pages[i].id, ref) == 0)
            return i;
        if (rd->pages[i].start_ms <= start_ms &&
            (best == rd->r.n_pages || rd->pages[i].start_ms >= rd->pages[best].start_ms))
            best = i;
    }
    return best;
}

/* --------------------------------------------------------------------- entries */

static const json_t *header_named(const json_t *message, const char *name)
{
    const json_t *list = json_object_get(message, "headers");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *h = json_array_get(list, i);
        if (strcasecmp(har_text(h, "name"), name) == 0)
            return h;
    }
    return NULL;
}

static struct keep_entry entry_facts(const json_t *entry)
{
    const json_t *request = json_object_get(entry, "request"),
                 *response = json_object_get(entry, "response");
    const json_t *status_node = json_object_get(response, "status");
    double status = number_of(response, "status");
    struct keep_entry e = {
        .url = har_text(request, "url"),
        .method = har_text(request, "method"),
        .mime = har_text(json_object_get(response, "content"), "mimeType"),
        .resource = har_text(entry, "_resourceType"),
        .status = status >= 0 && status < 1000 ? (int)status : 0,
        .no_reply = !json_is_number(status_node), /* API tools record requests alone */
    };
    e.preflight = strcasecmp(e.method, "OPTIONS") == 0 &&
                  header_named(request, "Access-Control-Request-Method") != NULL;
    return e;
}

static char *origin_of(const char *url)
{
    struct tr_request q = {0};
    char *text = literal_of(url), *origin = NULL;
    if (intake_url(&q, text, NULL)) {
        origin = q.origin;
        q.origin = NULL;
    }
    free(text);
    tr_request_finish(&q);
    return origin;
}

/* The target is where the first page came from: the first reply that is a page and no
 * redirect, or else the first that is no redirect, or else the first at all. */
static void find_target(struct reader *rd, const json_t *entries)
{
    const char *best = NULL;
    int best_rank = 0;
    int64_t best_ms = 0;
    for (size_t i = 0; i < json_array_size(entries) && i < MAX_ENTRIES; i++) {
        const json_t *entry = json_array_get(entries, i);
        struct keep_entry e = entry_facts(entry);
        enum drop kind = keep_kind(&rd->keep, &e);
        int64_t ms = har_time_ms(har_text(entry, "startedDateTime"));
        bool page = strncasecmp(e.mime, "text/html", 9) == 0;
        bool redirect = e.status >= 300 && e.status < 400;
        int rank = redirect ? 1 : page ? 3 : 2;
        if (kind != DROP_NOT ||
            (best != NULL && (rank < best_rank || (rank == best_rank && ms >= best_ms))))
            continue;
        char *origin = origin_of(e.url);
        if (origin != NULL) {
            best = e.url;
            best_rank = rank;
            best_ms = ms;
            free(rd->keep.target);
            rd->keep.target = origin;
        }
    }
}

/* ------------------------------------------------------------------- a request */

/* Says where a page is that asks; only requests that change something may be asked for it. */
static bool is_origin_header(const char *name)
{
    return strcasecmp(name, "Origin") == 0 || strcasecmp(name, "Referer") == 0;
}

/* The URL says it already. */
static bool is_same_host(const struct tr_request *q, const char *name, const char *value)
{
    return strcasecmp(name, "Host") == 0 &&
           (*value == '\0' || strcasecmp(value, strstr(q->origin, "://") + 3) == 0);
}

static void har_read_headers(struct reader *rd, struct tr_request *q, const json_t *request)
{
    const json_t *list = json_object_get(request, "headers");
    bool reads = strcmp(q->method, "GET") == 0 || strcmp(q->method, "HEAD") == 0;
    bool cookies = false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *h = json_array_get(list, i);
        const char *name = har_text(h, "name");
        if (*name == '\0' || is_same_host(q, name, har_text(h, "value")))
            continue;
        if (reads && is_origin_header(name)) {
            tr_note(&rd->r, "Left out: Origin and Referer of what is only read.");
            continue;
        }
        cookies |= strcasecmp(name, "Cookie") == 0;
        char *text = literal_of(har_text(h, "value"));
        intake_header(&rd->r, q, name, text);
        free(text);
    }
    list = json_object_get(request, "cookies");
    for (size_t i = 0; !cookies && i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i);
        char *line = mem_printf("%s=%s", har_text(c, "name"), har_text(c, "value"));
        char *text = literal_of(line);
        intake_header(&rd->r, q, "Cookie", text);
        free(text);
        free(line);
    }
}

/* Fields that were posted, where the recording has them instead of the body's text. */
static void read_params(struct reader *rd, struct tr_request *q, const json_t *params,
                        const char *mime)
{
    struct buf form = {0};
    bool multipart = strncasecmp(mime, "multipart/", 10) == 0;
    for (size_t i = 0; i < json_array_size(params); i++) {
        if (multipart && i == TR_MAX_PARTS) {
            tr_note(&rd->r, "Left out: parts of a body beyond %u.", TR_MAX_PARTS);
            break;
        }
        const json_t *p = json_array_get(params, i);
        const char *name = har_text(p, "name"), *value = har_text(p, "value"),
                   *file = har_text(p, "fileName");
        if (multipart) {
            char *text = literal_of(name);
            struct tr_part *part = tr_part_add(q, text);
            free(text);
            if (*file == '\0') {
                part->text = literal_of(value);
                continue;
            }
            part->filename = literal_of(file);
            part->type =
                *har_text(p, "contentType") != '\0' ? literal_of(har_text(p, "contentType")) : NULL;
            part->payload_bytes = *value != '\0' ? strlen(value) : MULTIPART_EMPTY_FILE;
            rd->uploads = true;
        } else {
            buf_text(&form, form.len > 0 ? "&" : "");
            lang_percent_encode(&form, name, strlen(name));
            buf_char(&form, '=');
            lang_percent_encode(&form, value, strlen(value));
        }
    }
    if (multipart && q->n_parts > 0)
        q->body = TR_MULTIPART;
    else if (form.len > 0)
        intake_body(&rd->r, q, form.data);
    buf_finish(&form);
}

static void har_drop_header(struct tr_request *q, const char *name)
{
    struct tr_field *f = tr_field_find(&q->headers, name);
    if (f != NULL)
        tr_field_remove(&q->headers, (size_t)(f - q->headers.items));
}

/* How many bytes the recording says the body had; 0 if it does not say. */
static double body_size(const json_t *request)
{
    const json_t *length = header_named(request, "Content-Length");
    const char *text = length != NULL ? har_text(length, "value") : "";
    double size = *text != '\0' ? strtod(text, NULL) : number_of(request, "bodySize");
    return size > 0 && size <= MAX_BODY_SIZE ? size : 0;
}

/* A body that was sent and is not in the recording, or not all of it.  len: bytes that are. */
static void missing_body(struct reader *rd, struct tr_request *q, const json_t *request, size_t len)
{
    double size = body_size(request);
    bool reads = strcmp(q->method, "GET") == 0 || strcmp(q->method, "OPTIONS") == 0;
    if (size == 0 || reads || q->body == TR_MULTIPART || (q->body != TR_NONE && len == 0))
        return;
    if (q->body != TR_NONE) {
        if (q->body != TR_PAYLOAD && (double)len < size &&
            header_named(request, "Content-Encoding") == NULL)
            tr_note(&rd->r, "Of the body of %s %.80s only %zu of %.0f bytes were recorded.",
                    q->method, q->path, len, size);
        return;
    }
    q->body = TR_PAYLOAD;
    q->payload_bytes = (uint64_t)size;
    tr_note(&rd->r,
            "The body of %s %.80s (%.0f bytes) was not recorded; generated bytes stand in its "
            "place.",
            q->method, q->path, size);
}

static void read_body(struct reader *rd, struct tr_request *q, const json_t *request)
{
    const json_t *post = json_object_get(request, "postData");
    const json_t *text = json_object_get(post, "text");
    const char *mime = har_text(post, "mimeType");
    if (strcmp(q->method, "HEAD") == 0)
        return;
    if (!json_is_object(post)) {
        missing_body(rd, q, request, 0);
        return;
    }
    if (*mime != '\0' && tr_field_find(&q->headers, "Content-Type") == NULL) {
        char *type = literal_of(mime);
        intake_header(&rd->r, q, "Content-Type", type);
        free(type);
    }
    char *plain = NULL;
    size_t len = json_string_length(text);
    if (strcasecmp(har_text(post, "encoding"), "base64") == 0)
        plain = lang_base64_decode(json_string_value(text), len, &len);
    if (len > 0)
        intake_bytes(&rd->r, q, plain != NULL ? plain : json_string_value(text), len);
    else
        read_params(rd, q, json_object_get(post, "params"), mime);
    free(plain);
    missing_body(rd, q, request, len);
    for (size_t i = 0; i < q->n_parts; i++)
        rd->uploads |= q->parts[i].text == NULL;
    if (q->body == TR_MULTIPART)
        har_drop_header(q, "Content-Type");
}

/* The method in capitals; NULL for none that can be loaded.  The caller frees. */
static char *method_in_capitals(struct reader *rd, const char *method)
{
    size_t n = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_");
    if (n == 0 || n > 20 || method[n] != '\0' || !isalpha((unsigned char)*method) ||
        strcasecmp(method, "CONNECT") == 0)
        return NULL;
    char *out = mem_strdup(method);
    for (char *c = out; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    if (strcmp(out, method) != 0)
        tr_note(&rd->r, "Changed: methods in small letters are sent in capitals.");
    return out;
}

/* A query that the recording has as a list alone. */
static void read_query(struct tr_request *q, const json_t *request)
{
    const json_t *list = json_object_get(request, "queryString");
    struct buf query = {0};
    for (size_t i = 0; strchr(q->path, '?') == NULL && i < json_array_size(list); i++) {
        const json_t *p = json_array_get(list, i);
        const char *name = har_text(p, "name"), *value = har_text(p, "value");
        if (*name == '\0')
            continue;
        buf_char(&query, query.len > 0 ? '&' : '?');
        lang_percent_encode(&query, name, strlen(name));
        buf_char(&query, '=');
        lang_percent_encode(&query, value, strlen(value));
    }
    if (query.len > 0) {
        char *path = mem_printf("%s%s", q->path, query.data);
        free(q->path);
        q->path = path;
    }
    buf_finish(&query);
}

/* The address that `to`, found in a reply to q, stands for. */
static char *resolved_address(const struct tr_request *q, const char *to)
{
    size_t path = strcspn(q->path, "?"), folder = path;
    int scheme = (int)(strchr(q->origin, ':') - q->origin) + 1;
    while (folder > 0 && q->path[folder - 1] != '/')
        folder--;
    if (strstr(to, "://") != NULL)
        return mem_strdup(to);
    if (strncmp(to, "//", 2) == 0)
        return mem_printf("%.*s%s", scheme, q->origin, to);
    if (*to == '/')
        return mem_printf("%s%s", q->origin, to);
    return mem_printf("%s%.*s%s", q->origin, (int)(*to == '?' ? path : folder), q->path, to);
}

/* Where a redirect led, as origin and path of the request that follows it; NULL for nowhere. */
static char *redirect_of(const struct tr_request *q, const json_t *response)
{
    const json_t *header = header_named(response, "Location");
    const char *to = har_text(response, "redirectURL");
    to = *to == '\0' && header != NULL ? har_text(header, "value") : to;
    if (*to == '\0')
        return NULL;
    struct tr_request there = {0};
    char *url = resolved_address(q, to), *text = literal_of(url), *out = NULL;
    if (intake_url(&there, text, NULL))
        out = mem_printf("%s%s", there.origin, there.path);
    free(text);
    free(url);
    tr_request_finish(&there);
    return out;
}

/* ------------------------------------------------------------- values of a reply */

/* Where in a JSON text the walk is. */
struct walk {
    struct tr_request *q;
    struct buf path; /* "$.items[0]" */
    unsigned depth;
};

static bool key_plain(const char *key)
{
    size_t n = strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    return n > 0 && key[n] == '\0' && !isdigit((unsigned char)*key);
}

static void walk_json(struct walk *w, json_t *v, const char *key, const char *above);

static void text_cut_at(struct buf *b, size_t len)
{
    b->len = len;
    b->data[len] = '\0';
}

static void walk_object(struct walk *w, json_t *object, const char *above)
{
    const char *key;
    json_t *v;
    size_t len = w->path.len;
    json_object_foreach(object, key, v)
    {
        if (strlen(key) > MAX_KEY || len > MAX_JSON_PATH || strpbrk(key, "\"\\\n\r\t") != NULL)
            continue;
        if (key_plain(key))
            buf_printf(&w->path, ".%s", key);
        else
            buf_printf(&w->path, "[\"%s\"]", key);
        walk_json(w, v, key, above);
        text_cut_at(&w->path, len);
    }
}

static void walk_json(struct walk *w, json_t *v, const char *key, const char *above)
{
    char *number = NULL, *from;
    size_t len = w->path.len;
    if (w->q->n_values >= VALUES_MAX || w->depth == MAX_DEPTH)
        return;
    w->depth++;
    from = mem_printf("json:%s", w->path.data);
    if (json_is_string(v) && json_string_length(v) <= MAX_VALUE) {
        values_add(w->q, json_string_value(v), from, key, above);
    } else if (json_is_integer(v)) {
        number = mem_printf("%" JSON_INTEGER_FORMAT, json_integer_value(v));
        values_add(w->q, number, from, key, above);
    } else if (json_is_array(v)) {
        for (size_t i = 0; i < json_array_size(v) && i < MAX_ELEMENTS; i++) {
            buf_printf(&w->path, "[%zu]", i);
            walk_json(w, json_array_get(v, i), key, above);
            text_cut_at(&w->path, len);
        }
    } else if (json_is_object(v)) {
        walk_object(w, v, key);
    }
    free(number);
    free(from);
    w->depth--;
}

static void values_of_json(struct tr_request *q, json_t *tree)
{
    struct walk w = {.q = q};
    buf_text(&w.path, "$");
    walk_json(&w, tree, "value", NULL);
    buf_finish(&w.path);
}

static void har_read_reply(struct tr_request *q, const json_t *response)
{
    const json_t *content = json_object_get(response, "content");
    const json_t *list = json_object_get(response, "headers");
    const json_t *text = json_object_get(content, "text");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *h = json_array_get(list, i);
        if (strcasecmp(har_text(h, "name"), "Set-Cookie") == 0)
            values_of_cookies(q, har_text(h, "value"));
    }
    if (json_string_length(text) == 0)
        return;
    size_t len = json_string_length(text);
    char *plain = NULL;
    const char *bytes = json_string_value(text);
    if (strcasecmp(har_text(content, "encoding"), "base64") == 0) {
        plain = lang_base64_decode(bytes, len, &len);
        bytes = plain;
    }
    const char *mime = har_text(content, "mimeType");
    json_t *tree = NULL;
    if (bytes != NULL && (strstr(mime, "json") != NULL || *bytes == '{' || *bytes == '['))
        tree = json_loadb(bytes, len, JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
    if (tree != NULL)
        values_of_json(q, tree);
    else if (bytes != NULL && strstr(mime, "html") != NULL)
        values_of_html(q, bytes, len);
    json_decref(tree);
    free(plain);
}

static bool har_read_request(struct reader *rd, struct tr_request *q, const json_t *entry,
                             const struct keep_entry *facts)
{
    char *url = literal_of(facts->url);
    q->method = method_in_capitals(rd, facts->method);
    bool ok = q->method != NULL && intake_url(q, url, NULL);
    free(url);
    if (ok)
        read_query(q, json_object_get(entry, "request"));
    if (ok)
        intake_braces(&rd->r, q);
    if (!ok || strlen(q->path) > WRITE_MAX_PATH)
        return false;
    double took = number_of(entry, "time");
    q->status = (unsigned)facts->status;
    if (facts->status >= 300 && facts->status <= 399)
        q->leads_to = redirect_of(q, json_object_get(entry, "response"));
    q->start_ms = har_time_ms(har_text(entry, "startedDateTime"));
    q->end_ms = q->start_ms + (took > 0 && took < 1e9 ? (int64_t)took : 0);
    q->page = page_of(rd, entry, q->start_ms);
    return true;
}

/* Half a character stands in a request: what was sent is not in the recording. */
static void see_broken(struct reader *rd, const struct tr_request *q, const json_t *request)
{
    char *all = json_dumps(request, JSON_COMPACT);
    if (all != NULL && strstr(all, HALF_TEXT) != NULL && rd->broken.text[0] == '\0')
        err_set(&rd->broken,
                "%s %.80s holds half a character (a lone surrogate), which no text has; the bytes "
                "that were sent are not in the recording",
                q->method, q->path);
    free(all);
}

static void read_entry(struct reader *rd, const json_t *entry)
{
    struct keep_entry facts = entry_facts(entry);
    enum drop kind = keep_kind(&rd->keep, &facts);
    struct tr_request *q = tr_add(&rd->r);
    if (kind == DROP_NOT && !har_read_request(rd, q, entry, &facts))
        kind = DROP_UNREADABLE;
    if (kind == DROP_NOT && !keep_origin(&rd->keep, q->origin, facts.status))
        kind = DROP_HOST;
    if (kind != DROP_NOT) {
        keep_count(&rd->keep, kind, q->origin != NULL ? q->origin : "");
        tr_request_finish(q);
        rd->r.n--;
        return;
    }
    const json_t *request = json_object_get(entry, "request");
    const char *version = har_text(request, "httpVersion");
    rd->http2 |= strncasecmp(version, "h2", 2) == 0 || strncasecmp(version, "HTTP/2", 6) == 0;
    rd->no_reply += facts.no_reply;
    har_read_headers(rd, q, request);
    read_body(rd, q, request);
    see_broken(rd, q, request);
    har_read_reply(q, json_object_get(entry, "response"));
}

/* ------------------------------------------------------------------ the whole */

/* Cookies that the server set in the recording are the cookie engine's. */
static void drop_own_cookies(struct transcript *r)
{
    struct tr_fields set = {0};
    for (size_t i = 0; i < r->n; i++) {
        struct tr_request *q = &r->requests[i];
        for (size_t k = q->cookies.n; k-- > 0;) {
            if (tr_field_find(&set, q->cookies.items[k].name) == NULL)
                continue;
            tr_field_remove(&q->cookies, k);
            tr_note(r, "Left out: cookies that replies set; each user keeps what the target sets.");
        }
        for (size_t k = 0; k < q->n_values; k++) {
            if (strncmp(q->values[k].from, "cookie:", 7) == 0 &&
                tr_field_find(&set, q->values[k].key) == NULL)
                tr_field_add(&set, q->values[k].key, NULL);
        }
    }
    while (set.n > 0)
        tr_field_remove(&set, set.n - 1);
    free(set.items);
}

static bool none_left(const struct reader *rd, const char *name, struct err *e)
{
    const size_t *n = rd->keep.dropped;
    size_t all = 0;
    for (int i = 0; i < DROP_COUNT; i++)
        all += n[i];
    if (all == 0)
        return err_set(e, "%s: no request is recorded in it.", name);
    return err_set(e,
                   "%s: none of its %zu requests is left: %zu are for static resources "
                   "(--keep-static), %zu failed, %zu are no http, %zu are preflights, %zu are for "
                   "other hosts (--keep-all-hosts), %zu cannot be read.",
                   name, all, n[DROP_STATIC], n[DROP_FAILED], n[DROP_SCHEME] + n[DROP_WEBSOCKET],
                   n[DROP_PREFLIGHT], n[DROP_HOST], n[DROP_UNREADABLE]);
}

static void make_notes(struct reader *rd)
{
    struct transcript *r = &rd->r;
    bool others = false;
    for (size_t i = 0; i < r->n; i++)
        others |= strcmp(r->requests[i].origin, rd->keep.target) != 0;
    keep_notes(&rd->keep, r);
    if (others)
        tr_note(r, "Requests to other hosts have their whole URL; --host does not move them.");
    tr_note_dropped(r);
    if (rd->no_reply > 0)
        tr_note(r, "No reply is recorded for %zu requests; any success counts.", rd->no_reply);
    if (rd->http2)
        tr_note(r, "It was recorded over HTTP/2; `http2 = true;` speaks it.");
    if (rd->uploads)
        tr_note(r, "Uploaded files are not in a recording; generated bytes stand in their place.");
}

static bool read_log(struct reader *rd, const char *name, const json_t *log, struct err *e)
{
    const json_t *entries = json_object_get(log, "entries");
    if (!json_is_array(entries))
        return err_set(e,
                       "%s: is not a HAR file (it has no log.entries); save the network log as "
                       "HAR in the browser's developer tools.",
                       name);
    if (json_array_size(entries) > MAX_ENTRIES)
        return err_set(e, "%s: holds more than %u requests; record a shorter session.", name,
                       MAX_ENTRIES);
    read_pages(rd, log);
    find_target(rd, entries);
    for (size_t i = 0; i < json_array_size(entries); i++)
        read_entry(rd, json_array_get(entries, i));
    if (rd->broken.text[0] != '\0')
        return err_set(e, "%s: %s.", name, rd->broken.text);
    return rd->r.n > 0 || none_left(rd, name, e);
}

static bool har_finish_transcript(struct reader *rd, const char *name,
                                  const struct import_options *o, char **profile_text,
                                  struct err *e)
{
    struct transcript *r = &rd->r;
    r->title = mem_printf("Made by `ramptop import har` from %s.", name);
    r->target = mem_strdup(rd->keep.target);
    make_notes(rd);
    arrange_order(r);
    write_drop_hopeless(r);
    drop_own_cookies(r);
    correlate(r);
    if (o == NULL || !o->keep_secrets)
        secrets_hide(r);
    arrange_tasks(r, true);
    arrange_names(r);
    return write_profile(r, profile_text, e);
}

/* The number behind a backslash and a u, if it has four digits; -1 otherwise. */
static long unicode_at(const char *text, const char *stop)
{
    char digits[5] = "";
    if (stop - text < 6 || text[0] != '\\' || text[1] != 'u')
        return -1;
    memcpy(digits, text + 2, 4);
    bool ok = strspn(digits, "0123456789abcdefABCDEF") == 4;
    return ok ? strtol(digits, NULL, 16) : -1;
}

/* Browsers write half a character where a text was cut within one, in replies above all; it
 * becomes a mark of the same length, as JSON has no such text. */
static char *without_halves(const char *text, size_t len)
{
    char *out = mem_array(len + 1, 1);
    if (len > 0)
        memcpy(out, text, len);
    for (char *at = out, *stop = out + len; at < stop; at++) {
        if (*at != '\\')
            continue;
        long c = unicode_at(at, stop), low = c >= 0 ? unicode_at(at + 6, stop) : -1;
        if (c >= 0xd800 && c < 0xdc00 && low >= 0xdc00 && low < 0xe000)
            at += 11;
        else if (c >= 0xd800 && c < 0xe000)
            memcpy(at, HALF_ESCAPE, 6);
        else
            at++;
    }
    return out;
}

bool import_har(const char *name, const char *text, size_t len, const struct import_options *o,
                char **profile_text, struct err *e)
{
    struct reader rd = {.keep.o = o};
    json_error_t where;
    char clean[NAME_SHOWN];
    *profile_text = NULL;
    clean_text(clean, sizeof clean, name, strlen(name));
    if (len > IMPORT_MAX_BYTES)
        return err_set(e, "%s: is larger than %u MiB; record a shorter session.", clean,
                       IMPORT_MAX_BYTES / 1024 / 1024);
    size_t mark = clean_mark_len(text, len);
    text += mark;
    len -= mark;
    char *whole = without_halves(text, len);
    json_t *root = json_loadb(whole, len, JSON_ALLOW_NUL, &where);
    free(whole);
    if (root == NULL) /* jansson's words may quote the file, which may be a secret */
        return err_set(e, "%s:%d: is not JSON (column %d); a HAR file is.", clean,
                       where.line > 0 ? where.line : 1, where.column > 0 ? where.column : 1);
    bool ok = read_log(&rd, clean, json_object_get(root, "log"), e) &&
              har_finish_transcript(&rd, clean, o, profile_text, e);
    json_decref(root);
    keep_finish(&rd.keep);
    free(rd.pages);
    tr_finish(&rd.r);
    return ok;
}
