/* SPDX-License-Identifier: MIT */
/* Drivers over a generator that makes nothing, in a time of its own: what each wants is ordered,
 * what the generator is at and what was measured comes back to the driver. */
#include <check.h>
#include <string.h>

#include "src/base/now.h"
#include "src/run/steering.h"
#include "tests/unit/run/fakes.h"
#include "tests/unit/stats/books.h"
#include "tests/unit/unit.h"

#define T0 (1000 * NS_PER_S)
#define TICK_MS 100
#define EVENTS_MAX 64

static struct steering st;
static struct snapshot snap; /* the newest */
static unsigned n_events;
static struct {
    uint64_t ms;
    struct driver_order order;
} events[EVENTS_MAX];

static void set_up(void)
{
    const struct generator_config gc = {.workers = 1};
    fake = (struct fake){.now_ns = T0, .lag_ns = 20 * NS_PER_MS, .task_ns = 300 * NS_PER_MS};
    n_events = 0;
    memset(&snap, 0, sizeof snap);
    ck_assert(steering_open(&st, &fake_generator, &gc, NULL));
}

static void tear_down(void)
{
    steering_close(&st);
    ck_assert(fake.destroyed);
}

static void begin(const struct driver_ops *driver, const struct level *level, uint32_t users)
{
    steering_begin(
        &st, driver,
        (struct driver_start){.now_ns = fake.now_ns, .level = level, .users = users, .slope = 100});
}

/* Asks the driver until it has nothing to say; false when it has ended the run. */
static bool tick_at(uint64_t ms, const struct books *books)
{
    struct driver_order o;
    fake.now_ns = T0 + ms * NS_PER_MS;
    for (;;) {
        const struct driver_view v = {
            .now_ns = fake.now_ns,
            .possible = 10,
            .newest = books != NULL ? &snap : NULL,
            .seconds = books != NULL ? aggregate_timeline(books->aggregate) : NULL};
        if (!steering_next(&st, v, &o))
            return true;
        ck_assert_uint_lt(n_events, EVENTS_MAX);
        events[n_events].ms = ms;
        events[n_events++].order = o;
        if (o.wish == DRIVER_END)
            return false;
    }
}

static uint32_t users_now(void)
{
    return steering_state(&st).users;
}

static uint64_t run_until_end(uint64_t most_ms)
{
    uint64_t ms = 0;
    while (tick_at(ms, NULL) && ms < most_ms)
        ms += TICK_MS;
    return ms;
}

START_TEST(manual_drives_from_the_beginning_and_wants_nothing)
{
    ck_assert_ptr_eq(st.driver.ops, &driver_manual);
    begin(&driver_manual, NULL, 7);
    ck_assert(tick_at(0, NULL));
    ck_assert(tick_at(100, NULL));
    ck_assert_uint_eq(n_events, 1);
    ck_assert_uint_eq(users_now(), 7);
    begin(&driver_manual, NULL, 3); /* goes on from there */
    ck_assert(tick_at(200, NULL));
    ck_assert_double_eq(st.demand.from, 7);
    steering_begin_nothing(&st, fake.now_ns);
    st.order.drain = true;
    steering_send(&st);
    fake.now_ns += fake.lag_ns;
    ck_assert_uint_eq(users_now(), 0);
}
END_TEST

START_TEST(stages_are_made_at_their_true_times)
{
    struct stage stages[] = {{.users = 100, .over_ns = 10 * NS_PER_S, .hold_ns = 5 * NS_PER_S},
                             {.users = 20, .over_ns = 4 * NS_PER_S},
                             {.users = 50, .hold_ns = NS_PER_S}};
    const struct level l = {.kind = LEVEL_STAGES, .stages = stages, .n_stages = 3};
    uint32_t seen[201];
    begin(&driver_stages, &l, 0);
    for (unsigned i = 0; i < 200; i++) {
        ck_assert(tick_at(i * TICK_MS, NULL));
        seen[i] = users_now();
    }
    ck_assert_uint_eq(seen[50], 51); /* the first user at once, the 51st after 5 s */
    ck_assert_uint_eq(seen[99], 100);
    ck_assert_uint_eq(seen[149], 100);
    ck_assert_uint_eq(seen[170], 59);
    ck_assert_uint_eq(seen[189], 21);
    ck_assert_uint_eq(seen[191], 50);
    ck_assert(!tick_at(20000, NULL));
    ck_assert_str_eq(events[n_events - 1].order.text, "the last stage is over");
    ck_assert_uint_eq(n_events, 4);
}
END_TEST

