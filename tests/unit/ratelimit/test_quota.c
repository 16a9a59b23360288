/* SPDX-License-Identifier: MIT */
/* What headers say of a rate limit, as servers write them. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "src/ratelimit/quota.h"
#include "tests/unit/unit.h"

#define NOW_S 1.7e9

static struct quota read_lines(const char *lines, uint32_t retry_after_s)
{
    static char text[1024];
    snprintf(text, sizeof text, "HTTP/1.1 429 Too Many\r\n%s\r\n", lines);
    const struct reply r = {.status = 429, .headers = text, .headers_len = strlen(text)};
    return quota_read(&r, NOW_S, retry_after_s);
}

static void is(const struct quota_value *v, double value)
{
    ck_assert(v->there && v->readable);
    ck_assert_double_eq_tol(v->value, value, 1e-6);
}

START_TEST(the_usual_names)
{
    struct quota q = read_lines("X-RateLimit-Limit: 60\r\nx-ratelimit-remaining: 0\r\n"
                                "X-RateLimit-Reset: 58.5\r\nRetry-After: 58\r\n",
                                58);
    is(&q.limit, 60);
    is(&q.remaining, 0);
    is(&q.reset, 58.5);
    is(&q.retry_after, 58);
    q = read_lines("RateLimit-Limit: 100, 100;w=60\r\nRateLimit-Remaining: 7\r\n", UINT32_MAX);
    is(&q.limit, 100);
    is(&q.remaining, 7);
    ck_assert(!q.reset.there && !q.retry_after.there);
    q = read_lines("X-Rate-Limit-Limit: 15\r\n", UINT32_MAX);
    is(&q.limit, 15);
}
END_TEST

START_TEST(the_newer_field)
{
    struct quota q = read_lines("RateLimit: limit=5, remaining=2, reset=30\r\n", UINT32_MAX);
    is(&q.limit, 5);
    is(&q.remaining, 2);
    is(&q.reset, 30);
    q = read_lines("RateLimit: \"default\";r=3;t=12\r\n", UINT32_MAX);
    ck_assert(!q.limit.there);
    is(&q.remaining, 3);
    is(&q.reset, 12);
    q = read_lines("RateLimit: \"day, all\";r=900;t=80000, \"burst\";r=1;t=3,\"x\";r=5;t=9\r\n",
                   UINT32_MAX); /* the one that has least left */
    is(&q.remaining, 1);
    is(&q.reset, 3);
    q = read_lines("RateLimit: \"day\";r=900;t=80000\r\nRateLimit: \"burst\";r=0;t=2\r\n",
                   UINT32_MAX); /* a list may take several lines */
    is(&q.remaining, 0);
    is(&q.reset, 2);
    q = read_lines("RateLimit: \"odd\";r=none, \"burst\";r=4\r\n", UINT32_MAX);
    is(&q.remaining, 4);
    ck_assert(!q.reset.there);
    q = read_lines("RateLimit: nor=9;start=8\r\n", UINT32_MAX); /* ends of other words */
    ck_assert(!q.remaining.there && !q.reset.there);
}
END_TEST

START_TEST(a_reset_may_be_a_time_of_the_clock)
{
    struct quota q = read_lines("X-RateLimit-Reset: 1700000042\r\n", UINT32_MAX);
    is(&q.reset, 42);
    q = read_lines("X-RateLimit-Reset: 1700000042500\r\n", UINT32_MAX);
    is(&q.reset, 42.5);
    q = read_lines("X-RateLimit-Reset: 1600000000\r\n", UINT32_MAX); /* long ago */
    is(&q.reset, 0);
}
END_TEST

START_TEST(a_retry_after_may_be_a_date)
{
    struct quota q = read_lines("Retry-After: Fri, 31 Dec 2099 23:59:59 GMT\r\n", 90);
    is(&q.retry_after, 90);
    q = read_lines("Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n", UINT32_MAX);
    ck_assert(q.retry_after.there && !q.retry_after.readable);
    q = read_lines("Retry-After: 0\r\n", UINT32_MAX);
    is(&q.retry_after, 0);
}
END_TEST

START_TEST(nonsense_is_there_but_not_readable)
{
    static const char *const texts[] = {"",        "-1", "soon", "5x",  "1e9",
                                        "0x10",    ".5", "5.",   "NaN", "99999999999999999999",
                                        "\xff\xfe"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char line[64];
        snprintf(line, sizeof line, "X-RateLimit-Limit: %s\r\n", texts[i]);
        struct quota q = read_lines(line, UINT32_MAX);
        ck_assert_msg(q.limit.there && !q.limit.readable, "\"%s\" is read as %f", texts[i],
                      q.limit.value);
    }
}
END_TEST

static struct quota with(double limit, double remaining, double reset)
{
    return (struct quota){.limit = {limit >= 0, limit >= 0, limit},
                          .remaining = {remaining >= 0, remaining >= 0, remaining},
                          .reset = {reset >= 0, reset >= 0, reset}};
}

START_TEST(a_trail_that_counts_down)
{
    struct quota_trail t;
    quota_trail_begin(&t);
    for (int left = 2; left >= 0; left--) {
        const struct quota q = with(3, left, 60);
        quota_trail_add(&t, &q, true);
    }
    const struct quota refusal = with(3, 0, 59);
    quota_trail_add(&t, &refusal, false);
    ck_assert(t.any && t.counts && !t.jumps && !t.limit_varies && !t.unreadable);
    ck_assert_double_eq(t.first, 2);
    ck_assert_double_eq(t.last, 0);
    ck_assert_double_eq(t.limit, 3);
    ck_assert_double_eq(t.reset_s, 59);
    ck_assert_uint_eq(t.replies, 3);
}
END_TEST

START_TEST(a_trail_that_does_not)
{
    const struct quota at9 = with(10, 9, -1), at7 = with(10, 7, -1), other = with(20, 6, -1),
                       none = with(-1, -1, -1);
    struct quota_trail t;
    quota_trail_begin(&t);
    quota_trail_add(&t, &at9, true);
    quota_trail_add(&t, &at9, true); /* a bucket that fills */
    ck_assert(!t.jumps);
    quota_trail_add(&t, &at7, true);
    ck_assert(t.jumps && !t.limit_varies);
    quota_trail_add(&t, &other, true);
    ck_assert(t.limit_varies && t.counts);
    quota_trail_add(&t, &none, true);
    ck_assert(!t.counts);
    quota_trail_begin(&t);
    quota_trail_add(&t, &none, true);
    ck_assert(!t.any && t.limit < 0 && t.reset_s < 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("quota");
    TCase *tc = tcase_create("quota");
    tcase_add_test(tc, the_usual_names);
    tcase_add_test(tc, the_newer_field);
    tcase_add_test(tc, a_reset_may_be_a_time_of_the_clock);
    tcase_add_test(tc, a_retry_after_may_be_a_date);
    tcase_add_test(tc, nonsense_is_there_but_not_readable);
    tcase_add_test(tc, a_trail_that_counts_down);
    tcase_add_test(tc, a_trail_that_does_not);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
