/* SPDX-License-Identifier: MIT */
/* Values out of JSON texts: what RFC 9535 says of paths and RFC 8259 of texts, and what
 * hostile servers make of both. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/script/jsonpath.h"
#include "src/script/jsonscan.h"
#include "tests/unit/unit.h"

#define BOOKS                                                                                      \
    "{ \"store\": { \"book\": [ "                                                                  \
    "{\"category\":\"reference\",\"author\":\"Rees\",\"price\":8.95}, "                            \
    "{\"category\":\"fiction\",\"author\":\"Waugh\",\"price\":12.99}, "                            \
    "{\"category\":\"fiction\",\"author\":\"Melville\",\"isbn\":\"0-553\",\"price\":8.99} ], "     \
    "\"bicycle\": {\"color\":\"red\",\"price\":399} } }"

/* What each path finds, as text, in the order in which the values end; " | " between. */
static const struct {
    const char *path, *json, *found;
} cases[] = {
    {"$", "7", "7"},
    {"$", " {\"a\": 1} ", "{\"a\": 1}"},
    {"$", "\"a\\nb\"", "a\nb"},
    {"$.a", "{\"a\":1}", "1"},
    {"$.a", "{\"b\":2, \"a\" : 1 }", "1"},
    {"$.a", "{\"b\":{\"a\":2},\"c\":[{\"a\":3}],\"a\":1}", "1"},
    {"$.a.b.c", "{\"a\":{\"b\":{\"c\":\"deep\"}}}", "deep"},
    {"$.a", "{\"A\":1,\"aa\":2,\"\":3}", ""},
    {"$.a", "[1]", ""},
    {"$[0]", "{\"0\":1}", ""},
    {"$.a.b", "{\"a\":1}", ""},
    {"$.a.b", "{\"a\":null,\"b\":2}", ""},
    {"$['a']", "{\"a\":1}", "1"},
    {"$[ \"a\" ]", "{\"a\":1}", "1"},
    {"$['odd name']['']", "{\"odd name\":{\"\":5}}", "5"},
    {"$['o\\'clock']", "{\"o'clock\":5}", "5"},
    {"$['\"']", "{\"\\\"\":5}", "5"},
    {"$['\\u00fc\\\\']", "{\"\xc3\xbc\\\\\":5}", "5"},
    {"$.user-id", "{\"user-id\":5}", "5"},
    {"$.gr\xc3\xbc\xc3\x9f", "{\"gr\xc3\xbc\xc3\x9f\":5}", "5"},
    {"$.gr\xc3\xbc\xc3\x9f", "{\"gr\\u00fc\\u00DF\":5}", "5"},
    {"$.token", "{\"to\\u006ben\":5}", "5"},
    {"$.token", "{\"to\\u006be\":4,\"to\\u006benn\":4,\"t\\nken\":4}", ""},
    {"$.a", "{\"a\":1,\"a\":2}", "1"},
    {"$.a.b", "{\"a\":{\"x\":1},\"a\":{\"b\":2}}", ""},
    {"$..a", "{\"a\":1,\"a\":2}", "1"},
    {"$.*", "{\"a\":1,\"a\":2}", "1 | 2"},
    {"$[0]", "[1,2,3]", "1"},
    {"$[2]", "[1, [2,2] ,3]", "3"},
    {"$[3]", "[1,2,3]", ""},
    {"$[0]", "[]", ""},
    {"$[-1]", "[1,2,3]", "3"},
    {"$[-3]", "[1,2,3]", "1"},
    {"$[-4]", "[1,2,3]", ""},
    {"$[-1]", "[]", ""},
    {"$[-1][-1]", "[[1],[2,[3,4]]]", "[3,4]"},
    {"$.items[0].name", "{\"items\":[{\"name\":\"x\"}]}", "x"},
    {"$.items[-1].id", "{\"items\":[{\"id\":1},{\"id\":2}]}", "2"},
    {"$[*]", "[1,\"a\",null,true,{},[]]", "1 | a | null | true | {} | []"},
    {"$.*", "{\"a\":1,\"b\":[2]}", "1 | [2]"},
    {"$[*]", "{}", ""},
    {"$.*[*]", "{\"a\":[1,2],\"b\":{\"c\":3},\"d\":4}", "1 | 2 | 3"},
    {"$[*][-1]", "[[1,2],[],[3]]", "2 | 3"},
    {"$[*].id", "[{\"id\":1},{\"x\":2},{\"id\":3}]", "1 | 3"},
    {"$.store.book[*].author", BOOKS, "Rees | Waugh | Melville"},
    {"$..author", BOOKS, "Rees | Waugh | Melville"},
    {"$.store..price", BOOKS, "8.95 | 12.99 | 8.99 | 399"},
    {"$..book[2].isbn", BOOKS, "0-553"},
    {"$..book[-1]['isbn']", BOOKS, "0-553"},
    {"$..book[*].isbn", BOOKS, "0-553"},
    {"$.store.*.color", BOOKS, "red"},
    {"$..*.color", BOOKS, "red"},
    {"$..a", "{\"a\":{\"a\":{\"a\":1}}}", "1 | {\"a\":1} | {\"a\":{\"a\":1}}"},
    {"$..a..b", "{\"a\":{\"b\":1,\"a\":{\"b\":2}}}", "1 | 2"},
    {"$..[0]", "[[1,2],[3]]", "1 | [1,2] | 3"},
    {"$..[*]", "[[1],2]", "1 | [1] | 2"},
    {"$..*", "{\"a\":[1]}", "1 | [1]"},
    {"$..[-1]", "[[1,2],[3]]", "2 | 3 | [3]"},
    {"$.a", "\xef\xbb\xbf{\"a\":1}", "1"},
    {"$.a", "{\"a\":-0.5e+3}", "-0.5e+3"},
    {"$.a", "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "\"\\/\b\f\n\r\t"},
    {"$.a", "{\"a\":\"\\u0041\\u00fc\\u20ac\"}", "A\xc3\xbc\xe2\x82\xac"},
    {"$.a", "{\"a\":\"\\ud83d\\ude00\"}", "\xf0\x9f\x98\x80"},
    {"$.a", "{\"a\":\"\\ud83d\"}", "\xef\xbf\xbd"},
    {"$.a", "{\"a\":\"\\ude00x\\ud83d\\u0041\"}",
     "\xef\xbf\xbdx\xef\xbf\xbd"
     "A"},
    {"$.a", "{\"a\":\"\\q\\u12\"}", "\\q\\u12"},
    {"$.a", "{\"a\":\"\xff\xc0\"}", "\xff\xc0"},
    {"$.b", "{\"a\":\"long enough for words of eight\\\\\",\"b\":\"\\\"\"}", "\""},
    {"$.b", "{\"a\":\"][}{_Yy\",\"_y\":[[\"]\"],{\"]\":\"}\"}],\"b\":1}", "1"},
};

