/* SPDX-License-Identifier: MIT */
/* --set key=value: the settings as if the file said so, or one sentence with the key. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/profile/read.h"
#include "src/settings/read.h"
#include "src/settings/set.h"
#include "tests/unit/unit.h"

static const char text[] =
    "target = \"http://127.0.0.1:1\";\n"
    "headers = { region = \"us\"; pin = \"1234\"; };\n"
    "user_classes = (\n"
    "  { name = \"Pupil\"; weight = 3; wait = { constant = 1.0; };\n"
    "    tasks = ( { request = \"GET /\"; },\n"
    "              { name = \"v1.2 \"; request = \"GET /a?b=c\"; expect = [200, 404]; } ); },\n"
    "  { name = \"Teacher\"; tasks = ( { request = \"GET /t\"; } ); } );\n"
    "levels = { smoke = { users = 3; spawn_rate = 1.0; };\n"
    "           soak = { users = 9; spawn_rate = 1.0; run_time = \"1h\"; }; };\n";

static struct source source;
static struct node root;
static struct problems problems;

static void setup(void)
{
    problems = (struct problems){0};
    ck_assert(source_from_text(&source, "t.cfg", text, strlen(text), &problems));
    ck_assert(settings_read(&root, &source, &problems));
}

static void teardown(void)
{
    node_finish(&root);
    source_finish(&source);
    problems_finish(&problems);
}

/* A node as libconfig would have it, in one line. */
static void show(FILE *out, const struct node *n)
{
    static const char *const brackets[] = {
        [NODE_GROUP] = "{}", [NODE_LIST] = "()", [NODE_ARRAY] = "[]"};
    if (n->kind == NODE_STRING)
        fprintf(out, "\"%s\"", n->string);
    else if (n->kind == NODE_INT)
        fprintf(out, "%lld", (long long)n->integer);
    else if (n->kind == NODE_FLOAT)
        fprintf(out, "%.1f", n->number);
    else if (n->kind == NODE_BOOL)
        fprintf(out, "%s", n->integer != 0 ? "true" : "false");
    if (n->kind > NODE_ARRAY)
        return;
    fputc(brackets[n->kind][0], out);
    for (size_t i = 0; i < n->n; i++) {
        fprintf(out, "%s%s%s", i > 0 ? " " : "", n->items[i].name != NULL ? n->items[i].name : "",
                n->items[i].name != NULL ? "=" : "");
        show(out, &n->items[i]);
    }
    fputc(brackets[n->kind][1], out);
}

static const struct node *at(const char *path)
{
    const struct node *n = &root;
    char copy[128];
    snprintf(copy, sizeof copy, "%s", path);
    for (char *step = strtok(copy, "/"); n != NULL && step != NULL; step = strtok(NULL, "/"))
        n = *step >= '0' && *step <= '9' ? &n->items[atoi(step)] : node_get(n, step);
    return n;
}

static const struct {
    const char *set, *path, *is;
} right[] = {
    {"levels.smoke.users=20", "levels/smoke/users", "20"},
    {"levels.smoke.users = 20", "levels/smoke/users", "20"},
    {"user_classes.Pupil.weight=5", "user_classes/0/weight", "5"},
    {"user_classes[1].weight=5", "user_classes/1/weight", "5"},
    {"user_classes.1.weight=5", "user_classes/1/weight", "5"},
    {"user_classes[0].tasks[1].expect[0]=201", "user_classes/0/tasks/1/expect", "[201 404]"},
    {"user_classes[0].tasks.\"v1.2 \".expect=[201]", "user_classes/0/tasks/1/expect", "[201]"},
    {"user_classes.Pupil.tasks.\"GET /\".weight=7", "user_classes/0/tasks/0",
     "{request=\"GET /\" weight=7}"},
    {"headers.region=eu", "headers/region", "\"eu\""},
    {"headers.region=\"eu\\n\"", "headers/region", "\"eu\n\""},
    {"headers.region=", "headers/region", "\"\""},
    {"headers.region=a=b; c", "headers/region", "\"a=b; c\""},
    {"headers.region=1; x=2", "headers/region", "\"1; x=2\""},
    {"headers.region=[1", "headers/region", "\"[1\""}, /* it was a string */
    {"headers.region={\"a\":1}", "headers/region", "\"{\"a\":1}\""},
    {"headers.pin=0042", "headers/pin", "\"0042\""},
    {"headers.pin=true", "headers/pin", "\"true\""},
    {"levels.soak.run_time=5", "levels/soak/run_time", "\"5\""},
    {"levels.smoke.users=0042", "levels/smoke/users", "42"},
    {"headers.pin=\"0042\"", "headers/pin", "\"0042\""},
    {"headers.pin=1#2", "headers/pin", "\"1#2\""},
    {"levels.smoke.users=1 # one", "levels/smoke/users", "1"},
    {"headers.fresh=@include \"/etc/passwd\"", "headers/fresh", "\"@include \"/etc/passwd\"\""},
    {"timeout=2.5", "timeout", "2.5"},
    {"http2=true", "http2", "true"},
    {"x=[1, 2]", "x", "[1 2]"},
    {"x=(1, \"a\", {})", "x", "(1 \"a\" {})"},
    {"levels={ only = { users = 1; }; }", "levels", "{only={users=1}}"},
    {"levels.smoke=5", "levels/smoke", "5"},
};

START_TEST(the_tree_is_as_if_it_were_written_so)
{
    char *shown = NULL;
    size_t size = 0;
    const char *sets[] = {right[_i].set};
    ck_assert_msg(settings_set(&root, sets, 1, &problems), "%s: %s", right[_i].set,
                  problems.n > 0 ? problems.lines[0] : "");
    const struct node *n = at(right[_i].path);
    ck_assert_ptr_nonnull(n);
    FILE *out = open_memstream(&shown, &size);
    show(out, n);
    fclose(out);
    ck_assert_str_eq(shown, right[_i].is);
    free(shown);
}
END_TEST

