/* SPDX-License-Identifier: MIT */
#include "src/demo/model.h"

#include <math.h>
#include <stdlib.h>

#include "src/base/mem.h"
#include "src/base/now.h"

/* The standard deviation of the service time's logarithm: the mean is then 1.65 times
 * the median and one in a hundred takes 6.2 times the mean, as real services do. */
#define LOGNORMAL_SIGMA 1.0

#define TWO_PI 6.283185307179586

void model_init(struct model *m, const struct demo_config *cfg)
{
    *m = (struct model){
        .free_ns = mem_array(cfg->servers, sizeof *m->free_ns),
        .servers = cfg->servers,
        .start_ns = mem_array(cfg->queue + (size_t)1, sizeof *m->start_ns),
        .queue = cfg->queue,
        .service_mean_ns = cfg->service_ms * (double)NS_PER_MS,
        .service = cfg->service,
    };
    rng_seed(&m->rng, cfg->seed);
}

void model_finish(struct model *m)
{
    free(m->free_ns);
    free(m->start_ns);
    *m = (struct model){0};
}

static double draw_ns(struct model *m)
{
    double mean = m->service_mean_ns;
    switch (m->service) {
    case DEMO_EXP:
        return -mean * log1p(-rng_unit(&m->rng));
    case DEMO_LOGNORMAL: {
        double radius = sqrt(-2.0 * log1p(-rng_unit(&m->rng)));
        double normal = radius * cos(TWO_PI * rng_unit(&m->rng));
        /* Half the variance is taken off so that the mean, not the median, is S. */
        return mean * exp(LOGNORMAL_SIGMA * normal - LOGNORMAL_SIGMA * LOGNORMAL_SIGMA / 2);
    }
    case DEMO_CONST:
        break;
    }
    return mean;
}

/* Gives the server that is free first its next time and restores the heap. */
static void heap_replace_first(uint64_t *heap, size_t n, uint64_t value)
{
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= n)
            break;
        if (child + 1 < n && heap[child + 1] < heap[child])
            child++;
        if (heap[child] >= value)
            break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = value;
}

size_t model_waiting(struct model *m, uint64_t t_ns)
{
    while (m->waiting > 0 && m->start_ns[m->head] <= t_ns) {
        m->head = (m->head + 1) % m->queue;
        m->waiting--;
    }
    return m->waiting;
}

bool model_arrive(struct model *m, uint64_t t_ns, double factor, struct model_slot *slot)
{
    uint64_t start_ns = m->free_ns[0] > t_ns ? m->free_ns[0] : t_ns;
    if (start_ns > t_ns) {
        if (model_waiting(m, t_ns) >= m->queue) {
            m->refused++;
            return false;
        }
        m->start_ns[(m->head + m->waiting++) % m->queue] = start_ns;
    }
    slot->wait_ns = start_ns - t_ns;
    slot->service_ns = (uint64_t)(draw_ns(m) * factor + 0.5);
    slot->done_ns = start_ns + slot->service_ns;
    heap_replace_first(m->free_ns, m->servers, slot->done_ns);
    m->accepted++;
    m->service_ns += slot->service_ns;
    m->wait_ns += slot->wait_ns;
    return true;
}

size_t model_busy(const struct model *m, uint64_t t_ns)
{
    size_t busy = 0;
    for (size_t i = 0; i < m->servers; i++)
        busy += m->free_ns[i] > t_ns;
    return busy;
}
