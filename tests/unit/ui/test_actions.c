/* SPDX-License-Identifier: MIT */
/* What keys and lines of the command line mean. */
#include <check.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/stats/probe_snapshot_fixture.h"
#include "tests/unit/unit.h"
#include "ui/actions.h"

static struct snap_run run;
static struct action_view view;

static void setup(void)
{
    run = (struct snap_run){.users_wanted = 50, .spawn_rate = 10, .state = SNAP_RUNNING};
    view = (struct action_view){0};
}

/* ------------------------------------------------------------------------- steps */

static const struct {
    int64_t from;
    int steps;
    int64_t to;
} steps[] = {
    {0, 1, 1},
    {0, -1, 0},
    {1, -1, 0},
    {99, 1, 100},
    {100, -1, 99},
    {100, 1, 110},
    {110, -1, 100},
    {105, -1, 100},
    {995, 1, 1000},
    {1000, -1, 990},
    {1000, 1, 1100},
    {9950, 1, 10000},
    {10000, -1, 9900},
    {50, 10, 60},
    {95, 10, 150},
    {150, -10, 95},
    {5, -10, 0},
    {0, 10, 10},
    {100000, 1, 110000},
    {1000000, 1, 1000000},
    {999999, 10, 1000000},
};

START_TEST(a_step_grows_with_the_load)
{
    ck_assert_int_eq(action_step(steps[_i].from, steps[_i].steps), steps[_i].to);
}
END_TEST

/* Up and down again must come back, or fingers lose count. */
START_TEST(up_and_down_are_inverse)
{
    int64_t n = 0;
    for (int i = 0; i < 500 && n < 1000000; i++) {
        int64_t up = action_step(n, 1);
        ck_assert_int_gt(up, n);
        ck_assert_int_eq(action_step(up, -1), n);
        if (n < 900000) /* the most there may be is not in reach */
            ck_assert_int_eq(action_step(action_step(n, 10), -10), n);
        ck_assert_int_le(up, n < 2 ? n + 1 : 2 * n); /* a step never asks */
        n = up;
    }
}
END_TEST

/* -------------------------------------------------------------------------- keys */

static const struct {
    enum key_action key;
    enum action_kind kind;
    enum command_kind command;
    int64_t n;
} keys[] = {
    {KEY_ACTION_USERS_UP, ACTION_SEND, COMMAND_USERS_SET, 51},
    {KEY_ACTION_USERS_DOWN, ACTION_SEND, COMMAND_USERS_SET, 49},
    {KEY_ACTION_USERS_UP_BIG, ACTION_SEND, COMMAND_USERS_SET, 60},
    {KEY_ACTION_USERS_DOWN_BIG, ACTION_SEND, COMMAND_USERS_SET, 40},
    {KEY_ACTION_HOLD, ACTION_SEND, COMMAND_HOLD, -1},
    {KEY_ACTION_UNDO, ACTION_SEND, COMMAND_UNDO, 0},
    {KEY_ACTION_RESUME_PLAN, ACTION_SEND, COMMAND_RESUME_PLAN, 0},
    {KEY_ACTION_WINDOW, ACTION_SEND, COMMAND_WINDOW, SNAP_10S},
    {KEY_ACTION_USERS_EXACT, ACTION_LINE, 0, 0},
    {KEY_ACTION_SPAWN_RATE, ACTION_LINE, 0, 0},
    {KEY_ACTION_MARK, ACTION_LINE, 0, 0},
    {KEY_ACTION_COMMAND, ACTION_LINE, 0, 0},
    {KEY_ACTION_FILTER, ACTION_LINE, 0, 0},
    {KEY_ACTION_PROFILE, ACTION_PICK, 0, 0},
    {KEY_ACTION_FREEZE, ACTION_FREEZE, 0, 0},
    {KEY_ACTION_REDRAW, ACTION_REDRAW, 0, 0},
    {KEY_ACTION_QUIT, ACTION_QUIT, 0, 0},
    {KEY_ACTION_NONE, ACTION_NONE, 0, 0},
};

