/* SPDX-License-Identifier: MIT */
/* A container: its streams and its figures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/docker/cgroup.h"
#include "src/probe/docker/docker_inner.h"

#define SILENCE_NS (10 * NS_PER_S) /* for a stream that sends every second */

static const struct {
    const char *name;
    enum snap_unit unit;
    unsigned flags;
} kinds[CONTAINER_SERIES] = {
    [CONTAINER_CPU] = {"cpu", UNIT_PERCENT, SERIES_MAIN | SERIES_RESOURCE},
    [CONTAINER_CORES] = {"cpu cores", UNIT_COUNT, 0},
    [CONTAINER_THROTTLED] = {"throttled", UNIT_PERCENT, 0},
    [CONTAINER_MEMORY] = {"memory", UNIT_BYTES, SERIES_MAIN | SERIES_RESOURCE | SERIES_LEAK},
    [CONTAINER_RECEIVED] = {"net in", UNIT_BYTES_PER_S, 0},
    [CONTAINER_SENT] = {"net out", UNIT_BYTES_PER_S, 0},
    [CONTAINER_READ] = {"block read", UNIT_BYTES_PER_S, 0},
    [CONTAINER_WRITTEN] = {"block write", UNIT_BYTES_PER_S, 0},
    [CONTAINER_TASKS] = {"tasks", UNIT_COUNT, SERIES_RESOURCE},
    [CONTAINER_LOGS] = {"log matches", UNIT_PER_S, SERIES_MAIN},
};

struct container *container_new(struct docker *d, const struct docker_who *who, const char *group)
{
    struct container *c = mem_zalloc(sizeof *c);
    c->docker = d;
    c->who = *who;
    c->inspect_due = true;
    memcpy(c->group, group, strnlen(group, sizeof c->group - 1));
    for (int i = 0; i < CONTAINER_SERIES; i++)
        if (i != CONTAINER_LOGS || d->spec->logs != NULL)
            c->series[i] =
                probe_series(d->probe, c->group, kinds[i].name, kinds[i].unit, kinds[i].flags);
    return c;
}

void container_end_streams(struct container *c)
{
    if (c->stats != NULL)
        http_stream_end(c->stats);
    if (c->log != NULL)
        http_stream_end(c->log);
    c->stats = c->log = NULL;
    buf_clear(&c->line);
    c->has_before = false;
}

void container_free(struct container *c)
{
    if (c == NULL)
        return;
    container_end_streams(c);
    buf_finish(&c->line);
    free(c);
}

void container_mark_ended(struct container *c)
{
    c->ended_ns = c->ended_ns != 0 ? c->ended_ns : now_ns();
}

void container_mark_removed(struct container *c)
{
    c->removed = true;
    container_mark_ended(c);
    if (c->docker->left_out > 0)
        c->docker->list_due = true; /* there is room for a container that was left out */
    c->restarting = c->died = c->oom = c->stopped = c->started = c->unclear = false;
    probe_set_removed(c->docker->probe, c->group, true);
}

/* -------------------------------------------------------------------- figures */

void container_set_refusal(struct container *c, const char *text, size_t len)
{
    docker_json_reason(text, len, c->refusal, sizeof c->refusal);
    if (c->refusal[0] == '\0')
        snprintf(c->refusal, sizeof c->refusal, "it gives no reason");
}

static void container_publish_cpu(struct container *c, const struct docker_figures *f,
                                  const struct docker_stats *s)
{
    struct probe *p = c->docker->probe;
    probe_value(p, c->series[CONTAINER_CPU], f->cpu_percent);
    probe_value(p, c->series[CONTAINER_CORES], f->cores);
    probe_value(p, c->series[CONTAINER_THROTTLED], f->throttled);
    if (f->throttled > 0)
        probe_note(p, c->series[CONTAINER_CPU], "thr %.0f %%", f->throttled < 1 ? 1 : f->throttled);
    else if (isnan(c->info.cpus) && s->cpus > 0)
        probe_note(p, c->series[CONTAINER_CPU], "which is all %u CPUs", s->cpus);
    else
        probe_note(p, c->series[CONTAINER_CPU], "%s", "");
}

static void container_publish(struct container *c, const struct docker_figures *f,
                              const struct docker_stats *s)
{
    struct probe *p = c->docker->probe;
    double apart = c->info.own_network ? 1 : NAN;
    container_publish_cpu(c, f, s);
    probe_resource(p, c->series[CONTAINER_MEMORY],
                   !f->cache_in); /* a page cache grows up to any limit */
    probe_value(p, c->series[CONTAINER_MEMORY], f->memory);
    probe_value(p, c->series[CONTAINER_RECEIVED], f->received_per_s * apart);
    probe_value(p, c->series[CONTAINER_SENT], f->sent_per_s * apart);
    probe_value(p, c->series[CONTAINER_READ], f->read_per_s);
    probe_value(p, c->series[CONTAINER_WRITTEN], f->written_per_s);
    /* podman has this limit in the container's inspect only */
    probe_limit(p, c->series[CONTAINER_TASKS], s->max_tasks > 0 ? s->max_tasks : c->info.max_tasks);
    probe_value(p, c->series[CONTAINER_TASKS], f->tasks);
}

