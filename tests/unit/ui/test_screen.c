/* SPDX-License-Identifier: MIT */
/* Whole screens: a snapshot in, text out, compared with tests/screen/.
 * RAMPTOP_RECORD=1 writes those files anew; look at the difference before committing it. */
#include <check.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/ui/snap_fixture.h"
#include "tests/unit/unit.h"
#include "ui/screen.h"

static struct snapshot snap;
static struct prompt prompt;
static struct probe_snapshot probe_snap;

static const struct scene {
    const char *file;
    void (*fixture)(struct snapshot *);
    const struct view_ops *view;
    enum charset chars;
    int cols, rows;
    void (*probes)(struct probe_snapshot *);
} scenes[] = {
    {"overview-120x40", snap_fixture_breaking, &view_overview, CHARS_BRAILLE, 120, 40, NULL},
    {"overview-80x24", snap_fixture_breaking, &view_overview, CHARS_BRAILLE, 80, 24, NULL},
    {"overview-40x10", snap_fixture_breaking, &view_overview, CHARS_BRAILLE, 40, 10, NULL},
    {"overview-200x60", snap_fixture_breaking, &view_overview, CHARS_BRAILLE, 200, 60, NULL},
    {"probes-120x40", snap_fixture_breaking, &view_overview, CHARS_BRAILLE, 120, 40,
     snap_fixture_probes},
    {"probes-80x24", snap_fixture_breaking, &view_overview, CHARS_BRAILLE, 80, 24,
     snap_fixture_probes},
    {"probes-40x20", snap_fixture_breaking, &view_overview, CHARS_BRAILLE, 40, 20,
     snap_fixture_probes},
    {"probes-200x60", snap_fixture_breaking, &view_overview, CHARS_BRAILLE, 200, 60,
     snap_fixture_probes},
    {"probes-ascii-120x40", snap_fixture_ascii, &view_overview, CHARS_ASCII, 120, 40,
     snap_fixture_probes},
    {"probes-ascii-80x24", snap_fixture_ascii, &view_overview, CHARS_ASCII, 80, 24,
     snap_fixture_probes},
    {"probes-block-80x24", snap_fixture_breaking, &view_overview, CHARS_BLOCK, 80, 24,
     snap_fixture_probes},
    {"overview-20x5", snap_fixture_breaking, &view_overview, CHARS_BRAILLE, 20, 5, NULL},
    {"overview-block-120x40", snap_fixture_breaking, &view_overview, CHARS_BLOCK, 120, 40, NULL},
    {"overview-block-80x24", snap_fixture_breaking, &view_overview, CHARS_BLOCK, 80, 24, NULL},
    {"overview-ascii-120x40", snap_fixture_ascii, &view_overview, CHARS_ASCII, 120, 40, NULL},
    {"overview-ascii-80x24", snap_fixture_ascii, &view_overview, CHARS_ASCII, 80, 24, NULL},
    {"calm-120x40", snap_fixture_calm, &view_overview, CHARS_BRAILLE, 120, 40, NULL},
    {"calm-80x24", snap_fixture_calm, &view_overview, CHARS_BRAILLE, 80, 24, NULL},
    {"stages-120x40", snap_fixture_stages, &view_overview, CHARS_BRAILLE, 120, 40, NULL},
    {"stages-80x24", snap_fixture_stages, &view_overview, CHARS_BRAILLE, 80, 24, NULL},
    {"bursts-120x40", snap_fixture_bursts, &view_overview, CHARS_BRAILLE, 120, 40, NULL},
    {"bursts-80x24", snap_fixture_bursts, &view_overview, CHARS_BRAILLE, 80, 24, NULL},
    {"failing-120x40", snap_fixture_failing, &view_overview, CHARS_BRAILLE, 120, 40, NULL},
    {"failing-40x10", snap_fixture_failing, &view_overview, CHARS_BRAILLE, 40, 10, NULL},
    {"failing-endpoints-80x24", snap_fixture_failing, &view_endpoints, CHARS_BRAILLE, 80, 24, NULL},
    {"failing-latency-80x24", snap_fixture_failing, &view_latency, CHARS_BRAILLE, 80, 24, NULL},
    {"empty-120x40", snap_fixture_empty, &view_overview, CHARS_BRAILLE, 120, 40, NULL},
    {"empty-80x24", snap_fixture_empty, &view_overview, CHARS_BRAILLE, 80, 24, NULL},
    {"endpoints-200x60", snap_fixture_breaking, &view_endpoints, CHARS_BRAILLE, 200, 60, NULL},
    {"endpoints-120x40", snap_fixture_breaking, &view_endpoints, CHARS_BRAILLE, 120, 40, NULL},
    {"endpoints-80x24", snap_fixture_breaking, &view_endpoints, CHARS_BRAILLE, 80, 24, NULL},
    {"endpoints-40x10", snap_fixture_breaking, &view_endpoints, CHARS_BRAILLE, 40, 10, NULL},
    {"failures-120x40", snap_fixture_breaking, &view_failures, CHARS_BRAILLE, 120, 40, NULL},
    {"failures-80x24", snap_fixture_breaking, &view_failures, CHARS_BRAILLE, 80, 24, NULL},
    {"failures-40x10", snap_fixture_breaking, &view_failures, CHARS_BRAILLE, 40, 10, NULL},
    {"failures-none-80x24", snap_fixture_calm, &view_failures, CHARS_BRAILLE, 80, 24, NULL},
    {"latency-200x60", snap_fixture_breaking, &view_latency, CHARS_BRAILLE, 200, 60, NULL},
    {"latency-120x40", snap_fixture_breaking, &view_latency, CHARS_BRAILLE, 120, 40, NULL},
    {"latency-80x24", snap_fixture_breaking, &view_latency, CHARS_BRAILLE, 80, 24, NULL},
    {"latency-40x10", snap_fixture_breaking, &view_latency, CHARS_BRAILLE, 40, 10, NULL},
    {"latency-ascii-80x24", snap_fixture_ascii, &view_latency, CHARS_ASCII, 80, 24, NULL},
    {"log-sick-80x24", snap_fixture_sick, &view_log, CHARS_BRAILLE, 80, 24, NULL},
    {"overview-sick-80x24", snap_fixture_sick, &view_overview, CHARS_BRAILLE, 80, 24, NULL},
    {"target-120x40", snap_fixture_breaking, &view_target, CHARS_BRAILLE, 120, 40,
     snap_fixture_probes},
    {"target-80x24", snap_fixture_breaking, &view_target, CHARS_BRAILLE, 80, 24,
     snap_fixture_probes},
    {"target-40x10", snap_fixture_breaking, &view_target, CHARS_BRAILLE, 40, 10,
     snap_fixture_probes},
    {"target-ascii-80x24", snap_fixture_ascii, &view_target, CHARS_ASCII, 80, 24,
     snap_fixture_probes},
    {"target-none-80x24", snap_fixture_calm, &view_target, CHARS_BRAILLE, 80, 24, NULL},
    {"log-80x24", snap_fixture_breaking, &view_log, CHARS_BRAILLE, 80, 24, NULL},
    {"help-120x40", snap_fixture_breaking, &view_help, CHARS_BRAILLE, 120, 40, NULL},
    {"help-80x24", snap_fixture_breaking, &view_help, CHARS_BRAILLE, 80, 24, NULL},
    {"target-states-120x40", snap_fixture_calm, &view_target, CHARS_BRAILLE, 120, 40,
     snap_fixture_states},
    {"target-states-80x24", snap_fixture_calm, &view_target, CHARS_BRAILLE, 80, 24,
     snap_fixture_states},
    {"overview-states-80x24", snap_fixture_calm, &view_overview, CHARS_BRAILLE, 80, 24,
     snap_fixture_states},
};

