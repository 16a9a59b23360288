/* SPDX-License-Identifier: MIT */
/* handler_parts.h - what the files of a described service share; for handler.c, reply.c and
 * stats.c. */
#ifndef RAMPTOP_DEMO_HANDLER_PARTS_H
#define RAMPTOP_DEMO_HANDLER_PARTS_H

#include <zlib.h>

#include "src/demo/accounts.h"
#include "src/demo/handler.h"
#include "src/demo/model.h"
#include "src/demo/store.h"

#define HANDLER_BODY_BYTES 65536u /* a body beyond that is not looked into */
#define HANDLER_STATUSES 16

/* Counts the replies to one route by their status. */
struct status_counts {
    unsigned status[HANDLER_STATUSES];
    uint64_t n[HANDLER_STATUSES];
};

struct live_route {
    const struct route_spec *spec;
    struct status_counts replies; /* replies that went out whole */
    uint64_t asked;
    uint64_t uploads, upload_bytes, too_large, too_small;
    bool fixed;           /* always the same reply: */
    struct page pages[2]; /* as it is, as gzip */
};

struct handler {
    const struct description *d; /* borrowed */
    struct http *http;           /* borrowed; NULL until it runs */
    struct postgres *database;   /* NULL: all pools are computed */
    struct head_wants wants;
    struct live_route *routes; /* as d->routes, and one more for what is no route */
    struct model *pools;       /* as d->pools */
    struct limit *limits;      /* as d->limits */
    struct collection *collections;
    struct accounts accounts;
    struct rng rng;
    struct scope scope;
    struct page refusals[VERDICTS]; /* made when they are first needed */
    struct buf item, id, packed;    /* scratch of one reply */
    z_stream packer;
    uint64_t cut;
};

uint64_t handler_uploaded(const struct request *q);

/* reply.c, as is handler_answer */
/* For fixed pages: the reply, made before anybody asks. */
void reply_prepare(struct handler *h, struct live_route *r);

/* stats.c */
void stats_count(const struct request *q);
void stats_json(const struct handler *h, uint64_t t_ns, struct buf *out);
void stats_metrics(const struct handler *h, uint64_t t_ns, struct buf *out);
void stats_about(const struct handler *h, struct buf *out);

#endif
