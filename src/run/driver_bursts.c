/* SPDX-License-Identifier: MIT */
/* A level of bursts drives.  A burst waits until all users are ready (on_start done, the last
 * burst's task too), at most 30 s longer than meant; then it begins with those that are.  Its
 * figures are asked for one question after its last user is done: by then every sample has
 * been counted. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/run/driver.h"

/* A century: nanoseconds since the start of the machine do not overflow with it. */
#define NEVER_NS 3.2e18
#define PATIENCE_NS (30 * NS_PER_S)
/* Asked ten times a second, a burst is ordered a little before its time. */
#define AHEAD_NS (200 * NS_PER_MS)

enum burst_phase { BURST_READYING, BURST_RELEASED, BURST_DONE };

struct bursts {
    const struct level *level;
    struct demand demand; /* for the users to make ready */
    bool given;           /* the demand was ordered */
    enum burst_phase phase;
    uint32_t begun;  /* bursts */
    uint16_t number; /* the newest one's, in the run */
    uint64_t due_ns; /* when the next one should begin */
};

static void *bursts_begin(const struct driver_start *s)
{
    struct bursts *d = mem_zalloc(sizeof *d);
    d->level = s->level;
    d->number = s->last_burst;
    d->demand = demand_to(DEMAND_USERS, &s->before, s->now_ns, s->users, s->slope);
    /* Patience begins when the last user has started. */
    double ramp_ns = fabs(s->users - d->demand.from) / s->slope * 1e9;
    d->due_ns = s->now_ns + (uint64_t)fmin(ramp_ns, NEVER_NS);
    return d;
}

static bool burst_release(struct bursts *d, const struct driver_view *v, struct driver_order *out)
{
    uint64_t soon = v->now_ns + DRIVER_LEAD_NS;
    uint32_t ready = v->generator.ready;
    d->phase = BURST_RELEASED;
    d->number = d->number < UINT16_MAX ? d->number + 1 : 1; /* 0 is no burst */
    d->begun++;
    out->wish = DRIVER_RELEASE;
    out->number = d->number;
    out->burst = d->begun;
    out->of = d->level->repeat;
    out->at_ns = d->due_ns > soon ? d->due_ns : soon;
    out->users = ready;
    out->missing = ready < v->possible ? v->possible - ready : 0;
    snprintf(out->text, sizeof out->text, "burst %u of %u:", out->burst, out->of);
    driver_add_users(out, ready);
    d->due_ns = out->at_ns + d->level->every_ns;
    return true;
}

static bool burst_make_ready(struct bursts *d, const struct driver_view *v,
                             struct driver_order *out)
{
    uint32_t ready = v->generator.ready;
    bool all = ready + v->generator.left >= v->possible;
    bool ramped = demand_reached(&d->demand, v->now_ns);
    bool late = v->now_ns >= d->due_ns + PATIENCE_NS;

    if (!v->follows) /* the users that are ready may be another level's */
        return false;
    if (all && ramped && ready == 0 && v->possible > 0)
        return driver_order_end(out, "all users have ended");
    if (v->held || v->now_ns + AHEAD_NS < d->due_ns || !((all && ramped) || late))
        return false;
    if (ready == 0)
        return driver_order_end(out, "no user was ready for the burst within 30 s");
    return burst_release(d, v, out);
}

static bool burst_order_figures(struct bursts *d, struct driver_order *out)
{
    d->phase = BURST_READYING;
    out->wish = DRIVER_JUDGE;
    out->number = d->number;
    out->burst = d->begun;
    out->of = d->level->repeat;
    return true;
}

static bool bursts_next(void *self, const struct driver_view *v, struct driver_order *out)
{
    struct bursts *d = self;
    bool last = d->begun >= d->level->repeat;
    if (!d->given) {
        d->given = true;
        out->wish = DRIVER_DEMAND;
        out->demand = d->demand;
        return true;
    }
    switch (d->phase) {
    case BURST_READYING:
        return last ? driver_order_end(out, "the last burst is done") : burst_make_ready(d, v, out);
    case BURST_RELEASED:
        if (v->generator.burst == d->number && v->generator.burst_done == v->generator.released)
            d->phase = BURST_DONE;
        else if (!last && v->now_ns >= d->due_ns + PATIENCE_NS)
            return burst_order_figures(d, out); /* as far as it has come */
        return false;
    default:
        return burst_order_figures(d, out);
    }
}

static void bursts_left(const void *self, uint64_t now_ns, struct driver_left *out)
{
    const struct bursts *d = self;
    uint32_t repeat = d->level->repeat, more = d->begun < repeat ? repeat - d->begun : 0;
    double due_s = ((double)d->due_ns - (double)now_ns) / 1e9;
    out->part = d->begun;
    out->n_parts = repeat;
    if (d->begun > 0 && more > 0)
        out->part_s = fmax(due_s, 0);
    if (d->level->every_ns > 0)
        out->whole_s = fmax(due_s + (double)more * (double)d->level->every_ns / 1e9, 0);
}

static void bursts_shift(void *self, uint64_t gap_ns)
{
    struct bursts *d = self;
    d->due_ns += gap_ns;
    d->demand.t0_ns += gap_ns;
}

const struct driver_ops driver_bursts = {
    .name = "bursts",
    .parts = SNAP_PARTS_BURSTS,
    .barrier = true,
    .begin = bursts_begin,
    .next = bursts_next,
    .left = bursts_left,
    .shift = bursts_shift,
    .end = free,
};
