/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/probe/postgres/pg_inner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/postgres/pg_words.h"
#include "src/probe/postgres/sql.h"

#define SELDOM_NS (5 * NS_PER_S)
#define SLOW_S 1.0
#define FOUND_POOLS 8u /* most pools found by the probe itself */

enum wait { WAIT_LOCK, WAIT_LWLOCK, WAIT_IO, WAIT_IPC, WAIT_CLIENT, WAITS };

static const char *const wait_words[WAITS] = {"lock", "lwlock", "io", "ipc", "client"};
/* pg_stat_activity's names of the same */
static const char *const wait_types[WAITS] = {"Lock", "LWLock", "IO", "IPC", "Client"};

enum figure {
    F_CONNECTIONS,
    F_ACTIVE,
    F_IDLE_TX,
    F_TPS,
    F_ROLLBACKS,
    F_HIT_RATIO,
    F_DEADLOCKS,
    F_TEMP,
    F_OLDEST,
    F_LONGEST,
    FIGURES
};

static const struct {
    const char *name;
    enum snap_unit unit;
    unsigned flags;
} figures[FIGURES] = {
    [F_CONNECTIONS] = {"connections", UNIT_COUNT, SERIES_MAIN | SERIES_RESOURCE},
    [F_ACTIVE] = {"active", UNIT_COUNT, 0},
    [F_IDLE_TX] = {"idle in transaction", UNIT_COUNT, 0},
    [F_TPS] = {"tps", UNIT_PER_S, 0},
    [F_ROLLBACKS] = {"rollbacks", UNIT_PERCENT, 0},
    [F_HIT_RATIO] = {"hit ratio", UNIT_PERCENT, 0},
    [F_DEADLOCKS] = {"deadlocks", UNIT_COUNT, 0},
    [F_TEMP] = {"temp", UNIT_BYTES_PER_S, 0},
    [F_OLDEST] = {"oldest transaction", UNIT_SECONDS, 0},
    [F_LONGEST] = {"longest query", UNIT_SECONDS, 0},
};

struct pool_series {
    bool made;
    int connections, busy;
};

struct role_limit {
    char role[64];
    double most;
};

struct postgres {
    const struct probe_spec *spec;
    struct pq *pq;
    struct buf sql;
    bool sql_made;

    struct probe_pool *pools; /* the spec's, or found ones */
    const char **texts;       /* the pools' texts, as parameters */
    struct pool_series *pool_series;
    size_t n_pools;
    bool found; /* pools were found by the probe, which owns them */
    struct role_limit *limits;
    size_t n_limits;

    bool made;
    int series[FIGURES], waits[WAITS];
    struct pg_track track;
    double own; /* queries since the last row */
    bool refused;
    uint64_t seldom_ns, noted_ns;
    struct pg_baseline baseline;
};

/* ------------------------------------------------------------- open and close */

static void *postgres_open(struct probe *p, const struct probe_spec *spec)
{
    struct postgres *g = mem_zalloc(sizeof *g);
    g->spec = spec;
    g->pq = pq_new(&(struct pq_config){
        .conninfo = spec->where, .password = spec->password, .guarded = true, .probe = p});
    g->found = spec->n_pools == 0;
    g->n_pools = spec->n_pools;
    g->pools = g->found ? mem_array(FOUND_POOLS, sizeof *g->pools) : spec->pools;
    size_t room = g->found ? FOUND_POOLS : spec->n_pools;
    g->texts = mem_array(room, sizeof *g->texts);
    g->pool_series = mem_array(room, sizeof *g->pool_series);
    for (size_t i = 0; i < g->n_pools; i++)
        g->texts[i] = g->pools[i].text;
    return g;
}

static void postgres_close(void *self)
{
    struct postgres *g = self;
    pq_free(g->pq);
    for (size_t i = 0; g->found && i < g->n_pools; i++) {
        free(g->pools[i].name);
        free(g->pools[i].text);
    }
    if (g->found)
        free(g->pools);
    free(g->texts);
    free(g->pool_series);
    free(g->limits);
    pg_statements_finish(&g->baseline.then);
    buf_finish(&g->sql);
    free(g);
}

static struct pq_rows *postgres_query(struct postgres *g, const char *sql, uint64_t deadline_ns,
                                      struct pq_failure *f)
{
    g->own++;
    return pq_query(g->pq, sql, NULL, 0, deadline_ns, f);
}

static void make_server_series(struct postgres *g, struct probe *p)
{
    if (g->made)
        return;
    g->made = true;
    for (int i = 0; i < FIGURES; i++)
        g->series[i] = probe_series(p, "", figures[i].name, figures[i].unit, figures[i].flags);
    for (int i = 0; i < WAITS; i++) {
        char name[32];
        snprintf(name, sizeof name, "waiting %s", wait_words[i]);
        g->waits[i] = probe_series(p, "", name, UNIT_COUNT, 0);
    }
}

