/* SPDX-License-Identifier: MIT */
/* subject.h - what somebody named as the thing to load: a profile file or a URL. */
#ifndef RAMPTOP_PROFILE_SUBJECT_H
#define RAMPTOP_PROFILE_SUBJECT_H

#include <stdbool.h>

#include "src/profile/profile.h"

/* A file is what exists under that name or ends in ".cfg"; anything else is a URL. */
bool subject_is_file(const char *text);

/* profile_read or profile_from_url.  A file that is not there is looked for among the shipped
 * profiles.  What can only be a mistyped file name ("shop",
 * "profiles/shop") is a problem that says so, not a host that does not resolve. */
struct profile *subject_open(const char *text, const struct profile_overrides *o,
                             struct problems *problems);

#endif
