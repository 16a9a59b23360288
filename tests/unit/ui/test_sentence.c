/* SPDX-License-Identifier: MIT */
/* The sentence, quarter of a second by quarter: a target that gets slow, fails, resets, hangs,
 * comes back, is killed and started again, with and without a probe; and its rank. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/stats/breach.h"
#include "src/stats/verdict.h"
#include "tests/unit/ui/snap_fixture.h"
#include "tests/unit/unit.h"
#include "ui/sentence.h"

#define TICKS 4 /* looks in a second */

static struct snapshot snap;
static struct probe_snapshot probe_snap;
static struct breach_finder finder;
static struct view_state view;
static struct sentence out;

static const char *sentence_now(const struct probe_snapshot *b)
{
    struct cause cause;
    cause_find(&snap, b, &cause);
    sentence_make(&out, &snap, &view, &cause);
    ck_assert_uint_lt(strlen(out.brief), 200);
    return out.text;
}

/* What the target does for a while, and what is to be said of it. */
struct phase {
    unsigned seconds;
    float rps;
    float fails_per_s;
    enum fail kind;
    uint32_t p99_ms;
    uint32_t users, in_flight;
    double settle_s;    /* from then on */
    const char *wanted; /* the sentence begins so; "" for none */
    const char *later;  /* and ends so at its end; NULL: does not matter */
    bool held;
};

static void count_failures(const struct phase *p)
{
    uint32_t i = 0;
    while (i < snap.n_fails && snap.fails[i].fail != p->kind)
        i++;
    if (i == snap.n_fails)
        snap.fails[snap.n_fails++] = (struct snap_fail){
            .fail = (uint8_t)p->kind, .status = 503, .endpoint = 0, .first_s = snap.elapsed_s};
    snap.fails[i].count++;
    snap.fails[i].per_s = (double)p->fails_per_s;
    snap.fails[i].last_s = snap.elapsed_s;
}

static void close_second(const struct phase *p, uint32_t second)
{
    bool timeouts = p->rps > 0 && p->fails_per_s == p->rps && p->kind == FAIL_TIMEOUT;
    snap.points[snap.n_points++] = (struct snap_point){.second = second,
                                                       .rps = p->rps,
                                                       .fails_per_s = p->fails_per_s,
                                                       .idle = !(p->rps > 0),
                                                       .silent = !(p->rps > 0) || timeouts,
                                                       .no_latency = p->fails_per_s >= p->rps,
                                                       .p99_us = p->p99_ms * 1000,
                                                       .users = p->users,
                                                       .users_wanted = p->users,
                                                       .in_flight = p->in_flight};
    breach_feed(&finder, &snap, 0, 0);
    snap.n_breaches = finder.n;
    memcpy(snap.breaches, finder.found, sizeof snap.breaches);
}

/* One look, at a quarter of a second that has passed. */
static void look(const struct phase *p, double *oldest_from)
{
    bool heard = p->rps > 0 && !(p->fails_per_s == p->rps && p->kind == FAIL_TIMEOUT);
    if (heard)
        snap.last_heard_s = snap.elapsed_s - 0.02;
    if (p->rps > 0) {
        snap.last_done_s = snap.elapsed_s - 0.02;
        *oldest_from = snap.elapsed_s - (p->in_flight > 1 ? p->p99_ms / 1e3 : 0);
        snap.finished++;
    }
    if (p->fails_per_s > 0)
        count_failures(p);
    if (p->held && snap.run.state != SNAP_HELD)
        snap.marks[snap.n_marks++] =
            (struct snap_mark){.at_s = snap.elapsed_s, .kind = SNAP_MARK_LOAD, .letter = '|'};
    if (!p->held && snap.run.state == SNAP_HELD)
        snap.marks[snap.n_marks++] =
            (struct snap_mark){.at_s = snap.elapsed_s, .kind = SNAP_MARK_LOAD, .letter = '>'};
    snap.run.state = p->held ? SNAP_HELD : SNAP_RUNNING;
    snap.users = snap.run.users_wanted = p->users;
    snap.in_flight = p->in_flight;
    snap.oldest_s = p->in_flight > 0 ? snap.elapsed_s - *oldest_from : 0;
}