START_TEST(bursts_wait_for_the_generator)
{
    const struct level l = {
        .kind = LEVEL_BURST, .users = 10, .repeat = 2, .every_ns = 2 * NS_PER_S};
    begin(&driver_bursts, &l, 10);
    uint64_t end_ms = run_until_end(60000);
    static const enum driver_wish want[] = {DRIVER_DEMAND,  DRIVER_RELEASE, DRIVER_JUDGE,
                                            DRIVER_RELEASE, DRIVER_JUDGE,   DRIVER_END};
    ck_assert_uint_eq(n_events, sizeof want / sizeof *want);
    for (unsigned i = 0; i < n_events; i++)
        ck_assert_int_eq(events[i].order.wish, want[i]);
    ck_assert(st.order.barrier);
    uint64_t first_ns = events[1].order.at_ns, second_ns = events[3].order.at_ns;
    ck_assert_uint_eq(second_ns, first_ns + 2 * NS_PER_S);
    ck_assert_uint_eq(events[1].order.users, 10);
    ck_assert_uint_eq(events[3].order.missing, 0);
    /* Judged when all tasks are done, and a look after. */
    ck_assert_uint_ge(T0 + events[2].ms * NS_PER_MS, first_ns + fake.task_ns);
    ck_assert_uint_ge(T0 + events[4].ms * NS_PER_MS, second_ns + fake.task_ns);
    ck_assert_uint_eq(steering_state(&st).released, 20);
    ck_assert_uint_eq(end_ms, events[4].ms);
    ck_assert_uint_eq(st.last_burst, 2);
    begin(&driver_manual, NULL, 10);
    ck_assert(!st.order.barrier);
}
END_TEST

/* From one level of bursts to another: those who are ready are the old one's until the generator
 * follows. */
START_TEST(no_burst_begins_before_the_generator_follows)
{
    const struct level one = {
        .kind = LEVEL_BURST, .users = 10, .repeat = 9, .every_ns = 100 * NS_PER_S};
    const struct level two = {.kind = LEVEL_BURST, .users = 10, .repeat = 1};
    begin(&driver_bursts, &one, 10);
    for (uint64_t ms = 0; ms < 2000; ms += TICK_MS)
        ck_assert(tick_at(ms, NULL));
    ck_assert_int_eq(events[n_events - 1].order.wish, DRIVER_JUDGE);
    ck_assert_uint_eq(steering_state(&st).ready, 10);
    unsigned before = n_events;
    fake.lag_ns = 3 * NS_PER_S;
    begin(&driver_bursts, &two, 10);
    for (uint64_t ms = 2000; ms < 5000; ms += TICK_MS)
        ck_assert(tick_at(ms, NULL));
    ck_assert_uint_eq(n_events, before + 1);
    ck_assert(tick_at(5000, NULL));
    ck_assert_uint_eq(n_events, before + 2);
    ck_assert_int_eq(events[before + 1].order.wish, DRIVER_RELEASE);
}
END_TEST

