/* SPDX-License-Identifier: MIT */
/* What bench's figures say, and how they look. */
#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "src/bench/bench.h"
#include "tests/unit/unit.h"

static struct bench_step step(uint32_t at, double rps, double mean_us, uint64_t p50_us,
                              uint64_t p99_us)
{
    return (struct bench_step){.at = at,
                               .requests = 100,
                               .seconds = 1,
                               .rps = rps,
                               .latency = {.count = 100,
                                           .mean_us = mean_us,
                                           .min_us = 1,
                                           .p50_us = p50_us,
                                           .p95_us = p99_us,
                                           .p99_us = p99_us,
                                           .max_us = p99_us}};
}

static const char *hint(struct bench_step *steps, size_t n)
{
    static char out[SNAP_TEXT];
    const struct bench_endpoint e = {.steps = steps, .n_steps = n};
    return bench_hint(&e, out, sizeof out);
}

START_TEST(saturation_is_seen)
{
    struct bench_step steps[] = {step(1, 100, 1e4, 10000, 11000),
                                 step(10, 800, 12500, 12000, 15000),
                                 step(25, 810, 31000, 30000, 33000)};
    ck_assert_str_eq(hint(steps, 3),
                     "saturates at about 10 at once: more load waits, 810.0 req/s is the most");
    steps[2].generator_limited = true; /* it may be this machine that is full */
    ck_assert_str_eq(hint(steps, 3), "");
    steps[2].generator_limited = false;
    ck_assert_str_eq(hint(steps, 2), ""); /* eight times as much from ten times the load */
    steps[2].latency.mean_us = 12600;     /* as quick as before: something else holds it back */
    ck_assert_str_eq(hint(steps, 3), "");
}
END_TEST

START_TEST(failures_come_before_all_else)
{
    struct bench_step steps[] = {step(1, 100, 1e4, 10000, 11000), step(10, 101, 1e5, 100, 110000)};
    steps[1].failures = 30;
    steps[1].latency.count = 70;
    strcpy(steps[1].failure, "503");
    ck_assert_str_eq(hint(steps, 2), "at 10 at once 30.0 % fail (503)");
    steps[1].failed = (struct snap_latency){.count = 30, .p50_us = 230};
    ck_assert_str_eq(hint(steps, 2), "at 10 at once 30.0 % fail (503), in 230 us (median)");
}
END_TEST

START_TEST(what_varies_much_is_said)
{
    struct bench_step s = step(1, 100, 1e4, 1000, 5100);
    ck_assert_str_eq(hint(&s, 1), "varies much at 1 at once: p99 is 5 times the median");
    s.latency.count = 99;
    ck_assert_str_eq(hint(&s, 1),
                     "varies much at 1 at once: the slowest of 99 took 5 times the median");
    s.latency.p99_us = 5000;
    ck_assert_str_eq(hint(&s, 1), "");
    s.latency.p99_us = 9000;
    s.latency.count = 19; /* its p99 is the slowest of 19 */
    ck_assert_str_eq(hint(&s, 1), "");
}
END_TEST

static void graded(struct bench_step *s)
{
    struct goal_rate rate = {.at = 10, .rps = {true, 30, 20}};
    const struct goal g = {.bounds = {[GOAL_AVERAGE] = {true, 20000, 20000},
                                      [GOAL_P99] = {true, 10000, 20000},
                                      [GOAL_SUCCESS] = {true, 0.99, 0.99}},
                           .rates = &rate,
                           .n_rates = 1};
    bench_grade(s, &g);
}

START_TEST(the_worst_grade_counts)
{
    struct bench_step s = step(10, 25, 15000, 1000, 9000);
    graded(&s);
    ck_assert_int_eq(s.grades[GOAL_AVERAGE], GRADE_OK);
    ck_assert_int_eq(s.grades[GOAL_P50], GRADE_NONE);
    ck_assert_int_eq(s.rate_grade, GRADE_ACCEPTABLE);
    ck_assert_int_eq(bench_step_grade(&s), GRADE_ACCEPTABLE);
    s.failures = 5;
    graded(&s);
    ck_assert_int_eq(bench_step_grade(&s), GRADE_POOR);
    s.failures = 0;
    s.requests = 200; /* half of them could not be sent */
    graded(&s);
    ck_assert_int_eq(s.grades[GOAL_SUCCESS], GRADE_OK);
    s.failures = 5; /* of those that were */
    graded(&s);
    ck_assert_int_eq(s.grades[GOAL_SUCCESS], GRADE_POOR);
    s.latency = (struct snap_latency){.count = 0}; /* and none at all */
    s.failures = 0;
    graded(&s);
    struct bench_step nothing = {.at = 1}; /* not one reply: no grade for latencies of nothing */
    graded(&nothing);
    ck_assert_int_eq(bench_step_grade(&nothing), GRADE_NONE);
}
END_TEST

