/* SPDX-License-Identifier: MIT */
/* glob.h - the brackets and braces in a URL that is given to curl.
 *
 * curl makes several URLs of {a,b} and [1-100]; browsers that copy a command put a backslash
 * before a bracket that is meant as it stands. */
#ifndef RAMPTOP_IMPORT_GLOB_H
#define RAMPTOP_IMPORT_GLOB_H

#include <stdbool.h>

#include "src/base/err.h"

/* url is a text of the language (lang.h); *plain is the one URL it stands for, the caller's to
 * free.  False, with a finished sentence, if there are several. */
bool glob_plain(const char *url, char **plain, struct err *e);

#endif
