/* SPDX-License-Identifier: MIT */
/* A user does what its profile says: steps, waits, retries, bursts. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/log.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/stats/gauge.h"
#include "tests/unit/load/world.h"
#include "tests/unit/unit.h"

#define S (1000 * MS)

static struct world *w;

static void set_up(void)
{
    w = world_create(0, 1, 1);
}

static void tear_down(void)
{
    world_destroy(w);
}

#define REQUEST(r) ((struct step){.kind = STEP_REQUEST, .request = (r)})
#define STEPS(...)                                                                                 \
    (struct step[]){__VA_ARGS__}, sizeof((struct step[]){__VA_ARGS__}) / sizeof(struct step)

static struct wait constant(uint64_t ns)
{
    return (struct wait){.kind = WAIT_CONSTANT, .min_ns = ns, .max_ns = ns};
}

/* A class whose only task is that request. */
static struct user_class *simple(const char *name, const char *url)
{
    struct user_class *c = world_class(w, name, 1);
    world_task(c, 1, STEPS(REQUEST(world_request(w, url))));
    return c;
}

static unsigned failures(enum fail kind)
{
    struct sample s;
    unsigned n = 0;
    while (world_sample(w, &s))
        n += s.fail == kind;
    return n;
}

static uint32_t gauge32(const _Atomic uint32_t *g)
{
    return atomic_load(g);
}

static uint32_t class_users(const char *name)
{
    return gauge32(&w->engine.gauge->class_users[collect_class(w->collector, name)]);
}

/* ----------------------------------------------------------------------- steps */

static void status_by_url(struct world *world, const struct call *c, struct outcome *o)
{
    (void)world;
    unsigned status = 0;
    if (sscanf(c->url, "/%u", &status) == 1)
        o->status = status;
}

START_TEST(steps_are_gone_through_as_they_are_written)
{
    struct user_class *c = world_class(w, "c", 1);
    const struct request *a = world_request(w, "/a"), *b = world_request(w, "/b");
    const struct request *fine = world_request(w, "/200"), *wrong = world_request(w, "/404");
    c->wait = constant(S);
    world_task(
        c, 1,
        STEPS(REQUEST(a), {.kind = STEP_LOOP, .count = 2, .to = 7}, REQUEST(b),
              {.kind = STEP_LOOP, .count = 3, .to = 6, .depth = 1}, REQUEST(a),
              {.kind = STEP_LOOP_END, .to = 4, .depth = 1}, {.kind = STEP_LOOP_END, .to = 2},
              REQUEST(wrong),
              {.kind = STEP_IF, .to = 11, .condition = world_condition(w, "status == 404")},
              REQUEST(fine), {.kind = STEP_JUMP, .to = 12}, REQUEST(a),
              {.kind = STEP_IF, .to = 14, .condition = world_condition(w, "status == 404")},
              REQUEST(b)));
    w->reply = status_by_url;
    world_begin(w);
    world_users(w, 1);
    world_run(w, S / 2);
    ck_assert_str_eq(world_path(w, 0, 0), "/a /b /a /a /a /b /a /a /a /404 /200");
    world_run(w, S);
    ck_assert_str_eq(world_path(w, 0, 11), "/a /b /a /a /a /b /a /a /a /404 /200");
    ck_assert_uint_eq(failures(FAIL_STATUS), 2);
}
END_TEST

START_TEST(loops_without_requests_do_not_hold_up_the_others)
{
    struct user_class *c = world_class(w, "c", 1);
    world_task(c, 1,
               STEPS({.kind = STEP_LOOP, .count = 1000, .to = 4},
                     {.kind = STEP_LOOP, .count = 1000, .to = 3, .depth = 1},
                     {.kind = STEP_LOOP_END, .to = 2, .depth = 1}, {.kind = STEP_LOOP_END, .to = 1},
                     REQUEST(world_request(w, "/a"))));
    world_begin(w);
    world_users(w, 1); /* comes back though a million rounds are due */
    ck_assert_uint_eq(w->n_calls, 0);
    world_run(w, 1);
    ck_assert_uint_eq(w->n_calls, 1);
}
END_TEST

START_TEST(a_task_that_sends_nothing_does_not_spin)
{
    struct user_class *c = world_class(w, "c", 1);
    world_task(c, 1, STEPS({.kind = STEP_JUMP, .to = 1}));
    world_begin(w);
    world_users(w, 1);
    world_run(w, S);
    ck_assert_uint_eq(w->users.places[0].user->requester.scope.iteration, 101);
}
END_TEST

START_TEST(thinking_takes_time_inside_a_task)
{
    struct user_class *c = world_class(w, "c", 1);
    const struct request *a = world_request(w, "/a");
    c->wait = constant(10 * S);
    world_task(c, 1,
               STEPS(REQUEST(a), {.kind = STEP_THINK, .pause = constant(2 * S)}, REQUEST(a),
                     {.kind = STEP_THINK, .pause = {WAIT_BETWEEN, S, 3 * S}}, REQUEST(a)));
    world_begin(w);
    world_users(w, 1);
    world_run(w, 9 * S);
    ck_assert_uint_eq(w->n_calls, 3);
    ck_assert_uint_eq(w->calls[1].at_ns, 2 * S + MS);
    uint64_t pause = w->calls[2].at_ns - w->calls[1].at_ns - MS;
    ck_assert(pause >= S && pause <= 3 * S);
}
END_TEST

static void fail_b(struct world *world, const struct call *c, struct outcome *o)
{
    (void)world;
    if (strcmp(c->url, "/b") == 0)
        o->status = 500;
}

START_TEST(requests_side_by_side_go_on_when_all_are_done)
{
    struct user_class *c = world_class(w, "c", 1);
    const struct request *a = world_request(w, "/a"), *b = world_request(w, "/b");
    struct request *slow = world_request(w, "/slow");
    slow->timeout_ns = 50 * MS;
    c->wait = constant(S);
    world_task(c, 1,
               STEPS(REQUEST(a), {.kind = STEP_PARALLEL, .count = 3}, REQUEST(a), REQUEST(b),
                     REQUEST(slow), REQUEST(b)));
    w->reply = fail_b;
    world_begin(w);
    world_users(w, 2);
    ck_assert_uint_eq(w->n_calls, 2);
    world_run(w, MS);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->in_flight), 6);
    ck_assert_uint_eq(w->siblings, 4);
    w->latency_ns = UINT64_MAX; /* none is answered any more: the slow ones time out */
    world_run(w, 49 * MS);
    ck_assert_uint_eq(w->n_calls, 8);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->in_flight), 6);
    world_run(w, MS);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->in_flight), 4);
    w->latency_ns = MS;
    world_run(w, 10 * MS);
    ck_assert_str_eq(world_path(w, 1, 0), "/a /a /b /slow /b");
    world_run(w, S);
    ck_assert_uint_ge(w->n_calls, 18);
    ck_assert_uint_eq(w->siblings, 4);       /* their connections are used again */
    ck_assert_uint_eq(w->rules.parallel, 3); /* so the transport keeps as many */
    ck_assert_uint_eq(failures(FAIL_TIMEOUT), 2);
}
END_TEST

static void refuse(struct world *world, const struct call *c, struct outcome *o)
{
    (void)world;
    (void)c;
    o->fail = FAIL_REFUSED;
    o->status = 0;
}

START_TEST(a_dead_target_is_asked_less_and_less)
{
    simple("c", "/a");
    w->reply = refuse;
    world_begin(w);
    world_users(w, 1);
    world_run(w, 10 * S);
    /* 1 2 4 ... 256 ms, then every half second */
    ck_assert_uint_ge(w->n_calls, 25);
    ck_assert_uint_le(w->n_calls, 31);
    ck_assert_uint_eq(w->calls[2].at_ns - w->calls[1].at_ns, MS + 2 * MS);
}
END_TEST

START_TEST(a_request_without_an_answer_times_out)
{
    struct sample s;
    simple("c", "/a");
    w->latency_ns = UINT64_MAX;
    world_begin(w);
    world_users(w, 1);
    world_run(w, 65 * S);
    ck_assert_uint_eq(w->n_calls, 3);
    ck_assert(world_sample(w, &s));
    ck_assert_uint_eq(s.fail, FAIL_TIMEOUT);
    ck_assert_uint_eq(s.done_ns - s.sent_ns, 30 * S);
}
END_TEST

static uint64_t hurried_clock(void)
{
    static uint64_t ticks;
    return w->now_ns + ++ticks;
}

/* With one time for all, the last of many would be said to take as long as it takes to
 * begin the others. */
START_TEST(many_users_start_and_end_a_part_at_a_time)
{
    struct worker_users *c = &w->users;
    const struct gauge *g = w->engine.gauge;
    unsigned turns = 0;
    simple("c", "/a")->wait = constant(S);
    world_begin(w);
    ck_assert(!worker_users_set(c, 20, w->now_ns));
    ck_assert_uint_eq(gauge32(&g->users), 20);
    ck_assert(worker_users_set(c, 1000, w->now_ns));
    ck_assert_uint_lt(gauge32(&g->users), 100);
    while (turns++ < 100 && worker_users_set(c, 1000, w->now_ns))
        ;
    ck_assert_uint_eq(gauge32(&g->users), 1000);
    ck_assert_uint_gt(turns, 10);
    world_run(w, S / 2); /* all wait */
    ck_assert(worker_users_set(c, 0, w->now_ns));
    ck_assert_uint_gt(gauge32(&g->users), 900);
}
END_TEST

