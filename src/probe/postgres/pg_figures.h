/* SPDX-License-Identifier: MIT */
/* pg_figures.h - from the counters of looks at PostgreSQL to figures.  Pure.
 *
 * A server session adds its counters to the common ones about once a second, so rates are
 * taken over the last three seconds or so.  Their clock is the server's.  NaN: not known. */
#ifndef RAMPTOP_PROBE_POSTGRES_FIGURES_H
#define RAMPTOP_PROBE_POSTGRES_FIGURES_H

#include <stdbool.h>

/* What one look brings.  Counters are those of the database. */
struct pg_row {
    double ts, started, stats_reset; /* seconds since the epoch, there */
    double room;                     /* connections that ordinary roles can have */
    double connections, hidden, active, idle_tx;
    double w_lock, w_lwlock, w_io, w_ipc, w_client; /* active ones that wait for it */
    double oldest_s, longest_s;                     /* transaction, statement */
    double xact_commit, xact_rollback, blks_read, blks_hit, temp_bytes, deadlocks;
};

enum pg_break {
    PG_SAME,
    PG_RESTARTED,  /* another server process */
    PG_RECOVERED,  /* the same one began its counters afresh: after a crash */
    PG_STATS_RESET /* somebody reset the counters */
};

struct pg_figures {
    enum pg_break cut;                    /* since the look before */
    double tps;                           /* without the probe's own */
    double rollback_percent, hit_percent; /* NaN: there were none */
    double temp_bytes_per_s;
    double new_deadlocks; /* since the look before; 0 when not known */
    double deadlocks;     /* since the first look */
};

enum { PG_TRACK_ROWS = 8 };

struct pg_track {
    struct pg_row rows[PG_TRACK_ROWS]; /* newest last; commits without the probe's own */
    unsigned n;
    double commits; /* the newest row's, as it came */
    double owed;    /* commits of the probe's that the counters do not show yet */
    double deadlocks;
};

/* Takes the next row in; own is how many transactions the probe itself made since the row
 * before, this row's included. */
void pg_track_add_row(struct pg_track *t, const struct pg_row *row, double own,
                      struct pg_figures *out);

enum { PG_WAIT_POLLS = 10 };

/* A pooler's counters of a pool, the newest last. */
struct pg_wait {
    double transactions[PG_WAIT_POLLS + 1], us[PG_WAIT_POLLS + 1];
    unsigned n;
};

/* What one transaction has waited for its connection on average, over the last PG_WAIT_POLLS
 * looks, in seconds.  Not from one look to the next: pgbouncer counts a transaction when its
 * client asks, and its wait when that is over. */
double pg_wait_mean(struct pg_wait *w, double transactions, double us);

#endif
