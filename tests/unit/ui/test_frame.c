/* SPDX-License-Identifier: MIT */
/* The grid of cells and the charts drawn on it, compared as text. */
#include <check.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"
#include "ui/chart.h"
#include "ui/frame.h"

static void assert_dump(const struct frame *f, const char *want)
{
    char *got = frame_dump(f);
    ck_assert_msg(strcmp(got, want) == 0, "got:\n%s\nwanted:\n%s", got, want);
    free(got);
}

static const struct {
    const char *text;
    int col, width;
    const char *want;
    int behind;
} text_cases[] = {
    {"abc", 0, 10, "abc\n", 3},
    {"abcdef", 0, 3, "abc\n", 3},
    {"abc", 7, 10, "       abc\n", 10},
    {"abc", 9, 10, "         a\n", 12},
    {"abc", -2, 10, "c\n", 1},
    {"abc", 20, 10, "\n", 23},
    {"abc", 0, 0, "\n", 0},
    {"abc", 0, -5, "\n", 0},
    {"\xe6\x97\xa5\xe6\x9c\xac!", 0, 10, "\xe6\x97\xa5\xe6\x9c\xac!\n", 5},
    {"\xe6\x97\xa5\xe6\x9c\xac", 0, 3, "\xe6\x97\xa5\n", 2}, /* no half characters */
    {"\xe6\x97\xa5x", -1, 10, " x\n", 2},                    /* cut on the left too */
    {"\xf0\x9f\x98\x80.", 0, 10, "\xf0\x9f\x98\x80.\n", 3},  /* emoji */
    {"e\xcc\x81t", 0, 10, "et\n", 2},                        /* combining mark dropped */
    {"a\x1b[31mb", 0, 10, "a\xef\xbf\xbd[31mb\n", 7},        /* no escape sequences */
    {"a\xff"
     "b\xc3",
     0, 10,
     "a\xef\xbf\xbd"
     "b\xef\xbf\xbd\n",
     4}, /* not UTF-8, cut short */
    {"\xc2\x9b"
     "2J",
     0, 10,
     "\xef\xbf\xbd"
     "2J\n",
     3}, /* C1 control */
};

START_TEST(text_is_cut_and_made_harmless)
{
    struct frame f;
    frame_init(&f, 1, 10);
    int behind = frame_text(&f, 0, text_cases[_i].col, text_cases[_i].width, STYLE_BOLD,
                            text_cases[_i].text);
    assert_dump(&f, text_cases[_i].want);
    ck_assert_int_eq(behind, text_cases[_i].behind);
    frame_finish(&f);
}
END_TEST

START_TEST(text_outside_of_the_frame_is_no_error)
{
    struct frame f;
    frame_init(&f, 2, 5);
    frame_text(&f, -1, 0, 5, STYLE_NORMAL, "above");
    frame_text(&f, 2, 0, 5, STYLE_NORMAL, "below");
    frame_put(&f, 0, 5, 'x', STYLE_NORMAL);
    frame_put(&f, 0, -1, 'x', STYLE_NORMAL);
    frame_fill(&f, (struct rect){-5, -5, 2, 2}, 'x', STYLE_NORMAL);
    assert_dump(&f, "\n\n");
    frame_fill(&f, (struct rect){1, 3, 100, 100}, 'x', STYLE_NORMAL);
    assert_dump(&f, "\n   xx\n");
    frame_resize(&f, 0, 0);
    frame_text(&f, 0, 0, 5, STYLE_NORMAL, "gone");
    assert_dump(&f, "");
    frame_resize(&f, -3, -4);
    assert_dump(&f, "");
    frame_finish(&f);
    frame_finish(&f);
}
END_TEST

