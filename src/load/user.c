/* SPDX-License-Identifier: MIT */
#include "src/load/user.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/human.h"
#include "src/base/log.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/profile/profile.h"
#include "src/stats/gauge.h"
#include "src/stats/note.h"
#include "src/stats/ring.h"
#include "src/stats/sample.h"

/* A user that cannot connect tries again after 1, 2, 4 ... ms, at most this: a dead
 * target must not turn the load into a storm of connection attempts. */
#define BACKOFF_MAX_NS (500 * NS_PER_MS)
#define DUE_PER_TURN 64

static void add32(_Atomic uint32_t *gauge, int32_t n)
{
    uint32_t was = atomic_load_explicit(gauge, memory_order_relaxed);
    atomic_store_explicit(gauge, was + (uint32_t)n, memory_order_relaxed);
}

static void add64(_Atomic uint64_t *gauge, uint64_t n)
{
    uint64_t was = atomic_load_explicit(gauge, memory_order_relaxed);
    atomic_store_explicit(gauge, was + n, memory_order_relaxed);
}

/* --------------------------------------------------------- requests in flight */

static void publish_oldest(struct crew *c)
{
    uint64_t ns = c->oldest != NULL ? c->oldest->sent_ns : 0;
    atomic_store_explicit(&c->lane.gauge->oldest_ns, ns, memory_order_relaxed);
}

static void flight_add(struct crew *c, struct user *u)
{
    u->older = c->newest;
    u->newer = NULL;
    if (c->newest != NULL)
        c->newest->newer = u;
    c->newest = u;
    if (c->oldest == NULL) {
        c->oldest = u;
        publish_oldest(c);
    }
    add32(&c->lane.gauge->in_flight, 1);
}

static void flight_remove(struct crew *c, struct user *u)
{
    if (u->newer != NULL)
        u->newer->older = u->older;
    else
        c->newest = u->older;
    if (u->older != NULL) {
        u->older->newer = u->newer;
    } else {
        c->oldest = u->newer;
        publish_oldest(c);
    }
    add32(&c->lane.gauge->in_flight, -1);
}

/* -------------------------------------------------------------- what is next */

static uint64_t draw_wait(struct crew *c, const struct wait *w)
{
    if (w->kind == WAIT_BETWEEN && w->max_ns > w->min_ns)
        return w->min_ns + rng_below(&c->rng, w->max_ns - w->min_ns + 1);
    return w->kind == WAIT_NONE ? 0 : w->min_ns;
}

static const struct task *draw_task(struct crew *c, const struct user_class *cls)
{
    if (cls->n_tasks == 1)
        return &cls->tasks[0];
    uint64_t ticket = rng_below(&c->rng, cls->total_weight);
    size_t i = 0;
    while (ticket >= cls->tasks[i].weight)
        ticket -= cls->tasks[i++].weight;
    return &cls->tasks[i];
}

static void park(struct user *u)
{
    u->state = USER_PARKED;
    timers_remove(&u->crew->timers, &u->timer);
}

static void wait_until(struct user *u, uint64_t due)
{
    u->state = USER_WAITING;
    u->due_ns = due;
    timers_set(&u->crew->timers, &u->timer, due);
}

static bool take_ticket(struct budget *b)
{
    return !b->limited || atomic_fetch_sub_explicit(&b->left, 1, memory_order_relaxed) > 0;
}

static const struct message *message_of(struct user *u, const struct request *r)
{
    struct err why;
    const struct draft *fixed = u->program->fixed[r->number];
    if (fixed != NULL)
        return &fixed->message;
    compose(&u->draft, r, &u->scope, &why);
    return &u->draft.message;
}

