/* SPDX-License-Identifier: MIT */
/* A profile's text and what is said of mistakes in it: files, includes, grammar, limits. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/settings/read.h"
#include "src/settings/scan.h"
#include "src/settings/source.h"
#include "tests/unit/unit.h"

/* ------------------------------------------------------------------ grammar */

static const struct {
    const char *text, *message; /* NULL: nothing is wrong */
} grammar[] = {
    {"", NULL},
    {"\xef\xbb\xbf"
     "a = 1;",
     NULL},
    {"a = 1, b = 2 c : 3;", NULL},
    {"a = (); b = []; c = {}; d = ((), [], {}, \"x\" \"y\", 1, 2.0);", NULL},
    {"a = { b = 1, c = \"x\n y\"; }; # c\nd = 1; // e", NULL},
    {"a = \"/* no comment */ # nor this // \\\" \\\\\"; /* \" */ b = .5;", NULL},
    {"a = -2147483648; b = 2147483647; c = 0x7fffffff; d = 9223372036854775807L; e = +5; f = 5.;",
     NULL},
    {"a = TRUE; b = fAlse; *c-d_ = 1e5;", NULL},
    {"a = -2147483649;", "t:1: the number -2147483649 is too large."},
    {"a = 2147483648;", "t:1: the number 2147483648 is too large."},
    {"a = 0x80000000;", "t:1: the number 0x80000000 is too large."},
    {"a = 0x8000000000000000L;", "t:1: the number 0x8000000000000000L is too large."},
    {"a = 9223372036854775808L;", "t:1: the number 9223372036854775808L is too large."},
    {"a = 99999999999999999999999999999999999999999999;",
     "t:1: the number 9999999999999999999999999999999999999999... is too large."},
    {"a = 1e999;", "t:1: the number 1e999 is too large."},
    {"a = 1e99999999999999999999;", "t:1: the number 1e99999999999999999999 is too large."},
    {"\ntimeout = 5s;", "t:2: \"5s\" is not a number; write a time or text in quotes."},
    {"a = 1.5.5;", "t:1: \"1.5.5\" is not a number; write a time or text in quotes."},
    {"a = -;", "t:1: \"-\" is not a number; write a time or text in quotes."},
    {"a = .;", "t:1: \".\" is not a number; write a time or text in quotes."},
    {"a = 0x;", "t:1: \"0x\" is not a number; write a time or text in quotes."},
    {"a = -0x5;", "t:1: \"-0x5\" is not a number; write a time or text in quotes."},
    {"a = 5s = 1;", "t:1: \"5s\" is not a number; write a time or text in quotes."},
    {"a = \"x\"b = 1;",
     "t:1: the string \"x\" is followed by more text; a quote within a string is written \\\"."},
    {"a = 1e;", "t:1: \"1e\" is not a number; write a time or text in quotes."},
    {"a = (\n1,\n2,\n);", "t:3: the last element must have no comma behind it."},
    {"a = {\n b = 1;\n", "t:1: the \"{\" that opens here is never closed."},
    {"a = (\n 1,", "t:1: the \"(\" that opens here is never closed."},
    {"a = {\n b = 1;\n);", "t:3: \")\" does not close the \"{\" of line 1; \"}\" would."},
    {"a = 1;\n}", "t:2: \"}\" closes nothing."},
    {"a = (\n { b = 1; }\n { b = 2; } );", "t:2: a comma is missing after \"}\"."},
    {"a = (\n { b = 1; };\n { b = 2; } );",
     "t:2: commas part the elements of a list, not semicolons."},
    {"a = (1 2);", "t:1: a comma is missing after \"1\"."},
    {"a = (,1);", "t:1: a value is expected, not \",\"."},
    {"a = ( b = 1 );", "t:1: \"b\" must be in quotes, or in a group { }."},
    {"a = 1\n\"x\";", "t:1: a semicolon is missing after \"1\"."},
    {"a = { r = \"GET /b; t = [\"read\"]; u = \"; };",
     "t:1: the closing quote of \"GET /b is missing."},
    {"j = \"{\"u\": \"${t}\"}\";",
     "t:1: the string \"{\" is followed by more text; a quote within a string is written \\\"."},
    {"j = \"{\\\"u\": {\"v\\\": 7}}\";",
     "t:1: the string \"{\\\"u\" is followed by more text; a quote within a string is written "
     "\\\"."},
    {"a = (\n { b = 1; }\n\nc = 2;",
     "t:2: after \"}\" the \")\" is missing that closes the \"(\" of line 1."},
    {"a = { \"X-Token\" = \"x\"; };",
     "t:1: the name of a setting has no quotes, unlike \"X-Token\"."},
    {"a\nb = 1;", "t:1: \"=\" is missing after \"a\"."},
    {"a", "t:1: \"=\" is missing after \"a\"."},
    {"a = \n;", "t:1: a value is missing after \"=\"."},
    {"a =", "t:1: a value is missing after \"=\"."},
    {"a = b;", "t:1: \"b\" must be in quotes to be a value."},
    {"a = 1;;", "t:1: this \";\" ends nothing; leave it out."},
    {"= 1;", "t:1: \"=\" is not the name of a setting."},
    {"\xc3\xa4 = 1;", "t:1: \"\xc3\xa4\" is not the name of a setting."},
    {"a = [1, 2.5];",
     "t:1: the numbers of an array must be of one kind; write all of them with a decimal point, "
     "as in [1.0, 2.5]."},
    {"a = [1, \"x\"];",
     "t:1: the values of an array [ ] must be of one kind; use a list ( ) here."},
    {"a = [(1)];", "t:1: an array [ ] holds plain values only; use a list ( ) here."},
    {"a = \"x\\x00y\";", "t:1: \\x00 in a string would cut it short; it cannot be written."},
    {"a = 1;\nb = 2;\na = 3;", "t:3: \"a\" is given twice; the first is on line 1."},
    {"a = { b = 1;\n b = 2; };", "t:2: \"b\" is given twice; the first is on line 1."},
    {"\n/* a\nb", "t:2: the comment that begins here has no end; close it with */."},
    {"a = \"abc;\nb = 1;\n", "t:1: the string that begins here has no closing quote."},
    {"a = 1;\nb = \"x;\nc = \"y\";\n", "t:2: the string that begins here has no closing quote."},
    {"a = \"x;\nb = 1;\nc = \"y\";\nd = \"z\"; e = \"\";\"",
     "t:1: the string that begins here runs over the end of the line; is its closing quote "
     "missing?"},
    {"a = 1; @include \"x\"", "t:1: @include \"FILE\" must stand at the beginning of a line."},
    {"@include \"x\"", "t:1: @include is not possible here."},
    {" \t@include x", "t:1: @include takes a file name in quotes."},
    {"# @include \"x\"\n/*\n@include \"x\"\n*/ a = \"\n@include 'x'\n\";", NULL},
    {"a = 1;\n\xff", "t:2: the byte 0xff is not UTF-8 text; save the file as UTF-8."},
    {"a = \"\xed\xa0\x80\";", "t:1: the byte 0xed is not UTF-8 text; save the file as UTF-8."},
    {"a = \x1b;", "t:1: a value is missing after \"=\"."},
};

