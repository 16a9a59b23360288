/* SPDX-License-Identifier: MIT */
#include "src/stats/aggregate.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/base/num.h"
#include "src/stats/bursts.h"
#include "src/stats/failures.h"
#include "src/stats/health.h"
#include "src/stats/marks.h"
#include "src/stats/distribution.h"

#define REACH_S (24 * 3600u)    /* a stop that is told late reaches no further back */
#define ALERTS 16               /* not yet taken */
#define STATUS_ALERTS 8         /* a target that makes up statuses must not fill the marks */
#define WHOLE_NS (NS_PER_S / 2) /* a second with less than this is no point: its rate is noise */

/* An endpoint over all seconds. */
struct endpoint_total {
    bool used;
    uint64_t requests, failures, client_failures;
    uint64_t bytes_in, bytes_out;
    struct latencies total, window;
    struct statuses statuses;
    uint64_t window_requests, window_failures;
};

struct aggregate {
    enum snap_window window;
    bool stale;    /* a second was booked since the snapshot was last filled */
    uint32_t next; /* the second after the newest booked one */
    uint64_t last_done_ns, last_heard_ns; /* since the start */
    struct gauges_now now;                /* the newest second's that had any */

    struct timeline *timeline;
    struct timeline_point run;       /* sums over all seconds */
    struct timeline_point in_window; /* and over those in the window */
    uint32_t window_first;           /* the oldest second merged into the window histograms */
    struct endpoint_total endpoints[SNAP_ENDPOINTS];
    /* All endpoints together; `second` is scratch. */
    struct latencies total, window_latencies, second;

    /* The points of a snapshot before its newest seconds. */
    uint32_t n_past, past_s, past_end; /* width of a point; the second after the newest */
    struct snap_point past[SNAP_PAST];

    struct failures *failures;
    struct bursts *bursts;
    struct health *health;
    struct marks marks;

    bool kind_seen[FAIL_KINDS];
    unsigned n_statuses;
    uint16_t statuses[STATUS_ALERTS];
    unsigned n_alerts, first_alert;
    struct aggregate_alert alerts[ALERTS];
};

struct aggregate *aggregate_create(enum snap_window w)
{
    struct aggregate *a = mem_zalloc(sizeof *a);
    a->window = w;
    a->past_s = TIMELINE_MIDDLE_S;
    a->timeline = timeline_create(NULL);
    a->failures = failures_create();
    a->bursts = bursts_create();
    a->health = health_create();
    return a;
}

void aggregate_destroy(struct aggregate *a)
{
    if (a == NULL)
        return;
    for (unsigned e = 0; e < SNAP_ENDPOINTS; e++) {
        latencies_finish(&a->endpoints[e].total);
        latencies_finish(&a->endpoints[e].window);
    }
    latencies_finish(&a->total);
    latencies_finish(&a->window_latencies);
    latencies_finish(&a->second);
    timeline_destroy(a->timeline);
    failures_destroy(a->failures);
    bursts_destroy(a->bursts);
    health_destroy(a->health);
    free(a);
}

const struct timeline *aggregate_timeline(const struct aggregate *a)
{
    return a->timeline;
}

const struct gauges_now *aggregate_now(const struct aggregate *a)
{
    return &a->now;
}

void aggregate_burst(const struct aggregate *a, const struct second *open, uint16_t number,
                     struct burst_figures *out)
{
    bursts_figures(a->bursts, open, number, out);
}

void aggregate_mark(struct aggregate *a, const struct snap_mark *m)
{
    marks_put(&a->marks, m);
}

void aggregate_health(struct aggregate *a, const struct second_health *h)
{
    health_add(a->health, h);
}

/* ----------------------------------------------------------------------- alerts */

static bool is_status_seen(const struct aggregate *a, uint16_t status)
{
    for (unsigned i = 0; i < a->n_statuses; i++)
        if (a->statuses[i] == status)
            return true;
    return a->n_statuses == STATUS_ALERTS;
}

/* Whether a failure of the same kind came before, within the second. */
static bool has_earlier_fail(const struct second *s, const struct second_fail *f)
{
    for (uint32_t i = 0; i < s->n_fails; i++) {
        const struct second_fail *other = &s->fails[i];
        if (other->fail == f->fail && other->status == f->status && other->count > 0 &&
            other->first_ns < f->first_ns)
            return true;
    }
    return false;
}

