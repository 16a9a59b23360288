/* SPDX-License-Identifier: MIT */
#include "src/stats/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/stats/collect.h"
#include "src/stats/failures.h"
#include "src/stats/shape.h"

#define GAPS 16                 /* newest gaps that closing seconds must know */
#define ALERTS 16               /* not yet taken */
#define STATUS_ALERTS 8         /* a target that makes up statuses must not fill the marks */
#define WHOLE_NS (NS_PER_S / 2) /* a second with less than this is no point: its rate is noise */

/* One endpoint in one open second. */
struct tally {
    bool used; /* it had a sample */
    struct latencies latencies;
    struct statuses statuses;
    uint64_t requests, failures, client_failures;
    uint64_t bytes_in, bytes_out;
};

struct open_second {
    struct timeline_point sums;
    struct tally tallies[SNAP_ENDPOINTS];
};

/* One endpoint over the closed seconds. */
struct account {
    bool used;
    uint64_t requests, failures, client_failures;
    uint64_t bytes_in, bytes_out;
    struct latencies total, window;
    struct statuses statuses;
    uint64_t window_requests, window_failures;
};

struct ledger {
    uint64_t start_ns;
    uint64_t last_done_ns, last_heard_ns;
    uint64_t left_out_ns; /* of all time, by rates over the run */
    enum snap_window window;
    bool finished;
    bool stale; /* a second was closed since the closed figures were last filled */

    uint32_t first_open; /* seconds first_open .. first_open + LEDGER_OPEN - 1 are open */
    struct open_second open[LEDGER_OPEN];
    unsigned n_spare;
    struct hist spare[SNAP_ENDPOINTS * LEDGER_OPEN * 2]; /* cleared histograms to use again */

    struct timeline *timeline;
    struct timeline_point run;       /* sums over all closed seconds */
    uint64_t closed_ns;              /* their length, with the time in which we were stopped */
    struct timeline_point in_window; /* and over those in the window */
    uint32_t window_first;           /* the oldest second merged into the window histograms */
    struct account accounts[SNAP_ENDPOINTS];
    /* Of all endpoints; `second` is scratch. */
    struct latencies total, window_latencies, second;

    struct failures *failures;
    struct {
        uint64_t from_ns, to_ns;
    } gaps[GAPS];
    unsigned n_gaps; /* ever */

    bool kind_seen[FAIL_KINDS];
    unsigned n_statuses;
    uint16_t statuses[STATUS_ALERTS];
    unsigned n_alerts, first_alert;
    struct ledger_alert alerts[ALERTS];
};

static struct open_second *open_at(struct ledger *l, uint32_t second)
{
    return &l->open[second % LEDGER_OPEN];
}

struct ledger *ledger_create(uint64_t start_ns, enum snap_window w)
{
    struct ledger *l = mem_zalloc(sizeof *l);
    l->start_ns = start_ns;
    l->window = w;
    l->timeline = timeline_create(NULL);
    l->failures = failures_create();
    return l;
}

void ledger_destroy(struct ledger *l)
{
    if (l == NULL)
        return;
    for (unsigned i = 0; i < LEDGER_OPEN; i++)
        for (unsigned e = 0; e < SNAP_ENDPOINTS; e++)
            latencies_finish(&l->open[i].tallies[e].latencies);
    for (unsigned e = 0; e < SNAP_ENDPOINTS; e++) {
        latencies_finish(&l->accounts[e].total);
        latencies_finish(&l->accounts[e].window);
    }
    while (l->n_spare > 0)
        hist_finish(&l->spare[--l->n_spare]);
    latencies_finish(&l->total);
    latencies_finish(&l->window_latencies);
    latencies_finish(&l->second);
    timeline_destroy(l->timeline);
    failures_destroy(l->failures);
    free(l);
}

const struct timeline *ledger_timeline(const struct ledger *l)
{
    return l->timeline;
}

/* ------------------------------------------------------------------ one sample */

