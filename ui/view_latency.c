/* SPDX-License-Identifier: MIT */
/* How latency is spread: bars over a fixed logarithmic grid, window and whole run side by
 * side, the percentile spectrum, and where the time goes. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/base/human.h"
#include "ui/header.h"
#include "ui/line.h"
#include "ui/outcome.h"
#include "ui/view.h"

#define GRID_MAX 64
#define SPECTRUM_COLS 44
#define HISTOGRAM_MIN 7 /* rows below which figures say more than bars */
#define SIDE_BY_SIDE 64 /* columns for two histograms */

/* Edges that stay where they are while the figures move, so that the shape can be read. */
struct grid {
    int n;                     /* bars */
    double edge[GRID_MAX + 1]; /* microseconds; bar i is edge[i] .. edge[i + 1] */
};

static void slice_span(const struct snap_distribution *s, double *low, double *high)
{
    if (s->n_bars == 0 || s->n_bars > SNAP_BARS)
        return;
    double a = (double)s->bars[0].low_us, b = (double)s->bars[s->n_bars - 1].high_us;
    if (a < *low)
        *low = a;
    if (b > *high)
        *high = b;
}

/* All edges of one density between low and high; false when they are more than max. */
static bool fill_grid(struct grid *g, double low, double high, const double *steps, int n_steps,
                      int max)
{
    g->n = -1;
    for (double unit = 1; unit < 1e10; unit *= 10) {
        for (int i = 0; i < n_steps; i++) {
            double edge = unit * steps[i];
            double next = i + 1 < n_steps ? unit * steps[i + 1] : unit * 10;
            if (next <= low)
                continue;
            if (g->n + 1 > max || g->n + 1 > GRID_MAX)
                return false;
            g->edge[++g->n] = edge;
            if (edge > high)
                return g->n > 0;
        }
    }
    return g->n > 0;
}

/* The finest grid that fits the rows. */
static bool make_grid(struct grid *g, const struct snapshot *s, int rows)
{
    static const double fine[] = {1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8},
                        medium[] = {1, 1.5, 2, 3, 5, 7}, coarse[] = {1, 2, 5}, decade[] = {1};
    static const struct {
        const double *steps;
        int n;
    } grids[] = {{fine, 10}, {medium, 6}, {coarse, 3}, {decade, 1}};
    double low = 1e12, high = 0;

    slice_span(&s->distribution_window, &low, &high);
    slice_span(&s->distribution_total, &low, &high);
    g->n = 0;
    if (high <= 0)
        return false;
    if (low < 1)
        low = 1;
    for (size_t i = 0; i < sizeof grids / sizeof *grids; i++) {
        if (fill_grid(g, low, high, grids[i].steps, grids[i].n, rows))
            return true;
    }
    return false;
}

/* Shares of all requests per bar of the grid; a bar of the shape counts where its middle
 * is.  Returns the largest. */
static double fill_shares(const struct grid *g, const struct snap_distribution *s, double *share)
{
    double all = 0, top = 0;
    memset(share, 0, sizeof *share * GRID_MAX);
    for (uint32_t b = 0; b < s->n_bars && b < SNAP_BARS; b++) {
        double middle =
            sqrt(((double)s->bars[b].low_us + 0.5) * ((double)s->bars[b].high_us + 0.5));
        int i = 0;
        while (i + 1 < g->n && middle >= g->edge[i + 1])
            i++;
        share[i] += (double)s->bars[b].count;
        all += (double)s->bars[b].count;
    }
    for (int i = 0; i < g->n && all > 0; i++) {
        share[i] /= all;
        top = share[i] > top ? share[i] : top;
    }
    return top;
}

/* Draws a histogram without its labels: bar and share per row. */
static void draw_bars(struct frame *f, struct rect r, const struct grid *g,
                      const struct snap_distribution *s, const char *title)
{
    double share[GRID_MAX];
    char text[HUMAN_MAX];
    double top = fill_shares(g, s, share);

    frame_ellipsis(f, r.row, r.col, r.cols, STYLE_BOLD, title);
    if (top <= 0) {
        frame_text(f, r.row + 1, r.col, r.cols, STYLE_DIM, "nothing succeeded");
        return;
    }
    for (int i = 0; i < g->n && i + 1 < r.rows; i++) {
        int eighths = (int)lround(share[i] / top * (r.cols - 9) * 8), cells = (eighths + 7) / 8;
        if (cells > 0)
            frame_bar(f, r.row + 1 + i, r.col, cells, eighths / (8.0 * cells), f->chars);
        else if (share[i] > 0)
            frame_bar(f, r.row + 1 + i, r.col, 1, 0.01, f->chars);
        frame_right(f, r.row + 1 + i, r.col + r.cols - 8, 8,
                    share[i] > 0 ? STYLE_NORMAL : STYLE_DIM,
                    share[i] > 0 ? human_percent(text, sizeof text, 100 * share[i]) : "-");
    }
}

static void draw_histogram(struct frame *f, struct rect r, const struct snapshot *s)
{
    struct grid g;
    char window[HUMAN_MAX], text[HUMAN_MAX], title[HUMAN_MAX + 16];
    bool both = r.cols >= SIDE_BY_SIDE;

    snprintf(title, sizeof title, "%s (w)", header_window(s, window, sizeof window));
    if (!make_grid(&g, s, r.rows - 1)) {
        frame_text(f, r.row, r.col + 1, r.cols - 1, STYLE_DIM,
                   s->total.count > 0          ? "no room for the histogram"
                   : s->total_failed.count > 0 ? "no request succeeded yet"
                                               : "no request finished yet");
        return;
    }
    frame_right(f, r.row, r.col, 8, STYLE_DIM, "from");
    for (int i = 0; i < g.n; i++)
        frame_right(f, r.row + 1 + i, r.col, 8, STYLE_DIM,
                    human_us(text, sizeof text, g.edge[i], false));
    int left = r.col + 10, width = r.cols - 10;
    if (both)
        width = (width - 3) / 2;
    draw_bars(f, (struct rect){r.row, left, r.rows, width}, &g, &s->distribution_window, title);
    if (both)
        draw_bars(f, (struct rect){r.row, left + width + 3, r.rows, width}, &g,
                  &s->distribution_total, "whole run");
}

