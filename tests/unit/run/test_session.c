/* SPDX-License-Identifier: MIT */
/* The engine from its front door, against the real demo target in a process of its
 * own.  Every wait is for a condition, with a deadline. */
#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "src/base/now.h"
#include "src/demo/demo.h"
#include "src/load/machine.h"
#include "src/load/resolver.h"
#include "src/load/transports.h"
#include "src/profile/read.h"
#include "src/run/session_inner.h"
#include "src/stats/aggregate.h"
#include "src/stats/snapshot_make.h"
#include "tests/unit/run/fakes.h"
#include "tests/unit/stats/snap_same.h"
#include "tests/unit/unit.h"

#define DEADLINE_NS (20 * NS_PER_S)

static struct demo_child demo;
static char truth[] = "/tmp/ramptop-session-XXXXXX";
static struct profile_overrides overrides;
static char host[64];
static struct snapshot snap;

static void start_demo(double service_ms)
{
    struct err e = {{0}};
    struct demo_config cfg = demo_defaults();
    cfg.service_ms = service_ms;
    cfg.servers = 1000;
    cfg.queue = 100000;
    strcpy(truth + sizeof truth - 7, "XXXXXX");
    close(mkstemp(truth));
    cfg.truth = truth;
    ck_assert_msg(demo_spawn(&cfg, &demo, &e), "%s", e.text);
    snprintf(host, sizeof host, "http://127.0.0.1:%u", demo.port);
    overrides = (struct profile_overrides){.host = host};
    ck_assert(transports_init(&e));
    machine_raise_files();
}

static void set_up(void)
{
    start_demo(5);
}

static void tear_down(void)
{
    demo_end(&demo);
    unlink(truth);
    transports_finish();
}

/* How many requests the target itself has answered in full. */
static unsigned truth_lines(const char *path)
{
    char line[256], what[64];
    unsigned n = 0;
    FILE *f = fopen(truth, "r");
    ck_assert_ptr_nonnull(f);
    while (fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "%*s %*s %*s %63s", what) == 1 && strcmp(what, path) == 0)
            n++;
    fclose(f);
    return n;
}

static struct session *open_session(const char *what, struct session_config *cfg)
{
    struct problems problems = {0};
    struct err e = {{0}};
    struct profile *p = strchr(what, '{') != NULL || strchr(what, ';') != NULL
                            ? profile_parse("test.cfg", what, strlen(what), &overrides, &problems)
                            : profile_from_url(what, &overrides, &problems);
    ck_assert_msg(p != NULL, "%s", problems.n > 0 ? problems.lines[0] : "?");
    cfg->profile = p;
    cfg->overrides = overrides;
    cfg->seed = 1;
    struct session *s = session_open(cfg, &e);
    ck_assert_msg(s != NULL, "%s", e.text);
    profile_unref(p);
    return s;
}

#define WAIT_FOR(s, condition)                                                                     \
    do {                                                                                           \
        uint64_t until_ = now_ns() + DEADLINE_NS;                                                  \
        const struct timespec pause_ = {.tv_nsec = 3000000};                                       \
        for (;;) {                                                                                 \
            session_snapshot((s), &snap);                                                          \
            if (condition)                                                                         \
                break;                                                                             \
            ck_assert_msg(now_ns() < until_,                                                       \
                          "never came: " #condition " (users %u wanted %u started %lu "            \
                          "finished %lu failures %lu state %d)",                                   \
                          snap.users, snap.run.users_wanted, (unsigned long)snap.started,          \
                          (unsigned long)snap.finished, (unsigned long)snap.failures,              \
                          (int)snap.run.state);                                                    \
            nanosleep(&pause_, NULL);                                                              \
        }                                                                                          \
    } while (0)

static bool send_text(struct session *s, enum command_kind kind, const char *text)
{
    struct command c = {.kind = kind};
    snprintf(c.text, sizeof c.text, "%s", text);
    return session_send(s, &c, NULL, NULL);
}

static bool send_n(struct session *s, enum command_kind kind, int64_t n)
{
    struct command c = {.kind = kind, .n = n};
    return session_send(s, &c, NULL, NULL);
}

START_TEST(users_follow_the_keys_and_every_request_is_counted)
{
    struct session_config cfg = {.users_set = true, .users = 3, .workers = 2};
    struct session *s = open_session(host, &cfg);
    WAIT_FOR(s, snap.users == 3 && snap.run.state == SNAP_RUNNING && snap.finished > 20);
    ck_assert(send_n(s, COMMAND_USERS_ADD, 5));
    ck_assert(send_n(s, COMMAND_USERS_ADD, 15));
    WAIT_FOR(s, snap.users == 23 && snap.n_points > 0);
    ck_assert_uint_eq(snap.n_marks, 1); /* one turn of the knob */
    ck_assert_str_eq(snap.marks[0].text, "users 3 to 23");
    ck_assert_int_eq(snap.run.driver, SNAP_DRIVER_MANUAL);
    ck_assert(send_n(s, COMMAND_USERS_SET, 5));
    WAIT_FOR(s, snap.users == 5);
    ck_assert_uint_eq(snap.users_peak, 23);
    ck_assert(send_n(s, COMMAND_UNDO, 0));
    WAIT_FOR(s, snap.users == 23);
    session_close(s, 5 * NS_PER_S, &snap);
    ck_assert_uint_eq(snap.failures, 0);
    ck_assert_uint_eq(snap.aborted, 0);
    ck_assert_uint_eq(snap.started, snap.finished);
    ck_assert_uint_eq(snap.health.ring_lost, 0);
    ck_assert_uint_eq(snap.total.count, snap.finished);
    demo_end(&demo); /* the truth is written to the end */
    ck_assert_uint_eq(truth_lines("/"), snap.finished);
}
END_TEST

/* The collector publishes ten times a second; nobody has to wait for it to go on from
 * what a command has set. */