static void alert(struct ledger *l, const struct sample *s, double at_s)
{
    bool is_status = s->fail == FAIL_STATUS;
    if (l->kind_seen[s->fail] && !is_status)
        return;
    l->kind_seen[s->fail] = true;
    for (unsigned i = 0; is_status && i < l->n_statuses; i++)
        if (l->statuses[i] == s->status)
            return;
    if ((is_status && l->n_statuses == STATUS_ALERTS) || l->n_alerts == ALERTS)
        return;
    if (is_status)
        l->statuses[l->n_statuses++] = s->status;
    l->alerts[(l->first_alert + l->n_alerts++) % ALERTS] = (struct ledger_alert){
        .at_s = at_s, .endpoint = s->endpoint, .status = s->status, .fail = s->fail};
}

bool ledger_take_alert(struct ledger *l, struct ledger_alert *out)
{
    if (l->n_alerts == 0)
        return false;
    *out = l->alerts[l->first_alert];
    l->first_alert = (l->first_alert + 1) % ALERTS;
    l->n_alerts--;
    return true;
}

static void close_second(struct ledger *l, uint64_t length_ns, bool cut_short,
                         const struct ledger_moment *m);

/* The open second that a sample belongs to. */
static uint32_t second_of(struct ledger *l, uint64_t done_ns)
{
    uint64_t second = done_ns > l->start_ns ? (done_ns - l->start_ns) / NS_PER_S : 0;
    if (second < l->first_open)
        return l->first_open;
    if (second >= UINT32_MAX)
        return l->first_open + LEDGER_OPEN - 1;
    while (second >= (uint64_t)l->first_open + LEDGER_OPEN)
        close_second(l, NS_PER_S, false, NULL);
    return (uint32_t)second;
}

static void fail(struct ledger *l, struct sample *s, struct tally *t, struct timeline_point *sums,
                 uint32_t second)
{
    double at_s = s->done_ns > l->start_ns ? (double)(s->done_ns - l->start_ns) / 1e9 : 0;
    if (s->fail >= FAIL_KINDS)
        s->fail = FAIL_OTHER;
    if (fail_is_client((enum fail)s->fail)) {
        t->client_failures++;
        sums->client_failures++;
    } else {
        t->failures++;
        sums->failures++;
        sums->timeouts += s->fail == FAIL_TIMEOUT;
    }
    failures_count(l->failures, s, second, at_s);
    alert(l, s, at_s);
}

static void count_failure(struct ledger *l, const struct sample *s, struct tally *t,
                          struct timeline_point *sums, uint32_t second)
{
    struct sample failed = *s;
    if (failed.endpoint >= SNAP_ENDPOINTS)
        failed.endpoint = SNAP_ENDPOINTS - 1;
    fail(l, &failed, t, sums, second);
}

static void take_buckets(struct ledger *l, struct hist *h)
{
    if (l->n_spare > 0)
        *h = l->spare[--l->n_spare];
    else
        hist_init(h);
}

static inline void record_latency(struct ledger *l, struct hist *h, const struct sample *s)
{
    uint64_t begin_ns = (s->flags & SAMPLE_FROM_DUE) != 0 ? s->due_ns : s->sent_ns;
    if (h->buckets == NULL)
        take_buckets(l, h);
    hist_record(h, s->done_ns > begin_ns ? (s->done_ns - begin_ns) / NS_PER_US : 0);
}

static inline void count_request(struct ledger *l, struct tally *t, struct timeline_point *sums,
                                 const struct sample *s)
{
    if (s->done_ns > l->last_heard_ns && s->fail != FAIL_TIMEOUT)
        l->last_heard_ns = s->done_ns;
    t->requests++;
    t->bytes_in += s->bytes_in;
    t->bytes_out += s->bytes_out;
    sums->requests++;
    sums->bytes_in += s->bytes_in;
    sums->bytes_out += s->bytes_out;
    sums->connections += (s->flags & SAMPLE_NEW_CONNECTION) != 0;
    if (s->status != 0)
        statuses_count_one(&t->statuses, s->status);
}

