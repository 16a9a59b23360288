/* SPDX-License-Identifier: MIT */
#include "src/import/intake.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/import/lang.h"
#include "src/import/multipart.h"
#include "src/script/encode.h"
#include "src/script/jsontext.h"

#define MAX_FIELDS 150 /* a group of a profile holds 200 settings */
#define MAX_HOST 255
#define MAX_COOKIES 100
#define MAX_HEADER_NAME 120
#define MAX_HEADER 8000
#define MAX_HEADER_BYTES 12000
#define MAX_HEADERS 50 /* a request has 64, the profile's own among them */

/* ---------------------------------------------------------------------- URLs */

/* "host", "host:80", "[::1]:80" */
static bool authority_ok(const char *text, size_t len)
{
    size_t host = 0, port;
    if (len > 0 && *text == '[') {
        while (host < len && text[host] != ']')
            host++;
        host += host < len;
        if (host < 4 || strspn(text + 1, "0123456789abcdefABCDEF:.") != host - 2)
            return false;
    } else {
        while (host < len && (isalnum((unsigned char)text[host]) ||
                              ((unsigned char)text[host]) >= 0x80 || strchr("._-", text[host])))
            host++;
        if (host == 0 || *text == '.' || *text == '-' || host > MAX_HOST)
            return false;
    }
    if (host == len)
        return true;
    unsigned v = 0;
    for (port = host + 1; port < len && isdigit((unsigned char)text[port]) && v < 65536; port++)
        v = v * 10 + (unsigned)(text[port] - '0');
    return text[host] == ':' && port == len && v > 0 && v < 65536;
}

/* The character at text goes out in a query as it is, as curl has it: it is one, and visible. */
static size_t plain_in_query(const char *text, size_t len)
{
    uint32_t cp;
    char clean[16];
    size_t n = clean_decode(text, len, &cp);
    return n > 1 && clean_text(clean, sizeof clean, text, n) == n && memcmp(clean, text, n) == 0
               ? n
               : 0;
}

/* curl's URL: digits of what it encodes in a path are small; in a query it encodes nothing. */
static void add_exact(struct buf *out, const char *text, size_t len)
{
    bool query = false;
    for (size_t i = 0; i < len;) {
        bool variable;
        size_t special = lang_special(text + i, &variable);
        unsigned char c = (unsigned char)text[i];
        size_t plain = query && c >= 0x80 ? plain_in_query(text + i, len - i) : 0;
        query |= c == '?';
        if (special > 0 && i + special <= len)
            plain = special;
        if (plain > 0)
            buf_add(out, text + i, plain);
        else if (c <= ' ' || c >= 0x7f)
            buf_printf(out, "%%%02x", c);
        else
            buf_char(out, (char)c);
        i += plain > 0 ? plain : 1;
    }
}

/* A part of a URL with what may not stand in one encoded; variables stay. */
static void add_encoded(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        bool variable;
        size_t special = lang_special(text + i, &variable);
        unsigned char c = (unsigned char)text[i];
        if (special > 0 && i + special <= len) {
            buf_add(out, text + i, special);
            i += special;
            continue;
        }
        if (c <= ' ' || c >= 0x7f || c == '"')
            buf_printf(out, "%%%02X", c);
        else
            buf_char(out, (char)c);
        i++;
    }
}

/* Decoded if that makes text; or else as it stands. */
static char *userinfo_part(const char *text, size_t len)
{
    size_t n;
    char *plain = lang_percent_decode(text, len, false, &n);
    char *out = lang_utf8(plain, n) ? lang_literal(plain, n) : mem_strndup(text, len);
    free(plain);
    return out;
}

static void set_userinfo(struct tr_request *q, const char *text, size_t len)
{
    const char *colon = memchr(text, ':', len);
    size_t user = colon != NULL ? (size_t)(colon - text) : len;
    size_t at = colon != NULL ? user + 1 : len;
    free(q->user);
    free(q->password);
    q->user = userinfo_part(text, user);
    q->password = userinfo_part(text + at, len - at);
}

static const char *after_scheme(const char *url, bool *https, struct err *e)
{
    size_t n = strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
    *https = strncasecmp(url, "https://", 8) == 0;
    if (*https || strncasecmp(url, "http://", 7) == 0)
        return url + n + 3;
    if (n > 0 && strncmp(url + n, "://", 3) == 0) {
        err_set(e, "only http and https can be loaded, not \"%.*s\".", n > 40 ? 40 : (int)n, url);
        return NULL;
    }
    return url;
}

