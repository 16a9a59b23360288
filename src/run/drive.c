/* SPDX-License-Identifier: MIT */
/* How the session's setting is put in force: demands, levels, their stages and bursts. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/base/log.h"
#include "src/base/now.h"
#include "src/load/machine.h"
#include "src/profile/goal.h"
#include "src/run/burst.h"
#include "src/run/session_inner.h"

/* Without a spawn rate a change of load takes a second, and a small one less. */
#define AUTO_RATE_MIN 200.0

static double effective_rate(const struct session *s, uint32_t users)
{
    if (s->now.spawn_rate > 0)
        return s->now.spawn_rate;
    double change = fabs((double)users - (double)demand_users_at(&s->steering.demand, now_ns()));
    return fmax(AUTO_RATE_MIN, change);
}

bool session_has_room(const struct session *s, const struct profile *p, const struct level *l,
                      uint32_t users, struct err *e)
{
    return machine_allows(users, profile_connections(p, profile_mix(p, l), users), s->workers, e);
}

uint32_t session_possible(const struct session *s, uint32_t users)
{
    const struct mix *m = profile_mix(s->now.profile, s->now.level);
    return m->n_class_of > 0 || users < m->n_fixed ? users : (uint32_t)m->n_fixed;
}

void session_use_mix(struct session *s)
{
    steering_publish(&s->steering, s->now.profile, s->now.level);
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
    s->now.spawn_rate = driver_of_level(l)->sets_users ? 0 : l->spawn_rate;
    session_set_run_time(s, l->run_time_ns);
}

/* ----------------------------------------------------------------- begin and end */

/* All users have gone: a new start, from nothing. */
static void begin_run_again(struct session *s, uint64_t now)
{
    s->ended = false;
    s->end_reason[0] = '\0';
    if (s->now.driver == SNAP_DRIVER_MANUAL)
        session_set_run_time(s, 0); /* the one that ended is spent */
    s->done_at_s = 0;
    s->gave_up = GAVE_UP_NONE;
    collect_pause(s->collector, false);
    steering_begin_nothing(&s->steering, now);
    s->steering.order.drain = s->steering.order.gives_up = false;
    steering_send(&s->steering);
}

/* Is there load, or will there be some by itself? */
static bool is_load_made(const struct session *s, uint64_t spent_ns, uint64_t now)
{
    bool nobody = s->now.driver == SNAP_DRIVER_MANUAL && s->now.users == 0;
    return !s->ended && !s->hold && spent_ns == 0 &&
           !(nobody && demand_users_at(&s->steering.demand, now) == 0);
}

void session_mind_load(struct session *s)
{
    const struct generator_state state = steering_state(&s->steering);
    uint64_t now = now_ns(), at_ns = now;
    bool loads = is_load_made(s, state.spent_ns, now);
    if (loads == s->loads)
        return;
    if (!loads && state.spent_ns != 0)
        at_ns = state.spent_ns;
    else if (!loads && s->ended)
        at_ns = s->ended_ns;
    s->loads = loads;
    collect_load(s->collector, loads, at_ns, state.askers);
}

void session_replan(struct session *s)
{
    uint64_t now = now_ns();
    if (s->ended)
        begin_run_again(s, now);
    const struct level *l = s->now.driver == SNAP_DRIVER_LEVEL ? s->now.level : NULL;
    steering_begin(&s->steering, driver_of_level(l),
                   (struct driver_start){.now_ns = now,
                                         .level = l,
                                         .users = s->now.users,
                                         .slope = effective_rate(s, s->now.users)});
    session_drive(s, NULL, NULL);
}

void session_end_run(struct session *s, const char *reason)
{
    if (s->ended)
        return;
    s->ended = true;
    s->ended_ns = now_ns();
    s->knob_turned_ns = 0; /* the mark below is not the turn of a knob */
    s->ends_ns = UINT64_MAX;
    snprintf(s->end_reason, sizeof s->end_reason, "%s", reason);
    steering_begin_nothing(&s->steering, s->ended_ns);
    session_mind_load(s);
    s->steering.order.drain = true;
    s->steering.order.gives_up = false;
    steering_send(&s->steering);
    collect_mark(s->collector, SNAP_MARK_LOAD, '.', reason);
    log_info("%s", reason);
}

/* ---------------------------------------------------------------- parts of a level */

static void note_demand(struct session *s, const struct driver_order *o)
{
    if (o->demand.kind == DEMAND_USERS)
        s->now.users = (uint32_t)o->demand.to;
    if (o->text[0] != '\0')
        collect_mark(s->collector, SNAP_MARK_LOAD, 0, o->text);
}

static void note_burst(struct session *s, const struct driver_order *o)
{
    s->burst = (struct snap_burst){.number = o->burst,
                                   .of = o->of,
                                   .users = o->users,
                                   .missing = o->missing,
                                   .at_s = (double)(o->at_ns - collect_start_ns(s->collector)) /
                                           (double)NS_PER_S};
    collect_mark(s->collector, SNAP_MARK_LOAD, '*', o->text);
    if (o->missing > 0)
        log_warn("burst %u of %u begins without %u users that are not ready", o->burst, o->of,
                 o->missing);
}

static void judge_burst(struct session *s, const struct driver_order *o)
{
    struct burst_figures f;
    collect_burst(s->collector, o->number, &f);
    burst_judge(&s->now.level->goal, &f, &s->burst);
    s->bursts[s->n_bursts++ % SNAP_BURSTS] = s->burst;
    s->bursts_poor += strcmp(s->burst.verdict, grade_word(GRADE_POOR)) == 0;
    log_info("%s", s->burst.text);
}

static bool next_order(struct session *s, const struct snapshot *newest,
                       const struct timeline *seconds, struct driver_order *o)
{
    const struct driver_view v = {.now_ns = now_ns(),
                                  .possible = session_possible(s, s->now.users),
                                  .held = s->hold,
                                  .newest = newest,
                                  .seconds = seconds};
    return steering_next(&s->steering, v, o);
}

void session_drive(struct session *s, const struct snapshot *newest, const struct timeline *seconds)
{
    struct driver_order o;
    while (next_order(s, newest, seconds, &o)) {
        switch (o.wish) {
        case DRIVER_DEMAND:
            note_demand(s, &o);
            break;
        case DRIVER_RELEASE:
            note_burst(s, &o);
            break;
        case DRIVER_JUDGE:
            judge_burst(s, &o);
            break;
        case DRIVER_END:
            session_end_run(s, o.text);
            return;
        }
    }
}
