/* SPDX-License-Identifier: MIT */
/* The steps of a task, flattened as profile.h describes. */
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/language_parts.h"

#define MAX_LOOP 1000000

/* The kinds of steps, in the order of readers[] below. */
static const char *const step_kinds[] = {"request", "think",   "loop", "parallel",
                                         "when",    "restart", "stop", NULL};

struct flat {
    struct context *c;
    struct steps *out;
    const char *beside_tasks; /* "on_start", "on_stop"; NULL in a task */
    unsigned loops;           /* around the step in hand */
    struct flow *flow;        /* captured by the requests so far */
};

static size_t add_step(struct flat *f, struct step step)
{
    f->out->items = mem_room(f->out->items, f->out->n, sizeof *f->out->items);
    f->out->items[f->out->n] = step;
    return f->out->n++;
}

static void steps_read_list(struct flat *f, const struct node *list);

/* ------------------------------------------------------------------- each kind */

static void read_request(struct flat *f, const struct node *n)
{
    node_only(f->c->d, n, "a step", language_request_keys);
    struct request *r = language_request(f->c, n, true);
    if (r == NULL)
        return;
    language_flow_request(f->c, f->flow, n, r);
    add_step(f, (struct step){.kind = STEP_REQUEST, .request = r});
}

/* Reads a request that is done before the next step, which can use its captures. */
static void read_request_step(struct flat *f, const struct node *n)
{
    size_t before = f->out->n;
    read_request(f, n);
    if (f->out->n > before)
        language_flow_captured(f->out->items[before].request, f->flow->has);
}

static void read_think(struct flat *f, const struct node *n)
{
    static const char *const keys[] = {"think", NULL};
    const struct node *think = node_get(n, "think");
    const struct doc *d = f->c->d;
    struct wait w = {.kind = WAIT_CONSTANT};
    node_only(d, n, "a think step", keys);
    if (think->kind != NODE_ARRAY && think->kind != NODE_LIST) {
        node_duration(d, think, &w.min_ns);
        w.max_ns = w.min_ns;
    } else if (think->n != 2) {
        node_problem(d, think, "think must be a time or two of them, as in [0.5, 2.0].");
    } else {
        w.kind = WAIT_BETWEEN;
        if (node_duration(d, &think->items[0], &w.min_ns) &&
            node_duration(d, &think->items[1], &w.max_ns) && w.min_ns > w.max_ns)
            node_problem(d, think, "the first time of think is longer than the second; swap them.");
    }
    add_step(f, (struct step){.kind = STEP_THINK, .pause = w});
}

/* The steps of a loop or condition. */
static void read_inner(struct flat *f, const struct node *n, const char *what)
{
    const struct node *steps = node_get(n, "steps");
    if (steps != NULL)
        steps_read_list(f, steps);
    else if (!node_meant(n, "steps"))
        node_problem(f->c->d, n, "this %s has no steps.", what);
}

/* A loop in which no time passes would hold up all other users of its thread. */
static bool takes_time(const struct steps *s, size_t from)
{
    for (size_t i = from; i < s->n; i++)
        if (s->items[i].kind == STEP_REQUEST || s->items[i].kind == STEP_STOP ||
            s->items[i].kind == STEP_RESTART ||
            (s->items[i].kind == STEP_THINK && s->items[i].pause.max_ns > 0))
            return true;
    return false;
}

static void read_loop(struct flat *f, const struct node *n)
{
    static const char *const keys[] = {"loop", "steps", NULL};
    const struct doc *d = f->c->d;
    int64_t times = 1;
    size_t before = d->problems->n + d->problems->dropped;
    node_only(d, n, "a loop", keys);
    node_whole(d, node_get(n, "loop"), 1, MAX_LOOP, &times);
    if (f->loops == PROFILE_MAX_LOOPS) {
        node_problem(d, n, "loops are nested deeper than %u.", PROFILE_MAX_LOOPS);
        return;
    }
    struct step step = {.kind = STEP_LOOP, .count = (uint32_t)times, .depth = (uint8_t)f->loops};
    size_t loop = add_step(f, step);
    f->loops++;
    if (times > 1)
        language_flow_expect(f->c, n, f->flow->has);
    read_inner(f, n, "loop");
    f->loops--;
    if (!takes_time(f->out, loop + 1) && d->problems->n + d->problems->dropped == before)
        node_problem(d, n, "no time passes in this loop; give it a request or a think.");
    step.kind = STEP_LOOP_END;
    step.to = (uint32_t)loop + 1;
    add_step(f, step);
    f->out->items[loop].to = (uint32_t)f->out->n;
}

static void read_parallel(struct flat *f, const struct node *n)
{
    static const char *const keys[] = {"parallel", NULL};
    const struct node *list = node_get(n, "parallel");
    const struct doc *d = f->c->d;
    node_only(d, n, "a parallel step", keys);
    if (!node_is(d, list, NODE_LIST))
        return;
    if (list->n < 2 || list->n > PROFILE_MAX_PARALLEL) {
        node_problem(d, list, "parallel takes 2 to %u requests, not %zu.", PROFILE_MAX_PARALLEL,
                     list->n);
        return;
    }
    size_t step = add_step(f, (struct step){.kind = STEP_PARALLEL});
    for (size_t i = 0; i < list->n; i++) {
        const struct node *item = &list->items[i];
        if (node_is(d, item, NODE_GROUP) && node_get(item, "request") == NULL &&
            !node_meant(item, "request"))
            node_problem(d, item, "in parallel there are only requests.");
        else if (node_get(item, "request") != NULL)
            read_request(f, item);
        else if (item->kind == NODE_GROUP)
            node_only(d, item, "a step", language_request_keys);
    }
    f->out->items[step].count = (uint32_t)(f->out->n - step - 1);
    language_flow_expect(f->c, n, f->flow->has);
}

