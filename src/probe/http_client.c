/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/probe/http_client.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/script/encode.h"
#include "src/script/scrub.h"

#define BODY_MAX (8u << 20)
#define HEAD_MAX (64u << 10)
#define CONNECT_MS 3000L
#define ERROR_BODY_MAX 256u /* bytes kept of a stream's unsuccessful reply */

/* A request under way: the common part of a GET and a stream. */
struct transfer {
    CURL *easy;
    char *url;
    struct buf head; /* the reply's head, its last block */
    bool head_whole; /* false for a reply cut in its head, which libcurl calls a success */
    bool too_big;
    char error[CURL_ERROR_SIZE];
};

struct http_stream {
    struct http_client *http;
    struct http_stream *next;
    struct transfer t;
    struct http_stream_ops ops;
    void *arg;
    uint64_t silence_ns, heard_ns;
    struct buf refusal; /* the body of a reply that is no success */
    bool added;         /* added to the multi handle */
    bool over;          /* to be freed once libcurl is not on the stack */
};

struct http_client {
    char *base, *unix_socket, *ca, *cert, *key;
    bool insecure, gzip;
    size_t max_body;
    int wake_fd;
    struct curl_slist *headers; /* with the credentials; wiped */
    struct secrets secrets;     /* secrets that must not come back in a text */
    /* Apart, so that data of streams arrives within http_pump only, and a stream's function may
     * call http_get. */
    CURLM *gets, *flows;
    struct transfer get; /* easy: NULL before the first */
    char *value;         /* the newest result of http_header */
    struct http_stream *streams;
};

/* --------------------------------------------------------------------- set up */

static void init_curl(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
}

static void http_add_secret(struct http_client *h, const struct secret *s)
{
    if (s != NULL)
        secrets_add(&h->secrets, secret_copy(s));
}

static void wipe_buf(struct buf *b)
{
    if (b->data != NULL)
        explicit_bzero(b->data, b->room);
    buf_finish(b);
}

/* Sets the Authorization header by itself, not by libcurl's user and password: this copy can be
 * wiped. */
static void set_authorization(struct http_client *h, const struct http_config *cfg)
{
    const struct secret *word = cfg->bearer != NULL ? cfg->bearer : cfg->password;
    struct buf pair = {0}, line = {0};
    size_t len = 0;
    const char *text = word == NULL ? "" : secret_reveal(word, &len);
    if (cfg->bearer == NULL && cfg->user == NULL)
        return;
    buf_text(&pair, cfg->user == NULL ? "" : cfg->user);
    buf_reserve(&pair, len + 1); /* does not move while it is filled: no copy is left behind */
    buf_reserve(&line, 2 * (pair.len + len) + 64);
    if (cfg->bearer != NULL) {
        buf_text(&line, "Authorization: Bearer ");
        buf_add(&line, text, len);
    } else {
        buf_char(&pair, ':');
        buf_add(&pair, text, len);
        buf_text(&line, "Authorization: Basic ");
        encode_base64(&line, pair.data, pair.len);
        secrets_add(&h->secrets, secret_from(pair.data, pair.len));
    }
    h->headers = mem_made(curl_slist_append(NULL, line.data));
    wipe_buf(&pair);
    wipe_buf(&line);
}

struct http_client *http_open(const struct http_config *cfg)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct http_client *h = mem_zalloc(sizeof *h);
    pthread_once(&once, init_curl);
    h->base = mem_strdup(cfg->base);
    h->unix_socket = mem_strdup(cfg->unix_socket);
    h->ca = mem_strdup(cfg->ca);
    h->cert = mem_strdup(cfg->cert);
    h->key = mem_strdup(cfg->key);
    h->insecure = cfg->insecure;
    h->gzip = cfg->gzip;
    h->max_body = cfg->max_body != 0 ? cfg->max_body : BODY_MAX;
    h->wake_fd = cfg->wake_fd;
    http_add_secret(h, cfg->password);
    http_add_secret(h, cfg->bearer);
    set_authorization(h, cfg);
    h->gets = mem_made(curl_multi_init());
    h->flows = mem_made(curl_multi_init());
    return h;
}

/* Opens sockets with CLOEXEC, which libcurl 7.88 does not: commands run by a probe would keep
 * them. */
static curl_socket_t http_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
    (void)arg;
    (void)purpose;
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static size_t http_on_head(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    size_t len = size * n;
    if (len >= 5 && memcmp(data, "HTTP/", 5) == 0) {
        buf_clear(&t->head); /* the block before was a 100, or belongs to an earlier attempt */
        t->head_whole = false;
    }
    if (t->head.len + len > HEAD_MAX) {
        t->too_big = true;
        return 0;
    }
    buf_add(&t->head, data, len);
    if ((len == 2 && data[0] == '\r') || (len == 1 && data[0] == '\n'))
        t->head_whole = true;
    return len;
}

