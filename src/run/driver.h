/* SPDX-License-Identifier: MIT */
/* driver.h - what decides the demand: the keys (manual), a level's steady number, its stages
 * or bursts; a search or a hold on a percentile is one more row of the table.
 *
 * A driver is pure: it is told the time, what the generator is at and what was measured, and
 * says what is to be done.  It is asked ten times a second and after each order that it gave,
 * sometimes later: what it wants follows from the time in the view, not from how often it is
 * asked. */
#ifndef RAMPTOP_RUN_DRIVER_H
#define RAMPTOP_RUN_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "src/load/demand.h"
#include "src/load/generator.h"
#include "src/profile/profile.h"
#include "src/stats/snapshot.h"
#include "src/stats/timeline.h"

/* A burst is ordered so long before it begins, for all workers to know of it in time. */
#define DRIVER_LEAD_NS (UINT64_C(50) * 1000000)

/* Where a driver begins. */
struct driver_start {
    uint64_t now_ns;
    const struct level *level; /* outlives the driver, but for its end; manual: not read */
    uint32_t users;            /* wanted of it, whatever the level says */
    double slope;              /* users per second */
    struct demand before;      /* in force until now */
    uint16_t last_burst;       /* number of the newest burst of the run; 0: none */
};

/* Everything that a driver may know when it is asked. */
struct driver_view {
    uint64_t now_ns;
    struct generator_state generator;
    bool follows;      /* the generator's figures are from after the newest order */
    uint32_t possible; /* how many of the users wanted the mix has */
    bool held;
    /* The newest figures: the newest seconds, totals, health, the run's clock.  Its window is the
     * one that somebody chose to see.  `seq` grows with each publication, so that no figures are
     * judged twice.  NULL: asked between two publications. */
    const struct snapshot *newest;
    /* The finished seconds of the run: latencies, requests and failures of any span of them, of
     * all endpoints or of one, whatever window is shown (timeline_merge).  NULL: as above. */
    const struct timeline *seconds;
};

enum driver_wish { DRIVER_DEMAND, DRIVER_RELEASE, DRIVER_JUDGE, DRIVER_END };

struct driver_order {
    enum driver_wish wish;
    char text[SNAP_NAME]; /* DEMAND, RELEASE: of its mark, "" for none; END: why */
    struct demand demand; /* DEMAND */
    uint16_t number;      /* RELEASE, JUDGE: of the burst in the run */
    uint32_t burst, of;   /* RELEASE, JUDGE: the same within the level, from 1 on */
    uint64_t at_ns;       /* RELEASE */
    uint32_t users;       /* RELEASE: who are ready */
    uint32_t missing;     /* RELEASE: who are not */
};

/* The rest of what a driver has to do. */
struct driver_left {
    uint32_t part, n_parts; /* the stage or burst under way, from 1 on; 0: none yet */
    double part_s;          /* until the next one; negative: not known */
    double whole_s;         /* until the last burst's time is over; negative: not known */
    bool more;              /* users that have all ended are not the end: others will come */
};

struct driver_ops {
    const char *name;      /* in sentences; the word for its parts, if there are any */
    enum snap_parts parts; /* the kind of its parts; NONE: one demand */
    bool sets_users;       /* says how many users and how fast: a command line cannot */
    bool barrier;          /* users begin their tasks in bursts only */

    /* Returns its state.  `self` below is that. */
    void *(*begin)(const struct driver_start *s);
    /* The next thing to be done; false: nothing until it is asked again. */
    bool (*next)(void *self, const struct driver_view *v, struct driver_order *out);
    void (*left)(const void *self, uint64_t now_ns, struct driver_left *out);
    /* The program was stopped for so long: what is to come comes later. */
    void (*shift)(void *self, uint64_t gap_ns);
    void (*end)(void *self);
};

extern const struct driver_ops driver_manual, driver_steady, driver_stages, driver_bursts;

/* Returns the driver of a level; NULL: manual. */
const struct driver_ops *driver_of_level(const struct level *level);

struct driver {
    const struct driver_ops *ops;
    void *self;
    bool over; /* after DRIVER_END: not asked any more */
};

/* Takes the place of the driver that is in *d, a zeroed one or one that was begun. */
void driver_begin(struct driver *d, const struct driver_ops *ops, const struct driver_start *s);
void driver_end(struct driver *d); /* zeroed afterwards, and may be zeroed before */
bool driver_next(struct driver *d, const struct driver_view *v, struct driver_order *out);
void driver_left(const struct driver *d, uint64_t now_ns, struct driver_left *out);
void driver_shift(struct driver *d, uint64_t gap_ns);

/* ---------------------------------------------------------------------- for rows */

/* Order one demand, to the number of users in the start, and nothing more. */
void *driver_single_begin(const struct driver_start *s);
bool driver_single_next(void *self, const struct driver_view *v, struct driver_order *out);
void driver_single_left(const void *self, uint64_t now_ns, struct driver_left *out);
void driver_single_shift(void *self, uint64_t gap_ns);

/* Writes an order to end the run, with the reason; true, for `next` to return. */
bool driver_order_end(struct driver_order *out, const char *reason);
/* Writes " 1 user", " 12.3k users" behind the text of an order. */
void driver_add_users(struct driver_order *out, uint32_t users);

#endif
