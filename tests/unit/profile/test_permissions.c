/* SPDX-License-Identifier: MIT */
/* What a profile reads and reaches beyond its target and its folder: a row for each construct
 * of ramptop.cfg(5) that can. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/profile/read.h"
#include "tests/unit/unit.h"

#define TASK "user_classes = ( { name = \"u\"; tasks = ( { request = \"GET /\"; } ); } );"
#define ONE(rest)                                                                                  \
    "user_classes = ( { name = \"u\"; tasks = ( { request = \"POST /\"; " rest " } ); } );"
#define PROBE(rest) TASK " probes = ( { " rest " } );"
#define VAR "${env:RAMPTOP_TEST_SET}"

static char folder[64];

static void write_file(const char *name, const char *text)
{
    char *path = mem_printf("%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    ck_assert_int_eq(fclose(f), 0);
    ck_assert_int_eq(chmod(path, 0600), 0);
    free(path);
}

static void link_to(const char *name, const char *to)
{
    char *path = mem_printf("%s/%s", folder, name);
    ck_assert_int_eq(symlink(to, path), 0);
    free(path);
}

static void set_up(void)
{
    char real[64], *sub;
    snprintf(real, sizeof real, "/tmp/ramptop-permit-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(real));
    memcpy(folder, real, sizeof folder);
    sub = mem_printf("%s/own", folder);
    ck_assert_int_eq(mkdir(sub, 0700), 0);
    free(sub);
    sub = mem_printf("%s/own/.hidden", folder);
    ck_assert_int_eq(mkdir(sub, 0700), 0);
    free(sub);
    write_file("out.csv", "a,b\n1,2\n");
    write_file("own/in.csv", "a,b\n1,2\n");
    write_file("own/.hidden/key", "a,b\n1,2\n");
    write_file("out.inc", TASK "\n");
    link_to("own/link.csv", "../out.csv");
    link_to("own/inside.csv", "in.csv");
    link_to("own/link.inc", "../out.inc");
    setenv("RAMPTOP_TEST_SET", "value", 1);
    unsetenv("RAMPTOP_TEST_NONE");
    setenv("HOME", "/nonexistent", 1);
}

static void tear_down(void)
{
    static const char *const parts[] = {"own/p.cfg",
                                        "own/in.csv",
                                        "own/.hidden/key",
                                        "own/.hidden",
                                        "own/link.csv",
                                        "own/inside.csv",
                                        "own/link.inc",
                                        "own",
                                        "out.csv",
                                        "out.inc",
                                        ""};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char *path = mem_printf("%s/%s", folder, parts[i]);
        remove(path);
        free(path);
    }
}

/* With the folder of the test put in for %s, if it is there. */
static char *filled_in(const char *text)
{
    const char *at = strstr(text, "%s");
    return at == NULL ? mem_strdup(text)
                      : mem_printf("%.*s%s%s", (int)(at - text), text, folder, at + 2);
}

static struct profile *read_profile(const char *text, const struct profile_overrides *o)
{
    struct problems problems = {0};
    char *whole = filled_in(text), *path = mem_printf("%s/own/p.cfg", folder);
    write_file("own/p.cfg", whole);
    struct profile *p = profile_read(path, o, &problems);
    ck_assert_msg(p != NULL, "%s\n%s", text, problems.n > 0 ? problems.lines[0] : "");
    free(path);
    free(whole);
    return p;
}

/* "VARIABLE X; FILE /y"; what belongs to probes has a * before it. */
static char *permissions_text(const struct profile *p)
{
    static const char *const kinds[] = {"COMMAND", "SSH", "VARIABLE", "FILE", "SERVER", "TARGET"};
    struct buf out = {0};
    buf_text(&out, "");
    for (size_t i = 0; i < p->permissions.n; i++) {
        const struct permission *one = &p->permissions.items[i];
        if (one->kind == PERMISSION_TARGET)
            continue;
        buf_printf(&out, "%s%s%s%s", out.len > 0 ? "; " : "", one->of_probe ? "*" : "",
                   kinds[one->kind], one->unset ? "?" : "");
        for (size_t k = 0; k < one->n_words; k++)
            buf_printf(&out, " %s", one->words[k]);
        ck_assert_msg(one->place != NULL, "%s has no place", one->words[0]);
    }
    return buf_take(&out);
}

