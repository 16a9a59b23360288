/* SPDX-License-Identifier: MIT */
#include "src/stats/gather.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/base/num.h"
#include "src/stats/hist_recorder.h"

#define GAPS 16         /* newest gaps that closing seconds must know */
#define FAIL_TABLE 1024 /* hash places, a power of two, several times the rows */
#define NONE UINT16_MAX
#define OTHERS (SECOND_FAILS - 1u)

/* A recorder is NULL until it has a value. */
struct open_latencies {
    struct hist_recorder *ok, *failed;
};

/* An endpoint in an open second. */
struct open_endpoint {
    uint64_t requests, failures, client_failures, timeouts, connections;
    uint64_t bytes_in, bytes_out;
    struct statuses statuses;
    struct open_latencies service;
    bool has_response; /* some request's is not its service time */
    struct open_latencies response;
    struct hist_recorder *phases[SECOND_PHASES];
};

struct open_burst {
    uint16_t number; /* 0: none */
    uint64_t requests, failures, client_failures;
    struct open_latencies service;
};

struct open_second {
    struct open_endpoint endpoints[SECOND_ENDPOINTS];
    struct hist_recorder *lag;
    /* When the newest request was done, in now_ns(): those that had a reply or an error of the
     * target's, and the others. */
    uint64_t last_heard_ns, last_silent_ns;
    uint32_t n_fails;
    struct second_fail fails[SECOND_FAILS];
    uint16_t fail_table[FAIL_TABLE]; /* cleared when the first failure comes */
    struct open_burst bursts[SECOND_BURSTS];
};

struct listener {
    void (*finished)(const struct second *s, void *arg);
    void *arg;
};

struct gather {
    uint64_t start_ns, wall_ns;
    uint64_t closed_done_ns, closed_heard_ns; /* in closed seconds */
    bool finished;
    uint64_t recent_ns;         /* the second that had the newest sample began then; it is open */
    struct open_second *recent; /* NULL: not known */
    uint32_t first_open;        /* seconds first_open .. first_open + GATHER_OPEN - 1 are open */
    struct open_second open[GATHER_OPEN];
    size_t n_spare;
    struct hist_recorder **spare; /* cleared, to use again */
    struct second_gap gaps[GAPS]; /* now_ns() */
    unsigned n_gaps, n_told;      /* ever; of these in a closed second */
    uint64_t stopped_ns;
    uint32_t n_marks;
    struct snap_mark *marks; /* not yet in a second */
    unsigned n_listeners;
    struct listener listeners[GATHER_LISTENERS];
};

static struct open_second *open_second_at(struct gather *g, uint32_t second)
{
    return &g->open[second % GATHER_OPEN];
}

struct gather *gather_create(uint64_t start_ns, uint64_t wall_ns)
{
    struct gather *g = mem_zalloc(sizeof *g);
    g->start_ns = start_ns;
    g->wall_ns = wall_ns;
    return g;
}

static void destroy_latencies(struct open_latencies *l)
{
    hist_recorder_destroy(l->ok);
    hist_recorder_destroy(l->failed);
}

static void finish_open_endpoint(struct open_endpoint *e)
{
    destroy_latencies(&e->service);
    destroy_latencies(&e->response);
    for (unsigned i = 0; i < SECOND_PHASES; i++)
        hist_recorder_destroy(e->phases[i]);
}

static void finish_open(struct open_second *o)
{
    for (unsigned e = 0; e < SECOND_ENDPOINTS; e++)
        finish_open_endpoint(&o->endpoints[e]);
    for (unsigned i = 0; i < SECOND_BURSTS; i++)
        destroy_latencies(&o->bursts[i].service);
    for (uint32_t i = 0; i < o->n_fails; i++)
        free(o->fails[i].text);
    hist_recorder_destroy(o->lag);
}

void gather_destroy(struct gather *g)
{
    if (g == NULL)
        return;
    for (unsigned i = 0; i < GATHER_OPEN; i++)
        finish_open(&g->open[i]);
    while (g->n_spare > 0)
        hist_recorder_destroy(g->spare[--g->n_spare]);
    free(g->spare);
    free(g->marks);
    free(g);
}

