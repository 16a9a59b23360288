/* SPDX-License-Identifier: MIT */
#include "src/load/demand.h"

#include <math.h>
#include <stddef.h>

#include "src/base/now.h"

/* A crossing worked out as a time and put back in must count as crossed. */
#define CLOSE 1e-9
/* A century: beyond it nanoseconds would overflow, and nobody waits. */
#define NEVER_S 3.2e9

static double demand_age_s(const struct demand *d, uint64_t now_ns)
{
    return now_ns > d->t0_ns ? (double)(now_ns - d->t0_ns) / (double)NS_PER_S : 0;
}

/* Rounds up: at the time that is returned the value is there. */
static uint64_t time_after_start(const struct demand *d, double s)
{
    return s < NEVER_S ? d->t0_ns + (uint64_t)ceil(s * (double)NS_PER_S) : UINT64_MAX;
}

struct demand demand_to(enum demand_kind kind, const struct demand *old, uint64_t now_ns, double to,
                        double slope)
{
    bool goes_on = old != NULL && old->kind == kind;
    return (struct demand){
        .kind = kind,
        .t0_ns = now_ns,
        .from = goes_on ? demand_at(old, now_ns) : 0,
        .to = to,
        .slope = slope,
        .arrived = goes_on ? demand_arrivals_at(old, now_ns) : 0,
    };
}

double demand_at(const struct demand *d, uint64_t now_ns)
{
    double way = d->slope * demand_age_s(d, now_ns);
    return d->from < d->to ? fmin(d->from + way, d->to) : fmax(d->from - way, d->to);
}

bool demand_reached(const struct demand *d, uint64_t now_ns)
{
    return d->kind == DEMAND_USERS ? demand_users_at(d, now_ns) == d->to
                                   : demand_at(d, now_ns) == d->to;
}

/* ----------------------------------------------------------------------- users */

uint32_t demand_users_at(const struct demand *d, uint64_t now_ns)
{
    if (d->kind != DEMAND_USERS)
        return 0;
    double x = demand_at(d, now_ns);
    if (d->from < d->to)
        x = fmin(floor(x + CLOSE) + 1, d->to);
    else if (d->from > d->to)
        x = fmax(ceil(x - CLOSE) - 1, d->to);
    return (uint32_t)x;
}

uint64_t demand_next_change(const struct demand *d, uint64_t now_ns)
{
    uint32_t users = demand_users_at(d, now_ns);
    if (d->kind != DEMAND_USERS || users == d->to)
        return UINT64_MAX;
    /* On the way up the next user comes when the ramp reaches the number running. */
    uint64_t at = time_after_start(d, fabs((double)users - d->from) / d->slope);
    return at > now_ns ? at : now_ns + 1;
}

uint32_t demand_share(uint32_t users, unsigned i, unsigned n)
{
    return (users + n - 1 - i) / n;
}

/* -------------------------------------------------------------------- arrivals */

double demand_arrivals_at(const struct demand *d, uint64_t now_ns)
{
    if (d->kind != DEMAND_ARRIVALS_PER_S)
        return 0;
    double s = demand_age_s(d, now_ns), ramp_s = fmin(s, fabs(d->to - d->from) / d->slope);
    double ramped = (d->from + demand_at(d, now_ns)) / 2 * ramp_s;
    return d->arrived + ramped + d->to * (s - ramp_s);
}

/* Solves from s + slope s^2 / 2 = n on the ramp, in the form that stays exact where one of the
 * terms is nothing beside the other. */
static double seconds_on_ramp(const struct demand *d, double n)
{
    double slope = d->to < d->from ? -d->slope : d->slope;
    double rate_then = sqrt(fmax(d->from * d->from + 2 * slope * n, 0));
    return 2 * n / (d->from + rate_then);
}

uint64_t demand_arrival_ns(const struct demand *d, double n)
{
    double more = n - d->arrived, ramp_s = fabs(d->to - d->from) / d->slope;
    double ramped = (d->from + d->to) / 2 * ramp_s;
    if (d->kind != DEMAND_ARRIVALS_PER_S)
        return UINT64_MAX;
    if (more <= 0)
        return d->t0_ns;
    if (ramp_s > 0 && more <= ramped + CLOSE)
        return time_after_start(d, seconds_on_ramp(d, more));
    return d->to > 0 ? time_after_start(d, ramp_s + (more - ramped) / d->to) : UINT64_MAX;
}
