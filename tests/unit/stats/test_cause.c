/* SPDX-License-Identifier: MIT */
/* Which resource was first?  Series of resources and of p99 in, one sentence out. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/stats/breach.h"
#include "src/stats/cause.h"
#include "tests/unit/unit.h"

static struct snapshot snap;
static struct probe_snapshot probe_snap;
static struct breach_finder finder;

/* The next part of "5x60 20x30": a value (NaN for "-") and for how many seconds. */
static bool next_part(const char **p, double *value, unsigned *seconds)
{
    char word[16];
    int used = 0;
    if (sscanf(*p, " %15[^x ]x%u%n", word, seconds, &used) < 2)
        return false;
    *p += used;
    *value = word[0] == '-' ? NAN : atof(word);
    return true;
}

static void load(const char *p99_ms, uint64_t wanted_us)
{
    double ms;
    unsigned seconds;
    uint32_t second = 0;
    while (next_part(&p99_ms, &ms, &seconds))
        for (unsigned i = 0; i < seconds; i++, second++) {
            if (snap.n_points == SNAP_POINTS)
                memmove(&snap.points[0], &snap.points[1], --snap.n_points * sizeof *snap.points);
            snap.points[snap.n_points++] = (struct snap_point){
                .second = second, .users = 40, .rps = 410, .p99_us = (uint32_t)(ms * 1000)};
            breach_feed(&finder, &snap, wanted_us, 0);
            snap.window = snap.total =
                (struct snap_latency){.count = 100, .p99_us = (uint64_t)(ms * 1000)};
        }
    snap.n_breaches = finder.n;
    memcpy(snap.breaches, finder.found, sizeof snap.breaches);
}

static void put_value(struct snap_series *s, uint32_t series, uint32_t second, double v)
{
    probe_snap.history[series][second % SNAP_SERIES_POINTS] = (float)v;
    probe_snap.newest_s = second > probe_snap.newest_s ? second : probe_snap.newest_s;
    if (isnan(v))
        return;
    s->max = s->count++ == 0 || v > s->max ? v : s->max;
    if (v >= s->limit && isnan(s->first_full_s))
        s->first_full_s = second + 0.4;
    if (v > 70 && s->unit == UNIT_PERCENT && isnan(s->first_warn_s))
        s->first_warn_s = second + 0.4;
}

/* "db connections 20: 5x60 20x30"; "api cpu 100%: ..."; a period in seconds may stand in
 * front: "15 db ...". */
static void add_series(const char *text)
{
    char probe[16], name[16], unit[2] = "";
    double limit, value;
    unsigned seconds, period = 1;
    int used = 0;
    uint32_t at = probe_snap.n_series++, second = 0;
    struct snap_series *s = &probe_snap.series[at];

    if (sscanf(text, "%u %n", &period, &used) == 1)
        text += used;
    ck_assert_int_ge(sscanf(text, "%15s %15s %lf%n", probe, name, &limit, &used), 3);
    text += used;
    if (*text == '%')
        unit[0] = *text++;
    text++;
    *s = (struct snap_series){.probe = (uint16_t)probe_snap.n_probes,
                              .unit = unit[0] == '%' ? UNIT_PERCENT : UNIT_COUNT,
                              .resource = true,
                              .limit = limit,
                              .first_full_s = NAN,
                              .first_warn_s = NAN};
    snprintf(probe_snap.probes[probe_snap.n_probes].name, SNAP_NAME, "%s", probe);
    probe_snap.probes[probe_snap.n_probes++].period_s = period;
    snprintf(s->name, sizeof s->name, "%s", name);
    for (unsigned i = 0; i < SNAP_SERIES_POINTS; i++)
        probe_snap.history[at][i] = NAN;
    while (next_part(&text, &value, &seconds))
        for (unsigned i = 0; i < seconds; i++, second++)
            put_value(s, at, second, value);
}