static struct condition *read_condition(struct context *c, const struct node *n)
{
    const char *text;
    struct err e;
    if (!node_text(c->d, n, &text))
        return NULL;
    if (strstr(text, "matches") != NULL && !language_pattern(c, n))
        return NULL;
    struct condition *condition = condition_compile(text, c->names, &e);
    if (condition == NULL)
        node_problem(c->d, n, "when: %s.", e.text);
    return condition;
}

static void read_when(struct flat *f, const struct node *n)
{
    static const char *const keys[] = {"when", "steps", "else", NULL};
    const struct node *otherwise = node_get(n, "else");
    node_only(f->c->d, n, "a when step", keys);
    struct condition *condition = read_condition(f->c, node_get(n, "when"));
    size_t when = add_step(f, (struct step){.kind = STEP_IF, .condition = condition});
    read_inner(f, n, "when");
    if (otherwise != NULL) {
        size_t jump = add_step(f, (struct step){.kind = STEP_JUMP});
        f->out->items[when].to = (uint32_t)f->out->n;
        steps_read_list(f, otherwise);
        f->out->items[jump].to = (uint32_t)f->out->n;
    } else {
        f->out->items[when].to = (uint32_t)f->out->n;
    }
}

/* on_start that restarts its user would never come to an end. */
static void read_restart(struct flat *f, const struct node *n)
{
    static const char *const keys[] = {"restart", NULL};
    bool on = true;
    node_only(f->c->d, n, "a restart step", keys);
    if (node_bool(f->c->d, node_get(n, "restart"), &on) && !on)
        node_problem(f->c->d, n, "restart can only be true; leave the step out.");
    else if (f->beside_tasks != NULL)
        node_problem(f->c->d, n, "restart stands in a task, not in %s%s.", f->beside_tasks,
                     strcmp(f->beside_tasks, "on_start") == 0
                         ? ": that is done again by itself when a request of it fails"
                         : "");
    add_step(f, (struct step){.kind = STEP_RESTART});
}

static void read_stop(struct flat *f, const struct node *n)
{
    static const char *const keys[] = {"stop", NULL};
    bool on = true;
    node_only(f->c->d, n, "a stop step", keys);
    if (node_bool(f->c->d, node_get(n, "stop"), &on) && !on)
        node_problem(f->c->d, n, "stop can only be true; leave the step out.");
    add_step(f, (struct step){.kind = STEP_STOP});
}

/* ----------------------------------------------------------------------- lists */

static void unknown_step(const struct doc *d, const struct node *n)
{
    static const char *const all[] = {"request", "think", "loop",  "parallel", "when",
                                      "restart", "stop",  "steps", NULL};
    for (size_t i = 0; step_kinds[i] != NULL; i++)
        if (node_meant(n, step_kinds[i])) {
            node_only(d, n, "a step", all);
            return;
        }
    node_problem(d, n,
                 "this step does nothing; give it a request, think, loop, parallel, when, restart "
                 "or stop.");
}

static void read_step(struct flat *f, const struct node *n)
{
    static void (*const readers[])(struct flat *, const struct node *) = {
        read_request_step, read_think,   read_loop, read_parallel,
        read_when,         read_restart, read_stop};
    const struct node *first, *second;
    const struct doc *d = f->c->d;
    if (n->kind != NODE_GROUP) {
        node_problem(d, n, "a step must be a group, as in { request = \"GET /\"; }.");
        return;
    }
    int found = language_one_of(n, step_kinds, &first, &second);
    if (found == 0) {
        unknown_step(d, n);
        return;
    }
    if (found > 1) {
        node_problem(d, second, "a step is one thing: this one is %s already.", first->name);
        return;
    }
    for (size_t i = 0; step_kinds[i] != NULL; i++)
        if (strcmp(step_kinds[i], first->name) == 0)
            readers[i](f, n);
}

static void steps_read_list(struct flat *f, const struct node *list)
{
    if (!node_is(f->c->d, list, NODE_LIST))
        return;
    if (list->n == 0)
        node_problem(f->c->d, list, "%s is empty.", list->name);
    for (size_t i = 0; i < list->n; i++)
        read_step(f, &list->items[i]);
}

void language_steps(struct context *c, const struct node *list, struct steps *out,
                    struct user_class *u)
{
    struct flat f = {.c = c, .out = out};
    f.beside_tasks = out == &u->on_start ? "on_start" : out == &u->on_stop ? "on_stop" : NULL;
    bool is_start = out == &u->on_start, is_task = !is_start && out != &u->on_stop;
    struct flow own = {0};
    if (!is_task)
        own = language_flow_begin(c, is_start ? FLOW_START : FLOW_STOP);
    f.flow = is_task ? &c->tasks_flow : &own;
    steps_read_list(&f, list);
    language_flow_end(&own);
    language_uses(c->p, out, u);
}

void language_single(const struct request *r, struct steps *out)
{
    out->items = mem_zalloc(sizeof *out->items);
    out->items[out->n++] = (struct step){.kind = STEP_REQUEST, .request = r};
}
