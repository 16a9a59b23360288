/* SPDX-License-Identifier: MIT */
/* Questions in a profile: what holds, and what is said of those that nobody can answer. */
#include "config.h"

#include <check.h>
#include <string.h>

#include "src/script/condition.h"
#include "src/script/feeder.h"
#include "src/script/number.h"
#include "tests/unit/unit.h"

static struct names *names;
static struct feeder *feeder;
static const struct feeder *feeders[1];
static struct scope scope;

static void set(const char *name, const char *text)
{
    uint32_t slot;
    ck_assert(names_slot(names, name, &slot, NULL));
    if (text != NULL)
        value_set(&scope.values[slot], text, strlen(text));
}

static void begin(void)
{
    static const char csv[] = "name,age\nAnn,42\n";
    uint32_t slot;
    names = names_create();
    feeder = feeder_parse(csv, sizeof csv - 1, &(struct feeder_config){.delimiter = ','}, NULL);
    ck_assert_ptr_nonnull(feeder);
    feeders[0] = feeder;
    ck_assert(names_constant(names, "region", "eu", NULL));
    ck_assert(names_feeder(names, "pupils", feeder, 0, NULL));
    static const char *const slots[] = {"token", "count", "zero", "empty", "unset", "flag"};
    for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++)
        ck_assert(names_slot(names, slots[i], &slot, NULL));
    memset(&scope, 0, sizeof scope);
    scope_init(&scope, names_slots(names), feeders, 1);
    set("token", "abc def");
    set("count", "12");
    set("zero", "0.0");
    set("empty", "");
    set("flag", "false");
    scope.status = 201;
    scope.rows[0] = 0;
    scope.iteration = 5;
}

static void end(void)
{
    scope_finish(&scope);
    names_free(names);
    feeder_free(feeder);
}

static const struct {
    const char *text;
    bool holds;
} whens[] = {
    {"token", true},
    {"not token", false},
    {"empty", false},
    {"not empty", true},
    {"zero", false},
    {"flag", false},
    {"unset", false},
    {"not unset", true},
    {"  token  ", true},
    {"status == 201", true},
    {"status==201", true},
    {"status>=200", true},
    {"status < 200", false},
    {"status != 404", true},
    {"201 == status", true},
    {"count > 9", true},
    {"count > 9.5", true},
    {"count >= 12.0", true},
    {"count == 12.0", true},
    {"count != 12.0", false},
    {"count < -1", false},
    {"count == \"12\"", true},
    {"count <= 1.2e1", true},
    {"count == 012", true},
    {"count == \"0x0c\"", false},
    {"token == \"abc def\"", true},
    {"token contains \"c d\"", true},
    {"token contains \"\"", true},
    {"token contains \"abc def g\"", false},
    {"token < \"abd\"", true},
    {"token > \"abc\"", true},
    {"\"a\" < \"b\"", true},
    {"\"10\" < \"9\"", false},
    {"\"10x\" < \"9\"", true},
    {"token == token", true},
    {"unset == unset", false},
    {"unset != unset", true},
    {"unset == \"\"", false},
    {"unset != \"\"", true},
    {"unset < 3", false},
    {"token == unset", false},
    {"flag == false", true},
    {"region == \"eu\"", true},
    {"\"${region}-${count}\" == \"eu-12\"", true},
    {"${region}-${count} == \"eu-12\"", true},
    {"token == ${unset}", false},
    {"token != ${unset}", true},
    {"pupils.name == \"Ann\"", true},
    {"pupils.age > 41", true},
    {"${pupils.age} < 42", false},
    {"iteration >= 5", true},
    {"\"a\\\"b\\\\\" contains \"\\\"b\\\\\"", true},
#ifdef HAVE_PCRE2
    {"token matches ^abc\\s", true},
    {"token matches \"^abc\\s\\w+$\"", true},
    {"token matches c d", true},
    {"token matches ^abc$", false},
    {"token matches (?<=abc) d", true},
    {"unset matches .*", false},
    {"status matches ^2", true},
#endif
    {"9007199254740993 == 9007199254740992", false},
    {"90071992547409930000000000001 > 90071992547409930000000000000", true},
    {"-3 < -2", true},
    {"-0 == 0", true},
    {"-12 < 3", true},
    {"1e400 > 5", true},
};

