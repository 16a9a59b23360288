/* SPDX-License-Identifier: MIT */
/* Values taken out of replies into variables. */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "src/script/capture.h"
#include "tests/unit/unit.h"

#define HEADERS                                                                                    \
    "HTTP/1.1 201 Created\r\nLocation: /items/7\r\nX-Id: 1\r\nX-Id: 2\r\n"                         \
    "Set-Cookie: session=s3\r\n\r\n"
#define BODY "{\"token\":\"a\\u0042c\",\"items\":[{\"id\":1},{\"id\":2},{\"id\":3}],\"none\":null}"

static const struct reply reply = {.status = 201,
                                   .body = BODY,
                                   .body_len = sizeof BODY - 1,
                                   .body_bytes = sizeof BODY - 1,
                                   .headers = HEADERS,
                                   .headers_len = sizeof HEADERS - 1};
static struct scope scope;

static void begin(void)
{
    memset(&scope, 0, sizeof scope);
    scope_init(&scope, 2, NULL, 0);
    rng_seed(&scope.rng, 1);
}

static void end(void)
{
    scope_finish(&scope);
}

static struct capture *compile(const char *from, enum pick pick, const char *fallback)
{
    struct err e = {""};
    struct capture_spec spec = {"it", 1, from, pick, fallback};
    struct capture *c = capture_compile(&spec, &e);
    ck_assert_msg(c != NULL, "%s: %s", from, e.text);
    ck_assert_str_eq(capture_name(c), "it");
    return c;
}

/* value NULL: nothing matches, and why it says. */
static const struct {
    const char *from;
    enum pick pick;
    unsigned needs;
    const char *value, *why;
} cases[] = {
    {"json:$.token", PICK_FIRST, REPLY_BODY, "aBc", NULL},
    {"json: $.token", PICK_LAST, REPLY_BODY, "aBc", NULL},
    {"json:$.items[*].id", PICK_FIRST, REPLY_BODY, "1", NULL},
    {"json:$.items[*].id", PICK_LAST, REPLY_BODY, "3", NULL},
    {"json:$..*", PICK_LAST, REPLY_BODY, "null", NULL},
    {"json:$.items[-2]", PICK_FIRST, REPLY_BODY, "{\"id\":2}", NULL},
    {"json:$.tokn", PICK_FIRST, REPLY_BODY, NULL, "no value for \"it\": nothing matches $.tokn in"},
    {"header:location", PICK_FIRST, REPLY_HEADERS, "/items/7", NULL},
    {"header:X-Id", PICK_FIRST, REPLY_HEADERS, "1", NULL},
    {"header:X-Id", PICK_LAST, REPLY_HEADERS, "2", NULL},
    {"header:X-No", PICK_LAST, REPLY_HEADERS, NULL, "the reply has no header X-No"},
    {"cookie:session", PICK_FIRST, REPLY_HEADERS, "s3", NULL},
    {"cookie:other", PICK_FIRST, REPLY_HEADERS, NULL, "the reply has no cookie other"},
    {"status", PICK_FIRST, 0, "201", NULL},
    {"body", PICK_FIRST, REPLY_BODY, BODY, NULL},
#ifdef HAVE_PCRE2
    {"regex:\"id\":([0-9]+)", PICK_FIRST, REPLY_BODY, "1", NULL},
    {"regex:\"id\":([0-9]+)", PICK_LAST, REPLY_BODY, "3", NULL},
    {"regex:tok[a-z]+", PICK_FIRST, REPLY_BODY, "token", NULL},
    {"regex: nothing", PICK_FIRST, REPLY_BODY, NULL, "nothing matches  nothing in \"{\"token\""},
#endif
};

