/* SPDX-License-Identifier: MIT */
/* What the views decide: which rows in which order, where on the time axis, and what a line
 * gives up first. */
#include <check.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/ui/snap_fixture.h"
#include "tests/unit/unit.h"
#include "ui/axis.h"
#include "ui/chart.h"
#include "ui/endpoint_table.h"
#include "ui/line.h"
#include "ui/outcome.h"
#include "ui/view.h"

static struct snapshot snap;
static uint16_t rows[SNAP_ENDPOINTS];

START_TEST(figures_are_sorted_from_the_top_and_names_from_a)
{
    struct view_state v = {.sort = SORT_P99};
    snap_fixture_ascii(&snap);
    ck_assert_uint_eq(view_select(&snap, &v, rows), 5);
    ck_assert_uint_eq(rows[0], 0);
    ck_assert_uint_eq(rows[4], 4);
    v.sort_up = true;
    view_select(&snap, &v, rows);
    ck_assert_uint_eq(rows[0], 4);
    v = (struct view_state){.sort = SORT_NAME};
    view_select(&snap, &v, rows);
    ck_assert_str_eq(snap.endpoints[rows[0]].name, "/api/activity/state");
    ck_assert_str_eq(snap.endpoints[rows[4]].name, "login");
    v.sort_up = true;
    view_select(&snap, &v, rows);
    ck_assert_str_eq(snap.endpoints[rows[0]].name, "login");
    v = (struct view_state){.sort = SORT_FAILURES};
    view_select(&snap, &v, rows);
    ck_assert_uint_eq(snap.endpoints[rows[0]].failures, 612);
    ck_assert_msg(rows[3] == 3 && rows[4] == 4, "equal ones keep their order");
}
END_TEST

START_TEST(the_filter_finds_parts_of_method_and_name_in_any_case)
{
    struct view_state v = {.sort = SORT_RPS};
    snap_fixture_ascii(&snap);
    snprintf(v.filter[LIST_ENDPOINTS], VIEW_FILTER_MAX, "ACTIVITY");
    ck_assert_uint_eq(view_select(&snap, &v, rows), 2);
    snprintf(v.filter[LIST_ENDPOINTS], VIEW_FILTER_MAX, "post /api");
    ck_assert_uint_eq(view_select(&snap, &v, rows), 1);
    snprintf(v.filter[LIST_ENDPOINTS], VIEW_FILTER_MAX, "nowhere");
    ck_assert_uint_eq(view_select(&snap, &v, rows), 0);
}
END_TEST

START_TEST(the_cursor_stays_in_the_list_and_in_sight)
{
    struct view_state v = {.cursor = 99};
    table_clamp(&v, 20, 5);
    ck_assert_int_eq(v.cursor, 19);
    ck_assert_int_eq(v.scroll, 15);
    v.cursor = 3;
    table_clamp(&v, 20, 5);
    ck_assert_int_eq(v.scroll, 3);
    v.cursor = -4;
    table_clamp(&v, 20, 5);
    ck_assert_int_eq(v.cursor, 0);
    table_clamp(&v, 0, 5);
    ck_assert_int_eq(v.cursor, 0);
    ck_assert_int_eq(v.scroll, 0);
}
END_TEST

static double users_of(const struct snap_point *p)
{
    return p->users;
}

START_TEST(the_axis_has_the_newest_second_at_the_right_and_holes_in_gaps)
{
    struct axis a;
    double y[AXIS_MAX], last;
    snap_fixture_breaking(&snap);
    axis_init(&a, &snap, 100, CHARS_BRAILLE);
    ck_assert_int_eq(a.n, 200);
    ck_assert_uint_eq(a.now, 299);
    ck_assert_uint_eq(a.right, 299);
    ck_assert_double_eq(axis_values(&a, users_of, y, &last), 320);
    ck_assert_double_eq(last, 320);
    ck_assert_double_eq(y[199], 320);
    for (int second = 200; second <= 203; second++)
        ck_assert(isnan(y[second - 100]));
    ck_assert(!isnan(y[99]) && !isnan(y[104]));

    snap.n_points--; /* second 298 is the newest: the cell's second dot is not there yet */
    axis_init(&a, &snap, 100, CHARS_BRAILLE);
    ck_assert_uint_eq(a.right, 299);
    axis_values(&a, users_of, y, &last);
    ck_assert(isnan(y[199]));
    ck_assert_double_eq(last, 320);
    ck_assert_int_eq(axis_col(&a, 298.7), 99);
    ck_assert_int_eq(axis_col(&a, 300.9), 99);
    ck_assert_int_eq(axis_col(&a, 99), -1);

    axis_init(&a, &snap, 100, CHARS_ASCII);
    ck_assert_int_eq(a.n, 100);
    ck_assert_uint_eq(a.right, 298);
    axis_init(&a, &snap, 4000, CHARS_BRAILLE);
    axis_values(&a, users_of, y, &last);
    ck_assert_int_eq(a.n, AXIS_MAX);
    ck_assert(isnan(y[0]));
}
END_TEST

