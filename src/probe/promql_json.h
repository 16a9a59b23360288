/* SPDX-License-Identifier: MIT */
/* promql_json.h - parses a Prometheus server's answer to a query.  Pure. */
#ifndef RAMPTOP_PROBE_PROMQL_JSON_H
#define RAMPTOP_PROBE_PROMQL_JSON_H

#include <stdbool.h>
#include <stddef.h>

struct promql_reply {
    bool ok;
    char error[200]; /* cleaned; the server's reason when not ok */
    size_t n;        /* series in the result: a scalar is one */
    size_t known;    /* values that are not NaN */
    double sum, max; /* over the known values */
    double at_s;     /* evaluation time; NaN: none */
};

/* Returns false when the text is no such answer. */
bool promql_json(const char *text, size_t len, struct promql_reply *out);

#endif
