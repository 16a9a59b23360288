/* SPDX-License-Identifier: MIT */
/* transport.h - what a worker asks of the thing that speaks HTTP: begin a request
 * for a user, be told when it is done.
 *
 * A transport belongs to one worker thread and shares its epoll instance.  It
 * knows nothing of tasks, waits or statistics; the worker knows nothing of
 * sockets.  Each transport is a row of the table in transports.c.
 *
 * Safety: all functions on the owning worker's thread only, but for the first three: supports
 * on any, global_init and global_finish on main's while there is no other. */
#ifndef RAMPTOP_LOAD_TRANSPORT_H
#define RAMPTOP_LOAD_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/stats/fail.h"

struct message;
struct epoll_event;
struct resolver;

struct transport; /* each worker has its own */
struct channel;   /* carries a request at a time, on a connection of its own */

/* The end of one request. */
struct outcome {
    enum fail fail;  /* never FAIL_STATUS, which validate_reply finds; FAIL_TIMEOUT where the
                        system or a library gave up before the worker's clock did */
    unsigned status; /* HTTP status, 0 for none */
    bool new_connection, http2;
    /* Since the start, 0 where it did not happen. */
    uint32_t dns_us, connect_us, tls_us, first_byte_us;
    uint64_t bytes_in, bytes_out;
    /* Raw text from outside, borrowed until the callback returns; may be "". */
    const char *reason; /* why it failed, in the transport's words; also of a reply whose status
                           the transport can explain */
    const char *body;   /* first bytes of the reply's body, body_len of them; all that
                           the message's `keep` asks for, else enough for an example */
    size_t body_len;
    uint64_t body_bytes; /* the whole body, decoded */
    const char *headers; /* as in script/reply.h, if the message's `keep` asks for them */
    size_t headers_len;
    uint32_t retry_after_s; /* the reply's Retry-After, UINT32_MAX for none */
    bool sent_again;        /* unread where its kept connection was closed: a second try */
    bool by_event; /* the end came with the event under way (on_event), not beside another one's */
};

struct transport_config {
    /* The worker's: the transport adds its sockets with data.u64 = TRANSPORT_TAG | fd. */
    int epoll_fd;
    struct resolver *resolver; /* outlives the transport */
    size_t cookies_max; /* bytes of all its users' cookies, about; 0: TRANSPORT_COOKIES_ALL_MAX */
    /* A request ended.  Called from on_event and on_time, and never from within begin.  The
     * channel is free for the next request, also from inside this call. */
    void (*done)(void *tag, const struct outcome *o, void *arg);
    void *arg;
};

#define TRANSPORT_TAG (UINT64_C(1) << 32)

#define TRANSPORT_COOKIES_MAX (64u << 10) /* bytes of a user: some hundreds, as browsers keep */
/* Bytes for all users of a transport, about: beyond it each has an equal share. */
#define TRANSPORT_COOKIES_ALL_MAX (64u << 20)

/* Abilities that a transport may lack. */
enum transport_need {
    TRANSPORT_TLS = 1 << 0,
    TRANSPORT_HTTP2 = 1 << 1,       /* over TLS */
    TRANSPORT_HTTP2_PLAIN = 1 << 2, /* without TLS */
    TRANSPORT_REDIRECTS = 1 << 3,
    TRANSPORT_COOKIES = 1 << 4,
    TRANSPORT_GZIP = 1 << 5,
};

/* Rules for all requests of a profile. */
struct transport_rules {
    unsigned needs;      /* enum transport_need: all that its requests ask for */
    bool insecure;       /* certificates are not verified */
    bool http2;          /* offered by ALPN over TLS, assumed without it */
    unsigned parallel;   /* connections that a user keeps; 0 or 1: one */
    uint64_t dns_ttl_ns; /* how long the addresses of a name are used; 0: HOSTS_DEFAULT_TTL_NS */
};

struct transport_ops {
    const char *name;

    /* Whether it can serve these rules; false with a sentence why not. */
    bool (*supports)(const struct transport_rules *rules, struct err *e);
    /* For the whole program, before the first transport and after the last one; finish also
     * after an init that failed. */
    bool (*global_init)(struct err *e);
    void (*global_finish)(void);

    struct transport *(*create)(const struct transport_config *cfg, struct err *e);
    void (*destroy)(struct transport *t); /* all channels closed before; NULL is fine */

    /* Holds for every request begun from now on. */
    void (*configure)(struct transport *t, const struct transport_rules *rules);

    /* A channel of its own, or one more of a user that has `sibling`: cookies are shared.
     * `tag` comes back with done.  NULL: out of memory. */
    struct channel *(*channel_open)(struct transport *t, struct channel *sibling, bool cookies,
                                    void *tag);
    void (*channel_close)(struct channel *ch); /* drops a running request without calling done */
    /* The connections that it opens from now on come from that local address. */
    void (*channel_source)(struct channel *ch, const char *address);
    /* The number i of the channel's user, for all siblings: it begins with address i mod n of the n
     * addresses of a name (answer_place in hosts.h).  0 if it is never called. */
    void (*channel_number)(struct channel *ch, uint32_t number);
    /* Forgets cookies and connections, of all siblings: a new visitor. */
    void (*channel_reset)(struct channel *ch);

    /* Each value of a cookie that the target has set and that is kept; a few hundred at most.
     * NULL: it keeps none. */
    void (*channel_cookies)(struct channel *ch,
                            void (*value)(const char *text, size_t len, void *arg), void *arg);

    /* Starts a request.  The message must live until done or abort. */
    void (*begin)(struct channel *ch, const struct message *m);
    /* Gives a running request up: done is not called; the connection is closed.
     * *o tells how far it had come (phases, bytes, status; its reason names the phase). */
    void (*abort)(struct channel *ch, struct outcome *o);

    /* epoll said something about one of the transport's sockets. */
    void (*on_event)(struct transport *t, int fd, uint32_t events);
    /* When the transport wants to be called at the latest: now_ns() time, UINT64_MAX for never. */
    uint64_t (*deadline)(const struct transport *t);
    void (*on_time)(struct transport *t);
    unsigned (*open_sockets)(const struct transport *t);
};

#endif
