/* SPDX-License-Identifier: MIT */
/* steering.h - one driver set over one generator: what the driver wants of the load is ordered
 * of the generator, and all it wants is handed on to the caller, for its marks and figures.
 *
 * It is told the time and waits for nothing.  The session's lock guards it. */
#ifndef RAMPTOP_RUN_STEERING_H
#define RAMPTOP_RUN_STEERING_H

#include "src/load/generator.h"
#include "src/run/driver.h"

struct steering {
    const struct generator_ops *ops;
    struct generator *generator;  /* owned; NULL: not open */
    struct generator_order order; /* the newest one; its demand stands while the program does */
    struct demand demand;         /* in force */
    struct driver driver;
    uint16_t last_burst; /* number of the newest burst of the run */
};

/* Makes the generator; manual drives, to nothing.  False with a sentence: *s can be closed. */
bool steering_open(struct steering *s, const struct generator_ops *ops,
                   const struct generator_config *cfg, struct err *e);
void steering_close(struct steering *s);

/* Gives the order as it is now its next version and sends it: set its fields before. */
void steering_send(struct steering *s);
/* Publishes a profile with the mix of a level (NULL: its own); see generator.h. */
void steering_publish(struct steering *s, struct profile *profile, const struct level *level);

struct generator_state steering_state(const struct steering *s);
/* Returns whether that state is what came of the newest order. */
bool steering_follows(const struct steering *s, const struct generator_state *state);

/* Has that driver take over, from where the load is: fills in what a start knows of that. */
void steering_begin(struct steering *s, const struct driver_ops *driver, struct driver_start start);
/* Manual drives, to nothing, at once: the load has ended.  Users that rest for a burst go on
 * resting until they do.  Not sent yet. */
void steering_begin_nothing(struct steering *s, uint64_t now_ns);

/* Asks the driver once and does what it wants of the load; fills in what a view knows of the
 * generator.  A demand that the generator cannot make becomes an end that says so.  False:
 * nothing is to be done; true: *out was, ask again. */
bool steering_next(struct steering *s, struct driver_view view, struct driver_order *out);

/* The program is about to be stopped: no request, no change of the load until steering_go_on. */
void steering_stand(struct steering *s, uint64_t now_ns);
/* The program was stopped for so long: what was to come comes later by that. */
void steering_go_on(struct steering *s, uint64_t gap_ns, uint64_t now_ns, bool hold);

#endif
