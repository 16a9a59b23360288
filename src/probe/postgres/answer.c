/* SPDX-License-Identifier: MIT */
#include "src/probe/postgres/pg_inner.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/human.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/postgres/pg_locks.h"
#include "src/probe/postgres/pg_words.h"
#include "src/probe/postgres/sql.h"

#define LOCK_ROWS 30u
#define TOP 12u
#define TOP_ASKED 24u /* includes the probe's own statements */
#define OURS "/* ramptop */"
#define CALLS_MAX 1e18 /* a server may send anything */
#define NONE_ENDED "No statement has ended since the probe began."

/* ----------------------------------------------------------------------- rows */

/* Widths of the columns that all tables share; a statement stands behind them. */
enum { FIRST = 20, TIME = 7, ROLE = 10, STATE = 19 };

/* Adds a text cut to so many columns, then two blanks. */
static void detail_add_cell(struct buf *row, const char *text, int width)
{
    char clean[SNAP_DETAIL_ROW_BYTES];
    uint32_t cp;
    int used = 0;
    size_t len =
        clean_text(clean, sizeof clean, text != NULL ? text : "-", text != NULL ? strlen(text) : 1);
    for (size_t at = 0, n; at < len && used < width; at += n, used++) {
        n = clean_decode(clean + at, len - at, &cp);
        if (n == 0)
            break;
        buf_add(row, clean + at, n);
    }
    for (; used < width + 2; used++)
        buf_char(row, ' ');
}

static void detail_add_row(struct snap_detail *d, const char *row)
{
    if (d->n_rows == SNAP_DETAIL_ROWS)
        return;
    clean_text(d->rows[d->n_rows], sizeof d->rows[0], row, strlen(row));
    d->n_rows++;
}

__attribute__((format(printf, 2, 3))) static void detail_add_line(struct snap_detail *d,
                                                                  const char *fmt, ...)
{
    char row[SNAP_DETAIL_ROW_BYTES];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(row, sizeof row, fmt, ap);
    va_end(ap);
    detail_add_row(d, row);
}

/* Starts a table with a heading, and a blank row before it. */
static void detail_add_head(struct snap_detail *d, const char *head)
{
    if (d->n_rows > 0)
        detail_add_row(d, "");
    detail_add_row(d, head);
}

static void detail_add_columns(struct snap_detail *d, const char *first, const char *time,
                               const char *role, const char *state, const char *last)
{
    struct buf row = {0};
    detail_add_cell(&row, first, FIRST);
    detail_add_cell(&row, time, TIME);
    detail_add_cell(&row, role, ROLE);
    detail_add_cell(&row, state, STATE);
    buf_text(&row, last);
    detail_add_head(d, row.data);
    buf_finish(&row);
}

static const char *column_duration(const struct pq_rows *r, int row, const char *column, char *out,
                                   size_t size)
{
    double s = pq_number(r, row, pq_column(r, column));
    return s >= 0 ? human_us(out, size, s * 1e6, false) : "-";
}

static const char *column_value(const struct pq_rows *r, int row, const char *column)
{
    return pq_text(r, row, pq_column(r, column));
}

/* ---------------------------------------------------------------------- locks */

static void session_cell(const struct pg_session *s, struct buf *cell)
{
    for (uint32_t i = 0; i < s->depth && i < 8; i++)
        buf_text(cell, "  ");
    if (s->pid == 0)
        buf_text(cell, "a prepared transaction");
    else
        buf_printf(cell, "%d", (int)s->pid);
    if (s->behind > 0)
        buf_printf(cell, " holds up %u", s->behind);
    else
        buf_text(cell, " waits");
}

static void detail_add_session(struct snap_detail *d, const struct pq_rows *r,
                               const struct pg_session *s)
{
    struct buf cell = {0}, row = {0};
    char time[HUMAN_MAX];
    bool waits = s->n_blockers > 0;
    session_cell(s, &cell);
    detail_add_cell(&row, cell.data, FIRST);
    if (s->known) {
        detail_add_cell(&row,
                        column_duration(r, s->row, waits ? "query_s" : "xact_s", time, sizeof time),
                        TIME);
        detail_add_cell(&row, column_value(r, s->row, "role"), ROLE);
        detail_add_cell(&row, column_value(r, s->row, waits ? "event" : "state"), STATE);
        buf_text(&row,
                 column_value(r, s->row, "query") != NULL ? column_value(r, s->row, "query") : "");
    }
    detail_add_row(d, row.data);
    buf_finish(&row);
    buf_finish(&cell);
}

