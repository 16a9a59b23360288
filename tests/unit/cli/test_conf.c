/* SPDX-License-Identifier: MIT */
/* The configuration file: what it says, what wins over it, and when it is refused. */
#include "src/cli/conf.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/now.h"
#include "src/cli/start.h"
#include "src/profile/read.h"
#include "tests/unit/profile/sent.h"
#include "tests/unit/unit.h"

static char path[] = "/tmp/ramptop-conf-XXXXXX";
static struct options o;
static struct conf c;
static struct problems problems;

static void write_file(const char *text)
{
    FILE *f = fopen(path, "we");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    ck_assert_int_eq(fclose(f), 0);
}

/* The words of the command line are kept while o is in use. */
static bool take(const char *text, char **env, const char *a, const char *b)
{
    static char words[3][64];
    char *argv[] = {words[0], words[1], words[2], NULL};
    struct err e;
    snprintf(words[0], sizeof words[0], "ramptop");
    snprintf(words[1], sizeof words[1], "%s", a);
    snprintf(words[2], sizeof words[2], "%s", b != NULL ? b : "");
    if (b == NULL)
        argv[2] = NULL;
    ck_assert_msg(cli_parse(&o, b != NULL ? 3 : 2, argv, env, &e), "%s", e.text);
    write_file(text);
    return conf_read(&c, path, &o, &problems);
}

static void take_ok(const char *text, char **env, const char *a, const char *b)
{
    bool ok = take(text, env, a, b);
    ck_assert_msg(ok, "%s", problems.n > 0 ? problems.lines[0] : "");
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
    snprintf(path, sizeof path, "/tmp/ramptop-conf-XXXXXX");
}

START_TEST(its_place_follows_the_variables)
{
    char home[] = "HOME=/home/u", xdg[] = "XDG_CONFIG_HOME=/etc/u", not_one[] = "XDG_CONFIG_HOME=u";
    char *both[] = {home, xdg, NULL}, *one[] = {not_one, home, NULL}, *none[] = {not_one, NULL};
    char *p = conf_path(both);
    ck_assert_str_eq(p, "/etc/u/ramptop/ramptop.cfg");
    free(p);
    p = conf_path(one);
    ck_assert_str_eq(p, "/home/u/.config/ramptop/ramptop.cfg");
    free(p);
    ck_assert_ptr_null(conf_path(none));
    ck_assert_ptr_null(conf_path(NULL));
}
END_TEST

START_TEST(every_option_is_a_setting)
{
    take_ok("users = 1500; spawn_rate = 2.5; run_time = \"1m30s\"; requests = \"10k\";\n"
            "workers = 3; seed = 7; level = \"soak\"; host = \"http://b\"; insecure = true;\n"
            "header = [\"A: 1\", \"B: 2\"]; method = \"PUT\"; data = \"{}\"; http2 = true;\n"
            "location = true; timeout = 0.5; headless = true; quiet = true; json = \"-\";\n"
            "log = \"l\"; no_color = true; chars = \"ascii\"; keep_running = true;\n"
            "demo_serve = true; demo_port = 80; demo_servers = 2; demo_service_ms = 5;\n"
            "demo_service = \"exp\"; demo_queue = 0; demo_truth = \"t\";\n"
            "demo_postgres = \"service=shop\"; demo_pool = 30;\n",
            NULL, "http://a/", NULL);
    const struct options *u = o.under;
    ck_assert(u->users_set && u->users == 1500 && u->spawn_rate == 2.5);
    ck_assert_uint_eq(u->run_time_ns, 90 * NS_PER_S);
    ck_assert_uint_eq(o.requests, 10000);
    ck_assert(o.workers == 3 && o.seed == 7);
    ck_assert_str_eq(u->level, "soak");
    ck_assert_str_eq(u->host, "http://b");
    ck_assert(u->insecure && u->http2 && u->follow && u->n_headers == 2);
    ck_assert_str_eq(u->headers[1], "B: 2");
    ck_assert_str_eq(o.method, "PUT");
    ck_assert_str_eq(o.body, "{}");
    ck_assert_uint_eq(u->timeout_ns, 500 * NS_PER_MS);
    ck_assert(o.headless && o.quiet && o.no_color && o.keep_running);
    ck_assert_str_eq(o.json, "-");
    ck_assert_str_eq(o.log_file, "l");
    ck_assert_int_eq(o.chars, CLI_CHARS_ASCII);
    ck_assert(o.demo_serve && o.demo_port == 80 && o.demo_servers == 2);
    ck_assert(o.demo_service_ms == 5 && o.demo_service == 1 && o.demo_queue == 0);
    ck_assert_str_eq(o.demo_truth, "t");
    ck_assert(o.demo_pool == 30 && !o.demo_postgres_shown);
    ck_assert_str_eq(o.demo_postgres, "service=shop");
    /* Nothing has come over from the file where a profile may speak. */
    ck_assert(!o.users_set && o.spawn_rate <= 0 && o.run_time_ns == 0 && !o.insecure);
    give_back();
}
END_TEST