START_TEST(values_are_taken_from_all_places)
{
    struct err why = {""};
    struct capture *c = compile(cases[_i].from, cases[_i].pick, NULL);
    const struct value *v = &scope.values[1];
    value_set(&scope.values[1], "before", 6);
    bool taken = capture_take(c, &reply, &scope, &why);
    ck_assert_uint_eq(capture_needs(c), cases[_i].needs);
    ck_assert_int_eq(taken, cases[_i].value != NULL);
    ck_assert_int_eq(v->set, taken);
    if (taken)
        ck_assert_str_eq(v->text, cases[_i].value);
    else
        ck_assert_msg(strstr(why.text, cases[_i].why) != NULL, "%s", why.text);
    ck_assert(!scope.values[0].set);
    capture_free(c);
}
END_TEST

START_TEST(a_default_stands_in_for_what_is_missing)
{
    static const char *const from[] = {"json:$.no", "header:No", "cookie:no"};
    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++) {
        struct capture *c = compile(from[i], PICK_FIRST, "else");
        ck_assert(capture_take(c, &reply, &scope, NULL));
        ck_assert_str_eq(scope.values[1].text, "else");
        capture_free(c);
    }
    struct capture *c = compile("json:$.no", PICK_FIRST, "");
    ck_assert(capture_take(c, &reply, &scope, NULL));
    ck_assert(scope.values[1].set && scope.values[1].len == 0);
    capture_free(c);
}
END_TEST

/* 3000 draws of three: each within six standard deviations of 1000. */
START_TEST(a_secret_is_known_by_its_name)
{
    static const struct {
        const char *variable, *from;
        bool secret;
    } rows[] = {{"key", "json:$.id", true},
                {"id", "json:$.auth.access_token", true},
                {"id", "json:$.data[0]['csrf']", true},
                {"id", "json:$.items[*].id", false},
                {"id", "json:$.monkey", false},
                {"id", "header:X-Session-Id", true},
                {"id", "header:X-Session", true},
                {"id", "header:Location", false},
                {"id", "cookie:theme", true},
                {"id", "regex:name=\"csrf\" value=\"([^\"]+)\"", true},
                {"id", "regex:id=([0-9]+)", false},
                {"id", "body", false},
                {"session_token", "body", true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err e = {""};
        struct capture_spec spec = {rows[i].variable, 1, rows[i].from, PICK_FIRST, NULL};
        struct capture *c = capture_compile(&spec, &e);
        ck_assert_msg(c != NULL, "%s", e.text);
        ck_assert_msg(capture_is_secret(c) == rows[i].secret, "%s, %s", rows[i].variable,
                      rows[i].from);
        ck_assert_uint_eq(capture_slot(c), 1);
        capture_free(c);
    }
}
END_TEST

START_TEST(random_takes_each_match_equally_often)
{
    static const char *const from[] = {
        "json:$.items[*].id",
#ifdef HAVE_PCRE2
        "regex:\"id\":([0-9])",
#endif
    };
    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++) {
        unsigned seen[3] = {0};
        struct capture *c = compile(from[i], PICK_RANDOM, NULL);
        for (int k = 0; k < 3000; k++) {
            ck_assert(capture_take(c, &reply, &scope, NULL));
            ck_assert(scope.values[1].text[0] >= '1' && scope.values[1].text[0] <= '3');
            seen[scope.values[1].text[0] - '1']++;
        }
        for (int k = 0; k < 3; k++)
            ck_assert_msg(seen[k] > 845 && seen[k] < 1155, "%d: %u", k, seen[k]);
        capture_free(c);
    }
}
END_TEST

START_TEST(a_seed_repeats_the_choice)
{
    struct capture *c = compile("json:$.items[*].id", PICK_RANDOM, NULL);
    char first[50];
    for (int round = 0; round < 2; round++) {
        rng_seed(&scope.rng, 7);
        for (int k = 0; k < 50; k++) {
            ck_assert(capture_take(c, &reply, &scope, NULL));
            if (round == 0)
                first[k] = scope.values[1].text[0];
            ck_assert_int_eq(scope.values[1].text[0], first[k]);
        }
    }
    capture_free(c);
}
END_TEST

