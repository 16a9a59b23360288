/* SPDX-License-Identifier: MIT */
/* Any bytes as a profile: they are read or refused in words, never a crash.
 *
 *   ./configure CC=clang --enable-fuzzing --with-sanitizer=address,undefined
 *   make fuzz FUZZ_SECONDS=300
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/profile/read.h"
#include "tests/fuzz/fuzz.h"

/* What others rely on without asking. */

/* of_life: a user's own, which draws can have of any order. */
static bool feeders_ok(const struct profile *p, const uint32_t *feeders, size_t n, bool of_life)
{
    for (size_t i = 0; i < n; i++)
        if (feeders[i] >= p->n_feeders ||
            (feeder_order(p->feeders[feeders[i]]) == FEEDER_UNIQUE && !of_life))
            return false;
    return true;
}

static bool request_ok(const struct profile *p, const struct request *r)
{
    bool ok = r->number < p->n_requests && p->requests[r->number] == r && r->method != NULL &&
              r->url != NULL && r->name != NULL && r->endpoint < p->n_endpoints &&
              r->timeout_ns > 0 && (r->auth.kind == AUTH_NONE) == (r->auth.text == NULL);
    const struct content *b = &r->body;
    ok = ok && (b->kind != CONTENT_TEXT || b->text != NULL) && b->min_bytes <= b->max_bytes &&
         (b->kind != CONTENT_FILE || b->file != NULL);
    for (size_t i = 0; ok && i < b->n_parts; i++)
        ok = b->parts[i].name != NULL && b->parts[i].content.kind != CONTENT_NONE;
    return ok;
}

static bool step_ok(const struct profile *p, const struct steps *s, size_t i)
{
    const struct step *at = &s->items[i];
    switch (at->kind) {
    case STEP_REQUEST:
        return request_ok(p, at->request);
    case STEP_THINK:
        return at->pause.min_ns <= at->pause.max_ns;
    case STEP_LOOP:
        return at->count >= 1 && at->to > i + 1 && at->to <= s->n &&
               at->depth < PROFILE_MAX_LOOPS && s->items[at->to - 1].kind == STEP_LOOP_END &&
               s->items[at->to - 1].to == i + 1;
    case STEP_LOOP_END:
        return at->to >= 1 && at->to <= i && s->items[at->to - 1].kind == STEP_LOOP;
    case STEP_PARALLEL:
        for (size_t k = 1; k <= at->count; k++)
            if (i + k >= s->n || s->items[i + k].kind != STEP_REQUEST)
                return false;
        return at->count >= 2 && at->count <= PROFILE_MAX_PARALLEL;
    case STEP_IF:
        return at->condition != NULL && at->to > i && at->to <= s->n;
    case STEP_JUMP:
        return at->to > i && at->to <= s->n;
    case STEP_RESTART:
    case STEP_STOP:
        return true;
    }
    return false;
}

static bool steps_ok(const struct profile *p, const struct steps *s)
{
    bool ok = feeders_ok(p, s->feeders, s->n_feeders, false);
    for (size_t i = 0; ok && i < s->n; i++)
        ok = step_ok(p, s, i);
    return ok;
}

static bool class_ok(const struct profile *p, const struct user_class *c)
{
    bool ok = c->name != NULL && c->n_tasks > 0 && c->total_weight > 0 &&
              c->wait.min_ns <= c->wait.max_ns && steps_ok(p, &c->on_start) &&
              steps_ok(p, &c->on_stop) && feeders_ok(p, c->feeders, c->n_feeders, true);
    for (size_t i = 0; ok && i < c->n_draws; i++)
        ok = c->draws[i] < p->n_draws && (i == 0 || c->draws[i] > c->draws[i - 1]);
    for (size_t t = 0; ok && t < c->n_tasks; t++)
        ok = c->tasks[t].steps.n > 0 && c->tasks[t].name != NULL && c->tasks[t].weight > 0 &&
             steps_ok(p, &c->tasks[t].steps);
    return ok;
}

static bool mix_ok(const struct profile *p, const struct mix *m)
{
    bool ok = m->n_fixed + m->n_class_of > 0;
    for (size_t i = 0; ok && i < m->n_fixed; i++)
        ok = m->fixed[i] < p->n_classes;
    for (size_t i = 0; ok && i < m->n_class_of; i++)
        ok = m->class_of[i] < p->n_classes;
    return ok;
}

static void check_profile(const struct profile *p)
{
    bool ok = p->n_classes > 0 && p->n_endpoints > 0 && p->target != NULL && mix_ok(p, &p->mix);
    for (size_t i = 0; ok && i < p->n_levels; i++) {
        const struct level *l = &p->levels[i];
        ok = l->name != NULL && l->users > 0 && l->spawn_rate > 0 &&
             (l->kind != LEVEL_STAGES || l->n_stages > 0) &&
             (l->kind != LEVEL_BURST || l->repeat > 0) && (l->repeat < 2 || l->every_ns > 0) &&
             (l->mix == NULL || mix_ok(p, l->mix));
    }
    for (size_t i = 0; ok && i < p->n_classes; i++)
        ok = class_ok(p, &p->classes[i]);
    for (size_t i = 0; ok && i < p->n_goals; i++)
        ok = p->goals[i].name != NULL && p->goals[i].n_patterns > 0;
    for (size_t i = 0; ok && i < p->n_rate_limits; i++) {
        const struct rate_limit *l = &p->rate_limits[i];
        ok = l->name != NULL && l->class < p->n_classes && steps_ok(p, &l->steps) &&
             l->steps.n == 1 && l->request == l->steps.items[0].request &&
             l->after_min <= l->after_max && l->max_requests > l->after_max;
    }
    for (size_t i = 0; ok && i < p->n_draws; i++)
        ok = p->draws[i].slot < p->n_slots && p->draws[i].text != NULL;
    if (!ok)
        abort();
}

/* A text that libconfig refuses is explained: its own words are no answer. */
static void check_sentence(const char *line)
{
    static const char *const theirs[] = {": syntax error.", ": duplicate setting name.",
                                         ": mismatched element type in array."};
    for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++) {
        size_t n = strlen(theirs[i]), len = strlen(line);
        if (len >= n && strcmp(line + len - n, theirs[i]) == 0)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct problems problems = {0};
    struct profile *p = profile_parse("fuzz.cfg", (const char *)data, size, NULL, &problems);
    if ((p == NULL) != (problems.n > 0))
        abort();
    if (p != NULL)
        check_profile(p);
    for (size_t i = 0; i < problems.n; i++)
        check_sentence(problems.lines[i]);
    profile_unref(p);
    problems_finish(&problems);
    return 0;
}