static const struct {
    const char *text, *wanted;
} rows[] = {
    /* nothing but the target and the profile's own folder */
    {TASK, ""},
    {"feeders = { f = { csv = \"in.csv\"; }; };" TASK, ""},
    {"feeders = { f = { csv = \"./inside.csv\"; }; };" TASK, ""},
    {ONE("file = \"%s/own/in.csv\";"), ""},
    {"user_classes = ( { name = \"u\"; host = \"http://T.test:80/v1\";"
     "  tasks = ( { request = \"GET http://t.test/x\"; } ); } );",
     ""},
    {"headers_to = [ \"http://other.test\" ];" TASK, ""},
    {PROBE("type = \"host\";"), ""},
    {PROBE("type = \"process\"; port = 80;"), ""},
    {PROBE("type = \"docker\";"), ""},
    {PROBE("type = \"docker\"; engine = \"unix:///run/x.sock\";"), ""},
    {PROBE("type = \"docker\"; engine = \"tcp://127.0.0.1:2375\";"), ""},
    {PROBE("type = \"postgres\";"), ""},
    {PROBE("type = \"postgres\"; dsn = \"host=/run/pg dbname='a b' user = x\";"), ""},
    {PROBE("type = \"pgbouncer\"; dsn = \"host=127.0.0.1,localhost,::1 port=6432\";"), ""},
    {PROBE("type = \"redis\"; address = \"/run/redis.sock\";"), ""},
    {PROBE("type = \"redis\"; address = \"[::1]:6379\";"), ""},
    {PROBE("type = \"nginx\"; url = \"http://localhost:8080/status\";"), ""},
    {PROBE("type = \"nginx\"; url = \"http://t.test/status\";"), ""},
    /* variables */
    {"variables = { v = \"" VAR "\"; };" TASK, "VARIABLE RAMPTOP_TEST_SET"},
    {"variables = { v = \"${env:RAMPTOP_TEST_SET:-x}\"; };" TASK, "VARIABLE RAMPTOP_TEST_SET"},
    {"variables = { v = \"${env:RAMPTOP_TEST_NONE:-x}\"; };" TASK, "VARIABLE? RAMPTOP_TEST_NONE"},
    {"variables = { v = { secret = \"env:RAMPTOP_TEST_SET\"; }; };" TASK,
     "VARIABLE RAMPTOP_TEST_SET"},
    {"headers = { X = \"" VAR "\"; };" TASK, "VARIABLE RAMPTOP_TEST_SET"},
    {"auth = { bearer = \"" VAR "\"; };" TASK, "VARIABLE RAMPTOP_TEST_SET"},
    {"auth = { basic = { secret = \"env:RAMPTOP_TEST_SET:-a:b\"; }; };" TASK,
     "VARIABLE RAMPTOP_TEST_SET"},
    {"headers_to = [ \"http://" VAR "\" ];" TASK, "VARIABLE RAMPTOP_TEST_SET"},
    {"user_classes = ( { name = \"u\"; tasks = ( { request = \"GET /" VAR "\"; } ); } );",
     "VARIABLE RAMPTOP_TEST_SET"},
    {ONE("headers = { X = \"" VAR "\"; };"), "VARIABLE RAMPTOP_TEST_SET"},
    {ONE("headers = ( \"X: " VAR "\" );"), "VARIABLE RAMPTOP_TEST_SET"},
    {ONE("cookies = { c = \"" VAR "\"; };"), "VARIABLE RAMPTOP_TEST_SET"},
    {ONE("query = { c = \"" VAR "\"; };"), "VARIABLE RAMPTOP_TEST_SET"},
    {ONE("auth = { basic = \"a:" VAR "\"; };"), "VARIABLE RAMPTOP_TEST_SET"},
    {ONE("body = \"" VAR "\";"), "VARIABLE RAMPTOP_TEST_SET"},
    {ONE("json = \"{\\\"a\\\": \\\"" VAR "\\\"}\";"), "VARIABLE RAMPTOP_TEST_SET"},
    {ONE("form = { a = \"" VAR "\"; };"), "VARIABLE RAMPTOP_TEST_SET"},
    {ONE("multipart = ( { name = \"" VAR "\"; value = \"x\"; } );"), "VARIABLE RAMPTOP_TEST_SET"},
    {ONE("multipart = ( { name = \"x\"; value = \"" VAR "\"; } );"), "VARIABLE RAMPTOP_TEST_SET"},
    {ONE("check = { body_contains = \"" VAR "\"; };"), "VARIABLE RAMPTOP_TEST_SET"},
    {PROBE("type = \"process\"; process = \"" VAR "\";"), "*VARIABLE RAMPTOP_TEST_SET"},
    {PROBE("type = \"redis\"; password = { secret = \"env:RAMPTOP_TEST_SET\"; };"),
     "*VARIABLE RAMPTOP_TEST_SET"},
    {PROBE("type = \"command\"; command = [ \"df\" ]; environment = [ \"RAMPTOP_TEST_SET\" ];"),
     "*COMMAND df; *VARIABLE RAMPTOP_TEST_SET"},
    /* files */
    {"feeders = { f = { csv = \"../out.csv\"; }; };" TASK, "FILE %s/out.csv"},
    {"feeders = { f = { csv = \"link.csv\"; }; };" TASK, "FILE %s/out.csv"},
    {"feeders = { f = { csv = \".hidden/key\"; }; };" TASK, "FILE %s/own/.hidden/key"},
    {"@include \"link.inc\"\n", "FILE %s/out.inc"},
    {"variables = { v = { secret = \"file:../out.csv\"; }; };" TASK, "FILE %s/out.csv"},
    {ONE("file = \"%s/out.csv\";"), "FILE %s/out.csv"},
    {ONE("multipart = ( { name = \"x\"; file = \"../own/../out.csv\"; } );"), "FILE %s/out.csv"},
    {PROBE("type = \"redis\"; password = { secret = \"file:../out.csv\"; };"), "*FILE %s/out.csv"},
    /* servers */
    {"user_classes = ( { name = \"u\"; host = \"http://other.test\";"
     "  tasks = ( { request = \"GET /\"; } ); } );",
     "SERVER http://other.test"},
    {"user_classes = ( { name = \"u\"; host = \"http://" VAR "\";"
     "  tasks = ( { request = \"GET /\"; } ); } );",
     "VARIABLE RAMPTOP_TEST_SET; SERVER http://" VAR},
    {"user_classes = ( { name = \"u\"; tasks = ( { request = \"GET http://t.test:81/\"; } ); } );",
     ""},
    {"user_classes = ( { name = \"u\"; tasks = ( { request = \"GET https://T.test/\"; } ); } );",
     ""},
    {"user_classes = ( { name = \"u\"; tasks = ( { request = \"GET http://t.test.box/\"; } ); } );",
     "SERVER http://t.test.box"},
    {"user_classes = ( { name = \"u\"; tasks = ( { request = \"GET http://127.0.0.1/\"; } ); } );",
     "SERVER http://127.0.0.1"},
    {TASK "rate_limits = ( { class = \"u\"; request = \"GET http://l.test/\"; after = 5; } );",
     "SERVER http://l.test"},
    {PROBE("type = \"host\"; ssh = \"me@box\";"), "*SSH ssh me@box"},
    {PROBE("type = \"docker\"; engine = \"ssh://me@box\";"), "*SSH ssh ssh://me@box"},
    {PROBE("type = \"docker\"; engine = \"tcp://box:2375\";"), "*SERVER docker tcp://box:2375"},
    {PROBE("type = \"docker\"; engine = \"tcp://127.0.0.1.box:2375\";"),
     "*SERVER docker tcp://127.0.0.1.box:2375"},
    {PROBE("type = \"docker\"; engine = \"tcp://127.0.0.1:80@box\";"),
     "*SERVER docker tcp://127.0.0.1:80@box"},
    {PROBE("type = \"docker\"; engine = \"staging\";"), "*SERVER docker staging"},
    {PROBE("type = \"postgres\"; dsn = \"host=t.test\";"), "*SERVER postgres host=t.test"},
    {PROBE("type = \"postgres\"; dsn = \"host=127.0.0.1 hostaddr = box\";"),
     "*SERVER postgres host=127.0.0.1 hostaddr = box"},
    {PROBE("type = \"postgres\"; dsn = \"host=127.0.0.1,box\";"),
     "*SERVER postgres host=127.0.0.1,box"},
    {PROBE("type = \"postgres\"; dsn = \"dbname='host=box'\";"),
     "*SERVER postgres dbname='host=box'"},
    {PROBE("type = \"postgres\"; dsn = \"service=shop\";"), "*SERVER postgres service=shop"},
    {PROBE("type = \"postgres\"; dsn = \"host=/run passfile=/home/me/.ssh/id\";"),
     "*SERVER postgres host=/run passfile=/home/me/.ssh/id"},
    {PROBE("type = \"pgbouncer\"; dsn = \"postgresql://box/pgbouncer\";"),
     "*SERVER pgbouncer postgresql://box/pgbouncer"},
    {PROBE("type = \"redis\"; address = \"box:6379\";"), "*SERVER redis box:6379"},
    {PROBE("type = \"redis\"; address = \"[::1].box:6379\";"), "*SERVER redis [::1].box:6379"},
    {PROBE("type = \"nginx\"; url = \"http://t.test:81/status\";"), ""},
    {PROBE("type = \"prometheus\"; url = \"http://box:9100/metrics?key=1\";"
           "series = ( { metric = \"x\"; } );"),
     "*SERVER http://box:9100"},
    {PROBE("type = \"promql\"; url = \"http://box:9090\"; series = ( { query = \"x\"; } );"),
     "*SERVER http://box:9090"},
    /* commands */
    {PROBE("type = \"command\"; command = [ \"sh\", \"-c\", \"x y\" ];"), "*COMMAND sh -c x y"},
};

