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

/* Of nothing there is no latency: 0 ms would be the best of all. */
static void set_ms(json_t *o, const char *name, const struct snap_latency *l, double us)
{
    json_object_set_new(o, name, l->count > 0 ? jv_number(us / 1000, 3) : json_null());
}

json_t *jv_latency(const struct snap_latency *l)
{
    json_t *o = json_object();
    set_ms(o, "min", l, (double)l->min_us);
    set_ms(o, "mean", l, l->mean_us);
    set_ms(o, "p50", l, (double)l->p50_us);
    set_ms(o, "p75", l, (double)l->p75_us);
    set_ms(o, "p90", l, (double)l->p90_us);
    set_ms(o, "p95", l, (double)l->p95_us);
    set_ms(o, "p99", l, (double)l->p99_us);
    set_ms(o, "p99_9", l, (double)l->p99_9_us);
    set_ms(o, "max", l, (double)l->max_us);
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
