/* SPDX-License-Identifier: MIT */
#include "src/stats/timeline.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/num.h"

enum { FINE, MIDDLE, COARSE, TIERS };

struct tier {
    uint32_t width_s;
    uint32_t capacity, first, n; /* a ring: slot i is slots[(first + i) % capacity] */
    size_t share_bytes;          /* memory of its slots' shares */
    struct timeline_slot *slots;
};

struct timeline {
    struct tier tiers[TIERS];
    size_t budget_bytes;
    struct latencies scratch, both; /* for merging: one endpoint, all endpoints */
};

static struct timeline_slot *slot_at(const struct tier *tier, uint32_t i)
{
    return &tier->slots[(tier->first + i) % tier->capacity];
}

struct timeline *timeline_create(const struct timeline_sizes *sizes)
{
    static const struct timeline_sizes usual = {
        .fine_slots = TIMELINE_FINE_SLOTS,
        .middle_s = TIMELINE_MIDDLE_S,
        .middle_slots = TIMELINE_MIDDLE_SLOTS,
        .coarse_s = TIMELINE_COARSE_S,
        .coarse_slots = TIMELINE_COARSE_SLOTS,
        .budget_bytes = TIMELINE_BUDGET_BYTES,
    };
    if (sizes == NULL)
        sizes = &usual;
    assert(sizes->fine_slots > sizes->middle_s && sizes->coarse_slots >= 4 &&
           sizes->middle_slots > sizes->coarse_s / sizes->middle_s);
    struct timeline *t = mem_zalloc(sizeof *t);
    t->budget_bytes = sizes->budget_bytes != 0 ? sizes->budget_bytes : TIMELINE_BUDGET_BYTES;
    t->tiers[FINE] = (struct tier){.width_s = 1, .capacity = sizes->fine_slots};
    t->tiers[MIDDLE] = (struct tier){.width_s = sizes->middle_s, .capacity = sizes->middle_slots};
    t->tiers[COARSE] = (struct tier){.width_s = sizes->coarse_s, .capacity = sizes->coarse_slots};
    for (int i = 0; i < TIERS; i++)
        t->tiers[i].slots = mem_array(t->tiers[i].capacity, sizeof *t->tiers[i].slots);
    return t;
}

static size_t shares_bytes(const struct timeline_slot *slot)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < slot->n_shares; i++)
        bytes += sizeof slot->shares[i] - sizeof slot->shares[i].latencies +
                 latencies_packed_bytes(&slot->shares[i].latencies);
    return bytes;
}

static void slot_finish(struct tier *tier, struct timeline_slot *slot)
{
    tier->share_bytes -= shares_bytes(slot);
    for (uint32_t i = 0; i < slot->n_shares; i++)
        latencies_packed_finish(&slot->shares[i].latencies);
    free(slot->shares);
    memset(slot, 0, sizeof *slot);
}

void timeline_destroy(struct timeline *t)
{
    if (t == NULL)
        return;
    for (int k = 0; k < TIERS; k++) {
        for (uint32_t i = 0; i < t->tiers[k].n; i++)
            slot_finish(&t->tiers[k], slot_at(&t->tiers[k], i));
        free(t->tiers[k].slots);
    }
    latencies_finish(&t->scratch);
    latencies_finish(&t->both);
    free(t);
}

static const struct timeline_share *share_of(const struct timeline_slot *slot, uint16_t endpoint)
{
    uint32_t low = 0, high = slot->n_shares;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (slot->shares[mid].endpoint < endpoint)
            low = mid + 1;
        else
            high = mid;
    }
    return low < slot->n_shares && slot->shares[low].endpoint == endpoint ? &slot->shares[low]
                                                                          : NULL;
}

void timeline_add_sums(struct timeline_point *sum, const struct timeline_point *p)
{
    sum->covered_ns += p->covered_ns;
    sum->requests += p->requests;
    sum->failures += p->failures;
    sum->client_failures += p->client_failures;
    sum->timeouts += p->timeouts;
    sum->bytes_in += p->bytes_in;
    sum->bytes_out += p->bytes_out;
    sum->connections += p->connections;
    sum->connected += p->connected;
    sum->connect_sum_us += p->connect_sum_us;
    sum->tls_sum_us += p->tls_sum_us;
    sum->answered += p->answered;
    sum->first_byte_sum_us += p->first_byte_sum_us;
}

