/* SPDX-License-Identifier: MIT */
#include "ui/header.h"

#include <stdio.h>
#include <string.h>

#include "src/base/human.h"
#include "src/stats/snapshot_words.h"
#include "ui/line.h"
#include "ui/sentence.h"

#define BAD_PERCENT 1.0
#define BAR_COLS 28
#define MARGIN_FROM 70 /* columns from which the lines keep off the edges */

static const char *sign(const struct frame *f, const char *unicode, const char *ascii)
{
    return f->chars == CHARS_ASCII ? ascii : unicode;
}

/* A target of users, wanted or allowed, with its thousands apart as everywhere else. */
static const char *grouped(char *out, uint32_t n)
{
    return human_count(out, HUMAN_MAX, n);
}

static void add_target(struct line *l, const struct snap_run *r)
{
    const char *host = strstr(r->target, "://");
    line_item(l, LINE_LEFT, 46, 0);
    line_add(l, STYLE_BOLD, "%s", r->target);
    line_tight(l);
    line_add(l, STYLE_BOLD, "%s", host != NULL ? host + 3 : r->target);
}

static void header_add_profile(struct line *l, const struct frame *f, const struct snap_run *r)
{
    const char *dot = sign(f, " \xc2\xb7 ", " . ");
    line_item(l, LINE_LEFT, 0, 30);
    if (r->profile[0] == '\0' || strstr(r->target, r->profile) != NULL) /* a bare URL's */
        line_add(l, STYLE_NORMAL, "%s", r->level);
    else
        line_add(l, STYLE_NORMAL, "%s%s%s", r->profile, r->level[0] != '\0' ? dot : "", r->level);
}

/* ", stage 2/4", ", burst 1/5", ", 80 ready for burst 2/5" */
static void header_add_part(struct line *l, const struct snap_run *r)
{
    char n[HUMAN_MAX];
    if (r->parts == SNAP_PARTS_STAGES)
        line_add(l, STYLE_NORMAL, ", stage %u/%u", r->part, r->n_parts);
    else if (r->parts == SNAP_PARTS_BURSTS && r->waiting > 0 && r->part < r->n_parts)
        line_add(l, STYLE_NORMAL, ", %s ready for burst %u/%u", grouped(n, r->waiting), r->part + 1,
                 r->n_parts);
    else if (r->parts == SNAP_PARTS_BURSTS)
        line_add(l, STYLE_NORMAL, ", burst %u/%u", r->part > 0 ? r->part : 1, r->n_parts);
}

static void add_driver(struct line *l, const struct snap_run *r)
{
    char n[HUMAN_MAX];
    line_item(l, LINE_LEFT, 45, 20);
    if (r->driver == SNAP_DRIVER_LEVEL) {
        line_add(l, STYLE_OK, "LEVEL");
        line_add(l, STYLE_NORMAL, " %s", grouped(n, r->users_wanted));
        header_add_part(l, r);
        line_tight(l);
        line_add(l, STYLE_OK, "LEVEL");
        if (r->parts != SNAP_PARTS_NONE)
            line_add(l, STYLE_NORMAL, " %u/%u", r->part, r->n_parts);
        return;
    }
    enum style style = r->level[0] != '\0' ? STYLE_WARN : STYLE_NORMAL;
    line_add(l, style, "MANUAL");
    line_add(l, STYLE_NORMAL, " %s", grouped(n, r->users_wanted));
    if (r->level[0] != '\0')
        line_add(l, STYLE_NORMAL, " (P: back to plan %s)", grouped(n, r->level_users));
    line_tight(l);
    line_add(l, style, "MANUAL");
}

