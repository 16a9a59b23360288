/* SPDX-License-Identifier: MIT */
/* transport_curl.c - HTTP/1.1, HTTP/2 and TLS by libcurl's multi interface, driven
 * by the worker's epoll.  With curl_outcome.c, which says how a request ended, the only
 * user of libcurl.
 *
 * One easy handle per user.  Each has a share object of its own that holds nothing
 * but its connection: with one connection cache for all, libcurl searches it at
 * every request, which costs 26 us more per request at 4,000 users (libcurl 7.88).
 *
 * libcurl asks to remove a socket from the watch at the end of every request and to
 * add it again at the next.  We keep the registration and drop it only when the
 * socket closes, or when an idle one has something to say (the target closed it):
 * two system calls less per request.
 *
 * Time-outs are the worker's, so that libcurl keeps no timers per request.  Nor is a
 * User-Agent sent that the profile does not ask for: it costs 4,200 of 57,000
 * instructions per request (libcurl 7.88, callgrind), a parsed URL in place of its
 * text saves as much again. */
#include "src/load/transport.h"

#include <curl/curl.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/load/curl_outcome.h"
#include "src/load/curl_request.h"
#include "src/load/message.h"
#include "src/script/reply.h"

/* Of a reply that is kept, memory beyond this is given back. */
#define KEPT_ROOM_MAX (64u << 10)
#define DOOMED_PER_TURN 64

/* What we know of a socket, by its number. */
struct watched {
    bool ours;                /* opened by libcurl for us */
    uint8_t added;            /* events registered with epoll, 0 when it is not there */
    uint8_t wanted;           /* events libcurl wants now */
    const struct visitor *of; /* whose connection it is: to compare, it may be gone */
};

struct transport {
    struct transport_config cfg;
    struct transport_rules rules;
    unsigned rules_version; /* a channel that was set up under an older one is set up again */
    CURLM *multi;
    uint64_t deadline_ns;
    struct watched *watched;
    size_t n_watched;
    unsigned open_sockets;
    struct channel *doomed;         /* their requests are to end: this side cannot carry them on */
    const struct visitor *event_of; /* whose socket has the event under way; NULL: none has */
};

/* One user as the target sees it: its connections and cookies. */
struct visitor {
    CURLSH *share;
    struct channel *channels;
    bool cookies;
};

struct channel {
    struct transport *t;
    struct visitor *visitor;
    struct channel *next; /* of the same visitor */
    void *tag;
    CURL *easy;
    bool running;
    bool doomed;
    struct channel *next_doomed;
    struct curl_request request;
    struct curl_seen seen;
    struct buf kept_body, kept_headers; /* of the reply, if the message asks for them */
};

bool transport_global_init(struct err *e)
{
    /* libcurl takes and gives back a buffer of 16 KB per request: left alone, malloc
     * returns it to the system and has it zeroed again each time. */
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
    CURLcode rc = curl_global_init(CURL_GLOBAL_ALL);
    if (rc != CURLE_OK)
        return err_set(e, "libcurl does not start: %s", curl_easy_strerror(rc));
    return true;
}

bool transport_supports(const struct transport_rules *rules, const char *target, struct err *e)
{
    const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);

    if (!rules->http2)
        return true;
    if ((v->features & CURL_VERSION_HTTP2) == 0)
        return err_set(e, "HTTP/2 is not built into this libcurl (%s): leave out http2",
                       v->version);
    /* Seen with 7.88.1: it starts HTTP/2 once more on a connection that has it already, and
     * every second request fails.  The curl program of that version does the same. */
    if (strncmp(target, "http:", 5) == 0 && v->version_num < 0x080100)
        return err_set(e,
                       "HTTP/2 without TLS does not work with this libcurl (%s loses every second "
                       "request): use https, or leave out http2",
                       v->version);
    return true;
}

void transport_global_finish(void)
{
    curl_global_cleanup();
}

/* ------------------------------------------------------------------ sockets */

