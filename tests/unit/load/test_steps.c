/* SPDX-License-Identifier: MIT */
/* What comes next in steps: in order, in loops, by conditions, side by side. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/load/steps.h"
#include "src/profile/read.h"
#include "src/script/scope.h"
#include "tests/unit/unit.h"

static struct profile *profile;
static struct scope scope;
static char way[512];

static const struct steps *steps_of(const char *steps)
{
    const struct profile_overrides none = {.host = NULL};
    struct problems problems = {0};
    char *text = mem_printf("target = \"http://t\";\n"
                            "user_classes = ( { name = \"U\"; tasks = (\n"
                            "  { name = \"T\"; steps = ( %s ); } ); } );\n",
                            steps);
    profile = profile_parse("p.cfg", text, strlen(text), &none, &problems);
    ck_assert_msg(profile != NULL, "%s", problems.n > 0 ? problems.lines[0] : "");
    free(text);
    rng_seed(&scope.rng, 1);
    scope_init(&scope, profile->n_slots, NULL, 0);
    return &profile->classes[0].tasks[0].steps;
}

/* "GET/a wait5 [GET/b GET/c] end": all that is to be done, until it has come to `most` things. */
static const char *walk_steps(struct cursor *c, unsigned most)
{
    size_t len = 0;
    bool goes_on = true;
    way[0] = '\0';
    for (unsigned n = 0; goes_on && n < most; n++) {
        const struct next next = steps_next(c, &scope);
        char word[128] = "";
        switch (next.kind) {
        case NEXT_REQUESTS:
            for (uint32_t i = 0; i < next.n; i++)
                snprintf(word + strlen(word), sizeof word - strlen(word), "%s%s", i > 0 ? "+" : "",
                         next.first[i].request->name);
            steps_sent(c, &next);
            break;
        case NEXT_WAIT:
            snprintf(word, sizeof word, "wait%u", (unsigned)(next.wait_ns / 1000000));
            break;
        default:
            snprintf(word, sizeof word, "%s",
                     next.kind == NEXT_END    ? "end"
                     : next.kind == NEXT_STOP ? "stop"
                                              : "restart");
            goes_on = false;
        }
        len += (size_t)snprintf(way + len, sizeof way - len, "%s%s", len > 0 ? " " : "", word);
    }
    return way;
}

static void tear_down(void)
{
    scope_finish(&scope);
    profile_unref(profile);
}

START_TEST(one_after_the_other)
{
    struct cursor c = {.steps = steps_of("{ request = \"GET /a\"; }, { think = 0.005; },"
                                         "{ request = \"GET /b\"; }")};
    ck_assert_str_eq(walk_steps(&c, 10), "/a wait5 /b end");
    ck_assert_str_eq(walk_steps(&c, 10), "end");
}
END_TEST

START_TEST(loops_within_loops)
{
    struct cursor c = {.steps =
                           steps_of("{ loop = 2; steps = ( { request = \"GET /a\"; },"
                                    "  { loop = 3; steps = ( { request = \"GET /b\"; } ); } ); },"
                                    "{ request = \"GET /c\"; }")};
    ck_assert_str_eq(walk_steps(&c, 20), "/a /b /b /b /a /b /b /b /c end");
}
END_TEST

START_TEST(a_condition_is_asked_when_it_is_reached)
{
    struct cursor c = {.steps = steps_of("{ request = \"GET /a\"; }, { when = \"status == 200\";"
                                         "  steps = ( { request = \"GET /yes\"; } );"
                                         "  else = ( { request = \"GET /no\"; } ); }")};
    ck_assert_str_eq(walk_steps(&c, 1), "/a");
    scope.status = 200;
    ck_assert_str_eq(walk_steps(&c, 9), "/yes end");
    c.at = 0;
    scope.status = 500;
    ck_assert_str_eq(walk_steps(&c, 9), "/a /no end");
}
END_TEST

START_TEST(side_by_side)
{
    struct cursor c = {.steps = steps_of("{ parallel = ( { request = \"GET /a\"; },"
                                         "  { request = \"GET /b\"; } ); }, { restart = true; }")};
    ck_assert_str_eq(walk_steps(&c, 9), "/a+/b restart");
}
END_TEST

START_TEST(a_user_stops)
{
    struct cursor c = {.steps = steps_of("{ stop = true; }, { request = \"GET /a\"; }")};
    ck_assert_str_eq(walk_steps(&c, 9), "stop");
}
END_TEST

START_TEST(requests_that_were_not_sent_come_again)
{
    struct cursor c = {.steps = steps_of("{ request = \"GET /a\"; }")};
    const struct next first = steps_next(&c, &scope), again = steps_next(&c, &scope);
    ck_assert_int_eq(first.kind, NEXT_REQUESTS);
    ck_assert_ptr_eq(first.first, again.first);
    steps_sent(&c, &again);
    ck_assert_str_eq(walk_steps(&c, 9), "end");
}
END_TEST

START_TEST(a_loop_of_nothing_lets_others_go_on)
{
    struct cursor c = {.steps = steps_of("{ loop = 1000; steps = ( { when = \"status == 200\";"
                                         "  steps = ( { request = \"GET /a\"; } ); } ); },"
                                         "{ request = \"GET /b\"; }")};
    unsigned waits = 0;
    while (steps_next(&c, &scope).kind == NEXT_WAIT && waits < 1000)
        waits++;
    ck_assert_uint_gt(waits, 1);
    ck_assert_uint_lt(waits, 1000);
    ck_assert_str_eq(walk_steps(&c, 9), "/b end");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("steps");
    TCase *tc = tcase_create("steps");
    tcase_add_checked_fixture(tc, NULL, tear_down);
    tcase_add_test(tc, one_after_the_other);
    tcase_add_test(tc, loops_within_loops);
    tcase_add_test(tc, a_condition_is_asked_when_it_is_reached);
    tcase_add_test(tc, side_by_side);
    tcase_add_test(tc, a_user_stops);
    tcase_add_test(tc, requests_that_were_not_sent_come_again);
    tcase_add_test(tc, a_loop_of_nothing_lets_others_go_on);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
