/* SPDX-License-Identifier: MIT */
/* program.h - what the workers share: the profile they follow and the tickets of -n.
 *
 * Properties   A program is immutable; each worker and each user holds a reference, so
 *              that a user can finish its request under the old one while others have
 *              the new.
 * Safety       program_ref and program_unref: any thread that holds a reference.
 *
 *   written by | field       | order        | read by | why
 *   any        | refs        | acq_rel RMW  | any     | the last holder frees what all have used
 *   workers    | budget.left | relaxed RMW  | workers | each taken ticket is one request
 */
#ifndef RAMPTOP_LOAD_PROGRAM_H
#define RAMPTOP_LOAD_PROGRAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct profile;
struct collector;

/* A profile made public, with the session-wide id of each of its endpoints.
 * Immutable; each holder has a reference. */
struct program {
    struct profile *profile;
    uint16_t *endpoint_ids; /* profile->n_endpoints */
    _Atomic unsigned refs;
};

struct program *program_create(struct profile *profile, struct collector *c);
struct program *program_ref(struct program *p);
void program_unref(struct program *p); /* NULL is fine */

/* Tickets for -n, shared by all workers. */
struct budget {
    bool limited;
    _Alignas(64) _Atomic int64_t left;
};

#endif
