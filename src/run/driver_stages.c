/* SPDX-License-Identifier: MIT */
/* A level of stages drives.  They follow one another at their true times, however late this is
 * asked: each is a demand that begins where the last one ended. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/base/mem.h"
#include "src/run/driver.h"

struct stages {
    const struct level *level;
    unsigned stage;       /* the one under way, from 0 on */
    uint64_t began_ns;    /* when it did */
    struct demand demand; /* this stage's, once it was ordered; until then the last one's */
    bool given;
};

static void *stages_begin(const struct driver_start *s)
{
    struct stages *d = mem_zalloc(sizeof *d);
    d->level = s->level;
    d->began_ns = s->now_ns;
    d->demand = demand_to(DEMAND_USERS, &s->before, s->now_ns, 0, 1);
    return d;
}

static uint64_t stage_end_ns(const struct stages *d)
{
    const struct stage *s = &d->level->stages[d->stage];
    return s->hold_ns == UINT64_MAX ? UINT64_MAX : d->began_ns + s->over_ns + s->hold_ns;
}

static void stage_order(struct stages *d, struct driver_order *out)
{
    const struct stage *s = &d->level->stages[d->stage];
    double way = fabs(s->users - d->demand.from), over_s = (double)s->over_ns / 1e9;
    d->given = true;
    d->demand.t0_ns = d->began_ns;
    d->demand.to = s->users;
    d->demand.slope = over_s > 0 && way > 0 ? way / over_s : 1;
    if (s->over_ns == 0)
        d->demand.from = s->users;
    out->wish = DRIVER_DEMAND;
    out->demand = d->demand;
    snprintf(out->text, sizeof out->text, "stage %u of %zu:", d->stage + 1, d->level->n_stages);
    driver_add_users(out, s->users);
}

static bool stages_next(void *self, const struct driver_view *v, struct driver_order *out)
{
    struct stages *d = self;
    uint64_t end_ns = stage_end_ns(d);
    if (d->given && v->now_ns < end_ns)
        return false;
    if (d->given && d->stage + 1 == d->level->n_stages)
        return driver_order_end(out, "the last stage is over");
    if (d->given) {
        d->demand.from = d->level->stages[d->stage++].users;
        d->began_ns = end_ns;
    }
    stage_order(d, out);
    return true;
}

static void stages_left(const void *self, uint64_t now_ns, struct driver_left *out)
{
    const struct stages *d = self;
    uint64_t end_ns = stage_end_ns(d);
    out->part = d->stage + 1;
    out->n_parts = (uint32_t)d->level->n_stages;
    out->more = out->part < out->n_parts;
    if (end_ns != UINT64_MAX)
        out->part_s = end_ns > now_ns ? (double)(end_ns - now_ns) / 1e9 : 0;
}

static void stages_shift(void *self, uint64_t gap_ns)
{
    struct stages *d = self;
    d->began_ns += gap_ns;
    d->demand.t0_ns += gap_ns;
}

const struct driver_ops driver_stages = {
    .name = "stages",
    .parts = SNAP_PARTS_STAGES,
    .sets_users = true,
    .begin = stages_begin,
    .next = stages_next,
    .left = stages_left,
    .shift = stages_shift,
    .end = free,
};
