/* SPDX-License-Identifier: MIT */
#include "src/probe/postgres/sql.h"

#define OURS "/* ramptop */ "
/* A statement's text, on one line. */
#define ONE_LINE(column) "left(regexp_replace(left(" column ", 1000), '\\s+', ' ', 'g'), 200)"
#define QUERY ONE_LINE("query") " AS query"
#define QUERY_OF_S ONE_LINE("s.query") " AS query"

/* Sessions of other roles have no state and no backend_type without pg_monitor, but still take a
 * connection.  The probe's own session counts as a connection, which no other can have, but not
 * as work. */
static const char sessions_source[] =
    "FROM (SELECT *, pid = pg_backend_pid() AS own,"
    " coalesce(backend_type = 'client backend', datname IS NOT NULL) AS client,"
    " backend_type IS NULL AND datname IS NOT NULL AS hid,"
    " coalesce(backend_type = 'client backend' AND state = 'active' AND pid <> pg_backend_pid(),"
    " false) AS act"
    " FROM pg_catalog.pg_stat_activity) s";

static const char session_counts[] =
    "count(*) FILTER (WHERE client) AS connections,"
    " count(*) FILTER (WHERE hid) AS hidden,"
    " count(*) FILTER (WHERE act) AS active,"
    " count(*) FILTER (WHERE client AND state LIKE 'idle in transaction%') AS idle_tx,"
    " count(*) FILTER (WHERE act AND wait_event_type = 'Lock') AS w_lock,"
    " count(*) FILTER (WHERE act AND wait_event_type = 'LWLock') AS w_lwlock,"
    " count(*) FILTER (WHERE act AND wait_event_type IN ('IO', 'BufferPin')) AS w_io,"
    " count(*) FILTER (WHERE act AND wait_event_type = 'IPC') AS w_ipc,"
    " count(*) FILTER (WHERE act AND wait_event_type = 'Client') AS w_client,"
    " coalesce(max(extract(epoch FROM clock_timestamp() - xact_start))"
    " FILTER (WHERE client AND NOT own), 0) AS oldest_s,"
    " coalesce(max(extract(epoch FROM clock_timestamp() - query_start))"
    " FILTER (WHERE act), 0) AS longest_s";

static const char server_row[] =
    "SELECT extract(epoch FROM clock_timestamp()) AS ts,"
    " extract(epoch FROM pg_postmaster_start_time()) AS started,"
    " coalesce(extract(epoch FROM d.stats_reset), 0) AS stats_reset,"
    " current_setting('max_connections')::int"
    " - current_setting('superuser_reserved_connections')::int"
    " - coalesce(nullif(current_setting('reserved_connections', true), '')::int, 0) AS room,"
    " d.xact_commit, d.xact_rollback, d.blks_read, d.blks_hit, d.temp_bytes, d.deadlocks, c.* ";

static const char *const pool_column[] = {
    [POOL_USER] = "usename::text",
    [POOL_APPLICATION] = "application_name",
    [POOL_ADDRESS] = "CASE WHEN NOT hid THEN coalesce(host(client_addr), 'local') END",
    [POOL_DATABASE] = "datname::text",
};

void pg_sql_poll(struct buf *out, const struct probe_pool *pools, size_t n_pools)
{
    buf_clear(out);
    buf_text(out, OURS);
    buf_text(out, server_row);
    buf_printf(out, "FROM (SELECT %s", session_counts);
    for (size_t i = 0; i < n_pools; i++) {
        buf_printf(out,
                   ", count(*) FILTER (WHERE pool%zu) AS p%zu"
                   ", count(*) FILTER (WHERE pool%zu AND state <> 'idle') AS b%zu"
                   ", count(*) FILTER (WHERE pool%zu AND coalesce(state, 'disabled') = 'disabled')"
                   " AS h%zu",
                   i, i, i, i, i, i);
    }
    buf_text(out, " FROM (SELECT *");
    for (size_t i = 0; i < n_pools; i++)
        buf_printf(out, ", client AND NOT own AND %s = $%zu AS pool%zu",
                   pool_column[pools[i].match], i + 1, i);
    buf_printf(out, " %s) t) c, pg_catalog.pg_stat_database d WHERE d.datname = current_database()",
               sessions_source);
}

