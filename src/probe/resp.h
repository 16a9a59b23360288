/* SPDX-License-Identifier: MIT */
/* resp.h - Redis' protocol, RESP2, and the text of INFO.  Pure. */
#ifndef RAMPTOP_PROBE_RESP_H
#define RAMPTOP_PROBE_RESP_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"

#define RESP_MOST (1u << 20) /* bytes of one reply */

enum resp_kind { RESP_TEXT, RESP_ERROR, RESP_NUMBER, RESP_BULK, RESP_NIL };

struct resp {
    enum resp_kind kind;
    const char *text; /* in the data; without a line's end */
    size_t len;
};

/* Adds a command of n words to *out. */
void resp_command(struct buf *out, const char *const *words, const size_t *lens, size_t n);

/* The reply at the beginning of data: how many bytes it takes up, 0 when it is not all there
 * yet, -1 when this is no such reply. */
long resp_parse(const char *data, size_t len, struct resp *out);

/* A field of INFO as a text of its own: false when there is none. */
bool resp_field(const struct resp *info, const char *name, char *out, size_t size);
/* As a number; NaN: there is none. */
double resp_number(const struct resp *info, const char *name);

#endif
