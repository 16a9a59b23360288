/* SPDX-License-Identifier: MIT */
#include "src/load/generator.h"

#include <stdlib.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/load/worker.h"
#include "src/stats/collect.h"
#include "src/stats/gauge.h"

struct pool {
    struct collector *collector;
    struct worker **workers;
    unsigned n;
    struct order order; /* what all workers were last told; holds a reference to its program */
    struct budget budget;
};

static void send_all(struct pool *p)
{
    p->order.number++;
    for (unsigned i = 0; i < p->n; i++) {
        struct order o = p->order;
        if (o.program != NULL)
            program_ref(o.program);
        worker_send(p->workers[i], &o);
    }
}

struct pool *pool_create(const struct pool_config *cfg, struct err *e)
{
    struct pool *p = mem_aligned(64, sizeof *p); /* the budget has a cache line of its own */
    *p = (struct pool){.collector = cfg->collector};
    p->order.demand = (struct demand){.t0_ns = now_ns(), .slope = 1};
    p->budget.limited = cfg->request_budget > 0;
    atomic_init(&p->budget.left, (int64_t)cfg->request_budget);
    p->workers = mem_array(cfg->workers, sizeof *p->workers);
    for (unsigned i = 0; i < cfg->workers; i++) {
        const struct worker_config wc = {.index = i,
                                         .count = cfg->workers,
                                         .lane = collect_lane(cfg->collector, i),
                                         .budget = &p->budget,
                                         .resolver = cfg->resolver,
                                         .seed = cfg->seed};
        p->workers[i] = worker_create(&wc, e);
        if (p->workers[i] == NULL)
            goto fail;
        p->n++;
        if (!worker_start(p->workers[i], e))
            goto fail;
    }
    return p;
fail:
    pool_destroy(p);
    return NULL;
}

void pool_stop(struct pool *p)
{
    p->order.quit = true;
    send_all(p);
    for (unsigned i = 0; i < p->n; i++)
        worker_join(p->workers[i]);
}

void pool_destroy(struct pool *p)
{
    if (p == NULL)
        return;
    pool_stop(p);
    for (unsigned i = 0; i < p->n; i++)
        worker_destroy(p->workers[i]);
    program_unref(p->order.program);
    free(p->workers);
    free(p);
}

void pool_set_profile(struct pool *p, struct profile *profile, const struct mix *mix)
{
    struct program *before = p->order.program;
    p->order.program = program_create(profile, mix, before, p->collector);
    program_unref(before);
    send_all(p);
}

void pool_set_demand(struct pool *p, const struct demand *demand)
{
    p->order.demand = *demand;
    send_all(p);
}

void pool_set_hold(struct pool *p, bool hold)
{
    p->order.hold = hold;
    send_all(p);
}

void pool_set_drain(struct pool *p, bool drain)
{
    p->order.drain = drain;
    p->order.gives_up = false;
    send_all(p);
}

void pool_give_up(struct pool *p, uint64_t beyond_ns)
{
    p->order.gives_up = true;
    p->order.beyond_ns = beyond_ns;
    send_all(p);
}

void pool_rebase(struct pool *p)
{
    p->order.rebases++;
    send_all(p);
}

void pool_set_barrier(struct pool *p, bool on)
{
    p->order.barrier = on;
    send_all(p);
}

void pool_release(struct pool *p, uint16_t burst, uint64_t at_ns)
{
    p->order.burst = burst;
    p->order.release_ns = at_ns;
    send_all(p);
}

static void add_state(struct pool_state *s, const struct gauge *g)
{
    uint32_t burst = atomic_load_explicit(&g->burst, memory_order_acquire); /* see gauge.h */
    /* Numbers begin again some day. */
    s->burst = (int16_t)(burst - s->burst) < 0 ? (uint16_t)burst : s->burst;
    s->rested += atomic_load_explicit(&g->rested, memory_order_acquire);
    s->released += atomic_load_explicit(&g->released, memory_order_relaxed);
    s->users += atomic_load_explicit(&g->users, memory_order_relaxed);
    s->in_flight += atomic_load_explicit(&g->in_flight, memory_order_relaxed);
    s->askers += atomic_load_explicit(&g->askers, memory_order_relaxed);
    s->left += atomic_load_explicit(&g->left, memory_order_relaxed);
    s->ready += atomic_load_explicit(&g->ready, memory_order_relaxed);
}

struct pool_state pool_look(const struct pool *p)
{
    struct pool_state s = {.burst = p->order.burst, .follows = true};
    for (unsigned i = 0; i < p->n; i++) {
        const struct gauge *g = collect_lane(p->collector, i).gauge;
        /* Acquire, and first: the others are from after the order then. */
        uint32_t order = atomic_load_explicit(&g->orders, memory_order_acquire);
        s.follows = s.follows && order == p->order.number;
        add_state(&s, g);
    }
    return s;
}

bool pool_idle(const struct pool *p)
{
    return pool_look(p).in_flight == 0;
}

bool pool_budget_spent(const struct pool *p)
{
    return p->budget.limited && atomic_load_explicit(&p->budget.left, memory_order_relaxed) <= 0;
}

uint64_t pool_spent_ns(const struct pool *p)
{
    return atomic_load_explicit(&p->budget.spent_ns, memory_order_relaxed);
}