START_TEST(half_of_a_wide_character_is_never_left)
{
    struct frame f;
    frame_init(&f, 1, 6);
    frame_text(&f, 0, 0, 6, STYLE_NORMAL, "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e");
    frame_put(&f, 0, 1, 'x', STYLE_NORMAL);
    frame_put(&f, 0, 4, 'y', STYLE_NORMAL);
    assert_dump(&f, " x\xe6\x9c\xacy\n");
    frame_put(&f, 0, 1, 0x65e5, STYLE_NORMAL); /* over the left half of the next */
    assert_dump(&f, " \xe6\x97\xa5 y\n");
    frame_put(&f, 0, 5, 0x65e5, STYLE_NORMAL); /* no room for its right half */
    assert_dump(&f, " \xe6\x97\xa5 y\n");
    frame_finish(&f);
}
END_TEST

START_TEST(long_text_ends_in_an_ellipsis)
{
    struct frame f;
    frame_init(&f, 5, 8);
    ck_assert_int_eq(frame_ellipsis(&f, 0, 0, 8, STYLE_NORMAL, "fits in."), 8);
    ck_assert_int_eq(frame_ellipsis(&f, 1, 0, 8, STYLE_NORMAL, "does not fit"), 8);
    frame_right(&f, 2, 0, 8, STYLE_NORMAL, "right");
    frame_right(&f, 3, 0, 8, STYLE_NORMAL, "/api/very/long");
    frame_right(&f, 4, 0, 0, STYLE_NORMAL, "x");
    assert_dump(&f, "fits in.\ndoes no\xe2\x80\xa6\n   right\n\xe2\x80\xa6ry/long\n\n");
    f.chars = CHARS_ASCII;
    frame_clear(&f);
    frame_ellipsis(&f, 0, 0, 4, STYLE_NORMAL, "abcdef");
    frame_text(&f, 1, 0, 8, STYLE_NORMAL, "a \xe2\x86\x92 b \xe2\x96\xb2 \xc2\xb7");
    assert_dump(&f, "abc~\na > b ^\n\n\n\n");
    frame_finish(&f);
}
END_TEST

/* Paths differ in their ends: the end must stay. */
START_TEST(a_long_path_loses_its_middle)
{
    struct frame f;
    frame_init(&f, 5, 12);
    ck_assert_int_eq(frame_middle(&f, 0, 0, 12, STYLE_NORMAL, "/api/fits/in"), 12);
    ck_assert_int_eq(frame_middle(&f, 1, 1, 11, STYLE_NORMAL, "/api/does/not/fit/7"), 12);
    ck_assert_int_eq(frame_middle(&f, 2, 0, 2, STYLE_NORMAL, "/api"), 2);
    ck_assert_int_eq(frame_middle(&f, 3, 0, 0, STYLE_NORMAL, "/api"), 0);
    ck_assert_int_eq(frame_middle(&f, 4, 0, 12, STYLE_NORMAL, "/x"), 2);
    assert_dump(&f, "/api/fits/in\n /api/\xe2\x80\xa6"
                    "fit/7\n/\xe2\x80\xa6\n\n/x\n");
    frame_finish(&f);
}
END_TEST

START_TEST(bars_show_their_part)
{
    struct frame f;
    frame_init(&f, 5, 8);
    frame_bar(&f, 0, 0, 4, 0.5, CHARS_BRAILLE);
    frame_bar(&f, 1, 0, 4, 0.5, CHARS_ASCII);
    frame_bar(&f, 2, 0, 4, 0.001, CHARS_BLOCK); /* something is never shown as nothing */
    frame_bar(&f, 3, 0, 4, NAN, CHARS_ASCII);
    frame_bar(&f, 4, 0, 4, 7, CHARS_ASCII);
    assert_dump(&f, "██░░\n##..\n▏░░░\n....\n####\n");
    frame_finish(&f);
}
END_TEST

START_TEST(width_counts_columns)
{
    ck_assert_int_eq(frame_width(""), 0);
    ck_assert_int_eq(frame_width("abc"), 3);
    ck_assert_int_eq(frame_width("\xe6\x97\xa5"), 2);
    ck_assert_int_eq(frame_width("e\xcc\x81"), 1);
    ck_assert_int_eq(frame_width("\x1b\xff"), 2);
}
END_TEST

