/* SPDX-License-Identifier: MIT */
/* foreign.h - files of other programs that somebody gives as the profile: a recorded browser
 * session, a locustfile, a k6 script.  Main thread. */
#ifndef RAMPTOP_PROFILE_FOREIGN_H
#define RAMPTOP_PROFILE_FOREIGN_H

#include <stdbool.h>

#include "src/base/err.h"

/* Is that file of another program, by its name or its first bytes?  True with one sentence
 * that says what it is and what to do with it; false for a profile, and for what cannot be
 * read, which is said by whoever reads it. */
bool foreign_file(const char *path, struct err *e);

#endif
