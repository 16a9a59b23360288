/* SPDX-License-Identifier: MIT */
/* What is found beside what the profile says, and how it looks. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "src/ratelimit/ratelimit.h"
#include "tests/unit/unit.h"

static struct quota_value value(double v)
{
    return (struct quota_value){.there = true, .readable = true, .value = v};
}

/* A limit of 5 a minute per user, found as it should be. */
static struct ratelimit perfect(void)
{
    struct ratelimit l = {.name = "five",
                          .class = "U",
                          .method = "POST",
                          .endpoint = "/login",
                          .status = 429,
                          .after_min = 5,
                          .after_max = 5,
                          .max_requests = 20,
                          .per = RATELIMIT_USER,
                          .window_s = 60,
                          .retry_after = true,
                          .wait_s = 70,
                          .end = RATELIMIT_FOUND,
                          .reached = true,
                          .accepted = 5,
                          .took_s = 0.41,
                          .held_asked = true,
                          .held = true,
                          .scope_asked = true,
                          .scope = RATELIMIT_USER,
                          .told_apart = true,
                          .recovery = RATELIMIT_RECOVERED,
                          .told_by = RATELIMIT_RETRY_AFTER,
                          .told_s = 60,
                          .recovered_s = 60.2,
                          .asked = 1};
    l.refusal = (struct quota){value(5), value(0), value(60), value(60)};
    l.trail = (struct quota_trail){.any = true,
                                   .limit = 5,
                                   .counts = true,
                                   .first = 4,
                                   .last = 0,
                                   .reset_s = 60,
                                   .replies = 5};
    return l;
}

/* The finding on that subject. */
static const struct ratelimit_finding *find(const struct ratelimit *l, const char *subject)
{
    static struct ratelimit_finding f[RATELIMIT_FINDINGS];
    size_t n = ratelimit_findings(l, f);
    ck_assert_uint_le(n, RATELIMIT_FINDINGS);
    for (size_t i = 0; i < n; i++)
        if (strcmp(f[i].subject, subject) == 0)
            return &f[i];
    ck_abort_msg("nothing is said of %s", subject);
}

static void says(const struct ratelimit *l, const char *subject, enum ratelimit_grade g,
                 const char *text)
{
    const struct ratelimit_finding *f = find(l, subject);
    ck_assert_str_eq(f->text, text);
    ck_assert_str_eq(ratelimit_grade_word(f->grade), ratelimit_grade_word(g));
    ck_assert_int_ge(ratelimit_grade(l), g);
}

START_TEST(all_as_it_should_be)
{
    struct ratelimit l = perfect();
    char *text = ratelimit_text(&l);
    ck_assert_str_eq(
        text, "five\n"
              "           request      POST /login, as U\n"
              "  ok       first 429    after 5 requests in 410 ms, as expected\n"
              "  ok       and then     the next one was refused too\n"
              "  ok       Retry-After  60 s\n"
              "  ok       X-RateLimit  Limit 5, Remaining counts down from 4 to 0, Reset 60 s\n"
              "  ok       per          user: a second one was accepted meanwhile\n"
              "  ok       recovery     accepted again after 60.2 s\n");
    free(text);
    ck_assert_int_eq(ratelimit_grade(&l), RATELIMIT_RIGHT);
}
END_TEST

START_TEST(the_count)
{
    struct ratelimit l = perfect();
    l.accepted = 4;
    says(&l, "first 429", RATELIMIT_DIFFERS,
         "after 4 requests in 410 ms, earlier than the 5 expected");
    l.unanswered = 1;
    says(&l, "first 429", RATELIMIT_DIFFERS,
         "after 4 requests in 410 ms, earlier than the 5 expected; 1 more had no reply and may "
         "have counted");
    l.unanswered = 0;
    l.before = 1;
    says(&l, "first 429", RATELIMIT_DIFFERS,
         "after 4 requests in 410 ms, earlier than the 5 expected; with the 1 of on_start it is 5");
    l.after_min = 4;
    says(&l, "first 429", RATELIMIT_RIGHT, "after 4 requests in 410 ms, as expected");
    l.accepted = 6;
    says(&l, "first 429", RATELIMIT_DIFFERS,
         "after 6 requests in 410 ms, later than the 4 to 5 expected");
    l.took_s = 61;
    says(&l, "first 429", RATELIMIT_DIFFERS,
         "after 6 requests in 61 s, later than the 4 to 5 expected; the window of 60 s was over "
         "before");
    l.accepted = 0;
    says(&l, "first 429", RATELIMIT_DIFFERS,
         "the first request was refused already, the profile says after 4 to 5; what came before "
         "may have used it up");
}
END_TEST

