/* SPDX-License-Identifier: MIT */
/* fakes.h - a generator that makes nothing, in a time that the test sets, and a driver that
 * ramps until the p99 it sees passes a bound. */
#ifndef RAMPTOP_TESTS_FAKES_H
#define RAMPTOP_TESTS_FAKES_H

#include "src/load/generator.h"
#include "src/run/driver.h"

#define FAKE_ORDERS 64

/* There is one at a time.  Its users are there as soon as the demand has them, are ready at
 * once, and need task_ns for a task; an order is followed lag_ns after it was given. */
struct fake {
    uint64_t (*clock)(void); /* NULL: now_ns */
    uint64_t now_ns, lag_ns, task_ns;
    unsigned n_orders; /* that were new */
    struct generator_order orders[FAKE_ORDERS];
    bool stopped, destroyed;
};
extern struct fake fake;

extern const struct generator_ops fake_generator;     /* makes users */
extern const struct generator_ops fake_generator_any; /* makes arrivals too */

/* Ten users more with each finished second, until its p99 is beyond RAMP_P99_US. */
#define RAMP_P99_US 50000
#define RAMP_END "p99 is beyond 50 ms"
extern const struct driver_ops ramp_driver;

/* Wants arrivals per second. */
extern const struct driver_ops arrivals_driver;

#endif
