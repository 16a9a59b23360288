/* SPDX-License-Identifier: MIT */
/* The profile of a bare URL, the mix of user classes, references. */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/rng.h"
#include "src/profile/build.h"
#include "src/profile/profile.h"
#include "src/profile/url.h"
#include "src/script/scrub.h"
#include "tests/unit/profile/sent.h"
#include "tests/unit/unit.h"

static const struct request *only_request(const struct profile *p)
{
    ck_assert_ptr_nonnull(p);
    ck_assert_uint_eq(p->n_classes, 1);
    ck_assert_uint_eq(p->classes[0].n_tasks, 1);
    ck_assert_uint_eq(p->classes[0].tasks[0].steps.n, 1);
    return p->classes[0].tasks[0].steps.items[0].request;
}

/* ----------------------------------------------------------------- bare URL */

static const struct {
    const char *url, *target, *sent, *name, *userinfo;
} good_urls[] = {
    {"http://127.0.0.1:8080", "http://127.0.0.1:8080", "http://127.0.0.1:8080/", "/", NULL},
    {"localhost:8080/a?b=c", "http://localhost:8080", "http://localhost:8080/a?b=c", "/a", NULL},
    {"HTTPS://Example.TEST/Path#frag", "https://example.test", "https://example.test/Path", "/Path",
     NULL},
    {"http://[::1]:81/x", "http://[::1]:81", "http://[::1]:81/x", "/x", NULL},
    {"http://[::1]", "http://[::1]", "http://[::1]/", "/", NULL},
    {"http://me:p%40ss@h/x", "http://h", "http://h/x", "/x", "me:p@ss"},
    {"me@h", "http://h", "http://h/", "/", "me"},
    {"http://a@b:c@h/", "http://h", "http://h/", "/", "a@b:c"},
    {"http://h?q=1", "http://h", "http://h/?q=1", "/", NULL},
    {"http://h/?u=http://x@y/", "http://h", "http://h/?u=http://x@y/", "/", NULL},
    {"http://gr\xc3\xbc\xc3\x9f.test/\xc3\xbc", "http://gr\xc3\xbc\xc3\x9f.test",
     "http://gr\xc3\xbc\xc3\x9f.test/\xc3\xbc", "/\xc3\xbc", NULL},
};

START_TEST(a_url_becomes_a_profile)
{
    struct problems problems = {0};
    struct profile *p = profile_from_url(good_urls[_i].url, NULL, &problems);
    const struct request *r = only_request(p);
    ck_assert_uint_eq(problems.n, 0);
    ck_assert_str_eq(p->target, good_urls[_i].target);
    ck_assert_str_eq(sent_text(r->url), good_urls[_i].sent);
    ck_assert_int_eq(strncmp(good_urls[_i].sent, r->origin.text, r->origin.len), 0);
    ck_assert_str_eq(r->name, good_urls[_i].name);
    ck_assert_pstr_eq(sent_text(r->auth.text), good_urls[_i].userinfo);
    ck_assert_str_eq(r->method, "GET");
    ck_assert_uint_eq(r->timeout_ns, PROFILE_DEFAULT_TIMEOUT_NS);
    ck_assert_uint_eq(r->max_redirects, 0);
    ck_assert_uint_eq(r->headers.n, 0);
    ck_assert_int_eq(r->body.kind, CONTENT_NONE);
    ck_assert_str_eq(p->endpoints[r->endpoint].name, r->name);
    ck_assert_str_eq(p->classes[0].name, "user");
    ck_assert_int_eq(p->classes[0].wait.kind, WAIT_NONE);
    ck_assert_uint_eq(p->mix.n_class_of, 1);
    ck_assert_uint_eq(p->n_levels, 0);
    ck_assert_ptr_null(p->file);
    profile_unref(p);
}
END_TEST

