/* SPDX-License-Identifier: MIT */
/* pattern.h - regular expressions (PCRE2: Perl's syntax, with match limits, so that no
 * hostile text can take for ever).  The only user of libpcre2, which is optional: without
 * it pattern_compile fails with a sentence that says how to get it.
 *
 * Immutable once compiled; any thread may match. */
#ifndef RAMPTOP_SCRIPT_PATTERN_H
#define RAMPTOP_SCRIPT_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"

struct pattern;

struct pattern *pattern_compile(const char *text, struct err *e); /* NULL with a half sentence */
void pattern_free(struct pattern *p);

bool pattern_matches(const struct pattern *p, const char *text, size_t len);
/* The next match at or behind *from; gives its first group, or the whole match when the
 * pattern has none, and moves *from behind the match.  Borrowed from text. */
bool pattern_next(const struct pattern *p, const char *text, size_t len, size_t *from,
                  const char **value, size_t *value_len);

#endif
