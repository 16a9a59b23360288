/* SPDX-License-Identifier: MIT */
/* docker_figures.h - figures from two samples of a container.  Pure.
 *
 * Rates are over the engine's own clock, not over system_cpu_usage, which counts in ticks of 10
 * ms, leaves stolen time out and is wrong on podman.  NaN: not known. */
#ifndef RAMPTOP_PROBE_DOCKER_DOCKER_FIGURES_H
#define RAMPTOP_PROBE_DOCKER_DOCKER_FIGURES_H

#include <stdbool.h>

#include "src/probe/docker/docker_json.h"

/* The limits of a container. */
struct docker_limits {
    double cpus;   /* NaN: all of the machine */
    double memory; /* NaN: all of the machine */
};

struct docker_figures {
    double cores;       /* 1.00 is one core kept busy */
    double cpu_percent; /* share of the CPUs that the container may use */
    double throttled; /* percent of the scheduler's periods in which the container was throttled */
    double memory;    /* without reclaimable page cache */
    double received_per_s, sent_per_s;
    double read_per_s, written_per_s;
    double tasks;
    bool cache_in; /* memory includes the page cache, as the engine does not report it */
};

/* Computes the figures. before may be NULL or from an earlier run of the container (counters
 * went back): rates are not known then. */
void docker_figures(const struct docker_stats *before, const struct docker_stats *now,
                    const struct docker_limits *limits, struct docker_figures *out);

/* Formats the end of a container: "ended with exit code 1", "was killed: out of memory (limit
 * 512 MiB)". */
void docker_figures_exit(int code, bool oom, double memory_limit, char *out, size_t size);

#endif
