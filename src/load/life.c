/* SPDX-License-Identifier: MIT */
#include "src/load/life.h"

#include "src/load/seats.h"
#include "src/profile/profile.h"

static const struct draw *draw_of(const struct lives *all, const struct user_class *cls, size_t i)
{
    return &all->profile->draws[cls->draws[i]];
}

/* One that cannot be drawn has no value; a request that needs it says so. */
static void draw(struct scope *s, const struct draw *d)
{
    struct buf text = {0};
    struct err why;
    if (template_render(d->text, s, &text, &why))
        value_set(&s->values[d->slot], text.len > 0 ? text.data : "", text.len);
    buf_finish(&text);
}

bool life_take_row(struct scope *s, const struct lives *all, uint32_t feeder)
{
    uint32_t seat = all->seats != NULL ? seats_of(all->seats, feeder, s->user) : s->user;
    return feeder_take(s->feeders[feeder], &all->cursors[feeder], seat, &s->rng, &s->rows[feeder]);
}

bool life_begin(struct scope *s, const struct lives *all, const struct user_class *cls,
                uint32_t number, uint32_t nth)
{
    const struct profile *p = all->profile;
    scope_finish(s);
    *s = (struct scope){.sequences = all->sequences, .user = number};
    scope_init(s, p->n_slots, (const struct feeder *const *)p->feeders, (uint32_t)p->n_feeders);
    /* Odd factors: users and lives beside one another get dice far apart. */
    rng_seed(&s->rng, all->seed + (number + UINT64_C(1)) * UINT64_C(0xd1342543de82ef95) +
                          nth * UINT64_C(0xaf251af3b0f025b5));
    for (size_t i = 0; i < cls->n_feeders; i++)
        if (!life_take_row(s, all, cls->feeders[i]))
            return false;
    for (size_t i = 0; i < cls->n_draws; i++)
        draw(s, draw_of(all, cls, i));
    return true;
}

void life_forget_replies(struct scope *s, const struct lives *all, const struct user_class *cls)
{
    size_t i = 0;
    for (uint32_t slot = 0; slot < s->n_values; slot++) {
        for (i = 0; i < cls->n_draws && draw_of(all, cls, i)->slot != slot; i++)
            continue;
        if (i == cls->n_draws || draw_of(all, cls, i)->captured)
            value_clear(&s->values[slot]);
    }
    for (i = 0; i < cls->n_draws; i++)
        if (draw_of(all, cls, i)->captured)
            draw(s, draw_of(all, cls, i));
    s->status = 0;
}
