/* SPDX-License-Identifier: MIT */
/* How the session's setting is put in force: demands, levels, their stages and bursts. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/base/human.h"
#include "src/base/log.h"
#include "src/base/now.h"
#include "src/load/limits.h"
#include "src/profile/goal.h"
#include "src/run/burst.h"
#include "src/run/session_inner.h"

/* Without a spawn rate a change of load takes a second, and a small one less. */
#define AUTO_RATE_MIN 200.0

static double effective_rate(const struct session *s, uint32_t users)
{
    if (s->now.spawn_rate > 0)
        return s->now.spawn_rate;
    double change = fabs((double)users - (double)demand_users_at(&s->demand, now_ns()));
    return fmax(AUTO_RATE_MIN, change);
}

static const struct mix *mix_of(const struct profile *p, const struct level *l)
{
    return l != NULL && l->mix != NULL ? l->mix : &p->mix;
}

bool session_has_room(const struct session *s, const struct profile *p, const struct level *l,
                      uint32_t users, struct err *e)
{
    return limits_fit(users, profile_connections(p, mix_of(p, l), users), s->workers, e);
}

uint32_t session_possible(const struct session *s, uint32_t users)
{
    const struct mix *m = mix_of(s->now.profile, s->now.level);
    return m->n_class_of > 0 || users < m->n_fixed ? users : (uint32_t)m->n_fixed;
}

void session_use_mix(struct session *s)
{
    pool_set_profile(s->pool, s->now.profile, mix_of(s->now.profile, s->now.level));
}

void session_set_run_time(struct session *s, uint64_t run_time_ns)
{
    s->run_time_ns = run_time_ns;
    s->ends_ns = run_time_ns > 0 ? now_ns() + run_time_ns : UINT64_MAX;
}

void session_take_level(struct session *s, const struct level *l)
{
    s->now.level = l;
    s->now.driver = SNAP_DRIVER_LEVEL;
    s->now.users = l->users;
    s->now.spawn_rate = l->kind == LEVEL_STAGES ? 0 : l->spawn_rate;
    session_set_run_time(s, l->run_time_ns);
}

/* ----------------------------------------------------------------- begin and end */

static bool has_parts(const struct session *s)
{
    return s->now.driver == SNAP_DRIVER_LEVEL && s->now.level != NULL &&
           s->now.level->kind != LEVEL_STEADY;
}

static void set_barrier(struct session *s, bool on)
{
    if (on != s->barrier)
        pool_set_barrier(s->pool, on);
    s->barrier = on;
}

/* All users have gone: a new start, from nothing. */
static void begin_again(struct session *s, uint64_t now)
{
    s->ended = false;
    s->end_reason[0] = '\0';
    if (s->now.driver == SNAP_DRIVER_MANUAL)
        session_set_run_time(s, 0); /* the one that ended is spent */
    s->demand = (struct demand){.t0_ns = now, .slope = 1};
    s->done_at_s = 0;
    s->gave_up = GAVE_UP_NONE;
    collect_rest(s->collector, false);
    pool_set_drain(s->pool, false);
}

/* Is there load, or will there be some by itself? */
static bool is_load_made(const struct session *s, uint64_t now)
{
    bool nobody = s->now.driver == SNAP_DRIVER_MANUAL && s->now.users == 0;
    return !s->ended && !s->hold && pool_spent_ns(s->pool) == 0 &&
           !(nobody && demand_users_at(&s->demand, now) == 0);
}

void session_mind_load(struct session *s)
{
    uint64_t now = now_ns(), at_ns = now, spent_ns = pool_spent_ns(s->pool);
    bool loads = is_load_made(s, now);
    if (loads == s->loads)
        return;
    if (!loads && spent_ns != 0)
        at_ns = spent_ns;
    else if (!loads && s->ended)
        at_ns = s->ended_ns;
    s->loads = loads;
    collect_load(s->collector, loads, at_ns, pool_look(s->pool).askers);
}