static void play(const struct phase *phases, size_t n, const struct probe_snapshot *b)
{
    uint32_t second = 0;
    double oldest_from = 0;
    memset(&snap, 0, sizeof snap);
    memset(&finder, 0, sizeof finder);
    memset(&view, 0, sizeof view);
    snap.run.window = SNAP_10S;
    snap.n_endpoints = 1;
    snprintf(snap.endpoints[0].method, sizeof snap.endpoints[0].method, "GET");
    snprintf(snap.endpoints[0].name, sizeof snap.endpoints[0].name, "/api/products");
    for (size_t k = 0; k < n; k++) {
        const struct phase *p = &phases[k];
        double began = second;
        for (unsigned i = 0; i < p->seconds; i++, second++) {
            for (unsigned tick = 1; tick <= TICKS; tick++) {
                snap.elapsed_s = second + (double)tick / TICKS;
                look(p, &oldest_from);
                if (tick == TICKS)
                    close_second(p, second);
                const char *text = sentence_now(b);
                if (snap.elapsed_s - began < p->settle_s)
                    continue;
                ck_assert_msg(p->wanted[0] == '\0'
                                  ? text[0] == '\0'
                                  : strncmp(text, p->wanted, strlen(p->wanted)) == 0,
                              "phase %zu, %.2f s (%.2f s in it): '%s' instead of '%s'", k,
                              snap.elapsed_s, snap.elapsed_s - began, text, p->wanted);
            }
        }
        size_t at = strlen(out.text), tail = p->later != NULL ? strlen(p->later) : 0;
        ck_assert_msg(at >= tail &&
                          strcmp(out.text + at - tail, p->later != NULL ? p->later : "") == 0,
                      "phase %zu ends with '%s'", k, out.text);
    }
}

#define PLAY(phases, b) play(phases, sizeof(phases) / sizeof *(phases), b)

/* One night: slow, failing, reset, hung, back. */
static const struct phase night[] = {
    {20, 40, 0, FAIL_NONE, 30, 40, 2, 0, "", NULL, false},
    {12, 22, 0, FAIL_NONE, 1200, 40, 38, 3, "breaking since 00:00:20 (40 users, 40.0 req/s): p99",
     "usually 30 ms, passed 90 ms", false},
    {10, 20, 6, FAIL_STATUS, 1200, 40, 38, 0, "breaking since 00:00:20 (40 users, 40.0 req/s): p99",
     "; 30.0 % fail", false},
    {10, 60, 50, FAIL_RESET, 1300, 40, 38, 0, "breaking since 00:00:20", "; 83.3 % fail", false},
    {8, 0, 0, FAIL_NONE, 0, 40, 40, 1.25, "no reply for ",
     "since 00:00:51: all 40 users wait, the oldest for 9 s", false},
    /* said at once; then that failures, too, are over */
    {5, 40, 0, FAIL_NONE, 30, 40, 2, 1, "", NULL, false},
    {40, 40, 0, FAIL_NONE, 30, 40, 2, 25, "", NULL, false},
};

static void night_with(const struct probe_snapshot *b)
{
    /* What is said after the hang is looked at by itself, below. */
    play(night, 5, b);
}

START_TEST(a_night_without_a_probe)
{
    night_with(NULL);
}
END_TEST

/* The machine's processor was busy from the start: it is named, and the rest stays. */
START_TEST(a_night_with_a_probe)
{
    memset(&probe_snap, 0, sizeof probe_snap);
    probe_snap.n_probes = probe_snap.n_series = 1;
    probe_snap.probes[0].period_s = 1;
    snprintf(probe_snap.probes[0].name, SNAP_NAME, "host");
    probe_snap.series[0] = (struct snap_series){.unit = UNIT_PERCENT,
                                                .resource = true,
                                                .limit = 100,
                                                .count = 9,
                                                .max = 100,
                                                .first_full_s = 0.4,
                                                .first_warn_s = NAN};
    snprintf(probe_snap.series[0].name, SNAP_SERIES_NAME, "cpu");
    for (size_t i = 0; i < SNAP_SERIES_POINTS; i++)
        probe_snap.history[0][i] = 100;
    static const struct phase calm_then_slow[] = {
        {20, 40, 0, FAIL_NONE, 30, 40, 2, 0, "", NULL, false},
        {12, 22, 0, FAIL_NONE, 1200, 40, 38, 3,
         "breaking since 00:00:20 (40 users, 40.0 req/s): p99, usually 30 ms, passed 90 ms; ",
         "cpu was full from the start", false},
        {8, 0, 0, FAIL_NONE, 0, 40, 40, 4, "no reply for ", "the oldest for 9 s", false},
    };
    PLAY(calm_then_slow, &probe_snap);
}
END_TEST

