/* SPDX-License-Identifier: MIT */
/* What rates divide by: closed loops of users are played through, in no time at all, and the
 * rate is held against what such users do to such a target. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "src/base/rng.h"
#include "src/stats/loadtime.h"
#include "tests/unit/unit.h"

#define S UINT64_C(1000000000)
#define MS UINT64_C(1000000)
#define BEGIN (1000 * S)

/* A loop of users that ask, wait for the reply, and ask again until the load ends. */
struct loop {
    unsigned users;
    uint64_t ramp_ns;           /* from the first user's start to the last one's */
    uint64_t run_ns;            /* the load ends then; */
    unsigned budget;            /* or with the last of so many requests: 0 for none */
    uint64_t grace_ns;          /* what takes longer behind the end is given up */
    uint64_t (*reply_ns)(void); /* how long the next reply takes */
};

static struct rng dice;
static uint64_t each_ns;

static uint64_t constant(void)
{
    return each_ns;
}

static uint64_t exponential(void)
{
    return (uint64_t)(-log(1 - rng_unit(&dice)) * (double)each_ns);
}

/* Now and then one that hangs. */
static uint64_t heavy(void)
{
    return rng_below(&dice, 100) == 0 ? 40 * each_ns : each_ns / 2;
}

/* Requests per second, as the formula has them. */
static double rate(const struct loop *l)
{
    struct loadtime t = {0};
    uint64_t *free_at = calloc(l->users, sizeof *free_at), *sent = calloc(l->users, sizeof *sent);
    uint64_t end = BEGIN + l->run_ns, busy = 0, last_done = 0, requests = 0;
    unsigned begun = 0, askers = 0;

    loadtime_on(&t, BEGIN, 0, 0);
    for (unsigned u = 0; u < l->users; u++)
        free_at[u] = BEGIN + (l->users > 1 ? l->ramp_ns * u / (l->users - 1) : 0);
    for (;;) {
        unsigned next = 0; /* who asks next */
        for (unsigned u = 1; u < l->users; u++)
            next = free_at[u] < free_at[next] ? u : next;
        if (l->budget > 0 ? begun == l->budget : free_at[next] >= end)
            break;
        if (l->budget > 0)
            end = free_at[next];
        askers += sent[next] == 0;
        begun++;
        sent[next] = free_at[next];
        free_at[next] += l->reply_ns();
    }
    requests = begun;
    for (unsigned u = 0; u < l->users; u++) {
        if (sent[u] == 0 || free_at[u] <= end)
            continue;
        if (l->grace_ns > 0 && free_at[u] > end + l->grace_ns) {
            requests--;
            continue;
        }
        busy += free_at[u] - end;
        last_done = free_at[u] > last_done ? free_at[u] : last_done;
    }
    loadtime_off(&t, end, askers);
    struct load_spans s = loadtime_look(&t, end + 100 * S, last_done, false, busy);
    ck_assert_uint_eq(s.load_ns, end - BEGIN);
    ck_assert_uint_eq(s.drain_ns, last_done > end ? last_done - end : 0);
    free(free_at);
    free(sent);
    return (double)requests * 1e9 / (double)s.rate_ns;
}

#define EXPECT_RATE(wanted, ...)                                                                   \
    ck_assert_double_eq_tol(rate(&(struct loop){__VA_ARGS__}), (wanted), 1e-6 * (wanted))

START_TEST(a_slow_target_gets_its_rate_however_short_the_run)
{
    each_ns = 1500 * MS;
    EXPECT_RATE(5 / 1.5, .users = 5, .run_ns = 2 * S, .reply_ns = constant);
    EXPECT_RATE(5 / 1.5, .users = 5, .run_ns = 1 * S, .reply_ns = constant); /* no reply in it */
    EXPECT_RATE(5 / 1.5, .users = 5, .run_ns = 7 * S, .reply_ns = constant);
    EXPECT_RATE(5 / 1.5, .users = 5, .run_ns = 3600 * S, .reply_ns = constant);
    EXPECT_RATE(1 / 1.5, .users = 1, .run_ns = 1, .reply_ns = constant);
}
END_TEST

START_TEST(a_number_of_requests_has_the_same_rate_as_a_time)
{
    each_ns = 1500 * MS;
    EXPECT_RATE(1 / 1.5, .users = 1, .budget = 1, .reply_ns = constant);
    EXPECT_RATE(1 / 1.5, .users = 1, .budget = 9, .reply_ns = constant);
    EXPECT_RATE(5 / 1.5, .users = 5, .budget = 5, .reply_ns = constant);
    EXPECT_RATE(5 / 1.5, .users = 5, .budget = 6,
                .reply_ns = constant); /* one lasts twice as long */
    EXPECT_RATE(5 / 1.5, .users = 5, .budget = 1000, .reply_ns = constant);
    EXPECT_RATE(1 / 1.5, .users = 5, .budget = 1, .ramp_ns = S, .reply_ns = constant);
}
END_TEST

