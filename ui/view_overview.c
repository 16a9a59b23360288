/* SPDX-License-Identifier: MIT */
/* The overview: load and latency on one time axis, marks, the generator's health, the
 * endpoints, the newest failures. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/base/human.h"
#include "ui/axis.h"
#include "ui/chart.h"
#include "ui/faillist.h"
#include "ui/line.h"
#include "ui/proberows.h"
#include "ui/endpoint_table.h"
#include "ui/view.h"

#define SCALE_COLS 9 /* labels and the axis itself; more when probes have long names */
#define SCALE_MOST 16
#define GUTTER_WIDE 26
#define GUTTER_SLIM 17
#define GUTTER_NAMES 10 /* no values */
#define COMPARABLE 5    /* two scales within this factor share one axis */
#define CHART_MIN 4
#define SERIES_MAX 3
#define CLOSE 0.1          /* share of the scale: lines this near count as equal */
#define LOAD_MIN 4         /* the least scale of the load */
#define USERS_HEADROOM 1.5 /* the users' own scale: steady users stay below steady requests */
#define HEADROOM 1.05      /* over the highest value in sight: lines do not stick to the top */

struct layout {
    int load, latency; /* rows of the charts, 0 for none */
    bool headings;     /* own rows for the charts' names; else they stand in the scale */
    bool marks;        /* own row for the marks; else on the row of times */
    bool health;
    int table, fails;
    int scale;                /* columns left of the plots */
    int probes, probe_height; /* series of probes, and the rows of each */
};

/* As many as fit; where there is much room each becomes a chart. */
static void lay_out_probes(struct layout *o, int rows, int cols, const struct view_input *in)
{
    int wanted = proberows_wanted(in);
    int fit = rows >= 26 ? rows / 6 : rows >= 16 ? 2 : rows >= 12 ? 1 : 0;
    o->probes = wanted < fit ? wanted : fit;
    bool tall = rows >= 48 && PROBE_ROWS * o->probes <= rows / 3;
    bool apart = tall && (PROBE_ROWS + 1) * o->probes <= rows / 3; /* no line touches the next's */
    o->probe_height = apart ? PROBE_ROWS + 1 : tall ? PROBE_ROWS : 1;
    if (rows < 26 && o->probes > 0 && o->table > 5)
        o->table--;
    int most = cols >= 120 ? SCALE_MOST : cols >= 70 ? SCALE_COLS + 3 : SCALE_COLS;
    o->scale = proberows_labels(in, o->probes, SCALE_COLS, most);
}

/* Lays out the rows.  The parts below the charts come first, so that nothing jumps when the charts
 * grow; with few endpoints the charts get the room. */
static void lay_out(struct layout *o, int rows, int cols, const struct view_input *in)
{
    const struct snapshot *s = in->snap;
    int n = s->n_endpoints < 3 ? 3 : s->n_endpoints > 64 ? 64 : (int)s->n_endpoints;
    memset(o, 0, sizeof *o);
    o->table = 1 + (rows < 26 ? (n < 5 ? n : 5) : n < rows / 4 ? n : rows / 4);
    o->fails = rows >= 26 ? rows / 8 : rows >= 16 ? 1 : 0;
    o->health = rows >= 26;
    lay_out_probes(o, rows, cols, in);
    int charts = rows - o->table - o->fails - (o->health ? 1 : 0) - 1 - o->probes * o->probe_height;
    o->marks = charts >= 2 * CHART_MIN + 1;
    charts -= o->marks ? 1 : 0;
    o->headings = charts >= 15;
    charts -= o->headings ? 2 : 0;
    if (charts >= 2 * CHART_MIN) {
        o->load = charts * 7 / 15;
        o->latency = charts - o->load;
    } else if (charts >= CHART_MIN && cols >= 50) {
        o->latency = charts;
    } else {
        o->table = rows;
        o->fails = o->probes = 0;
        o->health = o->marks = false;
        return;
    }
    int used = 1 + (s->n_endpoints > 0 ? (int)s->n_endpoints : 1);
    if (o->fails > 0 && o->table > used)
        o->table = used; /* failures take what few endpoints leave */
}

static double point_rps(const struct snap_point *p)
{
    return p->rps;
}

static double point_fails(const struct snap_point *p)
{
    return p->fails_per_s > 0 ? (double)p->fails_per_s : NAN; /* no line along the bottom */
}

static double point_users(const struct snap_point *p)
{
    return p->users;
}

static double point_p50(const struct snap_point *p)
{
    return snap_point_has_latency(p) ? (double)p->p50_us : NAN;
}