/* They are parts of the latency: those of successes alone. */
static inline void add_phases(struct timeline_point *sums, const struct sample *s)
{
    if ((s->flags & SAMPLE_NEW_CONNECTION) != 0) {
        sums->connected++;
        sums->connect_sum_us += s->connect_us;
        sums->tls_sum_us += s->tls_us;
    }
    if (s->first_byte_us != 0) {
        sums->answered++;
        sums->first_byte_sum_us += s->first_byte_us;
    }
}

/* Not inlined: what it needs on the stack would be set up for each success, too. */
__attribute__((noinline, cold)) static void add_failed(struct ledger *l, const struct sample *s,
                                                       struct tally *t, struct timeline_point *sums,
                                                       uint32_t second)
{
    count_failure(l, s, t, sums, second);
    if (fail_is_client((enum fail)s->fail)) /* no request: it was not sent */
        return;
    count_request(l, t, sums, s);
    record_latency(l, &t->latencies.failed, s);
}

void ledger_add(struct ledger *l, const struct sample *s)
{
    uint32_t second = second_of(l, s->done_ns);
    struct open_second *o = open_at(l, second);
    struct tally *t = &o->tallies[s->endpoint < SNAP_ENDPOINTS ? s->endpoint : SNAP_ENDPOINTS - 1];

    if (s->done_ns > l->last_done_ns)
        l->last_done_ns = s->done_ns;
    t->used = true;
    if (s->fail != FAIL_NONE) {
        add_failed(l, s, t, &o->sums, second);
        return;
    }
    count_request(l, t, &o->sums, s);
    add_phases(&o->sums, s);
    record_latency(l, &t->latencies.ok, s);
}

void ledger_note(struct ledger *l, const struct note *n)
{
    struct note clean = *n;
    if (clean.endpoint >= SNAP_ENDPOINTS)
        clean.endpoint = SNAP_ENDPOINTS - 1;
    if (clean.fail >= FAIL_KINDS)
        clean.fail = FAIL_OTHER;
    failures_note(l->failures, &clean);
}

/* ------------------------------------------------------------------ the window */

static uint32_t window_seconds(const struct ledger *l)
{
    static const uint32_t seconds[SNAP_WINDOWS] = {[SNAP_1S] = 1, [SNAP_10S] = 10, [SNAP_60S] = 60};
    return seconds[l->window];
}

static void window_add(struct ledger *l, const struct timeline_slot *slot)
{
    for (uint32_t i = 0; i < slot->n_parts; i++) {
        const struct timeline_part *p = &slot->parts[i];
        struct account *a = &l->accounts[p->endpoint];
        latencies_merge_packed(&a->window, &p->latencies);
        latencies_merge_packed(&l->window_latencies, &p->latencies);
        a->window_requests += p->requests;
        a->window_failures += p->failures;
    }
}

static void window_subtract(struct ledger *l, const struct timeline_slot *slot)
{
    for (uint32_t i = 0; i < slot->n_parts; i++) {
        const struct timeline_part *p = &slot->parts[i];
        struct account *a = &l->accounts[p->endpoint];
        latencies_subtract_packed(&a->window, &p->latencies);
        latencies_subtract_packed(&l->window_latencies, &p->latencies);
        latencies_tighten(&a->window);
        a->window_requests -= p->requests;
        a->window_failures -= p->failures;
    }
    latencies_tighten(&l->window_latencies);
}

/* After a subtraction min and max are known to the bucket only; the seconds know them exactly. */
static void window_exact_bounds(struct ledger *l)
{
    for (unsigned e = 0; e < SNAP_ENDPOINTS; e++)
        latencies_forget_bounds(&l->accounts[e].window);
    latencies_forget_bounds(&l->window_latencies);
    for (uint32_t s = l->window_first; s < l->first_open; s++) {
        const struct timeline_slot *slot = timeline_second(l->timeline, s);
        for (uint32_t i = 0; slot != NULL && i < slot->n_parts; i++) {
            const struct timeline_part *p = &slot->parts[i];
            latencies_widen_bounds(&l->accounts[p->endpoint].window, &p->latencies);
            latencies_widen_bounds(&l->window_latencies, &p->latencies);
        }
    }
}

