/* SPDX-License-Identifier: MIT */
/* One endpoint of a profile by itself. */
#include <check.h>
#include <string.h>

#include "src/profile/alone.h"
#include "src/profile/read.h"
#include "tests/unit/profile/sent.h"
#include "tests/unit/unit.h"

static const char text[] =
    "target = \"http://h\"; limits = { max_users = 3; };\n"
    "user_classes = (\n"
    "  { name = \"A\"; wait = { constant = 1.0; };\n"
    "    tasks = ( { steps = ( { request = \"GET /one\"; }, { request = \"GET /two\"; },\n"
    "                          { request = \"GET /three\"; } ); } ); },\n"
    "  { name = \"B\"; tasks = ( { request = \"GET /four\"; }, { request = \"GET /two\"; } ); } "
    ");\n"
    "levels = { l = { users = 2; }; };\n";

static struct profile *parse(void)
{
    struct problems problems = {0};
    struct profile *p = profile_parse("p.cfg", text, sizeof text - 1, NULL, &problems);
    ck_assert_msg(p != NULL, "%s", problems.n > 0 ? problems.lines[0] : "");
    return p;
}

static struct profile *alone(const char *name)
{
    struct profile *p = parse(), *one = NULL;
    struct err e;
    for (uint32_t i = 0; i < p->n_endpoints && one == NULL; i++)
        if (strcmp(p->endpoints[i].name, name) == 0)
            one = profile_alone(p, i, &e);
    ck_assert_ptr_nonnull(one);
    profile_unref(p); /* it goes on without us */
    ck_assert_uint_eq(one->n_classes, 1);
    ck_assert_uint_eq(one->classes[0].n_tasks, 1);
    ck_assert_int_eq(one->classes[0].wait.kind, WAIT_NONE);
    ck_assert_int_eq(mix_class(&one->mix, 12345), 0);
    ck_assert(one->n_levels == 0 && one->max_users == 0);
    return one;
}

static const char *name_at(const struct steps *s, size_t i)
{
    ck_assert_uint_lt(i, s->n);
    return s->items[i].request->name;
}

START_TEST(what_stands_before_comes_first)
{
    struct profile *one = alone("/three");
    const struct user_class *c = &one->classes[0];
    ck_assert_uint_eq(c->on_start.n, 2);
    ck_assert_str_eq(name_at(&c->on_start, 0), "/one");
    ck_assert_str_eq(name_at(&c->on_start, 1), "/two");
    ck_assert_uint_eq(c->tasks[0].steps.n, 1);
    ck_assert_str_eq(name_at(&c->tasks[0].steps, 0), "/three");
    ck_assert_str_eq(sent_text(c->tasks[0].steps.items[0].request->url), "http://h/three");
    profile_unref(one);
}
END_TEST

START_TEST(the_first_place_counts)
{
    struct profile *one = alone("/two");
    ck_assert_str_eq(one->classes[0].name, "A");
    ck_assert_uint_eq(one->classes[0].on_start.n, 1);
    profile_unref(one);
    one = alone("/four");
    ck_assert_str_eq(one->classes[0].name, "B");
    ck_assert_uint_eq(one->classes[0].on_start.n, 0);
    profile_unref(one);
}
END_TEST

START_TEST(what_is_not_there_is_a_sentence)
{
    struct profile *p = parse();
    struct err e;
    ck_assert_ptr_null(profile_alone(p, (uint32_t)p->n_endpoints, &e));
    ck_assert_str_eq(e.text, "no user class sends such a request");
    profile_unref(p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("alone");
    TCase *tc = tcase_create("alone");
    tcase_add_test(tc, what_stands_before_comes_first);
    tcase_add_test(tc, the_first_place_counts);
    tcase_add_test(tc, what_is_not_there_is_a_sentence);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
