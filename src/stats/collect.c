/* SPDX-License-Identifier: MIT */
#include "src/stats/collect.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/stats/aggregate.h"
#include "src/stats/gather.h"
#include "src/stats/gauge.h"
#include "src/stats/health_look.h"
#include "src/stats/loadtime.h"
#include "src/stats/note.h"
#include "src/stats/ring.h"
#include "src/stats/sample.h"
#include "src/stats/snapshot_make.h"

#define RING_SAMPLES 32768
#define RING_NOTES 64
#define BATCH 256
#define SLEEP_NS (3 * 1000 * 1000)
#define GAPS 8
#define MARKS_WAITING 1024
#define LOAD_CHANGES 16 /* changes of the load between two looks */
#define STOPS 8
/* Not awake for so long: the program may have been stopped.  A stop is told within TOLD_NS. */
#define ASLEEP_NS (NS_PER_S / 2)
#define TOLD_NS (100 * NS_PER_MS)
#define OTHERS (SNAP_ENDPOINTS - 1u)
#define OTHER_CLASSES (SECOND_CLASSES - 1u)

_Static_assert((int)GAUGE_CLASSES == (int)SECOND_CLASSES, "a worker counts what a second tells");

/* Load began or ended. */
struct load_change {
    bool on;
    uint64_t at_ns;
    uint32_t users;
};

/* A time in which the program was stopped. */
struct gap {
    uint64_t from_ns, to_ns;
    bool stop; /* the program was stopped; else nothing ran */
};

struct collector {
    struct collect_config cfg;
    struct ring **samples, **notes;
    struct gauge *gauges;

    pthread_t thread;
    bool running; /* only the thread that starts and stops us */
    atomic_bool stop;

    /* The collector thread's own. */
    struct gather *gather;
    struct aggregate *aggregate;
    struct second open; /* the open seconds, as they were at the newest publication */
    struct loadtime loadtime;
    struct health_look *look;
    struct gauges_now now;                               /* at the newest look */
    uint32_t n_classes_now, class_users[SECOND_CLASSES]; /* the same */
    struct snapshot *work;
    struct sample batch[BATCH];
    uint64_t next_publish_ns;
    uint64_t looked_ns;    /* when the generator was last looked at */
    uint64_t axis_end_ns;  /* the axis ends here: nothing runs; UINT64_MAX: it goes on */
    uint64_t awake_ns;     /* when it was last awake */
    uint64_t stop_expected_ns; /* until then it waits to be told how long it was stopped */
    uint64_t stops[STOPS]; /* the middle of each of the newest, 0: none */
    unsigned n_stops;      /* ever */
    uint64_t invalid;      /* samples left out, as the program was stopped meanwhile */

    _Atomic uint64_t start_ns; /* relaxed: a figure; set before the thread starts */

    pthread_mutex_t lock; /* guards all below; held for copies only */
    struct snapshot *published;
    enum snap_window window;
    uint32_t n_endpoints;
    struct snap_name endpoints[SNAP_ENDPOINTS];
    uint32_t n_classes;
    char classes[SECOND_CLASSES][SNAP_NAME];
    uint32_t n_marks; /* the collector's thread has not seen yet */
    struct snap_mark *marks;
    struct snap_mark newest_mark;
    unsigned user_marks;
    unsigned n_gaps;
    struct gap gaps[GAPS];
    unsigned n_load_changes;
    struct load_change load_changes[LOAD_CHANGES];
    uint64_t paused_ns; /* nothing runs since the end of this second, 0: something does */
};

/* ------------------------------------------------------------------- life */

struct collector *collect_create(const struct collect_config *cfg)
{
    struct collector *c = mem_zalloc(sizeof *c);
    c->cfg = *cfg;
    pthread_mutex_init(&c->lock, NULL);
    c->work = mem_zalloc(sizeof *c->work);
    c->published = mem_zalloc(sizeof *c->published);
    c->samples = mem_array(cfg->workers, sizeof *c->samples);
    c->notes = mem_array(cfg->workers, sizeof *c->notes);
    c->gauges = mem_aligned(_Alignof(struct gauge), cfg->workers * sizeof *c->gauges);
    for (unsigned i = 0; i < cfg->workers; i++) {
        c->samples[i] = ring_create(cfg->ring_samples != 0 ? cfg->ring_samples : RING_SAMPLES,
                                    sizeof(struct sample));
        c->notes[i] = ring_create(RING_NOTES, sizeof(struct note));
    }
    c->look = health_look_create(cfg->workers);
    c->window = SNAP_10S;
    /* The row of others in the table of failures needs a name, even if no endpoint is in it. */
    snprintf(c->endpoints[OTHERS].name, sizeof c->endpoints[OTHERS].name, "(others)");
    return c;
}