static struct watched *watched_at(struct transport *t, int fd)
{
    if ((size_t)fd >= t->n_watched) {
        size_t n = (size_t)fd + 256;
        t->watched = mem_grow(t->watched, n, sizeof *t->watched);
        memset(t->watched + t->n_watched, 0, (n - t->n_watched) * sizeof *t->watched);
        t->n_watched = n;
    }
    return &t->watched[fd];
}

/* Its request cannot go on, as something on this side has failed.  It ends with the next
 * on_time: neither from within curl_begin nor from a callback of libcurl may it. */
static void doom(struct channel *ch)
{
    if (ch->doomed)
        return;
    ch->doomed = true;
    ch->next_doomed = ch->t->doomed;
    ch->t->doomed = ch;
}

static void spare(struct channel *ch)
{
    struct channel **at = &ch->t->doomed;
    if (!ch->doomed)
        return;
    while (*at != ch)
        at = &(*at)->next_doomed;
    *at = ch->next_doomed;
    ch->doomed = false;
}

/* False: it is not watched, for the reason in errno. */
static bool watch(struct transport *t, int fd, uint8_t events)
{
    struct watched *w = watched_at(t, fd);
    struct epoll_event ev = {.events = events, .data.u64 = TRANSPORT_TAG | (uint32_t)fd};
    int op = w->added == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    int rc = epoll_ctl(t->cfg.epoll_fd, op, fd, &ev);
    if (rc < 0 && (errno == EEXIST || errno == ENOENT)) {
        op = errno == EEXIST ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
        rc = epoll_ctl(t->cfg.epoll_fd, op, fd, &ev);
    }
    if (rc == 0)
        w->added = events;
    return rc == 0;
}

static void unwatch(struct transport *t, int fd)
{
    struct watched *w = watched_at(t, fd);
    if (w->added != 0)
        epoll_ctl(t->cfg.epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    w->added = 0;
}

/* Nobody would see what comes: it would be a time-out of the target's. */
static void doom_unwatched(CURL *easy, int error)
{
    struct channel *ch = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&ch);
    if (ch == NULL || !ch->running)
        return;
    curl_seen_fault(&ch->seen, "epoll_ctl", error);
    doom(ch);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *unused)
{
    struct transport *t = arg;
    struct watched *w = watched_at(t, fd);
    uint8_t wanted = 0;

    (void)unused;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        wanted |= EPOLLIN;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        wanted |= EPOLLOUT;
    w->wanted = wanted;
    if (wanted == 0) {
        /* A socket of libcurl's own (the resolver's) can be closed behind our back
         * and its number given out again: those are not kept. */
        if (!w->ours)
            unwatch(t, fd);
        else if ((w->added & EPOLLOUT) != 0)
            watch(t, fd, EPOLLIN); /* always writable: it would never sleep */
    } else if ((w->added & wanted) != wanted || (w->added & ~wanted & EPOLLOUT) != 0) {
        if (!watch(t, fd, wanted))
            doom_unwatched(easy, errno);
    }
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *arg)
{
    struct transport *t = arg;
    (void)multi;
    if (timeout_ms < 0)
        t->deadline_ns = UINT64_MAX;
    else
        t->deadline_ns = timeout_ms == 0 ? 0 : now_ns() + (uint64_t)timeout_ms * NS_PER_MS;
    return 0;
}

/* A kept connection that ends before the reply makes libcurl send the request again on a new
 * one, whatever its method, and again: the target would see more of them than we count, and
 * what it dropped would be no failure.  HTTP/2 is left alone, which tells for each request
 * whether it was looked at. */
static bool would_be_sent_again(const struct channel *ch)
{
    long sent = 0;
    if (ch->t->rules.http2 || ch->seen.header_bytes > 0)
        return false;
    curl_easy_getinfo(ch->easy, CURLINFO_REQUEST_SIZE, &sent);
    return sent > 0;
}

