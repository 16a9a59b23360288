/* SPDX-License-Identifier: MIT */
#include "ui/endpoint_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/human.h"
#include "src/stats/snapshot_words.h"

#define TIGHT_BELOW 100 /* columns of the screen */
#define NAME_MIN 20     /* the name column's least width */
#define NAME_GOOD 28    /* columns of little weight give way for this much of a name */
#define METHOD_MAX 7

enum what {
    WHAT_RPS,
    WHAT_REQUESTS,
    WHAT_FAILURES,
    WHAT_FAIL_PERCENT,
    WHAT_SHARE,
    WHAT_MEAN,
    WHAT_P50,
    WHAT_P90,
    WHAT_P95,
    WHAT_P99,
    WHAT_P99_9,
    WHAT_MAX,
    WHAT_BYTES,
    WHATS
};

/* From left to right.  rank: the highest is left out first, 0 never. */
static const struct {
    const char *head;
    int sort; /* enum sort_column, -1 for none */
    int width, tight, rank;
    bool wide; /* only in the table of all columns */
} columns[WHATS] = {
    [WHAT_RPS] = {"req/s", SORT_RPS, 9, 8, 0, false},
    [WHAT_REQUESTS] = {"reqs", SORT_REQUESTS, 12, 10, 6, false},
    [WHAT_FAILURES] = {"fails", SORT_FAILURES, 10, 8, 1, false},
    [WHAT_FAIL_PERCENT] = {"fail %", -1, 9, 9, 7, true},
    [WHAT_SHARE] = {"share", -1, 8, 8, 9, true},
    [WHAT_MEAN] = {"mean", -1, 10, 8, 10, true},
    [WHAT_P50] = {"p50", SORT_P50, 10, 8, 3, false},
    [WHAT_P90] = {"p90", -1, 10, 8, 8, true},
    [WHAT_P95] = {"p95", SORT_P95, 10, 8, 2, false},
    [WHAT_P99] = {"p99", SORT_P99, 10, 8, 0, false},
    [WHAT_P99_9] = {"p99.9", -1, 10, 8, 5, true},
    [WHAT_MAX] = {"max", SORT_MAX, 10, 8, 4, false},
    [WHAT_BYTES] = {"received", -1, 10, 9, 11, true},
};

/* How this table came out at this width. */
struct shape {
    bool shown[WHATS];
    bool tight;
    int method, name; /* columns of the name column's parts */
};

static bool endpoint_passes(const struct view_state *v, const struct snap_endpoint *e)
{
    char title[SNAP_TITLE];
    return strcasestr(snap_title(e, title, sizeof title), v->filter[LIST_ENDPOINTS]) != NULL;
}

static double sort_value(const struct snap_endpoint *e, enum sort_column by)
{
    switch (by) {
    case SORT_RPS:
        return e->rps;
    case SORT_REQUESTS:
        return (double)e->requests;
    case SORT_FAILURES:
        return (double)e->failures;
    case SORT_P50:
        return (double)e->window.p50_us;
    case SORT_P95:
        return (double)e->window.p95_us;
    case SORT_P99:
        return (double)e->window.p99_us;
    case SORT_MAX:
        return (double)e->window.max_us;
    default:
        return 0;
    }
}

struct order {
    const struct snapshot *snap;
    enum sort_column by;
    bool up;
};

static int rows_compare(const void *pa, const void *pb, void *arg)
{
    const struct order *o = arg;
    uint16_t ia = *(const uint16_t *)pa, ib = *(const uint16_t *)pb;
    const struct snap_endpoint *a = &o->snap->endpoints[ia], *b = &o->snap->endpoints[ib];
    int c = 0;
    if (o->by == SORT_NAME) {
        c = strcasecmp(a->name, b->name);
        if (c == 0)
            c = strcmp(a->method, b->method);
    } else {
        double va = sort_value(a, o->by), vb = sort_value(b, o->by);
        c = va < vb ? -1 : va > vb;
    }
    if (!o->up)
        c = -c;
    return c != 0 ? c : (int)ia - (int)ib;
}

/* Figures are sorted from the top, names from A; sort_up turns that round. */
static bool ascending(const struct view_state *v)
{
    return v->sort == SORT_NAME ? !v->sort_up : v->sort_up;
}

size_t view_select(const struct snapshot *s, const struct view_state *v, uint16_t *out)
{
    struct order o = {.snap = s, .by = v->sort, .up = ascending(v)};
    size_t n = 0;
    for (uint32_t i = 0; i < s->n_endpoints && i < SNAP_ENDPOINTS; i++) {
        if (endpoint_passes(v, &s->endpoints[i]))
            out[n++] = (uint16_t)i;
    }
    qsort_r(out, n, sizeof *out, rows_compare, &o);
    return n;
}

static int column_width(const struct shape *sh, int c)
{
    return sh->tight ? columns[c].tight : columns[c].width;
}

/* The name column: as wide as the longest name, so that figures stand near names and do
 * not move with filter or scrolling. */
