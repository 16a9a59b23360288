/* SPDX-License-Identifier: MIT */
#include "src/load/worker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/load/worker_users.h"
#include "src/load/request_run.h"
#include "src/profile/profile.h"
#include "src/stats/gauge.h"

#define EVENTS_PER_TURN 64
#define FALLBACK_MS 5 /* where a timer cannot be set */
#define SLEEP_MAX_MS 1000 /* an order whose wake-up was lost waits that long */
#define GAUGE_EVERY_NS (50 * NS_PER_MS)

/* What epoll tells besides the transport's sockets. */
enum { EVENT_ORDER = 1, EVENT_TIMER = 2 };

struct worker {
    struct crew crew; /* the worker's thread only */
    unsigned index, count;
    int epoll_fd, timer_fd, order_fd;
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
    program_unref(replaced); /* one that the worker never came to look at */
    atomic_store_explicit(&w->ordered, true, memory_order_release);
    uint64_t one = 1;
    while (write(w->order_fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

static bool take_order(struct worker *w, uint64_t now)
{
    struct crew *c = &w->crew;
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

    bool was_held = c->hold;
    w->newest = o->version;
    w->quit = got.quit;
    w->demand = o->demand;
    w->demand_next_ns = 0;
    c->hold = o->hold;
    c->drain = o->drain;
    if (!o->hold && !o->drain)
        c->off_ns = 0;
    else if (c->off_ns == 0)
        c->off_ns = now;
    if (got.program != NULL)
        crew_set_program(c, got.program, now);
    crew_set_barrier(c, o->barrier, now);
    if (o->burst != w->burst) {
        w->burst = o->burst;
        w->release_ns = c->release_ns = o->release_ns;
    }
    if (o->rebases != w->rebases) {
        w->rebases = o->rebases;
        crew_rebase(c, now);
    }
    if (was_held && !c->hold)
        crew_resume(c, now);
    if (o->gives_up)
        crew_give_up(c, o->beyond_ns, now);
    return true;
}

static void release(struct worker *w)
{
    w->release_ns = UINT64_MAX;
    crew_release(&w->crew, w->burst);
}

static void follow_users_wanted(struct worker *w, uint64_t now)
{
    uint32_t users = demand_users_at(&w->demand, now);
    bool more = crew_set_users(&w->crew, demand_share(users, w->index, w->count), now);
    w->demand_next_ns = more ? now : demand_next_change(&w->demand, now);
}

/* ---------------------------------------------------------------------- loop */

static uint64_t next_deadline(const struct worker *w)
{
    const struct crew *c = &w->crew;
    uint64_t next = timers_next(&c->timers);
    uint64_t transport = c->ops->deadline(c->transport);
    next = transport < next ? transport : next;
    next = w->release_ns < next ? w->release_ns : next;
    return w->demand_next_ns < next ? w->demand_next_ns : next;
}

/* How long epoll may sleep: 0, or until something happens, the timerfd included.
 * The timer is moved only when it would go off too late. */
static int sleep_until(struct worker *w, uint64_t next, uint64_t now)
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
            return FALLBACK_MS; /* it must not sleep for ever */
        w->armed_ns = next;
    }
    return -1;
}

static void set_max(_Atomic uint32_t *gauge, uint32_t value)
{
    if (value > atomic_load_explicit(gauge, memory_order_relaxed))
        atomic_store_explicit(gauge, value, memory_order_relaxed);
}

static void publish_gauges(struct worker *w, uint64_t now)
{
    struct gauge *g = w->crew.lane.gauge;
    atomic_store_explicit(&g->cpu_ns, now_thread_cpu_ns(), memory_order_relaxed);
    atomic_store_explicit(&g->open_fds, w->crew.ops->open_sockets(w->crew.transport),
                          memory_order_relaxed);
    w->gauge_ns = now;
}

static void turn(struct worker *w, const struct epoll_event *events, int n)
{
    struct crew *c = &w->crew;
    uint64_t now = now_ns();

    c->wake_ns = now;
    bool ordered = take_order(w, now);
    if (w->demand_next_ns <= now)
        follow_users_wanted(w, now);
    if (ordered) /* Release: who sees it sees what came of it. */
        atomic_store_explicit(&c->lane.gauge->orders, w->newest, memory_order_release);
    if (w->release_ns <= now)
        release(w);
    for (int i = 0; i < n; i++) {
        if ((events[i].data.u64 & TRANSPORT_TAG) == 0)
            continue;
        c->event_ns = now_ns();
        c->ops->on_event(c->transport, (int)(uint32_t)events[i].data.u64, events[i].events);
    }
    crew_on_time(c, now);
    /* A reply that is seen while the transport sends came without an event: with the time before
     * that call it would have been there before its request. */
    c->event_ns = 0;
    if (c->ops->deadline(c->transport) <= now_ns())
        c->ops->on_time(c->transport);
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    struct gauge *g = w->crew.lane.gauge;
    struct epoll_event events[EVENTS_PER_TURN];
    char name[16];

    snprintf(name, sizeof name, "worker %u", w->index);
    pthread_setname_np(pthread_self(), name);
    while (!w->quit) {
        uint64_t now = now_ns();
        if (now - w->gauge_ns > GAUGE_EVERY_NS)
            publish_gauges(w, now);
        int timeout = sleep_until(w, next_deadline(w), now);
        int n =
            epoll_wait(w->epoll_fd, events, EVENTS_PER_TURN, timeout < 0 ? SLEEP_MAX_MS : timeout);
        if (n < 0 && errno != EINTR) /* what is due is done all the same, and nothing spins */
            poll(NULL, 0, FALLBACK_MS);
        turn(w, events, n);
        uint64_t loops = atomic_load_explicit(&g->loops, memory_order_relaxed);
        atomic_store_explicit(&g->loops, loops + 1, memory_order_relaxed);
        set_max(&g->loop_max_us, (uint32_t)((now_ns() - w->crew.wake_ns) / NS_PER_US));
    }
    publish_gauges(w, now_ns());
    return NULL;
}

/* ---------------------------------------------------------------------- life */

static bool watch(struct worker *w, int fd, uint64_t what)
{
    /* Edge-triggered: each expiry, each order is one event, and nothing need be read. */
    struct epoll_event ev = {.events = EPOLLIN | EPOLLET, .data.u64 = what};
    return fd >= 0 && epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, fd, &ev) == 0;
}

