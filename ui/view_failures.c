/* SPDX-License-Identifier: MIT */
/* Failures by kind and endpoint, and the selected one in full with what it means. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/human.h"
#include "src/stats/snapshot_words.h"
#include "ui/line.h"
#include "ui/outcome.h"
#include "ui/endpoint_table.h"
#include "ui/view.h"

#define MESSAGE_LEAST 8 /* columns: less says nothing */
#define OUTCOME_FROM 14 /* rows */

struct column_set {
    int kind, endpoint; /* widths */
    bool first, rate;   /* shown? */
};

/* By count, so that rows keep their places while failures come in. */
static int failrows_compare(const void *pa, const void *pb, void *arg)
{
    const struct snapshot *s = arg;
    uint16_t ia = *(const uint16_t *)pa, ib = *(const uint16_t *)pb;
    uint64_t a = s->fails[ia].count, b = s->fails[ib].count;
    return a > b ? -1 : a < b ? 1 : (int)ia - (int)ib;
}

/* By its endpoint as elsewhere, and by what stands here only: kind and text. */
static bool failure_passes(const struct snapshot *s, const struct snap_fail *fail,
                           const char *filter)
{
    char word[16], name[SNAP_TITLE], all[sizeof word + sizeof name + sizeof fail->text + 2];
    snprintf(all, sizeof all, "%s %s %s", snap_fail_word(fail, word, sizeof word),
             snap_fail_endpoint(s, fail, name, sizeof name), fail->text);
    return strcasestr(all, filter) != NULL;
}

static size_t select_rows(const struct view_input *in, uint16_t *out)
{
    const struct snapshot *s = in->snap;
    size_t n = 0;
    for (uint32_t i = 0; i < s->n_fails && i < SNAP_FAILS; i++) {
        if (failure_passes(s, &s->fails[i], in->state->filter[LIST_ENDPOINTS]))
            out[n++] = (uint16_t)i;
    }
    qsort_r(out, n, sizeof *out, failrows_compare, (void *)(uintptr_t)s);
    return n;
}

/* "14.2/s now, 812 of 723,287 requests since the start (0.11 %)" */
static void draw_summary(struct frame *f, struct rect r, const struct snapshot *s)
{
    char now[HUMAN_MAX], n[HUMAN_MAX], all[HUMAN_MAX], share[HUMAN_MAX];
    human_rate(now, sizeof now, s->fails_per_s);
    human_count(n, sizeof n, s->failures);
    human_count(all, sizeof all, s->finished);
    human_percent(share, sizeof share,
                  s->finished > 0 ? 100.0 * (double)s->failures / (double)s->finished : 0);
    int col = frame_printf(f, r.row, r.col + 1, r.cols - 1, STYLE_NORMAL,
                           "%s of %s requests failed (%s), %s/s now", n, all, share, now);
    if (s->client_failures > 0)
        frame_printf(f, r.row, col, r.col + r.cols - col, STYLE_BAD_BOLD,
                     "; %s more could not be sent", human_count(n, sizeof n, s->client_failures));
}

static void draw_failures_head(struct frame *f, struct rect r, const struct column_set *c)
{
    int col = r.col + 1;
    frame_fill(f, (struct rect){r.row, r.col, 1, r.cols}, ' ', STYLE_TITLE);
    frame_text(f, r.row, col, c->kind, STYLE_TITLE, "kind");
    col += c->kind;
    frame_text(f, r.row, col, c->endpoint, STYLE_TITLE, "endpoint");
    col += c->endpoint;
    frame_right(f, r.row, col, 9, STYLE_TITLE, "count");
    col += 9;
    if (c->rate) {
        frame_right(f, r.row, col, 9, STYLE_TITLE, "per s");
        col += 9;
    }
    if (c->first) {
        frame_text(f, r.row, col + 2, 8, STYLE_TITLE, "first");
        col += 10;
    }
    frame_text(f, r.row, col + 2, 8, STYLE_TITLE, "last");
    if (r.col + r.cols - col - 12 >= MESSAGE_LEAST)
        frame_text(f, r.row, col + 12, r.col + r.cols - col - 12, STYLE_TITLE, "message");
}

