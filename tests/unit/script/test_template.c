/* SPDX-License-Identifier: MIT */
/* Texts with ${...}: what comes out at each place, and what is said of a wrong one. */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/script/feeder.h"
#include "src/script/secret.h"
#include "src/script/template.h"
#include "tests/unit/unit.h"

/* A profile's names and one user. */
struct world {
    struct names *names;
    struct secret *secret, *broken;
    struct feeder *feeder;
    const struct feeder *feeders[1];
    struct scope scope;
    uint32_t token, unset;
    _Atomic uint64_t sequences[8];
};

#define NASTY "a/b?c=\"d\\\" \xc3\xbc&\t%"

static struct world w;

static void set_up(void)
{
    static const char csv[] = "name,full name\nann,\"Ann \"\"A\"\"\"\n";
    struct err e = {""};
    w = (struct world){.names = names_create()};
    w.feeder = feeder_parse(csv, strlen(csv), &(struct feeder_config){0}, &e);
    ck_assert_msg(w.feeder != NULL, "%s", e.text);
    w.feeders[0] = w.feeder;
    w.secret = secret_from("pa ss\"word", 10);
    w.broken = secret_from("two\nlines", 9);
    ck_assert(names_constant(w.names, "region", "eu west/1", &e));
    ck_assert(names_constant(w.names, "lines", "one\r\ntwo", &e));
    ck_assert(names_secret(w.names, "password", w.secret, &e));
    ck_assert(names_secret(w.names, "broken", w.broken, &e));
    ck_assert(names_feeder(w.names, "pupils", w.feeder, 0, &e));
    ck_assert(names_slot(w.names, "token", &w.token, &e));
    ck_assert(names_slot(w.names, "unset", &w.unset, &e));
    scope_init(&w.scope, names_slots(w.names), w.feeders, 1);
    w.scope.sequences = w.sequences;
    w.scope.rows[0] = 0;
    w.scope.user = 7;
    w.scope.iteration = 3;
    rng_seed(&w.scope.rng, 1);
    value_set(&w.scope.values[w.token], NASTY, strlen(NASTY));
    setenv("RAMPTOP_TEST_ENV", "x y", 1);
    setenv("RAMPTOP_TEST_EMPTY", "", 1);
    unsetenv("RAMPTOP_TEST_NONE");
}

static void tear_down(void)
{
    scope_finish(&w.scope);
    names_free(w.names);
    secret_free(w.secret);
    secret_free(w.broken);
    feeder_free(w.feeder);
}

static char *render(const char *text, enum encoding how)
{
    struct err e = {""};
    struct buf out = {0};
    struct template *t = template_compile(text, how, w.names, &e);
    ck_assert_msg(t != NULL, "%s: %s", text, e.text);
    ck_assert_msg(template_render(t, &w.scope, &out, &e), "%s: %s", text, e.text);
    ck_assert_uint_eq(strlen(out.data), out.len);
    template_free(t);
    return buf_take(&out);
}