START_TEST(keys_become_actions)
{
    struct action a = action_of_key(keys[_i].key, &run, &view);
    ck_assert_int_eq(a.kind, keys[_i].kind);
    ck_assert_int_eq(a.command.kind, keys[_i].command);
    ck_assert_int_eq(a.command.n, keys[_i].n);
}
END_TEST

START_TEST(the_window_goes_round)
{
    run.window = SNAP_ALL;
    ck_assert_int_eq(action_of_key(KEY_ACTION_WINDOW, &run, &view).command.n, SNAP_1S);
}
END_TEST

START_TEST(views_and_help_and_escape)
{
    view.state.cursor = 7;
    action_of_key(KEY_ACTION_VIEW_3, &run, &view);
    ck_assert_ptr_eq(view.state.view, &view_failures);
    ck_assert_int_eq(view.state.cursor, 0);
    action_of_key(KEY_ACTION_HELP, &run, &view);
    ck_assert_ptr_eq(view.state.view, &view_help);
    action_of_escape(&view);
    ck_assert_ptr_eq(view.state.view, &view_failures);
    action_of_key(KEY_ACTION_HELP, &run, &view);
    action_of_key(KEY_ACTION_HELP, &run, &view);
    ck_assert_ptr_eq(view.state.view, &view_failures);
    for (int i = 0; i < (int)view_count(); i++)
        action_of_key(KEY_ACTION_VIEW_NEXT, &run, &view);
    ck_assert_ptr_eq(view.state.view, &view_failures);
    for (int i = 0; i < (int)view_count() + 1; i++)
        action_of_key(KEY_ACTION_VIEW_PREV, &run, &view);
    ck_assert_ptr_eq(view.state.view, &view_endpoints);
}
END_TEST

START_TEST(the_time_cursor_is_asked_to_move)
{
    action_of_key(KEY_ACTION_TIME_BACK, &run, &view);
    action_of_key(KEY_ACTION_TIME_BACK, &run, &view);
    action_of_key(KEY_ACTION_TIME_ON, &run, &view);
    ck_assert_int_eq(view.state.moment.move, -1);
    view.state.moment = (struct moment){.set = true, .second = 7};
    ck_assert_int_eq(action_of_escape(&view).kind, ACTION_NONE);
    ck_assert(!view.state.moment.set);
    view.state.no_axis = true; /* a screen without charts: not unseen, to jump later */
    ck_assert_int_eq(action_of_key(KEY_ACTION_TIME_BACK, &run, &view).kind, ACTION_SAY);
    ck_assert_int_eq(view.state.moment.move, 0);
    view.state.no_axis = false;
    view.state.view = &view_endpoints; /* nor where there is no chart at all */
    ck_assert_int_eq(action_of_key(KEY_ACTION_TIME_BACK, &run, &view).kind, ACTION_SAY);
    view.state.view = &view_target;
    ck_assert_int_eq(action_of_key(KEY_ACTION_TIME_BACK, &run, &view).kind, ACTION_SAY);
    ck_assert_int_eq(view.state.moment.move, 0);
    view.state.panel = PANEL_SERIES;
    ck_assert_int_eq(action_of_key(KEY_ACTION_TIME_BACK, &run, &view).kind, ACTION_NONE);
    ck_assert_int_eq(view.state.moment.move, -1);
}
END_TEST

START_TEST(escape_closes_and_never_quits)
{
    action_filter(&view.state, "login");
    view.state.frozen = true;
    ck_assert_int_eq(action_of_escape(&view).kind, ACTION_NONE);
    ck_assert_str_eq(view_filter(&view.state), "");
    ck_assert_int_eq(action_of_escape(&view).kind, ACTION_FREEZE);
    view.state.frozen = false;
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(action_of_escape(&view).kind, ACTION_SAY);
}
END_TEST