bool intake_url(struct tr_request *q, const char *url, struct err *e)
{
    bool https;
    const char *host = after_scheme(url, &https, e);
    if (host == NULL)
        return false;
    size_t len = strcspn(host, "/?#");
    const char *path = host + len, *at = memrchr(host, '@', len);
    size_t before = at != NULL ? (size_t)(at - host) + 1 : 0;
    if (strstr(host, "${") != NULL && strstr(host, "${") < path)
        return err_set(e, "the host of the URL must be written out; a variable cannot stand there "
                          "(ramptop --host sets another one later).");
    if (!authority_ok(host + before, len - before)) {
        char shown[120];
        clean_text(shown, sizeof shown, host + before, len - before);
        return err_set(e, "\"%s\" is not a host to send requests to.", shown);
    }
    if (at != NULL)
        set_userinfo(q, host, before - 1);
    free(q->origin);
    free(q->path);
    q->origin =
        mem_printf("%s://%.*s", https ? "https" : "http", (int)(len - before), host + before);
    for (char *c = q->origin; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    struct buf out = {0};
    if (*path != '/')
        buf_char(&out, '/');
    if (q->exact)
        add_exact(&out, path, strcspn(path, "#"));
    else
        add_encoded(&out, path, strcspn(path, "#"));
    q->path = buf_take(&out);
    return true;
}

void intake_braces(struct transcript *r, struct tr_request *q)
{
    struct buf out = {0};
    size_t path = strcspn(q->path, "?"), plain = 0;
    for (size_t i = 0; i < path; i++) {
        bool variable;
        size_t special = lang_special(q->path + i, &variable);
        bool brace = special > 0 ? !variable : strchr("{}", q->path[i]) != NULL;
        plain += brace;
        if (special > 0 && variable)
            buf_add(&out, q->path + i, special);
        else if (brace)
            buf_text(&out, special > 0 ? "$%7B" : q->path[i] == '{' ? "%7B" : "%7D");
        else
            buf_char(&out, q->path[i]);
        i += special > 0 ? special - 1 : 0;
    }
    if (plain > 0) {
        tr_note(r, "Changed: braces in a path are sent as %%7B and %%7D.");
        buf_text(&out, q->path + path);
        free(q->path);
        q->path = buf_take(&out);
    }
    buf_finish(&out);
}

/* ------------------------------------------------------------------- headers */

static bool in_list(const char *name, const char *const *list)
{
    for (; *list != NULL; list++) {
        size_t n = strlen(*list);
        bool prefix = (*list)[n - 1] == '-';
        if (prefix ? strncasecmp(name, *list, n) == 0 : strcasecmp(name, *list) == 0)
            return true;
    }
    return false;
}

/* A header of these names holds a single value: the last of several counts. */
static bool has_one_value(const char *name)
{
    static const char *const list[] = {"Content-Type", "User-Agent", "Referer",       "Origin",
                                       "Host",         "Range",      "Authorization", NULL};
    return in_list(name, list);
}

/* Somebody who loads a cache on purpose wants them back. */
static bool of_cache(const char *name)
{
    static const char *const list[] = {"Cache-Control", "Pragma", "If-None-Match",
                                       "If-Modified-Since", NULL};
    return in_list(name, list);
}

/* Headers that the client sets by itself, that belong to one connection, that only a browser's
 * cache and its tools say. */
static bool dropped(const char *name)
{
    static const char *const list[] = {"Connection",
                                       "Content-Length",
                                       "Transfer-Encoding",
                                       "Keep-Alive",
                                       "Proxy-",
                                       "TE",
                                       "Trailer",
                                       "Upgrade",
                                       "Upgrade-Insecure-Requests",
                                       "HTTP2-Settings",
                                       "Expect",
                                       "Sec-",
                                       "DNT",
                                       "Priority",
                                       "X-Client-Data",
                                       "X-DevTools-",
                                       "Purpose",
                                       "Save-Data",
                                       NULL};
    return *name == ':' || in_list(name, list);
}

static bool value_ok(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
            return false;
    }
    return strlen(text) <= MAX_HEADER;
}

