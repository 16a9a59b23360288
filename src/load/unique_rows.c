/* SPDX-License-Identifier: MIT */
#include "src/load/unique_rows.h"

#include <stdlib.h>

#include "src/base/mem.h"
#include "src/profile/profile.h"
#include "src/script/feeder.h"

struct unique_rows {
    uint32_t n_feeders, n_fixed, n_cycle;
    /* By feeder, NULL for one that is not unique: before user k of the fixed ones and of the
     * first cycle, and behind them, so many have a row. */
    uint32_t **before;
};

static bool class_uses(const struct user_class *c, uint32_t feeder)
{
    for (size_t i = 0; i < c->n_feeders; i++)
        if (c->feeders[i] == feeder)
            return true;
    return false;
}

static uint32_t *rows_before(const struct unique_rows *s, const struct profile *p,
                             const struct mix *mix, uint32_t feeder)
{
    uint32_t all = s->n_fixed + s->n_cycle, n = 0;
    uint32_t *before = mem_array((size_t)all + 1, sizeof *before);
    bool *using = mem_array(p->n_classes + 1, sizeof *using);
    for (size_t i = 0; i < p->n_classes; i++)
        using[i] = class_uses(&p->classes[i], feeder);
    for (uint32_t k = 0; k < all; k++) {
        before[k] = n;
        n += using[mix_class(mix, k)];
    }
    before[all] = n;
    free(using);
    return before;
}

struct unique_rows *unique_rows_create(const struct profile *profile, const struct mix *mix)
{
    struct unique_rows *s = mem_zalloc(sizeof *s);
    s->n_feeders = (uint32_t)profile->n_feeders;
    s->n_fixed = (uint32_t)mix->n_fixed;
    s->n_cycle = (uint32_t)mix->n_class_of;
    s->before = mem_array((size_t)s->n_feeders + 1, sizeof *s->before);
    for (uint32_t f = 0; f < s->n_feeders; f++)
        if (feeder_order(profile->feeders[f]) == FEEDER_UNIQUE)
            s->before[f] = rows_before(s, profile, mix, f);
    return s;
}

void unique_rows_free(struct unique_rows *s)
{
    if (s == NULL)
        return;
    for (uint32_t f = 0; f < s->n_feeders; f++)
        free(s->before[f]);
    free(s->before);
    free(s);
}

uint32_t unique_row(const struct unique_rows *s, uint32_t feeder, uint32_t user)
{
    const uint32_t *before = s->before[feeder];
    if (before == NULL)
        return user;
    if (user < s->n_fixed || s->n_cycle == 0)
        return before[user < s->n_fixed ? user : s->n_fixed];
    uint32_t place = user - s->n_fixed, each = before[s->n_fixed + s->n_cycle] - before[s->n_fixed];
    return before[s->n_fixed + place % s->n_cycle] + place / s->n_cycle * each;
}

bool unique_rows_same(const struct unique_rows *a, const struct unique_rows *b,
                      const struct user_class *cls, uint32_t user)
{
    for (size_t i = 0; i < cls->n_feeders; i++)
        if (unique_row(a, cls->feeders[i], user) != unique_row(b, cls->feeders[i], user))
            return false;
    return true;
}
