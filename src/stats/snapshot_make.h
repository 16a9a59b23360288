/* SPDX-License-Identifier: MIT */
/* snapshot_make.h - a snapshot out of the books, in one order, whoever made the seconds. */
#ifndef RAMPTOP_STATS_SNAPSHOT_MAKE_H
#define RAMPTOP_STATS_SNAPSHOT_MAKE_H

#include "src/stats/second.h"
#include "src/stats/snapshot.h"

struct aggregate;
struct timeline;

/* Method and name of an endpoint; cleaned. */
struct snap_name {
    char method[sizeof((struct snap_endpoint *)0)->method];
    char name[SNAP_NAME];
};

struct snapshot_parts {
    struct aggregate *aggregate;
    const struct second *open;     /* requests in no finished second yet; NULL: there are none */
    const struct gauges_now *now;  /* NULL: what the newest second says */
    const struct snap_name *names; /* SNAP_ENDPOINTS */
    uint32_t n_names;
    /* May be NULL, both.  When the figures are in place: decides what they bring about.  The
     * finished seconds are lent. */
    void (*tick)(const struct snapshot *newest, const struct timeline *seconds, void *arg);
    /* After that: fills the session's part, which is run, bursts, breaches and addresses. */
    void (*fill)(struct snapshot *snap, void *arg);
    void *arg;
};

/* Snap is the one of the time before, or zeroed; started_wall_s stays.  One thread at a time. */
void snapshot_make(struct snapshot *snap, const struct snapshot_parts *p);

#endif
