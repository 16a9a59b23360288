/* SPDX-License-Identifier: MIT */
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/load/user.h"
#include "src/stats/gauge.h"

#define BACKOFF_MAX_NS (500 * NS_PER_MS)
/* Users that send nothing at all must not spin. */
#define IDLE_NS (10 * NS_PER_MS)
#define RUNS_AT_ONCE 256

/* --------------------------------------------------------------------- its rows */

static void start_rows_keep(struct user *u)
{
    const struct steps *start = &u->requester.cls->on_start;
    if (start->n_feeders == 0)
        return;
    u->start_rows = mem_array(start->n_feeders, sizeof *u->start_rows);
    for (size_t i = 0; i < start->n_feeders; i++)
        u->start_rows[i] = u->requester.scope.rows[start->feeders[i]];
}

/* A user that is refused and tries again, or restarts, or logs out, is who it was. */
static bool start_row_again(struct user *u, uint32_t feeder)
{
    const struct steps *start = &u->requester.cls->on_start;
    for (size_t i = 0; i < start->n_feeders && u->start_rows != NULL; i++) {
        if (start->feeders[i] != feeder)
            continue;
        u->requester.scope.rows[feeder] = u->start_rows[i];
        return true;
    }
    return false;
}

bool user_begin_steps(struct user *u, const struct steps *steps)
{
    const struct user_class *c = u->requester.cls;
    bool of_task = steps != &c->on_start && steps != &c->on_stop;
    u->cursor.steps = steps;
    u->cursor.at = 0;
    u->failed = u->sent = false;
    const struct user_env env = user_env(u);
    for (size_t i = 0; i < steps->n_feeders; i++)
        if ((of_task || !start_row_again(u, steps->feeders[i])) &&
            !user_take_row(&u->requester.scope, &env, steps->feeders[i]))
            return false;
    if (steps == &c->on_start && u->start_rows == NULL)
        start_rows_keep(u);
    return true;
}

/* -------------------------------------------------------------- runs of steps */

static const struct task *task_draw(struct user *u)
{
    const struct user_class *cls = u->requester.cls;
    if (cls->n_tasks == 1)
        return &cls->tasks[0];
    uint64_t ticket = rng_below(&u->requester.scope.rng, cls->total_weight);
    size_t i = 0;
    while (ticket >= cls->tasks[i].weight)
        ticket -= cls->tasks[i++].weight;
    return &cls->tasks[i];
}

static const struct task *task_in_sequence(struct user *u)
{
    const struct user_class *cls = u->requester.cls;
    if (u->times_left == 0) {
        u->in_sequence = u->task == NULL ? 0 : (u->in_sequence + 1) % (uint32_t)cls->n_tasks;
        u->times_left = cls->tasks[u->in_sequence].weight;
    }
    u->times_left--;
    return &cls->tasks[u->in_sequence];
}

static bool user_begin_run(struct user *u, const struct steps *steps, uint64_t now)
{
    bool ok = user_begin_steps(u, steps);
    if (!ok)
        user_quit(u, now);
    return ok;
}

/* Decides on the next run of steps.  False: the user waits, or is gone. */
static bool user_choose_run(struct user *u, uint64_t due, uint64_t now)
{
    const struct user_class *cls = u->requester.cls;
    if (u->part == PART_START && cls->on_start.n > 0)
        return user_begin_run(u, &cls->on_start, now);
    u->part = PART_TASK;
    u->started = true;
    if (u->group->barrier && u->burst == 0) {
        user_set_state(u, USER_READY);
        return false;
    }
    u->task = cls->sequence ? task_in_sequence(u) : task_draw(u);
    u->task_due_ns = due;
    u->requester.scope.iteration++;
    return user_begin_run(u, &u->task->steps, now);
}

static uint64_t wait_after_task(struct user *u, uint64_t now)
{
    const struct wait *w = u->task->own_wait ? &u->task->wait : &u->requester.cls->wait;
    uint64_t wait = wait_draw(w, &u->requester.scope.rng);
    if (w->kind == WAIT_PACING)
        wait = u->task_due_ns + wait > now ? u->task_due_ns + wait - now : 0;
    if (!u->sent && wait < IDLE_NS)
        wait = IDLE_NS;
    return wait > u->backoff_ns ? wait : u->backoff_ns;
}

/* A run of steps is done.  False: the user waits, or is gone. */
static bool user_end_run(struct user *u, uint64_t *due, uint64_t now)
{
    u->cursor.steps = NULL;
    *due = now;
    if (u->part == PART_STOP) {
        user_end(u, now);
        return false;
    }
    if (u->part == PART_START && u->failed) {
        user_wait_to_start(u, now);
        return false;
    }
    if (u->part == PART_START) {
        u->part = PART_TASK;
        return true;
    }
    user_leave_burst(u);
    if (u->group->barrier)
        return true; /* and rests there */
    uint64_t wait = wait_after_task(u, now);
    if (wait > 0)
        user_wait(u, now + wait);
    return wait == 0;
}

/* -------------------------------------------------------------------- requests */

static void user_count_asking(struct user *u, uint64_t now)
{
    if (u->asked_ns == 0)
        gauge_add32(&u->group->engine->gauge->askers, 1);
    u->asked_ns = now;
}

