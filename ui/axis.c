/* SPDX-License-Identifier: MIT */
#include "ui/axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/base/human.h"
#include "ui/chart.h"

#define LABEL_ROOM 13 /* cells from one time to the next */
#define STRETCH_MAX 8 /* dots per second of a run that has just begun */

void axis_init(struct axis *a, const struct snapshot *snap, int cols, enum charset chars)
{
    uint32_t n = snap->n_points < SNAP_POINTS ? snap->n_points : SNAP_POINTS;
    *a = (struct axis){.snap = snap, .cols = cols > 0 ? cols : 0, .dots = chart_dots(chars)};
    a->n = a->cols * a->dots < AXIS_MAX ? a->cols * a->dots : AXIS_MAX;
    a->now = n > 0 ? snap->points[n - 1].second : 0;
    a->per = STRETCH_MAX;
    while (a->per > 1 && (a->now + 1) * (uint32_t)a->per > (uint32_t)a->n)
        a->per /= 2;
    a->right = a->per < a->dots ? a->now | 1 : a->now;
    a->read = a->now;
}

/* ------------------------------------------------------------------- the cursor */

static uint32_t past_points(const struct axis *a)
{
    return a->snap->n_past < SNAP_PAST ? a->snap->n_past : SNAP_PAST;
}

static uint32_t oldest_in_sight(const struct axis *a)
{
    uint32_t wide = a->n > 0 ? (uint32_t)(a->n - 1) / (uint32_t)a->per : 0;
    uint32_t left = a->right > wide ? a->right - wide : 0;
    uint32_t first = a->snap->n_points > 0 ? a->snap->points[0].second : 0;
    if (past_points(a) > 0)
        first = a->snap->past[0].second;
    return left > first ? left : first;
}

void axis_move(const struct axis *a, struct moment *m)
{
    int step = a->dots > a->per ? a->dots / a->per : 1; /* seconds of a cell */
    uint32_t oldest = oldest_in_sight(a);
    int64_t second = (int64_t)(m->set ? m->second : a->now) + (int64_t)m->move * step;
    m->set = (m->set || m->move < 0) && second < (int64_t)a->now;
    m->move = 0;
    m->second = second < (int64_t)oldest ? oldest : (uint32_t)second;
}

void axis_read(struct axis *a, const struct moment *m)
{
    if (m->set)
        a->read = m->second;
}

const struct snap_point *axis_point(const struct axis *a)
{
    uint32_t n = a->snap->n_points < SNAP_POINTS ? a->snap->n_points : SNAP_POINTS;
    for (uint32_t i = n; i-- > 0;)
        if (a->snap->points[i].second <= a->read)
            return a->snap->points[i].second == a->read ? &a->snap->points[i] : NULL;
    for (uint32_t i = past_points(a); i-- > 0;)
        if (a->snap->past[i].second <= a->read)
            return a->read - a->snap->past[i].second < a->snap->past[i].seconds ? &a->snap->past[i]
                                                                                : NULL;
    return NULL;
}

void axis_draw_cursor(struct frame *f, const struct rect *plot, const struct axis *a)
{
    int col = a->read != a->now ? axis_col(a, a->read) : -1;
    for (int row = 0; col >= 0 && row < plot->rows; row++)
        frame_put(f, plot->row + row, plot->col + col, 0x2502, STYLE_NORMAL);
}

/* ----------------------------------------------------------------------- values */

/* The dots of a second, the last at `end`: a line from the second before. */
static void put_second(const struct axis *a, double *y, int end, double before, double v)
{
    for (int i = 0; i < a->per && end - i >= 0; i++)
        y[end - i] = isnan(before) ? v : v + (before - v) * i / a->per;
}

/* The seconds of a wide point that are older than `before`.  Returns whether it was in sight. */
static bool put_past(const struct axis *a, const struct snap_point *p, double v, uint32_t before,
                     double *y)
{
    uint32_t end = p->second + p->seconds < before ? p->second + p->seconds : before;
    bool seen = false;
    for (uint32_t second = end; second-- > p->second;) {
        uint32_t back = (a->right - second) * (uint32_t)a->per;
        if (back >= (uint32_t)a->n)
            break;
        put_second(a, y, a->n - 1 - (int)back, NAN, v);
        seen = true;
    }
    return seen;
}

/* Before the newest seconds.  Returns the largest that is in sight. */
static double put_all_past(const struct axis *a, double (*value)(const struct snap_point *),
                           double *y, double *last)
{
    double max = 0;
    uint32_t before = a->snap->n_points > 0 ? a->snap->points[0].second : a->right;
    for (uint32_t i = past_points(a); i-- > 0;) {
        const struct snap_point *p = &a->snap->past[i];
        double v = p->gap ? NAN : value(p);
        if (p->second >= before)
            continue;
        if (!put_past(a, p, v, before, y))
            break;
        if (v > max)
            max = v;
        if (last != NULL && a->read >= p->second && a->read < before &&
            a->read - p->second < p->seconds)
            *last = v;
    }
    return max;
}

