/* SPDX-License-Identifier: MIT */
/* kept.h - connections that are kept for the next request: may one be used?
 *
 * A server closes an idle connection when it likes (RFC 9112, 9.5), also in the moment in which
 * the next request sets out on it.  So it is better not to come close to that moment: how long a
 * target keeps idle connections is learned from those that it closes, and from what it says
 * (Keep-Alive: timeout=5), and one that was idle for nearly as long is not used any more.
 *
 * A request that meets the close is lost.  Whether it was read before is what the kernel knows
 * (kept_ending): sometimes for sure, and then it may be sent again.
 *
 * Nothing here knows of a transport, of HTTP only that header.  A struct kept_limits belongs to one
 * thread. */
#ifndef RAMPTOP_LOAD_KEPT_H
#define RAMPTOP_LOAD_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is nothing there to be read, no end and no error?  What is there stays there.  A socket that
 * does not block or does, any thread. */
bool kept_is_quiet(int fd);

/* How a connection ended with a request on it.  A kernel acknowledges what it took for its
 * program, and an end (FIN) says how far that was; a connection that is closed with bytes in it
 * that nobody has read is reset instead (RFC 2525, 2.17), and so is one whose program wants it
 * like that (SO_LINGER of 0), having read them. */
enum kept_end {
    KEPT_OPEN,         /* not ended, or the kernel does not tell how */
    KEPT_ENDED,        /* by a FIN, with the request or a part of it there: it may have been read */
    KEPT_ENDED_BEFORE, /* by a FIN from before the request came: nobody has read it */
    KEPT_RESET,        /* without a FIN: most likely not all of it was read */
};
/* request_bytes: of it went out, at least, and nothing else since the reply before.  An error
 * that waits at the socket is taken: the next call of it sees an end. */
enum kept_end kept_ending(int fd, uint64_t request_bytes);

/* Bytes that are there to be read; the socket's error stays where it is. */
size_t kept_bytes(int fd);

/* Is all that is there to be read one alert of TLS?  By its type, or in TLS 1.3, which hides that,
 * by its length: no reply is so short. */
bool kept_says_end(int fd);

/* The local port, 0 where there is none. */
uint16_t kept_port(int fd);

/* Returns the number of a target, never 0.  Two that share a number share what is learned. */
uint32_t kept_peer(const char *ip, int port);

#define KEPT_PEERS 8 /* so many are remembered, the latest */

struct kept_limit {
    uint64_t ns;       /* 0: not known */
    uint64_t until_ns; /* when it is to be learned anew */
};

struct kept_limits {
    unsigned n; /* targets of which anything is known: mostly none */
    struct kept_target {
        uint32_t peer;
        uint64_t learned_ns;        /* when anything was */
        struct kept_limit seen;     /* how long the connection that it closed last was idle */
        struct kept_limit repeated; /* the same of several, one after the other; or as it said */
    } targets[KEPT_PEERS];
};

/* The target closed a connection that had been idle for so long. */
void kept_closed(struct kept_limits *l, uint32_t peer, uint64_t idle_ns, uint64_t now_ns);
/* The target says how long it keeps a connection. */
void kept_told(struct kept_limits *l, uint32_t peer, uint64_t limit_ns, uint64_t now_ns);
/* The seconds in the value of a Keep-Alive header; 0: it does not say. */
unsigned kept_timeout_s(const char *value, size_t len);

/* Has a connection that is still open been idle for too long?  One that is open far beyond what
 * was learned shows that this no longer holds, or that the target is late: what confirms it is
 * waited for, for some seconds.  Where the connection has ended: was it the target's limit? */
bool kept_too_long(struct kept_limits *l, uint32_t peer, uint64_t idle_ns, uint64_t now_ns);

#endif
