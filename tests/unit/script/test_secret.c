/* SPDX-License-Identifier: MIT */
/* Secrets: where they may come from, and that no text from outside gives them away. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/script/encode.h"
#include "src/script/scrub.h"
#include "src/script/secret.h"
#include "tests/unit/unit.h"

static unsigned first_secrets;

static void count_first_secret(void)
{
    first_secrets++;
}

START_TEST(the_first_secret_is_announced_once)
{
    secret_on_first(count_first_secret);
    struct secret *one = secret_from("one", 3), *two = secret_copy(one);
    ck_assert_uint_eq(first_secrets, 1);
    secret_free(one);
    secret_free(two);
    secret_on_first(NULL);
}
END_TEST

/* --------------------------------------------------------------------------- reading */

static char folder[] = "/tmp/test_secret-XXXXXX";
static char path[sizeof folder + 16];

static void make_folder(void)
{
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/secret", folder);
}

static void remove_folder(void)
{
    unlink(path);
    rmdir(path);
    rmdir(folder);
}

static void write_file(const char *data, size_t len, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, data, len), (ssize_t)len);
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
}

static struct secret *read_path(struct err *e)
{
    char source[sizeof path + 8];
    snprintf(source, sizeof source, "file:%s", path);
    return secret_read(source, NULL, e);
}

static const struct {
    const char *data;
    size_t len;
    mode_t mode;
    const char *secret;  /* what is read */
    const char *message; /* or what is said; %s: the path */
} files[] = {
    {"pass word", 9, 0600, "pass word", NULL},
    {"pass word\n", 10, 0400, "pass word", NULL},
    {"two\n\n", 5, 0600, "two\n", NULL},
    {"", 0, 0600, NULL, "%s is empty"},
    {"\n", 1, 0600, NULL, "%s is empty"},
    {"a\0b", 3, 0600, NULL, "%s holds a NUL byte: a secret is text"},
    {"x", 1, 0640, NULL, "%s can be read or written by others (mode 0640): chmod 600 it"},
    {"x", 1, 0604, NULL, "%s can be read or written by others (mode 0604): chmod 600 it"},
    {"x", 1, 0620, NULL, "%s can be read or written by others (mode 0620): chmod 600 it"},
};

START_TEST(a_file_is_read_when_it_is_guarded)
{
    struct err e = {""};
    char message[300] = "";
    size_t len;
    write_file(files[_i].data, files[_i].len, files[_i].mode);
    struct secret *s = read_path(&e);
    ck_assert_int_eq(s != NULL, files[_i].secret != NULL);
    if (s != NULL)
        ck_assert_str_eq(secret_reveal(s, &len), files[_i].secret);
    else
        snprintf(message, sizeof message, "%s%s", path, files[_i].message + 2);
    ck_assert_str_eq(e.text, message);
    secret_free(s);
}
END_TEST

START_TEST(what_is_no_file_is_refused_at_once)
{
    struct err e = {""};
    char message[300];
    ck_assert_ptr_null(read_path(&e));
    snprintf(message, sizeof message, "cannot read %s: No such file or directory", path);
    ck_assert_str_eq(e.text, message);
    snprintf(message, sizeof message, "%s is no regular file", path);
    ck_assert_int_eq(mkfifo(path, 0600), 0); /* nobody writes: opening it must not wait */
    ck_assert_ptr_null(read_path(&e));
    ck_assert_str_eq(e.text, message);
    unlink(path);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_ptr_null(read_path(&e));
    ck_assert_str_eq(e.text, message);
}
END_TEST

START_TEST(a_file_of_somebody_else_is_refused)
{
    struct err e = {""};
    write_file("x", 1, 0600);
    if (chown(path, 12345, (gid_t)-1) != 0)
        return; /* only root can give a file away */
    ck_assert_ptr_null(read_path(&e));
    ck_assert_ptr_nonnull(
        strstr(e.text, "belongs to somebody else: a secret's file is your own or root's"));
}
END_TEST

