/* SPDX-License-Identifier: MIT */
/* When did the latency break?  Series of p99, and what a person would say of them. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/stats/breach.h"
#include "tests/unit/unit.h"

static struct snapshot snap;
static struct breach_finder finder;

/* "5x20 200x10": 5 ms for 20 s, then 200 ms for 10 s; "-x3": nothing finished; "|x5": stopped;
 * "0x5": no users; "heldx5": held; "failx5": whatever finished failed. */
static void feed(const char *series, uint64_t p99_us, uint64_t p95_us)
{
    uint32_t second = 0;
    memset(&snap, 0, sizeof snap);
    memset(&finder, 0, sizeof finder);
    for (const char *p = series; *p != '\0';) {
        char word[16];
        unsigned times = 1;
        int used = 0;
        ck_assert_int_ge(sscanf(p, " %15[^x ]x%u%n", word, &times, &used), 2);
        p += used;
        for (unsigned i = 0; i < times; i++, second++) {
            struct snap_point *to = &snap.points[0];
            uint32_t us = (uint32_t)(atof(word) * 1000);
            *to = (struct snap_point){.second = second,
                                      .gap = word[0] == '|',
                                      .idle = strchr("-0h", word[0]) != NULL && word[1] != '.',
                                      .no_latency = word[0] == 'f',
                                      .users = strcmp(word, "0") != 0,
                                      .p95_us = us / 2,
                                      .p99_us = us};
            snap.n_points = 1;
            snap.run.state = word[0] == 'h' ? SNAP_HELD : SNAP_RUNNING;
            breach_feed(&finder, &snap, p99_us, p95_us);
            breach_feed(&finder, &snap, p99_us, p95_us); /* the same points come ten times */
        }
    }
}

static const struct {
    const char *series;
    uint64_t p99_us, p95_us;
    uint32_t n;
    double from_s, to_s; /* of the first; -1: goes on */
    uint64_t us;
} cases[] = {
    {"", 0, 0, 0, 0, 0, 0},
    {"45x60", 0, 0, 0, 0, 0, 0},
    /* three times 45, and nothing rounder */
    {"45x60 900x20", 0, 0, 1, 60, -1, 135000},
    {"45x60 900x20 40x20", 0, 0, 1, 60, 80, 135000},
    /* outliers are none */
    {"45x60 900x1 45x10 900x2 45x10 900x1", 0, 0, 0, 0, 0, 0},
    {"45x60 900x1 45x1 900x1 45x1 900x1 45x20", 0, 0, 1, 60, 65, 135000},
    /* what is small already stays without a word below 5 ms */
    {"0.3x30 4x30", 0, 0, 0, 0, 0, 0},
    {"0.3x30 6x30", 0, 0, 1, 30, -1, 5000},
    /* a bound of the profile's counts, and nothing else */
    {"45x60 900x20", 1000000, 0, 0, 0, 0, 0},
    {"45x60 900x20", 800000, 0, 1, 60, -1, 800000},
    {"45x60 900x20", 0, 400000, 1, 60, -1, 400000},
    {"900x20", 800000, 0, 1, 0, -1, 800000},
    /* a young run, whose first seconds are all there is to compare with */
    {"5x4 300x9", 0, 0, 1, 4, -1, 15000},
    {"300x20", 0, 0, 0, 0, 0, 0},
    /* idle seconds and stops say nothing */
    {"45x20 -x30 45x5", 0, 0, 0, 0, 0, 0},
    {"45x20 |x30 45x5", 0, 0, 0, 0, 0, 0},
    {"45x20 900x2 |x30 900x1 45x9", 0, 0, 0, 0, 0, 0},
    /* without a load nothing breaks any more; while the target is silent it does */
    {"45x60 900x20 0x20", 0, 0, 1, 60, 80, 135000},
    {"45x60 900x20 heldx20", 0, 0, 1, 60, 80, 135000},
    {"45x60 900x20 0x4 900x1 0x4 900x5", 0, 0, 1, 60, -1, 135000},
    {"45x60 900x20 -x20", 0, 0, 1, 60, -1, 135000},
    {"45x60 900x2 0x20 900x1 45x9", 0, 0, 0, 0, 0, 0},
    /* where nothing succeeds there is no latency: no break, no end of one, nothing usual */
    {"45x60 failx20 45x9", 0, 0, 0, 0, 0, 0},
    {"45x60 900x20 failx20", 0, 0, 1, 60, -1, 135000},
    {"45x60 failx60 300x9", 0, 0, 1, 120, -1, 135000},
    {"45x60 900x20 0x20 45x60 900x5", 0, 0, 2, 60, 80, 135000},
    /* twice as much every minute and a half: never three times the minute before */
    {"10x90 20x90 40x90 80x90 160x90", 0, 0, 1, 360, -1, 100000},
    {"10x20 100x10 10x20 100x10", 0, 0, 2, 20, 30, 30000},
    /* six times the usual is no need: four times is enough */
    {"81x60 253x20", 0, 0, 1, 60, -1, 243000},
    {"81x60 240x20", 0, 0, 0, 0, 0, 0},
};

