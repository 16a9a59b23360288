/* SPDX-License-Identifier: MIT */
#include "src/record/recording_db.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/record/recording_schema.h"
#include "src/stats/fail.h"
#include "src/stats/snapshot_words.h"

/* Somebody who looks at the file may hold it so long. */
#define BUSY_MS 2000

enum statement {
    PUT_RUN,
    PUT_ENDPOINT,
    PUT_CLASS,
    PUT_SECOND,
    PUT_BLOCK,
    PUT_ENDPOINT_SECOND,
    PUT_STATUS,
    PUT_CLASS_SECOND,
    PUT_FAILURE,
    PUT_MARK,
    PUT_SERIES,
    PUT_VALUE,
    PUT_EVENT,
    PUT_LOAD,
    STATEMENTS
};

/* A row that is there already is replaced: names and limits change, and a value comes again. */
static const struct {
    const char *table;
    int columns;
} inserts[STATEMENTS] = {
    [PUT_RUN] = {"run", 2},
    [PUT_ENDPOINT] = {"endpoint", 3},
    [PUT_CLASS] = {"class", 2},
    [PUT_SECOND] = {"second", 29},
    [PUT_BLOCK] = {"block", 2},
    [PUT_ENDPOINT_SECOND] = {"endpoint_second", 23},
    [PUT_STATUS] = {"status_second", 4},
    [PUT_CLASS_SECOND] = {"class_second", 3},
    [PUT_FAILURE] = {"failure", 9},
    [PUT_MARK] = {"mark", 4},
    [PUT_SERIES] = {"series", 7},
    [PUT_VALUE] = {"series_second", 3},
    [PUT_EVENT] = {"event", 5},
    [PUT_LOAD] = {"load", 7},
};

struct record_db {
    sqlite3 *sql;
    sqlite3_stmt *statements[STATEMENTS];
    sqlite3_stmt *row; /* under way, with so many values */
    int column;
    struct latencies all, one; /* merged anew for each second */
    bool failed;
    struct err why;
};

/* ---------------------------------------------------------------------- writing */

static void db_note_failure(struct record_db *db)
{
    if (db->failed)
        return;
    db->failed = true;
    err_set(&db->why, "%s", sqlite3_errmsg(db->sql));
}

static void db_execute(struct record_db *db, const char *sql)
{
    if (!db->failed && sqlite3_exec(db->sql, sql, NULL, NULL, NULL) != SQLITE_OK)
        db_note_failure(db);
}

/* A row is begun, gets its values from left to right, and is inserted at its end. */
static void row_begin(struct record_db *db, enum statement which)
{
    db->row = db->statements[which];
    db->column = 0;
}

static void row_int(struct record_db *db, uint64_t value)
{
    if (!db->failed)
        sqlite3_bind_int64(db->row, ++db->column, (int64_t)value);
}

static void row_real(struct record_db *db, double value)
{
    if (!db->failed && isnan(value))
        sqlite3_bind_null(db->row, ++db->column);
    else if (!db->failed)
        sqlite3_bind_double(db->row, ++db->column, value);
}

static void row_text(struct record_db *db, const char *text)
{
    if (!db->failed)
        sqlite3_bind_text(db->row, ++db->column, text, -1, SQLITE_STATIC);
}

static void row_bytes(struct record_db *db, const void *bytes, size_t len)
{
    if (!db->failed)
        sqlite3_bind_blob64(db->row, ++db->column, bytes, len, SQLITE_STATIC);
}

static void row_end(struct record_db *db)
{
    if (db->failed)
        return;
    if (sqlite3_step(db->row) != SQLITE_DONE)
        db_note_failure(db);
    sqlite3_reset(db->row);
}

void record_db_begin(struct record_db *db)
{
    db_execute(db, "BEGIN");
}

void record_db_commit(struct record_db *db)
{
    db_execute(db, "COMMIT");
}

bool record_db_failed(const struct record_db *db, struct err *e)
{
    if (db->failed)
        *e = db->why;
    return db->failed;
}

void record_db_text(struct record_db *db, const char *key, const char *value)
{
    row_begin(db, PUT_RUN);
    row_text(db, key);
    row_text(db, value);
    row_end(db);
}

void record_db_number(struct record_db *db, const char *key, double value)
{
    row_begin(db, PUT_RUN);
    row_text(db, key);
    row_real(db, value);
    row_end(db);
}

void record_db_endpoint(struct record_db *db, uint16_t id, const char *method, const char *name)
{
    row_begin(db, PUT_ENDPOINT);
    row_int(db, id);
    row_text(db, method);
    row_text(db, name);
    row_end(db);
}

void record_db_class(struct record_db *db, uint16_t id, const char *name)
{
    row_begin(db, PUT_CLASS);
    row_int(db, id);
    row_text(db, name);
    row_end(db);
}

/* ---------------------------------------------------------------------- seconds */

