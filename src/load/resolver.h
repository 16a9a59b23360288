/* SPDX-License-Identifier: MIT */
/* resolver.h - from names to addresses, without anybody waiting for a name server.
 *
 * Properties   Names are looked up by getaddrinfo(3), so that /etc/hosts, nsswitch.conf and
 *              search domains count as everywhere, on a few threads of its own, one lookup
 *              per name at a time however many ask for it.  What was found is kept: who asks
 *              says how old it may be.  A name that could not be resolved is not looked up
 *              again within RESOLVER_FAILED_NS.
 * Operation    Each worker has a desk.  resolver_ask answers at once from what is known, or
 *              the question is answered later: then the desk's descriptor becomes readable.
 *              A question may be withdrawn at any time.
 *              getaddrinfo() cannot be given up.  A thread that is inside it when the
 *              resolver is closed is left to itself: nobody waits for it, and the last thread
 *              to leave frees what it has used.
 * Safety       resolver_create, resolver_close: one thread, no desk is open any more.  A
 *              desk and its questions: their worker's thread.  The others: any thread.
 *
 *   written by       | field          | order       | read by | why
 *   any              | names, desks   | mutex       | any     | held for lists and copies only
 *   resolver threads | an answer      | none        | any     | immutable once it is handed out
 *   any              | answer's refs  | acq_rel RMW | any     | the last holder frees it
 *   workers          | tallies        | relaxed RMW | any     | figures only */
#ifndef RAMPTOP_LOAD_RESOLVER_H
#define RAMPTOP_LOAD_RESOLVER_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "src/base/err.h"

#define RESOLVER_THREADS 8                      /* at most; started when they are needed */
#define RESOLVER_ADDRESSES 64                   /* for a name; further ones are left out */
#define RESOLVER_FAILED_NS UINT64_C(1000000000) /* how long "no such name" is believed */

struct resolver;
struct desk;

/* IPv4 or IPv6; its port is 0. */
union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* How often an address of a name was used. */
struct tally {
    _Atomic uint64_t tries;       /* attempts to connect */
    _Atomic uint64_t connections; /* the tries that came about */
};

/* The addresses of a name.  Those of the family that the system prefers come first, within a
 * family they are sorted: their order does not depend on the name server's. */
struct answer {
    uint64_t number;     /* unique among answers; from 1 on */
    unsigned n, n_first; /* addresses; those of the preferred family */
    _Atomic unsigned refs;
    struct {
        union address address;
        struct tally *tally; /* lives as long as the resolver; NULL: it is not counted */
    } items[];
};

struct answer *answer_ref(struct answer *a);
void answer_unref(struct answer *a); /* NULL is fine */
socklen_t address_length(const union address *a);
bool address_same(const union address *a, const union address *b);

/* The result of a lookup. */
struct found {
    unsigned n;
    union address items[RESOLVER_ADDRESSES];
};

struct resolver_config {
    unsigned threads; /* at most; 0: RESOLVER_THREADS */
    /* Fills *out, in the system's order of preference; 0 or EAI_*.  May take as long as it
     * likes.  NULL: getaddrinfo(3). */
    int (*lookup)(const char *host, struct found *out, void *arg);
    void *arg;               /* lives until every lookup has returned */
    uint64_t (*clock)(void); /* NULL: now_ns */
};

struct resolver *resolver_create(const struct resolver_config *cfg); /* NULL: all as usual */
/* Does not wait for lookups under way.  NULL is fine. */
void resolver_close(struct resolver *r);

/* NULL with a sentence: no descriptor is left. */
struct desk *desk_open(struct resolver *r, struct err *e);
void desk_close(struct desk *d);   /* all questions answered or withdrawn; NULL is fine */
int desk_fd(const struct desk *d); /* to be watched for reading, level-triggered */

struct question {
    const char *host;      /* a name in small letters, no address; stays until it is answered */
    struct answer *answer; /* answered: a reference; NULL: no address is known */
    int why;               /* 0, or the EAI_* of the newest lookup; with an answer: it is an older
                              one, since a name server did not answer */
    uint64_t born_ns;      /* when that lookup ended; UINT64_MAX: it holds for ever */
    /* private */
    struct question *next;
    struct lookup *lookup; /* the one it waits for; */
    struct desk *desk;     /* there */
};

/* Asks for the addresses of q->host, looked up at most max_age_ns ago.  True: q is answered.
 * False: desk_take will return it. */
bool resolver_ask(struct desk *d, struct question *q, uint64_t max_age_ns);
/* The question is no longer of interest; one that does not wait is fine. */
void resolver_withdraw(struct question *q);
/* The next question that was answered, NULL: none.  For when desk_fd is readable: until NULL. */
struct question *desk_take(struct desk *d);

/* The addresses that names have or had, and how often each was used: by name.  localhost is
 * left out. */
struct address_use {
    char host[64], address[INET6_ADDRSTRLEN]; /* clean; a longer name is cut */
    uint64_t tries, connections;
};
/* Fills at most max; returns how many.  The last is "(others)" where there are more. */
size_t resolver_uses(struct resolver *r, struct address_use *out, size_t max);

#endif