struct texts {
    struct buf all;
    unsigned n;
};

static bool collect(const char *json, size_t len, void *arg)
{
    struct texts *t = arg;
    if (t->n++ > 0)
        buf_text(&t->all, " | ");
    jsonpath_text(json, len, &t->all);
    return true;
}

static struct jsonpath *compile(const char *text)
{
    struct err e = {""};
    struct jsonpath *p = jsonpath_compile(text, &e);
    ck_assert_msg(p != NULL, "%s: %s", text, e.text);
    return p;
}

/* A copy that ends where its memory ends, so that a sanitizer sees a byte too far. */
static char *exact(const char *text, size_t len)
{
    char *copy = malloc(len > 0 ? len : 1);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, len);
    return copy;
}

/* Whatever lies across the border of two words, and cut off anywhere. */
START_TEST(an_array_ends_with_its_bracket)
{
    static const char *const inner[] = {
        "[]",         "{\"a\":[{}]}", "\"]}\"", "\"\\\"]\"", "\"\\\\\",\"]\"", "\"\\\\\\\"]]\"",
        "\"Yy_\",{}", "1,2"};
    for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++) {
        for (int pad = 0; pad < 20; pad++) {
            char *text = mem_printf("[%*s%s]", pad, "", inner[i]);
            size_t len = strlen(text);
            char *more = mem_printf("%s]} \"", text);
            ck_assert_ptr_eq(json_value_end(more, more + strlen(more)), more + len);
            for (size_t cut = 1; cut < len; cut++) {
                char *part = malloc(cut); /* so that nothing lies behind it */
                memcpy(part, text, cut);
                ck_assert_ptr_null(json_value_end(part, part + cut));
                free(part);
            }
            free(more);
            free(text);
        }
    }
}
END_TEST

START_TEST(paths_find_what_the_rfc_says)
{
    struct jsonpath *p = compile(cases[_i].path);
    struct texts t = {0};
    size_t len = strlen(cases[_i].json);
    char *json = exact(cases[_i].json, len);
    bool ok = jsonpath_each(p, json, len, collect, &t);
    buf_text(&t.all, "");
    ck_assert_msg(ok, "%s in %s: not JSON", cases[_i].path, cases[_i].json);
    ck_assert_msg(strcmp(t.all.data, cases[_i].found) == 0, "%s in %s: %s, not %s", cases[_i].path,
                  cases[_i].json, t.all.data, cases[_i].found);
    free(json);
    buf_finish(&t.all);
    jsonpath_free(p);
}
END_TEST

