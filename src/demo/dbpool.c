/* SPDX-License-Identifier: MIT */
#include "src/demo/dbpool.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

struct dbpool_waiter {
    void *who;
    uint64_t since_ns;
};

void dbpool_init(struct dbpool *p, size_t size, size_t queue, uint64_t idle_ns,
                 uint64_t patience_ns)
{
    *p = (struct dbpool){
        .size = size,
        .queue = queue,
        .idle_ns = idle_ns,
        .patience_ns = patience_ns,
        .states = mem_array(size, sizeof *p->states),
        .idle_slots = mem_array(size, sizeof *p->idle_slots),
        .idle_since_ns = mem_array(size, sizeof *p->idle_since_ns),
        .waiters = mem_array(queue + size, sizeof *p->waiters),
    };
}

void dbpool_finish(struct dbpool *p)
{
    free(p->states);
    free(p->idle_slots);
    free(p->idle_since_ns);
    free(p->waiters);
    *p = (struct dbpool){0};
}

/* ------------------------------------------------------------------ the queue */

static void enqueue_waiter(struct dbpool *p, void *who, uint64_t t_ns)
{
    size_t at = (p->head + p->waiting++) % (p->queue + p->size);
    p->waiters[at] = (struct dbpool_waiter){.who = who, .since_ns = t_ns};
}

static void *dequeue_waiter(struct dbpool *p)
{
    void *who = p->waiters[p->head].who;
    p->head = (p->head + 1) % (p->queue + p->size);
    p->waiting--;
    return who;
}

/* Slots that are open or soon will be. */
static size_t open_slots(const struct dbpool *p)
{
    return p->opening + p->idle + p->busy;
}

/* ---------------------------------------------------------------------- slots */

static size_t take_newest(struct dbpool *p)
{
    size_t slot = p->idle_slots[--p->idle];
    p->states[slot] = SLOT_BUSY;
    p->busy++;
    return slot;
}

/* at: its place among the idle ones */
static void drop_idle(struct dbpool *p, size_t at)
{
    p->states[p->idle_slots[at]] = SLOT_CLOSED;
    p->idle--;
    memmove(p->idle_slots + at, p->idle_slots + at + 1, (p->idle - at) * sizeof *p->idle_slots);
    memmove(p->idle_since_ns + at, p->idle_since_ns + at + 1,
            (p->idle - at) * sizeof *p->idle_since_ns);
}

enum dbpool_reply dbpool_ask(struct dbpool *p, void *who, uint64_t t_ns, size_t *slot)
{
    if (p->idle > 0) {
        *slot = take_newest(p);
        return DBPOOL_TAKEN;
    }
    bool may_open = open_slots(p) < p->size && t_ns >= p->retry_at_ns;
    if (open_slots(p) == 0 && !may_open)
        return DBPOOL_NONE;
    /* Each being opened takes one out of the queue; so will the one that this opens. */
    size_t coming = p->opening + (may_open ? 1 : 0);
    if (p->waiting >= p->queue + coming) {
        p->refused++;
        return DBPOOL_FULL;
    }
    enqueue_waiter(p, who, t_ns);
    return DBPOOL_WAITS;
}

bool dbpool_grow(struct dbpool *p, uint64_t t_ns, size_t *slot)
{
    if (p->waiting <= p->opening || open_slots(p) == p->size || t_ns < p->retry_at_ns)
        return false;
    size_t at = 0;
    while (p->states[at] != SLOT_CLOSED)
        at++;
    p->states[at] = SLOT_OPENING;
    p->opening++;
    *slot = at;
    return true;
}

void *dbpool_ready(struct dbpool *p, size_t slot, uint64_t t_ns)
{
    if (p->states[slot] == SLOT_OPENING) {
        p->opening--;
        p->opened++;
        p->retry_ns = p->retry_at_ns = 0;
    } else {
        p->busy--;
    }
    if (p->waiting > 0) {
        p->states[slot] = SLOT_BUSY;
        p->busy++;
        return dequeue_waiter(p);
    }
    p->states[slot] = SLOT_IDLE;
    p->idle_since_ns[p->idle] = t_ns;
    p->idle_slots[p->idle++] = slot;
    return NULL;
}

static void put_off_retry(struct dbpool *p, uint64_t t_ns)
{
    /* Several attempts under way at the same time fail for one reason: that counts once. */
    if (t_ns < p->retry_at_ns)
        return;
    p->retry_ns = p->retry_ns == 0 ? DBPOOL_RETRY_FIRST_NS : p->retry_ns * 2;
    if (p->retry_ns > DBPOOL_RETRY_MOST_NS)
        p->retry_ns = DBPOOL_RETRY_MOST_NS;
    p->retry_at_ns = t_ns + p->retry_ns;
}

void dbpool_gone(struct dbpool *p, size_t slot, uint64_t t_ns)
{
    switch (p->states[slot]) {
    case SLOT_OPENING:
        p->opening--;
        p->failed++;
        p->to_refuse++;
        put_off_retry(p, t_ns);
        break;
    case SLOT_BUSY:
        p->busy--;
        p->lost++;
        break;
    case SLOT_IDLE:
        for (size_t i = 0; i < p->idle; i++)
            if (p->idle_slots[i] == slot) {
                drop_idle(p, i);
                break;
            }
        p->lost++;
        break;
    case SLOT_CLOSED:
        break;
    }
    p->states[slot] = SLOT_CLOSED;
}

/* ----------------------------------------------------------------------- time */

static bool first_waiter_is_late(const struct dbpool *p, uint64_t t_ns)
{
    return p->waiting > 0 && t_ns >= p->waiters[p->head].since_ns + p->patience_ns;
}

void *dbpool_refuse(struct dbpool *p, uint64_t t_ns)
{
    bool nothing_left = open_slots(p) == 0 && t_ns < p->retry_at_ns;
    if (p->waiting == 0) {
        p->to_refuse = 0;
        return NULL;
    }
    if (p->to_refuse > 0)
        p->to_refuse--;
    else if (!nothing_left && !first_waiter_is_late(p, t_ns))
        return NULL;
    return dequeue_waiter(p);
}

bool dbpool_shrink(struct dbpool *p, uint64_t t_ns, size_t *slot)
{
    if (p->idle == 0 || t_ns < p->idle_since_ns[0] + p->idle_ns)
        return false;
    *slot = p->idle_slots[0];
    drop_idle(p, 0);
    p->closed++;
    return true;
}

static uint64_t earlier_ns(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t dbpool_due_ns(const struct dbpool *p)
{
    uint64_t due_ns = UINT64_MAX;
    if (p->idle > 0)
        due_ns = earlier_ns(due_ns, p->idle_since_ns[0] + p->idle_ns);
    if (p->waiting > 0)
        due_ns = earlier_ns(due_ns, p->waiters[p->head].since_ns + p->patience_ns);
    if (p->waiting > p->opening && open_slots(p) < p->size)
        due_ns = earlier_ns(due_ns, p->retry_at_ns);
    return p->to_refuse > 0 ? 0 : due_ns;
}
