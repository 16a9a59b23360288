/* SPDX-License-Identifier: MIT */
#include "src/stats/probe_snapshot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/human.h"

const char *const snap_unit_words[UNITS] = {"count", "percent", "bytes", "bytes/s", "1/s", "s"};
const char *const probe_state_words[PROBE_STATES] = {"off",   "connecting", "live",
                                                     "stale", "down",       "denied"};
const char *const snap_event_words[EVENT_KINDS] = {"start",  "stop",    "die",  "oom",  "restart",
                                                   "health", "pause",   "gone", "full", "warn",
                                                   "leak",   "finding", "probe"};

float snap_series_value(const struct probe_snapshot *b, uint32_t series, uint32_t second)
{
    if (series >= b->n_series || second > b->newest_s || b->newest_s - second >= SNAP_SERIES_POINTS)
        return NAN;
    return b->history[series][second % SNAP_SERIES_POINTS];
}

float snap_series_at(const struct probe_snapshot *b, uint32_t series, uint32_t second)
{
    if (series >= b->n_series || second > b->newest_s)
        return NAN;
    uint32_t width_s = b->series[series].past_s;
    if (b->newest_s - second < SNAP_SERIES_POINTS || width_s == 0)
        return snap_series_value(b, series, second);
    return second / width_s < SNAP_PAST ? b->past[series][second / width_s] : NAN;
}

/* ------------------------------------------------------------------- labels */

/* Returns whether another existing series has the same name, and the same group if with_group. */
static bool series_name_is_shared(const struct probe_snapshot *b, uint32_t series, bool with_group)
{
    const struct snap_series *s = &b->series[series];
    for (uint32_t i = 0; i < b->n_series; i++) {
        const struct snap_series *t = &b->series[i];
        if (i != series && strcmp(t->name, s->name) == 0 &&
            (!with_group || strcmp(t->group, s->group) == 0))
            return true;
    }
    return false;
}

void snap_series_label(const struct probe_snapshot *b, uint32_t series, char *out, int size)
{
    const struct snap_series *s = &b->series[series];
    const char *probe = b->probes[s->probe].name;
    bool grouped = s->group[0] != '\0';
    if (grouped && series_name_is_shared(b, series, true))
        snprintf(out, (size_t)size, "%s %s %s", probe, s->group, s->name);
    else if (grouped)
        snprintf(out, (size_t)size, "%s %s", s->group, s->name);
    else
        snprintf(out, (size_t)size, "%s %s", probe, s->name);
}

/* ---------------------------------------------------------------------- age */

#define OLD_PERIODS 2.5
#define UNKNOWN_S 10.0

enum snap_age snap_series_age(const struct probe_snapshot *b, uint32_t series)
{
    const struct snap_series *s = &b->series[series];
    double period = b->probes[s->probe].period_s;
    double old = OLD_PERIODS * (period > 0 ? period : 1), age = b->elapsed_s - s->seen_s;
    if (isnan(s->now) || isnan(s->seen_s) || age > fmax(UNKNOWN_S, 2 * old))
        return AGE_UNKNOWN;
    return s->removed || age > old ? AGE_OLD : AGE_FRESH;
}

/* Returns whether the newest value is still news: the last value of a lost target is not. */
static bool series_is_current(const struct probe_snapshot *b, uint32_t series)
{
    enum probe_state state = b->probes[b->series[series].probe].state;
    return (state == PROBE_LIVE || state == PROBE_STALE) &&
           snap_series_age(b, series) != AGE_UNKNOWN;
}

/* ------------------------------------------------------------------- values */

static const struct {
    double size;
    const char *word;
} bytes_words[] = {{1, "B"},
                   {1024.0, "KiB"},
                   {1048576.0, "MiB"},
                   {1073741824.0, "GiB"},
                   {1099511627776.0, "TiB"},
                   {1125899906842624.0, "PiB"}};

static unsigned bytes_unit(double v)
{
    unsigned i = 0;
    while (i + 1 < sizeof bytes_words / sizeof *bytes_words && v >= 999.5 * bytes_words[i].size)
        i++;
    return i;
}

