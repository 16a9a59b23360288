/* SPDX-License-Identifier: MIT */
#include "src/report/json_value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"

#define TEXT_MAX 1024

json_t *jv_text(const char *s)
{
    char clean[TEXT_MAX];
    clean_text(clean, sizeof clean, s, strlen(s));
    return json_string(clean);
}

json_t *jv_text_or_null(const char *s)
{
    return *s != '\0' ? jv_text(s) : json_null();
}

json_t *jv_count(uint64_t n)
{
    return json_integer(n <= INT64_MAX ? (json_int_t)n : INT64_MAX);
}

json_t *jv_number(double v, int decimals)
{
    double scale = pow(10, decimals);
    return isfinite(v) ? json_real(round(v * scale) / scale) : json_null();
}

static json_t *ms(uint64_t us)
{
    return jv_number((double)us / 1000, 3);
}

json_t *jv_latency(const struct snap_latency *l)
{
    json_t *o = json_object();
    json_object_set_new(o, "min", ms(l->min_us));
    json_object_set_new(o, "mean", jv_number(l->mean_us / 1000, 3));
    json_object_set_new(o, "p50", ms(l->p50_us));
    json_object_set_new(o, "p75", ms(l->p75_us));
    json_object_set_new(o, "p90", ms(l->p90_us));
    json_object_set_new(o, "p95", ms(l->p95_us));
    json_object_set_new(o, "p99", ms(l->p99_us));
    json_object_set_new(o, "p99_9", ms(l->p99_9_us));
    json_object_set_new(o, "max", ms(l->max_us));
    return o;
}

char *jv_finish(json_t *whole)
{
    /* 12 digits hold every rounded figure and none of binary's crumbs. */
    char *dumped = json_dumps(whole, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    char *out = mem_printf("%s\n", dumped != NULL ? dumped : "{}");
    free(dumped);
    json_decref(whole);
    return out;
}
