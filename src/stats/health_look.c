/* SPDX-License-Identifier: MIT */
#include "src/stats/health_look.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/now.h"

#define FDS_TO_COUNT 1000 /* above, counting them one by one costs more than it tells */

struct health_look {
    uint32_t workers;
    uint32_t millicores;
    bool looked;
    /* At the look before. */
    uint64_t at_ns, process_ns, lost;
    uint64_t worker_ns[SNAP_WORKERS];
    uint32_t ring_ppm;  /* largest since then */
    uint64_t other_fds; /* open files that are not the workers' sockets */
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

struct health_look *health_look_create(uint32_t workers)
{
    struct health_look *l = mem_zalloc(sizeof *l);
    l->workers = workers < SNAP_WORKERS ? workers : SNAP_WORKERS;
    l->millicores = (uint32_t)(usable_cores() * 1000 + 0.5);
    return l;
}

void health_look_destroy(struct health_look *l)
{
    free(l);
}

void health_look_ring(struct health_look *l, size_t fill, size_t capacity)
{
    uint32_t ppm = (uint32_t)(1e6 * (double)fill / (double)capacity);
    if (ppm > l->ring_ppm)
        l->ring_ppm = ppm;
}

static void look_at_cpu(struct health_look *l, uint64_t now_ns, const struct gauge *gauges,
                        struct second_health *out)
{
    uint64_t process_ns = now_process_cpu_ns();
    if (l->looked) {
        out->span_ns = now_ns - l->at_ns;
        out->cpu_ns = process_ns - l->process_ns;
    }
    l->at_ns = now_ns;
    l->process_ns = process_ns;
    for (uint32_t i = 0; i < l->workers; i++) {
        uint64_t ns = atomic_load_explicit(&gauges[i].cpu_ns, memory_order_relaxed);
        out->worker_cpu_ns[i] = l->looked ? ns - l->worker_ns[i] : 0;
        l->worker_ns[i] = ns;
    }
    l->looked = true;
}

static void look_at_loops(const struct health_look *l, struct gauge *gauges,
                          struct second_health *out)
{
    for (uint32_t i = 0; i < l->workers; i++) {
        uint32_t us = atomic_exchange_explicit(&gauges[i].loop_max_us, 0, memory_order_relaxed);
        if (us > out->loop_max_us)
            out->loop_max_us = us;
    }
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

static void look_at_fds(struct health_look *l, const struct gauge *gauges,
                        struct second_health *out)
{
    struct rlimit limit;
    struct stat st;
    uint64_t sockets = 0;

    for (uint32_t i = 0; i < l->workers; i++)
        sockets += atomic_load_explicit(&gauges[i].open_fds, memory_order_relaxed);
    if (stat("/proc/self/fd", &st) == 0 && st.st_size > 0) {
        out->open_fds = (uint64_t)st.st_size; /* Linux 6.2 and later count for us */
    } else if (sockets <= FDS_TO_COUNT) {
        out->open_fds = count_open_fds();
        l->other_fds = out->open_fds > sockets ? out->open_fds - sockets : 0;
    } else {
        out->open_fds = sockets + l->other_fds;
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        out->fd_limit = limit.rlim_cur;
}

void health_look_take(struct health_look *l, uint64_t now_ns, struct gauge *gauges,
                      uint64_t ring_lost, struct second_health *out)
{
    double pages, resident;
    *out =
        (struct second_health){.known = true, .n_workers = l->workers, .millicores = l->millicores};
    look_at_cpu(l, now_ns, gauges, out);
    look_at_loops(l, gauges, out);
    look_at_fds(l, gauges, out);
    if (read_numbers("/proc/self/statm", &pages, &resident) == 2)
        out->rss_bytes = (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
    out->ring_ppm = l->ring_ppm;
    l->ring_ppm = 0;
    out->ring_lost = ring_lost - l->lost;
    l->lost = ring_lost;
}
