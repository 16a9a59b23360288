/* SPDX-License-Identifier: MIT */
/* The target: every probe with its state, every series with its figures; over the list one
 * series as a large chart, or what a probe answered. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/base/human.h"
#include "ui/axis.h"
#include "ui/line.h"
#include "ui/seriespanel.h"
#include "ui/endpoint_table.h"
#include "ui/target_key.h"
#include "ui/target.h"
#include "ui/view.h"

#define WIDE 100
#define DETAIL_ROWS 3 /* below the list: a sentence that is too long for its row */
#define INDENT 4      /* room for the place on the overview */
#define FIGURE 11     /* min, mean, max */
#define SPARK_LEAST 12
#define GROUP_LEAST 5

/* Columns of a row of a series. */
struct columns {
    int name, value, figures, spark; /* widths; figures: of the three together, 0 for none */
};

static struct columns target_fold_columns(const struct probe_snapshot *b, int cols)
{
    struct columns c = {.name = 12, .value = cols >= WIDE ? 28 : 21};
    c.figures = cols >= WIDE ? 3 * FIGURE : 0;
    for (uint32_t i = 0; i < b->n_series; i++) {
        const struct snap_series *s = &b->series[i];
        int width = frame_width(s->group) + (s->group[0] != '\0') + frame_width(s->name);
        c.name = width > c.name ? width : c.name;
    }
    int most = cols / 4;
    c.name = c.name > most ? most : c.name;
    c.spark = cols - INDENT - c.name - 2 - c.value - c.figures - 2;
    if (c.spark < SPARK_LEAST)
        c.spark = 0;
    return c;
}

/* ------------------------------------------------------------------------- rows */

static enum style state_style(enum probe_state s)
{
    switch (s) {
    case PROBE_LIVE:
        return STYLE_OK;
    case PROBE_CONNECTING:
    case PROBE_STALE:
        return STYLE_WARN;
    case PROBE_DOWN:
    case PROBE_DENIED:
        return STYLE_BAD_BOLD;
    default:
        return STYLE_DIM;
    }
}

/* Whole periods: what changes with each frame cannot be read. */
static void add_age(struct line *l, const struct probe_snapshot *b, const struct snap_probe *p)
{
    char age[HUMAN_MAX];
    double seconds = fmax(0, b->elapsed_s - p->seen_s);
    line_item(l, LINE_LEFT, 0, 20);
    if (p->state == PROBE_OFF)
        line_add(l, STYLE_DIM, p->ended ? "R: again" : "not in the profile in force");
    else if (isnan(p->seen_s))
        line_add(l, STYLE_DIM, "never seen");
    else if (p->state == PROBE_LIVE && seconds < 2 * fmax(1, p->period_s))
        line_add(l, STYLE_DIM, "every %.3g s", fmax(0.001, p->period_s));
    else
        line_add(l, STYLE_WARN, "seen %s ago", human_age(age, sizeof age, seconds));
}

static void draw_probe(struct frame *f, int row, struct rect r, const struct probe_snapshot *b,
                       const struct snap_probe *p, bool selected)
{
    char took[HUMAN_MAX], cost[HUMAN_MAX], polls[HUMAN_MAX], failed[HUMAN_MAX];
    struct line l;
    line_init(&l, 3);
    line_item(&l, LINE_LEFT, 0, 0);
    line_add(&l, selected ? STYLE_SELECTED : STYLE_BOLD, "%s", p->name);
    if (strcmp(p->name, p->type) != 0)
        line_add(&l, STYLE_DIM, " %s", p->type);
    line_item(&l, LINE_LEFT, 0, 0);
    line_add(&l, state_style(p->state), "%s", probe_state_words[p->state]);
    add_age(&l, b, p);
    if (p->polls > 0 && p->state != PROBE_OFF) {
        line_item(&l, LINE_LEFT, 0, 40);
        line_add(&l, STYLE_DIM, "took %s", human_us(took, sizeof took, p->took_ms * 1e3, false));
        human_percent(cost, sizeof cost, p->cpu_percent);
        line_item(&l, LINE_LEFT, 60, 30);
        line_add(&l, STYLE_DIM, "costs %s of a core", cost); /* not what it tells of the target */
        line_tight(&l);
        line_add(&l, STYLE_DIM, "cost %s", cost);
        line_item(&l, LINE_LEFT, 0, 50);
        line_add(&l, STYLE_DIM, "%s poll%s", human_count(polls, sizeof polls, p->polls),
                 p->polls == 1 ? "" : "s");
        if (p->failed > 0)
            line_add(&l, STYLE_WARN, ", %s failed", human_count(failed, sizeof failed, p->failed));
    }
    line_item(&l, LINE_RIGHT, 0, 35);
    line_add(&l, STYLE_DIM, "%s", p->where);
    line_draw(f, row, r.col + 1, r.cols - 2, &l);
}

