/* SPDX-License-Identifier: MIT */
#include "src/stats/second.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/num.h"

#define OTHERS (SECOND_FAILS - 1u)

static void finish_endpoint(struct second_endpoint *e)
{
    latencies_packed_finish(&e->service);
    latencies_packed_finish(&e->response);
    for (unsigned i = 0; i < SECOND_PHASES; i++)
        hist_sparse_finish(&e->phases[i]);
}

void second_finish(struct second *s)
{
    for (uint32_t i = 0; i < s->n_endpoints; i++)
        finish_endpoint(&s->endpoints[i]);
    for (uint32_t i = 0; i < s->n_fails; i++)
        free(s->fails[i].text);
    for (uint32_t i = 0; i < s->n_bursts; i++)
        latencies_packed_finish(&s->bursts[i].service);
    hist_sparse_finish(&s->health.lag);
    free(s->endpoints);
    free(s->fails);
    free(s->marks);
    free(s->class_users);
    memset(s, 0, sizeof *s);
}

/* ------------------------------------------------------------------------ merge */

static bool has_response(const struct second_endpoint *e)
{
    return second_latency(e) == &e->response;
}

static void merge_endpoint(struct second_endpoint *into, const struct second_endpoint *from)
{
    /* Where one side alone has response times, they are the other's service times there. */
    if (has_response(into) || has_response(from)) {
        if (!has_response(into))
            latencies_packed_merge(&into->response, &into->service);
        latencies_packed_merge(&into->response, second_latency(from));
    }
    latencies_packed_merge(&into->service, &from->service);
    for (unsigned i = 0; i < SECOND_PHASES; i++)
        hist_sparse_merge(&into->phases[i], &from->phases[i]);
    into->endpoint = from->endpoint;
    into->requests += from->requests;
    into->failures += from->failures;
    into->client_failures += from->client_failures;
    into->timeouts += from->timeouts;
    into->connections += from->connections;
    into->bytes_in += from->bytes_in;
    into->bytes_out += from->bytes_out;
    statuses_add(&into->statuses, &from->statuses);
}

static void merge_endpoints(struct second *into, const struct second *from)
{
    uint32_t n = 0, room = into->n_endpoints + from->n_endpoints;
    struct second_endpoint *all = room > 0 ? mem_array(room, sizeof *all) : NULL;
    for (uint32_t i = 0, k = 0; i < into->n_endpoints || k < from->n_endpoints; n++) {
        const struct second_endpoint *a = i < into->n_endpoints ? &into->endpoints[i] : NULL;
        const struct second_endpoint *b = k < from->n_endpoints ? &from->endpoints[k] : NULL;
        bool both = a != NULL && b != NULL && a->endpoint == b->endpoint;
        if (a != NULL && (both || b == NULL || a->endpoint < b->endpoint)) {
            all[n] = *a; /* all its pointers move along */
            i++;
            b = both ? b : NULL;
        }
        if (b != NULL) {
            merge_endpoint(&all[n], b);
            k++;
        }
    }
    free(into->endpoints);
    into->endpoints = all;
    into->n_endpoints = n;
}

struct second_fail second_fail_key(uint16_t endpoint, uint8_t fail, uint16_t status,
                                   uint16_t detail)
{
    bool named = fail == FAIL_CHECK || fail == FAIL_CAPTURE;
    return (struct second_fail){.endpoint =
                                    endpoint < SECOND_ENDPOINTS ? endpoint : SECOND_ENDPOINTS - 1,
                                .fail = fail < FAIL_KINDS ? fail : FAIL_OTHER,
                                .status = fail == FAIL_STATUS ? status : 0,
                                .detail = named ? detail : 0};
}

uint32_t second_fail_hash(const struct second_fail *key)
{
    return (key->endpoint * 40503u + key->fail * 2654435761u +
            (key->status ^ key->detail) * 2246822519u) >>
           7;
}

bool second_fail_is(const struct second_fail *row, const struct second_fail *key)
{
    return row->endpoint == key->endpoint && row->fail == key->fail && row->status == key->status &&
           row->detail == key->detail;
}

static struct second_fail *find_fail(const struct second *s, const struct second_fail *key)
{
    for (uint32_t i = 0; i < s->n_fails; i++)
        if (second_fail_is(&s->fails[i], key))
            return &s->fails[i];
    return NULL;
}