/* A target that takes 1 ms for each user.  Somebody may choose to see any window meanwhile. */
START_TEST(a_driver_sees_figures_and_steers_by_them)
{
    struct books b = books_open(T0, (enum snap_window)_i);
    const struct gather_end end = {.now = {.users = 1}};
    uint32_t second = 0;
    begin(&ramp_driver, NULL, 0);
    ck_assert(tick_at(0, NULL)); /* nothing was measured: it does not begin */
    ck_assert_uint_eq(n_events, 0);
    do {
        uint64_t done_ns = fake.now_ns = T0 + second * NS_PER_S + NS_PER_S / 2, ms = users_now();
        for (unsigned i = 0; i < 100; i++)
            gather_add(b.gather,
                       &(struct sample){.sent_ns = done_ns - ms * NS_PER_MS, .done_ns = done_ns});
        second++;
        gather_close(b.gather, T0 + second * NS_PER_S + GATHER_GRACE_MS * NS_PER_MS, &end);
        aggregate_fill(b.aggregate, NULL, &snap);
        ck_assert_uint_lt(second, 60);
    } while (tick_at(second * 1000 + GATHER_GRACE_MS, &b));
    ck_assert_uint_eq(n_events, 7);
    for (unsigned i = 0; i < 6; i++)
        ck_assert_double_eq(events[i].order.demand.to, 10 * (i + 1));
    ck_assert_str_eq(events[6].order.text, RAMP_END);
    ck_assert_uint_eq(users_now(), 60); /* the first ten for which it is more than 50 ms */
    ck_assert(_i == SNAP_1S || snap.window.p50_us < RAMP_P99_US);
    ck_assert(!steering_next(&st, (struct driver_view){.newest = &snap}, &events[7].order));
    books_close(&b);
}
END_TEST

START_TEST(a_demand_that_cannot_be_made_ends_the_run_in_words)
{
    const struct generator_config gc = {.workers = 1};
    begin(&arrivals_driver, NULL, 50);
    ck_assert(!tick_at(0, NULL));
    ck_assert_int_eq(events[0].order.wish, DRIVER_END);
    ck_assert_str_eq(events[0].order.text, "a fake cannot make arrivals per second");
    ck_assert_uint_eq(fake.n_orders, 0);
    steering_close(&st);

    ck_assert(steering_open(&st, &fake_generator_any, &gc, NULL));
    begin(&arrivals_driver, NULL, 50);
    ck_assert(tick_at(0, NULL));
    ck_assert_uint_eq(fake.n_orders, 1);
    ck_assert_int_eq(fake.orders[0].demand.kind, DEMAND_ARRIVALS_PER_S);
    ck_assert_double_eq(fake.orders[0].demand.to, 50);
    ck_assert_uint_eq(generator_local.makes, GENERATOR_MAKES(DEMAND_USERS));
}
END_TEST

START_TEST(a_stop_of_the_program_shifts_what_is_to_come)
{
    struct stage stages[] = {{.users = 100, .over_ns = 10 * NS_PER_S, .hold_ns = NS_PER_S},
                             {.users = 20, .hold_ns = NS_PER_S}};
    const struct level l = {.kind = LEVEL_STAGES, .stages = stages, .n_stages = 2};
    begin(&driver_stages, &l, 0);
    ck_assert(tick_at(0, NULL));
    ck_assert(tick_at(5000, NULL));
    uint32_t users = users_now(), rebases = st.order.rebases, version = st.order.version;
    steering_stand(&st, fake.now_ns);
    ck_assert(st.order.hold);
    fake.now_ns += 100 * NS_PER_S;
    ck_assert_uint_eq(users_now(), users);
    steering_go_on(&st, 100 * NS_PER_S, fake.now_ns, false);
    ck_assert(!st.order.hold);
    ck_assert_uint_eq(st.order.rebases, rebases + 2);
    ck_assert_uint_eq(st.order.version, version + 2);
    ck_assert(tick_at(106000, NULL));
    ck_assert_uint_eq(users_now(), users + 10);
    ck_assert(tick_at(110900, NULL));
    ck_assert_uint_eq(n_events, 1);
    ck_assert(tick_at(111000, NULL));
    ck_assert_uint_eq(n_events, 2);
    ck_assert(!tick_at(112000, NULL));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("steering");
    TCase *tc = tcase_create("steering");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, manual_drives_from_the_beginning_and_wants_nothing);
    tcase_add_test(tc, stages_are_made_at_their_true_times);
    tcase_add_test(tc, bursts_wait_for_the_generator);
    tcase_add_test(tc, no_burst_begins_before_the_generator_follows);
    tcase_add_loop_test(tc, a_driver_sees_figures_and_steers_by_them, 0, SNAP_WINDOWS);
    tcase_add_test(tc, a_demand_that_cannot_be_made_ends_the_run_in_words);
    tcase_add_test(tc, a_stop_of_the_program_shifts_what_is_to_come);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