/* -------------------------------------------------------------------- failing */

static enum probe_state postgres_failure_state(struct postgres *g, struct probe *p,
                                               const struct pq_failure *f, struct err *e)
{
    if (f->connecting && pg_words_full(f) && !g->refused) {
        g->refused = true;
        probe_event(p, EVENT_FINDING, "", "takes no more connections (53300: %s)", f->text);
    }
    return pg_words_failure(f, pq_place(g->pq), e);
}

/* ----------------------------------------------------------------- connecting */

static void publish_server_place(struct postgres *g, struct probe *p)
{
    char where[SNAP_NAME];
    pg_words_place(pq_place(g->pq), where, sizeof where);
    probe_where(p, "%s", where);
}

/* Reads the roles' connection limits (ALTER ROLE app CONNECTION LIMIT 20), which the user then
 * need not set. */
static void read_role_limits(struct postgres *g, uint64_t deadline_ns)
{
    struct pq_failure f;
    struct pq_rows *r = postgres_query(g, pg_sql_role_limits, deadline_ns, &f);
    if (r == NULL)
        return;
    g->n_limits = (size_t)pq_count(r);
    g->limits = mem_grow(g->limits, g->n_limits + 1, sizeof *g->limits);
    for (size_t i = 0; i < g->n_limits; i++) {
        const char *role = pq_text(r, (int)i, 0);
        snprintf(g->limits[i].role, sizeof g->limits[i].role, "%s", role != NULL ? role : "");
        g->limits[i].most = pq_number(r, (int)i, 1);
    }
    pq_rows_free(r);
}

static bool postgres_connect(struct postgres *g, struct probe *p, uint64_t deadline_ns,
                             struct pq_failure *f)
{
    bool fine = pq_connect(g->pq, deadline_ns, f);
    publish_server_place(g, p);
    if (!fine)
        return false;
    g->refused = false;
    g->own++; /* the statement is prepared again */
    make_server_series(g, p);
    read_role_limits(g, deadline_ns);
    return true;
}

/* ---------------------------------------------------------------------- pools */

static double pool_limit(const struct postgres *g, const struct probe_pool *pool)
{
    if (pool->max > 0)
        return pool->max;
    for (size_t i = 0; pool->match == POOL_USER && i < g->n_limits; i++)
        if (strcmp(g->limits[i].role, pool->text) == 0)
            return g->limits[i].most;
    return NAN;
}

/* Makes a pool's series.  A pool that has opened all its connections is not exhausted: it may
 * keep them open while two of them work.  Only busy connections have a limit. */
static void make_pool_series(struct postgres *g, struct probe *p, size_t i)
{
    const struct probe_pool *pool = &g->pools[i];
    struct pool_series *s = &g->pool_series[i];
    double limit = pool_limit(g, pool);
    unsigned shown = g->found && isnan(limit) ? 0 : SERIES_MAIN;
    s->made = true;
    s->connections = probe_series(p, pool->name, "connections", UNIT_COUNT, shown);
    s->busy = probe_series(p, pool->name, "busy connections", UNIT_COUNT, shown | SERIES_RESOURCE);
    probe_limit(p, s->connections, limit);
    probe_limit(p, s->busy, limit);
}

static double pool_column_figure(const struct pq_rows *r, char letter, size_t i)
{
    char column[32];
    snprintf(column, sizeof column, "%c%zu", letter, i);
    return pq_figure(r, column);
}

static void publish_pools(struct postgres *g, struct probe *p, const struct pq_rows *r)
{
    for (size_t i = 0; i < g->n_pools; i++) {
        double connections = pool_column_figure(r, 'p', i), hidden = pool_column_figure(r, 'h', i);
        if (!g->pool_series[i].made)
            make_pool_series(g, p, i);
        probe_value(p, g->pool_series[i].connections, connections);
        probe_note(p, g->pool_series[i].connections, "%s", /* perhaps a wrong name */
                   !g->found && connections == 0 ? "no such session" : "");
        probe_value(p, g->pool_series[i].busy, hidden > 0 ? NAN : pool_column_figure(r, 'b', i));
    }
}

static bool pool_is_known(const struct postgres *g, const char *role)
{
    for (size_t i = 0; i < g->n_pools; i++)
        if (strcmp(g->pools[i].text, role) == 0)
            return true;
    return false;
}

