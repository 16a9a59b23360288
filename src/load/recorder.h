/* SPDX-License-Identifier: MIT */
/* recorder.h - hands what became of the requests of one worker to the collector: a sample for
 * each attempt, and of failures a note.
 *
 * Private to src/load.  The worker's thread only. */
#ifndef RAMPTOP_LOAD_RECORDER_H
#define RAMPTOP_LOAD_RECORDER_H

#include "src/load/request_engine.h"
#include "src/stats/collect.h"

#define RECORDER_NOTES 64

struct recorder {
    struct collect_lane lane; /* borrowed */
    uint16_t worker;
    struct {
        uint32_t key;
        uint64_t second;
    } noted[RECORDER_NOTES]; /* failures that had a note this second */
};

/* endpoint: session-wide id; burst: the one that it belongs to, 0 for none. */
void recorder_add(struct recorder *rec, const struct request_run *r, const struct attempt *a,
                  uint16_t endpoint, uint16_t burst);

#endif
