/* SPDX-License-Identifier: MIT */
/* template.h - a text with ${...} in it, prepared once, rendered for each request.
 *
 *   ${name}          a constant, secret, or the user's variable
 *   ${feeder.column} a cell of the row in hand
 *   ${env:NAME} ${env:NAME:-default}   read when the profile is read
 *   ${uuid} ...      a generator (generate.h)
 *   $${              a literal ${
 *
 * What is put in is encoded for the place where it stands; literal text is not, but in QUERY:
 *
 *   PLAIN   as it is
 *   URL     percent-encoded, all but unreserved characters: a / in a value becomes %2F, in
 *           the path as in the query
 *   QUERY   the same, the literal text too: one query value, one form field
 *   JSON    inside a "..." of the literal text JSON-escaped (what is not UTF-8 becomes
 *           U+FFFD), outside as it is
 *   HEADER  as it is, but a line break or NUL makes the rendering fail
 *
 * Immutable once compiled; any thread may render.  In steady state rendering allocates
 * nothing. */
#ifndef RAMPTOP_SCRIPT_TEMPLATE_H
#define RAMPTOP_SCRIPT_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/script/names.h"
#include "src/script/scope.h"

enum encoding { ENCODE_PLAIN, ENCODE_URL, ENCODE_QUERY, ENCODE_FORM, ENCODE_JSON, ENCODE_HEADER };

struct template;

/* NULL with a half sentence that names the place, what is wrong, and the nearest known
 * word.  Secrets and feeders of names are borrowed for the template's life, names itself
 * is not. */
struct template *template_compile(const char *text, enum encoding how, struct names *names,
                                  struct err *e);
/* Text that stands for itself, `${` and all. */
struct template *template_literal(const char *text);
/* Nothing but a secret. */
struct template *template_of_secret(const struct secret *s);
void template_free(struct template *t); /* NULL is fine */

/* Does it render to the same text for every user and always?  (Constants and secrets only.) */
bool template_is_fixed(const struct template *t);
/* Does it hold a secret?  Then its rendering is never shown. */
bool template_is_secret(const struct template *t);
/* Calls back for each slot / each feeder it needs, for the checks of a class. */
void template_uses(const struct template *t, void (*slot)(uint32_t index, void *arg),
                   void (*feeder)(uint32_t index, void *arg), void *arg);
/* Calls back for each cell of a feeder in it. */
void template_cells(const struct template *t,
                    void (*cell)(uint32_t feeder, uint32_t column, void *arg), void *arg);

/* Appends to out.  False, with `why` (a half sentence, never a value) and out as it was: a
 * variable has no value yet, a feeder no row, or a header would get a line break.  A fixed
 * template needs no scope (NULL), and cannot fail. */
bool template_render(const struct template *t, struct scope *scope, struct buf *out,
                     struct err *why);

#endif
