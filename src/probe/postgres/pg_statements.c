/* SPDX-License-Identifier: MIT */
#include "src/probe/postgres/pg_statements.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

void pg_statements_add(struct pg_statements *all, const struct pg_statement *s)
{
    all->items = mem_room(all->items, all->n, sizeof *all->items);
    all->items[all->n++] = *s;
}

static int statement_by_id(const void *a, const void *b)
{
    const struct pg_statement *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

void pg_statements_sort(struct pg_statements *all)
{
    if (all->n > 0)
        qsort(all->items, all->n, sizeof *all->items, statement_by_id);
}

void pg_statements_finish(struct pg_statements *all)
{
    free(all->items);
    *all = (struct pg_statements){0};
}

static struct pg_statement subtract_statement(const struct pg_statement *now,
                                              const struct pg_statement *then)
{
    struct pg_statement d = *now;
    if (then == NULL || then->calls > now->calls || then->ms > now->ms)
        return d;
    d.calls -= then->calls;
    d.ms -= then->ms;
    d.rows -= then->rows;
    return d;
}

/* Inserts a statement in order of time; the last one may drop out. */
static size_t insert_top_statement(struct pg_statement *out, size_t n, size_t max,
                                   const struct pg_statement *s)
{
    size_t at = n;
    while (at > 0 && out[at - 1].ms < s->ms)
        at--;
    if (at == max)
        return n;
    if (n == max)
        n--;
    memmove(out + at + 1, out + at, (n - at) * sizeof *out);
    out[at] = *s;
    return n + 1;
}

size_t pg_statements_top(const struct pg_statements *before, const struct pg_statements *now,
                         struct pg_statement *out, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < now->n; i++) {
        const struct pg_statement *then = before->n > 0
                                              ? bsearch(&now->items[i], before->items, before->n,
                                                        sizeof *before->items, statement_by_id)
                                              : NULL;
        struct pg_statement d = subtract_statement(&now->items[i], then);
        if (d.calls > 0)
            n = insert_top_statement(out, n, max, &d);
    }
    return n;
}
