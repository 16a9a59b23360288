/* SPDX-License-Identifier: MIT */
/* driver.h - what a level of stages or bursts wants next.  Pure: it is told the time and
 * what the workers are at, and says what is to be done.
 *
 * Stages follow one another at their true times, however late this is looked at: each is
 * a demand that begins where the last one ended.
 *
 * A burst waits until all users are ready (on_start done, the last burst's task too), at
 * most 30 s longer than planned; then it begins with those that are.  Its figures are asked
 * for one look after its last user is done: by then every sample has been counted. */
#ifndef RAMPTOP_RUN_DRIVER_H
#define RAMPTOP_RUN_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "src/load/demand.h"
#include "src/load/generator.h"
#include "src/profile/profile.h"

#define DRIVER_PATIENCE_NS (UINT64_C(30) * 1000000000)
#define DRIVER_LEAD_NS (UINT64_C(50) * 1000000) /* so that all workers know of a burst in time */

enum driver_phase { DRIVER_READYING, DRIVER_RELEASED, DRIVER_RESTED };

struct driver {
    const struct level *level; /* NULL: none of these drives */
    bool planned;         /* the demand of this stage, or of the users to make ready, was given */
    struct demand demand; /* that one */
    unsigned stage;    /* STAGES: from 0 on */
    uint64_t stage_ns; /* when it began */
    /* BURST */
    enum driver_phase phase;
    uint32_t users;  /* its size */
    uint32_t done;   /* bursts begun */
    uint16_t number; /* of the newest one, in the run */
    uint64_t due_ns; /* when the next one should begin */
};

/* What there is to know when it is looked at. */
struct driver_view {
    uint64_t now_ns;
    struct pool_state pool;
    uint32_t possible; /* of the users wanted, how many the mix has */
    bool held;
};

enum driver_wish { DRIVER_DEMAND, DRIVER_RELEASE, DRIVER_JUDGE, DRIVER_END };

struct driver_order {
    enum driver_wish wish;
    struct demand demand; /* DEMAND */
    uint16_t number;    /* RELEASE, JUDGE */
    uint32_t burst;     /* the same within the level, from 1 on */
    uint64_t at_ns;     /* RELEASE */
    uint32_t users;     /* RELEASE: who are ready */
    uint32_t missing;   /* RELEASE: who are not */
    const char *reason; /* END */
};

/* before: the demand in force until now.  last_number: of the newest burst of the run. */
void driver_begin(struct driver *d, const struct level *l, uint32_t users, double spawn_rate,
                  const struct demand *before, uint16_t last_number, uint64_t now_ns);

/* The next thing to be done; false: nothing until it is looked at again. */
bool driver_next(struct driver *d, const struct driver_view *v, struct driver_order *out);

/* The program was stopped for so long. */
void driver_shift(struct driver *d, uint64_t gap_ns);

/* How long until the next stage or burst; negative: not known. */
double driver_left_s(const struct driver *d, uint64_t now_ns);

/* How long until a level of bursts would be over if each came when it is due; negative: it is
 * no such level, or has no fixed time between them. */
double driver_whole_left_s(const struct driver *d, uint64_t now_ns);

#endif
