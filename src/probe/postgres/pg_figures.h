/* SPDX-License-Identifier: MIT */
/* pg_figures.h - from PostgreSQL's counters, polled, to figures.  Pure.
 *
 * A server session adds its counters to the common ones about once a second, so rates are taken
 * over the last three seconds or so.  Their clock is the server's.  NaN: not known. */
#ifndef RAMPTOP_PROBE_POSTGRES_PG_FIGURES_H
#define RAMPTOP_PROBE_POSTGRES_PG_FIGURES_H

#include <stdbool.h>

/* The result of one poll.  Counters are those of the database. */
struct pg_row {
    double ts, started, stats_reset; /* seconds since the epoch, by the server's clock */
    double room;                     /* connections available to ordinary roles */
    double connections, hidden, active, idle_tx;
    double w_lock, w_lwlock, w_io, w_ipc, w_client; /* active sessions by the kind of their wait */
    double oldest_s, longest_s; /* age of the oldest transaction, of the longest statement */
    double xact_commit, xact_rollback, blks_read, blks_hit, temp_bytes, deadlocks;
};

enum pg_break {
    PG_SAME,
    PG_RESTARTED,  /* a new server process */
    PG_RECOVERED,  /* the same process started its counters over: after a crash */
    PG_STATS_RESET /* somebody reset the counters */
};

struct pg_figures {
    enum pg_break cut;                    /* since the previous poll */
    double tps;                           /* without the probe's own */
    double rollback_percent, hit_percent; /* NaN: there were none */
    double temp_bytes_per_s;
    double new_deadlocks; /* since the previous poll; 0 when not known */
    double deadlocks;     /* since the first poll */
};

enum { PG_TRACK_ROWS = 8 };

struct pg_track {
    struct pg_row rows[PG_TRACK_ROWS]; /* newest last; commits without the probe's own */
    unsigned n;
    double commits; /* the newest row's, as received */
    double owed;    /* commits of the probe that the counters do not show yet */
    double deadlocks;
};

/* Adds the next row; own is the number of transactions made by the probe since the previous row,
 * this row's included. */
void pg_track_add_row(struct pg_track *t, const struct pg_row *row, double own,
                      struct pg_figures *out);

enum { PG_WAIT_POLLS = 10 };

/* A pooler's counters of a pool, newest last. */
struct pg_wait {
    double transactions[PG_WAIT_POLLS + 1], us[PG_WAIT_POLLS + 1];
    unsigned n;
};

/* Returns the mean wait of a transaction for its connection, over the last PG_WAIT_POLLS polls,
 * in seconds.  A single poll would not do: pgbouncer counts a transaction when its client asks,
 * and its wait when that is over. */
double pg_wait_mean(struct pg_wait *w, double transactions, double us);

#endif
