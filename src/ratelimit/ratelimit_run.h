/* SPDX-License-Identifier: MIT */
/* ratelimit_run.h - `ramptop limits`: finds each rate limit of a profile on the target, and how it
 * is told, whom it is for, and when it ends.
 *
 *   1  user A goes through on_start and sends the request until it is refused, then again
 *   2  user B, of other credentials and its own connection, sends one; if it is refused and
 *      the target is on loopback, B sends one from 127.0.0.2 too
 *   3  A waits as long as it is told, and sends until one is accepted
 *
 * "Accepted" is any reply but one of the limit's status: a login that fails with 401 is, as
 * long as the account is not locked.  One request after the other, on the main thread;
 * after signals_install and transports_init. */
#ifndef RAMPTOP_RATELIMIT_RATELIMIT_RUN_H
#define RAMPTOP_RATELIMIT_RATELIMIT_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/ratelimit/ratelimit.h"

struct profile;

enum ratelimit_phase {
    RATELIMIT_SEARCHING,
    RATELIMIT_COMPARING,
    RATELIMIT_WAITING,
    RATELIMIT_DONE
};

struct ratelimit_config {
    struct profile *profile; /* borrowed */
    const char *only;        /* glob over the names, NULL for all */
    bool max_wait_set;
    uint64_t max_wait_ns; /* in place of what the profile says */
    uint64_t seed;        /* 0: from the clock */
    /* Called several times a second at most; left_s: WAITING, until the next request.  NULL
     * for none. */
    void (*progress)(const struct ratelimit *l, enum ratelimit_phase phase, double left_s,
                     void *arg);
    void *arg;
};

/* Fills a zeroed *l; the caller calls ratelimits_finish in either case.  False with a sentence when
 * there is nothing to look for.  A signal to stop ends it: l->interrupted. */
bool ratelimit_run(const struct ratelimit_config *cfg, struct ratelimits *l, struct err *e);

#endif
