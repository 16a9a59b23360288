/* SPDX-License-Identifier: MIT */
/* service_parts.h - what the files of a described service share; for service.c, reply.c and
 * stats.c. */
#ifndef RAMPTOP_DEMO_SERVICE_PARTS_H
#define RAMPTOP_DEMO_SERVICE_PARTS_H

#include <zlib.h>

#include "src/demo/accounts.h"
#include "src/demo/description.h"
#include "src/demo/limit.h"
#include "src/demo/model.h"
#include "src/demo/service.h"
#include "src/demo/site.h"
#include "src/demo/store.h"

#define SERVICE_BODY_BYTES 65536u /* of a body that is looked into */
#define SERVICE_STATUSES 16

enum built_in { BUILT_NONE, BUILT_STATS, BUILT_METRICS, BUILT_ABOUT };

/* Of the replies to one route: how many with which status. */
struct status_counts {
    unsigned status[SERVICE_STATUSES];
    uint64_t n[SERVICE_STATUSES];
};

struct live_route {
    const struct route_spec *spec;
    struct status_counts replies; /* that went out whole */
    uint64_t asked;
    uint64_t uploads, upload_bytes, too_large, too_small;
    bool fixed;           /* always the same reply: */
    struct page pages[2]; /* as it is, as gzip */
};

struct service {
    struct site site;
    const struct description *d; /* borrowed */
    struct live_route *routes;   /* as d->routes, and one more for what is no route */
    struct model *pools;         /* as d->pools */
    struct limit *limits;        /* as d->limits */
    struct collection *collections;
    struct accounts accounts;
    struct rng rng;
    struct scope scope;
    struct buf item, id, packed; /* scratch of one reply */
    z_stream packer;
    uint64_t cut;
};

enum verdict {
    VERDICT_FINE,
    VERDICT_NO_ROUTE,
    VERDICT_WRONG_METHOD,
    VERDICT_LIMITED,
    VERDICT_WHO,       /* 401 */
    VERDICT_FORBIDDEN, /* 403, as is: */
    VERDICT_CSRF,
    VERDICT_TOO_LARGE,
    VERDICT_TOO_SMALL,
    VERDICT_FULL, /* a pool's queue */
    VERDICT_FAILS,
};

/* One request's own. */
struct service_state {
    struct live_route *route;
    enum built_in built_in;
    enum verdict verdict;
    struct path path; /* into the exchange's target */
    size_t stage;
    bool stepped, gzip;
    uint32_t address;
    /* who asks */
    bool known;
    struct buf account, token, csrf;
    const char *role;
    bool csrf_sent; /* the header that has to bear it does */
    /* what was sent */
    struct buf body; /* JSON: as it came, or made of a form's fields */
    bool too_long, in_field;
    uint64_t raw_bytes, file_bytes;
    bool has_file;
    /* the limit that refused it, or that is nearest to */
    const struct limit_spec *limit;
    struct limit_state left;
    const struct pool_spec *full;
};

static inline struct service *service_of(struct site *s)
{
    return (struct service *)s;
}

static inline struct service_state *service_state_of(struct exchange *x)
{
    return (struct service_state *)(void *)x->state;
}

uint64_t service_uploaded(const struct service_state *st);

/* reply.c */
void reply_make(struct service *s, struct exchange *x, uint64_t t_ns);
/* The reply without asking what the action says: for fixed pages. */
void reply_prepare(struct service *s, struct live_route *r);

/* stats.c */
void stats_count(struct status_counts *c, unsigned status);
void stats_json(const struct service *s, uint64_t t_ns, struct buf *out);
void stats_metrics(struct service *s, uint64_t t_ns, struct buf *out);
void stats_about(const struct service *s, struct buf *out);

#endif
