/* SPDX-License-Identifier: MIT */
#include "src/cli/cli.h"
#include "src/cli/cli_table.h"
#include "src/cli/subcommand.h"

#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/now.h"
#include "tests/unit/unit.h"

#define MAX_ARGS 32

/* "a b c" -> argv; blanks part, so that a case is one line. */
static int split(char *line, char **argv)
{
    int n = 0;
    argv[n++] = (char *)"ramptop";
    for (char *w = strtok(line, " "); w != NULL && n < MAX_ARGS; w = strtok(NULL, " "))
        argv[n++] = w;
    argv[n] = NULL;
    return n;
}

static char line_buffer[512];

static bool parse_env(struct options *o, const char *line, char **env, struct err *e)
{
    static char *argv[MAX_ARGS + 1];
    e->text[0] = '\0';
    snprintf(line_buffer, sizeof line_buffer, "%s", line);
    int argc = split(line_buffer, argv);
    return cli_parse(o, argc, argv, env, e);
}

static bool parse(struct options *o, const char *line, struct err *e)
{
    return parse_env(o, line, NULL, e);
}

static void parse_ok(struct options *o, const char *line)
{
    struct err e;
    bool ok = parse(o, line, &e);
    ck_assert_msg(ok, "%s: %s", line, e.text);
}

START_TEST(flags_of_load)
{
    struct options o;
    parse_ok(&o, "-u 1.5k -r 20 -t 1m30s -n 10k --level soak --workers 3 --seed 7 http://a/");
    ck_assert_ptr_eq(o.command, &cmd_run);
    ck_assert_str_eq(o.subject, "http://a/");
    ck_assert(o.users_set);
    ck_assert_uint_eq(o.users, 1500);
    ck_assert_double_eq(o.spawn_rate, 20);
    ck_assert_uint_eq(o.run_time_ns, 90 * NS_PER_S);
    ck_assert_uint_eq(o.requests, 10000);
    ck_assert_str_eq(o.level, "soak");
    ck_assert_uint_eq(o.workers, 3);
    ck_assert_uint_eq(o.seed, 7);
    cli_finish(&o);
}
END_TEST

START_TEST(probes_are_kept_as_they_are_written)
{
    struct options o;
    parse_ok(&o, "http://a --probe host --probe redis:127.0.0.1:6379");
    ck_assert_uint_eq(o.probes.n, 2);
    ck_assert_str_eq(o.probes.items[0], "host");
    ck_assert_str_eq(o.probes.items[1], "redis:127.0.0.1:6379");
    ck_assert(!o.no_probes);
    cli_finish(&o);
    parse_ok(&o, "http://a --no-probes");
    ck_assert(o.no_probes);
    cli_finish(&o);
}
END_TEST

START_TEST(commands_of_a_profile_are_let_run)
{
    struct options o;
    parse_ok(&o, "trust --yes a.cfg");
    ck_assert_ptr_eq(o.command, &cmd_trust);
    ck_assert_str_eq(o.subject, "a.cfg");
    ck_assert(o.yes && !o.trust);
    cli_finish(&o);
    parse_ok(&o, "a.cfg --allow-exec");
    ck_assert(o.trust && !o.yes);
    cli_finish(&o);
    parse_ok(&o, "bench a.cfg --trust");
    ck_assert(o.trust && !o.yes);
    cli_finish(&o);
    char name[CLI_NAME_MAX]; /* for the moment only: neither a variable nor a setting */
    ck_assert(!cli_setting_name(OPT_ALLOW_EXEC, name) && !cli_setting_name(OPT_YES, name));
}
END_TEST

