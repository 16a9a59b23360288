/* SPDX-License-Identifier: MIT */
/* The counters of a described service: for tests, for scrapers, for people. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "src/base/now.h"
#include "src/demo/http.h"
#include "src/demo/handler_parts.h"
#include "src/script/encode.h"

void stats_count(const struct request *q)
{
    struct status_counts *c = &q->counted->replies;
    for (size_t i = 0; i < HANDLER_STATUSES; i++) {
        if (c->status[i] != 0 && c->status[i] != q->status)
            continue;
        c->status[i] = q->status;
        c->n[i]++;
        return;
    }
}

/* --------------------------------------------------------------------------- pools */

/* Requests per second at which the first of a route's pools is full; INFINITY for none. */
static double breaks_at(const struct handler *h, const struct route_spec *r)
{
    double least = INFINITY;
    for (size_t i = 0; i < h->d->n_pools; i++) {
        double busy_s = description_busy_s(r, &h->d->pools[i]);
        if (busy_s > 0)
            least = fmin(least, h->d->pools[i].size / busy_s);
    }
    return least;
}

enum pool_figure {
    SIZE,
    QUEUE, /* how many may wait */
    BUSY,
    WAITING,
    ACCEPTED,
    REFUSED,
    BUSY_S,
    WAITED_S,
    CAPACITY, /* requests per second at which the first route breaks */
    /* only for a pool of connections: */
    OPEN,
    OPENED,
    FAILED,
    LOST,
    CLOSED,
    POOL_FIGURES
};

struct pool_figures {
    double f[POOL_FIGURES];
};

static struct pool_figures pool_figures(const struct handler *h, size_t i, uint64_t t_ns)
{
    struct model *m = &h->pools[i];
    struct pool_figures p = {{
        [SIZE] = h->d->pools[i].size,
        [QUEUE] = h->d->pools[i].queue,
        [BUSY] = (double)model_busy(m, t_ns),
        [WAITING] = (double)model_waiting(m, t_ns),
        [ACCEPTED] = (double)m->accepted,
        [REFUSED] = (double)m->refused,
        [BUSY_S] = (double)m->service_ns / 1e9,
        [WAITED_S] = (double)m->wait_ns / 1e9,
        [CAPACITY] = breaks_at(h, &h->d->routes[0]),
    }};
    if (h->database != NULL) {
        const struct dbpool *db = &h->database->pool;
        p.f[BUSY] = (double)db->busy;
        p.f[WAITING] = (double)db->waiting;
        p.f[REFUSED] = (double)db->refused;
        p.f[OPEN] = (double)(db->idle + db->busy);
        p.f[OPENED] = (double)db->opened;
        p.f[FAILED] = (double)db->failed;
        p.f[LOST] = (double)db->lost;
        p.f[CLOSED] = (double)db->closed;
    }
    return p;
}

/* ---------------------------------------------------------------------------- JSON */

static void json_name(struct buf *out, const char *text, bool first)
{
    buf_text(out, first ? "\n    \"" : ",\n    \"");
    encode_json(out, text, strlen(text));
    buf_text(out, "\": ");
}

static const char *route_name(const struct live_route *r)
{
    return r->spec != NULL ? r->spec->name : "other";
}

static void json_routes(const struct handler *h, struct buf *out)
{
    buf_text(out, "  \"routes\": {");
    for (size_t i = 0; i <= h->d->n_routes; i++) {
        const struct status_counts *c = &h->routes[i].replies;
        json_name(out, route_name(&h->routes[i]), i == 0);
        buf_char(out, '{');
        const char *comma = "";
        for (size_t k = 0; k < HANDLER_STATUSES; k++) {
            if (c->n[k] == 0)
                continue;
            buf_printf(out, "%s\"%u\": %" PRIu64, comma, c->status[k], c->n[k]);
            comma = ", ";
        }
        buf_char(out, '}');
    }
    buf_text(out, "\n  },\n");
}

static void json_uploads(const struct handler *h, struct buf *out)
{
    bool first = true;
    buf_text(out, "  \"uploads\": {");
    for (size_t i = 0; i < h->d->n_routes; i++) {
        const struct live_route *r = &h->routes[i];
        if (!r->spec->upload)
            continue;
        json_name(out, r->spec->name, first);
        buf_printf(out,
                   "{\"taken\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"too_large\": %" PRIu64
                   ", \"too_small\": %" PRIu64 "}",
                   r->uploads, r->upload_bytes, r->too_large, r->too_small);
        first = false;
    }
    buf_text(out, "\n  },\n");
}