START_TEST(a_command_is_in_the_next_snapshot)
{
    static const char text[] =
        "user_classes = ( { name = \"u\"; tasks = ( { request = \"GET /fast\"; } ); } );"
        "levels = { low = { users = 3; }; high = { users = 6; }; };";
    struct session_config cfg = {.level = "low"};
    struct session *s = open_session(text, &cfg);

    for (int64_t users = 4; users < 8; users++) {
        ck_assert(send_n(s, COMMAND_USERS_SET, users));
        session_snapshot(s, &snap);
        ck_assert_uint_eq(snap.run.users_wanted, users);
        ck_assert_int_eq(snap.run.driver, SNAP_DRIVER_MANUAL);
    }
    ck_assert_str_eq(snap.run.undo_text, "users 6");
    ck_assert(send_n(s, COMMAND_UNDO, 0));
    session_snapshot(s, &snap);
    ck_assert_uint_eq(snap.run.users_wanted, 6);
    ck_assert_str_eq(snap.run.undo_text, "users 5");
    for (int i = 0; i < 4; i++) {
        ck_assert(send_n(s, COMMAND_HOLD, -1));
        session_snapshot(s, &snap);
        ck_assert((snap.run.state == SNAP_HELD) == (i % 2 == 0));
    }
    ck_assert(send_n(s, COMMAND_WINDOW, SNAP_60S));
    ck_assert(send_text(s, COMMAND_LEVEL, "high"));
    session_snapshot(s, &snap);
    ck_assert_int_eq(snap.run.window, SNAP_60S);
    ck_assert_str_eq(snap.run.level, "high");
    ck_assert_int_eq(snap.run.driver, SNAP_DRIVER_LEVEL);
    ck_assert(send_n(s, COMMAND_STOP, 0));
    session_snapshot(s, &snap);
    ck_assert_uint_eq(snap.run.users_wanted, 0);
    WAIT_FOR(s, snap.run.state == SNAP_DONE);
    ck_assert(send_n(s, COMMAND_USERS_SET, 2));
    session_snapshot(s, &snap);
    ck_assert_int_ne(snap.run.state, SNAP_DONE);
    session_close(s, 5 * NS_PER_S, NULL);
}
END_TEST

START_TEST(exactly_n_requests_are_made_by_many_users)
{
    struct session_config cfg = {
        .users_set = true, .users = 50, .workers = 4, .request_budget = 777};
    struct session *s = open_session(host, &cfg);
    WAIT_FOR(s, snap.run.state == SNAP_DONE);
    ck_assert_str_eq(snap.run.end_reason, "all 777 requests are done");
    ck_assert(!send_n(s, COMMAND_USERS_SET, 3));
    session_close(s, 0, &snap);
    ck_assert_uint_eq(snap.finished, 777);
    ck_assert_double_eq(snap.elapsed_s, snap.last_done_s); /* rates are not diluted */
    demo_end(&demo);
    ck_assert_uint_eq(truth_lines("/"), 777);
}
END_TEST

START_TEST(held_load_sends_nothing_and_goes_on)
{
    struct session_config cfg = {.users_set = true, .users = 10, .workers = 2};
    struct session *s = open_session(host, &cfg);
    WAIT_FOR(s, snap.users == 10 && snap.finished > 50);
    ck_assert(send_n(s, COMMAND_HOLD, 1));
    WAIT_FOR(s, snap.run.state == SNAP_HELD && snap.in_flight == 0);
    uint64_t seq = snap.seq, started = snap.started;
    WAIT_FOR(s, snap.seq >= seq + 5);
    ck_assert_uint_eq(snap.started, started);
    ck_assert_uint_eq(snap.users, 10);
    ck_assert(send_n(s, COMMAND_HOLD, -1));
    WAIT_FOR(s, snap.started > started + 50);
    session_close(s, 5 * NS_PER_S, NULL);
}
END_TEST

/* A profile for one URL with levels made by hand. */
static struct session *open_levels(struct level *levels, size_t n, struct session_config *cfg)
{
    struct problems problems = {0};
    struct err e = {{0}};
    struct profile *p = profile_from_url(host, &overrides, &problems);
    ck_assert_ptr_nonnull(p);
    p->classes[0].wait = (struct wait){WAIT_CONSTANT, 10 * NS_PER_MS, 10 * NS_PER_MS};
    p->levels = calloc(n, sizeof *levels);
    memcpy(p->levels, levels, n * sizeof *levels);
    p->n_levels = n;
    cfg->profile = p;
    cfg->overrides = overrides;
    cfg->workers = 2;
    cfg->seed = 1;
    struct session *s = session_open(cfg, &e);
    ck_assert_msg(s != NULL, "%s", e.text);
    profile_unref(p);
    return s;
}

static unsigned marks_with(const char *text)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < snap.n_marks; i++)
        n += strstr(snap.marks[i].text, text) != NULL;
    return n;
}

/* The picker holds on to them while the profile may go. */
START_TEST(levels_are_told_without_what_belongs_to_the_profile)
{
    static const char text[] =
        "user_classes = ( { name = \"u\"; tasks = ( { request = \"GET /\"; } ); } );"
        "levels = { a = { stages = ( { users = 3; hold = 60.0; } ); classes = [\"u\"]; };"
        "           b = { burst = 4; p95 = 1.0; }; };";
    struct level levels[2];
    char names[2][SNAP_NAME];
    struct session_config cfg = {.level = "a"};
    struct session *s = open_session(text, &cfg);
    ck_assert_uint_eq(session_levels(s, levels, 2, names), 2);
    session_close(s, 0, NULL);
    ck_assert_str_eq(levels[0].name, "a");
    ck_assert_uint_eq(levels[0].n_stages, 1);
    ck_assert_ptr_null(levels[0].stages);
    ck_assert_ptr_null(levels[0].mix);
    ck_assert_uint_eq(levels[1].users, 4);
    ck_assert_ptr_null(levels[1].goal.name);
}
END_TEST

START_TEST(stages_follow_one_another_and_end)
{
    struct stage *stages = calloc(3, sizeof *stages);
    stages[0] = (struct stage){.users = 20, .over_ns = NS_PER_S / 2, .hold_ns = NS_PER_S / 4};
    stages[1] = (struct stage){.users = 4, .over_ns = NS_PER_S / 4, .hold_ns = NS_PER_S / 4};
    stages[2] = (struct stage){.users = 30, .hold_ns = NS_PER_S / 2};
    struct level level = {.name = strdup("up and down"),
                          .kind = LEVEL_STAGES,
                          .users = 30,
                          .stages = stages,
                          .n_stages = 3,
                          .run_time_ns = 1750 * NS_PER_MS};
    struct session_config cfg = {.level = "up and down"};
    struct session *s = open_levels(&level, 1, &cfg);
    WAIT_FOR(s, snap.run.part == 1 && snap.users == 20 && snap.run.state == SNAP_RUNNING);
    ck_assert_int_eq(snap.run.parts, SNAP_PARTS_STAGES);
    ck_assert_uint_eq(snap.run.n_parts, 3);
    WAIT_FOR(s, snap.run.part == 2 && snap.users == 4);
    ck_assert_uint_eq(snap.run.users_wanted, 4);
    struct command faster = {.kind = COMMAND_SPAWN_RATE, .rate = 5};
    ck_assert(!session_send(s, &faster, NULL, NULL));
    WAIT_FOR(s, snap.users == 30);
    WAIT_FOR(s, snap.run.state == SNAP_DONE);
    ck_assert_str_eq(snap.run.end_reason, "the last stage is over");
    ck_assert_uint_eq(marks_with("stage 2 of 3: 4 users"), 1);
    ck_assert_uint_eq(marks_with("stage"), 4); /* and the end */
    session_close(s, 0, &snap);
    ck_assert_uint_eq(snap.users_peak, 30);
    ck_assert_uint_eq(snap.failures, 0);
}
END_TEST

