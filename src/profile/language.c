/* SPDX-License-Identifier: MIT */
#include "src/profile/language.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/build.h"
#include "src/profile/language_request.h"
#include "src/profile/url.h"

#define MAX_WEIGHT 10000
#define MAX_CLASSES 1000u
#define MAX_SPAWN_RATE 1e6

/* --------------------------------------------------------------------- tasks */

static void add_request(struct context *c, const struct node *n, struct steps *steps)
{
    const struct request *r = language_request(c, n);
    if (r != NULL)
        steps->items[steps->n++] = (struct step){.kind = STEP_REQUEST, .request = r};
}

static void read_steps(struct context *c, const struct node *list, struct task *t)
{
    if (!node_is(c->d, list, NODE_LIST))
        return;
    if (list->n == 0)
        node_problem(c->d, list, "steps is empty.");
    t->steps.items = mem_array(list->n + 1, sizeof *t->steps.items);
    for (size_t i = 0; i < list->n; i++) {
        const struct node *n = &list->items[i];
        if (n->kind != NODE_GROUP) {
            node_problem(c->d, n, "a step must be a group, as in { request = \"GET /\"; }.");
            continue;
        }
        node_only(c->d, n, "a step", language_request_keys);
        if (node_get(n, "request") == NULL && !node_meant(n, "request"))
            node_problem(c->d, n, "this step does nothing; give it a request.");
        else if (node_get(n, "request") != NULL)
            add_request(c, n, &t->steps);
    }
}

static void read_weight(const struct doc *d, const struct node *group, unsigned *weight)
{
    const struct node *n = node_get(group, "weight");
    int64_t v = 1;
    if (n != NULL)
        node_whole(d, n, 1, MAX_WEIGHT, &v);
    *weight = (unsigned)v;
}

/* The cleaned name of a class or task; NULL if there is none. */
static char *read_name(const struct doc *d, const struct node *group)
{
    const struct node *n = node_get(group, "name");
    const char *text;
    if (n == NULL || !node_text(d, n, &text))
        return NULL;
    char *name = build_name(text);
    if (*name == '\0')
        node_problem(d, n, "name is empty.");
    return name;
}

static void read_task(struct context *c, const struct node *group, struct task *t)
{
    static const char *const task_keys[] = {"name", "weight", "request", "steps",   "headers",
                                            "body", "json",   "expect",  "timeout", NULL};
    static const char *const list_keys[] = {"name", "weight", "steps", NULL};
    const struct node *request = node_get(group, "request"), *steps = node_get(group, "steps");
    t->weight = 1;
    if (!node_is(c->d, group, NODE_GROUP))
        return;
    if (request != NULL && steps != NULL)
        node_problem(c->d, steps, "a task has either a request or steps, not both.");
    else if (request == NULL && steps == NULL && !node_meant(group, "request") &&
             !node_meant(group, "steps"))
        node_problem(c->d, group, "this task does nothing; give it a request or steps.");
    node_only(c->d, group, steps != NULL && request == NULL ? "a task with steps" : "a task",
              steps != NULL && request == NULL ? list_keys : task_keys);
    read_weight(c->d, group, &t->weight);
    if (steps != NULL) {
        read_steps(c, steps, t);
        t->name = read_name(c->d, group);
    } else if (request != NULL) {
        t->steps.items = mem_zalloc(sizeof *t->steps.items);
        add_request(c, group, &t->steps);
    }
    if (t->name == NULL && t->steps.n > 0)
        t->name = mem_strdup(t->steps.items[0].request->name);
}

/* -------------------------------------------------------------- user classes */

static void read_between(const struct doc *d, const struct node *n, struct wait *w)
{
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

static void read_wait(const struct doc *d, const struct node *n, struct wait *w)
{
    static const char *const keys[] = {"constant", "between", NULL};
    if (n == NULL || !node_is(d, n, NODE_GROUP))
        return;
    node_only(d, n, "wait", keys);
    const struct node *constant = node_get(n, "constant"), *between = node_get(n, "between");
    if (constant != NULL && between != NULL) {
        node_problem(d, between, "wait is either constant or between, not both.");
    } else if (constant != NULL) {
        w->kind = WAIT_CONSTANT;
        if (node_duration(d, constant, &w->min_ns))
            w->max_ns = w->min_ns;
    } else if (between != NULL) {
        w->kind = WAIT_BETWEEN;
        read_between(d, between, w);
    } else if (n->n == 0) {
        node_problem(d, n,
                     "wait is empty; write { constant = 1.0; } or { between = [1.0, 3.0]; }.");
    }
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
        read_task(c, &list->items[i], &u->tasks[u->n_tasks]);
        u->total_weight += u->tasks[u->n_tasks++].weight;
    }
}

