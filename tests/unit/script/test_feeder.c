/* SPDX-License-Identifier: MIT */
/* Rows of a CSV file: what is read, what is refused, and who gets which row. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/script/feeder.h"
#include "tests/unit/unit.h"

/* All cells, the names of the columns first: cells end with |, rows with a line feed. */
static char *show(const struct feeder *f)
{
    struct buf out = {0};
    unsigned columns = 0;
    for (const char *name; (name = feeder_column_name(f, columns)) != NULL; columns++) {
        buf_text(&out, name);
        buf_char(&out, '|');
    }
    for (uint32_t row = 0; row < feeder_rows(f); row++) {
        buf_char(&out, '\n');
        for (unsigned i = 0; i < columns; i++) {
            size_t len;
            const char *cell = feeder_cell(f, row, i, &len);
            ck_assert_uint_eq(strlen(cell), len);
            buf_add(&out, cell, len);
            buf_char(&out, '|');
        }
    }
    return buf_take(&out);
}

#define BOM "\xef\xbb\xbf"

static const struct {
    const char *csv;
    char delimiter;
    const char *cells;
} tables[] = {
    {"a\n1\n", 0, "a|\n1|"},
    {"a\n1", 0, "a|\n1|"},
    {"a,b\n1,2\n3,4\n", 0, "a|b|\n1|2|\n3|4|"},
    {"a,b\r\n1,2\r\n3,4", 0, "a|b|\n1|2|\n3|4|"},
    {"a,b\n,\n", 0, "a|b|\n||"},
    {"a,b\n1,", 0, "a|b|\n1||"},
    {"a\n\"\"\n", 0, "a|\n|"},
    {"a,b\n\"x,y\",\"say \"\"hi\"\"\"\n", 0, "a|b|\nx,y|say \"hi\"|"},
    {"a,b\n\"two\r\nlines\n\",2\n", 0, "a|b|\ntwo\r\nlines\n|2|"},
    {"\"a\",\"b c\"\n1,2", 0, "a|b c|\n1|2|"},
    {" a ,\tb\n 1 ,2", 0, "a|b|\n 1 |2|"},
    {BOM "a,b\n1,2", 0, "a|b|\n1|2|"},
    {BOM "\"a\"\n1", 0, "a|\n1|"},
    {"a;b\n1,5;2", ';', "a|b|\n1,5|2|"},
    {"a\tb\n1\t2", '\t', "a|b|\n1|2|"},
    {"a|b\n1|2", '|', "a|b|\n1|2|"},
    {"\n\na,b\n\n1,2\r\n\r\n\n3,4\n\n", 0, "a|b|\n1|2|\n3|4|"},
    {"n\xc3\xa4me\ngr\xc3\xbcn \xf0\x9f\x98\x80\n", 0,
     "n\xc3\xa4me|\ngr\xc3\xbcn \xf0\x9f\x98\x80|"},
};

START_TEST(a_table_is_read)
{
    struct err e = {""};
    struct feeder_config cfg = {.delimiter = tables[_i].delimiter};
    struct feeder *f = feeder_parse(tables[_i].csv, strlen(tables[_i].csv), &cfg, &e);
    ck_assert_msg(f != NULL, "%s", e.text);
    char *cells = show(f);
    ck_assert_str_eq(cells, tables[_i].cells);
    free(cells);
    feeder_free(f);
}
END_TEST

#define TEXT(literal) literal, sizeof(literal) - 1

static const struct {
    const char *csv;
    size_t len;
    char delimiter;
    const char *message;
} refused[] = {
    {TEXT(""), 0, "the file is empty: its first line names the columns"},
    {TEXT(BOM "\n\n"), 0, "the file is empty: its first line names the columns"},
    {TEXT("a,b\n"), 0, "no row stands below the names of the columns"},
    {TEXT("a,b\n1,2\n3\n"), 0, "row 3 has 1 field, the first line has 2"},
    {TEXT("a,b\n\n1,2,3\n"), 0, "row 3 has 3 fields, the first line has 2"},
    {TEXT("a,b\n\"1\n\n\",2\n3\n"), 0, "row 3 has 1 field, the first line has 2"},
    {TEXT("a,,c\n1,2,3\n"), 0, "column 2 has no name in the first line"},
    {TEXT("a, \n1,2\n"), 0, "column 2 has no name in the first line"},
    {TEXT("a,b,a\n1,2,3\n"), 0, "two columns are named \"a\""},
    {TEXT("a\n\"open"), 0, "row 2: a quoted field is not closed"},
    {TEXT("a\n\""), 0, "row 2: a quoted field is not closed"},
    {TEXT("a\n\"x\" y\n"), 0,
     "row 2: there is text behind a closing quote (a quote inside a quoted field is written "
     "twice)"},
    {TEXT("a\n\"x\"\r"), 0,
     "row 2: there is text behind a closing quote (a quote inside a quoted field is written "
     "twice)"},
    {TEXT("a\n5\" disk\n"), 0, "row 2: a quote stands inside a field that does not begin with one"},
    {TEXT("a\nx\ry\n"), 0, "row 2: a carriage return stands alone"},
    {TEXT("a\nx\0y\n"), 0, "row 2 holds a NUL byte"},
    {TEXT("a\nok\ncaf\xe9\n"), 0, "row 3 is not UTF-8"},
    {TEXT("\xff\xfe"
          "a\0\n\0"),
     0, "the file is UTF-16: save it as UTF-8"},
    {TEXT("a\n1"), '"', "a delimiter is one character such as , or ; or a tab, no quote"},
    {TEXT("a\n1"), '\n', "a delimiter is one character such as , or ; or a tab, no quote"},
    {TEXT("a\n1"), '\xc3', "a delimiter is one character such as , or ; or a tab, no quote"},
};

