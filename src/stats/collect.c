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
#include "src/stats/bursts.h"
#include "src/stats/gauge.h"
#include "src/stats/health.h"
#include "src/stats/ledger.h"
#include "src/stats/loadtime.h"
#include "src/stats/note.h"
#include "src/stats/ring.h"
#include "src/stats/sample.h"

#define RING_SAMPLES 32768
#define RING_NOTES 64
#define BATCH 256
#define SLEEP_NS (3 * 1000 * 1000)
#define GAPS 8
#define TURNS 16 /* of the load, between two looks */
#define STOPS 8
/* Not awake for so long: the program may have been stopped.  Who knows tells it within ... */
#define ASLEEP_NS (NS_PER_S / 2)
#define TOLD_NS (100 * NS_PER_MS)
#define OTHERS (SNAP_ENDPOINTS - 1u)

struct endpoint {
    char method[sizeof((struct snap_endpoint *)0)->method];
    char name[SNAP_NAME];
};

/* Load began or ended. */
struct turn {
    bool on;
    uint64_t at_ns;
    uint32_t users;
};

/* A time in which the program was stopped. */
struct gap {
    uint64_t from_ns, to_ns;
    bool stop; /* and not only at rest */
};

struct collector {
    struct collect_config cfg;
    struct ring **samples, **notes;
    struct gauge *gauges;

    pthread_t thread;
    bool running; /* only the thread that starts and stops us */
    atomic_bool stop;

    /* The collector thread's own. */
    struct ledger *ledger;
    struct loadtime loadtime;
    uint64_t last_done_ns, busy_ns; /* of the newest turn */
    struct bursts *bursts;
    struct health *health;
    struct snapshot *work;
    struct sample batch[BATCH];
    uint64_t next_publish_ns, next_tick_ns;
    uint64_t close_until_ns; /* seconds that end later stay open */
    uint64_t turned_ns;      /* when it was last awake */
    uint64_t patient_ns;     /* until then it waits to be told how long it was stopped */
    uint64_t stops[STOPS];   /* the middle of each of the newest, 0: none */
    unsigned n_stops;        /* ever */
    uint64_t spoiled;        /* samples left out, as the program was stopped meanwhile */

    _Atomic uint64_t start_ns; /* relaxed: a figure; set before the thread starts */

