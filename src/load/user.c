/* SPDX-License-Identifier: MIT */
#include "src/load/user.h"

#include <stdlib.h>

#include "src/base/log.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/load/unique_rows.h"
#include "src/stats/gauge.h"

/* A target that turns everybody away must not be stormed with log-ins. */
#define START_AGAIN_NS NS_PER_S

/* ---------------------------------------------------------------------- state */

void user_set_state(struct user *u, enum user_state state)
{
    _Atomic uint32_t *ready = &u->group->engine->gauge->ready;
    if ((u->state == USER_READY) != (state == USER_READY))
        gauge_add32(ready, state == USER_READY ? 1 : -1);
    u->state = state;
}

void user_wait(struct user *u, uint64_t due)
{
    user_set_state(u, USER_WAITING);
    u->due_ns = due;
    timers_set(&u->group->engine->timers, &u->requester.timer, due);
}

static void user_on_time(struct timer *t, uint64_t now)
{
    struct user *u = (struct user *)t;
    (void)now;
    if (u->state == USER_WAITING) /* when it is sent, which is not when the others were */
        user_go_on(u, u->due_ns, u->group->engine->clock());
}

static uint64_t user_part_of_wait(struct user *u)
{
    struct rng *rng = &u->group->rng;
    uint64_t wait = wait_draw(&u->requester.cls->wait, rng);
    return wait > 0 ? rng_below(rng, wait) : 0;
}

void user_wait_afresh(struct user *u, uint64_t now)
{
    user_wait(u, now + user_part_of_wait(u));
}

void user_rest(struct user *u)
{
    timers_remove(&u->group->engine->timers, &u->requester.timer);
    user_set_state(u, USER_READY);
}

void user_release(struct user *u, uint64_t due)
{
    user_set_state(u, USER_WAITING);
    user_go_on(u, due, u->group->engine->clock()); /* each is timed from when it is really sent */
}

void user_leave_burst(struct user *u)
{
    if (u->burst != 0)
        gauge_add64(&u->group->engine->gauge->burst_done, 1);
    u->burst = 0;
}

/* ------------------------------------------------------------------- requests */

struct request_run *user_request(struct user *u, uint32_t i)
{
    if (i == 0)
        return &u->run;
    if (i <= u->n_more)
        return u->more[i - 1];
    struct request_run *r = mem_zalloc(sizeof *r);
    if (!request_run_open(r, &u->requester, u->run.channel)) {
        log_error("user %u gets no further connection: out of memory", u->number);
        free(r);
        return NULL;
    }
    u->more = mem_room(u->more, u->n_more, sizeof(struct request_run *));
    u->more[u->n_more++] = r;
    return r;
}

/* A single connection is enough again. */
static void user_drop_siblings(struct user *u)
{
    while (u->n_more > 0) {
        struct request_run *r = u->more[--u->n_more];
        request_run_finish(r);
        free(r);
    }
    free(u->more);
    u->more = NULL;
}

bool user_waits_beyond(const struct user *u, uint64_t until_ns)
{
    if (u->run.state == REQUEST_IN_FLIGHT && u->run.deadline_ns > until_ns)
        return true;
    for (unsigned i = 0; i < u->n_more; i++)
        if (u->more[i]->state == REQUEST_IN_FLIGHT && u->more[i]->deadline_ns > until_ns)
            return true;
    return false;
}

void user_rebase(struct user *u, uint64_t now)
{
    request_run_invalidate(&u->run, now);
    for (unsigned i = 0; i < u->n_more; i++)
        request_run_invalidate(u->more[i], now);
    u->task_due_ns = now;
    if (u->state == USER_WAITING)
        user_wait_afresh(u, now);
}

/* The first request that it would have sent is not, since it has no connection. */
static void user_fail_unsent(struct user *u, uint64_t now)
{
    const struct user_class *cls = u->requester.cls;
    const struct request *r = steps_first_request(&cls->on_start);
    for (size_t i = 0; i < cls->n_tasks && r == NULL; i++)
        r = steps_first_request(&cls->tasks[i].steps);
    if (r != NULL)
        request_run_fail_unsent(&u->requester, r, now, now);
}

