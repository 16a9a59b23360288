/* SPDX-License-Identifier: MIT */
#include "src/probe/metric.h"

#include <string.h>

#define CHARTED 3u

static const struct {
    const char *word;
    enum snap_unit unit;
    double factor;
} words[] = {
    {"count", UNIT_COUNT, 1},       {"percent", UNIT_PERCENT, 1}, {"%", UNIT_PERCENT, 1},
    {"ratio", UNIT_PERCENT, 100},   {"bytes", UNIT_BYTES, 1},     {"B", UNIT_BYTES, 1},
    {"KiB", UNIT_BYTES, 1024},      {"MiB", UNIT_BYTES, 1048576}, {"bytes/s", UNIT_BYTES_PER_S, 1},
    {"B/s", UNIT_BYTES_PER_S, 1},   {"1/s", UNIT_PER_S, 1},       {"/s", UNIT_PER_S, 1},
    {"s", UNIT_SECONDS, 1},         {"seconds", UNIT_SECONDS, 1}, {"ms", UNIT_SECONDS, 0.001},
    {"us", UNIT_SECONDS, 0.000001},
};
#define N_WORDS (sizeof words / sizeof *words)

static struct metric_scale scale_of_unit(const char *word, size_t len)
{
    for (size_t i = 0; i < N_WORDS; i++)
        if (strlen(words[i].word) == len && memcmp(words[i].word, word, len) == 0)
            return (struct metric_scale){words[i].unit, words[i].factor};
    return (struct metric_scale){UNIT_COUNT, 1};
}

/* Takes the unit from a name's end: process_resident_memory_bytes, request_seconds_total.
 * Queries get none, as they may compute anything. */
static struct metric_scale scale_of_name(const char *metric)
{
    static const char *const ends[] = {"_bytes", "_seconds", "_ratio"};
    size_t len = strcspn(metric, "{ ");
    if (strchr(metric, '(') != NULL)
        return (struct metric_scale){UNIT_COUNT, 1};
    if (len > 6 && memcmp(metric + len - 6, "_total", 6) == 0)
        len -= 6;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = strlen(ends[i]);
        if (len > n && memcmp(metric + len - n, ends[i], n) == 0)
            return scale_of_unit(ends[i] + 1, n - 1);
    }
    return (struct metric_scale){UNIT_COUNT, 1};
}

static struct metric_scale scale_per_second(struct metric_scale s)
{
    switch (s.unit) {
    case UNIT_COUNT:
        s.unit = UNIT_PER_S;
        break;
    case UNIT_BYTES:
        s.unit = UNIT_BYTES_PER_S;
        break;
    case UNIT_SECONDS:
        s.unit = UNIT_PERCENT;
        s.factor *= 100;
        break;
    case UNIT_PERCENT:
    case UNIT_BYTES_PER_S:
    case UNIT_PER_S:
    case UNITS:
        break;
    }
    return s;
}

struct metric_scale metric_scale(const struct probe_metric *m)
{
    struct metric_scale s =
        m->unit != NULL ? scale_of_unit(m->unit, strlen(m->unit)) : scale_of_name(m->metric);
    return m->kind == METRIC_COUNTER ? scale_per_second(s) : s;
}

int metric_series(struct probe *p, const struct probe_metric *m, size_t i)
{
    unsigned flags = (i < CHARTED ? SERIES_MAIN : 0) | (m->limit > 0 ? SERIES_RESOURCE : 0);
    struct metric_scale scale = metric_scale(m);
    int series = probe_series(p, "", m->name, scale.unit, flags);
    probe_limit(p, series, m->limit * scale.factor);
    return series;
}
