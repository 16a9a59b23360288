/* SPDX-License-Identifier: MIT */
#include "src/load/user.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/log.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/load/unique_rows.h"
#include "src/load/user_steps.h"
#include "src/stats/gauge.h"

#define BACKOFF_MAX_NS (500 * NS_PER_MS)
/* What sends nothing at all must not spin. */
#define IDLE_NS (10 * NS_PER_MS)
#define START_AGAIN_NS NS_PER_S

/* ------------------------------------------------------------------ its dice */

uint64_t user_draw_wait(struct rng *rng, const struct wait *w)
{
    switch (w->kind) {
    case WAIT_NONE:
        return 0;
    case WAIT_BETWEEN:
        return w->max_ns > w->min_ns ? w->min_ns + rng_below(rng, w->max_ns - w->min_ns + 1)
                                     : w->min_ns;
    case WAIT_EXPONENTIAL:
        return (uint64_t)(-log(1 - rng_unit(rng)) * (double)w->min_ns);
    default:
        return w->min_ns;
    }
}

static const struct task *draw_task(struct user *u)
{
    const struct user_class *cls = u->cls;
    if (cls->n_tasks == 1)
        return &cls->tasks[0];
    uint64_t ticket = rng_below(&u->scope.rng, cls->total_weight);
    size_t i = 0;
    while (ticket >= cls->tasks[i].weight)
        ticket -= cls->tasks[i++].weight;
    return &cls->tasks[i];
}

static const struct task *task_in_sequence(struct user *u)
{
    if (u->times_left == 0) {
        u->in_sequence = u->task == NULL ? 0 : (u->in_sequence + 1) % (uint32_t)u->cls->n_tasks;
        u->times_left = u->cls->tasks[u->in_sequence].weight;
    }
    u->times_left--;
    return &u->cls->tasks[u->in_sequence];
}

/* ---------------------------------------------------------------------- state */

void user_set_state(struct user *u, enum user_state state)
{
    _Atomic uint32_t *ready = &u->crew->lane.gauge->ready;
    if ((u->state == USER_READY) != (state == USER_READY))
        gauge_add32(ready, state == USER_READY ? 1 : -1);
    u->state = state;
}

void user_wait(struct user *u, uint64_t due)
{
    user_set_state(u, USER_WAITING);
    u->due_ns = due;
    timers_set(&u->crew->timers, &u->timer, due);
}

void user_park(struct user *u)
{
    user_set_state(u, USER_PARKED);
    timers_remove(&u->crew->timers, &u->timer);
}

static void leave_burst(struct user *u)
{
    if (u->burst != 0)
        gauge_add64(&u->crew->lane.gauge->rested, 1);
    u->burst = 0;
}

static uint64_t backoff_ns(const struct user *u)
{
    if (u->misses == 0)
        return 0;
    uint64_t ns = NS_PER_MS << (u->misses < 10 ? u->misses - 1 : 9);
    if (u->unsent && ns < IDLE_NS)
        ns = IDLE_NS;
    return ns < BACKOFF_MAX_NS ? ns : BACKOFF_MAX_NS;
}

/* -------------------------------------------------------------------- flights */

static void flight_init(struct flight *f, struct user *u)
{
    f->user = u;
    f->timer.owner = TIMER_FLIGHT;
}

struct flight *user_flight(struct user *u, uint32_t i)
{
    struct crew *c = u->crew;
    if (i == 0)
        return &u->flight;
    if (i <= u->n_more)
        return u->more[i - 1];
    struct flight *f = mem_zalloc(sizeof *f);
    flight_init(f, u);
    f->channel = c->ops->channel_open(c->transport, u->flight.channel, u->cls->cookies, f);
    if (f->channel == NULL) {
        log_error("user %u gets no further connection: out of memory", u->number);
        free(f);
        return NULL;
    }
    u->more = mem_room(u->more, u->n_more, sizeof(struct flight *));
    u->more[u->n_more++] = f;
    return f;
}

