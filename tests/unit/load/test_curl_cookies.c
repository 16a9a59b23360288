/* SPDX-License-Identifier: MIT */
/* A target that sets cookies without end: a user keeps the newest, within a bound. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "src/load/curl_cookies.h"
#include "src/load/transport.h"
#include "tests/unit/unit.h"

static CURL *easy;
static CURLSH *share;

static void set_up(void)
{
    ck_assert_int_eq(curl_global_init(CURL_GLOBAL_ALL), CURLE_OK);
    easy = curl_easy_init();
    ck_assert_ptr_nonnull(easy);
    share = curl_share_init();
    ck_assert_int_eq(curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE), CURLSHE_OK);
    ck_assert_int_eq(curl_easy_setopt(easy, CURLOPT_SHARE, share), CURLE_OK);
}

static void tear_down(void)
{
    curl_easy_cleanup(easy);
    curl_share_cleanup(share);
    curl_global_cleanup();
}

static void set_cookie(int number)
{
    char line[512];
    /* As in a file: of header lines libcurl takes 50 for one reply. */
    snprintf(line, sizeof line, "example.test\tFALSE\t/\tFALSE\t0\tc%04d\t%0300d", number, number);
    ck_assert_int_eq(curl_easy_setopt(easy, CURLOPT_COOKIELIST, line), CURLE_OK);
}

/* How many cookies there are, the number of the first and the last; *bytes: what they cost. */
static size_t cookies_kept(int *first, int *last, size_t *bytes)
{
    struct curl_slist *all = NULL;
    size_t n = 0;
    *bytes = 0;
    ck_assert_int_eq(curl_easy_getinfo(easy, CURLINFO_COOKIELIST, &all), CURLE_OK);
    for (const struct curl_slist *c = all; c != NULL; c = c->next, n++) {
        int number = -1;
        ck_assert_int_eq(sscanf(strstr(c->data, "\tc") + 2, "%d", &number), 1);
        *first = n == 0 ? number : *first;
        *last = number;
        *bytes += curl_cookie_cost(strlen(c->data));
    }
    curl_slist_free_all(all);
    return n;
}

START_TEST(the_newest_stay_within_the_bound)
{
    int first = -1, last = -1;
    size_t bytes;
    for (int i = 1; i <= 1000; i++)
        set_cookie(i);
    ck_assert_uint_eq(cookies_kept(&first, &last, &bytes), 1000);
    ck_assert_uint_gt(bytes, TRANSPORT_COOKIES_MAX);
    size_t left = curl_cookies_trim(share, TRANSPORT_COOKIES_MAX);
    size_t n = cookies_kept(&first, &last, &bytes);
    ck_assert_uint_gt(n, 0);
    ck_assert_uint_le(bytes, TRANSPORT_COOKIES_MAX);
    ck_assert_uint_le(left, TRANSPORT_COOKIES_MAX);
    ck_assert_int_eq(last, 1000);
    ck_assert_int_eq(first, 1001 - (int)n); /* the oldest went, none between */
}
END_TEST

START_TEST(few_are_left_alone)
{
    int first = -1, last = -1;
    size_t bytes;
    set_cookie(7);
    set_cookie(8);
    size_t left = curl_cookies_trim(share, TRANSPORT_COOKIES_MAX);
    ck_assert_uint_eq(cookies_kept(&first, &last, &bytes), 2);
    ck_assert_uint_eq(left, bytes);
    ck_assert_int_eq(first, 7);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("curl_cookies");
    TCase *tc = tcase_create("jar");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, the_newest_stay_within_the_bound);
    tcase_add_test(tc, few_are_left_alone);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
