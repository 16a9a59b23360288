/* SPDX-License-Identifier: MIT */
#include "src/script/generate_parse.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

#define WORDS_DEFAULT 8
#define WORDS_MAX 10000
#define BYTES_MAX 65536
#define DIGITS_DEFAULT 2
#define DIGITS_MAX 15
#define ALTERNATIVES_MAX 10000
#define WEIGHT_DIGITS 6 /* decimals of a weight that count */
#define WEIGHT_MAX INT64_C(1000000000)
#define FORMAT_MAX 200

const char *const generator_names[] = {"uuid", "int",    "float",    "choice",    "weighted",
                                       "name", "email",  "sentence", "date",      "seq",
                                       "hex",  "base64", "user",     "iteration", NULL};

/* The generator's number, or -1; *rest is what stands behind the colon, or NULL. */
static int kind_of(const char *text, const char **rest)
{
    size_t len = strcspn(text, ":");
    *rest = text[len] == ':' ? text + len + 1 : NULL;
    for (int i = 0; generator_names[i] != NULL; i++) {
        if (strlen(generator_names[i]) == len && memcmp(generator_names[i], text, len) == 0)
            return i;
    }
    return -1;
}

bool generator_is(const char *name)
{
    const char *rest;
    return kind_of(name, &rest) >= 0;
}

