/* SPDX-License-Identifier: MIT */
#include "src/base/table.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/hash.h"
#include "src/base/mem.h"

#define FIRST_BUCKETS 64

void table_init(struct table *t, size_t max, void (*release)(struct table_entry *e))
{
    *t = (struct table){.max = max, .release = release, .n_buckets = FIRST_BUCKETS};
    t->buckets = mem_array(t->n_buckets, sizeof *t->buckets);
}

void table_finish(struct table *t)
{
    while (t->oldest != NULL)
        table_remove(t, t->oldest);
    free(t->buckets);
    *t = (struct table){0};
}

static uint64_t hash_of(const char *key, size_t len)
{
    uint64_t hash = hash_bytes(HASH_BEGIN, key, len);
    return hash ^ hash >> 32;
}

struct table_entry *table_find(const struct table *t, const char *key, size_t len)
{
    uint64_t hash = hash_of(key, len);
    struct table_entry *e = t->buckets[hash & (t->n_buckets - 1)];
    while (e != NULL && (e->hash != hash || e->len != len || memcmp(e->key, key, len) != 0))
        e = e->chain;
    return e;
}

static void chain(struct table *t, struct table_entry *e)
{
    struct table_entry **at = &t->buckets[e->hash & (t->n_buckets - 1)];
    e->chain = *at;
    *at = e;
}

static void table_widen(struct table *t)
{
    free(t->buckets);
    t->n_buckets *= 2;
    t->buckets = mem_array(t->n_buckets, sizeof *t->buckets);
    for (struct table_entry *e = t->oldest; e != NULL; e = e->newer)
        chain(t, e);
}

void table_add(struct table *t, struct table_entry *e, const char *key, size_t len)
{
    if (t->n >= t->max && t->oldest != NULL)
        table_remove(t, t->oldest);
    if (t->n >= t->n_buckets)
        table_widen(t);
    e->key = mem_strndup(key, len);
    e->len = len;
    e->hash = hash_of(key, len);
    chain(t, e);
    e->older = t->newest;
    e->newer = NULL;
    if (t->newest != NULL)
        t->newest->newer = e;
    else
        t->oldest = e;
    t->newest = e;
    t->n++;
}

void table_remove(struct table *t, struct table_entry *e)
{
    struct table_entry **at = &t->buckets[e->hash & (t->n_buckets - 1)];
    while (*at != e)
        at = &(*at)->chain;
    *at = e->chain;
    if (e->older != NULL)
        e->older->newer = e->newer;
    else
        t->oldest = e->newer;
    if (e->newer != NULL)
        e->newer->older = e->older;
    else
        t->newest = e->older;
    t->n--;
    free(e->key);
    t->release(e);
}
