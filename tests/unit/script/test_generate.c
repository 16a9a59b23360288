/* SPDX-License-Identifier: MIT */
/* Values made on the spot: their form, their spread, and that a seed repeats them.  The
 * statistics use fixed seeds: they hold always or never. */
#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/now.h"
#include "src/script/generate.h"
#include "src/script/names.h"
#include "tests/unit/unit.h"

static struct names *names;
static struct scope scope;

static void set_up(void)
{
    names = names_create();
    scope = (struct scope){.user = 4294967295u, .iteration = 18446744073709551615u};
    rng_seed(&scope.rng, 42);
}

static void tear_down(void)
{
    names_free(names);
}

static struct generator *compile(const char *text)
{
    struct err e = {""};
    struct generator *g = generator_compile(text, names, &e);
    ck_assert_msg(g != NULL, "%s: %s", text, e.text);
    return g;
}

static const char *draw(const struct generator *g, struct buf *out)
{
    buf_clear(out);
    generator_draw(g, &scope, out);
    buf_add(out, "", 0);
    ck_assert_uint_eq(strlen(out->data), out->len);
    return out->data;
}

/* --------------------------------------------------------------------------- messages */

static const struct {
    const char *text, *message;
} wrong[] = {
    {"nothing", "no generator has this name"},
    {"int", "int takes two whole numbers, as in ${int:1:500}"},
    {"int:1", "int takes two whole numbers, as in ${int:1:500}"},
    {"int:1:2:3", "int takes two whole numbers, as in ${int:1:500}"},
    {"int:a:b", "int takes two whole numbers, as in ${int:1:500}"},
    {"int:1.5:2", "int takes two whole numbers, as in ${int:1:500}"},
    {"int: 1:2", "int takes two whole numbers, as in ${int:1:500}"},
    {"int:+1:2", "int takes two whole numbers, as in ${int:1:500}"},
    {"int:-:2", "int takes two whole numbers, as in ${int:1:500}"},
    {"int::2", "int takes two whole numbers, as in ${int:1:500}"},
    {"int:0:9223372036854775808", "int takes two whole numbers, as in ${int:1:500}"},
    {"int:-9223372036854775809:0", "int takes two whole numbers, as in ${int:1:500}"},
    {"int:0:99999999999999999999999999999999999999999999999999999",
     "int takes two whole numbers, as in ${int:1:500}"},
    {"int:5:1", "the first number is larger than the second"},
    {"float", "float takes two numbers that fit 18 digits with their decimals, as in "
              "${float:0.5:2.5}"},
    {"float:1", "float takes two numbers that fit 18 digits with their decimals, as in "
                "${float:0.5:2.5}"},
    {"float:.5:1", "float takes two numbers that fit 18 digits with their decimals, as in "
                   "${float:0.5:2.5}"},
    {"float:1e3:2e3", "float takes two numbers that fit 18 digits with their decimals, as in "
                      "${float:0.5:2.5}"},
    {"float:0:99999:15", "float takes two numbers that fit 18 digits with their decimals, as in "
                         "${float:0.5:2.5}"},
    {"float:0:1:", "float takes two numbers and how many digits stand behind the point, as in "
                   "${float:0:1:3}"},
    {"float:0:1:16", "0 to 15 digits can stand behind the point"},
    {"float:0:1:-1", "0 to 15 digits can stand behind the point"},
    {"float:0.1234567890123456:1", "0 to 15 digits can stand behind the point"},
    {"float:0.125:1:2", "the numbers have more digits behind the point than the 2 asked for"},
    {"float:2:1", "the first number is larger than the second"},
    {"choice", "choice takes the texts to choose from, as in ${choice:red|green}"},
    {"choice:", "choice takes the texts to choose from, as in ${choice:red|green}"},
    {"weighted", "weighted takes texts with their weights, as in ${weighted:red=70|green=30}"},
    {"weighted:a", "weighted takes texts with their weights, as in ${weighted:red=70|green=30}"},
    {"weighted:a=1|b",
     "weighted takes texts with their weights, as in ${weighted:red=70|green=30}"},
    {"weighted:a=x", "a weight is a number from 0 to 1000000000 with at most 6 digits behind the "
                     "point"},
    {"weighted:a=-1", "a weight is a number from 0 to 1000000000 with at most 6 digits behind "
                      "the point"},
    {"weighted:a=1000000001", "a weight is a number from 0 to 1000000000 with at most 6 digits "
                              "behind the point"},
    {"weighted:a=0.0000001", "a weight is a number from 0 to 1000000000 with at most 6 digits "
                             "behind the point"},
    {"weighted:a=0|b=0", "all weights are 0"},
    {"sentence:0", "sentence takes the number of its words, as in ${sentence:12} (1 to 10000)"},
    {"sentence:x", "sentence takes the number of its words, as in ${sentence:12} (1 to 10000)"},
    {"sentence:10001", "sentence takes the number of its words, as in ${sentence:12} (1 to 10000)"},
    {"hex", "hex takes a number of bytes, as in ${hex:16} (1 to 65536)"},
    {"hex:65537", "hex takes a number of bytes, as in ${hex:16} (1 to 65536)"},
    {"base64:0", "base64 takes a number of bytes, as in ${base64:16} (1 to 65536)"},
    {"seq:-1", "seq takes the whole number to start with, as in ${seq:1000}"},
    {"seq:x", "seq takes the whole number to start with, as in ${seq:1000}"},
    {"date:", "date takes a format of at most 200 bytes, as in ${date:%Y-%m-%d}"},
    {"date:%Q", "the format has a % that strftime does not know"},
    {"date:%", "the format has a % that strftime does not know"},
    {"date:%-", "the format has a % that strftime does not know"},
    {"date:%n", "the format has a % that strftime does not know"},
    {"date:%-s", "the format has a % that strftime does not know"},
    {"date:%1000000Y", "the format has a % that strftime does not know"},
    {"uuid:", "uuid takes nothing behind its name"},
    {"user:1", "user takes nothing behind its name"},
    {"name:x", "name takes nothing behind its name"},
};

