/* SPDX-License-Identifier: MIT */
/* curl's command line -> a transcript.  One command may ask for several URLs, and several
 * commands may be pasted at once; each URL is a request. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/import/curl_command.h"
#include "src/import/glob.h"
#include "src/import/import.h"
#include "src/import/intake.h"
#include "src/import/lang.h"
#include "src/import/secrets.h"
#include "src/import/arrange.h"
#include "src/import/shell.h"
#include "src/import/write.h"

#define MAX_COMMAND (1024u * 1024)
#define MAX_URLS 200
#define MAX_SECONDS 3600

static const char *shown_word(char out[80], const char *text)
{
    clean_text(out, 80, text, strlen(text));
    return out;
}

/* ------------------------------------------------------------------- options */

/* The value of the last one; NULL if it was not given. */
static const char *curl_last(const struct curl_reader *rd, enum curl_act act)
{
    const char *value = NULL;
    for (size_t i = 0; i < rd->n; i++) {
        if (rd->items[i].option->act == act)
            value = rd->items[i].value;
    }
    return value;
}

bool curl_has(const struct curl_reader *rd, enum curl_act act)
{
    for (size_t i = 0; i < rd->n; i++) {
        if (rd->items[i].option->act == act)
            return true;
    }
    return false;
}

static bool give_option(struct curl_reader *rd, const struct curl_option *o, const char *value)
{
    if (o->act == CURL_NO)
        return err_set(rd->e,
                       "curl's option --%s makes a request that a profile cannot describe; "
                       "leave it out.",
                       o->name);
    if (o->act == CURL_ELSEWHERE)
        return err_set(rd->e,
                       "curl's option --%s sends the request to another machine than its URL says; "
                       "write that machine into the URL, and the name into -H 'Host: ...'.",
                       o->name);
    if (o->act == CURL_NOTED)
        tr_note(&rd->r, "Left out: curl's option --%s.", o->name);
    rd->items = mem_room(rd->items, rd->n, sizeof *rd->items);
    rd->items[rd->n++] = (struct curl_given){o, value};
    return true;
}

static bool curl_unknown_option(struct curl_reader *rd, const char *word)
{
    char name[80], given[80];
    snprintf(name, sizeof name, "%.70s", word + 2);
    name[strcspn(name, "=")] = '\0';
    const char *near = curl_option_nearest(name);
    shown_word(given, name);
    if (near != NULL)
        return err_set(rd->e, "\"--%s\" is not an option of curl (did you mean \"--%s\"?).", given,
                       near);
    return err_set(rd->e, "\"--%s\" is not an option of curl.", given);
}

static bool missing_value(struct curl_reader *rd, const struct curl_option *o)
{
    return err_set(rd->e,
                   "curl's option --%s needs a value behind it; was all of the command "
                   "pasted?",
                   o->name);
}

/* --no-NAME: what was given of it counts no more. */
static void take_back(struct curl_reader *rd, enum curl_act act)
{
    size_t kept = 0;
    for (size_t i = 0; i < rd->n; i++)
        if (act == CURL_QUIET || act == CURL_NOTED || rd->items[i].option->act != act)
            rd->items[kept++] = rd->items[i];
    rd->n = kept;
}

/* --name VALUE, --name=VALUE, --no-name; *used is set when the next word is the value. */
static bool long_option(struct curl_reader *rd, const char *word, const char *next, bool *used)
{
    const char *name = word + 2, *equals = strchr(name, '=');
    size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct curl_option *o = curl_option_long(name, len);
    *used = false;
    if (o == NULL && len > 3 && strncmp(name, "no-", 3) == 0) {
        o = curl_option_long(name + 3, len - 3);
        if (o != NULL && !o->value) {
            take_back(rd, o->act);
            return true;
        }
        o = NULL;
    }
    if (o == NULL)
        o = curl_option_begun(name, len);
    if (o == NULL)
        return curl_unknown_option(rd, word);
    if (strlen(o->name) > len && (len < 3 || strncmp(name, "no-", 3) != 0))
        tr_note(&rd->r, "\"--%.*s\" is read as --%s.", (int)len, name, o->name);
    if (!o->value)
        return equals == NULL ? give_option(rd, o, NULL)
                              : err_set(rd->e, "curl's option --%s takes no value.", o->name);
    if (equals != NULL)
        return give_option(rd, o, equals + 1);
    *used = true;
    return next != NULL ? give_option(rd, o, next) : missing_value(rd, o);
}

