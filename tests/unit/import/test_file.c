/* SPDX-License-Identifier: MIT */
/* The files of the import: read with limits, written only where nothing is. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/import/import.h"
#include "src/profile/read.h"
#include "tests/unit/unit.h"

static char folder[] = "/tmp/ramptop-import-XXXXXX";
static char file[128];

static void make_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/a.cfg", folder);
}

static void remove_folder(void)
{
    unlink(file);
    rmdir(folder);
}

START_TEST(a_new_file_is_written_once_and_never_over_another)
{
    struct err e = {""};
    char *text;
    size_t len;
    ck_assert_msg(import_write_new(file, "one\n", &e), "%s", e.text);
    ck_assert(!import_write_new(file, "two\n", &e));
    ck_assert_ptr_nonnull(strstr(e.text, "is there already and stays as it is"));
    ck_assert_msg(import_read_file(file, &text, &len, &e), "%s", e.text);
    ck_assert_str_eq(text, "one\n");
    ck_assert_uint_eq(len, 4);
    free(text);
}
END_TEST

START_TEST(a_link_to_nowhere_is_not_followed)
{
    struct err e = {""};
    char other[160];
    snprintf(other, sizeof other, "%s/elsewhere", folder);
    ck_assert_int_eq(symlink(other, file), 0);
    ck_assert(!import_write_new(file, "x", &e));
    ck_assert_int_ne(access(other, F_OK), 0);
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
    struct err e = {""};
    char *text = file;
    size_t len;
    ck_assert(!import_read_file(folder, &text, &len, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "is not a regular file."));
    ck_assert_ptr_null(text);
    ck_assert(!import_read_file(file, &text, &len, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "No such file"));
    ck_assert_int_eq(mkfifo(file, 0600), 0); /* nobody writes: opening it must not wait */
    ck_assert(!import_read_file(file, &text, &len, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "is not a regular file."));
}
END_TEST

START_TEST(a_file_over_the_limit_is_refused)
{
    struct err e = {""};
    char *text;
    size_t len;
    ck_assert(import_write_new(file, "x", &e));
    ck_assert_int_eq(truncate(file, IMPORT_MAX_BYTES), 0);
    ck_assert_msg(import_read_file(file, &text, &len, &e), "%s", e.text);
    ck_assert_uint_eq(len, IMPORT_MAX_BYTES);
    free(text);
    ck_assert_int_eq(truncate(file, IMPORT_MAX_BYTES + 1), 0);
    ck_assert(!import_read_file(file, &text, &len, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "is larger than 64 MiB"));
}
END_TEST

START_TEST(the_starter_is_a_right_profile)
{
    struct problems problems = {0};
    const char *text = import_starter();
    struct profile *p = profile_parse("starter.cfg", text, strlen(text), NULL, &problems);
    ck_assert_msg(p != NULL, "%s", problems.n > 0 ? problems.lines[0] : "no profile");
    profile_unref(p);
    problems_finish(&problems);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("import files");
    TCase *tc = tcase_create("files");
    tcase_add_checked_fixture(tc, make_folder, remove_folder);
    tcase_add_test(tc, a_new_file_is_written_once_and_never_over_another);
    tcase_add_test(tc, a_link_to_nowhere_is_not_followed);
    tcase_add_test(tc, what_is_no_file_is_refused);
    tcase_add_test(tc, a_file_over_the_limit_is_refused);
    tcase_add_test(tc, the_starter_is_a_right_profile);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
