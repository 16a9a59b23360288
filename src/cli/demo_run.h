/* SPDX-License-Identifier: MIT */
/* demo_run.h - `ramptop demo`: the target that the options ask for, and the profile for it.
 * All that main knows of the demo target. */
#ifndef RAMPTOP_CLI_DEMO_RUN_H
#define RAMPTOP_CLI_DEMO_RUN_H

#include "src/base/problems.h"
#include "src/cli/cli.h"
#include "src/profile/profile.h"

struct demo_run; /* a running target; NULL: none */

struct demo_ops {
    /* Starts the target; before any thread.  EXIT_FINE, or the exit code of what was said:
     * then there is none. */
    int (*start)(const struct options *o, struct demo_run **out);
    /* Ends it.  NULL is fine. */
    void (*end)(struct demo_run *d);
    /* Serves until a signal comes or the target ends by itself.  The exit code. */
    int (*serve)(const struct options *o);
    /* The profile for it, whose host it is; NULL when problems were added.  The overrides
     * borrow from d. */
    struct profile *(*profile)(const struct demo_run *d, struct profile_overrides *overrides,
                               struct problems *problems);
    /* Adds what is watched of it without being asked for. */
    void (*watch)(const struct demo_run *d, struct probe_specs *probes);
};

/* NULL: this program was built without the demo target (--disable-demo). */
extern const struct demo_ops *const demo_ops;

#endif
