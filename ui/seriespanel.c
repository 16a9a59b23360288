/* SPDX-License-Identifier: MIT */
#include "ui/seriespanel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/base/human.h"
#include "ui/axis.h"
#include "ui/chart.h"
#include "ui/line.h"

#define SCALE 13        /* columns left of the plots */
#define MARGIN 2        /* right of them */
#define FAR_BELOW 0.2   /* share of the limit */
#define LATENCY_FROM 16 /* rows from which the latency has a chart above */
#define PIECES 512      /* lines of an answer */
#define HANG 6          /* columns before what a row of a table goes on with */
#define CLOCK 14        /* columns beside the title of an answer */

/* ------------------------------------------------------------------------ words */

/* Writes the value of now, or the one where the cursor stands. */
static void value_text(const struct probe_snapshot *b, uint32_t series, const struct axis *a,
                       char *out, size_t size)
{
    char value[HUMAN_MAX], clock[HUMAN_MAX];
    if (a->read == a->now) {
        series_text(b, series, 200, out, size);
        return;
    }
    snap_format_value(b->series[series].unit, snap_series_at(b, series, a->read), value,
                      sizeof value);
    snprintf(out, size, "%s at %s", value, human_clock(clock, sizeof clock, a->read));
}

static void draw_title(struct frame *f, int row, struct rect r, const struct probe_snapshot *b,
                       uint32_t series, const struct axis *a)
{
    const struct snap_probe *p = &b->probes[b->series[series].probe];
    char label[SNAP_SERIES_LABEL], value[256];
    enum style style;
    struct line l;
    char sign = series_sign(b, series, &style);
    if (a->read != a->now) { /* the alarm is of now, the value is not */
        sign = ' ';
        style = STYLE_NORMAL;
    }
    snap_series_label(b, series, label, sizeof label);
    value_text(b, series, a, value, sizeof value);
    line_init(&l, 3);
    line_item(&l, LINE_LEFT, 0, 0);
    line_add(&l, STYLE_BOLD, "%s", label);
    line_item(&l, LINE_LEFT, 0, 0);
    line_add(&l, style, "%s%c%s", sign == ' ' ? "" : " ", sign, value);
    line_item(&l, LINE_RIGHT, 0, 20);
    line_add(&l, STYLE_DIM, "%s  %s", probe_state_words[p->state], p->where);
    line_draw(f, row, r.col + 1, r.cols - 2, &l);
}

static void add_moment(struct line *l, const char *what, double at_s)
{
    char clock[HUMAN_MAX];
    if (isnan(at_s))
        return;
    line_item(l, LINE_LEFT, 0, 25);
    line_add(l, STYLE_WARN, "%s %s", what, human_clock(clock, sizeof clock, at_s));
}

static void add_growth(struct line *l, const struct snap_series *s)
{
    char growth[64];
    snap_format_growth(s, growth, sizeof growth);
    if (growth[0] == '\0' && s->leak != LEAK_NONE)
        return;
    line_item(l, LINE_LEFT, 0, 30);
    if (s->leak == LEAK_MORE_TIME)
        line_add(l, STYLE_DIM, "growth: known in %.0f s of constant load", ceil(s->need_s));
    else
        line_add(l, s->leak == LEAK_FOUND ? STYLE_BAD_BOLD : STYLE_NORMAL, "%s",
                 s->leak == LEAK_NONE ? "does not grow" : growth);
}

static void draw_series_figures(struct frame *f, int row, struct rect r,
                                const struct snap_series *s)
{
    static const char *const names[] = {"min", "mean", "max", "limit"};
    const double values[] = {s->min, s->mean, s->max, s->limit};
    char text[HUMAN_MAX];
    struct line l;
    line_init(&l, 3);
    for (int i = 0; i < 4; i++) {
        if (i == 3 && isnan(s->limit))
            continue;
        snap_format_value(s->unit, i < 3 && s->count == 0 ? NAN : values[i], text, sizeof text);
        line_item(&l, LINE_LEFT, 0, i == 3 ? 10 : i == 0 ? 5 : 0); /* a figure is never cut */
        line_add(&l, STYLE_DIM, "%s ", names[i]);
        line_add(&l, STYLE_NORMAL, "%s", text);
    }
    add_moment(&l, "first full at", s->first_full_s);
    add_moment(&l, "first beyond its threshold at", s->first_warn_s);
    add_growth(&l, s);
    if (s->removed) {
        line_item(&l, LINE_LEFT, 0, 0);
        line_add(&l, STYLE_WARN, "gone");
    }
    line_draw(f, row, r.col + 1, r.cols - 2, &l);
}

/* ----------------------------------------------------------------------- charts */