static void read_class(struct context *c, const struct node *group, struct user_class *u)
{
    static const char *const keys[] = {"name", "weight", "wait", "headers", "tasks", NULL};
    u->weight = 1;
    u->cookies = true;
    if (!node_is(c->d, group, NODE_GROUP))
        return;
    node_only(c->d, group, "a user class", keys);
    u->name = read_name(c->d, group);
    if (node_get(group, "name") == NULL && !node_meant(group, "name"))
        node_problem(c->d, group, "this user class has no name.");
    read_weight(c->d, group, &u->weight);
    read_wait(c->d, node_get(group, "wait"), &u->wait);
    struct header_list own = {0};
    language_headers(c, node_get(group, "headers"), &own);
    build_header_merge(&c->class_headers, &c->headers);
    build_header_merge(&c->class_headers, &own);
    build_header_finish(&own);
    read_tasks(c, group, u);
    build_header_finish(&c->class_headers);
}

struct class_name {
    const char *name;
    const struct node *node;
};

static int by_name_and_place(const void *a, const void *b)
{
    const struct class_name *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : x->node < y->node ? -1 : x->node > y->node;
}

static void find_twins(struct context *c, const struct node *list)
{
    struct class_name *names = mem_array(c->p->n_classes + 1, sizeof *names);
    size_t n = 0;
    for (size_t i = 0; i < c->p->n_classes; i++) {
        if (c->p->classes[i].name != NULL)
            names[n++] = (struct class_name){c->p->classes[i].name, &list->items[i]};
    }
    qsort(names, n, sizeof *names, by_name_and_place);
    for (size_t i = 1; i < n; i++) {
        if (strcmp(names[i].name, names[i - 1].name) == 0)
            node_problem(c->d, names[i].node, "the user class \"%s\" is also on line %u.",
                         names[i].name, source_line(c->d->source, names[i - 1].node->line));
    }
    free(names);
}

static void read_classes(struct context *c, const struct node *root)
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
    c->p->classes = mem_array(list->n, sizeof *c->p->classes);
    for (size_t i = 0; i < list->n; i++)
        read_class(c, &list->items[i], &c->p->classes[c->p->n_classes++]);
    find_twins(c, list);
    unsigned *weights = mem_array(c->p->n_classes, sizeof *weights);
    for (size_t i = 0; i < c->p->n_classes; i++)
        weights[i] = c->p->classes[i].weight;
    if (!build_mix(c->p, weights, &c->p->mix, &e))
        node_problem(c->d, list, "%s.", e.text);
    free(weights);
}

/* -------------------------------------------------------------------- levels */

static void read_level(struct context *c, const struct node *group, struct level *level)
{
    static const char *const keys[] = {"users", "spawn_rate", "run_time", NULL};
    const struct node *users = node_get(group, "users"), *rate = node_get(group, "spawn_rate"),
                      *run_time = node_get(group, "run_time");
    int64_t n = 0;
    level->name = build_name(group->name);
    if (!node_is(c->d, group, NODE_GROUP))
        return;
    node_only(c->d, group, "a level", keys);
    if (users == NULL && !node_meant(group, "users"))
        node_problem(c->d, group, "the level \"%.60s\" has no users.", group->name);
    else if (users != NULL && node_whole(c->d, users, 1, PROFILE_MAX_USERS, &n) &&
             c->p->max_users > 0 && n > c->p->max_users)
        node_problem(c->d, users, "users is more than limits.max_users allows (%u).",
                     c->p->max_users);
    level->users = (uint32_t)n;
    level->spawn_rate = n > 10 ? (double)n / 10 : 1;
    if (rate != NULL)
        node_rate(c->d, rate, MAX_SPAWN_RATE, &level->spawn_rate);
    if (run_time != NULL && node_duration(c->d, run_time, &level->run_time_ns) &&
        level->run_time_ns == 0)
        node_problem(c->d, run_time, "run_time must be more than 0; leave it out for no end.");
}

static void read_levels(struct context *c, const struct node *group)
{
    if (group == NULL || !node_is(c->d, group, NODE_GROUP))
        return;
    c->p->levels = mem_array(group->n + 1, sizeof *c->p->levels);
    for (size_t i = 0; i < group->n; i++)
        read_level(c, &group->items[i], &c->p->levels[c->p->n_levels++]);
}

/* --------------------------------------------------------------- the profile */

static bool check_target(const char *text, struct url *u, struct err *e)
{
    if (!url_parse(u, text, e))
        return false;
    return u->query == NULL || err_set(e, "a target has no query; put it into the requests");
}

