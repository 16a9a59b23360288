/* SPDX-License-Identifier: MIT */
#include "src/load/program.h"

#include <stdlib.h>

#include "src/base/mem.h"
#include "src/profile/profile.h"
#include "src/stats/collect.h"

struct program *program_create(struct profile *profile, struct collector *c)
{
    struct program *p = mem_zalloc(sizeof *p);
    p->profile = profile_ref(profile);
    p->endpoint_ids = mem_array(profile->n_endpoints, sizeof *p->endpoint_ids);
    for (size_t i = 0; i < profile->n_endpoints; i++)
        p->endpoint_ids[i] =
            collect_endpoint(c, profile->endpoints[i].method, profile->endpoints[i].name);
    atomic_init(&p->refs, 1);
    return p;
}

struct program *program_ref(struct program *p)
{
    atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
    return p;
}

void program_unref(struct program *p)
{
    /* Release: all that this holder did with it happens before it is freed; acquire:
     * the last holder sees that.  Pairs with itself in the other threads. */
    if (p == NULL || atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
        return;
    profile_unref(p->profile);
    free(p->endpoint_ids);
    free(p);
}