/* Returns the pid, or 0, as for a prepared transaction, when it is no pid. */
static int32_t session_pid(const struct pq_rows *r, int row)
{
    double pid = pq_number(r, row, pq_column(r, "pid"));
    return pid >= 0 && pid <= INT32_MAX ? (int32_t)pid : 0;
}

static bool answer_locks(struct pq *q, uint64_t deadline_ns, struct snap_detail *d,
                         struct pq_failure *f)
{
    struct pq_rows *r = pq_query(q, pg_sql_locks, NULL, 0, deadline_ns, f);
    if (r == NULL)
        return false;
    if (pq_count(r) == 0) {
        detail_add_head(d, "No session waits for a lock.");
        pq_rows_free(r);
        return true;
    }
    struct pg_locks *l = mem_zalloc(sizeof *l);
    for (int row = 0; row < pq_count(r); row++)
        pg_locks_add(l, session_pid(r, row), column_value(r, row, "blockers"), row);
    pg_locks_order(l);
    detail_add_columns(d, "who waits for whom", "for", "role", "state or lock",
                       "statement, or the last one");
    for (uint32_t i = 0; i < l->n_order && i < LOCK_ROWS; i++)
        detail_add_session(d, r, &l->sessions[l->order[i]]);
    if (l->n_order > LOCK_ROWS)
        detail_add_line(d, "... and %u more", l->n_order - LOCK_ROWS);
    free(l);
    pq_rows_free(r);
    return true;
}

/* ------------------------------------------------------------- slow statements */

static bool answer_slow(struct pq *q, double slow_s, uint64_t deadline_ns, struct snap_detail *d,
                        struct pq_failure *f)
{
    char threshold[32], time[HUMAN_MAX], head[96];
    const char *params[] = {threshold};
    snprintf(threshold, sizeof threshold, "%.3f", slow_s);
    human_us(time, sizeof time, slow_s * 1e6, false);
    struct pq_rows *r = pq_query(q, pg_sql_slow, params, 1, deadline_ns, f);
    if (r == NULL)
        return false;
    if (pq_count(r) == 0) {
        snprintf(head, sizeof head, "No statement has been running for %s.", time);
        detail_add_head(d, head);
    } else {
        detail_add_columns(d, "running now", "for", "role", "waits for", "statement");
    }
    for (int row = 0; row < pq_count(r); row++) {
        struct buf line = {0};
        detail_add_cell(&line, column_value(r, row, "pid"), FIRST);
        detail_add_cell(&line, column_duration(r, row, "query_s", time, sizeof time), TIME);
        detail_add_cell(&line, column_value(r, row, "role"), ROLE);
        detail_add_cell(&line, column_value(r, row, "wait"), STATE);
        buf_text(&line, column_value(r, row, "query") != NULL ? column_value(r, row, "query") : "");
        detail_add_row(d, line.data);
        buf_finish(&line);
    }
    pq_rows_free(r);
    return true;
}

/* -------------------------------------------------------------- top statements */

static bool read_statements(const struct pg_baseline *b, struct pq *q, uint64_t deadline_ns,
                            struct pg_statements *out, struct pq_failure *f)
{
    struct buf sql = {0};
    pg_sql_statements(&sql, b->schema, b->minor);
    struct pq_rows *r = pq_query(q, sql.data, NULL, 0, deadline_ns, f);
    buf_finish(&sql);
    for (int row = 0; r != NULL && row < pq_count(r); row++) {
        const char *id = pq_text(r, row, 0);
        struct pg_statement s = {.id = id != NULL ? strtoll(id, NULL, 10) : 0,
                                 .calls = pq_number(r, row, 1),
                                 .ms = pq_number(r, row, 2),
                                 .rows = pq_number(r, row, 3)};
        pg_statements_add(out, &s);
    }
    bool fine = r != NULL;
    pq_rows_free(r);
    return fine;
}

void pg_baseline_take(struct pg_baseline *b, struct pq *q, uint64_t deadline_ns)
{
    struct pq_failure f;
    struct pq_rows *r = pq_query(q, pg_sql_extension, NULL, 0, deadline_ns, &f);
    b->tried = true;
    b->at_ns = now_ns();
    if (r == NULL || pq_count(r) == 0) {
        pq_rows_free(r);
        return;
    }
    const char *schema = pq_text(r, 0, 0), *version = pq_text(r, 0, 1);
    const char *dot = version != NULL ? strchr(version, '.') : NULL;
    snprintf(b->schema, sizeof b->schema, "%s", schema != NULL ? schema : "");
    b->minor = dot != NULL ? (unsigned)strtoul(dot + 1, NULL, 10) : 0;
    pq_rows_free(r);
    if (read_statements(b, q, deadline_ns, &b->then, &f))
        pg_statements_sort(&b->then);
}