START_TEST(never_found)
{
    struct ratelimit l = perfect();
    l.end = RATELIMIT_NEVER;
    l.status = 423;
    l.accepted = 20;
    says(&l, "first 423", RATELIMIT_DIFFERS,
         "never within 20 requests in 410 ms; expected after 5");
    l.took_s = 120;
    l.after_max = 50;
    says(&l, "first 423", RATELIMIT_DIFFERS,
         "never within 20 requests in 120 s; expected after 5 to 50: one after the other, only "
         "10 fit in the window of 60 s");
    l.unexpected = 2;
    strcpy(l.unexpected_why, "status 500: oops");
    says(&l, "replies", RATELIMIT_DIFFERS,
         "2 of the 20 accepted are not as the request expects: status 500: oops");
    struct ratelimit_finding f[RATELIMIT_FINDINGS];
    ck_assert_uint_eq(ratelimit_findings(&l, f), 2); /* nothing of a refusal that never came */
    l.end = RATELIMIT_LOST;
    strcpy(l.why, "refused");
    says(&l, "first 423", RATELIMIT_DIFFERS,
         "not found, as a request failed after 20 accepted: refused");
    l.end = RATELIMIT_NO_USER;
    says(&l, "first 423", RATELIMIT_DIFFERS,
         "not looked for, as the user did not come through on_start: refused");
    l.end = RATELIMIT_OPEN;
    says(&l, "first 423", RATELIMIT_UNCLEAR, "interrupted after 20 accepted");
}
END_TEST

START_TEST(it_does_not_hold)
{
    struct ratelimit l = perfect();
    l.held = false;
    says(&l, "and then", RATELIMIT_DIFFERS, "the next one was accepted again");
}
END_TEST

START_TEST(retry_after)
{
    struct ratelimit l = perfect();
    l.refusal.retry_after = value(63);
    says(&l, "Retry-After", RATELIMIT_DIFFERS, "63 s, longer than the window of 60 s");
    l.refusal.retry_after = value(57);
    says(&l, "Retry-After", RATELIMIT_DIFFERS, "57 s, but Reset says 60 s");
    l.refusal.retry_after = value(58); /* both are rounded */
    says(&l, "Retry-After", RATELIMIT_RIGHT, "58 s");
    struct ratelimit now = perfect();
    now.refusal.retry_after.value = now.refusal.reset.value = 0;
    says(&now, "Retry-After", RATELIMIT_RIGHT, "0 s");
    l.refusal.retry_after.readable = false;
    says(&l, "Retry-After", RATELIMIT_DIFFERS, "neither seconds nor a date to come");
    l.refusal.retry_after.there = false;
    says(&l, "Retry-After", RATELIMIT_DIFFERS, "is missing, the profile wants it");
    l.retry_after = false;
    says(&l, "Retry-After", RATELIMIT_NOTE, "none");
}
END_TEST

START_TEST(headers_that_do_not_fit)
{
    struct ratelimit l = perfect();
    l.refusal.reset = value(63);
    says(&l, "X-RateLimit", RATELIMIT_DIFFERS, "Reset is 63 s, longer than the window of 60 s");
    l.trail.limit = 4;
    says(&l, "X-RateLimit", RATELIMIT_DIFFERS, "Limit is 4, but 5 were accepted");
    l.after_max = 6; /* a bucket that fills meanwhile is known to let more through */
    says(&l, "X-RateLimit", RATELIMIT_DIFFERS, "Reset is 63 s, longer than the window of 60 s");
    l.refusal.remaining = value(1);
    says(&l, "X-RateLimit", RATELIMIT_DIFFERS, "Remaining is 1, not 0, in the refusal");
    l.trail.last = 2;
    says(&l, "X-RateLimit", RATELIMIT_DIFFERS,
         "Remaining is 2, not 0, in the last reply before the refusal");
    l.trail.jumps = true;
    says(&l, "X-RateLimit", RATELIMIT_DIFFERS,
         "Remaining does not go down by one with each request (4 to 2)");
    l.trail.limit_varies = true;
    says(&l, "X-RateLimit", RATELIMIT_DIFFERS, "Limit is not the same in all replies");
    l.trail.unreadable = true;
    says(&l, "X-RateLimit", RATELIMIT_DIFFERS, "a value is no number");
    l.trail.any = false;
    says(&l, "X-RateLimit", RATELIMIT_NOTE, "none");
}
END_TEST

