/* SPDX-License-Identifier: MIT */
/* The largest profiles there can be, and those that were written to get large: read or
 * refused, in little time and memory.  The figures are printed; what is asserted holds on
 * the slowest machine. */
#include <check.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/buf.h"
#include "src/profile/read.h"
#include "tests/unit/unit.h"

#define FULL (256 * 1024)
#define MOST_BYTES (size_t)(64 << 20) /* some times what was measured */

#define HEAD "target = \"http://h\";\n"

static bool room(const struct buf *b, size_t len)
{
    return b->len + len < FULL;
}

/* Ends a text that the makers below leave open. */
static void end(struct buf *b, const char *text)
{
    buf_text(b, text);
    ck_assert_uint_le(b->len, FULL);
}

/* ---------------------------------------------------------------------- makers */

static void many_classes(struct buf *b)
{
    buf_text(b, HEAD "user_classes = (");
    for (int i = 0; i < 1000 && room(b, 300); i++)
        buf_printf(
            b,
            "%s{ name = \"class %d\"; weight = %d; on_start = ( { request = \"POST /in/%d\"; "
            "capture = { token = \"json:$.token\"; }; } );\n tasks = ( { request = "
            "\"GET /%d/${token}\"; check = { json = \"$.ok\"; }; } ); }",
            i > 0 ? "," : "", i, 1 + i % 10, i, i);
    end(b, ");\n");
}

static void many_requests(struct buf *b)
{
    buf_text(b, HEAD "user_classes = ( { name = \"A\"; tasks = (");
    for (int i = 0; i < 5000 && room(b, 60); i++)
        buf_printf(b, "%s{ request = \"GET /${int:1:9}/%d\"; }", i > 0 ? "," : "", i % 4000);
    end(b, "); } );\n");
}

/* Each name twice as long as the one before. */
static void doubling_variables(struct buf *b)
{
    buf_text(b, HEAD "variables = { v0 = \"12345678\";\n");
    for (int i = 1; i < 60; i++)
        buf_printf(b, "v%d = \"${v%d}${v%d}\";\n", i, i - 1, i - 1);
    end(b, "}; user_classes = ( { name = \"A\"; tasks = ( { request = \"GET /\"; } ); } );\n");
}

/* A variable that needs all those before it, in each class. */
static void chained_draws(struct buf *b)
{
    buf_text(b, HEAD "variables = { v0 = \"${int:1:9}\";\n");
    for (int i = 1; i < 200; i++)
        buf_printf(b, "v%d=\"${v%d}\";", i, i - 1);
    buf_text(b, "}; user_classes = (");
    for (int i = 0; i < 1000 && room(b, 80); i++)
        buf_printf(b, "%s{name=\"c%d\";tasks=({request=\"GET /${v199}\";});}", i > 0 ? "," : "", i);
    end(b, ");\n");
}

static void long_variable_everywhere(struct buf *b)
{
    buf_text(b, HEAD "variables = { v = \"");
    for (int i = 0; i < 100000; i++)
        buf_char(b, 'x');
    buf_text(b,
             "\"; }; user_classes = ( { name = \"A\"; tasks = ( { request = \"POST /\"; body = \"");
    while (room(b, 40))
        buf_text(b, "${v}");
    end(b, "\"; } ); } );\n");
}

/* Headers of many parts, prepared again for each request. */
static void heavy_headers(struct buf *b)
{
    buf_text(b, HEAD "variables = { v = \"${uuid}\"; }; headers = {");
    for (int i = 0; i < 3; i++) {
        buf_printf(b, "h%d = \"", i);
        for (int k = 0; k < 1200; k++)
            buf_text(b, "${v}");
        buf_text(b, "\";\n");
    }
    buf_text(b, "}; user_classes = ( { name = \"A\"; tasks = (");
    for (int i = 0; i < 4900 && room(b, 60); i++)
        buf_printf(b, "%s{ request = \"GET /\"; }", i > 0 ? "," : "");
    end(b, "); } );\n");
}