START_TEST(each_construct_is_noted)
{
    char *text = mem_printf("target = \"http://t.test\";\n%s", rows[_i].text);
    char *wanted = filled_in(rows[_i].wanted);
    struct profile *p = read_profile(text, NULL);
    char *got = permissions_text(p);
    ck_assert_msg(strcmp(got, wanted) == 0, "%s\nwanted: %s\ngot:    %s", text, wanted, got);
    profile_unref(p);
    free(got);
    free(wanted);
    free(text);
}
END_TEST

static const char *target_of(const struct profile *p)
{
    for (size_t i = 0; i < p->permissions.n; i++)
        if (p->permissions.items[i].kind == PERMISSION_TARGET)
            return p->permissions.items[i].words[0];
    return "";
}

START_TEST(the_target_is_named_as_it_is_written)
{
    static const char *const rows_of_target[][2] = {
        {"target = \"http://t.test/v1\";", "http://t.test"},
        {"target = \"http://me:pw@t.test/\";", "http://t.test"},
        {"target = \"http://" VAR ":80\";", "http://" VAR ":80"}, /* another value: no question */
        {"target = \"http://me:" VAR "@t.test\";", "http://t.test"},
        {"variables = { h = \"" VAR "\"; }; target = \"http://${h}\";", "http://value"},
    };
    for (size_t i = 0; i < sizeof rows_of_target / sizeof *rows_of_target; i++) {
        char *text = mem_printf("%s %s", rows_of_target[i][0], TASK);
        struct profile *p = read_profile(text, NULL);
        ck_assert_str_eq(target_of(p), rows_of_target[i][1]);
        profile_unref(p);
        free(text);
    }
}
END_TEST

