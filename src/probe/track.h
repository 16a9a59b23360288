/* SPDX-License-Identifier: MIT */
/* track.h - one series over the run: its history by second, its figures, its alarm.
 *
 * Pure: time is a parameter (now_ns() clock).  One thread at a time: the watch's lock. */
#ifndef RAMPTOP_PROBE_TRACK_H
#define RAMPTOP_PROBE_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "src/probe/growth.h"
#include "src/probe/series_past.h"
#include "src/profile/probe_spec.h"
#include "src/stats/probe_snapshot.h"

/* The share of its limit from which a measured (not counted) figure is at it: such a figure
 * rarely reads 100. */
#define TRACK_FULL 0.97
/* Polls in a row that start or end an alarm: a single outlier does neither. */
#define TRACK_POLLS 3
/* A series that swings around its limit or threshold is reported once in this time, and again
 * afterwards if the alarm still stands: other events must keep their place among the marks. */
#define TRACK_AGAIN_S 60
#define TRACK_NO_SECOND UINT32_MAX

/* A threshold of the user's. */
struct track_warn {
    const struct probe_warn *warn; /* borrowed: of the probe's spec */
    uint64_t told_ns;
    unsigned calm; /* polls in a row that do not cross it */
    bool beyond;   /* crossed, and not calm since */
    bool untold;
};

struct track {
    struct snap_series shown;  /* times in it are filled in by track_copy */
    uint64_t seen_ns;          /* 0: never, as are these */
    uint64_t alarm_ns, first_full_ns, first_warn_ns;
    double sum;
    uint64_t hold_ns;      /* how long a value stands for the time after it */
    uint32_t second;       /* second of the newest value on the axis; TRACK_NO_SECOND: none */
    unsigned over;         /* polls in a row at the limit */
    unsigned calm;         /* polls in a row without the cause of the alarm */
    uint64_t candidate_ns; /* the first of the polls at the limit */
    bool lost;             /* the target was lost after the newest value */
    bool untold_full;
    uint64_t told_full_ns;
    uint32_t n_warns;
    struct track_warn warns[PROBE_LIST_MAX];
    struct growth growth;
    bool judged; /* growth of this series is judged */
    bool steady; /* the load is constant */
    enum snap_leak told;
    float history[SNAP_SERIES_POINTS];
    struct series_past past;
};

/* The events that a new value causes; their texts are made from `shown`. */
struct track_news {
    bool full, warn, leak;
    const struct probe_warn *crossed;
};

void track_init(struct track *t, enum snap_unit unit, unsigned flags, uint64_t hold_ns);
/* Continues a series when its probe starts again: history stays, unless the unit differs.  The
 * caller sets the load again (track_set_load). */
void track_restart(struct track *t, enum snap_unit unit, unsigned flags, uint64_t hold_ns);
void track_set_limit(struct track *t, double limit);
/* Makes those of the n thresholds that match the series its own; n 0: none. */
void track_set_warns(struct track *t, const struct probe_warn *all, size_t n);
/* Adds a value. start_ns is the start of the axis; 0: it has not begun. */
struct track_news track_add_value(struct track *t, double value, uint64_t now, uint64_t start_ns);
/* Says that the target does not answer or has been removed: the alarm ends, and there is a gap
 * until the next value.  The newest value stays, and ages. */
void track_target_lost(struct track *t, uint64_t now, uint64_t start_ns);
/* Starts the axis: figures start anew, the newest value stays. */
void track_start_axis(struct track *t);
/* Says that the load changes (constant false), or is constant from now on. */
void track_set_load(struct track *t, bool constant, uint64_t now, uint64_t start_ns);
/* Says that the measured thing was started again: its growth is judged from now on. */
void track_target_restarted(struct track *t, uint64_t now, uint64_t start_ns);
/* Copies the series for a probe snapshot: times since start_ns, history up to newest_s. */
void track_copy(const struct track *t, uint64_t start_ns, uint32_t newest_s,
                struct snap_series *out, float *history, float *past);

/* Returns whether a name matches a glob of the user's; NULL matches all. */
bool track_fits_glob(const char *glob, const char *name);

#endif