static void alert_fail(struct aggregate *a, const struct second *s, const struct second_fail *f)
{
    bool is_status = f->fail == FAIL_STATUS;
    if (f->count == 0 || (is_status ? is_status_seen(a, f->status) : a->kind_seen[f->fail]) ||
        has_earlier_fail(s, f))
        return;
    a->kind_seen[f->fail] = true;
    if (a->n_alerts == ALERTS)
        return;
    if (is_status)
        a->statuses[a->n_statuses++] = f->status;
    a->alerts[(a->first_alert + a->n_alerts++) % ALERTS] =
        (struct aggregate_alert){.at_s = (double)f->first_ns / 1e9,
                                 .endpoint = f->endpoint,
                                 .status = f->status,
                                 .fail = f->fail};
}

void aggregate_alert(struct aggregate *a, const struct second *s)
{
    for (uint32_t i = 0; i < s->n_fails; i++)
        alert_fail(a, s, &s->fails[i]);
}

bool aggregate_take_alert(struct aggregate *a, struct aggregate_alert *out)
{
    if (a->n_alerts == 0)
        return false;
    *out = a->alerts[a->first_alert];
    a->first_alert = (a->first_alert + 1) % ALERTS;
    a->n_alerts--;
    return true;
}

/* ------------------------------------------------------------------ the window */

static uint32_t window_seconds(const struct aggregate *a)
{
    static const uint32_t seconds[SNAP_WINDOWS] = {[SNAP_1S] = 1, [SNAP_10S] = 10, [SNAP_60S] = 60};
    return seconds[a->window];
}

static void window_add(struct aggregate *a, const struct timeline_slot *slot)
{
    for (uint32_t i = 0; i < slot->n_shares; i++) {
        const struct timeline_share *p = &slot->shares[i];
        struct endpoint_total *t = &a->endpoints[p->endpoint];
        latencies_merge_packed(&t->window, &p->latencies);
        latencies_merge_packed(&a->window_latencies, &p->latencies);
        t->window_requests += p->requests;
        t->window_failures += p->failures;
    }
}

static void window_subtract(struct aggregate *a, const struct timeline_slot *slot)
{
    for (uint32_t i = 0; i < slot->n_shares; i++) {
        const struct timeline_share *p = &slot->shares[i];
        struct endpoint_total *t = &a->endpoints[p->endpoint];
        latencies_subtract_packed(&t->window, &p->latencies);
        latencies_subtract_packed(&a->window_latencies, &p->latencies);
        latencies_tighten(&t->window);
        t->window_requests -= p->requests;
        t->window_failures -= p->failures;
    }
    latencies_tighten(&a->window_latencies);
}

/* After a subtraction min and max are known to the bucket only; the seconds know them exactly. */
static void window_exact_bounds(struct aggregate *a)
{
    for (unsigned e = 0; e < SNAP_ENDPOINTS; e++)
        latencies_forget_bounds(&a->endpoints[e].window);
    latencies_forget_bounds(&a->window_latencies);
    for (uint32_t s = a->window_first; s < a->next; s++) {
        const struct timeline_slot *slot = timeline_second(a->timeline, s);
        for (uint32_t i = 0; slot != NULL && i < slot->n_shares; i++) {
            const struct timeline_share *p = &slot->shares[i];
            latencies_widen_bounds(&a->endpoints[p->endpoint].window, &p->latencies);
            latencies_widen_bounds(&a->window_latencies, &p->latencies);
        }
    }
}

/* Takes the newest second in and those out that are too old; the second after the newest one
 * was `before` until now. */
static void window_slide(struct aggregate *a, uint32_t before)
{
    uint32_t width = window_seconds(a), first = a->next > width ? a->next - width : 0;

    if (a->window == SNAP_ALL)
        return;
    const struct timeline_slot *slot = timeline_second(a->timeline, a->next - 1);
    if (slot != NULL)
        window_add(a, slot);
    for (uint32_t s = a->window_first; s < first && s < before; s++) {
        slot = timeline_second(a->timeline, s);
        if (slot != NULL)
            window_subtract(a, slot);
    }
    a->window_first = first;
    window_exact_bounds(a);
}

void aggregate_set_window(struct aggregate *a, enum snap_window w)
{
    if (w == a->window || (unsigned)w >= SNAP_WINDOWS)
        return;
    a->window = w;
    a->stale = true;
    for (unsigned e = 0; e < SNAP_ENDPOINTS; e++) {
        struct endpoint_total *t = &a->endpoints[e];
        t->window_requests = t->window_failures = 0;
        latencies_clear(&t->window);
    }
    latencies_clear(&a->window_latencies);
    if (w == SNAP_ALL)
        return;
    uint32_t width = window_seconds(a);
    a->window_first = a->next > width ? a->next - width : 0;
    for (uint32_t s = a->window_first; s < a->next; s++) {
        const struct timeline_slot *slot = timeline_second(a->timeline, s);
        if (slot != NULL)
            window_add(a, slot);
    }
}

