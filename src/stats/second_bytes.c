/* SPDX-License-Identifier: MIT */
/* A second as bytes; stats/second.h has the format. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/wire.h"
#include "src/stats/second.h"

/* Kinds of parts.  Append only. */
enum kind {
    KIND_TIME = 1,
    KIND_ENDPOINT,
    KIND_FAIL,
    KIND_BURST,
    KIND_GAP,
    KIND_MARK,
    KIND_NOW,
    KIND_CLASSES,
    KIND_HEALTH,
};

static const char magic[3] = {'R', 'T', 'S'};

/* ------------------------------------------------------------------------ write */

static void put_double(struct buf *b, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    for (unsigned i = 0; i < 8; i++)
        buf_char(b, (char)(bits >> 8 * i));
}

static void put_hist(struct buf *b, const struct hist_sparse *h)
{
    uint64_t count = h != NULL ? h->count : 0;
    wire_put(b, count);
    if (count == 0)
        return;
    wire_put(b, h->sum_us);
    wire_put(b, h->min_us);
    wire_put(b, h->max_us - h->min_us);
    wire_put(b, h->cells);
    wire_put_part(b, h->packed, h->bytes);
}

static void put_latencies(struct buf *b, const struct latencies_packed *l)
{
    put_hist(b, &l->ok);
    put_hist(b, l->failed);
}

static void put_text(struct buf *b, const char *text)
{
    wire_put_part(b, text, strlen(text));
}

/* The part in *part, which is empty afterwards. */
static void put_kind(struct buf *out, enum kind kind, struct buf *part)
{
    wire_put(out, kind);
    wire_put_part(out, part->data, part->len);
    buf_clear(part);
}

static void put_endpoint(struct buf *b, const struct second_endpoint *e)
{
    const uint64_t numbers[] = {e->endpoint, e->requests,    e->failures, e->client_failures,
                                e->timeouts, e->connections, e->bytes_in, e->bytes_out};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        wire_put(b, numbers[i]);
    wire_put(b, e->statuses.others);
    wire_put(b, e->statuses.n);
    for (uint32_t i = 0; i < e->statuses.n; i++) {
        wire_put(b, e->statuses.code[i]);
        wire_put(b, e->statuses.count[i]);
    }
    put_latencies(b, &e->service);
    put_latencies(b, &e->response);
    wire_put(b, SECOND_PHASES);
    for (unsigned i = 0; i < SECOND_PHASES; i++)
        put_hist(b, &e->phases[i]);
}

static void put_fail(struct buf *b, const struct second_fail *f)
{
    const uint64_t numbers[] = {f->endpoint, f->fail,     f->status, f->detail,
                                f->count,    f->first_ns, f->last_ns};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        wire_put(b, numbers[i]);
    wire_put(b, f->text != NULL);
    if (f->text != NULL)
        put_text(b, f->text);
}

static void put_burst(struct buf *b, const struct second_burst *burst)
{
    wire_put(b, burst->number);
    wire_put(b, burst->requests);
    wire_put(b, burst->failures);
    wire_put(b, burst->client_failures);
    put_latencies(b, &burst->service);
}

static void put_mark(struct buf *b, const struct snap_mark *m)
{
    put_double(b, m->at_s);
    wire_put(b, m->kind);
    wire_put(b, (uint8_t)m->letter);
    put_text(b, m->text);
}

static void put_now(struct buf *b, const struct gauges_now *n)
{
    const uint64_t numbers[] = {n->users,       n->users_wanted, n->users_peak,  n->in_flight,
                                n->oldest_ns,   n->started,      n->aborted,     n->given_up,
                                n->given_up_ns, n->cut_short,    n->elapsed_ns,  n->load_ns,
                                n->drain_ns,    n->rate_ns,      n->left_out_ns, n->sent_again};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        wire_put(b, numbers[i]);
}

