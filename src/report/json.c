/* SPDX-License-Identifier: MIT */
#include "src/report/report.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "src/base/clean.h"
#include "src/base/mem.h"

#define TEXT_MAX 1024

/* Valid UTF-8 whatever the snapshot holds: json_string refuses anything else. */
static json_t *text(const char *s)
{
    char clean[TEXT_MAX];
    clean_text(clean, sizeof clean, s, strlen(s));
    return json_string(clean);
}

static json_t *text_or_null(const char *s)
{
    return *s != '\0' ? text(s) : json_null();
}

static json_t *count(uint64_t n)
{
    return json_integer(n <= INT64_MAX ? (json_int_t)n : INT64_MAX);
}

/* Rounded to that many decimals; JSON knows no infinity. */
static json_t *number(double v, int decimals)
{
    double scale = pow(10, decimals);
    return isfinite(v) ? json_real(round(v * scale) / scale) : json_null();
}

static json_t *ms(uint64_t us)
{
    return number((double)us / 1000, 3);
}

static json_t *latency_ms(const struct snap_latency *l)
{
    json_t *o = json_object();
    json_object_set_new(o, "min", ms(l->min_us));
    json_object_set_new(o, "mean", number(l->mean_us / 1000, 3));
    json_object_set_new(o, "p50", ms(l->p50_us));
    json_object_set_new(o, "p75", ms(l->p75_us));
    json_object_set_new(o, "p90", ms(l->p90_us));
    json_object_set_new(o, "p95", ms(l->p95_us));
    json_object_set_new(o, "p99", ms(l->p99_us));
    json_object_set_new(o, "p99_9", ms(l->p99_9_us));
    json_object_set_new(o, "max", ms(l->max_us));
    return o;
}

static json_t *endpoints(const struct snapshot *s)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < s->n_endpoints; i++) {
        const struct snap_endpoint *e = &s->endpoints[i];
        json_t *o = json_object();
        json_object_set_new(o, "name", text(e->name));
        json_object_set_new(o, "method", text(e->method));
        json_object_set_new(o, "requests", count(e->requests));
        json_object_set_new(o, "failures", count(e->failures));
        json_object_set_new(o, "rps", number(report_rate(s, e->requests), 2));
        json_object_set_new(o, "bytes_in", count(e->bytes_in));
        json_object_set_new(o, "bytes_out", count(e->bytes_out));
        json_object_set_new(o, "latency_ms", latency_ms(&e->total));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *failures_by_kind(const struct snapshot *s)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < s->n_fails; i++) {
        const struct snap_fail *f = &s->fails[i];
        char kind[32], name[SNAP_NAME + 16];
        json_t *o = json_object();
        json_object_set_new(o, "kind", text(report_kind(f, kind)));
        json_object_set_new(o, "endpoint", text(report_endpoint(s, f, name, sizeof name)));
        json_object_set_new(o, "count", count(f->count));
        json_object_set_new(o, "sample", text(f->text));
        json_object_set_new(o, "client", json_boolean(fail_is_client((enum fail)f->fail)));
        json_object_set_new(o, "first_s", number(f->first_s, 3));
        json_object_set_new(o, "last_s", number(f->last_s, 3));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *generator(const struct snapshot *s)
{
    const struct snap_health *h = &s->health;
    json_t *o = json_object(), *warnings = json_array();
    for (uint32_t i = 0; i < h->n_warnings; i++)
        json_array_append_new(warnings, text(h->warnings[i]));
    json_object_set_new(o, "workers", json_integer(h->workers));
    json_object_set_new(o, "cpu_percent", number(report_cpu_percent(s), 1));
    json_object_set_new(o, "ring_lost", count(h->ring_lost));
    json_object_set_new(o, "loop_delay_ms_p99", number(h->lag_p99_run_ms, 3));
    json_object_set_new(o, "rss_bytes", count(h->rss_bytes));
    json_object_set_new(o, "warnings", warnings);
    return o;
}

static json_t *marks(const struct snapshot *s)
{
    static const char *const kinds[] = {"user", "load", "profile", "alert", "gap"};
    json_t *list = json_array();
    for (uint32_t i = 0; i < s->n_marks; i++) {
        const struct snap_mark *m = &s->marks[i];
        const char letter[2] = {m->letter, '\0'};
        json_t *o = json_object();
        json_object_set_new(o, "at_s", number(m->at_s, 3));
        json_object_set_new(
            o, "kind", json_string(m->kind < sizeof kinds / sizeof *kinds ? kinds[m->kind] : ""));
        json_object_set_new(o, "letter", text(letter));
        json_object_set_new(o, "text", text(m->text));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *run_part(const struct snapshot *s)
{
    json_t *o = json_object();
    json_object_set_new(o, "schema", json_string("ramptop-summary/1"));
    json_object_set_new(o, "version", json_string(PACKAGE_VERSION));
    json_object_set_new(o, "target", text(s->run.target));
    json_object_set_new(o, "profile", text(s->run.profile));
    json_object_set_new(o, "level", text_or_null(s->run.level));
    json_object_set_new(o, "insecure", json_boolean(s->run.insecure));
    json_object_set_new(o, "http2", json_boolean(s->run.http2));
    json_object_set_new(o, "started_unix_s", number(s->started_wall_s, 3));
    json_object_set_new(o, "duration_s", number(s->elapsed_s, 3));
    json_object_set_new(o, "end_reason", text(s->run.end_reason));
    json_object_set_new(o, "users_peak", json_integer(s->users_peak));
    return o;
}

char *report_json(const struct snapshot *s)
{
    json_t *o = run_part(s);
    json_object_set_new(o, "requests", count(s->finished));
    json_object_set_new(o, "failures", count(s->failures));
    json_object_set_new(o, "client_failures", count(s->client_failures));
    json_object_set_new(o, "aborted", count(s->aborted));
    json_object_set_new(o, "connections", count(s->connections));
    json_object_set_new(o, "bytes_in", count(s->bytes_in));
    json_object_set_new(o, "bytes_out", count(s->bytes_out));
    json_object_set_new(o, "rps", number(report_rate(s, s->finished), 2));
    json_object_set_new(o, "latency_ms", latency_ms(&s->total));
    json_object_set_new(o, "endpoints", endpoints(s));
    json_object_set_new(o, "failures_by_kind", failures_by_kind(s));
    json_object_set_new(o, "generator", generator(s));
    json_object_set_new(o, "marks", marks(s));
    /* 12 digits hold every rounded figure and none of binary's crumbs. */
    char *dumped = json_dumps(o, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    char *out = mem_printf("%s\n", dumped != NULL ? dumped : "{}");
    free(dumped);
    json_decref(o);
    return out;
}