/* libcurl reports a missing file descriptor as "could not connect", without an
 * errno: only here can it be told from a target that refuses. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *addr)
{
    struct channel *ch = arg;
    (void)purpose;
    if (would_be_sent_again(ch)) {
        ch->seen.stop = STOP_DROPPED;
        return CURL_SOCKET_BAD;
    }
    int fd = socket(addr->family, addr->socktype | SOCK_CLOEXEC, addr->protocol);
    if (fd < 0) {
        curl_seen_fault(&ch->seen, "socket", errno);
        return CURL_SOCKET_BAD;
    }
    ch->seen.own = FAIL_NONE; /* of another address, which this machine has no network for */
    *watched_at(ch->t, fd) = (struct watched){.ours = true, .of = ch->visitor};
    ch->t->open_sockets++;
    ch->seen.connected = true;
    return fd;
}

/* The connection may outlive the request that opened it, so this belongs to the
 * transport and not to the channel. */
static int close_socket(void *arg, curl_socket_t fd)
{
    struct transport *t = arg;
    unwatch(t, fd); /* a fork elsewhere could keep the descriptor, and with it the watch, alive */
    *watched_at(t, fd) = (struct watched){0};
    t->open_sockets--;
    return close(fd);
}

/* -------------------------------------------------------------------- reply */

/* What is longer than anybody looks at is cut. */
static void keep(struct buf *b, const char *data, size_t len)
{
    size_t room = REPLY_KEEP_MAX - b->len;
    buf_add(b, data, len < room ? len : room);
}

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
    struct channel *ch = arg;
    size_t len = size * n;
    if (ch->seen.body_kept < BODY_KEPT) {
        size_t k = BODY_KEPT - ch->seen.body_kept;
        k = k < len ? k : len;
        memcpy(ch->seen.body + ch->seen.body_kept, data, k);
        ch->seen.body_kept += k;
    }
    ch->seen.body_bytes += len;
    if ((ch->request.message->keep & REPLY_BODY) != 0)
        keep(&ch->kept_body, data, len);
    if (ch->seen.body_bytes > ch->request.message->body_cap) {
        ch->seen.stop = STOP_BODY_CAP;
        return 0;
    }
    return len;
}

/* Would following this Location leave the origin that the profile names?  Load must
 * never be sent to a host nobody asked for. */
static bool leaves_origin(const char *from, const char *location, size_t len)
{
    static const CURLUPart parts[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
    CURLU *a = curl_url(), *b = curl_url();
    char *to = mem_strndup(location, len);
    bool leaves = curl_url_set(a, CURLUPART_URL, from, 0) != CURLUE_OK ||
                  curl_url_set(b, CURLUPART_URL, from, 0) != CURLUE_OK ||
                  curl_url_set(b, CURLUPART_URL, to, 0) != CURLUE_OK;
    for (size_t i = 0; i < 3 && !leaves; i++) {
        char *x = NULL, *y = NULL;
        leaves = curl_url_get(a, parts[i], &x, CURLU_DEFAULT_PORT) != CURLUE_OK ||
                 curl_url_get(b, parts[i], &y, CURLU_DEFAULT_PORT) != CURLUE_OK ||
                 strcmp(x, y) != 0;
        curl_free(x);
        curl_free(y);
    }
    free(to);
    curl_url_cleanup(a);
    curl_url_cleanup(b);
    return leaves;
}

/* Only a redirect's Location is followed: a 201 may name any place. */
static bool redirect_refused(struct channel *ch, const char *data, size_t len)
{
    static const char location[] = "location:";
    size_t start = sizeof location - 1, end = len;
    long status = 0;

    if (ch->request.message->max_redirects == 0 || len <= start ||
        strncasecmp(data, location, start) != 0)
        return false;
    curl_easy_getinfo(ch->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 300 || status > 399)
        return false;
    while (end > start && (data[end - 1] == '\r' || data[end - 1] == '\n'))
        end--;
    while (start < end && data[start] == ' ')
        start++;
    if (leaves_origin(ch->request.message->url, data + start, end - start))
        return true;
    if (status == 303)
        curl_request_see_other(&ch->request, ch->easy);
    return false;
}

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
    struct channel *ch = arg;
    size_t len = size * n;

    ch->seen.header_bytes += len;
    if ((ch->request.message->keep & REPLY_HEADERS) != 0)
        keep(&ch->kept_headers, data, len);
    if (len <= 2 && (data[0] == '\r' || data[0] == '\n'))
        ch->seen.headers_complete = true;
    else if (len > 5 && strncasecmp(data, "HTTP/", 5) == 0)
        ch->seen.headers_complete = false; /* one more reply; trailers come without a blank line */
    if (redirect_refused(ch, data, len)) {
        ch->seen.stop = STOP_REDIRECT;
        return 0;
    }
    return len;
}