START_TEST(what_is_typed_is_not_asked_for)
{
    static const char *const sets[] = {"variables.v=" VAR, "feeders.f.csv=/etc/passwd"};
    static const char *const headers[] = {"X: " VAR};
    const struct profile_overrides host = {.host = "http://typed.test"};
    const struct profile_overrides set = {.sets = sets, .n_sets = 1};
    const struct profile_overrides header = {.headers = headers, .n_headers = 1};
    const struct profile_overrides *all[] = {&host, &set, &header};
    for (size_t i = 0; i < 3; i++) {
        struct profile *p = read_profile("target = \"http://t.test\"; variables = { v = \"x\"; };"
                                         "user_classes = ( { name = \"u\"; tasks = ( { request = "
                                         "\"GET /${v}\"; } ); } );",
                                         all[i]);
        char *got = permissions_text(p);
        ck_assert_str_eq(got, "");
        ck_assert_str_eq(target_of(p), i == 0 ? "" : "http://t.test");
        free(got);
        profile_unref(p);
    }
    /* What the profile reads as well it reads by itself. */
    struct profile *p =
        read_profile("target = \"http://t.test\"; headers = { Y = \"" VAR "\"; };" TASK, &header);
    char *got = permissions_text(p);
    ck_assert_str_eq(got, "VARIABLE RAMPTOP_TEST_SET");
    free(got);
    profile_unref(p);
}
END_TEST

START_TEST(no_file_of_the_home_folder_is_the_profiles_own)
{
    char *own = mem_printf("%s/own", folder), *below = mem_printf("%s/own/.hidden", folder);
    const char *homes[] = {own, below};
    for (size_t i = 0; i < 2; i++) {
        setenv("HOME", homes[i], 1);
        struct profile *p = read_profile("target = \"http://t.test\"; feeders = { f = { csv = "
                                         "\"in.csv\"; }; };" TASK,
                                         NULL);
        ck_assert_uint_eq(p->permissions.n, 2);
        profile_unref(p);
    }
    free(own);
    free(below);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("permissions");
    TCase *c = tcase_create("all");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_loop_test(c, each_construct_is_noted, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(c, the_target_is_named_as_it_is_written);
    tcase_add_test(c, what_is_typed_is_not_asked_for);
    tcase_add_test(c, no_file_of_the_home_folder_is_the_profiles_own);
    suite_add_tcase(s, c);
    return unit_run(s);
}