/* -sSLk, -XPOST, -X POST */
static bool short_options(struct curl_reader *rd, const char *word, const char *next, bool *used)
{
    *used = false;
    for (const char *c = word + 1; *c != '\0'; c++) {
        const struct curl_option *o = curl_option_short(*c);
        char letter[80];
        if (o == NULL) {
            char one[2] = {*c, '\0'};
            return err_set(rd->e, "\"-%s\" is not an option of curl.", shown_word(letter, one));
        }
        if (!o->value) {
            if (!give_option(rd, o, NULL))
                return false;
            continue;
        }
        if (c[1] != '\0')
            return give_option(rd, o, c + 1);
        *used = true;
        return next != NULL ? give_option(rd, o, next) : missing_value(rd, o);
    }
    return true;
}

/* -------------------------------------------------------------------- headers */

static void header_off(struct tr_request *q, const char *name)
{
    tr_field_add(&q->headers, name, mem_strdup(""));
    q->headers.items[q->headers.n - 1].off = true;
}

/* "Name: value", "Name;" (empty), "Name:" (curl's own header is not sent) */
static void header_line(struct curl_reader *rd, struct tr_request *q, const char *line)
{
    line += strspn(line, " \t");
    size_t name_len = strcspn(line, ":;");
    const char *value = line + name_len;
    bool empty = *value == ';' && value[1 + strspn(value + 1, " \t")] == '\0';
    if (*value == '\0' || name_len == 0 || (*value == ';' && !empty))
        return; /* curl does not send such a one */
    value += 1 + strspn(value + 1, " \t");
    size_t len = strlen(value);
    while (len > 0 && strchr(" \t\r\n", value[len - 1]) != NULL)
        len--;
    while (name_len > 0 && strchr(" \t", line[name_len - 1]) != NULL)
        name_len--;
    char *name = mem_strndup(line, name_len), *text = mem_strndup(value, empty ? 0 : len);
    const char *host = q->origin != NULL ? strstr(q->origin, "://") + 3 : "";
    if (len == 0 && !empty)
        header_off(q, name);
    else if (strcasecmp(name, "Host") != 0 || strcasecmp(text, host) != 0)
        intake_header(&rd->r, q, name, text);
    free(name);
    free(text);
}

/* @FILE: a line for each. */
static bool header_file(struct curl_reader *rd, struct tr_request *q, const char *file)
{
    struct err why;
    char *text = curl_content(rd, file, CURL_AS_IT_IS, NULL, &why);
    if (text == NULL)
        return err_set(rd->e, "the headers are in a file (-H @FILE) that is not there; put them in "
                              "its place.");
    tr_note(&rd->r, "What the file \"%.100s\" held when this was made is written out here.", file);
    for (char *line = text, *end; *line != '\0'; line = end) {
        end = line + strcspn(line, "\n");
        end += *end != '\0';
        char *one = mem_strndup(line, (size_t)(end - line));
        if (*line != '#')
            header_line(rd, q, one);
        free(one);
    }
    free(text);
    return true;
}

static void simple_header(struct curl_reader *rd, struct tr_request *q, const char *name,
                          const char *text)
{
    if (text != NULL && *text != '\0' && tr_field_find(&q->headers, name) == NULL)
        intake_header(&rd->r, q, name, text);
}

/* -r 0-99; -r 100 and -C 100 ask for the rest. */
static void range_header(struct curl_reader *rd, struct tr_request *q)
{
    const char *range = curl_last(rd, CURL_RANGE), *from = curl_last(rd, CURL_CONTINUE);
    bool at = from != NULL && *from != '\0' && from[strspn(from, "0123456789")] == '\0';
    if (from != NULL && !at)
        tr_note(&rd->r, "Left out: curl's option --continue-at.");
    range = range != NULL ? range : at && strtol(from, NULL, 10) > 0 ? from : NULL;
    if (range == NULL)
        return;
    char *text = mem_printf("bytes=%s%s", range, strchr(range, '-') != NULL ? "" : "-");
    simple_header(rd, q, "Range", text);
    free(text);
}

