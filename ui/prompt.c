/* SPDX-License-Identifier: MIT */
#include "ui/prompt.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "src/base/clean.h"
#include "ui/tty.h"

#define PAGE 10

static void prompt_start(struct prompt *p, enum prompt_kind kind, int purpose, const char *label)
{
    p->kind = kind;
    p->purpose = purpose;
    clean_text(p->label, sizeof p->label, label, strlen(label));
    p->text[0] = '\0';
    p->len = p->cursor = 0;
    p->n_items = p->selected = 0;
    p->complete = NULL;
    p->complete_arg = NULL;
    p->n_candidates = p->candidate = 0;
    p->history = NULL;
    p->history_at = 0;
}

static void prompt_set_text(struct prompt *p, const char *text)
{
    p->len = clean_text(p->text, sizeof p->text, text, strlen(text));
    p->cursor = p->len;
}

void prompt_line(struct prompt *p, int purpose, const char *label, const char *initial)
{
    prompt_start(p, PROMPT_LINE, purpose, label);
    if (initial != NULL)
        prompt_set_text(p, initial);
}

void prompt_confirm(struct prompt *p, int purpose, const char *question)
{
    prompt_start(p, PROMPT_CONFIRM, purpose, question);
}

void prompt_pick(struct prompt *p, int purpose, const char *label)
{
    prompt_start(p, PROMPT_PICK, purpose, label);
}

void prompt_add_item(struct prompt *p, const char *text, const char *hint)
{
    if (p->n_items == PROMPT_ITEMS_MAX)
        return;
    struct prompt_item *item = &p->items[p->n_items++];
    clean_text(item->text, sizeof item->text, text, strlen(text));
    clean_text(item->hint, sizeof item->hint, hint, strlen(hint));
}

/* ----------------------------------------------------------------------- editing */

static size_t char_before(const struct prompt *p, size_t at)
{
    while (at > 0 && ((unsigned char)p->text[--at] & 0xc0) == 0x80)
        ;
    return at;
}

static size_t behind(const struct prompt *p, size_t at)
{
    if (at < p->len)
        at++;
    while (at < p->len && ((unsigned char)p->text[at] & 0xc0) == 0x80)
        at++;
    return at;
}

static size_t word_start(const struct prompt *p, size_t at)
{
    while (at > 0 && p->text[at - 1] == ' ')
        at--;
    while (at > 0 && p->text[at - 1] != ' ')
        at--;
    return at;
}

static void text_cut(struct prompt *p, size_t from, size_t to)
{
    memmove(p->text + from, p->text + to, p->len - to + 1);
    p->len -= to - from;
    p->cursor = from;
}

static void text_insert(struct prompt *p, uint32_t c)
{
    char bytes[4], clean[8];
    size_t n = clean_text(clean, sizeof clean, bytes, clean_encode(c, bytes));
    if (n == 0 || p->len + n >= sizeof p->text)
        return;
    memmove(p->text + p->cursor + n, p->text + p->cursor, p->len - p->cursor + 1);
    memcpy(p->text + p->cursor, clean, n);
    p->len += n;
    p->cursor += n;
}

/* True when the key was one of the line editor's. */
static bool edit(struct prompt *p, int key)
{
    switch (key) {
    case TTY_KEY_LEFT:
    case TTY_KEY_CTRL('b'):
        p->cursor = char_before(p, p->cursor);
        return true;
    case TTY_KEY_RIGHT:
    case TTY_KEY_CTRL('f'):
        p->cursor = behind(p, p->cursor);
        return true;
    case TTY_KEY_HOME:
    case TTY_KEY_CTRL('a'):
        p->cursor = 0;
        return true;
    case TTY_KEY_END:
    case TTY_KEY_CTRL('e'):
        p->cursor = p->len;
        return true;
    case TTY_KEY_BACKSPACE:
        text_cut(p, char_before(p, p->cursor), p->cursor);
        return true;
    case TTY_KEY_DELETE:
    case TTY_KEY_CTRL('d'):
        text_cut(p, p->cursor, behind(p, p->cursor));
        return true;
    case TTY_KEY_CTRL('u'):
        text_cut(p, 0, p->cursor);
        return true;
    case TTY_KEY_CTRL('k'):
        text_cut(p, p->cursor, p->len);
        return true;
    case TTY_KEY_CTRL('w'):
        text_cut(p, word_start(p, p->cursor), p->cursor);
        return true;
    default:
        if (key < ' ' || key >= TTY_KEY_BASE)
            return false;
        text_insert(p, (uint32_t)key);
        return true;
    }
}

/* ----------------------------------------------------------------------- history */

/* Equal to the newest one: kept once. */
static void history_remember(struct prompt *p)
{
    struct prompt_history *h = p->history;
    if (h == NULL || p->len == 0 || (h->n > 0 && strcmp(h->lines[h->n - 1], p->text) == 0))
        return;
    if (h->n == PROMPT_HISTORY_MAX) {
        memmove(h->lines[0], h->lines[1], sizeof h->lines - sizeof h->lines[0]);
        h->n--;
    }
    memcpy(h->lines[h->n++], p->text, p->len + 1);
}

static void recall(struct prompt *p, int step)
{
    const struct prompt_history *h = p->history;
    if (h == NULL || (step > 0 && p->history_at == h->n) || (step < 0 && p->history_at == 0))
        return;
    if (step > 0 && p->history_at == 0)
        memcpy(p->unsent, p->text, p->len + 1);
    p->history_at += (size_t)step;
    prompt_set_text(p, p->history_at == 0 ? p->unsent : h->lines[h->n - p->history_at]);
}

/* -------------------------------------------------------------------- completion */

