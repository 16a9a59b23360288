/* SPDX-License-Identifier: MIT */
/* User classes: how many, how they wait, what they do. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/profile/language_parts.h"

#define MAX_CLASSES 1000u
#define MAX_TAGS 64
#define MAX_THROUGHPUT 1000000.0

/* ---------------------------------------------------------------------- waits */

static void read_between(const struct doc *d, const struct node *n, struct wait *w)
{
    w->kind = WAIT_BETWEEN;
    if (!node_is_sequence(d, n))
        return;
    if (n->n != 2) {
        node_problem(d, n, "between must be two times, as in [1.0, 3.0].");
        return;
    }
    if (!node_duration(d, &n->items[0], &w->min_ns) || !node_duration(d, &n->items[1], &w->max_ns))
        return;
    if (w->min_ns > w->max_ns)
        node_problem(d, n, "the first time of between is longer than the second; swap them.");
}

/* Tasks per second and user: the pace is its inverse. */
static void read_throughput(const struct doc *d, const struct node *n, struct wait *w)
{
    double rate;
    w->kind = WAIT_PACING;
    if (!node_rate(d, n, MAX_THROUGHPUT, &rate))
        return;
    if (rate < 1e-7)
        node_problem(d, n, "throughput is so small that no second task begins within months.");
    else
        w->min_ns = (uint64_t)llround(1e9 / rate);
}

static void read_even(const struct doc *d, const struct node *n, struct wait *w)
{
    w->kind = strcmp(n->name, "constant") == 0 ? WAIT_CONSTANT
              : strcmp(n->name, "pacing") == 0 ? WAIT_PACING
                                               : WAIT_EXPONENTIAL;
    if (node_duration(d, n, &w->min_ns) && w->min_ns == 0 && w->kind != WAIT_CONSTANT)
        node_problem(d, n, "%s must be more than 0.", n->name);
}

static void language_wait(const struct doc *d, const struct node *n, struct wait *w)
{
    static const char *const keys[] = {"constant",   "between",     "pacing",
                                       "throughput", "exponential", NULL};
    const struct node *first, *second;
    if (n == NULL)
        return;
    if (n->kind != NODE_GROUP) {
        node_problem(d, n,
                     "wait must be a group, as in { constant = 2.0; } or "
                     "{ between = [1.0, 3.0]; }.");
        return;
    }
    node_only(d, n, "wait", keys);
    int found = language_one_of(n, keys, &first, &second);
    if (found > 1)
        node_problem(d, second, "wait is either %s or %s, not both.", first->name, second->name);
    else if (n->n == 0)
        node_problem(d, n,
                     "wait is empty; write { constant = 1.0; } or { between = [1.0, 3.0]; }.");
    if (found != 1)
        return;
    if (strcmp(first->name, "between") == 0) {
        read_between(d, first, w);
        return;
    }
    if (strcmp(first->name, "throughput") == 0)
        read_throughput(d, first, w);
    else
        read_even(d, first, w);
    w->max_ns = w->min_ns;
}

/* ---------------------------------------------------------------------- tasks */

static void read_weight(struct context *c, const struct node *group, int64_t least,
                        unsigned *weight)
{
    const struct node *n = node_get(group, "weight");
    int64_t v = 1;
    if (n != NULL)
        node_whole(c->d, n, least, LANGUAGE_MAX_WEIGHT, &v);
    *weight = c->o->equal_weights && v > 0 ? 1 : (unsigned)v;
}

static void read_tags(const struct doc *d, const struct node *n, struct task *t)
{
    const struct node *items;
    int count = n != NULL ? node_texts(d, n, &items) : 0;
    if (count > MAX_TAGS) {
        node_problem(d, n, "a task has at most %d tags.", MAX_TAGS);
        return;
    }
    t->tags = mem_array((size_t)(count > 0 ? count : 0) + 1, sizeof *t->tags);
    for (int i = 0; i < count; i++) {
        char *tag = build_name(items[i].string);
        if (*tag == '\0')
            node_problem(d, &items[i], "a tag is empty.");
        t->tags[t->n_tags++] = tag;
    }
}