static const struct {
    const char *path, *json, *found;
} first_cases[] = {
    {"$..a", "{\"a\":{\"a\":1}}", "{\"a\":1}"},
    {"$..id", "[{\"x\":[{\"id\":1}],\"id\":2}]", "1"},
    {"$[*]", "[[1],2]", "[1]"},
    {"$..*", "[[1],2]", "[1]"},
    {"$.a[*].b", "{\"a\":[{},{\"b\":2},{\"b\":3}]}", "2"},
};

START_TEST(the_first_match_is_the_one_that_begins_first)
{
    struct jsonpath *p = compile(first_cases[_i].path);
    const char *value;
    size_t len;
    ck_assert(jsonpath_first(p, first_cases[_i].json, strlen(first_cases[_i].json), &value, &len));
    ck_assert_uint_eq(len, strlen(first_cases[_i].found));
    ck_assert(memcmp(value, first_cases[_i].found, len) == 0);
    jsonpath_free(p);
}
END_TEST

/* Texts that are not JSON, or are cut: no match at or behind the damage. */
static const struct {
    const char *path, *json;
} broken_cases[] = {
    {"$", ""},
    {"$", "  "},
    {"$", "nul"},
    {"$", "01"},
    {"$", "1."},
    {"$", "-"},
    {"$", ".5"},
    {"$", "+1"},
    {"$", "1e"},
    {"$", "\"abc"},
    {"$", "\"abc\\\""},
    {"$", "\"abc\\"},
    {"$", "[1,2"},
    {"$", "tru"},
    {"$", "1 2"},
    {"$.a", "<html>"},
    {"$.a", "{"},
    {"$.a", "{\"a\""},
    {"$.a", "{\"a\":"},
    {"$.a", "{\"a\":1"},
    {"$.a", "{\"a\":12 "},
    {"$.a", "{\"a\":tru"},
    {"$.a", "{\"a\":\"x"},
    {"$.a", "{\"a\" 1}"},
    {"$.a", "{a:1}"},
    {"$.a", "{'a':1}"},
    {"$.a", "{\"b\":1 \"a\":2}"},
    {"$.a", "{\"b\":,\"a\":2}"},
    {"$.a", "{,\"a\":2}"},
    {"$.a", "{\"a\":1x}"},
    {"$.a", "{\"b\":[1,2}"},
    {"$[1]", "[1 2]"},
    {"$[1]", "[1"},
    {"$[-1]", "[1,2,3"},
    {"$[-1]", "[1,2,3,"},
    {"$[-1]", "[1,2,]"},
    {"$[1]", "[,1]"},
    {"$[1]", "[1,]"},
    {"$[*].a", "[1,]"},
    {"$[*].a", "[{\"b\":1}"},
    {"$[*].a", "[{\"b\":1},{\"a\":1"},
    {"$..a", "{\"b\":1]"},
    {"$..a", "[1}"},
    {"$..a", "[1] x"},
    {"$..a", "{\"b\":[}"},
};

START_TEST(broken_and_cut_texts_have_no_match)
{
    struct jsonpath *p = compile(broken_cases[_i].path);
    struct texts t = {0};
    const char *value;
    size_t n, len = strlen(broken_cases[_i].json);
    char *json = exact(broken_cases[_i].json, len);
    ck_assert_msg(!jsonpath_each(p, json, len, collect, &t) || t.n == 0, "%s in %s",
                  broken_cases[_i].path, broken_cases[_i].json);
    ck_assert_msg(t.n == 0 || strcmp(broken_cases[_i].json, "1 2") == 0, "%s in %s: %s",
                  broken_cases[_i].path, broken_cases[_i].json, t.all.data);
    ck_assert_msg(!jsonpath_first(p, json, len, &value, &n), "%s in %s", broken_cases[_i].path,
                  broken_cases[_i].json);
    free(json);
    buf_finish(&t.all);
    jsonpath_free(p);
}
END_TEST

START_TEST(what_stands_before_the_cut_is_found)
{
    static const char json[] = "{\"token\":\"x\",\"list\":[{\"id\":1},{\"id\":2},{\"id";
    static const char *const paths[] = {"$.token", "$.list[0].id", "$.list[*].id", "$..id"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct jsonpath *p = compile(paths[i]);
        const char *value;
        size_t len;
        ck_assert_msg(jsonpath_first(p, json, sizeof json - 1, &value, &len), "%s", paths[i]);
        jsonpath_free(p);
    }
}
END_TEST

