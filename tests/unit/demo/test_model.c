/* SPDX-License-Identifier: MIT */
/* The demo target's queue: its arithmetic, with time as a parameter. */
#include <check.h>
#include <math.h>

#include "src/base/now.h"
#include "src/demo/demo.h"
#include "src/demo/draw.h"
#include "src/demo/due.h"
#include "src/demo/model.h"
#include "tests/unit/unit.h"

static struct demo_time service;
static struct rng dice;

static void begin_queue(struct model *m, unsigned servers, double service_ms, unsigned queue)
{
    service = (struct demo_time){.kind = DEMO_CONST, .mean_ns = service_ms * NS_PER_MS};
    rng_seed(&dice, 42);
    model_init(m, servers, queue);
}

static bool arrive(struct model *m, uint64_t t_ns, double factor, struct model_slot *slot)
{
    return model_arrive(m, t_ns, (uint64_t)(draw_ns(&service, &dice) * factor + 0.5), slot);
}

START_TEST(a_free_server_starts_at_once)
{
    struct model m;
    struct model_slot s;
    begin_queue(&m, 2, 10, 5);
    ck_assert(arrive(&m, 1000, 1, &s));
    ck_assert_uint_eq(s.wait_ns, 0);
    ck_assert_uint_eq(s.service_ns, 10 * NS_PER_MS);
    ck_assert_uint_eq(s.done_ns, 1000 + 10 * NS_PER_MS);
    ck_assert(arrive(&m, 1001, 0.5, &s));
    ck_assert_uint_eq(s.wait_ns, 0);
    ck_assert_uint_eq(s.done_ns, 1001 + 5 * NS_PER_MS);
    ck_assert_uint_eq(model_busy(&m, 1001), 2);
    ck_assert_uint_eq(model_busy(&m, 1001 + 5 * NS_PER_MS), 1);
    ck_assert_uint_eq(model_busy(&m, 1000 + 10 * NS_PER_MS), 0);
    model_finish(&m);
}
END_TEST

/* M/D/c: `n` requests at once on C servers leave in groups of C, each S later. */
START_TEST(a_burst_leaves_in_groups_of_the_servers)
{
    struct model m;
    begin_queue(&m, 3, 20, 100);
    for (unsigned i = 0; i < 50; i++) {
        struct model_slot s;
        ck_assert(arrive(&m, 0, 1, &s));
        ck_assert_uint_eq(s.wait_ns, i / 3 * 20 * NS_PER_MS);
        ck_assert_uint_eq(s.done_ns, (i / 3 + 1) * 20 * NS_PER_MS);
    }
    ck_assert_uint_eq(model_waiting(&m, 0), 47);
    ck_assert_uint_eq(model_waiting(&m, 20 * NS_PER_MS), 44);
    ck_assert_uint_eq(model_busy(&m, 40 * NS_PER_MS), 3);
    ck_assert_uint_eq(m.service_ns, 50 * 20 * NS_PER_MS);
    model_finish(&m);
}
END_TEST

/* Whoever comes later never starts earlier, however long the others take; and the
 * number of servers at work at any moment is never above C. */
START_TEST(nobody_overtakes)
{
    struct model m;
    begin_queue(&m, 4, 10, 1000);
    service.kind = DEMO_LOGNORMAL;
    uint64_t last_start = 0, t = 0;
    struct rng rng;
    rng_seed(&rng, 5);
    static uint64_t starts[5000], ends[5000];
    for (size_t i = 0; i < 5000; i++) {
        struct model_slot s;
        t += rng_below(&rng, 8 * NS_PER_MS);
        ck_assert(arrive(&m, t, i % 7 == 0 ? 4 : 1, &s));
        starts[i] = t + s.wait_ns;
        ends[i] = s.done_ns;
        ck_assert_uint_eq(ends[i], starts[i] + s.service_ns);
        ck_assert_uint_ge(starts[i], last_start);
        last_start = starts[i];
        size_t at_work = 0;
        for (size_t k = i < 500 ? 0 : i - 500; k <= i; k++)
            at_work += starts[k] <= starts[i] && ends[k] > starts[i];
        ck_assert_uint_le(at_work, 4);
        ck_assert(s.wait_ns == 0 || at_work == 4); /* nobody waits while a server is idle */
    }
    model_finish(&m);
}
END_TEST

START_TEST(throughput_under_overload_is_c_over_s)
{
    struct model m;
    begin_queue(&m, 8, 20, 200);
    uint64_t done = 0;
    for (uint64_t i = 0; i < 100000; i++) { /* 1,000 a second for 100 s */
        struct model_slot s;
        if (arrive(&m, i * NS_PER_MS, 1, &s) && s.done_ns <= 100 * NS_PER_S)
            done++;
    }
    struct demo_config cfg = demo_defaults(); /* 8 x 20 ms */
    double capacity = demo_capacity(&cfg, 1);
    ck_assert_double_eq_tol(capacity, 400, 1e-9);
    ck_assert_double_eq_tol((double)done / 100, capacity, 1);
    ck_assert_double_eq_tol(demo_capacity(&cfg, 4), 100, 1e-9);
    cfg.service_ms = 0;
    ck_assert(isinf(demo_capacity(&cfg, 1)));
    model_finish(&m);
}
END_TEST

START_TEST(a_full_queue_refuses_and_forgets)
{
    struct model m;
    struct model_slot s;
    begin_queue(&m, 2, 10, 3);
    for (int i = 0; i < 5; i++)
        ck_assert(arrive(&m, 0, 1, &s));
    ck_assert(!arrive(&m, 0, 1, &s));
    ck_assert(!arrive(&m, 10 * NS_PER_MS - 1, 1, &s));
    ck_assert_uint_eq(m.refused, 2);
    ck_assert_uint_eq(m.accepted, 5);
    ck_assert(arrive(&m, 10 * NS_PER_MS, 1, &s)); /* two have begun: one waits */
    ck_assert_uint_eq(s.wait_ns, 10 * NS_PER_MS);
    ck_assert_uint_eq(model_waiting(&m, 10 * NS_PER_MS), 2);
    model_finish(&m);
}
END_TEST

