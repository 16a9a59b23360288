/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "src/profile/probe_spec.h"
#include "tests/unit/unit.h"

static struct probe_spec *read_spec(const char *text)
{
    struct err e = {0};
    struct probe_spec *s = probe_spec_parse(text, &e);
    ck_assert_msg(s != NULL, "%s: %s", text, e.text);
    return s;
}

START_TEST(docker_by_many_ways)
{
    struct probe_spec *s =
        read_spec("docker:shop-*,compose:shop/api,port:8080,engine=ssh://me@box,logs=error,as=api");
    ck_assert_int_eq(s->type, PROBE_DOCKER);
    ck_assert_uint_eq(s->n_match, 3);
    ck_assert_str_eq(s->match[0], "shop-*");
    ck_assert_str_eq(s->match[1], "compose:shop/api");
    ck_assert_str_eq(s->match[2], "port:8080");
    ck_assert_str_eq(s->where, "ssh://me@box");
    ck_assert_str_eq(s->logs, "error");
    ck_assert_str_eq(s->name, "api");
    probe_spec_unref(s);
    s = read_spec("podman");
    ck_assert_int_eq(s->type, PROBE_DOCKER);
    ck_assert_str_eq(s->name, "podman");
    ck_assert_str_eq(s->where, "");
    ck_assert(s->podman);
    struct probe_spec *docker = read_spec("docker:as=podman");
    ck_assert(!docker->podman && !probe_spec_equal(s, docker));
    probe_spec_unref(docker);
    probe_spec_unref(s);
}
END_TEST

START_TEST(a_conninfo_may_hold_commas)
{
    struct probe_spec *s =
        read_spec("postgres:host=a,b dbname=shop user=mon,pool=shop:20,pool=jobs:5,period=2s");
    ck_assert_str_eq(s->where, "host=a,b dbname=shop user=mon");
    ck_assert_uint_eq(s->n_pools, 2);
    ck_assert_str_eq(s->pools[1].text, "jobs");
    ck_assert_uint_eq(s->pools[1].max, 5);
    ck_assert_uint_eq(s->period_ns, UINT64_C(2000000000));
    ck_assert_str_eq(s->name, "db");
    probe_spec_unref(s);
}
END_TEST

START_TEST(a_query_goes_to_the_end)
{
    struct probe_spec *s = read_spec("promql:http://127.0.0.1:9090#sum(rate(a{b=\"c\"}[30s])), 2");
    ck_assert_str_eq(s->where, "http://127.0.0.1:9090");
    ck_assert_str_eq(s->metrics[0].metric, "sum(rate(a{b=\"c\"}[30s])), 2");
    probe_spec_unref(s);
    s = read_spec("command:/usr/bin/depth  --json");
    ck_assert_uint_eq(s->n_argv, 2);
    ck_assert_str_eq(s->argv[1], "--json");
    ck_assert_ptr_null(s->argv[2]);
    ck_assert(s->typed);
    ck_assert_str_eq(s->name, "depth");
    probe_spec_unref(s);
}
END_TEST

START_TEST(addresses_of_redis)
{
    static const char *const same[][2] = {{"redis", "127.0.0.1:6379"},
                                          {"redis:box:1", "box:1"},
                                          {"redis:redis://box:1/0", "box:1"},
                                          {"redis:unix:///run/r.sock", "/run/r.sock"},
                                          {"redis:/run/r.sock", "/run/r.sock"}};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct probe_spec *s = read_spec(same[i][0]);
        ck_assert_str_eq(s->where, same[i][1]);
        probe_spec_unref(s);
    }
}
END_TEST

START_TEST(what_is_said_twice_is_the_last)
{
    struct probe_spec *s = read_spec("docker:a,engine=unix:///a,engine=unix:///b,logs=a,logs=b");
    ck_assert_str_eq(s->where, "unix:///b");
    ck_assert_str_eq(s->logs, "b");
    probe_spec_unref(s);
}
END_TEST