START_TEST(a_large_file_is_refused)
{
    struct err e = {""};
    size_t len;
    char *data = malloc(65538);
    memset(data, 'x', 65538);
    data[65536] = '\n';
    write_file(data, 65537, 0600); /* 64 KiB and the line feed */
    struct secret *s = read_path(&e);
    ck_assert_msg(s != NULL, "%s", e.text);
    secret_reveal(s, &len);
    ck_assert_uint_eq(len, 65536);
    secret_free(s);
    data[65536] = 'x';
    write_file(data, 65537, 0600);
    ck_assert_ptr_null(read_path(&e));
    ck_assert_ptr_nonnull(strstr(e.text, " is larger than 65536 bytes"));
    free(data);
}
END_TEST

static const struct {
    const char *source, *message;
} sources[] = {
    {"env:RAMPTOP_TEST_NONE",
     "the environment variable RAMPTOP_TEST_NONE is not set: export it before the run"},
    {"env:RAMPTOP_TEST_EMPTY", "the environment variable RAMPTOP_TEST_EMPTY is empty"},
    {"env:RAMPTOP_TEST_NONE:-", "the environment variable RAMPTOP_TEST_NONE is empty"},
    {"env::-x", "env: takes the name of an environment variable, as in \"env:PASSWORD\""},
    {"env:", "env: takes the name of an environment variable, as in \"env:PASSWORD\""},
    {"file:", "file: takes the path of a file, as in \"file:/run/secrets/password\""},
    {"hunter2", "a secret comes from \"env:NAME\" or \"file:PATH\""}, /* and is not repeated */
    {"", "a secret comes from \"env:NAME\" or \"file:PATH\""},
};

START_TEST(a_wrong_source_is_refused)
{
    struct err e = {""};
    unsetenv("RAMPTOP_TEST_NONE");
    setenv("RAMPTOP_TEST_EMPTY", "", 1);
    ck_assert_ptr_null(secret_read(sources[_i].source, NULL, &e));
    ck_assert_str_eq(e.text, sources[_i].message);
}
END_TEST

START_TEST(the_environment_is_read)
{
    struct err e = {""};
    size_t len;
    setenv("RAMPTOP_TEST_SECRET", "s3cret", 1);
    struct secret *s = secret_read("env:RAMPTOP_TEST_SECRET", NULL, &e);
    setenv("RAMPTOP_TEST_SECRET", "other", 1); /* what happens later changes nothing */
    ck_assert_msg(s != NULL, "%s", e.text);
    ck_assert_str_eq(secret_reveal(s, &len), "s3cret");
    ck_assert_uint_eq(len, 6);
    secret_free(s);
}
END_TEST

static const struct {
    const char *set, *text;
} defaults[] = {{NULL, "a:-b"}, {"", "a:-b"}, {"s3cret", "s3cret"}};

START_TEST(a_default_stands_in_for_what_is_not_set)
{
    struct err e = {""};
    size_t len;
    if (defaults[_i].set != NULL)
        setenv("RAMPTOP_TEST_SECRET", defaults[_i].set, 1);
    else
        unsetenv("RAMPTOP_TEST_SECRET");
    struct secret *s = secret_read("env:RAMPTOP_TEST_SECRET:-a:-b", NULL, &e);
    ck_assert_msg(s != NULL, "%s", e.text);
    ck_assert_str_eq(secret_reveal(s, &len), defaults[_i].text);
    secret_free(s);
}
END_TEST

/* ------------------------------------------------------------------------- scrubbing */

/* Secrets are separated by |. */
static void scrub(const char *secrets, char *text, size_t len)
{
    struct secrets all = {0};
    for (size_t n; *secrets != '\0'; secrets += n + (secrets[n] == '|')) {
        n = strcspn(secrets, "|");
        secrets_add(&all, secret_from(secrets, n));
    }
    secrets_scrub(&all, text, len);
    secrets_finish(&all);
}

