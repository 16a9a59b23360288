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
 * Which connection may be used is decided here, where libcurl is about to send
 * (on_send), and so is that nothing goes out twice: see kept.h and curl_outcome.h.
 *
 * Time-outs are the worker's, so that libcurl keeps no timers per request.  Nor is a
 * User-Agent sent that the profile does not ask for: it costs 4,200 of 57,000
 * instructions per request (libcurl 7.88, callgrind), a parsed URL in place of its
 * text saves as much again. */
#include "src/load/transport_curl.h"

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
#include "src/load/curl_cookies.h"
#include "src/load/curl_hosts.h"
#include "src/load/curl_outcome.h"
#include "src/load/curl_request.h"
#include "src/load/decode.h"
#include "src/load/kept.h"
#include "src/load/message.h"
#include "src/profile/url.h"
#include "src/script/reply.h"

/* Memory beyond this is given back when a reply that is kept took more. */
#define KEPT_ROOM_MAX (64u << 10)
#define DOOMED_PER_TURN 64
/* Requests whose name became known that begin at once. */
#define RESUMED_PER_TURN 64

/* Headers of one reply: heads with those of 1xx, and trailers.  libcurl has its own cap of 300 KB
 * for the heads, and none for trailers (7.88). */
#define HEADERS_MAX (256u << 10)

/* A request begins anew so many times at most: once for each kept connection that turns out
 * to be closed, and for each piece that HTTP/2 has to say on an idle one. */
#define NEW_STARTS_MAX 32

/* A target that says in TLS that it ends a connection closes it then: so long is waited for that,
 * for it may be busy. */
#define HELD_BACK_NS NS_PER_S
/* Idle for less than that, a connection is not closed for its idleness. */
#define RESTED_NS (100 * NS_PER_MS)
/* Where many are reset, the others are not looked at again and again. */
#define LOOK_AROUND_NS (10 * NS_PER_MS)
#define LOOK_AROUND_MAX 1000

/* In `added`: nothing is registered but the end. */
#define WATCHED_END 0x80

/* A socket as we know it, by its number. */
struct watched {
    bool ours;          /* opened by libcurl for us */
    bool kept;          /* a request has gone out on it */
    bool http2;         /* so was its last reply */
    bool rested;        /* idle for a while before its request went out */
    uint8_t added;      /* events registered with epoll, 0 when it is not there */
    uint8_t wanted;     /* events libcurl wants now */
    uint16_t port;      /* the local one, 0: not asked yet */
    uint32_t peer;      /* the target it leads to: kept_peer, 0: not known yet */
    uint64_t idle_ns;   /* since when: now_ns() time */
    uint64_t held_ns;   /* the target says that it ends: libcurl is told then; 0: not held back */
    int next;           /* the visitor's next socket, -1: none */
    struct visitor *of; /* the owner of the connection; NULL: nobody */
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
    struct channel *doomed; /* requests that are to end, as this side cannot carry them on */
    struct kept_limits limits;
    uint64_t looked_ns; /* when look_at_idle_sockets did last */
    int *held;          /* sockets that are held back, or were: the oldest first */
    size_t n_held, held_room;
    bool answered; /* by the target, whatever it was */
    struct decoders *decoders;
    unsigned n_visitors;
    size_t cookie_bytes; /* all visitors' */
    struct curl_hosts *hosts;
    const struct visitor
        *event_of; /* the owner of the socket with the event under way; NULL: none */
};

/* A user as the target sees it: connections and cookies. */
struct visitor {
    CURLSH *share;
    struct channel *channels;
    int sockets; /* the first of its open ones, -1: none */
    bool cookies;
    size_t cookie_bytes, cookie_growth; /* when they were last counted, and since */
};

struct channel {
    struct transport *t;
    struct visitor *visitor;
    struct channel *next; /* the same visitor's */
    void *tag;
    CURL *easy;
    bool running;
    bool doomed;
    struct channel *next_doomed;
    int fd; /* the socket that the request went out on, -1: none yet, or closed since */
    unsigned new_starts;
    bool sent_again;
    bool fresh, told_fresh; /* libcurl is to open a connection; it was told so */
    struct curl_request request;
    struct curl_place place;
    struct curl_seen seen;
    struct buf kept_body, kept_headers; /* parts of the reply, if the message asks for them */
    struct buf codings;                 /* the reply's Content-Encoding */
    struct decoder *decoder;            /* lent while the body comes in */
};

static bool curl_init(struct err *e)
{
    /* libcurl takes and gives back a buffer of 16 KB per request: left alone, malloc
     * returns it to the system and has it zeroed again each time. */
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
    CURLcode rc = curl_global_init(CURL_GLOBAL_ALL);
    if (rc != CURLE_OK)
        return err_set(e, "libcurl does not start: %s", curl_easy_strerror(rc));
    curl_outcome_init();
    return true;
}

