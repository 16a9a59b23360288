/* SPDX-License-Identifier: MIT */
#include "src/load/user_init.h"

#include "src/base/log.h"
#include "src/load/program.h"
#include "src/load/unique_rows.h"
#include "src/profile/profile.h"

static const struct draw *class_draw(const struct user_env *env, const struct user_class *cls,
                                     size_t i)
{
    return &env->profile->draws[cls->draws[i]];
}

/* A variable that cannot be drawn has no value; a request that needs it says so. */
static void variable_draw(struct scope *s, const struct draw *d)
{
    struct buf text = {0};
    struct err why;
    if (template_render(d->text, s, &text, &why))
        value_set(&s->values[d->slot], text.len > 0 ? text.data : "", text.len);
    buf_finish(&text);
}

/* A test with accounts that are used twice, or with fewer users than were asked for, is another
 * test than was meant. */
static void log_feeder_ran_out(const struct feeder *f, bool shared)
{
    uint32_t rows = feeder_rows(f);
    if (shared)
        log_warn("The feeder \"%.60s\" has %u row%s, and more users need one: rows that should be "
                 "unique are shared (at_end = \"stop\" ends the users without a row).",
                 feeder_name(f), rows, rows == 1 ? "" : "s");
    else
        log_warn("The feeder \"%.60s\" has no row left after %u: users that need one end, so there "
                 "are fewer than the load asks for.",
                 feeder_name(f), rows);
}

bool user_take_row(struct scope *s, const struct user_env *env, uint32_t feeder)
{
    const struct feeder *f = s->feeders[feeder];
    uint32_t own = env->rows != NULL ? unique_row(env->rows, feeder, s->user) : s->user;
    enum feeder_row got =
        feeder_take(f, &env->counters->cursors[feeder], own, &s->rng, &s->rows[feeder]);
    if (got != FEEDER_OWN_ROW &&
        !atomic_exchange_explicit(&env->counters->ran_out[feeder], true, memory_order_relaxed))
        log_feeder_ran_out(f, got == FEEDER_SHARED_ROW);
    return got != FEEDER_NO_ROW;
}

bool user_init(struct scope *s, const struct user_env *env, const struct user_class *cls,
               uint32_t number, uint32_t nth)
{
    const struct profile *p = env->profile;
    scope_finish(s);
    *s = (struct scope){.sequences = env->counters->sequences, .user = number};
    scope_init(s, p->n_slots, (const struct feeder *const *)p->feeders, (uint32_t)p->n_feeders);
    /* Odd factors: users and times beside one another get dice far apart. */
    rng_seed(&s->rng, env->seed + (number + UINT64_C(1)) * UINT64_C(0xd1342543de82ef95) +
                          nth * UINT64_C(0xaf251af3b0f025b5));
    for (size_t i = 0; i < cls->n_feeders; i++)
        if (!user_take_row(s, env, cls->feeders[i]))
            return false;
    for (size_t i = 0; i < cls->n_draws; i++)
        variable_draw(s, class_draw(env, cls, i));
    return true;
}

void user_forget_replies(struct scope *s, const struct user_env *env, const struct user_class *cls)
{
    size_t i = 0;
    for (uint32_t slot = 0; slot < s->n_values; slot++) {
        for (i = 0; i < cls->n_draws && class_draw(env, cls, i)->slot != slot; i++)
            continue;
        if (i == cls->n_draws || class_draw(env, cls, i)->captured)
            value_clear(&s->values[slot]);
    }
    for (i = 0; i < cls->n_draws; i++)
        if (class_draw(env, cls, i)->captured)
            variable_draw(s, class_draw(env, cls, i));
    s->status = 0;
}