START_TEST(a_hang_is_said_within_two_seconds_and_its_end_at_once)
{
    static const struct phase hang[] = {
        {15, 40, 0, FAIL_NONE, 30, 40, 2, 0, "", NULL, false},
        {8, 0, 0, FAIL_NONE, 0, 40, 40, 1.25, "no reply for ", NULL, false},
        {10, 40, 0, FAIL_NONE, 30, 40, 2, 1,
         "replies again since 00:00:23; before, none came for 8 s", NULL, false},
        {20, 40, 0, FAIL_NONE, 30, 40, 2, 1, "", NULL, false},
    };
    PLAY(hang, NULL);
}
END_TEST

/* The time-outs come in while it hangs: it still is a hang, not failures. */
START_TEST(timeouts_do_not_end_a_hang)
{
    static const struct phase hang[] = {
        {15, 40, 0, FAIL_NONE, 30, 40, 2, 0, "", NULL, false},
        {4, 0, 0, FAIL_NONE, 0, 40, 40, 1.25, "no reply for ", NULL, false},
        {1, 40, 40, FAIL_TIMEOUT, 0, 40, 40, 0, "no reply for ", NULL, false},
        {4, 0, 0, FAIL_NONE, 0, 40, 40, 0, "no reply for ", NULL, false},
        {1, 40, 40, FAIL_TIMEOUT, 0, 40, 40, 0, "no reply for ",
         "since 00:00:14: time-outs; all 40 users wait, the oldest for 0 s", false},
        {5, 40, 0, FAIL_NONE, 30, 40, 2, 1.5, "no failure for ", NULL, false},
        {20, 40, 0, FAIL_NONE, 30, 40, 2, 8, "", NULL, false},
    };
    PLAY(hang, NULL);
}
END_TEST

START_TEST(a_killed_target_and_a_new_one)
{
    static const struct phase killed[] = {
        {15, 40, 0, FAIL_NONE, 30, 20, 2, 0, "", NULL, false},
        {10, 40, 40, FAIL_REFUSED, 0, 20, 0, 1, "every request fails since 00:00:15: refused", NULL,
         false},
        {8, 40, 0, FAIL_NONE, 30, 20, 2, 1.25, "no failure for ", NULL, false},
        {20, 40, 0, FAIL_NONE, 30, 20, 2, 2.25, "", NULL, false},
    };
    PLAY(killed, NULL);
}
END_TEST

START_TEST(failures_are_said_and_their_end)
{
    static const struct phase failing[] = {
        {15, 40, 0, FAIL_NONE, 30, 40, 2, 0, "", NULL, false},
        {15, 40, 10, FAIL_STATUS, 30, 40, 2, 1, "", NULL, false},
        {8, 40, 0, FAIL_NONE, 30, 40, 2, 1.5, "no failure for ", NULL, false},
        {20, 40, 0, FAIL_NONE, 30, 40, 2, 3, "", NULL, false},
    };
    play(failing, 1, NULL);
    struct phase own[4];
    memcpy(own, failing, sizeof own);
    own[1].wanted = "";
    own[1].settle_s = 99;
    play(own, 2, NULL);
    ck_assert_msg(
        strncmp(out.text, "25.0 % fail since 00:00:15: 503, GET /api/products, 10.0/s", 58) == 0,
        "%s", out.text);
    play(own, 4, NULL);
}
END_TEST

START_TEST(latency_that_is_usual_again_is_said)
{
    static const struct phase slow[] = {
        {20, 40, 0, FAIL_NONE, 30, 40, 2, 0, "", NULL, false},
        {12, 22, 0, FAIL_NONE, 1200, 40, 38, 3, "breaking since 00:00:20", NULL, false},
        {15, 40, 0, FAIL_NONE, 30, 40, 2, 5,
         "p99 is below 90 ms again since 00:00:32; it broke at 00:00:20 (40 users, 40.0 req/s)",
         NULL, false},
        {20, 40, 0, FAIL_NONE, 30, 40, 2, 6, "", NULL, false},
    };
    PLAY(slow, NULL);
}
END_TEST

