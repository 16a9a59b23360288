/* SPDX-License-Identifier: MIT */
/* A profile file becomes a profile, or sentences that say where and what is wrong. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/profile/read.h"
#include "tests/unit/profile/sent.h"
#include "src/base/words.h"
#include "src/script/scrub.h"
#include "tests/unit/unit.h"

static struct profile *parse(const char *text, const struct profile_overrides *o,
                             struct problems *problems)
{
    return profile_parse("p.cfg", text, strlen(text), o, problems);
}

static struct profile *parse_good(const char *text, const struct profile_overrides *o)
{
    struct problems problems = {0};
    struct profile *p = parse(text, o, &problems);
    ck_assert_msg(p != NULL, "%s", problems.n > 0 ? problems.lines[0] : "no problem, no profile");
    ck_assert_uint_eq(problems.n, 0);
    return p;
}

/* ---------------------------------------------------------------- a good one */

static const char good[] =
    "target = \"https://me:secret@Shop.test:8443/base/\";\n"
    "insecure = true; http2 = false;\n"
    "headers = { Accept = \"text/html\"; X-Run = \"profile\"; };\n"
    "limits = { max_users = 500; };\n"
    "timeout = 5; follow = true; max_redirects = 3;\n"
    "user_classes = (\n"
    "  { name = \"Reader\"; weight = 30; wait = { between = (1, \"2500ms\"); };\n"
    "    headers = { x-run = \"class\"; };\n"
    "    tasks = ( { request = \"GET /list?page=1#top\"; weight = 3; },\n"
    "              { name = \"item\"; request = \"GET /item/7\"; expect = [404, 200];\n"
    "                headers = { X-Run = \"own\"; Authorization = \"Bearer t\"; }; timeout = 0.5; "
    "},\n"
    "              { request = \"GET http://other.test/x?y\"; } ); },\n"
    "  { name = \"Writer\"; weight = 10; wait = { constant = 2.0; };\n"
    "    tasks = ( { name = \"save\"; steps = (\n"
    "        { request = \"POST /save\"; json = \"{\\\"a\\\": 1}\"; expect = 201; },\n"
    "        { request = \"PUT /save\"; body = \"a=1\"; name = \"save again\"; },\n"
    "        { request = \"DELETE /save\"; body = \"x\"; headers = { content-type = \"a/b\"; }; } "
    "); } ); },\n"
    "  { name = \"Plain\"; weight = 10; tasks = ( { request = \"GET /list\"; } ); } );\n"
    "levels = { smoke = { users = 10; }; stress = { users = 200; spawn_rate = 5; run_time = "
    "\"2m\"; };\n"
    "           tiny = { users = 1.0; spawn_rate = 0.5; run_time = 90; }; };\n";

static const struct request *request_of(const struct profile *p, size_t class, size_t task,
                                        size_t step)
{
    return p->classes[class].tasks[task].steps.items[step].request;
}

START_TEST(the_profile_itself_is_read)
{
    struct profile *p = parse_good(good, NULL);
    ck_assert_str_eq(p->name, "p");
    ck_assert_str_eq(p->file, "p.cfg");
    ck_assert_str_eq(p->target, "https://shop.test:8443/base");
    ck_assert(p->insecure && !p->http2 && p->tls);
    ck_assert_uint_eq(p->max_users, 500);
    ck_assert_uint_eq(p->n_classes, 3);
    ck_assert_uint_eq(p->mix.n_class_of, 5); /* 3 : 1 : 1 */
    ck_assert_uint_eq(p->n_levels, 3);
    profile_unref(p);
}
END_TEST

START_TEST(levels_are_read)
{
    struct profile *p = parse_good(good, NULL);
    const struct level *l = profile_level(p, "stress");
    ck_assert_ptr_nonnull(l);
    ck_assert_uint_eq(l->users, 200);
    ck_assert_double_eq(l->spawn_rate, 5);
    ck_assert_uint_eq(l->run_time_ns, 120 * NS_PER_S);
    l = profile_level(p, "smoke");
    ck_assert_double_eq(l->spawn_rate, 1);
    ck_assert_uint_eq(l->run_time_ns, 0);
    l = profile_level(p, "tiny");
    ck_assert_uint_eq(l->users, 1);
    ck_assert_double_eq(l->spawn_rate, 0.5);
    ck_assert_uint_eq(l->run_time_ns, 90 * NS_PER_S);
    ck_assert_ptr_null(profile_level(p, "Smoke"));
    profile_unref(p);
}
END_TEST

