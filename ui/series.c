/* SPDX-License-Identifier: MIT */
#include "ui/series.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/width.h"
#include "ui/chart.h"

#define HOLD_PERIODS 2.5 /* for which the newest value stands */
#define HEADROOM 1.05
#define NEAR_FULL 0.97 /* share of the limit from which a cell has the colour of an alarm */

/* ----------------------------------------------------------------------- choice */

static struct series_key key_of(const struct probe_snapshot *b, uint32_t series)
{
    const struct snap_series *s = &b->series[series];
    struct series_key k = {0};
    memcpy(k.probe, b->probes[s->probe].name, sizeof k.probe);
    memcpy(k.group, s->group, sizeof k.group);
    memcpy(k.name, s->name, sizeof k.name);
    return k;
}

static bool series_key_is(const struct series_key *a, const struct series_key *b)
{
    return strcmp(a->probe, b->probe) == 0 && strcmp(a->group, b->group) == 0 &&
           strcmp(a->name, b->name) == 0;
}

static uint32_t series_find(const struct probe_snapshot *b, const struct series_key *k)
{
    for (uint32_t i = 0; i < b->n_series; i++) {
        const struct snap_series *s = &b->series[i];
        if (strcmp(s->name, k->name) == 0 && strcmp(s->group, k->group) == 0 &&
            strcmp(b->probes[s->probe].name, k->probe) == 0)
            return i;
    }
    return SNAP_SERIES;
}

uint32_t series_chosen(const struct series_choice *c, const struct probe_snapshot *b,
                       uint16_t out[SNAP_SERIES])
{
    uint32_t n = 0;
    if (b == NULL)
        return 0;
    if (!c->own)
        return snap_rank_series(b, out);
    for (uint32_t i = 0; i < c->n; i++) {
        uint32_t at = series_find(b, &c->keys[i]);
        if (at != SNAP_SERIES)
            out[n++] = (uint16_t)at;
    }
    return n;
}

uint32_t series_place(const struct series_choice *c, const struct probe_snapshot *b,
                      uint32_t series)
{
    uint16_t chosen[SNAP_SERIES];
    uint32_t n = series_chosen(c, b, chosen);
    for (uint32_t i = 0; i < n; i++)
        if (chosen[i] == series)
            return i + 1;
    return 0;
}

/* From now on what is shown is the user's: it begins with what was shown before. */
static void take_over(struct series_choice *c, const struct probe_snapshot *b)
{
    uint16_t chosen[SNAP_SERIES];
    if (c->own)
        return;
    uint32_t n = series_chosen(c, b, chosen);
    c->own = true;
    c->n = n < SERIES_CHOSEN ? n : SERIES_CHOSEN;
    for (uint32_t i = 0; i < c->n; i++)
        c->keys[i] = key_of(b, chosen[i]);
}

static uint32_t choice_place(const struct series_choice *c, const struct series_key *k)
{
    for (uint32_t i = 0; i < c->n; i++)
        if (series_key_is(&c->keys[i], k))
            return i;
    return SERIES_CHOSEN;
}

bool series_toggle(struct series_choice *c, const struct probe_snapshot *b, uint32_t series)
{
    take_over(c, b);
    struct series_key k = key_of(b, series);
    uint32_t at = choice_place(c, &k);
    if (at < SERIES_CHOSEN) {
        memmove(&c->keys[at], &c->keys[at + 1], (c->n - at - 1) * sizeof *c->keys);
        c->n--;
        return true;
    }
    if (c->n == SERIES_CHOSEN)
        return false;
    c->keys[c->n++] = k;
    return true;
}

bool series_move(struct series_choice *c, const struct probe_snapshot *b, uint32_t series, int by)
{
    take_over(c, b);
    struct series_key k = key_of(b, series);
    uint32_t at = choice_place(c, &k);
    if (at == SERIES_CHOSEN || (by < 0 && at == 0) || (by > 0 && at + 1 >= c->n))
        return false;
    uint32_t to = by < 0 ? at - 1 : at + 1;
    c->keys[at] = c->keys[to];
    c->keys[to] = k;
    return true;
}

/* ----------------------------------------------------------------------- values */

static double period_s(const struct probe_snapshot *b, const struct snap_series *s)
{
    double p = b->probes[s->probe].period_s;
    return p > 0 ? p : 1;
}

struct values {
    const struct probe_snapshot *probe_snap;
    uint32_t series;
    uint32_t last; /* the newest second with a value, and for how long it stands */
    uint32_t until;
};

