/* SPDX-License-Identifier: MIT */
#include "tests/unit/run/fakes.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

struct generator {
    struct generator_order newest, followed;
    uint64_t ordered_ns; /* when the oldest order that is not followed yet was given */
    uint16_t burst;
    uint64_t released, busy, busy_until_ns;
};

struct fake fake;

static uint64_t fake_time(void)
{
    return fake.clock != NULL ? fake.clock() : fake.now_ns;
}

static struct generator *fake_create(const struct generator_config *cfg, struct err *e)
{
    (void)cfg, (void)e;
    return mem_zalloc(sizeof(struct generator));
}

static void fake_order(struct generator *g, const struct generator_order *o)
{
    if ((int32_t)(o->version - g->newest.version) <= 0)
        return;
    if (g->newest.version == g->followed.version)
        g->ordered_ns = fake_time();
    g->newest = *o;
    if (fake.n_orders < FAKE_ORDERS)
        fake.orders[fake.n_orders++] = *o;
}

static uint32_t fake_users(const struct generator *g, uint64_t now)
{
    const struct generator_order *o = &g->followed;
    return o->drain || fake.stopped ? 0 : demand_users_at(&o->demand, now);
}

static void fake_catch_up(struct generator *g, uint64_t now)
{
    if (now >= g->ordered_ns + fake.lag_ns)
        g->followed = g->newest;
    if (g->followed.burst == g->burst || now < g->followed.release_ns)
        return;
    g->burst = g->followed.burst;
    g->busy = fake_users(g, now);
    g->released += g->busy;
    g->busy_until_ns = g->followed.release_ns + fake.task_ns;
}

static void fake_state(const struct generator *self, struct generator_state *out)
{
    struct generator *g = (struct generator *)self; /* its time goes on when it is looked at */
    uint64_t now = fake_time();
    fake_catch_up(g, now);
    uint32_t users = fake_users(g, now);
    uint64_t busy = now < g->busy_until_ns ? g->busy : 0;
    bool rests = g->followed.barrier;
    uint32_t at_work = rests ? (uint32_t)busy : users;
    *out = (struct generator_state){.version = g->followed.version,
                                    .users = users,
                                    .in_flight = g->followed.hold ? 0 : at_work,
                                    .ready = rests && busy == 0 ? users : 0,
                                    .burst = g->burst,
                                    .released = g->released,
                                    .burst_done = g->released - busy};
}

static void fake_stop(struct generator *g)
{
    (void)g;
    fake.stopped = true;
}

static void fake_destroy(struct generator *g)
{
    fake.destroyed = true;
    free(g);
}

#define FAKE(kinds)                                                                                \
    {                                                                                              \
        .name = "a fake", .makes = (kinds), .create = fake_create, .order = fake_order,            \
        .state = fake_state, .stop = fake_stop, .destroy = fake_destroy                            \
    }
const struct generator_ops fake_generator = FAKE(GENERATOR_MAKES(DEMAND_USERS));
const struct generator_ops fake_generator_any =
    FAKE(GENERATOR_MAKES(DEMAND_USERS) | GENERATOR_MAKES(DEMAND_ARRIVALS_PER_S));

/* -------------------------------------------------------------------- drivers */

struct ramp {
    struct demand demand;
    uint32_t judged; /* seconds so far */
};

static void *ramp_begin(const struct driver_start *s)
{
    struct ramp *r = mem_zalloc(sizeof *r);
    r->demand = s->before;
    return r;
}

static uint32_t p99_of_second(const struct timeline *seconds, uint32_t second)
{
    struct latencies l = {0};
    struct timeline_point sum;
    timeline_merge(seconds, second, second + 1, TIMELINE_ALL, &l, &sum);
    latencies_finish(&l);
    return sum.p99_us;
}

static bool ramp_next(void *self, const struct driver_view *v, struct driver_order *out)
{
    struct ramp *r = self;
    if (v->seconds == NULL || timeline_end(v->seconds) == r->judged)
        return false;
    r->judged = timeline_end(v->seconds);
    if (p99_of_second(v->seconds, r->judged - 1) > RAMP_P99_US)
        return driver_order_end(out, RAMP_END);
    r->demand = demand_to(DEMAND_USERS, &r->demand, v->now_ns, r->demand.to + 10, 1e6);
    out->wish = DRIVER_DEMAND;
    out->demand = r->demand;
    return true;
}

const struct driver_ops ramp_driver = {.name = "ramp",
                                       .begin = ramp_begin,
                                       .next = ramp_next,
                                       .left = driver_single_left,
                                       .shift = driver_single_shift,
                                       .end = free};

static bool arrivals_next(void *self, const struct driver_view *v, struct driver_order *out)
{
    bool wants = driver_single_next(self, v, out);
    out->demand.kind = DEMAND_ARRIVALS_PER_S;
    return wants;
}

const struct driver_ops arrivals_driver = {.name = "arrivals",
                                           .begin = driver_single_begin,
                                           .next = arrivals_next,
                                           .left = driver_single_left,
                                           .shift = driver_single_shift,
                                           .end = free};
