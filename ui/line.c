/* SPDX-License-Identifier: MIT */
#include "ui/line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define GAP_RANK 50 /* when the gaps shrink to one blank */
#define CUT_MIN 8   /* an item cut with an ellipsis keeps at least this */

void line_init(struct line *l, int gap)
{
    l->n_items = l->n_spans = l->form = l->used = 0;
    l->gap = gap;
}

void line_item(struct line *l, enum line_side side, int tighten, int drop)
{
    if (l->n_items < LINE_ITEMS)
        l->n_items++;
    memset(&l->items[l->n_items - 1], 0, sizeof l->items[0]);
    l->items[l->n_items - 1].side = side;
    l->items[l->n_items - 1].tighten = tighten;
    l->items[l->n_items - 1].drop = drop;
    l->items[l->n_items - 1].form[0].first = l->n_spans;
    l->form = 0;
}

void line_tight(struct line *l)
{
    l->items[l->n_items - 1].has_tight = true;
    l->items[l->n_items - 1].form[1].first = l->n_spans;
    l->form = 1;
}

static int new_span(struct line *l, enum style style)
{
    if (l->n_items == 0 || l->n_spans == LINE_SPANS)
        return -1;
    l->items[l->n_items - 1].form[l->form].count++;
    l->spans[l->n_spans].style = style;
    l->spans[l->n_spans].bar = 0;
    return l->n_spans++;
}

void line_add(struct line *l, enum style style, const char *fmt, ...)
{
    int span = l->used < LINE_TEXT ? new_span(l, style) : -1;
    if (span < 0)
        return;
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(l->buf + l->used, (size_t)(LINE_TEXT - l->used), fmt, ap);
    va_end(ap);
    l->spans[span].text = l->used;
    l->used += n < 0 ? 1 : n + 1;
    if (l->used > LINE_TEXT)
        l->used = LINE_TEXT;
}

void line_bar(struct line *l, int width, double part)
{
    int span = new_span(l, STYLE_BAR);
    if (span < 0)
        return;
    l->spans[span].bar = width;
    l->spans[span].part = part;
}

static int item_width(const struct line *l, int i)
{
    int form = l->items[i].is_tight ? 1 : 0, width = 0;
    for (int s = 0; s < l->items[i].form[form].count; s++) {
        int span = l->items[i].form[form].first + s;
        width +=
            l->spans[span].bar > 0 ? l->spans[span].bar : frame_width(l->buf + l->spans[span].text);
    }
    return width;
}

static int total_width(struct line *l)
{
    int total = 0;
    for (int i = 0; i < l->n_items; i++) {
        if (l->items[i].gone)
            continue;
        l->items[i].width = item_width(l, i);
        if (l->items[i].width > 0)
            total += l->items[i].width + (total > 0 ? l->gap : 0);
    }
    return total;
}

/* Takes the next step of giving up; false when there is none left. */
static bool fold_once(struct line *l)
{
    int best = 0, item = -1;
    bool drop = false;

    for (int i = 0; i < l->n_items; i++) {
        if (l->items[i].gone)
            continue;
        if (l->items[i].has_tight && !l->items[i].is_tight && l->items[i].tighten > best) {
            best = l->items[i].tighten;
            item = i;
            drop = false;
        }
        if (l->items[i].drop > best) {
            best = l->items[i].drop;
            item = i;
            drop = true;
        }
    }
    if (l->gap > 1 && best <= GAP_RANK)
        l->gap--;
    else if (item < 0)
        return false;
    else if (drop)
        l->items[item].gone = true;
    else
        l->items[item].is_tight = true;
    return true;
}

/* Cuts the items, from the first on, while the line is too wide even when folded. */
static void cut_items(struct line *l, int excess)
{
    for (int i = 0; i < l->n_items && excess > 0; i++) {
        int spare = l->items[i].width - CUT_MIN;
        if (l->items[i].gone || spare <= 0)
            continue;
        int cut = spare < excess ? spare : excess;
        l->items[i].width -= cut;
        excess -= cut;
    }
}

