/* SPDX-License-Identifier: MIT */
#include "src/stats/breach.h"

#include <math.h>
#include <string.h>

#include "src/base/num.h"

#define ABOVE_LEAST 3    /* seconds of BREACH_RECENT: a breach */
#define BELOW_LEAST 5    /* seconds of as many: its end */
#define USUAL_LEAST 3    /* seconds without which nothing is usual */
#define UNUSUAL 3.0      /* times the usual p99 */
#define CREPT 10.0       /* times the lowest: grows too slowly to be unusual */
#define FIGURE_MIN 5000u /* microseconds: below, nobody waits */

/* ---------------------------------------------------------------- what is usual */

static uint32_t usual_us(const struct breach_finder *b)
{
    uint32_t sorted[BREACH_USUAL_S];
    if (b->n_usual < USUAL_LEAST)
        return 0;
    memcpy(sorted, b->usual, b->n_usual * sizeof *sorted);
    return num_median(sorted, b->n_usual);
}

static void learn_usual(struct breach_finder *b, uint32_t p99_us)
{
    b->usual[b->usual_at] = p99_us;
    b->usual_at = (b->usual_at + 1) % BREACH_USUAL_S;
    if (b->n_usual < BREACH_USUAL_S)
        b->n_usual++;
    uint32_t median = b->n_usual == BREACH_USUAL_S ? usual_us(b) : 0;
    if (median > 0 && (b->lowest == 0 || median < b->lowest))
        b->lowest = median;
}

/* -------------------------------------------------------------------- breaches */

static struct snap_breach *open_breach(struct breach_finder *b)
{
    return b->n > 0 && isnan(b->found[b->n - 1].to_s) ? &b->found[b->n - 1] : NULL;
}

/* Returns the bound that the newest seconds are held against; us 0: none. */
static struct snap_breach breach_bound(const struct breach_finder *b, uint64_t p99_us,
                                       uint64_t p95_us)
{
    struct snap_breach f = {.to_s = NAN, .percentile = 99, .usual_us = usual_us(b)};
    if (p99_us > 0 || p95_us > 0) {
        f.wanted = true;
        f.percentile = p99_us > 0 ? 99 : 95;
        f.us = p99_us > 0 ? p99_us : p95_us;
    } else if (f.usual_us > 0) {
        double unusual = UNUSUAL * (double)f.usual_us, crept = CREPT * b->lowest;
        double least = b->lowest > 0 && crept < unusual ? crept : unusual;
        f.us = (uint64_t)(least > FIGURE_MIN ? least : FIGURE_MIN);
    }
    return f;
}

static bool is_second_above(const struct breach_finder *b, uint32_t i, const struct snap_breach *f)
{
    return (f->percentile == 99 ? b->recent[i].p99_us : b->recent[i].p95_us) > f->us;
}

/* How many of the newest seconds are above; *first is the index of the oldest that is. */
static uint32_t count_above(const struct breach_finder *b, const struct snap_breach *f,
                            uint32_t *first)
{
    uint32_t n = 0;
    for (uint32_t i = b->n_recent; i-- > 0;) {
        if (is_second_above(b, i, f)) {
            *first = i;
            n++;
        }
    }
    return n;
}

/* Makes room by forgetting the shortest: the long ones are what a run is remembered for. */
static void forget_shortest(struct breach_finder *b)
{
    uint32_t at = 0;
    for (uint32_t i = 1; i < b->n; i++)
        if (b->found[i].to_s - b->found[i].from_s < b->found[at].to_s - b->found[at].from_s)
            at = i;
    memmove(&b->found[at], &b->found[at + 1], (b->n - at - 1) * sizeof *b->found);
    b->n--;
}

/* Returns the most of the first second beyond and the two before: a target that breaks at once
 * does less in the very second in which it breaks, of which the latency may not tell yet. */
static float most_rps(const struct breach_finder *b, uint32_t first)
{
    float most = b->recent[first].rps;
    for (uint32_t back = 1; back <= 2; back++)
        most = fmaxf(most,
                     back <= first ? b->recent[first - back].rps : b->rps_before[back - first - 1]);
    return most;
}

static void judge_second(struct breach_finder *b, uint64_t p99_us, uint64_t p95_us)
{
    uint32_t first = 0;
    struct snap_breach *open = open_breach(b);
    if (open != NULL) {
        if (b->n_recent == BREACH_RECENT &&
            b->n_recent - count_above(b, open, &first) >= BELOW_LEAST)
            open->to_s = b->recent[0].second;
        return;
    }
    struct snap_breach f = breach_bound(b, p99_us, p95_us);
    if (f.us == 0 || count_above(b, &f, &first) < ABOVE_LEAST)
        return;
    if (b->n == SNAP_BREACHES)
        forget_shortest(b);
    f.from_s = b->recent[first].second;
    f.users = b->recent[first].users;
    f.rps = (double)most_rps(b, first);
    b->found[b->n++] = f;
}

/* The oldest of the recent seconds leaves; in a quiet time it is what is usual. */
static void drop_oldest_second(struct breach_finder *b)
{
    if (b->n_recent < BREACH_RECENT)
        return;
    if (open_breach(b) == NULL)
        learn_usual(b, b->recent[0].p99_us);
    b->rps_before[1] = b->rps_before[0];
    b->rps_before[0] = b->recent[0].rps;
    memmove(&b->recent[0], &b->recent[1], (BREACH_RECENT - 1) * sizeof *b->recent);
    b->n_recent--;
}

static void forget_recent(struct breach_finder *b)
{
    b->n_recent = 0;
    b->rps_before[0] = b->rps_before[1] = 0;
}

static void take_second(struct breach_finder *b, const struct snap_point *p)
{
    uint32_t i = b->n_recent++;
    b->recent[i].second = p->second;
    b->recent[i].p99_us = p->p99_us;
    b->recent[i].p95_us = p->p95_us;
    b->recent[i].users = p->users;
    b->recent[i].rps = p->rps;
}

/* Returns whether nobody asked for anything: else a second without a reply is silence. */
static bool is_second_unasked(const struct snapshot *s, const struct snap_point *p)
{
    return p->idle && p->in_flight == 0 && (p->users == 0 || s->run.state == SNAP_HELD);
}

static void count_unasked_second(struct breach_finder *b, uint32_t second)
{
    struct snap_breach *open = open_breach(b);
    if (++b->resting < BELOW_LEAST)
        return;
    forget_recent(b); /* later seconds belong to another load */
    if (open != NULL)
        open->to_s = second + 1 - BELOW_LEAST;
}

void breach_feed(struct breach_finder *b, const struct snapshot *s, uint64_t p99_us,
                 uint64_t p95_us)
{
    uint32_t n = s->n_points < SNAP_POINTS ? s->n_points : SNAP_POINTS, i = n;
    while (i > 0 && s->points[i - 1].second >= b->next)
        i--;
    for (; i < n; i++) {
        const struct snap_point *p = &s->points[i];
        b->next = p->second + 1;
        if (p->gap)
            forget_recent(b);
        if (!p->gap && is_second_unasked(s, p))
            count_unasked_second(b, p->second);
        else
            b->resting = 0;
        if (!snap_point_has_latency(p))
            continue;
        drop_oldest_second(b);
        take_second(b, p);
        judge_second(b, p99_us, p95_us);
    }
}