START_TEST(conditions_hold_or_not)
{
    struct err e = {""};
    struct condition *c = condition_compile(whens[_i].text, names, &e);
    ck_assert_msg(c != NULL, "%s: %s", whens[_i].text, e.text);
    ck_assert_msg(condition_holds(c, &scope) == whens[_i].holds, "%s", whens[_i].text);
    condition_free(c);
}
END_TEST

/* left NULL: what is looked at is not there. */
static const struct {
    const char *rest;
    bool negated;
    const char *left;
    bool holds;
} rests[] = {
    {"", false, "x", true},
    {"", false, "0", false},
    {"", false, "null", false},
    {"", false, "", false},
    {"", false, "[]", true},
    {"", false, NULL, false},
    {"", true, NULL, true},
    {"", true, "false", true},
    {"", true, "x", false},
    {" == ok", false, "ok", true},
    {"==ok", false, "ok", true},
    {" == \"ok\" ", false, "ok", true},
    {" == ok", false, NULL, false},
    {" != ok", false, NULL, true},
    {" != ok", false, "ok", false},
    {" > 3", false, "10", true},
    {" > 3", false, NULL, false},
    {" contains application/json", false, "application/json; charset=utf-8", true},
    {" == a=b&c", false, "a=b&c", true},
    {" == ${count}", false, "12", true},
    {" == \"${count}\"", false, "13", false},
    {" == status", false, "201", false},
    {" == true", false, "true", true},
    {" == null", false, "null", true},
#ifdef HAVE_PCRE2
    {" matches ^W/\"", false, "W/\"abc\"", true},
    {" matches ^[0-9]+$", false, "12a", false},
#endif
};

START_TEST(a_check_gives_the_left_side)
{
    struct err e = {""};
    struct condition *c = condition_compile_rest(rests[_i].rest, rests[_i].negated, names, &e);
    ck_assert_msg(c != NULL, "%s: %s", rests[_i].rest, e.text);
    const char *left = rests[_i].left;
    ck_assert_msg(condition_holds_for(c, left, left != NULL ? strlen(left) : 0, &scope) ==
                      rests[_i].holds,
                  "%s for %s", rests[_i].rest, left != NULL ? left : "nothing");
    ck_assert(condition_wants_all(c) ==
              (rests[_i].negated || strstr(rests[_i].rest, "!=") != NULL));
    condition_free(c);
}
END_TEST

static const struct {
    const char *text, *says;
} wrong[] = {
    {"", "the condition is empty"},
    {"   ", "the condition is empty"},
    {"not ", "the condition is empty"},
    {"toke == 3", "\"toke\" is not a variable (did you mean \"token\"?)"},
    {"region == eu", "\"eu\" is not a variable; a text stands in quotes"},
    {"nobody", "\"nobody\" is not a variable; a text stands in quotes"},
    {"token = 3", "= is not an operator here (did you mean ==?)"},
    {"token=3", "= is not an operator here (did you mean ==?)"},
    {"token === 3", "did you mean ==?"},
    {"token => 3", "did you mean >=?"},
    {"token =< 3", "did you mean <=?"},
    {"token <> 3", "did you mean !=?"},
    {"token =~ 3", "did you mean matches?"},
    {"token equals 3", "did you mean ==?"},
    {"token has 3", "did you mean contains?"},
    {"token contain 3", "did you mean contains?"},
    {"token match 3", "did you mean matches?"},
    {"token and count", "asks one thing"},
    {"token && count", "asks one thing"},
    {"token frobs 3", "frobs is not an operator; there are =="},
    {"token ==", "there is nothing behind the operator"},
    {"token matches", "there is nothing behind the operator"},
    {"token matches \"\"", "there is nothing behind the operator"},
    {"== 3", "something to ask about is missing before \"== 3\""},
    {"token == \"abc", "a quoted text is not closed"},
    {"token == count == 3", "\"== 3\" is too much"},
    {"token == \"a\" b", "\"b\" is too much"},
    {"not token == 3", "the opposite of == is !="},
    {"pupils == 3", "is a feeder"},
    {"token == ${tokn}", "tokn"},
    {"token matches (", "regular expression"},
};

