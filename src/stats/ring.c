/* SPDX-License-Identifier: MIT */
#include "src/stats/ring.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

/* Two lines, because processors fetch cache lines in pairs: what one side writes
 * must not sit in the pair of what the other writes. */
#define APART 128

struct ring {
    size_t mask; /* capacity - 1 */
    size_t element_size;
    unsigned char *slots;

    _Alignas(APART) _Atomic uint64_t tail; /* written by the producer */
    uint64_t head_seen;                    /* the producer's copy of head */
    _Atomic uint64_t lost;

    _Alignas(APART) _Atomic uint64_t head; /* written by the consumer */
    uint64_t tail_seen;                    /* the consumer's copy of tail */
};

struct ring *ring_create(size_t capacity, size_t element_size)
{
    size_t slots = 2;
    while (slots < capacity)
        slots *= 2;
    struct ring *r = mem_aligned(APART, sizeof *r);
    r->mask = slots - 1;
    r->element_size = element_size;
    r->slots = mem_aligned(APART, slots * element_size);
    return r;
}

void ring_destroy(struct ring *r)
{
    if (r == NULL)
        return;
    free(r->slots);
    free(r);
}

/* A copy of a size known at compile time becomes a few vector moves. */
static inline void copy_element(void *to, const void *from, size_t size)
{
    if (size == 64)
        memcpy(to, from, 64);
    else
        memcpy(to, from, size);
}

bool ring_push(struct ring *r, const void *element)
{
    uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

    if (tail - r->head_seen > r->mask) {
        /* Pairs with the release in ring_drain(): the slot was read before we write it. */
        r->head_seen = atomic_load_explicit(&r->head, memory_order_acquire);
        if (tail - r->head_seen > r->mask) {
            uint64_t lost = atomic_load_explicit(&r->lost, memory_order_relaxed);
            atomic_store_explicit(&r->lost, lost + 1, memory_order_relaxed);
            return false;
        }
    }
    copy_element(r->slots + (tail & r->mask) * r->element_size, element, r->element_size);
    /* Pairs with the acquire in ring_drain(): the element is whole before it counts. */
    atomic_store_explicit(&r->tail, tail + 1, memory_order_release);
    return true;
}

size_t ring_drain(struct ring *r, void *out, size_t max)
{
    uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);

    if (r->tail_seen - head < max) {
        /* Pairs with the release in ring_push(): we see the elements that tail counts. */
        r->tail_seen = atomic_load_explicit(&r->tail, memory_order_acquire);
    }
    size_t n = r->tail_seen - head;
    if (n > max)
        n = max;
    if (n == 0)
        return 0;
    size_t start = head & r->mask;
    size_t first = r->mask + 1 - start; /* up to the end of the array */
    if (first > n)
        first = n;
    memcpy(out, r->slots + start * r->element_size, first * r->element_size);
    memcpy((unsigned char *)out + first * r->element_size, r->slots, (n - first) * r->element_size);
    /* Pairs with the acquire in ring_push(): the slots were read before they are written again. */
    atomic_store_explicit(&r->head, head + n, memory_order_release);
    return n;
}

size_t ring_capacity(const struct ring *r)
{
    return r->mask + 1;
}

size_t ring_fill(const struct ring *r)
{
    /* head first: it never passes tail, so the difference is never negative.  The acquire keeps
     * the two loads in this order; the producer may move on between them, hence the cap. */
    uint64_t head = atomic_load_explicit(&r->head, memory_order_acquire);
    uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    return tail - head > r->mask ? r->mask + 1 : tail - head;
}

uint64_t ring_lost(const struct ring *r)
{
    return atomic_load_explicit(&r->lost, memory_order_relaxed);
}