static const struct {
    const char *url, *message;
} bad_urls[] = {
    {"", ": the URL is empty."},
    {"ftp://h/x", "ftp://h/x: only http and https can be loaded, not \"ftp\"."},
    {"http://", "http://: the host is missing."},
    {"http:///x", "http:///x: the host is missing."},
    {"http://h:0/", "http://h:0/: the port must be a number from 1 to 65535, not \"0\"."},
    {"http://h:65536", "http://h:65536: the port must be a number from 1 to 65535, not \"65536\"."},
    {"http://h:99999999999999999999",
     "http://h:99999999999999999999: the port must be a number from 1 to 65535, not "
     "\"99999999999999999999\"."},
    {"h:x", "h:x: the port must be a number from 1 to 65535, not \"x\"."},
    {"http://h:", "http://h:: the port must be a number from 1 to 65535, not \"\"."},
    {"http://a b/",
     "http://a b/: the URL holds a blank or a control character (write %20 for a blank)."},
    {"http://h/\x1b[2J",
     "http://h/\xef\xbf\xbd[2J: the URL holds a blank or a control character (write %20 for a "
     "blank)."},
    {"http://h/\xe2\x80\xae",
     "http://h/: the URL holds a blank or a control character (write %20 for a blank)."},
    {"http://[::g]/", "http://[::g]/: \"[::g]\" is not a host name or address."},
    {"http://[::1", "http://[::1: \"[::1\" is not a host name or address."},
    {"http://[::1]x", "http://[::1]x: after the host \"[::1]\" a port or a path is expected."},
    {"http://a\\b/", "http://a\\b/: \"a\\b\" is not a host name or address."},
    {"http://me:geheim@h:x/",
     "http://***@h:x/: the port must be a number from 1 to 65535, not \"x\"."},
    {"http://me:g%0ah@h/",
     "http://***@h/: the user name or password in the URL holds a control character."},
};

START_TEST(a_wrong_url_is_one_sentence)
{
    struct problems problems = {0};
    ck_assert_ptr_null(profile_from_url(bad_urls[_i].url, NULL, &problems));
    ck_assert_uint_eq(problems.n, 1);
    ck_assert_str_eq(problems.lines[0], bad_urls[_i].message);
    problems_finish(&problems);
}
END_TEST

START_TEST(a_very_long_url_is_refused)
{
    char *url = mem_zalloc(80000);
    memset(url, 'a', 79999);
    memcpy(url, "http://", 7);
    struct problems problems = {0};
    ck_assert_ptr_null(profile_from_url(url, NULL, &problems));
    ck_assert_ptr_nonnull(strstr(problems.lines[0], ": the URL is longer than 65536 bytes."));
    problems_finish(&problems);
    free(url);
}
END_TEST

START_TEST(the_command_line_lies_over_a_url)
{
    const char *const headers[] = {"X-A: 1", "x-a:  2", "Accept: */*"};
    const struct profile_overrides o = {.host = "https://u:p@other:8443/ignored",
                                        .insecure = true,
                                        .http2 = true,
                                        .body = "a=b",
                                        .headers = headers,
                                        .n_headers = 3,
                                        .timeout_ns = 7,
                                        .follow = true};
    struct problems problems = {0};
    struct profile *p = profile_from_url("http://h:1/x?y", &o, &problems);
    const struct request *r = only_request(p);
    ck_assert_str_eq(p->target, "https://other:8443");
    ck_assert_str_eq(sent_text(r->url), "https://other:8443/x?y");
    ck_assert(p->insecure && p->http2);
    ck_assert_str_eq(r->method, "POST");
    ck_assert_str_eq(sent_text(r->body.text), "a=b");
    ck_assert_uint_eq(r->timeout_ns, 7);
    ck_assert_uint_eq(r->max_redirects, PROFILE_DEFAULT_MAX_REDIRECTS);
    ck_assert_int_eq(r->auth.kind, AUTH_BASIC);
    ck_assert_str_eq(sent_text(r->auth.text), "u:p");
    ck_assert_uint_eq(r->headers.n, 3);
    ck_assert_str_eq(r->headers.items[0].name, "x-a");
    ck_assert_str_eq(sent_header(r, "X-A"), "2");
    ck_assert_str_eq(sent_header(r, "Content-Type"), "application/x-www-form-urlencoded");
    profile_unref(p);
}
END_TEST

