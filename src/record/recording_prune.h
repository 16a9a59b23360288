/* SPDX-License-Identifier: MIT */
/* recording_prune.h - the folder of recordings does not grow for ever. */
#ifndef RAMPTOP_RECORD_RECORDING_PRUNE_H
#define RAMPTOP_RECORD_RECORDING_PRUNE_H

#include <stdint.h>

#define RECORDING_SUFFIX ".sqlite"

/* Removes recordings (files RECORDING_SUFFIX) that were last written more than age_s seconds
 * ago, and then the oldest until all together have at most that many bytes.  Returns how many
 * were removed.  What cannot be removed stays. */
unsigned recordings_prune(const char *folder, uint64_t age_s, uint64_t bytes);

#endif