/* A locale without wide characters (LC_ALL=C) must give the same columns. */
START_TEST(width_does_without_a_locale)
{
    setlocale(LC_ALL, "C");
    ck_assert_int_eq(frame_width("\xe6\x97\xa5 \xf0\x9f\x98\x80 \xe2\xa3\xbf e\xcc\x81"), 9);
}
END_TEST

static const double ramp[] = {0, 1, 2, 3, 4, 5, 6, 7};
static const double jump[] = {0, 0, 7, 7, NAN, NAN, 0, 0};
static const double flat[] = {4, 4, 4, 4, 4, 4, 4, 4};

static const struct {
    const char *what;
    enum charset chars;
    const double *y;
    size_t n;
    int rows, cols;
    double limit;
    const char *want;
} chart_cases[] = {
    {"a ramp", CHARS_BRAILLE, ramp, 8, 2, 4, NAN, "  ⡠⠊\n⡠⠊\n"},
    {"a jump is a line, NaN a hole", CHARS_BRAILLE, jump, 8, 2, 4, NAN, " ⡏\n⣀⠇ ⣀\n"},
    {"newest at the right edge", CHARS_BRAILLE, ramp, 8, 2, 2, NAN, "⡠⠊\n\n"},
    {"short series start late", CHARS_BRAILLE, ramp + 6, 2, 2, 4, NAN, "   ⠊\n\n"},
    {"blocks", CHARS_BLOCK, jump, 8, 2, 8, NAN, "  █▀\n▄▄▀   ▄▄\n"},
    {"ASCII", CHARS_ASCII, jump, 8, 2, 8, NAN, "  :'\n..'   ..\n"},
    {"the limit is dashed", CHARS_ASCII, jump, 8, 2, 8, 7, "- :'- -\n..'   ..\n"},
    {"the limit is dashed, braille", CHARS_BRAILLE, jump, 8, 2, 4, 7, "⠉⡏⠉\n⣀⠇ ⣀\n"},
    {"a limit over the scale is not drawn", CHARS_ASCII, flat, 8, 2, 8, 8, "........\n\n"},
    {"one row", CHARS_BRAILLE, flat, 2, 1, 1, NAN, "⠒\n"},
};

START_TEST(charts_join_their_points)
{
    struct frame f;
    frame_init(&f, chart_cases[_i].rows, chart_cases[_i].cols);
    struct chart_series s = {.y = chart_cases[_i].y, .n = chart_cases[_i].n, .style = STYLE_RPS};
    struct chart c = {.area = frame_rect(&f),
                      .max = 7,
                      .chars = chart_cases[_i].chars,
                      .series = &s,
                      .n_series = 1,
                      .limit = chart_cases[_i].limit};
    chart_draw(&f, &c);
    char *got = frame_dump(&f);
    ck_assert_msg(strcmp(got, chart_cases[_i].want) == 0, "%s: got:\n%s\nwanted:\n%s",
                  chart_cases[_i].what, got, chart_cases[_i].want);
    free(got);
    frame_finish(&f);
}
END_TEST

START_TEST(series_share_cells)
{
    static const double low[] = {0, 0}, high[] = {9e9, 9e9};
    struct frame f;
    frame_init(&f, 1, 2);
    struct chart_series s[] = {
        {.y = low, .n = 2, .style = STYLE_RPS},
        {.y = high, .n = 2, .style = STYLE_P99},
    };
    struct chart c = {.area = {0, 1, 1, 1}, .max = 1, .series = s, .n_series = 2, .limit = NAN};
    chart_draw(&f, &c);
    assert_dump(&f, " ⣉\n");
    ck_assert_int_eq(f.cells[1].style, STYLE_P99);
    frame_clear(&f);
    s[1].max = 1e12; /* a scale of its own: now both lie at the bottom */
    chart_draw(&f, &c);
    assert_dump(&f, " ⣀\n");
    frame_finish(&f);
}
END_TEST