static void json_collections(const struct handler *h, struct buf *out)
{
    buf_text(out, "  \"collections\": {");
    for (size_t i = 0; i < h->d->n_collections; i++) {
        const struct collection *c = &h->collections[i];
        json_name(out, h->d->collections[i].name, i == 0);
        buf_printf(out,
                   "{\"items\": %zu, \"created\": %" PRIu64 ", \"dropped\": %" PRIu64
                   ", \"read_known\": %" PRIu64 ", \"read_unknown\": %" PRIu64
                   ", \"written_known\": %" PRIu64 ", \"written_unknown\": %" PRIu64 "}",
                   c->items.n, c->created, c->dropped, c->known[STORE_READ], c->unknown[STORE_READ],
                   c->known[STORE_WRITE], c->unknown[STORE_WRITE]);
    }
    buf_text(out, "\n  },\n");
}

static void json_pools(const struct handler *h, uint64_t t_ns, struct buf *out)
{
    buf_text(out, "  \"pools\": {");
    for (size_t i = 0; i < h->d->n_pools; i++) {
        const struct pool_figures p = pool_figures(h, i, t_ns);
        const double *f = p.f;
        json_name(out, h->d->pools[i].name, i == 0);
        buf_printf(out,
                   "{\"size\": %.0f, \"busy\": %.0f, \"waiting\": %.0f, \"accepted\": %.0f, "
                   "\"refused\": %.0f, \"busy_s\": %.6f, \"waited_s\": %.6f}",
                   f[SIZE], f[BUSY], f[WAITING], f[ACCEPTED], f[REFUSED], f[BUSY_S], f[WAITED_S]);
    }
    buf_text(out, "\n  },\n");
}

static void json_limits(const struct handler *h, struct buf *out)
{
    buf_text(out, "  \"limited\": {");
    for (size_t i = 0; i < h->d->n_limits; i++) {
        json_name(out, h->d->limits[i].name, i == 0);
        buf_printf(out, "%" PRIu64, h->limits[i].refused);
    }
    buf_text(out, "\n  },\n");
}

void stats_json(const struct handler *h, uint64_t t_ns, struct buf *out)
{
    const struct accounts *a = &h->accounts;
    buf_text(out, "{\n");
    json_routes(h, out);
    buf_printf(out,
               "  \"logins\": {\"passed\": %" PRIu64 ", \"failed\": %" PRIu64
               ", \"locked\": %" PRIu64 "},\n",
               a->passed, a->failed, a->locked);
    buf_printf(out,
               "  \"tokens\": {\"issued\": %" PRIu64 ", \"seen\": %" PRIu64
               ", \"requests_known\": %" PRIu64 ", \"requests_unknown\": %" PRIu64 "},\n",
               a->passed, a->tokens_seen, a->requests_known, a->requests_unknown);
    json_collections(h, out);
    json_uploads(h, out);
    json_limits(h, out);
    json_pools(h, t_ns, out);
    buf_printf(out, "  \"cut\": %" PRIu64 "\n}\n", h->cut);
}

/* ---------------------------------------------------------------------- Prometheus */

static void metric_head(struct buf *out, const char *metric, const char *type, const char *help)
{
    buf_printf(out, "# HELP demo_%s %s\n# TYPE demo_%s %s\n", metric, help, metric, type);
}

static void metric_label(struct buf *out, const char *label, const char *text)
{
    buf_printf(out, "%s=\"", label);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            buf_char(out, '\\');
        buf_char(out, *text == '\n' ? ' ' : *text);
    }
    buf_char(out, '"');
}

static void metric_value(struct buf *out, double value)
{
    if (isinf(value))
        buf_text(out, " +Inf\n"); /* the format's spelling, which is not printf's */
    else
        buf_printf(out, " %.15g\n", value);
}

static void metrics_routes(const struct handler *h, struct buf *out)
{
    metric_head(out, "requests_total", "counter", "Replies sent, by route and status code.");
    for (size_t i = 0; i <= h->d->n_routes; i++) {
        const struct live_route *r = &h->routes[i];
        const struct status_counts *c = &r->replies;
        const char *path = r->spec != NULL ? r->spec->path.text : "other";
        for (size_t k = 0; k < HANDLER_STATUSES && c->status[k] != 0; k++) {
            buf_text(out, "demo_requests_total{");
            metric_label(out, h->d->plain ? "path" : "route", h->d->plain ? path : route_name(r));
            buf_printf(out, ",code=\"%u\"}", c->status[k]);
            metric_value(out, (double)c->n[k]);
        }
    }
}

struct pool_metric {
    enum pool_figure figure;
    const char *name, *type, *help;
};

