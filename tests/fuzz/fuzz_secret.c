/* SPDX-License-Identifier: MIT */
/* Any text scrubbed of a secret (the first line): no byte is changed but to a star.  And a
 * secret put between halves of the text in up to three layers of encodings: the stars say
 * that nothing of it stays, and nothing else is needed to know than where it was put. */
#include "src/base/buf.h"
#include "src/script/encode.h"
#include "src/script/scrub.h"
#include "src/script/secret.h"
#include "tests/fuzz/fuzz.h"

static void scrub(const char *secret, struct buf *text)
{
    struct secrets all = {0};
    secrets_add(&all, secret_from(secret, strlen(secret)));
    secrets_scrub(&all, text->data, text->len);
    secrets_finish(&all);
}

typedef void spelling(struct buf *out, const char *text, size_t len);

static void spell_plain(struct buf *out, const char *text, size_t len)
{
    buf_add(out, text, len);
}

static void spell_base64(struct buf *out, const char *text, size_t len)
{
    encode_base64(out, text, len);
    while (out->len > 0 && out->data[out->len - 1] == '=')
        out->len--;
}

static void spell_base64_of_urls(struct buf *out, const char *text, size_t len)
{
    size_t begin = out->len;
    spell_base64(out, text, len);
    for (size_t i = begin; i < out->len; i++)
        out->data[i] = out->data[i] == '+' ? '-' : out->data[i] == '/' ? '_' : out->data[i];
}

static void spell_hex(struct buf *out, const char *text, size_t len)
{
    encode_hex(out, text, len);
}

static void spell_backslash(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        buf_printf(out, "\\x%02x", (unsigned char)text[i]);
}

static void spell_entities(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x80)
            buf_printf(out, "&#%u;", (unsigned char)text[i]);
        else
            buf_char(out, text[i]);
    }
}

static void spell_percent_all(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        buf_printf(out, "%%%02X", (unsigned char)text[i]);
}

static void spell_wrapped(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        buf_add(out, text + i, 1);
        if (i % 5 == 4 && i + 1 < len)
            buf_text(out, "\r\n ");
    }
}

static void spell_hidden(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        buf_add(out, text + i, 1);
        if (i + 1 < len)
            buf_text(out, i % 2 == 0 ? "\x1b" : "\xe2\x80\x8b");
    }
}

static spelling *const spellings[] = {spell_plain,   encode_percent,       spell_percent_all,
                                      encode_json,   spell_backslash,      spell_entities,
                                      spell_base64,  spell_base64_of_urls, spell_hex,
                                      spell_wrapped, spell_hidden};

/* What does not show is no part of a secret, and between others it is the target's: a secret
 * of letters is asked for, so that each star that is wanted is known. */
static bool is_plain(const char *secret)
{
    for (const char *c = secret; *c != '\0'; c++)
        if (*c < '!' || *c > '~' || *c == '*')
            return false;
    return true;
}

static bool is_of_runs(spelling *spell)
{
    return spell == spell_base64 || spell == spell_base64_of_urls || spell == spell_hex;
}

/* Hexadecimal digits are looked for where nothing but escapes is around them. */
static spelling *next_spelling(uint32_t choice, unsigned layer, spelling *inner)
{
    spelling *spell = spellings[choice % (sizeof spellings / sizeof *spellings)];
    if ((spell == spell_hex && layer > 0) || (inner == spell_hex && is_of_runs(spell)))
        return spell_plain;
    return spell;
}

/* Each byte of the encoded text holds bits of the secret, but for what escapes and wraps it:
 * that goes too, as it lies between two that do. */
static void try_layers(const char *secret, const char *around, size_t len, uint32_t choice)
{
    struct buf text = {0}, inner = {0}, outer = {0};
    buf_text(&inner, secret);
    spelling *innermost = NULL;
    /* One that looks like an escape is told from the target's own in one layer only. */
    unsigned layers = strpbrk(secret, "%&\\=") == NULL ? 1 + choice % 3 : 1;
    for (unsigned layer = 0; layer < layers; layer++, choice /= 11) {
        spelling *spell = next_spelling(choice / 3, layer, innermost);
        innermost = layer == 0 ? spell : innermost;
        buf_clear(&outer);
        spell(&outer, inner.data, inner.len);
        struct buf swap = inner;
        inner = outer;
        outer = swap;
    }
    buf_add(&text, around, len / 2);
    buf_char(&text, '"');
    size_t begin = text.len;
    buf_add(&text, inner.data, inner.len);
    size_t end = text.len;
    buf_char(&text, '"');
    buf_add(&text, around + len / 2, len - len / 2);
    scrub(secret, &text);
    for (size_t i = begin; i < end; i++)
        must(text.data[i] == '*');
    buf_finish(&text);
    buf_finish(&inner);
    buf_finish(&outer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *secret, *block;
    if (fuzz_lines(data, size, &secret, 1, &block) == 1 && strlen(secret) >= 4 &&
        strlen(secret) + 5 < size) {
        const char *around = (const char *)data + strlen(secret) + 1;
        size_t len = size - strlen(secret) - 1;
        uint32_t choice;
        struct buf text = {0};
        buf_add(&text, around, len);
        scrub(secret, &text);
        must(text.len == len);
        for (size_t i = 0; i < len; i++)
            must(text.data[i] == around[i] || text.data[i] == '*');
        buf_finish(&text);
        memcpy(&choice, around, sizeof choice);
        if (is_plain(secret))
            try_layers(secret, around, len, choice);
    }
    free(block);
    return 0;
}
