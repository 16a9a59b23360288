/* SPDX-License-Identifier: MIT */
/* recording_reader.h - reads a recording back: what it is of, and its seconds in order.
 *
 * The file is not trusted: it may be cut, damaged, or made to harm.  What can be read is given;
 * the sentence at the end says what could not.  One thread. */
#ifndef RAMPTOP_RECORD_RECORDING_READER_H
#define RAMPTOP_RECORD_RECORDING_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/stats/second.h"
#include "src/stats/snapshot_make.h"

struct recording_reader;

/* NULL with a sentence: it cannot be opened, or is no recording of a version that is known. */
struct recording_reader *recording_open(const char *path, struct err *e);
void recording_reader_close(struct recording_reader *r); /* NULL is fine */

/* A fact about the run as text, cleaned; "" when it is not known.  Borrowed until the next call. */
const char *recording_fact(struct recording_reader *r, const char *key);
/* The name of an endpoint; false: it has none. */
bool recording_endpoint(struct recording_reader *r, uint16_t id, struct snap_name *out);

enum recording_next { RECORDING_SECOND, RECORDING_END, RECORDING_DAMAGED };
/* The next second, which the caller finishes.  DAMAGED, with a sentence: that one cannot be read;
 * there may be others behind it. */
enum recording_next recording_next(struct recording_reader *r, struct second *out, struct err *e);

#endif
