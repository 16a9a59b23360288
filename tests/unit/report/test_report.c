/* SPDX-License-Identifier: MIT */
/* The summary as people and as programs read it, and the way it gets into a file. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/width.h"
#include "src/report/report.h"
#include "tests/unit/unit.h"

static struct snapshot snap; /* too large for the stack of a test */

static struct snap_latency latency(uint64_t count, uint64_t p50)
{
    return (struct snap_latency){.count = count,
                                 .mean_us = (double)p50 * 1.1,
                                 .min_us = p50 / 2,
                                 .p50_us = p50,
                                 .p75_us = p50 * 2,
                                 .p90_us = p50 * 3,
                                 .p95_us = p50 * 4,
                                 .p99_us = p50 * 5,
                                 .p99_9_us = p50 * 6,
                                 .max_us = p50 * 7};
}

static void add_endpoint(const char *method, const char *name, uint64_t requests, uint64_t failures)
{
    struct snap_endpoint *e = &snap.endpoints[snap.n_endpoints++];
    snprintf(e->method, sizeof e->method, "%s", method);
    snprintf(e->name, sizeof e->name, "%s", name);
    e->requests = requests;
    e->failures = failures;
    e->rps = (double)requests / 10;
    e->total = e->window = latency(requests - failures, 10123);
}

static void add_fail(uint16_t endpoint, enum fail fail, uint16_t status, uint64_t count,
                     const char *text)
{
    struct snap_fail *f = &snap.fails[snap.n_fails++];
    *f = (struct snap_fail){.endpoint = endpoint,
                            .fail = (uint8_t)fail,
                            .status = status,
                            .count = count,
                            .first_s = 1.25,
                            .last_s = 9};
    snprintf(f->text, sizeof f->text, "%s", text);
}

static void fill(void)
{
    memset(&snap, 0, sizeof snap);
    snprintf(snap.run.target, sizeof snap.run.target, "http://127.0.0.1:8080");
    snprintf(snap.run.profile, sizeof snap.run.profile, "demo");
    snprintf(snap.run.level, sizeof snap.run.level, "baseline");
    snprintf(snap.run.end_reason, sizeof snap.run.end_reason, "the run time of 20 s is over");
    snap.elapsed_s = snap.load_s = snap.rate_s = 20.0;
    snap.users = 80;
    snap.run.users_wanted = 100;
    snap.users_peak = 100;
    snap.finished = 2000;
    snap.failures = 5;
    snap.bytes_in = 1u << 20;
    snap.bytes_out = 2048;
    snap.rps = 98.4;
    snap.fail_percent = 0.25;
    snap.window_s = 10;
    snap.total = snap.window = latency(1995, 10123);
    snap.total_failed = snap.window_failed = latency(5, 90);
    snap.statuses = (struct statuses){.n = 3, .code = {200, 304, 503}, .count = {1990, 5, 3}};
    add_endpoint("GET", "/fast", 1500, 0);
    add_endpoint("", "(others)", 0, 0);
    add_endpoint("POST", "/caf\xc3\xa9", 500, 5);
    add_fail(2, FAIL_STATUS, 503, 3, "HTTP/1.1 503 busy");
    add_fail(0, FAIL_TIMEOUT, 0, 2, "no reply within 5 s");
    snap.n_marks = 1;
    snap.marks[0] = (struct snap_mark){.at_s = 5.5, .kind = SNAP_MARK_USER, .letter = 'a'};
    snprintf(snap.marks[0].text, sizeof snap.marks[0].text, "pool doubled");
    snap.n_bursts = 1;
    snap.bursts[0] = (struct snap_burst){.number = 1,
                                         .of = 2,
                                         .users = 10,
                                         .at_s = 3,
                                         .success = 0.5,
                                         .latency = {.count = 5, .p95_us = 1500},
                                         .verdict = "poor"};
    snprintf(snap.bursts[0].text, sizeof snap.bursts[0].text, "burst 1 of 2, 10 users: 50 %% ok");
    snap.health.cpu_percent = 12.34;
    snap.health.lag_p99_run_ms = 0.25;
}

