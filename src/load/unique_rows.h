/* SPDX-License-Identifier: MIT */
/* unique_rows.h - which row of a `unique` feeder is whose: users are counted through, for each such
 * feeder those alone whose class uses it, so that no row lies idle while two share another.
 *
 * Follows from the mix alone, so it is the same in each run and for each number of workers,
 * and stays while users come and go.  Immutable; any thread. */
#ifndef RAMPTOP_LOAD_UNIQUE_ROWS_H
#define RAMPTOP_LOAD_UNIQUE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

struct profile;
struct mix;
struct user_class;
struct seats;

struct seats *seats_create(const struct profile *profile, const struct mix *mix);
void seats_free(struct seats *s); /* NULL is fine */

/* How many users before this one have a row of the feeder. */
uint32_t seats_of(const struct seats *s, uint32_t feeder, uint32_t user);
/* Has a user of this class the same rows with both? */
bool seats_same(const struct seats *a, const struct seats *b, const struct user_class *cls,
                uint32_t user);

#endif