static void metrics_pools(const struct handler *h, uint64_t t_ns, const struct pool_metric *m,
                          size_t n, struct buf *out)
{
    for (size_t k = 0; k < n && h->d->n_pools > 0; k++) {
        metric_head(out, m[k].name, m[k].type, m[k].help);
        for (size_t i = 0; i < h->d->n_pools; i++) {
            buf_printf(out, "demo_%s", m[k].name);
            if (!h->d->plain) {
                buf_char(out, '{');
                metric_label(out, "pool", h->d->pools[i].name);
                buf_char(out, '}');
            }
            metric_value(out, pool_figures(h, i, t_ns).f[m[k].figure]);
        }
    }
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void metrics_queues(const struct handler *h, uint64_t t_ns, struct buf *out)
{
    static const struct pool_metric named[] = {
        {SIZE, "pool_size", "gauge", "Requests a pool serves at once."},
        {BUSY, "pool_busy", "gauge", "Requests a pool serves now."},
        {WAITING, "pool_waiting", "gauge", "Requests waiting for a pool now."},
        {REFUSED, "pool_refused_total", "counter", "Requests a full queue refused."},
        {ACCEPTED, "pool_accepted_total", "counter", "Requests given to a pool."},
    };
    static const struct pool_metric plain[] = {
        {REFUSED, "refused_total", "counter", "Requests refused because the queue was full."},
        {ACCEPTED, "accepted_total", "counter", "Requests given to the queue or a server."},
        {BUSY_S, "service_seconds_total", "counter", "Service time given to accepted requests."},
        {WAITED_S, "wait_seconds_total", "counter", "Waiting time given to accepted requests."},
        {WAITING, "queue_length", "gauge", "Requests waiting now."},
        {QUEUE, "queue_limit", "gauge", "Waiting requests beyond which 503."},
        {SIZE, "servers", "gauge", "Servers."},
        {BUSY, "servers_busy", "gauge", "Servers at work now."},
        {CAPACITY, "capacity_requests_per_second", "gauge", "Rate at which GET / breaks."},
    };
    static const struct pool_metric database[] = {
        {SIZE, "pool_size", "gauge", "Connections the pool may have."},
        {OPEN, "pool_open", "gauge", "Connections that are open."},
        {BUSY, "pool_in_use", "gauge", "Connections at work now."},
        {WAITING, "pool_waiting", "gauge", "Requests waiting for a connection."},
        {OPENED, "pool_opened_total", "counter", "Connections opened."},
        {FAILED, "pool_failed_total", "counter", "Connections that could not be opened."},
        {LOST, "pool_lost_total", "counter", "Connections that broke."},
        {CLOSED, "pool_closed_total", "counter", "Connections closed because they were idle."},
    };
    if (h->d->plain)
        metrics_pools(h, t_ns, plain, COUNT(plain), out);
    else
        metrics_pools(h, t_ns, named, COUNT(named), out);
    if (h->database != NULL)
        metrics_pools(h, t_ns, database, COUNT(database), out);
}

static void metric_figure(struct buf *out, const char *metric, const char *type, const char *help,
                          double value)
{
    metric_head(out, metric, type, help);
    buf_printf(out, "demo_%s", metric);
    metric_value(out, value);
}

void stats_metrics(const struct handler *h, uint64_t t_ns, struct buf *out)
{
    const struct accounts *a = &h->accounts;
    metrics_routes(h, out);
    metrics_queues(h, t_ns, out);
    if (!h->d->plain) {
        metric_figure(out, "logins_passed_total", "counter", "Logins that passed.",
                      (double)a->passed);
        metric_figure(out, "logins_failed_total", "counter", "Logins that failed.",
                      (double)a->failed);
        metric_figure(out, "logins_locked_total", "counter",
                      "Logins refused after too many failures.", (double)a->locked);
        metric_figure(out, "sessions", "gauge", "Tokens that are valid or not yet cleared.",
                      (double)a->tokens.n);
    }
    metric_figure(out, "requests_cut_total", "counter",
                  "Requests whose connection ended before the reply was out.", (double)h->cut);
    metric_figure(out, "connections", "gauge", "Open connections.",
                  h->http != NULL ? (double)http_connections(h->http) : 0);
    metric_figure(out, "process_cpu_seconds_total", "counter", "CPU time of the demo target.",
                  (double)now_process_cpu_ns() / (double)NS_PER_S);
}

/* --------------------------------------------------------------------------- words */

void stats_about(const struct handler *h, struct buf *out)
{
    buf_printf(out, "%s, as ramptop's demo target\n\n", h->d->title);
    for (size_t i = 0; i < h->d->n_pools; i++)
        buf_printf(out, "pool %s: %u at once, %u wait\n", h->d->pools[i].name, h->d->pools[i].size,
                   h->d->pools[i].queue);
    if (h->database != NULL)
        buf_printf(out, "its places are connections to the PostgreSQL %s\n%s\n", h->database->where,
                   h->database->remark);
    for (size_t i = 0; i < h->d->n_limits; i++)
        buf_printf(out, "rate limit %s: %" PRIu64 " in %g s\n", h->d->limits[i].name,
                   h->d->limits[i].requests, (double)h->d->limits[i].window_ns / 1e9);
    buf_printf(out, "\n  %-44s %12s %12s\n", "route", "mean time/ms", "breaks at/s");
    for (size_t i = 0; i < h->d->n_routes; i++) {
        const struct route_spec *r = &h->d->routes[i];
        double ms = 0, limit = breaks_at(h, r);
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