START_TEST(breaks)
{
    feed(cases[_i].series, cases[_i].p99_us, cases[_i].p95_us);
    ck_assert_uint_eq(finder.n, cases[_i].n);
    if (cases[_i].n == 0)
        return;
    const struct snap_breach *f = &finder.found[0];
    ck_assert_double_eq(f->from_s, cases[_i].from_s);
    if (cases[_i].to_s < 0)
        ck_assert(isnan(f->to_s));
    else
        ck_assert_double_eq(f->to_s, cases[_i].to_s);
    ck_assert_uint_eq(f->us, cases[_i].us);
    ck_assert_uint_eq(f->percentile, cases[_i].p95_us > 0 ? 95 : 99);
    ck_assert(f->wanted == (cases[_i].p99_us + cases[_i].p95_us > 0));
}
END_TEST

START_TEST(the_long_ones_are_kept)
{
    char series[1024] = "10x30 500x40 10x20";
    for (int i = 0; i < SNAP_BREACHES + 3; i++)
        strcat(series, " 500x6 10x20");
    feed(series, 0, 0);
    ck_assert_uint_eq(finder.n, SNAP_BREACHES);
    ck_assert_double_eq(finder.found[0].from_s, 30);
    ck_assert_double_eq(finder.found[SNAP_BREACHES - 1].from_s, 90 + 10 * 26);
}
END_TEST

/* After five seconds like the first. */
START_TEST(the_load_that_broke_it)
{
    static const struct {
        uint32_t users;
        float rps;
        uint32_t p99_ms;
    } seconds[][12] = {
        /* a ramp: the first second beyond */
        {{10, 100, 45},
         {20, 200, 45},
         {30, 300, 45},
         {40, 400, 45},
         {50, 410, 300},
         {60, 409, 300},
         {70, 410, 400}},
        /* a target that stalls: what it did before */
        {{40, 390, 45},
         {40, 400, 45},
         {40, 400, 45},
         {40, 400, 45},
         {40, 22, 900},
         {40, 22, 900},
         {40, 22, 900}},
        /* the same, in the middle of a second, of which p99 does not tell yet */
        {{40, 390, 45},
         {40, 400, 45},
         {40, 402, 45},
         {40, 190, 50},
         {40, 22, 900},
         {40, 22, 900},
         {40, 22, 900}},
        /* a jump: what it does at the new load */
        {{10, 100, 45},
         {10, 100, 45},
         {10, 100, 45},
         {10, 100, 45},
         {500, 400, 900},
         {500, 400, 900},
         {500, 400, 900}},
        /* long before it breaks, so that the second before has left what is looked at together */
        {{10, 100, 45},
         {10, 100, 45},
         {10, 100, 45},
         {10, 100, 45},
         {10, 100, 45},
         {10, 120, 45},
         {12, 110, 500},
         {12, 110, 45},
         {12, 110, 500},
         {12, 110, 45},
         {12, 110, 500}},
    };
    static const struct {
        double from_s;
        uint32_t users;
        double rps;
    } wanted[] = {{9, 50, 410}, {9, 40, 400}, {9, 40, 402}, {9, 500, 400}, {11, 12, 120}};
    for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
        memset(&finder, 0, sizeof finder);
        memset(&snap, 0, sizeof snap);
        for (uint32_t second = 0; second < 5 + 12; second++) {
            uint32_t i = second < 5 ? 0 : second - 5;
            if (seconds[k][i].users == 0)
                break;
            snap.points[0] = (struct snap_point){.second = second,
                                                 .users = seconds[k][i].users,
                                                 .rps = seconds[k][i].rps,
                                                 .p99_us = seconds[k][i].p99_ms * 1000};
            snap.n_points = 1;
            breach_feed(&finder, &snap, 0, 0);
        }
        ck_assert_uint_eq(finder.n, 1);
        ck_assert_double_eq(finder.found[0].from_s, wanted[k].from_s);
        ck_assert_uint_eq(finder.found[0].users, wanted[k].users);
        ck_assert_double_eq(finder.found[0].rps, wanted[k].rps);
        ck_assert_uint_eq(finder.found[0].us, 135000);
        ck_assert_uint_eq(finder.found[0].usual_us, 45000);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("breach");
    TCase *t = tcase_create("breach");
    tcase_add_loop_test(t, breaks, 0, (int)(sizeof cases / sizeof *cases));
    tcase_add_test(t, the_long_ones_are_kept);
    tcase_add_test(t, the_load_that_broke_it);
    suite_add_tcase(s, t);
    return unit_run(s);
}