static const struct {
    const char *p99;
    uint64_t wanted_us;
    const char *series[3];
    enum cause_kind kind;
    const char *text;
} cases[] = {
    {"45x90", 0, {NULL}, CAUSE_NONE, ""},
    {"45x60 900x30",
     0,
     {NULL},
     CAUSE_BROKE,
     "p99, usually 45 ms, passed 135 ms at 00:01:00 (40 users, 410 req/s)"},
    {"45x60 900x30",
     800000,
     {NULL},
     CAUSE_BROKE,
     "p99 passed 800 ms at 00:01:00 (40 users, 410 req/s)"},
    {"45x90", 0, {"db connections 20: 5x90"}, CAUSE_NONE, ""},
    /* the example of the whole thing */
    {"45x60 900x30",
     0,
     {"db connections 20: 5x58 20x32"},
     CAUSE_FIRST,
     "db connections reached 20 of 20 at 00:00:58, 2 s before p99 passed 135 ms (40 users, 410 "
     "req/s)"},
    {"45x60 900x30",
     800000,
     {"db connections 20: 5x58 20x32"},
     CAUSE_FIRST,
     "db connections reached 20 of 20 at 00:00:58, 2 s before p99 passed 800 ms (40 users, 410 "
     "req/s)"},
    {"45x60 900x30",
     0,
     {"db connections 20: 5x60 20x30"},
     CAUSE_FIRST,
     "db connections reached 20 of 20 at 00:01:00, as p99 passed 135 ms (40 users, 410 req/s)"},
    /* a look is a second apart: a little after is still with it */
    {"45x60 900x30",
     0,
     {"db connections 20: 5x62 20x28"},
     CAUSE_FIRST,
     "db connections reached 20 of 20 at 00:01:02, 2 s after p99 passed 135 ms (40 users, 410 "
     "req/s)"},
    {"45x60 900x60",
     0,
     {"15 db connections 20: 5x75 20x30"},
     CAUSE_FIRST,
     "db connections reached 20 of 20 at 00:01:15, 15 s after p99 passed 135 ms (40 users, 410 "
     "req/s)"},
    /* the first of several; one without a limit reached is none */
    {"45x60 900x30",
     0,
     {"api cpu 100%: 40x59 100x30", "db connections 20: 5x55 20x32", "api mem 100%: 60x90"},
     CAUSE_FIRST,
     "db connections reached 20 of 20 at 00:00:55, 5 s before p99 passed 135 ms (40 users, 410 "
     "req/s)"},
    /* full from the start: said, and it does not hide the one that filled just before */
    {"45x60 900x30",
     0,
     {"api cpu 100%: 100x90", "db connections 20: 5x58 20x32"},
     CAUSE_FIRST,
     "db connections reached 20 of 20 at 00:00:58, 2 s before p99 passed 135 ms (40 users, "
     "410 req/s); api cpu was full from the start"},
    {"45x60 900x30",
     0,
     {"api cpu 100%: 100x90"},
     CAUSE_OTHER,
     "p99, usually 45 ms, passed 135 ms at 00:01:00 (40 users, 410 req/s); api cpu was full from "
     "the start"},
    /* but a burst may fill a pool within the second second */
    {"5x4 300x9",
     0,
     {"db connections 20: 5x1 20x12"},
     CAUSE_FIRST,
     "db connections reached 20 of 20 at 00:00:01, 3 s before p99 passed 15 ms (40 users, 410 "
     "req/s)"},
    /* long after */
    {"45x60 900x200",
     0,
     {"db connections 20: 5x170 20x90"},
     CAUSE_OTHER,
     "p99, usually 45 ms, passed 135 ms at 00:01:00 (40 users, 410 req/s); db connections reached "
     "20 of 20 only at 00:02:50, 110 s "
     "later: not the cause"},
    /* long before, and not full any more */
    {"45x260 900x60",
     0,
     {"db connections 20: 5x60 20x20 5x240"},
     CAUSE_OTHER,
     "p99, usually 45 ms, passed 135 ms at 00:04:20 (40 users, 410 req/s); no watched resource was "
     "at its limit then (db connections "
     "had been, at 00:01:00)"},
    /* long before and still full, with another that filled just before */
    {"45x260 900x60",
     0,
     {"db connections 20: 5x60 20x260", "api cpu 100%: 60x255 100x65"},
     CAUSE_FIRST,
     "api cpu reached 100 % of its limit at 00:04:15, 5 s before p99 passed 135 ms (40 users, 410 "
     "req/s)"},
    {"45x260 900x60",
     0,
     {"db connections 20: 5x60 20x260"},
     CAUSE_FIRST,
     "db connections reached 20 of 20 at 00:01:00, 3 min before p99 passed 135 ms (40 users, 410 "
     "req/s)"},
    /* nothing full */
    {"45x60 900x30",
     0,
     {"db connections 20: 5x58 12x32"},
     CAUSE_OTHER,
     "p99, usually 45 ms, passed 135 ms at 00:01:00 (40 users, 410 req/s); no watched resource was "
     "at its limit (most: db connections, "
     "60.0 %)"},
    /* a threshold, when nothing is full */
    {"45x60 900x30",
     0,
     {"api cpu 100%: 40x56 72x34", "db connections 20: 5x90"},
     CAUSE_WARNED,
     "api cpu crossed its threshold with 72 % at 00:00:56, 4 s before p99 passed 135 ms (40 users, "
     "410 req/s)"},
    /* the latency stands */
    {"45x90",
     0,
     {"db connections 20: 5x58 20x32"},
     CAUSE_FULL,
     "db connections reached 20 of 20 at 00:00:58; p99 still 45 ms"},
    /* it got worse, but not so much that it would be called broken */
    {"240x60 500x30",
     0,
     {"db connections 20: 5x58 20x32"},
     CAUSE_FULL,
     "db connections reached 20 of 20 at 00:00:58; p99 went from 240 ms to 500 ms"},
    {"45x90",
     0,
     {"api cpu 100%: 40x56 72x34"},
     CAUSE_FULL,
     "api cpu crossed its threshold with 72 % at 00:00:56; p99 still 45 ms"},
    {"45x90", 0, {"db connections 20: 20x90"}, CAUSE_NONE, ""},
    /* the first break had nothing to do with it, the second had */
    {"45x60 900x20 45x60 900x30",
     0,
     {"db connections 20: 5x138 20x32"},
     CAUSE_FIRST,
     "db connections reached 20 of 20 at 00:02:18, 2 s before p99 passed 135 ms (40 users, 410 "
     "req/s)"},
    /* both had */
    {"45x60 900x20 45x60 900x30",
     0,
     {"db connections 20: 5x58 20x22 5x58 20x32"},
     CAUSE_FIRST,
     "db connections at 20 of 20 again; the first time: db connections reached 20 of 20 at "
     "00:00:58, 2 s before p99 passed 135 ms (40 users, 410 req/s)"},
    /* the second one has nothing to do with it */
    {"45x60 900x20 45x60 900x30",
     0,
     {"db connections 20: 5x58 20x22 5x90"},
     CAUSE_FIRST,
     "db connections reached 20 of 20 at 00:00:58, 2 s before p99 passed 135 ms (40 users, 410 "
     "req/s)"},
    /* gaps are not zero: a look that failed around the break leaves it open */
    {"45x60 900x30",
     0,
     {"db connections 20: 5x50 20x2 -x38"},
     CAUSE_FIRST,
     "db connections reached 20 of 20 at 00:00:50, 10 s before p99 passed 135 ms (40 users, 410 "
     "req/s)"},
};

