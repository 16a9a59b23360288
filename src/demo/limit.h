/* SPDX-License-Identifier: MIT */
/* limit.h - how often something is allowed: rate limits and the lock after failed logins.
 *
 * A rate limit admits exactly `requests` in a fixed window that begins with the first
 * request of its key (a user, an address, or all): the next one is refused until the
 * window is over, and refused ones count for nothing.  So the state of a key is two
 * numbers, whatever the limit.
 *
 * A lock closes after `failures` failures in a row, each within `time` of the last: from
 * then on every attempt is refused, right or wrong, until `time` after the last failure.
 *
 * Pure: time is a parameter, in nanoseconds of any one clock.  At most LIMIT_KEYS keys are
 * remembered; the oldest is forgotten.  One thread. */
#ifndef RAMPTOP_DEMO_LIMIT_H
#define RAMPTOP_DEMO_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/table.h"

#define LIMIT_KEYS 200000u

struct limit {
    uint64_t requests, window_ns;
    uint64_t refused; /* counted, never reset */
    struct table keys;
};

struct limit_state {
    uint64_t remaining;
    uint64_t ends_ns; /* when the window is over */
};

void limit_init(struct limit *l, uint64_t requests, uint64_t window_ns);
void limit_finish(struct limit *l);

/* Whether one more is admitted now; it has then been counted. */
bool limit_take(struct limit *l, const char *key, size_t len, uint64_t t_ns,
                struct limit_state *out);

struct lock {
    unsigned failures;
    uint64_t time_ns;
    struct table keys;
};

void lock_init(struct lock *l, unsigned failures, uint64_t time_ns);
void lock_finish(struct lock *l);

/* Is it closed for that key, and until when? */
bool lock_closed(const struct lock *l, const char *key, size_t len, uint64_t t_ns,
                 uint64_t *until_ns);
void lock_failed(struct lock *l, const char *key, size_t len, uint64_t t_ns);
void lock_passed(struct lock *l, const char *key, size_t len); /* forgets the key's failures */

/* For Retry-After and X-RateLimit-Reset: whole seconds until then, rounded up, at least 1. */
uint64_t limit_seconds(uint64_t t_ns, uint64_t until_ns);

#endif