static double point_p95(const struct snap_point *p)
{
    return snap_point_has_latency(p) ? (double)p->p95_us : NAN;
}

static double overview_point_p99(const struct snap_point *p)
{
    return snap_point_has_latency(p) ? (double)p->p99_us : NAN;
}

static const struct quantity {
    const char *name;
    enum style style;
    double (*value)(const struct snap_point *);
} load_quantities[] = {{"fails/s", STYLE_BAD, point_fails},
                       {"users", STYLE_USERS, point_users},
                       {"req/s", STYLE_RPS, point_rps}},
  latency_quantities[] = {{"p99", STYLE_P99, overview_point_p99},
                          {"p95", STYLE_P95, point_p95},
                          {"p50", STYLE_P50, point_p50}};

/* A chart: its lines and its place. */
struct plot {
    struct frame *f;
    const struct axis *axis;
    struct rect area; /* the plot alone */
    int scale;        /* columns left of it */
    int gutter;       /* columns right of it */
    double max;       /* end of the scale at the left */
    struct line_of {
        const struct quantity *of;
        double y[AXIS_MAX];
        double last, top; /* newest value, largest in sight */
        double max;       /* end of the line's scale */
    } lines[SERIES_MAX];
    int n;
};

static void plot_add(struct plot *p, const struct quantity *q)
{
    struct line_of *l = &p->lines[p->n++];
    l->of = q;
    l->top = axis_values(p->axis, q->value, l->y, &l->last);
}

static void scale_text(char *out, size_t size, double v, bool time)
{
    if (time && v > 0)
        human_us(out, size, v, false);
    else if (v < 100 && v != floor(v))
        snprintf(out, size, "%.1f", v);
    else if (v < 10000)
        human_count(out, size, (uint64_t)v);
    else
        snprintf(out, size, "%g%c", v < 1e6 ? v / 1e3 : v / 1e6, v < 1e6 ? 'k' : 'M');
}

/* The row of a value, as chart_draw rounds it. */
static int row_of(const struct plot *p, double part)
{
    int dots = p->f->chars == CHARS_BRAILLE ? 4 : 2;
    int height = p->area.rows * dots;
    return p->area.rows - 1 - (int)lround(part * (height - 1)) / dots;
}

/* Into how many parts the scale is cut, so that its labels are round. */
static int ticks(double max, int rows)
{
    static const struct {
        double mantissa;
        int n;
    } cuts[] = {{1, 4}, {1.5, 3}, {2, 4}, {3, 3}, {4, 4}, {5, 5}, {6, 3}, {8, 4}};

    while (max > 9.99)
        max /= 10;
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts && rows >= 12; i++) {
        if (fabs(max - cuts[i].mantissa) < 0.01)
            return cuts[i].n;
    }
    return 2;
}

static void draw_overview_scale(const struct plot *p, const char *name, bool headings, bool time,
                                const char *unit)
{
    int row = p->area.row, col = p->area.col - 1;
    int n = ticks(p->max, p->area.rows);
    char text[HUMAN_MAX], label[2 * HUMAN_MAX];

    for (int i = 0; i < p->area.rows; i++)
        frame_put(p->f, row + i, col, 0x250a, STYLE_DIM);
    if (!headings && p->area.rows > 3)
        frame_right(p->f, row + 1, 0, p->scale - 1, STYLE_BOLD, name);
    for (int i = n; i >= 0; i--) {
        int at = row + row_of(p, (double)i / n);
        if (!headings && at == row + 1 && p->area.rows > 3)
            continue;
        scale_text(text, sizeof text, p->max * i / n, time);
        snprintf(label, sizeof label, "%s%s", text, i > 0 ? unit : "");
        frame_right(p->f, at, 0, p->scale - 1, STYLE_DIM, label);
        frame_put(p->f, at, col, 0x2524, STYLE_DIM);
    }
}

static void draw_lines(const struct plot *p)
{
    struct chart_series series[SERIES_MAX];
    for (int i = 0; i < p->n; i++) /* later ones are drawn on top */
        series[i] = (struct chart_series){.y = p->lines[i].y,
                                          .n = (size_t)p->axis->n,
                                          .style = p->lines[i].of->style,
                                          .max = p->lines[i].max};
    chart_draw(p->f, &(struct chart){.area = p->area,
                                     .max = p->max,
                                     .chars = p->f->chars,
                                     .series = series,
                                     .n_series = (size_t)p->n,
                                     .limit = NAN});
}

