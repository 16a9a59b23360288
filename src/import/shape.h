/* SPDX-License-Identifier: MIT */
/* shape.h - from a list of requests to what a user does: tasks, steps side by side, pauses,
 * and one name for requests that differ in an id only.
 *
 * Times are rounded to half a second below 10 s, to a second above, and end at
 * SHAPE_MAX_PAUSE_S: who went for a coffee while recording is no model of a user. */
#ifndef RAMPTOP_IMPORT_SHAPE_H
#define RAMPTOP_IMPORT_SHAPE_H

#include "src/import/recording.h"

#define SHAPE_MAX_PAUSE_S 30
#define SHAPE_MIN_THINK_MS 400 /* a shorter gap is a client at work */
#define SHAPE_TASK_GAP_MS 3000 /* without pages, a longer one begins a new task */
#define SHAPE_MAX_PARALLEL 32

/* Puts the requests into order: by page, as the pages came, then by time. */
void shape_order(struct recording *r);
/* Tasks, parallel requests, pauses; of ordered requests.  Without times: one task. */
void shape_tasks(struct recording *r, bool timed);
/* Names for paths that vary: "/api/items/{id}". */
void shape_names(struct recording *r);

#endif