/* Adds what adds up; the end of `sum` moves to the end of `p`. */
static void add_point(struct timeline_point *sum, const struct timeline_point *p)
{
    sum->seconds = p->second + p->seconds - sum->second;
    sum->cut_short = sum->cut_short || p->cut_short;
    timeline_add_sums(sum, p);
    sum->succeeded += p->succeeded;
    sum->users = p->users;
    sum->users_wanted = p->users_wanted;
    sum->in_flight = p->in_flight;
}

static void set_percentiles(struct timeline_point *p, const struct hist *ok)
{
    uint64_t us[3] = {0};
    if (ok->count > 0)
        hist_quantiles(ok, (const double[]){0.5, 0.95, 0.99}, 3, us);
    p->p50_us = num_saturate(us[0]);
    p->p95_us = num_saturate(us[1]);
    p->p99_us = num_saturate(us[2]);
    p->max_us = ok->count > 0 ? num_saturate(ok->max_us) : 0;
}

void timeline_set_latencies(struct timeline_point *p, const struct latencies *l)
{
    p->succeeded = l->ok.count;
    set_percentiles(p, &l->ok);
}

/* The share of one endpoint in the n oldest slots of a tier, added up; false when it has none. */
static bool merge_share(struct timeline *t, const struct tier *tier, uint32_t at, uint32_t n,
                        uint16_t endpoint, struct timeline_share *out)
{
    bool any = false;
    *out = (struct timeline_share){.endpoint = endpoint};
    latencies_clear(&t->scratch);
    for (uint32_t i = at; i < at + n; i++) {
        const struct timeline_share *share = share_of(slot_at(tier, i), endpoint);
        if (share == NULL)
            continue;
        any = true;
        out->requests += share->requests;
        out->failures += share->failures;
        out->client_failures += share->client_failures;
        out->bytes_in += share->bytes_in;
        out->bytes_out += share->bytes_out;
        latencies_merge_packed(&t->scratch, &share->latencies);
    }
    if (any) {
        latencies_pack(&t->scratch, &out->latencies);
        latencies_merge(&t->both, &t->scratch);
    }
    return any;
}

/* Slots at .. at + n - 1 of a tier as one; the slots themselves are emptied. */
static struct timeline_slot merge_slots(struct timeline *t, struct tier *tier, uint32_t at,
                                        uint32_t n)
{
    struct timeline_slot out = {.point.second = slot_at(tier, at)->point.second};
    uint32_t endpoints = 0;

    for (uint32_t i = at; i < at + n; i++) {
        const struct timeline_slot *slot = slot_at(tier, i);
        add_point(&out.point, &slot->point);
        if (slot->n_shares > 0 && slot->shares[slot->n_shares - 1].endpoint >= endpoints)
            endpoints = slot->shares[slot->n_shares - 1].endpoint + 1u;
    }
    latencies_clear(&t->both);
    out.shares = endpoints > 0 ? mem_array(endpoints, sizeof *out.shares) : NULL;
    for (uint32_t e = 0; e < endpoints; e++)
        out.n_shares += merge_share(t, tier, at, n, (uint16_t)e, &out.shares[out.n_shares]);
    if (out.n_shares > 0)
        out.shares = mem_grow(out.shares, out.n_shares, sizeof *out.shares);
    set_percentiles(&out.point, &t->both.ok);
    for (uint32_t i = at; i < at + n; i++)
        slot_finish(tier, slot_at(tier, i));
    return out;
}

/* Takes over the slot's shares. */
static void put_slot(struct tier *tier, uint32_t i, const struct timeline_slot *slot)
{
    *slot_at(tier, i) = *slot;
    tier->share_bytes += shares_bytes(slot);
}

/* How many slots from `at` on fall into the same slot of the given width. */
static uint32_t group_size(const struct tier *tier, uint32_t at, uint32_t width_s)
{
    uint32_t group = slot_at(tier, at)->point.second / width_s, n = 1;
    while (at + n < tier->n && slot_at(tier, at + n)->point.second / width_s == group)
        n++;
    return n;
}

