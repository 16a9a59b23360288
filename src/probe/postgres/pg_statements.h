/* SPDX-License-Identifier: MIT */
/* pg_statements.h - the statements that took most time since the probe began: two snapshots
 * of pg_stat_statements, subtracted.  Pure. */
#ifndef RAMPTOP_PROBE_POSTGRES_PG_STATEMENTS_H
#define RAMPTOP_PROBE_POSTGRES_PG_STATEMENTS_H

#include <stddef.h>
#include <stdint.h>

struct pg_statement {
    int64_t id;
    double calls, ms, rows;
};

struct pg_statements {
    struct pg_statement *items;
    size_t n;
};

void pg_statements_add(struct pg_statements *all, const struct pg_statement *s);
void pg_statements_sort(struct pg_statements *all); /* by id; once, when all are added */
void pg_statements_finish(struct pg_statements *all);

/* Writes the statements with most time in now - before, most time first, at most max; returns
 * how many. before is sorted.  A statement whose counters went back was evicted and returned: it
 * counts from 0. */
size_t pg_statements_top(const struct pg_statements *before, const struct pg_statements *now,
                         struct pg_statement *out, size_t max);

#endif