START_TEST(classes_and_tasks_are_read)
{
    struct profile *p = parse_good(good, NULL);
    const struct user_class *reader = &p->classes[0], *writer = &p->classes[1];
    ck_assert_str_eq(reader->name, "Reader");
    ck_assert_uint_eq(reader->weight, 30);
    ck_assert_int_eq(reader->wait.kind, WAIT_BETWEEN);
    ck_assert_uint_eq(reader->wait.min_ns, 1 * NS_PER_S);
    ck_assert_uint_eq(reader->wait.max_ns, 2500 * NS_PER_MS);
    ck_assert_uint_eq(reader->n_tasks, 3);
    ck_assert_uint_eq(reader->total_weight, 5);
    ck_assert_str_eq(reader->tasks[0].name, "/list");
    ck_assert_str_eq(reader->tasks[1].name, "item");
    ck_assert_int_eq(writer->wait.kind, WAIT_CONSTANT);
    ck_assert_uint_eq(writer->wait.min_ns, 2 * NS_PER_S);
    ck_assert_uint_eq(writer->wait.max_ns, 2 * NS_PER_S);
    ck_assert_str_eq(writer->tasks[0].name, "save");
    ck_assert_uint_eq(writer->tasks[0].steps.n, 3);
    ck_assert_int_eq(p->classes[2].wait.kind, WAIT_NONE);
    profile_unref(p);
}
END_TEST

START_TEST(requests_are_ready_to_send)
{
    struct profile *p = parse_good(good, NULL);
    const struct request *list = request_of(p, 0, 0, 0), *item = request_of(p, 0, 1, 0),
                         *other = request_of(p, 0, 2, 0);
    ck_assert_str_eq(list->method, "GET");
    ck_assert_str_eq(sent_text(list->url), "https://shop.test:8443/base/list?page=1");
    ck_assert_str_eq(list->origin.text, "https://shop.test:8443");
    ck_assert_str_eq(list->name, "/list");
    ck_assert_uint_eq(list->timeout_ns, 5 * NS_PER_S);
    ck_assert_uint_eq(list->max_redirects, 3);
    ck_assert_uint_eq(list->body_cap, PROFILE_DEFAULT_BODY_CAP);
    ck_assert_uint_eq(list->expect.n, 0);
    ck_assert_str_eq(sent_header(list, "X-Run"), "class");
    ck_assert_str_eq(sent_header(list, "Accept"), "text/html");
    ck_assert_int_eq(list->auth.kind, AUTH_BASIC);
    ck_assert_str_eq(sent_text(list->auth.text), "me:secret");
    ck_assert_str_eq(item->name, "item");
    ck_assert_uint_eq(item->timeout_ns, 500 * NS_PER_MS);
    ck_assert(item->expect.n == 2 && item->expect.codes[0] == 200 && item->expect.codes[1] == 404);
    ck_assert_str_eq(sent_header(item, "X-Run"), "own");
    ck_assert_str_eq(sent_header(item, "Authorization"), "Bearer t");
    ck_assert_str_eq(sent_text(other->url), "http://other.test/x?y");
    ck_assert_str_eq(other->origin.text, "http://other.test");
    ck_assert_str_eq(other->name, "other.test/x");
    ck_assert_int_eq(item->auth.kind, AUTH_NONE);
    ck_assert_int_eq(other->auth.kind, AUTH_NONE); /* the password is the target's */
    profile_unref(p);
}
END_TEST

START_TEST(bodies_bring_their_type)
{
    struct profile *p = parse_good(good, NULL);
    const struct request *json = request_of(p, 1, 0, 0), *form = request_of(p, 1, 0, 1),
                         *own = request_of(p, 1, 0, 2);
    ck_assert_str_eq(sent_text(json->body.text), "{\"a\": 1}");
    ck_assert_str_eq(sent_header(json, "Content-Type"), "application/json");
    ck_assert(json->expect.n == 1 && json->expect.codes[0] == 201);
    ck_assert_str_eq(sent_header(form, "Content-Type"), "application/x-www-form-urlencoded");
    ck_assert_str_eq(sent_header(own, "Content-Type"), "a/b");
    profile_unref(p);
}
END_TEST