static bool scan_text(const char *text, size_t len, struct problems *problems)
{
    struct source s;
    struct node root;
    bool ok = source_from_text(&s, "t", text, len, problems) && settings_read(&root, &s, problems);
    if (ok)
        node_finish(&root);
    source_finish(&s);
    return ok;
}

START_TEST(grammar_is_checked_in_words)
{
    struct problems problems = {0};
    bool ok = scan_text(grammar[_i].text, strlen(grammar[_i].text), &problems);
    ck_assert_int_eq(ok, grammar[_i].message == NULL);
    if (grammar[_i].message == NULL) {
        ck_assert_msg(problems.n == 0, "%s", problems.n > 0 ? problems.lines[0] : "");
    } else {
        ck_assert_uint_ge(problems.n, 1);
        ck_assert_str_eq(problems.lines[0], grammar[_i].message);
    }
    problems_finish(&problems);
}
END_TEST

START_TEST(all_wrong_numbers_and_twins_come_at_once)
{
    static const char text[] = "a = 4294967296;\nb = 1e999;\na = 2;\nc = ;";
    struct problems problems = {0};
    ck_assert(!scan_text(text, sizeof text - 1, &problems));
    ck_assert_uint_eq(problems.n, 4);
    ck_assert_str_eq(problems.lines[1], "t:2: the number 1e999 is too large.");
    ck_assert_str_eq(problems.lines[2], "t:3: \"a\" is given twice; the first is on line 1.");
    ck_assert_str_eq(problems.lines[3], "t:4: a value is missing after \"=\".");
    problems_finish(&problems);
}
END_TEST