static void long_target(struct buf *b)
{
    buf_text(b, "target = \"http://h/");
    for (int i = 0; i < 8000; i++)
        buf_char(b, 'x');
    buf_text(b, "\"; user_classes = ( { name = \"A\"; tasks = (");
    for (int i = 0; i < 4900 && room(b, 60); i++)
        buf_printf(b, "%s{ request = \"GET /\"; }", i > 0 ? "," : "");
    end(b, "); } );\n");
}

static void unknown_names(struct buf *b)
{
    buf_text(b, HEAD "user_classes = ( { name = \"A\"; tasks = (");
    for (int i = 0; i < 40; i++) {
        buf_printf(b, "%s{ request = \"GET /\"; capture = {", i > 0 ? "," : "");
        for (int k = 0; k < 60; k++)
            buf_printf(b, "name_number_%d = \"body\";", i * 60 + k);
        buf_text(b, "}; }\n");
    }
    for (int i = 0; i < 5000 && room(b, 80); i++)
        buf_printf(b, ",{ request = \"GET /${unknown_%d}\"; }", i);
    end(b, "); } );\n");
}

static void large_patterns(struct buf *b)
{
    buf_text(b, HEAD "user_classes = ( { name = \"A\"; tasks = (");
    for (int i = 0; room(b, 200); i++)
        buf_printf(
            b, "%s{ request = \"GET /\"; check = ( { body_matches = \"(?:(a|b)c){900}%d\"; } ); }",
            i > 0 ? ",\n" : "", i);
    end(b, "); } );\n");
}

static void many_patterns(struct buf *b)
{
    buf_text(b, HEAD "user_classes = ( { name = \"A\"; tasks = ( { request = \"GET /\"; }");
    for (int i = 0; room(b, 1200); i++) {
        buf_text(b, ",\n{ request = \"GET /\"; check = { body_matches = [\"a\"");
        for (int k = 0; k < 60; k++)
            buf_printf(b, ",\"[%d]+\"", k);
        buf_text(b, "]; }; }");
    }
    end(b, "); } );\n");
}

static void many_mixes(struct buf *b)
{
    buf_text(b, HEAD "user_classes = (");
    for (int i = 0; i < 800; i++)
        buf_printf(b, "%s{ name = \"c%d\"; tasks = ( { request = \"GET /\"; } ); weight = 11; }",
                   i > 0 ? "," : "", i);
    buf_text(b, ");\nlevels = {");
    for (int i = 0; room(b, 15000); i++) {
        buf_printf(b, "l%d = { users = 1; classes = { c0 = 12;", i);
        for (int k = 1; k < 190; k++)
            buf_printf(b, "c%d = %d;", k, 40 + k % 13);
        buf_text(b, "}; };\n");
    }
    end(b, "};\n");
}

static void fixed_counts(struct buf *b)
{
    buf_text(b,
             HEAD "user_classes = ( { name = \"A\"; fixed_count = 1000000; tasks = ( { request = "
                  "\"GET /\"; } ); } );\nlevels = {");
    for (int i = 0; i < 199; i++)
        buf_printf(b, "l%d = { users = 1; classes = [\"A\"]; };\n", i);
    end(b, "};\n");
}

static void goals_and_endpoints(struct buf *b)
{
    buf_text(b, HEAD "user_classes = ( { name = \"A\"; tasks = (");
    for (int i = 0; i < 3000; i++)
        buf_printf(b, "%s{ request = \"GET /aaaaaaaaaaaaaa/%d\"; }", i > 0 ? "," : "", i);
    buf_text(b, "); } );\ngoals = (");
    for (int i = 0; i < 450 && room(b, 130); i++)
        buf_printf(b, "%s{ p95 = 1; endpoints = [\"*a*a*a*a*a*a*a*b\", \"*\"]; }",
                   i > 0 ? "," : "");
    end(b, ");\n");
}

