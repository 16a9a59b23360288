/* SPDX-License-Identifier: MIT */
/* Locust's names: what they mean here, what wins over them, and when they are refused. */
#include "src/cli/conf_locust.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/now.h"
#include "tests/unit/unit.h"

static char path[] = "/tmp/ramptop-locust-XXXXXX";
static struct options o;
static struct conf c;
static struct problems problems;
static char line_buffer[256];

static void parse(const char *line, char **env)
{
    static char *argv[16];
    struct err e;
    int argc = 0;
    snprintf(line_buffer, sizeof line_buffer, "ramptop %s", line);
    for (char *w = strtok(line_buffer, " "); w != NULL && argc < 15; w = strtok(NULL, " "))
        argv[argc++] = w;
    argv[argc] = NULL;
    ck_assert_msg(cli_parse(&o, argc, argv, env, &e), "%s", e.text);
}

static void write_file(const char *text)
{
    FILE *f = fopen(path, "we");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    ck_assert_int_eq(fclose(f), 0);
}

static bool take(const char *line, const char *text)
{
    parse(line, NULL);
    write_file(text);
    return conf_locust_read(&c, path, &o, &problems);
}

static void give_back(void)
{
    cli_finish(&o);
    conf_finish(&c);
    problems_finish(&problems);
    problems = (struct problems){0};
}

