/* SPDX-License-Identifier: MIT */
/* Encoded bodies of a hostile target.  The first line is a Content-Encoding, the next byte how the
 * body comes in, the rest the body: decoded at once and in pieces, and by zlib alone where that
 * can be compared.  Then the same bytes as a text that is packed here and decoded again. */
#include <zlib.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/load/decode.h"
#include "tests/fuzz/fuzz.h"

#define CAP 100000  /* between two codings */
#define MOST 150000 /* the sink wants no more */
#define CHUNK 16384 /* what may come beyond either */
#define PACKED_MAX 65536

static struct decoders *all;

static bool take(void *arg, const char *data, size_t len)
{
    struct buf *out = arg;
    must(len > 0 && out->len <= MOST); /* not asked again after a no */
    buf_add(out, data, len);
    return out->len <= MOST;
}

/* Decodes in pieces of that size. */
static enum decode decode_body(const char *codings, const char *body, size_t len, size_t piece,
                               struct buf *out)
{
    struct decoder *d = decoder_lend(all, codings, strlen(codings), CAP);
    enum decode done = DECODE_OK;
    buf_clear(out);
    for (size_t at = 0; at < len && done == DECODE_OK; at += piece)
        done = decoder_feed(d, body + at, at + piece < len ? piece : len - at, take, out);
    must(out->len <= MOST + (size_t)(*codings != '\0' ? CHUNK : piece));
    if (done == DECODE_OK) {
        done = decoder_end(d);
        must(done == DECODE_OK || done == DECODE_DAMAGED);
        must(decoder_end(d) == done);
    }
    must((done == DECODE_DAMAGED) == (decoder_reason(d)[0] != '\0'));
    decoder_return(all, d);
    return done;
}

/* The members that the body begins with, by zlib alone; false: one of them is damaged, or all
 * together are too big.  *used: where the last one ends. */
static bool members(const char *body, size_t len, struct buf *out, size_t *used)
{
    char room[CHUNK];
    bool good = true;
    *used = 0;
    buf_clear(out);
    while (good && len - *used >= 2 && memcmp(body + *used, "\x1f\x8b", 2) == 0) {
        z_stream z = {.next_in = (unsigned char *)(uintptr_t)body + *used,
                      .avail_in = (unsigned)(len - *used)};
        int rc = inflateInit2(&z, 31);
        must(rc == Z_OK);
        do {
            z.next_out = (unsigned char *)room;
            z.avail_out = sizeof room;
            rc = inflate(&z, Z_NO_FLUSH);
            buf_add(out, room, sizeof room - z.avail_out);
        } while (rc == Z_OK && out->len <= MOST && (z.avail_in > 0 || z.avail_out == 0));
        good = rc == Z_STREAM_END && out->len <= MOST;
        *used = len - z.avail_in;
        inflateEnd(&z);
    }
    return good && *used > 0;
}

static bool is_same(const struct buf *a, const char *text, size_t len)
{
    return a->len == len && (len == 0 || memcmp(a->data, text, len) == 0);
}

static void try_body(const char *codings, const char *body, size_t len, size_t piece)
{
    struct buf whole = {0}, parts = {0}, alone = {0};
    size_t used;
    enum decode at_once = decode_body(codings, body, len, len > 0 ? len : 1, &whole);
    enum decode in_parts = decode_body(codings, body, len, piece, &parts);
    must((at_once == DECODE_OK) == (in_parts == DECODE_OK));
    must(at_once != DECODE_OK || is_same(&whole, parts.data, parts.len));
    if (members(body, len, &alone, &used)) {
        enum decode done = decode_body("gzip", body, len, piece, &whole);
        /* A byte behind that may be the first of another member is a member that is cut. */
        bool begun = len - used == 1 && body[used] == '\x1f';
        must(done == (begun ? DECODE_DAMAGED : DECODE_OK));
        must(is_same(&whole, alone.data, alone.len));
        must(decode_body("gzip", body, used - 1, piece, &whole) == DECODE_DAMAGED);
    }
    buf_finish(&whole);
    buf_finish(&parts);
    buf_finish(&alone);
}

/* Adds the text to `out`: 31 as gzip, 15 as zlib, -15 as deflate. */
static void pack_text(const char *text, size_t len, int window_bits, struct buf *out)
{
    static unsigned char room[PACKED_MAX + 1000];
    z_stream z = {.next_in = (unsigned char *)(uintptr_t)text,
                  .avail_in = (unsigned)len,
                  .next_out = room,
                  .avail_out = sizeof room};
    must(deflateInit2(&z, 1, Z_DEFLATED, window_bits, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    must(deflate(&z, Z_FINISH) == Z_STREAM_END);
    buf_add(out, (const char *)room, sizeof room - z.avail_out);
    deflateEnd(&z);
}

static void try_packed(const char *text, size_t len, size_t piece)
{
    struct buf inner = {0}, body = {0}, out = {0};
    size_t half = len / 2;
    pack_text(text, half, 31, &body); /* two members */
    pack_text(text + half, len - half, 31, &body);
    must(decode_body("gzip", body.data, body.len, piece, &out) == DECODE_OK);
    must(is_same(&out, text, len));
    pack_text(text, len, 15, &inner);
    buf_clear(&body);
    pack_text(inner.data, inner.len, 31, &body);
    must(decode_body("deflate, gzip", body.data, body.len, piece, &out) == DECODE_OK);
    must(is_same(&out, text, len));
    buf_finish(&inner);
    buf_finish(&body);
    buf_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *feed = size > 0 ? memchr(data, '\n', size) : NULL;
    if (size > PACKED_MAX - 1000 || feed == NULL || feed + 1 == data + size)
        return 0;
    if (all == NULL)
        all = decoders_create();
    char *codings = mem_strndup((const char *)data, (size_t)(feed - data));
    size_t piece = feed[1] % 64 + 1u, len = size - (size_t)(feed + 2 - data);
    char *body = mem_strndup("", 0);
    if (len > 0) {
        free(body);
        body = mem_array(len, 1); /* exactly, so that a byte too far is seen */
        memcpy(body, feed + 2, len);
    }
    try_body(codings, body, len, piece);
    try_packed(body, len, piece);
    free(body);
    free(codings);
    return 0;
}