/* One connection is enough again. */
static void drop_siblings(struct user *u)
{
    while (u->n_more > 0) {
        struct flight *f = u->more[--u->n_more];
        flight_finish(f);
        free(f);
    }
    free(u->more);
    u->more = NULL;
}

/* ----------------------------------------------------------------------- life */

struct lives user_lives(const struct user *u)
{
    const struct program *p = u->program;
    return (struct lives){.profile = p->profile,
                          .sequences = p->counters->sequences,
                          .cursors = p->counters->cursors,
                          .ran_out = p->counters->ran_out,
                          .seed = u->crew->seed,
                          .seats = p->seats};
}

static void stand_before_start(struct user *u)
{
    u->started = u->failed = u->turned_out = false;
    u->part = PART_START;
    u->steps = NULL;
    u->task = NULL;
    u->times_left = 0;
    u->misses = 0;
    u->backoff_ns = 0;
}

/* False: a feeder has no row for it. */
static bool begin_life(struct user *u)
{
    struct slot *slot = &u->crew->slots[u->number / u->crew->count];
    const struct lives all = user_lives(u);
    stand_before_start(u);
    free(u->start_rows);
    u->start_rows = NULL;
    return life_begin(&u->scope, &all, u->cls, u->number, slot->lives++);
}

static void free_user(struct user *u)
{
    scope_finish(&u->scope);
    program_unref(u->program);
    free(u->start_rows);
    free(u);
}

/* Makes it one of that class of its program. */
static void set_class(struct user *u, int cls)
{
    u->cls = &u->program->profile->classes[cls];
    u->class_users = &u->crew->lane.gauge->class_users[u->program->class_ids[cls]];
}

static void count_user(const struct user *u)
{
    struct gauge *g = u->crew->lane.gauge;
    gauge_add32(u->class_users, 1);
    gauge_add32(&g->users, 1);
    uint32_t users = atomic_load_explicit(&g->users, memory_order_relaxed);
    if (users > atomic_load_explicit(&g->users_most, memory_order_relaxed))
        atomic_store_explicit(&g->users_most, users, memory_order_relaxed);
}

void user_start(struct crew *c, uint32_t slot, uint64_t now)
{
    uint32_t number = slot * c->count + c->index;
    int cls = mix_class(c->program->mix, number);
    if (cls < 0)
        return;
    struct user *u = mem_zalloc(sizeof *u);
    u->crew = c;
    u->number = number;
    u->program = program_ref(c->program);
    set_class(u, cls);
    u->timer.owner = TIMER_USER;
    flight_init(&u->flight, u);
    u->flight.channel = c->ops->channel_open(c->transport, NULL, u->cls->cookies, &u->flight);
    if (u->flight.channel == NULL) {
        log_error("user %u cannot start: out of memory for its connection", number);
        begin_life(u);
        flight_unable(u, NULL, now, now);
        free_user(u);
        return;
    }
    c->ops->channel_number(u->flight.channel, number);
    c->slots[slot].user = u;
    count_user(u);
    if (!begin_life(u)) {
        user_quit(u, now);
        return;
    }
    now = c->clock(); /* many may start in one turn, and that takes time */
    walk(u, now, now);
}

void user_end(struct user *u, uint64_t now)
{
    struct crew *c = u->crew;
    uint32_t slot = u->number / c->count;

    leave_burst(u);
    user_set_state(u, USER_WAITING);
    drop_siblings(u);
    flight_finish(&u->flight);
    timers_remove(&c->timers, &u->timer);
    if (u->asked_ns != 0)
        gauge_add32(&c->lane.gauge->askers, -1);
    c->slots[slot].user = NULL;
    /* With another program than the one it left under, the place is to be filled again. */
    if (u->leaving && slot < c->wanted && u->program == c->program) {
        c->slots[slot].left = true;
        gauge_add32(&c->lane.gauge->left, 1);
    }
    gauge_add32(&c->lane.gauge->users, -1);
    gauge_add32(u->class_users, -1);
    free_user(u);
    crew_vacated(c, slot, now);
}