/* As the program itself would write it: whole groups, and no bits that mean nothing. */
static bool is_base64(const char *text)
{
    size_t n, len = strlen(text);
    char *plain = lang_base64_decode(text, len, &n);
    struct buf again = {0};
    if (plain != NULL)
        encode_base64(&again, plain, n);
    bool same = plain != NULL && again.len == len && memcmp(again.data, text, len) == 0;
    buf_finish(&again);
    free(plain);
    return same;
}

/* Basic and bearer have settings of their own; false for other schemes. */
static bool authorization(struct tr_request *q, const char *text)
{
    size_t scheme = strcspn(text, " "), n;
    const char *rest = text + scheme + strspn(text + scheme, " ");
    bool exact = rest == text + scheme + 1 &&
                 (strncmp(text, "Bearer", 6) == 0 || strncmp(text, "Basic", 5) == 0);
    if (*rest == '\0' || (q->exact && (!exact || q->bearer != NULL || q->user != NULL)))
        return false;
    if (scheme == 6 && strncasecmp(text, "Bearer", 6) == 0) {
        free(q->bearer);
        q->bearer = mem_strdup(rest);
        return true;
    }
    if (scheme != 5 || strncasecmp(text, "Basic", 5) != 0 || (q->exact && !is_base64(rest)))
        return false;
    char *plain = lang_base64_decode(rest, strlen(rest), &n);
    char *colon = plain != NULL ? memchr(plain, ':', n) : NULL;
    bool ok = colon != NULL && lang_utf8(plain, n);
    if (ok) {
        free(q->user);
        free(q->password);
        q->user = lang_literal(plain, (size_t)(colon - plain));
        q->password = lang_literal(colon + 1, n - (size_t)(colon - plain) - 1);
    }
    free(plain);
    return ok;
}

/* Set by the scripts of advertisers, of no use to the target.  A name that only begins alike
 * ("_gateway_session") is the target's own. */
static bool is_analytics(const char *name)
{
    static const char *const wholes[] = {"_ga",   "_gid",  "_gat",           "_fbp", "_fbc",
                                         "_clck", "_clsk", "OptanonConsent", NULL};
    static const char *const begins[] = {"_ga_",  "_gat_", "_gcl_", "__utm", "_hjS",       "_hjI",
                                         "_hjid", "_pk_",  "_uet",  "ajs_",  "amplitude_", NULL};
    size_t len = strlen(name);
    return words_have(wholes, name) || words_begin(begins, name) ||
           (len > 12 && strncmp(name, "mp_", 3) == 0 && strcmp(name + len - 9, "_mixpanel") == 0);
}

static void intake_add_cookie(struct transcript *r, struct tr_request *q, const char *name,
                              char *value)
{
    bool analytics = !q->exact && is_analytics(name);
    if (analytics)
        tr_note(r, "Left out: cookies of analytics scripts.");
    if (!analytics && q->cookies.n == MAX_COOKIES)
        tr_note(r, "Left out: cookies beyond %d of one request.", MAX_COOKIES);
    if (!analytics && q->cookies.n < MAX_COOKIES)
        tr_field_add(&q->cookies, name, value);
    else
        free(value);
}

/* "a=1; b=2" */
static void intake_cookies(struct transcript *r, struct tr_request *q, const char *text)
{
    while (*text != '\0') {
        text += strspn(text, "; \t");
        size_t len = strcspn(text, ";");
        const char *equals = memchr(text, '=', len);
        if (equals != NULL && equals > text) {
            char *name = mem_strndup(text, (size_t)(equals - text));
            size_t n = len - (size_t)(equals - text) - 1;
            while (n > 0 && (equals[n] == ' ' || equals[n] == '\t'))
                n--;
            intake_add_cookie(r, q, name, mem_strndup(equals + 1, n));
            free(name);
        }
        text += len;
    }
}

/* Can a line of a profile's list of headers hold it? */
static bool header_name_ok(const char *name)
{
    for (const char *c = name; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && strchr("!#%&'*+-.^_`|~", *c) == NULL)
            return false;
    return *name != '\0' && strlen(name) <= MAX_HEADER_NAME;
}