START_TEST(a_wrong_condition_is_refused_with_a_reason)
{
    struct err e = {""};
    struct condition *c = condition_compile(wrong[_i].text, names, &e);
    ck_assert_msg(c == NULL && strstr(e.text, wrong[_i].says) != NULL, "%s: %s", wrong[_i].text,
                  e.text);
}
END_TEST

START_TEST(a_name_that_is_a_variable_is_no_text_in_a_check)
{
    struct err e = {""};
    ck_assert_ptr_null(condition_compile_rest("== token", false, names, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "write ${token}"));
    ck_assert_ptr_null(condition_compile_rest("== 3", true, names, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "!="));
}
END_TEST

static void note_slot(uint32_t index, void *arg)
{
    *(uint64_t *)arg |= UINT64_C(1) << index;
}

static void note_feeder(uint32_t index, void *arg)
{
    *(uint64_t *)arg |= UINT64_C(1) << (32 + index);
}

START_TEST(what_a_condition_needs_is_told)
{
    uint64_t seen = 0;
    struct condition *c = condition_compile("count == \"${token}${pupils.name}\"", names, NULL);
    ck_assert_ptr_nonnull(c);
    condition_uses(c, note_slot, note_feeder, &seen);
    ck_assert_uint_eq(seen, UINT64_C(0x100000003));
    condition_free(c);
    condition_free(NULL);
}
END_TEST

static const struct {
    const char *text;
    bool is, zero;
} numbers[] = {
    {"0", true, true},     {"-0", true, true},      {"0.00", true, true},    {"0e5", true, true},
    {"00", true, true},    {"1", true, false},      {"-1.5", true, false},   {"1e-3", true, false},
    {"", false, false},    {"-", false, false},     {"1.", false, false},    {".5", false, false},
    {"+1", false, false},  {"1e", false, false},    {"1e+", false, false},   {"0x1", false, false},
    {"inf", false, false}, {"nan", false, false},   {" 1", false, false},    {"1 ", false, false},
    {"1,5", false, false}, {"1.2.3", false, false}, {"12abc", false, false},
};

START_TEST(numbers_are_what_json_calls_so)
{
    size_t len = strlen(numbers[_i].text);
    ck_assert_msg(number_is(numbers[_i].text, len) == numbers[_i].is, "%s", numbers[_i].text);
    ck_assert_msg(number_is_zero(numbers[_i].text, len) == numbers[_i].zero, "%s",
                  numbers[_i].text);
}
END_TEST

#define ALL(table) ((int)(sizeof(table) / sizeof(table)[0]))

int main(void)
{
    Suite *s = suite_create("condition");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_loop_test(t, conditions_hold_or_not, 0, ALL(whens));
    tcase_add_loop_test(t, a_check_gives_the_left_side, 0, ALL(rests));
    tcase_add_loop_test(t, a_wrong_condition_is_refused_with_a_reason, 0, ALL(wrong));
    tcase_add_test(t, a_name_that_is_a_variable_is_no_text_in_a_check);
    tcase_add_test(t, what_a_condition_needs_is_told);
    tcase_add_loop_test(t, numbers_are_what_json_calls_so, 0, ALL(numbers));
    suite_add_tcase(s, t);
    return unit_run(s);
}
