/* SPDX-License-Identifier: MIT */
/* user_init.h - what a user knows when it begins: its dice, its rows of the feeders, its
 * variables.  The same for the users of a run and for clients (client.h).
 *
 * Any thread; a scope is its user's alone. */
#ifndef RAMPTOP_LOAD_USER_INIT_H
#define RAMPTOP_LOAD_USER_INIT_H

#include <stdbool.h>
#include <stdint.h>

#include "src/script/scope.h"

struct counters;
struct profile;
struct unique_rows;
struct user_class;

/* Shared by all users; borrowed. */
struct user_env {
    const struct profile *profile;
    struct counters *counters;
    uint64_t seed;
    const struct unique_rows
        *rows; /* NULL: a user's row of a unique feeder is that of its number */
};

/* Begins user `number` for the nth time (from 0 on): another time, other dice.  scope is
 * released first if it was in use.  False: a feeder has no row for it. */
bool user_init(struct scope *scope, const struct user_env *env, const struct user_class *cls,
               uint32_t number, uint32_t nth);

/* Takes the feeder's next row for this user; false: there is none.  The first user that gets no
 * row of its own is told of in the log. */
bool user_take_row(struct scope *scope, const struct user_env *env, uint32_t feeder);

/* Drops what replies brought, and keeps what the user drew and its rows: they are who it is. */
void user_forget_replies(struct scope *scope, const struct user_env *env,
                         const struct user_class *cls);

#endif
