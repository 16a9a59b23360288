/* SPDX-License-Identifier: MIT */
/* condition.h - `OPERAND [OP OPERAND]`, the one way to ask in a profile.
 *
 *   OP: == != < <= > >= contains matches        not OPERAND
 *
 * In a `when` an operand is the name of a variable, `status` (of the last reply), a
 * number, a "quoted text", or a text with ${...}.  In a check the left operand is what
 * the check looks at (a JSON value, a header) and the rest is the same.  One operand
 * alone holds when it has a value that is not empty, 0, false or null.  Two numbers
 * compare as numbers, anything else as text, byte by byte.  Prepared once; any thread. */
#ifndef RAMPTOP_SCRIPT_CONDITION_H
#define RAMPTOP_SCRIPT_CONDITION_H

#include "src/base/err.h"
#include "src/script/names.h"
#include "src/script/scope.h"

struct condition;

/* NULL with a half sentence. */
struct condition *condition_compile(const char *text, struct names *names, struct err *e);
/* `rest` is what stands behind the left operand: "", "== 3", "contains \"x\"". */
struct condition *condition_compile_rest(const char *rest, struct names *names, struct err *e);
void condition_free(struct condition *c);

bool condition_holds(const struct condition *c, struct scope *scope);
/* left is NULL where there is none: then nothing holds but `!=` and `not`. */
bool condition_holds_for(const struct condition *c, const char *left, size_t len,
                         struct scope *scope);

#endif