/* None of these is a hang: slow by nature, seldom asked, held, without a load. */
START_TEST(silence_that_is_none)
{
    static const struct phase held[] = {
        {15, 40, 0, FAIL_NONE, 30, 40, 2, 0, "", NULL, false},
        {8, 0, 0, FAIL_NONE, 0, 40, 0, 0, "held: no new requests", NULL, true},
        {15, 40, 0, FAIL_NONE, 30, 40, 2, 0.5, "00:00:23  >", NULL, false}, /* the newest mark */
        {8, 0, 0, FAIL_NONE, 0, 0, 0, 0, "no load now", NULL, false},
    };
    PLAY(held, NULL);
    struct phase slow[40]; /* one user, replies after 3 s each, sometimes 4 */
    for (size_t i = 0; i < 40; i++)
        slow[i] =
            i % 2 == 0
                ? (struct phase){1, 1, 0, FAIL_NONE, 3000, 1, 1, 0, "", NULL, false}
                : (struct phase){i % 6 == 1 ? 3 : 2, 0, 0, FAIL_NONE, 0, 1, 1, 0, "", NULL, false};
    slow[0].settle_s = slow[1].settle_s = 9; /* before anything is usual */
    PLAY(slow, NULL);
    struct phase waves[20]; /* all users at once, each five seconds */
    for (size_t i = 0; i < 20; i++)
        waves[i] = i % 2 == 0 ? (struct phase){1, 40, 0, FAIL_NONE, 900, 40, 40, 0, "", NULL, false}
                              : (struct phase){4, 0, 0, FAIL_NONE, 0, 40, 0, 0, "", NULL, false};
    PLAY(waves, NULL);
}
END_TEST

START_TEST(a_target_that_never_answers)
{
    static const struct phase never[] = {
        {6, 0, 0, FAIL_NONE, 0, 5, 5, 2.25, "no reply for ", "all 5 users wait, the oldest for 6 s",
         false},
        {2, 2, 2, FAIL_TIMEOUT, 0, 5, 5, 0, "no reply for ", NULL, false},
        {3, 6, 0, FAIL_NONE, 30, 5, 1, 3, "", NULL, false},
    };
    play(never, 2, NULL);
}
END_TEST

/* ---------------------------------------------------------------------- the rank */

/* All newest points: so many requests and failures per second. */
static void set_points(uint32_t n, float rps, float fails_per_s)
{
    for (uint32_t i = snap.n_points - n; i < snap.n_points; i++) {
        struct snap_point *p = &snap.points[i];
        p->gap = false;
        p->idle = p->silent = !(rps > 0);
        p->rps = rps;
        p->fails_per_s = fails_per_s;
    }
}

static const char *now(void)
{
    return sentence_now(NULL);
}

#define SAYS(words) ck_assert_msg(strstr(now(), words) == out.text, "%s", out.text)