/* The name within its probe: the group stands before it, and is cut before the name is. */
static void draw_series_name(struct frame *f, int row, int col, int cols, enum style style,
                             const struct snap_series *s)
{
    char both[SNAP_GROUP + SNAP_SERIES_NAME];
    int room = cols - 1 - frame_width(s->name);
    if (s->group[0] != '\0' && room >= GROUP_LEAST) {
        col = frame_middle(f, row, col, room, style, s->group) + 1;
        frame_text(f, row, col, cols, style, s->name);
        return;
    }
    snprintf(both, sizeof both, "%s%s%s", s->group, s->group[0] != '\0' ? " " : "", s->name);
    frame_middle(f, row, col, cols, style, both);
}

static void draw_target_figures(struct frame *f, int row, int col, const struct snap_series *s)
{
    const double v[] = {s->min, s->mean, s->max};
    char text[HUMAN_MAX];
    for (int i = 0; i < 3; i++) {
        snap_format_value(s->unit, s->count > 0 ? v[i] : NAN, text, sizeof text);
        frame_right(f, row, col + i * FIGURE + 1, FIGURE - 1, STYLE_DIM, text);
    }
}

static void draw_series_row(struct frame *f, int row, struct rect r, const struct view_input *in,
                            const struct columns *c, uint32_t series, bool selected)
{
    const struct snap_series *s = &in->probe_snap->series[series];
    uint32_t place = series_place(&in->state->choice, in->probe_snap, series);
    char text[256];
    enum style style;
    int col = r.col + 1;
    char sign = series_sign(in->probe_snap, series, &style);
    if (place > 0)
        frame_printf(f, row, col, 2, STYLE_MARK, "%2u", place);
    col = r.col + INDENT;
    draw_series_name(f, row, col, c->name,
                     selected     ? STYLE_SELECTED
                     : s->removed ? STYLE_DIM
                                  : STYLE_NORMAL,
                     s);
    col += c->name + 1;
    frame_put(f, row, col, (unsigned char)sign, style);
    series_text(in->probe_snap, series, c->value, text, sizeof text);
    frame_text(f, row, col + 1, c->value, style, text);
    col += 1 + c->value;
    if (c->figures > 0)
        draw_target_figures(f, row, col, s);
    col += c->figures + 1;
    if (c->spark > 0) {
        struct axis a;
        double y[AXIS_MAX];
        axis_init(&a, in->snap, c->spark, CHARS_BLOCK);
        double top = series_values(&a, in->probe_snap, series, y);
        series_spark(f, row, col, &a, y, series_scale(s, top), s);
    }
}

static void draw_target_row(struct frame *f, int row, struct rect r, const struct view_input *in,
                            const struct columns *c, const struct target_row *t, bool selected)
{
    const struct snap_probe *p = &in->probe_snap->probes[t->probe];
    if (selected)
        frame_put(f, row, r.col, '>', STYLE_SELECTED);
    if (t->kind == TARGET_PROBE)
        draw_probe(f, row, r, in->probe_snap, p, selected);
    else if (t->kind == TARGET_TEXT)
        frame_ellipsis(f, row, r.col + INDENT, r.cols - INDENT - 1,
                       p->state == PROBE_LIVE ? STYLE_DIM : STYLE_NORMAL, p->text);
    else
        draw_series_row(f, row, r, in, c, t->series, selected);
}

/* ------------------------------------------------------------------------- list */

/* "2 down, 1 denied": how many are not as they should be; "" when all are well. */
static void count_trouble(const struct probe_snapshot *b, char *out, size_t size)
{
    static const enum probe_state states[] = {PROBE_DOWN, PROBE_DENIED, PROBE_STALE,
                                              PROBE_CONNECTING};
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < sizeof states / sizeof *states && used < size; i++) {
        unsigned n = 0;
        for (uint32_t k = 0; k < b->n_probes && k < SNAP_PROBES; k++)
            n += b->probes[k].state == states[i];
        if (n > 0)
            used += (size_t)snprintf(out + used, size - used, "%s%u %s", used > 0 ? ", " : "", n,
                                     probe_state_words[states[i]]);
    }
}

