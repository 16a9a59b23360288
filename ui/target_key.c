/* SPDX-License-Identifier: MIT */
#include "ui/target_key.h"

#include "ui/series.h"
#include "ui/target.h"

#define PANEL_END 100000 /* more than any panel has: the layout clamps it */

/* The row under the cursor; false without any. */
static bool target_row_at(const struct action_view *v, struct target_row *out)
{
    struct target_row rows[TARGET_ROWS];
    size_t n = target_rows(v->probe_snap, v->state.filter[LIST_TARGET], rows),
           at = (size_t)v->state.cursor;
    if (n == 0)
        return false;
    *out = rows[at < n ? at : n - 1];
    return true;
}

static struct action details_ask(struct action_view *v, const struct target_row *row)
{
    const struct snap_probe *p = &v->probe_snap->probes[row->probe];
    if (p->state == PROBE_OFF)
        return action_message(ACTION_REFUSE,
                              p->ended ? "%.40s is not watched now (R: again)."
                                       : "%.40s is off: the profile in force does not watch it.",
                              p->name);
    if (!p->answers)
        return action_message(ACTION_REFUSE, "The probe %.40s has no details to tell.", p->name);
    v->state.panel = PANEL_DETAIL;
    v->state.panel_scroll = 0;
    return action_send(COMMAND_PROBE_ASK, row->probe);
}

static struct action series_expand(struct action_view *v, const struct target_row *row)
{
    if (v->state.panel != PANEL_NONE) {
        v->state.panel = PANEL_NONE;
        return action_nothing();
    }
    if (row->kind != TARGET_SERIES)
        return v->probe_snap->probes[row->probe].answers
                   ? details_ask(v, row)
                   : action_message(ACTION_SAY, "enter on a series shows its chart");
    v->state.panel = PANEL_SERIES;
    return action_nothing();
}

static struct action series_choose(struct action_view *v, uint32_t series)
{
    char label[SNAP_SERIES_LABEL];
    snap_series_label(v->probe_snap, series, label, sizeof label);
    if (!series_toggle(&v->state.choice, v->probe_snap, series))
        return action_message(ACTION_REFUSE,
                              "There are %d series on the overview, which is the most.",
                              SERIES_CHOSEN);
    uint32_t place = series_place(&v->state.choice, v->probe_snap, series);
    if (place == 0)
        return action_message(ACTION_SAY, "%.120s is off the overview", label);
    return action_message(ACTION_SAY, "%.120s is row %u of the overview (K, J: up, down)", label,
                          place);
}

static struct action series_shift(struct action_view *v, uint32_t series, int by)
{
    if (series_place(&v->state.choice, v->probe_snap, series) == 0)
        return action_message(ACTION_SAY, "c takes the series to the overview first");
    if (!series_move(&v->state.choice, v->probe_snap, series, by))
        return action_message(ACTION_SAY, "it is the %s row of the overview",
                              by < 0 ? "first" : "last");
    return action_message(ACTION_SAY, "row %u of the overview",
                          series_place(&v->state.choice, v->probe_snap, series));
}

static struct action row_key(enum key_action key, struct action_view *v)
{
    struct target_row row;
    const char *filter = v->state.filter[LIST_TARGET];
    if (!target_row_at(v, &row))
        return filter[0] != '\0'
                   ? action_message(ACTION_SAY, "nothing passes the filter: esc ends it")
                   : action_message(ACTION_SAY, "nothing is watched: t shows what could be");
    uint32_t series = target_series(v->probe_snap, filter, (size_t)v->state.cursor);
    bool of_series = row.kind == TARGET_SERIES || v->state.panel == PANEL_SERIES;
    switch (key) {
    case KEY_ACTION_DETAILS:
        return details_ask(v, &row);
    case KEY_ACTION_RETRY:
        return action_send(COMMAND_PROBE_RETRY, row.probe);
    case KEY_ACTION_UNWATCH:
        return v->probe_snap->probes[row.probe].state == PROBE_OFF
                   ? action_message(ACTION_SAY, "this is not watched now")
                   : action_send(COMMAND_PROBE_END, row.probe);
    case KEY_ACTION_EXPAND:
        return series_expand(v, &row);
    default:
        break;
    }
    if (!of_series || series == SNAP_SERIES)
        return action_message(ACTION_SAY, "move to a series first");
    return key == KEY_ACTION_CHOOSE ? series_choose(v, series)
                                    : series_shift(v, series, key == KEY_ACTION_EARLIER ? -1 : 1);
}

/* Scrolls an open answer; false: the key is not one of a list. */
static bool panel_scroll(enum key_action key, int *scroll)
{
    switch (key) {
    case KEY_ACTION_UP:
        --*scroll;
        return true;
    case KEY_ACTION_DOWN:
        ++*scroll;
        return true;
    case KEY_ACTION_PAGE_UP:
        *scroll -= ACTION_PAGE_ROWS;
        return true;
    case KEY_ACTION_PAGE_DOWN:
        *scroll += ACTION_PAGE_ROWS;
        return true;
    case KEY_ACTION_TOP:
    case KEY_ACTION_BOTTOM:
        *scroll = key == KEY_ACTION_TOP ? 0 : PANEL_END;
        return true;
    default:
        return false;
    }
}

bool target_key(enum key_action key, struct action_view *v, struct action *out)
{
    switch (key) {
    case KEY_ACTION_EXPAND:
    case KEY_ACTION_CHOOSE:
    case KEY_ACTION_EARLIER:
    case KEY_ACTION_LATER:
    case KEY_ACTION_DETAILS:
    case KEY_ACTION_RETRY:
    case KEY_ACTION_UNWATCH:
        *out = row_key(key, v);
        return true;
    default:
        *out = action_nothing();
        return v->state.panel == PANEL_DETAIL && panel_scroll(key, &v->state.panel_scroll);
    }
}
