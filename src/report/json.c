/* SPDX-License-Identifier: MIT */
#include "src/report/report.h"

#include <jansson.h>
#include <math.h>

#include "config.h"
#include "src/report/json_value.h"
#include "src/report/probes_json.h"
#include "src/stats/snapshot_words.h"

static json_t *endpoints(const struct snapshot *s)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < s->n_endpoints; i++) {
        const struct snap_endpoint *e = &s->endpoints[i];
        json_t *o = json_object();
        json_object_set_new(o, "name", jv_text(e->name));
        json_object_set_new(o, "method", jv_text(e->method));
        json_object_set_new(o, "requests", jv_count(e->requests));
        json_object_set_new(o, "failures", jv_count(e->failures));
        json_object_set_new(o, "client_failures", jv_count(e->client_failures));
        json_object_set_new(o, "rps", jv_number(report_rate(s, e->requests), 2));
        json_object_set_new(o, "bytes_in", jv_count(e->bytes_in));
        json_object_set_new(o, "bytes_out", jv_count(e->bytes_out));
        json_object_set_new(o, "statuses", jv_statuses(&e->statuses));
        json_object_set_new(o, "latency_ms", jv_latency(&e->total));
        json_object_set_new(o, "failure_latency_ms", jv_latency(&e->total_failed));
        json_array_append_new(list, o);
    }
    return list;
}

/* How many of each kind, over all endpoints. */
static json_t *json_not_sent(const struct snapshot *s)
{
    json_t *o = json_object(), *kinds = json_array();
    for (unsigned kind = 0; kind < FAIL_KINDS; kind++) {
        uint64_t n = 0;
        for (uint32_t i = 0; i < s->n_fails; i++)
            n += s->fails[i].fail == kind ? s->fails[i].count : 0;
        if (n == 0 || !fail_is_client((enum fail)kind))
            continue;
        json_t *k = json_object();
        json_object_set_new(k, "kind", json_string(fail_word((enum fail)kind)));
        json_object_set_new(k, "count", jv_count(n));
        json_object_set_new(k, "remedy", json_string(fail_explain((enum fail)kind)));
        json_array_append_new(kinds, k);
    }
    json_object_set_new(o, "count", jv_count(s->client_failures));
    json_object_set_new(o, "kinds", kinds);
    return o;
}

static json_t *failures_by_kind(const struct snapshot *s)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < s->n_fails; i++) {
        const struct snap_fail *f = &s->fails[i];
        char kind[32], name[SNAP_TITLE];
        json_t *o = json_object();
        json_object_set_new(o, "kind", jv_text(snap_fail_word(f, kind, sizeof kind)));
        json_object_set_new(o, "endpoint", jv_text(snap_fail_endpoint(s, f, name, sizeof name)));
        json_object_set_new(o, "count", jv_count(f->count));
        json_object_set_new(o, "sample", jv_text(f->text));
        json_object_set_new(o, "client", json_boolean(fail_is_client((enum fail)f->fail)));
        json_object_set_new(o, "first_s", jv_number(f->first_s, 3));
        json_object_set_new(o, "last_s", jv_number(f->last_s, 3));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *generator(const struct snapshot *s)
{
    const struct snap_health *h = &s->health;
    json_t *o = json_object(), *warnings = json_array();
    for (uint32_t i = 0; i < h->n_warnings; i++)
        json_array_append_new(warnings, jv_text(h->warnings[i]));
    json_object_set_new(o, "workers", json_integer(h->workers));
    json_object_set_new(o, "cpu_percent", jv_number(report_cpu_percent(s), 1));
    json_object_set_new(o, "ring_lost", jv_count(h->ring_lost));
    json_object_set_new(o, "loop_delay_ms_p99", jv_number(h->lag_p99_run_ms, 3));
    json_object_set_new(o, "rss_bytes", jv_count(h->rss_bytes));
    json_object_set_new(o, "warnings", warnings);
    return o;
}

static json_t *marks(const struct snapshot *s)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < s->n_marks; i++) {
        const struct snap_mark *m = &s->marks[i];
        const char letter[2] = {m->letter, '\0'};
        json_t *o = json_object();
        json_object_set_new(o, "at_s", jv_number(m->at_s, 3));
        json_object_set_new(o, "kind",
                            json_string(m->kind < SNAP_MARK_KINDS ? snap_mark_words[m->kind] : ""));
        json_object_set_new(o, "letter", jv_text(letter));
        json_object_set_new(o, "text", jv_text(m->text));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *bursts(const struct snapshot *s)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < s->n_bursts; i++) {
        const struct snap_burst *b = &s->bursts[i];
        json_t *o = json_object();
        json_object_set_new(o, "burst", json_integer(b->number));
        json_object_set_new(o, "of", json_integer(b->of));
        json_object_set_new(o, "at_s", jv_number(b->at_s, 3));
        json_object_set_new(o, "users", json_integer(b->users));
        json_object_set_new(o, "not_ready", json_integer(b->missing));
        json_object_set_new(o, "requests", jv_count(b->requests));
        json_object_set_new(o, "failures", jv_count(b->failures));
        json_object_set_new(o, "success", jv_number(b->success, 4));
        json_object_set_new(o, "mean_ms", jv_ms(&b->latency, b->latency.mean_us));
        json_object_set_new(o, "p50_ms", jv_ms(&b->latency, (double)b->latency.p50_us));
        json_object_set_new(o, "p95_ms", jv_ms(&b->latency, (double)b->latency.p95_us));
        json_object_set_new(o, "p99_ms", jv_ms(&b->latency, (double)b->latency.p99_us));
        json_object_set_new(o, "max_ms", jv_ms(&b->latency, (double)b->latency.max_us));
        json_object_set_new(o, "failure_latency_ms", jv_latency(&b->failed));
        json_object_set_new(o, "verdict", jv_text(b->verdict));
        json_array_append_new(list, o);
    }
    return list;
}

