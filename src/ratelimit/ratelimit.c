/* SPDX-License-Identifier: MIT */
/* limits.c - the limits that were found, beside those that the profile promises. */
#include "src/ratelimit/ratelimit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/human.h"

/* Whole seconds, rounded up or down, by two clocks. */
#define SLACK_S 2.0

void ratelimits_finish(struct ratelimits *l)
{
    free(l->items);
    *l = (struct ratelimits){.n = 0};
}

const char *ratelimit_grade_word(enum ratelimit_grade g)
{
    static const char *const words[] = {"", "ok", "unclear", "differs"};
    return words[g];
}

const char *ratelimit_scope_word(enum ratelimit_scope s)
{
    static const char *const words[] = {NULL, "user", "address", "all", "shared"};
    return words[s];
}

bool ratelimits_reached(const struct ratelimits *l)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->items[i].reached)
            return true;
    return false;
}

/* -------------------------------------------------------------------- one by one */

struct sheet {
    struct ratelimit_finding *items;
    size_t n;
};

static void __attribute__((format(printf, 4, 5)))
add_finding(struct sheet *s, const char *subject, enum ratelimit_grade g, const char *fmt, ...)
{
    struct ratelimit_finding *f = &s->items[s->n++];
    va_list ap;
    snprintf(f->subject, sizeof f->subject, "%s", subject);
    f->grade = g;
    va_start(ap, fmt);
    vsnprintf(f->text, sizeof f->text, fmt, ap);
    va_end(ap);
}

/* More words behind the newest finding. */
static void __attribute__((format(printf, 2, 3)))
extend_finding(struct sheet *s, const char *fmt, ...)
{
    struct ratelimit_finding *f = &s->items[s->n - 1];
    size_t len = strlen(f->text);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(f->text + len, sizeof f->text - len, fmt, ap);
    va_end(ap);
}

struct span {
    char text[HUMAN_MAX];
};

static struct span span_text(double seconds)
{
    struct span s;
    if ((seconds >= 1 || seconds == 0) && seconds < 10000 && seconds == (unsigned)seconds)
        snprintf(s.text, sizeof s.text, "%u s", (unsigned)seconds);
    else
        human_us(s.text, sizeof s.text, seconds * 1e6, false);
    return s;
}

/* "5", "4 to 6" */
static const char *promised_text(const struct ratelimit *l, char out[32])
{
    if (l->after_min == l->after_max)
        snprintf(out, 32, "%u", l->after_min);
    else
        snprintf(out, 32, "%u to %u", l->after_min, l->after_max);
    return out;
}

static const char *plural_ending(uint32_t n)
{
    return n == 1 ? "" : "s";
}

static bool count_is_promised(const struct ratelimit *l, uint32_t n)
{
    return n >= l->after_min && n <= l->after_max;
}

static void find_earlier_refusal(struct sheet *s, const char *subject, const struct ratelimit *l)
{
    char w[32];
    if (l->accepted == 0)
        add_finding(
            s, subject, RATELIMIT_DIFFERS,
            "the first request was refused already, the profile says after %s; what came before "
            "may have used it up",
            promised_text(l, w));
    else
        add_finding(s, subject, RATELIMIT_DIFFERS,
                    "after %u request%s in %s, earlier than the %s expected", l->accepted,
                    plural_ending(l->accepted), span_text(l->took_s).text, promised_text(l, w));
    if (l->before > 0 && count_is_promised(l, l->accepted + l->before))
        extend_finding(s, "; with the %u of on_start it is %u", l->before, l->accepted + l->before);
    else if (l->unanswered > 0)
        extend_finding(s, "; %u more had no reply and may have counted", l->unanswered);
}

static bool search_outlasted_window(const struct ratelimit *l)
{
    return l->window_s > 0 && l->took_s > l->window_s;
}