/* Reads -12.5 as -125 with one decimal; exact.  False unless text is such a number, whole. */
static bool read_decimal(const char *text, size_t len, unsigned scale, int64_t *value,
                         unsigned *decimals)
{
    bool negative = len > 0 && text[0] == '-', point = false;
    size_t i = negative;
    __int128 n = 0;
    *decimals = 0;
    if (i == len || text[i] == '.' || text[len - 1] == '.')
        return false;
    for (; i < len; i++) {
        if (text[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (text[i] < '0' || text[i] > '9' || *decimals + point > scale)
            return false;
        *decimals += point;
        n = n * 10 + (text[i] - '0');
        if (n > (__int128)INT64_MAX + 1)
            return false;
    }
    for (unsigned d = *decimals; d < scale; d++) {
        n *= 10;
        if (n > (__int128)INT64_MAX + 1)
            return false;
    }
    n = negative ? -n : n;
    *value = (int64_t)n;
    return n >= INT64_MIN && n <= INT64_MAX;
}

static bool number_read_whole(const char *text, size_t len, int64_t *value)
{
    unsigned decimals;
    return read_decimal(text, len, 0, value, &decimals);
}

static bool ordered(const struct generator *g, struct err *e)
{
    return g->low <= g->high || err_set(e, "the first number is larger than the second");
}

static bool parse_int(struct generator *g, struct err *e)
{
    const char *colon = g->text != NULL ? strchr(g->text, ':') : NULL;
    if (colon == NULL || !number_read_whole(g->text, (size_t)(colon - g->text), &g->low) ||
        !number_read_whole(colon + 1, strlen(colon + 1), &g->high))
        return err_set(e, "int takes two whole numbers, as in ${int:1:500}");
    return ordered(g, e);
}

static unsigned decimals_of(const char *text, size_t len)
{
    const char *point = memchr(text, '.', len);
    return point != NULL ? (unsigned)(len - (size_t)(point - text) - 1) : 0;
}

/* Drawn as a whole number of the smallest step: exact, and both ends are reached. */
static bool parse_float(struct generator *g, struct err *e)
{
    const char *low = g->text != NULL ? g->text : "";
    size_t low_len = strcspn(low, ":");
    const char *high = low + low_len + (low[low_len] == ':');
    size_t high_len = strcspn(high, ":");
    const char *digits = high[high_len] == ':' ? high + high_len + 1 : NULL;
    int64_t wanted = DIGITS_DEFAULT;
    unsigned a = decimals_of(low, low_len), b = decimals_of(high, high_len);
    unsigned finest = a > b ? a : b, decimals;
    if (digits == NULL && finest > wanted)
        wanted = finest;
    if (digits != NULL && !number_read_whole(digits, strlen(digits), &wanted))
        return err_set(e, "float takes two numbers and how many digits stand behind the point, "
                          "as in ${float:0:1:3}");
    if (wanted < 0 || wanted > DIGITS_MAX)
        return err_set(e, "0 to %d digits can stand behind the point", DIGITS_MAX);
    if (finest > wanted)
        return err_set(e, "the numbers have more digits behind the point than the %d asked for",
                       (int)wanted);
    g->digits = (unsigned)wanted;
    if (!read_decimal(low, low_len, g->digits, &g->low, &decimals) ||
        !read_decimal(high, high_len, g->digits, &g->high, &decimals))
        return err_set(e, "float takes two numbers that fit 18 digits with their decimals, "
                          "as in ${float:0.5:2.5}");
    return ordered(g, e);
}

static bool arguments_split(struct generator *g, struct err *e)
{
    const char *at = g->text;
    for (;;) {
        size_t len = strcspn(at, "|");
        if (g->n == ALTERNATIVES_MAX)
            return err_set(e, "more than %d alternatives", ALTERNATIVES_MAX);
        g->alternatives = mem_room(g->alternatives, g->n, sizeof *g->alternatives);
        g->alternatives[g->n++] = (struct alternative){.text = at, .len = len};
        if (at[len] == '\0')
            return true;
        at += len + 1;
    }
}

static bool parse_choice(struct generator *g, struct err *e)
{
    if (g->text == NULL || g->text[0] == '\0')
        return err_set(e, "choice takes the texts to choose from, as in ${choice:red|green}");
    return arguments_split(g, e);
}

static bool parse_weighted(struct generator *g, struct err *e)
{
    static const char usage[] = "weighted takes texts with their weights, as in "
                                "${weighted:red=70|green=30}";
    uint64_t total = 0;
    if (g->text == NULL || g->text[0] == '\0')
        return err_set(e, "%s", usage);
    if (!arguments_split(g, e))
        return false;
    for (size_t i = 0; i < g->n; i++) {
        struct alternative *a = &g->alternatives[i];
        const char *equals = memrchr(a->text, '=', a->len);
        int64_t weight;
        unsigned decimals;
        if (equals == NULL)
            return err_set(e, "%s", usage);
        size_t name_len = (size_t)(equals - a->text);
        if (!read_decimal(equals + 1, a->len - name_len - 1, WEIGHT_DIGITS, &weight, &decimals) ||
            weight < 0 || weight > WEIGHT_MAX * 1000000)
            return err_set(e,
                           "a weight is a number from 0 to %lld with at most %d digits behind "
                           "the point",
                           (long long)WEIGHT_MAX, WEIGHT_DIGITS);
        a->len = name_len;
        a->up_to = total += (uint64_t)weight;
    }
    return total > 0 || err_set(e, "all weights are 0");
}

/* A number from 1 to max behind the name. */
static bool parse_count(struct generator *g, int64_t otherwise, int64_t max, const char *usage,
                        struct err *e)
{
    int64_t n = otherwise;
    if (g->text != NULL && !number_read_whole(g->text, strlen(g->text), &n))
        n = 0;
    if (n < 1 || n > max)
        return err_set(e, "%s (1 to %lld)", usage, (long long)max);
    g->count = (uint64_t)n;
    return true;
}

static bool parse_seq(struct generator *g, struct names *names, struct err *e)
{
    int64_t start = 1;
    if (g->text != NULL && (!number_read_whole(g->text, strlen(g->text), &start) || start < 0))
        return err_set(e, "seq takes the whole number to start with, as in ${seq:1000}");
    g->sequence = names_new_sequence(names, (uint64_t)start);
    return true;
}

/* %, at most one flag, a letter: without a width, what comes out stays short. */
static bool parse_date(struct generator *g, struct err *e)
{
    if (g->text == NULL)
        g->text = mem_strdup("%Y-%m-%dT%H:%M:%SZ");
    if (g->text[0] == '\0' || strlen(g->text) > FORMAT_MAX)
        return err_set(e, "date takes a format of at most %d bytes, as in ${date:%%Y-%%m-%%d}",
                       FORMAT_MAX);
    for (const char *c = g->text; *c != '\0'; c++) {
        if (*c != '%')
            continue;
        c++;
        if (*c != '\0' && strchr(GENERATE_DATE_FLAGS, *c) != NULL && c[1] != 's')
            c++;
        if (*c == '\0' || strchr("aAbBcCdDeFgGhHIjklmMpPrRsSTuUVwWxXyYzZ%", *c) == NULL)
            return err_set(e, "the format has a %% that strftime does not know");
    }
    g->locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return g->locale != (locale_t)0 || err_set(e, "the C locale cannot be loaded");
}

static bool generator_parse(struct generator *g, struct names *names, struct err *e)
{
    switch (g->kind) {
    case GENERATE_INT:
        return parse_int(g, e);
    case GENERATE_FLOAT:
        return parse_float(g, e);
    case GENERATE_CHOICE:
        return parse_choice(g, e);
    case GENERATE_WEIGHTED:
        return parse_weighted(g, e);
    case GENERATE_SENTENCE:
        return parse_count(g, WORDS_DEFAULT, WORDS_MAX,
                           "sentence takes the number of its words, as in ${sentence:12}", e);
    case GENERATE_DATE:
        return parse_date(g, e);
    case GENERATE_SEQ:
        return parse_seq(g, names, e);
    case GENERATE_HEX:
        return parse_count(g, 0, BYTES_MAX, "hex takes a number of bytes, as in ${hex:16}", e);
    case GENERATE_BASE64:
        return parse_count(g, 0, BYTES_MAX, "base64 takes a number of bytes, as in ${base64:16}",
                           e);
    case GENERATE_UUID:
    case GENERATE_NAME:
    case GENERATE_EMAIL:
    case GENERATE_USER:
    case GENERATE_ITERATION:
        break;
    }
    return g->text == NULL ||
           err_set(e, "%s takes nothing behind its name", generator_names[g->kind]);
}

struct generator *generator_compile(const char *text, struct names *names, struct err *e)
{
    const char *rest;
    int kind = kind_of(text, &rest);
    if (kind < 0) {
        err_set(e, "no generator has this name");
        return NULL;
    }
    struct generator *g = mem_zalloc(sizeof *g);
    g->kind = (enum generator_kind)kind;
    g->text = mem_strdup(rest);
    if (!generator_parse(g, names, e)) {
        generator_free(g);
        g = NULL;
    }
    return g;
}
