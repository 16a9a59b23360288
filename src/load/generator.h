/* SPDX-License-Identifier: MIT */
/* generator.h - what makes a demand: the workers of this process now, others behind the same
 * table later.
 *
 * An order is the whole of what a generator is to do from now on, a plain value with a version:
 * "be at this demand by version n".  Giving one again changes nothing, one that is overtaken
 * by a newer one is not missed, and one that comes late is ignored; so orders may be sent over
 * a wire, repeated, or dropped when the next is on its way.  What came of them comes back as
 * figures (generator_state) with the version from after which they are.
 *
 * Times are now_ns() of this machine; a generator elsewhere converts them.
 *
 * Threads: all functions from one thread at a time (the session's lock).  None waits for a
 * worker but stop and destroy. */
#ifndef RAMPTOP_LOAD_GENERATOR_H
#define RAMPTOP_LOAD_GENERATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/load/demand.h"

struct generator;
struct profile;
struct level;
struct collector;
struct resolver;
struct transport_ops;

struct generator_config {
    unsigned workers;            /* >= 1 */
    struct collector *collector; /* takes what is measured; outlives the generator, and so does */
    struct resolver *resolver;   /* this */
    const struct transport_ops *transport; /* serves all requests */
    uint64_t request_budget;               /* begin exactly this many requests, 0: no end */
    uint64_t seed;                         /* for waits and task choice */
};

struct generator_order {
    uint32_t version; /* grows with each; the first one is 1 */

    /* The profile, and the level whose mix of classes is in force (NULL, or a level without one:
     * the profile's).  Read when `publications` has grown, and the generator takes a reference
     * of its own.  A user that has a request running finishes it and then goes on with this
     * one.  In the same profile a user whose class stays what it was goes on as before; all
     * others begin anew, as another visitor.  A profile that comes back after another one
     * begins anew, too.  Places that users left by themselves are filled again. */
    uint32_t publications;
    struct profile *profile;
    const struct level *level;

    struct demand demand;
    bool hold;  /* no new request begins; running ones finish */
    bool drain; /* users end as they finish their request; taken back, the demand holds again */
    /* While drained: gives up users with a request under way that may take until after
     * beyond_ns, or with 0 all that are still there. */
    bool gives_up;
    uint64_t beyond_ns;
    /* Grows when the program is about to be stopped, or was: what is in flight counts as
     * aborted, schedules start afresh. */
    uint32_t rebases;

    /* Users rest after on_start and after each task until they are released: then all that are
     * ready begin one task at release_ns.  Bursts are numbered from 1 on, and again from 1 on
     * after UINT16_MAX; a new number is a release. */
    bool barrier;
    uint16_t burst;
    uint64_t release_ns;
};

/* The state of a generator, over all of its workers. */
struct generator_state {
    uint32_t version; /* the newest order that all of them follow: the rest is what came of it */
    uint32_t users, in_flight;
    uint32_t askers;   /* users that have begun a request */
    uint32_t left;     /* users that ended by themselves: their places are empty */
    uint32_t ready;    /* users that wait for a burst */
    uint16_t burst;    /* the newest that all workers have released */
    uint64_t released; /* users released, over all bursts; */
    uint64_t burst_done; /* how many of them have done their task */
    bool budget_spent; /* -n: all requests have been begun */
    uint64_t spent_ns; /* -n: when the last one was; 0: not yet */
};

#define GENERATOR_MAKES(kind) (1u << (kind))

struct generator_ops {
    const char *name; /* in sentences: "local workers" */
    unsigned makes;   /* GENERATOR_MAKES of each kind of demand that it can make */

    struct generator *(*create)(const struct generator_config *cfg, struct err *e);
    /* Borrows *o for the call.  The demand's kind is one of `makes`. */
    void (*order)(struct generator *g, const struct generator_order *o);
    void (*state)(const struct generator *g, struct generator_state *out);
    /* Ends what still runs at once, joins the threads: no sample comes from then on.  Orders and
     * questions are still allowed; nothing comes of them. */
    void (*stop)(struct generator *g);
    /* Stops it, if nobody has.  NULL is fine. */
    void (*destroy)(struct generator *g);
};

/* Workers in this process: threads with an event loop each (load/worker.h). */
extern const struct generator_ops generator_local;

#endif