/* Sends the user's next request, which was due at that time. */
static void begin(struct user *u, uint64_t due, uint64_t now)
{
    struct crew *c = u->crew;

    if (c->hold || !take_ticket(c->budget)) {
        park(u);
        return;
    }
    if (u->task == NULL) {
        u->task = draw_task(c, u->cls);
        u->step = 0;
    }
    const struct request *r = u->task->steps.items[u->step++].request;
    const struct message *m = message_of(u, r);
    u->state = USER_ACTIVE;
    u->request = r;
    u->due_ns = due;
    u->sent_ns = now;
    u->deadline_ns = now + r->timeout_ns;
    u->spoiled = false;
    /* An earlier timer stays: when it goes off it is set to the deadline.  So a user
     * without waits costs no timer at all per request. */
    if (!timer_is_set(&u->timer) || u->timer.due_ns > u->deadline_ns)
        timers_set(&c->timers, &u->timer, u->deadline_ns);
    flight_add(c, u);
    add64(&c->lane.gauge->started, 1);
    c->ops->begin(u->channel, m);
}

static void join_program(struct user *u, struct program *p)
{
    const struct profile *profile = p->profile;
    program_unref(u->program);
    u->program = program_ref(p);
    u->cls = &profile->classes[mix_class(p->mix, u->number)];
    u->task = NULL;
}

static void user_end(struct user *u)
{
    struct crew *c = u->crew;
    if (u->state == USER_ACTIVE) {
        flight_remove(c, u);
        add64(&c->lane.gauge->aborted, 1);
    }
    timers_remove(&c->timers, &u->timer);
    c->ops->channel_close(u->channel);
    draft_finish(&u->draft);
    scope_finish(&u->scope);
    program_unref(u->program);
    c->slots[u->number / c->count] = NULL;
    add32(&c->lane.gauge->users, -1);
    free(u);
}

static uint64_t backoff_ns(const struct user *u)
{
    if (u->failed_connects == 0)
        return 0;
    uint64_t ns = NS_PER_MS << (u->failed_connects < 10 ? u->failed_connects - 1 : 9);
    return ns < BACKOFF_MAX_NS ? ns : BACKOFF_MAX_NS;
}

/* A request is over: the next step, the wait before the next task, or the end. */
static void go_on(struct user *u, uint64_t now)
{
    struct crew *c = u->crew;

    if (u->ending || c->drain) {
        user_end(u);
        return;
    }
    if (u->program != c->program) {
        join_program(u, c->program);
    } else if (u->step < u->task->steps.n && u->failed_connects == 0) {
        begin(u, now, now);
        return;
    }
    u->task = NULL;
    uint64_t wait = draw_wait(c, &u->cls->wait), backoff = backoff_ns(u);
    if (wait < backoff)
        wait = backoff;
    if (wait == 0)
        begin(u, now, now);
    else
        wait_until(u, now + wait);
}

/* ------------------------------------------------------------------- samples */

static bool is_connect_failure(enum fail f)
{
    return f == FAIL_REFUSED || f == FAIL_UNREACHABLE || f == FAIL_DNS || f == FAIL_TLS ||
           fail_is_client(f);
}