static void draw_target_head(struct frame *f, struct rect r, const struct probe_snapshot *b,
                             const struct columns *c)
{
    static const char *const figures[] = {"min", "mean", "max"};
    char trouble[64];
    int col = r.col + INDENT + c->name + 2, end = r.col + r.cols - 1;
    int free = c->figures > 0 ? col + c->value + c->figures + 1 : col + 5; /* behind the words */
    frame_fill(f, (struct rect){r.row, r.col, 1, r.cols}, ' ', STYLE_TITLE);
    frame_text(f, r.row, r.col + 1, c->name + 2, STYLE_TITLE, "probes, series");
    frame_text(f, r.row, col, c->value, STYLE_TITLE, "now");
    col += c->value;
    for (int i = 0; i < 3 && c->figures > 0; i++)
        frame_right(f, r.row, col + i * FIGURE + 1, FIGURE - 1, STYLE_TITLE, figures[i]);
    col += c->figures + 1;
    count_trouble(b, trouble, sizeof trouble);
    if (frame_width(trouble) > end - free)
        frame_ellipsis(f, r.row, free, end - free, STYLE_TITLE, trouble);
    else if (trouble[0] != '\0')
        frame_right(f, r.row, free, end - free, STYLE_TITLE, trouble);
    else if (c->spark >= 31) /* not as if it went on from "max" */
        frame_right(f, r.row, col, end - col, STYLE_TITLE, "numbers: rows of the overview");
}

static void draw_empty_target(struct frame *f, struct rect r, const struct view_input *in)
{
    static const char *const what =
        "Nothing is watched. t shows what was found beside the target: containers, the process "
        "that listens, this machine. :probe TYPE[:WHAT] watches anything else, as in :probe "
        "postgres:host=127.0.0.1 dbname=shop or :probe redis:127.0.0.1:6379; profiles have it as "
        "probes = ( ... ).";
    const char *filter = in->state->filter[LIST_TARGET];
    if (filter[0] != '\0' && in->probe_snap != NULL && in->probe_snap->n_probes > 0) {
        frame_printf(f, r.row + 1, r.col + 1, r.cols - 1, STYLE_DIM,
                     "no probe or series contains \"%s\"; / changes the filter", filter);
        return;
    }
    int used =
        line_wrap(f, (struct rect){r.row, r.col + 1, r.rows, r.cols - 2}, STYLE_NORMAL, what);
    if (in->probe_snap != NULL && in->probe_snap->n_offers > 0 && used + 1 < r.rows)
        frame_printf(f, r.row + used + 1, r.col + 1, r.cols - 1, STYLE_BOLD,
                     "%u found here: press t", in->probe_snap->n_offers);
}

static bool is_trouble(const struct snap_probe *p)
{
    return p->state == PROBE_DOWN || p->state == PROBE_DENIED || p->state == PROBE_STALE;
}

static bool sentence_is_cut(const struct rect *r, const struct snap_probe *p)
{
    return frame_width(p->text) > r->cols - INDENT - 1;
}

/* Whether all that is to say of that probe stands in the rows in sight. */
static bool is_told(const struct rect *r, const struct probe_snapshot *b,
                    const struct target_row *rows, int n, uint16_t probe)
{
    bool head = false, text = b->probes[probe].text[0] == '\0';
    for (int i = 0; i < n; i++) {
        head = head || (rows[i].probe == probe && rows[i].kind == TARGET_PROBE);
        text = text || (rows[i].probe == probe && rows[i].kind == TARGET_TEXT);
    }
    return head && text && !sentence_is_cut(r, &b->probes[probe]);
}

/* Returns the probe to tell of below the list: the one under the cursor when its row cuts its
 * sentence, else the first in trouble that nobody sees; SNAP_PROBES for none. */
static uint32_t worth_telling(const struct rect *r, const struct probe_snapshot *b,
                              const struct target_row *rows, int n, uint16_t here)
{
    if (sentence_is_cut(r, &b->probes[here]))
        return here;
    for (uint32_t i = 0; i < b->n_probes && i < SNAP_PROBES; i++)
        if (is_trouble(&b->probes[i]) && !is_told(r, b, rows, n, (uint16_t)i))
            return i;
    return SNAP_PROBES;
}

/* At the end of r: a row that is left stands between it and the list. */
static void wrap_below(struct frame *f, struct rect *r, enum style style, const char *text)
{
    int n = line_rows(text, r->cols, r->rows);
    r->row += r->rows - n;
    r->rows = n;
    line_wrap(f, *r, style, text);
}

