/* SPDX-License-Identifier: MIT */
/* recording_pack.h - a second as a recording keeps it: its bytes (stats/second.h), deflated by
 * zlib.  Private to src/record.  Any thread. */
#ifndef RAMPTOP_RECORD_RECORDING_PACK_H
#define RAMPTOP_RECORD_RECORDING_PACK_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/stats/second.h"

/* What a second should take.  Ten endpoints with exponential latencies take 1,067 bytes at 1,040
 * requests per second, 1,232 at 1,700, in the coarsest steps. */
#define RECORDING_SECOND_BYTES 1000

/* Appends it, in at most that many bytes if that can be had: its histograms become coarser until
 * it is, down to 6 % (hist_sparse_coarsen), and from 1 % on without phases; s then is. */
void recording_pack(struct second *s, size_t most, struct buf *out);

/* Reads what recording_pack() made; false with a sentence.  Trusts nothing. */
bool recording_unpack(const void *data, size_t len, struct second *out, struct err *e);

#endif
