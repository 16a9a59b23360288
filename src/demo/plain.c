/* SPDX-License-Identifier: MIT */
#include "src/demo/plain.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/rng.h"
#include "src/demo/http.h"
#include "src/demo/model.h"
#include "src/demo/plain_metrics.h"
#include "src/demo/plain_routes.h"

struct plain {
    struct site site;
    struct demo_config cfg;
    struct model model;
    struct metrics metrics;
    struct rng flaky;
    struct page pages[ROUTE_COUNT]; /* none for /write and /metrics */
    struct page failed, refused, get_only, write_only;
};

struct plain_state {
    enum route route;
    bool placed;
    struct page *page; /* NULL: made for this one request */
    uint64_t body_bytes;
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

static char *about_text(const struct demo_config *cfg)
{
    static const char *const services[] = {
        [DEMO_CONST] = "constant", [DEMO_EXP] = "exponential", [DEMO_LOGNORMAL] = "lognormal"};
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    if (f == NULL)
        return mem_strdup("");
    fprintf(f,
            "ramptop's demo target\n\n"
            "One queue of at most %u requests in front of %u servers, each busy %g ms (%s)\n"
            "times the endpoint's factor.  A mix of endpoints breaks at\n"
            "%u / (%g ms x its mean factor) requests per second.\n\n"
            "  %-10s %6s %12s\n",
            cfg->queue, cfg->servers, cfg->service_ms, services[cfg->service], cfg->servers,
            cfg->service_ms, "endpoint", "factor", "breaks at/s");
    for (enum route r = 0; r < ROUTE_OTHER; r++)
        if (routes[r].factor > 0 && cfg->service_ms > 0)
            fprintf(f, "  %-10s %6g %12.6g  %s\n", routes[r].path, routes[r].factor,
                    demo_capacity(cfg, routes[r].factor), routes[r].about);
        else
            fprintf(f, "  %-10s %6s %12s  %s\n", routes[r].path, "-", "at once", routes[r].about);
    fclose(f);
    return text;
}

static void pages_create(struct plain *h)
{
    char hello[64];
    double breaks_at = demo_capacity(&h->cfg, 1);
    if (isinf(breaks_at))
        snprintf(hello, sizeof hello, "hello from the demo target: no service time\n");
    else
        snprintf(hello, sizeof hello, "hello, I break at %.5g requests per second\n", breaks_at);
    char *about = about_text(&h->cfg);
    h->pages[ROUTE_HOME] = page_create(200, "text/plain", hello);
    h->pages[ROUTE_FAST] = page_create(200, "application/json", "{\"speed\":\"fast\"}\n");
    h->pages[ROUTE_SLOW] = page_create(200, "application/json", "{\"speed\":\"slow\"}\n");
    h->pages[ROUTE_FLAKY] = page_create(200, "application/json", "{\"luck\":\"good\"}\n");
    h->pages[ROUTE_ABOUT] = page_create(200, "text/plain", about);
    h->pages[ROUTE_HEALTH] = page_create(200, "application/json", "{\"status\":\"ok\"}\n");
    h->pages[ROUTE_OTHER] = page_create(404, "application/json", "{\"error\":\"not found\"}\n");
    h->failed = page_create(500, "application/json", "{\"error\":\"bad luck\"}\n");
    h->refused = page_create(503, "application/json", "{\"error\":\"queue full\"}\n");
    h->get_only = page_create(405, "application/json", "{\"error\":\"wrong method\"}\n");
    h->write_only = page_create(405, "application/json", "{\"error\":\"wrong method\"}\n");
    free(about);
    page_header(&h->refused, "Retry-After", "1");
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

/* Decides what the reply is; returns when. */
static uint64_t plain_place(struct plain *h, struct exchange *x, uint64_t t_ns)
{
    struct plain_state *st = state_of(x);
    struct model_slot slot;
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
    if (!model_arrive(&h->model, t_ns, factor, &slot)) {
        st->page = &h->refused;
        return 0;
    }
    if (st->route == ROUTE_FLAKY && rng_below(&h->flaky, ROUTE_FLAKY_ONE_IN) == 0)
        st->page = &h->failed;
    x->service_ns = slot.service_ns;
    x->wait_ns = slot.wait_ns;
    return slot.done_ns;
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
    char *text = metrics_text(&h->metrics, &h->cfg, &h->model, http_connections(s->http), &len);
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

/* --------------------------------------------------------------------- site */

static void plain_destroy(struct site *s)
{
    struct plain *h = plain_of(s);
    struct page *extra[] = {&h->failed, &h->refused, &h->get_only, &h->write_only};
    for (enum route r = 0; r < ROUTE_COUNT; r++)
        page_finish(&h->pages[r]);
    for (size_t i = 0; i < sizeof extra / sizeof *extra; i++)
        page_finish(extra[i]);
    model_finish(&h->model);
    free(h);
}

struct site *plain_create(const struct demo_config *cfg)
{
    static const struct site_ops ops = {
        .state_size = sizeof(struct plain_state),
        .begin = plain_begin,
        .piece = plain_piece,
        .step = plain_step,
        .answer = plain_answer,
        .done = plain_done,
        .destroy = plain_destroy,
    };
    struct plain *h = mem_zalloc(sizeof *h);
    h->site.ops = &ops;
    h->cfg = *cfg;
    model_init(&h->model, cfg);
    rng_seed(&h->flaky, cfg->seed + 1);
    pages_create(h);
    return &h->site;
}
