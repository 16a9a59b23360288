/* SPDX-License-Identifier: MIT */
/* One series over the run, with times of the tests' own. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/probe.h"
#include "src/probe/track.h"
#include "tests/unit/unit.h"

#define START_NS (1000 * NS_PER_S)
#define HOLD_NS (5 * NS_PER_S / 2)

static struct track *track;
static struct probe_snapshot *probe_snap;

static void setup(void)
{
    track = mem_zalloc(sizeof *track);
    probe_snap = mem_zalloc(sizeof *probe_snap);
}

static void teardown(void)
{
    free(track);
    free(probe_snap);
}

static void begin(enum snap_unit unit, double limit)
{
    track_init(track, unit, SERIES_MAIN | SERIES_RESOURCE, HOLD_NS);
    track_set_limit(track, limit);
}

static struct track_news take(double v, double at_s)
{
    return track_add_value(track, v, (uint64_t)((double)START_NS + at_s * (double)NS_PER_S),
                           START_NS);
}

/* The value of that second in a snapshot taken at newest_s. */
static double shown(uint32_t second, uint32_t newest_s)
{
    probe_snap->n_series = 1;
    probe_snap->newest_s = newest_s;
    track_copy(track, START_NS, newest_s, &probe_snap->series[0], probe_snap->history[0],
               probe_snap->past[0]);
    return (double)snap_series_value(probe_snap, 0, second);
}

static bool is(double a, double b)
{
    return a >= b && a <= b;
}

/* -------------------------------------------------------------------- alarms */

START_TEST(a_count_is_at_its_limit_at_once)
{
    begin(UNIT_COUNT, 20);
    ck_assert(!take(19.9, 1).full); /* 97 % is for what is measured */
    ck_assert(take(20, 2).full);
    ck_assert_int_eq(track->shown.alarm, ALARM_FULL);
    ck_assert(!take(20, 3).full); /* told once */
    shown(3, 3);
    ck_assert(is(probe_snap->series[0].first_full_s, 2) && is(probe_snap->series[0].alarm_s, 2));
}
END_TEST

START_TEST(a_measured_figure_is_full_after_three_looks_since_the_first)
{
    begin(UNIT_PERCENT, 100);
    ck_assert(!take(97, 1).full && !take(98, 2).full);
    ck_assert(!take(50, 3).full); /* an outlier begins anew */
    ck_assert(!take(97, 4).full && !take(97, 5).full && take(97, 6).full);
    shown(6, 6);
    ck_assert(is(probe_snap->series[0].first_full_s, 4));
}
END_TEST

START_TEST(looks_without_a_value_are_not_in_a_row)
{
    begin(UNIT_PERCENT, 100);
    take(99, 1);
    take(99, 2);
    take(NAN, 3);
    ck_assert(!take(99, 100).full); /* nobody knows what was between */
    ck_assert(!take(99, 101).full && take(99, 102).full);
    shown(102, 102);
    ck_assert(is(probe_snap->series[0].first_full_s, 100));
}
END_TEST

START_TEST(without_a_limit_nothing_is_full)
{
    begin(UNIT_COUNT, 0);
    ck_assert(isnan(track->shown.limit));
    ck_assert(!take(0, 1).full && !take(1e300, 2).full && !take(INFINITY, 3).full);
    ck_assert_int_eq(track->shown.alarm, ALARM_NONE);
}
END_TEST

START_TEST(an_alarm_ends_after_three_calm_looks)
{
    begin(UNIT_COUNT, 20);
    take(20, 1);
    take(19, 2);
    take(19, 3);
    take(20, 4); /* still there */
    take(19, 5);
    take(19, 6);
    ck_assert_int_eq(track->shown.alarm, ALARM_FULL);
    take(19, 7);
    ck_assert_int_eq(track->shown.alarm, ALARM_NONE);
    shown(7, 7);
    ck_assert(is(probe_snap->series[0].first_full_s, 1));
}
END_TEST

/* A pool that fills and drains each few seconds must not push all else off the marks. */
START_TEST(a_series_that_swings_around_its_limit_is_told_once_a_minute)
{
    int told = 0;
    begin(UNIT_COUNT, 20);
    for (int s = 0; s < 600; s++)
        told += take(s % 5 == 0 ? 20 : 10, s).full;
    ck_assert_int_ge(told, 2);
    ck_assert_int_le(told, 10);
}
END_TEST

