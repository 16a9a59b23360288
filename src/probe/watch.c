/* SPDX-License-Identifier: MIT */
#include "src/probe/watch.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/watch_inner.h"

#define END_NS (300 * NS_PER_MS)
#define STALE_PERIODS 2.5

/* --------------------------------------------------------------------- life */

static void init_clock_cond(pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

struct watch *watch_create(const struct watch_config *cfg)
{
    struct watch *w = mem_zalloc(sizeof *w);
    w->cfg = *cfg;
    w->refs = 1;
    w->asked = NOBODY;
    pthread_mutex_init(&w->lock, NULL);
    pthread_mutex_init(&w->event_lock, NULL);
    init_clock_cond(&w->changed);
    return w;
}

/* Joins threads that have given the watch back: each needs a moment at most to end. */
static void join_ended_threads(struct watch *w)
{
    while (w->ended != NULL) {
        struct ended_thread *first = w->ended;
        w->ended = first->next;
        pthread_join(first->thread, NULL);
        free(first);
    }
}

void watch_thread_begins(struct watch *w)
{
    join_ended_threads(w);
    w->threads++;
    w->refs++;
}

void watch_thread_failed(struct watch *w)
{
    w->threads--;
    w->refs--;
}

static void watch_unref(struct watch *w)
{
    pthread_mutex_lock(&w->lock);
    bool last = --w->refs == 0;
    pthread_mutex_unlock(&w->lock);
    if (!last)
        return;
    for (uint32_t i = 0; i < w->n_tracks; i++)
        free(w->tracks[i]);
    for (uint32_t i = 0; i < w->n_slots; i++)
        probe_spec_unref(w->slots[i].spec);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->event_lock);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

void watch_thread_ends(struct watch *w)
{
    struct ended_thread *me = mem_zalloc(sizeof *me);
    me->thread = pthread_self();
    pthread_mutex_lock(&w->lock);
    w->threads--;
    bool alone = w->destroyed;
    if (!alone) {
        me->next = w->ended;
        w->ended = me;
        w->refs--; /* never the last: the creator has one, and joins before giving it back */
        pthread_cond_broadcast(&w->changed);
    }
    pthread_mutex_unlock(&w->lock);
    if (!alone)
        return;
    pthread_detach(me->thread);
    free(me);
    watch_unref(w);
}

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

/* Waits until done(w) or the deadline.  With the lock held. */
static void watch_wait_until(struct watch *w, bool (*done)(const struct watch *),
                             uint64_t deadline_ns)
{
    struct timespec t = timespec_of(deadline_ns);
    while (!done(w))
        if (pthread_cond_timedwait(&w->changed, &w->lock, &t) != 0)
            return;
}

static bool all_threads_ended(const struct watch *w)
{
    return w->threads == 0;
}

static void stop_slot_probe(struct watch_slot *s)
{
    if (s->probe == NULL)
        return;
    s->probe->stop = true;
    probe_wake(s->probe);
}

void watch_destroy(struct watch *w)
{
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->event_lock);
    w->cfg.event = NULL;
    pthread_mutex_unlock(&w->event_lock);
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    for (uint32_t i = 0; i < w->n_slots; i++)
        stop_slot_probe(&w->slots[i]);
    watch_wait_until(w, all_threads_ended, now_ns() + END_NS);
    join_ended_threads(w);
    w->destroyed = true;
    pthread_mutex_unlock(&w->lock);
    watch_unref(w);
}

/* ------------------------------------------------------------------- starting */

static void refuse_probe(struct watch_slot *s, const char *text)
{
    clean_text(s->shown.text, sizeof s->shown.text, text, strlen(text));
    s->shown.state = PROBE_DENIED;
    s->polled = true;
}

static const char *no_room = "is left out: there are " NAME_OF(
    SNAP_PROBES) " probes already, the maximum: remove some from the "
                 "profile or the command line";
static const char *untrusted =
    "a command of a profile runs only after `ramptop trust PROFILE`, or with --trust.";

