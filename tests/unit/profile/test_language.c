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
#include "src/script/scrub.h"
#include "tests/unit/profile/sent.h"
#include "tests/unit/unit.h"

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

START_TEST(a_literal_that_lets_in_is_a_secret)
{
    struct profile *p =
        good(T "variables = { fixed = \"v4riable\"; };\n"
               "headers = { X-Api-Key = \"k3y-v4lue\"; X-Run = \"nightly\"; };\n" CLASS(
                   "headers = { X-Session = \"${fixed}\"; };\n"
                   "tasks = ( { request = \"GET /\"; auth = { basic = \"me:geheim\"; }; },\n"
                   " { request = \"GET /2\"; auth = { bearer = \"t0ken-2\"; };\n"
                   "   cookies = { id = \"abcdef0123\"; theme = \"dark\"; }; } );"),
             NULL);
    char echo[] = "me geheim t0ken-2 k3y-v4lue v4riable abcdef0123 dark nightly";
    secrets_scrub(&p->secrets, echo, sizeof echo - 1);
    ck_assert_str_eq(echo, "me ****** ******* ********* ******** ********** dark nightly");
    ck_assert_uint_eq(p->secrets.n, 5); /* once each, whatever inherits it */
    profile_unref(p);
}
END_TEST

START_TEST(a_class_knows_which_of_its_variables_are_secret)
{
    struct profile *p = good(
        T "variables = { nick = \"n${int:1:9}\"; my_password = \"p${int:1:9}\"; };\n"
          "user_classes = ( { name = \"A\"; auth = { bearer = \"${a}\"; };\n"
          "  on_start = ( { request = \"POST /\"; auth = false; capture = { a = \"json:$.id\";\n"
          "    b = \"json:$.token\"; c = \"json:$.item\"; d = \"body\"; e = \"body\"; }; } );\n"
          "  tasks = ( { request = \"GET /${c}\"; query = { api_key = \"${d}\"; };\n"
          "    headers = { X-Csrf = \"${e}\"; X-Item = \"${c}\"; }; } ); },\n"
          " { name = \"B\"; tasks = ( { request = \"GET /${nick}\";\n"
          "    capture = { item = \"json:$.token.item\"; other = \"body\"; }; } ); } );",
        NULL);
    const struct user_class *a = &p->classes[0], *b = &p->classes[1];
    /* my_password, a, b, d, e: slots in the order in which they are declared */
    ck_assert_uint_eq(a->n_hidden, 5);
    const uint32_t wanted[] = {1, 3, 2, 6, 5};
    for (size_t i = 0; i < 5; i++) {
        bool found = false;
        for (size_t k = 0; k < a->n_hidden; k++)
            found |= a->hidden[k] == wanted[i];
        ck_assert_msg(found, "slot %u", wanted[i]);
    }
    ck_assert_uint_eq(b->n_hidden, 2);
    ck_assert_uint_eq(b->hidden[1], 2);
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

/* A class gives its log-in to all requests that can have it, so not to the one that brings it. */
START_TEST(what_a_class_gives_waits_for_its_value)
{
    struct profile *p = good(
        T CLASS("auth = { bearer = \"${token}\"; };\n"
                "headers = { X-Csrf = \"${csrf}\"; X-Fixed = \"1\"; };\n"
                "on_start = ( { request = \"GET /form\"; capture = { csrf = \"json:$.c\"; }; },\n"
                " { request = \"POST /login\"; capture = { token = \"json:$.t\"; }; },\n"
                " { request = \"GET /me\"; } );\n"
                "tasks = ( { request = \"GET /\"; } );"),
        NULL);
    static const struct {
        enum auth_kind auth;
        size_t headers;
    } wanted[] = {{AUTH_NONE, 1}, {AUTH_NONE, 2}, {AUTH_BEARER, 2}};
    for (size_t i = 0; i < 3; i++) {
        const struct request *r = p->classes[0].on_start.items[i].request;
        ck_assert_int_eq(r->auth.kind, wanted[i].auth);
        ck_assert_uint_eq(r->headers.n, wanted[i].headers);
    }
    ck_assert_int_eq(only_request(p)->auth.kind, AUTH_BEARER);
    ck_assert_uint_eq(only_request(p)->headers.n, 2);
    profile_unref(p);
}
END_TEST

/* A loop is done again, one of two branches may have captured it, a task comes again, and what
 * is drawn is there from the start. */
START_TEST(values_that_may_be_there_are_not_refused)
{
    profile_unref(good(
        T "variables = { seed = \"${int:1:9}\"; };\n" CLASS(
            "on_start = ( { loop = 3; steps = (\n"
            "   { when = \"${seed} > 4\"; steps = ( { request = \"GET /next?after=${last}\"; } ); "
            "},\n"
            "   { request = \"GET /first\"; capture = { last = \"json:$.l\"; }; } ); },\n"
            " { request = \"GET /${seed}\"; capture = { seed = \"json:$.s\"; }; } );\n"
            "tasks = ( { request = \"GET /a/${b}\"; }, { request = \"GET /b\"; capture = { b = "
            "\"json:$.b\"; }; } );\n"
            "on_stop = ( { request = \"GET /bye/${b}/${last}\"; capture = { c = \"json:$.c\"; }; "
            "},\n"
            " { request = \"GET /bye/${c}\"; } );"),
        NULL));
}
END_TEST

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
                     " { when = \"not status\"; steps = ( { request = \"GET /5\"; } );\n"
                     "   else = ( { restart = true; } ); } ); } );"),
             NULL);
    const struct steps *s = &p->classes[0].tasks[0].steps;
    ck_assert_str_eq(p->classes[0].tasks[0].name, "all");
    ck_assert_uint_eq(s->n, 19);
    check_step(s, 0, STEP_REQUEST, 0, 0, 0);
    check_step(s, 1, STEP_THINK, 0, 0, 0);
    ck_assert_int_eq(s->items[1].pause.kind, WAIT_BETWEEN);
    ck_assert_uint_eq(s->items[1].pause.max_ns, 800 * NS_PER_MS);
    check_step(s, 2, STEP_LOOP, 3, 8, 0);
    check_step(s, 3, STEP_REQUEST, 0, 0, 0);
    check_step(s, 4, STEP_LOOP, 2, 7, 1);
    check_step(s, 5, STEP_THINK, 0, 0, 0);
    ck_assert_int_eq(s->items[5].pause.kind, WAIT_CONSTANT);
    check_step(s, 6, STEP_LOOP_END, 2, 5, 1);
    check_step(s, 7, STEP_LOOP_END, 3, 3, 0);
    check_step(s, 8, STEP_PARALLEL, 2, 0, 0);
    check_step(s, 9, STEP_REQUEST, 0, 0, 0);
    check_step(s, 10, STEP_REQUEST, 0, 0, 0);
    check_step(s, 11, STEP_IF, 0, 14, 0);
    check_step(s, 12, STEP_REQUEST, 0, 0, 0);
    check_step(s, 13, STEP_JUMP, 0, 15, 0);
    check_step(s, 14, STEP_STOP, 0, 0, 0);
    check_step(s, 15, STEP_IF, 0, 18, 0);
    check_step(s, 16, STEP_REQUEST, 0, 0, 0);
    check_step(s, 17, STEP_JUMP, 0, 19, 0);
    check_step(s, 18, STEP_RESTART, 0, 0, 0);
    ck_assert_ptr_nonnull(s->items[11].condition);
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i].kind == STEP_REQUEST)
            ck_assert_ptr_eq(p->requests[s->items[i].request->number], s->items[i].request);
    profile_unref(p);
}
END_TEST

