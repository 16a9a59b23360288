/* SPDX-License-Identifier: MIT */
#include "src/stats/failures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/num.h"

#define OTHERS (SNAP_FAILS - 1u)
#define TABLE 512 /* hash places, a power of two, several times the rows */
#define NONE 0xff

struct row {
    struct snap_fail shown; /* over the finished seconds; per_s is filled on the way out */
    uint64_t open;          /* in open seconds, while the table is read */
    double open_last_s;
    struct second_fail key; /* without a text */
    uint32_t per_second[FAILURES_SECONDS];
};

struct failures {
    uint32_t n; /* rows in use; OTHERS stands apart */
    uint8_t table[TABLE];
    struct row rows[SNAP_FAILS];
};

_Static_assert(SNAP_FAILS < NONE, "a row's index fits the table");

struct failures *failures_create(void)
{
    struct failures *f = mem_zalloc(sizeof *f);
    struct snap_fail *others = &f->rows[OTHERS].shown;
    memset(f->table, NONE, sizeof f->table);
    others->endpoint = SNAP_ENDPOINTS - 1;
    others->fail = FAIL_OTHER;
    snprintf(others->text, sizeof others->text,
             "(others): more kinds of failure than the table has rows");
    return f;
}

void failures_destroy(struct failures *f)
{
    free(f);
}

void failures_open_seconds(struct failures *f, uint32_t from, uint32_t to)
{
    uint32_t n = to - from < FAILURES_SECONDS ? to - from + 1 : FAILURES_SECONDS;
    for (uint32_t i = 0; i < SNAP_FAILS; i++)
        for (uint32_t k = 0; k < n; k++)
            f->rows[i].per_second[(to - k) % FAILURES_SECONDS] = 0;
}

/* The row of a key, made when it is new and there is room. */
static struct row *failure_row(struct failures *f, const struct second_fail *fail)
{
    struct second_fail key =
        second_fail_key(fail->endpoint, fail->fail, fail->status, fail->detail);
    uint32_t at = second_fail_hash(&key);
    for (; f->table[at % TABLE] != NONE; at++)
        if (second_fail_is(&f->rows[f->table[at % TABLE]].key, &key))
            return &f->rows[f->table[at % TABLE]];
    if (f->n == OTHERS)
        return &f->rows[OTHERS];
    struct row *row = &f->rows[f->n];
    f->table[at % TABLE] = (uint8_t)f->n++;
    row->key = key;
    row->shown.endpoint = key.endpoint;
    row->shown.fail = key.fail;
    row->shown.status = key.status;
    return row;
}

static void set_row_text(struct failures *f, struct row *row, const char *text)
{
    if (text == NULL || row == &f->rows[OTHERS])
        return; /* no text can speak for many kinds */
    snprintf(row->shown.text, sizeof row->shown.text, "%s", text);
}

void failures_add(struct failures *f, const struct second_fail *fail, uint32_t second)
{
    struct row *row = failure_row(f, fail);
    double first_s = (double)fail->first_ns / 1e9, last_s = (double)fail->last_ns / 1e9;
    if (fail->count > 0 && (row->shown.count == 0 || first_s < row->shown.first_s))
        row->shown.first_s = first_s;
    if (last_s > row->shown.last_s)
        row->shown.last_s = last_s;
    row->shown.count += fail->count;
    uint64_t n = row->per_second[second % FAILURES_SECONDS] + fail->count;
    row->per_second[second % FAILURES_SECONDS] = num_saturate(n);
    set_row_text(f, row, fail->text);
}

/* Returns how many came in the seconds [first, end). */
static uint64_t count_in_seconds(const struct row *row, uint64_t first, uint64_t end)
{
    uint64_t sum = 0;
    for (uint64_t s = first; s < end; s++)
        sum += row->per_second[s % FAILURES_SECONDS];
    return sum;
}

static int compare_newest_first(const void *a, const void *b)
{
    const struct snap_fail *x = a, *y = b;
    if (x->last_s != y->last_s)
        return x->last_s < y->last_s ? 1 : -1;
    return (x->count < y->count) - (x->count > y->count);
}

/* Makes rows too: they would come anyway, when the second is finished. */
static void add_open_fails(struct failures *f, const struct second *open)
{
    for (uint32_t i = 0; i < SNAP_FAILS; i++) {
        f->rows[i].open = 0;
        f->rows[i].open_last_s = 0;
    }
    for (uint32_t i = 0; i < open->n_fails; i++) {
        const struct second_fail *fail = &open->fails[i];
        struct row *row = failure_row(f, fail);
        double first_s = (double)fail->first_ns / 1e9, last_s = (double)fail->last_ns / 1e9;
        if (row->shown.count + row->open == 0 && fail->count > 0)
            row->shown.first_s = first_s;
        row->open_last_s = last_s > row->open_last_s ? last_s : row->open_last_s;
        row->open += fail->count;
        set_row_text(f, row, fail->text);
    }
}

void failures_fill(struct failures *f, const struct second *open, struct snapshot *snap,
                   int64_t first, uint32_t next)
{
    snap->n_fails = 0;
    add_open_fails(f, open);
    for (uint32_t i = 0; i < SNAP_FAILS; i++) {
        const struct row *row = &f->rows[i];
        if (row->shown.count + row->open == 0)
            continue;
        struct snap_fail *out = &snap->fails[snap->n_fails++];
        *out = row->shown;
        out->count += row->open;
        out->last_s = row->open_last_s > out->last_s ? row->open_last_s : out->last_s;
        uint64_t n = first < 0 ? row->shown.count : count_in_seconds(row, (uint64_t)first, next);
        out->per_s = snap->window_s > 0 ? (double)n / snap->window_s : 0;
    }
    qsort(snap->fails, snap->n_fails, sizeof *snap->fails, compare_newest_first);
}
