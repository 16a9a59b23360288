/* SPDX-License-Identifier: MIT */
#include "src/record/recording_reader.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/record/recording_db.h"
#include "src/record/recording_pack.h"

/* Steps of SQLite's machine for one answer: a file with views of its own must not run for ever. */
#define STEPS_MAX 10000000
#define STEPS_BETWEEN 1000

struct recording_reader {
    sqlite3 *sql;
    sqlite3_stmt *seconds;
    bool ended;
    unsigned steps;
    char fact[SNAP_TEXT];
};

/* Called now and then while SQLite works; true ends that. */
static int reader_has_enough(void *arg)
{
    struct recording_reader *r = arg;
    return ++r->steps > STEPS_MAX / STEPS_BETWEEN;
}

static sqlite3_stmt *reader_prepare(struct recording_reader *r, const char *sql)
{
    sqlite3_stmt *st = NULL;
    r->steps = 0;
    if (sqlite3_prepare_v2(r->sql, sql, -1, &st, NULL) != SQLITE_OK)
        return NULL;
    return st;
}

static int reader_pragma(struct recording_reader *r, const char *sql)
{
    sqlite3_stmt *st = reader_prepare(r, sql);
    int value = st != NULL && sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int(st, 0) : -1;
    sqlite3_finalize(st);
    return value;
}

static bool reader_open(struct recording_reader *r, const char *path, struct err *e)
{
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &r->sql, flags, NULL) != SQLITE_OK)
        return err_set(e, "cannot open the recording %s: %s", path, sqlite3_errmsg(r->sql));
    sqlite3_progress_handler(r->sql, STEPS_BETWEEN, reader_has_enough, r);
    sqlite3_db_config(r->sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(r->sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (reader_pragma(r, "PRAGMA application_id") != RECORDING_APPLICATION_ID)
        return err_set(e, "%s is no recording of ramptop's", path);
    int schema = reader_pragma(r, "PRAGMA user_version");
    if (schema != RECORDING_SCHEMA)
        return err_set(e, "%s has version %d of the format, this ramptop reads version %d", path,
                       schema, RECORDING_SCHEMA);
    r->seconds = reader_prepare(r, "SELECT second, data FROM second ORDER BY second");
    return r->seconds != NULL ||
           err_set(e, "the recording %s has no seconds: %s", path, sqlite3_errmsg(r->sql));
}

struct recording_reader *recording_open(const char *path, struct err *e)
{
    struct recording_reader *r = mem_zalloc(sizeof *r);
    if (reader_open(r, path, e))
        return r;
    recording_reader_close(r);
    return NULL;
}

void recording_reader_close(struct recording_reader *r)
{
    if (r == NULL)
        return;
    sqlite3_finalize(r->seconds);
    sqlite3_close(r->sql);
    free(r);
}

static void column_clean(sqlite3_stmt *st, int column, char *out, size_t size)
{
    const char *text = (const char *)sqlite3_column_text(st, column);
    clean_text(out, size, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

const char *recording_fact(struct recording_reader *r, const char *key)
{
    sqlite3_stmt *st = reader_prepare(r, "SELECT value FROM run WHERE key = ?");
    r->fact[0] = '\0';
    if (st != NULL && sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_step(st) == SQLITE_ROW)
        column_clean(st, 0, r->fact, sizeof r->fact);
    sqlite3_finalize(st);
    return r->fact;
}

bool recording_endpoint(struct recording_reader *r, uint16_t id, struct snap_name *out)
{
    sqlite3_stmt *st = reader_prepare(r, "SELECT method, name FROM endpoint WHERE endpoint = ?");
    bool found =
        st != NULL && sqlite3_bind_int(st, 1, id) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW;
    if (found) {
        column_clean(st, 0, out->method, sizeof out->method);
        column_clean(st, 1, out->name, sizeof out->name);
    }
    sqlite3_finalize(st);
    return found;
}

enum recording_next recording_next(struct recording_reader *r, struct second *out, struct err *e)
{
    struct err why;
    if (r->ended)
        return RECORDING_END;
    r->steps = 0;
    int got = sqlite3_step(r->seconds);
    if (got == SQLITE_DONE) {
        r->ended = true;
        return RECORDING_END;
    }
    if (got != SQLITE_ROW) {
        r->ended = true;
        err_set(e, "the rest of the recording cannot be read: %s", sqlite3_errmsg(r->sql));
        return RECORDING_DAMAGED;
    }
    long long number = sqlite3_column_int64(r->seconds, 0);
    const void *bytes = sqlite3_column_blob(r->seconds, 1);
    size_t len = (size_t)sqlite3_column_bytes(r->seconds, 1);
    if (recording_unpack(bytes, len, out, &why))
        return RECORDING_SECOND;
    err_set(e, "second %lld of the recording cannot be read: %s", number, why.text);
    return RECORDING_DAMAGED;
}
