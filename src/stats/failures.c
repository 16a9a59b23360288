/* SPDX-License-Identifier: MIT */
#include "src/stats/failures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

#define OTHERS (SNAP_FAILS - 1u)
#define TABLE 512 /* hash places, a power of two, several times the rows */
#define NONE 0xff
#define OPEN_MAX 8u /* open seconds, or more: later ones are 0 */

struct row {
    struct snap_fail shown; /* per_s is filled on the way out */
    uint16_t detail;
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

void failures_open_second(struct failures *f, uint32_t second)
{
    for (uint32_t i = 0; i < SNAP_FAILS; i++)
        f->rows[i].per_second[second % FAILURES_SECONDS] = 0;
}

/* The row of a key, made when it is new and there is room. */
static struct row *find_row(struct failures *f, uint16_t endpoint, uint8_t fail, uint16_t status,
                            uint16_t detail)
{
    if (fail != FAIL_STATUS)
        status = 0;
    if (fail != FAIL_CHECK && fail != FAIL_CAPTURE)
        detail = 0;
    uint32_t at = (endpoint * 40503u + fail * 2654435761u + (status ^ detail) * 2246822519u) >> 7;
    for (;; at++) {
        uint8_t i = f->table[at % TABLE];
        if (i == NONE)
            break;
        const struct snap_fail *s = &f->rows[i].shown;
        if (s->endpoint == endpoint && s->fail == fail && s->status == status &&
            f->rows[i].detail == detail)
            return &f->rows[i];
    }
    if (f->n == OTHERS)
        return &f->rows[OTHERS];
    struct row *row = &f->rows[f->n];
    f->table[at % TABLE] = (uint8_t)f->n++;
    row->shown.endpoint = endpoint;
    row->shown.fail = fail;
    row->shown.status = status;
    row->detail = detail;
    return row;
}

void failures_count(struct failures *f, const struct sample *s, uint32_t second, double at_s)
{
    struct row *row = find_row(f, s->endpoint, s->fail, s->status, s->detail);
    if (row->shown.count == 0 || at_s < row->shown.first_s)
        row->shown.first_s = at_s;
    if (at_s > row->shown.last_s)
        row->shown.last_s = at_s;
    row->shown.count++;
    row->per_second[second % FAILURES_SECONDS]++;
}

void failures_note(struct failures *f, const struct note *n)
{
    struct row *row = find_row(f, n->endpoint, n->fail, n->status, n->detail);
    if (row == &f->rows[OTHERS])
        return; /* one text cannot speak for many kinds */
    size_t len = strnlen(n->text, sizeof n->text - 1);
    if (len >= sizeof row->shown.text)
        len = sizeof row->shown.text - 1;
    memcpy(row->shown.text, n->text, len);
    row->shown.text[len] = '\0';
}

/* Of the seconds in [first, end). */
static uint64_t count_between(const struct row *row, uint64_t first, uint64_t end)
{
    uint64_t sum = 0;
    for (uint64_t s = first; s < end; s++)
        sum += row->per_second[s % FAILURES_SECONDS];
    return sum;
}

/* Rates are over closed seconds: what the open ones hold so far must not swell them. */
static uint64_t count_closed(const struct row *row, int64_t first, uint32_t first_open)
{
    if (first < 0)
        return row->shown.count - count_between(row, first_open, first_open + OPEN_MAX);
    return count_between(row, (uint64_t)first, first_open);
}

static int newest_first(const void *a, const void *b)
{
    const struct snap_fail *x = a, *y = b;
    if (x->last_s != y->last_s)
        return x->last_s < y->last_s ? 1 : -1;
    return (x->count < y->count) - (x->count > y->count);
}

void failures_fill(const struct failures *f, struct snapshot *snap, int64_t first,
                   uint32_t first_open, double window_s)
{
    snap->n_fails = 0;
    for (uint32_t i = 0; i < SNAP_FAILS; i++) {
        const struct row *row = &f->rows[i];
        if (row->shown.count == 0)
            continue;
        struct snap_fail *out = &snap->fails[snap->n_fails++];
        *out = row->shown;
        uint64_t n = count_closed(row, first, first_open);
        out->per_s = window_s > 0 ? (double)n / window_s : 0;
    }
    qsort(snap->fails, snap->n_fails, sizeof *snap->fails, newest_first);
}
