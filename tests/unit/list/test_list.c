/* SPDX-License-Identifier: MIT */
/* What is in a profile, as text and as JSON: a profile with one of each. */
#include "src/list/list.h"

#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "src/list/grid.h"
#include "tests/unit/unit.h"

#define S UINT64_C(1000000000)
#define COUNT(array) (sizeof(array) / sizeof *(array))

static char *read_tags[] = {(char *)"read", (char *)"fast"};
static struct task pupil_tasks[] = {
    {.name = (char *)"list", .weight = 3, .tags = read_tags, .n_tags = 2},
    {.name = (char *)"Pr\xc3\xbc"
                     "fung",
     .weight = 1,
     .own_wait = true,
     .wait = {WAIT_EXPONENTIAL, 2 * S, 2 * S}}};
static struct request items = {.method = (char *)"GET", .name = (char *)"/api/items"};
static struct step watch[] = {{.kind = STEP_REQUEST, .request = &items}};
static struct task other_tasks[] = {
    {.name = (char *)"watch", .weight = 1, .steps = {.items = watch, .n = 1}}};
static struct user_class classes[] = {{.name = (char *)"Pupil",
                                       .weight = 3,
                                       .wait = {WAIT_BETWEEN, S / 2, 90 * S},
                                       .tasks = pupil_tasks,
                                       .n_tasks = 2,
                                       .total_weight = 4},
                                      {.name = (char *)"Teacher",
                                       .weight = 1,
                                       .wait = {WAIT_PACING, 2 * S, 2 * S},
                                       .sequence = true,
                                       .tasks = other_tasks,
                                       .n_tasks = 1,
                                       .total_weight = 1},
                                      {.name = (char *)"Admin",
                                       .weight = 1,
                                       .fixed_count = 2,
                                       .tasks = other_tasks,
                                       .n_tasks = 1,
                                       .total_weight = 1}};
static struct stage stages[] = {{50, 30 * S, 60 * S}, {200, 0, UINT64_MAX}};
static uint16_t mix_classes[] = {0, 1, 0, 0, 1, 0, 0, 1, 0, 0};
static struct mix mix = {.class_of = mix_classes, .n_class_of = COUNT(mix_classes)};
static struct level levels[] = {
    {.name = (char *)"smoke", .users = 10, .spawn_rate = 2.5, .run_time_ns = 5400 * S},
    {.name = (char *)"climb", .kind = LEVEL_STAGES, .users = 1200, .stages = stages, .n_stages = 2},
    {.name = (char *)"rush",
     .kind = LEVEL_BURST,
     .users = 100,
     .spawn_rate = 50,
     .run_time_ns = 50 * S,
     .repeat = 5,
     .every_ns = 10 * S,
     .mix = &mix}};
static struct endpoint endpoints[] = {{(char *)"GET", (char *)"/api/items"},
                                      {(char *)"POST", (char *)"/login"},
                                      {(char *)"DELETE", (char *)"/api/items"}};
static char *patterns[] = {(char *)"GET /api/*"};
static struct goal_rate rates[] = {{10, {true, 40, 20}}};
static struct goal goals[] = {
    {.name = (char *)"reads",
     .patterns = patterns,
     .n_patterns = 1,
     .bounds = {[GOAL_P95] = {true, 200000, 500000}, [GOAL_SUCCESS] = {true, 0.99, 0.99}},
     .rates = rates,
     .n_rates = 1}};
static struct request login = {.method = (char *)"POST", .name = (char *)"/login", .endpoint = 1};
static struct rate_limit limits[] = {{.name = (char *)"lock-out",
                                      .request = &login,
                                      .after_min = 5,
                                      .after_max = 6,
                                      .status = 429,
                                      .per = LIMIT_PER_USER,
                                      .window_ns = 3600 * S}};
static const struct profile all = {.name = (char *)"school",
                                   .target = (char *)"http://127.0.0.1:1",
                                   .max_users = 500,
                                   .classes = classes,
                                   .n_classes = COUNT(classes),
                                   .levels = levels,
                                   .n_levels = COUNT(levels),
                                   .endpoints = endpoints,
                                   .n_endpoints = COUNT(endpoints),
                                   .goals = goals,
                                   .n_goals = 1,
                                   .rate_limits = limits,
                                   .n_rate_limits = 1};

static const json_t *at(const json_t *o, const char *list, size_t i)
{
    return json_array_get(json_object_get(o, list), i);
}

static double real(const json_t *o, const char *name)
{
    return json_number_value(json_object_get(o, name));
}

static const char *string(const json_t *o, const char *name)
{
    return json_string_value(json_object_get(o, name));
}

