/* SPDX-License-Identifier: MIT */
/* snapshot.h - everything a frontend may show: numbers and short clean texts, no
 * pointers.
 *
 * A new one is published ten times a second (stats/snapshot_make.h); what a command changes in
 * the run part is there at once.  A frontend copies it and reads at leisure.  All texts are cleaned
 * (base/clean.h).  Latencies are microseconds. */
#ifndef RAMPTOP_STATS_SNAPSHOT_H
#define RAMPTOP_STATS_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "src/stats/fail.h"
#include "src/stats/statuses.h"

#define SNAP_ENDPOINTS 256 /* the last one is "(others)" when a run has more */
#define SNAP_POINTS 600    /* newest seconds kept for the charts */
#define SNAP_PAST 360      /* points of the time before them, as wide as it takes */
#define SNAP_FAILS 96      /* rows (endpoint, kind, status); the last is "(others)" */
#define SNAP_MARKS 128     /* newest marks */
#define SNAP_WORKERS 64
#define SNAP_WARNINGS 6
#define SNAP_NAME 96
#define SNAP_TEXT 232
#define SNAP_BARS 48     /* bars of the latency histogram */
#define SNAP_BREACHES 8  /* times in which the latency was beyond what is wanted or usual */
#define SNAP_BURSTS 32   /* newest bursts that are done */
#define SNAP_ADDRESSES 32 /* the last one is "(others)" when a run has more */
#define SNAP_SPECTRUM 24 /* lines of the percentile spectrum */

/* The window of the live figures. */
enum snap_window { SNAP_1S, SNAP_10S, SNAP_60S, SNAP_ALL, SNAP_WINDOWS };

/* "Latency" alone is that of the requests that succeeded; that of those that failed stands
 * beside it, and the generator's own failures have none that counts.  count 0: unknown. */
struct snap_latency {
    uint64_t count;
    double mean_us;
    uint64_t min_us, p50_us, p75_us, p90_us, p95_us, p99_us, p99_9_us, max_us; /* 0 when count is 0 */
};

struct snap_endpoint {
    char method[12];
    char name[SNAP_NAME];
    /* since the start */
    uint64_t requests, failures; /* without what could not be sent, here and below; */
    uint64_t client_failures;    /* could not be sent, by the generator's own fault */
    uint64_t bytes_in, bytes_out;
    struct snap_latency total, total_failed;
    struct statuses statuses; /* all replies that had one; ascending */
    /* in the chosen window */
    double rps, fails_per_s;
    struct snap_latency window, window_failed;
};

/* A second on the time axis, or several that have been put together: rates are means, latencies
 * are those of all requests in it.  Latencies are those of successes, as everywhere. */
struct snap_point {
    uint32_t second;       /* since the start of the run; strictly ascending */
    uint32_t seconds;      /* width; 1 among the newest */
    bool gap;              /* the program was stopped: draw a hole */
    bool idle;             /* no request finished: rates are 0 */
    bool no_latency;       /* no request succeeded: percentiles are 0, that is unknown */
    bool silent;           /* nothing came back: none finished, or each by its time-out */
    float rps;             /* requests finished */
    float fails_per_s;
    uint32_t users;        /* running at the end of the second */
    uint32_t users_wanted;
    uint32_t in_flight;
    uint32_t p50_us, p95_us, p99_us, max_us;
};

/* Is anything known of the latency in this second? */
static inline bool snap_point_has_latency(const struct snap_point *p)
{
    return !p->gap && !p->idle && !p->no_latency;
}

struct snap_fail {
    uint16_t endpoint; /* index into endpoints[]; SNAP_ENDPOINTS - 1 in the row "(others)" */
    uint16_t status;   /* for FAIL_STATUS */
    uint8_t fail;      /* enum fail */
    uint64_t count;    /* since the start */
    double per_s;      /* in the chosen window */
    double first_s, last_s; /* seconds since the start of the run */
    char text[SNAP_TEXT];   /* the newest sample message */
};

enum snap_mark_kind {
    SNAP_MARK_USER,    /* set by key, with a text */
    SNAP_MARK_LOAD,    /* the wanted load was changed */
    SNAP_MARK_PROFILE, /* profile or level switched */
    SNAP_MARK_ALERT,   /* first failure of a kind, target gone, threshold crossed */
    SNAP_MARK_GAP,     /* the program was stopped and went on */
    SNAP_MARK_TARGET,  /* a probe saw it: a container ended, a pool is full, a limit is reached */
    SNAP_MARK_KINDS
};

