/* SPDX-License-Identifier: MIT */
#include "src/demo/model.h"

#include <stdlib.h>

#include "src/base/mem.h"

void model_init(struct model *m, size_t servers, size_t queue)
{
    *m = (struct model){
        .free_ns = mem_array(servers, sizeof *m->free_ns),
        .servers = servers,
        .start_ns = mem_array(queue + 1, sizeof *m->start_ns),
        .queue = queue,
    };
}

void model_finish(struct model *m)
{
    free(m->free_ns);
    free(m->start_ns);
    *m = (struct model){0};
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

/* False when it would have to wait and cannot. */
static bool request_start(struct model *m, uint64_t t_ns, uint64_t *start_ns)
{
    *start_ns = m->free_ns[0] > t_ns ? m->free_ns[0] : t_ns;
    if (*start_ns == t_ns)
        return true;
    if (model_waiting(m, t_ns) >= m->queue) {
        m->refused++;
        return false;
    }
    m->start_ns[(m->head + m->waiting++) % m->queue] = *start_ns;
    return true;
}

bool model_arrive(struct model *m, uint64_t t_ns, uint64_t service_ns, struct model_slot *slot)
{
    uint64_t start_ns;
    if (!request_start(m, t_ns, &start_ns))
        return false;
    slot->wait_ns = start_ns - t_ns;
    slot->service_ns = service_ns;
    slot->done_ns = start_ns + service_ns;
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