START_TEST(a_header_that_lets_in_is_a_secret)
{
    const char *const headers[] = {"Authorization: Bearer geheim", "x-api-key:k3y-v4lue",
                                   "cookie: sid=abcdef0123; theme=dark", "X-Run: nightly"};
    const struct profile_overrides o = {.headers = headers, .n_headers = 4};
    struct problems problems = {0};
    struct profile *p = profile_from_url("http://h", &o, &problems);
    char echo[] = "Bearer geheim k3y-v4lue abcdef0123 dark nightly";
    secrets_scrub(&p->secrets, echo, sizeof echo - 1);
    ck_assert_str_eq(echo, "Bearer ****** ********* ********** dark nightly");
    profile_unref(p);
}
END_TEST

START_TEST(a_body_goes_with_any_method_but_head)
{
    struct profile_overrides o = {.method = "DELETE", .body = "x"};
    struct problems problems = {0};
    struct profile *p = profile_from_url("http://h", &o, &problems);
    ck_assert_ptr_nonnull(p);
    profile_unref(p);
    o.method = "HEAD";
    ck_assert_ptr_null(profile_from_url("http://h", &o, &problems));
    ck_assert_str_eq(problems.lines[0], "--data: a HEAD request has no body.");
    problems_finish(&problems);
}
END_TEST

START_TEST(all_mistakes_of_a_command_line_come_at_once)
{
    const char *const headers[] = {"no colon",          "a b: c", "X: a\r\nY: b",
                                   "content-length: 3", ": x",    "X-Ok: 1"};
    const struct profile_overrides o = {
        .host = "h:99999", .method = "get", .headers = headers, .n_headers = 6};
    const char *const want[] = {
        "--host h:99999: the port must be a number from 1 to 65535, not \"99999\".",
        "--method: \"get\" is not a method (did you mean \"GET\"?).",
        "-H: the header \"no...\" has no colon; write it as \"Name: value\".",
        "-H: \"a b\" is not a header name.",
        "-H: the header \"X\" holds a line break or control character.",
        "-H: the header \"content-length\" is set by the program itself, from the body.",
        "-H: \"\" is not a header name.",
    };
    struct problems problems = {0};
    ck_assert_ptr_null(profile_from_url("http://h", &o, &problems));
    ck_assert_uint_eq(problems.n, sizeof want / sizeof *want);
    for (size_t i = 0; i < problems.n; i++)
        ck_assert_str_eq(problems.lines[i], want[i]);
    problems_finish(&problems);
}
END_TEST

static const struct {
    const char *method;
    bool ok;
} methods[] = {{"GET", true},      {"PROPFIND", true},
               {"M-SEARCH", true}, {"", false},
               {"get", false},     {"CONNECT", false},
               {"GET ", false},    {"G\nT", false},
               {"-X", false},      {"ABCDEFGHIJKLMNOPQRSTU", false},
               {"GTE", false},     {"DELET", false},
               {"LIST", true},     {"REPORT", true}};

START_TEST(methods_are_checked)
{
    struct err e;
    ck_assert_int_eq(build_method_ok(methods[_i].method, &e), methods[_i].ok);
}
END_TEST

/* ------------------------------------------------------------ class sequence */

static struct profile *with_weights(const unsigned *weights, size_t n)
{
    struct profile *p = build_profile();
    p->classes = mem_array(n, sizeof *p->classes);
    p->n_classes = n;
    for (size_t i = 0; i < n; i++)
        p->classes[i].weight = weights[i];
    return p;
}

static bool mix_of(struct profile *p, struct err *e)
{
    unsigned *weights = mem_array(p->n_classes, sizeof *weights);
    for (size_t i = 0; i < p->n_classes; i++)
        weights[i] = p->classes[i].weight;
    build_mix_finish(&p->mix);
    bool ok = build_mix(p, weights, &p->mix, e);
    free(weights);
    return ok;
}