void collect_destroy(struct collector *c)
{
    if (c == NULL)
        return;
    collect_stop(c);
    for (unsigned i = 0; i < c->cfg.workers; i++) {
        ring_destroy(c->samples[i]);
        ring_destroy(c->notes[i]);
    }
    free(c->samples);
    free(c->notes);
    free(c->gauges);
    gather_destroy(c->gather);
    aggregate_destroy(c->aggregate);
    second_finish(&c->open);
    health_look_destroy(c->look);
    free(c->marks);
    free(c->work);
    free(c->published);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

struct collect_lane collect_lane(struct collector *c, unsigned worker)
{
    return (struct collect_lane){
        .samples = c->samples[worker], .notes = c->notes[worker], .gauge = &c->gauges[worker]};
}

uint64_t collect_start_ns(const struct collector *c)
{
    return atomic_load_explicit(&c->start_ns, memory_order_relaxed);
}

/* ------------------------------------------------- what other threads hand in */

uint16_t collect_endpoint(struct collector *c, const char *method, const char *name)
{
    struct snap_name wanted;
    uint32_t id;

    clean_text(wanted.method, sizeof wanted.method, method, strlen(method));
    clean_text(wanted.name, sizeof wanted.name, name, strlen(name));
    pthread_mutex_lock(&c->lock);
    for (id = 0; id < c->n_endpoints; id++)
        if (strcmp(c->endpoints[id].name, wanted.name) == 0 &&
            strcmp(c->endpoints[id].method, wanted.method) == 0)
            break;
    if (id == c->n_endpoints && id < OTHERS) {
        c->endpoints[id] = wanted;
        c->n_endpoints++;
    } else if (id >= OTHERS) {
        id = OTHERS;
        c->n_endpoints = SNAP_ENDPOINTS;
    }
    pthread_mutex_unlock(&c->lock);
    return (uint16_t)id;
}

uint16_t collect_class(struct collector *c, const char *name)
{
    char wanted[SNAP_NAME];
    uint32_t id = 0;

    clean_text(wanted, sizeof wanted, name, strlen(name));
    pthread_mutex_lock(&c->lock);
    while (id < c->n_classes && strcmp(c->classes[id], wanted) != 0)
        id++;
    if (id >= OTHER_CLASSES) {
        id = OTHER_CLASSES;
        snprintf(wanted, sizeof wanted, "(others)");
    }
    if (id >= c->n_classes) {
        memcpy(c->classes[id], wanted, sizeof wanted);
        c->n_classes = id + 1;
    }
    pthread_mutex_unlock(&c->lock);
    return (uint16_t)id;
}

uint32_t collect_class_names(struct collector *c, char (*out)[SNAP_NAME])
{
    pthread_mutex_lock(&c->lock);
    uint32_t n = c->n_classes;
    memcpy(out, c->classes, n * sizeof *out);
    pthread_mutex_unlock(&c->lock);
    return n;
}

static char mark_letter(struct collector *c, enum snap_mark_kind kind)
{
    static const char signs[] = {
        [SNAP_MARK_USER] = 'a',  [SNAP_MARK_LOAD] = '+', [SNAP_MARK_PROFILE] = '#',
        [SNAP_MARK_ALERT] = '!', [SNAP_MARK_GAP] = '~',  [SNAP_MARK_TARGET] = '*',
    };
    if (kind == SNAP_MARK_USER)
        return (char)('a' + c->user_marks++ % 26);
    return (unsigned)kind < sizeof signs ? signs[kind] : '?';
}

/* With the lock held. */
static void push_mark(struct collector *c, const struct snap_mark *m)
{
    if (c->n_marks == MARKS_WAITING) /* within one turn of the collector: somebody is mad */
        c->n_marks--;
    c->marks = mem_room(c->marks, c->n_marks, sizeof *c->marks);
    c->marks[c->n_marks++] = c->newest_mark = *m;
}

static void add_mark(struct collector *c, enum snap_mark_kind kind, char letter, double at_s,
                     const char *text)
{
    struct snap_mark m = {.at_s = at_s, .kind = (uint8_t)kind};
    clean_text(m.text, sizeof m.text, text, strlen(text));
    pthread_mutex_lock(&c->lock);
    m.letter = letter != 0 ? letter : mark_letter(c, kind);
    push_mark(c, &m);
    pthread_mutex_unlock(&c->lock);
}

static double since_start_s(const struct collector *c, uint64_t now)
{
    uint64_t start = collect_start_ns(c);
    return start != 0 && now > start ? (double)(now - start) / 1e9 : 0;
}

void collect_mark(struct collector *c, enum snap_mark_kind kind, char letter, const char *text)
{
    add_mark(c, kind, letter, since_start_s(c, now_ns()), text != NULL ? text : "");
}

void collect_mark_again(struct collector *c, const char *text)
{
    pthread_mutex_lock(&c->lock);
    struct snap_mark m = c->newest_mark;
    bool again = m.letter != '\0' && m.kind == SNAP_MARK_LOAD;
    if (again) {
        clean_text(m.text, sizeof m.text, text, strlen(text));
        push_mark(c, &m);
    }
    pthread_mutex_unlock(&c->lock);
    if (!again)
        collect_mark(c, SNAP_MARK_LOAD, 0, text);
}

/* With the lock held. */
static void add_gap(struct collector *c, uint64_t from_ns, uint64_t to_ns, bool stop)
{
    if (c->n_gaps < GAPS && from_ns < to_ns)
        c->gaps[c->n_gaps++] = (struct gap){from_ns, to_ns, stop};
}

void collect_load(struct collector *c, bool on, uint64_t at_ns, uint32_t users)
{
    pthread_mutex_lock(&c->lock);
    if (c->n_load_changes == LOAD_CHANGES) /* changes in between are shorter than a look */
        c->n_load_changes--;
    c->load_changes[c->n_load_changes++] = (struct load_change){on, at_ns, users};
    pthread_mutex_unlock(&c->lock);
}

void collect_pause(struct collector *c, bool pause)
{
    uint64_t now = now_ns(), start = collect_start_ns(c);

    pthread_mutex_lock(&c->lock);
    if (pause && c->paused_ns == 0 && start != 0) {
        c->paused_ns = start + ((now - start) / NS_PER_S + 1) * NS_PER_S;
        add_gap(c, now, c->paused_ns, false); /* or the last rate would be of a part over a whole */
    } else if (!pause && c->paused_ns != 0) {
        add_gap(c, c->paused_ns, now, false);
        c->paused_ns = 0;
    }
    pthread_mutex_unlock(&c->lock);
}

void collect_gap(struct collector *c, uint64_t gap_ns)
{
    char text[SNAP_NAME];
    uint64_t now = now_ns();

    pthread_mutex_lock(&c->lock);
    add_gap(c, now > gap_ns ? now - gap_ns : 0, now, true);
    pthread_mutex_unlock(&c->lock);
    if (gap_ns == 0)
        return;
    snprintf(text, sizeof text, "stopped for %.1f s", (double)gap_ns / 1e9);
    add_mark(c, SNAP_MARK_GAP, 0, since_start_s(c, now), text);
}

void collect_burst(const struct collector *c, uint16_t number, struct burst_figures *out)
{
    aggregate_burst(c->aggregate, &c->open, number, out);
}

void collect_set_window(struct collector *c, enum snap_window w)
{
    pthread_mutex_lock(&c->lock);
    c->window = w;
    pthread_mutex_unlock(&c->lock);
}

void collect_snapshot(struct collector *c, struct snapshot *out)
{
    pthread_mutex_lock(&c->lock);
    memcpy(out, c->published, sizeof *out);
    pthread_mutex_unlock(&c->lock);
}

/* --------------------------------------------------------- the collector thread */

static uint64_t busy_ns(const struct collector *c)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < c->cfg.workers; i++)
        sum += atomic_load_explicit(&c->gauges[i].busy_ns, memory_order_relaxed);
    return sum;
}