static void find_later_refusal(struct sheet *s, const char *subject, const struct ratelimit *l)
{
    char w[32];
    add_finding(s, subject, RATELIMIT_DIFFERS,
                "after %u requests in %s, later than the %s expected", l->accepted,
                span_text(l->took_s).text, promised_text(l, w));
    if (search_outlasted_window(l))
        extend_finding(s, "; the window of %s was over before", span_text(l->window_s).text);
}

static void find_no_refusal(struct sheet *s, const char *subject, const struct ratelimit *l)
{
    char w[32];
    add_finding(s, subject, RATELIMIT_DIFFERS, "never within %u requests in %s; expected after %s",
                l->accepted, span_text(l->took_s).text, promised_text(l, w));
    if (search_outlasted_window(l))
        extend_finding(s, ": one after the other, only %.0f fit in the window of %s",
                       l->accepted * l->window_s / l->took_s, span_text(l->window_s).text);
}

static void check_refusal(struct sheet *s, const struct ratelimit *l)
{
    char subject[16];
    snprintf(subject, sizeof subject, "first %u", l->status);
    switch (l->end) {
    case RATELIMIT_FOUND:
        if (l->accepted < l->after_min)
            find_earlier_refusal(s, subject, l);
        else if (l->accepted > l->after_max)
            find_later_refusal(s, subject, l);
        else
            add_finding(s, subject, RATELIMIT_RIGHT, "after %u request%s in %s, as expected",
                        l->accepted, plural_ending(l->accepted), span_text(l->took_s).text);
        return;
    case RATELIMIT_NEVER:
        find_no_refusal(s, subject, l);
        return;
    case RATELIMIT_NO_USER:
        add_finding(s, subject, RATELIMIT_DIFFERS,
                    "not looked for, as the user did not come through on_start");
        break;
    case RATELIMIT_LOST:
        add_finding(s, subject, RATELIMIT_DIFFERS,
                    "not found, as a request failed after %u accepted", l->accepted);
        break;
    case RATELIMIT_OPEN:
        add_finding(s, subject, RATELIMIT_UNCLEAR, "interrupted after %u accepted", l->accepted);
        return;
    }
    extend_finding(s, ": %s", l->why);
}

static void check_replies(struct sheet *s, const struct ratelimit *l)
{
    if (l->unexpected > 0)
        add_finding(s, "replies", RATELIMIT_DIFFERS,
                    "%u of the %u accepted are not as the request expects: %s", l->unexpected,
                    l->accepted, l->unexpected_why);
}

static void check_next_refusal(struct sheet *s, const struct ratelimit *l)
{
    if (l->held_asked && l->held)
        add_finding(s, "and then", RATELIMIT_RIGHT, "the next one was refused too");
    else if (l->held_asked)
        add_finding(s, "and then", RATELIMIT_DIFFERS, "the next one was accepted again");
}

/* ----------------------------------------------------------------------- headers */

static bool value_exceeds_window(const struct ratelimit *l, const struct quota_value *v)
{
    return l->window_s > 0 && v->readable && v->value > l->window_s + SLACK_S;
}

static bool headers_disagree(const struct quota *q)
{
    double d = q->reset.value - q->retry_after.value;
    return q->reset.readable && q->retry_after.readable && (d > SLACK_S || d < -SLACK_S);
}

static void check_retry_after(struct sheet *s, const struct ratelimit *l)
{
    static const char subject[] = "Retry-After";
    const struct quota_value *v = &l->refusal.retry_after;
    if (!v->there && l->retry_after)
        add_finding(s, subject, RATELIMIT_DIFFERS, "is missing, the profile wants it");
    else if (!v->there)
        add_finding(s, subject, RATELIMIT_NOTE, "none");
    else if (!v->readable)
        add_finding(s, subject, RATELIMIT_DIFFERS, "neither seconds nor a date to come");
    else if (value_exceeds_window(l, v))
        add_finding(s, subject, RATELIMIT_DIFFERS, "%s, longer than the window of %s",
                    span_text(v->value).text, span_text(l->window_s).text);
    else if (headers_disagree(&l->refusal))
        add_finding(s, subject, RATELIMIT_DIFFERS, "%s, but Reset says %s",
                    span_text(v->value).text, span_text(l->refusal.reset.value).text);
    else
        add_finding(s, subject, RATELIMIT_RIGHT, "%s", span_text(v->value).text);
}

