/* SPDX-License-Identifier: MIT */
#include "src/demo/plain_metrics.h"

#include <inttypes.h>
#include <math.h>

#include "src/base/buf.h"
#include "src/base/now.h"

static const unsigned codes[METRICS_CODES] = {200, 404, 405, 500, 503};

void metrics_count(struct metrics *m, enum route route, unsigned status)
{
    for (size_t i = 0; i < METRICS_CODES; i++)
        if (codes[i] == status)
            m->requests[route][i]++;
}

static void head(struct buf *f, const char *name, const char *type, const char *help)
{
    buf_printf(f, "# HELP demo_%s %s\n# TYPE demo_%s %s\n", name, help, name, type);
}

static void count(struct buf *f, const char *name, const char *type, const char *help,
                  uint64_t value)
{
    head(f, name, type, help);
    buf_printf(f, "demo_%s %" PRIu64 "\n", name, value);
}

static void amount(struct buf *f, const char *name, const char *type, const char *help,
                   double value)
{
    head(f, name, type, help);
    if (isinf(value))
        buf_printf(f, "demo_%s +Inf\n", name); /* the format's spelling, which is not printf's */
    else
        buf_printf(f, "demo_%s %.9g\n", name, value);
}

static void requests(struct buf *f, const struct metrics *m)
{
    head(f, "requests_total", "counter", "Replies sent, by path and status code.");
    for (enum route r = 0; r < ROUTE_COUNT; r++)
        for (size_t c = 0; c < METRICS_CODES; c++)
            if (m->requests[r][c] > 0 || (c == METRICS_200 && r != ROUTE_OTHER))
                buf_printf(f, "demo_requests_total{path=\"%s\",code=\"%u\"} %" PRIu64 "\n",
                           routes[r].path, codes[c], m->requests[r][c]);
}

static void pool(struct buf *f, const struct dbpool *p)
{
    count(f, "pool_size", "gauge", "Connections the pool may have.", p->size);
    count(f, "pool_open", "gauge", "Connections that are open.", p->idle + p->busy);
    count(f, "pool_in_use", "gauge", "Connections at work now.", p->busy);
    count(f, "pool_waiting", "gauge", "Requests waiting for a connection.", p->waiting);
    count(f, "pool_opened_total", "counter", "Connections opened.", p->opened);
    count(f, "pool_failed_total", "counter", "Connections that could not be opened.", p->failed);
    count(f, "pool_lost_total", "counter", "Connections that broke.", p->lost);
    count(f, "pool_closed_total", "counter", "Connections closed because they were idle.",
          p->closed);
}

char *metrics_text(const struct metrics *m, const struct demo_config *cfg,
                   const struct queue_figures *q, unsigned connections, size_t *len)
{
    struct buf text = {0}, *f = &text;
    requests(f, m);
    count(f, "requests_cut_total", "counter",
          "Requests whose connection ended before the reply was out.", m->cut);
    count(f, "refused_total", "counter", "Requests refused because the queue was full.",
          q->refused);
    count(f, "accepted_total", "counter", "Requests given to the queue or a server.", q->accepted);
    amount(f, "service_seconds_total", "counter", "Service time given to accepted requests.",
           (double)q->service_ns / (double)NS_PER_S);
    amount(f, "wait_seconds_total", "counter", "Waiting time given to accepted requests.",
           (double)q->wait_ns / (double)NS_PER_S);
    count(f, "queue_length", "gauge", "Requests waiting now.", q->waiting);
    count(f, "queue_limit", "gauge", "Waiting requests beyond which 503.", cfg->queue);
    count(f, "servers", "gauge", "Servers.", cfg->servers);
    count(f, "servers_busy", "gauge", "Servers at work now.", q->busy);
    amount(f, "capacity_requests_per_second", "gauge", "Rate at which GET / breaks.",
           demo_capacity(cfg, 1));
    if (q->pool != NULL)
        pool(f, q->pool);
    count(f, "connections", "gauge", "Open connections.", connections);
    amount(f, "process_cpu_seconds_total", "counter", "CPU time of the demo target.",
           (double)now_process_cpu_ns() / (double)NS_PER_S);
    *len = text.len;
    return buf_take(f);
}