void gather_listen(struct gather *g, void (*finished)(const struct second *s, void *arg), void *arg)
{
    if (g->n_listeners < GATHER_LISTENERS)
        g->listeners[g->n_listeners++] = (struct listener){finished, arg};
}

/* ------------------------------------------------------------------ one sample */

static struct hist_recorder *take_recorder(struct gather *g)
{
    return g->n_spare > 0 ? g->spare[--g->n_spare] : hist_recorder_create();
}

static inline void record_us(struct gather *g, struct hist_recorder **r, uint64_t us)
{
    if (*r == NULL)
        *r = take_recorder(g);
    hist_recorder_add(*r, us);
}

static void merge_recorder(struct gather *g, struct hist_recorder **into,
                           const struct hist_recorder *from)
{
    if (from == NULL)
        return;
    if (*into == NULL)
        *into = take_recorder(g);
    hist_recorder_merge(*into, from);
}

static void put_recorder_aside(struct gather *g, struct hist_recorder **r)
{
    if (*r == NULL)
        return;
    hist_recorder_clear(*r);
    g->spare = mem_room(g->spare, g->n_spare, sizeof(struct hist_recorder *));
    g->spare[g->n_spare++] = *r;
    *r = NULL;
}

static void close_second(struct gather *g, uint64_t length_ns, bool cut_short,
                         const struct gather_end *end);

/* The open second that a moment belongs to. */
static uint32_t second_of(const struct gather *g, uint64_t at_ns)
{
    uint64_t second = at_ns > g->start_ns ? (at_ns - g->start_ns) / NS_PER_S : 0;
    if (second < g->first_open)
        return g->first_open;
    return second < UINT32_MAX ? (uint32_t)second : g->first_open + GATHER_OPEN - 1;
}

/* The place of that key in the table: its row's number, or NONE where the row would go. */
static uint16_t *fail_place(struct open_second *o, const struct second_fail *key)
{
    uint32_t at = second_fail_hash(key);
    if (o->n_fails == 0)
        memset(o->fail_table, 0xff, sizeof o->fail_table);
    while (o->fail_table[at % FAIL_TABLE] != NONE &&
           !second_fail_is(&o->fails[o->fail_table[at % FAIL_TABLE]], key))
        at++;
    return &o->fail_table[at % FAIL_TABLE];
}

/* The row of that key, made when it is new and there is room. */
static struct second_fail *open_fail(struct open_second *o, const struct second_fail *key)
{
    const struct second_fail others = second_fail_key(SECOND_ENDPOINTS - 1, FAIL_OTHER, 0, 0);
    uint16_t *place = fail_place(o, key);
    if (*place == NONE && o->n_fails >= OTHERS) {
        key = &others;
        place = fail_place(o, key);
    }
    if (*place == NONE) {
        *place = (uint16_t)o->n_fails;
        o->fails[o->n_fails++] = *key;
    }
    return &o->fails[*place];
}

static uint64_t since_start(const struct gather *g, uint64_t at_ns)
{
    return at_ns > g->start_ns ? at_ns - g->start_ns : 0;
}

static void count_fail(const struct gather *g, struct open_second *o, const struct sample *s)
{
    struct second_fail key = second_fail_key(s->endpoint, s->fail, s->status, s->detail);
    struct second_fail *row = open_fail(o, &key);
    uint64_t at_ns = since_start(g, s->done_ns);
    if (row->count == 0 || at_ns < row->first_ns)
        row->first_ns = at_ns;
    if (at_ns > row->last_ns)
        row->last_ns = at_ns;
    row->count++;
}

static uint64_t took_us(const struct sample *s, uint64_t since_ns)
{
    return s->done_ns > since_ns ? (s->done_ns - since_ns) / NS_PER_US : 0;
}

/* Where it differs from the service time of one request, every one has a response time. */
static void add_response(struct gather *g, struct open_endpoint *e, const struct sample *s)
{
    bool is_intended = (s->flags & SAMPLE_INTENDED_START) != 0;
    uint64_t us = took_us(s, is_intended ? s->due_ns : s->sent_ns);
    if (!e->has_response && us == took_us(s, s->sent_ns))
        return;
    if (!e->has_response) {
        merge_recorder(g, &e->response.ok, e->service.ok);
        merge_recorder(g, &e->response.failed, e->service.failed);
        e->has_response = true;
    }
    record_us(g, s->fail != FAIL_NONE ? &e->response.failed : &e->response.ok, us);
}

