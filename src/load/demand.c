/* SPDX-License-Identifier: MIT */
#include "src/load/demand.h"

#include <math.h>
#include <stddef.h>

#include "src/base/now.h"

/* A crossing worked out as a time and put back in must count as crossed. */
#define CLOSE 1e-9
/* A century: beyond it nanoseconds would overflow, and nobody waits. */
#define NEVER_S 3.2e9

/* Where the ramp is: users with a fraction. */
static double position(const struct demand *p, uint64_t now_ns)
{
    double dt = now_ns > p->t0_ns ? (double)(now_ns - p->t0_ns) / (double)NS_PER_S : 0;
    double way = p->slope * dt;
    if (p->from < p->to)
        return fmin(p->from + way, p->to);
    return fmax(p->from - way, p->to);
}

struct demand demand_to(const struct demand *old, uint64_t now_ns, uint32_t users, double slope)
{
    return (struct demand){
        .t0_ns = now_ns,
        .from = old != NULL ? position(old, now_ns) : 0,
        .to = users,
        .slope = slope,
    };
}

uint32_t demand_users_at(const struct demand *p, uint64_t now_ns)
{
    double x = position(p, now_ns);
    if (p->from < p->to)
        return (uint32_t)fmin(floor(x + CLOSE) + 1, p->to);
    if (p->from > p->to)
        return (uint32_t)fmax(ceil(x - CLOSE) - 1, p->to);
    return p->to;
}

uint64_t demand_next_change(const struct demand *p, uint64_t now_ns)
{
    uint32_t users = demand_users_at(p, now_ns);
    if (users == p->to)
        return UINT64_MAX;
    /* On the way up the next user comes when the ramp reaches the number running. */
    double dt = fabs((double)users - p->from) / p->slope;
    if (dt >= NEVER_S)
        return UINT64_MAX;
    uint64_t at = p->t0_ns + (uint64_t)ceil(dt * (double)NS_PER_S);
    return at > now_ns ? at : now_ns + 1;
}

bool demand_reached(const struct demand *p, uint64_t now_ns)
{
    return demand_users_at(p, now_ns) == p->to;
}

uint32_t demand_share(uint32_t users, unsigned i, unsigned n)
{
    return (users + n - 1 - i) / n;
}
