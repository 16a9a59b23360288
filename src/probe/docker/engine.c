/* SPDX-License-Identifier: MIT */
/* The connection to an engine: found, API version negotiated, queried; words for its failures. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/now.h"
#include "src/probe/docker/docker_inner.h"
#include "src/script/encode.h"

#define ASK_NS (3 * NS_PER_S) /* for one answer */
#define LINE_MAX_BYTES (1u << 20)
#define HEARD_NS (500 * NS_PER_MS)
#define NEWEST_MAJOR 1
#define NEWEST_MINOR 47 /* the newest API version that we know */

#define EVENTS                                                                                     \
    "{\"type\":[\"container\"],\"event\":[\"start\",\"die\",\"oom\",\"restart\",\"stop\","         \
    "\"health_status\",\"pause\",\"unpause\",\"destroy\",\"update\"]}"
#define EVENTS_PODMAN "{\"type\":[\"container\"]}" /* podman has other names for some of them */

/* --------------------------------------------------------------------- asking */

bool docker_feed_lines(struct buf *line, const char *data, size_t len,
                       void (*take)(void *arg, const char *text, size_t len), void *arg)
{
    const char *end;
    while ((end = memchr(data, '\n', len)) != NULL) {
        size_t n = (size_t)(end - data);
        if (line->len + n > LINE_MAX_BYTES)
            return false;
        buf_add(line, data, n);
        if (line->len > 0)
            take(arg, line->data, line->len);
        buf_clear(line);
        data += n + 1;
        len -= n + 1;
    }
    if (line->len + len > LINE_MAX_BYTES)
        return false;
    buf_add(line, data, len);
    return true;
}

__attribute__((format(printf, 3, 0))) static void
append_path_va(const struct docker *d, struct buf *out, const char *fmt, va_list ap)
{
    char text[256];
    vsnprintf(text, sizeof text, fmt, ap);
    buf_text(out, d->version);
    buf_text(out, text);
}

void docker_path(const struct docker *d, struct buf *out, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    append_path_va(d, out, fmt, ap);
    va_end(ap);
}

static uint64_t earlier_deadline_ns(uint64_t deadline_ns, uint64_t most_ns)
{
    uint64_t then = now_ns() + most_ns;
    return then < deadline_ns ? then : deadline_ns;
}

long docker_get(struct docker *d, uint64_t deadline_ns, const char *fmt, ...)
{
    struct buf path = {0};
    va_list ap;
    va_start(ap, fmt);
    append_path_va(d, &path, fmt, ap);
    va_end(ap);
    long status =
        http_get(d->http, path.data, earlier_deadline_ns(deadline_ns, ASK_NS), &d->body, &d->why);
    buf_finish(&path);
    return status;
}

void docker_set_lost(struct docker *d, const struct http_failure *why)
{
    d->lost = true;
    d->why = *why;
}

/* ---------------------------------------------------------------- in sentences */

static const char *engine_place(const struct docker *d)
{
    return d->where.shown;
}

static const char *engine_name(const struct docker *d)
{
    return d->podman ? "podman" : "the docker engine";
}

static void explain_no_permission(const struct docker *d, struct err *e)
{
    if (d->podman)
        err_set(e,
                "no permission for %s: watch as the user whose podman it is, or that user's "
                "socket by engine=ssh://USER@HOST/PATH.",
                engine_place(d));
    else
        err_set(e,
                "no permission for %s: add yourself to the group docker (which is as good as "
                "root), or use rootless docker or podman.",
                engine_place(d));
}

static void explain_no_socket(const struct docker *d, struct err *e)
{
    if (d->podman)
        err_set(e,
                "there is no podman socket at %s: `systemctl --user start podman.socket` makes "
                "it, or `podman system service` where there is no systemd.",
                engine_place(d));
    else
        err_set(e,
                "there is no docker socket at %s: is docker installed, and does DOCKER_HOST or "
                "the docker context say the right place?",
                engine_place(d));
}

