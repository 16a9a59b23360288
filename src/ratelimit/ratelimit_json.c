/* SPDX-License-Identifier: MIT */
#include <jansson.h>

#include "config.h"
#include "src/ratelimit/ratelimit.h"
#include "src/report/json_value.h"

static const char *const ends[] = {"interrupted", "found", "never", "no user", "lost"};
static const char *const recoveries[] = {"not asked", "too long", "recovered", "still refused",
                                         "interrupted"};

static json_t *json_limit_grade(enum ratelimit_grade g)
{
    return g == RATELIMIT_NOTE ? json_null() : json_string(ratelimit_grade_word(g));
}

static json_t *json_limit_scope(enum ratelimit_scope s)
{
    const char *word = ratelimit_scope_word(s);
    return word == NULL ? json_null() : json_string(word);
}

static json_t *seconds_or_null(bool there, double s)
{
    return there ? jv_number(s, 3) : json_null();
}

static json_t *json_quota_value(const struct quota_value *v)
{
    return seconds_or_null(v->readable, v->value);
}

static json_t *json_expected(const struct ratelimit *l)
{
    json_t *o = json_object(), *after = json_array();
    json_array_append_new(after, json_integer(l->after_min));
    json_array_append_new(after, json_integer(l->after_max));
    json_object_set_new(o, "after", after);
    json_object_set_new(o, "per", json_limit_scope(l->per));
    json_object_set_new(o, "window_s", seconds_or_null(l->window_s > 0, l->window_s));
    json_object_set_new(o, "retry_after", json_boolean(l->retry_after));
    json_object_set_new(o, "longest_wait_s", jv_number(l->wait_s, 3));
    return o;
}

static json_t *json_refusal(const struct ratelimit *l)
{
    json_t *o = json_object();
    json_object_set_new(o, "retry_after_s", json_quota_value(&l->refusal.retry_after));
    json_object_set_new(o, "limit", json_quota_value(&l->refusal.limit));
    json_object_set_new(o, "remaining", json_quota_value(&l->refusal.remaining));
    json_object_set_new(o, "reset_s", json_quota_value(&l->refusal.reset));
    return o;
}

static json_t *json_recovery(const struct ratelimit *l)
{
    json_t *o = json_object();
    bool waited = l->recovery >= RATELIMIT_RECOVERED;
    json_object_set_new(o, "end", json_string(recoveries[l->recovery]));
    json_object_set_new(o, "told_s", seconds_or_null(l->told_by != RATELIMIT_SILENCE, l->told_s));
    json_object_set_new(o, "took_s", seconds_or_null(waited, l->recovered_s));
    json_object_set_new(o, "requests", json_integer(l->asked));
    return o;
}

static json_t *json_findings(const struct ratelimit *l)
{
    struct ratelimit_finding f[RATELIMIT_FINDINGS];
    size_t n = ratelimit_findings(l, f);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *o = json_object();
        json_object_set_new(o, "subject", json_string(f[i].subject));
        json_object_set_new(o, "verdict", json_limit_grade(f[i].grade));
        json_object_set_new(o, "text", jv_text(f[i].text));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *json_limit(const struct ratelimit *l)
{
    json_t *o = json_object();
    bool found = l->end == RATELIMIT_FOUND;
    json_object_set_new(o, "name", jv_text(l->name));
    json_object_set_new(o, "class", jv_text(l->class));
    json_object_set_new(o, "method", jv_text(l->method));
    json_object_set_new(o, "endpoint", jv_text(l->endpoint));
    json_object_set_new(o, "status", json_integer(l->status));
    json_object_set_new(o, "expected", json_expected(l));
    json_object_set_new(o, "end", json_string(ends[l->end]));
    json_object_set_new(o, "accepted", json_integer(l->accepted));
    json_object_set_new(o, "unexpected", json_integer(l->unexpected));
    json_object_set_new(o, "unanswered", json_integer(l->unanswered));
    json_object_set_new(o, "on_start_requests", json_integer(l->before));
    json_object_set_new(o, "seconds", jv_number(l->took_s, 3));
    json_object_set_new(o, "refusal", found ? json_refusal(l) : json_null());
    json_object_set_new(o, "held", l->held_asked ? json_boolean(l->held) : json_null());
    json_object_set_new(o, "per", json_limit_scope(l->scope));
    json_object_set_new(o, "recovery", found ? json_recovery(l) : json_null());
    json_object_set_new(o, "verdict", json_limit_grade(ratelimit_grade(l)));
    json_object_set_new(o, "findings", json_findings(l));
    return o;
}

char *ratelimits_json(const struct ratelimits *l)
{
    json_t *o = json_object(), *list = json_array();
    json_object_set_new(o, "schema", json_string("ramptop-limits/1"));
    json_object_set_new(o, "version", json_string(PACKAGE_VERSION));
    json_object_set_new(o, "target", jv_text(l->target));
    json_object_set_new(o, "profile", jv_text(l->profile));
    json_object_set_new(o, "interrupted", json_boolean(l->interrupted));
    json_object_set_new(o, "verdict", json_limit_grade(ratelimits_worst(l)));
    for (size_t i = 0; i < l->n; i++)
        json_array_append_new(list, json_limit(&l->items[i]));
    json_object_set_new(o, "limits", list);
    return jv_finish(o);
}
