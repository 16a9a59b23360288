/* SPDX-License-Identifier: MIT */
#include "src/load/program.h"

#include <stdlib.h>

#include "src/base/mem.h"
#include "src/load/compose.h"
#include "src/load/unique_rows.h"
#include "src/profile/profile.h"
#include "src/stats/collect.h"

struct counters *counters_create(const struct profile *profile)
{
    struct counters *c = mem_zalloc(sizeof *c);
    c->sequences = mem_array(profile->n_sequences + 1, sizeof *c->sequences);
    c->cursors = mem_array(profile->n_feeders + 1, sizeof *c->cursors);
    c->ran_out = mem_array(profile->n_feeders + 1, sizeof *c->ran_out);
    for (size_t i = 0; i < profile->n_sequences; i++)
        atomic_init(&c->sequences[i], profile->sequence_starts[i]);
    atomic_init(&c->refs, 1);
    return c;
}

static struct counters *counters_ref(struct counters *c)
{
    atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
    return c;
}

void counters_unref(struct counters *c)
{
    if (c == NULL || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
        return;
    free(c->sequences);
    free(c->cursors);
    free(c->ran_out);
    free(c);
}

static void compose_fixed_messages(struct program *p)
{
    struct scope nobody = {0};
    struct err e;
    p->fixed = mem_array(p->profile->n_requests + 1, sizeof(struct message_buf *));
    for (size_t i = 0; i < p->profile->n_requests; i++) {
        const struct request *r = p->profile->requests[i];
        if (!compose_is_fixed(r))
            continue;
        struct message_buf *b = mem_zalloc(sizeof *b);
        if (compose(b, r, &nobody, &e)) {
            b->message.fixed = true;
            p->fixed[i] = b;
        } else { /* each user will say why */
            message_buf_finish(b);
            free(b);
        }
    }
}

struct program *program_create(struct profile *profile, const struct mix *mix,
                               const struct program *before, struct collector *c)
{
    struct program *p = mem_zalloc(sizeof *p);
    p->profile = profile_ref(profile);
    p->mix = mix != NULL ? mix : &profile->mix;
    p->endpoint_ids = mem_array(profile->n_endpoints, sizeof *p->endpoint_ids);
    for (size_t i = 0; i < profile->n_endpoints; i++)
        p->endpoint_ids[i] =
            collect_endpoint(c, profile->endpoints[i].method, profile->endpoints[i].name);
    p->class_ids = mem_array(profile->n_classes, sizeof *p->class_ids);
    for (size_t i = 0; i < profile->n_classes; i++)
        p->class_ids[i] = collect_class(c, profile->classes[i].name);
    compose_fixed_messages(p);
    p->rows = unique_rows_create(profile, p->mix);
    p->counters = before != NULL && before->profile == profile ? counters_ref(before->counters)
                                                               : counters_create(profile);
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
    for (size_t i = 0; i < p->profile->n_requests; i++) {
        if (p->fixed[i] != NULL)
            message_buf_finish(p->fixed[i]);
        free(p->fixed[i]);
    }
    free(p->fixed);
    unique_rows_free(p->rows);
    counters_unref(p->counters);
    profile_unref(p->profile);
    free(p->endpoint_ids);
    free(p->class_ids);
    free(p);
}
