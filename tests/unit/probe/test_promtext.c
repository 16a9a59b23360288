/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/probe/promtext.h"
#include "tests/unit/unit.h"

static struct promtext_found found;
static size_t bad;

static size_t read_for(const char *want, const char *text, size_t len)
{
    struct promtext_want w;
    struct err e = {0};
    ck_assert_msg(promtext_want(&w, want, &e), "%s: %s", want, e.text);
    size_t n = promtext_read(text, len, &w, 1, &found, &bad);
    promtext_want_finish(&w);
    return n;
}

static double sum_of(const char *want, const char *text)
{
    read_for(want, text, strlen(text));
    return found.known == 0 ? NAN : found.sum;
}

#define NEAR(a, b) ck_assert_double_eq_tol(a, b, 1e-9)

START_TEST(names_and_labels_choose)
{
    static const char text[] = "# HELP x y\n# TYPE http_requests_total counter\n"
                               "http_requests_total{method=\"get\",code=\"200\"} 10\n"
                               "http_requests_total{method=\"post\",code=\"200\"} 3 1395066363000\n"
                               "http_requests_total{method=\"get\",code=\"500\",} 0.5\n"
                               "http_requests 99\n\n"
                               "  spaced { a = \"b\" } 7  \n";
    NEAR(sum_of("http_requests_total", text), 13.5);
    ck_assert_uint_eq(found.n, 3);
    NEAR(found.max, 10);
    NEAR(sum_of("http_requests_total{code=\"200\"}", text), 13);
    NEAR(sum_of("http_requests_total{code=\"200\",method=\"post\"}", text), 3);
    NEAR(sum_of("http_requests_total{code!=\"200\"}", text), 0.5);
    NEAR(sum_of("http_requests_total{other=\"\"}", text), 13.5);
    NEAR(sum_of("http_requests_total{ code = \"500\" , }", text), 0.5);
    NEAR(sum_of("http_requests", text), 99);
    NEAR(sum_of("spaced{a=\"b\"}", text), 7);
    ck_assert(isnan(sum_of("nothing", text)));
    ck_assert_uint_eq(found.n, 0);
    ck_assert_uint_eq(bad, 0);
    NEAR(sum_of("up", "\xef\xbb\xbfup 1\nup{a=\"b\"} 2\n"), 3); /* behind a byte order mark */
}
END_TEST

START_TEST(escapes_are_understood)
{
    static const char text[] = "x{path=\"C:\\\\a\\\"b\\nc\",z=\"} 1\"} 4\n";
    NEAR(sum_of("x{path=\"C:\\\\a\\\"b\\nc\"}", text), 4);
    NEAR(sum_of("x{z=\"} 1\"}", text), 4);
    ck_assert(isnan(sum_of("x{path=\"C:\\\\a\"}", text)));
}
END_TEST

START_TEST(odd_numbers_are_kept_apart)
{
    static const char text[] = "a NaN\nb +Inf\nc -1.5e3\nd 1\nd NaN\ne 0x\nf\n{} 3\ng 1 2 3\n";
    ck_assert(isnan(sum_of("a", text)));
    ck_assert_uint_eq(found.n, 1);
    ck_assert_uint_eq(bad, 4);
    ck_assert(isinf(sum_of("b", text)));
    NEAR(sum_of("c", text), -1500);
    NEAR(found.max, -1500);
    NEAR(sum_of("d", text), 1);
    ck_assert_uint_eq(found.n, 2);
    ck_assert_uint_eq(found.known, 1);
}
END_TEST

/* A number, a time and an exemplar may stand behind the labels, each with blanks behind it. */
START_TEST(exemplars_and_times_are_passed_over)
{
    static const char text[] = "# TYPE a counter\n"
                               "a_total 17.0 # {trace_id=\"x\"} 1 1520879607.789\n"
                               "b_total 18 1520879607.789 # {trace_id=\"x\"} 1\n"
                               "c_total 19 1520879607789 \n"
                               "d_bucket{le=\"+Inf\"} 20 15 # {} 0.5 16\n"
                               "e 1 2x # {} 1\n# EOF\n";
    NEAR(sum_of("a_total", text), 17);
    NEAR(sum_of("b_total", text), 18);
    NEAR(sum_of("c_total", text), 19);
    NEAR(sum_of("d_bucket{le=\"+Inf\"}", text), 20);
    ck_assert_uint_eq(bad, 1);
}
END_TEST

START_TEST(what_is_no_metric_is_refused)
{
    static const char *const wrong[] = {
        "",      "1x",          "x{", "x{a}", "x{a=b}", "x{a=\"b}", "x{a=~\"b.*\"}", "rate(x[1m])",
        "x + y", "x{a=\"b\"} 2"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct promtext_want w;
        struct err e = {0};
        ck_assert_msg(!promtext_want(&w, wrong[i], &e), "%s", wrong[i]);
        ck_assert_str_ne(e.text, "");
        promtext_want_finish(&w);
    }
}
END_TEST

START_TEST(a_page_that_is_none_is_known)
{
    static const char html[] = "<!DOCTYPE html>\n<html><body>hello</body></html>\n";
    ck_assert_uint_eq(read_for("x", html, strlen(html)), 0);
    ck_assert_uint_gt(bad, 0);
    ck_assert_uint_eq(read_for("x", "", 0), 0);
    ck_assert_uint_eq(bad, 0);
}
END_TEST

/* Cut anywhere, it only reads what is there. */
START_TEST(a_real_page)
{
    char *src = getenv("top_srcdir"), path[4096];
    snprintf(path, sizeof path, "%s/tests/probes/web/prom_metrics.txt", src != NULL ? src : ".");
    FILE *f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    char *text = malloc(200000);
    size_t len = fread(text, 1, 200000, f);
    fclose(f);
    ck_assert_uint_gt(read_for("go_goroutines", text, len), 100);
    NEAR(found.sum, 31);
    ck_assert_uint_eq(bad, 0);
    read_for("go_gc_duration_seconds{quantile=\"0.25\"}", text, len);
    NEAR(found.sum, 9.1406e-05);
    for (size_t cut = 0; cut < 3000 && cut < len; cut++) {
        char *copy = malloc(cut > 0 ? cut : 1);
        memcpy(copy, text, cut);
        read_for("go_goroutines", copy, cut);
        free(copy);
    }
    free(text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("probe/promtext");
    TCase *c = tcase_create("all");
    tcase_add_test(c, names_and_labels_choose);
    tcase_add_test(c, escapes_are_understood);
    tcase_add_test(c, odd_numbers_are_kept_apart);
    tcase_add_test(c, exemplars_and_times_are_passed_over);
    tcase_add_test(c, what_is_no_metric_is_refused);
    tcase_add_test(c, a_page_that_is_none_is_known);
    tcase_add_test(c, a_real_page);
    suite_add_tcase(s, c);
    return unit_run(s);
}