/* The last tier is full: neighbours merge and slots are twice as wide from now on. */
static void halve_slots(struct timeline *t, struct tier *tier)
{
    uint32_t kept = 0;
    tier->width_s *= 2;
    for (uint32_t i = 0; i < tier->n;) {
        uint32_t n = group_size(tier, i, tier->width_s);
        struct timeline_slot merged = merge_slots(t, tier, i, n);
        put_slot(tier, kept++, &merged);
        i += n;
    }
    tier->n = kept;
}

static void append_slot(struct timeline *t, int k, struct timeline_slot slot);

/* Moves the oldest slots of tier k, as many as make one slot of the next, into that. */
static void age_slots(struct timeline *t, int k)
{
    struct tier *tier = &t->tiers[k];
    uint32_t n = group_size(tier, 0, t->tiers[k + 1].width_s);
    struct timeline_slot merged = merge_slots(t, tier, 0, n);
    tier->first = (tier->first + n) % tier->capacity;
    tier->n -= n;
    append_slot(t, k + 1, merged);
}

static void append_slot(struct timeline *t, int k, struct timeline_slot slot)
{
    struct tier *tier = &t->tiers[k];
    while (tier->n == tier->capacity) {
        if (k == COARSE)
            halve_slots(t, tier);
        else
            age_slots(t, k);
    }
    put_slot(tier, tier->n++, &slot);
    /* Once coarse slots are wider than the whole middle tier, one comes in several pieces. */
    if (tier->n >= 2 && group_size(tier, tier->n - 2, tier->width_s) == 2) {
        struct timeline_slot merged = merge_slots(t, tier, tier->n - 2, 2);
        tier->n--;
        put_slot(tier, tier->n - 1, &merged);
    }
}

static size_t all_share_bytes(const struct timeline *t)
{
    size_t bytes = 0;
    for (int k = 0; k < TIERS; k++)
        bytes += t->tiers[k].share_bytes;
    return bytes;
}

static bool shrink_tier(struct timeline *t, int k)
{
    struct tier *tier = &t->tiers[k];
    if (k == COARSE) {
        if (tier->n < 4)
            return false;
        halve_slots(t, tier);
        return true;
    }
    /* A piece of a slot of the next tier will do: append() puts the pieces together. */
    if (tier->n <= (k == FINE ? TIMELINE_WINDOW_SLOTS + t->tiers[MIDDLE].width_s : 1))
        return false;
    age_slots(t, k);
    return true;
}

/* Takes a step towards less memory: in the tier that takes most, or else in any.  False when none
 * can give more. */
static bool shrink_some_tier(struct timeline *t)
{
    int largest = FINE;
    for (int k = MIDDLE; k < TIERS; k++)
        if (t->tiers[k].share_bytes > t->tiers[largest].share_bytes)
            largest = k;
    return shrink_tier(t, largest) || shrink_tier(t, FINE) || shrink_tier(t, MIDDLE) ||
           shrink_tier(t, COARSE);
}

void timeline_add(struct timeline *t, const struct timeline_slot *second)
{
    assert(second->point.seconds == 1);
    assert(timeline_slots(t) == 0 || second->point.second >= timeline_end(t));
    append_slot(t, FINE, *second);
    while (all_share_bytes(t) > t->budget_bytes && shrink_some_tier(t))
        continue;
}

