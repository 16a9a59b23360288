/* SPDX-License-Identifier: MIT */
/* Checks on replies: which pass, what is said of those that do not, how they are called. */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/script/check.h"
#include "src/script/excerpt.h"
#include "tests/unit/unit.h"

#define HEADERS                                                                                    \
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Cache: MISS\r\nVia: a\r\nVia: b\r\n"   \
    "Age: 0\r\n\r\n"
#define BODY                                                                                       \
    "{\"status\":\"ok\",\"n\":12,\"off\":false,\"nil\":null,\"user\":{\"id\":7},"                  \
    "\"list\":[{\"id\":5},{\"id\":17}],\"quote\":\"a\\\"b\"}"

static const struct reply json_reply = {.status = 200,
                                        .body = BODY,
                                        .body_len = sizeof BODY - 1,
                                        .body_bytes = sizeof BODY - 1,
                                        .headers = HEADERS,
                                        .headers_len = sizeof HEADERS - 1,
                                        .took_us = 812000};
static struct names *names;
static struct scope scope;

static void begin(void)
{
    uint32_t slot;
    names = names_create();
    ck_assert(names_slot(names, "id", &slot, NULL));
    ck_assert(names_slot(names, "unset", &slot, NULL));
    memset(&scope, 0, sizeof scope);
    scope_init(&scope, names_slots(names), NULL, 0);
    value_set(&scope.values[0], "17", 2);
}

static void end(void)
{
    scope_finish(&scope);
    names_free(names);
}

static struct check *compile(enum check_kind kind, const char *text, uint64_t limit)
{
    struct err e = {""};
    struct check_spec spec = {kind, NULL, text, limit};
    struct check *c = check_compile(&spec, names, &e);
    ck_assert_msg(c != NULL, "%s: %s", text, e.text);
    return c;
}