static bool take_two(const char *json, size_t len, void *arg)
{
    collect(json, len, arg);
    return ((struct texts *)arg)->n < 2;
}

START_TEST(a_caller_that_has_enough_stops_the_walk)
{
    struct jsonpath *p = compile("$[*]");
    struct texts t = {0};
    ck_assert(jsonpath_each(p, "[1,2,3,]", 8, take_two, &t));
    ck_assert_str_eq(t.all.data, "1 | 2");
    buf_finish(&t.all);
    jsonpath_free(p);
}
END_TEST

static const struct {
    const char *path, *says;
} wrong_paths[] = {
    {"", "begins with $"},
    {"token", "did you mean \"$.token\"?"},
    {".token", "begins with $"},
    {"$token", "does not belong"},
    {"$.", "is missing behind the ."},
    {"$..", "is missing behind the ."},
    {"$.a.", "is missing behind the ."},
    {"$.a b", "does not belong"},
    {"$.items.0.id", "[0]"},
    {"$.2fa", "['2fa']"},
    {"$[", "in brackets stands"},
    {"$[]", "in brackets stands"},
    {"$[a]", "in brackets stands"},
    {"$[01]", "in brackets stands"},
    {"$[-0]", "in brackets stands"},
    {"$[-]", "in brackets stands"},
    {"$[99999999999999999999]", "in brackets stands"},
    {"$[0", "a ] is missing"},
    {"$['a", "not closed"},
    {"$['a'", "a ] is missing"},
    {"$['\\x']", "no escape"},
    {"$[?(@.a==1)]", "filters"},
    {"$[0:2]", "slices"},
    {"$[:2]", "slices"},
    {"$[0,1]", "slices and lists"},
    {"$['a','b']", "slices and lists"},
};

START_TEST(a_wrong_path_is_refused_with_a_reason)
{
    struct err e = {""};
    ck_assert_ptr_null(jsonpath_compile(wrong_paths[_i].path, &e));
    ck_assert_msg(strstr(e.text, wrong_paths[_i].says) != NULL, "%s: %s", wrong_paths[_i].path,
                  e.text);
}
END_TEST

START_TEST(a_path_has_63_parts_at_most)
{
    struct buf path = {0}, json = {0};
    struct err e = {""};
    buf_text(&path, "$");
    for (int i = 0; i < 63; i++) {
        buf_text(&path, "[*]");
        buf_text(&json, "[");
    }
    buf_text(&json, "1");
    for (int i = 0; i < 63; i++)
        buf_text(&json, "]");
    struct jsonpath *p = compile(path.data);
    struct texts t = {0};
    ck_assert(jsonpath_each(p, json.data, json.len, collect, &t));
    ck_assert_str_eq(t.all.data, "1");
    jsonpath_free(p);
    buf_text(&path, ".a");
    ck_assert_ptr_null(jsonpath_compile(path.data, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "63"));
    buf_finish(&t.all);
    buf_finish(&path);
    buf_finish(&json);
}
END_TEST

START_TEST(a_path_in_front_of_a_condition_ends_where_it_must)
{
    static const struct {
        const char *text, *rest;
    } fronts[] = {{"$.a == 3", " == 3"},
                  {"$.a==3", "==3"},
                  {"$['a b'] contains x", " contains x"},
                  {"$", ""},
                  {"$[0]>1", ">1"},
                  {"$..a != \"$.b\"", " != \"$.b\""},
                  {"$.*!=1", "!=1"},
                  {"$.a<2", "<2"}};
    for (size_t i = 0; i < sizeof fronts / sizeof fronts[0]; i++) {
        const char *rest = NULL;
        struct err e = {""};
        struct jsonpath *p = jsonpath_compile_front(fronts[i].text, &rest, &e);
        ck_assert_msg(p != NULL, "%s: %s", fronts[i].text, e.text);
        ck_assert_str_eq(rest, fronts[i].rest);
        jsonpath_free(p);
    }
}
END_TEST

/* {"a":{"a": ... 1 ... }} of that depth. */
static void nest(struct buf *json, unsigned depth, const char *open, const char *close)
{
    for (unsigned i = 0; i < depth; i++)
        buf_text(json, open);
    buf_text(json, "1");
    for (unsigned i = 0; i < depth; i++)
        buf_text(json, close);
}