/* Several -b are one text, as curl joins them; a header Cookie counts before them. */
static void add_cookies_of_curl(struct curl_reader *rd, struct tr_request *q)
{
    struct buf all = {0};
    for (size_t i = 0; i < rd->n; i++) {
        const char *value = rd->items[i].value;
        if (rd->items[i].option->act == CURL_JAR)
            rd->cookie_engine = true;
        if (rd->items[i].option->act != CURL_COOKIE)
            continue;
        if (strchr(value, '=') == NULL) {
            rd->cookie_engine = true;
            if (*value != '\0')
                tr_note(&rd->r, "Left out: the file of cookies (-b).");
            continue;
        }
        buf_printf(&all, "%s%s", all.len > 0 ? ";" : "", value);
    }
    if (all.len > 0 && tr_field_find(&q->headers, "Cookie") == NULL && q->cookies.n == 0)
        intake_header(&rd->r, q, "Cookie", all.data);
    buf_finish(&all);
}

static bool add_headers_of_curl(struct curl_reader *rd, struct tr_request *q)
{
    for (size_t i = 0; i < rd->n; i++) {
        const char *line = rd->items[i].value;
        if (rd->items[i].option->act != CURL_HEADER)
            continue;
        if (*line != '@')
            header_line(rd, q, line);
        else if (!header_file(rd, q, line + 1))
            return false;
    }
    const char *agent = curl_last(rd, CURL_AGENT);
    simple_header(rd, q, "User-Agent", agent);
    if (agent == NULL && tr_field_find(&q->headers, "User-Agent") == NULL)
        tr_note(&rd->r, "Left out: curl's own User-Agent (a header User-Agent sets one).");
    char *referer = mem_strdup(curl_last(rd, CURL_REFERER));
    char *automatic = referer != NULL ? strstr(referer, ";auto") : NULL;
    if (automatic != NULL)
        *automatic = '\0';
    simple_header(rd, q, "Referer", referer);
    free(referer);
    range_header(rd, q);
    add_cookies_of_curl(rd, q);
    return true;
}

static void drop_auth(struct tr_request *q)
{
    free(q->user);
    free(q->password);
    free(q->bearer);
    q->user = q->password = q->bearer = NULL;
}

/* A header Authorization counts before all, then the bearer, then -u, then the URL's. */
static void authentication(struct curl_reader *rd, struct tr_request *q, bool typed)
{
    const char *user = curl_last(rd, CURL_USER), *bearer = curl_last(rd, CURL_BEARER);
    if (typed)
        return;
    if (bearer != NULL) {
        drop_auth(q);
        q->bearer = mem_strdup(bearer);
        return;
    }
    if (user == NULL)
        return;
    size_t len = 0; /* up to the colon that is not within ${env:NAME} */
    while (user[len] != '\0' && user[len] != ':') {
        bool variable;
        size_t special = lang_special(user + len, &variable);
        len += special > 0 ? special : 1;
    }
    drop_auth(q);
    q->user = mem_strndup(user, len);
    bool asked = user[len] != ':' && len > 0;
    q->password =
        user[len] == ':' ? mem_strdup(user + len + 1) : mem_strdup(asked ? "${env:PASSWORD}" : "");
    if (asked)
        tr_note(&rd->r, "curl asks for the password (-u); here it is PASSWORD in the environment.");
}

/* --------------------------------------------------------------------- method */

static bool is_plain_method(const char *text)
{
    static const char *const common[] = {"GET",    "HEAD",    "POST",  "PUT", "PATCH",
                                         "DELETE", "OPTIONS", "TRACE", NULL};
    size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-");
    const char *near = words_nearest(text, common);
    return n > 0 && n <= 20 && text[n] == '\0' && isupper((unsigned char)*text) &&
           (near == NULL || strcmp(near, text) == 0);
}