static const char summary[] =
    "http://127.0.0.1:8080  demo / baseline\n"
    "ran 00:00:20 with up to 100 users; the run time of 20 s is over\n"
    "\n"
    "requests  2,000  (100.0 per second)\n"
    "failures  5  (0.25 %)\n"
    "bytes     1.0 MB in, 2.0 KB out\n"
    "latency   min 5.06 ms, mean 11.1 ms, max 70.9 ms  (of successes)\n"
    "          p50 10.1 ms, p75 20.2 ms, p90 30.4 ms, p95 40.5 ms\n"
    "          p99 50.6 ms, p99.9 60.7 ms\n"
    "          of failures: min 45 us, p50 90 us, p99 450 us, max 630 us\n"
    "statuses  200 1,990, 304 5, 503 3\n"
    "\n"
    " endpoint           requests failures    req/s     p50     p95     p99     max\n"
    " GET /fast             1,500        0     75.0   10 ms   40 ms   51 ms   71 ms\n"
    " POST /caf\xc3\xa9              500        5     25.0   10 ms   40 ms   51 ms   71 ms\n"
    "\n"
    " failures   kind         endpoint, and what one of them said\n"
    "        3   503          POST /caf\xc3\xa9: HTTP/1.1 503 busy\n"
    "        2   timeout      GET /fast: no reply within 5 s\n"
    "\n"
    " 00:00:05  a  pool doubled\n"
    "\n"
    " 00:00:03  burst 1 of 2, 10 users: 50 % ok\n"
    "\n"
    "generator  cpu 12 %, late by 0.2 ms (p99), samples lost 0\n";

START_TEST(the_summary_says_it_all)
{
    fill();
    char *text = report_summary(&snap, NULL);
    ck_assert_str_eq(text, summary);
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
        ck_assert_msg(strcspn(line, "\n") <= 80, "wider than 80 columns: %.*s",
                      (int)strcspn(line, "\n"), line);
    free(text);
}
END_TEST

START_TEST(without_failures_or_without_successes_the_summary_says_so)
{
    fill();
    snap.total_failed = (struct snap_latency){0};
    char *calm = report_summary(&snap, NULL);
    ck_assert_ptr_nonnull(strstr(calm, "max 70.9 ms\n"));
    ck_assert_ptr_null(strstr(calm, "of failures"));
    free(calm);
    fill();
    snap.total = (struct snap_latency){0};
    snap.endpoints[0].total = (struct snap_latency){0};
    char *bad = report_summary(&snap, NULL);
    ck_assert_ptr_nonnull(strstr(bad, "\nlatency   -  (nothing succeeded)\n"
                                      "          of failures: min 45 us, p50 90 us, "));
    ck_assert_ptr_nonnull(strstr(bad, " GET /fast             1,500        0     75.0       -  "));
    free(bad);
}
END_TEST

START_TEST(many_statuses_are_folded)
{
    fill();
    snap.statuses = (struct statuses){.n = STATUSES_ROWS, .others = 1234567};
    for (uint32_t i = 0; i < STATUSES_ROWS; i++) {
        snap.statuses.code[i] = (uint16_t)(200 + i);
        snap.statuses.count[i] = UINT64_C(1) << (2 * i);
    }
    char *text = report_summary(&snap, NULL), *at = strstr(text, "\nstatuses  200 1, 201 4, ");
    ck_assert_ptr_nonnull(at);
    ck_assert_ptr_nonnull(strstr(at, "223 70,368,744,177,664, others 1,234,567\n\n"));
    for (const char *line = at + 1; *line != '\n'; line += strcspn(line, "\n") + 1)
        ck_assert_uint_le(strcspn(line, "\n"), 80);
    free(text);
}
END_TEST

START_TEST(marks_without_room_are_told_of)
{
    fill();
    snap.marks_dropped = 72;
    char *text = report_summary(&snap, NULL), *json = report_json(&snap, NULL);
    ck_assert_ptr_nonnull(strstr(text, " ... 72 older marks, which are not kept\n 00:00:05"));
    ck_assert_ptr_nonnull(strstr(json, "\"marks_dropped\": 72,"));
    free(text);
    free(json);
}
END_TEST

