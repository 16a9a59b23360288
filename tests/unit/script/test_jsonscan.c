/* SPDX-License-Identifier: MIT */
/* Where an array or object ends: many bytes at a time as one byte at a time. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

/* The way without SSE2 once more, under other names. */
#undef __SSE2__
#define json_string_end_far plain_string_end_far
#define json_close plain_close
#define json_value_end plain_value_end
#define json_count plain_count
#define json_unescape plain_unescape
#include "src/script/jsonscan.c"
#undef json_close

#include "src/base/rng.h"
#include "tests/unit/unit.h"

const char *json_close(const char *at, const char *end, unsigned depth); /* the program's own */

static const char *one_by_one(const char *at, const char *end, unsigned depth)
{
    bool inside = false;
    for (; at < end; at++) {
        if (*at == '"')
            inside = !inside;
        else if (inside)
            at += *at == '\\';
        else if (*at == '{' || *at == '[')
            depth++;
        else if ((*at == '}' || *at == ']') && --depth == 0)
            return at + 1;
    }
    return NULL;
}

/* Quotes, backslashes and brackets at all places of a block, the text cut off anywhere. */
START_TEST(all_ways_find_the_same_end)
{
    static const char bytes[] = "\"\"\\[]{}YyZ_,1 \x7f\xdd\xfb";
    struct rng r;
    rng_seed(&r, 4711);
    unsigned ended = 0;
    for (int round = 0; round < 200000; round++) {
        size_t len = rng_below(&r, 70);
        /* few kinds make long texts and long rows of backslashes */
        uint64_t from = rng_below(&r, sizeof bytes - 1);
        uint64_t kinds = 1 + rng_below(&r, sizeof bytes - 1 - from);
        char *text = malloc(len + 1);
        ck_assert_ptr_nonnull(text);
        char *at = text + 1; /* so that nothing lies behind it, at an odd address */
        for (size_t i = 0; i < len; i++)
            at[i] = bytes[from + rng_below(&r, kinds)];
        unsigned depth = 1 + (unsigned)rng_below(&r, 3);
        const char *want = one_by_one(at, at + len, depth);
        ended += want != NULL;
        ck_assert_ptr_eq(json_close(at, at + len, depth), want);
        ck_assert_ptr_eq(plain_close(at, at + len, depth), want);
        free(text);
    }
    ck_assert_uint_gt(ended, 1000);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("jsonscan");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, all_ways_find_the_same_end);
    suite_add_tcase(s, t);
    return unit_run(s);
}
