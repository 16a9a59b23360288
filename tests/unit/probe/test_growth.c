/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "src/base/mem.h"
#include "src/base/rng.h"
#include "src/probe/growth.h"
#include "tests/unit/unit.h"

#define MB 1048576.0

/* Memory of a service: a line, a sawtooth on it, a step, a warming up, and noise. */
struct shape {
    double per_min, tooth, tooth_s, noise;
    double step, step_s; /* up at that moment */
    double warm, warm_s; /* so much more in the end, with that time constant */
    double late_s;       /* the line begins then */
};

static double at(const struct shape *s, double t, double phase, struct rng *dice)
{
    double saw = s->tooth_s > 0 ? s->tooth * fmod(t / s->tooth_s + phase, 1) : 0;
    double line = s->per_min * fmax(0, t - s->late_s) / 60;
    double step = s->step_s > 0 && t >= s->step_s ? s->step : 0;
    double warm = s->warm_s > 0 ? s->warm * (1 - exp(-t / s->warm_s)) : 0;
    return 200 * MB + line + saw + step + warm + s->noise * (rng_unit(dice) - 0.5);
}

static struct growth_verdict judged(struct shape s, double seconds, uint64_t seed)
{
    struct growth *g = mem_zalloc(sizeof *g);
    struct rng dice;
    rng_seed(&dice, seed);
    double phase = rng_unit(&dice);
    growth_begin(g, 5);
    for (double t = 5; t <= 5 + seconds; t++)
        growth_add(g, t, at(&s, t, phase, &dice));
    struct growth_verdict v = growth_judge(g, 5 + seconds);
    free(g);
    return v;
}

START_TEST(no_verdict_before_three_minutes)
{
    struct growth_verdict v = judged((struct shape){.per_min = 20 * MB}, 150, 1);
    ck_assert_int_eq(v.leak, LEAK_MORE_TIME);
    ck_assert(isnan(v.per_min));
    ck_assert(v.need_s > 49 && v.need_s < 51);
}
END_TEST

START_TEST(a_leak_of_20_mb_a_minute_is_found)
{
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct growth_verdict v =
            judged((struct shape){.per_min = 20 * MB, .noise = 4 * MB}, 205, seed);
        ck_assert_int_eq(v.leak, LEAK_FOUND);
        ck_assert(fabs(v.per_min - 20 * MB) < 1 * MB);
    }
}
END_TEST

START_TEST(a_leak_below_a_sawtooth_is_found)
{
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct growth_verdict v =
            judged((struct shape){.per_min = 20 * MB, .tooth = 60 * MB, .tooth_s = 20}, 300, seed);
        ck_assert_int_eq(v.leak, LEAK_FOUND);
    }
}
END_TEST

static const struct shape teeth[] = {
    {.tooth = 60 * MB, .tooth_s = 20},
    {.tooth = 100 * MB, .tooth_s = 90},
    {.tooth = 30 * MB, .tooth_s = 45, .noise = 3 * MB},
    {.tooth = 200 * MB, .tooth_s = 150},
    {.noise = 20 * MB},
    {.noise = 0.1 * MB},
};

/* At every length from the first verdict on, whatever the phase. */
START_TEST(a_sawtooth_is_no_leak)
{
    for (uint64_t seed = 0; seed < 40; seed++)
        for (double seconds = 200; seconds <= 900; seconds += 20) {
            /* A tooth of which no fall was seen yet cannot be told from a leak. */
            if (teeth[_i].tooth_s > 0 && seconds < 20 + 2 * teeth[_i].tooth_s)
                continue;
            struct growth_verdict v = judged(teeth[_i], seconds, seed);
            ck_assert_msg(v.leak == LEAK_NONE || v.leak == LEAK_MORE_TIME,
                          "seed %d, %.0f s: %d, %.1f +- %.1f MB/min", (int)seed, seconds, v.leak,
                          v.per_min / MB, v.error / MB);
        }
}
END_TEST

START_TEST(steady_memory_is_said_to_be_steady)
{
    ck_assert_int_eq(judged((struct shape){.noise = MB}, 205, 3).leak, LEAK_NONE);
    ck_assert_int_eq(judged((struct shape){.tooth = 60 * MB, .tooth_s = 20}, 600, 3).leak,
                     LEAK_NONE);
    ck_assert_int_eq(judged((struct shape){.per_min = -30 * MB, .noise = MB}, 300, 3).leak,
                     LEAK_NONE);
}
END_TEST

