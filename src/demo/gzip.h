/* SPDX-License-Identifier: MIT */
/* gzip.h - packs a text as gzip (RFC 1951, 1952): repetitions by fixed codes, no more. */
#ifndef RAMPTOP_DEMO_GZIP_H
#define RAMPTOP_DEMO_GZIP_H

#include "src/base/buf.h"

void gzip_pack(const char *data, size_t len, struct buf *out); /* appends */

#endif