static void add_connection(struct gather *g, struct open_endpoint *e, const struct sample *s)
{
    e->connections++;
    if (s->fail != FAIL_NONE)
        return;
    record_us(g, &e->phases[PHASE_CONNECT], s->connect_us);
    if (s->dns_us != 0)
        record_us(g, &e->phases[PHASE_DNS], s->dns_us);
    if (s->tls_us != 0)
        record_us(g, &e->phases[PHASE_TLS], s->tls_us);
}

/* A number that is older than what its place holds is of a burst long over. */
static void count_burst(struct gather *g, struct open_second *o, const struct sample *s)
{
    struct open_burst *b = &o->bursts[s->burst % SECOND_BURSTS];
    if (b->number != 0 && (int16_t)(b->number - s->burst) > 0)
        return;
    if (b->number != s->burst) {
        put_recorder_aside(g, &b->service.ok);
        put_recorder_aside(g, &b->service.failed);
        *b = (struct open_burst){.number = s->burst};
    }
    if (fail_is_client((enum fail)s->fail)) {
        b->client_failures++;
        return;
    }
    b->requests++;
    b->failures += s->fail != FAIL_NONE;
    record_us(g, s->fail != FAIL_NONE ? &b->service.failed : &b->service.ok,
              took_us(s, s->sent_ns));
}

static inline void count_request(struct gather *g, struct open_endpoint *e, const struct sample *s)
{
    e->requests++;
    e->bytes_in += s->bytes_in;
    e->bytes_out += s->bytes_out;
    if (s->status != 0)
        statuses_count_one(&e->statuses, s->status);
    if ((s->flags & SAMPLE_NEW_CONNECTION) != 0)
        add_connection(g, e, s);
    if ((s->flags & SAMPLE_INTENDED_START) != 0 || e->has_response)
        add_response(g, e, s); /* before service has it */
}

/* Apart, so that the usual sample's way is short. */
__attribute__((noinline, cold)) static void
add_failed(struct gather *g, struct open_second *o, struct open_endpoint *e, const struct sample *s)
{
    bool silent = s->fail == FAIL_TIMEOUT || fail_is_client((enum fail)s->fail);
    uint64_t *last_ns = silent ? &o->last_silent_ns : &o->last_heard_ns;
    *last_ns = num_max(*last_ns, s->done_ns);
    count_fail(g, o, s);
    if (fail_is_client((enum fail)s->fail)) { /* no request: it was not sent */
        e->client_failures++;
        return;
    }
    e->failures++;
    e->timeouts += s->fail == FAIL_TIMEOUT;
    count_request(g, e, s);
    record_us(g, &e->service.failed, took_us(s, s->sent_ns));
}

/* The open second of a moment; what lies beyond them closes the oldest. */
static struct open_second *open_second_for(struct gather *g, uint64_t done_ns)
{
    uint32_t second = second_of(g, done_ns);
    while (second >= (uint64_t)g->first_open + GATHER_OPEN)
        close_second(g, NS_PER_S, false, NULL);
    g->recent = open_second_at(g, second);
    g->recent_ns = g->start_ns + second * NS_PER_S;
    return g->recent;
}

void gather_add(struct gather *g, const struct sample *s)
{
    bool recent = g->recent != NULL && s->done_ns - g->recent_ns < NS_PER_S;
    struct open_second *o = recent ? g->recent : open_second_for(g, s->done_ns);
    struct open_endpoint *e =
        &o->endpoints[s->endpoint < SECOND_ENDPOINTS ? s->endpoint : SECOND_ENDPOINTS - 1];

    record_us(g, &o->lag, s->lag_us);
    if (s->burst != 0)
        count_burst(g, o, s);
    if (s->fail != FAIL_NONE) {
        add_failed(g, o, e, s);
        return;
    }
    if (s->done_ns > o->last_heard_ns)
        o->last_heard_ns = s->done_ns;
    count_request(g, e, s);
    if (s->first_byte_us != 0)
        record_us(g, &e->phases[PHASE_FIRST_BYTE], s->first_byte_us);
    record_us(g, &e->service.ok, took_us(s, s->sent_ns));
}