/* The first slot of a tier that ends after `second`; tier->n when there is none. */
static uint32_t find_slot(const struct tier *tier, uint32_t second)
{
    uint32_t low = 0, high = tier->n;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        const struct timeline_point *p = &slot_at(tier, mid)->point;
        if (p->second + p->seconds <= second)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Walks the slots that touch [from, to), oldest first: start with k = COARSE, i = UINT32_MAX. */
static const struct timeline_slot *next_slot(const struct timeline *t, uint32_t from, uint32_t to,
                                             int *k, uint32_t *i)
{
    for (; *k >= FINE; (*k)--, *i = UINT32_MAX) {
        const struct tier *tier = &t->tiers[*k];
        *i = *i == UINT32_MAX ? find_slot(tier, from) : *i + 1;
        if (*i < tier->n)
            return slot_at(tier, *i)->point.second < to ? slot_at(tier, *i) : NULL;
    }
    return NULL;
}

uint64_t timeline_take_off(struct timeline *t, uint32_t second, uint64_t ns)
{
    for (int k = FINE; k < TIERS; k++) {
        uint32_t i = find_slot(&t->tiers[k], second);
        if (i == t->tiers[k].n || slot_at(&t->tiers[k], i)->point.second > second)
            continue;
        struct timeline_point *p = &slot_at(&t->tiers[k], i)->point;
        if (ns > p->covered_ns)
            ns = p->covered_ns;
        p->covered_ns -= ns;
        return ns;
    }
    return 0;
}

const struct timeline_slot *timeline_second(const struct timeline *t, uint32_t second)
{
    const struct tier *fine = &t->tiers[FINE];
    uint32_t i = find_slot(fine, second);
    return i < fine->n && slot_at(fine, i)->point.second == second ? slot_at(fine, i) : NULL;
}

size_t timeline_points(const struct timeline *t, uint32_t from, uint32_t to,
                       struct timeline_point *out, size_t max)
{
    const struct timeline_slot *slot;
    uint32_t i = UINT32_MAX;
    int k = COARSE;
    size_t touched = 0, n = 0;

    while (next_slot(t, from, to, &k, &i) != NULL)
        touched++;
    size_t skip = touched > max ? touched - max : 0;
    k = COARSE;
    i = UINT32_MAX;
    while ((slot = next_slot(t, from, to, &k, &i)) != NULL) {
        if (skip > 0)
            skip--;
        else
            out[n++] = slot->point;
    }
    return n;
}

static void add_share(struct timeline_point *sum, const struct timeline_slot *slot,
                      uint16_t endpoint, struct latencies *into)
{
    const struct timeline_share *share = share_of(slot, endpoint);
    struct timeline_point own = {
        .second = slot->point.second,
        .seconds = slot->point.seconds,
        .covered_ns = slot->point.covered_ns,
        .cut_short = slot->point.cut_short,
        .users = slot->point.users,
        .users_wanted = slot->point.users_wanted,
        .in_flight = slot->point.in_flight,
    };
    if (share != NULL) {
        own.requests = share->requests;
        own.failures = share->failures;
        own.client_failures = share->client_failures;
        own.bytes_in = share->bytes_in;
        own.bytes_out = share->bytes_out;
        own.succeeded = share->latencies.ok.count;
        if (into != NULL)
            latencies_merge_packed(into, &share->latencies);
    }
    add_point(sum, &own);
}

bool timeline_merge(const struct timeline *t, uint32_t from, uint32_t to, uint16_t endpoint,
                    struct latencies *into, struct timeline_point *sum)
{
    const struct timeline_slot *slot;
    uint32_t i = UINT32_MAX;
    int k = COARSE;
    bool any = false, alone = into != NULL && into->ok.count == 0;

    memset(sum, 0, sizeof *sum);
    while ((slot = next_slot(t, from, to, &k, &i)) != NULL) {
        if (!any)
            sum->second = slot->point.second;
        any = true;
        if (endpoint != TIMELINE_ALL) {
            add_share(sum, slot, endpoint, into);
            continue;
        }
        add_point(sum, &slot->point);
        for (uint32_t p = 0; into != NULL && p < slot->n_shares; p++)
            latencies_merge_packed(into, &slot->shares[p].latencies);
    }
    if (alone)
        set_percentiles(sum, &into->ok);
    return any;
}

uint32_t timeline_first(const struct timeline *t)
{
    for (int k = COARSE; k >= FINE; k--)
        if (t->tiers[k].n > 0)
            return slot_at(&t->tiers[k], 0)->point.second;
    return 0;
}

uint32_t timeline_end(const struct timeline *t)
{
    for (int k = FINE; k < TIERS; k++) {
        if (t->tiers[k].n == 0)
            continue;
        const struct timeline_point *p = &slot_at(&t->tiers[k], t->tiers[k].n - 1)->point;
        return p->second + p->seconds;
    }
    return 0;
}

size_t timeline_slots(const struct timeline *t)
{
    return (size_t)t->tiers[FINE].n + t->tiers[MIDDLE].n + t->tiers[COARSE].n;
}

size_t timeline_bytes(const struct timeline *t)
{
    size_t bytes = sizeof *t + all_share_bytes(t) + 4 * HIST_BUCKETS * sizeof(uint64_t);
    for (int k = 0; k < TIERS; k++)
        bytes += t->tiers[k].capacity * sizeof *t->tiers[k].slots;
    return bytes;
}
