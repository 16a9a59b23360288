/* SPDX-License-Identifier: MIT */
/* Figures against goals; globs. */
#include <check.h>

#include "src/profile/goal.h"
#include "tests/unit/unit.h"

static const struct {
    const char *glob, *text;
    bool matches;
} globs[] = {
    {"GET /api/*", "GET /api/x", true},
    {"GET /api/*", "GET /api/", true},
    {"GET /api/*", "POST /api/x", false},
    {"*", "", true},
    {"", "", true},
    {"", "a", false},
    {"a*b*c", "a-b-b-c", true},
    {"a*b*c", "a-b-b-", false},
    {"*/activity/*", "PUT /api/activity/7", true},
    {"GET /?", "GET /a", true},
    {"GET /?", "GET /", false},
    {"**", "x", true},
    {"*ab", "aab", true},
    {"a?c", "a*c", true},
    {"GET /a", "GET /a/b", false},
};

START_TEST(a_glob_is_held_against_the_whole)
{
    ck_assert_msg(goal_matches(globs[_i].glob, globs[_i].text) == globs[_i].matches, "%s on %s",
                  globs[_i].glob, globs[_i].text);
}
END_TEST

START_TEST(a_glob_takes_no_more_than_quadratic_time)
{
    char text[20001], glob[2001];
    for (size_t i = 0; i < 20000; i++)
        text[i] = 'a';
    text[20000] = '\0';
    for (size_t i = 0; i < 2000; i += 2) {
        glob[i] = '*';
        glob[i + 1] = 'a';
    }
    glob[1999] = 'b';
    glob[2000] = '\0';
    ck_assert(!goal_matches(glob, text)); /* ends */
}
END_TEST

START_TEST(figures_are_graded)
{
    struct goal_rate rate = {.at = 10, .rps = {true, 30, 20}};
    const struct goal g = {
        .bounds = {[GOAL_P95] = {true, 500, 1000}, [GOAL_SUCCESS] = {true, 0.99, 0.95}},
        .rates = &rate,
        .n_rates = 1};
    ck_assert_int_eq(goal_judge(&g, GOAL_P95, 500), GRADE_OK);
    ck_assert_int_eq(goal_judge(&g, GOAL_P95, 501), GRADE_ACCEPTABLE);
    ck_assert_int_eq(goal_judge(&g, GOAL_P95, 1000.5), GRADE_POOR);
    ck_assert_int_eq(goal_judge(&g, GOAL_P50, 1), GRADE_NONE);
    ck_assert_int_eq(goal_judge(&g, GOAL_SUCCESS, 0.99), GRADE_OK);
    ck_assert_int_eq(goal_judge(&g, GOAL_SUCCESS, 0.96), GRADE_ACCEPTABLE);
    ck_assert_int_eq(goal_judge(&g, GOAL_SUCCESS, 0.1), GRADE_POOR);
    ck_assert_int_eq(goal_judge_rate(&g, 10, 30), GRADE_OK);
    ck_assert_int_eq(goal_judge_rate(&g, 10, 25), GRADE_ACCEPTABLE);
    ck_assert_int_eq(goal_judge_rate(&g, 10, 19), GRADE_POOR);
    ck_assert_int_eq(goal_judge_rate(&g, 11, 19), GRADE_NONE);
    ck_assert_int_eq(goal_judge(NULL, GOAL_P95, 1), GRADE_NONE);
}
END_TEST

START_TEST(success_is_wanted_where_anything_is)
{
    struct goal_rate rate = {.at = 10, .rps = {true, 30, 20}};
    const struct goal time = {.bounds = {[GOAL_P95] = {true, 500, 1000}}}, nothing = {.n_rates = 0};
    const struct goal throughput = {.rates = &rate, .n_rates = 1};
    ck_assert_int_eq(goal_judge(&time, GOAL_SUCCESS, 1), GRADE_NONE);
    ck_assert_int_eq(goal_judge(&time, GOAL_SUCCESS, 0.99), GRADE_NONE);
    ck_assert_int_eq(goal_judge(&time, GOAL_SUCCESS, 0.98), GRADE_POOR);
    ck_assert_int_eq(goal_judge(&throughput, GOAL_SUCCESS, 0), GRADE_POOR);
    ck_assert_int_eq(goal_judge(&nothing, GOAL_SUCCESS, 0), GRADE_NONE);
}
END_TEST

START_TEST(the_first_goal_that_matches_counts)
{
    char first[] = "GET /api/*", second[] = "GET *";
    char *a[] = {first}, *b[] = {second};
    struct goal goals[] = {{.patterns = a, .n_patterns = 1}, {.patterns = b, .n_patterns = 1}};
    const struct profile p = {.goals = goals, .n_goals = 2};
    ck_assert_ptr_eq(profile_goal(&p, "GET", "/api/x"), &goals[0]);
    ck_assert_ptr_eq(profile_goal(&p, "GET", "/x"), &goals[1]);
    ck_assert_ptr_null(profile_goal(&p, "POST", "/x"));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("goal");
    TCase *tc = tcase_create("goal");
    tcase_add_loop_test(tc, a_glob_is_held_against_the_whole, 0, sizeof globs / sizeof *globs);
    tcase_add_test(tc, a_glob_takes_no_more_than_quadratic_time);
    tcase_add_test(tc, figures_are_graded);
    tcase_add_test(tc, success_is_wanted_where_anything_is);
    tcase_add_test(tc, the_first_goal_that_matches_counts);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