/* Draws one screen and returns it as text; the caller frees. */
static char *draw(void (*fixture)(struct snapshot *), struct view_state *v, int cols, int rows,
                  const struct prompt *p, void (*probes)(struct probe_snapshot *))
{
    struct frame f;
    int row, col;
    struct view_input in = {.snap = &snap,
                            .probe_snap = probes != NULL ? &probe_snap : NULL,
                            .state = v,
                            .log = snap_fixture_log,
                            .n_log = SNAP_FIXTURE_LOG,
                            .message = ""};
    fixture(&snap);
    if (probes != NULL)
        probes(&probe_snap);
    frame_init(&f, rows, cols);
    screen_layout(&f, v, &in);
    screen_draw(&f, &in, p, &row, &col);
    ck_assert_int_lt(row, rows);
    ck_assert_int_lt(col, cols);
    ck_assert_int_eq(row < 0, col < 0);
    char *text = frame_dump(&f);
    frame_finish(&f);
    return text;
}

static void screen_path(char *out, size_t size, const char *name)
{
    const char *top = getenv("top_srcdir");
    snprintf(out, size, "%s/tests/screen/%s.txt", top != NULL ? top : ".", name);
}

static char *read_screen(const char *path)
{
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return NULL;
    static char text[1 << 16];
    size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    fclose(f);
    return text;
}

