/* SPDX-License-Identifier: MIT */
#include "src/demo/plain.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/base/rng.h"
#include "src/demo/http.h"
#include "src/demo/model.h"
#include "src/demo/plain_metrics.h"
#include "src/demo/plain_routes.h"
#include "src/demo/postgres.h"

struct plain {
    struct site site;
    struct demo_config cfg;
    struct model model;
    struct postgres *database;              /* NULL: the model serves */
    uint64_t accepted, service_ns, wait_ns; /* as the model counts them; the database's */
    struct metrics metrics;
    struct rng flaky;
    struct page pages[ROUTE_COUNT]; /* none for /write and /metrics */
    struct page failed, refused, get_only, write_only;
    struct page no_database, no_statement;
};

struct plain_state {
    enum route route;
    bool placed;
    struct page *page; /* NULL: made for this one request */
    uint64_t body_bytes;
    struct db_job job;
};

_Static_assert(offsetof(struct plain, site) == 0, "a site is what it begins with");

static struct plain *plain_of(struct site *s)
{
    return (struct plain *)s;
}

static struct plain_state *state_of(struct exchange *x)
{
    return (struct plain_state *)(void *)x->state;
}

/* -------------------------------------------------------------------- pages */

static struct page page_create(unsigned status, const char *type, const char *text)
{
    struct page p = {.status = status, .type = type};
    buf_text(&p.body, text);
    return p;
}

static void about_servers(struct buf *f, const struct plain *h)
{
    static const char *const services[] = {
        [DEMO_CONST] = "constant", [DEMO_EXP] = "exponential", [DEMO_LOGNORMAL] = "lognormal"};
    const struct demo_config *cfg = &h->cfg;
    const char *kind = services[cfg->service];
    if (h->database == NULL) {
        buf_printf(f,
                   "One queue of at most %u requests in front of %u servers, each busy %g ms (%s)\n"
                   "times the endpoint's factor.",
                   cfg->queue, cfg->servers, cfg->service_ms, kind);
        return;
    }
    buf_printf(f,
               "One queue of at most %u requests in front of a pool of %u connections to the\n"
               "PostgreSQL %s,\n"
               "each busy %g ms (%s) times the endpoint's factor.\n%s\n",
               cfg->queue, cfg->servers, postgres_where(h->database), cfg->service_ms, kind,
               postgres_remark(h->database));
}

static char *about_text(const struct plain *h)
{
    const struct demo_config *cfg = &h->cfg;
    struct buf text = {0}, *f = &text;
    buf_printf(f, "ramptop's demo target\n\n");
    about_servers(f, h);
    buf_printf(f,
               "%sA mix of endpoints breaks at\n"
               "%u / (%g ms x its mean factor) requests per second.\n\n"
               "  %-10s %6s %12s\n",
               h->database == NULL ? "  " : "", cfg->servers, cfg->service_ms, "endpoint", "factor",
               "breaks at/s");
    for (enum route r = 0; r < ROUTE_OTHER; r++)
        if (routes[r].factor > 0 && cfg->service_ms > 0)
            buf_printf(f, "  %-10s %6g %12.6g  %s\n", routes[r].path, routes[r].factor,
                       demo_capacity(cfg, routes[r].factor), routes[r].about);
        else
            buf_printf(f, "  %-10s %6s %12s  %s\n", routes[r].path, "-", "at once",
                       routes[r].about);
    return buf_take(f);
}