START_TEST(a_nul_byte_is_named_with_its_line)
{
    struct problems problems = {0};
    ck_assert(!scan_text("a = 1;\nb\0 = 2;", 15, &problems));
    ck_assert_str_eq(problems.lines[0], "t:2: a NUL byte; a profile is a text file.");
    problems_finish(&problems);
}
END_TEST

/* ------------------------------------------------------------------- limits */

static char *repeat(const char *before, const char *what, size_t times, const char *after)
{
    size_t len = strlen(what);
    char *text = mem_zalloc(strlen(before) + len * times + strlen(after) + 1);
    char *at = stpcpy(text, before);
    for (size_t i = 0; i < times; i++)
        at = stpcpy(at, what);
    strcpy(at, after);
    return text;
}

static void expect_message(char *text, const char *message)
{
    struct problems problems = {0};
    bool ok = scan_text(text, strlen(text), &problems);
    ck_assert_int_eq(ok, message == NULL);
    if (message != NULL)
        ck_assert_str_eq(problems.lines[0], message);
    problems_finish(&problems);
    free(text);
}

START_TEST(nesting_stops_at_32)
{
    char *open = repeat("a = ", "(", 32, "");
    expect_message(repeat(open, ")", 32, ";"), NULL);
    free(open);
    open = repeat("a = ", "(", 33, "");
    expect_message(repeat(open, ")", 33, ";"), "t:1: the nesting is deeper than 32.");
    free(open);
    expect_message(repeat("a = ", "(", 200000, ""), "t:1: the nesting is deeper than 32.");
}
END_TEST

START_TEST(the_size_stops_at_256_kib)
{
    expect_message(repeat("", "#", SOURCE_MAX_BYTES, ""), NULL);
    expect_message(repeat("", "#", SOURCE_MAX_BYTES + 1, ""),
                   "t: the profile is larger than 256 KiB.");
}
END_TEST

START_TEST(the_settings_of_a_group_stop_at_200)
{
    char *text = mem_zalloc(20 * (SCAN_MAX_SETTINGS + 2));
    char *at = text;
    for (int i = 0; i < SCAN_MAX_SETTINGS; i++)
        at += sprintf(at, "a%d = %d;\n", i, i);
    struct problems problems = {0};
    ck_assert(scan_text(text, strlen(text), &problems));
    strcpy(at, "b = 1;");
    expect_message(text, "t:201: there are more than 200 settings in one group.");
}
END_TEST

/* -------------------------------------------------------------------- files */

static char folder[] = "/tmp/ramptop-scan-XXXXXX";

static void make_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void remove_folder(void)
{
    char *command = mem_printf("rm -rf '%s'", folder);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(system(command), 0);
    free(command);
}