static const struct {
    const char *text;
    enum encoding how;
    const char *out;
} rendered[] = {
    {"", ENCODE_PLAIN, ""},
    {"plain", ENCODE_PLAIN, "plain"},
    {"${token}", ENCODE_PLAIN, NASTY},
    {"<${token}|${token}>", ENCODE_PLAIN, "<" NASTY "|" NASTY ">"},
    {"${region}", ENCODE_PLAIN, "eu west/1"},
    {"${password}", ENCODE_PLAIN, "pa ss\"word"},
    {"${pupils.name}-${pupils.full name}", ENCODE_PLAIN, "ann-Ann \"A\""},
    {"${user}.${iteration}", ENCODE_PLAIN, "7.3"},
    {"${env:RAMPTOP_TEST_ENV}", ENCODE_PLAIN, "x y"},
    {"${env:RAMPTOP_TEST_ENV:-z}", ENCODE_PLAIN, "x y"},
    {"${env:RAMPTOP_TEST_EMPTY:-z}", ENCODE_PLAIN, "z"},
    {"${env:RAMPTOP_TEST_EMPTY}", ENCODE_PLAIN, ""},
    {"${env:RAMPTOP_TEST_NONE:-}", ENCODE_PLAIN, ""},
    {"${env:RAMPTOP_TEST_NONE:-a:-b}", ENCODE_PLAIN, "a:-b"},
    /* Dollars that are no places. */
    {"$", ENCODE_PLAIN, "$"},
    {"5$ $5 $$ {}", ENCODE_PLAIN, "5$ $5 $$ {}"},
    {"$${token}", ENCODE_PLAIN, "${token}"},
    {"$$${token}", ENCODE_PLAIN, "$${token}"},
    {"$${ and ${user}", ENCODE_PLAIN, "${ and 7"},
    /* A URL: the literal text is left alone. */
    {"/a b/${token}?x=${token}", ENCODE_URL,
     "/a b/a%2Fb%3Fc%3D%22d%5C%22%20%C3%BC%26%09%25"
     "?x=a%2Fb%3Fc%3D%22d%5C%22%20%C3%BC%26%09%25"},
    {"/${region}/${password}", ENCODE_URL, "/eu%20west%2F1/pa%20ss%22word"},
    {"/${env:RAMPTOP_TEST_ENV}", ENCODE_URL, "/x%20y"},
    {"/${choice:a b}/${pupils.full name}", ENCODE_URL, "/a%20b/Ann%20%22A%22"},
    {"/${choice:A-Z._~09az}", ENCODE_URL, "/A-Z._~09az"},
    {"${token}", ENCODE_QUERY, "a%2Fb%3Fc%3D%22d%5C%22%20%C3%BC%26%09%25"},
    /* One value of a query or form: all of it. */
    {"${token} x", ENCODE_FORM, "a%2Fb%3Fc%3D%22d%5C%22+%C3%BC%26%09%25+x"},
    {"${choice:a b}", ENCODE_FORM, "a+b"},
    {"a&b=c+d/\xc3\xa9 %41$", ENCODE_QUERY, "a%26b%3Dc%2Bd%2F%C3%A9%20%2541%24"},
    {"x ${password}&$${y}", ENCODE_QUERY, "x%20pa%20ss%22word%26%24%7By%7D"},
    /* JSON: escaped in strings, as it is outside. */
    {"{\"a\": \"${token}\"}", ENCODE_JSON, "{\"a\": \"a/b?c=\\\"d\\\\\\\" \xc3\xbc&\\t%\"}"},
    {"{\"n\": ${user}, \"s\": \"${user}\"}", ENCODE_JSON, "{\"n\": 7, \"s\": \"7\"}"},
    {"[${pupils.full name}, \"${pupils.full name}\"]", ENCODE_JSON,
     "[Ann \"A\", \"Ann \\\"A\\\"\"]"},
    {"[\"\\\"${password}\\\\\", ${password}]", ENCODE_JSON,
     "[\"\\\"pa ss\\\"word\\\\\", pa ss\"word]"},
    {"[\"${lines}\", \"${choice:a\\b\"c\nd}\"]", ENCODE_JSON,
     "[\"one\\r\\ntwo\", \"a\\\\b\\\"c\\nd\"]"},
    {"Bearer ${password} ${user}", ENCODE_HEADER, "Bearer pa ss\"word 7"},
};

START_TEST(a_value_is_made_fit_for_its_place)
{
    char *out = render(rendered[_i].text, rendered[_i].how);
    ck_assert_str_eq(out, rendered[_i].out);
    free(out);
}
END_TEST

