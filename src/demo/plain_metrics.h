/* SPDX-License-Identifier: MIT */
/* plain_metrics.h - what the plain demo target counts, as Prometheus text (format 0.0.4). */
#ifndef RAMPTOP_DEMO_PLAIN_METRICS_H
#define RAMPTOP_DEMO_PLAIN_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "src/demo/demo.h"
#include "src/demo/model.h"
#include "src/demo/plain_routes.h"

enum { METRICS_200, METRICS_404, METRICS_405, METRICS_500, METRICS_503, METRICS_CODES };

struct metrics {
    uint64_t requests[ROUTE_COUNT][METRICS_CODES]; /* replies that went out whole */
    uint64_t cut;                                  /* requests whose connection ended before that */
};

void metrics_count(struct metrics *m, enum route route, unsigned status);

/* The page.  The caller frees it. */
char *metrics_text(const struct metrics *m, const struct demo_config *cfg, struct model *model,
                   unsigned connections, size_t *len);

#endif
