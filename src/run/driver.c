/* SPDX-License-Identifier: MIT */
#include "src/run/driver.h"

#include <stdio.h>
#include <string.h>

#include "src/base/human.h"
#include "src/base/mem.h"

const struct driver_ops *driver_of_level(const struct level *level)
{
    static const struct driver_ops *const by_kind[] = {
        [LEVEL_STEADY] = &driver_steady,
        [LEVEL_STAGES] = &driver_stages,
        [LEVEL_BURST] = &driver_bursts,
    };
    return level != NULL ? by_kind[level->kind] : &driver_manual;
}

void driver_begin(struct driver *d, const struct driver_ops *ops, const struct driver_start *s)
{
    driver_end(d);
    *d = (struct driver){.ops = ops, .self = ops->begin(s)};
}

void driver_end(struct driver *d)
{
    if (d->ops != NULL)
        d->ops->end(d->self);
    *d = (struct driver){0};
}

bool driver_next(struct driver *d, const struct driver_view *v, struct driver_order *out)
{
    memset(out, 0, sizeof *out);
    bool wants = !d->over && d->ops->next(d->self, v, out);
    d->over = d->over || (wants && out->wish == DRIVER_END);
    return wants;
}

void driver_left(const struct driver *d, uint64_t now_ns, struct driver_left *out)
{
    *out = (struct driver_left){.part_s = -1, .whole_s = -1};
    d->ops->left(d->self, now_ns, out);
}

void driver_shift(struct driver *d, uint64_t gap_ns)
{
    d->ops->shift(d->self, gap_ns);
}

/* ---------------------------------------------------------------------- for rows */

struct single {
    struct demand demand;
    bool given;
};

void *driver_single_begin(const struct driver_start *s)
{
    struct single *d = mem_zalloc(sizeof *d);
    d->demand = demand_to(DEMAND_USERS, &s->before, s->now_ns, s->users, s->slope);
    return d;
}

bool driver_single_next(void *self, const struct driver_view *v, struct driver_order *out)
{
    struct single *d = self;
    (void)v;
    if (d->given)
        return false;
    d->given = true;
    out->wish = DRIVER_DEMAND;
    out->demand = d->demand;
    return true;
}

void driver_single_left(const void *self, uint64_t now_ns, struct driver_left *out)
{
    (void)self, (void)now_ns, (void)out; /* no parts, no end */
}

void driver_single_shift(void *self, uint64_t gap_ns)
{
    struct single *d = self;
    d->demand.t0_ns += gap_ns;
}

bool driver_order_end(struct driver_order *out, const char *reason)
{
    out->wish = DRIVER_END;
    snprintf(out->text, sizeof out->text, "%s", reason);
    return true;
}

void driver_add_users(struct driver_order *out, uint32_t users)
{
    char count[HUMAN_MAX];
    size_t n = strlen(out->text);
    snprintf(out->text + n, sizeof out->text - n, " %s user%s",
             human_count(count, sizeof count, users), users == 1 ? "" : "s");
}