static void measure_names(struct shape *sh, const struct snapshot *s)
{
    sh->method = 0;
    sh->name = NAME_MIN;
    for (uint32_t i = 0; i < s->n_endpoints && i < SNAP_ENDPOINTS; i++) {
        int m = frame_width(s->endpoints[i].method), n = frame_width(s->endpoints[i].name);
        sh->method = m > sh->method ? m : sh->method;
        sh->name = n > sh->name ? n : sh->name;
    }
    if (sh->method > METHOD_MAX)
        sh->method = METHOD_MAX;
    if (sh->method > 0)
        sh->method++;
}

static void table_fold_columns(struct shape *sh, int cols, const struct view_input *in, bool wide)
{
    int width = 2;
    measure_names(sh, in->snap);
    sh->tight = cols < TIGHT_BELOW;
    for (int c = 0; c < WHATS; c++) {
        sh->shown[c] = wide || !columns[c].wide;
        width += sh->shown[c] ? column_width(sh, c) : 0;
    }
    int good = sh->method + sh->name < NAME_GOOD ? sh->method + sh->name : NAME_GOOD;
    for (;;) {
        int worst = -1;
        for (int c = 0; c < WHATS; c++) {
            bool keep = columns[c].rank == 0 || columns[c].sort == (int)in->state->sort;
            if (sh->shown[c] && !keep && (worst < 0 || columns[c].rank > columns[worst].rank))
                worst = c;
        }
        if (worst < 0)
            break;
        int least = columns[worst].rank >= 4 ? good : cols < 60 ? 12 : NAME_MIN;
        if (width + least <= cols)
            break;
        sh->shown[worst] = false;
        width -= column_width(sh, worst);
    }
    if (cols < NAME_MIN + 30)
        sh->method = 0;
    int room = cols - width - sh->method;
    if (sh->name > room)
        sh->name = room > 0 ? room : 0;
}

static double fail_percent(const struct snap_endpoint *e)
{
    return e->requests > 0 ? 100.0 * (double)e->failures / (double)e->requests : 0;
}

static void cell_text(char *out, size_t size, int what, const struct snap_endpoint *e,
                      const struct snapshot *s, bool tight)
{
    const struct snap_latency *w = &e->window;
    double us = 0;
    switch ((enum what)what) {
    case WHAT_RPS:
        human_rate(out, size, e->rps);
        return;
    case WHAT_REQUESTS:
        human_count(out, size, e->requests);
        return;
    case WHAT_FAILURES:
        human_count(out, size, e->failures);
        return;
    case WHAT_FAIL_PERCENT:
        human_percent(out, size, fail_percent(e));
        return;
    case WHAT_SHARE:
        human_percent(out, size, s->rps > 0 ? 100.0 * e->rps / s->rps : 0);
        return;
    case WHAT_BYTES:
        human_bytes(out, size, (double)e->bytes_in);
        return;
    case WHAT_MEAN:
        us = w->mean_us;
        break;
    case WHAT_P50:
        us = (double)w->p50_us;
        break;
    case WHAT_P90:
        us = (double)w->p90_us;
        break;
    case WHAT_P95:
        us = (double)w->p95_us;
        break;
    case WHAT_P99:
        us = (double)w->p99_us;
        break;
    case WHAT_P99_9:
        us = (double)w->p99_9_us;
        break;
    case WHAT_MAX:
        us = (double)w->max_us;
        break;
    case WHATS:
        break;
    }
    if (w->count == 0)
        snprintf(out, size, "-");
    else
        human_us(out, size, us, tight);
}

/* "1-5 of 12" behind the word, or in its place where there is no room: what is not in sight. */
static void draw_name_head(struct frame *f, struct rect r, int cols, const struct view_state *v,
                           const char *arrow, int n, int shown)
{
    char head[48], part[40] = "";
    snprintf(head, sizeof head, "endpoint%s", v->sort == SORT_NAME ? arrow : "");
    if (n > shown && shown > 0)
        snprintf(part, sizeof part, "%d-%d of %d", v->scroll + 1, v->scroll + shown, n);
    if (part[0] == '\0' || frame_width(head) + 2 + frame_width(part) <= cols) {
        int col = frame_text(f, r.row, r.col + 1, cols, STYLE_TITLE, head);
        frame_text(f, r.row, col + 2, r.col + 1 + cols - col - 2, STYLE_TITLE, part);
    } else {
        frame_text(f, r.row, r.col + 1, cols, STYLE_TITLE, part);
    }
}

static void draw_table_head(struct frame *f, struct rect r, const struct shape *sh,
                            const struct view_state *v, int n, int shown)
{
    const char *arrow = ascending(v) ? "\xe2\x96\xb2" : "\xe2\x96\xbc";
    char head[32];
    int name = sh->method + sh->name, col = r.col + 1 + name;

    frame_fill(f, (struct rect){r.row, r.col, 1, r.cols}, ' ', STYLE_TITLE);
    draw_name_head(f, r, name, v, arrow, n, shown);
    for (int c = 0; c < WHATS; c++) {
        if (!sh->shown[c])
            continue;
        snprintf(head, sizeof head, "%s%s", columns[c].head,
                 columns[c].sort == (int)v->sort ? arrow : "");
        frame_right(f, r.row, col, column_width(sh, c), STYLE_TITLE, head);
        col += column_width(sh, c);
    }
}