START_TEST(depth_is_bounded)
{
    static const char *const paths[] = {"$..a", "$..*", "$..[-1]", "$", "$.a", "$..a..a..a..a"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct jsonpath *p = compile(paths[i]);
        struct buf json = {0};
        struct texts t = {0};
        nest(&json, 200, "{\"a\":[", "]}");
        jsonpath_each(p, json.data, json.len, collect, &t);
        buf_clear(&json);
        nest(&json, 255, "{\"a\":", "}");
        ck_assert_msg(jsonpath_each(p, json.data, json.len, collect, &t), "%s", paths[i]);
        buf_clear(&json);
        nest(&json, 258, "{\"a\":", "}");
        ck_assert_msg(!jsonpath_each(p, json.data, json.len, collect, &t), "%s", paths[i]);
        buf_finish(&json);
        buf_finish(&t.all);
        jsonpath_free(p);
    }
}
END_TEST

static bool count(const char *json, size_t len, void *arg)
{
    (void)json;
    (void)len;
    ++*(unsigned *)arg;
    return true;
}

/* Deep brackets with long arrays inside: reading each array once for every level around
 * it would take minutes; Check's time-out is the judge. */
START_TEST(hostile_nesting_costs_no_more_than_its_length)
{
    static const char *const paths[] = {"$..a", "$..[*]", "$..*..*..*", "$..[-1]", "$..[-1]..[-2]"};
    struct buf json = {0};
    for (unsigned i = 0; i < 250; i++)
        buf_text(&json, "[");
    for (unsigned i = 0; i < 1000000; i++)
        buf_text(&json, "1,[],");
    buf_text(&json, "1");
    for (unsigned i = 0; i < 250; i++)
        buf_text(&json, "]");
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct jsonpath *p = compile(paths[i]);
        unsigned n = 0;
        jsonpath_each(p, json.data, json.len, count, &n);
        jsonpath_free(p);
    }
    buf_finish(&json);
}
END_TEST

START_TEST(every_cut_of_a_text_is_read_within_its_bounds)
{
    static const char *const paths[] = {"$..price", "$.store.book[-1].isbn", "$.store.*.color",
                                        "$..[*]",   "$['store']['bicycle']", "$.store.book[2]"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct jsonpath *p = compile(paths[i]);
        for (size_t len = 0; len < sizeof BOOKS; len++) {
            char *json = exact(BOOKS, len);
            unsigned n = 0;
            bool ok = jsonpath_each(p, json, len, count, &n);
            ck_assert(p != NULL && (ok || len < sizeof BOOKS - 1));
            free(json);
        }
        jsonpath_free(p);
    }
}
END_TEST

START_TEST(text_without_escapes_is_not_copied)
{
    struct buf scratch = {0};
    size_t len;
    const char *plain = "\"plain\"", *escaped = "\"a\\tb\"", *number = "12";
    ck_assert_ptr_eq(jsonpath_view(plain, 7, &scratch, &len), plain + 1);
    ck_assert_uint_eq(len, 5);
    ck_assert_ptr_eq(jsonpath_view(number, 2, &scratch, &len), number);
    ck_assert_uint_eq(len, 2);
    ck_assert_ptr_null(scratch.data);
    ck_assert_str_eq(jsonpath_view(escaped, 6, &scratch, &len), "a\tb");
    ck_assert_uint_eq(len, 3);
    buf_finish(&scratch);
}
END_TEST

#define ALL(table) ((int)(sizeof(table) / sizeof(table)[0]))

int main(void)
{
    Suite *s = suite_create("jsonpath");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, an_array_ends_with_its_bracket);
    tcase_add_loop_test(t, paths_find_what_the_rfc_says, 0, ALL(cases));
    tcase_add_loop_test(t, the_first_match_is_the_one_that_begins_first, 0, ALL(first_cases));
    tcase_add_loop_test(t, broken_and_cut_texts_have_no_match, 0, ALL(broken_cases));
    tcase_add_test(t, what_stands_before_the_cut_is_found);
    tcase_add_test(t, a_caller_that_has_enough_stops_the_walk);
    tcase_add_loop_test(t, a_wrong_path_is_refused_with_a_reason, 0, ALL(wrong_paths));
    tcase_add_test(t, a_path_has_63_parts_at_most);
    tcase_add_test(t, a_path_in_front_of_a_condition_ends_where_it_must);
    tcase_add_test(t, depth_is_bounded);
    tcase_add_test(t, hostile_nesting_costs_no_more_than_its_length);
    tcase_add_test(t, every_cut_of_a_text_is_read_within_its_bounds);
    tcase_add_test(t, text_without_escapes_is_not_copied);
    suite_add_tcase(s, t);
    return unit_run(s);
}