START_TEST(flags_of_request_and_output)
{
    struct options o;
    parse_ok(&o, "http://a -HA:1 --header=B:2 -X PUT -d {} -kL --http2 --timeout 500ms "
                 "--headless --quiet --json=- --log l --no-color --chars ascii --keep-running");
    ck_assert_uint_eq(o.n_headers, 2);
    ck_assert_str_eq(o.headers[0], "A:1");
    ck_assert_str_eq(o.headers[1], "B:2");
    ck_assert_str_eq(o.method, "PUT");
    ck_assert_str_eq(o.body, "{}");
    ck_assert(o.insecure && o.follow && o.http2 && o.headless && o.quiet && o.no_color);
    ck_assert(o.keep_running);
    ck_assert_uint_eq(o.timeout_ns, 500 * NS_PER_MS);
    ck_assert_str_eq(o.json, "-");
    ck_assert_str_eq(o.log_file, "l");
    ck_assert_int_eq(o.chars, CLI_CHARS_ASCII);
    cli_finish(&o);
}
END_TEST

START_TEST(the_demo_and_its_defaults)
{
    struct options o;
    parse_ok(&o, "demo");
    ck_assert_ptr_eq(o.command, &cmd_demo);
    ck_assert_ptr_null(o.subject);
    ck_assert_uint_eq(o.demo_servers, 0);
    ck_assert(o.demo_service_ms < 0 && o.demo_service < 0 && o.demo_queue < 0);
    cli_finish(&o);
    parse_ok(&o, "demo --serve --port 8080 --servers 4 --service-ms 0.5 --service exp "
                 "--queue 0 --truth t --pool 30 --postgres service=shop");
    ck_assert(o.demo_serve);
    ck_assert_uint_eq(o.demo_port, 8080);
    ck_assert_uint_eq(o.demo_servers, 4);
    ck_assert_double_eq(o.demo_service_ms, 0.5);
    ck_assert_int_eq(o.demo_service, 1);
    ck_assert_int_eq(o.demo_queue, 0);
    ck_assert_str_eq(o.demo_truth, "t");
    ck_assert_uint_eq(o.demo_pool, 30);
    ck_assert_str_eq(o.demo_postgres, "service=shop");
    ck_assert(o.demo_postgres_shown);
    cli_finish(&o);
}
END_TEST

START_TEST(commands_and_subjects)
{
    struct options o;
    parse_ok(&o, "check shop.cfg");
    ck_assert_ptr_eq(o.command, &cmd_check);
    ck_assert_str_eq(o.subject, "shop.cfg");
    parse_ok(&o, "-u 5 -- -odd.cfg");
    ck_assert_str_eq(o.subject, "-odd.cfg");
    parse_ok(&o, "help");
    ck_assert_ptr_eq(o.command, &cmd_help);
    parse_ok(&o, "--help");
    ck_assert_ptr_eq(o.command, &cmd_help);
    parse_ok(&o, "-V");
    ck_assert_ptr_eq(o.command, &cmd_version);
    parse_ok(&o, "-u 0 http://a");
    ck_assert(o.users_set && o.users == 0);
    cli_finish(&o);
}
END_TEST