/* A request is counted under a method as people write it; curl's is sent word for word. */
static bool custom_method(struct curl_reader *rd, struct tr_request *q, const char *text)
{
    char word[80], upper[24] = "";
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)text[i]) && strchr("!#%&'*+-.^_`|~", text[i]) == NULL)
            n = 0;
    if (n == 0 || n > 20 || strcasecmp(text, "CONNECT") == 0) {
        q->method = mem_strdup("GET");
        return err_set(rd->e, "\"%s\" is not a method that can be loaded.", shown_word(word, text));
    }
    for (size_t i = 0; i < n; i++)
        upper[i] = (char)toupper((unsigned char)text[i]);
    bool plain = is_plain_method(upper);
    q->method = mem_strdup(plain ? upper : q->body != TR_NONE ? "POST" : "GET");
    if (strcmp(q->method, text) != 0)
        q->sent_method = mem_strdup(text);
    return true;
}

static bool set_method_of_curl(struct curl_reader *rd, struct tr_request *q)
{
    const char *text = curl_last(rd, CURL_METHOD);
    bool body = q->body != TR_NONE, upload = body && curl_has(rd, CURL_UPLOAD);
    free(q->method);
    q->method = NULL;
    if (text != NULL && !custom_method(rd, q, text))
        return false;
    if (text == NULL)
        q->method = mem_strdup(curl_has(rd, CURL_HEAD) ? "HEAD"
                               : upload                ? "PUT"
                               : body                  ? "POST"
                                                       : "GET");
    if (strcmp(q->method, "HEAD") == 0 && body)
        return err_set(rd->e, "the command asks for the head only and has a body as well; leave "
                              "one of the two out.");
    return true;
}

/* ------------------------------------------------------------------- requests */

static bool set_numbers_of_curl(struct curl_reader *rd, struct tr_request *q)
{
    const char *time = curl_last(rd, CURL_TIMEOUT), *redirects = curl_last(rd, CURL_REDIRECTS);
    char word[80], *end;
    if (time != NULL) {
        q->timeout_s = strtod(time, &end);
        if (end == time || *end != '\0' || !isfinite(q->timeout_s) || q->timeout_s < 0)
            return err_set(rd->e, "\"%s\" is not a number of seconds for --max-time.",
                           shown_word(word, time));
        if (q->timeout_s > MAX_SECONDS)
            q->timeout_s = MAX_SECONDS;
        if (q->timeout_s > 0 && q->timeout_s < 0.001)
            q->timeout_s = 0.001;
    }
    if (redirects != NULL) {
        long v = strtol(redirects, &end, 10);
        if (end == redirects || *end != '\0')
            return err_set(rd->e, "\"%s\" is not a number for --max-redirs.",
                           shown_word(word, redirects));
        q->max_redirects = v == 0 ? -1 : v < 0 || v > 50 ? 50 : (int)v;
        q->follow = q->follow && v != 0;
    }
    return true;
}

/* The headers that say how long a body is become the program's own, as far as they are the same. */
static void settle_framing(struct curl_reader *rd, struct tr_request *q)
{
    const char *sent = q->sent_method != NULL ? q->sent_method : q->method;
    bool body = q->body != TR_NONE, post = strcmp(sent, "POST") == 0;
    struct tr_field *length = tr_field_find(&q->headers, "Content-Length"),
                    *coding = tr_field_find(&q->headers, "Transfer-Encoding");
    if (coding != NULL && (!body || coding->off || strcasecmp(coding->text, "chunked") != 0)) {
        if (!coding->off)
            tr_note(&rd->r, "Left out: Transfer-Encoding, which goes with a body only.");
        tr_field_remove(&q->headers, (size_t)(coding - q->headers.items));
        length = tr_field_find(&q->headers, "Content-Length");
    }
    if (length == NULL && post && !body)
        header_off(q, "Content-Length"); /* curl sends none where -X says POST */
    if (length == NULL || (!body && length->off) ||
        (!body && !post && strcmp(length->text, "0") == 0))
        return;
    char *plain =
        body && q->body_text != NULL ? lang_plain(q->body_text, strlen(q->body_text)) : NULL;
    bool same = q->body != TR_FILE && plain != NULL && !length->off &&
                strtoul(length->text, NULL, 10) == strlen(plain);
    same = same || (!body && strcmp(length->text, "0") == 0);
    if (!same)
        tr_note(&rd->r, "Changed: Content-Length is what the body has.");
    free(plain);
    tr_field_remove(&q->headers, (size_t)(length - q->headers.items));
}