/* With steps, `name` is the task's; beside a request it is that one's. */
static void read_what(struct context *c, const struct node *group, struct task *t,
                      struct user_class *u)
{
    const struct node *steps = node_get(group, "steps");
    if (steps != NULL) {
        t->name = language_name(c->d, node_get(group, "name"));
        language_steps(c, steps, &t->steps, u);
    } else if (node_get(group, "request") != NULL) {
        struct request *r = language_request(c, group, true);
        if (r != NULL) {
            language_flow_request(c, &c->tasks_flow, group, r);
            language_single(r, &t->steps);
        }
        language_uses(c->p, &t->steps, u);
    }
    const struct request *first = steps_first_request(&t->steps);
    if (t->name == NULL)
        t->name = first != NULL && first->name != NULL ? mem_strdup(first->name)
                                                       : mem_printf("task %zu", u->n_tasks + 1);
}

static void check_task_keys(struct context *c, const struct node *group, bool list)
{
    static const char *const own[] = {"name", "weight", "tags", "wait", "steps", NULL};
    const char *keys[64];
    size_t n = 0;
    for (size_t i = 0; own[i] != NULL; i++)
        keys[n++] = own[i];
    if (!list) {
        n--; /* not steps */
        for (size_t i = 0; language_request_keys[i] != NULL; i++)
            keys[n++] = language_request_keys[i];
    }
    keys[n] = NULL;
    node_only(c->d, group, list ? "a task with steps" : "a task", keys);
}

static void read_task(struct context *c, const struct node *group, struct task *t,
                      struct user_class *u)
{
    const struct node *request = node_get(group, "request"), *steps = node_get(group, "steps"),
                      *wait = node_get(group, "wait");
    t->weight = 1;
    if (!node_is(c->d, group, NODE_GROUP))
        return;
    if (request != NULL && steps != NULL)
        node_problem(c->d, steps, "a task has either a request or steps, not both.");
    else if (request == NULL && steps == NULL && !node_meant(group, "request") &&
             !node_meant(group, "steps"))
        node_problem(c->d, group, "this task does nothing; give it a request or steps.");
    if (request == NULL || steps == NULL)
        check_task_keys(c, group, steps != NULL);
    read_weight(c, group, 1, &t->weight);
    read_tags(c->d, node_get(group, "tags"), t);
    t->own_wait = wait != NULL;
    language_wait(c->d, wait, &t->wait);
    read_what(c, group, t, u);
}

static void read_tasks(struct context *c, const struct node *class, struct user_class *u)
{
    const struct node *list = node_get(class, "tasks");
    if (list == NULL) {
        if (!node_meant(class, "tasks"))
            node_problem(c->d, class, "this user class has no tasks.");
        return;
    }
    if (!node_is(c->d, list, NODE_LIST))
        return;
    if (list->n == 0)
        node_problem(c->d, list, "tasks is empty.");
    u->tasks = mem_array(list->n + 1, sizeof *u->tasks);
    for (size_t i = 0; i < list->n; i++) {
        read_task(c, &list->items[i], &u->tasks[u->n_tasks], u);
        u->total_weight += u->tasks[u->n_tasks++].weight;
    }
}

/* ------------------------------------------------------------------- a class */

void language_enter(struct context *c, const struct class_ref *ref)
{
    const struct node *group = ref->node, *host = node_get(group, "host");
    c->class_name = ref->name;
    c->class_node = group;
    c->here = c->common;
    c->class_headers_node = node_get(group, "headers");
    language_captured(c, group);
    c->tasks_flow = language_flow_begin(c, FLOW_TASKS);
    if (host != NULL)
        language_base(c, host, &c->here);
    language_common(c, group, &c->here);
    language_headers(c, c->class_headers_node, &c->class_headers);
}

void language_leave(struct context *c)
{
    build_header_finish(&c->class_headers);
    language_flow_end(&c->tasks_flow);
    c->class_headers_node = NULL;
    c->class_name = NULL;
    c->class_node = NULL;
    c->here = c->common;
    names_forget(c->names, c->names_of_all);
}

static void read_count(struct context *c, const struct node *group, struct user_class *u)
{
    const struct node *fixed = node_get(group, "fixed_count"), *weight = node_get(group, "weight");
    int64_t v = 0;
    read_weight(c, group, 0, &u->weight);
    if (fixed == NULL || !node_whole(c->d, fixed, 1, PROFILE_MAX_USERS, &v))
        return;
    if (weight != NULL)
        node_problem(c->d, fixed, "a user class has either a weight or a fixed_count, not both.");
    u->fixed_count = (uint32_t)v;
}

