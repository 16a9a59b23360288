/* SPDX-License-Identifier: MIT */
/* secret_name.h - what bears such a name must not be seen: the one list of words.
 *
 * Pure; any thread. */
#ifndef RAMPTOP_SCRIPT_SECRET_NAME_H
#define RAMPTOP_SCRIPT_SECRET_NAME_H

#include <stdbool.h>

#define SECRET_NAME_MAX 64

/* Does a field, variable or JSON member of that name hold a secret? */
bool secret_named(const char *key);
/* A header: cookies do too. */
bool secret_named_header(const char *name);
/* Is one of the words of a JSON path or a pattern such a name? */
bool secret_named_within(const char *text);

/* Writes the letters and digits of a key, small, as names are compared. */
void secret_squeeze(const char *key, char out[SECRET_NAME_MAX]);

#endif