void container_take_stats(struct container *c, const char *text, size_t len)
{
    struct docker_stats s;
    struct docker_figures f;
    const struct docker_limits limits = {c->info.cpus, c->info.memory};
    /* podman sends nothing for a stopped container */
    if (!docker_json_stats(text, len, &s) && len > 0)
        return;
    if (s.read_ns > c->docker->last_read_ns)
        c->docker->last_read_ns = s.read_ns;
    if (c->docker->podman && c->docker->where.way == DOCKER_UNIX && s.running)
        docker_cgroup_fill("", c->info.pid, c->who.id, &s);
    c->refusal[0] = '\0';
    if (c->has_before && s.oom_kills > c->before.oom_kills)
        container_out_of_memory(c);
    docker_figures(c->has_before ? &c->before : NULL, &s, &limits, &f);
    c->has_before = s.running;
    c->before = s;
    c->cache_in = s.running && f.cache_in;
    container_publish(c, &f, &s);
}

static void container_take_line(void *arg, const char *text, size_t len)
{
    container_take_stats(arg, text, len);
}

/* -------------------------------------------------------------------- streams */

static void stats_data(void *arg, const char *data, size_t len)
{
    struct container *c = arg;
    if (!docker_feed_lines(&c->line, data, len, container_take_line, c))
        c->docker->lost = true;
}

/* Ends the stream of figures.  When its container was removed it ends well; an inspect will show
 * that. */
static void stats_end(void *arg, long status, const struct http_failure *why)
{
    struct container *c = arg;
    c->stats = NULL;
    c->has_before = false;
    c->inspect_due = true;
    buf_clear(&c->line);
    if (status == 0)
        docker_set_lost(c->docker, why);
    else if (status >= 500)
        container_set_refusal(c, why->text, strlen(why->text));
}

static void log_data(void *arg, const char *data, size_t len)
{
    struct container *c = arg;
    docker_logs_feed(&c->logs, data, len);
}

/* Ends the log's stream: the container has stopped, which an inspect will show, or its driver
 * keeps no log (501). */
static void log_end(void *arg, long status, const struct http_failure *why)
{
    struct container *c = arg;
    c->log = NULL;
    if (status == 0)
        docker_set_lost(c->docker, why);
    else if (status == 200)
        c->inspect_due = c->inspect_due || c->info.running;
    else if (status != 404 && status != 409)
        c->log_refused = true;
}

/* Follows the log.  After a start, lines written before we follow it count once. */
static void container_follow_log(struct container *c)
{
    static const struct http_stream_ops ops = {log_data, log_end};
    struct docker *d = c->docker;
    struct buf path = {0};
    char from[48] = "tail=0";
    if (c->log_since > 0)
        snprintf(from, sizeof from, "since=%lld", (long long)c->log_since);
    c->log_since = 0;
    docker_path(d, &path, "/containers/%s/logs?follow=1&stdout=1&stderr=1&%s", c->who.id, from);
    docker_logs_init(&c->logs, d->spec->logs, c->info.tty);
    c->logs_ns = now_ns();
    c->log = http_stream(d->http, path.data, 0, &ops, c);
    buf_finish(&path);
}

static void container_follow_stats(struct container *c)
{
    static const struct http_stream_ops ops = {stats_data, stats_end};
    struct buf path = {0};
    docker_path(c->docker, &path, "/containers/%s/stats?stream=1", c->who.id);
    c->stats = http_stream(c->docker->http, path.data, SILENCE_NS, &ops, c);
    buf_finish(&path);
}

void container_start_streams(struct container *c)
{
    struct docker *d = c->docker;
    if (c->removed)
        probe_set_removed(d->probe, c->group, false);
    c->removed = c->inspect_due = false;
    if (c->info.running)
        c->ended_ns = 0;
    else
        container_mark_ended(c);
    probe_limit(d->probe, c->series[CONTAINER_CPU], 100);
    probe_limit(d->probe, c->series[CONTAINER_MEMORY], c->info.memory);
    if (c->stats == NULL && !d->podman)
        container_follow_stats(c);
    if (c->log == NULL && d->spec->logs != NULL && c->info.running && !c->log_refused)
        container_follow_log(c);
}

void container_count_logs(struct container *c)
{
    uint64_t now = now_ns();
    bool sampled;
    /* A poll may be cut short: a single line over a moment would be a very high rate. */
    if (c->log == NULL || now < c->logs_ns + c->docker->poll_ns / 2)
        return;
    double n = docker_logs_take(&c->logs, &sampled);
    double per_s = n / ((double)(now - c->logs_ns) / (double)NS_PER_S);
    c->logs_ns = now;
    probe_value(c->docker->probe, c->series[CONTAINER_LOGS], c->logs.broken ? NAN : per_s);
    probe_note(c->docker->probe, c->series[CONTAINER_LOGS], "%s", sampled ? "estimated" : "");
}
