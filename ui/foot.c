/* SPDX-License-Identifier: MIT */
#include "ui/foot.h"

#include <stdio.h>
#include <string.h>

#include "src/base/human.h"
#include "ui/keys.h"
#include "ui/line.h"
#include "ui/target.h"

#define PICK_COLS 76
#define PICK_AROUND 12 /* columns beside the picker, or it takes all of the width */
#define MESSAGE_ROWS 3
#define EDIT_COLS 24 /* room to type in, whatever the label */

/* How much of the list that is shown passes. */
static void add_filter(struct line *l, const struct view_input *in)
{
    uint16_t rows[SNAP_ENDPOINTS > LOG_KEEP ? SNAP_ENDPOINTS : LOG_KEEP];
    const char *filter = view_filter(in->state);
    size_t n, of;
    switch (view_shown(in->state)->list) {
    case LIST_LOG:
        n = view_select_log(in, rows);
        of = in->n_log;
        break;
    case LIST_TARGET:
        n = target_count(in->probe_snap, filter);
        of = target_count(in->probe_snap, "");
        break;
    default:
        n = view_select(in->snap, in->state, rows);
        of = in->snap->n_endpoints;
        break;
    }
    line_item(l, LINE_RIGHT, 0, 0);
    line_add(l, STYLE_WARN, "filter %s: %zu of %zu", filter, n, of);
}

static void draw_tabs(struct frame *f, int row, const struct view_input *in)
{
    const struct view_state *v = in->state;
    struct line l;
    line_init(&l, 1);
    for (int i = 0; views[i] != NULL; i++) {
        bool here = view_shown(v) == views[i];
        if (views[i] == &view_help)
            continue;
        line_item(&l, LINE_LEFT, 0, here ? 0 : 20 + i);
        line_add(&l, here ? STYLE_TITLE : STYLE_DIM, " %d %s ", i + 1, views[i]->name);
    }
    if (view_shown(v) == &view_help) {
        line_item(&l, LINE_LEFT, 0, 0);
        line_add(&l, STYLE_TITLE, " ? %s ", view_help.name);
    }
    if (view_filter(v)[0] != '\0')
        add_filter(&l, in);
    if (v->moment.set) { /* the figures above the charts are of now */
        char clock[16];
        line_item(&l, LINE_RIGHT, 75, 0);
        line_add(&l, STYLE_WARN, "charts at %s; esc: now",
                 human_clock(clock, sizeof clock, v->moment.second));
        line_tight(&l);
        line_add(&l, STYLE_WARN, "esc: now");
    } else if (in->probe_snap != NULL && in->probe_snap->n_probes == 0 &&
               in->probe_snap->n_offers > 0) {
        line_item(&l, LINE_RIGHT, 70, 60);
        line_add(&l, STYLE_DIM, "t: watch the target's resources (%u found)",
                 in->probe_snap->n_offers);
        line_tight(&l);
        line_add(&l, STYLE_DIM, "t: watch");
    }
    line_draw(f, row, 0, f->cols, &l);
}

/* The key as the bar shows it, and its label. */
static void add_key(struct line *l, const struct frame *f, const struct key_binding *b, int rank,
                    uint32_t step)
{
    const char *pm = f->chars == CHARS_ASCII ? "+/-" : "\xc2\xb1";
    char key[16];
    size_t len = strcspn(b->keys, " ");
    snprintf(key, sizeof key, "%.*s", (int)len, b->keys);
    if (strcmp(key, "space") == 0)
        snprintf(key, sizeof key, "spc");

    line_item(l, LINE_LEFT, 0, rank > 1 ? 50 + rank : 0);
    if (b->action == KEY_ACTION_USERS_UP) {
        line_add(l, STYLE_TITLE, " +- ");
        line_add(l, STYLE_NORMAL, "%s %s%u", b->bar, pm, step);
    } else if (b->action == KEY_ACTION_USERS_UP_BIG) {
        line_add(l, STYLE_TITLE, " [] ");
        line_add(l, STYLE_NORMAL, "%s%u", pm, step * 10);
    } else {
        line_add(l, STYLE_TITLE, " %s ", key);
        line_add(l, STYLE_NORMAL, "%s", b->bar);
    }
}

/* On a probe that is down its own key stands in the place of those for series. */
static bool is_to_retry(const struct view_input *in)
{
    struct target_row rows[TARGET_ROWS];
    size_t n = target_rows(in->probe_snap, in->state->filter[LIST_TARGET], rows),
           at = (size_t)in->state->cursor;
    if (view_shown(in->state) != &view_target || at >= n)
        return false;
    enum probe_state state = in->probe_snap->probes[rows[at].probe].state;
    return rows[at].kind != TARGET_SERIES && (state == PROBE_DOWN || state == PROBE_DENIED);
}

static bool is_for_series(enum key_action a)
{
    return a == KEY_ACTION_CHOOSE || a == KEY_ACTION_EXPAND;
}