/* The row of that key, made when it is new; its place is there. */
static struct second_fail *fail_row(struct second *s, const struct second_fail *key)
{
    static const struct second_fail others = {.endpoint = SECOND_ENDPOINTS - 1, .fail = FAIL_OTHER};
    struct second_fail *row = find_fail(s, key);
    if (row == NULL && s->n_fails >= OTHERS) {
        key = &others;
        row = find_fail(s, key);
    }
    if (row != NULL)
        return row;
    if (s->n_fails == SECOND_FAILS)
        return &s->fails[OTHERS];
    row = &s->fails[s->n_fails++];
    *row = *key;
    row->count = row->first_ns = row->last_ns = 0;
    row->text = NULL;
    return row;
}

static void add_fail(struct second_fail *row, const struct second_fail *f)
{
    if (f->count > 0 && (row->count == 0 || f->first_ns < row->first_ns))
        row->first_ns = f->first_ns;
    row->last_ns = num_max(row->last_ns, f->last_ns);
    row->count += f->count;
    if (f->text == NULL)
        return;
    free(row->text);
    row->text = mem_strdup(f->text);
}

static void copy_fails(struct second *into, const struct second *from)
{
    into->fails = mem_array(from->n_fails, sizeof *into->fails);
    into->n_fails = from->n_fails;
    for (uint32_t i = 0; i < from->n_fails; i++) {
        into->fails[i] = from->fails[i];
        into->fails[i].text = mem_strdup(from->fails[i].text);
    }
}

static void merge_fails(struct second *into, const struct second *from)
{
    if (from->n_fails == 0)
        return;
    if (into->n_fails == 0) {
        copy_fails(into, from);
        return;
    }
    into->fails = mem_grow(into->fails, SECOND_FAILS, sizeof *into->fails);
    for (uint32_t i = 0; i < from->n_fails; i++)
        add_fail(fail_row(into, &from->fails[i]), &from->fails[i]);
    into->fails = mem_grow(into->fails, into->n_fails, sizeof *into->fails);
}

static void merge_burst(struct second_burst *into, const struct second_burst *from)
{
    into->number = from->number;
    into->requests += from->requests;
    into->failures += from->failures;
    into->client_failures += from->client_failures;
    latencies_packed_merge(&into->service, &from->service);
}

/* Where there are more than fit, the newest stay. */
static void merge_bursts(struct second *into, const struct second *from)
{
    for (uint32_t k = 0; k < from->n_bursts; k++) {
        const struct second_burst *b = &from->bursts[k];
        uint32_t at = 0;
        while (at < into->n_bursts && into->bursts[at].number < b->number)
            at++;
        if (at == into->n_bursts || into->bursts[at].number != b->number) {
            if (into->n_bursts == SECOND_BURSTS) {
                if (at == 0)
                    continue;
                latencies_packed_finish(&into->bursts[0].service);
                at--;
                into->n_bursts--;
                memmove(&into->bursts[0], &into->bursts[1], at * sizeof *into->bursts);
            } else {
                memmove(&into->bursts[at + 1], &into->bursts[at],
                        (into->n_bursts - at) * sizeof *into->bursts);
            }
            into->bursts[at] = (struct second_burst){0};
            into->n_bursts++;
        }
        merge_burst(&into->bursts[at], b);
    }
}

/* Only time in which neither generator ran is a gap. */
static void merge_gaps(struct second *into, const struct second *from)
{
    struct second_gap both[SECOND_GAPS];
    uint32_t n = 0;
    for (uint32_t i = 0; i < into->n_gaps; i++)
        for (uint32_t k = 0; k < from->n_gaps && n < SECOND_GAPS; k++) {
            both[n].from_ns = num_max(into->gaps[i].from_ns, from->gaps[k].from_ns);
            both[n].to_ns = num_min(into->gaps[i].to_ns, from->gaps[k].to_ns);
            n += both[n].from_ns < both[n].to_ns;
        }
    memcpy(into->gaps, both, n * sizeof *both);
    into->n_gaps = n;
}

static void merge_marks(struct second *into, const struct second *from)
{
    uint32_t own = into->n_marks;
    if (from->n_marks == 0)
        return;
    into->marks = mem_grow(into->marks, (size_t)into->n_marks + from->n_marks, sizeof *into->marks);
    for (uint32_t k = 0; k < from->n_marks && into->n_marks < SNAP_MARKS; k++) {
        uint32_t at = into->n_marks++;
        for (; own > 0 && at > 0 && into->marks[at - 1].at_s > from->marks[k].at_s; at--)
            into->marks[at] = into->marks[at - 1];
        into->marks[at] = from->marks[k];
    }
}

