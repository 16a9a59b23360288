/* SPDX-License-Identifier: MIT */
/* hosts.h - what one worker knows of names, and who waits for one.
 *
 * Between a transport and the resolver that all workers share.  A name that is known is used at
 * once; when it has become old it is looked up again, and used meanwhile.  Who needs one that
 * is not known waits, and comes to be due when it is, or when it cannot be resolved.
 *
 * Knows nothing of sockets.  The worker's thread only. */
#ifndef RAMPTOP_LOAD_HOSTS_H
#define RAMPTOP_LOAD_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/load/resolver.h"

#define HOSTS_DEFAULT_TTL_NS UINT64_C(30000000000)

struct hosts;
struct host;

/* Somebody who needs a name; zeroed to begin with. */
struct waiter {
    void *owner;
    /* private */
    struct host *host;   /* the host that it waits for or is due with */
    struct queue *queue; /* where it stands; NULL: nowhere */
    struct waiter *prev, *next;
};

/* NULL with a sentence. */
struct hosts *hosts_create(struct resolver *r, struct err *e);
void hosts_destroy(struct hosts *n); /* nobody waits any more; NULL is fine */
/* How long what was looked up is taken for the truth; 0: HOSTS_DEFAULT_TTL_NS. */
void hosts_set_ttl(struct hosts *n, uint64_t ttl_ns);

/* When that descriptor is readable hosts_on_event is to be called. */
int hosts_fd(const struct hosts *n);
void hosts_on_event(struct hosts *n, uint64_t now);

/* The host of that name, whose letters are made small; it stays as long as hosts does. */
struct host *hosts_find(struct hosts *n, const char *name, size_t len);

enum host_state {
    HOST_KNOWN, /* host_answer tells */
    HOST_ASKED, /* nothing is known yet */
    HOST_BAD,   /* not resolved: host_failure tells why */
};

/* Has it looked up when that is due. */
enum host_state host_look(struct host *host, uint64_t now);
/* NULL: none is known. */
const struct answer *host_answer(const struct host *host);
/* Why not: "could not resolve host: NAME (...)".  Valid until the next call. */
const char *host_failure(struct host *host);
/* Nothing answers at its addresses: they may be others by now. */
void host_doubt(struct host *host, uint64_t now);

void host_wait(struct host *host, struct waiter *w);         /* until hosts_on_event */
void host_wait_no_more(struct host *host, struct waiter *w); /* the waiter is due at once */
void waiter_leave(struct waiter *w); /* neither waits nor is due; twice is fine */
bool hosts_is_due(const struct hosts *n);
/* The owner of the next that is due, first come first served, and its name.  NULL: nobody. */
void *hosts_next_due(struct hosts *n, struct host **host);

/* User `number` begins with address number mod n of a family: returns the index of the one that it
 * takes in place of the one at `given` (both into a's items), so that each comes once. */
unsigned answer_place(const struct answer *a, unsigned given, uint32_t number);

#endif