static void draw_target_sentence(struct frame *f, struct rect r, const struct snap_probe *p)
{
    char text[SNAP_NAME + SNAP_TEXT + 16], who[SNAP_NAME + 16];
    if (p->state == PROBE_LIVE) {
        wrap_below(f, &r, STYLE_DIM, p->text);
        return;
    }
    snprintf(who, sizeof who, "%s %s", p->name, probe_state_words[p->state]);
    snprintf(text, sizeof text, "%s%s%s", who, p->text[0] != '\0' ? ": " : "", p->text);
    wrap_below(f, &r, STYLE_NORMAL, text);
    if (frame_width(who) <= r.cols)
        frame_text(f, r.row, r.col, r.cols, state_style(p->state), who);
}

/* The rows below the list, for a sentence. */
static int rows_for_sentence(int rows)
{
    return rows >= 12 ? DETAIL_ROWS : 0;
}

static void draw_list(struct frame *f, struct rect r, const struct view_input *in)
{
    struct target_row rows[TARGET_ROWS];
    int n = (int)target_rows(in->probe_snap, in->state->filter[LIST_TARGET], rows);
    if (n == 0) {
        draw_empty_target(f, r, in);
        return;
    }
    struct columns c = target_fold_columns(in->probe_snap, r.cols);
    int below = rows_for_sentence(r.rows), shown = r.rows - 1 - below;
    draw_target_head(f, r, in->probe_snap, &c);
    for (int i = 0; i < shown && in->state->scroll + i < n; i++) {
        int at = in->state->scroll + i;
        draw_target_row(f, r.row + 1 + i, r, in, &c, &rows[at], at == in->state->cursor);
    }
    int top = in->state->scroll, seen = n - top < shown ? n - top : shown;
    uint32_t tell =
        worth_telling(&r, in->probe_snap, &rows[top], seen, rows[in->state->cursor].probe);
    if (below > 0 && tell < SNAP_PROBES)
        draw_target_sentence(f, (struct rect){r.row + r.rows - below, r.col + 1, below, r.cols - 2},
                             &in->probe_snap->probes[tell]);
}

/* Nothing jumps under a hand that is about to press a key. */
static void cursor_follow(struct view_state *v, const struct probe_snapshot *b)
{
    int to = target_follow(&v->hold, b, v->filter[LIST_TARGET], v->cursor);
    v->scroll += to - v->cursor;
    v->cursor = to;
}

/* The series whose chart is shown in place of the list, SNAP_SERIES for none. */
static uint32_t panel_series(const struct view_state *v, const struct probe_snapshot *b)
{
    return v->panel == PANEL_SERIES && b != NULL
               ? target_series(b, v->filter[LIST_TARGET], (size_t)v->cursor)
               : SNAP_SERIES;
}

static void target_layout(struct view_state *v, const struct view_input *in, struct rect r)
{
    struct target_row rows[TARGET_ROWS];
    cursor_follow(v, in->probe_snap);
    int n = (int)target_rows(in->probe_snap, v->filter[LIST_TARGET], rows);
    table_clamp(v, n, 0);
    if (v->panel == PANEL_DETAIL && in->probe_snap != NULL)
        seriespanel_detail_layout(v, in, r);
    else if (panel_series(v, in->probe_snap) != SNAP_SERIES)
        seriespanel_layout(v, in, r);
    else
        table_clamp(v, n, r.rows - 1 - rows_for_sentence(r.rows));
}

static void target_draw(struct frame *f, struct rect r, const struct view_input *in)
{
    uint32_t series = panel_series(in->state, in->probe_snap);
    if (in->state->panel == PANEL_DETAIL && in->probe_snap != NULL)
        seriespanel_detail_draw(f, r, in);
    else if (series != SNAP_SERIES)
        seriespanel_draw(f, r, in, series);
    else
        draw_list(f, r, in);
}

static bool target_has_axis(const struct view_state *v)
{
    return v->panel == PANEL_SERIES;
}

static bool target_close(struct view_state *v)
{
    bool open = v->panel != PANEL_NONE;
    v->panel = PANEL_NONE;
    return open;
}

const struct view_ops view_target = {.name = "target",
                                     .list = LIST_TARGET,
                                     .key = target_key,
                                     .close = target_close,
                                     .has_axis = target_has_axis,
                                     .layout = target_layout,
                                     .draw = target_draw};