static void write_health(struct buf *b, const struct second_health *h)
{
    const uint64_t numbers[] = {h->known,       h->span_ns,   h->cpu_ns,    h->millicores,
                                h->loop_max_us, h->ring_ppm,  h->ring_lost, h->open_fds,
                                h->fd_limit,    h->rss_bytes, h->n_workers};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        wire_put(b, numbers[i]);
    for (uint32_t i = 0; i < h->n_workers; i++)
        wire_put(b, h->worker_cpu_ns[i]);
    put_hist(b, &h->lag);
}

static void put_time(struct buf *b, const struct second *s)
{
    const uint64_t numbers[] = {s->number,    s->wall_ns,      s->length_ns,    s->gap_ns,
                                s->cut_short, s->last_done_ns, s->last_heard_ns};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        wire_put(b, numbers[i]);
}

static void put_lists(struct buf *out, const struct second *s, struct buf *part)
{
    for (uint32_t i = 0; i < s->n_endpoints; i++) {
        put_endpoint(part, &s->endpoints[i]);
        put_kind(out, KIND_ENDPOINT, part);
    }
    for (uint32_t i = 0; i < s->n_fails; i++) {
        put_fail(part, &s->fails[i]);
        put_kind(out, KIND_FAIL, part);
    }
    for (uint32_t i = 0; i < s->n_bursts; i++) {
        put_burst(part, &s->bursts[i]);
        put_kind(out, KIND_BURST, part);
    }
    for (uint32_t i = 0; i < s->n_gaps; i++) {
        wire_put(part, s->gaps[i].from_ns);
        wire_put(part, s->gaps[i].to_ns);
        put_kind(out, KIND_GAP, part);
    }
    for (uint32_t i = 0; i < s->n_marks; i++) {
        put_mark(part, &s->marks[i]);
        put_kind(out, KIND_MARK, part);
    }
}

static void put_state(struct buf *out, const struct second *s, struct buf *part)
{
    if (s->has_now) {
        put_now(part, &s->now);
        put_kind(out, KIND_NOW, part);
    }
    wire_put(part, s->n_classes);
    for (uint32_t i = 0; i < s->n_classes; i++)
        wire_put(part, s->class_users[i]);
    if (s->n_classes == 0)
        buf_clear(part);
    else
        put_kind(out, KIND_CLASSES, part);
    if (s->health.known || s->health.lag.count > 0) {
        write_health(part, &s->health);
        put_kind(out, KIND_HEALTH, part);
    }
}

void second_write(const struct second *s, struct buf *out)
{
    struct buf part = {0};
    size_t begin = out->len;
    buf_add(out, magic, sizeof magic);
    buf_char(out, SECOND_MAJOR);
    buf_char(out, SECOND_MINOR);
    buf_add(out, "\0\0\0", 4);
    put_time(&part, s);
    put_kind(out, KIND_TIME, &part);
    put_lists(out, s, &part);
    put_state(out, s, &part);
    buf_finish(&part);
    size_t length = out->len - begin - SECOND_HEAD;
    for (unsigned i = 0; i < 4; i++)
        out->data[begin + SECOND_HEAD - 4 + i] = (char)(length >> 8 * i);
}

/* ------------------------------------------------------------------------- read */