static void gutter_value(const struct plot *p, int row, enum style style, const char *key,
                         const char *name, const char *value)
{
    int col = p->area.col + p->area.cols + 1;
    int width = p->gutter - (p->gutter > GUTTER_NAMES ? 2 : 1); /* a margin when there is room */
    int used = 2 + frame_width(name);
    if (row >= p->area.rows || used > width)
        return;
    frame_text(p->f, p->area.row + row, col, 1, style, key);
    frame_text(p->f, p->area.row + row, col + 2, width - 2, style, name);
    if (used + 1 + frame_width(value) <= width)
        frame_right(p->f, p->area.row + row, col + used, width - used, STYLE_NORMAL, value);
}

/* Where the line ends, as a part of its scale. */
static double end_of(const struct line_of *l)
{
    return isnan(l->last) ? 0 : l->last / l->max;
}

/* The lines from top to bottom as they end.  Lines close to each other keep their usual
 * order, so that the legend does not flutter. */
static void order_lines(const struct plot *p, bool time, int *order)
{
    for (int i = 0; i < p->n; i++) {
        int line = time ? i : p->n - 1 - i, at = i;
        for (; at > 0 && end_of(&p->lines[line]) > end_of(&p->lines[order[at - 1]]) + CLOSE; at--)
            order[at] = order[at - 1];
        order[at] = line;
    }
}

/* Legend and newest values, the upper line first, so that lines can be told apart
 * without colours.  Returns the rows used. */
static int draw_gutter(const struct plot *p, int row, bool time)
{
    int order[SERIES_MAX];
    order_lines(p, time, order);
    for (int i = 0; i < p->n; i++) {
        const struct line_of *l = &p->lines[order[i]];
        char text[HUMAN_MAX];
        if (isnan(l->last))
            snprintf(text, sizeof text, "%s", l->of->value == point_fails ? "0" : "-");
        else if (time)
            human_us(text, sizeof text, l->last, false);
        else if (l->of->value == point_users)
            human_count(text, sizeof text, (uint64_t)l->last);
        else
            human_rate(text, sizeof text, l->last);
        gutter_value(p, row++, l->of->style, "\xe2\x94\x81", l->of->name, text);
    }
    return row;
}

/* Users and requests per second share the axis while that shows both; otherwise users
 * get a scale of their own, written at the right in their colour. */
static bool scale_load(struct plot *p)
{
    double users = p->lines[p->n - 2].top, rps = p->lines[p->n - 1].top;
    double high = rps > users ? rps : users, low = rps > users ? users : rps;
    bool own = low > 0 && high > COMPARABLE * low;

    p->max = chart_nice((own ? rps : high) * HEADROOM);
    if (p->max < LOAD_MIN)
        p->max = LOAD_MIN;
    for (int i = 0; i < p->n; i++)
        p->lines[i].max = p->max;
    if (own)
        p->lines[p->n - 2].max = chart_nice(users * USERS_HEADROOM);
    return own;
}

static void draw_load_chart(struct plot *p, const struct layout *o, const struct snapshot *s)
{
    char text[HUMAN_MAX], label[2 * HUMAN_MAX];
    int row = p->area.rows > CHART_MIN + 1 ? 1 : 0;

    p->n = 0;
    plot_add(p, &load_quantities[0]);
    if (!(p->lines[0].top > 0))
        p->n = 0;
    plot_add(p, &load_quantities[1]);
    plot_add(p, &load_quantities[2]);
    bool own = scale_load(p);
    draw_overview_scale(p, "load", o->headings, false, own ? "/s" : "");
    draw_lines(p);
    if (own) {
        scale_text(text, sizeof text, p->lines[p->n - 2].max, false);
        snprintf(label, sizeof label, "%s users", text);
        int at = p->area.col + p->area.cols;
        frame_put(p->f, p->area.row, at, 0x251c, STYLE_USERS);
        frame_text(p->f, p->area.row, at + 1, p->gutter - 1, STYLE_USERS, label);
        row = 1;
    }
    row = draw_gutter(p, row, false);
    const struct snap_point *then = axis_point(p->axis);
    if (p->axis->read == p->axis->now)
        human_count(text, sizeof text, s->in_flight);
    else if (then != NULL && !then->gap)
        human_count(text, sizeof text, then->in_flight);
    else
        snprintf(text, sizeof text, "-");
    gutter_value(p, row, STYLE_NORMAL, " ", "in flight", text);
}