/* ------------------------------------------------------------------ beginnings */

struct user_env user_env(const struct user *u)
{
    const struct program *p = u->program;
    return (struct user_env){
        .profile = p->profile, .counters = p->counters, .seed = u->group->seed, .rows = p->rows};
}

static void user_before_start(struct user *u)
{
    u->started = u->failed = u->turned_out = false;
    u->part = PART_START;
    u->cursor.steps = NULL;
    u->task = NULL;
    u->times_left = 0;
    u->misses = 0;
    u->backoff_ns = 0;
}

/* False: a feeder has no row for it. */
static bool user_begin_anew(struct user *u)
{
    const struct user_env env = user_env(u);
    user_before_start(u);
    free(u->start_rows);
    u->start_rows = NULL;
    return user_init(&u->requester.scope, &env, u->requester.cls, u->number, u->nth++);
}

static void user_take_program(struct user *u, struct program *p, int cls)
{
    struct program *before = u->program;
    u->program = program_ref(p);
    u->requester.cls = &p->profile->classes[cls];
    u->requester.secrets = &p->profile->secrets;
    u->class_users = &u->group->engine->gauge->class_users[p->class_ids[cls]];
    program_unref(before);
}

static void user_free(struct user *u)
{
    scope_finish(&u->requester.scope);
    program_unref(u->program);
    free(u->start_rows);
    free(u);
}

static void user_count(const struct user *u)
{
    struct gauge *g = u->group->engine->gauge;
    gauge_add32(u->class_users, 1);
    gauge_add32(&g->users, 1);
    gauge_max32(&g->users_most, atomic_load_explicit(&g->users, memory_order_relaxed));
}

struct user *user_create(struct user_group *g, uint32_t number, int cls, uint32_t nth, uint64_t now)
{
    struct user *u = mem_zalloc(sizeof *u);
    u->group = g;
    u->number = number;
    u->nth = nth;
    u->requester.ops = &user_requester;
    u->requester.engine = g->engine;
    u->requester.timer.on_due = user_on_time;
    user_take_program(u, g->program, cls);
    if (!request_run_open(&u->run, &u->requester, NULL)) {
        log_error("user %u cannot start: out of memory for its connection", number);
        user_begin_anew(u);
        user_fail_unsent(u, now);
        user_free(u);
        return NULL;
    }
    g->engine->ops->channel_number(u->run.channel, number);
    user_count(u);
    return u;
}

void user_start(struct user *u, uint64_t now)
{
    if (!user_begin_anew(u)) {
        user_quit(u, now);
        return;
    }
    now = u->group->engine->clock(); /* many may start in one turn, and that takes time */
    user_go_on(u, now, now);
}

void user_wait_to_start(struct user *u, uint64_t now)
{
    uint64_t wait = wait_draw(&u->requester.cls->wait, &u->requester.scope.rng);
    user_wait(u, now + (wait > START_AGAIN_NS ? wait : START_AGAIN_NS));
}

void user_restart(struct user *u, uint64_t now)
{
    const struct user_env env = user_env(u);
    user_leave_burst(u);
    u->group->engine->ops->channel_reset(u->run.channel);
    user_before_start(u);
    user_forget_replies(&u->requester.scope, &env, u->requester.cls);
    user_wait_to_start(u, now);
}

/* ------------------------------------------------------------------------ ends */

void user_end(struct user *u, uint64_t now)
{
    struct user_group *g = u->group;
    struct gauge *gauge = g->engine->gauge;
    uint32_t number = u->number, nth = u->nth;
    /* With another program than the one it left under, the place is to be filled again. */
    bool left = u->leaving && u->program == g->program;

    user_leave_burst(u);
    user_set_state(u, USER_WAITING);
    user_drop_siblings(u);
    request_run_finish(&u->run);
    timers_remove(&g->engine->timers, &u->requester.timer);
    if (u->asked_ns != 0)
        gauge_add32(&gauge->askers, -1);
    gauge_add32(&gauge->users, -1);
    gauge_add32(u->class_users, -1);
    user_free(u);
    g->on_end(g, number, nth, left, now);
}

