/* SPDX-License-Identifier: MIT */
#include "src/stats/latencies.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

static void clear_half(struct hist *h)
{
    if (h->buckets != NULL)
        hist_clear(h);
}

void latencies_finish(struct latencies *l)
{
    hist_finish(&l->ok);
    hist_finish(&l->failed);
}

void latencies_clear(struct latencies *l)
{
    clear_half(&l->ok);
    clear_half(&l->failed);
}

static void merge_half(struct hist *into, const struct hist *from)
{
    if (from->count == 0)
        return;
    if (into->buckets == NULL)
        hist_init(into);
    hist_merge(into, from);
}

void latencies_merge(struct latencies *into, const struct latencies *from)
{
    merge_half(&into->ok, &from->ok);
    merge_half(&into->failed, &from->failed);
}

void latencies_pack(const struct latencies *l, struct latencies_packed *out)
{
    *out = (struct latencies_packed){0};
    if (l->ok.count > 0)
        hist_to_sparse(&l->ok, &out->ok);
    if (l->failed.count == 0)
        return;
    out->failed = mem_zalloc(sizeof *out->failed);
    hist_to_sparse(&l->failed, out->failed);
}

void latencies_packed_merge(struct latencies_packed *into, const struct latencies_packed *from)
{
    hist_sparse_merge(&into->ok, &from->ok);
    if (from->failed == NULL)
        return;
    if (into->failed == NULL)
        into->failed = mem_zalloc(sizeof *into->failed);
    hist_sparse_merge(into->failed, from->failed);
}

void latencies_packed_finish(struct latencies_packed *p)
{
    hist_sparse_finish(&p->ok);
    if (p->failed != NULL)
        hist_sparse_finish(p->failed);
    free(p->failed);
    p->failed = NULL;
}

size_t latencies_packed_bytes(const struct latencies_packed *p)
{
    size_t bytes = sizeof *p - sizeof p->ok + hist_sparse_bytes(&p->ok);
    return bytes + (p->failed != NULL ? hist_sparse_bytes(p->failed) : 0);
}

static void merge_packed_half(struct hist *into, const struct hist_sparse *from)
{
    if (from == NULL || from->count == 0)
        return;
    if (into->buckets == NULL)
        hist_init(into);
    hist_merge_sparse(into, from);
}

void latencies_merge_packed(struct latencies *into, const struct latencies_packed *from)
{
    merge_packed_half(&into->ok, &from->ok);
    merge_packed_half(&into->failed, from->failed);
}

void latencies_subtract_packed(struct latencies *from, const struct latencies_packed *what)
{
    if (what->ok.count > 0)
        hist_subtract_sparse(&from->ok, &what->ok);
    if (what->failed != NULL)
        hist_subtract_sparse(&from->failed, what->failed);
}

void latencies_tighten(struct latencies *l)
{
    if (l->ok.buckets != NULL)
        hist_tighten(&l->ok);
    if (l->failed.buckets != NULL)
        hist_tighten(&l->failed);
}

static void forget_half(struct hist *h)
{
    h->min_us = UINT64_MAX;
    h->max_us = 0;
}

void latencies_forget_bounds(struct latencies *l)
{
    forget_half(&l->ok);
    forget_half(&l->failed);
}

static void widen_half(struct hist *h, const struct hist_sparse *p)
{
    if (p == NULL || p->count == 0)
        return;
    if (p->min_us < h->min_us)
        h->min_us = p->min_us;
    if (p->max_us > h->max_us)
        h->max_us = p->max_us;
}

void latencies_widen_bounds(struct latencies *l, const struct latencies_packed *p)
{
    widen_half(&l->ok, &p->ok);
    widen_half(&l->failed, p->failed);
}