/* --------------------------------------------------------------- booking a second */

static void book_endpoint(struct aggregate *a, const struct second_endpoint *e,
                          struct timeline_share *share)
{
    struct endpoint_total *t = &a->endpoints[e->endpoint];
    *share = (struct timeline_share){
        .endpoint = e->endpoint,
        .requests = e->requests,
        .failures = e->failures,
        .client_failures = e->client_failures,
        .bytes_in = e->bytes_in,
        .bytes_out = e->bytes_out,
    };
    latencies_packed_merge(&share->latencies, second_latency(e));
    latencies_merge_packed(&t->total, &share->latencies);
    latencies_merge_packed(&a->second, &share->latencies);
    statuses_add(&t->statuses, &e->statuses);
    t->used = true;
    t->requests += e->requests;
    t->failures += e->failures;
    t->client_failures += e->client_failures;
    t->bytes_in += e->bytes_in;
    t->bytes_out += e->bytes_out;
}

static void sum_endpoints(const struct second *s, struct timeline_point *p)
{
    for (uint32_t i = 0; i < s->n_endpoints; i++) {
        const struct second_endpoint *e = &s->endpoints[i];
        p->requests += e->requests;
        p->failures += e->failures;
        p->client_failures += e->client_failures;
        p->bytes_in += e->bytes_in;
        p->bytes_out += e->bytes_out;
        p->timeouts += e->timeouts;
        p->connections += e->connections;
        p->connected += e->phases[PHASE_CONNECT].count;
        p->connect_sum_us += e->phases[PHASE_CONNECT].sum_us;
        p->tls_sum_us += e->phases[PHASE_TLS].sum_us;
        p->answered += e->phases[PHASE_FIRST_BYTE].count;
        p->first_byte_sum_us += e->phases[PHASE_FIRST_BYTE].sum_us;
    }
}

static void book_times(struct aggregate *a, const struct second *s, struct timeline_point *p)
{
    p->second = s->number;
    p->seconds = 1;
    p->covered_ns = s->length_ns - s->gap_ns;
    p->cut_short = s->cut_short;
    if (s->has_now)
        a->now = s->now;
    p->users = a->now.users;
    p->users_wanted = a->now.users_wanted;
    p->in_flight = a->now.in_flight;
    a->last_done_ns = s->last_done_ns;
    a->last_heard_ns = s->last_heard_ns;
}

/* Seconds that were booked before it was known that the program had been stopped in them. */
static void book_gap(struct aggregate *a, const struct second_gap *gap)
{
    uint64_t first = gap->from_ns / NS_PER_S;
    if (first + REACH_S < a->next)
        first = a->next - REACH_S;
    for (uint64_t s = first; s < a->next && s * NS_PER_S < gap->to_ns; s++) {
        uint64_t from = s * NS_PER_S, to = from + NS_PER_S;
        from = from > gap->from_ns ? from : gap->from_ns;
        to = to < gap->to_ns ? to : gap->to_ns;
        if (from < to)
            a->run.covered_ns -= timeline_take_off(a->timeline, (uint32_t)s, to - from);
    }
}

static void book_fails(struct aggregate *a, const struct second *s, uint32_t before)
{
    failures_open_seconds(a->failures, before, s->number);
    for (uint32_t i = 0; i < s->n_fails; i++)
        failures_add(a->failures, &s->fails[i], s->number);
    aggregate_alert(a, s);
}

static void book_latencies(struct aggregate *a, const struct second *s, struct timeline_slot *slot)
{
    latencies_clear(&a->second);
    slot->n_shares = s->n_endpoints;
    slot->shares = s->n_endpoints > 0 ? mem_array(s->n_endpoints, sizeof *slot->shares) : NULL;
    for (uint32_t i = 0; i < s->n_endpoints; i++)
        book_endpoint(a, &s->endpoints[i], &slot->shares[i]);
    timeline_set_latencies(&slot->point, &a->second);
    latencies_merge(&a->total, &a->second);
}

static double per_s(uint64_t n, uint64_t ns)
{
    return ns > 0 ? (double)n * 1e9 / (double)ns : 0;
}