/* Starts the probe of a slot, or shows why it cannot run.  With the lock held. */
static void begin_slot_probe(struct watch *w, struct watch_slot *s, bool may_exec)
{
    struct err e = {0};
    const struct probe_ops *ops = probe_ops_of(s->spec->type, &e);
    clean_text(s->shown.name, sizeof s->shown.name, s->spec->name, strlen(s->spec->name));
    snprintf(s->shown.type, sizeof s->shown.type, "%s", probe_spec_word(s->spec));
    s->shown.state = PROBE_CONNECTING;
    s->shown.text[0] = '\0';
    s->since_ns = now_ns();
    s->polled = s->was_live = s->lost = s->shown.ended = false;
    s->losses = 0;
    memset(s->lost_ns, 0, sizeof s->lost_ns);
    if (ops == NULL)
        refuse_probe(s, e.text);
    else if (probe_spec_runs(s->spec) && !may_exec)
        refuse_probe(s, untrusted);
    else if (!probe_start(w, watch_slot_number(w, s), ops))
        refuse_probe(s, "there is no room for one more thread.");
    w->seq++;
}

/* Starts a probe in a slot; false: there is none.  With the lock held.  A slot whose probe has
 * ended is used again for the same name, so that its series go on. */
static bool start_spec(struct watch *w, struct probe_spec *spec, bool of_profile, bool may_exec)
{
    struct watch_slot *s = watch_slot_named(w, spec->name);
    if (s == NULL)
        s = watch_empty_slot(w);
    if (s == NULL)
        return false;
    struct probe_spec *before = s->spec;
    s->spec = probe_spec_ref(spec);
    probe_spec_unref(before);
    s->of_profile = of_profile;
    begin_slot_probe(w, s, may_exec);
    return true;
}

static bool specs_contain(const struct probe_specs *specs, const struct probe_spec *spec)
{
    for (size_t i = 0; i < specs->n; i++)
        if (probe_spec_equal(specs->items[i], spec))
            return true;
    return false;
}

static bool stopping_probes_ended(const struct watch *w)
{
    for (uint32_t i = 0; i < w->n_slots; i++)
        if (w->slots[i].probe != NULL && w->slots[i].probe->stop)
            return false;
    return true;
}

/* Takes the slots of probes that hang when they are to stop, so that a new probe of the same
 * name need not wait for them. */
static void release_hanging_slots(struct watch *w)
{
    for (uint32_t i = 0; i < w->n_slots; i++) {
        struct watch_slot *s = &w->slots[i];
        if (s->probe != NULL && s->probe->stop)
            watch_slot_off(w, s);
    }
}

/* Stops probes of the previous profile that this one does not have. */
static void stop_other_probes(struct watch *w, const struct probe_specs *specs)
{
    for (uint32_t i = 0; i < w->n_slots; i++) {
        struct watch_slot *s = &w->slots[i];
        if (!s->of_profile || specs_contain(specs, s->spec))
            continue;
        stop_slot_probe(s);
        s->of_profile = s->shown.ended = false;
        if (s->probe == NULL)
            watch_slot_off(w, s);
    }
    watch_wait_until(w, stopping_probes_ended, now_ns() + END_NS);
    release_hanging_slots(w);
}

/* Returns whether a probe of that name runs. */
static bool name_has_probe(struct watch *w, const char *name)
{
    const struct watch_slot *s = watch_slot_named(w, name);
    return s != NULL && s->probe != NULL;
}

void watch_set_profile(struct watch *w, const struct probe_specs *specs, bool may_exec)
{
    bool *left_out = mem_zalloc(specs->n + 1);
    pthread_mutex_lock(&w->lock);
    stop_other_probes(w, specs);
    for (size_t i = 0; i < specs->n; i++)
        if (!name_has_probe(w, specs->items[i]->name)) /* by the same one, or by one of the command
                                                          line, which wins */
            left_out[i] = !start_spec(w, specs->items[i], true, may_exec);
    pthread_mutex_unlock(&w->lock);
    for (size_t i = 0; i < specs->n; i++)
        if (left_out[i])
            watch_event(w, specs->items[i]->name, EVENT_PROBE, "", no_room);
    free(left_out);
}