START_TEST(the_mix_is_exact_after_every_round)
{
    const unsigned weights[] = {700, 200, 100};
    struct profile *p = with_weights(weights, 3);
    struct err e;
    ck_assert(mix_of(p, &e));
    ck_assert_uint_eq(p->mix.n_class_of, 10); /* shortened by the common divisor */
    unsigned count[3] = {0};
    for (size_t k = 0; k < p->mix.n_class_of; k++)
        count[p->mix.class_of[k]]++;
    ck_assert(count[0] == 7 && count[1] == 2 && count[2] == 1);
    profile_unref(p);
}
END_TEST

/* Any first k users differ from the ideal mix by less than one user per other class,
 * and by less than one user where there are two classes. */
START_TEST(the_mix_is_smooth_from_the_first_user)
{
    struct rng rng;
    rng_seed(&rng, (uint64_t)_i + 1);
    unsigned weights[6];
    size_t n = 2 + rng_below(&rng, 5);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += weights[i] = 1 + (unsigned)rng_below(&rng, 97);
    struct profile *p = with_weights(weights, n);
    struct err e;
    ck_assert(mix_of(p, &e));
    double count[6] = {0};
    for (size_t k = 0; k < p->mix.n_class_of; k++) {
        count[p->mix.class_of[k]]++;
        for (size_t i = 0; i < n; i++) {
            double off = count[i] - (double)(k + 1) * weights[i] / sum;
            ck_assert_msg(off > -(double)(n - 1) && off < 1, "user %zu class %zu off %g", k, i,
                          off);
        }
    }
    for (size_t i = 0; i < n; i++)
        ck_assert_double_eq_tol(count[i], p->mix.n_class_of * weights[i] / sum, 1e-9);
    profile_unref(p);
}
END_TEST

START_TEST(equal_weights_take_turns)
{
    const unsigned weights[] = {3, 3, 3};
    struct profile *p = with_weights(weights, 3);
    struct err e;
    ck_assert(mix_of(p, &e));
    ck_assert_uint_eq(p->mix.n_class_of, 3);
    ck_assert(p->mix.class_of[0] == 0 && p->mix.class_of[1] == 1 && p->mix.class_of[2] == 2);
    profile_unref(p);
}
END_TEST

START_TEST(weights_that_make_an_endless_sequence_are_refused)
{
    const unsigned weights[] = {9999, 2};
    struct profile *p = with_weights(weights, 2);
    struct err e;
    ck_assert(!mix_of(p, &e));
    ck_assert_str_eq(e.text, "the weights of the user classes add up to 10001, more than 10000; "
                             "use smaller ones");
    p->classes[1].weight = 1;
    ck_assert(mix_of(p, &e));
    profile_unref(p);
}
END_TEST

START_TEST(users_with_parallel_steps_have_more_connections)
{
    const unsigned weights[] = {1, 3};
    struct profile *p = with_weights(weights, 2);
    struct step items[] = {{.kind = STEP_PARALLEL, .count = 4},
                           {.kind = STEP_PARALLEL, .count = 2}};
    struct user_class one = {.on_stop = {.items = items, .n = 2}}, before = p->classes[0];
    struct err e;
    ck_assert(mix_of(p, &e));
    ck_assert_uint_eq(class_connections(&p->classes[0]), 1);
    ck_assert_uint_eq(profile_connections(p, &p->mix, 8), 8);
    p->classes[0] = one;
    ck_assert_uint_eq(class_connections(&p->classes[0]), 4);
    ck_assert_uint_eq(profile_connections(p, &p->mix, 8), 2 * 4 + 6);
    p->classes[0] = before;
    p->mix.n_class_of = 0; /* nobody is left to take part */
    ck_assert_uint_eq(profile_connections(p, &p->mix, 8), 0);
    profile_unref(p);
}
END_TEST

/* --------------------------------------------------------------- small things */

START_TEST(expected_statuses)
{
    uint16_t codes[] = {201, 404, 429};
    struct status_set given = {codes, 3}, none = {NULL, 0};
    ck_assert(status_expected(&given, 201) && status_expected(&given, 429));
    ck_assert(!status_expected(&given, 200) && !status_expected(&given, 500));
    ck_assert(status_expected(&none, 200) && status_expected(&none, 399));
    ck_assert(!status_expected(&none, 400) && !status_expected(&none, 0));
}
END_TEST

