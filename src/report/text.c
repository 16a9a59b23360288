/* SPDX-License-Identifier: MIT */
#include "src/report/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/human.h"
#include "src/base/mem.h"
#include "src/base/width.h"
#include "src/stats/cause.h"
#include "src/report/probes.h"
#include "src/stats/unsent.h"

#define TABLE_ENDPOINTS 8 /* rows of the running table */
#define SUMMARY_FAILS 20
#define SUMMARY_MARKS 20
#define SUMMARY_COLUMNS 80
#define NAME_MIN 16
#define NAME_MAX_COLUMNS 44

/* A text that grows; the small part of stdio that this needs, without its errors. */
struct text {
    char *s; /* owned */
    size_t len;
};

static void text_put(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void text_put(struct text *t, const char *fmt, ...)
{
    char line[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    size_t n = strlen(line);
    t->s = mem_grow(t->s, t->len + n + 1, 1);
    memcpy(t->s + t->len, line, n + 1);
    t->len += n;
}

static void put_probes(struct text *t, const struct snapshot *s, const struct probe_snapshot *b,
                       void (*make)(struct buf *, const struct snapshot *,
                                    const struct probe_snapshot *))
{
    struct buf part = {0};
    if (b == NULL || b->n_probes == 0)
        return;
    make(&part, s, b);
    t->s = mem_grow(t->s, t->len + part.len + 1, 1);
    memcpy(t->s + t->len, part.len > 0 ? part.data : "", part.len + 1);
    t->len += part.len;
    buf_finish(&part);
}

static void text_cell(struct text *t, const char *s, size_t width)
{
    struct buf cell = {0};
    width_cell(&cell, s, width);
    text_put(t, "%.*s", (int)cell.len, cell.data);
    buf_finish(&cell);
}

const char *report_kind(const struct snap_fail *f, char out[32])
{
    if (f->fail == FAIL_STATUS && f->status != 0)
        snprintf(out, 32, "%u", f->status);
    else
        snprintf(out, 32, "%s", fail_word((enum fail)f->fail));
    return out;
}

const char *report_endpoint(const struct snapshot *s, const struct snap_fail *f, char *out,
                            size_t size)
{
    if (f->endpoint >= s->n_endpoints)
        snprintf(out, size, "(others)");
    else
        snprintf(out, size, "%s%s%s", s->endpoints[f->endpoint].method,
                 s->endpoints[f->endpoint].method[0] != '\0' ? " " : "",
                 s->endpoints[f->endpoint].name);
    return out;
}

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

static void put_row(struct text *t, const struct row *r, size_t width)
{
    char name[sizeof r->endpoint->method + SNAP_NAME + 1], a[5][HUMAN_MAX], n[2][HUMAN_MAX];
    const struct snap_latency *l = r->latency;
    snprintf(name, sizeof name, "%s %s", r->endpoint->method, r->endpoint->name);
    text_put(t, " ");
    text_cell(t, r->endpoint->method[0] != '\0' ? name : r->endpoint->name, width);
    text_put(t, " %10s %8s %8s %7s %7s %7s %7s\n", human_count(n[0], sizeof n[0], r->requests),
             human_count(n[1], sizeof n[1], r->failures), human_rate(a[0], sizeof a[0], r->rps),
             latency(a[1], l, l->p50_us), latency(a[2], l, l->p95_us), latency(a[3], l, l->p99_us),
             latency(a[4], l, l->max_us));
}

static void put_endpoints(struct text *t, const struct snapshot *s, bool window, size_t max)
{
    struct row rows[SNAP_ENDPOINTS];
    size_t n = text_rows(s, window, rows), width = NAME_MIN;
    size_t shown = n < max ? n : max;

    for (size_t i = 0; i < shown; i++) {
        size_t w = width_text(rows[i].endpoint->name) + width_text(rows[i].endpoint->method) + 1;
        width = w > width ? w : width;
    }
    width = width > NAME_MAX_COLUMNS ? NAME_MAX_COLUMNS : width;
    text_put(t, " ");
    text_cell(t, "endpoint", width);
    text_put(t, " %10s %8s %8s %7s %7s %7s %7s\n", "requests", "failures", "req/s", "p50", "p95",
             "p99", "max");
    for (size_t i = 0; i < shown; i++)
        put_row(t, &rows[i], width);
    if (n > shown)
        text_put(t, " ... and %zu more\n", n - shown);
}

/* ----------------------------------------------------------------------- table */

static void put_part(struct text *t, const struct snap_run *r)
{
    if (r->parts == SNAP_PARTS_NONE)
        return;
    text_put(t, "%s %u of %u", r->parts == SNAP_PARTS_STAGES ? "stage" : "burst", r->part,
             r->n_parts);
    if (r->parts == SNAP_PARTS_BURSTS)
        text_put(t, " (%u ready)", r->waiting);
    text_put(t, "  ");
}

char *report_table(const struct snapshot *s, const struct probe_snapshot *b)
{
    struct text t = {0};
    char clock[HUMAN_MAX], rate[HUMAN_MAX], share[HUMAN_MAX], p[3][HUMAN_MAX], window[HUMAN_MAX];
    char unsent[3 * SNAP_TEXT];
    const struct snap_latency *w = &s->window;

    snprintf(window, sizeof window, "last %.0f s", s->window_s);
    if (s->still)
        snprintf(window, sizeof window, "now");
    human_clock(clock, sizeof clock, (uint64_t)s->elapsed_s);
    text_put(&t, "%s  ", clock);
    put_part(&t, &s->run);
    text_put(&t, "users %u of %u  %s req/s  failures %s  p50 %s  p95 %s  p99 %s  (%s)\n", s->users,
             s->run.users_wanted, human_rate(rate, sizeof rate, s->rps),
             human_percent(share, sizeof share, s->fail_percent), latency(p[0], w, w->p50_us),
             latency(p[1], w, w->p95_us), latency(p[2], w, w->p99_us), window);
    if (s->n_endpoints > 0)
        put_endpoints(&t, s, true, TABLE_ENDPOINTS);
    put_probes(&t, s, b, probes_line);
    for (uint32_t i = 0; i < s->health.n_warnings; i++)
        text_put(&t, " warning: %s\n", s->health.warnings[i]);
    if (unsent_sentence(s, true, unsent, sizeof unsent))
        text_put(&t, " error: %s\n", unsent);
    return t.s;
}

/* --------------------------------------------------------------------- summary */

static void put_head(struct text *t, const struct snapshot *s)
{
    char clock[HUMAN_MAX], users[HUMAN_MAX];
    text_put(t, "%s", s->run.target);
    if (strstr(s->run.target, s->run.profile) == NULL) /* a bare URL's profile is its host */
        text_put(t, "  %s", s->run.profile);
    if (s->run.level[0] != '\0')
        text_put(t, " / %s", s->run.level);
    text_put(t, "%s\n", s->run.insecure && s->run.tls ? "  (certificates NOT verified)" : "");
    if (s->load_s > 0 && s->load_s < 1)
        human_us(clock, sizeof clock, s->load_s * 1e6, false);
    else
        human_clock(clock, sizeof clock, (uint64_t)(s->load_s + 0.5));
    text_put(t, "ran %s with up to %s user%s", clock,
             human_count(users, sizeof users, s->users_peak), s->users_peak == 1 ? "" : "s");
    text_put(t, "%s%s\n", s->run.end_reason[0] != '\0' ? "; " : "", s->run.end_reason);
    if (s->drain_s >= 0.05)
        text_put(t, "the last replies came %s later\n",
                 human_us(clock, sizeof clock, s->drain_s * 1e6, false));
    if (s->stopped_s >= 0.05)
        text_put(t, "for %s besides nothing ran, which no rate counts\n",
                 human_us(clock, sizeof clock, s->stopped_s * 1e6, false));
}

/* A request without a result at the end is in no other figure, and worse than those say. */
static void put_given_up(struct text *t, const struct snapshot *s)
{
    char n[HUMAN_MAX], waited[HUMAN_MAX];
    uint64_t untimed = s->aborted - (s->given_up < s->aborted ? s->given_up : s->aborted);
    double longest_us = (double)(s->total.max_us > s->total_failed.max_us ? s->total.max_us
                                                                          : s->total_failed.max_us);
    bool slower = s->given_up_s * 1e6 > longest_us;
    if (s->given_up > 0)
        text_put(t, "given up  %s  had no reply after up to %s when the run ended%s\n",
                 human_count(n, sizeof n, s->given_up),
                 human_us(waited, sizeof waited, s->given_up_s * 1e6, false),
                 slower ? ": longer than any that is counted" : "");
    if (untimed > 0)
        text_put(t, "untimed   %s  were under way while the program was stopped\n",
                 human_count(n, sizeof n, untimed));
    if (s->sent_again > 0)
        text_put(t,
                 "again     %s  %s sent once more: the target closed the kept connection before "
                 "reading %s\n",
                 human_count(n, sizeof n, s->sent_again), s->sent_again == 1 ? "was" : "were",
                 s->sent_again == 1 ? "it" : "them");
    if (s->cut_short > 0)
        text_put(t, "on_stop   was not done by %s user%s: --grace gives them longer\n",
                 human_count(n, sizeof n, s->cut_short), s->cut_short == 1 ? "" : "s");
}

static void put_totals(struct text *t, const struct snapshot *s)
{
    char n[HUMAN_MAX], r[HUMAN_MAX], b[2][HUMAN_MAX];

    text_put(t, "\nrequests  %s  (%s per second)\n", human_count(n, sizeof n, s->finished),
             human_rate(r, sizeof r, report_rate(s, s->finished)));
    text_put(t, "failures  %s  (%s)\n", human_count(n, sizeof n, s->failures),
             human_percent(r, sizeof r,
                           s->finished > 0 ? 100 * (double)s->failures / (double)s->finished : 0));
    if (s->client_failures > 0)
        text_put(t,
                 "NOT SENT  %s  requests, which this side could not send: in none of the figures\n",
                 human_count(n, sizeof n, s->client_failures));
    put_given_up(t, s);
    text_put(t, "bytes     %s in, %s out\n", human_bytes(b[0], sizeof b[0], (double)s->bytes_in),
             human_bytes(b[1], sizeof b[1], (double)s->bytes_out));
}

/* Three digits, where a column of a table has room for two. */
static const char *exactly(char *out, double us)
{
    static const char *const unit[] = {"us", "ms", "s"};
    size_t u = 0;
    while (us >= 999.5 && u < 2) {
        us /= 1000;
        u++;
    }
    snprintf(out, HUMAN_MAX, "%.*f %s",
             u == 0 || us >= 99.95 ? 0
             : us >= 9.995         ? 1
                                   : 2,
             us, unit[u]);
    return out;
}

static void put_successes(struct text *t, const struct snap_latency *l, const char *whose)
{
    char v[9][HUMAN_MAX];
    text_put(t, "latency   min %s, mean %s, max %s%s\n", exactly(v[0], (double)l->min_us),
             exactly(v[1], l->mean_us), exactly(v[2], (double)l->max_us), whose);
    text_put(t, "          p50 %s, p75 %s, p90 %s, p95 %s\n          p99 %s, p99.9 %s\n",
             exactly(v[3], (double)l->p50_us), exactly(v[4], (double)l->p75_us),
             exactly(v[5], (double)l->p90_us), exactly(v[6], (double)l->p95_us),
             exactly(v[7], (double)l->p99_us), exactly(v[8], (double)l->p99_9_us));
}

/* With failures it is said whose latency it is, and theirs stands below. */
static void put_latency(struct text *t, const struct snap_latency *ok,
                        const struct snap_latency *failed)
{
    char v[4][HUMAN_MAX];
    if (ok->count > 0)
        put_successes(t, ok, failed->count > 0 ? "  (of successes)" : "");
    else if (failed->count > 0)
        text_put(t, "latency   -  (nothing succeeded)\n");
    if (failed->count > 0)
        text_put(t, "          of failures: min %s, p50 %s, p99 %s, max %s\n",
                 exactly(v[0], (double)failed->min_us), exactly(v[1], (double)failed->p50_us),
                 exactly(v[2], (double)failed->p99_us), exactly(v[3], (double)failed->max_us));
}

/* "statuses  200 1,234, 201 56, 429 7": folded where they do not fit a line. */
static void put_statuses(struct text *t, const struct statuses *s)
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
        text_put(t, "%s%s", used == 0 ? label : folds ? ",\n          " : ", ", item);
        used = (used == 0 || folds ? strlen(label) : used + 2) + strlen(item);
    }
    if (used > 0)
        text_put(t, "\n");
}