START_TEST(charts_without_room_or_scale_draw_nothing)
{
    struct frame f;
    frame_init(&f, 2, 2);
    struct chart_series s = {.y = flat, .n = 8, .style = STYLE_RPS};
    struct chart c = {.area = {0, 0, 0, 5}, .max = 1, .series = &s, .n_series = 1, .limit = NAN};
    chart_draw(&f, &c);
    c.area = (struct rect){0, 0, 2, 2};
    c.max = 0;
    chart_draw(&f, &c);
    c.max = NAN;
    chart_draw(&f, &c);
    assert_dump(&f, "\n\n");
    frame_finish(&f);
}
END_TEST

static const struct {
    double v, count, us;
} nice_cases[] = {
    {0, 1, 1000},
    {NAN, 1, 1000},
    {1, 1, 1000},
    {1.2, 2, 1000},
    {9, 10, 1000},
    {11, 15, 1000},
    {1238, 1500, 1500},
    {1500, 1500, 1500},
    {1501, 2000, 2000},
    {2100, 3000, 3000},
    {850000, 1e6, 1e6},
    {780000, 8e5, 8e5},
    {1.1e6, 1.5e6, 1.5e6},
    {1.2e7, 1.5e7, 1.5e7},
    {3.1e7, 4e7, 4.5e7},
    {5e7, 5e7, 6e7},
    {7.0e7, 8e7, 9e7},
    {3.7e9, 4e9, 7.2e9},
    {INFINITY, 1e18, 3.6e18},
};

START_TEST(scales_are_round)
{
    ck_assert_double_eq_tol(chart_nice(nice_cases[_i].v), nice_cases[_i].count, 1e-6);
    if (!isinf(nice_cases[_i].v))
        ck_assert_double_eq_tol(chart_nice_us(nice_cases[_i].v), nice_cases[_i].us, 1e-3);
}
END_TEST

START_TEST(sparks_have_eight_steps)
{
    static const double y[] = {0, 1, 2, 3, 4, 5, 6, 7, NAN, 99};
    struct frame f;
    frame_init(&f, 3, 12);
    chart_spark(&f, 0, 0, 12, y, 10, 7, STYLE_P50, CHARS_BRAILLE);
    chart_spark(&f, 1, 0, 12, y, 10, 7, STYLE_P50, CHARS_ASCII);
    chart_spark(&f, 2, 0, 2, y, 8, 0, STYLE_P50, CHARS_ASCII);
    assert_dump(&f, "  ▁▂▃▄▅▆▇█ █\n  _.:-=+*# #\n##\n");
    frame_finish(&f);
}
END_TEST

#define LOOP(t, f, cases) tcase_add_loop_test(t, f, 0, (int)(sizeof cases / sizeof *cases))

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    Suite *s = suite_create("frame");
    TCase *t = tcase_create("frame");
    suite_add_tcase(s, t);
    LOOP(t, text_is_cut_and_made_harmless, text_cases);
    tcase_add_test(t, text_outside_of_the_frame_is_no_error);
    tcase_add_test(t, half_of_a_wide_character_is_never_left);
    tcase_add_test(t, long_text_ends_in_an_ellipsis);
    tcase_add_test(t, a_long_path_loses_its_middle);
    tcase_add_test(t, bars_show_their_part);
    tcase_add_test(t, width_counts_columns);
    tcase_add_test(t, width_does_without_a_locale);
    t = tcase_create("chart");
    suite_add_tcase(s, t);
    LOOP(t, charts_join_their_points, chart_cases);
    tcase_add_test(t, series_share_cells);
    tcase_add_test(t, charts_without_room_or_scale_draw_nothing);
    LOOP(t, scales_are_round, nice_cases);
    tcase_add_test(t, sparks_have_eight_steps);
    return unit_run(s);
}
