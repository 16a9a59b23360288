/* SPDX-License-Identifier: MIT */
/* worker.h - one thread, one event loop, many users.
 *
 * A worker runs the users whose number k is congruent to its index (k mod n).  It
 * starts and ends them as its copy of the demand says, gives their requests to the
 * transport, and pushes a sample for each into its own ring.
 *
 * Properties   Nothing another thread does can make a worker wait: orders arrive in
 *              a mailbox (a short lock around a copy) and by an eventfd; results
 *              leave through lock-free rings.
 * Operation    The loop sleeps in epoll until a socket, an order, or its timerfd
 *              (set to the earliest of: a user's wait or time-out, the demand's next
 *              change, the transport's own time).
 * Safety       worker_send: any thread.  create, start, join,
 *              destroy: the generator's.
 *
 *   written by | field    | order        | read by | why
 *   generator  | mailbox  | mutex        | worker  | a whole order or none
 *   worker     | gauge    | relaxed      | any     | figures (stats/gauge.h)
 */
#ifndef RAMPTOP_LOAD_WORKER_H
#define RAMPTOP_LOAD_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/load/generator.h"
#include "src/load/program.h"
#include "src/stats/collect.h"

struct worker;

/* The whole of what a worker is to do from now on. */
struct worker_order {
    struct generator_order what; /* without profile and level, which are in the program: */
    struct program *program;     /* NULL: no users yet */
    bool quit;                   /* drop everything and end the thread */
};

struct worker_config {
    unsigned index, count; /* this is worker `index` of `count` */
    struct collect_lane lane;
    const struct transport_ops *transport;
    struct budget *budget;
    struct resolver *resolver; /* borrowed, as the two */
    uint64_t seed;
};

struct worker *worker_create(const struct worker_config *cfg, struct err *e);
bool worker_start(struct worker *w, struct err *e);
/* Takes over the reference to order->program. */
void worker_send(struct worker *w, const struct worker_order *order);
void worker_join(struct worker *w);    /* after an order with quit; gives up what still runs */
void worker_destroy(struct worker *w); /* not running; NULL is fine */

#endif