/* A run that has just begun fills the chart: more dots for each second. */
START_TEST(a_young_run_is_stretched)
{
    struct axis a;
    double y[AXIS_MAX], last;
    memset(&snap, 0, sizeof snap);
    snap.n_points = 3;
    for (uint32_t i = 0; i < 3; i++)
        snap.points[i] = (struct snap_point){.second = i, .users = 80 * i};
    axis_init(&a, &snap, 20, CHARS_BRAILLE);
    ck_assert_int_eq(a.per, 8);
    ck_assert_uint_eq(a.right, 2);
    ck_assert_double_eq(axis_values(&a, users_of, y, &last), 160);
    ck_assert_double_eq(y[39], 160);
    ck_assert_double_eq(y[38], 150); /* on the line from the second before */
    ck_assert_double_eq(y[31], 80);
    ck_assert_double_eq(y[16], 0); /* the first second has none before it */
    ck_assert(isnan(y[15]));
    ck_assert_int_eq(axis_col(&a, 2.5), 19);
    ck_assert_int_eq(axis_col(&a, 1.5), 15);

    snap.points[1].gap = true;
    axis_values(&a, users_of, y, &last);
    ck_assert(isnan(y[31]));
    ck_assert_double_eq(y[38], 160); /* nothing is joined across a hole */
    for (uint32_t n = 1; n < 80; n++) {
        snap.n_points = n;
        snap.points[n - 1] = (struct snap_point){.second = n - 1, .users = n};
        axis_init(&a, &snap, 20, CHARS_BRAILLE);
        ck_assert_msg(a.per == 1 || (int)n * a.per <= a.n, "%u seconds, %d dots each", n, a.per);
    }
    ck_assert_int_eq(a.per, 1);
}
END_TEST

static char *folded(int cols)
{
    static char text[256];
    struct frame f;
    struct line l;
    frame_init(&f, 1, cols);
    line_init(&l, 3);
    line_item(&l, LINE_LEFT, 0, 0);
    line_add(&l, STYLE_BOLD, "always here");
    line_item(&l, LINE_LEFT, 60, 20);
    line_add(&l, STYLE_NORMAL, "long form");
    line_tight(&l);
    line_add(&l, STYLE_NORMAL, "short");
    line_item(&l, LINE_RIGHT, 0, 10);
    line_add(&l, STYLE_NORMAL, "right");
    line_draw(&f, 0, 0, cols, &l);
    char *dump = frame_dump(&f);
    snprintf(text, sizeof text, "%s", dump);
    free(dump);
    frame_finish(&f);
    return text;
}

START_TEST(the_users_own_mark_is_not_hidden_by_others)
{
    struct axis a;
    struct frame f;
    snap_fixture_ascii(&snap);
    snap.n_marks = 3;
    snap.marks[0] = (struct snap_mark){.at_s = 290.1, .kind = SNAP_MARK_LOAD, .letter = '+'};
    snap.marks[1] = (struct snap_mark){.at_s = 290.2, .kind = SNAP_MARK_USER, .letter = 'a'};
    snap.marks[2] = (struct snap_mark){.at_s = 290.3, .kind = SNAP_MARK_ALERT, .letter = '!'};
    frame_init(&f, 1, 100);
    axis_init(&a, &snap, 100, CHARS_BRAILLE);
    axis_draw_marks(&f, 0, 0, &a);
    ck_assert_uint_eq(f.cells[axis_col(&a, 290)].ch, 'a');
    snap.marks[1].at_s = 250;
    axis_draw_marks(&f, 0, 0, &a);
    ck_assert_uint_eq(f.cells[axis_col(&a, 290)].ch, '!');
    ck_assert_uint_eq(f.cells[axis_col(&a, 250)].ch, 'a');
    frame_finish(&f);
}
END_TEST

