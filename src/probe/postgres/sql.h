/* SPDX-License-Identifier: MIT */
/* sql.h - the probe's queries to PostgreSQL, 10 and newer.
 *
 * Single statements that only read.  Each begins with a comment that distinguishes it from the
 * application's, in pg_stat_statements too.  Relations are named with their schema, so that no
 * search_path can put another in its place. */
#ifndef RAMPTOP_PROBE_POSTGRES_SQL_H
#define RAMPTOP_PROBE_POSTGRES_SQL_H

#include <stddef.h>

#include "src/base/buf.h"
#include "src/profile/probe_spec.h"

#define PG_SQL_OLDEST 100000 /* in PQserverVersion's format */

/* Builds the query for one row of figures (pg_figures.h).  For pool i, whose text is $i+1:
 * columns p<i> (connections), b<i> (busy ones), h<i> (those with a hidden state). */
void pg_sql_poll(struct buf *out, const struct probe_pool *pools, size_t n_pools);

/* Roles with at least two connections: role, connections; most first. */
extern const char pg_sql_roles[];
/* Connection limits of roles: role, most. */
extern const char pg_sql_role_limits[];
/* Wait events of active sessions: type, event, sessions; most first. */
extern const char pg_sql_waits[];
/* Sessions that wait for locks, and those that hold them: pid, blockers ("{1,2}", null: waits
 * for none), role, state, event, query_s, xact_s, query. */
extern const char pg_sql_locks[];
/* Statements running for more than $1 seconds, and not because of a lock: pid, role, wait,
 * query_s, query. */
extern const char pg_sql_slow[];

/* Presence and place of pg_stat_statements: schema, version; no row: not installed. */
extern const char pg_sql_extension[];
/* Builds the query for all its counters of this database: id, calls, ms, rows. minor is the
 * extension's own version (8 of 1.8), which may be old on an upgraded server. */
void pg_sql_statements(struct buf *out, const char *schema, unsigned minor);
/* Builds the query for the texts of the query ids $1 ("{1,2}"): id, query. */
void pg_sql_texts(struct buf *out, const char *schema);

#endif