static const struct {
    const char *set, *says;
} wrong[] = {
    {"user_classes.Pupl.weight=5",
     "--set user_classes.Pupl.weight: there is no \"Pupl\" in user_classes (did you mean "
     "\"Pupil\"?)."},
    {"levels.endurance.users=5",
     "--set levels.endurance.users: there is no \"endurance\" in levels; it has smoke, soak."},
    {"level.smoke.users=5",
     "--set level.smoke.users: there is no \"level\" in the profile (did you mean \"levels\"?)."},
    {"user_classes[2].weight=5",
     "--set user_classes[2].weight: there is no [2] in user_classes; it has 2 elements, counted "
     "from 0."},
    {"user_classes.7=5",
     "--set user_classes.7: there is no \"7\" in user_classes; it has Pupil, Teacher."},
    {"levels[0].users=5",
     "--set levels[0].users: levels is a group; its settings have names, not numbers."},
    {"levels.smoke.users.most=5",
     "--set levels.smoke.users.most: levels.smoke.users is a value and has no \"most\"."},
    {"x=[1, 2", "--set x: the \"[\" that opens here is never closed."},
    {"x=[1, \"a\"]",
     "--set x: the values of an array [ ] must be of one kind; use a list ( ) here."},
    {"x=\"a", "--set x: the string that begins here has no closing quote."},
    {"headers.region=\"a", "--set headers.region: the string that begins here has no closing "
                           "quote."},
    {"x=\xff", "--set x: the value is not UTF-8 text."},
    {"a b=5", "--set a b: \"a b\" is not the name of a setting."},
    {"levels..users=5", "--set levels..users: the key ends where a name is expected."},
    {"levels.=5", "--set levels.: the key ends where a name is expected."},
    {"user_classes[x].weight=5",
     "--set user_classes[x].weight: \"[x]\" is not the number of an element."},
    {"user_classes[0]weight=5",
     "--set user_classes[0]weight: a dot is missing in front of \"weight\"."},
    {"user_classes[0=5", "--set user_classes[0: the key ends where a name is expected."},
    {"levels.\"smoke=5", "--set levels.\"smoke=5: a quote has no end."},
    {"levels", "--set levels: a key and a value are needed, such as levels.smoke.users=20."},
    {"=5", "--set : a key and a value are needed, such as levels.smoke.users=20."},
};

START_TEST(a_mistake_is_one_sentence_with_its_key)
{
    const char *sets[] = {wrong[_i].set};
    ck_assert(!settings_set(&root, sets, 1, &problems));
    ck_assert_uint_eq(problems.n, 1);
    ck_assert_str_eq(problems.lines[0], wrong[_i].says);
}
END_TEST

START_TEST(each_counts_on_top_of_those_before_it)
{
    const char *sets[] = {"levels.smoke={ users = 1; }", "nothing.at.all=1", "levels.smoke.users=2",
                          "levels.smoke.users=3"};
    ck_assert(!settings_set(&root, sets, 4, &problems));
    ck_assert_uint_eq(problems.n, 1);
    ck_assert_int_eq(at("levels/smoke/users")->integer, 3);
}
END_TEST

static struct profile *read_with(const char *const *sets, size_t n)
{
    const struct profile_overrides o = {.sets = sets, .n_sets = n};
    return profile_parse("t.cfg", text, strlen(text), &o, &problems);
}

START_TEST(a_profile_is_read_with_what_was_set)
{
    const char *sets[] = {"levels.soak.users=77", "target=http://127.0.0.2:9"};
    struct profile *p = read_with(sets, 2);
    ck_assert_msg(p != NULL, "%s", problems.n > 0 ? problems.lines[0] : "");
    ck_assert_uint_eq(profile_level(p, "soak")->users, 77);
    ck_assert_str_eq(p->target, "http://127.0.0.2:9");
    profile_unref(p);
}
END_TEST

/* What is wrong with a value only its meaning tells. */
START_TEST(a_value_of_the_wrong_meaning_is_named_by_its_key)
{
    const char *sets[] = {"levels.smoke.users=many", "user_classes[0].wieght=5",
                          "levels.soak={ users = 0; spawn_rate = 1.0; }", "no.such=1"};
    ck_assert_ptr_null(read_with(sets, 4));
    ck_assert_uint_ge(problems.n, 4);
    size_t found = 0;
    for (size_t i = 0; i < problems.n; i++) {
        const char *line = problems.lines[i];
        found += strncmp(line, "--set levels.smoke.users: users must be", 39) == 0;
        found += strncmp(line, "--set user_classes[0].wieght: unknown setting \"wieght\"", 54) == 0;
        found += strncmp(line, "--set levels.soak: users must be", 32) == 0;
        found += strncmp(line, "--set no.such: there is no \"no\"", 31) == 0;
    }
    ck_assert_uint_eq(found, 4);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof *(array))

int main(void)
{
    Suite *s = suite_create("set");
    TCase *t = tcase_create("set");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, the_tree_is_as_if_it_were_written_so, 0, COUNT(right));
    tcase_add_loop_test(t, a_mistake_is_one_sentence_with_its_key, 0, COUNT(wrong));
    tcase_add_test(t, each_counts_on_top_of_those_before_it);
    tcase_add_test(t, a_profile_is_read_with_what_was_set);
    tcase_add_test(t, a_value_of_the_wrong_meaning_is_named_by_its_key);
    suite_add_tcase(s, t);
    return unit_run(s);
}