/* why NULL: it passes. */
static const struct {
    enum check_kind kind;
    const char *text;
    uint64_t limit;
    const char *name, *why;
} cases[] = {
    {CHECK_CONTAINS, "\"ok\"", 0, "body contains \"\"ok\"\"", NULL},
    {CHECK_CONTAINS, "\"id\":${id}", 0, "body contains \"\"id\":${id}\"", NULL},
    {CHECK_CONTAINS, "welcome", 0, "body contains \"welcome\"",
     "wanted a body with \"welcome\", found \"{\"status\":\"ok\""},
    {CHECK_CONTAINS, "${unset}", 0, "body contains \"${unset}\"", "unset"},
    {CHECK_LACKS, "error", 0, "body lacks \"error\"", NULL},
    {CHECK_LACKS, "status", 0, "body lacks \"status\"",
     "wanted a body without \"status\", found it at byte 3"},
    {CHECK_JSON, "$.status == \"ok\"", 0, "$.status == \"ok\"", NULL},
    {CHECK_JSON, "$.status==ok", 0, "$.status==ok", NULL},
    {CHECK_JSON, "$.status == \"fine\"", 0, "$.status == \"fine\"",
     "wanted $.status == \"fine\", found \"ok\""},
    {CHECK_JSON, "$.n > 3", 0, "$.n > 3", NULL},
    {CHECK_JSON, "$.n > 12.5", 0, "$.n > 12.5", "wanted $.n > 12.5, found 12"},
    {CHECK_JSON, "$.user.id", 0, "$.user.id", NULL},
    {CHECK_JSON, "$.off", 0, "$.off", "wanted $.off, found false"},
    {CHECK_JSON, "$.off == false", 0, "$.off == false", NULL},
    {CHECK_JSON, "not $.off", 0, "not $.off", NULL},
    {CHECK_JSON, "not $.error", 0, "not $.error", NULL},
    {CHECK_JSON, "not $.status", 0, "not $.status", "wanted not $.status, found \"ok\""},
    {CHECK_JSON, "$.error", 0, "$.error", "wanted $.error, found no such value"},
    {CHECK_JSON, "$.error == 3", 0, "$.error == 3", "found no such value"},
    {CHECK_JSON, "$.error != 3", 0, "$.error != 3", NULL},
    {CHECK_JSON, "$.list[*].id == ${id}", 0, "$.list[*].id == ${id}", NULL},
    {CHECK_JSON, "$.list[*].id contains 7", 0, "$.list[*].id contains 7", NULL},
    {CHECK_JSON, "$.list[*].id == 6", 0, "$.list[*].id == 6",
     "wanted $.list[*].id == 6, found 2 values of which none is so, the first 5"},
    {CHECK_JSON, "$.list[*].id != 6", 0, "$.list[*].id != 6", NULL},
    {CHECK_JSON, "$.list[*].id != 17", 0, "$.list[*].id != 17",
     "wanted $.list[*].id != 17, found 17"},
    {CHECK_JSON, "not $.list[*].id", 0, "not $.list[*].id", "wanted not $.list[*].id, found 5"},
    {CHECK_JSON, "not $.list[*].none", 0, "not $.list[*].none", NULL},
    {CHECK_JSON, "$.quote == \"a\\\"b\"", 0, "$.quote == \"a\\\"b\"", NULL},
    {CHECK_JSON, "$['user']['id'] <= 7", 0, "$['user']['id'] <= 7", NULL},
    {CHECK_HEADER, "X-Cache == MISS", 0, "X-Cache == MISS", NULL},
    {CHECK_HEADER, "X-Cache == HIT", 0, "X-Cache == HIT", "wanted X-Cache == HIT, found \"MISS\""},
    {CHECK_HEADER, "content-type contains json", 0, "content-type contains json", NULL},
    {CHECK_HEADER, "X-Cache", 0, "X-Cache", NULL},
    {CHECK_HEADER, "ETag", 0, "ETag", "wanted ETag, found no such header"},
    {CHECK_HEADER, "not ETag", 0, "not ETag", NULL},
    {CHECK_HEADER, "Via == b", 0, "Via == b", NULL},
    {CHECK_HEADER, "Via != b", 0, "Via != b", "wanted Via != b, found \"b\""},
    {CHECK_HEADER, "Via != c", 0, "Via != c", NULL},
    {CHECK_HEADER, "Age >= 0", 0, "Age >= 0", NULL},
    {CHECK_MIN_BYTES, NULL, 10, "at least 10 B", NULL},
    {CHECK_MIN_BYTES, NULL, 4096, "at least 4.0 KB", "wanted at least 4,096 bytes, found 104"},
    {CHECK_MAX_BYTES, NULL, 104, "at most 104 B", NULL},
    {CHECK_MAX_BYTES, NULL, 103, "at most 103 B", "wanted at most 103 bytes, found 104"},
    {CHECK_MAX_TIME, NULL, 812000, "at most 812 ms", NULL},
    {CHECK_MAX_TIME, NULL, 800000, "at most 800 ms", "wanted at most 800 ms, found 812 ms"},
#ifdef HAVE_PCRE2
    {CHECK_MATCHES, "\"n\":[0-9]+", 0, "body matches \"n\":[0-9]+", NULL},
    {CHECK_MATCHES, "^<", 0, "body matches ^<", "wanted a body that matches \"^<\", found \"{\"s"},
    {CHECK_JSON, "$.status matches ^o", 0, "$.status matches ^o", NULL},
    {CHECK_HEADER, "X-Cache matches ^(HIT|MISS)$", 0, "X-Cache matches ^(HIT|MISS)$", NULL},
#endif
};

START_TEST(a_reply_passes_or_a_sentence_says_why_not)
{
    struct err why = {""};
    struct check *c = compile(cases[_i].kind, cases[_i].text, cases[_i].limit);
    ck_assert_str_eq(check_name(c), cases[_i].name);
    bool passes = check_passes(c, &json_reply, &scope, &why);
    ck_assert_msg(passes == (cases[_i].why == NULL), "%s: %s", cases[_i].name, why.text);
    ck_assert_msg(passes || strstr(why.text, cases[_i].why) != NULL, "%s: %s", cases[_i].name,
                  why.text);
    ck_assert_int_eq(check_passes(c, &json_reply, &scope, NULL), passes);
    check_free(c);
}
END_TEST

/* Bodies of two letters, many of which begin nothing; in memory that ends where they end. */
START_TEST(a_text_is_found_where_it_stands_first)
{
    static const char *const texts[] = {"k", "ak", "ka", "aak", "akkaka", "kkkkkkkk"};
    struct rng rng;
    rng_seed(&rng, 7);
    for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
        struct check *c = compile(CHECK_LACKS, texts[t], 0);
        for (size_t i = 0; i < 400; i++) {
            size_t len = rng_below(&rng, 300);
            char *body = malloc(len > 0 ? len : 1), place[40];
            for (size_t k = 0; k < len; k++)
                body[k] = rng_below(&rng, 1 + i % 5) == 0 ? 'k' : 'a';
            struct reply r = {.body = body, .body_len = len, .body_bytes = len, .headers = ""};
            struct err why = {""};
            const char *first = len > 0 ? memmem(body, len, texts[t], strlen(texts[t])) : NULL;
            ck_assert_int_eq(check_passes(c, &r, &scope, &why), first == NULL);
            snprintf(place, sizeof place, "at byte %td", first != NULL ? first - body + 1 : 0);
            ck_assert_msg(first == NULL || (strstr(why.text, place) != NULL &&
                                            strcmp(strstr(why.text, place), place) == 0),
                          "%s, not %s", why.text, place);
            free(body);
        }
        check_free(c);
    }
}
END_TEST