static void nested_loops(struct buf *b)
{
    buf_text(b, HEAD
             "user_classes = ( { name = \"A\"; tasks = ( { steps = ( { request = \"GET /\"; }");
    while (room(b, 500)) {
        buf_text(b, ",");
        for (int k = 0; k < 8; k++)
            buf_text(b, "{loop=9;steps=(");
        buf_text(b, "{think=1;}");
        for (int k = 0; k < 8; k++)
            buf_text(b, ");}");
    }
    end(b, "); } ); } );\n");
}

static void statuses(struct buf *b)
{
    buf_text(b, HEAD "user_classes = ( { name = \"A\"; tasks = (");
    for (int i = 0; i < 5000 && room(b, 90); i++)
        buf_printf(b, "%s{request=\"GET /\";expect=[\"2xx\",\"3xx\"];}", i > 0 ? "," : "");
    end(b, "); } );\n");
}

/* ------------------------------------------------------------------------ tests */

static const struct {
    const char *name;
    void (*make)(struct buf *b);
    const char *sentence; /* the end of the first one; NULL: it is a good profile */
} cases[] = {
    {"a thousand classes", many_classes, NULL},
    {"five thousand requests", many_requests, NULL},
    {"nested loops", nested_loops, NULL},
    {"classes of statuses", statuses, NULL},
    {"goals", goals_and_endpoints, NULL},
    {"chained variables", chained_draws, NULL},
    {"doubling variables", doubling_variables,
     "makes the texts of this profile too long: constants add more than 4 MiB to them."},
    {"a long variable", long_variable_everywhere,
     "makes the texts of this profile too long: constants add more than 4 MiB to them."},
    {"headers of many parts", heavy_headers,
     "from here on the requests of this profile are too large in all; give them fewer or shorter "
     "headers and a shorter target."},
    {"a long target", long_target,
     "from here on the requests of this profile are too large in all; give them fewer or shorter "
     "headers and a shorter target."},
    {"unknown names", unknown_names, "is not declared or captured."},
    {"large patterns", large_patterns,
     "there are more than 1000 regular expressions in the profile."},
    {"many patterns", many_patterns,
     "there are more than 1000 regular expressions in the profile."},
    {"mixes", many_mixes, "the levels have too many classes with large weights; use smaller ones."},
    {"fixed counts", fixed_counts,
     "the classes of all levels have fixed counts of more than 2000000 in all."},
};

static size_t heap(void)
{
    struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
}

/* Of this process: what others do on the machine does not count. */
static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool ends_with(const char *text, const char *end_of_it)
{
    size_t len = strlen(text), n = strlen(end_of_it);
    return len >= n && strcmp(text + len - n, end_of_it) == 0;
}

START_TEST(a_large_profile_takes_little)
{
    struct buf text = {0};
    struct problems problems = {0};
    cases[_i].make(&text);
    size_t before = heap();
    double begun = cpu_ms();
    struct profile *p = profile_parse("p.cfg", text.data, text.len, NULL, &problems);
    double ms = cpu_ms() - begun;
    size_t bytes = heap() - before;
    printf("%-24s %4zu KiB: %7.1f ms, %5.1f MiB kept\n", cases[_i].name, text.len / 1024, ms,
           (double)bytes / (1 << 20));
    ck_assert_uint_le(bytes, MOST_BYTES);
    if (cases[_i].sentence == NULL) {
        ck_assert_msg(p != NULL, "%s", problems.n > 0 ? problems.lines[0] : "");
    } else {
        ck_assert_ptr_null(p);
        ck_assert_msg(ends_with(problems.lines[0], cases[_i].sentence), "%s", problems.lines[0]);
    }
    profile_unref(p);
    problems_finish(&problems);
    buf_finish(&text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("size");
    TCase *tc = tcase_create("profiles");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_large_profile_takes_little, 0, sizeof cases / sizeof *cases);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