START_TEST(a_wrong_generator_is_refused_with_an_example)
{
    struct err e = {""};
    ck_assert_msg(generator_compile(wrong[_i].text, names, &e) == NULL, "%s", wrong[_i].text);
    ck_assert_str_eq(e.text, wrong[_i].message);
}
END_TEST

START_TEST(a_name_is_recognized_before_its_colon)
{
    for (size_t i = 0; generator_names[i] != NULL; i++)
        ck_assert(generator_is(generator_names[i]));
    ck_assert(generator_is("int:1:5"));
    ck_assert(!generator_is("integer"));
    ck_assert(!generator_is("in"));
    ck_assert(!generator_is(""));
    ck_assert(!generator_is(":"));
}
END_TEST

/* ------------------------------------------------------------------------------- forms */

/* In a form, each # is a digit, x a lower-case hex digit, anything else itself. */
static bool has_form(const char *text, const char *form)
{
    for (; *text != '\0' && *form != '\0'; text++, form++) {
        bool fits = *form == '#'   ? strchr("0123456789", *text) != NULL
                    : *form == 'x' ? strchr("0123456789abcdef", *text) != NULL
                                   : *text == *form;
        if (!fits)
            return false;
    }
    return *text == *form;
}

static const struct {
    const char *text, *form;
} forms[] = {
    {"hex:1", "xx"},
    {"hex:5", "xxxxxxxxxx"},
    {"int:7:7", "7"},
    {"int:-7:-7", "-7"},
    {"int:10:99", "##"},
    {"int:9223372036854775807:9223372036854775807", "9223372036854775807"},
    {"int:-9223372036854775808:-9223372036854775808", "-9223372036854775808"},
    {"float:0:0.99", "0.##"},
    {"float:5:5", "5.00"},
    {"float:-0.05:-0.05", "-0.05"},
    {"float:-0.050:-0.050", "-0.050"},
    {"float:5:5:0", "5"},
    {"float:1.5:1.5:4", "1.5000"},
    {"float:0:0.999999999999999:15", "0.###############"},
    {"choice:only", "only"},
    {"weighted:never=0|a=b=3|never=0", "a=b"},
    {"user", "4294967295"},
    {"iteration", "18446744073709551615"},
    {"date", "####-##-##T##:##:##Z"},
    {"date:%H:%M %%s%%%Y", "##:## %s%####"},
    {"date:at %F", "at ####-##-##"},
    {"date:no conversion", "no conversion"},
};