static double value_at(const void *of, uint32_t second)
{
    const struct values *v = of;
    if (second > v->last)
        return second <= v->until ? (double)snap_series_value(v->probe_snap, v->series, v->last)
                                  : NAN;
    return (double)snap_series_at(v->probe_snap, v->series, second);
}

double series_values(const struct axis *a, const struct probe_snapshot *b, uint32_t series,
                     double *y)
{
    const struct snap_series *s = &b->series[series];
    struct values v = {
        .probe_snap = b, .series = series, .last = b->newest_s, .until = b->newest_s};
    enum probe_state state = b->probes[s->probe].state;
    double old = HOLD_PERIODS * period_s(b, s);
    uint32_t back = 0;
    while (v.last > 0 && back++ < old && isnan(snap_series_value(b, series, v.last)))
        v.last--;
    if (!isnan(s->now) && !s->removed && (state == PROBE_LIVE || state == PROBE_STALE))
        v.until = v.last + (uint32_t)ceil(old);
    return axis_fill(a, value_at, &v, y, NULL);
}

double series_scale(const struct snap_series *s, double top)
{
    if (s->limit > 0)
        return top > s->limit ? top : s->limit;
    switch (s->unit) {
    case UNIT_PERCENT:
        return top > 100 ? chart_nice(top) : 100;
    case UNIT_BYTES:
    case UNIT_BYTES_PER_S: {
        double unit = 1;
        while (top * HEADROOM >= 1000 * unit)
            unit *= 1024;
        return chart_nice(top * HEADROOM / unit) * unit;
    }
    case UNIT_SECONDS:
        return chart_nice_us(top * HEADROOM * 1e6) / 1e6;
    default:
        return chart_nice(top * HEADROOM);
    }
}

/* ------------------------------------------------------------------------ words */

/* text cut to that many columns, never within a character. */
static void name_cut(char *text, int cols)
{
    text[width_fit(text, cols > 0 ? (size_t)cols : 0)] = '\0';
    for (size_t n = strlen(text); n > 0 && text[n - 1] == ' ';)
        text[--n] = '\0';
}

/* The words that are too long for a label, as people shorten them. */
static void shorten(char *name, size_t size, int cols)
{
    static const char *const words[][2] = {
        {"connections", "conn"}, {"connected", "conn"},  {"memory", "mem"},
        {"requests", "reqs"},    {"latency", "lat"},     {"processes", "procs"},
        {"descriptors", "fds"},  {"deadlocks", "deadl"}, {"throttled", "thr"}};
    char with[SNAP_SERIES_LABEL];
    for (size_t i = 0; i < sizeof words / sizeof *words && frame_width(name) > cols; i++) {
        char *at = strstr(name, words[i][0]);
        if (at == NULL)
            continue;
        snprintf(with, sizeof with, "%.*s%s%s", (int)(at - name), name, words[i][1],
                 at + strlen(words[i][0]));
        snprintf(name, size, "%s", with);
    }
}

void series_short_name(const struct snap_series *s, int cols, char *out, size_t size)
{
    snprintf(out, size, "%s", s->name);
    shorten(out, size, cols);
}

/* Returns the part of "shop-api-1" that tells it from the others: "api". */
static const char *core(char *who, int cols)
{
    size_t n = strlen(who);
    if (n > 2 && who[n - 1] >= '0' && who[n - 1] <= '9' && who[n - 2] == '-')
        who[n - 2] = '\0';
    const char *from = who, *next;
    while (frame_width(from) > cols && (next = strpbrk(from, "-_/. ")) != NULL && next[1] != '\0' &&
           (*next != ' ' || next[2] != '\0')) /* "redis 2" is not cut to the number alone */
        from = next + 1;
    return from;
}

void series_short_label(const struct probe_snapshot *b, uint32_t series, int cols, char *out,
                        size_t size)
{
    const struct snap_series *s = &b->series[series];
    char who[SNAP_NAME], name[SNAP_SERIES_LABEL];
    snap_series_label(b, series, out, (int)size);
    if (frame_width(out) <= cols)
        return;
    snprintf(who, sizeof who, "%s", s->group[0] != '\0' ? s->group : b->probes[s->probe].name);
    snprintf(name, sizeof name, "%s", s->name);
    shorten(name, sizeof name, cols - 1 - frame_width(who)); /* the owner says more */
    if (frame_width(name) + 1 + frame_width(who) <= cols) {
        snprintf(out, size, "%s %s", who, name);
        return;
    }
    snprintf(name, sizeof name, "%s", s->name);
    shorten(name, sizeof name, cols > 12 ? cols / 2 : 4);
    int own = frame_width(who), least = cols / 3;
    if (own <= cols / 2) /* cut, "pool" would be a riddle */
        least = own;
    int room = cols - 1 - frame_width(name);
    if (room < least)
        name_cut(name, cols - 1 - least);
    room = cols - 1 - frame_width(name);
    const char *from = core(who, room);
    memmove(who, from, strlen(from) + 1);
    name_cut(who, room);
    snprintf(out, size, "%s %s", who, name);
}

