/* SPDX-License-Identifier: MIT */
/* recording.h - a run written down in one file while it goes on: ramptop-recording(5).
 *
 * It takes the run's finished seconds as bytes, and at each of them looks at the run as a frontend
 * does (run/run_source.h): names, the wanted load, what the probes have told.
 *
 * Properties   The load never waits for the disk, and the end of a run for some seconds only.  What the disk does not take in time waits in
 *              memory, RECORDING_QUEUE_MAX bytes at most; then, and at the first failure, the
 *              recording stops for good, and what it has stays as it is.
 * Operation    A thread of its own writes one transaction per finished second.
 * Safety       recording_add: the thread that lends the seconds.  recording_stopped: any thread.
 *              All others: one thread, usually main. */
#ifndef RAMPTOP_RECORD_RECORDING_H
#define RAMPTOP_RECORD_RECORDING_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"
#include "src/run/run_source.h"

#define RECORDING_QUEUE_MAX (64u << 20)

struct recording;
struct second;

/* Whether this program can record: it was built with SQLite. */
extern const bool recording_built_in;

/* Creates the file, which must not be there; NULL with a sentence. */
struct recording *recording_create(const char *path, struct err *e);

/* A fact about the run, before it begins: "command", "seed".  Secrets are taken out before. */
void recording_tell(struct recording *r, const char *key, const char *value);
/* Begins to write: the run is there to be looked at, until recording_leave().  What fails stops
 * the recording. */
void recording_start(struct recording *r, const struct run_source *run);

/* A listener of finished seconds (struct session_config); arg: the recording. */
void recording_add(const struct second *s, void *arg);

/* The run is about to be closed: looks at it for the last time. */
void recording_leave(struct recording *r);
/* Writes what is left, and how the run ended; final may be NULL.  False with a sentence: it is
 * not whole.  r is gone, and so is the file if nothing was ever begun.  NULL is fine. */
bool recording_close(struct recording *r, const struct snapshot *final, struct err *e);

/* Whether it has stopped, with a sentence why. */
bool recording_stopped(struct recording *r, struct err *e);
/* Its file. */
const char *recording_path(const struct recording *r);

#endif
