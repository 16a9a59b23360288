/* SPDX-License-Identifier: MIT */
#include "ui/faillist.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/base/human.h"
#include "src/stats/snapshot_words.h"

#define BIN_S 10.0
#define NEWS_S 180.0    /* an event keeps a row for so long */
#define ONLY_ROW_S 20.0 /* where there is one row alone */

static int failures_compare(const void *pa, const void *pb, void *arg)
{
    const struct snapshot *s = arg;
    uint16_t ia = *(const uint16_t *)pa, ib = *(const uint16_t *)pb;
    const struct snap_fail *a = &s->fails[ia], *b = &s->fails[ib];
    long bin_a = (long)(a->last_s / BIN_S), bin_b = (long)(b->last_s / BIN_S);
    if (bin_a != bin_b)
        return bin_a > bin_b ? -1 : 1;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return (int)ia - (int)ib;
}

static void draw_failure(struct frame *f, int row, struct rect r, const struct snapshot *s,
                         const struct snap_fail *fail)
{
    char clock[HUMAN_MAX], word[16], name[SNAP_TITLE], count[HUMAN_MAX], times[HUMAN_MAX + 2];
    enum style style = fail_is_client((enum fail)fail->fail) ? STYLE_WARN : STYLE_BAD;
    int kind = r.cols >= 100 ? 18 : 10, where = r.cols >= 100 ? 32 : r.cols >= 60 ? 24 : 12;
    int col = r.col + 1, end = r.col + r.cols - 1;

    human_clock(clock, sizeof clock, fail->last_s);
    snprintf(times, sizeof times, "\xc3\x97%s", human_count(count, sizeof count, fail->count));
    if (f->chars == CHARS_ASCII)
        snprintf(times, sizeof times, "x%s", count);
    int width = frame_width(times);
    frame_text(f, row, col, 8, STYLE_DIM, clock);
    col += 10;
    frame_ellipsis(f, row, col, kind - 1, style, snap_fail_word(fail, word, sizeof word));
    col += kind;
    frame_middle(f, row, col, where - 1 < end - col - width - 1 ? where - 1 : end - col - width - 1,
                 STYLE_NORMAL, snap_fail_endpoint(s, fail, name, sizeof name));
    col += where;
    frame_ellipsis(f, row, col, end - col - width - 2, STYLE_DIM, fail->text);
    frame_right(f, row, end - width, width, STYLE_NORMAL, times);
}

static void draw_event(struct frame *f, int row, struct rect r, const struct snap_event *ev)
{
    char clock[HUMAN_MAX];
    int kind = r.cols >= 100 ? 18 : 10, col = r.col + 1;
    human_clock(clock, sizeof clock, ev->at_s);
    frame_text(f, row, col, 8, STYLE_DIM, clock);
    col += 10;
    frame_ellipsis(f, row, col, kind - 1, ev->kind == EVENT_START ? STYLE_DIM : STYLE_WARN,
                   ev->group[0] != '\0' ? ev->group : ev->probe);
    col += kind;
    frame_ellipsis(f, row, col, r.col + r.cols - 1 - col, STYLE_NORMAL, ev->text);
}

/* How many of the rows are for events. */
static int event_rows(const struct probe_snapshot *b, int rows, int fails, double now_s)
{
    if (b == NULL || b->n_events == 0 || rows == 0)
        return 0;
    int n = (int)b->n_events, left = rows - (fails > 0 ? fails : 0);
    double age = now_s - b->event[n - 1].at_s;
    int kept = age < (rows > 1 ? NEWS_S : ONLY_ROW_S) ? 1 : 0;
    left = left > kept ? left : kept;
    return left < n ? left : n;
}

void faillist_newest(struct frame *f, struct rect r, const struct snapshot *s,
                     const struct probe_snapshot *b)
{
    int events = event_rows(b, r.rows, (int)s->n_fails, s->elapsed_s);
    uint16_t order[SNAP_FAILS];
    size_t n = s->n_fails < SNAP_FAILS ? s->n_fails : SNAP_FAILS;
    for (size_t i = 0; i < n; i++)
        order[i] = (uint16_t)i;
    qsort_r(order, n, sizeof *order, failures_compare, (void *)(uintptr_t)s);
    r.rows -= events;
    int below = r.row + ((int)n < r.rows ? (int)n : r.rows);
    for (int i = 0; i < events; i++)
        draw_event(f, below + i, r, &b->event[b->n_events - 1 - (uint32_t)i]);
    if (n == 0 && events == 0 && r.rows > 0)
        frame_text(f, r.row, r.col + 1, r.cols - 1, STYLE_DIM, "no failures");
    for (size_t i = 0; i < n && (int)i < r.rows; i++)
        draw_failure(f, r.row + (int)i, r, s, &s->fails[order[i]]);
}