START_TEST(each_is_timed_from_when_it_is_sent_however_many_are_due)
{
    struct sample s;
    uint64_t last = 0;
    simple("c", "/a")->wait = constant(S);
    w->engine.clock = hurried_clock;
    world_begin(w);
    world_users(w, 20);
    world_run(w, S + S / 2); /* all are due again at the same time */
    for (int i = 0; i < 40; i++, last = s.sent_ns) {
        ck_assert(world_sample(w, &s));
        ck_assert_uint_gt(s.sent_ns, last);
    }
}
END_TEST

/* ----------------------------------------------------------------------- waits */

/* Its event is picked up 1 ms after it was sent; it is read when everything else is done. */
static void picked_up_early(struct world *world, const struct call *c, struct outcome *o)
{
    world->engine.event_ns = world->start_ns + c->at_ns + S / 1000;
    o->by_event = strcmp(c->url, "/own") == 0;
}

START_TEST(a_reply_is_there_with_its_own_event_and_not_with_anothers)
{
    struct user_class *c = world_class(w, "c", 1);
    struct sample s;
    c->wait = constant(S);
    world_task(c, 1, STEPS(REQUEST(world_request(w, "/own")), REQUEST(world_request(w, "/other"))));
    w->reply = picked_up_early;
    w->latency_ns = S / 100;
    world_begin(w);
    world_users(w, 1);
    world_run(w, S / 2);
    ck_assert(world_sample(w, &s));
    ck_assert_uint_eq(s.done_ns - s.sent_ns, S / 1000);
    ck_assert(world_sample(w, &s));
    ck_assert_uint_eq(s.done_ns - s.sent_ns, S / 100);
}
END_TEST

START_TEST(waits_are_as_long_as_they_are_meant_to_be)
{
    struct user_class *c = simple("c", "/a");
    c->wait = (struct wait){WAIT_EXPONENTIAL, S, S};
    world_begin(w);
    world_users(w, 1);
    world_run(w, 2000 * S);
    ck_assert_uint_gt(w->n_calls, 1800); /* 4 standard deviations */
    ck_assert_uint_lt(w->n_calls, 2200);
}
END_TEST

START_TEST(paced_tasks_start_every_so_often_and_catch_nothing_up)
{
    struct user_class *c = simple("c", "/a");
    c->wait = (struct wait){WAIT_PACING, S, S};
    world_begin(w);
    world_users(w, 1);
    world_run(w, 2 * S - 1);
    w->latency_ns = 2500 * MS; /* of the third one, at 2 s: done at 4.5 s */
    world_run(w, 2600 * MS);
    w->latency_ns = MS;
    world_run(w, 2 * S);
    static const uint64_t at_ms[] = {0, 1000, 2000, 4500, 5500, 6500};
    ck_assert_uint_eq(w->n_calls, 6);
    for (unsigned i = 0; i < 6; i++)
        ck_assert_uint_eq(w->calls[i].at_ns, at_ms[i] * MS);
}
END_TEST

START_TEST(a_task_may_have_a_wait_of_its_own)
{
    struct user_class *c = world_class(w, "c", 1);
    c->sequence = true;
    c->wait = constant(S);
    struct task *t = world_task(c, 2, STEPS(REQUEST(world_request(w, "/a"))));
    t->own_wait = true;
    t->wait = constant(3 * S);
    world_task(c, 1, STEPS(REQUEST(world_request(w, "/b"))));
    world_begin(w);
    world_users(w, 1);
    world_run(w, 13 * S + S / 2);
    ck_assert_str_eq(world_path(w, 0, 0), "/a /a /b /a /a /b");
    ck_assert_uint_eq(w->calls[3].at_ns, 7 * S + 3 * MS);
}
END_TEST

START_TEST(tasks_are_drawn_by_weight)
{
    struct user_class *c = world_class(w, "c", 1);
    c->wait = constant(MS);
    world_task(c, 3, STEPS(REQUEST(world_request(w, "/a"))));
    world_task(c, 1, STEPS(REQUEST(world_request(w, "/b"))));
    world_begin(w);
    world_users(w, 4);
    world_run(w, S);
    unsigned a = 0;
    for (unsigned i = 0; i < w->n_calls; i++)
        a += strcmp(w->calls[i].url, "/a") == 0;
    double share = (double)a / w->n_calls; /* of some 2,000: +- 4 standard deviations */
    ck_assert(share > 0.71 && share < 0.79);
}
END_TEST

/* ------------------------------------------------------- on_start, on_stop, ends */

static unsigned refusals; /* so many log-ins fail first */

static void refuse_log_in(struct world *world, const struct call *c, struct outcome *o)
{
    (void)world;
    if (strcmp(c->url, "/login") == 0 && refusals > 0) {
        refusals--;
        o->status = 401;
    }
}

static struct user_class *with_log_in(void)
{
    struct user_class *c = simple("c", "/a");
    c->wait = constant(S / 10);
    world_steps(&c->on_start,
                STEPS(REQUEST(world_request(w, "/login")), REQUEST(world_request(w, "/me"))));
    world_steps(&c->on_stop, STEPS(REQUEST(world_request(w, "/logout")),
                                   {.kind = STEP_THINK, .pause = constant(S)},
                                   REQUEST(world_request(w, "/bye"))));
    w->reply = refuse_log_in;
    return c;
}

START_TEST(tasks_run_only_after_a_whole_on_start)
{
    with_log_in();
    refusals = 2;
    world_begin(w);
    world_users(w, 1);
    world_run(w, 3 * S);
    ck_assert_mem_eq(world_path(w, 0, 0), "/login /login /login /me /a /a ", 30);
    ck_assert_uint_eq(w->calls[1].at_ns, S + MS);
    ck_assert_uint_eq(w->calls[2].at_ns, 2 * S + 2 * MS);
}
END_TEST

START_TEST(on_stop_runs_once_when_a_user_ends_in_order)
{
    with_log_in();
    world_begin(w);
    world_users(w, 2);
    world_run(w, 50 * MS);
    world_users(w, 1);
    world_run(w, 10 * MS);
    ck_assert_str_eq(world_path(w, 1, 0), "/login /me /a /logout");
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users), 2);
    world_run(w, 2 * S);
    ck_assert_str_eq(world_path(w, 1, 3), "/logout /bye");
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users), 1);
    w->engine.drain = true;
    world_users(w, 0);
    unsigned before = w->n_calls;
    world_run(w, 2 * S);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users), 0);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users_most), 2);
    ck_assert_uint_eq(w->n_calls, before + 1); /* log-out was sent at once */
}
END_TEST

START_TEST(a_user_that_is_wanted_again_after_log_out_is_another_one)
{
    with_log_in();
    world_begin(w);
    world_users(w, 1);
    world_run(w, 50 * MS);
    world_users(w, 0);
    world_run(w, 10 * MS);
    world_users(w, 1);
    world_run(w, 1050 * MS);
    ck_assert_str_eq(world_path(w, 0, 0), "/login /me /a /logout /bye /login /me /a");
    ck_assert_uint_eq(w->opened, 2);
}
END_TEST

START_TEST(a_stop_in_on_stop_does_not_decide_who_left_by_itself)
{
    struct user_class *c = world_class(w, "c", 1);
    const struct request *a = world_request(w, "/a");
    world_task(c, 1,
               STEPS(REQUEST(a), {.kind = STEP_THINK, .pause = constant(S)}, {.kind = STEP_STOP}));
    world_steps(&c->on_stop, STEPS(REQUEST(world_request(w, "/logout")), {.kind = STEP_STOP}));
    world_begin(w);
    world_users(w, 1);
    world_run(w, S / 2);
    world_users(w, 0);
    world_users(w, 1);
    world_run(w, S / 2);
    ck_assert_str_eq(world_path(w, 0, 0), "/a /logout /a");
    ck_assert_uint_eq(gauge32(&w->engine.gauge->left), 0);
    world_run(w, 10 * S);
    ck_assert_str_eq(world_path(w, 0, 0), "/a /logout /a /logout");
    ck_assert_uint_eq(gauge32(&w->engine.gauge->left), 1);
}
END_TEST

START_TEST(who_never_came_through_on_start_has_nothing_to_stop)
{
    with_log_in();
    refusals = 100;
    world_begin(w);
    world_users(w, 1);
    world_run(w, S / 2);
    world_users(w, 0);
    world_run(w, S);
    ck_assert_str_eq(world_path(w, 0, 0), "/login");
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users), 0);
}
END_TEST

START_TEST(who_ends_with_the_last_reply_of_on_start_came_through_it)
{
    with_log_in();
    refusals = 0;
    world_begin(w);
    world_users(w, 1);
    world_run(w, MS);
    ck_assert_str_eq(world_path(w, 0, 0), "/login /me");
    world_users(w, 0);
    world_run(w, 2 * S);
    ck_assert_str_eq(world_path(w, 0, 2), "/logout /bye");
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users), 0);
}
END_TEST

