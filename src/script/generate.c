/* SPDX-License-Identifier: MIT */
#include "src/script/generate.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/base/rng.h"
#include "src/script/encode.h"
#include "src/script/generate_parse.h"
#include "src/script/lexicon.h"

#define DATE_PART_MAX 100

void generator_free(struct generator *g)
{
    if (g == NULL)
        return;
    free(g->text);
    free(g->alternatives);
    if (g->locale != (locale_t)0)
        freelocale(g->locale);
    free(g);
}

static void draw_uuid(struct rng *rng, struct buf *out)
{
    static const unsigned char dash_behind[] = {4, 6, 8, 10};
    uint64_t random[2] = {rng_next(rng), rng_next(rng)};
    unsigned char bytes[16];
    memcpy(bytes, random, sizeof bytes);
    bytes[6] = (bytes[6] & 0x0f) | 0x40; /* version 4 */
    bytes[8] = (bytes[8] & 0x3f) | 0x80; /* variant of RFC 4122 */
    size_t from = 0;
    for (size_t i = 0; i < sizeof dash_behind; i++) {
        encode_hex(out, bytes + from, dash_behind[i] - from);
        buf_char(out, '-');
        from = dash_behind[i];
    }
    encode_hex(out, bytes + from, sizeof bytes - from);
}

static uint64_t distance(int64_t low, int64_t high)
{
    return (uint64_t)high - (uint64_t)low;
}

/* low .. high, both included, over the whole range of int64_t. */
static int64_t between(struct rng *rng, int64_t low, int64_t high)
{
    uint64_t span = distance(low, high);
    uint64_t add = span == UINT64_MAX ? rng_next(rng) : rng_below(rng, span + 1);
    return (int64_t)((uint64_t)low + add);
}

/* value / 10^digits */
static void put_decimal(struct buf *out, int64_t value, unsigned digits)
{
    char text[48];
    size_t at = sizeof text;
    uint64_t n = value < 0 ? -(uint64_t)value : (uint64_t)value;
    for (unsigned i = 0; i < digits; i++, n /= 10)
        text[--at] = (char)('0' + n % 10);
    if (digits > 0)
        text[--at] = '.';
    do
        text[--at] = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    if (value < 0)
        text[--at] = '-';
    buf_add(out, text + at, sizeof text - at);
}

static void put_alternative(const struct generator *g, size_t i, struct buf *out)
{
    buf_add(out, g->alternatives[i].text, g->alternatives[i].len);
}

/* The first alternative whose share reaches beyond the number drawn. */
static size_t draw_weighted(const struct generator *g, struct rng *rng)
{
    uint64_t drawn = rng_below(rng, g->alternatives[g->n - 1].up_to);
    size_t low = 0, high = g->n - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (g->alternatives[middle].up_to > drawn)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static const char *draw_word(struct rng *rng, const char *const *words, size_t n)
{
    return words[rng_below(rng, n)];
}

static void draw_name(struct rng *rng, struct buf *out)
{
    buf_text(out, draw_word(rng, lexicon_first_names, lexicon_first_names_n));
    buf_char(out, ' ');
    buf_text(out, draw_word(rng, lexicon_last_names, lexicon_last_names_n));
}

static void put_lower(struct buf *out, const char *word)
{
    for (; *word != '\0'; word++)
        buf_char(out, (char)(*word | 0x20));
}

/* Domains that RFC 2606 keeps for examples: no mail can ever reach anybody. */
static void draw_email(struct rng *rng, struct buf *out)
{
    static const char *const domains[] = {"@example.com", "@example.net", "@example.org"};
    put_lower(out, draw_word(rng, lexicon_first_names, lexicon_first_names_n));
    buf_char(out, '.');
    put_lower(out, draw_word(rng, lexicon_last_names, lexicon_last_names_n));
    encode_unsigned(out, rng_below(rng, 10000));
    buf_text(out, draw_word(rng, domains, 3));
}

static void draw_sentence(struct rng *rng, uint64_t words, struct buf *out)
{
    size_t begin = out->len;
    for (uint64_t i = 0; i < words; i++) {
        if (i > 0)
            buf_char(out, ' ');
        buf_text(out, draw_word(rng, lexicon_words, lexicon_words_n));
    }
    out->data[begin] = (char)(out->data[begin] & ~0x20);
    buf_char(out, '.');
}

/* Writes a date, a conversion at a time.  %s (seconds since the epoch) is written here, because
 * strftime would take the time for local. */
static void put_date(const struct generator *g, time_t now, struct buf *out)
{
    struct tm tm;
    if (gmtime_r(&now, &tm) == NULL)
        return;
    for (const char *c = g->text; *c != '\0'; c++) {
        size_t literal = strcspn(c, "%");
        buf_add(out, c, literal);
        c += literal;
        if (*c == '\0')
            return;
        char text[DATE_PART_MAX], format[4] = {'%', c[1]};
        if (*++c == 's') {
            encode_unsigned(out, (unsigned long long)now);
            continue;
        }
        if (strchr(GENERATE_DATE_FLAGS, *c) != NULL)
            format[2] = *++c;
        buf_add(out, text, strftime_l(text, sizeof text, format, &tm, g->locale));
    }
}

static void draw_bytes(const struct generator *g, struct rng *rng, struct buf *out)
{
    /* A whole number of base64 groups, so that the pieces join without padding. */
    unsigned char bytes[240];
    for (uint64_t left = g->count; left > 0;) {
        size_t n = left < sizeof bytes ? (size_t)left : sizeof bytes;
        for (size_t i = 0; i < n; i += 8) {
            uint64_t random = rng_next(rng);
            memcpy(bytes + i, &random, sizeof random);
        }
        (g->kind == GENERATE_HEX ? encode_hex : encode_base64)(out, bytes, n);
        left -= n;
    }
}

void generator_draw(const struct generator *g, struct scope *scope, struct buf *out)
{
    struct rng *rng = &scope->rng;
    switch (g->kind) {
    case GENERATE_UUID:
        draw_uuid(rng, out);
        return;
    case GENERATE_INT:
        put_decimal(out, between(rng, g->low, g->high), 0);
        return;
    case GENERATE_FLOAT:
        put_decimal(out, between(rng, g->low, g->high), g->digits);
        return;
    case GENERATE_CHOICE:
        put_alternative(g, rng_below(rng, g->n), out);
        return;
    case GENERATE_WEIGHTED:
        put_alternative(g, draw_weighted(g, rng), out);
        return;
    case GENERATE_NAME:
        draw_name(rng, out);
        return;
    case GENERATE_EMAIL:
        draw_email(rng, out);
        return;
    case GENERATE_SENTENCE:
        draw_sentence(rng, g->count, out);
        return;
    case GENERATE_DATE:
        put_date(g, (time_t)now_wall_s(), out);
        return;
    case GENERATE_SEQ:
        /* Only the number counts, nothing is ordered by it. */
        encode_unsigned(out, atomic_fetch_add_explicit(&scope->sequences[g->sequence], 1,
                                                       memory_order_relaxed));
        return;
    case GENERATE_HEX:
    case GENERATE_BASE64:
        draw_bytes(g, rng, out);
        return;
    case GENERATE_USER:
        encode_unsigned(out, scope->user);
        return;
    case GENERATE_ITERATION:
        encode_unsigned(out, scope->iteration);
        return;
    }
}