/* Curl's way to the server, as far as a profile says it in other words. */
static void connection(struct curl_reader *rd, struct tr_request *q)
{
    bool tls = strncmp(q->origin, "https:", 6) == 0, prior = curl_has(rd, CURL_HTTP2_PRIOR);
    q->insecure = curl_has(rd, CURL_INSECURE);
    q->follow = curl_has(rd, CURL_FOLLOW);
    q->gzip = q->gzip || curl_has(rd, CURL_GZIP);
    q->http2 = prior || (tls && curl_has(rd, CURL_HTTP2));
    if (!tls && !prior && curl_has(rd, CURL_HTTP2))
        tr_note(&rd->r, "Left out: curl's offer to go on in HTTP/2 (--http2 without TLS).");
    if (tls && !q->http2 && !curl_has(rd, CURL_HTTP1))
        tr_note(&rd->r, "curl offers HTTP/2 with TLS; `http2 = true;` does so too.");
    if (q->gzip)
        tr_note(&rd->r, "Changed: Accept-Encoding is \"gzip, deflate\".");
    rd->r.no_cookies = rd->r.no_cookies && !rd->cookie_engine;
}

/* http:// is meant where nothing is said, unless --proto-default says otherwise. */
static char *url_with_scheme(const struct curl_reader *rd, const char *url)
{
    const char *scheme = curl_last(rd, CURL_PROTO);
    if (scheme == NULL || strstr(url, "://") != NULL)
        return mem_strdup(url);
    return mem_printf("%s://%s", scheme, url);
}

static bool add_request(struct curl_reader *rd, const char *url)
{
    if (rd->r.n == MAX_URLS)
        return err_set(rd->e, "there are more than %d URLs in the command.", MAX_URLS);
    struct tr_request *q = tr_add(&rd->r);
    q->exact = true;
    char *whole = url_with_scheme(rd, url);
    bool ok = intake_url(q, whole, rd->e);
    free(whole);
    if (!ok)
        return false;
    intake_braces(&rd->r, q);
    char *user = q->user, *password = q->password;
    q->user = q->password = NULL;
    ok = add_headers_of_curl(rd, q);
    bool typed =
        q->user != NULL || q->bearer != NULL || tr_field_find(&q->headers, "Authorization") != NULL;
    if (typed) {
        free(user);
        free(password);
    } else {
        q->user = user;
        q->password = password;
    }
    ok = ok && curl_set_body(rd, q) && set_method_of_curl(rd, q);
    if (ok)
        connection(rd, q);
    ok = ok && set_numbers_of_curl(rd, q);
    authentication(rd, q, typed);
    if (ok)
        settle_framing(rd, q);
    if (ok && strlen(q->path) > WRITE_MAX_PATH)
        return err_set(rd->e, "path and query of a URL have more than %u bytes.", WRITE_MAX_PATH);
    return ok;
}

/* A word that nothing makes an address, beside others that are: curl would ask a host of
 * that name, but nobody means one. */
static bool is_stray(const struct curl_reader *rd, size_t at)
{
    bool others = false;
    for (size_t i = 0; i < rd->n; i++)
        others |= i != at && rd->items[i].option->act == CURL_URL;
    const char *word = rd->items[at].value;
    return others && !paste_is_address(word);
}

static bool add_globbed(struct curl_reader *rd, const char *url)
{
    char **urls = NULL;
    size_t n = 0;
    if (curl_has(rd, CURL_GLOBOFF))
        return add_request(rd, url);
    bool ok = glob_expand(url, &urls, &n, rd->e);
    for (size_t i = 0; i < n; i++) {
        ok = ok && add_request(rd, urls[i]);
        free(urls[i]);
    }
    free(urls);
    return ok;
}