/* A cache is filled at once; whenever it happens, and however long one has looked. */
START_TEST(a_step_is_no_leak)
{
    static const struct shape steps[] = {{.step = 30 * MB, .noise = MB},
                                         {.step = 300 * MB, .noise = 3 * MB},
                                         {.step = 100 * MB, .tooth = 60 * MB, .tooth_s = 20},
                                         {.step = 1000 * MB}};
    for (double step_s = 10; step_s < 600; step_s += 15)
        for (double seconds = 200; seconds <= 900; seconds += 20) {
            struct shape s = steps[_i];
            s.step_s = step_s;
            struct growth_verdict v = judged(s, seconds, (uint64_t)step_s);
            ck_assert_msg(v.leak == LEAK_NONE || v.leak == LEAK_MORE_TIME,
                          "step at %.0f s, seen %.0f s: %d, %.1f +- %.1f MB/min", step_s, seconds,
                          v.leak, v.per_min / MB, v.error / MB);
        }
}
END_TEST

/* Caches and pools fill, less and less. */
START_TEST(what_warms_up_is_no_leak)
{
    static const double tau[] = {20, 40, 60, 90};
    for (double seconds = 200; seconds <= 1800; seconds += 20) {
        struct shape s = {.warm = 300 * MB, .warm_s = tau[_i], .noise = MB};
        struct growth_verdict v = judged(s, seconds, 7);
        ck_assert_msg(v.leak == LEAK_NONE || v.leak == LEAK_MORE_TIME,
                      "%.0f s: %d, %.1f +- %.1f MB/min", seconds, v.leak, v.per_min / MB,
                      v.error / MB);
    }
    ck_assert_int_eq(
        judged((struct shape){.warm = 100 * MB, .warm_s = 40, .noise = MB}, 3600, 7).leak,
        LEAK_NONE);
}
END_TEST

/* Half an hour of collections, then they leave more and more. */
START_TEST(a_leak_that_begins_late_is_found)
{
    struct shape s = {
        .per_min = 40 * MB, .late_s = 1800, .tooth = 60 * MB, .tooth_s = 20, .noise = MB};
    ck_assert_int_eq(judged(s, 1800, 4).leak, LEAK_NONE);
    struct growth_verdict v = judged(s, 3600, 4);
    ck_assert_msg(v.leak == LEAK_FOUND, "%d, %.1f +- %.1f MB/min", v.leak, v.per_min / MB,
                  v.error / MB);
    /* Behind many collections, too. */
    s = (struct shape){.per_min = 60 * MB, .late_s = 520, .tooth = 300 * MB, .tooth_s = 8};
    ck_assert_int_eq(judged(s, 500, 4).leak, LEAK_NONE);
    v = judged(s, 700, 4);
    ck_assert_msg(v.leak == LEAK_FOUND, "%d, %.1f +- %.1f MB/min", v.leak, v.per_min / MB,
                  v.error / MB);
}
END_TEST

/* Three minutes have passed, but of most of them nobody knows anything. */
START_TEST(what_was_not_seen_is_no_time)
{
    struct growth *g = mem_zalloc(sizeof *g);
    growth_begin(g, 0);
    struct growth_verdict v = growth_judge(g, 500);
    ck_assert_int_eq(v.leak, LEAK_MORE_TIME);
    ck_assert(v.need_s > 179 && v.need_s < 181);
    for (double t = 500; t <= 560; t++)
        growth_add(g, t, 200 * MB + t * MB);
    v = growth_judge(g, 560);
    ck_assert_int_eq(v.leak, LEAK_MORE_TIME);
    ck_assert(isnan(v.per_min));
    ck_assert(v.need_s > 119 && v.need_s < 121);
    free(g);
}
END_TEST

START_TEST(hours_fit)
{
    struct growth_verdict v =
        judged((struct shape){.per_min = 12 * MB, .tooth = 60 * MB, .tooth_s = 30}, 14400, 9);
    ck_assert_int_eq(v.leak, LEAK_FOUND);
    ck_assert(fabs(v.per_min - 12 * MB) < MB);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("growth");
    TCase *t = tcase_create("growth");
    tcase_add_test(t, no_verdict_before_three_minutes);
    tcase_add_test(t, a_leak_of_20_mb_a_minute_is_found);
    tcase_add_test(t, a_leak_below_a_sawtooth_is_found);
    tcase_add_loop_test(t, a_sawtooth_is_no_leak, 0, (int)(sizeof teeth / sizeof *teeth));
    tcase_add_test(t, steady_memory_is_said_to_be_steady);
    tcase_add_loop_test(t, a_step_is_no_leak, 0, 4);
    tcase_add_loop_test(t, what_warms_up_is_no_leak, 0, 4);
    tcase_add_test(t, a_leak_that_begins_late_is_found);
    tcase_add_test(t, what_was_not_seen_is_no_time);
    tcase_add_test(t, hours_fit);
    tcase_set_timeout(t, 60);
    suite_add_tcase(s, t);
    return unit_run(s);
}