START_TEST(each_generator_has_its_form)
{
    struct buf out = {0};
    struct generator *g = compile(forms[_i].text);
    for (int i = 0; i < 100; i++) {
        draw(g, &out);
        ck_assert_msg(has_form(out.data, forms[_i].form), "%s made \"%s\"", forms[_i].text,
                      out.data);
    }
    generator_free(g);
    buf_finish(&out);
}
END_TEST

START_TEST(a_uuid_is_of_version_4)
{
    struct buf out = {0};
    struct generator *g = compile("uuid");
    unsigned variants = 0, ones[16] = {0};
    for (int i = 0; i < 1000; i++) {
        const char *text = draw(g, &out);
        ck_assert_msg(has_form(text, "xxxxxxxx-xxxx-4xxx-xxxx-xxxxxxxxxxxx"), "%s", text);
        const char *variant = strchr("89ab", text[19]);
        ck_assert_msg(variant != NULL, "%s", text);
        variants |= 1u << (variant - "89ab");
        for (int k = 0; k < 8; k++)
            ones[k] += text[k] >= '8';
    }
    for (int k = 0; k < 8; k++)
        ck_assert_msg(ones[k] > 420 && ones[k] < 580, "the top bit of digit %d", k);
    ck_assert_uint_eq(variants, 15);
    generator_free(g);
    buf_finish(&out);
}
END_TEST

START_TEST(base64_is_padded_and_of_that_length)
{
    struct buf out = {0};
    for (int bytes = 1; bytes < 500; bytes++) {
        char text[32];
        snprintf(text, sizeof text, "base64:%d", bytes);
        struct generator *g = compile(text);
        size_t padding = (size_t)(3 - bytes % 3) % 3;
        draw(g, &out);
        ck_assert_uint_eq(out.len, (size_t)(bytes + 2) / 3 * 4);
        ck_assert_uint_eq(strcspn(out.data, "="), out.len - padding);
        ck_assert_uint_eq(strspn(out.data, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                           "0123456789+/"),
                          out.len - padding);
        generator_free(g);
    }
    buf_finish(&out);
}
END_TEST

static size_t count(const char *text, char c)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == c;
    return n;
}

START_TEST(a_sentence_has_its_words)
{
    static const struct {
        const char *text;
        size_t words;
    } cases[] = {{"sentence", 8}, {"sentence:1", 1}, {"sentence:50", 50}};
    struct buf out = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct generator *g = compile(cases[i].text);
        const char *text = draw(g, &out);
        ck_assert_uint_eq(count(text, ' ') + 1, cases[i].words);
        ck_assert(text[0] >= 'A' && text[0] <= 'Z');
        ck_assert_int_eq(text[out.len - 1], '.');
        generator_free(g);
    }
    buf_finish(&out);
}
END_TEST

START_TEST(names_and_addresses_are_plain_and_many)
{
    static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
    struct buf out = {0};
    struct generator *name = compile("name"), *email = compile("email");
    char first[64] = "";
    unsigned same = 0;
    for (int i = 0; i < 1000; i++) {
        const char *text = draw(name, &out);
        ck_assert_uint_eq(count(text, ' '), 1);
        if (i == 0)
            snprintf(first, sizeof first, "%s", text);
        same += strcmp(first, text) == 0;
        text = draw(email, &out);
        size_t given = strspn(text, lower);
        ck_assert_int_eq(text[given], '.');
        size_t family = strspn(text + given + 1, lower);
        const char *rest = text + given + 1 + family;
        rest += strspn(rest, "0123456789");
        ck_assert_msg(strcmp(rest, "@example.com") == 0 || strcmp(rest, "@example.net") == 0 ||
                          strcmp(rest, "@example.org") == 0,
                      "%s", text);
    }
    ck_assert_uint_lt(same, 5);
    generator_free(name);
    generator_free(email);
    buf_finish(&out);
}
END_TEST