static uint32_t saturate(uint64_t n)
{
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* One note per endpoint, kind and second is enough for the failures view. */
static bool note_wanted(struct crew *c, uint32_t key, uint64_t now)
{
    uint64_t second = now / NS_PER_S;
    size_t i = (key * 2654435761u) >> 26;
    if (c->noted[i].key == key && c->noted[i].second == second)
        return false;
    c->noted[i].key = key;
    c->noted[i].second = second;
    return true;
}

static void push_note(struct user *u, enum fail f, const struct outcome *o, uint16_t endpoint,
                      uint64_t now)
{
    struct crew *c = u->crew;
    char raw[512], limit[HUMAN_MAX];

    if (!note_wanted(c, (uint32_t)endpoint << 16 | (uint32_t)f << 10 | (o->status & 0x3ff), now))
        return;
    size_t len = 0;
    if (f == FAIL_TIMEOUT && u->deadline_ns <= now) {
        human_us(limit, sizeof limit, (double)u->request->timeout_ns / 1e3, false);
        len = (size_t)snprintf(raw, sizeof raw, "no reply within %s, %s", limit, o->reason);
    } else if (f != FAIL_STATUS) {
        len = (size_t)snprintf(raw, sizeof raw, "%s", o->reason);
    } else if (o->body_len > 0) {
        len = o->body_len < sizeof raw ? o->body_len : sizeof raw;
        memcpy(raw, o->body, len);
    } else {
        len = (size_t)snprintf(raw, sizeof raw, "status %u with an empty body", o->status);
    }
    struct note n = {.at_ns = now, .endpoint = endpoint, .status = (uint16_t)o->status,
                     .fail = (uint8_t)f};
    clean_text(n.text, sizeof n.text, raw, len < sizeof raw ? len : sizeof raw - 1);
    ring_push(c->lane.notes, &n);
}

static void record(struct user *u, enum fail f, const struct outcome *o, uint64_t done)
{
    struct crew *c = u->crew;
    uint16_t endpoint = u->program->endpoint_ids[u->request->endpoint];
    uint64_t lag = (u->sent_ns - u->due_ns) + (done - c->wake_ns);
    struct sample s = {
        .due_ns = u->due_ns,
        .sent_ns = u->sent_ns,
        .done_ns = done,
        .dns_us = o->dns_us,
        .connect_us = o->connect_us,
        .tls_us = o->tls_us,
        .first_byte_us = o->first_byte_us,
        .bytes_in = saturate(o->bytes_in),
        .bytes_out = saturate(o->bytes_out),
        .lag_us = saturate(lag / NS_PER_US),
        .endpoint = endpoint,
        .status = (uint16_t)o->status,
        .fail = (uint8_t)f,
        .flags = (uint8_t)((o->new_connection ? SAMPLE_NEW_CONNECTION : 0) |
                           (o->http2 ? SAMPLE_HTTP2 : 0)),
        .worker = c->worker,
    };
    ring_push(c->lane.samples, &s);
    if (f != FAIL_NONE)
        push_note(u, f, o, endpoint, done);
}

static void settle(struct user *u, enum fail f, const struct outcome *o, uint64_t done,
                   uint64_t now)
{
    struct crew *c = u->crew;

    flight_remove(c, u);
    u->state = USER_WAITING;
    if (u->spoiled) {
        add64(&c->lane.gauge->aborted, 1);
    } else {
        record(u, f, o, done);
        add64(&c->lane.gauge->finished, 1);
    }
    if (is_connect_failure(f))
        u->failed_connects += u->failed_connects < UINT8_MAX;
    else
        u->failed_connects = 0;
    go_on(u, now);
}

void user_done(void *user, const struct outcome *o, void *arg)
{
    struct user *u = user;
    enum fail f = o->fail;
    (void)arg;
    if (f == FAIL_NONE && !status_expected(&u->request->expect, o->status))
        f = FAIL_STATUS;
    /* The reply was there when its event was picked up; what libcurl then takes to read it
     * is ours and not the target's. */
    uint64_t now = now_ns(), picked_up = u->crew->event_ns;
    settle(u, f, o, picked_up >= u->sent_ns ? picked_up : now, now);
}

static void user_time_out(struct user *u, uint64_t now)
{
    struct outcome o;
    u->crew->ops->abort(u->channel, &o);
    settle(u, FAIL_TIMEOUT, &o, now, now);
}

/* ---------------------------------------------------------------------- crew */

void crew_on_time(struct crew *c, uint64_t now)
{
    /* A part at a time: replies that came in meanwhile are read, and timed, in between. */
    for (int i = 0; i < DUE_PER_TURN; i++) {
        struct timer *t = timers_pop(&c->timers, now);
        if (t == NULL)
            break;
        struct user *u = (struct user *)t;
        if (u->state == USER_WAITING)
            begin(u, u->due_ns, now);
        else if (u->state == USER_ACTIVE && u->deadline_ns <= now)
            user_time_out(u, now);
        else if (u->state == USER_ACTIVE)
            timers_set(&c->timers, &u->timer, u->deadline_ns);
    }
}

static void user_start(struct crew *c, uint32_t slot, uint64_t now)
{
    struct user *u = mem_zalloc(sizeof *u);
    u->crew = c;
    u->number = slot * c->count + c->index;
    u->channel = c->ops->channel_open(c->transport, NULL, true, u);
    if (u->channel == NULL) {
        log_error("user %u cannot start: libcurl is out of memory", u->number);
        free(u);
        return;
    }
    c->slots[slot] = u;
    join_program(u, c->program);
    add32(&c->lane.gauge->users, 1);
    begin(u, now, now);
}

static void make_room(struct crew *c, uint32_t n)
{
    if (n > c->room) {
        uint32_t room = c->room != 0 ? c->room : 64;
        while (room < n)
            room *= 2;
        c->slots = mem_grow(c->slots, room, sizeof *c->slots);
        memset(c->slots + c->room, 0, (room - c->room) * sizeof *c->slots);
        c->room = room;
    }
    if (n > c->n_slots)
        c->n_slots = n;
}

void crew_set_users(struct crew *c, uint32_t n, uint64_t now)
{
    if (c->program == NULL || c->drain)
        n = 0;
    while (c->wanted > n) {
        struct user *u = c->slots[--c->wanted];
        if (u == NULL)
            continue;
        if (u->state == USER_ACTIVE)
            u->ending = true;
        else
            user_end(u);
    }
    make_room(c, n);
    while (c->wanted < n) {
        uint32_t slot = c->wanted++;
        if (c->slots[slot] != NULL)
            c->slots[slot]->ending = false;
        else
            user_start(c, slot, now);
    }
}

void crew_resume(struct crew *c, uint64_t now)
{
    for (uint32_t i = 0; i < c->wanted; i++) {
        struct user *u = c->slots[i];
        if (u == NULL || u->state != USER_PARKED)
            continue;
        /* Held users have long waited enough: all at once would be a burst that
         * nobody asked for. */
        uint64_t wait = draw_wait(c, &u->cls->wait);
        if (wait == 0)
            begin(u, now, now);
        else
            wait_until(u, now + rng_below(&c->rng, wait));
    }
}

void crew_set_program(struct crew *c, struct program *p, uint64_t now)
{
    if (c->program == p) {
        program_unref(p);
        return;
    }
    program_unref(c->program);
    c->program = p;
    const struct transport_rules rules = {.insecure = p->profile->insecure,
                                          .http2 = p->profile->http2};
    c->ops->configure(c->transport, &rules);
    for (uint32_t i = 0; i < c->wanted; i++) {
        struct user *u = c->slots[i];
        if (u == NULL || u->state == USER_ACTIVE)
            continue;
        join_program(u, p);
        if (u->state == USER_WAITING) {
            uint64_t wait = draw_wait(c, &u->cls->wait);
            wait_until(u, now + (wait > 0 ? rng_below(&c->rng, wait) : 0));
        }
    }
}

void crew_rebase(struct crew *c, uint64_t now)
{
    for (uint32_t i = 0; i < c->n_slots; i++) {
        struct user *u = c->slots[i];
        if (u == NULL)
            continue;
        if (u->state == USER_ACTIVE) {
            u->spoiled = true;
            u->deadline_ns = now + u->request->timeout_ns;
        } else if (u->state == USER_WAITING) {
            uint64_t wait = draw_wait(c, &u->cls->wait);
            wait_until(u, now + (wait > 0 ? rng_below(&c->rng, wait) : 0));
        }
    }
}

void crew_finish(struct crew *c)
{
    for (uint32_t i = 0; i < c->n_slots; i++)
        if (c->slots[i] != NULL)
            user_end(c->slots[i]);
    free(c->slots);
    timers_finish(&c->timers);
    program_unref(c->program);
}