static void set_snap_point(const struct timeline_point *p, struct snap_point *out)
{
    *out = (struct snap_point){
        .second = p->second,
        .seconds = p->seconds,
        .gap = p->covered_ns < p->seconds * WHOLE_NS,
        .idle = p->requests == 0,
        .no_latency = p->succeeded == 0,
        .silent = p->requests == p->timeouts,
        .users = p->users,
        .users_wanted = p->users_wanted,
        .in_flight = p->in_flight,
    };
    if (out->gap)
        return;
    out->rps = (float)per_s(p->requests, p->covered_ns);
    out->fails_per_s = (float)per_s(p->failures, p->covered_ns);
    out->p50_us = p->p50_us;
    out->p95_us = p->p95_us;
    out->p99_us = p->p99_us;
    out->max_us = p->max_us;
}

/* The histograms of the next past_s seconds are merged: percentiles are never averaged. */
static void add_past(struct aggregate *a)
{
    struct timeline_point sum;
    uint32_t end = a->past_end + a->past_s;
    latencies_clear(&a->second);
    if (timeline_merge(a->timeline, a->past_end, end, TIMELINE_ALL, &a->second, &sum)) {
        set_snap_point(&sum, &a->past[a->n_past++]);
        /* A slot of the timeline may be wider, when there are very many endpoints. */
        if (sum.second + sum.seconds > end)
            end = sum.second + sum.seconds;
    }
    a->past_end = end;
}

/* Widths are those of the timeline's slots, so that no range cuts into one. */
static void widen_past(struct aggregate *a, uint32_t from)
{
    while (from / a->past_s >= SNAP_PAST)
        a->past_s = a->past_s < TIMELINE_COARSE_S ? TIMELINE_COARSE_S : 2 * a->past_s;
    a->n_past = a->past_end = 0;
}

static void extend_past(struct aggregate *a)
{
    uint32_t from = a->next > SNAP_POINTS ? a->next - SNAP_POINTS : 0;
    if (from / a->past_s >= SNAP_PAST)
        widen_past(a, from);
    while (a->past_end < from && (uint64_t)a->past_end + a->past_s <= a->next)
        add_past(a);
}

bool aggregate_add(struct aggregate *a, const struct second *s)
{
    struct timeline_slot slot = {0};
    uint32_t before = a->next;

    if (s->number < before || s->number == UINT32_MAX)
        return false;
    for (uint32_t i = 0; i < s->n_gaps; i++)
        book_gap(a, &s->gaps[i]);
    book_times(a, s, &slot.point);
    sum_endpoints(s, &slot.point);
    book_latencies(a, s, &slot);
    timeline_add_sums(&a->run, &slot.point);
    timeline_add(a->timeline, &slot);
    a->next = s->number + 1;
    book_fails(a, s, before);
    window_slide(a, before);
    extend_past(a);
    for (uint32_t i = 0; i < s->n_bursts; i++)
        bursts_add(a->bursts, &s->bursts[i]);
    for (uint32_t i = 0; i < s->n_marks; i++)
        marks_put(&a->marks, &s->marks[i]);
    health_add(a->health, &s->health);
    a->stale = true;
    return true;
}

void aggregate_book(const struct second *s, void *arg)
{
    aggregate_add(arg, s);
}

/* ------------------------------------------------------------- into the snapshot */

static double mean_of(uint64_t sum, uint64_t n)
{
    return n > 0 ? (double)sum / (double)n : 0;
}

static void fill_window(struct aggregate *a, struct snapshot *snap)
{
    struct timeline_point *w = &a->in_window;
    struct timeline_point points[60];

    *w = a->run;
    if (a->window != SNAP_ALL) {
        size_t n = timeline_points(a->timeline, a->window_first, a->next, points, 60);
        memset(w, 0, sizeof *w);
        for (size_t i = 0; i < n; i++)
            timeline_add_sums(w, &points[i]);
    } else {
        w->covered_ns -= a->now.left_out_ns < w->covered_ns ? a->now.left_out_ns : w->covered_ns;
    }
    snap->window_s = (double)w->covered_ns / 1e9;
    snap->rps = per_s(w->requests, w->covered_ns);
    snap->fails_per_s = per_s(w->failures, w->covered_ns);
    snap->fail_percent = 100 * mean_of(w->failures, w->requests);
    snap->bytes_in_per_s = per_s(w->bytes_in, w->covered_ns);
    snap->connect_us = mean_of(w->connect_sum_us, w->connected);
    snap->tls_us = mean_of(w->tls_sum_us, w->connected);
    snap->first_byte_us = mean_of(w->first_byte_sum_us, w->answered);
    const struct latencies *h = a->window == SNAP_ALL ? &a->total : &a->window_latencies;
    distribution_percentiles(&h->ok, &snap->window);
    distribution_percentiles(&h->failed, &snap->window_failed);
    distribution_fill(&h->ok, &snap->distribution_window);
    distribution_percentiles(&a->total.ok, &snap->total);
    distribution_percentiles(&a->total.failed, &snap->total_failed);
    distribution_fill(&a->total.ok, &snap->distribution_total);
}