static bool curl_supports(const struct transport_rules *rules, struct err *e)
{
    const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);

    if ((rules->needs & (TRANSPORT_HTTP2 | TRANSPORT_HTTP2_PLAIN)) == 0)
        return true;
    if ((v->features & CURL_VERSION_HTTP2) == 0)
        return err_set(e, "HTTP/2 is not built into this libcurl (%s): leave out http2",
                       v->version);
    /* Seen with 7.88.1: it starts HTTP/2 once more on a connection that has it already, and
     * every second request fails.  The curl program of that version does the same. */
    if ((rules->needs & TRANSPORT_HTTP2_PLAIN) != 0 && v->version_num < 0x080100)
        return err_set(e,
                       "HTTP/2 without TLS does not work with this libcurl (%s loses every second "
                       "request): use https, or leave out http2",
                       v->version);
    return true;
}

static void curl_finish(void)
{
    curl_global_cleanup();
}

/* ------------------------------------------------------------------ sockets */

static struct watched *socket_watched(struct transport *t, int fd)
{
    if ((size_t)fd >= t->n_watched) {
        size_t n = (size_t)fd + 256;
        t->watched = mem_grow(t->watched, n, sizeof *t->watched);
        memset(t->watched + t->n_watched, 0, (n - t->n_watched) * sizeof *t->watched);
        t->n_watched = n;
    }
    return &t->watched[fd];
}

/* The channel's request cannot go on, as something on this side has failed.  It ends with the next
 * on_time: neither from within curl_begin nor from a callback of libcurl may it. */
static void doom_request(struct channel *ch)
{
    if (ch->doomed)
        return;
    ch->doomed = true;
    ch->next_doomed = ch->t->doomed;
    ch->t->doomed = ch;
}

