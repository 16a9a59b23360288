/* SPDX-License-Identifier: MIT */
/* bench_run.h - `ramptop bench`: each endpoint of a profile alone, with 1, 10, 25 ... requests
 * at once.  Each step is a session of its own with the profile of profile/alone.h.
 *
 * Main thread, after signals_install and transports_init. */
#ifndef RAMPTOP_BENCH_BENCH_RUN_H
#define RAMPTOP_BENCH_BENCH_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/bench/bench.h"

struct bench_config {
    struct profile *profile; /* borrowed */
    const unsigned *at;      /* how many at once, step by step */
    size_t n_at;
    uint64_t requests; /* per step; 0: 50, or 10 times as many as at once */
    uint64_t step_ns;  /* a step ends after this at the latest; 0: 5 s */
    const char *only;  /* glob over the name or "METHOD name", NULL for all */
    unsigned workers;
    uint64_t seed;
    /* Called before each step and, with done, after each endpoint; NULL for none. */
    void (*progress)(const struct bench_endpoint *e, unsigned at, bool done, void *arg);
    void *arg;
};

/* Fills a zeroed *b; the caller calls bench_finish in either case.  False with a sentence when
 * nothing could be measured at all.  A signal to stop ends it: b->interrupted. */
bool bench_run(const struct bench_config *cfg, struct bench *b, struct err *e);

#endif
