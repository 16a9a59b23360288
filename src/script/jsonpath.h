/* SPDX-License-Identifier: MIT */
/* jsonpath.h - one value out of a JSON text, without building a tree.
 *
 *   $.user.id   $.items[0].name   $["odd name"]   $.items[-1]   $.items[*].id   $..token
 *
 * (RFC 9535's names, indices, wildcards and descendants; no filters, no slices.)  The
 * text is scanned once from the front, in place; what is not on the path is only skipped.
 * Bounded: depth 256, any text ends in time linear in its length times the depth. */
#ifndef RAMPTOP_SCRIPT_JSONPATH_H
#define RAMPTOP_SCRIPT_JSONPATH_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/base/err.h"

struct jsonpath;

struct jsonpath *jsonpath_compile(const char *text, struct err *e); /* NULL with a half sentence */
void jsonpath_free(struct jsonpath *p);

/* A match, where it stands: the JSON text of the value, quotes included.  Return false to
 * stop. */
typedef bool jsonpath_match(const char *json, size_t len, void *arg);

/* False when the text is not JSON as far as it was read (the path may have matched before). */
bool jsonpath_each(const struct jsonpath *p, const char *json, size_t len, jsonpath_match *match,
                   void *arg);

/* The first match. */
bool jsonpath_first(const struct jsonpath *p, const char *json, size_t len, const char **value,
                    size_t *value_len);

/* The value as text: a string without quotes and escapes (UTF-8), anything else as it is. */
void jsonpath_text(const char *value, size_t len, struct buf *out);

#endif