static void spare_request(struct channel *ch)
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
static bool watch_socket(struct transport *t, int fd, uint8_t events)
{
    struct watched *w = socket_watched(t, fd);
    struct epoll_event ev = {.events = events, .data.u64 = TRANSPORT_TAG | (uint32_t)fd};
    if ((events & EPOLLIN) != 0)
        ev.events |= EPOLLRDHUP; /* costs nothing and tells an end from a reply */
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

static void unwatch_socket(struct transport *t, int fd)
{
    struct watched *w = socket_watched(t, fd);
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
    doom_request(ch);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *unused)
{
    struct transport *t = arg;
    struct watched *w = socket_watched(t, fd);
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
            unwatch_socket(t, fd);
        else if ((w->added & EPOLLOUT) != 0)
            watch_socket(t, fd, EPOLLIN); /* always writable: it would never sleep */
    } else if ((w->added & wanted) != wanted || (w->added & ~wanted & EPOLLOUT) != 0) {
        if (!watch_socket(t, fd, wanted))
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

/* ------------------------------------------------------- connections that are kept */

/* Watches for the end alone: bytes to be read stay there. */
static bool watch_socket_end(struct transport *t, int fd)
{
    struct epoll_event ev = {.events = EPOLLRDHUP, .data.u64 = TRANSPORT_TAG | (uint32_t)fd};
    bool ok = epoll_ctl(t->cfg.epoll_fd, EPOLL_CTL_MOD, fd, &ev) == 0;
    if (ok)
        socket_watched(t, fd)->added = WATCHED_END;
    return ok;
}

/* An idle connection became readable: the target closed it, or sent something unasked.  It must
 * not wake us again and again; what comes of it is decided when it is to be used next. */
static void note_idle_socket(struct transport *t, int fd, uint32_t events)
{
    struct watched *w = socket_watched(t, fd);
    if (w->added == 0) /* looked at already */
        return;
    bool ended = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if (w->kept && (ended || !w->http2)) {
        uint64_t now = now_ns();
        kept_closed(&t->limits, w->peer, now - w->idle_ns, now);
    }
    if (ended || !w->http2) {
        unwatch_socket(t, fd);
    } else { /* PING, SETTINGS, GOAWAY: the end is still to come */
        watch_socket_end(t, fd);
    }
}

/* Returns the channel whose request went out on that kept connection and waits for the first byte.
 */
static struct channel *channel_waiting_on(const struct watched *w, int fd)
{
    struct channel *ch = w->of != NULL && w->kept && !w->http2 ? w->of->channels : NULL;
    while (ch != NULL && ch->fd != fd)
        ch = ch->next;
    bool waits = ch != NULL && ch->running && ch->seen.kept && ch->seen.header_bytes == 0;
    return waits ? ch : NULL;
}

/* Did the target close others, too, that were idle?  What is learned from them comes too late for
 * the request under way, but says why its connection was closed. */
static void look_at_idle_sockets(struct transport *t, uint32_t peer, uint64_t now)
{
    if (now - t->looked_ns < LOOK_AROUND_NS)
        return;
    t->looked_ns = now;
    unsigned n = 0;
    for (size_t fd = 0; fd < t->n_watched && n < LOOK_AROUND_MAX; fd++) {
        struct watched *w = &t->watched[fd];
        if (!w->kept || w->peer != peer || w->wanted != 0 || w->http2 || w->added != EPOLLIN)
            continue;
        n++;
        if (!kept_is_quiet((int)fd))
            note_idle_socket(t, (int)fd, EPOLLIN);
    }
}

/* Asking twice for the same does no harm (RFC 9110, 9.2.2); without a body, what was unread of it
 * when it was reset was all of it: a head goes out at once. */
static bool is_repeatable_request(const struct message *m)
{
    static const char *const methods[] = {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"};
    bool may = false;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        may = may || strcmp(m->method, methods[i]) == 0;
    return may && !m->has_body;
}

/* A connection with a request on it was reset.  It was for its idleness if the target said so
 * before (TLS), or if it was idle for as long as this target keeps one. */
static bool was_reset_for_idleness(struct transport *t, struct channel *ch, const struct watched *w,
                                   bool told)
{
    uint64_t now = now_ns();
    if (!w->rested || !is_repeatable_request(ch->request.message) || curl_seen_byte(ch->easy))
        return false;
    if (told || kept_too_long(&t->limits, w->peer, now - w->idle_ns, now))
        return true;
    look_at_idle_sockets(t, w->peer, now);
    return kept_too_long(&t->limits, w->peer, now - w->idle_ns, now);
}

/* A kept connection ends, and libcurl has not read that: had the target read the request? */
static void note_socket_end(struct transport *t, int fd)
{
    struct watched *w = socket_watched(t, fd);
    struct channel *ch = channel_waiting_on(w, fd);
    size_t bytes = ch != NULL ? kept_bytes(fd) : 0;
    bool told = bytes > 0 && ch->seen.tls && kept_says_end(fd);
    if (ch == NULL || (bytes > 0 && !told))
        return; /* a reply, or the beginning of one */
    ch->seen.end = kept_ending(fd, curl_seen_sent(&ch->seen, ch->easy, ch->request.message));
    ch->seen.unread = ch->seen.end == KEPT_ENDED_BEFORE ||
                      (ch->seen.end == KEPT_RESET && was_reset_for_idleness(t, ch, w, told));
}

/* libcurl closes one, perhaps in the very call that sent the request: on_event has not seen it
 * end.  With TLS it may have said its own end by now, and what the kernel tells is of that, too. */
static void note_unseen_end(struct transport *t, int fd)
{
    struct watched *w = socket_watched(t, fd);
    struct channel *ch = channel_waiting_on(w, fd);
    if (ch == NULL || ch->seen.end != KEPT_OPEN)
        return;
    if (curl_seen_end_and_reset(&ch->seen, ch->easy)) {
        ch->seen.end = KEPT_RESET;
        ch->seen.unread = was_reset_for_idleness(t, ch, w, true);
    } else if (!ch->seen.tls) {
        ch->seen.end = kept_ending(fd, curl_seen_sent(&ch->seen, ch->easy, ch->request.message));
        ch->seen.unread = ch->seen.end == KEPT_ENDED_BEFORE;
    }
}

static void visitor_remove_socket(struct transport *t, int fd)
{
    struct watched *w = socket_watched(t, fd);
    struct visitor *v = w->of;
    if (v != NULL) {
        int *at = &v->sockets;
        while (*at != fd)
            at = &socket_watched(t, *at)->next;
        *at = w->next;
        for (struct channel *ch = v->channels; ch != NULL; ch = ch->next)
            ch->fd = ch->fd == fd ? -1 : ch->fd;
    }
    *w = (struct watched){0};
    t->open_sockets--;
}

static void visitor_add_socket(struct channel *ch, int fd)
{
    struct watched *w = socket_watched(ch->t, fd);
    if (w->ours) /* the number is given out again: libcurl closed it without a word (7.88) */
        visitor_remove_socket(ch->t, fd);
    *w = (struct watched){.ours = true, .of = ch->visitor, .next = ch->visitor->sockets};
    ch->visitor->sockets = fd;
    ch->t->open_sockets++;
}

/* Returns the socket of the user that libcurl has chosen: it tells no more than the local port. */
static int chosen_socket(const struct channel *ch, int port)
{
    struct transport *t = ch->t;
    int first = ch->visitor->sockets;
    if (first >= 0 && socket_watched(t, first)->next < 0)
        return first;
    for (int fd = first; fd >= 0; fd = socket_watched(t, fd)->next) {
        struct watched *w = socket_watched(t, fd);
        if (w->port == 0)
            w->port = kept_port(fd);
        if (w->port == port && port != 0)
            return fd;
    }
    return -1;
}

/* May the request go out on that kept connection?  Not if it has something to say: it was
 * closed, or what is there would be taken for the reply (a balancer's 408).  libcurl's own look
 * takes bytes that wait for a sign of life (7.88).  Told to stop it closes one of HTTP/1.1; one
 * of HTTP/2 it keeps and reads from before the next try: PING and SETTINGS do no harm then, and
 * GOAWAY or an end are seen. */
static bool connection_may_be_used(struct channel *ch, struct watched *w, int fd)
{
    if (ch->seen.header_bytes > 0 || ch->new_starts == NEW_STARTS_MAX) /* no new start */
        return true;
    uint64_t now = now_ns();
    w->rested = now - w->idle_ns >= RESTED_NS;
    if (kept_too_long(&ch->t->limits, w->peer, now - w->idle_ns, now)) {
        ch->fresh = true;
        return false;
    }
    return kept_is_quiet(fd);
}

/* libcurl is about to send a request, on a new connection or on a kept one, for the first time
 * or once more behind our back. */
static int on_send(void *arg, char *to_ip, char *from_ip, int to_port, int from_port)
{
    struct channel *ch = arg;
    (void)from_ip;
    if (curl_seen_again(&ch->seen, ch->easy))
        return CURL_PREREQFUNC_ABORT;
    int fd = chosen_socket(ch, from_port);
    if (fd >= 0) {
        struct watched *w = socket_watched(ch->t, fd);
        if (w->kept && !connection_may_be_used(ch, w, fd)) {
            ch->seen.stop = STOP_STALE;
            return CURL_PREREQFUNC_ABORT;
        }
        if (!w->kept)
            w->peer = kept_peer(to_ip, to_port);
        ch->seen.kept = w->kept;
        ch->seen.http2 = w->http2;
        w->kept = true;
    }
    ch->fd = fd;
    curl_seen_ask(&ch->seen, ch->easy);
    return CURL_PREREQFUNC_OK;
}

/* libcurl reports a missing file descriptor as "could not connect", without an
 * errno: only here can it be told from a target that refuses. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *addr)
{
    struct channel *ch = arg;
    (void)purpose;
    /* on_send would say so as well, but with a connection made for nothing. */
    if (curl_seen_again(&ch->seen, ch->easy))
        return CURL_SOCKET_BAD;
    if (!curl_hosts_socket(&ch->place, addr))
        return CURL_SOCKET_BAD;
    int fd = socket(addr->family, addr->socktype | SOCK_CLOEXEC, addr->protocol);
    if (fd < 0) {
        curl_seen_fault(&ch->seen, "socket", errno);
        return CURL_SOCKET_BAD;
    }
    ch->seen.own = FAIL_NONE; /* an address before, which this machine has no network for */
    visitor_add_socket(ch, fd);
    ch->seen.connected = true;
    return fd;
}

/* The connection may outlive the request that opened it, so this belongs to the
 * transport and not to the channel. */
static int close_socket(void *arg, curl_socket_t fd)
{
    struct transport *t = arg;
    note_unseen_end(t, fd);
    unwatch_socket(
        t, fd); /* a fork elsewhere could keep the descriptor, and with it the watch, alive */
    visitor_remove_socket(t, fd);
    return close(fd);
}

/* -------------------------------------------------------------------- reply */

/* Keeps as much as anybody looks at. */
static void reply_keep(struct buf *b, const char *data, size_t len)
{
    size_t room = REPLY_KEEP_MAX - b->len;
    buf_add(b, data, len < room ? len : room);
}

/* Bytes of the body, decoded. */
static bool take_body_bytes(void *arg, const char *data, size_t len)
{
    struct channel *ch = arg;
    if (ch->seen.body_kept < BODY_KEPT) {
        size_t k = BODY_KEPT - ch->seen.body_kept;
        k = k < len ? k : len;
        memcpy(ch->seen.body + ch->seen.body_kept, data, k);
        ch->seen.body_kept += k;
    }
    ch->seen.body_bytes += len;
    if ((ch->request.message->keep & REPLY_BODY) != 0)
        reply_keep(&ch->kept_body, data, len);
    if (ch->seen.body_bytes > ch->request.message->body_cap) {
        ch->seen.stop = STOP_BODY_CAP;
        return false;
    }
    return true;
}

static void note_body_damage(struct channel *ch)
{
    ch->seen.stop = STOP_DECODE;
    snprintf(ch->seen.words, sizeof ch->seen.words, "%s", decoder_reason(ch->decoder));
}

static bool decode_body(struct channel *ch, const char *data, size_t len)
{
    uint64_t cap = ch->request.message->body_cap;
    if (ch->decoder == NULL)
        ch->decoder = decoder_lend(ch->t->decoders, ch->codings.data, ch->codings.len, cap);
    switch (decoder_feed(ch->decoder, data, len, take_body_bytes, ch)) {
    case DECODE_OK:
        /* Bytes that decode to nothing are bytes, too. */
        if (ch->seen.wire_bytes <= cap)
            return true;
        ch->seen.stop = STOP_BODY_CAP;
        return false;
    case DECODE_DAMAGED:
        note_body_damage(ch);
        return false;
    case DECODE_TOO_BIG:
        ch->seen.stop = STOP_BODY_CAP;
        return false;
    case DECODE_STOPPED:
        break;
    }
    return false;
}

static void end_decoding(struct channel *ch, bool whole)
{
    if (ch->decoder == NULL)
        return;
    if (whole && decoder_end(ch->decoder) == DECODE_DAMAGED)
        note_body_damage(ch);
    decoder_return(ch->t->decoders, ch->decoder);
    ch->decoder = NULL;
}

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
    struct channel *ch = arg;
    size_t len = size * n;
    ch->seen.wire_bytes += len;
    if (ch->seen.leg_bytes == 0) { /* libcurl calls that HTTP/0.9 */
        curl_seen_not_http(&ch->seen, data, len);
        return 0;
    }
    bool more = ch->codings.len > 0 ? decode_body(ch, data, len) : take_body_bytes(ch, data, len);
    return more ? len : 0;
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
    if (leaves_origin(ch->request.message->origin->text, data + start, end - start))
        return true;
    if (status == 303)
        curl_request_see_other(&ch->request, ch->easy);
    curl_seen_redirect(&ch->seen);
    return false;
}

/* The value of a header line with that name, in small letters with its colon; NULL: another.
 * Where the colon stands tells most of the others apart. */
static const char *header_line_value(const char *line, size_t len, const char *name,
                                     size_t name_len)
{
    bool same =
        len > name_len && line[name_len - 1] == ':' && strncasecmp(line, name, name_len) == 0;
    return same ? line + name_len : NULL;
}

static void note_cookie(struct channel *ch, size_t len)
{
    struct visitor *v = ch->visitor;
    if (!v->cookies)
        return;
    v->cookie_growth += curl_cookie_cost(len);
    ch->t->cookie_bytes += curl_cookie_cost(len);
}

static void note_coding(struct channel *ch, const char *value, size_t len)
{
    if (!ch->request.message->gzip) /* not asked for: it stays as it is */
        return;
    if (ch->codings.len > 0)
        buf_char(&ch->codings, ',');
    buf_add(&ch->codings, value, len);
}

/* Notes headers that libcurl does not handle for us.  The first letter tells most others apart. */
static void note_header(struct channel *ch, const char *data, size_t len)
{
    static const char alive[] = "keep-alive:", coding[] = "content-encoding:",
                      cookie[] = "set-cookie:";
    const char *value;
    switch (data[0] | 0x20) {
    case 'k':
        if ((value = header_line_value(data, len, alive, sizeof alive - 1)) != NULL)
            ch->seen.keeps_s = kept_timeout_s(value, len - (sizeof alive - 1));
        break;
    case 'c':
        if ((value = header_line_value(data, len, coding, sizeof coding - 1)) != NULL)
            note_coding(ch, value, len - (sizeof coding - 1));
        break;
    case 's':
        if (header_line_value(data, len, cookie, sizeof cookie - 1) != NULL)
            note_cookie(ch, len);
        break;
    default:
        break;
    }
}

/* A further reply begins: behind 1xx, or a redirect.  Trailers come without a blank line. */
static void begin_head(struct channel *ch)
{
    ch->seen.headers_complete = false;
    end_decoding(ch, false);
    buf_clear(&ch->codings);
}

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
    struct channel *ch = arg;
    size_t len = size * n;

    ch->seen.header_bytes += len;
    ch->seen.leg_bytes += len;
    if (ch->seen.leg_bytes > HEADERS_MAX) {
        ch->seen.stop = STOP_HEADER_CAP;
        return 0;
    }
    note_header(ch, data, len);
    if ((ch->request.message->keep & REPLY_HEADERS) != 0)
        reply_keep(&ch->kept_headers, data, len);
    if (len <= 2 && (data[0] == '\r' || data[0] == '\n'))
        ch->seen.headers_complete = true;
    else if (len > 5 && data[4] == '/' && strncasecmp(data, "HTTP/", 5) == 0)
        begin_head(ch);
    if (redirect_refused(ch, data, len)) {
        ch->seen.stop = STOP_REDIRECT;
        return 0;
    }
    return len;
}