START_TEST(keys_take_over_from_stages_and_the_plan_comes_back)
{
    struct stage *stages = calloc(2, sizeof *stages);
    stages[0] = (struct stage){.users = 5, .hold_ns = NS_PER_S / 2};
    stages[1] = (struct stage){.users = 8, .hold_ns = UINT64_MAX};
    struct level level = {
        .name = strdup("l"), .kind = LEVEL_STAGES, .users = 8, .stages = stages, .n_stages = 2};
    struct session_config cfg = {.level = "l"};
    struct session *s = open_levels(&level, 1, &cfg);
    WAIT_FOR(s, snap.users == 5);
    ck_assert(send_n(s, COMMAND_USERS_SET, 3));
    WAIT_FOR(s, snap.users == 3);
    double at = snap.elapsed_s;
    WAIT_FOR(s, snap.elapsed_s > at + 0.7);
    ck_assert_uint_eq(snap.users, 3);
    ck_assert_int_eq(snap.run.parts, SNAP_PARTS_NONE);
    ck_assert(send_n(s, COMMAND_RESUME_PLAN, 0));
    WAIT_FOR(s, snap.users == 5);
    WAIT_FOR(s, snap.users == 8);
    session_close(s, 5 * NS_PER_S, NULL);
}
END_TEST

START_TEST(bursts_release_everybody_and_are_judged)
{
    struct level level = {.name = strdup("b"),
                          .kind = LEVEL_BURST,
                          .users = 40,
                          .spawn_rate = 1000,
                          .repeat = 3,
                          .every_ns = NS_PER_S / 2};
    level.goal.bounds[GOAL_P95] = (struct bound){true, 10e6, 20e6};
    level.goal.bounds[GOAL_SUCCESS] = (struct bound){true, 1, 1};
    struct session_config cfg = {.level = "b"};
    struct session *s = open_levels(&level, 1, &cfg);
    WAIT_FOR(s, snap.run.part == 1);
    ck_assert_int_eq(snap.run.parts, SNAP_PARTS_BURSTS);
    WAIT_FOR(s, snap.run.state == SNAP_DONE);
    ck_assert_str_eq(snap.run.end_reason, "the last burst is done");
    session_close(s, 0, &snap);
    ck_assert_uint_eq(snap.finished, 120); /* one task each, no more */
    ck_assert_uint_eq(snap.n_bursts, 3);
    for (uint32_t i = 0; i < 3; i++) {
        const struct snap_burst *b = &snap.bursts[i];
        ck_assert_uint_eq(b->number, i + 1);
        ck_assert_uint_eq(b->users, 40);
        ck_assert_uint_eq(b->requests, 40); /* to the last sample */
        ck_assert_uint_ge(b->latency.p50_us, 5000);
        ck_assert_str_eq(b->verdict, "ok");
        if (i > 0)
            ck_assert_double_ge(b->at_s - snap.bursts[i - 1].at_s, 0.4999);
    }
    ck_assert_uint_eq(marks_with("burst 3 of 3: 40 users"), 1);
}
END_TEST

/* From one burst level to another, whose users are others: those that are ready now do not
 * count, though there are as many as the next burst is to have. */
START_TEST(a_burst_waits_for_the_users_of_its_own_level)
{
    static const char text[] =
        "user_classes = ( { name = \"a\"; tasks = ( { request = \"GET /fast\"; } ); },\n"
        "                 { name = \"b\"; on_start = ( { request = \"GET /slow\"; } );\n"
        "                   tasks = ( { request = \"POST /write\"; body = \"x\"; } ); } );\n"
        "levels = { one = { burst = 20; repeat = 9; every = 100.0; classes = [\"a\"]; };\n"
        "           two = { burst = 20; repeat = 9; every = 100.0; classes = [\"b\"]; }; };\n";
    struct session_config cfg = {.level = "one", .workers = 2};
    struct session *s = open_session(text, &cfg);
    WAIT_FOR(s, snap.n_bursts == 1 && snap.run.waiting == 20);
    ck_assert(send_text(s, COMMAND_LEVEL, "two"));
    WAIT_FOR(s, snap.n_bursts == 2);
    ck_assert_uint_eq(snap.bursts[1].users, 20);
    ck_assert_uint_eq(snap.bursts[1].requests, 20);
    session_close(s, 0, NULL);
}
END_TEST

START_TEST(a_run_whose_users_have_all_ended_is_over)
{
    struct level level = {.name = strdup("l"), .users = 10, .spawn_rate = 100};
    struct session_config cfg = {.level = "l"};
    struct problems problems = {0};
    struct profile *p = profile_from_url(host, &overrides, &problems);
    struct steps *steps = &p->classes[0].tasks[0].steps;
    steps->items = realloc(steps->items, 2 * sizeof *steps->items);
    steps->items[1] = (struct step){.kind = STEP_STOP};
    steps->n = 2;
    p->levels = calloc(1, sizeof level);
    p->levels[0] = level;
    p->n_levels = 1;
    cfg.profile = p;
    cfg.workers = 2;
    struct session *s = session_open(&cfg, NULL);
    profile_unref(p);
    WAIT_FOR(s, snap.run.state == SNAP_DONE);
    ck_assert_str_eq(snap.run.end_reason, "all users have ended");
    session_close(s, 0, &snap);
    ck_assert_uint_eq(snap.finished, 10);
}
END_TEST

static const char two_levels[] =
    "target = \"http://overridden\";\n"
    "user_classes = (\n"
    "  { name = \"a\"; weight = 3; wait = { constant = 0.01; };\n"
    "    tasks = ( { name = \"t\"; request = \"GET /fast\"; } ); },\n"
    "  { name = \"b\"; weight = 1; wait = { between = [0.005, 0.02]; };\n"
    "    tasks = ( { name = \"w\"; request = \"POST /write\"; body = \"x=1\"; } ); } );\n"
    "levels = { low = { users = 4; spawn_rate = 100.0; };\n"
    "           high = { users = 40; spawn_rate = 200.0; };\n"
    "           short = { users = 8; spawn_rate = 100.0; run_time = \"300ms\"; }; };\n";

