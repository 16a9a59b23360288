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
    const char *text; /* points into the data; without the line's end */
    size_t len;
};

/* Adds a command of n words to *out. */
void resp_command(struct buf *out, const char *const *words, const size_t *lens, size_t n);

/* Parses the reply at the beginning of data.  Returns how many bytes it takes up, 0 when it is
 * incomplete, -1 when it is no such reply. */
long resp_parse(const char *data, size_t len, struct resp *out);

/* Copies a field of INFO; false when there is none. */
bool resp_field(const struct resp *info, const char *name, char *out, size_t size);
/* Returns a field as a number; NaN: there is none. */
double resp_number(const struct resp *info, const char *name);

#endif
