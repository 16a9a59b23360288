/* SPDX-License-Identifier: MIT */
#include "src/record/recording.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/log.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/record/recording_db.h"
#include "src/record/recording_pack.h"
#include "src/record/recording_probes.h"
#include "src/stats/second.h"

/* The end of a run waits so long for a disk that takes nothing. */
#define PATIENCE_NS (3 * NS_PER_S)

const bool recording_built_in = true;

struct recording {
    char *path;
    struct record_db *db; /* its thread's, while that runs */
    struct run_source run;
    pthread_t thread;
    bool begun, running;

    /* The thread's own. */
    struct snapshot *seen; /* the newest look at the run */
    struct probe_snapshot *probes_seen;
    struct recorded_probes *series;
    struct snap_run load;            /* the wanted load that was written last */
    bool load_told;                  /* there was one: the first is that of the start */
    struct second block;             /* the newest seconds as one, not yet written */
    uint32_t n_endpoints, n_classes; /* named so far */
    uint32_t classes_seen;
    char classes[SECOND_CLASSES][SNAP_NAME];

    pthread_mutex_t lock; /* guards all below; held for short copies only */
    pthread_cond_t more;
    struct buf queue;   /* seconds as bytes, one behind the other */
    bool looking;       /* the run is being looked at */
    bool leaving, left; /* it is to be looked at once more; it was, or may not be any more */
    bool closing, ended;
    bool abandoned; /* nobody waits for it: its thread releases it */
    unsigned turns; /* transactions so far */
    bool stopped;
    struct err why;
};