START_TEST(levels_and_profiles_switch_on_one_timeline)
{
    struct session_config cfg = {.level = "low", .workers = 2};
    struct session *s = open_session(two_levels, &cfg);
    WAIT_FOR(s, snap.users == 4 && snap.finished > 20);
    ck_assert_str_eq(snap.run.level, "low");
    ck_assert_int_eq(snap.run.driver, SNAP_DRIVER_LEVEL);
    ck_assert(send_text(s, COMMAND_LEVEL, "high"));
    WAIT_FOR(s, snap.users == 40 && strcmp(snap.run.level, "high") == 0);
    ck_assert(!send_text(s, COMMAND_LEVEL, "higher"));

    uint64_t before = snap.finished;
    ck_assert(!send_text(s, COMMAND_PROFILE, "/nonexistent/wrong.cfg"));
    WAIT_FOR(s, snap.finished > before + 100);
    ck_assert_str_eq(snap.run.profile, "test");

    char url[96];
    snprintf(url, sizeof url, "%s/slow", host);
    ck_assert(send_text(s, COMMAND_PROFILE, url));
    WAIT_FOR(s, snap.n_endpoints == 3 && snap.endpoints[2].requests > 10);
    ck_assert_uint_eq(snap.users, 40);
    ck_assert(send_n(s, COMMAND_UNDO, 0));
    WAIT_FOR(s, strcmp(snap.run.profile, "test") == 0);
    before = snap.endpoints[0].requests;
    WAIT_FOR(s, snap.endpoints[0].requests > before + 100);
    ck_assert_uint_ge(snap.n_marks, 3);
    session_close(s, 5 * NS_PER_S, &snap);
    ck_assert_uint_eq(snap.failures, 0);
    ck_assert_uint_eq(snap.aborted, 0);
    demo_end(&demo);
    ck_assert_uint_eq(truth_lines("/fast") + truth_lines("/write") + truth_lines("/slow"),
                      snap.finished);
}
END_TEST

/* How long ago it was opened, as the wall clock has it. */
static double age_s(void)
{
    return now_wall_s() - snap.started_wall_s;
}

START_TEST(a_level_ends_and_another_begins)
{
    struct session_config cfg = {.level = "short", .workers = 1};
    struct session *s = open_session(two_levels, &cfg);
    WAIT_FOR(s, snap.run.state == SNAP_DONE && snap.users == 0);
    ck_assert_str_eq(snap.run.end_reason, "the run time of 0.3 s is over");
    double ended = snap.elapsed_s, told = snap.marks[snap.n_marks - 1].at_s;
    ck_assert_int_eq(snap.marks[snap.n_marks - 1].letter, '.');
    /* What comes after the end and the last request is not divided by. */
    ck_assert_double_le(ended, told > snap.last_done_s ? told : snap.last_done_s);
    session_gap(s, NS_PER_S); /* nor is a stop in that time a part of the run */
    WAIT_FOR(s, age_s() > ended + 2.2);
    ck_assert_double_eq(snap.elapsed_s, ended); /* the end of the run stays in sight */
    ck_assert_double_eq(snap.stopped_s, 0);
    ck_assert_uint_le(snap.n_points, 2);
    ck_assert(send_text(s, COMMAND_LEVEL, "low"));
    WAIT_FOR(s, snap.run.state == SNAP_RUNNING && snap.users == 4 && snap.n_points > 3);
    ck_assert(snap.points[2].gap);
    ck_assert_str_eq(snap.run.end_reason, "");
    ck_assert(send_n(s, COMMAND_USERS_SET, 6));
    WAIT_FOR(s, snap.users == 6 && snap.run.driver == SNAP_DRIVER_MANUAL);
    ck_assert_double_eq(snap.run.run_time_s, 0);
    ck_assert(send_n(s, COMMAND_RESUME_PLAN, 0));
    WAIT_FOR(s, snap.users == 4 && snap.run.driver == SNAP_DRIVER_LEVEL);
    session_close(s, 5 * NS_PER_S, NULL);
}
END_TEST

/* A port that was free a moment ago and that nobody listens on. */
static unsigned closed_port(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    getsockname(fd, (struct sockaddr *)&a, &len);
    close(fd);
    return ntohs(a.sin_port);
}

START_TEST(a_closed_port_is_refused_and_no_storm)
{
    char url[64];
    struct session_config cfg = {.users_set = true, .users = 10, .workers = 1};
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", closed_port());
    overrides.host = NULL;
    struct session *s = open_session(url, &cfg);
    WAIT_FOR(s, snap.failures > 30 && snap.n_fails > 0 && snap.n_points > 0);
    ck_assert_int_eq(snap.fails[0].fail, FAIL_REFUSED);
    ck_assert_str_ne(snap.fails[0].text, "");
    session_close(s, NS_PER_S, &snap);
    ck_assert_uint_eq(snap.failures, snap.finished);
    /* ten users that back off to 2 attempts a second */
    ck_assert_double_lt((double)snap.finished, 10 * (10 + 2.2 * snap.elapsed_s));
}
END_TEST

START_TEST(stalled_requests_are_aborted_and_accounted_for)
{
    tear_down();
    start_demo(60000);
    struct session_config cfg = {.users_set = true, .users = 20, .workers = 2};
    struct session *s = open_session(host, &cfg);
    WAIT_FOR(s, snap.in_flight == 20 && snap.oldest_s > 0.2);
    session_close(s, 10 * NS_PER_MS, &snap);
    ck_assert_uint_eq(snap.started, 20);
    ck_assert_uint_eq(snap.finished, 0);
    ck_assert_uint_eq(snap.aborted, 20);
}
END_TEST

/* Ends by itself, far before the time-outs. */
START_TEST(a_target_that_hangs_does_not_stretch_the_run)
{
    tear_down();
    start_demo(60000);
    overrides.grace_set = true;
    overrides.grace_ns = 200 * NS_PER_MS;
    struct session_config cfg = {
        .users_set = true, .users = 20, .workers = 2, .run_time_ns = 500 * NS_PER_MS};
    struct session *s = open_session(host, &cfg);
    WAIT_FOR(s, snap.run.state == SNAP_DONE);
    ck_assert_double_eq(snap.run.grace_s, 0.2);
    ck_assert_uint_eq(snap.given_up, 20);
    ck_assert_double_ge(snap.given_up_s, 0.4); /* the first one began with the load */
    ck_assert_uint_eq(snap.started, snap.finished + snap.aborted);
    session_close(s, 0, &snap);
    ck_assert_uint_eq(snap.given_up, 20);
    ck_assert_uint_eq(snap.finished, 0);
}
END_TEST

START_TEST(time_outs_that_are_due_within_the_grace_are_waited_for)
{
    tear_down();
    start_demo(60000);
    overrides.timeout_ns = 700 * NS_PER_MS;
    overrides.grace_set = true;
    overrides.grace_ns = DEADLINE_NS;
    struct session_config cfg = {
        .users_set = true, .users = 6, .workers = 2, .run_time_ns = 500 * NS_PER_MS};
    struct session *s = open_session(host, &cfg);
    WAIT_FOR(s, snap.run.state == SNAP_DONE);
    session_close(s, 0, &snap);
    ck_assert_uint_eq(snap.given_up, 0);
    ck_assert_uint_eq(snap.failures, 6);
    ck_assert_int_eq(snap.fails[0].fail, FAIL_TIMEOUT);
}
END_TEST