static void row_skip(struct record_db *db)
{
    row_real(db, NAN);
}

/* Sum, percentiles and maximum in microseconds; not known where there is no value. */
static void row_latency(struct record_db *db, const struct hist *h)
{
    static const double q[] = {0.50, 0.95, 0.99};
    uint64_t us[3];
    row_int(db, h->sum_us);
    if (h->count > 0)
        hist_quantiles(h, q, 3, us);
    for (size_t i = 0; i < 3; i++)
        h->count > 0 ? row_int(db, us[i]) : row_skip(db);
    h->count > 0 ? row_int(db, h->max_us) : row_skip(db);
}

/* The mean of each, over the requests in which it happened. */
static void row_phases(struct record_db *db, const struct hist_sparse phases[SECOND_PHASES])
{
    for (int i = 0; i < SECOND_PHASES; i++)
        phases[i].count > 0 ? row_int(db, phases[i].sum_us / phases[i].count) : row_skip(db);
}

static void db_put_statuses(struct record_db *db, uint32_t second, const struct second_endpoint *e)
{
    for (uint32_t i = 0; i < e->statuses.n; i++) {
        row_begin(db, PUT_STATUS);
        row_int(db, second);
        row_int(db, e->endpoint);
        row_int(db, e->statuses.code[i]);
        row_int(db, e->statuses.count[i]);
        row_end(db);
    }
}

static void db_put_endpoint(struct record_db *db, uint32_t second, const struct second_endpoint *e)
{
    latencies_clear(&db->one);
    latencies_merge_packed(&db->one, second_latency(e));
    latencies_merge(&db->all, &db->one);
    row_begin(db, PUT_ENDPOINT_SECOND);
    row_int(db, second);
    row_int(db, e->endpoint);
    row_int(db, e->requests);
    row_int(db, e->failures);
    row_int(db, e->client_failures);
    row_latency(db, &db->one.ok);
    row_latency(db, &db->one.failed);
    row_int(db, e->bytes_in);
    row_int(db, e->bytes_out);
    row_int(db, e->connections);
    row_int(db, e->timeouts);
    row_phases(db, e->phases);
    row_end(db);
    db_put_statuses(db, second, e);
}

static void db_put_failure(struct record_db *db, uint32_t second, const struct second_fail *f)
{
    row_begin(db, PUT_FAILURE);
    row_int(db, second);
    row_int(db, f->endpoint);
    row_text(db, fail_word((enum fail)f->fail));
    f->status != 0 ? row_int(db, f->status) : row_skip(db);
    row_int(db, f->detail);
    row_int(db, f->count);
    row_real(db, (double)f->first_ns / 1e9);
    row_real(db, (double)f->last_ns / 1e9);
    row_text(db, f->text);
    row_end(db);
}

static void db_put_mark(struct record_db *db, const struct snap_mark *m)
{
    const char letter[2] = {m->letter, '\0'};
    row_begin(db, PUT_MARK);
    row_real(db, m->at_s);
    row_text(db, snap_mark_words[m->kind]);
    row_text(db, letter);
    row_text(db, m->text);
    row_end(db);
}

/* Sums over all endpoints. */
struct sums {
    uint64_t requests, failures, client_failures, bytes_in, bytes_out, connections, timeouts;
};

static void row_gauges(struct record_db *db, const struct second *s)
{
    const struct gauges_now *now = &s->now;
    const uint64_t figures[] = {now->users, now->users_wanted, now->in_flight,
                                now->oldest_ns / 1000};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        s->has_now ? row_int(db, figures[i]) : row_skip(db);
}

/* Shares of a core, and how long requests were held up here. */
static void row_health(struct record_db *db, const struct second_health *h)
{
    struct hist lag = {0};
    row_real(db, h->known && h->span_ns > 0 ? (double)h->cpu_ns / (double)h->span_ns : NAN);
    hist_init(&lag);
    hist_merge_sparse(&lag, &h->lag);
    lag.count > 0 ? row_int(db, hist_quantile(&lag, 0.99)) : row_skip(db);
    hist_finish(&lag);
    row_int(db, h->ring_lost);
}

static void db_put_second(struct record_db *db, const struct second *s, const struct sums *sum,
                          const struct buf *data)
{
    row_begin(db, PUT_SECOND);
    row_int(db, s->number);
    row_int(db, s->wall_ns);
    row_int(db, s->length_ns / 1000);
    row_int(db, s->gap_ns / 1000);
    row_gauges(db, s);
    row_int(db, sum->requests);
    row_int(db, sum->failures);
    row_int(db, sum->client_failures);
    row_latency(db, &db->all.ok);
    row_latency(db, &db->all.failed);
    row_int(db, sum->bytes_in);
    row_int(db, sum->bytes_out);
    row_int(db, sum->connections);
    row_int(db, sum->timeouts);
    row_health(db, &s->health);
    row_bytes(db, data->data, data->len);
    row_end(db);
}

