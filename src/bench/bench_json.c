/* SPDX-License-Identifier: MIT */
#include <jansson.h>

#include "config.h"
#include "src/bench/bench.h"
#include "src/report/json_value.h"

static json_t *json_step_grades(const struct bench_step *s)
{
    json_t *o = json_object();
    for (int m = 0; m < GOAL_METRICS; m++)
        if (s->grades[m] != GRADE_NONE)
            json_object_set_new(o, goal_metric_name((enum goal_metric)m),
                                json_string(grade_word(s->grades[m])));
    if (s->rate_grade != GRADE_NONE)
        json_object_set_new(o, "throughput", json_string(grade_word(s->rate_grade)));
    return o;
}

static json_t *json_grade(enum grade g)
{
    return g == GRADE_NONE ? json_null() : json_string(grade_word(g));
}

static json_t *json_step(const struct bench_step *s)
{
    json_t *o = json_object();
    json_object_set_new(o, "concurrency", json_integer(s->at));
    json_object_set_new(o, "requests", jv_count(s->requests));
    json_object_set_new(o, "failures", jv_count(s->failures));
    json_object_set_new(o, "not_sent", jv_count(s->not_sent));
    json_object_set_new(o, "failure", jv_text_or_null(s->failure));
    json_object_set_new(o, "seconds", jv_number(s->seconds, 3));
    json_object_set_new(o, "rps", jv_number(s->rps, 2));
    json_object_set_new(o, "latency_ms", jv_latency(&s->latency));
    json_object_set_new(o, "failure_latency_ms", jv_latency(&s->failed));
    json_object_set_new(o, "grades", json_step_grades(s));
    json_object_set_new(o, "verdict", json_grade(bench_step_grade(s)));
    json_object_set_new(o, "generator_limited", json_boolean(s->generator_limited));
    return o;
}

static json_t *json_bench_endpoint(const struct bench_endpoint *e)
{
    char hint[SNAP_TEXT];
    json_t *o = json_object(), *steps = json_array();
    json_object_set_new(o, "method", jv_text(e->method));
    json_object_set_new(o, "name", jv_text(e->name));
    json_object_set_new(o, "goal", jv_text_or_null(e->goal));
    json_object_set_new(o, "skipped", jv_text_or_null(e->skipped));
    json_object_set_new(o, "verdict", json_grade(bench_endpoint_grade(e)));
    json_object_set_new(o, "hint", jv_text_or_null(bench_hint(e, hint, sizeof hint)));
    for (size_t i = 0; i < e->n_steps; i++)
        json_array_append_new(steps, json_step(&e->steps[i]));
    json_object_set_new(o, "steps", steps);
    return o;
}

char *bench_json(const struct bench *b)
{
    json_t *o = json_object(), *list = json_array();
    json_object_set_new(o, "schema", json_string("ramptop-bench/1"));
    json_object_set_new(o, "version", json_string(PACKAGE_VERSION));
    json_object_set_new(o, "target", jv_text(b->target));
    json_object_set_new(o, "profile", jv_text(b->profile));
    json_object_set_new(o, "interrupted", json_boolean(b->interrupted));
    json_object_set_new(o, "verdict", json_grade(bench_worst(b)));
    for (size_t i = 0; i < b->n_endpoints; i++)
        json_array_append_new(list, json_bench_endpoint(&b->endpoints[i]));
    json_object_set_new(o, "endpoints", list);
    return jv_finish(o);
}
