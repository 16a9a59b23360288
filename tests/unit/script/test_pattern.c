/* SPDX-License-Identifier: MIT */
/* Regular expressions: what they find, that no text keeps them busy for ever, and that
 * threads may share them. */
#include "config.h"

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/script/pattern.h"
#include "tests/unit/unit.h"

#ifdef HAVE_PCRE2

static struct pattern *compile(const char *text)
{
    struct err e = {""};
    struct pattern *p = pattern_compile(text, &e);
    ck_assert_msg(p != NULL, "%s: %s", text, e.text);
    return p;
}

/* All matches: first groups, or the whole where there is none; " | " between. */
static const struct {
    const char *pattern, *text, *found;
} cases[] = {
    {"[0-9]+", "a1b22", "1 | 22"},
    {"id=([0-9]+)", "id=1 id= id=23", "1 | 23"},
    {"name=\"csrf\" value=\"([^\"]+)\"", "<input name=\"csrf\" value=\"t0k\">", "t0k"},
    {"(a)(b)?", "ab a", "a | a"},
    {"(a)|b", "bab", "a"},
    {"x*", "axxb", " | xx |  | "},
    {"^a", "a\na", "a"},
    {"(?m)^a", "a\na", "a | a"},
    {"(?<=a)b", "abb", "b"},
    {"(?i)ABC", "xabc", "abc"},
    {"nothing", "here", ""},
    {"a", "", ""},
    {".", "\xc3\xbc", "\xc3 | \xbc"},
    {"(*UTF).", "\xc3\xbcx", "\xc3\xbc | x"},
    {"(*UTF)(*UCP)\\w+", "gr\xc3\xbc\xc3\x9f!", "gr\xc3\xbc\xc3\x9f"},
    {"(*UCP)(*UTF)x*", "\xc3\xbc", " | "},
    {"(*UTF)b",
     "a\xff\xfe"
     "b",
     "b"},
    {"a\\Kb", "ab", "b"},
};

START_TEST(matches_are_found_one_after_the_other)
{
    struct pattern *p = compile(cases[_i].pattern);
    struct buf all = {0};
    const char *value;
    size_t from = 0, n, len = strlen(cases[_i].text), count = 0;
    while (pattern_next(p, cases[_i].text, len, &from, &value, &n)) {
        if (count++ > 0)
            buf_text(&all, " | ");
        buf_add(&all, value, n);
        ck_assert_uint_le(count, len + 1);
    }
    buf_text(&all, "");
    ck_assert_msg(strcmp(all.data, cases[_i].found) == 0, "%s in %s: \"%s\"", cases[_i].pattern,
                  cases[_i].text, all.data);
    ck_assert_int_eq(pattern_matches(p, cases[_i].text, len), count > 0);
    buf_finish(&all);
    pattern_free(p);
}
END_TEST

START_TEST(a_text_without_end_and_a_missing_text_are_read_right)
{
    struct pattern *p = compile("a\\z");
    char *text = malloc(1);
    ck_assert_ptr_nonnull(text);
    *text = 'a';
    ck_assert(pattern_matches(p, text, 1));
    ck_assert(!pattern_matches(p, NULL, 0));
    free(text);
    pattern_free(p);
}
END_TEST

/* Far behind the first stretches, and with a look behind across them. */
START_TEST(a_match_far_down_a_long_text_is_found)
{
    size_t len = 1 << 20;
    char *text = malloc(len);
    ck_assert_ptr_nonnull(text);
    memset(text, 'x', len);
    memcpy(text + len - 9, "=[needle]", 9);
    struct pattern *p = compile("(?<==\\[)([a-w]+)"), *rare = compile("[a-w]+");
    const char *value;
    size_t from = 0, n;
    ck_assert(pattern_next(p, text, len, &from, &value, &n));
    ck_assert_ptr_eq(value, text + len - 7);
    ck_assert_uint_eq(n, 6);
    ck_assert(pattern_matches(rare, text, len));
    free(text);
    pattern_free(p);
    pattern_free(rare);
}
END_TEST

