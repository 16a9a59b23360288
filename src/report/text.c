/* SPDX-License-Identifier: MIT */
#include "src/report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/human.h"
#include "src/base/width.h"
#include "src/report/probes.h"
#include "src/stats/cause.h"
#include "src/stats/snapshot_words.h"
#include "src/stats/unsent.h"

#define TABLE_ENDPOINTS 8 /* rows of the running table */
#define SUMMARY_FAILS 20
#define SUMMARY_MARKS 20
#define SUMMARY_COLUMNS 80
#define NAME_MIN 16
#define NAME_MAX_COLUMNS 44

double report_rate(const struct snapshot *s, uint64_t requests)
{
    return s->rate_s > 0 ? (double)requests / s->rate_s : 0;
}

double report_cpu_percent(const struct snapshot *s)
{
    return s->health.cpu_run_percent > 0 ? s->health.cpu_run_percent : s->health.cpu_percent;
}

/* ------------------------------------------------------------------- endpoints */

struct row {
    const struct snap_endpoint *endpoint;
    uint64_t requests, failures;
    double rps;
    const struct snap_latency *latency;
};

static int by_requests(const void *a, const void *b)
{
    uint64_t x = ((const struct row *)a)->requests, y = ((const struct row *)b)->requests;
    return x < y ? 1 : x > y ? -1 : 0;
}

static int by_rate(const void *a, const void *b)
{
    double x = ((const struct row *)a)->rps, y = ((const struct row *)b)->rps;
    return x < y ? 1 : x > y ? -1 : by_requests(a, b);
}

/* The endpoints that were asked at all, busiest first; returns how many. */
static size_t text_rows(const struct snapshot *s, bool window, struct row *rows)
{
    size_t n = 0;
    for (uint32_t i = 0; i < s->n_endpoints; i++) {
        const struct snap_endpoint *e = &s->endpoints[i];
        if (e->requests == 0)
            continue;
        rows[n++] = (struct row){.endpoint = e,
                                 .requests = e->requests,
                                 .failures = e->failures,
                                 .rps = window ? e->rps : report_rate(s, e->requests),
                                 .latency = window ? &e->window : &e->total};
    }
    qsort(rows, n, sizeof *rows, window ? by_rate : by_requests);
    return n;
}

static const char *latency(char *out, const struct snap_latency *l, uint64_t us)
{
    if (l->count == 0)
        snprintf(out, HUMAN_MAX, "-");
    else
        human_us(out, HUMAN_MAX, (double)us, false);
    return out;
}

static void put_row(struct buf *t, const struct row *r, size_t width)
{
    char name[SNAP_TITLE], a[5][HUMAN_MAX], n[2][HUMAN_MAX];
    const struct snap_latency *l = r->latency;
    buf_printf(t, " ");
    width_cell(t, snap_title(r->endpoint, name, sizeof name), width);
    buf_printf(t, " %10s %8s %8s %7s %7s %7s %7s\n", human_count(n[0], sizeof n[0], r->requests),
               human_count(n[1], sizeof n[1], r->failures), human_rate(a[0], sizeof a[0], r->rps),
               latency(a[1], l, l->p50_us), latency(a[2], l, l->p95_us),
               latency(a[3], l, l->p99_us), latency(a[4], l, l->max_us));
}

static void put_endpoints(struct buf *t, const struct snapshot *s, bool window, size_t max)
{
    struct row rows[SNAP_ENDPOINTS];
    size_t n = text_rows(s, window, rows), width = NAME_MIN;
    size_t shown = n < max ? n : max;

    for (size_t i = 0; i < shown; i++) {
        size_t w = width_text(rows[i].endpoint->name) + width_text(rows[i].endpoint->method) + 1;
        width = w > width ? w : width;
    }
    width = width > NAME_MAX_COLUMNS ? NAME_MAX_COLUMNS : width;
    buf_printf(t, " ");
    width_cell(t, "endpoint", width);
    buf_printf(t, " %10s %8s %8s %7s %7s %7s %7s\n", "requests", "failures", "req/s", "p50", "p95",
               "p99", "max");
    for (size_t i = 0; i < shown; i++)
        put_row(t, &rows[i], width);
    if (n > shown)
        buf_printf(t, " ... and %zu more\n", n - shown);
}

/* ----------------------------------------------------------------------- table */

static void put_part(struct buf *t, const struct snap_run *r)
{
    if (r->parts == SNAP_PARTS_NONE)
        return;
    buf_printf(t, "%s %u of %u", r->parts == SNAP_PARTS_STAGES ? "stage" : "burst", r->part,
               r->n_parts);
    if (r->parts == SNAP_PARTS_BURSTS)
        buf_printf(t, " (%u ready)", r->waiting);
    buf_printf(t, "  ");
}