START_TEST(a_limit_reached_again_for_long_is_told_when_its_time_comes)
{
    int told = 0;
    begin(UNIT_COUNT, 20);
    take(20, 0);
    for (int s = 1; s < 10; s++)
        take(1, s);
    for (int s = 10; s < 59; s++)
        told += take(20, s).full;
    ck_assert_int_eq(told, 0);
    for (int s = 59; s < 70; s++)
        told += take(20, s).full;
    ck_assert_int_eq(told, 1);
}
END_TEST

/* ----------------------------------------------------------------- thresholds */

static void warn_at(struct probe_warn *w)
{
    track_set_warns(track, w, 1);
}

START_TEST(thresholds_over_and_below)
{
    struct probe_warn over = {.bound = 10}, least = {.bound = 10, .or_equal = true},
                      below = {.bound = 10, .below = true},
                      most = {.bound = 10, .below = true, .or_equal = true};
    const struct {
        struct probe_warn *w;
        double calm, crosses;
    } cases[] = {{&over, 10, 10.5}, {&least, 9.5, 10}, {&below, 10, 9.5}, {&most, 10.5, 10}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(UNIT_COUNT, 0);
        warn_at(cases[i].w);
        ck_assert(!take(cases[i].calm, 1).warn);
        struct track_news news = take(cases[i].crosses, 2);
        ck_assert(news.warn && news.crossed == cases[i].w);
        ck_assert_int_eq(track->shown.alarm, ALARM_WARN);
        ck_assert(!take(cases[i].crosses, 3).warn);
    }
}
END_TEST

START_TEST(a_threshold_in_percent_of_the_limit)
{
    struct probe_warn w = {.bound = 80, .of_limit = true};
    begin(UNIT_BYTES, 1000);
    warn_at(&w);
    ck_assert(!take(800, 1).warn && take(801, 2).warn);
    begin(UNIT_PERCENT, 100); /* is a share of its limit already */
    warn_at(&w);
    ck_assert(!take(80, 1).warn && take(81, 2).warn);
    begin(UNIT_BYTES, 0); /* of no limit */
    warn_at(&w);
    ck_assert(!take(1e12, 1).warn);
}
END_TEST

/* From its limit down to over the threshold is no new crossing. */
START_TEST(what_leaves_its_limit_may_still_be_over_its_threshold)
{
    struct probe_warn w = {.bound = 15};
    int warned = 0;
    begin(UNIT_COUNT, 20);
    warn_at(&w);
    ck_assert(take(16, 0).warn && take(20, 1).full);
    for (int s = 2; s < 200; s++) {
        warned += take(17, s).warn;
        ck_assert_int_ne(track->shown.alarm, ALARM_NONE);
    }
    ck_assert_int_eq(warned, 0);
    ck_assert_int_eq(track->shown.alarm, ALARM_WARN);
}
END_TEST

START_TEST(a_series_that_swings_around_its_threshold_is_told_once_a_minute)
{
    struct probe_warn w = {.bound = 15};
    int told = 0;
    begin(UNIT_COUNT, 0);
    warn_at(&w);
    for (int s = 0; s < 600; s++)
        told += take(s % 5 == 0 ? 20 : 10, s).warn;
    ck_assert_int_ge(told, 2);
    ck_assert_int_le(told, 10);
}
END_TEST

START_TEST(every_threshold_is_told)
{
    struct probe_warn w[PROBE_LIST_MAX + 1];
    for (int i = 0; i <= (int)PROBE_LIST_MAX; i++)
        w[i] = (struct probe_warn){.bound = 10 * i + 10};
    begin(UNIT_COUNT, 0);
    track_set_warns(track, w, PROBE_LIST_MAX + 1);
    ck_assert_uint_eq(track->n_warns, PROBE_LIST_MAX);
    for (int i = 0; i < (int)PROBE_LIST_MAX; i++) {
        struct track_news news = take(10 * i + 11, i);
        ck_assert_msg(news.warn && news.crossed == &w[i], "threshold %d", i);
    }
}
END_TEST