/* Second first_open - 1 is the newest closed one: in it comes, out go those too old. */
static void window_slide(struct ledger *l)
{
    const struct timeline_slot *slot;
    uint32_t width = window_seconds(l);

    if (l->window == SNAP_ALL)
        return;
    slot = timeline_second(l->timeline, l->first_open - 1);
    if (slot != NULL)
        window_add(l, slot);
    for (; l->window_first + width < l->first_open; l->window_first++) {
        slot = timeline_second(l->timeline, l->window_first);
        if (slot != NULL)
            window_subtract(l, slot);
    }
    window_exact_bounds(l);
}

void ledger_set_window(struct ledger *l, enum snap_window w)
{
    if (w == l->window || (unsigned)w >= SNAP_WINDOWS)
        return;
    l->window = w;
    l->stale = true;
    for (unsigned e = 0; e < SNAP_ENDPOINTS; e++) {
        struct account *a = &l->accounts[e];
        a->window_requests = a->window_failures = 0;
        latencies_clear(&a->window);
    }
    latencies_clear(&l->window_latencies);
    if (w == SNAP_ALL)
        return;
    uint32_t width = window_seconds(l);
    l->window_first = l->first_open > width ? l->first_open - width : 0;
    for (uint32_t s = l->window_first; s < l->first_open; s++) {
        const struct timeline_slot *slot = timeline_second(l->timeline, s);
        if (slot != NULL)
            window_add(l, slot);
    }
}

/* ------------------------------------------------------------- closing a second */

/* `packed` is the same; NULL: it is empty. */
static void put_aside(struct ledger *l, struct hist *h, const struct hist_sparse *packed)
{
    if (h->buckets == NULL)
        return;
    if (packed != NULL)
        hist_clear_sparse(h, packed);
    l->spare[l->n_spare++] = *h;
}

static void close_tally(struct ledger *l, uint16_t endpoint, struct tally *t,
                        struct timeline_part *part)
{
    struct account *a = &l->accounts[endpoint];
    *part = (struct timeline_part){
        .endpoint = endpoint,
        .requests = t->requests,
        .failures = t->failures,
        .client_failures = t->client_failures,
        .bytes_in = t->bytes_in,
        .bytes_out = t->bytes_out,
    };
    latencies_pack(&t->latencies, &part->latencies);
    latencies_merge_packed(&a->total, &part->latencies);
    latencies_merge_packed(&l->second, &part->latencies);
    statuses_add(&a->statuses, &t->statuses);
    a->used = true;
    a->requests += t->requests;
    a->failures += t->failures;
    a->client_failures += t->client_failures;
    a->bytes_in += t->bytes_in;
    a->bytes_out += t->bytes_out;
    put_aside(l, &t->latencies.ok, &part->latencies.ok);
    put_aside(l, &t->latencies.failed, part->latencies.failed);
    memset(t, 0, sizeof *t);
}

/* How much of [from, to) lies in the gap. */
static uint64_t overlap(uint64_t from, uint64_t to, uint64_t gap_from, uint64_t gap_to)
{
    uint64_t low = from > gap_from ? from : gap_from, high = to < gap_to ? to : gap_to;
    return high > low ? high - low : 0;
}

static uint64_t covered(const struct ledger *l, uint64_t from_ns, uint64_t length_ns)
{
    uint64_t left = length_ns;
    unsigned n = l->n_gaps < GAPS ? l->n_gaps : GAPS;
    for (unsigned i = 0; i < n; i++) {
        uint64_t out = overlap(from_ns, from_ns + length_ns, l->gaps[i].from_ns, l->gaps[i].to_ns);
        left -= out < left ? out : left;
    }
    return left;
}