static void draw_phases(struct frame *f, struct rect r, const struct snapshot *s)
{
    const struct {
        const char *name;
        double us;
        int drop; /* the whole is what stays */
    } phases[] = {{"connect", s->connect_us, 20},
                  {"tls", s->tls_us, 30},
                  {"first byte", s->first_byte_us, 10},
                  {"whole reply", s->window.mean_us, 0}};
    char text[HUMAN_MAX];
    struct line l;
    line_init(&l, 2);
    line_item(&l, LINE_LEFT, 0, 0);
    line_add(&l, STYLE_DIM, s->total_failed.count > 0 ? "means of successes" : "means");
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
        if (phases[i].us > 0)
            human_us(text, sizeof text, phases[i].us, false);
        else
            snprintf(text, sizeof text, "-");
        line_item(&l, LINE_LEFT, 0, phases[i].drop);
        line_add(&l, STYLE_NORMAL, "%s ", phases[i].name);
        line_add(&l, STYLE_BOLD, "%s", text);
    }
    line_draw(f, r.row, r.col + 1, r.cols - 1, &l);
}

/* The well known percentiles, the most important first: those are kept when there is no
 * room for all of the spectrum. */
static bool kept(double p, int room)
{
    static const double known[] = {50, 99, 95, 100, 90, 99.9, 0, 75, 99.99};
    for (int i = 0; i < room && i < (int)(sizeof known / sizeof *known); i++) {
        if (fabs(p - known[i]) < 1e-6)
            return true;
    }
    return false;
}

static const char *percentile_name(double p, char *buf, size_t size)
{
    if (p <= 0)
        return "min";
    if (p >= 100)
        return "max";
    snprintf(buf, size, "p%g", p);
    return buf;
}

static void draw_spectrum(struct frame *f, struct rect r, const struct snapshot *s)
{
    const struct snap_distribution *w = &s->distribution_window, *all = &s->distribution_total;
    uint32_t n = all->n_spectrum < SNAP_SPECTRUM ? all->n_spectrum : SNAP_SPECTRUM;
    char text[HUMAN_MAX], window[HUMAN_MAX];
    bool every = (int)n < r.rows, slower = r.cols >= SPECTRUM_COLS;
    int row = r.row;

    /* "last 3 s of 10 s" has no room here; the histogram beside is named in full. */
    const char *name = header_window(s, window, sizeof window);
    frame_right(f, row, r.col + 8, 12, STYLE_BOLD,
                s->run.window == SNAP_ALL || frame_width(name) > 11 ? "window" : name);
    frame_right(f, row, r.col + 20, 11, STYLE_BOLD, "whole run");
    if (slower)
        frame_right(f, row, r.col + 31, 12, STYLE_DIM, "took longer");
    row++;
    for (uint32_t i = 0; i < n && row < r.row + r.rows; i++) {
        double p = all->spectrum[i].percentile;
        if (!every && !kept(p, r.rows - 1))
            continue;
        enum style style = kept(p, r.rows - 1) ? STYLE_NORMAL : STYLE_DIM;
        frame_right(f, row, r.col, 8, style, percentile_name(p, text, sizeof text));
        frame_right(f, row, r.col + 8, 12, style,
                    i < w->n_spectrum
                        ? human_us(text, sizeof text, (double)w->spectrum[i].us, false)
                        : "-");
        frame_right(f, row, r.col + 20, 11, style,
                    human_us(text, sizeof text, (double)all->spectrum[i].us, false));
        if (slower)
            frame_right(f, row, r.col + 31, 12, STYLE_DIM,
                        human_count(text, sizeof text, all->spectrum[i].above));
        row++;
    }
}

static void latency_draw(struct frame *f, struct rect r, const struct view_input *in)
{
    int row = r.row, rows = r.rows;
    if (rows >= 3) {
        draw_phases(f, (struct rect){row++, r.col, 1, r.cols}, in->snap);
        if (rows >= 12 && in->snap->total_failed.count > 0)
            outcome_draw_failed(f, (struct rect){row++, r.col, 1, r.cols}, in->snap,
                                &in->snap->window_failed, &in->snap->total_failed);
        row += rows >= 12 ? 1 : 0;
        rows = r.row + r.rows - row;
    }
    if (rows < HISTOGRAM_MIN) {
        draw_spectrum(f, (struct rect){row, r.col, rows, r.cols}, in->snap);
        return;
    }
    int side = r.cols >= 70 ? (r.cols >= 100 ? SPECTRUM_COLS : 32) : 0;
    if (side > 0 || rows >= 16) {
        struct rect spectrum = side > 0 ? (struct rect){row, r.col + r.cols - side, rows, side}
                                        : (struct rect){row + rows - 10, r.col, 10, r.cols};
        if (side == 0)
            rows -= 11;
        draw_spectrum(f, spectrum, in->snap);
    }
    draw_histogram(f, (struct rect){row, r.col, rows, r.cols - side - (side > 0 ? 2 : 1)},
                   in->snap);
}

const struct view_ops view_latency = {.name = "latency", .draw = latency_draw};
