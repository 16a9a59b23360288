/* SPDX-License-Identifier: MIT */
/* bench_ring - what one sample costs on its way through a ring: a producer and a
 * consumer thread, the consumer draining in batches; order and content of every
 * sample are checked.
 *
 *   tests/bench/bench_ring [SAMPLES]      50,000,000 unless told
 *
 * Prints nanoseconds per sample and the verdict; exits 1 when a sample was lost,
 * doubled, reordered or damaged. */
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/base/now.h"
#include "src/stats/ring.h"
#include "src/stats/sample.h"

#define BATCH 256
#define CAPACITY 32768

struct job {
    struct ring *ring;
    uint64_t samples;
};

static void *produce(void *arg)
{
    struct job *job = arg;
    for (uint64_t i = 0; i < job->samples; i++) {
        struct sample s = {.due_ns = i,
                           .sent_ns = ~i,
                           .done_ns = i * 3,
                           .status = (uint16_t)i,
                           .bytes_in = (uint32_t)(i >> 7)};
        while (!ring_push(job->ring, &s))
            sched_yield();
    }
    return NULL;
}

static uint64_t consume(struct ring *ring, uint64_t samples)
{
    static struct sample batch[BATCH];
    uint64_t next = 0, wrong = 0;
    while (next < samples) {
        size_t n = ring_drain(ring, batch, BATCH);
        if (n == 0)
            sched_yield();
        for (size_t k = 0; k < n; k++, next++)
            wrong += batch[k].due_ns != next || batch[k].sent_ns != ~next ||
                     batch[k].done_ns != next * 3 || batch[k].status != (uint16_t)next ||
                     batch[k].bytes_in != (uint32_t)(next >> 7);
    }
    return wrong;
}

int main(int argc, char **argv)
{
    struct job job = {.samples = argc > 1 ? strtoull(argv[1], NULL, 10) : 50000000};
    pthread_t producer;

    job.ring = ring_create(CAPACITY, sizeof(struct sample));
    uint64_t begin = now_ns();
    if (pthread_create(&producer, NULL, produce, &job) != 0) {
        fprintf(stderr, "bench_ring: no thread\n");
        return 1;
    }
    uint64_t wrong = consume(job.ring, job.samples);
    uint64_t took = now_ns() - begin;
    pthread_join(producer, NULL);
    size_t left = ring_fill(job.ring);
    printf("%" PRIu64 " samples, %.1f ns per sample through the ring (%.1f million per second), "
           "%" PRIu64 " pushes found it full\n",
           job.samples, (double)took / (double)job.samples,
           (double)job.samples * 1e3 / (double)took, ring_lost(job.ring));
    printf("order and content: %s (%" PRIu64 " wrong, %zu left over)\n",
           wrong == 0 && left == 0 ? "right" : "WRONG", wrong, left);
    ring_destroy(job.ring);
    return wrong == 0 && left == 0 ? 0 : 1;
}
