/* SPDX-License-Identifier: MIT */
/* What a described service has counted: for tests, for scrapers, for people. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "src/base/now.h"
#include "src/demo/http.h"
#include "src/demo/service_parts.h"
#include "src/script/encode.h"

void stats_count(struct status_counts *c, unsigned status)
{
    for (size_t i = 0; i < SERVICE_STATUSES; i++) {
        if (c->n[i] > 0 && c->status[i] != status)
            continue;
        c->status[i] = status;
        c->n[i]++;
        return;
    }
}

/* ---------------------------------------------------------------------------- JSON */

static void name(struct buf *out, const char *text, bool first)
{
    buf_text(out, first ? "\n    \"" : ",\n    \"");
    encode_json(out, text, strlen(text));
    buf_text(out, "\": ");
}

static const char *route_name(const struct live_route *r)
{
    return r->spec != NULL ? r->spec->name : "other";
}

static void json_routes(const struct service *s, struct buf *out)
{
    buf_text(out, "  \"routes\": {");
    for (size_t i = 0; i <= s->d->n_routes; i++) {
        const struct status_counts *c = &s->routes[i].replies;
        name(out, route_name(&s->routes[i]), i == 0);
        buf_char(out, '{');
        for (size_t k = 0; k < SERVICE_STATUSES && c->n[k] > 0; k++)
            buf_printf(out, "%s\"%u\": %" PRIu64, k > 0 ? ", " : "", c->status[k], c->n[k]);
        buf_char(out, '}');
    }
    buf_text(out, "\n  },\n");
}

static void json_uploads(const struct service *s, struct buf *out)
{
    bool first = true;
    buf_text(out, "  \"uploads\": {");
    for (size_t i = 0; i < s->d->n_routes; i++) {
        const struct live_route *r = &s->routes[i];
        if (!r->spec->upload)
            continue;
        name(out, r->spec->name, first);
        buf_printf(out,
                   "{\"taken\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"too_large\": %" PRIu64
                   ", \"too_small\": %" PRIu64 "}",
                   r->uploads, r->upload_bytes, r->too_large, r->too_small);
        first = false;
    }
    buf_text(out, "\n  },\n");
}

static void json_collections(const struct service *s, struct buf *out)
{
    buf_text(out, "  \"collections\": {");
    for (size_t i = 0; i < s->d->n_collections; i++) {
        const struct collection *c = &s->collections[i];
        name(out, s->d->collections[i].name, i == 0);
        buf_printf(out,
                   "{\"items\": %zu, \"created\": %" PRIu64 ", \"dropped\": %" PRIu64
                   ", \"read_known\": %" PRIu64 ", \"read_unknown\": %" PRIu64
                   ", \"written_known\": %" PRIu64 ", \"written_unknown\": %" PRIu64 "}",
                   c->items.n, c->created, c->dropped, c->known[STORE_READ], c->unknown[STORE_READ],
                   c->known[STORE_WRITE], c->unknown[STORE_WRITE]);
    }
    buf_text(out, "\n  },\n");
}

static void json_pools(const struct service *s, uint64_t t_ns, struct buf *out)
{
    buf_text(out, "  \"pools\": {");
    for (size_t i = 0; i < s->d->n_pools; i++) {
        struct model *m = &s->pools[i];
        name(out, s->d->pools[i].name, i == 0);
        buf_printf(out,
                   "{\"size\": %u, \"busy\": %zu, \"waiting\": %zu, \"accepted\": %" PRIu64
                   ", \"refused\": %" PRIu64 ", \"busy_s\": %.6f, \"waited_s\": %.6f}",
                   s->d->pools[i].size, model_busy(m, t_ns), model_waiting(m, t_ns), m->accepted,
                   m->refused, (double)m->service_ns / 1e9, (double)m->wait_ns / 1e9);
    }
    buf_text(out, "\n  },\n");
}

static void json_limits(const struct service *s, struct buf *out)
{
    buf_text(out, "  \"limited\": {");
    for (size_t i = 0; i < s->d->n_limits; i++) {
        name(out, s->d->limits[i].name, i == 0);
        buf_printf(out, "%" PRIu64, s->limits[i].refused);
    }
    buf_text(out, "\n  },\n");
}

void stats_json(const struct service *s, uint64_t t_ns, struct buf *out)
{
    const struct accounts *a = &s->accounts;
    buf_text(out, "{\n");
    json_routes(s, out);
    buf_printf(out,
               "  \"logins\": {\"passed\": %" PRIu64 ", \"failed\": %" PRIu64
               ", \"locked\": %" PRIu64 "},\n",
               a->passed, a->failed, a->locked);
    buf_printf(out,
               "  \"tokens\": {\"issued\": %" PRIu64 ", \"seen\": %" PRIu64
               ", \"requests_known\": %" PRIu64 ", \"requests_unknown\": %" PRIu64 "},\n",
               a->passed, a->tokens_seen, a->requests_known, a->requests_unknown);
    json_collections(s, out);
    json_uploads(s, out);
    json_limits(s, out);
    json_pools(s, t_ns, out);
    buf_printf(out, "  \"cut\": %" PRIu64 "\n}\n", s->cut);
}

/* ---------------------------------------------------------------------- Prometheus */

static void head(struct buf *out, const char *metric, const char *type, const char *help)
{
    buf_printf(out, "# HELP demo_%s %s\n# TYPE demo_%s %s\n", metric, help, metric, type);
}

static void label(struct buf *out, const char *text)
{
    buf_char(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            buf_char(out, '\\');
        buf_char(out, *text == '\n' ? ' ' : *text);
    }
    buf_char(out, '"');
}