void record_db_second(struct record_db *db, const struct second *s, const struct buf *data)
{
    struct sums sum = {0};
    latencies_clear(&db->all);
    for (uint32_t i = 0; i < s->n_endpoints; i++) {
        const struct second_endpoint *e = &s->endpoints[i];
        db_put_endpoint(db, s->number, e);
        sum.requests += e->requests;
        sum.failures += e->failures;
        sum.client_failures += e->client_failures;
        sum.bytes_in += e->bytes_in;
        sum.bytes_out += e->bytes_out;
        sum.connections += e->connections;
        sum.timeouts += e->timeouts;
    }
    db_put_second(db, s, &sum, data);
    for (uint32_t i = 0; i < s->n_fails; i++)
        db_put_failure(db, s->number, &s->fails[i]);
    for (uint32_t i = 0; i < s->n_marks; i++)
        db_put_mark(db, &s->marks[i]);
    for (uint32_t i = 0; i < s->n_classes; i++) {
        row_begin(db, PUT_CLASS_SECOND);
        row_int(db, s->number);
        row_int(db, i);
        row_int(db, s->class_users[i]);
        row_end(db);
    }
}

void record_db_block(struct record_db *db, uint32_t second, const struct buf *data)
{
    row_begin(db, PUT_BLOCK);
    row_int(db, second);
    row_bytes(db, data->data, data->len);
    row_end(db);
}

/* ----------------------------------------------------------- probes and the load */

void record_db_series(struct record_db *db, uint32_t id, const struct snap_probe *probe,
                      const struct snap_series *series)
{
    row_begin(db, PUT_SERIES);
    row_int(db, id);
    row_text(db, probe->name);
    row_text(db, probe->type);
    row_text(db, series->group);
    row_text(db, series->name);
    row_text(db, snap_unit_words[series->unit]);
    row_real(db, series->limit);
    row_end(db);
}

void record_db_value(struct record_db *db, uint32_t second, uint32_t series, double value)
{
    row_begin(db, PUT_VALUE);
    row_int(db, second);
    row_int(db, series);
    row_real(db, value);
    row_end(db);
}

void record_db_event(struct record_db *db, const struct snap_event *ev)
{
    row_begin(db, PUT_EVENT);
    row_real(db, ev->at_s);
    row_text(db, snap_event_words[ev->kind]);
    row_text(db, ev->probe);
    row_text(db, ev->group);
    row_text(db, ev->text);
    row_end(db);
}

void record_db_load(struct record_db *db, double at_s, const struct snap_run *run)
{
    row_begin(db, PUT_LOAD);
    row_real(db, at_s);
    row_text(db, run->profile);
    row_text(db, run->level);
    row_text(db, snap_state_words[run->state]);
    row_int(db, run->users_wanted);
    row_real(db, run->spawn_rate);
    row_text(db, run->end_reason);
    row_end(db);
}

/* --------------------------------------------------------------- open and close */

/* SQLite would make it readable for others. */
static bool file_create(const char *path, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(e, "cannot record to %s: %s", path, strerror(errno));
    close(fd);
    return true;
}

static void db_prepare(struct record_db *db, int which)
{
    struct buf sql = {0};
    buf_printf(&sql, "INSERT OR REPLACE INTO %s VALUES (?", inserts[which].table);
    for (int i = 1; i < inserts[which].columns; i++)
        buf_text(&sql, ",?");
    buf_char(&sql, ')');
    if (!db->failed && sqlite3_prepare_v3(db->sql, sql.data, -1, SQLITE_PREPARE_PERSISTENT,
                                          &db->statements[which], NULL) != SQLITE_OK)
        db_note_failure(db);
    buf_finish(&sql);
}

static bool db_open(struct record_db *db, const char *path, struct err *e)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    bool ok = sqlite3_open_v2(path, &db->sql, flags, NULL) == SQLITE_OK;
    if (ok) {
        sqlite3_busy_timeout(db->sql, BUSY_MS);
        db_execute(db, recording_schema);
    }
    for (int i = 0; ok && i < STATEMENTS; i++)
        db_prepare(db, i);
    if (!ok || db->failed)
        return err_set(e, "cannot record to %s: %s", path, sqlite3_errmsg(db->sql));
    return true;
}

struct record_db *record_db_create(const char *path, struct err *e)
{
    if (!file_create(path, e))
        return NULL;
    struct record_db *db = mem_zalloc(sizeof *db);
    if (db_open(db, path, e))
        return db;
    record_db_close(db);
    unlink(path);
    return NULL;
}

void record_db_close(struct record_db *db)
{
    if (db == NULL)
        return;
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(db->statements[i]);
    /* One plain file, which can be copied and read where nothing can be written. */
    db_execute(db, "PRAGMA journal_mode = DELETE");
    sqlite3_close(db->sql);
    latencies_finish(&db->all);
    latencies_finish(&db->one);
    free(db);
}