/* The probe's own name is cut, what it looks for is not. */
START_TEST(names_of_processes_may_be_long)
{
    struct probe_spec *s = read_spec("process:name=a-service-with-a-name-of-more-than-31-bytes");
    ck_assert_str_eq(s->process, "a-service-with-a-name-of-more-than-31-bytes");
    ck_assert_uint_lt(strlen(s->name), PROBE_NAME_MAX);
    probe_spec_unref(s);
}
END_TEST

START_TEST(names_tell_counters)
{
    struct probe_spec *s = read_spec("prometheus:http://a/m#requests_total{code=\"500\"}");
    ck_assert_int_eq(s->metrics[0].kind, METRIC_COUNTER);
    ck_assert_str_eq(s->metrics[0].name, "requests_total");
    ck_assert_str_eq(s->metrics[0].metric, "requests_total{code=\"500\"}");
    probe_spec_unref(s);
    s = read_spec("prometheus:http://a/m#queue_length");
    ck_assert_int_eq(s->metrics[0].kind, METRIC_GAUGE);
    probe_spec_unref(s);
    s = read_spec("promql:http://a#requests_total"); /* a query is what it is */
    ck_assert_int_eq(s->metrics[0].kind, METRIC_GAUGE);
    probe_spec_unref(s);
}
END_TEST

static const struct {
    const char *text, *why;
} wrong[] = {
    {"dokcer", "there is no probe of the type \"dokcer\" (did you mean docker?); there are docker, "
               "postgres, pgbouncer, process, host, redis, nginx, prometheus, promql and command"},
    {"postgres:host=a password=geheim",
     "a password does not belong into a conninfo, where others can see it: use password = { secret "
     "= \"env:NAME\"; }, PGPASSWORD, ~/.pgpass or service="},
    {"postgres:postgresql://me:geheim@a/b",
     "a password does not belong into a conninfo, where others can see it: use password = { secret "
     "= \"env:NAME\"; }, PGPASSWORD, ~/.pgpass or service="},
    {"postgres:host=a,password=geheim",
     "a password does not belong into a conninfo, where others can see it: use password = { secret "
     "= \"env:NAME\"; }, PGPASSWORD, ~/.pgpass or service="},
    {"process:8080", "a process probe is process:port=8080, process:name=NAME or process:pid=4711"},
    {"process", "a process probe needs one of pid, process (its name) and port (where it listens)"},
    {"process:port=99999", "port is a number from 1 to 65535, as in process:port=8080"},
    {"host:-oProxyCommand=x", "a host cannot begin with '-'"},
    {"nginx:127.0.0.1", "a nginx probe's URL begins with http:// or https://, as "
                        "http://127.0.0.1/nginx_status does"},
    {"nginx:http://me:geheim@a/", "a user and password do not belong into a probe's URL, where "
                                  "others can see them: use user and password = { secret = "
                                  "\"env:NAME\"; }"},
    {"promql:http://a", "a promql probe is promql:URL#QUERY"},
    {"postgres:service=x,pool=shop", "pool is USER:MAX, as in pool=shop:20"},
    {"host,period=1ms", "period is a time of at least 100 ms, as in period=5s"},
    {"host:period=1ms", "period is a time of at least 100 ms, as in period=5s"},
    {"redis:a:1,b", "\"b\" is no setting of a redis probe"},
    {"redis:port=6379", "\"port\" is no setting of a redis probe"},
    {"host:perid=5s", "\"perid\" is no setting of a host probe (did you mean \"period\"?)"},
    {"docker:api,lgos=error", "\"lgos\" is no setting of a docker probe (did you mean \"logs\"?)"},
    {"docker:name=api", "\"name\" is no setting of a docker probe"},
    {"process:prt=8080", "\"prt\" is no setting of a process probe (did you mean \"port\"?)"},
    {"postgres:service=x,pools=a:2",
     "\"pools\" is no setting of a postgres probe (did you mean \"pool\"?)"},
    {"pgbouncer:service=x,peroid=5s",
     "\"peroid\" is no setting of a pgbouncer probe (did you mean \"period\"?)"},
    {"redis:redis://me:geheim@a", "a user and password do not belong into a redis probe's "
                                  "address, where others can see them: use user and password = { "
                                  "secret = \"env:NAME\"; }"},
    {"redis:rediss://a", "a redis probe speaks no TLS: let a command probe ask with redis-cli"},
    {"command:", "a command probe needs a command"},
    {"postgres:host=a sslpassword=geheim",
     "a password does not belong into a conninfo, where others can see it: use password = { secret "
     "= \"env:NAME\"; }, PGPASSWORD, ~/.pgpass or service="},
    {"postgres:host=a\npassword=geheim",
     "a password does not belong into a conninfo, where others can see it: use password = { secret "
     "= \"env:NAME\"; }, PGPASSWORD, ~/.pgpass or service="},
    {"process:prot=8080", "\"prot\" is no setting of a process probe (did you mean \"port\"?)"},
    {"docker:api,enigne=ssh://box",
     "\"enigne\" is no setting of a docker probe (did you mean \"engine\"?)"},
    {"redis:a:1,pass-word=geheim", "\"pass-word\" is no setting of a redis probe"},
    {"redis:a:1,password=geheim", "\"password\" is no setting of a redis probe"},
    {"process:name=", "a process probe needs one of pid, process (its name) and port (where it "
                      "listens)"},
    {"redis,as=", "as needs a name, as in as=api"},
    {"host:$(reboot)@box", "a host is a destination of ssh, such as user@box, and has no blanks, "
                           "quotes or other signs of a shell"},
    {"host:box -x", "a host is a destination of ssh, such as user@box, and has no blanks, quotes "
                    "or other signs of a shell"},
};