void gather_note(struct gather *g, const struct note *n)
{
    struct second_fail key = second_fail_key(n->endpoint, n->fail, n->status, n->detail);
    uint32_t second = second_of(g, n->at_ns);
    if (key.fail == FAIL_NONE)
        return;
    if (second >= g->first_open + GATHER_OPEN)
        second = g->first_open + GATHER_OPEN - 1;
    for (uint32_t i = GATHER_OPEN; i-- > 0;)
        if (*fail_place(open_second_at(g, g->first_open + i), &key) != NONE) {
            second = g->first_open + i;
            break;
        }
    struct second_fail *row = open_fail(open_second_at(g, second), &key);
    if (!second_fail_is(row, &key))
        return; /* no text can speak for many kinds */
    free(row->text);
    row->text = mem_strndup(n->text, strnlen(n->text, sizeof n->text - 1));
}

void gather_mark(struct gather *g, const struct snap_mark *m)
{
    if (g->n_marks == SNAP_MARKS) {
        g->n_marks--;
        memmove(&g->marks[0], &g->marks[1], g->n_marks * sizeof *g->marks);
    }
    g->marks = mem_room(g->marks, g->n_marks, sizeof *g->marks);
    g->marks[g->n_marks++] = *m;
}

/* ------------------------------------------------------------------------- gaps */

/* How much of [from, to) lies in the gap. */
static uint64_t overlap_ns(uint64_t from, uint64_t to, const struct second_gap *gap)
{
    uint64_t low = from > gap->from_ns ? from : gap->from_ns;
    uint64_t high = to < gap->to_ns ? to : gap->to_ns;
    return high > low ? high - low : 0;
}

static uint64_t gap_in(const struct gather *g, uint64_t from_ns, uint64_t length_ns)
{
    uint64_t left = length_ns;
    unsigned n = g->n_gaps < GAPS ? g->n_gaps : GAPS;
    for (unsigned i = 0; i < n; i++) {
        uint64_t out = overlap_ns(from_ns, from_ns + length_ns, &g->gaps[i]);
        left -= out < left ? out : left;
    }
    return length_ns - left;
}

void gather_gap(struct gather *g, uint64_t from_ns, uint64_t to_ns)
{
    if (from_ns < g->start_ns)
        from_ns = g->start_ns;
    if (to_ns <= from_ns)
        return;
    g->gaps[g->n_gaps++ % GAPS] = (struct second_gap){from_ns, to_ns};
    g->stopped_ns += to_ns - from_ns;
}

static void take_gaps(struct gather *g, struct second *s)
{
    if (g->n_gaps - g->n_told > GAPS)
        g->n_told = g->n_gaps - GAPS;
    for (; g->n_told < g->n_gaps && s->n_gaps < SECOND_GAPS; g->n_told++) {
        const struct second_gap *gap = &g->gaps[g->n_told % GAPS];
        s->gaps[s->n_gaps++] =
            (struct second_gap){gap->from_ns - g->start_ns, gap->to_ns - g->start_ns};
    }
}

/* ------------------------------------------------------------- closing a second */

static void pack_recorder(const struct hist_recorder *r, struct hist_sparse *out)
{
    if (r != NULL)
        hist_recorder_pack(r, out);
}

/* Into what is empty. */
static void pack_latencies(const struct open_latencies *l, struct latencies_packed *out)
{
    pack_recorder(l->ok, &out->ok);
    if (l->failed == NULL)
        return;
    out->failed = mem_zalloc(sizeof *out->failed);
    pack_recorder(l->failed, out->failed);
}

static void move_latencies(struct gather *g, struct open_latencies *l, struct latencies_packed *out)
{
    pack_latencies(l, out);
    put_recorder_aside(g, &l->ok);
    put_recorder_aside(g, &l->failed);
}

static void move_recorder(struct gather *g, struct hist_recorder **r, struct hist_sparse *out)
{
    pack_recorder(*r, out);
    put_recorder_aside(g, r);
}

static void count_endpoint(const struct open_endpoint *e, uint16_t id, struct second_endpoint *out)
{
    *out = (struct second_endpoint){.endpoint = id,
                                    .requests = e->requests,
                                    .failures = e->failures,
                                    .client_failures = e->client_failures,
                                    .timeouts = e->timeouts,
                                    .connections = e->connections,
                                    .bytes_in = e->bytes_in,
                                    .bytes_out = e->bytes_out,
                                    .statuses = e->statuses};
}

