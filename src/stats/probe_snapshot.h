/* SPDX-License-Identifier: MIT */
/* probe_snapshot.h - everything a frontend may show of the probes: numbers and short clean
 * texts, no pointers.  The counterpart of snapshot.h, which holds the load.
 *
 * Times are seconds since the start of the run, on the same axis as the snapshot's; a value
 * belongs to the second in which it was received here.  NaN is "not known" (n/a, a gap), which
 * is never 0.  All texts are cleaned (base/clean.h) and hold no secret. */
#ifndef RAMPTOP_STATS_PROBE_SNAPSHOT_H
#define RAMPTOP_STATS_PROBE_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "src/stats/snapshot.h"

#define SNAP_PROBES 24
#define SNAP_SERIES 256 /* all probes together */
#define SNAP_SERIES_POINTS SNAP_POINTS
#define SNAP_EVENTS 128 /* newest */
#define SNAP_OFFERS 16
#define SNAP_GROUP 48
#define SNAP_SERIES_NAME 32
#define SNAP_SERIES_LABEL (SNAP_NAME + SNAP_GROUP + SNAP_SERIES_NAME) /* snap_series_label() */
#define SNAP_NOTE 40
#define SNAP_DETAIL_ROWS 64 /* rows of a detail */
#define SNAP_DETAIL_ROW_BYTES 256

enum snap_unit {
    UNIT_COUNT,
    UNIT_PERCENT, /* 70, not 0.7 */
    UNIT_BYTES,
    UNIT_BYTES_PER_S,
    UNIT_PER_S,
    UNIT_SECONDS,
    UNITS
};

/* "count", "percent", "bytes", "bytes/s", "1/s", "s": in reports. */
extern const char *const snap_unit_words[UNITS];

enum probe_state {
    PROBE_OFF, /* the probe's profile is not in force; figures are kept */
    PROBE_CONNECTING,
    PROBE_LIVE,
    PROBE_STALE,  /* was live; its last value is more than 2.5 periods old */
    PROBE_DOWN,   /* the target does not answer or does not exist; retried by itself */
    PROBE_DENIED, /* permission, password, setting: retried every 30 s, or by key */
    PROBE_STATES
};

extern const char *const probe_state_words[PROBE_STATES]; /* "connecting" ... */

struct snap_probe {
    char name[SNAP_NAME];
    char type[16];         /* "docker", "podman", "postgres" ... as the target turned out to be */
    char where[SNAP_NAME]; /* "mon@127.0.0.1:5432/shop", "/run/docker.sock"; "" not known yet */
    enum probe_state state;
    char text[SNAP_TEXT]; /* why it is not live, with the remedy; live: a status text, or "" */
    double seen_s;        /* the last successful poll; NaN: never */
    double period_s;
    double took_ms;     /* duration of the last poll, wall clock */
    double cpu_percent; /* this probe's cost here, of one core, over the last 10 polls */
    uint64_t polls, failed;
    bool answers; /* details can be asked for (watch_ask_detail) */
    bool ended;   /* by the user, who may start it again (watch_stop_probe, watch_retry_probe) */
};

enum snap_alarm { ALARM_NONE, ALARM_WARN, ALARM_FULL }; /* FULL: at its limit */

/* The verdict on growth: least squares over a time of constant load. */
enum snap_leak {
    LEAK_NOT_JUDGED, /* growth of this series is not judged */
    LEAK_MORE_TIME,  /* undecided: need_s more of constant load */
    LEAK_NONE,
    LEAK_SLOW, /* grows, but by less than a leak */
    LEAK_FOUND,
};

struct snap_series {
    uint16_t probe;              /* index into probes */
    char group[SNAP_GROUP];      /* container, pool, device; "" when the probe has one thing */
    char name[SNAP_SERIES_NAME]; /* "cpu", "connections" */
    enum snap_unit unit;
    bool main;            /* charted unless others are chosen; few series of a probe are */
    bool resource;        /* a thing that can be used up: its limit makes a finding */
    bool removed;         /* the container, pool ... no longer exists */
    double now;           /* newest value; NaN: not known at the last poll */
    double limit;         /* NaN: none */
    char note[SNAP_NOTE]; /* text beside the value: "thr 41 %", "7 waiting" */
    double seen_s;        /* when the newest value came; NaN: never */
    enum snap_alarm alarm;
    double alarm_s;      /* start of the alarm */
    double first_full_s; /* first time at its limit in the run; NaN: never */
    double first_warn_s;
    /* over the run, of the value of each poll */
    uint64_t count;
    double min, mean, max, last;
    enum snap_leak leak;
    double per_min; /* growth, in the unit per minute, once judged */
    double need_s;  /* LEAK_MORE_TIME */
    uint32_t past_s; /* width of its values in `past` */
};