static void draw_series_scale(struct frame *f, const struct rect *plot, const char *top,
                              const char *middle, const char *name)
{
    for (int i = 0; i < plot->rows; i++)
        frame_put(f, plot->row + i, plot->col - 1, 0x250a, STYLE_DIM);
    int half = plot->row + plot->rows / 2, last = plot->row + plot->rows - 1;
    frame_put(f, plot->row, plot->col - 1, 0x2524, STYLE_DIM);
    frame_put(f, last, plot->col - 1, 0x2524, STYLE_DIM);
    frame_right(f, plot->row, 0, SCALE - 1, STYLE_DIM, top);
    frame_right(f, last, 0, SCALE - 1, STYLE_DIM, "0");
    if (plot->rows >= 5) {
        frame_put(f, half, plot->col - 1, 0x2524, STYLE_DIM);
        frame_right(f, half, 0, SCALE - 1, STYLE_DIM, middle);
    }
    if (plot->rows >= 3)
        frame_right(f, plot->row + 1, 0, SCALE - 1, STYLE_BOLD, name);
}

static void draw_marks(struct frame *f, const struct rect *plot, const struct axis *a)
{
    for (uint32_t i = 0; i < a->snap->n_marks && i < SNAP_MARKS; i++) {
        const struct snap_mark *m = &a->snap->marks[i];
        int col = m->kind == SNAP_MARK_LOAD ? -1 : axis_col(a, m->at_s);
        for (int row = 0; col >= 0 && row < plot->rows; row++)
            frame_put(f, plot->row + row, plot->col + col, 0x250a, STYLE_DIM);
    }
}

static double series_point_p99(const struct snap_point *p)
{
    return snap_point_has_latency(p) ? (double)p->p99_us : NAN;
}

static void draw_panel_latency(struct frame *f, const struct rect *plot, const struct axis *a)
{
    double y[AXIS_MAX], top = axis_values(a, series_point_p99, y, NULL),
                        max = chart_nice_us(top * 1.05);
    char high[HUMAN_MAX], half[HUMAN_MAX];
    const struct chart_series line = {.y = y, .n = (size_t)a->n, .style = STYLE_P99};
    draw_marks(f, plot, a);
    axis_draw_cursor(f, plot, a);
    draw_series_scale(f, plot, human_us(high, sizeof high, max, false),
                      human_us(half, sizeof half, max / 2, false), "p99");
    chart_draw(f, &(struct chart){.area = *plot,
                                  .max = max,
                                  .chars = f->chars,
                                  .series = &line,
                                  .n_series = 1,
                                  .limit = NAN});
}

/* Far from its limit a series is looked at for its course: the limit stands above in words. */
static double scale_of(const struct snap_series *s, double top)
{
    struct snap_series free = *s;
    if (s->limit > 0 && top > 0 && top < FAR_BELOW * s->limit && s->unit != UNIT_PERCENT)
        free.limit = NAN;
    return series_scale(&free, top);
}

static void draw_series_chart(struct frame *f, const struct rect *plot, const struct axis *a,
                              const struct probe_snapshot *b, uint32_t series)
{
    const struct snap_series *s = &b->series[series];
    double y[AXIS_MAX], top = series_values(a, b, series, y);
    double max = scale_of(s, top);
    char high[HUMAN_MAX], half[HUMAN_MAX], name[SNAP_SERIES_LABEL];
    const struct chart_series line = {.y = y, .n = (size_t)a->n, .style = series_line(b, series)};
    snap_format_value(s->unit, max, high, sizeof high);
    snap_format_value(s->unit, max / 2, half, sizeof half);
    draw_marks(f, plot, a);
    axis_draw_cursor(f, plot, a);
    series_short_name(s, SCALE - 1, name, sizeof name);
    draw_series_scale(f, plot, high, half, name);
    chart_draw(f, &(struct chart){.area = *plot,
                                  .max = max,
                                  .chars = f->chars,
                                  .series = &line,
                                  .n_series = 1,
                                  .limit = s->limit});
}

static void panel_axis(struct axis *a, const struct view_input *in, int cols)
{
    axis_init(a, in->snap, cols - SCALE - MARGIN, in->state->chars);
    axis_read(a, &in->state->moment);
}

void seriespanel_layout(struct view_state *v, const struct view_input *in, struct rect r)
{
    struct axis a;
    panel_axis(&a, in, r.cols);
    axis_move(&a, &v->moment);
}

void seriespanel_draw(struct frame *f, struct rect r, const struct view_input *in, uint32_t series)
{
    const struct probe_snapshot *b = in->probe_snap;
    struct axis a;
    int rows = r.rows - 4, above = r.rows >= LATENCY_FROM ? rows / 3 : 0; /* title, figures, axis */
    struct rect plot = {r.row + 2, r.col + SCALE, above, r.cols - SCALE - MARGIN};
    panel_axis(&a, in, r.cols);
    draw_title(f, r.row, r, b, series, &a);
    draw_series_figures(f, r.row + 1, r, &b->series[series]);
    if (rows < 2 || plot.cols < 4) {
        if (r.rows > 2)
            frame_text(f, r.row + r.rows - 1, r.col + 1, r.cols - 1, STYLE_DIM,
                       "no room for the chart; esc: back");
        return;
    }
    if (above > 0)
        draw_panel_latency(f, &plot, &a);
    plot.row += above;
    plot.rows = rows - above;
    draw_series_chart(f, &plot, &a, b, series);
    frame_right(f, plot.row + plot.rows, 0, SCALE - 1, STYLE_DIM, "marks");
    axis_draw_marks(f, plot.row + plot.rows, plot.col, &a);
    axis_draw_times(f, plot.row + plot.rows + 1, plot.col, &a,
                    in->state->frozen ? "frozen" : "now");
    frame_text(f, plot.row + plot.rows + 1, r.col + 1, SCALE - 2, STYLE_DIM, "esc: back");
}

