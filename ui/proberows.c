/* SPDX-License-Identifier: MIT */
#include "ui/proberows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ui/chart.h"
#include "ui/series.h"

#define TEXT_BYTES 256

int proberows_wanted(const struct view_input *in)
{
    uint16_t chosen[SNAP_SERIES];
    return (int)series_chosen(&in->state->choice, in->probe_snap, chosen);
}

int proberows_labels(const struct view_input *in, int n, int least, int most)
{
    uint16_t chosen[SNAP_SERIES];
    char label[SNAP_SERIES_LABEL];
    int cols = least, of = (int)series_chosen(&in->state->choice, in->probe_snap, chosen);
    for (int i = 0; i < n && i < of; i++) {
        series_short_label(in->probe_snap, chosen[i], most - 1, label, sizeof label);
        int width = frame_width(label) + 1;
        cols = width > cols ? width : cols;
    }
    return cols < most ? cols : most;
}

/* Draws the value at the moment of the cursor, alone: limit and note are those of now. */
static void draw_then(struct frame *f, const struct proberows *p, int row,
                      const struct probe_snapshot *b, uint32_t series)
{
    char text[TEXT_BYTES];
    int col = p->area.col + p->area.cols, width = p->gutter - (p->gutter >= 12 ? 3 : 2);
    snap_format_value(b->series[series].unit, snap_series_at(b, series, p->axis->read), text,
                      sizeof text);
    frame_text(f, row, col + 2, width, STYLE_NORMAL, text);
}

/* The second row of a chart has room for what the first row's value had to leave out. */
static void draw_value(struct frame *f, const struct proberows *p, int row,
                       const struct probe_snapshot *b, uint32_t series)
{
    char text[TEXT_BYTES];
    enum style style;
    int col = p->area.col + p->area.cols, width = p->gutter - (p->gutter >= 12 ? 3 : 2);
    char sign = series_sign(b, series, &style);
    frame_put(f, row, col + 1, (unsigned char)sign, style);
    series_text(b, series, width, text, sizeof text);
    size_t head = strcspn(text, ",");
    frame_printf(f, row, col + 2, width, style, "%.*s", (int)head, text);
    if (text[head] != '\0') {
        char first[TEXT_BYTES];
        snprintf(first, sizeof first, "%.*s", (int)head, text);
        int used = frame_width(first);
        frame_text(f, row, col + 2 + used, width - used,
                   style == STYLE_DIM ? STYLE_DIM : STYLE_NORMAL, text + head);
    }
}

static void draw_probe_chart(struct frame *f, const struct rect *r, const struct axis *a,
                             const double *y, double max, const struct probe_snapshot *b,
                             uint32_t series)
{
    const struct chart_series line = {.y = y, .n = (size_t)a->n, .style = series_line(b, series)};
    chart_draw(f, &(struct chart){.area = *r,
                                  .max = max,
                                  .chars = f->chars,
                                  .series = &line,
                                  .n_series = 1,
                                  .limit = b->series[series].limit});
}

static void draw_probe_row(struct frame *f, const struct proberows *p, int row,
                           const struct probe_snapshot *b, uint32_t series)
{
    const struct snap_series *s = &b->series[series];
    char label[SNAP_SERIES_LABEL];
    double y[AXIS_MAX], top = series_values(p->axis, b, series, y), max = series_scale(s, top);
    int scale = p->area.col - 1, rows = p->height < PROBE_ROWS ? p->height : PROBE_ROWS;
    series_short_label(b, series, scale, label, sizeof label);
    frame_right(f, row, 0, scale, s->removed ? STYLE_DIM : STYLE_NORMAL, label);
    for (int i = 0; i < rows && rows > 1; i++)
        frame_put(f, row + i, scale, i == rows - 1 ? 0x2524 : 0x250a, STYLE_DIM);
    if (p->height == 1) {
        series_spark(f, row, p->area.col, p->axis, y, max, s);
    } else {
        const struct rect r = {row, p->area.col, rows, p->area.cols};
        draw_probe_chart(f, &r, p->axis, y, max, b, series);
    }
    if (p->axis->read == p->axis->now)
        draw_value(f, p, row, b, series);
    else
        draw_then(f, p, row, b, series);
}

void proberows_draw(struct frame *f, const struct proberows *p, const struct view_input *in)
{
    uint16_t chosen[SNAP_SERIES];
    int n = (int)series_chosen(&in->state->choice, in->probe_snap, chosen);
    for (int i = 0; i < n && i < p->n; i++)
        draw_probe_row(f, p, p->area.row + i * p->height, in->probe_snap, chosen[i]);
}
