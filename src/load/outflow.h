/* SPDX-License-Identifier: MIT */
/* outflow.h - the bytes of a message's body, as the socket takes them.  A payload is
 * generated, a file read, a stretch at a time: nothing is in memory as a whole.
 *
 * Borrows the message's pieces.  One thread. */
#ifndef RAMPTOP_LOAD_OUTFLOW_H
#define RAMPTOP_LOAD_OUTFLOW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/load/message.h"

struct outflow {
    const struct piece *pieces;
    size_t n;
    size_t piece;    /* the one in hand */
    uint64_t offset; /* in it */
};

void outflow_begin(struct outflow *o, const struct message *m);
/* The next bytes, at most n; 0 at the end; -1 when a file is shorter than it was when its
 * length was announced, or cannot be read. */
ssize_t outflow_read(struct outflow *o, char *to, size_t n);
/* To a place of the whole body, to send it again; false when it lies behind the end. */
bool outflow_seek(struct outflow *o, uint64_t offset);

/* A payload's bytes: the same for the same seed and place.  They do not compress. */
void outflow_payload(uint64_t seed, uint64_t offset, char *to, size_t n);

#endif