START_TEST(what_is_no_table_is_refused_with_its_row)
{
    struct err e = {""};
    struct feeder_config cfg = {.delimiter = refused[_i].delimiter};
    ck_assert_ptr_null(feeder_parse(refused[_i].csv, refused[_i].len, &cfg, &e));
    ck_assert_str_eq(e.text, refused[_i].message);
}
END_TEST

START_TEST(there_are_limits)
{
    struct err e = {""};
    struct buf csv = {0};
    for (unsigned i = 0; i < FEEDER_MAX_COLUMNS + 1; i++)
        buf_printf(&csv, "%sc%u", i > 0 ? "," : "", i);
    buf_text(&csv, "\n1\n");
    ck_assert_ptr_null(feeder_parse(csv.data, csv.len, &(struct feeder_config){0}, &e));
    ck_assert_str_eq(e.text, "row 1 has more than 1000 fields");
    buf_finish(&csv);
}
END_TEST

/* ------------------------------------------------------------------------------ files */

static char folder[] = "/tmp/test_feeder-XXXXXX";
static char path[sizeof folder + 16];

static void make_folder(void)
{
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/rows.csv", folder);
}

static void remove_folder(void)
{
    unlink(path);
    rmdir(path);
    rmdir(folder);
}

static void write_file(const char *data, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, data, len), (ssize_t)len);
    close(fd);
}

START_TEST(a_file_is_read_whole_and_kept)
{
    struct err e = {""};
    struct buf csv = {0};
    size_t len;
    buf_text(&csv, "n,text\n");
    for (int i = 0; i < 50000; i++)
        buf_printf(&csv, "%d,\"line %d\"\n", i, i);
    write_file(csv.data, csv.len);
    struct feeder *f = feeder_read(path, &(struct feeder_config){0}, &e);
    ck_assert_msg(f != NULL, "%s", e.text);
    write_file("", 0); /* what happens to the file later harms nobody */
    ck_assert_uint_eq(feeder_rows(f), 50000);
    ck_assert_int_eq(feeder_column(f, "text"), 1);
    ck_assert_int_eq(feeder_column(f, "Text"), -1);
    ck_assert_str_eq(feeder_cell(f, 49999, 1, &len), "line 49999");
    ck_assert_uint_eq(len, 10);
    feeder_free(f);
    buf_finish(&csv);
}
END_TEST

START_TEST(what_is_no_file_is_refused_at_once)
{
    struct err e = {""};
    char message[300];
    ck_assert_ptr_null(feeder_read(path, &(struct feeder_config){0}, &e));
    snprintf(message, sizeof message, "cannot read %s: No such file or directory", path);
    ck_assert_str_eq(e.text, message);
    snprintf(message, sizeof message, "%s is no regular file", path);
    ck_assert_int_eq(mkfifo(path, 0600), 0); /* nobody writes: opening it must not wait */
    ck_assert_ptr_null(feeder_read(path, &(struct feeder_config){0}, &e));
    ck_assert_str_eq(e.text, message);
    unlink(path);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_ptr_null(feeder_read(path, &(struct feeder_config){0}, &e));
    ck_assert_str_eq(e.text, message);
    rmdir(path);
    write_file("a,b\n1\n", 6);
    ck_assert_ptr_null(feeder_read(path, &(struct feeder_config){0}, &e));
    snprintf(message, sizeof message, "%s: row 2 has 1 field, the first line has 2", path);
    ck_assert_str_eq(e.text, message);
}
END_TEST

