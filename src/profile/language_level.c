/* SPDX-License-Identifier: MIT */
/* Levels: a number of users, stages, or bursts; and which classes they are of. */
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/language_parts.h"

#define BURST_SPAWN_LEAST 10 /* users per second */
#define MAX_STAGES 1000u
#define MAX_REPEAT 100000
#define MAX_FIXED (2 * PROFILE_MAX_USERS)
#define MAX_MIX_WORK (UINT64_C(50) * 1000000)
#define MAX_BURST_PAUSE_S 86400u

static bool level_read_users(struct context *c, const struct node *n, int64_t least, uint32_t *out)
{
    int64_t v;
    if (!node_whole(c->d, n, least, PROFILE_MAX_USERS, &v))
        return false;
    if (c->p->max_users > 0 && v > c->p->max_users)
        node_problem(c->d, n, "%s is more than limits.max_users allows (%u).", n->name,
                     c->p->max_users);
    *out = (uint32_t)v;
    return true;
}

static void read_spawn_rate(const struct doc *d, const struct node *group, struct level *l)
{
    const struct node *rate = node_get(group, "spawn_rate");
    l->spawn_rate = l->users > 10 ? (double)l->users / 10 : 1;
    if (rate != NULL)
        node_rate(d, rate, LANGUAGE_MAX_SPAWN_RATE, &l->spawn_rate);
}

/* ----------------------------------------------------------------- three kinds */

static void read_steady(struct context *c, const struct node *group, struct level *l)
{
    static const char *const keys[] = {"users",  "spawn_rate", "run_time", "classes",
                                       "stages", "burst",      NULL};
    const struct node *users = node_get(group, "users"), *run_time = node_get(group, "run_time");
    node_only(c->d, group, "a level", keys);
    if (users != NULL)
        level_read_users(c, users, 1, &l->users);
    else if (!node_meant(group, "users") && !node_meant(group, "stages") &&
             !node_meant(group, "burst"))
        node_problem(c->d, group, "the level \"%.60s\" has no users.", group->name);
    read_spawn_rate(c->d, group, l);
    if (run_time != NULL && node_duration(c->d, run_time, &l->run_time_ns) && l->run_time_ns == 0)
        node_problem(c->d, run_time, "run_time must be more than 0; leave it out for no end.");
}

static void read_stage(struct context *c, const struct node *group, bool last, struct stage *s)
{
    static const char *const keys[] = {"users", "over", "hold", NULL};
    const struct node *users = node_get(group, "users"), *over = node_get(group, "over"),
                      *hold = node_get(group, "hold");
    if (!node_is(c->d, group, NODE_GROUP))
        return;
    node_only(c->d, group, "a stage", keys);
    if (users != NULL)
        level_read_users(c, users, 0, &s->users);
    else if (!node_meant(group, "users"))
        node_problem(c->d, group, "this stage has no users.");
    if (over != NULL)
        node_duration(c->d, over, &s->over_ns);
    if (hold != NULL)
        node_duration(c->d, hold, &s->hold_ns);
    else if (last)
        s->hold_ns = UINT64_MAX;
}

static void add_up(const struct doc *d, const struct node *list, struct level *l)
{
    bool ends = true;
    for (size_t i = 0; i < l->n_stages; i++) {
        const struct stage *s = &l->stages[i];
        l->users = s->users > l->users ? s->users : l->users;
        ends = s->hold_ns != UINT64_MAX;
        l->run_time_ns += s->over_ns + (ends ? s->hold_ns : 0);
    }
    if (l->users == 0)
        node_problem(d, list, "no stage has a user.");
    else if (ends && l->run_time_ns == 0)
        node_problem(d, list, "the stages take no time; give them over or hold.");
    l->run_time_ns = ends ? l->run_time_ns : 0;
}

static void level_read_stages(struct context *c, const struct node *group, const struct node *list,
                              struct level *l)
{
    static const char *const keys[] = {"stages", "classes", NULL};
    size_t before = c->d->problems->n + c->d->problems->dropped;
    l->kind = LEVEL_STAGES;
    l->spawn_rate = 1;
    node_only(c->d, group, "a level with stages", keys);
    if (!node_is(c->d, list, NODE_LIST))
        return;
    if (list->n == 0 || list->n > MAX_STAGES) {
        node_problem(c->d, list, list->n == 0 ? "stages is empty." : "there are too many stages.");
        return;
    }
    l->stages = mem_array(list->n, sizeof *l->stages);
    for (size_t i = 0; i < list->n; i++)
        read_stage(c, &list->items[i], i + 1 == list->n, &l->stages[l->n_stages++]);
    if (c->d->problems->n + c->d->problems->dropped == before)
        add_up(c->d, list, l);
}

static void check_burst_keys(const struct doc *d, const struct node *group)
{
    static const char *const own[] = {"burst", "repeat", "every", "spawn_rate", "classes", NULL};
    const char *keys[32];
    size_t n = 0;
    for (size_t i = 0; own[i] != NULL; i++)
        keys[n++] = own[i];
    for (size_t i = 0; language_bound_keys[i] != NULL; i++)
        keys[n++] = language_bound_keys[i];
    keys[n] = NULL;
    node_only(d, group, "a level with a burst", keys);
}