START_TEST(while_it_is_held_no_time_passes_for_rates)
{
    struct session_config cfg = {.users_set = true, .users = 3, .workers = 1};
    struct session *s = open_session(host, &cfg);
    WAIT_FOR(s, snap.finished > 20);
    ck_assert(send_n(s, COMMAND_HOLD, 1));
    WAIT_FOR(s, snap.in_flight == 0);
    uint64_t seq = snap.seq;
    WAIT_FOR(s, snap.seq > seq + 2);
    double load_s = snap.load_s, rate_s = snap.rate_s, elapsed_s = snap.elapsed_s;
    WAIT_FOR(s, snap.elapsed_s > elapsed_s + 1);
    ck_assert_double_eq(snap.load_s, load_s);
    ck_assert_double_eq(snap.rate_s, rate_s);
    ck_assert_double_ge(snap.stopped_s, 1);
    ck_assert(send_n(s, COMMAND_HOLD, 0));
    WAIT_FOR(s, snap.load_s > load_s + 0.3);
    ck_assert_double_eq_tol(snap.elapsed_s, snap.load_s + snap.drain_s + snap.stopped_s, 1e-6);
    session_close(s, NS_PER_S, NULL);
}
END_TEST

/* Over all of the run, however long somebody looks at it afterwards. */
START_TEST(the_rate_of_a_run_that_is_over_stays)
{
    struct session_config cfg = {.users_set = true, .users = 5, .run_time_ns = NS_PER_S};
    struct session *s = open_session(host, &cfg);
    ck_assert(send_n(s, COMMAND_WINDOW, SNAP_ALL));
    WAIT_FOR(s, snap.run.state == SNAP_DONE);
    uint64_t seq = snap.seq;
    WAIT_FOR(s, snap.seq >= seq + 15); /* ten a second at most: the last second is finished */
    double rps = snap.rps;
    ck_assert_uint_eq(snap.total.count, snap.finished);
    ck_assert_double_eq_tol(rps, (double)snap.finished / snap.rate_s, rps / 1000);
    WAIT_FOR(s, snap.seq >= seq + 25);
    ck_assert_double_eq_tol(snap.rps, rps, 1e-9);
    session_close(s, 0, &snap);
    ck_assert_double_eq_tol(snap.rps, rps, 1e-9);
}
END_TEST

START_TEST(a_request_beyond_its_time_is_a_timeout)
{
    tear_down();
    start_demo(60000);
    overrides.timeout_ns = 150 * NS_PER_MS;
    struct session_config cfg = {.users_set = true, .users = 4, .workers = 1};
    struct session *s = open_session(host, &cfg);
    WAIT_FOR(s, snap.failures >= 8 && snap.n_fails > 0 && snap.fails[0].text[0] != '\0');
    ck_assert_int_eq(snap.fails[0].fail, FAIL_TIMEOUT);
    ck_assert_str_eq(snap.fails[0].text, "no reply within 150 ms, waiting for the first byte");
    session_close(s, NS_PER_S, NULL);
}
END_TEST

START_TEST(a_load_that_cannot_fit_is_refused_in_words)
{
    struct err e = {{0}};
    struct command c = {.kind = COMMAND_USERS_SET, .n = 900000};
    struct session_config cfg = {.users_set = true, .users = 1, .workers = 1};
    struct session *s = open_session(host, &cfg);
    ck_assert(!session_send(s, &c, NULL, &e));
    ck_assert_msg(strstr(e.text, "900000 users need") != NULL, "%s", e.text);
    c = (struct command){.kind = COMMAND_USERS_ADD, .n = INT64_MAX};
    ck_assert(!session_send(s, &c, NULL, &e));
    ck_assert_msg(strstr(e.text, "between 0 and 1,000,000") != NULL, "%s", e.text);
    WAIT_FOR(s, snap.seq > 3);
    ck_assert_uint_eq(snap.run.users_wanted, 1);
    session_close(s, NS_PER_S, NULL);
}
END_TEST

START_TEST(the_run_time_outlives_changes_by_hand)
{
    char url[96];
    struct session_config cfg = {
        .users_set = true, .users = 2, .workers = 1, .run_time_ns = 1000 * NS_PER_S};
    struct session *s = open_session(two_levels, &cfg);
    WAIT_FOR(s, snap.users == 2);
    uint64_t seq;
    ck_assert(send_n(s, COMMAND_USERS_ADD, 1));
    ck_assert(send_n(s, COMMAND_UNDO, 0));
    seq = snap.seq;
    WAIT_FOR(s, snap.seq > seq + 2 && snap.users == 2);
    ck_assert_double_eq(snap.run.run_time_s, 1000);
    snprintf(url, sizeof url, "%s/fast", host);
    ck_assert(send_text(s, COMMAND_PROFILE, url));
    WAIT_FOR(s, strcmp(snap.run.profile, "test") != 0);
    ck_assert_double_eq(snap.run.run_time_s, 1000);
    ck_assert(send_n(s, COMMAND_UNDO, 0));
    ck_assert(send_text(s, COMMAND_LEVEL, "low"));
    WAIT_FOR(s, snap.run.run_time_s == 0 && snap.run.driver == SNAP_DRIVER_LEVEL);
    ck_assert(send_n(s, COMMAND_UNDO, 0));
    WAIT_FOR(s, snap.run.run_time_s == 1000 && snap.run.driver == SNAP_DRIVER_MANUAL);
    session_close(s, 5 * NS_PER_S, NULL);
}
END_TEST