/* When the latency broke, under which load, which resource was full then. */
static void put_break_finding(struct text *t, const struct snapshot *s,
                              const struct probe_snapshot *b)
{
    struct cause c;
    cause_find(s, b, &c);
    if (c.text[0] != '\0')
        text_put(t, "finding   %s\n", c.text);
}

static int by_count(const void *a, const void *b)
{
    uint64_t x = (*(const struct snap_fail *const *)a)->count;
    uint64_t y = (*(const struct snap_fail *const *)b)->count;
    return x < y ? 1 : x > y ? -1 : 0;
}

static void put_fails(struct text *t, const struct snapshot *s)
{
    const struct snap_fail *order[SNAP_FAILS];
    char n[HUMAN_MAX], kind[32], name[SNAP_NAME + 16];
    size_t shown = s->n_fails < SUMMARY_FAILS ? s->n_fails : SUMMARY_FAILS;

    if (s->n_fails == 0)
        return;
    for (uint32_t i = 0; i < s->n_fails; i++)
        order[i] = &s->fails[i];
    qsort(order, s->n_fails, sizeof *order, by_count);
    text_put(t, "\n failures   kind         endpoint, and what one of them said\n");
    for (size_t i = 0; i < shown; i++) {
        text_put(t, " %8s   ", human_count(n, sizeof n, order[i]->count));
        text_cell(t, report_kind(order[i], kind), 12);
        text_put(t, " %s", report_endpoint(s, order[i], name, sizeof name));
        text_put(t, "%s%s\n", order[i]->text[0] != '\0' ? ": " : "", order[i]->text);
    }
    if (s->n_fails > shown)
        text_put(t, " ... and %u more kinds\n", (unsigned)(s->n_fails - shown));
}