static void recording_free(struct recording *r)
{
    record_db_close(r->db);
    if (!r->begun) /* the run was refused: there is nothing in it */
        unlink(r->path);
    recorded_probes_free(r->series);
    second_finish(&r->block);
    buf_finish(&r->queue);
    free(r->seen);
    free(r->probes_seen);
    free(r->path);
    pthread_cond_destroy(&r->more);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

/* -------------------------------------------------------------- what is handed in */

static void recording_stop(struct recording *r, const char *why)
{
    pthread_mutex_lock(&r->lock);
    if (!r->stopped)
        err_set(&r->why, "the recording %s has stopped: %s", r->path, why);
    r->stopped = true;
    buf_finish(&r->queue);
    pthread_cond_broadcast(&r->more);
    pthread_mutex_unlock(&r->lock);
    log_warn("The recording %s has stopped: %s.", r->path, why);
}

void recording_add(const struct second *s, void *arg)
{
    struct recording *r = arg;
    pthread_mutex_lock(&r->lock);
    if (!r->stopped)
        second_write(s, &r->queue);
    bool full = r->queue.len > RECORDING_QUEUE_MAX;
    pthread_cond_signal(&r->more);
    pthread_mutex_unlock(&r->lock);
    if (full)
        recording_stop(r, "the disk takes nothing any more");
}

void recording_tell(struct recording *r, const char *key, const char *value)
{
    record_db_text(r->db, key, value);
}

bool recording_stopped(struct recording *r, struct err *e)
{
    pthread_mutex_lock(&r->lock);
    bool stopped = r->stopped;
    if (stopped)
        *e = r->why;
    pthread_mutex_unlock(&r->lock);
    return stopped;
}

const char *recording_path(const struct recording *r)
{
    return r->path;
}

/* -------------------------------------------------------------------- its thread */

static void write_names(struct recording *r)
{
    const struct snapshot *s = r->seen;
    for (; r->n_endpoints < s->n_endpoints; r->n_endpoints++) {
        const struct snap_endpoint *e = &s->endpoints[r->n_endpoints];
        record_db_endpoint(r->db, (uint16_t)r->n_endpoints, e->method, e->name);
    }
    for (; r->n_classes < r->classes_seen; r->n_classes++)
        record_db_class(r->db, (uint16_t)r->n_classes, r->classes[r->n_classes]);
}

/* Only what somebody wants, not how far the load has come. */
static bool load_has_changed(const struct snap_run *a, const struct snap_run *b)
{
    return a->users_wanted != b->users_wanted || a->spawn_rate != b->spawn_rate ||
           strcmp(a->level, b->level) != 0 || strcmp(a->profile, b->profile) != 0 ||
           (a->state == SNAP_HELD) != (b->state == SNAP_HELD) ||
           strcmp(a->end_reason, b->end_reason) != 0;
}

static void write_load(struct recording *r)
{
    const struct snap_run *now = &r->seen->run;
    if (!load_has_changed(&r->load, now))
        return;
    r->load = *now;
    record_db_load(r->db, r->load_told ? r->seen->elapsed_s : 0, now);
    r->load_told = true;
}

/* Nothing of the run is touched any more once this is over. */
static void look_at_run(struct recording *r)
{
    r->run.snapshot(r->run.run, r->seen);
    r->run.probe_snapshot(r->run.run, r->probes_seen);
    r->classes_seen = r->run.classes(r->run.run, r->classes);
    pthread_mutex_lock(&r->lock);
    r->looking = false;
    pthread_cond_broadcast(&r->more);
    pthread_mutex_unlock(&r->lock);
}

static void write_block(struct recording *r)
{
    struct buf data = {0};
    if (r->block.n_endpoints > 0) {
        recording_pack(&r->block, SIZE_MAX, &data);
        record_db_block(r->db, r->block.number, &data);
    }
    buf_finish(&data);
    second_finish(&r->block);
}

/* Adds the endpoints of a second to its block, as they are. */
static void block_add(struct recording *r, const struct second *s)
{
    const struct second figures = {.number = s->number / RECORDING_BLOCK_S * RECORDING_BLOCK_S,
                                   .length_ns = s->length_ns,
                                   .n_endpoints = s->n_endpoints,
                                   .endpoints = s->endpoints};
    if (r->block.n_endpoints > 0 && r->block.number != figures.number)
        write_block(r);
    if (r->block.n_endpoints > 0)
        second_merge(&r->block, &figures);
    else
        second_copy(&r->block, &figures);
}

static void write_second(struct recording *r, const char *bytes, size_t len)
{
    struct second s;
    struct buf data = {0};
    struct err e;
    if (!second_read(bytes, len, &s, &e)) /* we made them */
        return;
    block_add(r, &s);
    struct second coarse;
    second_copy(&coarse, &s);
    recording_pack(&coarse, RECORDING_SECOND_BYTES, &data);
    record_db_second(r->db, &s, &data);
    recorded_probes_write(r->series, r->db, r->probes_seen, s.number);
    second_finish(&coarse);
    second_finish(&s);
    buf_finish(&data);
}

/* One transaction: all that has come, and a look at the run before it. */
static void write_turn(struct recording *r, const struct buf *seconds, bool looks)
{
    struct err e;
    record_db_begin(r->db);
    if (looks) {
        look_at_run(r);
        write_names(r);
        write_load(r);
    }
    for (size_t at = 0; at < seconds->len;) {
        size_t len = second_length(seconds->data + at, seconds->len - at);
        write_second(r, seconds->data + at, len);
        at += len;
    }
    record_db_commit(r->db);
    if (record_db_failed(r->db, &e))
        recording_stop(r, e.text);
}

static void *recording_main(void *arg)
{
    struct recording *r = arg;
    struct buf seconds = {0};
    pthread_mutex_lock(&r->lock);
    while (!r->stopped && !(r->closing && r->queue.len == 0)) {
        if (r->queue.len == 0 && !(r->leaving && !r->left)) {
            pthread_cond_wait(&r->more, &r->lock);
            continue;
        }
        struct buf taken = r->queue;
        r->queue = seconds;
        bool looks = r->looking = !r->left;
        pthread_mutex_unlock(&r->lock);
        write_turn(r, &taken, looks);
        buf_clear(&taken);
        seconds = taken;
        pthread_mutex_lock(&r->lock);
        r->turns++;
        r->left |= looks && r->leaving;
        pthread_cond_broadcast(&r->more);
    }
    r->left = r->ended = true;
    bool abandoned = r->abandoned;
    pthread_cond_broadcast(&r->more);
    pthread_mutex_unlock(&r->lock);
    buf_finish(&seconds);
    if (abandoned)
        recording_free(r);
    return NULL;
}

/* With the lock held: waits until that is true, as long as the disk takes something now and
 * then.  False: it does not. */
static bool wait_while_it_moves(struct recording *r, const bool *what)
{
    unsigned turns = r->turns;
    uint64_t until = now_ns() + PATIENCE_NS;
    while (!*what) {
        const struct timespec at = {.tv_sec = (time_t)(until / NS_PER_S),
                                    .tv_nsec = (long)(until % NS_PER_S)};
        int rc = pthread_cond_timedwait(&r->more, &r->lock, &at);
        if (r->turns != turns) {
            turns = r->turns;
            until = now_ns() + PATIENCE_NS;
        } else if (rc == ETIMEDOUT && !*what) {
            return false;
        }
    }
    return true;
}

/* ------------------------------------------------------------------ its beginning */

struct recording *recording_create(const char *path, struct err *e)
{
    struct record_db *db = record_db_create(path, e);
    if (db == NULL)
        return NULL;
    struct recording *r = mem_zalloc(sizeof *r);
    r->path = mem_strdup(path);
    r->db = db;
    r->seen = mem_zalloc(sizeof *r->seen);
    r->probes_seen = mem_zalloc(sizeof *r->probes_seen);
    r->series = recorded_probes_create();
    pthread_mutex_init(&r->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&r->more, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return r;
}

void recording_start(struct recording *r, const struct run_source *run)
{
    sigset_t all, old;
    r->run = *run;
    r->begun = true;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old); /* signals are the main thread's */
    int rc = pthread_create(&r->thread, NULL, recording_main, r);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    r->running = rc == 0;
    if (rc != 0)
        recording_stop(r, strerror(rc));
}

void recording_leave(struct recording *r)
{
    if (!r->running)
        return;
    pthread_mutex_lock(&r->lock);
    r->leaving = true;
    pthread_cond_broadcast(&r->more);
    if (!wait_while_it_moves(r, &r->left))
        r->left = true;
    while (r->looking) /* which no disk holds up */
        pthread_cond_wait(&r->more, &r->lock);
    pthread_mutex_unlock(&r->lock);
}

static void write_end(struct recording *r, const struct snapshot *final)
{
    struct err e;
    record_db_begin(r->db);
    write_block(r);
    if (final != NULL) {
        record_db_text(r->db, "end_reason", final->run.end_reason);
        record_db_number(r->db, "elapsed_s", final->elapsed_s);
        record_db_number(r->db, "load_s", final->load_s);
        record_db_number(r->db, "requests", (double) final->finished);
        record_db_number(r->db, "failures", (double) final->failures);
    }
    record_db_commit(r->db);
    if (record_db_failed(r->db, &e))
        recording_stop(r, e.text);
}

/* Ends its thread.  False: that waits for the disk, and has the recording from now on. */
static bool recording_join(struct recording *r)
{
    pthread_mutex_lock(&r->lock);
    r->closing = true;
    pthread_cond_broadcast(&r->more);
    bool running = r->running, ended = !running || wait_while_it_moves(r, &r->ended);
    pthread_t thread = r->thread; /* which may release r from here on */
    r->abandoned = !ended;
    pthread_mutex_unlock(&r->lock);
    if (!ended)
        pthread_detach(thread);
    else if (running)
        pthread_join(thread, NULL);
    return ended;
}

bool recording_close(struct recording *r, const struct snapshot *final, struct err *e)
{
    if (r == NULL)
        return true;
    char *path = mem_strdup(r->path);
    bool whole = recording_join(r);
    if (whole) {
        write_end(r, final);
        whole = !recording_stopped(r, e);
        recording_free(r);
    } else {
        err_set(e, "the end of the run is missing in %s: the disk takes nothing", path);
        log_warn("%s", e->text);
    }
    free(path);
    return whole;
}