/* Memory that one large reply has taken is not kept for ever. */
static void forget(struct buf *b)
{
    if (b->room > KEPT_ROOM_MAX)
        buf_finish(b);
}

static void add_kept(const struct channel *ch, struct outcome *o)
{
    unsigned kept = ch->request.message->keep;
    if ((kept & REPLY_BODY) != 0) {
        o->body = ch->kept_body.len > 0 ? ch->kept_body.data : "";
        o->body_len = ch->kept_body.len;
    }
    if ((kept & REPLY_HEADERS) != 0) {
        o->headers = ch->kept_headers.len > 0 ? ch->kept_headers.data : "";
        o->headers_len = ch->kept_headers.len;
    }
}

static void finish_request(struct channel *ch, CURLcode rc)
{
    struct outcome o;
    spare(ch);
    if (ch->request.file_short)
        ch->seen.stop = STOP_FILE;
    curl_outcome(ch->easy, &ch->seen, ch->request.message, &o);
    curl_verdict(ch->easy, &ch->seen, rc, &o);
    add_kept(ch, &o);
    o.by_event = ch->t->event_of == ch->visitor;
    curl_multi_remove_handle(ch->t->multi, ch->easy);
    ch->running = false;
    ch->t->cfg.done(ch->tag, &o, ch->t->cfg.arg); /* may begin the next: ch is not ours here */
}

static void read_messages(struct transport *t)
{
    CURLMsg *m;
    int left;
    while ((m = curl_multi_info_read(t->multi, &left)) != NULL) {
        if (m->msg != CURLMSG_DONE)
            continue;
        CURLcode rc = m->data.result; /* m is gone once the handle is removed */
        struct channel *ch = NULL;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&ch);
        finish_request(ch, rc);
    }
}

/* Some of them: whoever begins the next request at once may be doomed again. */
static void end_doomed(struct transport *t)
{
    for (unsigned n = 0; n < DOOMED_PER_TURN && t->doomed != NULL; n++)
        finish_request(t->doomed, CURLE_FAILED_INIT);
}

/* ------------------------------------------------------------------ request */

static const char *why_not_taken(CURLcode rc)
{
    if (rc == CURLE_BAD_FUNCTION_ARGUMENT)
        return "a part of it, such as the URL, is longer than libcurl takes (8 MB)";
    return curl_easy_strerror(rc);
}

/* libcurl does not take it: it is not sent. */
static void refuse(struct channel *ch, enum fail own, const char *why)
{
    curl_seen_refusal(&ch->seen, own, why);
    doom(ch);
}

static void curl_begin(struct channel *ch, const struct message *m)
{
    struct transport *t = ch->t;
    CURLcode taken = curl_request_set(&ch->request, ch->easy, m, &t->rules, t->rules_version);
    curl_request_begin(&ch->request);
    curl_seen_begin(&ch->seen);
    if (m->keep != 0) {
        forget(&ch->kept_body);
        forget(&ch->kept_headers);
        buf_clear(&ch->kept_body);
        buf_clear(&ch->kept_headers);
    }
    ch->running = true;
    if (taken != CURLE_OK) {
        refuse(ch, taken == CURLE_OUT_OF_MEMORY ? FAIL_CLIENT_MEMORY : FAIL_CLIENT_REQUEST,
               why_not_taken(taken));
        return;
    }
    CURLMcode added = curl_multi_add_handle(t->multi, ch->easy);
    if (added != CURLM_OK)
        refuse(ch, added == CURLM_OUT_OF_MEMORY ? FAIL_CLIENT_MEMORY : FAIL_CLIENT_FAULT,
               curl_multi_strerror(added));
}

