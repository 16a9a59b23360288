/* SPDX-License-Identifier: MIT */
#include "src/stats/health.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/human.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/stats/hist.h"

#define WORKER_BUSY_PERCENT 85
#define PROCESS_BUSY_PERCENT 90 /* of all cores we may use; a quota can be less than one */
#define LAG_FLOOR_US 1000
#define LAG_SHARE 0.05
#define LAG_LEAST 368 /* of fewer requests the p99 is not known: ln 0.025 / ln 0.99 */
#define FDS_SHARE 0.9
#define FDS_TO_COUNT 1000 /* above, counting them one by one costs more than it tells */
#define KEEP (HEALTH_CPU_SECONDS + 1)

/* CPU times at one tick. */
struct reading {
    uint64_t at_ns, process_ns;
    uint64_t worker_ns[SNAP_WORKERS];
};

struct health {
    uint32_t workers;
    struct snap_health shown;
    unsigned n_readings; /* ever */
    struct reading readings[KEEP];
    struct reading first; /* of the run */

    struct hist lag_open, lag_window, lag_run;
    unsigned lag_seconds; /* ever */
    struct hist_sparse lag_kept[HEALTH_LAG_SECONDS];
    double loop_max_ms[HEALTH_LAG_SECONDS];
    double ring_fill_percent; /* largest since the last tick */
    uint64_t other_fds;       /* open files that are not the workers' sockets */
};

/* The first numbers of a one-line file; how many were read. */
static int read_numbers(const char *path, double *a, double *b)
{
    char text[128];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return 0;
    text[n] = '\0';
    return sscanf(text, "%lf %lf", a, b);
}

/* CPUs this process may run on, less where a control group allows less. */
static double usable_cores(void)
{
    cpu_set_t set;
    double quota, period;
    double cores = sched_getaffinity(0, sizeof set, &set) == 0
                       ? CPU_COUNT(&set)
                       : (double)sysconf(_SC_NPROCESSORS_ONLN);
    if (read_numbers("/sys/fs/cgroup/cpu.max", &quota, &period) == 2 && period > 0 &&
        quota / period < cores)
        cores = quota / period;
    return cores;
}

struct health *health_create(uint32_t workers)
{
    struct health *h = mem_zalloc(sizeof *h);
    h->workers = workers < SNAP_WORKERS ? workers : SNAP_WORKERS;
    h->shown.workers = workers;
    h->shown.cores = usable_cores();
    hist_init(&h->lag_open);
    hist_init(&h->lag_window);
    hist_init(&h->lag_run);
    return h;
}

void health_destroy(struct health *h)
{
    if (h == NULL)
        return;
    for (unsigned i = 0; i < HEALTH_LAG_SECONDS; i++)
        hist_sparse_finish(&h->lag_kept[i]);
    hist_finish(&h->lag_open);
    hist_finish(&h->lag_window);
    hist_finish(&h->lag_run);
    free(h);
}

void health_lag(struct health *h, uint32_t lag_us)
{
    hist_record(&h->lag_open, lag_us);
}

void health_ring(struct health *h, double fill_percent)
{
    if (fill_percent > h->ring_fill_percent)
        h->ring_fill_percent = fill_percent;
}

static double percent(uint64_t used_ns, uint64_t passed_ns)
{
    return passed_ns > 0 ? 100 * (double)used_ns / (double)passed_ns : 0;
}

static void tick_cpu(struct health *h, uint64_t now, struct gauge *gauges)
{
    struct reading *r = &h->readings[h->n_readings % KEEP];
    r->at_ns = now;
    r->process_ns = now_process_cpu_ns();
    for (uint32_t i = 0; i < h->workers; i++)
        r->worker_ns[i] = atomic_load_explicit(&gauges[i].cpu_ns, memory_order_relaxed);
    if (h->n_readings == 0)
        h->first = *r;
    const struct reading *old =
        h->n_readings < KEEP ? &h->readings[0] : &h->readings[(h->n_readings + 1) % KEEP];
    h->n_readings++;
    h->shown.cpu_percent = percent(r->process_ns - old->process_ns, now - old->at_ns);
    h->shown.cpu_run_percent = percent(r->process_ns - h->first.process_ns, now - h->first.at_ns);
    for (uint32_t i = 0; i < h->workers; i++)
        h->shown.worker_cpu[i] = percent(r->worker_ns[i] - old->worker_ns[i], now - old->at_ns);
}

