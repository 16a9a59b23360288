/* SPDX-License-Identifier: MIT */
/* compose.h - a request of a profile and a user's scope -> a message.
 *
 * A message_buf holds a message and the memory behind it, and is used again for the next one:
 * in steady state nothing is allocated.  One thread at a time. */
#ifndef RAMPTOP_LOAD_COMPOSE_H
#define RAMPTOP_LOAD_COMPOSE_H

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/load/message.h"
#include "src/script/scope.h"

struct request;

struct message_buf {
    struct message message;
    /* private */
    struct buf text; /* every rendered text, NUL-separated */
    struct message_header *headers;
    size_t headers_room;
    struct piece *pieces;
    size_t pieces_room;
};

/* Is it the same for all users and always?  Then it is composed once, for all. */
bool compose_is_fixed(const struct request *r);

/* Fills b->message.  False with a half sentence (never with a value): a variable has no
 * value, a value cannot stand in a header. */
bool compose(struct message_buf *b, const struct request *r, struct scope *scope, struct err *why);

void message_buf_finish(struct message_buf *b);

#endif