START_TEST(of_thresholds_crossed_at_once_the_furthest_is_told)
{
    struct probe_warn up[] = {{.bound = 70}, {.bound = 90}, {.bound = 80}};
    struct probe_warn down[] = {{.bound = 3, .below = true}, {.bound = 5, .below = true}};
    begin(UNIT_COUNT, 0);
    track_set_warns(track, up, 3);
    ck_assert_ptr_eq(take(95, 1).crossed, &up[1]);
    ck_assert(!take(95, 2).warn);
    for (int s = 3; s < 6; s++)
        take(75, s); /* one is crossed still: the alarm stands, the others may come again */
    ck_assert_int_eq(track->shown.alarm, ALARM_WARN);
    ck_assert(!take(95, 10).warn); /* told less than a minute ago */
    ck_assert_ptr_eq(take(95, 62).crossed, &up[1]);
    begin(UNIT_COUNT, 0);
    track_set_warns(track, down, 2);
    ck_assert_ptr_eq(take(1, 1).crossed, &down[0]);
}
END_TEST

START_TEST(thresholds_are_those_of_its_name)
{
    char connections[] = "conn*", memory[] = "memory", api[] = "api";
    struct probe_warn w[] = {{.series = memory, .bound = 1},
                             {.group = api, .series = connections, .bound = 1},
                             {.series = connections, .bound = 1}};
    begin(UNIT_COUNT, 0);
    snprintf(track->shown.name, sizeof track->shown.name, "connections");
    track_set_warns(track, w, 3);
    ck_assert_uint_eq(track->n_warns, 1);
    ck_assert_ptr_eq(track->warns[0].warn, &w[2]);
    track_set_warns(track, NULL, 0);
    ck_assert(!take(2, 1).warn);
}
END_TEST

/* ---------------------------------------------------------------- lost targets */

static void lose(double at_s)
{
    track_target_lost(track, (uint64_t)((double)START_NS + at_s * (double)NS_PER_S), START_NS);
}

START_TEST(what_cannot_be_seen_is_not_in_alarm)
{
    struct probe_warn w = {.bound = 15};
    begin(UNIT_COUNT, 20);
    warn_at(&w);
    ck_assert(take(20, 1).full);
    lose(2);
    ck_assert_int_eq(track->shown.alarm, ALARM_NONE);
    ck_assert(is(track->shown.now, 20)); /* the last that was seen */
    shown(2, 2);
    ck_assert(is(probe_snap->series[0].first_full_s, 1));
    ck_assert(!take(20, 30).full); /* back, and full: was told less than a minute ago */
    ck_assert_int_eq(track->shown.alarm, ALARM_FULL);
    lose(31);
    ck_assert(!take(3, 32).full);
    ck_assert_int_eq(track->shown.alarm, ALARM_NONE); /* at once, not after three looks */
    ck_assert(take(16, 33).warn);
    lose(34);
    ck_assert_int_eq(track->shown.alarm, ALARM_NONE);
}
END_TEST

START_TEST(a_lost_target_leaves_a_gap_however_short)
{
    begin(UNIT_COUNT, 0);
    take(1, 0.5);
    lose(1.2);
    lose(1.7);
    take(2, 2.5);
    ck_assert(is(shown(0, 2), 1) && isnan(shown(1, 2)) && is(shown(2, 2), 2));
    lose(2.6); /* in the second of a value, which stays */
    take(3, 4.1);
    ck_assert(is(shown(2, 4), 2) && isnan(shown(3, 4)) && is(shown(4, 4), 3));
    take(4, 6.1); /* none was lost: the value stands */
    ck_assert(is(shown(5, 6), 3));
    begin(UNIT_COUNT, 0);
    track_target_lost(track, START_NS, 0); /* before the axis, and before any value */
    lose(1);
    ck_assert_uint_eq(track->second, TRACK_NO_SECOND);
}
END_TEST

/* -------------------------------------------------------------------- history */

START_TEST(a_value_stands_for_the_time_after_it)
{
    begin(UNIT_COUNT, 0);
    take(1, 0.5);
    take(2, 2.9); /* within the hold */
    ck_assert(is(shown(0, 2), 1) && is(shown(1, 2), 1) && is(shown(2, 2), 2));
    take(3, 9); /* long after it */
    ck_assert(isnan(shown(3, 9)) && isnan(shown(8, 9)) && is(shown(9, 9), 3));
    ck_assert(isnan(shown(10, 12))); /* another series is further on */
}
END_TEST