/* When the latency was beyond what is wanted or usual, and under which load that began. */
static json_t *breaks(const struct snapshot *s)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < s->n_breaches && i < SNAP_BREACHES; i++) {
        const struct snap_breach *f = &s->breaches[i];
        json_t *o = json_object();
        json_object_set_new(o, "from_s", jv_number(f->from_s, 3));
        json_object_set_new(o, "to_s", jv_number(f->to_s, 3)); /* null: until the end */
        json_object_set_new(o, "percentile", json_integer(f->percentile));
        json_object_set_new(o, "bound_ms", jv_number((double)f->us / 1e3, 3));
        json_object_set_new(o, "wanted", json_boolean(f->wanted));
        json_object_set_new(o, "usual_ms",
                            jv_number(f->usual_us > 0 ? (double)f->usual_us / 1e3 : NAN, 3));
        json_object_set_new(o, "users", json_integer(f->users));
        json_object_set_new(o, "rps", jv_number(f->rps, 2));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *addresses(const struct snapshot *s)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < s->n_addresses; i++) {
        const struct snap_address *a = &s->addresses[i];
        json_t *o = json_object();
        json_object_set_new(o, "name", jv_text(a->name));
        json_object_set_new(o, "address", jv_text(a->address));
        json_object_set_new(o, "tries", jv_count(a->tries));
        json_object_set_new(o, "connections", jv_count(a->connections));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *run_part(const struct snapshot *s)
{
    json_t *o = json_object();
    json_object_set_new(o, "schema", json_string("ramptop-summary/1"));
    json_object_set_new(o, "version", json_string(PACKAGE_VERSION));
    json_object_set_new(o, "target", jv_text(s->run.target));
    json_object_set_new(o, "profile", jv_text(s->run.profile));
    json_object_set_new(o, "level", jv_text_or_null(s->run.level));
    json_object_set_new(o, "insecure", json_boolean(s->run.insecure));
    json_object_set_new(o, "http2", json_boolean(s->run.http2));
    json_object_set_new(o, "started_unix_s", jv_number(s->started_wall_s, 3));
    json_object_set_new(o, "duration_s", jv_number(s->elapsed_s, 3));
    json_object_set_new(o, "load_s", jv_number(s->load_s, 3));
    json_object_set_new(o, "drain_s", jv_number(s->drain_s, 3));
    json_object_set_new(o, "stopped_s", jv_number(s->stopped_s, 3));
    json_object_set_new(o, "rate_s", jv_number(s->rate_s, 3));
    json_object_set_new(o, "grace_s", jv_number(s->run.grace_s, 3));
    json_object_set_new(o, "end_reason", jv_text(s->run.end_reason));
    json_object_set_new(o, "users_peak", json_integer(s->users_peak));
    return o;
}

char *report_json(const struct snapshot *s, const struct probe_snapshot *b)
{
    json_t *o = run_part(s);
    json_object_set_new(o, "requests", jv_count(s->finished));
    json_object_set_new(o, "failures", jv_count(s->failures));
    json_object_set_new(o, "client_failures", jv_count(s->client_failures));
    json_object_set_new(o, "not_sent", json_not_sent(s));
    json_object_set_new(o, "started", jv_count(s->started));
    json_object_set_new(o, "aborted", jv_count(s->aborted));
    json_object_set_new(o, "given_up", jv_count(s->given_up));
    json_object_set_new(o, "given_up_longest_s", jv_number(s->given_up_s, 3));
    json_object_set_new(o, "sent_again", jv_count(s->sent_again));
    json_object_set_new(o, "on_stop_cut_short", json_integer(s->cut_short));
    json_object_set_new(o, "connections", jv_count(s->connections));
    json_object_set_new(o, "addresses", addresses(s));
    json_object_set_new(o, "bytes_in", jv_count(s->bytes_in));
    json_object_set_new(o, "bytes_out", jv_count(s->bytes_out));
    json_object_set_new(o, "rps", jv_number(report_rate(s, s->finished), 2));
    json_object_set_new(o, "statuses", jv_statuses(&s->statuses));
    json_object_set_new(o, "latency_ms", jv_latency(&s->total));
    json_object_set_new(o, "failure_latency_ms", jv_latency(&s->total_failed));
    json_object_set_new(o, "endpoints", endpoints(s));
    json_object_set_new(o, "failures_by_kind", failures_by_kind(s));
    json_object_set_new(o, "generator", generator(s));
    json_object_set_new(o, "marks", marks(s));
    json_object_set_new(o, "marks_dropped", json_integer(s->marks_dropped));
    json_object_set_new(o, "bursts", bursts(s));
    json_object_set_new(o, "breaks", breaks(s));
    probes_json(o, s, b);
    return jv_finish(o);
}