    pthread_mutex_t lock; /* guards all below; held for copies only */
    struct snapshot *published;
    enum snap_window window;
    uint32_t n_endpoints;
    struct endpoint endpoints[SNAP_ENDPOINTS];
    uint32_t n_marks; /* ever */
    struct snap_mark marks[SNAP_MARKS];
    unsigned user_marks;
    unsigned n_gaps;
    struct gap gaps[GAPS];
    unsigned n_turns;
    struct turn turns[TURNS];
    uint64_t rest_ns; /* nothing runs since the end of this second, 0: something does */
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
    c->health = health_create(cfg->workers);
    c->bursts = bursts_create();
    c->window = SNAP_10S;
    /* Its row in the failures table needs a name even when no endpoint went there. */
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
    ledger_destroy(c->ledger);
    health_destroy(c->health);
    bursts_destroy(c->bursts);
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
    struct endpoint wanted;
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

static char letter_of(struct collector *c, enum snap_mark_kind kind)
{
    static const char signs[] = {
        [SNAP_MARK_USER] = 'a',  [SNAP_MARK_LOAD] = '+', [SNAP_MARK_PROFILE] = '#',
        [SNAP_MARK_ALERT] = '!', [SNAP_MARK_GAP] = '~',  [SNAP_MARK_TARGET] = '*',
    };
    if (kind == SNAP_MARK_USER)
        return (char)('a' + c->user_marks++ % 26);
    return (unsigned)kind < sizeof signs ? signs[kind] : '?';
}

static void add_mark(struct collector *c, enum snap_mark_kind kind, char letter, double at_s,
                     const char *text)
{
    struct snap_mark m = {.at_s = at_s, .kind = (uint8_t)kind};
    clean_text(m.text, sizeof m.text, text, strlen(text));
    pthread_mutex_lock(&c->lock);
    m.letter = letter != 0 ? letter : letter_of(c, kind);
    c->marks[c->n_marks++ % SNAP_MARKS] = m;
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
    struct snap_mark *newest = &c->marks[(c->n_marks - 1) % SNAP_MARKS];
    bool again = c->n_marks > 0 && newest->kind == SNAP_MARK_LOAD;
    if (again)
        clean_text(newest->text, sizeof newest->text, text, strlen(text));
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
    if (c->n_turns == TURNS) /* what is in between is shorter than a look */
        c->n_turns--;
    c->turns[c->n_turns++] = (struct turn){on, at_ns, users};
    pthread_mutex_unlock(&c->lock);
}

void collect_rest(struct collector *c, bool rest)
{
    uint64_t now = now_ns(), start = collect_start_ns(c);

    pthread_mutex_lock(&c->lock);
    if (rest && c->rest_ns == 0 && start != 0) {
        c->rest_ns = start + ((now - start) / NS_PER_S + 1) * NS_PER_S;
        add_gap(c, now, c->rest_ns, false); /* or the last rate would be of a part over a whole */
    } else if (!rest && c->rest_ns != 0) {
        add_gap(c, c->rest_ns, now, false);
        c->rest_ns = 0;
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
    bursts_figures(c->bursts, number, out);
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

static void take_turns(struct collector *c)
{
    struct turn turns[TURNS];
    pthread_mutex_lock(&c->lock);
    unsigned n = c->n_turns;
    memcpy(turns, c->turns, n * sizeof *turns);
    c->n_turns = 0;
    pthread_mutex_unlock(&c->lock);
    for (unsigned i = 0; i < n; i++) {
        if (turns[i].on)
            loadtime_on(&c->loadtime, turns[i].at_ns, ledger_last_done_ns(c->ledger), busy_ns(c));
        else
            loadtime_off(&c->loadtime, turns[i].at_ns, turns[i].users);
    }
}

static void take_requests(struct collector *c)
{
    struct gap gaps[GAPS];

    pthread_mutex_lock(&c->lock);
    enum snap_window w = c->window;
    unsigned n = c->n_gaps;
    memcpy(gaps, c->gaps, n * sizeof *gaps);
    c->n_gaps = 0;
    c->close_until_ns = c->rest_ns != 0 ? c->rest_ns + NS_PER_S / 2 : UINT64_MAX;
    pthread_mutex_unlock(&c->lock);
    for (unsigned i = 0; i < n; i++) {
        ledger_gap(c->ledger, gaps[i].from_ns, gaps[i].to_ns);
        if (gaps[i].stop) {
            loadtime_gap(&c->loadtime, gaps[i].from_ns, gaps[i].to_ns,
                         ledger_last_done_ns(c->ledger));
            c->stops[c->n_stops++ % STOPS] = gaps[i].from_ns / 2 + gaps[i].to_ns / 2;
            c->patient_ns = 0;
        }
    }
    take_turns(c);
    ledger_set_window(c->ledger, w);
}

/* Was it under way while the program was stopped?  Then its time says nothing of the target.
 * Those who tell of a stop know its ends only roughly; its middle is safe. */
static bool is_spoiled(const struct collector *c, const struct sample *s)
{
    for (unsigned i = 0; i < STOPS && i < c->n_stops; i++)
        if (s->sent_ns < c->stops[i] && s->done_ns > c->stops[i])
            return true;
    return false;
}

static void take_sample(struct collector *c, const struct sample *s)
{
    if (is_spoiled(c, s)) {
        c->spoiled++;
        return;
    }
    ledger_add(c->ledger, s);
    if (s->burst != 0)
        bursts_count(c->bursts, s);
    health_lag(c->health, s->lag_us);
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

/* One turn over all rings, each at most once round.  Returns how many samples came. */
static size_t drain(struct collector *c)
{
    size_t taken = 0;
    struct note note;
    for (unsigned i = 0; i < c->cfg.workers; i++) {
        struct ring *ring = c->samples[i];
        health_ring(c->health, 100.0 * (double)ring_fill(ring) / (double)ring_capacity(ring));
        taken += drain_ring(c, ring, ring_capacity(ring));
    }
    for (unsigned i = 0; i < c->cfg.workers; i++)
        for (unsigned k = 0; k < RING_NOTES && ring_drain(c->notes[i], &note, 1) == 1; k++) {
            note.text[sizeof note.text - 1] = '\0';
            ledger_note(c->ledger, &note);
        }
    return taken;
}

static uint64_t lost(const struct collector *c)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < c->cfg.workers; i++)
        sum += ring_lost(c->samples[i]);
    return sum;
}

/* The workers' sums, straight into the snapshot. */
static void read_gauges(struct collector *c, uint64_t now)
{
    struct snapshot *w = c->work;
    uint64_t oldest = UINT64_MAX, longest = 0;
    uint32_t most = 0;

    w->users = w->in_flight = 0;
    w->started = w->given_up = w->sent_again = w->cut_short = 0;
    w->aborted = c->spoiled; /* as those are that a worker knows of */
    for (unsigned i = 0; i < c->cfg.workers; i++) {
        struct gauge *g = &c->gauges[i];
        uint64_t since = atomic_load_explicit(&g->oldest_ns, memory_order_relaxed);
        w->users += atomic_load_explicit(&g->users, memory_order_relaxed);
        most += atomic_load_explicit(&g->users_most, memory_order_relaxed);
        w->in_flight += atomic_load_explicit(&g->in_flight, memory_order_relaxed);
        w->started += atomic_load_explicit(&g->started, memory_order_relaxed);
        w->aborted += atomic_load_explicit(&g->aborted, memory_order_relaxed);
        w->given_up += atomic_load_explicit(&g->given_up, memory_order_relaxed);
        w->sent_again += atomic_load_explicit(&g->sent_again, memory_order_relaxed);
        w->cut_short += atomic_load_explicit(&g->cut_short, memory_order_relaxed);
        uint64_t waited = atomic_load_explicit(&g->given_up_ns, memory_order_relaxed);
        longest = waited > longest ? waited : longest;
        if (since != 0 && since < oldest)
            oldest = since;
    }
    w->oldest_s = oldest < now ? (double)(now - oldest) / 1e9 : 0;
    w->given_up_s = (double)longest / 1e9;
    if (w->users > most) /* a user that has just begun */
        most = w->users;
    if (most > w->users_peak)
        w->users_peak = most;
}

static struct ledger_moment moment(const struct collector *c)
{
    return (struct ledger_moment){.users = c->work->users,
                                  .users_wanted = c->work->run.users_wanted,
                                  .in_flight = c->work->in_flight};
}

static void mark_alerts(struct collector *c)
{
    struct ledger_alert a;
    char text[SNAP_NAME + 64], word[32];
    struct endpoint e;

    while (ledger_take_alert(c->ledger, &a)) {
        pthread_mutex_lock(&c->lock);
        e = c->endpoints[a.endpoint];
        pthread_mutex_unlock(&c->lock);
        if (a.fail == FAIL_STATUS)
            snprintf(word, sizeof word, "status %u", a.status);
        else
            snprintf(word, sizeof word, "%s", fail_word((enum fail)a.fail));
        snprintf(text, sizeof text, "first %s: %s %s", word, e.method, e.name);
        add_mark(c, SNAP_MARK_ALERT, 0, a.at_s, text);
    }
}

/* Marks come nearly in order: an alert is noticed a little after its time. */
static void insert_mark(struct snapshot *w, const struct snap_mark *m)
{
    uint32_t at = w->n_marks++;
    for (; at > 0 && w->marks[at - 1].at_s > m->at_s; at--)
        w->marks[at] = w->marks[at - 1];
    w->marks[at] = *m;
}

/* Names and marks: what other threads may have added. */
static void copy_shared(struct collector *c)
{
    struct snapshot *w = c->work;
    pthread_mutex_lock(&c->lock);
    w->n_endpoints = c->n_endpoints;
    for (uint32_t i = 0; i < SNAP_ENDPOINTS; i++) {
        memcpy(w->endpoints[i].method, c->endpoints[i].method, sizeof w->endpoints[i].method);
        memcpy(w->endpoints[i].name, c->endpoints[i].name, sizeof w->endpoints[i].name);
    }
    w->n_marks = 0;
    w->marks_dropped = c->n_marks > SNAP_MARKS ? c->n_marks - SNAP_MARKS : 0;
    for (uint32_t i = w->marks_dropped; i < c->n_marks; i++)
        insert_mark(w, &c->marks[i % SNAP_MARKS]);
    w->run.window = c->window;
    pthread_mutex_unlock(&c->lock);
}

/* How long load was made; of all other time rates over the run leave out what nobody was busy
 * in. */
static void fill_spans(struct collector *c, uint64_t now)
{
    struct snapshot *w = c->work;
    struct load_spans s = loadtime_look(&c->loadtime, now, ledger_last_done_ns(c->ledger),
                                        w->in_flight > 0, busy_ns(c));
    uint64_t start = collect_start_ns(c), elapsed_ns = now > start ? now - start : 0;
    uint64_t spent_ns = s.load_ns + s.drain_ns;
    w->elapsed_s = (double)elapsed_ns / 1e9;
    w->load_s = (double)s.load_ns / 1e9;
    w->drain_s = (double)s.drain_ns / 1e9;
    w->rate_s = (double)s.rate_ns / 1e9;
    w->stopped_s = elapsed_ns > spent_ns ? (double)(elapsed_ns - spent_ns) / 1e9 : 0;
    ledger_set_rate_time(c->ledger, now, s.rate_ns);
}

static void publish(struct collector *c, uint64_t now)
{
    mark_alerts(c);
    copy_shared(c);
    fill_spans(c, now);
    ledger_fill(c->ledger, c->work);
    health_fill(c->health, c->work);
    c->work->seq++;
    if (c->cfg.before_publish != NULL)
        c->cfg.before_publish(c->work, c->cfg.arg);
    pthread_mutex_lock(&c->lock);
    memcpy(c->published, c->work, sizeof *c->published);
    pthread_mutex_unlock(&c->lock);
}

static void tick_health(struct collector *c, uint64_t now)
{
    health_tick(c->health, now, c->gauges, lost(c));
    c->next_tick_ns = now + NS_PER_S;
}

/* After a stop this thread may be awake before the one that tells of it: the samples that were
 * under way are still in the rings then, and no second is closed. */
static bool is_patient(struct collector *c, uint64_t now)
{
    if (now - c->turned_ns > ASLEEP_NS)
        c->patient_ns = now + TOLD_NS;
    c->turned_ns = now;
    return now < c->patient_ns;
}

/* The clock is read before the rings are emptied: a second is closed only after all that was
 * pushed up to then has been counted. */
static size_t turn(struct collector *c)
{
    uint64_t now = now_ns();
    bool patient = is_patient(c, now);
    take_requests(c);
    if (patient && now < c->patient_ns)
        return 0;
    now = now_ns();
    size_t taken = drain(c);
    read_gauges(c, now);
    struct ledger_moment m = moment(c);
    ledger_close(c->ledger, now < c->close_until_ns ? now : c->close_until_ns, &m);
    if (now >= c->next_tick_ns)
        tick_health(c, now);
    if (now >= c->next_publish_ns) {
        publish(c, now);
        c->next_publish_ns += COLLECT_PUBLISH_MS * NS_PER_MS;
        if (c->next_publish_ns <= now) /* we were held up: no burst to catch up */
            c->next_publish_ns = now + COLLECT_PUBLISH_MS * NS_PER_MS;
    }
    return taken;
}

static void finish(struct collector *c)
{
    take_requests(c);
    while (drain(c) > 0)
        continue;
    uint64_t now = now_ns();
    read_gauges(c, now);
    struct ledger_moment m = moment(c);
    ledger_finish(c->ledger, now < c->close_until_ns ? now : c->close_until_ns, &m);
    tick_health(c, now);
    publish(c, now);
}

static void *collect_main(void *arg)
{
    static const struct timespec pause = {.tv_nsec = SLEEP_NS};
    struct collector *c = arg;
    /* Pairs with the release in collect_stop(): the workers' last pushes are seen. */
    while (!atomic_load_explicit(&c->stop, memory_order_acquire)) {
        if (turn(c) < BATCH)
            nanosleep(&pause, NULL);
    }
    finish(c);
    return NULL;
}

bool collect_start(struct collector *c, struct err *e)
{
    sigset_t all, before;
    uint64_t now = now_ns();

    if (c->running || c->ledger != NULL)
        return err_set(e, "The statistics of this run have been started already.");
    atomic_store_explicit(&c->start_ns, now, memory_order_relaxed);
    c->ledger = ledger_create(now, c->window);
    c->work->started_wall_s = now_wall_s();
    c->next_publish_ns = c->turned_ns = now;
    loadtime_on(&c->loadtime, now, 0, 0);
    tick_health(c, now);
    sigfillset(&all); /* only main handles signals */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&c->thread, NULL, collect_main, c);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0) {
        ledger_destroy(c->ledger);
        c->ledger = NULL;
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