static void take_load_changes(struct collector *c)
{
    struct load_change load_changes[LOAD_CHANGES];
    pthread_mutex_lock(&c->lock);
    unsigned n = c->n_load_changes;
    memcpy(load_changes, c->load_changes, n * sizeof *load_changes);
    c->n_load_changes = 0;
    pthread_mutex_unlock(&c->lock);
    for (unsigned i = 0; i < n; i++) {
        if (load_changes[i].on)
            loadtime_on(&c->loadtime, load_changes[i].at_ns, gather_last_done_ns(c->gather),
                        busy_ns(c));
        else
            loadtime_off(&c->loadtime, load_changes[i].at_ns, load_changes[i].users);
    }
}

static void take_requests(struct collector *c)
{
    struct gap gaps[GAPS];
    struct snap_mark *marks;

    pthread_mutex_lock(&c->lock);
    enum snap_window w = c->window;
    unsigned n = c->n_gaps;
    memcpy(gaps, c->gaps, n * sizeof *gaps);
    c->n_gaps = 0;
    uint32_t n_marks = c->n_marks;
    marks = c->marks;
    c->marks = NULL;
    c->n_marks = 0;
    c->n_classes_now = c->n_classes;
    c->axis_end_ns = c->paused_ns != 0 ? c->paused_ns : UINT64_MAX;
    pthread_mutex_unlock(&c->lock);
    for (unsigned i = 0; i < n; i++) {
        gather_gap(c->gather, gaps[i].from_ns, gaps[i].to_ns);
        if (gaps[i].stop) {
            loadtime_gap(&c->loadtime, gaps[i].from_ns, gaps[i].to_ns,
                         gather_last_done_ns(c->gather));
            c->stops[c->n_stops++ % STOPS] = gaps[i].from_ns / 2 + gaps[i].to_ns / 2;
            c->stop_expected_ns = 0;
        }
    }
    for (uint32_t i = 0; i < n_marks; i++) {
        aggregate_mark(c->aggregate, &marks[i]);
        gather_mark(c->gather, &marks[i]);
    }
    free(marks);
    take_load_changes(c);
    aggregate_set_window(c->aggregate, w);
}