/* A hand takes the users, not the time: of a steady level, of stages, of bursts. */
START_TEST(a_touched_level_ends_when_it_said)
{
    struct stage *stages = calloc(2, sizeof *stages);
    stages[0] = (struct stage){.users = 2, .hold_ns = 100 * NS_PER_S};
    stages[1] = (struct stage){.users = 4, .over_ns = 40 * NS_PER_S, .hold_ns = 60 * NS_PER_S};
    struct level levels[] = {
        {.name = strdup("steady"), .users = 3, .spawn_rate = 100, .run_time_ns = 300 * NS_PER_S},
        {.name = strdup("stages"),
         .kind = LEVEL_STAGES,
         .users = 4,
         .stages = stages,
         .n_stages = 2,
         .run_time_ns = 200 * NS_PER_S},
        {.name = strdup("bursts"),
         .kind = LEVEL_BURST,
         .users = 2,
         .spawn_rate = 100,
         .repeat = 5,
         .every_ns = 50 * NS_PER_S}};
    struct session_config cfg = {.level = "steady"};
    struct session *s = open_levels(levels, 3, &cfg);
    WAIT_FOR(s, snap.users == 3);
    double ends = snap.run.ends_s;
    ck_assert_double_gt(ends, 299);
    ck_assert(send_n(s, COMMAND_USERS_ADD, 1));
    ck_assert(send_n(s, COMMAND_USERS_ADD, 1));
    WAIT_FOR(s, snap.users == 5 && snap.run.driver == SNAP_DRIVER_MANUAL);
    ck_assert_double_eq(snap.run.ends_s, ends);
    ck_assert_double_eq(snap.run.run_time_s, 300);
    ck_assert(send_n(s, COMMAND_RESUME_PLAN, 0));
    WAIT_FOR(s, snap.users == 3 && snap.run.driver == SNAP_DRIVER_LEVEL);
    ck_assert_double_eq(snap.run.ends_s, ends);
    ck_assert(send_n(s, COMMAND_UNDO, 0)); /* by hand again, with that end */
    ck_assert(send_n(s, COMMAND_UNDO, 0));
    ck_assert(send_n(s, COMMAND_UNDO, 0)); /* and the level again */
    WAIT_FOR(s, snap.users == 3 && snap.run.driver == SNAP_DRIVER_LEVEL);
    ck_assert_double_eq(snap.run.ends_s, ends);

    ck_assert(send_text(s, COMMAND_LEVEL, "stages"));
    WAIT_FOR(s, snap.users == 2);
    ends = snap.run.ends_s;
    ck_assert(send_n(s, COMMAND_USERS_SET, 6));
    WAIT_FOR(s, snap.users == 6);
    ck_assert_double_eq(snap.run.ends_s, ends);
    ck_assert(send_n(s, COMMAND_RESUME_PLAN, 0)); /* from the first stage on */
    WAIT_FOR(s, snap.run.parts == SNAP_PARTS_STAGES && snap.run.part == 1);
    ck_assert_double_gt(snap.run.ends_s, ends);

    ck_assert(send_text(s, COMMAND_LEVEL, "bursts"));
    WAIT_FOR(s, snap.run.parts == SNAP_PARTS_BURSTS && snap.run.part == 1);
    ck_assert_double_eq(snap.run.ends_s, 0);
    double at = snap.elapsed_s;
    ck_assert(send_n(s, COMMAND_USERS_SET, 4));
    session_snapshot(s, &snap);
    ck_assert_double_gt(snap.run.ends_s, at + 200);
    ck_assert_double_lt(snap.run.ends_s, at + 260);
    ck_assert(send_n(s, COMMAND_UNDO, 0));
    session_snapshot(s, &snap);
    ck_assert_double_eq(snap.run.ends_s, 0);
    session_close(s, 5 * NS_PER_S, NULL);
}
END_TEST

/* And does so. */
START_TEST(a_touched_level_ends)
{
    struct session_config cfg = {.level = "short", .workers = 1};
    struct session *s = open_session(two_levels, &cfg);
    ck_assert(send_n(s, COMMAND_USERS_SET, 3));
    WAIT_FOR(s, snap.run.state == SNAP_DONE);
    ck_assert_str_eq(snap.run.end_reason, "the run time of 0.3 s is over");
    session_close(s, 5 * NS_PER_S, NULL);
}
END_TEST

/* How many come first: the end of a long sentence has no room on a narrow screen. */
START_TEST(a_wrong_profile_says_how_many_mistakes_it_has)
{
    char path[] = "/tmp/ramptop-wrong-XXXXXX.cfg";
    int fd = mkstemps(path, 4);
    FILE *f = fdopen(fd, "w");
    ck_assert_ptr_nonnull(f);
    fputs("target = \"http://127.0.0.1:1\";\ntimeot = 1;\nuser_classes = ( { wieght = 1; } );\n", f);
    fclose(f);
    struct command c = {.kind = COMMAND_PROFILE};
    snprintf(c.text, sizeof c.text, "%s", path);
    struct session_config cfg = {.users_set = true, .users = 1, .workers = 1};
    struct session *s = open_session(two_levels, &cfg);
    struct err e = {{0}};
    ck_assert(!session_send(s, &c, NULL, &e));
    ck_assert_msg(strstr(e.text, " mistakes, all in the log; /tmp/ramptop-wrong-") != NULL, "%s",
                  e.text);
    unlink(path);
    session_close(s, NS_PER_S, NULL);
}
END_TEST

START_TEST(undo_after_the_end_is_no_load_again)
{
    struct session_config cfg = {
        .users_set = true, .users = 3, .workers = 1, .run_time_ns = 300 * NS_PER_MS};
    struct session *s = open_session(two_levels, &cfg);
    WAIT_FOR(s, snap.run.state == SNAP_DONE);
    ck_assert(send_n(s, COMMAND_USERS_ADD, 1));
    WAIT_FOR(s, snap.users == 1);
    ck_assert_str_eq(snap.run.undo_text, "users 0");
    ck_assert(send_n(s, COMMAND_UNDO, 0));
    WAIT_FOR(s, snap.users == 0 && snap.run.users_wanted == 0);
    ck_assert_double_eq(snap.run.run_time_s, 0);
    session_close(s, 5 * NS_PER_S, NULL);
}
END_TEST

START_TEST(undo_brings_a_level_back_with_its_own_run_time)
{
    struct session_config cfg = {.level = "low", .workers = 1};
    struct session *s = open_session(two_levels, &cfg);
    WAIT_FOR(s, snap.users == 4);
    ck_assert_double_eq(snap.run.ends_s, 0);
    ck_assert(send_text(s, COMMAND_LEVEL, "short"));
    session_snapshot(s, &snap);
    ck_assert_double_gt(snap.run.ends_s, snap.run.run_time_s); /* it began later than the run */
    ck_assert(send_n(s, COMMAND_UNDO, 0)); /* `low` has no end */
    WAIT_FOR(s, strcmp(snap.run.level, "low") == 0 && snap.elapsed_s > 1);
    ck_assert_double_eq(snap.run.run_time_s, 0);
    ck_assert_int_eq(snap.run.state, SNAP_RUNNING);
    ck_assert(send_text(s, COMMAND_LEVEL, "short"));
    struct command rate = {.kind = COMMAND_SPAWN_RATE, .rate = 50};
    ck_assert(session_send(s, &rate, NULL, NULL));
    WAIT_FOR(s, snap.run.state == SNAP_DONE);
    ck_assert(send_n(s, COMMAND_UNDO, 0)); /* the same level, after its end: it ends again */
    WAIT_FOR(s, snap.run.state != SNAP_DONE);
    WAIT_FOR(s, snap.run.state == SNAP_DONE);
    session_close(s, 5 * NS_PER_S, NULL);
}
END_TEST

