/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/list/list.h"

#define TEXT_MAX 1024

/* Valid UTF-8 whatever the profile holds: json_string refuses anything else. */
static json_t *json_clean_string(const char *s)
{
    char clean[TEXT_MAX];
    clean_text(clean, sizeof clean, s, strlen(s));
    return json_string(clean);
}

static json_t *texts(char *const *items, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_clean_string(items[i]));
    return list;
}

static json_t *json_seconds(uint64_t ns)
{
    return json_real(round((double)ns / 1e6) / 1e3);
}

static json_t *json_share(double v)
{
    return json_real(round(v * 1e6) / 1e6);
}

static json_t *wait(const struct wait *w)
{
    static const char *const kinds[] = {[WAIT_NONE] = "none",
                                        [WAIT_CONSTANT] = "constant",
                                        [WAIT_BETWEEN] = "between",
                                        [WAIT_PACING] = "pacing",
                                        [WAIT_EXPONENTIAL] = "exponential"};
    json_t *o = json_object();
    json_object_set_new(o, "kind", json_string(kinds[w->kind]));
    json_object_set_new(o, "min_s", json_seconds(w->min_ns));
    json_object_set_new(o, "max_s", json_seconds(w->max_ns));
    return o;
}

static json_t *json_task(const struct profile *p, const struct user_class *c, const struct task *t)
{
    json_t *o = json_object();
    json_object_set_new(o, "name", json_clean_string(t->name));
    json_object_set_new(o, "weight", json_integer(t->weight));
    json_object_set_new(o, "share_of_class", json_share(list_task_share(c, t)));
    json_object_set_new(o, "share", json_share(list_class_share(p, c) * list_task_share(c, t)));
    json_object_set_new(o, "tags", texts(t->tags, t->n_tags));
    json_object_set_new(o, "wait", t->own_wait ? wait(&t->wait) : json_null());
    return o;
}

static json_t *user_class(const struct profile *p, const struct user_class *c)
{
    json_t *o = json_object(), *tasks = json_array();
    for (size_t i = 0; i < c->n_tasks; i++)
        json_array_append_new(tasks, json_task(p, c, &c->tasks[i]));
    json_object_set_new(o, "name", json_clean_string(c->name));
    json_object_set_new(o, "weight", json_integer(c->weight));
    json_object_set_new(o, "fixed_count",
                        c->fixed_count > 0 ? json_integer(c->fixed_count) : json_null());
    json_object_set_new(o, "share", json_share(list_class_share(p, c)));
    json_object_set_new(o, "sequence", json_boolean(c->sequence));
    json_object_set_new(o, "wait", wait(&c->wait));
    json_object_set_new(o, "tasks", tasks);
    return o;
}