static void http_limit_protocols(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    /* do not wait at the end for a name that is still being looked up */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

static void set_tls(const struct http_client *h, CURL *easy)
{
    if (h->ca != NULL)
        curl_easy_setopt(easy, CURLOPT_CAINFO, h->ca);
    if (h->cert != NULL)
        curl_easy_setopt(easy, CURLOPT_SSLCERT, h->cert);
    if (h->key != NULL)
        curl_easy_setopt(easy, CURLOPT_SSLKEY, h->key);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, h->insecure ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, h->insecure ? 0L : 2L);
}

static bool transfer_prepare(const struct http_client *h, struct transfer *t)
{
    CURL *easy = t->easy = curl_easy_init();
    if (easy == NULL)
        return false;
    http_limit_protocols(easy);
    set_tls(h, easy);
    if (h->unix_socket != NULL)
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, h->unix_socket);
    if (h->headers != NULL)
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, h->headers);
    if (h->gzip)
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NETRC, CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION " (probe)");
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, http_open_socket);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, http_on_head);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
    return true;
}

static void transfer_set_path(const struct http_client *h, struct transfer *t, const char *path)
{
    free(t->url);
    t->url = mem_printf("%s%s", h->base, path);
    t->head_whole = t->too_big = false;
    t->error[0] = '\0';
    buf_clear(&t->head);
    curl_easy_setopt(t->easy, CURLOPT_URL, t->url);
}

static void transfer_finish(struct transfer *t)
{
    if (t->easy != NULL)
        curl_easy_cleanup(t->easy);
    free(t->url);
    buf_finish(&t->head);
}

static long transfer_status(const struct transfer *t)
{
    long status = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

/* ------------------------------------------------------------------- verdicts */

void http_scrub(const struct http_client *h, char *text, size_t len)
{
    secrets_scrub(&h->secrets, text, len);
}

/* Sets a text that may hold an echo of the request. */
static void failure_set_text(const struct http_client *h, struct http_failure *why, char *text,
                             size_t len)
{
    secrets_scrub(&h->secrets, text, len);
    clean_text(why->text, sizeof why->text, text, len);
}

static bool transfer_is_cut(const struct transfer *t, CURLcode rc)
{
    return rc == CURLE_PARTIAL_FILE || rc == CURLE_GOT_NOTHING || rc == CURLE_RECV_ERROR ||
           rc == CURLE_SEND_ERROR || (rc == CURLE_OK && !t->head_whole);
}

/* Returns the status of a reply that came whole; else 0 and *why. */
static long transfer_verdict(const struct http_client *h, struct transfer *t, CURLcode rc,
                             struct http_failure *why)
{
    long os_errno = 0;
    char text[CURL_ERROR_SIZE];
    *why = (struct http_failure){0};
    if (rc == CURLE_OK && t->head_whole)
        return transfer_status(t);
    curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &os_errno);
    why->os_errno = rc == CURLE_COULDNT_CONNECT ? (int)os_errno : 0;
    why->timed_out = rc == CURLE_OPERATION_TIMEDOUT;
    why->too_big = t->too_big;
    why->cut = !t->too_big && transfer_is_cut(t, rc);
    snprintf(text, sizeof text, "%s",
             why->too_big       ? "the reply is too big"
             : rc == CURLE_OK   ? "the reply ended in its head"
             : t->error[0] != 0 ? t->error
                                : curl_easy_strerror(rc));
    failure_set_text(h, why, text, strlen(text));
    return 0;
}

/* Returns whether the request went out on a connection that the server had closed, as libcurl
 * 7.88 may do (curl#10646). */
static bool connection_was_stale(const struct transfer *t, CURLcode rc)
{
    long connects = 1;
    curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects);
    return connects == 0 && t->head.len == 0 && transfer_is_cut(t, rc);
}

/* Waits for libcurl's sockets and the wake descriptor; returns whether the latter is readable. */
static bool http_wait(const struct http_client *h, CURLM *multi, uint64_t now, uint64_t until_ns)
{
    struct curl_waitfd wake = {.fd = h->wake_fd, .events = CURL_WAIT_POLLIN};
    uint64_t ms = until_ns <= now ? 0 : (until_ns - now + NS_PER_MS - 1) / NS_PER_MS;
    int timeout = ms > 60000 ? 60000 : (int)ms;
    unsigned extra = h->wake_fd >= 0 ? 1 : 0;
    curl_multi_poll(multi, extra == 0 ? NULL : &wake, extra, timeout, NULL);
    return extra != 0 && wake.revents != 0;
}

