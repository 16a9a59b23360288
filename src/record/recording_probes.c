/* SPDX-License-Identifier: MIT */
#include "src/record/recording_probes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

/* Containers may come and go for ever; a run that has had so many things is told of no others. */
#define SERIES_MAX 4096

struct recorded_series {
    char probe[SNAP_NAME], group[SNAP_GROUP], name[SNAP_SERIES_NAME];
    double limit;
};

struct recorded_probes {
    uint32_t n;
    struct recorded_series *series; /* number - 1 */
    uint64_t events;                /* written so far */
};

struct recorded_probes *recorded_probes_create(void)
{
    return mem_zalloc(sizeof(struct recorded_probes));
}

void recorded_probes_free(struct recorded_probes *p)
{
    if (p == NULL)
        return;
    free(p->series);
    free(p);
}

static bool limit_is(double a, double b)
{
    return (isnan(a) && isnan(b)) || (a >= b && a <= b);
}

/* Returns its number; 0: there is no room. */
static uint32_t series_number(struct recorded_probes *p, struct record_db *db,
                              const struct snap_probe *probe, const struct snap_series *s)
{
    uint32_t i = 0;
    while (i < p->n &&
           (strcmp(p->series[i].name, s->name) != 0 || strcmp(p->series[i].group, s->group) != 0 ||
            strcmp(p->series[i].probe, probe->name) != 0))
        i++;
    if (i < p->n && limit_is(p->series[i].limit, s->limit))
        return i + 1;
    if (i == SERIES_MAX)
        return 0;
    if (i == p->n) {
        p->series = mem_room(p->series, p->n, sizeof *p->series);
        struct recorded_series *r = &p->series[p->n++];
        snprintf(r->probe, sizeof r->probe, "%s", probe->name);
        snprintf(r->group, sizeof r->group, "%s", s->group);
        snprintf(r->name, sizeof r->name, "%s", s->name);
    }
    p->series[i].limit = s->limit;
    record_db_series(db, i + 1, probe, s);
    return i + 1;
}

void recorded_probes_write(struct recorded_probes *p, struct record_db *db,
                           const struct probe_snapshot *snap, uint32_t second)
{
    for (uint32_t i = 0; i < snap->n_series; i++) {
        const struct snap_series *s = &snap->series[i];
        float value = snap_series_value(snap, i, second);
        uint32_t number = isnan(value) ? 0 : series_number(p, db, &snap->probes[s->probe], s);
        if (number > 0)
            record_db_value(db, second, number, (double)value);
    }
    /* The newest ones are there; of more in one second the oldest are lost. */
    uint64_t first = snap->events - snap->n_events;
    for (uint32_t i = 0; i < snap->n_events; i++)
        if (first + i >= p->events)
            record_db_event(db, &snap->event[i]);
    p->events = snap->events > p->events ? snap->events : p->events;
}
