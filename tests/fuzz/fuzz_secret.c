/* SPDX-License-Identifier: MIT */
/* Any text scrubbed of a secret (the first line), and the secret put into it in each of the
 * spellings it must be found in: nothing of it stays, and nothing else is needed to say so
 * than where it was put. */
#include "src/base/buf.h"
#include "src/script/encode.h"
#include "src/script/secret.h"
#include "tests/fuzz/fuzz.h"

static void scrub(const char *secret, struct buf *text)
{
    struct secrets all = {0};
    secrets_add(&all, secret_from(secret, strlen(secret)));
    secrets_scrub(&all, text->data, text->len);
    secrets_finish(&all);
}

static void encode_plain(struct buf *out, const char *text, size_t len)
{
    buf_add(out, text, len);
}

static void encode_basic(struct buf *out, const char *text, size_t len)
{
    encode_base64(out, text, len);
}

/* Is it only stars from there on, at least that many? */
static void must_be_stars(const struct buf *text, size_t at, size_t n)
{
    for (size_t i = at; i < at + n; i++)
        must(text->data[i] == '*');
}

static void try_spelling(const char *secret, const char *around, size_t len,
                         void (*spell)(struct buf *out, const char *text, size_t len))
{
    struct buf text = {0};
    buf_add(&text, around, len / 2);
    size_t begin = text.len;
    spell(&text, secret, strlen(secret));
    size_t end = text.len - (spell == encode_basic && text.data[text.len - 1] == '=');
    end -= spell == encode_basic && text.data[end - 1] == '=';
    buf_add(&text, around + len / 2, len - len / 2);
    scrub(secret, &text);
    must_be_stars(&text, begin, end - begin);
    buf_finish(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *secret, *block;
    if (fuzz_lines(data, size, &secret, 1, &block) == 1 && strlen(secret) >= 4 &&
        strlen(secret) + 1 < size) {
        const char *around = (const char *)data + strlen(secret) + 1;
        size_t len = size - strlen(secret) - 1;
        struct buf text = {0};
        buf_add(&text, around, len);
        scrub(secret, &text);
        must(text.len == len);
        must(strchr(secret, '*') != NULL || memmem(text.data, len, secret, strlen(secret)) == NULL);
        for (size_t i = 0; i < len; i++)
            must(text.data[i] == around[i] || text.data[i] == '*');
        buf_finish(&text);
        try_spelling(secret, around, len, encode_plain);
        try_spelling(secret, around, len, encode_percent);
        try_spelling(secret, around, len, encode_basic);
        if (fuzz_is_clean(secret)) /* what is no text has no spelling in JSON */
            try_spelling(secret, around, len, encode_json);
    }
    free(block);
    return 0;
}