static void deny_with_token(struct world *world, const struct call *c, struct outcome *o)
{
    (void)world;
    (void)c;
    o->status = 403;
    o->body = "no more 123456";
    o->body_len = o->body_bytes = strlen(o->body);
}

/* Log-ins that hold until `logged_in` says otherwise: a token, and a log-in per user and time. */
static unsigned log_ins, holds_until;

static void serve_members(struct world *world, const struct call *c, struct outcome *o)
{
    static char body[40];
    (void)world;
    unsigned token = 0;
    if (strcmp(c->url, "/login?u=eve") == 0) {
        snprintf(body, sizeof body, "{\"token\": \"%u\"}", ++log_ins);
        o->body = body;
        o->body_len = o->body_bytes = strlen(body);
    } else if (sscanf(c->url, "/a?t=%u", &token) == 1 && token < holds_until) {
        o->status = 401;
    }
}

/* A class that logs in under a drawn name and sends what it captured. */
static struct user_class *members(struct request **mine)
{
    struct err e;
    struct user_class *c = world_class(w, "c", 1);
    struct profile *p = w->profile;
    c->wait = constant(S);
    log_ins = holds_until = 0;
    p->draws = mem_room(NULL, 0, sizeof *p->draws);
    p->draws[p->n_draws++] =
        (struct draw){.slot = world_slot(w, "nick"),
                      .text = template_compile("${choice:eve|eve}", ENCODE_PLAIN, w->names, &e)};
    struct request *login = world_request(w, "/login?u=${nick}");
    world_capture(w, login, "token", "json:$.token");
    world_steps(&c->on_start, STEPS(REQUEST(login)));
    *mine = world_request(w, "/a?t=${token}");
    w->reply = serve_members;
    return c;
}

START_TEST(a_step_restarts_the_user)
{
    struct request *mine;
    struct user_class *c = members(&mine);
    world_task(c, 1,
               STEPS(REQUEST(mine),
                     {.kind = STEP_IF, .condition = world_condition(w, "status == 401"), .to = 3},
                     {.kind = STEP_RESTART}, REQUEST(world_request(w, "/b"))));
    world_steps(&c->on_stop, STEPS(REQUEST(world_request(w, "/logout"))));
    world_begin(w);
    world_users(w, 1);
    world_run(w, S + 500 * MS);
    ck_assert_str_eq(world_path(w, 0, 0), "/login?u=eve /a?t=1 /b /a?t=1 /b");
    holds_until = 2;
    world_run(w, 2 * S);
    /* After its wait it is the same visitor, on a new connection, with a new token. */
    ck_assert_str_eq(world_path(w, 0, 5), "/a?t=1 /login?u=eve /a?t=2 /b");
    ck_assert_uint_eq(w->resets, 1);
    ck_assert_uint_eq(w->calls[6].at_ns, w->calls[5].at_ns + MS + S);
    /* Before on_start is done again there is nothing to log out of. */
    holds_until = 99;
    world_run(w, S);
    ck_assert_str_eq(world_path(w, 0, 9), "/a?t=2");
    world_users(w, 0);
    world_run(w, S);
    ck_assert_uint_eq(w->n_calls, 10);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users), 0);
}
END_TEST

START_TEST(a_target_that_turns_all_away_is_not_stormed_with_log_ins)
{
    struct request *mine;
    struct user_class *c = members(&mine);
    c->wait = (struct wait){.kind = WAIT_NONE};
    world_task(c, 1, STEPS(REQUEST(mine), {.kind = STEP_RESTART}));
    world_begin(w);
    world_users(w, 1);
    world_run(w, 10 * S);
    ck_assert_uint_le(w->n_calls, 2 * 10);
    ck_assert_uint_ge(w->n_calls, 2 * 9);
}
END_TEST

static void restart_on(struct user_class *c, uint16_t status)
{
    c->restart_on.codes = mem_array(1, sizeof *c->restart_on.codes);
    c->restart_on.codes[c->restart_on.n++] = status;
}

static void turn_out(struct world *world, const struct call *c, struct outcome *o)
{
    (void)world;
    if (strcmp(c->url, "/a") == 0)
        o->status = 401;
}

START_TEST(who_is_to_end_does_not_come_in_again)
{
    struct user_class *c = with_log_in();
    restart_on(c, 401);
    w->reply = turn_out;
    world_begin(w);
    world_users(w, 1);
    world_run(w, 2 * MS);
    ck_assert_str_eq(world_path(w, 0, 0), "/login /me /a");
    world_users(w, 0); /* with a request under way that will tell it to log in again */
    world_run(w, 10 * S);
    ck_assert_str_eq(world_path(w, 0, 3), "/logout /bye");
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users), 0);
}
END_TEST

START_TEST(a_class_restarts_who_is_turned_away)
{
    struct request *mine;
    struct user_class *c = members(&mine);
    restart_on(c, 401);
    c->sequence = true;
    world_task(c, 1, STEPS(REQUEST(world_request(w, "/first"))));
    /* Side by side: it waits for the second one, which is well, and restarts then. */
    world_task(c, 1,
               STEPS({.kind = STEP_PARALLEL, .count = 2}, REQUEST(mine),
                     REQUEST(world_request(w, "/b")), REQUEST(world_request(w, "/c"))));
    world_begin(w);
    world_users(w, 1);
    holds_until = 2;
    world_run(w, 4 * S + 500 * MS);
    ck_assert_str_eq(world_path(w, 0, 0), "/login?u=eve /first /a?t=1 /b "
                                          "/login?u=eve /first /a?t=2 /b /c /first");
    ck_assert_uint_eq(w->resets, 1);
}
END_TEST

START_TEST(a_status_that_is_wanted_restarts_nobody)
{
    struct request *mine;
    struct user_class *c = members(&mine);
    restart_on(c, 401);
    mine->expect.codes = mem_array(1, sizeof *mine->expect.codes);
    mine->expect.codes[mine->expect.n++] = 401;
    world_task(c, 1, STEPS(REQUEST(mine)));
    world_begin(w);
    world_users(w, 1);
    holds_until = 99;
    world_run(w, 2 * S + 500 * MS);
    ck_assert_str_eq(world_path(w, 0, 0), "/login?u=eve /a?t=1 /a?t=1 /a?t=1");
    ck_assert_uint_eq(w->resets, 0);
}
END_TEST

START_TEST(who_restarts_keeps_its_row_and_what_it_drew_unless_a_reply_replaced_it)
{
    struct err e;
    struct user_class *c = world_class(w, "c", 1);
    uint32_t pupils = world_feeder(w, "pupils", "name\nann\nbob\n", FEEDER_UNIQUE, FEEDER_STOP);
    struct profile *p = w->profile;
    p->draws = mem_room(NULL, 0, sizeof *p->draws);
    p->draws[p->n_draws++] =
        (struct draw){.slot = world_slot(w, "state"),
                      .text = template_compile("${choice:new|new}", ENCODE_PLAIN, w->names, &e),
                      .captured = true};
    struct request *login = world_request(w, "/login?${pupils.name}&${state}");
    world_capture(w, login, "state", "status");
    world_steps(&c->on_start, STEPS(REQUEST(login)));
    c->feeders = mem_array(1, sizeof *c->feeders);
    c->feeders[c->n_feeders++] = pupils;
    world_task(c, 1, STEPS(REQUEST(world_request(w, "/a?${state}")), {.kind = STEP_RESTART}));
    world_begin(w);
    world_users(w, 1);
    world_run(w, S + 500 * MS);
    ck_assert_str_eq(world_path(w, 0, 0), "/login?ann&new /a?200 /login?ann&new /a?200");
}
END_TEST

START_TEST(who_restarts_in_a_burst_has_rested_and_is_ready_again)
{
    struct request *mine;
    struct user_class *c = members(&mine);
    struct gauge *g = w->engine.gauge;
    restart_on(c, 401);
    world_task(c, 1, STEPS(REQUEST(mine)));
    world_begin(w);
    worker_users_set_barrier(&w->users, true, w->now_ns);
    world_users(w, 2);
    world_run(w, S);
    ck_assert_uint_eq(gauge32(&g->ready), 2);
    holds_until = 2;
    w->users.release_ns = w->now_ns;
    worker_users_release(&w->users, 1);
    world_run(w, S / 2);
    ck_assert_uint_eq(atomic_load(&g->burst_done), 2);
    ck_assert_uint_eq(gauge32(&g->ready), 1); /* the other waits to log in */
    world_run(w, S);
    ck_assert_uint_eq(gauge32(&g->ready), 2);
    ck_assert_str_eq(world_path(w, UINT32_MAX, 4), "/login?u=eve");
}
END_TEST

START_TEST(a_place_that_is_being_left_is_filled_when_the_program_changes)
{
    struct user_class *c = world_class(w, "c", 1);
    world_task(c, 1, STEPS(REQUEST(world_request(w, "/a")), {.kind = STEP_STOP}));
    world_steps(&c->on_stop, STEPS(REQUEST(world_request(w, "/logout"))));
    world_begin(w);
    world_users(w, 1);
    world_run(w, MS); /* the log-out is under way */
    world_use_mix(w, NULL);
    world_run(w, S);
    ck_assert_str_eq(world_path(w, 0, 0), "/a /logout /a /logout");
    ck_assert_uint_eq(gauge32(&w->engine.gauge->left), 1);
}
END_TEST

