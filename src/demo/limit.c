/* SPDX-License-Identifier: MIT */
#include "src/demo/limit.h"

#include <stdlib.h>

#include "src/base/mem.h"
#include "src/base/now.h"

struct window {
    struct table_entry entry;
    uint64_t ends_ns, count;
};

struct failing {
    struct table_entry entry;
    uint64_t last_ns;
    unsigned count;
};

static void release_limit_key(struct table_entry *e)
{
    free(e);
}

void limit_init(struct limit *l, uint64_t requests, uint64_t window_ns)
{
    *l = (struct limit){.requests = requests, .window_ns = window_ns};
    table_init(&l->keys, LIMIT_KEYS, release_limit_key);
}

void limit_finish(struct limit *l)
{
    table_finish(&l->keys);
}

bool limit_take(struct limit *l, const char *key, size_t len, uint64_t t_ns,
                struct limit_state *out)
{
    struct window *w = (struct window *)table_find(&l->keys, key, len);
    if (w == NULL) {
        w = mem_zalloc(sizeof *w);
        w->ends_ns = t_ns + l->window_ns;
        table_add(&l->keys, &w->entry, key, len);
    } else if (t_ns >= w->ends_ns) {
        w->ends_ns = t_ns + l->window_ns;
        w->count = 0;
    }
    bool admitted = w->count < l->requests;
    if (admitted)
        w->count++;
    else
        l->refused++;
    *out = (struct limit_state){.remaining = l->requests - w->count, .ends_ns = w->ends_ns};
    return admitted;
}

void lock_init(struct lock *l, unsigned failures, uint64_t time_ns)
{
    *l = (struct lock){.failures = failures, .time_ns = time_ns};
    table_init(&l->keys, LIMIT_KEYS, release_limit_key);
}

void lock_finish(struct lock *l)
{
    table_finish(&l->keys);
}

bool lock_closed(const struct lock *l, const char *key, size_t len, uint64_t t_ns,
                 uint64_t *until_ns)
{
    const struct failing *f = (const struct failing *)table_find(&l->keys, key, len);
    if (f == NULL || f->count < l->failures || t_ns >= f->last_ns + l->time_ns)
        return false;
    *until_ns = f->last_ns + l->time_ns;
    return true;
}

void lock_failed(struct lock *l, const char *key, size_t len, uint64_t t_ns)
{
    struct failing *f = (struct failing *)table_find(&l->keys, key, len);
    if (f == NULL) {
        f = mem_zalloc(sizeof *f);
        table_add(&l->keys, &f->entry, key, len);
    } else if (t_ns >= f->last_ns + l->time_ns) {
        f->count = 0;
    }
    f->count++;
    f->last_ns = t_ns;
}

void lock_passed(struct lock *l, const char *key, size_t len)
{
    struct table_entry *e = table_find(&l->keys, key, len);
    if (e != NULL)
        table_remove(&l->keys, e);
}

uint64_t limit_seconds(uint64_t t_ns, uint64_t until_ns)
{
    uint64_t left_ns = until_ns > t_ns ? until_ns - t_ns : 0;
    uint64_t s = (left_ns + NS_PER_S - 1) / NS_PER_S;
    return s > 0 ? s : 1;
}