static bool add_requests(struct curl_reader *rd)
{
    bool any = false, ok = true;
    char word[80];
    rd->urls = 0;
    for (size_t i = 0; ok && i < rd->n; i++) {
        const char *url = rd->items[i].value;
        if (rd->items[i].option->act != CURL_URL || *url == '\0')
            continue;
        if (is_stray(rd, i))
            return err_set(rd->e,
                           "curl would take \"%s\" for an address of its own; quote the words "
                           "that belong together, or write http:// in front of it.",
                           shown_word(word, url));
        any = true;
        ok = add_globbed(rd, url);
        rd->urls++;
    }
    bool options = rd->n > 0;
    rd->n = 0;
    if (ok && !any && options)
        return err_set(rd->e, "there is no URL in the command.");
    return ok;
}

/* ------------------------------------------------------------------- commands */

static bool read_options(struct curl_reader *rd, char *const *words, size_t n)
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
            ok = give_option(rd, url, word);
        else if (word[1] == '-')
            ok = long_option(rd, word, next, &used);
        else
            ok = short_options(rd, word, next, &used);
        if (ok && rd->n > 0 && rd->items[rd->n - 1].option->act == CURL_NEXT) {
            rd->n--;
            ok = add_requests(rd);
        }
        if (!ok)
            return false;
        i += used;
    }
    return add_requests(rd);
}

/* ------------------------------------------------------------------- the whole */

static void curl_finish_transcript(struct transcript *r, const struct import_options *o)
{
    r->title = mem_strdup("Made by `ramptop import curl`.");
    r->target = mem_strdup(r->requests[0].origin);
    if (o == NULL || !o->keep_secrets)
        secrets_hide(r);
    arrange_tasks(r, false);
    arrange_names(r);
}

static bool read_script(struct curl_reader *rd, const struct shell_script *w)
{
    struct paste p;
    bool ok = paste_find(&p, w, &rd->r, rd->e);
    for (size_t i = 0; ok && i < p.n; i++) {
        rd->paste = &p.items[i];
        ok = read_options(rd, p.items[i].words, p.items[i].n);
    }
    if (ok && rd->r.n == 0)
        ok = err_set(rd->e, "there is no URL in the command.");
    paste_finish(&p);
    return ok;
}

static bool import_script(const struct shell_script *w, const struct import_options *o,
                          char **profile_text, struct err *e)
{
    struct curl_reader rd = {.o = o, .e = e, .r.no_cookies = true};
    if (w->output)
        tr_note(&rd.r, "Left out: what the shell does with curl's output.");
    if (w->environment)
        tr_note(&rd.r, "Shell variables of the command are read from the environment; export "
                       "them.");
    if (w->hard_blanks)
        tr_note(&rd.r, "Changed: blanks that do not break are read as blanks.");
    bool ok = read_script(&rd, w);
    if (ok) {
        curl_finish_transcript(&rd.r, o);
        ok = write_profile(&rd.r, profile_text, e);
    }
    free(rd.items);
    tr_finish(&rd.r);
    return ok;
}

/* The user's own shell has taken them apart already; curl itself may be left out. */
static void script_of_words(struct shell_script *w, char *const *words, size_t n)
{
    bool bare =
        n > 0 && !paste_is_curl(words[0]) && (*words[0] == '-' || paste_is_address(words[0]));
    struct shell_command c = {.words = mem_array(n + 1, sizeof *c.words)};
    if (bare)
        c.words[c.n++] = mem_strdup("curl");
    for (size_t i = 0; i < n; i++)
        c.words[c.n++] = lang_literal(words[i], strlen(words[i]));
    w->commands = mem_array(1, sizeof *w->commands);
    w->commands[w->n++] = c;
}

bool import_curl(char *const *words, size_t n, const struct import_options *o, char **profile_text,
                 struct err *e)
{
    struct shell_script w = {0};
    bool ok = true;
    *profile_text = NULL;
    for (size_t i = 0; i < n; i++) {
        if (strlen(words[i]) > MAX_COMMAND)
            return err_set(e, "the command is longer than %u KiB.", MAX_COMMAND / 1024);
    }
    if (n == 1 && strpbrk(words[0], " \t\n'\"") != NULL)
        ok = shell_split(&w, words[0], e);
    else
        script_of_words(&w, words, n);
    ok = ok && import_script(&w, o, profile_text, e);
    shell_finish(&w);
    return ok;
}
