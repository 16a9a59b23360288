/* SPDX-License-Identifier: MIT */
#include "src/load/user_steps.h"

#include "src/base/mem.h"
#include "src/load/user.h"

/* Steps that take no time, in one go: loops of nothing must not hold up the worker. */
#define STEPS_AT_ONCE 256

static void keep_start_rows(struct user *u)
{
    const struct steps *start = &u->cls->on_start;
    if (start->n_feeders == 0)
        return;
    u->start_rows = mem_array(start->n_feeders, sizeof *u->start_rows);
    for (size_t i = 0; i < start->n_feeders; i++)
        u->start_rows[i] = u->scope.rows[start->feeders[i]];
}

/* Who is refused and tries again, or comes in again, or logs out, is who it was. */
static bool has_start_row(struct user *u, uint32_t feeder)
{
    const struct steps *start = &u->cls->on_start;
    for (size_t i = 0; i < start->n_feeders && u->start_rows != NULL; i++) {
        if (start->feeders[i] != feeder)
            continue;
        u->scope.rows[feeder] = u->start_rows[i];
        return true;
    }
    return false;
}

bool walk_begin(struct user *u, const struct steps *steps)
{
    const struct user_class *c = u->cls;
    bool of_task = steps != &c->on_start && steps != &c->on_stop;
    u->steps = steps;
    u->at = 0;
    u->failed = u->sent = false;
    const struct lives all = user_lives(u);
    for (size_t i = 0; i < steps->n_feeders; i++)
        if ((of_task || !has_start_row(u, steps->feeders[i])) &&
            !life_take_row(&u->scope, &all, steps->feeders[i]))
            return false;
    if (steps == &c->on_start && u->start_rows == NULL)
        keep_start_rows(u);
    return true;
}

static bool begin_one(struct user *u, uint32_t i, const struct request *r, uint64_t due,
                      uint64_t now)
{
    struct flight *f = user_flight(u, i);
    if (f == NULL) {
        flight_unable(u, r, due, now);
        return false;
    }
    /* Each is timed from when it is really sent. */
    return flight_begin(f, r, due, i == 0 ? now : u->crew->clock());
}

/* Begins n requests side by side, those of the steps from `first` on.  The user waits for
 * them afterwards, is parked, or gone. */
static void begin(struct user *u, const struct step *first, uint32_t n, uint64_t due, uint64_t now)
{
    struct crew *c = u->crew;
    uint32_t begun = 0;

    u->pending = 0;
    u->reached = false;
    for (; begun < n && !c->hold && crew_ticket(c); begun++) {
        if (begin_one(u, begun, first[begun].request, due, now))
            u->pending++;
        else
            u->failed = true;
    }
    if (begun == 0 && u->part == PART_STOP) {
        user_end(u, now);
    } else if (begun == 0) {
        user_park(u);
    } else {
        u->sent = true;
        user_asks(u, now);
        u->at = (uint32_t)(first - u->steps->items) + n;
        u->unsent = u->pending == 0;
        if (u->pending > 0)
            user_set_state(u, USER_ACTIVE);
        else
            user_step_done(u, now);
    }
}

/* A step that is no request.  False: it takes time, or the user is gone. */
static bool take(struct user *u, const struct step *s, uint64_t now)
{
    uint64_t pause;
    switch (s->kind) {
    case STEP_THINK:
        u->at++;
        pause = user_draw_wait(&u->scope.rng, &s->pause);
        if (pause > 0)
            user_wait(u, now + pause);
        return pause == 0;
    case STEP_LOOP:
        u->loops[s->depth] = s->count;
        u->at++;
        return true;
    case STEP_AGAIN:
        u->at = --u->loops[s->depth] > 0 ? s->to : u->at + 1;
        return true;
    case STEP_WHEN:
        u->at = condition_holds(s->condition, &u->scope) ? u->at + 1 : s->to;
        return true;
    case STEP_JUMP:
        u->at = s->to;
        return true;
    case STEP_RESTART:
        user_restart(u, now);
        return false;
    default: /* STEP_STOP; requests are begun elsewhere */
        user_quit(u, now);
        return false;
    }
}

void walk(struct user *u, uint64_t due, uint64_t now)
{
    for (unsigned i = 0; i < STEPS_AT_ONCE; i++) {
        if (u->steps == NULL && !user_begins(u, due, now))
            return;
        if (u->at >= u->steps->n) {
            if (!user_ends_run(u, &due, now))
                return;
            continue;
        }
        const struct step *s = &u->steps->items[u->at];
        if (s->kind == STEP_REQUEST) {
            begin(u, s, 1, due, now);
            return;
        }
        if (s->kind == STEP_PARALLEL) {
            begin(u, s + 1, s->count, due, now);
            return;
        }
        if (!take(u, s, now))
            return;
    }
    user_wait(u, now);
}