START_TEST(lists_are_arrays_or_texts)
{
    take_ok("tags = [\"a\", \"b,c\"]; exclude_tags = \"d e\"; set = [\"x=1\", \"y=2\"];\n"
            "equal_weights = true; concurrency = \"1,10\"; only = \"GET *\"; max_wait = 0;\n"
            "keep_host = [\"a\", \"b\"]; keep_secrets = true; keep_static = true;\n"
            "keep_all_hosts = true;\n",
            NULL, "bench", "p.cfg");
    ck_assert_uint_eq(o.tags.n, 3);
    ck_assert_str_eq(o.tags.items[2], "c");
    ck_assert_uint_eq(o.exclude_tags.n, 2);
    ck_assert(o.sets.n == 2 && o.keep_hosts.n == 2 && o.equal_weights);
    ck_assert(o.n_concurrency == 2 && o.concurrency[1] == 10);
    ck_assert_str_eq(o.only, "GET *");
    ck_assert(o.max_wait_set && o.max_wait_ns == 0);
    ck_assert(o.keep_secrets && o.keep_static && o.keep_all_hosts);
    give_back();
    take_ok("tags = [\"a\"]; set = \"x=1\";", NULL, "p.cfg", "--set=y=2");
    ck_assert(o.tags.n == 1 && o.sets.n == 1); /* a flag takes the place of a list */
    ck_assert_str_eq(o.sets.items[0], "y=2");
    give_back();
}
END_TEST

START_TEST(flag_and_variable_win)
{
    char workers[] = "RAMPTOP_WORKERS=5", insecure[] = "RAMPTOP_INSECURE=0",
         run_time[] = "RAMPTOP_DURATION=5";
    char *env[] = {workers, insecure, run_time, NULL};
    take_ok("workers = 3; insecure = true; http2 = true; run_time = 9; users = 4; seed = 3;", env,
            "-u2", "http://a/");
    ck_assert_uint_eq(o.workers, 5);
    ck_assert_uint_eq(o.users, 2);
    ck_assert_uint_eq(o.seed, 3);
    ck_assert_uint_eq(o.run_time_ns, 5 * NS_PER_S);
    ck_assert(!o.under->insecure && o.under->http2 && !o.under->users_set);
    ck_assert_uint_eq(o.under->run_time_ns, 0);
    give_back();
}
END_TEST

static const char one_class[] =
    "user_classes = ( { name = \"u\"; tasks = ( { request = \"POST /\"; json = \"{}\"; } ); } );\n";

static struct profile *open_text(const char *more)
{
    char text[1024];
    int len = snprintf(text, sizeof text, "%s%s", one_class, more);
    const struct profile_overrides over = start_overrides(&o);
    struct profile *p = profile_parse("p.cfg", text, (size_t)len, &over, &problems);
    ck_assert_msg(p != NULL, "%s", problems.n > 0 ? problems.lines[0] : "");
    return p;
}

static const struct request *first(const struct profile *p)
{
    return p->classes[0].tasks[0].steps.items[0].request;
}

static const char *header(const struct request *r, const char *name)
{
    const char *value = sent_header(r, name);
    return value != NULL ? value : "none";
}

#define REQUESTS                                                                                   \
    "host = \"http://file\"; insecure = true; http2 = true; location = true; timeout = 7;\n"       \
    "header = [\"X-A: file\", \"X-B: file\", \"Content-Type: text/x\"];\n"

