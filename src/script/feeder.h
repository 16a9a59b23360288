/* SPDX-License-Identifier: MIT */
/* feeder.h - rows of a CSV file (RFC 4180) for users to take.
 *
 * The file is read whole when the profile is: what happens to it later harms no run.
 * Immutable; any thread.  Where the next row is counted is the program's: one cursor
 * (an atomic counter) per feeder, shared by all users. */
#ifndef RAMPTOP_SCRIPT_FEEDER_H
#define RAMPTOP_SCRIPT_FEEDER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/base/rng.h"

#define FEEDER_MAX_BYTES (256u << 20)
#define FEEDER_MAX_ROWS 10000000u
#define FEEDER_MAX_COLUMNS 1000u

enum feeder_order { FEEDER_SEQUENTIAL, FEEDER_RANDOM, FEEDER_UNIQUE };
enum feeder_end { FEEDER_WRAP, FEEDER_STOP };

struct feeder;
struct permissions;

struct feeder_config {
    const char *name; /* in the profile, for messages; copied.  NULL: none */
    enum feeder_order order;
    enum feeder_end at_end;
    char delimiter; /* 0: a comma */
    struct permissions *permissions; /* where the file is noted; borrowed, NULL: nowhere */
};

/* NULL with a half sentence: "row 17 has 3 fields, the first line has 4".  Rows are counted
 * as a spreadsheet does: the first line, which names the columns, is row 1.  The text must be
 * UTF-8 without NULs; a byte order mark and empty lines are skipped. */
struct feeder *feeder_read(const char *path, const struct feeder_config *cfg, struct err *e);
struct feeder *feeder_parse(const char *text, size_t len, const struct feeder_config *cfg,
                            struct err *e);
void feeder_free(struct feeder *f);

const char *feeder_name(const struct feeder *f); /* "" for none */
uint32_t feeder_rows(const struct feeder *f);
enum feeder_order feeder_order(const struct feeder *f);
/* The column's index, or -1. */
int feeder_column(const struct feeder *f, const char *name);
const char *feeder_column_name(const struct feeder *f, unsigned i); /* NULL after the last */

/* The cell's text; borrowed. */
const char *feeder_cell(const struct feeder *f, uint32_t row, unsigned column, size_t *len);

/* The answer to a user that asked for a row. */
enum feeder_row {
    FEEDER_NO_ROW,     /* none is left, and at_end is STOP */
    FEEDER_OWN_ROW,    /* the one that the order gives it */
    FEEDER_SHARED_ROW, /* UNIQUE with at_end WRAP: there are more users than rows */
};

/* The row for a user that needs one now: SEQUENTIAL from the cursor, RANDOM by the dice,
 * UNIQUE by the user's number (from 0 on) among those that need one. */
enum feeder_row feeder_take(const struct feeder *f, _Atomic uint64_t *cursor, uint32_t user,
                            struct rng *rng, uint32_t *row);

#endif