static void draw_line_item(struct frame *f, int row, int col, int end, const struct line *l, int i)
{
    int form = l->items[i].is_tight ? 1 : 0;
    if (col + l->items[i].width < end)
        end = col + l->items[i].width;
    for (int s = 0; s < l->items[i].form[form].count && col < end; s++) {
        int span = l->items[i].form[form].first + s;
        if (l->spans[span].bar > 0) {
            int width = l->spans[span].bar < end - col ? l->spans[span].bar : end - col;
            frame_bar(f, row, col, width, l->spans[span].part, f->chars);
            col += width;
        } else {
            col = frame_ellipsis(f, row, col, end - col, l->spans[span].style,
                                 l->buf + l->spans[span].text);
        }
    }
}

void line_draw(struct frame *f, int row, int col, int cols, struct line *l)
{
    int end = col + cols, right = 0;
    while (total_width(l) > cols && fold_once(l))
        ;
    cut_items(l, total_width(l) - cols);

    for (int i = 0; i < l->n_items; i++) {
        if (!l->items[i].gone && l->items[i].side == LINE_RIGHT && l->items[i].width > 0)
            right += l->items[i].width + (right > 0 ? l->gap : 0);
    }
    int at[2] = {col, end - right};
    for (int i = 0; i < l->n_items; i++) {
        if (l->items[i].gone || l->items[i].width <= 0)
            continue;
        int *to = &at[l->items[i].side];
        if (*to < col)
            *to = col;
        draw_line_item(f, row, *to, end, l, i);
        *to += l->items[i].width + l->gap;
    }
}

/* The last line of a text of which more would follow. */
static void end_cut(struct frame *f, struct rect r, enum style style)
{
    int row = r.row + r.rows - 1, col = r.col + r.cols - 1;
    if (row < 0 || row >= f->rows)
        return;
    while (col > r.col && (col >= f->cols || f->cells[row * f->cols + col - 1].ch == ' '))
        col--;
    frame_put(f, row, col, 0x2026, style);
}

/* Bytes of a word that is wider than a line: never through a character, never none. */
static size_t part_of_word(const char *word, size_t len, int cols)
{
    size_t n = 0;
    char part[LINE_TEXT];
    while (n < len && n + 1 < sizeof part) {
        size_t next = n + 1;
        while (next < len && ((unsigned char)word[next] & 0xc0) == 0x80)
            next++;
        if (next >= sizeof part)
            break;
        memcpy(part, word, next);
        part[next] = '\0';
        if (n > 0 && frame_width(part) > cols)
            break;
        n = next;
    }
    return n;
}

static int width_of(const char *text, size_t len)
{
    char part[LINE_TEXT];
    snprintf(part, sizeof part, "%.*s", (int)len, text);
    return frame_width(part);
}

size_t line_break(const char *text, int cols)
{
    size_t fits = 0, at = 0;
    for (;;) {
        size_t word = at + strspn(text + at, " "), end = word + strcspn(text + word, " ");
        if (end == word)
            return fits;
        if (width_of(text, end) > cols)
            return fits > 0 ? fits : part_of_word(text, end, cols);
        fits = at = end;
    }
}

int line_rows(const char *text, int cols, int most)
{
    int n = 0;
    for (size_t len; n < most && (len = line_break(text, cols)) > 0; n++) {
        text += len;
        text += strspn(text, " ");
    }
    return n;
}

int line_wrap(struct frame *f, struct rect r, enum style style, const char *text)
{
    if (r.rows <= 0 || r.cols <= 0)
        return 0;
    for (int row = 0;; row++) {
        text += strspn(text, " ");
        size_t n = line_break(text, r.cols);
        if (n == 0)
            return row;
        if (row == r.rows) {
            end_cut(f, r, style);
            return r.rows;
        }
        frame_printf(f, r.row + row, r.col, r.cols, style, "%.*s", (int)n, text);
        text += n;
    }
}