START_TEST(values_and_replies_that_are_too_long_are_no_match)
{
    size_t len = VALUE_MAX + 1;
    char *body = malloc(len + 2);
    ck_assert_ptr_nonnull(body);
    memset(body, 'x', len + 2);
    body[0] = body[len + 1] = '"';
    struct reply r = {.body = body, .body_len = len + 2, .body_bytes = len + 2};
    struct err why = {""};
    struct capture *json = compile("json:$", PICK_FIRST, NULL);
    struct capture *whole = compile("body", PICK_FIRST, NULL);
    ck_assert(!capture_take(json, &r, &scope, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "longer than 1048576 bytes"));
    r.body_len = r.body_bytes = VALUE_MAX;
    ck_assert(capture_take(whole, &r, &scope, &why));
    ck_assert_uint_eq(scope.values[1].len, VALUE_MAX);
    r.body_bytes++; /* the rest was not kept */
    ck_assert(!capture_take(whole, &r, &scope, &why));
    ck_assert(!scope.values[1].set);
    capture_free(json);
    capture_free(whole);
    free(body);
}
END_TEST

START_TEST(a_hostile_reply_makes_a_short_sentence)
{
    char body[5000];
    memset(body, 0, sizeof body);
    struct reply r = {.body = body, .body_len = sizeof body, .body_bytes = 1 << 30};
    struct err why = {""};
    struct capture *c = compile("json:$.a", PICK_FIRST, NULL);
    ck_assert(!capture_take(c, &r, &scope, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "the kept part of"));
    ck_assert_uint_lt(strlen(why.text), 300);
    ck_assert_str_eq(why.text + strlen(why.text) - 4, "...\"");
    r = (struct reply){.status = 204};
    ck_assert(!capture_take(c, &r, &scope, &why));
    capture_free(c);
}
END_TEST

static const struct {
    const char *from, *says;
} wrong[] = {
    {"", "is not a source"},
    {"$.token", "did you mean \"json:$.token\"?"},
    {"jsn:$.a", "did you mean \"json\"?"},
    {"heder:X", "did you mean \"header\"?"},
    {"xpath://a", "a value comes from json:PATH"},
    {"json", "behind \"json:\" stands a path"},
    {"json:", "behind \"json:\" stands a path"},
    {"regex:", "stands a regular expression"},
    {"header: ", "stands a name"},
    {"header:A B", "is not the name"},
    {"cookie:a=b", "is not the name"},
    {"body:x", "stands alone"},
    {"status:x", "stands alone"},
    {"json:$.", "missing behind the ."},
#ifdef HAVE_PCRE2
    {"regex:(", "not a regular expression"},
#endif
};

START_TEST(a_wrong_source_is_refused_with_a_reason)
{
    struct err e = {""};
    struct capture_spec spec = {"it", 0, wrong[_i].from, PICK_FIRST, NULL};
    ck_assert_ptr_null(capture_compile(&spec, &e));
    ck_assert_msg(strstr(e.text, wrong[_i].says) != NULL, "%s: %s", wrong[_i].from, e.text);
}
END_TEST

#define ALL(table) ((int)(sizeof(table) / sizeof(table)[0]))

int main(void)
{
    Suite *s = suite_create("capture");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_loop_test(t, values_are_taken_from_all_places, 0, ALL(cases));
    tcase_add_test(t, a_default_stands_in_for_what_is_missing);
    tcase_add_test(t, a_secret_is_known_by_its_name);
    tcase_add_test(t, random_takes_each_match_equally_often);
    tcase_add_test(t, a_seed_repeats_the_choice);
    tcase_add_test(t, values_and_replies_that_are_too_long_are_no_match);
    tcase_add_test(t, a_hostile_reply_makes_a_short_sentence);
    tcase_add_loop_test(t, a_wrong_source_is_refused_with_a_reason, 0, ALL(wrong));
    suite_add_tcase(s, t);
    return unit_run(s);
}