START_TEST(the_profile_wins_where_it_speaks)
{
    take_ok(REQUESTS, NULL, "-HX-B: flag", "p.cfg");
    struct profile *p = open_text("target = \"http://own\"; insecure = false; http2 = false;\n"
                                  "follow = false; timeout = 2; headers = { X-A = \"own\"; };\n");
    ck_assert_str_eq(p->target, "http://own");
    ck_assert(!p->insecure && !p->http2 && first(p)->max_redirects == 0);
    ck_assert_uint_eq(first(p)->timeout_ns, 2 * NS_PER_S);
    ck_assert_str_eq(header(first(p), "X-A"), "own");
    ck_assert_str_eq(header(first(p), "X-B"), "flag");
    ck_assert_str_eq(header(first(p), "Content-Type"), "application/json");
    profile_unref(p);

    p = open_text("");
    ck_assert_str_eq(p->target, "http://file");
    ck_assert(p->insecure && p->http2 && first(p)->max_redirects > 0);
    ck_assert_uint_eq(first(p)->timeout_ns, 7 * NS_PER_S);
    ck_assert_str_eq(header(first(p), "X-A"), "file");
    profile_unref(p);
    give_back();
}
END_TEST

START_TEST(a_bare_url_takes_all_but_the_host)
{
    take_ok(REQUESTS "method = \"PUT\"; users = 6; level = \"soak\"; run_time = 5;\n", NULL,
            "http://own/x", NULL);
    struct profile_overrides over = start_overrides(&o);
    struct session_config cfg;
    struct err e;
    struct profile *p = profile_from_url(o.subject, &over, &problems);
    ck_assert_ptr_nonnull(p);
    ck_assert_str_eq(sent_text(first(p)->url), "http://own/x");
    ck_assert_str_eq(first(p)->method, "PUT");
    ck_assert_str_eq(header(first(p), "X-B"), "file");
    ck_assert_uint_eq(first(p)->timeout_ns, 7 * NS_PER_S);
    ck_assert(p->insecure && p->http2 && first(p)->max_redirects > 0);
    ck_assert(start_load(&o, false, p, &cfg, &e));
    ck_assert(cfg.level == NULL && cfg.users_set && cfg.users == 6);
    ck_assert_uint_eq(cfg.run_time_ns, 5 * NS_PER_S);
    profile_unref(p);
    give_back();
}
END_TEST

START_TEST(a_level_says_users_rate_and_time)
{
    static const char levels[] = "target = \"http://own\";\n"
                                 "levels = { smoke = { users = 3; }; soak = { users = 9; }; };\n";
    struct session_config cfg;
    take_ok("users = 6; run_time = 5; spawn_rate = 2; method = \"PUT\";", NULL, "p.cfg", NULL);
    ck_assert_ptr_null(o.method); /* each request of a profile has its own */
    struct profile *p = open_text(levels);
    ck_assert(start_load(&o, false, p, &cfg, NULL));
    ck_assert_str_eq(cfg.level, "smoke");
    ck_assert(!cfg.users_set && cfg.run_time_ns == 0 && cfg.spawn_rate <= 0);
    o.users_set = true;
    o.users = 2;
    ck_assert(start_load(&o, false, p, &cfg, NULL));
    ck_assert(cfg.level == NULL && cfg.users == 2 && cfg.spawn_rate == 2);
    ck_assert_uint_eq(cfg.run_time_ns, 5 * NS_PER_S);
    give_back();

    take_ok("level = \"soak\";", NULL, "p.cfg", NULL);
    ck_assert(start_load(&o, false, p, &cfg, NULL));
    ck_assert_str_eq(cfg.level, "soak");
    give_back();
    take_ok("level = \"other\";", NULL, "p.cfg", NULL); /* of another profile */
    ck_assert(start_load(&o, false, p, &cfg, NULL));
    ck_assert_str_eq(cfg.level, "smoke");
    give_back();
    profile_unref(p);
}
END_TEST