START_TEST(lists_are_moved_in_and_sorted)
{
    struct view_state *s = &view.state;
    action_of_key(KEY_ACTION_UP, &run, &view);
    ck_assert_int_eq(s->cursor, 0);
    action_of_key(KEY_ACTION_DOWN, &run, &view);
    action_of_key(KEY_ACTION_PAGE_DOWN, &run, &view);
    ck_assert_int_eq(s->cursor, 11);
    action_of_key(KEY_ACTION_BOTTOM, &run, &view);
    for (int i = 0; i < 3; i++)
        action_of_key(KEY_ACTION_PAGE_DOWN, &run, &view);
    ck_assert_int_gt(s->cursor, 1000000);
    action_of_key(KEY_ACTION_TOP, &run, &view);
    ck_assert_int_eq(s->cursor, 0);
    ck_assert_str_eq(action_of_key(KEY_ACTION_SORT_NEXT, &run, &view).text,
                     "endpoints sorted by rps");
    ck_assert(!s->sort_up);
    action_of_key(KEY_ACTION_SORT_PREV, &run, &view);
    ck_assert_msg(s->sort == SORT_NAME && !s->sort_up, "from A");
    ck_assert_str_eq(action_of_key(KEY_ACTION_SORT_FLIP, &run, &view).text,
                     "endpoints sorted by name, Z first");
    action_of_key(KEY_ACTION_SORT_PREV, &run, &view);
    ck_assert_int_eq(s->sort, SORT_MAX);
    ck_assert(!s->sort_up);
    ck_assert_str_eq(action_of_key(KEY_ACTION_SORT_FLIP, &run, &view).text,
                     "endpoints sorted by max, the least first");
    ck_assert(s->sort_up);
    for (int i = 0; i < CHARSETS; i++)
        action_of_key(KEY_ACTION_CHARSET, &run, &view);
    ck_assert_int_eq(s->chars, CHARS_BRAILLE);
}
END_TEST

START_TEST(a_filter_is_cut_between_characters)
{
    char text[2 * VIEW_FILTER_MAX];
    memset(text, 'x', sizeof text);
    memcpy(text + VIEW_FILTER_MAX - 2, "\xc3\xa9", 3);
    view.state.cursor = 5;
    action_filter(&view.state, text);
    ck_assert_uint_eq(strlen(view_filter(&view.state)), VIEW_FILTER_MAX - 2);
    ck_assert_int_eq(view.state.cursor, 0);
}
END_TEST

/* ------------------------------------------------------------------------- lines */

