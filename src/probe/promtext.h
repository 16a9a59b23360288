/* SPDX-License-Identifier: MIT */
/* promtext.h - the text in which a target exposes its figures to Prometheus.  Pure.
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

/* What is wanted: a name and labels that must be so, `http_requests_total{code="200"}`, also
 * with != and labels that are not there ("" fits those). */
struct promtext_want {
    char *name;
    size_t n;
    struct {
        char *name, *value; /* as it is meant: without escapes */
        bool differs;
    } labels[PROMTEXT_LABELS];
};

/* False with a half sentence. */
bool promtext_want(struct promtext_want *w, const char *text, struct err *e);
void promtext_want_finish(struct promtext_want *w);

/* What was found of it: samples that are NaN count, but add nothing. */
struct promtext_found {
    size_t n;        /* samples that fit */
    size_t known;    /* of these, not NaN */
    double sum, max; /* of the known */
};

/* Reads the whole text once, for all that is wanted.  Returns how many samples it has; lines
 * that are none are left out and counted in *bad. */
size_t promtext_read(const char *text, size_t len, const struct promtext_want *wants, size_t n,
                     struct promtext_found *found, size_t *bad);

#endif
