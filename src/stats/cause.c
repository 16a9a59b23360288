/* SPDX-License-Identifier: MIT */
#include "src/stats/cause.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/base/human.h"
#include "src/base/num.h"
#include "src/stats/snapshot_words.h"

#define START_S 2.0    /* at its limit by then, and never seen below it: full from the start */
#define LATE_S 5.0     /* a resource full so soon after the break belongs to it: a poll takes 1 s */
#define SOON_S 60.0    /* resources that filled within a minute before a break are named first */
#define AROUND_BACK 3u /* seconds around a break in which a resource that belongs to it is full */
#define AROUND_AHEAD 5u
#define BEFORE_S 15 /* seconds before a resource was full, for the latency of that time */
#define BEFORE_LEAST 3
#define GREW 1.5
#define NEARLY 0.9 /* share of the limit at which a pool counts as full: pools fluctuate */
#define LEVEL_MAX 96
#define WORDS_MAX (SNAP_SERIES_LABEL + LEVEL_MAX + 64)

/* Returns when the series first was at its limit, or beyond a threshold. */
static double series_moment(const struct snap_series *s, bool warned)
{
    return warned ? s->first_warn_s : s->resource ? s->first_full_s : NAN;
}

/* Returns whether the series was full at the first poll, so that the load is not the reason.  A
 * burst may fill a pool within the first second too, but then an earlier poll saw less. */
static bool is_full_from_start(const struct probe_snapshot *b, uint32_t series, bool warned)
{
    const struct snap_series *s = &b->series[series];
    double at = series_moment(s, warned);
    if (isnan(at) || at > START_S)
        return false;
    for (uint32_t second = 0; second < (uint32_t)fmax(at, 0); second++) {
        float v = snap_series_value(b, series, second);
        if (!isnan(v) && (warned || (double)v < NEARLY * s->limit))
            return false;
    }
    return true;
}

/* Returns whether the series was still near its limit when the latency broke; true when that
 * second is no longer kept. */
static bool series_is_full_at(const struct probe_snapshot *b, uint32_t series, bool warned,
                              double break_s)
{
    const struct snap_series *s = &b->series[series];
    uint32_t at = (uint32_t)break_s, from = at > AROUND_BACK ? at - AROUND_BACK : 0;
    bool known = false;
    if (series_moment(s, warned) >= from || warned)
        return true;
    for (uint32_t second = from; second <= at + AROUND_AHEAD; second++) {
        float v = snap_series_value(b, series, second);
        known = known || !isnan(v);
        if ((double)v >= NEARLY * s->limit)
            return true;
    }
    return !known;
}

static double late_limit_s(const struct probe_snapshot *b, const struct snap_series *s)
{
    double late_s = 1.5 * b->probes[s->probe].period_s;
    return late_s > LATE_S ? late_s : LATE_S;
}

/* Returns whether one moment explains the break better than another: the first of those within a
 * minute before it, else the latest of those before that. */
static bool moment_is_better(double at, double than, double break_s)
{
    bool soon = break_s - at <= SOON_S, other_soon = break_s - than <= SOON_S;
    if (soon != other_soon)
        return soon;
    return soon ? at < than : at > than;
}

/* Returns the series that was full first when that breach began; SNAP_SERIES for none. */
static uint32_t first_series_of_breach(const struct probe_snapshot *b, double break_s, bool warned)
{
    uint32_t best = SNAP_SERIES;
    for (uint32_t i = 0; i < b->n_series; i++) {
        const struct snap_series *s = &b->series[i];
        double at = series_moment(s, warned);
        if (isnan(at) || at > break_s + late_limit_s(b, s) || is_full_from_start(b, i, warned) ||
            !series_is_full_at(b, i, warned, break_s))
            continue;
        if (best == SNAP_SERIES ||
            moment_is_better(at, series_moment(&b->series[best], warned), break_s))
            best = i;
    }
    return best;
}

/* Returns the series that filled first in the run, whatever the latency did, without those full
 * from the start. */
static uint32_t earliest_series(const struct probe_snapshot *b, bool warned, double after_s)
{
    uint32_t best = SNAP_SERIES;
    for (uint32_t i = 0; i < b->n_series; i++) {
        double at = series_moment(&b->series[i], warned);
        if (!isnan(at) && at > after_s && !is_full_from_start(b, i, warned) &&
            (best == SNAP_SERIES || at < series_moment(&b->series[best], warned)))
            best = i;
    }
    return best;
}

/* -------------------------------------------------------------------- words */

static const char *gap_text(double seconds, char *out, size_t size)
{
    if (seconds < 120)
        snprintf(out, size, "%.0f s", seconds);
    else
        snprintf(out, size, "%.0f min", seconds / 60);
    return out;
}