/* Memory that one large reply has taken is not kept for ever. */
static void reply_buf_trim(struct buf *b)
{
    if (b->room > KEPT_ROOM_MAX)
        buf_finish(b);
}

static void outcome_add_kept(const struct channel *ch, struct outcome *o)
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

static const char *setup_error_text(CURLcode rc)
{
    if (rc == CURLE_BAD_FUNCTION_ARGUMENT)
        return "a part of it, such as the URL, is longer than libcurl takes (8 MB)";
    return curl_easy_strerror(rc);
}

/* libcurl does not take it: it is not sent. */
static void refuse_request(struct channel *ch, enum fail own, const char *why)
{
    curl_seen_refusal(&ch->seen, own, why);
    doom_request(ch);
}

/* The connection that is not to be used is closed when the new one is put beside it. */
static void set_fresh_connection(struct channel *ch, bool fresh)
{
    if (fresh != ch->told_fresh)
        curl_easy_setopt(ch->easy, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
    ch->told_fresh = fresh;
}

/* `taken`: how libcurl took what it is set up for. */
static void start_request(struct channel *ch, CURLcode taken)
{
    curl_request_begin(&ch->request);
    curl_seen_begin(&ch->seen);
    ch->seen.tls = ch->request.message->origin->tls;
    ch->seen.answered = ch->t->answered;
    if (ch->request.message->keep != 0) {
        reply_buf_trim(&ch->kept_body);
        reply_buf_trim(&ch->kept_headers);
        buf_clear(&ch->kept_body);
        buf_clear(&ch->kept_headers);
    }
    ch->fd = -1;
    ch->running = true;
    if (taken != CURLE_OK) {
        refuse_request(ch, taken == CURLE_OUT_OF_MEMORY ? FAIL_CLIENT_MEMORY : FAIL_CLIENT_REQUEST,
                       setup_error_text(taken));
        return;
    }
    set_fresh_connection(ch, ch->fresh);
    CURLMcode added = curl_multi_add_handle(ch->t->multi, ch->easy);
    if (added != CURLM_OK)
        refuse_request(ch, added == CURLM_OUT_OF_MEMORY ? FAIL_CLIENT_MEMORY : FAIL_CLIENT_FAULT,
                       curl_multi_strerror(added));
}

/* The target cannot have seen anything of it: the connection was not used, or closed before. */
static bool request_starts_anew(struct channel *ch, CURLcode rc)
{
    if (rc == CURLE_OK || ch->seen.own != FAIL_NONE || ch->new_starts == NEW_STARTS_MAX ||
        !curl_seen_unseen(&ch->seen, rc) || (ch->seen.unread && ch->sent_again))
        return false;
    if (ch->seen.unread)
        ch->sent_again = ch->fresh = true;
    ch->new_starts++;
    curl_multi_remove_handle(ch->t->multi, ch->easy);
    start_request(ch, CURLE_OK);
    return true;
}

/* Beyond what a user may have the oldest go.  Counting takes a while: not at each reply. */
static void bound_cookies(struct channel *ch)
{
    struct transport *t = ch->t;
    struct visitor *v = ch->visitor;
    if (v->cookie_growth == 0)
        return;
    size_t all = t->cfg.cookies_max > 0 ? t->cfg.cookies_max : TRANSPORT_COOKIES_ALL_MAX;
    size_t most = TRANSPORT_COOKIES_MAX, share = all / t->n_visitors;
    if (t->cookie_bytes > all && share < most)
        most = share;
    if (v->cookie_growth <= most / 4 || v->cookie_bytes + v->cookie_growth <= most)
        return;
    t->cookie_bytes -= v->cookie_bytes + v->cookie_growth;
    v->cookie_bytes = curl_cookies_trim(v->share, most);
    v->cookie_growth = 0;
    t->cookie_bytes += v->cookie_bytes;
}

static void finish_request(struct channel *ch, CURLcode rc)
{
    struct outcome o;
    spare_request(ch);
    end_decoding(ch, rc == CURLE_OK);
    if (request_starts_anew(ch, rc))
        return;
    if (ch->request.file_short)
        ch->seen.stop = STOP_FILE;
    curl_outcome(ch->easy, &ch->seen, ch->request.message, &o);
    curl_verdict(ch->easy, &ch->seen, rc, &o);
    if (curl_hosts_over(&ch->place, ch->easy, ch->seen.connected, &o)) {
        curl_multi_remove_handle(ch->t->multi, ch->easy);
        start_request(ch, CURLE_OK);
        return;
    }
    outcome_add_kept(ch, &o);
    if (ch->fd >= 0) {
        struct watched *w = socket_watched(ch->t, ch->fd);
        w->http2 = o.http2;
        w->idle_ns = now_ns();
        if (ch->seen.keeps_s > 0)
            kept_told(&ch->t->limits, w->peer, ch->seen.keeps_s * NS_PER_S, w->idle_ns);
    }
    if (o.status != 0)
        ch->t->answered = true;
    o.by_event = ch->t->event_of == ch->visitor;
    o.sent_again = ch->sent_again;
    curl_multi_remove_handle(ch->t->multi, ch->easy);
    ch->running = false;
    bound_cookies(ch);
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

/* Ends some of them: a request begun at once in place of one may be doomed again. */
static void end_doomed_requests(struct transport *t)
{
    for (unsigned n = 0; n < DOOMED_PER_TURN && t->doomed != NULL; n++)
        finish_request(t->doomed, CURLE_FAILED_INIT);
}

/* ------------------------------------------------------------------ request */

static void curl_begin(struct channel *ch, const struct message *m)
{
    struct transport *t = ch->t;
    CURLcode taken = curl_request_set(&ch->request, ch->easy, m, &t->rules, t->rules_version);
    ch->new_starts = 0;
    ch->fresh = ch->sent_again = false;
    ch->running = true;
    if (taken != CURLE_OK || curl_hosts_begin(t->hosts, &ch->place, ch->easy, m->origin))
        start_request(ch, taken);
}

/* The name that it waited for is known now, or cannot be resolved. */
static void resume_request(struct channel *ch, struct host *host)
{
    struct outcome o;
    if (curl_hosts_resume(&ch->place, host, ch->easy, &o)) {
        start_request(ch, CURLE_OK);
        return;
    }
    ch->running = false;
    ch->t->cfg.done(ch->tag, &o, ch->t->cfg.arg); /* ch is not ours any more */
}

/* Resumes some of them: replies are read in between. */
static void resume_requests(struct transport *t)
{
    struct host *host;
    struct channel *ch;
    for (unsigned n = 0; n < RESUMED_PER_TURN; n++) {
        ch = hosts_next_due(curl_hosts_all(t->hosts), &host);
        if (ch == NULL)
            return;
        resume_request(ch, host);
    }
}

/* libcurl counts a connection when TLS is through, too (7.88). */
static bool has_reached_target(const struct channel *ch)
{
    struct sockaddr_storage a;
    socklen_t len = sizeof a;
    for (int fd = ch->visitor->sockets; fd >= 0; fd = socket_watched(ch->t, fd)->next)
        if (!socket_watched(ch->t, fd)->kept && getpeername(fd, (struct sockaddr *)&a, &len) == 0)
            return true;
    return false;
}

static void curl_abort(struct channel *ch, struct outcome *o)
{
    spare_request(ch);
    ch->running = false;
    if (curl_hosts_abort(&ch->place, o))
        return;
    ch->seen.reached = ch->seen.tls && has_reached_target(ch);
    curl_outcome(ch->easy, &ch->seen, ch->request.message, o);
    curl_phase(ch->easy, &ch->seen, o);
    o->sent_again = ch->sent_again;
    curl_hosts_given_up(&ch->place, ch->easy, ch->seen.connected, o);
    end_decoding(ch, false);
    curl_multi_remove_handle(ch->t->multi, ch->easy);
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

static void easy_set_up(struct channel *ch)
{
    CURL *easy = ch->easy;
    const char *ca = getenv("SSL_CERT_FILE");

    curl_easy_setopt(easy, CURLOPT_PRIVATE, ch);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* Should it look a name up all the same, it does not wait for that at the end. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
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
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_send);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, ch);
    if (ch->visitor->cookies)
        curl_easy_setopt(easy, CURLOPT_COOKIEFILE, ""); /* on, none loaded */
    limit_protocols(easy);
    curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L); /* decode.h does, better */
    curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 1L); /* to see what it is; then it fails */
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

