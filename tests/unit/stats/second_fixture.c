/* SPDX-License-Identifier: MIT */
#include "tests/unit/stats/second_fixture.h"

#include <stdio.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "tests/unit/stats/hist_record.h"

/* ---------------------------------------------------------------------- compare */

static bool same_hist(const struct hist_sparse *a, const struct hist_sparse *b)
{
    uint64_t n = a != NULL ? a->count : 0, m = b != NULL ? b->count : 0;
    if (n != m || n == 0)
        return n == m;
    return a->sum_us == b->sum_us && a->min_us == b->min_us && a->max_us == b->max_us &&
           a->cells == b->cells && a->bytes == b->bytes &&
           memcmp(a->packed, b->packed, a->bytes) == 0;
}

static bool same_latencies(const struct latencies_packed *a, const struct latencies_packed *b)
{
    return same_hist(&a->ok, &b->ok) && same_hist(a->failed, b->failed);
}

static bool same_statuses(const struct statuses *a, const struct statuses *b)
{
    return a->others == b->others && a->n == b->n &&
           memcmp(a->code, b->code, a->n * sizeof *a->code) == 0 &&
           memcmp(a->count, b->count, a->n * sizeof *a->count) == 0;
}

static bool same_endpoint(const struct second_endpoint *a, const struct second_endpoint *b)
{
    for (unsigned i = 0; i < SECOND_PHASES; i++)
        if (!same_hist(&a->phases[i], &b->phases[i]))
            return false;
    return a->endpoint == b->endpoint && a->requests == b->requests && a->failures == b->failures &&
           a->client_failures == b->client_failures && a->timeouts == b->timeouts &&
           a->connections == b->connections && a->bytes_in == b->bytes_in &&
           a->bytes_out == b->bytes_out && same_statuses(&a->statuses, &b->statuses) &&
           same_latencies(&a->service, &b->service) && same_latencies(&a->response, &b->response);
}

static bool same_fail(const struct second_fail *a, const struct second_fail *b)
{
    bool text =
        a->text == NULL || b->text == NULL ? a->text == b->text : strcmp(a->text, b->text) == 0;
    return second_fail_is(a, b) && a->count == b->count && a->first_ns == b->first_ns &&
           a->last_ns == b->last_ns && text;
}

static bool same_burst(const struct second_burst *a, const struct second_burst *b)
{
    return a->number == b->number && a->requests == b->requests && a->failures == b->failures &&
           a->client_failures == b->client_failures && same_latencies(&a->service, &b->service);
}

static bool same_mark(const struct snap_mark *a, const struct snap_mark *b)
{
    return a->at_s == b->at_s && a->kind == b->kind && a->letter == b->letter &&
           strcmp(a->text, b->text) == 0;
}

static bool same_now(const struct gauges_now *a, const struct gauges_now *b)
{
    return a->users == b->users && a->users_wanted == b->users_wanted &&
           a->users_peak == b->users_peak && a->in_flight == b->in_flight &&
           a->oldest_ns == b->oldest_ns && a->started == b->started && a->aborted == b->aborted &&
           a->given_up == b->given_up && a->given_up_ns == b->given_up_ns &&
           a->sent_again == b->sent_again && a->cut_short == b->cut_short &&
           a->elapsed_ns == b->elapsed_ns && a->load_ns == b->load_ns &&
           a->drain_ns == b->drain_ns && a->rate_ns == b->rate_ns &&
           a->left_out_ns == b->left_out_ns;
}

static bool same_health(const struct second_health *a, const struct second_health *b)
{
    return a->known == b->known && a->span_ns == b->span_ns && a->cpu_ns == b->cpu_ns &&
           a->n_workers == b->n_workers &&
           memcmp(a->worker_cpu_ns, b->worker_cpu_ns, a->n_workers * sizeof *a->worker_cpu_ns) ==
               0 &&
           a->millicores == b->millicores && a->loop_max_us == b->loop_max_us &&
           a->ring_ppm == b->ring_ppm && a->ring_lost == b->ring_lost &&
           a->open_fds == b->open_fds && a->fd_limit == b->fd_limit &&
           a->rss_bytes == b->rss_bytes && same_hist(&a->lag, &b->lag);
}

static bool same_time(const struct second *a, const struct second *b)
{
    return a->number == b->number && a->wall_ns == b->wall_ns && a->length_ns == b->length_ns &&
           a->gap_ns == b->gap_ns && a->cut_short == b->cut_short &&
           a->last_done_ns == b->last_done_ns && a->last_heard_ns == b->last_heard_ns;
}

static const char *state_difference(const struct second *a, const struct second *b)
{
    if (a->has_now != b->has_now || (a->has_now && !same_now(&a->now, &b->now)))
        return "now";
    if (a->n_classes != b->n_classes ||
        (a->n_classes > 0 &&
         memcmp(a->class_users, b->class_users, a->n_classes * sizeof *a->class_users) != 0))
        return "classes";
    return same_health(&a->health, &b->health) ? NULL : "health";
}

