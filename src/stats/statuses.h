/* SPDX-License-Identifier: MIT */
/* statuses.h - how many replies had which HTTP status: a small table, plain data.
 *
 * A target that makes up statuses cannot make it grow: what finds no row counts in
 * `others`.  No count is ever lost. */
#ifndef RAMPTOP_STATS_STATUSES_H
#define RAMPTOP_STATS_STATUSES_H

#include <stdint.h>

#define STATUSES_ROWS 24 /* more than the field's usual codes in one run */

/* Zeroed is empty.  Rows are in the order in which their codes came. */
struct statuses {
    uint64_t others; /* codes that found no row */
    uint64_t count[STATUSES_ROWS];
    uint16_t code[STATUSES_ROWS];
    uint32_t n; /* rows in use */
};

void statuses_count(struct statuses *s, uint16_t code, uint64_t count);
/* The same for one reply: most have the code that came first. */
static inline void statuses_count_one(struct statuses *s, uint16_t code)
{
    if (s->n > 0 && s->code[0] == code)
        s->count[0]++;
    else
        statuses_count(s, code, 1);
}
void statuses_add(struct statuses *into, const struct statuses *from);
void statuses_sort(struct statuses *s); /* by code */

#endif