static const struct {
    enum action_purpose purpose;
    const char *line;
    enum action_kind kind;
    enum command_kind command;
    double n;
    const char *text; /* the command's text, or a part of what is said */
} lines[] = {
    {PURPOSE_USERS, "60", ACTION_SEND, COMMAND_USERS_SET, 60, ""},
    {PURPOSE_USERS, " 100 ", ACTION_SEND, COMMAND_USERS_SET, 100, ""},
    {PURPOSE_USERS, "101", ACTION_CONFIRM, COMMAND_USERS_SET, 101, "From 50 to 101"},
    {PURPOSE_USERS, "10k", ACTION_CONFIRM, COMMAND_USERS_SET, 10000, "to 10,000 users"},
    {PURPOSE_USERS, "0", ACTION_SEND, COMMAND_USERS_SET, 0, ""},
    {PURPOSE_USERS, "+5", ACTION_SEND, COMMAND_USERS_SET, 55, ""},
    {PURPOSE_USERS, "-5", ACTION_SEND, COMMAND_USERS_SET, 45, ""},
    {PURPOSE_USERS, "-500", ACTION_SEND, COMMAND_USERS_SET, 0, ""},
    {PURPOSE_USERS, "", ACTION_NONE, 0, 0, ""},
    {PURPOSE_USERS, "many", ACTION_REFUSE, 0, 0, "\"many\" is not a number of users"},
    {PURPOSE_USERS, "--5", ACTION_REFUSE, 0, 0, "not a number"},
    {PURPOSE_USERS, "99999999999999999999", ACTION_REFUSE, 0, 0, "not a number"},
    {PURPOSE_RATE, "0.5", ACTION_SEND, COMMAND_SPAWN_RATE, 0.5, ""},
    {PURPOSE_RATE, "1k", ACTION_SEND, COMMAND_SPAWN_RATE, 1000, ""},
    {PURPOSE_RATE, "0", ACTION_REFUSE, 0, 0, "not a spawn rate"},
    {PURPOSE_RATE, "-1", ACTION_REFUSE, 0, 0, "not a spawn rate"},
    {PURPOSE_RATE, "1.2.3", ACTION_REFUSE, 0, 0, "not a spawn rate"},
    {PURPOSE_RATE, "nan", ACTION_REFUSE, 0, 0, "not a spawn rate"},
    {PURPOSE_MARK, "deploy 1.2", ACTION_SEND, COMMAND_MARK, 0, "deploy 1.2"},
    {PURPOSE_MARK, "  ", ACTION_SEND, COMMAND_MARK, 0, "mark"},
    {PURPOSE_COMMAND, "users 60", ACTION_SEND, COMMAND_USERS_SET, 60, ""},
    {PURPOSE_COMMAND, "60", ACTION_SEND, COMMAND_USERS_SET, 60, ""},
    {PURPOSE_COMMAND, "+1", ACTION_SEND, COMMAND_USERS_SET, 51, ""},
    {PURPOSE_COMMAND, "users", ACTION_LINE, 0, 0, "users (now 50)"},
    {PURPOSE_COMMAND, "USERS 60", ACTION_SEND, COMMAND_USERS_SET, 60, ""},
    {PURPOSE_COMMAND, "us 60", ACTION_SEND, COMMAND_USERS_SET, 60, ""},
    {PURPOSE_COMMAND, "uesrs 60", ACTION_REFUSE, 0, 0, "did you mean \"users\"?"},
    {PURPOSE_COMMAND, "xyzzy", ACTION_REFUSE, 0, 0, "There is no command \"xyzzy\" (tab"},
    {PURPOSE_COMMAND, "rate 20", ACTION_SEND, COMMAND_SPAWN_RATE, 20, ""},
    {PURPOSE_COMMAND, "level two words", ACTION_SEND, COMMAND_LEVEL, 0, "two words"},
    {PURPOSE_COMMAND, "level", ACTION_REFUSE, 0, 0, "Which level?"},
    {PURPOSE_COMMAND, "profile http://127.0.0.1/", ACTION_SEND, COMMAND_PROFILE, 0,
     "http://127.0.0.1/"},
    {PURPOSE_COMMAND, "hold", ACTION_SEND, COMMAND_HOLD, 1, ""},
    {PURPOSE_COMMAND, "go", ACTION_SEND, COMMAND_HOLD, 0, ""},
    {PURPOSE_COMMAND, "go away", ACTION_REFUSE, 0, 0, "\"go\" takes nothing behind it"},
    {PURPOSE_COMMAND, "undo", ACTION_SEND, COMMAND_UNDO, 0, ""},
    {PURPOSE_COMMAND, "plan", ACTION_SEND, COMMAND_RESUME_PLAN, 0, ""},
    {PURPOSE_COMMAND, "mark a b", ACTION_SEND, COMMAND_MARK, 0, "a b"},
    {PURPOSE_COMMAND, "window 60s", ACTION_SEND, COMMAND_WINDOW, SNAP_60S, ""},
    {PURPOSE_COMMAND, "window 61s", ACTION_REFUSE, 0, 0,
     "There is no window \"61s\" (did you mean"},
    {PURPOSE_COMMAND, "view nowhere", ACTION_REFUSE, 0, 0, "There is no view \"nowhere\""},
    {PURPOSE_COMMAND, "sort p95", ACTION_SAY, 0, 0, "endpoints sorted by p95"},
    {PURPOSE_COMMAND, "save /tmp/screen.txt", ACTION_SAVE, 0, 0, "/tmp/screen.txt"},
    {PURPOSE_COMMAND, "save", ACTION_REFUSE, 0, 0, "Which file?"},
    {PURPOSE_COMMAND, "freeze", ACTION_FREEZE, 0, 0, ""},
    {PURPOSE_COMMAND, "quit", ACTION_QUIT, 0, 0, ""},
    {PURPOSE_COMMAND, "q", ACTION_QUIT, 0, 0, ""},
    {PURPOSE_COMMAND, "   ", ACTION_NONE, 0, 0, ""},
};