static void metrics_routes(const struct service *s, struct buf *out)
{
    head(out, "requests_total", "counter", "Replies sent, by route and status code.");
    for (size_t i = 0; i <= s->d->n_routes; i++) {
        const struct status_counts *c = &s->routes[i].replies;
        for (size_t k = 0; k < SERVICE_STATUSES && c->n[k] > 0; k++) {
            buf_text(out, "demo_requests_total{route=");
            label(out, route_name(&s->routes[i]));
            buf_printf(out, ",code=\"%u\"} %" PRIu64 "\n", c->status[k], c->n[k]);
        }
    }
}

enum pool_figure { POOL_SIZE, POOL_BUSY, POOL_WAITING, POOL_REFUSED, POOL_ACCEPTED, POOL_FIGURES };

static double pool_figure(struct model *m, enum pool_figure what, uint64_t t_ns)
{
    switch (what) {
    case POOL_SIZE:
        return (double)m->servers;
    case POOL_BUSY:
        return (double)model_busy(m, t_ns);
    case POOL_WAITING:
        return (double)model_waiting(m, t_ns);
    case POOL_REFUSED:
        return (double)m->refused;
    case POOL_ACCEPTED:
        return (double)m->accepted;
    case POOL_FIGURES:
        break;
    }
    return 0;
}

static void metrics_pools(struct service *s, uint64_t t_ns, struct buf *out)
{
    static const struct {
        const char *name, *type, *help;
    } figures[POOL_FIGURES] = {
        [POOL_SIZE] = {"pool_size", "gauge", "Requests a pool serves at once."},
        [POOL_BUSY] = {"pool_busy", "gauge", "Requests a pool serves now."},
        [POOL_WAITING] = {"pool_waiting", "gauge", "Requests waiting for a pool now."},
        [POOL_REFUSED] = {"pool_refused_total", "counter", "Requests a full queue refused."},
        [POOL_ACCEPTED] = {"pool_accepted_total", "counter", "Requests given to a pool."},
    };
    for (enum pool_figure f = 0; f < POOL_FIGURES && s->d->n_pools > 0; f++) {
        head(out, figures[f].name, figures[f].type, figures[f].help);
        for (size_t i = 0; i < s->d->n_pools; i++) {
            buf_printf(out, "demo_%s{pool=", figures[f].name);
            label(out, s->d->pools[i].name);
            buf_printf(out, "} %.9g\n", pool_figure(&s->pools[i], f, t_ns));
        }
    }
}

static void figure(struct buf *out, const char *metric, const char *type, const char *help,
                   double value)
{
    head(out, metric, type, help);
    buf_printf(out, "demo_%s %.12g\n", metric, value);
}

void stats_metrics(struct service *s, uint64_t t_ns, struct buf *out)
{
    const struct accounts *a = &s->accounts;
    metrics_routes(s, out);
    metrics_pools(s, t_ns, out);
    figure(out, "logins_passed_total", "counter", "Logins that passed.", (double)a->passed);
    figure(out, "logins_failed_total", "counter", "Logins that failed.", (double)a->failed);
    figure(out, "logins_locked_total", "counter", "Logins refused after too many failures.",
           (double)a->locked);
    figure(out, "sessions", "gauge", "Tokens that are valid or not yet cleared.",
           (double)a->tokens.n);
    figure(out, "requests_cut_total", "counter",
           "Requests whose connection ended before the reply was out.", (double)s->cut);
    figure(out, "connections", "gauge", "Open connections.",
           s->site.http != NULL ? (double)http_connections(s->site.http) : 0);
    figure(out, "process_cpu_seconds_total", "counter", "CPU time of the demo target.",
           (double)now_process_cpu_ns() / (double)NS_PER_S);
}

/* --------------------------------------------------------------------------- words */

/* Requests per second at which the first of a route's pools is full; INFINITY for none. */
static double breaks_at(const struct service *s, const struct route_spec *r)
{
    double least = INFINITY;
    for (size_t i = 0; i < s->d->n_pools; i++) {
        double busy_s = description_busy_s(r, &s->d->pools[i]);
        if (busy_s > 0)
            least = fmin(least, s->d->pools[i].size / busy_s);
    }
    return least;
}

void stats_about(const struct service *s, struct buf *out)
{
    buf_printf(out, "%s, as ramptop's demo target\n\n", s->d->title);
    for (size_t i = 0; i < s->d->n_pools; i++)
        buf_printf(out, "pool %s: %u at once, %u wait\n", s->d->pools[i].name, s->d->pools[i].size,
                   s->d->pools[i].queue);
    for (size_t i = 0; i < s->d->n_limits; i++)
        buf_printf(out, "rate limit %s: %" PRIu64 " in %g s\n", s->d->limits[i].name,
                   s->d->limits[i].requests, (double)s->d->limits[i].window_ns / 1e9);
    buf_printf(out, "\n  %-44s %12s %12s\n", "route", "mean time/ms", "breaks at/s");
    for (size_t i = 0; i < s->d->n_routes; i++) {
        const struct route_spec *r = &s->d->routes[i];
        double ms = 0, limit = breaks_at(s, r);
        for (size_t k = 0; k < r->n_stages; k++)
            ms += r->stages[k].time.mean_ns / 1e6;
        buf_printf(out, "  %-44s %12.4g ", r->name, ms);
        if (isinf(limit))
            buf_printf(out, "%12s\n", "-");
        else
            buf_printf(out, "%12.5g\n", limit);
    }
    buf_text(out, "\nalso: /stats (JSON), /metrics (Prometheus text)\n");
}
