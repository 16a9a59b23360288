/* SPDX-License-Identifier: MIT */
/* recording_db.h - the file of a recording: its tables, and how a run gets into them.  The one
 * user of SQLite for writing.
 *
 * What the tables mean is told by ramptop-recording(5); the schema has a version.  Functions that
 * write belong to the transaction between record_db_begin and _commit, or are one of their own.
 * The first failure is kept: from then on nothing is written, and record_db_failed tells it.
 *
 * Private to src/record.  One thread at a time. */
#ifndef RAMPTOP_RECORD_RECORDING_DB_H
#define RAMPTOP_RECORD_RECORDING_DB_H

#include "src/base/err.h"
#include "src/stats/probe_snapshot.h"
#include "src/stats/second.h"

#define RECORDING_APPLICATION_ID 0x52545052 /* "RTPR" */
#define RECORDING_SCHEMA 1
#define RECORDING_BLOCK_S 300

struct record_db;

/* Creates the file, for its owner's eyes alone; refuses one that is there.  NULL with a
 * sentence. */
struct record_db *record_db_create(const char *path, struct err *e);
/* Leaves one file behind, without its log.  NULL is fine. */
void record_db_close(struct record_db *db);

void record_db_begin(struct record_db *db);
void record_db_commit(struct record_db *db);
/* True, with a half sentence: it could not be written. */
bool record_db_failed(const struct record_db *db, struct err *e);

/* About the run as a whole; a key that is there gets another value. */
void record_db_text(struct record_db *db, const char *key, const char *value);
void record_db_number(struct record_db *db, const char *key, double value);

void record_db_endpoint(struct record_db *db, uint16_t id, const char *method, const char *name);
void record_db_class(struct record_db *db, uint16_t id, const char *name);
/* data: the same second packed (recording_pack.h). */
void record_db_second(struct record_db *db, const struct second *s, const struct buf *data);
/* RECORDING_BLOCK_S seconds from that one on as one, packed: endpoints alone. */
void record_db_block(struct record_db *db, uint32_t second, const struct buf *data);

/* id: numbers of the recording, from 1 on; the same again tells its limit anew. */
void record_db_series(struct record_db *db, uint32_t id, const struct snap_probe *probe,
                      const struct snap_series *series);
void record_db_value(struct record_db *db, uint32_t second, uint32_t series, double value);
void record_db_event(struct record_db *db, const struct snap_event *ev);
/* The wanted load from that time on. */
void record_db_load(struct record_db *db, double at_s, const struct snap_run *run);

#endif
