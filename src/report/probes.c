/* SPDX-License-Identifier: MIT */
#include "src/report/probes.h"

#include <math.h>
#include <stdio.h>

#include "src/base/human.h"
#include "src/base/width.h"

#define SERIES_SHOWN 40u
#define EVENTS_SHOWN 20u
#define WORST 2u
#define NAME_MIN 16u
#define NAME_MOST 40u

/* ----------------------------------------------------------------------- probes */

static void probe_name(const struct snap_probe *p, char *out, size_t size)
{
    bool said = strstr(p->name, p->type) != NULL;
    snprintf(out, size, "%s%s%s%s", p->name, said ? "" : " (", said ? "" : p->type,
             said ? "" : ")");
}

static void put_probe_sentences(struct buf *out, const struct probe_snapshot *b)
{
    char name[SNAP_NAME + 32], polls[HUMAN_MAX], failed[HUMAN_MAX], cost[HUMAN_MAX];
    size_t width = NAME_MIN;
    for (uint32_t i = 0; i < b->n_probes; i++) {
        probe_name(&b->probes[i], name, sizeof name);
        width = width_text(name) > width ? width_text(name) : width;
    }
    width = width > NAME_MOST ? NAME_MOST : width;
    buf_text(out, "\n ");
    width_cell(out, "probe", width);
    buf_printf(out, " %-10s %8s %8s %8s  %s\n", "state", "polls", "failed", "cost", "where");
    for (uint32_t i = 0; i < b->n_probes; i++) {
        const struct snap_probe *p = &b->probes[i];
        probe_name(p, name, sizeof name);
        buf_char(out, ' ');
        width_cell(out, name, width);
        buf_printf(out, " %-10s %8s %8s %8s%s%s\n", probe_state_words[p->state],
                   human_count(polls, sizeof polls, p->polls),
                   human_count(failed, sizeof failed, p->failed),
                   human_percent(cost, sizeof cost, p->cpu_percent),
                   p->where[0] != '\0' ? "  " : "", p->where);
        if (p->text[0] != '\0')
            buf_printf(out, " %*s %s\n", (int)width, "", p->text);
    }
}

/* ----------------------------------------------------------------------- series */

/* All of them are in the JSON report; these are what a person looks for. */
static bool series_is_told(const struct snap_series *s)
{
    return s->count > 0 && (s->main || s->resource || s->alarm != ALARM_NONE ||
                            !isnan(s->first_full_s) || !isnan(s->first_warn_s));
}

static void put_remarks(struct buf *out, const struct snap_series *s)
{
    char growth[3 * HUMAN_MAX], clock[HUMAN_MAX];
    if (!isnan(s->first_full_s))
        buf_printf(out, "  full at %s", human_clock(clock, sizeof clock, s->first_full_s));
    if (!isnan(s->first_warn_s))
        buf_printf(out, "  beyond its threshold at %s",
                   human_clock(clock, sizeof clock, s->first_warn_s));
    snap_format_growth(s, growth, sizeof growth);
    if (s->leak == LEAK_MORE_TIME)
        buf_text(out, "  growth undecided: more time of constant load is needed");
    else if (growth[0] != '\0')
        buf_printf(out, "  %s", growth);
    if (s->removed)
        buf_text(out, "  gone");
}

static void put_series_row(struct buf *out, const struct probe_snapshot *b, uint32_t at,
                           size_t width)
{
    const struct snap_series *s = &b->series[at];
    const double values[] = {s->min, s->mean, s->max, s->last, s->limit};
    char label[SNAP_SERIES_LABEL], value[HUMAN_MAX];
    snap_series_label(b, at, label, sizeof label);
    buf_char(out, ' ');
    width_cell(out, label, width);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        snap_format_value(s->unit, values[i], value, sizeof value);
        buf_printf(out, " %10s", value);
    }
    put_remarks(out, s);
    buf_char(out, '\n');
}

