/* SPDX-License-Identifier: MIT */
/* client.h - users that do one request after the other on the caller's thread, and wait for
 * each: for questions to a target, not for load.
 *
 * They begin, compose, capture and check as the users of a run do, on an engine of their own;
 * nothing is recorded, and nothing is tried again.  The clients of one `struct client_env` share
 * a transport, the cursors of feeders and the counters of ${seq}; each has its own connection,
 * cookies, variables and rows, which it keeps: a feeder's row is taken when it is first needed.
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
struct client;
struct client_env;

struct client_config {
    struct profile *profile; /* referenced */
    uint64_t seed;
    int stop_fd; /* readable: `stop` is to be asked; -1 for none */
    /* True: no further request, waits end at once.  Must take from stop_fd what made it
     * readable.  NULL: never. */
    bool (*stop)(void *arg);
    void *arg;
};

struct client_env *client_env_open(const struct client_config *cfg, struct err *e);
void client_env_close(struct client_env *env); /* after all of its users; NULL is fine */

/* Sleeps until then.  False: it was stopped. */
bool client_env_wait(struct client_env *env, uint64_t until_ns);
bool client_env_stopped(struct client_env *env);

/* Opens user `number` of a class, index into profile->classes.  from: the local address that it
 * comes from, NULL for the system's choice.  NULL with a half sentence. */
struct client *client_open(struct client_env *env, uint16_t cls, uint32_t number, const char *from,
                           struct err *e);
void client_close(struct client *c); /* NULL is fine */

/* How a request ended.  Borrowed until the client's next one. */
struct client_reply {
    enum fail fail;         /* as in a run: STATUS, CHECK, CAPTURE ... too */
    struct reply head;      /* status 0: there was none; its headers, never its body */
    uint32_t retry_after_s; /* dates are read, too; UINT32_MAX for none */
    uint64_t sent_ns, done_ns;
    bool stopped;            /* given up, since clients were stopped */
    bool loopback;           /* sent to localhost or 127.0.0.0/8 */
    uint64_t fingerprint;    /* the same for the same URL, headers and body; not of random payloads
                                and the cookies that the target has set */
    char why[NOTE_TEXT_MAX]; /* the failure in clean words */
};

void client_request(struct client *c, const struct request *r, struct client_reply *out);

/* Takes rows of the feeders that these steps need and the client has none of.  False: none is
 * left. */
bool client_take_rows(struct client *c, const struct steps *steps);

/* Goes through steps; requests that a browser sends side by side go one after the other.
 * False, with *last the request that failed and a half sentence why, or stopped. */
bool client_run_steps(struct client *c, const struct steps *steps, struct client_reply *last,
                      struct err *e);

unsigned client_sent(const struct client *c);    /* requests so far */
bool client_has_cookies(const struct client *c); /* the target has set some */

#endif