static void close_parts(struct ledger *l, struct open_second *o, struct timeline_slot *slot)
{
    uint32_t n = 0;
    for (unsigned e = 0; e < SNAP_ENDPOINTS; e++)
        slot->n_parts += o->tallies[e].used;
    slot->parts = slot->n_parts > 0 ? mem_array(slot->n_parts, sizeof *slot->parts) : NULL;
    for (unsigned e = 0; e < SNAP_ENDPOINTS; e++)
        if (o->tallies[e].used)
            close_tally(l, (uint16_t)e, &o->tallies[e], &slot->parts[n++]);
}

/* Closes first_open, which lasted length_ns.  Without a moment the figures of the second before
 * go on. */
static void close_second(struct ledger *l, uint64_t length_ns, bool cut_short,
                         const struct ledger_moment *m)
{
    struct open_second *o = open_at(l, l->first_open);
    struct timeline_slot slot = {.point = o->sums};
    struct timeline_point *p = &slot.point;

    if (m != NULL) {
        l->run.users = m->users;
        l->run.users_wanted = m->users_wanted;
        l->run.in_flight = m->in_flight;
    }
    p->second = l->first_open;
    p->seconds = 1;
    p->covered_ns = covered(l, l->start_ns + l->first_open * NS_PER_S, length_ns);
    p->cut_short = cut_short;
    p->users = l->run.users;
    p->users_wanted = l->run.users_wanted;
    p->in_flight = l->run.in_flight;
    latencies_clear(&l->second);
    close_parts(l, o, &slot);
    timeline_set_latencies(p, &l->second);
    latencies_merge(&l->total, &l->second);
    timeline_add_sums(&l->run, p);
    l->closed_ns += length_ns;
    memset(&o->sums, 0, sizeof o->sums);
    timeline_add(l->timeline, &slot);
    l->first_open++;
    failures_open_second(l->failures, l->first_open + LEDGER_OPEN - 1);
    window_slide(l);
    l->stale = true;
}

bool ledger_close(struct ledger *l, uint64_t now_ns, const struct ledger_moment *m)
{
    bool any = false;
    while (!l->finished &&
           l->start_ns + (l->first_open + UINT64_C(1)) * NS_PER_S + COLLECT_GRACE_MS * NS_PER_MS <=
               now_ns) {
        close_second(l, NS_PER_S, false, m);
        any = true;
    }
    return any;
}

void ledger_finish(struct ledger *l, uint64_t now_ns, const struct ledger_moment *m)
{
    uint64_t length_ns = now_ns > l->start_ns ? now_ns - l->start_ns : 0;
    uint32_t last = (uint32_t)(length_ns / NS_PER_S);

    if (l->finished)
        return;
    while (l->first_open < last)
        close_second(l, NS_PER_S, false, m);
    /* Samples from after now_ns cannot be; if there are any they still count. */
    for (unsigned i = 1; i < LEDGER_OPEN; i++)
        if (open_at(l, l->first_open + i)->sums.requests > 0 && l->first_open + i > last)
            last = l->first_open + i;
    while (l->first_open < last)
        close_second(l, NS_PER_S, false, m);
    uint64_t rest_ns = last == length_ns / NS_PER_S ? length_ns % NS_PER_S : NS_PER_S;
    if (l->first_open == last && (rest_ns > 0 || open_at(l, last)->sums.requests > 0))
        close_second(l, rest_ns, true, m);
    l->finished = true;
}

void ledger_gap(struct ledger *l, uint64_t from_ns, uint64_t to_ns)
{
    if (from_ns < l->start_ns)
        from_ns = l->start_ns;
    if (to_ns <= from_ns)
        return;
    l->gaps[l->n_gaps % GAPS].from_ns = from_ns;
    l->gaps[l->n_gaps++ % GAPS].to_ns = to_ns;
    for (uint64_t s = (from_ns - l->start_ns) / NS_PER_S; s < l->first_open; s++) {
        uint64_t begin = l->start_ns + s * NS_PER_S;
        uint64_t out = overlap(begin, begin + NS_PER_S, from_ns, to_ns);
        l->run.covered_ns -= timeline_take_off(l->timeline, (uint32_t)s, out);
    }
    l->stale = true;
}

