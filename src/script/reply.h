/* SPDX-License-Identifier: MIT */
/* reply.h - what captures and checks see of a reply.  All of it borrowed, raw text from
 * outside, of any content; valid until the callback that brought it returns. */
#ifndef RAMPTOP_SCRIPT_REPLY_H
#define RAMPTOP_SCRIPT_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reply {
    unsigned status;
    const char *body; /* decoded; its first body_len bytes (REPLY_KEEP_MAX at most) */
    size_t body_len;
    uint64_t body_bytes; /* length of the whole body, decoded */
    /* Header lines of this reply and of the redirects before it, each block beginning with
     * its status line, lines ended by \r\n. */
    const char *headers;
    size_t headers_len;
    uint64_t took_us;
};

/* So much is kept of a body that is looked into; beyond it "body longer than is looked at". */
#define REPLY_KEEP_MAX (4u << 20)

/* The parts of a reply that a capture or check needs; or-ed. */
enum reply_part { REPLY_BODY = 1, REPLY_HEADERS = 2 };

/* The value of a header in the last block, without blanks around it; the n-th of that name
 * from 0 on.  NULL if there is none. */
const char *reply_header(const struct reply *r, const char *name, unsigned n, size_t *len);
/* The same, one after the other: *at is 0 to begin with. */
const char *reply_next_header(const struct reply *r, const char *name, size_t *at, size_t *len);
/* The value a Set-Cookie line of any block gives that cookie; the last one wins. */
const char *reply_cookie(const struct reply *r, const char *name, size_t *len);

#endif