static void header_add_state(struct line *l, const struct frame *f, const struct snapshot *s,
                             const struct view_state *v)
{
    static const struct {
        const char *unicode, *ascii;
        enum style style;
        bool calm; /* the sign alone will do when there is no room */
    } states[] = {
        [SNAP_IDLE] = {"\xe2\x97\x8b", "o", STYLE_DIM, true},
        [SNAP_RAMPING] = {"\xe2\x96\xb2", "^", STYLE_WARN, true},
        [SNAP_RUNNING] = {"\xe2\x97\x8f", "*", STYLE_OK, true},
        [SNAP_HELD] = {"\xe2\x80\x96", "||", STYLE_WARN, false},
        [SNAP_STOPPING] = {"\xe2\x96\xbc", "v", STYLE_WARN, false},
        [SNAP_DONE] = {"\xe2\x96\xa0", "#", STYLE_BOLD, false},
    };
    unsigned state = s->run.state <= SNAP_DONE ? s->run.state : SNAP_IDLE;
    const char *mark = sign(f, states[state].unicode, states[state].ascii);
    if (state == SNAP_RAMPING && s->users > s->run.users_wanted)
        mark = sign(f, states[SNAP_STOPPING].unicode, states[SNAP_STOPPING].ascii);
    char clock[HUMAN_MAX], total[HUMAN_MAX], age[HUMAN_MAX];

    if (v->frozen) {
        line_item(l, LINE_RIGHT, 44, 0);
        line_add(l, STYLE_WARN, "FROZEN for %s", human_age(age, sizeof age, v->frozen_age_s));
        line_tight(l);
        line_add(l, STYLE_WARN, "FROZEN");
    }
    line_item(l, LINE_RIGHT, 40, 0);
    line_add(l, states[state].style, "%s %s", mark, snap_state_words[state]);
    line_tight(l);
    line_add(l, states[state].style, states[state].calm ? "%s" : "%s %s", mark,
             snap_state_words[state]);

    line_item(l, LINE_RIGHT, 43, 0);
    human_clock(clock, sizeof clock, s->elapsed_s);
    line_add(l, STYLE_NORMAL, "%s", clock);
    if (s->run.ends_s > 0) { /* a level that was picked later does not begin at 0 */
        line_add(l, STYLE_DIM, " of %s", human_clock(total, sizeof total, (s->run.ends_s + 0.5)));
        line_tight(l);
        line_add(l, STYLE_NORMAL, "%s", clock);
    }
    if (s->run.request_budget > 0) {
        line_item(l, LINE_RIGHT, 0, 47);
        line_add(l, STYLE_DIM, "%s of %s reqs",
                 human_count(clock, sizeof clock, s->finished + s->client_failures),
                 human_count(total, sizeof total, s->run.request_budget));
    }
    line_item(l, LINE_RIGHT, 35, s->run.insecure ? 0 : 42);
    if (s->run.insecure) {
        line_add(l, STYLE_BAD_BOLD, "TLS NOT VERIFIED");
        line_tight(l);
        line_add(l, STYLE_BAD_BOLD, "INSECURE");
    } else if (s->run.tls) {
        line_add(l, STYLE_NORMAL, "TLS ok");
    }
}

static void draw_header_line(struct frame *f, int row, struct line *l)
{
    int margin = f->cols >= MARGIN_FROM ? 1 : 0;
    line_draw(f, row, margin, f->cols - 2 * margin, l);
}

static void draw_who(struct frame *f, int row, const struct view_input *in)
{
    struct line l;
    line_init(&l, 3);
    line_item(&l, LINE_LEFT, 0, 15);
    line_add(&l, STYLE_TITLE, " ramptop ");
    add_target(&l, &in->snap->run);
    header_add_profile(&l, f, &in->snap->run);
    add_driver(&l, &in->snap->run);
    header_add_state(&l, f, in->snap, in->state);
    line_draw(f, row, 0, f->cols - (f->cols >= MARGIN_FROM ? 1 : 0), &l);
}

