/* SPDX-License-Identifier: MIT */
/* Any rows as what PostgreSQL or pgbouncer answers: taken or refused, texts of the snapshot clean,
 * figures never infinite.
 *
 * The first byte: b for pgbouncer, anything else for PostgreSQL.  Behind its line come tables,
 * one for each question, separated by empty lines: column names in the first row, cells
 * separated by tabs, \N for null.  "!42P01 text" in its place is a refusal.  This file stands in
 * for pq.c. */
#include "config.h"

#include <math.h>
#include <stdio.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/postgres/pq.h"
#include "src/probe/watch_inner.h"
#include "tests/fuzz/fuzz.h"

#define LINES 400
#define CELLS 24
#define POLLS 4

struct pq {
    bool connected;
    char **lines; /* of the input; what is left of them */
    size_t n;
};

struct pq_rows {
    char **lines; /* the names, then the rows */
    int n;        /* of rows */
};

static struct pq asked;

struct pq *pq_new(const struct pq_config *cfg)
{
    (void)cfg;
    return &asked;
}

void pq_free(struct pq *q)
{
    (void)q;
}

bool pq_connect(struct pq *q, uint64_t deadline_ns, struct pq_failure *why)
{
    (void)deadline_ns;
    *why = (struct pq_failure){.why = WHY_NOBODY, .connecting = true};
    q->connected = q->n > 0;
    return q->connected;
}

void pq_disconnect(struct pq *q)
{
    q->connected = false;
}

bool pq_connected(const struct pq *q)
{
    return q->connected;
}

const struct pq_place *pq_place(const struct pq *q)
{
    static const struct pq_place place = {"mon", "127.0.0.1", "5432", "shop"};
    (void)q;
    return &place;
}

int pq_version(const struct pq *q)
{
    (void)q;
    return 150020;
}

bool pq_bare(const struct pq *q)
{
    (void)q;
    return false;
}

static bool next_refusal(struct pq *q, struct pq_failure *why)
{
    *why = (struct pq_failure){.why = WHY_LOST};
    if (q->n == 0) {
        q->connected = false;
        return true;
    }
    if (q->lines[0][0] != '!')
        return false;
    why->why = WHY_SERVER;
    snprintf(why->sqlstate, sizeof why->sqlstate, "%.5s", q->lines[0] + 1);
    q->lines++;
    q->n--;
    return true;
}

struct pq_rows *pq_query(struct pq *q, const char *sql, const char *const *params, int n_params,
                         uint64_t deadline_ns, struct pq_failure *why)
{
    (void)params;
    (void)n_params;
    (void)deadline_ns;
    must(sql != NULL && *sql != '\0');
    if (next_refusal(q, why))
        return NULL;
    struct pq_rows *r = mem_zalloc(sizeof *r);
    r->lines = q->lines;
    for (r->n = -1; q->n > 0 && *q->lines[0] != '\0'; r->n++, q->lines++, q->n--)
        continue;
    r->n = r->n < 0 ? 0 : r->n;
    if (q->n > 0) {
        q->lines++;
        q->n--;
    }
    return r;
}

struct pq_rows *pq_query_prepared(struct pq *q, const char *name, const char *sql,
                                  const char *const *params, int n_params, uint64_t deadline_ns,
                                  struct pq_failure *why)
{
    must(name != NULL && *name != '\0');
    return pq_query(q, sql, params, n_params, deadline_ns, why);
}

int pq_count(const struct pq_rows *r)
{
    return r->n;
}

/* Its cell of that column, in memory that the next calls use again; NULL for none. */
static const char *cell_at(const char *line, int column)
{
    static char cells[CELLS][512];
    static unsigned turn;
    for (; column > 0 && line != NULL; column--) {
        line = strchr(line, '\t');
        line = line != NULL ? line + 1 : NULL;
    }
    if (line == NULL || strncmp(line, "\\N", 2) == 0)
        return NULL;
    char *to = cells[turn++ % CELLS];
    snprintf(to, sizeof cells[0], "%.*s", (int)strcspn(line, "\t"), line);
    return to;
}

int pq_column(const struct pq_rows *r, const char *name)
{
    const char *have;
    for (int i = 0; i < CELLS && (have = cell_at(r->lines[0], i)) != NULL; i++)
        if (strcmp(have, name) == 0)
            return i;
    return -1;
}

const char *pq_text(const struct pq_rows *r, int row, int column)
{
    return row < r->n && column >= 0 ? cell_at(r->lines[row + 1], column) : NULL;
}

double pq_number(const struct pq_rows *r, int row, int column)
{
    const char *text = pq_text(r, row, column);
    char *end;
    if (text == NULL)
        return NAN;
    double v = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(v) ? v : NAN;
}

double pq_figure(const struct pq_rows *r, const char *name)
{
    return pq_number(r, 0, pq_column(r, name));
}

void pq_rows_free(struct pq_rows *r)
{
    free(r);
}

/* ------------------------------------------------------------------- the probes */

static void is_figure(double v)
{
    must(!isinf(v));
}

static void check_snapshot(struct watch *w)
{
    static struct probe_snapshot b;
    watch_snapshot(w, &b);
    for (uint32_t i = 0; i < b.n_probes; i++)
        must(fuzz_is_clean(b.probes[i].name) && fuzz_is_clean(b.probes[i].where) &&
             fuzz_is_clean(b.probes[i].text));
    for (uint32_t i = 0; i < b.n_series; i++) {
        const struct snap_series *s = &b.series[i];
        must(fuzz_is_clean(s->group) && fuzz_is_clean(s->name) && fuzz_is_clean(s->note));
        is_figure(s->now);
        is_figure(s->limit);
    }
}

static void check_detail(const struct snap_detail *d)
{
    must(d->n_rows <= SNAP_DETAIL_ROWS && fuzz_is_clean(d->title));
    for (uint32_t i = 0; i < d->n_rows; i++)
        must(fuzz_is_clean(d->rows[i]));
}

static void poll_and_answer(const struct probe_ops *ops, struct probe *p)
{
    static struct snap_detail detail;
    struct err e = {""};
    p->self = ops->open(p, p->spec);
    for (int i = 0; i < POLLS && asked.n > 0; i++) {
        enum probe_state s = ops->poll(p->self, p, now_ns() + NS_PER_S, &e);
        must(s == PROBE_LIVE || s == PROBE_CONNECTING || e.text[0] != '\0'); /* cleaned later */
        memset(&detail, 0, sizeof detail);
        if (i == 1 && ops->answer != NULL &&
            ops->answer(p->self, p, now_ns() + NS_PER_S, &detail, &e))
            check_detail(&detail);
        check_snapshot(p->watch);
    }
    ops->close(p->self);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *lines[LINES], *block;
    size_t n = fuzz_lines(data, size, lines, LINES, &block);
    const struct probe_ops *ops = *lines[0] == 'b' ? &probe_pgbouncer : &probe_postgres;
    struct watch *w = watch_create(&(struct watch_config){0});
    static char name[] = "db", where[] = "";
    struct probe_spec spec = {.type = ops->type, .name = name, .where = where};
    struct probe p = {.watch = w, .ops = ops, .spec = &spec, .wake_fd = -1};
    asked = (struct pq){.lines = lines + 1, .n = n - 1};
    w->slots[0].probe = &p;
    w->slots[0].spec = &spec;
    w->n_slots = 1;
    poll_and_answer(ops, &p);
    w->slots[0] = (struct watch_slot){0};
    w->n_slots = 0;
    watch_destroy(w);
    free(block);
    return 0;
}