static void keep_header(struct transcript *r, struct tr_request *q, const char *name,
                        const char *text)
{
    struct tr_field *twin = tr_field_find(&q->headers, name);
    size_t bytes = strlen(text);
    for (size_t i = 0; i < q->headers.n; i++)
        bytes += strlen(q->headers.items[i].name) + strlen(q->headers.items[i].text);
    if (bytes > MAX_HEADER_BYTES || (q->headers.n >= MAX_HEADERS && twin == NULL)) {
        tr_note(r, "Left out: headers beyond %d or %d bytes of one request.", MAX_HEADERS,
                MAX_HEADER_BYTES);
        return;
    }
    if (!header_name_ok(name) || !value_ok(text)) {
        tr_note(r, "Left out: the header \"%.60s\", as a profile cannot hold its %s.", name,
                header_name_ok(name) ? "value" : "name");
        return;
    }
    if (twin == NULL || !has_one_value(name) || q->exact) {
        tr_field_add(&q->headers, name, mem_strdup(text));
    } else {
        free(twin->text);
        twin->text = mem_strdup(text);
    }
}

/* The encodings that the program can undo are asked for; another choice is said. */
static void accept_encoding(struct transcript *r, struct tr_request *q, const char *text,
                            bool zipped)
{
    q->gzip = zipped;
    if (strcasecmp(text, "gzip, deflate") != 0 && zipped)
        tr_note(r, "Changed: Accept-Encoding is \"gzip, deflate\".");
    else if (!zipped)
        tr_note(r, "Left out: Accept-Encoding without gzip.");
}

/* The cookies of a command go out as they are: settings say them where they give the same text
 * again. */
static bool cookies_ok(const struct tr_request *q, const char *text)
{
    struct transcript nothing = {0};
    struct tr_request parsed = {.exact = true};
    struct buf again = {0};
    if (!q->exact)
        return true;
    if (q->cookies.n > 0 || tr_field_find(&q->headers, "Cookie") != NULL)
        return false;
    intake_cookies(&nothing, &parsed, text);
    buf_text(&again, "");
    for (size_t i = 0; i < parsed.cookies.n; i++)
        buf_printf(&again, "%s%s=%s", i > 0 ? "; " : "", parsed.cookies.items[i].name,
                   parsed.cookies.items[i].text);
    bool same = strcmp(again.data, text) == 0;
    buf_finish(&again);
    tr_request_finish(&parsed);
    tr_finish(&nothing);
    return same;
}

void intake_header(struct transcript *r, struct tr_request *q, const char *name, const char *text)
{
    bool zipped = strcasestr(text, "gzip") != NULL || strcasestr(text, "deflate") != NULL;
    if (strcasecmp(name, "Accept-Encoding") == 0 && (zipped || !q->exact))
        accept_encoding(r, q, text, zipped);
    else if (strcasecmp(name, "Cookie") == 0 && value_ok(text) && cookies_ok(q, text))
        intake_cookies(r, q, text);
    else if (strcasecmp(name, "Authorization") == 0 && value_ok(text) && authorization(q, text))
        return;
    else if (q->exact)
        keep_header(r, q, name, text);
    else if (of_cache(name))
        tr_note(r, "Left out: headers about the client's own cache (Cache-Control and the "
                   "like).");
    else if (dropped(name))
        tr_drop(r, name);
    else
        keep_header(r, q, name, text);
}

/* -------------------------------------------------------------------- bodies */

static bool form_name(const char *text, size_t len, char **name)
{
    char *plain = lang_plain(text, len);
    if (plain == NULL)
        return false;
    *name = lang_percent_decode(plain, strlen(plain), true, NULL);
    free(plain);
    return true;
}

/* Decodes one "a=b"; false if it is something else. */
static bool form_field(struct tr_fields *f, const char *text, size_t len)
{
    const char *equals = memchr(text, '=', len);
    char *name = NULL, *value = NULL, *plain;
    size_t n = 0;
    bool ok = equals != NULL && form_name(text, (size_t)(equals - text), &name);
    if (ok) {
        plain = lang_plain(equals + 1, len - (size_t)(equals - text) - 1);
        ok = plain != NULL;
        if (ok)
            value = lang_percent_decode(plain, strlen(plain), true, &n);
        free(plain);
    }
    ok = ok && lang_setting_ok(name) && lang_utf8(value, n) && tr_field_find(f, name) == NULL;
    if (ok)
        tr_field_add(f, name, lang_literal(value, n));
    free(name);
    free(value);
    return ok;
}

