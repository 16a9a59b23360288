/* SPDX-License-Identifier: MIT */
/* What is trusted, with a real file in a folder of the test's own. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/cli/trust.h"
#include "tests/unit/unit.h"

static char folder[64], file[128], profile_path[128];
static struct profile profile;

static void add_words(enum permission_kind kind, const char *const *words)
{
    size_t n = 0;
    while (words[n] != NULL)
        n++;
    permissions_add(&profile.permissions, kind, words, n);
}

#define ADD(kind, ...) add_words(kind, (const char *const[]){__VA_ARGS__, NULL})
#define COMMAND(...) ADD(PERMISSION_COMMAND, __VA_ARGS__)

static bool given(void)
{
    struct err e;
    return trust_given(&profile, true, NULL, &e);
}

static void set_up(void)
{
    snprintf(folder, sizeof folder, "/tmp/ramptop-trust-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/state/ramptop/trusted", folder);
    snprintf(profile_path, sizeof profile_path, "%s/a.cfg", folder);
    fclose(fopen(profile_path, "w"));
    char state[128];
    snprintf(state, sizeof state, "%s/state", folder);
    setenv("XDG_STATE_HOME", state, 1);
    memset(&profile, 0, sizeof profile);
    profile.file = profile_path;
    COMMAND("/bin/depth", "a b");
}

static void tear_down(void)
{
    static const char *const parts[] = {"state/ramptop/trusted", "state/ramptop", "state", "a.cfg",
                                        "b.cfg"};
    char path[160];
    permissions_finish(&profile.permissions);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, parts[i]);
        remove(path);
    }
    rmdir(folder);
}

static void give(void)
{
    struct err e = {0};
    ck_assert_msg(trust_give(&profile, &e), "%s", e.text);
}

START_TEST(nothing_is_trusted_until_it_is_given)
{
    ck_assert(!given());
    give();
    ck_assert(given());
    struct stat st;
    ck_assert_int_eq(stat(file, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
    *strrchr(file, '/') = '\0';
    ck_assert_int_eq(stat(file, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0700);
}
END_TEST

START_TEST(a_changed_command_is_not_trusted)
{
    static const char *const others[][4] = {{"/bin/depth"},
                                            {"/bin/depth", "a", "b"},
                                            {"/bin/depth", "a b", ""},
                                            {"/bin/depth", "a b", "c"},
                                            {"/bin/depth", "a b\n"},
                                            {"/bin/other", "a b"}};
    give();
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        permissions_finish(&profile.permissions);
        add_words(PERMISSION_COMMAND, others[i]);
        ck_assert_msg(!given(), "%zu", i);
    }
    permissions_finish(&profile.permissions);
    COMMAND("/bin/depth", "a b");
    ck_assert(given());
    COMMAND("/bin/second");
    ck_assert(!given()); /* all or none */
}
END_TEST

static void write_script(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
    ck_assert_int_eq(chmod(path, 0700), 0);
}

/* The words are the same: what they mean is not. */
START_TEST(a_changed_script_is_not_trusted)
{
    char *script = mem_printf("%s/b.cfg", folder);
    write_script(script, "#!/bin/sh\necho a=1\n");
    COMMAND(script, "x");
    COMMAND("sh", script);
    give();
    ck_assert(given());
    write_script(script, "#!/bin/sh\necho a=2\n");
    ck_assert(!given());
    give();
    ck_assert(given());
    char *before = mem_strdup(getenv("PATH")); /* another sh */
    char *path = mem_printf("%s:%s", folder, before), *other = mem_printf("%s/sh", folder);
    write_script(other, "#!/bin/false\n");
    setenv("PATH", path, 1);
    ck_assert(!given());
    setenv("PATH", before, 1);
    ck_assert(given());
    unlink(other);
    free(before);
    free(path);
    free(other);
    free(script);
}
END_TEST

START_TEST(ssh_is_a_command)
{
    char *text;
    ADD(PERMISSION_SSH, "ssh", "me@a");
    ck_assert_uint_eq(trust_list(&profile, &text), 2);
    ck_assert_str_eq(text, "  run \"/bin/depth\" \"a b\"\n  run \"ssh\" \"me@a\"\n");
    free(text);
    give();
    ck_assert(given());
    ADD(PERMISSION_SSH, "ssh", "ssh://me@b");
    ck_assert(!given());
}
END_TEST

/* An edit that asks for nothing new asks nothing; the first that is new is named. */
START_TEST(only_what_is_new_is_asked_for)
{
    static const struct {
        enum permission_kind kind;
        const char *word, *said;
    } rows[] = {
        {PERMISSION_VARIABLE, "HOME", "asks to read the variable \"HOME\""},
        {PERMISSION_FILE, "/etc/passwd", "asks to read the file \"/etc/passwd\""},
        {PERMISSION_SERVER, "http://b", "asks to send requests to \"http://b\""},
        {PERMISSION_COMMAND, "df", "asks to run \"df\""},
        {PERMISSION_SSH, "ssh", "asks to run \"ssh\""},
    };
    struct err e;
    give();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ADD(rows[i].kind, rows[i].word);
        ck_assert(!trust_given(&profile, true, NULL, &e));
        ck_assert_msg(strstr(e.text, rows[i].said) != NULL, "%s", e.text);
        ck_assert_ptr_null(strstr(e.text, " more"));
        give();
        ck_assert(given());
    }
    permissions_remove(&profile.permissions, 0); /* less is no question */
    ck_assert(given());
    ADD(PERMISSION_SERVER, "http://c");
    ADD(PERMISSION_SERVER, "http://d");
    struct problems asks = {0};
    ck_assert(!trust_given(&profile, true, &asks, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "\"http://c\" and 1 more"));
    ck_assert_uint_eq(asks.n, 2);
    problems_finish(&asks);
}
END_TEST