static double take_double(struct wire *w)
{
    const uint8_t *at = wire_take_bytes(w, 8);
    uint64_t bits = 0;
    double v;
    for (unsigned i = 0; at != NULL && i < 8; i++)
        bits |= (uint64_t)at[i] << 8 * i;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static uint64_t take_figure(struct wire *w)
{
    return wire_take_upto(w, SECOND_COUNT_MAX);
}

static uint32_t take_u32(struct wire *w)
{
    return (uint32_t)wire_take_upto(w, UINT32_MAX);
}

/* Into *h, which is empty. */
static void take_hist(struct wire *w, struct hist_sparse *h)
{
    uint64_t count = take_figure(w);
    if (count == 0)
        return;
    struct hist_sparse got = {.count = count};
    got.sum_us = wire_take(w);
    got.min_us = wire_take(w);
    got.max_us = got.min_us + wire_take_upto(w, UINT64_MAX - got.min_us);
    got.cells = (uint32_t)wire_take_upto(w, HIST_BUCKETS);
    struct wire packed = wire_take_part(w);
    size_t bytes = (size_t)(packed.end - packed.at);
    if (w->broken || bytes == 0 || bytes > UINT32_MAX) {
        wire_break(w);
        return;
    }
    got.bytes = (uint32_t)bytes;
    got.packed = mem_array(bytes, 1);
    memcpy(got.packed, packed.at, bytes);
    *h = got;
    if (!hist_sparse_sound(h))
        wire_break(w);
}

static void take_latencies(struct wire *w, struct latencies_packed *l)
{
    struct hist_sparse failed = {0};
    take_hist(w, &l->ok);
    take_hist(w, &failed);
    if (failed.count == 0)
        return;
    l->failed = mem_zalloc(sizeof *l->failed);
    *l->failed = failed;
}

/* Cleaned, into at most size bytes. */
static void read_clean_text(struct wire *w, char *out, size_t size)
{
    struct wire text = wire_take_part(w);
    if (!text.broken)
        clean_text(out, size, (const char *)text.at, (size_t)(text.end - text.at));
}

static void take_statuses(struct wire *w, struct statuses *s)
{
    s->others = take_figure(w);
    s->n = (uint32_t)wire_take_upto(w, STATUSES_ROWS);
    for (uint32_t i = 0; i < s->n; i++) {
        s->code[i] = (uint16_t)wire_take_upto(w, UINT16_MAX);
        s->count[i] = take_figure(w);
        for (uint32_t k = 0; k < i; k++)
            if (s->code[k] == s->code[i])
                wire_break(w);
    }
}

static uint64_t values_of(const struct latencies_packed *l)
{
    return l->ok.count + (l->failed != NULL ? l->failed->count : 0);
}

/* Each request has a latency, of its outcome; phases and the rest are those of some of them. */
static bool is_endpoint_sound(const struct second_endpoint *e)
{
    uint64_t failed = e->service.failed != NULL ? e->service.failed->count : 0;
    uint64_t responses = values_of(&e->response);
    for (unsigned i = 0; i < SECOND_PHASES; i++)
        if (e->phases[i].count > e->service.ok.count)
            return false;
    return values_of(&e->service) == e->requests && failed == e->failures &&
           e->timeouts <= e->failures && e->connections <= e->requests &&
           e->phases[PHASE_CONNECT].count <= e->connections &&
           (responses == 0 ||
            (responses == e->requests && e->response.ok.count == e->service.ok.count));
}

/* Phases of a newer version are left out. */
static void take_phases(struct wire *w, struct second_endpoint *e)
{
    uint64_t n = wire_take(w);
    for (uint64_t i = 0; i < n && i < SECOND_PHASES && !w->broken; i++)
        take_hist(w, &e->phases[i]);
}

static bool take_endpoint(struct wire *w, struct second *s)
{
    uint16_t id = (uint16_t)wire_take_upto(w, SECOND_ENDPOINTS - 1);
    if (w->broken || (s->n_endpoints > 0 && s->endpoints[s->n_endpoints - 1].endpoint >= id))
        return false;
    s->endpoints = mem_room(s->endpoints, s->n_endpoints, sizeof *s->endpoints);
    struct second_endpoint *e = &s->endpoints[s->n_endpoints++];
    *e = (struct second_endpoint){.endpoint = id};
    e->requests = take_figure(w);
    e->failures = take_figure(w);
    e->client_failures = take_figure(w);
    e->timeouts = take_figure(w);
    e->connections = take_figure(w);
    e->bytes_in = take_figure(w);
    e->bytes_out = take_figure(w);
    take_statuses(w, &e->statuses);
    take_latencies(w, &e->service);
    take_latencies(w, &e->response);
    take_phases(w, e);
    return !w->broken && is_endpoint_sound(e);
}

static bool take_fail(struct wire *w, struct second *s)
{
    char text[NOTE_TEXT_MAX];
    struct second_fail f = {0};
    f.endpoint = (uint16_t)wire_take_upto(w, SECOND_ENDPOINTS - 1);
    f.fail = (uint8_t)wire_take_upto(w, UINT8_MAX);
    f.status = (uint16_t)wire_take_upto(w, UINT16_MAX);
    f.detail = (uint16_t)wire_take_upto(w, UINT16_MAX);
    f.count = take_figure(w);
    f.first_ns = wire_take(w);
    f.last_ns = wire_take(w);
    if (f.fail >= FAIL_KINDS) /* a newer version's */
        f.fail = FAIL_OTHER;
    if (w->broken || f.fail == FAIL_NONE || f.first_ns > f.last_ns || s->n_fails == SECOND_FAILS)
        return false;
    if (wire_take_upto(w, 1) == 1) {
        read_clean_text(w, text, sizeof text);
        f.text = w->broken ? NULL : mem_strdup(text);
    }
    s->fails = mem_room(s->fails, s->n_fails, sizeof *s->fails);
    s->fails[s->n_fails++] = f;
    return !w->broken;
}

static bool take_burst(struct wire *w, struct second *s)
{
    if (s->n_bursts == SECOND_BURSTS)
        return false;
    struct second_burst *b = &s->bursts[s->n_bursts++];
    b->number = (uint16_t)wire_take_upto(w, UINT16_MAX);
    b->requests = take_figure(w);
    b->failures = take_figure(w);
    b->client_failures = take_figure(w);
    take_latencies(w, &b->service);
    uint64_t failed = b->service.failed != NULL ? b->service.failed->count : 0;
    return !w->broken && b->number > (s->n_bursts > 1 ? b[-1].number : 0) &&
           values_of(&b->service) == b->requests && failed == b->failures;
}

static bool take_gap(struct wire *w, struct second *s)
{
    struct second_gap gap = {.from_ns = wire_take(w)};
    gap.to_ns = wire_take(w);
    if (w->broken || gap.from_ns >= gap.to_ns || s->n_gaps == SECOND_GAPS)
        return false;
    s->gaps[s->n_gaps++] = gap;
    return true;
}

static bool take_mark(struct wire *w, struct second *s)
{
    struct snap_mark m = {.at_s = take_double(w)};
    m.kind = (uint8_t)wire_take_upto(w, UINT8_MAX);
    m.letter = (char)wire_take_upto(w, UINT8_MAX);
    read_clean_text(w, m.text, sizeof m.text);
    if (w->broken || !isfinite(m.at_s) || m.at_s < 0 || m.letter <= ' ' || m.letter > '~' ||
        s->n_marks == SNAP_MARKS)
        return false;
    if (m.kind > SNAP_MARK_TARGET) /* a newer version's */
        m.kind = SNAP_MARK_LOAD;
    s->marks = mem_room(s->marks, s->n_marks, sizeof *s->marks);
    s->marks[s->n_marks++] = m;
    return true;
}

static bool take_now(struct wire *w, struct second *s)
{
    struct gauges_now *n = &s->now;
    s->has_now = true;
    n->users = take_u32(w);
    n->users_wanted = take_u32(w);
    n->users_peak = take_u32(w);
    n->in_flight = take_u32(w);
    n->oldest_ns = wire_take(w);
    n->started = take_figure(w);
    n->aborted = take_figure(w);
    n->given_up = take_figure(w);
    n->given_up_ns = wire_take(w);
    n->cut_short = take_u32(w);
    n->elapsed_ns = wire_take(w);
    n->load_ns = wire_take(w);
    n->drain_ns = wire_take(w);
    n->rate_ns = wire_take(w);
    n->left_out_ns = wire_take(w);
    n->sent_again = take_figure(w);
    return !w->broken;
}

static bool read_classes(struct wire *w, struct second *s)
{
    uint64_t n = wire_take_upto(w, SECOND_CLASSES);
    for (; s->n_classes < n && !w->broken; s->n_classes++) {
        s->class_users = mem_room(s->class_users, s->n_classes, sizeof *s->class_users);
        s->class_users[s->n_classes] = take_u32(w);
    }
    return !w->broken;
}

static bool take_health(struct wire *w, struct second *s)
{
    struct second_health *h = &s->health;
    h->known = wire_take_upto(w, 1) == 1;
    h->span_ns = take_figure(w);
    h->cpu_ns = take_figure(w);
    h->millicores = take_u32(w);
    h->loop_max_us = take_u32(w);
    h->ring_ppm = take_u32(w);
    h->ring_lost = take_figure(w);
    h->open_fds = take_figure(w);
    h->fd_limit = wire_take(w); /* may be all there are: no limit */
    h->rss_bytes = take_figure(w);
    h->n_workers = (uint32_t)wire_take_upto(w, SNAP_WORKERS);
    for (uint32_t i = 0; i < h->n_workers; i++)
        h->worker_cpu_ns[i] = take_figure(w);
    if (!h->known)
        *h = (struct second_health){0};
    take_hist(w, &h->lag);
    return !w->broken;
}

static bool take_time(struct wire *w, struct second *s)
{
    s->number = (uint32_t)wire_take_upto(w, UINT32_MAX - 1);
    s->wall_ns = wire_take(w);
    s->length_ns = wire_take_upto(w, UINT64_C(1000000000));
    s->gap_ns = wire_take_upto(w, s->length_ns);
    s->cut_short = wire_take_upto(w, 1) == 1;
    s->last_done_ns = wire_take(w);
    s->last_heard_ns = wire_take(w);
    return !w->broken;
}

/* Parts of which a second has one. */
static bool take_single(struct wire *w, uint64_t kind, struct second *s)
{
    switch (kind) {
    case KIND_TIME:
        return take_time(w, s);
    case KIND_NOW:
        return take_now(w, s);
    case KIND_CLASSES:
        return read_classes(w, s);
    case KIND_HEALTH:
        return take_health(w, s);
    default:
        return true; /* a newer version's */
    }
}

static bool take_part(struct wire *w, uint64_t kind, struct second *s, uint32_t *seen)
{
    switch (kind) {
    case KIND_ENDPOINT:
        return take_endpoint(w, s);
    case KIND_FAIL:
        return take_fail(w, s);
    case KIND_BURST:
        return take_burst(w, s);
    case KIND_GAP:
        return take_gap(w, s);
    case KIND_MARK:
        return take_mark(w, s);
    default:
        break;
    }
    uint32_t bit = kind < 32 ? UINT32_C(1) << kind : 0;
    if ((*seen & bit) != 0)
        return false;
    *seen |= bit;
    return take_single(w, kind, s);
}

static bool take_parts(struct wire *w, struct second *s)
{
    uint32_t seen = 0;
    while (wire_more(w)) {
        uint64_t kind = wire_take(w);
        struct wire part = wire_take_part(w);
        if (part.broken || !take_part(&part, kind, s, &seen))
            return false;
    }
    return !w->broken && (seen & 1u << KIND_TIME) != 0;
}

size_t second_length(const void *data, size_t len)
{
    const uint8_t *head = data;
    if (len < SECOND_HEAD)
        return 0;
    uint32_t length =
        head[5] | (uint32_t)head[6] << 8 | (uint32_t)head[7] << 16 | (uint32_t)head[8] << 24;
    if (memcmp(head, magic, sizeof magic) != 0 || length > SECOND_MAX_BYTES - SECOND_HEAD)
        return SIZE_MAX;
    return length + SECOND_HEAD;
}

bool second_read(const void *data, size_t len, struct second *out, struct err *e)
{
    memset(out, 0, sizeof *out);
    if (len < SECOND_HEAD || second_length(data, len) != len)
        return err_set(e, "These bytes are no second of a run, or a part of one.");
    const uint8_t *head = data;
    if (head[3] != SECOND_MAJOR)
        return err_set(e,
                       "The second is of version %u, and this ramptop reads version %u: use the "
                       "one that wrote it.",
                       head[3], SECOND_MAJOR);
    struct wire w = wire_of(head + SECOND_HEAD, len - SECOND_HEAD);
    if (take_parts(&w, out))
        return true;
    second_finish(out);
    return err_set(e, "The second is damaged: its figures do not go together.");
}
