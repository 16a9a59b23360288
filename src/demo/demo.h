/* SPDX-License-Identifier: MIT */
/* demo.h - the embedded demo target: an HTTP server on loopback whose capacity is
 * known by arithmetic.
 *
 * Model: a queue in front of C servers, each busy S milliseconds per request (C
 * and S as configured; S constant, exponential or lognormal around its mean).  It
 * breaks at C / S requests per second.  Beyond `queue` waiting requests it answers
 * 503 at once.
 *
 * The only user of libmicrohttpd.  Runs in a process of its own, so that its CPU
 * time never mixes with the generator's. */
#ifndef RAMPTOP_DEMO_DEMO_H
#define RAMPTOP_DEMO_DEMO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/base/err.h"

enum demo_service { DEMO_CONST, DEMO_EXP, DEMO_LOGNORMAL };

struct demo_config {
    unsigned port;     /* 0: a free one */
    unsigned servers;  /* C, default 8 */
    double service_ms; /* S, default 20 */
    enum demo_service service;
    unsigned queue;    /* waiting requests beyond which 503; default 200 */
    const char *truth; /* file for one line per request, NULL for none */
    uint64_t seed;
};

struct demo_config demo_defaults(void);

/* Serves until SIGTERM, SIGINT or, with ready_fd >= 0, until its other end is
 * closed (the parent died).  When listening, writes the port in decimal and a
 * newline to ready_fd if it is >= 0.  Called on the main thread of a process that
 * does nothing else.  False with a sentence when it cannot start. */
bool demo_serve(const struct demo_config *cfg, int ready_fd, struct err *e);

struct demo_child {
    pid_t pid;
    int life_fd; /* closing it ends the child */
    unsigned port;
};

/* Forks a process that serves; returns when it listens.  Before any thread. */
bool demo_spawn(const struct demo_config *cfg, struct demo_child *child, struct err *e);
void demo_end(struct demo_child *child); /* ends and reaps it; pid 0 is fine */

/* Text of a profile that exercises the demo's endpoints (fast, slow, write,
 * flaky) with levels; for the console opened by `ramptop demo`. */
const char *demo_profile_text(void);

#endif
