/* SPDX-License-Identifier: MIT */
/* A view is a row of the table: one that nobody knows is added here, and tab line, keys, command
 * line, completion, layout and drawing find it.  views[] below stands in the place of
 * ui/views.c. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/ui/snap_fixture.h"
#include "tests/unit/unit.h"
#include "ui/actions.h"
#include "ui/screen.h"

static struct snapshot snap;

static bool runs_key(enum key_action key, struct action_view *v, struct action *out)
{
    if (key != KEY_ACTION_EXPAND)
        return false;
    v->state.panel = PANEL_DETAIL;
    *out = action_message(ACTION_SAY, "run %d", v->state.cursor);
    return true;
}

static bool runs_close(struct view_state *v)
{
    bool open = v->panel != PANEL_NONE;
    v->panel = PANEL_NONE;
    return open;
}

static void runs_layout(struct view_state *v, const struct view_input *in, struct rect r)
{
    ck_assert_ptr_eq(in->state, v);
    v->cursor = v->cursor < r.rows ? v->cursor : r.rows - 1;
}

static void runs_draw(struct frame *f, struct rect r, const struct view_input *in)
{
    frame_printf(f, r.row, r.col, r.cols, STYLE_NORMAL, "the cursor is on run %d",
                 in->state->cursor);
}

static const struct view_ops runs = {.name = "runs",
                                     .list = LIST_LOG,
                                     .key = runs_key,
                                     .close = runs_close,
                                     .layout = runs_layout,
                                     .draw = runs_draw};
const struct view_ops *const views[] = {&view_overview, &view_target, &runs, &view_help, NULL};

static struct action press(enum key_action key, struct action_view *v)
{
    return action_of_key(key, &snap.run, v);
}

START_TEST(digits_tab_and_the_command_line_show_it)
{
    struct action_view v = {0};
    press(KEY_ACTION_VIEW_3, &v);
    ck_assert_ptr_eq(v.state.view, &runs);
    press(KEY_ACTION_VIEW_NEXT, &v);
    ck_assert_ptr_eq(v.state.view, &view_help);
    press(KEY_ACTION_VIEW_PREV, &v);
    ck_assert_ptr_eq(v.state.view, &runs);
    press(KEY_ACTION_VIEW_6, &v); /* there is none */
    ck_assert_ptr_eq(v.state.view, &runs);
    v = (struct action_view){0};
    ck_assert_int_eq(action_of_line(PURPOSE_COMMAND, "view ru", &snap.run, &v).kind, ACTION_NONE);
    ck_assert_ptr_eq(v.state.view, &runs);
}
END_TEST

START_TEST(its_name_is_completed)
{
    char out[8][PROMPT_TEXT_MAX];
    struct action_words words = {NULL, NULL, NULL};
    ck_assert_uint_eq(action_complete("view r", out, 8, &words), 1);
    ck_assert_str_eq(out[0], "view runs");
}
END_TEST

START_TEST(its_keys_are_its_own)
{
    struct action_view v = {.state = {.view = &runs, .cursor = 4}};
    struct action a = press(KEY_ACTION_EXPAND, &v);
    ck_assert_int_eq(a.kind, ACTION_SAY);
    ck_assert_str_eq(a.text, "run 4");
    ck_assert_int_eq(action_of_escape(&v).kind, ACTION_NONE);
    ck_assert_int_eq(v.state.panel, PANEL_NONE);
    press(KEY_ACTION_DOWN, &v); /* all others are the same everywhere */
    ck_assert_int_eq(v.state.cursor, 5);
    ck_assert_int_eq(press(KEY_ACTION_HOLD, &v).command.kind, COMMAND_HOLD);
    a = press(KEY_ACTION_CHOOSE, &v);
    ck_assert_str_eq(a.text, "this key is of the target view (2)");
}
END_TEST

START_TEST(it_is_laid_out_and_drawn)
{
    struct frame f;
    int row, col;
    struct view_state v = {.view = &runs, .cursor = 1000};
    struct view_input in = {.snap = &snap, .state = &v, .message = ""};
    snap_fixture_calm(&snap);
    snprintf(v.filter[LIST_LOG], VIEW_FILTER_MAX, "of the log");
    ck_assert_str_eq(view_filter(&v), "of the log");
    frame_init(&f, 24, 80);
    screen_layout(&f, &v, &in);
    screen_draw(&f, &in, NULL, &row, &col);
    char *text = frame_dump(&f);
    ck_assert_ptr_nonnull(strstr(text, " 3 runs "));
    ck_assert_ptr_nonnull(strstr(text, "the cursor is on run "));
    ck_assert_ptr_null(strstr(text, "run 1000"));
    ck_assert_ptr_null(strstr(text, " 4 help "));
    free(text);
    frame_finish(&f);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("views");
    TCase *tc = tcase_create("table");
    tcase_add_test(tc, digits_tab_and_the_command_line_show_it);
    tcase_add_test(tc, its_name_is_completed);
    tcase_add_test(tc, its_keys_are_its_own);
    tcase_add_test(tc, it_is_laid_out_and_drawn);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