struct snap_mark {
    double at_s; /* seconds since the start of the run */
    uint8_t kind; /* enum snap_mark_kind */
    char letter; /* 'a'..'z' for marks by key, '+', '!' ... for others */
    char text[SNAP_NAME];
};

/* A time in which the latency was beyond a figure (stats/breach.h). */
struct snap_breach {
    double from_s, to_s; /* since the start of the run; to_s NaN: it goes on */
    uint8_t percentile;  /* 99, 95 */
    bool wanted;         /* the figure is a bound of the profile's, not only unusual */
    uint64_t us;         /* the figure */
    uint64_t usual_us;   /* p99 of the time before; 0: not known */
    uint32_t users;      /* the load that broke it: at the end of the first second beyond */
    double rps;          /* in that second or the two before, whichever had most */
};

/* Log-spaced bars over one histogram, and the percentile spectrum. */
struct snap_distribution {
    uint32_t n_bars;
    struct {
        uint64_t low_us, high_us; /* both inclusive */
        uint64_t count;
    } bars[SNAP_BARS];
    uint32_t n_spectrum;
    struct {
        double percentile; /* 0..100 */
        uint64_t us;
        uint64_t above; /* how many requests took longer */
    } spectrum[SNAP_SPECTRUM];
};

/* Is the generator itself healthy?  Its figures, and in words what is wrong. */
struct snap_health {
    uint32_t workers;
    double cpu_percent;             /* the whole process, 100 = one core */
    double cpu_run_percent;         /* the same over the whole run, for reports; 0: not known */
    double worker_cpu[SNAP_WORKERS]; /* each worker's thread, 100 = one core */
    double cores;                    /* cores that we may use */
    double lag_p50_ms, lag_p99_ms;  /* how long the generator held requests up, last 10 s */
    uint64_t lag_count;             /* requests behind these two */
    double lag_p99_run_ms;          /* the same over the whole run */
    double loop_max_ms;             /* longest turn of an event loop, last 10 s */
    double ring_fill_percent;       /* fullest ring, last second */
    uint64_t ring_lost;             /* samples lost since the start */
    uint64_t open_fds, fd_limit;
    uint64_t rss_bytes;
    uint32_t n_warnings;
    char warnings[SNAP_WARNINGS][SNAP_TEXT]; /* "generator is the bottleneck: ..." */
};

/* An address that a name has or had: user i takes address i mod n of its name. */
struct snap_address {
    char name[64], address[46];
    uint64_t tries;       /* to connect */
    uint64_t connections; /* tries that came about */
};

enum snap_state {
    SNAP_IDLE,     /* nothing runs: 0 users wanted */
    SNAP_RAMPING,  /* users follow at the spawn rate */
    SNAP_RUNNING,  /* users as wanted */
    SNAP_HELD,     /* no new requests */
    SNAP_STOPPING, /* running requests finish */
    SNAP_DONE,
    SNAP_STATES
};

enum snap_driver { SNAP_DRIVER_MANUAL, SNAP_DRIVER_LEVEL };

/* The kind of parts that the driving level is made of. */
enum snap_parts { SNAP_PARTS_NONE, SNAP_PARTS_STAGES, SNAP_PARTS_BURSTS };

/* A burst that is done, and what came of it. */
struct snap_burst {
    uint32_t number, of;     /* within its level, from 1 on */
    uint32_t users, missing; /* took part; were not ready in time */
    double at_s;             /* when it began, since the start of the run */
    uint64_t requests, failures;
    double success;          /* 0..1, of the requests that were not the generator's own failures */
    struct snap_latency latency, failed; /* successes, failures */
    char verdict[12];        /* "ok", "acceptable", "poor"; "-" where nothing is wanted */
    char text[SNAP_TEXT];    /* all of that in one line */
};

