/* SPDX-License-Identifier: MIT */
#include "src/script/scrub.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/script/unescape.h"

#define WHOLE_MIN 4                   /* bytes: a shorter secret would eat every text */
#define PREFIX_MIN 4                  /* least part of a secret that the end of the text cut */
#define SUFFIX_MIN 6                  /* least part of one that the beginning of the text cut */
#define PIECE_MIN 8                   /* least part of one, anywhere */
#define GRAM 4                        /* bytes by which places are looked up */
#define STRIDE (PIECE_MIN - GRAM + 1) /* so that each piece holds a gram that is looked up */
#define LAYERS 3                      /* encodings within each other */
#define REST_MAX 12                   /* bytes of an escape that was cut */
#define CUTS_MAX 16                   /* "..." in a text that are looked at */
#define HEADS 1024

_Static_assert(GRAM <= WHOLE_MIN && GRAM <= PREFIX_MIN && GRAM <= SUFFIX_MIN, "all have one");

/* A secret as it is looked for: squeezed, in small letters. */
struct needle {
    char *bytes;
    size_t n;
};

struct scrubber {
    struct needle *needles;
    size_t n_needles;
    bool latin;        /* a secret is not ASCII alone */
    bool *marks;       /* the bytes of the text to overwrite */
    size_t begin, end; /* the bytes of the text that are looked at */
    size_t work, work_max;
};

static char fold(char c)
{
    return (char)tolower((unsigned char)c);
}

/* -------------------------------------------------------------------- needles */

static void marked_overwrite(struct decoded *d)
{
    explicit_bzero(d->bytes, d->n);
    decoded_finish(d);
}

static void add_needle(struct scrubber *s, const struct decoded *d)
{
    struct decoded squeezed, latin;
    bool odd = decode_squeezed(&squeezed, d, false);
    decode_squeezed(&latin, d, true);
    const struct decoded *use = odd ? &latin : &squeezed;
    if (use->n >= WHOLE_MIN) {
        struct needle k = {.bytes = mem_array(use->n, 1), .n = use->n};
        for (size_t i = 0; i < use->n; i++) {
            k.bytes[i] = fold(use->bytes[i]);
            s->latin = s->latin || (unsigned char)k.bytes[i] >= 0x80;
        }
        s->needles = mem_room(s->needles, s->n_needles, sizeof *s->needles);
        s->needles[s->n_needles++] = k;
    }
    marked_overwrite(&squeezed);
    marked_overwrite(&latin);
}

/* As it is, and what it says when it is percent-encoded itself, as values of cookies are. */
static void add_needles(struct scrubber *s, const struct secret *secret)
{
    struct decoded plain, bare;
    size_t len;
    const char *text = secret_reveal(secret, &len);
    decode_text(&plain, text, len);
    add_needle(s, &plain);
    if (decode_escapes(&bare, &plain, ESCAPE_PERCENT) != 0)
        add_needle(s, &bare);
    marked_overwrite(&plain);
    marked_overwrite(&bare);
}

/* -------------------------------------------------------------------- looking */

/* Where in a reading each gram stands: chains of places by hash. */
struct grams {
    uint32_t heads[HEADS], *next; /* a place + 1; 0: none */
    uint32_t *covered;            /* by which needle + 1 */
};

static size_t gram_hash(const char *gram)
{
    uint32_t four;
    memcpy(&four, gram, GRAM);
    return four * 2654435761u >> 22;
}

_Static_assert(HEADS == 1u << (32 - 22), "gram_hash gives as many");

static void index_grams(struct grams *g, const struct decoded *d)
{
    memset(g->heads, 0, sizeof g->heads);
    g->next = mem_array(d->n + 1, sizeof *g->next);
    g->covered = mem_array(d->n + 1, sizeof *g->covered);
    for (size_t i = d->n >= GRAM ? d->n - GRAM + 1 : 0; i-- > 0;) {
        uint32_t *head = &g->heads[gram_hash(d->bytes + i)];
        g->next[i] = *head;
        *head = (uint32_t)i + 1;
    }
}

/* The bytes that a needle and a reading have in common around a gram. */
struct common_part {
    size_t at, n, of; /* in the reading, bytes, in the needle */
};

static struct common_part extend(const struct decoded *d, size_t at, const struct needle *k,
                                 size_t of)
{
    size_t back = 0, ahead = 0;
    while (back < at && back < of && d->bytes[at - back - 1] == k->bytes[of - back - 1])
        back++;
    while (at + ahead < d->n && of + ahead < k->n && d->bytes[at + ahead] == k->bytes[of + ahead])
        ahead++;
    return (struct common_part){at - back, back + ahead, of - back};
}

