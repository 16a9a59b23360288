/* SPDX-License-Identifier: MIT */
#include "src/script/jsontext.h"

#include "src/base/buf.h"
#include "tests/unit/unit.h"

static const char *const right[] = {
    "",
    "{}",
    " [ ] ",
    "null",
    "\"x\"",
    "-1.5e+3",
    "{\"a\": [1, {\"b\": \"}]\"}, true], \"c\": null}",
    "{\"a\": \"\\\"\\\\\", \"b\": 0.1}",
    "{\"a\": ${int:1:5}, \"${key}\": \"x${name}y\", \"c\": ${choice:true|false}}",
    "{\"a\": \"$${\", \"b\": \"${choice:\"|}\"}",
    "{\"a\": -${int:1:9}.5, \"b\": 1${int:0:9}}",
    "${whole}",
    "{${fields}}",
    "[${items}, 5]",
    "[${first} ${more}]",
    "{\"a\": 1 ${rest}}",
};

static const struct {
    const char *text, *flaw;
} wrong[] = {
    {"{\"a\": 1", "a \"}\" is missing at its end"},
    {"{\"a\": ${id}", "a \"}\" is missing at its end"},
    {"[{\"a\": ${id}]", "a \"}\" is missing before ]"},
    {"{\"a\": [1, 2}", "a \"]\" is missing before }"},
    {"{\"a\" 1}", "a colon is missing before 1}"},
    {"{\"a\": 1 \"b\": 2}", "a comma is missing before \"b\": 2}"},
    {"{\"a\": 1,}", "there is a comma too many before }"},
    {"[1, 2, ]", "there is a comma too many before ]"},
    {"{\"a\": }", "a value is missing before }"},
    {"{\"a\":", "a \"}\" is missing at its end"},
    {"{a: 1}", "a name in quotes is missing before a: 1}"},
    {"{'a': 1}", "a name in quotes is missing before 'a': 1}"},
    {"{\"a\": 'x'}", "a value is missing before 'x'}"},
    {"{\"a\": True}", "True must be written true"},
    {"{\"a\": abc}", "abc must be in quotes"},
    {"{\"a\": 01}", "01 must be in quotes"},
    {"{\"a\": 1.}", "1. must be in quotes"},
    {"{\"a\": \"x}", "the quote before x} is never closed"},
    {"{\"a\": ${id}, \"b\": \"x}", "the quote before x} is never closed"},
    {"{\"code\": \"a\nb\"}", "a line break within quotes is written \\\\n"},
    {"{\"code\": \"a\tb\"}", "a control character within quotes is written \\\\u0009"},
    {"{} {}", "it has come to its end before {}"},
    {"{}}", "nothing is open before }"},
    {"{\"a\": $${}", "a value is missing before $${}"},
    {"{\"a\" \"a long text that is cut somewhere\"}",
     "a colon is missing before \"a long text that is cut..."},
};

START_TEST(what_is_json_passes)
{
    struct err e;
    ck_assert_msg(json_text_ok(right[_i], &e), "%s: %s", right[_i], e.text);
}
END_TEST

START_TEST(what_is_none_is_told)
{
    struct err e;
    ck_assert_msg(!json_text_ok(wrong[_i].text, &e), "%s", wrong[_i].text);
    ck_assert_str_eq(e.text, wrong[_i].flaw);
}
END_TEST

START_TEST(deep_texts_are_left_alone)
{
    struct buf text = {0};
    struct err e;
    for (unsigned i = 0; i < JSON_TEXT_DEPTH + 1; i++)
        buf_char(&text, '[');
    buf_text(&text, "");
    ck_assert(json_text_ok(text.data, &e));
    ck_assert(!json_text_ok(text.data + 1, &e));
    buf_finish(&text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("json text");
    TCase *t = tcase_create("text");
    tcase_add_loop_test(t, what_is_json_passes, 0, sizeof right / sizeof *right);
    tcase_add_loop_test(t, what_is_none_is_told, 0, sizeof wrong / sizeof *wrong);
    tcase_add_test(t, deep_texts_are_left_alone);
    suite_add_tcase(s, t);
    return unit_run(s);
}