static const struct {
    const char *secrets, *text, *scrubbed;
} texts[] = {
    {"hunter2", "the password hunter2 is wrong", "the password ******* is wrong"},
    {"hunter2", "hunter2hunter2", "**************"},
    {"hunter2", "hunter", "******"}, /* cut off by the end */
    {"hunter2", "wanted a, found \"b hunte...\"", "wanted a, found \"b *****...\""},
    {"hunter2", "hun... hunter2 hunt... x", "hun... ******* ****... x"},
    {"hunter2", "my hunt", "my ****"},
    {"hunter2", "my hun", "my hun"},
    {"hunter2", "hunter 3", "hunter 3"},
    {"hunter2", "", ""},
    {"abc", "abc abc", "abc abc"}, /* too short to look for */
    {"", "abc", "abc"},
    {"aaab", "aaaaaab!", "aaa****!"},
    /* Several, overlapping. */
    {"abcd|abcdef", "abcdefg", "******g"},
    {"abcdef|abcd", "abcdefg", "******g"},
    {"abcd|cdef", "xabcdefx", "x******x"},
    /* Percent-encoded, in any spelling. */
    {"p@ss w%rd/", "q=p%40ss%20w%25rd%2F&", "q=******************&"},
    {"p@ss w%rd/", "q=p%40ss+w%25rd%2f&", "q=****************&"},
    {"p@ss w%rd/", "q=%70%40%73s%20w%25rd%2f&", "q=**********************&"},
    {"p+ss", "p%2Bss p+ss p ss", "****** **** p ss"},
    /* JSON. */
    {"a\"b\\c/d\n", "{\"x\": \"a\\\"b\\\\c\\/d\\n\"}", "{\"x\": \"**********\\n\"}"},
    {"a\"b\\c/d\n", "{\"x\": \"\\u0061\\u0022b\\\\c/d\\u000a\"}",
     "{\"x\": \"******************\\u000a\"}"},
    {"gr\xc3\xbcn\xf0\x9f\x98\x80", "\"gr\\u00FCn\\uD83D\\uDE00!\"", "\"*********************!\""},
    /* HTML. */
    {"a<b>&\"'", "<p>a&lt;b&gt;&amp;&quot;&#39;</p>", "<p>**************************</p>"},
    {"a<b>&\"'", "a&#60;b&#x3E;&#x26;&#34;&apos;!", "******************************!"},
    {"gr\xc3\xbc"
     "n-tree",
     "gr&uuml;n-tree gr&#252n-tree", "************** *************"},
    /* More escapes: JavaScript, Rust, Go, Python, the shell, the old escape(). */
    {"p@ss/word", "\\x70\\u{40}\\U00000073s\\57word", "****************************"},
    {"p@ss$word", "\"p\\@ss\\$word\"", "\"***********\""},
    {"p@ss word", "%u0070%40ss%20word", "******************"},
    {"p=ss/word", "p=3Dss=2Fword", "*************"},
    /* Two layers and three. */
    {"p@ss/word", "p%2540ss%252Fword", "*****************"},
    {"p@ss/word", "\"p\\\\u0040ss\\\\/word\"", "\"*****************\""},
    {"p@ss\"word", "p%5C%22@ss", "p%5C%22@ss"}, /* another one */
    {"p@ss\"word", "p@ss%5C%22word", "**************"},
    {"p@ss word", "p&amp;#64;ss word", "*****************"},
    {"hunter2-and-more", "aHVudGVyMi1hbmQtbW9yZQ", "**********************"},
    {"hunter2-and-more", "aHVudGVyMi1hbmQt\r\n bW9yZQ==", "*************************=="},
    {"hunter2-and-more", "YUhWdWRHVnlNaTFoYm1RdGJXOXlaUQ", "******************************"},
    {"hunter~~>and-mor?e", "aHVudGVyfn4-YW5kLW1vcj9l", "************************"},
    {"hunter~~>and-mor?e", "aHVudGVyfn4%2BYW5kLW1vcj9l", "**************************"},

    /* Digits, numbers. */
    {"hunter2", "68756e74657232", "**************"},
    {"hunter2", "0x68756E74657232", "0x**************"},
    {"hunter2", "68 75 6e 74 65 72 32 0a", "******************** 0a"},
    {"hunter2", "{\"data\":[104,117,110,116,101,114,50]}",
     "{\"data\":[**************************]}"},
    /* UTF-8 taken for ISO 8859-1, and that itself. */
    {"gr\xc3\xbcn-tree", "gr\xc3\x83\xc2\xbcn-tree", "************"},
    {"gr\xc3\xbcn-tree", "gr\xfcn-tree", "*********"},
    /* What does not show: zero width, soft hyphens, controls, marks, line breaks. */
    {"hunter2", "h\xe2\x80\x8bu\xe2\x80\x8bnter2", "*************"},
    {"hunter2", "hun\xc2\xadter2!", "*********!"},
    {"hunter2",
     "hun\x1b\x08ter\x7f"
     "2!",
     "**********!"},
    {"hunter2", "h\xcc\x81unter2!", "*********!"},
    {"hunter2", "hun\\u200bter2!", "*************!"},
    {"hunter2", "hun\r\n\tter2!", "**********!"},
    {"correct horse battery", "correct\nhorse\nbattery", "*********************"},
    {"hunter2", "Hunter2 HUNTER2", "******* *******"},
    /* Pieces: eight bytes anywhere, fewer where something was cut. */
    {"open-sesame-4711", "open-sesame...", "***********..."},
    {"open-sesame-4711", "open-sesamXX", "**********XX"},
    {"open-sesame-4711", "a sesame-4 b", "a ******** b"},
    {"open-sesame-4711", "a sesame- b", "a sesame- b"},
    {"open-sesame-4711", "e-4711 is wrong", "****** is wrong"},
    {"open-sesame-4711", "...e-4711 is wrong", "...****** is wrong"},
    {"open-sesame-4711",
     "\xe2\x80\xa6"
     "e-4711 open\xe2\x80\xa6 x",
     "\xe2\x80\xa6****** ****\xe2\x80\xa6 x"},
    {"open-sesame-4711", "a e-4711 b", "a e-4711 b"},
    {"aaaaaaaab", "aaaaaaaaaab!", "***********!"},
    /* A secret that is encoded itself, as a cookie's value: also what it says. */
    {"s%3Aabcdef.gh", "s:abcdef.gh s%3Aabcdef.gh", "*********** *************"},
    /* A secret that looks like an escape of another kind. */
    {"a&amp;b/c%41d", "\"a&amp;b\\/c%41d\"", "\"**************\""},
};

