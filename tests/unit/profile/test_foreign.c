/* SPDX-License-Identifier: MIT */
/* Files of other programs: what they are is known by their name or by how they begin. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "src/profile/foreign.h"
#include "tests/unit/unit.h"

static char folder[] = "/tmp/test_foreign-XXXXXX";

static void make_folder(void)
{
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
    rmdir(folder);
}

static const struct {
    const char *name, *text;
    const char *what; /* in the sentence; NULL: it may be a profile */
} files[] = {
    {"a.har", "{ \"log\": { \"version\": \"1.2\" } }", "a recorded browser session (HAR)"},
    {"session.json", "\xef\xbb\xbf\n{\"log\":{\"entries\":[]}}",
     "a recorded browser session (HAR)"},
    {"api.json", "{\"openapi\": \"3.0.0\"}", "an OpenAPI description"},
    {"api.json", "{\"info\":{\"_postman_id\":\"1\"}}", "a Postman collection"},
    {"x", "[1]", "JSON"},
    {"locustfile.py", "import time\n", "a Python program"},
    {"noending", "from locust import HttpUser, task\n", "a Python program"},
    {"noending", "#!/usr/bin/env python3\n", "a Python program"},
    {"script.JS", "x", "a JavaScript program"},
    {"noending", "import http from 'k6/http';\n", "a JavaScript program"},
    {"plan.jmx", "<?xml version=\"1.0\"?>", "XML, such as a JMeter test plan"},
    {"plan", "<jmeterTestPlan version=\"1.2\">", "XML, such as a JMeter test plan"},
    {"a.yaml", "config:\n", "YAML"},
    {"wrk.lua", "wrk.method = \"POST\"\n", "a Lua program"},
    {"load", "#!/bin/bash\ncurl http://h\n", "a shell script"},
    {"shop.demo", "title = \"shop\";\n", "the description of a demo target"},
    {"shop.cfg", "target = \"http://h\";\n", NULL},
    {"noending", "# a comment\ntarget = \"http://h\";\n", NULL},
    {"noending", "important = 1;\n", NULL},
    {"empty.py", "", NULL}, /* whoever reads it says that it is empty */
};

START_TEST(what_is_no_profile_is_named)
{
    char path[64];
    struct err e = {""};
    snprintf(path, sizeof path, "%s/%s", folder, files[_i].name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(files[_i].text, f);
    ck_assert_int_eq(fclose(f), 0);
    bool foreign = foreign_file(path, &e);
    unlink(path);
    ck_assert_int_eq(foreign, files[_i].what != NULL);
    ck_assert_msg(!foreign || strstr(e.text, files[_i].what) != NULL, "%s", e.text);
}
END_TEST

START_TEST(the_sentence_says_what_to_do)
{
    char path[64], wanted[256];
    struct err e = {""};
    snprintf(path, sizeof path, "%s/a.har", folder);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs("{}", f);
    ck_assert_int_eq(fclose(f), 0);
    ck_assert(foreign_file(path, &e));
    unlink(path);
    snprintf(wanted, sizeof wanted,
             "%s is no profile but a recorded browser session (HAR); make a profile of it with: "
             "ramptop import har %s >my.cfg",
             path, path);
    ck_assert_str_eq(e.text, wanted);
}
END_TEST

START_TEST(what_cannot_be_read_is_for_the_reader)
{
    struct err e;
    ck_assert(!foreign_file("/nonexistent/locustfile.py", &e));
    ck_assert(!foreign_file("/", &e));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("foreign");
    TCase *tc = tcase_create("files");
    tcase_add_checked_fixture(tc, make_folder, remove_folder);
    tcase_add_loop_test(tc, what_is_no_profile_is_named, 0, (int)(sizeof files / sizeof *files));
    tcase_add_test(tc, the_sentence_says_what_to_do);
    tcase_add_test(tc, what_cannot_be_read_is_for_the_reader);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
