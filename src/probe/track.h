/* SPDX-License-Identifier: MIT */
/* track.h - one series over the run: its history by second, its figures, its alarm.
 *
 * Pure: time is a parameter (now_ns() clock).  One thread at a time: the watch's lock. */
#ifndef RAMPTOP_PROBE_TRACK_H
#define RAMPTOP_PROBE_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "src/probe/probe_snapshot.h"
#include "src/probe/growth.h"
#include "src/profile/probe_spec.h"

/* A share of its limit from which a figure that is measured, not counted, is at it: it
 * rarely reads 100. */
#define TRACK_FULL 0.97
/* Looks in a row that make or end an alarm: one outlier does not. */
#define TRACK_POLLS 3
/* One that swings around its limit or threshold is told once in this time, and when it is
 * over if the alarm still stands: other moments must keep their place among the marks. */
#define TRACK_AGAIN_S 60
#define TRACK_NO_SECOND UINT32_MAX

/* One threshold of the user's. */
struct track_warn {
    const struct probe_warn *warn; /* borrowed: of the probe's spec */
    uint64_t told_ns;
    unsigned calm; /* looks in a row that do not cross it */
    bool beyond;   /* crossed, and not calm since */
    bool untold;
};

struct track {
    struct snap_series shown;  /* its times are filled in by track_copy */
    uint64_t seen_ns;          /* 0: never, as are these */
    uint64_t alarm_ns, first_full_ns, first_warn_ns;
    double sum;
    uint64_t hold_ns;      /* how long a value stands for the time after it */
    uint32_t second;       /* of the newest value on the axis; TRACK_NO_SECOND: none */
    unsigned over, calm;   /* looks in a row at the limit; without what raised the alarm */
    uint64_t candidate_ns; /* the first of those at the limit */
    bool lost;             /* its target was lost after the newest value */
    bool untold_full;
    uint64_t told_full_ns;
    uint32_t n_warns;
    struct track_warn warns[PROBE_LIST_MAX];
    struct growth growth;
    bool judged; /* its growth is to be judged */
    bool steady; /* the load is constant */
    enum snap_leak told;
    float history[SNAP_SERIES_POINTS];
};

/* What taking a value brought; texts for events are made from shown. */
struct track_news {
    bool full, warn, leak;
    const struct probe_warn *crossed;
};

void track_init(struct track *t, enum snap_unit unit, unsigned flags, uint64_t hold_ns);
/* A probe that begins again goes on with a series: history stays, unless it is another unit's.
 * The load is to be told again (track_set_load). */
void track_restart(struct track *t, enum snap_unit unit, unsigned flags, uint64_t hold_ns);
void track_set_limit(struct track *t, double limit);
/* Those of the n that are meant for it are its thresholds from now on; n 0: none. */
void track_set_warns(struct track *t, const struct probe_warn *all, size_t n);
/* start_ns: of the axis; 0: it has not begun. */
struct track_news track_add_value(struct track *t, double value, uint64_t now, uint64_t start_ns);
/* Its target does not answer, or has gone: what nobody can see any more is not in alarm, and
 * until the next value there is a gap.  The value stays, and ages. */
void track_target_lost(struct track *t, uint64_t now, uint64_t start_ns);
/* The axis begins: figures start anew, the value stays. */
void track_start_axis(struct track *t);
/* The load changes (constant false), or stands still from now on. */
void track_set_load(struct track *t, bool constant, uint64_t now, uint64_t start_ns);
/* What it measures was started again: its growth is judged from now on. */
void track_target_restarted(struct track *t, uint64_t now, uint64_t start_ns);
/* Into a board: with times since start_ns, history up to newest_s. */
void track_copy(const struct track *t, uint64_t start_ns, uint32_t newest_s,
                struct snap_series *out, float *history);

/* Whether a name fits a glob of the user's; NULL fits all. */
bool track_fits_glob(const char *glob, const char *name);

#endif
