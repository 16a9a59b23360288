/* SPDX-License-Identifier: MIT */
/* docker_inner.h - shared by the files of the docker probe; one thread, the probe's. */
#ifndef RAMPTOP_PROBE_DOCKER_DOCKER_INNER_H
#define RAMPTOP_PROBE_DOCKER_DOCKER_INNER_H

#include "src/base/buf.h"
#include "src/probe/docker/docker_figures.h"
#include "src/probe/docker/docker_json.h"
#include "src/probe/docker/logs.h"
#include "src/probe/docker/match.h"
#include "src/probe/docker/tunnel.h"
#include "src/probe/docker/where.h"
#include "src/probe/http_client.h"
#include "src/probe/probe.h"

#define DOCKER_CONTAINERS 24 /* containers of a probe: all their series fit into the snapshot */

enum docker_series {
    CONTAINER_CPU,
    CONTAINER_CORES,
    CONTAINER_THROTTLED,
    CONTAINER_MEMORY,
    CONTAINER_RECEIVED,
    CONTAINER_SENT,
    CONTAINER_READ,
    CONTAINER_WRITTEN,
    CONTAINER_TASKS,
    CONTAINER_LOGS,
    CONTAINER_SERIES
};

struct docker;

/* A watched container; when compose recreates it only its id changes. */
struct container {
    struct docker *docker;
    struct docker_who who;
    char group[SNAP_GROUP];
    bool removed;      /* no longer exists; kept for a successor while there is room */
    uint64_t ended_ns; /* end of its last run, if known; 0: running */
    bool inspect_due;  /* to be inspected before anything else */
    bool died, oom;    /* since its last start */
    bool stopped;      /* by somebody, not by itself */
    bool started;      /* reported at the end of the poll, unless it turns out to be a restart */
    bool unclear;      /* killed, perhaps for want of memory: to be inspected */
    bool restarting;   /* podman: a restart was asked for; its end and start follow */
    struct docker_inspect info;
    struct docker_stats before;
    bool has_before;
    bool cache_in; /* memory includes the page cache */
    struct http_stream *stats;
    struct buf line; /* unfinished line of the stats */
    struct http_stream *log;
    struct docker_logs logs;
    uint64_t logs_ns;  /* time of the last count */
    bool log_refused;  /* the log cannot be read */
    char refusal[120]; /* the engine's reason for sending no figures; "" for none */
    int64_t log_since; /* time of its start, until the log is read; engine's clock in seconds */
    int series[CONTAINER_SERIES];
};

struct docker {
    struct probe *probe;
    const struct probe_spec *spec;
    struct docker_where where;
    struct docker_tunnel *tunnel;
    uint64_t tunnel_cpu_ns;
    struct http_client *http;
    char version[16];            /* "/v1.41", or "" */
    bool podman;                 /* podman, not docker */
    uint64_t poll_ns, polled_ns; /* podman: time between samples; time of the last */
    struct http_stream *events;
    struct buf event_line;
    int64_t last_event_ns; /* engine's clock */
    int64_t last_read_ns;  /* engine's clock at the newest figures */
    bool list_due;
    size_t left_out; /* containers beyond DOCKER_CONTAINERS */
    bool idle;       /* connected, but no container is there */
    bool lost;       /* a stream broke: `why` has the reason */
    struct http_failure why;
    struct buf body;
    struct container *containers[DOCKER_CONTAINERS];
    size_t n_containers;
};

/* Adds a piece of a stream to `line` and calls take for each whole line; false when a line is
 * longer than any that an engine writes. */
bool docker_feed_lines(struct buf *line, const char *data, size_t len,
                       void (*take)(void *arg, const char *text, size_t len), void *arg);
/* GETs an API path, formatted like printf.  Returns the status, or 0 with d->why. */
long docker_get(struct docker *d, uint64_t deadline_ns, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void docker_path(const struct docker *d, struct buf *out, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void docker_set_lost(struct docker *d, const struct http_failure *why);

/* Connects to the engine.  Returns PROBE_CONNECTING while ssh is still connecting. */
enum probe_state docker_connect(struct docker *d, uint64_t deadline_ns, struct err *e);
void docker_disconnect(struct docker *d);
/* Both return the state and the sentence: for an unsuccessful answer, for a broken stream. */
enum probe_state docker_failure_state(const struct docker *d, long status, struct err *e);
enum probe_state docker_lost_state(const struct docker *d, struct err *e);

struct container *container_new(struct docker *d, const struct docker_who *who, const char *group);
void container_free(struct container *c); /* NULL is fine */
/* Notes that the engine sends no figures of the container; text is its answer. */
void container_set_refusal(struct container *c, const char *text, size_t len);
/* Starts streams and sets limits after an inspect. */
void container_start_streams(struct container *c);
void container_end_streams(struct container *c);
void container_take_stats(struct container *c, const char *stats, size_t len);
void container_count_logs(struct container *c);
void container_mark_ended(struct container *c);
void container_mark_removed(struct container *c);

/* Watches a container that starts, if no list has had it so far and the spec asks for it by name
 * or project. */
void container_adopt(struct docker *d, const struct docker_who *who);

/* Handles one line of /events. */
void docker_event_read(struct docker *d, const char *text, size_t len);
/* Notes that the kernel killed a process of the container for want of memory. */
void container_out_of_memory(struct container *c);
/* Reports events that had to wait for an inspect. */
void container_settle_events(struct container *c);

#endif
