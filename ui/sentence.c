/* SPDX-License-Identifier: MIT */
#include "ui/sentence.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "src/base/human.h"
#include "src/stats/unsent.h"

#define BROKEN_PERCENT 10.0 /* from here on they come before a slow generator */
#define FAILING_PERCENT 1.0 /* from here on failures are the sentence */
#define DEAD_PERCENT 99.9   /* from here on nothing works */
#define DEAD_SECONDS 2      /* of so many seconds nothing worked: no need to wait for the window */
#define DEAD_LEAST 5        /* requests in them; fewer may all fail by chance */
#define QUIET_S 3.0         /* no failure for so long, and so many were due at the */
#define QUIET_DUE 10.0      /* window's rate: the failures are over */
#define SILENT_S 2.0        /* nothing came back for so long: the target hangs */
#define BURST_SHOWN_S 60.0
#define FOUND_SHOWN_S 60.0  /* a resource at its limit under a latency that stands */
#define MARK_SHOWN_S 30.0   /* a mark is news for so long */

static void say(struct sentence *out, enum style style, const char *sign, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void say(struct sentence *out, enum style style, const char *sign, const char *fmt, ...)
{
    va_list ap;
    out->style = style;
    out->sign = sign;
    out->brief[0] = '\0';
    va_start(ap, fmt);
    vsnprintf(out->text, sizeof out->text, fmt, ap);
    va_end(ap);
}

const char *sentence_fail_word(const struct snap_fail *f, char *buf, size_t size)
{
    if (f->fail != FAIL_STATUS)
        return fail_word((enum fail)f->fail);
    snprintf(buf, size, "%u", f->status);
    return buf;
}

const char *sentence_endpoint(const struct snapshot *s, unsigned endpoint, char *buf, size_t size)
{
    if (endpoint >= SNAP_ENDPOINTS)
        return "(others)";
    const struct snap_endpoint *e = &s->endpoints[endpoint];
    snprintf(buf, size, "%s%s%s", e->method, e->method[0] != '\0' ? " " : "",
             e->name[0] != '\0' ? e->name : "(others)");
    return buf;
}

const char *sentence_age(double seconds, char *buf, size_t size)
{
    if (!(seconds >= 0))
        seconds = 0;
    if (seconds < 120)
        snprintf(buf, size, "%.0f s", floor(seconds));
    else
        human_clock(buf, size, (uint64_t)seconds);
    return buf;
}

/* The row that fails most now; NULL when none does. */
static const struct snap_fail *top_fail(const struct snapshot *s)
{
    const struct snap_fail *top = NULL;
    for (uint32_t i = 0; i < s->n_fails && i < SNAP_FAILS; i++) {
        const struct snap_fail *f = &s->fails[i];
        if (!fail_is_client((enum fail)f->fail) && f->per_s > 0 &&
            (top == NULL || f->per_s > top->per_s))
            top = f;
    }
    return top;
}

/* A burst is over in a moment: what came of it stays until the next one, or for a while. */
static bool say_burst(struct sentence *out, const struct snapshot *s)
{
    if (s->n_bursts == 0 || s->n_bursts > SNAP_BURSTS)
        return false;
    const struct snap_burst *b = &s->bursts[s->n_bursts - 1];
    bool level_over = s->run.parts != SNAP_PARTS_BURSTS && s->run.state != SNAP_DONE;
    if (level_over && s->elapsed_s - b->at_s > BURST_SHOWN_S)
        return false;
    bool poor = strcmp(b->verdict, "poor") == 0, so_so = strcmp(b->verdict, "acceptable") == 0;
    say(out, poor ? STYLE_BAD_BOLD : so_so ? STYLE_WARN : STYLE_BOLD, poor ? "!" : "", "%s%s",
        b->text, s->run.state == SNAP_DONE ? "; q closes and prints the summary" : "");
    return true;
}

/* A fault of the profile or of this machine: the run is not what was asked for. */
static bool say_unsent(struct sentence *out, const struct snapshot *s, bool now)
{
    char text[2 * SNAP_TEXT], brief[2 * SNAP_TEXT];
    if (!unsent_sentence(s, now, text, sizeof text) || !unsent_brief(s, now, brief, sizeof brief))
        return false;
    say(out, STYLE_BAD_BOLD, "!", "%s", text);
    snprintf(out->brief, sizeof out->brief, "%s", brief);
    return true;
}

static bool say_ended(struct sentence *out, const struct snapshot *s)
{
    char waited[HUMAN_MAX], n[HUMAN_MAX];
    if (s->run.state == SNAP_DONE && s->given_up > 0)
        say(out, STYLE_BAD_BOLD, "!",
            "done: %s request%s had no reply after up to %s and %s given up; q closes and prints "
            "the summary",
            human_count(n, sizeof n, s->given_up), s->given_up == 1 ? "" : "s",
            human_us(waited, sizeof waited, s->given_up_s * 1e6, false),
            s->given_up == 1 ? "was" : "were");
    else if (s->run.state == SNAP_DONE && say_unsent(out, s, false))
        return true;
    else if (s->run.state == SNAP_DONE)
        say(out, STYLE_BOLD, "", "done: %s; q closes and prints the summary",
            s->run.end_reason[0] != '\0' ? s->run.end_reason : "the run is over");
    else if (s->run.state == SNAP_STOPPING)
        say(out, STYLE_WARN, "", "stopping: %s; %u running requests have %.6g s to finish",
            s->run.end_reason[0] != '\0' ? s->run.end_reason : "the run ends", s->in_flight,
            s->run.grace_s);
    else
        return false;
    return true;
}

/* Every request fails: in the window, or in the newest seconds of a longer one. */
static bool is_dead(const struct snapshot *s)
{
    double done = 0, failed = 0;
    if (s->fail_percent >= DEAD_PERCENT && s->fails_per_s > 0)
        return true;
    if (s->n_points < DEAD_SECONDS || s->n_points > SNAP_POINTS)
        return false;
    for (uint32_t i = s->n_points - DEAD_SECONDS; i < s->n_points; i++) {
        const struct snap_point *p = &s->points[i];
        if (p->gap || p->idle)
            return false;
        done += (double)p->rps;
        failed += (double)p->fails_per_s;
    }
    return done >= DEAD_LEAST && 100 * failed >= DEAD_PERCENT * done;
}

/* For how long requests have come back without a failure; 0 when that may be chance. */
static double quiet_s(const struct snapshot *s)
{
    uint32_t n = s->n_points;
    double last = -1;
    if (n == 0 || n > SNAP_POINTS || s->points[n - 1].idle || s->points[n - 1].fails_per_s > 0)
        return 0;
    for (uint32_t i = 0; i < s->n_fails && i < SNAP_FAILS; i++) {
        const struct snap_fail *f = &s->fails[i];
        if (!fail_is_client((enum fail)f->fail) && f->last_s > last)
            last = f->last_s;
    }
    double quiet = last >= 0 ? s->elapsed_s - last : 0;
    return quiet >= QUIET_S && quiet * s->fails_per_s >= QUIET_DUE ? quiet : 0;
}

/* The window still holds failures, but they are over. */
static bool say_recovered(struct sentence *out, const struct snapshot *s)
{
    char word[16], name[SNAP_NAME + 16], percent[HUMAN_MAX], age[HUMAN_MAX];
    const struct snap_fail *top = top_fail(s);
    double quiet = quiet_s(s);
    if (!(quiet > 0) || top == NULL || s->fail_percent < FAILING_PERCENT)
        return false;
    say(out, STYLE_WARN, "", "no failure for %s; the window still holds %s: %s, %s",
        sentence_age(quiet, age, sizeof age),
        human_percent(percent, sizeof percent, s->fail_percent),
        sentence_fail_word(top, word, sizeof word),
        sentence_endpoint(s, top->endpoint, name, sizeof name));
    return true;
}

static bool say_failing(struct sentence *out, const struct snapshot *s)
{
    char word[16], name[SNAP_NAME + 16], rate[HUMAN_MAX], percent[HUMAN_MAX];
    const struct snap_fail *top = top_fail(s);
    bool dead = is_dead(s);
    if (!dead && (s->fail_percent < FAILING_PERCENT || !(s->fails_per_s > 0)))
        return false;
    human_percent(percent, sizeof percent, s->fail_percent);
    if (top == NULL) {
        say(out, STYLE_BAD_BOLD, "!", "%s fail", percent);
        return true;
    }
    const char *kind = sentence_fail_word(top, word, sizeof word);
    sentence_endpoint(s, top->endpoint, name, sizeof name);
    const char *means = fail_explain_status((enum fail)top->fail, top->status);
    const char *near = s->fail_percent >= DEAD_PERCENT && s->fail_percent < 100 ? "nearly " : "";
    if (dead)
        say(out, STYLE_BAD_BOLD, "!", "%severy request fails: %s%s%s.  %s", near, kind,
            top->text[0] != '\0' ? ": " : "", top->text, means);
    if (dead && top->fail != FAIL_OTHER) /* what to do about it; the text stands with the failures */
        snprintf(out->brief, sizeof out->brief, "%severy request fails: %s.  %s", near, kind,
                 means);
    if (!dead)
        say(out, STYLE_BAD_BOLD, "!", "%s fail: %s, %s, %s/s%s%s", percent, kind, name,
            human_rate(rate, sizeof rate, top->per_s), top->text[0] != '\0' ? ": " : "", top->text);
    return true;
}

/* Nothing comes back at all: there are no failures to count yet. */
static bool say_silent(struct sentence *out, const struct snapshot *s)
{
    char age[HUMAN_MAX];
    uint32_t n = s->n_points;
    bool silent = n == 0 || n > SNAP_POINTS || s->points[n - 1].idle;
    if (!silent || s->in_flight == 0 || s->oldest_s < SILENT_S || s->run.state == SNAP_HELD)
        return false;
    say(out, STYLE_BAD_BOLD, "!", "no reply: %u requests wait, the oldest for %s", s->in_flight,
        sentence_age(s->oldest_s, age, sizeof age));
    return true;
}

static bool say_view(struct sentence *out, const struct snapshot *s, const struct view_state *v)
{
    char age[HUMAN_MAX], clock[HUMAN_MAX];
    if (s->run.state == SNAP_HELD)
        say(out, STYLE_WARN, "", "held: no new requests are sent; space lets the load go on");
    else if (v->frozen)
        say(out, STYLE_WARN, "", "frozen at %s, %s ago; the load goes on; f shows it live again",
            human_clock(clock, sizeof clock, (uint64_t)s->elapsed_s),
            sentence_age(v->frozen_age_s, age, sizeof age));
    else if (s->run.users_wanted == 0 && s->users == 0)
        say(out, STYLE_BOLD, "", "no load yet: press + or = to start users, p to pick a level");
    else
        return false;
    if (s->run.state != SNAP_HELD && !v->frozen && s->finished > 0)
        say(out, STYLE_BOLD, "", "no load now: + or = starts users, u takes back, p picks a level");
    return true;
}

/* The latency breaks, and what the target's resources have to do with it. */
static bool say_breaking(struct sentence *out, const struct cause *c)
{
    char clock[HUMAN_MAX];
    if (c == NULL || !c->breaking || (c->kind != CAUSE_FIRST && c->kind != CAUSE_WARNED))
        return false;
    human_clock(clock, sizeof clock, (uint64_t)c->break_s);
    say(out, STYLE_BAD_BOLD, "!", "breaking since %s: %s", clock, c->text);
    snprintf(out->brief, sizeof out->brief, "breaking since %s: %s", clock, c->brief);
    return true;
}

/* Other things that the probes found: worth a line when there is nothing worse. */
static bool say_found(struct sentence *out, const struct snapshot *s, const struct cause *c)
{
    if (c == NULL || c->kind == CAUSE_NONE)
        return false;
    if (c->kind == CAUSE_OTHER && !c->breaking)
        return false;
    if (c->kind == CAUSE_FULL && s->elapsed_s - c->at_s > FOUND_SHOWN_S)
        return false;
    say(out, STYLE_WARN, "", "%s", c->text);
    snprintf(out->brief, sizeof out->brief, "%s", c->brief);
    return true;
}

void sentence_make(struct sentence *out, const struct snapshot *s, const struct view_state *v,
                   const struct cause *cause)
{
    say(out, STYLE_NORMAL, "", "%s", "");
    if ((s->run.state == SNAP_DONE && say_burst(out, s)) || say_ended(out, s))
        return;
    if (say_unsent(out, s, true))
        return;
    bool broken = is_dead(s) || s->fail_percent >= BROKEN_PERCENT;
    if (s->health.n_warnings > 0 && !broken) {
        say(out, STYLE_BAD_BOLD, "!", "%s", s->health.warnings[0]);
        return;
    }
    if (!is_dead(s) && say_breaking(out, cause))
        return;
    if (say_recovered(out, s) || say_failing(out, s) || say_silent(out, s) || say_view(out, s, v) ||
        say_found(out, s, cause) || say_burst(out, s) || s->n_marks == 0 || s->n_marks > SNAP_MARKS)
        return;
    const struct snap_mark *m = &s->marks[s->n_marks - 1];
    char clock[HUMAN_MAX];
    if (s->elapsed_s - m->at_s <= MARK_SHOWN_S)
        say(out, STYLE_MARK, "", "%s  %c  %s", human_clock(clock, sizeof clock, (uint64_t)m->at_s),
            m->letter, m->text);
}