static struct visitor *visitor_create(struct transport *t, bool cookies)
{
    struct visitor *v = mem_zalloc(sizeof *v);
    v->cookies = cookies;
    v->sockets = -1;
    v->share = share_create(cookies);
    if (v->share != NULL) {
        t->n_visitors++;
        return v;
    }
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
    for (int fd = v->sockets; fd >= 0; fd = socket_watched(ch->t, fd)->next)
        socket_watched(ch->t, fd)->of = NULL; /* should libcurl keep one for longer */
    ch->t->cookie_bytes -= v->cookie_bytes + v->cookie_growth;
    ch->t->n_visitors--;
    free(v);
}

static void curl_channel_close(struct channel *ch)
{
    if (ch == NULL)
        return;
    spare_request(ch);
    if (ch->running)
        curl_multi_remove_handle(ch->t->multi, ch->easy);
    curl_easy_cleanup(ch->easy);
    curl_place_finish(&ch->place);
    curl_request_finish(&ch->request);
    visitor_leave(ch);
    buf_finish(&ch->kept_body);
    buf_finish(&ch->kept_headers);
    end_decoding(ch, false);
    buf_finish(&ch->codings);
    free(ch);
}

static struct channel *curl_channel_open(struct transport *t, struct channel *sibling, bool cookies,
                                         void *tag)
{
    struct visitor *v = sibling != NULL ? sibling->visitor : visitor_create(t, cookies);
    if (v == NULL)
        return NULL;
    struct channel *ch = mem_zalloc(sizeof *ch);
    ch->t = t;
    ch->tag = tag;
    ch->place.waiter.owner = ch;
    ch->place.number = sibling != NULL ? sibling->place.number : 0;
    ch->visitor = v;
    ch->fd = -1;
    ch->next = v->channels;
    v->channels = ch;
    ch->easy = curl_easy_init();
    if (ch->easy == NULL || !curl_request_init(&ch->request, ch->easy)) {
        curl_channel_close(ch);
        return NULL;
    }
    easy_set_up(ch);
    curl_easy_setopt(ch->easy, CURLOPT_SHARE, v->share);
    return ch;
}

