/* SPDX-License-Identifier: MIT */
/* books.h - a gatherer and the aggregate that books its seconds, for tests. */
#ifndef RAMPTOP_TESTS_BOOKS_H
#define RAMPTOP_TESTS_BOOKS_H

#include "src/stats/aggregate.h"
#include "src/stats/gather.h"

struct books {
    struct gather *gather;
    struct aggregate *aggregate;
};

static inline struct books books_open(uint64_t start_ns, enum snap_window w)
{
    struct books b = {gather_create(start_ns, 0), aggregate_create(w)};
    gather_listen(b.gather, aggregate_book, b.aggregate);
    return b;
}

static inline void books_close(struct books *b)
{
    gather_destroy(b->gather);
    aggregate_destroy(b->aggregate);
}

static inline void books_fill(const struct books *b, struct snapshot *snap)
{
    struct second open;
    gather_look(b->gather, &open);
    aggregate_fill(b->aggregate, &open, snap);
    second_finish(&open);
}

static inline bool books_take_alert(const struct books *b, struct aggregate_alert *out)
{
    struct second open;
    gather_look(b->gather, &open);
    aggregate_alert(b->aggregate, &open);
    second_finish(&open);
    return aggregate_take_alert(b->aggregate, out);
}

#endif