/* Stops a probe and frees its slot at once, since its thread may hang. */
static void release_probe(struct watch *w, struct watch_slot *s)
{
    stop_slot_probe(s);
    watch_slot_off(w, s);
}

/* Returns whether the probe failed and never had a value: as when its address was mistyped. */
static bool slot_never_worked(const struct watch_slot *s)
{
    return s->seen_ns == 0 && (s->shown.state == PROBE_DOWN || s->shown.state == PROBE_DENIED);
}

static bool probe_name_in_use(const void *watch, const char *name)
{
    const struct watch *w = watch;
    for (uint32_t i = 0; i < w->n_slots; i++)
        if (strcmp(w->slots[i].spec->name, name) == 0)
            return w->slots[i].probe != NULL && !slot_never_worked(&w->slots[i]);
    return false;
}

/* Finds a probe that watches the same under another name of the same stem. */
static const struct watch_slot *slot_alike(const struct watch *w, const struct probe_spec *spec)
{
    size_t n = strlen(spec->name);
    for (uint32_t i = 0; i < w->n_slots; i++) {
        const struct watch_slot *s = &w->slots[i];
        const char *behind = strncmp(s->spec->name, spec->name, n) == 0 ? s->spec->name + n : "x";
        bool so_called = behind[0] == '\0' || behind[0] == ' '; /* "db", "db 2" */
        if (s->probe != NULL && so_called && probe_spec_alike(s->spec, spec))
            return s;
    }
    return NULL;
}

/* Starts a probe added by hand; a probe that failed under its name makes room. */
static bool start_added_spec(struct watch *w, struct probe_spec *spec)
{
    probe_spec_distinguish(spec, probe_name_in_use, w);
    struct watch_slot *s = watch_slot_named(w, spec->name);
    if (s != NULL && s->probe != NULL) {
        release_probe(w, s);
        s->shown.polls = s->shown.failed = 0;
    }
    return start_spec(w, spec, false, spec->typed);
}

bool watch_add_probe(struct watch *w, struct probe_spec *spec, struct err *e)
{
    char name[PROBE_NAME_MAX] = "";
    pthread_mutex_lock(&w->lock);
    const struct watch_slot *there = slot_alike(w, spec);
    bool started = there == NULL && start_added_spec(w, spec);
    if (there != NULL)
        snprintf(name, sizeof name, "%s", there->spec->name);
    pthread_mutex_unlock(&w->lock);
    if (name[0] != '\0')
        return err_set(e, "the probe %s watches that already", name);
    return started || err_set(e, "there are %d probes already, which is the maximum", SNAP_PROBES);
}

static bool all_slots_polled(const struct watch *w)
{
    for (uint32_t i = 0; i < w->n_slots; i++)
        if (!w->slots[i].polled && w->slots[i].probe != NULL)
            return false;
    return true;
}

void watch_wait_polled(struct watch *w, uint64_t ns)
{
    pthread_mutex_lock(&w->lock);
    watch_wait_until(w, all_slots_polled, now_ns() + ns);
    pthread_mutex_unlock(&w->lock);
}

/* ----------------------------------------------------------------- time, load */

void watch_start_axis(struct watch *w, uint64_t start_ns)
{
    pthread_mutex_lock(&w->lock);
    w->start_ns = start_ns;
    for (uint32_t i = 0; i < w->n_tracks; i++)
        track_start_axis(w->tracks[i]);
    pthread_mutex_unlock(&w->lock);
}

void watch_set_load(struct watch *w, bool constant)
{
    pthread_mutex_lock(&w->lock);
    if (constant != w->constant) {
        w->constant = constant;
        for (uint32_t i = 0; i < w->n_tracks; i++)
            track_set_load(w->tracks[i], constant, now_ns(), w->start_ns);
    }
    pthread_mutex_unlock(&w->lock);
}