static void draw_latency_chart(struct plot *p, const struct layout *o, const struct snapshot *s)
{
    char text[HUMAN_MAX];
    p->n = 0;
    double top = 0;
    for (int i = 0; i < 3; i++) {
        plot_add(p, &latency_quantities[i]);
        top = p->lines[i].top > top ? p->lines[i].top : top;
    }
    p->max = chart_nice_us(top * HEADROOM);
    for (int i = 0; i < 3; i++)
        p->lines[i].max = p->max;
    draw_overview_scale(p, "latency", o->headings, true, "");
    draw_lines(p);
    int row = draw_gutter(p, p->area.rows > CHART_MIN + 1 ? 1 : 0, true);
    if (s->oldest_s > 0 && p->axis->read == p->axis->now)
        human_us(text, sizeof text, s->oldest_s * 1e6, false);
    else
        snprintf(text, sizeof text, "-");
    gutter_value(p, row, STYLE_NORMAL, " ", "oldest", text);
}

/* Marks stand as thin lines behind both charts too: what happened and what came of it. */
static void draw_mark_lines(struct frame *f, struct rect area, const struct axis *a)
{
    uint32_t n = a->snap->n_marks < SNAP_MARKS ? a->snap->n_marks : SNAP_MARKS;
    for (uint32_t i = 0; i < n; i++) {
        const struct snap_mark *m = &a->snap->marks[i];
        int col = m->kind == SNAP_MARK_LOAD ? -1 : axis_col(a, m->at_s);
        for (int row = 0; col >= 0 && row < area.rows; row++)
            frame_put(f, area.row + row, area.col + col, 0x250a,
                      m->kind == SNAP_MARK_ALERT ? STYLE_BAD : STYLE_DIM);
    }
}

/* The newest at the moment that is read. */
static const struct snap_mark *newest_mark(const struct axis *a)
{
    const struct snapshot *s = a->snap;
    for (uint32_t i = s->n_marks; i-- > 0;)
        if (a->read == a->now || s->marks[i].at_s < a->read + 1.0)
            return &s->marks[i];
    return NULL;
}

/* The row of marks, and that of the times below what the probes have between the two. */
static void draw_times(struct frame *f, int row, int col, int gutter, const struct layout *o,
                       const struct axis *a, const struct view_input *in)
{
    int below = o->probes * o->probe_height;
    const struct snapshot *s = in->snap;
    const char *now = in->state->frozen ? "frozen" : "now";
    char text[SNAP_NAME + HUMAN_MAX];
    if (o->marks) {
        frame_right(f, row, 0, o->scale - 1, STYLE_DIM, "marks");
        axis_draw_marks(f, row, col, a);
        axis_draw_times(f, row + 1 + below, col, a, now);
    } else {
        row += below;
        axis_draw_times(f, row, col, a, now);
        axis_draw_marks(f, row, col, a);
    }
    if (s->n_marks == 0 || s->n_marks > SNAP_MARKS || gutter < GUTTER_SLIM)
        return;
    const struct snap_mark *m = newest_mark(a);
    if (m == NULL)
        return;
    snprintf(text, sizeof text, "%c: %s", m->letter, m->text);
    struct rect r = {row, col + a->cols + 1, o->marks && below == 0 ? 2 : 1, gutter - 2};
    if (r.rows == 1)
        frame_ellipsis(f, r.row, r.col, r.cols, STYLE_MARK, text);
    else
        line_wrap(f, r, STYLE_MARK, text);
}

/* A chart's name, and of when the figures beside it are: the header's are of the window. */
static void draw_heading(const struct plot *p, int row, const char *name)
{
    int col = p->scale + p->axis->cols + 1;
    frame_text(p->f, row, 1, col - 1, STYLE_BOLD, name);
    frame_right(p->f, row, col, p->gutter - 2, STYLE_DIM,
                p->axis->read == p->axis->now ? "last second" : "then");
}

/* The columns right of the plots. */
static int gutter_cols(int cols)
{
    return cols >= 100 ? GUTTER_WIDE : cols >= 60 ? GUTTER_SLIM : GUTTER_NAMES;
}

static void overview_axis(struct axis *a, const struct layout *o, const struct view_input *in,
                          int cols)
{
    axis_init(a, in->snap, cols - o->scale - gutter_cols(cols), in->state->chars);
    axis_read(a, &in->state->moment);
}