static void pages_create(struct plain *h)
{
    char hello[64];
    double breaks_at = demo_capacity(&h->cfg, 1);
    if (isinf(breaks_at))
        snprintf(hello, sizeof hello, "hello from the demo target: no service time\n");
    else
        snprintf(hello, sizeof hello, "hello, I break at %.5g requests per second\n", breaks_at);
    char *about = about_text(h);
    h->pages[ROUTE_HOME] = page_create(200, "text/plain", hello);
    h->pages[ROUTE_FAST] = page_create(200, "application/json", "{\"speed\":\"fast\"}\n");
    h->pages[ROUTE_SLOW] = page_create(200, "application/json", "{\"speed\":\"slow\"}\n");
    h->pages[ROUTE_FLAKY] = page_create(200, "application/json", "{\"luck\":\"good\"}\n");
    h->pages[ROUTE_ABOUT] = page_create(200, "text/plain", about);
    h->pages[ROUTE_HEALTH] = page_create(200, "application/json", "{\"status\":\"ok\"}\n");
    h->pages[ROUTE_OTHER] = page_create(404, "application/json", "{\"error\":\"not found\"}\n");
    h->failed = page_create(500, "application/json", "{\"error\":\"bad luck\"}\n");
    h->refused = page_create(503, "application/json", "{\"error\":\"queue full\"}\n");
    h->no_database = page_create(503, "application/json", "{\"error\":\"no database\"}\n");
    h->no_statement = page_create(500, "application/json", "{\"error\":\"statement failed\"}\n");
    h->get_only = page_create(405, "application/json", "{\"error\":\"wrong method\"}\n");
    h->write_only = page_create(405, "application/json", "{\"error\":\"wrong method\"}\n");
    free(about);
    page_header(&h->refused, "Retry-After", "1");
    page_header(&h->no_database, "Retry-After", "1");
    page_header(&h->get_only, "Allow", "GET, HEAD");
    page_header(&h->write_only, "Allow", "POST, PUT");
}

/* ----------------------------------------------------------------- requests */

static void plain_begin(struct site *s, struct exchange *x, const struct head *head)
{
    (void)s;
    *state_of(x) = (struct plain_state){.route = route_find(head->path)};
}

static void plain_piece(struct site *s, struct exchange *x, const char *data, size_t len)
{
    (void)s;
    (void)data;
    state_of(x)->body_bytes += len;
}

static uint64_t to_model(struct plain *h, struct exchange *x, double factor, uint64_t t_ns)
{
    struct model_slot slot;
    if (!model_arrive(&h->model, t_ns, factor, &slot)) {
        state_of(x)->page = &h->refused;
        return 0;
    }
    x->service_ns = slot.service_ns;
    x->wait_ns = slot.wait_ns;
    return slot.done_ns;
}

static uint64_t to_database(struct plain *h, struct exchange *x, double factor, uint64_t t_ns)
{
    struct plain_state *st = state_of(x);
    double busy_ns = draw_ns(&h->model.service, &h->model.rng) * factor;
    st->job = (struct db_job){
        .write = routes[st->route].write, .busy_ns = (uint64_t)(busy_ns + 0.5), .who = x};
    switch (postgres_ask(h->database, &st->job, t_ns)) {
    case DBPOOL_FULL:
        st->page = &h->refused;
        return 0;
    case DBPOOL_NONE:
        st->page = &h->no_database;
        return 0;
    default:
        return EXCHANGE_SLEEPS;
    }
}

/* Decides what the reply is; returns when. */
static uint64_t plain_place(struct plain *h, struct exchange *x, uint64_t t_ns)
{
    struct plain_state *st = state_of(x);
    st->page = h->pages[st->route].status != 0 ? &h->pages[st->route] : NULL;
    if (st->route == ROUTE_OTHER)
        return 0;
    if (!route_takes(st->route, x->method)) {
        st->page = routes[st->route].write ? &h->write_only : &h->get_only;
        return 0;
    }
    double factor = routes[st->route].factor;
    if (factor <= 0)
        return 0;
    uint64_t due_ns =
        h->database != NULL ? to_database(h, x, factor, t_ns) : to_model(h, x, factor, t_ns);
    if (due_ns > 0 && st->route == ROUTE_FLAKY && rng_below(&h->flaky, ROUTE_FLAKY_ONE_IN) == 0)
        st->page = &h->failed;
    return due_ns;
}

static uint64_t plain_step(struct site *s, struct exchange *x, uint64_t t_ns)
{
    struct plain_state *st = state_of(x);
    if (st->placed)
        return 0;
    st->placed = true;
    uint64_t due_ns = plain_place(plain_of(s), x, t_ns);
    x->status = st->page != NULL ? st->page->status : 200;
    return due_ns;
}

static struct queue_figures of_model(struct plain *h)
{
    uint64_t t_ns = now_ns();
    return (struct queue_figures){
        .accepted = h->model.accepted,
        .refused = h->model.refused,
        .service_ns = h->model.service_ns,
        .wait_ns = h->model.wait_ns,
        .waiting = model_waiting(&h->model, t_ns),
        .busy = model_busy(&h->model, t_ns),
    };
}

