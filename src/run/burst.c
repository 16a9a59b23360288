/* SPDX-License-Identifier: MIT */
#include "src/run/burst.h"

#include <stdarg.h>
#include <stdio.h>

#include "src/base/human.h"
#include "src/profile/goal.h"

struct words {
    char *text;
    size_t len, size;
};

static void append_words(struct words *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void append_words(struct words *w, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(w->text + w->len, w->size - w->len, fmt, ap);
    va_end(ap);
    w->len += n > 0 ? (size_t)n : 0;
    w->len = w->len < w->size ? w->len : w->size - 1;
}

static double burst_figure(enum goal_metric m, const struct burst_figures *f, double success)
{
    switch (m) {
    case GOAL_AVERAGE:
        return f->latency.mean_us;
    case GOAL_P50:
        return (double)f->latency.p50_us;
    case GOAL_P95:
        return (double)f->latency.p95_us;
    case GOAL_P99:
        return (double)f->latency.p99_us;
    default:
        return success;
    }
}

static void append_success(struct words *w, const struct goal *g, double success)
{
    char is[HUMAN_MAX], wanted[HUMAN_MAX];
    append_words(w, ": %s ok", human_percent(is, sizeof is, 100 * success));
    if (g->bounds[GOAL_SUCCESS].set)
        append_words(w, " of %s",
                     human_percent(wanted, sizeof wanted, 100 * g->bounds[GOAL_SUCCESS].target));
}

/* p95 always, the others when something is wanted of them. */
static void append_latency(struct words *w, const struct goal *g, enum goal_metric m, bool known,
                           double us)
{
    char is[HUMAN_MAX], wanted[HUMAN_MAX];
    const struct bound *b = &g->bounds[m];
    if (!b->set && m != GOAL_P95)
        return;
    append_words(w, ", %s %s", goal_metric_name(m),
                 known ? human_us(is, sizeof is, us, false) : "-");
    if (b->set)
        append_words(w, " of %s", human_us(wanted, sizeof wanted, b->target, false));
}

void burst_judge(const struct goal *g, const struct burst_figures *f, struct snap_burst *out)
{
    static const struct goal nothing_wanted;
    struct words w = {.text = out->text, .size = sizeof out->text};
    uint64_t asked = f->requests;
    double success = asked > 0 ? 1 - (double)f->failures / (double)asked : 0;
    enum grade worst = GRADE_NONE;

    g = g != NULL ? g : &nothing_wanted;
    out->requests = f->requests;
    out->failures = f->failures;
    out->success = success;
    out->latency = f->latency;
    out->failed = f->failed;
    append_words(&w, "burst %u of %u, %u user%s", out->number, out->of, out->users,
                 out->users == 1 ? "" : "s");
    if (out->missing > 0)
        append_words(&w, " (%u not ready)", out->missing);
    if (asked > 0)
        append_success(&w, g, success);
    else
        append_words(&w, ": no request was made");
    for (int m = 0; m < GOAL_METRICS; m++) {
        double value = burst_figure((enum goal_metric)m, f, success);
        bool known = m == GOAL_SUCCESS || f->latency.count > 0; /* without one no time is known */
        enum grade grade = known ? goal_judge(g, (enum goal_metric)m, value) : GRADE_NONE;
        worst = grade > worst ? grade : worst;
        if (m != GOAL_SUCCESS && asked > 0)
            append_latency(&w, g, (enum goal_metric)m, known, value);
    }
    snprintf(out->verdict, sizeof out->verdict, "%s", grade_word(worst));
    if (worst != GRADE_NONE)
        append_words(&w, ": %s", grade_word(worst));
}
