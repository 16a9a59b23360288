/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/probe/resp.h"
#include "tests/unit/unit.h"

static struct resp r;

static long parse(const char *text)
{
    return resp_parse(text, strlen(text), &r);
}

START_TEST(replies_of_each_kind)
{
    ck_assert_int_eq(parse("+PONG\r\nmore"), 7);
    ck_assert_int_eq(r.kind, RESP_TEXT);
    ck_assert_int_eq((int)r.len, 4);
    ck_assert_int_eq(parse("-NOAUTH Authentication required.\r\n"), 34);
    ck_assert_int_eq(r.kind, RESP_ERROR);
    ck_assert_int_eq(memcmp(r.text, "NOAUTH", 6), 0);
    ck_assert_int_eq(parse(":42\r\n"), 5);
    ck_assert_int_eq(r.kind, RESP_NUMBER);
    ck_assert_int_eq(parse("$5\r\nab\r\nc\r\n+"), 11);
    ck_assert_int_eq(r.kind, RESP_BULK);
    ck_assert_int_eq(memcmp(r.text, "ab\r\nc", 5), 0);
    ck_assert_int_eq(parse("$-1\r\n"), 5);
    ck_assert_int_eq(r.kind, RESP_NIL);
    ck_assert_int_eq(parse("$0\r\n\r\n"), 6);
    ck_assert_int_eq(r.kind, RESP_BULK);
}
END_TEST

START_TEST(what_is_not_there_yet_is_waited_for)
{
    static const char whole[] = "$5\r\nabcde\r\n";
    for (size_t n = 0; n < sizeof whole - 1; n++)
        ck_assert_int_eq(resp_parse(whole, n, &r), 0);
    ck_assert_int_eq(resp_parse(whole, sizeof whole - 1, &r), 11);
}
END_TEST

START_TEST(other_protocols_are_known)
{
    ck_assert_int_eq(parse("HTTP/1.1 400 Bad Request\r\n"), -1);
    ck_assert_int_eq(parse("*1\r\n"), -1);
    ck_assert_int_eq(parse("+PONG\n"), -1);
    ck_assert_int_eq(parse("$x\r\n"), -1);
    ck_assert_int_eq(parse("$\r\n"), -1);
    ck_assert_int_eq(parse("$-2\r\n"), -1);
    ck_assert_int_eq(parse("$99999999999999999999\r\n"), -1);
    ck_assert_int_eq(parse("$3\r\nabcde\r\n"), -1);
}
END_TEST

START_TEST(commands_are_counted_words)
{
    struct buf b = {0};
    const char *words[] = {"AUTH", "a\r\nb"};
    const size_t lens[] = {4, 4};
    resp_command(&b, words, lens, 2);
    ck_assert_str_eq(b.data, "*2\r\n$4\r\nAUTH\r\n$4\r\na\r\nb\r\n");
    buf_finish(&b);
}
END_TEST

START_TEST(fields_of_info)
{
    char *src = getenv("top_srcdir"), path[4096], text[16384], policy[32];
    snprintf(path, sizeof path, "%s/tests/probes/web/redis_info.txt", src != NULL ? src : ".");
    FILE *f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    size_t len = fread(text, 1, sizeof text, f);
    fclose(f);
    struct resp info = {.kind = RESP_BULK, .text = text, .len = len};
    ck_assert_double_eq(resp_number(&info, "maxclients"), 60);
    ck_assert_double_eq(resp_number(&info, "used_memory"), 436448);
    ck_assert_double_eq(resp_number(&info, "maxmemory"), 20971520);
    ck_assert(resp_field(&info, "maxmemory_policy", policy, sizeof policy));
    ck_assert_str_eq(policy, "allkeys-lru");
    ck_assert(isnan(resp_number(&info, "maxmemory_policy")));
    ck_assert(isnan(resp_number(&info, "used")));
    ck_assert(isnan(resp_number(&info, "config_file")));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("probe/resp");
    TCase *c = tcase_create("all");
    tcase_add_test(c, replies_of_each_kind);
    tcase_add_test(c, what_is_not_there_yet_is_waited_for);
    tcase_add_test(c, other_protocols_are_known);
    tcase_add_test(c, commands_are_counted_words);
    tcase_add_test(c, fields_of_info);
    suite_add_tcase(s, c);
    return unit_run(s);
}
