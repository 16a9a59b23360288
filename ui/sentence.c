/* SPDX-License-Identifier: MIT */
#include "ui/sentence.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "src/base/human.h"
#include "src/stats/unsent.h"
#include "src/stats/verdict.h"

#define BRIEF_COLS 77 /* 80 columns have room for so much behind the sign */
#define BURST_SHOWN_S 60.0
#define FOUND_SHOWN_S 60.0 /* a resource at its limit under a latency that stands */
#define MARK_SHOWN_S 30.0  /* a mark is news for so long */

static void sentence_set(struct sentence *out, enum style style, const char *sign, const char *fmt,
                         ...) __attribute__((format(printf, 4, 5)));

static void sentence_set(struct sentence *out, enum style style, const char *sign, const char *fmt,
                         ...)
{
    va_list ap;
    out->style = style;
    out->sign = sign;
    out->brief[0] = '\0';
    va_start(ap, fmt);
    vsnprintf(out->text, sizeof out->text, fmt, ap);
    va_end(ap);
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
    sentence_set(out,
                 poor    ? STYLE_BAD_BOLD
                 : so_so ? STYLE_WARN
                         : STYLE_BOLD,
                 poor ? "!" : "", "%s%s", b->text,
                 s->run.state == SNAP_DONE ? "; q closes and prints the summary" : "");
    return true;
}

/* A fault of the profile or of this machine: the run is not what was asked for. */
static bool sentence_unsent(struct sentence *out, const struct snapshot *s, bool now)
{
    char text[2 * SNAP_TEXT], brief[2 * SNAP_TEXT];
    if (!unsent_sentence(s, now, text, sizeof text) || !unsent_brief(s, now, brief, sizeof brief))
        return false;
    sentence_set(out, STYLE_BAD_BOLD, "!", "%s", text);
    snprintf(out->brief, sizeof out->brief, "%s", brief);
    return true;
}

static bool say_ended(struct sentence *out, const struct snapshot *s)
{
    char waited[HUMAN_MAX], n[HUMAN_MAX];
    if (s->run.state == SNAP_DONE && s->given_up > 0)
        sentence_set(
            out, STYLE_BAD_BOLD, "!",
            "done: %s request%s had no reply after up to %s and %s given up; q closes and prints "
            "the summary",
            human_count(n, sizeof n, s->given_up), s->given_up == 1 ? "" : "s",
            human_us(waited, sizeof waited, s->given_up_s * 1e6, false),
            s->given_up == 1 ? "was" : "were");
    else if (s->run.state == SNAP_DONE && sentence_unsent(out, s, false))
        return true;
    else if (s->run.state == SNAP_DONE)
        sentence_set(out, STYLE_BOLD, "", "done: %s; q closes and prints the summary",
                     s->run.end_reason[0] != '\0' ? s->run.end_reason : "the run is over");
    else if (s->run.state == SNAP_STOPPING)
        sentence_set(out, STYLE_WARN, "", "stopping: %s; %u running requests have %.6g s to finish",
                     s->run.end_reason[0] != '\0' ? s->run.end_reason : "the run ends",
                     s->in_flight, s->run.grace_s);
    else
        return false;
    return true;
}

static enum style verdict_style(enum verdict_kind kind)
{
    return kind == VERDICT_RECOVERED ? STYLE_WARN : STYLE_BAD_BOLD;
}

/* How the target does, when that is of this rank or above. */
static bool say_verdict(struct sentence *out, const struct verdict *v, enum verdict_kind least)
{
    if (v->kind == VERDICT_CALM || v->kind > least)
        return false;
    sentence_set(out, verdict_style(v->kind), v->kind == VERDICT_RECOVERED ? "" : "!", "%s",
                 v->text);
    snprintf(out->brief, sizeof out->brief, "%s", v->brief);
    return true;
}

/* No load is made, because somebody wants it so: whatever else could be said is the past. */
static bool say_rest(struct sentence *out, const struct snapshot *s)
{
    if (s->run.state == SNAP_HELD)
        sentence_set(out, STYLE_WARN, "",
                     "held: no new requests are sent; space lets the load go on");
    else if (s->run.users_wanted > 0 || s->users > 0)
        return false;
    else if (s->finished > 0)
        sentence_set(out, STYLE_BOLD, "",
                     "no load now: + or = starts users, u takes back, p picks a level");
    else
        sentence_set(out, STYLE_BOLD, "",
                     "no load yet: press + or = to start users, p to pick a level");
    return true;
}