/* Its requests are done: on_stop, if it is to run, and then the end. */
static void stop(struct user *u, uint64_t now)
{
    bool runs = u->part != PART_STOP && u->started && u->cls->on_stop.n > 0 && !u->crew->hold;
    u->ending = true;
    u->turned_out = false; /* whoever goes does not come in again */
    if (!runs || !walk_begin(u, &u->cls->on_stop)) {
        user_end(u, now);
        return;
    }
    leave_burst(u);
    u->part = PART_STOP;
    timers_remove(&u->crew->timers, &u->timer);
    user_set_state(u, USER_WAITING);
    walk(u, now, now);
}

/* An attempt that is not made any more has failed, as the one before it did. */
static void settle(struct user *u, struct flight *f)
{
    if (!flight_settle(f))
        return;
    u->pending--;
    u->failed = true;
}

void user_leave(struct user *u, uint64_t now)
{
    u->ending = true;
    if (u->part == PART_STOP)
        return;
    if (u->state != USER_ACTIVE) {
        stop(u, now);
        return;
    }
    settle(u, &u->flight);
    for (unsigned i = 0; i < u->n_more; i++)
        settle(u, u->more[i]);
    if (u->pending == 0)
        stop(u, now);
}

void user_stay(struct user *u)
{
    if (u->part != PART_STOP)
        u->ending = false;
}

void user_quit(struct user *u, uint64_t now)
{
    if (u->part != PART_STOP) /* else it is on its way already, by itself or not */
        u->leaving = true;
    stop(u, now);
}

/* -------------------------------------------------------------- runs of steps */

static bool begin_run(struct user *u, const struct steps *steps, uint64_t now)
{
    bool ok = walk_begin(u, steps);
    if (!ok)
        user_quit(u, now);
    return ok;
}

bool user_begins(struct user *u, uint64_t due, uint64_t now)
{
    if (u->part == PART_START && u->cls->on_start.n > 0)
        return begin_run(u, &u->cls->on_start, now);
    u->part = PART_TASK;
    u->started = true;
    if (u->crew->barrier && u->burst == 0) {
        user_set_state(u, USER_READY);
        return false;
    }
    u->task = u->cls->sequence ? task_in_sequence(u) : draw_task(u);
    u->task_due_ns = due;
    u->scope.iteration++;
    return begin_run(u, &u->task->steps, now);
}

/* A target that turns everybody away must not be stormed with log-ins. */
static void wait_to_start_again(struct user *u, uint64_t now)
{
    uint64_t wait = user_draw_wait(&u->scope.rng, &u->cls->wait);
    user_wait(u, now + (wait > START_AGAIN_NS ? wait : START_AGAIN_NS));
}

void user_restart(struct user *u, uint64_t now)
{
    leave_burst(u);
    u->crew->ops->channel_reset(u->flight.channel);
    stand_before_start(u);
    const struct lives all = user_lives(u);
    life_forget_replies(&u->scope, &all, u->cls);
    wait_to_start_again(u, now);
}

static uint64_t wait_after_task(struct user *u, uint64_t now)
{
    const struct wait *w = u->task->own_wait ? &u->task->wait : &u->cls->wait;
    uint64_t wait = user_draw_wait(&u->scope.rng, w);
    if (w->kind == WAIT_PACING)
        wait = u->task_due_ns + wait > now ? u->task_due_ns + wait - now : 0;
    if (!u->sent && wait < IDLE_NS)
        wait = IDLE_NS;
    return wait > u->backoff_ns ? wait : u->backoff_ns;
}

bool user_ends_run(struct user *u, uint64_t *due, uint64_t now)
{
    u->steps = NULL;
    *due = now;
    if (u->part == PART_STOP) {
        user_end(u, now);
        return false;
    }
    if (u->part == PART_START && u->failed) {
        wait_to_start_again(u, now);
        return false;
    }
    if (u->part == PART_START) {
        u->part = PART_TASK;
        return true;
    }
    leave_burst(u);
    if (u->crew->barrier)
        return true; /* and rests there */
    uint64_t wait = wait_after_task(u, now);
    if (wait > 0)
        user_wait(u, now + wait);
    return wait == 0;
}

