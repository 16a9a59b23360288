/* SPDX-License-Identifier: MIT */
/* json_value.h - values as all our JSON has them.  Each is a new reference. */
#ifndef RAMPTOP_REPORT_JSON_VALUE_H
#define RAMPTOP_REPORT_JSON_VALUE_H

#include <jansson.h>
#include <stdint.h>

#include "src/stats/snapshot.h"

/* Valid UTF-8 whatever the text holds: json_string refuses anything else. */
json_t *jv_text(const char *s);
json_t *jv_text_or_null(const char *s); /* "" is null */
json_t *jv_count(uint64_t n);
/* Rounded to that many decimals; JSON knows no infinity. */
json_t *jv_number(double v, int decimals);
/* A figure of l in milliseconds; null when l counts nothing: 0 would be the best of all. */
json_t *jv_ms(const struct snap_latency *l, double us);
/* Milliseconds: min, mean, p50 ... max. */
json_t *jv_latency(const struct snap_latency *l);
/* {"200": 12, "429": 7}, with "others" where the table had no row left. */
json_t *jv_statuses(const struct statuses *s);

/* The whole as text, ended by a line feed; the caller frees.  Takes the reference over. */
char *jv_finish(json_t *whole);

#endif
