/* SPDX-License-Identifier: MIT */
#include "src/load/curl_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/url.h"

/* Notes the first refusal: libcurl may be out of memory, or have limits of its own. */
static void note_setopt(struct curl_request *r, CURLcode rc)
{
    if (rc != CURLE_OK && r->refused == CURLE_OK)
        r->refused = rc;
}

/* ---------------------------------------------------------------------- body */

static size_t on_read(char *to, size_t size, size_t n, void *arg)
{
    struct curl_request *r = arg;
    ssize_t got = body_reader_read(&r->body, to, size * n);
    if (got >= 0)
        return (size_t)got;
    r->file_short = true;
    return CURL_READFUNC_ABORT;
}

/* libcurl sends a body again from its start when the connection turns out to be dead, or
 * a redirect asks for it. */
static int on_seek(void *arg, curl_off_t offset, int origin)
{
    struct curl_request *r = arg;
    bool ok = origin == SEEK_SET && offset >= 0 && body_reader_seek(&r->body, (uint64_t)offset);
    return ok ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

static enum body_way body_way_of(const struct message *m)
{
    if (m->has_body && (m->n_pieces > 1 || (m->n_pieces == 1 && m->body[0].kind != PIECE_BYTES)))
        return BODY_STREAM;
    if (m->has_body || strcmp(m->method, "POST") == 0)
        return BODY_MEMORY;
    if (strcmp(m->method, "GET") == 0)
        return BODY_GET;
    return strcmp(m->method, "HEAD") == 0 ? BODY_HEAD : BODY_NO_BODY;
}

static void set_method(struct curl_request *r, CURL *easy, const struct message *m,
                       enum body_way way)
{
    bool post = way == BODY_MEMORY || way == BODY_STREAM;
    bool usual = post ? strcmp(m->method, "POST") == 0 : way != BODY_NO_BODY;
    curl_easy_setopt(easy, CURLOPT_NOBODY, 0L);
    if (way == BODY_HEAD)
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    else
        curl_easy_setopt(easy, post ? CURLOPT_POST : CURLOPT_HTTPGET, 1L);
    note_setopt(r, curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, usual ? NULL : m->method));
    /* After 301 and 302 only POST becomes GET; what stays a PUT keeps its body. */
    curl_easy_setopt(easy, CURLOPT_POSTREDIR,
                     usual ? 0L : (long)(CURL_REDIR_POST_301 | CURL_REDIR_POST_302));
    snprintf(r->method, sizeof r->method, "%s", m->method);
    r->way = way;
}

static void set_body(struct curl_request *r, CURL *easy, const struct message *m)
{
    enum body_way way = body_way_of(m);
    if (way != r->way || strcmp(m->method, r->method) != 0) {
        set_method(r, easy, m, way);
        r->posts = false;
    }
    if (way != BODY_MEMORY && way != BODY_STREAM)
        return;
    const char *fields = way == BODY_STREAM ? NULL : m->n_pieces > 0 ? m->body[0].data : "";
    if (!r->posts || fields != r->fields)
        note_setopt(r, curl_easy_setopt(easy, CURLOPT_POSTFIELDS, fields));
    if (!r->posts || m->body_len != r->body_len)
        note_setopt(r,
                    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)m->body_len));
    r->posts = true;
    r->fields = fields;
    r->body_len = m->body_len;
}

/* ------------------------------------------------------------------- headers */

static bool value_is_blank(const char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    return *text == '\0';
}

/* Adds a line as libcurl takes it: "Name;" is sent without a value, "Name:" not at all, nor is one
 * with a value of blanks. */
static void add_header_line(struct buf *lines, const struct message_header *h)
{
    size_t name = strlen(h->name), value = h->value != NULL ? strlen(h->value) : 0;
    buf_reserve(lines, name + value + sizeof ": ");
    char *at = lines->data + lines->len;
    memcpy(at, h->name, name);
    at += name;
    if (value > 0 && !value_is_blank(h->value)) {
        *at++ = ':';
        *at++ = ' ';
        memcpy(at, h->value, value);
        at += value;
    } else {
        *at++ = h->value != NULL ? ';' : ':';
    }
    *at++ = '\0';
    lines->len = (size_t)(at - lines->data);
}