static void draw_table_row(struct frame *f, int row, struct rect r, const struct shape *sh,
                           const struct snap_endpoint *e, const struct snapshot *s,
                           enum style style)
{
    char text[HUMAN_MAX];
    int col = r.col + 1;

    if (style == STYLE_SELECTED)
        frame_fill(f, (struct rect){row, r.col, 1, r.cols}, ' ', style);
    if (style != STYLE_NORMAL)
        frame_put(f, row, r.col, '>', style);
    if (sh->method > 0)
        frame_ellipsis(f, row, col, sh->method - 1, style, e->method);
    col += sh->method;
    frame_middle(f, row, col, sh->name, style, e->name[0] != '\0' ? e->name : "(others)");
    col += sh->name;
    for (int c = 0; c < WHATS; c++) {
        if (!sh->shown[c])
            continue;
        enum style own = style;
        bool fails = c == WHAT_FAILURES || c == WHAT_FAIL_PERCENT;
        if (fails && e->failures > 0 && style != STYLE_SELECTED)
            own = e->fails_per_s > 0 ? STYLE_BAD_BOLD : STYLE_WARN;
        cell_text(text, sizeof text, c, e, s, sh->tight);
        frame_right(f, row, col + 1, column_width(sh, c) - 1, own, text);
        col += column_width(sh, c);
    }
}

const char *table_since_start(const struct view_input *in, int cols, char *out, size_t size)
{
    static const enum what since[] = {WHAT_REQUESTS, WHAT_FAILURES, WHAT_FAIL_PERCENT, WHAT_BYTES};
    struct shape sh;
    size_t used = 0;
    table_fold_columns(&sh, cols, in, true);
    out[0] = '\0';
    for (size_t i = 0; i < sizeof since / sizeof *since; i++)
        if (sh.shown[since[i]] && used < size)
            used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "",
                                     columns[since[i]].head);
    return out;
}

static struct snap_endpoint totals(const struct snapshot *s)
{
    struct snap_endpoint all = {
        .name = "all",
        .requests = s->finished,
        .failures = s->failures,
        .client_failures = s->client_failures,
        .bytes_in = s->bytes_in,
        .rps = s->rps,
        .fails_per_s = s->fails_per_s,
        .window = s->window,
    };
    return all;
}

void table_clamp(struct view_state *v, int n, int shown)
{
    if (v->cursor >= n)
        v->cursor = n - 1;
    if (v->cursor < 0)
        v->cursor = 0;
    if (v->scroll > v->cursor)
        v->scroll = v->cursor;
    if (shown > 0 && v->cursor - v->scroll >= shown)
        v->scroll = v->cursor - shown + 1;
    if (v->scroll > n - shown)
        v->scroll = n - shown;
    if (v->scroll < 0)
        v->scroll = 0;
}

/* Why the table is empty, where its first row would be. */
static void draw_empty(struct frame *f, struct rect r, const struct view_input *in)
{
    const char *filter = in->state->filter[LIST_ENDPOINTS];
    if (filter[0] != '\0')
        frame_printf(f, r.row + 1, r.col + 1, r.cols - 1, STYLE_DIM,
                     "no endpoint contains \"%s\"; / changes the filter", filter);
    else
        frame_text(f, r.row + 1, r.col + 1, r.cols - 1, STYLE_DIM, "no request finished yet");
}

/* The rows for endpoints in a table of so many. */
static int table_shown(int rows, int n, const struct table_options *o)
{
    return rows - 1 - (o->totals && rows > 3 && n > 0 ? 1 : 0);
}

void table_layout(struct view_state *v, const struct view_input *in, int rows,
                  const struct table_options *o)
{
    uint16_t selected[SNAP_ENDPOINTS];
    if (rows <= 0)
        return;
    int n = (int)view_select(in->snap, v, selected);
    table_clamp(v, n, table_shown(rows, n, o));
}

void table_draw(struct frame *f, struct rect r, const struct view_input *in,
                const struct table_options *o)
{
    uint16_t rows[SNAP_ENDPOINTS];
    struct shape sh;
    if (r.rows <= 0 || r.cols <= 0)
        return;
    int n = (int)view_select(in->snap, in->state, rows);
    int shown = table_shown(r.rows, n, o);

    table_fold_columns(&sh, r.cols, in, o->wide);
    draw_table_head(f, r, &sh, in->state, n, shown);
    if (n == 0 && r.rows > 1)
        draw_empty(f, r, in);
    int i = 0;
    for (; i < shown && in->state->scroll + i < n; i++) {
        int at = in->state->scroll + i;
        draw_table_row(f, r.row + 1 + i, r, &sh, &in->snap->endpoints[rows[at]], in->snap,
                       at == in->state->cursor ? o->cursor : STYLE_NORMAL);
    }
    if (shown < r.rows - 1) {
        struct snap_endpoint all = totals(in->snap);
        draw_table_row(f, r.row + 1 + i, r, &sh, &all, in->snap, STYLE_BOLD);
        frame_put(f, r.row + 1 + i, r.col, ' ', STYLE_BOLD);
    }
}