static bool is_endpoint_used(const struct open_endpoint *e)
{
    return e->requests + e->client_failures > 0;
}

static uint64_t last_done_in(const struct open_second *o)
{
    return num_max(o->last_heard_ns, o->last_silent_ns);
}

/* All that needs no packing; texts of failures are borrowed. */
static void count_open(const struct open_second *o, struct second *s)
{
    uint32_t n = 0;
    for (unsigned e = 0; e < SECOND_ENDPOINTS; e++)
        n += is_endpoint_used(&o->endpoints[e]);
    s->endpoints = n > 0 ? mem_array(n, sizeof *s->endpoints) : NULL;
    for (uint16_t e = 0; e < SECOND_ENDPOINTS; e++)
        if (is_endpoint_used(&o->endpoints[e]))
            count_endpoint(&o->endpoints[e], e, &s->endpoints[s->n_endpoints++]);
    s->n_fails = o->n_fails;
    s->fails = o->n_fails > 0 ? mem_array(o->n_fails, sizeof *s->fails) : NULL;
    if (o->n_fails > 0)
        memcpy(s->fails, o->fails, o->n_fails * sizeof *s->fails);
}

static void pack_bursts(const struct open_second *o, struct second *s)
{
    for (unsigned i = 0; i < SECOND_BURSTS; i++) {
        const struct open_burst *b = &o->bursts[i];
        uint32_t at = s->n_bursts;
        if (b->number == 0)
            continue;
        for (; at > 0 && s->bursts[at - 1].number > b->number; at--)
            s->bursts[at] = s->bursts[at - 1];
        s->bursts[at] = (struct second_burst){.number = b->number,
                                              .requests = b->requests,
                                              .failures = b->failures,
                                              .client_failures = b->client_failures};
        pack_latencies(&b->service, &s->bursts[at].service);
        s->n_bursts++;
    }
}

static void empty_open(struct gather *g, struct open_second *o)
{
    for (unsigned i = 0; i < SECOND_BURSTS; i++) {
        put_recorder_aside(g, &o->bursts[i].service.ok);
        put_recorder_aside(g, &o->bursts[i].service.failed);
        o->bursts[i] = (struct open_burst){0};
    }
    o->last_heard_ns = o->last_silent_ns = 0;
    o->n_fails = 0;
}

static void pack_open(struct gather *g, struct open_second *o, struct second *s)
{
    count_open(o, s); /* the texts are the second's from here on */
    for (uint32_t i = 0; i < s->n_endpoints; i++) {
        struct second_endpoint *out = &s->endpoints[i];
        struct open_endpoint *e = &o->endpoints[out->endpoint];
        move_latencies(g, &e->service, &out->service);
        move_latencies(g, &e->response, &out->response);
        for (unsigned k = 0; k < SECOND_PHASES; k++)
            move_recorder(g, &e->phases[k], &out->phases[k]);
        memset(e, 0, sizeof *e);
    }
    pack_bursts(o, s);
    move_recorder(g, &o->lag, &s->health.lag);
    empty_open(g, o);
}

static void set_second_time(struct gather *g, struct second *s, uint64_t length_ns, bool cut_short)
{
    const struct open_second *o = open_second_at(g, g->first_open);
    uint64_t begin_ns = g->first_open * NS_PER_S;
    g->closed_done_ns = num_max(g->closed_done_ns, since_start(g, last_done_in(o)));
    g->closed_heard_ns = num_max(g->closed_heard_ns, since_start(g, o->last_heard_ns));
    s->number = g->first_open;
    s->wall_ns = g->wall_ns != 0 ? g->wall_ns + begin_ns : 0;
    s->length_ns = length_ns;
    s->gap_ns = gap_in(g, g->start_ns + begin_ns, length_ns);
    s->cut_short = cut_short;
    s->last_done_ns = g->closed_done_ns;
    s->last_heard_ns = g->closed_heard_ns;
}