/* Was it under way while the program was stopped?  Then its time says nothing of the target.
 * Those who tell of a stop know its ends only roughly; its middle is safe. */
static bool is_sample_invalid(const struct collector *c, const struct sample *s)
{
    for (unsigned i = 0; i < STOPS && i < c->n_stops; i++)
        if (s->sent_ns < c->stops[i] && s->done_ns > c->stops[i])
            return true;
    return false;
}

static void take_sample(struct collector *c, const struct sample *s)
{
    if (is_sample_invalid(c, s)) {
        c->invalid++;
        return;
    }
    gather_add(c->gather, s);
}

static size_t drain_ring(struct collector *c, struct ring *ring, size_t limit)
{
    size_t taken = 0, n;
    do {
        n = ring_drain(ring, c->batch, BATCH);
        uint64_t now = n > 0 ? now_ns() : 0;
        for (size_t i = 0; i < n; i++) {
            /* Nothing can be done later than now; a wrong stamp must not move the axis. */
            if (c->batch[i].done_ns > now)
                c->batch[i].done_ns = now;
            take_sample(c, &c->batch[i]);
        }
        taken += n;
    } while (n == BATCH && taken < limit);
    return taken;
}

/* Empties all rings, each at most once round.  Returns how many samples came. */
static size_t drain_rings(struct collector *c)
{
    size_t taken = 0;
    struct note note;
    for (unsigned i = 0; i < c->cfg.workers; i++) {
        struct ring *ring = c->samples[i];
        health_look_ring(c->look, ring_fill(ring), ring_capacity(ring));
        taken += drain_ring(c, ring, ring_capacity(ring));
    }
    for (unsigned i = 0; i < c->cfg.workers; i++)
        for (unsigned k = 0; k < RING_NOTES && ring_drain(c->notes[i], &note, 1) == 1; k++) {
            note.text[sizeof note.text - 1] = '\0';
            gather_note(c->gather, &note);
        }
    return taken;
}

static uint64_t ring_samples_lost(const struct collector *c)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < c->cfg.workers; i++)
        sum += ring_lost(c->samples[i]);
    return sum;
}

static void read_gauge(const struct gauge *g, struct gauges_now *now, uint64_t *oldest)
{
    uint64_t since = atomic_load_explicit(&g->oldest_ns, memory_order_relaxed);
    now->users += atomic_load_explicit(&g->users, memory_order_relaxed);
    now->users_peak += atomic_load_explicit(&g->users_most, memory_order_relaxed);
    now->in_flight += atomic_load_explicit(&g->in_flight, memory_order_relaxed);
    now->started += atomic_load_explicit(&g->started, memory_order_relaxed);
    now->aborted += atomic_load_explicit(&g->aborted, memory_order_relaxed);
    now->given_up += atomic_load_explicit(&g->given_up, memory_order_relaxed);
    now->sent_again += atomic_load_explicit(&g->sent_again, memory_order_relaxed);
    now->cut_short += atomic_load_explicit(&g->cut_short, memory_order_relaxed);
    uint64_t waited = atomic_load_explicit(&g->given_up_ns, memory_order_relaxed);
    now->given_up_ns = waited > now->given_up_ns ? waited : now->given_up_ns;
    if (since != 0 && since < *oldest)
        *oldest = since;
}