/* Beyond the end of the load it was busy with what was begun before, or with its on_stop.  Not
 * known where the program was stopped meanwhile. */
static void user_count_busy(struct user *u, uint64_t now)
{
    bool invalid = u->run.invalid;
    for (unsigned i = 0; i < u->n_more; i++)
        invalid |= u->more[i]->invalid;
    if (invalid)
        return;
    uint64_t off_ns = engine_off_ns(u->group->engine);
    uint64_t from_ns = off_ns > u->asked_ns ? off_ns : u->asked_ns;
    if (off_ns != 0 && now > from_ns)
        gauge_add64(&u->group->engine->gauge->busy_ns, now - from_ns);
}

static uint64_t backoff_after_misses(const struct user *u)
{
    if (u->misses == 0)
        return 0;
    uint64_t ns = NS_PER_MS << (u->misses < 10 ? u->misses - 1 : 9);
    if (u->unsent && ns < IDLE_NS)
        ns = IDLE_NS;
    return ns < BACKOFF_MAX_NS ? ns : BACKOFF_MAX_NS;
}

/* All requests of a step are over (or could not be sent). */
static void user_step_done(struct user *u, uint64_t now)
{
    struct cursor *c = &u->cursor;

    user_count_busy(u, now);
    user_set_state(u, USER_WAITING);
    if (u->reached)
        u->misses = 0;
    else if (u->misses < UINT8_MAX)
        u->misses++;
    u->backoff_ns = backoff_after_misses(u);
    if (u->part == PART_START && u->failed)
        c->at = (uint32_t)c->steps->n; /* steps behind a failed log-in mean nothing */
    else if (u->part == PART_START && c->at >= c->steps->n)
        u->started = true; /* also if it ends here: on_stop has something to undo */
    if (u->part != PART_STOP && (u->requester.ending || u->group->engine->drain))
        user_stop(u, now);
    else if (u->part != PART_STOP && u->program != u->group->program && !user_follow(u, now))
        return;
    else if (u->turned_out)
        user_restart(u, now);
    else if (u->backoff_ns > 0 && c->at < c->steps->n)
        user_wait(u, now + u->backoff_ns);
    else
        user_go_on(u, now, now);
}

static bool user_begin_request(struct user *u, uint32_t i, const struct request *request,
                               uint64_t due, uint64_t now)
{
    struct request_run *r = user_request(u, i);
    if (r == NULL) {
        request_run_fail_unsent(&u->requester, request, due, now);
        return false;
    }
    /* Each is timed from when it is really sent. */
    return request_run_begin(r, request, u->program->fixed[request->number], due,
                             i == 0 ? now : u->group->engine->clock());
}

/* Sends requests side by side.  The user waits for them afterwards, is parked, or gone. */
static void user_send(struct user *u, const struct next *next, uint64_t due, uint64_t now)
{
    struct engine *en = u->group->engine;
    uint32_t begun = 0;

    u->pending = 0;
    u->reached = false;
    for (; begun < next->n && !en->hold && engine_take_ticket(en); begun++) {
        if (user_begin_request(u, begun, next->first[begun].request, due, now))
            u->pending++;
        else
            u->failed = true;
    }
    if (begun == 0 && u->part == PART_STOP) {
        user_end(u, now);
    } else if (begun == 0) {
        user_set_state(u, USER_PARKED);
        timers_remove(&en->timers, &u->requester.timer);
    } else {
        u->sent = true;
        user_count_asking(u, now);
        steps_sent(&u->cursor, next);
        u->unsent = u->pending == 0;
        if (u->pending > 0)
            user_set_state(u, USER_ACTIVE);
        else
            user_step_done(u, now);
    }
}

static void user_on_attempt(struct request_run *r, const struct attempt *a)
{
    const struct user *u = (struct user *)r->requester;
    recorder_add(u->group->recorder, r, a, u->program->endpoint_ids[r->request->endpoint],
                 u->burst);
}

static void user_on_request_done(struct request_run *r, enum fail fail, unsigned status,
                                 uint64_t now)
{
    struct user *u = (struct user *)r->requester;
    if (fail == FAIL_STATUS && u->part == PART_TASK)
        u->turned_out |= status_is_in(&u->requester.cls->restart_on, status);
    u->failed |= fail != FAIL_NONE;
    u->reached |= !fail_never_connected(fail);
    if (--u->pending == 0)
        user_step_done(u, now);
}

const struct requester_ops user_requester = {.attempt = user_on_attempt,
                                             .done = user_on_request_done};

/* ----------------------------------------------------------------------- its way */

void user_go_on(struct user *u, uint64_t due, uint64_t now)
{
    for (unsigned i = 0; i < RUNS_AT_ONCE; i++) {
        if (u->cursor.steps == NULL && !user_choose_run(u, due, now))
            return;
        const struct next next = steps_next(&u->cursor, &u->requester.scope);
        switch (next.kind) {
        case NEXT_REQUESTS:
            user_send(u, &next, due, now);
            return;
        case NEXT_WAIT:
            user_wait(u, now + next.wait_ns);
            return;
        case NEXT_RESTART:
            user_restart(u, now);
            return;
        case NEXT_STOP:
            user_quit(u, now);
            return;
        case NEXT_END:
            if (!user_end_run(u, &due, now))
                return;
        }
    }
    user_wait(u, now);
}
