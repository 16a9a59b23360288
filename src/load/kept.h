/* SPDX-License-Identifier: MIT */
/* kept.h - connections that are kept for the next request: may one be used?
 *
 * A server closes an idle connection when it likes (RFC 9112, 9.5), also in the moment in which
 * the next request sets out on it.  That request is lost, and no client can tell whether it was
 * read before; sent again it may be asked twice.  So it is better not to come close to that
 * moment: how long a target keeps idle connections is learned from those that it closes, and
 * from what it says (Keep-Alive: timeout=5), and one that was idle for nearly as long is not
 * used any more.
 *
 * Nothing here knows of libcurl, of HTTP only that header.  A struct kept_limits belongs to one
 * thread. */
#ifndef RAMPTOP_LOAD_KEPT_H
#define RAMPTOP_LOAD_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is nothing there to be read, no end and no error?  What is there stays there.  A socket that
 * does not block or does, any thread. */
bool kept_is_quiet(int fd);

/* The local port, 0 where there is none. */
uint16_t kept_port(int fd);

/* Which target: not 0.  Two that share a number share what is learned. */
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
        struct kept_limit seen;     /* of the connection that it closed last */
        struct kept_limit repeated; /* of several, one after the other; or what it said */
    } targets[KEPT_PEERS];
};

/* The target closed a connection that had been idle for so long. */
void kept_closed(struct kept_limits *l, uint32_t peer, uint64_t idle_ns, uint64_t now_ns);
/* It says how long it keeps one. */
void kept_told(struct kept_limits *l, uint32_t peer, uint64_t limit_ns, uint64_t now_ns);
/* The seconds in the value of a Keep-Alive header; 0: it does not say. */
unsigned kept_timeout_s(const char *value, size_t len);

/* Has a connection that is still open been idle for too long?  One that is open far beyond what
 * was learned shows that this no longer holds. */
bool kept_too_long(struct kept_limits *l, uint32_t peer, uint64_t idle_ns, uint64_t now_ns);

#endif