static void read_class(struct context *c, struct class_ref *ref)
{
    static const char *const keys[] = {
        "name",    "weight",  "fixed_count", "host",    "wait",  "headers",  "auth",       "gzip",
        "cookies", "timeout", "on_start",    "on_stop", "tasks", "sequence", "restart_on", NULL};
    const struct node *group = ref->node, *start = node_get(group, "on_start"),
                      *stop = node_get(group, "on_stop"), *restart = node_get(group, "restart_on");
    struct user_class *u = &ref->read;
    u->weight = 1;
    if (!node_is(c->d, group, NODE_GROUP))
        return;
    node_only(c->d, group, "a user class", keys);
    ref->name = u->name = language_name(c->d, node_get(group, "name"));
    if (node_get(group, "name") == NULL && !node_meant(group, "name"))
        node_problem(c->d, group, "this user class has no name.");
    read_count(c, group, u);
    language_wait(c->d, node_get(group, "wait"), &u->wait);
    u->cookies = c->cookies;
    language_switch(c->d, group, "cookies", &u->cookies);
    language_switch(c->d, group, "sequence", &u->sequence);
    if (restart != NULL)
        language_statuses(c, restart, "401, 403", &u->restart_on);
    language_hidden(c->p, u);
    language_enter(c, ref);
    if (start != NULL)
        language_steps(c, start, &u->on_start, u);
    read_tasks(c, group, u);
    if (stop != NULL)
        language_steps(c, stop, &u->on_stop, u);
    language_leave(c);
}

/* ----------------------------------------------------------------- all classes */

static int by_name_and_place(const void *a, const void *b)
{
    const struct class_ref *x = *(const struct class_ref *const *)a,
                           *y = *(const struct class_ref *const *)b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : x < y ? -1 : x > y;
}

static void find_twins(struct context *c)
{
    const struct class_ref **refs = mem_array(c->n_classes + 1, sizeof *refs);
    size_t n = 0;
    for (size_t i = 0; i < c->n_classes; i++)
        if (c->classes[i].name != NULL)
            refs[n++] = &c->classes[i];
    qsort(refs, n, sizeof *refs, by_name_and_place);
    for (size_t i = 1; i < n; i++)
        if (strcmp(refs[i]->name, refs[i - 1]->name) == 0)
            node_problem(c->d, refs[i]->node, "the user class \"%s\" is also on line %u.",
                         refs[i]->name, source_line(c->d->source, refs[i - 1]->node->line));
    free(refs);
}

const struct class_ref *language_class(struct context *c, const struct node *n, const char *name)
{
    const char **words = mem_array(c->n_classes + 1, sizeof *words);
    const struct class_ref *found = NULL;
    size_t k = 0;
    char *clean = build_name(name);
    for (size_t i = 0; i < c->n_classes && found == NULL; i++) {
        if (c->classes[i].name == NULL)
            continue;
        words[k++] = c->classes[i].name;
        if (strcmp(clean, c->classes[i].name) == 0)
            found = &c->classes[i];
    }
    bool kept = c->d->problems->n < PROBLEMS_MAX;
    const char *near = found == NULL && kept ? words_nearest(clean, words) : NULL;
    if (found == NULL && near != NULL)
        node_problem(c->d, n, "there is no user class \"%s\" (did you mean \"%s\"?).", clean, near);
    else if (found == NULL)
        node_problem(c->d, n, "there is no user class \"%s\".", clean);
    free(clean);
    free(words);
    return found;
}

void language_classes(struct context *c, const struct node *root)
{
    const struct node *list = node_get(root, "user_classes");
    struct err e;
    if (list == NULL) {
        if (!node_meant(root, "user_classes"))
            node_problem(c->d, root, "the profile has no user_classes.");
        return;
    }
    if (!node_is(c->d, list, NODE_LIST))
        return;
    if (list->n == 0)
        node_problem(c->d, list, "user_classes is empty.");
    else if (list->n > MAX_CLASSES)
        node_problem(c->d, list, "there are more than %u user classes.", MAX_CLASSES);
    if (list->n == 0 || list->n > MAX_CLASSES)
        return;
    c->classes = mem_array(list->n, sizeof *c->classes);
    for (size_t i = 0; i < list->n; i++) {
        c->classes[i].node = &list->items[i];
        read_class(c, &c->classes[c->n_classes++]);
    }
    find_twins(c);
    language_select(c);
    unsigned *weights = mem_array(c->p->n_classes + 1, sizeof *weights);
    for (size_t i = 0; i < c->p->n_classes; i++)
        weights[i] = c->p->classes[i].weight;
    if (c->p->n_classes > 0 && !build_mix(c->p, weights, &c->p->mix, &e))
        node_problem(c->d, list, "%s.", e.text);
    free(weights);
}