/* "+1.2/min" beside "268/512 MiB": the unit stands there already. */
static void share_unit(char *growth, const char *value)
{
    char *unit = strstr(growth, "iB/min"), *from = unit;
    if (unit == NULL)
        return;
    while (from > growth && from[-1] != ' ')
        from--;
    char word[8] = "";
    snprintf(word, sizeof word, "%.*siB", (int)(unit - from), from);
    if (from > growth && strstr(value, word) != NULL)
        memmove(from - 1, unit + 2, strlen(unit + 2) + 1);
}

void series_text(const struct probe_snapshot *b, uint32_t series, int cols, char *out, size_t size)
{
    struct snap_series s = b->series[series];
    char growth[64], whole[256];
    out[0] = '\0';
    if (snap_series_age(b, series) == AGE_UNKNOWN) {
        s.now = NAN;
        s.note[0] = '\0'; /* the note belongs to a value that is not known any more */
    }
    if (s.removed) {
        snprintf(out, size, "gone");
        name_cut(out, cols);
        return;
    }
    snap_format_growth(&s, growth, sizeof growth);
    if (s.leak == LEAK_MORE_TIME)
        growth[0] = '\0'; /* the target view has room for that */
    for (int step = 0; step < 4; step++) {
        if (step == 1)
            s.note[0] = '\0';
        if (step == 2 && s.leak != LEAK_FOUND)
            growth[0] = '\0';
        snap_format_series(&s, whole, sizeof whole);
        share_unit(growth, whole);
        char *of = strstr(whole, " of limit");
        if (step == 3 && of != NULL)
            memmove(of, of + strlen(" of limit"), strlen(of + strlen(" of limit")) + 1);
        snprintf(out, size, "%s%s%s", whole, growth[0] != '\0' && !isnan(s.now) ? " " : "",
                 isnan(s.now) ? "" : growth);
        if (frame_width(out) <= cols)
            return;
    }
    name_cut(out, cols);
}

char series_sign(const struct probe_snapshot *b, uint32_t series, enum style *style)
{
    const struct snap_series *s = &b->series[series];
    enum snap_age age = snap_series_age(b, series);
    bool beyond = s->alarm != ALARM_NONE || s->leak == LEAK_FOUND;
    *style = age != AGE_FRESH         ? STYLE_DIM
             : s->alarm == ALARM_FULL ? STYLE_BAD_BOLD
             : beyond                 ? STYLE_WARN
                                      : STYLE_NORMAL;
    if (age == AGE_UNKNOWN || !beyond)
        return ' '; /* a mark beside no value would say what nobody knows */
    return s->alarm == ALARM_FULL ? '!' : '^';
}

enum style series_line(const struct probe_snapshot *b, uint32_t series)
{
    enum style style;
    series_sign(b, series, &style);
    return style == STYLE_BAD_BOLD       ? STYLE_BAD
           : style == STYLE_WARN         ? STYLE_WARN
           : b->series[series].limit > 0 ? STYLE_OK
                                         : STYLE_RPS;
}

/* ---------------------------------------------------------------------- drawing */

/* The larger of the values of a cell: an alarm must not hide behind a calm moment. */
static double cell_value(const struct axis *a, const double *y, int cell)
{
    double v = NAN;
    for (int i = 0; i < a->dots; i++) {
        int at = a->n - (a->cols - cell) * a->dots + i;
        if (at >= 0 && at < a->n && !isnan(y[at]) && !(v > y[at]))
            v = y[at];
    }
    return v;
}

void series_spark(struct frame *f, int row, int col, const struct axis *a, const double *y,
                  double max, const struct snap_series *s)
{
    enum style calm = s->alarm == ALARM_WARN ? STYLE_WARN : s->limit > 0 ? STYLE_OK : STYLE_RPS;
    for (int i = 0; i < a->cols; i++) {
        double v = cell_value(a, y, i);
        bool full = s->limit > 0 && v >= NEAR_FULL * s->limit && s->resource;
        chart_spark(f, row, col + i, 1, &v, 1, max, full ? STYLE_BAD : calm, f->chars);
    }
}
