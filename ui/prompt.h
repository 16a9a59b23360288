/* SPDX-License-Identifier: MIT */
/* prompt.h - the one-line input and the picker, as state machines fed key by key:
 * nothing ever waits inside them.  Main thread. */
#ifndef RAMPTOP_UI_PROMPT_H
#define RAMPTOP_UI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROMPT_TEXT_MAX 256
#define PROMPT_ITEMS_MAX 64

enum prompt_kind {
    PROMPT_NONE,
    PROMPT_LINE,    /* a label and an editable line */
    PROMPT_CONFIRM, /* a question; only y says yes, everything else says no */
    PROMPT_PICK,    /* a list to choose from, with a filter line */
};

enum prompt_result { PROMPT_OPEN, PROMPT_ACCEPTED, PROMPT_CANCELLED };

struct prompt_item {
    char text[PROMPT_TEXT_MAX]; /* the text that a choice yields */
    char hint[96];              /* shown beside it */
};

#define PROMPT_HISTORY_MAX 32

/* Lines that were accepted, oldest first; zeroed is empty.  Owned by whoever keeps it
 * longer than the prompt. */
struct prompt_history {
    char lines[PROMPT_HISTORY_MAX][PROMPT_TEXT_MAX];
    size_t n;
};

/* Zeroed is closed.  complete, complete_arg and history are set after prompt_line. */
struct prompt {
    enum prompt_kind kind;
    int purpose; /* the owner's number: what to do when accepted */
    char label[PROMPT_TEXT_MAX];
    char text[PROMPT_TEXT_MAX]; /* UTF-8 */
    size_t len, cursor;         /* bytes */
    struct prompt_item items[PROMPT_ITEMS_MAX];
    size_t n_items;
    size_t selected; /* index into the items that match the filter */
    /* Completion for PROMPT_LINE: fills out with whole-line candidates that start
     * with text; returns how many. */
    size_t (*complete)(const char *text, char (*out)[PROMPT_TEXT_MAX], size_t max, void *arg);
    void *complete_arg;
    char candidates[PROMPT_ITEMS_MAX]
                   [PROMPT_TEXT_MAX]; /* shown above the line while several match */
    size_t n_candidates, candidate;
    struct prompt_history *history; /* up and down go through it; NULL for none; borrowed */
    size_t history_at;              /* 0: the line being typed, 1: the newest one */
    char unsent[PROMPT_TEXT_MAX];   /* typed before the first up */
};

void prompt_line(struct prompt *p, int purpose, const char *label, const char *initial);
void prompt_confirm(struct prompt *p, int purpose, const char *question);
void prompt_pick(struct prompt *p, int purpose, const char *label);
void prompt_add_item(struct prompt *p, const char *text, const char *hint);

/* Feeds one key (ui/tty.h codes).  While PROMPT_OPEN, go on.
 *   line     the usual keys and ^a ^e ^b ^f ^d ^u ^k ^w, up and down for history, tab to
 *            complete: what all candidates share, then one after the other; esc closes
 *            the candidates, then the line; backspace on an empty line closes it
 *   pick     typing filters; up, down, pages, home, end, tab; enter takes, esc closes
 *   confirm  y is yes, every other key is no */
enum prompt_result prompt_key(struct prompt *p, int key);

/* PROMPT_PICK: the items that match what was typed, as indices; returns how many. */
size_t prompt_matches(const struct prompt *p, size_t *out);
/* PROMPT_PICK: the index of the selected item, PROMPT_ITEMS_MAX when none matches. */
size_t prompt_choice(const struct prompt *p);
/* The accepted text: the line, or the chosen item's text. */
const char *prompt_value(const struct prompt *p);

#endif