static const struct {
    const char *text;
    int line;
    const char *says;
} wrong[] = {
    {"\nuser = 5;", 2, "unknown setting \"user\" in the configuration file (did you mean"},
    {"spawn-rate = 5;", 1,
     "unknown setting \"spawn-rate\" in the configuration file (did you mean "
     "\"spawn_rate\"?)."},
    {"help = true;", 1, "unknown setting \"help\""},
    {"port = 80;", 1, "unknown setting \"port\""},
    {"users = -5;", 1, "users needs a whole number from 0 to 1,000,000, such as 50, not \"-5\"."},
    {"users = 1.5;", 1, "users needs a whole number"},
    {"users = true;", 1, "users must be a number, or a string such as"},
    {"no_color = \"yes\";", 1, "no_color must be true or false, not a string."},
    {"chars = \"asci\";", 1, "(did you mean ascii?)."},
    {"json = 5;", 1, "json must be a string, not a whole number."},
    {"log = \"\";", 1, "log needs a value"},
    {"run_time = 0;", 1, "run_time needs a time"},
    {"header = \"no colon\";", 1, "header: "},
    {"header = [5];", 1, "must be a string"},
    {"host = \"ftp://a\";", 1, "host: only http and https"},
    {"method = \"GE T\";", 1, "method: "},
    {"users = 5", 0, NULL}, /* libconfig wants no semicolon at the end */
    {"users = 5; }", 1, ""},
    {"@include \"x\"", 1, "@include is not possible here."},
    {"users = 5;\nusers = 6;", 2, "given twice"},
};

START_TEST(a_mistake_is_one_sentence_with_its_place)
{
    char place[64];
    bool ok = take(wrong[_i].text, NULL, "http://a/", NULL);
    if (wrong[_i].says == NULL) {
        ck_assert_msg(ok, "%s", wrong[_i].text);
        give_back();
        return;
    }
    ck_assert_msg(!ok && problems.n == 1, "%s: %zu", wrong[_i].text, problems.n);
    snprintf(place, sizeof place, "%s:%d: ", path, wrong[_i].line);
    ck_assert_msg(strncmp(problems.lines[0], place, strlen(place)) == 0, "%s", problems.lines[0]);
    ck_assert_msg(strstr(problems.lines[0], wrong[_i].says) != NULL, "%s", problems.lines[0]);
    give_back();
}
END_TEST

START_TEST(all_mistakes_at_once_and_those_that_would_not_count)
{
    ck_assert(!take("users = -1;\nworkers = 99;\nmethod = \"\";", NULL, "-u5", "p.cfg"));
    ck_assert_uint_eq(problems.n, 3);
    give_back();
}
END_TEST

START_TEST(a_missing_file_is_fine)
{
    char missing[64];
    ck_assert(take("", NULL, "http://a/", NULL));
    give_back();
    o = (struct options){0};
    snprintf(missing, sizeof missing, "%s/none", path); /* below a file */
    ck_assert(conf_read(&c, missing, &o, &problems));
    ck_assert(conf_read(&c, "/nonexistent/ramptop.cfg", &o, &problems));
    ck_assert_ptr_null(o.under);
    give_back();
}
END_TEST

static void refused(const char *file, const char *why)
{
    o = (struct options){0};
    ck_assert(!conf_read(&c, file, &o, &problems));
    ck_assert_uint_eq(problems.n, 1);
    ck_assert_msg(strstr(problems.lines[0], why) != NULL, "%s", problems.lines[0]);
    ck_assert_ptr_null(o.under);
    give_back();
}

START_TEST(a_file_of_somebody_else_is_refused)
{
    refused("/tmp", "it is a folder");
    refused("/dev/null", "it is not a regular file");
    write_file("users = 5;\n");
    ck_assert_int_eq(chmod(path, 0646), 0);
    refused(path, "everybody may write to it; chmod o-w it");
    ck_assert_int_eq(chmod(path, 0664), 0);
    ck_assert(conf_read(&c, path, &o, &problems));
    give_back();
    if (geteuid() == 0) { /* nobody else can give a file away */
        ck_assert_int_eq(chown(path, 65534, (gid_t)-1), 0);
        refused(path, "it belongs to somebody else (user 65534)");
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("conf");
    TCase *t = tcase_create("conf");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, its_place_follows_the_variables);
    tcase_add_test(t, every_option_is_a_setting);
    tcase_add_test(t, lists_are_arrays_or_texts);
    tcase_add_test(t, flag_and_variable_win);
    tcase_add_test(t, the_profile_wins_where_it_speaks);
    tcase_add_test(t, a_bare_url_takes_all_but_the_host);
    tcase_add_test(t, a_level_says_users_rate_and_time);
    tcase_add_loop_test(t, a_mistake_is_one_sentence_with_its_place, 0,
                        sizeof wrong / sizeof *wrong);
    tcase_add_test(t, all_mistakes_at_once_and_those_that_would_not_count);
    tcase_add_test(t, a_missing_file_is_fine);
    tcase_add_test(t, a_file_of_somebody_else_is_refused);
    suite_add_tcase(s, t);
    return unit_run(s);
}