static void explain_no_listener(const struct docker *d, struct err *e)
{
    if (d->where.way == DOCKER_SSH)
        err_set(e, "%s: ssh is there, but the %s behind it is not.", engine_place(d),
                d->podman ? "podman service" : "docker daemon");
    else if (d->podman)
        err_set(e,
                "nobody listens at %s: podman's service is down, and `podman system service` "
                "or its podman.socket starts it.",
                engine_place(d));
    else
        err_set(e, "nobody listens at %s: the docker daemon is down.", engine_place(d));
}

static enum probe_state no_connection_state(const struct docker *d, struct err *e)
{
    bool tunnel = d->where.way == DOCKER_SSH;
    const char *at = engine_place(d);
    switch (d->why.os_errno) {
    case EACCES:
    case EPERM:
        explain_no_permission(d, e);
        return PROBE_DENIED;
    case ENOENT:
        explain_no_socket(d, e);
        return PROBE_DOWN;
    case ECONNREFUSED:
        explain_no_listener(d, e);
        return PROBE_DOWN;
    default:
        break;
    }
    if (d->why.timed_out)
        err_set(e, "%s at %s takes connections but does not answer.", engine_name(d), at);
    else if (tunnel)
        err_set(e, "%s behind %s does not answer: is its socket at %s there? (%s)", engine_name(d),
                at, d->where.path, d->why.text);
    else
        err_set(e, "%s at %s does not answer: %s.", engine_name(d), at, d->why.text);
    return PROBE_DOWN;
}

enum probe_state docker_failure_state(const struct docker *d, long status, struct err *e)
{
    char reason[200];
    if (status == 0)
        return no_connection_state(d, e);
    docker_json_reason(d->body.data, d->body.len, reason, sizeof reason);
    if (status == 401 || status == 403) {
        err_set(e, "%s at %s refuses (status %ld): %s.", engine_name(d), engine_place(d), status,
                reason[0] != '\0' ? reason : "it gives no reason");
        return PROBE_DENIED;
    }
    err_set(e, "%s answered with status %ld: %s.", engine_place(d), status,
            reason[0] != '\0' ? reason : "is it a docker engine?");
    return PROBE_DOWN;
}

enum probe_state docker_lost_state(const struct docker *d, struct err *e)
{
    if (d->why.timed_out)
        err_set(e, "%s at %s has sent nothing for 10 s.", engine_name(d), engine_place(d));
    else if (d->why.os_errno != 0)
        return no_connection_state(d, e);
    else
        err_set(e, "%s at %s went away: %s.", engine_name(d), engine_place(d),
                d->why.text[0] != '\0' ? d->why.text : "its stream broke");
    return PROBE_DOWN;
}

/* ----------------------------------------------------------------- connecting */

void docker_disconnect(struct docker *d)
{
    for (size_t i = 0; i < d->n_containers; i++) {
        container_end_streams(d->containers[i]);
        d->containers[i]->inspect_due = true;
    }
    if (d->events != NULL)
        http_stream_end(d->events);
    d->events = NULL;
    http_close(d->http);
    d->http = NULL;
    docker_tunnel_close(d->tunnel);
    d->tunnel = NULL;
    docker_where_finish(&d->where);
}

static enum probe_state open_tunnel(struct docker *d, uint64_t deadline_ns, struct err *e)
{
    if (d->tunnel == NULL && (d->tunnel = docker_tunnel_open(&d->where, e)) == NULL)
        return PROBE_DOWN;
    switch (docker_tunnel_wait(d->tunnel, probe_wake_fd(d->probe), deadline_ns, e)) {
    case TUNNEL_UP:
        return PROBE_LIVE;
    case TUNNEL_WAITING:
        return PROBE_CONNECTING;
    case TUNNEL_DENIED:
        return PROBE_DENIED;
    case TUNNEL_FAILED:
        break;
    }
    return PROBE_DOWN;
}

static void open_engine_http(struct docker *d)
{
    const struct docker_where *w = &d->where;
    struct http_config cfg = {
        .base = w->base,
        .unix_socket = d->tunnel != NULL       ? docker_tunnel_socket(d->tunnel)
                       : w->way == DOCKER_UNIX ? w->path
                                               : NULL,
        .ca = w->ca,
        .cert = w->cert,
        .key = w->key,
        .insecure = w->insecure,
        .max_body = 32u << 20,
        .wake_fd = probe_wake_fd(d->probe),
    };
    d->http = http_open(&cfg);
}