/* Lists the newest marks: what was tried, and when.  The probes say what the target did. */
static void put_marks(struct text *t, const struct snapshot *s)
{
    char clock[HUMAN_MAX];
    uint32_t own = 0;
    for (uint32_t i = 0; i < s->n_marks; i++)
        own += s->marks[i].kind != SNAP_MARK_TARGET;
    if (own == 0 && s->marks_dropped == 0)
        return;
    text_put(t, "\n");
    if (s->marks_dropped > 0)
        text_put(t, " ... %u older marks, which are not kept\n", s->marks_dropped);
    if (own > SUMMARY_MARKS)
        text_put(t, " ... %u earlier marks\n", own - SUMMARY_MARKS);
    for (uint32_t i = 0, left = own; i < s->n_marks; i++)
        if (s->marks[i].kind != SNAP_MARK_TARGET && left-- <= SUMMARY_MARKS)
            text_put(t, " %s  %c  %s\n",
                     human_clock(clock, sizeof clock, (uint64_t)s->marks[i].at_s),
                     s->marks[i].letter != '\0' ? s->marks[i].letter : ' ', s->marks[i].text);
}

static void put_bursts(struct text *t, const struct snapshot *s)
{
    char clock[HUMAN_MAX];
    if (s->n_bursts > 0)
        text_put(t, "\n");
    for (uint32_t i = 0; i < s->n_bursts; i++)
        text_put(t, " %s  %s\n", human_clock(clock, sizeof clock, (uint64_t)s->bursts[i].at_s),
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
static void put_addresses(struct text *t, const struct snapshot *s)
{
    char n[2][HUMAN_MAX];
    bool any = false;
    for (uint32_t i = 0; i < s->n_addresses; i++) {
        const struct snap_address *a = &s->addresses[i];
        if (is_only_address(s, i))
            continue;
        if (!any)
            text_put(t, "\n connections  of tries   address\n");
        any = true;
        text_put(t, " %11s %9s   %s %s\n", human_count(n[0], sizeof n[0], a->connections),
                 human_count(n[1], sizeof n[1], a->tries), a->name, a->address);
    }
}

static void put_health(struct text *t, const struct snapshot *s)
{
    const struct snap_health *h = &s->health;
    char lost[HUMAN_MAX], unsent[3 * SNAP_TEXT];
    text_put(t, "\ngenerator  cpu %.0f %%, late by %.1f ms (p99), samples lost %s\n",
             report_cpu_percent(s), h->lag_p99_run_ms,
             human_count(lost, sizeof lost, h->ring_lost));
    for (uint32_t i = 0; i < h->n_warnings; i++)
        text_put(t, "warning: %s\n", h->warnings[i]);
    if (unsent_sentence(s, false, unsent, sizeof unsent))
        text_put(t, "error: %s\n", unsent);
}

char *report_summary(const struct snapshot *s, const struct probe_snapshot *b)
{
    struct text t = {0};
    put_head(&t, s);
    put_totals(&t, s);
    put_latency(&t, &s->total, &s->total_failed);
    put_statuses(&t, &s->statuses);
    put_break_finding(&t, s, b);
    if (s->finished > 0) {
        text_put(&t, "\n");
        put_endpoints(&t, s, false, SNAP_ENDPOINTS);
    }
    put_fails(&t, s);
    put_addresses(&t, s);
    put_probes(&t, s, b, probes_section);
    put_marks(&t, s);
    put_bursts(&t, s);
    put_health(&t, s);
    return t.s;
}