/* From the file, unless the command line names another. */
static void read_target(struct context *c, const struct node *root)
{
    const struct node *n = node_get(root, "target");
    const char *named = c->o->host != NULL || n != NULL ? c->o->host : c->o->under.host;
    const char *text = NULL;
    struct url file = {0}, host = {0};
    struct err e;
    if (n != NULL && node_text(c->d, n, &text) && !check_target(text, &file, &e))
        node_problem(c->d, n, "target: %s.", e.text);
    if (named != NULL && !check_target(named, &host, &e)) {
        char *shown = url_shown(named);
        problems_add(c->d->problems, "--host %.300s: %s.", shown, e.text);
        free(shown);
    }
    if (n == NULL && named == NULL && !node_meant(root, "target"))
        node_problem(c->d, root,
                     "the profile has no target; add target = \"http://HOST:PORT\"; or "
                     "give --host.");
    struct url *u = named != NULL ? &host : &file;
    if (u->path != NULL) {
        size_t len = strlen(u->path);
        while (len > 0 && u->path[len - 1] == '/')
            len--;
        c->p->target = mem_printf("%s%.*s", u->origin, (int)len, u->path);
        if (u->userinfo != NULL)
            c->userinfo = secrets_add(&c->p->secrets,
                                      secret_from(u->userinfo, strlen(u->userinfo)));
        c->origin = mem_strdup(u->origin);
    }
    url_finish(&file);
    url_finish(&host);
}

static void read_switch(const struct doc *d, const struct node *root, const char *name, bool over,
                        bool under, bool *out)
{
    const struct node *n = node_get(root, name);
    if (n != NULL)
        node_bool(d, n, out);
    *out = n == NULL && under ? true : *out || over;
}

static void read_redirects(struct context *c, const struct node *root)
{
    const struct node *n = node_get(root, "max_redirects");
    bool follow = false;
    int64_t max = PROFILE_DEFAULT_MAX_REDIRECTS;
    read_switch(c->d, root, "follow", c->o->follow, c->o->under.follow, &follow);
    if (n != NULL && node_whole(c->d, n, 1, 50, &max) && node_get(root, "follow") == NULL)
        node_problem(c->d, n, "max_redirects needs follow = true;.");
    c->max_redirects = follow ? (unsigned)max : 0;
}

static void read_limits(struct context *c, const struct node *group)
{
    static const char *const keys[] = {"max_users", NULL};
    int64_t v = 0;
    if (group == NULL || !node_is(c->d, group, NODE_GROUP))
        return;
    node_only(c->d, group, "limits", keys);
    const struct node *n = node_get(group, "max_users");
    if (n != NULL)
        node_whole(c->d, n, 1, PROFILE_MAX_USERS, &v);
    c->p->max_users = (uint32_t)v;
}

static char *name_of_file(const char *file)
{
    const char *base = strrchr(file, '/');
    base = base != NULL ? base + 1 : file;
    size_t len = strlen(base);
    if (len > 4 && strcmp(base + len - 4, ".cfg") == 0)
        len -= 4;
    char *stem = mem_strndup(base, len);
    char *name = build_name(stem);
    free(stem);
    return name;
}

static void read_override_headers(struct context *c)
{
    struct err e;
    for (size_t i = 0; i < c->o->n_headers; i++) {
        if (!build_header_line(&c->over, c->o->headers[i], &e))
            problems_add(c->d->problems, "-H: %s.", e.text);
    }
    for (size_t i = 0; i < c->o->under.n_headers; i++) {
        if (!build_header_line(&c->under, c->o->under.headers[i], &e))
            problems_add(c->d->problems, "the configuration file's header: %s.", e.text);
    }
}

static void read_all(struct context *c, const struct node *root)
{
    static const char *const keys[] = {"target", "insecure",     "http2",  "headers",
                                       "limits", "timeout",      "follow", "max_redirects",
                                       "levels", "user_classes", NULL};
    node_only(c->d, root, "a profile", keys);
    read_target(c, root);
    const struct profile_under *under = &c->o->under;
    read_switch(c->d, root, "insecure", c->o->insecure, under->insecure, &c->p->insecure);
    read_switch(c->d, root, "http2", c->o->http2, under->http2, &c->p->http2);
    read_redirects(c, root);
    language_timeout(c->d, node_get(root, "timeout"), &c->timeout_ns);
    read_limits(c, node_get(root, "limits"));
    read_override_headers(c);
    language_headers(c, node_get(root, "headers"), &c->headers);
    read_classes(c, root);
    read_levels(c, node_get(root, "levels"));
}

struct profile *language_profile(const struct doc *d, const struct node *root, const char *file,
                                 const struct profile_overrides *o)
{
    static const struct profile_overrides none;
    size_t before = d->problems->n + d->problems->dropped;
    struct context c = {.d = d,
                        .o = o != NULL ? o : &none,
                        .p = build_profile(),
                        .endpoints = mem_zalloc(sizeof *c.endpoints),
                        .names = names_create(),
                        .timeout_ns = PROFILE_DEFAULT_TIMEOUT_NS};
    if (c.o->under.timeout_ns != 0)
        c.timeout_ns = c.o->under.timeout_ns;
    c.p->name = name_of_file(file);
    c.p->file = mem_strdup(file);
    read_all(&c, root);
    build_header_finish(&c.headers);
    build_header_finish(&c.over);
    build_header_finish(&c.under);
    names_free(c.names);
    free(c.endpoints);
    free(c.origin);
    if (d->problems->n + d->problems->dropped == before)
        return c.p;
    profile_unref(c.p);
    return NULL;
}
