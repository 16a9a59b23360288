/* SPDX-License-Identifier: MIT */
/* dbpool.h - who gets one of N connections and who waits; pure.
 *
 * What an application's connection pool does: a connection is opened when somebody would
 * have to wait and there may be another, handed from one to the next in the order in
 * which they came, and closed again after having been idle for a while.  The one used
 * last is used first, so that those beyond what the load needs grow old.
 *
 * A connection is a slot, 0 to size - 1; the owner opens, uses and closes it and tells of
 * that here.  After an attempt to open that failed the next one is made 0.1, 0.2, 0.4 ...
 * 5 s later.  Somebody who waits is a pointer that the pool only keeps.
 *
 * Times are nanoseconds on any one clock; each call's time must not be before the last
 * call's.  One thread. */
#ifndef RAMPTOP_DEMO_DBPOOL_H
#define RAMPTOP_DEMO_DBPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DBPOOL_RETRY_FIRST_NS UINT64_C(100000000)
#define DBPOOL_RETRY_MOST_NS UINT64_C(5000000000)

enum dbpool_slot_state { SLOT_CLOSED, SLOT_OPENING, SLOT_IDLE, SLOT_BUSY };

struct dbpool_waiter;

struct dbpool {
    /* how many slots are in each state, and who waits */
    size_t opening, idle, busy, waiting;
    /* counters, never reset */
    uint64_t opened, failed, lost, closed;
    uint64_t refused; /* by dbpool_ask, because the queue was full */
    /* private */
    size_t size, queue;
    uint64_t idle_ns, patience_ns;
    enum dbpool_slot_state *states;
    size_t *idle_slots; /* the one used last at the end */
    uint64_t *idle_since_ns;
    struct dbpool_waiter *waiters; /* in order; a ring */
    size_t head;
    uint64_t retry_ns, retry_at_ns;
    size_t to_refuse;
};

/* queue: how many may wait for a busy connection; those for whom one is being opened do
 * not count.  idle_ns: after that an idle one is closed.  patience_ns: nobody waits
 * longer. */
void dbpool_init(struct dbpool *p, size_t size, size_t queue, uint64_t idle_ns,
                 uint64_t patience_ns);
void dbpool_finish(struct dbpool *p);

enum dbpool_reply {
    DBPOOL_TAKEN, /* *slot is theirs: SLOT_BUSY */
    DBPOOL_WAITS, /* comes out of one of the functions below */
    DBPOOL_FULL,  /* the queue is */
    DBPOOL_NONE,  /* no connection, and no attempt for one before its time */
};

/* Asks for a connection on behalf of `who`. */
enum dbpool_reply dbpool_ask(struct dbpool *p, void *who, uint64_t t_ns, size_t *slot);

/* True when a connection is to be opened: *slot is SLOT_OPENING from now on.  To be called
 * until it says false, after each ask and at dbpool_due_ns. */
bool dbpool_grow(struct dbpool *p, uint64_t t_ns, size_t *slot);

/* Tells that the connection is open, or was given back.  Returns who has it now, NULL when it
 * is idle. */
void *dbpool_ready(struct dbpool *p, size_t slot, uint64_t t_ns);
/* Tells that the connection could not be opened, or broke. */
void dbpool_gone(struct dbpool *p, size_t slot, uint64_t t_ns);

/* Returns who is to be told that there is no connection: the first in the queue for each
 * attempt that failed, all when none is left, and those who have waited too long.  NULL: nobody
 * (else). */
void *dbpool_refuse(struct dbpool *p, uint64_t t_ns);
/* True when *slot was idle too long and is to be closed: it is SLOT_CLOSED from now on. */
bool dbpool_shrink(struct dbpool *p, uint64_t t_ns, size_t *slot);

/* Returns when to call grow, refuse and shrink again; UINT64_MAX: not before something
 * else happens. */
uint64_t dbpool_due_ns(const struct dbpool *p);

#endif