/* Marks it if it tells something. */
static void mark_part(struct scrubber *s, const struct decoded *d, const struct needle *k,
                      const struct common_part *p)
{
    size_t from = d->from[p->at], to = d->to[p->at + p->n - 1];
    bool to_end = p->of + p->n < k->n && p->at + p->n == d->n && to + REST_MAX > s->end;
    bool to_begin = p->of > 0 && p->at == 0 && from < s->begin + REST_MAX;
    if (p->n < k->n && p->n < PIECE_MIN && !(to_end && p->of == 0 && p->n >= PREFIX_MIN) &&
        !(to_begin && p->n >= SUFFIX_MIN))
        return;
    from = to_begin ? s->begin : from;
    to = to_end ? s->end : to;
    memset(s->marks + from, 1, to - from);
}

static void look_for_gram(struct scrubber *s, const struct decoded *d, struct grams *g,
                          uint32_t number, size_t of)
{
    const struct needle *k = &s->needles[number];
    for (uint32_t i = g->heads[gram_hash(k->bytes + of)]; i != 0; i = g->next[i - 1]) {
        size_t at = i - 1;
        s->work++;
        if (g->covered[at] == number + 1 || memcmp(d->bytes + at, k->bytes + of, GRAM) != 0)
            continue;
        struct common_part p = extend(d, at, k, of);
        s->work += p.n;
        mark_part(s, d, k, &p);
        /* A gram that reaches beyond it may belong to another occurrence. */
        for (size_t c = p.at; p.n >= PIECE_MIN && c + GRAM <= p.at + p.n; c++)
            g->covered[c] = number + 1;
        if (s->work > s->work_max)
            return;
    }
}

static void look_for_needle(struct scrubber *s, const struct decoded *d, struct grams *g,
                            uint32_t number)
{
    size_t last = s->needles[number].n - GRAM;
    s->work += last / STRIDE + 1;
    for (size_t of = 0; of < last && s->work <= s->work_max; of += STRIDE)
        look_for_gram(s, d, g, number, of);
    look_for_gram(s, d, g, number, last);
}

static void reading_search(struct scrubber *s, const struct decoded *d)
{
    struct grams g;
    for (size_t i = 0; i < d->n; i++)
        d->bytes[i] = fold(d->bytes[i]);
    index_grams(&g, d);
    s->work += d->n;
    for (uint32_t i = 0; i < s->n_needles && s->work <= s->work_max; i++)
        look_for_needle(s, d, &g, i);
    free(g.next);
    free(g.covered);
}

/* ------------------------------------------------------------------- readings */

/* The encodings that may be taken off a reading. */
struct layers {
    unsigned left;
    unsigned escapes; /* kinds of escapes, taken off at once */
    bool runs;        /* base64 */
    bool all;         /* everything: the text is not decoded yet, or not from digits */
};

static void read_layer(struct scrubber *s, const struct decoded *in, struct layers inside);

/* Takes d over; it is a reading only if `is`. */
static void scrub_read_inner(struct scrubber *s, struct decoded *d, bool is, struct layers inside)
{
    s->work += d->n;
    if (is && s->work <= s->work_max)
        read_layer(s, d, inside);
    decoded_finish(d);
}

/* A secret may hold what looks like an escape of another kind than the target's: then each
 * kind alone is right. */
static void read_each_kind(struct scrubber *s, const struct decoded *d, unsigned seen,
                           struct layers inside)
{
    struct decoded inner;
    bool several = (seen & (seen - 1)) != 0;
    for (unsigned kind = ESCAPE_PERCENT; kind <= ESCAPE_QUOTED; kind <<= 1) {
        bool asked = kind == ESCAPE_QUOTED || (several && (seen & kind) != 0) ||
                     (kind == ESCAPE_PERCENT && (seen & ESCAPE_PLUS) != 0);
        if (!asked)
            continue;
        unsigned found = decode_escapes(&inner, d, kind);
        inside.escapes = kind;
        scrub_read_inner(s, &inner, found != 0, inside);
    }
}

static void read_escapes(struct scrubber *s, const struct decoded *d, struct layers inside)
{
    struct decoded inner;
    unsigned seen = decode_escapes(&inner, d, inside.escapes);
    scrub_read_inner(s, &inner, (seen & inside.escapes) != 0, inside);
    inside.runs = false;
    if (inside.all) {
        inside.all = false;
        read_each_kind(s, d, seen, inside);
    }
}

