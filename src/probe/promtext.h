/* SPDX-License-Identifier: MIT */
/* promtext.h - parses the text in which a target exposes its figures to Prometheus.  Pure.
 *
 *     # TYPE http_requests_total counter
 *     http_requests_total{method="get",code="200"} 1027 1395066363000
 */
#ifndef RAMPTOP_PROBE_PROMTEXT_H
#define RAMPTOP_PROBE_PROMTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"

#define PROMTEXT_LABELS 8

/* The wanted samples: a name and label conditions, as in `http_requests_total{code="200"}`, also
 * with !=; "" matches a missing label. */
struct promtext_want {
    char *name;
    size_t n;
    struct {
        char *name, *value; /* without escapes */
        bool differs;
    } labels[PROMTEXT_LABELS];
};

/* Parses a wanted metric.  Returns false with half a sentence. */
bool promtext_want(struct promtext_want *w, const char *text, struct err *e);
void promtext_want_finish(struct promtext_want *w);

/* The samples found: NaN counts as a sample, but adds nothing. */
struct promtext_found {
    size_t n;        /* samples that match */
    size_t known;    /* samples that are not NaN */
    double sum, max; /* over the known samples */
};

/* Reads the whole text once, for all wanted metrics.  Returns how many samples it has; malformed
 * lines are skipped and counted in *bad. */
size_t promtext_read(const char *text, size_t len, const struct promtext_want *wants, size_t n,
                     struct promtext_found *found, size_t *bad);

#endif