static void add_users(struct line *l, const struct frame *f, const struct snapshot *s)
{
    const char *to = sign(f, "\xe2\x86\x92", "->");
    uint32_t wanted = s->run.users_wanted, cap = s->run.users_cap;
    uint32_t top = cap > 0 ? cap : s->users_peak > wanted ? s->users_peak : wanted;

    char now[HUMAN_MAX], then[HUMAN_MAX], most[HUMAN_MAX];
    grouped(now, s->users);
    grouped(then, wanted);
    grouped(most, cap > 0 ? cap : s->users_peak);

    line_item(l, LINE_LEFT, 46, 0);
    line_add(l, STYLE_NORMAL, "users ");
    line_add(l, STYLE_BOLD, "%s", now);
    line_add(l, STYLE_NORMAL, " %s %s", to, then);
    line_tight(l);
    line_add(l, STYLE_NORMAL, "users ");
    line_add(l, STYLE_BOLD, "%u", s->users);
    line_add(l, STYLE_NORMAL, "%s%u", to, wanted);
    if (cap > 0)
        line_add(l, STYLE_DIM, "/%u", cap);

    if (s->run.state == SNAP_RAMPING && s->run.spawn_rate > 0) {
        line_item(l, LINE_LEFT, 0, 53);
        line_add(l, STYLE_DIM, "at %.4g/s", s->run.spawn_rate);
    }
    line_item(l, LINE_LEFT, 52, 49);
    line_bar(l, BAR_COLS, top > 0 ? (double)s->users / top : 0);
    line_add(l, STYLE_DIM, cap > 0 ? " cap %s" : " peak %s", most);
    line_tight(l);
    line_bar(l, BAR_COLS / 2, top > 0 ? (double)s->users / top : 0);
    line_add(l, STYLE_DIM, cap > 0 ? " cap %s" : " peak %s", most);
}

static void draw_load_line(struct frame *f, int row, const struct snapshot *s)
{
    struct line l;
    char rate[HUMAN_MAX], fails[HUMAN_MAX], percent[HUMAN_MAX], unsent[HUMAN_MAX];
    enum style bad = !(s->fail_percent > 0)          ? STYLE_NORMAL
                     : s->fail_percent < BAD_PERCENT ? STYLE_WARN
                                                     : STYLE_BAD_BOLD;
    human_rate(fails, sizeof fails, s->fails_per_s);
    human_percent(percent, sizeof percent, s->fail_percent);
    line_init(&l, 3);
    add_users(&l, f, s);
    line_item(&l, LINE_LEFT, 0, 0);
    line_add(&l, STYLE_NORMAL, "rps ");
    line_add(&l, STYLE_BOLD, "%s", human_rate(rate, sizeof rate, s->rps));
    if (s->client_failures > 0) {
        line_item(&l, LINE_LEFT, 31, 0);
        line_add(&l, STYLE_BAD_BOLD, "not sent %s",
                 human_count(unsent, sizeof unsent, s->client_failures));
        line_tight(&l);
        line_add(&l, STYLE_BAD_BOLD, "unsent %s", unsent);
    }
    line_item(&l, LINE_RIGHT, 30, 0);
    line_add(&l, STYLE_NORMAL, "failures ");
    line_add(&l, bad, "%s/s  %s", fails, percent);
    line_tight(&l);
    line_add(&l, STYLE_NORMAL, "fail ");
    line_add(&l, bad, "%s", percent);
    draw_header_line(f, row, &l);
}

const char *header_window(const struct snapshot *s, char *buf, size_t size)
{
    static const int seconds[SNAP_WINDOWS] = {1, 10, 60, 0};
    int wanted = s->run.window < SNAP_ALL ? seconds[s->run.window] : 0;
    if (s->still)
        return "now";
    if (wanted == 0)
        return "whole run";
    if (s->window_s > 0 && s->window_s < wanted - 0.5)
        snprintf(buf, size, "last %.0f s of %d s", s->window_s < 1 ? 1 : s->window_s, wanted);
    else
        snprintf(buf, size, "last %d s", wanted);
    return buf;
}

static void add_percentile(struct line *l, const char *label, uint64_t us, bool known, int drop)
{
    char full[HUMAN_MAX] = "-", tight[HUMAN_MAX] = "-";
    if (known) {
        human_us(full, sizeof full, (double)us, false);
        human_us(tight, sizeof tight, (double)us, true);
    }
    line_item(l, LINE_LEFT, 44, drop);
    line_add(l, STYLE_NORMAL, "%s ", label);
    line_add(l, STYLE_BOLD, "%s", full);
    line_tight(l);
    line_add(l, STYLE_NORMAL, "%s ", label);
    line_add(l, STYLE_BOLD, "%s", tight);
}

