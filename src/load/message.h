/* SPDX-License-Identifier: MIT */
/* message.h - one request as it goes out: texts rendered, nothing left to decide.  What
 * compose.c makes of a request and a user's scope, and the transport sends.
 *
 * All borrowed; must stay as it is until the request is done or aborted. */
#ifndef RAMPTOP_LOAD_MESSAGE_H
#define RAMPTOP_LOAD_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct origin; /* profile/url.h */

enum piece_kind { PIECE_BYTES, PIECE_PAYLOAD, PIECE_FILE };

/* A stretch of a body.  Bodies are sent piece by piece as the socket takes them: a payload
 * or a file is never in memory as a whole. */
struct piece {
    enum piece_kind kind;
    uint64_t len;
    const char *data; /* BYTES */
    uint64_t seed;    /* PAYLOAD: generated from it, the same again after a rewind */
    int fd;           /* FILE: read with pread from 0 on; not closed */
};

struct message_header {
    const char *name;
    /* "": sent without a value; NULL: not sent, not even where the transport has one by itself. */
    const char *value;
};

struct message {
    const char *method;
    const struct origin *origin; /* scheme, host and port */
    const char *path;            /* the rest of the URL: "/a?b=c" */
    const struct message_header *headers;
    size_t n_headers;
    const char *cookies; /* "a=b; c=d", besides the engine's; NULL for none */
    const struct piece *body;
    size_t n_pieces;
    uint64_t body_len;
    bool has_body; /* a body of 0 bytes is one too */
    bool gzip;
    bool fixed; /* given again and again, and always the same: what was set up for it holds */
    unsigned max_redirects;
    unsigned keep;     /* parts of the reply to keep: enum reply_part */
    uint64_t body_cap; /* bytes of reply, decoded, beyond which the request fails */
};

#endif