START_TEST(endpoints_are_method_and_name)
{
    struct profile *p = parse_good(good, NULL);
    ck_assert_uint_eq(p->n_endpoints, 6); /* GET /list is in two classes */
    ck_assert_uint_eq(request_of(p, 2, 0, 0)->endpoint, request_of(p, 0, 0, 0)->endpoint);
    ck_assert_str_eq(p->endpoints[request_of(p, 1, 0, 1)->endpoint].name, "save again");
    ck_assert_str_eq(p->endpoints[request_of(p, 1, 0, 1)->endpoint].method, "PUT");
    profile_unref(p);
}
END_TEST

START_TEST(the_command_line_lies_over_the_file)
{
    const char *const headers[] = {"x-run: flag", "Authorization: mine"};
    const struct profile_overrides o = {
        .host = "other:81", .http2 = true, .timeout_ns = 9, .headers = headers, .n_headers = 2};
    struct profile *p = parse_good(good, &o);
    ck_assert_str_eq(p->target, "http://other:81");
    ck_assert_int_eq(request_of(p, 0, 0, 0)->auth.kind, AUTH_NONE);
    ck_assert(p->insecure && p->http2 && !p->tls); /* the host is plain http now */
    ck_assert_str_eq(sent_text(request_of(p, 0, 0, 0)->url), "http://other:81/list?page=1");
    for (size_t i = 0; i < 3; i++) {
        const struct request *r = request_of(p, 0, i, 0);
        bool elsewhere = i == 2; /* not the target: nothing of it goes there */
        ck_assert_pstr_eq(sent_header(r, "X-Run"), elsewhere ? NULL : "flag");
        ck_assert_pstr_eq(sent_header(r, "Authorization"), elsewhere ? NULL : "mine");
        ck_assert_pstr_eq(r->left_out,
                          elsewhere ? "http://other.test: x-run, Authorization, Accept" : NULL);
        ck_assert_uint_eq(request_of(p, 0, i, 0)->timeout_ns, 9);
    }
    profile_unref(p);
}
END_TEST

START_TEST(a_header_that_lets_in_is_a_secret)
{
    const char *const headers[] = {"Authorization: Bearer geheim", "x-api-key:k3y-v4lue",
                                   "cookie: sid=abcdef0123; theme=dark", "X-Run: nightly"};
    const struct profile_overrides o = {.headers = headers, .n_headers = 4};
    struct profile *p = parse_good(good, &o);
    char echo[] = "Bearer geheim k3y-v4lue abcdef0123 dark nightly";
    secrets_scrub(&p->secrets, echo, sizeof echo - 1);
    ck_assert_str_eq(echo, "Bearer ****** ********* ********** dark nightly");
    profile_unref(p);
}
END_TEST

#define ONE_CLASS "user_classes = ( { name = \"A\"; tasks = ( { request = \"GET /\"; } ); } );\n"

START_TEST(a_host_stands_in_for_the_target)
{
    const struct profile_overrides o = {.host = "http://h/app/", .follow = true};
    struct profile *p = parse_good(ONE_CLASS, &o);
    ck_assert_str_eq(p->target, "http://h/app");
    ck_assert_str_eq(sent_text(request_of(p, 0, 0, 0)->url), "http://h/app/");
    ck_assert_uint_eq(request_of(p, 0, 0, 0)->max_redirects, PROFILE_DEFAULT_MAX_REDIRECTS);
    profile_unref(p);
}
END_TEST

START_TEST(what_is_shown_is_clean)
{
    struct profile *p =
        parse_good("target = \"http://h\"; user_classes = ( { name = \"A\\x1b[2J\";"
                   "tasks = ( { request = \"GET /\"; name = \"x\\x07\ny\"; } ); } );",
                   NULL);
    ck_assert_str_eq(p->classes[0].name, "A\xef\xbf\xbd[2J");
    ck_assert_str_eq(p->endpoints[0].name, "x\xef\xbf\xbd y");
    profile_unref(p);
}
END_TEST

/* ------------------------------------------------------------------- wrong ones */

#define T "target = \"http://h\";\n"
#define TASKS "tasks = ( { request = \"GET /\"; } );"

static char *joined(const struct problems *problems)
{
    char *all = mem_strdup("");
    for (size_t i = 0; i < problems->n; i++) {
        char *longer = mem_printf("%s%s%s", all, i > 0 ? "\n" : "", problems->lines[i]);
        free(all);
        all = longer;
    }
    return all;
}