START_TEST(rates_leave_out_the_time_in_which_nothing_ran)
{
    fill();
    snap.load_s = 0.302;
    char *brief = report_summary(&snap, NULL);
    ck_assert_ptr_nonnull(strstr(brief, "\nran 302 ms with up to"));
    free(brief);
    fill();
    snap.load_s = 9;
    snap.drain_s = 1;
    snap.stopped_s = 10;
    snap.rate_s = 10;
    char *text = report_summary(&snap, NULL);
    ck_assert_ptr_nonnull(strstr(text, "ran 00:00:09 with"));
    ck_assert_ptr_nonnull(strstr(text, "\nthe last replies came 1.0 s later\n"));
    ck_assert_ptr_nonnull(strstr(text, "\nfor 10.0 s besides nothing ran, which no rate counts\n"));
    ck_assert_ptr_nonnull(strstr(text, "requests  2,000  (200.0 per second)\n"));
    ck_assert_ptr_nonnull(strstr(text, " 1,500        0    150.0 "));
    free(text);
    text = report_json(&snap, NULL);
    ck_assert_ptr_nonnull(strstr(text, "\"duration_s\": 20.0,"));
    ck_assert_ptr_nonnull(strstr(text, "\"load_s\": 9.0,"));
    ck_assert_ptr_nonnull(strstr(text, "\"drain_s\": 1.0,"));
    ck_assert_ptr_nonnull(strstr(text, "\"stopped_s\": 10.0,"));
    ck_assert_ptr_nonnull(strstr(text, "\"rate_s\": 10.0,"));
    ck_assert_ptr_nonnull(strstr(text, "\"rps\": 200.0,"));
    free(text);
}
END_TEST

START_TEST(addresses_are_told_where_a_name_has_several)
{
    fill();
    snap.n_addresses = 3;
    snap.addresses[0] = (struct snap_address){"api.test", "10.0.0.1", 12, 10};
    snap.addresses[1] = (struct snap_address){"one.test", "10.0.0.9", 7, 7};
    snap.addresses[2] = (struct snap_address){"api.test", "10.0.0.2", 10, 10};
    char *text = report_summary(&snap, NULL);
    ck_assert_ptr_nonnull(strstr(text, "\n connections  of tries   address\n"
                                       "          10        12   api.test 10.0.0.1\n"
                                       "          10        10   api.test 10.0.0.2\n"));
    ck_assert_ptr_null(strstr(text, "one.test"));
    free(text);
    text = report_json(&snap, NULL);
    ck_assert_ptr_nonnull(strstr(text, "\"address\": \"10.0.0.9\""));
    free(text);
}
END_TEST

START_TEST(warnings_and_what_is_ours_stand_out)
{
    fill();
    snap.client_failures = 7;
    snap.aborted = 4;
    snap.given_up = 3;
    snap.given_up_s = 2.5;
    snap.cut_short = 2;
    snap.sent_again = 5;
    snap.run.insecure = snap.run.tls = true;
    snap.health.n_warnings = 1;
    snprintf(snap.health.warnings[0], sizeof snap.health.warnings[0],
             "generator is the bottleneck");
    char *text = report_summary(&snap, NULL);
    ck_assert_ptr_nonnull(strstr(text, "\nNOT SENT  7  requests, which this side could not send"));
    ck_assert_ptr_nonnull(strstr(text, "\ngiven up  3  had no reply after up to 2.5 s when the run "
                                       "ended: longer than any that is counted\n"));
    ck_assert_ptr_nonnull(strstr(text, "\nuntimed   1  "));
    ck_assert_ptr_nonnull(strstr(text, "\nagain     5  were sent once more: the target closed"));
    ck_assert_ptr_nonnull(strstr(text, "\non_stop   was not done by 2 users"));
    ck_assert_ptr_nonnull(strstr(text, "NOT verified"));
    ck_assert_ptr_nonnull(strstr(text, "\nwarning: generator is the bottleneck\n"));
    ck_assert_ptr_null(strstr(text, "\nerror: ")); /* no row tells of what */
    free(text);
    snap.n_fails = 0;
    add_fail(0, FAIL_NO_VALUE, 0, 5, "${token} has no value yet");
    add_fail(0, FAIL_CLIENT_FDS, 0, 2, "");
    text = report_summary(&snap, NULL);
    ck_assert_ptr_nonnull(strstr(text,
                                 "\nerror: 7 requests could not be sent: no value (client), GET "
                                 "/fast: ${token} has no value yet.  A variable"));
    free(text);
    text = report_json(&snap, NULL);
    ck_assert_ptr_nonnull(strstr(text, "\"client_failures\": 7,"));
    ck_assert_ptr_nonnull(strstr(text, "\"not_sent\": {\n"));
    ck_assert_ptr_nonnull(strstr(text, "\"kind\": \"no files (client)\",\n"));
    free(text);
}
END_TEST

