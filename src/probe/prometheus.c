/* SPDX-License-Identifier: MIT */
/* The prometheus probe: figures that a target exposes for Prometheus to scrape, read without a
 * Prometheus. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/metric.h"
#include "src/probe/promtext.h"
#include "src/probe/web.h"

struct exposed {
    struct web web;
    const struct probe_spec *spec;
    struct buf body;
    struct promtext_want *wants; /* an array, by number of the metric, as are the next two */
    struct promtext_found *found;
    struct follow {
        int series;
        struct metric_scale scale;
        struct probe_counter counter;
        size_t n;    /* samples at the previous poll */
        size_t gone; /* samples that vanished and have not returned */
    } * follow;
    struct err wrong; /* the first metric that cannot be parsed; "" none */
};

static void *exposed_open(struct probe *p, const struct probe_spec *spec)
{
    struct exposed *s = mem_zalloc(sizeof *s);
    struct err why;
    s->spec = spec;
    web_open(&s->web, p, spec, "the target", true);
    s->wants = mem_array(spec->n_metrics, sizeof *s->wants);
    s->found = mem_array(spec->n_metrics, sizeof *s->found);
    s->follow = mem_array(spec->n_metrics, sizeof *s->follow);
    for (size_t i = 0; i < spec->n_metrics; i++) {
        const struct probe_metric *m = &spec->metrics[i];
        s->follow[i].scale = metric_scale(m);
        s->follow[i].series = metric_series(p, m, i);
        if (!promtext_want(&s->wants[i], m->metric, &why) && s->wrong.text[0] == '\0')
            err_set(&s->wrong, "\"%.100s\" is no metric: %.300s.", m->metric, why.text);
    }
    return s;
}

static void exposed_close(void *self)
{
    struct exposed *s = self;
    web_close(&s->web);
    for (size_t i = 0; i < s->spec->n_metrics; i++)
        promtext_want_finish(&s->wants[i]);
    free(s->wants);
    free(s->found);
    free(s->follow);
    buf_finish(&s->body);
    free(s);
}

/* Returns the rate of a sum of counters.  No rate is known when a counter vanished or returned,
 * since it may have counted meanwhile; a new counter has begun at 0. */
static double follow_rate(struct follow *f, const struct promtext_found *found, double v,
                          double at_s)
{
    size_t back = found->n > f->n ? found->n - f->n : 0;
    if (found->n < f->n || (back > 0 && f->gone > 0))
        f->counter.seen = false;
    if (found->n < f->n)
        f->gone += f->n - found->n;
    else
        f->gone -= back < f->gone ? back : f->gone;
    return probe_rate(&f->counter, v, at_s, NULL);
}

static void exposed_publish_metric(struct exposed *s, struct probe *p, size_t i, double at_s)
{
    const struct probe_metric *m = &s->spec->metrics[i];
    const struct promtext_found *found = &s->found[i];
    struct follow *f = &s->follow[i];
    double v = m->join == METRIC_MAX ? found->max : found->sum;
    if (found->known == 0) {
        f->gone += f->n > found->n ? f->n - found->n : 0;
        f->counter.seen = false;
        v = NAN;
    } else if (m->kind == METRIC_COUNTER) {
        v = follow_rate(f, found, v, at_s);
    }
    f->n = found->n;
    probe_value(p, f->series, v * f->scale.factor);
    if (found->n > 1)
        probe_note(p, f->series, "%s of %zu", m->join == METRIC_MAX ? "max" : "sum", found->n);
    else
        probe_note(p, f->series, "%s", found->n == 0 ? "not there" : "");
}

static void exposed_publish(struct exposed *s, struct probe *p, size_t samples, double at_s)
{
    const struct probe_metric *missing = NULL;
    for (size_t i = 0; i < s->spec->n_metrics; i++) {
        if (s->found[i].n == 0 && missing == NULL)
            missing = &s->spec->metrics[i];
        exposed_publish_metric(s, p, i, at_s);
    }
    if (missing != NULL)
        probe_status_text(p, "%.80s is not among its %zu samples", missing->metric, samples);
    else
        probe_status_text(p, "%s", "");
}

static enum probe_state exposed_refused_state(const struct exposed *s, long status, struct err *e)
{
    return web_refused(&s->web, status, "where does it expose its figures? Often at /metrics.", e);
}

static enum probe_state exposed_poll(void *self, struct probe *p, uint64_t deadline_ns,
                                     struct err *e)
{
    struct exposed *s = self;
    long status;
    size_t bad;
    if (s->wrong.text[0] != '\0') {
        *e = s->wrong;
        return PROBE_DENIED;
    }
    uint64_t sent = now_ns();
    enum probe_state state = web_get(&s->web, s->web.path, deadline_ns, &s->body, &status, e);
    if (state == PROBE_LIVE && status != 200)
        state = exposed_refused_state(s, status, e);
    if (state == PROBE_CONNECTING)
        return state;
    if (state != PROBE_LIVE) {
        for (size_t i = 0; i < s->spec->n_metrics; i++)
            s->follow[i].counter.seen = false; /* no rate over the gap */
        return state;
    }
    size_t samples =
        promtext_read(s->body.data, s->body.len, s->wants, s->spec->n_metrics, s->found, &bad);
    if (samples == 0 && bad > 0) {
        err_set(e,
                "%s answers with something else than figures for Prometheus: is it the right "
                "path? Often it is /metrics.",
                s->web.place);
        return PROBE_DENIED;
    }
    exposed_publish(s, p, samples, (double)(sent + (now_ns() - sent) / 2) / 1e9);
    return PROBE_LIVE;
}

/* Exposing its figures costs the target: not every second, unless asked for. */
const struct probe_ops probe_prometheus = {
    .type = PROBE_PROMETHEUS,
    .period_ns = 5 * NS_PER_S,
    .limit_ns = 2 * NS_PER_S,
    .open = exposed_open,
    .poll = exposed_poll,
    .close = exposed_close,
};
