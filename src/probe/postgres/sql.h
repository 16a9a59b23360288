/* SPDX-License-Identifier: MIT */
/* sql.h - what the probe asks PostgreSQL, 10 and newer.
 *
 * Single statements that only read.  Each begins with a comment by which they are told from
 * the application's, in pg_stat_statements too.  Relations are named with their schema, so
 * that nobody's search_path puts another in its place. */
#ifndef RAMPTOP_PROBE_POSTGRES_SQL_H
#define RAMPTOP_PROBE_POSTGRES_SQL_H

#include <stddef.h>

#include "src/base/buf.h"
#include "src/profile/probe_spec.h"

#define PG_SQL_OLDEST 100000 /* as PQserverVersion has it */

/* One row of figures (figures.h).  For pool i, whose text is $i+1: columns p<i> (its
 * connections), b<i> (those that are busy), h<i> (those whose state is hidden). */
void pg_sql_poll(struct buf *out, const struct probe_pool *pools, size_t n_pools);

/* Roles with at least two connections: role, connections; most first. */
extern const char pg_sql_roles[];
/* The connection limits that roles have: role, most. */
extern const char pg_sql_role_limits[];
/* What active sessions wait for: type, event, sessions; most first. */
extern const char pg_sql_waits[];
/* Sessions that wait for locks and those that hold them: pid, blockers ("{1,2}", null: waits
 * for none), role, state, event, query_s, xact_s, query. */
extern const char pg_sql_locks[];
/* Statements that have been running for $1 seconds, and not because of a lock: pid, role, wait,
 * query_s, query. */
extern const char pg_sql_slow[];

/* Whether and where pg_stat_statements is: schema, version; no row: it is not there. */
extern const char pg_sql_extension[];
/* All its counters of this database: id, calls, ms, rows.  minor is of the extension's own
 * version (1.8), which an upgraded server may have old. */
void pg_sql_statements(struct buf *out, const char *schema, unsigned minor);
/* The texts of those with the query ids $1 ("{1,2}"): id, query. */
void pg_sql_texts(struct buf *out, const char *schema);

#endif