START_TEST(a_line_gives_up_the_highest_rank_first)
{
    ck_assert_str_eq(folded(40), "always here   long form            right\n");
    ck_assert_str_eq(folded(29), "always here   short     right\n");
    ck_assert_str_eq(folded(23), "always here short right\n");
    ck_assert_str_eq(folded(22), "always here      right\n");
    ck_assert_str_eq(folded(16), "always here\n");
    ck_assert_str_eq(folded(9), "always h\xe2\x80\xa6\n");
    ck_assert_str_eq(folded(1), "\xe2\x80\xa6\n");
}
END_TEST

START_TEST(wrapped_text_breaks_at_blanks_and_ends_in_an_ellipsis)
{
    struct frame f;
    frame_init(&f, 3, 12);
    ck_assert_int_eq(line_wrap(&f, frame_rect(&f), STYLE_NORMAL, "one two three four"), 2);
    char *text = frame_dump(&f);
    ck_assert_str_eq(text, "one two\nthree four\n\n");
    free(text);
    frame_clear(&f);
    ck_assert_int_eq(line_wrap(&f, (struct rect){0, 0, 1, 9}, STYLE_NORMAL, "one two three"), 1);
    text = frame_dump(&f);
    ck_assert_str_eq(text, "one two\xe2\x80\xa6\n\n\n");
    free(text);
    frame_finish(&f);
}
END_TEST

static struct probe_snapshot probe_snap;

/* Between a look at the screen and the key, rows come and go above the cursor. */
static const struct {
    int cols;
    const char *text;
} narrow[] = {{80, " status   200 9,000   201 12   304 700   429 31   others 5\n"},
              {50, " status 200 9,000 201 12 304 700 429 31 others 5\n"},
              {44, " status 200 9,000 201 12 304 700 429 31\n"},
              {36, " status 200 9,000 304 700 429 31\n"},
              {20, " status 200 9,000\n"}};

START_TEST(the_rarest_statuses_give_way)
{
    const struct statuses s = {
        .n = 4, .code = {200, 201, 304, 429}, .count = {9000, 12, 700, 31}, .others = 5};
    struct frame f;
    frame_init(&f, 1, narrow[_i].cols);
    outcome_statuses(&f, frame_rect(&f), &s);
    char *text = frame_dump(&f);
    ck_assert_str_eq(text, narrow[_i].text);
    free(text);
    frame_finish(&f);
}
END_TEST

START_TEST(the_cursor_of_the_target_view_stays_on_its_row)
{
    struct target_hold h = {0};
    struct target_row r[TARGET_ROWS];
    snap_fixture_probes(&probe_snap); /* docker, 3 series, db, 3 series, cache, text, series */
    ck_assert_int_eq(target_follow(&h, &probe_snap, "", 6), 6);
    snprintf(probe_snap.probes[0].text, SNAP_TEXT, "the engine does not answer");
    ck_assert_int_eq(target_follow(&h, &probe_snap, "", 6), 7); /* tps of db still */
    ck_assert_str_eq(h.name, "tps");
    probe_snap.probes[0].text[0] = '\0';
    ck_assert_int_eq(target_follow(&h, &probe_snap, "", 7), 6);
    ck_assert_int_eq(target_follow(&h, &probe_snap, "", 8), 8); /* moved: cache */
    ck_assert_int_eq(target_follow(&h, &probe_snap, "", 9), 9); /* what it says */
    probe_snap.probes[2].text[0] = '\0';
    ck_assert_int_eq(target_follow(&h, &probe_snap, "", 9), 8);
    ck_assert_int_eq(h.kind, TARGET_PROBE);
    ck_assert_int_eq(target_follow(&h, &probe_snap, "", 100), 9); /* the end */
    probe_snap.n_series--;
    ck_assert_int_eq(target_follow(&h, &probe_snap, "", 9), 8); /* its row has gone */
    ck_assert_int_eq(target_follow(&h, NULL, "", 8), 8);
    probe_snap.n_probes = 0;
    ck_assert_int_eq(target_follow(&h, &probe_snap, "", 8), 8);
    snap_fixture_probes(&probe_snap);
    size_t before = target_rows(&probe_snap, "", r);
    for (uint32_t i = 0; i < probe_snap.n_series; i++)
        if (probe_snap.series[i].probe == 2) {
            probe_snap.series[i].count = 0;
            probe_snap.series[i].seen_s = NAN;
        }
    ck_assert_uint_eq(target_rows(&probe_snap, "", r), before - 1); /* never seen: no row */
    probe_snap.probes[2].state = PROBE_LIVE;
    ck_assert_uint_eq(target_rows(&probe_snap, "", r), before); /* not known, but looked for */
}
END_TEST

