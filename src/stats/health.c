/* SPDX-License-Identifier: MIT */
#include "src/stats/health.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/base/human.h"
#include "src/base/mem.h"
#include "src/stats/hist.h"

#define WORKER_BUSY_PERCENT 85
#define PROCESS_BUSY_PERCENT 90 /* share of all cores we may use; a quota can be less than one */
#define LAG_FLOOR_US 1000
#define LAG_SHARE 0.05
#define LAG_LEAST 368 /* requests; the p99 of fewer is not known: ln 0.025 / ln 0.99 */
#define FDS_SHARE 0.9

/* CPU times of one second. */
struct cpu_times {
    uint64_t span_ns, process_ns;
    uint64_t worker_ns[SNAP_WORKERS];
};

struct health {
    struct snap_health shown;
    unsigned n_looks; /* ever */
    struct cpu_times looks[HEALTH_CPU_SECONDS];
    uint64_t run_ns, run_cpu_ns;

    struct hist lag_window, lag_run;
    unsigned n_seconds; /* ever */
    struct hist_sparse lags[HEALTH_LAG_SECONDS];
    uint32_t loop_max_us[HEALTH_LAG_SECONDS];
};

struct health *health_create(void)
{
    struct health *h = mem_zalloc(sizeof *h);
    hist_init(&h->lag_window);
    hist_init(&h->lag_run);
    return h;
}

void health_destroy(struct health *h)
{
    if (h == NULL)
        return;
    for (unsigned i = 0; i < HEALTH_LAG_SECONDS; i++)
        hist_sparse_finish(&h->lags[i]);
    hist_finish(&h->lag_window);
    hist_finish(&h->lag_run);
    free(h);
}

static double health_percent(uint64_t used_ns, uint64_t passed_ns)
{
    return passed_ns > 0 ? 100 * (double)used_ns / (double)passed_ns : 0;
}

static void add_cpu(struct health *h, const struct second_health *s)
{
    struct cpu_times *newest = &h->looks[h->n_looks++ % HEALTH_CPU_SECONDS], sum = {0};
    newest->span_ns = s->span_ns;
    newest->process_ns = s->cpu_ns;
    for (uint32_t i = 0; i < SNAP_WORKERS; i++)
        newest->worker_ns[i] = s->worker_cpu_ns[i];
    for (unsigned k = 0; k < HEALTH_CPU_SECONDS; k++) {
        sum.span_ns += h->looks[k].span_ns;
        sum.process_ns += h->looks[k].process_ns;
        for (uint32_t i = 0; i < s->n_workers; i++)
            sum.worker_ns[i] += h->looks[k].worker_ns[i];
    }
    h->run_ns += s->span_ns;
    h->run_cpu_ns += s->cpu_ns;
    h->shown.cpu_percent = health_percent(sum.process_ns, sum.span_ns);
    h->shown.cpu_run_percent = health_percent(h->run_cpu_ns, h->run_ns);
    for (uint32_t i = 0; i < s->n_workers; i++)
        h->shown.worker_cpu[i] = health_percent(sum.worker_ns[i], sum.span_ns);
}

static void add_lag(struct health *h, unsigned at, const struct hist_sparse *lag)
{
    if (h->lags[at].count > 0) {
        hist_subtract_sparse(&h->lag_window, &h->lags[at]);
        hist_tighten(&h->lag_window);
    }
    hist_sparse_finish(&h->lags[at]);
    hist_sparse_merge(&h->lags[at], lag);
    hist_merge_sparse(&h->lag_window, lag);
    hist_merge_sparse(&h->lag_run, lag);
    h->shown.lag_count = h->lag_window.count;
    h->shown.lag_p50_ms = (double)hist_quantile(&h->lag_window, 0.5) / 1e3;
    h->shown.lag_p99_ms = (double)hist_quantile(&h->lag_window, 0.99) / 1e3;
    h->shown.lag_p99_run_ms = (double)hist_quantile(&h->lag_run, 0.99) / 1e3;
}

static void add_look(struct health *h, const struct second_health *s)
{
    h->shown.workers = s->n_workers;
    h->shown.cores = s->millicores / 1000.0;
    h->shown.ring_fill_percent = s->ring_ppm / 1e4;
    h->shown.ring_lost += s->ring_lost;
    h->shown.open_fds = s->open_fds;
    h->shown.fd_limit = s->fd_limit;
    h->shown.rss_bytes = s->rss_bytes;
    add_cpu(h, s);
}

void health_add(struct health *h, const struct second_health *s)
{
    unsigned at = h->n_seconds++ % HEALTH_LAG_SECONDS;
    uint32_t longest_us = 0;
    add_lag(h, at, &s->lag);
    h->loop_max_us[at] = s->loop_max_us;
    for (unsigned i = 0; i < HEALTH_LAG_SECONDS; i++)
        longest_us = h->loop_max_us[i] > longest_us ? h->loop_max_us[i] : longest_us;
    h->shown.loop_max_ms = longest_us / 1e3;
    if (s->known)
        add_look(h, s);
}