double axis_values(const struct axis *a, double (*value)(const struct snap_point *), double *y,
                   double *last)
{
    double max = 0;
    uint32_t n = a->snap->n_points < SNAP_POINTS ? a->snap->n_points : SNAP_POINTS;

    for (int i = 0; i < a->n; i++)
        y[i] = NAN;
    if (last != NULL)
        *last = NAN;
    if (n > 0 && (a->right - a->snap->points[0].second) * (uint32_t)a->per < (uint32_t)a->n)
        max = put_all_past(a, value, y, last);
    for (uint32_t i = n; i-- > 0;) {
        const struct snap_point *p = &a->snap->points[i];
        uint32_t back = (a->right - p->second) * (uint32_t)a->per;
        if (back >= (uint32_t)a->n)
            break;
        bool follows = i > 0 && !p[-1].gap && p[-1].second + 1 == p->second;
        double v = p->gap ? NAN : value(p);
        put_second(a, y, a->n - 1 - (int)back, follows ? value(&p[-1]) : NAN, v);
        if (v > max)
            max = v;
        if (last != NULL && p->second == a->read)
            *last = v;
    }
    return max;
}

double axis_fill(const struct axis *a, double (*value)(const void *of, uint32_t second),
                 const void *of, double *y, double *last)
{
    double max = 0, v = value(of, a->now);
    for (int i = 0; i < a->n; i++)
        y[i] = NAN;
    if (last != NULL)
        *last = value(of, a->read);
    for (uint32_t second = a->now;; second--) {
        uint32_t back = (a->right - second) * (uint32_t)a->per;
        if (back >= (uint32_t)a->n)
            break;
        double before = second > 0 ? value(of, second - 1) : NAN;
        put_second(a, y, a->n - 1 - (int)back, before, v);
        max = v > max ? v : max;
        v = before;
        if (second == 0)
            break;
    }
    return max;
}

int axis_col(const struct axis *a, double at_s)
{
    if (!(at_s >= 0) || at_s >= (double)a->right + 1)
        return a->cols > 0 && at_s >= 0 ? a->cols - 1 : -1;
    uint32_t back = (a->right - (uint32_t)at_s) * (uint32_t)a->per;
    int col = a->cols - 1 - (int)(back / (uint32_t)a->dots);
    return col >= 0 ? col : -1;
}

/* Where the cursor's time stands on the row of times: its first cell, and how many. */
static int moment_span(const struct axis *a, char *clock, size_t size, int *width)
{
    human_clock(clock, size, a->read);
    *width = frame_width(clock);
    int at = axis_col(a, a->read) - *width / 2, most = a->cols - *width;
    at = at > most ? most : at;
    return at < 0 ? 0 : at;
}

void axis_draw_times(struct frame *f, int row, int col, const struct axis *a, const char *now)
{
    static const int steps[] = {2, 5, 10, 15, 30, 60, 120, 300};
    size_t s = 0;
    int width = frame_width(now), end = a->cols - width - 2, taken = 0;
    char clock[HUMAN_MAX];
    int from = a->read != a->now ? moment_span(a, clock, sizeof clock, &taken) : 0;

    while (s + 1 < sizeof steps / sizeof *steps && steps[s] * a->per / a->dots < LABEL_ROOM)
        s++;
    for (int back = steps[s]; back * a->per / a->dots < a->cols; back += steps[s]) {
        char label[24];
        snprintf(label, sizeof label, "-%d:%02d", back / 60, back % 60);
        int len = (int)strlen(label);
        int at = a->cols - 1 - back * a->per / a->dots - len / 2;
        if (at < 0)
            break;
        bool free = taken == 0 || at + len < from || at > from + taken;
        if (at + len <= end && free)
            frame_text(f, row, col + at, len, STYLE_DIM, label);
    }
    if (width <= a->cols && (taken == 0 || from + taken < a->cols - width))
        frame_text(f, row, col + a->cols - width, width, STYLE_DIM, now);
    if (taken > 0 && taken <= a->cols)
        frame_text(f, row, col + from, taken, STYLE_MARK, clock);
}

/* Where two share a column the user's own letter stays: it is what they look for. */
void axis_draw_marks(struct frame *f, int row, int col, const struct axis *a)
{
    uint32_t n = a->snap->n_marks < SNAP_MARKS ? a->snap->n_marks : SNAP_MARKS;
    for (int own = 0; own < 2; own++)
        for (uint32_t i = 0; i < n; i++) {
            const struct snap_mark *m = &a->snap->marks[i];
            int at = (m->kind == SNAP_MARK_USER) == own ? axis_col(a, m->at_s) : -1;
            if (at >= 0)
                frame_put(f, row, col + at, (unsigned char)m->letter,
                          m->kind == SNAP_MARK_ALERT    ? STYLE_BAD_BOLD
                          : m->kind == SNAP_MARK_TARGET ? STYLE_WARN
                                                        : STYLE_MARK);
        }
}
