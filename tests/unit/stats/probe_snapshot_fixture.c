/* SPDX-License-Identifier: MIT */
#include "tests/unit/stats/probe_snapshot_fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MIB 1048576.0

void fixture_probe_snapshot(struct probe_snapshot *b, uint32_t newest_s)
{
    memset(b, 0, sizeof *b);
    b->newest_s = newest_s;
    b->elapsed_s = newest_s + 0.5;
    for (uint32_t i = 0; i < SNAP_SERIES; i++)
        for (uint32_t k = 0; k < SNAP_SERIES_POINTS; k++)
            b->history[i][k] = NAN;
}

uint32_t fixture_probe(struct probe_snapshot *b, const char *name, const char *type,
                       const char *where)
{
    struct snap_probe *p = &b->probes[b->n_probes];
    snprintf(p->name, sizeof p->name, "%s", name);
    snprintf(p->type, sizeof p->type, "%s", type);
    snprintf(p->where, sizeof p->where, "%s", where);
    p->state = PROBE_LIVE;
    p->seen_s = b->elapsed_s - 0.4;
    p->period_s = 1;
    p->took_ms = 1.6;
    p->cpu_percent = 0.21;
    p->polls = b->newest_s;
    p->answers = strcmp(type, "postgres") == 0;
    return b->n_probes++;
}

struct snap_series *fixture_series(struct probe_snapshot *b, uint32_t probe, const char *group,
                                   const char *name, enum snap_unit unit, double limit)
{
    struct snap_series *s = &b->series[b->n_series++];
    s->probe = (uint16_t)probe;
    snprintf(s->group, sizeof s->group, "%s", group);
    snprintf(s->name, sizeof s->name, "%s", name);
    s->unit = unit;
    s->main = true;
    s->resource = limit > 0;
    s->limit = limit > 0 ? limit : NAN;
    s->now = s->last = NAN;
    s->seen_s = s->first_full_s = s->first_warn_s = s->alarm_s = s->per_min = NAN;
    return s;
}

void fixture_value(struct probe_snapshot *b, uint32_t second, double v)
{
    struct snap_series *s = &b->series[b->n_series - 1];
    if (b->newest_s - second < SNAP_SERIES_POINTS)
        b->history[b->n_series - 1][second % SNAP_SERIES_POINTS] = (float)v;
    s->now = v;
    s->seen_s = second + 0.9;
    if (isnan(v))
        return;
    s->min = s->count == 0 ? v : fmin(s->min, v);
    s->max = s->count == 0 ? v : fmax(s->max, v);
    s->mean = (s->mean * (double)s->count + v) / (double)(s->count + 1);
    s->count++;
    s->last = v;
    s->alarm = v >= (s->unit == UNIT_COUNT ? 1 : 0.97) * s->limit ? ALARM_FULL : ALARM_NONE;
    if (s->alarm == ALARM_FULL && isnan(s->first_full_s))
        s->first_full_s = s->alarm_s = second + 0.1;
}

void fixture_event(struct probe_snapshot *b, double at_s, enum snap_event_kind kind,
                   const char *probe, const char *group, const char *text)
{
    struct snap_event *ev = &b->event[b->n_events++];
    b->events++;
    ev->at_s = at_s;
    ev->kind = kind;
    snprintf(ev->probe, sizeof ev->probe, "%s", probe);
    snprintf(ev->group, sizeof ev->group, "%s", group);
    snprintf(ev->text, sizeof ev->text, "%s", text);
}

/* Rises from low to high until the break, with a little noise that is always the same. */
static double rising(uint32_t second, uint32_t until, double low, double high, double noise)
{
    double part = second < until ? (double)second / until : 1;
    return low + (high - low) * part * part + noise * sin(second * 2.7) * sin(second * 0.61);
}

static void add_cpu(struct probe_snapshot *b, uint32_t docker, uint32_t break_s)
{
    struct snap_series *s = fixture_series(b, docker, "api", "cpu", UNIT_PERCENT, 100);
    for (uint32_t i = 0; i <= b->newest_s; i++)
        fixture_value(b, i, fmin(98.4, rising(i, break_s + 4, 8, 99, 1.5)));
    snprintf(s->note, sizeof s->note, "thr 41 %%");
    s->alarm = ALARM_WARN;
    s->first_full_s = NAN;
    s->first_warn_s = break_s + 6;
}

static void add_memory(struct probe_snapshot *b, uint32_t docker)
{
    struct snap_series *s = fixture_series(b, docker, "api", "mem", UNIT_BYTES, 512 * MIB);
    for (uint32_t i = 0; i <= b->newest_s; i++)
        fixture_value(b, i, floor(rising(i, b->newest_s, 190, 268, 0)) * MIB);
    s->leak = LEAK_SLOW;
    s->per_min = 1.2 * MIB;
}

static void add_pool(struct probe_snapshot *b, uint32_t db, uint32_t break_s)
{
    struct snap_series *s = fixture_series(b, db, "", "connections", UNIT_COUNT, 20);
    for (uint32_t i = 0; i <= b->newest_s; i++)
        fixture_value(b, i, i + 2 >= break_s ? 20 : floor(rising(i, break_s, 3, 18.9, 1)));
    snprintf(s->note, sizeof s->note, "7 waiting");
}

void fixture_story(struct probe_snapshot *b, uint32_t newest_s, uint32_t break_s)
{
    fixture_probe_snapshot(b, newest_s);
    uint32_t docker = fixture_probe(b, "docker", "docker", "/run/docker.sock");
    add_cpu(b, docker, break_s);
    add_memory(b, docker);
    fixture_series(b, docker, "api", "net in", UNIT_BYTES_PER_S, 0);
    for (uint32_t i = 0; i <= newest_s; i++)
        fixture_value(b, i, rising(i, break_s, 1, 3.1, 0.3) * MIB);
    uint32_t db = fixture_probe(b, "db", "postgres", "mon@127.0.0.1:5432/shop");
    add_pool(b, db, break_s);
    fixture_series(b, db, "", "tps", UNIT_PER_S, 0);
    for (uint32_t i = 0; i <= newest_s; i++)
        fixture_value(b, i, floor(rising(i, break_s, 90, 1240, 30)));
    struct snap_series *hit = fixture_series(b, db, "", "hit ratio", UNIT_PERCENT, 0);
    hit->main = false;
    for (uint32_t i = 0; i <= newest_s; i++)
        fixture_value(b, i, 99.2);
    fixture_event(b, break_s - 2 + 0.1, EVENT_FULL, "db", "", "connections reached 20 of 20");
}
