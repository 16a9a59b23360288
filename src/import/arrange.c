/* SPDX-License-Identifier: MIT */
#include "src/import/arrange.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/import/correlate.h"

#define NAME_MAX_BYTES 120

/* --------------------------------------------------------------------- order */

struct place_in_time {
    int64_t page_ms, start_ms;
    size_t page, index;
};

static int by_page_and_time(const void *a, const void *b)
{
    const struct place_in_time *x = a, *y = b;
    if (x->page_ms != y->page_ms)
        return x->page_ms < y->page_ms ? -1 : 1;
    if (x->page != y->page)
        return x->page < y->page ? -1 : 1;
    if (x->start_ms != y->start_ms)
        return x->start_ms < y->start_ms ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

void arrange_order(struct transcript *r)
{
    int64_t *first = mem_array(r->n_pages + 1, sizeof *first);
    struct place_in_time *places = mem_array(r->n, sizeof *places);
    struct tr_request *sorted = mem_array(r->n, sizeof *sorted);
    for (size_t p = 0; p <= r->n_pages; p++)
        first[p] = INT64_MAX;
    for (size_t i = 0; i < r->n; i++) {
        const struct tr_request *q = &r->requests[i];
        if (q->start_ms < first[q->page])
            first[q->page] = q->start_ms;
    }
    for (size_t i = 0; i < r->n; i++)
        places[i] = (struct place_in_time){first[r->requests[i].page], r->requests[i].start_ms,
                                           r->requests[i].page, i};
    qsort(places, r->n, sizeof *places, by_page_and_time);
    for (size_t i = 0; i < r->n; i++)
        sorted[i] = r->requests[places[i].index];
    free(r->requests);
    r->requests = sorted;
    free(places);
    free(first);
}

/* --------------------------------------------------------------------- tasks */

static double pause_s(struct transcript *r, int64_t ms)
{
    double s = (double)ms / 1000;
    if (s > ARRANGE_MAX_PAUSE_S) {
        tr_note(r, "Pauses of more than %d seconds are cut to that.", ARRANGE_MAX_PAUSE_S);
        return ARRANGE_MAX_PAUSE_S;
    }
    double step = s < 10 ? 0.5 : 1;
    double rounded = (double)(int64_t)(s / step + 0.5) * step;
    return rounded > 0 ? rounded : step;
}

static struct tr_task *new_task(struct transcript *r, const struct tr_request *q)
{
    r->tasks = mem_room(r->tasks, r->n_tasks, sizeof *r->tasks);
    struct tr_task *t = &r->tasks[r->n_tasks++];
    *t = (struct tr_task){0};
    if (q->page < r->n_pages && *r->pages[q->page] != '\0')
        t->name = mem_strdup(r->pages[q->page]);
    else
        t->name = mem_printf("%s %.*s", q->method, (int)strcspn(q->path, "?"), q->path);
    return t;
}

/* Did one of the n requests from i on lead to q?  Then it was over, whatever the times say:
 * some recorders count a redirect until its target is there. */
static bool led_there(const struct transcript *r, size_t i, size_t n, const struct tr_request *q)
{
    size_t origin = strlen(q->origin);
    for (size_t k = i; k < i + n; k++) {
        const char *to = r->requests[k].leads_to;
        if (to != NULL && strncmp(to, q->origin, origin) == 0 && strcmp(to + origin, q->path) == 0)
            return true;
    }
    return false;
}

/* How many requests from i on are under way at the same time, all of them together. */
static size_t side_by_side(const struct transcript *r, size_t i)
{
    int64_t first_end = r->requests[i].end_ms;
    size_t n = 1;
    while (i + n < r->n && n < ARRANGE_MAX_PARALLEL) {
        const struct tr_request *q = &r->requests[i + n];
        if (q->page != r->requests[i].page || q->start_ms + CORRELATE_SLACK_MS >= first_end ||
            led_there(r, i, n, q))
            break;
        if (q->end_ms < first_end)
            first_end = q->end_ms;
        n++;
    }
    return n;
}

static double median_wait(const struct transcript *r)
{
    double waits[64];
    size_t n = 0;
    for (size_t i = 0; i + 1 < r->n_tasks && n < sizeof waits / sizeof *waits; i++) {
        size_t at = n++;
        for (; at > 0 && waits[at - 1] > r->tasks[i].wait_s; at--)
            waits[at] = waits[at - 1];
        waits[at] = r->tasks[i].wait_s;
    }
    return n > 0 ? waits[n / 2] : 1;
}

void arrange_tasks(struct transcript *r, bool timed)
{
    size_t groups = 0;
    int64_t done = 0;
    for (size_t i = 0, n; i < r->n; i += n) {
        struct tr_request *q = &r->requests[i];
        int64_t gap = i > 0 ? q->start_ms - done : 0;
        bool other_page = i > 0 && q->page != q[-1].page;
        bool fresh = i == 0 || (r->n_pages > 0 ? other_page : timed && gap >= ARRANGE_TASK_GAP_MS);
        if (fresh && i > 0)
            r->tasks[r->n_tasks - 1].wait_s = pause_s(r, gap > 0 ? gap : 0);
        if (fresh)
            new_task(r, q);
        else if (timed && gap >= ARRANGE_MIN_THINK_MS)
            q->think_s = pause_s(r, gap);
        n = timed ? side_by_side(r, i) : 1;
        groups += n > 1;
        for (size_t k = i; k < i + n; k++) {
            r->requests[k].task = r->n_tasks - 1;
            r->requests[k].parallel = n > 1 ? groups : 0;
            if (k == 0 || r->requests[k].end_ms > done)
                done = r->requests[k].end_ms;
        }
    }
    if (timed && r->n_tasks > 0)
        r->tasks[r->n_tasks - 1].wait_s = median_wait(r);
}

/* --------------------------------------------------------------------- names */

/* A number, a UUID, or a long hexadecimal or a variable: it names one of many things. */
static bool is_id(const char *text, size_t len)
{
    size_t digits = 0, letters = 0, dashes = 0;
    if (memmem(text, len, "${", 2) != NULL)
        return true;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        digits += isdigit(c) != 0;
        letters += c < 0x80 && isxdigit(c) && !isdigit(c);
        dashes += c == '-';
    }
    if (digits + letters + dashes != len || digits == 0)
        return false;
    return digits == len || digits + letters >= 16;
}