START_TEST(a_check_says_what_must_be_kept)
{
    static const struct {
        enum check_kind kind;
        unsigned needs;
    } needs[] = {{CHECK_CONTAINS, REPLY_BODY}, {CHECK_LACKS, REPLY_BODY},
                 {CHECK_MIN_BYTES, 0},         {CHECK_MAX_BYTES, 0},
                 {CHECK_MAX_TIME, 0},          {CHECK_HEADER, REPLY_HEADERS}};
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        struct check *c = compile(needs[i].kind, "x", 1);
        ck_assert_uint_eq(check_needs(c), needs[i].needs);
        check_free(c);
    }
    struct check *c = compile(CHECK_JSON, "$.a", 0);
    ck_assert_uint_eq(check_needs(c), REPLY_BODY);
    check_free(c);
    check_free(NULL);
}
END_TEST

/* What is not JSON must not pass as JSON in which something is missing. */
START_TEST(an_error_page_passes_no_check_on_json)
{
    static const char *const bodies[] = {"<html>oops</html>", "", "{\"list\":[{\"id\":1},"};
    static const char *const texts[] = {"not $.error", "$.error != 3", "$.list[*].id != 4",
                                        "not $..error"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
            struct reply r = {.body = bodies[i], .body_len = strlen(bodies[i])};
            struct err why = {""};
            struct check *c = compile(CHECK_JSON, texts[k], 0);
            r.body_bytes = r.body_len;
            ck_assert_msg(!check_passes(c, &r, &scope, &why), "%s in %s", texts[k], bodies[i]);
            ck_assert_ptr_nonnull(strstr(why.text, "is not JSON"));
            check_free(c);
        }
    }
}
END_TEST

START_TEST(a_body_that_was_cut_is_called_so)
{
    struct reply r = {.body = "{\"a\":1,", .body_len = 7, .body_bytes = 9000000};
    struct err why = {""};
    struct check *json = compile(CHECK_JSON, "not $.b", 0);
    struct check *text = compile(CHECK_CONTAINS, "b", 0);
    ck_assert(!check_passes(json, &r, &scope, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "longer than the 4 MiB"));
    ck_assert(!check_passes(text, &r, &scope, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "in its first 4 MiB"));
    check_free(json);
    check_free(text);
}
END_TEST

START_TEST(a_reply_without_a_body_is_judged_too)
{
    struct reply r = {.status = 204};
    struct err why = {""};
    struct check *has = compile(CHECK_CONTAINS, "x", 0), *lacks = compile(CHECK_LACKS, "x", 0);
    ck_assert(!check_passes(has, &r, &scope, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "found an empty one"));
    ck_assert(check_passes(lacks, &r, &scope, &why));
    check_free(has);
    check_free(lacks);
}
END_TEST

/* It is in every body: such a check would pass whatever the target says. */
START_TEST(an_empty_variable_passes_no_check)
{
    struct err why = {""};
    struct check *has = compile(CHECK_CONTAINS, "${id}", 0);
    value_set(&scope.values[0], "", 0);
    ck_assert(!check_passes(has, &json_reply, &scope, &why));
    ck_assert_str_eq(why.text, "the text to look for, ${id}, is empty");
    check_free(has);
}
END_TEST

START_TEST(hostile_text_makes_a_short_sentence)
{
    size_t len = 3 << 20;
    char *body = malloc(len);
    ck_assert_ptr_nonnull(body);
    memset(body, 0, len);
    body[0] = body[len - 1] = '"';
    struct reply r = {.body = body, .body_len = len, .body_bytes = len};
    struct err why = {""};
    struct check *json = compile(CHECK_JSON, "$ == 3", 0);
    struct check *text = compile(CHECK_CONTAINS, "x", 0);
    ck_assert(!check_passes(json, &r, &scope, &why));
    ck_assert_uint_lt(strlen(why.text), 200);
    ck_assert_ptr_nonnull(strstr(why.text, "..."));
    ck_assert(!check_passes(text, &r, &scope, &why));
    ck_assert_uint_lt(strlen(why.text), 200);
    check_free(json);
    check_free(text);
    free(body);
}
END_TEST

