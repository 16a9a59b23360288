/* SPDX-License-Identifier: MIT */
/* The base helpers: figures as people write them, text made safe, numbers drawn. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/err.h"
#include "src/base/human.h"
#include "src/base/log.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/base/out.h"
#include "src/base/problems.h"
#include "src/base/rng.h"
#include "src/base/sha256.h"
#include "src/base/table.h"
#include "src/base/width.h"
#include "src/base/wire.h"
#include "tests/unit/unit.h"

static const struct {
    const char *in, *out;
    size_t len; /* 0: strlen */
} clean_cases[] = {
    {"plain", "plain", 0},
    {"\x1b[31mred\x1b[0m", "\xef\xbf\xbd[31mred\xef\xbf\xbd[0m", 0},
    {"a\r\n\tb", "a b", 0},
    {"nul\0in", "nul\xef\xbf\xbdin", 6},
    {"\xc2\x9b"
     "C1",
     "\xef\xbf\xbd"
     "C1",
     0},
    {"bidi\xe2\x80\xae"
     "x",
     "bidix", 0},
    {"zero\xe2\x80\x8bwidth\xef\xbb\xbf", "zerowidth", 0},
    {"e\xcc\x81\xcc\x81\xcc\x81", "e\xcc\x81", 0},
    {"\xff\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 0},
    {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 0},
    {"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", 0},
    {"", "", 0},
};

START_TEST(hostile_text_is_cleaned)
{
    char out[128];
    size_t len = clean_cases[_i].len != 0 ? clean_cases[_i].len : strlen(clean_cases[_i].in);
    size_t n = clean_text(out, sizeof out, clean_cases[_i].in, len);
    ck_assert_str_eq(out, clean_cases[_i].out);
    ck_assert_uint_eq(n, strlen(out));
}
END_TEST

START_TEST(cleaning_never_cuts_a_character)
{
    char out[6];
    ck_assert_uint_eq(clean_text(out, sizeof out, "abc\xf0\x9f\x98\x80", 7), 3);
    ck_assert_str_eq(out, "abc");
}
END_TEST

/* Columns, with and without a locale that knows: East Asian, emoji, marks on letters. */
static const struct {
    const char *text;
    size_t columns, room, bytes; /* what fits into so many */
    const char *cell;            /* the text in exactly that many */
} widths[] = {
    {"", 0, 4, 0, "    "},
    {"abc", 3, 5, 3, "abc  "},
    {"abcdef", 6, 5, 5, "ab..."},
    {"abcdef", 6, 2, 2, ".."},
    {"abcdef", 6, 0, 0, ""},
    {"\u767b\u5f55", 4, 4, 6, "\u767b\u5f55"},
    {"\u767b\u5f55\u9875", 6, 5, 6, "\u767b..."},
    {"\u767b\u5f55\u9875", 6, 4, 6, "... "}, /* half of one is none */
    {"/\uce74\ud2b8", 5, 7, 7, "/\uce74\ud2b8  "},
    {"e\u0301te\u0301", 3, 3, 7, "e\u0301te\u0301"},
    {"e\u0301te\u0301e", 4, 3, 7, "..."},
    {"e\u0301te\u0301es", 5, 4, 8, "e\u0301..."},
    {"\U0001f600x", 3, 2, 4, ".."},
    {"\U0001f680", 2, 3, 4, "\U0001f680 "},
    {"\u0e01\u0e34", 1, 2, 6, "\u0e01\u0e34 "}, /* Thai, with a vowel above */
    {"\uff21\uff22", 4, 3, 3, "..."},
    {"\xff\x1b", 2, 2, 2, "\xff\x1b"},
};

START_TEST(columns_are_neither_bytes_nor_characters)
{
    struct buf cell = {0};
    for (int known = 0; known < 2; known++) {
        setlocale(LC_ALL, known != 0 ? "C.UTF-8" : "C");
        ck_assert_uint_eq(width_text(widths[_i].text), widths[_i].columns);
        ck_assert_uint_eq(width_fit(widths[_i].text, widths[_i].room), widths[_i].bytes);
        buf_clear(&cell);
        width_cell(&cell, widths[_i].text, widths[_i].room);
        ck_assert_uint_eq(cell.len, strlen(widths[_i].cell));
        ck_assert(cell.len == 0 || memcmp(cell.data, widths[_i].cell, cell.len) == 0);
    }
    buf_finish(&cell);
}
END_TEST

/* The table says what the locale says, but for what is newer than either. */
START_TEST(the_table_of_widths_is_as_the_locales)
{
    static signed char own[0x30000];
    unsigned differ = 0;
    setlocale(LC_ALL, "C");
    for (uint32_t c = 0; c < sizeof own; c++)
        own[c] = (signed char)width_char(c);
    if (setlocale(LC_ALL, "C.UTF-8") == NULL)
        return;
    for (uint32_t c = 0; c < sizeof own; c++)
        differ += wcwidth((wchar_t)c) >= 0 && width_char(c) != own[c];
    ck_assert_uint_lt(differ, 300);
}
END_TEST

START_TEST(figures_read_as_people_write_them)
{
    char b[HUMAN_MAX];
    ck_assert_str_eq(human_count(b, sizeof b, 0), "0");
    ck_assert_str_eq(human_count(b, sizeof b, 1234567), "1,234,567");
    ck_assert_str_eq(human_short(b, sizeof b, 999), "999");
    ck_assert_str_eq(human_short(b, sizeof b, 41022), "41.0k");
    ck_assert_str_eq(human_short(b, sizeof b, 999999), "1.00M");
    ck_assert_str_eq(human_rate(b, sizeof b, 0), "0");
    ck_assert_str_eq(human_rate(b, sizeof b, 0.001), "<0.01");
    ck_assert_str_eq(human_rate(b, sizeof b, 97.12), "97.1");
    ck_assert_str_eq(human_rate(b, sizeof b, 1238.4), "1,238");
    ck_assert_str_eq(human_percent(b, sizeof b, 0.0001), "<0.01 %");
    ck_assert_str_eq(human_percent(b, sizeof b, 1.151), "1.15 %");
    ck_assert_str_eq(human_percent(b, sizeof b, 100), "100 %");
    ck_assert_str_eq(human_percent(b, sizeof b, 99.94), "99.9 %");
    ck_assert_str_eq(human_percent(b, sizeof b, 99.96), "99.96 %");
    ck_assert_str_eq(human_percent(b, sizeof b, 99.9999), "99.99 %");
    ck_assert_str_eq(human_percent(b, sizeof b, 103.4), "103 %");
    ck_assert_str_eq(human_us(b, sizeof b, 850, false), "850 us");
    ck_assert_str_eq(human_us(b, sizeof b, 3100, false), "3.1 ms");
    ck_assert_str_eq(human_us(b, sizeof b, 9960, false), "10 ms");
    ck_assert_str_eq(human_us(b, sizeof b, 934400, true), "934ms");
    ck_assert_str_eq(human_us(b, sizeof b, 1.2e6, false), "1.2 s");
    ck_assert_str_eq(human_us(b, sizeof b, 744e6, false), "12.4 min");
    ck_assert_str_eq(human_us_exact(b, sizeof b, 850), "850 us");
    ck_assert_str_eq(human_us_exact(b, sizeof b, 3104), "3.10 ms");
    ck_assert_str_eq(human_us_exact(b, sizeof b, 71449), "71.4 ms");
    ck_assert_str_eq(human_us_exact(b, sizeof b, 934400), "934 ms");
    ck_assert_str_eq(human_us_exact(b, sizeof b, 744e6), "744 s");
    ck_assert_str_eq(human_clock(b, sizeof b, 761.9), "00:12:41");
    ck_assert_str_eq(human_clock(b, sizeof b, -1), "00:00:00");
    ck_assert_str_eq(human_clock(b, sizeof b, (double)NAN), "00:00:00");
    ck_assert_str_eq(human_age(b, sizeof b, 119.9), "119 s");
    ck_assert_str_eq(human_age(b, sizeof b, 151), "00:02:31");
    ck_assert_str_eq(human_age(b, sizeof b, (double)NAN), "0 s");
    ck_assert_str_eq(human_bytes(b, sizeof b, 512), "512 B");
    ck_assert_str_eq(human_bytes(b, sizeof b, 4300), "4.2 KB");
}
END_TEST

static const struct {
    const char *text;
    bool ok;
    uint64_t ms;
} durations[] = {
    {"90", true, 90000},  {"90s", true, 90000},  {"1m30s", true, 90000}, {"500ms", true, 500},
    {"1.5s", true, 1500}, {"2h", true, 7200000}, {"0", true, 0},         {"", false, 0},
    {"-1s", false, 0},    {"1m1m", false, 0},    {"30s1m", false, 0},    {"abc", false, 0},
    {"1y", false, 0},     {"1e9", false, 0},     {"0x10", false, 0},     {"99999999h", false, 0},
    {"1msx", false, 0},   {"5 s", false, 0},
};

START_TEST(durations_parse_or_are_refused)
{
    uint64_t ns = 0;
    ck_assert_int_eq(human_parse_duration(durations[_i].text, &ns), durations[_i].ok);
    if (durations[_i].ok)
        ck_assert_uint_eq(ns, durations[_i].ms * NS_PER_MS);
}
END_TEST

START_TEST(counts_parse_or_are_refused)
{
    uint64_t n;
    ck_assert(human_parse_count("10k", &n) && n == 10000);
    ck_assert(human_parse_count("1.5k", &n) && n == 1500);
    ck_assert(human_parse_count("2M", &n) && n == 2000000);
    ck_assert(!human_parse_count("1.5", &n));
    ck_assert(!human_parse_count("-3", &n));
    ck_assert(!human_parse_count("", &n));
    ck_assert(!human_parse_count("99999999999999999999", &n));
}
END_TEST

START_TEST(rng_is_repeatable_and_even)
{
    struct rng a, b;
    rng_seed(&a, 7);
    rng_seed(&b, 7);
    unsigned hits[10] = {0};
    for (int i = 0; i < 100000; i++) {
        uint64_t x = rng_below(&a, 10);
        ck_assert_uint_eq(x, rng_below(&b, 10));
        hits[x]++;
    }
    double chi2 = 0;
    for (int i = 0; i < 10; i++)
        chi2 += (hits[i] - 1e4) * (hits[i] - 1e4) / 1e4;
    ck_assert(chi2 < 33.7); /* p = 0.0001 at 9 degrees of freedom; the seed is fixed */
}
END_TEST

START_TEST(log_keeps_the_newest_lines_clean)
{
    for (int i = 0; i < LOG_KEEP + 5; i++)
        log_info("line %d\x1b[2J", i);
    static struct log_line lines[LOG_KEEP];
    uint64_t last;
    ck_assert_uint_eq(log_copy(lines, LOG_KEEP, &last), LOG_KEEP);
    ck_assert_uint_eq(last, LOG_KEEP + 5);
    ck_assert_str_eq(lines[0].text, "line 5\xef\xbf\xbd[2J");
    ck_assert_uint_eq(log_copy(lines, 2, NULL), 2);
    ck_assert_uint_eq(lines[1].seq, LOG_KEEP + 5);
}
END_TEST

static int looks;

static bool give_up_soon(void)
{
    return ++looks > 2;
}

START_TEST(output_does_not_wait_for_ever)
{
    static char much[200000];
    int fds[2];
    char got[4096];
    memset(much, 'x', sizeof much - 1);
    ck_assert_int_eq(pipe(fds), 0);
    ck_assert(out_offer(fds[1], "taken\n"));
    ck_assert(!out_offer(fds[1], much));
    out_give_up_when(give_up_soon);
    ck_assert_int_eq(out_write(fds[1], much), EINTR);
    ck_assert_int_eq(looks, 3);
    ck_assert_int_eq(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
    while (read(fds[0], got, sizeof got) > 0)
        ;
    ck_assert_int_eq(out_write(fds[1], "goes on\n"), 0);
    out_give_up_when(NULL);
    close(fds[0]);
    close(fds[1]);
}
END_TEST

/* What out_* wrote to a pipe, as a string. */
static const char *text_written(int fds[2])
{
    static char got[512];
    ssize_t n = read(fds[0], got, sizeof got - 1);
    ck_assert_int_ge(n, 0);
    got[n] = '\0';
    return got;
}

START_TEST(output_is_cleaned_on_its_way)
{
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    out_write(fds[1], "one\x1b[2J\ntwo\xe2\x80\xae\n\n");
    ck_assert_str_eq(text_written(fds), "one\xef\xbf\xbd[2J\ntwo\n\n");
    ck_assert(out_offer(fds[1], "no end\x07"));
    ck_assert_str_eq(text_written(fds), "no end\xef\xbf\xbd");
    out_line(fds[1], "%s: %d", "a\nforged line", 7);
    ck_assert_str_eq(text_written(fds), "a forged line: 7\n");
    ck_assert_int_eq(out_write_file(fds[1], "\x1b as it is\t"), 0);
    ck_assert_str_eq(text_written(fds), "\x1b as it is\t");
    close(fds[0]);
    close(fds[1]);
}
END_TEST

static bool log_says(const char *text)
{
    static struct log_line lines[LOG_KEEP];
    size_t n = log_copy(lines, LOG_KEEP, NULL);
    while (n > 0 && strstr(lines[n - 1].text, text) == NULL)
        n--;
    return n > 0;
}

START_TEST(log_never_waits_for_a_pipe)
{
    char folder[] = "/tmp/ramptop-log-XXXXXX", path[64], got[4096];
    struct err e;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/pipe", folder);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert(!log_open_file(path, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "nobody reads"));

    int fd = open(path, O_RDONLY | O_NONBLOCK);
    ck_assert(log_open_file(path, &e));
    for (int i = 0; i < 1100; i++)
        log_info("line %d of many that nobody reads", i);
    ck_assert(log_says("missing in the log file"));
    while (read(fd, got, sizeof got) > 0)
        ;
    log_info("the last one");
    ssize_t n = read(fd, got, sizeof got - 1);
    ck_assert_int_gt(n, 0);
    got[n] = '\0';
    ck_assert_ptr_nonnull(strstr(got, "lines are missing here)\n"));
    ck_assert_ptr_nonnull(strstr(got, "the last one\n"));
    log_close();
    close(fd);
    unlink(path);
    rmdir(folder);
}
END_TEST

START_TEST(log_says_that_its_file_is_full)
{
    struct err e;
    ck_assert(log_open_file("/dev/full", &e));
    log_info("one");
    log_info("two");
    ck_assert(log_says("Lines are missing in the log file: No space left on device."));
    log_close();
}
END_TEST

START_TEST(problems_beyond_the_limit_are_counted)
{
    struct problems p = {0};
    for (int i = 0; i < PROBLEMS_MAX + 3; i++)
        problems_add(&p, "a.cfg:%d: wrong\n", i);
    ck_assert_uint_eq(p.n, PROBLEMS_MAX);
    ck_assert_uint_eq(p.dropped, 3);
    ck_assert_str_eq(p.lines[1], "a.cfg:1: wrong ");
    problems_finish(&p);
}
END_TEST

START_TEST(err_text_is_kept_and_null_is_fine)
{
    struct err e = {{0}};
    ck_assert(!err_set(&e, "%s:%d: no", "f", 3));
    ck_assert_str_eq(e.text, "f:3: no");
    ck_assert(!err_set(NULL, "dropped"));
}
END_TEST

/* FIPS 180-4's examples, and a length at each edge of a block, given in pieces. */
static const struct {
    const char *text;
    size_t times;
    const char *digest;
} digests[] = {
    {"", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    {"a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
    {"a", 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
    {"a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
};

START_TEST(a_file_is_told_by_its_digest)
{
    struct sha256 s;
    char hex[SHA256_HEX];
    sha256_begin(&s);
    for (size_t i = 0; i < digests[_i].times; i++)
        sha256_add(&s, digests[_i].text, strlen(digests[_i].text));
    sha256_end(&s, hex);
    ck_assert_str_eq(hex, digests[_i].digest);
}
END_TEST

/* -------------------------------------------------------------------------- table */

static size_t released;

static void count_released(struct table_entry *e)
{
    released++;
    free(e);
}

static struct table_entry *add_key(struct table *t, const char *key)
{
    struct table_entry *e = mem_zalloc(sizeof *e);
    table_add(t, e, key, strlen(key));
    return e;
}

START_TEST(a_full_table_drops_the_oldest)
{
    struct table t;
    released = 0;
    table_init(&t, 3, count_released);
    add_key(&t, "a");
    struct table_entry *b = add_key(&t, "b");
    add_key(&t, "c");
    ck_assert_ptr_eq(table_find(&t, "b", 1), b);
    add_key(&t, "d");
    ck_assert_uint_eq(t.n, 3);
    ck_assert_uint_eq(released, 1);
    ck_assert_ptr_null(table_find(&t, "a", 1));
    ck_assert_ptr_eq(t.oldest, b);
    table_remove(&t, b);
    ck_assert_ptr_null(table_find(&t, "b", 1));
    ck_assert_str_eq(t.oldest->key, "c");
    ck_assert_str_eq(t.newest->key, "d");
    ck_assert_ptr_null(t.oldest->older);
    ck_assert_ptr_eq(t.oldest->newer, t.newest);
    table_finish(&t);
    ck_assert_uint_eq(released, 4);
}
END_TEST

START_TEST(a_table_grows)
{
    struct table t;
    char key[16];
    released = 0;
    table_init(&t, 100000, count_released);
    for (int i = 0; i < 20000; i++) {
        snprintf(key, sizeof key, "%d", i);
        add_key(&t, key);
    }
    for (int i = 0; i < 20000; i++) {
        snprintf(key, sizeof key, "%d", i);
        struct table_entry *e = table_find(&t, key, strlen(key));
        ck_assert_ptr_nonnull(e);
        ck_assert_str_eq(e->key, key);
    }
    ck_assert_ptr_null(table_find(&t, "20000", 5));
    table_finish(&t);
    ck_assert_uint_eq(released, 20000);
}
END_TEST

START_TEST(numbers_go_over_the_wire_and_lies_are_noticed)
{
    static const uint64_t numbers[] = {0, 1, 127, 128, 16383, UINT32_MAX, INT64_MAX, UINT64_MAX};
    enum { N = sizeof numbers / sizeof *numbers };
    struct buf b = {0};
    for (unsigned i = 0; i < N; i++)
        wire_put(&b, numbers[i]);
    wire_put_part(&b, "part", 4);
    struct wire w = wire_of(b.data, b.len);
    for (unsigned i = 0; i < N; i++)
        ck_assert_uint_eq(wire_take(&w), numbers[i]);
    struct wire part = wire_take_part(&w);
    ck_assert_mem_eq(wire_take_bytes(&part, 4), "part", 4);
    ck_assert(!wire_more(&w) && !w.broken && !part.broken);
    ck_assert(wire_take_bytes(&part, 1) == NULL && part.broken); /* beyond its end */
    static const char *const lies[] = {
        "\x80",                                     /* goes on, and does not */
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", /* more than 64 bits */
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        "\x05", /* more than allowed */
        "\x04", /* allowed, but no such part is there */
    };
    for (unsigned i = 0; i < sizeof lies / sizeof *lies; i++) {
        w = wire_of(lies[i], strlen(lies[i]));
        uint64_t n = wire_take_upto(&w, i == 3 ? 4 : UINT64_MAX);
        ck_assert(i == 4 ? n == 4 : n == 0);
        w.at = i == 4 ? (const uint8_t *)lies[i] : w.at;
        part = wire_take_part(&w);
        ck_assert(w.broken && part.broken && !wire_more(&w) && wire_take(&w) == 0);
    }
    buf_finish(&b);
}
END_TEST

START_TEST(bytes_are_read_to_the_end_and_not_far_beyond_a_bound)
{
    struct buf b = {0};
    char path[] = "/tmp/ramptop-buf-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    unlink(path);
    ck_assert(buf_read(&b, fd, 10));
    ck_assert(b.len == 0 && strcmp(b.data, "") == 0); /* a text all the same */
    for (int i = 0; i < 20000; i++)
        ck_assert_int_eq(write(fd, "0123456789", 10), 10);

    const size_t bounds[] = {200000, 200001, 199999, 65536, 0};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        size_t want = bounds[i] < 200000 ? bounds[i] + 1 : 200000;
        buf_clear(&b);
        ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
        ck_assert(buf_read(&b, fd, bounds[i]));
        ck_assert_uint_eq(b.len, want);
        ck_assert_int_eq(b.data[want - 1], '0' + (int)((want - 1) % 10));
        ck_assert_int_eq(b.data[want], '\0');
    }
    close(fd);
    int folder = open("/", O_RDONLY);
    buf_clear(&b);
    ck_assert(!buf_read(&b, folder, 10));
    ck_assert_int_eq(errno, EISDIR);
    close(folder);
    buf_finish(&b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("base");
    TCase *tc = tcase_create("base");
    tcase_add_loop_test(tc, a_file_is_told_by_its_digest, 0, sizeof digests / sizeof *digests);
    tcase_add_loop_test(tc, hostile_text_is_cleaned, 0, sizeof clean_cases / sizeof *clean_cases);
    tcase_add_test(tc, cleaning_never_cuts_a_character);
    tcase_add_loop_test(tc, columns_are_neither_bytes_nor_characters, 0,
                        (int)(sizeof widths / sizeof *widths));
    tcase_add_test(tc, the_table_of_widths_is_as_the_locales);
    tcase_add_test(tc, figures_read_as_people_write_them);
    tcase_add_loop_test(tc, durations_parse_or_are_refused, 0,
                        sizeof durations / sizeof *durations);
    tcase_add_test(tc, bytes_are_read_to_the_end_and_not_far_beyond_a_bound);
    tcase_add_test(tc, counts_parse_or_are_refused);
    tcase_add_test(tc, rng_is_repeatable_and_even);
    tcase_add_test(tc, log_keeps_the_newest_lines_clean);
    tcase_add_test(tc, output_does_not_wait_for_ever);
    tcase_add_test(tc, output_is_cleaned_on_its_way);
    tcase_add_test(tc, numbers_go_over_the_wire_and_lies_are_noticed);
    tcase_add_test(tc, log_never_waits_for_a_pipe);
    tcase_add_test(tc, log_says_that_its_file_is_full);
    tcase_add_test(tc, problems_beyond_the_limit_are_counted);
    tcase_add_test(tc, err_text_is_kept_and_null_is_fine);
    tcase_add_test(tc, a_full_table_drops_the_oldest);
    tcase_add_test(tc, a_table_grows);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