/* Formats the level, as "20 of 20" or "98 % of its limit". */
static void level_text(const struct probe_snapshot *b, uint32_t series, double at_s, char *out,
                       size_t size)
{
    const struct snap_series *s = &b->series[series];
    char limit[HUMAN_MAX], value[HUMAN_MAX];
    double v = (double)snap_series_value(b, series, (uint32_t)fmax(at_s, 0));
    if (isnan(v) || (s->unit == UNIT_COUNT && v < s->limit))
        v = s->limit;
    snap_format_value(s->unit, v, value, sizeof value);
    snap_format_value(s->unit, s->limit, limit, sizeof limit);
    if (s->unit == UNIT_PERCENT)
        snprintf(out, size, "%s of its limit", value);
    else
        snprintf(out, size, "%s of %s", value, limit);
}

/* Formats the moment, as "db connections reached 20 of 20 at 00:11:00". */
static void moment_text(const struct probe_snapshot *b, uint32_t series, bool warned,
                        const char *only, char *out, size_t size)
{
    char name[SNAP_SERIES_LABEL], level[LEVEL_MAX], clock[HUMAN_MAX];
    double at = series_moment(&b->series[series], warned), v;
    snap_series_label(b, series, name, sizeof name);
    human_clock(clock, sizeof clock, at);
    if (!warned) {
        level_text(b, series, at, level, sizeof level);
        snprintf(out, size, "%s reached %s %sat %s", name, level, only, clock);
        return;
    }
    v = (double)snap_series_value(b, series, (uint32_t)fmax(at, 0));
    snap_format_value(b->series[series].unit, v, level, sizeof level);
    snprintf(out, size, "%s crossed its threshold%s%s %sat %s", name, isnan(v) ? "" : " with ",
             isnan(v) ? "" : level, only, clock);
}

/* Formats the order of moment and break, as "2 s before", "as" or "3 s after"; the break
 * follows. */
static void order_text(double at_s, double break_s, char *out, size_t size)
{
    char gap[HUMAN_MAX];
    double lead = floor(break_s) - floor(at_s);
    if (lead == 0)
        snprintf(out, size, "as");
    else
        snprintf(out, size, "%s %s", gap_text(fabs(lead), gap, sizeof gap),
                 lead > 0 ? "before" : "after");
}

/* Returns the resource that came nearest to its limit; SNAP_SERIES when none has one. */
static uint32_t nearest_series(const struct probe_snapshot *b)
{
    uint32_t best = SNAP_SERIES;
    double most = 0;
    for (uint32_t i = 0; i < b->n_series; i++) {
        const struct snap_series *s = &b->series[i];
        double share = s->resource && s->limit > 0 && s->count > 0 ? s->max / s->limit : NAN;
        if (share >= most && !is_full_from_start(b, i, false)) {
            most = share;
            best = i;
        }
    }
    return best;
}

static uint32_t first_full_from_start(const struct probe_snapshot *b)
{
    for (uint32_t i = 0; i < b->n_series; i++)
        if (!isnan(series_moment(&b->series[i], false)) && is_full_from_start(b, i, false))
            return i;
    return SNAP_SERIES;
}

/* ---------------------------------------------------------------- of a breach */

/* Appends "; api cpu was full from the start", which may explain everything else. */
static void append_early_series(const struct probe_snapshot *b, uint32_t early, char *out,
                                size_t size)
{
    char name[SNAP_SERIES_LABEL];
    size_t used = strlen(out);
    if (early == SNAP_SERIES || used >= size)
        return;
    snap_series_label(b, early, name, sizeof name);
    snprintf(out + used, size - used, "%s%s was full from the start", used > 0 ? "; " : "", name);
}

/* Describes a breach with the resource that was full before it or with it. */
static void describe_first_series(const struct probe_snapshot *b, const struct snap_breach *f,
                                  bool warned, struct cause *out)
{
    char moment[WORDS_MAX], order[HUMAN_MAX + 16], us[HUMAN_MAX], name[SNAP_SERIES_LABEL];
    char load[CAUSE_LOAD], early[SNAP_SERIES_LABEL + 32] = "";
    out->kind = warned ? CAUSE_WARNED : CAUSE_FIRST;
    out->at_s = series_moment(&b->series[out->series], warned);
    moment_text(b, out->series, warned, "", moment, sizeof moment);
    order_text(out->at_s, f->from_s, order, sizeof order);
    snap_breach_bound(f, us, sizeof us);
    snprintf(early, sizeof early, "%s", "");
    append_early_series(b, first_full_from_start(b), early, sizeof early);
    snprintf(out->live, sizeof out->live, "%s, %s p%u passed %s%s%s", moment, order, f->percentile,
             us, early[0] != '\0' ? "; " : "", early);
    snprintf(out->text, sizeof out->text, "%s, %s p%u passed %s (%s)%s%s", moment, order,
             f->percentile, us, snap_breach_load(f, load, sizeof load),
             early[0] != '\0' ? "; " : "", early);
    snap_series_label(b, out->series, name, sizeof name);
    snprintf(out->brief, sizeof out->brief, "%s %s %s", name,
             warned ? "beyond its threshold" : "full",
             floor(out->at_s) > floor(f->from_s) ? order : "first");
}