static bool say_generator(struct sentence *out, const struct snapshot *s)
{
    if (s->health.n_warnings == 0)
        return false;
    sentence_set(out, STYLE_BAD_BOLD, "!", "%s", s->health.warnings[0]);
    return true;
}

static bool say_frozen(struct sentence *out, const struct snapshot *s, const struct view_state *v)
{
    char age[HUMAN_MAX], clock[HUMAN_MAX];
    if (!v->frozen)
        return false;
    sentence_set(out, STYLE_WARN, "",
                 "frozen at %s, %s ago; the load goes on; f shows it live again",
                 human_clock(clock, sizeof clock, s->elapsed_s),
                 human_age(age, sizeof age, v->frozen_age_s));
    return true;
}

/* The latency breaks: since when, under which load, and what the target's resources have to do
 * with it.  Failures and a slow generator have sentences of their own, which this one hides. */
static bool say_breaking(struct sentence *out, const struct cause *c, const struct verdict *v,
                         const struct snapshot *s)
{
    char clock[HUMAN_MAX], failing[2 * HUMAN_MAX] = "", percent[HUMAN_MAX];
    if (c == NULL || !c->breaking)
        return false;
    human_clock(clock, sizeof clock, c->break_s);
    if (v->kind == VERDICT_FAILING)
        snprintf(failing, sizeof failing, "; %s fail",
                 human_percent(percent, sizeof percent, v->fail_percent));
    sentence_set(out, STYLE_BAD_BOLD, "!", "breaking since %s (%s): %s%s%s", clock, c->load,
                 c->live, failing,
                 s->health.n_warnings > 0 ? "; the generator is at its limit, too" : "");
    int n = snprintf(out->brief, sizeof out->brief, "breaking since %s (%s): %s",
                     strncmp(clock, "00:", 3) == 0 ? clock + 3 : clock, c->load, c->brief);
    if (n > 0 && (size_t)n + strlen(failing) <= BRIEF_COLS)
        snprintf(out->brief + n, sizeof out->brief - (size_t)n, "%s", failing);
    return true;
}

/* Other things that the probes found: worth a line when there is nothing worse. */
static bool say_found(struct sentence *out, const struct snapshot *s, const struct cause *c)
{
    if (c == NULL || c->kind == CAUSE_NONE)
        return false;
    if (c->kind != CAUSE_FULL && c->kind != CAUSE_FIRST && c->kind != CAUSE_WARNED)
        return false;
    if (c->kind == CAUSE_FULL && s->elapsed_s - c->at_s > FOUND_SHOWN_S)
        return false;
    sentence_set(out, STYLE_WARN, "", "%s", c->text);
    snprintf(out->brief, sizeof out->brief, "%s", c->brief);
    return true;
}

/* The fixed rank. */
static bool say_by_rank(struct sentence *out, const struct snapshot *s, const struct view_state *v,
                        const struct cause *cause)
{
    struct verdict now;
    verdict_find(s, &now);
    return say_verdict(out, &now, VERDICT_NO_REPLY) || say_breaking(out, cause, &now, s) ||
           say_verdict(out, &now, VERDICT_RECOVERED) || say_generator(out, s) ||
           say_frozen(out, s, v);
}

void sentence_make(struct sentence *out, const struct snapshot *s, const struct view_state *v,
                   const struct cause *cause)
{
    sentence_set(out, STYLE_NORMAL, "", "%s", "");
    if ((s->run.state == SNAP_DONE && say_burst(out, s)) || say_ended(out, s) || say_rest(out, s) ||
        sentence_unsent(out, s, true) || say_by_rank(out, s, v, cause) ||
        say_found(out, s, cause) || say_burst(out, s) || s->n_marks == 0 || s->n_marks > SNAP_MARKS)
        return;
    const struct snap_mark *m = &s->marks[s->n_marks - 1];
    char clock[HUMAN_MAX];
    if (s->elapsed_s - m->at_s <= MARK_SHOWN_S)
        sentence_set(out, STYLE_MARK, "", "%s  %c  %s", human_clock(clock, sizeof clock, m->at_s),
                     m->letter, m->text);
}
