/* SPDX-License-Identifier: MIT */
#include "src/load/worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/load/worker_users.h"
#include "src/profile/profile.h"
#include "src/stats/gauge.h"

#define FALLBACK_MS 5     /* where a timer cannot be set */
#define SLEEP_MAX_MS 1000 /* an order whose wake-up was lost waits that long */
#define GAUGE_EVERY_NS (50 * NS_PER_MS)

struct worker {
    /* The worker's thread only. */
    struct engine engine;
    struct recorder recorder;
    struct worker_users users;
    unsigned index, count;
    int timer_fd, order_fd;
    uint64_t armed_ns; /* the timerfd goes off then; UINT64_MAX: it does not */
    struct demand demand;
    uint64_t demand_next_ns; /* when the demand changes our number of users */
    uint32_t newest;         /* version of the order in force */
    uint32_t rebases;
    uint16_t burst;
    uint64_t release_ns; /* when it is to begin, UINT64_MAX once it has */
    uint64_t gauge_ns;   /* when the slow gauges were last written */
    bool quit;

    pthread_t thread;
    bool running;

    _Atomic bool ordered; /* an order waits; set with release, taken with acquire */
    pthread_mutex_t lock; /* guards what follows; held for a copy only */
    struct worker_order order;
};

/* -------------------------------------------------------------------- orders */