double watch_axis_s(const struct watch *w, uint64_t t_ns)
{
    if (w->start_ns == 0 || t_ns == 0)
        return NAN;
    return ((double)t_ns - (double)w->start_ns) / (double)NS_PER_S;
}

/* --------------------------------------------------------------------- events */

void watch_event(struct watch *w, const char *probe, enum snap_event_kind kind, const char *group,
                 const char *text)
{
    struct snap_event ev = {.kind = kind};
    clean_text(ev.probe, sizeof ev.probe, probe, strlen(probe));
    clean_text(ev.group, sizeof ev.group, group, strlen(group));
    clean_text(ev.text, sizeof ev.text, text, strlen(text));
    pthread_mutex_lock(&w->lock);
    ev.at_s =
        fmax(0, watch_axis_s(w, now_ns())); /* events from before the axis stand at its beginning */
    w->event[w->events++ % SNAP_EVENTS] = ev;
    w->seq++;
    pthread_mutex_unlock(&w->lock);
    pthread_mutex_lock(&w->event_lock);
    if (w->cfg.event != NULL)
        w->cfg.event(&ev, w->cfg.arg);
    pthread_mutex_unlock(&w->event_lock);
}

/* -------------------------------------------------------------------- details */

/* Returns whether the probe can be asked, or false with the reason.  With the lock held. */
static bool slot_exists(const struct watch *w, uint32_t probe, struct err *e)
{
    if (probe >= w->n_slots)
        return err_set(e, "There is no such probe any more.");
    const struct watch_slot *s = &w->slots[probe];
    if (s->shown.state == PROBE_OFF && !s->shown.ended)
        return err_set(e, "%s is off: the profile in force does not watch it.", s->shown.name);
    return true;
}

bool watch_ask_detail(struct watch *w, uint32_t probe, struct err *e)
{
    pthread_mutex_lock(&w->lock);
    bool there = slot_exists(w, probe, e);
    if (there && w->slots[probe].probe == NULL)
        there = err_set(e, "%s",
                        w->slots[probe].shown.ended ? "This is not watched now (R: again)."
                                                    : w->slots[probe].shown.text);
    if (there) {
        if (w->detail.probe != probe)
            watch_clear_detail(w);
        w->asked = probe;
        w->slots[probe].probe->ask = true;
        probe_wake(w->slots[probe].probe);
    }
    pthread_mutex_unlock(&w->lock);
    return there;
}

bool watch_retry_probe(struct watch *w, uint32_t probe, bool may_exec, struct err *e)
{
    pthread_mutex_lock(&w->lock);
    bool there = slot_exists(w, probe, e);
    struct watch_slot *s = &w->slots[there ? probe : 0];
    if (there && s->probe != NULL) {
        s->probe->retry = true;
        probe_wake(s->probe);
    } else if (there) {
        begin_slot_probe(w, s, may_exec);
        there = s->probe != NULL || err_set(e, "%s: %s", s->shown.name, s->shown.text);
    }
    pthread_mutex_unlock(&w->lock);
    return there;
}

void watch_stop_probe(struct watch *w, uint32_t probe)
{
    pthread_mutex_lock(&w->lock);
    if (probe < w->n_slots && w->slots[probe].shown.state != PROBE_OFF) {
        release_probe(w, &w->slots[probe]);
        w->slots[probe].shown.ended = true;
    }
    pthread_mutex_unlock(&w->lock);
}

struct search {
    struct watch *watch;
    char target[512];
};

static void *discover_main(void *arg)
{
    struct search *s = arg;
    struct watch *w = s->watch;
    struct snap_offer *found = mem_zalloc(SNAP_OFFERS * sizeof *found);
    uint32_t n = w->cfg.discover(s->target, found, SNAP_OFFERS);
    pthread_mutex_lock(&w->lock);
    memcpy(w->offers, found, sizeof w->offers);
    w->n_offers = n;
    w->discovering = false;
    w->seq++;
    pthread_mutex_unlock(&w->lock);
    free(found);
    free(s);
    watch_thread_ends(w);
    return NULL;
}

