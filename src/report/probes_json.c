/* SPDX-License-Identifier: MIT */
#include "src/report/probes_json.h"

#include <math.h>

#include "src/report/json_value.h"
#include "src/stats/cause.h"

/* Seconds down to the microsecond: the answer of a cache takes 0.0001 s. */
static json_t *number_or_null(const struct snap_series *s, bool known, double v)
{
    return known ? jv_number(v, s->unit == UNIT_SECONDS ? 6 : 3) : json_null();
}

static json_t *growth(const struct snap_series *s)
{
    static const char *const words[] = {[LEAK_MORE_TIME] = "undecided",
                                        [LEAK_NONE] = "none",
                                        [LEAK_SLOW] = "slow",
                                        [LEAK_FOUND] = "leak"};
    return s->leak == LEAK_NOT_JUDGED ? json_null() : json_string(words[s->leak]);
}

static json_t *series(const struct snap_series *s)
{
    bool known = s->count > 0, judged = s->leak > LEAK_MORE_TIME;
    json_t *o = json_object();
    json_object_set_new(o, "name", jv_text(s->name));
    json_object_set_new(o, "group", jv_text(s->group));
    json_object_set_new(o, "unit", json_string(snap_unit_words[s->unit]));
    json_object_set_new(o, "min", number_or_null(s, known, s->min));
    json_object_set_new(o, "mean", number_or_null(s, known, s->mean));
    json_object_set_new(o, "max", number_or_null(s, known, s->max));
    json_object_set_new(o, "last", number_or_null(s, known, s->last));
    json_object_set_new(o, "count", jv_count(s->count));
    json_object_set_new(o, "limit", jv_number(s->limit, 3));
    json_object_set_new(o, "first_full_s", jv_number(s->first_full_s, 3));
    json_object_set_new(o, "first_warn_s", jv_number(s->first_warn_s, 3));
    json_object_set_new(o, "growth", growth(s));
    json_object_set_new(o, "growth_per_min", number_or_null(s, judged, s->per_min));
    return o;
}

static json_t *probe(const struct probe_snapshot *b, uint32_t at)
{
    const struct snap_probe *p = &b->probes[at];
    json_t *o = json_object(), *list = json_array();
    json_object_set_new(o, "name", jv_text(p->name));
    json_object_set_new(o, "type", jv_text(p->type));
    json_object_set_new(o, "where", jv_text(p->where));
    json_object_set_new(o, "state", json_string(probe_state_words[p->state]));
    json_object_set_new(o, "text", jv_text(p->text));
    json_object_set_new(o, "looks", jv_count(p->polls));
    json_object_set_new(o, "failed", jv_count(p->failed));
    json_object_set_new(o, "period_s", jv_number(p->period_s, 3));
    json_object_set_new(o, "took_ms", jv_number(p->took_ms, 3));
    json_object_set_new(o, "cost_percent", jv_number(p->cpu_percent, 3));
    for (uint32_t i = 0; i < b->n_series; i++)
        if (b->series[i].probe == at)
            json_array_append_new(list, series(&b->series[i]));
    json_object_set_new(o, "series", list);
    return o;
}

static json_t *event(const struct snap_event *ev)
{
    json_t *o = json_object();
    json_object_set_new(o, "at_s", jv_number(ev->at_s, 3));
    json_object_set_new(o, "kind", json_string(snap_event_words[ev->kind]));
    json_object_set_new(o, "probe", jv_text(ev->probe));
    json_object_set_new(o, "group", jv_text(ev->group));
    json_object_set_new(o, "text", jv_text(ev->text));
    return o;
}

void probes_json(json_t *report, const struct snapshot *s, const struct probe_snapshot *b)
{
    struct cause cause;
    json_t *probes = json_array(), *events = json_array();
    for (uint32_t i = 0; b != NULL && i < b->n_probes; i++)
        json_array_append_new(probes, probe(b, i));
    for (uint32_t i = 0; b != NULL && i < b->n_events; i++)
        json_array_append_new(events, event(&b->event[i]));
    cause_find(s, b, &cause);
    json_object_set_new(report, "probes", probes);
    json_object_set_new(report, "events", events);
    json_object_set_new(report, "finding", jv_text_or_null(cause.text));
}