static void draw_failure_row(struct frame *f, int row, struct rect r, const struct column_set *c,
                             const struct snapshot *s, const struct snap_fail *fail, bool selected)
{
    char text[SNAP_TITLE];
    enum style plain = selected ? STYLE_SELECTED : STYLE_NORMAL;
    enum style dim = selected ? STYLE_SELECTED : STYLE_DIM;
    enum style bad = selected                                ? STYLE_SELECTED
                     : fail_is_client((enum fail)fail->fail) ? STYLE_WARN
                                                             : STYLE_BAD;
    int col = r.col + 1;
    if (selected) {
        frame_fill(f, (struct rect){row, r.col, 1, r.cols}, ' ', plain);
        frame_put(f, row, r.col, '>', plain);
    }
    frame_ellipsis(f, row, col, c->kind - 1, bad, snap_fail_word(fail, text, sizeof text));
    col += c->kind;
    frame_middle(f, row, col, c->endpoint - 1, plain,
                 snap_fail_endpoint(s, fail, text, sizeof text));
    col += c->endpoint;
    frame_right(f, row, col, 9, plain, human_count(text, sizeof text, fail->count));
    col += 9;
    if (c->rate) {
        frame_right(f, row, col, 9, fail->per_s > 0 ? bad : dim,
                    human_rate(text, sizeof text, fail->per_s));
        col += 9;
    }
    if (c->first) {
        human_clock(text, sizeof text, fail->first_s);
        frame_text(f, row, col + 2, 8, dim, text);
        col += 10;
    }
    human_clock(text, sizeof text, fail->last_s);
    frame_text(f, row, col + 2, 8, dim, text);
    if (r.col + r.cols - col - 12 >= MESSAGE_LEAST)
        frame_ellipsis(f, row, col + 12, r.col + r.cols - col - 12, dim, fail->text);
}

/* The selected row in full: what it is, what it means, what the target said. */
static void draw_detail(struct frame *f, struct rect r, const struct snapshot *s,
                        const struct snap_fail *fail)
{
    char word[16], name[SNAP_TITLE];
    if (r.rows < 1)
        return;
    frame_fill(f, (struct rect){r.row, r.col, 1, r.cols}, 0x2500, STYLE_DIM);
    struct rect text = {r.row + 1, r.col + 1, r.rows - 1, r.cols - 2};
    if (text.rows < 1)
        return;
    int col = frame_printf(f, text.row, text.col, text.cols, STYLE_BAD_BOLD, "%s",
                           snap_fail_word(fail, word, sizeof word));
    frame_ellipsis(f, text.row, col + 2, text.col + text.cols - col - 2, STYLE_BOLD,
                   snap_fail_endpoint(s, fail, name, sizeof name));
    text.row++;
    text.rows--;
    int used =
        line_wrap(f, text, STYLE_NORMAL, fail_explain_status((enum fail)fail->fail, fail->status));
    text.row += used;
    text.rows -= used;
    if (fail->text[0] != '\0')
        line_wrap(f, text, STYLE_DIM, fail->text);
}

static void failures_fold_columns(struct column_set *c, int cols)
{
    c->kind = cols >= 100 ? 20 : cols >= 60 ? 12 : 9;
    c->endpoint = cols >= 100 ? 32 : cols >= 60 ? 22 : 10;
    c->rate = cols >= 64; /* with it there is just room for the last column */
    c->first = cols >= 90;
}

/* The rows of the view's parts, from the top; the head of the list is among the list's. */
struct failures_rows {
    int summary, outcome, list, detail;
};

static struct failures_rows failures_split(int rows, const struct snapshot *s)
{
    struct failures_rows p = {.detail = rows >= 16  ? 7
                                        : rows >= 9 ? 4
                                                    : 0,
                              .summary = rows >= 3 ? 1 : 0};
    p.outcome = rows - p.summary >= OUTCOME_FROM && s->finished > 0 ? 2 : 0;
    p.list = rows - p.summary - p.outcome - p.detail;
    return p;
}

static void failures_layout(struct view_state *v, const struct view_input *in, struct rect r)
{
    uint16_t rows[SNAP_FAILS];
    table_clamp(v, (int)select_rows(in, rows), failures_split(r.rows, in->snap).list - 1);
}

static void failures_draw(struct frame *f, struct rect r, const struct view_input *in)
{
    uint16_t rows[SNAP_FAILS];
    struct column_set c;
    int n = (int)select_rows(in, rows);
    struct failures_rows p = failures_split(r.rows, in->snap);

    failures_fold_columns(&c, r.cols);
    if (p.summary > 0)
        draw_summary(f, r, in->snap);
    r.row += p.summary;
    if (p.outcome > 0) {
        outcome_draw_failed(f, r, in->snap, &in->snap->window_failed, &in->snap->total_failed);
        outcome_statuses(f, (struct rect){r.row + 1, r.col, 1, r.cols}, &in->snap->statuses);
    }
    r.row += p.outcome;
    draw_failures_head(f, r, &c);
    if (n == 0) {
        frame_text(f, r.row + 1, r.col + 1, r.cols - 1, STYLE_OK,
                   view_filter(in->state)[0] != '\0' ? "no failures that pass the filter"
                                                     : "no failures");
        return;
    }
    for (int i = 0; i < p.list - 1 && in->state->scroll + i < n; i++) {
        int at = in->state->scroll + i;
        draw_failure_row(f, r.row + 1 + i, r, &c, in->snap, &in->snap->fails[rows[at]],
                         at == in->state->cursor);
    }
    if (p.detail > 0)
        draw_detail(f, (struct rect){r.row + p.list, r.col, p.detail, r.cols}, in->snap,
                    &in->snap->fails[rows[in->state->cursor]]);
}

const struct view_ops view_failures = {
    .name = "failures", .layout = failures_layout, .draw = failures_draw};
