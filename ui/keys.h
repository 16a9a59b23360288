/* SPDX-License-Identifier: MIT */
/* keys.h - one table of keys: feeds dispatch, the help view, the key bar and, by a
 * test, the man page.
 *
 * X(id, keys, bar, rank, group, help)
 *   keys   blank-separated names, the first is the one shown: one character, or
 *          space tab enter esc up down left right home end pgup pgdn f1..f12 ^x
 *   bar    label on the key bar, "" when it is not on the bar
 *   rank   which entries of the bar stay when it gets narrow: 1 longest
 *   group  heading in the help view
 * Letters first, F-keys are twins, because terminals and tmux steal F-keys. */
#ifndef RAMPTOP_UI_KEYS_H
#define RAMPTOP_UI_KEYS_H

#include <stddef.h>

#define KEYS(X)                                                                                    \
    X(USERS_UP, "+", "users", 1, "load", "a step more users")                                      \
    X(USERS_DOWN, "- s", "", 0, "load", "a step fewer users")                                      \
    X(USERS_UP_BIG, "] W", "big", 6, "load", "a big step (ten steps) more users")                  \
    X(USERS_DOWN_BIG, "[ S", "", 0, "load", "a big step (ten steps) fewer users")                  \
    X(USERS_EXACT, "= f4", "exact", 2, "load", "type the exact number of users")                   \
    X(SPAWN_RATE, "r", "rate", 11, "load", "type the spawn rate, in users per second")             \
    X(HOLD, "space f5", "hold", 3, "load", "hold the load: no new requests; again: go on")         \
    X(UNDO, "u", "undo", 8, "load", "undo the last change of load, level or profile")              \
    X(RESUME_PLAN, "P", "plan", 12, "load", "give the load back to the level; its end stays")      \
    X(PROFILE, "p f3", "profile", 4, "load", "pick a level or a profile")                          \
    X(MARK, "m f6", "mark", 7, "time", "set a mark with a text on the time axis")                  \
    X(WINDOW, "w f7", "window", 9, "time", "window of the live figures: 1 s, 10 s, 60 s, all")     \
    X(FREEZE, "f f8", "freeze", 10, "time", "freeze the view (the load goes on); again: live")     \
    X(TIME_BACK, "left", "", 0, "time", "the time cursor to the left: charts say what was then")   \
    X(TIME_ON, "right", "", 0, "time", "the time cursor to the right, until now")                  \
    X(VIEW_NEXT, "tab", "view", 13, "views", "next view")                                          \
    X(VIEW_PREV, "btab", "", 0, "views", "previous view")                                          \
    X(VIEW_1, "1", "", 0, "views", "overview")                                                     \
    X(VIEW_2, "2", "", 0, "views", "endpoints")                                                    \
    X(VIEW_3, "3", "", 0, "views", "failures")                                                     \
    X(VIEW_4, "4", "", 0, "views", "latency")                                                      \
    X(VIEW_5, "5", "", 0, "views", "log")                                                          \
    X(VIEW_6, "6", "", 0, "views", "target: what the probes tell")                                 \
    X(WATCH, "t", "watch", 2, "target", "pick what to watch of the target: found beside it, or typed") \
    X(EXPAND, "enter", "chart", 3, "target", "in view 6: a large chart of the series; esc: back")    \
    X(CHOOSE, "c", "choose", 4, "target", "in view 6: take the series to the overview, or off it")   \
    X(EARLIER, "K", "", 0, "target", "in view 6: the series further up on the overview")             \
    X(LATER, "J", "", 0, "target", "in view 6: the series further down on the overview")             \
    X(DETAILS, "d", "details", 5, "target", "in view 6: ask the probe for details: blockers, top statements") \
    X(RETRY, "R", "retry", 6, "target", "in view 6: poll again at once")                             \
    X(UNWATCH, "x", "", 0, "target", "in view 6: watch this no more; R: again")                      \
    X(UP, "up k", "", 0, "lists", "one row up")                                                    \
    X(DOWN, "down j", "", 0, "lists", "one row down")                                              \
    X(PAGE_UP, "pgup", "", 0, "lists", "one page up")                                              \
    X(PAGE_DOWN, "pgdn", "", 0, "lists", "one page down")                                          \
    X(TOP, "home", "", 0, "lists", "first row")                                                    \
    X(BOTTOM, "end", "", 0, "lists", "last row")                                                   \
    X(FILTER, "/", "filter", 14, "lists", "show only rows that contain a text")        \
    X(SORT_NEXT, ">", "sort", 15, "lists", "sort by the next column")                              \
    X(SORT_PREV, "<", "", 0, "lists", "sort by the previous column")                               \
    X(SORT_FLIP, "i", "", 0, "lists", "turn the sort order round")                                 \
    X(COMMAND, ":", "cmd", 5, "program", "command line; tab completes")                            \
    X(CHARSET, "g", "", 0, "program", "glyphs: braille, blocks, ASCII")                            \
    X(REDRAW, "^l", "", 0, "program", "draw the screen afresh")                                    \
    X(HELP, "? h f1", "help", 1, "program", "this help")                                           \
    X(QUIT, "q f10", "quit", 1, "program", "quit: running requests finish, the summary is printed")

enum key_action {
    KEY_ACTION_NONE,
#define X(id, keys, bar, rank, group, help) KEY_ACTION_##id,
    KEYS(X)
#undef X
    KEY_ACTIONS,
    KEY_ACTION_VIEW_LAST = KEY_ACTION_VIEW_6 /* digits of the views, one after the other */
};

struct key_binding {
    enum key_action action;
    const char *keys, *bar;
    int rank;
    const char *group, *help;
};

/* The table, KEY_ACTIONS - 1 entries in the order above. */
extern const struct key_binding key_bindings[KEY_ACTIONS - 1];

/* The action of a key (ui/tty.h code), or KEY_ACTION_NONE. */
enum key_action keys_action(int key);

/* A key's code from its name in the table ("space", "f4", "^l", "+"); -1 for none. */
int keys_code(const char *name, size_t len);

#endif
