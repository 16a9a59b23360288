/* SPDX-License-Identifier: MIT */
/* pg_words.h - explains failures of PostgreSQL and pgbouncer, with a remedy.  Pure. */
#ifndef RAMPTOP_PROBE_POSTGRES_PG_WORDS_H
#define RAMPTOP_PROBE_POSTGRES_PG_WORDS_H

#include <stdbool.h>

#include "src/base/err.h"
#include "src/probe/postgres/pq.h"
#include "src/stats/probe_snapshot.h"

/* Reduces libpq's verbose text of a failed log-in to the server's message, or to the first line
 * when no server answered.  Returns true, and the SQLSTATE, when one did. */
bool pg_words_split(char *text, char sqlstate[6]);

/* Formats a place: "mon@127.0.0.1:5432/shop". */
void pg_words_place(const struct pq_place *at, char *out, int size);

/* Returns down or denied, with the sentence. */
enum probe_state pg_words_failure(const struct pq_failure *f, const struct pq_place *at,
                                  struct err *e);

/* Returns whether the server takes no more connections: a finding about the target, not a
 * failure of the probe. */
bool pg_words_full(const struct pq_failure *f);

#endif
