/* SPDX-License-Identifier: MIT */
/* actions.h - what a key or a line of the command line means: a command for the
 * session, a question, a prompt, a message, or something for the dashboard itself.
 *
 * Pure: reads the run's figures, changes only the view's state, sends nothing. */
#ifndef RAMPTOP_UI_ACTIONS_H
#define RAMPTOP_UI_ACTIONS_H

#include "ui/action.h"
#include "ui/keys.h"

/* Above this many users a jump to more than double asks first, by keys, by a typed number
 * and by P; so does one beyond the profile's cap.  A level picked from the list does not:
 * its users stand beside it. */
#define ACTION_ASK_ABOVE 20

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
