/* SPDX-License-Identifier: MIT */
/* description.h - a service described in a file (ramptop-demo(5)): the settings as nodes ->
 * struct description.  Immutable once read; what happens while it is served is handler.c's. */
#ifndef RAMPTOP_DEMO_DESCRIPTION_H
#define RAMPTOP_DEMO_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/problems.h"
#include "src/demo/draw.h"
#include "src/demo/reply_template.h"
#include "src/demo/routes.h"
#include "src/demo/store.h"

#define DESCRIPTION_ROUTES 1000u
#define DESCRIPTION_STAGES 4u
#define DESCRIPTION_REPLY_MAX (16u << 20) /* bytes of a padded reply */

struct pool_spec {
    char *name; /* first, as in a collection: description.c finds them by it */
    unsigned size, queue;
    unsigned status; /* when the queue is full */
};

/* A part of a request's service time: in a pool, or (pool NULL) beside all. */
struct stage_spec {
    const struct pool_spec *pool;
    struct demo_time time;
    double per_byte_ns; /* more for each byte of the request's body */
};

enum limit_per { PER_USER /* or its address, before a login */, PER_ADDRESS, PER_ALL };

struct limit_spec {
    char *name;
    uint64_t requests, window_ns;
    enum limit_per per;
    unsigned status;
    char **endpoints; /* patterns of "METHOD /path/{id}"; none: all */
    size_t n_endpoints;
};

struct account_spec {
    char *pattern, *password, *role; /* pattern: of names, with * and ? */
};

struct accounts_spec {
    struct account_spec *users;
    size_t n_users;
    unsigned failures; /* in a row, then locked; 0: never */
    uint64_t lock_ns;
    bool lock_address; /* failures are counted per address */
    uint64_t token_ns;
    char *cookie;      /* NULL: none */
    char *csrf_header; /* must carry ${csrf}; NULL: none */
    char *name_field, *password_field;
};

struct collection_spec {
    char *name;
    enum id_kind ids;
    char *id_name;
    size_t items, max;
    struct reply_template *item; /* NULL: no members */
    bool jobs;
    struct stage_spec job;
    char *states[JOB_STATES];
};

enum action_kind {
    ACT_REPLY, /* nothing but the reply */
    ACT_LOGIN,
    ACT_LOGOUT,
    ACT_CREATE,
    ACT_LIST,
    ACT_GET,
    ACT_PATCH,
    ACT_REPLACE,
    ACT_SAVE,
    ACT_DELETE,
    ACTIONS
};

struct header_spec {
    char *name;
    struct reply_template *value;
};

struct route_spec {
    char *name; /* "GET /api/sessions/{id}" */
    char *method;
    struct path_params path;
    struct stage_spec stages[DESCRIPTION_STAGES];
    size_t n_stages;
    bool auth, csrf;
    char **roles; /* none: any */
    size_t n_roles;
    enum action_kind action;
    struct collection_spec *collection; /* for CREATE to DELETE */
    struct reply_template *id;          /* NULL: the last parameter */
    struct reply_template *fallback;    /* reply to a GET of an item that is not there */
    struct reply_template *set;         /* members laid over what was posted */
    struct collection_spec *exists;     /* must have an item called as the first parameter */
    bool upload, raw;                   /* raw: a form is not taken apart */
    uint64_t min_bytes, max_bytes;
    unsigned status; /* 0: the action's own */
    struct reply_template *body;
    const char *type; /* NULL: the action's own */
    char *own_type;
    struct header_spec *headers;
    size_t n_headers;
    uint64_t low_bytes, high_bytes; /* padded to; 0: not */
    bool gzip;
    unsigned fail_every, fail_status; /* every 0: never */
    bool fail_random;
    const struct limit_spec **limits;
    size_t n_limits;
};

struct description {
    char *title;
    bool plain; /* the target of known capacity (plain.h): its pool needs no name */
    struct vocabulary *words;
    struct pool_spec *pools;
    size_t n_pools;
    bool has_accounts;
    struct accounts_spec accounts;
    struct limit_spec *limits;
    size_t n_limits;
    struct collection_spec *collections;
    size_t n_collections;
    struct route_spec *routes;
    size_t n_routes;
};

/* NULL when problems were added.  A file may @include others of its folder. */
struct description *description_read(const char *file, struct problems *problems);
struct description *description_parse(const char *name, const char *text, size_t len,
                                      struct problems *problems);
void description_free(struct description *d); /* NULL is fine */

/* The mean of what a request of the route keeps the pool busy, in seconds. */
double description_busy_s(const struct route_spec *r, const struct pool_spec *p);

/* Does a text match a pattern with * and ? */
bool description_matches(const char *pattern, const char *text);

#endif
