/* SPDX-License-Identifier: MIT */
/* Bodies as servers encode them, whole, cut at every byte and fed in pieces of every size. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/load/decode.h"
#include "tests/unit/unit.h"

#define CAP (1u << 20)

static struct decoders *all;
static struct buf out, body;
static size_t most; /* the sink stops beyond it */
static char reason[200];

static void set_up(void)
{
    all = decoders_create();
    most = CAP;
}

static void tear_down(void)
{
    decoders_destroy(all);
    buf_finish(&out);
    buf_finish(&body);
}

static bool sink(void *arg, const char *data, size_t len)
{
    (void)arg;
    buf_add(&out, data, len);
    return out.len <= most;
}

/* Adds text to the body: 31 as gzip, 15 as zlib, -15 as deflate. */
static void pack(const char *text, size_t len, int window_bits)
{
    char *room = mem_array(len + 1000, 1);
    z_stream z = {.next_in = (unsigned char *)(uintptr_t)text,
                  .avail_in = (unsigned)len,
                  .next_out = (unsigned char *)room,
                  .avail_out = (unsigned)len + 1000};
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    buf_add(&body, room, len + 1000 - z.avail_out);
    deflateEnd(&z);
    free(room);
}

static void pack_text(const char *text, int window_bits)
{
    pack(text, strlen(text), window_bits);
}

/* Decodes so many bytes of the body in pieces. */
static enum decode decode(const char *codings, size_t len, size_t piece)
{
    struct decoder *d = decoder_lend(all, codings, strlen(codings), CAP);
    enum decode done = DECODE_OK;
    buf_clear(&out);
    for (size_t at = 0; at < len && done == DECODE_OK; at += piece)
        done = decoder_feed(d, body.data + at, at + piece < len ? piece : len - at, sink, NULL);
    if (done == DECODE_OK)
        done = decoder_end(d);
    snprintf(reason, sizeof reason, "%s", decoder_reason(d));
    decoder_return(all, d);
    return done;
}

static void decodes_to(const char *codings, const char *text)
{
    for (size_t piece = 1; piece <= body.len; piece++) {
        ck_assert_msg(decode(codings, body.len, piece) == DECODE_OK, "pieces of %zu: %s", piece,
                      reason);
        ck_assert_uint_eq(out.len, strlen(text));
        ck_assert_int_eq(memcmp(out.data, text, out.len), 0);
    }
}

static const struct {
    const char *coding;
    int window_bits;
} kinds[] = {{"gzip", 31}, {"deflate", 15}, {"deflate", -15}};

START_TEST(each_coding_is_undone)
{
    pack_text("hello, hello, hello", kinds[_i].window_bits);
    decodes_to(kinds[_i].coding, "hello, hello, hello");
}
END_TEST

START_TEST(one_that_is_cut_short_is_damaged)
{
    pack_text("hello, hello, hello", kinds[_i].window_bits);
    for (size_t len = 1; len < body.len; len++) {
        ck_assert_msg(decode(kinds[_i].coding, len, 7) == DECODE_DAMAGED, "%zu bytes", len);
        ck_assert_ptr_nonnull(strstr(reason, "cut short"));
    }
    ck_assert_int_eq(decode(kinds[_i].coding, 0, 7), DECODE_OK); /* an empty body is one */
}
END_TEST

START_TEST(bytes_behind_the_end_are_ignored)
{
    pack_text("hello", kinds[_i].window_bits);
    buf_add(&body, "\0\0trail", 7);
    decodes_to(kinds[_i].coding, "hello");
    body.len -= 6; /* a single one */
    decodes_to(kinds[_i].coding, "hello");
}
END_TEST

START_TEST(members_of_gzip_follow_one_another)
{
    size_t first, second;
    pack_text("{\"a\":1", 31);
    first = body.len;
    pack_text("", 31);
    second = body.len;
    pack_text(",\"b\":2}", 31);
    decodes_to("gzip", "{\"a\":1,\"b\":2}");
    for (size_t len = 1; len < body.len; len++)
        ck_assert_int_eq(decode("gzip", len, 3),
                         len == first || len == second ? DECODE_OK : DECODE_DAMAGED);
}
END_TEST