static const char wanted[] =
    "school  http://127.0.0.1:1\n"
    "at most 500 users\n"
    "\n"
    "class and tasks   weight  of class  of all  wait, tags\n"
    "Pupil                  3            75.0 %  waits 500ms to 1m30s\n"
    "  list                 3    75.0 %  56.2 %  read, fast\n"
    "  Pr\xc3\xbc"
    "fung              1    25.0 %  18.8 %  waits 2s on average\n"
    "Teacher                1            25.0 %  one every 2s; in order\n"
    "  GET watch            1     100 %  25.0 %\n"
    "Admin            2 users                    no wait\n"
    "  GET watch            1     100 %\n"
    "Shares of all are those of the users beyond the fixed ones.\n"
    "\n"
    "level  users  spawned  run time  how\n"
    "smoke     10    2.5/s     1h30m\n"
    "climb  1,200             no end  50 over 30s for 1m, 200 and on\n"
    "rush     100     50/s       50s  burst, 5 times every 10s; Pupil 70.0 %, Teacher 30.0 %\n"
    "\n"
    "        endpoint\n"
    "GET     /api/items\n"
    "DELETE  /api/items\n" /* POST /login is asked by a rate limit only */
    "\n"
    "goal / acceptable  average  p50              p95  p99  success  endpoints\n"
    "reads                    -    -  200 ms / 500 ms    -   99.0 %  GET /api/*\n"
    "  reads: at least 40 requests per second with 10 at once (acceptable: 20)\n"
    "\n"
    "rate limit   after  status  per   window  class  request\n"
    "lock-out    5 to 6     429  user  1h      Pupil  POST /login\n";

START_TEST(the_text)
{
    char *text = list_text(&all);
    ck_assert_str_eq(text, wanted);
    free(text);
}
END_TEST

static const char *const typed[] = {"docker:compose:shop,db*",
                                    "podman",
                                    "postgres:host=127.0.0.1 dbname=shop,pool=app:20",
                                    "postgres",
                                    "process:port=8080",
                                    "process:name=gunicorn",
                                    "host",
                                    "host:me@box",
                                    "redis",
                                    "command:./depth --token abc"};
static const char wanted_probes[] = "probe      type      every  watches\n"
                                    "docker     docker       2s  compose:shop, db*\n"
                                    "podman     podman        -  all containers\n"
                                    "db         postgres      -  host=127.0.0.1 dbname=shop\n"
                                    "db 2       postgres      -  what PG* variables say\n"
                                    "port 8080  process       -  port=8080\n"
                                    "gunicorn   process       -  name=gunicorn\n"
                                    "host       host          -  this machine\n"
                                    "me@box     host          -  me@box\n"
                                    "redis      redis         -  127.0.0.1:6379\n"
                                    "depth      command       -  ./depth\n";

START_TEST(probes_are_listed)
{
    struct profile p = all;
    for (size_t i = 0; i < COUNT(typed); i++) {
        struct err e = {""};
        struct probe_spec *s = probe_spec_parse(typed[i], &e);
        ck_assert_msg(s != NULL, "%s: %s", typed[i], e.text);
        s->period_ns = i == 0 ? 2 * S : 0;
        probe_specs_add(&p.probes, s);
    }
    char *text = list_text(&p), *found = strstr(text, "probe ");
    ck_assert_str_eq(found != NULL ? found : text, wanted_probes);
    free(text);
    text = list_json(&p);
    json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    const json_t *docker = at(o, "probes", 0), *podman = at(o, "probes", 1);
    ck_assert_uint_eq(json_array_size(json_object_get(o, "probes")), COUNT(typed));
    ck_assert_str_eq(string(docker, "watches"), "compose:shop, db*");
    ck_assert(real(docker, "every_s") == 2 && json_is_null(json_object_get(podman, "every_s")));
    ck_assert_str_eq(string(podman, "type"), "podman");
    ck_assert_ptr_null(strstr(text, "token"));
    json_decref(o);
    free(text);
    probe_specs_finish(&p.probes);
}
END_TEST

START_TEST(a_profile_of_little_says_little)
{
    struct profile p = all;
    p.max_users = 0;
    p.n_classes = 1;
    p.n_levels = p.n_goals = p.n_rate_limits = 0;
    char *text = list_text(&p);
    ck_assert_ptr_null(strstr(text, "level"));
    ck_assert_ptr_null(strstr(text, "goal"));
    ck_assert_ptr_null(strstr(text, "rate limit"));
    ck_assert_ptr_null(strstr(text, "Shares"));
    ck_assert_ptr_nonnull(strstr(text, "Pupil                 3             100 %"));
    free(text);
}
END_TEST