static json_t *stages(const struct level *l)
{
    json_t *list = json_array();
    for (size_t i = 0; i < l->n_stages; i++) {
        const struct stage *s = &l->stages[i];
        json_t *o = json_object();
        json_object_set_new(o, "users", json_integer(s->users));
        json_object_set_new(o, "over_s", json_seconds(s->over_ns));
        json_object_set_new(o, "hold_s",
                            s->hold_ns == UINT64_MAX ? json_null() : json_seconds(s->hold_ns));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *json_class_mix(const struct profile *p, const struct mix *m)
{
    json_t *o = json_object();
    for (size_t i = 0; i < p->n_classes; i++)
        json_object_set_new(o, p->classes[i].name, json_share(list_mix_share(m, i)));
    return o;
}

static json_t *level(const struct profile *p, const struct level *l)
{
    json_t *o = json_object();
    json_object_set_new(o, "name", json_clean_string(l->name));
    json_object_set_new(o, "kind", json_string(list_level_kind(l)));
    json_object_set_new(o, "users", json_integer(l->users));
    json_object_set_new(o, "spawn_rate",
                        l->kind == LEVEL_STAGES ? json_null() : json_real(l->spawn_rate));
    json_object_set_new(o, "run_time_s",
                        l->run_time_ns > 0 ? json_seconds(l->run_time_ns) : json_null());
    if (l->kind == LEVEL_STAGES)
        json_object_set_new(o, "stages", stages(l));
    if (l->kind == LEVEL_BURST) {
        json_object_set_new(o, "repeat", json_integer(l->repeat));
        json_object_set_new(o, "every_s", json_seconds(l->every_ns));
    }
    json_object_set_new(o, "mix", l->mix != NULL ? json_class_mix(p, l->mix) : json_null());
    return o;
}

static json_t *json_endpoint(const struct endpoint *e)
{
    json_t *o = json_object();
    json_object_set_new(o, "method", json_clean_string(e->method));
    json_object_set_new(o, "name", json_clean_string(e->name));
    return o;
}

/* [target, acceptable] */
static json_t *bound(const struct bound *b, double scale)
{
    json_t *pair = json_array();
    json_array_append_new(pair, json_real(b->target * scale));
    json_array_append_new(pair, json_real(b->acceptable * scale));
    return pair;
}

static json_t *goal(const struct goal *g)
{
    static const char *const names[GOAL_METRICS] = {[GOAL_AVERAGE] = "average_ms",
                                                    [GOAL_P50] = "p50_ms",
                                                    [GOAL_P95] = "p95_ms",
                                                    [GOAL_P99] = "p99_ms",
                                                    [GOAL_SUCCESS] = "success"};
    json_t *o = json_object(), *rates = json_array();
    json_object_set_new(o, "name", json_clean_string(g->name));
    json_object_set_new(o, "endpoints", texts(g->patterns, g->n_patterns));
    for (int m = 0; m < GOAL_METRICS; m++) {
        if (g->bounds[m].set)
            json_object_set_new(o, names[m], bound(&g->bounds[m], m == GOAL_SUCCESS ? 1 : 1e-3));
    }
    for (size_t i = 0; i < g->n_rates; i++) {
        json_t *r = json_object();
        json_object_set_new(r, "at", json_integer(g->rates[i].at));
        json_object_set_new(r, "rps", bound(&g->rates[i].rps, 1));
        json_array_append_new(rates, r);
    }
    json_object_set_new(o, "throughput", rates);
    return o;
}

static json_t *rate_limit(const struct profile *p, const struct rate_limit *l)
{
    json_t *o = json_object();
    json_object_set_new(o, "name", json_clean_string(l->name));
    json_object_set_new(o, "class", json_clean_string(p->classes[l->class].name));
    json_object_set_new(o, "method", json_clean_string(l->request->method));
    json_object_set_new(o, "endpoint", json_clean_string(l->request->name));
    json_object_set_new(o, "after_min", json_integer(l->after_min));
    json_object_set_new(o, "after_max", json_integer(l->after_max));
    json_object_set_new(o, "status", json_integer(l->status));
    json_object_set_new(o, "per",
                        l->per == LIMIT_PER_USER      ? json_string("user")
                        : l->per == LIMIT_PER_ADDRESS ? json_string("address")
                                                      : json_null());
    json_object_set_new(o, "window_s", l->window_ns > 0 ? json_seconds(l->window_ns) : json_null());
    json_object_set_new(o, "max_requests", json_integer(l->max_requests));
    json_object_set_new(o, "recovers_s", json_seconds(l->recovers_ns));
    json_object_set_new(o, "retry_after", json_boolean(l->retry_after));
    return o;
}

/* told: "http://other: X-Api-Key, X-Run" */
static json_t *header_names_left_out(const char *told)
{
    json_t *o = json_object(), *names = json_array();
    const char *colon = strstr(told, ": ");
    char *server = mem_strndup(told, colon != NULL ? (size_t)(colon - told) : strlen(told));
    for (const char *at = colon; at != NULL; at = strstr(at, ", ")) {
        at += 2;
        const char *end = strstr(at, ", ");
        char *name = mem_strndup(at, end != NULL ? (size_t)(end - at) : strlen(at));
        json_array_append_new(names, json_clean_string(name));
        free(name);
    }
    json_object_set_new(o, "server", json_clean_string(server));
    json_object_set_new(o, "headers", names);
    free(server);
    return o;
}

static json_t *json_probe(const struct probe_spec *s)
{
    json_t *o = json_object();
    char *what = list_probe_what(s);
    json_object_set_new(o, "name", json_clean_string(s->name));
    json_object_set_new(o, "type", json_clean_string(probe_spec_word(s)));
    json_object_set_new(o, "watches", json_clean_string(what));
    json_object_set_new(o, "every_s", s->period_ns > 0 ? json_seconds(s->period_ns) : json_null());
    free(what);
    return o;
}

char *list_json(const struct profile *p)
{
    json_t *o = json_object(), *classes = json_array(), *levels = json_array(),
           *endpoints = json_array(), *goals = json_array(), *limits = json_array(),
           *probes = json_array(), *left_out = json_array();
    for (size_t i = 0; i < p->n_requests; i++) {
        const char *told = list_request_left_out(p, i);
        if (told != NULL)
            json_array_append_new(left_out, header_names_left_out(told));
    }
    for (size_t i = 0; i < p->n_classes; i++)
        json_array_append_new(classes, user_class(p, &p->classes[i]));
    for (size_t i = 0; i < p->n_levels; i++)
        json_array_append_new(levels, level(p, &p->levels[i]));
    for (size_t i = 0; i < p->n_endpoints; i++)
        json_array_append_new(endpoints, json_endpoint(&p->endpoints[i]));
    for (size_t i = 0; i < p->n_goals; i++)
        json_array_append_new(goals, goal(&p->goals[i]));
    for (size_t i = 0; i < p->n_rate_limits; i++)
        json_array_append_new(limits, rate_limit(p, &p->rate_limits[i]));
    for (size_t i = 0; i < p->probes.n; i++)
        json_array_append_new(probes, json_probe(p->probes.items[i]));
    json_object_set_new(o, "schema", json_string("ramptop-list/1"));
    json_object_set_new(o, "profile", json_clean_string(p->name));
    json_object_set_new(o, "target", json_clean_string(p->target));
    json_object_set_new(o, "max_users",
                        p->max_users > 0 ? json_integer(p->max_users) : json_null());
    json_object_set_new(o, "classes", classes);
    json_object_set_new(o, "levels", levels);
    json_object_set_new(o, "endpoints", endpoints);
    json_object_set_new(o, "goals", goals);
    json_object_set_new(o, "rate_limits", limits);
    json_object_set_new(o, "probes", probes);
    json_object_set_new(o, "not_sent", left_out);
    char *dump = json_dumps(o, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    json_decref(o);
    char *out = mem_printf("%s\n", dump != NULL ? dump : "{}");
    free(dump);
    return out;
}