/* How long load was made; of all other time rates over the run leave out what nobody was busy
 * in. */
static void read_spans(const struct collector *c, uint64_t now_ns, struct gauges_now *now)
{
    struct load_spans s = loadtime_look(&c->loadtime, now_ns, gather_last_done_ns(c->gather),
                                        now->in_flight > 0, busy_ns(c));
    uint64_t start = collect_start_ns(c),
             axis_ns = now_ns < c->axis_end_ns ? now_ns : c->axis_end_ns;
    uint64_t out_ns = start + gather_stopped_ns(c->gather) + s.rate_ns;
    now->elapsed_ns = now_ns > start ? now_ns - start : 0;
    now->load_ns = s.load_ns;
    now->drain_ns = s.drain_ns;
    now->rate_ns = s.rate_ns;
    now->left_out_ns = axis_ns > out_ns ? axis_ns - out_ns : 0;
}

static void read_class_users(struct collector *c)
{
    memset(c->class_users, 0, sizeof c->class_users);
    for (unsigned i = 0; i < c->cfg.workers; i++)
        for (uint32_t k = 0; k < c->n_classes_now; k++)
            c->class_users[k] +=
                atomic_load_explicit(&c->gauges[i].class_users[k], memory_order_relaxed);
}

static struct gather_end end_of_now(const struct collector *c)
{
    return (struct gather_end){
        .now = c->now, .n_classes = c->n_classes_now, .class_users = c->class_users};
}

static void read_gauges(struct collector *c, uint64_t now_ns)
{
    struct gauges_now now = {.users_wanted = c->work->run.users_wanted,
                             .aborted = c->invalid}; /* as those are that a worker knows of */
    uint64_t oldest = UINT64_MAX;

    for (unsigned i = 0; i < c->cfg.workers; i++)
        read_gauge(&c->gauges[i], &now, &oldest);
    now.oldest_ns = oldest < now_ns ? now_ns - oldest : 0;
    read_class_users(c);
    if (now.users > now.users_peak) /* a user that has just begun */
        now.users_peak = now.users;
    if (now.users_peak < c->now.users_peak)
        now.users_peak = c->now.users_peak;
    read_spans(c, now_ns, &now);
    c->now = now;
}

/* Copies what other threads may have added. */
static void copy_names(struct collector *c, struct snap_name *names, uint32_t *n_names)
{
    pthread_mutex_lock(&c->lock);
    *n_names = c->n_endpoints;
    memcpy(names, c->endpoints, sizeof c->endpoints);
    c->work->run.window = c->window;
    pthread_mutex_unlock(&c->lock);
}

void collect_republish(struct collector *c, void (*fill)(struct snapshot *snap, void *arg),
                       void *arg)
{
    pthread_mutex_lock(&c->lock);
    fill(c->published, arg);
    pthread_mutex_unlock(&c->lock);
}

static void publish_snapshot(struct collector *c)
{
    struct snap_name names[SNAP_ENDPOINTS];
    struct snapshot_parts parts = {.aggregate = c->aggregate,
                                   .open = &c->open,
                                   .now = &c->now,
                                   .names = names,
                                   .tick = c->cfg.tick,
                                   .fill = c->cfg.fill,
                                   .arg = c->cfg.arg};
    copy_names(c, names, &parts.n_names);
    second_finish(&c->open);
    gather_look(c->gather, &c->open);
    snapshot_make(c->work, &parts);
    pthread_mutex_lock(&c->lock);
    if (c->published->run.changes > c->work->run.changes) /* a command came in between */
        c->work->run = c->published->run;
    memcpy(c->published, c->work, sizeof *c->published);
    pthread_mutex_unlock(&c->lock);
}

static void look_at_health(struct collector *c, uint64_t now, struct second_health *out)
{
    health_look_take(c->look, now, c->gauges, ring_samples_lost(c), out);
    c->looked_ns = now;
}

