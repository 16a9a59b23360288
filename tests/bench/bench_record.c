/* SPDX-License-Identifier: MIT */
/* bench_record - what the collector pays for one sample, without threads: into the
 * open second, then all that happens when seconds close, then one publication.
 *
 *   tests/bench/bench_record [ENDPOINTS [PER-SECOND [FAILED]]]
 *
 * 20, 20,000 and 2 % of time-outs in every second unless told. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/base/now.h"
#include "src/base/rng.h"
#include "src/stats/aggregate.h"
#include "src/stats/gather.h"

#define SECONDS 120

static struct snapshot snap;

static void publish(const struct gather *g, struct aggregate *books)
{
    struct second open;
    gather_look(g, &open);
    aggregate_fill(books, &open, &snap);
    second_finish(&open);
}

int main(int argc, char **argv)
{
    uint64_t endpoints = argc > 1 ? strtoull(argv[1], NULL, 10) : 20;
    uint64_t per_second = argc > 2 ? strtoull(argv[2], NULL, 10) : 20000;
    uint64_t failed = argc > 3 ? strtoull(argv[3], NULL, 10) : 2;
    static const struct gather_end end;
    struct gather *g = gather_create(0, 0);
    struct aggregate *books = aggregate_create(SNAP_60S);
    struct sample *batch = calloc(per_second, sizeof *batch);
    uint64_t record_ns = 0, close_ns = 0, fill_ns = 0, cheap_ns = 0;
    struct rng rng;

    if (endpoints == 0 || endpoints > SNAP_ENDPOINTS || per_second == 0 || failed > 100 ||
        batch == NULL) {
        fprintf(stderr,
                "bench_record: 1 to %d endpoints, at least 1 per second, "
                "0 to 100 %% that fail\n",
                SNAP_ENDPOINTS);
        return 2;
    }
    rng_seed(&rng, 1);
    gather_listen(g, aggregate_book, books);
    for (uint64_t s = 0; s < SECONDS; s++) {
        for (uint64_t i = 0; i < per_second; i++) {
            uint64_t done = s * NS_PER_S + i * NS_PER_S / per_second;
            uint64_t latency = NS_PER_MS + rng_below(&rng, 10 + 100 * (i % 7)) * NS_PER_MS / 3;
            bool fails = i % 100 < failed;
            batch[i] = (struct sample){.sent_ns = done - latency,
                                       .done_ns = done,
                                       .endpoint = (uint16_t)rng_below(&rng, endpoints),
                                       .status = fails ? 0 : 200,
                                       .first_byte_us = fails ? 0 : (uint32_t)(latency / 1100),
                                       .fail = fails ? FAIL_TIMEOUT : FAIL_NONE};
        }
        uint64_t t0 = now_ns();
        for (uint64_t i = 0; i < per_second; i++)
            gather_add(g, &batch[i]);
        uint64_t t1 = now_ns();
        gather_close(g, (s + 1) * NS_PER_S + GATHER_GRACE_MS * NS_PER_MS, &end);
        uint64_t t2 = now_ns();
        publish(g, books);
        uint64_t t3 = now_ns();
        publish(g, books);
        cheap_ns += now_ns() - t3;
        record_ns += t1 - t0;
        close_ns += t2 - t1;
        fill_ns += t3 - t2;
    }
    printf("%" PRIu64 " endpoints, %" PRIu64 " per second, %" PRIu64
           " %% fail: %.1f ns to record a sample, %.1f with its share of the rest\n",
           endpoints, per_second, failed, (double)record_ns / (double)(SECONDS * per_second),
           (double)(record_ns + close_ns + fill_ns) / (double)(SECONDS * per_second));
    printf("per second: close %.2f ms, first publication %.2f ms, each other one %.3f ms\n",
           (double)close_ns / SECONDS / 1e6, (double)fill_ns / SECONDS / 1e6,
           (double)cheap_ns / SECONDS / 1e6);
    printf("timeline of %d s: %.1f MB\n", SECONDS,
           (double)timeline_bytes(aggregate_timeline(books)) / 1e6);
    gather_destroy(g);
    aggregate_destroy(books);
    free(batch);
    return snap.finished == SECONDS * per_second ? 0 : 1;
}
