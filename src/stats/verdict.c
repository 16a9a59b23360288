/* SPDX-License-Identifier: MIT */
#include "src/stats/verdict.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "src/base/human.h"
#include "src/base/num.h"
#include "src/stats/snapshot_words.h"

#define FAILING_PERCENT 1.0
#define DEAD_PERCENT 99.9 /* from here on nothing works */
#define DEAD_SECONDS 2    /* seconds in which nothing worked: no need to wait for others */
#define DEAD_LEAST 5      /* requests in them; fewer may all fail by chance */
#define DUE 10.0          /* so many of what was usual are missing: that is no chance */
#define QUIET_S 1.0       /* at least so long */
#define HUNG_S 1.0        /* a steady stream of replies has stopped for so long */
#define HUNG_SLOW_S 2.0   /* and where they came now and then */
#define WAITED 3.0        /* times the usual p99 that the oldest request has waited then */
#define STEADY_LEAST 3    /* seconds with replies that make a stream */
#define USUAL_S 30        /* newest seconds with replies, which say what is usual */
#define BACK_SHOWN_S 10.0 /* news of a target that has come back are shown for so long */
#define CALM_SHOWN_S 20.0 /* the same for a latency: 5 s go by until that is sure */

static void set_verdict(struct verdict *out, enum verdict_kind kind, double since_s,
                        const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void set_verdict(struct verdict *out, enum verdict_kind kind, double since_s,
                        const char *fmt, ...)
{
    va_list ap;
    out->kind = kind;
    out->since_s = since_s;
    va_start(ap, fmt);
    vsnprintf(out->text, sizeof out->text, fmt, ap);
    va_end(ap);
    out->brief[0] = '\0';
}

/* ---------------------------------------------------------------- newest seconds */

static uint32_t n_points_of(const struct snapshot *s)
{
    return s->n_points <= SNAP_POINTS ? s->n_points : 0;
}

static const struct snap_point *newest_point(const struct snapshot *s)
{
    uint32_t n = n_points_of(s);
    return n > 0 ? &s->points[n - 1] : NULL;
}

/* Is it one of the newest seconds? */
static bool is_point_recent(const struct snapshot *s, const struct snap_point *p)
{
    return newest_point(s)->second - p->second < VERDICT_RECENT_S;
}

struct sums {
    double done, failed;
    uint32_t seconds;
};

static struct sums recent_sums(const struct snapshot *s)
{
    struct sums sum = {0};
    for (uint32_t i = n_points_of(s); i-- > 0 && is_point_recent(s, &s->points[i]);) {
        const struct snap_point *p = &s->points[i];
        if (p->gap)
            continue;
        sum.done += (double)p->rps;
        sum.failed += (double)p->fails_per_s;
        sum.seconds++;
    }
    return sum;
}

static double failed_percent(double failed, double done)
{
    return done > 0 ? 100 * failed / done : 0;
}

static bool is_second_all_failed(const struct snap_point *p)
{
    return failed_percent((double)p->fails_per_s, (double)p->rps) >= DEAD_PERCENT;
}

/* The row that fails most now; NULL when none does. */
static const struct snap_fail *top_fail(const struct snapshot *s)
{
    const struct snap_fail *top = NULL;
    for (uint32_t i = 0; i < s->n_fails && i < SNAP_FAILS; i++) {
        const struct snap_fail *f = &s->fails[i];
        if (fail_is_client((enum fail)f->fail) || s->elapsed_s - f->last_s > VERDICT_RECENT_S + 2)
            continue;
        if (top == NULL || f->per_s > top->per_s ||
            (f->per_s == top->per_s && f->last_s > top->last_s))
            top = f;
    }
    return top;
}

/* ------------------------------------------------------------------- no reply */

/* The time before a moment: how fast replies came for each user, without a pause or with some,
 * and how long they usually took. */
struct usual {
    double per_user_s;
    bool steady;
    double p99_s; /* 0: not known */
};

static struct usual usual_before(const struct snapshot *s, double at_s)
{
    struct usual u = {0};
    uint32_t p99[USUAL_S], known = 0, looked = 0, heard = 0;
    double replies = 0, users = 0;
    for (uint32_t i = n_points_of(s); i-- > 0 && known < USUAL_S;) {
        const struct snap_point *p = &s->points[i];
        if (p->gap || p->second + 1 > at_s)
            continue;
        if (looked < VERDICT_RECENT_S) {
            looked++;
            heard += !p->silent;
            replies += p->silent ? 0 : (double)p->rps;
            users += p->users;
        }
        if (!p->silent && snap_point_has_latency(p) && p->p99_us > 0)
            p99[known++] = p->p99_us;
    }
    u.per_user_s = users > 0 ? replies / users : 0;
    u.steady = heard >= STEADY_LEAST && heard == looked;
    if (known > 0)
        u.p99_s = num_median(p99, known) / 1e6;
    return u;
}

/* Is a silence of that length, in which the oldest request has waited so long, more than chance? */
static bool is_silence_a_hang(const struct usual *u, double length_s, double oldest_s,
                              uint32_t users)
{
    if (u->steady && length_s >= HUNG_S && oldest_s >= HUNG_S &&
        u->per_user_s * users * length_s >= DUE)
        return true;
    double least_s = fmax(HUNG_SLOW_S, WAITED * u->p99_s);
    return length_s >= HUNG_SLOW_S && oldest_s >= least_s;
}

/* *steady: it is a stream that has stopped. */
static double silence_s(const struct snapshot *s, bool *steady)
{
    const struct snap_point *newest = newest_point(s);
    bool goes = s->run.state == SNAP_RUNNING || s->run.state == SNAP_RAMPING;
    double length_s = s->elapsed_s - s->last_heard_s;
    bool timed_out = s->last_done_s > s->last_heard_s;
    *steady = false;
    if (!goes || (s->in_flight == 0 && !timed_out) || length_s < HUNG_S ||
        (newest != NULL && newest->gap))
        return 0;
    struct usual u = usual_before(s, s->last_heard_s);
    *steady = u.steady;
    /* Requests that have taken the place of timed-out ones are young. */
    double waited_s = timed_out ? length_s : s->oldest_s;
    return is_silence_a_hang(&u, length_s, waited_s, s->users) ? length_s : 0;
}

double verdict_silence_s(const struct snapshot *s)
{
    bool steady;
    return silence_s(s, &steady);
}

/* Failures that are heard of but now and then, as of a host without a route, are no silence. */
static bool is_target_silent(const struct snapshot *s, bool gone)
{
    bool steady;
    const struct snap_fail *top = gone ? top_fail(s) : NULL;
    return silence_s(s, &steady) > 0 &&
           (!gone || steady || top == NULL || top->fail == FAIL_TIMEOUT);
}

static void say_no_reply(struct verdict *out, const struct snapshot *s)
{
    char length[HUMAN_MAX], oldest[HUMAN_MAX], n[HUMAN_MAX], clock[HUMAN_MAX], who[2 * HUMAN_MAX];
    double length_s = verdict_silence_s(s);
    const char *timeouts = s->last_done_s > s->last_heard_s ? "time-outs; " : "";
    human_count(n, sizeof n, s->in_flight);
    if (s->in_flight == s->users && s->users > 1)
        snprintf(who, sizeof who, "all %s users wait", n);
    else
        snprintf(who, sizeof who, "%s request%s", n, s->in_flight == 1 ? " waits" : "s wait");
    human_age(length, sizeof length, length_s);
    human_age(oldest, sizeof oldest, s->oldest_s);
    human_clock(clock, sizeof clock, s->last_heard_s);
    set_verdict(out, VERDICT_NO_REPLY, s->last_heard_s,
                "no reply for %s, since %s: %s%s, the oldest for %s", length, clock, timeouts, who,
                oldest);
    snprintf(out->brief, sizeof out->brief, "no reply for %s: %s%s, the oldest for %s", length,
             timeouts, who, oldest);
}

/* --------------------------------------------------------------------- failures */

/* Every request fails: in all newest seconds, or in the very newest of them. */
static bool is_target_gone(const struct snapshot *s, const struct sums *sum)
{
    double done = 0;
    uint32_t seconds = 0;
    for (uint32_t i = n_points_of(s); i-- > 0 && seconds < DEAD_SECONDS;) {
        const struct snap_point *p = &s->points[i];
        if (p->gap || !is_point_recent(s, p) || (!p->idle && !is_second_all_failed(p)))
            break;
        if (p->idle) /* requests that fail slowly do not fail in each second */
            continue;
        done += (double)p->rps;
        seconds++;
        if (done >= 2 * DEAD_LEAST)
            return true;
    }
    if (seconds == 0)
        return false;
    return (seconds == DEAD_SECONDS && done >= DEAD_LEAST) ||
           failed_percent(sum->failed, sum->done) >= DEAD_PERCENT;
}

/* Since when every request fails, or (not all) some in each few seconds. */
static double failing_since_s(const struct snapshot *s, bool all)
{
    uint32_t first = newest_point(s)->second;
    for (uint32_t i = n_points_of(s); i-- > 0;) {
        const struct snap_point *p = &s->points[i];
        if (p->gap || (all && !p->idle && !is_second_all_failed(p)) ||
            first - p->second > VERDICT_RECENT_S)
            break;
        if (p->fails_per_s > 0)
            first = p->second;
    }
    return first;
}

static void say_gone(struct verdict *out, const struct snapshot *s)
{
    char word[VERDICT_WORD], clock[HUMAN_MAX];
    const struct snap_fail *top = top_fail(s);
    double since = failing_since_s(s, true);
    human_clock(clock, sizeof clock, since);
    if (top == NULL) {
        set_verdict(out, VERDICT_GONE, since, "every request fails since %s", clock);
        return;
    }
    const char *kind = snap_fail_word(top, word, sizeof word);
    const char *means = fail_explain_status((enum fail)top->fail, top->status);
    set_verdict(out, VERDICT_GONE, since, "every request fails since %s: %s%s%s.  %s", clock, kind,
                top->text[0] != '\0' ? ": " : "", top->text, means);
    if (top->fail != FAIL_OTHER) /* says what to do; the text stands with the failures */
        snprintf(out->brief, sizeof out->brief, "every request fails: %s.  %s", kind, means);
}

static void say_failing(struct verdict *out, const struct snapshot *s, double percent)
{
    char word[VERDICT_WORD], name[SNAP_TITLE], rate[HUMAN_MAX], share[HUMAN_MAX];
    char clock[HUMAN_MAX];
    const struct snap_fail *top = top_fail(s);
    double since = failing_since_s(s, false);
    human_percent(share, sizeof share, percent);
    human_clock(clock, sizeof clock, since);
    if (top == NULL) {
        set_verdict(out, VERDICT_FAILING, since, "%s fail since %s", share, clock);
        return;
    }
    const char *kind = snap_fail_word(top, word, sizeof word);
    const char *where = snap_fail_endpoint(s, top, name, sizeof name);
    set_verdict(out, VERDICT_FAILING, since, "%s fail since %s: %s, %s, %s/s%s%s", share, clock,
                kind, where, human_rate(rate, sizeof rate, top->per_s),
                top->text[0] != '\0' ? ": " : "", top->text);
    snprintf(out->brief, sizeof out->brief, "%s fail since %s: %s, %s", share, clock, kind, where);
}

/* -------------------------------------------------------------------- recovered */

/* For how long requests have come back without a failure; 0 when that may be chance. */
static double failure_free_s(const struct snapshot *s, const struct sums *sum)
{
    const struct snap_point *newest = newest_point(s);
    double last = -1;
    if (newest == NULL || newest->silent || newest->fails_per_s > 0)
        return 0;
    for (uint32_t i = 0; i < s->n_fails && i < SNAP_FAILS; i++) {
        const struct snap_fail *f = &s->fails[i];
        if (!fail_is_client((enum fail)f->fail) && f->last_s > last)
            last = f->last_s;
    }
    double quiet = last >= 0 ? s->elapsed_s - last : 0;
    double due = sum->seconds > 0 ? quiet * sum->failed / sum->seconds : 0;
    return quiet >= QUIET_S && due >= DUE ? quiet : 0;
}

/* The newest seconds still hold failures, but they are over. */
static bool say_no_failure(struct verdict *out, const struct snapshot *s, const struct sums *sum)
{
    char word[VERDICT_WORD], name[SNAP_TITLE], percent[HUMAN_MAX], age[HUMAN_MAX];
    const struct snap_fail *top = top_fail(s);
    double quiet = failure_free_s(s, sum);
    if (!(quiet > 0) || top == NULL)
        return false;
    set_verdict(
        out, VERDICT_RECOVERED, s->elapsed_s - quiet,
        "no failure for %s; of the last %u s %s failed: %s, %s", human_age(age, sizeof age, quiet),
        VERDICT_RECENT_S, human_percent(percent, sizeof percent, out->fail_percent),
        snap_fail_word(top, word, sizeof word), snap_fail_endpoint(s, top, name, sizeof name));
    return true;
}

/* Was the load held in that second?  Silence was wanted then. */
static bool was_load_held(const struct snapshot *s, uint32_t second)
{
    bool held = false;
    for (uint32_t i = 0; i < s->n_marks && i < SNAP_MARKS; i++) {
        const struct snap_mark *m = &s->marks[i];
        bool turns = m->kind == SNAP_MARK_LOAD && (m->letter == '|' || m->letter == '>');
        if (turns && m->at_s < second + 1.0)
            held = m->letter == '|' || m->at_s >= second;
    }
    return held;
}

/* Replies come again after a time in which none did. */
static bool say_replies(struct verdict *out, const struct snapshot *s)
{
    char clock[HUMAN_MAX], length[HUMAN_MAX];
    uint32_t i = n_points_of(s), back = 0, length_s = 0;
    for (; i > 0 && !s->points[i - 1].silent && is_point_recent(s, &s->points[i - 1]); i--)
        back = s->points[i - 1].second;
    if (i == n_points_of(s) || i == 0 || !s->points[i - 1].silent)
        return false;
    uint32_t users = s->points[i - 1].users;
    for (; i > 0 && s->points[i - 1].silent; i--) {
        const struct snap_point *p = &s->points[i - 1];
        if (p->gap || p->in_flight == 0 || was_load_held(s, p->second))
            return false;
        length_s = back - p->second;
    }
    struct usual u = usual_before(s, back - length_s);
    if (length_s < HUNG_SLOW_S || !is_silence_a_hang(&u, length_s, length_s, users) ||
        s->elapsed_s - back > BACK_SHOWN_S)
        return false;
    set_verdict(out, VERDICT_RECOVERED, back, "replies again since %s; before, none came for %s",
                human_clock(clock, sizeof clock, back), human_age(length, sizeof length, length_s));
    return true;
}

/* The latency had broken, and is usual again. */
static bool say_latency_back(struct verdict *out, const struct snapshot *s)
{
    char bound[HUMAN_MAX], back[HUMAN_MAX], clock[HUMAN_MAX], load[3 * HUMAN_MAX];
    if (s->n_breaches == 0 || s->n_breaches > SNAP_BREACHES)
        return false;
    const struct snap_breach *f = &s->breaches[s->n_breaches - 1];
    const struct snap_point *newest = newest_point(s);
    if (isnan(f->to_s) || s->elapsed_s - f->to_s > CALM_SHOWN_S || newest == NULL ||
        newest->silent || newest->idle)
        return false;
    set_verdict(out, VERDICT_RECOVERED, f->to_s,
                "p%u is below %s again since %s; it broke at %s (%s)", f->percentile,
                snap_breach_bound(f, bound, sizeof bound), human_clock(back, sizeof back, f->to_s),
                human_clock(clock, sizeof clock, f->from_s),
                snap_breach_load(f, load, sizeof load));
    return true;
}

/* -------------------------------------------------------------------- which one */

void verdict_find(const struct snapshot *s, struct verdict *out)
{
    struct sums sum = recent_sums(s);
    *out = (struct verdict){.kind = VERDICT_CALM, .since_s = NAN};
    out->fail_percent = failed_percent(sum.failed, sum.done);
    bool gone = is_target_gone(s, &sum);
    if (is_target_silent(s, gone)) {
        say_no_reply(out, s);
    } else if (gone) {
        say_gone(out, s);
    } else if (out->fail_percent >= FAILING_PERCENT) {
        if (!say_no_failure(out, s, &sum))
            say_failing(out, s, out->fail_percent);
    } else if (!say_replies(out, s)) {
        say_latency_back(out, s);
    }
}

/* ------------------------------------------------------------------------ still */

bool verdict_is_still(const struct snapshot *s)
{
    bool rests = s->run.state == SNAP_HELD || s->run.state == SNAP_IDLE;
    if (s->finished == 0)
        return false; /* nothing that could lie in the past */
    if (rests)
        return s->in_flight == 0 || s->elapsed_s - s->last_done_s >= HUNG_S;
    return verdict_silence_s(s) > 0;
}

void verdict_clear_window(struct snapshot *s)
{
    s->still = true;
    s->rps = s->fails_per_s = s->fail_percent = s->bytes_in_per_s = 0;
    s->connect_us = s->tls_us = s->first_byte_us = 0;
    s->window = s->window_failed = (struct snap_latency){0};
    s->distribution_window = (struct snap_distribution){0};
    for (uint32_t i = 0; i < SNAP_ENDPOINTS; i++) {
        struct snap_endpoint *e = &s->endpoints[i];
        e->rps = e->fails_per_s = 0;
        e->window = e->window_failed = (struct snap_latency){0};
    }
    for (uint32_t i = 0; i < s->n_fails && i < SNAP_FAILS; i++)
        s->fails[i].per_s = 0;
}
