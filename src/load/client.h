/* SPDX-License-Identifier: MIT */
/* client.h - users that do one request after the other on the caller's thread, and wait for
 * each: for questions to a target, not for load.
 *
 * They are made, and they compose, capture and check, as the users of a run do; nothing is
 * counted, and nothing is tried again.  Users of one `struct solos` share one transport,
 * the cursors of feeders and the counters of ${seq}; each has its own connection, cookies,
 * variables and rows, which it keeps: a feeder's row is taken when it is first needed.
 *
 * Safety: one thread. */
#ifndef RAMPTOP_LOAD_CLIENT_H
#define RAMPTOP_LOAD_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/script/reply.h"
#include "src/stats/fail.h"
#include "src/stats/note.h"

struct profile;
struct request;
struct steps;
struct solo;
struct solos;

struct solos_config {
    struct profile *profile; /* referenced */
    uint64_t seed;
    int stop_fd; /* readable: `stop` is to be asked; -1 for none */
    /* true: no further request, waits end at once.  Must take from stop_fd what made it
     * readable.  NULL: never. */
    bool (*stop)(void *arg);
    void *arg;
};

struct solos *solos_open(const struct solos_config *cfg, struct err *e);
void solos_close(struct solos *s); /* after all of its users; NULL is fine */

/* Sleeps until then.  False: it was stopped. */
bool solos_wait(struct solos *s, uint64_t until_ns);
bool solos_stopped(struct solos *s);

/* User `number` of a class, index into profile->classes.  from: the local address that it
 * comes from, NULL for the system's choice.  NULL with a half sentence. */
struct solo *solo_open(struct solos *s, uint16_t cls, uint32_t number, const char *from,
                       struct err *e);
void solo_close(struct solo *u); /* NULL is fine */

/* What became of a request.  Borrowed until the user's next one. */
struct solo_reply {
    enum fail fail;         /* as in a run: STATUS, CHECK, CAPTURE ... too */
    struct reply head;      /* status 0: there was none; its headers, never its body */
    uint32_t retry_after_s; /* dates are read, too; UINT32_MAX for none */
    uint64_t sent_ns, done_ns;
    bool stopped;            /* given up, since solos were stopped */
    bool loopback;           /* it went to localhost or 127.0.0.0/8 */
    uint64_t print;          /* the same for the same URL, headers and body; not of random payloads
                                and the cookies that the target has set */
    char why[NOTE_TEXT_MAX]; /* of a failure: clean words */
};

void solo_request(struct solo *u, const struct request *r, struct solo_reply *out);

/* Rows of the feeders that these steps need and the user has none of.  False: none left. */
bool solo_take_rows(struct solo *u, const struct steps *steps);

/* Goes through steps; requests that a browser sends side by side go one after the other.
 * False, with *last the request that failed and a half sentence why, or stopped. */
bool solo_steps(struct solo *u, const struct steps *steps, struct solo_reply *last, struct err *e);

unsigned solo_sent(const struct solo *u);    /* requests so far */
bool solo_has_cookies(const struct solo *u); /* the target has set some */

#endif
