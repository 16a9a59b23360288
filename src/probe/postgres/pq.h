/* SPDX-License-Identifier: MIT */
/* pq.h - PostgreSQL's protocol as the probes need it: one connection, one query at a time, each
 * with a hard deadline.
 *
 * The probes' user of libpq.  Conninfo, PG* variables, services and ~/.pgpass are libpq's own.
 * A session is read-only with time-outs of its own at the server, so that an abandoned query
 * does not live on there.  No secret is shown: texts come scrubbed and cleaned.  One thread: its
 * probe's.
 *
 * libpq resolves names blockingly, so a dead name server holds a probe's thread beyond its
 * deadline (the watch shows it as stale meanwhile). */
#ifndef RAMPTOP_PROBE_POSTGRES_PQ_H
#define RAMPTOP_PROBE_POSTGRES_PQ_H

#include <stdbool.h>
#include <stdint.h>

#include "src/probe/probe.h"
#include "src/script/secret.h"

struct pq;
struct pq_rows;

struct pq_config {
    const char *conninfo;          /* libpq's; "" for its defaults; borrowed, as all here */
    const char *database;          /* replaces the conninfo's; NULL: the conninfo's own */
    const char *port;              /* replaces libpq's default; NULL: that default */
    const struct secret *password; /* NULL: as libpq finds it */
    bool guarded;                  /* the session gets time-outs and is read-only */
    struct probe *probe;           /* ends waits when it is to stop */
};

enum pq_why {
    WHY_SERVER,      /* the server's own error: sqlstate and text */
    WHY_LATE,        /* no answer by the deadline */
    WHY_STOPPED,     /* the probe is to stop */
    WHY_CONNINFO,    /* an invalid conninfo; text is a sentence */
    WHY_NOBODY,      /* no listener there */
    WHY_NO_PASSWORD, /* a password was asked for */
    WHY_LOST,        /* the connection ended */
    WHY_OTHER        /* text is libpq's */
};

struct pq_failure {
    enum pq_why why;
    bool connecting; /* false: while a query was running */
    bool passfile;   /* ~/.pgpass was ignored: others may read it */
    char sqlstate[6];
    double waited_s;
    char text[300];
};

/* The place a connection leads to, as far as it is known. */
struct pq_place {
    char user[64], host[128], port[8], database[64];
};

struct pq *pq_new(const struct pq_config *cfg); /* no I/O; keeps cfg's texts borrowed */
void pq_free(struct pq *q);                     /* does not wait; NULL is fine */

/* Connects.  Returns false with *why, and is then not connected. */
bool pq_connect(struct pq *q, uint64_t deadline_ns, struct pq_failure *why);
void pq_disconnect(struct pq *q);
bool pq_connected(const struct pq *q);

const struct pq_place *pq_place(const struct pq *q); /* place of the last attempt */
int pq_version(const struct pq *q);                  /* 150020; 0 while not connected */
/* Returns whether a pooler is in between: it refused the session settings, or keeps no prepared
 * statement. */
bool pq_bare(const struct pq *q);

/* Runs sql, one statement; params are texts for $1 and on.  Returns NULL with *why; pq_connected
 * then says whether the connection can still be used. */
struct pq_rows *pq_query(struct pq *q, const char *sql, const char *const *params, int n_params,
                         uint64_t deadline_ns, struct pq_failure *why);
/* Runs a query that is repeated: prepared under the name, which saves the server most of its
 * work.  A different text needs a different name. */
struct pq_rows *pq_query_prepared(struct pq *q, const char *name, const char *sql,
                                  const char *const *params, int n_params, uint64_t deadline_ns,
                                  struct pq_failure *why);
int pq_count(const struct pq_rows *r);
int pq_column(const struct pq_rows *r, const char *name); /* -1: none of that name */
/* Returns the text as received, not cleaned; NULL when it is null or there is no such column. */
const char *pq_text(const struct pq_rows *r, int row, int column);
double pq_number(const struct pq_rows *r, int row, int column); /* NaN for none */
double pq_figure(const struct pq_rows *r, const char *name);    /* first row */
void pq_rows_free(struct pq_rows *r);                           /* NULL is fine */

#endif
