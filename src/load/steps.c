/* SPDX-License-Identifier: MIT */
#include "src/load/steps.h"

#include <math.h>

#include "src/script/condition.h"
#include "src/script/scope.h"

#define STEPS_AT_ONCE 256

uint64_t wait_draw(const struct wait *w, struct rng *rng)
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

/* Goes over a step that decides where to go on. */
static void step_jump(struct cursor *c, const struct step *s, struct scope *scope)
{
    switch (s->kind) {
    case STEP_LOOP:
        c->loops[s->depth] = s->count;
        c->at++;
        return;
    case STEP_LOOP_END:
        c->at = --c->loops[s->depth] > 0 ? s->to : c->at + 1;
        return;
    case STEP_IF:
        c->at = condition_holds(s->condition, scope) ? c->at + 1 : s->to;
        return;
    default:
        c->at = s->to;
    }
}

struct next steps_next(struct cursor *c, struct scope *scope)
{
    for (unsigned i = 0; i < STEPS_AT_ONCE; i++) {
        if (c->at >= c->steps->n)
            return (struct next){.kind = NEXT_END};
        const struct step *s = &c->steps->items[c->at];
        uint64_t pause_ns;
        switch (s->kind) {
        case STEP_REQUEST:
            return (struct next){.kind = NEXT_REQUESTS, .first = s, .n = 1};
        case STEP_PARALLEL: /* the requests stand behind it */
            return (struct next){.kind = NEXT_REQUESTS, .first = s + 1, .n = s->count};
        case STEP_THINK:
            c->at++;
            pause_ns = wait_draw(&s->pause, &scope->rng);
            if (pause_ns > 0)
                return (struct next){.kind = NEXT_WAIT, .wait_ns = pause_ns};
            break;
        case STEP_RESTART:
            return (struct next){.kind = NEXT_RESTART};
        case STEP_STOP:
            return (struct next){.kind = NEXT_STOP};
        default:
            step_jump(c, s, scope);
        }
    }
    return (struct next){.kind = NEXT_WAIT};
}

void steps_sent(struct cursor *c, const struct next *requests)
{
    c->at = (uint32_t)(requests->first - c->steps->items) + requests->n;
}
