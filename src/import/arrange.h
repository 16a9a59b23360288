/* SPDX-License-Identifier: MIT */
/* arrange.h - from a list of requests to what a user does: tasks, steps side by side, pauses,
 * and one name for requests that differ in an id only.
 *
 * Times are rounded to half a second below 10 s, to a second above, and end at
 * ARRANGE_MAX_PAUSE_S: who went for a coffee while recording is no model of a user. */
#ifndef RAMPTOP_IMPORT_ARRANGE_H
#define RAMPTOP_IMPORT_ARRANGE_H

#include "src/import/transcript.h"

#define ARRANGE_MAX_PAUSE_S 30
#define ARRANGE_MIN_THINK_MS 400 /* a shorter gap is a client at work */
#define ARRANGE_TASK_GAP_MS 3000 /* without pages, a longer one begins a new task */
#define ARRANGE_MAX_PARALLEL 32

/* Puts the requests into order: by page, as the pages came, then by time. */
void arrange_order(struct transcript *r);
/* Tasks, parallel requests, pauses; of ordered requests.  Without times: one task. */
void arrange_tasks(struct transcript *r, bool timed);
/* Names for paths that vary: "/api/items/{id}". */
void arrange_names(struct transcript *r);

#endif