START_TEST(a_place_left_by_its_user_stays_empty_until_the_program_changes)
{
    struct user_class *c = world_class(w, "c", 1);
    const struct request *a = world_request(w, "/a");
    world_task(c, 1, STEPS(REQUEST(a), {.kind = STEP_STOP}, REQUEST(a)));
    world_steps(&c->on_stop, STEPS(REQUEST(world_request(w, "/logout"))));
    world_begin(w);
    world_users(w, 1);
    world_run(w, 10 * S);
    ck_assert_str_eq(world_path(w, 0, 0), "/a /logout");
    ck_assert_uint_eq(gauge32(&w->engine.gauge->left), 1);
    world_use_mix(w, NULL);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->left), 0);
    world_run(w, 10 * S);
    ck_assert_str_eq(world_path(w, 0, 2), "/a /logout");
    world_users(w, 0);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->left), 0);
    world_users(w, 1);
    world_run(w, 10 * S);
    ck_assert_str_eq(world_path(w, 0, 4), "/a /logout");
}
END_TEST

/* ---------------------------------------------------------------------- values */

static void give_token(struct world *world, const struct call *c, struct outcome *o)
{
    (void)world;
    if (strcmp(c->url, "/login") == 0) {
        o->body = c->at_ns < S ? "{\"token\": \"t 1\"}" : "{\"sesame\": 1}";
        o->body_len = o->body_bytes = strlen(o->body);
    }
}

START_TEST(captures_become_values_and_a_failed_one_has_none)
{
    struct sample s;
    struct note n;
    struct user_class *c = world_class(w, "c", 1);
    struct request *login = world_request(w, "/login");
    world_capture(w, login, "token", "json:$.token");
    secrets_add(&w->profile->secrets, secret_from("sesame", 6));
    c->wait = constant(S);
    world_task(c, 1,
               STEPS(REQUEST(login), REQUEST(world_request(w, "/use?t=${token}")),
                     REQUEST(world_request(w, "/a"))));
    w->reply = give_token;
    world_begin(w);
    world_users(w, 1);
    world_run(w, S + 500 * MS);
    ck_assert_str_eq(world_path(w, 0, 0), "/login /use?t=t%201 /a /login /a");
    for (int i = 0; i < 3; i++)
        ck_assert(world_sample(w, &s) && s.fail == FAIL_NONE);
    ck_assert(world_sample(w, &s));
    ck_assert_uint_eq(s.fail, FAIL_CAPTURE);
    ck_assert_uint_eq(s.detail, fail_detail("token"));
    ck_assert(world_sample(w, &s));
    ck_assert_uint_eq(s.fail, FAIL_NO_VALUE);
    ck_assert_uint_eq(s.status, 0);
    ck_assert(world_note(w, &n));
    ck_assert_uint_eq(n.fail, FAIL_CAPTURE);
    ck_assert_mem_eq(n.text, "token: ", 7);
    ck_assert_ptr_null(strstr(n.text, "sesame"));
    ck_assert(world_note(w, &n));
    ck_assert_uint_eq(n.fail, FAIL_NO_VALUE);
    ck_assert_ptr_nonnull(strstr(n.text, "token"));
    ck_assert_uint_eq(atomic_load(&w->engine.gauge->started), 6);
    ck_assert_uint_eq(atomic_load(&w->engine.gauge->finished), 6);
}
END_TEST

/* Tells everybody what it was sent, and says no. */
static void echo_token(struct world *world, const struct call *c, struct outcome *o)
{
    static char body[200];
    (void)world;
    bool login = strcmp(c->url, "/login") == 0;
    if (login && c->at_ns < 2 * S)
        snprintf(body, sizeof body, "{\"token\": \"sesame-%u-%d\"}", c->user, c->at_ns >= S);
    else
        snprintf(body, sizeof body, "no: sesame-%u-0 sesame-%u-1 sesame-9-0 %s", c->user, c->user,
                 c->url);
    o->body = body;
    o->body_len = o->body_bytes = strlen(body);
    o->status = login && c->at_ns < S ? 200 : 403;
}

START_TEST(what_a_user_captured_in_secret_is_in_no_note)
{
    struct note n;
    struct user_class *c = world_class(w, "c", 1);
    struct request *login = world_request(w, "/login");
    world_capture(w, login, "it", "json:$.token");
    c->hidden = mem_zalloc(sizeof *c->hidden);
    c->hidden[c->n_hidden++] = world_slot(w, "it");
    c->wait = constant(S);
    c->sequence = true;
    world_task(c, 1, STEPS(REQUEST(login), REQUEST(world_request(w, "/use?t=${it}"))));
    w->reply = echo_token;
    world_begin(w);
    world_users(w, 1);
    world_run(w, S / 2);
    ck_assert(world_note(w, &n));
    ck_assert_uint_eq(n.status, 403);
    ck_assert_str_eq(n.text, "no: ********** *********1 sesame-9-0 /use?t=**********");
    /* A log-in whose reply is not the wanted one brings a token all the same. */
    world_run(w, S);
    ck_assert(world_note(w, &n));
    ck_assert_str_eq(n.text, "{\"token\": \"**********\"}");
    ck_assert(world_note(w, &n));
    ck_assert_str_eq(n.text, "no: ********** *********1 sesame-9-0 /use?t=**********");
}
END_TEST

START_TEST(a_secret_that_was_forgotten_is_still_one)
{
    struct note n;
    struct request *mine;
    struct user_class *c = members(&mine);
    world_task(c, 1, STEPS(REQUEST(mine), {.kind = STEP_RESTART}));
    c->hidden = mem_zalloc(sizeof *c->hidden);
    c->hidden[c->n_hidden++] = world_slot(w, "token");
    log_ins = 123455;
    world_begin(w);
    world_users(w, 1);
    world_run(w, S / 2);
    w->reply = deny_with_token;
    world_run(w, S);
    ck_assert_str_eq(world_path(w, 0, 0), "/login?u=eve /a?t=123456 /login?u=eve");
    ck_assert(world_note(w, &n));
    ck_assert_str_eq(n.text, "no more ******");
}
END_TEST

START_TEST(a_secret_of_a_feeder_is_in_no_note)
{
    struct note n;
    struct user_class *c = world_class(w, "c", 1);
    uint32_t f = world_feeder(w, "f", "who,pin\nsesame-9-0,999999\nx,sesame-0-1\n",
                              FEEDER_SEQUENTIAL, FEEDER_WRAP);
    struct task *t = world_task(c, 1, STEPS(REQUEST(world_request(w, "/a?${f.pin}"))));
    t->steps.feeders = mem_zalloc(sizeof f);
    t->steps.feeders[t->steps.n_feeders++] = f;
    c->hidden_cells = mem_zalloc(sizeof *c->hidden_cells);
    c->hidden_cells[c->n_hidden_cells++] = (struct column_ref){.feeder = f, .column = 1};
    c->wait = constant(2 * S);
    w->reply = echo_token;
    world_begin(w);
    world_users(w, 1);
    world_run(w, 3 * S);
    ck_assert(world_note(w, &n));
    ck_assert_msg(strstr(n.text, "/a?******") != NULL, "%s", n.text);
    ck_assert_msg(strstr(n.text, " sesame-9-0 ") != NULL, "%s", n.text);
    ck_assert(world_note(w, &n));
    ck_assert_msg(strstr(n.text, "sesame-0-1") == NULL, "%s", n.text);
}
END_TEST

START_TEST(who_can_send_nothing_does_not_spin)
{
    struct user_class *c = world_class(w, "c", 1);
    world_slot(w, "never");
    world_task(c, 1, STEPS(REQUEST(world_request(w, "/${never}"))));
    world_begin(w);
    world_users(w, 1);
    world_run(w, 10 * S);
    unsigned n = failures(FAIL_NO_VALUE);
    ck_assert_uint_ge(n, 20);
    ck_assert_uint_le(n, 40);
    ck_assert_uint_eq(w->n_calls, 0);
}
END_TEST

static void say_body(struct world *world, const struct call *c, struct outcome *o)
{
    (void)world;
    (void)c;
    o->body = "it is ok";
    o->body_len = o->body_bytes = strlen(o->body);
}

START_TEST(a_failed_check_fails_the_request_under_its_name)
{
    struct sample s;
    struct note n;
    struct user_class *c = world_class(w, "c", 1);
    struct request *a = world_request(w, "/a");
    world_check(w, a, "is ok", "is ok");
    world_check(w, a, "is fine", "fine");
    world_capture(w, a, "x", "body");
    world_task(c, 1,
               STEPS(REQUEST(a), {.kind = STEP_THINK, .pause = constant(S)},
                     REQUEST(world_request(w, "/${x}"))));
    w->reply = say_body;
    world_begin(w);
    world_users(w, 1);
    world_run(w, 10 * MS);
    ck_assert(world_sample(w, &s));
    ck_assert_uint_eq(s.fail, FAIL_CHECK);
    ck_assert_uint_eq(s.status, 200);
    ck_assert_uint_eq(s.detail, fail_detail("is fine"));
    ck_assert(world_note(w, &n));
    ck_assert_uint_eq(n.detail, s.detail);
    ck_assert_mem_eq(n.text, "is fine: ", 9);
}
END_TEST