char *report_table(const struct snapshot *s, const struct probe_snapshot *b)
{
    struct buf t = {0};
    char clock[HUMAN_MAX], rate[HUMAN_MAX], share[HUMAN_MAX], p[3][HUMAN_MAX], window[HUMAN_MAX];
    char unsent[3 * SNAP_TEXT];
    const struct snap_latency *w = &s->window;

    snprintf(window, sizeof window, "last %.0f s", s->window_s);
    if (s->still)
        snprintf(window, sizeof window, "now");
    human_clock(clock, sizeof clock, s->elapsed_s);
    buf_printf(&t, "%s  ", clock);
    put_part(&t, &s->run);
    buf_printf(&t, "users %u of %u  %s req/s  failures %s  p50 %s  p95 %s  p99 %s  (%s)\n",
               s->users, s->run.users_wanted, human_rate(rate, sizeof rate, s->rps),
               human_percent(share, sizeof share, s->fail_percent), latency(p[0], w, w->p50_us),
               latency(p[1], w, w->p95_us), latency(p[2], w, w->p99_us), window);
    if (s->n_endpoints > 0)
        put_endpoints(&t, s, true, TABLE_ENDPOINTS);
    if (b != NULL && b->n_probes > 0)
        probes_line(&t, b);
    for (uint32_t i = 0; i < s->health.n_warnings; i++)
        buf_printf(&t, " warning: %s\n", s->health.warnings[i]);
    if (unsent_sentence(s, true, unsent, sizeof unsent))
        buf_printf(&t, " error: %s\n", unsent);
    return buf_take(&t);
}

/* --------------------------------------------------------------------- summary */

static void put_head(struct buf *t, const struct snapshot *s)
{
    char clock[HUMAN_MAX], users[HUMAN_MAX];
    buf_printf(t, "%s", s->run.target);
    if (strstr(s->run.target, s->run.profile) == NULL) /* a bare URL's profile is its host */
        buf_printf(t, "  %s", s->run.profile);
    if (s->run.level[0] != '\0')
        buf_printf(t, " / %s", s->run.level);
    buf_printf(t, "%s\n", s->run.insecure && s->run.tls ? "  (certificates NOT verified)" : "");
    if (s->load_s > 0 && s->load_s < 1)
        human_us(clock, sizeof clock, s->load_s * 1e6, false);
    else
        human_clock(clock, sizeof clock, (s->load_s + 0.5));
    buf_printf(t, "ran %s with up to %s user%s", clock,
               human_count(users, sizeof users, s->users_peak), s->users_peak == 1 ? "" : "s");
    buf_printf(t, "%s%s\n", s->run.end_reason[0] != '\0' ? "; " : "", s->run.end_reason);
    if (s->drain_s >= 0.05)
        buf_printf(t, "the last replies came %s later\n",
                   human_us(clock, sizeof clock, s->drain_s * 1e6, false));
    if (s->stopped_s >= 0.05)
        buf_printf(t, "for %s besides nothing ran, which no rate counts\n",
                   human_us(clock, sizeof clock, s->stopped_s * 1e6, false));
}

/* A request without a result at the end is in no other figure, and worse than those say. */
static void put_given_up(struct buf *t, const struct snapshot *s)
{
    char n[HUMAN_MAX], waited[HUMAN_MAX];
    uint64_t untimed = s->aborted - (s->given_up < s->aborted ? s->given_up : s->aborted);
    double longest_us = (double)(s->total.max_us > s->total_failed.max_us ? s->total.max_us
                                                                          : s->total_failed.max_us);
    bool slower = s->given_up_s * 1e6 > longest_us;
    if (s->given_up > 0)
        buf_printf(t, "given up  %s  had no reply after up to %s when the run ended%s\n",
                   human_count(n, sizeof n, s->given_up),
                   human_us(waited, sizeof waited, s->given_up_s * 1e6, false),
                   slower ? ": longer than any that is counted" : "");
    if (untimed > 0)
        buf_printf(t, "untimed   %s  were under way while the program was stopped\n",
                   human_count(n, sizeof n, untimed));
    if (s->sent_again > 0)
        buf_printf(t,
                   "again     %s  %s sent once more: the target closed the kept connection before "
                   "reading %s\n",
                   human_count(n, sizeof n, s->sent_again), s->sent_again == 1 ? "was" : "were",
                   s->sent_again == 1 ? "it" : "them");
    if (s->cut_short > 0)
        buf_printf(t, "on_stop   was not done by %s user%s: --grace gives them longer\n",
                   human_count(n, sizeof n, s->cut_short), s->cut_short == 1 ? "" : "s");
}