static void merge_now(struct gauges_now *into, const struct gauges_now *from)
{
    into->users += from->users;
    into->users_wanted += from->users_wanted;
    into->users_peak += from->users_peak;
    into->in_flight += from->in_flight;
    into->oldest_ns = num_max(into->oldest_ns, from->oldest_ns);
    into->started += from->started;
    into->aborted += from->aborted;
    into->given_up += from->given_up;
    into->given_up_ns = num_max(into->given_up_ns, from->given_up_ns);
    into->sent_again += from->sent_again;
    into->cut_short += from->cut_short;
    into->elapsed_ns = num_max(into->elapsed_ns, from->elapsed_ns);
    into->load_ns = num_max(into->load_ns, from->load_ns);
    into->drain_ns = num_max(into->drain_ns, from->drain_ns);
    into->rate_ns = num_max(into->rate_ns, from->rate_ns);
    into->left_out_ns = num_min(into->left_out_ns, from->left_out_ns);
}

static void merge_classes(struct second *into, const struct second *from)
{
    if (from->n_classes > into->n_classes) {
        into->class_users = mem_grow(into->class_users, from->n_classes, sizeof *into->class_users);
        memset(into->class_users + into->n_classes, 0,
               (from->n_classes - into->n_classes) * sizeof *into->class_users);
        into->n_classes = from->n_classes;
    }
    for (uint32_t i = 0; i < from->n_classes; i++)
        into->class_users[i] += from->class_users[i];
}

static double fd_share(const struct second_health *h)
{
    return h->fd_limit > 0 ? (double)h->open_fds / (double)h->fd_limit : 0;
}

/* Two generators are one machine of many cores.  Files are those of the process that is nearer
 * to its limit. */
static void merge_health(struct second_health *into, const struct second_health *from)
{
    hist_sparse_merge(&into->lag, &from->lag);
    into->known = into->known || from->known;
    into->span_ns = num_max(into->span_ns, from->span_ns);
    into->cpu_ns += from->cpu_ns;
    for (uint32_t i = 0; i < from->n_workers && into->n_workers < SNAP_WORKERS; i++)
        into->worker_cpu_ns[into->n_workers++] = from->worker_cpu_ns[i];
    into->millicores += from->millicores;
    into->loop_max_us = (uint32_t)num_max(into->loop_max_us, from->loop_max_us);
    into->ring_ppm = (uint32_t)num_max(into->ring_ppm, from->ring_ppm);
    into->ring_lost += from->ring_lost;
    into->rss_bytes += from->rss_bytes;
    if (into->fd_limit == 0 || fd_share(from) > fd_share(into)) {
        into->open_fds = from->open_fds;
        into->fd_limit = from->fd_limit;
    }
}

static void add_times(struct second *into, const struct second *from)
{
    if (into->wall_ns == 0 || (from->wall_ns != 0 && from->wall_ns < into->wall_ns))
        into->wall_ns = from->wall_ns;
    into->number = from->number;
    into->length_ns = num_max(into->length_ns, from->length_ns);
    into->cut_short = into->cut_short || from->cut_short;
    into->last_done_ns = num_max(into->last_done_ns, from->last_done_ns);
    into->last_heard_ns = num_max(into->last_heard_ns, from->last_heard_ns);
}

/* All but the stops. */
static void add_second(struct second *into, const struct second *from)
{
    add_times(into, from);
    merge_endpoints(into, from);
    merge_fails(into, from);
    merge_bursts(into, from);
    merge_marks(into, from);
    if (into->has_now && from->has_now)
        merge_now(&into->now, &from->now);
    else if (from->has_now)
        into->now = from->now;
    into->has_now = into->has_now || from->has_now;
    merge_classes(into, from);
    merge_health(&into->health, &from->health);
}

void second_copy(struct second *out, const struct second *from)
{
    memset(out, 0, sizeof *out);
    add_second(out, from);
    out->gap_ns = from->gap_ns;
    memcpy(out->gaps, from->gaps, sizeof out->gaps);
    out->n_gaps = from->n_gaps;
}

static void packed_coarsen(struct latencies_packed *p, unsigned bits)
{
    hist_sparse_coarsen(&p->ok, bits);
    if (p->failed != NULL)
        hist_sparse_coarsen(p->failed, bits);
}

void second_coarsen(struct second *s, unsigned bits)
{
    for (uint32_t i = 0; i < s->n_endpoints; i++) {
        struct second_endpoint *e = &s->endpoints[i];
        packed_coarsen(&e->service, bits);
        packed_coarsen(&e->response, bits);
        for (int k = 0; k < SECOND_PHASES; k++)
            hist_sparse_coarsen(&e->phases[k], bits);
    }
    for (uint32_t i = 0; i < s->n_bursts; i++)
        packed_coarsen(&s->bursts[i].service, bits);
    hist_sparse_coarsen(&s->health.lag, bits);
}

void second_merge(struct second *into, const struct second *from)
{
    merge_gaps(into, from);
    into->gap_ns = num_min(into->gap_ns, from->gap_ns);
    add_second(into, from);
}