static void read_burst(struct context *c, const struct node *group, const struct node *burst,
                       struct level *l)
{
    const struct node *repeat = node_get(group, "repeat"), *every = node_get(group, "every");
    int64_t times = 1;
    l->kind = LEVEL_BURST;
    check_burst_keys(c->d, group);
    level_read_users(c, burst, 1, &l->users);
    read_spawn_rate(c->d, group, l);
    /* The users only make themselves ready: nobody waits ten seconds for that. */
    if (node_get(group, "spawn_rate") == NULL && !node_meant(group, "spawn_rate"))
        l->spawn_rate = l->users > BURST_SPAWN_LEAST ? l->users : BURST_SPAWN_LEAST;
    if (repeat != NULL)
        node_whole(c->d, repeat, 1, MAX_REPEAT, &times);
    l->repeat = (uint32_t)times;
    if (every != NULL)
        language_time(c->d, every, MAX_BURST_PAUSE_S, &l->every_ns);
    if (times > 1 && every == NULL && !node_meant(group, "every"))
        node_problem(c->d, repeat, "repeat needs every: the time from one burst to the next.");
    else if (every != NULL && repeat == NULL && !node_meant(group, "repeat"))
        node_problem(c->d, every, "every needs repeat: how many bursts there are.");
    if (language_bounds(c->d, group, &l->goal))
        l->goal.name = mem_strdup(l->name);
}

/* ------------------------------------------------------------------------ mixes */

static void weigh(struct context *c, const struct node *n, const char *name, int64_t weight,
                  unsigned *weights)
{
    const struct class_ref *ref = language_class(c, n, name);
    if (ref == NULL || ref->place < 0)
        return; /* the command line leaves it out */
    const struct user_class *u = &c->p->classes[ref->place];
    if (weight < 0)
        weight = u->weight > 0 ? u->weight : 1;
    weights[ref->place] = c->o->equal_weights && weight > 0 ? 1 : (unsigned)weight;
}

static bool read_weights(struct context *c, const struct node *n, unsigned *weights)
{
    const struct node *items;
    if (n->kind == NODE_GROUP) {
        int64_t weight;
        for (size_t i = 0; i < n->n; i++)
            if (node_whole(c->d, &n->items[i], 0, LANGUAGE_MAX_WEIGHT, &weight))
                weigh(c, &n->items[i], n->items[i].name, weight, weights);
        if (n->n == 0)
            node_problem(c->d, n, "classes is empty.");
        return n->n > 0;
    }
    if (n->kind != NODE_ARRAY && n->kind != NODE_LIST && n->kind != NODE_STRING) {
        node_problem(c->d, n,
                     "classes must be an array of names or a group of weights, as in "
                     "[\"reader\"] or { reader = 3; writer = 1; }.");
        return false;
    }
    int count = node_texts(c->d, n, &items);
    for (int i = 0; i < count; i++)
        weigh(c, &items[i], items[i].string, -1, weights);
    return count > 0;
}

/* Many levels of many classes would take long to lay out; false: no more of them. */
static bool mixes_fit(struct context *c, const struct node *n, const unsigned *weights)
{
    uint64_t sum = 0, fixed = 0, classes = 0;
    bool before = c->mixed <= MAX_FIXED && c->mix_work <= MAX_MIX_WORK;
    for (size_t i = 0; i < c->p->n_classes; i++) {
        fixed += weights[i] > 0 ? c->p->classes[i].fixed_count : 0;
        sum += weights[i];
        classes += weights[i] > 0;
    }
    c->mixed += fixed;
    c->mix_work += sum * classes;
    if (before && c->mixed > MAX_FIXED)
        node_problem(c->d, n, "the classes of all levels have fixed counts of more than %u in all.",
                     MAX_FIXED);
    else if (before && c->mix_work > MAX_MIX_WORK)
        node_problem(c->d, n,
                     "the levels have too many classes with large weights; use smaller "
                     "ones.");
    return c->mixed <= MAX_FIXED && c->mix_work <= MAX_MIX_WORK;
}

static void add_mix(struct context *c, const struct node *n, const unsigned *weights,
                    struct level *l)
{
    struct err e;
    if (!mixes_fit(c, n, weights))
        return;
    l->mix = mem_zalloc(sizeof *l->mix);
    if (!build_mix(c->p, weights, l->mix, &e))
        node_problem(c->d, n, "%s.", e.text);
}

/* With nothing left of it by the command line, a level has the mix of what is left. */
static void read_mix(struct context *c, const struct node *n, struct level *l)
{
    if (n == NULL || c->p->n_classes == 0)
        return;
    unsigned *weights = mem_array(c->p->n_classes, sizeof *weights);
    size_t before = c->d->problems->n + c->d->problems->dropped;
    bool ok = read_weights(c, n, weights) && c->d->problems->n + c->d->problems->dropped == before;
    bool any = c->o->n_classes + c->o->n_tags + c->o->n_exclude_tags == 0;
    for (size_t i = 0; i < c->p->n_classes; i++)
        any = any || weights[i] > 0;
    if (ok && any)
        add_mix(c, n, weights, l);
    free(weights);
}

static void read_level(struct context *c, const struct node *group, struct level *l)
{
    static const char *const kinds[] = {"users", "stages", "burst", NULL};
    const struct node *first, *second;
    l->name = build_name(group->name);
    if (!node_is(c->d, group, NODE_GROUP))
        return;
    int found = language_one_of(group, kinds, &first, &second);
    if (found > 1)
        node_problem(c->d, second,
                     "a level has either users, stages or a burst; this one has %s "
                     "already.",
                     first->name);
    else if (found == 1 && strcmp(first->name, "stages") == 0)
        level_read_stages(c, group, first, l);
    else if (found == 1 && strcmp(first->name, "burst") == 0)
        read_burst(c, group, first, l);
    else
        read_steady(c, group, l);
    read_mix(c, node_get(group, "classes"), l);
}

void language_levels(struct context *c, const struct node *group)
{
    if (group == NULL || !node_is(c->d, group, NODE_GROUP))
        return;
    c->p->levels = mem_array(group->n + 1, sizeof *c->p->levels);
    for (size_t i = 0; i < group->n; i++)
        read_level(c, &group->items[i], &c->p->levels[c->p->n_levels++]);
}