START_TEST(nothing_happened_is_a_summary_too)
{
    memset(&snap, 0, sizeof snap);
    char *text = report_summary(&snap, NULL), *json = report_json(&snap, NULL),
         *table = report_table(&snap, NULL);
    ck_assert_ptr_nonnull(strstr(text, "requests  0  (0 per second)"));
    ck_assert_ptr_null(strstr(text, "nan"));
    ck_assert_ptr_null(strstr(json, "nan"));
    ck_assert_ptr_nonnull(strstr(json, "\"p99\": null"));
    ck_assert_ptr_nonnull(strstr(json, "\"min\": null"));
    ck_assert_ptr_nonnull(strstr(table, "p50 -"));
    free(text);
    free(json);
    free(table);
}
END_TEST

START_TEST(the_table_shows_the_busiest)
{
    fill();
    for (int i = 0; i < 20; i++)
        add_endpoint("GET", "/more-and-more-and-more-and-more-and-more-of-a-long-name", 10, 0);
    char *text = report_table(&snap, NULL);
    ck_assert_ptr_eq(text, strstr(text, "00:00:20  users 80 of 100  98.4 req/s  failures 0.25 %  "
                                        "p50 10 ms  p95 40 ms  p99 51 ms  (last 10 s)\n"));
    ck_assert_ptr_nonnull(strstr(text, " GET /fast  "));
    ck_assert_ptr_nonnull(strstr(text, "-and-... "));
    ck_assert_ptr_nonnull(strstr(text, " ... and 14 more\n"));
    free(text);
}
END_TEST

/* Names in scripts of two columns, emoji, marks on letters: all figures end in the same column. */
START_TEST(wide_names_keep_the_columns)
{
    static const char *const names[] = {
        "/\u767b\u5f55",
        "/cafe\u0301",
        "/\U0001f680",
        "/plain",
        "/\uac80\uc0c9/a",
        ("/\u5546\u54c1\u5546\u54c1\u5546\u54c1\u5546\u54c1\u5546\u54c1\u5546\u54c1\u5546\u54c1"
         "\u5546\u54c1\u5546\u54c1\u5546\u54c1\u5546\u54c1\u5546\u54c1")};
    fill();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        add_endpoint("GET", names[i], 10, 0);
    char *text = report_summary(&snap, NULL), *from = strstr(text, " endpoint "), *end;
    ck_assert_ptr_nonnull(from);
    size_t columns = 0, rows = 0;
    for (char *line = from; *line != '\0' && *line != '\n'; line = end + 1, rows++) {
        end = strchr(line, '\n');
        *end = '\0';
        ck_assert_msg(columns == 0 || width_text(line) == columns, "%s", line);
        columns = width_text(line);
    }
    ck_assert_uint_gt(rows, sizeof names / sizeof *names);
    free(text);
}
END_TEST

static json_t *load(void)
{
    json_error_t why;
    char *text = report_json(&snap, NULL);
    json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, &why);
    ck_assert_msg(o != NULL, "%s", why.text);
    free(text);
    return o;
}

START_TEST(json_has_the_promised_names)
{
    static const char *const top[] = {"schema",     "target",
                                      "profile",    "level",
                                      "duration_s", "users_peak",
                                      "requests",   "failures",
                                      "rps",        "latency_ms",
                                      "endpoints",  "failures_by_kind",
                                      "statuses",   "failure_latency_ms",
                                      "generator",  "marks",
                                      "bursts"};
    static const char *const latencies[] = {"min", "mean", "p50",   "p75", "p90",
                                            "p95", "p99",  "p99_9", "max"};
    fill();
    json_t *o = load();
    for (size_t i = 0; i < sizeof top / sizeof *top; i++)
        ck_assert_msg(json_object_get(o, top[i]) != NULL, "%s", top[i]);
    json_t *endpoint = json_array_get(json_object_get(o, "endpoints"), 0);
    for (size_t i = 0; i < sizeof latencies / sizeof *latencies; i++) {
        ck_assert(json_is_real(json_object_get(json_object_get(o, "latency_ms"), latencies[i])));
        ck_assert(
            json_is_real(json_object_get(json_object_get(endpoint, "latency_ms"), latencies[i])));
    }
    const char *name, *method, *kind, *where, *sample, *schema, *mark;
    json_int_t requests, failures, times, lost;
    double rps, cpu, delay, p50, duration, at;
    json_t *warnings;
    int r = json_unpack(o,
                        "{s:s, s:F, s:[{s:s, s:s, s:I, s:I, s:F}, *], s:[{s:s, s:s, s:I, s:s}, *], "
                        "s:{s:F, s:I, s:F, s:o}, s:[{s:F, s:s}], s:{s:F}}",
                        "schema", &schema, "duration_s", &duration, "endpoints", "name", &name,
                        "method", &method, "requests", &requests, "failures", &failures, "rps",
                        &rps, "failures_by_kind", "kind", &kind, "endpoint", &where, "count",
                        &times, "sample", &sample, "generator", "cpu_percent", &cpu, "ring_lost",
                        &lost, "loop_delay_ms_p99", &delay, "warnings", &warnings, "marks", "at_s",
                        &at, "text", &mark, "latency_ms", "p50", &p50);
    ck_assert_int_eq(r, 0);
    ck_assert_str_eq(schema, "ramptop-summary/1");
    ck_assert_str_eq(name, "/fast");
    ck_assert_str_eq(kind, "503");
    ck_assert_str_eq(where, "POST /caf\xc3\xa9");
    ck_assert_int_eq(times, 3);
    ck_assert_str_eq(mark, "pool doubled");
    ck_assert_double_eq(p50, 10.123);
    ck_assert_double_eq(rps, 75);
    ck_assert_double_eq(cpu, 12.3);
    double success, p95;
    const char *verdict;
    ck_assert_int_eq(json_unpack(o, "{s:[{s:F, s:F, s:s}]}", "bursts", "success", &success,
                                 "p95_ms", &p95, "verdict", &verdict),
                     0);
    ck_assert_double_eq(success, 0.5);
    ck_assert_double_eq(p95, 1.5);
    ck_assert_str_eq(verdict, "poor");
    json_decref(o);
}
END_TEST