static void put(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

static void expect_file(const char *name, const char *message)
{
    struct problems problems = {0};
    struct source s;
    struct node root;
    bool ok = source_from_file(&s, name, &problems) && settings_read(&root, &s, &problems);
    if (ok)
        node_finish(&root);
    source_finish(&s);
    ck_assert_int_eq(ok, message == NULL);
    if (message == NULL)
        ck_assert_uint_eq(problems.n, 0);
    else
        ck_assert_str_eq(problems.lines[0], message);
    problems_finish(&problems);
}

START_TEST(only_regular_files_are_read)
{
    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
    ck_assert_int_eq(mkdir("folder", 0700), 0);
    expect_file("none.cfg", "none.cfg: the profile cannot be read: No such file or directory.");
    expect_file("fifo", "fifo: the profile cannot be read: it is not a regular file.");
    expect_file("folder", "folder: the profile cannot be read: it is a folder.");
    expect_file("/dev/zero", "/dev/zero: the profile cannot be read: it is not a regular file.");
    char *big = repeat("", "#", SOURCE_MAX_BYTES + 1, "");
    put("big.cfg", big);
    free(big);
    expect_file("big.cfg", "big.cfg: the profile cannot be read: it is larger than 256 KiB.");
}
END_TEST

START_TEST(an_include_keeps_file_and_line)
{
    ck_assert_int_eq(mkdir("sub", 0700), 0);
    put("a.cfg", "a = 1;\n  @include \"sub/b.cfg\" c = 3;\nd = ;\n");
    put("sub/b.cfg", "b = 2;\n@include \"e.cfg\"\n");
    put("sub/e.cfg", "e = 1");
    expect_file("a.cfg", "a.cfg:3: a value is missing after \"=\".");
    put("sub/e.cfg", "# one\n\ne = ;");
    expect_file("a.cfg", "sub/e.cfg:3: a value is missing after \"=\".");
    put("sub/e.cfg", "e = 1;");
    put("sub/b.cfg", "\nb = 2;\n@include \"e.cfg\"\nx = 5s;\n");
    expect_file("a.cfg", "sub/b.cfg:4: \"5s\" is not a number; write a time or text in quotes.");
    put("sub/b.cfg", "b = \"2;\n");
    expect_file("a.cfg", "sub/b.cfg:1: the string that begins here has no closing quote.");
    put("sub/b.cfg", "\nb = 2;");
    put("a.cfg", "a = 1;\n@include \"sub/b.cfg\"\n@include \"sub/e.cfg\"\n");
    expect_file("a.cfg", NULL);
}
END_TEST

static const struct {
    const char *name, *message;
} bad_includes[] = {
    {"../x", "a.cfg:1: @include \"../x\" leaves the profile's folder."},
    {"x/../../y", "a.cfg:1: @include \"x/../../y\" leaves the profile's folder."},
    {"x/..", "a.cfg:1: @include \"x/..\" leaves the profile's folder."},
    {"/etc/passwd", "a.cfg:1: @include takes a path relative to this file, not \"/etc/passwd\"."},
    {"", "a.cfg:1: @include takes a path relative to this file, not \"\"."},
    {"no.cfg", "a.cfg:1: the included file \"no.cfg\" cannot be read: No such file or directory."},
    {".", "a.cfg:1: the included file \".\" cannot be read: it is a folder."},
    {"fifo", "a.cfg:1: the included file \"fifo\" cannot be read: it is not a regular file."},
    {"a.cfg", "a.cfg:1: includes are nested deeper than 4."},
};

START_TEST(includes_stay_in_the_folder)
{
    mkfifo("fifo", 0600);
    char *text = mem_printf("@include \"%s\"\n", bad_includes[_i].name);
    put("a.cfg", text);
    free(text);
    expect_file("a.cfg", bad_includes[_i].message);
}
END_TEST

START_TEST(includes_stop_at_16)
{
    char *text = repeat("", "@include \"e.cfg\"\n", 16, "");
    put("e.cfg", "");
    put("a.cfg", text);
    expect_file("a.cfg", NULL);
    free(text);
    text = repeat("", "@include \"e.cfg\"\n", 17, "");
    put("a.cfg", text);
    free(text);
    expect_file("a.cfg", "a.cfg:17: there are more than 16 includes.");
}
END_TEST

START_TEST(includes_count_towards_the_size)
{
    char *half = repeat("", "#", SOURCE_MAX_BYTES / 2 + 20, "\n");
    put("half.cfg", half);
    free(half);
    put("a.cfg", "@include \"half.cfg\"\n@include \"half.cfg\"\n");
    expect_file("a.cfg", "half.cfg:2: with its includes the profile is larger than 256 KiB.");
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof *(array))

int main(void)
{
    Suite *s = suite_create("scan");
    TCase *tc = tcase_create("text");
    tcase_add_loop_test(tc, grammar_is_checked_in_words, 0, COUNT(grammar));
    tcase_add_test(tc, all_wrong_numbers_and_twins_come_at_once);
    tcase_add_test(tc, a_nul_byte_is_named_with_its_line);
    tcase_add_test(tc, nesting_stops_at_32);
    tcase_add_test(tc, the_size_stops_at_256_kib);
    tcase_add_test(tc, the_settings_of_a_group_stop_at_200);
    suite_add_tcase(s, tc);
    tc = tcase_create("files");
    tcase_add_checked_fixture(tc, make_folder, remove_folder);
    tcase_add_test(tc, only_regular_files_are_read);
    tcase_add_test(tc, an_include_keeps_file_and_line);
    tcase_add_loop_test(tc, includes_stay_in_the_folder, 0, COUNT(bad_includes));
    tcase_add_test(tc, includes_stop_at_16);
    tcase_add_test(tc, includes_count_towards_the_size);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