/* The session's own part. */
struct snap_run {
    char target[SNAP_NAME]; /* without userinfo */
    char profile[SNAP_NAME];
    char level[SNAP_NAME]; /* "" when started by flags only */
    bool tls;              /* the target is https */
    bool insecure;         /* certificates are not verified: always on screen */
    bool http2;
    enum snap_state state;
    enum snap_driver driver;
    char end_reason[SNAP_TEXT]; /* why it is stopping or done: "run time of 60 s is over" */
    uint32_t users_wanted;      /* the aim */
    uint32_t users_cap;         /* the profile's limit, 0 for none */
    uint32_t level_users;       /* users that the level would have (for P), 0 without a level */
    double spawn_rate;          /* users per second */
    double run_time_s;          /* 0 for no end */
    double grace_s;             /* for requests under way when the load ends */
    double ends_s;              /* when it is over, as elapsed_s; 0 for never, or over */
    enum snap_parts parts;      /* while such a level drives */
    uint32_t part, n_parts;     /* the stage or burst under way, from 1 on; 0: the first burst is
                                   being made ready */
    double part_left_s;         /* until the next one; negative: not known */
    uint32_t waiting;           /* users that are ready for the next burst */
    uint64_t request_budget;    /* -n, 0 for none */
    enum snap_window window;
    uint64_t changes;          /* by commands in this part, so far */
    char undo_text[SNAP_NAME]; /* for the key u: "users 160" */
};

struct snapshot {
    uint64_t seq;      /* grows by one with each publication */
    double elapsed_s;  /* since the start of the run */
    double load_s;     /* time in which load was made, */
    double drain_s;    /* the last replies came after its end, */
    double stopped_s;  /* and the program was stopped, or held, or nothing ran after an end */
    double rate_s;     /* rates over the run divide by it (stats/loadtime.h) */
    double started_wall_s;
    struct snap_run run;

    /* now */
    uint32_t users;
    uint32_t users_peak;
    uint32_t in_flight;
    double last_done_s; /* when the newest request was done, since the start of the run */
    double last_heard_s; /* the same without time-outs and the generator's own failures */
    double oldest_s; /* age of the oldest request in flight, 0 for none */

    /* since the start */
    uint64_t started, finished, failures, client_failures;
    uint64_t aborted;   /* begun, and without a result: given up, or the program was stopped */
    uint64_t given_up;  /* aborted, as there was no reply when the run ended; */
    double given_up_s;  /* the longest that one of them had waited */
    uint64_t sent_again; /* requests on kept connections that were closed before they were read: one
                            more each */
    uint32_t cut_short; /* users whose on_stop did not run to its end */
    uint64_t bytes_in, bytes_out, connections;
    struct snap_latency total, total_failed;
    struct statuses statuses; /* all replies that had one; ascending */

    /* in the chosen window; session_snapshot() sets all of it, of endpoints and failures too, to
     * 0 and unknown while the load is held, or hangs: the past would say that replies come */
    bool still;
    double window_s; /* seconds that the window really covers */
    double rps, fails_per_s, fail_percent;
    double bytes_in_per_s;
    struct snap_latency window, window_failed;
    /* mean phases of the requests in the window that succeeded, microseconds; connect and
     * tls over those that made a connection */
    double connect_us, tls_us, first_byte_us;

    uint32_t n_endpoints;
    struct snap_endpoint endpoints[SNAP_ENDPOINTS];
    uint32_t n_points; /* oldest first */
    struct snap_point points[SNAP_POINTS];
    /* The whole run before these, oldest first: 10 s wide, coarser the longer it is.  The newest
     * may reach into the seconds of points[]. */
    uint32_t n_past;
    struct snap_point past[SNAP_PAST];
    uint32_t n_fails; /* newest last_s first */
    struct snap_fail fails[SNAP_FAILS];
    uint32_t marks_dropped; /* older ones, for which there was no room */
    uint32_t n_marks;       /* oldest first */
    struct snap_mark marks[SNAP_MARKS];
    uint32_t bursts_poor; /* bursts so far that missed their goal */
    uint32_t n_bursts; /* oldest first */
    struct snap_burst bursts[SNAP_BURSTS];
    uint32_t n_breaches; /* oldest first */
    struct snap_breach breaches[SNAP_BREACHES];
    uint32_t n_addresses; /* by name; none for a target that is an address, or localhost */
    struct snap_address addresses[SNAP_ADDRESSES];
    struct snap_distribution distribution_window, distribution_total;
    struct snap_health health;
};

#endif
