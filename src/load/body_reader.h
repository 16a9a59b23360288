/* SPDX-License-Identifier: MIT */
/* body_reader.h - the bytes of a message's body, as the socket takes them.  A payload is
 * generated, a file read, a stretch at a time: nothing is in memory as a whole.
 *
 * Borrows the message's pieces.  One thread. */
#ifndef RAMPTOP_LOAD_BODY_READER_H
#define RAMPTOP_LOAD_BODY_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/load/message.h"

struct body_reader {
    const struct piece *pieces;
    size_t n;
    size_t piece;    /* the one in hand */
    uint64_t offset; /* in it */
};

void body_reader_begin(struct body_reader *r, const struct message *m);
/* The next bytes, at most n; 0 at the end; -1 when a file is shorter than it was when its
 * length was announced, or cannot be read. */
ssize_t body_reader_read(struct body_reader *r, char *to, size_t n);
/* To a place of the whole body, to send it again; false when it lies behind the end. */
bool body_reader_seek(struct body_reader *r, uint64_t offset);

/* A payload's bytes: the same for the same seed and place.  They do not compress. */
void payload_bytes(uint64_t seed, uint64_t offset, char *to, size_t n);

#endif
