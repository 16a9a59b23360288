/* SPDX-License-Identifier: MIT */
/* user_init.h - what a user knows when it begins: its dice, its rows of the feeders, its variables.
 * The same for the users of a run and for those who ask one thing after the other (client.h).
 *
 * Any thread; a scope is its user's alone. */
#ifndef RAMPTOP_LOAD_USER_INIT_H
#define RAMPTOP_LOAD_USER_INIT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "src/script/scope.h"

struct profile;
struct seats;
struct user_class;

/* What all users have in common; borrowed. */
struct lives {
    const struct profile *profile;
    _Atomic uint64_t *sequences, *cursors; /* as struct counters (program.h) */
    _Atomic bool *ran_out;
    uint64_t seed;
    const struct seats *seats; /* NULL: a user's row of a unique feeder is that of its number */
};

/* User `number` begins for the nth time (from 0 on): another time, other dice.  scope is
 * released first if it was in use.  False: a feeder has no row for it. */
bool life_begin(struct scope *scope, const struct lives *all, const struct user_class *cls,
                uint32_t number, uint32_t nth);

/* The feeder's next row for this user; false: there is none.  The first user that gets no row
 * of its own is told of in the log. */
bool life_take_row(struct scope *scope, const struct lives *all, uint32_t feeder);

/* What replies brought is gone; what it drew and its rows are who it is. */
void life_forget_replies(struct scope *scope, const struct lives *all,
                         const struct user_class *cls);

#endif
