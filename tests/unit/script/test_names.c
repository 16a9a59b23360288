/* SPDX-License-Identifier: MIT */
/* What the names in a profile's texts mean. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "src/script/feeder.h"
#include "src/script/names.h"
#include "src/script/template.h"
#include "src/script/secret.h"
#include "tests/unit/unit.h"

static struct names *names;

static void set_up(void)
{
    names = names_create();
}

static void tear_down(void)
{
    names_free(names);
}

static const struct {
    const char *name;
    const char *message; /* NULL: allowed */
} allowed[] = {
    {"a", NULL},
    {"_", NULL},
    {"token", NULL},
    {"a-b_9", NULL},
    {"integer", NULL},
    {"a123456789012345678901234567890123456789012345678901234567890123", NULL},
    {"a1234567890123456789012345678901234567890123456789012345678901234",
     "the name \"a1234567890123456789...\" is longer than 64 bytes"},
    {"", "a name is missing"},
    {"9lives", "\"9lives\" is no name: it begins with a letter or _"},
    {"-a", "\"-a\" is no name: it begins with a letter or _"},
    {"a b", "\"a b\" is no name: letters, digits, _ and - make one"},
    {"a.b", "\"a.b\" is no name: letters, digits, _ and - make one"},
    {"a:b", "\"a:b\" is no name: letters, digits, _ and - make one"},
    {"gr\xc3\xbcn", "\"gr\xc3\xbcn\" is no name: letters, digits, _ and - make one"},
    {"a\x1b[0m", "\"a\xef\xbf\xbd[0m\" is no name: letters, digits, _ and - make one"},
    {"uuid", "\"uuid\" is the name of a generator: choose another"},
    {"name", "\"name\" is the name of a generator: choose another"},
    {"status", "\"status\" means something of its own: choose another name"},
    {"env", "\"env\" means something of its own: choose another name"},
    {"not", "\"not\" means something of its own: choose another name"},
};

START_TEST(a_name_is_allowed_or_the_reason_is_told)
{
    struct err e = {""};
    bool ok = names_ok(allowed[_i].name, &e);
    ck_assert_str_eq(e.text, allowed[_i].message != NULL ? allowed[_i].message : "");
    ck_assert_int_eq(ok, allowed[_i].message == NULL);
}
END_TEST

START_TEST(each_kind_is_found_as_it_was_declared)
{
    struct err e = {""};
    struct secret *s = secret_from("hidden", 6);
    struct feeder *f = feeder_parse("a\n1\n", 4, &(struct feeder_config){0}, &e);
    uint32_t slot = 99, other = 99;
    char text[] = "text";
    ck_assert(names_constant(names, "c", text, &e));
    text[0] = 'X'; /* it was copied */
    ck_assert(names_secret(names, "s", s, &e));
    ck_assert(names_feeder(names, "f", f, 3, &e));
    ck_assert(names_slot(names, "v", &slot, &e));
    ck_assert(names_slot(names, "w", &other, &e));
    ck_assert_int_eq(names_find(names, "c").kind, NAME_CONSTANT);
    ck_assert_str_eq(names_find(names, "c").text, "text");
    ck_assert_int_eq(names_find(names, "s").kind, NAME_SECRET);
    ck_assert_ptr_eq(names_find(names, "s").secret, s);
    ck_assert_int_eq(names_find(names, "f").kind, NAME_FEEDER);
    ck_assert_ptr_eq(names_find(names, "f").feeder, f);
    ck_assert_uint_eq(names_find(names, "f").index, 3);
    ck_assert_int_eq(names_find(names, "w").kind, NAME_SLOT);
    ck_assert_uint_eq(names_find(names, "w").index, 1);
    ck_assert_uint_eq(slot, 0);
    ck_assert_uint_eq(other, 1);
    ck_assert_int_eq(names_find(names, "nobody").kind, NAME_NONE);
    ck_assert_int_eq(names_find(names, "").kind, NAME_NONE);
    ck_assert_int_eq(names_find(names, "uuid").kind, NAME_NONE);
    ck_assert_uint_eq(names_slots(names), 2);
    secret_free(s);
    feeder_free(f);
}
END_TEST