/* ------------------------------------------------------------------------ GET */

struct get_body {
    struct http_client *http;
    struct buf *body;
};

static size_t http_on_body(char *data, size_t size, size_t n, void *arg)
{
    const struct get_body *g = arg;
    size_t len = size * n;
    if (g->body->len + len > g->http->max_body) {
        g->http->get.too_big = true;
        return 0;
    }
    buf_add(g->body, data, len);
    return len;
}

static bool take_finished_transfer(CURLM *multi, CURL **easy, CURLcode *rc)
{
    int left;
    CURLMsg *m;
    while ((m = curl_multi_info_read(multi, &left)) != NULL) {
        if (m->msg != CURLMSG_DONE)
            continue;
        *easy = m->easy_handle;
        *rc = m->data.result;
        return true;
    }
    return false;
}

/* Performs the GET.  Returns false with *why when it is not over in time. */
static bool http_perform_get(struct http_client *h, uint64_t deadline_ns, CURLcode *rc,
                             struct http_failure *why)
{
    bool woken = false;
    for (;;) {
        int running;
        CURL *easy;
        uint64_t now = now_ns();
        curl_multi_perform(h->gets, &running);
        if (take_finished_transfer(h->gets, &easy, rc))
            return true;
        *why = (struct http_failure){.woken = woken, .timed_out = !woken};
        if (woken || now >= deadline_ns)
            break;
        woken = http_wait(h, h->gets, now, deadline_ns);
    }
    snprintf(why->text, sizeof why->text, "%s",
             why->woken ? "it was no longer wanted" : "no answer in time");
    return false;
}

long http_get(struct http_client *h, const char *path, uint64_t deadline_ns, struct buf *body,
              struct http_failure *why)
{
    struct get_body g = {h, body};
    struct http_failure unused;
    CURLcode rc = CURLE_OK;
    bool whole = false;
    if (why == NULL)
        why = &unused;
    *why = (struct http_failure){.text = "libcurl could not be started"};
    buf_clear(body);
    if (h->get.easy == NULL && !transfer_prepare(h, &h->get))
        return 0;
    curl_easy_setopt(h->get.easy, CURLOPT_WRITEFUNCTION, http_on_body);
    curl_easy_setopt(h->get.easy, CURLOPT_WRITEDATA, &g);
    for (long fresh = 0; fresh <= 1; fresh++) {
        transfer_set_path(h, &h->get, path);
        curl_easy_setopt(h->get.easy, CURLOPT_FRESH_CONNECT, fresh);
        if (curl_multi_add_handle(h->gets, h->get.easy) != CURLM_OK)
            return 0;
        whole = http_perform_get(h, deadline_ns, &rc, why);
        curl_multi_remove_handle(h->gets, h->get.easy);
        if (!whole || fresh != 0 || !connection_was_stale(&h->get, rc))
            break;
        buf_clear(body);
    }
    return whole ? transfer_verdict(h, &h->get, rc, why) : 0;
}

const char *http_header(struct http_client *h, const char *name)
{
    size_t n = strlen(name);
    const char *line = h->get.head.data;
    while (line != NULL && *line != '\0') {
        const char *end = strpbrk(line, "\r\n");
        if (end == NULL)
            break;
        if ((size_t)(end - line) > n && line[n] == ':' && strncasecmp(line, name, n) == 0) {
            line += n + 1;
            line += strspn(line, " \t");
            size_t len = line < end ? (size_t)(end - line) : 0;
            free(h->value);
            h->value = mem_zalloc(len + 1);
            clean_text(h->value, len + 1, line, len);
            return h->value;
        }
        line = end + strspn(end, "\r\n");
    }
    return NULL;
}

/* -------------------------------------------------------------------- streams */

static size_t http_on_stream_body(char *data, size_t size, size_t n, void *arg)
{
    struct http_stream *s = arg;
    size_t len = size * n;
    s->heard_ns = now_ns();
    if (s->over)
        return 0;
    if (transfer_status(&s->t) == 200) {
        s->ops.data(s->arg, data, len);
        return s->over ? 0 : len; /* ended by its own function */
    }
    size_t room = ERROR_BODY_MAX - s->refusal.len;
    buf_add(&s->refusal, data, len < room ? len : room);
    return len;
}