START_TEST(lines_become_actions)
{
    struct action a = action_of_line(lines[_i].purpose, lines[_i].line, &run, &view);
    const char *text = a.kind == ACTION_SEND ? a.command.text : a.text;
    ck_assert_msg(a.kind == lines[_i].kind, "%s: %d %s", lines[_i].line, a.kind, text);
    ck_assert_int_eq(a.command.kind, lines[_i].command);
    double n = a.command.kind == COMMAND_SPAWN_RATE ? a.command.rate : (double)a.command.n;
    ck_assert_double_eq_tol(n, lines[_i].n, 1e-9);
    ck_assert_msg(strstr(text, lines[_i].text) != NULL, "%s: %s", lines[_i].line, text);
}
END_TEST

START_TEST(lines_change_the_view)
{
    action_of_line(PURPOSE_COMMAND, "view latency", &run, &view);
    ck_assert_ptr_eq(view.state.view, &view_latency);
    action_of_line(PURPOSE_COMMAND, "view help", &run, &view);
    action_of_escape(&view);
    ck_assert_ptr_eq(view.state.view, &view_latency);
    action_of_line(PURPOSE_COMMAND, "filter two words", &run, &view);
    ck_assert_str_eq(view_filter(&view.state), "two words");
    action_of_line(PURPOSE_FILTER, "", &run, &view);
    ck_assert_str_eq(view_filter(&view.state), "");
}
END_TEST

static const struct {
    uint32_t now, cap;
    const char *line;
    bool asks;
    const char *question;
} jumps[] = {
    {0, 0, "20", false, ""},
    {0, 0, "21", true, "From 0 to 21 users is more than double"},
    {15, 0, "30", false, ""},
    {15, 0, "31", true, "From 15 to 31"},
    {100, 120, "120", false, ""},
    {100, 120, "121", true, "more than the profile's cap of 120"},
    {200, 120, "201", true, "cap of 120"},
    {200, 120, "150", false, ""}, /* down is always allowed */
    {5, 3, "6", true, "cap of 3"},
};

START_TEST(jumps_ask_first)
{
    run.users_wanted = jumps[_i].now;
    run.users_cap = jumps[_i].cap;
    struct action a = action_of_line(PURPOSE_USERS, jumps[_i].line, &run, &view);
    ck_assert_int_eq(a.kind, jumps[_i].asks ? ACTION_CONFIRM : ACTION_SEND);
    ck_assert_int_eq(a.command.kind, COMMAND_USERS_SET);
    ck_assert_int_eq(a.command.n, atoi(jumps[_i].line));
    ck_assert_msg(strstr(a.text, jumps[_i].question) != NULL, "%s", a.text);
}
END_TEST

START_TEST(keys_ask_at_the_cap_too)
{
    run.users_cap = 50;
    ck_assert_int_eq(action_of_key(KEY_ACTION_USERS_UP, &run, &view).kind, ACTION_CONFIRM);
    ck_assert_int_eq(action_of_key(KEY_ACTION_USERS_DOWN, &run, &view).kind, ACTION_SEND);
}
END_TEST

START_TEST(back_to_the_plan_asks_when_it_is_a_jump)
{
    run.level_users = 101;
    struct action a = action_of_key(KEY_ACTION_RESUME_PLAN, &run, &view);
    ck_assert_int_eq(a.kind, ACTION_CONFIRM);
    ck_assert_int_eq(a.command.kind, COMMAND_RESUME_PLAN);
    ck_assert_int_eq(action_of_line(PURPOSE_COMMAND, "plan", &run, &view).kind, ACTION_CONFIRM);
    run.level_users = 100;
    ck_assert_int_eq(action_of_key(KEY_ACTION_RESUME_PLAN, &run, &view).kind, ACTION_SEND);
}
END_TEST

/* -------------------------------------------------------------------- completion */

static const struct {
    const char *text;
    size_t n;
    const char *first;
} completions[] = {
    {"", 18, "users"},
    {"u", 2, "users"},
    {"us", 1, "users "},
    {"q", 1, "quit"},
    {"x", 0, NULL},
    {"level ", 2, "level smoke"},
    {"level st", 1, "level stress"},
    {"LEVEL  st", 1, "level stress"},
    {"lev s", 2, "level smoke"},
    {"profile sh", 1, "profile shop.cfg"},
    {"window ", 4, "window 1s"},
    {"view l", 2, "view latency"},
    {"sort p", 3, "sort p50"},
    {"probe pro", 2, "probe process:port=8080"},
    {"users 2", 0, NULL},
    {"users 2 3", 0, NULL},
    {"verylongword x", 0, NULL},
};