static char *pattern_of(const struct tr_request *q, bool *varies)
{
    struct buf out = {0};
    size_t end = strcspn(q->path, "?");
    *varies = false;
    for (size_t at = 0; at < end;) {
        size_t len = 1;
        while (at + len < end && q->path[at + len] != '/')
            len++;
        if (is_id(q->path + at + 1, len - 1)) {
            buf_text(&out, "/{id}");
            *varies = true;
        } else {
            buf_add(&out, q->path + at, len);
        }
        at += len;
    }
    return buf_take(&out);
}

/* Among requests with this pattern and method, are there different paths? */
static bool differs(const struct transcript *r, char *const *patterns, size_t i)
{
    const struct tr_request *q = &r->requests[i];
    size_t len = strcspn(q->path, "?");
    for (size_t k = 0; k < r->n; k++) {
        const struct tr_request *other = &r->requests[k];
        if (patterns[k] != NULL && strcmp(patterns[k], patterns[i]) == 0 &&
            strcmp(other->method, q->method) == 0 && strcmp(other->origin, q->origin) == 0 &&
            (strcspn(other->path, "?") != len || strncmp(other->path, q->path, len) != 0))
            return true;
    }
    return false;
}

void arrange_names(struct transcript *r)
{
    char **patterns = mem_array(r->n, sizeof *patterns);
    for (size_t i = 0; i < r->n; i++) {
        bool varies;
        patterns[i] = pattern_of(&r->requests[i], &varies);
        if (!varies || strlen(patterns[i]) > NAME_MAX_BYTES) {
            free(patterns[i]);
            patterns[i] = NULL;
        }
    }
    for (size_t i = 0; i < r->n; i++) {
        struct tr_request *q = &r->requests[i];
        if (patterns[i] != NULL && q->name == NULL && differs(r, patterns, i))
            q->name = mem_strdup(patterns[i]);
    }
    for (size_t i = 0; i < r->n; i++)
        free(patterns[i]);
    free(patterns);
}
