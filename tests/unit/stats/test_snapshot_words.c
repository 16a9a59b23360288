/* SPDX-License-Identifier: MIT */
/* The words that screen, summary and JSON share. */
#include "src/stats/snapshot_words.h"

#include <check.h>
#include <stdlib.h>

#include "src/base/mem.h"
#include "tests/unit/unit.h"

START_TEST(an_endpoint_has_a_title)
{
    char out[SNAP_TITLE];
    ck_assert_str_eq(
        snap_title(&(struct snap_endpoint){.method = "POST", .name = "/api/run"}, out, sizeof out),
        "POST /api/run");
    ck_assert_str_eq(snap_title(&(struct snap_endpoint){.name = "checkout"}, out, sizeof out),
                     "checkout");
}
END_TEST

START_TEST(a_row_of_failures_is_named)
{
    struct snapshot *s = mem_zalloc(sizeof *s);
    char out[SNAP_TITLE];
    struct snap_fail f = {.fail = FAIL_STATUS, .status = 503, .endpoint = 0};
    s->n_endpoints = 1;
    s->endpoints[0] = (struct snap_endpoint){.method = "GET", .name = "/fast"};
    ck_assert_str_eq(snap_fail_word(&f, out, sizeof out), "503");
    ck_assert_str_eq(snap_fail_endpoint(s, &f, out, sizeof out), "GET /fast");
    f = (struct snap_fail){.fail = FAIL_TIMEOUT, .status = 503, .endpoint = 1};
    ck_assert_str_eq(snap_fail_word(&f, out, sizeof out), "timeout");
    ck_assert_str_eq(snap_fail_endpoint(s, &f, out, sizeof out), "(others)");
    free(s);
}
END_TEST

START_TEST(a_breach_has_a_load_and_a_bound)
{
    char out[64];
    ck_assert_str_eq(
        snap_breach_load(&(struct snap_breach){.users = 230, .rps = 410.4}, out, sizeof out),
        "230 users, 410 req/s");
    ck_assert_str_eq(
        snap_breach_load(&(struct snap_breach){.users = 1, .rps = 9.5}, out, sizeof out),
        "1 user, 9.50 req/s");
    const struct snap_breach usual = {.us = 243400}, wanted = {.us = 1500000, .wanted = true};
    ck_assert_str_eq(snap_breach_bound(&usual, out, sizeof out), "243 ms");
    ck_assert_str_eq(snap_breach_bound(&wanted, out, sizeof out), "1.5 s"); /* as it was written */
}
END_TEST

int main(void)
{
    Suite *s = suite_create("snapshot_words");
    TCase *tc = tcase_create("snapshot_words");
    tcase_add_test(tc, an_endpoint_has_a_title);
    tcase_add_test(tc, a_row_of_failures_is_named);
    tcase_add_test(tc, a_breach_has_a_load_and_a_bound);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
