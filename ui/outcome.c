/* SPDX-License-Identifier: MIT */
#include "ui/outcome.h"

#include "src/base/human.h"
#include "ui/header.h"
#include "ui/line.h"

#define DROP_FIRST 49 /* the rank of the item that goes first: gaps shrink before */

/* The figures of one time, which is named first. */
static void outcome_add_percentiles(struct line *l, const struct snap_latency *failed,
                                    const char *when)
{
    char p50[HUMAN_MAX] = "-", p99[HUMAN_MAX] = "-", max[HUMAN_MAX] = "-";
    if (failed->count > 0) {
        human_us(p50, sizeof p50, (double)failed->p50_us, false);
        human_us(p99, sizeof p99, (double)failed->p99_us, false);
        human_us(max, sizeof max, (double)failed->max_us, false);
    }
    line_item(l, LINE_LEFT, 20, l->n_items > 1 ? 10 : 0);
    line_add(l, STYLE_DIM, "%s  ", when);
    line_add(l, STYLE_NORMAL, "p50 %s  p99 %s  max %s", p50, p99, max);
    line_tight(l);
    line_add(l, STYLE_DIM, "%s ", when);
    line_add(l, STYLE_NORMAL, "p50 %s p99 %s", p50, p99);
}

void outcome_draw_failed(struct frame *f, struct rect r, const struct snapshot *s,
                         const struct snap_latency *window, const struct snap_latency *total)
{
    char text[HUMAN_MAX];
    struct line l;
    if (total->count == 0)
        return;
    line_init(&l, 4);
    line_item(&l, LINE_LEFT, 0, 0);
    line_add(&l, STYLE_BOLD, "failed after");
    if (s->run.window != SNAP_ALL)
        outcome_add_percentiles(&l, window, header_window(s, text, sizeof text));
    outcome_add_percentiles(&l, total, "whole run");
    line_draw(f, r.row, r.col + 1, r.cols - 1, &l);
}

/* How many rows of the table count more than row i, or as much and come before it. */
static int place_by_count(const struct statuses *s, uint32_t i)
{
    int place = 0;
    for (uint32_t k = 0; k < s->n; k++)
        place += s->count[k] > s->count[i] || (s->count[k] == s->count[i] && k < i);
    return place;
}

void outcome_statuses(struct frame *f, struct rect r, const struct statuses *s)
{
    char count[HUMAN_MAX];
    struct line l;
    if (s->n == 0)
        return;
    line_init(&l, 3);
    line_item(&l, LINE_LEFT, 0, 0);
    line_add(&l, STYLE_BOLD, "status");
    for (uint32_t i = 0; i < s->n; i++) {
        line_item(&l, LINE_LEFT, 0, DROP_FIRST - STATUSES_ROWS + place_by_count(s, i));
        line_add(&l, STYLE_DIM, "%u ", s->code[i]);
        line_add(&l, STYLE_NORMAL, "%s", human_count(count, sizeof count, s->count[i]));
    }
    if (s->others > 0) {
        line_item(&l, LINE_LEFT, 0, DROP_FIRST);
        line_add(&l, STYLE_DIM, "others ");
        line_add(&l, STYLE_NORMAL, "%s", human_count(count, sizeof count, s->others));
    }
    line_draw(f, r.row, r.col + 1, r.cols - 1, &l);
}
