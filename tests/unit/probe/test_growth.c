/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "src/base/mem.h"
#include "src/base/rng.h"
#include "src/probe/growth.h"
#include "tests/unit/unit.h"

#define MB 1048576.0

/* Memory of a service: a line, a sawtooth on it, and noise. */
struct shape {
    double per_min, tooth, tooth_s, noise;
};

static double at(const struct shape *s, double t, double phase, struct rng *dice)
{
    double saw = s->tooth_s > 0 ? s->tooth * fmod(t / s->tooth_s + phase, 1) : 0;
    return 200 * MB + s->per_min * t / 60 + saw + s->noise * (rng_unit(dice) - 0.5);
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
    tcase_add_test(t, hours_fit);
    tcase_set_timeout(t, 60);
    suite_add_tcase(s, t);
    return unit_run(s);
}
