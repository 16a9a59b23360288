/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/stats/probe_snapshot.h"
#include "tests/unit/stats/probe_snapshot_fixture.h"
#include "tests/unit/unit.h"

static void says(enum snap_unit unit, double v, const char *wanted)
{
    char text[64];
    snap_format_value(unit, v, text, sizeof text);
    ck_assert_str_eq(text, wanted);
}

START_TEST(values_in_their_units)
{
    says(UNIT_COUNT, 20, "20");
    says(UNIT_COUNT, 41022, "41,022");
    says(UNIT_COUNT, 0.2, "0.20"); /* of a core */
    says(UNIT_COUNT, 0.004, "0.004");
    says(UNIT_COUNT, -1.5, "-1.50");
    says(UNIT_COUNT, 12.345, "12.3");
    says(UNIT_COUNT, 41022.4, "41.0k");
    says(UNIT_COUNT, 0, "0");
    says(UNIT_PERCENT, 98.4, "98 %");
    says(UNIT_PERCENT, 0.5, "0.5 %");
    says(UNIT_PERCENT, 0, "0 %");
    says(UNIT_PERCENT, 0.02, "<0.1 %"); /* not "0.0 %" */
    says(UNIT_PERCENT, 99.4, "99 %");
    says(UNIT_PERCENT, 99.97, "99.9 %"); /* of a cache's hits, it is not all */
    says(UNIT_PERCENT, 100, "100 %");
    says(UNIT_PERCENT, 130.4, "130 %");
    says(UNIT_BYTES, 512, "512 B");
    says(UNIT_BYTES, 268.0 * 1048576, "268 MiB");
    says(UNIT_BYTES, -1.5 * 1048576, "-1.50 MiB");
    says(UNIT_BYTES_PER_S, 10.1 * 1048576, "10.1 MiB/s");
    says(UNIT_PER_S, 1238, "1,238/s");
    says(UNIT_SECONDS, 0.0021, "2.1 ms");
    says(UNIT_SECONDS, 0, "0 s");
    says(UNIT_COUNT, NAN, "-");
    says(UNIT_BYTES, INFINITY, "-");
}
END_TEST

static void whole(struct snap_series s, const char *wanted)
{
    char text[96];
    snap_format_series(&s, text, sizeof text);
    ck_assert_str_eq(text, wanted);
}

START_TEST(limits_and_notes)
{
    whole((struct snap_series){.unit = UNIT_COUNT, .now = 20, .limit = 20, .note = "7 waiting"},
          "20/20, 7 waiting");
    whole((struct snap_series){.unit = UNIT_BYTES, .now = 268e6 * 1.048576, .limit = 512 << 20},
          "268/512 MiB");
    whole((struct snap_series){.unit = UNIT_PERCENT, .now = 98, .limit = 100, .note = "thr 41 %"},
          "98 % of limit, thr 41 %");
    whole((struct snap_series){.unit = UNIT_PERCENT, .now = 98, .limit = NAN}, "98 %");
    whole((struct snap_series){.unit = UNIT_COUNT, .now = NAN, .limit = 20}, "-");
}
END_TEST

START_TEST(a_label_says_what_is_needed)
{
    struct probe_snapshot *b = mem_zalloc(sizeof *b);
    char text[64];
    b->n_probes = 2;
    strcpy(b->probes[0].name, "docker");
    strcpy(b->probes[1].name, "db");
    b->n_series = 3;
    strcpy(b->series[0].group, "api");
    strcpy(b->series[0].name, "cpu");
    b->series[1] = b->series[0];
    strcpy(b->series[1].group, "worker");
    b->series[2].probe = 1;
    strcpy(b->series[2].name, "connections");
    snap_series_label(b, 0, text, sizeof text);
    ck_assert_str_eq(text, "api cpu");
    snap_series_label(b, 2, text, sizeof text);
    ck_assert_str_eq(text, "db connections");
    strcpy(b->series[1].group, "api");
    b->series[1].probe = 1;
    snap_series_label(b, 1, text, sizeof text);
    ck_assert_str_eq(text, "db api cpu");
    free(b);
}
END_TEST