static void deny(struct world *world, const struct call *c, struct outcome *o)
{
    (void)world;
    (void)c;
    o->status = 401;
    o->body = "{\"error\": \"log in\"}\r\n";
    o->body_len = o->body_bytes = strlen(o->body);
}

START_TEST(the_line_end_of_a_reply_is_not_in_its_note)
{
    struct note n;
    struct user_class *c = world_class(w, "c", 1);
    world_task(c, 1,
               STEPS(REQUEST(world_request(w, "/a")), {.kind = STEP_THINK, .pause = constant(S)}));
    w->reply = deny;
    world_begin(w);
    world_users(w, 1);
    world_run(w, 10 * MS);
    ck_assert(world_note(w, &n));
    ck_assert_str_eq(n.text, "{\"error\": \"log in\"}");
}
END_TEST

START_TEST(rows_are_taken_for_each_run_and_users_end_with_them)
{
    struct user_class *c = world_class(w, "c", 1);
    uint32_t f = world_feeder(w, "f", "v\n1\n2\n3\n", FEEDER_SEQUENTIAL, FEEDER_STOP);
    const struct request *r = world_request(w, "/${f.v}");
    struct task *t = world_task(c, 1, STEPS(REQUEST(r), REQUEST(r)));
    t->steps.feeders = mem_zalloc(sizeof f);
    t->steps.feeders[0] = f;
    t->steps.n_feeders = 1;
    world_begin(w);
    world_users(w, 1);
    world_run(w, S);
    ck_assert_str_eq(world_path(w, 0, 0), "/1 /1 /2 /2 /3 /3");
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users), 0);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->left), 1);
}
END_TEST

/* Who logs in again, because it was refused or thrown out, is who it was; so is who logs out. */
START_TEST(on_start_and_on_stop_have_one_row_for_a_life)
{
    struct user_class *c = world_class(w, "c", 1);
    uint32_t f = world_feeder(w, "f", "v\n1\n2\n3\n4\n5\n6\n", FEEDER_SEQUENTIAL, FEEDER_STOP);
    const struct request *in = world_request(w, "/login"), *name = world_request(w, "/in${f.v}"),
                         *out = world_request(w, "/out${f.v}"), *r = world_request(w, "/${f.v}");
    struct steps *all[3] = {&c->on_start, NULL, &c->on_stop};
    world_steps(&c->on_start, STEPS(REQUEST(name), REQUEST(in)));
    struct task *t = world_task(
        c, 1,
        STEPS(REQUEST(r), {.kind = STEP_THINK, .pause = constant(S)}, {.kind = STEP_RESTART}));
    world_steps(&c->on_stop, STEPS(REQUEST(out)));
    all[1] = &t->steps;
    for (unsigned i = 0; i < 3; i++) {
        all[i]->feeders = mem_zalloc(sizeof f);
        all[i]->feeders[0] = f;
        all[i]->n_feeders = 1;
    }
    w->reply = refuse_log_in;
    refusals = 2;
    world_begin(w);
    world_users(w, 1);
    world_run(w, 5 * S);
    world_users(w, 0);
    world_run(w, S);
    ck_assert_str_eq(world_path(w, 0, 0),
                     "/in1 /login /in1 /login /in1 /login /2 /in1 /login /3 /out1");
    world_users(w, 1); /* another one */
    world_run(w, S / 2);
    ck_assert_str_eq(world_path(w, 0, 11), "/in4 /login /5");
}
END_TEST

START_TEST(a_unique_row_is_a_users_own)
{
    struct user_class *c = world_class(w, "c", 1);
    uint32_t f = world_feeder(w, "f", "v\n1\n2\n3\n", FEEDER_UNIQUE, FEEDER_STOP);
    c->wait = constant(S);
    c->feeders = mem_zalloc(sizeof f);
    c->feeders[0] = f;
    c->n_feeders = 1;
    world_task(c, 1, STEPS(REQUEST(world_request(w, "/${f.v}"))));
    world_begin(w);
    world_users(w, 5);
    world_run(w, S + S / 2);
    ck_assert_str_eq(world_path(w, 0, 0), "/1 /1");
    ck_assert_str_eq(world_path(w, 1, 0), "/2 /2");
    ck_assert_str_eq(world_path(w, 2, 0), "/3 /3");
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users), 3);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->left), 2);
}
END_TEST

static struct user_class *class_with_rows(const char *name, uint32_t feeder, const char *path)
{
    struct user_class *c = world_class(w, name, 1);
    c->wait = constant(S);
    c->feeders = mem_zalloc(sizeof feeder);
    c->feeders[0] = feeder;
    c->n_feeders = 1;
    world_task(c, 1, STEPS(REQUEST(world_request(w, path))));
    return c;
}

/* How often the log has that text. */
static unsigned log_count(const char *text)
{
    static struct log_line lines[LOG_KEEP];
    unsigned found = 0;
    size_t n = log_copy(lines, LOG_KEEP, NULL);
    for (size_t i = 0; i < n; i++)
        found += strstr(lines[i].text, text) != NULL;
    return found;
}

static const struct {
    enum feeder_order order;
    enum feeder_end at_end;
    uint32_t users;
    unsigned shared, ended; /* sentences in the log */
} run_out[] = {
    {FEEDER_UNIQUE, FEEDER_WRAP, 3, 0, 0},     {FEEDER_UNIQUE, FEEDER_WRAP, 5, 1, 0},
    {FEEDER_UNIQUE, FEEDER_STOP, 3, 0, 0},     {FEEDER_UNIQUE, FEEDER_STOP, 5, 0, 1},
    {FEEDER_SEQUENTIAL, FEEDER_WRAP, 5, 0, 0}, {FEEDER_SEQUENTIAL, FEEDER_STOP, 5, 0, 1},
};

/* Accounts that are used twice without a word would be another test than was meant. */
START_TEST(a_feeder_that_runs_out_is_told_of_once)
{
    struct user_class *c = world_class(w, "c", 1);
    uint32_t f = world_feeder(w, "f", "v\n1\n2\n3\n", run_out[_i].order, run_out[_i].at_end);
    c->wait = constant(S);
    c->feeders = mem_zalloc(sizeof f);
    c->feeders[0] = f;
    c->n_feeders = 1;
    world_task(c, 1, STEPS(REQUEST(world_request(w, "/${f.v}"))));
    world_begin(w);
    world_users(w, run_out[_i].users);
    world_run(w, S + S / 2);
    ck_assert_uint_eq(log_count("has 3 rows, and more users need one"), run_out[_i].shared);
    ck_assert_uint_eq(log_count("has no row left after 3"), run_out[_i].ended);
}
END_TEST

/* Not by their number among all users: rows would be left over while two share one. */
START_TEST(unique_rows_are_for_those_who_use_them)
{
    uint32_t f = world_feeder(w, "f", "v\n1\n2\n3\n4\n5\n", FEEDER_UNIQUE, FEEDER_STOP);
    class_with_rows("fixed", f, "/f${f.v}")->fixed_count = 1;
    class_with_rows("a", f, "/a${f.v}");
    struct user_class *b = world_class(w, "b", 2);
    b->wait = constant(S);
    world_task(b, 1, STEPS(REQUEST(world_request(w, "/b"))));
    class_with_rows("c", f, "/c${f.v}");
    world_begin(w);
    world_users(w, 9);
    world_run(w, S / 2);
    ck_assert_uint_eq(w->n_calls, 9);
    bool seen[6] = {false};
    for (uint32_t u = 0; u < 9; u++) {
        const char *path = world_path(w, u, 0);
        if (path[1] == 'b')
            continue;
        int row = path[2] - '0';
        ck_assert_msg(row >= 1 && row <= 5 && !seen[row], "user %u: %s", u, path);
        seen[row] = true;
    }
    ck_assert(seen[1] && seen[2] && seen[3] && seen[4] && seen[5]);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users), 9);
}
END_TEST

/* With another mix others need rows: whose row is another one now is somebody else. */
START_TEST(unique_rows_stay_apart_when_the_mix_changes)
{
    struct err e;
    struct mix only_a = {0};
    uint32_t f = world_feeder(w, "f", "v\n1\n2\n3\n4\n", FEEDER_UNIQUE, FEEDER_STOP);
    class_with_rows("a", f, "/a${f.v}");
    struct user_class *b = world_class(w, "b", 1);
    b->wait = constant(S);
    world_task(b, 1, STEPS(REQUEST(world_request(w, "/b"))));
    world_begin(w);
    world_users(w, 4);
    world_run(w, S / 2);
    ck_assert_str_eq(world_path(w, 0, 0), "/a1");
    ck_assert_str_eq(world_path(w, 2, 0), "/a2");
    ck_assert(build_mix(w->profile, (const unsigned[]){1, 0}, &only_a, &e));
    world_use_mix(w, &only_a);
    world_run(w, S);
    ck_assert_str_eq(world_path(w, 0, 1), "/a1");
    ck_assert_str_eq(world_path(w, 1, 1), "/a2");
    ck_assert_str_eq(world_path(w, 2, 1), "/a3");
    ck_assert_str_eq(world_path(w, 3, 1), "/a4");
    world_use_mix(w, NULL);
    build_mix_finish(&only_a);
}
END_TEST

