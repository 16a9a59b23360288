/* SPDX-License-Identifier: MIT */
/* One container: its streams, and its figures on the board. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/docker/cgroup.h"
#include "src/probe/docker/docker_inner.h"

#define SILENCE_NS (10 * NS_PER_S) /* of a stream that tells each second */

static const struct {
    const char *name;
    enum snap_unit unit;
    unsigned flags;
} kinds[BOX_SERIES] = {
    [BOX_CPU] = {"cpu", UNIT_PERCENT, SERIES_MAIN | SERIES_RESOURCE},
    [BOX_CORES] = {"cpu cores", UNIT_COUNT, 0},
    [BOX_THROTTLED] = {"throttled", UNIT_PERCENT, 0},
    [BOX_MEMORY] = {"memory", UNIT_BYTES, SERIES_MAIN | SERIES_RESOURCE | SERIES_LEAK},
    [BOX_RECEIVED] = {"net in", UNIT_BYTES_PER_S, 0},
    [BOX_SENT] = {"net out", UNIT_BYTES_PER_S, 0},
    [BOX_READ] = {"block read", UNIT_BYTES_PER_S, 0},
    [BOX_WRITTEN] = {"block write", UNIT_BYTES_PER_S, 0},
    [BOX_TASKS] = {"tasks", UNIT_COUNT, SERIES_RESOURCE},
    [BOX_LOGS] = {"log matches", UNIT_PER_S, SERIES_MAIN},
};

struct docker_box *docker_box_new(struct docker *d, const struct docker_who *who, const char *group)
{
    struct docker_box *b = mem_zalloc(sizeof *b);
    b->docker = d;
    b->who = *who;
    b->ask = true;
    memcpy(b->group, group, strnlen(group, sizeof b->group - 1));
    for (int i = 0; i < BOX_SERIES; i++)
        if (i != BOX_LOGS || d->spec->logs != NULL)
            b->series[i] =
                probe_series(d->probe, b->group, kinds[i].name, kinds[i].unit, kinds[i].flags);
    return b;
}

void docker_box_rest(struct docker_box *b)
{
    if (b->stats != NULL)
        http_stream_end(b->stats);
    if (b->log != NULL)
        http_stream_end(b->log);
    b->stats = b->log = NULL;
    buf_clear(&b->line);
    b->has_before = false;
}

void docker_box_free(struct docker_box *b)
{
    if (b == NULL)
        return;
    docker_box_rest(b);
    buf_finish(&b->line);
    free(b);
}

void docker_box_ended(struct docker_box *b)
{
    b->ended_ns = b->ended_ns != 0 ? b->ended_ns : now_ns();
}

void docker_box_gone(struct docker_box *b)
{
    b->gone = true;
    docker_box_ended(b);
    if (b->docker->left_out > 0)
        b->docker->list_due = true; /* there is room for one of those */
    b->restarting = b->died = b->oom = b->stopped = b->started = b->unclear = false;
    probe_set_removed(b->docker->probe, b->group, true);
}

/* -------------------------------------------------------------------- figures */

void docker_box_refused(struct docker_box *b, const char *text, size_t len)
{
    docker_json_reason(text, len, b->refusal, sizeof b->refusal);
    if (b->refusal[0] == '\0')
        snprintf(b->refusal, sizeof b->refusal, "it gives no reason");
}

static void tell_cpu(struct docker_box *b, const struct docker_figures *f,
                     const struct docker_stats *s)
{
    struct probe *p = b->docker->probe;
    probe_value(p, b->series[BOX_CPU], f->cpu_percent);
    probe_value(p, b->series[BOX_CORES], f->cores);
    probe_value(p, b->series[BOX_THROTTLED], f->throttled);
    if (f->throttled > 0)
        probe_note(p, b->series[BOX_CPU], "thr %.0f %%", f->throttled < 1 ? 1 : f->throttled);
    else if (isnan(b->info.cpus) && s->cpus > 0)
        probe_note(p, b->series[BOX_CPU], "which is all %u CPUs", s->cpus);
    else
        probe_note(p, b->series[BOX_CPU], "%s", "");
}

static void tell(struct docker_box *b, const struct docker_figures *f, const struct docker_stats *s)
{
    struct probe *p = b->docker->probe;
    double apart = b->info.own_network ? 1 : NAN;
    tell_cpu(b, f, s);
    probe_resource(p, b->series[BOX_MEMORY], !f->cache_in); /* a page cache takes all it may have */
    probe_value(p, b->series[BOX_MEMORY], f->memory);
    probe_value(p, b->series[BOX_RECEIVED], f->received_per_s * apart);
    probe_value(p, b->series[BOX_SENT], f->sent_per_s * apart);
    probe_value(p, b->series[BOX_READ], f->read_per_s);
    probe_value(p, b->series[BOX_WRITTEN], f->written_per_s);
    /* podman tells it with the container only */
    probe_limit(p, b->series[BOX_TASKS], s->max_tasks > 0 ? s->max_tasks : b->info.max_tasks);
    probe_value(p, b->series[BOX_TASKS], f->tasks);
}