/* Formats the ids as an array: "{1,2}". */
static void format_statement_ids(struct buf *out, const struct pg_statement *top, size_t n)
{
    buf_char(out, '{');
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "%s%lld", i > 0 ? "," : "", (long long)top[i].id);
    buf_char(out, '}');
}

static const char *statement_text(const struct pq_rows *texts, int64_t id)
{
    for (int row = 0; texts != NULL && row < pq_count(texts); row++) {
        const char *have = pq_text(texts, row, 0);
        if (have != NULL && strtoll(have, NULL, 10) == id)
            return pq_text(texts, row, 1);
    }
    return NULL;
}

static void detail_add_statement(struct snap_detail *d, const struct pg_statement *s,
                                 const char *text)
{
    char time[HUMAN_MAX], mean[HUMAN_MAX], calls[HUMAN_MAX], rows[HUMAN_MAX];
    struct buf line = {0};
    detail_add_cell(&line, human_us(time, sizeof time, s->ms * 1e3, false), FIRST);
    detail_add_cell(&line, human_us(mean, sizeof mean, s->ms / s->calls * 1e3, false), TIME);
    detail_add_cell(&line, human_count(calls, sizeof calls, (uint64_t)fmin(s->calls, CALLS_MAX)),
                    ROLE);
    detail_add_cell(&line, human_short(rows, sizeof rows, s->rows / s->calls), STATE);
    buf_text(&line, text != NULL ? text : "(its text is not kept any more)");
    detail_add_row(d, line.data);
    buf_finish(&line);
}

static bool statement_is_ours(const char *text)
{
    return text != NULL && strncmp(text, OURS, strlen(OURS)) == 0;
}

static void detail_add_top(struct pq *q, const struct pg_baseline *b,
                           const struct pg_statement *top, size_t n, uint64_t deadline_ns,
                           struct snap_detail *d)
{
    char since[HUMAN_MAX], first[64];
    struct buf sql = {0}, ids = {0};
    struct pq_failure f;
    format_statement_ids(&ids, top, n);
    pg_sql_texts(&sql, b->schema);
    struct pq_rows *texts =
        pq_query(q, sql.data, (const char *const[]){ids.data}, 1, deadline_ns, &f);
    human_us(since, sizeof since, (double)(now_ns() - b->at_ns) / 1e3, false);
    snprintf(first, sizeof first, "in the last %s", since);
    size_t shown = 0;
    for (size_t i = 0; i < n && shown < TOP; i++) {
        const char *text = statement_text(texts, top[i].id);
        if (statement_is_ours(text))
            continue;
        if (shown++ == 0)
            detail_add_columns(d, first, "mean", "calls", "rows of a call", "statement");
        detail_add_statement(d, &top[i], text);
    }
    if (shown == 0)
        detail_add_head(d, NONE_ENDED);
    pq_rows_free(texts);
    buf_finish(&ids);
    buf_finish(&sql);
}

static void answer_top(struct pq *q, const struct pg_baseline *b, uint64_t deadline_ns,
                       struct snap_detail *d)
{
    struct pg_statements now = {0};
    struct pg_statement top[TOP_ASKED];
    struct pq_failure f;
    if (b->schema[0] == '\0') {
        detail_add_head(
            d, "Which statements take most time: CREATE EXTENSION pg_stat_statements in this "
               "database would tell.");
    } else if (!read_statements(b, q, deadline_ns, &now, &f)) {
        detail_add_head(
            d, strcmp(f.sqlstate, "55000") == 0
                   ? "Which statements take most time: pg_stat_statements must be in "
                     "shared_preload_libraries to tell."
                   : "Which statements take most time: pg_stat_statements did not answer.");
    } else {
        size_t n = pg_statements_top(&b->then, &now, top, TOP_ASKED);
        if (n == 0)
            detail_add_head(d, NONE_ENDED);
        else
            detail_add_top(q, b, top, n, deadline_ns, d);
    }
    pg_statements_finish(&now);
}

bool pg_answer(struct pq *q, const struct pg_baseline *b, double slow_s, uint64_t deadline_ns,
               struct snap_detail *out, struct err *e)
{
    struct pq_failure f;
    char where[SNAP_NAME];
    pg_words_place(pq_place(q), where, sizeof where);
    snprintf(out->title, sizeof out->title, "locks and statements of %.70s", where);
    if (!answer_locks(q, deadline_ns, out, &f) || !answer_slow(q, slow_s, deadline_ns, out, &f)) {
        pg_words_failure(&f, pq_place(q), e);
        return false;
    }
    answer_top(q, b, deadline_ns, out);
    return true;
}