/* Draws charts, marks and times from row on; returns the row below. */
static int draw_charts(struct frame *f, struct rect r, const struct layout *o,
                       const struct view_input *in)
{
    int gutter = gutter_cols(r.cols), row = r.row;
    struct axis a;
    struct plot p = {.f = f, .axis = &a, .scale = o->scale, .gutter = gutter};

    overview_axis(&a, o, in, r.cols);
    int width = a.cols;
    if (o->load > 0) {
        if (o->headings)
            draw_heading(&p, row++, "load");
        p.area = (struct rect){row, o->scale, o->load, width};
        draw_mark_lines(f, p.area, &a);
        axis_draw_cursor(f, &p.area, &a);
        draw_load_chart(&p, o, in->snap);
        row += o->load;
    }
    if (o->headings)
        draw_heading(&p, row++, "latency of successes");
    p.area = (struct rect){row, o->scale, o->latency, width};
    draw_mark_lines(f, p.area, &a);
    axis_draw_cursor(f, &p.area, &a);
    draw_latency_chart(&p, o, in->snap);
    row += o->latency;
    draw_times(f, row, o->scale, gutter, o, &a, in);
    row += o->marks ? 1 : 0;
    const struct proberows probes = {.axis = &a,
                                     .area = {row, o->scale, o->probes * o->probe_height, width},
                                     .gutter = gutter,
                                     .n = o->probes,
                                     .height = o->probe_height};
    proberows_draw(f, &probes, in);
    return row + o->probes * o->probe_height + 1;
}

static void draw_health(struct frame *f, struct rect r, const struct snap_health *h)
{
    char a[HUMAN_MAX], b[HUMAN_MAX];
    struct line l;
    line_init(&l, 3);
    line_item(&l, LINE_LEFT, 0, 15);
    line_add(&l, h->n_warnings > 0 ? STYLE_BAD_BOLD : STYLE_DIM, "generator");
    line_item(&l, LINE_LEFT, 35, 0);
    line_add(&l, STYLE_NORMAL, "cpu %.0f %% of %.4g %s", h->cpu_percent, h->cores,
             h->cores == 1 ? "core" : "cores");
    line_tight(&l);
    line_add(&l, STYLE_NORMAL, "cpu %.0f %%", h->cpu_percent);
    line_item(&l, LINE_LEFT, 0, 0);
    line_add(&l, STYLE_NORMAL, "lag p99 %.1f ms", h->lag_p99_ms);
    line_item(&l, LINE_LEFT, 0, 20);
    line_add(&l, STYLE_NORMAL, "loop %.1f ms", h->loop_max_ms);
    line_item(&l, LINE_LEFT, 0, 10);
    line_add(&l, h->ring_lost > 0 ? STYLE_BAD_BOLD : STYLE_NORMAL, "ring %.0f %%",
             h->ring_fill_percent);
    if (h->ring_lost > 0)
        line_add(&l, STYLE_BAD_BOLD, ", %s samples lost", human_count(a, sizeof a, h->ring_lost));
    line_item(&l, LINE_LEFT, 0, 30);
    line_add(&l, STYLE_NORMAL, "files %s of %s", human_count(a, sizeof a, h->open_fds),
             human_count(b, sizeof b, h->fd_limit));
    line_item(&l, LINE_LEFT, 0, 40);
    line_add(&l, STYLE_NORMAL, "mem %s", human_bytes(a, sizeof a, (double)h->rss_bytes));
    line_item(&l, LINE_LEFT, 0, 45);
    line_add(&l, STYLE_NORMAL, "workers %u", h->workers);
    line_draw(f, r.row, r.col + 1, r.cols - 1, &l);
}

static const struct table_options options = {.cursor = STYLE_BOLD};

static void overview_layout(struct view_state *v, const struct view_input *in, struct rect r)
{
    struct layout o;
    struct axis a;
    lay_out(&o, r.rows, r.cols, in);
    v->no_axis = o.latency == 0;
    overview_axis(&a, &o, in, r.cols);
    if (v->no_axis)
        v->moment = (struct moment){0}; /* figures of now alone are shown */
    else
        axis_move(&a, &v->moment);
    table_layout(v, in, o.table, &options);
}

static bool overview_has_axis(const struct view_state *v)
{
    return !v->no_axis;
}

static void overview_draw(struct frame *f, struct rect r, const struct view_input *in)
{
    struct layout o;
    lay_out(&o, r.rows, r.cols, in);
    int row = r.row, end = r.row + r.rows;

    if (o.latency > 0)
        row = draw_charts(f, r, &o, in);
    if (o.health)
        draw_health(f, (struct rect){row++, r.col, 1, r.cols}, &in->snap->health);
    table_draw(f, (struct rect){row, r.col, o.table, r.cols}, in, &options);
    row += o.table;
    if (row < end && o.fails > 0)
        faillist_newest(f, (struct rect){row, r.col, end - row, r.cols}, in->snap, in->probe_snap);
}

const struct view_ops view_overview = {.name = "overview",
                                       .has_axis = overview_has_axis,
                                       .layout = overview_layout,
                                       .draw = overview_draw};
