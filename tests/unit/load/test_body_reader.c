/* SPDX-License-Identifier: MIT */
/* A body comes out the same however it is read, and again after a rewind. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/rng.h"
#include "src/load/body_reader.h"
#include "tests/unit/unit.h"

#define TOTAL (3 + 1000 + 7 + 500 + 4)

static struct piece pieces[5];
static struct message message = {.body = pieces, .n_pieces = 5, .body_len = TOTAL};
static char whole[TOTAL];

static void set_up(void)
{
    char name[] = "/tmp/body_reader-XXXXXX", file[500];
    int fd = mkstemp(name);
    ck_assert_int_ge(fd, 0);
    unlink(name);
    for (size_t i = 0; i < sizeof file; i++)
        file[i] = (char)(i * 7);
    ck_assert_int_eq(write(fd, file, sizeof file), sizeof file);
    pieces[0] = (struct piece){.kind = PIECE_BYTES, .len = 3, .data = "abc"};
    pieces[1] = (struct piece){.kind = PIECE_PAYLOAD, .len = 1000, .seed = 42};
    pieces[2] = (struct piece){.kind = PIECE_BYTES, .len = 7, .data = "between"};
    pieces[3] = (struct piece){.kind = PIECE_FILE, .len = 500, .fd = fd};
    pieces[4] = (struct piece){.kind = PIECE_BYTES, .len = 4, .data = "end."};
    memcpy(whole, "abc", 3);
    payload_bytes(42, 0, whole + 3, 1000);
    memcpy(whole + 1003, "between", 7);
    memcpy(whole + 1010, file, 500);
    memcpy(whole + 1510, "end.", 4);
}

static void tear_down(void)
{
    close(pieces[3].fd);
}

/* Reads on in bites of at most `bite` bytes; returns how many came. */
static size_t read_all(struct body_reader *o, char *to, size_t bite)
{
    size_t len = 0;
    ssize_t got;
    while ((got = body_reader_read(o, to + len, bite)) > 0)
        len += (size_t)got;
    ck_assert_int_eq(got, 0);
    return len;
}

START_TEST(any_bite_gives_the_same_bytes)
{
    char got[TOTAL];
    struct body_reader o;
    body_reader_begin(&o, &message);
    ck_assert_uint_eq(read_all(&o, got, (size_t)_i), TOTAL);
    ck_assert_int_eq(memcmp(got, whole, TOTAL), 0);
}
END_TEST

START_TEST(it_goes_on_from_any_place)
{
    char got[TOTAL];
    struct body_reader o;
    struct rng rng;
    rng_seed(&rng, 7);
    body_reader_begin(&o, &message);
    for (int i = 0; i < 300; i++) {
        size_t from = rng_below(&rng, TOTAL + 1);
        ck_assert(body_reader_seek(&o, from));
        ck_assert_uint_eq(read_all(&o, got, 1 + rng_below(&rng, 2000)), TOTAL - from);
        ck_assert_int_eq(memcmp(got, whole + from, TOTAL - from), 0);
    }
    ck_assert(!body_reader_seek(&o, TOTAL + 1));
}
END_TEST

START_TEST(a_file_that_got_shorter_is_noticed)
{
    char got[TOTAL];
    struct body_reader o;
    body_reader_begin(&o, &message);
    ck_assert(body_reader_seek(&o, 1010));
    ck_assert_int_eq(ftruncate(pieces[3].fd, 100), 0);
    ck_assert_int_eq(body_reader_read(&o, got, sizeof got), 100);
    ck_assert_int_eq(body_reader_read(&o, got, sizeof got), -1);
}
END_TEST

START_TEST(nothing_is_nothing)
{
    char got[1];
    struct message empty = {0};
    struct body_reader o;
    body_reader_begin(&o, &empty);
    ck_assert_int_eq(body_reader_read(&o, got, 1), 0);
    ck_assert(body_reader_seek(&o, 0));
    ck_assert_int_eq(body_reader_read(&o, got, 1), 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("body_reader");
    TCase *tc = tcase_create("body_reader");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, any_bite_gives_the_same_bytes, 1, 30);
    tcase_add_test(tc, it_goes_on_from_any_place);
    tcase_add_test(tc, a_file_that_got_shorter_is_noticed);
    tcase_add_test(tc, nothing_is_nothing);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
