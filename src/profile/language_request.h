/* SPDX-License-Identifier: MIT */
/* language_request.h - the part of language.c that reads one request: its line,
 * headers, body, expected statuses. */
#ifndef RAMPTOP_PROFILE_LANGUAGE_REQUEST_H
#define RAMPTOP_PROFILE_LANGUAGE_REQUEST_H

#include "src/profile/build.h"
#include "src/settings/node.h"
#include "src/profile/profile.h"

/* What is known so far, handed down from the profile to its requests. */
struct context {
    const struct doc *d;
    const struct profile_overrides *o;
    struct profile *p;
    struct endpoint_index *endpoints;
    char *origin; /* of the target; NULL while there is none */
    uint64_t timeout_ns;
    unsigned max_redirects;
    struct names *names;
    const struct secret *userinfo; /* of the target; NULL for none */
    struct header_list headers;       /* of the profile */
    struct header_list class_headers; /* of the class in hand, over the profile's */
    struct header_list over;          /* from the command line */
    struct header_list under;         /* from the configuration file */
};

/* The settings of a request; ends with NULL. */
extern const char *const language_request_keys[];

/* A group of headers; NULL is an empty one. */
void language_headers(const struct context *c, const struct node *group, struct header_list *out);

/* A time-out is over 0 and at most an hour.  *ns stays if n is NULL or wrong. */
void language_timeout(const struct doc *d, const struct node *n, uint64_t *ns);

/* A request of the profile from a group that holds one; NULL when there are too many. */
struct request *language_request(struct context *c, const struct node *group);

#endif
