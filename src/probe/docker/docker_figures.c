/* SPDX-License-Identifier: MIT */
#include "src/probe/docker/docker_figures.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "src/stats/probe_snapshot.h"

#define NS 1e9
#define SANE_BYTES 1e15 /* usage wraps to 16 EiB in some versions */

/* Returns whether the figures are unknown: some engines send zeros then, though a running
 * container has used CPU and memory. */
static bool stats_are_zero(const struct docker_stats *s)
{
    return s->cpu_ns <= 0 && s->memory <= 0;
}

static bool counters_went_back(const struct docker_stats *before, const struct docker_stats *now)
{
    return now->cpu_ns < before->cpu_ns || now->received < before->received ||
           now->sent < before->sent || now->periods < before->periods;
}

static double memory_used(const struct docker_stats *s, bool *cache_in)
{
    double memory = s->memory;
    *cache_in = isnan(s->memory_cache);
    if (!(memory > 0 && memory < SANE_BYTES) ||
        (s->memory_limit > 0 && memory > 2 * s->memory_limit))
        return NAN;
    if (s->memory_cache < memory)
        memory -= s->memory_cache;
    return memory;
}

static double throttled_percent(const struct docker_stats *before, const struct docker_stats *now)
{
    double periods = now->periods - before->periods;
    double throttled = now->throttled_periods - before->throttled_periods;
    /* An idle container has no periods: it was not throttled. */
    if (periods == 0 && throttled == 0 && now->periods > 0)
        return 0;
    return periods > 0 && throttled >= 0 ? fmin(100, 100 * throttled / periods) : NAN;
}

static double counter_rate(double before, double now, double dt)
{
    double d = (now - before) / dt;
    return d >= 0 ? d : NAN;
}

void docker_figures(const struct docker_stats *before, const struct docker_stats *now,
                    const struct docker_limits *limits, struct docker_figures *out)
{
    *out = (struct docker_figures){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, false};
    if (!now->running || stats_are_zero(now))
        return;
    out->memory = memory_used(now, &out->cache_in);
    out->tasks = now->tasks;
    if (before == NULL || !before->running || stats_are_zero(before) ||
        counters_went_back(before, now) || now->read_ns <= before->read_ns)
        return;
    double dt = (double)(now->read_ns - before->read_ns) / NS;
    double all = now->cpus > 0 ? now->cpus : NAN;
    double cpus = limits->cpus > 0 ? fmin(limits->cpus, all) : all; /* at most the machine's CPUs */
    out->cores = counter_rate(before->cpu_ns, now->cpu_ns, dt) / NS;
    out->cpu_percent = 100 * out->cores / cpus;
    out->throttled = throttled_percent(before, now);
    out->received_per_s = counter_rate(before->received, now->received, dt);
    out->sent_per_s = counter_rate(before->sent, now->sent, dt);
    out->read_per_s = counter_rate(before->read, now->read, dt);
    out->written_per_s = counter_rate(before->written, now->written, dt);
}

void docker_figures_exit(int code, bool oom, double memory_limit, char *out, size_t size)
{
    char bytes[32];
    const char *name = code > 128 && code < 128 + NSIG ? sigabbrev_np(code - 128) : NULL;
    if (oom && memory_limit > 0) {
        snap_format_value(UNIT_BYTES, memory_limit, bytes, sizeof bytes);
        snprintf(out, size, "was killed: out of memory (limit %s)", bytes);
    } else if (oom) {
        snprintf(out, size, "was killed: out of memory");
    } else if (code < 0) {
        snprintf(out, size, "ended");
    } else if (name != NULL) {
        snprintf(out, size, "was ended by SIG%s (exit code %d)", name, code);
    } else if (code == 126 || code == 127) {
        snprintf(out, size, "ended with exit code %d: its command %s", code,
                 code == 127 ? "was not found" : "could not be run");
    } else {
        snprintf(out, size, "ended with exit code %d", code);
    }
}
