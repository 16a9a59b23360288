/* SPDX-License-Identifier: MIT */
/* model.h - a first-come-first-served queue in front of C servers, computed.
 *
 * Time is a parameter; nothing here waits or reads a clock.  A request's service
 * time is known when it arrives and nobody overtakes, so its start and its end are
 * known at once: it starts when the server that is free first is free.  The HTTP
 * side only has to reply at that moment.
 *
 * Times are nanoseconds on any one clock; each call's time must not be before the
 * last call's.  One thread. */
#ifndef RAMPTOP_DEMO_MODEL_H
#define RAMPTOP_DEMO_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct model {
    /* counters, never reset */
    uint64_t accepted, refused;
    uint64_t service_ns, wait_ns; /* sums over the accepted */
    /* private */
    uint64_t *free_ns; /* when each server has done all it has been given; a min-heap */
    size_t servers;
    uint64_t *start_ns; /* when each waiting request starts, in order; a ring */
    size_t queue, head, waiting;
};

struct model_slot {
    uint64_t wait_ns, service_ns;
    uint64_t done_ns; /* when the reply is due */
};

void model_init(struct model *m, size_t servers, size_t queue); /* servers > 0 */
void model_finish(struct model *m);

/* A request arrives that brings its service time along.  False when it would have to wait
 * and `queue` requests wait already. */
bool model_arrive(struct model *m, uint64_t t_ns, uint64_t service_ns, struct model_slot *slot);

size_t model_waiting(struct model *m, uint64_t t_ns);
size_t model_busy(const struct model *m, uint64_t t_ns); /* servers at work; cost O(C) */

#endif
