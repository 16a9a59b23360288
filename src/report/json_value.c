/* SPDX-License-Identifier: MIT */
#include "src/report/json_value.h"

#include <math.h>
#include <stdio.h>
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

json_t *jv_ms(const struct snap_latency *l, double us)
{
    return l->count > 0 ? jv_number(us / 1000, 3) : json_null();
}

json_t *jv_latency(const struct snap_latency *l)
{
    json_t *o = json_object();
    json_object_set_new(o, "min", jv_ms(l, (double)l->min_us));
    json_object_set_new(o, "mean", jv_ms(l, l->mean_us));
    json_object_set_new(o, "p50", jv_ms(l, (double)l->p50_us));
    json_object_set_new(o, "p75", jv_ms(l, (double)l->p75_us));
    json_object_set_new(o, "p90", jv_ms(l, (double)l->p90_us));
    json_object_set_new(o, "p95", jv_ms(l, (double)l->p95_us));
    json_object_set_new(o, "p99", jv_ms(l, (double)l->p99_us));
    json_object_set_new(o, "p99_9", jv_ms(l, (double)l->p99_9_us));
    json_object_set_new(o, "max", jv_ms(l, (double)l->max_us));
    return o;
}

json_t *jv_statuses(const struct statuses *s)
{
    json_t *o = json_object();
    for (uint32_t i = 0; i < s->n; i++) {
        char code[8];
        snprintf(code, sizeof code, "%u", s->code[i]);
        json_object_set_new(o, code, jv_count(s->count[i]));
    }
    if (s->others > 0)
        json_object_set_new(o, "others", jv_count(s->others));
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