void user_cut_short(struct user *u, uint64_t now)
{
    if (u->started && u->requester.cls->on_stop.n > 0)
        gauge_add32(&u->group->engine->gauge->cut_short, 1);
    user_end(u, now);
}

void user_stop(struct user *u, uint64_t now)
{
    const struct steps *on_stop = &u->requester.cls->on_stop;
    bool runs = u->part != PART_STOP && u->started && on_stop->n > 0 && !u->group->engine->hold;
    u->requester.ending = true;
    u->turned_out = false; /* a user that is stopping must not restart */
    if (!runs || !user_begin_steps(u, on_stop)) {
        user_end(u, now);
        return;
    }
    user_leave_burst(u);
    u->part = PART_STOP;
    timers_remove(&u->group->engine->timers, &u->requester.timer);
    user_set_state(u, USER_WAITING);
    user_go_on(u, now, now);
}

/* An attempt that is not made any more has failed, as the one before it did. */
static void user_cancel_retry(struct user *u, struct request_run *r)
{
    if (!request_run_cancel_retry(r))
        return;
    u->pending--;
    u->failed = true;
}

void user_leave(struct user *u, uint64_t now)
{
    u->requester.ending = true;
    if (u->part == PART_STOP)
        return;
    if (u->state != USER_ACTIVE) {
        user_stop(u, now);
        return;
    }
    user_cancel_retry(u, &u->run);
    for (unsigned i = 0; i < u->n_more; i++)
        user_cancel_retry(u, u->more[i]);
    if (u->pending == 0)
        user_stop(u, now);
}

void user_stay(struct user *u)
{
    if (u->part != PART_STOP)
        u->requester.ending = false;
}

void user_quit(struct user *u, uint64_t now)
{
    if (u->part != PART_STOP) /* else it is on its way already, by itself or not */
        u->leaving = true;
    user_stop(u, now);
}

/* -------------------------------------------------------------- another program */

/* A new visitor on the connections of the old one.  False: there is no memory for its own. */
static bool user_reset_channel(struct user *u, bool cookies)
{
    const struct engine *en = u->group->engine;
    struct request_run *r = &u->run;
    user_drop_siblings(u);
    if (cookies == u->requester.cls->cookies) {
        en->ops->channel_reset(r->channel);
        return true;
    }
    en->ops->channel_close(r->channel);
    r->channel = en->ops->channel_open(en->transport, NULL, u->requester.cls->cookies, r);
    if (r->channel == NULL)
        return false;
    en->ops->channel_number(r->channel, u->number);
    return true;
}

bool user_follow(struct user *u, uint64_t now)
{
    const struct program *old = u->program;
    struct program *p = u->group->program;
    int cls = mix_class(p->mix, u->number);
    if (cls < 0) {
        user_leave(u, now);
        return false;
    }
    /* The same counters mean the same profile, without another one in between. */
    bool same = old->counters == p->counters && u->requester.cls == &p->profile->classes[cls] &&
                unique_rows_same(old->rows, p->rows, u->requester.cls, u->number);
    bool cookies = u->requester.cls->cookies;
    gauge_add32(u->class_users, -1);
    user_take_program(u, p, cls);
    gauge_add32(u->class_users, 1);
    if (same)
        return true;
    user_leave_burst(u);
    u->started = false; /* so that nothing is sent on a channel that could not be opened */
    bool able = user_reset_channel(u, cookies), begun = user_begin_anew(u);
    if (!able)
        user_fail_unsent(u, now);
    if (!able || !begun)
        user_quit(u, now);
    else if (u->state != USER_PARKED)
        user_wait_afresh(u, now);
    return false;
}
