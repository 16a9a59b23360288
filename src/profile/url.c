/* SPDX-License-Identifier: MIT */
#include "src/profile/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/script/encode.h"
#include "src/script/secret_name.h"

#define URL_MAX 65536

/* The pieces of the text, before anything is copied. */
struct pieces {
    bool https;
    const char *userinfo, *host, *port, *path, *query; /* NULL where there is none */
    size_t userinfo_len, host_len, port_len, path_len, query_len;
};

bool url_has_scheme(const char *text)
{
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
    return n > 0 && strncmp(text + n, "://", 3) == 0;
}

/* Returns the length of an origin without the port that its scheme has anyway. */
static size_t bare_origin_len(const char *origin)
{
    const char *usual = strncmp(origin, "https:", 6) == 0 ? ":443" : ":80";
    size_t len = strlen(origin), n = strlen(usual);
    return len > n && strcmp(origin + len - n, usual) == 0 ? len - n : len;
}

bool url_same_origin(const char *a, const char *b)
{
    size_t len = bare_origin_len(a);
    return len == bare_origin_len(b) && memcmp(a, b, len) == 0;
}

/* Where the host of an origin begins, and its length. */
static const char *origin_host(const char *origin, size_t *len)
{
    const char *host = strstr(origin, "://");
    host = host != NULL ? host + 3 : origin;
    *len = strcspn(host, host[0] == '[' ? "]" : ":");
    *len += host[*len] == ']';
    return host;
}

bool url_same_host(const char *a, const char *b)
{
    size_t a_len, b_len;
    const char *a_host = origin_host(a, &a_len), *b_host = origin_host(b, &b_len);
    return a_len == b_len && strncasecmp(a_host, b_host, a_len) == 0;
}

void origin_init(struct origin *o, const char *text)
{
    size_t host_len;
    const char *host = origin_host(text, &host_len), *port = host + host_len;
    bool tls = strncmp(text, "https:", 6) == 0;
    *o = (struct origin){.text = mem_strdup(text),
                         .len = strlen(text),
                         .host = mem_strndup(host, host_len),
                         .port = tls ? 443 : 80,
                         .tls = tls};
    if (*port == ':')
        o->port = (unsigned)strtoul(port + 1, NULL, 10);
}

void origin_finish(struct origin *o)
{
    free(o->text);
    free(o->host);
    *o = (struct origin){0};
}

/* The query from its "?" on, values of secrets by their names masked. */
static void add_shown_query(struct buf *out, const char *query)
{
    while (*query != '\0' && *query != '#') {
        size_t len = 1 + strcspn(query + 1, "&#"), equals = 1 + strcspn(query + 1, "=&#");
        char *name = mem_strndup(query + 1, equals - 1);
        if (equals < len && secret_named(name)) {
            buf_add(out, query, equals + 1);
            buf_text(out, "***");
        } else {
            buf_add(out, query, len);
        }
        free(name);
        query += len;
    }
    buf_text(out, query);
}

char *url_shown(const char *text)
{
    struct buf out = {0};
    const char *start = strstr(text, "://");
    start = start != NULL ? start + 3 : text;
    const char *at = start;
    for (const char *c = start; *c != '\0' && strchr("/?#", *c) == NULL; c++) {
        if (*c == '@')
            at = c;
    }
    buf_add(&out, text, (size_t)(start - text));
    if (at > start)
        buf_text(&out, "***");
    size_t path = strcspn(at, "?");
    buf_add(&out, at, path);
    add_shown_query(&out, at + path);
    return buf_take(&out);
}

/* Blanks, controls, broken UTF-8 and characters nobody can see have no place in a URL. */
static bool all_visible(const char *text)
{
    size_t len = strlen(text);
    char *cleaned = mem_zalloc(len * 3 + 1);
    clean_text(cleaned, len * 3 + 1, text, len);
    bool same = strcmp(cleaned, text) == 0 && strchr(text, ' ') == NULL;
    free(cleaned);
    return same;
}

bool url_path_ok(const char *path, struct err *e)
{
    if (strlen(path) > URL_MAX)
        return err_set(e, "the path is longer than %d bytes", URL_MAX);
    bool visible = all_visible(path);
    if (visible && path[0] == '/')
        return true;
    char *shown = url_shown(path);
    if (!visible)
        err_set(e,
                "the path \"%.200s\" holds a blank or a control character (write %%20 "
                "for a blank)",
                shown);
    else
        err_set(e, "the path \"%.200s\" does not begin with \"/\"", shown);
    free(shown);
    return false;
}

static const char *span_to(const char *from, const char *stop)
{
    return from + strcspn(from, stop);
}