static void curl_channel_source(struct channel *ch, const char *address)
{
    char *host = mem_printf("host!%s", address);
    curl_easy_setopt(ch->easy, CURLOPT_INTERFACE, host);
    free(host);
}

static void curl_channel_number(struct channel *ch, uint32_t number)
{
    for (struct channel *c = ch->visitor->channels; c != NULL; c = c->next)
        c->place.number = number;
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
    ch->t->cookie_bytes -= v->cookie_bytes + v->cookie_growth;
    v->cookie_bytes = v->cookie_growth = 0;
    for (struct channel *c = v->channels; c != NULL; c = c->next)
        curl_easy_setopt(c->easy, CURLOPT_SHARE, fresh);
}

/* libcurl tells its cookies as lines of a cookies.txt: the value is the last of seven
 * columns. */
static void curl_channel_cookies(struct channel *ch,
                                 void (*value)(const char *text, size_t len, void *arg), void *arg)
{
    enum { COOKIES_TOLD = 300 };
    struct curl_slist *lines = NULL;
    unsigned n = 0;
    if (!ch->visitor->cookies ||
        curl_easy_getinfo(ch->easy, CURLINFO_COOKIELIST, &lines) != CURLE_OK)
        return;
    for (const struct curl_slist *l = lines; l != NULL && n < COOKIES_TOLD; l = l->next, n++) {
        const char *tab = strrchr(l->data, '\t');
        if (tab != NULL)
            value(tab + 1, strlen(tab + 1), arg);
    }
    curl_slist_free_all(lines);
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
    t->hosts = curl_hosts_create(cfg->resolver, cfg->epoll_fd, e);
    if (t->hosts == NULL) {
        curl_multi_cleanup(t->multi);
        free(t);
        return NULL;
    }
    t->decoders = decoders_create();
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
    curl_hosts_destroy(t->hosts);
    decoders_destroy(t->decoders);
    free(t->watched);
    free(t->held);
    free(t);
}

