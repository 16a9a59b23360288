/* SPDX-License-Identifier: MIT */
/* timeline.h - the seconds of a run, in bounded memory for any length.
 *
 * One slot per closed second: its sums and, per endpoint, the histograms of its
 * latencies (packed; those of failures apart).  Three tiers, each a ring of slots:
 *
 *   fine     1 s slots, the newest 15 minutes
 *   middle   10 s slots, the 2 hours before
 *   coarse   60 s slots, the 12 hours before; when it is full, neighbours merge
 *            and its slots are twice as wide from then on (120 s, 240 s ...)
 *
 * A run with so many endpoints that the slots would take more than
 * TIMELINE_BUDGET_BYTES moves seconds to the next tier, or doubles the coarse
 * slots, before the tier is full; the newest TIMELINE_WINDOW_SLOTS always stay.
 *
 * Slots are aligned on their width.  A merge adds up: no request is ever lost or
 * counted twice, and percentiles of a merged slot come from the merged histogram.
 * Ranges of seconds are half open, [from, to); a range that cuts into a merged
 * slot takes the whole slot and says so.
 *
 * Time is a parameter.  One thread at a time. */
#ifndef RAMPTOP_STATS_TIMELINE_H
#define RAMPTOP_STATS_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/stats/latencies.h"

#define TIMELINE_FINE_SLOTS 900
#define TIMELINE_MIDDLE_S 10
#define TIMELINE_MIDDLE_SLOTS 720
#define TIMELINE_COARSE_S 60
#define TIMELINE_COARSE_SLOTS 720

#define TIMELINE_WINDOW_SLOTS 80 /* covers the longest window */
#define TIMELINE_BUDGET_BYTES ((size_t)128 << 20)

#define TIMELINE_ALL UINT16_MAX /* instead of an endpoint: all of them */

/* The sums of a slot, or of a range. */
struct timeline_point {
    uint32_t second;     /* the first second it covers */
    uint32_t seconds;    /* width on the axis */
    uint64_t covered_ns; /* time in which the program was running */
    bool cut_short;      /* holds the last second of a run, which ended inside it */
    uint64_t requests;   /* finished, without those that could not be sent */
    uint64_t failures;
    uint64_t client_failures; /* not sent, by the generator's own fault */
    uint64_t timeouts;
    uint64_t bytes_in, bytes_out;
    uint64_t connections; /* requests that made one */
    /* The phases of those that succeeded. */
    uint64_t connected; /* made a connection */
    uint64_t connect_sum_us, tls_sum_us;
    uint64_t answered; /* had a first byte */
    uint64_t first_byte_sum_us;
    uint64_t succeeded;                      /* the latencies behind the percentiles */
    uint32_t p50_us, p95_us, p99_us, max_us; /* percentiles over these; 0 where there are none */
    uint32_t users, users_wanted, in_flight; /* at its end */
};

/* An endpoint's share of a slot. */
struct timeline_share {
    uint16_t endpoint;
    uint64_t requests, failures, client_failures;
    uint64_t bytes_in, bytes_out;
    struct latencies_packed latencies;
};

struct timeline_slot {
    struct timeline_point point;
    uint32_t n_shares;
    struct timeline_share *shares; /* owned; endpoints ascending */
};

/* Other sizes than the usual ones, for tests.  Each tier needs more slots than one
 * slot of the next tier takes. */
struct timeline_sizes {
    uint32_t fine_slots, middle_s, middle_slots, coarse_s, coarse_slots;
    size_t budget_bytes; /* 0: the usual */
};

struct timeline;

struct timeline *timeline_create(const struct timeline_sizes *sizes); /* NULL: as above */
void timeline_destroy(struct timeline *t);                            /* NULL is fine */

/* Appends the next second; takes over its shares.  second->point.second must be
 * above all before, and seconds is 1. */
void timeline_add(struct timeline *t, const struct timeline_slot *second);

/* Takes ns off the time that the slot with this second was running, because the
 * program turned out to have been stopped then.  Returns how much was taken off: never
 * more than there was. */
uint64_t timeline_take_off(struct timeline *t, uint32_t second, uint64_t ns);

/* A second that is still in the fine tier, or NULL; valid until the next
 * timeline_add(). */
const struct timeline_slot *timeline_second(const struct timeline *t, uint32_t second);

/* Copies the sums of the slots that touch the range, oldest first; if there are
 * more than max, the newest max.  Returns how many. */
size_t timeline_points(const struct timeline *t, uint32_t from, uint32_t to,
                       struct timeline_point *out, size_t max);

/* Adds up the slots that touch the range, of one endpoint or of TIMELINE_ALL:
 * histograms into `into` (added to what it holds; may be NULL), sums into *sum
 * (overwritten).  sum->second and sum->seconds tell what was really covered;
 * percentiles in sum are set when `into` is given and held no success.  For one endpoint
 * the phases are 0: they are kept for all endpoints together.  False: no slot
 * touches the range. */
bool timeline_merge(const struct timeline *t, uint32_t from, uint32_t to, uint16_t endpoint,
                    struct latencies *into, struct timeline_point *sum);

/* The oldest second, and the one after the newest; both 0 while empty. */
uint32_t timeline_first(const struct timeline *t);
uint32_t timeline_end(const struct timeline *t);

size_t timeline_slots(const struct timeline *t);
size_t timeline_bytes(const struct timeline *t); /* memory in use */

/* Sets what p tells of latencies. */
void timeline_set_latencies(struct timeline_point *p, const struct latencies *l);

/* Adds the counts and sums of p, not its place on the axis or its percentiles. */
void timeline_add_sums(struct timeline_point *sum, const struct timeline_point *p);

#endif