/* Each takes hours without limits; Check's time-out is the judge. */
START_TEST(no_text_keeps_a_pattern_busy_for_ever)
{
    static const char *const patterns[] = {"(a+)+[bc]",    "a+[bc]",      "(a|aa)+[bc]",
                                           "(?:a*)*[bc]",  "(a+a+)+[bc]", "a*a*a*a*[bc]",
                                           "(a)(?1)*+[bc]"};
    size_t len = 4 << 20;
    char *text = malloc(len);
    ck_assert_ptr_nonnull(text);
    memset(text, 'a', len);
    struct pattern *p = compile(patterns[_i]);
    ck_assert(!pattern_matches(p, text, len));
    free(text);
    pattern_free(p);
}
END_TEST

static const struct {
    const char *pattern, *says;
} wrong[] = {
    {"(a", "missing closing parenthesis, at byte 3 of \"(a\""},
    {"[a", "missing terminating ]"},
    {"*a", "not a regular expression"},
    {"\\C", "not a regular expression"},
    {"a{2,1}", "not a regular expression"},
    {"(*UTF)\xff", "not a regular expression"},
};

START_TEST(a_wrong_pattern_is_refused_with_its_place)
{
    struct err e = {""};
    ck_assert_ptr_null(pattern_compile(wrong[_i].pattern, &e));
    ck_assert_msg(strstr(e.text, wrong[_i].says) != NULL, "%s", e.text);
}
END_TEST

START_TEST(a_pattern_has_a_length_of_its_own)
{
    char *text = malloc(20001);
    struct err e = {""};
    ck_assert_ptr_nonnull(text);
    memset(text, 'a', 20000);
    text[20000] = '\0';
    ck_assert_ptr_null(pattern_compile(text, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "10000"));
    free(text);
    ck_assert_ptr_null(pattern_compile("(?:(a|b)c){2000}", &e)); /* short, but not for long */
    ck_assert_str_eq(e.text, "the regular expression is too large");
}
END_TEST

struct job {
    const struct pattern *pattern;
    const char *text, *wanted;
    _Atomic unsigned wrong;
};

static void *match_often(void *arg)
{
    struct job *job = arg;
    for (int i = 0; i < 20000; i++) {
        const char *value;
        size_t from = 0, len;
        if (!pattern_next(job->pattern, job->text, strlen(job->text), &from, &value, &len) ||
            len != strlen(job->wanted) || memcmp(value, job->wanted, len) != 0)
            job->wrong++;
    }
    return NULL;
}

START_TEST(threads_share_a_pattern)
{
    struct pattern *p = compile("([a-z]+)=");
    struct job jobs[2] = {{p, "..left=1", "left", 0}, {p, "  right=2 x=", "right", 0}};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, match_often, &jobs[i]), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_uint_eq(jobs[i].wrong, 0);
    }
    pattern_free(p);
}
END_TEST

#else

START_TEST(without_the_library_a_sentence_says_how_to_get_it)
{
    struct err e = {""};
    ck_assert_ptr_null(pattern_compile("a", &e));
    ck_assert_ptr_nonnull(strstr(e.text, "libpcre2"));
    pattern_free(NULL);
}
END_TEST

#endif

#define ALL(table) ((int)(sizeof(table) / sizeof(table)[0]))

int main(void)
{
    Suite *s = suite_create("pattern");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
#ifdef HAVE_PCRE2
    tcase_add_loop_test(t, matches_are_found_one_after_the_other, 0, ALL(cases));
    tcase_add_test(t, a_text_without_end_and_a_missing_text_are_read_right);
    tcase_add_test(t, a_match_far_down_a_long_text_is_found);
    tcase_add_loop_test(t, no_text_keeps_a_pattern_busy_for_ever, 0, 7);
    tcase_add_loop_test(t, a_wrong_pattern_is_refused_with_its_place, 0, ALL(wrong));
    tcase_add_test(t, a_pattern_has_a_length_of_its_own);
    tcase_add_test(t, threads_share_a_pattern);
#else
    tcase_add_test(t, without_the_library_a_sentence_says_how_to_get_it);
#endif
    suite_add_tcase(s, t);
    return unit_run(s);
}
