/* SPDX-License-Identifier: MIT */
/* view_log.c - the program's own messages: warnings that hold now, then messages, newest first, so
 * that row 0 is always the news. */
#include <string.h>
#include <time.h>

#include "ui/line.h"
#include "ui/endpoint_table.h"
#include "ui/view.h"

#define DETAIL_ROWS 3
#define TEXT_COL 17

static const struct {
    const char *word;
    enum style style;
} levels[] = {
    [LOG_LEVEL_INFO] = {"info", STYLE_DIM},
    [LOG_LEVEL_WARN] = {"warn", STYLE_WARN},
    [LOG_LEVEL_ERROR] = {"ERROR", STYLE_BAD_BOLD},
};

static unsigned line_level(const struct log_line *line)
{
    return line->level <= LOG_LEVEL_ERROR ? line->level : LOG_LEVEL_INFO;
}

static void draw_log_row(struct frame *f, int row, struct rect r, const struct log_line *line,
                         bool selected)
{
    unsigned level = line_level(line);
    char clock[16] = "";
    struct tm tm;
    time_t at = (time_t)line->wall_s;

    if (localtime_r(&at, &tm) != NULL)
        strftime(clock, sizeof clock, "%H:%M:%S", &tm);
    if (selected)
        frame_fill(f, (struct rect){row, r.col, 1, r.cols}, ' ', STYLE_SELECTED);
    frame_put(f, row, r.col, selected ? '>' : ' ', selected ? STYLE_SELECTED : STYLE_NORMAL);
    frame_text(f, row, r.col + 1, r.cols - 1, selected ? STYLE_SELECTED : STYLE_DIM, clock);
    frame_text(f, row, r.col + 11, r.cols - 11, selected ? STYLE_SELECTED : levels[level].style,
               levels[level].word);
    frame_ellipsis(f, row, r.col + TEXT_COL, r.cols - TEXT_COL,
                   selected ? STYLE_SELECTED : STYLE_NORMAL, line->text);
}

/* Draws the generator's warnings above the log as long as they hold: the header has room for the
 * beginning of one sentence only.  f NULL: draws nothing.  Returns the rows they take. */
static int draw_warnings(struct frame *f, struct rect r, const struct snap_health *h)
{
    int used = 0, most = r.rows / 2;
    for (uint32_t i = 0; i < h->n_warnings && i < SNAP_WARNINGS && used < most; i++) {
        struct rect text = {r.row + used, r.col + 3, most - used, r.cols - 4};
        if (f != NULL) {
            frame_put(f, text.row, r.col + 1, '!', STYLE_BAD_BOLD);
            line_wrap(f, text, STYLE_NORMAL, h->warnings[i]);
        }
        used += text.cols > 0 ? line_rows(h->warnings[i], text.cols, text.rows) : 0;
    }
    return used > 0 && used < most ? used + 1 : used;
}

size_t view_select_log(const struct view_input *in, uint16_t *out)
{
    const char *filter = in->state->filter[LIST_LOG];
    size_t n = 0;
    for (size_t i = in->n_log; i-- > 0;) {
        const char *word = levels[line_level(&in->log[i])].word;
        if (strcasestr(in->log[i].text, filter) != NULL || strcasecmp(word, filter) == 0)
            out[n++] = (uint16_t)i;
    }
    return n;
}

static void draw_empty_log(struct frame *f, struct rect r, const struct view_input *in)
{
    if (in->n_log == 0)
        frame_text(f, r.row, r.col + 1, r.cols - 1, STYLE_DIM, "nothing was logged");
    else
        frame_printf(f, r.row, r.col + 1, r.cols - 1, STYLE_DIM,
                     "no line contains \"%s\"; / changes the filter", in->state->filter[LIST_LOG]);
}

static int log_shown(int rows)
{
    return rows >= 9 ? rows - DETAIL_ROWS : rows;
}

static void log_layout(struct view_state *v, const struct view_input *in, struct rect r)
{
    uint16_t rows[LOG_KEEP];
    int used = draw_warnings(NULL, r, &in->snap->health);
    table_clamp(v, (int)view_select_log(in, rows), log_shown(r.rows - used));
}

static void log_draw(struct frame *f, struct rect r, const struct view_input *in)
{
    uint16_t rows[LOG_KEEP];
    int used = draw_warnings(f, r, &in->snap->health);
    r.row += used;
    r.rows -= used;
    int n = (int)view_select_log(in, rows);
    if (n == 0) {
        draw_empty_log(f, r, in);
        return;
    }
    int shown = log_shown(r.rows);
    for (int i = 0; i < shown && in->state->scroll + i < n; i++) {
        int at = in->state->scroll + i;
        draw_log_row(f, r.row + i, r, &in->log[rows[at]], at == in->state->cursor);
    }
    const struct log_line *chosen = &in->log[rows[in->state->cursor]];
    if (shown < r.rows && frame_width(chosen->text) > r.cols - TEXT_COL)
        line_wrap(f, (struct rect){r.row + shown, r.col + 1, r.rows - shown, r.cols - 2},
                  STYLE_NORMAL, chosen->text);
}

const struct view_ops view_log = {
    .name = "log", .list = LIST_LOG, .layout = log_layout, .draw = log_draw};