void session_replan(struct session *s)
{
    uint64_t now = now_ns();
    if (s->ended)
        begin_again(s, now);
    double rate = effective_rate(s, s->now.users);
    set_barrier(s, has_parts(s) && s->now.level->kind == LEVEL_BURST);
    s->driver = (struct driver){0};
    if (has_parts(s)) {
        driver_begin(&s->driver, s->now.level, s->now.users, rate, &s->demand, s->last_burst, now);
        session_drive(s);
        return;
    }
    s->demand = demand_to(DEMAND_USERS, &s->demand, now, s->now.users, rate);
    pool_set_demand(s->pool, &s->demand);
}

void session_end_run(struct session *s, const char *reason)
{
    if (s->ended)
        return;
    s->ended = true;
    s->ended_ns = now_ns();
    s->turned_ns = 0; /* its mark is not the turn of a knob */
    s->ends_ns = UINT64_MAX;
    s->driver = (struct driver){0};
    snprintf(s->end_reason, sizeof s->end_reason, "%s", reason);
    s->demand = (struct demand){.t0_ns = now_ns(), .slope = 1};
    session_mind_load(s);
    pool_set_drain(s->pool, true);
    pool_set_demand(s->pool, &s->demand);
    collect_mark(s->collector, SNAP_MARK_LOAD, '.', reason);
    log_info("%s", reason);
}

/* ---------------------------------------------------------------- parts of a level */

static void follow_demand(struct session *s, const struct demand *demand)
{
    char text[SNAP_NAME], users[HUMAN_MAX];
    s->demand = *demand;
    s->now.users = (uint32_t)demand->to;
    pool_set_demand(s->pool, &s->demand);
    if (s->now.level->kind != LEVEL_STAGES)
        return;
    snprintf(text, sizeof text, "stage %u of %zu: %s user%s", s->driver.stage + 1,
             s->now.level->n_stages, human_count(users, sizeof users, s->now.users),
             s->now.users == 1 ? "" : "s");
    collect_mark(s->collector, SNAP_MARK_LOAD, 0, text);
}

static void release(struct session *s, const struct driver_order *o)
{
    char text[SNAP_NAME], users[HUMAN_MAX];
    const struct level *l = s->now.level;
    s->last_burst = o->number;
    s->burst = (struct snap_burst){.number = o->burst,
                                   .of = l->repeat,
                                   .users = o->users,
                                   .missing = o->missing,
                                   .at_s = (double)(o->at_ns - collect_start_ns(s->collector)) /
                                           (double)NS_PER_S};
    pool_release(s->pool, o->number, o->at_ns);
    snprintf(text, sizeof text, "burst %u of %u: %s user%s", o->burst, l->repeat,
             human_count(users, sizeof users, o->users), o->users == 1 ? "" : "s");
    collect_mark(s->collector, SNAP_MARK_LOAD, '*', text);
    if (o->missing > 0)
        log_warn("burst %u of %u begins without %u users that are not ready", o->burst, l->repeat,
                 o->missing);
}

static void judge(struct session *s, const struct driver_order *o)
{
    struct burst_figures f;
    collect_burst(s->collector, o->number, &f);
    burst_judge(&s->now.level->goal, &f, &s->burst);
    s->bursts[s->n_bursts++ % SNAP_BURSTS] = s->burst;
    s->bursts_poor += strcmp(s->burst.verdict, grade_word(GRADE_POOR)) == 0;
    log_info("%s", s->burst.text);
}

void session_drive(struct session *s)
{
    struct driver_order o;
    struct driver_view v = {.now_ns = now_ns(),
                            .pool = pool_look(s->pool),
                            .possible = session_possible(s, s->now.users),
                            .held = s->hold};
    while (driver_next(&s->driver, &v, &o)) {
        switch (o.wish) {
        case DRIVER_DEMAND:
            follow_demand(s, &o.demand);
            break;
        case DRIVER_RELEASE:
            release(s, &o);
            break;
        case DRIVER_JUDGE:
            judge(s, &o);
            break;
        case DRIVER_END:
            session_end_run(s, o.reason);
            return;
        }
    }
}