START_TEST(a_value_not_known_is_a_gap_not_zero)
{
    begin(UNIT_COUNT, 0);
    take(1, 0);
    take(NAN, 1);
    take(5, 3);
    ck_assert(is(shown(0, 3), 1) && isnan(shown(1, 3)) && isnan(shown(2, 3)));
    ck_assert(track->shown.count == 2 && is(track->shown.mean, 3));
    ck_assert(is(track->shown.min, 1) && is(track->shown.max, 5));
}
END_TEST

START_TEST(history_goes_round)
{
    begin(UNIT_COUNT, 0);
    const uint32_t n = SNAP_SERIES_POINTS;
    for (uint32_t s = 0; s < 2 * n + 7; s++)
        take(s, s);
    const uint32_t newest = 2 * n + 6;
    ck_assert(isnan(shown(newest - n, newest)));
    for (uint32_t s = newest - n + 1; s <= newest; s++)
        ck_assert(is(shown(s, newest), s));
}
END_TEST

/* What is no longer known second by second is known by means, over any length of run. */
START_TEST(the_whole_run_is_in_the_snapshot)
{
    static const uint32_t lengths[] = {700, 3700, 9000, 100000}, widths[] = {10, 20, 40, 320};
    uint32_t n = lengths[_i], width = widths[_i];
    begin(UNIT_COUNT, 0);
    for (uint32_t s = 0; s < n; s++)
        if (s / width % 7 != 3) /* nothing is known then */
            take(s / width, s);
        else if (s % width == 0)
            track_target_lost(track, START_NS + s * NS_PER_S, START_NS);
    for (uint32_t s = 0; s + SNAP_SERIES_POINTS < n - 1; s += 1 + n / 1000) {
        ck_assert(isnan(shown(s, n - 1)));
        double v = (double)snap_series_at(probe_snap, 0, s);
        if (s / width % 7 == 3)
            ck_assert(isnan(v));
        else
            ck_assert_double_eq_tol(v, s / width, 1e-3);
    }
    ck_assert_uint_eq(probe_snap->series[0].past_s, width);
    ck_assert(is((double)snap_series_at(probe_snap, 0, n - 1), (n - 1) / width));
    ck_assert(isnan(snap_series_at(probe_snap, 0, n)));
    ck_assert(isnan(snap_series_at(probe_snap, 1, 0)));
}
END_TEST

START_TEST(a_gap_longer_than_history_leaves_nothing_old)
{
    begin(UNIT_COUNT, 0);
    const uint32_t n = SNAP_SERIES_POINTS, later = 3 * n + 5;
    for (uint32_t s = 0; s < n; s++)
        take(7, s);
    take(8, later);
    for (uint32_t s = later - n + 1; s < later; s++)
        ck_assert(isnan(shown(s, later)));
    ck_assert(is(shown(later, later), 8));
    /* and one that tells no more beside others that do */
    for (uint32_t s = later + n; s < later + n + 3; s++)
        ck_assert(isnan(shown(s, later + n + 2)));
}
END_TEST

START_TEST(before_the_axis_only_the_value_counts)
{
    begin(UNIT_COUNT, 20);
    ck_assert(!track_add_value(track, 20, START_NS - NS_PER_S, 0).full);
    ck_assert(!take(20, -0.5).full);
    ck_assert(is(track->shown.now, 20) && track->shown.count == 0);
    track_start_axis(track);
    ck_assert(is(track->shown.now, 20) && isnan(shown(0, 0)));
    ck_assert(take(20, 0.1).full && is(shown(0, 0), 20));
}
END_TEST

START_TEST(the_axis_begins_anew)
{
    begin(UNIT_COUNT, 20);
    ck_assert(take(20, 700).full);
    track_start_axis(track);
    ck_assert_int_eq(track->shown.alarm, ALARM_NONE);
    ck_assert(track->shown.count == 0 && isnan(track->shown.max));
    ck_assert(take(20, 1).full); /* news again */
    ck_assert(is(shown(1, 1), 20) && isnan(shown(0, 1)));
}
END_TEST

