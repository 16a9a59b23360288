/* SPDX-License-Identifier: MIT */
/* docker_inner.h - what the files of the docker probe share; one thread, the probe's. */
#ifndef RAMPTOP_PROBE_DOCKER_INNER_H
#define RAMPTOP_PROBE_DOCKER_INNER_H

#include "src/base/buf.h"
#include "src/probe/docker/docker_figures.h"
#include "src/probe/docker/docker_json.h"
#include "src/probe/docker/logs.h"
#include "src/probe/docker/match.h"
#include "src/probe/docker/tunnel.h"
#include "src/probe/docker/where.h"
#include "src/probe/http_client.h"
#include "src/probe/probe.h"

#define DOCKER_CONTAINERS 24 /* containers of a probe: all their series fit on the board */

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

/* One container, or its place: compose may make it anew, then only its id changes. */
struct container {
    struct docker *docker;
    struct docker_who who;
    char group[SNAP_GROUP];
    bool removed; /* not there; its place is kept for one that comes back, while there is room */
    uint64_t ended_ns; /* since when it does not run, if it is known; 0: it does */
    bool inspect_due;  /* inspect it before it is gone on with */
    bool died, oom;    /* since its last start */
    bool stopped;      /* by somebody, not by itself */
    bool started;      /* told at the end of the look, unless it turns out to be a restart */
    bool unclear;      /* killed, perhaps because memory ran out: ask */
    bool restarting;   /* podman: by somebody, it is about to end and to start */
    struct docker_inspect info;
    struct docker_stats before;
    bool has_before;
    bool cache_in; /* its memory includes the page cache */
    struct http_stream *stats;
    struct buf line; /* of the stats, unfinished */
    struct http_stream *log;
    struct docker_logs logs;
    uint64_t logs_ns;  /* of the last count */
    bool log_refused;  /* its log cannot be read */
    char refusal[120]; /* what the engine says instead of its figures; "" nothing */
    int64_t log_since; /* when it was started, until its log is read; engine's clock in seconds */
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
    bool podman;                 /* not docker */
    uint64_t poll_ns, polled_ns; /* podman: between samples; the last */
    struct http_stream *events;
    struct buf event_line;
    int64_t last_event_ns; /* engine's clock */
    int64_t last_read_ns;  /* of a container's figures, engine's clock */
    bool list_due;
    size_t left_out; /* containers beyond DOCKER_CONTAINERS */
    bool idle;       /* connected, but no container is there */
    bool lost;       /* a stream broke: why */
    struct http_failure why;
    struct buf body;
    struct container *containers[DOCKER_CONTAINERS];
    size_t n_containers;
};

/* Feeds pieces into line and calls take for each whole one; false when one is longer than
 * any that an engine writes. */
bool docker_feed_lines(struct buf *line, const char *data, size_t len,
                       void (*take)(void *arg, const char *text, size_t len), void *arg);
/* GET of an API path made like printf; the status, 0 with d->why. */
long docker_get(struct docker *d, uint64_t deadline_ns, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void docker_path(const struct docker *d, struct buf *out, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void docker_set_lost(struct docker *d, const struct http_failure *why);

/* PROBE_CONNECTING: ssh is still at it. */
enum probe_state docker_connect(struct docker *d, uint64_t deadline_ns, struct err *e);
void docker_disconnect(struct docker *d);
/* The state and the sentence for an answer that was no success, for a stream that broke. */
enum probe_state docker_failure_state(const struct docker *d, long status, struct err *e);
enum probe_state docker_lost_state(const struct docker *d, struct err *e);

struct container *container_new(struct docker *d, const struct docker_who *who, const char *group);
void container_free(struct container *c); /* NULL is fine */
/* The engine gives no figures of it: text is its answer. */
void container_set_refusal(struct container *c, const char *text, size_t len);
/* After an inspect: its streams run, its limits are told. */
void container_start_streams(struct container *c);
void container_end_streams(struct container *c); /* ends its streams */
void container_take_stats(struct container *c, const char *stats, size_t len);
void container_count_logs(struct container *c);
void container_mark_ended(struct container *c); /* it does not run */
void container_mark_removed(struct container *c);

/* An event says that it starts, and no list has had it so far: it is watched from now on, if it is
 * looked for by name or project. */
void container_adopt(struct docker *d, const struct docker_who *who);

/* One line of /events. */
void docker_event_read(struct docker *d, const char *text, size_t len);
/* The kernel killed something of it. */
void container_out_of_memory(struct container *c);
/* What could not be told at once. */
void container_settle_events(struct container *c);

#endif
