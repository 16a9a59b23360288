/* SPDX-License-Identifier: MIT */
#include "src/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/human.h"

/* Twice the load for less than this more throughput: no more is to be had. */
#define GROWTH_MIN 1.2
#define VARIES_MUCH 5.0 /* p99 over the median */
#define COUNTS 20       /* requests, for a percentile to say something */

void bench_finish(struct bench *b)
{
    for (size_t i = 0; i < b->n_endpoints; i++)
        free(b->endpoints[i].steps);
    free(b->endpoints);
    *b = (struct bench){0};
}

/* -------------------------------------------------------------------- grades */

/* A failure on this side says nothing of the target. */
static uint64_t count_sent(const struct bench_step *s)
{
    return s->latency.count + s->failures;
}

static double failed_share(const struct bench_step *s)
{
    uint64_t sent = count_sent(s);
    return sent > 0 ? (double)s->failures / (double)sent : 0;
}

void bench_grade(struct bench_step *s, const struct goal *g)
{
    const double values[GOAL_METRICS] = {
        [GOAL_AVERAGE] = s->latency.mean_us,    [GOAL_P50] = (double)s->latency.p50_us,
        [GOAL_P95] = (double)s->latency.p95_us, [GOAL_P99] = (double)s->latency.p99_us,
        [GOAL_SUCCESS] = 1 - failed_share(s),
    };
    if (count_sent(s) == 0)
        return;
    for (int m = 0; m < GOAL_METRICS; m++)
        if (m == GOAL_SUCCESS || s->latency.count > 0) /* without a success no time is known */
            s->grades[m] = goal_judge(g, (enum goal_metric)m, values[m]);
    s->rate_grade = goal_judge_rate(g, s->at, s->rps);
}

static enum grade worse_grade(enum grade a, enum grade b)
{
    return a > b ? a : b;
}

enum grade bench_step_grade(const struct bench_step *s)
{
    enum grade g = s->rate_grade;
    for (int m = 0; m < GOAL_METRICS; m++)
        g = worse_grade(g, s->grades[m]);
    return g;
}

enum grade bench_endpoint_grade(const struct bench_endpoint *e)
{
    enum grade g = GRADE_NONE;
    for (size_t i = 0; i < e->n_steps; i++)
        g = worse_grade(g, bench_step_grade(&e->steps[i]));
    return g;
}

enum grade bench_worst(const struct bench *b)
{
    enum grade g = GRADE_NONE;
    for (size_t i = 0; i < b->n_endpoints; i++)
        g = worse_grade(g, bench_endpoint_grade(&b->endpoints[i]));
    return g;
}

bool bench_unsent(const struct bench *b)
{
    for (size_t i = 0; i < b->n_endpoints; i++)
        for (size_t k = 0; k < b->endpoints[i].n_steps; k++)
            if (b->endpoints[i].steps[k].not_sent > 0)
                return true;
    return false;
}

bool bench_reached(const struct bench *b)
{
    for (size_t i = 0; i < b->n_endpoints; i++)
        for (size_t k = 0; k < b->endpoints[i].n_steps; k++)
            if (b->endpoints[i].steps[k].bytes_in > 0)
                return true;
    return false;
}

/* --------------------------------------------------------------------- hints */

static const struct bench_step *unsent_step(const struct bench_endpoint *e)
{
    for (size_t i = 0; i < e->n_steps; i++)
        if (count_sent(&e->steps[i]) == 0)
            return &e->steps[i];
    return NULL;
}

static void step_say_unsent(const struct bench_step *s, char *out, size_t size)
{
    if (s->not_sent == 0)
        snprintf(out, size, "at %u at once it was not reached: what comes before it fails or waits",
                 s->at);
    else
        snprintf(out, size, "at %u at once not one could be sent (%s)", s->at, s->failure);
}

/* How soon they fail says why the median of the others stands alone. */
static void step_say_failing(const struct bench_step *s, char *out, size_t size)
{
    char share[HUMAN_MAX], took[HUMAN_MAX];
    human_percent(share, sizeof share, 100 * failed_share(s));
    int n = snprintf(out, size, "at %u at once %s fail (%s)", s->at, share, s->failure);
    if (s->failed.count > 0 && n > 0 && (size_t)n < size)
        snprintf(out + n, size - (size_t)n, ", in %s (median)",
                 human_us(took, sizeof took, (double)s->failed.p50_us, false));
}

static const struct bench_step *failing_step(const struct bench_endpoint *e)
{
    for (size_t i = 0; i < e->n_steps; i++)
        if (failed_share(&e->steps[i]) > 0.01)
            return &e->steps[i];
    return NULL;
}

/* The last step from which more at once still brought more.  Where this machine holds the
 * next one back, nothing is known of the target. */
static const struct bench_step *saturated_step(const struct bench_endpoint *e)
{
    for (size_t i = 0; i + 1 < e->n_steps; i++) {
        const struct bench_step *a = &e->steps[i], *b = &e->steps[i + 1];
        if (!b->generator_limited && b->at >= a->at * 2 && a->rps > 0 &&
            b->rps < a->rps * GROWTH_MIN && b->latency.mean_us > a->latency.mean_us * GROWTH_MIN)
            return a;
    }
    return NULL;
}

static const struct bench_step *varying_step(const struct bench_endpoint *e)
{
    for (size_t i = 0; i < e->n_steps; i++) {
        const struct snap_latency *l = &e->steps[i].latency;
        if (l->count >= COUNTS && (double)l->p99_us > VARIES_MUCH * (double)l->p50_us)
            return &e->steps[i];
    }
    return NULL;
}

static double steps_most_rps(const struct bench_endpoint *e)
{
    double most = 0;
    for (size_t i = 0; i < e->n_steps; i++)
        most = e->steps[i].rps > most ? e->steps[i].rps : most;
    return most;
}