/* ---------------------------------------------------------------------- details */

/* The head of a table: the first row or one behind an empty one, with columns, not a sentence. */
static bool is_head(const struct snap_detail *d, int at)
{
    bool begins = at == 0 || d->rows[at - 1][0] == '\0';
    return begins && at + 1 < (int)d->n_rows && d->rows[at + 1][0] != '\0' &&
           strstr(d->rows[at], "  ") != NULL;
}

/* A line of the panel: a row of the answer, or a part of one that is too long for a line. */
struct piece {
    const char *text;
    size_t len;
    bool head, more; /* more: the line before goes on here */
    bool in_table;
};

static int add_piece(struct piece *out, int n, struct piece p)
{
    if (n < PIECES)
        out[n++] = p;
    return n;
}

static int fold_row(const char *text, int cols, bool in_table, struct piece *out, int n)
{
    bool more = false;
    size_t len;
    while ((len = line_break(text, more && in_table ? cols - HANG : cols)) > 0) {
        n = add_piece(out, n,
                      (struct piece){.text = text, .len = len, .more = more, .in_table = in_table});
        text += len;
        text += strspn(text, " ");
        more = true;
    }
    return n;
}

/* Nothing is cut but the heads of tables: a remedy must be there to its end, and the statement
 * that holds up all others, too. */
static int fold_detail(const struct snap_detail *d, int cols, struct piece out[PIECES])
{
    int n = 0;
    bool in_table = false;
    for (int at = 0; at < (int)d->n_rows && at < SNAP_DETAIL_ROWS; at++) {
        const char *row = d->rows[at];
        bool head = is_head(d, at);
        in_table = head || (in_table && row[0] != '\0');
        if (head || row[0] == '\0')
            n = add_piece(out, n, (struct piece){.text = row, .len = strlen(row), .head = head});
        else
            n = fold_row(row, cols, in_table, out, n);
    }
    return n;
}

static void draw_piece(struct frame *f, int row, struct rect r, const struct piece *p)
{
    int indent = p->more && p->in_table ? HANG : 0;
    char text[SNAP_DETAIL_ROW_BYTES];
    snprintf(text, sizeof text, "%.*s", (int)p->len, p->text);
    if (p->head)
        frame_fill(f, (struct rect){row, r.col, 1, r.cols}, ' ', STYLE_TITLE);
    frame_ellipsis(f, row, r.col + 1 + indent, r.cols - 2 - indent,
                   p->head ? STYLE_TITLE : STYLE_NORMAL, text);
}

static void draw_detail_title(struct frame *f, struct rect r, const struct snap_detail *d)
{
    char clock[HUMAN_MAX];
    frame_ellipsis(f, r.row, r.col + 1, r.cols - CLOCK, STYLE_BOLD,
                   d->title[0] != '\0' ? d->title : "details");
    if (d->asked)
        frame_right(f, r.row, r.col, r.cols - 1, STYLE_WARN, "asking ...");
    else if (d->seq > 0)
        frame_right(f, r.row, r.col, r.cols - 1, STYLE_DIM,
                    human_clock(clock, sizeof clock, d->at_s));
}

void seriespanel_detail_layout(struct view_state *v, const struct view_input *in, struct rect r)
{
    struct piece pieces[PIECES];
    int n = fold_detail(&in->probe_snap->detail, r.cols - 2, pieces), shown = r.rows - 2;
    int most = n > shown ? n - shown : 0;
    v->panel_scroll = v->panel_scroll > most ? most : v->panel_scroll < 0 ? 0 : v->panel_scroll;
}

void seriespanel_detail_draw(struct frame *f, struct rect r, const struct view_input *in)
{
    struct piece pieces[PIECES];
    int n = fold_detail(&in->probe_snap->detail, r.cols - 2, pieces), shown = r.rows - 2;
    draw_detail_title(f, r, &in->probe_snap->detail);
    for (int i = 0; i < shown && in->state->panel_scroll + i < n; i++)
        draw_piece(f, r.row + 1 + i, r, &pieces[in->state->panel_scroll + i]);
    frame_text(f, r.row + r.rows - 1, r.col + 1, r.cols - 2, STYLE_DIM,
               n > shown ? "esc: back   up, down: scroll   d: ask again"
                         : "esc: back   d: ask again");
}