START_TEST(nothing_brings_a_spent_budget_back)
{
    struct session_config cfg = {.users_set = true, .users = 4, .workers = 2, .request_budget = 20};
    struct session *s = open_session(host, &cfg);
    ck_assert(send_n(s, COMMAND_USERS_ADD, 1));
    WAIT_FOR(s, snap.run.state == SNAP_DONE);
    ck_assert(!send_n(s, COMMAND_UNDO, 0));
    session_close(s, 0, &snap);
    ck_assert_uint_eq(snap.finished, 20);
    ck_assert_uint_eq(snap.run.state, SNAP_DONE);
}
END_TEST

/* The stop itself is left out: only that nothing happens between the two calls. */
START_TEST(a_stop_holds_the_ramp_and_the_run_time)
{
    struct session_config cfg = {.users_set = true,
                                 .users = 1000,
                                 .spawn_rate = 20,
                                 .workers = 2,
                                 .run_time_ns = 1500 * NS_PER_MS};
    struct session *s = open_session(two_levels, &cfg);
    WAIT_FOR(s, snap.users >= 5);
    session_suspend(s);
    uint64_t from = now_ns(), seq = snap.seq;
    WAIT_FOR(s, snap.in_flight == 0 && snap.seq > seq + 5); /* the workers have been told */
    uint64_t started = snap.started;
    seq = snap.seq;
    uint32_t users = snap.users;
    WAIT_FOR(s, now_ns() - from > 2 * NS_PER_S && snap.seq > seq + 5);
    ck_assert_uint_eq(snap.users, users);
    ck_assert_uint_eq(snap.started, started);
    ck_assert_int_ne(snap.run.state, SNAP_DONE);
    session_gap(s, now_ns() - from);
    WAIT_FOR(s, snap.users > users);
    WAIT_FOR(s, snap.run.state == SNAP_DONE);
    ck_assert_uint_le(snap.users_peak, 40); /* 30 in 1.5 s; 70 and more with the stop */
    session_close(s, 0, &snap);
    ck_assert_uint_eq(snap.started, snap.finished + snap.aborted);
}
END_TEST

START_TEST(a_new_target_does_not_keep_the_connections_to_the_old)
{
    char url[64];
    struct session_config cfg = {.users_set = true, .users = 40, .workers = 1};
    struct session *s = open_session(host, &cfg);
    WAIT_FOR(s, snap.users == 40 && snap.connections == 40 && snap.finished > 200);
    uint64_t files = machine_open_files();
    snprintf(url, sizeof url, "http://localhost:%u/fast", demo.port);
    ck_assert(send_text(s, COMMAND_PROFILE, url));
    WAIT_FOR(s, snap.endpoints[1].requests > 2000);
    WAIT_FOR(s, machine_open_files() < files + 10);
    ck_assert(send_n(s, COMMAND_UNDO, 0));
    uint64_t before = snap.endpoints[0].requests;
    WAIT_FOR(s, snap.endpoints[0].requests > before + 1000);
    WAIT_FOR(s, machine_open_files() < files + 10);
    session_close(s, 5 * NS_PER_S, &snap);
    ck_assert_uint_eq(snap.failures, 0);
}
END_TEST

/* The session's own half: what was measured reaches the driver.  The target is slow enough for
 * the first figures to end it. */
START_TEST(a_driver_sees_what_was_measured)
{
    tear_down();
    start_demo(RAMP_P99_US / 1000 + 10);
    struct session_config cfg = {.users_set = true, .workers = 2};
    struct session *s = open_session(host, &cfg);
    pthread_mutex_lock(&s->lock);
    steering_begin(&s->steering, &ramp_driver, (struct driver_start){.slope = 1});
    pthread_mutex_unlock(&s->lock);
    WAIT_FOR(s, snap.run.state == SNAP_DONE);
    ck_assert_str_eq(snap.run.end_reason, RAMP_END);
    ck_assert_uint_ge(snap.users_peak, 10);
    session_close(s, 5 * NS_PER_S, NULL);
}
END_TEST

/* Books the seconds of a session, and keeps the newest that has all users. */
struct listener {
    struct aggregate *aggregate;
    uint32_t users;
    struct second full;
};

static void book_second(const struct second *s, void *arg)
{
    struct listener *l = arg;
    ck_assert(aggregate_add(l->aggregate, s));
    if (s->now.users != l->users)
        return;
    second_finish(&l->full);
    second_copy(&l->full, s);
}

static void assert_same_figures(struct aggregate *a, const struct snapshot *final)
{
    static struct snapshot own;
    static struct snap_name names[SNAP_ENDPOINTS];
    const struct snapshot_parts parts = {
        .aggregate = a, .names = names, .n_names = final->n_endpoints};
    for (unsigned i = 0; i < SNAP_ENDPOINTS; i++) {
        memcpy(names[i].method, final->endpoints[i].method, sizeof names[i].method);
        memcpy(names[i].name, final->endpoints[i].name, sizeof names[i].name);
    }
    snapshot_make(&own, &parts);
    own.elapsed_s = final->elapsed_s; /* until its last request, as the session says */
    own.stopped_s = final->stopped_s;
    const char *differs = snap_difference(final, &own);
    ck_assert_msg(differs == NULL, "%s", differs);
}

START_TEST(who_listens_to_a_session_has_its_figures)
{
    struct listener l = {.aggregate = aggregate_create(SNAP_10S), .users = 5};
    struct session_config cfg = {
        .users_set = true, .users = 5, .workers = 2, .finished = book_second, .finished_arg = &l};
    struct session *s =
        open_session("target = \"http://overridden\"; user_classes = ("
                     "{ name = \"buyer\"; fixed_count = 2; tasks = ({ name = \"buy\"; request = "
                     "\"GET /fast\"; }); },"
                     "{ name = \"reader\"; wait = { constant = 0.01; };"
                     " tasks = ({ name = \"read\"; request = \"GET /slow\"; }); });",
                     &cfg);
    char classes[SECOND_CLASSES][SNAP_NAME];
    ck_assert_uint_eq(collect_class_names(s->collector, classes), 2);
    ck_assert_str_eq(classes[0], "buyer");
    ck_assert_str_eq(classes[1], "reader");
    WAIT_FOR(s, snap.n_points >= 3 && snap.n_endpoints == 2);
    session_close(s, 5 * NS_PER_S, &snap);
    ck_assert_uint_gt(snap.finished, 0);
    assert_same_figures(l.aggregate, &snap);
    ck_assert_uint_eq(l.full.n_classes, 2);
    ck_assert_uint_eq(l.full.class_users[0], 2);
    ck_assert_uint_eq(l.full.class_users[1], 3);
    second_finish(&l.full);
    aggregate_destroy(l.aggregate);
}
END_TEST

