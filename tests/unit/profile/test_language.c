/* SPDX-License-Identifier: MIT */
/* Every construct of the language, and what becomes of it. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/profile/read.h"
#include "tests/unit/profile/sent.h"

static struct profile *good(const char *text, const struct profile_overrides *o)
{
    struct problems problems = {0};
    struct profile *p = profile_parse("p.cfg", text, strlen(text), o, &problems);
    ck_assert_msg(p != NULL, "%s", problems.n > 0 ? problems.lines[0] : "no problem, no profile");
    ck_assert_uint_eq(problems.n, 0);
    return p;
}

/* The only sentence about the text. */
static void bad(const char *text, const struct profile_overrides *o, const char *sentence)
{
    struct problems problems = {0};
    struct profile *p = profile_parse("p.cfg", text, strlen(text), o, &problems);
    ck_assert_ptr_null(p);
    ck_assert_uint_eq(problems.n, 1);
    ck_assert_str_eq(problems.lines[0], sentence);
    problems_finish(&problems);
}

#define T "target = \"http://h\";\n"
#define CLASS(inside) "user_classes = ( { name = \"A\"; " inside " } );\n"
#define TASK "tasks = ( { request = \"GET /\"; } );"
#define REQUEST(inside) T CLASS("tasks = ( { request = \"POST /\"; " inside " } );")

static const struct request *only_request(const struct profile *p)
{
    return p->classes[0].tasks[0].steps.items[0].request;
}

/* A user with the profile's slots; the caller calls scope_finish. */
static void user_of(const struct profile *p, struct scope *s)
{
    scope_init(s, p->n_slots, (const struct feeder *const *)p->feeders, (uint32_t)p->n_feeders);
    rng_seed(&s->rng, 7);
}

static const char *rendered(const struct template *t, struct scope *s)
{
    static struct buf out;
    struct err why;
    buf_clear(&out);
    buf_text(&out, "");
    ck_assert_msg(template_render(t, s, &out, &why), "%s", why.text);
    return out.data;
}

/* ---------------------------------------------------------------------- names */

START_TEST(variables_are_fixed_or_drawn)
{
    struct profile *p =
        good(T "variables = { region = \"eu\"; page = 3; path = \"${region}/${page}\";\n"
               " basket = \"${int:1:9} apples\"; twice = \"${basket}, ${basket}\"; };\n"
               "user_classes = ( { name = \"A\"; tasks = ( { request = \"POST /${path}\";\n"
               " body = \"${twice} ${seq:5}\"; } ); } );",
             NULL);
    const struct request *r = only_request(p);
    ck_assert_str_eq(sent_text(r->url), "http://h/eu%2F3");
    ck_assert_str_eq(r->name, "/${path}");
    ck_assert_uint_eq(p->n_slots, 2);
    ck_assert_uint_eq(p->n_draws, 2);
    ck_assert_uint_eq(p->draws[0].slot, 0);
    ck_assert_uint_eq(p->draws[1].slot, 1);
    ck_assert_uint_eq(p->n_sequences, 1);
    ck_assert_uint_eq(p->sequence_starts[0], 5);
    ck_assert(!template_is_fixed(r->body.text));
    struct scope user;
    user_of(p, &user);
    for (size_t i = 0; i < p->n_draws; i++) {
        const char *text = rendered(p->draws[i].text, &user);
        value_set(&user.values[p->draws[i].slot], text, strlen(text));
    }
    const char *twice = user.values[1].text;
    ck_assert_ptr_nonnull(strstr(twice, " apples, "));
    ck_assert_int_eq(twice[0], strrchr(twice, ',')[2]); /* drawn once */
    scope_finish(&user);
    profile_unref(p);
}
END_TEST

START_TEST(a_secret_stays_one_in_what_it_is_put_into)
{
    setenv("RAMPTOP_TEST_SECRET", "geheim", 1);
    struct profile *p =
        good(T "variables = { pass = { secret = \"env:RAMPTOP_TEST_SECRET\"; };\n"
               " login = \"me:${pass}\"; };\n" CLASS(
                   "auth = { basic = \"${login}\"; }; tasks = ( { request = \"POST /\";\n"
                   " body = \"p=${pass}\"; } );"),
             NULL);
    const struct request *r = only_request(p);
    ck_assert_int_eq(r->auth.kind, AUTH_BASIC);
    ck_assert(template_is_secret(r->auth.text));
    ck_assert(template_is_secret(r->body.text));
    ck_assert_str_eq(sent_text(r->auth.text), "me:geheim");
    char echo[] = "said me:geheim";
    secrets_scrub(&p->secrets, echo, sizeof echo - 1);
    ck_assert_str_eq(echo, "said *********");
    profile_unref(p);
}
END_TEST

START_TEST(what_could_not_be_read_is_one_mistake)
{
    unsetenv("RAMPTOP_TEST_NONE");
    bad(T "variables = { pass = { secret = \"env:RAMPTOP_TEST_NONE\"; }; };\n" CLASS(
            "tasks = ( { request = \"GET /${pass}\"; } );"),
        NULL,
        "p.cfg:2: the environment variable RAMPTOP_TEST_NONE is not set: export it before the "
        "run.");
    bad(T "feeders = { pupils = { csv = \"/nowhere/x.csv\"; }; };\n" CLASS(
            "tasks = ( { request = \"GET /${pupils.name}\"; } );"),
        NULL, "p.cfg:2: cannot read /nowhere/x.csv: No such file or directory.");
    struct profile *p =
        good(T "variables = { pass = { secret = \"env:RAMPTOP_TEST_NONE:-apples\"; }; };\n" CLASS(
                 "tasks = ( { request = \"GET /${pass}\"; } );"),
             NULL);
    ck_assert_str_eq(sent_text(only_request(p)->url), "http://h/apples");
    profile_unref(p);
}
END_TEST