/* Finds pools without the user's help: a role with several connections has a pool. */
static void find_role_pools(struct postgres *g, uint64_t deadline_ns)
{
    struct pq_failure f;
    struct pq_rows *r = postgres_query(g, pg_sql_roles, deadline_ns, &f);
    for (int row = 0; r != NULL && row < pq_count(r) && g->n_pools < FOUND_POOLS; row++) {
        const char *role = pq_text(r, row, 0);
        if (role == NULL || pool_is_known(g, role))
            continue;
        struct probe_pool *pool = &g->pools[g->n_pools];
        *pool = (struct probe_pool){
            .name = mem_strdup(role), .text = mem_strdup(role), .match = POOL_USER};
        g->texts[g->n_pools++] = pool->text;
        g->sql_made = false;
    }
    pq_rows_free(r);
}

/* -------------------------------------------------------------------- figures */

static void read_server_row(const struct pq_rows *r, struct pg_row *row)
{
    *row = (struct pg_row){
        .ts = pq_figure(r, "ts"),
        .started = pq_figure(r, "started"),
        .stats_reset = pq_figure(r, "stats_reset"),
        .room = pq_figure(r, "room"),
        .connections = pq_figure(r, "connections"),
        .hidden = pq_figure(r, "hidden"),
        .active = pq_figure(r, "active"),
        .idle_tx = pq_figure(r, "idle_tx"),
        .w_lock = pq_figure(r, "w_lock"),
        .w_lwlock = pq_figure(r, "w_lwlock"),
        .w_io = pq_figure(r, "w_io"),
        .w_ipc = pq_figure(r, "w_ipc"),
        .w_client = pq_figure(r, "w_client"),
        .oldest_s = pq_figure(r, "oldest_s"),
        .longest_s = pq_figure(r, "longest_s"),
        .xact_commit = pq_figure(r, "xact_commit"),
        .xact_rollback = pq_figure(r, "xact_rollback"),
        .blks_read = pq_figure(r, "blks_read"),
        .blks_hit = pq_figure(r, "blks_hit"),
        .temp_bytes = pq_figure(r, "temp_bytes"),
        .deadlocks = pq_figure(r, "deadlocks"),
    };
}

static void publish_server_events(struct postgres *g, struct probe *p, const struct pg_figures *f)
{
    if (f->cut == PG_RESTARTED)
        probe_event(p, EVENT_RESTART, "", "was restarted");
    if (f->cut == PG_RECOVERED)
        probe_event(p, EVENT_RESTART, "", "recovered from a crash: its counters began afresh");
    if (f->new_deadlocks > 0)
        probe_event(p, EVENT_FINDING, "", "ended %.0f deadlock%s in %s, %.0f since the probe began",
                    f->new_deadlocks, f->new_deadlocks > 1 ? "s" : "", pq_place(g->pq)->database,
                    f->deadlocks);
}

static void publish_waits(struct postgres *g, struct probe *p, const struct pg_row *row)
{
    const double waits[WAITS] = {row->w_lock, row->w_lwlock, row->w_io, row->w_ipc, row->w_client};
    for (int i = 0; i < WAITS; i++) {
        probe_value(p, g->waits[i], waits[i]);
        if (waits[i] <= 0)
            probe_note(p, g->waits[i], "%s", "");
    }
    if (row->w_lock > 0)
        probe_note(p, g->series[F_CONNECTIONS], "%.0f waiting", row->w_lock);
    else
        probe_note(p, g->series[F_CONNECTIONS], "%s", "");
}

static void publish_figures(struct postgres *g, struct probe *p, const struct pg_row *row,
                            const struct pg_figures *f)
{
    const double values[FIGURES] = {
        [F_CONNECTIONS] = row->connections,  [F_ACTIVE] = row->active,
        [F_IDLE_TX] = row->idle_tx,          [F_TPS] = f->tps,
        [F_ROLLBACKS] = f->rollback_percent, [F_HIT_RATIO] = f->hit_percent,
        [F_DEADLOCKS] = f->deadlocks,        [F_TEMP] = f->temp_bytes_per_s,
        [F_OLDEST] = row->oldest_s,          [F_LONGEST] = row->longest_s,
    };
    probe_limit(p, g->series[F_CONNECTIONS], row->room);
    publish_waits(g, p, row);
    for (int i = 0; i < FIGURES; i++)
        probe_value(p, g->series[i], values[i]);
}

static void postgres_status_text(struct postgres *g, struct probe *p, const struct pg_row *row)
{
    const char *user = pq_place(g->pq)->user;
    if (row->hidden > 0)
        probe_status_text(p, "%.0f session%s hidden: GRANT pg_monitor TO %s", row->hidden,
                          row->hidden > 1 ? "s" : "", user);
    else if (pq_bare(g->pq))
        probe_status_text(
            p, "connected through a pooler, in whose queue it waits, too: better name the "
               "server itself");
    else
        probe_status_text(p, "%s", "");
}

