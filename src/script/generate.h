/* SPDX-License-Identifier: MIT */
/* generate.h - values made on the spot: ${uuid}, ${int:1:500}, ${name} ...
 *
 *   uuid  int:MIN:MAX  float:MIN:MAX[:DIGITS]  choice:a|b|c  weighted:a=70|b=30  name  email
 *   sentence[:WORDS]  date[:FORMAT]  seq[:START]  hex:BYTES  base64:BYTES  user  iteration
 *
 * All but seq and date depend on the scope's dice alone, so that a seed repeats them.
 * int and float include both ends.  A generator is immutable; any thread. */
#ifndef RAMPTOP_SCRIPT_GENERATE_H
#define RAMPTOP_SCRIPT_GENERATE_H

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/script/names.h"
#include "src/script/scope.h"

struct generator;

/* The names, for messages and to refuse them as variables; ends with NULL. */
extern const char *const generator_names[];

bool generator_is(const char *name); /* the word before the first colon */

/* From the text between the braces, which the half sentence of a failure does not repeat. */
struct generator *generator_compile(const char *text, struct names *names, struct err *e);
void generator_free(struct generator *g);

void generator_draw(const struct generator *g, struct scope *scope, struct buf *out);

#endif
