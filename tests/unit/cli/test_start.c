/* SPDX-License-Identifier: MIT */
/* What the options mean: the load to begin with, and the exit code. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/cli/start.h"
#include "src/profile/read.h"
#include "src/profile/subject.h"
#include "tests/unit/unit.h"

static const char with_levels[] =
    "target = \"http://127.0.0.1:1\";\n"
    "user_classes = ( { name = \"u\"; tasks = ( { request = \"GET /\"; } ); } );\n"
    "levels = { smoke = { users = 3; spawn_rate = 1.0; run_time = \"1m\"; };\n"
    "           soak = { users = 9; spawn_rate = 1.0; }; };\n";

static struct profile *profile(bool levels)
{
    struct problems problems = {0};
    const struct profile_overrides none = {0};
    struct profile *p =
        levels ? profile_parse("t.cfg", with_levels, strlen(with_levels), &none, &problems)
               : profile_from_url("http://127.0.0.1:1/", &none, &problems);
    ck_assert_msg(p != NULL, "%s", problems.n > 0 ? problems.lines[0] : "");
    return p;
}

START_TEST(the_first_level_drives_unless_users_are_given)
{
    struct profile *p = profile(true);
    struct session_config c;
    struct options o = {0};
    ck_assert(start_load(&o, false, p, &c, NULL));
    ck_assert_str_eq(c.level, "smoke");
    ck_assert(!c.users_set);

    o = (struct options){.level = "soak", .users_set = true, .users = 5};
    ck_assert(start_load(&o, true, p, &c, NULL));
    ck_assert_str_eq(c.level, "soak");
    ck_assert_uint_eq(c.users, 5);

    o = (struct options){.users_set = true, .users = 0};
    ck_assert(start_load(&o, true, p, &c, NULL));
    ck_assert_ptr_null(c.level);
    ck_assert(c.users_set && c.users == 0);
    profile_unref(p);
}
END_TEST

START_TEST(a_wrong_level_is_named_with_the_right_one)
{
    struct profile *p = profile(true);
    struct session_config c;
    struct err e;
    struct options o = {.level = "smok"};
    ck_assert(!start_load(&o, true, p, &c, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "did you mean smoke?"));
    o.level = "wibble";
    ck_assert(!start_load(&o, true, p, &c, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "smoke, soak"));
    profile_unref(p);
}
END_TEST

START_TEST(a_bare_url_begins_gently)
{
    struct profile *p = profile(false);
    struct session_config c;
    struct err e;
    struct options o = {0};
    ck_assert(start_load(&o, true, p, &c, &e));
    ck_assert(c.users_set && c.users == 1);
    ck_assert(!start_load(&o, false, p, &c, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "-n 1000"));
    o.requests = 100;
    ck_assert(start_load(&o, false, p, &c, &e));
    ck_assert_uint_eq(c.users, 1);
    ck_assert_uint_eq(c.request_budget, 100);
    o.level = "smoke";
    ck_assert(!start_load(&o, false, p, &c, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "has no levels"));
    profile_unref(p);
}
END_TEST

START_TEST(options_must_go_with_the_subject)
{
    struct err e;
    struct options o = {.subject = "shop.cfg", .method = "PUT"};
    ck_assert(!start_check(&o, true, &e));
    ck_assert(start_check(&o, false, &e));
    o = (struct options){.subject = "dmeo"};
    ck_assert(!start_check(&o, false, &e));
    ck_assert_str_eq(e.text, "unknown command dmeo (did you mean ramptop demo?)");
    ck_assert(start_check(&o, true, &e));
}
END_TEST

START_TEST(a_mistyped_file_is_no_host)
{
    char file[] = "/tmp/ramptop-start-XXXXXX.cfg", near[sizeof file];
    int fd = mkstemps(file, 4);
    ck_assert_int_ge(fd, 0);
    close(fd);
    snprintf(near, sizeof near, "%.*s", (int)strlen(file) - 4, file);
    const struct {
        const char *subject, *says; /* NULL: opens as a URL */
    } cases[] = {
        {"127.0.0.1:8080/a/b", NULL},
        {"localhost/a", NULL},
        {"example.org", NULL},
        {"[::1]/", NULL},
        {"http://staging/x", NULL},
        {"staging", "staging: no such file; if a host is meant, write http://staging."},
        {"profiles/shop", "write http://profiles/shop"},
        {"./shop", "./shop: no such file."},
        {near, "no such file (did you mean /tmp/ramptop-start-"},
        {"/no/such", "/no/such: no such file."},
        {"no-such.cfg", "no-such.cfg"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct profile_overrides none = {0};
        struct problems problems = {0};
        struct profile *p = subject_open(cases[i].subject, &none, &problems);
        if (cases[i].says == NULL) {
            ck_assert_msg(p != NULL, "%s", cases[i].subject);
        } else {
            ck_assert_msg(p == NULL && problems.n == 1, "%s", cases[i].subject);
            ck_assert_msg(strstr(problems.lines[0], cases[i].says) != NULL, "%s",
                          problems.lines[0]);
        }
        profile_unref(p);
        problems_finish(&problems);
    }
    unlink(file);
}
END_TEST

static struct snapshot snap;

static void one_fail(enum fail fail, uint64_t started, uint64_t finished, uint64_t count)
{
    memset(&snap, 0, sizeof snap);
    snap.started = started;
    snap.finished = finished;
    snap.n_fails = count > 0 ? 1 : 0;
    snap.fails[0] = (struct snap_fail){.fail = (uint8_t)fail, .count = count};
}

