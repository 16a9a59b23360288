/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/postgres/pg_figures.h"
#include "src/probe/postgres/pg_words.h"
#include "src/probe/postgres/pq.h"
#include "src/probe/probe.h"

#define POOLS 32u

/* A pool.  A database's first pool has the database's name; further ones have their user's in
 * front. */
struct pool {
    char database[64], user[64], group[132]; /* whole names: they may differ at their end */
    int clients, waiting, servers, wait;
    bool seen, removed;
};

struct traffic {
    char database[64];
    int tps, mean;
    struct probe_counter transactions;
    struct pg_wait waited;
};

struct bouncer {
    struct pq *pq;
    struct pool pools[POOLS];
    unsigned n_pools;
    struct traffic traffic[POOLS];
    unsigned n_traffic;
    bool refused;
};

static void *bouncer_open(struct probe *p, const struct probe_spec *spec)
{
    struct bouncer *b = mem_zalloc(sizeof *b);
    b->pq = pq_new(&(struct pq_config){.conninfo = spec->where,
                                       .database = "pgbouncer",
                                       .port = "6432",
                                       .password = spec->password,
                                       .probe = p});
    return b;
}

static void bouncer_close(void *self)
{
    struct bouncer *b = self;
    pq_free(b->pq);
    free(b);
}

static bool bouncer_connect(struct bouncer *b, struct probe *p, uint64_t deadline_ns,
                            struct pq_failure *f)
{
    char where[SNAP_NAME];
    bool fine = pq_connect(b->pq, deadline_ns, f);
    pg_words_place(pq_place(b->pq), where, sizeof where);
    probe_where(p, "%s", where);
    b->refused = b->refused && !fine;
    return fine;
}

static const char *column_text(const struct pq_rows *r, int row, const char *column)
{
    const char *text = pq_text(r, row, pq_column(r, column));
    return text != NULL ? text : "";
}

/* Returns a column's number, or NaN: columns vary from version to version. */
static double column_number(const struct pq_rows *r, int row, const char *column)
{
    return pq_number(r, row, pq_column(r, column));
}

/* ---------------------------------------------------------------------- pools */

static struct pool *add_bouncer_pool(struct bouncer *b, struct probe *p, const char *database,
                                     const char *user)
{
    bool first = true;
    for (unsigned i = 0; i < b->n_pools; i++)
        first = first && strcmp(b->pools[i].database, database) != 0;
    struct pool *pool = &b->pools[b->n_pools++];
    snprintf(pool->database, sizeof pool->database, "%s", database);
    snprintf(pool->user, sizeof pool->user, "%s", user);
    if (first)
        snprintf(pool->group, sizeof pool->group, "%.63s", database);
    else
        snprintf(pool->group, sizeof pool->group, "%.63s@%.63s", user, database);
    pool->servers = probe_series(p, pool->group, "server connections", UNIT_COUNT,
                                 SERIES_MAIN | SERIES_RESOURCE);
    pool->waiting = probe_series(p, pool->group, "clients waiting", UNIT_COUNT, SERIES_MAIN);
    pool->wait = probe_series(p, pool->group, "longest wait", UNIT_SECONDS, 0);
    pool->clients = probe_series(p, pool->group, "clients", UNIT_COUNT, 0);
    return pool;
}

static struct pool *find_bouncer_pool(struct bouncer *b, struct probe *p, const char *database,
                                      const char *user)
{
    for (unsigned i = 0; i < b->n_pools; i++)
        if (strcmp(b->pools[i].database, database) == 0 && strcmp(b->pools[i].user, user) == 0)
            return &b->pools[i];
    return b->n_pools < POOLS ? add_bouncer_pool(b, p, database, user) : NULL;
}

static double pool_size(const struct pq_rows *databases, const char *database)
{
    for (int row = 0; databases != NULL && row < pq_count(databases); row++)
        if (strcmp(column_text(databases, row, "name"), database) == 0)
            return column_number(databases, row, "pool_size");
    return NAN;
}

static void publish_pool(struct probe *p, const struct pool *pool, const struct pq_rows *r, int row,
                         double size)
{
    double waiting = column_number(r, row, "cl_waiting"), us = column_number(r, row, "maxwait_us");
    probe_limit(p, pool->servers, size);
    if (waiting > 0)
        probe_note(p, pool->servers, "%.0f waiting", waiting);
    else
        probe_note(p, pool->servers, "%s", "");
    probe_value(p, pool->servers, column_number(r, row, "sv_active"));
    probe_value(p, pool->waiting, waiting);
    probe_value(p, pool->clients, column_number(r, row, "cl_active") + waiting);
    probe_value(p, pool->wait, column_number(r, row, "maxwait") + (us >= 0 ? us / 1e6 : 0));
}