/* A probe of the same name from another profile, which looks each 5 s. */
START_TEST(a_series_taken_up_again_has_the_new_ones_period)
{
    begin(UNIT_BYTES, 1000);
    take(900, 1);
    track_restart(track, UNIT_BYTES, SERIES_MAIN, 25 * NS_PER_S / 2);
    ck_assert(isnan(track->shown.limit)); /* which it may not have any more */
    ck_assert(track->shown.main && !track->shown.resource);
    take(1, 5);
    take(2, 10);
    ck_assert(is(shown(1, 10), 900) && is(shown(7, 10), 1) && is(shown(10, 10), 2));
    track_restart(track, UNIT_PERCENT, SERIES_MAIN, HOLD_NS); /* another figure by the same name */
    ck_assert_int_eq(track->shown.unit, UNIT_PERCENT);
    ck_assert(isnan(shown(1, 10)) && track->shown.count == 0 && isnan(track->shown.now));
}
END_TEST

START_TEST(names_and_globs)
{
    ck_assert(track_fits_glob(NULL, "cpu") && track_fits_glob("c*", "cpu") &&
              !track_fits_glob("c", "cpu"));
}
END_TEST

#define MB 1048576.0

/* From begin_s on it grows by 1 MB in 3 s. */
static bool leak(double begin_s, double end_s)
{
    bool told = false;
    for (double t = begin_s; t < end_s; t++)
        told = take(100 * MB + (t - begin_s) * MB / 3, t).leak || told;
    return told;
}

/* What leaks until it is killed and started again, and again, is no sawtooth. */
START_TEST(growth_is_judged_anew_after_a_restart)
{
    track_init(track, UNIT_BYTES, SERIES_LEAK, HOLD_NS);
    track_set_load(track, true, START_NS, START_NS);
    for (int life = 0; life < 8; life++) {
        double begin_s = life * 250;
        track_target_restarted(track, START_NS + (uint64_t)begin_s * NS_PER_S, START_NS);
        ck_assert_int_eq(track->shown.leak, LEAK_MORE_TIME);
        ck_assert(is(track->shown.need_s, 200));
        ck_assert(leak(begin_s, begin_s + 249) == (life == 0)); /* told once */
        ck_assert_int_eq(track->shown.leak, LEAK_FOUND);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("track");
    TCase *t = tcase_create("track");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_count_is_at_its_limit_at_once);
    tcase_add_test(t, a_measured_figure_is_full_after_three_looks_since_the_first);
    tcase_add_test(t, looks_without_a_value_are_not_in_a_row);
    tcase_add_test(t, without_a_limit_nothing_is_full);
    tcase_add_test(t, an_alarm_ends_after_three_calm_looks);
    tcase_add_test(t, a_series_that_swings_around_its_limit_is_told_once_a_minute);
    tcase_add_test(t, a_limit_reached_again_for_long_is_told_when_its_time_comes);
    tcase_add_test(t, thresholds_over_and_below);
    tcase_add_test(t, a_threshold_in_percent_of_the_limit);
    tcase_add_test(t, what_leaves_its_limit_may_still_be_over_its_threshold);
    tcase_add_test(t, a_series_that_swings_around_its_threshold_is_told_once_a_minute);
    tcase_add_test(t, every_threshold_is_told);
    tcase_add_test(t, of_thresholds_crossed_at_once_the_furthest_is_told);
    tcase_add_test(t, thresholds_are_those_of_its_name);
    tcase_add_test(t, what_cannot_be_seen_is_not_in_alarm);
    tcase_add_test(t, a_lost_target_leaves_a_gap_however_short);
    tcase_add_test(t, a_value_stands_for_the_time_after_it);
    tcase_add_test(t, a_value_not_known_is_a_gap_not_zero);
    tcase_add_test(t, history_goes_round);
    tcase_add_loop_test(t, the_whole_run_is_in_the_snapshot, 0, 4);
    tcase_add_test(t, a_gap_longer_than_history_leaves_nothing_old);
    tcase_add_test(t, before_the_axis_only_the_value_counts);
    tcase_add_test(t, the_axis_begins_anew);
    tcase_add_test(t, a_series_taken_up_again_has_the_new_ones_period);
    tcase_add_test(t, names_and_globs);
    tcase_add_test(t, growth_is_judged_anew_after_a_restart);
    suite_add_tcase(s, t);
    return unit_run(s);
}