START_TEST(the_demos_database_is_watched_unasked)
{
    struct probe_specs all = {0};
    struct err e;
    struct options o = {.demo_postgres = "dbname=shop", .no_probes = true};
    ck_assert(start_demo_probe(&o, "app", 20, &all, &e));
    ck_assert_uint_eq(all.n, 0);
    o.no_probes = false;
    ck_assert(start_demo_probe(&o, "app", 20, &all, &e));
    ck_assert(start_demo_probe(&o, "app", 30, &all, &e)); /* there is one */
    ck_assert_uint_eq(all.n, 1);
    const struct probe_spec *s = all.items[0];
    ck_assert_uint_eq(s->type, PROBE_POSTGRES);
    ck_assert_str_eq(s->where, "dbname=shop");
    ck_assert_uint_eq(s->n_pools, 1);
    ck_assert_uint_eq(s->pools[0].match, POOL_APPLICATION);
    ck_assert_str_eq(s->pools[0].text, "app");
    ck_assert_uint_eq(s->pools[0].max, 20);
    probe_specs_finish(&all);

    all = (struct probe_specs){0};
    o.demo_postgres = "postgres://me:hidden@127.0.0.1/shop";
    ck_assert(!start_demo_probe(&o, "app", 20, &all, &e));
    ck_assert_uint_eq(all.n, 0);
    ck_assert_ptr_null(strstr(e.text, "hidden"));
    o.demo_postgres = NULL;
    ck_assert(start_demo_probe(&o, "app", 20, &all, &e));
    ck_assert_uint_eq(all.n, 0);
}
END_TEST

START_TEST(the_exit_code_tells_what_happened)
{
    one_fail(FAIL_REFUSED, 10, 10, 10);
    ck_assert_int_eq(start_exit_code(&snap, 0), EXIT_UNREACHABLE);
    ck_assert_int_eq(start_exit_code(&snap, SIGINT), 130);
    ck_assert_int_eq(start_exit_code(&snap, SIGTERM), 143);
    one_fail(FAIL_REFUSED, 10, 10, 9);
    ck_assert_int_eq(start_exit_code(&snap, 0), EXIT_FINE);
    one_fail(FAIL_STATUS, 10, 10, 10); /* a 503 is a reply */
    ck_assert_int_eq(start_exit_code(&snap, 0), EXIT_FINE);
    one_fail(FAIL_NONE, 3, 0, 0); /* all given up at the end */
    snap.aborted = 3;
    ck_assert_int_eq(start_exit_code(&snap, 0), EXIT_UNREACHABLE);
    one_fail(FAIL_NONE, 0, 0, 0); /* nothing was asked */
    ck_assert_int_eq(start_exit_code(&snap, 0), EXIT_FINE);
    one_fail(FAIL_NO_VALUE, 10, 6, 4); /* not all could be sent */
    snap.client_failures = 4;
    ck_assert_int_eq(start_exit_code(&snap, 0), EXIT_THRESHOLD);
    ck_assert_int_eq(start_exit_code(&snap, SIGINT), 130);
    one_fail(FAIL_CLIENT_FDS, 10, 0, 10); /* not one: the target has nothing to do with it */
    snap.client_failures = 10;
    ck_assert_int_eq(start_exit_code(&snap, 0), EXIT_THRESHOLD);
    one_fail(FAIL_REFUSED, 10, 6, 6);
    snap.client_failures = 4;
    ck_assert_int_eq(start_exit_code(&snap, 0), EXIT_UNREACHABLE);
    one_fail(FAIL_NONE, 3, 3, 0);
    snap.bursts_poor = 1;
    ck_assert_int_eq(start_exit_code(&snap, 0), EXIT_THRESHOLD);
    ck_assert_int_eq(start_exit_code(&snap, SIGINT), 130);
    snap.bursts_poor = 0;
}
END_TEST

START_TEST(a_url_has_no_classes_tags_and_settings)
{
    static const char *one[] = {"x"};
    const struct cli_texts text = {one, 1};
    struct err e;
    const struct options named = {.subject = "http://u:geheim@a", .classes = text};
    const struct options given[] = {{.subject = "http://a", .classes = text},
                                    {.subject = "http://a", .tags = text},
                                    {.subject = "http://a", .exclude_tags = text},
                                    {.subject = "http://a", .sets = text}};
    ck_assert(!start_check(&named, false, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "http://***@a is a URL"));
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        ck_assert(start_check(&given[i], true, &e));
        ck_assert(!start_check(&given[i], false, &e));
        ck_assert_ptr_nonnull(strstr(e.text, "goes with a profile, and http://a is a URL"));
    }
    const struct profile_overrides o = start_overrides(&given[3]);
    ck_assert(o.n_sets == 1 && o.sets == one && o.n_tags == 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("start");
    TCase *t = tcase_create("start");
    tcase_add_test(t, a_url_has_no_classes_tags_and_settings);
    tcase_add_test(t, the_first_level_drives_unless_users_are_given);
    tcase_add_test(t, a_wrong_level_is_named_with_the_right_one);
    tcase_add_test(t, a_bare_url_begins_gently);
    tcase_add_test(t, options_must_go_with_the_subject);
    tcase_add_test(t, a_mistyped_file_is_no_host);
    tcase_add_test(t, the_demos_database_is_watched_unasked);
    tcase_add_test(t, the_exit_code_tells_what_happened);
    suite_add_tcase(s, t);
    return unit_run(s);
}