static struct queue_figures of_database(const struct plain *h)
{
    const struct dbpool *pool = postgres_pool(h->database);
    return (struct queue_figures){
        .accepted = h->accepted,
        .refused = pool->refused,
        .service_ns = h->service_ns,
        .wait_ns = h->wait_ns,
        .waiting = pool->waiting,
        .busy = pool->busy,
        .pool = pool,
    };
}

static void plain_answer(struct site *s, struct exchange *x, uint64_t t_ns)
{
    (void)t_ns;
    struct plain *h = plain_of(s);
    struct plain_state *st = state_of(x);
    struct answer *a = &x->answer;
    a->page = st->page;
    if (st->page != NULL)
        return;
    if (st->route != ROUTE_METRICS) {
        a->type = "application/json";
        buf_printf(&a->body, "{\"bytes\":%llu}\n", (unsigned long long)st->body_bytes);
        return;
    }
    size_t len;
    const struct queue_figures q = h->database != NULL ? of_database(h) : of_model(h);
    char *text = metrics_text(&h->metrics, &h->cfg, &q, http_connections(s->http), &len);
    a->type = "text/plain; version=0.0.4; charset=utf-8";
    buf_add(&a->body, text, len);
    free(text);
}

static void plain_done(struct site *s, struct exchange *x, bool cut)
{
    if (cut)
        plain_of(s)->metrics.cut++;
    else
        metrics_count(&plain_of(s)->metrics, state_of(x)->route, x->status);
}

/* ----------------------------------------------------------------- database */

static int plain_wait_fd(const struct site *s)
{
    return postgres_fd(((const struct plain *)s)->database);
}

static uint64_t plain_due_ns(const struct site *s)
{
    return postgres_due_ns(((const struct plain *)s)->database);
}

static void job_ended(struct plain *h, const struct db_job *job)
{
    struct exchange *x = job->who;
    struct plain_state *st = state_of(x);
    uint64_t got_ns = job->started_ns > 0 ? job->started_ns : job->ended_ns;
    x->wait_ns = got_ns - job->asked_ns;
    x->service_ns = job->ended_ns - got_ns;
    h->wait_ns += x->wait_ns;
    h->service_ns += x->service_ns;
    h->accepted += job->started_ns > 0;
    if (job->end == DB_NONE || job->end == DB_LOST)
        st->page = &h->no_database;
    else if (job->end == DB_ERROR)
        st->page = &h->no_statement;
    x->status = st->page != NULL ? st->page->status : 200;
}

static void plain_wait_over(struct site *s)
{
    struct plain *h = plain_of(s);
    struct db_job *job;
    postgres_run(h->database);
    while ((job = postgres_next(h->database)) != NULL) {
        job_ended(h, job);
        http_wake(s->http, job->who);
    }
}

/* --------------------------------------------------------------------- site */

static void plain_destroy(struct site *s)
{
    struct plain *h = plain_of(s);
    struct page *extra[] = {&h->failed,     &h->refused,     &h->get_only,
                            &h->write_only, &h->no_database, &h->no_statement};
    for (enum route r = 0; r < ROUTE_COUNT; r++)
        page_finish(&h->pages[r]);
    for (size_t i = 0; i < sizeof extra / sizeof *extra; i++)
        page_finish(extra[i]);
    postgres_close(h->database);
    model_finish(&h->model);
    free(h);
}

#define PLAIN_OPS                                                                                  \
    .state_size = sizeof(struct plain_state), .begin = plain_begin, .piece = plain_piece,          \
    .step = plain_step, .answer = plain_answer, .done = plain_done, .destroy = plain_destroy

struct site *plain_create(const struct demo_config *cfg, struct err *e)
{
    static const struct site_ops computed = {PLAIN_OPS};
    static const struct site_ops backed = {PLAIN_OPS, .wait_fd = plain_wait_fd,
                                           .due_ns = plain_due_ns, .wait_over = plain_wait_over};
    const struct postgres_config pc = {
        .dsn = cfg->postgres, .pool = cfg->servers, .queue = cfg->queue, .seed = cfg->seed};
    struct plain *h = mem_zalloc(sizeof *h);
    h->site.ops = cfg->postgres != NULL ? &backed : &computed;
    h->cfg = *cfg;
    if (cfg->postgres != NULL && (h->database = postgres_open(&pc, e)) == NULL) {
        free(h);
        return NULL;
    }
    model_init(&h->model, cfg);
    rng_seed(&h->flaky, cfg->seed + 1);
    pages_create(h);
    return &h->site;
}
