/* SPDX-License-Identifier: MIT */
#include "src/probe/track.h"

#include <fnmatch.h>
#include <math.h>
#include <string.h>

#include "src/base/now.h"
#include "src/probe/probe.h"

void track_init(struct track *t, enum snap_unit unit, unsigned flags, uint64_t hold_ns)
{
    memset(t, 0, sizeof *t);
    t->shown.unit = unit;
    t->shown.main = flags & SERIES_MAIN;
    t->shown.resource = flags & SERIES_RESOURCE;
    t->judged = flags & SERIES_LEAK;
    t->shown.leak = t->judged ? LEAK_MORE_TIME : LEAK_NOT_JUDGED;
    t->shown.per_min = NAN;
    t->shown.need_s = GROWTH_LEAST_S + GROWTH_WARM_S;
    t->told = LEAK_NOT_JUDGED;
    t->shown.now = t->shown.limit = NAN;
    t->hold_ns = hold_ns;
    track_start_axis(t);
}

void track_restart(struct track *t, enum snap_unit unit, unsigned flags, uint64_t hold_ns)
{
    struct snap_series *s = &t->shown;
    if (s->unit != unit || t->judged != ((flags & SERIES_LEAK) != 0)) {
        struct track before = *t;
        track_init(t, unit, flags, hold_ns);
        s->probe = before.shown.probe;
        memcpy(s->group, before.shown.group, sizeof s->group);
        memcpy(s->name, before.shown.name, sizeof s->name);
        return;
    }
    s->main = flags & SERIES_MAIN;
    s->resource = flags & SERIES_RESOURCE;
    s->limit = NAN;
    s->note[0] = '\0';
    t->hold_ns = hold_ns;
}

static void clear_alarm(struct track *t)
{
    t->over = t->calm = 0;
    t->shown.alarm = ALARM_NONE;
    t->untold_full = false;
    for (uint32_t i = 0; i < t->n_warns; i++) {
        t->warns[i].beyond = t->warns[i].untold = false;
        t->warns[i].calm = 0;
    }
}

void track_start_axis(struct track *t)
{
    t->shown.count = 0;
    t->shown.min = t->shown.max = t->shown.mean = t->shown.last = NAN;
    t->sum = 0;
    t->second = TRACK_NO_SECOND;
    clear_alarm(t);
    t->alarm_ns = t->first_full_ns = t->first_warn_ns = 0;
    t->told_full_ns = 0;
    for (uint32_t i = 0; i < t->n_warns; i++)
        t->warns[i].told_ns = 0;
    t->lost = false;
    growth_begin(&t->growth, 0);
    for (size_t i = 0; i < SNAP_SERIES_POINTS; i++)
        t->history[i] = NAN;
    series_past_begin(&t->past);
}

void track_set_limit(struct track *t, double limit)
{
    t->shown.limit = limit > 0 ? limit : NAN;
}

bool track_fits_glob(const char *glob, const char *name)
{
    return glob == NULL || fnmatch(glob, name, 0) == 0;
}

void track_set_warns(struct track *t, const struct probe_warn *all, size_t n)
{
    t->n_warns = 0;
    for (size_t i = 0; i < n && t->n_warns < PROBE_LIST_MAX; i++)
        if (track_fits_glob(all[i].group, t->shown.group) &&
            track_fits_glob(all[i].series, t->shown.name))
            t->warns[t->n_warns++] = (struct track_warn){.warn = &all[i]};
}

/* ------------------------------------------------------------------- history */

/* Adds a value to the history.  The previous value stands for the seconds in between, up to
 * hold: a probe that polls every 5 s draws a line, a lost target a gap. */
static void history_add(struct track *t, float v, uint64_t now, uint64_t start_ns)
{
    uint32_t second = (uint32_t)((now - start_ns) / NS_PER_S);
    if (t->second != TRACK_NO_SECOND && second > t->second) {
        float before = t->history[t->second % SNAP_SERIES_POINTS];
        float between = !t->lost && now - t->seen_ns <= t->hold_ns ? before : NAN;
        uint32_t first = t->second + 1;
        series_past_add(&t->past, t->second, before);
        if (second - first >= SNAP_SERIES_POINTS)
            first = second - SNAP_SERIES_POINTS + 1;
        for (uint32_t i = first; i < second; i++) {
            t->history[i % SNAP_SERIES_POINTS] = between;
            series_past_add(&t->past, i, between);
        }
    }
    t->history[second % SNAP_SERIES_POINTS] = v;
    t->second = second;
}

void track_target_lost(struct track *t, uint64_t now, uint64_t start_ns)
{
    clear_alarm(t);
    if (t->lost)
        return;
    bool later = start_ns != 0 && now >= start_ns && t->second != TRACK_NO_SECOND &&
                 (now - start_ns) / NS_PER_S > t->second;
    if (later)
        history_add(t, NAN, now, start_ns); /* a second that has a value keeps it */
    t->lost = true;
}