/* From the least to the most important: each one set on top of all before it must win. */
START_TEST(the_sentence_that_matters_most_wins)
{
    memset(&view, 0, sizeof view);
    snap_fixture_calm(&snap);
    snap.n_breaches = 0;
    snap.last_heard_s = snap.last_done_s = snap.elapsed_s;
    ck_assert_str_eq(now(), "");

    snap.n_marks = 1;
    snap.marks[0] = (struct snap_mark){.at_s = 290, .kind = SNAP_MARK_USER, .letter = 'a'};
    snprintf(snap.marks[0].text, SNAP_NAME, "second server out");
    SAYS("00:04:50  a  second server out");
    snap.marks[0].at_s = 200;
    ck_assert_msg(now()[0] == '\0', "an old mark is no news");
    snap.marks[0].at_s = 290;

    snap.n_bursts = 1;
    snap.bursts[0] = (struct snap_burst){.at_s = 250, .verdict = "ok"};
    snprintf(snap.bursts[0].text, SNAP_TEXT, "burst 1 of 1, 100 users: 100 %% ok: ok");
    ck_assert_str_eq(now(), "burst 1 of 1, 100 users: 100 % ok: ok");
    snap.bursts[0].at_s = 200;
    ck_assert_msg(now()[0] == '0', "an old burst is no news");
    snap.run.parts = SNAP_PARTS_BURSTS;
    ck_assert_msg(now()[0] == 'b', "unless its level goes on");
    snap.run.parts = SNAP_PARTS_NONE;

    view.frozen = true;
    view.frozen_age_s = 14;
    SAYS("frozen at 00:05:00");
    snap.health.n_warnings = 1;
    snprintf(snap.health.warnings[0], SNAP_TEXT, "generator is the bottleneck: cpu 99 %%");
    SAYS("generator is the bottleneck: cpu 99 %");

    snap_fixture_breaking(&snap);
    uint32_t breaches = snap.n_breaches;
    snap.n_breaches = 0;
    snap.health.n_warnings = 1;
    snap.last_heard_s = snap.last_done_s = snap.elapsed_s;
    set_points(10, 40, 0);
    set_points(6, 40, 20);
    set_points(2, 40, 0);
    for (uint32_t i = 0; i < snap.n_fails; i++)
        snap.fails[i].last_s = snap.elapsed_s - 2;
    SAYS("no failure for 2 s; of the last 10 s 20.0 % failed: timeout, POST /api/run");
    set_points(10, 40, 4);
    SAYS("10.0 % fail since 00:04:30: timeout, POST /api/run, 9.00/s: no reply within 5.0 s");
    set_points(10, 1000, 9);
    ck_assert_msg(strstr(now(), "fail") == NULL, "less than 1 %% is no alarm: %s", out.text);
    set_points(10, 40, 4);

    snap.n_breaches = breaches;
    SAYS("breaking since 00:04:30 (320 users, 1,238 req/s): p99, usually 156 ms, passed 468 ms; "
         "10.0 % fail; the generator is at its limit, too");
    ck_assert_str_eq(out.brief, "breaking since 04:30 (320 users, 1,238 req/s): p99 over 468 ms; 10.0 % fail");

    snap.last_heard_s = snap.last_done_s = snap.elapsed_s - 3;
    snap.oldest_s = 2.9;
    SAYS("no reply for 3 s, since 00:04:57: 288 requests wait, the oldest for 2 s");
    snap.last_heard_s = snap.elapsed_s;
    snap.fails[1].per_s = 40;
    set_points(10, 40, 40);
    SAYS("every request fails since 00:04:");

    snap.run.users_wanted = snap.users = 0;
    SAYS("no load now");
    snap.finished = 0;
    SAYS("no load yet: press + or =");
    snap.run.state = SNAP_HELD;
    SAYS("held");

    snap.run.state = SNAP_STOPPING;
    snprintf(snap.run.end_reason, SNAP_TEXT, "run time of 60 s is over");
    ck_assert_str_eq(now(), "stopping: run time of 60 s is over; 288 running requests have 2 s to finish");
    snap.run.state = SNAP_DONE;
    ck_assert_str_eq(now(), "done: run time of 60 s is over; q closes and prints the summary");
    snap.n_bursts = 1;
    snprintf(snap.bursts[0].text, SNAP_TEXT, "burst 1 of 1, 100 users: 100 %% ok: ok");
    ck_assert_str_eq(now(),
                     "burst 1 of 1, 100 users: 100 % ok: ok; q closes and prints the summary");
}
END_TEST

START_TEST(what_is_not_sent_or_given_up_does_not_look_fine)
{
    memset(&view, 0, sizeof view);
    snap_fixture_calm(&snap);
    snap.last_heard_s = snap.last_done_s = snap.elapsed_s;
    snap.client_failures = 1847;
    snap.n_fails = 1;
    snap.fails[0] = (struct snap_fail){.fail = FAIL_NO_VALUE, .count = 1847, .per_s = 20};
    snprintf(snap.fails[0].text, SNAP_TEXT, "${token} has no value yet");
    SAYS("1,847 requests could not be sent: no value (client), ");
    ck_assert_ptr_nonnull(strstr(now(), "${token} has no value yet.  A variable in it has no value; "
                                        "look at the request"));
    set_points(10, 40, 40);
    SAYS("1,847 requests could not be sent"); /* by which the target is not asked as it should be */
    set_points(10, 40, 0);
    snap.fails[0].per_s = 0; /* not any more */
    ck_assert_ptr_null(strstr(now(), "could not be sent"));
    snap.run.state = SNAP_DONE;
    ck_assert_ptr_nonnull(strstr(now(), "could not be sent"));
    snap.client_failures = snap.n_fails = 0;
    snap.given_up = 2;
    snap.given_up_s = 2.5;
    ck_assert_str_eq(now(), "done: 2 requests had no reply after up to 2.5 s and were given up; q "
                            "closes and prints the summary");
}
END_TEST