static const struct {
    const char *text;
    enum encoding how;
    const char *message;
} wrong[] = {
    {"${toekn}", ENCODE_PLAIN, "${toekn} is not declared or captured (did you mean \"token\"?)"},
    {"${whatever}", ENCODE_PLAIN, "${whatever} is not declared or captured"},
    {"${uuidd}", ENCODE_PLAIN, "${uuidd} is not declared or captured (did you mean \"uuid\"?)"},
    {"${}", ENCODE_PLAIN, "${} names nothing"},
    {"a ${token", ENCODE_PLAIN, "${token has no }"},
    {"a ${", ENCODE_PLAIN, "${ has no }"},
    {"${token ${user}", ENCODE_PLAIN, "${token  has no } before the next ${"},
    {"${itn:1:5}", ENCODE_PLAIN, "${itn:1:5}: there is no such generator (did you mean \"int\"?)"},
    {"${token:5}", ENCODE_PLAIN, "${token:5}: a variable takes nothing behind its name"},
    {"${int:5:1}", ENCODE_PLAIN, "${int:5:1}: the first number is larger than the second"},
    {"${int}", ENCODE_PLAIN, "${int}: int takes two whole numbers, as in ${int:1:500}"},
    {"${pupils}", ENCODE_PLAIN,
     "${pupils} is a feeder: name one of its columns, as in ${pupils.name}"},
    {"${pupils.nmae}", ENCODE_PLAIN,
     "${pupils.nmae}: the feeder has no such column (did you mean \"name\"?)"},
    {"${pupils.}", ENCODE_PLAIN,
     "${pupils.}: the feeder has no such column; it has \"name\", \"full name\""},
    {"${pupil.name}", ENCODE_PLAIN,
     "${pupil.name}: there is no such feeder (did you mean \"pupils\"?)"},
    {"${token.name}", ENCODE_PLAIN,
     "${token.name}: only a feeder has columns, and that is a variable"},
    {"${env:RAMPTOP_TEST_NONE}", ENCODE_PLAIN,
     "${env:RAMPTOP_TEST_NONE} is not set: export RAMPTOP_TEST_NONE, or write a default, as in "
     "${env:NAME:-default}"},
    {"${env:}", ENCODE_PLAIN,
     "${env:} names no environment variable, as ${env:NAME} or ${env:NAME:-default} do"},
    {"${env:a b}", ENCODE_PLAIN,
     "${env:a b} names no environment variable, as ${env:NAME} or ${env:NAME:-default} do"},
    {"${env}", ENCODE_PLAIN, "${env} is not declared or captured"},
    {"X: ${lines}", ENCODE_HEADER, "${lines} holds a line break, which cannot stand in a header"},
    {"X: ${broken}", ENCODE_HEADER, "${broken} holds a line break, which cannot stand in a header"},
    {"a\nb", ENCODE_HEADER, "a header cannot hold a line break"},
    {"[\"\\${token}\"]", ENCODE_JSON,
     "${token} stands right behind a backslash, which would change it"},
    {"${red\x1b[31m}", ENCODE_PLAIN, "${red\xef\xbf\xbd[31m} is not declared or captured"},
    {"${an_endless_name_that_nobody_would_ever_write_but_somebody_might_paste}", ENCODE_PLAIN,
     "${an_endless_name_that_nobody_would_ever_write_but_somebody...} is not declared or "
     "captured"},
};

START_TEST(a_wrong_text_is_refused_with_place_and_remedy)
{
    struct err e = {""};
    ck_assert_ptr_null(template_compile(wrong[_i].text, wrong[_i].how, w.names, &e));
    ck_assert_str_eq(e.text, wrong[_i].message);
}
END_TEST

static const struct {
    const char *text;
    bool fixed, secret;
} kinds[] = {
    {"plain", true, false},
    {"${region} ${env:RAMPTOP_TEST_ENV}", true, false},
    {"Bearer ${password}", true, true},
    {"${token}", false, false},
    {"${token} ${password}", false, true},
    {"${pupils.name}", false, false},
    {"${uuid}", false, false},
};

START_TEST(it_is_known_what_is_fixed_and_what_is_secret)
{
    struct err e = {""};
    struct buf out = {0};
    struct template *t = template_compile(kinds[_i].text, ENCODE_PLAIN, w.names, &e);
    ck_assert_msg(t != NULL, "%s", e.text);
    ck_assert_int_eq(template_is_fixed(t), kinds[_i].fixed);
    ck_assert_int_eq(template_is_secret(t), kinds[_i].secret);
    if (kinds[_i].fixed)
        ck_assert(template_render(t, NULL, &out, &e)); /* needs no scope */
    buf_finish(&out);
    template_free(t);
}
END_TEST

static const struct {
    const char *text;
    enum encoding how;
    const char *why;
} failing[] = {
    {"before ${unset} after", ENCODE_PLAIN, "${unset} has no value yet"},
    {"X: ${token}", ENCODE_HEADER, "${token} holds a line break, which cannot stand in a header"},
    {"X: ${choice:a\nb}", ENCODE_HEADER,
     "${choice:a b} holds a line break, which cannot stand in a header"},
    {"${pupils.name}", ENCODE_PLAIN, "${pupils.name} has no row yet"},
};