static void set_headers(struct curl_request *r, CURL *easy, const struct message *m)
{
    static const struct message_header no_expect = {"Expect",
                                                    NULL}, /* no waiting for "100 Continue" */
        no_type = {"Content-Type", NULL};                  /* where there is nothing that has one */
    bool posts_nothing = !m->has_body && strcmp(m->method, "POST") == 0;
    size_t n = m->n_headers + (m->has_body || posts_nothing ? 1 : 0);
    if (n > r->headers_room) {
        r->headers_room = n + 4;
        r->headers = mem_grow(r->headers, r->headers_room, sizeof *r->headers);
    }
    buf_clear(&r->lines);
    for (size_t i = 0; i < m->n_headers; i++)
        add_header_line(&r->lines, &m->headers[i]);
    if (n > m->n_headers)
        add_header_line(&r->lines, posts_nothing ? &no_type : &no_expect);
    char *line = r->lines.data; /* where all of them stay now */
    for (size_t i = 0; i < n; i++, line += strlen(line) + 1)
        r->headers[i] =
            (struct curl_slist){.data = line, .next = i + 1 < n ? &r->headers[i + 1] : NULL};
    struct curl_slist *list = n > 0 ? r->headers : NULL;
    if (list != r->list) /* libcurl keeps the pointer alone */
        note_setopt(r, curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list));
    r->list = list;
}

/* ----------------------------------------------------------------------- URL */

/* Where libcurl is given a part alone it writes the digits of %2F small: then a target would
 * see another text from the second request of a user on. */
static bool path_would_be_respelled(const char *path)
{
    for (const char *at = path; (at = strchr(at, '%')) != NULL; at++)
        if ((at[1] >= 'A' && at[1] <= 'F') || (at[1] != '\0' && at[2] >= 'A' && at[2] <= 'F'))
            return true;
    return false;
}

/* With the same origin only what differs of path and query is parsed. */
static bool url_set_parts(struct curl_request *r, const char *path, size_t len, size_t query_at)
{
    char *mine = r->last.data + r->path_at;
    size_t old_len = r->last.len - r->path_at;
    bool same_path = query_at == r->query_at && memcmp(path, mine, query_at) == 0;
    bool same_query = len - query_at == old_len - r->query_at &&
                      memcmp(path + query_at, mine + r->query_at, len - query_at) == 0;
    bool ok = true;
    r->last.len = r->path_at;
    buf_add(&r->last, path, len);
    r->query_at = query_at;
    mine = r->last.data + r->path_at;
    char mark = mine[query_at];
    if (!same_path) {
        mine[query_at] = '\0';
        ok = curl_url_set(r->url, CURLUPART_PATH, mine, 0) == CURLUE_OK;
        mine[query_at] = mark;
    }
    if (ok && !same_query)
        ok = curl_url_set(r->url, CURLUPART_QUERY, mark != '\0' ? mine + query_at + 1 : NULL, 0) ==
             CURLUE_OK;
    return ok;
}

/* With the URL parsed libcurl need not take its text apart and put it together again for
 * every request.  Its text stays that of the first request to an origin: with CURLOPT_CURLU
 * it only has to be there. */