/* Returns the decimals for three digits, none when the fraction would be 0. */
static int value_decimals(double v)
{
    return v == floor(v) || fabs(v) >= 99.95 ? 0 : fabs(v) >= 9.995 ? 1 : 2;
}

static void format_bytes(double v, unsigned step, const char *behind, char *out, size_t size)
{
    double scaled = v / bytes_words[step].size;
    snprintf(out, size, "%.*f%s%s", step == 0 ? 0 : value_decimals(scaled), scaled,
             behind[0] ? " " : "", behind);
}

void snap_format_value(enum snap_unit unit, double v, char *out, int size)
{
    char rate[HUMAN_MAX], word[16];
    size_t n = (size_t)size;
    if (isnan(v) || isinf(v)) {
        snprintf(out, n, "-");
        return;
    }
    const char *sign = v < 0 ? "-" : "";
    double abs = fabs(v);
    switch (unit) {
    case UNIT_PERCENT:
        if (abs > 0 && abs < 0.05) /* a little is not 0, and nearly all is not all */
            snprintf(out, n, "%s<0.1 %%", sign);
        else if (abs >= 99.5 && abs < 100)
            snprintf(out, n, "%s%.1f %%", sign, floor(abs * 10 + 1e-6) / 10);
        else
            snprintf(out, n, "%.*f %%", abs < 9.95 && abs != floor(abs) ? 1 : 0, v);
        break;
    case UNIT_BYTES:
    case UNIT_BYTES_PER_S:
        snprintf(word, sizeof word, "%s%s", bytes_words[bytes_unit(abs)].word,
                 unit == UNIT_BYTES ? "" : "/s");
        format_bytes(abs, bytes_unit(abs), word, rate, sizeof rate);
        snprintf(out, n, "%s%s", sign, rate);
        break;
    case UNIT_PER_S:
        snprintf(out, n, "%s%s/s", sign, human_rate(rate, sizeof rate, abs));
        break;
    case UNIT_SECONDS: /* none is 0 s, not 0 us */
        snprintf(out, n, "%s%s", sign,
                 abs > 0 ? human_us(rate, sizeof rate, abs * 1e6, false) : "0 s");
        break;
    case UNIT_COUNT:
    case UNITS:
        if (abs == floor(abs) && abs < 1e15)
            snprintf(out, n, "%s%s", sign, human_count(rate, sizeof rate, (uint64_t)abs));
        else if (abs < 0.01) /* a little is not 0 */
            snprintf(out, n, "%s%.2g", sign, abs);
        else if (abs < 99.95)
            snprintf(out, n, "%s%.*f", sign, value_decimals(abs), abs);
        else
            snprintf(out, n, "%s%s", sign, human_short(rate, sizeof rate, abs));
        break;
    }
}

static void format_of_limit(const struct snap_series *s, char *out, size_t size)
{
    char now[HUMAN_MAX], limit[HUMAN_MAX];
    if (s->unit == UNIT_BYTES) {
        unsigned step = bytes_unit(s->limit);
        format_bytes(s->now, step, "", now, sizeof now);
        format_bytes(s->limit, step, bytes_words[step].word, limit, sizeof limit);
    } else {
        snap_format_value(s->unit, s->now, now, sizeof now);
        snap_format_value(s->unit, s->limit, limit, sizeof limit);
    }
    snprintf(out, size, "%s/%s", now, limit);
}

void snap_format_series(const struct snap_series *s, char *out, int size)
{
    char value[2 * HUMAN_MAX];
    bool limited = s->limit > 0 && !isnan(s->now);
    if (limited && s->unit == UNIT_PERCENT) {
        char percent[HUMAN_MAX];
        snap_format_value(s->unit, s->now, percent, sizeof percent);
        snprintf(value, sizeof value, "%s of limit", percent);
    } else if (limited) {
        format_of_limit(s, value, sizeof value);
    } else {
        snap_format_value(s->unit, s->now, value, sizeof value);
    }
    snprintf(out, (size_t)size, "%s%s%s", value, s->note[0] != '\0' ? ", " : "", s->note);
}