/* Ten seconds of failures must not hide for nine of them that the target is gone. */
START_TEST(a_target_that_died_just_now_is_dead)
{
    memset(&view, 0, sizeof view);
    snap_fixture_breaking(&snap);
    snap.n_breaches = 0;
    snap.last_heard_s = snap.elapsed_s;
    set_points(20, 400, 0);
    set_points(1, 40, 40);
    SAYS("every request fails since 00:04:59");
    set_points(1, 5, 5);
    ck_assert_msg(strstr(now(), "every") == NULL, "five failures may be chance");
    set_points(2, 3, 3);
    SAYS("every request fails");
    set_points(2, 2, 2);
    ck_assert_msg(strstr(now(), "every") == NULL, "four failures may be chance");
    set_points(1, 40, 39);
    ck_assert_msg(strstr(now(), "every") == NULL, "one reply came");
}
END_TEST

START_TEST(the_generators_own_failures_are_not_blamed_on_the_target)
{
    memset(&view, 0, sizeof view);
    snap_fixture_breaking(&snap);
    snap.n_breaches = 0;
    snap.last_heard_s = snap.elapsed_s;
    set_points(10, 40, 4);
    snap.fails[0].fail = FAIL_CLIENT_PORTS;
    ck_assert_ptr_nonnull(strstr(now(), "503, PUT /api/activity/{id}"));
}
END_TEST

/* ------------------------------------------------------------- figures that stand still */

START_TEST(held_and_hung_loads_have_no_rate)
{
    snap_fixture_breaking(&snap);
    snap.last_heard_s = snap.last_done_s = snap.elapsed_s;
    ck_assert(!verdict_is_still(&snap));
    snap.run.state = SNAP_HELD;
    snap.oldest_s = 0.1;
    ck_assert_msg(!verdict_is_still(&snap), "requests that run still finish");
    snap.in_flight = 0;
    ck_assert(verdict_is_still(&snap));
    snap.in_flight = 2;
    snap.last_done_s = snap.elapsed_s - 1.5;
    ck_assert(verdict_is_still(&snap));
    snap.run.state = SNAP_RUNNING;
    ck_assert_msg(!verdict_is_still(&snap), "less than a second ago somebody answered");
    snap.last_heard_s = snap.elapsed_s - 2.5;
    snap.oldest_s = 2.5;
    ck_assert(verdict_is_still(&snap));
    snap.run.state = SNAP_DONE;
    ck_assert_msg(!verdict_is_still(&snap), "the end of a run stays in sight");

    verdict_clear_window(&snap);
    ck_assert(snap.still);
    ck_assert(snap.rps == 0 && snap.fails_per_s == 0 && snap.fail_percent == 0);
    ck_assert_uint_eq(snap.window.count, 0);
    ck_assert(snap.endpoints[0].rps == 0 && snap.endpoints[0].window.count == 0);
    ck_assert(snap.fails[0].per_s == 0);
    ck_assert_uint_gt(snap.endpoints[0].requests, 0);
    ck_assert_uint_gt(snap.total.count, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("sentence");
    TCase *t = tcase_create("sentence");
    tcase_add_test(t, a_night_without_a_probe);
    tcase_add_test(t, a_night_with_a_probe);
    tcase_add_test(t, a_hang_is_said_within_two_seconds_and_its_end_at_once);
    tcase_add_test(t, timeouts_do_not_end_a_hang);
    tcase_add_test(t, a_killed_target_and_a_new_one);
    tcase_add_test(t, failures_are_said_and_their_end);
    tcase_add_test(t, latency_that_is_usual_again_is_said);
    tcase_add_test(t, silence_that_is_none);
    tcase_add_test(t, a_target_that_never_answers);
    tcase_add_test(t, the_sentence_that_matters_most_wins);
    tcase_add_test(t, what_is_not_sent_or_given_up_does_not_look_fine);
    tcase_add_test(t, a_target_that_died_just_now_is_dead);
    tcase_add_test(t, the_generators_own_failures_are_not_blamed_on_the_target);
    tcase_add_test(t, held_and_hung_loads_have_no_rate);
    suite_add_tcase(s, t);
    return unit_run(s);
}