START_TEST(twenty_mistakes_come_at_once)
{
    static const char text[] =
        "target = 1;\ninsecure = 1;\nhttp2 = 1;\nfollow = 1;\ntimeout = \"x\";\n"
        "limits = { x = 1; };\nheaders = 1;\nuser_classes = (\n"
        "{ weight = 0;\n wait = {};\n tasks = (\n"
        "{},\n{ request = 1; },\n{ request = \"GET\"; },\n{ request = \"get /\"; },\n"
        "{ request = \"GET x\"; },\n{ request = \"GET /\"; body = 1; },\n"
        "{ request = \"GET /\"; expect = 1; } ); } );\n"
        "levels = { a = {}; \n b = { users = \"1\"; };\n c = { users = 1; spawn_rate = -1; }; };\n";
    struct problems problems = {0};
    ck_assert_ptr_null(parse(text, NULL, &problems));
    ck_assert_uint_eq(problems.n, 20);
    for (size_t i = 0; i < problems.n; i++)
        ck_assert_int_eq(strncmp(problems.lines[i], "p.cfg:", 6), 0);
    problems_finish(&problems);
}
END_TEST

START_TEST(a_wrong_override_is_named)
{
    const char *const headers[] = {"nonsense"};
    const struct profile_overrides o = {
        .host = "http://u:geheim@h:x", .headers = headers, .n_headers = 1};
    struct problems problems = {0};
    ck_assert_ptr_null(parse(good, &o, &problems));
    char *all = joined(&problems);
    ck_assert_str_eq(all, "--host http://***@h:x: the port must be a number from 1 to 65535, not "
                          "\"x\".\n"
                          "-H: the header \"nonsense\" has no colon; write it as \"Name: value\".");
    free(all);
    problems_finish(&problems);
}
END_TEST

START_TEST(too_many_requests_or_headers_are_refused)
{
    char *text = mem_zalloc(200000), *at = stpcpy(text, T "user_classes=({name=\"A\";tasks=(");
    for (int i = 0; i < 5001; i++)
        at += sprintf(at, "%s{request=\"GET /%d\"}", i > 0 ? "," : "", i % 4000);
    strcpy(at, ")});");
    struct problems problems = {0};
    ck_assert_ptr_null(parse(text, NULL, &problems));
    ck_assert_str_eq(problems.lines[0],
                     "p.cfg:2: there are more than 5000 requests in the profile.");
    problems_finish(&problems);
    at = stpcpy(text, T "user_classes=({name=\"A\";tasks=(");
    for (int i = 0; i < 4097; i++)
        at += sprintf(at, "%s{request=\"GET /%d\"}", i > 0 ? ",\n" : "", i);
    strcpy(at, ")});");
    ck_assert_ptr_null(parse(text, NULL, &problems));
    ck_assert_str_eq(problems.lines[0], "p.cfg:4098: there are more than 4096 endpoints; give "
                                        "requests of a kind the same name.");
    problems_finish(&problems);
    at = stpcpy(text, T "headers = {");
    for (int i = 0; i < 60; i++)
        at += sprintf(at, "a%d=\"x\";", i);
    at = stpcpy(at, "};\n"
                    "user_classes=({name=\"A\"; headers = {");
    for (int i = 0; i < 5; i++)
        at += sprintf(at, "b%d=\"x\";", i);
    strcpy(at, "};" TASKS "});");
    ck_assert_ptr_null(parse(text, NULL, &problems));
    ck_assert_str_eq(problems.lines[0], "p.cfg:3: the headers of this request are more than 64 or "
                                        "longer than 16384 bytes together.");
    problems_finish(&problems);
    free(text);
}
END_TEST

/* ----------------------------------------------------------------------- files */

static char folder[] = "/tmp/ramptop-read-XXXXXX";

