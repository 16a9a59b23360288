/* SPDX-License-Identifier: MIT */
/* quota.h - what the headers of replies say of a rate limit.
 *
 * Read are X-RateLimit-Limit, -Remaining, -Reset and the same as X-Rate-Limit-* and
 * RateLimit-*; the field RateLimit of the newer drafts, `limit=5, remaining=2, reset=30` and
 * `"default";r=2;t=30`, of several the one with least left; and Retry-After.  Reset is seconds from
 * now, or a time of the clock in seconds or milliseconds.
 *
 * Pure: time is a parameter.  Header texts are of any content. */
#ifndef RAMPTOP_RATELIMIT_QUOTA_H
#define RAMPTOP_RATELIMIT_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "src/script/reply.h"

struct quota_value {
    bool there;    /* the header */
    bool readable; /* a number that makes sense was there */
    double value;  /* seconds for times */
};

struct quota {
    struct quota_value limit, remaining, reset, retry_after;
};

/* wall_s: now, since the epoch.  retry_after_s: as the HTTP library read it, for dates;
 * UINT32_MAX for none. */
struct quota quota_read(const struct reply *r, double wall_s, uint32_t retry_after_s);

/* How accepted replies one after the other fit together. */
struct quota_trail {
    bool any;        /* a reply bore limit, remaining or reset */
    bool unreadable; /* a value made no sense */
    bool limit_varies;
    double limit;       /* the last; negative: none */
    bool counts;        /* remaining was there in each accepted reply and in none less than 0 */
    bool jumps;         /* remaining did not go down by one from reply to reply */
    double first, last; /* remaining of the first and the last accepted reply */
    double reset_s;     /* told by the refusal, else by the last reply; negative: none */
    uint32_t replies;
};

void quota_trail_begin(struct quota_trail *t);
/* accepted replies in order, then the refusal. */
void quota_trail_add(struct quota_trail *t, const struct quota *q, bool accepted);

#endif