static void put_series(struct buf *out, const struct probe_snapshot *b)
{
    char label[SNAP_SERIES_LABEL];
    size_t width = NAME_MIN;
    uint32_t shown = 0, told = 0;
    for (uint32_t i = 0; i < b->n_series; i++) {
        snap_series_label(b, i, label, sizeof label);
        told += b->series[i].count > 0;
        if (series_is_told(&b->series[i]) && width_text(label) > width)
            width = width_text(label);
    }
    if (told == 0)
        return;
    width = width > NAME_MOST ? NAME_MOST : width;
    buf_text(out, "\n ");
    width_cell(out, "series", width);
    buf_printf(out, " %10s %10s %10s %10s %10s\n", "min", "mean", "max", "last", "limit");
    for (uint32_t i = 0; i < b->n_series; i++)
        if (series_is_told(&b->series[i]) && shown++ < SERIES_SHOWN)
            put_series_row(out, b, i, width);
    shown = shown < SERIES_SHOWN ? shown : SERIES_SHOWN;
    if (told > shown)
        buf_printf(out, " ... and %u more (--json has all)\n", told - shown);
}

/* ------------------------------------------------------------------------ whole */

static void put_events(struct buf *out, const struct probe_snapshot *b)
{
    char clock[HUMAN_MAX], text[SNAP_TEXT + SNAP_NAME];
    uint32_t first = b->n_events > EVENTS_SHOWN ? b->n_events - EVENTS_SHOWN : 0;
    if (b->n_events > 0)
        buf_char(out, '\n');
    if (b->events > b->n_events - first)
        buf_printf(out, " ... %llu earlier events\n",
                   (unsigned long long)(b->events - (b->n_events - first)));
    for (uint32_t i = first; i < b->n_events; i++) {
        snap_format_event(&b->event[i], text, sizeof text);
        buf_printf(out, " %s  %-7s  %s\n", human_clock(clock, sizeof clock, b->event[i].at_s),
                   snap_event_words[b->event[i].kind], text);
    }
}

void probes_section(struct buf *out, const struct probe_snapshot *b)
{
    char cost[HUMAN_MAX];
    double percent = 0;
    for (uint32_t i = 0; i < b->n_probes; i++)
        percent += b->probes[i].cpu_percent;
    buf_printf(out, "\ntarget     the probes cost %s of a core\n",
               human_percent(cost, sizeof cost, percent));
    put_probe_sentences(out, b);
    put_series(out, b);
    put_events(out, b);
}

/* Why there is nothing to see: the first probe that is not live. */
static bool put_trouble(struct buf *out, const struct probe_snapshot *b)
{
    for (uint32_t i = 0; i < b->n_probes; i++) {
        const struct snap_probe *p = &b->probes[i];
        if (p->state == PROBE_LIVE || p->state == PROBE_OFF)
            continue;
        buf_printf(out, "%s is %s%s%s", p->name, probe_state_words[p->state],
                   p->text[0] != '\0' ? ": " : "", p->text);
        return true;
    }
    return false;
}

void probes_line(struct buf *out, const struct probe_snapshot *b)
{
    uint16_t worst[WORST];
    uint32_t n = snap_worst_series(b, worst, WORST);
    char label[SNAP_SERIES_LABEL], value[3 * HUMAN_MAX + SNAP_NOTE], growth[3 * HUMAN_MAX];
    buf_text(out, " target: ");
    for (uint32_t i = 0; i < n; i++) {
        const struct snap_series *w = &b->series[worst[i]];
        snap_series_label(b, worst[i], label, sizeof label);
        snap_format_series(w, value, sizeof value);
        snap_format_growth(w, growth, sizeof growth);
        buf_printf(out, "%s%s %s%s%s%s", i > 0 ? "; " : "", label, value,
                   w->alarm == ALARM_FULL   ? " FULL"
                   : w->alarm == ALARM_WARN ? " WARN"
                                            : "",
                   w->leak == LEAK_FOUND ? ", " : "", w->leak == LEAK_FOUND ? growth : "");
    }
    size_t len = out->len;
    if (n > 0)
        buf_text(out, "; ");
    if (!put_trouble(out, b)) {
        out->len = len;
        out->data[len] = '\0';
        if (n == 0)
            buf_text(out, "no value yet");
    }
    buf_char(out, '\n');
}