START_TEST(a_date_is_now_and_in_utc)
{
    struct buf out = {0};
    setenv("TZ", "Pacific/Auckland", 1);
    tzset();
    struct generator *epoch = compile("date:%s"), *iso = compile("date");
    time_t before = (time_t)now_wall_s();
    long long seconds = strtoll(draw(epoch, &out), NULL, 10);
    time_t after = (time_t)now_wall_s();
    ck_assert(seconds >= before && seconds <= after);
    char earliest[32], latest[32];
    struct tm tm;
    before = (time_t)now_wall_s();
    draw(iso, &out);
    after = (time_t)now_wall_s();
    strftime(earliest, sizeof earliest, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&before, &tm));
    strftime(latest, sizeof latest, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&after, &tm));
    ck_assert_str_ge(out.data, earliest);
    ck_assert_str_le(out.data, latest);
    generator_free(epoch);
    generator_free(iso);
    buf_finish(&out);
}
END_TEST

/* ---------------------------------------------------------------------------- the spread */

/* Chi-square of what was counted against shares that sum to 1. */
static double chi_square(const unsigned *seen, const double *shares, size_t n, unsigned total)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double expected = shares[i] * total;
        sum += (seen[i] - expected) * (seen[i] - expected) / expected;
    }
    return sum;
}

#define DRAWS 100000