START_TEST(the_json)
{
    char *text = list_json(&all);
    json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(o);
    ck_assert_str_eq(string(o, "schema"), "ramptop-list/1");
    ck_assert_uint_eq(json_array_size(json_object_get(o, "not_sent")), 0);
    ck_assert_int_eq(real(o, "max_users"), 500);
    const json_t *pupil = at(o, "classes", 0), *admin = at(o, "classes", 2);
    ck_assert_double_eq_tol(real(pupil, "share"), 0.75, 1e-9);
    ck_assert_double_eq_tol(real(at(pupil, "tasks", 0), "share"), 0.5625, 1e-9);
    ck_assert_double_eq_tol(real(at(pupil, "tasks", 0), "share_of_class"), 0.75, 1e-9);
    ck_assert_uint_eq(json_array_size(json_object_get(at(pupil, "tasks", 0), "tags")), 2);
    ck_assert_str_eq(string(json_object_get(pupil, "wait"), "kind"), "between");
    ck_assert_double_eq_tol(real(json_object_get(pupil, "wait"), "min_s"), 0.5, 1e-9);
    ck_assert(real(admin, "fixed_count") == 2 && real(admin, "share") == 0);
    ck_assert(json_is_true(json_object_get(at(o, "classes", 1), "sequence")));
    const json_t *climb = at(o, "levels", 1), *rush = at(o, "levels", 2);
    ck_assert_str_eq(string(climb, "kind"), "stages");
    ck_assert_int_eq(real(at(climb, "stages", 0), "over_s"), 30);
    ck_assert(json_is_null(json_object_get(at(climb, "stages", 1), "hold_s")));
    ck_assert(json_is_null(json_object_get(climb, "run_time_s")));
    ck_assert(real(rush, "repeat") == 5 && real(rush, "every_s") == 10);
    ck_assert_double_eq_tol(real(json_object_get(rush, "mix"), "Pupil"), 0.7, 1e-9);
    ck_assert_str_eq(string(at(o, "endpoints", 1), "name"), "/login");
    const json_t *goal = at(o, "goals", 0), *limit = at(o, "rate_limits", 0);
    ck_assert_double_eq_tol(json_number_value(at(goal, "p95_ms", 1)), 500, 1e-9);
    ck_assert_double_eq_tol(json_number_value(at(goal, "success", 0)), 0.99, 1e-9);
    ck_assert_ptr_null(json_object_get(goal, "p50_ms"));
    ck_assert_int_eq(real(at(goal, "throughput", 0), "at"), 10);
    ck_assert_str_eq(string(limit, "per"), "user");
    ck_assert(real(limit, "after_max") == 6 && real(limit, "window_s") == 3600);
    json_decref(o);
    free(text);
}
END_TEST

/* Of several requests that leave out the same, one tells it. */
START_TEST(the_json_tells_which_headers_are_not_sent)
{
    struct request requests[] = {{.left_out = (char *)"http://[::1]:81: X-Api-Key, X-Run"},
                                 {.left_out = NULL},
                                 {.left_out = (char *)"http://[::1]:81: X-Api-Key, X-Run"},
                                 {.left_out = (char *)"https://other.test: Author\x1b\xff"}};
    struct request *all_requests[] = {&requests[0], &requests[1], &requests[2], &requests[3]};
    struct profile p = all;
    p.requests = all_requests;
    p.n_requests = COUNT(all_requests);
    char *text = list_json(&p);
    json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_uint_eq(json_array_size(json_object_get(o, "not_sent")), 2);
    const json_t *first = at(o, "not_sent", 0), *second = at(o, "not_sent", 1);
    ck_assert_str_eq(string(first, "server"), "http://[::1]:81");
    ck_assert_uint_eq(json_array_size(json_object_get(first, "headers")), 2);
    ck_assert_str_eq(json_string_value(at(first, "headers", 0)), "X-Api-Key");
    ck_assert_str_eq(json_string_value(at(first, "headers", 1)), "X-Run");
    ck_assert_str_eq(string(second, "server"), "https://other.test");
    ck_assert_ptr_null(strchr(json_string_value(at(second, "headers", 0)), '\x1b'));
    json_decref(o);
    free(text);
}
END_TEST

START_TEST(shares_of_nothing_are_none)
{
    struct user_class none = {.name = (char *)"n", .weight = 0};
    struct profile p = {.classes = &none, .n_classes = 1};
    struct task t = {.weight = 1};
    struct mix m = {.n_class_of = 0};
    ck_assert(list_class_share(&p, &none) == 0 && list_task_share(&none, &t) == 0);
    ck_assert(list_mix_share(&m, 0) == 0);
}
END_TEST

START_TEST(columns_are_as_wide_as_their_cells)
{
    struct grid g = {.align = "lrl"};
    struct buf out = {0};
    grid_cell(&g, "a");
    grid_cell(&g, "1");
    grid_cell(&g, "x");
    grid_cell(&g, "\xc3\xa4\xc3\xb6");
    grid_cell(&g, "%s", "");
    grid_cell(&g, "y");
    grid_cell(&g, "b");
    grid_cell(&g, "100");
    grid_print(&g, &out); /* the last row is not full */
    ck_assert_str_eq(out.data, "a     1  x\n\xc3\xa4\xc3\xb6       y\nb   100\n");
    ck_assert(g.cells == NULL && g.n == 0);
    buf_finish(&out);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("list");
    TCase *t = tcase_create("list");
    tcase_add_test(t, the_text);
    tcase_add_test(t, probes_are_listed);
    tcase_add_test(t, a_profile_of_little_says_little);
    tcase_add_test(t, the_json);
    tcase_add_test(t, the_json_tells_which_headers_are_not_sent);
    tcase_add_test(t, shares_of_nothing_are_none);
    tcase_add_test(t, columns_are_as_wide_as_their_cells);
    suite_add_tcase(s, t);
    return unit_run(s);
}
