/* SPDX-License-Identifier: MIT */
/* promql_json.h - what a Prometheus server answers to a query.  Pure. */
#ifndef RAMPTOP_PROBE_PROMQL_JSON_H
#define RAMPTOP_PROBE_PROMQL_JSON_H

#include <stdbool.h>
#include <stddef.h>

struct promql_reply {
    bool ok;
    char error[200]; /* cleaned; of the server, when it is not ok */
    size_t n;        /* series in the result: a scalar is one */
    size_t known;    /* of these, not NaN */
    double sum, max; /* of the known */
    double at_s;     /* the moment for which it was computed; NaN: none */
};

/* False: it is no such answer. */
bool promql_json(const char *text, size_t len, struct promql_reply *out);

#endif