START_TEST(latencies_of_any_kind_do_not_bend_it)
{
    double sum = 0;
    rng_seed(&dice, 7);
    each_ns = 500 * MS;
    for (int i = 0; i < 400; i++)
        sum += rate(&(struct loop){.users = 50, .run_ns = 3 * S, .reply_ns = exponential});
    ck_assert_double_eq_tol(sum / 400, 100, 1.5);
    sum = 0;
    for (int i = 0; i < 400; i++)
        sum += rate(&(struct loop){.users = 50, .run_ns = 30 * S, .reply_ns = heavy});
    ck_assert_double_eq_tol(sum / 400, 50 / (0.99 * 0.25 + 0.01 * 20), 2);
}
END_TEST

START_TEST(a_ramp_is_a_part_of_the_load)
{
    each_ns = 100 * MS;
    /* Ten users over ten seconds, then ten more: three quarters of what ten do. */
    double got = rate(
        &(struct loop){.users = 10, .ramp_ns = 10 * S, .run_ns = 20 * S, .reply_ns = constant});
    ck_assert_double_eq_tol(got, 75, 0.5);
}
END_TEST

START_TEST(what_is_given_up_is_neither_a_request_nor_time)
{
    each_ns = 8 * S;
    ck_assert_double_eq(
        rate(&(struct loop){.users = 2, .run_ns = 2 * S, .grace_ns = 2 * S, .reply_ns = constant}),
        0);
}
END_TEST

START_TEST(pauses_of_the_load_count_as_little_as_its_end)
{
    struct loadtime t = {0};
    loadtime_on(&t, BEGIN, 0, 0);
    loadtime_on(&t, BEGIN + S, 0, 0); /* it is */
    loadtime_off(&t, BEGIN + 10 * S, 4);
    loadtime_off(&t, BEGIN + 11 * S, 9); /* it has ended */
    struct load_spans s = loadtime_look(&t, BEGIN + 12 * S, BEGIN + 11 * S, true, 3 * S);
    ck_assert_uint_eq(s.drain_ns, 2 * S); /* so far */
    loadtime_on(&t, BEGIN + 60 * S, BEGIN + 14 * S, 8 * S);
    s = loadtime_look(&t, BEGIN + 65 * S, BEGIN + 65 * S, true, 8 * S);
    ck_assert_uint_eq(s.load_ns, 15 * S);
    ck_assert_uint_eq(s.drain_ns, 4 * S);
    ck_assert_uint_eq(s.rate_ns, 17 * S); /* 8 s of four users */
    loadtime_off(&t, BEGIN + 70 * S, 2);
    s = loadtime_look(&t, BEGIN + 90 * S, BEGIN + 71 * S, false, 9 * S);
    ck_assert_uint_eq(s.load_ns, 20 * S);
    ck_assert_uint_eq(s.drain_ns, 5 * S);
    ck_assert_uint_eq(s.rate_ns, 22 * S + S / 2);
}
END_TEST

START_TEST(a_stop_of_the_program_is_no_load)
{
    struct loadtime t = {0};
    loadtime_on(&t, BEGIN, 0, 0);
    loadtime_gap(&t, BEGIN + 2 * S, BEGIN + 7 * S, 0);
    loadtime_off(&t, BEGIN + 10 * S, 1);
    loadtime_gap(&t, BEGIN + 9 * S, BEGIN + 11 * S, BEGIN + 12 * S); /* told after the end */
    struct load_spans s = loadtime_look(&t, BEGIN + 20 * S, BEGIN + 12 * S, false, 0);
    ck_assert_uint_eq(s.load_ns, 4 * S);
    ck_assert_uint_eq(s.drain_ns, S);
    loadtime_gap(&t, BEGIN + 30 * S, BEGIN + 40 * S, BEGIN + 12 * S);
    s = loadtime_look(&t, BEGIN + 50 * S, BEGIN + 12 * S, false, 0);
    ck_assert_uint_eq(s.drain_ns, S); /* that was over before */
}
END_TEST

int main(void)
{
    Suite *s = suite_create("loadtime");
    TCase *tc = tcase_create("loadtime");
    tcase_add_test(tc, a_slow_target_gets_its_rate_however_short_the_run);
    tcase_add_test(tc, a_number_of_requests_has_the_same_rate_as_a_time);
    tcase_add_test(tc, latencies_of_any_kind_do_not_bend_it);
    tcase_add_test(tc, a_ramp_is_a_part_of_the_load);
    tcase_add_test(tc, what_is_given_up_is_neither_a_request_nor_time);
    tcase_add_test(tc, pauses_of_the_load_count_as_little_as_its_end);
    tcase_add_test(tc, a_stop_of_the_program_is_no_load);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