static void setup(void)
{
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void teardown(void)
{
    unlink(path);
    snprintf(path, sizeof path, "/tmp/ramptop-locust-XXXXXX");
}

static void texts_are(const struct cli_texts *t, const char *joined)
{
    char text[256] = "";
    for (size_t i = 0; i < t->n; i++) {
        strcat(text, i > 0 ? "|" : "");
        strcat(text, t->items[i]);
    }
    ck_assert_str_eq(text, joined);
}

START_TEST(a_file_as_locust_has_it)
{
    ck_assert_msg(take("shop.cfg", "\xef\xbb\xbf# master\n"
                                   "[run]\n"
                                   "---\n"
                                   "locustfile = locust_files/my.py\n"
                                   "  host: http://a:80  # staging\r\n"
                                   "users 100\n"
                                   "--spawn-rate = 2.5 ; slowly\n"
                                   "run-time = \"1h30m10s\"\n"
                                   "tags = [read, \"write\"]\n"
                                   "exclude-tags = slow big\n"
                                   "headless\n"
                                   "only-summary = True\n"
                                   "equal-weights: false\n"
                                   "loglevel = DEBUG\n"
                                   "csv = out\n"
                                   "= 5\n"
                                   "html"),
                  "%s", problems.n > 0 ? problems.lines[0] : "");
    const struct options *u = o.under;
    ck_assert_ptr_nonnull(u);
    ck_assert_str_eq(u->host, "http://a:80");
    ck_assert(u->users_set && u->users == 100 && u->spawn_rate == 2.5);
    ck_assert_uint_eq(u->run_time_ns, 5410 * NS_PER_S);
    texts_are(&o.tags, "read|write");
    texts_are(&o.exclude_tags, "slow|big");
    ck_assert(o.headless && o.quiet && !o.equal_weights && !o.users_set);
    ck_assert_uint_eq(c.notes.n, 2);
    ck_assert_ptr_nonnull(strstr(c.notes.lines[0], "host, users, spawn-rate, run-time, tags"));
    ck_assert_ptr_nonnull(strstr(c.notes.lines[1], "asks for csv, html, not written yet"));
    give_back();
}
END_TEST

static const struct {
    const char *text, *says; /* NULL: fine */
} lines[] = {
    {"users = many", ":1: users needs a whole number from 0 to 1,000,000"},
    {"\n\nusers", ":3: users needs a whole number"}, /* a bare key is "true" */
    {"spawn-rate = -1", ":1: spawn-rate needs users per second"},
    {"run-time = soon", ":1: run-time needs a time such as 90"},
    {"host = ftp://a", ":1: host: only http and https"},
    {"host = http://a?b", ":1: host: it has a query."},
    {"headless = maybe", ":1: headless needs 1 or 0"},
    {"tags = []", ":1: tags needs a name"},
    {"users =", NULL},
    {"users = 5 # of them", NULL},
    {"users = 5\nusers = 6", NULL},
    {"user = many", NULL},
    {"spawn_rate = many", NULL}, /* neither does Locust read it */
    {"", NULL},
    {"\xff\xfe = \xff", NULL},
};

START_TEST(a_known_key_with_a_wrong_value_is_refused)
{
    bool ok = take("shop.cfg", lines[_i].text);
    ck_assert_msg(ok == (lines[_i].says == NULL), "%s: %s", lines[_i].text,
                  problems.n > 0 ? problems.lines[0] : "");
    if (!ok) {
        ck_assert_uint_eq(problems.n, 1);
        ck_assert(strncmp(problems.lines[0], path, strlen(path)) == 0);
        ck_assert_msg(strstr(problems.lines[0], lines[_i].says) != NULL, "%s", problems.lines[0]);
    }
    give_back();
}
END_TEST

START_TEST(the_last_of_two_counts)
{
    ck_assert(take("shop.cfg", "users = 5\nusers = 6\ntags = a\ntags = b\n"));
    ck_assert_uint_eq(o.under->users, 6);
    texts_are(&o.tags, "b");
    give_back();
}
END_TEST

START_TEST(what_was_taken_before_wins)
{
    ck_assert(take("shop.cfg -u 9 -T mine", "users = 5\nhost = http://a\ntags = theirs\n"));
    ck_assert_uint_eq(o.users, 9);
    ck_assert(!o.under->users_set);
    texts_are(&o.tags, "mine");
    ck_assert_ptr_nonnull(strstr(c.notes.lines[0], "say nothing: host"));
    write_file("users = 7\nhost = http://b\nheadless\n"); /* the second file */
    ck_assert(conf_locust_read(&c, path, &o, &problems));
    ck_assert_str_eq(o.under->host, "http://a");
    ck_assert(o.headless);
    give_back();
    /* what does not count is checked all the same */
    ck_assert(!take("shop.cfg -u 9", "users = many\n"));
    give_back();
}
END_TEST

START_TEST(ours_and_theirs_in_their_order)
{
    static const char ours[] =
        "users = 2; spawn_rate = 2.0; tags = [\"two\"]; host = \"http://b\";";
    char *env[] = {(char *)"LOCUST_USERS=1", NULL};
    struct err e;
    parse("shop.cfg", NULL);
    ck_assert(conf_locust_variables(&c, env, &o, &e));
    write_file("users = 3\nspawn-rate = 3\n"); /* ./locust.conf */
    ck_assert(conf_locust_read(&c, path, &o, &problems));
    write_file(ours);
    ck_assert_msg(conf_read(&c, path, &o, &problems), "%s", problems.lines[0]);
    write_file("users = 4\nspawn-rate = 4\ntags = four\nrun-time = 4\n"); /* ~/.locust.conf */
    ck_assert(conf_locust_read(&c, path, &o, &problems));
    ck_assert_uint_eq(o.users, 1);
    ck_assert(o.under->spawn_rate == 3);
    texts_are(&o.tags, "two");
    ck_assert_str_eq(o.under->host, "http://b");
    ck_assert_uint_eq(o.under->run_time_ns, 4 * NS_PER_S);
    give_back();
}
END_TEST

START_TEST(variables_stand_behind_ours)
{
    char *env[] = {(char *)"RAMPTOP_USERS=7",
                   (char *)"LOCUST_USERS=many",
                   (char *)"LOCUST_HOST=http://a",
                   (char *)"LOCUST_SPAWN_RATE=3",
                   (char *)"LOCUST_RUN_TIME=2m",
                   (char *)"LOCUST_TAGS=a b",
                   (char *)"LOCUST_EXCLUDE_TAGS=[c]",
                   (char *)"LOCUST_HEADLESS=true",
                   (char *)"LOCUST_ONLY_SUMMARY=",
                   (char *)"LOCUST_USER_CLASSES=Pupil Teacher",
                   (char *)"LOAD_TEST_HOST=x",
                   (char *)"LOCUST_CSV=x",
                   NULL};
    struct err e;
    parse("shop.cfg -T mine", env);
    ck_assert_msg(conf_locust_variables(&c, env, &o, &e), "%s", e.text);
    ck_assert_uint_eq(o.users, 7);
    ck_assert_str_eq(o.host, "http://a");
    ck_assert(o.spawn_rate == 3 && o.headless && !o.quiet);
    ck_assert_uint_eq(o.run_time_ns, 120 * NS_PER_S);
    texts_are(&o.tags, "mine");
    texts_are(&o.exclude_tags, "c");
    texts_are(&o.classes, "Pupil|Teacher");
    ck_assert_str_eq(c.notes.lines[0],
                     "Locust's settings from the environment, where ramptop's own say nothing: "
                     "LOCUST_HOST, LOCUST_SPAWN_RATE, LOCUST_RUN_TIME, LOCUST_EXCLUDE_TAGS, "
                     "LOCUST_HEADLESS, LOCUST_USER_CLASSES");
    give_back();

    parse("shop.cfg Clerk", env);
    ck_assert(conf_locust_variables(&c, env, &o, &e));
    texts_are(&o.classes, "Clerk");
    give_back();

    parse("shop.cfg", NULL);
    ck_assert(!conf_locust_variables(&c, env, &o, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "LOCUST_USERS needs a whole number"));
    give_back();
}
END_TEST

START_TEST(a_bare_url_has_its_own_host_and_no_tags)
{
    char *env[] = {(char *)"LOCUST_HOST=http://a", (char *)"LOCUST_TAGS=a",
                   (char *)"LOCUST_USER_CLASSES=b", (char *)"LOCUST_USERS=3", NULL};
    struct err e;
    parse("http://mine/", NULL);
    ck_assert(conf_locust_variables(&c, env, &o, &e));
    ck_assert(o.host == NULL && o.tags.n == 0 && o.classes.n == 0 && o.users == 3);
    give_back();
}
END_TEST

START_TEST(a_file_that_somebody_else_could_have_put_there_is_passed_over)
{
    ck_assert(take("shop.cfg", "users = 5\n"));
    give_back();
    parse("shop.cfg", NULL);
    ck_assert_int_eq(chmod(path, 0646), 0);
    ck_assert(conf_locust_read(&c, path, &o, &problems));
    ck_assert_ptr_nonnull(strstr(c.notes.lines[0], "everybody may write to it"));
    ck_assert(o.under == NULL);
    ck_assert(conf_locust_read(&c, "/tmp", &o, &problems));
    ck_assert_ptr_nonnull(strstr(c.notes.lines[1], "/tmp is not read: it is not a regular file"));
    ck_assert(conf_locust_read(&c, "/nonexistent/locust.conf", &o, &problems));
    ck_assert_uint_eq(c.notes.n, 2);
    if (geteuid() == 0) { /* nobody else can give a file away */
        ck_assert_int_eq(chmod(path, 0644), 0);
        ck_assert_int_eq(chown(path, 65534, (gid_t)-1), 0);
        ck_assert(conf_locust_read(&c, path, &o, &problems));
        ck_assert_ptr_nonnull(strstr(c.notes.lines[2], "belongs to somebody else (user 65534)"));
    }
    give_back();
}
END_TEST

START_TEST(too_much_is_no_configuration)
{
    FILE *f = fopen(path, "we");
    for (int i = 0; i < 70000; i++)
        fputc('#', f);
    fclose(f);
    parse("shop.cfg", NULL);
    ck_assert(conf_locust_read(&c, path, &o, &problems));
    ck_assert_ptr_nonnull(strstr(c.notes.lines[0], "64 KiB"));
    give_back();
    char *home[] = {(char *)"HOME=/home/u", NULL}, *odd[] = {(char *)"HOME=u", NULL};
    char *p = conf_locust_home(home);
    ck_assert_str_eq(p, "/home/u/.locust.conf");
    free(p);
    ck_assert_ptr_null(conf_locust_home(odd));
    ck_assert_ptr_null(conf_locust_home(NULL));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("conf_locust");
    TCase *t = tcase_create("conf_locust");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_file_as_locust_has_it);
    tcase_add_loop_test(t, a_known_key_with_a_wrong_value_is_refused, 0,
                        sizeof lines / sizeof *lines);
    tcase_add_test(t, the_last_of_two_counts);
    tcase_add_test(t, what_was_taken_before_wins);
    tcase_add_test(t, ours_and_theirs_in_their_order);
    tcase_add_test(t, variables_stand_behind_ours);
    tcase_add_test(t, a_bare_url_has_its_own_host_and_no_tags);
    tcase_add_test(t, a_file_that_somebody_else_could_have_put_there_is_passed_over);
    tcase_add_test(t, too_much_is_no_configuration);
    suite_add_tcase(s, t);
    return unit_run(s);
}
