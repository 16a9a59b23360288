/* SPDX-License-Identifier: MIT */
#include "ui/target.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A series of a probe that never got through has no row of its own. */
static bool is_shown(const struct probe_snapshot *b, uint32_t series)
{
    const struct snap_series *s = &b->series[series];
    return b->probes[s->probe].state == PROBE_LIVE || s->count > 0 || !isnan(s->seen_s);
}

static bool series_passes(const struct probe_snapshot *b, uint32_t series, const char *filter)
{
    const struct snap_series *s = &b->series[series];
    const struct snap_probe *p = &b->probes[s->probe];
    char words[sizeof p->name + sizeof p->type + SNAP_GROUP + SNAP_SERIES_NAME];
    snprintf(words, sizeof words, "%s %s %s %s", p->name, p->type, s->group, s->name);
    return strcasestr(words, filter) != NULL;
}

/* By its state too: "down" shows those that are. */
static bool probe_passes(const struct snap_probe *p, const char *filter)
{
    char words[sizeof p->name + sizeof p->type + 16];
    snprintf(words, sizeof words, "%s %s %s", p->name, p->type, probe_state_words[p->state]);
    return strcasestr(words, filter) != NULL;
}

static size_t rows_of(const struct probe_snapshot *b, uint32_t probe, const char *filter,
                      struct target_row *out)
{
    const struct snap_probe *p = &b->probes[probe];
    size_t heads = p->text[0] != '\0' ? 2 : 1, n = heads;
    for (uint32_t i = 0; i < b->n_series && i < SNAP_SERIES; i++)
        if (b->series[i].probe == probe && is_shown(b, i) && series_passes(b, i, filter))
            out[n++] = (struct target_row){
                .kind = TARGET_SERIES, .probe = (uint16_t)probe, .series = (uint16_t)i};
    if (n == heads && !probe_passes(p, filter))
        return 0;
    out[0] = (struct target_row){.kind = TARGET_PROBE, .probe = (uint16_t)probe};
    if (heads == 2)
        out[1] = (struct target_row){.kind = TARGET_TEXT, .probe = (uint16_t)probe};
    return n;
}

size_t target_rows(const struct probe_snapshot *b, const char *filter,
                   struct target_row out[TARGET_ROWS])
{
    size_t n = 0;
    for (uint32_t p = 0; b != NULL && p < b->n_probes && p < SNAP_PROBES; p++)
        n += rows_of(b, p, filter, out + n);
    return n;
}

size_t target_count(const struct probe_snapshot *b, const char *filter)
{
    struct target_row rows[TARGET_ROWS];
    size_t n = target_rows(b, filter, rows), series = 0;
    for (size_t i = 0; i < n; i++)
        series += rows[i].kind == TARGET_SERIES;
    return series;
}

uint32_t target_series(const struct probe_snapshot *b, const char *filter, size_t at)
{
    struct target_row rows[TARGET_ROWS];
    size_t n = target_rows(b, filter, rows);
    if (n == 0)
        return SNAP_SERIES;
    at = at < n ? at : n - 1;
    for (size_t i = at; i < n; i++)
        if (rows[i].kind == TARGET_SERIES)
            return rows[i].series;
    for (size_t i = at; i-- > 0;)
        if (rows[i].kind == TARGET_SERIES)
            return rows[i].series;
    return SNAP_SERIES;
}

static bool is_held(const struct target_hold *h, const struct probe_snapshot *b,
                    const struct target_row *r)
{
    const struct snap_series *s = &b->series[r->series];
    if (r->kind != h->kind || strcmp(b->probes[r->probe].name, h->probe) != 0)
        return false;
    return r->kind != TARGET_SERIES ||
           (strcmp(s->group, h->group) == 0 && strcmp(s->name, h->name) == 0);
}

static void hold(struct target_hold *h, const struct probe_snapshot *b, const struct target_row *r,
                 int at)
{
    *h = (struct target_hold){.held = true, .cursor = at, .kind = r->kind};
    memcpy(h->probe, b->probes[r->probe].name, sizeof h->probe);
    if (r->kind != TARGET_SERIES)
        return;
    memcpy(h->group, b->series[r->series].group, sizeof h->group);
    memcpy(h->name, b->series[r->series].name, sizeof h->name);
}

int target_follow(struct target_hold *h, const struct probe_snapshot *b, const char *filter,
                  int cursor)
{
    struct target_row rows[TARGET_ROWS];
    int n = (int)target_rows(b, filter, rows), to = -1;
    bool moved = !h->held || cursor != h->cursor;
    if (n == 0)
        return cursor;
    for (int i = 0; i < n && !moved && to < 0; i++)
        to = is_held(h, b, &rows[i]) ? i : -1;
    if (to < 0 && !moved && h->kind == TARGET_TEXT) { /* the text has gone */
        h->kind = TARGET_PROBE;
        return target_follow(h, b, filter, cursor);
    }
    to = to >= 0 ? to : cursor < 0 ? 0 : cursor >= n ? n - 1 : cursor;
    hold(h, b, &rows[to], to);
    return to;
}