static void curl_configure(struct transport *t, const struct transport_rules *rules)
{
    /* Counts in each user's own cache: when a profile changes the target, the connection
     * to the old one must not stay open beside the new one. */
    curl_multi_setopt(t->multi, CURLMOPT_MAXCONNECTS,
                      rules->parallel > 1 ? (long)rules->parallel : 1L);
    hosts_set_ttl(curl_hosts_all(t->hosts), rules->dns_ttl_ns);
    t->rules = *rules;
    t->rules_version++;
}

/* A connection on which the target said its end (TLS) without a reply: what libcurl answers to
 * that would be more bytes that the target has not read, and its reset would tell nothing of the
 * request.  So libcurl is told when the connection has ended, or after a while. */
static bool hold_back_socket(struct transport *t, int fd)
{
    struct watched *w = socket_watched(t, fd);
    struct channel *ch = channel_waiting_on(w, fd);
    if (ch == NULL || !ch->seen.tls || w->held_ns != 0 || !kept_says_end(fd) ||
        !watch_socket_end(t, fd))
        return false;
    if (t->n_held == t->held_room) {
        t->held_room = 2 * t->held_room + 16;
        t->held = mem_grow(t->held, t->held_room, sizeof *t->held);
    }
    t->held[t->n_held++] = fd;
    w->held_ns = now_ns() + HELD_BACK_NS;
    return true;
}

