/* SPDX-License-Identifier: MIT */
/* The probes' slots in the snapshot: taken, off, used again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/now.h"
#include "src/probe/watch_inner.h"

uint32_t watch_slot_number(const struct watch *w, const struct watch_slot *s)
{
    return (uint32_t)(s - w->slots);
}

struct watch_slot *watch_slot_named(struct watch *w, const char *name)
{
    for (uint32_t i = 0; i < w->n_slots; i++)
        if (strcmp(w->slots[i].spec->name, name) == 0)
            return &w->slots[i];
    return NULL;
}

void watch_clear_detail(struct watch *w)
{
    uint64_t seq = w->detail.seq;
    memset(&w->detail, 0, sizeof w->detail);
    w->detail.seq = seq;
}

/* Answers an open request for details when the probe has ended and nobody else will. */
static void end_detail_request(struct watch *w, uint32_t slot)
{
    struct snap_detail over = {.n_rows = 1};
    snprintf(over.rows[0], sizeof over.rows[0], "The probe %s ended before it answered.",
             w->slots[slot].shown.name);
    watch_set_detail(w, slot, &over);
}

/* Keeps the figures of an ended probe, without its alarms and thresholds. */
void watch_slot_off(struct watch *w, struct watch_slot *s)
{
    uint32_t at = watch_slot_number(w, s);
    s->probe = NULL;
    s->shown.state = PROBE_OFF;
    s->shown.text[0] = '\0';
    s->shown.cpu_percent = 0;
    s->since_ns = now_ns();
    for (uint32_t i = 0; i < w->n_tracks; i++)
        if (w->tracks[i]->shown.probe == at) {
            track_target_lost(w->tracks[i], s->since_ns, w->start_ns);
            track_set_warns(w->tracks[i], NULL, 0);
        }
    if (w->asked == at)
        end_detail_request(w, at);
    w->seq++;
}

void watch_set_detail(struct watch *w, uint32_t slot, const struct snap_detail *answer)
{
    uint64_t seq = w->detail.seq + 1;
    w->detail = *answer;
    w->detail.seq = seq;
    w->detail.probe = (uint16_t)slot;
    w->detail.at_s = watch_axis_s(w, now_ns());
    if (w->detail.title[0] == '\0')
        memcpy(w->detail.title, w->slots[slot].shown.name, sizeof w->detail.title);
    if (w->asked == slot)
        w->asked = NOBODY;
    w->seq++;
}

static bool slot_has_series(const struct watch *w, uint32_t slot)
{
    for (uint32_t i = 0; i < w->n_tracks; i++)
        if (w->tracks[i]->shown.probe == slot)
            return true;
    return false;
}

static void drop_slot_series(struct watch *w, uint32_t slot)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->n_tracks; i++)
        if (w->tracks[i]->shown.probe == slot)
            free(w->tracks[i]);
        else
            w->tracks[n++] = w->tracks[i];
    w->n_tracks = n;
}

void watch_drop_track(struct watch *w, const struct track *t)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->n_tracks; i++)
        if (w->tracks[i] == t)
            free(w->tracks[i]);
        else
            w->tracks[n++] = w->tracks[i];
    w->n_tracks = n;
}

/* Returns the slot that has been off longest, among those with series or those without; NULL:
 * none. */
static struct watch_slot *slot_longest_off(struct watch *w, bool with_series)
{
    struct watch_slot *best = NULL;
    for (uint32_t i = 0; i < w->n_slots; i++) {
        struct watch_slot *s = &w->slots[i];
        if (s->shown.state == PROBE_OFF && slot_has_series(w, i) == with_series &&
            (best == NULL || s->since_ns < best->since_ns))
            best = s;
    }
    return best;
}

bool watch_drop_oldest_series(struct watch *w)
{
    struct watch_slot *s = slot_longest_off(w, true);
    if (s != NULL)
        drop_slot_series(w, watch_slot_number(w, s));
    return s != NULL;
}

struct watch_slot *watch_empty_slot(struct watch *w)
{
    if (w->n_slots < SNAP_PROBES)
        return &w->slots[w->n_slots++]; /* zeroed */
    struct watch_slot *s = slot_longest_off(w, false);
    if (s == NULL)
        s = slot_longest_off(w, true);
    if (s == NULL)
        return NULL;
    uint32_t at = watch_slot_number(w, s);
    drop_slot_series(w, at);
    if (w->detail.probe == at)
        watch_clear_detail(w);
    probe_spec_unref(s->spec);
    memset(s, 0, sizeof *s);
    return s;
}