START_TEST(a_failed_rendering_says_why_and_leaves_nothing)
{
    static const char secret_value[] = "value\r\nX-Evil: 1";
    struct err e = {""};
    struct buf out = {0};
    value_set(&w.scope.values[w.token], secret_value, strlen(secret_value));
    w.scope.rows[0] = SCOPE_NO_ROW;
    buf_text(&out, "kept");
    struct template *t = template_compile(failing[_i].text, failing[_i].how, w.names, &e);
    ck_assert_msg(t != NULL, "%s", e.text);
    ck_assert(!template_render(t, &w.scope, &out, &e));
    ck_assert_str_eq(e.text, failing[_i].why);
    ck_assert_str_eq(out.data, "kept");
    buf_finish(&out);
    template_free(t);
}
END_TEST

START_TEST(a_header_holds_no_nul)
{
    struct err e = {""};
    struct buf out = {0};
    value_set(&w.scope.values[w.token], "a\0b", 3);
    struct template *t = template_compile("${token}", ENCODE_HEADER, w.names, &e);
    ck_assert(!template_render(t, &w.scope, &out, &e));
    buf_finish(&out);
    template_free(t);
}
END_TEST

START_TEST(bytes_that_are_no_text_stay_one_json_string)
{
    value_set(&w.scope.values[w.token],
              "\xff"
              "a\0\xc3",
              4);
    char *out = render("\"${token}\"", ENCODE_JSON);
    ck_assert_str_eq(out, "\"\xef\xbf\xbd"
                          "a\\u0000\xef\xbf\xbd\"");
    free(out);
}
END_TEST

