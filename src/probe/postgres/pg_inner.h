/* SPDX-License-Identifier: MIT */
/* pg_inner.h - what the files of the postgres probe share. */
#ifndef RAMPTOP_PROBE_POSTGRES_INNER_H
#define RAMPTOP_PROBE_POSTGRES_INNER_H

#include "src/base/buf.h"
#include "src/probe/postgres/pg_figures.h"
#include "src/probe/postgres/pg_statements.h"
#include "src/probe/postgres/pq.h"
#include "src/probe/probe.h"

/* What the statements of this database had cost when the probe began. */
struct pg_baseline {
    bool tried;
    uint64_t at_ns;
    char schema[80]; /* quoted; "" when there is no pg_stat_statements */
    unsigned minor;  /* of its version: 1.8 */
    struct pg_statements then;
};

/* Once, early: later statements are counted from here on.  Quiet when there is none. */
void pg_baseline_take(struct pg_baseline *b, struct pq *q, uint64_t deadline_ns);

/* Who waits for whom, what runs long, what took most time: rows for a reader. */
bool pg_answer(struct pq *q, const struct pg_baseline *b, double slow_s, uint64_t deadline_ns,
               struct snap_detail *out, struct err *e);

#endif
