/* SPDX-License-Identifier: MIT */
#include "src/demo/due.h"

#include <stdlib.h>

#include "src/base/mem.h"

static bool due_before(const struct due_item *a, const struct due_item *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->seq < b->seq;
}

void due_finish(struct due *d)
{
    free(d->items);
    *d = (struct due){0};
}

void due_push(struct due *d, uint64_t at_ns, void *what)
{
    if (d->n == d->cap) {
        d->cap = d->cap == 0 ? 256 : d->cap * 2;
        d->items = mem_grow(d->items, d->cap, sizeof *d->items);
    }
    struct due_item item = {.at_ns = at_ns, .seq = d->seq++, .what = what};
    size_t i = d->n++;
    for (; i > 0 && due_before(&item, &d->items[(i - 1) / 2]); i = (i - 1) / 2)
        d->items[i] = d->items[(i - 1) / 2];
    d->items[i] = item;
}

uint64_t due_first_ns(const struct due *d)
{
    return d->n > 0 ? d->items[0].at_ns : UINT64_MAX;
}

void *due_take(struct due *d, uint64_t until_ns)
{
    if (d->n == 0 || d->items[0].at_ns > until_ns)
        return NULL;
    void *what = d->items[0].what;
    struct due_item last = d->items[--d->n];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < d->n; i = child) {
        if (child + 1 < d->n && due_before(&d->items[child + 1], &d->items[child]))
            child++;
        if (!due_before(&d->items[child], &last))
            break;
        d->items[i] = d->items[child];
    }
    if (d->n > 0)
        d->items[i] = last;
    return what;
}
