/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/probe/board.h"
#include "tests/unit/unit.h"

static void says(enum board_unit unit, double v, const char *wanted)
{
    char text[64];
    board_format(unit, v, text, sizeof text);
    ck_assert_str_eq(text, wanted);
}

START_TEST(values_in_their_units)
{
    says(UNIT_COUNT, 20, "20");
    says(UNIT_COUNT, 41022, "41,022");
    says(UNIT_PERCENT, 98.4, "98 %");
    says(UNIT_PERCENT, 0.5, "0.5 %");
    says(UNIT_PERCENT, 0, "0 %");
    says(UNIT_BYTES, 512, "512 B");
    says(UNIT_BYTES, 268.0 * 1048576, "268 MiB");
    says(UNIT_BYTES, -1.5 * 1048576, "-1.50 MiB");
    says(UNIT_BYTES_PER_S, 10.1 * 1048576, "10.1 MiB/s");
    says(UNIT_PER_S, 1238, "1,238/s");
    says(UNIT_SECONDS, 0.0021, "2.1 ms");
    says(UNIT_COUNT, NAN, "-");
    says(UNIT_BYTES, INFINITY, "-");
}
END_TEST

static void whole(struct board_series s, const char *wanted)
{
    char text[96];
    board_format_series(&s, text, sizeof text);
    ck_assert_str_eq(text, wanted);
}

START_TEST(limits_and_notes)
{
    whole((struct board_series){.unit = UNIT_COUNT, .now = 20, .limit = 20, .note = "7 waiting"},
          "20/20, 7 waiting");
    whole((struct board_series){.unit = UNIT_BYTES, .now = 268e6 * 1.048576, .limit = 512 << 20},
          "268/512 MiB");
    whole((struct board_series){.unit = UNIT_PERCENT, .now = 98, .limit = 100, .note = "thr 41 %"},
          "98 % of limit, thr 41 %");
    whole((struct board_series){.unit = UNIT_PERCENT, .now = 98, .limit = NAN}, "98 %");
    whole((struct board_series){.unit = UNIT_COUNT, .now = NAN, .limit = 20}, "-");
}
END_TEST

START_TEST(a_label_says_what_is_needed)
{
    struct board *b = mem_zalloc(sizeof *b);
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
    board_label(b, 0, text, sizeof text);
    ck_assert_str_eq(text, "api cpu");
    board_label(b, 2, text, sizeof text);
    ck_assert_str_eq(text, "db connections");
    strcpy(b->series[1].group, "api");
    b->series[1].probe = 1;
    board_label(b, 1, text, sizeof text);
    ck_assert_str_eq(text, "db api cpu");
    free(b);
}
END_TEST

START_TEST(values_outside_of_the_history)
{
    struct board *b = mem_zalloc(sizeof *b);
    b->n_series = 1;
    b->newest_s = 700;
    b->history[0][700 % BOARD_POINTS] = 7;
    b->history[0][101 % BOARD_POINTS] = 8;
    ck_assert(board_value(b, 0, 700) == 7);
    ck_assert(board_value(b, 0, 101) == 8);
    ck_assert(isnan(board_value(b, 0, 100)));
    ck_assert(isnan(board_value(b, 0, 701)));
    ck_assert(isnan(board_value(b, 1, 700)));
    free(b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("board");
    TCase *t = tcase_create("board");
    tcase_add_test(t, values_in_their_units);
    tcase_add_test(t, limits_and_notes);
    tcase_add_test(t, a_label_says_what_is_needed);
    tcase_add_test(t, values_outside_of_the_history);
    suite_add_tcase(s, t);
    return unit_run(s);
}
