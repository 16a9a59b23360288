/* SPDX-License-Identifier: MIT */
/* action.h - what a key or a typed line leads to, and how such an answer is made.  Pure. */
#ifndef RAMPTOP_UI_ACTION_H
#define RAMPTOP_UI_ACTION_H

#include "src/run/command.h"
#include "ui/prompt.h"
#include "ui/view.h"

#define ACTION_PAGE_ROWS 10 /* rows that a page key moves by */

enum action_kind {
    ACTION_NONE,    /* done: at most the view's state has changed */
    ACTION_SEND,    /* command */
    ACTION_CONFIRM, /* ask text; yes: command */
    ACTION_LINE,    /* open a line for purpose: text is its label, initial what is in it */
    ACTION_PICK,    /* open the picker of levels and profiles; PURPOSE_WATCH: of what to watch */
    ACTION_SAY,     /* show text */
    ACTION_REFUSE,  /* show text as an error */
    ACTION_SAVE,    /* write the frame to the file text */
    ACTION_FREEZE,  /* hold or free the view */
    ACTION_REDRAW,
    ACTION_QUIT,
};

enum action_purpose {
    PURPOSE_USERS = 1,
    PURPOSE_RATE,
    PURPOSE_MARK,
    PURPOSE_FILTER,
    PURPOSE_COMMAND,
    PURPOSE_CONFIRM,
    PURPOSE_PICK,
    PURPOSE_WATCH, /* a probe that discovery found */
};

struct action {
    enum action_kind kind;
    struct command command;
    enum action_purpose purpose;
    char text[COMMAND_TEXT_MAX];
    char initial[PROMPT_TEXT_MAX];
};

/* The state of the views, and where Esc leads back to from the help. */
struct action_view {
    struct view_state state;
    const struct view_ops *back;
    const struct probe_snapshot *probe_snap; /* the probes' figures; borrowed, may be NULL */
};

/* Nothing more is to be done. */
struct action action_nothing(void);
/* A message: kind is ACTION_SAY, ACTION_REFUSE or ACTION_SAVE. */
struct action action_message(enum action_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A command for the session. */
struct action action_send(enum command_kind kind, int64_t n);
struct action action_send_text(enum command_kind kind, const char *text);
/* Opens a line to type in. */
struct action action_open_line(enum action_purpose purpose, const char *label, const char *initial);

#endif
