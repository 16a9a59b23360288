/* SPDX-License-Identifier: MIT */
/* program.h - what the workers share: the profile they follow, with what is composed
 * once for all users, its counters, and the tickets of -n.
 *
 * Properties   A program is immutable; each worker and each user holds a reference, so
 *              that a user can finish its request under the old one while others have
 *              the new.
 * Safety       program_ref and program_unref: any thread that holds a reference.
 *
 *   written by | field       | order        | read by | why
 *   any        | refs        | acq_rel RMW  | any     | the last holder frees what all have used
 *   workers    | counters    | relaxed RMW  | workers | each gets a number of its own
 *   workers    | budget.left | relaxed RMW  | workers | each taken ticket is one request
 *   a worker   | budget.spent_ns | relaxed  | any     | a figure, stored once
 */
#ifndef RAMPTOP_LOAD_PROGRAM_H
#define RAMPTOP_LOAD_PROGRAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct profile;
struct mix;
struct message_buf;
struct collector;
struct unique_rows;

/* A profile in force, with the session-wide ids of its endpoints and classes and the mix of its
 * classes.  Immutable but for its counters; each holder has a reference. */
struct program {
    struct profile *profile;
    const struct mix *mix;  /* the profile's or one of its levels' */
    uint16_t *endpoint_ids; /* profile->n_endpoints */
    uint16_t *class_ids;    /* profile->n_classes */
    /* By request->number: the message that is the same for all users and always; NULL where
     * it has to be composed for each. */
    struct message_buf **fixed;
    struct counters *counters;
    struct unique_rows *rows; /* the users' rows of unique feeders */
    _Atomic unsigned refs;
};

/* Counts how far feeders and ${seq} have come.  They live as long as the profile is in use, also
 * when the mix changes: a program made of the same profile takes over its predecessor's. */
struct counters {
    _Atomic uint64_t *sequences; /* profile->n_sequences */
    _Atomic uint64_t *cursors;   /* profile->n_feeders */
    _Atomic bool *ran_out;       /* profile->n_feeders: it has no own row left, and that was said */
    _Atomic unsigned refs;
};

struct counters *counters_create(const struct profile *profile);
void counters_unref(struct counters *c); /* NULL is fine */

/* mix: NULL for the profile's own.  before: the program in force until now, or NULL. */
struct program *program_create(struct profile *profile, const struct mix *mix,
                               const struct program *before, struct collector *c);
struct program *program_ref(struct program *p);
void program_unref(struct program *p); /* NULL is fine */

/* Tickets for -n, shared by all workers. */
struct budget {
    bool limited;
    _Alignas(64) _Atomic int64_t left;
    _Atomic uint64_t spent_ns; /* when the last one was taken; 0: not yet */
};

#endif