static void count_value(struct track *t, double v)
{
    struct snap_series *s = &t->shown;
    s->min = s->count == 0 ? v : fmin(s->min, v);
    s->max = s->count == 0 ? v : fmax(s->max, v);
    s->last = v;
    s->count++;
    t->sum += v;
    s->mean = t->sum / (double)s->count;
}

/* -------------------------------------------------------------------- alarms */

static bool value_is_full(const struct snap_series *s, double v)
{
    if (isnan(s->limit) || !s->resource)
        return false; /* merely opened or allocated things may reach their number */
    return v >= (s->unit == UNIT_COUNT ? s->limit : TRACK_FULL * s->limit);
}

static bool value_crosses_warn(const struct probe_warn *w, const struct snap_series *s, double v)
{
    if (w->of_limit && s->unit != UNIT_PERCENT)
        v = 100 * v / s->limit; /* no limit: NaN crosses nothing */
    if (w->below)
        return w->or_equal ? v <= w->bound : v < w->bound;
    return w->or_equal ? v >= w->bound : v > w->bound;
}

/* Updates all thresholds and returns whether any is crossed.  A new crossing is to be reported. */
static bool update_warns(struct track *t, double v)
{
    bool any = false;
    for (uint32_t i = 0; i < t->n_warns; i++) {
        struct track_warn *w = &t->warns[i];
        bool over = value_crosses_warn(w->warn, &t->shown, v);
        if (over && !w->beyond)
            w->beyond = w->untold = true;
        w->calm = over ? 0 : w->calm + 1;
        if (w->calm >= TRACK_POLLS)
            w->beyond = w->untold = false;
        any = any || over;
    }
    return any;
}

static void raise_alarm(struct track *t, enum snap_alarm alarm, uint64_t since)
{
    uint64_t *first = alarm == ALARM_FULL ? &t->first_full_ns : &t->first_warn_ns;
    t->shown.alarm = alarm;
    t->alarm_ns = since;
    t->calm = 0;
    t->untold_full = alarm == ALARM_FULL;
    if (*first == 0)
        *first = since;
}

/* Raises the alarm of the limit: for a count at once, for a measured figure when it stays there. */
static void update_full_alarm(struct track *t, double v, uint64_t now)
{
    if (!value_is_full(&t->shown, v)) {
        t->over = 0;
        return;
    }
    if (t->over++ == 0)
        t->candidate_ns = now;
    bool sure = t->shown.unit == UNIT_COUNT || t->over >= TRACK_POLLS;
    if (sure && t->shown.alarm != ALARM_FULL)
        raise_alarm(t, ALARM_FULL, t->candidate_ns);
}

/* Ends an alarm after enough calm polls.  A value that leaves its limit and is still over a
 * threshold makes no new crossing. */
static void lower_alarm(struct track *t, double v, bool over, uint64_t now)
{
    const struct snap_series *s = &t->shown;
    bool still = s->alarm == ALARM_FULL ? value_is_full(s, v) : over;
    t->calm = still ? 0 : t->calm + 1;
    if (s->alarm == ALARM_NONE || t->calm < TRACK_POLLS)
        return;
    bool was_full = s->alarm == ALARM_FULL;
    t->shown.alarm = ALARM_NONE;
    t->untold_full = false;
    if (was_full && over)
        raise_alarm(t, ALARM_WARN, now);
}

static bool event_is_due(bool *untold, uint64_t *told_ns, uint64_t now)
{
    if (!*untold || (*told_ns != 0 && now - *told_ns < TRACK_AGAIN_S * NS_PER_S))
        return false;
    *told_ns = now;
    *untold = false;
    return true;
}

/* Returns whether the first of two crossed thresholds says more: "over 90 %" includes "over 70
 * %". */
static bool warn_is_stricter(const struct probe_warn *w, const struct probe_warn *than)
{
    if (w->below != than->below || w->of_limit != than->of_limit)
        return false;
    return w->below ? w->bound < than->bound : w->bound > than->bound;
}

/* Returns the strictest of the thresholds to report: of several crossed at once only that one. */
static const struct probe_warn *strictest_due_warn(struct track *t, double v, uint64_t now)
{
    const struct probe_warn *tell = NULL;
    for (uint32_t i = 0; i < t->n_warns; i++) {
        struct track_warn *w = &t->warns[i];
        if (!value_crosses_warn(w->warn, &t->shown, v) ||
            !event_is_due(&w->untold, &w->told_ns, now))
            continue;
        if (tell == NULL || warn_is_stricter(w->warn, tell))
            tell = w->warn;
    }
    return tell;
}