START_TEST(a_secret_is_found_however_it_is_written)
{
    char *text = strdup(texts[_i].text);
    scrub(texts[_i].secrets, text, strlen(text));
    ck_assert_str_eq(text, texts[_i].scrubbed);
    free(text);
}
END_TEST

static bool holds_digits_of(const char *text, const char *clear, size_t from, size_t len)
{
    for (size_t i = from; i < from + len; i++) {
        if (text[i] == clear[i])
            return true;
    }
    return false;
}

/* "user:secret", as Basic authentication sends it: however long the user's name is, no
 * digit that holds a bit of the secret stays. */
START_TEST(a_secret_is_found_in_base64_behind_any_name)
{
    static const char secret[] = "hunter2-and-more";
    for (size_t name = 0; name < 12; name++) {
        for (size_t behind = 0; behind < 4; behind++) {
            struct buf clear = {0}, encoded = {0};
            buf_add(&clear, "abcdefghijkl", name);
            buf_add(&clear, secret, sizeof secret - 1);
            buf_add(&clear, "wxyz", behind);
            buf_text(&encoded, "Authorization: Basic ");
            size_t at = encoded.len;
            encode_base64(&encoded, clear.data, clear.len);
            buf_text(&encoded, "\r\n");
            char *text = strdup(encoded.data);
            scrub(secret, text, encoded.len);
            size_t first = name * 8 / 6, last = ((name + sizeof secret - 1) * 8 - 1) / 6;
            ck_assert_msg(!holds_digits_of(text, encoded.data, at + first, last - first + 1),
                          "%zu, %zu: %s", name, behind, text);
            ck_assert_int_eq(strncmp(text, encoded.data, at), 0);
            ck_assert_str_eq(text + encoded.len - 2, "\r\n");
            free(text);
            buf_finish(&clear);
            buf_finish(&encoded);
        }
    }
}
END_TEST

START_TEST(the_url_alphabet_of_base64_is_base64_too)
{
    char text[] = "token -_-_-_-_7";
    scrub("\xfb\xff\xbf\xfb\xff\xbf", text, strlen(text));
    ck_assert_str_eq(text, "token *********");
}
END_TEST