START_TEST(who_draws_from_a_feeder_without_rows_ends)
{
    struct err e;
    struct user_class *c = world_class(w, "c", 1);
    uint32_t f = world_feeder(w, "f", "v\n1\n2\n", FEEDER_SEQUENTIAL, FEEDER_STOP);
    struct profile *p = w->profile;
    c->wait = constant(S);
    c->feeders = mem_zalloc(sizeof f);
    c->feeders[c->n_feeders++] = f;
    p->draws = mem_room(NULL, 0, sizeof *p->draws);
    p->draws[p->n_draws++] =
        (struct draw){.slot = world_slot(w, "mine"),
                      .text = template_compile("n${f.v}", ENCODE_PLAIN, w->names, &e)};
    world_task(c, 1, STEPS(REQUEST(world_request(w, "/${mine}"))));
    world_begin(w);
    world_users(w, 3);
    world_run(w, S + S / 2);
    ck_assert_str_eq(world_path(w, 0, 0), "/n1 /n1");
    ck_assert_str_eq(world_path(w, 1, 0), "/n2 /n2");
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users), 2);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->left), 1);
}
END_TEST

/* A profile that draws at every turn. */
static void draw_much(struct world *world)
{
    struct err e;
    struct profile *p = world->profile;
    struct user_class *c[2] = {world_class(world, "c", 2), world_class(world, "d", 1)};
    p->draws = mem_zalloc(sizeof *p->draws);
    p->n_draws = 1;
    p->draws[0].slot = world_slot(world, "mine");
    p->draws[0].text = template_compile("${hex:4}", ENCODE_PLAIN, world->names, &e);
    for (int i = 0; i < 2; i++) {
        char url[64];
        c[i]->wait = (struct wait){WAIT_BETWEEN, S, 2 * S};
        for (int k = 0; k < 3; k++) {
            snprintf(url, sizeof url, "/%d%d/${mine}/${int:1:1000}/${user}/${iteration}", i, k);
            world_task(c[i], 1, STEPS(REQUEST(world_request(world, url))));
        }
    }
    world_begin(world);
}

START_TEST(a_seed_repeats_all_choices_whatever_the_number_of_workers)
{
    struct world *three[3], *other = world_create(0, 1, 2);
    draw_much(w);
    world_users(w, 10);
    world_run(w, 20 * S);
    draw_much(other);
    world_users(other, 10);
    world_run(other, 20 * S);
    for (unsigned i = 0; i < 3; i++) {
        three[i] = world_create(i, 3, 1);
        draw_much(three[i]);
        world_users(three[i], (10 + 2 - i) / 3);
        world_run(three[i], 20 * S);
    }
    for (uint32_t u = 0; u < 10; u++) {
        char *alone = mem_strdup(world_path(w, u, 0));
        ck_assert_uint_gt(strlen(alone), 100);
        ck_assert_str_eq(alone, world_path(three[u % 3], u, 0));
        ck_assert_str_ne(alone, world_path(other, u, 0));
        free(alone);
    }
    for (unsigned i = 0; i < 3; i++)
        world_destroy(three[i]);
    world_destroy(other);
}
END_TEST

/* ---------------------------------------------------------------------- retries */

static unsigned say_after; /* seconds of Retry-After, 0 for none */

static void busy(struct world *world, const struct call *c, struct outcome *o)
{
    (void)world;
    (void)c;
    o->status = 503;
    if (say_after > 0)
        o->retry_after_s = say_after;
}

static struct request *retried(unsigned times)
{
    struct user_class *c = world_class(w, "c", 1);
    struct request *r = world_request(w, "/a");
    r->retry = (struct retry){.times = times, .first_ns = S, .longest_ns = 3 * S};
    r->retry.statuses.codes = mem_zalloc(sizeof(uint16_t));
    r->retry.statuses.codes[0] = 503;
    r->retry.statuses.n = 1;
    c->wait = constant(100 * S);
    world_task(c, 1, STEPS(REQUEST(r)));
    w->reply = busy;
    say_after = 0;
    return r;
}

START_TEST(what_fails_is_tried_again_with_growing_pauses)
{
    static const uint64_t most_s[] = {1, 2, 3, 3};
    retried(4);
    world_begin(w);
    world_users(w, 1);
    world_run(w, 50 * S);
    ck_assert_uint_eq(w->n_calls, 5);
    for (int i = 0; i < 4; i++) {
        uint64_t pause = w->calls[i + 1].at_ns - w->calls[i].at_ns - MS;
        ck_assert(pause >= most_s[i] * S / 2 && pause <= most_s[i] * S);
    }
    ck_assert_uint_eq(failures(FAIL_STATUS), 5); /* each attempt counts */
}
END_TEST

START_TEST(retry_after_counts_when_it_is_asked_for)
{
    struct request *r = retried(2);
    r->retry.retry_after = true;
    say_after = 20;
    world_begin(w);
    world_users(w, 1);
    world_run(w, 50 * S);
    ck_assert_uint_eq(w->n_calls, 3);
    ck_assert_uint_eq(w->calls[1].at_ns, 20 * S + MS);
    ck_assert_uint_eq(w->calls[2].at_ns, 40 * S + 2 * MS);
}
END_TEST

START_TEST(nobody_waits_for_an_attempt_of_a_user_that_ends)
{
    retried(4)->retry.retry_after = true;
    say_after = 600;
    world_begin(w);
    world_users(w, 1);
    world_run(w, S);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->in_flight), 0);
    world_users(w, 0);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users), 0);
}
END_TEST

/* /a is refused, and what was sent beside it is not answered for now. */
static void busy_and_slow(struct world *world, const struct call *c, struct outcome *o)
{
    if (strcmp(c->url, "/a") != 0)
        return;
    o->status = 503;
    world->latency_ns = UINT64_MAX;
}

START_TEST(a_log_in_that_is_given_up_has_failed_for_who_stays_after_all)
{
    struct request *a = retried(4);
    world_steps(
        &w->profile->classes[0].on_start,
        STEPS({.kind = STEP_PARALLEL, .count = 2}, REQUEST(a), REQUEST(world_request(w, "/slow"))));
    w->reply = busy_and_slow;
    world_begin(w);
    world_users(w, 1);
    world_run(w, 10 * MS);
    world_users(w, 0); /* ends as soon as /slow is answered */
    world_users(w, 1); /* or not */
    w->latency_ns = MS;
    world_run(w, S / 2);
    ck_assert_str_eq(world_path(w, 0, 0), "/a /slow"); /* no task after a failed on_start */
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users), 1);
}
END_TEST

START_TEST(an_attempt_that_is_held_waits)
{
    retried(4)->retry.retry_after = true;
    say_after = 5;
    world_begin(w);
    world_users(w, 1);
    world_run(w, S);
    w->engine.hold = true;
    world_run(w, 10 * S);
    ck_assert_uint_eq(w->n_calls, 1);
    w->engine.hold = false;
    worker_users_resume(&w->users, w->now_ns);
    world_run(w, S / 10);
    ck_assert_uint_eq(w->n_calls, 2);
}
END_TEST

START_TEST(an_attempt_that_a_stop_has_delayed_is_due_afterwards)
{
    struct sample s;
    retried(1)->retry.retry_after = true;
    say_after = 5;
    world_begin(w);
    world_users(w, 1);
    world_run(w, S);
    w->now_ns += 3600 * S; /* nobody looked at a timer meanwhile */
    world_users(w, 1);
    worker_users_rebase(&w->users, w->now_ns);
    world_run(w, S);
    ck_assert_uint_eq(w->n_calls, 2);
    ck_assert(world_sample(w, &s) && world_sample(w, &s));
    ck_assert_uint_eq(s.sent_ns, s.due_ns);
}
END_TEST

/* ------------------------------------------------------------- steering, mixes */

START_TEST(held_inside_a_task_a_user_goes_on_with_its_next_step)
{
    struct user_class *c = world_class(w, "c", 1);
    world_task(c, 1,
               STEPS(REQUEST(world_request(w, "/a")), REQUEST(world_request(w, "/b")),
                     REQUEST(world_request(w, "/c"))));
    world_begin(w);
    world_users(w, 1);
    w->engine.hold = true;
    world_run(w, S);
    ck_assert_str_eq(world_path(w, 0, 0), "/a");
    w->engine.hold = false;
    worker_users_resume(&w->users, w->now_ns);
    world_run(w, 2 * MS - 1);
    ck_assert_str_eq(world_path(w, 0, 0), "/a /b /c");
}
END_TEST

START_TEST(no_request_is_sent_without_a_ticket)
{
    struct user_class *c = world_class(w, "c", 1);
    const struct request *a = world_request(w, "/a");
    world_task(
        c, 1,
        STEPS({.kind = STEP_PARALLEL, .count = 4}, REQUEST(a), REQUEST(a), REQUEST(a), REQUEST(a)));
    world_steps(&c->on_stop, STEPS(REQUEST(a)));
    w->budget.limited = true;
    atomic_init(&w->budget.left, 6);
    world_begin(w);
    world_users(w, 1);
    world_run(w, S);
    ck_assert_uint_eq(w->n_calls, 6);
    world_users(w, 0);
    world_run(w, S);
    ck_assert_uint_eq(w->n_calls, 6);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users), 0);
}
END_TEST