/* The target is what a profile is for; who gets what was read is another matter. */
START_TEST(the_target_is_asked_for_where_anything_is_read)
{
    permissions_finish(&profile.permissions);
    ADD(PERMISSION_TARGET, "http://a");
    ck_assert(given());
    ADD(PERMISSION_VARIABLE, "HOME");
    give();
    ck_assert(given());
    permissions_finish(&profile.permissions);
    ADD(PERMISSION_TARGET, "http://b");
    ck_assert(given());
    ADD(PERMISSION_VARIABLE, "HOME");
    ck_assert(!given());
}
END_TEST

START_TEST(what_is_not_done_now_is_not_asked_for)
{
    struct err e;
    char *text;
    permissions_finish(&profile.permissions);
    unsetenv("RAMPTOP_TEST_NONE");
    permissions_variable(&profile.permissions, "RAMPTOP_TEST_NONE");
    ck_assert(given());                                /* nothing is read */
    ck_assert_uint_eq(trust_list(&profile, &text), 1); /* but will be */
    free(text);
    profile.permissions.of_probe = true;
    COMMAND("df");
    ck_assert(trust_given(&profile, false, NULL, &e));
    ck_assert(!given());
    profile.shipped = true;
    ck_assert(given());
}
END_TEST

START_TEST(words_cannot_feign_a_line)
{
    char *line = mem_printf("x\n\"%s\": \"/bin/evil\"\n", profile_path);
    COMMAND("/bin/depth", line);
    give();
    permissions_finish(&profile.permissions);
    COMMAND("/bin/evil");
    ck_assert(!given());
    free(line);
}
END_TEST

START_TEST(each_profile_has_its_own)
{
    char other[128];
    give();
    snprintf(other, sizeof other, "%s/b.cfg", folder);
    fclose(fopen(other, "w"));
    profile.file = other;
    ck_assert(!given());
    give();
    ck_assert(given());
    profile.file = profile_path; /* that of the first is still there */
    ck_assert(given());
    permissions_finish(&profile.permissions); /* and goes when it has other commands */
    COMMAND("/bin/new");
    give();
    permissions_finish(&profile.permissions);
    COMMAND("/bin/depth", "a b");
    ck_assert(!given());
    profile.file = other;
    ck_assert(given());
}
END_TEST

START_TEST(a_file_that_others_may_write_is_not_believed)
{
    give();
    ck_assert_int_eq(chmod(file, 0620), 0);
    ck_assert(!given());
    ck_assert_int_eq(chmod(file, 0602), 0);
    ck_assert(!given());
    ck_assert_int_eq(chmod(file, 0600), 0);
    ck_assert(given());
}
END_TEST

START_TEST(commands_are_shown_as_they_are)
{
    char *text;
    permissions_finish(&profile.permissions);
    profile.permissions.place = "a.cfg:7";
    COMMAND("sh", "-c", "echo \"x\" \x1b[2J\\");
    ck_assert_uint_eq(trust_list(&profile, &text), 1);
    ck_assert_str_eq(text, "  run \"sh\" \"-c\" \"echo \\\"x\\\" \\x1b[2J\\\\\" (a.cfg:7)\n");
    free(text);
    permissions_finish(&profile.permissions);
    profile.permissions.typed = true; /* on the command line: needs none */
    COMMAND("sh");
    ck_assert_uint_eq(trust_list(&profile, &text), 0);
    free(text);
}
END_TEST

START_TEST(without_a_place_it_is_said)
{
    struct err e = {0};
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
    ck_assert(!given());
    ck_assert(!trust_give(&profile, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "HOME"));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("trust");
    TCase *c = tcase_create("all");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, nothing_is_trusted_until_it_is_given);
    tcase_add_test(c, a_changed_command_is_not_trusted);
    tcase_add_test(c, a_changed_script_is_not_trusted);
    tcase_add_test(c, ssh_is_a_command);
    tcase_add_test(c, only_what_is_new_is_asked_for);
    tcase_add_test(c, the_target_is_asked_for_where_anything_is_read);
    tcase_add_test(c, what_is_not_done_now_is_not_asked_for);
    tcase_add_test(c, words_cannot_feign_a_line);
    tcase_add_test(c, each_profile_has_its_own);
    tcase_add_test(c, a_file_that_others_may_write_is_not_believed);
    tcase_add_test(c, commands_are_shown_as_they_are);
    tcase_add_test(c, without_a_place_it_is_said);
    suite_add_tcase(s, c);
    return unit_run(s);
}
