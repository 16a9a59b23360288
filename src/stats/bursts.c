/* SPDX-License-Identifier: MIT */
#include "src/stats/bursts.h"

#include <stdlib.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/stats/fail.h"
#include "src/stats/latencies.h"
#include "src/stats/shape.h"

#define KEPT 2 /* a straggler of the last one counts while the next is under way */

struct tally {
    uint16_t number;
    uint64_t requests, failures, client_failures;
    struct latencies latencies;
};

struct bursts {
    struct tally tallies[KEPT];
};

struct bursts *bursts_create(void)
{
    return mem_zalloc(sizeof(struct bursts));
}

void bursts_destroy(struct bursts *b)
{
    for (unsigned i = 0; b != NULL && i < KEPT; i++)
        latencies_finish(&b->tallies[i].latencies);
    free(b);
}

void bursts_count(struct bursts *b, const struct sample *s)
{
    struct tally *t = &b->tallies[s->burst % KEPT];
    /* Of a burst before that one?  Numbers begin again some day. */
    if (t->number != 0 && (int16_t)(t->number - s->burst) > 0)
        return;
    if (t->number != s->burst) {
        t->number = s->burst;
        t->requests = t->failures = t->client_failures = 0;
        latencies_clear(&t->latencies);
    }
    if (fail_is_client((enum fail)s->fail)) {
        t->client_failures++;
        return;
    }
    t->requests++;
    t->failures += s->fail != FAIL_NONE;
    struct hist *h = s->fail != FAIL_NONE ? &t->latencies.failed : &t->latencies.ok;
    if (h->buckets == NULL)
        hist_init(h);
    hist_record(h, (s->done_ns - s->sent_ns) / NS_PER_US);
}

void bursts_figures(const struct bursts *b, uint16_t number, struct burst_figures *out)
{
    const struct tally *t = &b->tallies[number % KEPT];
    *out = (struct burst_figures){0};
    if (t->number != number)
        return;
    out->requests = t->requests;
    out->failures = t->failures;
    out->client_failures = t->client_failures;
    shape_latency(&t->latencies.ok, &out->latency);
    shape_latency(&t->latencies.failed, &out->failed);
}
