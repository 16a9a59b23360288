/* SPDX-License-Identifier: MIT */
/* err.h - one failure with its reason, carried up to whoever can show it.
 *
 * A function that can fail for a reason the user must read takes a
 * `struct err *` as its last parameter and returns false.  The text is one
 * finished sentence with place and remedy; it is written once, where the thing
 * happened, and passed up unchanged.  Only main and the dashboard show it.
 *
 * Failed requests are not errors of this program: they are data (stats/fail.h).
 */
#ifndef RAMPTOP_BASE_ERR_H
#define RAMPTOP_BASE_ERR_H

#include <stdbool.h>

#define ERR_TEXT_MAX 1024

struct err {
    char text[ERR_TEXT_MAX]; /* empty while nothing failed */
};

/* Writes the sentence and returns false, so that `return err_set(e, ...)`
 * reads as what it does.  A NULL e is allowed and drops the text. */
bool err_set(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