START_TEST(a_name_is_taken_once_but_a_variable_may_be_captured_again)
{
    struct err e = {""};
    uint32_t slot, again;
    ck_assert(names_slot(names, "token", &slot, &e));
    ck_assert(names_slot(names, "token", &again, &e));
    ck_assert_uint_eq(slot, again);
    ck_assert_uint_eq(names_slots(names), 1);
    ck_assert(!names_constant(names, "token", "x", &e));
    ck_assert_str_eq(e.text, "\"token\" is already a variable");
    ck_assert(names_constant(names, "region", "eu", &e));
    ck_assert(!names_slot(names, "region", &slot, &e));
    ck_assert_str_eq(e.text, "\"region\" is already a variable with a fixed value");
    ck_assert(!names_secret(names, "region", NULL, &e));
    ck_assert(names_feeder(names, "pupils", NULL, 0, &e));
    ck_assert(!names_slot(names, "pupils", &slot, &e));
    ck_assert_str_eq(e.text, "\"pupils\" is already a feeder");
    ck_assert(!names_slot(names, "9", &slot, &e));
    ck_assert_uint_eq(names_slots(names), 1);
}
END_TEST

START_TEST(the_nearest_name_may_be_a_generator)
{
    struct err e;
    ck_assert(names_constant(names, "region", "eu", &e));
    ck_assert_str_eq(names_nearest(names, "regoin"), "region");
    ck_assert_str_eq(names_nearest(names, "sentense"), "sentence");
    ck_assert_ptr_null(names_nearest(names, "xyzzy"));
}
END_TEST

START_TEST(thousands_of_names_are_kept_apart)
{
    struct err e = {""};
    char name[16];
    for (uint32_t i = 0; i < 20000; i++) {
        uint32_t slot;
        snprintf(name, sizeof name, "v%u", i);
        ck_assert_msg(names_slot(names, name, &slot, &e), "%s", e.text);
        ck_assert_uint_eq(slot, i);
    }
    for (uint32_t i = 0; i < 20000; i++) {
        snprintf(name, sizeof name, "v%u", i);
        ck_assert_uint_eq(names_find(names, name).index, i);
    }
    ck_assert_uint_eq(names_slots(names), 20000);
}
END_TEST

START_TEST(what_is_forgotten_makes_room)
{
    struct err e;
    uint32_t slot;
    struct names *n = names_create();
    ck_assert(names_slot(n, "drawn", &slot, &e));
    size_t mark = names_mark(n);
    for (int i = 0; i < 100; i++) {
        char name[20];
        snprintf(name, sizeof name, "a%d", i);
        ck_assert(names_slot(n, name, &slot, &e));
    }
    names_forget(n, mark);
    ck_assert_int_eq(names_find(n, "a7").kind, NAME_NONE);
    ck_assert_int_eq(names_find(n, "drawn").kind, NAME_SLOT);
    ck_assert(names_slot(n, "b", &slot, &e));
    ck_assert_uint_eq(slot, 1);             /* used again */
    ck_assert_uint_eq(names_slots(n), 101); /* as many as there were at once */
    names_free(n);
}
END_TEST

START_TEST(a_feeder_that_could_not_be_read_is_known)
{
    struct err e = {""};
    struct names *n = names_create();
    ck_assert(names_feeder(n, "f", NULL, 0, &e));
    struct template *t = template_compile("x${f.any}y", ENCODE_PLAIN, n, &e);
    ck_assert_msg(t != NULL, "%s", e.text);
    template_free(t);
    ck_assert_ptr_null(template_compile("${f}", ENCODE_PLAIN, n, &e));
    ck_assert_str_eq(e.text, "${f} is a feeder: name one of its columns, as in ${f.NAME}");
    names_free(n);
}
END_TEST

START_TEST(each_sequence_has_its_start)
{
    for (uint32_t i = 0; i < 100; i++)
        ck_assert_uint_eq(names_new_sequence(names, i * 1000), i);
    ck_assert_uint_eq(names_sequences(names), 100);
    ck_assert_uint_eq(names_sequence_start(names, 0), 0);
    ck_assert_uint_eq(names_sequence_start(names, 99), 99000);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("names");
    TCase *tc = tcase_create("names");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, a_name_is_allowed_or_the_reason_is_told, 0,
                        sizeof allowed / sizeof *allowed);
    tcase_add_test(tc, each_kind_is_found_as_it_was_declared);
    tcase_add_test(tc, a_name_is_taken_once_but_a_variable_may_be_captured_again);
    tcase_add_test(tc, the_nearest_name_may_be_a_generator);
    tcase_add_test(tc, thousands_of_names_are_kept_apart);
    tcase_add_test(tc, what_is_forgotten_makes_room);
    tcase_add_test(tc, a_feeder_that_could_not_be_read_is_known);
    tcase_add_test(tc, each_sequence_has_its_start);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