START_TEST(quick_failures_are_not_ok)
{
    const struct goal g = {.bounds = {[GOAL_P95] = {true, 20000, 20000}}}, none = {.n_rates = 0};
    struct bench_step s = step(1, 500, 2000, 2000, 2100);
    s.failures = 1;
    bench_grade(&s, &g);
    ck_assert_int_eq(bench_step_grade(&s), GRADE_OK);
    s.failures = 100;
    bench_grade(&s, &g);
    ck_assert_int_eq(s.grades[GOAL_P95], GRADE_OK);
    ck_assert_int_eq(bench_step_grade(&s), GRADE_POOR);
    struct bench_step failing = {.at = 1, .requests = 100, .failures = 100, .rps = 500};
    failing.failed = (struct snap_latency){.count = 100, .mean_us = 23, .p50_us = 23};
    bench_grade(&failing, &g); /* no success, no time that could please a goal */
    ck_assert_int_eq(failing.grades[GOAL_P95], GRADE_NONE);
    ck_assert_int_eq(failing.grades[GOAL_SUCCESS], GRADE_POOR);
    ck_assert_int_eq(bench_step_grade(&failing), GRADE_POOR);
    struct bench_step unjudged = step(1, 500, 2000, 2000, 2100);
    unjudged.failures = 100;
    bench_grade(&unjudged, &none);
    ck_assert_int_eq(bench_step_grade(&unjudged), GRADE_NONE);
}
END_TEST

START_TEST(what_was_not_sent_is_not_measured)
{
    struct bench_step unsent = {.at = 5, .not_sent = 40, .failure = "no value (client)"};
    struct bench_step unreached = {.at = 5};
    const struct goal g = {.bounds = {[GOAL_P95] = {true, 20000, 20000}}};
    bench_grade(&unsent, &g);
    ck_assert_int_eq(bench_step_grade(&unsent), GRADE_NONE);
    ck_assert_str_eq(hint(&unsent, 1), "at 5 at once not one could be sent (no value (client))");
    ck_assert_str_eq(hint(&unreached, 1),
                     "at 5 at once it was not reached: what comes before it fails or waits");
    struct bench_endpoint e[] = {
        {.method = "GET", .name = "/", .goal = "g", .steps = &unsent, .n_steps = 1},
        {.method = "PUT", .name = "/x", .skipped = "because"}};
    const struct bench b = {.target = "http://h", .endpoints = e, .n_endpoints = 2};
    char *text = bench_summary(&b);
    ck_assert_str_eq(text,
                     "2 endpoints: 0 ok, 0 acceptable, 0 poor, 1 not measured, 1 without a goal\n");
    ck_assert_uint_eq(bench_unknown(&b), 1);
    free(text);
}
END_TEST

START_TEST(an_endpoint_as_text)
{
    struct bench_step steps[] = {step(1, 97.9, 10100, 10000, 10200),
                                 step(10, 25, 12700, 12000, 15000)};
    struct bench_endpoint e = {
        .method = "GET", .name = "/api/health", .goal = "reads", .steps = steps, .n_steps = 2};
    graded(&steps[0]);
    graded(&steps[1]);
    char *text = bench_text(&e);
    ck_assert_str_eq(
        text, "GET /api/health   (goal: reads)\n"
              " users  requests  average   median      p95      p99    req/s  failed  verdict\n"
              "     1       100    10 ms    10 ms    10 ms    10 ms     97.9       0  "
              "acceptable p99\n"
              "    10       100    13 ms    12 ms    15 ms    15 ms     25.0       0  "
              "acceptable p99\n"
              "  saturates at about 1 at once: more load waits, 97.9 req/s is the most\n");
    free(text);
}
END_TEST

START_TEST(the_whole_as_text_and_json)
{
    struct bench_step s = step(1, 25, 25000, 1000, 9000);
    graded(&s);
    struct bench_endpoint e[] = {
        {.method = "GET", .name = "/", .goal = "g", .steps = &s, .n_steps = 1},
        {.method = "PUT", .name = "/x", .skipped = "because"}};
    const struct bench b = {.target = "http://h", .endpoints = e, .n_endpoints = 2};
    char *text = bench_summary(&b);
    ck_assert_str_eq(text, "2 endpoints: 0 ok, 0 acceptable, 1 poor, 1 without a goal\n");
    free(text);
    text = bench_json(&b);
    json_t *o = json_loads(text, 0, NULL);
    ck_assert_ptr_nonnull(o);
    ck_assert_str_eq(json_string_value(json_object_get(o, "verdict")), "poor");
    json_t *first = json_array_get(json_object_get(o, "endpoints"), 0);
    json_t *at = json_array_get(json_object_get(first, "steps"), 0);
    ck_assert_str_eq(json_string_value(json_object_get(json_object_get(at, "grades"), "average")),
                     "poor");
    json_decref(o);
    free(text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("bench");
    TCase *tc = tcase_create("bench");
    tcase_add_test(tc, saturation_is_seen);
    tcase_add_test(tc, failures_come_before_all_else);
    tcase_add_test(tc, what_varies_much_is_said);
    tcase_add_test(tc, the_worst_grade_counts);
    tcase_add_test(tc, quick_failures_are_not_ok);
    tcase_add_test(tc, what_was_not_sent_is_not_measured);
    tcase_add_test(tc, an_endpoint_as_text);
    tcase_add_test(tc, the_whole_as_text_and_json);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