static size_t common_prefix(char (*lines)[PROMPT_TEXT_MAX], size_t n)
{
    size_t len = strlen(lines[0]);
    for (size_t i = 1; i < n; i++) {
        size_t same = 0;
        while (same < len && lines[i][same] == lines[0][same])
            same++;
        len = same;
    }
    while (len > 0 && ((unsigned char)lines[0][len] & 0xc0) == 0x80)
        len--; /* never in the middle of a character */
    return len;
}

/* First what all candidates share; when that adds nothing, one after the other. */
static void complete(struct prompt *p, int step)
{
    if (p->complete == NULL)
        return;
    if (p->n_candidates > 0) {
        p->candidate = (p->candidate + p->n_candidates + (size_t)step) % p->n_candidates;
        prompt_set_text(p, p->candidates[p->candidate]);
        return;
    }
    size_t n = p->complete(p->text, p->candidates, PROMPT_ITEMS_MAX, p->complete_arg);
    if (n > PROMPT_ITEMS_MAX)
        n = PROMPT_ITEMS_MAX;
    if (n == 0)
        return;
    if (n == 1) {
        prompt_set_text(p, p->candidates[0]);
        return;
    }
    p->n_candidates = n;
    p->candidate = step > 0 ? n - 1 : 0; /* the next tab takes the first, or the last */
    size_t shared = common_prefix(p->candidates, n);
    if (shared > p->len) {
        memcpy(p->text, p->candidates[0], shared);
        p->text[shared] = '\0';
        p->len = p->cursor = shared;
    }
}

static enum prompt_result line_key(struct prompt *p, int key)
{
    if (key == TTY_KEY_TAB || key == TTY_KEY_BACK_TAB) {
        complete(p, key == TTY_KEY_TAB ? 1 : -1);
        return PROMPT_OPEN;
    }
    if (key == TTY_KEY_ESC && p->n_candidates > 0) {
        p->n_candidates = 0;
        return PROMPT_OPEN;
    }
    if (key == TTY_KEY_ENTER) {
        history_remember(p);
        return PROMPT_ACCEPTED;
    }
    if (key == TTY_KEY_ESC || (key == TTY_KEY_BACKSPACE && p->len == 0))
        return PROMPT_CANCELLED;
    if (key == TTY_KEY_UP || key == TTY_KEY_DOWN)
        recall(p, key == TTY_KEY_UP ? 1 : -1);
    else if (!edit(p, key))
        return PROMPT_OPEN;
    p->n_candidates = 0;
    return PROMPT_OPEN;
}

/* ---------------------------------------------------------------- confirm, picker */

static enum prompt_result confirm_key(int key)
{
    if (key == TTY_KEY_RESIZE || key == TTY_KEY_NONE)
        return PROMPT_OPEN;
    return key == 'y' || key == 'Y' ? PROMPT_ACCEPTED : PROMPT_CANCELLED;
}

size_t prompt_matches(const struct prompt *p, size_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_items; i++) {
        if (p->len == 0 || strcasestr(p->items[i].text, p->text) != NULL ||
            strcasestr(p->items[i].hint, p->text) != NULL)
            out[n++] = i;
    }
    return n;
}

static void select_row(struct prompt *p, long row)
{
    size_t matches[PROMPT_ITEMS_MAX];
    long n = (long)prompt_matches(p, matches);
    p->selected = row < 0 || n == 0 ? 0 : row >= n ? (size_t)(n - 1) : (size_t)row;
}

static enum prompt_result pick_key(struct prompt *p, int key)
{
    size_t matches[PROMPT_ITEMS_MAX];
    long row = (long)p->selected;

    switch (key) {
    case TTY_KEY_ESC:
        return PROMPT_CANCELLED;
    case TTY_KEY_ENTER:
        return prompt_matches(p, matches) > 0 ? PROMPT_ACCEPTED : PROMPT_OPEN;
    case TTY_KEY_UP:
    case TTY_KEY_BACK_TAB:
    case TTY_KEY_CTRL('p'):
        select_row(p, row - 1);
        return PROMPT_OPEN;
    case TTY_KEY_DOWN:
    case TTY_KEY_TAB:
    case TTY_KEY_CTRL('n'):
        select_row(p, row + 1);
        return PROMPT_OPEN;
    case TTY_KEY_PAGE_UP:
        select_row(p, row - PAGE);
        return PROMPT_OPEN;
    case TTY_KEY_PAGE_DOWN:
        select_row(p, row + PAGE);
        return PROMPT_OPEN;
    case TTY_KEY_HOME:
        select_row(p, 0);
        return PROMPT_OPEN;
    case TTY_KEY_END:
        select_row(p, PROMPT_ITEMS_MAX);
        return PROMPT_OPEN;
    default:
        if (edit(p, key))
            select_row(p, 0);
        return PROMPT_OPEN;
    }
}

enum prompt_result prompt_key(struct prompt *p, int key)
{
    switch (p->kind) {
    case PROMPT_LINE:
        return line_key(p, key);
    case PROMPT_CONFIRM:
        return confirm_key(key);
    case PROMPT_PICK:
        return pick_key(p, key);
    case PROMPT_NONE:
        break;
    }
    return PROMPT_CANCELLED;
}

size_t prompt_choice(const struct prompt *p)
{
    size_t matches[PROMPT_ITEMS_MAX];
    size_t n = prompt_matches(p, matches);
    return p->kind == PROMPT_PICK && p->selected < n ? matches[p->selected] : PROMPT_ITEMS_MAX;
}

const char *prompt_value(const struct prompt *p)
{
    if (p->kind != PROMPT_PICK)
        return p->text;
    size_t i = prompt_choice(p);
    return i < p->n_items ? p->items[i].text : "";
}
