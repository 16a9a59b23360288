/* SPDX-License-Identifier: MIT */
/* jsonpath.h - one value out of a JSON text, without building a tree.
 *
 *   $.user.id   $.items[0].name   $["odd name"]   $.items[-1]   $.items[*].id   $..token
 *
 * (RFC 9535's names, indices, wildcards and descendants; no filters, slices or lists.)  The
 * text is scanned from the front, in place; what is not on the path is only skipped, not
 * checked.  Of a name that stands twice in an object the first counts.  Bounded: a value
 * deeper than 256 levels is not JSON here; the time is linear in the length of the text
 * (an index from the end, [-1], reads its array once more). */
#ifndef RAMPTOP_SCRIPT_JSONPATH_H
#define RAMPTOP_SCRIPT_JSONPATH_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/base/err.h"

struct jsonpath;

struct jsonpath *jsonpath_compile(const char *text, struct err *e); /* NULL with a half sentence */
/* A path that stands in front of something else, `$.status == "ok"`: *rest is what follows. */
struct jsonpath *jsonpath_compile_front(const char *text, const char **rest, struct err *e);
void jsonpath_free(struct jsonpath *p); /* NULL is fine */

/* A match, where it stands: the JSON text of the value, quotes included.  Return false to
 * stop. */
typedef bool jsonpath_match(const char *json, size_t len, void *arg);

/* Matches come in the order in which they end: one that lies in another comes before it.
 * False when the text is not JSON as far as it was read (the path may have matched before). */
bool jsonpath_each(const struct jsonpath *p, const char *json, size_t len, jsonpath_match *match,
                   void *arg);

/* The match that begins first. */
bool jsonpath_first(const struct jsonpath *p, const char *json, size_t len, const char **value,
                    size_t *value_len);

/* The value as text: a string without quotes and escapes (UTF-8; half a surrogate pair is
 * U+FFFD), anything else as it is. */
void jsonpath_text(const char *value, size_t len, struct buf *out);
/* The same without a copy where there is nothing to unescape: borrowed from value, or
 * from scratch, which is overwritten. */
const char *jsonpath_view(const char *value, size_t len, struct buf *scratch, size_t *text_len);

#endif