static void put_totals(struct buf *t, const struct snapshot *s)
{
    char n[HUMAN_MAX], r[HUMAN_MAX], b[2][HUMAN_MAX];

    buf_printf(t, "\nrequests  %s  (%s per second)\n", human_count(n, sizeof n, s->finished),
               human_rate(r, sizeof r, report_rate(s, s->finished)));
    buf_printf(
        t, "failures  %s  (%s)\n", human_count(n, sizeof n, s->failures),
        human_percent(r, sizeof r,
                      s->finished > 0 ? 100 * (double)s->failures / (double)s->finished : 0));
    if (s->client_failures > 0)
        buf_printf(
            t, "NOT SENT  %s  requests, which this side could not send: in none of the figures\n",
            human_count(n, sizeof n, s->client_failures));
    put_given_up(t, s);
    buf_printf(t, "bytes     %s in, %s out\n", human_bytes(b[0], sizeof b[0], (double)s->bytes_in),
               human_bytes(b[1], sizeof b[1], (double)s->bytes_out));
}

static void put_successes(struct buf *t, const struct snap_latency *l, const char *whose)
{
    char v[9][HUMAN_MAX];
    buf_printf(t, "latency   min %s, mean %s, max %s%s\n",
               human_us_exact(v[0], HUMAN_MAX, (double)l->min_us),
               human_us_exact(v[1], HUMAN_MAX, l->mean_us),
               human_us_exact(v[2], HUMAN_MAX, (double)l->max_us), whose);
    buf_printf(t, "          p50 %s, p75 %s, p90 %s, p95 %s\n          p99 %s, p99.9 %s\n",
               human_us_exact(v[3], HUMAN_MAX, (double)l->p50_us),
               human_us_exact(v[4], HUMAN_MAX, (double)l->p75_us),
               human_us_exact(v[5], HUMAN_MAX, (double)l->p90_us),
               human_us_exact(v[6], HUMAN_MAX, (double)l->p95_us),
               human_us_exact(v[7], HUMAN_MAX, (double)l->p99_us),
               human_us_exact(v[8], HUMAN_MAX, (double)l->p99_9_us));
}

/* With failures it is said whose latency it is, and theirs stands below. */
static void put_latency(struct buf *t, const struct snap_latency *ok,
                        const struct snap_latency *failed)
{
    char v[4][HUMAN_MAX];
    if (ok->count > 0)
        put_successes(t, ok, failed->count > 0 ? "  (of successes)" : "");
    else if (failed->count > 0)
        buf_printf(t, "latency   -  (nothing succeeded)\n");
    if (failed->count > 0)
        buf_printf(t, "          of failures: min %s, p50 %s, p99 %s, max %s\n",
                   human_us_exact(v[0], HUMAN_MAX, (double)failed->min_us),
                   human_us_exact(v[1], HUMAN_MAX, (double)failed->p50_us),
                   human_us_exact(v[2], HUMAN_MAX, (double)failed->p99_us),
                   human_us_exact(v[3], HUMAN_MAX, (double)failed->max_us));
}

/* "statuses  200 1,234, 201 56, 429 7": folded where they do not fit a line. */
static void put_statuses(struct buf *t, const struct statuses *s)
{
    static const char label[] = "statuses  ";
    char item[HUMAN_MAX + 16], n[HUMAN_MAX];
    size_t used = 0;
    for (uint32_t i = 0; i < s->n + (s->others > 0); i++) {
        human_count(n, sizeof n, i < s->n ? s->count[i] : s->others);
        if (i < s->n)
            snprintf(item, sizeof item, "%u %s", s->code[i], n);
        else
            snprintf(item, sizeof item, "others %s", n);
        bool folds = used + strlen(item) + 3 > SUMMARY_COLUMNS;
        buf_printf(t, "%s%s", used == 0 ? label : folds ? ",\n          " : ", ", item);
        used = (used == 0 || folds ? strlen(label) : used + 2) + strlen(item);
    }
    if (used > 0)
        buf_printf(t, "\n");
}

/* When the latency broke, under which load, which resource was full then. */
static void put_break_finding(struct buf *t, const struct snapshot *s,
                              const struct probe_snapshot *b)
{
    struct cause c;
    cause_find(s, b, &c);
    if (c.text[0] != '\0')
        buf_printf(t, "finding   %s\n", c.text);
}

static int by_count(const void *a, const void *b)
{
    uint64_t x = (*(const struct snap_fail *const *)a)->count;
    uint64_t y = (*(const struct snap_fail *const *)b)->count;
    return x < y ? 1 : x > y ? -1 : 0;
}