/* Wherever a body is cut, what is left of the secret is too short to be of use. */
START_TEST(a_text_may_be_cut_before_it_is_scrubbed)
{
    static const char *const echoes[] = {"sent: p@ss w\"rd.", "sent: p%40ss+w%22rd.",
                                         "sent: p@ss w\\\"rd.", "sent: p@ss w&quot;rd."};
    for (size_t k = 0; k < sizeof echoes / sizeof *echoes; k++) {
        size_t whole = strlen(echoes[k]);
        for (size_t cut = 0; cut <= whole; cut++) {
            char *text = strndup(echoes[k], cut);
            scrub("p@ss w\"rd", text, cut);
            if (cut >= 6 + 8)
                ck_assert_msg(strncmp(text, "sent: ****", 10) == 0, "%s", text);
            ck_assert_msg(strstr(text, "ss ") == NULL && strstr(text, "ss+") == NULL, "%s", text);
            free(text);
        }
    }
}
END_TEST

/* Whatever a target makes up, the work is bounded: what cannot be looked through is hidden. */
START_TEST(what_has_too_many_readings_is_hidden_as_a_whole)
{
    enum { LEN = 20000 };
    static const char *const bits[] = {"%25", "\\\\", "&amp;", "YWFhYWFhYWFh", "6161616161616161",
                                       "a+",  "=3D"};
    char *text = malloc(LEN + 1), secret[301];
    memset(secret, 'a', 300);
    secret[300] = '\0';
    for (size_t len = 0, i = 0; len < LEN; i++) {
        const char *bit = bits[i * 7919 % 31 % (sizeof bits / sizeof *bits)];
        size_t n = strlen(bit) < LEN - len ? strlen(bit) : LEN - len;
        memcpy(text + len, bit, n);
        len += n;
    }
    text[LEN] = '\0';
    scrub(secret, text, LEN);
    ck_assert_uint_eq(strlen(text), LEN);
    ck_assert_ptr_null(strstr(text, "YWFhYWFhYWFh"));
    ck_assert_ptr_null(strstr(text, "6161616161616161"));
    memset(text, 'a', LEN);
    scrub(secret, text, LEN);
    ck_assert_uint_eq(strspn(text, "*"), LEN);
    free(text);
}
END_TEST

START_TEST(no_byte_outside_the_text_is_touched)
{
    char text[] = "hunter2hunter2";
    scrub("hunter2", text, 7);
    ck_assert_str_eq(text, "*******hunter2");
    char nul[] = "a\0hunter2";
    scrub("hunter2", nul, sizeof nul - 1);
    ck_assert_int_eq(memcmp(nul, "a\0*******", sizeof nul), 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("secret");
    TCase *reading = tcase_create("reading");
    tcase_add_test(reading, the_first_secret_is_announced_once);
    tcase_add_checked_fixture(reading, make_folder, remove_folder);
    tcase_add_loop_test(reading, a_file_is_read_when_it_is_guarded, 0,
                        sizeof files / sizeof *files);
    tcase_add_test(reading, what_is_no_file_is_refused_at_once);
    tcase_add_test(reading, a_file_of_somebody_else_is_refused);
    tcase_add_test(reading, a_large_file_is_refused);
    tcase_add_loop_test(reading, a_wrong_source_is_refused, 0, sizeof sources / sizeof *sources);
    tcase_add_test(reading, the_environment_is_read);
    tcase_add_loop_test(reading, a_default_stands_in_for_what_is_not_set, 0,
                        sizeof defaults / sizeof *defaults);
    suite_add_tcase(s, reading);
    TCase *scrubbing = tcase_create("scrubbing");
    tcase_add_loop_test(scrubbing, a_secret_is_found_however_it_is_written, 0,
                        sizeof texts / sizeof *texts);
    tcase_add_test(scrubbing, a_secret_is_found_in_base64_behind_any_name);
    tcase_add_test(scrubbing, the_url_alphabet_of_base64_is_base64_too);
    tcase_add_test(scrubbing, a_text_may_be_cut_before_it_is_scrubbed);
    tcase_add_test(scrubbing, what_has_too_many_readings_is_hidden_as_a_whole);
    tcase_add_test(scrubbing, no_byte_outside_the_text_is_touched);
    suite_add_tcase(s, scrubbing);
    return unit_run(s);
}