void user_turned_away(struct user *u, unsigned status)
{
    u->turned_out |= u->part == PART_TASK && status_is_in(&u->cls->restart_on, status);
}

void user_landed(struct user *u, enum fail f, uint64_t now)
{
    u->failed |= f != FAIL_NONE;
    u->reached |= !flight_missed(f);
    if (--u->pending == 0)
        user_step_done(u, now);
}

void user_asks(struct user *u, uint64_t now)
{
    if (u->asked_ns == 0)
        gauge_add32(&u->crew->lane.gauge->askers, 1);
    u->asked_ns = now;
}

/* Beyond the end of the load it was busy with what was begun before, or with its on_stop.  Not
 * known where the program was stopped meanwhile. */
static void count_busy(struct user *u, uint64_t now)
{
    bool spoiled = u->flight.spoiled;
    for (unsigned i = 0; i < u->n_more; i++)
        spoiled |= u->more[i]->spoiled;
    if (spoiled)
        return;
    uint64_t off_ns = crew_off_ns(u->crew);
    uint64_t from_ns = off_ns > u->asked_ns ? off_ns : u->asked_ns;
    if (off_ns != 0 && now > from_ns)
        gauge_add64(&u->crew->lane.gauge->busy_ns, now - from_ns);
}

void user_step_done(struct user *u, uint64_t now)
{
    struct crew *c = u->crew;

    count_busy(u, now);
    user_set_state(u, USER_WAITING);
    if (u->reached)
        u->misses = 0;
    else if (u->misses < UINT8_MAX)
        u->misses++;
    u->backoff_ns = backoff_ns(u);
    if (u->part == PART_START && u->failed)
        u->at = (uint32_t)u->steps->n; /* what follows a failed log-in means nothing */
    else if (u->part == PART_START && u->at >= u->steps->n)
        u->started = true; /* also if it ends here: on_stop has something to undo */
    if (u->part != PART_STOP && (u->ending || c->drain))
        stop(u, now);
    else if (u->part != PART_STOP && u->program != c->program && !user_follow(u, now))
        return;
    else if (u->turned_out)
        user_restart(u, now);
    else if (u->backoff_ns > 0 && u->at < u->steps->n)
        user_wait(u, now + u->backoff_ns);
    else
        walk(u, now, now);
}

/* ------------------------------------------------------------------- programs */

/* A new visitor on the connections of the old one. */
static bool fresh_channel(struct user *u, bool cookies)
{
    struct crew *c = u->crew;
    drop_siblings(u);
    if (cookies == u->cls->cookies) {
        c->ops->channel_reset(u->flight.channel);
        return true;
    }
    c->ops->channel_close(u->flight.channel);
    u->flight.channel = c->ops->channel_open(c->transport, NULL, u->cls->cookies, &u->flight);
    if (u->flight.channel == NULL)
        return false;
    c->ops->channel_number(u->flight.channel, u->number);
    return true;
}

bool user_follow(struct user *u, uint64_t now)
{
    struct crew *c = u->crew;
    struct program *old = u->program, *p = c->program;
    int cls = mix_class(p->mix, u->number);
    if (cls < 0) {
        user_leave(u, now);
        return false;
    }
    /* The same counters mean the same profile, without another one in between. */
    bool same = old->counters == p->counters && u->cls == &p->profile->classes[cls] &&
                seats_same(old->seats, p->seats, u->cls, u->number);
    bool cookies = u->cls->cookies;
    gauge_add32(u->class_users, -1);
    u->program = program_ref(p);
    set_class(u, cls);
    gauge_add32(u->class_users, 1);
    program_unref(old);
    if (same)
        return true;
    leave_burst(u);
    u->started = false; /* so that nothing is sent on a channel that could not be opened */
    bool able = fresh_channel(u, cookies), alive = begin_life(u);
    if (!able)
        flight_unable(u, NULL, now, now);
    if (!able || !alive)
        user_quit(u, now);
    else if (u->state != USER_PARKED)
        user_wait(u, now + crew_spread(c, user_draw_wait(&c->rng, &u->cls->wait)));
    return false;
}
