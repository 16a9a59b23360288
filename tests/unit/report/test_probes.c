/* SPDX-License-Identifier: MIT */
/* What the probes told, in the summary, the running table and the JSON report. */
#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/report/report.h"
#include "tests/unit/stats/probe_snapshot_fixture.h"
#include "tests/unit/unit.h"

static struct snapshot snap; /* too large for the stack of a test */
static struct probe_snapshot probe_snap;

static void fill(void)
{
    memset(&snap, 0, sizeof snap);
    snap.elapsed_s = 90;
    snap.n_breaches = 1;
    snap.breaches[0] =
        (struct snap_breach){.from_s = 60,
                             .to_s = NAN,
                             .percentile = 99,
                             .us = 800000,
                             .usual_us = 45100,
                             .users = 230,
                             .rps = 410.24};
    snap.n_marks = 1;
    snap.marks[0] = (struct snap_mark){.at_s = 58.1, .kind = SNAP_MARK_TARGET, .letter = '*'};
    snprintf(snap.marks[0].text, sizeof snap.marks[0].text, "db connections reached 20 of 20");
    fixture_story(&probe_snap, 89, 60);
    uint32_t cache = fixture_probe(&probe_snap, "cache", "redis", "127.0.0.1:6379");
    probe_snap.probes[cache].state = PROBE_DOWN;
    probe_snap.probes[cache].polls = 12;
    probe_snap.probes[cache].failed = 12;
    probe_snap.probes[cache].cpu_percent = 0;
    snprintf(probe_snap.probes[cache].text, SNAP_TEXT, "connection refused: is redis running?");
    fixture_series(&probe_snap, cache, "", "memory", UNIT_BYTES, 0);
}

static const char section[] =
    "\n"
    "target     the probes cost 0.42 % of a core\n"
    "\n"
    " probe            state         polls   failed     cost  where\n"
    " docker           live             89        0   0.21 %  /run/docker.sock\n"
    " db (postgres)    live             89        0   0.21 %  mon@127.0.0.1:5432/shop\n"
    " cache (redis)    down             12       12      0 %  127.0.0.1:6379\n"
    "                  connection refused: is redis running?\n"
    "\n"
    " series                  min       mean        max       last      limit\n"
    " api cpu               7.0 %       55 %       98 %       98 %      100 %  beyond its "
    "threshold at 00:01:06\n"
    " api mem             190 MiB    216 MiB    268 MiB    268 MiB    512 MiB  +1.20 MiB/min\n"
    " api net in        803 KiB/s 2.15 MiB/s 3.39 MiB/s 2.87 MiB/s          -\n"
    " db connections            2       11.8         20         20         20  full at "
    "00:00:58\n"
    " db tps               69.0/s    721.9/s    1,269/s    1,216/s          -\n"
    " ... and 1 more (--json has all)\n"
    "\n"
    " 00:00:58  full     db connections reached 20 of 20\n";

START_TEST(the_summary_has_a_section)
{
    fill();
    char *text = report_summary(&snap, &probe_snap), *from = strstr(text, "\ntarget ");
    ck_assert_ptr_nonnull(strstr(text, "\nfinding   db connections reached 20 of 20 at 00:00:58, 2 s "
                                       "before p99 passed 800 ms (230 users, 410 req/s)\n"));
    ck_assert_ptr_nonnull(from);
    char *end = strstr(from, "\n\ngenerator");
    ck_assert_ptr_nonnull(end);
    end[1] = '\0';
    ck_assert_str_eq(from, section);
    free(text);
}
END_TEST

START_TEST(the_running_table_has_a_line)
{
    fill();
    char *text = report_table(&snap, &probe_snap);
    ck_assert_ptr_nonnull(strstr(text,
                                 "\n target: db connections 20/20, 7 waiting FULL; api cpu 98 % "
                                 "of limit, thr 41 % WARN; cache is down: connection refused: "
                                 "is redis running?\n"));
    free(text);
    probe_snap.n_series = 0;
    text = report_table(&snap, &probe_snap);
    ck_assert_ptr_nonnull(strstr(text, "\n target: cache is down: connection refused: is redis"));
    free(text);
    probe_snap.n_probes = 1;
    text = report_table(&snap, &probe_snap);
    ck_assert_ptr_nonnull(strstr(text, "\n target: no value yet\n"));
    free(text);
    probe_snap.n_probes = 0;
    text = report_table(&snap, &probe_snap);
    ck_assert_ptr_null(strstr(text, "target:"));
    free(text);
}
END_TEST

static json_t *load(const struct probe_snapshot *b)
{
    json_error_t why;
    char *text = report_json(&snap, b);
    json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, &why);
    ck_assert_msg(o != NULL, "%s", why.text);
    free(text);
    return o;
}

