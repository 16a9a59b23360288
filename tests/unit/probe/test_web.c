/* SPDX-License-Identifier: MIT */
/* What nginx and Prometheus answer; units of metrics. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "src/probe/metric.h"
#include "src/probe/nginx_status.h"
#include "src/probe/promql_json.h"
#include "tests/unit/unit.h"

START_TEST(stub_status_is_read)
{
    static const char text[] =
        "Active connections: 291 \nserver accepts handled requests\n"
        " 16630948 16630946 31070465 \nReading: 6 Writing: 179 Waiting: 106 \n";
    struct nginx_status s;
    ck_assert(nginx_status_parse(text, strlen(text), &s));
    ck_assert_uint_eq(s.active, 291);
    ck_assert_uint_eq(s.accepts, 16630948);
    ck_assert_uint_eq(s.handled, 16630946);
    ck_assert_uint_eq(s.requests, 31070465);
    ck_assert_uint_eq(s.reading, 6);
    ck_assert_uint_eq(s.writing, 179);
    ck_assert_uint_eq(s.waiting, 106);
    for (size_t n = 0; n < strlen(text) - 6; n++)
        ck_assert(!nginx_status_parse(text, n, &s) || n > strlen(text) - 6);
    ck_assert(!nginx_status_parse("<html>1 2 3 4 5 6 7", 19, &s));
    ck_assert(!nginx_status_parse(NULL, 0, &s));
    ck_assert(!nginx_status_parse("Active connections: 99999999999999999999 1 2 3 4 5 6", 51, &s));
}
END_TEST

static struct promql_reply r;

static bool parse(const char *text)
{
    return promql_json(text, strlen(text), &r);
}

START_TEST(answers_to_queries)
{
    ck_assert(parse("{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":["
                    "{\"metric\":{\"code\":\"200\"},\"value\":[1795215954.440,\"0.25\"]},"
                    "{\"metric\":{},\"value\":[1795215954,\"3\"]},"
                    "{\"metric\":{},\"value\":[1795215954,\"NaN\"]}]}}"));
    ck_assert(r.ok);
    ck_assert_uint_eq(r.n, 3);
    ck_assert_uint_eq(r.known, 2);
    ck_assert_double_eq(r.sum, 3.25);
    ck_assert_double_eq(r.max, 3);
    ck_assert(parse("{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\","
                    "\"result\":[1795215954.468,\"+Inf\"]}}"));
    ck_assert(r.ok && r.n == 1 && isinf(r.sum));
    ck_assert_double_eq(r.at_s, 1795215954.468);
    ck_assert(parse("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{"
                    "\"values\":[[1,\"5\"],[2,\"7\"]]}]}}"));
    ck_assert(r.ok && r.known == 1);
    ck_assert_double_eq(r.sum, 7);
}
END_TEST

START_TEST(no_series_is_not_zero)
{
    ck_assert(parse("{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}"));
    ck_assert(r.ok);
    ck_assert_uint_eq(r.n, 0);
    ck_assert(parse("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{"
                    "\"values\":[]}]}}"));
    ck_assert_uint_eq(r.n, 0);
}
END_TEST

START_TEST(errors_are_told_clean)
{
    ck_assert(
        parse("{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"1:9: parse \\u001b[31m"
              "error\"}"));
    ck_assert(!r.ok);
    ck_assert_ptr_nonnull(strstr(r.error, "parse"));
    ck_assert_ptr_null(strchr(r.error, '\x1b'));
    ck_assert(!parse("<html>"));
    ck_assert(!parse(""));
    ck_assert(!parse("{\"status\":\"success\"}"));
    ck_assert(!parse("[1]"));
    ck_assert(!parse("{\"status\":7}"));
}
END_TEST

static struct metric_scale scale(const char *metric, enum metric_kind kind, const char *unit)
{
    char name[128], word[16];
    strcpy(name, metric);
    strcpy(word, unit != NULL ? unit : "");
    return metric_scale(
        &(struct probe_metric){.metric = name, .kind = kind, .unit = unit != NULL ? word : NULL});
}

START_TEST(units_come_from_names)
{
    ck_assert_int_eq(scale("process_resident_memory_bytes", METRIC_GAUGE, NULL).unit, UNIT_BYTES);
    ck_assert_int_eq(scale("sent_bytes_total{a=\"b\"}", METRIC_COUNTER, NULL).unit,
                     UNIT_BYTES_PER_S);
    struct metric_scale s = scale("process_cpu_seconds_total", METRIC_COUNTER, NULL);
    ck_assert_int_eq(s.unit, UNIT_PERCENT);
    ck_assert_double_eq(s.factor, 100);
    ck_assert_int_eq(scale("http_requests_total", METRIC_COUNTER, NULL).unit, UNIT_PER_S);
    ck_assert_int_eq(scale("go_goroutines", METRIC_GAUGE, NULL).unit, UNIT_COUNT);
    ck_assert_int_eq(scale("sum(rate(sent_bytes[1m]))", METRIC_GAUGE, NULL).unit, UNIT_COUNT);
    s = scale("latency", METRIC_GAUGE, "ms");
    ck_assert_int_eq(s.unit, UNIT_SECONDS);
    ck_assert_double_eq(s.factor, 0.001);
    ck_assert_int_eq(scale("x_bytes", METRIC_GAUGE, "1/s").unit, UNIT_PER_S);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("probe/web");
    TCase *c = tcase_create("all");
    tcase_add_test(c, stub_status_is_read);
    tcase_add_test(c, answers_to_queries);
    tcase_add_test(c, no_series_is_not_zero);
    tcase_add_test(c, errors_are_told_clean);
    tcase_add_test(c, units_come_from_names);
    suite_add_tcase(s, c);
    return unit_run(s);
}