static void header_add_generator(struct line *l, const struct snap_health *h)
{
    char cpu[HUMAN_MAX];
    bool ok = h->n_warnings == 0;
    snprintf(cpu, sizeof cpu, "%.0f %%", h->cpu_percent);
    line_item(l, LINE_RIGHT, 48, 0);
    line_add(l, STYLE_NORMAL, "generator ");
    line_add(l, ok ? STYLE_OK : STYLE_BAD_BOLD, ok ? "ok" : "LIMIT");
    line_tight(l);
    line_add(l, STYLE_NORMAL, "gen ");
    line_add(l, ok ? STYLE_OK : STYLE_BAD_BOLD, ok ? "ok" : "LIMIT");
    line_item(l, LINE_RIGHT, 47, 20);
    line_add(l, STYLE_NORMAL, "cpu %s", cpu);
    line_tight(l);
    line_add(l, STYLE_NORMAL, "%s", cpu);
    line_item(l, LINE_RIGHT, 0, 51);
    line_add(l, STYLE_NORMAL, "lag %.1f ms", h->lag_p99_ms);
}

/* How soon they fail: at once, or after the time-out? */
static void add_failed(struct line *l, const struct snap_latency *failed)
{
    char p50[HUMAN_MAX], p99[HUMAN_MAX];
    line_item(l, LINE_LEFT, 0, 43);
    line_add(l, STYLE_NORMAL, "fail p50 %s  p99 %s",
             human_us(p50, sizeof p50, (double)failed->p50_us, false),
             human_us(p99, sizeof p99, (double)failed->p99_us, false));
}

static void draw_latency_line(struct frame *f, int row, const struct snapshot *s)
{
    static const char *const tight[SNAP_WINDOWS] = {"1 s", "10 s", "60 s", "all"};
    struct line l;
    char window[HUMAN_MAX];
    bool known = s->window.count > 0;
    line_init(&l, 4);
    bool some_fail = s->window_failed.count > 0; /* then it is said whose percentiles these are */
    add_percentile(&l, some_fail ? "ok p50" : "p50", s->window.p50_us, known, some_fail ? 0 : 10);
    add_percentile(&l, "p95", s->window.p95_us, known, some_fail ? 10 : 0);
    add_percentile(&l, "p99", s->window.p99_us, known, 0);
    line_item(&l, LINE_LEFT, 0, 52);
    char max[HUMAN_MAX] = "-";
    if (known)
        human_us(max, sizeof max, (double)s->window.max_us, false);
    line_add(&l, STYLE_NORMAL, "max %s", max);
    if (some_fail)
        add_failed(&l, &s->window_failed);
    line_item(&l, LINE_LEFT, 45, 0);
    line_add(&l, STYLE_DIM, "%s", header_window(s, window, sizeof window));
    line_tight(&l);
    line_add(&l, STYLE_DIM, "%s",
             s->still ? "now" : tight[s->run.window <= SNAP_ALL ? s->run.window : SNAP_ALL]);
    header_add_generator(&l, &s->health);
    draw_header_line(f, row, &l);
}

/* Colours only the head of an alarm: the rest is to be read. */
static void draw_header_sentence(struct frame *f, int row, const struct view_input *in)
{
    struct sentence s;
    struct cause cause;
    int col = f->cols >= MARGIN_FROM ? 1 : 0;
    cause_find(in->snap, in->probe_snap, &cause);
    sentence_make(&s, in->snap, in->state, &cause);
    if (s.brief[0] != '\0' && frame_width(s.text) + 3 > f->cols)
        memcpy(s.text, s.brief, sizeof s.text);
    if (s.sign[0] != '\0')
        col = frame_text(f, row, col, f->cols - col, s.style, s.sign) + 1;
    char *rest = s.sign[0] != '\0' ? strstr(s.text, ": ") : NULL;
    if (rest == NULL) {
        frame_ellipsis(f, row, col, f->cols - col, s.style, s.text);
        return;
    }
    *rest = '\0';
    col = frame_ellipsis(f, row, col, f->cols - col, s.style, s.text);
    *rest = ':';
    frame_ellipsis(f, row, col, f->cols - col, STYLE_NORMAL, rest);
}

void header_draw(struct frame *f, const struct view_input *in)
{
    draw_who(f, 0, in);
    draw_load_line(f, 1, in->snap);
    draw_latency_line(f, 2, in->snap);
    draw_header_sentence(f, 3, in);
}