START_TEST(sentences)
{
    struct cause c;
    memset(&snap, 0, sizeof snap);
    memset(&probe_snap, 0, sizeof probe_snap);
    memset(&finder, 0, sizeof finder);
    load(cases[_i].p99, cases[_i].wanted_us);
    for (size_t i = 0; i < 3 && cases[_i].series[i] != NULL; i++)
        add_series(cases[_i].series[i]);
    cause_find(&snap, &probe_snap, &c);
    ck_assert_str_eq(c.text, cases[_i].text);
    ck_assert_int_eq(c.kind, cases[_i].kind);
    ck_assert(c.kind != CAUSE_FIRST || c.series < probe_snap.n_series);
    ck_assert((c.text[0] == '\0') == (c.brief[0] == '\0'));
}
END_TEST

START_TEST(ten_minutes_later_it_still_says_so)
{
    struct cause c;
    memset(&snap, 0, sizeof snap);
    memset(&probe_snap, 0, sizeof probe_snap);
    memset(&finder, 0, sizeof finder);
    load("45x60 900x30 45x1200", 0);
    add_series("db connections 20: 5x58 20x32 5x1200");
    cause_find(&snap, &probe_snap, &c);
    ck_assert_str_eq(c.text, "db connections reached 20 of 20 at 00:00:58, 2 s before p99 passed "
                             "135 ms (40 users, 410 req/s)");
    ck_assert(!c.breaking);
    cause_find(&snap, NULL, &c); /* nothing is watched: it broke all the same */
    ck_assert_int_eq(c.kind, CAUSE_BROKE);
    ck_assert_str_eq(c.text, "p99, usually 45 ms, passed 135 ms at 00:01:00 (40 users, 410 req/s)");
}
END_TEST