static bool split(const char *text, struct pieces *s, struct err *e)
{
    *s = (struct pieces){0};
    if (url_has_scheme(text)) {
        s->https = strncasecmp(text, "https://", 8) == 0;
        if (!s->https && strncasecmp(text, "http://", 7) != 0)
            return err_set(e, "only http and https can be loaded, not \"%.*s\"",
                           span_to(text, ":") - text > 40 ? 40 : (int)(span_to(text, ":") - text),
                           text);
        text += s->https ? 8 : 7;
    }
    const char *end = span_to(text, "/?#");
    s->host = text;
    for (const char *c = text; c < end; c++) {
        if (*c == '@')
            s->host = c + 1;
    }
    if (s->host != text) {
        s->userinfo = text;
        s->userinfo_len = (size_t)(s->host - text) - 1;
    }
    const char *host_end = *s->host == '[' ? span_to(s->host, "]/?#") : span_to(s->host, ":/?#");
    if (*host_end == ']')
        host_end++;
    s->host_len = (size_t)(host_end - s->host);
    if (host_end < end) {
        if (*host_end != ':')
            return err_set(e, "after the host \"%.*s\" a port or a path is expected",
                           (int)s->host_len, s->host);
        s->port = host_end + 1;
        s->port_len = (size_t)(end - s->port);
    }
    s->path = end;
    s->path_len = (size_t)(span_to(end, "?#") - end);
    end += s->path_len;
    if (*end == '?') {
        s->query = end + 1;
        s->query_len = (size_t)(span_to(end, "#") - s->query);
    }
    return true;
}

static bool ipv6_ok(const char *host, size_t len)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr addr;
    if (len < 4 || host[len - 1] != ']' || len - 2 >= sizeof text)
        return false;
    memcpy(text, host + 1, len - 2);
    text[len - 2] = '\0';
    return inet_pton(AF_INET6, text, &addr) == 1;
}

static bool name_ok(const char *host, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)host[i];
        if (c < 0x80 && !isalnum(c) && c != '.' && c != '-' && c != '_')
            return false;
    }
    return len <= 255 && host[0] != '.' && host[0] != '-';
}

static bool host_ok(const struct pieces *s, struct err *e)
{
    if (s->host_len == 0)
        return err_set(e, "the host is missing");
    bool ok = *s->host == '[' ? ipv6_ok(s->host, s->host_len) : name_ok(s->host, s->host_len);
    if (!ok)
        return err_set(e, "\"%.*s\" is not a host name or address",
                       s->host_len > 200 ? 200 : (int)s->host_len, s->host);
    return true;
}

static bool port_ok(const struct pieces *s, struct err *e)
{
    unsigned port = 0;
    for (size_t i = 0; i < s->port_len && port <= 65535; i++) {
        if (!isdigit((unsigned char)s->port[i]))
            port = 65536;
        else
            port = port * 10 + (unsigned)(s->port[i] - '0');
    }
    if (s->port != NULL && (port == 0 || port > 65535))
        return err_set(e, "the port must be a number from 1 to 65535, not \"%.*s\"",
                       s->port_len > 100 ? 100 : (int)s->port_len, s->port);
    return true;
}

/* NULL if a decoded byte would be a control character. */
static char *percent_decode(const char *text, size_t len)
{
    struct buf out = {0};
    encode_undo_percent(&out, text, len, false);
    bool ok = true;
    for (size_t i = 0; i < out.len && ok; i++)
        ok = (unsigned char)out.data[i] >= ' ' && out.data[i] != 0x7f;
    char *plain = ok ? buf_take(&out) : NULL;
    buf_finish(&out);
    return plain;
}

static char *lower(const char *text, size_t len)
{
    char *out = mem_strndup(text, len);
    for (char *c = out; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    return out;
}

bool url_parse(struct url *u, const char *text, struct err *e)
{
    struct pieces s;
    *u = (struct url){0};
    if (*text == '\0')
        return err_set(e, "the URL is empty");
    if (strlen(text) > URL_MAX)
        return err_set(e, "the URL is longer than %d bytes", URL_MAX);
    if (!all_visible(text))
        return err_set(e, "the URL holds a blank or a control character (write %%20 for a blank)");
    if (!split(text, &s, e) || !host_ok(&s, e) || !port_ok(&s, e))
        return false;
    if (s.userinfo != NULL) {
        u->userinfo = percent_decode(s.userinfo, s.userinfo_len);
        if (u->userinfo == NULL)
            return err_set(e, "the user name or password in the URL holds a control character");
    }
    u->host = lower(s.host, s.host_len);
    u->origin =
        mem_printf("%s://%s%s%.*s", s.https ? "https" : "http", u->host, s.port != NULL ? ":" : "",
                   (int)s.port_len, s.port != NULL ? s.port : "");
    u->path = s.path_len > 0 ? mem_strndup(s.path, s.path_len) : mem_strdup("/");
    u->query = s.query != NULL ? mem_strndup(s.query, s.query_len) : NULL;
    return true;
}

void url_finish(struct url *u)
{
    free(u->origin);
    free(u->host);
    free(u->userinfo);
    free(u->path);
    free(u->query);
    *u = (struct url){0};
}