void health_fill(const struct health *h, struct snapshot *snap)
{
    snap->health = h->shown;
    health_warn(snap);
}

/* ----------------------------------------------------------------- the warnings */

__attribute__((format(printf, 2, 3))) static void warn(struct snap_health *h, const char *fmt, ...)
{
    va_list ap;
    if (h->n_warnings == SNAP_WARNINGS)
        return;
    va_start(ap, fmt);
    vsnprintf(h->warnings[h->n_warnings++], sizeof h->warnings[0], fmt, ap);
    va_end(ap);
}

static void warn_cpu(struct snap_health *h)
{
    uint32_t n = h->workers < SNAP_WORKERS ? h->workers : SNAP_WORKERS, busy = 0, worst = 0;
    for (uint32_t i = 0; i < n; i++) {
        busy += h->worker_cpu[i] > WORKER_BUSY_PERCENT;
        if (h->worker_cpu[i] > h->worker_cpu[worst])
            worst = i;
    }
    const char *remedy =
        (double)n < h->cores ? "use more workers" : "use a machine with more cores";
    if (busy == 1)
        warn(h,
             "The generator is the bottleneck: worker %u uses %.0f %% of a core; %s or less load.",
             worst, h->worker_cpu[worst], remedy);
    else if (busy > 1)
        warn(h,
             "The generator is the bottleneck: %u of %u workers use more than %d %% of a core; "
             "%s or less load.",
             busy, n, WORKER_BUSY_PERCENT, remedy);
    else if (h->cores > 0 && h->cpu_percent > h->cores * PROCESS_BUSY_PERCENT)
        warn(
            h,
            "The generator is the bottleneck: it uses %.0f %% of the %.3g core%s it may use; use a "
            "bigger machine or less load.",
            h->cpu_percent, h->cores, h->cores > 1 ? "s" : "");
}

static void warn_lag(struct snap_health *h, const struct snap_latency *latency)
{
    char p99[HUMAN_MAX], lag[HUMAN_MAX];
    double limit_us = (double)latency->p99_us * LAG_SHARE; /* lag bends the tail */
    if (limit_us < LAG_FLOOR_US)
        limit_us = LAG_FLOOR_US;
    if (h->lag_count < LAG_LEAST || h->lag_p99_ms * 1e3 <= limit_us)
        return;
    human_us(lag, sizeof lag, h->lag_p99_ms * 1e3, false);
    human_us(p99, sizeof p99, (double)latency->p99_us, false);
    if (latency->count > 0)
        warn(h,
             "The generator is late: 1 in 100 requests by %s or more (p99 is %s); use less load or "
             "a bigger machine.",
             lag, p99);
    else
        warn(h,
             "The generator is late: 1 in 100 requests by %s or more; use less load or a bigger "
             "machine.",
             lag);
}

static void warn_fds(struct snap_health *h)
{
    char used[HUMAN_MAX], limit[HUMAN_MAX];
    if (h->fd_limit == 0 || (double)h->open_fds <= (double)h->fd_limit * FDS_SHARE)
        return;
    warn(h, "Open files are near their limit: %s of %s; raise it (ulimit -n) before adding users.",
         human_count(used, sizeof used, h->open_fds),
         human_count(limit, sizeof limit, h->fd_limit));
}

/* A value that the profile lacks, or the machine denies to anybody, is no sign of a generator at
 * its limit: what could not be sent is told by itself. */
static bool is_fail_of_limit(enum fail f)
{
    return f == FAIL_CLIENT_PORTS || f == FAIL_CLIENT_FDS || f == FAIL_CLIENT_MEMORY ||
           f == FAIL_CLIENT_FAULT;
}

static void warn_client_failures(const struct snapshot *snap, struct snap_health *h)
{
    char count[HUMAN_MAX];
    for (uint8_t f = 0; f < FAIL_KINDS; f++) {
        uint64_t n = 0;
        for (uint32_t i = 0; i < snap->n_fails; i++)
            n += snap->fails[i].fail == f ? snap->fails[i].count : 0;
        if (!is_fail_of_limit((enum fail)f) || n == 0)
            continue;
        human_count(count, sizeof count, n);
        warn(h, "%s request%s failed on this side, not the target's. %s", count, n == 1 ? "" : "s",
             fail_explain((enum fail)f));
    }
}

void health_warn(struct snapshot *snap)
{
    struct snap_health *h = &snap->health;
    char count[HUMAN_MAX];

    h->n_warnings = 0;
    warn_cpu(h);
    if (h->ring_lost > 0)
        warn(h,
             "%s sample%s lost because the collector could not keep up: counts and percentiles are "
             "incomplete; use less load.",
             human_count(count, sizeof count, h->ring_lost), h->ring_lost == 1 ? " was" : "s were");
    warn_client_failures(snap, h);
    warn_lag(h, snap->window.count > 0 ? &snap->window : &snap->total);
    warn_fds(h);
}