START_TEST(every_byte_is_legal_in_a_url)
{
    static const char legal[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "-._~";
    for (int c = 0; c < 256; c++) {
        char byte = (char)c, expected[4] = {byte, '\0'};
        value_set(&w.scope.values[w.token], &byte, 1);
        if (c == 0 || strchr(legal, c) == NULL)
            snprintf(expected, sizeof expected, "%%%02X", (unsigned)c);
        char *out = render("${token}", ENCODE_URL);
        ck_assert_str_eq(out, expected);
        free(out);
    }
}
END_TEST

static void note(uint32_t index, void *arg)
{
    unsigned *mask = arg;
    *mask |= 1u << index;
}

START_TEST(what_a_text_needs_is_told)
{
    struct err e = {""};
    unsigned slots = 0, feeders = 0;
    struct template *t =
        template_compile("${unset} ${pupils.name} ${region}", ENCODE_PLAIN, w.names, &e);
    template_uses(t, note, NULL, &slots);
    template_uses(t, NULL, note, &feeders);
    ck_assert_uint_eq(slots, 1u << w.unset);
    ck_assert_uint_eq(feeders, 1);
    template_free(t);
}
END_TEST

START_TEST(each_seq_of_the_profile_counts_by_itself)
{
    struct err e = {""};
    struct buf out = {0};
    struct template *a = template_compile("${seq}", ENCODE_PLAIN, w.names, &e);
    struct template *b = template_compile("${seq:1000},", ENCODE_PLAIN, w.names, &e);
    ck_assert_uint_eq(names_sequences(w.names), 2);
    for (uint32_t i = 0; i < 2; i++)
        w.sequences[i] = names_sequence_start(w.names, i);
    for (int i = 0; i < 3; i++) {
        ck_assert(template_render(a, &w.scope, &out, &e));
        buf_char(&out, '/');
        ck_assert(template_render(b, &w.scope, &out, &e));
    }
    ck_assert_str_eq(out.data, "1/1000,2/1001,3/1002,");
    buf_finish(&out);
    template_free(a);
    template_free(b);
}
END_TEST

/* Names are thrown away once the profile is built. */
START_TEST(a_template_outlives_the_names_it_was_made_with)
{
    struct err e = {""};
    struct buf out = {0};
    struct template *t =
        template_compile("${region} ${unset}${choice:x}", ENCODE_PLAIN, w.names, &e);
    names_free(w.names);
    w.names = NULL;
    ck_assert(!template_render(t, &w.scope, &out, &e));
    ck_assert_str_eq(e.text, "${unset} has no value yet");
    value_set(&w.scope.values[w.unset], "now", 3);
    ck_assert(template_render(t, &w.scope, &out, &e));
    ck_assert_str_eq(out.data, "eu west/1 nowx");
    buf_finish(&out);
    template_free(t);
}
END_TEST

START_TEST(rendering_allocates_nothing_in_the_long_run)
{
    struct err e = {""};
    struct buf out = {0};
    struct template *t = template_compile("{\"t\": \"${token}\", \"s\": \"${choice:\"\n\"}\"}",
                                          ENCODE_JSON, w.names, &e);
    ck_assert(template_render(t, &w.scope, &out, &e));
    const char *memory = out.data;
    size_t room = out.room;
    for (int i = 0; i < 100; i++) {
        buf_clear(&out);
        ck_assert(template_render(t, &w.scope, &out, &e));
    }
    ck_assert_ptr_eq(out.data, memory);
    ck_assert_uint_eq(out.room, room);
    buf_finish(&out);
    template_free(t);
}
END_TEST

#define THREADS 4
#define RENDERINGS 5000

struct job {
    const struct template *t;
    unsigned char *seen; /* by number: each is drawn once, so no two threads touch the same */
    bool ok;
};

static void *render_many(void *arg)
{
    struct job *job = arg;
    struct scope mine = {.sequences = w.sequences};
    struct buf out = {0};
    struct err why;
    rng_seed(&mine.rng, 1);
    job->ok = true;
    for (int i = 0; i < RENDERINGS; i++) {
        buf_clear(&out);
        job->ok = template_render(job->t, &mine, &out, &why) && job->ok;
        unsigned long n = strtoul(out.data, NULL, 10);
        job->ok = n < THREADS * RENDERINGS && job->ok;
        if (n < THREADS * RENDERINGS)
            job->seen[n]++;
    }
    buf_finish(&out);
    return NULL;
}

START_TEST(threads_share_a_template_and_its_counter)
{
    struct err e = {""};
    pthread_t threads[THREADS];
    struct job jobs[THREADS];
    unsigned char *seen = calloc(THREADS, RENDERINGS);
    struct template *t = template_compile(
        "${seq:0} ${date} ${uuid} ${password} ${weighted:a=1|b=2}", ENCODE_HEADER, w.names, &e);
    ck_assert_msg(t != NULL, "%s", e.text);
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (struct job){.t = t, .seen = seen};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, render_many, &jobs[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert(jobs[i].ok);
    }
    for (size_t n = 0; n < THREADS * RENDERINGS; n++)
        ck_assert_uint_eq(seen[n], 1);
    template_free(t);
    free(seen);
}
END_TEST

/* All of a line is one name where the delimiter is another. */
START_TEST(a_wrong_delimiter_is_seen)
{
    static const char csv[] = "user;password\nann;apples\n";
    struct err e = {""};
    struct names *names = names_create();
    struct feeder *f = feeder_parse(csv, strlen(csv), &(struct feeder_config){0}, &e);
    ck_assert_ptr_nonnull(f);
    ck_assert(names_feeder(names, "users", f, 0, &e));
    ck_assert_ptr_null(template_compile("${users.user}", ENCODE_PLAIN, names, &e));
    ck_assert_str_eq(e.text, "${users.user}: the feeder has no such column; it has "
                             "\"user;password\" alone: say delimiter = \";\"");
    names_free(names);
    feeder_free(f);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("template");
    TCase *tc = tcase_create("template");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, a_wrong_delimiter_is_seen);
    tcase_add_loop_test(tc, a_value_is_made_fit_for_its_place, 0,
                        sizeof rendered / sizeof *rendered);
    tcase_add_loop_test(tc, a_wrong_text_is_refused_with_place_and_remedy, 0,
                        sizeof wrong / sizeof *wrong);
    tcase_add_loop_test(tc, it_is_known_what_is_fixed_and_what_is_secret, 0,
                        sizeof kinds / sizeof *kinds);
    tcase_add_loop_test(tc, a_failed_rendering_says_why_and_leaves_nothing, 0,
                        sizeof failing / sizeof *failing);
    tcase_add_test(tc, a_header_holds_no_nul);
    tcase_add_test(tc, bytes_that_are_no_text_stay_one_json_string);
    tcase_add_test(tc, every_byte_is_legal_in_a_url);
    tcase_add_test(tc, what_a_text_needs_is_told);
    tcase_add_test(tc, each_seq_of_the_profile_counts_by_itself);
    tcase_add_test(tc, a_template_outlives_the_names_it_was_made_with);
    tcase_add_test(tc, rendering_allocates_nothing_in_the_long_run);
    tcase_add_test(tc, threads_share_a_template_and_its_counter);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