const char *second_difference(const struct second *a, const struct second *b)
{
    if (!same_time(a, b))
        return "time";
    if (a->n_endpoints != b->n_endpoints || a->n_fails != b->n_fails ||
        a->n_bursts != b->n_bursts || a->n_gaps != b->n_gaps || a->n_marks != b->n_marks)
        return "lists";
    for (uint32_t i = 0; i < a->n_endpoints; i++)
        if (!same_endpoint(&a->endpoints[i], &b->endpoints[i]))
            return "endpoints";
    for (uint32_t i = 0; i < a->n_fails; i++)
        if (!same_fail(&a->fails[i], &b->fails[i]))
            return "fails";
    for (uint32_t i = 0; i < a->n_bursts; i++)
        if (!same_burst(&a->bursts[i], &b->bursts[i]))
            return "bursts";
    for (uint32_t i = 0; i < a->n_gaps; i++)
        if (a->gaps[i].from_ns != b->gaps[i].from_ns || a->gaps[i].to_ns != b->gaps[i].to_ns)
            return "gaps";
    for (uint32_t i = 0; i < a->n_marks; i++)
        if (!same_mark(&a->marks[i], &b->marks[i]))
            return "marks";
    return state_difference(a, b);
}

/* ---------------------------------------------------------------------- made up */

/* Any size of number, small ones often. */
static uint64_t any_number(struct rng *g, unsigned bits)
{
    return rng_next(g) >> (64 - 1 - rng_below(g, bits));
}

static bool by_chance(struct rng *g)
{
    return rng_below(g, 3) > 0;
}

/* As many values as n, from under 1 us to beyond an hour. */
static void random_hist(struct hist_sparse *out, struct rng *g, uint64_t n)
{
    struct hist h;
    hist_init(&h);
    for (uint64_t i = 0; i < n; i++)
        hist_record(&h, any_number(g, 40));
    hist_to_sparse(&h, out);
    hist_finish(&h);
}

static void random_latencies(struct latencies_packed *out, struct rng *g, uint64_t ok,
                             uint64_t failed)
{
    random_hist(&out->ok, g, ok);
    if (failed == 0)
        return;
    out->failed = mem_zalloc(sizeof *out->failed);
    random_hist(out->failed, g, failed);
}

static void random_endpoint(struct second_endpoint *e, struct rng *g, uint16_t id)
{
    uint64_t ok = rng_below(g, 40), failed = by_chance(g) ? 0 : rng_below(g, 20);
    *e = (struct second_endpoint){.endpoint = id,
                                  .requests = ok + failed,
                                  .failures = failed,
                                  .client_failures = rng_below(g, 3),
                                  .timeouts = rng_below(g, failed + 1),
                                  .connections = rng_below(g, ok + failed + 1),
                                  .bytes_in = any_number(g, 48),
                                  .bytes_out = any_number(g, 48)};
    for (uint64_t i = rng_below(g, 2 * STATUSES_ROWS); i > 0; i--)
        statuses_count(&e->statuses, (uint16_t)(100 + rng_below(g, 500)), any_number(g, 40));
    random_latencies(&e->service, g, ok, failed);
    if (!by_chance(g))
        random_latencies(&e->response, g, ok, failed);
    for (unsigned i = 0; i < SECOND_PHASES; i++) {
        uint64_t most = i == PHASE_CONNECT && e->connections < ok ? e->connections : ok;
        if (by_chance(g))
            random_hist(&e->phases[i], g, rng_below(g, most + 1));
    }
}

static void random_text(char *text, size_t size, struct rng *g)
{
    size_t len = (size_t)rng_below(g, size);
    for (size_t i = 0; i < len; i++)
        text[i] = (char)('!' + rng_below(g, '~' - '!'));
    text[len] = '\0';
}

static void random_fail(struct second_fail *f, struct rng *g)
{
    char text[NOTE_TEXT_MAX];
    *f = (struct second_fail){.endpoint = (uint16_t)rng_below(g, SECOND_ENDPOINTS),
                              .fail = (uint8_t)(1 + rng_below(g, FAIL_KINDS - 1)),
                              .status = (uint16_t)rng_next(g),
                              .detail = (uint16_t)rng_next(g),
                              .count = any_number(g, 40),
                              .first_ns = any_number(g, 60)};
    f->last_ns = f->first_ns + any_number(g, 40);
    random_text(text, sizeof text, g);
    f->text = by_chance(g) ? mem_strdup(text) : NULL;
}

