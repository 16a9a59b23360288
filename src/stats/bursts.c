/* SPDX-License-Identifier: MIT */
#include "src/stats/bursts.h"

#include <stdlib.h>

#include "src/base/mem.h"
#include "src/stats/distribution.h"

#define KEPT 2 /* a straggler of the last one counts while the next is under way */

struct bursts {
    struct second_burst kept[KEPT];
};

struct bursts *bursts_create(void)
{
    return mem_zalloc(sizeof(struct bursts));
}

void bursts_destroy(struct bursts *b)
{
    for (unsigned i = 0; b != NULL && i < KEPT; i++)
        latencies_packed_finish(&b->kept[i].service);
    free(b);
}

static void add_burst(struct second_burst *into, const struct second_burst *from)
{
    into->number = from->number;
    into->requests += from->requests;
    into->failures += from->failures;
    into->client_failures += from->client_failures;
    latencies_packed_merge(&into->service, &from->service);
}

void bursts_add(struct bursts *b, const struct second_burst *burst)
{
    struct second_burst *kept = &b->kept[burst->number % KEPT];
    /* An older burst is over.  Numbers begin again some day. */
    if (kept->number != 0 && (int16_t)(kept->number - burst->number) > 0)
        return;
    if (kept->number != burst->number) {
        latencies_packed_finish(&kept->service);
        *kept = (struct second_burst){0};
    }
    add_burst(kept, burst);
}

static void set_burst_figures(const struct second_burst *sum, struct burst_figures *out)
{
    struct latencies l = {0};
    latencies_merge_packed(&l, &sum->service);
    *out = (struct burst_figures){.requests = sum->requests,
                                  .failures = sum->failures,
                                  .client_failures = sum->client_failures};
    distribution_percentiles(&l.ok, &out->latency);
    distribution_percentiles(&l.failed, &out->failed);
    latencies_finish(&l);
}

void bursts_figures(const struct bursts *b, const struct second *open, uint16_t number,
                    struct burst_figures *out)
{
    const struct second_burst *kept = &b->kept[number % KEPT];
    struct second_burst sum = {0};
    if (kept->number == number)
        add_burst(&sum, kept);
    for (uint32_t i = 0; open != NULL && i < open->n_bursts; i++)
        if (open->bursts[i].number == number)
            add_burst(&sum, &open->bursts[i]);
    set_burst_figures(&sum, out);
    latencies_packed_finish(&sum.service);
}