START_TEST(a_session_runs_on_any_generator)
{
    struct stage *stages = calloc(2, sizeof *stages);
    stages[0] = (struct stage){.users = 20, .hold_ns = NS_PER_S / 4};
    stages[1] = (struct stage){.users = 4, .hold_ns = NS_PER_S / 4};
    struct level level = {
        .name = strdup("l"), .kind = LEVEL_STAGES, .users = 20, .stages = stages, .n_stages = 2};
    struct session_config cfg = {.level = "l", .generator = &fake_generator};
    fake = (struct fake){.clock = now_ns};
    struct session *s = open_levels(&level, 1, &cfg);
    ck_assert(send_n(s, COMMAND_HOLD, 1));
    ck_assert(send_n(s, COMMAND_HOLD, 0));
    WAIT_FOR(s, snap.run.state == SNAP_DONE);
    ck_assert_str_eq(snap.run.end_reason, "the last stage is over");
    session_close(s, 0, &snap);
    ck_assert(fake.stopped && fake.destroyed);
    const struct generator_order *o = fake.orders;
    ck_assert_uint_eq(o[0].publications, 1);
    ck_assert_ptr_nonnull(o[0].level); /* whose mix it is */
    static const double want[] = {0, 20, 4, 0};
    unsigned n = 0, held = 0;
    for (unsigned i = 0; i < fake.n_orders; i++) {
        ck_assert_uint_eq(o[i].version, i + 1);
        held += o[i].hold;
        n += n + 1 < sizeof want / sizeof *want && o[i].demand.to == want[n + 1];
        ck_assert_double_eq(o[i].demand.to, want[n]);
    }
    ck_assert_uint_eq(n, 3);
    ck_assert_uint_ge(held, 1);
    ck_assert(o[fake.n_orders - 1].drain);
}
END_TEST

static struct generator_state state_when(const struct generator_ops *ops, struct generator *g,
                                         uint32_t version, uint32_t users)
{
    struct generator_state state;
    uint64_t until = now_ns() + DEADLINE_NS;
    const struct timespec pause = {.tv_nsec = 1000000};
    for (ops->state(g, &state); state.version != version || state.users != users;
         ops->state(g, &state)) {
        ck_assert_msg(now_ns() < until, "%s: version %u, %u users", ops->name, state.version,
                      state.users);
        nanosleep(&pause, NULL);
    }
    return state;
}

/* The contract of generator.h. */
START_TEST(every_generator_is_at_the_newest_order)
{
    const struct generator_ops *const all[] = {&generator_local, &fake_generator};
    struct problems problems = {0};
    struct profile *p = profile_from_url(host, &overrides, &problems);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const struct generator_ops *ops = all[i];
        struct generator_config gc = {.workers = 3, .seed = 1, .transport = transports[0]};
        const struct collect_config cc = {.workers = gc.workers};
        fake = (struct fake){.clock = now_ns};
        gc.collector = collect_create(&cc);
        gc.resolver = resolver_create(NULL);
        struct generator *g = ops->create(&gc, NULL);
        state_when(ops, g, 0, 0);
        struct generator_order o = {.version = 1, .profile = p, .publications = 1, .hold = true};
        o.demand = demand_to(DEMAND_USERS, NULL, now_ns(), 7, 1e6);
        ops->order(g, &o);
        state_when(ops, g, 1, 7);
        ops->order(g, &o); /* again: nothing changes */
        state_when(ops, g, 1, 7);
        o.version = 9; /* those in between were overtaken */
        o.demand = demand_to(DEMAND_USERS, &o.demand, now_ns(), 2, 1e6);
        ops->order(g, &o);
        ck_assert_uint_eq(state_when(ops, g, 9, 2).in_flight, 0); /* it is held */
        o.version = 8; /* late: as if it had never come */
        o.demand.to = 20;
        ops->order(g, &o);
        state_when(ops, g, 9, 2);
        ops->stop(g);
        o.version = 10;
        ops->order(g, &o);
        ops->destroy(g);
        collect_destroy(gc.collector);
        resolver_close(gc.resolver);
    }
    profile_unref(p);
}
END_TEST

int main(void)
{
    struct unit_waiting w = {.suite = suite_create("session")};
    TCase *tc = unit_add_case(&w, "load", set_up, tear_down);
    tcase_add_test(tc, users_follow_the_keys_and_every_request_is_counted);
    tcase_add_test(tc, a_command_is_in_the_next_snapshot);
    tcase_add_test(tc, exactly_n_requests_are_made_by_many_users);
    tcase_add_test(tc, held_load_sends_nothing_and_goes_on);
    tcase_add_test(tc, levels_are_told_without_what_belongs_to_the_profile);
    tcase_add_test(tc, stages_follow_one_another_and_end);
    tcase_add_test(tc, keys_take_over_from_stages_and_the_plan_comes_back);
    tcase_add_test(tc, bursts_release_everybody_and_are_judged);
    tcase_add_test(tc, a_burst_waits_for_the_users_of_its_own_level);
    tc = unit_add_case(&w, "ends", set_up, tear_down);
    tcase_add_test(tc, a_run_whose_users_have_all_ended_is_over);
    tcase_add_test(tc, levels_and_profiles_switch_on_one_timeline);
    tcase_add_test(tc, a_level_ends_and_another_begins);
    tcase_add_test(tc, a_closed_port_is_refused_and_no_storm);
    tcase_add_test(tc, stalled_requests_are_aborted_and_accounted_for);
    tcase_add_test(tc, a_target_that_hangs_does_not_stretch_the_run);
    tcase_add_test(tc, time_outs_that_are_due_within_the_grace_are_waited_for);
    tc = unit_add_case(&w, "time", set_up, tear_down);
    tcase_add_test(tc, while_it_is_held_no_time_passes_for_rates);
    tcase_add_test(tc, the_rate_of_a_run_that_is_over_stays);
    tcase_add_test(tc, a_request_beyond_its_time_is_a_timeout);
    tcase_add_test(tc, a_load_that_cannot_fit_is_refused_in_words);
    tcase_add_test(tc, the_run_time_outlives_changes_by_hand);
    tcase_add_test(tc, a_touched_level_ends_when_it_said);
    tcase_add_test(tc, a_touched_level_ends);
    tcase_add_test(tc, a_wrong_profile_says_how_many_mistakes_it_has);
    tc = unit_add_case(&w, "undo", set_up, tear_down);
    tcase_add_test(tc, undo_after_the_end_is_no_load_again);
    tcase_add_test(tc, undo_brings_a_level_back_with_its_own_run_time);
    tcase_add_test(tc, nothing_brings_a_spent_budget_back);
    tcase_add_test(tc, a_stop_holds_the_ramp_and_the_run_time);
    tcase_add_test(tc, a_new_target_does_not_keep_the_connections_to_the_old);
    tcase_add_test(tc, a_driver_sees_what_was_measured);
    tcase_add_test(tc, who_listens_to_a_session_has_its_figures);
    tcase_add_test(tc, a_session_runs_on_any_generator);
    tcase_add_test(tc, every_generator_is_at_the_newest_order);
    return unit_run_waiting(&w);
}