/* The first line that differs, so that a failing test shows what to look at. */
static void show_difference(const char *is, const char *was)
{
    for (int line = 1; *is != '\0' || *was != '\0'; line++) {
        size_t a = strcspn(is, "\n"), b = strcspn(was, "\n");
        if (a != b || memcmp(is, was, a) != 0)
            fprintf(stderr, "%3d is  |%.*s|\n    was |%.*s|\n", line, (int)a, is, (int)b, was);
        is += a + (is[a] == '\n');
        was += b + (was[b] == '\n');
    }
}

static void compare(const char *name, char *text)
{
    char path[4096];
    screen_path(path, sizeof path, name);
    if (getenv("RAMPTOP_RECORD") != NULL) {
        FILE *f = fopen(path, "w");
        ck_assert_ptr_nonnull(f);
        fputs(text, f);
        fclose(f);
    }
    const char *was = read_screen(path);
    ck_assert_msg(was != NULL, "%s is missing: RAMPTOP_RECORD=1 writes it", path);
    bool same = strcmp(text, was) == 0;
    if (!same)
        show_difference(text, was);
    free(text);
    ck_assert_msg(same, "the screen is not %s: RAMPTOP_RECORD=1 writes it anew", path);
}

START_TEST(screens_are_as_recorded)
{
    const struct scene *s = &scenes[_i];
    struct view_state v = {.view = s->view, .sort = SORT_P99, .chars = s->chars};
    compare(s->file, draw(s->fixture, &v, s->cols, s->rows, NULL, s->probes));
}
END_TEST

START_TEST(prompts_take_the_place_of_the_key_bar)
{
    struct view_state v = {.view = &view_overview, .sort = SORT_P99};
    prompt_line(&prompt, 1, "users:", "480");
    compare("prompt-line-80x24", draw(snap_fixture_breaking, &v, 80, 24, &prompt, NULL));
    prompt_confirm(&prompt, 1, "Go from 320 to 5,000 users? That is more than twice as many.");
    compare("prompt-confirm-80x24", draw(snap_fixture_breaking, &v, 80, 24, &prompt, NULL));
    compare("prompt-confirm-40x10", draw(snap_fixture_breaking, &v, 40, 10, &prompt, NULL));
    prompt_pick(&prompt, 1, "level or profile");
    prompt_add_item(&prompt, "smoke", "10 users for 1 min");
    prompt_add_item(&prompt, "ramp", "2 stages to 200 users");
    prompt_add_item(&prompt, "shop.cfg", "profile");
    compare("prompt-pick-80x24", draw(snap_fixture_breaking, &v, 80, 24, &prompt, NULL));
    compare("prompt-pick-40x10", draw(snap_fixture_breaking, &v, 40, 10, &prompt, NULL));
    prompt_key(&prompt, 'z');
    char *text = draw(snap_fixture_breaking, &v, 80, 24, &prompt, NULL);
    ck_assert_ptr_nonnull(strstr(text, "nothing matches; :profile and :probe take"));
    free(text);
}
END_TEST

