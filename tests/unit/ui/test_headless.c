/* SPDX-License-Identifier: MIT */
/* The frontend without a terminal on a run that is none: all that it asks goes through the
 * source. */
#include <check.h>
#include <signal.h>
#include <string.h>

#include "src/run/signals.h"
#include "tests/unit/unit.h"
#include "ui/headless.h"

/* A run that is over after a few looks. */
struct fake_run {
    unsigned looks, over_after;
    unsigned sent;
    enum command_kind last;
};

static void fake_snapshot(void *run, struct snapshot *out)
{
    struct fake_run *f = run;
    memset(out, 0, sizeof *out);
    out->seq = ++f->looks;
    out->run.state = f->looks >= f->over_after ? SNAP_DONE : SNAP_RUNNING;
    out->run.grace_s = 60;
}

static void fake_probe_snapshot(void *run, struct probe_snapshot *out)
{
    (void)run;
    memset(out, 0, sizeof *out);
}

static bool fake_send(void *run, const struct command *c, struct problems *problems, struct err *e)
{
    struct fake_run *f = run;
    (void)problems;
    (void)e;
    f->sent++;
    f->last = c->kind;
    return true;
}

static void fake_suspend(void *run)
{
    (void)run;
}

static void fake_gap(void *run, uint64_t gap_ns)
{
    (void)run;
    (void)gap_ns;
}

static struct run_source fake_source(struct fake_run *f)
{
    return (struct run_source){.run = f,
                               .snapshot = fake_snapshot,
                               .probe_snapshot = fake_probe_snapshot,
                               .send = fake_send,
                               .suspend = fake_suspend,
                               .gap = fake_gap};
}

static void set_up(void)
{
    signals_install();
}

START_TEST(a_run_is_watched_until_it_is_over)
{
    struct fake_run f = {.over_after = 3};
    const struct run_source source = fake_source(&f);
    ck_assert_int_eq(headless_run(&source, true), 0);
    ck_assert_uint_eq(f.looks, 3);
    ck_assert_uint_eq(f.sent, 0);
}
END_TEST

START_TEST(the_end_is_asked_for_and_waited_for)
{
    struct fake_run f = {.over_after = 2};
    const struct run_source source = fake_source(&f);
    ck_assert_int_eq(headless_drain(&source), 0);
    ck_assert_uint_eq(f.sent, 1);
    ck_assert_int_eq(f.last, COMMAND_STOP);
    ck_assert_uint_eq(f.looks, 2);
}
END_TEST

START_TEST(a_signal_ends_the_watching_and_no_command_is_sent)
{
    struct fake_run f = {.over_after = 1000000};
    const struct run_source source = fake_source(&f);
    raise(SIGTERM);
    ck_assert_int_eq(headless_run(&source, true), SIGTERM);
    ck_assert_uint_eq(f.sent, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("headless");
    TCase *tc = tcase_create("headless");
    tcase_add_checked_fixture(tc, set_up, NULL);
    tcase_add_test(tc, a_run_is_watched_until_it_is_over);
    tcase_add_test(tc, the_end_is_asked_for_and_waited_for);
    tcase_add_test(tc, a_signal_ends_the_watching_and_no_command_is_sent);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