START_TEST(headers_in_part)
{
    struct ratelimit l = perfect();
    l.trail.counts = false; /* in refusals only */
    says(&l, "X-RateLimit", RATELIMIT_RIGHT, "Limit 5, Reset 60 s");
    l.trail.limit = -1;
    says(&l, "X-RateLimit", RATELIMIT_RIGHT, "Reset 60 s");
    l.trail.counts = true;
    l.trail.reset_s = -1;
    says(&l, "X-RateLimit", RATELIMIT_RIGHT, "Remaining counts down from 4 to 0");
    l.trail.limit = 7; /* two were used before */
    says(&l, "X-RateLimit", RATELIMIT_RIGHT, "Limit 7, Remaining counts down from 4 to 0");
}
END_TEST

static enum ratelimit_grade scope(enum ratelimit_scope per, enum ratelimit_scope is,
                                  bool told_apart)
{
    struct ratelimit l = perfect();
    l.per = per;
    l.scope = is;
    l.told_apart = told_apart;
    return find(&l, "per")->grade;
}

START_TEST(whom_it_is_for)
{
    ck_assert_int_eq(scope(RATELIMIT_USER, RATELIMIT_USER, true), RATELIMIT_RIGHT);
    ck_assert_int_eq(scope(RATELIMIT_USER, RATELIMIT_ADDRESS, true), RATELIMIT_DIFFERS);
    ck_assert_int_eq(scope(RATELIMIT_USER, RATELIMIT_ALL, true), RATELIMIT_DIFFERS);
    ck_assert_int_eq(scope(RATELIMIT_USER, RATELIMIT_SHARED, true), RATELIMIT_DIFFERS);
    ck_assert_int_eq(scope(RATELIMIT_ADDRESS, RATELIMIT_ADDRESS, true), RATELIMIT_RIGHT);
    ck_assert_int_eq(scope(RATELIMIT_ADDRESS, RATELIMIT_SHARED, true), RATELIMIT_RIGHT);
    ck_assert_int_eq(scope(RATELIMIT_ADDRESS, RATELIMIT_USER, true), RATELIMIT_DIFFERS);
    ck_assert_int_eq(scope(RATELIMIT_ADDRESS, RATELIMIT_ALL, true), RATELIMIT_DIFFERS);
    ck_assert_int_eq(scope(RATELIMIT_USER, RATELIMIT_UNTOLD, true), RATELIMIT_UNCLEAR);
    ck_assert_int_eq(scope(RATELIMIT_UNTOLD, RATELIMIT_ALL, true), RATELIMIT_NOTE);
    /* The same request from a second user: refused, it may be for the same user. */
    ck_assert_int_eq(scope(RATELIMIT_USER, RATELIMIT_SHARED, false), RATELIMIT_UNCLEAR);
    ck_assert_int_eq(scope(RATELIMIT_USER, RATELIMIT_ALL, false), RATELIMIT_UNCLEAR);
    ck_assert_int_eq(scope(RATELIMIT_ADDRESS, RATELIMIT_ALL, false), RATELIMIT_UNCLEAR);
    ck_assert_int_eq(scope(RATELIMIT_ADDRESS, RATELIMIT_USER, false), RATELIMIT_DIFFERS);

    struct ratelimit l = perfect();
    l.scope = RATELIMIT_ALL;
    says(&l, "per", RATELIMIT_DIFFERS,
         "nothing, for all: a second user was refused, from another address too; the profile says "
         "per user");
    l.told_apart = false;
    l.scope = RATELIMIT_SHARED;
    says(&l, "per", RATELIMIT_UNCLEAR,
         "address or for all: a second user was refused too; the profile says per user (but it "
         "sends the same as the first: nothing tells the two apart)");
    l.scope = RATELIMIT_UNTOLD;
    strcpy(l.scope_why, "no row");
    says(&l, "per", RATELIMIT_UNCLEAR, "not told: no row");
}
END_TEST

