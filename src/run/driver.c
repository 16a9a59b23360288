/* SPDX-License-Identifier: MIT */
#include "src/run/driver.h"

#include <math.h>

#include "src/base/now.h"

/* A century: nanoseconds since the start of the machine do not overflow with it. */
#define NEVER_NS 3.2e18
/* Looked at ten times a second: a burst is ordered a little before its time. */
#define AHEAD_NS (200 * NS_PER_MS)

/* ---------------------------------------------------------------------- stages */

static const struct stage *stage_of(const struct driver *d)
{
    return &d->level->stages[d->stage];
}

static void plan_stage(struct driver *d)
{
    const struct stage *s = stage_of(d);
    double way = fabs(s->users - d->demand.from), over_s = (double)s->over_ns / 1e9;
    d->demand.t0_ns = d->stage_ns;
    d->demand.to = s->users;
    d->demand.slope = over_s > 0 && way > 0 ? way / over_s : 1;
    if (s->over_ns == 0)
        d->demand.from = s->users;
}

static uint64_t stage_end(const struct driver *d)
{
    const struct stage *s = stage_of(d);
    return s->hold_ns == UINT64_MAX ? UINT64_MAX : d->stage_ns + s->over_ns + s->hold_ns;
}

static bool next_stage(struct driver *d, const struct driver_view *v, struct driver_order *out)
{
    uint64_t end = stage_end(d);
    if (!d->planned) {
        plan_stage(d);
        d->planned = true;
        *out = (struct driver_order){.wish = DRIVER_DEMAND, .demand = d->demand};
        return true;
    }
    if (v->now_ns < end)
        return false;
    if (d->stage + 1 == d->level->n_stages) {
        d->level = NULL;
        *out = (struct driver_order){.wish = DRIVER_END, .reason = "the last stage is over"};
        return true;
    }
    d->demand.from = stage_of(d)->users;
    d->stage++;
    d->stage_ns = end;
    d->planned = false;
    return next_stage(d, v, out);
}

/* ---------------------------------------------------------------------- bursts */

static bool end(struct driver *d, struct driver_order *out, const char *reason)
{
    d->level = NULL;
    *out = (struct driver_order){.wish = DRIVER_END, .reason = reason};
    return true;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static bool release(struct driver *d, const struct driver_view *v, struct driver_order *out)
{
    uint64_t soon = v->now_ns + DRIVER_LEAD_NS;
    d->phase = DRIVER_RELEASED;
    d->number = d->number < UINT16_MAX ? d->number + 1 : 1; /* 0 is no burst */
    d->done++;
    *out = (struct driver_order){.wish = DRIVER_RELEASE,
                                 .number = d->number,
                                 .burst = d->done,
                                 .at_ns = d->due_ns > soon ? d->due_ns : soon,
                                 .users = v->pool.ready,
                                 .missing = v->possible - least(v->pool.ready, v->possible)};
    d->due_ns = out->at_ns + d->level->every_ns;
    return true;
}

static bool make_ready(struct driver *d, const struct driver_view *v, struct driver_order *out)
{
    uint32_t ready = v->pool.ready;
    bool all = ready + v->pool.left >= v->possible, ramped = demand_reached(&d->demand, v->now_ns);
    bool late = v->now_ns >= d->due_ns + DRIVER_PATIENCE_NS;

    if (!v->pool.follows) /* those who are ready may be of another level */
        return false;
    if (all && ramped && ready == 0 && v->possible > 0)
        return end(d, out, "all users have ended");
    if (v->held || v->now_ns + AHEAD_NS < d->due_ns || !((all && ramped) || late))
        return false;
    if (ready == 0)
        return end(d, out, "no user was ready for the burst within 30 s");
    return release(d, v, out);
}

static bool judge(struct driver *d, struct driver_order *out)
{
    d->phase = DRIVER_READYING;
    *out = (struct driver_order){.wish = DRIVER_JUDGE, .number = d->number, .burst = d->done};
    return true;
}

static bool next_burst(struct driver *d, const struct driver_view *v, struct driver_order *out)
{
    bool last = d->done >= d->level->repeat;
    if (!d->planned) {
        d->planned = true;
        *out = (struct driver_order){.wish = DRIVER_DEMAND, .demand = d->demand};
        return true;
    }
    switch (d->phase) {
    case DRIVER_READYING:
        return last ? end(d, out, "the last burst is done") : make_ready(d, v, out);
    case DRIVER_RELEASED:
        if (v->pool.burst == d->number && v->pool.rested == v->pool.released)
            d->phase = DRIVER_RESTED;
        else if (!last && v->now_ns >= d->due_ns + DRIVER_PATIENCE_NS)
            return judge(d, out); /* as far as it has come */
        return false;
    default:
        return judge(d, out);
    }
}

/* ------------------------------------------------------------------------ both */

void driver_begin(struct driver *d, const struct level *l, uint32_t users, double spawn_rate,
                  const struct demand *before, uint16_t last_number, uint64_t now_ns)
{
    *d = (struct driver){.level = l,
                         .stage_ns = now_ns,
                         .users = users,
                         .number = last_number,
                         .demand = demand_to(DEMAND_USERS, before, now_ns, users, spawn_rate)};
    if (l->kind == LEVEL_BURST) /* patience begins when the last user has started */
        d->due_ns =
            now_ns + (uint64_t)fmin(fabs(users - d->demand.from) / spawn_rate * 1e9, NEVER_NS);
}

bool driver_next(struct driver *d, const struct driver_view *v, struct driver_order *out)
{
    if (d->level == NULL)
        return false;
    return d->level->kind == LEVEL_STAGES ? next_stage(d, v, out) : next_burst(d, v, out);
}

void driver_shift(struct driver *d, uint64_t gap_ns)
{
    d->stage_ns += gap_ns;
    d->due_ns += gap_ns;
    d->demand.t0_ns += gap_ns;
}

double driver_left_s(const struct driver *d, uint64_t now_ns)
{
    if (d->level == NULL)
        return -1;
    bool stages = d->level->kind == LEVEL_STAGES;
    bool more = stages || (d->done > 0 && d->done < d->level->repeat);
    uint64_t at = stages ? stage_end(d) : d->due_ns;
    if (!more || at == UINT64_MAX)
        return -1;
    return at > now_ns ? (double)(at - now_ns) / 1e9 : 0;
}

double driver_whole_left_s(const struct driver *d, uint64_t now_ns)
{
    if (d->level == NULL || d->level->kind != LEVEL_BURST || d->level->every_ns == 0)
        return -1;
    uint32_t more = d->level->repeat - least(d->done, d->level->repeat);
    double left_ns = (double)d->due_ns - (double)now_ns + (double)more * (double)d->level->every_ns;
    return fmax(left_ns, 0) / 1e9;
}
