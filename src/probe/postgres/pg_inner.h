/* SPDX-License-Identifier: MIT */
/* pg_inner.h - shared by the files of the postgres probe. */
#ifndef RAMPTOP_PROBE_POSTGRES_PG_INNER_H
#define RAMPTOP_PROBE_POSTGRES_PG_INNER_H

#include "src/base/buf.h"
#include "src/probe/postgres/pg_figures.h"
#include "src/probe/postgres/pg_statements.h"
#include "src/probe/postgres/pq.h"
#include "src/probe/probe.h"

/* The statements' counters of this database when the probe started. */
struct pg_baseline {
    bool tried;
    uint64_t at_ns;
    char schema[80]; /* quoted; "" when there is no pg_stat_statements */
    unsigned minor;  /* minor version of the extension: 8 of 1.8 */
    struct pg_statements then;
};

/* Takes the baseline, once and early: later statements are counted from here on.  Does nothing
 * when there is no pg_stat_statements. */
void pg_baseline_take(struct pg_baseline *b, struct pq *q, uint64_t deadline_ns);

/* Writes details for a reader: blockers, long statements, top statements. */
bool pg_answer(struct pq *q, const struct pg_baseline *b, double slow_s, uint64_t deadline_ns,
               struct snap_detail *out, struct err *e);

#endif