static void read_base64(struct scrubber *s, const struct decoded *d, struct layers inside)
{
    struct decoded inner;
    inside.all = false;
    for (size_t offset = 0; offset < 4; offset++) {
        bool is = decode_base64(&inner, d, offset);
        scrub_read_inner(s, &inner, is, inside);
    }
}

static void read_rare(struct scrubber *s, const struct decoded *d, struct layers inside)
{
    struct decoded inner;
    inside.all = inside.runs = false;
    for (size_t offset = 0; offset < 2; offset++) {
        bool is = decode_hex(&inner, d, offset);
        scrub_read_inner(s, &inner, is, inside);
    }
    bool is = decode_numbers(&inner, d);
    scrub_read_inner(s, &inner, is, inside);
    is = decode_twice(&inner, d);
    scrub_read_inner(s, &inner, is, inside);
}

static void read_layer(struct scrubber *s, const struct decoded *in, struct layers inside)
{
    struct decoded d, latin;
    bool odd = decode_squeezed(&d, in, false);
    if (inside.left > 0) {
        inside.left--;
        read_escapes(s, &d, inside);
        if (inside.runs)
            read_base64(s, &d, inside);
        if (inside.all)
            read_rare(s, &d, inside);
    }
    reading_search(s, &d); /* last: it folds the case */
    decoded_finish(&d);
    if (!odd || !s->latin)
        return;
    decode_squeezed(&latin, in, true);
    reading_search(s, &latin);
    decoded_finish(&latin);
}

/* The bytes [begin, end) of text; both ends may have cut a secret. */
static void scrub_part(struct scrubber *s, const char *text, size_t begin, size_t end)
{
    struct decoded d;
    if (end - begin < WHOLE_MIN)
        return;
    decode_text(&d, text + begin, end - begin);
    for (size_t i = 0; i < d.n; i++) {
        d.from[i] += (uint32_t)begin;
        d.to[i] += (uint32_t)begin;
    }
    s->begin = begin;
    s->end = end;
    read_layer(s, &d,
               (struct layers){.left = LAYERS,
                               .escapes = ESCAPE_PERCENT | ESCAPE_BACKSLASH | ESCAPE_ENTITY,
                               .runs = true,
                               .all = true});
    decoded_finish(&d);
}

/* ------------------------------------------------------------------------ cuts */

/* Where a longer text was cut, by excerpt.c or by the target: *n bytes that say so.  The end
 * of the text if nowhere. */
static size_t next_cut(const char *text, size_t at, size_t len, size_t *n)
{
    *n = 3; /* bytes of "..." and of U+2026 alike */
    for (; at + 3 <= len; at++)
        if (memcmp(text + at, "...", 3) == 0 || memcmp(text + at, "\xe2\x80\xa6", 3) == 0)
            return at;
    *n = 0;
    return len;
}

static void scrub_between_cuts(struct scrubber *s, const char *text, size_t len)
{
    size_t n;
    size_t at = 0, cut = next_cut(text, 0, len, &n);
    for (unsigned i = 0; cut < len && i < CUTS_MAX; i++) {
        scrub_part(s, text, at, cut);
        at = cut + n;
        cut = next_cut(text, at, len, &n);
    }
    if (at > 0)
        scrub_part(s, text, at, len);
}

static void overwrite(const struct scrubber *s, char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (s->marks[i] || s->work > s->work_max)
            text[i] = '*';
}

void secrets_scrub(const struct secrets *all, char *text, size_t len)
{
    enum { WORK_BASE = 65536, WORK_PER_BYTE = 64 };
    struct scrubber s = {.work_max = WORK_BASE + len * WORK_PER_BYTE};
    for (size_t i = 0; i < all->n; i++)
        add_needles(&s, all->items[i]);
    for (size_t i = 0; i < s.n_needles; i++) /* each is gone through for each reading */
        s.work_max += s.needles[i].n * WORK_PER_BYTE;
    if (s.n_needles > 0 && len > 0) {
        s.marks = mem_zalloc(len);
        scrub_part(&s, text, 0, len);
        scrub_between_cuts(&s, text, len);
        overwrite(&s, text, len);
        free(s.marks);
    }
    for (size_t i = 0; i < s.n_needles; i++) {
        explicit_bzero(s.needles[i].bytes, s.needles[i].n);
        free(s.needles[i].bytes);
    }
    free(s.needles);
}