/* Would the program write the same text again? */
static bool same_form(const struct tr_fields *f, const char *text)
{
    struct buf again = {0};
    buf_text(&again, "");
    for (size_t i = 0; i < f->n; i++) {
        char *plain = lang_plain(f->items[i].text, strlen(f->items[i].text));
        buf_printf(&again, "%s%s=", i > 0 ? "&" : "", f->items[i].name);
        encode_form(&again, plain, strlen(plain));
        free(plain);
    }
    bool same = strcmp(again.data, text) == 0;
    buf_finish(&again);
    return same;
}

/* "a=1&b=2", percent-encoded, as the fields of a form; false (and nothing is changed) if the
 * program would not write the same text again. */
static bool intake_form(struct tr_request *q, const char *text)
{
    const char *start = text;
    struct tr_fields f = {0};
    bool ok = *text != '\0';
    while (ok && *text != '\0') {
        size_t len = strcspn(text, "&");
        ok = f.n < MAX_FIELDS && form_field(&f, text, len);
        text += len + (text[len] == '&');
    }
    if (!ok || !same_form(&f, start)) {
        while (f.n > 0)
            tr_field_remove(&f, f.n - 1);
        free(f.items);
        return false;
    }
    tr_body_clear(q);
    q->body = TR_FORM;
    q->form = f;
    return true;
}

static void drop_header(struct tr_request *q, const char *name)
{
    struct tr_field *f = tr_field_find(&q->headers, name);
    if (f != NULL)
        tr_field_remove(&q->headers, (size_t)(f - q->headers.items));
}

static bool has_twin(const struct tr_fields *f, const struct tr_field *one)
{
    for (size_t i = 0; i < f->n; i++)
        if (&f->items[i] != one && strcasecmp(f->items[i].name, one->name) == 0)
            return true;
    return false;
}

/* "application/json", with nothing behind it that the program would not say itself. */
static bool is_plain_json(const char *type)
{
    return strcasecmp(type, "application/json") == 0;
}

static bool is_json(const char *type)
{
    size_t n = strcspn(type, "; ");
    return (n == 16 && strncasecmp(type, "application/json", n) == 0) ||
           (n > 5 && strncasecmp(type + n - 5, "+json", 5) == 0);
}

void intake_body(struct transcript *r, struct tr_request *q, const char *text)
{
    struct tr_field *header = tr_field_find(&q->headers, "Content-Type");
    const char *type = header != NULL ? header->text : "application/x-www-form-urlencoded";
    struct err flaw;
    tr_body_clear(q);
    if (strlen(text) > INTAKE_MAX_BODY) {
        q->body = TR_PAYLOAD;
        q->payload_bytes = strlen(text);
        tr_note(r,
                "A body of %zu bytes is too long for a profile; generated bytes stand in its "
                "place (file = \"PATH\" would send a file).",
                strlen(text));
        return;
    }
    bool form = strcasecmp(type, "application/x-www-form-urlencoded") == 0;
    bool single = header == NULL || !has_twin(&q->headers, header);
    if (strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0 && intake_form(q, text)) {
        if (form && single)
            drop_header(q, "Content-Type");
        return;
    }
    if (strncasecmp(type, "multipart/form-data", 19) == 0) {
        multipart_note_empty(r, text);
        if (!q->exact && multipart_read(q, type, text)) {
            drop_header(q, "Content-Type");
            return;
        }
    }
    bool json = is_json(type) && json_text_ok(text, &flaw);
    q->body = json ? TR_JSON : TR_TEXT;
    q->body_text = mem_strdup(text);
    if (single && (json ? is_plain_json(type) : form))
        drop_header(q, "Content-Type");
}

void intake_bytes(struct transcript *r, struct tr_request *q, const char *bytes, size_t len)
{
    if (memchr(bytes, '\0', len) != NULL || len > INTAKE_MAX_BODY) {
        tr_body_clear(q);
        q->body = TR_PAYLOAD;
        q->payload_bytes = len;
        tr_note(r,
                "A body of %zu bytes is no text for a profile; generated bytes stand in its "
                "place (file = \"PATH\" would send a file).",
                len);
        return;
    }
    char *text = lang_literal(bytes, len);
    intake_body(r, q, text);
    free(text);
}