static void tick_lag(struct health *h, struct gauge *gauges)
{
    unsigned at = h->lag_seconds++ % HEALTH_LAG_SECONDS;
    double longest = 0;

    if (h->lag_kept[at].count > 0) {
        hist_subtract_sparse(&h->lag_window, &h->lag_kept[at]);
        hist_tighten(&h->lag_window);
    }
    hist_sparse_finish(&h->lag_kept[at]);
    hist_to_sparse(&h->lag_open, &h->lag_kept[at]);
    hist_merge_sparse(&h->lag_window, &h->lag_kept[at]);
    hist_merge_sparse(&h->lag_run, &h->lag_kept[at]);
    hist_clear(&h->lag_open);
    h->shown.lag_count = h->lag_window.count;
    h->shown.lag_p50_ms = (double)hist_quantile(&h->lag_window, 0.5) / 1e3;
    h->shown.lag_p99_ms = (double)hist_quantile(&h->lag_window, 0.99) / 1e3;
    h->shown.lag_p99_run_ms = (double)hist_quantile(&h->lag_run, 0.99) / 1e3;

    h->loop_max_ms[at] = 0;
    for (uint32_t i = 0; i < h->workers; i++) {
        uint32_t us = atomic_exchange_explicit(&gauges[i].loop_max_us, 0, memory_order_relaxed);
        if (us / 1e3 > h->loop_max_ms[at])
            h->loop_max_ms[at] = us / 1e3;
    }
    for (unsigned i = 0; i < HEALTH_LAG_SECONDS; i++)
        longest = h->loop_max_ms[i] > longest ? h->loop_max_ms[i] : longest;
    h->shown.loop_max_ms = longest;
}

static uint64_t count_open_fds(void)
{
    uint64_t n = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL)
        return 0;
    for (const struct dirent *d = readdir(dir); d != NULL; d = readdir(dir))
        n += d->d_name[0] != '.';
    closedir(dir);
    return n > 0 ? n - 1 : 0; /* the one for reading the list */
}

static void tick_fds(struct health *h, struct gauge *gauges)
{
    struct rlimit limit;
    struct stat st;
    uint64_t sockets = 0;

    for (uint32_t i = 0; i < h->workers; i++)
        sockets += atomic_load_explicit(&gauges[i].open_fds, memory_order_relaxed);
    if (stat("/proc/self/fd", &st) == 0 && st.st_size > 0) {
        h->shown.open_fds = (uint64_t)st.st_size; /* Linux 6.2 and later count for us */
    } else if (sockets <= FDS_TO_COUNT) {
        h->shown.open_fds = count_open_fds();
        h->other_fds = h->shown.open_fds > sockets ? h->shown.open_fds - sockets : 0;
    } else {
        h->shown.open_fds = sockets + h->other_fds;
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        h->shown.fd_limit = limit.rlim_cur;
}

void health_tick(struct health *h, uint64_t now, struct gauge *gauges, uint64_t ring_lost)
{
    double pages, resident;
    tick_cpu(h, now, gauges);
    tick_lag(h, gauges);
    tick_fds(h, gauges);
    if (read_numbers("/proc/self/statm", &pages, &resident) == 2)
        h->shown.rss_bytes = (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
    h->shown.ring_fill_percent = h->ring_fill_percent;
    h->ring_fill_percent = 0;
    h->shown.ring_lost = ring_lost;
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
    double limit_us = (double)latency->p99_us * LAG_SHARE; /* what it bends is the tail */
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

/* What the profile lacks, or the machine denies to anybody, is no sign of a generator at its
 * limit: what could not be sent is told by itself. */
static bool at_limit(enum fail f)
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
        if (!at_limit((enum fail)f) || n == 0)
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