static void mark_removed_pools(struct bouncer *b, struct probe *p)
{
    for (unsigned i = 0; i < b->n_pools; i++) {
        struct pool *pool = &b->pools[i];
        if (pool->removed == !pool->seen)
            continue;
        pool->removed = !pool->seen;
        probe_set_removed(p, pool->group, pool->removed);
    }
}

static bool poll_pools(struct bouncer *b, struct probe *p, uint64_t deadline_ns,
                       struct pq_failure *f)
{
    struct pq_rows *r = pq_query(b->pq, "SHOW POOLS", NULL, 0, deadline_ns, f);
    if (r == NULL)
        return false;
    struct pq_failure none;
    struct pq_rows *databases = pq_query(b->pq, "SHOW DATABASES", NULL, 0, deadline_ns, &none);
    for (unsigned i = 0; i < b->n_pools; i++)
        b->pools[i].seen = false;
    for (int row = 0; row < pq_count(r); row++) {
        const char *database = column_text(r, row, "database");
        struct pool *pool = strcmp(database, "pgbouncer") == 0
                                ? NULL
                                : find_bouncer_pool(b, p, database, column_text(r, row, "user"));
        if (pool == NULL)
            continue;
        pool->seen = true;
        publish_pool(p, pool, r, row, pool_size(databases, database));
    }
    mark_removed_pools(b, p);
    pq_rows_free(databases);
    pq_rows_free(r);
    return true;
}

/* -------------------------------------------------------------------- traffic */

static struct traffic *find_database_traffic(struct bouncer *b, struct probe *p,
                                             const char *database)
{
    for (unsigned i = 0; i < b->n_traffic; i++)
        if (strcmp(b->traffic[i].database, database) == 0)
            return &b->traffic[i];
    if (b->n_traffic == POOLS)
        return NULL;
    struct traffic *t = &b->traffic[b->n_traffic++];
    snprintf(t->database, sizeof t->database, "%s", database);
    t->tps = probe_series(p, database, "tps", UNIT_PER_S, 0);
    t->mean = probe_series(p, database, "mean wait", UNIT_SECONDS, 0);
    return t;
}

static bool database_has_pool(const struct bouncer *b, const char *database)
{
    for (unsigned i = 0; i < b->n_pools; i++)
        if (strcmp(b->pools[i].database, database) == 0)
            return true;
    return false;
}

static bool poll_traffic(struct bouncer *b, struct probe *p, uint64_t deadline_ns,
                         struct pq_failure *f)
{
    struct pq_rows *r = pq_query(b->pq, "SHOW STATS", NULL, 0, deadline_ns, f);
    double now_s = (double)now_ns() / (double)NS_PER_S;
    if (r == NULL)
        return false;
    for (int row = 0; row < pq_count(r); row++) {
        const char *database = column_text(r, row, "database");
        struct traffic *t =
            database_has_pool(b, database) ? find_database_traffic(b, p, database) : NULL;
        if (t == NULL)
            continue;
        double transactions = column_number(r, row, "total_xact_count");
        double waited_us = column_number(r, row, "total_wait_time");
        probe_value(p, t->tps, probe_rate(&t->transactions, transactions, now_s, NULL));
        probe_value(p, t->mean, pg_wait_mean(&t->waited, transactions, waited_us));
    }
    pq_rows_free(r);
    return true;
}

static enum probe_state bouncer_poll(void *self, struct probe *p, uint64_t deadline_ns,
                                     struct err *e)
{
    struct bouncer *b = self;
    struct pq_failure f;
    if ((pq_connected(b->pq) || bouncer_connect(b, p, deadline_ns, &f)) &&
        poll_pools(b, p, deadline_ns, &f) && poll_traffic(b, p, deadline_ns, &f))
        return PROBE_LIVE;
    if (pg_words_full(&f) && !b->refused) {
        b->refused = true;
        probe_event(p, EVENT_FINDING, "", "takes no more connections (%s)", f.text);
    }
    return pg_words_failure(&f, pq_place(b->pq), e);
}

const struct probe_ops probe_pgbouncer = {
    .type = PROBE_PGBOUNCER,
    .period_ns = NS_PER_S,
    .limit_ns = 5 * NS_PER_S,
    .open = bouncer_open,
    .poll = bouncer_poll,
    .close = bouncer_close,
};
