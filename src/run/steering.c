/* SPDX-License-Identifier: MIT */
#include "src/run/steering.h"

#include <stdio.h>

bool steering_open(struct steering *s, const struct generator_ops *ops,
                   const struct generator_config *cfg, struct err *e)
{
    *s = (struct steering){.ops = ops};
    steering_begin_nothing(s, 0);
    s->generator = ops->create(cfg, e);
    return s->generator != NULL;
}

void steering_close(struct steering *s)
{
    driver_end(&s->driver);
    if (s->generator != NULL)
        s->ops->destroy(s->generator);
    s->generator = NULL;
}

void steering_send(struct steering *s)
{
    s->order.version++;
    s->ops->order(s->generator, &s->order);
}

void steering_publish(struct steering *s, struct profile *profile, const struct level *level)
{
    s->order.publications++;
    s->order.profile = profile;
    s->order.level = level;
    steering_send(s);
}

struct generator_state steering_state(const struct steering *s)
{
    struct generator_state state;
    s->ops->state(s->generator, &state);
    return state;
}

bool steering_follows(const struct steering *s, const struct generator_state *state)
{
    return state->version == s->order.version;
}

void steering_begin(struct steering *s, const struct driver_ops *driver, struct driver_start start)
{
    start.before = s->demand;
    start.last_burst = s->last_burst;
    driver_begin(&s->driver, driver, &start);
    s->order.barrier = driver->barrier;
}

void steering_begin_nothing(struct steering *s, uint64_t now_ns)
{
    const struct driver_start start = {.now_ns = now_ns, .slope = 1};
    s->demand = s->order.demand = (struct demand){.t0_ns = now_ns, .slope = 1};
    driver_begin(&s->driver, &driver_manual, &start);
}

static void demand_order(struct steering *s, struct driver_order *o)
{
    static const char *const kinds[] = {"a number of users", "arrivals per second"};
    if ((s->ops->makes & GENERATOR_MAKES(o->demand.kind)) == 0) {
        o->wish = DRIVER_END;
        snprintf(o->text, sizeof o->text, "%s cannot make %s", s->ops->name, kinds[o->demand.kind]);
        return;
    }
    s->demand = s->order.demand = o->demand;
    steering_send(s);
}

static void burst_order(struct steering *s, const struct driver_order *o)
{
    s->last_burst = s->order.burst = o->number;
    s->order.release_ns = o->at_ns;
    steering_send(s);
}

bool steering_next(struct steering *s, struct driver_view view, struct driver_order *out)
{
    view.generator = steering_state(s);
    view.follows = steering_follows(s, &view.generator);
    if (!driver_next(&s->driver, &view, out))
        return false;
    if (out->wish == DRIVER_DEMAND)
        demand_order(s, out);
    else if (out->wish == DRIVER_RELEASE)
        burst_order(s, out);
    return true;
}

void steering_stand(struct steering *s, uint64_t now_ns)
{
    uint32_t users = demand_users_at(&s->demand, now_ns); /* and nothing arrives */
    s->order.demand = (struct demand){
        .kind = s->demand.kind, .t0_ns = now_ns, .from = users, .to = users, .slope = 1};
    s->order.hold = true;
    s->order.rebases++;
    steering_send(s);
}

void steering_go_on(struct steering *s, uint64_t gap_ns, uint64_t now_ns, bool hold)
{
    uint64_t t0_ns = s->demand.t0_ns + gap_ns;
    s->demand.t0_ns = t0_ns < now_ns ? t0_ns : now_ns;
    driver_shift(&s->driver, gap_ns);
    s->order.demand = s->demand;
    s->order.hold = hold;
    s->order.rebases++;
    steering_send(s);
}