void worker_send(struct worker *w, const struct worker_order *order)
{
    pthread_mutex_lock(&w->lock);
    struct program *replaced = w->order.program;
    w->order = *order;
    pthread_mutex_unlock(&w->lock);
    program_unref(replaced); /* the worker never came to look at it */
    atomic_store_explicit(&w->ordered, true, memory_order_release);
    uint64_t one = 1;
    while (write(w->order_fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

static bool worker_take_order(struct worker *w, uint64_t now)
{
    struct engine *en = &w->engine;
    struct worker_users *users = &w->users;
    struct worker_order got;
    const struct generator_order *o = &got.what;

    /* Cleared before the copy: an order that comes in between is taken next time.
     * Pairs with the release in worker_send. */
    if (!atomic_exchange_explicit(&w->ordered, false, memory_order_acquire))
        return false;
    pthread_mutex_lock(&w->lock);
    got = w->order;
    w->order.program = NULL;
    pthread_mutex_unlock(&w->lock);

    bool was_held = en->hold;
    w->newest = o->version;
    w->quit = got.quit;
    w->demand = o->demand;
    w->demand_next_ns = 0;
    en->hold = o->hold;
    en->drain = o->drain;
    if (!o->hold && !o->drain)
        en->off_ns = 0;
    else if (en->off_ns == 0)
        en->off_ns = now;
    if (got.program != NULL)
        worker_users_set_program(users, got.program, now);
    worker_users_set_barrier(users, o->barrier, now);
    if (o->burst != w->burst) {
        w->burst = o->burst;
        w->release_ns = users->release_ns = o->release_ns;
    }
    if (o->rebases != w->rebases) {
        w->rebases = o->rebases;
        worker_users_rebase(users, now);
    }
    if (was_held && !en->hold)
        worker_users_resume(users, now);
    if (o->gives_up)
        worker_users_give_up(users, o->beyond_ns, now);
    return true;
}

static void worker_release_burst(struct worker *w)
{
    w->release_ns = UINT64_MAX;
    worker_users_release(&w->users, w->burst);
}

static void worker_follow_demand(struct worker *w, uint64_t now)
{
    uint32_t users = demand_users_at(&w->demand, now);
    bool more = worker_users_set(&w->users, demand_share(users, w->index, w->count), now);
    w->demand_next_ns = more ? now : demand_next_change(&w->demand, now);
}

/* ---------------------------------------------------------------------- loop */

static uint64_t worker_deadline(const struct worker *w)
{
    uint64_t next = engine_deadline(&w->engine);
    next = w->release_ns < next ? w->release_ns : next;
    return w->demand_next_ns < next ? w->demand_next_ns : next;
}

/* How long epoll may sleep: 0, or until something happens, the timerfd included.
 * The timer is moved only when it would go off too late. */
static int worker_sleep_ms(struct worker *w, uint64_t next, uint64_t now)
{
    if (next <= now)
        return 0;
    if (next < w->armed_ns || w->armed_ns <= now) {
        struct itimerspec at = {0};
        if (next != UINT64_MAX) {
            at.it_value.tv_sec = (time_t)(next / NS_PER_S);
            at.it_value.tv_nsec = (long)(next % NS_PER_S);
        }
        if (timerfd_settime(w->timer_fd, TFD_TIMER_ABSTIME, &at, NULL) != 0)
            return FALLBACK_MS; /* so that it does not sleep for ever */
        w->armed_ns = next;
    }
    return -1;
}

static void worker_publish_gauges(struct worker *w, uint64_t now)
{
    struct gauge *g = w->engine.gauge;
    atomic_store_explicit(&g->cpu_ns, now_thread_cpu_ns(), memory_order_relaxed);
    atomic_store_explicit(&g->open_fds, w->engine.ops->open_sockets(w->engine.transport),
                          memory_order_relaxed);
    w->gauge_ns = now;
}

static void worker_loop_once(struct worker *w)
{
    uint64_t now = w->engine.wake_ns;
    bool ordered = worker_take_order(w, now);
    if (w->demand_next_ns <= now)
        worker_follow_demand(w, now);
    if (ordered) /* Release: who sees it sees what came of it. */
        atomic_store_explicit(&w->engine.gauge->orders, w->newest, memory_order_release);
    if (w->release_ns <= now)
        worker_release_burst(w);
    engine_dispatch(&w->engine);
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    struct gauge *g = w->engine.gauge;
    char name[16];

    snprintf(name, sizeof name, "worker %u", w->index);
    pthread_setname_np(pthread_self(), name);
    while (!w->quit) {
        uint64_t now = now_ns();
        if (now - w->gauge_ns > GAUGE_EVERY_NS)
            worker_publish_gauges(w, now);
        int timeout = worker_sleep_ms(w, worker_deadline(w), now);
        engine_wait(&w->engine, timeout < 0 ? SLEEP_MAX_MS : timeout);
        worker_loop_once(w);
        uint64_t loops = atomic_load_explicit(&g->loops, memory_order_relaxed);
        atomic_store_explicit(&g->loops, loops + 1, memory_order_relaxed);
        gauge_max32(&g->loop_max_us, (uint32_t)((now_ns() - w->engine.wake_ns) / NS_PER_US));
    }
    worker_publish_gauges(w, now_ns());
    return NULL;
}

/* ---------------------------------------------------------------------- life */

/* Edge-triggered: each expiry, each order is one event, and nothing need be read. */
static bool worker_open(struct worker *w, const struct worker_config *cfg, struct err *e)
{
    bool ok = engine_open(&w->engine, cfg->transport, cfg->lane.gauge);
    w->engine.budget = cfg->budget;
    w->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    w->order_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (!ok || !engine_watch(&w->engine, w->order_fd, true) ||
        !engine_watch(&w->engine, w->timer_fd, true))
        return err_set(e, "worker %u cannot start: %s (open files: ulimit -n)", cfg->index,
                       strerror(errno));
    return engine_open_transport(&w->engine, cfg->resolver, e);
}

struct worker *worker_create(const struct worker_config *cfg, struct err *e)
{
    struct worker *w = mem_zalloc(sizeof *w);
    w->index = cfg->index;
    w->count = cfg->count;
    w->armed_ns = UINT64_MAX;
    w->demand_next_ns = UINT64_MAX;
    w->release_ns = UINT64_MAX;
    w->recorder.lane = cfg->lane;
    w->recorder.worker = (uint16_t)cfg->index;
    worker_users_init(&w->users, &w->engine, &w->recorder, cfg->index, cfg->count, cfg->seed);
    pthread_mutex_init(&w->lock, NULL);
    if (worker_open(w, cfg, e))
        return w;
    worker_destroy(w);
    return NULL;
}

bool worker_start(struct worker *w, struct err *e)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old); /* signals are the main thread's */
    int rc = pthread_create(&w->thread, NULL, worker_main, w);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc != 0)
        return err_set(e, "worker %u cannot start: %s", w->index, strerror(rc));
    w->running = true;
    return true;
}

void worker_join(struct worker *w)
{
    if (w->running)
        pthread_join(w->thread, NULL);
    w->running = false;
    worker_users_finish(&w->users);
}

void worker_destroy(struct worker *w)
{
    if (w == NULL)
        return;
    worker_users_finish(&w->users);
    engine_close(&w->engine);
    program_unref(w->order.program);
    int fds[] = {w->timer_fd, w->order_fd};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
