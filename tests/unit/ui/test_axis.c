/* SPDX-License-Identifier: MIT */
/* The cursor on the time axis. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "tests/unit/unit.h"
#include "ui/axis.h"

static struct snapshot *snap;

/* A run of so many seconds, each with its number as its rate. */
static void seconds(uint32_t n)
{
    uint32_t kept = n < SNAP_POINTS ? n : SNAP_POINTS;
    snap = mem_zalloc(sizeof *snap);
    snap->n_points = kept;
    for (uint32_t i = 0; i < kept; i++)
        snap->points[i] = (struct snap_point){.second = n - kept + i, .rps = (float)(n - kept + i)};
}

static void finish(void)
{
    free(snap);
    snap = NULL;
}

static double point_rps(const struct snap_point *p)
{
    return p->rps;
}

/* The second that the charts tell after the cursor was moved by that many cells. */
static uint32_t moved(struct moment *m, int cells)
{
    struct axis a;
    double y[AXIS_MAX], last;
    axis_init(&a, snap, 50, CHARS_BRAILLE);
    m->move = cells;
    axis_move(&a, m);
    axis_read(&a, m);
    ck_assert_int_eq(m->move, 0);
    axis_values(&a, point_rps, y, &last);
    ck_assert(last >= a.read && last <= a.read); /* what is said belongs to that second */
    const struct snap_point *p = axis_point(&a);
    ck_assert(p != NULL && p->second == a.read);
    ck_assert_int_ge(axis_col(&a, a.read), 0);
    return a.read;
}

START_TEST(it_goes_back_and_to_now_again)
{
    struct moment m = {0};
    seconds(300); /* a second is a dot, a cell two */
    ck_assert_uint_eq(moved(&m, 0), 299);
    ck_assert(!m.set);
    ck_assert_uint_eq(moved(&m, 1), 299);
    ck_assert(!m.set);
    ck_assert_uint_eq(moved(&m, -1), 297);
    ck_assert(m.set);
    ck_assert_uint_eq(moved(&m, -2), 293);
    ck_assert_uint_eq(moved(&m, 3), 299);
    ck_assert(!m.set);
    finish();
}
END_TEST

START_TEST(it_stays_at_its_second_while_time_goes_on)
{
    struct moment m = {0};
    seconds(300);
    ck_assert_uint_eq(moved(&m, -10), 279);
    finish();
    seconds(320);
    ck_assert_uint_eq(moved(&m, 0), 279);
    finish();
    seconds(900); /* no longer in sight: at the left edge */
    ck_assert_uint_gt(moved(&m, 0), 279);
    ck_assert(m.set);
    finish();
}
END_TEST

START_TEST(it_does_not_leave_the_axis)
{
    struct moment m = {0};
    seconds(3);
    ck_assert_uint_eq(moved(&m, -1000000), 0);
    finish();
    seconds(1000);
    uint32_t oldest = moved(&m, -1000000);
    ck_assert_uint_gt(oldest, 850);
    ck_assert_uint_eq(moved(&m, -1), oldest);
    finish();
}
END_TEST

/* What is older than the newest seconds is drawn too, where the screen is wide enough: a point
 * of ten seconds over ten dots. */
START_TEST(the_time_before_the_newest_seconds_is_drawn)
{
    double y[AXIS_MAX], last;
    struct axis a;
    struct moment m = {.set = true, .second = 347};
    seconds(1000); /* 400 to 999 are there second by second */
    snap->n_past = 41;
    for (uint32_t i = 0; i < snap->n_past; i++)
        snap->past[i] =
            (struct snap_point){.second = 10 * i, .seconds = 10, .rps = 5000.0f + (float)i};
    snap->past[33].gap = true;
    axis_init(&a, snap, 400, CHARS_BRAILLE);
    ck_assert_int_eq(a.n, 800);
    axis_move(&a, &m);
    axis_read(&a, &m);
    ck_assert_uint_eq(a.read, 347);
    ck_assert_double_eq_tol(axis_values(&a, point_rps, y, &last), 5039, 1e-9);
    ck_assert_double_eq_tol(last, 5034, 1e-9);
    ck_assert_ptr_eq(axis_point(&a), &snap->past[34]);
    for (uint32_t second = a.right - 799; second < 1000; second++) {
        double v = y[a.n - 1 - (int)(a.right - second)];
        if (second / 10 == 33)
            ck_assert(isnan(v));
        else
            ck_assert_double_eq_tol(v, second < 400 ? 5000 + second / 10 : second, 1e-9);
    }
    axis_init(&a, snap, 100, CHARS_BRAILLE); /* not in sight, and not the scale's matter */
    ck_assert_double_eq_tol(axis_values(&a, point_rps, y, &last), 999, 1e-9);
    finish();
}
END_TEST

START_TEST(a_run_without_a_second_has_none)
{
    struct moment m = {.set = true, .second = 12, .move = -3};
    struct axis a;
    seconds(0);
    axis_init(&a, snap, 50, CHARS_ASCII);
    axis_move(&a, &m);
    axis_read(&a, &m);
    ck_assert(!m.set && a.read == a.now && axis_point(&a) == NULL);
    axis_init(&a, snap, 0, CHARS_BRAILLE);
    axis_move(&a, &m);
    axis_read(&a, &m);
    finish();
}
END_TEST

/* Near the right edge its time stands where "now" would. */
START_TEST(its_time_is_whole)
{
    struct moment m = {0};
    struct axis a;
    struct frame f;
    seconds(300);
    frame_init(&f, 1, 50);
    for (int back = 0; back < 8; back++) {
        m.move = back > 0 ? -1 : 0;
        axis_init(&a, snap, 50, CHARS_BRAILLE);
        axis_move(&a, &m);
        axis_read(&a, &m);
        frame_clear(&f);
        axis_draw_times(&f, 0, 0, &a, "now");
        char *text = frame_dump(&f), clock[16];
        snprintf(clock, sizeof clock, " 00:04:%02u", a.read % 60);
        char *at = strstr(text, back > 0 ? clock : " now");
        ck_assert_msg(at != NULL, "%s", text);
        if (back > 0)
            ck_assert_msg(strchr(" \n", at[strlen(clock)]) != NULL, "%s", text);
        free(text);
    }
    frame_finish(&f);
    finish();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("axis");
    TCase *t = tcase_create("cursor");
    tcase_add_test(t, it_goes_back_and_to_now_again);
    tcase_add_test(t, it_stays_at_its_second_while_time_goes_on);
    tcase_add_test(t, it_does_not_leave_the_axis);
    tcase_add_test(t, the_time_before_the_newest_seconds_is_drawn);
    tcase_add_test(t, a_run_without_a_second_has_none);
    tcase_add_test(t, its_time_is_whole);
    suite_add_tcase(s, t);
    return unit_run(s);
}