/* Returns the events to report.  An alarm whose value has just gone back is not reported: the
 * sentence would be wrong. */
static struct track_news events_of_value(struct track *t, double v, uint64_t now)
{
    struct track_news news = {0};
    if (t->shown.alarm == ALARM_FULL && value_is_full(&t->shown, v))
        news.full = event_is_due(&t->untold_full, &t->told_full_ns, now);
    else if (t->shown.alarm == ALARM_WARN)
        news.crossed = strictest_due_warn(t, v, now);
    news.warn = news.crossed != NULL;
    for (uint32_t i = 0; t->shown.alarm == ALARM_FULL && i < t->n_warns; i++)
        t->warns[i].untold = false; /* the limit says more than any threshold */
    return news;
}

static struct track_news update_alarm(struct track *t, double v, uint64_t now)
{
    bool over = update_warns(t, v);
    update_full_alarm(t, v, now);
    if (t->shown.alarm == ALARM_NONE && over)
        raise_alarm(t, ALARM_WARN, now);
    lower_alarm(t, v, over, now);
    return events_of_value(t, v, now);
}

static bool update_growth(struct track *t, double v, uint64_t now, uint64_t start_ns)
{
    double t_s = (double)(now - start_ns) / (double)NS_PER_S;
    if (!t->judged || !t->steady)
        return false;
    growth_add(&t->growth, t_s, v);
    struct growth_verdict g = growth_judge(&t->growth, t_s);
    t->shown.leak = g.leak;
    t->shown.per_min = g.per_min;
    t->shown.need_s = g.need_s;
    bool news = g.leak == LEAK_FOUND && t->told != LEAK_FOUND;
    if (g.leak != LEAK_MORE_TIME)
        t->told = g.leak;
    return news;
}

struct track_news track_add_value(struct track *t, double v, uint64_t now, uint64_t start_ns)
{
    struct track_news news = {0};
    t->shown.now = v;
    if (isnan(v))
        t->over = 0; /* values in between are unknown: not in a row */
    if (start_ns != 0 && now >= start_ns) {
        history_add(t, (float)v, now, start_ns);
        if (!isnan(v)) {
            count_value(t, v);
            news = update_alarm(t, v, now);
            news.leak = update_growth(t, v, now, start_ns);
        }
    }
    t->seen_ns = now;
    t->lost = false;
    return news;
}

static void restart_growth(struct track *t, uint64_t now, uint64_t start_ns)
{
    if (start_ns != 0 && now >= start_ns)
        growth_begin(&t->growth, (double)(now - start_ns) / (double)NS_PER_S);
    t->shown.leak = LEAK_MORE_TIME;
    t->shown.per_min = NAN;
    t->shown.need_s = GROWTH_LEAST_S + GROWTH_WARM_S;
}

/* Keeps the verdict of an earlier constant load until there is another. */
void track_set_load(struct track *t, bool constant, uint64_t now, uint64_t start_ns)
{
    if (!t->judged || constant == t->steady)
        return;
    t->steady = constant;
    if (constant)
        restart_growth(t, now, start_ns);
}

/* Judges growth anew after a restart: otherwise a target that leaks until it is killed, again
 * and again, would be taken for a sawtooth. */
void track_target_restarted(struct track *t, uint64_t now, uint64_t start_ns)
{
    if (t->judged && t->steady)
        restart_growth(t, now, start_ns);
}

/* ----------------------------------------------------------------------- show */

static double seconds_since_start(uint64_t t_ns, uint64_t start_ns)
{
    if (t_ns == 0 || start_ns == 0)
        return NAN;
    return ((double)t_ns - (double)start_ns) / (double)NS_PER_S;
}

void track_copy(const struct track *t, uint64_t start_ns, uint32_t newest_s,
                struct snap_series *out, float *history, float *past)
{
    *out = t->shown;
    out->seen_s = seconds_since_start(t->seen_ns, start_ns);
    out->alarm_s = seconds_since_start(t->alarm_ns, start_ns);
    out->first_full_s = seconds_since_start(t->first_full_ns, start_ns);
    out->first_warn_s = seconds_since_start(t->first_warn_ns, start_ns);
    memcpy(history, t->history, sizeof t->history);
    out->past_s = series_past_copy(&t->past, past);
    uint32_t from = t->second == TRACK_NO_SECOND ? 0 : t->second + 1;
    if (newest_s >= SNAP_SERIES_POINTS && from < newest_s - SNAP_SERIES_POINTS + 1)
        from = newest_s - SNAP_SERIES_POINTS + 1;
    for (uint32_t i = from; i <= newest_s; i++)
        history[i % SNAP_SERIES_POINTS] = NAN;
}