START_TEST(a_class_names_the_statuses_that_restart_its_users)
{
    struct profile *p = good(
        "target = \"http://h\"; variables = { nick = \"n${int:1:9}\"; state = \"${hex:4}\"; };\n"
        "user_classes = ( { name = \"A\"; restart_on = [403, 401];\n"
        "  tasks = ( { request = \"GET /${nick}\"; capture = { state = \"body\"; }; } ); },\n"
        " { name = \"B\"; tasks = ( { request = \"GET /\"; } ); } );",
        NULL);
    const struct status_set *on = &p->classes[0].restart_on;
    ck_assert_uint_eq(on->n, 2);
    ck_assert(status_is_in(on, 401) && status_is_in(on, 403) && !status_is_in(on, 200));
    ck_assert(!status_is_in(&p->classes[1].restart_on, 200));
    /* What a reply may replace is drawn again then. */
    ck_assert_uint_eq(p->n_draws, 2);
    ck_assert(!p->draws[0].captured && p->draws[1].captured);
    profile_unref(p);
}
END_TEST

/* ----------------------------------------------------------------------- files */

static char folder[] = "/tmp/ramptop-lang-XXXXXX";

static void put(const char *name, const char *text)
{
    char *path = mem_printf("%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
    ck_assert_int_eq(chmod(path, 0600), 0);
    free(path);
}

static struct profile *good_file(const char *name, const char *text)
{
    struct problems problems = {0};
    char *path = mem_printf("%s/%s", folder, name);
    put(name, text);
    struct profile *p = profile_read(path, NULL, &problems);
    ck_assert_msg(p != NULL, "%s", problems.n > 0 ? problems.lines[0] : "no problem, no profile");
    free(path);
    return p;
}

static void make_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
    char *command = mem_printf("rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
    free(command);
}

/* By the column's name, or by where it goes. */
START_TEST(a_class_knows_which_columns_are_secret)
{
    put("logins.csv", "login,password,pin,mail,note\na,b,c,d,e\n");
    struct profile *p = good_file(
        "c.cfg",
        T "feeders = { f = { csv = \"logins.csv\"; }; };\n"
          "user_classes = ( { name = \"A\"; tasks = (\n"
          "  { request = \"POST /${f.login}\"; json = \"{\\\"p\\\": \\\"${f.password}\\\"}\"; },\n"
          "  { request = \"GET /${f.password}\"; auth = { basic = \"u:${f.pin}\"; };\n"
          "    cookies = { a = \"${f.mail}\"; }; headers = { X-A = \"${f.note}\"; }; } ); },\n"
          " { name = \"B\"; tasks = ( { request = \"GET /${f.login}\"; } ); } );");
    const struct user_class *c = &p->classes[0];
    ck_assert_uint_eq(c->n_hidden_cells, 3);
    ck_assert_uint_eq(c->hidden_cells[0].column, 1);
    ck_assert_uint_eq(c->hidden_cells[1].column, 2);
    ck_assert_uint_eq(c->hidden_cells[2].column, 3);
    ck_assert_uint_eq(p->classes[1].n_hidden_cells, 0);
    profile_unref(p);
}
END_TEST

START_TEST(feeders_belong_to_the_steps_that_use_them)
{
    put("pupils.csv", "name;mail\nann;a@x\nbob;b@x\n");
    put("words.csv", "word\nred\n");
    put("keys.csv", "key\nk1\nk2\n");
    struct profile *p = good_file(
        "f.cfg", T
        "feeders = { pupils = { csv = \"pupils.csv\"; order = \"unique\"; delimiter = \";\"; };\n"
        " words = { csv = \"words.csv\"; order = \"random\"; };\n"
        " keys = { csv = \"keys.csv\"; at_end = \"stop\"; }; };\n"
        "user_classes = ( { name = \"A\"; on_start = ( { request = \"GET /${keys.key}\"; } );\n"
        " tasks = ( { request = \"GET /${pupils.name}\"; },\n"
        "   { steps = ( { request = \"POST /\"; form = { w = \"${words.word}\"; };\n"
        "       headers = { X-K = \"${keys.key}\"; }; check = { body_contains = "
        "\"${words.word}\"; }; },\n"
        "     { when = \"pupils.mail == \\\"x\\\"\"; steps = ( { stop = true; } ); } ); } ); } );");
    const struct user_class *c = &p->classes[0];
    ck_assert_uint_eq(p->n_feeders, 3);
    ck_assert_uint_eq(c->n_feeders, 1);
    ck_assert_uint_eq(c->feeders[0], 0);
    ck_assert_uint_eq(c->on_start.n_feeders, 1);
    ck_assert_uint_eq(c->on_start.feeders[0], 2);
    ck_assert_uint_eq(c->tasks[0].steps.n_feeders, 0);
    ck_assert_uint_eq(c->tasks[1].steps.n_feeders, 2);
    struct scope user;
    user_of(p, &user);
    user.rows[0] = 1;
    ck_assert_str_eq(rendered(only_request(p)->url, &user), "http://h/bob");
    scope_finish(&user);
    profile_unref(p);
}
END_TEST

START_TEST(a_class_draws_what_its_requests_need)
{
    put("users.csv", "name,mail\nann,a@x\nbob,b@x\n");
    struct profile *p = good_file(
        "f.cfg",
        T "feeders = { users = { csv = \"users.csv\"; at_end = \"stop\"; }; };\n"
          "variables = { nick = \"n-${users.name}\"; dice = \"${int:1:6}\"; idle = \"${uuid}\";\n"
          "  both = \"${nick} ${dice}\"; };\n"
          "user_classes = ( { name = \"A\"; tasks = ( { request = \"POST /\"; body = \"${both}\"; "
          "} ); },\n"
          "  { name = \"B\"; tasks = ( { steps = ( { request = \"GET /b\"; },\n"
          "    { when = \"dice == 6\"; steps = ( { stop = true; } ); } ); } ); },\n"
          "  { name = \"C\"; tasks = ( { request = \"GET /c\"; } ); } );\n"
          "rate_limits = ( { name = \"l\"; class = \"C\"; request = \"GET /${nick}\"; after = 5; } "
          ");");
    const struct user_class *a = &p->classes[0], *b = &p->classes[1], *c = &p->classes[2];
    ck_assert_uint_eq(a->n_draws, 3); /* through the third */
    ck_assert(a->draws[0] == 0 && a->draws[1] == 1 && a->draws[2] == 3);
    ck_assert(a->n_feeders == 1 && a->feeders[0] == 0);
    ck_assert(b->n_draws == 1 && b->draws[0] == 1 && b->n_feeders == 0);
    ck_assert(c->n_draws == 1 && c->draws[0] == 0 && c->n_feeders == 1);
    profile_unref(p);
}
END_TEST

START_TEST(files_are_relative_to_where_they_are_named)
{
    char *sub = mem_printf("%s/sub", folder);
    ck_assert_int_eq(mkdir(sub, 0700), 0);
    put("sub/a.txt", "hello");
    put("sub/key", "geheim\n");
    put("sub/part.cfg",
        "variables = { key = { secret = \"file:key\"; }; };\n"
        "user_classes = ( { name = \"A\"; tasks = ( { request = \"PUT /${key}\";\n"
        " file = \"a.txt\"; }, { request = \"POST /\"; multipart = (\n"
        " { name = \"f\"; file = \"a.txt\"; }, { name = \"n\"; value = 5; } ); } ); } );");
    struct profile *p = good_file("main.cfg", T "@include \"sub/part.cfg\"\n");
    const struct request *r = only_request(p);
    ck_assert_str_eq(sent_text(r->url), "http://h/geheim");
    ck_assert_int_eq(r->body.kind, CONTENT_FILE);
    ck_assert_uint_eq(r->body.file->size, 5);
    ck_assert_int_eq(fcntl(r->body.file->fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    ck_assert_str_eq(sent_header(r, "Content-Type"), "application/octet-stream");
    ck_assert_uint_eq(p->n_uploads, 1); /* opened once */
    const struct request *form = p->classes[0].tasks[1].steps.items[0].request;
    ck_assert_int_eq(form->body.kind, CONTENT_PARTS);
    ck_assert_uint_eq(form->body.n_parts, 2);
    ck_assert_str_eq(form->body.parts[0].filename, "a.txt");
    ck_assert_str_eq(form->body.parts[0].type, "application/octet-stream");
    ck_assert_ptr_null(form->body.parts[1].filename);
    ck_assert_str_eq(sent_text(form->body.parts[1].content.text), "5");
    profile_unref(p);
    free(sub);
}
END_TEST

/* --------------------------------------------------------------------- classes */

START_TEST(waits_are_of_five_kinds)
{
    struct profile *p =
        good(T "user_classes = ( { name = \"A\"; wait = { exponential = 2.0; }; tasks = (\n"
               " { request = \"GET /\"; wait = { constant = 0; }; },\n"
               " { request = \"GET /\"; wait = { between = [1, 2]; }; },\n"
               " { request = \"GET /\"; wait = { pacing = \"3s\"; }; },\n"
               " { request = \"GET /\"; wait = { throughput = 0.5; }; },\n"
               " { request = \"GET /\"; } ); } );",
             NULL);
    const struct task *t = p->classes[0].tasks;
    ck_assert_int_eq(p->classes[0].wait.kind, WAIT_EXPONENTIAL);
    ck_assert_uint_eq(p->classes[0].wait.min_ns, 2 * NS_PER_S);
    ck_assert(t[0].own_wait && t[0].wait.kind == WAIT_CONSTANT && t[0].wait.max_ns == 0);
    ck_assert(t[1].own_wait && t[1].wait.kind == WAIT_BETWEEN);
    ck_assert(t[2].wait.kind == WAIT_PACING && t[2].wait.max_ns == 3 * NS_PER_S);
    ck_assert(t[3].wait.kind == WAIT_PACING && t[3].wait.min_ns == 2 * NS_PER_S);
    ck_assert(!t[4].own_wait);
    profile_unref(p);
}
END_TEST

START_TEST(classes_have_all_their_settings)
{
    struct profile *p = good(
        T "cookies = false; gzip = true; timeout = 9; auth = { bearer = \"abc\"; };\n"
          "user_classes = (\n"
          " { name = \"A\"; fixed_count = 2; host = \"https://${env:RAMPTOP_NONE:-other}:8/x/\";\n"
          "   cookies = true; sequence = true; timeout = 3; gzip = false;\n"
          "   auth = { basic = \"me:pw\"; };\n"
          "   on_start = ( { request = \"GET /in\"; auth = false; } );\n"
          "   on_stop = ( { request = \"GET /out\"; } );\n"
          "   tasks = ( { request = \"GET /\"; weight = 2; tags = [\"a\", \"b\"]; timeout = 1; } "
          "); },\n"
          " { name = \"B\"; weight = 3; tasks = ( { request = \"GET /\"; tags = \"a\"; },\n"
          "   { request = \"GET http://third/\"; } ); },\n"
          " { name = \"C\"; weight = 0; tasks = ( { request = \"GET /\"; } ); } );",
        NULL);
    const struct user_class *a = &p->classes[0], *b = &p->classes[1];
    const struct request *r = a->tasks[0].steps.items[0].request;
    ck_assert(a->fixed_count == 2 && a->cookies && a->sequence && !b->cookies);
    ck_assert_str_eq(sent_text(r->url), "https://other:8/x/");
    ck_assert(r->timeout_ns == NS_PER_S && !r->gzip);
    ck_assert_int_eq(r->auth.kind, AUTH_BASIC);
    ck_assert_int_eq(a->on_start.items[0].request->auth.kind, AUTH_NONE);
    ck_assert_uint_eq(a->on_stop.items[0].request->timeout_ns, 3 * NS_PER_S);
    ck_assert_uint_eq(a->tasks[0].n_tags, 2);
    ck_assert_str_eq(a->tasks[0].tags[1], "b");
    const struct request *first = b->tasks[0].steps.items[0].request,
                         *third = b->tasks[1].steps.items[0].request;
    ck_assert(first->timeout_ns == 9 * NS_PER_S && first->gzip);
    ck_assert_int_eq(first->auth.kind, AUTH_BEARER);
    ck_assert_str_eq(sent_text(first->auth.text), "abc");
    ck_assert_int_eq(third->auth.kind, AUTH_NONE); /* not for other hosts */
    ck_assert_uint_eq(p->mix.n_fixed, 2);
    ck_assert_uint_eq(p->mix.n_class_of, 1);
    ck_assert_int_eq(mix_class(&p->mix, 1), 0);
    ck_assert_int_eq(mix_class(&p->mix, 7), 1);
    profile_unref(p);
}
END_TEST

START_TEST(a_password_in_the_target_is_for_its_host_alone)
{
    struct profile *p =
        good("target = \"http://me:pw@h/\"; user_classes = (\n"
             " { name = \"A\"; host = \"http://h/app\"; tasks = ( { request = \"GET /\"; } ); },\n"
             " { name = \"B\"; host = \"http://other\"; tasks = ( { request = \"GET /\"; } ); },\n"
             " { name = \"C\"; host = \"http://you:no@other\"; tasks = ( { request = \"GET /\"; } "
             "); } );",
             NULL);
    ck_assert_str_eq(sent_text(p->requests[0]->auth.text), "me:pw");
    ck_assert_int_eq(p->requests[1]->auth.kind, AUTH_NONE);
    ck_assert_str_eq(sent_text(p->requests[2]->auth.text), "you:no");
    profile_unref(p);
}
END_TEST

static const char selectable[] = T
    "user_classes = (\n"
    " { name = \"A\"; weight = 5; tasks = ( { request = \"GET /a\"; tags = [\"read\"]; weight = "
    "3; },\n"
    "   { request = \"PUT /a\"; tags = [\"write\"]; } ); },\n"
    " { name = \"B\"; tasks = ( { request = \"GET /b\"; tags = [\"read\", \"slow\"]; } ); },\n"
    " { name = \"C\"; weight = 0; tasks = ( { tags = [\"rare\"]; request = \"GET /c\"; } ); } );\n"
    "levels = { l = { users = 1; classes = { B = 1; C = 2; }; }; m = { users = 1; classes = "
    "[\"A\"]; }; };\n"
    "rate_limits = ( { class = \"A\"; request = \"GET /limited\"; after = 5; } );\n";

START_TEST(classes_and_tags_are_chosen)
{
    const char *const a[] = {"A"}, *const read[] = {"read"}, *const slow[] = {"slow"};
    struct profile *p = good(selectable, NULL);
    ck_assert_uint_eq(p->n_endpoints, 5);
    ck_assert_int_eq(mix_class(p->levels[0].mix, 0), 2);
    profile_unref(p);
    p = good(selectable, &(struct profile_overrides){.classes = a, .n_classes = 1});
    ck_assert_uint_eq(p->n_classes, 1);
    ck_assert_uint_eq(p->n_requests, 3);
    ck_assert_uint_eq(p->n_endpoints, 3);
    ck_assert_ptr_null(p->levels[0].mix); /* nothing is left of it: the profile's */
    ck_assert_ptr_nonnull(p->levels[1].mix);
    ck_assert_uint_eq(p->n_rate_limits, 1);
    for (size_t i = 0; i < p->n_requests; i++)
        ck_assert(p->requests[i]->number == i && p->requests[i]->endpoint < p->n_endpoints);
    profile_unref(p);
    p = good(selectable, &(struct profile_overrides){
                             .tags = read, .n_tags = 1, .exclude_tags = slow, .n_exclude_tags = 1});
    ck_assert_uint_eq(p->n_classes, 1);
    ck_assert_uint_eq(p->classes[0].n_tasks, 1);
    ck_assert_uint_eq(p->classes[0].total_weight, 3);
    ck_assert_str_eq(p->classes[0].tasks[0].name, "/a");
    profile_unref(p);
    p = good(selectable, &(struct profile_overrides){.equal_weights = true});
    ck_assert_uint_eq(p->classes[0].weight, 1);
    ck_assert_uint_eq(p->classes[0].total_weight, 2);
    ck_assert_uint_eq(p->classes[2].weight, 0); /* still out of the mix */
    profile_unref(p);
}
END_TEST

START_TEST(a_class_out_of_the_mix_takes_part_when_it_is_meant)
{
    const char *const named[] = {"A", "C"}, *const rare[] = {"rare"},
                      *const both[] = {"rare", "read"};
    struct profile *p =
        good(selectable, &(struct profile_overrides){.classes = named, .n_classes = 2});
    ck_assert_uint_eq(p->classes[1].weight, 1);
    profile_unref(p);
    p = good(selectable, &(struct profile_overrides){.tags = rare, .n_tags = 1});
    ck_assert_uint_eq(p->n_classes, 1);
    ck_assert_int_eq(mix_class(&p->mix, 0), 0);
    profile_unref(p);
    p = good(selectable, &(struct profile_overrides){.tags = both, .n_tags = 2});
    ck_assert_uint_eq(p->n_classes, 3);
    ck_assert_uint_eq(p->classes[2].weight, 0);
    profile_unref(p);
}
END_TEST

START_TEST(what_cannot_be_chosen_is_said)
{
    const char *const wrong[] = {"Aa"}, *const tag[] = {"raed"}, *const slow[] = {"slow"},
                      *const write[] = {"write"};
    bad(selectable, &(struct profile_overrides){.classes = wrong, .n_classes = 1},
        "the profile has no user class \"Aa\" (did you mean \"A\"?).");
    bad(selectable, &(struct profile_overrides){.tags = tag, .n_tags = 1},
        "--tags: no task of the profile has the tag \"raed\" (did you mean \"read\"?).");
    bad(selectable, &(struct profile_overrides){.exclude_tags = tag, .n_exclude_tags = 1},
        "--exclude-tags: no task of the profile has the tag \"raed\" (did you mean \"read\"?).");
    bad(selectable,
        &(struct profile_overrides){
            .tags = slow, .n_tags = 1, .exclude_tags = slow, .n_exclude_tags = 1},
        "--tags leaves no task of the profile.");
    const char *const b[] = {"B"};
    bad(selectable,
        &(struct profile_overrides){.tags = write, .n_tags = 1, .classes = b, .n_classes = 1},
        "--tags leaves no task of the profile.");
}
END_TEST

/* ---------------------------------------------------------------------- levels */

START_TEST(levels_are_of_three_kinds)
{
    struct profile *p =
        good(T CLASS(TASK) "levels = { steady = { users = 5; };\n"
                           " waves = { stages = ( { users = 50; over = \"30s\"; hold = \"1m\"; },\n"
                           "   { users = 10; }, { users = 0; over = 10; hold = 0; } ); };\n"
                           " on = { stages = ( { users = 3; } ); };\n"
                           " burst = { burst = 100; repeat = 5; every = \"10s\"; spawn_rate = 20;\n"
                           "   p95 = [\"500ms\", \"1s\"]; success = 0.99; };\n"
                           " once = { burst = 2; }; };",
             NULL);
    const struct level *l = profile_level(p, "waves");
    ck_assert_int_eq(profile_level(p, "steady")->kind, LEVEL_STEADY);
    ck_assert_int_eq(l->kind, LEVEL_STAGES);
    ck_assert_uint_eq(l->users, 50);
    ck_assert_uint_eq(l->n_stages, 3);
    ck_assert_uint_eq(l->stages[0].over_ns, 30 * NS_PER_S);
    ck_assert_uint_eq(l->stages[1].hold_ns, 0);
    ck_assert_uint_eq(l->run_time_ns, 100 * NS_PER_S);
    l = profile_level(p, "on");
    ck_assert(l->run_time_ns == 0 && l->stages[0].hold_ns == UINT64_MAX && l->users == 3);
    l = profile_level(p, "burst");
    ck_assert(l->kind == LEVEL_BURST && l->users == 100 && l->repeat == 5);
    ck_assert(l->every_ns == 10 * NS_PER_S && l->spawn_rate == 20 && l->run_time_ns == 0);
    ck_assert_str_eq(l->goal.name, "burst");
    ck_assert(l->goal.bounds[GOAL_P95].set && l->goal.bounds[GOAL_P95].target == 500000);
    ck_assert_double_eq(l->goal.bounds[GOAL_P95].acceptable, 1000000);
    ck_assert_double_eq(l->goal.bounds[GOAL_SUCCESS].acceptable, 0.99);
    l = profile_level(p, "once");
    ck_assert(l->repeat == 1 && l->goal.name == NULL);
    profile_unref(p);
}
END_TEST

START_TEST(goals_and_limits_are_read)
{
    struct profile *p = good(
        T
        "user_classes = ( { name = \"A\"; on_start = ( { request = \"POST /in\";\n"
        "  capture = { token = \"body\"; }; } ); tasks = ( { request = \"GET /api/x\"; } ); } );\n"
        "goals = ( { name = \"reads\"; endpoints = [\"GET /api/*\", \"GET /none\"]; average = 1;\n"
        "   p50 = \"2ms\"; p99 = [3, 4]; success = [1.0, 0.9];\n"
        "   throughput = ( { at = 1; rps = 10; }, { at = 10; rps = [50.0, 40.5]; } ); } );\n"
        "rate_limits = ( { name = \"lock-out\"; request = \"POST /in\"; body = \"${token}\";\n"
        "   after = [4, 6]; status = 423; per = \"address\"; window = \"1h\"; max_requests = 20;\n"
        "   recovers = 0; retry_after = true; login = false; },\n"
        " { request = \"GET /y\"; after = 300; } );\n",
        NULL);
    const struct goal *g = profile_goal(p, "GET", "/api/x");
    ck_assert_ptr_eq(g, &p->goals[0]);
    ck_assert_ptr_null(profile_goal(p, "PUT", "/api/x"));
    ck_assert_double_eq(g->bounds[GOAL_AVERAGE].target, 1e6);
    ck_assert(!g->bounds[GOAL_P95].set);
    ck_assert_double_eq(g->bounds[GOAL_SUCCESS].acceptable, 0.9);
    ck_assert(g->n_rates == 2 && g->rates[1].at == 10 && g->rates[1].rps.acceptable == 40.5);
    const struct rate_limit *l = p->rate_limits;
    ck_assert_str_eq(l->name, "lock-out");
    ck_assert_str_eq(l->request->name, "/in");
    ck_assert(l->after_min == 4 && l->after_max == 6 && l->status == 423 && !l->on_start);
    ck_assert(l->per == LIMIT_PER_ADDRESS && l->window_ns == 3600 * NS_PER_S);
    ck_assert(l->max_requests == 20 && l->recovers_ns == 0 && l->retry_after);
    ck_assert_ptr_eq(l->steps.items[0].request, l->request);
    ck_assert_uint_eq(p->n_slots, 1);
    l++;
    ck_assert_str_eq(l->name, "/y");
    ck_assert(l->after_min == 300 && l->max_requests == 600 && l->status == 429 && l->on_start);
    ck_assert(l->per == LIMIT_ANY && l->recovers_ns == 60 * NS_PER_S);
    profile_unref(p);
}
END_TEST

/* -------------------------------------------------------------------- requests */

START_TEST(bodies_are_of_six_kinds)
{
    struct profile *p =
        good(T "headers = { Content-Type = \"x/y\"; };\n" CLASS(
                 "tasks = ( { request = \"POST /\"; form = { a = \"b c\"; n = 5; t = true; };\n"
                 " query = { q = \"${sentence}\"; page = 1; }; cookies = { a = \"b\"; };\n"
                 " headers = { Content-Type = \"own\"; }; },\n"
                 " { request = \"POST /\"; payload = [\"100k\", \"2MiB\"]; },\n"
                 " { request = \"POST /\"; payload = 5; },\n"
                 " { request = \"POST /\"; multipart = ( { name = \"f\"; payload = \"1.5M\";\n"
                 "   filename = \"a.mp3\"; type = \"audio/mpeg\"; } ); } );"),
             NULL);
    const struct task *t = p->classes[0].tasks;
    const struct request *form = t[0].steps.items[0].request,
                         *payload = t[1].steps.items[0].request,
                         *five = t[2].steps.items[0].request, *parts = t[3].steps.items[0].request;
    ck_assert_int_eq(form->body.kind, CONTENT_FORM);
    ck_assert_uint_eq(form->body.form.n, 3);
    ck_assert_str_eq(sent_text(form->body.form.items[0].value), "b+c"); /* as a form has it */
    ck_assert_str_eq(sent_text(form->body.form.items[1].value), "5");
    ck_assert_str_eq(sent_text(form->body.form.items[2].value), "true");
    ck_assert_str_eq(sent_header(form, "Content-Type"), "own");
    ck_assert_uint_eq(form->query.n, 2);
    ck_assert_uint_eq(form->cookies.n, 1);
    ck_assert_int_eq(payload->body.kind, CONTENT_PAYLOAD);
    ck_assert_uint_eq(payload->body.min_bytes, 100 * 1024);
    ck_assert_uint_eq(payload->body.max_bytes, 2 << 20);
    ck_assert(five->body.min_bytes == 5 && five->body.max_bytes == 5);
    ck_assert_uint_eq(parts->body.parts[0].content.max_bytes, 3 << 19);
    ck_assert_str_eq(parts->body.parts[0].type, "audio/mpeg");
    ck_assert_ptr_null(sent_header(parts, "Content-Type")); /* the boundary is not known yet */
    profile_unref(p);
}
END_TEST

/* What an outer layer says of a name is replaced as a whole, or taken back. */
START_TEST(headers_in_a_list_are_lines)
{
    struct profile *p = good(
        T "headers = { X-A = \"0\"; X-B = \"0\"; Accept = \"a/b\"; };\n" CLASS(
            "tasks = ( { request = \"POST /x\"; method = \"post\"; headers = (\"X-A: 1\",\n"
            " \"x-a:  ${hex:2}\", \"X.Y: 2\", \"X-E;\", \"Accept:\", \"Content-Length:\"); },\n"
            " { request = \"PUT /y\"; body = \"a\";\n"
            "   headers = [\"Transfer-Encoding: chunked\", \"Content-Type:\"]; } );"),
        NULL);
    const struct request *lines = p->requests[0], *chunked = p->requests[1];
    static const char *const names[] = {"X-A", "X-B", "x-a", "X.Y", "X-E"};
    ck_assert_str_eq(lines->method, "post");
    ck_assert_str_eq(p->endpoints[lines->endpoint].method, "POST");
    ck_assert_uint_eq(lines->headers.n, 5);
    for (size_t i = 0; i < 5; i++)
        ck_assert_str_eq(lines->headers.items[i].name, names[i]);
    ck_assert_str_eq(sent_text(lines->headers.items[1].value), "0");
    ck_assert_str_eq(sent_text(lines->headers.items[4].value), "");
    ck_assert_uint_eq(lines->n_unsent, 2);
    ck_assert_str_eq(lines->unsent[0], "Accept");
    ck_assert_str_eq(lines->unsent[1], "Content-Length");
    ck_assert_str_eq(sent_header(chunked, "Transfer-Encoding"), "chunked");
    ck_assert_uint_eq(chunked->n_unsent, 1);
    ck_assert_str_eq(chunked->unsent[0], "Content-Type");
    profile_unref(p);
}
END_TEST

START_TEST(replies_are_asked_about)
{
    struct profile *p = good(
        REQUEST(
            "expect = ( \"2xx\", 304, \"404\" );\n"
            " check = ( { name = \"fine\"; body_contains = [\"a\", \"b\"]; max_ms = 500; },\n"
            "   { json = \"$.ok == true\"; header = \"X-Cache == HIT\"; body_lacks = \"error\";\n"
            "     body_matches = \"[0-9]+\"; min_bytes = 1; max_bytes = \"1M\"; } );\n"
            " retry = { times = 3; backoff = (0.5, 8); on = ( 429, \"5xx\", \"timeout\" );\n"
            "   retry_after = true; }; follow = true; max_redirects = 2;"),
        NULL);
    const struct request *r = only_request(p);
    ck_assert_uint_eq(r->expect.n, 102);
    ck_assert(status_expected(&r->expect, 299) && status_expected(&r->expect, 404));
    ck_assert(!status_expected(&r->expect, 303));
    ck_assert_uint_eq(r->n_checks, 9);
    ck_assert_str_eq(check_name(r->checks[0]), "fine");
    ck_assert_uint_eq(r->keep, REPLY_BODY | REPLY_HEADERS);
    ck_assert(r->retry.times == 3 && r->retry.retry_after && r->retry.on_timeout);
    ck_assert(!r->retry.on_connect && r->retry.statuses.n == 101);
    ck_assert(r->retry.first_ns == 500 * NS_PER_MS && r->retry.longest_ns == 8 * NS_PER_S);
    ck_assert_uint_eq(r->max_redirects, 2);
    profile_unref(p);
    p = good(REQUEST("retry = { times = 1; };"), NULL);
    r = only_request(p);
    ck_assert(r->retry.on_connect && !r->retry.on_timeout && r->retry.statuses.n == 4);
    ck_assert(r->retry.first_ns == 100 * NS_PER_MS && r->retry.longest_ns == 5 * NS_PER_S);
    profile_unref(p);
}
END_TEST

START_TEST(a_template_in_a_path_is_no_part_of_it)
{
    struct profile *p =
        good(T CLASS("tasks = ( { request = \"GET /a/${choice:x y|?#}/b?c=${date:%H:%M}\"; },\n"
                     " { request = \"GET http://other/${int:1:2}?x\"; } );"),
             NULL);
    ck_assert_str_eq(only_request(p)->name, "/a/${choice:x y|?#}/b");
    ck_assert_str_eq(p->endpoints[1].name, "other/${int:1:2}");
    profile_unref(p);
}
END_TEST

START_TEST(probes_of_every_kind)
{
    setenv("PROBE_TEST", "s3cret", 1);
    struct profile *p = good(
        T CLASS(
            "tasks = ( { request = \"GET /\"; } );") "probes = (\n"
                                                     "{ type = \"docker\"; name = \"api\"; match = "
                                                     "[\"compose:shop/api\"]; logs = \"error\";"
                                                     "  warn = [\"cpu > 70 %\", \"api/memory >= "
                                                     "512 MiB\", \" shop/api / cpu<7\"]; },\n"
                                                     "{ type = \"postgres\"; dsn = "
                                                     "\"service=shop\"; password = { secret = "
                                                     "\"env:PROBE_TEST\"; };"
                                                     "  pools = ( { user = \"shop\"; max = 20; }, "
                                                     "{ application = \"jobs\"; name = \"j\"; } );"
                                                     "  slow = \"500ms\"; },\n"
                                                     "{ type = \"process\"; port = 8080; }, { type "
                                                     "= \"host\"; ssh = \"me@box\"; },\n"
                                                     "{ type = \"redis\"; address = "
                                                     "\"/run/redis.sock\"; period = 5; },\n"
                                                     "{ type = \"prometheus\"; url = "
                                                     "\"http://h/metrics\"; series = ("
                                                     "  { metric = "
                                                     "\"gc_seconds{gen=\\\"old\\\"}\"; kind = "
                                                     "\"counter\"; join = \"max\";"
                                                     "    unit = \"s\"; limit = 2; } ); },\n"
                                                     "{ type = \"command\"; command = "
                                                     "[\"/bin/echo\", \"a=1\"]; runs_on = true; "
                                                     "timeout = 3; },\n"
                                                     "{ type = \"command\"; command = \"echo\"; } "
                                                     ");",
        NULL);
    ck_assert_uint_eq(p->probes.n, 8);
    struct probe_spec **s = p->probes.items;
    ck_assert_str_eq(s[0]->name, "api");
    ck_assert_str_eq(s[0]->match[0], "compose:shop/api");
    ck_assert_uint_eq(s[0]->n_warns, 3);
    ck_assert_str_eq(s[0]->warns[2].group, "shop/api");
    ck_assert_str_eq(s[0]->warns[2].series, "cpu");
    ck_assert(s[0]->warns[0].group == NULL && !s[0]->warns[0].or_equal && !s[0]->warns[0].below);
    ck_assert(s[0]->warns[0].of_limit && !s[0]->warns[1].of_limit);
    ck_assert_str_eq(s[0]->warns[1].group, "api");
    ck_assert_str_eq(s[0]->warns[1].series, "memory");
    ck_assert(s[0]->warns[1].or_equal && s[0]->warns[1].bound >= 536870912);
    ck_assert_str_eq(s[1]->where, "service=shop");
    ck_assert(s[1]->password != NULL && s[1]->slow_s >= 0.5);
    ck_assert(s[1]->pools[0].match == POOL_USER && s[1]->pools[0].max == 20);
    ck_assert_str_eq(s[1]->pools[0].name, "shop");
    ck_assert(s[1]->pools[1].match == POOL_APPLICATION && s[1]->pools[1].max == 0);
    ck_assert_str_eq(s[1]->pools[1].name, "j");
    ck_assert_uint_eq(s[2]->port, 8080);
    ck_assert_str_eq(s[3]->where, "me@box");
    ck_assert_uint_eq(s[4]->period_ns, 5 * NS_PER_S);
    ck_assert_str_eq(s[5]->metrics[0].name, "gc_seconds");
    ck_assert(s[5]->metrics[0].kind == METRIC_COUNTER && s[5]->metrics[0].join == METRIC_MAX);
    ck_assert(s[6]->runs_on && s[6]->n_argv == 2 && s[6]->argv[2] == NULL && !s[6]->typed);
    ck_assert_str_eq(s[6]->name, "echo");
    ck_assert_str_eq(s[7]->name, "echo 2");
    profile_unref(p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("language");
    TCase *tc = tcase_create("names");
    tcase_add_test(tc, variables_are_fixed_or_drawn);
    tcase_add_test(tc, a_secret_stays_one_in_what_it_is_put_into);
    tcase_add_test(tc, a_literal_that_lets_in_is_a_secret);
    tcase_add_test(tc, a_class_knows_which_of_its_variables_are_secret);
    tcase_add_test(tc, what_could_not_be_read_is_one_mistake);
    tcase_add_test(tc, captures_belong_to_their_class);
    suite_add_tcase(s, tc);
    tc = tcase_create("steps");
    tcase_add_test(tc, what_a_class_gives_waits_for_its_value);
    tcase_add_test(tc, values_that_may_be_there_are_not_refused);
    tcase_add_test(tc, steps_are_flattened);
    tcase_add_test(tc, a_class_names_the_statuses_that_restart_its_users);
    suite_add_tcase(s, tc);
    tc = tcase_create("files");
    tcase_add_checked_fixture(tc, make_folder, remove_folder);
    tcase_add_test(tc, a_class_knows_which_columns_are_secret);
    tcase_add_test(tc, feeders_belong_to_the_steps_that_use_them);
    tcase_add_test(tc, a_class_draws_what_its_requests_need);
    tcase_add_test(tc, files_are_relative_to_where_they_are_named);
    suite_add_tcase(s, tc);
    tc = tcase_create("classes");
    tcase_add_test(tc, waits_are_of_five_kinds);
    tcase_add_test(tc, classes_have_all_their_settings);
    tcase_add_test(tc, a_password_in_the_target_is_for_its_host_alone);
    tcase_add_test(tc, classes_and_tags_are_chosen);
    tcase_add_test(tc, a_class_out_of_the_mix_takes_part_when_it_is_meant);
    tcase_add_test(tc, what_cannot_be_chosen_is_said);
    suite_add_tcase(s, tc);
    tc = tcase_create("levels");
    tcase_add_test(tc, levels_are_of_three_kinds);
    tcase_add_test(tc, goals_and_limits_are_read);
    tcase_add_test(tc, probes_of_every_kind);
    suite_add_tcase(s, tc);
    tc = tcase_create("requests");
    tcase_add_test(tc, bodies_are_of_six_kinds);
    tcase_add_test(tc, headers_in_a_list_are_lines);
    tcase_add_test(tc, replies_are_asked_about);
    tcase_add_test(tc, a_template_in_a_path_is_no_part_of_it);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