START_TEST(the_command_line_completes)
{
    static const char *const levels[] = {"smoke", "stress", NULL};
    static const char *const profiles[] = {"shop.cfg", "bank.cfg", NULL};
    static const char *const probes[] = {"process:port=8080", "postgres", "process", NULL};
    struct action_words words = {levels, profiles, probes};
    char out[PROMPT_ITEMS_MAX][PROMPT_TEXT_MAX];
    size_t n = action_complete(completions[_i].text, out, PROMPT_ITEMS_MAX, &words);
    ck_assert_uint_eq(n, completions[_i].n);
    if (n > 0)
        ck_assert_str_eq(out[0], completions[_i].first);
    if (n > 1)
        ck_assert_uint_eq(action_complete(completions[_i].text, out, 1, &words), 1);
}
END_TEST

static const struct {
    struct command c;
    const char *text;
} answers[] = {
    {{.kind = COMMAND_USERS_SET, .n = 1200}, "users 1,200, were 50 (u: undo)"},
    {{.kind = COMMAND_USERS_SET, .n = 50}, "users 50, as before"},
    {{.kind = COMMAND_SPAWN_RATE, .rate = 0.5}, "spawn rate 0.5 users per second (u: undo)"},
    {{.kind = COMMAND_HOLD, .n = -1}, "held: no new requests, running ones finish (space: go on)"},
    {{.kind = COMMAND_HOLD, .n = 0}, "the load goes on"},
    {{.kind = COMMAND_UNDO}, "back to users 160"},
    {{.kind = COMMAND_LEVEL, .text = "smoke"}, "level smoke drives (u: undo)"},
    {{.kind = COMMAND_WINDOW, .n = SNAP_60S}, "window: 60s"},
    {{.kind = COMMAND_MARK, .text = "x"}, "mark: x"},
};

START_TEST(what_was_done_is_said)
{
    char out[128];
    snprintf(run.undo_text, sizeof run.undo_text, "users 160");
    action_done_text(&answers[_i].c, &run, out, sizeof out);
    ck_assert_str_eq(out, answers[_i].text);
}
END_TEST

static struct probe_snapshot probe_snap;
static uint16_t chosen[SNAP_SERIES];

/* Rows: 0 docker, 1 cpu, 2 mem, 3 net in, 4 db, 5 connections, 6 tps, 7 hit ratio. */
static void show_target(int cursor)
{
    fixture_story(&probe_snap, 89, 60);
    view.probe_snap = &probe_snap;
    view.state.view = &view_target;
    view.state.cursor = cursor;
}

START_TEST(series_are_chosen_and_ordered)
{
    show_target(7); /* hit ratio is not among the main ones */
    ck_assert_uint_eq(series_chosen(&view.state.choice, &probe_snap, chosen), 5);
    ck_assert_int_eq(action_of_key(KEY_ACTION_LATER, &run, &view).kind, ACTION_SAY);
    ck_assert(!view.state.choice.own);
    struct action a = action_of_key(KEY_ACTION_CHOOSE, &run, &view);
    ck_assert_str_eq(a.text, "db hit ratio is row 6 of the overview (K, J: up, down)");
    a = action_of_key(KEY_ACTION_EARLIER, &run, &view);
    ck_assert_str_eq(a.text, "row 5 of the overview");
    for (int i = 0; i < 5; i++)
        a = action_of_key(KEY_ACTION_EARLIER, &run, &view);
    ck_assert_str_eq(a.text, "it is the first row of the overview");
    for (int i = 0; i < 4; i++)
        action_of_key(KEY_ACTION_LATER, &run, &view);
    ck_assert_uint_eq(series_chosen(&view.state.choice, &probe_snap, chosen), 6);
    ck_assert_uint_eq(chosen[4], 5);
    view.state.cursor = 5;
    a = action_of_key(KEY_ACTION_CHOOSE, &run, &view);
    ck_assert_str_eq(a.text, "db connections is off the overview");
    ck_assert_uint_eq(series_chosen(&view.state.choice, &probe_snap, chosen), 5);
    view.state.cursor = 0;
    ck_assert_str_eq(action_of_key(KEY_ACTION_CHOOSE, &run, &view).text, "move to a series first");
    /* a choice names series: it holds when their indices change */
    probe_snap.series[0] = probe_snap.series[3];
    ck_assert_uint_eq(series_chosen(&view.state.choice, &probe_snap, chosen), 4);
}
END_TEST

