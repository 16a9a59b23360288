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
struct unique_rows;

struct unique_rows *unique_rows_create(const struct profile *profile, const struct mix *mix);
void unique_rows_free(struct unique_rows *rows); /* NULL is fine */

/* The user's row: how many users before it have one of the feeder. */
uint32_t unique_row(const struct unique_rows *rows, uint32_t feeder, uint32_t user);
/* Has a user of this class the same rows with both? */
bool unique_rows_same(const struct unique_rows *a, const struct unique_rows *b,
                      const struct user_class *cls, uint32_t user);

#endif