void snap_format_growth(const struct snap_series *s, char *out, int size)
{
    char rate[HUMAN_MAX], wait[HUMAN_MAX];
    size_t n = (size_t)size;
    out[0] = '\0';
    snap_format_value(s->unit, s->per_min, rate, sizeof rate);
    switch (s->leak) {
    case LEAK_MORE_TIME:
        if (s->need_s > 0)
            snprintf(out, n, "growth in %s", human_us(wait, sizeof wait, s->need_s * 1e6, false));
        break;
    case LEAK_SLOW:
        snprintf(out, n, "%s%s/min", s->per_min > 0 ? "+" : "", rate);
        break;
    case LEAK_FOUND:
        snprintf(out, n, "leak %s%s/min", s->per_min > 0 ? "+" : "", rate);
        break;
    case LEAK_NOT_JUDGED:
    case LEAK_NONE:
        break;
    }
}

void snap_format_event(const struct snap_event *ev, char *out, int size)
{
    const char *who = ev->group[0] != '\0' ? ev->group : ev->probe;
    size_t len = strlen(who);
    bool said = strncmp(ev->text, who, len) == 0 && ev->text[len] == ' ';
    size_t end = strlen(ev->text);
    /* a text that is a sentence by itself */
    bool sentence = end > 0 && (ev->text[end - 1] == '.' || ev->text[end - 1] == '?');
    const char *between = said || len == 0 ? "" : sentence ? ": " : " ";
    snprintf(out, (size_t)size, "%s%s%s", said ? "" : who, between, ev->text);
}

/* --------------------------------------------------------------------- order */

struct ranked {
    uint16_t series;
    int alarm;
    double share; /* share of its limit; negative: no limit */
};

static int series_by_rank(const void *pa, const void *pb)
{
    const struct ranked *a = pa, *b = pb;
    if (a->alarm != b->alarm)
        return b->alarm - a->alarm;
    if (a->share != b->share)
        return a->share < b->share ? 1 : -1;
    return (int)a->series - (int)b->series;
}

static double share_of_limit(const struct snap_series *s, double value)
{
    return s->resource && s->limit > 0 && !isnan(value) ? value / s->limit : -1;
}

uint32_t snap_rank_series(const struct probe_snapshot *b, uint16_t out[SNAP_SERIES])
{
    struct ranked all[SNAP_SERIES];
    uint32_t n = 0;
    for (uint32_t i = 0; i < b->n_series && i < SNAP_SERIES; i++) {
        const struct snap_series *s = &b->series[i];
        bool seen = s->count > 0 || !isnan(s->seen_s);
        bool off = b->probes[s->probe].state == PROBE_OFF;
        if (s->main && !s->removed && seen && !off)
            all[n++] = (struct ranked){.series = (uint16_t)i,
                                       .share = share_of_limit(s, s->count > 0 ? s->max : NAN)};
    }
    qsort(all, n, sizeof *all, series_by_rank);
    for (uint32_t i = 0; i < n; i++)
        out[i] = all[i].series;
    return n;
}

uint32_t snap_worst_series(const struct probe_snapshot *b, uint16_t *out, uint32_t max)
{
    struct ranked all[SNAP_SERIES];
    uint32_t n = 0;
    for (uint32_t i = 0; i < b->n_series && i < SNAP_SERIES; i++) {
        const struct snap_series *s = &b->series[i];
        bool there = series_is_current(b, i) && !s->removed && s->count > 0;
        if (there && (s->main || s->resource || s->alarm != ALARM_NONE))
            all[n++] = (struct ranked){
                .series = (uint16_t)i, .alarm = (int)s->alarm, .share = share_of_limit(s, s->now)};
    }
    qsort(all, n, sizeof *all, series_by_rank);
    n = n < max ? n : max;
    for (uint32_t i = 0; i < n; i++)
        out[i] = all[i].series;
    return n;
}