START_TEST(panels_of_the_target)
{
    struct view_state v = {
        .view = &view_target, .sort = SORT_P99, .cursor = 5, .panel = PANEL_SERIES};
    compare("series-120x40", draw(snap_fixture_breaking, &v, 120, 40, NULL, snap_fixture_probes));
    compare("series-80x24", draw(snap_fixture_breaking, &v, 80, 24, NULL, snap_fixture_probes));
    compare("series-40x10", draw(snap_fixture_breaking, &v, 40, 10, NULL, snap_fixture_probes));
    v.chars = CHARS_ASCII;
    compare("series-ascii-80x24", draw(snap_fixture_ascii, &v, 80, 24, NULL, snap_fixture_probes));
    v.chars = CHARS_BRAILLE;
    v.panel = PANEL_DETAIL;
    compare("detail-120x40", draw(snap_fixture_breaking, &v, 120, 40, NULL, snap_fixture_probes));
    compare("detail-80x24", draw(snap_fixture_breaking, &v, 80, 24, NULL, snap_fixture_probes));
    compare("detail-remedy-80x24", draw(snap_fixture_calm, &v, 80, 24, NULL, snap_fixture_states));
    compare("detail-remedy-40x10", draw(snap_fixture_calm, &v, 40, 10, NULL, snap_fixture_states));
    v.panel_scroll = 100000;
    compare("detail-end-40x10", draw(snap_fixture_calm, &v, 40, 10, NULL, snap_fixture_states));
}
END_TEST

START_TEST(a_moment_of_the_past_is_said_to_be_one)
{
    struct view_state v = {.view = &view_overview, .sort = SORT_P99, .moment = {.move = -20}};
    compare("moment-120x40", draw(snap_fixture_breaking, &v, 120, 40, NULL, snap_fixture_probes));
    compare("moment-80x24", draw(snap_fixture_breaking, &v, 80, 24, NULL, snap_fixture_probes));
    ck_assert(v.moment.set);
    for (int cols = 50; cols <= 120; cols++) {
        char *text = draw(snap_fixture_breaking, &v, cols, 20, NULL, snap_fixture_probes);
        ck_assert_msg(strstr(text, "esc: now") != NULL, "at %d columns:\n%s", cols, text);
        free(text);
    }
    free(draw(snap_fixture_breaking, &v, 40, 10, NULL, NULL)); /* no room for charts */
    ck_assert(v.no_axis && !v.moment.set);
    free(draw(snap_fixture_breaking, &v, 80, 24, NULL, NULL));
    ck_assert(!v.no_axis);
}
END_TEST

/* The limit of one must not be read as the line of the one above it. */
START_TEST(small_charts_stand_apart_where_there_is_room)
{
    struct view_state v = {.view = &view_overview, .sort = SORT_P99};
    uint16_t chosen[SNAP_SERIES];
    snap_fixture_probes(&probe_snap);
    while (series_chosen(&v.choice, &probe_snap, chosen) > 4)
        ck_assert(series_toggle(&v.choice, &probe_snap, chosen[4]));
    compare("probes-apart-200x60",
            draw(snap_fixture_breaking, &v, 200, 60, NULL, snap_fixture_probes));
}
END_TEST

/* The cursor is on what is well, or on what is not: the first in trouble out of sight is told. */
START_TEST(trouble_is_told_wherever_the_cursor_is)
{
    struct view_state v = {.view = &view_target, .cursor = 0};
    for (v.cursor = 0; v.cursor < 20; v.cursor++) {
        char *text = draw(snap_fixture_calm, &v, 80, 24, NULL, snap_fixture_states);
        ck_assert_msg(strstr(text, " down") != NULL, "row %d:\n%s", v.cursor, text);
        free(text);
    }
    v.scroll = 0;
    v.cursor = 7; /* the probe that is down: its key stands in the bar */
    compare("target-states-down-80x24",
            draw(snap_fixture_calm, &v, 80, 24, NULL, snap_fixture_states));
    v.cursor = 100;
    compare("target-states-end-80x24",
            draw(snap_fixture_calm, &v, 80, 24, NULL, snap_fixture_states));
}
END_TEST

static void (*const fixtures[])(struct snapshot *) = {snap_fixture_breaking, snap_fixture_sick,
                                                      snap_fixture_calm, snap_fixture_empty};

