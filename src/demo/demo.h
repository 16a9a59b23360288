/* SPDX-License-Identifier: MIT */
/* demo.h - the embedded demo target: an HTTP server on loopback whose capacity is
 * known by arithmetic.
 *
 * Model: one first-come-first-served queue in front of C servers, each busy S
 * milliseconds per request (C and S as configured; S constant, exponential or
 * lognormal around its mean).  An endpoint's factor multiplies S:
 *
 *     GET /         1      a greeting of one line
 *     GET /fast     0.5
 *     GET /slow     4
 *     POST /write   2      or PUT; reads a body of any size
 *     GET /flaky    1      one in fifty fails with 500
 *     GET /about, /health, /metrics    beside the queue, at once
 *
 * So GET / breaks at C / S requests per second, and a mix of endpoints at
 * C / (S x its mean factor): demo_capacity().  Beyond `queue` waiting requests it
 * answers 503 at once.  HEAD goes wherever GET goes.
 *
 * The truth file has a header line and one line per request, blank-separated:
 *
 *     received_ns  the request line was read from the socket
 *     sent_ns      the reply's last byte was handed to the kernel
 *     method path
 *     status       0 when the request was never complete, not HTTP, or its head too long
 *     service_us wait_us   what the model gave it; 0 beside the queue
 *     reply        "sent", or "cut" when the connection ended before that: then sent_ns
 *                  is when that was seen, and status what it would have been
 *
 * A client that hangs up while its request waits is noticed only when the reply bounces,
 * which the first one to a closed connection does not: it counts as sent.  So a client
 * that compares its count with this file must let its last requests finish.
 *
 * Both times are now_ns() (CLOCK_MONOTONIC), so that a client on this host can
 * compare them with its own.  It is written once a second and at the end.
 *
 * With `postgres` the C servers are a pool of C connections to a real PostgreSQL and the
 * service time is spent there (postgres.h): /write updates a row, the others read one.  A
 * connection that cannot be had or breaks is a 503, a statement that fails a 500.
 * service_us is then how long a request had its connection, wait_us how long it waited.
 *
 * All this is a description that is built in (plain.h); one in a file can be served instead
 * (description.h).
 *
 * Runs in a process of its own, so that its CPU
 * time never mixes with the generator's. */
#ifndef RAMPTOP_DEMO_DEMO_H
#define RAMPTOP_DEMO_DEMO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/base/err.h"
#include "src/demo/draw.h"

#define DEMO_MAX_SERVERS 100000u
#define DEMO_MAX_SERVICE_MS 60000.0
#define DEMO_MAX_QUEUE 1000000u
#define DEMO_POOL 20u
#define DEMO_MAX_POOL 1000u
#define DEMO_APPLICATION "ramptop-demo" /* application_name of the demo's connections */

struct description;

struct demo_config {
    unsigned port;     /* 0: a free one */
    unsigned servers;  /* C, default 8; with postgres the pool, DEMO_POOL by default */
    double service_ms; /* S, default 20; 0: replies at once */
    enum demo_service service;
    unsigned queue;    /* waiting requests beyond which 503; default 200 */
    const char *truth; /* file for one line per request, NULL for none */
    uint64_t seed;
    const char *postgres; /* connection string, NULL: the servers are computed; borrowed */
    bool postgres_shown;  /* the option was on the command line */
    /* Served instead of the model above, whose settings then mean nothing; borrowed. */
    const struct description *description;
};

struct demo_config demo_defaults(void);

/* False with a sentence for a configuration that cannot be had; it does not repeat the
 * connection string. */
bool demo_check(const struct demo_config *cfg, struct err *e);

/* Requests per second at which a mix of that mean factor breaks (1: GET /);
 * infinity when the service time is 0. */
double demo_capacity(const struct demo_config *cfg, double mean_factor);

/* Serves until SIGTERM, SIGINT, SIGHUP or, with ready_fd >= 0, until its other end
 * is closed (the parent died).  When listening, writes the port in decimal and a
 * newline to ready_fd if it is >= 0.  Called on the main thread of a process that
 * does nothing else.  False with a sentence when it cannot start, or when the truth
 * file could not be written to the end. */
bool demo_serve(const struct demo_config *cfg, int ready_fd, struct err *e);

struct demo_child {
    pid_t pid;
    int life_fd; /* closing it ends the child */
    unsigned port;
};

/* Forks a process that serves, in a process group of its own so that the
 * terminal's Ctrl-C does not reach it; returns when it listens.  Before any
 * thread.  False with the child's own sentence when it cannot. */
bool demo_spawn(const struct demo_config *cfg, struct demo_child *child, struct err *e);

/* Ends and reaps it; when this returns the truth file is complete, or a warning in the
 * log says why not.  pid 0 is fine. */
void demo_end(struct demo_child *child);

#endif
