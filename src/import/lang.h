/* SPDX-License-Identifier: MIT */
/* lang.h - the profile language's texts, names and encodings, as far as an import writes
 * them.  A text holds literal characters and ${variables}; a literal ${ is $${. */
#ifndef RAMPTOP_IMPORT_LANG_H
#define RAMPTOP_IMPORT_LANG_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"

/* Literal bytes as a text.  The caller frees. */
char *lang_literal(const char *bytes, size_t len);
/* The literal bytes of a part of a text; NULL if it holds a variable.  The caller frees. */
char *lang_plain(const char *text, size_t len);
/* The length of the ${...} or $${ that stands at the beginning of text; 0 for none. */
size_t lang_special(const char *text, bool *variable);

/* Puts ${variable} in place of len bytes at `at`.  A $ right before it could not be told
 * from an escape; it becomes ${dollar}, and *dollar is set. */
void lang_put(char **text, size_t at, size_t len, const char *variable, bool *dollar);

/* The same wherever `part`, a text that is not empty, stands outside of variables. */
void lang_replace(char **text, const char *part, const char *variable, bool *dollar);

/* Is it a setting's name in libconfig's grammar, and short enough? */
bool lang_setting_ok(const char *name);
/* A variable's name made from any text ("X-Api-Key" -> "x_api_key"), never a generator's and
 * never empty.  The caller frees. */
char *lang_variable(const char *text);

/* A libconfig string with its quotes, safe to show; bytes that are not UTF-8 stand as \xXX. */
void lang_quote(struct buf *out, const char *text);

/* len bytes percent-decoded, + as a blank if plus; *out_len may be NULL.  The caller frees. */
char *lang_percent_decode(const char *text, size_t len, bool plus, size_t *out_len);
/* All but unreserved characters encoded. */
void lang_percent_encode(struct buf *out, const char *bytes, size_t len);
/* The bytes of base64 text (either alphabet); NULL if it is none.  The caller frees. */
char *lang_base64_decode(const char *text, size_t len, size_t *out_len);
/* Whether len bytes are UTF-8 without NUL: what a profile can hold. */
bool lang_utf8(const char *bytes, size_t len);

#endif