/* Every size a terminal can have is drawn: nothing is read or written outside (a run with
 * ASan tells), and lines never get wider than the screen. */
START_TEST(no_size_is_too_odd)
{
    struct view_state v = {.view = views[_i % (int)view_count()], .chars = (enum charset)(_i / (int)view_count())};
    prompt_pick(&prompt, 1, "level or profile");
    prompt_add_item(&prompt, "a name that is quite long for a small picker", "and its hint");
    const int taller = UNIT_TSAN ? 7 : 2,
              wider = UNIT_TSAN ? 17 : 5; /* each view begins elsewhere */
    for (int rows = 1 + _i % taller; rows <= 200; rows = rows < 48 ? rows + taller : rows + 53) {
        for (int cols = 1 + _i % wider; cols <= 500;
             cols = cols < 130 ? cols + wider : cols + 123) {
            v.cursor = v.scroll = v.panel_scroll = rows * 3 - 20;
            v.panel = (enum target_panel)(cols % 3);
            free(draw(fixtures[(rows + cols) % 4], &v, cols, rows, rows % 2 ? &prompt : NULL,
                      rows % 3 == 0   ? NULL
                      : rows % 3 == 1 ? snap_fixture_probes
                                      : snap_fixture_states));
        }
    }
}
END_TEST

START_TEST(ascii_screens_have_no_other_character)
{
    static const int sizes[][2] = {{120, 40}, {80, 24}, {40, 10}, {200, 60}, {20, 5}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (int kind = PROMPT_NONE; kind <= PROMPT_PICK; kind++) {
            struct view_state v = {
                .view = views[_i], .chars = CHARS_ASCII, .frozen = kind == PROMPT_NONE};
            prompt_line(&prompt, 1, "users:", "480");
            if (kind == PROMPT_CONFIRM)
                prompt_confirm(&prompt, 1, "Go from 320 to 5,000 users?");
            if (kind == PROMPT_PICK) {
                prompt_pick(&prompt, 1, "level or profile");
                prompt_add_item(&prompt, "smoke", "10 users");
            }
            char *text = draw(snap_fixture_ascii, &v, sizes[i][0], sizes[i][1],
                              kind == PROMPT_NONE ? NULL : &prompt, snap_fixture_probes);
            for (const char *c = text; *c != '\0'; c++)
                ck_assert_msg((unsigned char)*c < 0x80, "not ASCII in:\n%s", text);
            free(text);
        }
    }
}
END_TEST

START_TEST(steps_grow_with_the_load)
{
    ck_assert_uint_eq(view_step(0), 1);
    ck_assert_uint_eq(view_step(99), 1);
    ck_assert_uint_eq(view_step(100), 10);
    ck_assert_uint_eq(view_step(999), 10);
    ck_assert_uint_eq(view_step(1000), 100);
    ck_assert_uint_eq(view_step(UINT32_MAX), 1000000);
}
END_TEST

/* A column is there to its end or not at all, and of the means the one of the whole stays. */
START_TEST(nothing_is_cut_where_it_would_read_as_something_else)
{
    for (int cols = 40; cols <= 130; cols++) {
        struct view_state v = {.view = &view_failures, .sort = SORT_P99};
        char *text = draw(snap_fixture_breaking, &v, cols, 24, NULL, NULL);
        ck_assert_msg(strstr(text, "00:04:59") != NULL, "at %d columns:\n%s", cols, text);
        free(text);
        v.view = &view_latency;
        text = draw(snap_fixture_breaking, &v, cols, 24, NULL, NULL);
        ck_assert_msg(strstr(text, "whole reply 99 ms") != NULL, "at %d columns:\n%s", cols, text);
        free(text);
    }
}
END_TEST

/* What must be on screen whatever the width: the tests below draw this line. */
static char *first_rows(void (*change)(struct snapshot *), int cols)
{
    struct frame f;
    int row, col;
    struct view_state v = {.view = &view_overview};
    struct view_input in = {.snap = &snap, .state = &v, .message = ""};
    snap_fixture_breaking(&snap);
    change(&snap);
    frame_init(&f, 24, cols);
    screen_layout(&f, &v, &in);
    screen_draw(&f, &in, NULL, &row, &col);
    char *text = frame_dump(&f);
    frame_finish(&f);
    return text;
}