/* Limit: the 99.9th percentile for that many degrees of freedom (values - 1). */
static const struct {
    const char *text;
    const char *values[10];
    double shares[10];
    double limit;
} spreads[] = {
    {"choice:a|b|c", {"a", "b", "c"}, {1 / 3.0, 1 / 3.0, 1 / 3.0}, 13.82},
    {"choice:a||a", {"a", ""}, {2 / 3.0, 1 / 3.0}, 10.83},
    {"weighted:a=70|b=30", {"a", "b"}, {.7, .3}, 10.83},
    {"weighted:a=0.5|b=0.25|c=0|=0.25", {"a", "b", ""}, {.5, .25, .25}, 13.82},
    {"weighted:a=1|b=2|c=3|d=4", {"a", "b", "c", "d"}, {.1, .2, .3, .4}, 16.27},
    {"int:0:9",
     {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
     {.1, .1, .1, .1, .1, .1, .1, .1, .1, .1},
     27.88},
    {"int:-1:1", {"-1", "0", "1"}, {1 / 3.0, 1 / 3.0, 1 / 3.0}, 13.82},
    {"float:0.1:0.3:1", {"0.1", "0.2", "0.3"}, {1 / 3.0, 1 / 3.0, 1 / 3.0}, 13.82},
};

START_TEST(what_is_drawn_has_its_shares)
{
    struct buf out = {0};
    unsigned seen[10] = {0};
    size_t n = 0;
    while (n < 10 && spreads[_i].values[n] != NULL)
        n++;
    struct generator *g = compile(spreads[_i].text);
    for (unsigned i = 0; i < DRAWS; i++) {
        size_t at = 0;
        draw(g, &out);
        while (at < n && strcmp(out.data, spreads[_i].values[at]) != 0)
            at++;
        ck_assert_msg(at < n, "%s made \"%s\"", spreads[_i].text, out.data);
        seen[at]++;
    }
    double x2 = chi_square(seen, spreads[_i].shares, n, DRAWS);
    ck_assert_msg(x2 < spreads[_i].limit, "%s: %.2f", spreads[_i].text, x2);
    generator_free(g);
    buf_finish(&out);
}
END_TEST

/* A range just above half of what 64 bits can hold: taken modulo, its lower half would be
 * drawn twice as often. */
START_TEST(a_huge_range_is_even)
{
    struct buf out = {0};
    struct generator *g = compile("int:-4611686018427387904:9223372036854775807");
    unsigned seen[3] = {0};
    for (unsigned i = 0; i < DRAWS; i++) {
        int64_t n = strtoll(draw(g, &out), NULL, 10);
        ck_assert(n >= -INT64_C(4611686018427387904));
        seen[n < 0 ? 0 : n < INT64_C(4611686018427387904) ? 1 : 2]++;
    }
    ck_assert(chi_square(seen, (double[]){1 / 3.0, 1 / 3.0, 1 / 3.0}, 3, DRAWS) < 13.82);
    generator_free(g);
    g = compile("int:-9223372036854775808:9223372036854775807");
    unsigned signs[2] = {0};
    for (unsigned i = 0; i < DRAWS; i++)
        signs[draw(g, &out)[0] == '-']++;
    ck_assert(chi_square(signs, (double[]){.5, .5}, 2, DRAWS) < 10.83);
    generator_free(g);
    buf_finish(&out);
}
END_TEST

START_TEST(the_ends_are_reached_and_not_passed)
{
    struct buf out = {0};
    struct generator *g = compile("float:-0.5:0.5");
    bool low = false, high = false;
    for (unsigned i = 0; i < DRAWS; i++) {
        double x = strtod(draw(g, &out), NULL);
        ck_assert(x >= -0.5 && x <= 0.5);
        low = low || strcmp(out.data, "-0.50") == 0;
        high = high || strcmp(out.data, "0.50") == 0;
        ck_assert_str_ne(out.data, "-0.00");
    }
    ck_assert(low && high);
    generator_free(g);
    buf_finish(&out);
}
END_TEST

START_TEST(random_bytes_are_even)
{
    struct buf out = {0};
    struct generator *g = compile("hex:65536");
    unsigned seen[16] = {0};
    double shares[16];
    draw(g, &out);
    for (size_t i = 0; i < out.len; i++)
        seen[strchr("0123456789abcdef", out.data[i]) - "0123456789abcdef"]++;
    for (size_t i = 0; i < 16; i++)
        shares[i] = 1 / 16.0;
    ck_assert(chi_square(seen, shares, 16, 131072) < 37.70);
    generator_free(g);
    buf_finish(&out);
}
END_TEST

static const char *const seeded[] = {
    "uuid",  "int:1:1000000000", "float:0:1:9", "choice:a|b|c|d|e", "weighted:a=1|b=2|c=3", "name",
    "email", "sentence",         "hex:16",      "base64:16"};

/* Ten values in a row. */
static char *row(const struct generator *g, uint64_t seed)
{
    struct buf all = {0};
    rng_seed(&scope.rng, seed);
    for (int i = 0; i < 10; i++)
        generator_draw(g, &scope, &all);
    return buf_take(&all);
}

START_TEST(a_seed_repeats_what_is_drawn)
{
    struct generator *g = compile(seeded[_i]);
    char *once = row(g, 7), *again = row(g, 7), *other = row(g, 8);
    ck_assert_str_eq(once, again);
    ck_assert_str_ne(once, other);
    free(once);
    free(again);
    free(other);
    generator_free(g);
}
END_TEST

/* What a seed means may not change from release to release without a word in NEWS. */
START_TEST(a_seed_means_the_same_on_every_machine)
{
    static const struct {
        const char *text, *value;
    } known[] = {
        {"int:1:1000", "84"},
        {"choice:a|b|c", "a"},
    };
    struct buf out = {0};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct generator *g = compile(known[i].text);
        rng_seed(&scope.rng, 42);
        ck_assert_str_eq(draw(g, &out), known[i].value);
        generator_free(g);
    }
    buf_finish(&out);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("generate");
    TCase *tc = tcase_create("generate");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_wrong_generator_is_refused_with_an_example, 0,
                        sizeof wrong / sizeof *wrong);
    tcase_add_test(tc, a_name_is_recognized_before_its_colon);
    tcase_add_loop_test(tc, each_generator_has_its_form, 0, sizeof forms / sizeof *forms);
    tcase_add_test(tc, a_uuid_is_of_version_4);
    tcase_add_test(tc, base64_is_padded_and_of_that_length);
    tcase_add_test(tc, a_sentence_has_its_words);
    tcase_add_test(tc, names_and_addresses_are_plain_and_many);
    tcase_add_test(tc, a_date_is_now_and_in_utc);
    tcase_add_loop_test(tc, what_is_drawn_has_its_shares, 0, sizeof spreads / sizeof *spreads);
    tcase_add_test(tc, a_huge_range_is_even);
    tcase_add_test(tc, the_ends_are_reached_and_not_passed);
    tcase_add_test(tc, random_bytes_are_even);
    tcase_add_loop_test(tc, a_seed_repeats_what_is_drawn, 0, sizeof seeded / sizeof *seeded);
    tcase_add_test(tc, a_seed_means_the_same_on_every_machine);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
