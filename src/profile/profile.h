/* SPDX-License-Identifier: MIT */
/* profile.h - what to request: the target, the user classes and their tasks, the
 * named levels.
 *
 * Built by profile_read (profile/read.h) or profile_from_url, immutable once
 * built, shared by reference: workers read it without a lock while a new one is
 * published.  Everything a request needs is prepared here once (the full URL, the
 * merged headers, the body), so that a worker only hands it on.  All texts that
 * are shown (names, paths) are cleaned. */
#ifndef RAMPTOP_PROFILE_PROFILE_H
#define RAMPTOP_PROFILE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/base/problems.h"

#define PROFILE_MAX_USERS 1000000u
#define PROFILE_MAX_ENDPOINTS 4096u
#define PROFILE_DEFAULT_TIMEOUT_NS (UINT64_C(30) * 1000000000)
#define PROFILE_DEFAULT_BODY_CAP (UINT64_C(64) << 20)
#define PROFILE_DEFAULT_MAX_REDIRECTS 5

struct header {
    char *name;
    char *value;
};

/* Which statuses are a success.  Empty: 100..399. */
struct status_set {
    uint16_t *codes; /* owned, sorted */
    size_t n;
};

struct request {
    char *method; /* "GET" */
    char *url;    /* absolute, ready to send */
    char *name;   /* what it is counted under: the path without query, or a given name */
    struct header *headers; /* profile's, class's and its own merged; the innermost wins */
    size_t n_headers;
    char *body; /* NULL for none */
    size_t body_len;
    struct status_set expect;
    uint64_t timeout_ns;
    uint64_t body_cap;      /* bytes of reply, decoded, beyond which the request fails */
    unsigned max_redirects; /* 0: redirects are not followed */
    uint32_t endpoint;      /* index into profile->endpoints */
};

enum step_kind { STEP_REQUEST };

struct step {
    enum step_kind kind;
    struct request request;
};

struct task {
    char *name;
    unsigned weight; /* >= 1 */
    struct step *steps;
    size_t n_steps; /* >= 1 */
};

enum wait_kind { WAIT_NONE, WAIT_CONSTANT, WAIT_BETWEEN };

/* How long a user waits after each task. */
struct wait {
    enum wait_kind kind;
    uint64_t min_ns, max_ns; /* CONSTANT: both the same */
};

struct user_class {
    char *name;
    unsigned weight; /* >= 1 */
    struct wait wait;
    struct task *tasks;
    size_t n_tasks;      /* >= 1 */
    unsigned total_weight; /* of the tasks */
};

struct level {
    char *name;
    uint32_t users;
    double spawn_rate;    /* users per second, > 0 */
    uint64_t run_time_ns; /* from the level's start; 0: no end */
};

struct endpoint {
    char *method;
    char *name;
};

struct profile {
    char *name; /* the file's name without folder and ending, or the URL's host */
    char *file; /* as given; NULL for a bare URL */
    char *target; /* base URL without userinfo and trailing slash */
    /* "user:password" from the target, percent-decoded; NULL for none; never shown.  It
     * is already in the requests' headers (Authorization), for the target only. */
    char *userinfo;
    bool insecure, http2;
    uint32_t max_users; /* limits.max_users, 0 for none */
    struct user_class *classes;
    size_t n_classes;
    struct level *levels;
    size_t n_levels;
    struct endpoint *endpoints;
    size_t n_endpoints;
    /* User number k (0, 1, 2 ...) is of class class_of[k % n_class_of]: a smooth
     * weighted sequence, so that any number of users has the best possible mix. */
    uint16_t *class_of;
    size_t n_class_of;
    /* private */
    unsigned refs; /* atomic access only */
};

/* What the configuration file says where neither the command line nor the profile does. */
struct profile_under {
    const char *host;
    const char *const *headers;
    size_t n_headers;
    uint64_t timeout_ns;
    bool insecure, http2, follow;
};

/* What the command line lays over a profile; all NULL/0 means nothing. */
struct profile_overrides {
    const char *host;  /* replaces the target */
    bool insecure;     /* -k */
    bool http2;        /* --http2 */
    const char *method, *body;      /* for a bare URL only */
    const char *const *headers;     /* "Name: value", n_headers of them; laid over every request */
    size_t n_headers;
    uint64_t timeout_ns; /* 0: as the profile says */
    bool follow; /* follow redirects */
    struct profile_under under; /* its host is not for a bare URL, which names its own */
};

/* A profile of one class ("user"), one task, one endpoint, no wait, no level.
 * `http://` is put in front when there is no scheme.  Wrong URLs, methods and
 * headers are added to problems.  NULL when there are any. */
struct profile *profile_from_url(const char *url, const struct profile_overrides *o,
                                 struct problems *problems);

/* Takes a further reference / gives one back; the last one frees it.  Any thread. */
struct profile *profile_ref(struct profile *p);
void profile_unref(struct profile *p); /* NULL is fine */

/* The level of that name, or NULL. */
const struct level *profile_level(const struct profile *p, const char *name);

bool status_expected(const struct status_set *s, unsigned status);

#endif