/* ------------------------------------------------------------- into the snapshot */

static double per_s(uint64_t n, uint64_t ns)
{
    return ns > 0 ? (double)n * 1e9 / (double)ns : 0;
}

static double ratio(uint64_t sum, uint64_t n)
{
    return n > 0 ? (double)sum / (double)n : 0;
}

static void fill_window(struct ledger *l, struct snapshot *snap)
{
    struct timeline_point *w = &l->in_window;
    struct timeline_point points[60];

    *w = l->run;
    if (l->window != SNAP_ALL) {
        size_t n = timeline_points(l->timeline, l->window_first, l->first_open, points, 60);
        memset(w, 0, sizeof *w);
        for (size_t i = 0; i < n; i++)
            timeline_add_sums(w, &points[i]);
    }
    if (l->window == SNAP_ALL)
        w->covered_ns -= l->left_out_ns < w->covered_ns ? l->left_out_ns : w->covered_ns;
    snap->window_s = (double)w->covered_ns / 1e9;
    snap->rps = per_s(w->requests, w->covered_ns);
    snap->fails_per_s = per_s(w->failures, w->covered_ns);
    snap->fail_percent = 100 * ratio(w->failures, w->requests);
    snap->bytes_in_per_s = per_s(w->bytes_in, w->covered_ns);
    snap->connect_us = ratio(w->connect_sum_us, w->connected);
    snap->tls_us = ratio(w->tls_sum_us, w->connected);
    snap->first_byte_us = ratio(w->first_byte_sum_us, w->answered);
    const struct latencies *h = l->window == SNAP_ALL ? &l->total : &l->window_latencies;
    shape_latency(&h->ok, &snap->window);
    shape_latency(&h->failed, &snap->window_failed);
    shape_fill(&h->ok, &snap->shape_window);
    shape_latency(&l->total.ok, &snap->total);
    shape_latency(&l->total.failed, &snap->total_failed);
    shape_fill(&l->total.ok, &snap->shape_total);
}

static void fill_points(const struct ledger *l, struct snapshot *snap)
{
    struct timeline_point points[SNAP_POINTS];
    uint32_t from = l->first_open > SNAP_POINTS ? l->first_open - SNAP_POINTS : 0;
    size_t n = timeline_points(l->timeline, from, l->first_open, points, SNAP_POINTS);

    snap->n_points = 0;
    for (size_t i = 0; i < n; i++) {
        const struct timeline_point *p = &points[i];
        if (p->cut_short && p->covered_ns < WHOLE_NS)
            continue;
        struct snap_point *out = &snap->points[snap->n_points++];
        *out = (struct snap_point){
            .second = p->second,
            .gap = p->covered_ns < WHOLE_NS,
            .idle = p->requests == 0,
            .no_latency = p->succeeded == 0,
            .silent = p->requests == p->timeouts,
            .users = p->users,
            .users_wanted = p->users_wanted,
            .in_flight = p->in_flight,
        };
        if (out->gap)
            continue;
        out->rps = (float)per_s(p->requests, p->covered_ns);
        out->fails_per_s = (float)per_s(p->failures, p->covered_ns);
        out->p50_us = p->p50_us;
        out->p95_us = p->p95_us;
        out->p99_us = p->p99_us;
        out->max_us = p->max_us;
    }
}

static void fill_endpoint(const struct ledger *l, unsigned e, struct snap_endpoint *out)
{
    const struct account *a = &l->accounts[e];
    out->requests = a->requests;
    out->failures = a->failures;
    out->client_failures = a->client_failures;
    out->bytes_in = a->bytes_in;
    out->bytes_out = a->bytes_out;
    out->statuses = a->statuses;
    for (unsigned i = 0; i < LEDGER_OPEN; i++) {
        const struct tally *t = &l->open[i].tallies[e];
        out->requests += t->requests;
        out->failures += t->failures;
        out->client_failures += t->client_failures;
        out->bytes_in += t->bytes_in;
        out->bytes_out += t->bytes_out;
        statuses_add(&out->statuses, &t->statuses);
    }
    statuses_sort(&out->statuses);
}

