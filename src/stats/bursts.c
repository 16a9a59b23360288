/* SPDX-License-Identifier: MIT */
#include "src/stats/bursts.h"

#include <stdlib.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/stats/fail.h"
#include "src/stats/hist.h"

#define KEPT 2 /* a straggler of the last one counts while the next is under way */

struct tally {
    uint16_t number;
    uint64_t requests, failures, client_failures;
    struct hist hist;
};

struct bursts {
    struct tally tallies[KEPT];
};

struct bursts *bursts_create(void)
{
    struct bursts *b = mem_zalloc(sizeof *b);
    for (unsigned i = 0; i < KEPT; i++)
        hist_init(&b->tallies[i].hist);
    return b;
}

void bursts_destroy(struct bursts *b)
{
    for (unsigned i = 0; b != NULL && i < KEPT; i++)
        hist_finish(&b->tallies[i].hist);
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
        hist_clear(&t->hist);
    }
    if (fail_is_client((enum fail)s->fail)) {
        t->client_failures++;
        return;
    }
    t->requests++;
    t->failures += s->fail != FAIL_NONE;
    hist_record(&t->hist, (s->done_ns - s->sent_ns) / NS_PER_US);
}

void bursts_figures(const struct bursts *b, uint16_t number, struct burst_figures *out)
{
    static const double q[] = {0.5, 0.95, 0.99};
    const struct tally *t = &b->tallies[number % KEPT];
    uint64_t at[3] = {0};
    *out = (struct burst_figures){0};
    if (t->number != number)
        return;
    hist_quantiles(&t->hist, q, 3, at);
    *out = (struct burst_figures){.requests = t->requests,
                                  .failures = t->failures,
                                  .client_failures = t->client_failures,
                                  .mean_us = hist_mean(&t->hist),
                                  .p50_us = at[0],
                                  .p95_us = at[1],
                                  .p99_us = at[2],
                                  .max_us = t->hist.max_us};
}