START_TEST(a_mix_makes_new_users_only_of_those_whose_class_changes)
{
    struct mix other = {.class_of = (uint16_t[]){0, 1, 1}, .n_class_of = 3};
    struct mix fixed = {.fixed = (uint16_t[]){0, 1}, .n_fixed = 2};
    struct user_class *c = world_class(w, "c", 1);
    const struct request *login = world_request(w, "/login");
    c->wait = constant(S);
    world_steps(&c->on_start, STEPS(REQUEST(login)));
    world_task(c, 1, STEPS(REQUEST(world_request(w, "/c"))));
    struct user_class *d = world_class(w, "d", 0);
    d->wait = constant(S);
    d->cookies = true;
    world_task(d, 1, STEPS(REQUEST(world_request(w, "/d"))));
    world_begin(w);
    world_users(w, 3);
    world_run(w, S / 2);
    ck_assert_uint_eq(class_users("c"), 3);
    world_use_mix(w, &other);
    world_run(w, S);
    ck_assert_uint_eq(class_users("c"), 1);
    ck_assert_uint_eq(class_users("d"), 2);
    ck_assert_str_eq(world_path(w, 0, 0), "/login /c /c");
    ck_assert_str_eq(world_path(w, 1, 0), "/login /c /d");
    ck_assert_uint_eq(w->resets, 2);
    world_use_mix(w, &fixed);
    world_run(w, S);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users), 2);
    ck_assert_ptr_null(w->users.places[2].user);
    ck_assert_uint_eq(class_users("d"), 1);
    world_use_mix(w, NULL);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users), 3);
    world_run(w, S);
    ck_assert_uint_eq(class_users("c"), 3);
    world_users(w, 0);
    world_run(w, S);
    ck_assert_uint_eq(class_users("c") + class_users("d"), 0);
}
END_TEST

/* Another profile was in force in between, for so short a time that this user had no request
 * to end meanwhile: rows and ${seq} have begun anew, and so does it. */
START_TEST(a_profile_that_comes_back_has_new_visitors)
{
    simple("c", "/${seq}")->wait = constant(S);
    world_begin(w);
    world_users(w, 1);
    world_run(w, S + S / 2);
    ck_assert_str_eq(world_path(w, 0, 0), "/1 /2");
    worker_users_set_program(&w->users, program_create(w->profile, NULL, NULL, w->collector), w->now_ns);
    world_run(w, S);
    ck_assert_str_eq(world_path(w, 0, 2), "/1");
    ck_assert_uint_eq(w->resets, 1);
}
END_TEST

START_TEST(without_memory_for_a_connection_a_user_ends_and_the_others_go_on)
{
    struct mix other = {.class_of = (uint16_t[]){0, 1}, .n_class_of = 2};
    with_log_in();
    refusals = 0;
    struct user_class *d = world_class(w, "d", 0);
    d->wait = constant(S);
    world_task(d, 1, STEPS(REQUEST(world_request(w, "/d"))));
    world_steps(&d->on_stop, STEPS(REQUEST(world_request(w, "/logout"))));
    d->cookies = false; /* so a channel of another kind is needed */
    world_begin(w);
    world_users(w, 2);
    world_run(w, 10 * MS);
    w->full = true;
    world_use_mix(w, &other);
    world_users(w, 3);
    world_run(w, S);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users), 1);
    ck_assert_ptr_nonnull(w->users.places[0].user);
    ck_assert_uint_eq(failures(FAIL_CLIENT_MEMORY), 2); /* one could not go on, one not begin */
}
END_TEST

START_TEST(a_burst_releases_all_who_are_ready_at_once)
{
    struct sample s;
    struct gauge *g = w->engine.gauge;
    struct user_class *c = with_log_in();
    world_task(c, 1, STEPS(REQUEST(world_request(w, "/b")), REQUEST(world_request(w, "/c"))));
    c->sequence = true;
    refusals = 1;
    world_begin(w);
    worker_users_set_barrier(&w->users, true, w->now_ns);
    world_users(w, 100);
    world_run(w, S / 2);
    ck_assert_uint_eq(gauge32(&g->ready), 99); /* one log-in failed */
    w->users.release_ns = w->now_ns;
    unsigned before = w->n_calls;
    worker_users_release(&w->users, 1);
    ck_assert_uint_eq(w->n_calls, before + 99);
    ck_assert_uint_eq(gauge32(&g->ready), 0);
    ck_assert_uint_eq(gauge32(&g->burst), 1);
    ck_assert_uint_eq(atomic_load(&g->released), 99);
    world_run(w, 10 * S); /* one task each, no more */
    ck_assert_uint_eq(gauge32(&g->ready), 100);
    ck_assert_uint_eq(atomic_load(&g->burst_done), 99);
    before = w->n_calls;
    worker_users_release(&w->users, 2);
    world_run(w, 10 * S);
    ck_assert_uint_eq(w->n_calls, before + 99 * 2 + 1);
    unsigned of[3] = {0};
    while (world_sample(w, &s))
        of[s.burst]++;
    ck_assert_uint_eq(of[1], 99);
    ck_assert_uint_eq(of[2], 199);
    worker_users_set_barrier(&w->users, false, w->now_ns);
    world_run(w, S);
    ck_assert_uint_eq(gauge32(&g->ready), 0);
    ck_assert_uint_gt(w->n_calls, before + 400);
}
END_TEST

START_TEST(who_ends_in_a_burst_has_done_its_task)
{
    struct gauge *g = w->engine.gauge;
    simple("c", "/a");
    world_begin(w);
    worker_users_set_barrier(&w->users, true, w->now_ns);
    world_users(w, 10);
    ck_assert_uint_eq(gauge32(&g->ready), 10);
    worker_users_release(&w->users, 1);
    world_users(w, 4);
    world_run(w, S);
    ck_assert_uint_eq(atomic_load(&g->burst_done), 10);
    ck_assert_uint_eq(gauge32(&g->ready), 4);
    world_users(w, 0);
    ck_assert_uint_eq(gauge32(&g->ready), 0);
}
END_TEST

START_TEST(a_burst_that_a_stop_has_delayed_is_due_afterwards)
{
    struct sample s;
    simple("c", "/a");
    world_begin(w);
    worker_users_set_barrier(&w->users, true, w->now_ns);
    world_users(w, 3);
    w->users.release_ns = w->now_ns + MS;
    w->now_ns += 3600 * S; /* stopped */
    world_users(w, 3);
    worker_users_rebase(&w->users, w->now_ns);
    worker_users_release(&w->users, 1);
    world_run(w, S);
    ck_assert(world_sample(w, &s));
    ck_assert_uint_eq(s.burst, 1);
    ck_assert_uint_eq(s.due_ns, s.sent_ns);
}
END_TEST

START_TEST(what_was_in_flight_at_a_stop_is_not_timed)
{
    struct sample s;
    simple("c", "/a")->wait = constant(S);
    world_begin(w);
    world_users(w, 3);
    worker_users_rebase(&w->users, w->now_ns);
    world_run(w, S / 2);
    ck_assert(!world_sample(w, &s));
    ck_assert_uint_eq(atomic_load(&w->engine.gauge->aborted), 3);
}
END_TEST

/* --------------------------------------------------------------------- the end */

static uint64_t gauge64(const _Atomic uint64_t *g)
{
    return atomic_load(g);
}

/* As an order has it. */
static void end_load(void)
{
    w->engine.drain = true;
    w->engine.off_ns = w->now_ns;
    world_users(w, 0);
}

static void expect_sum(void)
{
    const struct gauge *g = w->engine.gauge;
    ck_assert_uint_eq(gauge64(&g->started),
                      gauge64(&g->finished) + gauge64(&g->aborted) + gauge32(&g->in_flight));
}

START_TEST(what_has_no_reply_when_it_is_given_up_is_counted_with_its_age)
{
    const struct gauge *g = w->engine.gauge;
    struct sample s;
    simple("c", "/a");
    w->latency_ns = UINT64_MAX;
    world_begin(w);
    world_users(w, 2);
    world_run(w, S);
    world_users(w, 3);
    world_run(w, 2 * S);
    end_load();
    world_run(w, S);
    expect_sum();
    worker_users_give_up(&w->users, w->now_ns + 60 * S, w->now_ns); /* their time-outs are due before */
    ck_assert_uint_eq(gauge32(&g->users), 3);
    worker_users_give_up(&w->users, w->now_ns + 27 * S - MS, w->now_ns); /* one is not */
    ck_assert_uint_eq(gauge32(&g->users), 2);
    ck_assert_uint_eq(gauge64(&g->given_up), 1);
    ck_assert_uint_eq(gauge64(&g->given_up_ns), 3 * S);
    world_run(w, 26 * S); /* these time out, as they would have */
    ck_assert(world_sample(w, &s));
    ck_assert_uint_eq(s.fail, FAIL_TIMEOUT);
    ck_assert_uint_eq(gauge32(&g->users), 0);
    expect_sum();
}
END_TEST