static void *take_and_give_back(void *arg)
{
    for (int i = 0; i < 20000; i++)
        profile_unref(profile_ref(arg));
    profile_unref(arg);
    return NULL;
}

START_TEST(references_count_from_many_threads)
{
    struct problems problems = {0};
    struct profile *p = profile_from_url("h", NULL, &problems);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, take_and_give_back, profile_ref(p)), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_eq(p->refs, 1);
    profile_unref(p);
    profile_unref(NULL);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof *(array))

static const struct {
    const char *url, *shown;
} urls_shown[] = {
    {"http://h/a?b=c", "http://h/a?b=c"},
    {"http://bob:pw@h:1/a", "http://***@h:1/a"},
    {"http://h/a?x=1&token=abc&y=2", "http://h/a?x=1&token=***&y=2"},
    {"h/a?api_key=abc#part", "h/a?api_key=***#part"},
    {"http://u@h?X-Amz-Signature=0a1b&b", "http://***@h?X-Amz-Signature=***&b"},
    {"http://h/?token", "http://h/?token"},
    {"/a b?sig=", "/a b?sig=***"},
    {"", ""},
};

START_TEST(a_url_is_shown_without_its_secrets)
{
    char *shown = url_shown(urls_shown[_i].url);
    ck_assert_str_eq(shown, urls_shown[_i].shown);
    free(shown);
}
END_TEST

static const struct {
    const char *text, *host;
    unsigned port;
    bool tls;
} origins[] = {
    {"http://h", "h", 80, false},
    {"https://h", "h", 443, true},
    {"http://127.0.0.1:8080", "127.0.0.1", 8080, false},
    {"https://[::1]:8443", "[::1]", 8443, true},
    {"http://[::1]", "[::1]", 80, false},
    {"http://[::1", "[::1", 80, false}, /* no origin, and read to its end alone */
};

START_TEST(an_origin_is_scheme_host_and_port)
{
    struct origin o;
    origin_init(&o, origins[_i].text);
    ck_assert_str_eq(o.text, origins[_i].text);
    ck_assert_uint_eq(o.len, strlen(o.text));
    ck_assert_str_eq(o.host, origins[_i].host);
    ck_assert_uint_eq(o.port, origins[_i].port);
    ck_assert_int_eq(o.tls, origins[_i].tls);
    origin_finish(&o);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("profile");
    TCase *tc = tcase_create("profile");
    tcase_add_loop_test(tc, a_url_becomes_a_profile, 0, COUNT(good_urls));
    tcase_add_loop_test(tc, a_wrong_url_is_one_sentence, 0, COUNT(bad_urls));
    tcase_add_test(tc, a_very_long_url_is_refused);
    tcase_add_test(tc, the_command_line_lies_over_a_url);
    tcase_add_test(tc, a_body_goes_with_any_method_but_head);
    tcase_add_test(tc, a_header_that_lets_in_is_a_secret);
    tcase_add_test(tc, all_mistakes_of_a_command_line_come_at_once);
    tcase_add_loop_test(tc, methods_are_checked, 0, COUNT(methods));
    tcase_add_test(tc, the_mix_is_exact_after_every_round);
    tcase_add_loop_test(tc, the_mix_is_smooth_from_the_first_user, 0, 20);
    tcase_add_test(tc, equal_weights_take_turns);
    tcase_add_test(tc, users_with_parallel_steps_have_more_connections);
    tcase_add_test(tc, weights_that_make_an_endless_sequence_are_refused);
    tcase_add_test(tc, expected_statuses);
    tcase_add_test(tc, references_count_from_many_threads);
    tcase_add_loop_test(tc, an_origin_is_scheme_host_and_port, 0, COUNT(origins));
    tcase_add_loop_test(tc, a_url_is_shown_without_its_secrets, 0,
                        sizeof urls_shown / sizeof *urls_shown);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