static void curl_abort(struct channel *ch, struct outcome *o)
{
    spare(ch);
    curl_outcome(ch->easy, &ch->seen, ch->request.message, o);
    curl_phase(ch->easy, o);
    curl_multi_remove_handle(ch->t->multi, ch->easy);
    ch->running = false;
}

/* ----------------------------------------------------------------- channels */

/* Nothing but HTTP, also behind a redirect.  The numbers are deprecated, the words are not
 * known before libcurl 7.85. */
static void limit_protocols(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
}

static void set_up_once(struct channel *ch)
{
    CURL *easy = ch->easy;
    const char *ca = getenv("SSL_CERT_FILE");

    curl_easy_setopt(easy, CURLOPT_PRIVATE, ch);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, ch->seen.error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, ch);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, ch);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, ch);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, ch->t);
    if (ch->visitor->cookies)
        curl_easy_setopt(easy, CURLOPT_COOKIEFILE, ""); /* on, none loaded */
    limit_protocols(easy);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*"); /* measure the target, not a proxy of the shell */
    if (ca != NULL && ca[0] != '\0')
        curl_easy_setopt(easy, CURLOPT_CAINFO, ca);
}

/* A share of its own; NULL: out of memory. */
static CURLSH *share_create(bool cookies)
{
    CURLSH *share = curl_share_init();
    if (share == NULL)
        return NULL;
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
    if (cookies)
        curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
    return share;
}

static struct visitor *visitor_create(bool cookies)
{
    struct visitor *v = mem_zalloc(sizeof *v);
    v->cookies = cookies;
    v->share = share_create(cookies);
    if (v->share != NULL)
        return v;
    free(v);
    return NULL;
}

/* The last channel to leave takes the visitor along. */
static void visitor_leave(struct channel *ch)
{
    struct visitor *v = ch->visitor;
    struct channel **at = &v->channels;
    while (*at != ch)
        at = &(*at)->next;
    *at = ch->next;
    if (v->channels != NULL)
        return;
    curl_share_cleanup(v->share); /* closes the connections */
    free(v);
}

static void curl_channel_close(struct channel *ch)
{
    if (ch == NULL)
        return;
    spare(ch);
    if (ch->running)
        curl_multi_remove_handle(ch->t->multi, ch->easy);
    curl_easy_cleanup(ch->easy);
    curl_request_finish(&ch->request);
    visitor_leave(ch);
    buf_finish(&ch->kept_body);
    buf_finish(&ch->kept_headers);
    free(ch);
}

static struct channel *curl_channel_open(struct transport *t, struct channel *sibling, bool cookies,
                                         void *tag)
{
    struct visitor *v = sibling != NULL ? sibling->visitor : visitor_create(cookies);
    if (v == NULL)
        return NULL;
    struct channel *ch = mem_zalloc(sizeof *ch);
    ch->t = t;
    ch->tag = tag;
    ch->visitor = v;
    ch->next = v->channels;
    v->channels = ch;
    ch->easy = curl_easy_init();
    if (ch->easy == NULL || !curl_request_init(&ch->request, ch->easy)) {
        curl_channel_close(ch);
        return NULL;
    }
    set_up_once(ch);
    curl_easy_setopt(ch->easy, CURLOPT_SHARE, v->share);
    return ch;
}

static void curl_channel_source(struct channel *ch, const char *address)
{
    char *host = mem_printf("host!%s", address);
    curl_easy_setopt(ch->easy, CURLOPT_INTERFACE, host);
    free(host);
}