/* Chooses the newest API version that both know.  A fixed version would be refused: today's
 * engines no longer know yesterday's. */
static void choose_api_version(struct docker *d)
{
    unsigned major = 0, minor = 0;
    const char *wanted = getenv("DOCKER_API_VERSION"), *told = http_header(d->http, "Api-Version");
    d->version[0] = '\0';
    if (wanted != NULL && sscanf(wanted, "%2u.%3u", &major, &minor) == 2) {
        snprintf(d->version, sizeof d->version, "/v%u.%u", major, minor);
    } else if (told != NULL && sscanf(told, "%2u.%3u", &major, &minor) == 2) {
        if (major > NEWEST_MAJOR || (major == NEWEST_MAJOR && minor > NEWEST_MINOR)) {
            major = NEWEST_MAJOR;
            minor = NEWEST_MINOR;
        }
        snprintf(d->version, sizeof d->version, "/v%u.%u", major, minor);
    }
}

static enum probe_state negotiate_api_version(struct docker *d, uint64_t deadline_ns, struct err *e)
{
    d->version[0] = '\0';
    long status = docker_get(d, deadline_ns, "/_ping");
    if (status != 200)
        return docker_failure_state(d, status, e);
    d->podman = http_header(d->http, "Libpod-Api-Version") != NULL;
    choose_api_version(d);
    /* if ours is refused, use none: the engine then takes its own */
    if (docker_get(d, deadline_ns, "/version") == 400)
        d->version[0] = '\0';
    probe_type(d->probe, d->podman ? "podman" : "docker");
    probe_where(d->probe, "%s", engine_place(d));
    return PROBE_LIVE;
}

static void event_line(void *arg, const char *text, size_t len)
{
    docker_event_read(arg, text, len);
}

static void events_data(void *arg, const char *data, size_t len)
{
    struct docker *d = arg;
    if (!docker_feed_lines(&d->event_line, data, len, event_line, d))
        d->lost = true;
}

static void events_end(void *arg, long status, const struct http_failure *why)
{
    struct docker *d = arg;
    (void)status;
    d->events = NULL;
    docker_set_lost(d, why);
}

/* Follows the events since the last one, or else since the last figures, so that none is lost
 * with the connection.  Events are followed before containers are listed, so that none that
 * starts in between is missed. */
static void follow_events(struct docker *d)
{
    static const struct http_stream_ops ops = {events_data, events_end};
    const char *filter = d->podman ? EVENTS_PODMAN : EVENTS;
    struct buf path = {0};
    int64_t next = d->last_event_ns > 0 ? d->last_event_ns + 1 : d->last_read_ns;
    docker_path(d, &path, "/events?");
    if (next > 0)
        buf_printf(&path, "since=%lld.%09lld&", (long long)(next / 1000000000),
                   (long long)(next % 1000000000));
    buf_text(&path, "filters=");
    encode_percent(&path, filter, strlen(filter));
    buf_clear(&d->event_line);
    d->events = http_stream(d->http, path.data, 0, &ops, d);
    buf_finish(&path);
    http_await(d->http, d->events, now_ns() + HEARD_NS);
}

enum probe_state docker_connect(struct docker *d, uint64_t deadline_ns, struct err *e)
{
    struct docker_env env = docker_env_now(d->spec->podman);
    enum probe_state state = PROBE_LIVE;
    if (d->where.base == NULL &&
        !docker_where_find(d->spec->where != NULL ? d->spec->where : "", &env, &d->where, e))
        return PROBE_DENIED; /* only the user can change that */
    if (d->where.way == DOCKER_SSH)
        state = open_tunnel(d, deadline_ns, e);
    if (state != PROBE_LIVE)
        return state;
    d->lost = false;
    open_engine_http(d);
    state = negotiate_api_version(d, deadline_ns, e);
    if (state == PROBE_LIVE) {
        follow_events(d);
        d->list_due = true;
    }
    return state;
}
