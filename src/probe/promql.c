/* SPDX-License-Identifier: MIT */
/* The promql probe: queries to a Prometheus server. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/metric.h"
#include "src/probe/promql_json.h"
#include "src/probe/web.h"
#include "src/script/encode.h"

#define AGE_POLLS 12u /* polls between queries for the samples' age */
#define OLD_S 2.0     /* least age worth showing */

struct promql {
    struct web web;
    const struct probe_spec *spec;
    struct buf body, path;
    struct query {
        int series;
        double factor;
        unsigned polls;
        double age_s; /* age of the samples behind the value; NaN: not known */
    } * queries;
};

static void *promql_open(struct probe *p, const struct probe_spec *spec)
{
    struct promql *s = mem_zalloc(sizeof *s);
    s->spec = spec;
    web_open(&s->web, p, spec, "Prometheus", true);
    s->queries = mem_array(spec->n_metrics, sizeof *s->queries);
    for (size_t i = 0; i < spec->n_metrics; i++) {
        s->queries[i].series = metric_series(p, &spec->metrics[i], i);
        s->queries[i].factor = metric_scale(&spec->metrics[i]).factor;
        s->queries[i].age_s = NAN;
    }
    return s;
}

static void promql_close(void *self)
{
    struct promql *s = self;
    web_close(&s->web);
    free(s->queries);
    buf_finish(&s->body);
    buf_finish(&s->path);
    free(s);
}

/* Makes a request's path.  The URL may end with a path that a proxy has put before Prometheus'
 * own. */
static void promql_make_path(struct promql *s, const char *before, const char *query,
                             const char *behind)
{
    size_t len = strcspn(s->web.path, "?");
    while (len > 0 && s->web.path[len - 1] == '/')
        len--;
    buf_clear(&s->path);
    buf_add(&s->path, s->web.path, len);
    buf_text(&s->path, "/api/v1/query?query=");
    buf_text(&s->path, before);
    encode_percent(&s->path, query, strlen(query));
    buf_text(&s->path, behind);
}

static enum probe_state promql_query(struct promql *s, uint64_t deadline_ns, struct promql_reply *r,
                                     struct err *e)
{
    long status;
    enum probe_state state = web_get(&s->web, s->path.data, deadline_ns, &s->body, &status, e);
    if (state != PROBE_LIVE)
        return state;
    bool known = promql_json(s->body.data, s->body.len, r);
    if (known && !r->ok) { /* the error will be shown, and a proxy may echo the credentials */
        http_scrub(s->web.http, s->body.data, s->body.len);
        known = promql_json(s->body.data, s->body.len, r);
    }
    if (known)
        return PROBE_LIVE;
    if (status != 200)
        return web_refused(&s->web, status,
                           "the URL is that of a Prometheus server, such as "
                           "http://127.0.0.1:9090",
                           e);
    err_set(e, "%s does not answer as a Prometheus server: is it the right address?", s->web.place);
    return PROBE_DENIED;
}

/* Returns whether the query is a bare selector: for others timestamp() returns the time of
 * evaluation, not that of the sample. */
static bool query_is_selector(const char *query)
{
    size_t n = 0;
    while (isalnum((unsigned char)query[n]) || query[n] == '_' || query[n] == ':')
        n++;
    return n > 0 && (query[n] == '\0' || (query[n] == '{' && query[strlen(query) - 1] == '}'));
}

static void promql_query_age(struct promql *s, size_t i, uint64_t deadline_ns)
{
    struct query *q = &s->queries[i];
    struct promql_reply r;
    struct err unused;
    if (!query_is_selector(s->spec->metrics[i].metric) || q->polls++ % AGE_POLLS != 0)
        return;
    promql_make_path(s, "max(timestamp(", s->spec->metrics[i].metric, "))");
    if (promql_query(s, deadline_ns, &r, &unused) == PROBE_LIVE && r.ok && r.known == 1)
        q->age_s = r.at_s - r.max;
}

static void promql_publish(struct promql *s, struct probe *p, size_t i,
                           const struct promql_reply *r)
{
    const struct probe_metric *m = &s->spec->metrics[i];
    const struct query *q = &s->queries[i];
    char note[SNAP_NOTE] = "";
    double v = r->known == 0 ? NAN : m->join == METRIC_MAX ? r->max : r->sum;
    if (r->n == 0)
        snprintf(note, sizeof note, "no series");
    else if (r->n > 1)
        snprintf(note, sizeof note, "%s of %zu", m->join == METRIC_MAX ? "max" : "sum", r->n);
    size_t len = strlen(note);
    if (q->age_s >= OLD_S)
        snprintf(note + len, sizeof note - len, "%s%.0f s old", len > 0 ? ", " : "", q->age_s);
    probe_value(p, q->series, v * q->factor);
    probe_note(p, q->series, "%s", note);
}

/* Sends all queries; a wrong one does not stop the others. */
static enum probe_state promql_poll(void *self, struct probe *p, uint64_t deadline_ns,
                                    struct err *e)
{
    struct promql *s = self;
    struct err wrong = {0};
    size_t answered = 0;
    for (size_t i = 0; i < s->spec->n_metrics; i++) {
        const char *query = s->spec->metrics[i].metric;
        struct promql_reply r;
        promql_make_path(s, "", query, "");
        enum probe_state state = promql_query(s, deadline_ns, &r, e);
        if (state != PROBE_LIVE)
            return state;
        if (!r.ok) {
            err_set(&wrong, "Prometheus does not answer \"%.60s\": %s.", query, r.error);
            continue;
        }
        answered++;
        promql_query_age(s, i, deadline_ns);
        promql_publish(s, p, i, &r);
    }
    if (answered == 0) {
        *e = wrong;
        return PROBE_DENIED;
    }
    probe_status_text(p, "%s", wrong.text);
    return PROBE_LIVE;
}

const struct probe_ops probe_promql = {
    .type = PROBE_PROMQL,
    .period_ns = 5 * NS_PER_S,
    .limit_ns = 3 * NS_PER_S,
    .open = promql_open,
    .poll = promql_poll,
    .close = promql_close,
};