static void draw_keys(struct frame *f, int row, const struct view_input *in)
{
    struct line l;
    bool retry = is_to_retry(in);
    bool target = view_shown(in->state) == &view_target;
    bool nothing = in->probe_snap == NULL || in->probe_snap->n_probes == 0;
    line_init(&l, 1);
    for (size_t i = 0; i < KEY_ACTIONS - 1; i++) {
        bool own = strcmp(key_bindings[i].group, "target") == 0;
        if (retry && is_for_series(key_bindings[i].action))
            continue;
        if (own && nothing && key_bindings[i].action != KEY_ACTION_WATCH)
            continue; /* nothing to work on */
        int rank = key_bindings[i].rank;
        if (retry && key_bindings[i].action == KEY_ACTION_RETRY)
            rank = 1;
        if (retry && key_bindings[i].action == KEY_ACTION_DETAILS)
            rank = 3;
        if (key_bindings[i].bar[0] != '\0' && (target || !own))
            add_key(&l, f, &key_bindings[i], rank, view_step(in->snap->run.users_wanted));
    }
    line_draw(f, row, 0, f->cols, &l);
}

/* The text with its cursor in sight: cut at the left while the cursor is too far right.
 * Returns the cursor's column. */
static int draw_edited(struct frame *f, int row, int col, int width, const struct prompt *p)
{
    char before[PROMPT_TEXT_MAX];
    size_t len = p->cursor < sizeof before ? p->cursor : sizeof before - 1;
    const char *from = p->text;
    memcpy(before, p->text, len);
    before[len] = '\0';
    const char *head = before;
    while (frame_width(head) > width - 1 && *head != '\0') {
        do {
            head++;
            from++;
        } while (((unsigned char)*head & 0xc0) == 0x80);
    }
    frame_text(f, row, col, width, STYLE_NORMAL, from);
    return col + frame_width(head);
}

static void draw_candidates(struct frame *f, int row, const struct prompt *p)
{
    size_t n = p->n_candidates < PROMPT_ITEMS_MAX ? p->n_candidates : PROMPT_ITEMS_MAX;
    size_t first = 0;
    int col = 0;

    for (size_t i = 0; i <= p->candidate && i < n; i++) { /* the chosen one stays in sight */
        col += frame_width(p->candidates[i]) + 2;
        if (col > f->cols) {
            first = i;
            col = frame_width(p->candidates[i]) + 2;
        }
    }
    col = 0;
    for (size_t i = first; i < n && col < f->cols; i++)
        col = frame_ellipsis(f, row, col, f->cols - col,
                             i == p->candidate ? STYLE_SELECTED : STYLE_DIM, p->candidates[i]) +
              2;
}

static bool has_message(const struct view_input *in)
{
    return in->message != NULL && in->message[0] != '\0';
}

/* Draws the message.  A message ends with its remedy, so a long one takes rows of the view above
 * `row`. */
static void draw_message(struct frame *f, int row, const struct view_input *in)
{
    int most = row + 1 < MESSAGE_ROWS ? row + 1 : MESSAGE_ROWS;
    int rows = line_rows(in->message, f->cols - 2, most);
    struct rect r = {row - rows + 1, 1, rows, f->cols - 2};
    frame_fill(f, (struct rect){r.row, 0, r.rows, f->cols}, ' ', STYLE_NORMAL);
    line_wrap(f, r, in->message_is_error ? STYLE_BAD_BOLD : STYLE_NORMAL, in->message);
}

static void draw_line_prompt(struct frame *f, int row, const struct view_input *in,
                             const struct prompt *p, int *cursor_row, int *cursor_col)
{
    int least = f->cols / 2 < EDIT_COLS ? f->cols / 2 : EDIT_COLS;
    int col = frame_ellipsis(f, row, 0, f->cols - least, STYLE_BOLD, p->label);
    if (col > 0 && strcmp(p->label, ":") != 0)
        col++;
    *cursor_row = row;
    *cursor_col = draw_edited(f, row, col, f->cols - col, p);
    if (row == 0)
        return;
    if (p->n_candidates > 0)
        draw_candidates(f, row - 1, p);
    else if (has_message(in))
        draw_message(f, row - 1, in);
    else
        frame_text(f, row - 1, 0, f->cols, STYLE_DIM,
                   p->complete != NULL ? "enter does it, esc cancels, tab completes"
                                       : "enter does it, esc cancels");
}

static void draw_confirm(struct frame *f, int row, const struct prompt *p, int *cursor_row,
                         int *cursor_col)
{
    static const char answer[] = "[y/N]";
    int room = f->cols - (int)sizeof answer - 1;
    bool two = frame_width(p->label) > room && row > 0;
    int used = 1;
    if (two)
        used = line_wrap(f, (struct rect){row - 1, 0, 2, room}, STYLE_WARN, p->label);
    else
        frame_ellipsis(f, row, 0, room, STYLE_WARN, p->label);
    int at = two ? (used > 1 ? row : row - 1) : row;
    int col = two ? room + 1 : frame_width(p->label) + 1;
    if (col > room + 1)
        col = room + 1;
    col = frame_text(f, at, col > 0 ? col : 0, (int)sizeof answer, STYLE_BOLD, answer);
    *cursor_row = at;
    *cursor_col = col < f->cols ? col : f->cols - 1;
}