static void make_insecure(struct snapshot *s)
{
    s->run.insecure = true;
    s->health.n_warnings = 1;
    snprintf(s->health.warnings[0], SNAP_TEXT, "the generator is the bottleneck");
}

static void refuse_all(struct snapshot *s)
{
    s->fail_percent = 100;
    s->fails_per_s = s->rps;
    for (uint32_t i = 0; i < s->n_points; i++)
        s->points[i].fails_per_s = s->points[i].rps;
    for (uint32_t i = 0; i < s->n_fails; i++)
        s->fails[i].per_s = 0;
    s->fails[0].fail = FAIL_REFUSED;
    s->fails[0].per_s = s->rps;
    snprintf(s->fails[0].text, sizeof s->fails[0].text,
             "Failed to connect to 127.0.0.1 port 18392 after 0 ms: Couldn't connect to server");
}

/* In the words of the library one reads only where there is room for both. */
START_TEST(a_dead_target_is_explained_on_a_narrow_screen)
{
    char *text = first_rows(refuse_all, 80);
    ck_assert_msg(strstr(text, "! every request fails: refused.  Nothing accepts connections") !=
                      NULL,
                  "%s", text);
    free(text);
    text = first_rows(refuse_all, 300);
    ck_assert_ptr_nonnull(strstr(text, "connect to server.  Nothing accepts"));
    free(text);
}
END_TEST

START_TEST(insecure_and_a_sick_generator_show_at_every_width)
{
    for (int cols = 40; cols <= 200; cols++) {
        char *text = first_rows(make_insecure, cols);
        ck_assert_msg(strstr(text, "TLS NOT VERIFIED") != NULL || strstr(text, "INSECURE") != NULL,
                      "at %d columns:\n%s", cols, text);
        ck_assert_ptr_nonnull(strstr(text, "LIMIT"));
        ck_assert_ptr_nonnull(strstr(text, "staging"));
        free(text);
    }
}
END_TEST

static char *with_message(const char *message, int cols, int rows, const struct prompt *p)
{
    struct frame f;
    int row, col;
    struct view_state v = {.view = &view_overview};
    struct view_input in = {
        .snap = &snap, .state = &v, .message = message, .message_is_error = true};
    snap_fixture_breaking(&snap);
    frame_init(&f, rows, cols);
    screen_layout(&f, &v, &in);
    screen_draw(&f, &in, p, &row, &col);
    char *text = frame_dump(&f);
    frame_finish(&f);
    return text;
}

START_TEST(a_long_message_is_whole)
{
    static const char message[] = "pgbuoncer is no type of a probe: docker, podman, postgres, "
                                  "pgbouncer, process, host, redis, nginx, prometheus, promql, "
                                  "command (did you mean pgbouncer?).";
    compare("message-80x24", with_message(message, 80, 24, NULL));
    prompt_line(&prompt, 1, ":", "probe pgbuoncer:db");
    compare("message-prompt-80x24", with_message(message, 80, 24, &prompt));
    static const int cols[] = {120, 60, 200};
    for (size_t i = 0; i < sizeof cols / sizeof *cols; i++) {
        char *text = with_message(message, cols[i], 24, NULL);
        ck_assert_msg(strstr(text, "mean pgbouncer?).") != NULL, "at %d columns:\n%s", cols[i],
                      text);
        free(text);
    }
    free(with_message(message, 40, 10, NULL)); /* what there is room for */
}
END_TEST