START_TEST(a_file_that_is_too_large_is_not_read)
{
    struct err e = {""};
    char message[300];
    write_file("a\n1\n", 4);
    ck_assert_int_eq(truncate(path, (off_t)FEEDER_MAX_BYTES + 1), 0); /* a hole: no disk used */
    ck_assert_ptr_null(feeder_read(path, &(struct feeder_config){0}, &e));
    snprintf(message, sizeof message, "%s is larger than 256 MiB", path);
    ck_assert_str_eq(e.text, message);
}
END_TEST

/* ----------------------------------------------------------------------------- taking */

#define NONE UINT32_MAX

static const struct {
    enum feeder_order order;
    enum feeder_end at_end;
    uint32_t users[6]; /* that ask, one after the other, for a row of three */
    uint32_t rows[6];  /* what they get */
} taken[] = {
    {FEEDER_SEQUENTIAL, FEEDER_WRAP, {0, 0, 5, 5, 1, 0}, {0, 1, 2, 0, 1, 2}},
    {FEEDER_SEQUENTIAL, FEEDER_STOP, {0, 0, 5, 5, 1, 0}, {0, 1, 2, NONE, NONE, NONE}},
    {FEEDER_UNIQUE, FEEDER_WRAP, {2, 0, 1, 0, 3, 4294967295u}, {2, 0, 1, 0, 0, 0}},
    {FEEDER_UNIQUE, FEEDER_STOP, {2, 0, 1, 0, 3, 4294967295u}, {2, 0, 1, 0, NONE, NONE}},
};

START_TEST(users_take_rows_in_order)
{
    struct feeder_config cfg = {.order = taken[_i].order, .at_end = taken[_i].at_end};
    struct feeder *f = feeder_parse("a\n1\n2\n3\n", 8, &cfg, NULL);
    _Atomic uint64_t cursor = 0;
    struct rng rng;
    rng_seed(&rng, 1);
    ck_assert_int_eq(feeder_order(f), taken[_i].order);
    for (int i = 0; i < 6; i++) {
        uint32_t row = NONE;
        bool beyond = taken[_i].order == FEEDER_UNIQUE && taken[_i].users[i] >= 3;
        ck_assert_int_eq(feeder_take(f, &cursor, taken[_i].users[i], &rng, &row),
                         taken[_i].rows[i] == NONE ? FEEDER_NO_ROW
                         : beyond                  ? FEEDER_SHARED_ROW
                                                   : FEEDER_OWN_ROW);
        ck_assert_uint_eq(row, taken[_i].rows[i]);
    }
    feeder_free(f);
}
END_TEST

START_TEST(random_rows_are_even_and_a_seed_repeats_them)
{
    struct feeder_config cfg = {.order = FEEDER_RANDOM, .at_end = FEEDER_STOP};
    struct feeder *f = feeder_parse("a\n1\n2\n3\n", 8, &cfg, NULL);
    _Atomic uint64_t cursor = 0;
    struct rng rng, again;
    unsigned seen[3] = {0};
    rng_seed(&rng, 1);
    again = rng;
    for (int i = 0; i < 30000; i++) {
        uint32_t row, same;
        ck_assert(feeder_take(f, &cursor, 0, &rng, &row));
        ck_assert(feeder_take(f, &cursor, 9, &again, &same));
        ck_assert_uint_eq(row, same);
        seen[row]++;
    }
    double x2 = 0;
    for (int i = 0; i < 3; i++)
        x2 += (seen[i] - 10000.0) * (seen[i] - 10000.0) / 10000.0;
    ck_assert_msg(x2 < 13.82, "chi-square %.2f", x2);
    feeder_free(f);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("feeder");
    TCase *tc = tcase_create("feeder");
    tcase_add_loop_test(tc, a_table_is_read, 0, sizeof tables / sizeof *tables);
    tcase_add_loop_test(tc, what_is_no_table_is_refused_with_its_row, 0,
                        sizeof refused / sizeof *refused);
    tcase_add_test(tc, there_are_limits);
    tcase_add_loop_test(tc, users_take_rows_in_order, 0, sizeof taken / sizeof *taken);
    tcase_add_test(tc, random_rows_are_even_and_a_seed_repeats_them);
    suite_add_tcase(s, tc);
    TCase *files = tcase_create("files");
    tcase_add_checked_fixture(files, make_folder, remove_folder);
    tcase_add_test(files, a_file_is_read_whole_and_kept);
    tcase_add_test(files, what_is_no_file_is_refused_at_once);
    tcase_add_test(files, a_file_that_is_too_large_is_not_read);
    suite_add_tcase(s, files);
    return unit_run(s);
}
