/* SPDX-License-Identifier: MIT */
/* condition.h - `OPERAND [OP OPERAND]`, the one way to ask in a profile.
 *
 *   OP: == != < <= > >= contains matches        not OPERAND
 *
 * In a `when` an operand is the name of a variable, `status` (of the last reply), a
 * number, true, false, null, a "quoted text" (\" and \\ are its escapes), or a text with
 * ${...}.  In a check the left operand is what the check looks at (a JSON value, a header)
 * and a bare word on the right is a text.  Behind `matches` stands a regular expression,
 * quoted or as it is to the end.
 *
 * One operand alone holds when it has a value that is not empty, 0, false or null.  Two
 * numbers compare as numbers (whole ones exactly, of any length), anything else as text,
 * byte by byte.  Without a value on either side nothing holds but `!=` and `not`.
 * Prepared once; any thread. */
#ifndef RAMPTOP_SCRIPT_CONDITION_H
#define RAMPTOP_SCRIPT_CONDITION_H

#include "src/base/err.h"
#include "src/script/names.h"
#include "src/script/scope.h"

struct condition;

/* NULL with a half sentence. */
struct condition *condition_compile(const char *text, struct names *names, struct err *e);
/* `rest` is what stands behind the left operand: "", "== 3", "contains \"x\"".  negated:
 * a `not` stood before it. */
struct condition *condition_compile_rest(const char *rest, bool negated, struct names *names,
                                         struct err *e);
void condition_free(struct condition *c); /* NULL is fine */

bool condition_holds(const struct condition *c, struct scope *scope);
/* left is NULL where there is no value. */
bool condition_holds_for(const struct condition *c, const char *left, size_t len,
                         struct scope *scope);
/* Where several values are looked at: must it hold for all of them (`!=`, `not`), or is
 * one enough? */
bool condition_wants_all(const struct condition *c);

/* Calls back for each slot / each feeder it needs (template.h). */
void condition_uses(const struct condition *c, void (*slot)(uint32_t index, void *arg),
                    void (*feeder)(uint32_t index, void *arg), void *arg);

#endif