/* Formats what else is known of the resources when none was full as the latency broke; *later is
 * the one that filled after it. */
static void other_series_text(const struct probe_snapshot *b, double break_s, uint32_t *later,
                              char *out, size_t size)
{
    char name[SNAP_SERIES_LABEL], words[WORDS_MAX], gap[HUMAN_MAX], clock[HUMAN_MAX];
    uint32_t early = first_full_from_start(b), near = nearest_series(b);
    *later = earliest_series(b, false, break_s);
    out[0] = '\0';
    if (*later != SNAP_SERIES) {
        moment_text(b, *later, false, "only ", words, sizeof words);
        snprintf(out, size, "%s, %s later: not the cause", words,
                 gap_text(b->series[*later].first_full_s - break_s, gap, sizeof gap));
        append_early_series(b, early, out, size);
        return;
    }
    if (early != SNAP_SERIES) {
        append_early_series(b, early, out, size);
        return;
    }
    if (near == SNAP_SERIES)
        return;
    const struct snap_series *s = &b->series[near];
    snap_series_label(b, near, name, sizeof name);
    if (!isnan(s->first_full_s))
        snprintf(out, size, "no watched resource was at its limit then (%s had been, at %s)", name,
                 human_clock(clock, sizeof clock, s->first_full_s));
    else
        snprintf(out, size, "no watched resource was at its limit (most: %s, %s)", name,
                 human_percent(gap, sizeof gap, 100 * s->max / s->limit));
}

/* Describes a breach for which no full resource was found. */
static void describe_break(const struct probe_snapshot *b, const struct snap_breach *f,
                           struct cause *out)
{
    char rest[2 * WORDS_MAX] = "", us[HUMAN_MAX], usual[HUMAN_MAX] = "", words[2 * HUMAN_MAX] = "";
    char clock[HUMAN_MAX], load[CAUSE_LOAD];
    uint32_t later = SNAP_SERIES;
    if (b != NULL)
        other_series_text(b, f->from_s, &later, rest, sizeof rest);
    out->kind = rest[0] != '\0' ? CAUSE_OTHER : CAUSE_BROKE;
    out->series = later;
    out->at_s = later != SNAP_SERIES ? b->series[later].first_full_s : NAN;
    snap_breach_bound(f, us, sizeof us);
    human_us(usual, sizeof usual, (double)f->usual_us, false);
    if (!f->wanted && f->usual_us > 0)
        snprintf(words, sizeof words, ", usually %s,", usual);
    const char *sign = rest[0] != '\0' ? "; " : "";
    snprintf(out->live, sizeof out->live, "p%u%s passed %s%s%s", f->percentile, words, us, sign,
             rest);
    snprintf(out->text, sizeof out->text, "p%u%s passed %s at %s (%s)%s%s", f->percentile, words,
             us, human_clock(clock, sizeof clock, f->from_s),
             snap_breach_load(f, load, sizeof load), sign, rest);
    snprintf(out->brief, sizeof out->brief, "p%u over %s", f->percentile, us);
}

/* Returns the median p99 of the seconds before that moment, microseconds; 0: not known any more. */
static double p99_before(const struct snapshot *s, double at_s)
{
    uint32_t us[BEFORE_S], n = 0;
    for (uint32_t i = 0; i < s->n_points && i < SNAP_POINTS && n < BEFORE_S; i++) {
        const struct snap_point *p = &s->points[i];
        if (snap_point_has_latency(p) && p->second < at_s - 1 && p->second >= at_s - BEFORE_S)
            us[n++] = p->p99_us;
    }
    if (n < BEFORE_LEAST)
        return 0;
    return num_median(us, n);
}

/* Formats "; p99 still 45 ms" or "; p99 went from 240 ms to 500 ms", which is less than a break. */
static void p99_text(const struct snapshot *s, double at_s, char *out, size_t size)
{
    char was[HUMAN_MAX], is[HUMAN_MAX];
    const struct snap_latency *l = s->window.count > 0 ? &s->window : &s->total;
    double before = p99_before(s, at_s), now = (double)l->p99_us;
    out[0] = '\0';
    if (l->count == 0)
        return;
    human_us(is, sizeof is, now, false);
    if (before > 0 && now > GREW * before)
        snprintf(out, size, "; p99 went from %s to %s", human_us(was, sizeof was, before, false),
                 is);
    else
        snprintf(out, size, "; p99 still %s", is);
}