/* What the console says while it breaks. */
START_TEST(it_breaks_again)
{
    static const struct {
        const char *p99, *series;
        double break_s; /* 0: not breaking */
        const char *live, *brief;
    } two[] = {
        {"45x60 900x30", "db connections 20: 5x58 20x32", 60,
         "db connections reached 20 of 20 at 00:00:58, 2 s before p99 passed 135 ms",
         "db connections full first"},
        {"45x60 900x20 45x60 900x30", "db connections 20: 5x58 20x22 5x58 20x32", 140,
         "db connections at 20 of 20 again", "db connections 20 of 20 again"},
        {"45x60 900x20 45x60 900x30 45x20", "db connections 20: 5x58 20x22 5x58 20x32 5x20", 0,
         NULL, NULL},
        /* the second one has nothing to do with it, and breaks all the same */
        {"45x60 900x20 45x60 900x30", "db connections 20: 5x58 20x22 5x90", 140,
         "p99, usually 45 ms, passed 135 ms; no watched resource was at its limit then (db "
         "connections had been, at 00:00:58)",
         "p99 over 135 ms"},
        {"45x60 900x30", "api cpu 100%: 100x90", 60,
         "p99, usually 45 ms, passed 135 ms; api cpu was full from the start", "p99 over 135 ms"},
        {"45x60 900x30", NULL, 60, "p99, usually 45 ms, passed 135 ms", "p99 over 135 ms"},
        {"45x60 900x20 45x60 900x30", NULL, 140, "p99, usually 45 ms, passed 135 ms",
         "p99 over 135 ms"},
    };
    for (size_t i = 0; i < sizeof two / sizeof *two; i++) {
        struct cause c;
        memset(&snap, 0, sizeof snap);
        memset(&probe_snap, 0, sizeof probe_snap);
        memset(&finder, 0, sizeof finder);
        load(two[i].p99, 0);
        if (two[i].series != NULL)
            add_series(two[i].series);
        cause_find(&snap, &probe_snap, &c);
        ck_assert(c.breaking == (two[i].break_s > 0));
        if (!c.breaking)
            continue;
        ck_assert_double_eq(c.break_s, two[i].break_s);
        ck_assert_str_eq(c.load, "40 users, 410 req/s");
        ck_assert_str_eq(c.live, two[i].live);
        ck_assert_str_eq(c.brief, two[i].brief);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cause");
    TCase *t = tcase_create("cause");
    tcase_add_test(t, it_breaks_again);
    tcase_add_loop_test(t, sentences, 0, (int)(sizeof cases / sizeof *cases));
    tcase_add_test(t, ten_minutes_later_it_still_says_so);
    suite_add_tcase(s, t);
    return unit_run(s);
}
