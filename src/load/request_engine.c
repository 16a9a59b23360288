/* SPDX-License-Identifier: MIT */
#include "src/load/request_engine.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "src/base/now.h"

/* A part at a time: replies that came in meanwhile are read, and timed, in between. */
#define DUE_PER_TURN 64
#define FALLBACK_MS 5 /* where events cannot be waited for */

bool engine_open(struct engine *en, const struct transport_ops *ops, struct gauge *gauge)
{
    *en = (struct engine){.ops = ops, .clock = now_ns, .gauge = gauge};
    en->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    return en->epoll_fd >= 0;
}

bool engine_open_transport(struct engine *en, struct resolver *resolver, struct err *e)
{
    const struct transport_config cfg = {
        .epoll_fd = en->epoll_fd, .resolver = resolver, .done = request_run_on_outcome};
    en->transport = en->ops->create(&cfg, e);
    return en->transport != NULL;
}

void engine_close(struct engine *en)
{
    if (en->ops == NULL) /* never opened */
        return;
    en->ops->destroy(en->transport);
    timers_finish(&en->timers);
    if (en->epoll_fd >= 0)
        close(en->epoll_fd);
}

/* ---------------------------------------------------------------------- its loop */

bool engine_watch(struct engine *en, int fd, bool edge)
{
    struct epoll_event ev = {.events = EPOLLIN | (edge ? (uint32_t)EPOLLET : 0)};
    return fd >= 0 && epoll_ctl(en->epoll_fd, EPOLL_CTL_ADD, fd, &ev) == 0;
}

uint64_t engine_deadline(const struct engine *en)
{
    uint64_t next = timers_next(&en->timers), transport = en->ops->deadline(en->transport);
    return transport < next ? transport : next;
}

bool engine_wait(struct engine *en, int timeout_ms)
{
    bool watched = false;
    int n = epoll_wait(en->epoll_fd, en->events, ENGINE_EVENTS, timeout_ms);
    if (n < 0 && errno != EINTR) /* nothing spins, and all that is due is done */
        poll(NULL, 0, FALLBACK_MS);
    en->n_events = n > 0 ? n : 0;
    en->wake_ns = en->clock();
    for (int i = 0; i < en->n_events; i++)
        watched |= (en->events[i].data.u64 & TRANSPORT_TAG) == 0;
    return watched;
}

void engine_dispatch(struct engine *en)
{
    for (int i = 0; i < en->n_events; i++) {
        const struct epoll_event *ev = &en->events[i];
        if ((ev->data.u64 & TRANSPORT_TAG) == 0)
            continue;
        en->event_ns = en->clock();
        en->ops->on_event(en->transport, (int)(uint32_t)ev->data.u64, ev->events);
    }
    engine_on_time(en, en->wake_ns);
    /* A reply that is seen while the transport sends came without an event: with the time before
     * that call it would have been there before its request. */
    en->event_ns = 0;
    if (en->ops->deadline(en->transport) <= en->clock())
        en->ops->on_time(en->transport);
}

void engine_on_time(struct engine *en, uint64_t now)
{
    for (int i = 0; i < DUE_PER_TURN; i++) {
        struct timer *t = timers_pop(&en->timers, now);
        if (t == NULL)
            break;
        t->on_due(t, now);
    }
}

/* ----------------------------------------------------------------------- tickets */

bool engine_take_ticket(struct engine *en)
{
    struct budget *b = en->budget;
    if (b == NULL || !b->limited)
        return true;
    int64_t left = atomic_fetch_sub_explicit(&b->left, 1, memory_order_relaxed);
    if (left == 1)
        atomic_store_explicit(&b->spent_ns, en->clock(), memory_order_relaxed);
    return left > 0;
}

uint64_t engine_off_ns(const struct engine *en)
{
    if (en->off_ns != 0 || en->budget == NULL || !en->budget->limited)
        return en->off_ns;
    return atomic_load_explicit(&en->budget->spent_ns, memory_order_relaxed);
}
