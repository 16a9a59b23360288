/* SPDX-License-Identifier: MIT */
/* pq.h - PostgreSQL's protocol as the probes need it: one connection, one question at a
 * time, each with a hard deadline.
 *
 * The probes' user of libpq.  Conninfo, PG* variables, services and ~/.pgpass are libpq's
 * own.  A session is read-only with time-outs of its own at the server, so that a question
 * that was given up does not live on there.  Nothing here is shown that was a secret: texts
 * come scrubbed and cleaned.  One thread: its probe's.
 *
 * libpq looks names up while it waits for nobody, so a dead name server holds a probe's
 * thread beyond its deadline (the watch calls it stale meanwhile). */
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
    const char *database;          /* instead of the conninfo's; NULL: its own */
    const char *port;              /* instead of libpq's default; NULL: that */
    const struct secret *password; /* NULL: libpq's ways */
    bool guarded;                  /* the session gets time-outs and is read-only */
    struct probe *probe;           /* ends waiting when it is to stop */
};

enum pq_why {
    WHY_SERVER,      /* it said so: sqlstate and text */
    WHY_LATE,        /* no answer by the deadline */
    WHY_STOPPED,     /* the probe is to stop */
    WHY_CONNINFO,    /* nonsense in it; text is a sentence */
    WHY_NOBODY,      /* nobody listens there */
    WHY_NO_PASSWORD, /* it asked for one */
    WHY_LOST,        /* the connection ended */
    WHY_OTHER        /* text is libpq's */
};

struct pq_failure {
    enum pq_why why;
    bool connecting; /* else a question was asked */
    bool passfile;   /* ~/.pgpass was left alone: others may read it */
    char sqlstate[6];
    double waited_s;
    char text[300];
};

/* Where a connection leads, as far as it is known. */
struct pq_place {
    char user[64], host[128], port[8], database[64];
};

struct pq *pq_new(const struct pq_config *cfg); /* no I/O; keeps cfg's texts borrowed */
void pq_free(struct pq *q);                     /* does not wait; NULL is fine */

/* False with *why, and then not connected. */
bool pq_connect(struct pq *q, uint64_t deadline_ns, struct pq_failure *why);
void pq_disconnect(struct pq *q);
bool pq_connected(const struct pq *q);

const struct pq_place *pq_place(const struct pq *q); /* of the last attempt */
int pq_version(const struct pq *q);                  /* 150020; 0 while not connected */
/* A pooler is between: it refused the session settings, or keeps no prepared statement. */
bool pq_bare(const struct pq *q);

/* Asks sql, one statement; params are texts for $1 and on.  NULL with *why; pq_connected
 * then tells whether the next question can be asked. */
struct pq_rows *pq_query(struct pq *q, const char *sql, const char *const *params, int n_params,
                         uint64_t deadline_ns, struct pq_failure *why);
/* The same for one that is asked again and again: prepared under the name, which spares the
 * server most of its work.  Another text has another name. */
struct pq_rows *pq_query_prepared(struct pq *q, const char *name, const char *sql,
                                  const char *const *params, int n_params, uint64_t deadline_ns,
                                  struct pq_failure *why);
int pq_count(const struct pq_rows *r);
int pq_column(const struct pq_rows *r, const char *name); /* -1: none of that name */
/* As it came, not cleaned; NULL when it is null or there is no such column. */
const char *pq_text(const struct pq_rows *r, int row, int column);
double pq_number(const struct pq_rows *r, int row, int column); /* NaN for none */
double pq_figure(const struct pq_rows *r, const char *name);    /* of the first row */
void pq_rows_free(struct pq_rows *r);                           /* NULL is fine */

#endif
