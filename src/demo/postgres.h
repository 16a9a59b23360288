/* SPDX-License-Identifier: MIT */
/* postgres.h - the demo target's database: a pool of real connections to a PostgreSQL, and
 * jobs that are done on them; the demo's only user of libpq.
 *
 * A job is one statement in a transaction of its own that sleeps for the given time inside
 * the server (pg_sleep) and touches a row of ramptop_demo.item: a read, or an update.  The
 * table is made by postgres_open; where it may not be, jobs read a row of the catalog.
 * Connections are called 'ramptop-demo' (application_name); who gets one is dbpool.h's.
 *
 * busy_ns is how long a job is to keep its connection: it sleeps that long less what reads
 * were found to take beside their sleep (at most 1 ms), so that N connections do N / busy_ns.
 * An update takes its commit in addition.  pg_sleep knows whole milliseconds only: a time
 * between two is rounded up as often as it takes for the mean to be right.
 *
 * Nothing waits but postgres_open: sockets are in an epoll of its own, and postgres_run is
 * called when that is readable or the time of postgres_due_ns has come.  A host's name is
 * looked up by libpq while it is called, so a name server that is slow is felt.
 *
 * What the server says beside results is dropped: nothing is printed.  One thread. */
#ifndef RAMPTOP_DEMO_POSTGRES_H
#define RAMPTOP_DEMO_POSTGRES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/base/rng.h"
#include "src/demo/dbpool.h"

enum db_end {
    DB_DONE,
    DB_NONE,  /* no connection was to be had */
    DB_LOST,  /* the connection broke, or did not answer in time */
    DB_ERROR, /* the statement failed */
};

struct db_job {
    bool write;
    uint64_t busy_ns; /* how long it is to keep its connection */
    void *who;        /* the owner's */
    /* set when it has ended */
    enum db_end end;
    uint64_t asked_ns, started_ns, ended_ns; /* started: had its connection; 0: never */
    struct db_job *next;                     /* postgres.c's */
};

/* Made by postgres_open; for others to read. */
struct postgres {
    struct dbpool pool;
    int epoll_fd;       /* readable: call postgres_run */
    char where[128];    /* "mon@127.0.0.1:5432/shop" */
    const char *remark; /* a sentence about the rows that jobs touch */
    /* private */
    char *dsn;
    struct link *links;
    struct db_job *first, **last; /* ended */
    uint64_t sweep_ns;
    struct rng rng;
    double extra_ns; /* time of a read beside its sleep: a moving mean */
    bool has_table, may_write;
};

struct postgres_config {
    const char *dsn; /* as libpq takes it: a URI, "host=... dbname=...", a database's name */
    size_t pool, queue;
    uint64_t seed;
};

/* Is it a connection string?  False with a sentence, which does not repeat it, if not, or when
 * it was `shown` (to everybody, as a command line is) and has a password in it; also when this
 * program was built without libpq. */
bool postgres_check(const char *dsn, bool shown, struct err *e);

/* Connects once, within seconds, to see that it can be done and to make the table.  NULL
 * with the server's reason. */
struct postgres *postgres_open(const struct postgres_config *cfg, struct err *e);
/* Jobs that have not ended are forgotten.  NULL is fine. */
void postgres_close(struct postgres *p);

/* TAKEN and WAITS: the job comes out of postgres_next, never before the next postgres_run. */
enum dbpool_reply postgres_ask(struct postgres *p, struct db_job *job, uint64_t t_ns);

uint64_t postgres_due_ns(const struct postgres *p);
void postgres_run(struct postgres *p);
/* A job that has ended, NULL for none (left). */
struct db_job *postgres_next(struct postgres *p);

#endif