static const struct {
    const char *probe, *name;
    int cols;
    const char *label;
} labels[] = {
    {"db", "connections", 15, "db connections"},
    {"db", "connections", 8, "db conn"},
    {"port 46375", "memory", 15, "port 46375 mem"},
    {"port 46375", "memory", 11, "46375 mem"}, /* half a number would be another */
    {"pool", "connections", 8, "pool con"},
    {"redis 2", "memory", 10, "redis mem"},
};

START_TEST(labels_are_shortened_as_people_do)
{
    char label[SNAP_SERIES_LABEL];
    fixture_probe_snapshot(&probe_snap, 10);
    uint32_t p = fixture_probe(&probe_snap, labels[_i].probe, "x", "here");
    fixture_series(&probe_snap, p, "", labels[_i].name, UNIT_COUNT, 0);
    series_short_label(&probe_snap, 0, labels[_i].cols, label, sizeof label);
    ck_assert_str_eq(label, labels[_i].label);
}
END_TEST

START_TEST(a_choice_has_an_end)
{
    show_target(1);
    uint32_t p = 0;
    for (int i = 0; i < 30; i++) {
        fixture_series(&probe_snap, p, "many",
                       (char[]){'a', (char)('0' + i % 10), (char)('a' + i), 0}, UNIT_COUNT, 0);
        fixture_value(&probe_snap, 89, i);
    }
    for (int i = 0; i < 2; i++)
        action_of_key(KEY_ACTION_CHOOSE, &run, &view); /* off, on again */
    ck_assert_uint_eq(view.state.choice.n, SERIES_CHOSEN);
    view.state.cursor = 33;
    ck_assert_int_eq(action_of_key(KEY_ACTION_CHOOSE, &run, &view).kind, ACTION_REFUSE);
}
END_TEST

START_TEST(probes_are_asked_and_tried_again)
{
    show_target(5);
    struct action a = action_of_key(KEY_ACTION_DETAILS, &run, &view);
    ck_assert_int_eq(a.kind, ACTION_SEND);
    ck_assert_int_eq(a.command.kind, COMMAND_PROBE_ASK);
    ck_assert_int_eq(a.command.n, 1);
    ck_assert_int_eq(view.state.panel, PANEL_DETAIL);
    action_of_key(KEY_ACTION_DOWN, &run, &view);
    ck_assert_int_eq(view.state.panel_scroll, 1);
    ck_assert_int_eq(view.state.cursor, 5);
    action_of_escape(&view);
    ck_assert_int_eq(view.state.panel, PANEL_NONE);
    a = action_of_key(KEY_ACTION_RETRY, &run, &view);
    ck_assert_int_eq(a.command.kind, COMMAND_PROBE_RETRY);
    a = action_of_key(KEY_ACTION_UNWATCH, &run, &view);
    ck_assert_int_eq(a.command.kind, COMMAND_PROBE_END);
    ck_assert_int_eq(a.command.n, 1);
    view.state.panel_scroll = 0;
    view.state.panel = PANEL_DETAIL;
    action_of_key(KEY_ACTION_BOTTOM, &run, &view);
    ck_assert_int_gt(view.state.panel_scroll, SNAP_DETAIL_ROWS); /* rows may take several lines */
    action_of_escape(&view);
    probe_snap.probes[1].state = PROBE_OFF; /* nobody is left to answer */
    ck_assert_int_eq(action_of_key(KEY_ACTION_DETAILS, &run, &view).kind, ACTION_REFUSE);
    ck_assert_int_eq(view.state.panel, PANEL_NONE);
    view.state.cursor = 1; /* docker answers nothing */
    ck_assert_int_eq(action_of_key(KEY_ACTION_DETAILS, &run, &view).kind, ACTION_REFUSE);
    ck_assert_int_eq(view.state.panel, PANEL_NONE);
}
END_TEST

