/* SPDX-License-Identifier: MIT */
#include "ui/target.h"

#include <math.h>
#include <string.h>

/* What a probe that never got through would have told is no row of its own. */
static bool is_shown(const struct board *b, uint32_t series)
{
    const struct board_series *s = &b->series[series];
    return b->probes[s->probe].state == PROBE_LIVE || s->count > 0 || !isnan(s->seen_s);
}

size_t target_rows(const struct board *b, struct target_row out[TARGET_ROWS])
{
    size_t n = 0;
    if (b == NULL)
        return 0;
    for (uint32_t p = 0; p < b->n_probes && p < BOARD_PROBES; p++) {
        out[n++] = (struct target_row){.kind = TARGET_PROBE, .probe = (uint16_t)p};
        if (b->probes[p].text[0] != '\0')
            out[n++] = (struct target_row){.kind = TARGET_TEXT, .probe = (uint16_t)p};
        for (uint32_t i = 0; i < b->n_series && i < BOARD_SERIES; i++)
            if (b->series[i].probe == p && is_shown(b, i))
                out[n++] = (struct target_row){
                    .kind = TARGET_SERIES, .probe = (uint16_t)p, .series = (uint16_t)i};
    }
    return n;
}

uint32_t target_series(const struct board *b, size_t at)
{
    struct target_row rows[TARGET_ROWS];
    size_t n = target_rows(b, rows);
    if (n == 0)
        return BOARD_SERIES;
    at = at < n ? at : n - 1;
    for (size_t i = at; i < n; i++)
        if (rows[i].kind == TARGET_SERIES)
            return rows[i].series;
    for (size_t i = at; i-- > 0;)
        if (rows[i].kind == TARGET_SERIES)
            return rows[i].series;
    return BOARD_SERIES;
}

static bool is_held(const struct target_hold *h, const struct board *b, const struct target_row *r)
{
    const struct board_series *s = &b->series[r->series];
    if (r->kind != h->kind || strcmp(b->probes[r->probe].name, h->probe) != 0)
        return false;
    return r->kind != TARGET_SERIES ||
           (strcmp(s->group, h->group) == 0 && strcmp(s->name, h->name) == 0);
}

static void hold(struct target_hold *h, const struct board *b, const struct target_row *r, int at)
{
    *h = (struct target_hold){.held = true, .cursor = at, .kind = r->kind};
    memcpy(h->probe, b->probes[r->probe].name, sizeof h->probe);
    if (r->kind != TARGET_SERIES)
        return;
    memcpy(h->group, b->series[r->series].group, sizeof h->group);
    memcpy(h->name, b->series[r->series].name, sizeof h->name);
}

int target_follow(struct target_hold *h, const struct board *b, int cursor)
{
    struct target_row rows[TARGET_ROWS];
    int n = (int)target_rows(b, rows), to = -1;
    bool moved = !h->held || cursor != h->cursor;
    if (n == 0)
        return cursor;
    for (int i = 0; i < n && !moved && to < 0; i++)
        to = is_held(h, b, &rows[i]) ? i : -1;
    if (to < 0 && !moved && h->kind == TARGET_TEXT) { /* it has nothing more to say */
        h->kind = TARGET_PROBE;
        return target_follow(h, b, cursor);
    }
    to = to >= 0 ? to : cursor < 0 ? 0 : cursor >= n ? n - 1 : cursor;
    hold(h, b, &rows[to], to);
    return to;
}