/* Of nothing there is no latency: 0 would be the best of all. */
START_TEST(json_tells_successes_and_failures_apart)
{
    fill();
    snap.statuses.others = 9;
    snap.endpoints[0].statuses = (struct statuses){.n = 1, .code = {200}, .count = {1500}};
    snap.endpoints[2].total = (struct snap_latency){0};
    snap.endpoints[2].total_failed = latency(5, 90);
    snap.bursts[0].latency = (struct snap_latency){0};
    snap.bursts[0].failed = latency(5, 250);
    json_t *o = load(), *endpoints = json_object_get(o, "endpoints");
    json_int_t ok, odd, others, own;
    double whole, mine, burst;
    ck_assert_int_eq(json_unpack(o, "{s:{s:I, s:I, s:I}, s:{s:F}, s:[{s:n, s:{s:F}}]}", "statuses",
                                 "200", &ok, "304", &odd, "others", &others, "failure_latency_ms",
                                 "p50", &whole, "bursts", "p50_ms", "failure_latency_ms", "p50",
                                 &burst),
                     0);
    ck_assert_int_eq(json_unpack(json_array_get(endpoints, 0), "{s:{s:I}, s:{s:n}}", "statuses",
                                 "200", &own, "failure_latency_ms", "p50"),
                     0);
    ck_assert_int_eq(json_unpack(json_array_get(endpoints, 2), "{s:{s:n, s:n}, s:{s:F}}",
                                 "latency_ms", "p50", "min", "failure_latency_ms", "p50", &mine),
                     0);
    ck_assert_int_eq(ok, 1990);
    ck_assert_int_eq(odd, 5);
    ck_assert_int_eq(others, 9);
    ck_assert_int_eq(own, 1500);
    ck_assert_double_eq(whole, 0.09);
    ck_assert_double_eq(mine, 0.09);
    ck_assert_double_eq(burst, 0.25);
    json_decref(o);
}
END_TEST

START_TEST(json_is_clean_whatever_the_snapshot_holds)
{
    fill();
    snprintf(snap.fails[0].text, sizeof snap.fails[0].text, "\xff\x1b[2J \"quoted\"");
    snap.total.mean_us = 0.0 / 0.0 * 1.0;
    json_t *o = load();
    const char *sample;
    ck_assert_int_eq(json_unpack(o, "{s:[{s:s}, *]}", "failures_by_kind", "sample", &sample), 0);
    ck_assert_str_eq(sample, "\xef\xbf\xbd\xef\xbf\xbd[2J \"quoted\"");
    ck_assert(json_is_null(json_object_get(json_object_get(o, "latency_ms"), "mean")));
    json_decref(o);
}
END_TEST

START_TEST(figures_carry_no_crumbs)
{
    fill();
    snap.elapsed_s = 20.100000000000001;
    char *text = report_json(&snap, NULL);
    ck_assert_ptr_nonnull(strstr(text, "\"duration_s\": 20.1,"));
    ck_assert_ptr_nonnull(strstr(text, "\"p50\": 10.123,"));
    free(text);
}
END_TEST

