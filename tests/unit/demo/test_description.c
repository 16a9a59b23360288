/* SPDX-License-Identifier: MIT */
/* Descriptions of services: what is wrong is said in words, what is right is understood. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/demo/description.h"
#include "src/demo/named.h"
#include "src/script/encode.h"
#include "tests/unit/unit.h"

#define ROUTE(settings) "routes = ( { route = \"GET /a\"; " settings " } );"
#define ITEM(settings) "routes = ( { route = \"POST /a/{id}\"; " settings " } );"
#define BASE                                                                                       \
    "pools = { db = { size = 2; }; };\n"                                                           \
    "accounts = { users = ( { name = \"*\"; password = \"x\"; role = \"pupil\"; } ); };\n"         \
    "collections = { items = { }; texts = { id = \"text\"; }; };\n"

static const struct {
    const char *text, *want;
} wrong[] = {
    {"title = \"x\";", "d:1: routes are missing: what does the service answer?"},
    {"routes = ();", "d:1: routes is empty."},
    {"route = ();",
     "d:1: unknown setting \"route\" in the description (did you mean \"routes\"?)."},
    {BASE ROUTE("tme = 1;"), "d:4: unknown setting \"tme\" in a route (did you mean \"time\"?)."},
    {"routes = ( { rout = \"GET /a\"; } );",
     "d:1: unknown setting \"rout\" in a route (did you mean \"route\"?)."},
    {"routes = ( { } );", "d:1: a route needs its method and path, as in route = \"GET /\"."},
    {"routes = ( { route = \"GET\"; } );",
     "d:1: route is a method and a path, as in \"GET /api/items/{id}\"."},
    {"routes = ( { route = \"GTE /a\"; } );",
     "d:1: route: \"GTE\" is no method (did you mean \"GET\"?)."},
    {"routes = ( { route = \"GET a\"; } );",
     "d:1: route \"GET a\": a path begins with / and has at most 16 parts."},
    {"routes = ( { route = \"GET /a{b}\"; } );",
     "d:1: route \"GET /a{b}\": a parameter {name} is a whole part of the path."},
    {"routes = ( { route = \"GET /{a}/{a}\"; } );",
     "d:1: route \"GET /{a}/{a}\": {a} stands twice in the path."},
    {"routes = ( { route = \"GET /a?b\"; } );",
     "d:1: route \"GET /a?b\": a path has no blanks, ? or #."},
    {"routes = ( { route = \"GET /{a}\"; }, { route = \"GET /{b}\"; } );",
     "d:1: route \"GET /{b}\" is there already, as \"GET /{a}\"."},
    {BASE ROUTE("pool = \"bd\"; time = 1;"),
     "d:4: there is no pool \"bd\" (did you mean \"db\"?)."},
    {ROUTE("pool = \"db\"; time = 1;"), "d:1: there is no pool \"db\"; the description has none."},
    {BASE ROUTE("pool = \"db\";"), "d:4: how long it takes is missing; add a time."},
    {ROUTE("time = \"soon\";"),
     "d:1: time must be a time such as 5, 2.5, \"500ms\" or \"1m30s\", not \"soon\"."},
    {ROUTE("time = 4000;"), "d:1: time must be at most an hour."},
    {ROUTE("time = [2, 1];"), "d:1: time begins with the longer time; write [least, most]."},
    {ROUTE("time = [1, 2, 3];"), "d:1: time must be one time or two, [least, most]."},
    {ROUTE("time = { kind = \"exponential\"; };"),
     "d:1: a time in braces needs a mean, as in { mean = 0.05; kind = \"exponential\"; }."},
    {ROUTE("time = { mean = 1; kind = \"exponentail\"; };"),
     "d:1: kind must be \"constant\", \"exponential\" or \"lognormal\", not \"exponentail\" (did "
     "you mean \"exponential\"?)."},
    {ROUTE("time = 1; stages = ( { time = 1; } );"),
     "d:1: a route has either stages or a pool and a time, not both."},
    {ROUTE("auth = true;"), "d:1: auth needs accounts: who may log in?"},
    {BASE ROUTE("auth = [\"pupils\"];"),
     "d:4: no user has the role \"pupils\" (did you mean \"pupil\"?)."},
    {ROUTE("login = true;"), "d:1: login needs accounts: who may log in?"},
    {BASE ROUTE("auth = true; csrf = true;"),
     "d:4: csrf needs auth, and the csrf_header of accounts."},
    {BASE ITEM("get = \"itmes\";"),
     "d:4: there is no collection \"itmes\" (did you mean \"items\"?)."},
    {BASE ITEM("get = \"items\"; patch = \"items\";"),
     "d:4: a route does one thing: get or patch."},
    {BASE ROUTE("get = \"items\";"),
     "d:4: which item? Give the path a parameter such as {id}, or an id."},
    {BASE ROUTE("list = \"items\"; id = \"7\";"),
     "d:4: id has no meaning here: nothing is looked for."},
    {BASE ROUTE("list = \"items\"; default = \"{}\";"), "d:4: default is for a route with get."},
    {BASE ROUTE("list = \"items\"; set = \"{}\";"),
     "d:4: set is for a route with create, patch, replace or save."},
    {BASE ITEM("save = \"items\";"),
     "d:4: save is for collections with id = \"text\": the client names what it saves."},
    {BASE ROUTE("exists = \"items\";"),
     "d:4: which item must exist? Give the path a parameter such as {id}."},
    {ROUTE("upload = { min = \"2k\"; max = 1; };"), "d:1: an upload's min is more than its max."},
    {ROUTE("upload = { max = \"many\"; };"),
     "d:1: max must be a size such as 4096, \"20k\" or \"2MiB\"."},
    {ROUTE("status = 99;"), "d:1: status must be from 200 to 599, not 99."},
    {ROUTE("json = \"{}\"; text = \"x\";"), "d:1: a reply has one body: json or text."},
    {ROUTE("json = \"{\";"), "d:1: json is not JSON."},
    {ROUTE("json = \"{} x\";"), "d:1: json is not JSON."},
    {ROUTE("json = \"\\\"${uiid}\\\"\";"),
     "d:1: json: ${uiid} is not declared or captured (did you mean \"uuid\"?)."},
    {ROUTE("json = \"\\\"${path.id}\\\"\";"), "d:1: json: ${path.id}: the path /a has no {id}."},
    {ROUTE("headers = { Content-Type = \"x\"; };"),
     "d:1: the header Content-Type cannot be set here; write type = ...."},
    {ROUTE("headers = 1;"), "d:1: headers must be a group { }, not a whole number."},
    {ROUTE("bytes = \"17M\";"), "d:1: bytes must be from 0 to 16777216 bytes."},
    {ROUTE("bytes = [2, 1];"), "d:1: bytes begins with the larger size; write [least, most]."},
    {ROUTE("fail = { status = 500; };"), "d:1: fail needs every: one in how many requests."},
    {"pools = { db = { sise = 1; }; };" ROUTE(""),
     "d:1: unknown setting \"sise\" in a pool (did you mean \"size\"?)."},
    {"pools = { db = { }; };" ROUTE(""), "d:1: the pool \"db\" needs a size."},
    {"pools = { db = 3; };" ROUTE(""), "d:1: db must be a group { }, not a whole number."},
    {"rate_limits = { a = { }; };" ROUTE(""),
     "d:1: the rate limit \"a\" needs how many requests it admits."},
    {"rate_limits = { a = { requests = 1; window = 0; }; };" ROUTE(""),
     "d:1: window must be more than 0."},
    {"rate_limits = { a = { requests = 1; per = \"usr\"; }; };" ROUTE(""),
     "d:1: per must be \"user\", \"address\" or \"all\", not \"usr\" (did you mean \"user\"?)."},
    {"rate_limits = { a = { requests = 1; endpoints = \"GET /b*\"; }; };" ROUTE(""),
     "d:1: the rate limit \"a\" is for \"GET /b*\", which is no route."},
    {"accounts = { };" ROUTE(""),
     "d:1: accounts needs users, as in ( { name = \"*\"; password = \"x\"; } )."},
    {"accounts = { users = ( { name = \"x\"; } ); };" ROUTE(""), "d:1: a user needs a password."},
    {"accounts = { users = (); lockout = { failures = 0; }; };" ROUTE(""),
     "d:1: failures must be from 1 to 1000, not 0."},
    {"accounts = { users = (); cookie = \"a b\"; };" ROUTE(""),
     "d:1: cookie must be a name of letters, digits, _ and -."},
    {"collections = { a = { id = \"int\"; }; };" ROUTE(""),
     "d:1: id must be \"integer\", \"uuid\", \"hex\" or \"text\", not \"int\"."},
    {"collections = { a = { id = \"text\"; items = 1; }; };" ROUTE(""),
     "d:1: items of \"a\" are named by the client, so there can be none at the start."},
    {"collections = { a = { items = 11; max = 10; }; };" ROUTE(""),
     "d:1: \"a\" has 11 items at the start, more than its max of 10."},
    {"collections = { a = { item = \"{\\\"a\\\": }\"; }; };" ROUTE(""), "d:1: item is not JSON."},
    {"collections = { a = { job = { }; }; };" ROUTE(""), "d:1: a job needs a time."},
    {"collections = { a = { job = { time = 1; states = [\"a\"]; }; }; };" ROUTE(""),
     "d:1: states must be three words: queued, running, done."},
};

START_TEST(a_mistake_is_said_in_a_sentence)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct problems p = {0};
        struct description *d = description_parse("d", wrong[i].text, strlen(wrong[i].text), &p);
        ck_assert_msg(d == NULL && p.n > 0, "%s", wrong[i].text);
        ck_assert_msg(strcmp(p.lines[0], wrong[i].want) == 0, "%s\nsays %s\nnot  %s", wrong[i].text,
                      p.lines[0], wrong[i].want);
        ck_assert_msg(p.n == 1, "%s\nalso %s", wrong[i].text, p.lines[1]);
        problems_finish(&p);
    }
}
END_TEST

START_TEST(all_mistakes_are_said_at_once)
{
    static const char text[] = "pools = { a = { size = 0; }; };\n"
                               "routes = (\n { route = \"GET /\"; tmie = 1; },\n"
                               " { route = \"GET /b\"; pool = \"c\"; time = 1; }\n);\n";
    struct problems p = {0};
    ck_assert_ptr_null(description_parse("d", text, sizeof text - 1, &p));
    ck_assert_uint_eq(p.n, 3);
    ck_assert_int_eq(strncmp(p.lines[2], "d:4: ", 5), 0);
    problems_finish(&p);
}
END_TEST

START_TEST(what_is_right_is_understood)
{
    static const char text[] =
        BASE "rate_limits = { a = { requests = 3; window = \"1m\"; endpoints = \"* /a*\"; }; };"
             "routes = ( { route = \"GET /a/{id}\"; get = \"items\"; auth = [\"pupil\"];"
             "  stages = ( { pool = \"db\"; time = [1, 3]; }, { time = \"500ms\"; per_kb = 1; } );"
             "  bytes = [\"1k\", \"2KiB\"]; fail = { every = 9; status = 502; }; },"
             " { route = \"POST /b\"; } );";
    struct problems p = {0};
    struct description *d = description_parse("d", text, sizeof text - 1, &p);
    ck_assert_msg(d != NULL, "%s", p.n > 0 ? p.lines[0] : "?");
    const struct route_spec *r = &d->routes[0];
    ck_assert_uint_eq(d->n_routes, 2);
    ck_assert_int_eq(r->action, ACT_GET);
    ck_assert_ptr_eq(r->collection, &d->collections[0]);
    ck_assert_uint_eq(r->n_stages, 2);
    ck_assert_int_eq(r->stages[0].time.kind, DEMO_UNIFORM);
    ck_assert_double_eq_tol(r->stages[0].time.mean_ns, 2e9, 1);
    ck_assert_double_eq_tol(r->stages[1].per_byte_ns, 1e6, 1);
    ck_assert_double_eq_tol(description_busy_s(r, &d->pools[0]), 2, 1e-9);
    ck_assert_uint_eq(r->low_bytes, 1000);
    ck_assert_uint_eq(r->high_bytes, 2048);
    ck_assert_uint_eq(r->fail_every, 9);
    ck_assert_uint_eq(r->n_limits, 1);
    ck_assert_uint_eq(d->routes[1].n_limits, 0);
    description_free(d);
}
END_TEST

START_TEST(the_shipped_ones_are_right)
{
    unsigned n = 0;
    for (const struct demo_text *t = demo_texts; t->file != NULL; t++) {
        size_t len = strlen(t->file);
        if (len < 6 || strcmp(t->file + len - 5, ".demo") != 0)
            continue;
        struct problems p = {0};
        struct description *d = description_parse(t->file, t->text, strlen(t->text), &p);
        ck_assert_msg(d != NULL, "%s", p.n > 0 ? p.lines[0] : "?");
        ck_assert_uint_gt(d->n_routes, 2);
        description_free(d);
        n++;
    }
    ck_assert_uint_ge(n, 5);
}
END_TEST

START_TEST(a_name_is_looked_up)
{
    static const struct {
        const char *name, *want;
    } names[] = {
        {"tlca", "there is no demo \"tlca\" (did you mean \"tlac\"?)."},
        {"./nowhere.demo",
         "./nowhere.demo: the profile cannot be read: No such file or directory."},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct problems p = {0};
        ck_assert_ptr_null(demo_open(names[i].name, &p));
        ck_assert_uint_eq(p.n, 1);
        ck_assert_str_eq(p.lines[0], names[i].want);
        problems_finish(&p);
    }
    char *file = demo_profile_name("tlac"), *path = demo_profile_name("./my.demo");
    ck_assert_str_eq(file, "tlac.cfg");
    ck_assert_str_eq(path, "./my.cfg");
    free(file);
    free(path);
}
END_TEST

/* ---------------------------------------------------------------------------- paths */

