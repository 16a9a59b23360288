/* SPDX-License-Identifier: MIT */
/* secrets.h - what must not be in a file that is passed around goes out of a recording.
 *
 * Passwords, tokens, cookies, keys: by the place they stand in, the name they bear, or their
 * looks.  Each becomes a variable that is read from the environment; the same value is the
 * same variable wherever it stands. */
#ifndef RAMPTOP_IMPORT_SECRETS_H
#define RAMPTOP_IMPORT_SECRETS_H

#include "src/import/transcript.h"

void secrets_hide(struct transcript *r);

/* Is the value one by its looks: a JSON web token, an API key of a known make? */
bool secrets_look(const char *value);

#endif