START_TEST(wrong_texts_say_what_is_right)
{
    struct err e = {0};
    ck_assert_ptr_null(probe_spec_parse(wrong[_i].text, &e));
    ck_assert_str_eq(e.text, wrong[_i].why);
    ck_assert_ptr_null(strstr(e.text, "geheim"));
}
END_TEST

START_TEST(names_in_a_list_are_unique)
{
    struct probe_specs all = {0};
    for (int i = 0; i < 3; i++)
        probe_specs_add(&all, read_spec("redis"));
    ck_assert_str_eq(all.items[0]->name, "redis");
    ck_assert_str_eq(all.items[1]->name, "redis 2");
    ck_assert_str_eq(all.items[2]->name, "redis 3");
    probe_specs_finish(&all);
}
END_TEST

START_TEST(equal_means_the_same_watch)
{
    struct probe_spec *a = read_spec("docker:a,b"), *b = read_spec("docker:a,b"),
                      *c = read_spec("docker:a,c");
    ck_assert(probe_spec_equal(a, b));
    ck_assert(!probe_spec_equal(a, c));
    probe_spec_unref(a);
    probe_spec_unref(b);
    probe_spec_unref(c);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("probe_spec");
    TCase *t = tcase_create("probe_spec");
    tcase_add_test(t, addresses_of_redis);
    tcase_add_test(t, what_is_said_twice_is_the_last);
    tcase_add_test(t, names_of_processes_may_be_long);
    tcase_add_test(t, names_tell_counters);
    tcase_add_test(t, docker_by_many_ways);
    tcase_add_test(t, a_conninfo_may_hold_commas);
    tcase_add_test(t, a_query_goes_to_the_end);
    tcase_add_loop_test(t, wrong_texts_say_what_is_right, 0, (int)(sizeof wrong / sizeof *wrong));
    tcase_add_test(t, names_in_a_list_are_unique);
    tcase_add_test(t, equal_means_the_same_watch);
    suite_add_tcase(s, t);
    return unit_run(s);
}