static void curl_channel_reset(struct channel *ch)
{
    struct visitor *v = ch->visitor;
    CURLSH *fresh = share_create(v->cookies);
    if (fresh == NULL) /* out of memory: better an old cookie than no user */
        return;
    for (struct channel *c = v->channels; c != NULL; c = c->next)
        curl_easy_setopt(c->easy, CURLOPT_SHARE, NULL);
    curl_share_cleanup(v->share);
    v->share = fresh;
    for (struct channel *c = v->channels; c != NULL; c = c->next)
        curl_easy_setopt(c->easy, CURLOPT_SHARE, fresh);
}

/* ---------------------------------------------------------------- transport */

static struct transport *curl_create(const struct transport_config *cfg, struct err *e)
{
    struct transport *t = mem_zalloc(sizeof *t);
    t->cfg = *cfg;
    t->deadline_ns = UINT64_MAX;
    t->multi = curl_multi_init();
    if (t->multi == NULL) {
        free(t);
        err_set(e, "libcurl gives no multi handle: out of memory");
        return NULL;
    }
    curl_multi_setopt(t->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(t->multi, CURLMOPT_SOCKETDATA, t);
    curl_multi_setopt(t->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(t->multi, CURLMOPT_TIMERDATA, t);
    curl_multi_setopt(t->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    return t;
}

static void curl_destroy(struct transport *t)
{
    if (t == NULL)
        return;
    curl_multi_cleanup(t->multi);
    free(t->watched);
    free(t);
}

static void curl_configure(struct transport *t, const struct transport_rules *rules)
{
    /* Counts in each user's own cache: when a profile changes the target, the connection
     * to the old one must not stay open beside the new one. */
    curl_multi_setopt(t->multi, CURLMOPT_MAXCONNECTS,
                      rules->parallel > 1 ? (long)rules->parallel : 1L);
    t->rules = *rules;
    t->rules_version++;
}

static void curl_on_event(struct transport *t, int fd, uint32_t events)
{
    struct watched *w = watched_at(t, fd);
    int mask = 0, running;

    if (w->wanted == 0) {
        /* An idle connection: the target closed it or sent something unasked.
         * libcurl finds out when it uses the connection next; until then it must
         * not wake us again and again. */
        unwatch(t, fd);
        return;
    }
    if ((events & EPOLLIN) != 0)
        mask |= CURL_CSELECT_IN;
    if ((events & EPOLLOUT) != 0)
        mask |= CURL_CSELECT_OUT;
    if ((events & (EPOLLERR | EPOLLHUP)) != 0)
        mask |= CURL_CSELECT_ERR | CURL_CSELECT_IN;
    t->event_of = w->of;
    curl_multi_socket_action(t->multi, fd, mask, &running);
    read_messages(t);
    t->event_of = NULL;
}

static uint64_t curl_deadline(const struct transport *t)
{
    return t->doomed != NULL ? 0 : t->deadline_ns;
}

static void curl_on_time(struct transport *t)
{
    int running;
    end_doomed(t);
    t->deadline_ns = UINT64_MAX;
    curl_multi_socket_action(t->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    read_messages(t);
    if (t->deadline_ns == UINT64_MAX) {
        /* libcurl calls on_timer only when its time changed since it last did: a call
         * that came a fraction too early would leave us without one. */
        long ms = -1;
        curl_multi_timeout(t->multi, &ms);
        on_timer(t->multi, ms, t);
    }
}

static unsigned curl_open_sockets(const struct transport *t)
{
    return t->open_sockets;
}

const struct transport_ops transport_curl = {
    .name = "libcurl",
    .create = curl_create,
    .destroy = curl_destroy,
    .configure = curl_configure,
    .channel_open = curl_channel_open,
    .channel_close = curl_channel_close,
    .channel_source = curl_channel_source,
    .channel_reset = curl_channel_reset,
    .begin = curl_begin,
    .abort = curl_abort,
    .on_event = curl_on_event,
    .deadline = curl_deadline,
    .on_time = curl_on_time,
    .open_sockets = curl_open_sockets,
};