static char folder[] = "/tmp/ramptop-report-XXXXXX";

static size_t files_in_folder(void)
{
    char cmd[128], n[16] = "";
    snprintf(cmd, sizeof cmd, "ls -A %s | wc -l", folder);
    FILE *p = popen(cmd, "r");
    ck_assert_ptr_nonnull(p);
    ck_assert_ptr_nonnull(fgets(n, sizeof n, p));
    pclose(p);
    return strtoul(n, NULL, 10);
}

START_TEST(a_file_is_whole_and_alone)
{
    struct err e;
    struct stat st;
    char path[128], got[32] = "";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/r.json", folder);
    umask(022);
    ck_assert(report_write(path, "an older and longer one\n", &e));
    ck_assert(report_write(path, "new\n", &e));
    FILE *f = fopen(path, "r");
    ck_assert_ptr_nonnull(fgets(got, sizeof got, f));
    fclose(f);
    ck_assert_str_eq(got, "new\n");
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 0777, 0644);
    ck_assert_uint_eq(files_in_folder(), 1);

    /* Who may read it stays as it is, and a link stays one. */
    char link[128];
    struct stat of_link;
    snprintf(link, sizeof link, "%s/link", folder);
    ck_assert(chmod(path, 0600) == 0 && symlink("r.json", link) == 0);
    ck_assert(report_write(link, "through it\n", &e));
    ck_assert(lstat(link, &of_link) == 0 && S_ISLNK(of_link.st_mode));
    ck_assert(stat(path, &st) == 0 && st.st_size == 11 && (st.st_mode & 0777) == 0600);
    ck_assert_int_eq(unlink(link), 0);

    /* What stands there already and is no file is not replaced, and nothing is left over. */
    snprintf(path, sizeof path, "%s/dir", folder);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert(!report_write(path, "x", &e));
    ck_assert_ptr_nonnull(strstr(e.text, path));
    ck_assert(!report_writable(path, &e));
    ck_assert_ptr_nonnull(strstr(e.text, ": Is a directory"));
    ck_assert_uint_eq(files_in_folder(), 2);
    rmdir(path);
    snprintf(path, sizeof path, "rm -r %s", folder);
    ck_assert_int_eq(system(path), 0);
}
END_TEST

START_TEST(what_cannot_be_written_says_why)
{
    struct err e;
    ck_assert(report_writable(NULL, &e) && report_writable("-", &e) &&
              report_writable("/dev/full", &e) && report_writable("/tmp/r.json", &e));
    ck_assert(!report_writable("/nonexistent/none/r.json", &e));
    ck_assert_str_eq(e.text, "cannot write /nonexistent/none/r.json: No such file or directory");
    ck_assert(!report_write("/nonexistent/none/r.json", "x", &e));
    ck_assert_str_eq(e.text, "cannot write /nonexistent/none/r.json: No such file or directory");
    ck_assert(!report_write("/dev/full", "x", &e));
    ck_assert_str_eq(e.text, "cannot write /dev/full: No space left on device");
    struct stat st;
    ck_assert_int_eq(stat("/dev/full", &st), 0);
    ck_assert(S_ISCHR(st.st_mode));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("report");
    TCase *t = tcase_create("report");
    tcase_add_test(t, the_summary_says_it_all);
    tcase_add_test(t, without_failures_or_without_successes_the_summary_says_so);
    tcase_add_test(t, many_statuses_are_folded);
    tcase_add_test(t, marks_without_room_are_told_of);
    tcase_add_test(t, rates_leave_out_the_time_in_which_nothing_ran);
    tcase_add_test(t, addresses_are_told_where_a_name_has_several);
    tcase_add_test(t, warnings_and_what_is_ours_stand_out);
    tcase_add_test(t, nothing_happened_is_a_summary_too);
    tcase_add_test(t, the_table_shows_the_busiest);
    tcase_add_test(t, wide_names_keep_the_columns);
    tcase_add_test(t, json_has_the_promised_names);
    tcase_add_test(t, json_tells_successes_and_failures_apart);
    tcase_add_test(t, json_is_clean_whatever_the_snapshot_holds);
    tcase_add_test(t, figures_carry_no_crumbs);
    tcase_add_test(t, a_file_is_whole_and_alone);
    tcase_add_test(t, what_cannot_be_written_says_why);
    suite_add_tcase(s, t);
    return unit_run(s);
}
