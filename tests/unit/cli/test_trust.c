/* SPDX-License-Identifier: MIT */
/* Which commands are trusted, with a real file in a folder of the test's own. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/trust.h"
#include "tests/unit/unit.h"

static char folder[64], file[128], profile_path[128];
static struct profile profile;

static struct probe_spec *command(const char *const *words)
{
    struct probe_spec *s = probe_spec_new(PROBE_COMMAND);
    while (words[s->n_argv] != NULL)
        s->n_argv++;
    s->argv = mem_array(s->n_argv + 1, sizeof *s->argv);
    for (size_t i = 0; i < s->n_argv; i++)
        s->argv[i] = mem_strdup(words[i]);
    ck_assert(probe_spec_complete(s, NULL));
    return s;
}

#define COMMAND(...) command((const char *const[]){__VA_ARGS__, NULL})

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
    probe_specs_add(&profile.probes, COMMAND("/bin/depth", "a b"));
}

static void tear_down(void)
{
    static const char *const parts[] = {"state/ramptop/trusted", "state/ramptop", "state", "a.cfg",
                                        "b.cfg"};
    char path[160];
    probe_specs_finish(&profile.probes);
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
    ck_assert(!trust_given(&profile));
    give();
    ck_assert(trust_given(&profile));
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
        struct probe_spec *mine = profile.probes.items[0];
        profile.probes.items[0] = command(others[i]);
        ck_assert_msg(!trust_given(&profile), "%zu", i);
        probe_spec_unref(profile.probes.items[0]);
        profile.probes.items[0] = mine;
    }
    ck_assert(trust_given(&profile));
    probe_specs_add(&profile.probes, COMMAND("/bin/second"));
    ck_assert(!trust_given(&profile)); /* all or none */
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
    probe_specs_add(&profile.probes, COMMAND(script, "x"));
    probe_specs_add(&profile.probes, COMMAND("sh", script));
    give();
    ck_assert(trust_given(&profile));
    write_script(script, "#!/bin/sh\necho a=2\n");
    ck_assert(!trust_given(&profile));
    give();
    ck_assert(trust_given(&profile));
    char *before = mem_strdup(getenv("PATH")); /* another sh */
    char *path = mem_printf("%s:%s", folder, before), *other = mem_printf("%s/sh", folder);
    write_script(other, "#!/bin/false\n");
    setenv("PATH", path, 1);
    ck_assert(!trust_given(&profile));
    setenv("PATH", before, 1);
    ck_assert(trust_given(&profile));
    unlink(other);
    free(before);
    free(path);
    free(other);
    free(script);
}
END_TEST

static struct probe_spec *ssh_probe(enum probe_type type, const char *where)
{
    struct probe_spec *s = probe_spec_new(type);
    free(s->where);
    s->where = mem_strdup(where);
    ck_assert(probe_spec_complete(s, NULL));
    return s;
}

START_TEST(ssh_is_a_command)
{
    char *text;
    probe_specs_add(&profile.probes, ssh_probe(PROBE_HOST, "me@a"));
    ck_assert_uint_eq(trust_commands(&profile, &text), 2);
    ck_assert_str_eq(text, "  \"/bin/depth\" \"a b\"\n  \"ssh\" \"me@a\"\n");
    free(text);
    give();
    ck_assert(trust_given(&profile));
    probe_specs_add(&profile.probes, ssh_probe(PROBE_DOCKER, "ssh://me@b"));
    ck_assert(!trust_given(&profile));
    give();
    probe_specs_add(&profile.probes, ssh_probe(PROBE_DOCKER, "unix:///var/run/docker.sock"));
    probe_specs_add(&profile.probes, ssh_probe(PROBE_HOST, "")); /* this machine */
    ck_assert(trust_given(&profile));
}
END_TEST

START_TEST(words_cannot_feign_a_line)
{
    char *line = mem_printf("x\n\"%s\": \"/bin/evil\"\n", profile_path);
    probe_specs_add(&profile.probes, COMMAND("/bin/depth", line));
    give();
    probe_specs_finish(&profile.probes);
    probe_specs_add(&profile.probes, COMMAND("/bin/evil"));
    ck_assert(!trust_given(&profile));
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
    ck_assert(!trust_given(&profile));
    give();
    ck_assert(trust_given(&profile));
    profile.file = profile_path; /* that of the first is still there */
    ck_assert(trust_given(&profile));
    probe_specs_finish(&profile.probes); /* and goes when it has other commands */
    probe_specs_add(&profile.probes, COMMAND("/bin/new"));
    give();
    probe_specs_finish(&profile.probes);
    probe_specs_add(&profile.probes, COMMAND("/bin/depth", "a b"));
    ck_assert(!trust_given(&profile));
    profile.file = other;
    ck_assert(trust_given(&profile));
}
END_TEST

START_TEST(a_file_that_others_may_write_is_not_believed)
{
    give();
    ck_assert_int_eq(chmod(file, 0620), 0);
    ck_assert(!trust_given(&profile));
    ck_assert_int_eq(chmod(file, 0602), 0);
    ck_assert(!trust_given(&profile));
    ck_assert_int_eq(chmod(file, 0600), 0);
    ck_assert(trust_given(&profile));
}
END_TEST

START_TEST(commands_are_shown_as_they_are)
{
    char *text;
    probe_specs_finish(&profile.probes);
    probe_specs_add(&profile.probes, COMMAND("sh", "-c", "echo \"x\" \x1b[2J\\"));
    ck_assert_uint_eq(trust_commands(&profile, &text), 1);
    ck_assert_str_eq(text, "  \"sh\" \"-c\" \"echo \\\"x\\\" \\x1b[2J\\\\\"\n");
    free(text);
    profile.probes.items[0]->typed = true; /* on the command line: needs none */
    ck_assert_uint_eq(trust_commands(&profile, &text), 0);
    free(text);
}
END_TEST

START_TEST(without_a_place_it_is_said)
{
    struct err e = {0};
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
    ck_assert(!trust_given(&profile));
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
    tcase_add_test(c, words_cannot_feign_a_line);
    tcase_add_test(c, each_profile_has_its_own);
    tcase_add_test(c, a_file_that_others_may_write_is_not_believed);
    tcase_add_test(c, commands_are_shown_as_they_are);
    tcase_add_test(c, without_a_place_it_is_said);
    suite_add_tcase(s, c);
    return unit_run(s);
}
