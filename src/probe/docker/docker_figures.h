/* SPDX-License-Identifier: MIT */
/* docker_figures.h - what two samples of a container say.  Pure.
 *
 * Rates are over the engine's own clock, not over system_cpu_usage, which counts in ticks
 * of 10 ms, leaves stolen time out and is wrong on podman.  NaN: not known. */
#ifndef RAMPTOP_PROBE_DOCKER_FIGURES_H
#define RAMPTOP_PROBE_DOCKER_FIGURES_H

#include <stdbool.h>

#include "src/probe/docker/docker_json.h"

/* How large a container may grow. */
struct docker_limits {
    double cpus;   /* NaN: all of the machine */
    double memory; /* NaN: all of the machine */
};

struct docker_figures {
    double cores;       /* 1.00 is one core kept busy */
    double cpu_percent; /* of what it may use */
    double throttled;   /* percent of the scheduler's periods in which it was held back */
    double memory;      /* without the page cache that can be dropped */
    double received_per_s, sent_per_s;
    double read_per_s, written_per_s;
    double tasks;
    bool cache_in; /* the page cache is in memory, since the engine does not tell it */
};

/* before may be NULL or of another life of the container (counters that went backwards):
 * then rates are not known. */
void docker_figures(const struct docker_stats *before, const struct docker_stats *now,
                    const struct docker_limits *limits, struct docker_figures *out);

/* "ended with exit code 1", "was killed: out of memory (limit 512 MiB)". */
void docker_figures_exit(int code, bool oom, double memory_limit, char *out, size_t size);

#endif