/* Lets go of the sockets that were held back for long enough and did not end. */
static void release_held_sockets(struct transport *t)
{
    uint64_t now = now_ns();
    size_t n = 0;
    int running;
    for (; n < t->n_held && socket_watched(t, t->held[n])->held_ns <= now; n++) {
        struct watched *w = socket_watched(t, t->held[n]);
        if (w->held_ns == 0)
            continue;
        watch_socket(t, t->held[n], w->wanted != 0 ? w->wanted : EPOLLIN);
        curl_multi_socket_action(t->multi, t->held[n], CURL_CSELECT_IN, &running);
    }
    t->n_held -= n;
    if (n > 0)
        memmove(t->held, t->held + n, t->n_held * sizeof *t->held);
}

static uint64_t held_deadline(const struct transport *t)
{
    return t->n_held > 0 ? t->watched[t->held[0]].held_ns : UINT64_MAX;
}

static void curl_on_event(struct transport *t, int fd, uint32_t events)
{
    struct watched *w = socket_watched(t, fd);
    int mask = 0, running;

    if (fd == hosts_fd(curl_hosts_all(t->hosts))) {
        hosts_on_event(curl_hosts_all(t->hosts), now_ns()); /* on_time does the rest */
        return;
    }
    if (w->wanted == 0) {
        note_idle_socket(t, fd, events);
        return;
    }
    if ((events & EPOLLIN) != 0)
        mask |= CURL_CSELECT_IN;
    if ((events & EPOLLOUT) != 0)
        mask |= CURL_CSELECT_OUT;
    if ((events & (EPOLLERR | EPOLLHUP)) != 0)
        mask |= CURL_CSELECT_ERR | CURL_CSELECT_IN;
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
        note_socket_end(t, fd);
    else if (w->rested && hold_back_socket(t, fd))
        return;
    t->event_of = w->of;
    curl_multi_socket_action(t->multi, fd, mask, &running);
    read_messages(t);
    t->event_of = NULL;
}

static uint64_t curl_deadline(const struct transport *t)
{
    bool due = t->doomed != NULL || hosts_is_due(curl_hosts_all(t->hosts));
    uint64_t held_ns = held_deadline(t);
    return due ? 0 : held_ns < t->deadline_ns ? held_ns : t->deadline_ns;
}

static void curl_on_time(struct transport *t)
{
    int running;
    end_doomed_requests(t);
    resume_requests(t);
    release_held_sockets(t);
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
    .supports = curl_supports,
    .global_init = curl_init,
    .global_finish = curl_finish,
    .create = curl_create,
    .destroy = curl_destroy,
    .configure = curl_configure,
    .channel_open = curl_channel_open,
    .channel_close = curl_channel_close,
    .channel_source = curl_channel_source,
    .channel_number = curl_channel_number,
    .channel_reset = curl_channel_reset,
    .channel_cookies = curl_channel_cookies,
    .begin = curl_begin,
    .abort = curl_abort,
    .on_event = curl_on_event,
    .deadline = curl_deadline,
    .on_time = curl_on_time,
    .open_sockets = curl_open_sockets,
};