static void put_fails(struct buf *t, const struct snapshot *s)
{
    const struct snap_fail *order[SNAP_FAILS];
    char n[HUMAN_MAX], kind[32], name[SNAP_TITLE];
    size_t shown = s->n_fails < SUMMARY_FAILS ? s->n_fails : SUMMARY_FAILS;

    if (s->n_fails == 0)
        return;
    for (uint32_t i = 0; i < s->n_fails; i++)
        order[i] = &s->fails[i];
    qsort(order, s->n_fails, sizeof *order, by_count);
    buf_printf(t, "\n failures   kind         endpoint, and what one of them said\n");
    for (size_t i = 0; i < shown; i++) {
        buf_printf(t, " %8s   ", human_count(n, sizeof n, order[i]->count));
        width_cell(t, snap_fail_word(order[i], kind, sizeof kind), 12);
        buf_printf(t, " %s", snap_fail_endpoint(s, order[i], name, sizeof name));
        buf_printf(t, "%s%s\n", order[i]->text[0] != '\0' ? ": " : "", order[i]->text);
    }
    if (s->n_fails > shown)
        buf_printf(t, " ... and %u more kinds\n", (unsigned)(s->n_fails - shown));
}

/* Lists the newest marks: what was tried, and when.  The probes say what the target did. */
static void put_marks(struct buf *t, const struct snapshot *s)
{
    char clock[HUMAN_MAX];
    uint32_t own = 0;
    for (uint32_t i = 0; i < s->n_marks; i++)
        own += s->marks[i].kind != SNAP_MARK_TARGET;
    if (own == 0 && s->marks_dropped == 0)
        return;
    buf_printf(t, "\n");
    if (s->marks_dropped > 0)
        buf_printf(t, " ... %u older marks, which are not kept\n", s->marks_dropped);
    if (own > SUMMARY_MARKS)
        buf_printf(t, " ... %u earlier marks\n", own - SUMMARY_MARKS);
    for (uint32_t i = 0, left = own; i < s->n_marks; i++)
        if (s->marks[i].kind != SNAP_MARK_TARGET && left-- <= SUMMARY_MARKS)
            buf_printf(t, " %s  %c  %s\n", human_clock(clock, sizeof clock, s->marks[i].at_s),
                       s->marks[i].letter != '\0' ? s->marks[i].letter : ' ', s->marks[i].text);
}

static void put_bursts(struct buf *t, const struct snapshot *s)
{
    char clock[HUMAN_MAX];
    if (s->n_bursts > 0)
        buf_printf(t, "\n");
    for (uint32_t i = 0; i < s->n_bursts; i++)
        buf_printf(t, " %s  %s\n", human_clock(clock, sizeof clock, s->bursts[i].at_s),
                   s->bursts[i].text);
}

/* A single address has all connections: nothing to be said. */
static bool is_only_address(const struct snapshot *s, uint32_t i)
{
    for (uint32_t k = 0; k < s->n_addresses; k++)
        if (k != i && strcmp(s->addresses[k].name, s->addresses[i].name) == 0)
            return false;
    return true;
}

/* Lists the addresses of names that have several. */
static void put_addresses(struct buf *t, const struct snapshot *s)
{
    char n[2][HUMAN_MAX];
    bool any = false;
    for (uint32_t i = 0; i < s->n_addresses; i++) {
        const struct snap_address *a = &s->addresses[i];
        if (is_only_address(s, i))
            continue;
        if (!any)
            buf_printf(t, "\n connections  of tries   address\n");
        any = true;
        buf_printf(t, " %11s %9s   %s %s\n", human_count(n[0], sizeof n[0], a->connections),
                   human_count(n[1], sizeof n[1], a->tries), a->name, a->address);
    }
}

static void put_health(struct buf *t, const struct snapshot *s)
{
    const struct snap_health *h = &s->health;
    char lost[HUMAN_MAX], unsent[3 * SNAP_TEXT];
    buf_printf(t, "\ngenerator  cpu %.0f %%, late by %.1f ms (p99), samples lost %s\n",
               report_cpu_percent(s), h->lag_p99_run_ms,
               human_count(lost, sizeof lost, h->ring_lost));
    for (uint32_t i = 0; i < h->n_warnings; i++)
        buf_printf(t, "warning: %s\n", h->warnings[i]);
    if (unsent_sentence(s, false, unsent, sizeof unsent))
        buf_printf(t, "error: %s\n", unsent);
}

char *report_summary(const struct snapshot *s, const struct probe_snapshot *b)
{
    struct buf t = {0};
    put_head(&t, s);
    put_totals(&t, s);
    put_latency(&t, &s->total, &s->total_failed);
    put_statuses(&t, &s->statuses);
    put_break_finding(&t, s, b);
    if (s->finished > 0) {
        buf_printf(&t, "\n");
        put_endpoints(&t, s, false, SNAP_ENDPOINTS);
    }
    put_fails(&t, s);
    put_addresses(&t, s);
    if (b != NULL && b->n_probes > 0)
        probes_section(&t, b);
    put_marks(&t, s);
    put_bursts(&t, s);
    put_health(&t, s);
    return buf_take(&t);
}