static void set_url(struct curl_request *r, CURL *easy, const struct message *m)
{
    const struct origin *origin = m->origin;
    const char *path = m->path;
    size_t len = strlen(path), query_at = strcspn(path, "?");
    bool same_origin = r->last.len > 0 && r->path_at == origin->len &&
                       memcmp(r->last.data, origin->text, origin->len) == 0;
    if (same_origin && strcmp(r->last.data + r->path_at, path) == 0)
        return;
    if (same_origin && path[0] == '/' && strstr(path, "/.") == NULL && /* a/../b: for the parser */
        !path_would_be_respelled(path) && url_set_parts(r, path, len, query_at))
        return;
    buf_clear(&r->last);
    buf_add(&r->last, origin->text, origin->len);
    buf_add(&r->last, path, len);
    r->path_at = origin->len;
    r->query_at = query_at;
    bool ok = curl_url_set(r->url, CURLUPART_URL, r->last.data, 0) == CURLUE_OK;
    if (!ok) { /* the handle has the URL before still; without any the request fails, as it should
                */
        curl_url_cleanup(r->url);
        r->url = curl_url();
    }
    note_setopt(r, curl_easy_setopt(easy, CURLOPT_URL, r->last.data));
    note_setopt(r, curl_easy_setopt(easy, CURLOPT_CURLU, r->url));
    if (!ok)
        buf_clear(&r->last);
}

/* ----------------------------------------------------------------- the whole */

static void set_rules(CURL *easy, const struct message *m, const struct transport_rules *rules)
{
    long version = CURL_HTTP_VERSION_1_1;
    if (rules->http2)
        version = m->origin->tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, version);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, rules->insecure ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, rules->insecure ? 0L : 2L);
}

/* The settings of the handle are not known any more: all of them are made again. */
static void forget_settings(struct curl_request *r, CURL *easy, const struct message *m)
{
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
    r->list = NULL;
    r->way = BODY_UNSET;
    r->posts = false;
    r->max_redirects = -1;
    r->cookies = true;
    r->gzip = !m->gzip;
    buf_clear(&r->last);
}

static void set_other_options(struct curl_request *r, CURL *easy, const struct message *m)
{
    long max_redirects = (long)m->max_redirects;
    if (max_redirects != r->max_redirects) {
        curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, max_redirects > 0 ? 1L : 0L);
        curl_easy_setopt(easy, CURLOPT_MAXREDIRS, max_redirects);
        r->max_redirects = max_redirects;
    }
    if (m->gzip != r->gzip)
        note_setopt(
            r, curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, m->gzip ? "gzip, deflate" : NULL));
    r->gzip = m->gzip;
    if (m->cookies != NULL || r->cookies)
        note_setopt(r, curl_easy_setopt(easy, CURLOPT_COOKIE, m->cookies));
    r->cookies = m->cookies != NULL;
}

CURLcode curl_request_set(struct curl_request *r, CURL *easy, const struct message *m,
                          const struct transport_rules *rules, unsigned rules_version)
{
    bool same_rules = r->rules_version == rules_version && r->refused == CURLE_OK;
    if (same_rules && m->fixed && r->message == m)
        return CURLE_OK;
    if (r->refused != CURLE_OK)
        forget_settings(r, easy, m);
    r->refused = CURLE_OK;
    /* The version also depends on the scheme. */
    if (!same_rules || (rules->http2 && r->message != m))
        set_rules(easy, m, rules);
    set_url(r, easy, m);
    set_body(r, easy, m);
    set_headers(r, easy, m);
    set_other_options(r, easy, m);
    r->message = m;
    r->rules_version = rules_version;
    return r->refused;
}

void curl_request_see_other(struct curl_request *r, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, NULL);
    r->way = BODY_UNSET; /* so that the next one, be it the same, is told its method again */
    r->rules_version = 0;
}

void curl_request_begin(struct curl_request *r)
{
    r->file_short = false;
    if (r->way == BODY_STREAM)
        body_reader_begin(&r->body, r->message);
}

bool curl_request_init(struct curl_request *r, CURL *easy)
{
    r->url = curl_url();
    if (r->url == NULL)
        return false;
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, r);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, r);
    return true;
}

void curl_request_finish(struct curl_request *r)
{
    curl_url_cleanup(r->url);
    buf_finish(&r->last);
    if (r->lines.data != NULL)
        explicit_bzero(r->lines.data, r->lines.room); /* a secret may be in it */
    buf_finish(&r->lines);
    free(r->headers);
}
