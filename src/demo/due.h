/* SPDX-License-Identifier: MIT */
/* due.h - what is to be done at which time: a min-heap of pointers. */
#ifndef RAMPTOP_DEMO_DUE_H
#define RAMPTOP_DEMO_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct due_item {
    uint64_t at_ns, seq; /* seq: what is due at the same time comes out as it went in */
    void *what;          /* borrowed */
};

struct due {
    struct due_item *items;
    size_t n, cap;
    uint64_t seq;
};

void due_finish(struct due *d); /* a zeroed one is empty and ready */
void due_push(struct due *d, uint64_t at_ns, void *what);
uint64_t due_first_ns(const struct due *d);       /* UINT64_MAX when empty */
void *due_take(struct due *d, uint64_t until_ns); /* NULL when nothing is due by then */

#endif