static void take_end(struct second *s, const struct gather_end *end)
{
    s->has_now = true;
    s->now = end->now;
    s->health = end->health;
    if (end->n_classes == 0)
        return;
    s->n_classes = end->n_classes;
    s->class_users = mem_array(end->n_classes, sizeof *s->class_users);
    memcpy(s->class_users, end->class_users, end->n_classes * sizeof *s->class_users);
}

/* Closes first_open, which lasted length_ns. */
static void close_second(struct gather *g, uint64_t length_ns, bool cut_short,
                         const struct gather_end *end)
{
    struct second s = {0};
    if (end != NULL)
        take_end(&s, end);
    set_second_time(g, &s, length_ns, cut_short);
    pack_open(g, open_second_at(g, g->first_open), &s);
    take_gaps(g, &s);
    s.marks = g->marks;
    s.n_marks = g->n_marks;
    g->marks = NULL;
    g->n_marks = 0;
    g->first_open++;
    g->recent = NULL;
    for (unsigned i = 0; i < g->n_listeners; i++)
        g->listeners[i].finished(&s, g->listeners[i].arg);
    second_finish(&s);
}

/* The first of several that close together has the look at the generator, which is that old. */
static void close_with_end(struct gather *g, uint64_t length_ns, bool cut_short,
                           struct gather_end *end)
{
    close_second(g, length_ns, cut_short, end);
    memset(&end->health, 0, sizeof end->health);
}

bool gather_is_due(const struct gather *g, uint64_t now_ns)
{
    return !g->finished &&
           g->start_ns + (g->first_open + UINT64_C(1)) * NS_PER_S + GATHER_GRACE_MS * NS_PER_MS <=
               now_ns;
}

void gather_close(struct gather *g, uint64_t now_ns, const struct gather_end *end)
{
    struct gather_end left = *end;
    while (gather_is_due(g, now_ns))
        close_with_end(g, NS_PER_S, false, &left);
}

void gather_finish(struct gather *g, uint64_t now_ns, const struct gather_end *end)
{
    uint64_t length_ns = since_start(g, now_ns);
    uint32_t last = (uint32_t)(length_ns / NS_PER_S);
    struct gather_end left = *end;

    if (g->finished)
        return;
    while (g->first_open < last)
        close_with_end(g, NS_PER_S, false, &left);
    /* Samples from after now_ns cannot be; if there are any they still count. */
    for (unsigned i = 1; i < GATHER_OPEN; i++)
        if (last_done_in(open_second_at(g, g->first_open + i)) > 0 && g->first_open + i > last)
            last = g->first_open + i;
    while (g->first_open < last)
        close_with_end(g, NS_PER_S, false, &left);
    uint64_t rest_ns = last == length_ns / NS_PER_S ? length_ns % NS_PER_S : NS_PER_S;
    if (g->first_open == last && (rest_ns > 0 || last_done_in(open_second_at(g, last)) > 0))
        close_with_end(g, rest_ns, true, &left);
    g->finished = true;
}

/* --------------------------------------------------------------- before it closes */

void gather_look(const struct gather *g, struct second *out)
{
    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < GATHER_OPEN; i++) {
        const struct open_second *o = &g->open[(g->first_open + i) % GATHER_OPEN];
        struct second part = {0};
        if (last_done_in(o) == 0 && o->n_fails == 0)
            continue;
        count_open(o, &part);
        pack_bursts(o, &part);
        part.last_done_ns = since_start(g, last_done_in(o));
        part.last_heard_ns = since_start(g, o->last_heard_ns);
        second_merge(out, &part);
        for (uint32_t k = 0; k < part.n_fails; k++)
            part.fails[k].text = NULL; /* borrowed */
        second_finish(&part);
    }
    out->last_done_ns = num_max(out->last_done_ns, g->closed_done_ns);
    out->last_heard_ns = num_max(out->last_heard_ns, g->closed_heard_ns);
    out->number = g->first_open;
}

uint64_t gather_last_done_ns(const struct gather *g)
{
    uint64_t last_ns = g->closed_done_ns > 0 ? g->start_ns + g->closed_done_ns : 0;
    for (unsigned i = 0; i < GATHER_OPEN; i++)
        last_ns = num_max(last_ns, last_done_in(&g->open[i]));
    return last_ns;
}

uint64_t gather_stopped_ns(const struct gather *g)
{
    return g->stopped_ns;
}