static bool start_search_thread(struct search *s)
{
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool ok = pthread_create(&thread, NULL, discover_main, s) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ok;
}

void watch_discover(struct watch *w, const char *target)
{
    pthread_mutex_lock(&w->lock);
    if (!w->discovering && !w->stopping && w->cfg.discover != NULL) {
        struct search *s = mem_zalloc(sizeof *s);
        s->watch = w;
        snprintf(s->target, sizeof s->target, "%s", target);
        watch_thread_begins(w);
        w->discovering = start_search_thread(s);
        if (!w->discovering) {
            watch_thread_failed(w);
            free(s);
        }
    }
    pthread_mutex_unlock(&w->lock);
}

/* ------------------------------------------------------------------- snapshot */

static void mark_probe_stale(struct snap_probe *p)
{
    p->state = PROBE_STALE;
    snprintf(p->text, sizeof p->text,
             "its last poll has not returned: the target hangs, or can no longer be reached.");
}

static void copy_slot(const struct watch *w, const struct watch_slot *s, uint64_t now,
                      struct snap_probe *out)
{
    *out = s->shown;
    out->seen_s = watch_axis_s(w, s->seen_ns);
    double age_s = s->seen_ns == 0 ? 0 : (double)(now - s->seen_ns) / (double)NS_PER_S;
    if (out->state == PROBE_LIVE && age_s > STALE_PERIODS * out->period_s + 1)
        mark_probe_stale(out);
}

static uint32_t newest_second(const struct watch *w)
{
    uint32_t newest = 0;
    for (uint32_t i = 0; i < w->n_tracks; i++)
        if (w->tracks[i]->second != TRACK_NO_SECOND && w->tracks[i]->second > newest)
            newest = w->tracks[i]->second;
    return newest;
}

/* Copies a series; without its alarm when the probe is not live, since the target may have left
 * its limit. */
static void copy_track(const struct watch *w, const struct track *t, struct probe_snapshot *out)
{
    struct snap_series *s = &out->series[out->n_series];
    track_copy(t, w->start_ns, out->newest_s, s, out->history[out->n_series],
               out->past[out->n_series]);
    if (out->probes[s->probe].state != PROBE_LIVE)
        s->alarm = ALARM_NONE;
    out->n_series++;
}

static void copy_events(const struct watch *w, struct probe_snapshot *out)
{
    out->events = w->events;
    out->n_events = w->events < SNAP_EVENTS ? (uint32_t)w->events : SNAP_EVENTS;
    for (uint32_t i = 0; i < out->n_events; i++)
        out->event[i] = w->event[(w->events - out->n_events + i) % SNAP_EVENTS];
}

/* Copies all series: those of a probe adjacent, in the order in which it made them. */
static void copy_series(const struct watch *w, struct probe_snapshot *out)
{
    out->n_series = 0;
    out->newest_s = newest_second(w);
    for (uint32_t p = 0; p < w->n_slots; p++)
        for (uint32_t i = 0; i < w->n_tracks; i++)
            if (w->tracks[i]->shown.probe == p)
                copy_track(w, w->tracks[i], out);
}

void watch_snapshot(struct watch *w, struct probe_snapshot *out)
{
    pthread_mutex_lock(&w->lock);
    uint64_t now = now_ns();
    out->seq = w->seq;
    out->elapsed_s = w->start_ns == 0 ? 0 : watch_axis_s(w, now);
    out->n_probes = w->n_slots;
    for (uint32_t i = 0; i < w->n_slots; i++)
        copy_slot(w, &w->slots[i], now, &out->probes[i]);
    copy_series(w, out);
    copy_events(w, out);
    out->discovering = w->discovering;
    out->n_offers = w->n_offers;
    memcpy(out->offers, w->offers, sizeof out->offers);
    out->detail = w->detail;
    out->detail.asked = w->asked != NOBODY;
    pthread_mutex_unlock(&w->lock);
}