static const struct {
    const char *line, *says;
} wrong[] = {
    {"", "ramptop demo"},
    {"--headless", "ramptop demo"},
    {"--user 5 http://a", "unknown option --user (did you mean --users?)"},
    {"--usres=5 http://a", "did you mean --users?"},
    {"--headl http://a", "unknown option --headl (did you mean --headless?)"},
    {"--wibble http://a", "unknown option --wibble (ramptop --help"},
    {"-q http://a", "unknown option -q"},
    {"-kq http://a", "unknown option -q"},
    {"-u", "-u needs a value: -u N"},
    {"http://a --json", "--json needs a value: --json FILE"},
    {"--json= http://a", "--json needs a value, not an empty text"},
    {"--headless=1 http://a", "--headless takes no value"},
    {"http://a --no-probes --probe host", "--no-probes watches nothing and --probe something"},
    {"-u many http://a", "-u needs a whole number from 0 to 1,000,000, such as 50, not \"many\""},
    {"-u -5 http://a", "not \"-5\""},
    {"-u 1000001 http://a", "1,000,000"},
    {"-u 1.5 http://a", "whole number"},
    {"-r 0 http://a", "users per second"},
    {"-r 1e3 http://a", "users per second"},
    {"-r nan http://a", "users per second"},
    {"--run-time soon http://a", "--run-time needs a time such as 90"},
    {"-t 0 http://a", "-t needs a time"},
    {"-n 0 http://a", "-n needs a whole number from 1"},
    {"--workers 65 http://a", "--workers needs"},
    {"--seed 99999999999999999999999 http://a", "--seed needs"},
    {"--seed -1 http://a", "--seed needs"},
    {"--chars brail http://a", "did you mean braille?"},
    {"--port 80 http://a", "--port belongs to ramptop demo"},
    {"--serve", "--serve belongs to ramptop demo"},
    {"demo --port 65536", "--port needs a port"},
    {"demo --service exponential", "--service needs const, exp or lognormal"},
    {"demo --host http://a", "--host"},
    {"demo shop other.cfg", "what is \"other.cfg\" for?"},
    {"check", "ramptop check PROFILE"},
    {"chekc shop.cfg", "unknown command chekc (did you mean ramptop check?)"},
    {"a.cfg b.cfg", "one PROFILE or URL at a time"},
    {"a.cfg http://a:secret@b", "one PROFILE or URL at a time: what is \"http://...\" for?"},
    {"list", "ramptop list PROFILE"},
    {"bench", "ramptop bench PROFILE"},
    {"limits", "ramptop limits PROFILE"},
    {"limits a.cfg b", "what is \"b\" for?"},
    {"import", "import what? ramptop import curl or har"},
    {"import curl", "paste the curl command"},
    {"import -- curl", "paste the curl command"},
    {"import crul x", "takes curl or har, not \"crul\" (did you mean curl?)"},
    {"import har", "ramptop import har FILE"},
    {"import har a b", "what is \"b\" for?"},
    {"import curl --keep-secrets x", "ramptop import --keep-secrets curl"},
    {"import --keep-static curl x", "--keep-static belongs to ramptop import har"},
    {"import har x -u 5", "--users does not go with ramptop import har"},
    {"new a b", "what is \"b\" for?"},
    {"new --json x", "--json does not go with ramptop new"},
    {"bench a.cfg -u 5", "--users does not go with ramptop bench, where --concurrency"},
    {"bench a.cfg --max-wait 5", "--max-wait belongs to ramptop limits"},
    {"limits a.cfg -n 5", "--requests does not go with ramptop limits"},
    {"a.cfg --concurrency 5", "--concurrency belongs to ramptop bench"},
    {"a.cfg --only x", "--only belongs to ramptop bench and ramptop limits"},
    {"a.cfg --keep-secrets", "belongs to ramptop import curl and ramptop import har"},
    {"help me", "what is \"me\" for?"},
    {"bench a.cfg --concurrency 1,,5", "--concurrency needs up to 16 whole numbers"},
    {"bench a.cfg --concurrency 0", "not \"0\""},
    {"bench a.cfg --concurrency 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "up to 16"},
    {"limits a.cfg --max-wait soon", "--max-wait needs a time"},
    {"a.cfg --set users", "--set needs a setting and its value, such as levels.smoke.users=20"},
    {"a.cfg --set =5", "not \"=5\""},
    {"a.cfg -T ,", "-T needs a name"},
};

static void texts_are(const struct cli_texts *t, const char *joined)
{
    char text[256] = "";
    for (size_t i = 0; i < t->n; i++) {
        strcat(text, i > 0 ? "|" : "");
        strcat(text, t->items[i]);
    }
    ck_assert_str_eq(text, joined);
}

START_TEST(what_of_a_profile)
{
    static const struct {
        const char *line, *classes, *tags, *exclude;
    } cases[] = {
        {"shop.cfg visitor buyer", "visitor|buyer", "", ""},
        {"-T a,b shop.cfg visitor", "visitor", "a|b", ""},
        {"-T a -T b --tags=c,d shop.cfg", "", "a|b|c|d", ""},
        {"shop.cfg -T a b", "", "a|b", ""}, /* as Locust has it */
        {"check shop.cfg visitor -T a b -E c d,e -u 5 buyer", "visitor|buyer", "a|b", "c|d|e"},
        {"check -T a shop.cfg visitor", "visitor", "a", ""},
        {"shop.cfg -T a -- visitor", "visitor", "a", ""},
        {"demo -T a b", "", "a|b", ""}, /* demo needs no name */
        {"demo shop -T a b", "", "a|b", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct options o;
        parse_ok(&o, cases[i].line);
        texts_are(&o.classes, cases[i].classes);
        texts_are(&o.tags, cases[i].tags);
        texts_are(&o.exclude_tags, cases[i].exclude);
        cli_finish(&o);
    }
    struct options o;
    parse_ok(&o, "shop.cfg --equal-weights --set a.b=1 --set c=x=y");
    ck_assert(o.equal_weights);
    texts_are(&o.sets, "a.b=1|c=x=y");
    cli_finish(&o);
}
END_TEST

START_TEST(lists_of_flags_replace_those_of_variables)
{
    struct options o;
    struct err e;
    char *env[] = {(char *)"RAMPTOP_TAGS=read, write", (char *)"RAMPTOP_EXCLUDE_TAGS=slow",
                   (char *)"RAMPTOP_SET=a=1",          (char *)"RAMPTOP_CONCURRENCY=1,2",
                   (char *)"RAMPTOP_KEEP_SECRETS=1",   NULL};
    ck_assert_msg(parse_env(&o, "bench a.cfg -T big --set a=2 --concurrency 3", env, &e), "%s",
                  e.text);
    texts_are(&o.tags, "big");
    texts_are(&o.exclude_tags, "slow");
    texts_are(&o.sets, "a=1|a=2"); /* the last wins */
    ck_assert(o.n_concurrency == 1 && o.concurrency[0] == 3);
    cli_finish(&o);
}
END_TEST

START_TEST(bench_and_limits)
{
    struct options o;
    parse_ok(&o, "bench shop.cfg --concurrency 1,10,1k -n 20 -t 5s --only G* --json -");
    ck_assert_ptr_eq(o.command, &cmd_bench);
    ck_assert_str_eq(o.subject, "shop.cfg");
    ck_assert_uint_eq(o.n_concurrency, 3);
    ck_assert(o.concurrency[0] == 1 && o.concurrency[1] == 10 && o.concurrency[2] == 1000);
    ck_assert_uint_eq(o.requests, 20);
    ck_assert_uint_eq(o.run_time_ns, 5 * NS_PER_S);
    ck_assert_str_eq(o.only, "G*");
    cli_finish(&o);
    parse_ok(&o, "limits shop.cfg --max-wait 0");
    ck_assert(o.command == &cmd_limits && o.max_wait_set && o.max_wait_ns == 0);
    cli_finish(&o);
}
END_TEST

START_TEST(what_stands_behind_curl_is_its_own)
{
    struct options o;
    parse_ok(&o, "import --keep-secrets curl curl -X POST --json {} -u a:b http://a --help");
    ck_assert_ptr_eq(o.command, &cmd_import_curl);
    ck_assert(o.keep_secrets);
    ck_assert_uint_eq(o.n_curl_words, 9);
    ck_assert_str_eq(o.curl_words[0], "curl");
    ck_assert_str_eq(o.curl_words[8], "--help");
    ck_assert(!o.users_set && o.json == NULL);
    cli_finish(&o);
    parse_ok(&o, "import curl -k http://a");
    ck_assert(o.n_curl_words == 2 && !o.insecure);
    cli_finish(&o);
    parse_ok(&o, "import -- curl -k http://a");
    ck_assert(o.n_curl_words == 2 && !o.insecure);
    ck_assert_str_eq(o.curl_words[1], "http://a");
    cli_finish(&o);
    parse_ok(&o, "import har --keep-host a f.har --keep-host b --keep-static --keep-all-hosts");
    ck_assert_ptr_eq(o.command, &cmd_import_har);
    ck_assert_str_eq(o.subject, "f.har");
    texts_are(&o.keep_hosts, "a|b");
    ck_assert(o.keep_static && o.keep_all_hosts && !o.keep_secrets);
    cli_finish(&o);
}
END_TEST

START_TEST(new_and_list)
{
    struct options o;
    parse_ok(&o, "new");
    ck_assert(o.command == &cmd_new && o.subject == NULL);
    cli_finish(&o);
    parse_ok(&o, "new a.cfg");
    ck_assert_str_eq(o.subject, "a.cfg");
    cli_finish(&o);
    parse_ok(&o, "list a.cfg buyer --level x --json -");
    ck_assert_ptr_eq(o.command, &cmd_list);
    texts_are(&o.classes, "buyer");
    cli_finish(&o);
    parse_ok(&o, "demo tlac");
    ck_assert_str_eq(o.demo_name, "tlac");
    cli_finish(&o);
}
END_TEST

START_TEST(a_mistake_is_one_sentence)
{
    struct options o;
    struct err e;
    ck_assert(!parse(&o, wrong[_i].line, &e));
    ck_assert_msg(strstr(e.text, wrong[_i].says) != NULL, "%s: %s", wrong[_i].line, e.text);
    ck_assert_ptr_null(strchr(e.text, '\n'));
    cli_finish(&o);
}
END_TEST

START_TEST(variables_stand_behind_flags)
{
    struct options o;
    struct err e;
    char *env[] = {(char *)"HOME=/",
                   (char *)"RAMPTOP_USERS=7",
                   (char *)"RAMPTOP_RUN_TIME=2m",
                   (char *)"RAMPTOP_HEADLESS=yes",
                   (char *)"RAMPTOP_KEEP_RUNNING=0",
                   (char *)"RAMPTOP_DEMO_SERVERS=3",
                   (char *)"RAMPTOP_LEVEL=",
                   (char *)"NO_COLOR=1",
                   NULL};
    ck_assert_msg(parse_env(&o, "-u 9 http://a", env, &e), "%s", e.text);
    ck_assert_uint_eq(o.users, 9);
    ck_assert_uint_eq(o.run_time_ns, 120 * NS_PER_S);
    ck_assert(o.headless && !o.keep_running && o.no_color);
    ck_assert_ptr_null(o.level);
    ck_assert_uint_eq(o.demo_servers, 3);
    cli_finish(&o);
}
END_TEST

START_TEST(a_wrong_variable_is_named)
{
    static const struct {
        const char *entry, *says;
    } cases[] = {
        {"RAMPTOP_USERS=many", "RAMPTOP_USERS needs a whole number"},
        {"RAMPTOP_HEADLESS=maybe", "RAMPTOP_HEADLESS needs 1 or 0"},
        {"RAMPTOP_USER=5", "unknown variable RAMPTOP_USER (did you mean RAMPTOP_USERS?)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct options o;
        struct err e;
        char *env[] = {(char *)cases[i].entry, NULL};
        ck_assert_msg(!parse_env(&o, "http://a", env, &e), "%s", cases[i].entry);
        ck_assert_msg(strstr(e.text, cases[i].says) != NULL, "%s", e.text);
        cli_finish(&o);
        ck_assert(parse_env(&o, "--help", env, &e));
        cli_finish(&o);
    }
}
END_TEST

START_TEST(variables_of_a_cluster_are_none_of_ours)
{
    struct options o;
    struct err e;
    char *env[] = {(char *)"RAMPTOP_PORT=tcp://10.0.0.1:80",
                   (char *)"RAMPTOP_SERVICE_HOST=10.0.0.1",
                   (char *)"RAMPTOP_PORT_80_TCP_ADDR=10.0.0.1", NULL};
    ck_assert_msg(parse_env(&o, "http://a", env, &e), "%s", e.text);
    cli_finish(&o);
}
END_TEST

START_TEST(help_names_every_option)
{
    char *help = cli_help();
    size_t n = 0;
    for (const struct cli_option *t; (t = cli_option(n)) != NULL; n++) {
        char name[64];
        snprintf(name, sizeof name, "--%s ", t->name);
        ck_assert_msg(strstr(help, name) != NULL, "%s", name);
    }
    ck_assert_uint_gt(n, 25);
    for (char *l = strtok(help, "\n"); l != NULL; l = strtok(NULL, "\n"))
        ck_assert_msg(strlen(l) <= 90, "too wide: %s", l);
    free(help);
}
END_TEST

START_TEST(each_subcommand_is_a_row)
{
    char *help = cli_help();
    uint64_t taken = 0;
    ck_assert_ptr_eq(subcommands[0], &cmd_run);
    for (const struct subcommand *const *c = subcommands; *c != NULL; c++) {
        char title[SUBCOMMAND_NAME], other[SUBCOMMAND_NAME], line[128];
        subcommand_title(*c, title);
        ck_assert_msg((*c)->run != NULL && (*c)->operands != NULL, "%s", title);
        ck_assert_msg((*c)->kind == NULL || (*c)->name != NULL, "%s", (*c)->kind);
        ck_assert_msg((*c)->take != NULL || (*c)->missing != NULL, "%s: no operand", title);
        ck_assert_msg((*c)->is_apart || (*c)->help != NULL, "%s: not in the help", title);
        for (const struct subcommand *const *d = subcommands; d != c; d++)
            ck_assert(*title == '\0' || strcmp(subcommand_title(*d, other), title) != 0);
        snprintf(line, sizeof line, "ramptop %s%s%s  ", title, *title != '\0' ? " " : "",
                 (*c)->operands);
        ck_assert_msg((*c)->help == NULL || strstr(help, line) != NULL, "no %s", line);
        taken |= (*c)->is_apart ? 0 : (*c)->options;
    }
    for (int id = 0; id < OPT_COUNT; id++)
        ck_assert_msg((taken & UINT64_C(1) << id) != 0 || id == OPT_HELP || id == OPT_VERSION,
                      "nothing takes --%s", cli_table[id].name);
    free(help);
}
END_TEST

START_TEST(a_body_comes_from_a_file)
{
    struct options o;
    struct err e;
    char path[] = "/tmp/ramptop-body-XXXXXX", line[128];
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "two\nlines", 9), 9);
    snprintf(line, sizeof line, "-d @%s http://a", path);
    parse_ok(&o, line);
    ck_assert_ptr_null(o.body);
    ck_assert(cli_read_body(&o, &e));
    ck_assert_str_eq(o.body, "two\nlines");
    cli_finish(&o);

    ck_assert_int_eq(write(fd, "\0", 1), 1);
    parse_ok(&o, line);
    ck_assert(!cli_read_body(&o, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "binary"));
    cli_finish(&o);
    close(fd);
    unlink(path);

    parse_ok(&o, line);
    ck_assert(!cli_read_body(&o, &e));
    ck_assert_ptr_nonnull(strstr(e.text, path));
    cli_finish(&o);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cli");
    TCase *t = tcase_create("cli");
    tcase_add_test(t, flags_of_load);
    tcase_add_test(t, probes_are_kept_as_they_are_written);
    tcase_add_test(t, commands_of_a_profile_are_let_run);
    tcase_add_test(t, flags_of_request_and_output);
    tcase_add_test(t, the_demo_and_its_defaults);
    tcase_add_test(t, commands_and_subjects);
    tcase_add_test(t, what_of_a_profile);
    tcase_add_test(t, lists_of_flags_replace_those_of_variables);
    tcase_add_test(t, bench_and_limits);
    tcase_add_test(t, what_stands_behind_curl_is_its_own);
    tcase_add_test(t, new_and_list);
    tcase_add_loop_test(t, a_mistake_is_one_sentence, 0, sizeof wrong / sizeof *wrong);
    tcase_add_test(t, variables_stand_behind_flags);
    tcase_add_test(t, a_wrong_variable_is_named);
    tcase_add_test(t, variables_of_a_cluster_are_none_of_ours);
    tcase_add_test(t, help_names_every_option);
    tcase_add_test(t, each_subcommand_is_a_row);
    tcase_add_test(t, a_body_comes_from_a_file);
    suite_add_tcase(s, t);
    return unit_run(s);
}