START_TEST(a_series_is_expanded)
{
    show_target(5);
    ck_assert_int_eq(action_of_key(KEY_ACTION_EXPAND, &run, &view).kind, ACTION_NONE);
    ck_assert_int_eq(view.state.panel, PANEL_SERIES);
    ck_assert_uint_eq(target_series(&probe_snap, "", 5), 3);
    ck_assert_uint_eq(target_series(&probe_snap, "", 4), 3); /* of a probe: its first */
    ck_assert_uint_eq(target_series(&probe_snap, "hit", 0), 5);
    ck_assert_uint_eq(target_series(&probe_snap, "nowhere", 0), SNAP_SERIES);
    action_of_key(KEY_ACTION_EXPAND, &run, &view);
    ck_assert_int_eq(view.state.panel, PANEL_NONE);
    view.state.panel = PANEL_SERIES;
    action_of_key(KEY_ACTION_VIEW_1, &run, &view);
    ck_assert_int_eq(view.state.panel, PANEL_NONE);
    ck_assert_int_eq(action_of_key(KEY_ACTION_EXPAND, &run, &view).kind, ACTION_SAY);
    ck_assert_int_eq(action_of_key(KEY_ACTION_CHOOSE, &run, &view).kind, ACTION_SAY);
    show_target(0);
    view.probe_snap = NULL;
    ck_assert_int_eq(action_of_key(KEY_ACTION_EXPAND, &run, &view).kind, ACTION_SAY);
}
END_TEST

START_TEST(what_to_watch_is_picked_or_typed)
{
    struct action a = action_of_key(KEY_ACTION_WATCH, &run, &view);
    ck_assert_int_eq(a.kind, ACTION_PICK);
    ck_assert_int_eq(a.purpose, PURPOSE_WATCH);
    a = action_of_line(PURPOSE_COMMAND, "probe process:port=8080", &run, &view);
    ck_assert_int_eq(a.kind, ACTION_SEND);
    ck_assert_int_eq(a.command.kind, COMMAND_PROBE_ADD);
    ck_assert_str_eq(a.command.text, "process:port=8080");
    ck_assert_int_eq(action_of_line(PURPOSE_COMMAND, "probe", &run, &view).kind, ACTION_REFUSE);
}
END_TEST

#define LOOP(t, f, cases) tcase_add_loop_test(t, f, 0, (int)(sizeof cases / sizeof *cases))

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    Suite *s = suite_create("actions");
    TCase *t = tcase_create("actions");
    suite_add_tcase(s, t);
    tcase_add_checked_fixture(t, setup, NULL);
    LOOP(t, a_step_grows_with_the_load, steps);
    tcase_add_test(t, up_and_down_are_inverse);
    LOOP(t, keys_become_actions, keys);
    tcase_add_test(t, the_window_goes_round);
    tcase_add_test(t, views_and_help_and_escape);
    tcase_add_test(t, the_time_cursor_is_asked_to_move);
    tcase_add_test(t, escape_closes_and_never_quits);
    tcase_add_test(t, lists_are_moved_in_and_sorted);
    tcase_add_test(t, a_filter_is_cut_between_characters);
    LOOP(t, lines_become_actions, lines);
    tcase_add_test(t, lines_change_the_view);
    LOOP(t, jumps_ask_first, jumps);
    tcase_add_test(t, keys_ask_at_the_cap_too);
    tcase_add_test(t, back_to_the_plan_asks_when_it_is_a_jump);
    LOOP(t, the_command_line_completes, completions);
    LOOP(t, what_was_done_is_said, answers);
    tcase_add_test(t, series_are_chosen_and_ordered);
    tcase_add_test(t, a_choice_has_an_end);
    tcase_add_loop_test(t, labels_are_shortened_as_people_do, 0,
                        (int)(sizeof labels / sizeof *labels));
    tcase_add_test(t, probes_are_asked_and_tried_again);
    tcase_add_test(t, a_series_is_expanded);
    tcase_add_test(t, what_to_watch_is_picked_or_typed);
    return unit_run(s);
}