START_TEST(how_it_ends)
{
    struct ratelimit l = perfect();
    l.recovered_s = 62.5;
    says(&l, "recovery", RATELIMIT_DIFFERS,
         "accepted again after 62.5 s, later than Retry-After says: 60 s");
    l.told_by = RATELIMIT_SILENCE;
    says(&l, "recovery", RATELIMIT_RIGHT, "accepted again after 62.5 s");
    l.recovery = RATELIMIT_STILL;
    says(&l, "recovery", RATELIMIT_UNCLEAR, "still refused after 62.5 s, the longest wait");
    l.told_by = RATELIMIT_WINDOW;
    says(&l, "recovery", RATELIMIT_DIFFERS, "still refused after 62.5 s; the window says 60 s");
    l.recovery = RATELIMIT_TOO_LONG;
    l.told_by = RATELIMIT_RESET;
    l.told_s = 3600;
    says(&l, "recovery", RATELIMIT_NOTE,
         "not waited for: Reset says 3600 s, the longest wait is 70 s");
    l.recovery = RATELIMIT_CUT;
    says(&l, "recovery", RATELIMIT_UNCLEAR, "interrupted after 62.5 s");
    l.recovery = RATELIMIT_NOT_ASKED;
    says(&l, "recovery", RATELIMIT_NOTE, "not waited for");
    ck_assert_int_eq(ratelimit_grade(&l), RATELIMIT_RIGHT);
}
END_TEST

START_TEST(eighty_columns)
{
    struct ratelimit l = perfect();
    memset(l.endpoint, 'x', sizeof l.endpoint - 1); /* nowhere to break */
    l.end = RATELIMIT_NO_USER;
    for (size_t i = 0; i + 3 < sizeof l.why; i += 3)
        memcpy(l.why + i, i % 30 == 0 ? "   " : "\xe2\x82\xac", 4);
    char *text = ratelimit_text(&l);
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        size_t columns = 0;
        for (const char *c = line; *c != '\n'; c++)
            columns += ((unsigned char)*c & 0xc0) != 0x80;
        ck_assert_msg(columns <= 80, "%zu columns: %s", columns, line);
        ck_assert_msg(((unsigned char)*line & 0xc0) != 0x80, "a character is cut");
    }
    free(text);
}
END_TEST

START_TEST(the_whole_as_text_and_json)
{
    struct ratelimit items[] = {perfect(), perfect(), perfect()};
    struct ratelimits l = {.target = "http://t", .profile = "p", .items = items, .n = 3};
    items[1].accepted = 3;
    items[2].scope = RATELIMIT_UNTOLD;
    char *text = ratelimits_summary(&l);
    ck_assert_str_eq(text, "3 limits: 1 as the profile says, 1 differs, 1 unclear\n");
    free(text);
    ck_assert_int_eq(ratelimits_worst(&l), RATELIMIT_DIFFERS);
    l.n = 1;
    l.interrupted = true;
    text = ratelimits_summary(&l);
    ck_assert_str_eq(text, "interrupted: what was found until then\n"
                           "1 limit: 1 as the profile says, 0 differ\n");
    free(text);
    text = ratelimits_json(&l);
    json_t *o = json_loads(text, 0, NULL), *one = json_array_get(json_object_get(o, "limits"), 0);
    ck_assert_str_eq(json_string_value(json_object_get(o, "schema")), "ramptop-limits/1");
    ck_assert_str_eq(json_string_value(json_object_get(o, "verdict")), "ok");
    ck_assert_int_eq(json_integer_value(json_object_get(one, "accepted")), 5);
    ck_assert_str_eq(json_string_value(json_object_get(one, "per")), "user");
    ck_assert_uint_eq(json_array_size(json_object_get(one, "findings")), 6);
    json_decref(o);
    free(text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("limits");
    TCase *tc = tcase_create("limits");
    tcase_add_test(tc, all_as_it_should_be);
    tcase_add_test(tc, the_count);
    tcase_add_test(tc, never_found);
    tcase_add_test(tc, it_does_not_hold);
    tcase_add_test(tc, retry_after);
    tcase_add_test(tc, headers_that_do_not_fit);
    tcase_add_test(tc, headers_in_part);
    tcase_add_test(tc, whom_it_is_for);
    tcase_add_test(tc, how_it_ends);
    tcase_add_test(tc, eighty_columns);
    tcase_add_test(tc, the_whole_as_text_and_json);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