const char pg_sql_roles[] =
    OURS "SELECT usename::text AS role, count(*) AS connections"
         " FROM pg_catalog.pg_stat_activity"
         " WHERE coalesce(backend_type = 'client backend', datname IS NOT NULL)"
         " AND pid <> pg_backend_pid() AND usename IS NOT NULL"
         " GROUP BY 1 HAVING count(*) >= 2 ORDER BY 2 DESC, 1 LIMIT 8";

const char pg_sql_role_limits[] =
    OURS "SELECT rolname::text AS role, rolconnlimit AS most FROM pg_catalog.pg_roles"
         " WHERE rolconnlimit > 0 AND NOT rolsuper ORDER BY 1 LIMIT 200";

const char pg_sql_waits[] =
    OURS "SELECT wait_event_type AS type, wait_event AS event, count(*) AS sessions"
         " FROM pg_catalog.pg_stat_activity"
         " WHERE state = 'active' AND backend_type = 'client backend' AND wait_event IS NOT NULL"
         " AND pid <> pg_backend_pid() GROUP BY 1, 2 ORDER BY 3 DESC, 2 LIMIT 20";

/* Only on demand, since pg_blocking_pids stops the lock manager for a moment. w is used twice,
 * so that it is computed once. */
const char pg_sql_locks[] =
    OURS "WITH w AS (SELECT pid, pg_blocking_pids(pid) AS b FROM pg_catalog.pg_stat_activity"
         " WHERE wait_event_type = 'Lock' AND state = 'active' ORDER BY query_start LIMIT 50)"
         " SELECT s.pid, w.b::text AS blockers, s.usename::text AS role, s.state,"
         " s.wait_event AS event,"
         " extract(epoch FROM clock_timestamp() - s.query_start) AS query_s,"
         " extract(epoch FROM clock_timestamp() - s.xact_start) AS xact_s, " QUERY_OF_S
         " FROM pg_catalog.pg_stat_activity s LEFT JOIN w ON w.pid = s.pid"
         " WHERE w.pid IS NOT NULL OR s.pid IN (SELECT unnest(b) FROM w)"
         " ORDER BY s.xact_start LIMIT 100";

const char pg_sql_slow[] =
    OURS "SELECT pid, usename::text AS role,"
         " coalesce(wait_event_type || ':' || wait_event, 'running') AS wait,"
         " extract(epoch FROM clock_timestamp() - query_start) AS query_s, " QUERY
         " FROM pg_catalog.pg_stat_activity"
         " WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
         " AND wait_event_type IS DISTINCT FROM 'Lock'"
         " AND query_start < clock_timestamp() - $1::float8 * interval '1 s'"
         " ORDER BY query_start LIMIT 15";

const char pg_sql_extension[] =
    OURS "SELECT quote_ident(n.nspname) AS schema, e.extversion AS version"
         " FROM pg_catalog.pg_extension e"
         " JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace"
         " WHERE e.extname = 'pg_stat_statements'";

/* Sums statements over the roles that ran them.  Texts are left out: they are in a file that may
 * be large. */
void pg_sql_statements(struct buf *out, const char *schema, unsigned minor)
{
    buf_clear(out);
    buf_printf(out,
               OURS "SELECT queryid::text AS id, sum(calls) AS calls, sum(%s) AS ms,"
                    " sum(rows) AS rows FROM %s.pg_stat_statements(false)"
                    " WHERE queryid IS NOT NULL AND dbid = (SELECT oid FROM pg_catalog.pg_database"
                    " WHERE datname = current_database()) GROUP BY 1 ORDER BY 3 DESC LIMIT 5000",
               minor >= 8 ? "total_exec_time" : "total_time", schema);
}

void pg_sql_texts(struct buf *out, const char *schema)
{
    buf_clear(out);
    buf_printf(out,
               OURS "SELECT DISTINCT ON (queryid) queryid::text AS id, " QUERY
                    " FROM %s.pg_stat_statements(true) WHERE queryid::text = ANY ($1::text[])"
                    " ORDER BY queryid",
               schema);
}