void foot_draw(struct frame *f, const struct view_input *in, const struct prompt *p,
               int *cursor_row, int *cursor_col)
{
    int row = f->rows - 1;
    if (p != NULL && p->kind == PROMPT_LINE) {
        draw_line_prompt(f, row, in, p, cursor_row, cursor_col);
        return;
    }
    if (p != NULL && p->kind == PROMPT_CONFIRM) {
        draw_confirm(f, row, p, cursor_row, cursor_col);
        return;
    }
    if (has_message(in))
        draw_message(f, row - 1, in);
    else
        draw_tabs(f, row - 1, in);
    if (p != NULL && p->kind == PROMPT_PICK)
        frame_text(f, row, 0, f->cols, STYLE_DIM,
                   "enter picks, esc cancels, up and down move, letters filter");
    else
        draw_keys(f, row, in);
}

static void draw_box(struct frame *f, struct rect r, const char *title)
{
    frame_fill(f, r, ' ', STYLE_NORMAL);
    for (int col = r.col + 1; col < r.col + r.cols - 1; col++) {
        frame_put(f, r.row, col, 0x2500, STYLE_DIM);
        frame_put(f, r.row + r.rows - 1, col, 0x2500, STYLE_DIM);
    }
    for (int row = r.row + 1; row < r.row + r.rows - 1; row++) {
        frame_put(f, row, r.col, 0x2502, STYLE_DIM);
        frame_put(f, row, r.col + r.cols - 1, 0x2502, STYLE_DIM);
    }
    frame_put(f, r.row, r.col, 0x250c, STYLE_DIM);
    frame_put(f, r.row, r.col + r.cols - 1, 0x2510, STYLE_DIM);
    frame_put(f, r.row + r.rows - 1, r.col, 0x2514, STYLE_DIM);
    frame_put(f, r.row + r.rows - 1, r.col + r.cols - 1, 0x2518, STYLE_DIM);
    char text[PROMPT_TEXT_MAX + 40];
    snprintf(text, sizeof text, " %s ", title);
    frame_ellipsis(f, r.row, r.col + 2, r.cols - 4, STYLE_BOLD, text);
}

static void draw_key_item(struct frame *f, int row, int col, int cols,
                          const struct prompt_item *item, bool selected)
{
    enum style style = selected ? STYLE_SELECTED : STYLE_NORMAL;
    if (selected)
        frame_fill(f, (struct rect){row, col, 1, cols}, ' ', style);
    frame_put(f, row, col, selected ? '>' : ' ', style);
    int hint = frame_width(item->hint), room = cols - 2;
    if (hint + 8 > room)
        hint = 0;
    int end = frame_ellipsis(f, row, col + 2, hint > 0 ? room - hint - 2 : room, style, item->text);
    if (hint > 0)
        frame_text(f, row, end < col + 26 && col + 26 + hint <= col + cols ? col + 26 : end + 2,
                   hint, selected ? style : STYLE_DIM, item->hint);
}

void foot_draw_picker(struct frame *f, struct rect body, const struct prompt *p, int *cursor_row,
                      int *cursor_col)
{
    size_t match[PROMPT_ITEMS_MAX];
    int n = (int)prompt_matches(p, match);
    int cols = body.cols - PICK_AROUND < PICK_COLS ? body.cols : PICK_COLS;
    int rows = (int)p->n_items + 3 < body.rows ? (int)p->n_items + 3 : body.rows;
    char title[PROMPT_TEXT_MAX + 32];

    if (cols < 10 || rows < 3)
        return;
    struct rect r = {body.row + (body.rows - rows) / 2, body.col + (body.cols - cols) / 2, rows,
                     cols};
    if (n > rows - 3)
        snprintf(title, sizeof title, "%s, %zu of %d", p->label, p->selected + 1, n);
    else
        snprintf(title, sizeof title, "%s", p->label);
    draw_box(f, r, title);
    int at = frame_text(f, r.row + 1, r.col + 2, cols - 4, STYLE_DIM, "filter ");
    *cursor_row = r.row + 1;
    *cursor_col = draw_edited(f, r.row + 1, at, r.col + cols - 2 - at, p);

    int shown = rows - 3, first = (int)p->selected >= shown ? (int)p->selected - shown + 1 : 0;
    for (int i = 0; i < shown && first + i < n; i++)
        draw_key_item(f, r.row + 2 + i, r.col + 1, cols - 2, &p->items[match[first + i]],
                      first + i == (int)p->selected);
    if (n == 0 && shown > 0)
        frame_ellipsis(f, r.row + 2, r.col + 3, cols - 4, STYLE_DIM,
                       "nothing matches; :profile and :probe take what is typed");
}
