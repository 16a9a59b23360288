/* SPDX-License-Identifier: MIT */
#include "src/load/generator.h"

#include <stdlib.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/load/worker.h"
#include "src/profile/profile.h"
#include "src/stats/collect.h"
#include "src/stats/gauge.h"

struct generator {
    struct collector *collector;
    struct worker **workers;
    unsigned n;
    struct worker_order order; /* the newest, as all workers have it; holds a reference */
    struct budget budget;
};

static void workers_tell(struct generator *g)
{
    for (unsigned i = 0; i < g->n; i++) {
        if (g->order.program != NULL)
            program_ref(g->order.program);
        worker_send(g->workers[i], &g->order);
    }
}

static void workers_stop(struct generator *g)
{
    g->order.quit = true;
    workers_tell(g);
    for (unsigned i = 0; i < g->n; i++)
        worker_join(g->workers[i]);
}

static void workers_destroy(struct generator *g)
{
    if (g == NULL)
        return;
    workers_stop(g);
    for (unsigned i = 0; i < g->n; i++)
        worker_destroy(g->workers[i]);
    program_unref(g->order.program);
    free(g->workers);
    free(g);
}

static struct generator *workers_create(const struct generator_config *cfg, struct err *e)
{
    struct generator *g = mem_aligned(64, sizeof *g); /* the budget has a cache line of its own */
    *g = (struct generator){.collector = cfg->collector};
    g->order.what.demand = (struct demand){.t0_ns = now_ns(), .slope = 1};
    g->budget.limited = cfg->request_budget > 0;
    atomic_init(&g->budget.left, (int64_t)cfg->request_budget);
    g->workers = mem_array(cfg->workers, sizeof *g->workers);
    for (unsigned i = 0; i < cfg->workers; i++) {
        const struct worker_config wc = {.index = i,
                                         .count = cfg->workers,
                                         .lane = collect_lane(cfg->collector, i),
                                         .budget = &g->budget,
                                         .resolver = cfg->resolver,
                                         .transport = cfg->transport,
                                         .seed = cfg->seed};
        g->workers[i] = worker_create(&wc, e);
        if (g->workers[i] == NULL)
            goto fail;
        g->n++;
        if (!worker_start(g->workers[i], e))
            goto fail;
    }
    return g;
fail:
    workers_destroy(g);
    return NULL;
}

static void workers_order(struct generator *g, const struct generator_order *o)
{
    struct program *before = g->order.program;
    bool published = o->publications != g->order.what.publications;
    if ((int32_t)(o->version - g->order.what.version) <= 0)
        return;
    if (published)
        g->order.program =
            program_create(o->profile, profile_mix(o->profile, o->level), before, g->collector);
    g->order.what = *o;
    if (published)
        program_unref(before);
    workers_tell(g);
}

static void add_gauge(struct generator_state *s, const struct gauge *g)
{
    /* Acquire, and first: the others are from after that order then. */
    uint32_t version = atomic_load_explicit(&g->orders, memory_order_acquire);
    s->version = (int32_t)(version - s->version) < 0 ? version : s->version;
    uint32_t burst = atomic_load_explicit(&g->burst, memory_order_acquire); /* see gauge.h */
    /* Numbers begin again some day. */
    s->burst = (int16_t)(burst - s->burst) < 0 ? (uint16_t)burst : s->burst;
    s->burst_done += atomic_load_explicit(&g->burst_done, memory_order_acquire);
    s->released += atomic_load_explicit(&g->released, memory_order_relaxed);
    s->users += atomic_load_explicit(&g->users, memory_order_relaxed);
    s->in_flight += atomic_load_explicit(&g->in_flight, memory_order_relaxed);
    s->askers += atomic_load_explicit(&g->askers, memory_order_relaxed);
    s->left += atomic_load_explicit(&g->left, memory_order_relaxed);
    s->ready += atomic_load_explicit(&g->ready, memory_order_relaxed);
}

static void workers_state(const struct generator *g, struct generator_state *out)
{
    const struct budget *b = &g->budget;
    *out = (struct generator_state){
        .version = g->order.what.version,
        .burst = g->order.what.burst,
        .budget_spent = b->limited && atomic_load_explicit(&b->left, memory_order_relaxed) <= 0,
        .spent_ns = atomic_load_explicit(&b->spent_ns, memory_order_relaxed),
    };
    for (unsigned i = 0; i < g->n; i++)
        add_gauge(out, collect_lane(g->collector, i).gauge);
}

const struct generator_ops generator_local = {
    .name = "local workers",
    .makes = GENERATOR_MAKES(DEMAND_USERS),
    .create = workers_create,
    .order = workers_order,
    .state = workers_state,
    .stop = workers_stop,
    .destroy = workers_destroy,
};