START_TEST(paths_match_their_patterns)
{
    static const struct {
        const char *pattern, *path;
        bool matches;
    } cases[] = {
        {"/", "/", true},           {"/", "/?a=b", true},         {"/", "/a", false},
        {"/a", "/a", true},         {"/a", "/a/", false},         {"/a/", "/a/", true},
        {"/a", "/A", false},        {"/a/{id}", "/a/7", true},    {"/a/{id}", "/a/7?x=/y", true},
        {"/a/{id}", "/a/", false},  {"/a/{id}", "/a/7/b", false}, {"/a/{id}/b", "/a/x%2Fy/b", true},
        {"/{x}/{y}", "/a/b", true}, {"/{x}/b", "/a/c", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct path_params h;
        struct path p;
        struct err e;
        ck_assert(path_params_compile(&h, cases[i].pattern, &e));
        ck_assert(path_split(&p, cases[i].path));
        ck_assert_msg(path_params_match(&h, &p) == cases[i].matches, "%s %s", cases[i].pattern,
                      cases[i].path);
        path_params_finish(&h);
    }
    struct path p;
    ck_assert(!path_split(&p, "a"));
    ck_assert(!path_split(&p, "*"));
    ck_assert(!path_split(&p, "/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7"));
}
END_TEST

START_TEST(texts_are_decoded)
{
    static const struct {
        const char *text, *want;
        bool plus;
    } cases[] = {
        {"a%2Fb", "a/b", false}, {"a+b", "a+b", false},    {"a+b", "a b", true},
        {"%", "%", false},       {"%4", "%4", false},      {"%zz", "%zz", false},
        {"%41%4a", "AJ", false}, {"100%25", "100%", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        encode_undo_percent(&out, cases[i].text, strlen(cases[i].text), cases[i].plus);
        ck_assert_str_eq(out.data, cases[i].want);
        buf_finish(&out);
    }
    struct buf out = {0};
    buf_text(&out, "x");
    ck_assert(!encode_undo_base64(&out, "a2lt!", 5));
    ck_assert_str_eq(out.data, "x");
    ck_assert(encode_undo_base64(&out, "a2ltOng=", 8));
    ck_assert_str_eq(out.data, "xkim:x");
    ck_assert(encode_undo_base64(&out, "", 0));
    buf_finish(&out);
    struct span v;
    ck_assert(routes_query("/a?x=1&limit=20&y", "limit", 5, &v));
    ck_assert(v.len == 2 && memcmp(v.at, "20", 2) == 0);
    ck_assert(routes_query("/a?x=1&y", "y", 1, &v) && v.len == 0);
    ck_assert(!routes_query("/a?limits=1", "limit", 5, &v));
    ck_assert(!routes_query("/limit=1", "limit", 5, &v));
}
END_TEST

START_TEST(patterns_of_names_match)
{
    ck_assert(description_matches("*", ""));
    ck_assert(description_matches("a*c", "abbc"));
    ck_assert(description_matches("GET /a*", "GET /a/b"));
    ck_assert(description_matches("*b*d", "abcbd"));
    ck_assert(description_matches("?b", "ab"));
    ck_assert(!description_matches("?b", "b"));
    ck_assert(!description_matches("a*", "b"));
    ck_assert(!description_matches("", "a"));
}
END_TEST

/* -------------------------------------------------------------------------- templates */

static void renders(const char *text, enum encoding how, const struct request_context *context,
                    const char *want)
{
    struct vocabulary *v = vocabulary_create();
    struct path_params route;
    struct path path;
    struct err e;
    ck_assert(path_params_compile(&route, "/a/{id}", &e) && path_split(&path, "/a/x%20y?q=1+2"));
    struct reply_template *p = reply_template_compile(v, text, how, &route, &e);
    ck_assert_msg(p != NULL, "%s: %s", text, e.text);
    struct request_context f = *context;
    f.route = &route;
    f.path = &path;
    f.target = "/a/x%20y?q=1+2";
    struct scope scope;
    struct buf out = {0};
    vocabulary_scope(v, &scope, 1);
    for (int round = 0; round < 2; round++) {
        buf_clear(&out);
        ck_assert(reply_template_render(p, v, &f, &scope, &out));
        ck_assert_str_eq(out.len > 0 ? out.data : "", want);
    }
    vocabulary_scope_finish(&scope);
    buf_finish(&out);
    reply_template_free(p);
    path_params_finish(&route);
    vocabulary_free(v);
}

START_TEST(templates_know_the_request)
{
    static const char body[] = "{\"a\": \"x\\\"y\", \"n\": 7, \"o\": {\"b\": [1, \"two\"]}}";
    struct request_context f = {
        .body = {body, sizeof body - 1}, .account = {"kim", 3}, .bytes = 12};
    renders("${path.id}|${query.q}|${query.r}|${account}|${bytes}", ENCODE_PLAIN, &f,
            "x y|1 2||kim|12");
    renders(
        "{\"a\": \"${body.a}\", \"b\": ${body.a}, \"c\": ${body.none}, \"d\": \"${body.none}\"}",
        ENCODE_JSON, &f, "{\"a\": \"x\\\"y\", \"b\": \"x\\\"y\", \"c\": null, \"d\": \"\"}");
    renders("${body.o.b[1]} ${body.n} $${id}", ENCODE_PLAIN, &f, "two 7 ${id}");
    renders("${body.o}", ENCODE_JSON, &f, "{\"b\": [1, \"two\"]}");
    renders("${item} ${id}", ENCODE_PLAIN, &f, " ");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("demo description");
    TCase *tc = tcase_create("description");
    tcase_add_test(tc, a_mistake_is_said_in_a_sentence);
    tcase_add_test(tc, all_mistakes_are_said_at_once);
    tcase_add_test(tc, what_is_right_is_understood);
    tcase_add_test(tc, the_shipped_ones_are_right);
    tcase_add_test(tc, a_name_is_looked_up);
    tcase_add_test(tc, paths_match_their_patterns);
    tcase_add_test(tc, texts_are_decoded);
    tcase_add_test(tc, patterns_of_names_match);
    tcase_add_test(tc, templates_know_the_request);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