static void fill_endpoint_latency(const struct ledger *l, unsigned e, struct snap_endpoint *out)
{
    const struct account *a = &l->accounts[e];
    bool all = l->window == SNAP_ALL;
    if (!a->used)
        return;
    out->rps = per_s(all ? a->requests : a->window_requests, l->in_window.covered_ns);
    out->fails_per_s = per_s(all ? a->failures : a->window_failures, l->in_window.covered_ns);
    const struct latencies *window = all ? &a->total : &a->window;
    shape_latency(&a->total.ok, &out->total);
    shape_latency(&a->total.failed, &out->total_failed);
    shape_latency(&window->ok, &out->window);
    shape_latency(&window->failed, &out->window_failed);
}

/* Of the time since the start, how much lies in gaps: in closed seconds and after them. */
static uint64_t stopped_ns(const struct ledger *l)
{
    const uint64_t far_ns = UINT64_C(1) << 62; /* no gap ends later */
    uint64_t open_ns = l->start_ns + l->first_open * NS_PER_S;
    uint64_t ahead = l->finished ? 0 : far_ns - covered(l, open_ns, far_ns);
    return l->closed_ns - l->run.covered_ns + ahead;
}

void ledger_set_rate_time(struct ledger *l, uint64_t now_ns, uint64_t rate_ns)
{
    uint64_t ran_ns = now_ns > l->start_ns ? now_ns - l->start_ns : 0, stopped = stopped_ns(l);
    ran_ns = ran_ns > stopped ? ran_ns - stopped : 0;
    uint64_t out_ns = ran_ns > rate_ns ? ran_ns - rate_ns : 0;
    if (out_ns == l->left_out_ns)
        return;
    l->left_out_ns = out_ns;
    l->stale = l->stale || l->window == SNAP_ALL;
}

uint64_t ledger_last_done_ns(const struct ledger *l)
{
    return l->last_done_ns;
}

static double since_start(const struct ledger *l, uint64_t ns)
{
    return ns > l->start_ns ? (double)(ns - l->start_ns) / 1e9 : 0;
}

static void fill_totals(const struct ledger *l, struct snapshot *snap)
{
    struct timeline_point sum = l->run;
    for (unsigned i = 0; i < LEDGER_OPEN; i++)
        timeline_add_sums(&sum, &l->open[i].sums);
    snap->last_done_s = since_start(l, l->last_done_ns);
    snap->last_heard_s = since_start(l, l->last_heard_ns);
    snap->finished = sum.requests;
    snap->failures = sum.failures;
    snap->client_failures = sum.client_failures;
    snap->bytes_in = sum.bytes_in;
    snap->bytes_out = sum.bytes_out;
    snap->connections = sum.connections;
    snap->statuses = (struct statuses){0};
    for (unsigned e = 0; e < SNAP_ENDPOINTS; e++) {
        fill_endpoint(l, e, &snap->endpoints[e]);
        statuses_add(&snap->statuses, &snap->endpoints[e].statuses);
    }
    statuses_sort(&snap->statuses);
}

void ledger_fill(struct ledger *l, struct snapshot *snap)
{
    fill_totals(l, snap);
    if (l->stale) {
        fill_window(l, snap);
        fill_points(l, snap);
        for (unsigned e = 0; e < SNAP_ENDPOINTS; e++)
            fill_endpoint_latency(l, e, &snap->endpoints[e]);
        l->stale = false;
    }
    bool all = l->window == SNAP_ALL;
    failures_fill(l->failures, snap, all ? -1 : (int64_t)l->window_first, l->first_open,
                  snap->window_s);
}