START_TEST(without_a_queue_busy_servers_refuse)
{
    struct model m;
    struct model_slot s;
    begin_queue(&m, 1, 10, 0);
    ck_assert(arrive(&m, 0, 1, &s));
    ck_assert(!arrive(&m, 5, 1, &s));
    ck_assert(arrive(&m, 10 * NS_PER_MS, 1, &s));
    ck_assert_uint_eq(model_waiting(&m, 10 * NS_PER_MS), 0);
    model_finish(&m);
}
END_TEST

START_TEST(without_service_time_nothing_waits)
{
    struct model m;
    struct model_slot s;
    begin_queue(&m, 1, 0, 0);
    for (int i = 0; i < 1000; i++) {
        ck_assert(arrive(&m, 7, 1, &s));
        ck_assert_uint_eq(s.done_ns, 7);
    }
    model_finish(&m);
}
END_TEST

#define DRAWS 200000

static const struct {
    enum demo_service service;
    double deviation; /* of one draw, in means */
    double median;    /* in means */
} shapes[] = {
    {DEMO_CONST, 0, 1},
    {DEMO_EXP, 1, 0.693147},
    {DEMO_LOGNORMAL, 1.310832, 0.606531}, /* sqrt(e - 1), exp(-1/2) */
};

START_TEST(service_times_have_their_mean_and_shape)
{
    struct model m;
    begin_queue(&m, 1, 20, 0);
    service.kind = shapes[_i].service;
    double sum = 0;
    unsigned below = 0;
    uint64_t t = 0;
    for (int i = 0; i < DRAWS; i++) {
        struct model_slot s;
        ck_assert(arrive(&m, t, 1, &s));
        t = s.done_ns;
        double means = (double)s.service_ns / (20.0 * NS_PER_MS);
        sum += means;
        below += means <= shapes[_i].median;
    }
    /* Four standard errors; the seed is fixed. */
    ck_assert_double_eq_tol(sum / DRAWS, 1, 4 * shapes[_i].deviation / sqrt(DRAWS) + 1e-9);
    if (shapes[_i].deviation > 0)
        ck_assert_double_eq_tol((double)below / DRAWS, 0.5, 4 * 0.5 / sqrt(DRAWS));
    model_finish(&m);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_times)
{
    const struct demo_time t = {.kind = DEMO_EXP, .mean_ns = 20.0 * NS_PER_MS};
    struct rng a, b;
    rng_seed(&a, 7);
    rng_seed(&b, 7);
    for (int i = 0; i < 1000; i++)
        ck_assert(draw_ns(&t, &a) == draw_ns(&t, &b)); /* bit by bit */
}
END_TEST

START_TEST(due_things_come_out_in_order)
{
    struct due d = {0};
    static uint64_t at[3000];
    struct rng rng;
    rng_seed(&rng, 9);
    ck_assert_uint_eq(due_first_ns(&d), UINT64_MAX);
    for (size_t i = 0; i < 3000; i++) {
        at[i] = rng_below(&rng, 500); /* many at the same time */
        due_push(&d, at[i], &at[i]);
    }
    ck_assert_uint_eq(due_first_ns(&d), 0);
    uint64_t *last = due_take(&d, 0);
    for (size_t i = 1; i < 3000; i++) {
        uint64_t *next = due_take(&d, due_first_ns(&d));
        ck_assert_ptr_nonnull(next);
        ck_assert(*next > *last || (*next == *last && next > last));
        last = next;
    }
    ck_assert_ptr_null(due_take(&d, UINT64_MAX));
    due_push(&d, 10, &at[0]);
    ck_assert_ptr_null(due_take(&d, 9));
    ck_assert_ptr_eq(due_take(&d, 10), &at[0]);
    due_finish(&d);
}
END_TEST

START_TEST(wrong_configurations_are_refused_in_words)
{
    struct demo_config good = demo_defaults(), c;
    struct err e = {{0}};
    ck_assert(demo_check(&good, &e));
    c = good, c.servers = 0;
    ck_assert(!demo_check(&c, &e));
    ck_assert_str_eq(e.text, "the demo target can have 1 to 100000 servers, not 0");
    c = good, c.port = 65536;
    ck_assert(!demo_check(&c, &e));
    c = good, c.service_ms = -1;
    ck_assert(!demo_check(&c, &e));
    c = good, c.service_ms = NAN;
    ck_assert(!demo_check(&c, &e));
    c = good, c.queue = DEMO_MAX_QUEUE + 1;
    ck_assert(!demo_check(&c, &e));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("model");
    TCase *tc = tcase_create("model");
    tcase_add_test(tc, a_free_server_starts_at_once);
    tcase_add_test(tc, a_burst_leaves_in_groups_of_the_servers);
    tcase_add_test(tc, nobody_overtakes);
    tcase_add_test(tc, throughput_under_overload_is_c_over_s);
    tcase_add_test(tc, a_full_queue_refuses_and_forgets);
    tcase_add_test(tc, without_a_queue_busy_servers_refuse);
    tcase_add_test(tc, without_service_time_nothing_waits);
    tcase_add_loop_test(tc, service_times_have_their_mean_and_shape, 0,
                        sizeof shapes / sizeof *shapes);
    tcase_add_test(tc, the_same_seed_gives_the_same_times);
    tcase_add_test(tc, due_things_come_out_in_order);
    tcase_add_test(tc, wrong_configurations_are_refused_in_words);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