/* Says how Limit and Remaining miscount; false: they do not. */
static bool quota_is_miscounted(const struct ratelimit *l, char *out, size_t size)
{
    const struct quota_trail *t = &l->trail;
    const struct quota_value *left = &l->refusal.remaining;
    out[0] = '\0';
    if (t->unreadable)
        snprintf(out, size, "a value is no number");
    else if (t->limit_varies)
        snprintf(out, size, "Limit is not the same in all replies");
    else if (t->replies > 0 && t->counts && t->jumps)
        snprintf(out, size, "Remaining does not go down by one with each request (%.0f to %.0f)",
                 t->first, t->last);
    else if (t->replies > 0 && t->counts && t->last != 0)
        snprintf(out, size, "Remaining is %.0f, not 0, in the last reply before the refusal",
                 t->last);
    else if (left->readable && left->value != 0)
        snprintf(out, size, "Remaining is %.0f, not 0, in the refusal", left->value);
    else if (t->limit >= 0 && t->limit < l->accepted && l->after_min == l->after_max)
        snprintf(out, size, "Limit is %.0f, but %u were accepted", t->limit, l->accepted);
    else if (value_exceeds_window(l, &l->refusal.reset))
        snprintf(out, size, "Reset is %s, longer than the window of %s",
                 span_text(l->refusal.reset.value).text, span_text(l->window_s).text);
    return out[0] != '\0';
}

static void check_quota_headers(struct sheet *s, const struct ratelimit *l)
{
    static const char subject[] = "X-RateLimit";
    const struct quota_trail *t = &l->trail;
    char what[RATELIMIT_TEXT];
    const char *comma = "";
    if (!t->any) {
        add_finding(s, subject, RATELIMIT_NOTE, "none");
        return;
    }
    if (quota_is_miscounted(l, what, sizeof what)) {
        add_finding(s, subject, RATELIMIT_DIFFERS, "%s", what);
        return;
    }
    add_finding(s, subject, RATELIMIT_RIGHT, "%s", "");
    if (t->limit >= 0) {
        extend_finding(s, "Limit %.0f", t->limit);
        comma = ", ";
    }
    if (t->replies > 0 && t->counts) {
        extend_finding(s, "%sRemaining counts down from %.0f to 0", comma, t->first);
        comma = ", ";
    }
    if (t->reset_s >= 0)
        extend_finding(s, "%sReset %s", comma, span_text(t->reset_s).text);
}

/* ------------------------------------------------------------------------- scope */

static enum ratelimit_grade scope_grade(const struct ratelimit *l)
{
    if (l->per == RATELIMIT_UNTOLD)
        return RATELIMIT_NOTE;
    if (l->scope == l->per || (l->per == RATELIMIT_ADDRESS && l->scope == RATELIMIT_SHARED))
        return RATELIMIT_RIGHT;
    /* Two users that send the same may be taken for one. */
    bool could_be = !l->told_apart && l->scope != RATELIMIT_USER &&
                    (l->per == RATELIMIT_USER || l->scope != RATELIMIT_ADDRESS);
    return l->scope == RATELIMIT_UNTOLD || could_be ? RATELIMIT_UNCLEAR : RATELIMIT_DIFFERS;
}