struct http_stream *http_stream(struct http_client *h, const char *path, uint64_t silence_ns,
                                const struct http_stream_ops *ops, void *arg)
{
    struct http_stream *s = mem_zalloc(sizeof *s);
    *s = (struct http_stream){
        .http = h, .ops = *ops, .arg = arg, .silence_ns = silence_ns, .heard_ns = now_ns()};
    if (!transfer_prepare(h, &s->t)) {
        free(s);
        return NULL;
    }
    transfer_set_path(h, &s->t, path);
    curl_easy_setopt(s->t.easy, CURLOPT_WRITEFUNCTION, http_on_stream_body);
    curl_easy_setopt(s->t.easy, CURLOPT_WRITEDATA, s);
    curl_easy_setopt(s->t.easy, CURLOPT_PRIVATE, s);
    curl_easy_setopt(s->t.easy, CURLOPT_FRESH_CONNECT, 1L);
    s->next = h->streams;
    h->streams = s;
    return s;
}

void http_stream_end(struct http_stream *s)
{
    if (s != NULL)
        s->over = true;
}

static void http_stream_free(struct http_stream *s)
{
    if (s->added)
        curl_multi_remove_handle(s->http->flows, s->t.easy);
    transfer_finish(&s->t);
    buf_finish(&s->refusal);
    free(s);
}

/* Adds new streams and frees ended ones: libcurl allows that only while none of its functions is
 * running. */
static void update_streams(struct http_client *h)
{
    struct http_stream **at = &h->streams;
    while (*at != NULL) {
        struct http_stream *s = *at;
        if (s->over) {
            *at = s->next;
            http_stream_free(s);
            continue;
        }
        if (!s->added)
            s->added = curl_multi_add_handle(h->flows, s->t.easy) == CURLM_OK;
        at = &s->next;
    }
}

static void stream_call_end(struct http_stream *s, long status, const struct http_failure *why)
{
    if (s->over)
        return;
    s->over = true; /* first, since the function may call http_stream_end */
    s->ops.end(s->arg, status, why);
}

static void end_finished_streams(struct http_client *h)
{
    CURL *easy;
    CURLcode rc;
    while (take_finished_transfer(h->flows, &easy, &rc)) {
        char *arg = NULL;
        struct http_failure why;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &arg);
        struct http_stream *s = (struct http_stream *)arg;
        long status = transfer_verdict(h, &s->t, rc, &why);
        if (status != 0 && s->refusal.len > 0)
            failure_set_text(h, &why, s->refusal.data, s->refusal.len);
        stream_call_end(s, status, &why);
    }
}

/* Returns when the next stream will have been silent for too long. */
static uint64_t first_stream_timeout_ns(const struct http_client *h, uint64_t until_ns)
{
    for (const struct http_stream *s = h->streams; s != NULL; s = s->next)
        if (s->silence_ns != 0 && !s->over && s->heard_ns + s->silence_ns < until_ns)
            until_ns = s->heard_ns + s->silence_ns;
    return until_ns;
}

static void end_silent_streams(struct http_client *h, uint64_t now)
{
    static const struct http_failure why = {.timed_out = true, .text = "nothing came any more"};
    for (struct http_stream *s = h->streams; s != NULL; s = s->next)
        if (s->silence_ns != 0 && now >= s->heard_ns + s->silence_ns)
            stream_call_end(s, 0, &why);
}

/* Returns whether the stream still waits for its head; it may have been freed. */
static bool stream_is_awaited(const struct http_client *h, const struct http_stream *s)
{
    for (const struct http_stream *one = h->streams; one != NULL; one = one->next)
        if (one == s)
            return !s->t.head_whole;
    return false;
}

static void pump_streams(struct http_client *h, const struct http_stream *awaited,
                         uint64_t until_ns)
{
    bool woken = false;
    for (;;) {
        int running;
        update_streams(h);
        uint64_t now = now_ns();
        curl_multi_perform(h->flows, &running);
        end_finished_streams(h);
        end_silent_streams(h, now);
        update_streams(h);
        if (woken || now >= until_ns || (awaited != NULL && !stream_is_awaited(h, awaited)))
            return;
        woken = http_wait(h, h->flows, now, first_stream_timeout_ns(h, until_ns));
    }
}

void http_pump(struct http_client *h, uint64_t until_ns)
{
    pump_streams(h, NULL, until_ns);
}

void http_await(struct http_client *h, const struct http_stream *s, uint64_t until_ns)
{
    pump_streams(h, s, until_ns);
}

void http_close(struct http_client *h)
{
    if (h == NULL)
        return;
    for (struct http_stream *s = h->streams; s != NULL; s = s->next)
        s->over = true;
    update_streams(h);
    transfer_finish(&h->get);
    curl_multi_cleanup(h->gets);
    curl_multi_cleanup(h->flows);
    for (struct curl_slist *l = h->headers; l != NULL; l = l->next)
        explicit_bzero(l->data, strlen(l->data));
    curl_slist_free_all(h->headers);
    secrets_finish(&h->secrets);
    free(h->value);
    free(h->base);
    free(h->unix_socket);
    free(h->ca);
    free(h->cert);
    free(h->key);
    free(h);
}
