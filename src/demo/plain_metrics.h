/* SPDX-License-Identifier: MIT */
/* plain_metrics.h - what the plain demo target counts, as Prometheus text (format 0.0.4). */
#ifndef RAMPTOP_DEMO_PLAIN_METRICS_H
#define RAMPTOP_DEMO_PLAIN_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "src/demo/dbpool.h"
#include "src/demo/demo.h"
#include "src/demo/plain_routes.h"

enum { METRICS_200, METRICS_404, METRICS_405, METRICS_500, METRICS_503, METRICS_CODES };

struct metrics {
    uint64_t requests[ROUTE_COUNT][METRICS_CODES]; /* replies that went out whole */
    uint64_t cut;                                  /* requests whose connection ended before that */
};

/* The queue, and those who serve it: computed, or a pool of connections. */
struct queue_figures {
    uint64_t accepted, refused;
    uint64_t service_ns, wait_ns; /* sums */
    size_t waiting, busy;
    const struct dbpool *pool; /* NULL: computed */
};

void metrics_count(struct metrics *m, enum route route, unsigned status);

/* The page.  The caller frees it. */
char *metrics_text(const struct metrics *m, const struct demo_config *cfg,
                   const struct queue_figures *q, unsigned connections, size_t *len);

#endif