/* While nothing runs there are no seconds that would tell of it. */
static void look_without_second(struct collector *c, uint64_t now)
{
    struct second_health h;
    look_at_health(c, now, &h);
    aggregate_health(c->aggregate, &h);
}

static void close_seconds(struct collector *c, uint64_t now)
{
    /* The one under way when the pause began is closed too. */
    uint64_t paused_ns = c->axis_end_ns < UINT64_MAX ? c->axis_end_ns + NS_PER_S / 2 : UINT64_MAX;
    uint64_t until_ns = now < paused_ns ? now : paused_ns;
    struct gather_end end = end_of_now(c);
    if (gather_is_due(c->gather, until_ns)) {
        look_at_health(c, now, &end.health);
        gather_close(c->gather, until_ns, &end);
    } else if (now >= paused_ns && now - c->looked_ns >= NS_PER_S) {
        look_without_second(c, now);
    }
}

/* After a stop this thread may be awake before the one that tells of it: the samples that were
 * under way are still in the rings then, and no second is closed. */
static bool is_stop_expected(struct collector *c, uint64_t now)
{
    if (now - c->awake_ns > ASLEEP_NS)
        c->stop_expected_ns = now + TOLD_NS;
    c->awake_ns = now;
    return now < c->stop_expected_ns;
}

/* The clock is read before the rings are emptied: a second is closed only after all that was
 * pushed up to then has been counted. */
static size_t collector_loop_once(struct collector *c)
{
    uint64_t now = now_ns();
    bool expected = is_stop_expected(c, now);
    take_requests(c);
    if (expected && now < c->stop_expected_ns)
        return 0;
    now = now_ns();
    size_t taken = drain_rings(c);
    read_gauges(c, now);
    close_seconds(c, now);
    if (now >= c->next_publish_ns) {
        publish_snapshot(c);
        c->next_publish_ns += COLLECT_PUBLISH_MS * NS_PER_MS;
        if (c->next_publish_ns <= now) /* we were held up: no burst to catch up */
            c->next_publish_ns = now + COLLECT_PUBLISH_MS * NS_PER_MS;
    }
    return taken;
}

static void collector_finish(struct collector *c)
{
    take_requests(c);
    while (drain_rings(c) > 0)
        continue;
    uint64_t now = now_ns();
    read_gauges(c, now);
    struct gather_end end = end_of_now(c);
    look_at_health(c, now, &end.health);
    gather_finish(c->gather, now < c->axis_end_ns ? now : c->axis_end_ns, &end);
    publish_snapshot(c);
}

static void *collect_main(void *arg)
{
    static const struct timespec pause = {.tv_nsec = SLEEP_NS};
    struct collector *c = arg;
    /* Pairs with the release in collect_stop(): the workers' last pushes are seen. */
    while (!atomic_load_explicit(&c->stop, memory_order_acquire)) {
        if (collector_loop_once(c) < BATCH)
            nanosleep(&pause, NULL);
    }
    collector_finish(c);
    return NULL;
}

bool collect_start(struct collector *c, struct err *e)
{
    sigset_t all, before;
    uint64_t now = now_ns();

    if (c->running || c->gather != NULL)
        return err_set(e, "The statistics of this run have been started already.");
    atomic_store_explicit(&c->start_ns, now, memory_order_relaxed);
    c->work->started_wall_s = now_wall_s();
    c->gather = gather_create(now, (uint64_t)(c->work->started_wall_s * 1e9));
    c->aggregate = aggregate_create(c->window);
    gather_listen(c->gather, aggregate_book, c->aggregate);
    if (c->cfg.finished != NULL)
        gather_listen(c->gather, c->cfg.finished, c->cfg.finished_arg);
    c->next_publish_ns = c->awake_ns = now;
    loadtime_on(&c->loadtime, now, 0, 0);
    look_without_second(c, now);
    sigfillset(&all); /* only main handles signals */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&c->thread, NULL, collect_main, c);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0) {
        gather_destroy(c->gather);
        aggregate_destroy(c->aggregate);
        c->gather = NULL;
        c->aggregate = NULL;
        return err_set(e,
                       "The statistics thread could not be started: %s; raise the limit of "
                       "processes (ulimit -u) or free memory.",
                       strerror(rc));
    }
    c->running = true;
    return true;
}

void collect_stop(struct collector *c)
{
    if (!c->running)
        return;
    /* Pairs with the acquire in collect_main(). */
    atomic_store_explicit(&c->stop, true, memory_order_release);
    pthread_join(c->thread, NULL);
    c->running = false;
}