START_TEST(codings_after_one_another)
{
    pack_text("hello, hello", 15);
    size_t len = body.len;
    char *inner = mem_array(len, 1);
    memcpy(inner, body.data, len);
    buf_clear(&body);
    pack(inner, len, 31);
    free(inner);
    decodes_to("deflate, gzip", "hello, hello");
    decodes_to(" Deflate ,\tX-GZIP\r\n", "hello, hello");
    decodes_to("identity,deflate,,gzip,", "hello, hello");
    ck_assert_int_eq(decode("gzip, deflate", body.len, 1000), DECODE_DAMAGED);
}
END_TEST

START_TEST(none_is_as_it_came)
{
    buf_add(&body, "plain", 5);
    decodes_to("", "plain");
    decodes_to("identity", "plain");
}
END_TEST

START_TEST(what_is_not_known_is_named)
{
    buf_add(&body, "x", 1);
    ck_assert_int_eq(decode("br", 1, 1), DECODE_DAMAGED);
    ck_assert_ptr_nonnull(strstr(reason, "Content-Encoding is br"));
    ck_assert_int_eq(decode("gzip, br", 0, 1), DECODE_DAMAGED);
    ck_assert_int_eq(decode("gzip,gzip,gzip,gzip,gzip", 1, 1), DECODE_DAMAGED);
    ck_assert_ptr_nonnull(strstr(reason, "too many times"));
}
END_TEST

START_TEST(damage_is_found)
{
    buf_add(&body, "not gzip at all", 15);
    ck_assert_int_eq(decode("gzip", body.len, 100), DECODE_DAMAGED);
    ck_assert_int_eq(decode("deflate", body.len, 100), DECODE_DAMAGED);
    buf_clear(&body);
    pack_text("hello, hello, hello", 31);
    for (size_t i = body.len - 8; i < body.len; i++) { /* its check and its length */
        body.data[i] ^= 1;
        ck_assert_int_eq(decode("gzip", body.len, 100), DECODE_DAMAGED);
        body.data[i] ^= 1;
    }
    ck_assert_int_eq(decode("gzip", body.len, 100), DECODE_OK); /* and lent again it is as new */
}
END_TEST

START_TEST(bombs_stop)
{
    char *zeros = mem_zalloc(8 << 20);
    pack(zeros, 8 << 20, 31);
    most = 100000;
    ck_assert_int_eq(decode("gzip", body.len, 1000), DECODE_STOPPED);
    ck_assert_uint_le(out.len, most + 16384);
    /* Within another one, which decodes to little: what comes in between is capped. */
    ck_assert_int_eq(decode("gzip, gzip", body.len, 1000), DECODE_DAMAGED);
    buf_clear(&body);
    pack_text("", 31);
    char *nested = mem_zalloc(4 << 20);
    memcpy(nested, body.data, body.len);
    buf_clear(&body);
    pack(nested, 4 << 20, 31); /* an empty member, and much behind it */
    ck_assert_int_eq(decode("gzip, gzip", body.len, 1000), DECODE_TOO_BIG);
    ck_assert_uint_eq(out.len, 0);
    free(nested);
    free(zeros);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("decode");
    TCase *tc = tcase_create("decode");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, each_coding_is_undone, 0, 3);
    tcase_add_loop_test(tc, one_that_is_cut_short_is_damaged, 0, 3);
    tcase_add_loop_test(tc, bytes_behind_the_end_are_ignored, 0, 3);
    tcase_add_test(tc, members_of_gzip_follow_one_another);
    tcase_add_test(tc, codings_after_one_another);
    tcase_add_test(tc, none_is_as_it_came);
    tcase_add_test(tc, what_is_not_known_is_named);
    tcase_add_test(tc, damage_is_found);
    tcase_add_test(tc, bombs_stop);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
