/* SPDX-License-Identifier: MIT */
#include "src/profile/alone.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/build.h"

/* Where a request stands. */
struct place {
    const struct user_class *class;
    const struct steps *steps; /* a task's, or the class's on_start */
    size_t step;
};

static bool find_step(const struct steps *s, uint32_t endpoint, struct place *at)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->items[i].kind == STEP_REQUEST && s->items[i].request->endpoint == endpoint) {
            at->steps = s;
            at->step = i;
            return true;
        }
    }
    return false;
}

static bool find_in_class(const struct user_class *c, uint32_t endpoint, struct place *at)
{
    at->class = c;
    for (size_t t = 0; t < c->n_tasks; t++)
        if (find_step(&c->tasks[t].steps, endpoint, at))
            return true;
    return find_step(&c->on_start, endpoint, at);
}

static bool alone_find(const struct profile *p, uint32_t endpoint, struct place *at)
{
    for (size_t i = 0; i < p->n_classes; i++)
        if (find_in_class(&p->classes[i], endpoint, at))
            return true;
    return false;
}

/* The requests among the first n steps, one after the other; conditions stay the base's. */
static void add_before(struct steps *to, const struct steps *from, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (from->items[i].kind != STEP_REQUEST)
            continue;
        to->items = mem_room(to->items, to->n, sizeof *to->items);
        to->items[to->n++] = from->items[i];
    }
    for (size_t i = 0; i < from->n_feeders; i++) {
        to->feeders = mem_room(to->feeders, to->n_feeders, sizeof *to->feeders);
        to->feeders[to->n_feeders++] = from->feeders[i];
    }
}

static void *alone_copy(const void *items, size_t n, size_t size)
{
    void *to = mem_array(n + 1, size);
    if (n > 0)
        memcpy(to, items, n * size);
    return to;
}

static void copy_class(struct user_class *c, const struct place *at)
{
    const struct user_class *from = at->class;
    const struct request *r = at->steps->items[at->step].request;
    c->name = mem_strdup(from->name);
    c->weight = 1;
    c->cookies = from->cookies;
    c->n_feeders = from->n_feeders;
    c->feeders = alone_copy(from->feeders, from->n_feeders, sizeof(uint32_t));
    c->n_draws = from->n_draws;
    c->draws = alone_copy(from->draws, from->n_draws, sizeof(uint32_t));
    c->n_hidden = from->n_hidden;
    c->hidden = alone_copy(from->hidden, from->n_hidden, sizeof(uint32_t));
    c->n_hidden_cells = from->n_hidden_cells;
    c->hidden_cells =
        alone_copy(from->hidden_cells, from->n_hidden_cells, sizeof(struct column_ref));
    c->restart_on.n = from->restart_on.n;
    c->restart_on.codes = alone_copy(from->restart_on.codes, from->restart_on.n, sizeof(uint16_t));
    if (at->steps != &from->on_start)
        add_before(&c->on_start, &from->on_start, from->on_start.n);
    add_before(&c->on_start, at->steps, at->step);
    c->tasks = mem_zalloc(sizeof *c->tasks);
    c->n_tasks = c->total_weight = 1;
    c->tasks[0].name = mem_strdup(r->name);
    c->tasks[0].weight = 1;
    add_before(&c->tasks[0].steps,
               &(struct steps){.items = &at->steps->items[at->step],
                               .n = 1,
                               .feeders = at->steps->feeders,
                               .n_feeders = at->steps->n_feeders},
               1);
}

struct profile *profile_alone(struct profile *p, uint32_t endpoint, struct err *e)
{
    struct place at;
    if (endpoint >= p->n_endpoints || !alone_find(p, endpoint, &at)) {
        err_set(e, "no user class sends such a request");
        return NULL;
    }
    struct profile *alone = mem_zalloc(sizeof *alone);
    *alone = *p;
    alone->refs = 1;
    alone->base = profile_ref(p);
    alone->name = mem_strdup(p->name);
    alone->max_users = 0; /* the profile's cap is for its mixture */
    alone->classes = mem_zalloc(sizeof *alone->classes);
    alone->n_classes = 1;
    alone->levels = NULL;
    alone->n_levels = 0;
    copy_class(&alone->classes[0], &at);
    alone->mix = (struct mix){0};
    if (!build_mix(alone, &(unsigned){1}, &alone->mix, e)) {
        profile_unref(alone);
        return NULL;
    }
    return alone;
}
