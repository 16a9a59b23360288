/* SPDX-License-Identifier: MIT */
/* table.h - things found by a text, in the order in which they came, bounded: with one more than
 * `max` (SIZE_MAX: without bound) the oldest goes.
 *
 * An entry is the first member of what is kept; the table owns both.  One thread. */
#ifndef RAMPTOP_BASE_TABLE_H
#define RAMPTOP_BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_entry {
    struct table_entry *chain, *older, *newer;
    uint64_t hash;
    char *key;
    size_t len;
};

struct table {
    size_t n;
    struct table_entry *oldest, *newest;
    /* private */
    size_t max;
    struct table_entry **buckets;
    size_t n_buckets;
    void (*release)(struct table_entry *e); /* frees an item, entry included; not its key */
};

void table_init(struct table *t, size_t max, void (*release)(struct table_entry *e));
void table_finish(struct table *t); /* zeroed is fine */

struct table_entry *table_find(const struct table *t, const char *key, size_t len);
/* The key must not be in the table; it is copied. */
void table_add(struct table *t, struct table_entry *e, const char *key, size_t len);
void table_remove(struct table *t, struct table_entry *e);

#endif