enum snap_event_kind {
    EVENT_START,
    EVENT_STOP,
    EVENT_DIE,
    EVENT_OOM,
    EVENT_RESTART,
    EVENT_HEALTH,
    EVENT_PAUSE,
    EVENT_GONE,
    EVENT_FULL, /* a series reached its limit, or left it */
    EVENT_WARN, /* a series crossed a threshold of the user's */
    EVENT_LEAK,
    EVENT_FINDING, /* the target reported a problem: refuses connections, deadlock */
    EVENT_PROBE,   /* the probe lost its target, or reached it again */
    EVENT_KINDS
};

extern const char *const snap_event_words[EVENT_KINDS]; /* "oom" ... */

struct snap_event {
    double at_s;
    enum snap_event_kind kind;
    char probe[SNAP_NAME];
    char group[SNAP_GROUP];
    char text[SNAP_TEXT]; /* "api was killed: out of memory (512 MiB)" */
};

/* A probe on offer: found by examining the target's address. */
struct snap_offer {
    char label[SNAP_NAME]; /* "container shop-api-1 (publishes port 8080)" */
    char spec[SNAP_TEXT];  /* a text for probe_spec_parse */
};

/* Details asked for by key: a table as text. */
struct snap_detail {
    uint64_t seq; /* grows with each answer; 0: none yet */
    uint16_t probe;
    bool asked; /* an answer is awaited */
    double at_s;
    char title[SNAP_NAME];
    uint32_t n_rows; /* the first row is the heading; or a single sentence */
    char rows[SNAP_DETAIL_ROWS][SNAP_DETAIL_ROW_BYTES];
};

struct probe_snapshot {
    uint64_t seq;
    double elapsed_s;
    uint32_t n_probes;
    struct snap_probe probes[SNAP_PROBES];
    /* Series of a probe are adjacent, in its order.  Indices change when probes and series come and
     * go: remember series by name. */
    uint32_t n_series;
    struct snap_series series[SNAP_SERIES];
    uint32_t n_events; /* oldest first */
    uint64_t events;   /* since the start */
    struct snap_event event[SNAP_EVENTS];
    bool discovering;
    uint32_t n_offers;
    struct snap_offer offers[SNAP_OFFERS];
    struct snap_detail detail;
    uint32_t newest_s; /* the last second with a value in any series */
    float history[SNAP_SERIES]
                 [SNAP_SERIES_POINTS]; /* by second % SNAP_SERIES_POINTS; snap_series_value() */
    float past[SNAP_SERIES][SNAP_PAST]; /* the whole run in means; snap_series_at() */
};

/* Returns the value of a series in that second, NaN when there is none (or none any more). */
float snap_series_value(const struct probe_snapshot *b, uint32_t series, uint32_t second);
/* The same, for charts: of what is no longer known second by second, the mean of the time around
 * it. */
float snap_series_at(const struct probe_snapshot *b, uint32_t series, uint32_t second);

/* Writes the label of a series for charts: "api cpu", "connections".  Probe and group are named
 * when they are needed to tell series apart. */
void snap_series_label(const struct probe_snapshot *b, uint32_t series, char *out, int size);

/* The age of a value.  OLD: more than 2.5 periods; UNKNOWN: too old to be shown. */
enum snap_age { AGE_FRESH, AGE_OLD, AGE_UNKNOWN };
enum snap_age snap_series_age(const struct probe_snapshot *b, uint32_t series);

/* Formats a value: "98 %", "268 MiB", "1.2 MiB/s", "20", "-" for NaN.  Thread-safe. */
void snap_format_value(enum snap_unit unit, double value, char *out, int size);
/* Formats the value with limit and note: "268/512 MiB", "20/20, 7 waiting", "98 % of limit, thr
 * 41 %". */
void snap_format_series(const struct snap_series *s, char *out, int size);
/* Formats the growth: "+1.2 MiB/min", "leak +21 MiB/min", "growth in 95 s", "" when the series
 * does not grow or is not judged. */
void snap_format_growth(const struct snap_series *s, char *out, int size);
/* Formats an event, "db connections reached 20 of 20": the name of its group or probe stands in
 * front, unless the text has it. */
void snap_format_event(const struct snap_event *ev, char *out, int size);

/* Lists the main series that exist and have a value, of probes that are not off: resources that
 * have come nearest to their limit first, then the others in their order.  Returns how many.
 * The order is stable: it changes only when a series comes nearer to its limit than ever before. */
uint32_t snap_rank_series(const struct probe_snapshot *b, uint16_t out[SNAP_SERIES]);
/* Lists the series that are in the worst state now, worst first: by alarm, then by share of the
 * limit.  Returns how many, at most max. */
uint32_t snap_worst_series(const struct probe_snapshot *b, uint16_t *out, uint32_t max);

#endif
