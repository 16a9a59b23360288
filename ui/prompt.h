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
    char text[PROMPT_TEXT_MAX]; /* what is chosen */
    char hint[96];              /* shown beside it */
};

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
    char candidates[PROMPT_ITEMS_MAX][PROMPT_TEXT_MAX]; /* shown above the line while several match */
    size_t n_candidates, candidate;
};

void prompt_line(struct prompt *p, int purpose, const char *label, const char *initial);
void prompt_confirm(struct prompt *p, int purpose, const char *question);
void prompt_pick(struct prompt *p, int purpose, const char *label);
void prompt_add_item(struct prompt *p, const char *text, const char *hint);

/* Feeds one key (ui/tty.h codes).  While PROMPT_OPEN, go on. */
enum prompt_result prompt_key(struct prompt *p, int key);

/* PROMPT_PICK: the items that match what was typed, as indices; returns how many. */
size_t prompt_matches(const struct prompt *p, size_t *out);
/* The accepted text: the line, or the chosen item's text. */
const char *prompt_value(const struct prompt *p);

#endif
