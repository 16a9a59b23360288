/* SPDX-License-Identifier: MIT */
#include "src/stats/snapshot.h"

#include <stdio.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/stats/aggregate.h"
#include "src/stats/snapshot_make.h"

static void mark_alert(const struct snapshot_parts *p, const struct aggregate_alert *a)
{
    static const struct snap_name unnamed = {.name = "?"};
    const struct snap_name *e = a->endpoint < SNAP_ENDPOINTS ? &p->names[a->endpoint] : &unnamed;
    struct snap_mark m = {.at_s = a->at_s, .kind = SNAP_MARK_ALERT, .letter = '!'};
    char text[sizeof e->method + sizeof e->name + 64], word[32];
    if (a->fail == FAIL_STATUS)
        snprintf(word, sizeof word, "status %u", a->status);
    else
        snprintf(word, sizeof word, "%s", fail_word((enum fail)a->fail));
    snprintf(text, sizeof text, "first %s: %s %s", word, e->method, e->name);
    clean_text(m.text, sizeof m.text, text, strlen(text));
    aggregate_mark(p->aggregate, &m);
}

static void mark_alerts(const struct snapshot_parts *p)
{
    struct aggregate_alert a;
    if (p->open != NULL)
        aggregate_alert(p->aggregate, p->open);
    while (aggregate_take_alert(p->aggregate, &a))
        mark_alert(p, &a);
}

static void fill_names(const struct snapshot_parts *p, struct snapshot *snap)
{
    snap->n_endpoints = p->n_names;
    for (uint32_t i = 0; i < SNAP_ENDPOINTS; i++) {
        memcpy(snap->endpoints[i].method, p->names[i].method, sizeof p->names[i].method);
        memcpy(snap->endpoints[i].name, p->names[i].name, sizeof p->names[i].name);
    }
}

static void fill_now(const struct gauges_now *now, struct snapshot *snap)
{
    uint64_t spent_ns = now->load_ns + now->drain_ns;
    snap->users = now->users;
    snap->users_peak = now->users_peak;
    snap->in_flight = now->in_flight;
    snap->oldest_s = (double)now->oldest_ns / 1e9;
    snap->started = now->started;
    snap->aborted = now->aborted;
    snap->given_up = now->given_up;
    snap->given_up_s = (double)now->given_up_ns / 1e9;
    snap->sent_again = now->sent_again;
    snap->cut_short = now->cut_short;
    snap->elapsed_s = (double)now->elapsed_ns / 1e9;
    snap->load_s = (double)now->load_ns / 1e9;
    snap->drain_s = (double)now->drain_ns / 1e9;
    snap->rate_s = (double)now->rate_ns / 1e9;
    snap->stopped_s = now->elapsed_ns > spent_ns ? (double)(now->elapsed_ns - spent_ns) / 1e9 : 0;
}

void snapshot_make(struct snapshot *snap, const struct snapshot_parts *p)
{
    mark_alerts(p);
    fill_names(p, snap);
    fill_now(p->now != NULL ? p->now : aggregate_now(p->aggregate), snap);
    aggregate_fill(p->aggregate, p->open, snap);
    if (p->tick != NULL)
        p->tick(snap, aggregate_timeline(p->aggregate), p->arg);
    if (p->fill != NULL)
        p->fill(snap, p->arg);
    snap->seq++;
}