START_TEST(values_outside_of_the_history)
{
    struct probe_snapshot *b = mem_zalloc(sizeof *b);
    b->n_series = 1;
    b->newest_s = 700;
    b->history[0][700 % SNAP_SERIES_POINTS] = 7;
    b->history[0][101 % SNAP_SERIES_POINTS] = 8;
    ck_assert(snap_series_value(b, 0, 700) == 7);
    ck_assert(snap_series_value(b, 0, 101) == 8);
    ck_assert(isnan(snap_series_value(b, 0, 100)));
    ck_assert(isnan(snap_series_value(b, 0, 701)));
    ck_assert(isnan(snap_series_value(b, 1, 700)));
    free(b);
}
END_TEST

START_TEST(values_grow_old_with_their_probe)
{
    struct probe_snapshot *b = mem_zalloc(sizeof *b);
    fixture_probe_snapshot(b, 100);
    uint32_t fast = fixture_probe(b, "db", "postgres", ""), slow;
    fixture_series(b, fast, "", "connections", UNIT_COUNT, 20);
    fixture_value(b, 99, 20); /* at 99.9; now is 100.5 */
    slow = fixture_probe(b, "cache", "redis", "");
    b->probes[slow].period_s = 30;
    fixture_series(b, slow, "", "memory", UNIT_BYTES, 100);
    fixture_value(b, 60, 50);
    ck_assert_int_eq(snap_series_age(b, 0), AGE_FRESH);
    ck_assert_int_eq(snap_series_age(b, 1), AGE_FRESH);
    b->series[0].removed = true;
    ck_assert_int_eq(snap_series_age(b, 0), AGE_OLD);
    b->series[0].removed = false;
    b->elapsed_s = 103;
    ck_assert_int_eq(snap_series_age(b, 0), AGE_OLD);
    b->elapsed_s = 111;
    ck_assert_int_eq(snap_series_age(b, 0), AGE_UNKNOWN);
    ck_assert_int_eq(snap_series_age(b, 1), AGE_FRESH);
    b->elapsed_s = 140;
    ck_assert_int_eq(snap_series_age(b, 1), AGE_OLD);
    b->elapsed_s = 60 + 151;
    ck_assert_int_eq(snap_series_age(b, 1), AGE_UNKNOWN);
    free(b);
}
END_TEST

START_TEST(what_is_not_seen_now_is_not_the_worst)
{
    struct probe_snapshot *b = mem_zalloc(sizeof *b);
    uint16_t out[SNAP_SERIES];
    fixture_probe_snapshot(b, 100);
    uint32_t db = fixture_probe(b, "db", "postgres", ""), cache;
    fixture_series(b, db, "", "connections", UNIT_COUNT, 20);
    fixture_value(b, 100, 20);
    cache = fixture_probe(b, "cache", "redis", "");
    fixture_series(b, cache, "", "memory", UNIT_BYTES, 100);
    fixture_value(b, 100, 50);
    ck_assert_uint_eq(snap_worst_series(b, out, SNAP_SERIES), 2);
    ck_assert_uint_eq(out[0], 0);
    b->probes[db].state = PROBE_DOWN;
    ck_assert_uint_eq(snap_worst_series(b, out, SNAP_SERIES), 1);
    ck_assert_uint_eq(out[0], 1);
    ck_assert_uint_eq(snap_rank_series(b, out),
                      2); /* it is down, not given up: its chart has a hole */
    b->probes[db].state = PROBE_OFF;
    ck_assert_uint_eq(snap_rank_series(b, out), 1);
    ck_assert_uint_eq(out[0], 1);
    b->series[1].seen_s = 80; /* its probe is live, and tells no more of it */
    ck_assert_uint_eq(snap_worst_series(b, out, SNAP_SERIES), 0);
    free(b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("probe_snapshot");
    TCase *t = tcase_create("probe_snapshot");
    tcase_add_test(t, values_in_their_units);
    tcase_add_test(t, limits_and_notes);
    tcase_add_test(t, a_label_says_what_is_needed);
    tcase_add_test(t, values_outside_of_the_history);
    tcase_add_test(t, values_grow_old_with_their_probe);
    tcase_add_test(t, what_is_not_seen_now_is_not_the_worst);
    suite_add_tcase(s, t);
    return unit_run(s);
}