static void fill_points(const struct aggregate *a, struct snapshot *snap)
{
    struct timeline_point points[SNAP_POINTS];
    uint32_t from = a->next > SNAP_POINTS ? a->next - SNAP_POINTS : 0;
    size_t n = timeline_points(a->timeline, from, a->next, points, SNAP_POINTS);

    snap->n_points = 0;
    for (size_t i = 0; i < n; i++)
        if (!points[i].cut_short || points[i].covered_ns >= WHOLE_NS)
            set_snap_point(&points[i], &snap->points[snap->n_points++]);
    snap->n_past = a->n_past;
    memcpy(snap->past, a->past, a->n_past * sizeof *a->past);
}

static void fill_endpoint(const struct endpoint_total *t, struct snap_endpoint *out)
{
    out->requests = t->requests;
    out->failures = t->failures;
    out->client_failures = t->client_failures;
    out->bytes_in = t->bytes_in;
    out->bytes_out = t->bytes_out;
    out->statuses = t->statuses;
}

static void add_open_endpoint(const struct second_endpoint *e, struct snap_endpoint *out)
{
    out->requests += e->requests;
    out->failures += e->failures;
    out->client_failures += e->client_failures;
    out->bytes_in += e->bytes_in;
    out->bytes_out += e->bytes_out;
    statuses_add(&out->statuses, &e->statuses);
}

static void fill_endpoint_latency(const struct aggregate *a, unsigned e, struct snap_endpoint *out)
{
    const struct endpoint_total *t = &a->endpoints[e];
    bool all = a->window == SNAP_ALL;
    if (!t->used)
        return;
    out->rps = per_s(all ? t->requests : t->window_requests, a->in_window.covered_ns);
    out->fails_per_s = per_s(all ? t->failures : t->window_failures, a->in_window.covered_ns);
    const struct latencies *window = all ? &t->total : &t->window;
    distribution_percentiles(&t->total.ok, &out->total);
    distribution_percentiles(&t->total.failed, &out->total_failed);
    distribution_percentiles(&window->ok, &out->window);
    distribution_percentiles(&window->failed, &out->window_failed);
}

static void fill_totals(const struct aggregate *a, const struct second *open, struct snapshot *snap)
{
    struct timeline_point sum = a->run, now = {0};
    sum_endpoints(open, &now);
    timeline_add_sums(&sum, &now);
    snap->last_done_s = (double)num_max(a->last_done_ns, open->last_done_ns) / 1e9;
    snap->last_heard_s = (double)num_max(a->last_heard_ns, open->last_heard_ns) / 1e9;
    snap->finished = sum.requests;
    snap->failures = sum.failures;
    snap->client_failures = sum.client_failures;
    snap->bytes_in = sum.bytes_in;
    snap->bytes_out = sum.bytes_out;
    snap->connections = sum.connections;
    for (unsigned e = 0; e < SNAP_ENDPOINTS; e++)
        fill_endpoint(&a->endpoints[e], &snap->endpoints[e]);
    for (uint32_t i = 0; i < open->n_endpoints; i++)
        add_open_endpoint(&open->endpoints[i], &snap->endpoints[open->endpoints[i].endpoint]);
    snap->statuses = (struct statuses){0};
    for (unsigned e = 0; e < SNAP_ENDPOINTS; e++) {
        statuses_sort(&snap->endpoints[e].statuses);
        statuses_add(&snap->statuses, &snap->endpoints[e].statuses);
    }
    statuses_sort(&snap->statuses);
}

void aggregate_fill(struct aggregate *a, const struct second *open, struct snapshot *snap)
{
    static const struct second nothing;
    if (open == NULL)
        open = &nothing;
    fill_totals(a, open, snap);
    if (a->stale) {
        fill_window(a, snap);
        fill_points(a, snap);
        for (unsigned e = 0; e < SNAP_ENDPOINTS; e++)
            fill_endpoint_latency(a, e, &snap->endpoints[e]);
        a->stale = false;
    }
    failures_fill(a->failures, open, snap, a->window == SNAP_ALL ? -1 : (int64_t)a->window_first,
                  a->next);
    marks_fill(&a->marks, snap);
    health_fill(a->health, snap);
}