static void put(const char *name, const char *text)
{
    char *path = mem_printf("%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
    free(path);
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

START_TEST(a_mistake_in_an_include_names_that_file)
{
    char *path = mem_printf("%s/a.cfg", folder);
    char *want = mem_printf("%s/levels.cfg:2: users must be a whole number, not a string.", folder);
    put("a.cfg", T "@include \"levels.cfg\"\n" ONE_CLASS);
    put("levels.cfg", "levels = {\n a = { users = \"1\"; };\n};");
    struct problems problems = {0};
    ck_assert_ptr_null(profile_read(path, NULL, &problems));
    ck_assert_uint_eq(problems.n, 1);
    ck_assert_str_eq(problems.lines[0], want);
    problems_finish(&problems);
    put("levels.cfg", "levels = {\n a = { users = 1; };\n};");
    struct profile *p = profile_read(path, NULL, &problems);
    ck_assert_ptr_nonnull(p);
    ck_assert_str_eq(p->name, "a");
    ck_assert_str_eq(p->file, path);
    ck_assert_ptr_nonnull(profile_level(p, "a"));
    profile_unref(p);
    free(path);
    free(want);
}
END_TEST

START_TEST(the_picker_lists_cfg_files_sorted)
{
    put("b.cfg", "");
    put("a.cfg", "");
    put("c.txt", "");
    put(".d.cfg", "");
    char *dir = mem_printf("%s/e.cfg", folder);
    ck_assert_int_eq(mkdir(dir, 0700), 0);
    free(dir);
    char **paths;
    size_t n = profile_list(folder, &paths), ours = 0;
    ck_assert_uint_ge(n, 2);
    for (size_t i = 0; i < n; i++) {
        if (strncmp(paths[i], folder, strlen(folder)) == 0) {
            ck_assert_str_eq(paths[i] + strlen(folder), ours == 0 ? "/a.cfg" : "/b.cfg");
            ours++;
        }
        free(paths[i]);
    }
    ck_assert_uint_eq(ours, 2);
    free(paths);
}
END_TEST

START_TEST(the_shipped_profiles_are_good)
{
    const char *top = getenv("top_srcdir");
    char *shipped = mem_printf("%s/profiles", top != NULL ? top : ".");
    char **paths;
    size_t n = profile_list(shipped, &paths), seen = 0;
    for (size_t i = 0; i < n; i++) {
        struct problems problems = {0};
        if (strncmp(paths[i], shipped, strlen(shipped)) == 0) {
            struct profile *p = profile_read(paths[i], NULL, &problems);
            ck_assert_msg(p != NULL, "%s", problems.n > 0 ? problems.lines[0] : paths[i]);
            ck_assert_uint_ge(p->n_levels, 1);
            profile_unref(p);
            seen++;
        }
        free(paths[i]);
    }
    ck_assert_uint_ge(seen, 2);
    free(paths);
    free(shipped);
}
END_TEST

/* Takes the next example out of the manual, its escapes undone; false at the end. */
static bool next_example(FILE *f, struct buf *out)
{
    char line[1000];
    bool inside = false;
    buf_clear(out);
    while (fgets(line, sizeof line, f) != NULL) {
        if (inside && strncmp(line, ".Ed", 3) == 0)
            return true;
        for (char *at = line; inside && *at != '\0'; at++) {
            if (strncmp(at, "\\e", 2) == 0 || strncmp(at, "\\&", 2) == 0) {
                if (*++at == 'e')
                    buf_char(out, '\\');
            } else {
                buf_char(out, *at);
            }
        }
        inside = inside || strncmp(line, ".Bd -literal", 12) == 0;
    }
    return false;
}

/* Whether it is one as it stands, or as a part of the profile: those around %s. */
static bool is_good_somewhere(const char *example)
{
#define NAMES "target = \"http://h\"; variables = { password = \"p\"; }; "
#define TAKEN "capture = { id = \"body\"; token = \"body\"; basket = \"body\"; state = \"body\"; };"
#define ONE "tasks = ( { request = \"GET /api/x\"; " TAKEN " } );"
#define OPEN "user_classes = ( { name = \"visitor\"; "
#define START "on_start = ( { request = \"GET /\"; " TAKEN " } );"
#define CLOSE " }, { name = \"editor\"; " ONE " } );"
    static const char *const places[] = {
        "%s",
        NAMES "%s",
        "target = \"http://h\"; %s" OPEN ONE CLOSE,
        "%s" OPEN ONE CLOSE,
        NAMES OPEN ONE CLOSE "%s",
        NAMES OPEN ONE " %s" CLOSE,
        NAMES OPEN START "%s" CLOSE,
        NAMES OPEN START "tasks = ( { request = \"POST /x\"; %s } );" CLOSE,
        NAMES OPEN START "tasks = ( { %s } );" CLOSE,
        NAMES OPEN START "tasks = ( { steps = ( { request = \"GET /\"; }, %s ); } );" CLOSE,
        NAMES OPEN START "tasks = ( %s );" CLOSE,
    };
    bool found = false;
    for (size_t i = 0; !found && i < sizeof places / sizeof *places; i++) {
        struct problems problems = {0};
        const char *hole = strstr(places[i], "%s");
        char *text = mem_printf("%.*s%s%s", (int)(hole - places[i]), places[i], example, hole + 2);
        struct profile *p = profile_parse("p.cfg", text, strlen(text), NULL, &problems);
        found = p != NULL;
        profile_unref(p);
        problems_finish(&problems);
        free(text);
    }
    return found;
}

/* Several examples may stand below each other, one of which is meant at a time; lines that
 * begin with blanks go on with the one before. */
static bool each_is_good(char *examples)
{
    bool ok = true;
    while (ok && *examples != '\0') {
        char *behind = strchr(examples, '\n');
        while (behind != NULL && behind[1] == ' ')
            behind = strchr(behind + 1, '\n');
        if (behind != NULL)
            *behind = '\0';
        ok = is_good_somewhere(examples);
        examples = behind != NULL ? behind + 1 : examples + strlen(examples);
    }
    return ok;
}

/* What needs a file, or is no profile. */
static bool is_of_another_kind(const char *example)
{
    static const char *const words[] = {"@include",     "file = \"lecture", "pupils",
                                        "file:api.key", "shop.cfg:",        "when = \"",
                                        "second half"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(example, words[i]) != NULL)
            return true;
    return false;
}

START_TEST(the_examples_of_the_manual_are_good)
{
    const char *top = getenv("top_srcdir");
    char *path = mem_printf("%s/man/ramptop.cfg.5", top != NULL ? top : ".");
    FILE *f = fopen(path, "r");
    struct buf example = {0};
    size_t seen = 0;
    ck_assert_ptr_nonnull(f);
    while (next_example(f, &example)) {
        char *copy = mem_strdup(example.data);
        seen++;
        ck_assert_msg(is_of_another_kind(copy) || is_good_somewhere(copy) || each_is_good(copy),
                      "%s", example.data);
        free(copy);
    }
    ck_assert_uint_ge(seen, 40);
    fclose(f);
    buf_finish(&example);
    free(path);
}
END_TEST

/* ----------------------------------------------------------------------- words */

START_TEST(the_nearest_word_is_found)
{
    static const char *const words[] = {"users", "spawn_rate", "run_time", "name", NULL};
    ck_assert_pstr_eq(words_nearest("user", words), "users");
    ck_assert_pstr_eq(words_nearest("Users", words), "users");
    ck_assert_pstr_eq(words_nearest("suers", words), "users");
    ck_assert_pstr_eq(words_nearest("spawn-rate", words), "spawn_rate");
    ck_assert_pstr_eq(words_nearest("spawnrate", words), "spawn_rate");
    ck_assert_pstr_eq(words_nearest("nmae", words), "name");
    ck_assert_ptr_null(words_nearest("think", words));
    ck_assert_ptr_null(words_nearest("", words));
    ck_assert_ptr_null(words_nearest("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", words));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("read");
    TCase *tc = tcase_create("text");
    tcase_add_test(tc, the_profile_itself_is_read);
    tcase_add_test(tc, levels_are_read);
    tcase_add_test(tc, classes_and_tasks_are_read);
    tcase_add_test(tc, requests_are_ready_to_send);
    tcase_add_test(tc, bodies_bring_their_type);
    tcase_add_test(tc, endpoints_are_method_and_name);
    tcase_add_test(tc, the_command_line_lies_over_the_file);
    tcase_add_test(tc, a_header_that_lets_in_is_a_secret);
    tcase_add_test(tc, a_host_stands_in_for_the_target);
    tcase_add_test(tc, what_is_shown_is_clean);
    tcase_add_test(tc, twenty_mistakes_come_at_once);
    tcase_add_test(tc, a_wrong_override_is_named);
    tcase_add_test(tc, too_many_requests_or_headers_are_refused);
    tcase_add_test(tc, the_nearest_word_is_found);
    suite_add_tcase(s, tc);
    tc = tcase_create("files");
    tcase_add_checked_fixture(tc, make_folder, remove_folder);
    tcase_add_test(tc, a_mistake_in_an_include_names_that_file);
    tcase_add_test(tc, the_picker_lists_cfg_files_sorted);
    tcase_add_test(tc, the_shipped_profiles_are_good);
    tcase_add_test(tc, the_examples_of_the_manual_are_good);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