/* The p99 of fewer than a hundred is just the slowest. */
static void step_say_varying(const struct bench_step *s, char *out, size_t size)
{
    const struct snap_latency *l = &s->latency;
    double times = (double)l->p99_us / (double)l->p50_us;
    if (l->count < 100)
        snprintf(out, size,
                 "varies much at %u at once: the slowest of %llu took %.0f times the median", s->at,
                 (unsigned long long)l->count, times);
    else
        snprintf(out, size, "varies much at %u at once: p99 is %.0f times the median", s->at,
                 times);
}

const char *bench_hint(const struct bench_endpoint *e, char *out, size_t size)
{
    const struct bench_step *s;
    char rate[HUMAN_MAX];
    out[0] = '\0';
    if ((s = unsent_step(e)) != NULL) {
        step_say_unsent(s, out, size);
    } else if ((s = failing_step(e)) != NULL) {
        step_say_failing(s, out, size);
    } else if ((s = saturated_step(e)) != NULL) {
        human_rate(rate, sizeof rate, steps_most_rps(e));
        snprintf(out, size, "saturates at about %u at once: more load waits, %s req/s is the most",
                 s->at, rate);
    } else if ((s = varying_step(e)) != NULL) {
        step_say_varying(s, out, size);
    }
    return out;
}

size_t bench_unknown(const struct bench *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n_endpoints; i++) {
        const struct bench_endpoint *e = &b->endpoints[i];
        n += e->goal[0] != '\0' && unsent_step(e) != NULL && bench_endpoint_grade(e) == GRADE_NONE;
    }
    return n;
}

/* ---------------------------------------------------------------------- text */

static const char *step_us(char *out, double value)
{
    return human_us(out, HUMAN_MAX, value, false);
}

/* "poor p95 fails": the grade, and what it comes from. */
static void put_grade(struct buf *b, const struct bench_step *s)
{
    enum grade g = bench_step_grade(s);
    buf_text(b, grade_word(g));
    if (g < GRADE_ACCEPTABLE)
        return;
    for (int m = 0; m < GOAL_METRICS; m++)
        if (s->grades[m] == g) {
            buf_char(b, ' ');
            buf_text(b, goal_metric_name((enum goal_metric)m));
            return;
        }
    buf_text(b, " req/s");
}

static void put_step(struct buf *b, const struct bench_step *s)
{
    char v[4][HUMAN_MAX], n[HUMAN_MAX], rate[HUMAN_MAX], share[HUMAN_MAX];
    const struct snap_latency *l = &s->latency;
    bool any = l->count > 0;
    buf_printf(b, " %5u %9s %8s %8s %8s %8s %8s %7s  ", s->at,
               human_count(n, sizeof n, s->requests), any ? step_us(v[0], l->mean_us) : "-",
               any ? step_us(v[1], (double)l->p50_us) : "-",
               any ? step_us(v[2], (double)l->p95_us) : "-",
               any ? step_us(v[3], (double)l->p99_us) : "-", human_rate(rate, sizeof rate, s->rps),
               s->failures > 0 ? human_percent(share, sizeof share, 100 * failed_share(s)) : "0");
    put_grade(b, s);
    buf_char(b, '\n');
}

char *bench_text(const struct bench_endpoint *e)
{
    struct buf b = {0};
    char hint[SNAP_TEXT];
    bool limited = false;
    buf_printf(&b, "%s %s", e->method, e->name);
    if (e->goal[0] != '\0')
        buf_printf(&b, "   (goal: %s)", e->goal);
    buf_char(&b, '\n');
    if (e->skipped[0] != '\0') {
        buf_printf(&b, "  not measured: %s\n", e->skipped);
        return buf_take(&b);
    }
    buf_printf(&b, " %5s %9s %8s %8s %8s %8s %8s %7s  %s\n", "users", "requests", "average",
               "median", "p95", "p99", "req/s", "failed", "verdict");
    for (size_t i = 0; i < e->n_steps; i++) {
        put_step(&b, &e->steps[i]);
        limited = limited || e->steps[i].generator_limited;
    }
    if (bench_hint(e, hint, sizeof hint)[0] != '\0')
        buf_printf(&b, "  %s\n", hint);
    if (limited)
        buf_text(&b, "  this machine was the limit, not the target: the figures are not its own\n");
    return buf_take(&b);
}

char *bench_summary(const struct bench *bench)
{
    size_t n[GRADE_POOR + 1] = {0}, unknown = bench_unknown(bench);
    struct buf b = {0};
    for (size_t i = 0; i < bench->n_endpoints; i++)
        n[bench_endpoint_grade(&bench->endpoints[i])]++;
    if (bench->interrupted)
        buf_text(&b, "interrupted: what was measured until then\n");
    if (n[GRADE_NONE] == bench->n_endpoints && unknown == 0) {
        buf_printf(&b, "%zu %s, none with a goal\n", bench->n_endpoints,
                   bench->n_endpoints == 1 ? "endpoint" : "endpoints");
        return buf_take(&b);
    }
    buf_printf(&b, "%zu %s: %zu ok, %zu acceptable, %zu poor", bench->n_endpoints,
               bench->n_endpoints == 1 ? "endpoint" : "endpoints", n[GRADE_OK], n[GRADE_ACCEPTABLE],
               n[GRADE_POOR]);
    if (unknown > 0)
        buf_printf(&b, ", %zu not measured", unknown);
    if (n[GRADE_NONE] > unknown)
        buf_printf(&b, ", %zu without a goal", n[GRADE_NONE] - unknown);
    buf_char(&b, '\n');
    return buf_take(&b);
}