START_TEST(captures_belong_to_their_class)
{
    struct profile *p =
        good(T "user_classes = (\n"
               " { name = \"A\"; tasks = ( { request = \"GET /${id}\"; },\n"
               "   { steps = ( { request = \"GET /list\"; capture = { id = \"json:$[0].id\";\n"
               "     all = { from = \"regex:x=(.)\"; pick = \"random\"; default = \"\"; }; }; } ); "
               "} ); },\n"
               " { name = \"B\"; on_start = ( { request = \"POST /login\";\n"
               "     capture = { token = \"header:X-Token\"; }; } );\n"
               "   tasks = ( { request = \"GET /me\"; headers = { X-T = \"${token}\"; }; } ); } );",
             NULL);
    ck_assert_uint_eq(p->n_slots, 2); /* each user is of one class */
    const struct request *list = p->classes[0].tasks[1].steps.items[0].request;
    ck_assert_uint_eq(list->n_captures, 2);
    ck_assert_str_eq(capture_name(list->captures[0]), "id");
    ck_assert_str_eq(capture_name(list->captures[1]), "all");
    ck_assert_uint_eq(list->keep, REPLY_BODY);
    ck_assert_uint_eq(p->classes[1].on_start.n, 1);
    ck_assert_uint_eq(p->classes[1].on_start.items[0].request->keep, REPLY_HEADERS);
    profile_unref(p);
    bad(T "user_classes = ( { name = \"A\"; tasks = ( { request = \"GET /\";\n"
          " capture = { token = \"body\"; }; } ); },\n"
          " { name = \"B\"; tasks = ( { request = \"GET /${token}\"; } ); } );",
        NULL, "p.cfg:4: ${token} is not declared or captured.");
}
END_TEST

/* ---------------------------------------------------------------------- steps */

static void check_step(const struct steps *s, size_t i, enum step_kind kind, uint32_t count,
                       uint32_t to, unsigned depth)
{
    ck_assert_uint_lt(i, s->n);
    ck_assert_msg(s->items[i].kind == kind && s->items[i].count == count && s->items[i].to == to &&
                      s->items[i].depth == depth,
                  "step %zu: kind %d count %u to %u depth %u", i, (int)s->items[i].kind,
                  s->items[i].count, s->items[i].to, s->items[i].depth);
}

START_TEST(steps_are_flattened)
{
    struct profile *p =
        good(T CLASS("tasks = ( { name = \"all\"; steps = (\n"
                     " { request = \"GET /0\"; capture = { token = \"body\"; }; },\n"
                     " { think = [0.2, 0.8]; },\n"
                     " { loop = 3; steps = ( { request = \"GET /1\"; },\n"
                     "     { loop = 2; steps = ( { think = 1.5; } ); } ); },\n"
                     " { parallel = ( { request = \"GET /2\"; }, { request = \"GET /3\"; } ); },\n"
                     " { when = \"token == \\\"x\\\"\"; steps = ( { request = \"GET /4\"; } );\n"
                     "   else = ( { stop = true; } ); },\n"
                     " { when = \"not status\"; steps = ( { request = \"GET /5\"; } ); } ); } );"),
             NULL);
    const struct steps *s = &p->classes[0].tasks[0].steps;
    ck_assert_str_eq(p->classes[0].tasks[0].name, "all");
    ck_assert_uint_eq(s->n, 17);
    check_step(s, 0, STEP_REQUEST, 0, 0, 0);
    check_step(s, 1, STEP_THINK, 0, 0, 0);
    ck_assert_int_eq(s->items[1].pause.kind, WAIT_BETWEEN);
    ck_assert_uint_eq(s->items[1].pause.max_ns, 800 * NS_PER_MS);
    check_step(s, 2, STEP_LOOP, 3, 8, 0);
    check_step(s, 3, STEP_REQUEST, 0, 0, 0);
    check_step(s, 4, STEP_LOOP, 2, 7, 1);
    check_step(s, 5, STEP_THINK, 0, 0, 0);
    ck_assert_int_eq(s->items[5].pause.kind, WAIT_CONSTANT);
    check_step(s, 6, STEP_AGAIN, 2, 5, 1);
    check_step(s, 7, STEP_AGAIN, 3, 3, 0);
    check_step(s, 8, STEP_PARALLEL, 2, 0, 0);
    check_step(s, 9, STEP_REQUEST, 0, 0, 0);
    check_step(s, 10, STEP_REQUEST, 0, 0, 0);
    check_step(s, 11, STEP_WHEN, 0, 14, 0);
    check_step(s, 12, STEP_REQUEST, 0, 0, 0);
    check_step(s, 13, STEP_JUMP, 0, 15, 0);
    check_step(s, 14, STEP_STOP, 0, 0, 0);
    check_step(s, 15, STEP_WHEN, 0, 17, 0);
    check_step(s, 16, STEP_REQUEST, 0, 0, 0);
    ck_assert_ptr_nonnull(s->items[11].condition);
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i].kind == STEP_REQUEST)
            ck_assert_ptr_eq(p->requests[s->items[i].request->number], s->items[i].request);
    profile_unref(p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("language");
    TCase *tc = tcase_create("names");
    tcase_add_test(tc, variables_are_fixed_or_drawn);
    tcase_add_test(tc, a_secret_stays_one_in_what_it_is_put_into);
    tcase_add_test(tc, what_could_not_be_read_is_one_mistake);
    tcase_add_test(tc, captures_belong_to_their_class);
    suite_add_tcase(s, tc);
    tc = tcase_create("steps");
    tcase_add_test(tc, steps_are_flattened);
    suite_add_tcase(s, tc);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