static void describe_full_series(const struct snapshot *s, const struct probe_snapshot *b,
                                 bool warned, struct cause *out)
{
    char moment[WORDS_MAX], p99[3 * HUMAN_MAX];
    out->kind = CAUSE_FULL;
    out->at_s = series_moment(&b->series[out->series], warned);
    moment_text(b, out->series, warned, "", moment, sizeof moment);
    p99_text(s, out->at_s, p99, sizeof p99);
    snprintf(out->text, sizeof out->text, "%s%s", moment, p99);
    snprintf(out->live, sizeof out->live, "%s", out->text);
    snprintf(out->brief, sizeof out->brief, "%s", out->text);
}

/* -------------------------------------------------------- choice of the cause */

/* Returns the breach that is still going on; NULL: none. */
static const struct snap_breach *breach_going_on(const struct snapshot *s)
{
    const struct snap_breach *f = s->n_breaches > 0 && s->n_breaches <= SNAP_BREACHES
                                      ? &s->breaches[s->n_breaches - 1]
                                      : NULL;
    return f != NULL && isnan(f->to_s) ? f : NULL;
}

/* Describes another break of the latency when the first cause is at its limit again; else
 * returns false. */
static bool describe_repeated_cause(const struct probe_snapshot *b, const struct snap_breach *f,
                                    struct cause *out)
{
    char name[SNAP_SERIES_LABEL], level[LEVEL_MAX], first[sizeof out->text];
    if (out->kind != CAUSE_FIRST || series_moment(&b->series[out->series], false) > f->from_s ||
        !series_is_full_at(b, out->series, false, f->from_s))
        return false;
    snap_series_label(b, out->series, name, sizeof name);
    level_text(b, out->series, f->from_s, level, sizeof level);
    memcpy(first, out->text, sizeof first);
    snprintf(out->text, sizeof out->text, "%s at %s again; the first time: %.*s", name, level,
             (int)(sizeof out->text - WORDS_MAX), first);
    snprintf(out->live, sizeof out->live, "%s at %s again", name, level);
    snprintf(out->brief, sizeof out->brief, "%s %s again", name, level);
    return true;
}

/* Finds the first breach with a resource that explains it. */
static bool find_first_cause(const struct snapshot *s, const struct probe_snapshot *b, bool warned,
                             struct cause *out)
{
    for (uint32_t i = 0; i < s->n_breaches && i < SNAP_BREACHES; i++) {
        const struct snap_breach *f = &s->breaches[i];
        out->series = first_series_of_breach(b, f->from_s, warned);
        if (out->series == SNAP_SERIES)
            continue;
        out->break_s = f->from_s;
        describe_first_series(b, f, warned, out);
        return true;
    }
    return false;
}

/* Describes the breach that is still going on, when the text of the run is about an earlier one. */
static void describe_open_breach(const struct snapshot *s, const struct probe_snapshot *b,
                                 struct cause *out)
{
    const struct snap_breach *f = breach_going_on(s);
    out->breaking = f != NULL;
    if (f == NULL)
        return;
    snap_breach_load(f, out->load, sizeof out->load);
    if (f->from_s > out->break_s && !(b != NULL && describe_repeated_cause(b, f, out))) {
        struct cause own = {.series = SNAP_SERIES};
        describe_break(b, f, &own);
        memcpy(out->live, own.live, sizeof out->live);
        memcpy(out->brief, own.brief, sizeof out->brief);
    }
    out->break_s = f->from_s;
}

void cause_find(const struct snapshot *s, const struct probe_snapshot *b, struct cause *out)
{
    memset(out, 0, sizeof *out);
    out->series = SNAP_SERIES;
    out->at_s = out->break_s = NAN;
    if (b != NULL && b->n_series == 0)
        b = NULL;
    if (s->n_breaches > 0 && s->n_breaches <= SNAP_BREACHES) {
        if (b == NULL ||
            (!find_first_cause(s, b, false, out) && !find_first_cause(s, b, true, out))) {
            out->break_s = s->breaches[0].from_s;
            describe_break(b, &s->breaches[0], out);
        }
        describe_open_breach(s, b, out);
        return;
    }
    for (int warned = 0; b != NULL && warned < 2 && out->series == SNAP_SERIES; warned++) {
        out->series = earliest_series(b, warned != 0, -1);
        if (out->series != SNAP_SERIES)
            describe_full_series(s, b, warned != 0, out);
    }
}