START_TEST(users_are_busy_beyond_the_end_until_their_last_reply)
{
    const struct gauge *g = w->engine.gauge;
    simple("c", "/a");
    w->latency_ns = 1500 * MS;
    world_begin(w);
    world_users(w, 5);
    world_run(w, 2 * S);
    ck_assert_uint_eq(gauge32(&g->askers), 5);
    ck_assert_uint_eq(gauge64(&g->busy_ns), 0);
    end_load();
    world_run(w, 10 * S);
    ck_assert_uint_eq(gauge64(&g->busy_ns), 5 * S);
    ck_assert_uint_eq(gauge64(&g->finished), 10);
    ck_assert_uint_eq(gauge32(&g->askers), 0);
}
END_TEST

START_TEST(a_stop_of_the_program_is_not_being_busy)
{
    const struct gauge *g = w->engine.gauge;
    simple("c", "/a");
    w->latency_ns = S;
    world_begin(w);
    world_users(w, 3);
    world_run(w, S / 2);
    w->engine.hold = true; /* as before a stop */
    w->engine.off_ns = w->now_ns;
    worker_users_rebase(&w->users, w->now_ns);
    w->now_ns += 3600 * S; /* replies are read before anybody tells of it */
    world_run(w, S);
    ck_assert_uint_eq(gauge64(&g->aborted), 3);
    ck_assert_uint_eq(gauge64(&g->busy_ns), 0);
}
END_TEST

START_TEST(on_stop_is_busy_too_and_told_of_when_it_is_cut_short)
{
    const struct gauge *g = w->engine.gauge;
    struct user_class *c = simple("c", "/a");
    world_steps(&c->on_stop, STEPS(REQUEST(world_request(w, "/bye"))));
    w->latency_ns = S;
    world_begin(w);
    world_users(w, 2);
    world_run(w, S / 2);
    end_load();
    world_run(w, S);
    ck_assert_uint_eq(gauge64(&g->busy_ns), S);   /* half a second each */
    ck_assert_uint_eq(gauge32(&g->in_flight), 2); /* log-outs */
    w->latency_ns = UINT64_MAX;
    worker_users_give_up(&w->users, 0, w->now_ns);
    ck_assert_uint_eq(gauge32(&g->cut_short), 2);
    ck_assert_uint_eq(gauge64(&g->given_up), 2);
    ck_assert_uint_eq(gauge32(&g->users), 0);
    expect_sum();
}
END_TEST

START_TEST(the_last_ticket_ends_the_load)
{
    const struct gauge *g = w->engine.gauge;
    simple("c", "/a");
    w->budget.limited = true;
    w->budget.left = 6;
    w->latency_ns = 1500 * MS;
    world_begin(w);
    world_users(w, 5);
    world_run(w, S);
    ck_assert_uint_eq(engine_off_ns(&w->engine), 0);
    world_run(w, 10 * S);
    ck_assert_uint_eq(engine_off_ns(&w->engine), w->start_ns + 1500 * MS);
    ck_assert_uint_eq(gauge64(&g->busy_ns), 1500 * MS); /* the sixth; the others waited */
    ck_assert_uint_eq(gauge32(&g->askers), 5);
}
END_TEST

START_TEST(whoever_had_no_ticket_made_no_load)
{
    simple("c", "/a");
    w->budget.limited = true;
    w->budget.left = 1;
    world_begin(w);
    world_users(w, 5);
    world_run(w, S);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->users), 5);
    ck_assert_uint_eq(gauge32(&w->engine.gauge->askers), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("user");
    TCase *tc = tcase_create("user");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, steps_are_gone_through_as_they_are_written);
    tcase_add_test(tc, loops_without_requests_do_not_hold_up_the_others);
    tcase_add_test(tc, a_task_that_sends_nothing_does_not_spin);
    tcase_add_test(tc, thinking_takes_time_inside_a_task);
    tcase_add_test(tc, requests_side_by_side_go_on_when_all_are_done);
    tcase_add_test(tc, a_dead_target_is_asked_less_and_less);
    tcase_add_test(tc, a_request_without_an_answer_times_out);
    tcase_add_test(tc, many_users_start_and_end_a_part_at_a_time);
    tcase_add_test(tc, each_is_timed_from_when_it_is_sent_however_many_are_due);
    tcase_add_test(tc, a_reply_is_there_with_its_own_event_and_not_with_anothers);
    tcase_add_test(tc, waits_are_as_long_as_they_are_meant_to_be);
    tcase_add_test(tc, paced_tasks_start_every_so_often_and_catch_nothing_up);
    tcase_add_test(tc, a_task_may_have_a_wait_of_its_own);
    tcase_add_test(tc, tasks_are_drawn_by_weight);
    tcase_add_test(tc, tasks_run_only_after_a_whole_on_start);
    tcase_add_test(tc, on_stop_runs_once_when_a_user_ends_in_order);
    tcase_add_test(tc, a_user_that_is_wanted_again_after_log_out_is_another_one);
    tcase_add_test(tc, who_is_to_end_does_not_come_in_again);
    tcase_add_test(tc, a_stop_in_on_stop_does_not_decide_who_left_by_itself);
    tcase_add_test(tc, who_never_came_through_on_start_has_nothing_to_stop);
    tcase_add_test(tc, who_ends_with_the_last_reply_of_on_start_came_through_it);
    tcase_add_test(tc, a_step_restarts_the_user);
    tcase_add_test(tc, a_target_that_turns_all_away_is_not_stormed_with_log_ins);
    tcase_add_test(tc, a_class_restarts_who_is_turned_away);
    tcase_add_test(tc, a_status_that_is_wanted_restarts_nobody);
    tcase_add_test(tc, who_restarts_keeps_its_row_and_what_it_drew_unless_a_reply_replaced_it);
    tcase_add_test(tc, who_restarts_in_a_burst_has_rested_and_is_ready_again);
    tcase_add_test(tc, a_place_left_by_its_user_stays_empty_until_the_program_changes);
    tcase_add_test(tc, a_place_that_is_being_left_is_filled_when_the_program_changes);
    tcase_add_test(tc, captures_become_values_and_a_failed_one_has_none);
    tcase_add_test(tc, what_a_user_captured_in_secret_is_in_no_note);
    tcase_add_test(tc, a_secret_that_was_forgotten_is_still_one);
    tcase_add_test(tc, a_secret_of_a_feeder_is_in_no_note);
    tcase_add_test(tc, who_can_send_nothing_does_not_spin);
    tcase_add_test(tc, a_failed_check_fails_the_request_under_its_name);
    tcase_add_test(tc, the_line_end_of_a_reply_is_not_in_its_note);
    tcase_add_test(tc, rows_are_taken_for_each_run_and_users_end_with_them);
    tcase_add_test(tc, on_start_and_on_stop_have_one_row_for_a_life);
    tcase_add_test(tc, a_unique_row_is_a_users_own);
    tcase_add_loop_test(tc, a_feeder_that_runs_out_is_told_of_once, 0,
                        (int)(sizeof run_out / sizeof *run_out));
    tcase_add_test(tc, unique_rows_are_for_those_who_use_them);
    tcase_add_test(tc, unique_rows_stay_apart_when_the_mix_changes);
    tcase_add_test(tc, who_draws_from_a_feeder_without_rows_ends);
    tcase_add_test(tc, a_seed_repeats_all_choices_whatever_the_number_of_workers);
    tcase_add_test(tc, what_fails_is_tried_again_with_growing_pauses);
    tcase_add_test(tc, retry_after_counts_when_it_is_asked_for);
    tcase_add_test(tc, nobody_waits_for_an_attempt_of_a_user_that_ends);
    tcase_add_test(tc, a_log_in_that_is_given_up_has_failed_for_who_stays_after_all);
    tcase_add_test(tc, an_attempt_that_is_held_waits);
    tcase_add_test(tc, an_attempt_that_a_stop_has_delayed_is_due_afterwards);
    tcase_add_test(tc, held_inside_a_task_a_user_goes_on_with_its_next_step);
    tcase_add_test(tc, no_request_is_sent_without_a_ticket);
    tcase_add_test(tc, a_mix_makes_new_users_only_of_those_whose_class_changes);
    tcase_add_test(tc, a_profile_that_comes_back_has_new_visitors);
    tcase_add_test(tc, without_memory_for_a_connection_a_user_ends_and_the_others_go_on);
    tcase_add_test(tc, a_burst_releases_all_who_are_ready_at_once);
    tcase_add_test(tc, who_ends_in_a_burst_has_done_its_task);
    tcase_add_test(tc, a_burst_that_a_stop_has_delayed_is_due_afterwards);
    tcase_add_test(tc, what_was_in_flight_at_a_stop_is_not_timed);
    tcase_add_test(tc, what_has_no_reply_when_it_is_given_up_is_counted_with_its_age);
    tcase_add_test(tc, users_are_busy_beyond_the_end_until_their_last_reply);
    tcase_add_test(tc, a_stop_of_the_program_is_not_being_busy);
    tcase_add_test(tc, on_stop_is_busy_too_and_told_of_when_it_is_cut_short);
    tcase_add_test(tc, the_last_ticket_ends_the_load);
    tcase_add_test(tc, whoever_had_no_ticket_made_no_load);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
