/* SPDX-License-Identifier: MIT */
#include "src/stats/loadtime.h"

static uint64_t ns_between(uint64_t at_ns, uint64_t from_ns)
{
    return at_ns > from_ns ? at_ns - from_ns : 0;
}

static double mean_tail_ns(const struct loadtime *t, uint64_t busy_ns)
{
    return t->users > 0 ? (double)ns_between(busy_ns, t->busy_ns) / t->users : 0;
}

void loadtime_on(struct loadtime *t, uint64_t at_ns, uint64_t last_done_ns, uint64_t busy_ns)
{
    if (t->on)
        return;
    if (t->since_ns > 0) {
        t->drain_ns += ns_between(last_done_ns < at_ns ? last_done_ns : at_ns, t->since_ns);
        t->tail_ns += mean_tail_ns(t, busy_ns);
    }
    t->on = true;
    t->since_ns = at_ns;
    t->busy_ns = busy_ns;
}

void loadtime_off(struct loadtime *t, uint64_t at_ns, uint32_t users)
{
    if (!t->on)
        return;
    t->on = false;
    t->load_ns += ns_between(at_ns, t->since_ns);
    t->since_ns = at_ns > t->since_ns ? at_ns : t->since_ns;
    t->users = users;
}

void loadtime_gap(struct loadtime *t, uint64_t from_ns, uint64_t to_ns, uint64_t last_done_ns)
{
    /* A gap is told a little after it: load may have ended in between. */
    uint64_t in_load = ns_between(to_ns < t->since_ns ? to_ns : t->since_ns, from_ns);
    if (!t->on)
        t->load_ns = ns_between(t->load_ns, in_load);
    if (t->on || from_ns < last_done_ns) /* else the drain was over before */
        t->since_ns += ns_between(to_ns, from_ns > t->since_ns ? from_ns : t->since_ns);
}

struct load_spans loadtime_look(const struct loadtime *t, uint64_t now_ns, uint64_t last_done_ns,
                                bool waits, uint64_t busy_ns)
{
    struct load_spans s = {.load_ns = t->load_ns, .drain_ns = t->drain_ns};
    double tail_ns = t->tail_ns;
    if (t->on) {
        s.load_ns += ns_between(now_ns, t->since_ns);
    } else {
        s.drain_ns += ns_between(waits ? now_ns : last_done_ns, t->since_ns);
        tail_ns += mean_tail_ns(t, busy_ns);
    }
    s.rate_ns = s.load_ns + (uint64_t)tail_ns;
    return s;
}