static void check_scope(struct sheet *s, const struct ratelimit *l)
{
    static const char *const texts[] = {
        [RATELIMIT_USER] = "user: a second one was accepted meanwhile",
        [RATELIMIT_ADDRESS] = "address: a second user was refused, and accepted from another one",
        [RATELIMIT_ALL] = "nothing, for all: a second user was refused, from another address too",
        [RATELIMIT_SHARED] = "address or for all: a second user was refused too",
    };
    if (!l->scope_asked)
        return;
    enum ratelimit_grade g = scope_grade(l);
    if (l->scope == RATELIMIT_UNTOLD) {
        add_finding(s, "per", g, "not told: %s", l->scope_why);
        return;
    }
    add_finding(s, "per", g, "%s", texts[l->scope]);
    if (g >= RATELIMIT_UNCLEAR)
        extend_finding(s, "; the profile says per %s", ratelimit_scope_word(l->per));
    if (l->scope != RATELIMIT_USER && !l->told_apart)
        extend_finding(s, " (but it sends the same as the first: nothing tells the two apart)");
}

/* ---------------------------------------------------------------------- recovery */

static const char *source_word(enum ratelimit_source by)
{
    static const char *const words[] = {"nothing", "Retry-After", "Reset", "the window"};
    return words[by];
}

static bool recovery_is_late(const struct ratelimit *l)
{
    return l->told_by != RATELIMIT_SILENCE && l->recovered_s > l->told_s + SLACK_S;
}

static void check_recovery(struct sheet *s, const struct ratelimit *l)
{
    static const char subject[] = "recovery";
    const char *by = source_word(l->told_by);
    struct span told = span_text(l->told_s), took = span_text(l->recovered_s);
    switch (l->recovery) {
    case RATELIMIT_NOT_ASKED:
        add_finding(s, subject, RATELIMIT_NOTE, "not waited for");
        break;
    case RATELIMIT_TOO_LONG:
        add_finding(s, subject, RATELIMIT_NOTE,
                    "not waited for: %s says %s, the longest wait is %s", by, told.text,
                    span_text(l->wait_s).text);
        break;
    case RATELIMIT_RECOVERED:
        if (recovery_is_late(l))
            add_finding(s, subject, RATELIMIT_DIFFERS,
                        "accepted again after %s, later than %s says: %s", took.text, by,
                        told.text);
        else
            add_finding(s, subject, RATELIMIT_RIGHT, "accepted again after %s", took.text);
        break;
    case RATELIMIT_STILL:
        if (recovery_is_late(l))
            add_finding(s, subject, RATELIMIT_DIFFERS, "still refused after %s; %s says %s",
                        took.text, by, told.text);
        else
            add_finding(s, subject, RATELIMIT_UNCLEAR, "still refused after %s, the longest wait",
                        took.text);
        break;
    case RATELIMIT_CUT:
        add_finding(s, subject, RATELIMIT_UNCLEAR, "interrupted after %s", took.text);
        break;
    }
}

size_t ratelimit_findings(const struct ratelimit *l, struct ratelimit_finding *out)
{
    struct sheet s = {.items = out};
    check_refusal(&s, l);
    check_replies(&s, l);
    if (l->end != RATELIMIT_FOUND)
        return s.n;
    check_next_refusal(&s, l);
    check_retry_after(&s, l);
    check_quota_headers(&s, l);
    check_scope(&s, l);
    check_recovery(&s, l);
    return s.n;
}

enum ratelimit_grade ratelimit_grade(const struct ratelimit *l)
{
    struct ratelimit_finding f[RATELIMIT_FINDINGS];
    size_t n = ratelimit_findings(l, f);
    enum ratelimit_grade worst = RATELIMIT_NOTE;
    for (size_t i = 0; i < n; i++)
        worst = f[i].grade > worst ? f[i].grade : worst;
    return worst;
}

enum ratelimit_grade ratelimits_worst(const struct ratelimits *l)
{
    enum ratelimit_grade worst = RATELIMIT_NOTE;
    for (size_t i = 0; i < l->n; i++) {
        enum ratelimit_grade g = ratelimit_grade(&l->items[i]);
        worst = g > worst ? g : worst;
    }
    return worst;
}