static const char *value_in(uint32_t series, int cols)
{
    static char text[128];
    series_text(&probe_snap, series, cols, text, sizeof text);
    return text;
}

START_TEST(a_value_that_is_not_known_has_nothing_beside_it)
{
    enum style style;
    snap_fixture_probes(&probe_snap);
    struct snap_series *s = &probe_snap.series[0];
    s->alarm = ALARM_FULL;
    ck_assert_str_eq(value_in(0, 40), "98 % of limit, thr 41 %");
    ck_assert_int_eq(series_sign(&probe_snap, 0, &style), '!');
    ck_assert_int_eq(style, STYLE_BAD_BOLD);
    s->seen_s -= 5;
    ck_assert_str_eq(value_in(0, 40), "98 % of limit, thr 41 %");
    ck_assert_int_eq(series_sign(&probe_snap, 0, &style), '!');
    ck_assert_int_eq(style, STYLE_DIM);
    s->seen_s -= 10;
    ck_assert_str_eq(value_in(0, 40), "-");
    ck_assert_int_eq(series_sign(&probe_snap, 0, &style), ' ');
    s->removed = true;
    ck_assert_str_eq(value_in(0, 40), "gone");
    ck_assert_str_eq(value_in(0, 2), "go");
}
END_TEST

START_TEST(lines_break_at_blanks_and_lose_nothing)
{
    static const char text[] =
        "see https://example.org/a/very/long/path  and CREATE EXTENSION \xe7\x99\xbb\xe5\xbd\x95";
    for (int cols = -1; cols < 90; cols++) {
        char all[256] = "", without[256] = "", line[256], *to = without;
        const char *at = text;
        for (size_t n; (n = line_break(at, cols)) > 0;) {
            snprintf(line, sizeof line, "%.*s", (int)n, at);
            ck_assert_msg(cols < 2 || frame_width(line) <= cols, "%d: %s", cols, line);
            ck_assert(line[0] != ' ' && line[n - 1] != ' ');
            strcat(all, line);
            at += n;
            at += strspn(at, " ");
        }
        for (const char *c = all; *c != '\0'; c++)
            if (*c != ' ')
                *to++ = *c;
        ck_assert_str_eq(without, "seehttps://example.org/a/very/long/pathandCREATEEXTENSION"
                                  "\xe7\x99\xbb\xe5\xbd\x95");
    }
    ck_assert_uint_eq(line_break("one two", 7), 7);
    ck_assert_uint_eq(line_break("one two", 6), 3);
    ck_assert_uint_eq(line_break("   ", 6), 0);
    ck_assert_uint_eq(line_break("  a b", 3), 3); /* how a table is indented is kept */
}
END_TEST

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    Suite *suite = suite_create("view");
    TCase *tc = tcase_create("view");
    tcase_add_test(tc, figures_are_sorted_from_the_top_and_names_from_a);
    tcase_add_test(tc, the_filter_finds_parts_of_method_and_name_in_any_case);
    tcase_add_test(tc, the_cursor_stays_in_the_list_and_in_sight);
    tcase_add_test(tc, the_axis_has_the_newest_second_at_the_right_and_holes_in_gaps);
    tcase_add_test(tc, a_young_run_is_stretched);
    tcase_add_test(tc, the_users_own_mark_is_not_hidden_by_others);
    tcase_add_test(tc, a_line_gives_up_the_highest_rank_first);
    tcase_add_loop_test(tc, the_rarest_statuses_give_way, 0, sizeof narrow / sizeof *narrow);
    tcase_add_test(tc, the_cursor_of_the_target_view_stays_on_its_row);
    tcase_add_test(tc, a_value_that_is_not_known_has_nothing_beside_it);
    tcase_add_test(tc, lines_break_at_blanks_and_lose_nothing);
    tcase_add_test(tc, wrapped_text_breaks_at_blanks_and_ends_in_an_ellipsis);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