START_TEST(names_are_clean_and_short)
{
    char text[300];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct check *c = compile(CHECK_CONTAINS, text, 0);
    ck_assert_uint_lt(strlen(check_name(c)), 120);
    ck_assert_ptr_nonnull(strstr(check_name(c), "aaa..."));
    check_free(c);
    struct check_spec spec = {CHECK_LACKS, "has\x1b[31m\nit", "x", 0};
    c = check_compile(&spec, names, NULL);
    ck_assert_ptr_nonnull(c);
    ck_assert_str_eq(check_name(c), "has\xef\xbf\xbd[31m it");
    check_free(c);
}
END_TEST

START_TEST(an_excerpt_never_cuts_a_character)
{
    char text[200], out[EXCERPT_MAX];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'x', sizeof text);
        for (size_t i = shift; i + 4 <= sizeof text; i += 4)
            memcpy(text + i, "\xf0\x9f\x98\x80", 4);
        excerpt(out, text, sizeof text);
        ck_assert_uint_lt(strlen(out), EXCERPT_MAX);
        ck_assert_str_eq(out + strlen(out) - 3, "...");
        ck_assert_uint_eq((strlen(out) - 3 - shift) % 4, 0);
    }
    ck_assert_str_eq(excerpt(out, "a\0b", 3), "a b");
    ck_assert_str_eq(excerpt(out, "", 0), "");
    memset(text, 'y', sizeof text);
    ck_assert_uint_eq(strlen(excerpt(out, text, EXCERPT_MAX - 1)), EXCERPT_MAX - 1);
    ck_assert_ptr_null(strchr(out, '.'));
}
END_TEST

static const struct {
    enum check_kind kind;
    const char *text, *says;
} wrong[] = {
    {CHECK_CONTAINS, "", "an empty text is in every body"},
    {CHECK_LACKS, "", "an empty text is in every body"},
    {CHECK_CONTAINS, "${idd}", "idd"},
    {CHECK_JSON, "status == 3", "begins with $"},
    {CHECK_JSON, "$.a = 3", "did you mean ==?"},
    {CHECK_JSON, "$.a == id", "write ${id}"},
    {CHECK_JSON, "$.a == b c", "\"c\" is too much"},
    {CHECK_JSON, "$.a[0]b", "does not belong"},
    {CHECK_JSON, "not $.a == 3", "!="},
    {CHECK_JSON, "$.a ==", "nothing behind the operator"},
    {CHECK_HEADER, "", "the name of a header is missing"},
    {CHECK_HEADER, "== 3", "the name of a header is missing"},
    {CHECK_HEADER, "X-Cache: HIT", "X-Cache == ..."},
    {CHECK_HEADER, "X-Cache is HIT", "did you mean ==?"},
#ifdef HAVE_PCRE2
    {CHECK_MATCHES, "(", "not a regular expression"},
    {CHECK_MATCHES, "", "an empty"},
#endif
};

START_TEST(a_wrong_check_is_refused_with_a_reason)
{
    struct err e = {""};
    struct check_spec spec = {wrong[_i].kind, NULL, wrong[_i].text, 0};
    ck_assert_ptr_null(check_compile(&spec, names, &e));
    ck_assert_msg(strstr(e.text, wrong[_i].says) != NULL, "%s: %s", wrong[_i].text, e.text);
}
END_TEST

#define ALL(table) ((int)(sizeof(table) / sizeof(table)[0]))

int main(void)
{
    Suite *s = suite_create("check");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_loop_test(t, a_reply_passes_or_a_sentence_says_why_not, 0, ALL(cases));
    tcase_add_test(t, a_text_is_found_where_it_stands_first);
    tcase_add_test(t, a_check_says_what_must_be_kept);
    tcase_add_test(t, an_error_page_passes_no_check_on_json);
    tcase_add_test(t, a_body_that_was_cut_is_called_so);
    tcase_add_test(t, a_reply_without_a_body_is_judged_too);
    tcase_add_test(t, an_empty_variable_passes_no_check);
    tcase_add_test(t, hostile_text_makes_a_short_sentence);
    tcase_add_test(t, names_are_clean_and_short);
    tcase_add_test(t, an_excerpt_never_cuts_a_character);
    tcase_add_loop_test(t, a_wrong_check_is_refused_with_a_reason, 0, ALL(wrong));
    suite_add_tcase(s, t);
    return unit_run(s);
}