START_TEST(json_has_the_promised_names)
{
    const char *name, *type, *where, *state, *why, *kind, *text, *finding, *unit, *series, *group;
    double cost, min, mean, max, last, limit, full, at;
    fill();
    json_t *o = load(&probe_snap);
    ck_assert_int_eq(json_array_size(json_object_get(o, "probes")), 3);
    int r =
        json_unpack(o,
                    "{s:[{}, {s:s, s:s, s:s, s:s, s:s, s:F, s:[{s:s, s:s, s:s, s:F, s:F, s:F, "
                    "s:F, s:F, s:F}, *]}, *], s:[{s:F, s:s, s:s, s:s, s:s}], s:s}",
                    "probes", "name", &name, "type", &type, "where", &where, "state", &state,
                    "text", &why, "cost_percent", &cost, "series", "name", &series, "group", &group,
                    "unit", &unit, "min", &min, "mean", &mean, "max", &max, "last", &last, "limit",
                    &limit, "first_full_s", &full, "events", "at_s", &at, "kind", &kind, "probe",
                    &name, "group", &group, "text", &text, "finding", &finding);
    ck_assert_int_eq(r, 0);
    ck_assert_str_eq(type, "postgres");
    ck_assert_str_eq(state, "live");
    ck_assert_str_eq(series, "connections");
    ck_assert_str_eq(unit, "count");
    ck_assert_double_eq(max, 20);
    ck_assert_double_eq(full, 58.1);
    ck_assert_double_eq(cost, 0.21);
    ck_assert_str_eq(kind, "full");
    ck_assert_str_eq(text, "connections reached 20 of 20");
    ck_assert_str_eq(finding,
                     "db connections reached 20 of 20 at 00:00:58, 2 s before p99 passed 800 ms "
                     "(230 users, 410 req/s)");
    json_decref(o);
}
END_TEST

/* Nobody watches the target: when and under which load it broke is said all the same. */
START_TEST(a_break_needs_no_probe)
{
    static const char words[] =
        "p99, usually 45 ms, passed 800 ms at 00:01:00 (230 users, 410 req/s)";
    double from, bound, usual, rps;
    int percentile, users, wanted;
    const char *finding;
    fill();
    json_t *o = load(NULL), *to;
    int r = json_unpack(o, "{s:[{s:F, s:o, s:i, s:F, s:b, s:F, s:i, s:F}], s:s}", "breaks", "from_s",
                        &from, "to_s", &to, "percentile", &percentile, "bound_ms", &bound, "wanted",
                        &wanted, "usual_ms", &usual, "users", &users, "rps", &rps, "finding",
                        &finding);
    ck_assert_int_eq(r, 0);
    ck_assert(json_is_null(to));
    ck_assert(from == 60 && percentile == 99 && bound == 800 && !wanted && usual == 45.1);
    ck_assert(users == 230 && rps == 410.24);
    ck_assert_str_eq(finding, words);
    json_decref(o);
    char *text = report_summary(&snap, NULL), line[sizeof words + 16];
    snprintf(line, sizeof line, "\nfinding   %s\n", words);
    ck_assert_msg(strstr(text, line) != NULL, "%s", text);
    free(text);
}
END_TEST

START_TEST(what_is_not_known_is_null)
{
    fill();
    json_t *o = load(&probe_snap);
    json_t *cache = json_array_get(json_object_get(o, "probes"), 2);
    json_t *memory = json_array_get(json_object_get(cache, "series"), 0);
    static const char *const unknown[] = {"min",   "mean",         "max",          "last",
                                          "limit", "first_full_s", "first_warn_s", "growth"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        ck_assert_msg(json_is_null(json_object_get(memory, unknown[i])), "%s", unknown[i]);
    json_decref(o);
    o = load(NULL);
    ck_assert_int_eq(json_array_size(json_object_get(o, "probes")), 0);
    ck_assert_int_eq(json_array_size(json_object_get(o, "events")), 0);
    json_decref(o);
    snap.n_breaches = 0;
    o = load(NULL);
    ck_assert(json_is_null(json_object_get(o, "finding")));
    ck_assert_int_eq(json_array_size(json_object_get(o, "breaks")), 0);
    json_decref(o);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("report of probes");
    TCase *t = tcase_create("report of probes");
    tcase_add_test(t, the_summary_has_a_section);
    tcase_add_test(t, the_running_table_has_a_line);
    tcase_add_test(t, json_has_the_promised_names);
    tcase_add_test(t, a_break_needs_no_probe);
    tcase_add_test(t, what_is_not_known_is_null);
    suite_add_tcase(s, t);
    return unit_run(s);
}