void docker_box_take(struct docker_box *b, const char *text, size_t len)
{
    struct docker_stats s;
    struct docker_figures f;
    const struct docker_limits limits = {b->info.cpus, b->info.memory};
    /* podman tells nothing of a container that is stopped */
    if (!docker_json_stats(text, len, &s) && len > 0)
        return;
    if (s.read_ns > b->docker->last_read_ns)
        b->docker->last_read_ns = s.read_ns;
    if (b->docker->podman && b->docker->where.way == DOCKER_UNIX && s.running)
        docker_cgroup_fill("", b->info.pid, b->who.id, &s);
    b->refusal[0] = '\0';
    if (b->has_before && s.oom_kills > b->before.oom_kills)
        docker_event_oom(b);
    docker_figures(b->has_before ? &b->before : NULL, &s, &limits, &f);
    b->has_before = s.running;
    b->before = s;
    b->cache_in = s.running && f.cache_in;
    tell(b, &f, &s);
}

static void take_line(void *arg, const char *text, size_t len)
{
    docker_box_take(arg, text, len);
}

/* -------------------------------------------------------------------- streams */

static void stats_data(void *arg, const char *data, size_t len)
{
    struct docker_box *b = arg;
    if (!docker_lines(&b->line, data, len, take_line, b))
        b->docker->lost = true;
}

/* The stream of a container that is removed ends well; an inspect tells. */
static void stats_end(void *arg, long status, const struct http_failure *why)
{
    struct docker_box *b = arg;
    b->stats = NULL;
    b->has_before = false;
    b->ask = true;
    buf_clear(&b->line);
    if (status == 0)
        docker_lose(b->docker, why);
    else if (status >= 500)
        docker_box_refused(b, why->text, strlen(why->text));
}

static void log_data(void *arg, const char *data, size_t len)
{
    struct docker_box *b = arg;
    docker_logs_feed(&b->logs, data, len);
}

/* It ends when the container stops, which an inspect tells; 501: its driver keeps no log. */
static void log_end(void *arg, long status, const struct http_failure *why)
{
    struct docker_box *b = arg;
    b->log = NULL;
    if (status == 0)
        docker_lose(b->docker, why);
    else if (status == 200)
        b->ask = b->ask || b->info.running;
    else if (status != 404 && status != 409)
        b->log_refused = true;
}

/* What was written before it was followed counts once, after a start. */
static void follow_log(struct docker_box *b)
{
    static const struct http_stream_ops ops = {log_data, log_end};
    struct docker *d = b->docker;
    struct buf path = {0};
    char from[48] = "tail=0";
    if (b->log_since > 0)
        snprintf(from, sizeof from, "since=%lld", (long long)b->log_since);
    b->log_since = 0;
    docker_path(d, &path, "/containers/%s/logs?follow=1&stdout=1&stderr=1&%s", b->who.id, from);
    docker_logs_init(&b->logs, d->spec->logs, b->info.tty);
    b->logs_ns = now_ns();
    b->log = http_stream(d->http, path.data, 0, &ops, b);
    buf_finish(&path);
}

static void follow_stats(struct docker_box *b)
{
    static const struct http_stream_ops ops = {stats_data, stats_end};
    struct buf path = {0};
    docker_path(b->docker, &path, "/containers/%s/stats?stream=1", b->who.id);
    b->stats = http_stream(b->docker->http, path.data, SILENCE_NS, &ops, b);
    buf_finish(&path);
}

void docker_box_go(struct docker_box *b)
{
    struct docker *d = b->docker;
    if (b->gone)
        probe_set_removed(d->probe, b->group, false);
    b->gone = b->ask = false;
    if (b->info.running)
        b->ended_ns = 0;
    else
        docker_box_ended(b);
    probe_limit(d->probe, b->series[BOX_CPU], 100);
    probe_limit(d->probe, b->series[BOX_MEMORY], b->info.memory);
    if (b->stats == NULL && !d->podman)
        follow_stats(b);
    if (b->log == NULL && d->spec->logs != NULL && b->info.running && !b->log_refused)
        follow_log(b);
}

void docker_box_count_logs(struct docker_box *b)
{
    uint64_t now = now_ns();
    bool sampled;
    /* A look may be cut short: over a moment a line is very many a second. */
    if (b->log == NULL || now < b->logs_ns + b->docker->poll_ns / 2)
        return;
    double n = docker_logs_take(&b->logs, &sampled);
    double per_s = n / ((double)(now - b->logs_ns) / (double)NS_PER_S);
    b->logs_ns = now;
    probe_value(b->docker->probe, b->series[BOX_LOGS], b->logs.broken ? NAN : per_s);
    probe_note(b->docker->probe, b->series[BOX_LOGS], "%s", sampled ? "estimated" : "");
}
