/* SPDX-License-Identifier: MIT */
/* The ring: nothing is lost, doubled, torn or reordered, with two real threads. */
#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "src/base/now.h"
#include "src/stats/ring.h"
#include "src/stats/sample.h"
#include "tests/unit/unit.h"

#define DEADLINE_NS (120 * NS_PER_S) /* far more than needed: only to end a hang */

START_TEST(capacity_is_rounded_up)
{
    static const size_t wanted[] = {0, 1, 2, 3, 4, 5, 1000}, got[] = {2, 2, 2, 4, 4, 8, 1024};
    for (size_t i = 0; i < sizeof got / sizeof *got; i++) {
        struct ring *r = ring_create(wanted[i], 8);
        ck_assert_uint_eq(ring_capacity(r), got[i]);
        ring_destroy(r);
    }
    ring_destroy(NULL);
}
END_TEST

START_TEST(full_ring_drops_and_counts)
{
    struct ring *r = ring_create(4, sizeof(uint64_t));
    uint64_t out[8];
    for (uint64_t i = 0; i < 7; i++)
        ck_assert(ring_push(r, &i) == (i < 4));
    ck_assert_uint_eq(ring_fill(r), 4);
    ck_assert_uint_eq(ring_lost(r), 3);
    ck_assert_uint_eq(ring_drain(r, out, 8), 4);
    for (uint64_t i = 0; i < 4; i++)
        ck_assert_uint_eq(out[i], i);
    ck_assert_uint_eq(ring_fill(r), 0);
    ck_assert_uint_eq(ring_drain(r, out, 8), 0);
    ring_destroy(r);
}
END_TEST

START_TEST(wrap_keeps_order_for_any_batch)
{
    struct ring *r = ring_create(8, sizeof(uint64_t));
    uint64_t pushed = 0, taken = 0, out[8];
    for (unsigned round = 0; round < 1000; round++) {
        for (unsigned i = 0; i < round % 9; i++)
            pushed += ring_push(r, &pushed);
        size_t n = ring_drain(r, out, 1 + round % 5);
        for (size_t i = 0; i < n; i++)
            ck_assert_uint_eq(out[i], taken++);
        ck_assert_uint_eq(ring_fill(r), pushed - taken);
    }
    ck_assert_uint_gt(taken, 1000);
    ring_destroy(r);
}
END_TEST

struct job {
    struct ring *r;
    size_t element_size;
    uint64_t elements;
    bool retry; /* push again when full; otherwise drop */
    uint64_t refused;
};

/* Every byte of an element depends on its number: a torn copy cannot pass. */
static void paint(unsigned char *element, size_t size, uint64_t number)
{
    memcpy(element, &number, sizeof number);
    for (size_t i = sizeof number; i < size; i++)
        element[i] = (unsigned char)(number * 31 + i);
}

static void *produce(void *arg)
{
    struct job *job = arg;
    unsigned char element[256];
    uint64_t deadline = now_ns() + DEADLINE_NS;

    for (uint64_t i = 0; i < job->elements; i++) {
        paint(element, job->element_size, i);
        while (!ring_push(job->r, element)) {
            job->refused++;
            if (!job->retry || now_ns() > deadline)
                break;
            sched_yield();
        }
    }
    return NULL;
}

static const struct {
    size_t capacity, element_size, batch;
    uint64_t elements;
    bool retry;
} runs[] = {
    /* The small ones change threads for each few elements, which a busy machine makes wait. */
    {2, 64, 1, 40000, true},       {2, 64, 2, 40000, true},  {4, 64, 3, 80000, true},
    {1024, 64, 256, 500000, true}, {8, 248, 8, 40000, true}, {16, 8, 5, 80000, true},
    {64, 64, 16, 300000, false},
};

START_TEST(two_threads_see_the_same_stream)
{
    struct job job = {.element_size = runs[_i].element_size,
                      .elements = runs[_i].elements,
                      .retry = runs[_i].retry};
    unsigned char batch[256 * 256], wanted[256];
    uint64_t next = 0, taken = 0, deadline = now_ns() + DEADLINE_NS;
    pthread_t producer;

    job.r = ring_create(runs[_i].capacity, job.element_size);
    ck_assert_int_eq(pthread_create(&producer, NULL, produce, &job), 0);
    /* When pushes may fail, the last element's number tells nothing: count both sorts. */
    while (taken + (job.retry ? 0 : ring_lost(job.r)) < job.elements && now_ns() < deadline) {
        size_t n = ring_drain(job.r, batch, runs[_i].batch);
        for (size_t k = 0; k < n; k++) {
            uint64_t number;
            memcpy(&number, batch + k * job.element_size, sizeof number);
            if (job.retry)
                ck_assert_uint_eq(number, next);
            else
                ck_assert_uint_ge(number, next);
            paint(wanted, job.element_size, number);
            ck_assert_mem_eq(batch + k * job.element_size, wanted, job.element_size);
            next = number + 1;
        }
        taken += n;
        if (n == 0)
            sched_yield();
    }
    pthread_join(producer, NULL);
    ck_assert_uint_eq(ring_lost(job.r), job.refused);
    ck_assert_uint_eq(taken, job.elements - (job.retry ? 0 : job.refused));
    ck_assert_uint_eq(ring_fill(job.r), 0);
    ring_destroy(job.r);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ring");
    TCase *tc = tcase_create("ring");
    tcase_set_timeout(tc, 180);
    tcase_add_test(tc, capacity_is_rounded_up);
    tcase_add_test(tc, full_ring_drops_and_counts);
    tcase_add_test(tc, wrap_keeps_order_for_any_batch);
    tcase_add_loop_test(tc, two_threads_see_the_same_stream, 0, sizeof runs / sizeof *runs);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