static bool poll_figures(struct postgres *g, struct probe *p, uint64_t deadline_ns,
                         struct pg_row *row, struct pq_failure *f)
{
    struct pg_figures figs;
    if (!g->sql_made)
        pg_sql_poll(&g->sql, g->pools, g->n_pools);
    g->sql_made = true;
    g->own++;
    char name[32];
    snprintf(name, sizeof name, "ramptop_poll_%zu", g->n_pools);
    struct pq_rows *r =
        pq_query_prepared(g->pq, name, g->sql.data, g->texts, (int)g->n_pools, deadline_ns, f);
    if (r == NULL)
        return false;
    read_server_row(r, row);
    pg_track_add_row(&g->track, row, g->own, &figs);
    g->own = 0;
    publish_figures(g, p, row, &figs);
    publish_pools(g, p, r);
    publish_server_events(g, p, &figs);
    postgres_status_text(g, p, row);
    pq_rows_free(r);
    return true;
}

/* ---------------------------------------------------------- every few seconds */

/* Notes the most frequent wait event beside each kind: "5 transactionid". */
static void note_wait_events(struct postgres *g, struct probe *p, uint64_t deadline_ns)
{
    struct pq_failure f;
    bool noted[WAITS] = {false};
    struct pq_rows *r = postgres_query(g, pg_sql_waits, deadline_ns, &f);
    for (int row = 0; r != NULL && row < pq_count(r); row++) {
        const char *type = pq_text(r, row, 0), *event = pq_text(r, row, 1);
        for (int i = 0; type != NULL && event != NULL && i < WAITS; i++) {
            if (strcmp(type, wait_types[i]) != 0 || noted[i])
                continue;
            noted[i] = true;
            probe_note(p, g->waits[i], "%.0f %s", pq_number(r, row, 2), event);
        }
    }
    pq_rows_free(r);
}

/* Reads wait events at once when a session waits, then every 5 s. */
static void poll_waits(struct postgres *g, struct probe *p, const struct pg_row *row,
                       uint64_t deadline_ns)
{
    uint64_t now = now_ns();
    if (row->w_lock + row->w_lwlock + row->w_io + row->w_ipc + row->w_client <= 0) {
        g->noted_ns = 0;
    } else if (g->noted_ns == 0 || now >= g->noted_ns + SELDOM_NS) {
        g->noted_ns = now;
        note_wait_events(g, p, deadline_ns);
    }
}

static void poll_seldom_figures(struct postgres *g, uint64_t deadline_ns)
{
    uint64_t now = now_ns();
    if (g->seldom_ns != 0 && now < g->seldom_ns + SELDOM_NS)
        return;
    g->seldom_ns = now;
    if (g->found)
        find_role_pools(g, deadline_ns);
    if (!g->baseline.tried && pq_connected(g->pq)) {
        pg_baseline_take(&g->baseline, g->pq, deadline_ns);
        g->own += 2;
    }
}

static enum probe_state postgres_poll(void *self, struct probe *p, uint64_t deadline_ns,
                                      struct err *e)
{
    struct postgres *g = self;
    struct pq_failure f;
    struct pg_row row;
    if (!pq_connected(g->pq) && !postgres_connect(g, p, deadline_ns, &f))
        return postgres_failure_state(g, p, &f, e);
    int version = pq_version(g->pq);
    if (version < PG_SQL_OLDEST) {
        pq_disconnect(g->pq);
        err_set(e, "the server is PostgreSQL %d.%d; the probe needs 10 or newer.", version / 10000,
                version / 100 % 100);
        return PROBE_DENIED;
    }
    if (!poll_figures(g, p, deadline_ns, &row, &f))
        return postgres_failure_state(g, p, &f, e);
    poll_waits(g, p, &row, deadline_ns);
    poll_seldom_figures(g, deadline_ns);
    return PROBE_LIVE;
}

static bool postgres_answer(void *self, struct probe *p, uint64_t deadline_ns,
                            struct snap_detail *out, struct err *e)
{
    struct postgres *g = self;
    (void)p;
    if (!pq_connected(g->pq))
        return err_set(e, "the probe is not connected yet.");
    g->own += 5;
    return pg_answer(g->pq, &g->baseline, g->spec->slow_s > 0 ? g->spec->slow_s : SLOW_S,
                     deadline_ns, out, e);
}

const struct probe_ops probe_postgres = {
    .type = PROBE_POSTGRES,
    .period_ns = NS_PER_S,
    .limit_ns = 5 * NS_PER_S,
    .open = postgres_open,
    .poll = postgres_poll,
    .answer = postgres_answer,
    .close = postgres_close,
};