struct worker *worker_create(const struct worker_config *cfg, struct err *e)
{
    struct worker *w = mem_zalloc(sizeof *w);
    w->index = cfg->index;
    w->count = cfg->count;
    w->armed_ns = UINT64_MAX;
    w->demand_next_ns = UINT64_MAX;
    w->release_ns = UINT64_MAX;
    w->crew.index = cfg->index;
    w->crew.count = cfg->count;
    w->crew.worker = (uint16_t)cfg->index;
    w->crew.lane = cfg->lane;
    w->crew.budget = cfg->budget;
    w->crew.ops = cfg->transport;
    w->crew.clock = now_ns;
    w->crew.seed = cfg->seed;
    rng_seed(&w->crew.rng, cfg->seed + cfg->index);
    pthread_mutex_init(&w->lock, NULL);
    w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    w->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    w->order_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (w->epoll_fd < 0 || !watch(w, w->order_fd, EVENT_ORDER) ||
        !watch(w, w->timer_fd, EVENT_TIMER)) {
        err_set(e, "worker %u cannot start: %s (open files: ulimit -n)", cfg->index,
                strerror(errno));
        worker_destroy(w);
        return NULL;
    }
    const struct transport_config tc = {
        .epoll_fd = w->epoll_fd, .resolver = cfg->resolver, .done = flight_done, .arg = &w->crew};
    w->crew.transport = w->crew.ops->create(&tc, e);
    if (w->crew.transport == NULL) {
        worker_destroy(w);
        return NULL;
    }
    return w;
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
    crew_finish(&w->crew);
}

void worker_destroy(struct worker *w)
{
    if (w == NULL)
        return;
    crew_finish(&w->crew);
    w->crew.ops->destroy(w->crew.transport);
    program_unref(w->order.program);
    int fds[] = {w->epoll_fd, w->timer_fd, w->order_fd};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
