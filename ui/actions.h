/* SPDX-License-Identifier: MIT */
/* actions.h - what a key or a line of the command line means: a command for the
 * session, a question, a prompt, a message, or something for the dashboard itself.
 *
 * Pure: reads the run's figures, changes only the view's state, sends nothing. */
#ifndef RAMPTOP_UI_ACTIONS_H
#define RAMPTOP_UI_ACTIONS_H

#include "src/run/command.h"
#include "ui/keys.h"
#include "ui/prompt.h"
#include "ui/view.h"

/* Above this many users a jump to more than double asks first, by keys, by a typed number
 * and by P; so does one beyond the profile's cap.  A level picked from the list does not:
 * its users stand beside it. */
#define ACTION_ASK_ABOVE 20

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
    enum view_id back;
    const struct probe_snapshot *probe_snap; /* the probes' figures; borrowed, may be NULL */
};

/* The number of users one step up or down from n.  The step is 1 below 100 users, 10
 * below 1,000, 100 below 10,000 and so on; it never jumps over such a border, so up
 * and down are inverse.  steps: how many, negative for down. */
int64_t action_step(int64_t n, int steps);

struct action action_of_key(enum key_action key, const struct snap_run *run, struct action_view *v);
/* Esc with nothing open: panel, help, time cursor, filter and frozen view, one after the other. */
struct action action_of_escape(struct action_view *v);
/* An accepted line of that purpose (not PURPOSE_CONFIRM, PURPOSE_PICK). */
struct action action_of_line(enum action_purpose purpose, const char *line,
                             const struct snap_run *run, struct action_view *v);

/* PURPOSE_FILTER while it is typed. */
void action_filter(struct view_state *v, const char *text);

/* The words that can stand behind `level`, `profile` and `probe`; lists end with NULL, borrowed. */
struct action_words {
    const char *const *levels, *const *profiles, *const *probes;
};

/* Completion of the command line (struct prompt); arg is a struct action_words. */
size_t action_complete(const char *text, char (*out)[PROMPT_TEXT_MAX], size_t max, void *arg);

/* Writes the message for a command that the session has carried out; run is from before. */
void action_done_text(const struct command *c, const struct snap_run *run, char *out, size_t size);

#endif
