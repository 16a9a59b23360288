/* SPDX-License-Identifier: MIT */
/* glob.h - the URLs that curl makes of one with [1-3] and {a,b} in it, in curl's order. */
#ifndef RAMPTOP_IMPORT_GLOB_H
#define RAMPTOP_IMPORT_GLOB_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"

#define GLOB_MAX 200u /* URLs of one */

/* url is a text of the language; so are the n that *urls gets, which the caller frees, each
 * and all.  What only looks like a range or list ([], {}, an address) stands for itself, and
 * so does a bracket behind a backslash, which goes.  False with a finished sentence when they
 * are more than GLOB_MAX. */
bool glob_expand(const char *url, char ***urls, size_t *n, struct err *e);

#endif