/* What the tabs say of the filter, a text that is shown with it, one that is not. */
static const struct {
    const struct view_ops *view;
    const char *filter, *tabs, *shown, *hidden;
} filtered[] = {
    {&view_log, "CAPTURE", "filter CAPTURE: 1 of 4", "found nothing at json", "drives the load"},
    {&view_log, "warn", "filter warn: 1 of 4", "schedules start afresh", "drives the load"},
    {&view_log, "nowhere", "filter nowhere: 0 of 4", "no line contains \"nowhere\"", "drives"},
    {&view_target, "net", "filter net: 1 of 7", "api net in", "hit ratio"},
    {&view_target, "POSTGRES", "filter POSTGRES: 3 of 7", "hit ratio", "api net in"},
    {&view_target, "db tps", "filter db tps: 0 of 7", "no probe or series", "1,240/s"},
    {&view_target, "down", "filter down: 0 of 7", "connection refused", "1,240/s"},
    {&view_target, "memory", "filter memory: 1 of 7", "connection refused", "1,240/s"},
    {&view_failures, "activity", " of 5", "/api/activity", "/api/report"},
};

START_TEST(each_list_has_its_filter)
{
    struct view_state v = {.view = filtered[_i].view};
    snprintf(v.filter[view_shown(&v)->list], VIEW_FILTER_MAX, "%s", filtered[_i].filter);
    char *text = draw(snap_fixture_breaking, &v, 120, 40, NULL, snap_fixture_probes);
    ck_assert_msg(strstr(text, filtered[_i].tabs) != NULL, "%s", text);
    ck_assert_msg(strstr(text, filtered[_i].shown) != NULL, "%s", text);
    ck_assert_msg(strstr(text, filtered[_i].hidden) == NULL, "%s", text);
    v.view = &view_latency; /* filters endpoints only */
    ck_assert_str_eq(view_filter(&v), filtered[_i].view == &view_failures ? "activity" : "");
    free(text);
}
END_TEST

static void fail_here(struct snapshot *s)
{
    snap_fixture_breaking(s);
    s->finished = s->endpoints[0].requests = 400;
    s->client_failures = s->endpoints[0].client_failures = 600;
    s->failures = s->endpoints[0].failures = 100;
}

/* The share that the header and the summary have. */
START_TEST(what_could_not_be_sent_is_not_what_was_asked)
{
    struct view_state v = {.view = &view_failures};
    char *text = draw(fail_here, &v, 120, 40, NULL, NULL);
    ck_assert_ptr_nonnull(strstr(text, "100 of 400 requests failed (25.0 %)"));
    ck_assert_ptr_nonnull(strstr(text, "; 600 more could not be sent"));
    ck_assert_ptr_nonnull(strstr(text, "not sent 600")); /* in the header of every view */
    free(text);
    v.view = &view_endpoints;
    text = draw(fail_here, &v, 200, 60, NULL, NULL);
    ck_assert_ptr_nonnull(strstr(text, " 25.0 %"));
    ck_assert_ptr_null(strstr(text, " 10.0 %"));
    free(text);
}
END_TEST

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    setenv("TZ", "UTC", 1); /* the log shows local time */
    Suite *suite = suite_create("screen");
    TCase *tc = tcase_create("screen");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, screens_are_as_recorded, 0, (int)(sizeof scenes / sizeof *scenes));
    tcase_add_test(tc, prompts_take_the_place_of_the_key_bar);
    tcase_add_test(tc, panels_of_the_target);
    tcase_add_test(tc, a_long_message_is_whole);
    tcase_add_test(tc, a_moment_of_the_past_is_said_to_be_one);
    tcase_add_test(tc, small_charts_stand_apart_where_there_is_room);
    tcase_add_test(tc, trouble_is_told_wherever_the_cursor_is);
    tcase_add_loop_test(tc, no_size_is_too_odd, 0, (int)view_count() * CHARSETS);
    tcase_add_loop_test(tc, ascii_screens_have_no_other_character, 0, (int)view_count());
    tcase_add_loop_test(tc, each_list_has_its_filter, 0,
                        (int)(sizeof filtered / sizeof *filtered));
    tcase_add_test(tc, steps_grow_with_the_load);
    tcase_add_test(tc, nothing_is_cut_where_it_would_read_as_something_else);
    tcase_add_test(tc, a_dead_target_is_explained_on_a_narrow_screen);
    tcase_add_test(tc, insecure_and_a_sick_generator_show_at_every_width);
    tcase_add_test(tc, what_could_not_be_sent_is_not_what_was_asked);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