static void random_lists(struct second *s, struct rng *g)
{
    s->n_fails = (uint32_t)rng_below(g, 8);
    s->fails = mem_array(s->n_fails + 1, sizeof *s->fails);
    for (uint32_t i = 0; i < s->n_fails; i++)
        random_fail(&s->fails[i], g);
    s->n_bursts = (uint32_t)rng_below(g, SECOND_BURSTS + 1);
    for (uint32_t i = 0; i < s->n_bursts; i++) {
        uint64_t ok = rng_below(g, 9), failed = rng_below(g, 9);
        s->bursts[i] = (struct second_burst){.number = (uint16_t)(7 * (i + 1)),
                                             .requests = ok + failed,
                                             .failures = failed,
                                             .client_failures = rng_below(g, 9)};
        random_latencies(&s->bursts[i].service, g, ok, failed);
    }
    s->n_gaps = (uint32_t)rng_below(g, SECOND_GAPS + 1);
    for (uint32_t i = 0; i < s->n_gaps; i++) {
        s->gaps[i].from_ns = any_number(g, 60);
        s->gaps[i].to_ns = s->gaps[i].from_ns + 1 + any_number(g, 40);
    }
    s->n_marks = (uint32_t)rng_below(g, 5);
    s->marks = mem_array(s->n_marks + 1, sizeof *s->marks);
    for (uint32_t i = 0; i < s->n_marks; i++) {
        s->marks[i] = (struct snap_mark){.at_s = rng_unit(g) * 1e6,
                                         .kind = (uint8_t)rng_below(g, SNAP_MARK_TARGET + 1),
                                         .letter = (char)('!' + rng_below(g, 90))};
        random_text(s->marks[i].text, sizeof s->marks[i].text, g);
    }
}

static void random_now(struct gauges_now *n, struct rng *g)
{
    *n = (struct gauges_now){.users = (uint32_t)any_number(g, 32),
                             .users_wanted = (uint32_t)any_number(g, 32),
                             .users_peak = (uint32_t)any_number(g, 32),
                             .in_flight = (uint32_t)any_number(g, 32),
                             .oldest_ns = any_number(g, 63),
                             .started = any_number(g, 48),
                             .aborted = any_number(g, 48),
                             .given_up = any_number(g, 48),
                             .given_up_ns = any_number(g, 63),
                             .cut_short = (uint32_t)any_number(g, 32),
                             .elapsed_ns = any_number(g, 63),
                             .load_ns = any_number(g, 63),
                             .drain_ns = any_number(g, 63),
                             .rate_ns = any_number(g, 63),
                             .left_out_ns = any_number(g, 63),
                             .sent_again = any_number(g, 48)};
}

static void random_health(struct second_health *h, struct rng *g)
{
    *h = (struct second_health){.known = true,
                                .span_ns = any_number(g, 48),
                                .cpu_ns = any_number(g, 48),
                                .n_workers = (uint32_t)rng_below(g, SNAP_WORKERS + 1),
                                .millicores = (uint32_t)any_number(g, 32),
                                .loop_max_us = (uint32_t)any_number(g, 32),
                                .ring_ppm = (uint32_t)rng_below(g, 1000001),
                                .ring_lost = any_number(g, 48),
                                .open_fds = any_number(g, 48),
                                .fd_limit = by_chance(g) ? any_number(g, 48) : UINT64_MAX,
                                .rss_bytes = any_number(g, 48)};
    for (uint32_t i = 0; i < h->n_workers; i++)
        h->worker_cpu_ns[i] = any_number(g, 48);
    random_hist(&h->lag, g, rng_below(g, 50));
}

void second_random(struct second *s, struct rng *g)
{
    *s = (struct second){.number = (uint32_t)any_number(g, 31),
                         .wall_ns = any_number(g, 61),
                         .length_ns = rng_below(g, NS_PER_S) + 1,
                         .cut_short = by_chance(g),
                         .last_done_ns = any_number(g, 60),
                         .last_heard_ns = any_number(g, 60)};
    s->gap_ns = rng_below(g, s->length_ns);
    uint16_t id = 0;
    s->n_endpoints = (uint32_t)rng_below(g, 6);
    s->endpoints = mem_array(s->n_endpoints + 1, sizeof *s->endpoints);
    for (uint32_t i = 0; i < s->n_endpoints; i++) {
        id = (uint16_t)(id + 1 + rng_below(g, 40));
        random_endpoint(&s->endpoints[i], g, id);
    }
    random_lists(s, g);
    s->has_now = by_chance(g);
    if (s->has_now)
        random_now(&s->now, g);
    s->n_classes = by_chance(g) ? 0 : (uint32_t)rng_below(g, 5);
    s->class_users = mem_array(s->n_classes + 1, sizeof *s->class_users);
    for (uint32_t i = 0; i < s->n_classes; i++)
        s->class_users[i] = (uint32_t)any_number(g, 32);
    if (by_chance(g))
        random_health(&s->health, g);
}
